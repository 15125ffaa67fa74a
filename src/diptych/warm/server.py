"""The warm server: imports modules, forks for each request, and ends when it has no clients.

Clients start it and send it requests: see :mod:`diptych.warm.client`. It hides no GPU: importing
the frameworks uses none, and a child may need one.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diptych.warm import forked
from diptych.warm.client import GRACE
from diptych.warm.imports import import_all
from diptych.warm.sockets import MESSAGE, kill_group, locked, refuse_strangers


@dataclass
class _Job:
    """A client's connection, and the process id of the child that runs for it, if one does."""

    connection: socket.socket
    pid: int | None = None


def serve(listener_fd: int, path: str, *modules: str) -> None:
    """Import ``modules``, then fork for each request, until there are no clients left.

    ``listener_fd`` is the descriptor of the listening socket, which was made at ``path``.
    """
    if sys.path[0] == "":
        del sys.path[0]
    environment = import_all(modules)
    gc.collect()
    gc.freeze()  # else a garbage collection in a child would copy the memory of what was imported
    selector = selectors.DefaultSelector()
    listener = socket.socket(fileno=listener_fd)
    selector.register(listener, selectors.EVENT_READ)
    while True:
        idle = len(selector.get_map()) == 1
        events = selector.select(GRACE if idle else None)
        if idle and not events and _retire(Path(path), selector):
            return
        for key, _ in events:
            if key.fileobj is listener:
                _accept(listener, selector)
            elif key.fileobj is key.data.connection:
                _attend(key.data, selector, environment)
            else:
                _reap(key.data, key.fileobj, selector)


def _retire(path: Path, selector: selectors.BaseSelector) -> bool:
    """Remove the socket, unless a client has connected in the meantime; whether it was removed."""
    with contextlib.suppress(FileNotFoundError), locked(path):
        if selector.select(0):
            return False
        path.unlink()
    return True


def _accept(listener: socket.socket, selector: selectors.BaseSelector) -> None:
    connection, _ = listener.accept()
    try:
        refuse_strangers(connection)
    except PermissionError:
        connection.close()
    else:
        selector.register(connection, selectors.EVENT_READ, _Job(connection))


def _attend(job: _Job, selector: selectors.BaseSelector, environment: dict[str, str]) -> None:
    """Fork for a client's request; if the client has ended instead, kill its child."""
    message, fds = b"", []
    with contextlib.suppress(ConnectionResetError):
        message, fds, _, _ = socket.recv_fds(job.connection, MESSAGE, 16)
    if message and job.pid is None:
        server = os.getpid()
        try:
            request = json.loads(message)
            request["env"] = {**environment, **request["env"]}
            job.pid = os.fork()
            if job.pid == 0:
                forked.run(request, fds, selector, server)
            selector.register(os.pidfd_open(job.pid), selectors.EVENT_READ, job)
            _tell(job, pid=job.pid)
        except (OSError, ValueError) as error:
            _tell(job, error=f"the warm server cannot fork: {error}")
    elif not message:
        if job.pid is not None:
            kill_group(job.pid)
        selector.unregister(job.connection)
        job.connection.close()
    for fd in fds:
        os.close(fd)


def _reap(job: _Job, pidfd: int, selector: selectors.BaseSelector) -> None:
    """Report the exit status of a child, and kill the processes that it has left behind."""
    kill_group(job.pid)  # before waitpid: until then no other process can get this number
    _, status = os.waitpid(job.pid, 0)
    job.pid = None
    selector.unregister(pidfd)
    os.close(pidfd)
    _tell(job, status=os.waitstatus_to_exitcode(status))


def _tell(job: _Job, **message: Any) -> None:
    with contextlib.suppress(OSError):  # the client may have ended
        job.connection.send(json.dumps(message).encode())
