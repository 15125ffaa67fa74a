"""Where the source of an answer names a function that it must not use: advice, and no more.

A name is a bad witness: an honest notebook compares with the function that it names, and a
dishonest one builds the name of two pieces. What counts is what ran: see
:mod:`~diptych.forbidden.witness`. The grader's child searches with this, before any of the notebook
has run.
"""

from __future__ import annotations

import ast
import re
import symtable
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

SHOWN = 300  # characters of a line
NAME = 100  # characters: no framework has longer names
ADDING = {"append", "extend", "update", "add", "insert", "setdefault"}  # methods of containers
LINES = re.compile(r"\r\n|\r|\n")  # where lines end for Python
DEFINES = r"^[ \t]*(?:async[ \t]+)?(?:(?:def|class)[ \t]+{name}\b|{name}[ \t]*(?::[^=\n]*)?=(?!=))"
SEPARATOR = re.compile(r"[.:>/]+")  # in texts that name a function: functional.relu, aten::relu


@dataclass(frozen=True)
class Statement:
    """A statement of a cell's own level, or all those that share a line: the global names that
    they make, those whose items or attributes they change, and those that they use."""

    cell: int
    nodes: list[ast.stmt]
    lines: list[str]
    makes: frozenset[str]
    uses: frozenset[str]

    @property
    def start(self) -> int:
        return _start(self.nodes[0])

    @property
    def changes(self) -> set[str]:
        every = (node for top in self.nodes for node in ast.walk(top))
        return {root for node in every for root in _changed(node)} & self.uses


Makers = Mapping[str, list[Statement]]


def statements(cells: Iterable[tuple[str, ast.Module | None]]) -> list[Statement]:
    """All statements of the ``cells``, which are Python and what that parses to, or ``None``."""
    return [s for number, cell in enumerate(cells, 1) for s in _statements(number, *cell)]


def makers(statements: Iterable[Statement], changes: bool = False) -> Makers:
    """For each name the statements that make it, or also those that change what it stands for."""
    found: dict[str, list[Statement]] = {}
    for statement in statements:
        for name in statement.makes | (statement.changes if changes else set()):
            found.setdefault(name, []).append(statement)
    return found


def search(makers: Makers, names: Mapping[str, Iterable[str]]) -> dict[str, dict]:
    """For each answer the ``cells`` that define it, and what it ``names`` of some names.

    The ``names`` are, for each answer, plain ones (:func:`~diptych.forbidden.operations.plain`).
    What an answer names is ``[cell, line, name, text]`` of the first place in its definition, or in
    what that uses of the notebook, directly or not; ``None`` where there is none.
    """
    return {
        answer: {
            "cells": sorted({s.cell for s in makers.get(answer, ())}),
            "named": _first_named(made_of(answer, makers), frozenset(wanted), makers.keys()),
        }
        for answer, wanted in names.items()
    }


def defines(python: str, name: str) -> bool:
    """Whether what may be no Python looks as if it defined a name."""
    narrow = unicodedata.normalize("NFKC", python)
    return bool(re.search(DEFINES.format(name=re.escape(name)), narrow, re.MULTILINE))


def _changed(node: ast.AST) -> Iterator[str]:
    """The name whose item or attribute a node sets, or whose method that adds to it is called."""
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
        text = "\n".join(lines[_start(nodes[0]) - 1 : nodes[-1].end_lineno])
        try:
            yield Statement(cell, nodes, lines, *_names(symtable.symtable(text, "cell", "exec")))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # nested too deeply, or no Python without what stands around it


def _by_lines(body: Iterable[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Statements that share a line together: else a line of many would be read once for each."""
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
    """What a statement makes and uses, on its own level or declared to be global further in."""
    makes, uses, todo = set(), set(), [(table, True)]
    while todo:
        table, top = todo.pop()
        for symbol in table.get_symbols():
            if top or symbol.is_global():
                made = symbol.is_assigned() or symbol.is_imported()
                makes |= {symbol.get_name()} if made else set()
                uses |= {symbol.get_name()} if symbol.is_referenced() else set()
        todo += [(child, False) for child in table.get_children()]
    return frozenset(makes), frozenset(uses)


def made_of(answer: str, makers: Makers) -> list[Statement]:
    """The statements that make an answer, and all that those use of the notebook, in order."""
    found, todo, known = {}, [answer], {answer}
    while todo:
        for statement in makers.get(todo.pop(), ()):
            found[id(statement)] = statement
            todo += statement.uses - known
            known |= statement.uses
    return sorted(found.values(), key=lambda s: (s.cell, s.nodes[0].lineno))


def _first_named(
    statements: list[Statement], wanted: frozenset[str], own: Container[str]
) -> list | None:
    for statement in statements:
        places = [
            (node.lineno, name)
            for top in statement.nodes
            for node in ast.walk(top)
            for name in _mentioned(node, statement.uses, own)
            if name.replace("_", "").lower() in wanted
        ]
        if places:
            line, name = min(places)
            return [statement.cell, line, name, statement.lines[line - 1].strip()[:SHOWN]]
    return None


def _mentioned(node: ast.AST, uses: frozenset[str], own: Container[str]) -> list[str]:
    """The names in one node, not in those below it, in texts as well: ``activation="relu"``.

    Of plain names only those that a statement ``uses`` globally, and that are not the notebook's
    ``own``: its parameters and classes are no framework's.
    """
    if isinstance(node, ast.Attribute):
        found = [node.attr]
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        found = [node.id] if node.id in uses and node.id not in own else []
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        found = SEPARATOR.split(node.value[: 2 * NAME])[-1:]
    elif isinstance(node, ast.ImportFrom):
        found = [alias.name for alias in node.names]
    else:
        found = []
    return [name for name in found if len(name) < NAME]
