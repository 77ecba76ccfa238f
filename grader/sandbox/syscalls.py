"""System calls that a submission may make, by architecture; whatever is not here is refused.

Numbers are those of ``asm/unistd_64.h`` (x86-64) and ``asm-generic/unistd.h`` (aarch64); a dash
stands where an architecture lacks the call. What is missing on purpose: sockets, ptrace and
``process_vm_*``, mounts and namespaces, bpf, perf, io_uring, userfaultfd, keys, kexec, modules,
shared memory and message queues, priorities, and ``memfd_create`` (memory outside the limits).
"""

from __future__ import annotations

from typing import NamedTuple


class Architecture(NamedTuple):
    """How Linux names an architecture to a filter, and which column of the table it reads."""

    audit: int
    column: int


ARCHITECTURES = {
    "x86_64": Architecture(0xC000003E, 0),
    "aarch64": Architecture(0xC00000B7, 1),
}

# name, number on x86-64, number on aarch64
ALLOWED = """
# Data in and out of descriptors that are open.
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69,
pwritev 296 70, preadv2 327 286, pwritev2 328 287, lseek 8 62, close 3 57, close_range 436 436,
dup 32 23, dup2 33 -, dup3 292 24, pipe 22 -, pipe2 293 59, fcntl 72 25, flock 73 32, fsync 74 82,
fdatasync 75 83, copy_file_range 326 285, sendfile 40 71, poll 7 -, ppoll 271 73, select 23 -,
pselect6 270 72, epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22,
eventfd2 290 19,
# Files; which ones there are is decided by the private file system.
open 2 -, openat 257 56, creat 85 -, stat 4 -, fstat 5 80, lstat 6 -, newfstatat 262 79,
statx 332 291, statfs 137 43, fstatfs 138 44, access 21 -, faccessat 269 48, faccessat2 439 439,
truncate 76 45, ftruncate 77 46, fallocate 285 47, fadvise64 221 223, getdents64 217 61,
getcwd 79 17, chdir 80 49, fchdir 81 50, rename 82 -, renameat 264 38, renameat2 316 276,
mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, symlink 88 -,
symlinkat 266 36, link 86 -, linkat 265 37, readlink 89 -, readlinkat 267 78, chmod 90 -,
fchmod 91 52, fchmodat 268 53, utimensat 280 88, umask 95 166,
# Memory of its own.
mmap 9 222, mprotect 10 226, munmap 11 215, mremap 25 216, madvise 28 233, brk 12 214,
msync 26 227, mincore 27 232,
# Time.
nanosleep 35 101, clock_nanosleep 230 115, clock_gettime 228 113, clock_getres 229 114,
gettimeofday 96 169, time 201 -, times 100 153, getitimer 36 102, setitimer 38 103, alarm 37 -,
pause 34 -, timer_create 222 107, timer_settime 223 110, timer_gettime 224 108,
timer_delete 226 111,
# Signals; the process namespace decides whom they reach.
rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136,
rt_sigsuspend 130 133, rt_sigtimedwait 128 137, sigaltstack 131 132, kill 62 129, tgkill 234 131,
tkill 200 130, restart_syscall 219 128,
# The process itself; a hard limit can only be lowered.
getpid 39 172, getppid 110 173, gettid 186 178, getuid 102 174, geteuid 107 175, getgid 104 176,
getegid 108 177, getgroups 115 158, getpgid 121 155, getpgrp 111 -, getsid 124 156,
getresuid 118 148, getresgid 120 150, getrusage 98 165, getrlimit 97 163, setrlimit 160 164,
prlimit64 302 261, sysinfo 99 179, uname 63 160, getrandom 318 278, getcpu 309 168,
sched_yield 24 124, sched_getaffinity 204 123, sched_getparam 143 121, sched_getscheduler 145 120,
execve 59 221, exit 60 93, exit_group 231 94, wait4 61 260, waitid 247 95, arch_prctl 158 -,
# Threads and their locks.
futex 202 98, set_robust_list 273 99, get_robust_list 274 100, rseq 334 293,
set_tid_address 218 96, membarrier 324 283,
"""

# Allowed only for some values of an argument, see seccomp.py.
EXAMINED = """
clone 56 220, ioctl 16 29, prctl 157 167,
"""

# Allowed only where the assignment permits processes.
FORKING = """
fork 57 -, vfork 58 -,
"""


def numbers(table: str, column: int) -> dict[str, int]:
    """The calls of a table that the architecture has: name → number."""
    lines = (line for line in table.splitlines() if not line.startswith("#"))
    entries = [entry.split() for entry in " ".join(lines).split(",") if entry.strip()]
    return {name: int(found[column]) for name, *found in entries if found[column] != "-"}
