"""What an answer is made of: its definition, and whatever of the notebook that one uses.

The grader's child searches with this, before any of the notebook has run.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from diptych import builtin_search

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# What changes, or reads, a name that stands in a text.
NAMESPACES = ("globals", "locals", "vars", "setattr", "getattr")
DICTIONARIES = ("__dict__", "__globals__", "__builtins__", "__setattr__")
TYPES = ("list", "dict", "set", "type", "object")  # list.append(kept, …) is kept.append(…)
MAIN = "__main__"  # whose attributes are the notebook's names
RUN = ("eval", "exec", "compile")
LINES = re.compile(r"\r\n|\r|\n")  # where lines end for Python
SHOWN = 300  # characters of a line

# The names of the functions around a place, from the innermost on, and whether they are their own
# or declared to be global: what is in none is global.
Scope = tuple[Mapping[str, bool], "Scope"] | None


@dataclass(frozen=True, eq=False)
class Statement:
    """A statement of a cell's own level: what it defines and uses, and where it stands.

    Names are global ones; ``.name`` is an attribute of whatever object. ``changes`` are names
    whose objects it may change by calling a method, ``imports`` those that it imports, ``makes``
    those to which it gives something else; what is stored into is defined, and not made.
    """

    cell: int
    node: ast.stmt
    lines: list[str]
    defines: frozenset[str]
    uses: frozenset[str]
    changes: frozenset[str]
    imports: frozenset[str]
    makes: frozenset[str]


def search(
    cells: Iterable[tuple[str, ast.Module | None]], rules: Mapping[str, Mapping]
) -> dict[str, dict]:
    """For each answer, by name, the ``cells`` that define it, and the builtin that is ``used``.

    The ``cells`` are Python, and what that parses to, ``None`` for what is no Python; ``rules``
    have the fields of a :class:`diptych.builtin_search.Rule`. For ``used`` see :func:`builtin`.
    """
    found = statements(cells)
    return {
        name: {
            "cells": sorted({s.cell for s in found if name in s.defines}),
            "used": builtin(name, builtin_search.Rule.of(**rule), found),
        }
        for name, rule in rules.items()
    }


def statements(cells: Iterable[tuple[str, ast.Module | None]]) -> list[Statement]:
    """The statements of all cells, in order; a cell that is no Python has none."""
    found = []
    for cell, (python, tree) in enumerate(cells, 1):
        lines = LINES.split(python)
        _unfold(tree)
        found += [
            Statement(cell, node, lines, *_names(node)) for node in (tree.body if tree else ())
        ]
    return found


def _unfold(tree: ast.Module | None) -> None:
    """Put what ``eval("…")`` and the like would run beside the text, as if it stood there."""
    for call in list(ast.walk(tree)) if tree else ():
        name = getattr(call.func, "id", None) if isinstance(call, ast.Call) else None
        text = getattr(call.args[0], "value", None) if name in RUN and call.args else None
        if isinstance(text, str):
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                inside = ast.parse(text.strip())
                for node in ast.walk(inside):
                    if "lineno" in node._attributes:
                        node.lineno = call.lineno
                call.args.append(inside)


def _names(statement: ast.stmt) -> tuple[frozenset[str], ...]:
    """What a statement defines, uses, changes, imports and makes."""
    defines, uses, changes, imports, makes = set(), set(), set(), set(), set()
    todo: list[tuple[ast.AST, Scope]] = [(statement, None)]
    while todo:
        node, scope = todo.pop()
        loads = isinstance(getattr(node, "ctx", None), ast.Load)
        bound = [name for name in _binds(node) if not _is_local(name, scope)]
        (imports if isinstance(node, ast.alias) else makes).update(bound)
        if isinstance(node, ast.Name) and loads and not _is_local(node.id, scope):
            uses.add(node.id)
        elif isinstance(node, ast.Attribute) and loads:
            uses.add(f".{node.attr}")
        elif isinstance(node, ast.Subscript) and loads:
            texts = _texts([node.slice])
            uses |= texts if _is_namespace(node.value) else set()
            imports |= texts & {MAIN}
        elif isinstance(node, ast.Attribute | ast.Subscript):
            defines |= _stored(node, scope)
        elif isinstance(node, ast.Call):
            defines |= _written(node)
            uses |= _texts(node.args) if _is_namespace(node.func) else set()
            changes |= _changed(node, scope)
        elif isinstance(node, ast.alias):
            imports |= {node.name} & {MAIN}
        todo += _children(node, scope)
    defines |= makes
    return tuple(map(frozenset, (defines | imports, uses, changes, imports - defines, makes)))


def _binds(node: ast.AST) -> Iterator[str]:
    """The names that one node, not those below it, gives to something."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest


def _stored(node: ast.Attribute | ast.Subscript, scope: Scope) -> set[str]:
    """What becomes another where something is stored: ``tools.f = …`` makes tools what it is."""
    if isinstance(node.ctx, ast.Load):
        return set()
    root = _root(node)
    texts = _texts([node.slice]) if isinstance(node, ast.Subscript) else set()
    if isinstance(root, ast.Name):
        texts = texts if _is_namespace(node.value) else set()
        if _is_local(root.id, scope):
            return texts
        attribute = {node.attr, f".{node.attr}"} if isinstance(node, ast.Attribute) else set()
        return {root.id} | attribute | texts
    return texts if isinstance(node, ast.Subscript) else {f".{node.attr}"}


