"""What an answer is made of: its definition, and whatever of the notebook that one uses.

The grader's child searches with this, before any of the notebook has run.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from diptych.forbidden.names import MAIN, names
from diptych.forbidden.search import Rule, mentioned, named

RUN = ("eval", "exec", "compile")
LINES = re.compile(r"\r\n|\r|\n")  # where lines end for Python
SHOWN = 300  # characters of a line


@dataclass(frozen=True, eq=False)
class Statement:
    """A statement of a cell's own level: what it defines and uses, and where it stands.

    Names are global ones; ``.name`` is an attribute of whatever object. ``changes`` are names
    whose objects it may change by calling a method, ``imports`` those that it imports, ``makes``
    those to which it gives something else; what is stored into is defined, and not made.
    ``nodes`` are all that it is made of, ``mentions`` the names in it that may be a builtin's.
    """

    cell: int
    node: ast.stmt
    nodes: list[ast.AST]
    mentions: set[str]
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
    have the fields of a :class:`diptych.forbidden.search.Rule`. For ``used`` see :func:`builtin`.
    """
    found = statements(cells)
    defined = definitions(found)
    return {
        name: {
            "cells": sorted({s.cell for s in found if name in s.defines}),
            "used": builtin(name, Rule.of(**rule), found, defined),
        }
        for name, rule in rules.items()
    }


def statements(cells: Iterable[tuple[str, ast.Module | None]]) -> list[Statement]:
    """The statements of all cells, in order; a cell that is no Python has none."""
    found: list[Statement] = []
    aliases: dict[str, str] = {}
    for cell, (python, tree) in enumerate(cells, 1):
        lines = LINES.split(python)
        _unfold(tree)
        parts = _simple(tree.body) if tree else ()
        for part in parts:
            nodes = [*ast.walk(part)]
            mentions = mentioned(nodes, aliases)
            found.append(Statement(cell, part, nodes, mentions, lines, *names(part)))
    return found


def _simple(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, and in the place of each ``if``, loop and ``with`` those in it:
    what is compared in a loop makes nothing of what else stands there."""
    todo = body[::-1]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If | ast.While):
            yield _stored(None, node.test)
        elif isinstance(node, ast.For | ast.AsyncFor):
            yield _stored(node.target, node.iter)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                yield _stored(item.optional_vars, item.context_expr)
        else:
            yield node
            continue
        todo += [*node.body, *getattr(node, "orelse", ())][::-1]


def _stored(target: ast.expr | None, value: ast.expr) -> ast.stmt:
    made = ast.Assign([target], value) if target else ast.Expr(value)
    return ast.copy_location(made, value)


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


def definitions(found: list[Statement]) -> dict[str, list[Statement]]:
    """By name, the statements that make of it what it is."""
    # Not torch, by torch.equal(…), not even where torch.backends.cudnn.benchmark has been set.
    libraries = {name for s in found for name in s.imports} - {n for s in found for n in s.makes}
    own = {name for s in found for name in s.defines - s.imports} - libraries
    defined: dict[str, list[Statement]] = {}
    for statement in found:
        for name in statement.defines | (statement.changes & own):
            defined.setdefault(name, []).append(statement)
    return defined


def builtin(
    name: str,
    rule: Rule,
    found: list[Statement],
    defined: Mapping[str, list[Statement]],
) -> tuple[int, int, str, str] | None:
    """Cell, line, name and text of the first builtin in what the answer is made of.

    That is its definition and whatever of the notebook it uses, directly or not; a builtin
    that another cell only compares with costs nothing.
    """
    # Each name and statement once: a notebook may be one long chain of them.
    needed, known, made_of = [name, "*"], {name, "*"}, set()
    main = any(MAIN in statement.imports for statement in found)
    while needed:
        wanted = needed.pop()
        for statement in defined.get(wanted, ()):
            # Objects of all kinds have a .weight: what is stored there matters if it is a builtin.
            other = wanted.startswith(".") and not rule.may_hold(statement.mentions)
            if id(statement) not in made_of and not other:
                made_of.add(id(statement))
                uses = {use.removeprefix(".") for use in statement.uses} if main else set()
                uses |= statement.uses
                needed += uses - known
                known |= uses
    parts = [s for s in found if id(s) in made_of]
    # Of the statements themselves, not of their lines: a line may hold many, and half a text.
    used = named([(part.node, part.nodes) for part in parts], rule, name)
    for part in parts:
        lines = [(n.lineno, used[id(n)]) for n in part.nodes if id(n) in used]
        if lines:
            line, builtin_name = min(lines)
            return part.cell, line, builtin_name, part.lines[line - 1].strip()[:SHOWN]
    return None
