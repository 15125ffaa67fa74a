"""Reads the weights of a component, which are written as a text of short lines.

First come the pairs of layers, each with a call that makes a small layer, and the shape of its
input behind it. Then each line names an array in both frameworks, and says in NumPy how each is
made from the other::

    torch.nn.Linear(3, 5) | keras.layers.Dense(5)  # (2, 3)
    weight = kernel.T | kernel = weight.T          # PyTorch keeps (out, in), Keras (in, out)
    bias | bias

A name without ``=`` is the same array on both sides. ``none`` means that the other layer has no
such array, so it is not copied. In a formula ``shape`` is the shape of the array that is made. A
name may be dotted (``cell.kernel``). In a formula its last word stands for it, or the whole name if
several names have the same last word. One formula may make several arrays: ``a, b = bias[0],
bias[1] | bias = stack([a, b])``. Besides NumPy's functions a formula may call
:func:`~diptych.catalogue.weights.swap_gates`.

If the inputs of the two layers have other axes, the comment is ``(2, 3, 7) | (2, 7, 3)``. A shape
stands for normal numbers; any other input is written as an array, ``arange(6).reshape(2, 3)``.
Several inputs are named as both layers name them, ``dict(query=(2, 3, 8), value=(2, 5, 8))``.
"""

from __future__ import annotations

import ast
from dataclasses import replace

import numpy as np

from diptych.catalogue.lines import NotationError, evaluate, halves, rows
from diptych.catalogue.weights import NONE, Move, Pair, Side, Weights, last


def read(text: str, where: str = "weights") -> tuple[Weights, ...]:
    """The weights that ``text`` describes; raises :class:`NotationError`, which names the line."""
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
