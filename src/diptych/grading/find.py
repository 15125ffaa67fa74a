"""Finds the submitted notebooks, and says of each file that is not graded why it is not.

A student is a folder; where in it the notebooks lie, and what they are called, does not matter
as long as they can be told (:mod:`diptych.grading.chapter`). Links are listed, and not followed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType

from diptych.catalogue.component import FAMILIES
from diptych.grading import chapter, read
from diptych.grading.files import as_text
from diptych.grading.statuses import sentence

LISTED = 20  # files that are listed, a student: a report is no inventory
LOOKED_AT = 200  # notebooks, a student
ENTRIES = 20_000  # files and folders, a student
DEPTH = 8  # folders below a student's
# Browsers save .ipynb.txt and .ipynb.json; what begins with a dot is a checkpoint, or .git.
NOTEBOOK = chapter.ENDING
ARCHIVE = re.compile(r"\.(zip|rar|7z|tar|tgz|gz|bz2|xz)$", re.I)
PASSED_OVER = re.compile(r"\.|__MACOSX$")
REST = "…/"  # in the place of a path, for all that is listed no more: no path ends like this


class Nothing(Exception):
    """There is nothing to grade; the message says what to do."""


@dataclass(frozen=True)
class Submission:
    """One file that was handed in: ``path`` is where it is, ``place`` what the student sees.

    ``chapter`` is ``family/stem``. A ``status`` says that it is only listed, for that ``reason``.
    ``late`` is "yes", "no", or "" where nobody knows.
    """

    student: str
    path: Path
    place: str
    chapter: str = ""
    status: str = ""
    reason: str = ""
    late: str = ""


def class_folder(folder: Path) -> Path:
    """The folder of the students' folders: ``folder``, or what a ZIP has put into it under the
    same name. Raises :class:`Nothing` where it is the folder of one student."""
    names, inner = students(folder), folder / folder.resolve().name
    if names and set(names) <= set(FAMILIES):
        raise Nothing(
            f"{folder} holds {', '.join(names)}, as one student's folder does: give the folder "
            "above it, which holds a folder for each student"
        )
    doubled = [entry.name for entry in _shown(folder)] == [inner.name] == names
    if doubled and not inner.is_symlink() and set(students(inner)) - set(FAMILIES):
        return class_folder(inner)
    return folder


def students(folder: Path) -> list[str]:
    """The names of the students' folders, links to folders among them, sorted."""
    return sorted(entry.name for entry in _shown(folder) if _leads_to_folder(entry))


def submissions(
    folder: Path,
    wanted: Collection[str] = (),
    *,
    order: Mapping[Path, float] = MappingProxyType({}),
    also: Iterable[Submission] = (),
) -> list[Submission]:
    """Every notebook of the students below ``folder``, sorted, and what else has to be listed.

    With ``wanted``, those of other chapters are listed only. Of several notebooks of one chapter
    that with the highest ``order`` counts. Those that are ``also`` listed come with them. Raises
    :class:`Nothing` where no notebook and nothing to list is found.
    """
    astray = sentence("no_student")
    found = [
        Submission("", Path(entry.path), as_text(entry.name), "", "no_student", astray)
        for entry in _shown(folder)
        if not _leads_to_folder(entry) and NOTEBOOK.search(entry.name)
    ]
    for student in students(folder):
        found += of_student(folder / student, as_text(student), wanted, order)
    found += also
    if not found:
        raise Nothing(
            f"there is no notebook in {folder}. It should hold a folder for each student, with the "
            "notebooks in it, such as ann/activations/rectifiers.ipynb: unpack what your course's "
            "site hands out, and give the folder that holds the students'"
        )
    return sorted(found, key=lambda s: (s.student, s.place))


