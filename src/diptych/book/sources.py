"""Percent sources, and the short forms in them, which are spelt out in the notebook.

In any source ``# alt: …`` at the top of a cell, over as many comment lines as it takes, is the
alternative text of its figure, and ``<!-- head: leaky_relu -->`` the head of a component's section.

In a chapter ``# pair: F.silu(x) | tf.nn.silu(x)`` alone in a cell stands for the three cells that
compute value and gradient in both frameworks and see that they agree.

In exercises (the sources below ``solutions``) a function ``<answer>_pt`` or ``<answer>_tf`` needs
no name, tag, docstring or solution marks, ``Hint 1: …`` begins a hint, ``**Why:** …`` is for the
solutions only, and a pair of answers is followed by its pair of checks. The kind and the difficulty
of an exercise stand below its heading.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import jupytext

from diptych.book.heads import head
from diptych.catalogue.component import exercise
from diptych.catalogue.difficulty import HARDEST, dots

BY_SUFFIX = {"pt": "pytorch", "tf": "tensorflow"}
ALT = re.compile(r"\A# alt: (.+\n(?:# .+\n)*)")
HEAD = re.compile(r"^<!-- head: (\w+) -->$", re.M)
PANEL = 64  # columns
PAIR = re.compile(r"# pair: (.+) \| (.+)")
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


class BuildError(ValueError):
    """A source that cannot become a notebook; the message says where and why."""


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook: ``kind`` is code or markdown, ``name`` its id where it has one."""

    kind: str
    source: str
    name: str = ""
    tags: tuple[str, ...] = ()
    alt: str = ""


def cells(path: Path) -> list[Cell]:
    """The cells of a source, spelt out; raises :class:`BuildError`."""
    parsed = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    written = [
        Cell(c.cell_type, c.source, c.metadata.get("title", ""), tuple(c.metadata.get("tags", ())))
        for c in parsed.cells
    ]
    try:
        spelt_out = _exercises(written) if path.parents[1].name == "solutions" else written
        return [cell for each in spelt_out for cell in _chapter(each)]
    except (SyntaxError, KeyError, ValueError) as error:
        raise BuildError(f"{path}: {error}") from None


def _chapter(cell: Cell) -> Iterator[Cell]:
    if cell.kind == "markdown":
        yield replace(cell, source=HEAD.sub(lambda match: head(match[1]), cell.source))
    elif pair := PAIR.fullmatch(cell.source):
        yield from _pair(*pair.groups())
    elif alt := ALT.match(cell.source):
        text = " ".join(line.strip("# ") for line in alt[1].splitlines())
        yield replace(cell, source=cell.source[alt.end() :].lstrip("\n"), alt=text)
    else:
        yield cell


def _pair(in_torch: str, in_tf: str) -> Iterator[Cell]:
    """The pair that opens a section: the same inputs, values, gradients, and whether they agree."""
    makers = {"pt": ("torch.tensor", in_torch), "tf": ("tf.constant", in_tf)}
    for suffix, (maker, call) in makers.items():
        tree = ast.parse(call, mode="eval").body
        first = tree.args[0] if isinstance(tree, ast.Call) and tree.args else None
        if not isinstance(first, ast.Name):
            raise ValueError(f"# pair: {call}: write a call whose first argument is an input")
        x, function = first.id, ast.get_source_segment(call, tree.func)
        more = [ast.get_source_segment(call, each) for each in (*tree.args[1:], *tree.keywords)]
        arguments = ", ".join([function, f"{x}_{suffix}", *more])
        step = f"y_{suffix}, d{x}_{suffix} = value_and_grad({arguments})"
        if len(step) > PANEL:
            step = step.replace(f"({arguments})", f"(\n    {arguments})")
        yield Cell(
            "code",
            f"{x}_{suffix} = {maker}({x})\n{step}\n"
            f"show({x}={x}_{suffix}, y=y_{suffix}, d{x}=d{x}_{suffix})",
            tags=(BY_SUFFIX[suffix],),
        )
    yield Cell("code", f"agree(y_pt, y_tf, gradients=(d{x}_pt, d{x}_tf))")


def _exercises(written: list[Cell]) -> Iterator[Cell]:
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
    """A statement with what the next answer's exercise asks, and how difficult it is, below its
    heading."""
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
    statement, *rest = HINT.split(source)
    hints = [
        f"<details><summary>Hint {n}: {HINTS[n]}</summary>\n\n{text.strip()}\n\n</details>"
        for n, text in zip(rest[::2], rest[1::2], strict=True)
    ]
    return statement + "\n".join(hints)


def _marked(source: str, docstring: str) -> str:
    """An answer with its docstring and, where it is one function, all of its body as the answer."""
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
