"""After regrading, the grades that are others than before are listed."""

from dataclasses import replace

from diptych.grading import report
from diptych.grading.changes import changes
from tests.grading.outcomes import graded
from tests.grading.submissions import CHAPTER


def test_only_what_differs_is_listed_with_old_and_new_points():
    before = [graded("ann", [(3, 1), (0, 2)]), graded("ben", [(3, 3)])]
    after = [graded("ann", [(3, 2), (0, 2)]), graded("ben", [(3, 3)]), graded("eve", [(1, 1)])]
    (change,) = changes(before, after)
    assert (change.student, change.chapter, change.exercise) == ("ann", CHAPTER, "e0")
    assert (change.framework, change.old, change.new) == ("tensorflow", 1, 2)
    _, row = report.changes_csv([change]).splitlines()
    assert row == '"ann","activations","rectifiers","e0","tensorflow","1","2",""'


def test_an_answer_that_comes_or_goes_is_a_change():
    before, after = graded("ann", [(3, 1)]), graded("ann", [(3, 1), (2, 0)])
    assert [(c.old, c.new) for c in changes([before], [after])] == [(None, 2), (None, 0)]
    assert [(c.old, c.new) for c in changes([after], [before])] == [(2, None), (0, None)]


def test_a_status_that_changes_alone_is_none():
    before = graded("ann", [(0, 0)])
    after = replace(before, grades=tuple(replace(g, status="raised") for g in before.grades))
    assert list(changes([before], [after])) == []
