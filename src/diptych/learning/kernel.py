"""Runs cells in a new kernel, as a notebook would, within a time limit."""

from __future__ import annotations

import contextlib
import os
import queue
import time
from collections.abc import Iterator
from pathlib import Path

from jupyter_client.manager import start_new_kernel

from diptych.warm.quiet import QUIET

ALIVE = 0.5  # seconds without a message, after which the kernel's process is looked at


class Stopped(Exception):
    """The kernel has ended, or its time is up; the message says which of the two."""


class Kernel:
    """A running kernel. Its ``deadline`` is a time of the clock ``time.monotonic``, in seconds."""

    def __init__(self, manager, client, deadline: float) -> None:
        self.manager, self.client, self.deadline = manager, client, deadline

    def run(self, code: str) -> Iterator[tuple[str, dict]]:
        """Run one cell; yields the kind and content of its messages. Raises :class:`Stopped`."""
        id = self.client.execute(code, allow_stdin=False, stop_on_error=False)
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=ALIVE)
            except queue.Empty:
                message = None
            if time.monotonic() > self.deadline:
                raise Stopped("time is up")
            if message is None and not self.manager.is_alive():
                raise Stopped("the process has ended")
            if message and message["parent_header"].get("msg_id") == id:
                kind, content = message["msg_type"], message["content"]
                if (kind, content.get("execution_state")) == ("status", "idle"):
                    return
                yield kind, content


@contextlib.contextmanager
def kernel(folder: Path, seconds: float) -> Iterator[Kernel]:
    """A kernel with the working directory ``folder``, for so many seconds; it is ended on exit."""
    env = {**QUIET, **os.environ}
    deadline = time.monotonic() + seconds
    quiet = ["--log-level=ERROR"]  # hides warnings about sockets without encryption
    manager, client = start_new_kernel(cwd=str(folder), env=env, extra_arguments=quiet)
    try:
        yield Kernel(manager, client, deadline)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
