"""The source shows which statements an answer needs, and which misspelt name was meant."""

import pytest

from diptych.isolation import outline, reading

NEEDED = "needed"


def lines(*cells, answers=("relu_pt",)):
    """The cells with only those statements that the answers need."""
    read = [*map(reading.read, cells)]
    kept = outline.outline(read, dict.fromkeys(answers, ()))["kept"]
    return [outline.only(python, each) for (python, _), each in zip(read, kept, strict=True)]


@pytest.mark.parametrize(
    "cell",
    [
        "import torch",
        "from torch import *",
        "def relu_pt(x): return x",
        "@torch.compile\ndef relu_pt(x):\n    return x",
        "relu_pt = lambda x: clip(x)\ndef clip(x): return x",
        "a = 1\nb = a\nrelu_pt = b",
        "table = []\nfor i in range(9): table.append(i)\ndef relu_pt(x): return table[x]",
        "c = {}\nc['low'] = 0\nc.update(high=6)\ndef relu_pt(x): return c",
        "class relu_pt: pass\nrelu_pt.slope = 3",
        "if 1:\n    n = 1\nelse:\n    n = 2\nrelu_pt = n",
        "relu_pt = '''a\n\nb'''",
    ],
)
def test_what_an_answer_is_made_of_is_kept_line_by_line(cell):
    needless = "print(relu_pt)\ntime.sleep(9)\nmodel.fit(relu_pt)\nother = relu_pt"
    assert lines(f"{needless}\n{cell}\n{needless}") == ["\n" * 4 + cell + "\n" * 4]


def test_what_another_cell_makes_is_kept_and_what_is_no_python_is_not():
    cells = ["a = 1", "b = 2", "def relu_pt(x): return a", "relu_pt = ("]
    assert [*map(str.strip, lines(*cells))] == ["a = 1", "", "def relu_pt(x): return a", ""]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("def relu_tp(x): return x", "relu_tp"),
        ("Relu_pt = 1", "Relu_pt"),
        ("ReLU_PT = 1", "ReLU_PT"),
        ("relupt = 1", "relupt"),
        ("rellu_pt = 1", "rellu_pt"),
        ("relu6_pt = 1", ""),  # another exercise asks for it
        ("relu_tf = 1", ""),
        ("prune = 1", ""),
        ("x" * 5000 + "_pt = 1", ""),
    ],
)
def test_a_name_with_a_typing_error_is_found(cell, meant):
    wanted = dict.fromkeys(("relu_pt", "relu6_pt", "relu_tf"), ())
    assert outline.outline([reading.read(cell)], wanted)["found"]["relu_pt"]["near"] == meant


@pytest.mark.parametrize(
    ("cell", "broken"),
    [
        ("def relu_pt(x:\n    return x", [1]),
        ("if True:\n    def relu_pt(x：Tensor): return x", [1]),
        ("class relu_pt(nn.Module:", [1]),
        ("relu_pt: Callable = lambda x: (x", [1]),
        ("ｄｅｆ　relu_pt（x）：", [1]),
        ("check(relu_pt", []),
        ("relu_pt == (3", []),
        ("def relu_pt_2(x: (", []),
        ("def relu_pt(x): return x", []),
    ],
)
def test_a_cell_that_would_define_an_answer_if_it_were_python_is_found(cell, broken):
    read = [reading.read(cell)]
    assert outline.outline(read, {"relu_pt": ()})["found"]["relu_pt"]["broken"] == broken
