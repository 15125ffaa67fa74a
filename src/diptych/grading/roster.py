"""The roster: who is in the class, those without a folder among them."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from diptych.grading.files import as_text

IDS = ("student", "id")  # headings under which a roster names the students' folders
NAMES = ("name",)


class RosterError(ValueError):
    """The roster cannot be used; the message says why, in one line."""


def read(path: Path) -> dict[str, str]:
    """Student → name, or "" where the roster has no names.

    A roster is a CSV file in UTF-8, with or without a byte order mark, separated by commas,
    semicolons or tabs. Its first line has the headings: ``student`` or ``id`` for what the
    students' folders are called, and ``name`` if there are names; other columns are passed over.
    Raises :class:`RosterError`, and :class:`OSError` where the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RosterError(f"{path} is not UTF-8: save it as CSV UTF-8") from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise RosterError(f"{path} is not CSV: {error}") from None
    heads = [head.strip().casefold() for head in rows[0]] if rows else []
    ids = _column(path, heads, IDS)
    if ids is None:
        raise RosterError(f"{path} has no column that is called {' or '.join(IDS)}")
    names = _column(path, heads, NAMES)
    found: dict[str, str] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        student = as_text(row[ids].strip()) if ids < len(row) else ""
        if not student:
            raise RosterError(f"{path}, row {number}: nothing under {heads[ids]}")
        if student in found:
            raise RosterError(f"{path}, row {number}: {student!a} is there twice")
        found[student] = row[names].strip() if names is not None and names < len(row) else ""
    if not found:
        raise RosterError(f"{path} names nobody")
    return found


def _column(path: Path, heads: list[str], known: tuple[str, ...]) -> int | None:
    found = [number for number, head in enumerate(heads) if head in known]
    if len(found) > 1:
        raise RosterError(f"{path} has more than one column for {known[0]}")
    return found[0] if found else None


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
