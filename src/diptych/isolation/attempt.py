"""One run of a notebook in one child: its cells in order, then the questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from diptych.isolation import wire
from diptych.isolation.outline import only
from diptych.isolation.replies import clean, listed, ran, result
from diptych.isolation.steps import TRANSFORM, Budget, Questions, Run, Step


def is_incomplete(name: str, asked: Questions, done: Run) -> bool:
    """Whether there is still something to ask an answer."""
    results = done.results.get(name, [])
    count = len(asked.visible) + len(asked.hidden)
    return results is not None and len(results) < count and Step("answer", name) not in done.ended


def undefined(questions: Iterable[str], done: Run) -> set[str]:
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
        if not undefined(self.questions, self.done):  # else they come first, in another attempt
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
