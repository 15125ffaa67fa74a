"""Runs one submission in forked children and brings back what came: notes, faults, arrays.

Requests and replies alternate, so it is always known which *step*, a cell or an answer, is at
work. One that takes too long or too much memory, or ends the process, is left out, and the
notebook runs again without it in a fresh child: one wrong cell does not cost the others.
"""

from __future__ import annotations

import functools
import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from diptych.grading import wire
from diptych.grading.process import Ended, NoSandbox, Place, child

ATTEMPTS = 4  # runs of one notebook, each without the steps that ended those before
SPARED = 2  # kills from outside that are not held against the student
START = 60.0  # seconds for what comes before the student's code, on a busy machine

Step = tuple[str, object]
TRANSFORM: Step = ("transform", "")


@dataclass(frozen=True)
class Limits:
    """``seconds`` for a whole submission; ``memory``, in MB, beyond what the imports take."""

    seconds: float = 60.0
    memory: int = 2048

    @property
    def step(self) -> float:
        """Seconds for one cell or one answer: so many that each attempt can find one culprit."""
        return self.seconds / ATTEMPTS


@dataclass
class Run:
    """What came back. ``ended`` are the steps that were left out, each with its status;
    ``results`` has a list for each answer, a result a question, or ``None`` if there is none;
    ``called`` the names of what it calls, as its own process tells them."""

    python: list[str] | None = None
    notes: dict[int, list[dict]] = field(default_factory=dict)
    results: dict[str, list[dict] | None] = field(default_factory=dict)
    called: dict[str, list[str]] = field(default_factory=dict)
    ended: dict[Step, str] = field(default_factory=dict)


def run(
    cells: list[str],
    questions: Mapping[str, tuple[str, list[dict]]],
    place: Place,
    limits: Limits,
    stop: threading.Event,
) -> Run:
    """Run the ``cells``, then put to each answer its questions: ``{name: (framework, [...])}``.

    Raises :class:`~diptych.grading.process.Stopped` when ``stop`` is set, :class:`OSError`
    where no child can be had.
    """
    done, spared, attempts, deadline = Run(), SPARED, ATTEMPTS, math.inf
    while attempts:
        step = TRANSFORM
        try:
            with child(place, limits.memory, stop) as ask:
                for each, request in _steps(cells, questions, done):
                    step, now = each, time.monotonic()
                    if step == TRANSFORM:
                        until = now + START
                    else:
                        deadline = min(deadline, now + limits.seconds)  # from the first cell on
                        until = min(deadline, now + limits.step)
                    request(functools.partial(ask, until))
            return done
        except Ended as end:
            if end.status == "refused":
                raise NoSandbox("a child could not enter the sandbox; nothing was run") from None
            if end.status == "killed" and spared:
                # By the kernel for memory, or with its server: it may not be the student's doing.
                spared, deadline = spared - 1, math.inf
                continue
            done.ended[step] = "crashed" if end.status == "killed" else end.status
            attempts -= 1
            if step == TRANSFORM or time.monotonic() > deadline:
                break
    for name in questions.keys() - done.results.keys():
        done.ended.setdefault(("answer", name), "not_asked")
    return done


def _steps(cells, questions, done: Run) -> Iterator[tuple[Step, Callable]]:
    """Each step that is still to do, with the function that does it and keeps what came."""

    def transform(ask):
        python, _ = ask({"do": "transform", "cells": cells})
        done.python = python

    yield TRANSFORM, transform
    for number, source in enumerate(done.python, 1):

        def cell(ask, number=number, source=source):
            notes, _ = ask({"do": "cell", "number": number, "source": source})
            done.notes[number] = [_clean(note) for note in _listed(notes)]

        if ("cell", number) not in done.ended:
            yield ("cell", number), cell
    for name, (framework, asked) in questions.items():

        def answer(ask, name=name, framework=framework, asked=asked):
            def put(do, question):
                packed, arrays = wire.pack(question)
                request = {"do": do, "name": name, "framework": framework, "question": packed}
                return ask(request, arrays)

            results = [_result(*put("question", question)) for question in asked]
            if None not in results:
                done.called[name] = _names(put("calls", asked[0])[0])
            done.results[name] = None if None in results else results

        if name not in done.results and ("answer", name) not in done.ended:
            yield ("answer", name), answer


# What a child says is taken for what it is: strings of some length, and arrays.


def _listed(notes: object) -> list[dict]:
    if type(notes) is not list or not all(type(note) is dict for note in notes):
        raise Ended("malformed")
    return notes[:20]


def _names(called: object) -> list[str]:
    if type(called) is not list or not all(type(name) is str for name in called):
        raise Ended("malformed")
    return called[:2000]


def _result(message: object, arrays: dict) -> dict | None:
    if type(message) is not dict:
        raise Ended("malformed")
    if arrays:
        return {"arrays": arrays}
    return {"fault": _clean(message)} if message else None


KINDS = (
    *("no_weight", "wrong_base", "not_learned", "weight_shape", "not_a_tensor", "not_numbers"),
    *("magic", "raised"),
)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def _clean(fault: dict) -> dict[str, str]:
    """A fault with exactly its five texts, each of one line; the kind one of those there are."""
    texts = {key: fault.get(key) for key in ("kind", "type", "message", "line", "text")}
    texts = {key: _one_line(t) if type(t) is str else "" for key, t in texts.items()}
    return texts | {"kind": texts["kind"] if texts["kind"] in KINDS else "raised"}


def _one_line(text: str) -> str:
    # Addresses differ from run to run; control characters do things to terminals.
    text = _ADDRESS.sub("", " ".join(text.split()))
    return "".join(c for c in text if c.isprintable())[:300]
