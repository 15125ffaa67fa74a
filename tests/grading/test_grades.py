"""The grade of an answer: a student is told of visible cases alone."""

import numpy as np

from diptych.grading import asking, grades
from diptych.judging import oracle
from tests.grading.submissions import CHAPTER

ASKED = asking.asked(CHAPTER, ("pytorch", "tensorflow"), "0")


def results(asked, wrong):
    """What comes back for a right answer, but for the cases ``wrong``, each with its output."""
    right = [oracle.predict(asked.exercise.oracle, asked.exercise, case) for case in asked.cases]
    for arrays in right:
        arrays["gradient:0"] = arrays.get("low:gradient:0", np.zeros(()))
    for number, output in wrong.items():
        right[number]["output:0:0"] = output(right[number]["output:0:0"])
    return [
        {"arrays": {name: np.asarray(array, np.float32) for name, array in arrays.items()}}
        for arrays in right
    ]


def test_a_student_is_told_of_visible_cases_alone():
    (asked,) = (each for each in ASKED if each.name == "relu_pt")
    hidden = range(len(asked.exercise.visible), len(asked.cases))
    told = {
        (grade.student_message, grade.student_evidence)
        for number in hidden
        for output in (np.negative, np.zeros_like, np.ravel, lambda y: y + 1)
        if (grade := grades.judged(asked, results(asked, {number: output}))).lost
    }
    assert told == {(grades.HIDDEN, "")}
    first = {0: lambda y: y + 1}
    alone = grades.judged(asked, results(asked, first))
    both = grades.judged(asked, results(asked, first | {hidden[0]: np.zeros_like}))
    assert alone.student_message == both.student_message != grades.HIDDEN
    assert alone.student_evidence == both.student_evidence != ""


def test_an_error_in_the_judge_ends_in_a_status(monkeypatch):
    monkeypatch.setattr(grades.judge, "judge", lambda *args: 1 / 0)
    asked = asking.asked(CHAPTER, ("pytorch",), "0")[0]
    assert grades.judged(asked, []).status == "failed"
