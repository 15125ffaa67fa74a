"""The builder: percent ``.py`` sources in, executed and reproducible ``.ipynb`` out.

``chapters/<stem>.py`` becomes ``chapters/<stem>.ipynb``; ``solutions/<stem>.py`` becomes
``solutions/<stem>.ipynb`` and, minus the answers, ``exercises/<stem>.ipynb``. Two builds of
one source are byte-identical: cells carry stable ids, and nothing that depends on the time,
the machine or the memory is stored.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from diptych.book import sources
from diptych.book.sources import BuildError
from diptych.catalogue.component import exercise

MAX_BYTES = 400_000
PROVISIONER = "diptych-warm"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?^ *### END SOLUTION$", re.S | re.M)
LABEL = re.compile(r"^\(([\w-]+)\)=$", re.M)
ANSWER = re.compile(r"^(?:def|class) (\w+_(?:pt|tf))\b", re.M)
CHECK = re.compile(r"^check\((\w+)(_pt|_tf)\)$", re.M)
ANSI = re.compile(r"\x1b\[[0-9;]*m")
ADDRESS = re.compile(r"\b0x[0-9a-f]{8,}\b")


@dataclass(frozen=True)
class Job:
    """One notebook to build: its source, where it goes, and whether the answers are left out."""

    source: Path
    target: Path
    without_answers: bool = False


def jobs(root: Path) -> Iterator[Job]:
    """Every notebook that the sources below ``root`` call for."""
    for source in sorted(root.glob("chapters/*/*.py")):
        yield Job(source, source.with_suffix(".ipynb"))
    for source in sorted(root.glob("solutions/*/*.py")):
        yield Job(source, source.with_suffix(".ipynb"))
        exercise = root / "exercises" / source.relative_to(root / "solutions")
        yield Job(source, exercise.with_suffix(".ipynb"), without_answers=True)


def notebook(job: Job) -> nbformat.NotebookNode:
    """The notebook that ``job`` calls for, with nothing executed yet."""
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
    """What a notebook says of itself: its kernel and, where answers are handed in, its chapter,
    which the grader finds there whatever the file is called by then."""
    family, room = job.source.parent.name, job.source.parents[1].name
    more = {"diptych": {"chapter": f"{family}/{job.source.stem}"}} if room == "solutions" else {}
    return nbformat.from_dict(METADATA | more)


def without_answer(source: str) -> str:
    """The source of a cell with the answer between the solution marks taken out.

    What stands in its place is what nbgrader would put there.
    """
    return SOLUTION.sub(r"\1# YOUR CODE HERE\n\1raise NotImplementedError()", source)


def nbgrader_metadata(source: str, job: Job) -> dict | None:
    """What nbgrader must know of a cell: an answer is a solution, a ``check`` is graded."""
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
    # By content, so that a cell put in leaves the ids of all the others as they are.
    id = f"{section[:40]}-{hashlib.sha256(source.encode()).hexdigest()[:8]}"
    while id in taken:
        id += "x"
    return id


def is_current(job: Job) -> bool:
    """Whether the target was built from the source as it stands (nothing is executed)."""
    if not job.target.exists():
        return False
    built = nbformat.read(job.target, as_version=4)
    for cell in built.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return built == notebook(job)


def build(job: Job) -> None:
    """Execute the notebook of ``job`` in a fresh kernel and write it.

    Raises :class:`BuildError` where a cell raises, writes to stderr, prints a memory
    address, or where the notebook grows beyond 400 kB; the old one is then left as it is.
    """
    built = notebook(job)
    execute(built, job.target.parent)
    built.metadata = notebook_metadata(job)  # without the Python version it ran on
    for number, cell in enumerate(built.cells):
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = [_clean(output) for output in cell.outputs]
            for problem in problems(cell):
                raise BuildError(f"{job.source}: cell {number} ({cell.id}): {problem}")
    text = nbformat.writes(built) + "\n"
    if len(text.encode()) > MAX_BYTES:
        raise BuildError(
            f"{job.source}: the notebook is {len(text.encode()):,} bytes, above "
            f"{MAX_BYTES:,}; draw fewer points, or heavy figures as PNG"
        )
    job.target.parent.mkdir(parents=True, exist_ok=True)
    job.target.write_text(text, encoding="utf-8")


def execute(built: nbformat.NotebookNode, folder: Path) -> None:
    """Run all cells of a notebook in place, in ``folder``, in a forked kernel where fork is."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    folder.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        built,
        timeout=300,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],  # it warns of each socket that is not encrypted
        resources={"metadata": {"path": str(folder)}},
    )
    with _provisioner(PROVISIONER):
        try:
            client.execute()
        except CellExecutionError as error:
            raise BuildError(f"{folder}: {ANSI.sub('', str(error))}") from None


@contextlib.contextmanager
def _provisioner(name: str) -> Iterator[None]:
    key = "JUPYTER_DEFAULT_PROVISIONER_NAME"
    before = os.environ.get(key)
    os.environ[key] = before or name
    try:
        yield
    finally:
        if before is None:
            del os.environ[key]


def _clean(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    if "data" in output and "image/svg+xml" in output.data:
        # What matplotlib writes about itself and about the day is no part of the picture.
        output.data["image/svg+xml"] = re.sub(
            r" *<metadata>.*?</metadata>\n?", "", output.data["image/svg+xml"], flags=re.S
        )
    return output


def problems(cell: nbformat.NotebookNode) -> Iterator[str]:
    """What keeps the outputs of an executed cell from being published, a sentence each."""
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"raised {output.ename}: {output.evalue}"
        if output.get("name") == "stderr":
            yield f"wrote to stderr: {output.text.strip()[:200]}"
        if ADDRESS.search(str(output)):
            yield "shows a memory address, which is another one on each run"


def stale(root: Path) -> list[Job]:
    """The jobs whose targets were not built from their sources as these stand."""
    return [job for job in jobs(root) if not is_current(job)]
