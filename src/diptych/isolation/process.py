"""One child that runs a notebook: how it is started, asked, watched and ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

from diptych.isolation import sandbox, wire
from diptych.isolation.clock import Clock
from diptych.isolation.folders import own_folder
from diptych.isolation.place import CHILD, Place, spawn
from diptych.isolation.watch import Watch, resident
from diptych.warm.child import Child

POLL = 0.05  # seconds between looks at the clock and the memory


class Ended(Exception):
    """The child cannot be asked any more; ``status`` says how it ended."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Stopped(Exception):
    """The whole batch is being stopped."""


@contextlib.contextmanager
def child(place: Place, memory: int, clock: Clock, stop: threading.Event) -> Iterator[Callable]:
    """A child in a folder of its own, as the function ``ask`` that asks it; killed at the end.

    ``ask(until, *frames)`` returns for each frame the message and the arrays of its reply, whose
    header may have ``header`` bytes. It raises :class:`Ended` if a reply has not come at the time
    ``until`` of the ``clock``, if the child and its descendants hold ``memory`` MB more than at the
    start, or if the child has too many threads or files. It raises :class:`Stopped` once ``stop``
    is set.
    """
    with (
        own_folder(place.folder) as home,
        _serving(place, home) as (process, requests, replies),
    ):
        clock.follow(process.pid)
        in_memory = bool(place.rules and place.rules.namespaces)
        watch = Watch(process.pid, home, resident(process.pid) + (memory << 20), in_memory)
        looked = 0.0

        def look(until: float) -> None:
            nonlocal looked
            if time.monotonic() - looked < POLL:
                return
            looked = time.monotonic()
            if stop.is_set():
                raise Stopped
            # Before the clock: a child that takes too much of something often gets slow as well.
            if status := watch.excess():
                raise Ended(status)
            clock.look()
            if clock.now() > until:
                raise Ended("timeout")

        def ask(until: float, *frames: bytes, header: int = wire.REPLY) -> list[tuple]:
            try:
                pipes = (requests, replies)
                found = _exchange(frames, pipes, process, lambda: look(until), header)
                return [*map(wire.decode, found)]
            except wire.Malformed:
                raise Ended("malformed") from None

        yield ask


@contextlib.contextmanager
def _serving(place: Place, home: str) -> Iterator[tuple[Child, int, int]]:
    """A child that answers requests, and the pipes for the requests and the replies."""
    for_child, requests = os.pipe()
    replies, from_child = os.pipe()
    try:
        try:
            rules = place.rules and asdict(place.rules)
            with open(os.devnull, "r+b") as null:
                fds = (*(null.fileno(),) * 3, for_child, from_child)
                process = spawn(place.server, f"{CHILD}:serve", [rules], home, fds)
        finally:
            os.close(for_child)
            os.close(from_child)
        os.set_blocking(requests, False)
        try:
            yield process, requests, replies
        finally:
            process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
    finally:
        os.close(requests)
        os.close(replies)


def _exchange(
    frames: Sequence[bytes],
    pipes: tuple[int, int],
    process: Child,
    look: Callable[[], None],
    header: int,
) -> list[bytes]:
    """Send frames and receive as many, and call ``look`` while waiting."""
    requests, replies = pipes
    waiting, reply, found = memoryview(b"".join(frames)), bytearray(), []
    poll = select.poll()
    poll.register(requests, select.POLLOUT)
    poll.register(replies, select.POLLIN)
    while len(found) < len(frames):
        # Replies are read before the clock is looked at: the delay may be the grader's own.
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
        raise wire.Malformed("the child sent more than it was asked for")
    return found


def _whole(reply: bytearray, header: int) -> Iterator[bytes]:
    """Remove the complete frames from the ``reply``; the beginning of the next one stays."""
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
        return "crashed"  # the child still lives, but has closed its pipe
