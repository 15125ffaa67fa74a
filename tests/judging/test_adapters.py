"""Global settings of a notebook cost no points, and a plain tf.Variable gets an explanation."""

import subprocess
import sys

import keras
import tensorflow as tf

from diptych import check
from tests.judging.answers import said

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
    # In a process of its own, because the settings stay.
    program = "\n".join([HERE, *(f"{setting}\n{SWITCHED}" for setting in SETTINGS)])
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_plain_tf_variable_is_said_to_be_unseen_by_keras():
    class prelu_tf(keras.layers.Layer):
        def __init__(self, n_channels):
            super().__init__()
            self.weight = tf.Variable(tf.fill((n_channels,), 0.25))

        def call(self, x):
            return tf.where(x > 0, x, self.weight * x)

    assert not prelu_tf(3).trainable_variables
    assert "Keras does not see a plain tf.Variable" in said(check(prelu_tf))
