"""The folders of a class: which ones are students', and which files lie in them.

Links are listed, and not followed. Names that begin with a dot are ignored.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

from diptych.catalogue.component import FAMILIES
from diptych.grading.chapter import NOTEBOOK

ENTRIES = 20_000  # files and folders that are looked at, for each student
DEPTH = 8  # levels of folders below a student's
ARCHIVE = re.compile(r"\.(zip|rar|7z|tar|tgz|gz|bz2|xz)$", re.I)
IGNORED = re.compile(r"\.|__MACOSX$")  # such as .git, and checkpoints of Jupyter


class NothingToGrade(Exception):
    """There is nothing to grade; the message says what to do."""


def class_folder(folder: Path) -> Path:
    """The folder that holds the students' folders.

    That is ``folder``, or the one folder in it that has the same name: some programs unpack a ZIP
    file like this. Raises :class:`NothingToGrade` if ``folder`` is the folder of one student.
    """
    names, inner = students(folder), folder / folder.resolve().name
    if names and set(names) <= set(FAMILIES):
        raise NothingToGrade(
            f"{folder} holds {', '.join(names)}, as one student's folder does: give the folder "
            "above it, which holds a folder for each student"
        )
    doubled = [entry.name for entry in visible(folder)] == [inner.name] == names
    if doubled and not inner.is_symlink() and set(students(inner)) - set(FAMILIES):
        return class_folder(inner)
    return folder


def students(folder: Path) -> list[str]:
    """The names of the students' folders, links to folders among them, sorted."""
    return sorted(entry.name for entry in visible(folder) if leads_to_folder(entry))


def visible(folder: Path) -> list[os.DirEntry]:
    """What lies in a folder and is not ignored, sorted by name; raises ``OSError``."""
    return [entry for entry in _entries(folder) if not IGNORED.match(entry.name)]


def leads_to_folder(entry: os.DirEntry) -> bool:
    """Whether this is a folder, or a link to one."""
    with contextlib.suppress(OSError):  # a link to itself
        return entry.is_dir()
    return False


def notebooks(top: Path) -> Iterator[tuple[Path, str]]:
    """The path of each notebook below a student's folder, with "", and of what cannot be searched,
    with the reason. Files near the top come first."""
    if top.is_symlink():
        yield top, "this folder is a link: put the folder itself there"
        return
    left, todo = ENTRIES, [(top, 0)]
    for folder, depth in todo:  # the loop appends to this list
        try:
            entries = _entries(folder, left + 1)
        except OSError:
            yield folder, "this folder cannot be opened"
            continue
        left -= len(entries)
        for entry in entries:
            path = Path(entry.path)
            if IGNORED.match(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < DEPTH:
                    todo.append((path, depth + 1))
                else:
                    yield path, f"it lies more than {DEPTH} folders deep"
            elif leads_to_folder(entry):
                yield path, "this folder is a link: hand in the folder itself"
            elif NOTEBOOK.search(entry.name):
                yield path, ""
            elif ARCHIVE.search(entry.name):
                yield path, "it is packed: unpack it, or hand in the notebooks"
        if left < 0:
            yield folder, f"the search ended after the first {ENTRIES} files and folders"
            return


def _entries(folder: Path, most: int | None = None) -> list[os.DirEntry]:
    """What lies in a folder, at most so many, sorted by name; raises ``OSError``."""
    with os.scandir(folder) as scanned:
        return sorted(itertools.islice(scanned, most), key=lambda entry: entry.name)
