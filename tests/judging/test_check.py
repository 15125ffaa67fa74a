"""`check` answers at once, names what is wrong, never raises, and puts nothing on stderr."""

import importlib.util
import sys

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from diptych import check
from tests.judging.answers import said, written


@pytest.mark.parametrize(
    "formula",
    ["x.clamp(min=0) + a * x.clamp(max=0)", "(1 + a) / 2 * x + (1 - a) / 2 * x.abs()"],
)
def test_a_gradient_that_nobody_wrote_by_hand_is_no_answer(formula, monkeypatch):
    name = "leaky_relu_by_hand_pt"
    made = written(f"{name} = lambda x, a: {formula}", name)
    monkeypatch.setattr(sys.modules["__main__"], name, made, raising=False)
    assert check(made) == 2.0


def leaky_relu_pt(x, negative_slope):
    return torch.where(x > 0, negative_slope * x, x)


def test_it_names_the_misconception_the_place_and_the_points():
    checked = check(leaky_relu_pt)
    assert checked == 0.0
    assert "the slope is on the wrong side" in said(checked)
    assert "expected 7.5, got 0.75" in said(checked)


def test_a_misconception_about_gradients_is_not_named_where_they_are_right():
    def tanh_shrink_small_pt(x):
        wide = x.double()
        return wide - wide.tanh()

    assert "of dtype float64, where float32 is right" in said(check(tanh_shrink_small_pt))


def test_it_draws_the_curve_where_values_are_wrong_and_not_otherwise():
    assert "<svg" in check(leaky_relu_pt)._repr_html_()
    right = written("def relu_pt(x):\n    return x.clamp(min=0)", "relu_pt")
    assert "<svg" not in check(right)._repr_html_()


def test_a_stub_is_not_written_yet():
    stub = written("def relu_pt(x):\n    raise NotImplementedError()", "relu_pt")
    assert said(check(stub)) == "relu_pt: not written yet. 3 points to win."


@pytest.mark.parametrize(
    ("name", "base"), [("prelu_pt", "nn.Module"), ("rrelu_tf", "keras.layers.Layer")]
)
def test_a_function_where_a_layer_is_asked_for_is_told_so(name, base):
    def answer(x):
        return x

    answer.__name__ = name
    assert f"a layer is asked for: the class, a subclass of {base}" in said(check(answer))


def test_the_frameworks_own_earns_nothing():
    def threshold_pt(x, bar, value):
        return F.threshold(x, bar, value)

    checked = check(threshold_pt)
    assert checked == 0.0
    assert said(checked) == "threshold_pt: this ran threshold. Write it yourself."


@pytest.mark.parametrize(
    ("source", "ran"),
    [
        ("def sigmoid_pt(x): return torch.special.expit(x)", "sigmoid"),
        ("def relu6_tf(x): return keras.layers.ReLU(6.0)(x)", "relu6"),
    ],
)
def test_the_frameworks_own_under_another_name_earns_nothing_either(source, ran):
    checked = check(written(source, source[4:].split("(")[0]))
    assert checked == 0.0
    assert f"this ran {ran}. Write it yourself." in said(checked)


class prelu_pt(nn.Module):
    def __init__(self, n_channels):
        super().__init__()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (None, "No exercise asks for NoneType"),
        (3, "No exercise asks for int"),
        (F.relu, "Call it relu_pt for PyTorch, or relu_tf for TensorFlow."),
        (F.relu_, "Did you mean relu_"),
        ("relu_pt", "Pass relu_pt itself, without quotation marks: check(relu_pt)."),
        ("relu", "No exercise asks for str"),
        (torch.ones(2), "No exercise asks for Tensor"),
        (prelu_pt(3), "Pass prelu_pt itself"),
        (prelu_pt, "there is no attribute .weight"),
    ],
)
def test_what_is_no_answer_gets_a_sentence_and_no_exception(wrong, sentence):
    checked = check(wrong)
    assert checked == 0.0
    assert sentence in said(checked)


def test_a_framework_that_is_absent_is_said_to_be(monkeypatch):
    find_spec = importlib.util.find_spec
    absent = lambda name, *rest: None if name == "torch" else find_spec(name, *rest)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", absent)
    assert said(check(leaky_relu_pt)) == "leaky_relu_pt: PyTorch is not installed here."


def test_a_fault_of_our_own_is_a_sentence_too(monkeypatch):
    monkeypatch.setattr("diptych.judging.judge.judge", lambda *arguments: 1 / 0)
    assert "check failed: ZeroDivisionError" in said(check(leaky_relu_pt))


def test_what_an_answer_prints_warns_and_logs_is_dropped(capfd):
    source = """
import logging, sys, warnings
def relu_pt(x):
    print("noise"); print("noise", file=sys.stderr); warnings.warn("noise")
    logging.getLogger("tensorflow").error("noise")
    return x.clamp(min=0)
"""
    assert check(written(source, "relu_pt")) == 3.0
    out, err = capfd.readouterr()
    assert "noise" not in out + err
