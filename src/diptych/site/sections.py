"""Reads the sections of a page, with their visible text, for the search."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors import EnvironmentCollector

LEAD = 160  # characters of a section's first paragraph that a result shows
SILENT = (nodes.comment, nodes.footnote_reference, nodes.system_message, nodes.title)
FORMULA = (nodes.math, nodes.math_block)
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# Titles of panels, and tables whose names are in the index anyway.
UNREAD = {"panel-title", "components", "left-out", "cheat-sheet"}


@dataclass(frozen=True)
class Section:
    """The text under one heading of a page, without the sections below it.

    ``headings`` begin with the page's title and end with the section's own; ``lead`` is the
    beginning of its first paragraph.
    """

    anchor: str
    headings: tuple[str, ...]
    lead: str
    text: str


def sections(document: nodes.document) -> list[Section]:
    """The sections of a page in their order, with the author's anchors if there are any."""
    given = {document.nameids[name] for name, explicit in document.nametypes.items() if explicit}
    return list(_sections(document, (), given))


def _sections(node: nodes.Element, above: tuple[str, ...], given: set[str]) -> Iterator[Section]:
    for section in node.children:
        if isinstance(section, nodes.section):
            headings = (*above, section.next_node(nodes.title).astext())
            own = [child for child in section if not isinstance(child, nodes.section)]
            lead = next((text_of(n) for n in own if isinstance(n, nodes.paragraph)), "")
            text = "\n".join(map(text_of, own))
            ids = section["ids"]
            anchor = next((id for id in ids if id in given), ids[0]) if above else ""
            yield Section(anchor, headings, shorten(lead), text)
            yield from _sections(section, headings, given)


def text_of(node: nodes.Node) -> str:
    """The visible text of ``node``, without formulas, titles and folded code."""
    if isinstance(node, nodes.Text):
        return ANSI.sub("", node.astext())
    if isinstance(node, FORMULA):
        return "…"
    if isinstance(node, nodes.raw):
        return "\n"  # a tag, such as a line break
    if isinstance(node, SILENT) or UNREAD & set(node.get("classes", ())):
        return ""
    children = node.children
    if node.get("hide_mode"):
        children = [child for child in children if child.get("nb_element") != "cell_code_source"]
    if node.get("nb_element") == "mime_bundle":
        # The forms of one output: read only the plain text, and nothing of a figure.
        forms = {child["mime_type"]: child for child in children}
        figure = any(form.startswith("image/") for form in forms)
        children = [forms["text/plain"]] if "text/plain" in forms and not figure else []
    return ("" if isinstance(node, nodes.TextElement) else "\n").join(map(text_of, children))


def shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LEAD else text[:LEAD].rsplit(" ", 1)[0] + " …"


class Collect(EnvironmentCollector):
    """Stores the sections of each page in Sphinx's environment."""

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        kept(app.env)[app.env.docname] = sections(doctree)

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        kept(env).pop(docname, None)

    def merge_other(
        self, app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment
    ) -> None:
        kept(env).update((docname, kept(other)[docname]) for docname in docnames)


def kept(env: BuildEnvironment) -> dict[str, list[Section]]:
    if not hasattr(env, "diptych_sections"):
        env.diptych_sections = {}
    return env.diptych_sections
