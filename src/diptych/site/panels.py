"""Makes two panels of neighbouring cells that are tagged ``pytorch`` and ``tensorflow``."""

from __future__ import annotations

import json
from pathlib import Path

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from diptych.catalogue.component import FRAMEWORK_NAMES

log = logging.getLogger(__name__)
PHONE_COLUMNS = 48


class PairCells(SphinxTransform):
    """Wrap each pair of neighbouring cells of the two frameworks in a container ``diptych``.

    This is not a tab set of sphinx-design, because a tab set hides all panels but one, also without
    JavaScript and in print. Here the page contains both panels, and an attribute of ``<html>`` says
    which of them are shown.

    A cell without its pair is a warning, which fails the build.
    """

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        cells = [cell for cell in self.document.findall(nodes.container) if framework_of(cell)]
        while cells:
            first = cells.pop(0)
            second = first.next_node(descend=False, siblings=True)
            if not cells or second is not cells[0] or framework_of(first) == framework_of(second):
                log.warning(
                    "this cell is tagged %r, but the cell after it is not its pair",
                    framework_of(first),
                    location=first,
                )
                continue
            pair = [first, cells.pop(0)]
            diptych = nodes.container(classes=["diptych"])
            first.parent.replace(first, diptych)  # replace_self would copy the cell's classes
            second.parent.remove(second)
            panels = nodes.container("", *map(panel, pair), classes=["diptych-panels"])
            diptych += [tabs(map(framework_of, pair)), panels]


class pair(nodes.General, nodes.Element):
    """A placeholder for a pair of cells on page ``docname``; ``cell`` is the index of the first."""


class Pair(SphinxDirective):
    """Shows a pair of cells of a chapter: ``{pair} family/stem id-of-the-first-cell``."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        chapter, id = self.arguments
        notebook = Path(self.env.srcdir, "chapters", f"{chapter}.ipynb")
        self.env.note_dependency(str(notebook))
        if not notebook.exists():
            raise self.error(f"no chapter is called {chapter!r}")
        ids = [cell["id"] for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]]
        if id not in ids:
            raise self.error(f"the chapter {chapter!r} has no cell called {id!r}")
        return [pair(docname=f"chapters/{chapter}", cell=ids.index(id))]


class CopyPairs(SphinxPostTransform):
    """Replace each :class:`pair` by the chapter's panels, before MyST-NB chooses output formats."""

    default_priority = 1

    def run(self, **kwargs: object) -> None:
        for place in list(self.document.findall(pair)):
            chapter = self.env.get_doctree(place["docname"])
            found = [
                each
                for each in chapter.findall(nodes.container)
                if "diptych" in each["classes"] and has_cell(each, place["cell"])
            ]
            if found:
                place.replace_self(found[0].deepcopy())
            else:
                log.warning("this cell is not the first of a pair", location=place)
                place.parent.remove(place)


def has_cell(node: nodes.Node, index: int) -> bool:
    return any(cell.get("cell_index") == index for cell in node.findall(nodes.container))


class MarkWide(SphinxTransform):
    """Give outputs that are too wide for a phone a class, so that their font is smaller there.

    Six numbers of ``show`` take 54 columns and a label.
    """

    default_priority = 410  # after MarkProse, whose classes it reads

    def apply(self, **kwargs: object) -> None:
        for block in self.document.findall(nodes.literal_block):
            columns = max(map(len, block.astext().splitlines()), default=0)
            if columns > PHONE_COLUMNS and not {"verdict", "error"} & {*block["classes"]}:
                fits = next((width for width in (58, 66) if columns <= width), 58)
                block["classes"].append(f"wide-{fits}")


def framework_of(node: nodes.Node) -> str | None:
    """The framework that a cell is tagged with, ``None`` for any other node."""
    classes = node.get("classes", ()) if isinstance(node, nodes.container) else ()
    return next((name for name in FRAMEWORK_NAMES if f"tag_{name}" in classes), None)


def panel(cell: nodes.container) -> nodes.container:
    framework = framework_of(cell)
    title = nodes.paragraph("", FRAMEWORK_NAMES[framework], classes=["panel-title"])
    return nodes.container("", title, cell, classes=["panel", f"panel-{framework}"])


def tabs(frameworks) -> nodes.raw:
    """The tabs for windows that are too narrow for two panels; hidden without JavaScript."""
    buttons = "".join(
        f'<button type="button" class="panel-{name}" data-panel="{name}">'
        f"{FRAMEWORK_NAMES[name]}</button>"
        for name in frameworks
    )
    return nodes.raw(
        "",
        f'<div class="diptych-tabs" role="group" aria-label="Framework">{buttons}</div>',
        format="html",
    )
