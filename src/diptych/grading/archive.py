"""Reads ZIP archives that a course's site or a student has made, and trusts nothing in them."""

from __future__ import annotations

import io
import lzma
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

ENTRIES = 10_000  # files in an archive, with those of archives inside it
ENTRY = 10 << 20  # bytes of one file
ALL = 2 << 30  # bytes of all files together
# Files that Macs and Jupyter add: hidden ones, and __MACOSX.
IGNORED = re.compile(r"(^|/)(\.(?![./\\])|__MACOSX(/|$))")
PACKED = re.compile(r"\.zip$", re.I)
SAME_NAME = "another file has the same name"
# What reading a damaged archive may raise.
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)


class Refused(Exception):
    """The whole archive is refused; the message says why."""


@dataclass(frozen=True)
class Entry:
    """One file of an archive: its path, with ``/`` between the parts, and its bytes.

    A file that is not read has no bytes, and ``refused`` says why.
    """

    name: str
    content: bytes = b""
    refused: str = ""


def entries(file: BinaryIO, wanted: Callable[[str], bool]) -> Iterator[Entry]:
    """The files whose name is ``wanted``, and every file that is refused.

    Files of an archive inside the archive come under its name, ``work.zip/a.ipynb``, one level
    deep. A file is refused if its name leads outside, if two files have its name, if it is a link,
    encrypted or damaged, or if it has more than 10 MB, by its header or when it is unpacked. Raises
    :class:`Refused` if ``file`` is no archive, or has more than 10,000 files or 2 GB.
    """
    yield from _entries(file, wanted, "", _Budget())


class _Budget:
    """How many files and bytes may still be read."""

    def __init__(self) -> None:
        self.entries, self.bytes = ENTRIES, ALL

    def take(self, infos: list[zipfile.ZipInfo]) -> None:
        self.entries -= len(infos)
        self.bytes -= sum(info.file_size for info in infos)
        if self.entries < 0:
            raise Refused(f"it holds more than {ENTRIES:,} files")
        if self.bytes < 0:
            raise Refused(f"it unpacks to more than {ALL >> 30} GB")


def _entries(file: BinaryIO, wanted, inside: str, budget: _Budget) -> Iterator[Entry]:
    try:
        archive = zipfile.ZipFile(file)
    except (*DAMAGE, NotImplementedError) as error:
        raise Refused(f"it is no ZIP archive, or a damaged one: {error}") from None
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        budget.take(infos)
        names = {id(info): _name(info) for info in infos}
        twice = Counter(names.values())
        for info in infos:
            name = names[id(info)]
            if IGNORED.search(name):
                continue
            if reason := _unsafe(info, name) or (SAME_NAME if twice[name] > 1 else ""):
                yield Entry(inside + name, refused=reason)
            elif PACKED.search(name) and not inside:
                yield from _packed(_content(archive, info, name), wanted, budget)
            elif wanted(inside + name):
                yield _content(archive, info, inside + name)


def _packed(outer: Entry, wanted, budget: _Budget) -> Iterator[Entry]:
    if outer.refused:
        yield outer
        return
    try:
        yield from _entries(io.BytesIO(outer.content), wanted, f"{outer.name}/", budget)
    except Refused as error:
        yield Entry(outer.name, refused=str(error))


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Entry:
    try:
        with archive.open(info) as file:
            content = file.read(ENTRY + 1)
    except NotImplementedError:
        return Entry(name, refused="it is packed in a way that cannot be read here")
    except (*DAMAGE, RuntimeError) as error:
        return Entry(name, refused=f"it is damaged: {error}")
    if len(content) > ENTRY:
        return Entry(name, refused=_too_large())
    return Entry(name, content)


def _name(info: zipfile.ZipInfo) -> str:
    """The name, read as UTF-8 if it can be: many archives do not set the flag for UTF-8."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return name


def _unsafe(info: zipfile.ZipInfo, name: str) -> str:
    """Why this file must not be read, by its entry in the archive; "" if it may be."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if reason := bad_name(name):
        return reason
    if kind not in (0, stat.S_IFREG):
        return "it is a link, or no ordinary file"
    if info.flag_bits & 0x1:
        return "it is encrypted"
    return _too_large() if info.file_size > ENTRY else ""


def bad_name(name: str) -> str:
    """What is wrong with a name in an archive; "" if nothing is."""
    if "\0" in name or "\\" in name:
        return "its name has a character that no name of a file may have"
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in PurePosixPath(name).parts:
        return "its name leads outside the archive"
    return ""


def _too_large() -> str:
    return f"it is larger than {ENTRY >> 20} MB: clear the outputs and save it again"
