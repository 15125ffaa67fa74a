"""The version of the code that judges a chapter: a grade depends on it."""

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
# Where judging starts. The server, the child and the components are imported by name, so the search
# for import statements does not find them.
ROOTS = (
    "diptych.grading.submission",
    "diptych.isolation.child",
    "diptych.warm.server",
)
# Python 3.11 raises SystemError if two threads parse at once, as the workers of a batch may.
ONE_PARSER = threading.Lock()
DISTRIBUTIONS = ("numpy", "torch", "tensorflow", "tensorflow-cpu", "keras")


@functools.cache
def version(chapter: str) -> str:
    """A hash of all code that a grade of the ``chapter`` (``family/stem``) depends on.

    That is each module of the package that the chapter's components or the grader import, directly
    or not, and the installed versions of the frameworks.
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
            todo += [*_imports(file), module.rpartition(".")[0]]  # Python imports its package, too
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
    """The file of a module of this package; ``None`` for other names."""
    root, *path = module.split(".")
    if root != "diptych":
        return None
    places = (PACKAGE.joinpath(*path, "__init__.py"), PACKAGE.joinpath(*path).with_suffix(".py"))
    return next((place for place in places if place.is_file()), None)
