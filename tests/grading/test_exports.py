"""What a course's site takes back has its keys and numbers, and nothing else is changed."""

import csv
import io
import json
import zipfile

import pytest

from diptych.grading import exports
from diptych.grading.outcome import Outcome
from diptych.grading.totals import Total
from tests.grading.outcomes import everybody, graded

CHAPTER = "activations/rectifiers"
DATE = "Friday, 2 October 2026, 11:58 PM"


def total(student, points, name="", graded=True):
    by_chapter = {CHAPTER: points} if graded else {}
    return Total(student, name, "", points, 42, "complete", by_chapter, (), ())


CLASS = [total("70011", 21, "=One, Öne"), total("70012", 40.004), total("70013", 0, graded=False)]


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


def worksheet(separator=",", comma=False, comments=True, blind=False, ending="\n"):
    most = "57,00" if comma else "57.00"
    head = ["Identifier", "Full name", "Status", "Grade", "Maximum grade", "Changed", "When"]
    rows = [
        [f"Participant {n}", f"N {n}", "Submitted", given, most, DATE, "-"]
        for n, given in ((70011, ""), (70012, "3"), (70013, ""), (70099, ""))
    ]
    table = [[*head, "Feedback"], *([*row, ""] for row in rows)] if comments else [head, *rows]
    if blind:
        table = [row[:1] + row[2:] for row in table]
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator=ending).writerows(table)
    return file.getvalue()


@pytest.mark.parametrize("blind", [False, True])
@pytest.mark.parametrize("comments", [False, True])
@pytest.mark.parametrize(
    ("separator", "comma", "ending", "mark", "grades"),
    [
        (",", False, "\n", "", ["28.5", "54.29"]),
        (";", True, "\r\n", "\ufeff", ["28,5", "54,29"]),
    ],
)
def test_a_worksheet_of_moodle_is_filled_in_and_nothing_else_is_changed(
    separator, comma, ending, mark, grades, comments, blind
):
    given = mark + worksheet(separator, comma, comments, blind, ending)
    filled = exports.moodle(CLASS, given)
    assert filled.startswith(mark) and filled.count(ending) == given.count(ending)
    before, after = (
        list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        for text in (given, filled)
    )
    at = before[0].index("Grade")
    assert [row[at] for row in after[1:]] == [*grades, "", ""]
    if comments:
        assert ["21 of 42 points" in row[-1] for row in after[1:]] == [True, False, False, False]
    changed = {at, len(before[0]) - 1} if comments else {at}
    for row, was in zip(after, before, strict=True):
        assert all(row[i] == was[i] for i in range(len(was)) if i not in changed)
    assert after[0] == before[0] and after[3:] == before[3:]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b,c\n1,2,x\n", "no column"),
        ("Identifier,Grade,Grade,Maximum\nParticipant 5,,,57\n", "none of the students"),
    ],
)
def test_what_is_no_worksheet_of_this_class_is_refused(text, why):
    with pytest.raises(exports.ExportError, match=why):
        exports.moodle(CLASS, text)


def test_moodles_feedback_has_a_page_for_each_participant_with_a_grade():
    data = exports.moodle_feedback(CLASS, lambda total: f"page of {total.student}")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == {
            f"Participant_{n}_assignfeedback_file/feedback.html": f"page of {n}"
            for n in (70011, 70012)
        }


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
