"""Reads a submitted notebook, and takes the code out of it. Anything in the file may be wrong."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

FILE = 100 << 20  # bytes with outputs: a few animations take tens of MB
CODE = 1 << 19  # characters: in any encoding, they fit into one frame of isolation.wire
CELLS = 1000


class Unreadable(Exception):
    """The file is not a notebook that can be graded; the message says why, to a student."""


def content(path: Path) -> bytes:
    """The bytes of a submitted file; raises :class:`Unreadable` unless it is an ordinary one."""
    try:
        # O_NONBLOCK, because opening a FIFO would wait for somebody to write to it.
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        link = error.errno == errno.ELOOP
        raise Unreadable("it is a link" if link else "it cannot be opened") from None
    with open(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise Unreadable("it is not an ordinary file")
        data = file.read(FILE + 1)
    if len(data) > FILE:
        raise Unreadable(f"it is larger than {FILE >> 20} MB; clear the outputs and save it again")
    if not data.strip():
        raise Unreadable("the file is empty")
    return data


def notebook(data: bytes) -> dict:
    """The JSON object of a notebook, unchecked; raises :class:`Unreadable`."""
    found = _parsed(data)
    if not isinstance(found, dict) or type(found.get("nbformat")) is not int:
        raise Unreadable("it is JSON, but not a notebook")
    return found


def code_cells(notebook: dict) -> list[str]:
    """The sources of the code cells, in order; raises :class:`Unreadable`."""
    sources = [_source(cell) for cell in _cells(notebook) if _kind(cell) == "code"]
    if sum(map(len, sources)) > CODE:
        raise Unreadable(f"it has more than {CODE >> 10} kB of code")
    return sources


def other_cells(notebook: dict) -> list[tuple[str, str]]:
    """Kind and source of the cells that are not code, if they are text; raises
    :class:`Unreadable`."""
    return [(kind, source) for kind, source, _ in cells(notebook) if kind != "code"]


def cells(notebook: dict) -> Iterator[tuple[str, str, dict]]:
    """Kind, source and metadata of the cells whose sources are text, in order; raises
    :class:`Unreadable`."""
    for cell in _cells(notebook):
        with contextlib.suppress(Unreadable):
            if kind := _kind(cell):
                metadata = cell.get("metadata")
                yield kind, _source(cell)[:CODE], metadata if isinstance(metadata, dict) else {}


def _cells(notebook: dict) -> list:
    cells = notebook.get("cells") if notebook["nbformat"] >= 4 else _old_cells(notebook)
    if not isinstance(cells, list) or len(cells) > CELLS:
        raise Unreadable(f"a notebook has a list of at most {CELLS} cells")
    return cells


def _parsed(data: bytes) -> object:
    # Latin-1 comes before GB 18030, because it leaves all ASCII characters of the code unchanged.
    for encoding in (None, "latin-1", "gb18030"):
        try:
            return json.loads(data if encoding is None else data.decode(encoding))
        except (ValueError, RecursionError):
            continue
    raise Unreadable("it is not JSON; was the file cut off?")


def _old_cells(notebook: dict) -> list:
    """The cells of formats 2 and 3, as format 4 has them."""
    try:
        cells = [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
        return [{"cell_type": c["cell_type"], "source": c.get("input", "")} for c in cells]
    except (KeyError, TypeError, AttributeError):
        raise Unreadable("it is of an old format; open it in Jupyter and save it again") from None


def _kind(cell: object) -> str:
    kind = cell.get("cell_type") if isinstance(cell, dict) else ""
    return kind if isinstance(kind, str) else ""


def _source(cell: dict) -> str:
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    if not all(isinstance(line, str) for line in lines):
        raise Unreadable("a cell has a source that is not text")
    # JSON can contain half of a surrogate pair, which no encoding accepts.
    return "".join(lines).encode("utf-8", "replace").decode()
