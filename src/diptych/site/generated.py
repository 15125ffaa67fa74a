"""Tables made from the catalogue: ``{components}``, ``{atlas}`` and ``{cheat-sheet}``.

Their links go to labels. So a component whose section has no anchor, or a difference whose cell is
gone, is a dead link, and the build fails.
"""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx

from diptych.catalogue import ledger
from diptych.catalogue.component import FAMILIES, Call, Component, catalogue
from diptych.site.cells import MarkCells
from diptych.site.directive import CatalogueDirective
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


class Components(CatalogueDirective):
    """The table of one family's components: ``{components} activations``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        family = self.arguments[0]
        if family not in FAMILIES:
            raise self.error(f"no family is called {family!r}; there are: {', '.join(FAMILIES)}")
        rows = [each for each in self.rows() if each["family"] == family]
        rows = [row(self.component(each), *names(each)) for each in rows]
        return [table("components", ("Component", *NAMES.values()), rows)]


class Atlas(CatalogueDirective):
    """All components, then all symbols that are left out, with the reasons: ``{atlas}``.

    The classes of a row hold its family and status, which ``filter.js`` reads.
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


class CheatSheet(CatalogueDirective):
    """The equivalent calls by chapter, one row for each pair: ``{cheat-sheet}``."""

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
        """The rows of one component; the cell with its name spans all of them."""
        name = [self.link(found.name, found.anchor), nodes.Text(" "), chinese(found.zh)]
        for number, call in enumerate(found.calls):
            made = row(*([cell] for cell in (written(call.pytorch), written(call.tensorflow))))
            made += nodes.entry("", paragraph(*prose(call.watch)))
            if number == 0:
                made.insert(0, nodes.entry("", paragraph(*name), morerows=len(found.calls) - 1))
            yield made


def add_assets(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Add the styles of the tables and the scripts of the filter only to pages that need them."""
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
