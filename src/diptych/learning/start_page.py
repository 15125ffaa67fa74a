"""The notebook that ``diptych lab`` opens: what to do first, the learner's progress, the paths."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from diptych.learning.path_list import markdown
from diptych.learning.paths import PATHS, Step

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
FIRST = """\
# Start here

1. Open the [first exercises](exercises/activations/rectifiers.ipynb). They belong to the chapter
   [Rectifiers](chapters/activations/rectifiers.ipynb).
2. Run the cells that import the framework. One framework is enough: skip the cells of the other.
3. Read a statement, and replace the line `raise NotImplementedError()` by your answer.
4. Run this cell (Shift+Enter), then the `check` below it. It names your mistake, if there is one.
5. Save your work, come back here, and run the next cell. It shows what you have solved."""
PROGRESS = """\
from diptych import progress

progress()"""
CHOOSE = """\
## Three paths

Each path selects chapters and exercises. In its order, nothing is needed before it comes. The
minutes are an estimate, made by counting words, lines of code and exercises."""


def notebook(book: Path) -> bytes:
    """The content of the notebook, for a folder with the chapters and exercises of ``book``.

    Steps of a path whose chapter or exercises are missing there are left out: a course may have
    only some of them.
    """
    paths = []
    for key, path in PATHS.items():
        if steps := [step for step in path.steps if all(map(Path.exists, files(step, book)))]:
            text = f"### {path.title}\n\n{markdown(steps, book)}"
            paths.append(new_markdown_cell(text, id=f"path-{key}"))
    cells = [
        new_markdown_cell(FIRST, id="first"),
        new_code_cell(PROGRESS, id="progress"),
        new_markdown_cell(CHOOSE, id="choose"),
        *paths,
    ]
    made = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    return (nbformat.writes(made) + "\n").encode()


def files(step: Step, book: Path) -> list[Path]:
    return [book / folder / f"{step.chapter}.ipynb" for folder in ("chapters", "exercises")]
