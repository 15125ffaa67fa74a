"""The server: imports, forks on request, ends with its clients (:mod:`diptych.warm.client`).

No device is hidden from it: importing touches none, and a child may want the GPU.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import random
import selectors
import signal
import socket
import sys
import tempfile
import time
import traceback
import types
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from diptych.warm.client import GRACE
from diptych.warm.sockets import MESSAGE, kill_group, locked, refuse_strangers


@dataclass
class _Job:
    """One client's connection, and the child that it asked for while that runs."""

    connection: socket.socket
    pid: int | None = None


class _LateStream:
    """Stands for ``sys.stdout`` or ``sys.stderr`` while modules are imported.

    Log handlers keep the stream that they find on import. With this one they write to
    whatever the stream is later: in a kernel, to the notebook.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        stream = getattr(sys, self._name)
        stream = getattr(sys, f"__{self._name}__") if stream is self else stream
        return getattr(stream, attribute)

    def close(self) -> None:
        """Log handlers may be closed; the stream is not theirs."""


def serve(listener_fd: int, path: str, *modules: str) -> None:
    """Import ``modules``, then fork for each request, until there are no clients left."""
    if sys.path[0] == "":
        del sys.path[0]
    environment = _import(modules)
    gc.collect()
    gc.freeze()  # the children's collections need not copy what was imported
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


def _import(modules: Sequence[str]) -> dict[str, str]:
    """Import what is installed of ``modules`` as a notebook would; return what that adds to
    the environment."""
    before = set(os.environ)
    sys.stdout, sys.stderr = _LateStream("stdout"), _LateStream("stderr")
    # Children read the package anew, so that a kernel sees it as it is now. Forgotten here, once:
    # a child that goes through all its modules copies the memory that holds them.
    for name in [name for name in sys.modules if name.partition(".")[0] == "diptych"]:
        del sys.modules[name]
    sys.ps1 = "In : "  # where TensorFlow logs to depends on its being imported interactively
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    del sys.ps1
    return {name: os.environ[name] for name in os.environ.keys() - before}


def _retire(path: Path, selector: selectors.BaseSelector) -> bool:
    """Take the socket away, unless a client has come in the meantime."""
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
    """Take a client's request, or notice that the client is gone and kill its child."""
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
                _run(request, fds, selector, server)
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
    """Report the exit of a child, and kill what it leaves behind."""
    kill_group(job.pid)  # not yet waited for, so the number is still its own
    _, status = os.waitpid(job.pid, 0)
    job.pid = None
    selector.unregister(pidfd)
    os.close(pidfd)
    _tell(job, status=os.waitstatus_to_exitcode(status))


def _tell(job: _Job, **message: Any) -> None:
    with contextlib.suppress(OSError):  # the client may be gone
        job.connection.send(json.dumps(message).encode())


# The child


def _run(
    request: dict[str, Any], fds: list[int], selector: selectors.BaseSelector, server: int
) -> NoReturn:
    """Become the process that was asked for, call its function, and exit."""
    status = 1
    try:
        _detach(fds, selector, server)
        _look_cold(request["env"], request["cwd"])
        module, _, function = request["entry"].partition(":")
        entry = getattr(importlib.import_module(module), function)
        status = int(entry(*request["args"], *fds[3:]) or 0)
    except SystemExit as end:
        status = end.code or 0
        if not isinstance(status, int):
            print(status, file=sys.stderr)
            status = 1
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(status & 0xFF)


def _detach(fds: list[int], selector: selectors.BaseSelector, server: int) -> None:
    """Cut all ties with the server but one: a child dies with it."""
    os.setsid()
    parent_death_signal = 1  # PR_SET_PDEATHSIG, prctl(2)
    ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)
    for key in list(selector.get_map().values()):
        os.close(key.fd) if isinstance(key.fileobj, int) else key.fileobj.close()
    selector.close()
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if callable(signal.getsignal(number)) or number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number, fd in enumerate(fds[:3]):
        os.dup2(fd, number)
        os.close(fd)
    for fd in fds[3:]:
        os.set_inheritable(fd, False)


def _look_cold(env: dict[str, str], cwd: str) -> None:
    """Undo what a fresh interpreter with this environment would not have, modules apart."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    time.tzset()
    tempfile.tempdir = None
    random.seed()
    np.random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.seed()
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    sys.modules["__main__"] = types.ModuleType("__main__")
