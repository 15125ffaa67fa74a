"""The threads of this process grade a class that one machine is enough for."""

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
    """A :class:`diptych.grading.fan_out.Workforce`: each thread follows a child of its own."""

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
        """They need no looking after."""


@contextlib.contextmanager
def started(
    out: Path, workers: int | None, options: Options, closed: Sequence[Path]
) -> Iterator[Threads]:
    """As many as there are processors, or ``workers``; children see nothing of the ``closed``
    folders. Raises :class:`diptych.isolation.place.NoSandbox` where there is no sandbox."""
    count, stop = workers or os.cpu_count() or 1, threading.Event()
    rules = {"seconds": options.limits.seconds + PREPARATION, "closed": closed}
    with (
        place(out, isolation=options.isolation, **rules) as where,
        ThreadPoolExecutor(count) as pool,
    ):
        try:
            yield Threads(pool, 2 * count, where, options, stop)
        except BaseException:  # Ctrl-C as well: what runs is ended
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
