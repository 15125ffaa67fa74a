"""Error recovery in a cell: which statement raised, and what its failure leaves undefined."""

from __future__ import annotations

import ast
import builtins
from types import TracebackType


def raised_at(trace: TracebackType | None, place: str) -> tuple[int, int] | None:
    """Line and column, on the own level of the cell ``place``, that an error has passed.

    ``None`` if the error has not passed the cell: it could not even be compiled.
    """
    while trace is not None:
        code = trace.tb_frame.f_code
        if (code.co_filename, code.co_name) == (place, "<module>"):
            line, _, column, _ = [*code.co_positions()][trace.tb_lasti // 2]
            return line or trace.tb_lineno, column or 0
        trace = trace.tb_next
    return None


def start(statement: ast.stmt) -> tuple[int, int]:
    """Line and column at which a statement starts, its decorators included."""
    decorators = getattr(statement, "decorator_list", ())
    return min((each.lineno, each.col_offset) for each in (statement, *decorators))


def single_imports(statement: ast.stmt) -> list[ast.stmt]:
    """One statement for each name that an import statement imports, if these are several."""
    if not isinstance(statement, ast.Import | ast.ImportFrom) or len(statement.names) == 1:
        return []
    fields = dict(ast.iter_fields(statement))
    return [
        ast.copy_location(type(statement)(**fields | {"names": [name]}), name)
        for name in statement.names
    ]


def defined(statement: ast.stmt) -> set[str]:
    """The names that a statement defines, except those of built-in functions."""
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return found - vars(builtins).keys()
