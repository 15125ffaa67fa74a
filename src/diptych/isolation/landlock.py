"""Restricts the files that a process can open, with Landlock: landlock(7), since Linux 5.13.

Only what is granted can be opened. A grant of a folder covers everything in it, and Landlock cannot
exclude a part again, so :func:`without` lists the folders around an excluded part.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

# Rights of Landlock's first version, which has 13; later versions add more.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << n for n in range(6))
MAKE_DIR, MAKE_REG = 1 << 7, 1 << 8
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
RIGHTS = {1: (1 << 13) - 1, 2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}  # those that a version adds
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

READ = EXECUTE | READ_FILE | READ_DIR  # EXECUTE is for libraries; seccomp forbids execve
CHANGE = READ_FILE | READ_DIR | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG
CHANGE |= REFER | TRUNCATE

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
BIND_AND_CONNECT, ABSTRACT_SOCKETS_AND_SIGNALS = 3, 3


def version() -> int:
    """The version of the kernel's Landlock; 0 if the kernel has none, or if it is switched off."""
    return max(0, _libc().syscall(CREATE_RULESET, None, 0, 1))


def restrict(grants: Iterable[tuple[Path, int]]) -> None:
    """Let this thread open only the files that are granted, and no network connection.

    ``grants`` are paths, each with its rights; a path that does not exist is left out. This cannot
    be undone. The process must have set ``no_new_privs``. Raises :class:`OSError` if the kernel
    cannot do it.
    """
    has = version()
    handled = sum(rights for since, rights in RIGHTS.items() if since <= has)
    # An older kernel ignores the later fields if they are zero, and accepts nothing else.
    attributes = struct.pack(
        "QQQ",
        handled,
        BIND_AND_CONNECT if has >= 4 else 0,
        ABSTRACT_SOCKETS_AND_SIGNALS if has >= 6 else 0,
    )
    ruleset = _call(CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path, rights in grants:
            try:
                fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue
            rights &= handled if path.is_dir() else handled & OF_FILES
            _call(ADD_RULE, ruleset, 1, struct.pack("=Qi", rights, fd), 0)
            os.close(fd)
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def without(folder: Path, closed: Iterable[Path]) -> Iterator[Path]:
    """The largest files and folders that together are ``folder`` without the ``closed`` parts."""
    inside = [path for path in closed if path.is_relative_to(folder)]
    if folder in inside:
        return
    if not inside:
        yield folder
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            yield from without(folder / entry.name, inside)


def _call(number: int, *arguments: object) -> int:
    result = _libc().syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock is not available")
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
