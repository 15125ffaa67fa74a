"""The clock of a submission, which stands still while its child waits for a processor."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Clock:
    """Seconds that count against a submission, over all its children.

    On a machine that is busy, or kept busy by a neighbour, a child has to wait for its turn, which
    is no fault of its own: then what its threads compute counts, and the rest does not, up to
    ``patience`` seconds in all, for a child may keep the machine busy itself. What sleeps has
    nothing to wait for, and counts whole.
    """

    patience: float
    waited: float = 0.0
    _looked: float = 0.0
    _pid: int = 0
    _threads: dict[str, tuple[float, float]] = field(default_factory=dict)

    def now(self) -> float:
        """Seconds, from any start."""
        return time.monotonic() - self.waited

    def follow(self, pid: int) -> None:
        """From now on it is the process ``pid`` that is timed."""
        self._pid, self._threads, self._looked = pid, _threads(pid), time.monotonic()

    def look(self) -> None:
        """Take into account what has passed since the last look."""
        now, threads = time.monotonic(), _threads(self._pid)
        passed, computed, queued = now - self._looked, 0.0, 0.0
        for thread, (ran, waited) in threads.items():
            before = self._threads.get(thread, (0.0, 0.0))
            computed, queued = computed + ran - before[0], queued + waited - before[1]
        # One that computes on one processor is not held up by another that waits.
        waited = max(0.0, min(queued, passed - computed))
        self.waited = min(self.patience, self.waited + waited)
        self._looked, self._threads = now, threads


def _threads(pid: int) -> dict[str, tuple[float, float]]:
    """For each thread of a process and its descendants, the seconds that it has run, and those that
    it was ready to run and had to wait."""
    found: dict[str, tuple[float, float]] = {}
    todo = [str(pid)]
    while todo:
        with contextlib.suppress(OSError):
            for entry in os.scandir(f"/proc/{todo.pop()}/task"):
                with contextlib.suppress(OSError, ValueError):
                    ran, queued, _ = Path(f"{entry.path}/schedstat").read_text().split()
                    found[entry.name] = int(ran) / 1e9, int(queued) / 1e9
                    todo += Path(f"{entry.path}/children").read_text().split()
    return found
