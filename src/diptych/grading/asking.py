"""The questions to a submission: every answer of its chapter, with the inputs of its cases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from diptych.catalogue.component import load
from diptych.catalogue.conventions import in_framework
from diptych.catalogue.exercise import Case, Exercise
from diptych.forbidden import operations
from diptych.isolation.steps import Questions
from diptych.judging import curve, oracle, worker

SETS = 16  # of hidden cases: a student who learns those of one submission meets others in the next


@dataclass(frozen=True)
class Asked:
    """One answer to be judged, and the cases in which it is called."""

    name: str
    framework: str
    exercise: Exercise
    cases: tuple[Case, ...]


def hidden_set(seed: str, content: bytes) -> int:
    """The number of the set of hidden cases for a submission with these bytes."""
    return int.from_bytes(hashlib.sha256(seed.encode() + b"/" + content).digest()) % SETS


def asked(chapter: str, frameworks: Iterable[str], seed: str, number: int = 0) -> tuple[Asked, ...]:
    """Every answer of a chapter, with its visible cases, and with set ``number`` of the hidden
    cases that are drawn with the ``seed``."""
    found = []
    for exercise in (e for component in load(chapter) for e in component.exercises):
        digest = hashlib.sha256(f"{seed}/{number}/{exercise.answer}".encode()).digest()
        # If both frameworks have the same exercise, they share its cases, and the judge computes
        # the expected values once.
        cases = {}
        for suffix, framework in worker.SUFFIXES.items():
            if framework in frameworks:
                own = in_framework(exercise, framework)
                if own not in cases:
                    drawn = own.hidden(np.random.default_rng([*digest]))
                    cases[own] = own.visible + drawn
                found.append(Asked(exercise.answer + suffix, framework, own, cases[own]))
    return tuple(found)


def questions(chapter: Iterable[Asked]) -> dict[str, Questions]:
    """The questions for :mod:`diptych.isolation.run`, by the name of the answer."""
    found = {}
    for a in chapter:
        visible = a.exercise.visible + curve.cases(a.exercise)
        hidden = a.cases[len(a.exercise.visible) :]
        found[a.name] = Questions.of(
            a.name,
            a.framework,
            [oracle.question(a.exercise, case) for case in visible],
            [oracle.question(a.exercise, case) for case in hidden],
            names=operations.names(a.exercise),
            symbols=operations.symbols(a.exercise),
        )
    return found
