"""`diptych check` runs a file, and says what `check` says of each answer."""

import pytest

from diptych import cli
from diptych.learning import state
from tests.learning.conftest import RIGHT
from tests.learning.terminal import terminal

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


def test_check_says_of_each_answer_what_check_says(copy):
    (copy / "mine.py").write_text(ANSWERS)
    with terminal(copy, "check", "mine.py") as running:
        assert running.end() == 1
    right, wrong, missing, last = running.seen.strip().split("\n\n")
    error, right = right.split("\n", 1)
    assert error.startswith("NameError: name 'no_such_name' is not defined, at the cell")
    assert right.startswith("✓ relu_pt: right. 3 of 3 points")
    assert wrong.startswith("✗ leaky_relu_pt: the slope is on the wrong side")
    assert missing == "✗ threshold_pt: no cell has defined it."
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
