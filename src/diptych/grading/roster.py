"""The roster: who is in the class, those without a folder among them."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path

from diptych.grading import tables
from diptych.grading.files import as_text
from diptych.grading.tables import TableError

IDS = ("student", "id")  # headings under which a table names the students' folders


def read(path: Path) -> dict[str, str]:
    """Student → name, or "" where the roster has no names.

    A roster is a table (:mod:`diptych.grading.tables`) with a column ``student`` or ``id`` for what
    the students' folders are called, and ``name`` if there are names. In a gradebook of Canvas
    ``ID`` is the folder and ``Student`` the name, and rows without an id are passed over. Raises
    :class:`TableError`, and :class:`OSError` where the file cannot be read.
    """
    found: dict[str, str] = {}
    columns = {"student": IDS, "name": ("name",)}
    canvas = {"student", "id", "section"} <= set(tables.heads(path))
    if canvas:
        columns = {"student": ("id",), "name": ("student",)}
    for number, row in tables.read(path, columns, ["student"]):
        student = as_text(row["student"])
        if canvas and not student:  # the points that are possible, and how they are posted
            continue
        if not student:
            raise TableError(f"{path}, row {number}: no student is named")
        if student in found:
            raise TableError(f"{path}, row {number}: {student!a} is there twice")
        found[student] = row["name"]
    if not found:
        raise TableError(f"{path} names nobody")
    return found


def together(
    folders: Iterable[str], roster: dict[str, str], told: dict[str, str] | None = None
) -> dict[str, str]:
    """Everybody, with a folder or on the roster, sorted, and their names: the roster's, or else
    what the course's site has ``told``.

    A folder is somebody's on the roster also where only the way in which its characters are
    composed differs, as it does on a Mac.
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
    """Who has a folder, and is not on the roster, if there is one."""
    listed = {unicodedata.normalize("NFC", student) for student in roster}
    return [s for s in everybody if listed and unicodedata.normalize("NFC", s) not in listed]


def check(everybody: Collection[str], asked: Iterable[str]) -> None:
    """Raise :class:`TableError` where somebody who is asked for is not in the class."""
    for student in asked:
        if student not in everybody:
            raise TableError(f"nobody in the class is called {near(student, everybody)}")


def near(student: str, everybody: Collection[str]) -> str:
    """The name, which nobody in the class has, and one that somebody has and that is like it."""
    found = difflib.get_close_matches(student, everybody, 1)
    return f"{student!a}" + (f": did you mean {found[0]!a}?" if found else "")
