"""`check` says why a right answer is right, how far the chapter is, and what comes next."""

import os
import sys

import pytest
import torch

from diptych import check
from diptych.learning import check as learning
from diptych.learning import state
from tests import ROOT

RIGHT = "✓ relu_pt: right. 3 of 3 points (values ✓, gradients ✓, robustness ✓)."


def relu_pt(x):
    return torch.clamp(x, min=0)


def leaky_relu_pt(x, negative_slope):
    return torch.where(x > 0, negative_slope * x, x)


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch):
    monkeypatch.setattr(learning, "_messages", set())


def test_a_right_answer_is_followed_by_why_and_where_and_what_is_next(copy):
    head, why, more, far = check(relu_pt).lines
    assert head == RIGHT
    assert why.startswith("Why: a maximum with 0 is the formula itself; `torch.clamp`")
    assert more == "Read more: ReLU, in the chapter on rectifiers."
    assert far == "rectifiers in PyTorch: 1 of 7. Next: relu6_pt (ReLU6)."
    assert state.solved(copy) == ["relu_pt"]


def test_in_a_notebook_code_is_code_and_the_section_of_the_copy_is_a_link(copy, monkeypatch):
    page = copy / "chapters/activations/rectifiers.ipynb"
    page.parent.mkdir(parents=True)
    page.touch()
    monkeypatch.chdir(copy / "exercises/activations")
    shown = check(relu_pt)._repr_html_()
    assert "<code>torch.clamp</code>" in shown
    link = '<a href="../../chapters/activations/rectifiers.ipynb#relu">ReLU, in the chapter'
    assert link in shown


def test_where_the_address_of_the_site_is_known_the_link_leads_there(copy, monkeypatch):
    monkeypatch.setattr(learning, "_site", lambda: "https://book.example")
    (address,) = check(relu_pt).links.values()
    assert address == "https://book.example/chapters/activations/rectifiers.html#relu"


def test_behind_the_last_answer_of_a_chapter_comes_what_was_left_out_and_then_the_next(copy):
    mine = ("relu6", "leaky_relu", "prelu", "rrelu", "threshold", "leaky_relu_by_hand")
    for name in mine[1:]:
        state.record(f"{name}_pt", 3.0, 3.0)
    assert check(relu_pt).lines[-1] == "rectifiers in PyTorch: 6 of 7. Next: relu6_pt (ReLU6)."
    state.record("relu6_pt", 3.0, 3.0)
    assert check(relu_pt).lines[-1] == (
        "rectifiers in PyTorch: 7 of 7, the whole chapter. "
        "Next: sigmoid_pt (Sigmoid), in exercises/activations/sigmoids.ipynb."
    )


def test_whoever_goes_on_in_another_framework_and_comes_back_is_where_they_were(copy):
    for answer in ("relu_pt", "sigmoid_tf"):
        state.record(answer, 3.0, 3.0)
    assert check(relu_pt).lines[-1].endswith("1 of 7. Next: relu6_pt (ReLU6).")


def test_a_wrong_answer_says_what_is_right_already_and_is_no_progress(copy):
    head, evidence, already, score = check(leaky_relu_pt).lines
    assert head == "✗ leaky_relu_pt: the slope is on the wrong side: multiply negative numbers."
    assert evidence == "leaky_relu(7.5, negative_slope=0.1): expected 7.5, got 0.75"
    assert already == "Right already: 1 of 6 visible cases."
    assert score.startswith("0 of 3 points")
    assert state.reached(copy) == {}


def test_in_the_books_repository_the_verdict_stands_alone(monkeypatch):
    monkeypatch.chdir(ROOT / "solutions/activations")
    assert check(relu_pt).lines == (RIGHT,)


def test_what_cannot_be_written_down_is_said_once_and_costs_nothing(copy):
    os.mkdir(copy / state.PROGRESS)
    first, second = check(relu_pt), check(relu_pt)
    assert first == second == 3.0
    assert first.lines[0] == second.lines[0] == RIGHT
    assert first.lines[1].startswith("Your progress is not kept: ")
    assert len(second.lines) == 1


def test_outside_of_a_notebook_it_prints(copy, capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    check(relu_pt)
    assert capsys.readouterr().out.startswith(RIGHT)
