"""The interface between the worker and a framework, and the code that both frameworks share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diptych.judging.faults import Fault


class Adapter:
    """Builds, calls and differentiates answers in one framework; each framework has a subclass.

    ``base`` is the name of the class of layers. ``error`` is what differentiating raised, if it
    did.
    """

    base = ""
    error: Exception | None = None

    def array(self, value: object, what: str = "what came back") -> np.ndarray:
        """The numbers of a tensor; raises :class:`Fault`, in which ``what`` names the value."""
        if not self.is_tensor(value):
            raise no_numbers(value, what)
        try:
            return self.numbers(value)
        except Exception as error:  # sparse, ragged, without data, or of a dtype that NumPy lacks
            raise Fault("not_a_tensor", f"{what} {self.why_not(value)}") from error


def weight_of(subject: object, name: str) -> object:
    """The attribute of a layer; raises :class:`Fault` if there is none."""
    try:
        return getattr(subject, name)
    except AttributeError:
        raise Fault("no_weight", f"there is no attribute .{name} once the layer is built") from None


def require_shape(array, value: np.ndarray, name: str) -> None:
    """Raise :class:`Fault` unless the layer's ``array`` has the shape of ``value``."""
    if tuple(array.shape) != value.shape:
        found = f".{name} has shape {tuple(array.shape)}, not {value.shape}"
        raise Fault("weight_shape", found)


def flat(outputs: object) -> list:
    """The outputs of an answer, out of all lists and tuples."""
    if isinstance(outputs, list | tuple):
        return [leaf for output in outputs for leaf in flat(output)]
    return [outputs]


def require_tensors(outputs: list, is_tensor: Callable[[object], bool]) -> None:
    """Raise :class:`Fault` unless all ``outputs`` are tensors."""
    for output in outputs:
        if output is None:
            one_of_many = "None came back where a tensor belongs: did a gradient see its variable?"
            nothing = "nothing came back: is there a return?"
            raise Fault("not_a_tensor", one_of_many if len(outputs) > 1 else nothing)
        if not is_tensor(output):
            kind = type(output).__name__
            raise Fault("not_a_tensor", f"an object of type {kind} came back, not a tensor")


def no_numbers(value: object, what: str) -> Fault:
    """The fault of a value that is no tensor."""
    kind = type(value).__name__
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    return Fault("not_a_tensor", f"{what} is {article} {kind}, not a tensor")
