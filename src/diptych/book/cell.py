"""A cell of a source, and the error of a source that cannot be built."""

from __future__ import annotations

from dataclasses import dataclass

BY_SUFFIX = {"pt": "pytorch", "tf": "tensorflow"}  # the tag of a cell, by the suffix of its names


class BuildError(ValueError):
    """A source that cannot become a notebook; the message says where and why."""


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook.

    ``kind`` is ``"code"`` or ``"markdown"``, ``name`` its id if the source gives one, and ``alt``
    the alternative text of its figure.
    """

    kind: str
    source: str
    name: str = ""
    tags: tuple[str, ...] = ()
    alt: str = ""
