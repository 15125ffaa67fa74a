"""Which chapter a notebook belongs to, whatever its file is called."""

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
# The names of notebooks: some browsers append .txt or .json.
NOTEBOOK = re.compile(r"\.ipynb(\.txt|\.json)?$", re.I)
# What browsers, file managers and Jupyter add to the name of a copy.
COPY = re.compile(
    r"^(copy of|kopie von|copie de|copia d[ei]|副本|复制)[ _-]*"
    r"|[ _-]*\(([0-9]+|copy|copie|copia|kopie|副本)\)$"
    r"|[ _-]+(copy|copie|copia|kopie)[ _-]*[0-9]*$"
    r"|[ _-]*(的?副本|复制)[ _-]*[0-9]*$"
    r"|[ _-]+v?[0-9]+$"
)


@cache
def book() -> tuple[str, ...]:
    """The chapters of the book; cached, because each notebook needs them."""
    return tuple(chapters())


@cache
def answers() -> Mapping[str, str]:
    """The chapter of each answer (``leaky_relu_pt``); no two chapters share a name."""
    return {
        exercise.answer + suffix: component.chapter
        for component in catalogue()
        for exercise in component.exercises
        for suffix in SUFFIXES
    }


def of(notebook: Mapping, cells: Iterable[str], place: str) -> tuple[str, int]:
    """The chapter of a notebook, or "", and how many of its answers the student has begun: -1 if
    the notebook has not even a stub of them.

    The chapter is, in this order: the one in the metadata, unless the notebook defines answers of
    another chapter and none of that one; the one whose answers it defines; the one of its
    ``place``, as :func:`by_place` reads it. A student can change all three. That gives no
    advantage, because the notebook is then asked for the answers of that chapter.
    """
    begun = Counter[str]()
    for cell in cells:
        names = (match["made"] or match["given"] for match in DEFINED.finditer(cell))
        found = {answers()[name] for name in names if name in answers()}
        # A cell that is still a stub shows the chapter, but its answer has not been begun.
        begun.update(dict.fromkeys(found, 0 if STUB.search(cell) else 1))
    likely = claimed(notebook)
    if not likely or (begun and likely not in begun):
        most = max(begun.values(), default=0)
        best = [chapter for chapter, count in begun.items() if count == most]
        likely = best[0] if len(best) == 1 else by_place(place) or likely
    return likely, begun.get(likely, -1)


def claimed(notebook: Mapping) -> str:
    """The chapter in the metadata, which our builder writes; "" if there is none in the book."""
    metadata = notebook.get("metadata")
    ours = metadata.get("diptych") if isinstance(metadata, dict) else None
    chapter = ours.get("chapter") if isinstance(ours, dict) else None
    return chapter if isinstance(chapter, str) and chapter in book() else ""


def by_place(place: str) -> str:
    """The chapter whose stem is the name of a file, without the marks of a copy; "" for none.

    Of several chapters with this stem, it is the one whose family is the name of the folder.

        >>> by_place("homework/Rectifiers (1).ipynb")
        'activations/rectifiers'
    """
    path = PurePosixPath(place)
    stem = _stem(path.name)
    same = [chapter for chapter in book() if chapter.split("/")[1] == stem]
    inside = [chapter for chapter in same if chapter.split("/")[0] == path.parent.name]
    return (inside or same)[0] if len(inside or same) == 1 else ""


def _stem(name: str) -> str:
    """The name of a file as a stem: without ending and marks of a copy, ``_`` for spaces."""
    stem = NOTEBOOK.sub("", unicodedata.normalize("NFKC", name)).casefold().strip()
    while (shorter := COPY.sub("", stem)) != stem:
        stem = shorter
    return re.sub(r"[ _-]+", "_", stem)
