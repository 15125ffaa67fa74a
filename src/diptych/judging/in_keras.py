"""How the worker builds, calls and differentiates an answer in Keras."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np

from diptych.judging.adapter import Adapter, flat, require_shape, require_tensors, weight_of
from diptych.judging.faults import Fault


class Keras(Adapter):
    base = "keras.layers.Layer"

    def __init__(self) -> None:
        import keras
        import tensorflow

        self.keras, self.tf = keras, tensorflow

    @contextlib.contextmanager
    def initial_settings(self) -> Iterator[None]:
        """Restore Keras's initial settings in this block; a notebook may have changed them."""
        config = self.keras.config
        before = config.floatx(), config.dtype_policy()
        config.set_floatx("float32")
        config.set_dtype_policy("float32")
        from tensorflow.python.eager import context

        try:
            # There is no other way to undo disable_eager_execution.
            with contextlib.nullcontext() if self.tf.executing_eagerly() else context.eager_mode():
                yield
        finally:
            config.set_floatx(before[0])
            config.set_dtype_policy(before[1])

    def tensor(self, x: np.ndarray):
        return self.tf.constant(x)

    def is_tensor(self, value: object) -> bool:
        return self.tf.is_tensor(value) or isinstance(value, self.keras.Variable)

    def numbers(self, value) -> np.ndarray:
        return np.array(value.numpy())

    def why_not(self, value) -> str:
        kind = type(value).__name__
        if "Symbolic" in kind or "Keras" in kind:
            return "is a symbolic tensor, which has no numbers: it was made where a graph is built"
        return f"is of type {kind}: make it an ordinary tensor"

    def build(self, layer, inputs) -> None:
        if not isinstance(layer, self.keras.layers.Layer):
            raise Fault("wrong_base", f"the class must be a subclass of {self.base}")
        if not layer.built:
            layer.build(*[x.shape for x in inputs])

    def assign(self, weight, value: np.ndarray, name: str) -> None:
        if not isinstance(weight, self.keras.Variable) or not weight.trainable:
            raise Fault(
                "not_learned",
                f".{name} must be trainable, and come from self.add_weight or keras.Variable: "
                "Keras does not see a plain tf.Variable",
            )
        self.hold(weight, value, name)

    def hold(self, array, value: np.ndarray, name: str) -> None:
        if not hasattr(array, "assign"):
            said = f".{name} must come from self.add_weight(…, trainable=False)"
            raise Fault("not_kept", said)
        require_shape(array, value, name)
        array.assign(value)

    def saved(self, layer, name: str):
        """The weight of this name if it is saved and not learned, else ``None``."""
        weight = weight_of(layer, name)
        return next((w for w in layer.non_trainable_weights if w is weight), None)

    def run(self, subject, inputs, weights, arguments, training, upstream_gradients):
        mode = {} if training is None else {"training": training}
        values = [getattr(w, "value", w) for w in weights]
        with self.tf.GradientTape() as tape:
            tape.watch([*inputs, *values])
            outputs = flat(subject(*inputs, *arguments, **mode))
            require_tensors(outputs, self.tf.is_tensor)
        cs = [self.tf.constant(c) for c in upstream_gradients[: len(outputs)]]
        gradients = [None] * (len(inputs) + len(values))
        if cs and all(
            c.shape == y.shape and y.dtype.is_floating for c, y in zip(cs, outputs, strict=False)
        ):
            cs = [self.tf.cast(c, y.dtype) for c, y in zip(cs, outputs, strict=False)]
            try:
                gradients = tape.gradient(
                    outputs[: len(cs)], [*inputs, *values], output_gradients=cs
                )
            except Exception as error:  # it costs only the points for gradients
                self.error = error
        gradients = [
            None if g is None else self.array(self.tf.convert_to_tensor(g), "the gradient")
            for g in gradients
        ]
        return [self.array(y) for y in outputs], gradients
