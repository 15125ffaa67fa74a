"""Finds the submitted notebooks and takes the code out of them; trusts nothing that they say.

submitted/<student>/<family>/<stem>.ipynb
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OTHERS = 20  # notebooks of no chapter that are listed, a student: a report is no inventory
DEPTH = 3  # folders below a student's in which a notebook is looked for
FILE = 100 << 20  # bytes, outputs included: a few animations take tens of MB
CODE = 1 << 19  # characters: so many that a frame of the wire holds them, however written
CELLS = 1000


class Unreadable(Exception):
    """The file is not a notebook that can be graded; the message says why, to a student."""


@dataclass(frozen=True)
class Submission:
    """One file that was handed in: ``path`` is where it is, ``place`` what the student sees.

    ``chapter`` is ``family/stem`` where the file lies where a chapter's notebook should, else
    empty.
    """

    student: str
    path: Path
    place: str
    chapter: str


def students(folder: Path) -> list[str]:
    """The names of the students' folders, sorted."""
    with os.scandir(folder) as entries:
        return sorted(e.name for e in entries if _is_folder(e) and not e.name.startswith("."))


def submissions(folder: Path, chapters: list[str]) -> list[Submission]:
    """Every notebook below a student's folder, sorted; links are listed and not followed.

    Of those that lie where no chapter's should, the first few.
    """
    found = []
    for student in students(folder):
        others = OTHERS
        for path in sorted(_notebooks(folder / student, DEPTH)):
            place = path.relative_to(folder / student).as_posix()
            stem = place.removesuffix(".ipynb")
            others -= stem not in chapters
            if stem in chapters or others >= 0:
                found.append(Submission(student, path, place, stem if stem in chapters else ""))
    return sorted(found, key=lambda s: (s.student, s.place))


def _notebooks(folder: Path, depth: int) -> Iterator[Path]:
    if not os.access(folder, os.R_OK | os.X_OK):
        return  # the report names it among the folders without a notebook
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue  # .ipynb_checkpoints, .git
            if _is_folder(entry):
                if depth > 1:
                    yield from _notebooks(Path(entry.path), depth - 1)
            elif entry.name.endswith(".ipynb"):
                yield Path(entry.path)


def _is_folder(entry: os.DirEntry) -> bool:
    return entry.is_dir(follow_symlinks=False)


def content(path: Path) -> bytes:
    """The bytes of a submitted file; raises :class:`Unreadable` unless it is an ordinary one."""
    try:
        # Without blocking: opening a FIFO would wait for somebody to write to it.
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


def code_cells(data: bytes) -> list[str]:
    """The sources of the code cells, in order; raises :class:`Unreadable`."""
    sources = [_source(cell) for cell in _cells(data) if _kind(cell) == "code"]
    if sum(map(len, sources)) > CODE:
        raise Unreadable(f"it has more than {CODE >> 10} kB of code")
    return sources


def other_cells(data: bytes) -> list[tuple[str, str]]:
    """Kind and source of the cells that are not code, as far as those are text; raises
    :class:`Unreadable`."""
    found = []
    for cell in _cells(data):
        with contextlib.suppress(Unreadable):
            if _kind(cell) not in ("", "code"):
                found.append((_kind(cell), _source(cell)[:CODE]))
    return found


def _cells(data: bytes) -> list:
    notebook = _parsed(data)
    if not isinstance(notebook, dict) or type(notebook.get("nbformat")) is not int:
        raise Unreadable("it is JSON, but not a notebook")
    cells = notebook.get("cells") if notebook["nbformat"] >= 4 else _old_cells(notebook)
    if not isinstance(cells, list) or len(cells) > CELLS:
        raise Unreadable(f"a notebook has a list of at most {CELLS} cells")
    return cells


def _parsed(data: bytes) -> object:
    # Latin-1 before GB 18030: it changes no letter of Python's, whatever the bytes.
    for encoding in (None, "latin-1", "gb18030"):
        try:
            return json.loads(data if encoding is None else data.decode(encoding))
        except (ValueError, RecursionError):
            continue
    raise Unreadable("it is not JSON; was the file cut off?")


def _old_cells(notebook: dict) -> list:
    """The cells of formats 2 and 3, as those of format 4: what matters here has another name."""
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
    # Half of a surrogate pair can stand in JSON, and nowhere else.
    return "".join(lines).encode("utf-8", "replace").decode()
