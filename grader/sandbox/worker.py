"""Runs a submission's functions for the judge. Run by path, in a process of its own.

    python worker.py CONFIGURATION

CONFIGURATION is a JSON object: ``numpy`` (the folder NumPy is found in), ``limits`` (name →
number), ``limit`` (whether to enforce them), ``helpers`` (folder of the submission's own modules,
or null). Requests come on
descriptor 0 and answers leave on descriptor 1, as frames of ``protocol.py``; before any student
code runs both are moved to other numbers, 0 becomes the null device, and 1 becomes 2, which the
judge drains as the submission's output.

``{"ready": true}`` is sent first, before any student code runs: without it the machine is at
fault, not the submission. Requests, and the answers to each, in order:

``{"op": "load", "cells": [{"name", "source"}, ...]}``
    Runs the cells one after another in one module. Answer: ``{"ok": true, "errors": [...],
    "functions": [names], "layers": [names of the limits in force]}``. A failing cell is reported
    and the next one runs.
``{"op": "call", "calls": [{"id", "name", "args"}, ...]}``
    Calls the functions one after another. One answer for each call, in order and as soon as it
    is there, so that the judge can time each: ``{"id", "value", "mutated", "aliased",
    "seconds"}``, or ``{"id", "error": {...}}``. ``mutated`` and ``aliased`` hold the positions of
    the arguments that the call changed, and of those whose memory the result shares.

An error is ``{"kind", "type", "message", "line", "trace"}``, kind ``exception``, ``syntax``,
``exit``, ``memory``, ``missing`` or ``value`` (a result that cannot travel); ``trace`` holds only
lines of the submission.

Nothing here decides anything: no expected value, tolerance or score ever enters this process, and
an answer is data that the judge checks. A submission that rewrites this module gains the power to
return arrays, which is what it was asked to do.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
import time
import types
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

MODULE_NAME = "submission"
TRACE_LINES = 8
MESSAGE_CHARACTERS = 1000


class OnlyNumPy:
    """Finds NumPy in its folder, and nothing else of what is installed there."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """The specification of ``numpy``; its submodules are found through its own path."""
        return PathFinder.find_spec(name, [self.folder]) if name == "numpy" else None


def move_pipes() -> tuple[int, int]:
    """Take the protocol off descriptors 0 and 1, and give those to the submission."""
    requests, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return requests, answers


def limit_resources(limits: dict[str, int]) -> list[str]:
    """Set every resource limit this system has; returns the names of those in force."""
    try:
        import resource
    except ImportError:
        return []
    wanted = {
        "cpu": ("RLIMIT_CPU", limits["cpu_seconds"]),
        "memory": ("RLIMIT_AS", limits["address_space_bytes"]),
        "file size": ("RLIMIT_FSIZE", limits["file_bytes"]),
        "open files": ("RLIMIT_NOFILE", limits["open_files"]),
        "core dumps": ("RLIMIT_CORE", 0),
        "processes": ("RLIMIT_NPROC", limits["processes"]),
    }
    active = []
    for name, (constant, value) in wanted.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):
            # A second between SIGXCPU, which tells the judge why, and the certain SIGKILL.
            hard = value + 1 if name == "cpu" else value
            resource.setrlimit(getattr(resource, constant), (value, hard))
            active.append(name)
    return active


def load_protocol() -> types.ModuleType:
    """The protocol module beside this file, loaded by path so that no package is needed."""
    path = Path(__file__).with_name("protocol.py")
    spec = importlib.util.spec_from_file_location("_protocol", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules["_protocol"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def find_numpy(folder: str) -> None:
    """Let NumPy be imported from its folder, and nothing else of what is installed there."""
    sys.meta_path.append(OnlyNumPy(folder))


def read(descriptor: int, count: int) -> bytes:
    """Exactly ``count`` bytes; EOFError when there are no more."""
    parts = []
    while count:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def describe(
    error: BaseException, sources: dict[str, list[str]], helpers: str | None
) -> dict[str, Any]:
    """An error as data, with the submission's own lines and no others."""
    if isinstance(error, SyntaxError) and error.filename in sources:
        where = [{"file": error.filename, "line": error.lineno or 0, "text": error.text or ""}]
        return _error("syntax", error, error.msg, where)
    trace = []
    frame = error.__traceback__
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        if name in sources or (helpers and name.startswith(helpers)):
            lines = sources.get(name) or Path(name).read_text("utf-8", "replace").splitlines()
            text = lines[frame.tb_lineno - 1] if frame.tb_lineno <= len(lines) else ""
            trace.append({"file": Path(name).name, "line": frame.tb_lineno, "text": text})
        frame = frame.tb_next
    kind = "exception"
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        kind = "exit"
    elif isinstance(error, MemoryError):
        kind = "memory"
    return _error(kind, error, _text(error), trace)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:
        return ""


def _error(
    kind: str, error: BaseException, message: str | None, trace: list[dict[str, Any]]
) -> dict[str, Any]:
    for step in trace:
        step["text"] = step["text"].strip()[:200]
    return {
        "kind": kind,
        "type": type(error).__name__[:100],
        "message": (message or "")[:MESSAGE_CHARACTERS],
        "line": trace[-1]["line"] if trace else None,
        "trace": trace[-TRACE_LINES:],
    }


