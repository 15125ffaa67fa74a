"""Finds what only one model computes in front of a layer: :func:`between`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from diptych.book.difference.layouts import close, is_recurrent, reordered
from diptych.book.difference.pairing import is_activation
from diptych.book.difference.place import Place
from diptych.book.difference.recording import Record

FUNCTIONS = ("relu", "gelu", "tanh", "sigmoid", "silu", "elu", "selu", "softplus", "leaky_relu")


def between(place: Place) -> Iterator[str]:
    """A sentence on what only one model computes in front of the layer, if that can be told."""
    x, there = place.record.input, place.there
    if x is None or there is None or place.same(x, there):
        return
    if reordered(x, there, place.rtol, place.atol):  # behind Flatten
        return
    if _last_column(place, x):
        yield (
            "PyTorch passes on the last column of the recurrent layer's outputs, which is not the "
            "last state: take that, `h`"
        )
        return
    for skipped in place.skipped_keras:
        if place.same(x, skipped.input):
            yield f'PyTorch computes nothing where Keras has "{skipped.name}"{called(skipped)}'
            return
    for skipped in place.skipped_torch:
        if skipped.input is not None and place.same(skipped.input, there):
            yield f'Keras computes nothing where PyTorch has "{skipped.name}"{called(skipped)}'
            return
    if applied := _applied(place, x):
        wanted = next((s for s in place.skipped_keras if is_activation(s.layer)), None)
        has = f'Keras has "{wanted.name}"{called(wanted)}' if wanted else "Keras has nothing there"
        yield f"PyTorch applies `F.{applied}` in front of the layer, {has}"


def _last_column(place: Place, x: np.ndarray) -> bool:
    """Whether PyTorch passes on the last column of a recurrent layer's outputs.

    This is not the last state in a bidirectional layer, or behind the end of a short sequence.
    """
    if place.before is None or not is_recurrent(place.before.layer):
        return False
    y = place.before.outputs[0]
    columns = [y[:, -1], y[-1]] if y.ndim == 3 else []
    return any(place.same(x, column) for column in columns)


def called(record: Record) -> str:
    """The class or function of a layer, in parentheses."""
    name = getattr(record.layer, "__name__", type(record.layer).__name__)
    return f" (`{name}`)"


def _applied(place: Place, x: np.ndarray) -> str | None:
    """The name of the activation that PyTorch applies between the layer before and this input."""
    import torch
    import torch.nn.functional as F

    if place.before is None:
        return None
    y = place.before.outputs[0]
    for name in FUNCTIONS:
        made = getattr(F, name)(torch.tensor(y)).numpy() if y.dtype.kind == "f" else y
        changes = made.shape == x.shape and not close(y, x, place.rtol, place.atol)
        if changes and close(made, x, place.rtol, place.atol):
            return name
    return None
