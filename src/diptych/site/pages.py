"""Pages made from the catalogue and the ledger: the directives ``{atlas}`` and ``{components}``.

Both write MyST and have it parsed, so that a component whose section lacks its target is a dead
link, which the build takes for an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

import diptych
from diptych.catalogue import atlas
from diptych.catalogue.component import FAMILIES, find

COLUMNS = ("Component", "中文", "PyTorch", "Keras", "TensorFlow", "Status", "Chapter")


class Generated(SphinxDirective):
    """What the two directives share."""

    def rows(self) -> list[dict]:
        """The atlas; its page is built anew when what it was made from has changed."""
        package = Path(diptych.__file__).parent
        for path in (package / "catalogue/ledger.toml", *package.glob("components/**/*.py")):
            self.env.note_dependency(str(path))
        return atlas.rows()

    def table(self, header: tuple[str, ...], rows: Iterable[tuple], kind: str) -> nodes.container:
        lines = [
            "| " + " | ".join(cells) + " |" for cells in (header, ["---"] * len(header), *rows)
        ]
        box = nodes.container(classes=[kind])
        self.state.nested_parse(StringList(lines, source=self.env.docname), 0, box)
        return box

    def cells(self, row: dict) -> tuple[str, ...]:
        """The cells of a component, with links to its section and chapter if there are any."""
        docname = f"chapters/{row['chapter']}"
        name, status = row["name"], row["status"]
        # A long stem may break after its family and between its words.
        chapter = row["chapter"].replace("/", "/<wbr>").replace("_", r"\_<wbr>")
        if "planned" in row:
            status = "planned"
        elif docname in self.env.found_docs:
            name = f"{{ref}}`{name} <{find(row['id']).anchor}>`"
            chapter = f"[{chapter}](/{self.env.doc2path(docname, base=False)})"
        names = (code(row[field]) for field in atlas.NAMES)
        return name, row["zh"], *names, status, chapter


class Components(Generated):
    """The table of one family's components: ``{components} activations``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        family = self.arguments[0]
        if family not in FAMILIES:
            raise self.error(f"no family is called {family!r}; there are: {', '.join(FAMILIES)}")
        rows = [self.cells(row) for row in self.rows() if row["family"] == family]
        return [self.table(COLUMNS, rows, "components")]


class Atlas(Generated):
    """Every component, planned ones included, then every symbol that is left out, and why."""

    def run(self) -> list[nodes.Node]:
        rows = self.rows()
        taught = [self.cells(row) for row in rows if "reason" not in row]
        left_out = [
            (reason, code(row["id"] for row in group))
            for reason, group in groupby(rows, lambda row: row.get("reason"))
            if reason
        ]
        return [
            nodes.raw("", '<div id="filter"></div>', format="html"),
            self.table(COLUMNS, taught, "components"),
            self.table(("Left out", "Names"), left_out, "left-out"),
        ]


class MarkNames(SphinxTransform):
    """Give the tables of names in the chapters a class: narrow windows show them as a list."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        for head in self.document.findall(nodes.thead):
            if head.astext().split() == ["PyTorch", "Keras", "TensorFlow", "中文"]:
                table = head.parent.parent
                table["classes"] += ["names", "defaults"] if "(" in table.astext() else ["names"]


class MarkVerdicts(SphinxTransform):
    """Give what ``agree`` says a class: it is prose, and wraps where columns scroll."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        for block in self.document.findall(nodes.literal_block):
            if block.astext().startswith("✓"):
                block["classes"].append("verdict")


class NameSolutions(SphinxTransform):
    """Call a page of solutions what it is: its notebook carries the exercises' title."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        title = next(iter(self.document.findall(nodes.title)), None)
        if title is not None and self.env.docname.startswith("solutions/"):
            text = title.astext().replace("Exercises:", "Solutions:", 1)
            title[:] = [nodes.Text(text)]


def code(symbols: Iterable[str]) -> str:
    return " ".join(f"`{symbol}`" for symbol in symbols) or "—"


def add_filter(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Serve the filter's script with the pages that have a place for it."""
    if '<div id="filter">' in context.get("body", ""):
        app.add_js_file("filter.js", loading_method="defer")
