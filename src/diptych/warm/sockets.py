"""The warm server's socket: in a private directory, locked while a server starts or ends."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MESSAGE = 1 << 20  # bytes: larger than any message that a socket accepts


@contextlib.contextmanager
def address_of(path: Path) -> Iterator[str]:
    """The address of the socket at ``path``, whose directory must be private.

    The address leads through ``/proc/self/fd``. So it is short (the limit is 108 bytes), however
    long the path is, and the directory that is used is the one that has been checked.

    Raises :class:`PermissionError` if other users can enter the directory.
    """
    with contextlib.suppress(FileExistsError):
        path.parent.mkdir(mode=0o700)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(directory)
        if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
            raise PermissionError(
                f"{path.parent} must belong to you, and other users must not enter it (chmod 700)"
            )
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of the server at ``path``: one server starts or ends at a time."""
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def refuse_strangers(connection: socket.socket) -> None:
    """Raise :class:`PermissionError` if the process at the other end is another user's."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    if struct.unpack("3i", credentials)[1] != os.getuid():
        raise PermissionError(
            "another user's process is at the other end of the warm server's socket"
        )


def receive(connection: socket.socket) -> dict[str, Any]:
    """The next message; an empty one if the connection is closed."""
    try:
        return json.loads(connection.recv(MESSAGE) or "{}")
    except ConnectionResetError:
        return {}


def kill_group(pid: int) -> None:
    """Kill a child and its process group; the child alone if it does not lead a group yet."""
    with contextlib.suppress(ProcessLookupError):
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(pid, signal.SIGKILL)
