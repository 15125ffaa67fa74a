"""Writes the reports of a batch: tables, a page for each student, one for the class, and files for
course sites."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from diptych.grading import class_report, exports, feedback, files, moodle, tables, totals
from diptych.grading.changes import Change
from diptych.grading.lateness import Rule
from diptych.grading.outcome import Outcome
from diptych.grading.totals import Total

ANSWERS = (
    *("student", "family", "chapter", "exercise", "framework"),
    *("points", "max_points", "status", "diagnosis", "counts", "late"),
)
STUDENTS = (
    *("student", "name", "points", "max_points", "status", "missing"),
    *("late", "deducted", "look_at"),
)
CHANGES = ("student", "family", "chapter", "exercise", "framework", "old", "new", "diagnosis")


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
    rule: Rule | None = None,
    late_in_canvas: bool = False,
    changes: Iterable[Change] = (),
    book: str = "",
) -> None:
    """Write all reports of the ``outcomes`` into the folder ``out``.

    - ``names``: of all students, by student, also of those without a notebook.
    - ``asked``: the points of each chapter that counts.
    - ``best``: whether the better framework of each exercise counts.
    - ``strangers``: students who have a folder, and are not on the roster.
    - ``sites``: what each site's file needs: the heading of the column for "canvas", "blackboard"
      or "brightspace", the text of a worksheet for "moodle", anything for "gradescope".
    - ``rule``: what late work costs; in Canvas's file only with ``late_in_canvas``.
    - ``book``: the address of the book's site, for links in the feedback.

    Raises :class:`diptych.grading.lateness.LateError` before anything is written, and
    :class:`diptych.grading.exports.ExportError` after the tables and pages.
    """
    outcomes = sorted(outcomes, key=lambda o: (o.student, o.place))
    everybody = totals.totals(outcomes, names, files.page_names(names), asked, best, rule)
    files.replace(out / "grades.csv", answers_csv(outcomes, best))
    files.replace(out / "changes.csv", changes_csv(changes))
    files.replace(out / "students.csv", students_csv(everybody, asked, best))
    files.folder(out / "feedback")
    page = functools.partial(feedback.page, best=best, show_hidden=show_hidden, book=book)
    for total in everybody:
        files.replace(out / "feedback" / total.page, page(total))
    report = class_report.page(outcomes, everybody, asked, strangers, best, isolation, rule)
    files.replace(out / "report.html", report)
    if heading := sites.get("canvas"):
        files.replace(out / "canvas.csv", exports.canvas(everybody, heading, late_in_canvas))
    if heading := sites.get("blackboard"):
        files.replace(out / "blackboard.csv", exports.blackboard(everybody, heading))
    if heading := sites.get("brightspace"):
        files.replace(out / "brightspace.csv", exports.brightspace(everybody, heading))
    if sites.get("gradescope"):
        files.replace(out / "results.json", exports.gradescope(everybody, best))
    if text := sites.get("moodle"):
        files.replace(out / "moodle.csv", moodle.worksheet(everybody, text))
        files.replace(out / "moodle_feedback.zip", moodle.feedback_zip(everybody, page))


def answers_csv(outcomes: Iterable[Outcome], best: bool = False) -> str:
    """One row for each answer, and one for each file that is only listed; equal outcomes give equal
    text."""
    return tables.text(ANSWERS, (row for outcome in outcomes for row in _answers(outcome, best)))


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


def changes_csv(changes: Iterable[Change]) -> str:
    """One row for each answer whose points have changed: old and new, or "" if there was no such
    answer."""
    return tables.text(CHANGES, (_change(change) for change in changes))


def _change(change: Change) -> Iterator[str]:
    family, _, stem = change.chapter.rpartition("/")
    yield from (change.student, family, stem, change.exercise, change.framework)
    yield from ("" if each is None else f"{each:g}" for each in (change.old, change.new))
    yield change.why


def students_csv(everybody: Iterable[Total], asked: Mapping[str, float], best: bool = False) -> str:
    """One row for each student, with a column for each chapter in ``asked``: empty if it is
    missing."""
    return tables.text((*STUDENTS, *asked), (_student(total, asked, best) for total in everybody))


def _student(total: Total, asked: Mapping[str, float], best: bool) -> Iterator[str]:
    yield from (total.student, total.name, f"{total.points:g}", f"{total.max_points:g}")
    deducted = sum(total.deducted.values())
    yield from (total.status, " ".join(total.missing), total.late)
    yield f"{deducted:g}" if deducted else ""
    look = [o for o in total.outcomes if totals.trouble(o, best)]
    how = {"graded": "most answers earned nothing"}
    yield "; ".join(f"{o.place}: {how.get(o.status, o.status)}" for o in look)
    for chapter in asked:
        points = total.by_chapter.get(chapter)
        yield "" if points is None else f"{points:g}"
