"""What a course's site takes back has its keys and numbers, and nothing else is changed."""

import csv
import io
import json

import pytest

from diptych.grading import exports
from diptych.grading.outcome import Outcome
from tests.grading.outcomes import CLASS, everybody, graded, total

CHAPTER = "activations/rectifiers"


def test_canvas_gets_a_row_for_each_grade_by_user_id():
    text = exports.canvas(CLASS, "Rectifiers (301234)")
    assert list(csv.reader(io.StringIO(text))) == [
        ["Student", "ID", "Section", "Rectifiers (301234)"],
        ["=One, Öne", "70011", "", "21"],
        ["70012", "70012", "", "40"],
    ]


def test_what_canvas_would_take_for_a_new_assignment_is_refused():
    with pytest.raises(exports.ExportError, match="new assignment"):
        exports.canvas(CLASS, "Rectifiers")
    with pytest.raises(exports.ExportError, match="no user id"):
        exports.canvas([total("ann", 1)], "Rectifiers (301234)")


def test_blackboard_gets_user_names_and_its_own_heading():
    heading = "Rectifiers [Total Pts: 57 Score] |301234"
    text = exports.blackboard([total("ann", 1.5)], heading)
    assert text == f"Username,{heading}\nann,1.5\n"
    with pytest.raises(exports.ExportError, match="heading"):
        exports.blackboard(CLASS, "Rectifiers")


def test_gradescope_gets_a_test_for_each_answer_of_its_one_student():
    outcome = graded("student", [(3, 0)])
    listed = Outcome("student", "notes.ipynb", "", "unknown_chapter", "no chapter goes with it")
    (one,) = everybody([outcome, listed], {CHAPTER: 6.0})
    results = json.loads(exports.gradescope([one]))
    assert (results["score"], results["output"]) == (3, "notes.ipynb: no chapter goes with it")
    right, unwritten = results["tests"]
    assert right == {
        **{"name": "e0 in PyTorch", "score": 3, "max_score": 3},
        **{"output": "right", "visibility": "visible"},
    }
    assert (unwritten["name"], unwritten["output"]) == ("e0 in TensorFlow", "not written yet")
    assert len(json.loads(exports.gradescope([one], best=True))["tests"]) == 1
    with pytest.raises(exports.ExportError, match="one student at a time, and here are 2"):
        exports.gradescope([one, one])
