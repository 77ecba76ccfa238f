"""Makes a :class:`~grader.result.Result` again from the document that was stored of it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from grader.result import (
    CheckResult,
    Counterexample,
    Figure,
    Lateness,
    NamedMisconception,
    Result,
)

Made = TypeVar("Made")


def restore(document: dict[str, Any]) -> Result:
    """The result whose ``as_dict`` gave ``document``; keys of newer versions are passed over."""
    checks = tuple(_check(check) for check in document["checks"])
    late = document.get("late")
    figures = document.get("figures") or ()
    parts = {
        "checks": checks,
        "notes": tuple(document["notes"]),
        "late": None if late is None else _make(Lateness, late),
        "figures": tuple(_make(Figure, figure) for figure in figures),
    }
    return _make(Result, document | parts)


def _check(document: dict[str, Any]) -> CheckResult:
    parts: dict[str, Any] = {"trace": tuple(document["trace"])}
    example = document["counterexample"]
    if example is not None:
        index = example["index"]
        lists = {
            "code": tuple(example["code"]),
            "index": None if index is None else tuple(index),
        }
        parts["counterexample"] = _make(Counterexample, example | lists)
    if document["misconception"] is not None:
        parts["misconception"] = _make(NamedMisconception, document["misconception"])
    return _make(CheckResult, document | parts)


def _make(kind: type[Made], values: dict[str, Any]) -> Made:
    known = {f.name for f in fields(kind) if f.init}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in values.items() if name in known})
