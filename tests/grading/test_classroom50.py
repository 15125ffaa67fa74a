"""A student's repository gets quick answers, and nothing that is hidden goes there."""

import json
import subprocess

import numpy as np
import pytest

from diptych import cli
from diptych.catalogue.component import load
from diptych.grading import classroom50
from tests.grading.submissions import CHAPTER, RIGHT, notebook, only

TOLD = {
    "CLASSROOM": "course101",
    "ASSIGNMENT": "activations",
    "SUBMISSION_TAG": "submit/2026-10-02T23-58-11Z-a1b2c3d",
    "COMMIT_URL": "https://example.invalid/commit/a1b2c3d",
    "RELEASE_URL": "https://example.invalid/releases/1",
}
GIT = ["git", "-c", "user.name=n", "-c", "user.email=e@example.invalid"]


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """The working directory of an autograder, and what ``diptych classroom50`` makes there."""
    monkeypatch.chdir(tmp_path)
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("REVIEW_URL", raising=False)

    def run(made, *more):
        content = made if isinstance(made, bytes) else json.dumps(made).encode()
        (tmp_path / "homework.ipynb").write_bytes(content)
        assert cli.main(["classroom50", f"--chapters={CHAPTER}", *more]) == 0
        return json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))

    return run


def visible_only():
    """An answer that is right for the visible inputs, and wrong for all others."""
    (exercise,) = (e for c in load(CHAPTER) for e in c.exercises if e.answer == "relu")
    inputs = [np.float32(case.inputs[0]).tolist() for case in exercise.visible]
    return (
        f"SEEN = {inputs}\ndef relu_pt(x):\n"
        "    return torch.clamp(x, min=0) if x.tolist() in SEEN else x"
    )


@pytest.mark.usefixtures("one_server")
def test_a_result_is_what_the_visible_cases_say(checkout, tmp_path, monkeypatch, capsys):
    asked, run_cells = [], classroom50.run_cells
    monkeypatch.setattr(
        classroom50, "run_cells", lambda *args: asked.append(args[1]) or run_cells(*args)
    )
    subprocess.run([*GIT, "init", "-q"], check=True)
    date = {"GIT_COMMITTER_DATE": "2026-10-03T01:58:11+02:00", "PATH": "/usr/bin:/bin"}
    call = [*GIT, "commit", "-q", "--allow-empty", "-m", "x"]
    subprocess.run(call, check=True, env=date)
    answers = {"relu_pt": visible_only(), "relu6_tf": RIGHT["relu6_tf"]}
    clamp = "def threshold_pt(x, bar, value):\n    return torch.clamp(x, min=0)"
    result = checkout(notebook(answers | {"threshold_pt": clamp}))
    (questions,) = asked
    assert questions and not any(each.hidden for each in questions.values())
    tests = {test["test-name"]: test for test in result.pop("tests")}
    assert result == {
        "schema": "classroom50/result/v1",
        "classroom": TOLD["CLASSROOM"],
        "assignment": TOLD["ASSIGNMENT"],
        "submission": TOLD["SUBMISSION_TAG"],
        "commit": TOLD["COMMIT_URL"],
        "release": TOLD["RELEASE_URL"],
        "review": TOLD["COMMIT_URL"],
        "datetime": "2026-10-02T23:58:11Z",
        "score": 6,
        "max-score": 42,
    }
    assert tests["relu in PyTorch"] == {
        **{"test-name": "relu in PyTorch", "passed": True, "score": 3, "max-score": 3},
        "output": "",
    }
    assert [name for name, test in tests.items() if test["passed"]] == [
        "relu in PyTorch",
        "relu6 in TensorFlow",
    ]
    assert "expected -2, got 0.4" in tests["threshold in PyTorch"]["output"]
    assert tests["relu in TensorFlow"]["output"] == "not written yet"
    whole = [test[name] for test in tests.values() for name in ("score", "max-score")]
    assert {type(each) for each in whole} == {int}
    assert "6 of 42 points" in capsys.readouterr().out


@pytest.mark.usefixtures("one_server")
def test_of_two_answers_the_better_one_may_be_enough(checkout):
    result = checkout(notebook(only("relu_tf", "relu6_pt")), "--frameworks=best")
    assert (result["score"], result["max-score"], len(result["tests"])) == (6, 21, 7)
    assert result["tests"][0]["test-name"] == "relu in TensorFlow"


@pytest.mark.usefixtures("one_server")
def test_a_notebook_that_cannot_be_read_or_is_missing_is_told_with_each_answer(checkout):
    result = checkout(b"{", "--frameworks=pytorch")
    assert (result["score"], result["max-score"]) == (0, 21)
    said = {test["output"] for test in result["tests"]}
    assert len(said) == 1 and "no notebook of" in str(said) and "; homework.ipynb: the" in str(said)
    made = json.dumps(notebook() | {"cells": 1}).encode()
    result = checkout(made, "--frameworks=pytorch")
    assert all("cannot be read" in test["output"] for test in result["tests"])


@pytest.mark.parametrize("missing", TOLD)
def test_outside_an_autograder_nothing_is_written(missing, checkout, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv(missing)
    assert cli.main(["classroom50", f"--chapters={CHAPTER}"]) == 2
    assert f"{missing} not in the environment" in capsys.readouterr().err
    assert not (tmp_path / "result.json").exists()


def test_a_seed_cannot_be_given(capsys):
    for option in ("--seed=s", "--course=grading.toml"):
        with pytest.raises(SystemExit):
            cli.main(["classroom50", f"--chapters={CHAPTER}", option])
        assert "unrecognized arguments" in capsys.readouterr().err
