"""The cells that define an answer are found, and where what it is made of names a function."""

import time
import tracemalloc

import pytest

from diptych.catalogue.component import exercise
from diptych.forbidden import operations, text
from diptych.isolation import child


def found_in(*cells, answer="leaky_relu_tf"):
    names = operations.names(exercise(answer[:-3]))
    made = text.makers(text.statements(map(child._read, cells)))
    return text.search(made, {answer: names})[answer]


def named_in(*cells, answer="leaky_relu_tf"):
    return found_in(*cells, answer=answer)["named"]


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
    ("cells", "defined"),
    [
        (["def leaky_relu_tf(x, a): return x"], [1]),
        (["x = 1", "leaky_relu_tf = lambda x, a: x", "class leaky_relu_tf: pass"], [2, 3]),
        (["import leaky_relu_tf"], [1]),
        (["from m import f as leaky_relu_tf"], [1]),
        (["if True:\n    def leaky_relu_tf(x, a): return x"], [1]),
        (["try:\n    leaky_relu_tf = 1\nfinally: pass"], [1]),
        (["for leaky_relu_tf in [1]: pass"], [1]),
        (["match 1:\n    case leaky_relu_tf: pass"], [1]),
        (["def f():\n    global leaky_relu_tf\n    leaky_relu_tf = 1"], [1]),
        (["%%time\ndef leaky_relu_tf(x, a): return x"], [1]),
        (["leaky_relu_tf(1)", "def f():\n    leaky_relu_tf = 1", "x.leaky_relu_tf = 1"], []),
        (["this is ( no Python", "def leaky_relu_tf(x, a): return x"], [2]),
        (["x = 1; leaky_relu_tf = 2"], [1]),
    ],
)
def test_the_cells_that_define_an_answer_are_found(cells, defined):
    assert found_in(*cells)["cells"] == defined


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
        # Names of the same letters that are others' own: a variable, an attribute.
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


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n", "\n\x0c"])
def test_lines_are_counted_as_python_counts_them(end):
    lines = ["def leaky_relu_tf(x, a):", "    y = 'a\x0bb\u2028c'", "    return leaky_relu(x, a)"]
    python = end.join(lines[:2]) + "\n" + lines[2] if end == "\n\x0c" else end.join(lines)
    assert named_in(python)[1:] == [3, "leaky_relu", "return leaky_relu(x, a)"]


def test_a_very_long_chain_of_conditions_is_read():
    chain = "if x: y = 1\n" + "elif x: y = 2\n" * 900
    assert named_in(chain + "relu_pt = torch.relu", answer="relu_pt")[1] == 902


def test_a_long_chain_of_names_is_followed_once():
    chain = "\n".join(f"v{i} = v{i + 1}" for i in range(20_000))
    start = time.process_time()
    assert named_in(chain + "\ndef leaky_relu_tf(x, a): return v0") is None
    assert time.process_time() - start < 20


def test_a_very_long_name_is_not_read():
    start = time.process_time()
    assert named_in(f"def leaky_relu_tf(x, a): return x.x{'_' * 300_000}x(a)") is None
    assert time.process_time() - start < 20


def test_a_line_of_many_statements_is_not_read_once_a_statement():
    line = ";".join(["leaky_relu_tf = 0"] * 20_000)
    tracemalloc.start()
    assert named_in(line) is None
    assert tracemalloc.get_traced_memory()[1] < 200e6
    tracemalloc.stop()
