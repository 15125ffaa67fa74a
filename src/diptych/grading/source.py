"""What an answer is made of: its definition, and whatever of the notebook that one uses."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from diptych import builtin_use
from diptych.exercise import Exercise


@dataclass(frozen=True)
class Statement:
    """A statement of a cell's own level: what it defines and uses, and where it stands."""

    cell: int
    first: int
    last: int
    defines: frozenset[str]
    uses: frozenset[str]
    lines: tuple[str, ...]


def statements(python: list[str]) -> list[Statement]:
    """The statements of all cells, in order; a cell that is no Python has none."""
    found = []
    for cell, source in enumerate(python, 1):
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # it has not run either
        lines = source.split("\n")
        found += [_statement(cell, node, lines) for node in tree.body]
    return found


def _statement(cell: int, node: ast.stmt, lines: list[str]) -> Statement:
    defines, uses = set(), set()
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            defines.add(part.name)
        elif isinstance(part, ast.alias):
            defines.add((part.asname or part.name).partition(".")[0])
        elif isinstance(part, ast.Name):
            (uses if isinstance(part.ctx, ast.Load) else defines).add(part.id)
        elif isinstance(part, ast.Attribute | ast.Subscript) and isinstance(part.ctx, ast.Store):
            defines.add(_root(part))  # tools.f = … makes tools what it is
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    text = tuple(lines[first - 1 : node.end_lineno])
    return Statement(cell, first, node.end_lineno, frozenset(defines), frozenset(uses), text)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def builtin(
    name: str, exercise: Exercise, found: list[Statement]
) -> tuple[int, int, str, str] | None:
    """Cell, line, name and text of the first builtin in what the answer is made of.

    That is its definition and whatever of the notebook it uses, directly or not; a builtin
    that another cell only compares with costs nothing.
    """
    definitions: dict[str, list[Statement]] = {}
    for statement in found:
        for defined in statement.defines:
            definitions.setdefault(defined, []).append(statement)
    # Each name and statement once: a notebook may be one long chain of them.
    needed, known, made_of = [name, "*"], {name, "*"}, set()
    while needed:
        for statement in definitions.get(needed.pop(), ()):
            if id(statement) not in made_of:
                made_of.add(id(statement))
                needed += statement.uses - known
                known |= statement.uses
    parts = [s for s in found if id(s) in made_of]
    source = "\n".join(line for s in parts for line in s.lines)
    for line, used in builtin_use.builtins_used(source, exercise):
        for part in parts:
            if line <= len(part.lines):
                return part.cell, part.first + line - 1, used, part.lines[line - 1].strip()
            line -= len(part.lines)
    return None
