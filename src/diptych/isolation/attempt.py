"""One run of a notebook in one child: its cells in order, then the questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from diptych.isolation import wire
from diptych.isolation.outline import only
from diptych.isolation.replies import clean, listed, ran, result
from diptych.isolation.steps import TRANSFORM, Budget, Questions, Run, Step


def is_incomplete(name: str, asked: Questions, done: Run) -> bool:
    """Whether there is still a question to put to the answer ``name``."""
    results = done.results.get(name, [])
    count = len(asked.visible) + len(asked.hidden)
    return results is not None and len(results) < count and Step("answer", name) not in done.ended


def unreliable(questions: Iterable[str], done: Run) -> set[str]:
    """The answers with results that may be wrong, because they need a cell that was left out."""
    found = set()
    for name in done.results.keys() & set(questions):
        cells = done.found.get(name, {}).get("needs", [])
        if any(Step("cell", n) in done.ended for n in cells):
            found.add(name)
    return found


class Attempt:
    """One run of the notebook in one child; ``step`` is the step that runs now.

    Replies are kept in ``done``. Steps that ended an earlier attempt (``done.ended``) are left out.
    """

    def __init__(
        self, cells: list[str], questions: Mapping[str, Questions], done: Run, budget: Budget
    ) -> None:
        self.cells, self.questions, self.done, self.budget = cells, questions, done, budget
        self.step, self.began = TRANSFORM, 0.0

    @property
    def has_used_its_time(self) -> bool:
        """Whether the step that runs now has used all the time that a step may take."""
        return self.budget.clock.now() - self.began >= self.budget.limits.step

    def carry_out(self, ask: Callable) -> None:
        """Carry out the steps that are left; ``ask`` comes from
        :func:`~diptych.isolation.process.child`.

        Raises :class:`~diptych.isolation.process.Ended` if the child ends.
        """
        self._transform(ask)
        for number, python in enumerate(self.done.python, 1):
            if self._begin(Step("cell", number)):
                self._run_cell(ask, number, python)
        self._ask_all_visible(ask)
        if not unreliable(self.questions, self.done):  # else another attempt asks them all first
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
        """Make this the current step; false if the step is to be left out."""
        if step in self.done.ended:
            return False
        self.step, self.began = step, self.budget.clock.now()
        return True

    def _has_answered(self, name: str, number: int) -> bool:
        results = self.done.results.get(name, [])
        return results is not None and len(results) == number

    def _transform(self, ask: Callable) -> None:
        # The cells are read once. In a later attempt, the empty reply only shows that the child has
        # entered the sandbox. No student's code has run yet, so the reply can be trusted.
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
        # The first notes are kept: a later child may know something about the hidden questions.
        self.done.notes.setdefault(number, [clean(note) for note in listed(notes)])

    def _ask_visible(self, ask: Callable, name: str) -> None:
        replies = self._replies(ask, name, self.questions[name].visible)
        results = [result(*reply) for reply in replies]
        # The first results are kept: a child that is asked again after a kill may know something
        # about the hidden questions, from the time at which the earlier child ended.
        results = self.done.first_answers.setdefault(name, results)
        self.done.results[name] = None if None in results else results

    def _ask_hidden(self, ask: Callable, name: str) -> None:
        asked = self.questions[name]
        replies = self._replies(ask, name, (*asked.hidden, asked.watched))
        results = [result(*reply) for reply in replies[:-1]]  # the last one only shows what ran
        before = self.done.results[name]
        self.done.results[name] = None if None in results else before + results

    def _replies(self, ask: Callable, name: str, frames: tuple[bytes, ...]) -> list[tuple]:
        replies = ask(self.budget.until(self.step), *frames)
        self.done.ran.setdefault(name, set()).update(*(ran(message) for message, _ in replies))
        return replies


class LastAttempt(Attempt):
    """A run of only those statements that some answers need."""

    def carry_out(self, ask: Callable) -> None:
        """As :meth:`Attempt.carry_out`, with only the lines that these answers need."""
        wanted = {name: () for name in self.questions}
        frame = wire.encode({"do": "transform", "cells": self.cells, "wanted": wanted})
        ((reply, _),) = ask(self.budget.until(TRANSFORM), frame, header=wire.HEADER)
        pairs = zip(self.done.python, reply["kept"], strict=True)
        for number, (python, kept) in enumerate(pairs, 1):
            if kept and self._begin(Step("cell", number)):
                self._run_cell(ask, number, only(python, kept))
        self._ask_all_visible(ask)
        self._ask_all_hidden(ask)
