"""Assignments and submissions in nbgrader's gradebook, which are made if they are missing.

A family is an assignment, and each chapter one of its notebooks. The cell ``leaky_relu_pt`` has the
answer, ``check-leaky_relu_pt`` its points.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from nbgrader.api import Comment, Grade, Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.preprocessors import ComputeChecksums, SaveCells
from sqlalchemy import URL

from diptych.catalogue.component import FRAMEWORKS, load
from diptych.grading import handout
from diptych.grading.exports import ExportError
from diptych.judging.worker import SUFFIXES

CHECK = "check-"
SUFFIX = {framework: suffix for suffix, framework in SUFFIXES.items()}


def names(chapter: str, frameworks: Iterable[str] = FRAMEWORKS) -> list[str]:
    """The names of the answers of a chapter."""
    answers = [exercise.answer for component in load(chapter) for exercise in component.exercises]
    return [answer + SUFFIX[framework] for answer in answers for framework in frameworks]


def make_tables(url: URL) -> None:
    """Make the tables of a gradebook, if there are none."""
    # nbgrader calls the program alembic by its name.
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        Gradebook(url).close()
    finally:
        os.environ["PATH"] = before


def prepared(url: URL, chapter: str, frameworks: Sequence[str]) -> set[str]:
    """The names of a chapter's cells in the gradebook, which are made if there are none.

    Raises :class:`diptych.grading.exports.ExportError` if the gradebook has cells of the chapter,
    but not all that the ``frameworks`` need.
    """
    family, stem = chapter.split("/")
    with Gradebook(url) as book:
        book.update_or_create_assignment(family)
        try:
            notebook = book.find_notebook(stem, family)
            there = {cell.name for cell in notebook.grade_cells + notebook.solution_cells}
        except MissingEntry:
            there = set()
    wanted = [CHECK + name for name in names(chapter, frameworks)]
    if missing := [name for name in wanted if there and name not in there]:
        raise ExportError(
            f"the gradebook has {chapter} without the cell {missing[0]}: it was made for other "
            "frameworks, or for another version of the book. Use another gradebook"
        )
    if there:
        return there
    resources = {"notebook": stem, "assignment": family, "db_url": url}
    made = handout.notebook(chapter, frameworks)
    for step in (ComputeChecksums(), SaveCells()):
        made, _ = step.preprocess(made, {"nbgrader": resources})
    return {*wanted, *names(chapter, frameworks)}


def submitted(book: Gradebook, student: str, chapter: str) -> SubmittedNotebook:
    """The student's notebook in the gradebook, with a grade and a comment for each cell."""
    family, stem = chapter.split("/")
    book.update_or_create_student(student)
    with book.db.no_autoflush:  # an autoflush here would write a submission that is half made
        submission = book.update_or_create_submission(family, student)
    notebook = book.find_notebook(stem, family)
    for found in submission.notebooks:
        if found.notebook_id == notebook.id:
            return found
    # The submission is older than this notebook of its assignment.
    found = SubmittedNotebook(notebook=notebook, assignment=submission)
    book.db.add(found)
    book.db.add_all(Grade(cell_id=cell.id, notebook=found) for cell in notebook.grade_cells)
    book.db.add_all(Comment(cell_id=cell.id, notebook=found) for cell in notebook.solution_cells)
    book.db.commit()
    return found
