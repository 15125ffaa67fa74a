"""What a run takes and keeps: its steps, its limits and budget, the questions, what came back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from diptych.isolation import wire
from diptych.isolation.clock import Clock
from diptych.isolation.process import Ended

SHARE = 4  # a cell or an answer gets this part of the time of a submission
KILLS = 2  # that may have come from outside, and are not held against the student
LOSSES = 10  # ends of the warm server, which came from outside, before giving up
PREPARATION = 60.0  # seconds for what comes before the student's code, on a busy machine


class Step(NamedTuple):
    """What a child is asked to do: read all cells, run a cell (by number), answer (by name)."""

    kind: str
    of: object = ""


TRANSFORM = Step("transform")


@dataclass(frozen=True)
class Limits:
    """``seconds`` for a whole submission; ``memory``, in MB, beyond what the imports take."""

    seconds: float = 60.0
    memory: int = 2048

    @property
    def step(self) -> float:
        """Seconds for one cell or one answer."""
        return self.seconds / SHARE


@dataclass(frozen=True)
class Questions:
    """What one answer is asked, as frames, because every submission is asked the same.

    ``visible`` and ``hidden`` have one frame for each case; ``watched`` asks once more, while it is
    watched for functions. ``names`` are those that its source is searched for.
    """

    names: tuple[str, ...]
    visible: tuple[bytes, ...]
    hidden: tuple[bytes, ...]
    watched: bytes

    @classmethod
    def of(
        cls,
        name: str,
        framework: str,
        visible: list[dict],
        hidden: list[dict],
        names: Iterable[str] = (),
        symbols: Iterable[str] = (),
    ) -> Questions:
        """From questions as :func:`diptych.judging.oracle.question` makes them.

        ``names`` are looked for in the source, the functions ``symbols`` in what runs.
        """

        def frame(question: dict, **more: object) -> bytes:
            packed, arrays = wire.pack(question)
            request = {"do": "question", "name": name, "framework": framework, "question": packed}
            return wire.encode(request | more, arrays)

        def frames(part: list[dict], last: dict | None) -> tuple[bytes, ...]:
            # TensorFlow forgets its compiled operations with its seed, which takes time: it starts
            # anew once, and only for an answer that may be random.
            random = any(q["calls"] > 1 for q in part)
            marks = [{"anew": random and q is part[0], "more": q is not last} for q in part]
            return tuple(frame(q, **m) for q, m in zip(part, marks, strict=True))

        watched = frame((visible + hidden)[-1], symbols=list(symbols))
        return cls(tuple(names), frames(visible, visible[-1]), frames(hidden, None), watched)


@dataclass
class Run:
    """What came back. ``ended`` are the steps that were left out, each with its status; ``found``
    is what the source of each answer shows (see :func:`diptych.isolation.outline.outline`), and
    ``kept`` of each cell the lines that the answers are made of;
    ``results`` has a list for each answer, a result a question, or ``None`` if there is none;
    ``first_answers`` those of the visible questions, as they came first; ``ran`` the labels of what
    ran in each answer, as its own process tells them; ``late`` is the step at which the time for
    the whole notebook was up, if it was."""

    python: list[str] | None = None
    found: dict[str, dict] = field(default_factory=dict)
    kept: list[list] = field(default_factory=list)
    notes: dict[int, list[dict]] = field(default_factory=dict)
    results: dict[str, list[dict] | None] = field(default_factory=dict)
    first_answers: dict[str, list[dict | None]] = field(default_factory=dict)
    ran: dict[str, set[str]] = field(default_factory=dict)
    ended: dict[Step, str] = field(default_factory=dict)
    late: Step | None = None


@dataclass
class Budget:
    """What the attempts of one submission may still spend; times are in seconds of its clock."""

    limits: Limits
    clock: Clock
    kills: int = KILLS  # that are not held against the student
    losses: int = LOSSES  # ends of the warm server that are borne
    deadline: float = math.inf  # set by the first step of the student's

    def until(self, step: Step) -> float:
        """When this step must have ended, if it begins now."""
        now = self.clock.now()
        if step == TRANSFORM:
            return now + PREPARATION
        self.deadline = min(self.deadline, now + self.limits.seconds)
        return min(self.deadline, now + self.limits.step)

    def forgives(self, end: Ended) -> bool:
        """Take the end of an attempt into account; whether it is done again as if it had not been.

        SIGKILL may come from the kernel's OOM killer or from an administrator, and the end of the
        warm server certainly came from outside.
        """
        if end.status == "lost" and self.losses:
            self.losses -= 1
        elif end.status == "killed" and self.kills:
            self.kills -= 1
        else:
            return False
        self.deadline = math.inf
        return True

    @property
    def is_spent(self) -> bool:
        return self.clock.now() > self.deadline
