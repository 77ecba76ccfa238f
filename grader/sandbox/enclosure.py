"""Puts a command into namespaces of its own, where bubblewrap is not installed. Run by path.

    python enclosure.py PLAN

PLAN is a JSON object: ``judge`` (the process that started this one, null not to die with it),
``root`` (an empty folder to build in), ``parts``, ``links`` and ``hidden`` as in
``filesystem.View``, ``folders`` (empty ones to mount on), ``home`` and ``home_bytes``, ``filter``
(the system call filter, in hexadecimal; null leaves out Landlock and the filter, which
``nursery.py`` puts around each of its workers), ``argv`` (the command). With ``built``, bubblewrap
has built everything already, and this process, its first, still has to do what bubblewrap cannot:
limit the number of files at home.

Three processes: the one that was started waits, the second is the first of the new process
namespace, so that killing it kills all, and the third becomes the command. Behind the private
file system stands Landlock as a second wall, so that a mistake in one is not the end of both.
The standard library only, and of that little at the start, which every grading waits for; Linux
5.13 or newer.
"""

from __future__ import annotations

import ctypes
import json
import os
import struct
import sys
from typing import Any

CLONE_NAMESPACES = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_REMOUNT = 2, 4, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH, AT_FDCWD, AT_RECURSIVE = 2, -100, 0x8000
READ_ONLY, NO_SUID, NO_DEVICES = 1, 2, 4  # MOUNT_ATTR_*
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR, LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 442, 444, 445, 446
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SIGKILL, FILTER_MODE = 9, 2
NOBODY = 65534
CAPABILITY_VERSION = 0x20080522
INODES = 4096

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE = 1, 2, 4, 8, 1 << 14  # LANDLOCK_ACCESS_FS_*
FS_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # number of rights by version of the interface

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int) -> int:
    """The result of a C function; its ``errno`` as ``OSError`` when it failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """``mount(2)``."""
    words = [w.encode() if w is not None else None for w in (source, target, kind)]
    check(libc.mount(*words, ctypes.c_ulong(flags), options.encode()))


def restrict_mount(path: str, attributes: int, recursive: bool) -> None:
    """Add restrictions to a mount, and to those below it."""
    wanted = struct.pack("=QQQQ", attributes, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    check(libc.syscall(MOUNT_SETATTR, AT_FDCWD, path.encode(), flags, wanted, len(wanted)))


def enter_namespaces(proc: int) -> None:
    """New namespaces of every kind; this process is nobody in them, and owns them.

    ``proc`` is a descriptor of ``/proc``, which a private file system does not show.
    """
    import socket

    user, group = os.getuid(), os.getgid()
    check(libc.unshare(CLONE_NAMESPACES | CLONE_NEWPID | CLONE_NEWNET))
    answers = {
        "setgroups": "deny",
        "uid_map": f"{NOBODY} {user} 1",
        "gid_map": f"{NOBODY} {group} 1",
    }
    for name, words in answers.items():
        descriptor = os.open(f"self/{name}", os.O_WRONLY, dir_fd=proc)
        os.write(descriptor, words.encode())
        os.close(descriptor)
    socket.sethostname("sandbox")


def build_root(plan: dict[str, Any]) -> None:
    """The private file system, and this process moved into it."""
    import platform
    from pathlib import Path

    root = plan["root"]
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755")
    for outside, inside in plan["parts"]:
        show(outside, root + inside)
    for folder in plan["hidden"]:
        mount("tmpfs", root + folder, "tmpfs", MS_NOSUID | MS_NODEV, "size=4k,mode=755")
        restrict_mount(root + folder, READ_ONLY, recursive=False)
    for target, inside in plan["links"]:
        Path(root + inside).symlink_to(target)
    for folder in (*plan["folders"], plan["home"]):
        Path(root + folder).mkdir(parents=True, exist_ok=True)
    mount_home(root + plan["home"], plan["home_bytes"])
    os.chdir(root)
    check(libc.syscall(PIVOT_ROOT[platform.machine()], b".", b"."))
    check(libc.umount2(b".", MNT_DETACH))
    restrict_mount("/", READ_ONLY, recursive=False)
    os.chdir(plan["home"])


def mount_home(path: str, size: int, flags: int = 0) -> None:
    """An empty folder in memory, with room for so many bytes and :data:`INODES` files."""
    options = f"size={size},nr_inodes={INODES},mode=700"
    mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV | flags, options)


def finish(plan: dict[str, Any]) -> None:
    """The last steps behind bubblewrap's walls, then nothing is left to take them back."""
    mount_home(plan["home"], plan["home_bytes"], MS_REMOUNT)
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    drop_capabilities()
    filter_calls(bytes.fromhex(plan["filter"]))


