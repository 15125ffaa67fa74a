"""Checks that a chapter shows what its components claim: differences, and equivalent calls.

Both checks read the stored notebook of the chapter, and run nothing.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from diptych.catalogue.component import FRAMEWORKS, Component

SUFFIX = re.compile(r"_(pt|tf)$")
HEADING = re.compile(r"^#+ ", re.M)
HELPER, ITS_OWN = "value_and_grad", ("argnums", "upstream_gradient")


def missing_cells(components: Iterable[Component], root: Path) -> Iterator[str]:
    """One sentence for each cell that a ``behaviour`` names and the chapter's notebook lacks.

    ``root`` is the repository's root. A missing notebook counts as one without cells.
    """
    for component in components:
        ids = {cell["id"] for cell in _cells(component, root)}
        for cell in component.behaviour:
            if cell not in ids:
                yield f"{component.id}: {component.chapter}.ipynb has no cell {cell!r}"


def missing_calls(components: Iterable[Component], root: Path) -> Iterator[str]:
    """One sentence for each pair of equivalent calls that no pair of cells shows to agree.

    A pair of cells shows it if it makes the calls, and an ``agree`` follows before the next
    heading. A cell may also call through ``value_and_grad(F.silu, x_pt)``, and its names may end in
    ``_pt`` and ``_tf``.
    """
    for component in components:
        pairs = list(_agreeing_pairs(_cells(component, root)))
        if not component.calls:
            yield f"{component.id}: it has no equivalent calls; write them in calls=…"
        for call in component.calls:
            in_torch, in_tf = map(_statements, (call.pytorch, call.tensorflow))
            if not any(in_torch <= left and in_tf <= right for left, right in pairs):
                yield (
                    f"{component.id}: no pair of cells that agrees runs "
                    f"{call.pytorch} and {call.tensorflow}"
                )


def _cells(component: Component, root: Path) -> list[dict]:
    notebook = root / "chapters" / f"{component.chapter}.ipynb"
    return json.loads(notebook.read_text("utf-8"))["cells"] if notebook.exists() else []


def _agreeing_pairs(cells: list[dict]) -> Iterator[tuple[set[str], set[str]]]:
    """The calls in both cells of each pair that an ``agree`` follows, as text."""
    for number, cell in enumerate(cells[:-1]):
        pair = [cell, cells[number + 1]]
        if [_framework(each) for each in pair] == list(FRAMEWORKS) and _agrees(cells[number + 2 :]):
            yield tuple(_calls("".join(each["source"])) for each in pair)


def _framework(cell: dict) -> str | None:
    tags = cell["metadata"].get("tags", ())
    return next((framework for framework in FRAMEWORKS if framework in tags), None)


def _agrees(below: list[dict]) -> bool:
    for cell in below:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and "agree(" in source:
            return True
        if cell["cell_type"] == "markdown" and HEADING.search(source):
            return False
    return False


def _statements(code: str) -> set[str]:
    return set(map(_normal, ast.parse(code).body))


def _calls(source: str) -> set[str]:
    nodes = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.expr | ast.stmt))
    return set(map(_normal, nodes))


def _normal(node: ast.expr | ast.stmt) -> str:
    return ast.unparse(_Plain().visit(copy.deepcopy(node)))


class _Plain(ast.NodeTransformer):
    """Removes suffixes from names, and replaces ``value_and_grad`` by the call that it makes."""

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(SUFFIX.sub("", node.id), node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if getattr(node.func, "id", "") != HELPER:
            return node
        keywords = [keyword for keyword in node.keywords if keyword.arg not in ITS_OWN]
        return ast.Call(node.args[0], node.args[1:], keywords)
