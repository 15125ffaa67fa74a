"""Which chapter a notebook belongs to, whatever its file is called by the time it is handed in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import PurePosixPath

from diptych.catalogue.component import catalogue, chapters
from diptych.judging.worker import SUFFIXES

DEFINED = re.compile(
    r"^[ \t]*(?:(?:async +)?def|class) +(?P<made>\w+)"
    r"|^[ \t]*(?P<given>\w+) *(?::[^=\n]*)?=(?!=)",
    re.M,
)
STUB = re.compile(r"^ *raise NotImplementedError\(\)", re.M)
ENDING = re.compile(r"\.ipynb(\.txt|\.json)?$", re.I)  # browsers put .txt or .json behind it
# What browsers, file managers and Jupyter put around the name of a copy.
COPY = re.compile(
    r"^(copy of|kopie von|copie de|copia d[ei]|副本|复制)[ _-]*"
    r"|[ _-]*\(([0-9]+|copy|copie|copia|kopie|副本)\)$"
    r"|[ _-]+(copy|copie|copia|kopie)[ _-]*[0-9]*$"
    r"|[ _-]*(的?副本|复制)[ _-]*[0-9]*$"
    r"|[ _-]+v?[0-9]+$"
)


@cache
def book() -> tuple[str, ...]:
    """The chapters, which are asked for with every notebook."""
    return tuple(chapters())


@cache
def answers() -> Mapping[str, str]:
    """The chapter of each answer that the book asks for: no two chapters share a name."""
    return {
        exercise.answer + suffix: component.chapter
        for component in catalogue()
        for exercise in component.exercises
        for suffix in SUFFIXES
    }


def of(notebook: Mapping, cells: Iterable[str], place: str) -> tuple[str, int]:
    """The chapter of a notebook, or "", and how many of its answers have been begun, -1 where it
    has not even a stub of them.

    In this order: what its metadata says, unless it defines the answers of another chapter and
    none of that one; the answers that it defines; its ``place``, as :func:`by_place` reads it. All
    of them are the student's, and none needs to be true: a notebook is asked for the answers of
    the chapter that it is taken for, and earns what it has of them.
    """
    begun = Counter[str]()
    for cell in cells:
        names = (match["made"] or match["given"] for match in DEFINED.finditer(cell))
        found = {answers()[name] for name in names if name in answers()}
        # An answer that is still the stub shows the chapter, and is not begun.
        begun.update(dict.fromkeys(found, 0 if STUB.search(cell) else 1))
    likely = claimed(notebook)
    if not likely or (begun and likely not in begun):
        most = max(begun.values(), default=0)
        best = [chapter for chapter, count in begun.items() if count == most]
        likely = best[0] if len(best) == 1 else by_place(place) or likely
    return likely, begun.get(likely, -1)


def claimed(notebook: Mapping) -> str:
    """The chapter that the builder wrote into the metadata; "" for whatever is no chapter."""
    metadata = notebook.get("metadata")
    ours = metadata.get("diptych") if isinstance(metadata, dict) else None
    chapter = ours.get("chapter") if isinstance(ours, dict) else None
    return chapter if isinstance(chapter, str) and chapter in book() else ""


def by_place(place: str) -> str:
    """The chapter whose stem a path ends in, without what marks a copy; "" for none.

    Of chapters with the same stem, the one whose family is the folder's name.

        >>> by_place("homework/Rectifiers (1).ipynb")
        'activations/rectifiers'
    """
    path = PurePosixPath(place)
    stem = _stem(path.name)
    same = [chapter for chapter in book() if chapter.split("/")[1] == stem]
    inside = [chapter for chapter in same if chapter.split("/")[0] == path.parent.name]
    return (inside or same)[0] if len(inside or same) == 1 else ""


def _stem(name: str) -> str:
    """The name of a file as a stem: no ending, no mark of a copy, low lines for spaces."""
    stem = ENDING.sub("", unicodedata.normalize("NFKC", name)).casefold().strip()
    while (shorter := COPY.sub("", stem)) != stem:
        stem = shorter
    return re.sub(r"[ _-]+", "_", stem)
