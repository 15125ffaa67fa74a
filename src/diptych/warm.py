"""The warm server: one process that has imported the frameworks, and forks on request.

Importing PyTorch and TensorFlow takes seconds, a fork takes milliseconds. A client
calls :func:`spawn` with the name of a function; the first one starts the server, the
rest join it. Each process that has called :func:`spawn` holds a *lease*, a connection
that ends with the process; without leases and children the server exits, so it cannot
outlive its clients, however they end. Linux only.

The server imports and never computes: where the parent has run a single op of either
framework, the first op of a forked child hangs. It never imports ``diptych.components``
either, so that no child holds an answer.

    >>> child = spawn("os.path:exists", ["/"])
    >>> child.wait()
    1
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import hashlib
import importlib
import importlib.metadata
import json
import os
import random
import selectors
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

# What a notebook would import, IPython's kernel included. torch._dynamo is what the first
# step of a torch optimizer imports. Not matplotlib_inline's backend: importing it is what
# ties it to the running shell, and only a kernel has one.
MODULES = (
    "numpy",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "torch",
    "torch._dynamo",
    "tensorflow",
    "keras",
)
PACKAGES = (
    *("ipykernel", "ipython", "keras", "matplotlib", "numpy", "pyzmq", "tensorflow"),
    *("tensorflow-cpu", "torch", "tornado"),
)

# TensorFlow logs to stderr on import without these two. No device is hidden: importing
# touches none, and a child may want the GPU.
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}

# Variables that are read when the interpreter starts or a module is imported, by prefix. A
# child cannot change its mind about them, so clients that differ here get different servers.
IMPORT_VARIABLES = (
    *("CUDA", "GOMP", "HOME", "KERAS", "KMP", "LANG", "LC_", "LD_", "MKL", "MPL", "NPY"),
    *("NUMPY", "OMP", "OPENBLAS", "PYTHON", "PYTORCH", "TF_", "TMPDIR", "TORCH"),
    *("XDG_CACHE", "XDG_CONFIG", "XLA"),
)

GRACE = 1.5  # seconds that a server without leases and children waits for the next client
START = 180  # seconds in which a server has to answer, its imports included
MESSAGE = 1 << 20  # bytes: more than a socket passes in one message


class Server(NamedTuple):
    """Where a server listens, and what it imports in which environment."""

    path: Path
    environment: Mapping[str, str]
    modules: tuple[str, ...] = MODULES


def import_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The part of ``env`` that imports depend on, quiet unless it says otherwise."""
    chosen = {name: env[name] for name in sorted(env) if name.startswith(IMPORT_VARIABLES)}
    return {**QUIET, **chosen}


def shared_server(env: Mapping[str, str] | None = None) -> Server:
    """The server that this user's processes share.

    It goes by the Python environment, the versions of what is installed there, and the
    variables in ``env`` that imports depend on.
    """
    environment = import_environment(os.environ if env is None else env)
    versions = {}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    # The file's own time: an edited server is another server.
    identity = [sys.prefix, sys.version, versions, environment, Path(__file__).stat().st_mtime_ns]
    key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:16]
    places = (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir())
    place = next(p for p in places if p and os.access(p, os.W_OK))
    return Server(Path(place, f"diptych-{os.getuid()}", key), environment)


# ---------------------------------------------------------------------------- the client


class Child:
    """A forked child, with the interface of :class:`subprocess.Popen`.

    ``returncode`` is ``None`` while it runs, then its exit status, or minus the signal
    that ended it. Should the server die, its children are killed: −9.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, server: Server) -> None:
        self.returncode: int | None = None
        self._connection = connection
        connection.settimeout(START)
        reply = _receive(connection)
        if "pid" not in reply:
            ended = f"the warm server ended before it answered: see {server.path}.log"
            raise ConnectionError(reply.get("error", ended))
        self.pid: int = reply["pid"]

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raise :class:`subprocess.TimeoutExpired` after ``timeout`` seconds."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                reply = _receive(self._connection)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from None
            if "status" not in reply:
                _kill_group(self.pid)  # what the child itself had started
            self.returncode = reply.get("status", -signal.SIGKILL)
            self._connection.close()
        return self.returncode

    def poll(self) -> int | None:
        """The return code, or ``None`` while the child runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


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

    ``args`` (JSON) are the function's arguments. ``cwd`` and ``env`` are those of this
    process unless given. The first three ``fds`` become the child's standard streams; the
    function gets the numbers of any others after its arguments. What it returns is the
    exit status (``None`` for 0); an exception is printed to stderr and makes it 1.

    The child leads a session and a process group of its own, which ends with it, with
    the server, and with this process.

    Raises :class:`PermissionError` where the socket's directory is not private, and other
    kinds of :class:`OSError` where the server does not start or cannot fork.
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
    """Keep the server alive until this process ends, or :func:`release`."""
    with _leasing:
        held = _connect(server)
        _drop(server)  # it may have been the lease of a server that was killed
        _leases[server.path] = held.detach()


