"""A small assignment, and batches of it in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import relu_assignment

SHOWN = {"LC_ALL": "C.UTF-8", "COLUMNS": "100"}


@pytest.fixture(scope="session")
def relu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return relu_assignment.make(tmp_path_factory.mktemp("assignments") / "relu")


def command(*arguments: object) -> list[str]:
    return [str(Path(sys.executable).with_name("grader")), *map(str, arguments)]


def run(*arguments: object, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        env=os.environ | SHOWN,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        **more,  # type: ignore[call-overload]
    )
