"""What students get: the notebooks of an assignment, and the files that they need to run them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import jinja2
import nbformat

from diptych.catalogue.component import FRAMEWORK_NAMES, FRAMEWORKS, load
from diptych.grading.option_types import BEST
from diptych.grading.requirements import EXTRAS, book, pins, wheel
from diptych.grading.version import PACKAGE

CHOICE = re.compile(r"in\s+PyTorch,\s+in\s+TensorFlow,\s+or\s+in\s+both")
ENOUGH = re.compile(r"^One framework is enough: .*(?:\n(?!\n).*)*\n*", re.M)
LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./)[^)]*\.ipynb[^)]*\)")


def files(
    chapters: Sequence[str], frameworks: Sequence[str], deadline: str = ""
) -> dict[str, bytes]:
    """The files of the students' folder, by their paths in it.

    ``frameworks`` are those that count, or ("best",). Raises
    :class:`diptych.grading.requirements.NoHandout`.
    """
    name, content = wheel()
    notebooks = {f"{chapter}.ipynb": notebook(chapter, frameworks) for chapter in chapters}
    made = {path: nbformat.writes(each) + "\n" for path, each in notebooks.items()}
    made["README.md"] = _readme(chapters, frameworks, deadline)
    shown = _shown(frameworks)
    needed = f"{name}[{','.join(EXTRAS[each] for each in shown)}]"
    made["requirements.txt"] = f"-c constraints.txt\n./{needed}\njupyterlab\n"
    made["constraints.txt"] = "\n".join(pins(shown)) + "\n"
    return {path: text.encode() for path, text in made.items()} | {name: content}


def notebook(chapter: str, frameworks: Sequence[str]) -> nbformat.NotebookNode:
    """The exercises of a chapter with the cells of these frameworks only, and no outputs."""
    shown = _shown(frameworks)
    left_out = set(FRAMEWORKS) - set(shown)
    made = nbformat.read(book() / "exercises" / f"{chapter}.ipynb", as_version=4)
    made.cells = [c for c in made.cells if not left_out & set(c.metadata.get("tags", ()))]
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            continue
        cell.source = LINK.sub(r"\1", cell.source)  # students do not get the chapters
        if frameworks != BEST:
            cell.source = CHOICE.sub(_in(shown), cell.source)
            cell.source = ENOUGH.sub("", cell.source)
    made.cells = [cell for cell in made.cells if cell.source]
    return made


def _shown(frameworks: Sequence[str]) -> tuple[str, ...]:
    return FRAMEWORKS if frameworks == BEST else tuple(frameworks)


def _in(frameworks: Sequence[str]) -> str:
    return " and ".join(f"in {FRAMEWORK_NAMES[each]}" for each in frameworks)


def _readme(chapters: Sequence[str], frameworks: Sequence[str], deadline: str) -> str:
    template = (PACKAGE / "grading/templates/students.md").read_text(encoding="utf-8")
    components = [component for chapter in chapters for component in load(chapter)]
    points = sum(exercise.max_points for each in components for exercise in each.exercises)
    return jinja2.Template(template, trim_blocks=True, keep_trailing_newline=True).render(
        chapters=chapters,
        points=points * (1 if frameworks == BEST else len(frameworks)),
        best=frameworks == BEST,
        where=_in(_shown(frameworks)),
        both=len(_shown(frameworks)) == 2,
        deadline=deadline,
    )
