"""What a grade depends on besides the submission: the code that judges it, and the frameworks."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import diptych

PACKAGE = Path(diptych.__file__).parent
# Where judging starts. The server, the child and the component are imported by name, so no import
# statement leads there.
ROOTS = (
    "diptych.grading.submission",
    "diptych.isolation.child",
    "diptych.warm.server",
)
# The workers of a batch are threads, and Python 3.11 raises SystemError where two parse at once.
ONE_PARSER = threading.Lock()
DISTRIBUTIONS = ("numpy", "torch", "tensorflow", "tensorflow-cpu", "keras")


@functools.cache
def version(chapter: str) -> str:
    """Changes with whatever may change a grade of the ``chapter``, which is ``family/stem``.

    That is each module of the package which the chapter's components or the grader import,
    directly or not, and the installed versions of the frameworks.
    """
    digest = hashlib.sha256()
    for file in sources(chapter):
        digest.update(file.relative_to(PACKAGE).as_posix().encode() + file.read_bytes())
    for distribution in DISTRIBUTIONS:
        with suppress(importlib.metadata.PackageNotFoundError):
            digest.update(f"{distribution} {importlib.metadata.version(distribution)}".encode())
    return digest.hexdigest()


def sources(chapter: str) -> list[Path]:
    """The files that judge a chapter, found by their import statements."""
    todo = [*ROOTS, "diptych.components." + chapter.replace("/", ".")]
    found: set[Path] = set()
    while todo:
        module = todo.pop()
        file = _file(module)
        if file and file not in found:
            found.add(file)
            todo += [*_imports(file), module.rpartition(".")[0]]  # its package is run before it
    return sorted(found)


def _imports(file: Path) -> Iterator[str]:
    with ONE_PARSER:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _file(module: str) -> Path | None:
    """The file of a module of the package; ``None`` for a name in one, and for other packages."""
    root, *path = module.split(".")
    if root != "diptych":
        return None
    places = (PACKAGE.joinpath(*path, "__init__.py"), PACKAGE.joinpath(*path).with_suffix(".py"))
    return next((place for place in places if place.is_file()), None)
