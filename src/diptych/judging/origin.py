"""Finds out where an answer comes from: which cell of a notebook, or a framework."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import sys
from collections.abc import Iterator
from types import CodeType

from diptych.forbidden import dependencies

FRAMEWORK_ROOTS = ("torch", "tensorflow", "keras", "numpy")


def older(name: str, answer: object) -> tuple[str, ...]:
    """Why the ``answer`` comes from an older cell than the last one that defines ``name``.

    Returns a sentence, and maybe the line; empty if the answer comes from that last cell. An older
    answer remains if the last cell is not valid Python, or raised an error above the definition.
    """
    for cell in reversed(_cells()):
        try:
            compile(cell, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except SyntaxError as error:
            if dependencies.seems_to_define(cell, name):
                where = f"line {error.lineno}: {(error.text or '').strip()}"
                return f"the cell that defines it is not valid Python: {error.msg}", where
        else:
            made = dependencies.definitions(dependencies.statements([(cell, ast.parse(cell))]))
            if name in made or ("run_cell_magic(" in cell and name in cell):  # %%time
                stopped = _writes(cell, name) and _comes_from_another(cell, name, answer)
                return ("the cell that defines it stopped at an error above it",) if stopped else ()
    return ()


def _cells() -> list[str]:
    """The cells that have been run, also those that failed, from IPython's history."""
    cells = getattr(sys.modules["__main__"], "In", ())
    return cells if isinstance(cells, list) else []


def _comes_from_another(cell: str, name: str, answer: object) -> bool:
    """Whether the answer was defined, under this name, in another cell than ``cell``."""
    for code in _codes(answer):
        if code.co_qualname.partition(".")[0] == name:
            source = "".join(linecache.getlines(code.co_filename))
            return source.strip() != cell.strip() and _writes(source, name)
    return False


def _writes(cell: str, name: str) -> bool:
    """Whether a cell has a ``def`` or ``class`` of this name at top level."""
    try:
        body = ast.parse(cell).body
    except SyntaxError:
        return False
    return any(getattr(node, "name", "") == name for node in body)


def _codes(answer: object) -> Iterator[CodeType]:
    made = _unwrapped(answer)
    for each in vars(made).values() if isinstance(made, type) else (made,):
        if isinstance(code := getattr(each, "__code__", None), CodeType):
            yield code


def is_ready_made(answer: object) -> bool:
    """Whether the answer is a function, class or layer of a framework, or of NumPy."""
    answer = _unwrapped(answer)
    made = answer if isinstance(answer, type) or inspect.isroutine(answer) else type(answer)
    return inspect.isbuiltin(made) or (made.__module__ or "").split(".")[0] in FRAMEWORK_ROOTS


def _unwrapped(answer: object) -> object:
    while isinstance(answer, functools.partial):
        answer = answer.func
    return inspect.unwrap(answer)  # tf.function and tf.custom_gradient wrap the learner's function
