"""Which array of a PyTorch layer is which of the Keras layer, and how it is turned.

Written with a component as text: first the layers that belong together, each a call that makes a
small one, with the shape of its input; then a line for each array, and how it comes from the other
side, in NumPy::

    torch.nn.Linear(3, 5) | keras.layers.Dense(5)  # (2, 3)
    weight = kernel.T | kernel = weight.T          # PyTorch keeps (out, in), Keras (in, out)
    bias | bias

A name without ``=`` is the same array on both sides. ``none`` stands where the other side has no
such array, so that it is not carried. ``shape`` is that of the array which is written. A name may
be dotted (``cell.kernel``); in the formula its last word stands for it, or the whole name where the
last words of several are the same. Several names are written at once by as many values:
``a, b = bias[0], bias[1] | bias = stack([a, b])``. Besides NumPy's functions a formula
may use :func:`swap_gates`.
Where the layers' inputs differ in their axes, the comment is ``(2, 3, 7) | (2, 7, 3)``; an input
that is not normal numbers is an array, ``arange(6).reshape(2, 3)``; several inputs go by the names
that both layers give them, ``dict(query=(2, 3, 8), value=(2, 5, 8))``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np

from diptych.catalogue.lines import NotationError, evaluate, halves, rows

NONE = "none"


@dataclass(frozen=True)
class Side:
    """The arrays of one framework in a :class:`Move`, and the formula that makes them.

    ``names`` are attributes of the layer, empty where it has no such array; ``formula`` is NumPy in
    the names of the other side.
    """

    names: tuple[str, ...]
    formula: str

    def __str__(self) -> str:
        if not self.names:
            return NONE
        return ", ".join(self.names) + (f" = {self.formula}" if self.formula else "")


@dataclass(frozen=True)
class Move:
    """One line: the arrays of both sides, and a sentence on what to watch."""

    pytorch: Side
    keras: Side
    note: str = ""

    @property
    def is_carried(self) -> bool:
        return bool(self.pytorch.names and self.keras.names)


@dataclass(frozen=True)
class Pair:
    """Two layers that hold the same weights: calls that make small ones, and their inputs.

    An input is the shape of normal numbers, or an array, or a dictionary of such by their names.
    """

    pytorch: str
    keras: str
    inputs: tuple[object, object]

    def symbol(self, framework: str) -> str:
        """The dotted name of the class, ``framework`` being "pytorch" or "keras"."""
        return getattr(self, framework).partition("(")[0]


@dataclass(frozen=True)
class Weights:
    """Layers that belong together, and how their arrays do."""

    pairs: tuple[Pair, ...]
    moves: tuple[Move, ...]


def swap_gates(array: np.ndarray) -> np.ndarray:
    """Three blocks of rows with the first two exchanged, from PyTorch's GRU (r, z, n) to Keras's.

    >>> swap_gates(np.array([1, 1, 2, 2, 3, 3]))
    array([2, 2, 1, 1, 3, 3])
    """
    r, z, n = np.split(array, 3)
    return np.concatenate([z, r, n])


def last(name: str) -> str:
    """The word that stands for a dotted name in a formula."""
    return name.rpartition(".")[2]


def made(side: Side, others: Mapping[str, np.ndarray], shape: tuple[int, ...]) -> list[np.ndarray]:
    """The arrays of one side from those of the other, by name; one for each of ``side.names``.

    Raises what NumPy raises where the arrays do not fit the formula.
    """
    scope = vars(np) | {"swap_gates": swap_gates, "shape": shape}
    scope |= _dotted(others) | {last(name): array for name, array in others.items()}
    value = evaluate(side.formula, scope, str(side))
    return [np.asarray(each) for each in (value if len(side.names) > 1 else [value])]


def _dotted(arrays: Mapping[str, np.ndarray]) -> dict[str, SimpleNamespace]:
    """What the first words of dotted names stand for in a formula: ``a`` has ``.b``, of ``a.b``."""
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


def weights(text: str, where: str = "weights") -> tuple[Weights, ...]:
    """The weights that a component's text writes down; raises :class:`NotationError`."""
    blocks: list[tuple[list[Pair], list[Move]]] = []
    for number, code, comment in rows(text):
        place = f"{where}, line {number}"
        in_torch, in_keras = halves(code, place)
        if in_torch.startswith("torch."):
            if not blocks or blocks[-1][1]:
                blocks.append(([], []))
            blocks[-1][0].append(Pair(in_torch, in_keras, _inputs(comment, place)))
        elif not blocks:
            raise NotationError(f"{place}: {code}: name the layers first, torch.… | keras.…")
        else:
            blocks[-1][1].append(_move(in_torch, in_keras, comment, place))
    return tuple(Weights(tuple(pairs), tuple(moves)) for pairs, moves in blocks)


def _inputs(comment: str, where: str) -> tuple[object, object]:
    if not comment:
        raise NotationError(f"{where}: write the input's shape behind it, # (2, 3)")
    found = [evaluate(half, vars(np), where) for half in comment.split(" | ")]
    return (found[0], found[-1])


def _move(in_torch: str, in_keras: str, note: str, where: str) -> Move:
    left, right = _side(in_torch, where), _side(in_keras, where)
    if left.names and right.names:
        if not left.formula and not right.formula and len(left.names) == len(right.names) == 1:
            left, right = (
                replace(side, formula=last(other.names[0]))
                for side, other in ((left, right), (right, left))
            )
        if not (left.formula and right.formula):
            raise NotationError(f"{where}: say on both sides how the array is made, name = formula")
    return Move(left, right, note)


def _side(half: str, where: str) -> Side:
    if half == NONE:
        return Side((), "")
    (statement,) = ast.parse(half).body
    if isinstance(statement, ast.Assign):
        (target,), formula = statement.targets, ast.get_source_segment(half, statement.value)
    elif isinstance(statement, ast.Expr):
        target, formula = statement.value, ""
    else:
        raise NotationError(f"{where}: {half}: write a name, or name = formula")
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    return Side(tuple(map(ast.unparse, names)), formula)
