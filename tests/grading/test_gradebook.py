"""nbgrader's own programs find the grades, and what an instructor has entered by hand stays."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from diptych import cli
from diptych.grading import gradebook, lateness
from diptych.grading.exports import ExportError
from diptych.grading.outcome import Grade, Outcome
from tests.grading.submissions import CHAPTER, RIGHT, notebook, only

GATES = "activations/gates"
FAMILY, STEM = CHAPTER.split("/")
WRONG = "the slope is on the wrong side"
BOTH = ("pytorch", "tensorflow")


def outcome(points, student="ann", chapter=CHAPTER, status="graded", **more):
    """An outcome with ``points`` for some answers, and comments for those that are not right."""
    grades = tuple(
        Grade(
            *(name[:-3], {"pt": "pytorch", "tf": "tensorflow"}[name[-2:]], float(each), 3.0),
            *(status, "", "", "" if each == 3 else WRONG, "" if each == 3 else "f(1) is 2"),
        )
        for name, each in points.items()
    )
    return Outcome(student, "homework.ipynb", chapter, "graded", "", grades, **more)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A gradebook with no student: nbgrader takes seconds to make its tables."""
    course = tmp_path_factory.mktemp("empty")
    write(course, chapters=())
    return course / "gradebook.db"


@pytest.fixture
def course(empty, tmp_path):
    (tmp_path / "course").mkdir()
    shutil.copy(empty, tmp_path / "course")
    return tmp_path / "course"


def write(course, *outcomes, chapters=(CHAPTER,), notebooks=None, frameworks=BOTH, **more):
    gradebook.write(course, outcomes, chapters, notebooks or {}, frameworks, **more)


def opened(course):
    return Gradebook(f"sqlite:///{course}/gradebook.db")


def scores(course, student="ann", stem=STEM):
    """Of each cell: the score, what nbgrader was told, and whether somebody should look."""
    with opened(course) as book:
        grades = book.find_submission_notebook(stem, FAMILY, student).grades
        return {
            grade.name: (grade.score, grade.auto_score, grade.needs_manual_grade)
            for grade in grades
        }


def comments(course, student="ann"):
    with opened(course) as book:
        found = book.find_submission_notebook(STEM, FAMILY, student).comments
        return {comment.name: comment.comment for comment in found if comment.comment}


def test_scores_and_comments_are_those_of_the_exercises_cells(course):
    write(course, outcome({"relu_pt": 3, "leaky_relu_pt": 1, "relu_tf": 0}))
    found = scores(course)
    assert len(found) == 14
    assert found["check-relu_pt"] == (3, 3, False)
    assert found["check-leaky_relu_pt"] == (1, 1, False)
    assert found["check-rrelu_tf"] == (0, 0, False)
    assert comments(course) == dict.fromkeys(("leaky_relu_pt", "relu_tf"), f"{WRONG}\n\nf(1) is 2")
    with opened(course) as book:
        submission = book.find_submission(FAMILY, "ann")
        assert (submission.score, submission.max_score) == (4, 42)
        assert not submission.needs_manual_grade


def test_grading_again_updates_what_was_there(course):
    write(course, outcome({"relu_pt": 1, "relu_tf": 3}), outcome({"relu_pt": 3}, student="bob"))
    write(course, outcome({"relu_pt": 3, "relu_tf": 3}))
    assert scores(course)["check-relu_pt"] == (3, 3, False)
    assert scores(course, "bob")["check-relu_pt"] == (3, 3, False)
    assert comments(course) == {}


def by_hand(course, score, comment):
    with opened(course) as book:
        grade = book.find_grade("check-relu_pt", STEM, FAMILY, "ann")
        grade.manual_score, grade.needs_manual_grade = score, False
        grade.extra_credit = 0.5
        book.find_comment("relu_pt", STEM, FAMILY, "ann").manual_comment = comment
        book.db.commit()


