"""Two panels: neighbouring cells tagged ``pytorch`` and ``tensorflow`` become one diptych."""

from __future__ import annotations

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from diptych.catalogue.component import FRAMEWORK_NAMES

log = logging.getLogger(__name__)


class PairCells(SphinxTransform):
    """Wrap each pair of neighbouring cells of the two frameworks in one ``diptych``.

    The structure is our own and not a tab set of sphinx-design: there each tab set is a group of
    radio buttons that hides all but one panel, also without JavaScript and in print. Here both
    panels are there, one attribute of ``<html>`` says what is shown, and no panel has a state.

    A cell without its other half is a warning, which the build takes for an error.
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
            first.replace_self(diptych)
            second.parent.remove(second)
            panels = nodes.container("", *map(panel, pair), classes=["diptych-panels"])
            diptych += [tabs(map(framework_of, pair)), panels]


def framework_of(node: nodes.Node) -> str | None:
    """The framework that a cell is tagged with, ``None`` for any other node."""
    classes = node.get("classes", ()) if isinstance(node, nodes.container) else ()
    return next((name for name in FRAMEWORK_NAMES if f"tag_{name}" in classes), None)


def panel(cell: nodes.container) -> nodes.container:
    framework = framework_of(cell)
    title = nodes.paragraph("", FRAMEWORK_NAMES[framework], classes=["panel-title"])
    return nodes.container("", title, cell, classes=["panel", f"panel-{framework}"])


def tabs(frameworks) -> nodes.raw:
    """The buttons for windows too narrow for two panels; hidden where there is no script."""
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
