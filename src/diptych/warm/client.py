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
import fcntl
import hashlib
import importlib
import importlib.metadata
import json
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from diptych.warm.quiet import QUIET

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

# Variables that are read when the interpreter starts or a module is imported. A child cannot change
# its mind about them, so clients that differ here get different servers. Whole names: a prefix such
# as TF_ would take in a token of Terraform's, and what a server starts with its children can read.
IMPORT_VARIABLES = frozenset(
    (
        *("CUDA_DEVICE_ORDER", "CUDA_HOME", "CUDA_VISIBLE_DEVICES", "GOMP_CPU_AFFINITY", "HOME"),
        *("KERAS_BACKEND", "KERAS_HOME", "KMP_AFFINITY", "KMP_BLOCKTIME", "KMP_DUPLICATE_LIB_OK"),
        *("LANG", "LANGUAGE", "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_NUMERIC"),
        *("LC_TIME", "LD_LIBRARY_PATH", "LD_PRELOAD", "MKL_NUM_THREADS", "MKL_THREADING_LAYER"),
        *("MPLBACKEND", "MPLCONFIGDIR", "NPY_DISABLE_CPU_FEATURES", "NUMEXPR_NUM_THREADS"),
        *("OMP_NUM_THREADS", "OMP_PROC_BIND", "OMP_WAIT_POLICY", "OPENBLAS_NUM_THREADS"),
        *("PYTHONHASHSEED", "PYTHONHOME", "PYTHONIOENCODING", "PYTHONMALLOC", "PYTHONNOUSERSITE"),
        *("PYTHONOPTIMIZE", "PYTHONPATH", "PYTHONUTF8", "PYTHONWARNINGS", "PYTORCH_ALLOC_CONF"),
        *("PYTORCH_CUDA_ALLOC_CONF", "TF_CPP_MAX_VLOG_LEVEL", "TF_CPP_MIN_LOG_LEVEL"),
        *("TF_ENABLE_ONEDNN_OPTS", "TF_FORCE_GPU_ALLOW_GROWTH", "TF_NUM_INTEROP_THREADS"),
        *("TF_NUM_INTRAOP_THREADS", "TF_USE_LEGACY_KERAS", "TF_XLA_FLAGS", "TMPDIR"),
        *("TORCHDYNAMO_DISABLE", "TORCH_HOME", "TORCH_LOGS", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"),
        *("XLA_FLAGS",),
    )
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
    chosen = {name: env[name] for name in sorted(IMPORT_VARIABLES & env.keys())}
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
    # An edited server is another server.
    edited = Path(__file__).with_name("server.py").stat().st_mtime_ns
    identity = [sys.prefix, sys.version, versions, environment, edited]
    key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:16]
    places = (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir())
    place = next(p for p in places if p and os.access(p, os.W_OK))
    return Server(Path(place, f"diptych-{os.getuid()}", key), environment)


class Child:
    """A forked child, with the interface of :class:`subprocess.Popen`.

    ``returncode`` is ``None`` while it runs, then its exit status, or minus the signal
    that ended it. Should the server die, its children are killed: −9, and ``lost``.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, server: Server) -> None:
        self.returncode: int | None = None
        self.lost = False
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
                self.lost = True
                kill_group(self.pid)  # what the child itself had started
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
    with _address(server.path) as address, locked(server.path):
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


# Forks once more, so that the server is nobody's child and leaves no zombie.
_SERVE = """
import os, sys
os.fork() and os._exit(0)
from diptych.warm.server import serve
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


def _receive(connection: socket.socket) -> dict[str, Any]:
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
