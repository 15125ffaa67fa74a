"""The learner's commands, each as it is typed in a terminal, and what they say to bad use."""

import json
import signal

import pytest

from diptych import cli
from diptych.learning import state
from tests import ROOT
from tests.learning.conftest import EXERCISES
from tests.learning.terminal import terminal

NOTEBOOK = f"{EXERCISES}.ipynb"
ANSWERS = """\
import torch

def relu_pt(x):
    return torch.clamp(x, min=0)

def leaky_relu_pt(x, negative_slope):
    return torch.where(x > 0, negative_slope * x, x)

def relu6_pt(x):
    raise NotImplementedError()

# %%
print("so" + " far")
threshold_pt = no_such_name
"""
RIGHT = "import torch\ndef relu_pt(x):\n    return torch.clamp(x, min=0)\n"


def cells(file):
    return {cell["id"]: cell for cell in json.loads(file.read_text())["cells"]}


def solve(file):
    """Write an answer into the notebook, and the outputs that it has had, as Jupyter would."""
    notebook = json.loads(file.read_text())
    for cell in notebook["cells"]:
        if cell["id"] == "relu-pt":
            cell["source"] = ["def relu_pt(x):\n", "    return torch.clamp(x, min=0)"]
        elif cell["id"] == "check-relu-pt":
            cell["outputs"], cell["execution_count"] = [], 99
        elif cell["id"] == "relu6-pt":
            cell["source"] = "def relu6_pt(x):\n    return mine"
    notebook["metadata"]["mine"] = "é"
    file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


def test_start_makes_a_copy_of_a_chapter_and_says_what_is_first(tmp_path):
    with terminal(tmp_path, "start", "rectifiers") as running:
        assert running.end() == 0
    assert running.seen.splitlines()[:3] == [
        f"added work/{NOTEBOOK}",
        f"Open work/{NOTEBOOK} in JupyterLab, or in an editor for notebooks.",
        "In PyTorch: begin with relu_pt, 7 of 7 to do.",
    ]
    copied = tmp_path / "work" / NOTEBOOK
    assert copied.read_bytes() == (ROOT / NOTEBOOK).read_bytes()
    assert [p.name for p in copied.parent.iterdir()] == ["rectifiers.ipynb"]


def test_start_leaves_what_is_there_and_goes_on_from_it(copy, capsys):
    (copy / NOTEBOOK).write_text("mine")
    state.record("relu_pt", 3.0, 3.0)
    assert cli.main(["start", "activations/rectifiers"]) == 0
    assert "In PyTorch: begin with relu6_pt, 6 of 7 to do." in capsys.readouterr().out
    assert (copy / NOTEBOOK).read_text() == "mine"


def test_hints_come_one_at_a_time_and_then_where_the_solution_is(copy, capsys):
    with terminal(copy, "hint", "leaky_relu") as running:
        assert running.end() == 0
    assert running.seen.startswith("Leaky ReLU, hint 1 of 3: Each number has one of two results.")
    assert "hint 2" not in running.seen
    for id in ("leaky-relu", "leaky_relu_tf", "leaky_relu"):
        assert cli.main(["hint", id]) == 0
    second, third, rest = capsys.readouterr().out.split("Leaky ReLU")[1:4]
    assert second.startswith(", hint 2 of 3: Compute both results")
    assert third.startswith(", hint 3 of 3: `torch.where(x > 0, …, …)`")
    assert rest.startswith(" has no more hints.")


def test_hints_end_with_the_section_and_the_solution(copy, capsys):
    for _ in range(4):
        cli.main(["hint", "prelu"])
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Read more: PReLU, in the chapter on rectifiers.",
        "The solution: solutions/activations/rectifiers.ipynb in the book, section “PReLU”.",
    ]


def test_check_says_of_each_answer_what_check_says(copy):
    (copy / "mine.py").write_text(ANSWERS)
    with terminal(copy, "check", "mine.py") as running:
        assert running.end() == 1
    right, wrong, missing, last = running.seen.strip().split("\n\n")
    error, right = right.split("\n", 1)
    assert error.startswith("NameError: name 'no_such_name' is not defined, at the cell")
    assert right.startswith("✓ relu_pt: right. 3 of 3 points")
    assert wrong.startswith("✗ leaky_relu_pt: the slope is on the wrong side")
    assert missing == "✗ threshold_pt: no cell got as far as to define it."
    assert last == "1 of 4 right, 1 not written yet."
    assert "so far" not in running.seen
    assert state.solved(copy) == ["relu_pt"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("while True:\n    pass\n", "time is up, at the cell that begins: while True:"),
        ("import os\nos._exit(1)\n", "the process has ended, at the cell that begins: import os"),
    ],
)
def test_check_ends_what_does_not_end_and_outlives_what_does(code, said, copy, capsys):
    (copy / "mine.py").write_text(f"{code}\ndef relu_pt(x):\n    return x\n")
    assert cli.main(["check", "mine.py", "--timeout", "2"]) == 1
    assert f"✗ mine.py: {said}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("os._exit(1)", "✗ mine.py: the process has ended, while leaky_relu_pt was checked"),
        ("raise SystemExit", "✗ leaky_relu_pt: it ended the check, before there was a verdict."),
    ],
)
def test_an_answer_that_ends_the_check_is_named_and_those_above_it_are_judged(
    line, said, copy, capsys
):
    answers = f"{RIGHT}\n\nimport os\n\ndef leaky_relu_pt(x, slope):\n    {line}\n"
    (copy / "mine.py").write_text(answers)
    assert cli.main(["check", "mine.py"]) == 1
    shown = capsys.readouterr().out
    assert "✓ relu_pt: right." in shown
    assert said in shown


