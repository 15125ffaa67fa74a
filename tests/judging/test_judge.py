"""The judge names what any answer can get wrong, and carries layers that have state."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from torch import nn

from diptych.catalogue.component import exercise
from diptych.catalogue.exercise import Case, Exercise
from diptych.components.activations import rectifiers
from diptych.judging import judge, oracle, worker

LEAKY = exercise("leaky_relu")


def verdict_on(exercise, answer, framework="pytorch", seed=0):
    cases = exercise.visible + exercise.hidden(np.random.default_rng(seed))
    questions = [oracle.question(exercise, case) for case in cases]
    return judge.judge(exercise, cases, list(worker.ask(answer, framework, questions)))


def leaky(x, negative_slope):
    return torch.where(x > 0, x, negative_slope * x)


def overflowing(x, negative_slope):
    return torch.log(torch.exp(leaky(x, negative_slope)))


def in_place(x, negative_slope):
    y = leaky(x, negative_slope)
    x.add_(1)
    return y


def in_place_first(x, negative_slope):
    x -= (1 - negative_slope) * x.clamp(max=0)
    return x


def one_shape(x, negative_slope):
    return leaky(x, negative_slope) if x.ndim == 1 else leaky(x, 0.5)


def raising(x, negative_slope):
    return x.no_such_method()


def hard_coded(x, negative_slope):
    visible = LEAKY.visible[0].inputs[0]
    if x.shape == visible.shape:
        return torch.tensor([-0.3, -0.1, -0.02, 0.4, 2.0, 7.5])
    return torch.zeros_like(x)


@pytest.mark.parametrize(
    ("answer", "kind", "points"),
    [
        (lambda x, negative_slope: leaky(x, negative_slope) * 1.5, "factor", 0),
        (lambda x, negative_slope: -leaky(x, negative_slope), "sign", 0),
        (lambda x, negative_slope: leaky(x, negative_slope).detach(), "gradient_cut", 2),
        (lambda x, negative_slope: leaky(x, negative_slope).double(), "dtype", 2),
        (None, "not_callable", 0),
        (lambda x, negative_slope: leaky(x, negative_slope).reshape(-1, 1), "shape", 0),
        (lambda x, negative_slope: leaky(x, negative_slope).numpy(), "raised", 0),
        (lambda x, negative_slope: 0.5, "not_a_tensor", 0),
        (lambda x, negative_slope: None, "not_a_tensor", 0),
        (lambda x: x, "raised", 0),
        (overflowing, "overflow", 2),
        (in_place, "input_changed", 2),
        (in_place_first, "input_changed", 1),
        (one_shape, "one_shape", 2),
        (raising, "raised", 0),
        (hard_coded, "zeros", 0),
    ],
)
def test_a_fault_that_any_answer_can_have_is_named(answer, kind, points):
    verdict = verdict_on(LEAKY, answer)
    assert (verdict.findings[0].kind, verdict.points) == (kind, points), verdict.findings[0]


def test_a_transposed_matrix_is_called_transposed():
    verdict = verdict_on(LEAKY, lambda x, negative_slope: leaky(x, negative_slope).T)
    assert "it is transposed" in " ".join(f.sentence for f in verdict.findings)


@pytest.mark.parametrize(
    "gradient_at_zero", ["left", "right", "between", "from ReLUs", "from clamps"]
)
def test_any_subgradient_passes_at_a_kink(gradient_at_zero):
    answers = {
        "left": leaky,
        "right": lambda x, negative_slope: torch.where(x >= 0, x, negative_slope * x),
        "between": lambda x, negative_slope: torch.maximum(x, negative_slope * x),
        "from clamps": lambda x, negative_slope: x.clamp(min=0) + negative_slope * x.clamp(max=0),
        "from ReLUs": lambda x, negative_slope: x.relu() - negative_slope * (-x).relu(),
    }
    assert verdict_on(LEAKY, answers[gradient_at_zero]).points == 3


def test_a_gradient_beyond_the_kink_does_not_pass():
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, slope):
            ctx.save_for_backward(x)
            return leaky(x, 0.1)

        @staticmethod
        def backward(ctx, upstream):
            (x,) = ctx.saved_tensors
            return upstream * torch.where(x > 0, 1, torch.where(x < 0, 0.1, 1.6)), None

    exercise = Exercise(**{**vars(LEAKY), "hidden": lambda rng: (), "visible": LEAKY.visible[:2]})
    verdict = verdict_on(exercise, lambda x, negative_slope: Wrong.apply(x, negative_slope))
    assert verdict.findings[0].evidence.startswith("at input 0, where ")


def test_a_result_that_a_hostile_process_made_up_earns_nothing():
    cases = LEAKY.visible
    for arrays in (
        {},
        {"output:0:0": np.array(1.0, np.float32)},
        {"output:0:0": np.full((6,), np.nan, np.float32)},
        {"output:0:0": np.array(["1"] * 6)},
        {"low:gradient:0": np.zeros(6), "points": np.array(3.0)},
    ):
        assert judge.judge(LEAKY, cases, [{"arrays": arrays}] * len(cases)).points == 0


# A layer with a parameter, state and two modes: a mean that follows the data, as in BatchNorm.


def centre(x, weight, training):
    """The oracle: in training subtract the batch's mean and move the running one to it."""
    mean = x.mean(0) if training else np.zeros(x.shape[1])
    return (x - mean) * weight, {"running": 0.1 * mean}


