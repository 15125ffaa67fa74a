"""Cases have PyTorch's conventions, and learners see those of their own framework."""

import numpy as np
import pytest
import tensorflow as tf
import torch
import torch.nn.functional as F

from diptych.catalogue.conventions import MISREAD, UNTURNED, in_framework
from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import mistakes
from tests.judging.answers import verdict_on

SHAPES = ((2, 3, 4, 6), (1, 2, 6, 4))
RNG = np.random.default_rng(0)
IMAGES = [RNG.normal(0, 1, shape) for shape in SHAPES]


def halved(x):
    """The mean over windows of 2 by 2; x: (batch, channels, height, width)."""
    b, c, h, w = x.shape
    return x.reshape(b, c, h // 2, 2, w // 2, 2).mean((3, 5))


POOLED = Exercise(
    "halved",
    halved,
    visible=tuple(Case((x,)) for x in IMAGES),
    hidden=lambda rng: (Case((rng.normal(0, 1, (2, 4, 2, 6)),)),),
    reference={},
    misconceptions=mistakes(
        "4 * halved(x)  # this is the sum of a window, not its mean", globals()
    ),
    layouts={0: "channels", "output": "channels"},
    elementwise=False,
)


def in_torch(x):
    return F.avg_pool2d(x, 2)


def in_tf(x):
    return tf.nn.avg_pool2d(x, 2, 2, "VALID")


def as_channels_last(x):
    return in_torch(x.movedim(-1, 1)).movedim(1, -1)


def as_channels_first(x):
    return tf.transpose(in_tf(tf.transpose(x, (0, 2, 3, 1))), (0, 3, 1, 2))


@pytest.mark.parametrize(
    ("framework", "answer", "told"),
    [
        ("pytorch", in_torch, ""),
        ("tensorflow", in_tf, ""),
        ("pytorch", lambda x: 4 * in_torch(x), "this is the sum of a window, not its mean"),
        ("tensorflow", lambda x: 4 * in_tf(x), "this is the sum of a window, not its mean"),
        ("pytorch", lambda x: in_torch(x).movedim(1, -1), UNTURNED),
        ("tensorflow", lambda x: tf.transpose(in_tf(x), (0, 3, 1, 2)), UNTURNED),
    ],
)
def test_channels_are_where_the_framework_has_them(framework, answer, told):
    verdict = verdict_on(POOLED, answer, framework)
    assert verdict.diagnosis == told
    assert (verdict.points == verdict.max_points) == (not told)


@pytest.mark.parametrize(
    ("framework", "answer"), [("pytorch", as_channels_last), ("tensorflow", as_channels_first)]
)
def test_an_input_that_is_read_in_the_other_layout_is_named(framework, answer):
    even = Exercise(**vars(POOLED) | {"visible": (Case((RNG.normal(0, 1, (2, 4, 2, 6)),)),)})
    assert verdict_on(even, answer, framework).diagnosis == MISREAD


def test_what_is_shown_of_an_input_has_the_learners_own_layout():
    for framework, shape in (("pytorch", (2, 3, 4, 6)), ("tensorflow", (2, 4, 6, 3))):
        assert in_framework(POOLED, framework).visible[0].inputs[0].shape == shape
    verdict = verdict_on(POOLED, lambda x: in_tf(x)[:, :1], "tensorflow")
    assert "the output has shape (2, 1, 3, 3), where (2, 2, 3, 3) is right" in verdict.diagnosis


def mixed(x, kernel, upstream):
    """A convolution of 1 by 1 and its gradients; x: (batch, in, h, w), kernel: (out, in, 1, 1)."""
    y = np.einsum("bihw,oi->bohw", x, kernel[:, :, 0, 0])
    of_kernel = np.einsum("bohw,bihw->oi", upstream, x)[:, :, None, None]
    return y, np.einsum("bohw,oi->bihw", upstream, kernel[:, :, 0, 0]), of_kernel


def mixed_case(rng):
    arrays = (rng.normal(0, 1, shape) for shape in ((2, 3, 2, 4), (5, 3, 1, 1), (2, 5, 2, 4)))
    return Case(tuple(arrays))


MIXED = Exercise(
    "mixed",
    mixed,
    visible=(mixed_case(RNG),),
    hidden=lambda rng: (mixed_case(rng),),
    reference={},
    misconceptions=(),
    layouts={
        **{0: "channels", 1: "kernel", 2: "channels"},
        **{"output": "channels", "output 1": "channels", "output 2": "kernel"},
    },
    elementwise=False,
)


def mixed_pt(x, kernel, upstream):
    y = F.conv2d(x, kernel)
    back = F.conv_transpose2d(upstream, kernel)
    return y, back, torch.einsum("bohw,bihw->oi", upstream, x)[:, :, None, None]


def mixed_tf(x, kernel, upstream):
    y = tf.nn.conv2d(x, kernel, 1, "VALID")
    back = tf.nn.conv2d(upstream, tf.transpose(kernel, (0, 1, 3, 2)), 1, "VALID")
    return y, back, tf.einsum("bhwi,bhwo->io", x, upstream)[None, None]


def test_kernels_and_several_outputs_are_turned_too():
    for answer, framework in ((mixed_pt, "pytorch"), (mixed_tf, "tensorflow")):
        verdict = verdict_on(MIXED, answer, framework)
        assert verdict.points == verdict.max_points, verdict.findings


def difference(prediction, target):
    return np.sum(prediction - 2 * target)


LOSS = Exercise(
    "difference",
    difference,
    visible=(Case((np.array([1.0, 3.0]), np.array([2.0, 2.5]))),),
    hidden=lambda rng: (),
    reference={},
    misconceptions=mistakes(
        "gradient: (2 * upstream_gradient * np.ones(2), 0 * target)  # the slope is 1, not 2",
        globals(),
        "prediction, target",
    ),
    gradient=lambda c, prediction, target: (c * np.ones(2), -2 * c * np.ones(2)),
    target_first=True,
    elementwise=False,
)


def test_written_gradients_are_turned_with_the_inputs():
    def doubled(target, prediction):
        return tf.reduce_sum(2 * prediction - tf.stop_gradient(prediction) - 2 * target)

    turned = in_framework(LOSS, "tensorflow")
    assert turned.targets == (0,)
    assert turned.visible[0].inputs[0].tolist() == [2.0, 2.5]
    assert verdict_on(LOSS, doubled, "tensorflow").diagnosis == "the slope is 1, not 2"
    verdict = verdict_on(LOSS, lambda t, p: tf.reduce_sum(p - 2 * t), "tensorflow")
    assert verdict.points == verdict.max_points
    cut = verdict_on(LOSS, lambda t, p: tf.reduce_sum(tf.stop_gradient(p) - 2 * t), "tensorflow")
    assert "no gradient reaches input 2" in cut.diagnosis


def test_an_exercise_without_conventions_is_the_same_in_both():
    plain = Exercise(**vars(POOLED) | {"layouts": {}})
    assert in_framework(plain, "pytorch") is in_framework(plain, "tensorflow") is plain
    assert in_framework(LOSS, "pytorch") is LOSS
