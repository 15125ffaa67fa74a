"""What an answer is given by the worker, and what the worker refuses to take from it."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
import torch
from torch import nn

from diptych.catalogue.exercise import Case
from diptych.isolation import wire
from diptych.judging import oracle, worker
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


def test_an_argument_with_several_numbers_is_a_tuple_wherever_it_comes_from():
    asked = {"pairs": ((1, 0), (0, 2))}
    exercise = replace(
        NO_GRADIENTS,
        oracle=lambda x, pairs: x + pairs[1][1],
        visible=(Case((np.array([1.0, -3.0]),), asked, gradients=False),),
    )
    question = oracle.question(exercise, exercise.visible[0])

    def answer(x, pairs):
        assert (type(pairs), type(pairs[0])) == (tuple, tuple)
        return x + pairs[1][1]

    message, _ = wire.decode(wire.encode(question["arguments"]))
    assert message == {"pairs": [[1, 0], [0, 2]]}  # so JSON has it
    for arguments in (asked, message):
        (result,) = worker.ask(answer, "pytorch", [question | {"arguments": arguments}])
        assert "fault" not in result, result
        assert result["arrays"]["output:0:0"].tolist() == [3.0, -1.0]
