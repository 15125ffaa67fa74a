"""Why a layer of two models differs: :func:`causes`, with how each cause is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from diptych.book.compare import to_numpy
from diptych.book.difference.copies import Copy, of_keras
from diptych.book.difference.pairing import close, first_axis, fit, is_activation, reordered, turned
from diptych.book.difference.recording import Record, tensors_in
from diptych.book.difference.trials import tried

TESTED, READ, LIKELY = "tested", "read off the layers", "likely"


@dataclass(frozen=True)
class Cause:
    """A sentence, and how it is known.

    ``how`` is "tested" where the outputs agree with this one change, "read off the layers" where
    their attributes say so, and else "likely".
    """

    sentence: str
    how: str

    def __str__(self) -> str:
        return f"likely: {self.sentence}" if self.how == LIKELY else f"{self.sentence} ({self.how})"


@dataclass
class Place:
    """Where two models part: a pair of layers, and what each model ran since the pair before."""

    record: Record
    keras: Record
    skipped_torch: list[Record]
    skipped_keras: list[Record]
    before: Record | None  # the PyTorch layer of the pair before
    training: bool
    rtol: float
    atol: float

    def same(self, a: np.ndarray | None, b: np.ndarray | None) -> bool:
        """Whether an array of PyTorch has the numbers of one of Keras, in Keras's layout."""
        if a is None or b is None:
            return False
        a = turned(a, b)
        return a is not None and close(a, b, self.rtol, self.atol)

    def agrees(self, changed: Record) -> bool:
        view = fit(changed, self.keras)
        if view is None:
            return False
        number, turn = view
        return close(turn(changed.outputs[number]), self.keras.outputs[0], self.rtol, self.atol)


def causes(place: Place) -> list[Cause]:
    """What is different there: what was tested, else what attributes say, else what is likely."""
    lies_before = list(between(place))
    if lies_before and (place.record.layer is None or _right_on_the_other_input(place)):
        return [Cause(said, TESTED) for said in lies_before]
    for found, how in (
        (_tried(place), TESTED),
        (_in_keras(place), TESTED),
        (attributes(place.record.layer, place.keras.layer), READ),
        (lies_before, LIKELY),
    ):
        if said := [Cause(sentence, how) for sentence in found]:
            return said
    return [Cause(_guess(place), LIKELY)]


def _right_on_the_other_input(place: Place) -> bool:
    """Whether the PyTorch layer returns what Keras's does, if it gets Keras's input."""
    import torch

    there = place.keras.input
    for array in (there, first_axis(there)) if there.ndim > 2 else (there,):
        try:
            changed = Copy.of(place.record, place.keras, place.training)
            changed.inputs[0] = torch.tensor(array, dtype=changed.inputs[0].dtype)
            if place.agrees(changed.run()):
                return True
        except (RuntimeError, ValueError, TypeError, IndexError):
            continue
    return False


def _tried(place: Place) -> Iterator[str]:
    import torch

    if isinstance(place.record.layer, torch.nn.Module):
        yield from tried(place.record, place.keras, place.training, place.agrees)


FUNCTIONS = ("relu", "gelu", "tanh", "sigmoid", "silu", "elu", "selu", "softplus", "leaky_relu")


def between(place: Place) -> Iterator[str]:
    """What one model computes in front of the layer, and the other does not."""
    x, there = place.record.input, place.keras.input
    if x is None or there is None or place.same(x, there):
        return
    if reordered(x, there, place.rtol, place.atol):  # behind Flatten
        return
    for skipped in place.skipped_keras:
        if place.same(x, skipped.input):
            yield f'PyTorch computes nothing where Keras has "{skipped.name}"{_called(skipped)}'
            return
    for skipped in place.skipped_torch:
        if skipped.input is not None and place.same(skipped.input, there):
            yield f'Keras computes nothing where PyTorch has "{skipped.name}"{_called(skipped)}'
            return
    if applied := _applied(place, x):
        wanted = next((s for s in place.skipped_keras if is_activation(s.layer)), None)
        has = f'Keras has "{wanted.name}"{_called(wanted)}' if wanted else "Keras has nothing there"
        yield f"PyTorch applies `F.{applied}` in front of the layer, {has}"


def _called(record: Record) -> str:
    name = getattr(record.layer, "__name__", type(record.layer).__name__)
    return f" (`{name}`)"


def _applied(place: Place, x: np.ndarray) -> str | None:
    """The activation that leads from the layer before to this input in PyTorch."""
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


def _in_keras(place: Place) -> Iterator[str]:
    """Changes of the Keras layer with which it returns what PyTorch did."""
    layer, options = place.keras.layer, dict(place.keras.options)
    mask = options.pop("mask", None)
    masks = any(not np.all(to_numpy(m)) for m in tensors_in([mask]))
    if masks and _returns(place, lambda: layer.call(*place.keras.arguments, **options)):
        yield "Keras leaves out the steps that its mask marks, PyTorch computes all of them"
        return
    if type(layer).__name__ == "Attention" and not getattr(layer, "use_scale", True):
        query, *others = tensors_in(place.keras.arguments)
        scaled = [query / float(query.shape[-1]) ** 0.5, *others]
        if _returns(place, lambda: layer.call(scaled, **place.keras.options)):
            yield "PyTorch divides the scores by the root of the query's size, Keras does not"


def _returns(place: Place, call: Callable) -> bool:
    try:
        result = tensors_in(call())
    except (ValueError, TypeError):
        return False
    return any(place.same(output, to_numpy(result[0])) for output in _seen(place))


def _seen(place: Place) -> list[np.ndarray]:
    view = fit(place.record, place.keras)
    return [view[1](place.record.outputs[view[0]])] if view else []


# What an attribute is called in each framework.
NAMES = (
    *(("stride", "strides"), ("dilation", "dilation_rate"), ("groups", "groups")),
    *(("kernel_size", "kernel_size"), ("kernel_size", "pool_size"), ("p", "rate")),
    *(("eps", "epsilon"), ("negative_slope", "negative_slope"), ("alpha", "alpha")),
    *(("num_heads", "num_heads"), ("hidden_size", "units"), ("out_features", "units")),
    *(("out_channels", "filters"),),
)


def attributes(layer: object, keras: object) -> Iterator[str]:
    """What the attributes of the two layers differ in."""
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


def momentum(layer: object, keras: object) -> str | None:
    """What BatchNorm's momentum differs in, which no output of this step shows."""
    here, there = getattr(layer, "momentum", None), getattr(keras, "momentum", None)
    if here is None or there is None or abs(1 - there - here) < 1e-9:
        return None
    return (
        f"`momentum` is {here:g} in PyTorch, {there:g} in Keras: for the same running statistics "
        f"PyTorch needs {1 - there:.4g}"
    )


def _guess(place: Place) -> str:
    x, there = place.record.input, place.keras.input
    if x is not None and there is not None and not place.same(x, there):
        names = ", ".join(f'"{record.name}"' for record in place.skipped_keras)
        has = f"; Keras has {names} there" if names else ""
        return f"what is computed between the pair before and this layer: its inputs differ{has}"
    layer = place.record.layer
    if hasattr(layer, "parameters") and any(True for _ in layer.parameters()):
        return "the weights, or an argument of the layer: the inputs agree"
    return "an argument of the layer: the inputs agree"
