"""Many submissions: each result its own, whatever is graded beside it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.assignment import find_assignment
from grader.errors import GraderError, SubmissionNotFound
from grader.pool import GradingPool, Job
from grader.result import Result
from grader.runner import derived_seed, grade
from grader.sandbox import isolation
from grader.submission import read_submission

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or bool(isolation.plan("auto").missing), reason="needs every wall"
)
SOURCES = {
    "good": "import numpy as np\ndef relu_forward(z):\n    return np.maximum(z, 0)\n",
    "wrong": "import numpy as np\ndef relu_forward(z):\n    return np.abs(z)\n",
    "hangs": "while True: pass\n",
    "dies": "import os\nos._exit(0)\n",
}
SETTINGS = """
schema = 1
slug = "relu"
title = { en = "ReLU", ja = "ReLU" }
[limits]
load_seconds = 2.0
[[checks]]
function = "relu_forward"
name = "values"
points = 4
"""
CHECKS = """
from densefit import reference
from grader import tolerances
from grader.checks import Check, FunctionChecks, laws
from grader.i18n import text
from grader.strategies import AnyShape, Inputs
import os
from pathlib import Path
law = laws.agreement(("a",), (reference.relu_forward,), tolerances.relu_forward)
check = Check("values", text("values"), Inputs({"z": AnyShape()}), (law,))
CHECKS = (FunctionChecks("relu_forward", ("a",), (check,), reference.relu_forward),)
"""


@pytest.fixture(scope="module")
def relu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("relu")
    (folder / "assignment.toml").write_text(SETTINGS)
    (folder / "checks.py").write_text(CHECKS)
    return folder


@pytest.fixture(scope="module")
def pool(relu: Path) -> Iterator[GradingPool]:
    with GradingPool(str(relu), processes=2) as found:
        yield found


@pytest.fixture
def submissions(tmp_path: Path) -> dict[str, Path]:
    paths = {name: tmp_path / f"{name}.py" for name in SOURCES}
    for name, path in paths.items():
        path.write_text(SOURCES[name])
    return paths


def same(result: Result) -> Result:
    """What a regrade must repeat: everything but the time it took."""
    checks = tuple(replace(check, seconds=0.0) for check in result.checks)
    return replace(result, checks=checks, seconds=0.0)


def test_every_job_comes_back_once_with_its_own_result(
    pool: GradingPool, submissions: dict[str, Path]
) -> None:
    jobs = [Job(path, key=f"{name}{i}") for i in range(3) for name, path in submissions.items()]
    graded = {g.job.key: g for g in pool.grade_all(jobs)}
    assert sorted(graded) == sorted(job.key for job in jobs)
    for key, one in graded.items():
        assert one.result is not None
        assert one.result.score == (4 if key.startswith("good") else 0)
        assert one.result.isolation["missing"] == []
    kinds = {name: graded[f"{name}0"].result.checks[0].kind for name in ("hangs", "dies")}  # type: ignore[union-attr]
    assert kinds == {"hangs": "timed out", "dies": "crashed"}


def test_a_result_is_the_same_as_of_a_single_grading(
    pool: GradingPool, relu: Path, submissions: dict[str, Path]
) -> None:
    assignment = find_assignment(str(relu))
    submission = read_submission(submissions["wrong"], assignment.functions)
    alone = grade(assignment, submission, seed=7)
    batch = pool.grade(submissions["wrong"], seed=7)
    assert same(replace(batch, isolation=alone.isolation)) == same(alone)
    assert same(pool.grade(submissions["wrong"], seed=7)) == same(batch)


def test_what_cannot_be_graded_says_why_and_the_rest_goes_on(
    pool: GradingPool, submissions: dict[str, Path], tmp_path: Path
) -> None:
    jobs = [Job(tmp_path / "missing.py", key="none"), Job(submissions["good"], key="good")]
    graded = {g.job.key: g for g in pool.grade_all(jobs)}
    assert graded["none"].result is None
    assert graded["none"].exit_code == SubmissionNotFound.exit_code
    assert graded["none"].refusal is not None
    assert "missing.py" in graded["none"].refusal["ja"]
    assert graded["good"].result is not None
    with pytest.raises(GraderError):
        pool.grade(tmp_path / "missing.py")


def test_jobs_are_read_as_they_are_needed(pool: GradingPool, submissions: dict[str, Path]) -> None:
    read = []

    def jobs() -> Iterator[Job]:
        for i in range(20):
            read.append(i)
            yield Job(submissions["good"], key=str(i))

    results = pool.grade_all(jobs())
    next(results)
    assert len(read) < 10
    assert len(list(results)) == 19


def test_the_death_of_a_judge_is_no_zero(
    relu: Path, tmp_path: Path, submissions: dict[str, Path]
) -> None:
    folder = tmp_path / "deadly"
    shutil.copytree(relu, folder)
    deadly = '\nif Path(__file__).with_name("deadly").exists(): os.kill(os.getpid(), 9)\n'
    (folder / "checks.py").write_text(CHECKS + deadly)
    (folder / "deadly").touch()
    with GradingPool(str(folder), processes=1) as pool:
        (dead,) = pool.grade_all([Job(submissions["good"])])
        assert (dead.result, dead.exit_code) == (None, 3), dead.refusal
        (folder / "deadly").unlink()
        assert pool.grade(submissions["good"]).score == 4


def test_with_a_secret_nobody_else_knows_the_seed(relu: Path, submissions: dict[str, Path]) -> None:
    assignment = find_assignment(str(relu))
    submission = read_submission(submissions["good"], assignment.functions)
    open_, one, other = (derived_seed(assignment, submission, s) for s in (None, b"one", b"other"))
    assert len({open_, one, other}) == 3
    with GradingPool(str(relu), processes=1, secret=b"one") as pool:
        assert pool.grade(submissions["good"]).seed == one


def test_processes_must_be_positive(relu: Path) -> None:
    with pytest.raises(ValueError, match="processes"):
        GradingPool(str(relu), processes=0)


def test_a_judge_leaves_ctrl_c_to_its_parent() -> None:
    from grader import pool

    before = signal.getsignal(signal.SIGINT)
    try:
        pool._prepare("assignment4", "auto", None)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
        pool._judge.clear()
    assert os.environ["OPENBLAS_NUM_THREADS"]
