"""Restricts the system calls of a process, with a seccomp filter: seccomp(2), Linux, 64 bits.

A call that is not listed here fails with EPERM, so new calls of a newer kernel are forbidden until
somebody lists them. Landlock restricts the files; this filter restricts what Landlock does not
cover: chmod, sockets, signals, other processes, and truncation on old kernels.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator

# Names with their numbers on x86_64 and on aarch64 ("-": no such call). FREE calls are allowed with
# any arguments, CHECKED ones only with some.
FREE = """
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69,
pwritev 296 70, pwritev2 328 287, lseek 8 62, close 3 57, close_range 436 436,
dup 32 23, dup2 33 -, dup3 292 24, pipe 22 -, pipe2 293 59, poll 7 -, ppoll 271 73, select 23 -,
pselect6 270 72, epoll_create 213 -, epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -,
epoll_pwait 281 22, epoll_pwait2 441 441, eventfd 284 -, eventfd2 290 19, timerfd_create 283 85,
timerfd_settime 286 86, timerfd_gettime 287 87, recvfrom 45 207, recvmsg 47 212,
shutdown 48 210, getsockname 51 204, getpeername 52 205, getsockopt 55 209,
setsockopt 54 208, sendfile 40 71, splice 275 76, tee 276 77, copy_file_range 326 285,
ftruncate 77 46, fallocate 285 47, fsync 74 82, fdatasync 75 83, sync_file_range 277 84,
stat 4 -, fstat 5 80, lstat 6 -, newfstatat 262 79,
statx 332 291, statfs 137 43, fstatfs 138 44, access 21 -, faccessat 269 48, faccessat2 439 439,
readlink 89 -, readlinkat 267 78, getcwd 79 17, chdir 80 49, fchdir 81 50, getdents 78 -,
getdents64 217 61, mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35,
rename 82 -, renameat 264 38, renameat2 316 276, umask 95 166, munmap 11 215,
mprotect 10 226, mremap 25 216, madvise 28 233, msync 26 227, brk 12 214,
membarrier 324 283, futex 202 98, futex_waitv 449 449, set_robust_list 273 99, rseq 334 293,
set_tid_address 218 96, arch_prctl 158 -, exit 60 93, exit_group 231 94, restart_syscall 219 128,
rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136,
rt_sigsuspend 130 133, rt_sigtimedwait 128 137, sigaltstack 131 132, pause 34 -, alarm 37 -,
setitimer 38 103, getitimer 36 102, timer_create 222 107, timer_settime 223 110,
timer_gettime 224 108, timer_getoverrun 225 109, timer_delete 226 111, nanosleep 35 101,
clock_nanosleep 230 115, clock_gettime 228 113, clock_getres 229 114, gettimeofday 96 169,
time 201 -, times 100 153, getrusage 98 165, sched_yield 24 124, sched_getaffinity 204 123,
sched_getparam 143 121, sched_getscheduler 145 120, sched_get_priority_max 146 125,
sched_get_priority_min 147 126, getpriority 140 141, getcpu 309 168, getpid 39 172,
gettid 186 178, getppid 110 173, getuid 102 174, geteuid 107 175, getgid 104 176,
getegid 108 177, getgroups 115 158, getresuid 118 148, getresgid 120 150, getpgrp 111 -,
getpgid 121 155, getsid 124 156, getrlimit 97 163, sysinfo 99 179, uname 63 160,
getrandom 318 278, wait4 61 260, waitid 247 95, capget 125 90
"""
CHECKED = """
clone 56 220, kill 62 129, tgkill 234 131, ioctl 16 29, fcntl 72 25, prctl 157 167,
prlimit64 302 261, open 2 -, openat 257 56, socketpair 53 199, sendto 44 206,
sched_setaffinity 203 122, mmap 9 222
"""
# These do nothing and report success. Changes of modes and times: an error would break shutil.copy.
# Hints to the kernel's file cache: they outlive a child, and could tell the next one something.
PRETENDED = """
fadvise64 221 223, readahead 187 213,
chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, utime 132 -, utimes 235 -,
futimesat 261 -, utimensat 280 88
"""
# These fail as on an older kernel, which does not have them. Callers then use older calls, whose
# arguments can be checked, or which cannot ask what is in the file cache.
ABSENT = """
preadv2 327 286,
clone3 435 435, openat2 437 437, io_uring_setup 425 425, memfd_create 319 279
"""

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000  # from this number on, calls belong to another ABI

CLONE_THREAD, CLONE_NEW = 0x00010000, 0x7E020080  # CLONE_NEWNS, NEWTIME, NEWCGROUP … NEWNET
# Threads must share their open files: else the watch would not find a deleted file in one thread.
CLONE_FILES = 0x00000400
# Shared anonymous memory does not count for the process any more once its pages are dropped.
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20
# F_DUPFD … F_SETLKW, F_OFD_GETLK … F_OFD_SETLKW, F_DUPFD_CLOEXEC, F_GETPIPE_SZ. Not F_SETOWN, which
# sends signals to others; not F_SETLEASE, which makes others wait when they open a file; not
# F_SETPIPE_SZ, because all pipes of a user share a limit.
FCNTLS = (*range(8), 36, 37, 38, 1030, 1032)
IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS … FIONREAD, FIONBIO, FIO(N)CLEX
PRCTLS = (15, 16, 23, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_SET_VMA
AF_UNIX = 1

# Instructions of classic BPF: bpf(2), linux/filter.h
LOAD, AND, RETURN = 0x20, 0x54, 0x06
EQUAL, AT_LEAST = 0x15, 0x35
ALLOW, ERROR, KILL = 0x7FFF0000, 0x00050000, 0x80000000
NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data

Instruction = tuple[int, int, int, int]


def restrict() -> None:
    """Filter the system calls of this process; this cannot be undone.

    The process must have set ``no_new_privs``. Raises :class:`OSError` if the kernel cannot do it.
    """
    program = b"".join(struct.pack("=HBBI", *each) for each in _program(platform.machine()))
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    set_mode_filter, all_threads = 1, 1
    number = {"x86_64": 317, "aarch64": 277}[platform.machine()]
    if libc.syscall(number, set_mode_filter, all_threads, header):
        raise OSError(ctypes.get_errno(), "seccomp filters are not available")


def _program(machine: str) -> list[Instruction]:
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"there is no list of system calls for {machine}")
    program = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    if machine == "x86_64":
        program += [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, KILL)]
    answers = ((FREE, ALLOW), (PRETENDED, ERROR), (ABSENT, ERROR | errno.ENOSYS))
    for names, answer in answers:
        for number in _numbers(names, machine).values():
            program += [(EQUAL, 0, 1, number), (RETURN, 0, 0, answer)]
    checks = _checks()
    for name, number in _numbers(CHECKED, machine).items():
        check = [*checks[name], (RETURN, 0, 0, ERROR | errno.EPERM)]
        program += [(EQUAL, 0, len(check), number), *check]
    return [*program, (RETURN, 0, 0, ERROR | errno.EPERM)]


def _checks() -> dict[str, Iterator[Instruction]]:
    """For each call in ``CHECKED``, the instructions that allow it with harmless arguments."""
    own = os.getpid()
    return {
        "clone": _masked(0, CLONE_THREAD | CLONE_FILES | CLONE_NEW, CLONE_THREAD | CLONE_FILES),
        "kill": _one_of(0, own),
        "tgkill": _one_of(0, own),
        "ioctl": _one_of(1, *IOCTLS),
        "fcntl": _one_of(1, *FCNTLS),
        "prctl": _one_of(0, *PRCTLS),
        "prlimit64": _one_of(0, 0, own),
        "open": _not_masked(1, os.O_TRUNC | os.O_ACCMODE, os.O_TRUNC),
        "openat": _not_masked(2, os.O_TRUNC | os.O_ACCMODE, os.O_TRUNC),
        "socketpair": _one_of(0, AF_UNIX),
        "sendto": _one_of(5, 0),  # without an address: with one, a datagram could reach any socket
        "sched_setaffinity": _one_of(0, 0),
        "mmap": _not_masked(3, MAP_SHARED | MAP_ANONYMOUS, MAP_SHARED | MAP_ANONYMOUS),
    }


def _numbers(names: str, machine: str) -> dict[str, int]:
    column = 1 + list(ARCHITECTURES).index(machine)
    rows = [row.split() for row in names.split(",")]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


# Each check returns ALLOW, or continues with the next instruction. It reads the lower half of an
# argument, because all these arguments have 32 bits.


def _argument(index: int) -> Instruction:
    return (LOAD, 0, 0, 16 + 8 * index)


def _one_of(index: int, *allowed: int) -> Iterator[Instruction]:
    yield _argument(index)
    for value in allowed:
        yield from ((EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW))


def _masked(index: int, mask: int, allowed: int) -> Iterator[Instruction]:
    yield from (_argument(index), (AND, 0, 0, mask), (EQUAL, 0, 1, allowed), (RETURN, 0, 0, ALLOW))


def _not_masked(index: int, mask: int, refused: int) -> Iterator[Instruction]:
    yield from (_argument(index), (AND, 0, 0, mask), (EQUAL, 1, 0, refused), (RETURN, 0, 0, ALLOW))
