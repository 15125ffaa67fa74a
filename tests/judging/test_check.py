"""`check` answers at once, names what is wrong, never raises, and puts nothing on stderr."""

import importlib.util
import subprocess
import sys

import keras
import nbformat
import pytest
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych import check
from diptych.book import notebooks
from diptych.catalogue.component import exercise
from tests.judging.answers import written


def said(checked):
    return "\n".join(checked.lines)


RIGHT = {
    "relu_pt": [
        "relu_pt = lambda x: x * (x > 0)",
        "relu_pt = lambda x: (x + x.abs()) / 2",
        "relu_pt = lambda x: torch.max(x, torch.tensor(0.0))",
        "def relu_pt(x):\n    y = x.clone()\n    y[y < 0] = 0\n    return y",
    ],
    "relu_tf": [
        "relu_tf = lambda x: keras.ops.maximum(x, 0)",
        "relu_tf = tf.function(lambda x: tf.maximum(x, 0))",
    ],
    "relu6_pt": ["relu6_pt = lambda x: x.relu().clamp(max=6)"],
    "relu6_tf": [
        "relu6_tf = lambda x: tf.minimum(tf.nn.relu(x), 6.0)",
        "relu6_tf = lambda x: tf.minimum(keras.layers.ReLU()(x), 6.0)",
    ],
    "prelu_tf": [
        """
class prelu_tf(keras.layers.Layer):
    def __init__(self, n_channels):
        super().__init__()
        self.weight = keras.Variable(tf.fill((n_channels,), 0.25))
    def call(self, x):
        a = tf.reshape(self.weight, (-1, *[1] * (len(x.shape) - 2)))
        return tf.where(x > 0, x, a * x)
"""
    ],
    "sigmoid_pt": [
        "sigmoid_pt = lambda x: torch.exp(-F.softplus(-x))",
        "sigmoid_pt = lambda x: (1 + x.div(2).tanh()) / 2",
        "sigmoid_pt = lambda x: torch.stack([x, torch.zeros_like(x)]).softmax(0)[0]",
    ],
    "sigmoid_tf": ["sigmoid_tf = lambda x: 1 - 1 / (1 + tf.exp(tf.minimum(x, 80.0)))"],
    "log_sigmoid_pt": [
        "log_sigmoid_pt = lambda x: -torch.logaddexp(torch.zeros_like(x), -x)",
        "log_sigmoid_pt = lambda x: torch.where(x > -80, x.clamp(min=-80).sigmoid().log(), x)",
    ],
    "log_sigmoid_tf": ["log_sigmoid_tf = lambda x: x - tf.nn.softplus(x)"],
    "hard_sigmoid_tf": ["hard_sigmoid_tf = lambda x: (tf.abs(x + 3) - tf.abs(x - 3)) / 12 + 0.5"],
    "sparse_sigmoid_tf": ["sparse_sigmoid_tf = lambda x: tf.nn.relu6(3 * x + 3) / 6"],
    "tanh_pt": [
        "tanh_pt = lambda x: 2 * nn.Sigmoid()(2 * x) - 1",
        "tanh_pt = lambda x: x.clamp(-15, 15).sinh() / x.clamp(-15, 15).cosh()",
    ],
    "tanh_tf": ["tanh_tf = lambda x: 1 - 2 / (tf.exp(2 * tf.minimum(x, 40.0)) + 1)"],
    "hard_tanh_pt": ["hard_tanh_pt = lambda x: x / x.abs().clamp(min=1)"],
    "leaky_relu_pt": [
        "leaky_relu_pt = lambda x, a: x.clamp(min=0) + a * x.clamp(max=0)",
        "leaky_relu_pt = lambda x, a: F.relu(x) - a * F.relu(-x)",
    ],
    "leaky_relu_tf": ["leaky_relu_tf = lambda x, a: tf.maximum(x, 0) + a * tf.minimum(x, 0)"],
    "silu_pt": ["silu_pt = lambda x: x / (1 + torch.exp(-x.clamp(min=-80)))"],
    "hard_silu_pt": [
        "hard_silu_pt = lambda x: torch.where(x > 3, x, torch.where(x < -3, 0, x * (x + 3) / 6))"
    ],
    "hard_silu_tf": [
        "hard_silu_tf = lambda x: x * tf.minimum(tf.maximum(0.0, x + 3), 6.0) / 6",
        "hard_silu_tf = lambda x: x * tf.clip_by_value(x + 3, 0, 6) / 6",
    ],
    "gelu_pt": ["gelu_pt = lambda x: x * torch.special.ndtr(x)"],
    "gelu_tf": ["gelu_tf = lambda x: x * tf.math.erfc(-x / tf.sqrt(2.0)) / 2"],
    "gelu_tanh_tf": [
        "gelu_tanh_tf = lambda x: x * tf.sigmoid(1.5957691 * x * (1 + 0.044715 * x**2))"
    ],
    "mish_pt": ["mish_pt = lambda x: x * (1 - 2 / (1 + (1 + x.clamp(max=20).exp()) ** 2))"],
    "glu_pt": [
        "def glu_pt(x, dim):\n    n = x.shape[dim] // 2\n"
        "    return x.narrow(dim, 0, n) * torch.sigmoid(x.narrow(dim, n, n))"
    ],
    "crelu_pt": ["crelu_pt = lambda x, dim: torch.cat([x.abs() + x, x.abs() - x], dim) / 2"],
    "threshold_pt": ["threshold_pt = lambda x, bar, v: torch.masked_fill(x, x <= bar, v)"],
    "hard_shrink_tf": ["hard_shrink_tf = lambda x, t: x * tf.cast(tf.abs(x) > t, x.dtype)"],
    "soft_shrink_pt": [
        "soft_shrink_pt = lambda x, t: x - F.hardtanh(x, -t, t)",
        "soft_shrink_pt = lambda x, t: x.sign() * torch.maximum(x.abs() - t, torch.tensor(0.0))",
    ],
    "sparse_plus_pt": [
        "sparse_plus_pt = lambda x: F.relu(x + 1) ** 2 / 4 - F.relu(x - 1) ** 2 / 4"
    ],
    "tanh_shrink_small_tf": [
        "tanh_shrink_small_tf = lambda x: tf.where(tf.abs(x) < 0.1, x**3 / 3, x - tf.tanh(x))"
    ],
    "softmax_pt": [
        "softmax_pt = lambda x, dim: torch.exp(x - torch.logsumexp(x, dim, keepdim=True))"
    ],
    "log_softmax_tf": [
        "log_softmax_tf = lambda x, axis: x - tf.reduce_logsumexp(x, axis, keepdims=True)"
    ],
    "gumbel_softmax_pt": [
        "gumbel_softmax_pt = lambda x, tau: "
        "torch.softmax((x - torch.empty_like(x).exponential_().log()) / tau, dim=-1)"
    ],
    "sparsemax_pt": [
        """
def sparsemax_pt(x, dim):
    x = x.transpose(dim, -1)
    z = x.sort(descending=True).values
    share = 1 + torch.arange(1, z.shape[-1] + 1) * z > z.cumsum(-1)
    tau = ((z * share).sum(-1, keepdim=True) - 1) / share.sum(-1, keepdim=True)
    return torch.clamp(x - tau, min=0).transpose(dim, -1)
"""
    ],
    "celu_tf": ["celu_tf = lambda x, a: tf.where(x < 0, a * (tf.exp(-tf.nn.relu(-x) / a) - 1), x)"],
    "celu_pt": ["celu_pt = lambda x, a: nn.ELU()(x / a) * a"],
    "squareplus_pt": [
        "squareplus_pt = lambda x, b: ((x.double() + (x.double() ** 2 + b) ** 0.5) / 2).float()",
        "squareplus_pt = lambda x, b: b**0.5 / 2 * torch.exp(torch.asinh(x / b**0.5))",
    ],
    "exponential_tf": ["exponential_tf = lambda x: 2 ** (x * 1.4426950408889634)"],
    "with_row_pt": [
        "with_row_pt = lambda x, row, i: torch.cat([x[:i], row[None], x[i + 1 :]])",
        "with_row_pt = lambda x, row, i: torch.select_scatter(x, row, 0, i)",
    ],
    "with_row_tf": [
        "with_row_tf = lambda x, row, i: x + tf.one_hot(i, x.shape[0])[:, None] * (row - x)"
    ],
    "kernel_behind_flatten_tf": [
        "kernel_behind_flatten_tf = lambda w, height, width: tf.gather("
        "tf.transpose(w), np.arange(w.shape[1]).reshape(-1, height * width).T.ravel())"
    ],
    "leaky_relu_by_hand_tf": [
        """
@tf.custom_gradient
def leaky_relu_by_hand_tf(x, a):
    def backward(upstream):
        slope = tf.where(x > 0, 1.0, tf.where(x < 0, a, (1 + 3 * a) / 4))
        return upstream * slope, None
    return tf.where(x > 0, x, a * x), backward
"""
    ],
}
RIGHT |= {
    "train_linear_pt": [
        """
def train_linear_pt(x, y, w, lr, steps):
    w = w.clone().requires_grad_()
    for _ in range(steps):
        F.mse_loss(x @ w, y).backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad.zero_()
    return w
"""
    ],
    "adagrad_pt": [
        """
def adagrad_pt(w, g, lr, start, eps):
    return w - (lr * g / (start + (g**2).cumsum(0) + eps).sqrt()).sum(0)
"""
    ],
}
PLAUSIBLE = [(name, source) for name, sources in RIGHT.items() for source in sources]


