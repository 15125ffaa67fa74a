"""Nothing that is finished is lost: graders that are killed, helpers that are, full disks."""

import contextlib
import os
import random
import resource
import sqlite3
import stat
import sys

import pytest

from diptych import cli
from diptych.isolation.steps import KILLS
from tests.grading import hardship, submissions
from tests.grading.calls import called, says_so_in_one_line

if sys.platform != "linux":
    pytest.skip("grading needs the warm server, which needs Linux", allow_module_level=True)

OPTIONS = ["--seed=seventeen", "--frameworks=pytorch", "--workers=1"]


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """A folder of submissions, and the table of their grades when nothing happens."""
    folder = tmp_path_factory.mktemp("batch")
    hardship.hand_in(folder / "submitted", 30)
    return folder / "submitted", hardship.undisturbed(folder / "submitted", folder / "out")


def test_graders_that_are_killed_leave_what_is_finished_and_grade_nothing_twice(batch, tmp_path):
    submitted, right = batch
    graded = list(hardship.kill_graders(submitted, tmp_path / "out", 5, random.Random(1)))
    assert len(graded) == 5 and graded[-1] > 0
    assert (tmp_path / "out/grades.csv").read_bytes() == right


def test_a_batch_outlives_its_server_and_its_children_and_grades_the_same(batch, tmp_path):
    submitted, right = batch
    # No more kills of children than one submission is forgiven: all may hit the same.
    killed = hardship.kill_helpers(submitted, tmp_path / "out", 2, KILLS, random.Random(1))
    assert killed["server"] > 0 and killed["child"] > 0
    assert (tmp_path / "out/grades.csv").read_bytes() == right


# Full disks


@pytest.fixture
def small_class(tmp_path, one_server):
    made = {f"student-{n:02}": submissions.notebook(first=f"n = {n}") for n in range(9)}
    submissions.write(tmp_path / "in", made)

    def run(capsys):
        status = cli.main(["grade", f"{tmp_path}/in", "--out", f"{tmp_path}/out", *OPTIONS])
        return status, capsys.readouterr().err

    return run


def test_a_store_that_cannot_grow_is_said_in_one_line_and_goes_on_later(
    small_class, tmp_path, capsys
):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (28 << 10, limits[1]))
    try:
        status, errors = small_class(capsys)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    says_so_in_one_line(status, errors, "grades.sqlite: disk I/O error")
    kept = hardship.rows(tmp_path / "out")
    assert 0 < len(kept) < 9
    assert small_class(capsys) == (0, "")
    assert hardship.rows(tmp_path / "out").items() > kept.items()


@pytest.mark.parametrize("report", ["grades.csv", "report.html"])
def test_a_report_that_cannot_be_written_is_said_in_one_line(report, small_class, tmp_path, capsys):
    (tmp_path / "out" / report).mkdir(parents=True)
    says_so_in_one_line(*small_class(capsys), "Is a directory")
    assert len(hardship.rows(tmp_path / "out")) == 9
    os.rmdir(tmp_path / "out" / report)
    assert small_class(capsys) == (0, "")


def test_a_disk_that_fills_up_leaves_the_report_as_it_was(small_class, tmp_path, capsys):
    assert small_class(capsys) == (0, "")
    before = (tmp_path / "out/students.csv").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The store does not grow any more, and the table of students is the shortest of the files.
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) - 1, limits[1]))
    try:
        status, errors = small_class(capsys)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    says_so_in_one_line(status, errors, "")
    assert (tmp_path / "out/students.csv").read_bytes() == before


def test_a_store_that_is_no_store_is_said_in_one_line(small_class, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/grades.sqlite").write_bytes(b"x" * 5000)
    says_so_in_one_line(*small_class(capsys), "move it away, and everything is graded again")
    with pytest.raises(sqlite3.DatabaseError):
        hardship.rows(tmp_path / "out")


def test_a_folder_that_is_not_there_is_answered_with_one_line(tmp_path, capsys):
    status = cli.main(["grade", f"{tmp_path}/none", "--out", f"{tmp_path}/out"])
    says_so_in_one_line(status, capsys.readouterr().err, "there is no folder")
    assert not (tmp_path / "out").exists()


# What cannot be graded


def test_folders_that_cannot_be_used_are_refused_in_one_line(tmp_path, capsys):
    submissions.write(tmp_path / "in", {"ann": submissions.notebook()})
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("in/ann")
    for submitted, out, why in (
        ("none", "out", "there is no folder"),
        ("file", "out", "no ZIP archive"),
        ("in", "in", "would be taken for a student"),
        ("in", "in/a/b", "would be taken for a student"),
        ("in", "link/out", "would be taken for a student"),
        ("in", "file", "is a file"),
        ("in", "file/out", "File exists"),
        ("empty", "out", "there is no notebook in"),
        ("in/ann", "out", "give the folder above it"),
    ):
        said = called(capsys, tmp_path / submitted, "--out", tmp_path / out)
        says_so_in_one_line(*said, why)
    assert not (tmp_path / "out").exists()
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["ann"]


def test_where_nothing_can_be_graded_the_files_are_listed_and_that_is_an_error(
    one_server, tmp_path, capsys
):
    (tmp_path / "in/ann").mkdir(parents=True)
    (tmp_path / "in/ann/notes.ipynb").write_text("{}")
    said = called(capsys, tmp_path / "in", "--out", tmp_path / "out", *OPTIONS)
    says_so_in_one_line(*said, "none of 1 files")
    assert "notes.ipynb" in (tmp_path / "out/report.html").read_text()


def test_the_old_name_of_an_option_and_a_damaged_row_are_taken_and_all_is_private(
    one_server, tmp_path, capsys
):
    submissions.write(tmp_path / "in", {"ann": submissions.notebook(submissions.only("relu_pt"))})
    (tmp_path / "r.csv").write_text("student,name\nann,Ann\nlate,Lena\n")
    options = [*OPTIONS, "--builtins=warn", "--roster", tmp_path / "r.csv"]
    call = (tmp_path / "in", "--out", tmp_path / "new/out", *options)
    before = os.umask(0)
    try:
        assert called(capsys, *call) == (0, "")
    finally:
        os.umask(before)
    made = [tmp_path / "new", *(tmp_path / "new").rglob("*")]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(p.stat().st_mode) for p in made if p.is_file()} == {0o600}
    students = (tmp_path / "new/out/students.csv").read_text("utf-8-sig")
    assert '"ann","Ann","3","21","complete"' in students
    assert '"late","Lena","0","21","nothing"' in students
    with contextlib.closing(sqlite3.connect(tmp_path / "new/out/grades.sqlite")) as db, db:
        db.execute("UPDATE submission SET outcome = '{'")
    assert called(capsys, *call) == (0, "")
    assert (tmp_path / "new/out/students.csv").read_text("utf-8-sig") == students
