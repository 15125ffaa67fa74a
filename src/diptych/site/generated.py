"""Tables made from the catalogue: ``{components}``, ``{atlas}`` and ``{cheat-sheet}``.

They link by labels, so that a component whose section lacks its target, or a behaviour whose cell
is gone, is a dead link, which the build takes for an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import diptych
from diptych.catalogue import atlas, ledger
from diptych.catalogue.component import FAMILIES, Call, Component, catalogue, find
from diptych.site.cells import MarkCells, label
from diptych.site.tables import (
    NAMES,
    chinese,
    codes,
    in_short,
    names,
    paragraph,
    prose,
    row,
    table,
    written,
)


class Generated(SphinxDirective):
    """What the directives share."""

    def rows(self) -> list[dict]:
        """The rows of the atlas."""
        self.note_sources()
        return atlas.rows()

    def note_sources(self) -> None:
        """Have the page built anew when what its table is made from has changed."""
        package = Path(diptych.__file__).parent
        for path in (package / "catalogue/ledger.toml", *package.glob("components/**/*.py")):
            self.env.note_dependency(str(path))

    def is_here(self, row: dict) -> bool:
        """Whether this site has the component's chapter: a course may leave some out."""
        return f"chapters/{row['chapter']}" in self.env.found_docs

    def link(self, text: str, target: str, kind: str = "ref") -> addnodes.pending_xref:
        """A link to a label of the book; with the kind ``doc`` to a page, under its own title."""
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
        """The cell with a component's name, its Chinese term, its status and its chapter."""
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
        """What differs, each a link to the cell of the chapter that shows it."""
        if not self.is_here(row):
            return [paragraph(*prose(text)) for text in row["differs"].values()]
        links = ((text, label(row["chapter"], cell)) for cell, text in row["differs"].items())
        return [paragraph(self.link(*link)) for link in links]


class Components(Generated):
    """The table of one family's components: ``{components} activations``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        family = self.arguments[0]
        if family not in FAMILIES:
            raise self.error(f"no family is called {family!r}; there are: {', '.join(FAMILIES)}")
        rows = [each for each in self.rows() if each["family"] == family]
        rows = [row(self.component(each), *names(each)) for each in rows]
        return [table("components", ("Component", *NAMES.values()), rows)]


class Atlas(Generated):
    """Every component, then every symbol that is left out, and why.

    ``filter.js`` reads a row's family and status from its classes.
    """

    def run(self) -> list[nodes.Node]:
        rows = self.rows()
        taught = [self.row(each) for each in rows if "reason" not in each]
        left_out = [
            row([paragraph(nodes.Text(group.reason))], [codes(group.symbols)])
            for group in ledger.read().left_out
        ]
        for number, each in enumerate(left_out):
            each["ids"].append(f"left-out-{number}")
        return [
            nodes.raw("", '<div id="filter"></div>', format="html"),
            table("components", ("Component", *NAMES.values(), "In short, what differs"), taught),
            table("left-out", ("Left out", "Names"), left_out),
        ]

    def row(self, each: dict) -> nodes.row:
        calls = [in_short(Call(**call)) for call in each["calls"]]
        made = row(self.component(each), *names(each), calls + self.differs(each))
        made["ids"].append(each["id"].replace("_", "-"))
        made["classes"] += [f"family-{each['family']}", f"is-{each['status']}"]
        return made


class CheatSheet(Generated):
    """The calls that replace each other, a row a pair, by chapter; a printed sheet holds fifty."""

    def run(self) -> list[nodes.Node]:
        self.note_sources()
        rows = []
        for stem in ledger.read().chapters:
            called = [found for found in catalogue() if found.chapter == stem and found.calls]
            if called and f"chapters/{stem}" in self.env.found_docs:
                rows += [self.group(stem), *(r for found in called for r in self.calls(found))]
        return [table("cheat-sheet", ("Component", "PyTorch", "TensorFlow", "Watch"), rows)]

    def group(self, stem: str) -> nodes.row:
        made = row([paragraph(self.link("", f"/chapters/{stem}", "doc"))])
        made[0]["morecols"] = 3
        made["classes"].append("group")
        return made

    def calls(self, found: Component) -> Iterator[nodes.row]:
        """The rows of one component; its name stands beside the first and spans the others."""
        name = [self.link(found.name, found.anchor), nodes.Text(" "), chinese(found.zh)]
        for number, call in enumerate(found.calls):
            made = row(*([cell] for cell in (written(call.pytorch), written(call.tensorflow))))
            made += nodes.entry("", paragraph(*prose(call.watch)))
            if number == 0:
                made.insert(0, nodes.entry("", paragraph(*name), morerows=len(found.calls) - 1))
            yield made


def add_assets(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Serve the styles of the tables and the filter's scripts with the pages that have them."""
    body = context.get("body", "")
    if page == "search" or 'class="components' in body:
        app.add_css_file("tables.css", priority=900)
    if 'class="cheat-sheet' in body:
        app.add_css_file("cheat_sheet.css", priority=900)
    if '<div id="filter">' in body:
        for script in ("find.js", "filter.js"):
            app.add_js_file(script, loading_method="defer")


def setup(app: Sphinx) -> None:
    app.add_transform(MarkCells)
    for name, directive in (
        ("components", Components),
        ("atlas", Atlas),
        ("cheat-sheet", CheatSheet),
    ):
        app.add_directive(name, directive)
    app.connect("html-page-context", add_assets)
