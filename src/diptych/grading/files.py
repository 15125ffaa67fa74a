"""Writes private files, and makes file names that any file system accepts."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

LONGEST = 150  # bytes of a name: with suffix and ending, it fits into the usual 255
PUNCTUATION = set(" .,@_'()+-")
# Windows treats these names as devices, with any ending.
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.I)


def folder(path: Path) -> None:
    """Make a folder and its parents, with access for the user only; an existing one is left."""
    if not path.is_dir():
        if path.parent != path:
            folder(path.parent)
        path.mkdir(mode=0o700)
        path.chmod(0o700)  # independent of the umask


def touch(path: Path) -> None:
    """Make sure that a file exists, and that only the user can read it."""
    _private(path, os.O_RDWR)


def replace(path: Path, content: str | bytes) -> None:
    """Write a file that only the user can read, whole or not at all; text as UTF-8."""
    draft = path.with_name(path.name + ".draft")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(draft)  # left by a grader that was killed
    _private(draft, os.O_WRONLY | os.O_EXCL)
    draft.write_bytes(content.encode() if isinstance(content, str) else content)
    os.replace(draft, path)


def _private(path: Path, flags: int) -> None:
    fd = os.open(path, flags | os.O_CREAT, 0o600)
    try:
        os.fchmod(fd, 0o600)  # independent of the umask
    finally:
        os.close(fd)


def as_text(name: str) -> str:
    """A file's name as text that can be written down, even if its bytes are not UTF-8.

    Backslashes are doubled, so that two different names stay different.
    """
    return os.fsencode(name).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def page_names(students: Iterable[str]) -> dict[str, str]:
    """Student → the name of the feedback page, which is like the student's: ``李雷.html``.

    A page gets a suffix if the student's name is not allowed for a file or too long, or if it
    differs from another one only in case or in its Unicode form.
    """
    plain = {student: _plain(student) for student in students}
    alike = Counter(map(_folded, plain.values()))
    names = {}
    for student, name in plain.items():
        own = name == unicodedata.normalize("NFC", student) and alike[_folded(name)] == 1
        # No plain name has a tilde, so no other student can have this name.
        suffix = "" if own else "~" + hashlib.sha256(student.encode()).hexdigest()[:12]
        names[student] = f"{name}{suffix}.html"
    return names


def _plain(student: str) -> str:
    """A name that every file system accepts; the student's own in NFC, if possible."""
    name = unicodedata.normalize("NFC", student)
    name = "".join(c if _kind(c) in "LMN" or c in PUNCTUATION else "_" for c in name)
    if not name or _kind(name[0]) not in "LN" or DEVICE.match(name):
        name = "_" + name
    return name.encode()[:LONGEST].decode("utf-8", "ignore").rstrip(" .")


def _kind(character: str) -> str:
    """The first letter of the character's Unicode category: L for letters, N for numbers, …"""
    return unicodedata.category(character)[0]


def _folded(name: str) -> str:
    """Equal for names that some file system does not tell apart."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded)
