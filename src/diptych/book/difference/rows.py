"""The result of comparing two models: :class:`Row`, :class:`Comparison`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diptych.book.difference.attributes import notes
from diptych.book.difference.causes import Cause
from diptych.book.difference.layouts import at_steps, close, difference, fit, reordered
from diptych.book.difference.recording import Record
from diptych.book.difference.table import text


@dataclass(frozen=True)
class Row:
    """Two layers: their names, output shapes, and the differences of outputs and gradients.

    ``output`` and ``gradient`` are the largest differences, ``None`` if shapes differ or there is
    no gradient. ``reordered`` says that the outputs are the same numbers in another order, as
    behind Flatten. ``notes`` are differences that change no output of this run.
    """

    pytorch: str
    keras: str
    shape_pt: tuple[int, ...]
    shape_tf: tuple[int, ...]
    output: float | None
    gradient: float | None
    agrees: bool
    gradient_agrees: bool
    reordered: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """The rows of all pairs, and the first that differs with its causes; printed, it is a table."""

    rows: tuple[Row, ...]
    first: Row | None
    causes: tuple[Cause, ...]
    rtol: float
    atol: float

    def __str__(self) -> str:
        return text(self)

    __repr__ = __str__


def row_of(a: Record, b: Record, behind: bool, rtol: float, atol: float) -> Row:
    """The row of two layers; ``behind`` says that their inputs are in another order already."""
    view = fit(a, b)
    number, turn = view or (0, None)
    here, there = a.outputs[number], at_steps(a, b.outputs[0])
    names = a.name, b.name, here.shape, b.outputs[0].shape
    if view is None:
        return Row(*names, None, None, False, True)
    here = turn(here)
    agrees = close(here, there, rtol, atol)
    behind = behind or (a.input is not None and a.input.ndim > 2)
    other_order = behind and not agrees and reordered(here, there, rtol, atol)
    gradients = a.gradients[number], at_steps(a, b.gradients[0])
    apart, near = None, gradients[0] is None and gradients[1] is None
    if not near and not other_order:
        d_here, d_there = (
            np.zeros(x.shape) if g is None else g
            for g, x in zip(gradients, (a.outputs[number], there), strict=True)
        )
        apart = difference(turn(d_here), d_there)
        near = close(turn(d_here), d_there, rtol, atol)
    said = tuple(notes(a.layer, b.layer))
    far = difference(here, there)
    return Row(*names, far, apart, agrees, near or other_order, other_order, said)
