"""The grades in nbgrader's own gradebook, where formgrader and ``nbgrader export`` find them.

A family is an assignment, a chapter one of its notebooks, and the cells are those of the exercises:
``leaky_relu_pt`` is the answer, ``check-leaky_relu_pt`` has its points. What an instructor has
entered there by hand stays.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import nbformat
from nbgrader.api import Comment, Grade, Gradebook, InvalidEntry, MissingEntry, SubmittedNotebook
from nbgrader.preprocessors import ComputeChecksums, SaveCells
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from diptych.catalogue.component import FRAMEWORK_NAMES, FRAMEWORKS, load
from diptych.grading import files, handout, read
from diptych.grading.exports import ExportError
from diptych.grading.lateness import Rule
from diptych.grading.outcome import Outcome
from diptych.grading.totals import counted
from diptych.judging.worker import SUFFIXES

CHECK = "check-"
SUFFIX = {framework: suffix for suffix, framework in SUFFIXES.items()}
Answers = Mapping[str, tuple[float, str]]  # points and comment, by the name of the answer
CELLS = {
    "code": nbformat.v4.new_code_cell,
    "markdown": nbformat.v4.new_markdown_cell,
    "raw": nbformat.v4.new_raw_cell,
}


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

    Of the ``chapters`` that count, one that a student has not handed in gets 0, if the student has
    handed in another one of the same assignment. What does not count gets 0, too. An assignment
    that is not there is made as ``nbgrader generate_assignment`` does it, with the ``frameworks``.
    Raises :class:`diptych.grading.exports.ExportError` where the gradebook cannot be used, and
    ``OSError``.
    """
    path = course / "gradebook.db"
    if not course.is_dir():
        raise ExportError(f"there is no folder {course}: give that of your nbgrader course")
    if not path.exists():
        files.touch(path)
    url = URL.create("sqlite", database=str(path.resolve()))
    graded = {(o.student, o.chapter): o for o in outcomes if o.grades and o.chapter in chapters}
    theirs = {(student, chapter.split("/")[0]) for student, chapter in graded}
    families = {family for _, family in theirs}
    chapters = [chapter for chapter in chapters if chapter.split("/")[0] in families]
    try:
        _open(url)
        cells = {chapter: _prepared(url, chapter, frameworks) for chapter in chapters}
        with Gradebook(url) as book:
            for student, family in sorted(theirs):
                for chapter in (each for each in chapters if each.startswith(f"{family}/")):
                    outcome = graded.get((student, chapter))
                    submitted = _submitted(book, student, chapter)
                    _enter(submitted, chapter, _answers(outcome, best) if outcome else {})
                    if rule:
                        submitted.late_submission_penalty = _penalty(outcome, best, rule)
            book.db.commit()
    except (SQLAlchemyError, InvalidEntry) as error:
        reason = str(error).partition("\n")[0]
        raise ExportError(f"nbgrader cannot use {path}: {reason}") from None
    for student, chapter in graded.keys() & notebooks.keys():
        made = _shown(chapter, cells[chapter], notebooks[student, chapter])
        if made:
            target = course / "autograded" / student / f"{chapter}.ipynb"
            files.folder(target.parent)
            files.replace(target, nbformat.writes(made) + "\n")


