"""What a batch leaves behind: ``grades.csv``, a page for each student, one for the class."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from diptych.grading import pages
from diptych.grading.marking import Outcome

COLUMNS = (
    *("student", "family", "chapter", "exercise", "framework"),
    *("points", "max_points", "status", "diagnosis"),
)


def write(
    out: Path,
    outcomes: Iterable[Outcome],
    students: Iterable[str],
    *,
    isolation: str,
    show_hidden: bool,
) -> None:
    """Write all reports of the ``outcomes`` into the folder ``out``; ``students`` are all that
    have a folder, those without a notebook included."""
    outcomes = sorted(outcomes, key=lambda o: (o.student, o.place))
    _replace(out / "grades.csv", csv_text(outcomes))
    (out / "feedback").mkdir(exist_ok=True)
    for student, theirs in groupby(outcomes, lambda o: o.student):
        page = pages.feedback(student, list(theirs), show_hidden=show_hidden)
        _replace(out / "feedback" / page_name(student), page)
    handed_in = {outcome.student for outcome in outcomes}
    missing = [student for student in students if student not in handed_in]
    _replace(out / "report.html", pages.class_report(outcomes, missing, isolation))


def csv_text(outcomes: Iterable[Outcome]) -> str:
    """One row per answer, and one for a file that belongs to no chapter; equal outcomes give equal
    text."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    for outcome in outcomes:
        writer.writerows([harmless(cell) for cell in row] for row in _rows(outcome))
    return file.getvalue()


def _rows(outcome: Outcome) -> Iterator[tuple[str, ...]]:
    family, _, stem = (outcome.chapter or outcome.place).rpartition("/")
    start = (outcome.student, family, stem)
    for g in outcome.grades:
        points = (f"{g.points:g}", f"{g.max_points:g}")
        yield (*start, g.exercise, g.framework, *points, g.status, g.diagnosis)
    if not outcome.grades:
        yield (*start, "", "", "0", "0", outcome.status, outcome.reason)


def harmless(cell: str) -> str:
    """``cell`` as text for a spreadsheet, which would take ``=1+1`` for a formula."""
    # The wide forms, too: some take them for the narrow ones.
    start = unicodedata.normalize("NFKC", cell[:1])
    return "'" + cell if start in tuple("=+-@\t\r\n") else cell


def page_name(student: str) -> str:
    """The name of a student's page: their own where that is an ordinary file's name."""
    if re.fullmatch(r"\w[\w .@-]{0,99}", student) and len(student.encode()) <= 200:
        return f"{student}.html"
    plain = re.sub(r"[^\w-]+", "_", student, flags=re.ASCII)[:40]
    # With a character that no name of the first kind has: nobody can be called like this.
    return f"{plain}~{hashlib.sha256(student.encode()).hexdigest()[:16]}.html"


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(path.name + ".draft")
    draft.write_text(text, encoding="utf-8", newline="")
    os.replace(draft, path)
