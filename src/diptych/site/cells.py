"""Gives anchors to the cells that a component's ``behaviour`` names, for links from tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.transforms import SphinxTransform

import diptych
from diptych.catalogue.component import chapters, load


def label(chapter: str, cell: str) -> str:
    """The label of a cell, for links from any page; it is unique in the book."""
    return f"{chapter} cell {cell}"


class MarkCells(SphinxTransform):
    """Give each cell of a chapter that shows a difference the anchor ``#cell-<id of the cell>``.

    A pair gets the anchors of both its cells, because browsers cannot scroll to a hidden cell. So
    this transform runs after :class:`~diptych.site.panels.PairCells`.
    """

    default_priority = 401

    def apply(self, **kwargs: object) -> None:
        chapter = self.env.docname.removeprefix("chapters/")
        if chapter == self.env.docname or chapter not in chapters():
            return
        self.env.note_dependency(str(Path(diptych.__file__).parent / f"components/{chapter}.py"))
        shown = {cell for component in load(chapter) for cell in component.behaviour}
        notebook = json.loads(Path(self.env.doc2path(self.env.docname)).read_text("utf-8"))
        places = {}
        for node in self.document.findall(is_cell):
            id = notebook["cells"][node["cell_index"]].get("id")
            if id in shown:
                places.setdefault(next(filter(is_pair, ancestors(node)), node), []).append(id)
        for node, ids in places.items():
            node["ids"] += [f"cell-{id}" for id in ids]
            node["names"] += [label(chapter, id) for id in ids]
            self.document.note_explicit_target(node)


def is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def is_pair(node: nodes.Node) -> bool:
    return "diptych" in node.get("classes", ())


def ancestors(node: nodes.Node) -> Iterator[nodes.Node]:
    while node := node.parent:
        yield node
