"""Finds the submitted notebooks, and says of each file that is not graded why it is not.

Each student has a folder. The notebooks may lie anywhere in it, under any name
(:mod:`diptych.grading.chapter`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType

from diptych.grading import chapter, folders, read
from diptych.grading.chapter import NOTEBOOK
from diptych.grading.files import as_text
from diptych.grading.folders import NothingToGrade
from diptych.grading.statuses import sentence

LISTED = 20  # files that are listed, for each student
LOOKED_AT = 200  # notebooks that are read, for each student
REST = "…/"  # the place of the row for files that are not listed: no real path ends like this


@dataclass(frozen=True)
class Submission:
    """One submitted file: ``path`` is where it is, ``place`` its path in the student's folder.

    ``chapter`` is ``family/stem``. A file with a ``status`` is only listed, and ``reason`` says
    why. ``late`` is "yes", "no", a number of seconds, or "" if nobody knows.
    """

    student: str
    path: Path
    place: str
    chapter: str = ""
    status: str = ""
    reason: str = ""
    late: str = ""


def submissions(
    folder: Path,
    wanted: Collection[str] = (),
    *,
    order: Mapping[Path, float] = MappingProxyType({}),
    also: Iterable[Submission] = (),
) -> list[Submission]:
    """Every notebook of the students below ``folder``, and each file that is only listed.

    Notebooks of chapters that are not ``wanted`` are only listed; without ``wanted``, all chapters
    are graded. Of several notebooks of one chapter, the one with the highest ``order`` is graded.
    The submissions in ``also`` are added. The result is sorted by student and place. Raises
    :class:`diptych.grading.folders.NothingToGrade` if there is no file to grade or to list.
    """
    reason = sentence("no_student")
    found = [
        Submission("", Path(entry.path), as_text(entry.name), "", "no_student", reason)
        for entry in folders.visible(folder)
        if not folders.leads_to_folder(entry) and NOTEBOOK.search(entry.name)
    ]
    for student in folders.students(folder):
        found += of_student(folder / student, as_text(student), wanted, order)
    found += also
    if not found:
        raise NothingToGrade(
            f"there is no notebook in {folder}. It should hold a folder for each student, with the "
            "notebooks in it, such as ann/activations/rectifiers.ipynb: unpack what your course's "
            "site hands out, and give the folder that holds the students' folders"
        )
    return sorted(found, key=lambda s: (s.student, s.place))


def of_student(
    top: Path,
    name: str,
    wanted: Collection[str] = (),
    order: Mapping[Path, float] = MappingProxyType({}),
) -> list[Submission]:
    """The notebooks in the folder ``top`` of one student that are graded, and up to ``LISTED``
    other files. ``wanted`` and ``order`` are those of :func:`submissions`."""

    def listed(path: Path, status: str, chapter: str = "", **details: object) -> Submission:
        reason = sentence(status, **details)
        return Submission(name, path, _place(path, top), chapter, status, reason)

    notebooks, others = [], []
    for path, why in folders.notebooks(top):
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
            rank = -order.get(path, 0.0), -begun, _without_ending(place) != its
            of_chapter.setdefault(its, []).append((rank, path))
    found = []
    for its, those in of_chapter.items():
        (_, first), *rest = sorted(those, key=itemgetter(0))  # stable: by _rank if equal
        found.append(Submission(name, first, _place(first, top), its))
        others += [listed(path, "second", its, first=_place(first, top)) for _, path in rest]
    more = len(others[LISTED:]) + len(notebooks[LOOKED_AT:])
    if more:
        reason = sentence("not_searched", reason=f"{more} more files are not listed")
        found.append(Submission(name, top, REST, "", "not_searched", reason))
    return found + others[:LISTED]


def _chapter(path: Path, place: str) -> tuple[str, int, str]:
    """The result of :func:`diptych.grading.chapter.of` for a notebook, and why the notebook cannot
    be read, or ""."""
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


def _without_ending(place: str) -> str:
    return NOTEBOOK.sub("", place)


def _rank(path: Path, top: Path) -> tuple[bool, int, str]:
    """Sorts notebooks: first those whose path is that of a chapter, then by depth, then by name.

    The name is compared without its ending, so that ``a`` comes before ``a (1)``.
    """
    name = _without_ending(_place(path, top))
    return name not in chapter.book(), name.count("/"), name
