"""Runs one submission in forked children and brings back what came: notes, faults, arrays.

Requests and replies alternate, so it is always known which *step*, a cell or an answer, is at
work. One that takes too long or too much memory, or ends the process, is left out, and the
notebook runs again without it in a fresh child: one wrong cell does not cost the others.

Where answers are still to ask when that is over (a cell that was left out should have made them, or
time is up), the notebook runs once more, in as much time again, with nothing but what those answers
are made of.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from diptych.isolation import wire
from diptych.isolation.clock import Clock
from diptych.isolation.outline import only
from diptych.isolation.process import Ended, NoSandbox, Place, child
from diptych.isolation.replies import clean, listed, ran, result

SHARE = 4  # a cell or an answer gets this part of the time of a submission
KILLS = 2  # that may have come from outside, and are not held against the student
LOSSES = 10  # ends of the warm server, which came from outside, before giving up
PATIENCE = 4  # times its seconds, at most, that a submission may wait for a processor
PREPARATION = 60.0  # seconds for what comes before the student's code, on a busy machine

# What the end of a process is called where the student is told.
ENDINGS = {"killed": "crashed", "refused": "crashed", "lost": "failed"}


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


def run(
    cells: list[str],
    questions: Mapping[str, Questions],
    place: Place,
    limits: Limits,
    stop: threading.Event,
) -> Run:
    """Run the ``cells``, then put to each answer its questions, by name.

    All hidden questions come after all others: what a child says to a question that its student
    may see is made before it knows one that they may not.

    Raises :class:`~diptych.isolation.process.Stopped` when ``stop`` is set, :class:`OSError`
    where no child can be had.
    """
    done, budget = Run(), Budget(limits, Clock(PATIENCE * limits.seconds))
    _repeat(Attempt, cells, questions, done, budget, place, stop)
    undefined = _undefined(questions, done)
    left = {n: q for n, q in questions.items() if n in undefined or _is_incomplete(n, q, done)}
    if TRANSFORM not in done.ended and left:
        for name in undefined:
            del done.results[name], done.first_answers[name]
        cut = {step: done.ended.pop(step) for step in [*done.ended] if step.kind == "cell"}
        budget.deadline = math.inf
        _repeat(LastAttempt, cells, left, done, budget, place, stop)
        done.ended = cut | done.ended
    for name, asked in questions.items():
        if _is_incomplete(name, asked, done):
            done.ended[Step("answer", name)] = "not_asked"
    return done


def _repeat(kind: type[Attempt], cells, questions, done: Run, budget: Budget, place, stop) -> None:
    """Run the notebook, without the steps that end it, until all is asked or time is up."""
    while not budget.is_spent:
        attempt, kept = kind(cells, questions, done, budget), dict(done.results)
        try:
            with child(place, budget.limits.memory, budget.clock, stop) as ask:
                attempt.carry_out(ask)
            return
        except Ended as end:
            reading = attempt.step == TRANSFORM
            if end.status == "refused" and reading:  # later, the student's code can say so
                raise NoSandbox("a child could not enter the sandbox; nothing was run") from None
            if budget.forgives(end):
                # All of this attempt is done again, so that what is random comes out the same.
                done.results = kept
                continue
            if end.status == "timeout" and budget.is_spent and not attempt.took_its_time:
                done.late = attempt.step  # which is no culprit: those before it took the time
                return
            done.ended[attempt.step] = ENDINGS.get(end.status, end.status)
            if reading:
                return


def _is_incomplete(name: str, asked: Questions, done: Run) -> bool:
    """Whether there is still something to ask an answer."""
    results = done.results.get(name, [])
    count = len(asked.visible) + len(asked.hidden)
    return results is not None and len(results) < count and Step("answer", name) not in done.ended


def _undefined(questions: Iterable[str], done: Run) -> set[str]:
    """The answers that are not what the notebook says: they need a cell that was left out."""
    found = set()
    for name in done.results.keys() & set(questions):
        cells = done.found.get(name, {}).get("needs", [])
        if any(Step("cell", n) in done.ended for n in cells):
            found.add(name)
    return found


class Attempt:
    """One run of the notebook in one child; ``step`` is what is at work.

    What came back is kept in ``done``, where steps that ended an earlier attempt are left out.
    """

    def __init__(
        self, cells: list[str], questions: Mapping[str, Questions], done: Run, budget: Budget
    ) -> None:
        self.cells, self.questions, self.done, self.budget = cells, questions, done, budget
        self.step, self.began = TRANSFORM, 0.0

    @property
    def took_its_time(self) -> bool:
        """Whether the step at work has had as long as a step may take."""
        return self.budget.clock.now() - self.began >= self.budget.limits.step

    def carry_out(self, ask: Callable) -> None:
        """Take each step that is still to do; raises :class:`Ended` where one cannot be."""
        self._transform(ask)
        for number, python in enumerate(self.done.python, 1):
            if self._begin(Step("cell", number)):
                self._run_cell(ask, number, python)
        self._ask_all_visible(ask)
        if not _undefined(self.questions, self.done):  # else they come first, in another attempt
            self._ask_all_hidden(ask)

    def _ask_all_visible(self, ask: Callable) -> None:
        for name in self.questions:
            if self._has_answered(name, 0) and self._begin(Step("answer", name)):
                self._ask_visible(ask, name)

    def _ask_all_hidden(self, ask: Callable) -> None:
        for name, asked in self.questions.items():
            if self._has_answered(name, len(asked.visible)) and self._begin(Step("answer", name)):
                self._ask_hidden(ask, name)

    def _begin(self, step: Step) -> bool:
        """Make this the step at work, unless it has been left out."""
        if step in self.done.ended:
            return False
        self.step, self.began = step, self.budget.clock.now()
        return True

    def _has_answered(self, name: str, number: int) -> bool:
        results = self.done.results.get(name, [])
        return results is not None and len(results) == number

    def _transform(self, ask: Callable) -> None:
        # Once: when the notebook runs again, this only tells that the sandbox has been entered.
        # No code of the student's has yet run, so what comes back is the grader's own.
        known = self.done.python is not None
        wanted = {name: asked.names for name, asked in self.questions.items()}
        request = {"cells": [], "wanted": {}} if known else {"cells": self.cells, "wanted": wanted}
        frame = wire.encode({"do": "transform", **request})
        ((reply, _),) = ask(self.budget.until(TRANSFORM), frame, header=wire.HEADER)
        if not known:
            self.done.python, self.done.found = reply["python"], reply["found"]
            self.done.kept = reply["kept"]

    def _run_cell(self, ask: Callable, number: int, python: str) -> None:
        kept = self.done.kept[number - 1]
        request = {"do": "cell", "number": number, "python": python, "kept": kept}
        ((notes, _),) = ask(self.budget.until(self.step), wire.encode(request))
        # Those of the first time: when the notebook runs again, hidden questions may be known.
        self.done.notes.setdefault(number, [clean(note) for note in listed(notes)])

    def _ask_visible(self, ask: Callable, name: str) -> None:
        replies = self._replies(ask, name, self.questions[name].visible)
        results = [result(*reply) for reply in replies]
        # What came the first time: asked again after a kill, a child may know of hidden questions,
        # by the time at which the one before it ended.
        results = self.done.first_answers.setdefault(name, results)
        self.done.results[name] = None if None in results else results

    def _ask_hidden(self, ask: Callable, name: str) -> None:
        asked = self.questions[name]
        replies = self._replies(ask, name, (*asked.hidden, asked.watched))
        results = [result(*reply) for reply in replies[:-1]]  # the last shows what ran, no more
        before = self.done.results[name]
        self.done.results[name] = None if None in results else before + results

    def _replies(self, ask: Callable, name: str, frames: tuple[bytes, ...]) -> list[tuple]:
        replies = ask(self.budget.until(self.step), *frames)
        self.done.ran.setdefault(name, set()).update(*(ran(message) for message, _ in replies))
        return replies


class LastAttempt(Attempt):
    """A run of nothing but what some answers are made of."""

    def carry_out(self, ask: Callable) -> None:
        """As :meth:`Attempt.carry_out`, for these answers, and for what has not come of them."""
        wanted = {name: () for name in self.questions}
        frame = wire.encode({"do": "transform", "cells": self.cells, "wanted": wanted})
        ((reply, _),) = ask(self.budget.until(TRANSFORM), frame, header=wire.HEADER)
        pairs = zip(self.done.python, reply["kept"], strict=True)
        for number, (python, kept) in enumerate(pairs, 1):
            if kept and self._begin(Step("cell", number)):
                self._run_cell(ask, number, only(python, kept))
        self._ask_all_visible(ask)
        self._ask_all_hidden(ask)
