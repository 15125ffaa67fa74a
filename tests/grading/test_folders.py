"""Which folders are students', and how far the search in them goes."""

import pytest

from diptych.grading import find, folders
from tests.grading.submissions import CHAPTER, put


def test_a_folder_without_end_is_looked_into_so_far_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "ENTRIES", 5)
    for n in range(9):
        put(tmp_path / f"ann/{n}/{n}.ipynb", "{}")
    said = [s.reason for s in find.submissions(tmp_path) if s.status == "not_searched"]
    assert said == ["the search ended after the first 5 files and folders"]


def test_the_folder_that_a_zip_has_doubled_is_entered(tmp_path):
    put(tmp_path / f"class/class/ann/{CHAPTER}.ipynb")
    assert folders.class_folder(tmp_path / "class") == tmp_path / "class/class"
    put(tmp_path / f"other/ann/{CHAPTER}.ipynb")
    assert folders.class_folder(tmp_path / "other") == tmp_path / "other"
    put(tmp_path / f"ann/ann/{CHAPTER}.ipynb")  # a class of one
    assert folders.class_folder(tmp_path / "ann") == tmp_path / "ann"


def test_the_folder_of_one_student_is_not_taken_for_a_class(tmp_path):
    put(tmp_path / f"{CHAPTER}.ipynb")
    with pytest.raises(folders.NothingToGrade, match="give the folder above it"):
        folders.class_folder(tmp_path)
