"""Names a mistake: the misconception that gives what the submission gave, on every example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checks.combining import apart, combinations
from grader.checks.engine import Failure, FunctionRun, Trial
from grader.checks.local import LocalStudent
from grader.checks.model import Answers, Elsewhere, Law, Problem, as_tuple
from grader.checks.relations import find_relation
from grader.errors import StudentError
from grader.misconception import Experiment, Misconception
from grader.sandbox.process import CallResult
from grader.sandbox.protocol import Iterated
from grader.strategies import Example
from grader.tolerances import SINGLE, coarsest

HUGE = 1e30
CONFIRMED = 3  # examples on which an experiment looks for a mistake
SLACK = 4.0  # two roundings apart, the submission's and ours, and some room


def find_misconception(
    run: FunctionRun, failure: Failure, law: Law | None, bank: Sequence[Misconception]
) -> Misconception | None:
    """What explains every answer of the submission, if it is one thing; None otherwise.

    The simplest kind of explanation counts: one misconception, then two at once, then a relation
    such as "N times the right one". Two mistakes in different outputs are simpler than two in the
    same, of which one may hide the other. If two of a kind explain everything, neither is named.
    """
    trials = run.base_trials()
    if not trials or failure.example is None:
        return None
    trials.sort(key=_telling)
    own = [m for m in bank if m.function == run.spec.function]
    single = [m for m in own if _fits(run, m, trials, failure, law)]
    if single or not all(isinstance(trial.base, CallResult) for trial in trials):
        return single[0] if len(single) == 1 else None
    fitting = {m.id: m for m in combinations(run.spec, own) if _fits(run, m, trials, failure, law)}
    if fitting:
        pairs = _apart(run, own, fitting, trials) or list(fitting.values())
        return pairs[0] if len(pairs) == 1 else None
    return find_relation(
        run.spec, [(t.example, t.base.value) for t in trials if isinstance(t.base, CallResult)]
    )


def _apart(
    run: FunctionRun,
    bank: Sequence[Misconception],
    pairs: dict[str, Misconception],
    trials: Sequence[Trial],
) -> list[Misconception]:
    """Those of the pairs whose mistakes never touch the same output."""
    by_id = {m.id: m for m in bank}

    def separate(id_: str) -> bool:
        one, other = (by_id[part] for part in id_.split("+"))
        return all(apart(run.spec, one, other, trial.example.args) for trial in trials)

    return [pair for id_, pair in pairs.items() if separate(id_)]


def _telling(trial: Trial) -> tuple[bool, int]:
    """Examples first that tell most mistakes apart: small, but with no dimension of one or two."""
    return min(trial.example.dimensions.values(), default=0) < 3, trial.size


def _fits(
    run: FunctionRun,
    misconception: Misconception,
    trials: Sequence[Trial],
    failure: Failure,
    law: Law | None,
) -> bool:
    """It gives what the submission gave on every example, and breaks what the submission broke."""
    if misconception.experiment is not None:
        return _shown_again(run, misconception.function, misconception.experiment, trials)
    return all(_explains(run, misconception, trial) for trial in trials) and _breaks(
        run, misconception, failure, law
    )


def _shown_again(
    run: FunctionRun, function: str, experiment: Experiment, trials: Sequence[Trial]
) -> bool:
    """On the most telling example, and on another one too, where there is one.

    On one example a network may happen to be dead, and then looks like many a mistake.
    """
    others = trials[1:CONFIRMED]
    return _shown(run, function, experiment, trials[0]) and (
        not others or any(_shown(run, function, experiment, trial) for trial in others)
    )


def _shown(run: FunctionRun, function: str, experiment: Experiment, trial: Trial) -> bool:
    calls = [trial.example.args, *experiment.calls(trial.example)]
    outcomes = run.student.call_many([(function, args) for args in calls])
    values = [outcome.value for outcome in outcomes if isinstance(outcome, CallResult)]
    if len(values) < len(calls):
        return False
    with np.errstate(all="ignore"):
        return experiment.shows(trial.example, values)


def answer_of(misconception: Misconception, args: tuple[Any, ...]) -> CallResult | None:
    """What the mistaken code does with some arguments; None when it raises."""
    name = misconception.function
    (outcome,) = LocalStudent({name: misconception.wrong}).call_many([(name, args)])
    return outcome if isinstance(outcome, CallResult) else None


def explains_all(run: FunctionRun, misconception: Misconception) -> bool:
    """It gives what the submission gave on every example of the run."""
    return all(_explains(run, misconception, trial) for trial in run.base_trials())


def _explains(run: FunctionRun, misconception: Misconception, trial: Trial) -> bool:
    mistaken = answer_of(misconception, trial.example.args)
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
    mistaken = answer_of(misconception, failure.example.args)
    if failure.error is not None or mistaken is None:
        return failure.error is not None and mistaken is None
    if law is None and isinstance(_outputs(run, failure.example, mistaken), Problem):
        return True
    laws = [law] if law is not None and not _elsewhere(law, failure.example) else _agreement(run)
    examples = [failure.example, *(trial.example for trial in run.base_trials())]
    broken = [_judged(run, misconception, law, example) for law in laws for example in examples]
    return bool(broken) and all(any(verdicts) for verdicts in zip(*broken, strict=True))


def _elsewhere(law: Law, example: Example) -> bool:
    """The law also asks other functions of the submission, which the mistaken code has not."""
    return any(isinstance(other, Elsewhere) for other in law.calls(example))


def _agreement(run: FunctionRun) -> list[Law]:
    """The law to judge by when the values were of a wrong kind before any law was asked."""
    laws = [law for check in run.spec.checks for law in check.laws]
    return [law for law in laws if law.name == "agreement"][:1]


def _judged(
    run: FunctionRun, misconception: Misconception, law: Law, example: Example
) -> list[bool]:
    """For each alternative of the law, whether the mistaken code breaks it."""
    calls = [example.args, *(args for args in law.calls(example) if isinstance(args, tuple))]
    again = [example.called(args) for args in calls]
    results = [answer_of(misconception, args) for args in calls]
    outputs = [
        None if result is None else _outputs(run, call, result)
        for call, result in zip(again, results, strict=True)
    ]
    values = [item for item in outputs if isinstance(item, tuple)]
    if results[0] is None or len(values) < len(outputs):
        return [True] * len(law.judges)
    answers = Answers(values[0], results[0], tuple(values[1:]))
    with np.errstate(all="ignore"):
        return [judge(example, answers) is not None for judge in law.judges]


def _outputs(
    run: FunctionRun, example: Example, result: CallResult
) -> tuple[Any, ...] | Problem | None:
    return run.outputs(Trial(example), example, result)


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
