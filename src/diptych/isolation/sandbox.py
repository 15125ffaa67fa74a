"""The sandbox in which a submission runs: what it may do is listed, everything else is not there.

The floor, which Linux gives ordinary users since 5.13: Landlock closes the files, a seccomp filter
the system calls, resource limits and ``no_new_privs`` the rest. No other process can be started,
signalled or looked into, no socket opened; the interpreter's libraries can be read, and a folder of
the submission's own be written to. Where the kernel gives namespaces as well, that folder is
in memory and the network is an empty one: walls behind the walls.

Time, memory, threads and files are also watched from outside (:mod:`diptych.isolation.watch`).
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import signal
import site
import struct
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.isolation import landlock, seccomp

REFUSED = 97  # the exit status of a child that cannot enter

# What libraries read of the machine: how to load others, the time zone, processors and memory.
SYSTEM = (
    *("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64", "/usr/share/zoneinfo"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/usr/share/fonts", "/etc/fonts"),
    *(
        "/proc/cpuinfo",
        "/proc/meminfo",
        "/proc/stat",
        "/proc/filesystems",
        "/proc/self",
        "/sys/devices/system",
    ),
    # Not /dev/zero: mapped and shared, it is memory that is not seen in the process.
    *("/dev/urandom", "/dev/random"),
)
FILE = 64 << 20  # bytes of one file
FOLDER = 256 << 20  # bytes of the folder, where it lies in memory
ENTRIES = 5000
OPEN = 256  # files
THREADS = 4096  # more than the user has already: the last line, behind the one that is measured

# unshare(2)
CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
NEW_NAMESPACES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS
NEW_NAMESPACES |= CLONE_NEWIPC | CLONE_NEWNET
# mount(2)
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 1 << 14, 1 << 18
# prctl(2)
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
# capset(2): the header's version 3, and three words for each half of the sets
CAPABILITY_VERSION_3, CAPABILITY_WORDS = 0x20080522, 6


@dataclass(frozen=True)
class Rules:
    """What a child may have: ``seconds`` of processor time, and namespaces or only the floor.

    ``closed`` are folders that it must not see, should they lie among the libraries.
    """

    seconds: float
    namespaces: bool
    closed: tuple[str, ...] = ()


def enter(rules: Rules, keep: Sequence[int]) -> None:
    """Give up everything but the working directory, the libraries, and the ``keep`` descriptors.

    For ever, and for all that this process does. Raises :class:`OSError` where the kernel cannot;
    the process must then end, for it may have given up a part.
    """
    if len(os.listdir("/proc/self/task")) != 1:
        raise OSError("other threads would stay outside the sandbox")
    _close_all_but(keep)
    folder = Path.cwd()
    if rules.namespaces:
        _separate(folder)
    _limit(rules.seconds)
    _libc("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # unshare has taken it away
    closed = [Path(each) for each in rules.closed]
    libraries = [part for root in _libraries() for part in landlock.without(root, closed)]
    landlock.restrict(
        [
            *((path, landlock.READ) for path in libraries),
            (Path("/dev/null"), landlock.READ_FILE | landlock.WRITE_FILE),
            (folder, landlock.CHANGE),
        ]
    )
    _drop_capabilities()
    seccomp.restrict()


def probe(namespaces: bool) -> int:
    """In a child: whether the sandbox can be entered, as an exit status."""
    return guarded(Rules(60.0, namespaces), (0, 1, 2))


def guarded(rules: Rules, keep: Sequence[int]) -> int:
    """:func:`enter`, with an exit status in place of an error: 0, or ``REFUSED``."""
    try:
        enter(rules, keep)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.write(2, f"{error}\n".encode())
        return REFUSED
    return 0


def closed() -> tuple[str, ...]:
    """The package itself, wherever it is installed: it holds what is right."""
    return (os.path.realpath(Path(__file__).parents[1]),)


def _libraries() -> Iterator[Path]:
    paths = {*SYSTEM, *site.getsitepackages()}
    paths |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    if site.ENABLE_USER_SITE:
        paths.add(site.getusersitepackages())
    for prefix in (sys.base_prefix, sys.base_exec_prefix):
        paths.add(os.path.join(prefix, "lib"))
    # Those of other environments that a .pth file adds; no folder of anybody's own.
    paths |= {path for path in sys.path if path.endswith(("/site-packages", "/dist-packages"))}
    return (Path(os.path.realpath(path)) for path in sorted(paths) if os.path.exists(path))


def _close_all_but(keep: Sequence[int]) -> None:
    for fd in map(int, os.listdir("/proc/self/fd")):
        if fd not in keep:
            with contextlib.suppress(OSError):  # the listing's own
                os.close(fd)


def _separate(folder: Path) -> None:
    """Namespaces of its own; the folder becomes one in memory, which ends with the process."""
    user, group = os.getuid(), os.getgid()
    _libc("unshare", NEW_NAMESPACES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _libc("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    options = f"size={FOLDER},nr_inodes={ENTRIES},mode=700".encode()
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    _libc("mount", b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options)
    os.chdir(folder)


def _limit(seconds: float) -> None:
    with contextlib.suppress(OSError):  # should memory run out, this process is the first to go
        Path("/proc/self/oom_score_adj").write_text("1000")
    processor = math.ceil(seconds) + 1
    limits = {
        resource.RLIMIT_CPU: (processor, processor + 1),
        resource.RLIMIT_FSIZE: FILE,
        resource.RLIMIT_NOFILE: OPEN,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NPROC: _threads_of_user() + THREADS,
    }
    for what, most in limits.items():
        wanted = most if isinstance(most, tuple) else (most, most)
        hard = resource.getrlimit(what)[1]
        if hard != resource.RLIM_INFINITY:
            wanted = tuple(min(each, hard) for each in wanted)
        resource.setrlimit(what, wanted)


def _threads_of_user() -> int:
    found, user = 0, os.getuid()
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            if entry.name.isdigit() and entry.stat().st_uid == user:
                found += len(os.listdir(f"/proc/{entry.name}/task"))
    return found


def _drop_capabilities() -> None:
    """None at all, not even root's, for this thread."""
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    _libc("capset", header, struct.pack(f"{CAPABILITY_WORDS}I", *[0] * CAPABILITY_WORDS))


def _libc(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments):
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