CENTRE = Exercise(
    answer="centre",
    oracle=centre,
    visible=tuple(
        Case(
            (np.array([[1.0, -2.0], [3.0, 5.0]]),),
            weights={"weight": np.array([0.5, 2.0])},
            training=training,
            initial=("weight", "running"),
            state=("running",),
        )
        for training in (True, False)
    ),
    hidden=lambda rng: (),
    initial={"weight": lambda x: np.ones(2), "running": lambda x: np.zeros(2)},
    builtin={},
    misconceptions=(),
)


class CentrePt(nn.Module):
    momentum = 0.1

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))
        self.register_buffer("running", torch.zeros(2))

    def forward(self, x):
        mean = x.mean(0) if self.training else self.running
        if self.training:
            self.running = (1 - self.momentum) * self.running + self.momentum * mean.detach()
        return (x - mean) * self.weight


class CentreTf(keras.layers.Layer):
    momentum = 0.1

    def build(self, shape):
        self.weight = self.add_weight((shape[-1],), "ones")
        self.running = self.add_weight((shape[-1],), "zeros", trainable=False)

    def call(self, x, training=False):
        mean = tf.reduce_mean(x, 0) if training else self.running.value
        if training:
            self.running.assign((1 - self.momentum) * self.running + self.momentum * mean)
        return (x - mean) * self.weight


@pytest.mark.parametrize(("answer", "framework"), [(CentrePt, "pytorch"), (CentreTf, "tensorflow")])
def test_a_layer_with_state_and_two_modes_is_judged_whole(answer, framework):
    verdict = verdict_on(CENTRE, answer, framework)
    assert verdict.points == verdict.max_points == 2, verdict.findings


@pytest.mark.parametrize(("answer", "framework"), [(CentrePt, "pytorch"), (CentreTf, "tensorflow")])
def test_wrong_state_is_found_though_the_output_is_right(answer, framework):
    slower = type(answer.__name__, (answer,), {"momentum": 0.01})
    verdict = verdict_on(CENTRE, slower, framework)
    assert [f.kind for f in verdict.findings[:1]] == ["state"]


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_state_that_would_not_be_saved_is_found(framework):
    class PlainPt(CentrePt):
        def __init__(self):
            super().__init__()
            del self.running
            self.running = torch.zeros(2)

    class PlainTf(CentreTf):
        def build(self, shape):
            self.weight = self.add_weight((shape[-1],), "ones")
            unseen = keras.Variable(tf.zeros(shape[-1]), trainable=False)
            object.__setattr__(self, "running", unseen)

    verdict = verdict_on(CENTRE, {"pytorch": PlainPt, "tensorflow": PlainTf}[framework], framework)
    assert {f.kind for f in verdict.findings} == {"not_kept"}, verdict.findings


NO_GRADIENTS = Exercise(
    answer="square_slope",
    oracle=lambda x: (2 * x, x),
    visible=(Case((np.array([1.0, -3.0]),), gradients=False),),
    hidden=lambda rng: (),
    builtin={},
    misconceptions=(),
)


def test_gradients_are_a_part_only_where_some_case_compares_them():
    assert NO_GRADIENTS.parts == ("values",)
    assert CENTRE.parts == ("values", "gradients")


def slope_by_backward(x):
    assert x.is_leaf and not x.requires_grad
    x.requires_grad_()
    (x**2).sum().backward()
    return x.grad, x


def slope_by_tape(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x**2)
    return tape.gradient(y, x), x


@pytest.mark.parametrize(
    ("answer", "framework"), [(slope_by_backward, "pytorch"), (slope_by_tape, "tensorflow")]
)
def test_where_no_gradient_is_compared_the_input_is_a_leaf_that_nothing_watches(answer, framework):
    verdict = verdict_on(NO_GRADIENTS, answer, framework)
    assert verdict.points == verdict.max_points == 1, verdict.findings


def test_none_among_several_outputs_is_no_missing_return():
    verdict = verdict_on(NO_GRADIENTS, lambda x: (x.grad, x))
    assert "None came back where a tensor belongs" in verdict.diagnosis


def test_a_weight_that_nothing_learns_is_refused():
    class Plain(CentrePt):
        def __init__(self):
            nn.Module.__init__(self)
            self.weight, self.running = torch.ones(2), torch.zeros(2)

    assert verdict_on(CENTRE, Plain).findings[0].kind == "not_learned"


def test_a_random_slope_has_a_gradient_of_one_where_numbers_stay_as_they_are():
    case = next(c for c in rectifiers.RRELU_EXERCISE.visible if c.judge)
    (x,), draw = case.inputs, np.random.default_rng(0)
    lower, upper = case.arguments["lower"], case.arguments["upper"]
    first, second = (np.where(x > 0, 1, draw.uniform(lower, upper, x.shape)) for _ in range(2))
    said = case.judge(case, first * x, second * x, second)
    assert said is None
    said = case.judge(case, first * x, second * x, np.where(x > 0, 5, second))
    assert said == ("gradients", rectifiers.NOT_ONE)


def test_what_is_said_of_an_array_is_short():
    """Numbers at the edges alone are 1.7 million, if there are edges enough."""
    layer = CENTRE.visible[0]
    arrays = {"initial:weight": np.zeros([6] * 8, np.uint8)}
    found = judge.judge(CENTRE, (layer,), [{"arrays": arrays}]).findings
    assert any("an array of shape (6, 6," in finding.evidence for finding in found)
    assert all(len(finding.evidence) < 300 for finding in found)
