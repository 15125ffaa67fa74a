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
from collections.abc import Mapping

from diptych.isolation.attempt import Attempt, LastAttempt, is_incomplete, undefined
from diptych.isolation.clock import Clock
from diptych.isolation.process import Ended, NoSandbox, Place, child
from diptych.isolation.steps import TRANSFORM, Budget, Limits, Questions, Run, Step

PATIENCE = 4  # times its seconds, at most, that a submission may wait for a processor

# What the end of a process is called where the student is told.
ENDINGS = {"killed": "crashed", "refused": "crashed", "lost": "failed"}


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
    lost = undefined(questions, done)
    left = {n: q for n, q in questions.items() if n in lost or is_incomplete(n, q, done)}
    if TRANSFORM not in done.ended and left:
        for name in lost:
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
