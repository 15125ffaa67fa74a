"""What an answer is given by the worker, and what the worker refuses to take from it."""

import pytest
import tensorflow as tf
import torch
from torch import nn

from tests.judging.answers import CENTRE, NO_GRADIENTS, CentrePt, verdict_on


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
