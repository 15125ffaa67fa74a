"""Nothing that is finished is lost: graders that are killed, helpers that are, full disks."""

import os
import random
import resource
import sqlite3
import sys

import pytest

from diptych import cli
from tests.grading import hardship, submissions

if sys.platform != "linux":
    pytest.skip("grading needs the warm server, and that Linux", allow_module_level=True)

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
    killed = hardship.kill_helpers(submitted, tmp_path / "out", 2, 3, random.Random(1))
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


def says_so_in_one_line(status, errors, said):
    assert status == 2 and said in errors
    assert errors.startswith("diptych grade: ") and errors.count("\n") == 1


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
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f"{report}.draft").symlink_to("/dev/full")
    says_so_in_one_line(*small_class(capsys), "No space left on device")
    assert len(hardship.rows(tmp_path / "out")) == 9
    os.unlink(tmp_path / "out" / f"{report}.draft")
    assert small_class(capsys) == (0, "")


def test_a_store_that_is_no_store_is_said_in_one_line(small_class, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/grades.sqlite").write_bytes(b"x" * 5000)
    says_so_in_one_line(*small_class(capsys), "file is not a database")
    with pytest.raises(sqlite3.DatabaseError):
        hardship.rows(tmp_path / "out")


def test_a_folder_that_is_not_there_is_answered_with_one_line(tmp_path, capsys):
    status = cli.main(["grade", f"{tmp_path}/none", "--out", f"{tmp_path}/out"])
    says_so_in_one_line(status, capsys.readouterr().err, "there is no folder")
    assert not (tmp_path / "out").exists()
