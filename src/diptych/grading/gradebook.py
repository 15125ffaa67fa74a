"""Writes grades into nbgrader's gradebook, for formgrader and ``nbgrader export``.

What an instructor has entered there by hand stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, InvalidEntry, SubmittedNotebook
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from diptych.catalogue.component import FRAMEWORK_NAMES
from diptych.grading import assignments, autograded, files
from diptych.grading.assignments import CHECK, SUFFIX
from diptych.grading.exports import ExportError
from diptych.grading.lateness import Rule
from diptych.grading.outcome import Outcome
from diptych.grading.totals import counted

Answers = Mapping[str, tuple[float, str]]  # points and comment, by the name of the answer


def write(
    course: Path,
    outcomes: Iterable[Outcome],
    chapters: Collection[str],
    notebooks: Mapping[tuple[str, str], Path],
    frameworks: Sequence[str],
    *,
    best: bool = False,
    rule: Rule | None = None,
) -> None:
    """Write scores and comments into ``gradebook.db`` of an nbgrader ``course``, and the submitted
    ``notebooks``, by student and chapter, into its ``autograded/``.

    ``chapters`` are those that count. If a student has handed in a chapter of an assignment, the
    other chapters of this assignment get 0. So does an answer that does not count. Assignments that
    are missing are made with the ``frameworks``, as ``nbgrader generate_assignment`` does. Raises
    :class:`diptych.grading.exports.ExportError` if the gradebook cannot be used, and ``OSError``.
    """
    path = course / "gradebook.db"
    if not course.is_dir():
        raise ExportError(f"there is no folder {course}: give that of your nbgrader course")
    if not path.exists():
        files.touch(path)
    url = URL.create("sqlite", database=str(path.resolve()))
    graded = {(o.student, o.chapter): o for o in outcomes if o.grades and o.chapter in chapters}
    families = {chapter.split("/")[0] for _, chapter in graded}
    chapters = [chapter for chapter in chapters if chapter.split("/")[0] in families]
    try:
        assignments.make_tables(url)
        cells = {chapter: assignments.prepared(url, chapter, frameworks) for chapter in chapters}
        with Gradebook(url) as book:
            _enter_all(book, graded, chapters, best, rule)
            book.db.commit()
    except (SQLAlchemyError, InvalidEntry) as error:
        reason = str(error).partition("\n")[0]
        raise ExportError(f"nbgrader cannot use {path}: {reason}") from None
    for student, chapter in graded.keys() & notebooks.keys():
        made = autograded.notebook(chapter, cells[chapter], notebooks[student, chapter])
        if made:
            target = course / "autograded" / student / f"{chapter}.ipynb"
            files.folder(target.parent)
            files.replace(target, nbformat.writes(made) + "\n")


def _enter_all(
    book: Gradebook,
    graded: Mapping[tuple[str, str], Outcome],
    chapters: Sequence[str],
    best: bool,
    rule: Rule | None,
) -> None:
    for student, family in sorted({(s, chapter.split("/")[0]) for s, chapter in graded}):
        for chapter in (each for each in chapters if each.startswith(f"{family}/")):
            outcome = graded.get((student, chapter))
            submitted = assignments.submitted(book, student, chapter)
            _enter(submitted, chapter, _answers(outcome, best) if outcome else {})
            if rule:
                submitted.late_submission_penalty = _penalty(outcome, best, rule)


def _answers(outcome: Outcome, best: bool) -> Answers:
    """The points of each answer, and the comment that the student reads."""
    counts = {grade.exercise: grade for grade in counted(outcome.grades, best)} if best else {}
    found = {}
    for grade in outcome.grades:
        better = counts.get(grade.exercise, grade)
        said = "\n\n".join(filter(None, (grade.student_message, grade.student_evidence)))
        if better is not grade:
            said = f"the answer in {FRAMEWORK_NAMES[better.framework]} counts"
        points = grade.points if better is grade else 0.0
        found[grade.exercise + SUFFIX[grade.framework]] = points, said
    return found


def _enter(submitted: SubmittedNotebook, chapter: str, answers: Answers) -> None:
    """Enter points and comments; cells that do not belong to the book stay as they are."""
    names = set(assignments.names(chapter))
    for grade in submitted.grades:
        name = grade.name.removeprefix(CHECK)
        if name not in names:
            continue
        points, _ = answers.get(name, (0.0, ""))
        changed, grade.auto_score = grade.auto_score != points, points
        if grade.manual_score is None:
            grade.needs_manual_grade = False
        elif changed:  # the instructor's score counts, and nbgrader asks for a second look
            grade.needs_manual_grade = True
    for comment in submitted.comments:
        if comment.name in names:
            comment.auto_comment = answers.get(comment.name, (0.0, ""))[1] or None


def _penalty(outcome: Outcome | None, best: bool, rule: Rule) -> float | None:
    if not outcome:
        return None
    points = sum(grade.points for grade in counted(outcome.grades, best))
    return rule.costs(outcome.late, points) or None