@pytest.mark.parametrize(("name", "source"), PLAUSIBLE)
def test_a_right_answer_in_other_words_gets_every_point(name, source, monkeypatch, capfd):
    made = written(source, name)
    monkeypatch.setattr(sys.modules["__main__"], name, made, raising=False)  # a lambda has no name
    checked = check(made)
    assert checked == exercise(name[:-3]).max_points, said(checked)
    assert capfd.readouterr().err == ""


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


def test_its_value_is_the_points_as_a_float_that_nbgrader_reads():
    checked = check(leaky_relu_pt)
    assert isinstance(checked, float) and repr(checked) == "0.0"


def test_it_draws_the_curve_where_values_are_wrong_and_not_otherwise():
    assert "<svg" in check(leaky_relu_pt)._repr_html_()
    right = written("def relu_pt(x):\n    return x.clamp(min=0)", "relu_pt")
    assert "<svg" not in check(right)._repr_html_()


def test_a_stub_is_not_written_yet():
    stub = written("def relu_pt(x):\n    raise NotImplementedError()", "relu_pt")
    assert said(check(stub)) == "relu_pt: not written yet. 3 points to win."


def relu_pt(x):
    y = x + 1
    return y.no_such_method()


def test_what_raises_is_shown_by_the_learners_own_line(monkeypatch):
    monkeypatch.setitem(globals(), "__name__", "__main__")  # as in a notebook
    assert "return y.no_such_method()" in said(check(relu_pt))
    assert "Traceback" not in said(check(relu_pt))


