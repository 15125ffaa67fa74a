"""Runs one submission in forked children and brings back what came: notes, faults, arrays.

Requests and replies alternate, so it is always known which *step*, a cell or an answer, is at
work. One that takes too long or too much memory, or ends the process, is left out, and the
notebook runs again without it in a fresh child: one wrong cell does not cost the others.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from diptych.isolation import wire
from diptych.isolation.process import Ended, NoSandbox, Place, child

ATTEMPTS = 4  # runs of one notebook, each without the steps that ended those before
SPARED = 2  # kills that may have come from outside, and are not held against the student
LOST = 10  # ends of the warm server, which certainly came from outside, before giving up
PATIENCE = 1  # times its seconds, at most, that a submission may wait for a processor
START = 60.0  # seconds for what comes before the student's code, on a busy machine

# What the end of a process is called where the student is told.
STATUSES = {"killed": "crashed", "refused": "crashed", "lost": "failed"}

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
    """What came back. ``ended`` are the steps that were left out, each with its status;
    ``found`` is what the source of each answer shows (see :func:`diptych.forbidden.text.search`);
    ``results`` has a list for each answer, a result a question, or ``None`` if there is none;
    ``told`` those of the visible questions, as they came first; ``ran`` the labels of what ran in
    each answer, as its own process tells them."""

    python: list[str] | None = None
    found: dict[str, dict] = field(default_factory=dict)
    notes: dict[int, list[dict]] = field(default_factory=dict)
    results: dict[str, list[dict] | None] = field(default_factory=dict)
    told: dict[str, list[dict | None]] = field(default_factory=dict)
    ran: dict[str, set[str]] = field(default_factory=dict)
    ended: dict[Step, str] = field(default_factory=dict)


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
    done, spared, lost, attempts, deadline = Run(), SPARED, LOST, ATTEMPTS, math.inf
    patience = PATIENCE * limits.seconds  # for all attempts: threads of its own make it wait, too
    while attempts:
        step, kept = TRANSFORM, dict(done.results)
        try:
            with child(place, limits.memory, patience, stop) as ask:
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
            deadline += end.queued
            patience -= end.queued
            if end.status == "refused" and step == TRANSFORM:  # later, anybody can say so
                raise NoSandbox("a child could not enter the sandbox; nothing was run") from None
            # By the kernel for memory, or by somebody: it may not be the student's doing. All of
            # this attempt is done again, so that what is random comes out as it would have.
            if end.status == "lost" and lost:
                lost, deadline, done.results = lost - 1, math.inf, kept
                continue
            if end.status == "killed" and spared:
                spared, deadline, done.results = spared - 1, math.inf, kept
                continue
            done.ended[step] = STATUSES.get(end.status, end.status)
            attempts -= 1
            if step == TRANSFORM or time.monotonic() > deadline:
                break
    for name, asked in questions.items():
        results = done.results.get(name, [])
        if results is not None and len(results) < len(asked.visible) + len(asked.hidden):
            done.ended.setdefault(("answer", name), "not_asked")
    return done


def _steps(
    cells: list[str], questions: Mapping[str, Questions], done: Run
) -> Iterator[tuple[Step, Callable]]:
    """Each step that is still to do, with the function that does it and keeps what came."""

    def transform(ask):
        # Once: when the notebook runs again, this only tells that the sandbox has been entered.
        # No code of the student's has yet run, so what comes back is the grader's own.
        request = {"do": "transform", "cells": cells}
        request["wanted"] = {name: asked.names for name, asked in questions.items()}
        known = done.python is not None
        frame = wire.encode(request | {"cells": [], "wanted": {}} if known else request)
        ((reply, _),) = ask(frame, header=wire.HEADER)
        if not known:
            done.python, done.found = reply["python"], reply["found"]

    yield TRANSFORM, transform
    for number, python in enumerate(done.python, 1):

        def cell(ask, number=number, python=python):
            request = {"do": "cell", "number": number, "python": python}
            ((notes, _),) = ask(wire.encode(request))
            # Those of the first time: when the notebook runs again, hidden questions may be known.
            done.notes.setdefault(number, [_clean(note) for note in _listed(notes)])

        if ("cell", number) not in done.ended:
            yield ("cell", number), cell
    for hidden, (name, asked) in itertools.product((False, True), questions.items()):

        def answer(ask, name=name, asked=asked, hidden=hidden):
            frames = (*asked.hidden, asked.watched) if hidden else asked.visible
            replies = ask(*frames)
            done.ran.setdefault(name, set()).update(*(_ran(message) for message, _ in replies))
            if hidden:
                replies.pop()  # it is there for what ran alone
            results = [_result(*reply) for reply in replies]
            if not hidden:
                # What came the first time: asked again after a kill, a child may know of hidden
                # questions, by the time at which the one before it ended.
                results = done.told.setdefault(name, results)
            done.results[name] = None if None in results else done.results.get(name, []) + results

        known = done.results.get(name, [])
        to_do = known is not None and len(known) == len(asked.visible) * hidden
        if to_do and ("answer", name) not in done.ended:
            yield ("answer", name), answer


# What a child says is taken for what it is: strings of some length, and arrays.


def _listed(notes: object) -> list[dict]:
    if type(notes) is not list or not all(type(note) is dict for note in notes):
        raise Ended("malformed")
    return notes[:20]


def _ran(message: object) -> list[str]:
    ran = message.get("ran", []) if type(message) is dict else None
    if type(ran) is not list or not all(type(label) is str for label in ran):
        raise Ended("malformed")
    return ran


def _result(message: object, arrays: dict) -> dict | None:
    if type(message) is not dict:
        raise Ended("malformed")
    if arrays or message.keys() == {"ran"}:
        return {"arrays": arrays}
    return {"fault": _clean(message)} if message else None


KINDS = (
    *("no_weight", "wrong_base", "not_learned", "weight_shape", "not_a_tensor", "not_callable"),
    *("not_numbers", "magic", "raised"),
)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def _clean(fault: dict) -> dict[str, str]:
    """A fault with exactly its five texts, each of one line; the kind one of those there are."""
    texts = {key: fault.get(key) for key in ("kind", "type", "message", "line", "text")}
    texts = {key: _one_line(t) if type(t) is str else "" for key, t in texts.items()}
    return texts | {"kind": texts["kind"] if texts["kind"] in KINDS else "raised"}


def _one_line(text: str) -> str:
    text = text[:3000]  # before anything is done to a text of megabytes
    # Addresses differ from run to run; control characters do things to terminals.
    text = _ADDRESS.sub("", " ".join(text.split()))
    return "".join(c for c in text if c.isprintable())[:300]
