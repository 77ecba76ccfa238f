"""The filter, run here by a small interpreter of its instructions: no call slips through."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox import seccomp
from grader.sandbox.syscalls import ALLOWED, ARCHITECTURES, EXAMINED, FORKING, numbers

MACHINES = sorted(ARCHITECTURES)
each_machine = pytest.mark.parametrize("machine", MACHINES)


def decide(program: bytes, audit: int, number: int, *arguments: int) -> int:
    """What the kernel would do with a system call."""
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("<IIQ6Q", number, audit, 0, *padded)
    instructions = list(struct.iter_unpack("=HBBI", program))
    loaded, at = 0, 0
    while True:
        code, then, otherwise, operand = instructions[at]
        at += 1
        if code == seccomp.RETURN:
            return int(operand)
        if code == seccomp.LOAD:
            (loaded,) = struct.unpack_from("<I", data, operand)
            continue
        holds = {
            seccomp.JUMP_EQUAL: loaded == operand,
            seccomp.JUMP_AT_LEAST: loaded >= operand,
            seccomp.JUMP_ANY_BIT: bool(loaded & operand),
        }[code]
        at += then if holds else otherwise


def refused(number: int) -> int:
    return seccomp.ERRNO | number


@each_machine
@given(number=st.integers(0, 2**32 - 1), processes=st.booleans())
def test_only_what_is_listed_is_allowed(machine: str, number: int, processes: bool) -> None:
    audit, column = ARCHITECTURES[machine]
    listed = set(numbers(ALLOWED, column).values())
    listed |= set(numbers(EXAMINED, column).values())
    listed |= set(numbers(FORKING, column).values()) if processes else set()
    action = decide(seccomp.program(processes, machine), audit, number)
    if number not in listed:
        assert action == refused(errno.ENOSYS if number >= 424 else errno.EPERM)
    elif number not in numbers(EXAMINED, column).values():
        assert action == seccomp.ALLOW


@each_machine
def test_every_listed_call_is_allowed(machine: str) -> None:
    audit, column = ARCHITECTURES[machine]
    program = seccomp.program(False, machine)
    for name, number in numbers(ALLOWED, column).items():
        assert decide(program, audit, number) == seccomp.ALLOW, name


@each_machine
def test_another_architecture_is_killed(machine: str) -> None:
    program = seccomp.program(True, machine)
    for other in (0, 0x40000003, *(a.audit for m, a in ARCHITECTURES.items() if m != machine)):
        assert decide(program, other, 0) == seccomp.KILL_PROCESS


def test_the_32_bit_calls_of_x86_64_are_refused() -> None:
    program, audit = seccomp.program(True, "x86_64"), ARCHITECTURES["x86_64"].audit
    for number in numbers(ALLOWED, 0).values():
        assert decide(program, audit, 0x40000000 | number) == refused(errno.ENOSYS)


@each_machine
def test_new_namespaces_are_refused_even_where_processes_are_allowed(machine: str) -> None:
    audit, column = ARCHITECTURES[machine]
    clone = numbers(EXAMINED, column)["clone"]
    program = seccomp.program(True, machine)
    assert decide(program, audit, clone, 0x3D0F00) == seccomp.ALLOW  # a thread
    for bit in (0x80, 0x20000, *(1 << n for n in range(25, 31))):
        assert decide(program, audit, clone, bit | 17) == refused(errno.EPERM)
    assert decide(seccomp.program(False, machine), audit, clone, 17) == refused(errno.EAGAIN)


@each_machine
def test_terminals_can_be_asked_but_not_typed_into(machine: str) -> None:
    audit, column = ARCHITECTURES[machine]
    ioctl = numbers(EXAMINED, column)["ioctl"]
    program = seccomp.program(False, machine)
    assert decide(program, audit, ioctl, 0, 0x5401) == seccomp.ALLOW
    assert decide(program, audit, ioctl, 0, 0x5412) == refused(errno.EPERM)  # TIOCSTI


@each_machine
def test_no_call_is_listed_twice(machine: str) -> None:
    column = ARCHITECTURES[machine].column
    tables = [numbers(table, column) for table in (ALLOWED, EXAMINED, FORKING)]
    every = [number for table in tables for number in table.values()]
    assert len(every) == len(set(every))


def test_the_program_fits_the_kernel() -> None:
    assert len(seccomp.program(True, "x86_64")) // 8 <= 4096
