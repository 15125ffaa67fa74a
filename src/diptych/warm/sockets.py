"""The warm server's socket: private, locked while it is made, and read in whole messages."""

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

MESSAGE = 1 << 20  # bytes: more than a socket passes in one message


@contextlib.contextmanager
def address_of(path: Path) -> Iterator[str]:
    """The socket's address, by way of its directory, which has to be private.

    Through ``/proc`` it is short, however long the path (108 bytes is the limit), and what
    has been checked is what is used.
    """
    with contextlib.suppress(FileExistsError):
        path.parent.mkdir(mode=0o700)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(directory)
        if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
            raise PermissionError(f"{path.parent} must belong to you, and to nobody else (0700)")
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Starting a server and retiring one exclude each other."""
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def refuse_strangers(connection: socket.socket) -> None:
    """Raise :class:`PermissionError` if the other end is another user's."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    if struct.unpack("3i", credentials)[1] != os.getuid():
        raise PermissionError("the other end of the warm server's socket is another user's")


def receive(connection: socket.socket) -> dict[str, Any]:
    """The next message; empty at the end of the connection."""
    try:
        return json.loads(connection.recv(MESSAGE) or "{}")
    except ConnectionResetError:
        return {}


def kill_group(pid: int) -> None:
    """Kill a child and all that it has started; one that is not yet a leader, alone."""
    with contextlib.suppress(ProcessLookupError):
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(pid, signal.SIGKILL)
