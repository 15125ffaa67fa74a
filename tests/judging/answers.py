"""Helpers of the tests of the judging: they judge an answer, and define exercises for that."""

from functools import cache

import keras
import numpy as np
import tensorflow as tf
import torch
from torch import nn
from torch.nn import functional as F

from diptych.catalogue.conventions import in_framework
from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.lookup import exercise
from diptych.judging import judge, oracle, worker

NAMES = {"torch": torch, "nn": nn, "F": F, "tf": tf, "keras": keras, "np": np}


def written(source, name):
    """The object that ``source`` defines under this name."""
    names = dict(NAMES)
    exec(source, names)
    return names[name]


def said(checked):
    """What `check` says, as one text."""
    return "\n".join(checked.lines)


@cache
def cases(exercise, seed=0):
    """Visible and hidden cases; always the same objects, so that right arrays are computed once."""
    return exercise.visible + exercise.hidden(np.random.default_rng(seed))


def verdict_on(exercise, answer, framework="pytorch", seed=0):
    exercise = in_framework(exercise, framework)
    asked = cases(exercise, seed)
    questions = [oracle.question(exercise, case) for case in asked]
    return judge.judge(exercise, asked, list(worker.ask(answer, framework, questions)))


LEAKY = exercise("leaky_relu")


def leaky(x, negative_slope):
    return torch.where(x > 0, x, negative_slope * x)


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
    reference={},
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


NO_GRADIENTS = Exercise(
    answer="square_slope",
    oracle=lambda x: (2 * x, x),
    visible=(Case((np.array([1.0, -3.0]),), gradients=False),),
    hidden=lambda rng: (),
    reference={},
    misconceptions=(),
)