def _written(call: ast.Call) -> set[str]:
    """The names that stand in a text: ``setattr(tools, "f", …)``, ``globals().update(f=…)``."""
    if _is_namespace(call.func) and getattr(call.func, "id", None) != "getattr":
        objects = {a.id for a in call.args[:1] if isinstance(a, ast.Name)}
        keys = {k.arg for k in call.keywords if k.arg}
        return objects | keys | {f".{key}" for key in keys} | _texts(call.args)
    return set()


def _is_namespace(node: ast.expr) -> bool:
    """Whether names are texts there: ``globals()``, ``setattr``, ``builtins.__dict__.update``."""
    root = node
    while isinstance(root, ast.Attribute | ast.Subscript):
        if getattr(root, "attr", None) in DICTIONARIES:
            return True
        root = root.value
    root = root.func if isinstance(root, ast.Call) else root
    return isinstance(root, ast.Name) and root.id in NAMESPACES


def _changed(call: ast.Call, scope: Scope) -> set[str]:
    """What a call may change: that whose method it is, and what holds that."""
    if not isinstance(call.func, ast.Attribute | ast.Subscript):
        return set()
    changed = call.func.value
    if isinstance(changed, ast.Name) and changed.id in TYPES and call.args:
        changed = call.args[0]
    root = _root(changed)
    if not isinstance(root, ast.Name) or _is_local(root.id, scope):
        return set()
    return {root.id} | ({f".{changed.attr}"} if isinstance(changed, ast.Attribute) else set())


def _texts(nodes: Iterable[ast.expr]) -> set[str]:
    found = {
        part.value
        for node in nodes
        for part in (node, *(node.keys if isinstance(node, ast.Dict) else ()))
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    return found | {f".{text}" for text in found}


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node


def _is_local(name: str, scope: Scope) -> bool:
    while scope:
        if name in scope[0]:
            return scope[0][name]
        scope = scope[1]
    return False


def _children(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The nodes below one, each with the names around it."""
    inside, outside = [], ast.iter_child_nodes(node)
    if isinstance(node, FUNCTIONS):
        inside = node.body if isinstance(node.body, list) else [node.body]
        own = dict.fromkeys(builtin_search.parameters(node.args), True) | _bound(inside)
    elif isinstance(node, ast.ClassDef):
        inside = node.body
        own = {name: False for name, is_own in _bound(inside).items() if not is_own}
    elif isinstance(node, COMPREHENSIONS):
        first = node.generators[0].iter  # is evaluated around it
        targets = [generator.target for generator in node.generators]
        own = _bound(targets)
        inside = [n for g in node.generators for n in (g.target, *g.ifs, g.iter) if n is not first]
        inside += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        outside = [first]
    if inside:
        around = (own, scope)
        yield from ((each, around) for each in inside)
    kept = set(map(id, inside))
    yield from ((each, scope) for each in outside if id(each) not in kept)


def _bound(body: list) -> dict[str, bool]:
    """The names that are certainly a function's own, if this is its body, or certainly not."""
    bound, elsewhere, everybodys, todo = set(), set(), set(), list(body)
    while todo:
        node = todo.pop()
        bound.update(_binds(node))
        if isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere.update(node.names)
            everybodys.update(node.names if isinstance(node, ast.Global) else ())
        if not isinstance(node, (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)):
            todo += ast.iter_child_nodes(node)
    return dict.fromkeys(bound - elsewhere, True) | dict.fromkeys(everybodys, False)


def builtin(
    name: str, rule: builtin_search.Rule, found: list[Statement]
) -> tuple[int, int, str, str] | None:
    """Cell, line, name and text of the first builtin in what the answer is made of.

    That is its definition and whatever of the notebook it uses, directly or not; a builtin
    that another cell only compares with costs nothing.
    """
    # Not torch, by torch.equal(…), not even where torch.backends.cudnn.benchmark has been set.
    libraries = {name for s in found for name in s.imports} - {n for s in found for n in s.makes}
    own = {name for s in found for name in s.defines - s.imports} - libraries
    definitions: dict[str, list[Statement]] = {}
    for statement in found:
        for defined in statement.defines | (statement.changes & own):
            definitions.setdefault(defined, []).append(statement)
    # Each name and statement once: a notebook may be one long chain of them.
    needed, known, made_of = [name, "*"], {name, "*"}, set()
    main = any(MAIN in statement.imports for statement in found)
    while needed:
        for statement in definitions.get(needed.pop(), ()):
            if id(statement) not in made_of:
                made_of.add(id(statement))
                uses = {use.removeprefix(".") for use in statement.uses} if main else set()
                uses |= statement.uses
                needed += uses - known
                known |= uses
    parts = [s for s in found if id(s) in made_of]
    # Of the statements themselves, not of their lines: a line may hold many, and half a text.
    names = builtin_search.named(ast.Module([part.node for part in parts], []), rule, name)
    for part in parts:
        lines = [(n.lineno, names[id(n)]) for n in ast.walk(part.node) if id(n) in names]
        if names and lines:
            line, used = min(lines)
            return part.cell, line, used, part.lines[line - 1].strip()[:SHOWN]
    return None
