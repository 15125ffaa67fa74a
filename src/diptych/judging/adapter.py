"""What the worker needs of a framework, and what is the same for both."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diptych.judging.faults import Fault


class Adapter:
    """What the worker needs of a framework. ``error`` is what differentiating raised."""

    error: Exception | None = None

    def array(self, value: object, what: str = "what came back") -> np.ndarray:
        if not self.is_tensor(value):
            raise no_numbers(value, what)
        try:
            return self.numbers(value)
        except Exception as error:  # sparse, ragged, without data, of a type that NumPy has not
            raise Fault("not_a_tensor", f"{what} {self.why_not(value)}") from error


def weight_of(subject: object, name: str) -> object:
    try:
        return getattr(subject, name)
    except AttributeError:
        raise Fault("no_weight", f"there is no attribute .{name} once the layer is built") from None


def require_shape(array, value: np.ndarray, name: str) -> None:
    if tuple(array.shape) != value.shape:
        found = f".{name} has shape {tuple(array.shape)}, not {value.shape}"
        raise Fault("weight_shape", found)


def flat(outputs: object) -> list:
    if isinstance(outputs, list | tuple):
        return [leaf for output in outputs for leaf in flat(output)]
    return [outputs]


def require_tensors(outputs: list, is_tensor: Callable[[object], bool]) -> None:
    for output in outputs:
        if output is None:
            one_of_many = "None came back where a tensor belongs: did a gradient see its variable?"
            nothing = "nothing came back: is there a return?"
            raise Fault("not_a_tensor", one_of_many if len(outputs) > 1 else nothing)
        if not is_tensor(output):
            kind = type(output).__name__
            raise Fault("not_a_tensor", f"an object of type {kind} came back, not a tensor")


def no_numbers(value: object, what: str) -> Fault:
    kind = type(value).__name__
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    return Fault("not_a_tensor", f"{what} is {article} {kind}, not a tensor")
