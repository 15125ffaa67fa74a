"""Finds, in an answer's source, the builtin that the exercise asks to be written."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from diptych.catalogue import catalogue
from diptych.exercise import Exercise

# Functions whose second argument is the axis.
AXIS_SECOND = ("softmax", "log_softmax", "softmin")


def forbidden_names(answer: str) -> frozenset[str]:
    """The names that an answer must not use: those of every component of its chapter.

    Siblings count, because one often does the other's work; what the exercise allows is
    taken out by :func:`builtins_used`. A usage shows what answers are made of (``nn.Module``,
    ``backward``), so its names are free.
    """
    chapter = next(c.chapter for c in catalogue() for e in c.exercises if e.answer == answer)
    siblings = [c for c in catalogue() if c.chapter == chapter and c.kind != "usage"]
    return frozenset(symbol.rsplit(".", 1)[1] for c in siblings for symbol in c.symbols)


def builtins_called(called: Iterable[str], exercise: Exercise) -> list[str]:
    """Those of the function names ``called`` that an answer must not use; what is allowed in some
    form of call is free here, because a name does not tell the form."""
    forbidden = forbidden_names(exercise.answer) | set(exercise.forbid)
    return sorted((forbidden - set(exercise.allow)).intersection(called))


def builtins_used(source: str, exercise: Exercise) -> list[tuple[int, str]]:
    """``(line, name)`` of each use of a builtin in ``source``; none where it does not parse.

    Attributes, imported names (under any alias, or all at once) and strings, as in
    ``getattr(F, "relu")`` or ``activation="relu"``, all count. An allowed builtin is free when
    it gets the input and nothing else but an axis: ``relu(x)``, ``softmax(x, dim=0)``, ``x.relu()``
    and, as a layer, ``ReLU()(x)`` are; ``relu(x, 0.1)`` and ``ReLU(6.0)(x)`` are not.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    allow = exercise.allow
    forbidden = forbidden_names(exercise.answer) | set(exercise.forbid)
    free = {
        id(call.func)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and (name := _last_name(call.func)) in allow
        and _on_the_input_alone(call, name)
    }
    imported = {alias.asname or alias.name for alias in _imports(tree) if alias.name in forbidden}
    if any(alias.name == "*" for alias in _imports(tree)):
        imported |= forbidden - {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    found = [
        (node.lineno, name)
        for node in ast.walk(tree)
        if id(node) not in free
        and (name := _name_used(node, imported))
        and (name in forbidden or name in imported)
    ]
    return sorted(set(found))


def _on_the_input_alone(call: ast.Call, name: str) -> bool:
    """Whether a builtin gets the input, an axis where it wants one, and nothing else."""
    axes = [keyword for keyword in call.keywords if keyword.arg in ("dim", "axis")]
    if name in AXIS_SECOND:
        axes += [a for a in call.args[1:2] if isinstance(a, ast.Constant | ast.UnaryOp)]
    others = len(call.args) + len(call.keywords) - len(axes)
    return others <= name.islower()  # layers, ReLU, take the input later


def _imports(tree: ast.AST) -> Iterator[ast.alias]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from node.names


def _name_used(node: ast.AST, imported: set[str]) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name) and node.id in imported and isinstance(node.ctx, ast.Load):
        return node.id
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _last_name(node: ast.AST) -> str | None:
    return getattr(node, "attr", None) or getattr(node, "id", None)
