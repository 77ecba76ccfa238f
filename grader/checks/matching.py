"""Names a mistake: the misconception that gives what the submission gave, on every example."""

from __future__ import annotations

import copy
import itertools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checks.engine import Failure, FunctionRun, Trial
from grader.checks.model import Answers, Law, as_tuple
from grader.errors import StudentError
from grader.misconception import Misconception
from grader.sandbox.process import CallResult
from grader.sandbox.protocol import Iterated, Seed
from grader.strategies import Example
from grader.tolerances import SINGLE, coarsest

ITEMS = 10_000
HUGE = 1e30
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
    rounding = _Rounding.of(run, trial, trial.base.value)
    return _same(trial.base.value, mistaken.value, rounding)


def _breaks(
    run: FunctionRun, misconception: Misconception, failure: Failure, law: Law | None
) -> bool:
    """The mistaken code breaks what the submission broke: agreeing where both are right is easy."""
    if failure.example is None:
        return False
    if failure.error is not None:
        return answer_of(misconception, failure.example) is None
    laws = [law] if law is not None else _agreement(run)
    examples = [failure.example, *(trial.example for trial in run.base_trials())]
    broken = [_judged(run, misconception, law, example) for law in laws for example in examples]
    return bool(broken) and all(any(verdicts) for verdicts in zip(*broken, strict=True))


def _agreement(run: FunctionRun) -> list[Law]:
    """The law to judge by when the values were of a wrong kind before any law was asked."""
    laws = [law for check in run.spec.checks for law in check.laws]
    return [law for law in laws if law.name == "agreement"][:1]


def _judged(
    run: FunctionRun, misconception: Misconception, law: Law, example: Example
) -> list[bool]:
    """For each alternative of the law, whether the mistaken code breaks it."""
    names = list(example.arguments)
    calls = [example.args, *law.calls(example)]
    again = [Example(dict(zip(names, args, strict=True)), {}) for args in calls]
    results = [answer_of(misconception, call) for call in again]
    outputs = [
        None if result is None else run.outputs(Trial(call), result)
        for call, result in zip(again, results, strict=True)
    ]
    values = [item for item in outputs if isinstance(item, tuple)]
    if results[0] is None or len(values) < len(outputs):
        return [True] * len(law.judges)
    answers = Answers(values[0], results[0], tuple(values[1:]))
    with np.errstate(all="ignore"):
        return [judge(example, answers) is not None for judge in law.judges]


@dataclass(frozen=True)
class _Rounding:
    """How far two roundings of the same formula may be apart."""

    unit: float
    bounds: tuple[Any, ...] | None

    @classmethod
    def of(cls, run: FunctionRun, trial: Trial, value: Any) -> _Rounding:
        """By the function's own bound, at the precision of this call."""
        precision = coarsest(*trial.example.args, *as_tuple(value))
        bound = run.spec.bound
        bounds = None if bound is None else bound(trial.example.args, precision)
        return cls(precision.unit, bounds)

    def parts(self, count: int) -> list[_Rounding]:
        """For each of several outputs its own."""
        if self.bounds is None or len(self.bounds) != count:
            return [_Rounding(self.unit, None)] * count
        return [_Rounding(self.unit, (bound,)) for bound in self.bounds]

    def near(self, want: NDArray[np.float64]) -> Any:
        """The distance allowed for each element."""
        relative = 1e3 * self.unit * np.abs(want)
        if self.bounds is None or self.bounds[0].shape != want.shape:
            return relative
        return np.maximum(relative, SLACK * self.bounds[0])


def _same(got: Any, want: Any, rounding: _Rounding) -> bool:
    """Equal up to rounding, part by part; nan equals nan."""
    got, want = _parts(got), _parts(want)
    if isinstance(got, list) != isinstance(want, list):
        return False
    if not isinstance(got, list):
        return _close(got, want, rounding)
    return len(got) == len(want) and all(
        _same(g, w, part) for g, w, part in zip(got, want, rounding.parts(len(got)), strict=True)
    )


def _close(got: Any, want: Any, rounding: _Rounding) -> bool:
    if got is None or want is None:
        return got is want
    try:
        a, b = np.asarray(got, np.float64), np.asarray(want, np.float64)
    except (TypeError, ValueError):
        return False
    if a.shape != b.shape:
        return False
    with np.errstate(all="ignore"):
        agree = (np.abs(a - b) <= rounding.near(b)) | (a == b) | (np.isnan(a) & np.isnan(b))
        if rounding.unit == SINGLE.unit:  # beyond these, float32 has few or no digits left
            agree |= np.minimum(a * np.sign(b), np.abs(b)) > HUGE
    return bool(agree.all())


def _parts(value: Any) -> Any:
    if isinstance(value, Iterated):
        return list(value.items)
    return list(value) if isinstance(value, (tuple, list)) else value


def _local(arg: Any) -> Any:
    return np.random.default_rng(arg.seed) if isinstance(arg, Seed) else arg


def _differs(after: Any, before: Any) -> bool:
    return isinstance(before, np.ndarray) and after.tobytes() != before.tobytes()
