"""What a batch leaves behind: two tables, a page for each student, one for the class."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from diptych.grading import exports, files, pages, totals
from diptych.grading.marking import Outcome
from diptych.grading.totals import Total

ANSWERS = (
    *("student", "family", "chapter", "exercise", "framework"),
    *("points", "max_points", "status", "diagnosis", "counts", "late"),
)
STUDENTS = ("student", "name", "points", "max_points", "status", "missing", "late", "look_at")
BOM = "\ufeff"  # by which a spreadsheet knows that the names are in UTF-8


def write(
    out: Path,
    outcomes: Iterable[Outcome],
    names: Mapping[str, str],
    asked: Mapping[str, float],
    *,
    best: bool = False,
    strangers: Sequence[str] = (),
    isolation: str,
    show_hidden: bool = False,
    sites: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write all reports of the ``outcomes`` into the folder ``out``.

    ``names`` has everybody's name, by student, those without a notebook included; ``asked`` the
    points of each chapter that counts. With ``best``, the better framework of each exercise
    counts. ``strangers`` have a folder, and are not on the roster. ``sites`` has what is needed for
    a file that a course's site takes back: the heading for "canvas" or "blackboard", the text of a
    worksheet for "moodle". Raises :class:`diptych.grading.exports.ExportError`, when all else is
    written.
    """
    outcomes = sorted(outcomes, key=lambda o: (o.student, o.place))
    everybody = totals.totals(outcomes, names, files.page_names(names), asked, best)
    files.replace(out / "grades.csv", answers_csv(outcomes, best))
    files.replace(out / "students.csv", students_csv(everybody, asked, best))
    files.folder(out / "feedback")
    for total in everybody:
        page = pages.feedback(total, best=best, show_hidden=show_hidden)
        files.replace(out / "feedback" / total.page, page)
    report = pages.class_report(outcomes, everybody, asked, strangers, best, isolation)
    files.replace(out / "report.html", report)
    if heading := sites.get("canvas"):
        files.replace(out / "canvas.csv", exports.canvas(everybody, heading))
    if heading := sites.get("blackboard"):
        files.replace(out / "blackboard.csv", exports.blackboard(everybody, heading))
    if worksheet := sites.get("moodle"):
        files.replace(out / "moodle.csv", exports.moodle(everybody, worksheet))

        def page(total: Total) -> str:
            return pages.feedback(total, best=best, show_hidden=show_hidden)

        files.replace(out / "moodle_feedback.zip", exports.moodle_feedback(everybody, page))


def answers_csv(outcomes: Iterable[Outcome], best: bool = False) -> str:
    """One row per answer, and one for a file that is only listed; equal outcomes give equal
    text."""
    return _csv(ANSWERS, (row for outcome in outcomes for row in _answers(outcome, best)))


def _answers(outcome: Outcome, best: bool) -> Iterator[tuple[str, ...]]:
    family, _, stem = (outcome.chapter or outcome.place).rpartition("/")
    start = (outcome.student, family, stem)
    counted = set(map(id, totals.counted(outcome.grades, best)))
    for g in outcome.grades:
        points, counts = (f"{g.points:g}", f"{g.max_points:g}"), "yes" if id(g) in counted else "no"
        yield (
            *(*start, g.exercise, g.framework, *points, g.status, g.diagnosis, counts),
            outcome.late,
        )
    if not outcome.grades:
        yield (*start, "", "", "0", "0", outcome.status, outcome.reason, "no", outcome.late)


def students_csv(everybody: Iterable[Total], asked: Mapping[str, float], best: bool = False) -> str:
    """One row per student, and a column for each chapter that counts: empty where it is missing."""
    return _csv((*STUDENTS, *asked), (_student(total, asked, best) for total in everybody))


def _student(total: Total, asked: Mapping[str, float], best: bool) -> Iterator[str]:
    yield from (total.student, total.name, f"{total.points:g}", f"{total.max_points:g}")
    yield from (total.status, " ".join(total.missing), total.late)
    look = [o for o in total.outcomes if totals.trouble(o, best)]
    how = {"graded": "most answers earned nothing"}
    yield "; ".join(f"{o.place}: {how.get(o.status, o.status)}" for o in look)
    for chapter in asked:
        points = total.by_chapter.get(chapter)
        yield "" if points is None else f"{points:g}"


def _csv(head: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return BOM + file.getvalue()


def harmless(cell: str) -> str:
    """``cell`` as text for a spreadsheet, which would take ``=1+1`` for a formula."""
    # The wide forms, too: some take them for the narrow ones.
    start = unicodedata.normalize("NFKC", cell[:1])
    return "'" + cell if start in tuple("=+-@\t\r\n") else cell
