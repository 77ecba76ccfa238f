"""What a worker sees of the disk: the interpreter, NumPy, the worker's own files, the submission.

Every path stays out of sight unless it is listed here. The interpreter keeps its own paths, since
its libraries are found by them; all else moves to fixed ones, so that a submission learns nothing
of where it is graded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).parent
WORKER_FILES = ("worker.py", "protocol.py")
NURSERY_FILES = ("nursery.py", "enclosure.py")
FINISHING_FILES = ("enclosure.py",)
ISOLATED = ("-I", "-S", "-B", "-X", "utf8")
HOME = "/tmp"  # the one place to write, private and in memory
INSIDE = "/grader"
WORKER = f"{INSIDE}/worker.py"
NURSERY = f"{INSIDE}/nursery.py"
FINISH = f"{INSIDE}/enclosure.py"
NUMPY = f"{INSIDE}/site"
HELPERS = f"{INSIDE}/submission"
SYSTEM = (Path("/usr"), Path("/usr/local"))
DEVICES = ("/dev/null", "/dev/urandom")


@dataclass(frozen=True)
class View:
    """Read-only parts: (outside, inside); links: (target, inside); folders shown as empty."""

    parts: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...] = field(default=())
    hidden: tuple[str, ...] = field(default=())


@lru_cache
def python() -> str:
    """The interpreter itself: behind every link, and outside of any virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def of_nursery(numpy: str) -> View:
    """The same for the process that workers are forked from, and its own files."""
    view = of_python(numpy)
    return replace(view, parts=(*view.parts, *_own_files(NURSERY_FILES)))


def of_bubblewrap(numpy: str) -> View:
    """The same for bubblewrap, and the program that finishes what it began."""
    view = of_python(numpy)
    return replace(view, parts=(*view.parts, *_own_files(FINISHING_FILES)))


@lru_cache
def of_python(numpy: str) -> View:
    """The interpreter and NumPy, found in the folder ``numpy``; the same for every submission."""
    folders = [Path(path) for path in dict.fromkeys((*_standard_library(), *_system_libraries()))]
    folders = [p for p in folders if not any(q in p.parents for q in folders)]
    parts = [(str(p), str(p)) for p in folders]
    single = [p for p in map(Path, _single_files()) if not any(q in p.parents for q in folders)]
    parts += [(str(p), str(p)) for p in single]
    parts += _numpy(Path(numpy))
    parts += _own_files(WORKER_FILES)
    return View(tuple(parts), tuple(_links()), tuple(_site_packages(folders)))


def _own_files(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(str(HERE / name), f"{INSIDE}/{name}") for name in names]


def _standard_library() -> Iterator[str]:
    """Its folder; of a Python with a prefix of its own also the libraries that it brought."""
    if not _is_system():
        yield os.path.realpath(f"{sys.base_prefix}/lib")
    yield os.path.realpath(Path(os.__file__).parent)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    compiled = Path(sys.base_exec_prefix, sys.platlibdir, version)
    if compiled.is_dir():
        yield os.path.realpath(compiled)


def _system_libraries() -> Iterator[str]:
    """Debian's folder of this architecture, or what other systems have instead."""
    triplet = getattr(sys.implementation, "_multiarch", "")
    folders = [f"{root}/{triplet}" for root in ("/usr/lib", "/lib")] if triplet else []
    found = [path for path in folders if Path(path).is_dir()]
    yield from (os.path.realpath(path) for path in found or ["/usr/lib", "/lib"])
    for path in ("/usr/lib64", "/lib64"):  # the loader's own place
        if Path(path).is_dir():
            yield os.path.realpath(path)


def _single_files() -> Iterator[str]:
    """The interpreter, its library where that is shared, and what the loader reads."""
    yield python()
    yield from _shared_python()
    candidates = ["/etc/ld.so.cache", *DEVICES]
    if _is_system():  # Debian's own NumPy finds its BLAS through links of this folder
        candidates.append("/etc/alternatives")
    yield from (path for path in candidates if Path(path).exists())


def _shared_python() -> Iterator[str]:
    """``libpython`` as this very process has it loaded; where it lies is up to the builder."""
    try:
        lines = Path("/proc/self/maps").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    paths = (line.split(maxsplit=5)[5] for line in lines if "/libpython" in line)
    yield from dict.fromkeys(paths)


def _is_system() -> bool:
    return Path(sys.base_prefix).resolve() in SYSTEM


def _numpy(folder: Path) -> Iterator[tuple[str, str]]:
    """NumPy and, beside it, the libraries of its wheel, which it finds by relative path."""
    for name in ("numpy", "numpy.libs"):
        if (folder / name).is_dir():
            yield os.path.realpath(folder / name), f"{NUMPY}/{name}"


def _links() -> Iterator[tuple[str, str]]:
    """``/lib`` → ``usr/lib`` and its like, where the system has merged them."""
    for path in ("/lib", "/lib64"):
        if Path(path).is_symlink():
            yield str(Path(path).readlink()), path


def _site_packages(folders: list[Path]) -> Iterator[str]:
    """Folders of installed packages inside what is shown; NumPy stands elsewhere."""
    for folder in folders:
        for pattern in ("site-packages", "python*/site-packages", "python*/dist-packages"):
            yield from map(str, sorted(folder.glob(pattern)))
