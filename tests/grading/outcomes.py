"""Outcomes to keep and to write down."""

from diptych.grading import totals
from diptych.grading.outcome import Grade, Outcome
from tests.grading.submissions import CHAPTER

GATES = "activations/gates"


def outcome(student="ann"):
    grade = Grade("relu", "pytorch", 2.0, 3.0, "graded", "some <b>outputs</b> are wrong")
    return Outcome(student, f"{CHAPTER}.ipynb", CHAPTER, "graded", grades=(grade,))


def graded(student, points, chapter=CHAPTER, **more):
    """An outcome with one grade of 3 for each of the ``points``: (PyTorch, TensorFlow)."""
    grades = tuple(
        Grade(f"e{n}", framework, each, 3.0, *said(each), "", said(each)[1])
        for n, both in enumerate(points)
        for framework, each in zip(("pytorch", "tensorflow"), both, strict=True)
    )
    return Outcome(student, f"{chapter}.ipynb", chapter, "graded", "", grades, **more)


def said(points):
    return ("graded", "") if points else ("not_written", "not written yet")


def everybody(outcomes, asked, best=False, also=()):
    students = dict.fromkeys(sorted({*(o.student for o in outcomes), *also}), "")
    pages = {student: f"{student}.html" for student in students}
    return totals.totals(outcomes, students, pages, asked, best)
