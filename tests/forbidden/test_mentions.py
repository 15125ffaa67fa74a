"""The first place is found where an answer, or what it uses, mentions a forbidden name."""

import time

import pytest

from tests.forbidden.searches import named_in


def test_a_name_is_found_through_helpers_aliases_and_other_cells():
    cells = (
        "from tensorflow.nn import leaky_relu as rectify",
        "x = 1\n\ndef helper(x):\n    return rectify(x)",
        "@tf.function\ndef leaky_relu_tf(x, negative_slope):\n    return helper(x)",
    )
    line = "from tensorflow.nn import leaky_relu as rectify"
    assert named_in(*cells) == [1, 1, "leaky_relu", line]


def test_the_first_place_is_named():
    cells = (
        "import tensorflow as tf",
        "def second(x): return tf.nn.leaky_relu(x)",
        "def first(x):\n    y = x\n    return tf.nn.leaky_relu(y)",
        "def leaky_relu_tf(x, a): return first(x) + second(x)",
    )
    assert named_in(*cells)[:2] == [2, 1]
    assert named_in(*cells[::-1])[:2] == [2, 3]


@pytest.mark.parametrize(
    "cell",
    [
        "leaky_relu_tf = tf.nn.leaky_relu",
        "def leaky_relu_tf(x, a): return x\nleaky_relu_tf = keras.layers.LeakyReLU(0.1)",
        "def leaky_relu_tf(x, a): return getattr(tf.nn, 'leaky_relu')(x, a)",
        "from tensorflow.nn import *\ndef leaky_relu_tf(x, a): return leaky_relu(x, a)",
        "if True:\n    f = tf.nn.leaky_relu\ndef leaky_relu_tf(x, a): return f(x, a)",
        "try:\n    def leaky_relu_tf(x, a): return tf.nn.leaky_relu(x, a)\nfinally: pass",
        "def leaky_relu_tf(x, a): return tf.raw_ops.LeakyRelu(features=x, alpha=a)",
        "def leaky_relu_tf(x, a): return keras.layers.Activation('leaky_relu')(x)",
        "def leaky_relu_tf(x, a, f=tf.nn.leaky_relu): return f(x, a)",
        "@tf.nn.leaky_relu\ndef leaky_relu_tf(x, a): return x",
        "def leaky_relu_tf(x, a): return torch.ops.aten.leaky_relu_(x, a)",
        "def leaky_relu_tf(x, a): return operator.attrgetter('nn.leaky_relu')(tf)(x, a)",
    ],
)
def test_a_name_is_found_however_it_is_written(cell):
    assert named_in(cell)


@pytest.mark.parametrize(
    "cells",
    [
        ("def leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)", "tf.nn.leaky_relu(1.0)"),
        ("def leaky_relu_tf(x, a): return tf.nn.relu(x) - a * tf.nn.relu(-x)",),
        ("def f(x): return tf.nn.leaky_relu(x)\ndef leaky_relu_tf(x, a): return x",),
        ('def leaky_relu_tf(x, a):\n    """Like LeakyReLU."""\n    return x',),
        ("def leaky_relu_tf(x, a):\n    return x  # tf.nn.leaky_relu",),
        (
            "def leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)",
            "tf.debugging.assert_near(leaky_relu_tf(1.0, 0.1), tf.nn.leaky_relu(1.0, 0.1))",
        ),
        # A parameter, a class and a function of the learner's own.
        ("def leaky_relu_tf(x, LeakyReLU): return LeakyReLU * x",),
        (
            "class LeakyReLU(torch.autograd.Function): pass",
            "def leaky_relu_tf(x, a): return LeakyReLU.apply(x)",
        ),
        (
            "def leaky_relu(x, a): return tf.where(x > 0, x, a * x)",
            "def leaky_relu_tf(x, a): return leaky_relu(x, a)",
        ),
        # Local variables that have the same name as a global one.
        ("y = tf.nn.leaky_relu(1.0)", "def leaky_relu_tf(x, a):\n    y = -a * x\n    return y"),
        ("y = tf.nn.leaky_relu(1.0)", "leaky_relu_tf = lambda y, a: tf.where(y > 0, y, a * y)"),
        ("z = tf.nn.leaky_relu(1.0)", "def leaky_relu_tf(x, a): return [z for z in (x,)][0]"),
    ],
)
def test_a_name_beside_the_answer_is_none_of_its(cells):
    assert named_in(*cells) is None


def test_a_name_is_found_on_its_own_line_below_a_magic():
    cell = "\n%%time\n\ndef leaky_relu_tf(x, a):\n    return tf.nn.leaky_relu(x, a)"
    assert named_in(cell)[:2] == [1, 5]


def test_a_very_long_name_is_not_read():
    start = time.process_time()
    assert named_in(f"def leaky_relu_tf(x, a): return x.x{'_' * 300_000}x(a)") is None
    assert time.process_time() - start < 20
