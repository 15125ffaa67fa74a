"""Whose file is which, by its name, and by files with the names of students."""

import zipfile

import pytest

from tests.grading.packed import ONE_READING, SITES, SOLVED, TWO_READINGS, opened, packed


@pytest.mark.parametrize("unpacked", [False, True], ids=["packed", "unpacked"])
@pytest.mark.parametrize("site", [site for site in SITES if not site.startswith("none")])
def test_each_file_is_found_with_its_student(site, unpacked, tmp_path):
    files, whose = SITES[site]
    path = tmp_path / "download.zip"
    packed(files, to=path)
    if unpacked:
        path = tmp_path / "download"
        with zipfile.ZipFile(tmp_path / "download.zip") as archive:
            archive.extractall(path)
    found, listed = opened(path, tmp_path)
    assert found == sorted(whose)
    assert all(status == "older_attempt" for _, _, status in listed)


@pytest.mark.parametrize("site", ["none", "none, in a folder"])
def test_a_packed_class_folder_is_read_like_one(site, tmp_path):
    files, whose = SITES[site]
    packed(files, to=tmp_path / "class.zip")
    assert opened(tmp_path / "class.zip", tmp_path) == (sorted(whose), [])


def test_a_name_that_can_be_read_in_two_ways_is_read_by_the_roster_or_listed(tmp_path):
    packed({ONE_READING: SOLVED, TWO_READINGS: SOLVED}, to=tmp_path / "c.zip")
    found, listed = opened(tmp_path / "c.zip", tmp_path)
    assert [student for student, *_ in found] == ["9001"]
    assert listed == [("", TWO_READINGS, "two_readings")]
    found, listed = opened(tmp_path / "c.zip", tmp_path, {"9001", "9007"})
    assert ("9007", "seven_77", "my_homework.ipynb", "no") in found and not listed
