"""Finds, in an answer's source, the builtin that the exercise asks to be written."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from diptych.catalogue.component import catalogue
from diptych.catalogue.exercise import Exercise
from diptych.forbidden.search import Rule, is_builtin, named


def forbidden_names(answer: str) -> frozenset[str]:
    """The names that an answer must not use: those of every component of its chapter.

    Siblings count, because one often does the other's work; what the exercise allows is
    taken out by :func:`builtins_used`. A usage shows what answers are made of (``nn.Module``,
    ``backward``), so its names are free.
    """
    chapter = next(c.chapter for c in catalogue() for e in c.exercises if e.answer == answer)
    siblings = [c for c in catalogue() if c.chapter == chapter and c.kind != "usage"]
    symbols = (symbol for c in siblings for symbol in (*c.symbols, *c.aliases))
    return frozenset(symbol.rsplit(".", 1)[1] for symbol in symbols)


def rule(exercise: Exercise) -> Rule:
    """What an answer to the exercise must not use."""
    return Rule.of(forbidden_names(exercise.answer) | set(exercise.forbid), exercise.allow)


def builtins_called(called: Iterable[str], exercise: Exercise) -> list[str]:
    """Those of the function names ``called`` that an answer must not use; what is allowed in some
    form of call is free here, because a name does not tell the form."""
    asked = rule(exercise)
    return sorted(n for n in set(called) if is_builtin(n, asked.forbidden - asked.allow))


def builtins_used(source: str, exercise: Exercise) -> list[tuple[int, str]]:
    """``(line, name)`` of each use of a builtin in ``source``, as :func:`named
    <diptych.forbidden.search.named>` finds them; none where it does not parse."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    parts = [(part, [*ast.walk(part)]) for part in tree.body]
    found = named(parts, rule(exercise))
    return sorted({(n.lineno, found[id(n)]) for _, nodes in parts for n in nodes if id(n) in found})
