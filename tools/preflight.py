"""Says in one sentence what this machine lacks for building densefit; silent when nothing.

Runs under any Python 3, also one too old for densefit, so that it can say so.
"""

import os
import shlex
import shutil
import sys
import sysconfig
from pathlib import Path

OLDEST = (3, 11)
COMPILERS = ("cc", "gcc", "clang")


def complaints():
    """Yield what is missing, each with the way to get it."""
    if sys.version_info < OLDEST:
        yield (
            "densefit needs Python {}.{} or newer; {} is Python {}.{}. "
            "Install a newer one, then: make PYTHON=/path/to/python3".format(
                *OLDEST, sys.executable, *sys.version_info[:2]
            )
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        yield "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"
    if os.environ.get("WHEEL"):
        return
    given = shlex.split(os.environ.get("CC") or "")
    if not any(shutil.which(name) for name in given[:1] or COMPILERS):
        yield (
            "no C compiler was found ({}). On Debian or Ubuntu: apt-get install gcc libc6-dev; "
            "on macOS: xcode-select --install".format(" ".join(given) or ", ".join(COMPILERS))
        )
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        yield "Python's C headers are missing. On Debian or Ubuntu: apt-get install python3-dev"


def main():
    """Print every complaint; exit with 1 if there is one."""
    found = list(complaints())
    for complaint in found:
        sys.stderr.write("densefit: " + complaint + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
