"""A student's total: what is missing counts nothing, and of two frameworks the better may count."""

import pytest

from diptych.catalogue.component import load
from diptych.grading import totals
from diptych.grading.outcome import Grade, Outcome
from tests.grading.outcomes import GATES, everybody, graded
from tests.grading.submissions import CHAPTER

ASKED = {CHAPTER: 12.0, GATES: 6.0}


def test_a_total_is_out_of_all_chapters_that_count_and_names_what_is_missing():
    outcomes = [graded("ann", [(3, 1), (0, 2)]), graded("ben", [(0, 0)], GATES)]
    ann, ben, eve = everybody(outcomes, ASKED, also=["eve"])
    assert (ann.points, ann.max_points, ann.status, ann.missing) == (6, 18, "missing", (GATES,))
    assert (ben.points, ben.by_chapter, ben.missing) == (0, {GATES: 0}, (CHAPTER,))
    assert (eve.points, eve.max_points, eve.status) == (0, 18, "nothing")
    (whole,) = everybody([*outcomes[:1], graded("ann", [(0, 0)], GATES)], ASKED)
    assert (whole.status, whole.missing) == ("complete", ())


def test_of_each_exercise_the_better_framework_counts():
    """Also for somebody who changes the framework in the middle of a chapter."""
    outcome = graded("ann", [(3, 0), (0, 2), (1, 1)])
    best = totals.counted(outcome.grades, best=True)
    assert [(g.exercise, g.points) for g in best] == [("e0", 3), ("e1", 2), ("e2", 1)]
    assert totals.counted(outcome.grades, best=False) == list(outcome.grades)


def test_of_two_answers_that_earned_nothing_the_one_counts_that_was_begun():
    unwritten = Grade("e", "pytorch", 0, 3, "not_written")
    raised = Grade("e", "tensorflow", 0, 3, "raised")
    assert totals.counted([unwritten, raised], best=True) == [raised]


def worth(chapter, frameworks):
    return frameworks * sum(e.max_points for c in load(chapter) for e in c.exercises)


def test_a_chapter_counts_that_somebody_has_handed_in_or_that_is_asked_for():
    none = Grade("silu", "pytorch", 0, 3, "no_answer")
    astray = Outcome("eve", "x", GATES, "no_answer", "", (none,))
    outcomes = [graded("ann", [(3, 3)]), astray]
    assert totals.asked(outcomes, [], 2) == {CHAPTER: worth(CHAPTER, 2)}
    assert totals.asked(outcomes, [GATES], 1) == {GATES: worth(GATES, 1)}


@pytest.mark.parametrize(
    ("raised", "right", "said"),
    [
        *((0, 1, ""), (1, 0, ""), (2, 2, ""), (2, 3, "")),
        *((2, 1, "2 of 3 answers earned nothing: NameError"), (3, 1, "3 of 4 answers")),
    ],
)
def test_a_notebook_most_of_whose_answers_failed_is_for_the_teacher_to_see(raised, right, said):
    grades = [Grade(f"e{n}", "pytorch", 0, 3, "raised", "NameError") for n in range(raised)]
    grades += [Grade(f"f{n}", "pytorch", 3, 3, "graded") for n in range(right)]
    grades += [Grade("g", "pytorch", 0, 3, "not_written")]
    why = totals.trouble(Outcome("ann", "x", CHAPTER, "graded", "", tuple(grades)), best=False)
    assert why.startswith(said) and bool(why) == bool(said)
