"""Marks that an instructor gives by hand. They replace the grader's, each time the class is graded.

The marks are a table (:mod:`diptych.grading.tables`) with the columns ``student``, ``exercise``,
``framework``, ``points`` and ``comment``. Without a framework, a mark is for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from diptych.catalogue.component import FRAMEWORKS, catalogue
from diptych.grading import tables
from diptych.grading.files import as_text
from diptych.grading.outcome import Grade, Outcome
from diptych.grading.roster import IDS
from diptych.grading.statuses import sentence
from diptych.grading.tables import TableError

STATUS = "by_hand"
COLUMNS = {
    "student": IDS,
    **{name: (name,) for name in ("exercise", "framework", "points", "comment")},
}


@dataclass(frozen=True)
class Mark:
    """The points that one student gets for the answers to one exercise, in these frameworks."""

    student: str
    chapter: str
    exercise: str
    frameworks: tuple[str, ...]
    points: float
    comment: str = ""


def read(path: Path) -> list[Mark]:
    """The marks in the table; raises :class:`diptych.grading.tables.TableError` if a row is not a
    mark, and ``OSError`` if the file cannot be read."""
    known = {e.answer: (c.chapter, e.max_points) for c in catalogue() for e in c.exercises}
    marks, given = [], set()
    for number, row in tables.read(path, COLUMNS, ("student", "exercise", "points")):
        where = f"{path}, row {number}"
        exercise, framework = row["exercise"], row["framework"].lower()
        if exercise not in known:
            raise TableError(f"{where}: there is no exercise {exercise!a}")
        if framework not in ("", *FRAMEWORKS):
            raise TableError(f"{where}: the framework is {' or '.join(FRAMEWORKS)}, or empty")
        chapter, most = known[exercise]
        points = _points(row["points"], most, f"{where}: {exercise}")
        frameworks = (framework,) if framework else FRAMEWORKS
        mark = Mark(as_text(row["student"]), chapter, exercise, frameworks, points, row["comment"])
        for each in frameworks:
            if (mark.student, exercise, each) in given:
                raise TableError(f"{where}: {mark.student!a} has a mark for this already")
            given.add((mark.student, exercise, each))
        marks.append(mark)
    return marks


def _points(text: str, most: float, where: str) -> float:
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points <= most:  # NaN fails this comparison
        raise TableError(f"{where} has 0 to {most:g} points, not {text[:40]!a}")
    return points


def apply(
    outcomes: Iterable[Outcome], marks: Sequence[Mark], frameworks: Iterable[str]
) -> list[Outcome]:
    """The outcomes, with these ``marks`` instead of the grader's.

    If a student has handed in nothing of a chapter, an outcome with the marks alone is added. Marks
    for frameworks that do not count are ignored.
    """
    wanted: dict[tuple[str, str], dict[tuple[str, str], Mark]] = {}
    for mark in marks:
        of_chapter = wanted.setdefault((mark.student, mark.chapter), {})
        for framework in (each for each in mark.frameworks if each in frameworks):
            of_chapter[mark.exercise, framework] = mark
    done = []
    for outcome in outcomes:
        theirs = wanted.pop((outcome.student, outcome.chapter), {}) if outcome.grades else {}
        grades = tuple(
            _marked(grade, theirs.get((grade.exercise, grade.framework)))
            for grade in outcome.grades
        )
        done.append(replace(outcome, grades=grades))
    return done + [_alone(*key, theirs) for key, theirs in wanted.items() if theirs]


def _marked(grade: Grade, mark: Mark | None) -> Grade:
    if mark is None:
        return grade
    said = sentence(STATUS, comment=f": {mark.comment}" if mark.comment else "")
    return Grade(
        *(grade.exercise, grade.framework, mark.points, grade.max_points, STATUS),
        diagnosis=f"{said} (the grader gave {grade.points:g})",
        student_message=said,
        advice=grade.advice,
    )


def _alone(student: str, chapter: str, theirs: dict[tuple[str, str], Mark]) -> Outcome:
    most = {e.answer: e.max_points for c in catalogue() for e in c.exercises}
    grades = tuple(
        _marked(Grade(exercise, framework, 0.0, most[exercise], "no_answer"), mark)
        for (exercise, framework), mark in theirs.items()
    )
    return Outcome(student, chapter, chapter, STATUS, sentence(STATUS, comment=""), grades)
