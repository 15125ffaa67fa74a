"""The package has the titles, hints and whys that are in the solutions."""

import pytest

from diptych.book import statements
from diptych.book.cell import BuildError
from diptych.catalogue.lookup import chapter_of, exercise, exercises
from diptych.catalogue.statements import FOLDER, read
from diptych.catalogue.statements import statements as carried
from tests import ROOT

JOBS = list(statements.jobs(ROOT))
SOURCE = """\
# %% [markdown]
# # Exercises
#
# ## ReLU
#
# Keep positive numbers.
#
# Hint 1: Compare
# with 0.
#
# Hint 2: Take the larger one.

# %%
def relu_pt(x):
    return x

# %%
def relu_tf(x):
    return x

# %% [markdown]
# **Why:** that
# is the formula.
"""


@pytest.mark.parametrize(("source", "target"), JOBS, ids=lambda path: path.stem)
def test_they_were_built_from_the_solutions_as_they_stand(source, target):
    assert statements.is_current(source, target), "run: make notebooks"


def test_there_are_those_of_every_exercise_and_no_others():
    assert sorted(target for _, target in JOBS) == sorted(FOLDER.glob("*/*.json"))
    assert carried().keys() == exercises().keys()
    assert {name: said.chapter for name, said in carried().items()} == {
        name: chapter_of(name) for name in exercises()
    }


@pytest.fixture
def source(tmp_path):
    """The path of the solutions for a chapter with this exercise."""
    path = tmp_path / "activations/rectifiers.py"
    path.parent.mkdir()
    return path


def test_title_hints_and_why_are_read_and_the_answer_is_not(source, tmp_path):
    target = tmp_path / "a/b.json"
    source.write_text(SOURCE)
    statements.build(source, target)
    (said,) = read("a/b", tmp_path)
    assert (said.answer, said.title, said.chapter) == ("relu", "ReLU", "a/b")
    assert said.hints == ("Compare with 0.", "Take the larger one.")
    assert said.why == "that is the formula."
    assert "return" not in target.read_text()


@pytest.mark.parametrize("lacking", ["## ReLU", "Hint", "def relu_"])
def test_what_lacks_a_part_is_refused(lacking, source):
    source.write_text(SOURCE.replace(lacking, "x"))
    with pytest.raises(BuildError, match="no title, hint or answer above"):
        statements.text(source)


def test_what_is_easier_is_suggested_first():
    for chapter in {said.chapter for said in carried().values()}:
        difficulties = [exercise(said.answer).difficulty for said in read(chapter)]
        assert difficulties == sorted(difficulties), chapter
