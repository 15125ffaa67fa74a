"""An instructor's week: marks by hand, one student graded again, late work, copies, JSON."""

import csv
import json
import shutil

import pytest

from diptych import cli
from diptych.grading import batch
from tests.grading.submissions import RIGHT, notebook, only, write

MINE = """def relu_pt(x):
    mine = x > 0
    other = torch.zeros_like(x)
    return torch.where(mine, x, other)
"""
COPY = MINE.replace("mine", "a").replace("other", "b")


@pytest.fixture
def grade(tmp_path, one_server, capsys):
    def run(*more):
        options = ["--out", f"{tmp_path}/out", "--seed=s", "--frameworks=pytorch", *more]
        status = cli.main(["grade", f"{tmp_path}/in", *options])
        return status, *capsys.readouterr()

    return run


def students(tmp_path):
    text = (tmp_path / "out/students.csv").read_text("utf-8-sig")
    return {row["student"]: row for row in csv.DictReader(text.splitlines())}


def test_marks_by_hand_and_late_work_stand_in_the_reports_and_regrading_lists_what_changes(
    grade, tmp_path
):
    write(tmp_path / "in", {"ann": notebook({"relu_pt": MINE}), "ben": notebook({"relu_pt": COPY})})
    assert grade()[0] == 0
    assert {row["points"] for row in students(tmp_path).values()} == {"3"}

    # a mark by hand and a late penalty stand in the next reports, without grading anything again
    hand = "student,exercise,framework,points,comment\nann,relu,pytorch,1,copied\n"
    (tmp_path / "out/overrides.csv").write_text(hand)
    (tmp_path / "late.csv").write_text("student,seconds\nben,90000\n")
    late = ("--late", "10%/day", "--late-csv", f"{tmp_path}/late.csv")
    status, said, _ = grade("--json", *late, "--export-answers", f"{tmp_path}/answers")
    facts = json.loads(said)
    assert (status, facts["notebooks"], facts["changes"], facts["equal"]) == (0, 2, [], 1)
    rows = students(tmp_path)
    assert (rows["ann"]["points"], rows["ben"]["points"]) == ("1", "2.4")
    assert (rows["ben"]["late"], rows["ben"]["deducted"]) == ("90000", "0.6")

    # ann hands in something else; ben is graded again by name, and nothing changes there
    shutil.rmtree(tmp_path / "in/ann")
    write(tmp_path / "in", {"ann": notebook(only("relu_pt", "relu6_pt"))})
    status, said, _ = grade("--only", "ben,relu")
    assert status == 0 and "'ann' relu6 in PyTorch: 0 → 3" in said and "'ben'" not in said
    assert students(tmp_path)["ann"]["points"] == "4"  # the mark by hand stays
    assert "relu6" in (tmp_path / "out/changes.csv").read_text("utf-8-sig")


def test_what_a_stopped_grader_has_graded_again_is_among_the_changes_of_the_next_one(
    one_server, tmp_path
):
    def grade(**more):
        return batch.grade(tmp_path / "in", tmp_path / "out", workers=1, seed="s", **more).changes

    def stopped(done, total, status):
        if done:
            raise KeyboardInterrupt

    for answers in ({"relu_pt": MINE}, {}):
        shutil.rmtree(tmp_path / "in", ignore_errors=True)
        write(tmp_path / "in", {student: notebook(answers) for student in ("ann", "ben")})
        if answers:
            assert grade() == []
    with pytest.raises(KeyboardInterrupt):
        grade(progress=stopped)
    assert {(c.student, c.exercise, c.old, c.new) for c in grade()} == {
        (student, "relu", 3, 0) for student in ("ann", "ben")
    }
    assert grade() == []  # they are told once


def test_who_is_late_and_not_in_the_class_is_named(grade, tmp_path):
    write(tmp_path / "in", {"ben": notebook({"relu_pt": MINE})})
    (tmp_path / "late.csv").write_text("student,seconds\nbem,90\nzoe,80\nben,70\n")
    status, _, error = grade("--late-csv", f"{tmp_path}/late.csv")
    assert status == 0 and students(tmp_path)["ben"]["late"] == "70"
    assert "nobody in the class is called 'bem': did you mean 'ben'?" in error
    assert "nobody in the class is called 'zoe'\n" in error and "'ben'\n" not in error


@pytest.mark.parametrize(
    ("options", "said"),
    {
        ("--only", "bem"): "nobody in the class is called 'bem': did you mean 'ben'?",
        ("--only", "ben,rellu"): "there is no exercise 'rellu'",
        ("--late", "much"): "a rule is 10%",
        ("--book", "javascript:x"): "no address that begins with https://",
        ("--overrides", "nowhere.csv"): "nowhere.csv",
    }.items(),
)
def test_what_cannot_be_done_is_said_in_one_line_and_nothing_is_graded(
    grade, tmp_path, capsys, options, said
):
    write(tmp_path / "in", {"ben": notebook(RIGHT)})
    try:
        status, _, error = grade(*options)
    except SystemExit as ended:
        status, error = ended.code, capsys.readouterr().err
    assert status == 2 and not (tmp_path / "out/grades.csv").exists()
    assert said in error and error.count("\n") == 1
