"""Runs a Keras model, and records each layer: :func:`run_keras`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import numpy as np

from diptych.book.compare import to_numpy
from diptych.book.difference.recording import Record, Run, failed, numbered, tensors_in


def keras_layers(model: object, prefix: str = "") -> list[tuple[str, object, bool]]:
    """Name, layer, and whether it has no parts, for each layer in a model and its inner models."""
    import keras

    found = []
    for layer in model._flatten_layers(include_self=False, recursive=False):
        if isinstance(layer, keras.layers.InputLayer):
            continue
        own = type(layer).__module__.startswith("keras.")
        parts = list(layer._flatten_layers(include_self=False, recursive=False))
        leaf = not isinstance(layer, keras.Model) and (own or not parts)
        if not (
            isinstance(model, keras.Sequential)
            and isinstance(layer, keras.Model)
            and layer is getattr(model, "_functional", None)
        ):
            found.append((f"{prefix}{layer.name}", layer, leaf))
            found += [] if leaf else keras_layers(layer, f"{prefix}{layer.name}.")
    return found


def run_keras(model: object, arrays: Sequence[np.ndarray], training: bool) -> Run:
    """Run a model with this ``training``; raises ``ValueError`` if the inputs do not fit.

    The activation inside a layer has a record of its own, ``dense.activation``. The record of the
    layer holds the input of this activation.
    """
    import keras
    import tensorflow as tf

    records: list[Record] = []
    inputs = [tf.constant(a, tf.float32 if a.dtype.kind == "f" else None) for a in arrays]
    before = [variable.numpy() for variable in model.variables]
    with tf.GradientTape(persistent=True) as tape, ExitStack() as stack:

        def keep(name, layer, leaf, arguments, options, result):
            tensors = tensors_in(result)
            tape.watch([t for t in tensors if t.dtype.is_floating])
            name = numbered(name, records)
            records.append(Record(name, layer, arguments, options, tensors, leaf))

        for name, layer, leaf in keras_layers(model):
            _wrap(stack, layer, name, leaf, keep)
        try:
            result = model(inputs[0] if len(inputs) == 1 else inputs, training=training)
            output = tensors_in(result)[0]
        except Exception as error:
            raise failed("Keras", records, error) from error
        finally:
            for variable, value in zip(model.variables, before, strict=True):
                if not np.array_equal(variable.numpy(), value):
                    variable.assign(value)

    def differentiate(upstream: np.ndarray) -> None:
        tensors = [t for record in records for t in record.tensors]
        found = iter(tape.gradient(output, tensors, tf.constant(upstream, output.dtype)))
        for record in records:
            gradients = [next(found) for _ in record.tensors]
            record.gradients = [
                None if g is None else to_numpy(keras.ops.convert_to_tensor(g)) for g in gradients
            ]

    return Run(records, to_numpy(output), differentiate)


def _wrap(stack: ExitStack, layer: object, name: str, leaf: bool, keep: Callable) -> None:
    """Call ``keep`` after each call of the layer, until the stack ends."""
    import keras

    call, own = layer.call, vars(layer)
    inside = own.get("activation") if leaf else None
    inside = None if inside is keras.activations.linear else inside
    if not callable(inside) or isinstance(layer, keras.layers.Activation):
        inside = None
    seen: list = []

    def wrapped(*arguments, **options):
        seen.clear()
        result = call(*arguments, **options)
        keep(name, layer, leaf, arguments, options, seen[0] if seen else result)
        if seen:
            keep(f"{name}.activation", inside, True, (seen[0],), {}, result)
        return result

    def activation(x, *arguments, **options):
        seen.append(x)
        return inside(x, *arguments, **options)

    own["call"] = wrapped  # not by setattr, which Keras uses to track layers and weights
    stack.callback(own.pop, "call")
    if inside is not None:
        own["activation"] = activation
        stack.callback(own.__setitem__, "activation", inside)
