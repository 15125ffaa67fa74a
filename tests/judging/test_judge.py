"""The judge names what any answer can get wrong, and carries layers that have state."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from diptych.catalogue.exercise import Case, Exercise
from diptych.judging import judge
from tests.judging.answers import CENTRE, LEAKY, CentrePt, CentreTf, leaky, verdict_on


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
    if x.shape == visible.shape and negative_slope == 0.1:
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

    changed = Exercise(**{**vars(LEAKY), "hidden": lambda rng: (), "visible": LEAKY.visible[:2]})
    verdict = verdict_on(changed, lambda x, negative_slope: Wrong.apply(x, negative_slope))
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


@pytest.mark.parametrize(("answer", "framework"), [(CentrePt, "pytorch"), (CentreTf, "tensorflow")])
def test_a_layer_with_state_and_two_modes_is_judged_whole(answer, framework):
    verdict = verdict_on(CENTRE, answer, framework)
    assert verdict.points == verdict.max_points == 2, verdict.findings


@pytest.mark.parametrize(("answer", "framework"), [(CentrePt, "pytorch"), (CentreTf, "tensorflow")])
def test_wrong_state_is_found_though_the_output_is_right(answer, framework):
    slower = type(answer.__name__, (answer,), {"momentum": 0.01})
    verdict = verdict_on(CENTRE, slower, framework)
    assert [f.kind for f in verdict.findings[:1]] == ["state"]


HOLDING = replace(
    CENTRE,
    oracle=lambda x, weight, running, training: ((x - running) * weight, {"running": running}),
    visible=(
        replace(
            CENTRE.visible[1], held={"running": np.array([1.0, -3.0])}, initial=(), gradients=False
        ),
    ),
)


@pytest.mark.parametrize(("answer", "framework"), [(CentrePt, "pytorch"), (CentreTf, "tensorflow")])
def test_evaluation_uses_what_the_layer_holds_before_the_call(answer, framework):
    verdict = verdict_on(HOLDING, answer, framework)
    assert verdict.points == verdict.max_points == 1, verdict.findings


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_a_layer_that_holds_no_array_is_told_so(framework):
    class NumberPt(CentrePt):
        def __init__(self):
            super().__init__()
            del self.running
            self.running = 0.0

    class NumberTf(CentreTf):
        def build(self, shape):
            self.weight = self.add_weight((shape[-1],), "ones")
            self.running = 0.0

    answer = {"pytorch": NumberPt, "tensorflow": NumberTf}[framework]
    assert verdict_on(HOLDING, answer, framework).findings[0].kind == "not_kept"


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


def test_what_is_said_of_an_array_is_short():
    """Numbers at the edges alone are 1.7 million, if there are edges enough."""
    layer = CENTRE.visible[0]
    arrays = {"initial:weight": np.zeros([6] * 8, np.uint8)}
    found = judge.judge(CENTRE, (layer,), [{"arrays": arrays}]).findings
    assert any("an array of shape (6, 6," in finding.evidence for finding in found)
    assert all(len(finding.evidence) < 300 for finding in found)


def test_an_infinity_that_is_right_is_compared_and_hides_no_factor():
    """Warnings are errors here: none of what is divided is infinite."""
    border = replace(
        LEAKY,
        oracle=lambda x: np.where(x > 0, x, -np.inf),
        visible=(Case((np.array([1.0, 3.0, -1.0]),), gradients=False),),
        hidden=lambda rng: (),
        misconceptions=(),
    )
    for factor, kind in ((2, "factor"), (0, "values"), (torch.nan, "overflow")):
        answer = lambda x, by=factor: torch.where(x > 0, by * x, -torch.inf)  # noqa: E731
        assert verdict_on(border, answer).findings[0].kind == kind
    assert verdict_on(border, lambda x: torch.where(x > 0, x, -torch.inf)).findings == ()
