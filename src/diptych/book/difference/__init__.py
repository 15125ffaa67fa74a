"""Compares two models layer by layer, and finds where they differ: :func:`first_difference`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from diptych.book.difference import causes as why
from diptych.book.difference.causes import Cause
from diptych.book.difference.in_keras import run_keras
from diptych.book.difference.in_torch import run_torch
from diptych.book.difference.layouts import difference, first_axis, last_axis
from diptych.book.difference.pairing import paired
from diptych.book.difference.place import Place
from diptych.book.difference.recording import Record, Run
from diptych.book.difference.rows import Comparison, Row, row_of
from diptych.catalogue.exercise import upstream_gradient


def first_difference(
    torch_model: object,
    keras_model: object,
    inputs: np.ndarray | list[np.ndarray] | tuple[np.ndarray, ...],
    *,
    pairs: Mapping[str, str] | None = None,
    channels_first: bool | None = None,
    training: bool = False,
    rtol: float = 1e-4,
    atol: float = 1e-5,
) -> Comparison:
    """Run both models on the same inputs, and find the first layer whose outputs differ.

    ``inputs`` is an array, or a list of them, in Keras's layout: (batch, height, width, channels)
    for images, integers for an ``Embedding``. PyTorch gets arrays with at least four axes channels
    first, and those with three axes if its first layer is one such as ``Conv1d``. Pass
    ``channels_first=True`` or ``False`` to decide this for all arrays. The Keras model, functional
    or sequential, is called with ``training``; the PyTorch model runs in its present mode. Neither
    model is changed.

    Layers are paired by order, kind and shape, or by ``pairs``, which maps names in PyTorch to
    names in Keras. The activation inside a Keras layer counts as a layer, ``"dense.activation"``. A
    packed sequence is compared at its own steps. If a layer has the wrong shape, and a layer around
    it or behind it crops the output to the right one, the two count as one layer. Outputs agree if
    ``|a - b| <= atol + rtol * max(|a|, |b|)``. The gradients are those of the weighted sum of the
    model's output with respect to the output of the layer. The weights are fixed numbers between ½
    and 1½: with equal weights, gradients in front of a softmax would be 0.

    Raises ``TypeError`` for models of other kinds, and ``ValueError`` if a model has no weights yet
    or cannot run on the inputs, or if no layers can be paired.

    >>> import keras, torch
    >>> net_pt = torch.nn.Sequential(torch.nn.BatchNorm1d(3)).eval()
    >>> net_tf = keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization(name="bn")])
    >>> first_difference(net_pt, net_tf, np.ones((2, 3))).first.pytorch
    '0'
    """
    _require_models(torch_model, keras_model)
    arrays = [np.asarray(x) for x in (inputs if isinstance(inputs, list | tuple) else [inputs])]
    moved = [first_axis(x) if _moves(torch_model, x, channels_first) else x for x in arrays]
    in_keras = run_keras(keras_model, arrays, training)
    in_torch = run_torch(torch_model, moved)
    _differentiate(in_torch, in_keras)
    found = paired(in_torch.records, in_keras.records, pairs)
    if not (_is_output(found[-1][0], in_torch) and _is_output(found[-1][1], in_keras)):
        found.append((_end(in_torch), _end(in_keras)))
    rows: list[Row] = []
    for a, b in found:
        rows.append(row_of(a, b, bool(rows) and rows[-1].reordered, rtol, atol))
    first = next((i for i, row in enumerate(rows) if not (row.agrees or row.reordered)), None)
    said: list[Cause] = []
    if first is not None:
        said = why.causes(_place(first, found, in_torch, in_keras, training, rtol, atol))
    elif not all(row.gradient_agrees for row in rows):
        last = max(i for i, row in enumerate(rows) if not row.gradient_agrees)
        first = min(last + 1, len(rows) - 1)
        said = [Cause(_backward(rows[last]), why.READ)]
    return Comparison(tuple(rows), None if first is None else rows[first], tuple(said), rtol, atol)


def _require_models(torch_model: object, keras_model: object) -> None:
    import keras
    import torch

    if not isinstance(torch_model, torch.nn.Module) or not isinstance(keras_model, keras.Model):
        found = f"{type(torch_model).__name__} and {type(keras_model).__name__}"
        raise TypeError(
            "the first model must be a torch.nn.Module and the second a keras.Model, "
            f"but these are {found}"
        )
    lazy = torch.nn.parameter.UninitializedTensorMixin
    if not keras_model.built or any(isinstance(p, lazy) for p in torch_model.parameters()):
        side = "PyTorch" if keras_model.built else "Keras"
        raise ValueError(f"the {side} model has no weights yet: call it once on an input")


def _moves(model: object, x: np.ndarray, channels_first: bool | None) -> bool:
    """Whether PyTorch gets this array channels first."""
    if x.ndim < 3 or (x.dtype.kind != "f" and x.ndim == 3):
        return False
    if channels_first is not None or x.ndim > 3:
        return channels_first is not False
    leaves = (m for m in model.modules() if not any(True for _ in m.children()))
    return type(next(leaves)).__name__.endswith("1d")


def _differentiate(in_torch: Run, in_keras: Run) -> None:
    """Differentiate both runs, if the final outputs have the same shape in some layout."""
    upstream = upstream_gradient(in_keras.output.shape)
    ways = [(in_torch.output, upstream)]
    if in_torch.output.ndim > 2:
        ways.append((last_axis(in_torch.output), first_axis(upstream)))
    ways = [(y, weight) for y, weight in ways if y.shape == in_keras.output.shape]
    if ways:
        in_keras.differentiate(upstream)
        in_torch.differentiate(min(ways, key=lambda w: difference(w[0], in_keras.output))[1])


def _is_output(record: Record, run: Run) -> bool:
    """Whether the output of this layer is the output of the model."""
    return np.array_equal(record.outputs[0], run.output)


def _end(run: Run) -> Record:
    """A record for the model's output, so that it gets a row, too."""
    record = Record("(output)", None, (run.output,), {}, [])
    record.outputs, record.gradients = [run.output], [None]
    return record


def _place(first, found, in_torch, in_keras, training, rtol, atol) -> Place:
    """The first pair that differs, with the layers that each model ran since the pair before."""
    skipped = []
    for side, run in enumerate((in_torch, in_keras)):
        at = [id(r) for r in run.records]
        start = at.index(id(found[first - 1][side])) + 1 if first else 0
        last = found[first][side]
        stop = at.index(id(last)) if id(last) in at else len(at)
        skipped.append([r for r in run.records[start:stop] if r.is_leaf])
    before = found[first - 1][0] if first else None
    return Place(*found[first], *skipped, before, training, rtol, atol)


def _backward(row: Row) -> str:
    return (
        f'the outputs agree, but the gradient that reaches "{row.pytorch}" differs: look behind it '
        "for `detach`, `no_grad` or a kink"
    )
