"""The clock of a submission: it stops while the submission's child waits for a processor."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Clock:
    """Counts the seconds that a submission's children have used.

    On a busy machine a child must wait for a processor, which is not its fault. That time does not
    count, up to ``patience`` seconds in all: a child may keep the machine busy itself. The time in
    which the child computes or sleeps does count.
    """

    patience: float
    waited: float = 0.0
    _looked: float = 0.0
    _pid: int = 0
    _threads: dict[str, tuple[float, float]] = field(default_factory=dict)

    def now(self) -> float:
        """Seconds; only differences mean something."""
        return time.monotonic() - self.waited

    def follow(self, pid: int) -> None:
        """Time the process ``pid`` from now on."""
        self._pid, self._threads, self._looked = pid, _threads(pid), time.monotonic()

    def look(self) -> None:
        """Find out how long the child has waited since the last look."""
        now, threads = time.monotonic(), _threads(self._pid)
        passed, computed, queued = now - self._looked, 0.0, 0.0
        for thread, (ran, waited) in threads.items():
            before = self._threads.get(thread, (0.0, 0.0))
            computed, queued = computed + ran - before[0], queued + waited - before[1]
        # While one thread computes, the child goes on, even if other threads wait.
        waited = max(0.0, min(queued, passed - computed))
        self.waited = min(self.patience, self.waited + waited)
        self._looked, self._threads = now, threads


def _threads(pid: int) -> dict[str, tuple[float, float]]:
    """For each thread of a process and its descendants, the seconds for which it has run, and those
    for which it has waited for a processor."""
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
