"""Writes out the short forms in exercises (the sources below ``solutions``).

A function ``<answer>_pt`` or ``<answer>_tf`` needs no name, tag, docstring or solution marks.
``Hint 1: …`` begins a hint, and ``**Why:** …`` appears in the solutions only. After a pair of
answers comes its pair of checks. The kind and the difficulty of an exercise appear below its
heading.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from diptych.book.cell import BY_SUFFIX, Cell
from diptych.catalogue.difficulty import HARDEST, dots
from diptych.catalogue.lookup import exercise

HINT = re.compile(r"^Hint (\d): ", re.M)
HINTS = {"1": "a nudge", "2": "the idea", "3": "nearly the line"}
ANSWER = re.compile(r"^(?:def|class) (\w+)_(pt|tf)\b", re.M)
HEADING = re.compile(r"^## .+$", re.M)
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
SHAPE = '"""x: any shape; returns the same shape."""'
SOLUTIONS_ONLY = ("solution-only",)
ARE_SOLUTIONS = """\
**These are the solutions.** Each answer stands between two marks, which nbgrader needs, and is
followed by one sentence of why."""


def exercise_cells(written: list[Cell]) -> Iterator[Cell]:
    """The cells of a source of exercises, written out; raises ``KeyError``, ``SyntaxError``."""
    docstring, before = SHAPE, ""
    for number, cell in enumerate(written):
        answer = ANSWER.search(cell.source) if cell.kind == "code" else None
        if answer:
            name, suffix = answer.groups()
            own = re.search(r'^    """.*?"""$', cell.source, re.M | re.S)
            docstring = own[0].strip() if own else docstring if name == before else SHAPE
            cell = replace(
                cell,
                source=_marked(cell.source, docstring),
                name=cell.name or f"{name}_{suffix}".replace("_", "-"),
                tags=cell.tags or (BY_SUFFIX[suffix],),
            )
            yield cell
            if name == before:
                yield from (_check(name, each) for each in BY_SUFFIX)
            before = name
        elif cell.kind == "markdown":
            tags = SOLUTIONS_ONLY if cell.source.startswith("**Why:**") else cell.tags
            source = _rated(cell.source, written[number + 1 :])
            yield replace(cell, source=_hints(source), tags=tags)
            if number == 0:
                yield Cell("markdown", ARE_SOLUTIONS, tags=SOLUTIONS_ONLY)
        else:
            yield cell


def _check(name: str, suffix: str) -> Cell:
    id = f"check-{name}-{suffix}".replace("_", "-")
    return Cell("code", f"check({name}_{suffix})", id, (BY_SUFFIX[suffix],))


def _rated(source: str, following: list[Cell]) -> str:
    """A statement with the kind and the difficulty of its exercise below the heading."""
    headings = list(HEADING.finditer(source))
    answers = (ANSWER.search(cell.source) for cell in following if cell.kind == "code")
    answer = next(filter(None, answers), None)
    if not headings or answer is None:
        return source
    asked, end = exercise(answer[1]), headings[-1].end()
    n = asked.difficulty
    return (
        f'{source[:end]}\n\n<p class="difficulty">{asked.kind.capitalize()} it · <span role="img" '
        f'aria-label="difficulty {n} of {HARDEST}">{dots(n)}</span></p>{source[end:]}'
    )


def _hints(source: str) -> str:
    """A statement with each hint folded."""
    statement, *rest = HINT.split(source)
    hints = [
        f"<details><summary>Hint {n}: {HINTS[n]}</summary>\n\n{text.strip()}\n\n</details>"
        for n, text in zip(rest[::2], rest[1::2], strict=True)
    ]
    return statement + "\n".join(hints)


def _marked(source: str, docstring: str) -> str:
    """An answer with a docstring and, if it is a function, solution marks around its body."""
    (*_, node) = ast.parse(source).body
    lines = source.split("\n")
    start = node.body[0].lineno - 1
    while lines[start - 1].strip() == "" or lines[start - 1].lstrip().startswith("#"):
        start -= 1
    if ast.get_docstring(node) is None:
        lines.insert(start, f"    {docstring}")
        start += 1
    else:
        start = node.body[0].end_lineno
    if isinstance(node, ast.FunctionDef) and BEGIN not in source:
        lines = [*lines[:start], f"    {BEGIN}", *lines[start:], f"    {END}"]
    return "\n".join(lines)
