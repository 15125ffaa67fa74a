"""What the grader leaves behind is its user's alone, and has names that any file system takes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

LONGEST = 150  # bytes of a name, so that endings and a suffix fit into the 255 of a file system
PUNCTUATION = set(" .,@_'()+-")
# Windows takes these for devices, whatever ending they have.
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.I)


def folder(path: Path) -> None:
    """Make a folder, with those above it, that nobody else may enter; leave one that is there."""
    if not path.is_dir():
        if path.parent != path:
            folder(path.parent)
        path.mkdir(mode=0o700)
        path.chmod(0o700)  # whatever the umask has taken


def touch(path: Path) -> None:
    """Make a file that nobody else may read, or make one that is there such a file."""
    _private(path, os.O_RDWR)


def replace(path: Path, content: str | bytes) -> None:
    """Write a file that nobody else may read, whole or not at all; text as UTF-8."""
    draft = path.with_name(path.name + ".draft")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(draft)  # of a grader that was killed
    _private(draft, os.O_WRONLY | os.O_EXCL)
    draft.write_bytes(content.encode() if isinstance(content, str) else content)
    os.replace(draft, path)


def _private(path: Path, flags: int) -> None:
    fd = os.open(path, flags | os.O_CREAT, 0o600)
    try:
        os.fchmod(fd, 0o600)  # whatever the umask has taken
    finally:
        os.close(fd)


def as_text(name: str) -> str:
    """A file's name as text that can be written down, whatever bytes it is made of.

    No two names become the same text, so a backslash is doubled.
    """
    return os.fsencode(name).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def page_names(students: Iterable[str]) -> dict[str, str]:
    """Student → the name of their page, which can be recognised: 李雷 gets ``李雷.html``.

    A name that a file may not have, that is too long, or that only its case or the way in which
    its characters are composed tells from another's, gets a suffix of its own.
    """
    plain = {student: _plain(student) for student in students}
    alike = Counter(map(_folded, plain.values()))
    names = {}
    for student, name in plain.items():
        own = name == unicodedata.normalize("NFC", student) and alike[_folded(name)] == 1
        # No plain name has a tilde: nobody can be called like this.
        suffix = "" if own else "~" + hashlib.sha256(student.encode()).hexdigest()[:12]
        names[student] = f"{name}{suffix}.html"
    return names


def _plain(student: str) -> str:
    """The name as one that every file system takes; equal to it where it is one already."""
    name = unicodedata.normalize("NFC", student)
    name = "".join(c if _kind(c) in "LMN" or c in PUNCTUATION else "_" for c in name)
    if not name or _kind(name[0]) not in "LN" or DEVICE.match(name):
        name = "_" + name
    return name.encode()[:LONGEST].decode("utf-8", "ignore").rstrip(" .")


def _kind(character: str) -> str:
    """Letter, mark, number, …: the first letter of the category that Unicode gives it."""
    return unicodedata.category(character)[0]


def _folded(name: str) -> str:
    """What names have in common that some file system takes for the same."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded)
