"""Grades as files that Canvas, Blackboard, Brightspace and Gradescope import.

Our own tables are made safe for spreadsheets. These files are not, because a site must get its own
keys back unchanged. :mod:`diptych.grading.moodle` fills in Moodle's worksheet.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable

from diptych.catalogue.component import FRAMEWORK_NAMES
from diptych.grading.totals import Total, counted


class ExportError(ValueError):
    """The grades cannot be written for this site; the message says why, in one line."""


def canvas(everybody: Iterable[Total], heading: str, late: bool = False) -> str:
    """The smallest CSV file that Canvas imports: a row for each student who has a grade.

    The points are raw, because Canvas deducts for late work by itself; with ``late``, the file has
    the reduced points. ``heading`` is the assignment's column as Canvas exports it, ``Rectifiers
    (301234)``. Raises :class:`ExportError` if it is not, or if a student is no user id of Canvas.
    """
    if not re.search(r"\(\d+\)$", heading):
        raise ExportError(
            f"{heading!a} is no heading of Canvas: copy it from an exported gradebook, with the "
            "number in brackets at its end, or Canvas makes a new assignment"
        )
    rows = []
    for total in graded(everybody):
        if not total.student.isdecimal():
            raise ExportError(f"{total.student!a} is no user id of Canvas: grade Canvas's own ZIP")
        points = points_text(total.points if late else total.raw)
        rows.append((total.name or total.student, total.student, "", points))
    return csv_text([("Student", "ID", "Section", heading), *rows], ",")


def blackboard(everybody: Iterable[Total], heading: str) -> str:
    """A CSV file that Blackboard imports: ``Username`` and a column.

    ``heading`` is the column's as Blackboard exports it, ``Title [Total Pts: 57 Score] |301234``.
    Raises :class:`ExportError` if it is not.
    """
    if not re.search(r"\|\d+$", heading):
        raise ExportError(
            f"{heading!a} is no heading of Blackboard: copy it from a downloaded column, with "
            "its number behind |"
        )
    rows = [(total.student, points_text(total.points)) for total in graded(everybody)]
    return csv_text([("Username", heading), *rows], ",")


def brightspace(everybody: Iterable[Total], heading: str) -> str:
    """A CSV file that Brightspace imports: ``OrgDefinedId`` and a column.

    ``heading`` is the grade item's as Brightspace exports it, ``Rectifiers Points Grade``. Raises
    :class:`ExportError` if it is not.
    """
    if not heading.endswith("Points Grade"):
        raise ExportError(
            f"{heading!a} is no heading of Brightspace: copy it from exported grades, with Points "
            "Grade at its end"
        )
    rows = [(f"#{total.student}", points_text(total.points), "#") for total in graded(everybody)]
    return csv_text([("OrgDefinedId", heading, "End-of-Line Indicator"), *rows], ",")


def gradescope(everybody: Iterable[Total], best: bool = False) -> str:
    """``results.json`` of a Gradescope autograder, which grades one student at a time.

    Each answer that counts is a test, with the message that the student may read. Raises
    :class:`ExportError` if there is not exactly one student.
    """
    everybody = list(everybody)
    if len(everybody) != 1:
        raise ExportError(f"Gradescope takes one student at a time, and here are {len(everybody)}")
    (total,) = everybody
    tests = [
        {
            "name": f"{grade.exercise} in {FRAMEWORK_NAMES[grade.framework]}",
            "score": grade.points,
            "max_score": grade.max_points,
            "output": "\n".join(filter(None, (grade.student_message, grade.student_evidence)))
            or "right",
            "visibility": "visible",
        }
        for outcome in total.outcomes
        if outcome.chapter in total.by_chapter
        for grade in counted(outcome.grades, best)
    ]
    listed = [f"{o.place}: {o.reason}" for o in total.outcomes if not o.grades]
    results = {"score": round(total.points, 2), "output": "\n".join(listed), "tests": tests}
    return json.dumps(results, ensure_ascii=False, indent=1) + "\n"


def graded(everybody: Iterable[Total]) -> list[Total]:
    """The students with a graded notebook."""
    return [total for total in everybody if total.by_chapter]


def points_text(points: float) -> str:
    """Points with at most two decimals: ``1.5``."""
    return f"{points:.2f}".removesuffix("0").removesuffix(".0")


def csv_text(rows: Iterable[Iterable[str]], separator: str, ending: str = "\n") -> str:
    """The rows as CSV, with no cell changed."""
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator=ending).writerows(rows)
    return file.getvalue()
