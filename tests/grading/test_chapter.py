"""A notebook is known by what it says, by what it answers, by where it lies or by its name."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.catalogue.component import chapters
from diptych.grading import chapter, read
from tests import ROOT
from tests.grading.submissions import CHAPTER, NO_LEAK, RIGHT, code, notebook
from tests.mutations import QUICK, anything

GATES = "activations/gates"


def chapter_of(made, place="other/name.ipynb"):
    return chapter.of(made, read.code_cells(made), place)


def nameless(made):
    """Without the metadata of the builder, as notebooks have been handed out before."""
    return made | {"metadata": {}}


@pytest.mark.parametrize("folder", ["exercises", "solutions"])
@pytest.mark.parametrize("stem", chapters())
def test_every_notebook_of_the_book_is_known_with_and_without_metadata(folder, stem):
    made = json.loads((ROOT / f"{folder}/{stem}.ipynb").read_text("utf-8"))
    assert chapter_of(made)[0] == chapter_of(nameless(made))[0] == stem


def test_answers_are_counted_that_are_begun():
    assert chapter_of(notebook()) == (CHAPTER, 0)
    assert chapter_of(notebook({"leaky_relu_pt": NO_LEAK})) == (CHAPTER, 1)
    assert chapter_of(notebook(RIGHT)) == (CHAPTER, 14)


def test_an_answer_counts_however_it_is_made():
    for source in ("relu_pt = f", "relu_pt: object = f", "class relu_pt:\n    pass"):
        assert chapter_of({"nbformat": 4, "cells": [code(source)]}) == (CHAPTER, 1)
    for source in ("relu_pt == f", "relu_pt(x)", "# def relu_pt", "f = relu_pt"):
        assert chapter_of({"nbformat": 4, "cells": [code(source)]}) == ("", -1)


def says(made, what):
    return copy.deepcopy(made) | {"metadata": {"diptych": {"chapter": what}}}


def test_a_chapter_that_only_the_metadata_names_counts():
    assert chapter_of(says({"nbformat": 4, "cells": []}, GATES), f"{CHAPTER}.ipynb")[0] == GATES


def test_metadata_that_none_of_the_answers_bears_out_gives_way_to_them():
    """Somebody who wrote one chapter's answers into a copy of another's notebook loses nothing."""
    assert chapter_of(says(notebook(RIGHT), GATES)) == (CHAPTER, 14)


@QUICK
@given(anything)
def test_whatever_stands_in_the_metadata_the_answers_are_found(metadata):
    for made in (
        says(notebook(RIGHT), metadata),
        notebook(RIGHT) | {"metadata": metadata},
        notebook(RIGHT) | {"metadata": {"diptych": metadata}},
    ):
        assert chapter_of(made)[0] == CHAPTER


NAMES = """
rectifiers (1)|rectifiers(2)|rectifiers-1|rectifiers_2|Copy of rectifiers|rectifiers copy 3|
Kopie von Rectifiers|rectifiers - Kopie (2)|rectifiers - Copy|rectifiers-Copy1|RECTIFIERS|
副本rectifiers|rectifiers 副本|rectifiers的副本|rectifiers（1）|Copy of Copy of rectifiers (3)
""".replace("\n", "")


@pytest.mark.parametrize("name", NAMES.split("|"))
def test_a_copy_is_known_by_its_name(name):
    for ending in (".ipynb", ".IPYNB", ".ipynb.txt", ".ipynb.json"):
        assert chapter.by_place(name + ending) == CHAPTER
        assert chapter.by_place(f"a/b/{name}{ending}") == CHAPTER


@pytest.mark.parametrize("name", ["Untitled", "rectifiers for beginners", "my rectifiers", "1", ""])
def test_another_name_is_no_chapters(name):
    assert chapter.by_place(f"{name}.ipynb") == ""


def test_of_two_chapters_with_one_stem_the_folder_says_which(monkeypatch):
    book = ("layers/writing_your_own", "losses/writing_your_own")
    monkeypatch.setattr(chapter, "book", lambda: book)
    assert chapter.by_place("hand-in/losses/writing your own (1).ipynb") == book[1]
    assert chapter.by_place("writing_your_own.ipynb") == ""


@QUICK
@given(st.text(max_size=255))
def test_any_name_is_read(name):
    assert chapter.by_place(name) in ("", *chapters())
