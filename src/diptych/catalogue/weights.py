"""Which array of a PyTorch layer is which array of a Keras layer, and how each is made.

:mod:`diptych.catalogue.weights_notation` reads these from the text of a component;
:func:`diptych.copy_weights` copies arrays by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from diptych.catalogue.lines import evaluate

NONE = "none"


@dataclass(frozen=True)
class Side:
    """The arrays of one framework in a :class:`Move`, and the formula that makes them.

    ``names`` are attributes of the layer, empty if it has no such array; ``formula`` is an
    expression of NumPy in the names of the other side.
    """

    names: tuple[str, ...]
    formula: str

    def __str__(self) -> str:
        if not self.names:
            return NONE
        return ", ".join(self.names) + (f" = {self.formula}" if self.formula else "")


@dataclass(frozen=True)
class Move:
    """Arrays that belong together in both frameworks, and a sentence on what to watch."""

    pytorch: Side
    keras: Side
    note: str = ""

    @property
    def is_carried(self) -> bool:
        """Whether both layers have the arrays, so that they can be copied."""
        return bool(self.pytorch.names and self.keras.names)


@dataclass(frozen=True)
class Pair:
    """Two layers with the same weights: calls that make small ones, and the inputs of each.

    An input is a shape (of an array of normal numbers), an array, or a dictionary of these by name.
    """

    pytorch: str
    keras: str
    inputs: tuple[object, object]

    def symbol(self, framework: str) -> str:
        """The dotted name of the class; ``framework`` is "pytorch" or "keras"."""
        return getattr(self, framework).partition("(")[0]


@dataclass(frozen=True)
class Weights:
    """Pairs of layers, and the arrays that belong together in each pair."""

    pairs: tuple[Pair, ...]
    moves: tuple[Move, ...]


def swap_gates(array: np.ndarray) -> np.ndarray:
    """Exchange the first two of three blocks of rows: PyTorch's GRU has r, z, n, Keras's z, r, h.

    >>> swap_gates(np.array([1, 1, 2, 2, 3, 3]))
    array([2, 2, 1, 1, 3, 3])
    """
    r, z, n = np.split(array, 3)
    return np.concatenate([z, r, n])


def last(name: str) -> str:
    """The word that stands for a dotted name in a formula."""
    return name.rpartition(".")[2]


def made(side: Side, others: Mapping[str, np.ndarray], shape: tuple[int, ...]) -> list[np.ndarray]:
    """The arrays of one side, one for each of ``side.names``, made from those of the other side.

    ``others`` are these by name, ``shape`` is what the formula calls ``shape``: that of the first
    array to make. Raises what NumPy raises if the arrays do not fit the formula.
    """
    scope = vars(np) | {"swap_gates": swap_gates, "shape": shape}
    scope |= _dotted(others) | {last(name): array for name, array in others.items()}
    value = evaluate(side.formula, scope, str(side))
    return [np.asarray(each) for each in (value if len(side.names) > 1 else [value])]


def _dotted(arrays: Mapping[str, np.ndarray]) -> dict[str, SimpleNamespace]:
    """Objects for the first words of dotted names, so that a formula can contain ``a.b``."""
    scope = SimpleNamespace()
    for name, array in arrays.items():
        *path, word = name.split(".")
        space = scope
        for part in path:
            vars(space).setdefault(part, SimpleNamespace())
            space = getattr(space, part)
        if path:
            setattr(space, word, array)
    return vars(scope)
