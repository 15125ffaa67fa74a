"""What students install: a wheel of this package, and the versions of what it needs."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from diptych.grading.version import PACKAGE

EXTRAS = {"pytorch": "torch", "tensorflow": "tensorflow"}  # of the package, by framework
# Where the exercises and constraints.txt are: in an installed package, or in the book's folder.
PLACES = (PACKAGE, PACKAGE.parents[1])
EXTRA = re.compile(r'\bextra == "(.+?)"')
METADATA = ("METADATA", "WHEEL", "entry_points.txt", "licenses/LICENSE")


class NoHandout(Exception):
    """A part of what students get is not installed here; the message says what to do."""


def book() -> Path:
    """The folder with the exercises and ``constraints.txt``; raises :class:`NoHandout`."""
    for folder in PLACES:
        if (folder / "exercises").is_dir() and (folder / "constraints.txt").is_file():
            return folder
    raise NoHandout(
        "the exercises are not in this installation: install Diptych from its folder once more"
    )


def pins(frameworks: Sequence[str]) -> list[str]:
    """The lines ``package==version`` of ``constraints.txt`` that students of the ``frameworks``
    need.

    All lines are returned if one of the packages is not installed here, because its own
    requirements are then unknown.
    """
    lines = (book() / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [line.partition(" ")[0] for line in lines if "==" in line and line[0] != "#"]
    extras = ",".join(EXTRAS[each] for each in frameworks)
    try:
        needed = _needed(f"diptych[{extras}]", "jupyterlab")
    except importlib.metadata.PackageNotFoundError:
        return found
    return [pin for pin in found if canonicalize_name(pin.partition("==")[0]) in needed]


def _needed(*packages: str) -> set[str]:
    """These packages, and all that they require on any platform, directly or not.

    Raises ``PackageNotFoundError`` if a package is missing that this platform requires.
    """
    found, todo = set(), [Requirement(each) for each in packages]
    while todo:
        wanted = todo.pop()
        name, extras = canonicalize_name(wanted.name), wanted.extras
        if (name, *sorted(extras)) in found:
            continue
        found.add((name, *sorted(extras)))
        try:
            more = map(Requirement, importlib.metadata.requires(name) or ())
        except importlib.metadata.PackageNotFoundError:
            if wanted.marker:  # required on another platform only
                continue
            raise
        for each in more:
            extra = EXTRA.search(str(each.marker or ""))
            if not extra or extra[1] in extras:
                todo.append(each)
    return {name for name, *_ in found}


def wheel() -> tuple[str, bytes]:
    """Name and content of a wheel of this installation: ``check`` and the grader are the same
    version. Raises :class:`NoHandout`."""
    try:
        installed = importlib.metadata.distribution("diptych")
    except importlib.metadata.PackageNotFoundError:
        raise NoHandout("Diptych is not installed here: pip install it from its folder") from None
    start = f"diptych-{installed.version}"
    content = {
        f"diptych/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes() for path in _sources()
    }
    for name in METADATA:
        if text := installed.read_text(name):
            content[f"{start}.dist-info/{name}"] = text.encode()
    record = f"{start}.dist-info/RECORD"
    rows = [f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in content.items()]
    content[record] = ("".join(rows) + f"{record},,\n").encode()
    return f"{start}-py3-none-any.whl", packed(content)


def _sources() -> Iterator[Path]:
    left_out = {PACKAGE / "exercises", *PACKAGE.rglob("__pycache__")}
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and not left_out & set(path.parents):
            yield path


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def packed(content: dict[str, bytes]) -> bytes:
    """A ZIP archive of ``{name: bytes}``; equal content gives equal bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in content.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