def _open(url: URL) -> None:
    """Make the tables, if there are none: for that, nbgrader calls alembic by its name."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        Gradebook(url).close()
    finally:
        os.environ["PATH"] = before


def _prepared(url: URL, chapter: str, frameworks: Sequence[str]) -> set[str]:
    """The names of the cells that the gradebook has of a chapter, for points or for comments: at
    least those that count."""
    family, stem = chapter.split("/")
    with Gradebook(url) as book:
        book.update_or_create_assignment(family)
        try:
            notebook = book.find_notebook(stem, family)
            there = {cell.name for cell in notebook.grade_cells + notebook.solution_cells}
        except MissingEntry:
            there = set()
    wanted = [CHECK + name for name in _names(chapter, frameworks)]
    if missing := [name for name in wanted if there and name not in there]:
        raise ExportError(
            f"the gradebook has {chapter} without the cell {missing[0]}: it was made for other "
            "frameworks, or for another version of the book. Use another gradebook"
        )
    if there:
        return there
    told = {"notebook": stem, "assignment": family, "db_url": url}
    made = handout.notebook(chapter, frameworks)
    for step in (ComputeChecksums(), SaveCells()):
        made, _ = step.preprocess(made, {"nbgrader": told})
    return {*wanted, *_names(chapter, frameworks)}


def _names(chapter: str, frameworks: Iterable[str] = FRAMEWORKS) -> list[str]:
    """The names of the answers of a chapter."""
    answers = [exercise.answer for component in load(chapter) for exercise in component.exercises]
    return [answer + SUFFIX[framework] for answer in answers for framework in frameworks]


def _submitted(book: Gradebook, student: str, chapter: str) -> SubmittedNotebook:
    """The student's notebook, with a grade and a comment for each cell."""
    family, stem = chapter.split("/")
    book.update_or_create_student(student)
    with book.db.no_autoflush:  # which nbgrader, in the middle of making one, does not want
        submission = book.update_or_create_submission(family, student)
    notebook = book.find_notebook(stem, family)
    for found in submission.notebooks:
        if found.notebook_id == notebook.id:
            return found
    # nbgrader makes those that the assignment had when the submission was made.
    found = SubmittedNotebook(notebook=notebook, assignment=submission)
    book.db.add(found)
    book.db.add_all(Grade(cell_id=cell.id, notebook=found) for cell in notebook.grade_cells)
    book.db.add_all(Comment(cell_id=cell.id, notebook=found) for cell in notebook.solution_cells)
    book.db.commit()
    return found


def _answers(outcome: Outcome, best: bool) -> Answers:
    """What each answer gets, and what is said of it to the student."""
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
    """Enter points and comments; cells that are not the book's are left alone."""
    names = set(_names(chapter))
    for grade in submitted.grades:
        name = grade.name.removeprefix(CHECK)
        if name not in names:
            continue
        points, _ = answers.get(name, (0.0, ""))
        changed, grade.auto_score = grade.auto_score != points, points
        if grade.manual_score is None:
            grade.needs_manual_grade = False
        elif changed:  # the instructor's score counts; nbgrader asks for a second look
            grade.needs_manual_grade = True
    for comment in submitted.comments:
        if comment.name in names:
            comment.auto_comment = answers.get(comment.name, (0.0, ""))[1] or None


def _penalty(outcome: Outcome | None, best: bool, rule: Rule) -> float | None:
    if not outcome:
        return None
    points = sum(grade.points for grade in counted(outcome.grades, best))
    return rule.costs(outcome.late, points) or None


def _shown(chapter: str, names: Collection[str], path: Path) -> nbformat.NotebookNode | None:
    """The notebook as formgrader is to show it, if it can be read: without outputs, and of what the
    cells say of themselves only which answer or check they are, each once."""
    exercises = handout.notebook(chapter, FRAMEWORKS)
    about = [cell.metadata.nbgrader for cell in exercises.cells if "nbgrader" in cell.metadata]
    known = {each.grade_id: each for each in about if each.grade_id in names}
    cells = []
    try:
        for kind, source, metadata in read.cells(read.notebook(read.content(path))):
            own = metadata.get("nbgrader")
            name = own.get("grade_id") if isinstance(own, dict) else None
            grading = known.pop(name, None) if isinstance(name, str) else None
            if kind in CELLS:
                cells.append(CELLS[kind](source, metadata={"nbgrader": grading} if grading else {}))
    except read.Unreadable:
        return None
    return nbformat.v4.new_notebook(cells=cells, metadata=exercises.metadata)