@pytest.mark.parametrize(
    ("name", "base"), [("prelu_pt", "nn.Module"), ("rrelu_tf", "keras.layers.Layer")]
)
def test_a_function_where_a_layer_is_asked_for_is_told_so(name, base):
    def answer(x):
        return x

    answer.__name__ = name
    assert f"a layer is asked for: the class, a subclass of {base}" in said(check(answer))


def test_what_tensorflow_raises_is_told_without_its_addresses():
    def relu_tf(x):
        return x + tf.ones([7, 5, 3])

    told = said(check(relu_tf))
    assert "Incompatible shapes: [" in told
    assert "function_node" not in told and "name: " not in told


SETTINGS = (
    "torch.set_default_dtype(torch.float64)",
    "torch.set_grad_enabled(False)",
    "torch.inference_mode().__enter__()",
    "keras.config.set_floatx('float64')",
    "keras.mixed_precision.set_global_policy('mixed_float16')",
)
HERE = """
import sys
import keras, torch
import torch.nn as nn
from diptych import check
class prelu_pt(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.weight = nn.Parameter(torch.full((n,), 0.25))
    def forward(self, x):
        return torch.where(x > 0, x, self.weight.reshape(-1, *[1] * (x.ndim - 2)) * x)
class prelu_tf(keras.layers.Layer):
    def __init__(self, n):
        super().__init__()
        self.weight = self.add_weight((n,), keras.initializers.Constant(0.25))
    def call(self, x):
        a = keras.ops.reshape(self.weight, [-1] + [1] * (len(x.shape) - 2))
        return keras.ops.where(x > 0, x, a * x)
def settings():
    return (torch.get_default_dtype(), torch.is_grad_enabled(), torch.is_inference_mode_enabled(),
            keras.config.floatx(), keras.config.dtype_policy().name)
"""
SWITCHED = "before = settings()\nassert check(prelu_pt) == check(prelu_tf) == 3.0\n"
SWITCHED += "assert settings() == before"


def test_what_a_notebook_has_switched_costs_nothing_and_stays():
    # In a process of its own, one after the other: what is switched stays so.
    program = "\n".join([HERE, *(f"{setting}\n{SWITCHED}" for setting in SETTINGS)])
    subprocess.run([sys.executable, "-c", program], check=True)


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


def test_a_plain_tf_variable_is_said_to_be_unseen_by_keras():
    class prelu_tf(keras.layers.Layer):
        def __init__(self, n_channels):
            super().__init__()
            self.weight = tf.Variable(tf.fill((n_channels,), 0.25))

        def call(self, x):
            return tf.where(x > 0, x, self.weight * x)

    assert not prelu_tf(3).trainable_variables
    assert "Keras does not see a plain tf.Variable" in said(check(prelu_tf))


def test_where_numbers_depend_on_each_other_the_whole_input_is_shown():
    def softmax_pt(x, dim):
        return torch.sigmoid(x)

    shown = "softmax([[1.0, 2.0, 4.0], [-1.0, 0.5, 0.0], [0.2, 0.1, 0.4]], axis=-1) at place (0, 1)"
    assert shown in said(check(softmax_pt))


