"""An outcome to keep and to write down."""

from diptych.grading.marking import Grade, Outcome
from tests.grading.submissions import CHAPTER


def outcome(student="ann"):
    grade = Grade("relu", "pytorch", 2.0, 3.0, "graded", "some <b>outputs</b> are wrong")
    return Outcome(student, f"{CHAPTER}.ipynb", CHAPTER, "graded", grades=(grade,))
