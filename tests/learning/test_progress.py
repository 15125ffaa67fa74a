"""`progress()` shows in a notebook what is solved, for the whole book or for a path."""

import pytest

import diptych
from diptych.learning import course, state
from diptych.learning.paths import PATHS
from tests import ROOT
from tests.learning.conftest import NOTEBOOK
from tests.learning.terminal import terminal


def test_every_exercise_of_the_book_is_counted(copy):
    state.record("relu_pt", 3.0, 3.0)
    state.record("relu_tf", 2.0, 3.0)
    shown = diptych.progress()
    assert [row.chapter for row in shown.rows] == list(course.chapters())
    count = len(course.order("pytorch"))
    assert shown.total.counts == {"pytorch": (1, count), "tensorflow": (0, count)}
    assert f"<td>1 of {count}</td>" in shown._repr_html_()
    assert f"1 of {count}" in repr(shown)


@pytest.mark.parametrize(("path", "first"), [("pytorch", "_tf"), ("keras", "_pt")])
def test_a_path_begins_in_the_framework_that_is_new(path, first, copy):
    shown = diptych.progress(path)
    steps = PATHS[path].steps
    assert [row.chapter for row in shown.rows] == [step.chapter for step in steps]
    assert shown.following.startswith(f"Next: {steps[0].exercises[0]}{first} (")


def test_whoever_has_begun_goes_on_in_the_same_framework_and_chapter(copy):
    state.record("sigmoid_tf", 3.0, 3.0)
    assert "Next: log_sigmoid_tf (" in diptych.progress().following


def test_only_installed_frameworks_are_counted(copy, monkeypatch):
    find_spec = course.importlib.util.find_spec
    absent = lambda name, *rest: None if name == "torch" else find_spec(name, *rest)  # noqa: E731
    monkeypatch.setattr(course.importlib.util, "find_spec", absent)
    shown = diptych.progress()
    assert list(shown.total.counts) == ["tensorflow"]
    assert "_tf (" in shown.following


def test_in_the_books_repository_nothing_is_solved(monkeypatch):
    monkeypatch.chdir(ROOT / "chapters")
    assert {solved for solved, _ in diptych.progress().total.counts.values()} == {0}


def test_an_unknown_path_is_told_the_known_ones():
    with pytest.raises(ValueError, match="the paths are pytorch, keras, neither"):
        diptych.progress("tensorflow")


def test_where_all_is_solved_it_says_so(copy):
    for framework in ("pytorch", "tensorflow"):
        for answer, _ in course.order(framework):
            state.append(copy, answer=answer, points=3.0, max_points=3.0)
    assert diptych.progress().following == "Everything is solved."


def test_progress_counts_what_is_solved_and_names_what_is_next(copy):
    state.record("relu_pt", 3.0, 3.0)
    with terminal(copy, "progress") as running:
        assert running.end() == 0
    (row,) = [line for line in running.seen.splitlines() if "│ activations/rect" in line]
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        *("activations/rectifiers", "1 of 7", "0 of 7"),
    ]
    assert f"Next: relu6_pt (ReLU6), in {NOTEBOOK}." in running.seen
