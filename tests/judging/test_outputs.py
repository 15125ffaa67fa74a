"""What any answer can get wrong in its outputs has a name."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from diptych.catalogue.exercise import Case
from tests.judging.answers import LEAKY, leaky, verdict_on


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


def test_an_infinity_that_is_right_is_compared_and_hides_no_factor():
    """Warnings are errors here: the judge must not divide infinities."""
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