def test_a_cell_that_is_no_python_is_told_by_its_line(copy, capsys):
    (copy / "mine.py").write_text("# %%\ndef relu_pt(x:\n    return x\n")
    assert cli.main(["check", "mine.py"]) == 1
    shown = capsys.readouterr().out
    assert "SyntaxError: '(' was never closed (line 1), at the cell that begins: def" in shown


def test_watch_checks_what_is_saved_until_ctrl_c(copy):
    file = copy / "mine.py"
    file.write_text("def relu_pt(x):\n    return x\n")
    with terminal(copy, "watch", "mine.py") as running:
        running.until("Watching mine.py")
        file.write_text(RIGHT)
        assert "✗" not in running.until("1 of 1 right, 0 not written yet.")
        running.process.send_signal(signal.SIGINT)
        assert running.end() == 0
    assert running.seen.endswith("No longer watching.\n")


def test_progress_counts_what_is_solved_and_names_what_is_next(copy):
    state.record("relu_pt", 3.0, 3.0)
    with terminal(copy, "progress") as running:
        assert running.end() == 0
    (row,) = [line for line in running.seen.splitlines() if "│ activations/rect" in line]
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        *("activations/rectifiers", "1 of 7", "0 of 7"),
    ]
    assert f"Next: relu6_pt (ReLU6), in {NOTEBOOK}." in running.seen


def test_reset_asks_first_and_puts_one_answer_back(copy):
    file = copy / NOTEBOOK
    solve(file)
    before, had = cells(file), file.read_bytes()
    state.record("relu_pt", 3.0, 3.0)
    state.append(copy, hint="relu")
    for typed, code in (("n\n", 1), ("y\n", 0)):
        assert file.read_bytes() == had
        with terminal(copy, "reset", "relu") as running:
            running.until("[y/N] ")
            running.type(typed)
            assert running.end() == code
    after, original = cells(file), cells(ROOT / NOTEBOOK)
    for id in ("relu-pt", "check-relu-pt"):
        assert after.pop(id) == original[id]
        del before[id]
    assert after == before
    assert json.loads(file.read_text())["metadata"]["mine"] == "é"
    backup = file.with_suffix(".backup.ipynb")
    assert f"What you had is kept in {backup.relative_to(copy)}." in running.seen
    assert backup.read_bytes() == had
    assert "No longer counted as solved: relu_pt.\n" in running.seen
    assert (state.solved(copy), state.hints_shown(copy, "relu")) == ([], 0)


def test_reset_all_puts_back_every_answer_and_no_backup_is_lost(copy, capsys):
    file = copy / NOTEBOOK
    for number in ("", "2"):
        solve(file)
        had = file.read_bytes()
        assert cli.main(["reset", "--all", "--yes"]) == 0
        assert file.with_suffix(f".backup{number}.ipynb").read_bytes() == had
        assert cells(file) == cells(ROOT / NOTEBOOK)
    assert "relu_pt, relu6_pt as at first." in capsys.readouterr().out
    assert cli.main(["reset", "--all", "--yes"]) == 0
    assert capsys.readouterr().out == "The notebook has the original already.\n"
    assert len([*file.parent.iterdir()]) == 3


def test_reset_leaves_a_cell_that_has_another_answer_too(copy, capsys):
    file = copy / NOTEBOOK
    notebook = json.loads(file.read_text())
    (cell,) = [each for each in notebook["cells"] if each["id"] == "relu-pt"]
    cell["source"] = "def relu_pt(x):\n    return x\n\ndef relu6_pt(x):\n    return x"
    file.write_text(json.dumps(notebook))
    had = file.read_bytes()
    assert cli.main(["reset", "relu_pt", "--yes"]) == 0
    assert "the cell of relu_pt stays: it has another answer" in capsys.readouterr().out
    assert file.read_bytes() == had


BAD_USE = [
    (["hint", "leeky_relu"], "no exercise 'leeky_relu'; did you mean leaky_relu"),
    (["hint", "zzz"], "no exercise 'zzz'; names stand in the notebooks, such as leaky_relu"),
    (["start", "rectifirs"], "no chapter 'rectifirs'; did you mean activations/rectifiers?"),
    (["start", "writing_your_own"], "did you mean layers/writing_your_own or losses/"),
    (["reset"], "name one exercise, such as leaky_relu, or give --all"),
    (["reset", "relu", "--all"], "name one exercise"),
    (["reset", "sigmoid", "--yes"], "exercises/activations/sigmoids.ipynb is not in "),
    (["reset", "relu"], "in a script, give --yes"),
    (["check", "missing.ipynb"], "missing.ipynb: there is no such file"),
    (["check", "."], "is no .ipynb or .py file"),
    (["check", "empty.py"], "defines no answer of the book, such as leaky_relu_pt"),
    (["check", "latin.py"], "it is not text in UTF-8"),
    (["check", "damaged.ipynb"], "damaged.ipynb is not a notebook, or is damaged"),
    (["watch", "missing"], "there is no such file or folder"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD_USE)
def test_bad_use_is_told_what_to_do(arguments, said, copy, capsys):
    (copy / "empty.py").write_text("x = 1\n")
    (copy / "latin.py").write_bytes(b"# \xe9\n")
    (copy / "damaged.ipynb").write_text('{"cells": [')
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert err.startswith(f"diptych {arguments[0]}: ") and said in err
    assert not out


@pytest.mark.parametrize("arguments", [["hint", "relu"], ["progress"], ["reset", "relu"]])
def test_without_a_copy_they_say_how_to_make_one(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    assert "`diptych start activations/rectifiers` makes one, and `diptych lab`" in (
        capsys.readouterr().err
    )
    assert not [*tmp_path.iterdir()]
