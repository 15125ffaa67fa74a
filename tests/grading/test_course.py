"""An assignment of chosen chapters: students can work with it, and nothing secret is in it."""

import csv
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from datetime import datetime

import nbformat
import pytest

from diptych import cli
from diptych.catalogue.component import FRAMEWORK_NAMES, FRAMEWORKS, chapters
from diptych.grading import course, handout, lateness, version
from diptych.grading.course import Course, CourseError
from diptych.grading.options import BEST
from tests import ROOT
from tests.grading.submissions import CHAPTER, RIGHT

CHAPTERS = (CHAPTER, "losses/binary")
SEED = "seventeen-secret"


def made(out, *more, frameworks="pytorch"):
    given = [f"--chapters={','.join(CHAPTERS)}", f"--frameworks={frameworks}", f"--out={out}"]
    return cli.main(["course", *given, f"--seed={SEED}", *more])


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


WHEEL = "diptych-0.1.0-py3-none-any.whl"
HANDED_OUT = {
    *(f"{chapter}.ipynb" for chapter in CHAPTERS),
    *("README.md", "requirements.txt", "constraints.txt", WHEEL),
}


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


# The notebooks


def graded_cells(notebook):
    cells = (cell for cell in notebook.cells if "nbgrader" in cell.metadata)
    return [(cell.id, cell.source, cell.metadata) for cell in cells]


@pytest.mark.parametrize("frameworks", [("pytorch",), ("tensorflow",), FRAMEWORKS, BEST], ids=str)
def test_a_notebook_has_the_cells_of_its_frameworks_and_speaks_of_no_other(frameworks):
    for chapter in chapters():
        whole = nbformat.read(ROOT / f"exercises/{chapter}.ipynb", as_version=4)
        notebook = handout.notebook(chapter, frameworks)
        nbformat.validate(notebook)
        assert notebook.metadata == whole.metadata
        suffixes = {"pytorch": ("_pt",), "tensorflow": ("_tf",)}.get(frameworks[0], ("_pt", "_tf"))
        suffixes = suffixes if len(frameworks) == 1 else ("_pt", "_tf")
        wanted = [c for c in graded_cells(whole) if c[2].nbgrader.grade_id.endswith(suffixes)]
        assert graded_cells(notebook) == wanted and wanted
        text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
        assert "](../" not in text
        assert ("One framework is enough" in text) == (frameworks == BEST)
        assert ("or in both" in " ".join(text.split())) == (frameworks == BEST)
        if len(frameworks) == 1 and frameworks != BEST:
            assert f"in {FRAMEWORK_NAMES[frameworks[0]]}" in text
        assert not [c for c in notebook.cells if c.cell_type == "code" and c.outputs]


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


# grading.toml

BAD = {
    "chapter = ['activations/gates']\nseeds = 1": "unknown: chapter, seeds; known: chapters, fram",
    "chapters = ['activations/rectifier']": "there is no chapter 'activations/rectifier'",
    "chapters = 'activations/gates'": "should be text in quotation marks, or a list",
    "frameworks = ['jax']": "choose best, or from pytorch,tensorflow",
    "frameworks = [1]": "should be text in quotation marks, or a list",
    "seed = 17": "should be text in quotation marks, or a list",
    "seed = ''": "a seed is a text",
    "deadline = '2026-12-01'": "the deadline is a time",
    "chapters = [": "is no TOML file",
    "\udcff": "is no TOML file",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_course_is_refused_in_one_line_that_says_what_is_wrong(text, tmp_path, capsys):
    path = tmp_path / "grading.toml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(CourseError):
        course.read(path)
    assert cli.main(["grade", f"{tmp_path}", "--out=x", f"--course={path}"]) == 2
    errors = capsys.readouterr().err
    assert BAD[text] in errors and str(path) in errors and errors.count("\n") == 1


def test_a_course_that_is_not_there_is_refused(tmp_path, capsys):
    assert cli.main(["grade", f"{tmp_path}", "--out=x", "--course=/none"]) == 2
    assert "No such file" in capsys.readouterr().err


def test_work_is_due_at_the_deadline_where_the_table_says_nothing_else(tmp_path):
    table = tmp_path / "late.csv"
    table.write_text(
        "student,submitted,due\n"
        "ann,2026-12-01T18:01,\nbob,2026-12-01T17:59,\neve,2026-12-01T18:01,2026-12-02T00:00\n"
    )
    late = lateness.read(table, datetime(2026, 12, 1, 18))
    assert late == {("ann", ""): "60", ("bob", ""): "no", ("eve", ""): "no"}


# What is installed


def test_students_install_what_the_framework_needs_in_the_versions_of_the_book(tmp_path):
    known = set((ROOT / "constraints.txt").read_text().splitlines())
    for framework, absent in (("pytorch", "tensorflow"), ("tensorflow", "torch")):
        made(tmp_path / framework, frameworks=framework)
        students = tmp_path / framework / "students"
        pins = set((students / "constraints.txt").read_text().splitlines())
        names = {pin.partition("==")[0] for pin in pins}
        assert pins < {line.partition(" ")[0] for line in known}
        # directly, by way of others, and by way of an extra of others
        assert {"jupyterlab", "numpy", "tornado", "fqdn"} < names
        assert not names & {absent, f"{absent}_cpu", "playwright", "Sphinx", "nbgrader", "ruff"}
    assert {"tensorflow", "tensorflow_cpu", "keras", "protobuf"} < names  # on any platform
    first, package, lab = (students / "requirements.txt").read_text().splitlines()
    assert (first, package, lab) == (
        "-c constraints.txt",
        f"./{WHEEL}[tensorflow]",
        "jupyterlab",
    )


def test_pins_that_cannot_be_chosen_are_all_there(monkeypatch):
    def missing(name):
        raise handout.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(handout.importlib.metadata, "requires", missing)
    assert {"torch==2.13.0", "playwright==1.65.2"} < set(handout._pins(("pytorch",)))


def test_pip_installs_the_package_that_is_handed_out(tmp_path):
    made(tmp_path / "c")
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target"]
    call = [*pip, tmp_path / "lib", tmp_path / "c/students" / WHEEL]
    run = subprocess.run(call, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
    assert run.returncode == 0, run.stderr
    installed = {
        path.relative_to(tmp_path / "lib/diptych") for path in tmp_path.glob("lib/diptych/**/*.py")
    }
    assert installed == {
        path.relative_to(version.PACKAGE) for path in version.PACKAGE.rglob("*.py")
    }
    assert (tmp_path / "lib/bin/diptych").exists()


def test_an_installed_package_has_what_is_handed_out():
    """A wheel puts the files where they are looked for first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    places = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    inside = handout.PLACES[0].relative_to(version.PACKAGE.parent).as_posix()
    assert places == {name: f"{inside}/{name}" for name in ("exercises", "constraints.txt")}
    container = (ROOT / "Containerfile").read_text()
    assert all(f"COPY {name}" in container for name in places)


def test_where_the_exercises_are_not_installed_that_is_said(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(handout, "PLACES", (tmp_path,))
    assert made(tmp_path / "c") == 2
    assert "the exercises are not in this installation" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_the_settings_are_written_as_toml_reads_them(tmp_path):
    wanted = Course(CHAPTERS, BEST, 'a "seed" with \\ 学生', datetime(2026, 12, 1, 18))
    path = tmp_path / "grading.toml"
    path.write_text(course._toml(wanted, path.name), encoding="utf-8")
    assert course.read(path) == wanted
