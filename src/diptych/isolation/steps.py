"""The data of a run: its steps, limits, questions, results and budget."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from diptych.isolation import packing, wire
from diptych.isolation.clock import Clock
from diptych.isolation.process import Ended

SHARE = 4  # one cell or one answer gets at most 1/4 of a submission's time
KILLS = 2  # kills for which the student is not blamed: something outside may have killed the child
LOSSES = 10  # ends of the warm server (never the student's fault) before the grader gives up
PREPARATION = 60.0  # seconds for everything before the student's code, on a busy machine


class Step(NamedTuple):
    """One thing that a child is asked to do.

    ``kind`` is "transform" (read all cells), "cell" (run the cell with the number ``of``, from 1),
    or "answer" (put questions to the answer with the name ``of``).
    """

    kind: str
    of: object = ""


TRANSFORM = Step("transform")


@dataclass(frozen=True)
class Limits:
    """``seconds`` for a whole submission; ``memory`` in MB, without what the imports take."""

    seconds: float = 60.0
    memory: int = 2048

    @property
    def step(self) -> float:
        """The seconds that one cell or one answer may take."""
        return self.seconds / SHARE


@dataclass(frozen=True)
class Questions:
    """The questions to one answer, encoded as frames, which many submissions share.

    ``visible`` and ``hidden`` have one frame for each case. ``watched`` repeats a question while
    the witness looks for functions. ``names`` are searched for in the answer's source.
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
        """Encode questions that :func:`diptych.judging.oracle.question` made.

        ``names`` are searched for in the answer's source, the functions ``symbols`` in what runs.
        """

        def frame(question: dict, **more: object) -> bytes:
            packed, arrays = packing.pack(question)
            request = {"do": "question", "name": name, "framework": framework, "question": packed}
            return wire.encode(request | more, arrays)

        def frames(part: list[dict], last: dict | None) -> tuple[bytes, ...]:
            # Setting TensorFlow's seed also drops its compiled operations, which is slow. So it is
            # set once, and only if the answer may be random.
            random = any(q["calls"] > 1 for q in part)
            marks = [{"anew": random and q is part[0], "more": q is not last} for q in part]
            return tuple(frame(q, **m) for q, m in zip(part, marks, strict=True))

        watched = frame((visible + hidden)[-1], symbols=list(symbols))
        return cls(tuple(names), frames(visible, visible[-1]), frames(hidden, None), watched)


@dataclass
class Run:
    """What came back from all attempts to run one notebook.

    - ``python``: each cell as Python; ``None`` if no child has read them.
    - ``found`` and ``kept``: see :func:`diptych.isolation.outline.outline`.
    - ``notes``: for each cell, by number, its errors and the magics that were not run.
    - ``results``: for each answer one result for each question, or ``None`` if it does not exist.
    - ``first_answers``: for each answer the results of the visible questions that came first.
    - ``ran``: for each answer the labels of what ran, as the student's process reports them.
    - ``ended``: the steps that were left out, each with its status.
    - ``late``: the step at which the time of the whole notebook was over, if it was.
    """

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
    """What the attempts of one submission may still use; times are seconds of its ``clock``.

    ``deadline`` is set when the student's code starts.
    """

    limits: Limits
    clock: Clock
    kills: int = KILLS
    losses: int = LOSSES
    deadline: float = math.inf

    def until(self, step: Step) -> float:
        """The time at which this step must have ended, if it begins now."""
        now = self.clock.now()
        if step == TRANSFORM:
            return now + PREPARATION
        self.deadline = min(self.deadline, now + self.limits.seconds)
        return min(self.deadline, now + self.limits.step)

    def forgives(self, end: Ended) -> bool:
        """Whether an attempt that ended like this is repeated in full; counts it if so.

        SIGKILL may come from the kernel's OOM killer or from an administrator. If the warm server
        ended, the student's code cannot be the reason.
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
        """Whether the time of the submission is over."""
        return self.clock.now() > self.deadline
