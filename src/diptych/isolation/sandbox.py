"""The sandbox in which a submission runs: it allows what is listed, and refuses everything else.

Every Linux since 5.13 lets ordinary users do this: Landlock restricts the files, a seccomp filter
the system calls, and resource limits the rest. A submission cannot start, signal or inspect another
process, nor open a socket. It can read the interpreter's libraries, and write to its own folder.
Where the kernel allows namespaces as well, they are a second protection: that folder is then in
memory, and the network is empty.

The grader watches time, memory, threads and files from outside, too
(:mod:`diptych.isolation.watch`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import site
import struct
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.isolation import landlock, libc, namespaces, rlimits, seccomp

REFUSED = 97  # the exit status of a child that cannot enter

# What libraries read of the system: other libraries, the time zone, processors and memory, fonts.
SYSTEM = (
    *("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64", "/usr/share/zoneinfo"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/usr/share/fonts", "/etc/fonts"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/proc/self"),
    "/sys/devices/system",
    # Not /dev/zero: the kernel does not count a shared mapping of it as the process's memory.
    *("/dev/urandom", "/dev/random"),
)

# prctl(2)
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
# capset(2): version 3 of the header, then three words for each half of the capability sets
CAPABILITY_VERSION_3, CAPABILITY_WORDS = 0x20080522, 6


@dataclass(frozen=True)
class Rules:
    """What a child may use: ``seconds`` of processor time, and ``namespaces`` or none.

    ``closed`` are folders that it must not see, even if they are among the libraries.
    """

    seconds: float
    namespaces: bool
    closed: tuple[str, ...] = ()


def enter(rules: Rules, keep: Sequence[int]) -> None:
    """Give up everything but the working directory, the libraries, and the descriptors ``keep``.

    This cannot be undone. Raises :class:`OSError` if the kernel cannot do it; the process must then
    end, because it may have given up a part.
    """
    if len(os.listdir("/proc/self/task")) != 1:
        raise OSError("other threads would stay outside the sandbox")
    _close_all_but(keep)
    folder = Path.cwd()
    if rules.namespaces:
        namespaces.separate(folder)
    rlimits.restrict(rules.seconds)
    libc.call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # unshare has removed it
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
    """Run in a child: whether it can enter the sandbox, as an exit status (0: it can)."""
    return guarded(Rules(60.0, namespaces), (0, 1, 2))


def guarded(rules: Rules, keep: Sequence[int]) -> int:
    """:func:`enter`; returns 0, or ``REFUSED`` in place of an error, which is printed."""
    try:
        enter(rules, keep)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.write(2, f"{error}\n".encode())
        return REFUSED
    return 0


def closed() -> tuple[str, ...]:
    """The folders that no child may see: this package, because it holds the expected answers."""
    return (os.path.realpath(Path(__file__).parents[1]),)


def _libraries() -> Iterator[Path]:
    paths = {*SYSTEM, *site.getsitepackages()}
    paths |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    if site.ENABLE_USER_SITE:
        paths.add(site.getusersitepackages())
    for prefix in (sys.base_prefix, sys.base_exec_prefix):
        paths.add(os.path.join(prefix, "lib"))
    # A .pth file can add the packages of another environment; other folders stay closed.
    paths |= {path for path in sys.path if path.endswith(("/site-packages", "/dist-packages"))}
    return (Path(os.path.realpath(path)) for path in sorted(paths) if os.path.exists(path))


def _close_all_but(keep: Sequence[int]) -> None:
    for fd in map(int, os.listdir("/proc/self/fd")):
        if fd not in keep:
            with contextlib.suppress(OSError):  # listdir's own descriptor is closed already
                os.close(fd)


def _drop_capabilities() -> None:
    """Give up all capabilities of this thread, also root's."""
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    libc.call("capset", header, struct.pack(f"{CAPABILITY_WORDS}I", *[0] * CAPABILITY_WORDS))
