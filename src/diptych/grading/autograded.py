"""A submitted notebook as nbgrader's formgrader shows it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import nbformat

from diptych.catalogue.component import FRAMEWORKS
from diptych.grading import handout, read

CELLS = {
    "code": nbformat.v4.new_code_cell,
    "markdown": nbformat.v4.new_markdown_cell,
    "raw": nbformat.v4.new_raw_cell,
}


def notebook(chapter: str, names: Collection[str], path: Path) -> nbformat.NotebookNode | None:
    """The notebook at ``path``, without outputs; ``None`` if it cannot be read.

    Of the metadata of its cells, only the ``grade_id`` is read. If it is one of the ``names``, the
    first cell that has it gets the metadata of the book's own cell.
    """
    exercises = handout.notebook(chapter, FRAMEWORKS)
    about = [cell.metadata.nbgrader for cell in exercises.cells if "nbgrader" in cell.metadata]
    known = {each.grade_id: each for each in about if each.grade_id in names}
    cells = []
    try:
        for kind, source, metadata in read.cells(read.notebook(read.content(path))):
            own = metadata.get("nbgrader")
            name = own.get("grade_id") if isinstance(own, dict) else None
            grading = known.pop(name, None) if isinstance(name, str) else None
            if kind in CELLS:
                cells.append(CELLS[kind](source, metadata={"nbgrader": grading} if grading else {}))
    except read.Unreadable:
        return None
    return nbformat.v4.new_notebook(cells=cells, metadata=exercises.metadata)
