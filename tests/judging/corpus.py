"""Reads right and wrong answers in a short form, and makes functions and classes of them.

A line without indentation is a heading, with an answer's name and parameters. Each line below it is
an answer: the body of a function, with ``¶`` between its lines, of which the last is the returned
expression. For a layer it is the body of ``forward`` or ``call``; if the constructor is not the
usual one, its body comes first, before ``=>``.
"""

import ast
import math
from pathlib import Path

import torch

from tests.judging.answers import NAMES

HERE = Path(__file__).parent
FRAMEWORKS = {"pt": "pytorch", "tf": "tensorflow"}
LAYER = {
    "pt": "class {name}(nn.Module):\n    def __init__(self, {parameters}):\n"
    "        super().__init__()\n        {start}\n    def forward(self, x):\n        {body}\n",
    "tf": "class {name}(keras.layers.Layer):\n    def __init__(self, {parameters}):\n"
    "        super().__init__()\n        {start}\n    def call(self, x{mode}):\n        {body}\n",
}
START = {
    "prelu_pt": "self.weight = nn.Parameter(torch.full((n_channels,), 0.25))",
    "prelu_tf": "self.weight = self.add_weight((n_channels,), keras.initializers.Constant(0.25))",
    "rrelu_pt": "self.lower, self.upper = lower, upper",
    "rrelu_tf": "self.lower, self.upper = lower, upper",
    "centred_pt": "self.momentum = momentum; self.register_buffer('mean', torch.tensor(start))",
    "repaired_rating_pt": "self.users = nn.Parameter(torch.randn(n_users, size)); "
    "self.items = nn.Parameter(torch.randn(n_items, size))",
    "repaired_rating_tf": "self.users = self.add_weight((n_users, size)); "
    "self.items = self.add_weight((n_items, size))",
    "centred_tf": "self.momentum = momentum; self.mean = keras.Variable(start, trainable=False)",
    "own_dense_pt": "self.weight = nn.Parameter(torch.randn(n_in, n_out)); "
    "self.bias = nn.Parameter(torch.zeros(n_out))",
    "own_dense_tf": "self.weight = self.add_weight((n_in, n_out)); "
    "self.bias = self.add_weight((n_out,), 'zeros')",
    "dropout_pt": "self.rate = rate",
    "dropout_tf": "self.rate = rate",
    "spatial_dropout_pt": "self.rate, self.axis = rate, axis",
    "spatial_dropout_tf": "self.rate, self.axis = rate, axis",
    "alpha_dropout_pt": "self.rate = rate",
    "alpha_dropout_tf": "self.rate = rate",
    "batch_norm_pt": "self.momentum, self.eps = momentum, eps; "
    "self.weight = nn.Parameter(torch.ones(n_channels)); "
    "self.bias = nn.Parameter(torch.zeros(n_channels)); "
    "self.running_mean = nn.Buffer(torch.zeros(n_channels)); "
    "self.running_var = nn.Buffer(torch.ones(n_channels))",
    "batch_norm_tf": "self.momentum, self.eps = momentum, eps; c = (n_channels,); "
    "self.weight = self.add_weight(c, 'ones'); self.bias = self.add_weight(c, 'zeros'); "
    "self.running_mean = self.add_weight(c, 'zeros', trainable=False); "
    "self.running_var = self.add_weight(c, 'ones', trainable=False)",
    "calibrated_pt": "self.largest = nn.Buffer(torch.tensor(start))",
    "calibrated_tf": "self.largest = keras.Variable(start, trainable=False)",
}


class Hand(torch.autograd.Function):
    """A gradient written by hand, in an expression: ``Hand.of(value, gradient)(x)``."""

    @classmethod
    def of(cls, value, gradient):
        return lambda x: cls.apply(x, value, gradient)

    @staticmethod
    def forward(ctx, x, value, gradient):
        ctx.save_for_backward(x)
        ctx.gradient = gradient
        return value(x)

    @staticmethod
    def backward(ctx, upstream):
        return ctx.gradient(upstream, *ctx.saved_tensors), None, None


def read(file):
    """Name, parameters, and text of each answer in a file of this folder."""
    name = parameters = None
    for line in (HERE / file).read_text().splitlines():
        if line.split("(")[0][-3:] in ("_pt", "_tf") and line.endswith(")") and "#" not in line:
            name, parameters = line[:-1].split("(", 1)
        elif line.strip():
            yield name, parameters, line


def source(name, parameters, code):
    """The Python that an answer stands for."""
    start, _, body = code.rpartition(" => ")
    lines = [line.strip() for line in body.split("¶")]
    if isinstance(ast.parse(lines[-1]).body[-1], ast.Expr):
        lines[-1] = f"return {lines[-1]}"
    if name not in START:
        return f"def {name}({parameters}):\n    " + "\n    ".join(lines) + "\n"
    return LAYER[name[-2:]].format(
        name=name,
        parameters=parameters,
        start=start or START[name],
        mode=", training=False" if name != "prelu_tf" else "",
        body="\n        ".join(lines),
    )


def made(name, parameters, code):
    names = NAMES | {"Hand": Hand, "math": math}
    exec(source(name, parameters, code), names)
    return names[name]
