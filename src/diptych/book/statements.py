"""Writes titles, hints and the *Why* of each exercise into the package, from the solutions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import jupytext

from diptych.book.cell import BuildError
from diptych.book.exercise_cells import ANSWER, HINT
from diptych.catalogue.lookup import in_order
from diptych.catalogue.statements import Statement

FOLDER = Path("src/diptych/catalogue/statements")
TITLE = re.compile(r"^## (.+)$", re.M)
WHY = "**Why:** "


def jobs(root: Path) -> Iterator[tuple[Path, Path]]:
    """Each source of exercises below ``root``, and the file in the package with their texts."""
    for source in sorted(root.glob("solutions/*/*.py")):
        yield source, root / FOLDER / source.parent.name / f"{source.stem}.json"


def text(source: Path) -> str:
    """The content of the file, with the exercises in the suggested order.

    Raises :class:`BuildError` if an exercise has no title, hints or answer.
    """
    rank = [each.answer for each in in_order(f"{source.parent.name}/{source.stem}")]
    rows = [asdict(each) for each in _statements(source)]
    rows.sort(key=lambda row: rank.index(row["answer"]))
    for row in rows:
        del row["chapter"]  # the name of the file
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def is_current(source: Path, target: Path) -> bool:
    """Whether ``target`` has the content that ``source`` gives."""
    return target.is_file() and target.read_text(encoding="utf-8") == text(source)


def build(source: Path, target: Path) -> None:
    """Write ``target``; raises :class:`BuildError`."""
    content = text(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content, encoding="utf-8")


def _statements(source: Path) -> Iterator[Statement]:
    title, hints, answer = "", (), ""
    for cell in jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent").cells:
        if cell.cell_type == "code":
            answer = match[1] if (match := ANSWER.search(cell.source)) else answer
        elif cell.source.startswith(WHY):
            if not (title and hints and answer):
                raise BuildError(f"{source}: no title, hint or answer above {cell.source[:40]!r}")
            yield Statement(answer, title, hints, _lines(cell.source.removeprefix(WHY)))
            title, hints, answer = "", (), ""
        else:
            title = (TITLE.findall(cell.source) or [title])[-1]
            _, *rest = HINT.split(cell.source)
            hints = tuple(map(_lines, rest[1::2])) or hints


def _lines(markdown: str) -> str:
    """Each paragraph on one line, because terminals and pages break lines themselves."""
    return "\n\n".join(" ".join(part.split()) for part in markdown.strip().split("\n\n"))
