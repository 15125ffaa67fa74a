"""Answers are written as Python files for tools that look for copies, and equal ones are listed."""

import csv

from diptych.grading import answers
from tests.grading.submissions import CHAPTER

LONG = """def relu_pt(x):
    \"\"\"Mine.\"\"\"
    positive = x > 0  # where it stays
    zeros = torch.zeros_like(x)
    return torch.where(positive, x, zeros)
"""
RENAMED = """def relu_pt(values):
    stays = values > 0
    nothing = torch.zeros_like(values)

    return torch.where(stays, values, nothing)
"""
OTHER = LONG.replace("zeros_like", "empty_like")


def test_an_answer_is_cut_out_with_its_decorators_and_without_what_follows():
    cell = f"import torch\n\n@torch.compile\n{LONG}\n\n# a comment\ncheck(relu_pt)\n"
    cells = ["relu6_tf = tf.nn.relu6\nx = 1", cell, "def relu_pt_helper(x):\n    return x"]
    found = answers.answers(CHAPTER, cells)
    assert found["relu6_tf"] == "relu6_tf = tf.nn.relu6\n"
    assert found["relu_pt"].startswith("@torch.compile\ndef relu_pt(x):\n")
    assert "check(" not in found["relu_pt"] and found.keys() == {"relu6_tf", "relu_pt"}


def test_the_last_definition_counts_and_brackets_at_the_margin_belong_to_it():
    cells = [
        "def relu_pt(x):\n    return 1\n",
        "def relu_pt(\n    x,\n):\n    return 2\nprint(3)\n",
    ]
    assert answers.answers(CHAPTER, cells) == {
        "relu_pt": "def relu_pt(\n    x,\n):\n    return 2\n"
    }


def test_names_comments_and_layout_do_not_tell_two_answers_apart():
    assert answers.shape(LONG) == answers.shape(RENAMED) != ""
    assert answers.shape(OTHER) != answers.shape(LONG)


def test_what_is_short_or_no_python_has_no_shape():
    assert answers.shape("def relu_pt(x):\n    return x.clamp(min=0)\n") == ""
    assert answers.shape("def relu_pt(x:\n    '''" + "x " * 50) == ""


def test_each_answer_becomes_a_file_and_equal_ones_are_listed(tmp_path):
    written = {
        ("ann", CHAPTER): {"relu_pt": LONG},
        ("=ben", CHAPTER): {"relu_pt": RENAMED},
        ("eve", CHAPTER): {"relu_pt": OTHER},
    }
    assert answers.write(tmp_path / "answers", written) == 1
    folder = tmp_path / "answers" / CHAPTER / "relu_pt"
    assert (folder / "ann.py").read_text() == LONG
    assert len(list(folder.iterdir())) == 3
    text = (tmp_path / "answers/equal.csv").read_text("utf-8-sig")
    _, row = csv.reader(text.splitlines())
    assert row == ["relu_pt", "2", "'=ben ann"]
