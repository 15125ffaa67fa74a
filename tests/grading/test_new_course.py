"""An assignment of chosen chapters: students can work with it, and nothing secret is in it."""

import csv
import shutil
import stat
import zipfile
from datetime import datetime

import nbformat
import pytest

from diptych import cli
from diptych.catalogue.component import FRAMEWORKS
from diptych.grading import course
from diptych.grading.course import Course
from tests import ROOT
from tests.grading.courses import CHAPTERS, SEED, WHEEL, made
from tests.grading.submissions import CHAPTER, RIGHT

HANDED_OUT = {
    *(f"{chapter}.ipynb" for chapter in CHAPTERS),
    *("README.md", "requirements.txt", "constraints.txt", WHEEL),
}


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_folder_has_the_students_part_and_apart_from_it_what_is_secret(tmp_path, capsys):
    assert made(tmp_path / "c", "--deadline=2026-12-01T18:00") == 0
    assert f"--course {tmp_path}/c/grading.toml" in capsys.readouterr().out
    students = contents(tmp_path / "c/students")
    assert contents(tmp_path / "c").keys() == {
        "grading.toml",
        *(f"students/{name}" for name in HANDED_OUT),
    }
    assert not [name for name, content in students.items() if SEED.encode() in content]
    assert b"by **2026-12-01 18:00**" in students["README.md"]
    assert stat.S_IMODE((tmp_path / "c/grading.toml").stat().st_mode) == 0o600
    when = datetime(2026, 12, 1, 18)
    assert course.read(tmp_path / "c/grading.toml") == Course(CHAPTERS, ("pytorch",), SEED, when)


def test_a_zip_has_the_same_and_the_secrets_lie_beside_it(tmp_path):
    assert made(tmp_path / "c.zip") == made(tmp_path / "c") == 0
    with zipfile.ZipFile(tmp_path / "c.zip") as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    unpacked = contents(tmp_path / "c/students")
    assert packed == {f"c/{name}": content for name, content in unpacked.items()}
    beside = course.read(tmp_path / "c.grading.toml")
    assert beside == course.read(tmp_path / "c/grading.toml") and beside.seed == SEED


@pytest.mark.parametrize("there", ["c", "c.zip", "c.grading.toml"])
def test_nothing_that_is_there_is_overwritten(there, tmp_path, capsys):
    (tmp_path / there).write_text("mine")
    assert made(tmp_path / ("c" if there == "c" else "c.zip")) == 2
    assert f"{there} is there already" in capsys.readouterr().err
    assert contents(tmp_path) == {there: b"mine"}


def test_two_assignments_have_different_seeds(tmp_path):
    for name in "ab":
        cli.main(["course", f"--chapters={CHAPTER}", f"--out={tmp_path}/{name}"])
    a, b = (course.read(tmp_path / name / "grading.toml") for name in "ab")
    assert a.seed != b.seed and len(a.seed) == 32 and a.frameworks == FRAMEWORKS


def test_a_class_is_graded_as_the_course_says_and_the_command_line_wins(
    one_server, tmp_path, capsys
):
    assert made(tmp_path / "c") == 0
    notebook = nbformat.read(tmp_path / f"c/students/{CHAPTER}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in RIGHT:
            cell.source = RIGHT[cell.metadata.nbgrader.grade_id]
    (tmp_path / "in/ann").mkdir(parents=True)
    nbformat.write(notebook, tmp_path / "in/ann/rectifiers.ipynb")
    shutil.copy(ROOT / "exercises/activations/gates.ipynb", tmp_path / "in/ann")

    def students(*more):
        given = [f"--course={tmp_path}/c/grading.toml", f"--out={tmp_path}/out", *more]
        assert cli.main(["grade", f"{tmp_path}/in", *given]) == 0, capsys.readouterr().err
        with open(tmp_path / "out/students.csv", encoding="utf-8-sig") as file:
            (row,) = csv.DictReader(file)
        return row["points"], row["max_points"], row["missing"]

    assert students() == ("21", "41", "losses/binary")  # gates are not set, and do not count
    assert students(f"--chapters={CHAPTER}", "--frameworks=pytorch,tensorflow") == ("21", "42", "")
    assert SEED.encode() in (tmp_path / "out/grades.sqlite").read_bytes()
    feedback = (tmp_path / "out/feedback/ann.html").read_text()
    assert SEED not in feedback