def test_what_an_instructor_has_entered_by_hand_stays(course):
    write(course, outcome({"relu_pt": 1}))
    by_hand(course, 2.0, "right idea")
    write(course, outcome({"relu_pt": 1}))
    assert scores(course)["check-relu_pt"] == (2.5, 1, False)  # nothing new to look at
    write(course, outcome({"relu_pt": 3}))
    assert scores(course)["check-relu_pt"] == (2.5, 3, True)
    assert comments(course) == {"relu_pt": "right idea"}


def test_cells_that_are_not_the_books_are_left_alone(course):
    write(course, outcome({"relu_pt": 3}, student="bob"))
    with opened(course) as book:
        book.add_grade_cell("essay", STEM, FAMILY, max_score=5, cell_type="markdown")
        book.add_solution_cell("essay", STEM, FAMILY)
    write(course, outcome({"relu_pt": 3}))
    assert scores(course)["essay"] == (0, None, True)  # waits for the instructor
    with opened(course) as book:
        grade = book.find_grade("essay", STEM, FAMILY, "ann")
        grade.manual_score, grade.needs_manual_grade = 4.0, False
        book.db.commit()
    write(course, outcome({"relu_pt": 1}))
    assert scores(course)["essay"] == (4, None, False)


def test_a_chapter_that_comes_later_and_one_that_is_missing_have_a_place(course):
    write(course, outcome({"relu_pt": 3}), outcome({"relu_pt": 3}, student="bob"))
    later = outcome({"gelu_pt": 2}, chapter=GATES)
    losses = "losses/binary"
    write(course, outcome({"relu_pt": 3}), later, chapters=(CHAPTER, GATES, losses))
    assert scores(course, stem="gates")["check-gelu_pt"] == (2, 2, False)
    write(course, later, chapters=(CHAPTER, GATES))  # the other one was taken back
    assert scores(course)["check-relu_pt"] == (0, 0, False)
    assert {pair for pair in scores(course).values()} == {(0, 0, False)}
    with opened(course) as book:
        assert [assignment.name for assignment in book.assignments] == [FAMILY]
        assert book.find_submission(FAMILY, "bob").score == 3


def test_of_two_answers_only_the_better_one_has_points(course):
    write(course, outcome({"relu_pt": 1, "relu_tf": 3}), best=True)
    found = scores(course)
    assert (found["check-relu_pt"][0], found["check-relu_tf"][0]) == (0, 3)
    assert comments(course) == {"relu_pt": "the answer in TensorFlow counts"}


def test_late_work_has_nbgraders_penalty(course):
    rule = lateness.rule("10%/day")
    write(course, outcome({"relu_pt": 3, "relu_tf": 2}, late="90000"), rule=rule)
    with opened(course) as book:
        assert book.find_submission(FAMILY, "ann").late_submission_penalty == pytest.approx(1.0)
    write(course, outcome({"relu_pt": 3}, late="no"), rule=rule)
    with opened(course) as book:
        assert book.find_submission(FAMILY, "ann").late_submission_penalty == 0


def test_a_gradebook_of_one_framework_has_its_cells_and_refuses_those_of_the_other(course):
    write(course, outcome({"relu_pt": 3}), frameworks=("pytorch",))
    assert len(scores(course)) == 7
    with pytest.raises(ExportError, match="without the cell check-relu_tf"):
        write(course, outcome({"relu_pt": 3, "relu_tf": 3}))
    assert len(scores(course)) == 7


def test_a_gradebook_that_cannot_be_used_is_said(course, tmp_path):
    with pytest.raises(ExportError, match="there is no folder"):
        write(tmp_path / "none", outcome({"relu_pt": 3}))
    (course / "gradebook.db").write_text("no database " * 100)
    with pytest.raises(ExportError, match=r"cannot use .*gradebook.db.*not a database"):
        write(course, outcome({"relu_pt": 3}))


def handed_in(folder, made):
    path = folder / "homework.ipynb"
    path.write_text(json.dumps(made))
    return {("ann", CHAPTER): path}


