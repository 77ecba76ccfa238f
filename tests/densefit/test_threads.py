"""The number of threads: set, limited for a while, reported, and taken from the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

import densefit


@pytest.fixture(autouse=True)
def same_number_afterwards() -> Iterator[None]:
    with densefit.threads(3):
        yield


def test_a_block_uses_at_most_so_many() -> None:
    with densefit.threads(1):
        assert densefit.get_num_threads() == 1
        with densefit.threads(2):
            assert densefit.get_num_threads() == 2
        assert densefit.get_num_threads() == 1
    assert densefit.get_num_threads() == 3


def test_an_error_in_the_block_ends_it_too() -> None:
    with pytest.raises(RuntimeError), densefit.threads(1):
        raise RuntimeError
    assert densefit.get_num_threads() == 3


def test_as_a_decorator() -> None:
    @densefit.threads(1)
    def inside() -> int:
        return densefit.get_num_threads()

    assert [inside(), inside(), densefit.get_num_threads()] == [1, 1, 3]


@pytest.mark.parametrize("n", [0, -1, 1.5, "2", None])
def test_what_is_no_number_of_threads(n: object) -> None:
    with pytest.raises(ValueError, match="the number of threads must be a positive integer"):
        densefit.set_num_threads(n)
    with pytest.raises(ValueError, match="positive integer"), densefit.threads(n):
        pass
    assert densefit.get_num_threads() == 3


def test_info_is_of_threadpoolctls_form() -> None:
    densefit.set_num_threads(2)
    (info,) = densefit.threadpool_info()
    assert (info["user_api"], info["internal_api"]) == ("densefit", "densefit")
    assert info["num_threads"] == 2
    assert info["processors"] >= 1
    assert info["architecture"] in info["available_architectures"]


def threads_with(**environment: str) -> int:
    kept = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    program = "import densefit; print(densefit.get_num_threads())"
    done = subprocess.run(
        [sys.executable, "-c", program], env=kept | environment, capture_output=True, check=True
    )
    return int(done.stdout)


def test_the_environment_says_how_many() -> None:
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert threads_with() == own
    assert threads_with(DENSEFIT_NUM_THREADS="5") == 5
    assert threads_with(OMP_NUM_THREADS="1") == 1
    assert threads_with(OMP_NUM_THREADS="1", DENSEFIT_NUM_THREADS="5") == 5
    # More than there are would only be in each other's way; what is no number is not ours.
    assert threads_with(OMP_NUM_THREADS="9999") == own
    assert threads_with(OMP_NUM_THREADS="2,2") == own
