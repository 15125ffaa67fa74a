"""Which statements of a notebook an answer depends on, read from the source without running it.

Statements on a cell's own level are examined whole: which global names they define, change and
use. From an answer's name, :func:`needed` follows these to all statements that the answer needs.
"""

from __future__ import annotations

import ast
import re
import symtable
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

ADDING = {"append", "extend", "update", "add", "insert", "setdefault"}  # methods of containers
LINES = re.compile(r"\r\n|\r|\n")  # where lines end for Python
DEFINES = r"^[ \t]*(?:async[ \t]+)?(?:(?:def|class)[ \t]+{name}\b|{name}[ \t]*(?::[^=\n]*)?=(?!=))"


@dataclass(frozen=True)
class Statement:
    """A statement on a cell's own level, or several that share a line.

    ``cell`` is the number of the cell, from 1; ``lines`` are all lines of the cell. ``defines`` and
    ``uses`` are global names.
    """

    cell: int
    nodes: list[ast.stmt]
    lines: list[str]
    defines: frozenset[str]
    uses: frozenset[str]

    @property
    def start(self) -> int:
        """The first line in the cell, from 1, decorators included."""
        return _start(self.nodes[0])

    @property
    def changes(self) -> set[str]:
        """The global names whose items or attributes the statement changes."""
        every = (node for top in self.nodes for node in ast.walk(top))
        return {root for node in every for root in _changed(node)} & self.uses


Definitions = Mapping[str, list[Statement]]


def statements(cells: Iterable[tuple[str, ast.Module | None]]) -> list[Statement]:
    """All statements of the ``cells``, each given as Python and its syntax tree.

    A cell that is not valid Python has ``None`` for its tree, and no statements.
    """
    return [s for number, cell in enumerate(cells, 1) for s in _statements(number, *cell)]


def definitions(statements: Iterable[Statement], changes: bool = False) -> Definitions:
    """For each global name, the statements that define it; with ``changes``, also those that
    change its value."""
    found: dict[str, list[Statement]] = {}
    for statement in statements:
        for name in statement.defines | (statement.changes if changes else set()):
            found.setdefault(name, []).append(statement)
    return found


def needed(answer: str, definitions: Definitions) -> list[Statement]:
    """The statements that define an answer, and those that define what it uses, directly or not;
    in the notebook's order."""
    found, todo, known = {}, [answer], {answer}
    while todo:
        for statement in definitions.get(todo.pop(), ()):
            found[id(statement)] = statement
            todo += statement.uses - known
            known |= statement.uses
    return sorted(found.values(), key=lambda s: (s.cell, s.nodes[0].lineno))


def seems_to_define(source: str, name: str) -> bool:
    """Whether a text, which need not be valid Python, looks as if it defined ``name``."""
    narrow = unicodedata.normalize("NFKC", source)
    return bool(re.search(DEFINES.format(name=re.escape(name)), narrow, re.MULTILINE))


def _changed(node: ast.AST) -> Iterator[str]:
    """The name whose item or attribute a node sets, or on which it calls a method of ``ADDING``."""
    called = isinstance(node, ast.Call) and node.func
    adds = isinstance(called, ast.Attribute) and called.attr in ADDING
    sets = isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load)
    node = called if adds else node
    if adds or sets:
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        if isinstance(node, ast.Name):
            yield node.id


def _statements(cell: int, python: str, tree: ast.Module | None) -> Iterator[Statement]:
    lines = LINES.split(python)
    for nodes in _by_lines(tree.body if tree else ()):
        source = "\n".join(lines[_start(nodes[0]) - 1 : nodes[-1].end_lineno])
        try:
            yield Statement(cell, nodes, lines, *_names(symtable.symtable(source, "cell", "exec")))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # nested too deeply, or not valid Python without its surroundings


def _by_lines(body: Iterable[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Groups of statements that share a line: a long line is then analysed once, and not once for
    each of its statements."""
    together: list[ast.stmt] = []
    for node in body:
        if together and _start(node) > together[-1].end_lineno:
            yield together
            together = []
        together.append(node)
    if together:
        yield together


def _start(node: ast.stmt) -> int:
    decorators = [each.lineno for each in getattr(node, "decorator_list", ())]
    return min([node.lineno, *decorators])


def _names(table: symtable.SymbolTable) -> tuple[frozenset[str], frozenset[str]]:
    """The global names that a statement defines and uses, nested functions included."""
    defines, uses, todo = set(), set(), [(table, True)]
    while todo:
        table, top = todo.pop()
        for symbol in table.get_symbols():
            if top or symbol.is_global():
                defined = symbol.is_assigned() or symbol.is_imported()
                defines |= {symbol.get_name()} if defined else set()
                uses |= {symbol.get_name()} if symbol.is_referenced() else set()
        todo += [(child, False) for child in table.get_children()]
    return frozenset(defines), frozenset(uses)
