"""A download is read packed and unpacked, within limits."""

import pytest

from diptych.grading import archive, folders, unpack
from tests.grading.packed import ONE_READING, SOLVED, opened


def test_links_in_a_download_that_was_unpacked_are_listed(tmp_path):
    folder = tmp_path / "c"
    folder.mkdir()
    for name in (ONE_READING, "b_9002_500102_rectifiers.ipynb"):
        (folder / name).write_text(SOLVED)
    (folder / "c_9003_500103_rectifiers.ipynb").symlink_to(ONE_READING)
    (folder / "d_9004_500104_work").symlink_to(tmp_path)
    found, listed = opened(folder, tmp_path)
    assert [student for student, *_ in found] == ["9001", "9002"]
    assert {(student, status) for student, _, status in listed} == {
        ("9003", "refused"),
        ("9004", "refused"),
    }


def test_a_download_with_too_many_files_is_refused_and_a_class_folder_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "ENTRIES", 2)
    for name in ("a_1_2_b.ipynb", "c_3_4_d.ipynb", "e_5_6_f.ipynb"):
        (tmp_path / "c").mkdir(exist_ok=True)
        (tmp_path / "c" / name).write_text(SOLVED)
        (tmp_path / "class" / name[0]).mkdir(parents=True)
        (tmp_path / "class" / name[0] / "rectifiers.ipynb").write_text(SOLVED)
    with pytest.raises(folders.NothingToGrade, match="more than 2 files"):
        opened(tmp_path / "c", tmp_path)
    with unpack.opened(tmp_path / "class", tmp_path / "out") as download:
        assert download.folder == tmp_path / "class"


def test_what_cannot_be_read_at_all_says_so(tmp_path):
    (tmp_path / "c.zip").write_bytes(b"no archive")
    with pytest.raises(folders.NothingToGrade, match="no ZIP archive"):
        opened(tmp_path / "c.zip", tmp_path)
