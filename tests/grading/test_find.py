"""Every notebook of a student's folder is graded, or listed with the reason why it is not."""

import json

import pytest

from diptych.grading import find, folders
from tests.grading.submissions import CHAPTER, notebook, only, put

GATES = "activations/gates"


def found(folder, *wanted):
    return [(s.student, s.place, s.chapter, s.status) for s in find.submissions(folder, wanted)]


@pytest.mark.parametrize(
    "place",
    [
        f"{CHAPTER}.ipynb",
        "rectifiers.ipynb",
        "ann/activations/rectifiers.ipynb",
        "a/b/c/d/e/f/g/h/my homework.ipynb",
        "rectifiers.ipynb.txt",
        "Übung 1.IPYNB",
    ],
)
def test_a_notebook_is_graded_wherever_it_lies_in_the_students_folder(place, tmp_path):
    put(tmp_path / "ann" / place)
    assert found(tmp_path) == [("ann", place, CHAPTER, "")]


LISTED = {
    "unknown_chapter": lambda ann: put(ann / "notes.ipynb", '{"nbformat": 4, "cells": []}'),
    "unreadable": lambda ann: put(ann / "notes.ipynb", "{"),
    "not_searched": lambda ann: put(ann / "a/b/c/d/e/f/g/h/i/rectifiers.ipynb"),
    "second": lambda ann: put(ann / "rectifiers (1).ipynb"),
    "not_searched ": lambda ann: (ann / "linked").symlink_to("activations"),
    "not_searched  ": lambda ann: put(ann / "everything.zip"),
}


@pytest.mark.parametrize("status", LISTED)
def test_what_is_not_graded_is_listed_with_a_reason(status, tmp_path):
    put(tmp_path / f"ann/{CHAPTER}.ipynb")
    LISTED[status](tmp_path / "ann")
    listed = [s for s in find.submissions(tmp_path) if s.status]
    assert [s.status for s in listed] == [status.strip()] and listed[0].reason
    assert len(find.submissions(tmp_path)) == 2


def test_a_notebook_that_cannot_be_graded_still_says_which_chapter_it_is(tmp_path):
    put(tmp_path / "ann/hw.ipynb", json.dumps(notebook() | {"cells": 7}))
    assert found(tmp_path) == [("ann", "hw.ipynb", CHAPTER, "")]


def test_a_notebook_beside_the_students_folders_is_listed(tmp_path):
    put(tmp_path / "rectifiers.ipynb")
    assert found(tmp_path) == [("", "rectifiers.ipynb", "", "no_student")]


def test_a_student_whose_folder_is_a_link_is_listed(tmp_path):
    put(tmp_path / f"a/{CHAPTER}.ipynb")
    (tmp_path / "b").symlink_to("a")
    assert found(tmp_path)[1:] == [("b", ".", "", "not_searched")]
    assert folders.students(tmp_path) == ["a", "b"]


def test_checkpoints_and_what_a_mac_puts_into_a_zip_are_passed_over(tmp_path):
    for place in (".ipynb_checkpoints/rectifiers.ipynb", "__MACOSX/rectifiers.ipynb", "._r.ipynb"):
        put(tmp_path / "ann" / place)
    with pytest.raises(folders.NothingToGrade):
        find.submissions(tmp_path)


def test_of_two_for_one_chapter_that_with_more_answers_counts_and_then_its_own_place(tmp_path):
    put(tmp_path / "ann/rectifiers.ipynb")
    put(tmp_path / f"ann/{CHAPTER}.ipynb", json.dumps(notebook(only("relu_pt"))))
    put(tmp_path / "ann/deeper/than/both.ipynb", json.dumps(notebook()))
    graded, *others = sorted(find.submissions(tmp_path), key=lambda s: s.status)
    assert (graded.place, graded.status) == ("rectifiers.ipynb", "")
    assert {s.status for s in others} == {"second"} and "chapter rectifiers.ipynb counts" in others[
        0
    ].reason
    put(tmp_path / f"ann/{CHAPTER}.ipynb")
    graded, *_ = sorted(find.submissions(tmp_path), key=lambda s: s.status)
    assert graded.place == f"{CHAPTER}.ipynb"


def test_only_the_chapters_that_are_wanted_are_graded(tmp_path):
    put(tmp_path / f"ann/{CHAPTER}.ipynb")
    assert found(tmp_path, GATES) == [("ann", f"{CHAPTER}.ipynb", CHAPTER, "other_chapter")]
    assert found(tmp_path, GATES, CHAPTER) == [("ann", f"{CHAPTER}.ipynb", CHAPTER, "")]


def test_of_thousands_of_notebooks_those_of_chapters_are_found_and_the_rest_is_counted(tmp_path):
    put(tmp_path / f"ann/{CHAPTER}.ipynb")
    for n in range(300):
        put(tmp_path / f"ann/a{n:03}.ipynb", "{}")
    all_ = found(tmp_path)
    assert ("ann", f"{CHAPTER}.ipynb", CHAPTER, "") in all_
    assert [status for *_, status in all_].count("unreadable") == find.LISTED
    (rest,) = [s for s in find.submissions(tmp_path) if s.place == find.REST]
    assert rest.reason == f"{300 - find.LISTED} more files are not listed"


@pytest.mark.parametrize("place", ["readme.txt", "ann/readme.txt", "ann/b/c"])
def test_a_folder_without_a_notebook_is_an_error_that_says_what_to_do(place, tmp_path):
    put(tmp_path / place, "")
    with pytest.raises(folders.NothingToGrade, match="a folder for each student"):
        find.submissions(tmp_path)
