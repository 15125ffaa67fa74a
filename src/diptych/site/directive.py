"""The base class of the directives whose tables are made from the catalogue."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

import diptych
from diptych.catalogue import atlas
from diptych.catalogue.component import find
from diptych.site.cells import label
from diptych.site.tables import chinese, paragraph, prose


class CatalogueDirective(SphinxDirective):
    """A directive whose tables are made from the catalogue; it makes their cells and links."""

    def rows(self) -> list[dict]:
        """The rows of the atlas."""
        self.note_sources()
        return atlas.rows()

    def note_sources(self) -> None:
        """Let Sphinx rebuild the page when the ledger or a component has changed."""
        package = Path(diptych.__file__).parent
        for path in (package / "catalogue/ledger.toml", *package.glob("components/**/*.py")):
            self.env.note_dependency(str(path))

    def is_here(self, row: dict) -> bool:
        """Whether this site has the component's chapter: a course may leave out chapters."""
        return f"chapters/{row['chapter']}" in self.env.found_docs

    def link(self, text: str, target: str, kind: str = "ref") -> addnodes.pending_xref:
        """A link to a label of the book, or (``kind="doc"``) to a page, with the page's title."""
        return addnodes.pending_xref(
            "",
            nodes.inline("", "", *prose(text), support_smartquotes=False),
            refdoc=self.env.docname,
            refdomain="std",
            reftype=kind,
            reftarget=target,
            refexplicit=kind == "ref",
            refwarn=True,
        )

    def component(self, row: dict) -> list[nodes.Node]:
        """The content of a cell: a component's name, Chinese term, status and chapter."""
        name, chapter = nodes.Text(row["name"]), nodes.Text("not on this site")
        if self.is_here(row):
            name = self.link(row["name"], find(row["id"]).anchor)
            chapter = self.link("", f"/chapters/{row['chapter']}", "doc")
        return [
            paragraph(name, kind="name"),
            paragraph(chinese(row["zh"])),
            paragraph(nodes.Text(f"{row['status']} · "), chapter, kind="place"),
        ]

    def differs(self, row: dict) -> list[nodes.Node]:
        """The differences, each as a link to the cell of the chapter that shows it."""
        if not self.is_here(row):
            return [paragraph(*prose(text)) for text in row["differs"].values()]
        links = ((text, label(row["chapter"], cell)) for cell, text in row["differs"].items())
        return [paragraph(self.link(*link)) for link in links]
