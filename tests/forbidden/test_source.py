"""What an answer is made of is found, and whether a builtin is part of it."""

import time
import tracemalloc

import pytest

from diptych.catalogue.component import exercise
from diptych.forbidden import source, use
from diptych.isolation import child


def builtin_in(*cells, answer="leaky_relu_tf"):
    rule = use.rule(exercise(answer[:-3])).plain()
    used = source.search(map(child._read, cells), {answer: rule})[answer]["used"]
    return used and tuple(used)


def test_a_builtin_is_found_through_helpers_aliases_and_other_cells():
    cells = (
        "from tensorflow.nn import leaky_relu as rectify",
        "x = 1\n\ndef helper(x):\n    return rectify(x)",
        "@tf.function\ndef leaky_relu_tf(x, negative_slope):\n    return helper(x)",
    )
    assert builtin_in(*cells) == (2, 4, "rectify", "return rectify(x)")


@pytest.mark.parametrize(
    "cell",
    [
        "leaky_relu_tf = tf.nn.leaky_relu",
        "def leaky_relu_tf(x, a): return x\nleaky_relu_tf = keras.layers.LeakyReLU(0.1)",
        "class T: pass\ntools = T()\ntools.f = tf.nn.leaky_relu\n"
        "def leaky_relu_tf(x, a): return tools.f(x, a)",
        "def leaky_relu_tf(x, a): return getattr(tf.nn, 'leaky_relu')(x, a)",
        "from tensorflow.nn import *\ndef leaky_relu_tf(x, a): return leaky_relu(x, a)",
        "if True:\n    f = tf.nn.leaky_relu\ndef leaky_relu_tf(x, a): return f(x, a)",
        "try:\n    def leaky_relu_tf(x, a): return tf.nn.leaky_relu(x, a)\nfinally: pass",
        "def leaky_relu_tf(x, a): return tf.raw_ops.LeakyRelu(features=x, alpha=a)",
        "def leaky_relu_tf(x, a): return tf.nn.relu(*[x, a])",
        "class M:\n    def f(self): keras.f = tf.nn.leaky_relu\n"
        "def leaky_relu_tf(x, a): return keras.f(x, a)",
        "f = tf.nn.leaky_relu\ndef leaky_relu_tf(x, a, g=lambda f: f): return f(x, a)",
        # By a name of its own that is another's by then, still, or only elsewhere.
        "def leaky_relu(x, a): pass\nfrom tensorflow.nn import *\n"
        "def leaky_relu_tf(x, a): return leaky_relu(x, a)",
        "from tensorflow.nn import *\nf = leaky_relu\ndef leaky_relu(x, a): pass\n"
        "leaky_relu_tf = f",
        "from tensorflow.nn import *\n"
        "def leaky_relu_tf(x, a, f=leaky_relu):\n    leaky_relu = 1\n    return f(x, a)",
        "from tensorflow.nn import *\n"
        "def leaky_relu_tf(x, a, g=lambda leaky_relu: 1): return leaky_relu(x, a)",
        "from tensorflow.nn import *\ndef leaky_relu_tf(x, a):\n    leaky_relu = 1\n"
        "    def f():\n        global leaky_relu\n        return leaky_relu\n"
        "    return f()(x, a)",
        # By an attribute of a module.
        "import keras\nkeras.__dict__.update(f=tf.nn.leaky_relu)\n"
        "def leaky_relu_tf(x, a): return keras.f(x, a)",
        "import keras\nobject.__setattr__(keras, 'f', tf.nn.leaky_relu)\n"
        "def leaky_relu_tf(x, a): return keras.f(x, a)",
        "import keras\nkeras.kept = []\nkeras.kept.append(tf.nn.leaky_relu)\n"
        "def leaky_relu_tf(x, a): return keras.kept[0](x, a)",
    ],
)
def test_a_builtin_is_found_however_it_is_taken(cell):
    assert builtin_in(cell)