def test_an_error_text_is_shown_as_text():
    def relu_pt(x):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in check(relu_pt)._repr_html_()


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


NOT_YOURS = [
    "class prelu_pt(nn.PReLU): pass",
    "class rrelu_pt(nn.Module):\n"
    "    def __init__(self, lower, upper):\n"
    "        super().__init__(); self.lower, self.upper = lower, upper\n"
    "    def forward(self, x):\n"
    "        return nn.functional.rrelu(x, self.lower, self.upper, self.training)",
    "relu_pt = nn.ReLU()",
    "relu_pt = torch.relu",
    "relu_pt = functools.partial(nn.functional.relu)",
    "def relu6_pt(x):\n    return nn.functional.hardtanh(x, 0, 6)",
]


def test_what_is_ready_made_earns_nothing_in_a_kernel_either(tmp_path):
    """In a kernel Python finds no source for a class: only for its methods."""
    cells = ["import functools, torch\nfrom torch import nn\nfrom diptych import check"]
    for source in NOT_YOURS:
        name = next(n for n in ("prelu_pt", "rrelu_pt", "relu6_pt", "relu_pt") if n in source)
        cells += [source, f"check({name})"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebooks.execute(notebook, tmp_path)
    for source, cell in zip(NOT_YOURS, notebook.cells[2::2], strict=True):
        shown = cell.outputs[0]["data"]
        assert shown["text/plain"] == "0.0", source
        assert "rite it yourself" in shown["text/html"], source


def test_an_older_answer_is_not_judged_behind_a_cell_that_did_not_define_it(tmp_path):
    cells = (
        "import torch\nfrom diptych import check",
        "def relu_pt(x):\n    return x.clamp(min=0)",
        "def relu_pt(x):\n    return x.clamp(min=0",
        "check(relu_pt)",
        "relu6_pt = lambda x：x",  # another answer
        "%%time\ndef relu_pt(x):\n    return x.clamp(min=0)",
        "check(relu_pt)",
        "def relu_pt(x):\n    return x.clamp(min=0)",
        "1 / 0\n\ndef relu_pt(x):\n    return x.clamp(min=0.0)",
        "check(relu_pt)",
        "def helper(x):\n    return x.clamp(min=0)",
        "relu_pt = helper",
        "check(relu_pt)",
        "@torch.no_grad()\ndef relu_pt(x):\n    return x.clamp(min=0)\n\n1 / 0",
        "check(relu_pt)",
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    for number in (2, 4, 8, 13):
        notebook.cells[number].metadata.tags = ["raises-exception"]
    notebooks.execute(notebook, tmp_path)
    numbers = (3, 6, 9, 12, 14)
    before, after, raised, other, behind = (notebook.cells[n].outputs[-1]["data"] for n in numbers)
    assert before["text/plain"] == "0.0"
    assert (
        "the cell that defines it is no Python: &#x27;(&#x27; was never closed"
        in (before["text/html"])
    )
    assert "line 2: return x.clamp(min=0" in before["text/html"]
    assert after["text/plain"] == "3.0"
    assert "the cell that defines it stopped at an error above it" in raised["text/html"]
    assert raised["text/plain"] == "0.0"
    assert other["text/plain"] == "3.0"
    # An error below the definition is no matter.
    assert "no gradient reaches the input" in behind["text/html"]


BACKWARD = """
def repaired_gradients_pt(x, y, w, b, v):
    weights = [a.clone().requires_grad_() for a in (w, b, v)]
    u = x @ weights[0] + weights[1]
    logits = (u * torch.sigmoid(u)) @ weights[2]
    loss = F.binary_cross_entropy_with_logits(logits, y)
    dw, db, dv = torch.autograd.grad(loss, weights)
    return dw, {db}, {dv}
"""


def test_of_several_outputs_the_wrong_one_is_told_by_its_number():
    source = BACKWARD.format(db="db", dv="2 * dv")
    checked = said(check(written(source, "repaired_gradients_pt")))
    assert "every number of output 3 of 3 is 2 times what it should be" in checked
    assert "at place 0 of output 3 of 3: expected" in checked


def test_shapes_are_right_already_only_where_those_of_all_outputs_are():
    source = BACKWARD.format(db="db[:1]", dv="dv")
    checked = said(check(written(source, "repaired_gradients_pt")))
    assert "output 2 of 3 has shape (1,), where (3,) is right" in checked
    assert "Right already" not in checked


def test_one_number_has_no_place():
    source = "def penalized_fit_pt(a, y, w, l2):\n    return w.sum()"
    assert "l2=0.1): expected" in said(check(written(source, "penalized_fit_pt")))
