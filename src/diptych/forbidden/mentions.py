"""Where the source of an answer mentions a function that the answer must not use.

The teacher gets this as advice. It costs no points: an honest notebook may compare its answer with
the function, and a dishonest one can build the name from two pieces. What counts is what ran: see
:mod:`~diptych.forbidden.witness`. The grader's child searches before it runs any cell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterable, Mapping

from diptych.forbidden.dependencies import Definitions, Statement, needed

SHOWN = 300  # characters of a line
NAME = 100  # characters: no framework has longer names
SEPARATOR = re.compile(r"[.:>/]+")  # in texts that name a function: functional.relu, aten::relu


def search(definitions: Definitions, names: Mapping[str, Iterable[str]]) -> dict[str, dict]:
    """For each answer, the ``cells`` that define it, and the first mention that is ``named``.

    ``names`` has for each answer the names to look for, as
    :func:`~diptych.forbidden.operations.plain` returns them. A mention is
    ``[cell, line, name, text]``; ``None`` if there is none in the answer's definition, nor in what
    that uses of the notebook, directly or not.
    """
    return {
        answer: {
            "cells": sorted({s.cell for s in definitions.get(answer, ())}),
            "named": _first_mention(
                needed(answer, definitions), frozenset(wanted), definitions.keys()
            ),
        }
        for answer, wanted in names.items()
    }


def _first_mention(
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
    """The names in one node, without those in its children; also in strings, such as
    ``activation="relu"``.

    A variable counts only if the statement ``uses`` it as a global name and the notebook does not
    define it: parameters and the notebook's ``own`` names are not the framework's.
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
