"""What a test needs beyond the test extra: absent, the test skips and says so; in CI it fails."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest


def need(*modules: str) -> None:
    """Skip the calling test module (or test) unless every one of ``modules`` can be imported."""
    _demand([name for name in modules if not _importable(name)], "pip install")


def need_program(*programs: str) -> None:
    """Skip the calling test module (or test) unless every one of ``programs`` is on the PATH."""
    _demand([name for name in programs if shutil.which(name) is None], "install")


def need_file(variable: str) -> None:
    """Skip unless the environment variable names a file that is there."""
    path = os.environ.get(variable, "")
    _demand([] if path and Path(path).is_file() else [f"the file that {variable} names"], "name")


def _importable(name: str) -> bool:
    top = name.partition(".")[0]
    return importlib.util.find_spec(top) is not None and importlib.util.find_spec(name) is not None


def _demand(missing: list[str], verb: str) -> None:
    """With DENSEFIT_REQUIRE_ALL=1, as in CI, what is missing fails: a skip hides for ever."""
    if not missing:
        return
    reason = f"{', '.join(missing)} not found: {verb} it to run this"
    if os.environ.get("DENSEFIT_REQUIRE_ALL"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason, allow_module_level=True)