def of_student(
    top: Path,
    name: str,
    wanted: Collection[str] = (),
    order: Mapping[Path, float] = MappingProxyType({}),
) -> list[Submission]:
    """What counts in the folder ``top`` of one student, and up to ``LISTED`` others."""

    def listed(path: Path, status: str, chapter: str = "", **details: object) -> Submission:
        reason = sentence(status, **details)
        return Submission(name, path, _place(path, top), chapter, status, reason)

    notebooks, others = [], []
    for path, why in _walk(top):
        if why:
            others.append(listed(path, "not_searched", reason=why))
        else:
            notebooks.append(path)
    notebooks.sort(key=lambda path: _rank(path, top))
    of_chapter: dict[str, list[tuple[tuple, Path]]] = {}
    for path in notebooks[:LOOKED_AT]:
        place = _place(path, top)
        its, begun, why = _chapter(path, place)
        if not its:
            others.append(listed(path, "unreadable" if why else "unknown_chapter", reason=why))
        elif wanted and its not in wanted:
            others.append(listed(path, "other_chapter", its))
        else:
            rank = -order.get(path, 0.0), -begun, _own(place) != its
            of_chapter.setdefault(its, []).append((rank, path))
    found = []
    for its, those in of_chapter.items():
        (_, first), *rest = sorted(those, key=itemgetter(0))  # of equals the first stays first
        found.append(Submission(name, first, _place(first, top), its))
        others += [listed(path, "second", its, first=_place(first, top)) for _, path in rest]
    more = len(others[LISTED:]) + len(notebooks[LOOKED_AT:])
    if more:
        reason = sentence("not_searched", reason=f"{more} files more are not listed")
        found.append(Submission(name, top, REST, "", "not_searched", reason))
    return found + others[:LISTED]


def _chapter(path: Path, place: str) -> tuple[str, int, str]:
    """What :func:`diptych.grading.chapter.of` says of a notebook, and why it cannot be read, if it
    cannot."""
    try:
        notebook = read.notebook(read.content(path))
    except read.Unreadable as error:
        return chapter.by_place(place), -1, str(error)
    try:
        return *chapter.of(notebook, read.code_cells(notebook), place), ""
    except read.Unreadable as error:
        return *chapter.of(notebook, (), place), str(error)


def _place(path: Path, top: Path) -> str:
    return as_text(path.relative_to(top).as_posix())


def _own(place: str) -> str:
    return NOTEBOOK.sub("", place)


def _rank(path: Path, top: Path) -> tuple[bool, int, str]:
    """First what lies at a chapter's own place; then by depth, and by name without the ending, so
    that ``a`` comes before ``a (1)``."""
    place = _place(path, top)
    return _own(place) not in chapter.book(), place.count("/"), _own(place)


def _walk(top: Path) -> Iterator[tuple[Path, str]]:
    """The notebooks below a folder, and what is not looked into, with the reason."""
    if top.is_symlink():
        yield top, "this folder is a link: put the folder itself there"
        return
    left, todo = ENTRIES, [(top, 0)]
    for folder, depth in todo:  # which grows: what lies near is found first
        try:
            entries = _entries(folder, left + 1)
        except OSError:
            yield folder, "this folder cannot be opened"
            continue
        left -= len(entries)
        for entry in entries:
            path = Path(entry.path)
            if PASSED_OVER.match(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < DEPTH:
                    todo.append((path, depth + 1))
                else:
                    yield path, f"it lies more than {DEPTH} folders deep"
            elif _leads_to_folder(entry):
                yield path, "this folder is a link: hand in the folder itself"
            elif NOTEBOOK.search(entry.name):
                yield path, ""
            elif ARCHIVE.search(entry.name):
                yield path, "it is packed: unpack it, or hand in the notebooks"
        if left < 0:
            yield folder, f"beyond the first {ENTRIES} files nothing is looked for"
            return


def _shown(folder: Path) -> list[os.DirEntry]:
    return [entry for entry in _entries(folder) if not PASSED_OVER.match(entry.name)]


def _entries(folder: Path, most: int | None = None) -> list[os.DirEntry]:
    """What lies in a folder, by name; raises :class:`OSError`."""
    with os.scandir(folder) as scanned:
        return sorted(itertools.islice(scanned, most), key=lambda entry: entry.name)


def _leads_to_folder(entry: os.DirEntry) -> bool:
    with contextlib.suppress(OSError):  # a link to itself
        return entry.is_dir()
    return False
