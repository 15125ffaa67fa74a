"""Grades a class with threads of this process: enough for one machine."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from diptych.grading import submission
from diptych.grading.outcome import Outcome
from diptych.grading.submission import Job, Options
from diptych.isolation.place import Place, place
from diptych.isolation.steps import PREPARATION


@dataclass
class Threads:
    """A :class:`diptych.grading.fan_out.Workforce`: each thread controls its own child process."""

    pool: Executor
    ahead: int
    where: Place
    options: Options
    stop: threading.Event

    @property
    def isolation(self) -> str:
        return self.where.isolation

    def submit(self, job: Job) -> Future:
        return self.pool.submit(submission.graded, job, self.options, self.where, self.stop)

    def result(self, future: Future) -> Outcome:
        return future.result()

    def idle(self) -> None:
        """Nothing to do: a thread always comes back."""


@contextlib.contextmanager
def started(
    out: Path, workers: int | None, options: Options, hidden: Sequence[Path]
) -> Iterator[Threads]:
    """As many threads as ``workers``, by default one for each processor.

    The notebooks do not see the ``hidden`` folders. Raises
    :class:`diptych.isolation.place.NoSandbox` if this machine has no sandbox.
    """
    count, stop = workers or os.cpu_count() or 1, threading.Event()
    seconds = options.limits.seconds + PREPARATION
    with (
        place(out, isolation=options.isolation, seconds=seconds, closed=hidden) as where,
        ThreadPoolExecutor(count) as pool,
    ):
        try:
            yield Threads(pool, 2 * count, where, options, stop)
        except BaseException:  # also Ctrl-C: end the notebooks that are running
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
