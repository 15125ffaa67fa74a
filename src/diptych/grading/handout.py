"""What students get: the notebooks of an assignment, and all that they need to run them."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import jinja2
import nbformat
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from diptych.catalogue.component import FRAMEWORK_NAMES, FRAMEWORKS, load
from diptych.grading.options import BEST
from diptych.grading.version import PACKAGE

EXTRAS = {"pytorch": "torch", "tensorflow": "tensorflow"}  # of the package, by framework
# In an installed package, and in the book's folder.
PLACES = (PACKAGE, PACKAGE.parents[1])
CHOICE = re.compile(r"in\s+PyTorch,\s+in\s+TensorFlow,\s+or\s+in\s+both")
ENOUGH = re.compile(r"^One framework is enough: .*(?:\n(?!\n).*)*\n*", re.M)
LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./)[^)]*\.ipynb[^)]*\)")
EXTRA = re.compile(r'\bextra == "(.+?)"')
METADATA = ("METADATA", "WHEEL", "entry_points.txt", "licenses/LICENSE")


class NoHandout(Exception):
    """The parts of a handout are not installed here; the message says what to do."""


def files(
    chapters: Sequence[str], frameworks: Sequence[str], deadline: str = ""
) -> dict[str, bytes]:
    """The files of the students' folder, by their paths in it.

    ``frameworks`` are those that count, or "best" alone. Raises :class:`NoHandout`.
    """
    name, wheel = _wheel()
    notebooks = {f"{chapter}.ipynb": notebook(chapter, frameworks) for chapter in chapters}
    made = {path: nbformat.writes(each) + "\n" for path, each in notebooks.items()}
    made["README.md"] = _readme(chapters, frameworks, deadline)
    shown = _shown(frameworks)
    needed = f"{name}[{','.join(EXTRAS[each] for each in shown)}]"
    made["requirements.txt"] = f"-c constraints.txt\n./{needed}\njupyterlab\n"
    made["constraints.txt"] = "\n".join(_pins(shown)) + "\n"
    return {path: text.encode() for path, text in made.items()} | {name: wheel}


def notebook(chapter: str, frameworks: Sequence[str]) -> nbformat.NotebookNode:
    """The exercises of a chapter with the cells of these frameworks only, and no outputs."""
    shown = _shown(frameworks)
    left_out = set(FRAMEWORKS) - set(shown)
    made = nbformat.read(_book() / "exercises" / f"{chapter}.ipynb", as_version=4)
    made.cells = [c for c in made.cells if not left_out & set(c.metadata.get("tags", ()))]
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            continue
        cell.source = LINK.sub(r"\1", cell.source)  # the chapters are not handed out
        if frameworks != BEST:
            cell.source = CHOICE.sub(_in(shown), cell.source)
            cell.source = ENOUGH.sub("", cell.source)
    made.cells = [cell for cell in made.cells if cell.source]
    return made


def _shown(frameworks: Sequence[str]) -> tuple[str, ...]:
    return FRAMEWORKS if frameworks == BEST else tuple(frameworks)


def _in(frameworks: Sequence[str]) -> str:
    return " and ".join(f"in {FRAMEWORK_NAMES[each]}" for each in frameworks)


def _book() -> Path:
    """The folder with the exercises and ``constraints.txt``."""
    for folder in PLACES:
        if (folder / "exercises").is_dir() and (folder / "constraints.txt").is_file():
            return folder
    raise NoHandout(
        "the exercises are not in this installation: install Diptych from its folder once more"
    )


def _readme(chapters: Sequence[str], frameworks: Sequence[str], deadline: str) -> str:
    template = (PACKAGE / "grading/templates/students.md").read_text(encoding="utf-8")
    components = [component for chapter in chapters for component in load(chapter)]
    points = sum(exercise.max_points for each in components for exercise in each.exercises)
    return jinja2.Template(template, trim_blocks=True, keep_trailing_newline=True).render(
        chapters=chapters,
        points=points * (1 if frameworks == BEST else len(frameworks)),
        best=frameworks == BEST,
        where=_in(_shown(frameworks)),
        both=len(_shown(frameworks)) == 2,
        deadline=deadline,
    )


def _pins(frameworks: Sequence[str]) -> list[str]:
    """The lines of ``constraints.txt`` for what students install; all of them where that cannot be
    told, because one of the packages is not installed here."""
    lines = (_book() / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.partition(" ")[0] for line in lines if "==" in line and line[0] != "#"]
    extras = ",".join(EXTRAS[each] for each in frameworks)
    try:
        needed = _needed(f"diptych[{extras}]", "jupyterlab")
    except importlib.metadata.PackageNotFoundError:
        return pins
    return [pin for pin in pins if canonicalize_name(pin.partition("==")[0]) in needed]


def _needed(*packages: str) -> set[str]:
    """These packages, and what they need on any platform, directly or not. Raises
    ``PackageNotFoundError`` where one is missing that is needed here, too."""
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
            if wanted.marker:  # on another platform
                continue
            raise
        for each in more:
            extra = EXTRA.search(str(each.marker or ""))
            if not extra or extra[1] in extras:
                todo.append(each)
    return {name for name, *_ in found}


def _wheel() -> tuple[str, bytes]:
    """Name and content of a wheel of this very package: students check with what grades them."""
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
    """A ZIP archive; the same content makes the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in content.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
