"""The modules of assignment 4 in the checkout, teachers' scripts included, by path.

They are no package: the wheel holds some of them, and none may depend on another's import.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from types import ModuleType

from submissions import build

FOLDER = build.SOLUTION.parent


@cache
def module(name: str) -> ModuleType:
    """``assignments/assignment4/<name>.py``, loaded as a script's neighbour would be."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(FOLDER))
    try:
        spec.loader.exec_module(loaded)
    finally:
        sys.path.remove(str(FOLDER))
    return loaded
