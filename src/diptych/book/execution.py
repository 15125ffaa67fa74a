"""Executes notebooks, checks their outputs, and writes them.

Nothing that depends on the time, the machine or the memory is stored.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

from diptych.book.cell import BuildError
from diptych.book.notebooks import Job, notebook, notebook_metadata

MAX_BYTES = 400_000
PROVISIONER = "diptych-warm"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
ADDRESS = re.compile(r"\b0x[0-9a-f]{8,}\b")


def build(job: Job) -> None:
    """Execute the notebook of ``job`` in a fresh kernel and write it.

    Raises :class:`BuildError` if a cell raises an error, writes to stderr or shows a memory
    address, or if the notebook is larger than 400 kB. The old notebook then stays as it is.
    """
    built = notebook(job)
    execute(built, job.target.parent)
    built.metadata = notebook_metadata(job)  # nbclient has added the version of Python
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
    """Run all cells of a notebook in place, in ``folder``; raises :class:`BuildError`.

    The kernel is a fork of the warm server if the system can fork.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    folder.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        built,
        timeout=300,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],  # no warnings of sockets without encryption
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
        # matplotlib writes its version and the date into the picture.
        output.data["image/svg+xml"] = re.sub(
            r" *<metadata>.*?</metadata>\n?", "", output.data["image/svg+xml"], flags=re.S
        )
    return output


def problems(cell: nbformat.NotebookNode) -> Iterator[str]:
    """Why the outputs of an executed cell must not be published, one sentence for each reason."""
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"raised {output.ename}: {output.evalue}"
        if output.get("name") == "stderr":
            yield f"wrote to stderr: {output.text.strip()[:200]}"
        if ADDRESS.search(str(output)):
            yield "shows a memory address, which differs on each run"
