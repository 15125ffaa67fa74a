"""Reads percent sources, and writes out the short forms in them.

In any source ``# alt: …`` at the top of a cell, over one or more comment lines, is the alternative
text of its figure, and ``<!-- head: leaky_relu -->`` stands for the head of a component's section.
In a chapter, ``# pair: F.silu(x) | tf.nn.silu(x)`` alone in a cell stands for three cells, which
compute value and gradient in both frameworks, and check that they agree (:mod:`diptych.book.pair`).
:mod:`diptych.book.exercise_cells` has the short forms of exercises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jupytext

from diptych.book.cell import BuildError, Cell
from diptych.book.exercise_cells import exercise_cells
from diptych.book.heads import head
from diptych.book.pair import PAIR, pair_cells

ALT = re.compile(r"\A# alt: (.+\n(?:# .+\n)*)")
HEAD = re.compile(r"^<!-- head: (\w+) -->$", re.M)


def cells(path: Path) -> list[Cell]:
    """The cells of a source, with short forms written out; raises :class:`BuildError`."""
    parsed = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    written = [
        Cell(c.cell_type, c.source, c.metadata.get("title", ""), tuple(c.metadata.get("tags", ())))
        for c in parsed.cells
    ]
    try:
        written_out = exercise_cells(written) if path.parents[1].name == "solutions" else written
        return [cell for each in written_out for cell in _chapter(each)]
    except (SyntaxError, KeyError, ValueError) as error:
        raise BuildError(f"{path}: {error}") from None


def _chapter(cell: Cell) -> Iterator[Cell]:
    if cell.kind == "markdown":
        yield replace(cell, source=HEAD.sub(lambda match: head(match[1]), cell.source))
    elif pair := PAIR.fullmatch(cell.source):
        yield from pair_cells(*pair.groups())
    elif alt := ALT.match(cell.source):
        text = " ".join(line.strip("# ") for line in alt[1].splitlines())
        yield replace(cell, source=cell.source[alt.end() :].lstrip("\n"), alt=text)
    else:
        yield cell
