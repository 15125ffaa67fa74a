"""The files of a sandboxed process, by Landlock: landlock(7), Linux 5.13 and later.

Nothing is open to it but what is granted here. A grant of a folder covers all below it, and
Landlock cannot take parts away again: :func:`without` finds what lies around a closed part.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

# Of the kernel's first version, which knows 13 rights; later ones add to them.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << n for n in range(6))
MAKE_DIR, MAKE_REG = 1 << 7, 1 << 8
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
RIGHTS = {1: (1 << 13) - 1, 2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

READ = EXECUTE | READ_FILE | READ_DIR  # EXECUTE: for libraries; there is no execve
CHANGE = READ_FILE | READ_DIR | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG
CHANGE |= REFER | TRUNCATE

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
BIND_AND_CONNECT, ABSTRACT_SOCKETS_AND_SIGNALS = 3, 3


def version() -> int:
    """The version of the kernel's Landlock; 0 where there is none, or where it is switched off."""
    return max(0, _libc().syscall(CREATE_RULESET, None, 0, 1))


def restrict(grants: Iterable[tuple[Path, int]]) -> None:
    """Close every file to this thread that is not granted, and the network with it, for ever.

    Raises :class:`OSError` where the kernel cannot. Grants of what does not exist are left out.
    The process must have set ``no_new_privs``.
    """
    has = version()
    handled = sum(rights for since, rights in RIGHTS.items() if since <= has)
    # Later fields are ignored where they are zero, and must be where the kernel is older.
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
    """The largest files and folders that make up ``folder``, less what is ``closed``."""
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
        raise OSError(ctypes.get_errno(), "Landlock cannot be had")
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
