"""Moodle's grading worksheet, filled in, and the ZIP file of its feedback files."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from html import escape

from diptych.grading.exports import ExportError, csv_text, graded, points_text
from diptych.grading.tables import BOM
from diptych.grading.totals import Total

NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


def worksheet(everybody: Iterable[Total], text: str) -> str:
    """The worksheet ``text`` with grades and feedback comments; nothing else in it changes.

    The worksheet may be in any language. Points are scaled to its maximum grade. Raises
    :class:`diptych.grading.exports.ExportError` if ``text`` has no column of grades, or none of the
    students.
    """
    by_number = {total.student: total for total in graded(everybody)}
    plain = text.removeprefix(BOM)
    separator = max(",;\t", key=plain.partition("\n")[0].count)
    head, *rows = csv.reader(io.StringIO(plain, newline=""), delimiter=separator)
    grade, comment = _grade_column(head, rows), _comment_column(rows)
    filled = 0
    for row in rows:
        number = re.search(r"(\d+)\s*$", row[0]) if row else None
        if number is None or number[1] not in by_number:
            continue
        total, most = by_number[number[1]], row[grade + 1]
        points = points_text(total.share() * float(most.replace(",", ".")))
        row[grade] = points.replace(".", ",") if "," in most else points
        if comment is not None and comment > grade + 1:
            row[comment] = _comment(total)
        filled += 1
    if not filled:
        raise ExportError(
            "the worksheet names none of the students: is it that of another assignment? Moodle "
            "numbers participants anew in each"
        )
    ending = "\r\n" if "\r\n" in plain else "\n"
    return BOM * text.startswith(BOM) + csv_text([head, *rows], separator, ending)


def feedback_zip(everybody: Iterable[Total], page: Callable[[Total], str]) -> bytes:
    """The ZIP file for *Upload multiple feedback files in a zip*: a ``page`` for each student."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for total in graded(everybody):
            if total.student.isdecimal():
                folder = f"Participant_{total.student}_assignfeedback_file"
                archive.writestr(zipfile.ZipInfo(f"{folder}/feedback.html"), page(total))
    return made.getvalue()


def _comment(total: Total) -> str:
    """The points of each chapter, as HTML."""
    lines = [f"<li>{escape(name)}: {points:g}</li>" for name, points in total.by_chapter.items()]
    said = f"{total.points:g} of {total.max_points:g} points; the feedback file says more"
    return f"<p>{said}</p><ul>{''.join(lines)}</ul>"


def _grade_column(head: list[str], rows: list[list[str]]) -> int:
    """The index of the column of grades. Its heading is translated, so this looks at the column to
    its right: the maximum grade, a number in every row."""
    for place in range(2, len(head)):
        most = [row[place] for row in rows if len(row) > place]
        grades = [row[place - 1] for row in rows if len(row) > place]
        numbers = most and all(NUMBER.fullmatch(each) for each in most)
        if numbers and all(not each or NUMBER.fullmatch(each) for each in grades):
            return place - 1
    raise ExportError("this is no grading worksheet of Moodle: no column holds a maximum grade")


def _comment_column(rows: list[list[str]]) -> int | None:
    """The index of the feedback comments, or ``None``. They are the last column, if there are any;
    otherwise the last column has dates, and a date is never empty."""
    last = [row[-1] for row in rows if row]
    dates = all(cell == "-" or YEAR.search(cell) for cell in last)
    return None if dates else max(map(len, rows)) - 1
