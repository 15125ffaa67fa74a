"""Marks by hand stand in the place of the grader's, are shown as such, and outlive regrading."""

import pytest

from diptych.grading import by_hand, class_report, feedback
from diptych.grading.outcome import Grade, Outcome
from diptych.grading.tables import TableError
from tests.grading.outcomes import everybody
from tests.grading.submissions import CHAPTER

HEAD = "student,exercise,framework,points,comment\n"


def read(tmp_path, rows):
    (tmp_path / "o.csv").write_text(HEAD + rows, encoding="utf-8")
    return by_hand.read(tmp_path / "o.csv")


def handed_in():
    relu = [Grade("relu", f, 1.0, 3.0, "graded", "wrong") for f in ("pytorch", "tensorflow")]
    return Outcome("ann", "r.ipynb", CHAPTER, "graded", "", tuple(relu))


def test_a_mark_replaces_the_points_and_says_what_the_grader_gave(tmp_path):
    marks = read(tmp_path, "ann,relu,PyTorch,2.5,right idea\n")
    (outcome,) = by_hand.apply([handed_in()], marks, ("pytorch", "tensorflow"))
    pt, tf = outcome.grades
    assert (pt.points, pt.max_points, pt.status) == (2.5, 3, "by_hand")
    assert pt.diagnosis == "marked by hand: right idea (the grader gave 1)"
    assert pt.student_message == "marked by hand: right idea"
    assert tf == handed_in().grades[1]


def test_without_a_framework_a_mark_is_for_both(tmp_path):
    marks = read(tmp_path, 'ann,relu,,"1,5",\n')
    (outcome,) = by_hand.apply([handed_in()], marks, ("pytorch", "tensorflow"))
    assert [grade.points for grade in outcome.grades] == [1.5, 1.5]
    assert outcome.grades[0].student_message == "marked by hand"


def test_somebody_who_handed_nothing_in_can_have_a_mark(tmp_path):
    marks = read(tmp_path, "eve,relu,pytorch,3,at the blackboard\n")
    done = by_hand.apply([handed_in()], marks, ("pytorch",))
    assert done[0] == handed_in()
    ann, eve = everybody(done, {CHAPTER: 6.0})
    assert (ann.points, eve.points, eve.status) == (2, 3, "complete")
    assert "Marked by hand: at the blackboard." in feedback.page(eve)
    report = class_report.page(done, [ann, eve], {CHAPTER: 6.0}, (), False, "none")
    assert "Marked by hand" in report and "at the blackboard" in report


def test_a_mark_for_a_framework_that_does_not_count_changes_nothing(tmp_path):
    marks = read(tmp_path, "ann,relu,tensorflow,3,\neve,relu,tensorflow,3,\n")
    assert by_hand.apply([handed_in()], marks, ("pytorch",)) == [handed_in()]


@pytest.mark.parametrize(
    ("rows", "said"),
    {
        "ann,rellu,,1,": "row 2: there is no exercise 'rellu'",
        "ann,relu,jax,1,": "the framework is pytorch or tensorflow, or empty",
        "ann,relu,,4,": "relu has 0 to 3 points, not '4'",
        "ann,relu,,-1,": "not '-1'",
        "ann,relu,,nan,": "not 'nan'",
        "ann,relu,,much,": "not 'much'",
        "ann,relu,,1,\nann,relu,pytorch,2,": "row 3: 'ann' has a mark for this already",
    }.items(),
)
def test_a_row_that_is_no_mark_is_named(tmp_path, rows, said):
    with pytest.raises(TableError, match=said):
        read(tmp_path, rows + "\n")