@pytest.mark.parametrize(
    "cells",
    [
        ("def leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)", "tf.nn.leaky_relu(1.0)"),
        ("def leaky_relu_tf(x, a): return tf.nn.relu(x) - a * tf.nn.relu(-x)",),
        ("def leaky_relu_tf(x, a): return x.relu() - a * (-x).relu()",),
        ("def f(x): return tf.nn.leaky_relu(x)\ndef leaky_relu_tf(x, a): return x",),
        ("from math import *\ndef leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)",),
        ("from numpy import *\ndef leaky_relu_tf(x, LeakyReLU): return LeakyReLU * x",),
        ("from keras import *\ndef leaky_relu_tf(x, LeakyReLU): return LeakyReLU * x",),
        (
            "from keras.layers import *\n"
            "def leaky_relu_tf(x, a):\n    class LeakyReLU: pass\n    return LeakyReLU()(x)",
        ),
        (
            "from tensorflow.nn import *\ndef leaky_relu(x, a): return tf.where(x > 0, x, a * x)\n"
            "def leaky_relu_tf(x, a): return leaky_relu(x, a)",
        ),
        ('def leaky_relu_tf(x, a):\n    """LeakyReLU"""\n    return tf.where(x > 0, x, a * x)',),
        # A setting of the library does not make the library of whatever calls it.
        (
            "import tensorflow as tf",
            "tf.keras.backend.flag = True",
            "def leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)",
            "tf.debugging.assert_near(leaky_relu_tf(1.0, 0.1), tf.nn.leaky_relu(1.0, 0.1))",
        ),
        # Names of the same letters that are others' own: a variable, an attribute.
        ("y = tf.nn.leaky_relu(1.0)", "def leaky_relu_tf(x, a):\n    y = -a * x\n    return y"),
        ("y = tf.nn.leaky_relu(1.0)", "leaky_relu_tf = lambda y, a: tf.where(y > 0, y, a * y)"),
        ("z = tf.nn.leaky_relu(1.0)", "def leaky_relu_tf(x, a): return [z for z in (x,)][0]"),
        (
            "class Ours:\n    def __init__(self):\n        self.f = keras.layers.LeakyReLU()",
            "class leaky_relu_tf:\n    def __call__(self, x, a):\n        return self.f(x)",
        ),
        (
            "def leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)",
            "tf.debugging.assert_near(leaky_relu_tf(1.0, 0.1), tf.nn.leaky_relu(1.0, 0.1))",
            "(leaky_relu_tf(1.0, 0.1)).numpy().all(tf.nn.leaky_relu(1.0, 0.1))",
        ),
        ('def leaky_relu_tf(x, a):\n    """LeakyReLU"""\n    return tf.where(x > 0, x, a * x)',),
        (
            "z = tf.nn.leaky_relu(1.0)\ngetattr(z, 'shape')",
            "def leaky_relu_tf(x, a):\n    f = lambda z: z\n    return tf.where(x > 0, x, a * x)",
        ),
        ("this is ( no Python", "def leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)"),
    ],
)
def test_a_builtin_beside_the_answer_costs_nothing(cells):
    assert builtin_in(*cells) is None


def test_a_builtin_is_found_on_its_own_line_below_a_magic():
    cell = "\n%%time\n\ndef leaky_relu_tf(x, a):\n    return tf.nn.leaky_relu(x, a)"
    assert builtin_in(cell)[:2] == (1, 5)


OWN_LAYER = """class prelu_tf(keras.layers.Layer):
    def __init__(self, n{parameter}):
        super().__init__({named})
        self.weight = self.add_weight((n,))
    def call(self, x): return tf.where(x > 0, x, self.weight * x)"""


