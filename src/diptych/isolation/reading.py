"""Reads a notebook's cells before any of them runs: turns them into Python, and searches them.

Reading and searching have limits of time, because a student can write a cell that takes very long
to parse.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import signal
import sys
from collections.abc import Iterator

from diptych.isolation import outline

# Cell magics whose cells hold Python, which readers expect to run: time and capture do not change
# any result.
TRANSPARENT = ("%%time", "%%capture")
# Seconds of processor time for reading all cells, and for searching them; half a megabyte of honest
# code takes three.
READING, SEARCHING = 15.0, 15.0
TOO_LONG = "raise SyntaxError('it takes too long to read this cell')"
TOO_DEEP = "raise RecursionError('this cell is nested too deeply to be read')"


def transform(cells: list[str], wanted: dict) -> dict:
    """Each cell as ``python``, and what :func:`diptych.isolation.outline.outline` finds in them.

    ``wanted`` has for each answer the names to search for. What cannot be read in time is replaced
    by a statement that raises an error and says so.
    """
    read_cells, found = [], None
    with _at_most(READING):
        read_cells += map(read, cells)  # extended cell by cell: at the limit, those read are kept
    read_cells += [(TOO_LONG, None)] * (len(cells) - len(read_cells))
    with _at_most(SEARCHING):
        found = outline.outline(read_cells, wanted)
    if found is None:  # then no cell runs
        read_cells = [(TOO_LONG, None)] * len(cells)
        found = outline.outline(read_cells, wanted)
    return {"python": [python for python, _ in read_cells], **found}


def read(cell: str) -> tuple[str, ast.Module | None]:
    """A cell as Python, with IPython's magics translated, and its syntax tree.

    The tree is ``None`` if the cell is not valid Python.
    """
    from IPython.core.inputtransformer2 import TransformerManager

    first, _, rest = cell.lstrip().partition("\n")
    above = "\n" * (1 + cell.count("\n") - cell.lstrip().count("\n"))
    python = above + rest if first.split()[:1] and first.split()[0] in TRANSPARENT else cell
    try:
        tree = _parsed(python)
        if not tree:  # only what is not Python already is translated
            with contextlib.suppress(Exception):
                python = TransformerManager().transform_cell(python)
            tree = _parsed(python)  # invalid code stays as it is: running it says what is wrong
        return python, tree
    except (RecursionError, MemoryError):
        return TOO_DEEP, None  # the compiler might accept it: it can go deeper than the parser


def _parsed(python: str) -> ast.Module | None:
    """The syntax tree, ``None`` for invalid code. The parser gets less than the allowed depth,
    because later steps may need more than the parser."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit * 3 // 4)
    try:
        return ast.parse(python)
    except (SyntaxError, ValueError):
        return None
    finally:
        sys.setrecursionlimit(limit)


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Leave the block after so many seconds of processor time, without an error."""
    before = signal.signal(signal.SIGPROF, _late)
    gc.disable()  # an exception in a finalizer that the garbage collector runs would be lost
    signal.setitimer(signal.ITIMER_PROF, seconds)
    with contextlib.suppress(_Late):
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            gc.enable()
            signal.signal(signal.SIGPROF, before)


class _Late(BaseException):
    """The time for reading or searching is over."""


def _late(number: int, frame: object) -> None:
    raise _Late
