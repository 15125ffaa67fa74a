"""Compares the attributes of two layers: :func:`attributes`, :func:`notes`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from diptych.book.difference.copies import of_keras
from diptych.book.difference.pairing import is_activation

# The names of an attribute in PyTorch and in Keras.
NAMES = (
    *(("stride", "strides"), ("dilation", "dilation_rate"), ("groups", "groups")),
    *(("kernel_size", "kernel_size"), ("kernel_size", "pool_size"), ("p", "rate")),
    *(("eps", "epsilon"), ("negative_slope", "negative_slope"), ("alpha", "alpha")),
    *(("num_heads", "num_heads"), ("hidden_size", "units"), ("out_features", "units")),
    *(("out_channels", "filters"),),
)


def attributes(layer: object, keras: object) -> Iterator[str]:
    """One sentence for each attribute that differs."""
    for here, there in NAMES:
        a, b = getattr(layer, here, None), of_keras(keras, there)
        if a is not None and b is not None and not np.all(np.asarray(a) == np.asarray(b)):
            yield f"`{here}` is {a} in PyTorch, `{there}` is {b} in Keras"
    if getattr(keras, "reset_after", True) is False:
        yield "`reset_after` is False in Keras, and PyTorch's GRU has no such form"
    if is_activation(layer) and is_activation(keras):
        a, b = type(layer).__name__, getattr(keras, "__name__", type(keras).__name__)
        if a.lower().replace("_", "") != b.lower().replace("_", ""):
            inside = getattr(keras, "activation", None)
            b = f"{b}({inside.__name__})" if b == "Activation" else b
            yield f"the activation is `{a}` in PyTorch, `{b}` in Keras"


def notes(layer: object, keras: object) -> Iterator[str]:
    """Differences that matter for further training, but change no output of this run."""
    here, there = getattr(layer, "momentum", None), getattr(keras, "momentum", None)
    if None not in (here, there) and abs(1 - there - here) > 1e-9:
        yield (
            f"`momentum` is {here:g} in PyTorch, {there:g} in Keras: for the same running "
            f"statistics PyTorch needs {1 - there:.4g}"
        )
    here, there = getattr(layer, "p", None), getattr(keras, "rate", None)
    if None not in (here, there) and here != there:
        yield f"`p` is {here:g} in PyTorch, `rate` is {there:g} in Keras"
    if getattr(keras, "kernel_regularizer", None):
        yield "`kernel_regularizer` adds to Keras's loss: in PyTorch add the penalty yourself"
