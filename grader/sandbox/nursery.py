"""Raises workers: NumPy is loaded once, and every submission gets a fork of its own. Run by path.

    python nursery.py CONFIGURATION

CONFIGURATION is a JSON object: ``numpy`` (the folder NumPy is found in), ``control`` (descriptor
of a socket), ``proc`` (descriptor of ``/proc``), ``helpers`` and ``home`` (folders to mount on).
This process runs inside the private file system of ``filesystem.View`` already. It sends ``r``
once it is ready. Then each message of one byte on the socket brings four descriptors, a worker's
``stdin``, ``stdout``, ``stderr`` and ``status``; the process ends when the judge closes the socket.

A fork inherits all of its parent's memory, so this parent learns nothing worth stealing: it is
told neither who is graded nor what, and what a worker needs goes to the worker itself, as the
first frame on its ``stdin``:

``{"op": "enter", "limits", "limit", "filter", "helpers": [[name, bytes], ...]}``
    The numbers of ``limits.Limits``, whether to enforce them, the system call filter in
    hexadecimal, and the submission's own modules, whose bytes are the payload.

Each worker has namespaces of its own below those of the nursery, an empty folder in memory to
write to, Landlock and the filter, all before it answers ``{"ready": true}`` as ``worker.py`` does.
On ``status`` go a process descriptor of the first process of its namespace, whose death is the
death of all, and at last the worker's exit code. The standard library and NumPy only.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import json
import os
import socket
import sys
import types
from pathlib import Path
from typing import Any, NoReturn


def load(name: str) -> types.ModuleType:
    """A module beside this file, loaded by path so that no package is needed."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class Nursery:
    """The loop that forks, and what a fork does until it is a worker."""

    def __init__(self, configuration: dict[str, Any]) -> None:
        self.configuration = configuration
        self.enclosure = load("enclosure")
        self.worker = load("worker")
        self.worker.find_numpy(configuration["numpy"])
        self.protocol = self.worker.load_protocol()
        self.control = socket.socket(fileno=configuration["control"])

    def serve(self) -> None:
        """Fork for every message, until the judge is gone."""
        gc.collect()
        gc.freeze()  # or the first collection in every fork copies what it shares
        self.control.send(b"r")
        while True:
            message, descriptors, _, _ = socket.recv_fds(self.control, 1, 4)
            if not message:
                return
            if os.fork() == 0:
                self.raise_worker(descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            self.reap()

    def reap(self) -> None:
        """Take leave of the forks that have ended."""
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def raise_worker(self, descriptors: list[int]) -> NoReturn:
        """What a fork does; should it fail, the judge hears why where the submission prints."""
        os.dup2(descriptors[2], 2)
        try:
            self.watch(descriptors)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}".encode())
            os._exit(1)

    def watch(self, descriptors: list[int]) -> NoReturn:
        """The fork itself: it stays outside, tells the judge whom to kill, and reports the end."""
        self.control.close()
        os.setsid()
        self.enclosure.enter_namespaces(self.configuration["proc"])
        child = os.fork()
        if child == 0:
            self.first_of_its_namespace(descriptors)
        os.closerange(0, 3)
        for descriptor in descriptors[:3]:
            os.close(descriptor)
        status = socket.socket(fileno=descriptors[3])
        socket.send_fds(status, [b"p"], [os.pidfd_open(child)])
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        status.send(str(code).encode())
        os._exit(0)

    def first_of_its_namespace(self, descriptors: list[int]) -> NoReturn:
        """It only waits: signals that end other processes do not reach the first one."""
        self.enclosure.die_with_parent()
        child = os.fork()
        if child:
            os.closerange(0, max(*descriptors, self.configuration["proc"]) + 1)
            self.enclosure.wait_for(child)
        for target, descriptor in enumerate(descriptors[:3]):
            os.dup2(descriptor, target)
        os.closerange(3, max(*descriptors, self.configuration["proc"]) + 1)
        self.become_worker()
        os._exit(0)

    def become_worker(self) -> None:
        """Wall itself in, then serve the judge; from here on the process is the submission's."""
        pipes = self.worker.move_pipes()
        header, payload = self.protocol.read_frame(lambda count: self.worker.read(pipes[0], count))
        self.enclosure.settle(self.configuration, header, payload)
        # sys.path is searched last for what the standard library does not have.
        helpers = self.configuration["helpers"] if header["helpers"] else None
        self.worker.run(pipes, self.protocol, header | {"helpers": helpers})


def main() -> None:
    """Load everything, then serve."""
    configuration = json.loads(sys.argv[1])
    sys.argv[1:] = []
    here = str(Path(__file__).parent)
    sys.path[:] = [entry for entry in sys.path if entry not in ("", here)]
    Nursery(configuration).serve()
    os._exit(0)


if __name__ == "__main__":
    main()
