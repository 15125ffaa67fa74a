"""The numbers of the class report: who counts, and for what."""

import dataclasses

import pytest

from diptych.grading import class_report, summary
from diptych.grading.outcome import Grade
from tests.grading.outcomes import ASKED, GATES, everybody, graded, outcome, report, text
from tests.grading.submissions import CHAPTER


def test_the_distribution_counts_everybody_who_handed_something_in():
    reached = [(3, 3), (3, 3), (3, 2), (0, 0)]
    outcomes = [graded(f"s{n}", [points]) for n, points in enumerate(reached)]
    those = everybody(outcomes, ASKED, also=["late"])
    counts = dict(summary.distribution(those))
    assert (counts.pop("90–100"), counts.pop("80–90"), counts.pop("0–10")) == (2, 1, 1)
    assert set(counts.values()) == {0} and len(counts) == 7
    page = class_report.page(outcomes, those, ASKED, (), False, "none")
    assert "0–10: 1. 80–90: 1. 90–100: 2. " in page


def test_the_same_mistake_counts_once_a_student_and_unwritten_answers_are_none():
    def wrong(student):
        both = ("pytorch", "tensorflow")
        grades = tuple(Grade("relu", f, 0, 3, "graded", "the shape is wrong") for f in both)
        return dataclasses.replace(graded(student, [(0, 0)]), grades=grades)

    eve = dataclasses.replace(outcome("eve"), grades=(Grade("relu", "pytorch", 3, 3, "graded"),))
    outcomes = [wrong("ann"), wrong("ben"), eve, graded("zoe", [(0, 0)])]
    assert summary.mistakes(outcomes, misconceptions=False) == [
        ("relu", "the shape is wrong", "2 of 3")
    ]
    assert summary.mistakes(outcomes, misconceptions=True) == []


def test_misconceptions_stand_apart_from_other_mistakes_the_most_frequent_first():
    def wrong(student, *said):
        grades = (
            Grade(f"e{n}", "pytorch", 0, 3, "graded", each, misconception=each != "the shape")
            for n, each in enumerate(said)
        )
        return dataclasses.replace(outcome(student), grades=tuple(grades))

    outcomes = [wrong("ann", "no leak", "the shape"), wrong("ben", "no leak", "the sign")]
    assert summary.mistakes(outcomes, misconceptions=True) == [
        ("e0", "no leak", "2 of 2"),
        ("e1", "the sign", "1 of 2"),
    ]
    assert summary.mistakes(outcomes, misconceptions=False) == [("e1", "the shape", "1 of 2")]
    said = text(report(outcomes))
    assert said.index("No leak.") < said.index("Other mistakes") < said.index("The shape.")


def test_what_was_reached_counts_the_answers_that_were_begun():
    outcomes = [graded("ann", [(3, 0)]), graded("ben", [(1, 0)]), graded("eve", [(0, 0)], GATES)]
    assert summary.reached(outcomes) == {
        CHAPTER: [
            ("e0", "PyTorch", "2 of 2", 1, "2.00 of 3", pytest.approx(200 / 3)),
            ("e0", "TensorFlow", "0 of 2", 0, "", None),
        ],
        GATES: [("e0", f, "0 of 1", 0, "", None) for f in ("PyTorch", "TensorFlow")],
    }
    page = report(outcomes)
    assert page.count('alt="The mean of each exercise') == 1  # none of a chapter nobody began


@pytest.mark.parametrize(
    ("points", "statuses", "listed"),
    [
        ((0, 1, 3), ("graded",) * 3, True),
        ((0, 2, 3), ("graded",) * 3, False),  # more than half
        ((0, 0), ("graded",) * 2, False),  # too few answers
        ((0, 0, 0), ("graded", "raised", "graded"), True),
        ((0, 0, 0), ("graded", "forbidden", "timeout"), False),
        ((3, 0, 0), ("graded", "not_written", "no_answer"), False),
    ],
)
def test_who_needs_a_hand_goes_by_what_was_begun_and_ran(points, statuses, listed):
    grades = tuple(
        Grade(f"e{n}", "pytorch", each, 3, status)
        for n, (each, status) in enumerate(zip(points, statuses, strict=True))
    )
    ann = dataclasses.replace(outcome(), grades=grades)
    those = everybody([ann], ASKED)
    found = [(total.student, lost) for total, *_, lost in summary.need_a_hand(those, False)]
    lost = ", ".join(f"e{n}" for n, each in enumerate(points) if not each)
    assert found == ([("ann", lost)] if listed else [])