class Worker:
    """The submission's module, and the loop that serves requests."""

    def __init__(
        self, pipes: tuple[int, int], protocol: Any, layers: list[str], configuration: Any
    ) -> None:
        self.requests, self.answers = pipes
        self.protocol = protocol
        self.layers = layers
        self.limits = configuration["limits"]
        self.helpers = configuration["helpers"]
        self.module = types.ModuleType(MODULE_NAME)
        self.sources: dict[str, list[str]] = {}

    def serve(self) -> None:
        """Say that all is ready, then answer requests until the judge closes the pipe."""
        self._send({"ready": True}, [])
        while True:
            try:
                header, payload = self.protocol.read_frame(self._read)
            except EOFError:
                return
            if header["op"] == "load":
                self._send(self.load(header["cells"]), [])
            else:
                self._call_all(header["calls"], payload)

    def load(self, cells: list[dict[str, str]]) -> dict[str, Any]:
        """Run the cells in one module; the errors, and the names of what is callable."""
        sys.modules[MODULE_NAME] = self.module
        self._seed()
        errors = []
        for cell in cells:
            name, source = cell["name"], cell["source"]
            self.sources[name] = source.splitlines()
            self.module.__dict__.setdefault("__file__", name)
            try:
                exec(compile(source, name, "exec"), self.module.__dict__)
            except BaseException as error:
                errors.append(describe(error, self.sources, self.helpers) | {"cell": name})
        names = [str(k) for k, v in list(self.module.__dict__.items()) if callable(v)]
        return {"ok": True, "errors": errors, "functions": names, "layers": self.layers}

    def _seed(self) -> None:
        """Randomness that ignores the generator it is given is at least the same in a regrade."""
        import random

        random.seed(0)
        self.protocol.np.random.seed(0)

    def _call_all(self, calls: list[dict[str, Any]], payload: bytes) -> None:
        decoder = self.protocol.Decoder(payload)
        shared: dict[int, Any] = {}
        for call in [dict(c, args=decoder.decode(c["args"])) for c in calls]:
            args = [self._argument(arg, shared) for arg in call["args"]]
            encoder = self.protocol.Encoder(self.limits["iterator_items"])
            encoder.room = self.limits["result_bytes"]
            answer = self._call(call["name"], args, encoder)
            chunks = encoder.chunks if "value" in answer else []
            self._send({"id": call["id"]} | answer, chunks)
            _flush()

    def _argument(self, value: Any, shared: dict[int, Any]) -> Any:
        if not isinstance(value, self.protocol.Seed):
            return value
        make: Callable[[int], Any] = self.protocol.np.random.default_rng
        if value.shared is None:
            return make(value.seed)
        return shared.setdefault(value.shared, make(value.seed))

    def _call(self, name: str, args: list[Any], encoder: Any) -> dict[str, Any]:
        function = self.module.__dict__.get(name)
        if not callable(function):
            return {"error": _error("missing", NameError(name), name, [])}
        before = [_snapshot(arg) for arg in args]
        start = time.perf_counter()
        try:
            value = function(*args)
            seconds = time.perf_counter() - start
            node = encoder.encode(value)
        except self.protocol.ProtocolError as error:
            return {"error": _error("value", error, str(error), [])}
        except BaseException as error:
            return {"error": describe(error, self.sources, self.helpers)}
        numpy = self.protocol.np
        mutated = [i for i, arg in enumerate(args) if _changed(numpy, before[i], arg)]
        aliased = [i for i, arg in enumerate(args) if _shares(numpy, value, arg)]
        return {"value": node, "mutated": mutated, "aliased": aliased, "seconds": seconds}

    def _read(self, count: int) -> bytes:
        return read(self.requests, count)

    def _send(self, header: dict[str, Any], chunks: list[bytes]) -> None:
        view = memoryview(self.protocol.pack(header, chunks))
        while view:
            view = view[os.write(self.answers, view) :]


def _snapshot(arg: Any) -> Any:
    if hasattr(arg, "dtype"):
        return arg.copy()
    return list(arg) if isinstance(arg, list) else None


def _changed(numpy: Any, before: Any, arg: Any) -> bool:
    if before is None:
        return False
    if isinstance(arg, list):
        return bool(arg != before)
    return bool(arg.shape != before.shape or arg.tobytes() != before.tobytes())


def _shares(numpy: Any, value: Any, arg: Any) -> bool:
    if not isinstance(arg, numpy.ndarray):
        return False
    if isinstance(value, (tuple, list)):
        return any(_shares(numpy, item, arg) for item in value)
    return isinstance(value, numpy.ndarray) and bool(numpy.may_share_memory(value, arg))


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()


def run(pipes: tuple[int, int], protocol: Any, configuration: Any) -> None:
    """Limit the process, then serve until the judge closes the pipe."""
    # After NumPy: its libraries may start a thread, which counts as a process.
    layers = limit_resources(configuration["limits"]) if configuration["limit"] else []
    if configuration["helpers"]:
        sys.path.append(configuration["helpers"])
    Worker(pipes, protocol, layers, configuration).serve()


def main() -> None:
    """Move the pipes, load NumPy, and run."""
    configuration = json.loads(sys.argv[1])
    sys.argv[1:] = []
    here = str(Path(__file__).parent)
    sys.path[:] = [entry for entry in sys.path if entry not in ("", here)]
    find_numpy(configuration["numpy"])
    pipes = move_pipes()
    run(pipes, load_protocol(), configuration)
    os._exit(0)


if __name__ == "__main__":
    main()
