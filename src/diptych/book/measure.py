"""Counts what a reader of code must understand: :func:`measure`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import NamedTuple

BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try)
OF_PYTHON = {*dir(list), *dir(dict)}


class Measure(NamedTuple):
    """What :func:`measure` counts in a program.

    ``statements`` is their number, and ``nesting`` the depth of nested loops, branches and
    contexts. ``names`` are foreign names, which a reader must know from elsewhere: the last words
    of dotted names, named arguments, strings in arguments, methods that a framework calls, and the
    ``imported`` names. Names that the program itself defines do not count.
    """

    statements: int
    nesting: int
    names: list[str]


def measure(*functions: Callable, imported: tuple[str, ...] = ()) -> Measure:
    """Measure the cells, or the modules, in which the ``functions`` are defined.

    ``imported`` are names that count as foreign although they have no module in front of them.
    """
    sources = {f.__code__.co_filename: "".join(inspect.findsource(f)[0]) for f in functions}
    return measure_source("\n".join(sources.values()), imported)


def measure_source(source: str, imported: tuple[str, ...] = ()) -> Measure:
    """Measure a program by its text.

    >>> measure_source("for x in batches:\\n    net.fit(x, epochs=2)")
    Measure(statements=2, nesting=1, names=['epochs', 'fit'])
    """
    tree = ast.parse(source)
    statements = sum(isinstance(node, ast.stmt) for node in ast.walk(tree))
    return Measure(statements, _nesting(tree), sorted(_foreign(tree, set(imported))))


def _nesting(node: ast.AST) -> int:
    deepest = max(map(_nesting, ast.iter_child_nodes(node)), default=0)
    return isinstance(node, BLOCKS) + deepest


def _foreign(tree: ast.AST, imported: set[str]) -> set[str]:
    nodes = list(ast.walk(tree))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    inner = {id(node.value) for node in attributes}
    own = {node.attr for node in attributes if isinstance(node.ctx, ast.Store)}
    functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    names = {node.attr for node in attributes if id(node) not in inner}
    names |= {node.id for node in nodes if isinstance(node, ast.Name)} & imported
    for node in nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") not in functions:
            names |= {keyword.arg for keyword in node.keywords if keyword.arg}
            names |= _words([*node.args, *(keyword.value for keyword in node.keywords)])
        elif isinstance(node, ast.Compare):
            names |= _words(node.comparators)
        elif isinstance(node, ast.ClassDef):
            names |= {f.name for f in node.body if isinstance(f, ast.FunctionDef)}
    return {name for name in names - own - OF_PYTHON if not name.startswith("__")}


def _words(nodes: list[ast.AST]) -> set[str]:
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
