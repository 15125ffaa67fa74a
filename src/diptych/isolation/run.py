"""Runs one submission in forked children, and returns what they send: notes, faults, arrays.

Requests and replies alternate, so it is always known which *step* runs: a cell or an answer. A step
that takes too long or too much memory, or ends the process, is left out, and the notebook runs
again without it in a new child. So one wrong cell does not spoil the others.

Afterwards there may still be answers to ask: a cell that was left out should have defined them, or
the time is over. The notebook then runs once more, with the same time again, and with only those
statements that these answers need.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping

from diptych.isolation.attempt import Attempt, LastAttempt, is_incomplete, unreliable
from diptych.isolation.clock import Clock
from diptych.isolation.place import NoSandbox, Place
from diptych.isolation.process import Ended, child
from diptych.isolation.steps import TRANSFORM, Budget, Limits, Questions, Run, Step

PATIENCE = 4  # a submission may wait for a processor at most this many times its seconds

# How a process ended → the status that its student is told.
ENDINGS = {"killed": "crashed", "refused": "crashed", "lost": "failed"}


def run(
    cells: list[str],
    questions: Mapping[str, Questions],
    place: Place,
    limits: Limits,
    stop: threading.Event,
) -> Run:
    """Run the ``cells``, then put to each answer its ``questions``, which are given by name.

    All hidden questions come after all visible ones: a child answers the visible ones before it
    knows anything of the hidden ones.

    Raises :class:`~diptych.isolation.process.Stopped` once ``stop`` is set, and :class:`OSError` if
    no child can be started.
    """
    done, budget = Run(), Budget(limits, Clock(PATIENCE * limits.seconds))
    _repeat(Attempt, cells, questions, done, budget, place, stop)
    doubtful = unreliable(questions, done)
    left = {n: q for n, q in questions.items() if n in doubtful or is_incomplete(n, q, done)}
    if TRANSFORM not in done.ended and left:
        for name in doubtful:
            del done.results[name], done.first_answers[name]
        cut = {step: done.ended.pop(step) for step in [*done.ended] if step.kind == "cell"}
        budget.deadline = math.inf
        _repeat(LastAttempt, cells, left, done, budget, place, stop)
        done.ended = cut | done.ended
    for name, asked in questions.items():
        if is_incomplete(name, asked, done):
            done.ended[Step("answer", name)] = "not_asked"
    return done


def _repeat(kind: type[Attempt], cells, questions, done: Run, budget: Budget, place, stop) -> None:
    """Run the notebook, each time without the steps that ended it before, until all questions are
    asked or the time is over."""
    while not budget.is_spent:
        attempt, kept = kind(cells, questions, done, budget), dict(done.results)
        try:
            with child(place, budget.limits.memory, budget.clock, stop) as ask:
                attempt.carry_out(ask)
            return
        except Ended as end:
            reading = attempt.step == TRANSFORM
            if end.status == "refused" and reading:  # later, the student's code could end so, too
                raise NoSandbox("a child could not enter the sandbox, so nothing was run") from None
            if budget.forgives(end):
                # The whole attempt is repeated, so that random numbers are the same.
                done.results = kept
                continue
            if end.status == "timeout" and budget.is_spent and not attempt.has_used_its_time:
                done.late = attempt.step  # not its fault: the steps before it took the time
                return
            done.ended[attempt.step] = ENDINGS.get(end.status, end.status)
            if reading:
                return
