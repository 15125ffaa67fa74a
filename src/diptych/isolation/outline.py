"""What a notebook's source tells about its answers, before any of it has run.

It tells which statements an answer depends on, which cells would define it if they were valid
Python, and which misspelt name was probably meant. The child reads this, because reading takes
time, and the child's time is limited.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Mapping, Sequence

from diptych.forbidden import dependencies, mentions

LIKE = 0.75  # names at least this similar (difflib's ratio) may be misspelt
LONG = 100  # characters: a longer name is no misspelling


def outline(
    cells: Sequence[tuple[str, ast.Module | None]], wanted: Mapping[str, Iterable[str]]
) -> dict:
    """What the source tells about the ``wanted`` answers, each with the names to search for.

    Each of the ``cells`` is Python and its syntax tree, ``None`` if it is not valid Python.

    ``found`` has for each answer what :func:`diptych.forbidden.mentions.search` returns, the cells
    that it ``needs``, the ``broken`` cells that would define it, and the ``near`` name that may be
    meant by it. ``kept`` has for each cell the lines that the answers need, as ``[first, last]``.
    """
    statements = dependencies.statements(cells)
    definitions = dependencies.definitions(statements)
    found = mentions.search(definitions, wanted)
    broken = [(n, python) for n, (python, tree) in enumerate(cells, 1) if tree is None]
    for name, each in found.items():
        each["broken"] = [n for n, source in broken if dependencies.seems_to_define(source, name)]
        each["near"] = "" if each["cells"] or each["broken"] else _near(name, definitions, found)
    return {"found": found, "kept": _kept(len(cells), statements, found)}


def _near(name: str, defined: Iterable[str], answers: Iterable[str]) -> str:
    others = [each for each in defined if each not in answers and len(each) < LONG]
    same = [each for each in others if _letters(each) == _letters(name)]
    # The suffix says which framework is meant: relu_tf is no misspelt relu_pt, relu_tp is.
    likely = [each for each in others if _letters(each)[-2:] in (name[-2:], name[-2:][::-1])]
    return next(iter(same or difflib.get_close_matches(name, likely, 1, LIKE)), "")


def _letters(name: str) -> str:
    return name.replace("_", "").lower()


def _kept(
    cells: int, statements: Iterable[dependencies.Statement], found: Mapping[str, dict]
) -> list[list[list[int]]]:
    """The lines that the answers need, and all imports; fills in the cells that each ``needs``."""
    definitions = dependencies.definitions(statements, changes=True)
    kept = {id(s): s for s in statements if all(map(_imports, s.nodes))}
    for name, each in found.items():
        own = dependencies.needed(name, definitions)
        each["needs"] = sorted({s.cell for s in own})
        kept |= {id(s): s for s in own}
    lines: list[list[list[int]]] = [[] for _ in range(cells)]
    for s in sorted(kept.values(), key=lambda s: s.start):
        lines[s.cell - 1].append([s.start, s.nodes[-1].end_lineno])
    return lines


def _imports(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def only(python: str, kept: Iterable[Sequence[int]]) -> str:
    """A cell in which all lines that are not ``kept`` are empty, so that the line numbers stay."""
    lines = dependencies.LINES.split(python)
    wanted = {number for first, last in kept for number in range(first, last + 1)}
    return "\n".join(line if n in wanted else "" for n, line in enumerate(lines, 1))
