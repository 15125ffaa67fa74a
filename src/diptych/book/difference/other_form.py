"""Tries changes of the Keras layer that PyTorch cannot make: :func:`other_form`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from diptych.book.compare import to_numpy
from diptych.book.difference.layouts import fitting
from diptych.book.difference.place import Place
from diptych.book.difference.recording import tensors_in


def other_form(place: Place) -> Iterator[str]:
    """A sentence on the change after which Keras returns PyTorch's output, if one is found."""
    layer, options = place.keras.layer, dict(place.keras.options)
    mask = options.pop("mask", None)
    masks = any(not np.all(to_numpy(m)) for m in tensors_in([mask]))
    inputs = tensors_in(place.keras.arguments)
    unmasked = map(_unmasked, place.keras.arguments if masks else ())
    if masks and _returns(place, lambda: layer.call(*unmasked, **options)):
        yield "Keras leaves out the steps that its mask marks, PyTorch computes all of them"
        return
    if type(layer).__name__ == "Attention" and not getattr(layer, "use_scale", True):
        query, *others = inputs
        scaled = [query / float(query.shape[-1]) ** 0.5, *others]
        if _returns(place, lambda: layer.call(scaled, **place.keras.options)):
            yield "PyTorch divides the scores by the root of the query's size, Keras does not"
    if type(layer).__name__ == "Normalization":
        (x,) = inputs
        if _returns(place, lambda: x):
            yield "PyTorch returns its input: Keras's `mean` and `variance` were not copied"
        elif _returns(place, lambda: (x - layer.mean) / layer.variance):
            yield "PyTorch divides by the variance, Keras by its root, the standard deviation"


def _unmasked(argument: object) -> object:
    """Copies of the tensors, without the mask that Keras keeps as their attribute."""
    import keras

    def copied(x):
        return keras.ops.copy(x) if hasattr(x, "dtype") else x

    return keras.tree.map_structure(copied, argument)


def _returns(place: Place, call: Callable) -> bool:
    try:
        result = tensors_in(call())
    except (ValueError, TypeError):
        return False
    outputs, ways = place.record.outputs, fitting(place.record, place.keras)
    return any(place.same(turn(outputs[n]), to_numpy(result[0])) for n, turn in ways)
