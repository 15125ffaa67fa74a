"""What a notebook's source says of its answers, before any of it has run.

Of which statements an answer is made; which cell would define it, if it were Python; which name was
meant. The child reads this, so that the time it takes is limited with the child's.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Mapping, Sequence

from diptych.forbidden import text

LIKE = 0.75  # a name that is as like an answer's may be meant by it
LONG = 100  # characters: names that are no typing errors


def outline(
    cells: Sequence[tuple[str, ast.Module | None]], wanted: Mapping[str, Iterable[str]]
) -> dict:
    """``found`` has for each answer what :func:`text.search <diptych.forbidden.text.search>` finds,
    the cells that it ``needs``, the ``broken`` ones that would define it, and the ``near`` name
    that there is in its place. ``kept`` has for each cell the lines, ``[first, last]``, of what the
    answers are made of.

    The ``cells`` are Python and what that parses to, ``None`` for what is no Python.
    """
    statements = text.statements(cells)
    made = text.makers(statements)
    found = text.search(made, wanted)
    broken = [(n, python) for n, (python, tree) in enumerate(cells, 1) if tree is None]
    for name, each in found.items():
        each["broken"] = [n for n, python in broken if text.defines(python, name)]
        each["near"] = "" if each["cells"] or each["broken"] else _near(name, made, found)
    return {"found": found, "kept": _kept(len(cells), statements, found)}


def _near(name: str, made: Iterable[str], answers: Iterable[str]) -> str:
    others = [each for each in made if each not in answers and len(each) < LONG]
    same = [each for each in others if _letters(each) == _letters(name)]
    # The suffix says which framework is meant: relu_pt is no relu_tf.
    likely = [each for each in others if _letters(each)[-2:] in (name[-2:], name[-2:][::-1])]
    return next(iter(same or difflib.get_close_matches(name, likely, 1, LIKE)), "")


def _letters(name: str) -> str:
    return name.replace("_", "").lower()


def _kept(
    cells: int, statements: Iterable[text.Statement], found: Mapping[str, dict]
) -> list[list[list[int]]]:
    made = text.makers(statements, changes=True)
    needed = {id(s): s for s in statements if all(map(_imports, s.nodes))}
    for name, each in found.items():
        own = text.made_of(name, made)
        each["needs"] = sorted({s.cell for s in own})
        needed |= {id(s): s for s in own}
    lines: list[list[list[int]]] = [[] for _ in range(cells)]
    for s in sorted(needed.values(), key=lambda s: s.start):
        lines[s.cell - 1].append([s.start, s.nodes[-1].end_lineno])
    return lines


def _imports(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def only(python: str, kept: Iterable[Sequence[int]]) -> str:
    """A cell with nothing in the lines that are not ``kept``, so that the others keep their
    numbers."""
    lines = text.LINES.split(python)
    wanted = {number for first, last in kept for number in range(first, last + 1)}
    return "\n".join(line if n in wanted else "" for n, line in enumerate(lines, 1))