def settle(places: dict[str, Any], wanted: dict[str, Any], files: bytes) -> None:
    """Make the namespaces just entered a worker's own: its home, its modules, and the walls."""
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount_home(places["home"], wanted["limits"]["home_bytes"])
    if wanted["helpers"]:
        mount_files(places["helpers"], wanted["helpers"], files)
    os.chdir(places["home"])
    wall_in(places["home"], wanted["filter"])


def mount_files(path: str, sizes: list[tuple[str, int]], data: bytes) -> None:
    """A read-only folder in memory of the files whose bytes follow each other in ``data``."""
    from pathlib import Path

    mount(
        "tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, f"size={len(data) * 2 + (1 << 20)},mode=755"
    )
    start = 0
    for name, size in sizes:
        target = Path(path, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data[start : start + size])
        start += size
    restrict_mount(path, READ_ONLY, recursive=False)


def wall_in(home: str, program: str) -> None:
    """Landlock and the system call filter, which hold from here on."""
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    drop_capabilities()
    restrict_files(home)
    filter_calls(bytes.fromhex(program))


def show(outside: str, inside: str) -> None:
    """One file or folder of the machine, to be read only."""
    from pathlib import Path

    if Path(outside).is_dir():
        Path(inside).mkdir(parents=True, exist_ok=True)
    else:
        Path(inside).parent.mkdir(parents=True, exist_ok=True)
        Path(inside).touch()
    mount(outside, inside, None, MS_BIND | MS_REC)
    devices = 0 if outside.startswith("/dev/") else NO_DEVICES
    restrict_mount(inside, READ_ONLY | NO_SUID | devices, recursive=True)


def drop_capabilities() -> None:
    """Give up the powers over its own namespaces; what is not executed anew still has them."""
    header, none = struct.pack("=Ii", CAPABILITY_VERSION, 0), bytes(24)
    check(libc.capset(header, none))


def restrict_files(home: str) -> None:
    """Landlock: reading everywhere, everything at home, and no TCP at all."""
    version = check(libc.syscall(LANDLOCK_CREATE, None, 0, 1))
    every = (1 << FS_RIGHTS.get(version, 16)) - 1
    handled = struct.pack("=QQQ", every, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = check(libc.syscall(LANDLOCK_CREATE, handled, size, 0))
    writing = WRITE_FILE | (TRUNCATE if version >= 3 else 0)
    allow(rules, "/", EXECUTE | READ_FILE | READ_DIR)
    allow(rules, home, every)
    allow(rules, "/dev/null", READ_FILE | writing)
    check(libc.syscall(LANDLOCK_RESTRICT, rules, 0))
    os.close(rules)


def allow(rules: int, path: str, rights: int) -> None:
    """Add one path and all below it to a Landlock rule set."""
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    check(libc.syscall(LANDLOCK_ADD, rules, 1, struct.pack("=Qi", rights, opened), 0))
    os.close(opened)


def filter_calls(program: bytes) -> None:
    """Hand the system call filter to the kernel; it holds from here on, through any exec."""
    instructions = ctypes.create_string_buffer(program, len(program))
    handed = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(instructions))
    check(libc.prctl(PR_SET_SECCOMP, FILTER_MODE, handed, 0, 0))


def die_with_parent(parent: int | None = None) -> None:
    """Be killed when the parent dies, also if that has happened already."""
    check(libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def wait_for(child: int) -> None:
    """End as the child ends, holding none of its pipes meanwhile."""
    os.closerange(0, 3)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def main() -> None:
    """Enter the namespaces, leave two processes behind to watch, and become the command."""
    plan = json.loads(sys.argv[1])
    if plan.get("built"):
        finish(plan)
        os.execv(plan["argv"][0], plan["argv"])
    if plan["judge"] is not None:
        die_with_parent(plan["judge"])
    proc = os.open("/proc", os.O_PATH | os.O_CLOEXEC)
    enter_namespaces(proc)
    if child := os.fork():
        wait_for(child)
    die_with_parent()
    if child := os.fork():
        wait_for(child)
    build_root(plan)
    if plan["filter"] is not None:
        wall_in(plan["home"], plan["filter"])
    os.execv(plan["argv"][0], plan["argv"])


if __name__ == "__main__":
    main()
