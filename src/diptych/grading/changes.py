"""Finds the grades that have changed since the last reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diptych.grading.outcome import Outcome


@dataclass(frozen=True)
class Change:
    """The points of an answer, old and new; ``None`` if there was no such answer."""

    student: str
    chapter: str
    exercise: str
    framework: str
    old: float | None
    new: float | None
    why: str = ""


def changes(before: Iterable[Outcome], after: Iterable[Outcome]) -> Iterator[Change]:
    """The grades that differ, for files that are both ``before`` and ``after``."""
    known = {(outcome.student, outcome.place): outcome for outcome in before}
    for outcome in after:
        if old := known.get((outcome.student, outcome.place)):
            yield from _of_one(old, outcome)


def _of_one(old: Outcome, new: Outcome) -> Iterator[Change]:
    was, now = (
        {(outcome.chapter, g.exercise, g.framework): g for g in outcome.grades}
        for outcome in (old, new)
    )
    for key in dict.fromkeys([*was, *now]):
        points = [grades[key].points if key in grades else None for grades in (was, now)]
        if points[0] != points[1]:
            yield Change(new.student, *key, *points, now[key].diagnosis if key in now else "")
