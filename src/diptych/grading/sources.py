"""Reads the files of a download: a ZIP archive, or the folder that was unpacked from one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from diptych.grading import archive, folders, read
from diptych.grading.archive import Entry

# Yields the files whose name is wanted, and every file that is refused.
Source = Callable[[Callable[[str], bool]], Iterator[Entry]]


def of_archive(path: Path) -> Source:
    """The files of a ZIP archive. Reading raises
    :class:`diptych.grading.folders.NothingToGrade` if it cannot be read."""

    def entries(wanted: Callable[[str], bool]) -> Iterator[Entry]:
        try:
            with open(path, "rb") as file:
                yield from archive.entries(file, wanted)
        except archive.Refused as error:
            raise folders.NothingToGrade(f"{path}: {error}") from None

    return entries


def of_folder(folder: Path, paths: Iterable[Path]) -> Source:
    """The files among the ``paths`` below ``folder``, with the names that they have in it."""

    def entries(wanted: Callable[[str], bool]) -> Iterator[Entry]:
        for path in sorted(paths):
            name = path.relative_to(folder).as_posix()
            if archive.IGNORED.search(name):
                continue
            if path.is_dir():
                if path.is_symlink():
                    yield Entry(name, refused="this folder is a link: put the folder itself there")
            elif wanted(name):
                try:
                    yield Entry(name, read.content(path))
                except read.Unreadable as error:
                    yield Entry(name, refused=str(error))

    return entries


def paths(folder: Path) -> list[Path]:
    """Files and folders below ``folder``: one more than a download may have, at most."""
    return list(itertools.islice(_walk(folder), archive.ENTRIES + 1))


def _walk(folder: Path) -> Iterator[Path]:
    for top, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if not folders.IGNORED.match(name)]
        yield from (Path(top, name) for name in inner + names)
