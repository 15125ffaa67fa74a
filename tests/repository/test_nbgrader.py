"""The real nbgrader, set up as grading.md says, hands out the exercises and grades them fairly."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from diptych.catalogue.component import load
from diptych.grading import gradebook
from diptych.grading.outcome import Grade, Outcome
from diptych.judging.worker import SUFFIXES
from tests import ROOT

NOTEBOOKS = sorted(
    path.relative_to(ROOT / "solutions") for path in ROOT.glob("solutions/*/*.ipynb")
)
GRADED = Path("activations", "rectifiers.ipynb")

# One answer is right, one is right and talkative, one is wrong about the input, not the output.
HALF = {
    "relu_pt": "def relu_pt(x):\n    return torch.clamp(x, min=0)",
    "relu_tf": (
        "import sys\n"
        "def relu_tf(x):\n"
        "    print('computing', file=sys.stderr)\n"
        "    return tf.maximum(x, 0.0)"
    ),
    "leaky_relu_pt": (
        "def leaky_relu_pt(x, negative_slope):\n"
        "    x[x < 0] *= negative_slope  # changes the input in place\n"
        "    return x"
    ),
}
HALF_POINTS = {"check-relu_pt": 3, "check-relu_tf": 3, "check-leaky_relu_pt": 2}

# Under pytest, a kernel keeps what libraries write to stderr out of the notebook.
PYTEST_SETS = {
    "JUPYTER_DEFAULT_PROVISIONER_NAME",
    "PYTEST_CURRENT_TEST",
    "TF_CPP_MIN_LOG_LEVEL",
    "TF_ENABLE_ONEDNN_OPTS",
}


def read(path):
    return nbformat.read(path, as_version=4)


def sources(path):
    return [(cell.cell_type, cell.source) for cell in read(path).cells]


def nbgrader(course, *arguments, **settings):
    """Run nbgrader in the folder ``course``, with its nbgrader_config.py and these settings."""
    env = {name: value for name, value in os.environ.items() if name not in PYTEST_SETS} | settings
    # nbgrader calls alembic by its name.
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    command = [sys.executable, "-m", "nbgrader", *arguments]
    run = subprocess.run(command, cwd=course, env=env, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course whose assignments have been generated."""
    course = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    shutil.copytree(ROOT / "solutions", course / "solutions")
    nbgrader(course, "generate_assignment", "*")
    return course


def half_right(released):
    notebook = read(released)
    answers = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for name, answer in HALF.items():
        answers[name].source = answer
    return notebook


@pytest.fixture(scope="module")
def graded(course):
    """A course that has graded three submissions."""
    submissions = {
        "solution": read(ROOT / "solutions" / GRADED),
        "untouched": read(ROOT / "exercises" / GRADED),
        "half": half_right(course / "release" / GRADED),
    }
    for student, notebook in submissions.items():
        path = course / "submitted" / student / GRADED
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    # As set up, and the quick way of grading.md; nbgrader skips what it has graded.
    autograde = ("autograde", GRADED.parent.name, f"--notebook={GRADED.stem}")
    nbgrader(course, *autograde, "--student=half")
    nbgrader(course, *autograde, JUPYTER_DEFAULT_PROVISIONER_NAME="diptych-warm")
    return course


def points(course, student):
    """What each check of a submission has won, and what it could have won."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        submission = gradebook.find_submission_notebook(GRADED.stem, GRADED.parent.name, student)
        return {grade.name: (grade.score, grade.max_score) for grade in submission.grades}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=str)
def test_nbgrader_makes_the_same_exercise_as_the_builder(course, notebook):
    assert sources(course / "release" / notebook) == sources(ROOT / "exercises" / notebook)


def test_nothing_but_the_exercises_is_handed_out(course):
    files = [path for path in (course / "release").rglob("*") if path.is_file()]
    assert sorted(path.relative_to(course / "release") for path in files) == NOTEBOOKS


def test_every_exercise_of_the_chapter_is_graded_in_both_frameworks(graded):
    most = {name: most for name, (_, most) in points(graded, "untouched").items()}
    assert most == {
        f"check-{exercise.answer}{suffix}": exercise.max_points
        for component in load(GRADED.with_suffix("").as_posix())
        for exercise in component.exercises
        for suffix in SUFFIXES
    }


def test_the_solution_gets_full_marks(graded):
    won = points(graded, "solution")
    assert won.keys() == points(graded, "untouched").keys()
    assert {name: pair for name, pair in won.items() if pair[0] != pair[1]} == {}


def test_the_untouched_exercise_gets_nothing(graded):
    assert {score for score, _ in points(graded, "untouched").values()} == {0}


def test_the_half_right_one_gets_its_part(graded):
    won = {name: score for name, (score, _) in points(graded, "half").items() if score}
    assert won == HALF_POINTS


def test_a_gradebook_that_nbgrader_has_made_takes_the_points_of_diptych_grade(graded):
    chapter = GRADED.with_suffix("").as_posix()
    grade = Grade("relu", "tensorflow", 2.0, 3.0, "graded")
    outcome = Outcome("ours", GRADED.name, chapter, "graded", "", (grade,))
    handed_in = {("ours", chapter): graded / "submitted/half" / GRADED}
    gradebook.write(graded, [outcome], [chapter], handed_in, ("pytorch", "tensorflow"))
    won = points(graded, "ours")
    assert won.keys() == points(graded, "half").keys()
    assert {name: score for name, (score, _) in won.items() if score} == {"check-relu_tf": 2}

    def ids(student):
        cells = read(graded / "autograded" / student / GRADED).cells
        return [cell.metadata.nbgrader.grade_id for cell in cells if "nbgrader" in cell.metadata]

    assert ids("ours") == ids("half")


@pytest.mark.parametrize("student", ["solution", "untouched", "half"])
def test_no_cell_writes_to_stderr(graded, student):
    cells = read(graded / "autograded" / student / GRADED).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
