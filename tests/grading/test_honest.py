"""Honest notebooks lose no point, however unusual they are; what is broken is told by its name."""

import sys

import pytest

from diptych.grading.batch import grade
from tests.grading import broken, honest, other_words, submissions

if sys.platform != "linux":
    pytest.skip("grading needs the warm server, which needs Linux", allow_module_level=True)

CORPUS, BROKEN, OTHER_WORDS = honest.corpus(), broken.corpus(), other_words.corpus()


def graded(folder, notebooks, chapters=None, **options):
    """The outcomes by name, of notebooks that each a student hands in."""
    names = {f"s{number}": name for number, name in enumerate(notebooks)}
    for student, name in names.items():
        chapter = chapters[name] if chapters else submissions.CHAPTER
        submissions.write(folder / "in", {student: notebooks[name]}, chapter)
    outcomes = grade(folder / "in", folder / "out", workers=2, seed="seventeen", **options).outcomes
    return {names[outcome.student]: outcome for outcome in outcomes}


def lost(outcome, names):
    """What is said of the answers that do not get all points."""
    suffix = {"pytorch": "_pt", "tensorflow": "_tf"}
    grades = {g.exercise + suffix[g.framework]: g for g in outcome.grades}
    return {n: grades[n] for n in names if grades[n].points < grades[n].max_points}


@pytest.fixture(scope="module")
def honest_class(one_server, tmp_path_factory):
    return graded(tmp_path_factory.mktemp("honest"), CORPUS)


@pytest.fixture(scope="module")
def class_of_all_chapters(one_server, tmp_path_factory):
    chapters = {name: chapter for name, (chapter, _, _) in OTHER_WORDS.items()}
    notebooks = {name: made for name, (_, _, made) in OTHER_WORDS.items()}
    return graded(tmp_path_factory.mktemp("all"), notebooks, chapters)


@pytest.fixture(scope="module")
def slow_class(one_server, tmp_path_factory):
    made = {name: make() for name, make in honest.SLOW.items()}
    return graded(tmp_path_factory.mktemp("slow"), made, timeout=4)


@pytest.fixture(scope="module")
def broken_class(one_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("broken")
    return graded(folder, {name: made for name, (made, _) in BROKEN.items()})


def answers(name):
    return {*honest.SOME, *honest.ANSWERS.get(name, ())}


@pytest.mark.parametrize("name", CORPUS)
def test_an_honest_notebook_loses_no_point(name, honest_class):
    assert not lost(honest_class[name], answers(name))


@pytest.mark.parametrize("name", OTHER_WORDS)
def test_a_notebook_of_right_answers_in_other_words_loses_no_point(name, class_of_all_chapters):
    _, answers, _ = OTHER_WORDS[name]
    assert not lost(class_of_all_chapters[name], answers)


@pytest.mark.parametrize("name", honest.SLOW)
def test_a_slow_cell_costs_only_itself(name, slow_class):
    outcome = slow_class[name]
    assert not lost(outcome, honest.SOME), outcome
    assert outcome.status != "graded" and outcome.reason


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_told_with_its_answer_and_costs_no_other(name, broken_class):
    said = BROKEN[name][1]
    found = lost(broken_class[name], {*said[:1], "relu_pt", "relu_tf"})
    assert found.keys() == {*said[:1]}
    for answer, status, diagnosis, *evidence in [said] if said else []:
        grade = found[answer]
        assert (grade.status, diagnosis in grade.diagnosis) == (status, True), grade.diagnosis
        assert [grade.evidence] == evidence or not evidence
        assert "attribute" not in grade.diagnosis  # which would be the worker's own error


def test_there_are_enough_honest_notebooks():
    assert len(CORPUS) + len(honest.SLOW) + len(OTHER_WORDS) >= 150
