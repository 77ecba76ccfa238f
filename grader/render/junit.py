"""The report as JUnit XML, which every continuous integration service shows."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from grader.render import words
from grader.result import CheckResult, Result

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
# What XML 1.0 does not allow, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: Result, language: str) -> str:
    """One test suite: a function is a class, a check a test case."""
    suite = ElementTree.Element("testsuite", _attributes(result))
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(result):
        ElementTree.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    for check in result.checks:
        _add_case(suite, check, language)
    if result.output:
        ElementTree.SubElement(suite, "system-out").text = _clean(result.output)
    suites = ElementTree.Element("testsuites", {"name": "grader"})
    suites.append(suite)
    ElementTree.indent(suites)
    return DECLARATION + ElementTree.tostring(suites, "unicode") + "\n"


def _attributes(result: Result) -> dict[str, str]:
    def count(status: str) -> str:
        return str(sum(check.status == status for check in result.checks))

    return {
        "name": f"{result.assignment} {_clean(result.submission)}",
        "tests": str(len(result.checks)),
        "failures": count("failed"),
        "errors": count("error"),
        "skipped": count("skipped"),
        "time": f"{result.seconds:.3f}",
    }


def _properties(result: Result) -> list[tuple[str, str]]:
    found = [
        ("score", str(result.score)),
        ("max_score", str(result.max_score)),
        ("seed", str(result.seed)),
        ("digest", result.digest),
        ("isolation", ", ".join(result.isolation["layers"])),
    ]
    return found + [(f"version.{name}", version) for name, version in result.versions.items()]


def _add_case(suite: ElementTree.Element, check: CheckResult, language: str) -> None:
    names = {"classname": check.function, "name": check.name, "time": f"{check.seconds:.3f}"}
    case = ElementTree.SubElement(suite, "testcase", names)
    kinds = {"failed": "failure", "error": "error", "skipped": "skipped"}
    if check.status not in kinds:
        return
    message = (check.misconception.title if check.misconception else check.message) or {}
    attributes = {"message": _clean(message.get(language, ""))}
    if check.status != "skipped":
        attributes["type"] = check.kind or check.law or "failed"
    outcome = ElementTree.SubElement(case, kinds[check.status], attributes)
    outcome.text = _clean("\n".join(_details(check, language))) or None


def _details(check: CheckResult, language: str) -> list[str]:
    """What the report in text says below the heading."""
    lines = []
    if check.misconception is not None:
        lines += [check.misconception.explanation[language], check.misconception.hint[language]]
        lines += [check.message[language]] if check.message else []
    lines += [f"{step['file']}:{step['line']}  {step['text']}" for step in check.trace]
    example = check.counterexample
    if example is not None:
        lines += example.code
        if example.got is not None:
            expected = f" != {example.expected}" if example.expected is not None else ""
            lines.append(f"# {words.element(example)} == {example.got}{expected}")
    return lines


def _clean(value: str) -> str:
    return _FORBIDDEN.sub("�", value)
