"""Reads the title and the hints of each exercise, and why its solution is right.

``diptych build`` writes ``statements/<family>/<stem>.json`` from the solutions, without the
answers. So ``check`` and ``diptych hint`` have these texts wherever the package is installed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_suffix("")


@dataclass(frozen=True)
class Statement:
    """The texts of one exercise, in Markdown; ``chapter`` is ``family/stem``."""

    answer: str
    title: str
    hints: tuple[str, ...]
    why: str
    chapter: str = ""


def read(chapter: str, folder: Path = FOLDER) -> tuple[Statement, ...]:
    """The exercises of one chapter, the easier ones first; empty for an unknown chapter."""
    file = folder / f"{chapter}.json"
    rows = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return tuple(
        Statement(row["answer"], row["title"], tuple(row["hints"]), row["why"], chapter)
        for row in rows
    )


@cache
def statements() -> Mapping[str, Statement]:
    """Every exercise of the book, by the name of its answers without ``_pt`` and ``_tf``."""
    chapters = [f"{file.parent.name}/{file.stem}" for file in sorted(FOLDER.glob("*/*.json"))]
    return {each.answer: each for chapter in chapters for each in read(chapter)}
