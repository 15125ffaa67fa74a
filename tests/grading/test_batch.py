"""A class of submissions, graded whole: what a fair teacher would give, and nothing stops it."""

import csv
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest

from diptych.catalogue.component import chapters
from diptych.grading import fan_out
from diptych.grading.batch import grade
from tests.grading import submissions
from tests.processes import alive, wait_for

if sys.platform != "linux":
    pytest.skip("grading needs the warm server, which needs Linux", allow_module_level=True)

SEED = "seventeen"
STEP = 3  # seconds for one cell or one answer
OPTIONS = {"seed": SEED, "timeout": 4 * STEP, "memory": 700}


@pytest.fixture(scope="module")
def graded(one_server, tmp_path_factory):
    """The whole class: outcomes by student, and the folder of the reports."""
    scratch = tmp_path_factory.mktemp("class")
    submissions.write(scratch / "submitted", submissions.folder())
    outcomes = grade(scratch / "submitted", scratch / "out", workers=2, **OPTIONS).outcomes
    return {outcome.student: outcome for outcome in outcomes}, scratch / "out"


@pytest.fixture(scope="module")
def rows(graded):
    """The lines of ``grades.csv``: student, and answer → line."""
    with open(graded[1] / "grades.csv", newline="", encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    suffix = {"pytorch": "_pt", "tensorflow": "_tf"}
    found = {}
    for line in lines:
        name = line["exercise"] + suffix[line["framework"]]
        found.setdefault(line["student"], {})[name] = line
    return found


# Points of a student, and what is said of the answers that are not simply unwritten.
EXPECTED = {
    "perfect": (42, {}),
    "half-done": (18, {}),
    "untouched": (0, {}),
    "pytorch-only": (21, {}),
    "wrong-no-leak": (0, {"leaky_relu_pt": ("graded", "negative numbers become 0: that is ReLU")}),
    "wrong-shape": (2, {"relu_pt": ("graded", "shape (12,), where (2, 6) is right")}),
    "wrong-gradient-cut": (2, {"relu_pt": ("graded", "no gradient reaches the input")}),
    "wrong-in-place": (2, {"relu_pt": ("graded", "changed in place")}),
    "wrong-axis": (2, {"prelu_tf": ("graded", "the slopes go along the last axis")}),
    "wrong-raises": (0, {"threshold_tf": ("raised", "NameError: name 'baar' is not defined")}),
    "nan-in-training": (0, {"rrelu_pt": ("graded", "NaN or infinity comes out")}),
    "another-shape-next-time": (0, {"rrelu_pt": ("graded", "two calls return different shapes")}),
    "wrong-one-draw": (0, {"rrelu_pt": ("graded", "all negative numbers share one slope")}),
    "runs-relu": (0, {"leaky_relu_tf": ("forbidden", "this ran leaky_relu, which")}),
    "runs-relu-by-stealth": (0, {"relu_pt": ("forbidden", "this ran relu, which")}),
    "only-compares": (3, {}),
    "only-names": (3, {}),
    "endless-cell": (3, {}),
    "endless-answer": (3, {"relu_pt": ("timeout", "did not end within 3 seconds")}),
    "os-exit-cell": (3, {}),
    "os-exit-answer": (3, {"relu6_pt": ("crashed", "it ended Python itself")}),
    "memory-bomb": (3, {}),
    "fails-early": (3, {}),
    "duplicated": (
        6,
        {
            "relu_pt": ("not_written", "code cells 4, 31 all define it, and the last one counts"),
            "relu6_pt": ("no_answer", "nothing is called relu6_pt"),
        },
    ),
    "magics": (6, {}),
    "cell-magic": (3, {"relu_pt": ("no_answer", "nothing is called relu_pt")}),
    "awaits": (3, {}),
    "asks-for-ipython": (3, {}),
    "compiled": (3, {}),
    "noise-on-stderr": (3, {}),
    "equal-to-everything": (
        0,
        {"relu_pt": ("graded", "of type Everything came back")},
    ),
    "peeks": (3, {}),
    "leaks-hidden-inputs": (0, {"relu_pt": ("raised", "raises ValueError: secret")}),
    "forges-frames": (3, {}),
    "kills-the-server": (3, {}),
    "html-in-an-error": (3, {}),
}


@pytest.mark.parametrize("student", EXPECTED)
def test_a_submission_earns_what_a_fair_teacher_gives(student, rows):
    points, said = EXPECTED[student]
    assert sum(float(line["points"]) for line in rows[student].values()) == points
    assert sum(float(line["max_points"]) for line in rows[student].values()) == 42
    for name, (status, diagnosis) in said.items():
        assert rows[student][name]["status"] == status
        assert diagnosis in rows[student][name]["diagnosis"]
    for name, line in rows[student].items():
        if name not in said:
            full = line["points"] == line["max_points"]
            assert (line["status"], line["diagnosis"]) == (
                ("graded", "") if full else ("not_written", "not written yet")
            )


UNREADABLE = {
    "broken-json": "it is not JSON",
    "empty-file": "the file is empty",
    "not-utf-8": "it is not JSON",
    "deep-json": "it is not JSON",
    "link": "it is a link",
    "fifo": "it is not an ordinary file",
    "'=cmd|'calc'": "the file is empty",
}


@pytest.mark.parametrize("student", UNREADABLE)
def test_what_cannot_be_read_is_said_of_every_answer(student, rows):
    assert len(rows[student]) == 14
    for line in rows[student].values():
        assert (line["status"], line["points"]) == ("unreadable", "0")
        assert UNREADABLE[student] in line["diagnosis"]


def test_nobody_is_left_out(graded, rows):
    assert len(graded[0]) == len(rows) == len(EXPECTED) + len(UNREADABLE)


NOTES = {
    "endless-cell": ("timeout", "code cell 4: it did not end within 3 seconds"),
    "os-exit-cell": ("crashed", "code cell 4: it ended Python itself"),
    "memory-bomb": ("out_of_memory", "code cell 4: it took more than 700 MB of memory"),
    "forges-frames": ("malformed", "code cell 4: what came back is not in the grader's form"),
    "fails-early": ("graded", "(line 1: import no_such_module)"),
    "magics": ("graded", "code cell 4: magics and shell commands are not run here"),
    "asks-for-ipython": ("graded", "not run here (matplotlib inline)"),
    "kills-the-server": ("graded", "PermissionError: [Errno 1] Operation not permitted"),
    "cell-magic": ("graded", "code cell 4: magics and shell commands are not run here"),
    "html-in-an-error": ("graded", "ValueError: <script>"),
}


@pytest.mark.parametrize("student", NOTES)
def test_a_cell_that_does_not_go_through_is_noted(student, graded):
    outcome = graded[0][student]
    status, note = NOTES[student]
    assert outcome.status == status
    assert note in outcome.notes[0]


@pytest.mark.parametrize("student", ["peeks", "awaits", "noise-on-stderr", "perfect", "untouched"])
def test_what_goes_through_leaves_no_note(student, graded):
    assert (graded[0][student].status, graded[0][student].notes) == ("graded", ())


def test_a_name_that_was_not_seen_to_run_is_advice_for_the_instructor(graded):
    advice = {
        (outcome.student, grade.exercise): grade.advice
        for outcome in graded[0].values()
        for grade in outcome.grades
        if grade.advice
    }
    line = "assert x is not None, 'relu'"
    said = f"names relu (code cell 4, line 2: {line}), and was not seen to run it"
    assert advice == {("only-names", "relu"): said}
    shown = "and was not seen to run it"
    assert shown in (graded[1] / "report.html").read_text()
    assert shown not in (graded[1] / "feedback/only-names.html").read_text()


def test_forbidden_functions_may_cost_nothing_where_the_instructor_says_so(tmp_path):
    submissions.write(tmp_path / "in", {"a": submissions.folder()["runs-relu"]})
    (outcome,) = grade(tmp_path / "in", tmp_path / "out", **OPTIONS, forbidden="warn").outcomes
    (used,) = [g for g in outcome.grades if g.advice]
    assert (used.exercise, used.points, used.status) == ("leaky_relu", 3.0, "graded")
    assert used.advice == "ran leaky_relu"


def test_where_one_framework_is_enough_it_earns_full_marks_and_nothing_runs_again(
    one_server, tmp_path
):
    submissions.write(tmp_path / "in", {"a": submissions.folder()["pytorch-only"]})
    statuses = []
    options = OPTIONS | {"progress": lambda done, total, status: statuses.append(status)}

    def row(**more):
        grade(tmp_path / "in", tmp_path / "out", **options | more)
        with open(tmp_path / "out/students.csv", newline="", encoding="utf-8-sig") as file:
            (line,) = csv.DictReader(file)
        return line["points"], line["max_points"], line[submissions.CHAPTER]

    assert row() == ("21", "42", "21")
    assert row(best=True) == ("21", "21", "21")
    assert statuses == ["", "graded", "", fan_out.KNOWN]
    said = "of each exercise, the better of the two answers counts"
    assert said in (tmp_path / "out/feedback/a.html").read_text()


def test_the_solutions_of_every_chapter_earn_every_point_and_run_nothing_forbidden(tmp_path):
    shutil.copytree(submissions.ROOT / "solutions", tmp_path / "in/solved")
    options = {"seed": SEED, "timeout": 60}
    outcomes = grade(tmp_path / "in", tmp_path / "out", workers=2, **options).outcomes
    assert [outcome.chapter for outcome in outcomes] == sorted(chapters())
    for outcome in outcomes:
        assert (outcome.status, outcome.notes) == ("graded", ())
        for each in outcome.grades:
            assert (each.points, each.diagnosis, each.advice) == (each.max_points, "", ""), each


def test_feedback_keeps_hidden_inputs_from_the_student(graded):
    page = (graded[1] / "feedback/leaks-hidden-inputs.html").read_text()
    assert "secret" not in page
    assert "ight for every input that you see" in page
    assert "expected -0.3, got 0" in (graded[1] / "feedback/wrong-no-leak.html").read_text()


def test_pages_are_self_contained(graded):
    made = [graded[1] / "report.html", *(graded[1] / "feedback").iterdir()]
    assert len(made) == 1 + len(graded[0])
    for path in made:
        page = path.read_text()
        figures = "".join(re.findall(r'src="data:image/svg\+xml,([^"]*)"', page))
        assert "script" not in figures and "href=%22http" not in figures
        page = re.sub(r'src="data:[^"]*"', "", page)  # SVG has addresses for names
        assert "src=" not in page
        assert "<script" not in page and "http:" not in page and "https:" not in page


def test_a_second_run_does_nothing_and_a_changed_one_is_graded_again(one_server, tmp_path):
    runs = tmp_path / "runs"
    first = f"with open({str(runs)!r}, 'a') as f: f.write('x')"
    made = {name: submissions.notebook(first=f"{first}  # {name}") for name in "ab"}
    submissions.write(tmp_path / "in", made)
    # Without the sandbox, which would not let the notebooks leave their marks.
    options = OPTIONS | {"frameworks": ("pytorch",), "isolation": "none"}

    def count(**more):
        runs.write_text("")
        grade(tmp_path / "in", tmp_path / "out", **options | more)
        return len(runs.read_text())

    assert count() == 2
    before = (tmp_path / "out/grades.csv").read_bytes()
    assert count() == 0
    assert (tmp_path / "out/grades.csv").read_bytes() == before
    path = tmp_path / f"in/a/{submissions.CHAPTER}.ipynb"
    path.write_text(json.dumps(submissions.notebook(submissions.only("relu_pt"), first=first)))
    assert count() == 1
    assert (tmp_path / "out/grades.csv").read_bytes() != before
    assert count(regrade=True) == 2
    assert count(seed="another") == 2


def command(*args):
    options = [f"--{key}={value}" for key, value in OPTIONS.items()]
    return [sys.executable, "-m", "diptych.cli", "grade", *options, *map(str, args)]


def finished(out):
    """The students whose grades are kept, once no grader holds the store."""
    with sqlite3.connect(f"file:{out}/grades.sqlite?mode=ro", uri=True) as db:
        found = {student for (student,) in db.execute("SELECT student FROM submission")}
    db.close()
    return found


def test_a_grader_that_is_stopped_goes_on_and_two_workers_grade_like_one(graded, tmp_path):
    whole = submissions.folder()
    some = ("half-done", "perfect", "runs-relu", "wrong-axis", "wrong-one-draw", "wrong-raises")
    chosen = {name: whole[name] for name in some}
    runs, refused = tmp_path / "runs", tmp_path / "refused"
    runs.touch()
    for name, made in chosen.items():
        # In the last cell, so that what stands in the diagnoses keeps its number.
        note = (
            f"import os, time\nwith open({str(runs)!r}, 'a') as f:\n"
            f"    f.write(f'{name} {{os.getpid()}} {{os.getppid()}}\\n')\n"
            # The third one lasts until another grader has started, and been refused.
            f"while len(open({str(runs)!r}).readlines()) == 3:\n"
            f"    if os.path.exists({str(refused)!r}): break\n"
            "    time.sleep(0.1)\n"
            "time.sleep(1)"
        )
        made["cells"].append(submissions.code(note))
    submissions.write(tmp_path / "in", chosen)
    out = tmp_path / "out"
    alone = ("--workers", 1, "--isolation", "none", "--timeout", 900)
    call = command(tmp_path / "in", "--out", out, *alone)

    def ran():
        return [line.split()[0] for line in runs.read_text().splitlines()]

    with subprocess.Popen(call, stderr=subprocess.DEVNULL) as grader:
        wait_for(lambda: len(ran()) >= 3, seconds=60)
        second = subprocess.run(call, capture_output=True, text=True)
        grader.send_signal(signal.SIGKILL)
    refused.touch()
    assert second.returncode == 2
    assert "another grader is at work" in second.stderr and "Traceback" not in second.stderr
    kept = finished(out)
    assert 0 < len(kept) < len(some)
    already = len(ran())
    with subprocess.Popen(call, stderr=subprocess.PIPE, text=True) as grader:
        wait_for(lambda: len(ran()) > already, seconds=60)
        grader.send_signal(signal.SIGINT)
        said = grader.stderr.read()
    assert grader.returncode == 130
    assert "stopped" in said and "Traceback" not in said
    kept |= finished(out)
    done = subprocess.run(call, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "isolation: none" in done.stderr
    assert all(ran().count(name) == 1 for name in kept)
    assert set(ran()) == set(some) == finished(out)
    lines = (graded[1] / "grades.csv").read_text("utf-8-sig").splitlines()
    theirs = [line for line in lines if line.split(",")[0].strip('"') in {*some, "student"}]
    assert (out / "grades.csv").read_text("utf-8-sig").splitlines() == theirs
    # Neither children nor the warm server outlive the grader.
    numbers = {int(n) for line in runs.read_text().splitlines() for n in line.split()[1:]}
    wait_for(lambda: not any(map(alive, numbers)))
