"""``tests/submissions`` as a package, without ``tests`` on sys.path (see pyproject.toml)."""

from pathlib import Path

__path__ = [str(Path(__file__).resolve().parents[2] / "submissions")]
