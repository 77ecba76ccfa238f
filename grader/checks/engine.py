"""Runs the checks of one function: draw in bulk, call in bulk, judge; shrink only a failure."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from grader.checks import returns
from grader.checks.model import (
    Answers,
    Check,
    Elsewhere,
    FunctionChecks,
    FurtherCalls,
    Judge,
    Law,
    Problem,
    Transform,
    as_tuple,
    no_calls,
)
from grader.checks.shown import Element
from grader.errors import NotWritten, StudentError
from grader.i18n import Text, plain
from grader.sandbox.process import Call, CallResult, Outcome
from grader.strategies import Example, Inputs


class Student(Protocol):
    """Whoever answers calls: a submission in its process, or a version that is known."""

    def call_many(self, calls: Sequence[Call]) -> list[Outcome]:
        """An outcome for each call; fewer when it died of the last one."""
        ...


@dataclass(frozen=True)
class Failure:
    """A law that does not hold, and the example that shows it."""

    law: str
    message: Text
    example: Example | None
    problem: Problem | None = None
    error: StudentError | None = None
    shrunk: bool = False
    changed: frozenset[str] = frozenset()  # the arguments that the plain call modified


@dataclass(frozen=True)
class CheckOutcome:
    """A check's verdict; ``failure`` is None when it passed or was skipped."""

    check: Check
    status: str
    failure: Failure | None = None
    seconds: float = 0.0


@dataclass
class Trial:
    """One example, what the plain call gave, and what the laws' own calls gave.

    Those are kept by the function that makes them, so that laws that share it share the calls.
    """

    example: Example
    base: CallResult | StudentError | None = None
    outputs: tuple[Any, ...] | Problem | None = None
    extra: dict[Transform, list[CallResult | StudentError]] = field(default_factory=dict)
    wanted: dict[Transform, FurtherCalls] = field(default_factory=dict)
    shapes: tuple[tuple[int, ...], ...] | None = None

    @property
    def size(self) -> int:
        """Number of elements, to find the example that is easiest to read."""
        return sum(int(getattr(a, "size", 1)) for a in self.example.args)


@dataclass
class _Request:
    """Calls to make together, and the trial and transform that each belongs to."""

    calls: list[Call] = field(default_factory=list)
    slots: list[tuple[Trial, Transform | None]] = field(default_factory=list)

    def add(self, trial: Trial, transform: Transform | None, call: Call) -> None:
        """One more call; without a transform it is the plain one."""
        self.slots.append((trial, transform))
        self.calls.append(call)


