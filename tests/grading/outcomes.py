"""Outcomes to keep and to write down."""

import re

from diptych.grading import class_report, totals
from diptych.grading.outcome import Grade, Outcome
from tests.grading.submissions import CHAPTER

GATES = "activations/gates"
ASKED = {CHAPTER: 6.0}


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


def total(student, points, name="", graded=True):
    """A student's total of ``points`` of 42, for one chapter."""
    by_chapter = {CHAPTER: points} if graded else {}
    return totals.Total(student, name, "", points, 42, "complete", by_chapter, (), ())


CLASS = [total("70011", 21, "=One, Öne"), total("70012", 40.004), total("70013", 0, graded=False)]


def report(outcomes, asked=ASKED, strangers=(), best=False, also=()):
    """The report on the class of these outcomes."""
    those = everybody(outcomes, asked, best, also)
    return class_report.page(outcomes, those, asked, strangers, best, "none")


def text(page):
    """The text of an HTML page, with single spaces."""
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.S).split())
