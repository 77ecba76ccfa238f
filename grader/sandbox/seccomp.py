"""The system call filter of a worker: a BPF program, built here and given to the kernel.

A call on the list of ``syscalls.py`` is allowed. Any other fails with ``EPERM``, or with ``ENOSYS``
where C libraries expect a newer kernel's call to be missing and try an older one (``clone3``). A
program of another architecture is killed. The filter never depends on memory, so that there is
nothing to change between the check and the call.
"""

from __future__ import annotations

import errno
import platform
import struct
import sys
from collections.abc import Iterator, Sequence

from grader.sandbox.syscalls import ALLOWED, ARCHITECTURES, EXAMINED, FORKING, numbers

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
KILL_PROCESS, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data, little-endian

NEW_NAMESPACES = 0x7E020080  # CLONE_NEW*: mount, cgroup, uts, ipc, user, pid, net and time
# Since this number all architectures count alike, and C libraries probe for what is new.
FIRST_PROBED = 424
TERMINAL_QUESTIONS = (0x5401, 0x5413)  # TCGETS, TIOCGWINSZ: what isatty() asks
DESCRIPTOR_FLAGS = (0x5450, 0x5451, 0x5421)  # FIONCLEX, FIOCLEX, FIONBIO
PROCESS_NAMES = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA


def supported() -> bool:
    """Whether there is a filter for this machine."""
    return sys.platform == "linux" and platform.machine() in ARCHITECTURES


def program(processes: bool, machine: str | None = None) -> bytes:
    """The filter as an array of ``struct sock_filter``; ``processes`` permits fork and threads."""
    architecture = ARCHITECTURES[machine or platform.machine()]
    allowed = numbers(ALLOWED, architecture.column)
    examined = numbers(EXAMINED, architecture.column)
    if processes:
        allowed |= numbers(FORKING, architecture.column)
    instructions = [
        _load(ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, architecture.audit),
        _return(KILL_PROCESS),
        _load(NUMBER),
    ]
    for number in sorted(allowed.values()):
        instructions += _when(number, [_return(ALLOW)])
    instructions += _when(examined["clone"], _clone(processes))
    instructions += _when(examined["ioctl"], _one_of(1, TERMINAL_QUESTIONS + DESCRIPTOR_FLAGS))
    instructions += _when(examined["prctl"], _one_of(0, PROCESS_NAMES))
    instructions += [
        (JUMP_AT_LEAST, 0, 1, FIRST_PROBED),
        _return(ERRNO | errno.ENOSYS),
        _return(ERRNO | errno.EPERM),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)


def _load(offset: int) -> Instruction:
    return (LOAD, 0, 0, offset)


def _return(action: int) -> Instruction:
    return (RETURN, 0, 0, action)


def _when(number: int, block: Sequence[Instruction]) -> Iterator[Instruction]:
    """``block`` for one system call; it ends in a return, and is short enough to jump over."""
    yield (JUMP_EQUAL, 0, len(block), number)
    yield from block


def _one_of(argument: int, values: Sequence[int]) -> list[Instruction]:
    """Allow if the low half of an argument, all that these calls look at, is one of ``values``."""
    block = [_load(ARGUMENTS + 8 * argument)]
    for value in values:
        block += [(JUMP_EQUAL, 0, 1, value), _return(ALLOW)]
    return [*block, _return(ERRNO | errno.EPERM)]


def _clone(processes: bool) -> list[Instruction]:
    """Refuse as if a limit were reached; with ``processes``, refuse new namespaces only."""
    if not processes:
        return [_return(ERRNO | errno.EAGAIN)]
    return [
        _load(ARGUMENTS),
        (JUMP_ANY_BIT, 0, 1, NEW_NAMESPACES),
        _return(ERRNO | errno.EPERM),
        _return(ALLOW),
    ]