def release(server: Server) -> None:
    """Give up this process's lease: the server may end before the process does."""
    with _leasing:
        _drop(server)


def _drop(server: Server) -> None:
    if server.path in _leases:
        os.close(_leases.pop(server.path))


def _connect(server: Server) -> socket.socket:
    """A connection to the server, which is started if there is none."""
    with _address(server.path) as address, _locked(server.path):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            try:
                connection.connect(address)
            except (FileNotFoundError, ConnectionRefusedError):
                _start(server, address)
                connection.connect(address)
            _refuse_strangers(connection)
        except BaseException:
            connection.close()
            raise
        return connection


# Forks once more, so that the server is nobody's child and leaves no zombie.
_SERVE = """
import os, sys
os.fork() and os._exit(0)
from diptych.warm import serve
serve(int(sys.argv[1]), *sys.argv[2:])
"""


def _start(server: Server, address: str) -> None:
    """Start a server, in the place of one that was killed if need be.

    The socket is made here and handed over, so that the first clients can connect at once
    and wait in its queue until the imports are done.
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


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
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
def _locked(path: Path) -> Iterator[None]:
    """Starting a server and retiring one exclude each other."""
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _refuse_strangers(connection: socket.socket) -> None:
    """Raise :class:`PermissionError` if the other end is another user's."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    if struct.unpack("3i", credentials)[1] != os.getuid():
        raise PermissionError("the other end of the warm server's socket is another user's")


def _receive(connection: socket.socket) -> dict[str, Any]:
    """The next message; empty at the end of the connection."""
    try:
        return json.loads(connection.recv(MESSAGE) or "{}")
    except ConnectionResetError:
        return {}


def _kill_group(pid: int) -> None:
    """Kill a child and all that it has started; one that is not yet a leader, alone."""
    with contextlib.suppress(ProcessLookupError):
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(pid, signal.SIGKILL)


# ---------------------------------------------------------------------------- the server


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
    sys.ps1 = "In : "  # where TensorFlow logs to depends on its being imported interactively
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    del sys.ps1
    return {name: os.environ[name] for name in os.environ.keys() - before}


def _retire(path: Path, selector: selectors.BaseSelector) -> bool:
    """Take the socket away, unless a client has come in the meantime."""
    with contextlib.suppress(FileNotFoundError), _locked(path):
        if selector.select(0):
            return False
        path.unlink()
    return True


def _accept(listener: socket.socket, selector: selectors.BaseSelector) -> None:
    connection, _ = listener.accept()
    try:
        _refuse_strangers(connection)
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
            _kill_group(job.pid)
        selector.unregister(job.connection)
        job.connection.close()
    for fd in fds:
        os.close(fd)


def _reap(job: _Job, pidfd: int, selector: selectors.BaseSelector) -> None:
    """Report the exit of a child, and kill what it leaves behind."""
    _kill_group(job.pid)  # not yet waited for, so the number is still its own
    _, status = os.waitpid(job.pid, 0)
    job.pid = None
    selector.unregister(pidfd)
    os.close(pidfd)
    _tell(job, status=os.waitstatus_to_exitcode(status))


def _tell(job: _Job, **message: Any) -> None:
    with contextlib.suppress(OSError):  # the client may be gone
        job.connection.send(json.dumps(message).encode())


# ----------------------------------------------------------------------------- the child


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
    # Read anew, so that a kernel sees the package as it is now.
    for name in [name for name in sys.modules if name.partition(".")[0] == "diptych"]:
        del sys.modules[name]
