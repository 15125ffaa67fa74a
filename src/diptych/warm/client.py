"""Starts children of the warm server, a process that has imported the frameworks. Linux only.

Importing PyTorch and TensorFlow takes seconds, a fork takes milliseconds. A client
calls :func:`spawn` with the name of a function. The first client starts the server, the
others share it. Each process that has called :func:`spawn` holds a *lease*, a connection
that is closed when the process ends. A server without leases and children exits, so it
cannot outlive its clients, however they end.

The server imports and never computes: if the parent has run a single operation of either
framework, the first operation of a forked child hangs. It never imports
``diptych.components`` either, so that no child holds an answer.

    >>> child = spawn("os.path:exists", ["/"])
    >>> child.wait()
    1
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from diptych.warm.child import Child
from diptych.warm.identity import Server, shared_server
from diptych.warm.quiet import QUIET
from diptych.warm.sockets import MESSAGE, address_of, locked, refuse_strangers

GRACE = 1.5  # seconds that a server without leases and children waits for the next client


def spawn(
    entry: str,
    args: Sequence[Any] = (),
    *,
    cwd: str | os.PathLike | None = None,
    env: Mapping[str, str] | None = None,
    fds: Sequence[int] = (0, 1, 2),
    server: Server | None = None,
) -> Child:
    """Call ``entry``, written ``"module:function"``, in a fork of the server.

    ``args`` are the function's arguments, as JSON can hold them. ``cwd`` and ``env`` are
    this process's unless given. The first three ``fds`` become the child's standard
    streams; the function gets the numbers of all others after its arguments. The function
    returns the exit status (``None`` for 0); an exception is printed to stderr, and the
    status is 1.

    The child leads its own session and process group. The whole group is killed when the
    child, the server or this process ends.

    Raises :class:`PermissionError` if the socket's directory is not private, and other
    kinds of :class:`OSError` if the server does not start or cannot fork.
    """
    env = {**QUIET, **(os.environ if env is None else env)}
    server = server or shared_server(env)
    request = {"entry": entry, "args": list(args), "cwd": os.path.abspath(cwd or "."), "env": env}
    _lease(server)
    connection = _connect(server)
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MESSAGE)
        socket.send_fds(connection, [json.dumps(request).encode()], list(fds))
        return Child(connection, server)
    except BaseException:
        connection.close()
        raise


_leases: dict[Path, int] = {}
_leasing = threading.Lock()


def _lease(server: Server) -> None:
    """Keep the server alive until this process ends or calls :func:`release`."""
    with _leasing:
        held = _connect(server)
        _drop(server)  # the old lease may belong to a server that was killed
        _leases[server.path] = held.detach()


def release(server: Server) -> None:
    """Give up this process's lease: the server may end before the process does."""
    with _leasing:
        _drop(server)


def _drop(server: Server) -> None:
    if server.path in _leases:
        os.close(_leases.pop(server.path))


def _connect(server: Server) -> socket.socket:
    """A connection to the server, which is started if it is not running."""
    with address_of(server.path) as address, locked(server.path):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            try:
                connection.connect(address)
            except (FileNotFoundError, ConnectionRefusedError):
                _start(server, address)
                connection.connect(address)
            refuse_strangers(connection)
        except BaseException:
            connection.close()
            raise
        return connection


# Forks once more, so that the server is no child of this process and leaves no zombie.
_SERVE = """
import os, sys
os.fork() and os._exit(0)
from diptych.warm.server import serve
serve(int(sys.argv[1]), *sys.argv[2:])
"""


def _start(server: Server, address: str) -> None:
    """Start a server; the socket of one that was killed is replaced.

    The socket is made here and passed to the server, so that the first clients can connect
    at once, and wait in its queue until the imports are done.
    """
    path = server.path
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(address)
        listener.listen(128)
        with open(f"{path}.log", "w") as log:
            subprocess.run(
                [sys.executable, "-c", _SERVE, str(listener.fileno()), path, *server.modules],
                cwd="/",
                env=dict(server.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[listener.fileno()],
                start_new_session=True,
                check=True,
            )