class FunctionRun:
    """The checks of one function against one submission."""

    def __init__(self, spec: FunctionChecks, student: Student, seed: int) -> None:
        self.spec = spec
        self.student = student
        self.rng = np.random.default_rng([seed, zlib.crc32(spec.function.encode())])
        self.trials: dict[int, list[Trial]] = {}
        self._request: _Request | None = None

    def run(self, shrink_seconds: float = 3.0) -> list[CheckOutcome]:
        """The outcome of every check, in order; with no seconds, failures stay as drawn."""
        start = time.perf_counter()
        self._answer(self._request or self.prepare())
        elapsed = time.perf_counter() - start
        outcomes: list[CheckOutcome] = []
        for check in self.spec.checks:
            outcome = self._judge(check, outcomes, shrink_seconds)
            outcomes.append(outcome)
        share = elapsed / max(1, len(outcomes))
        return [
            CheckOutcome(o.check, o.status, o.failure, round(o.seconds + share, 6))
            for o in outcomes
        ]

    def base_trials(self) -> list[Trial]:
        """Every example drawn with what the plain call gave, for naming the mistake."""
        return [trial for trials in self.trials.values() for trial in trials if trial.base]

    @property
    def calls(self) -> list[Call]:
        """Every call of the first pass, once :meth:`prepare` has drawn it."""
        return (self._request or self.prepare()).calls

    def prepare(self) -> _Request:
        """Draw the examples and put their calls together, which needs no answer yet."""
        for check in self.spec.checks:
            drawn = self.trials.setdefault(id(check.inputs), [])
            missing = max(0, check.examples - len(drawn))
            drawn += [Trial(example) for example in check.inputs.bulk(self.rng, missing)]
        self._request = self._planned(
            [
                (trial, [law for law in self._laws(inputs) if i < law.examples])
                for inputs, trials in self.trials.items()
                for i, trial in enumerate(trials)
            ]
        )
        return self._request

    def _laws(self, inputs: int) -> list[Law]:
        """The laws of the checks that share these inputs, each once."""
        checks = [check for check in self.spec.checks if id(check.inputs) == inputs]
        return list({law.name: law for check in checks for law in check.laws}.values())

    def answer(self, plans: Sequence[tuple[Trial, Sequence[Law]]]) -> None:
        """Call the function for every trial and law, in one request."""
        self._answer(self._planned(plans))

    def _planned(self, plans: Sequence[tuple[Trial, Sequence[Law]]]) -> _Request:
        request = _Request()
        for trial, laws in plans:
            request.add(trial, None, (self.spec.function, trial.example.args))
            for transform in dict.fromkeys(law.calls for law in laws):
                others = trial.wanted[transform] = transform(trial.example)
                for other in others:
                    request.add(trial, transform, self._call(other))
        return request

    def _answer(self, request: _Request) -> None:
        outcomes = self.student.call_many(request.calls)
        for (trial, key), outcome in zip(request.slots, outcomes, strict=False):
            if key is None:
                trial.base = outcome
                trial.outputs = self.outputs(trial, trial.example, outcome)
            else:
                trial.extra.setdefault(key, []).append(outcome)

    def _call(self, wanted: tuple[Any, ...] | Elsewhere) -> Call:
        if isinstance(wanted, Elsewhere):
            return wanted.function, wanted.args
        return self.spec.function, wanted

    def outputs(
        self, trial: Trial, called_with: Example, outcome: CallResult | StudentError
    ) -> tuple[Any, ...] | Problem | None:
        """The values of a call, checked for kind and shape; None when the call failed."""
        if isinstance(outcome, StudentError):
            return None
        if self.spec.normalise is not None:
            return self.spec.normalise(called_with, outcome.value)
        if trial.shapes is None:  # every call of a trial has arguments of the same shapes
            trial.shapes = self._shapes(trial.example)
        return returns.arrays(self.spec.outputs, outcome.value, trial.shapes)

    def _shapes(self, example: Example) -> tuple[tuple[int, ...], ...]:
        if self.spec.reference is None:
            raise ValueError(f"{self.spec.function} has neither reference nor normalise")
        expected = as_tuple(self.spec.reference(*example.args))
        return tuple(np.shape(value) for value in expected)

    def _judge(self, check: Check, before: list[CheckOutcome], seconds: float) -> CheckOutcome:
        needed = [o for o in before if o.check.name == check.requires]
        if any(outcome.status != "passed" for outcome in needed):
            return CheckOutcome(check, "skipped")
        start = time.perf_counter()
        trials = self.trials[id(check.inputs)]
        failure = self._call_failure(check, trials, seconds)
        for law in check.laws:
            failure = failure or self._law_failure(check, law, trials, seconds)
        status = "passed" if failure is None else _status(failure)
        return CheckOutcome(check, status, failure, time.perf_counter() - start)

    def _call_failure(self, check: Check, trials: list[Trial], seconds: float) -> Failure | None:
        """The failure of the plain calls themselves: an error, or values of the wrong kind."""
        failing = [t for t in trials if isinstance(t.outputs, Problem) or _failed(t.base)]
        if not failing:
            return None
        trial = min(failing, key=lambda t: t.size)
        if isinstance(trial.base, StudentError) and (trial.base.fatal or _before_call(trial.base)):
            example = trial.example if trial.base.fatal else None
            return Failure("runs", trial.base.text, example, error=trial.base)
        small = self._shrunk(check, None, None, seconds)
        return _call_failure(small or trial, shrunk=small is not None)

    def _law_failure(
        self, check: Check, law: Law, trials: list[Trial], seconds: float
    ) -> Failure | None:
        """None if one alternative accepts every example; else how the nearest one fails."""
        failing: list[list[Trial]] = []
        for judge in law.judges:
            failing.append([trial for trial in trials if self.problem(trial, law, judge)])
            if not failing[-1]:
                return None
        nearest = min(range(len(failing)), key=lambda i: len(failing[i]))
        judge = law.judges[nearest]
        small = self._shrunk(check, law, judge, seconds) if law.shrink else None
        trial = small or min(failing[nearest], key=lambda t: t.size)
        problem = self.problem(trial, law, judge)
        if problem is None:
            raise RuntimeError(f"{law.name} failed and then held")
        if isinstance(problem, StudentError):
            return Failure(law.name, problem.text, trial.example, error=problem)
        if problem.element is None:
            problem = replace(problem, element=self._element(check, trial))
        return Failure(
            law.name,
            problem.message,
            trial.example,
            problem,
            shrunk=small is not None,
            changed=_changed(trial),
        )

    def _element(self, check: Check, trial: Trial) -> Element | None:
        """The first wrong element, for a law that speaks of the result as a whole."""
        for law in check.laws:
            if law.name == "agreement":
                found = [self.problem(trial, law, judge) for judge in law.judges]
                if all(isinstance(problem, Problem) for problem in found):
                    return found[0].element if isinstance(found[0], Problem) else None
        return None

    def problem(self, trial: Trial, law: Law, judge: Judge) -> Problem | StudentError | None:
        """What is wrong with one trial under one judge."""
        if not isinstance(trial.outputs, tuple) or not isinstance(trial.base, CallResult):
            return None  # reported by the plain call, or never reached
        if law.calls not in trial.wanted and law.calls is not no_calls and not law.on_all:
            return None  # not asked of this example
        extra = trial.extra.get(law.calls, [])
        wanted = trial.wanted.get(law.calls, ())
        checked: list[Any] = []
        for outcome, call in zip(extra, wanted, strict=False):
            if isinstance(outcome, StudentError):
                return None if isinstance(call, Elsewhere) else outcome
            values = (
                outcome.value
                if isinstance(call, Elsewhere)
                else self.outputs(trial, trial.example.called(call), outcome)
            )
            if isinstance(values, Problem):
                return values
            checked.append(values)
        if len(extra) < len(wanted):
            return None
        with np.errstate(all="ignore"):  # a submission's nan and inf go through our formulas too
            return judge(trial.example, Answers(trial.outputs, trial.base, tuple(checked)))

    def _shrunk(
        self, check: Check, law: Law | None, judge: Judge | None, seconds: float
    ) -> Trial | None:
        if seconds <= 0:
            return None
        from grader.checks.shrink import smallest

        self.student.call_many([])  # nothing asked ahead of this may use up the seconds

        def attempt(example: Example) -> Trial | None:
            trial = Trial(example)
            self.answer([(trial, [law] if law else [])])
            if law is None or judge is None:
                bad = _failed(trial.base) or isinstance(trial.outputs, Problem)
                return trial if bad else None
            return trial if self.problem(trial, law, judge) else None

        return smallest(check.inputs, attempt, seconds)


def _status(failure: Failure) -> str:
    """A function that could not run is an error; one that is not written has simply failed."""
    return "error" if failure.error and not isinstance(failure.error, NotWritten) else "failed"


def _changed(trial: Trial) -> frozenset[str]:
    names = list(trial.example.arguments)
    mutated = trial.base.mutated_args if isinstance(trial.base, CallResult) else ()
    return frozenset(names[i] for i in mutated)


def _failed(outcome: CallResult | StudentError | None) -> bool:
    return isinstance(outcome, StudentError)


def _before_call(error: StudentError) -> bool:
    """The function could not be called at all: no example has anything to show."""
    return error.kind in ("missing", "syntax error", "import failed")


def _call_failure(trial: Trial, shrunk: bool) -> Failure:
    if isinstance(trial.base, StudentError):
        return Failure("runs", trial.base.text, trial.example, error=trial.base, shrunk=shrunk)
    if isinstance(trial.outputs, Problem):
        problem = trial.outputs
        return Failure("returns", problem.message, trial.example, problem, shrunk=shrunk)
    return Failure("runs", plain(""), trial.example)


__all__ = ["CheckOutcome", "Failure", "FunctionRun", "Inputs", "Trial"]
