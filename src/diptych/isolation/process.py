"""One child of the warm server: how it is started, asked, watched and ended."""

from __future__ import annotations

import contextlib
import hashlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from diptych.isolation import sandbox, wire
from diptych.isolation.clock import Clock
from diptych.isolation.folders import own_folder, remove
from diptych.isolation.watch import Watch, resident
from diptych.warm import client, identity
from diptych.warm.child import Child

PACKAGE = Path(__file__).parents[1]
CHILD = "diptych.isolation.child"
POLL = 0.05  # seconds between looks at clock and memory
# All of the instructor's environment that a child gets: where programs and libraries are found, and
# the language. The rest may hold what students should not have.
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH")
# No shared state may differ between two runs: neither threads, nor the order of sets. Keras's own
# settings file may choose another backend. What is compiled would need a compiler, which the
# sandbox does not start.
SETTINGS = {
    **{"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"},
    **{"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
    **{"KERAS_BACKEND": "tensorflow", "TORCHDYNAMO_DISABLE": "1"},
}


@dataclass(frozen=True)
class Place:
    """Where a batch's children come from, the folder in which they get theirs, and the rules of
    their sandbox, if there is one."""

    server: identity.Server
    folder: Path
    rules: sandbox.Rules | None

    @property
    def isolation(self) -> str:
        """What keeps the children from everything else, for the report."""
        if not self.rules:
            return "none"
        return "sandbox, with namespaces" if self.rules.namespaces else "sandbox"


class Ended(Exception):
    """The child can no longer be asked; ``status`` says how it ended."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Stopped(Exception):
    """The batch is being stopped."""


class NoSandbox(OSError):
    """The kernel does not give what the sandbox is made of."""


@contextlib.contextmanager
def place(
    store: Path, *, isolation: str, seconds: float, closed: Sequence[Path] = ()
) -> Iterator[Place]:
    """The warm server of one store, and its folder for the children; both end with this.

    With the ``isolation`` "sandbox", children have ``seconds`` of processor time and see nothing of
    the ``closed`` folders; raises :class:`NoSandbox` where that cannot be had.
    """
    shared = identity.shared_server(_kept() | SETTINGS)
    key = hashlib.sha256(os.fsencode(store.resolve())).hexdigest()[:16]
    name = f"{shared.path.name}-{key}"
    folder = shared.path.with_name(f"{name}.children")
    # What children run is imported as well: an edited package has another server.
    edited = max(file.stat().st_mtime_ns for file in PACKAGE.rglob("*.py"))
    path = shared.path.with_name(f"{name}-{edited:x}")
    server = shared._replace(path=path, modules=(*shared.modules, CHILD))
    remove(folder)  # of a grader that was killed
    server.path.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        rules = None
        if isolation != "none":
            hidden = (*sandbox.closed(), *(os.path.realpath(each) for each in closed))
            rules = sandbox.Rules(seconds, _namespaces(server, folder), hidden)
        yield Place(server, folder, rules)
    finally:
        client.release(server)
        remove(folder)


def _namespaces(server: identity.Server, folder: Path) -> bool:
    """Whether children get namespaces; raises :class:`NoSandbox` where there is no sandbox."""
    for namespaces in (True, False):
        with own_folder(folder) as home, open(f"{home}/why", "w+b") as why:
            streams = (why.fileno(),) * 3
            entry, args, status = "diptych.isolation.sandbox:probe", [namespaces], -1
            for _ in range(5):
                if status < 0:  # killed, which says nothing of the kernel
                    status = _spawn(server, entry, args, home, streams).wait(identity.START)
            if status == 0:
                return namespaces
            why.seek(0)
            reason = why.read(500).decode("utf-8", "replace").strip()
    raise NoSandbox(
        f"there is no sandbox here ({reason}). It needs Linux 5.13 with Landlock and seccomp: use "
        "the container (see grading.md), or --isolation none for notebooks that you trust"
    )


@contextlib.contextmanager
def child(place: Place, memory: int, clock: Clock, stop: threading.Event) -> Iterator[Callable]:
    """A child in a folder of its own, as the function that asks it; killed at the end.

    ``ask(until, *frames)`` returns message and arrays of the reply to each frame; none may have a
    longer ``header``. It raises :class:`Ended` where not all come before ``until`` on the
    ``clock``, where the child and what it has started hold ``memory`` MB more than at the start, or
    where it has too many threads or files; :class:`Stopped` once ``stop`` is set.
    """
    with own_folder(place.folder) as home:
        for_child, requests = os.pipe()
        replies, from_child = os.pipe()
        try:
            try:
                process = _serving(place, home, (for_child, from_child))
            finally:
                os.close(for_child)
                os.close(from_child)
            os.set_blocking(requests, False)
            in_memory = bool(place.rules and place.rules.namespaces)
            clock.follow(process.pid)
            watch = Watch(process.pid, home, resident(process.pid) + (memory << 20), in_memory)
            looked = 0.0

            def ask(until: float, *frames: bytes, header: int = wire.REPLY) -> list[tuple]:
                def look() -> None:
                    nonlocal looked
                    if time.monotonic() - looked < POLL:
                        return
                    looked = time.monotonic()
                    if stop.is_set():
                        raise Stopped
                    # Too much of something, before too long: time passes with it.
                    if status := watch.excess():
                        raise Ended(status)
                    clock.look()
                    if clock.now() > until:
                        raise Ended("timeout")

                try:
                    found = _exchange(frames, requests, replies, process, look, header)
                    return [*map(wire.decode, found)]
                except wire.Malformed:
                    raise Ended("malformed") from None

            try:
                yield ask
            finally:
                process.kill()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
        finally:
            os.close(requests)
            os.close(replies)


def _kept() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def _serving(place: Place, home: str, pipes: tuple[int, int]) -> Child:
    rules = place.rules and asdict(place.rules)
    with open(os.devnull, "r+b") as null:
        streams = (null.fileno(),) * 3
        return _spawn(place.server, f"{CHILD}:serve", [rules], home, (*streams, *pipes))


def _spawn(server: identity.Server, entry: str, args: list, home: str, fds: Sequence[int]) -> Child:
    env = {**_kept(), **server.environment, "HOME": home, "TMPDIR": home}
    for wait in (0, 1, 2, 4, None):
        try:
            return client.spawn(entry, args, cwd=home, env=env, fds=fds, server=server)
        except ConnectionError:  # the server was killed, and the next call starts another; or the
            if wait is None:  # machine is full, which may pass
                raise
            time.sleep(wait)


def _exchange(
    frames: Sequence[bytes], requests: int, replies: int, process, look: Callable, header: int
) -> list[bytes]:
    """Send frames and receive as many, calling ``look`` all the while."""
    waiting, reply, found = memoryview(b"".join(frames)), bytearray(), []
    poll = select.poll()
    poll.register(requests, select.POLLOUT)
    poll.register(replies, select.POLLIN)
    while len(found) < len(frames):
        # What has come is read before the clock is looked at: it may be the grader that was late.
        for fd, event in poll.poll(POLL * 1000):
            if fd == requests:
                with contextlib.suppress(BlockingIOError, BrokenPipeError):
                    waiting = waiting[os.write(requests, waiting[: 1 << 16]) :]
                if not waiting or event & select.POLLERR:
                    poll.unregister(requests)
            else:
                piece = os.read(replies, 1 << 16)
                if not piece:
                    raise Ended(_how_it_ended(process))
                reply += piece
                found += _whole(reply, header)
        if len(found) < len(frames):
            look()
    if reply or len(found) > len(frames):
        raise wire.Malformed("more came back than was asked for")
    return found


def _whole(reply: bytearray, header: int) -> Iterator[bytes]:
    """Take the frames that have come from the ``reply``; what there is of the next one stays."""
    while (length := wire.length(reply, header)) is not None and len(reply) >= length:
        yield bytes(reply[:length])
        del reply[:length]


def _how_it_ended(process: Child) -> str:
    try:
        status = process.wait(2)
        if process.lost:
            return "lost"
        if status == sandbox.REFUSED:
            return "refused"
        if status == -signal.SIGXCPU:
            return "timeout"
        return "killed" if status == -signal.SIGKILL else "crashed"
    except subprocess.TimeoutExpired:
        return "crashed"  # it lives, and has closed the pipe
