"""The roster: all students of the class, also those who have no folder."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path

from diptych.grading import tables
from diptych.grading.files import as_text
from diptych.grading.tables import TableError

IDS = ("student", "id")  # the headings of the column with the names of the students' folders


def read(path: Path) -> dict[str, str]:
    """The students on the roster: student → name, or "" if the roster has no names.

    A roster is a table (:mod:`diptych.grading.tables`). Its column ``student`` or ``id`` has the
    names of the students' folders; a column ``name`` is optional. In a gradebook of Canvas, the
    column ``ID`` has the folders and ``Student`` the names; its rows without an id are skipped.
    Raises :class:`diptych.grading.tables.TableError`, and ``OSError`` if the file cannot be read.
    """
    found: dict[str, str] = {}
    columns = {"student": IDS, "name": ("name",)}
    canvas = {"student", "id", "section"} <= set(tables.heads(path))
    if canvas:
        columns = {"student": ("id",), "name": ("student",)}
    for number, row in tables.read(path, columns, ["student"]):
        student = as_text(row["student"])
        if canvas and not student:  # rows of Canvas: possible points, and how grades are posted
            continue
        if not student:
            raise TableError(f"{path}, row {number}: no student is named")
        if student in found:
            raise TableError(f"{path}, row {number}: {student!a} is listed twice")
        found[student] = row["name"]
    if not found:
        raise TableError(f"{path} names nobody")
    return found


def together(
    folders: Iterable[str], roster: dict[str, str], told: dict[str, str] | None = None
) -> dict[str, str]:
    """All students who have a folder or are on the roster, sorted: student → name.

    The name is the roster's, or else the one that the course's site has ``told``. A folder belongs
    to a student on the roster also if the two differ only in their Unicode form, as on a Mac.
    """
    folders = list(folders)
    composed: dict[str, list[str]] = {}
    for folder in folders:
        composed.setdefault(unicodedata.normalize("NFC", folder), []).append(folder)
    names = dict.fromkeys(folders, "")
    for student, name in roster.items():
        same = composed.get(unicodedata.normalize("NFC", student), [])
        names[same[0] if student not in names and len(same) == 1 else student] = name
    names |= {student: (told or {}).get(student, "") for student in folders if not names[student]}
    return dict(sorted(names.items()))


def strangers(everybody: Iterable[str], roster: dict[str, str]) -> list[str]:
    """The students who have a folder and are not on the roster; none if there is no roster."""
    listed = {unicodedata.normalize("NFC", student) for student in roster}
    return [s for s in everybody if listed and unicodedata.normalize("NFC", s) not in listed]


def check(everybody: Collection[str], asked: Iterable[str]) -> None:
    """Raise :class:`TableError` if a student in ``asked`` is not in the class."""
    for student in asked:
        if student not in everybody:
            raise TableError(f"nobody in the class is called {near(student, everybody)}")


def near(student: str, everybody: Collection[str]) -> str:
    """The ``student``, who is not in the class, with a question about a similar name, if any."""
    found = difflib.get_close_matches(student, everybody, 1)
    return f"{student!a}" + (f": did you mean {found[0]!a}?" if found else "")
