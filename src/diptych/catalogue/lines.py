"""Reads lines of the short form: splits off comments, splits halves, evaluates expressions."""

from __future__ import annotations

import ast
from collections.abc import Mapping


class NotationError(ValueError):
    """A line that cannot be read; the message names it and says what is wrong."""


def rows(text: str) -> list[tuple[int, str, str]]:
    """Line number, code and comment of each line that has code.

    A comment alone on a line continues the comment above it; code continues on the next line while
    a bracket is open.
    """
    found: list[list] = []
    for number, line in enumerate(text.strip("\n").splitlines(), 1):
        code, _, comment = (part.strip() for part in line.partition("#"))
        if found and _is_open(found[-1][1]):
            found[-1][1] += f" {code}"
            found[-1][2] = comment
        elif code:
            found.append([number, code, comment])
        elif comment and found:
            found[-1][2] = f"{found[-1][2]} {comment}".strip()
    return [tuple(row) for row in found]


def _is_open(code: str) -> bool:
    """Whether a bracket is still open, so that the code continues on the next line."""
    return sum(map(code.count, "([{")) > sum(map(code.count, ")]}"))


def halves(code: str, where: str) -> tuple[str, str]:
    """The two sides of ``PyTorch's code | TensorFlow's code``; raises :class:`NotationError`."""
    found = [half.strip() for half in code.split(" | ")]
    if len(found) != 2:
        raise NotationError(f"{where}: {code}: write PyTorch's side | TensorFlow's side")
    for half in found:
        try:
            ast.parse(half)
        except SyntaxError as error:
            raise NotationError(f"{where}: {half}: {error}") from None
    return found[0], found[1]


def evaluate(code: str, scope: Mapping[str, object], where: str) -> object:
    """The value of an expression with the names in ``scope``; raises :class:`NotationError`."""
    try:
        return eval(compile(code, f"<{where}>", "eval"), dict(scope))
    except (SyntaxError, NameError) as error:
        raise NotationError(f"{where}: {error}") from None
