"""What the worker passes to an answer, and what it refuses to take from it."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
import torch
from torch import nn

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import mistakes
from diptych.catalogue.sentences import SWAPPED
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
    assert message == {"pairs": [[1, 0], [0, 2]]}  # as JSON returns it
    for arguments in (asked, message):
        (result,) = worker.ask(answer, "pytorch", [question | {"arguments": arguments}])
        assert "fault" not in result, result
        assert result["arrays"]["output:0:0"].tolist() == [3.0, -1.0]


def percentage_error(prediction, target):
    return np.mean(100 * np.abs((target - prediction) / target))


LOSS = Exercise(
    "percentage_error",
    percentage_error,
    visible=(Case((np.array([1.0, 3.0]), np.array([2.0, 2.5]))),),
    hidden=lambda rng: (Case((rng.uniform(1, 2, (3, 2)), rng.uniform(3, 4, (3, 2)))),),
    reference={},
    misconceptions=mistakes(
        "percentage_error(target, prediction)  # SWAPPED", globals(), "prediction, target"
    ),
    target_first=True,
    elementwise=False,
)


def in_torch(prediction, target):
    return (100 * ((target - prediction) / target).abs()).mean()


def in_tensorflow(target, prediction):
    return tf.reduce_mean(100 * tf.abs((target - prediction) / target))


def test_a_loss_takes_the_prediction_first_in_pytorch_and_the_target_first_in_tensorflow():
    for answer, framework in ((in_torch, "pytorch"), (in_tensorflow, "tensorflow")):
        verdict = verdict_on(LOSS, answer, framework)
        assert verdict.points == verdict.max_points == 2, verdict.findings


def test_prediction_and_target_that_are_swapped_are_named():
    swapped = {
        "pytorch": lambda target, prediction: in_torch(prediction, target),
        "tensorflow": lambda prediction, target: in_tensorflow(target, prediction),
    }
    for framework, answer in swapped.items():
        assert verdict_on(LOSS, answer, framework).diagnosis == SWAPPED


def test_the_gradient_of_a_loss_is_asked_with_respect_to_the_prediction_alone():
    without = {
        "pytorch": lambda prediction, target: in_torch(prediction, target.detach()),
        "tensorflow": lambda target, prediction: in_tensorflow(
            tf.stop_gradient(target), prediction
        ),
    }
    for framework, answer in without.items():
        verdict = verdict_on(LOSS, answer, framework)
        assert verdict.points == verdict.max_points == 2, verdict.findings


def test_a_loss_whose_prediction_is_cut_off_is_told_so():
    cut = verdict_on(LOSS, lambda prediction, target: in_torch(prediction.detach(), target))
    assert "no gradient reaches input 1" in cut.diagnosis


def test_numbers_among_the_arguments_are_pythons_own():
    """TensorFlow makes float64 tensors of NumPy's numbers, with which right answers fail."""
    kinds = []

    def answer(x, value, pair):
        kinds.extend(map(type, (value, *pair)))
        return x

    case = Case((np.ones(2),), {"value": np.float64(2), "pair": [np.int64(1), np.float32(2)]})
    asked = Exercise("x", lambda x, value, pair: x, (case,), lambda rng: (), {}, ())
    list(worker.ask(answer, "tensorflow", [oracle.question(asked, case)]))
    assert kinds == [float, int, float]
