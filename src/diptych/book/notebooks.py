"""Makes notebooks from percent sources, with nothing executed yet, and says which are out of date.

``chapters/<stem>.py`` becomes ``chapters/<stem>.ipynb``. ``solutions/<stem>.py`` becomes
``solutions/<stem>.ipynb`` and, without the answers, ``exercises/<stem>.ipynb``. Cells have stable
ids, so that two builds of one source are byte-identical.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from diptych.book import sources
from diptych.book.cell import BuildError
from diptych.catalogue.lookup import exercise

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?^ *### END SOLUTION$", re.S | re.M)
LABEL = re.compile(r"^\(([\w-]+)\)=$", re.M)
ANSWER = re.compile(r"^(?:def|class) (\w+_(?:pt|tf))\b", re.M)
CHECK = re.compile(r"^check\((\w+)(_pt|_tf)\)$", re.M)


@dataclass(frozen=True)
class Job:
    """One notebook to build: its source, where it goes, and whether the answers are left out."""

    source: Path
    target: Path
    without_answers: bool = False


def jobs(root: Path) -> Iterator[Job]:
    """One job for each notebook that is made from the sources below ``root``."""
    for source in sorted(root.glob("chapters/*/*.py")):
        yield Job(source, source.with_suffix(".ipynb"))
    for source in sorted(root.glob("solutions/*/*.py")):
        yield Job(source, source.with_suffix(".ipynb"))
        exercise = root / "exercises" / source.relative_to(root / "solutions")
        yield Job(source, exercise.with_suffix(".ipynb"), without_answers=True)


def notebook(job: Job) -> nbformat.NotebookNode:
    """The notebook of a job, with nothing executed; raises :class:`BuildError`."""
    cells, section = [], "top"
    for cell in sources.cells(job.source):
        if job.without_answers and "solution-only" in cell.tags:
            continue
        if cell.kind == "markdown":
            section = (LABEL.findall(cell.source) or [section])[-1]
        metadata: dict = {"tags": list(cell.tags)} if cell.tags else {}
        if cell.alt:
            metadata["mystnb"] = {"image": {"alt": cell.alt}}
        if cell.kind == "code" and (grading := nbgrader_metadata(cell.source, job)):
            metadata["nbgrader"] = grading
        source = without_answer(cell.source) if job.without_answers else cell.source
        id = cell.name or _hash_id(section, source, {c.id for c in cells})
        make = getattr(nbformat.v4, f"new_{cell.kind}_cell")
        cells.append(make(source=source, metadata=metadata, id=id))
    ids = [cell.id for cell in cells]
    if repeated := sorted({id for id in ids if ids.count(id) > 1}):
        raise BuildError(f"{job.source}: cells share the name {', '.join(repeated)}")
    built = nbformat.v4.new_notebook(cells=cells, metadata=notebook_metadata(job))
    nbformat.validate(built)
    return built


def notebook_metadata(job: Job) -> nbformat.NotebookNode:
    """The metadata of a notebook: its kernel and, if students hand it in, its chapter.

    So the grader knows the chapter even if a student has renamed the file.
    """
    family, room = job.source.parent.name, job.source.parents[1].name
    more = {"diptych": {"chapter": f"{family}/{job.source.stem}"}} if room == "solutions" else {}
    return nbformat.from_dict(METADATA | more)


def without_answer(source: str) -> str:
    """The source of a cell with nbgrader's stub in place of what the solution marks enclose."""
    return SOLUTION.sub(r"\1# YOUR CODE HERE\n\1raise NotImplementedError()", source)


def nbgrader_metadata(source: str, job: Job) -> dict | None:
    """nbgrader's metadata for a cell: an answer is a solution, a ``check`` is graded."""
    if job.source.parents[1].name != "solutions":
        return None
    grading = {"locked": False, "schema_version": 3, "task": False}
    if match := CHECK.search(source):
        points = exercise(match[1]).max_points
        more = {"grade": True, "grade_id": f"check-{match[1]}{match[2]}", "points": points}
        return grading | more | {"locked": True, "solution": False}
    if match := ANSWER.search(source) if SOLUTION.search(source) else None:
        return grading | {"grade": False, "grade_id": match[1], "solution": True}
    return None


def _hash_id(section: str, source: str, taken: set[str]) -> str:
    # Made from the content, so that a new cell does not change the ids of the others.
    id = f"{section[:40]}-{hashlib.sha256(source.encode()).hexdigest()[:8]}"
    while id in taken:
        id += "x"
    return id


def is_current(job: Job) -> bool:
    """Whether the target was built from the present source; executes nothing."""
    if not job.target.exists():
        return False
    built = nbformat.read(job.target, as_version=4)
    for cell in built.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return built == notebook(job)


def stale(root: Path) -> list[Job]:
    """The jobs whose targets are out of date."""
    return [job for job in jobs(root) if not is_current(job)]