def test_a_notebook_is_shown_with_the_books_cells_each_once_and_nothing_else(course, tmp_path):
    made = notebook(only("relu_pt"), first="print('<script>')")
    marked = [cell for cell in made["cells"] if "nbgrader" in cell["metadata"]]
    marked[0]["metadata"]["nbgrader"] |= {"points": 99, "grade": True}
    strange = [{"grade_id": "unknown"}, {"grade_id": [1]}, {}, [1], {"grade_id": "relu_pt"}]
    for each in strange:
        cell = {"cell_type": "code", "source": "1", "outputs": [1], "metadata": {"nbgrader": each}}
        made["cells"].append(cell)
    made["cells"] += [{"cell_type": "heading", "source": "x"}, {"source": 1}, 7]
    pytorch = {"frameworks": ("pytorch",)}
    write(course, outcome({"relu_pt": 3}), notebooks=handed_in(tmp_path, made), **pytorch)
    shown = nbformat.read(course / f"autograded/ann/{CHAPTER}.ipynb", as_version=4)
    nbformat.validate(shown)
    ids = [c.metadata.nbgrader.grade_id for c in shown.cells if "nbgrader" in c.metadata]
    assert len(ids) == len(set(ids)) == 14 and all(each.endswith("_pt") for each in ids)
    (first,) = (c for c in shown.cells if c.metadata.get("nbgrader", {}).get("grade_id") == ids[0])
    assert first.source == RIGHT["relu_pt"] and first.metadata.nbgrader.solution
    assert not first.metadata.nbgrader.grade and "points" not in first.metadata.nbgrader
    assert not [c for c in shown.cells if c.get("outputs")]
    sources = [cell.source for cell in shown.cells]
    assert "print('<script>')" in sources and sources[-5:] == ["1"] * 5


def nbgrader(course, *arguments):
    """Run nbgrader in the folder of the course."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    call, env = [sys.executable, "-m", "nbgrader", *arguments], os.environ | {"PATH": path}
    run = subprocess.run(call, cwd=course, capture_output=True, text=True, env=env)
    assert run.returncode == 0, run.stderr


@pytest.mark.usefixtures("one_server")
def test_a_class_is_graded_and_formgrader_and_nbgrader_show_it(course, tmp_path, capsys):
    (tmp_path / "in/ann").mkdir(parents=True)
    leaky = "def leaky_relu_pt(x, negative_slope):\n    return torch.clamp(x, min=0)"
    made = notebook(only("relu_pt") | {"leaky_relu_pt": leaky})
    handed_in(tmp_path / "in/ann", made)
    options = ["--frameworks=pytorch", f"--out={tmp_path}/out", f"--nbgrader={course}"]
    assert cli.main(["grade", f"{tmp_path}/in", *options]) == 0, capsys.readouterr().err

    nbgrader(course, "export")
    with open(course / "grades.csv", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["assignment"], row["student_id"]) == (FAMILY, "ann")
    assert (row["score"], row["max_score"]) == ("3.0", "21.0")

    config = Config({"CourseDirectory": {"root": str(course)}})
    api = NbGraderAPI(CourseDirectory(config=config))
    (submission,) = api.get_submissions(FAMILY)  # what formgrader lists
    assert (submission["student"], submission["score"], submission["max_score"]) == ("ann", 3, 21)
    assert submission["autograded"] and not submission["needs_manual_grade"]

    nbgrader(course, "generate_feedback", FAMILY)
    page = (course / f"feedback/ann/{FAMILY}/{STEM}.html").read_text(encoding="utf-8")
    assert "check-relu_pt" in page and "(Score: 3.0 / 21.0)" in page
    assert "leaky_relu(" in page and "expected" in page


def test_without_nbgrader_that_is_said(course, tmp_path, capsys, monkeypatch):
    find = cli.command.importlib.util.find_spec
    monkeypatch.setattr(
        cli.command.importlib.util, "find_spec", lambda name: name != "nbgrader" and find(name)
    )
    assert cli.main(["grade", f"{tmp_path}", "--out=x", f"--nbgrader={course}"]) == 2
    assert "pip install nbgrader" in capsys.readouterr().err
