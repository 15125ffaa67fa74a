"""Copies weights between layers of the two frameworks: :func:`copy_weights`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from diptych.book.compare import framework_of, to_numpy
from diptych.book.weight_pairs import weights_of
from diptych.catalogue.weights import Move, Side, Weights, made

OF_FRAMEWORK = {"pytorch": "pytorch", "tensorflow": "keras"}


def copy_weights(source: object, target: object) -> None:
    """Copy the weights of the layer ``source`` to ``target``: one is PyTorch's, the other Keras's.

    The components of the book say which array is which, and how to transpose it. The function knows
    the layers of the book and their subclasses. Arrays keep the dtype of the target. Both layers
    must have weights: a Keras layer has them once it has been called, or after ``build(shape)``.

    Raises ``TypeError`` unless one is a module of PyTorch and the other a layer of Keras. Raises
    ``ValueError`` if the layers do not belong together, or if an array has no counterpart, the
    wrong shape or is missing in one layer. The error names all problems, and nothing is copied.

    >>> import keras, numpy, torch
    >>> prelu_pt, prelu_tf = torch.nn.PReLU(3, init=0.1), keras.layers.PReLU()
    >>> prelu_tf.build((None, 3))
    >>> copy_weights(prelu_pt, prelu_tf)
    >>> prelu_tf.alpha.numpy()
    array([0.1, 0.1, 0.1], dtype=float32)
    """
    layers = {_side_of(source): source, _side_of(target): target}
    if set(layers) != {"pytorch", "keras"}:
        found = f"{type(source).__name__} and {type(target).__name__}"
        raise TypeError(f"one layer must be PyTorch's and the other Keras's, but these are {found}")
    weights = weights_of(**layers)
    _require_arrays(**layers)
    to = _side_of(target)
    problems = list(_not_named(weights, layers))
    writes: list[tuple[str, np.ndarray]] = []
    for move in weights.moves:
        if move.is_carried:
            try:
                writes += _written(move, layers, to)
            except ValueError as error:
                problems.append(str(error))
    if problems:
        raise ValueError(
            f"nothing is copied from {type(source).__name__} to {type(target).__name__}: "
            + "; ".join(problems)
        )
    for name, array in writes:
        _assign(_array(target, name), array)


def _side_of(layer: object) -> str:
    return OF_FRAMEWORK.get(framework_of(layer), "neither")


def _require_arrays(pytorch: object, keras: object) -> None:
    import torch

    lazy = torch.nn.parameter.UninitializedTensorMixin
    if not keras.built or any(isinstance(p, lazy) for p in pytorch.parameters()):
        empty = pytorch if keras.built else keras
        raise ValueError(
            f"{type(empty).__name__} has no weights yet: call it once on an input, "
            "so that their shapes are known"
        )


def _not_named(weights: Weights, layers: dict) -> Iterator[str]:
    """One sentence for each array of the layers that no move names."""
    names = {side: {n for m in weights.moves for n in getattr(m, side).names} for side in layers}
    for name in layers["pytorch"].state_dict():
        if name not in names["pytorch"]:
            yield f"{type(layers['pytorch']).__name__}.{name} has no counterpart in the Keras layer"
    known = {id(_array(layers["keras"], name)) for name in names["keras"]}
    for variable in layers["keras"].weights:
        if id(variable) not in known:
            name = f"{type(layers['keras']).__name__}.{variable.name}"
            yield f"{name} has no counterpart in the PyTorch layer"


def _array(layer: object, name: str) -> object:
    """The parameter or variable behind a dotted name; ``None`` where the layer has none."""
    for part in name.split("."):
        layer = getattr(layer, part, None)
    return layer


def _written(move: Move, layers: dict, to: str) -> list[tuple[str, np.ndarray]]:
    """Name and new numbers of each array that a move writes; empty if neither layer has it.

    ``to`` is the side of the target. Raises ``ValueError`` if only one layer has it, or if shapes
    differ.
    """
    at = "keras" if to == "pytorch" else "pytorch"
    goal: Side = getattr(move, to)
    given = {name: _array(layers[at], name) for name in getattr(move, at).names}
    wanted = {name: _array(layers[to], name) for name in goal.names}
    if all(array is None for array in (*given.values(), *wanted.values())):
        return []
    for side, arrays in ((at, given), (to, wanted)):
        for name, array in arrays.items():
            if array is None:
                raise ValueError(
                    f"{type(layers[side]).__name__} has no {name}; the other layer has"
                )
    shapes = {name: tuple(array.shape) for name, array in wanted.items()}
    first = next(iter(shapes.values()))
    try:
        values = made(goal, {name: to_numpy(array) for name, array in given.items()}, first)
    except (ValueError, IndexError) as error:
        raise ValueError(f"{', '.join(goal.names)} cannot be made: {error}") from None
    for (name, shape), value in zip(shapes.items(), values, strict=True):
        if value.shape != shape:
            raise ValueError(f"{name} has shape {shape}, but the copied array has {value.shape}")
    return list(zip(shapes, values, strict=True))


def _assign(array: object, value: np.ndarray) -> None:
    if framework_of(array) == "tensorflow":
        array.assign(value)
        return
    import torch

    with torch.no_grad():
        array.copy_(torch.from_numpy(np.array(value)))
