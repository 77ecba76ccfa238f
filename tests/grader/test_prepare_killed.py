"""``grader prepare`` killed at any moment: what it had is kept, and in the end all is the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import relu_assignment
from personal import family_of, make_assignment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="needs process groups"),
]


def start(place: Path) -> subprocess.Popen[bytes]:
    """``grader prepare`` with two workers, all in a process group of their own."""
    grader = Path(sys.executable).with_name("grader")
    command = [str(grader), "prepare", str(place), "--processes", "2", "--lang", "en"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, start_new_session=True, **quiet)  # type: ignore[call-overload, no-any-return]


def files(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (place / "prepared").glob("*.json")}


def kill_after(place: Path, count: int, pause: float) -> bool:
    """Kill it once so many variants are there; whether it was still at work."""
    process = start(place)
    while process.poll() is None and len(files(place)) < count:
        time.sleep(0.005)
    time.sleep(pause)
    working = process.poll() is None
    if working:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return working


def test_killed_at_any_moment_it_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    places = []
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
        places.append(relu_assignment.make(make_assignment(tmp_path / name)))
    whole, killed = places
    moments = random.Random(11)
    kills = sum(kill_after(killed, n, moments.uniform(0.0, 0.2)) for n in (0, 1, 2, 4))
    assert kills >= 2
    before = files(killed)
    assert start(killed).wait() == 0
    assert start(whole).wait() == 0
    after = files(killed)
    assert len(after) == family_of(killed).variants
    assert after == files(whole)
    assert before.items() <= after.items()
    assert not list((killed / "prepared").glob(".*"))
