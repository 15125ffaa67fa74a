"""The grades in the form in which a course's site takes them back.

What goes to a system is not changed for a spreadsheet, as our own tables are: keys and numbers
only, as they came in.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from html import escape

from diptych.catalogue.component import FRAMEWORK_NAMES
from diptych.grading.totals import Total, counted

BOM = "\ufeff"
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


class ExportError(ValueError):
    """The grades cannot be written for this site; the message says why, in one line."""


def canvas(everybody: Iterable[Total], heading: str, late: bool = False) -> str:
    """The least CSV file that Canvas imports: a row for each student who has a grade.

    The points are raw, because Canvas deducts for late work by itself; with ``late`` they are not.
    ``heading`` is the assignment's column as Canvas exports it, ``Rectifiers (301234)``. Raises
    :class:`ExportError` where it is not, or where a student is no user id of Canvas.
    """
    if not re.search(r"\(\d+\)$", heading):
        raise ExportError(
            f"{heading!a} is no heading of Canvas: copy it from an exported gradebook, with the "
            "number in brackets at its end, or Canvas makes a new assignment"
        )
    rows = []
    for total in _graded(everybody):
        if not total.student.isdecimal():
            raise ExportError(f"{total.student!a} is no user id of Canvas: grade Canvas's own ZIP")
        rows.append(
            (
                total.name or total.student,
                total.student,
                "",
                _points(total.points if late else total.raw),
            )
        )
    return _csv([("Student", "ID", "Section", heading), *rows], ",")


def blackboard(everybody: Iterable[Total], heading: str) -> str:
    """A CSV file that Blackboard imports: ``Username`` and a column.

    ``heading`` is the column's as Blackboard exports it, ``Title [Total Pts: 57 Score] |301234``.
    Raises :class:`ExportError` where it is not.
    """
    if not re.search(r"\|\d+$", heading):
        raise ExportError(
            f"{heading!a} is no heading of Blackboard: copy it from a downloaded column, with "
            "its number behind |"
        )
    rows = [(total.student, _points(total.points)) for total in _graded(everybody)]
    return _csv([("Username", heading), *rows], ",")


def brightspace(everybody: Iterable[Total], heading: str) -> str:
    """A CSV file that Brightspace imports: ``OrgDefinedId`` and a column.

    ``heading`` is the grade item's as Brightspace exports it, ``Rectifiers Points Grade``. Raises
    :class:`ExportError` where it is not.
    """
    if not heading.endswith("Points Grade"):
        raise ExportError(
            f"{heading!a} is no heading of Brightspace: copy it from exported grades, with Points "
            "Grade at its end"
        )
    rows = [(f"#{total.student}", _points(total.points), "#") for total in _graded(everybody)]
    return _csv([("OrgDefinedId", heading, "End-of-Line Indicator"), *rows], ",")


def gradescope(everybody: Iterable[Total], best: bool = False) -> str:
    """``results.json`` of a Gradescope autograder, which grades one student at a time.

    Each answer that counts is a test, with what the student may know of it. Raises
    :class:`ExportError` where there is not exactly one student.
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


def moodle(everybody: Iterable[Total], worksheet: str) -> str:
    """Moodle's grading worksheet with grades and feedback comments filled in, all else as it was.

    The worksheet may be in any language. Points are scaled to its maximum grade. Raises
    :class:`ExportError` where it has no grades, or none of the students.
    """
    graded = {total.student: total for total in _graded(everybody)}
    text = worksheet.removeprefix(BOM)
    separator = max(",;\t", key=text.partition("\n")[0].count)
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    grade, comment = _grade_column(head, rows), _comment_column(rows)
    filled = 0
    for row in rows:
        key = re.search(r"(\d+)\s*$", row[0]) if row else None
        if key is None or key[1] not in graded:
            continue
        total, most = graded[key[1]], row[grade + 1]
        points = _points(total.share() * float(most.replace(",", ".")))
        row[grade] = points.replace(".", ",") if "," in most else points
        if comment is not None and comment > grade + 1:
            row[comment] = _comment(total)
        filled += 1
    if not filled:
        raise ExportError(
            "the worksheet names none of the students: is it that of another assignment? Moodle "
            "numbers participants anew in each"
        )
    ending = "\r\n" if "\r\n" in text else "\n"
    return BOM * worksheet.startswith(BOM) + _csv([head, *rows], separator, ending)


def moodle_feedback(everybody: Iterable[Total], page: Callable[[Total], str]) -> bytes:
    """The ZIP file for *Upload multiple feedback files in a zip*: a page for each student."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for total in _graded(everybody):
            if total.student.isdecimal():
                folder = f"Participant_{total.student}_assignfeedback_file"
                archive.writestr(zipfile.ZipInfo(f"{folder}/feedback.html"), page(total))
    return made.getvalue()


def _graded(everybody: Iterable[Total]) -> list[Total]:
    return [total for total in everybody if total.by_chapter]


def _points(points: float) -> str:
    return f"{points:.2f}".removesuffix("0").removesuffix(".0")


def _comment(total: Total) -> str:
    """The points of each chapter, as HTML."""
    chapters: Mapping[str, float] = total.by_chapter
    lines = [f"<li>{escape(name)}: {points:g}</li>" for name, points in chapters.items()]
    said = f"{total.points:g} of {total.max_points:g} points; the feedback file says more"
    return f"<p>{said}</p><ul>{''.join(lines)}</ul>"


def _grade_column(head: list[str], rows: list[list[str]]) -> int:
    """The place of the grades: headings are translated, but the maximum stands behind them, and is
    a number in every row."""
    for place in range(2, len(head)):
        most = [row[place] for row in rows if len(row) > place]
        grades = [row[place - 1] for row in rows if len(row) > place]
        numbers = most and all(NUMBER.fullmatch(each) for each in most)
        if numbers and all(not each or NUMBER.fullmatch(each) for each in grades):
            return place - 1
    raise ExportError("this is no grading worksheet of Moodle: no column holds a maximum grade")


def _comment_column(rows: list[list[str]]) -> int | None:
    """The place of the feedback comments, the last if there are any: dates are never empty."""
    last = [row[-1] for row in rows if row]
    dates = all(cell == "-" or YEAR.search(cell) for cell in last)
    return None if dates else max(map(len, rows)) - 1


def _csv(rows: Iterable[Iterable[str]], separator: str, ending: str = "\n") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator=ending).writerows(rows)
    return file.getvalue()