@pytest.mark.parametrize(
    ("answer", "cells"),
    [
        ("prelu_tf", [OWN_LAYER.format(parameter="", named="name='prelu'")]),
        ("prelu_tf", [OWN_LAYER.format(parameter=", name='prelu'", named="name=name")]),
        (
            "prelu_tf",
            [
                OWN_LAYER.format(parameter="", named=""),
                "ref = keras.layers.PReLU()\nmine = prelu_tf(3)\nmine.weight = ref.weight",
            ],
        ),
        (
            "prelu_tf",
            [
                OWN_LAYER.format(parameter="", named=""),
                "ref = torch.nn.PReLU(3)\nref.weight.data = mine.weight.data",
            ],
        ),
        (
            "threshold_pt",
            [
                "class Step(torch.autograd.Function):\n"
                "    @staticmethod\n    def forward(ctx, x, threshold):\n"
                "        ctx.threshold = threshold\n        return x\n"
                "    @staticmethod\n    def backward(ctx, g):\n        return g * ctx.threshold\n"
                "def threshold_pt(x, threshold, value): return Step.apply(x, threshold)"
            ],
        ),
        (
            "threshold_pt",
            [
                "def threshold_pt(x, threshold, value):\n"
                "    if threshold is None: raise ValueError('threshold')\n"
                "    print('threshold')\n    return torch.where(x > threshold, x, value)"
            ],
        ),
        (
            "relu_pt",
            [
                "class Own:\n    @staticmethod\n    def relu(x): return x.clamp(min=0)\n"
                "def relu_pt(x): return Own.relu(x)"
            ],
        ),
        (
            "leaky_relu_pt",
            [
                "slope = 0.1\ndef leaky_relu_pt(x, a=slope): return torch.where(x > 0, x, a * x)",
                "for slope in (0.1, 0.2):\n    y = torch.nn.functional.leaky_relu(x, slope)\n"
                "with torch.no_grad():\n    for x in y: print(torch.nn.LeakyReLU(slope)(x))",
            ],
        ),
    ],
)
def test_what_only_has_the_name_of_a_builtin_costs_nothing(answer, cells):
    assert builtin_in(*cells, answer=answer) is None


@pytest.mark.parametrize(
    "cell",
    [
        "class Own:\n    def relu(x): return x\nOwn = torch\ndef relu_pt(x): return Own.relu(x)",
        "class Own:\n    def relu(x): return x\ndef f(Own, x): return Own.relu(x)\n"
        "def relu_pt(x): return f(torch, Own.relu(x))",
        "class Own:\n    def f(self): self.f = torch.relu\ndef relu_pt(x): return Own().f(x)",
        "def relu_pt(x):\n    'relu'\n    return getattr(torch, relu_pt.__doc__)(x)",
        "def relu_pt(x):\n    try: raise ValueError('relu')\n"
        "    except ValueError as e: return getattr(torch, e.args[0])(x)",
        "class Own:\n    def __init__(self): super().__init__(name='relu')\n"
        "def relu_pt(x): return getattr(torch, Own().name)(x)",
        "def given(name): return name\nrelu_pt = given(name=torch.relu)",
        "for relu_pt in [torch.relu]: pass",
        "from torch import relu as rectify\nkept = torch.nn\nkept.f = rectify\n"
        "def relu_pt(x): return torch.nn.f(x)",
        "with torch.no_grad():\n    if True:\n        f = torch.relu\nrelu_pt = f",
        "kept = torch.nn\nkept.f = torch.relu\ndef relu_pt(x): return torch.nn.f(x)",
    ],
)
def test_what_only_looks_as_if_it_had_the_name_of_a_builtin_is_found(cell):
    assert builtin_in(cell, answer="relu_pt")


def test_a_very_long_chain_of_conditions_is_read():
    chain = "if x: y = 1\n" + "elif x: y = 2\n" * 900
    assert builtin_in(chain + "relu_pt = torch.relu", answer="relu_pt")[1] == 902


def test_a_long_chain_of_names_is_followed_once():
    chain = "\n".join(f"v{i} = v{i + 1}" for i in range(20_000))
    start = time.process_time()
    assert builtin_in(chain + "\ndef leaky_relu_tf(x, a): return v0") is None
    assert time.process_time() - start < 20


def test_a_very_long_name_is_not_read():
    start = time.process_time()
    assert builtin_in(f"def leaky_relu_tf(x, a): return x.x{'_' * 300_000}x(a)") is None
    assert time.process_time() - start < 20


def test_a_line_of_many_statements_is_not_read_once_a_statement():
    line = ";".join(["leaky_relu_tf = 0"] * 20_000)
    tracemalloc.start()
    assert builtin_in(line) is None
    assert tracemalloc.get_traced_memory()[1] < 200e6
    tracemalloc.stop()
