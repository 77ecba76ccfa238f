"""Names a mistake: the misconception that gives what the submission gave, on every example."""

from __future__ import annotations

import copy
import itertools
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.checks.engine import Failure, FunctionRun, Trial
from grader.checks.model import Answers, Law, as_tuple
from grader.errors import StudentError
from grader.misconception import Misconception
from grader.sandbox.process import CallResult
from grader.sandbox.protocol import Iterated, Seed
from grader.strategies import Example
from grader.tolerances import coarsest

ITEMS = 10_000
SLACK = 4.0  # two roundings apart, the submission's and ours, and some room


def find_misconception(
    run: FunctionRun, failure: Failure, law: Law | None, bank: Sequence[Misconception]
) -> Misconception | None:
    """The misconception that explains every answer of the submission, or None.

    It must give what the submission gave on every example drawn and on the one that is shown, and
    must itself break there the law that the submission broke.
    """
    trials = run.base_trials()
    if not trials or failure.example is None:
        return None
    for misconception in bank:
        if misconception.function != run.spec.function:
            continue
        if all(_explains(run, misconception, trial) for trial in trials) and _breaks(
            run, misconception, failure, law
        ):
            return misconception
    return None


def answer_of(misconception: Misconception, example: Example) -> CallResult | None:
    """What the mistaken code does with an example; None when it raises."""
    args = copy.deepcopy([_local(arg) for arg in example.args])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            value = misconception.wrong(*args)
            if hasattr(value, "__next__"):
                value = Iterated(list(itertools.islice(value, ITEMS)), True)
        except Exception:
            return None
    changed = tuple(
        i for i, (a, b) in enumerate(zip(args, example.args, strict=True)) if _differs(a, b)
    )
    return CallResult(value, changed, (), 0.0)


def _explains(run: FunctionRun, misconception: Misconception, trial: Trial) -> bool:
    mistaken = answer_of(misconception, trial.example)
    if isinstance(trial.base, StudentError) or trial.base is None:
        return mistaken is None and trial.base is not None and not trial.base.fatal
    if mistaken is None or mistaken.mutated_args != trial.base.mutated_args:
        return False
    return _same(trial.base.value, mistaken.value, _bounds(run, trial))


def _breaks(
    run: FunctionRun, misconception: Misconception, failure: Failure, law: Law | None
) -> bool:
    """The mistaken code fails where the submission failed, and not by a hair's breadth elsewhere."""
    if failure.example is None:
        return False
    mistaken = answer_of(misconception, failure.example)
    if mistaken is None:
        return failure.error is not None
    outputs = run.outputs(failure.example, mistaken)
    if not isinstance(outputs, tuple):
        return True
    if law is None:
        return failure.problem is not None and _wrong_values(run, misconception)
    extra = []
    for args in law.calls(failure.example):
        example = Example(dict(zip(failure.example.arguments, args, strict=True)), {})
        again = answer_of(misconception, example)
        values = None if again is None else run.outputs(failure.example, again)
        if not isinstance(values, tuple):
            return True
        extra.append(values)
    answers = Answers(outputs, mistaken, tuple(extra))
    return all(judge(failure.example, answers) is not None for judge in law.judges)


def _wrong_values(run: FunctionRun, misconception: Misconception) -> bool:
    """The mistaken code gives wrong values for some example drawn."""
    for trial in run.base_trials():
        mistaken = answer_of(misconception, trial.example)
        outputs = None if mistaken is None else run.outputs(trial.example, mistaken)
        if mistaken is None or not isinstance(outputs, tuple):
            return True
        answers = Answers(outputs, mistaken)
        for law in (law for check in run.spec.checks for law in check.laws):
            if law.name == "agreement" and all(j(trial.example, answers) for j in law.judges):
                return True
    return False


def _bounds(run: FunctionRun, trial: Trial) -> tuple[Any, ...] | None:
    if run.spec.bound is None or not isinstance(trial.base, CallResult):
        return None
    precision = coarsest(*trial.example.args, *as_tuple(trial.base.value))
    return run.spec.bound(trial.example.args, precision)


def _same(got: Any, want: Any, bounds: tuple[Any, ...] | None) -> bool:
    """Equal up to rounding, part by part; nan equals nan."""
    got, want = _parts(got), _parts(want)
    if isinstance(got, list) != isinstance(want, list):
        return False
    if isinstance(got, list):
        near = bounds if bounds is not None and len(bounds) == len(got) else [None] * len(got)
        return len(got) == len(want) and all(
            _same(g, w, None if b is None else (b,))
            for g, w, b in zip(got, want, near, strict=True)
        )
    return _close(got, want, bounds)


def _close(got: Any, want: Any, bounds: tuple[Any, ...] | None) -> bool:
    if got is None or want is None:
        return got is want
    try:
        a, b = np.asarray(got, np.float64), np.asarray(want, np.float64)
    except (TypeError, ValueError):
        return False
    if a.shape != b.shape:
        return False
    near = 1e3 * coarsest(got, want).unit * np.abs(b)
    if bounds is not None and bounds[0].shape == b.shape:
        near = np.maximum(near, SLACK * bounds[0])
    with np.errstate(invalid="ignore"):
        agree = (np.abs(a - b) <= near) | (a == b) | (np.isnan(a) & np.isnan(b))
    return bool(agree.all())


def _parts(value: Any) -> Any:
    if isinstance(value, Iterated):
        return list(value.items)
    return list(value) if isinstance(value, (tuple, list)) else value


def _local(arg: Any) -> Any:
    return np.random.default_rng(arg.seed) if isinstance(arg, Seed) else arg


def _differs(after: Any, before: Any) -> bool:
    return isinstance(before, np.ndarray) and after.tobytes() != before.tobytes()
