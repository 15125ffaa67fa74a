"""Puts figures into the page as inline SVG: links in them work, and their words have page styles.

For a screen reader a figure is one picture with an alternative text. A figure with links is a group
instead, so that readers can reach the links.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from diptych.book.plots import INK

log = logging.getLogger(__name__)
SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
ElementTree.register_namespace("", SVG[1:-1])
ElementTree.register_namespace("xlink", XLINK[1:-1])
REFERENCE = re.compile(r"(?<=#)[\w.-]+")
LINK = re.compile(r'(<a [^>]*?href=")#([\w-]+)"')


class drawing(nodes.General, nodes.Element):
    """An SVG, whose text is in ``svg``; its links name sections anywhere in the book."""


class InlineFigures(SphinxTransform):
    """Replace each SVG file that MyST-NB has written for a cell by a :class:`drawing`."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        pictures = [node for node in self.document.findall(nodes.image) if is_drawn(node)]
        for number, node in enumerate(pictures, start=1):
            path = Path(self.env.srcdir, node["uri"].lstrip("/"))
            text = path.read_text(encoding="utf-8")
            inline = drawing(svg=inlined(text, node.get("alt", ""), f"figure-{number}-"))
            inline.source, inline.line = node.source, node.line
            node.replace_self(inline)


def is_drawn(node: nodes.image) -> bool:
    return node["uri"].startswith("/") and node["uri"].endswith(".svg")


def inlined(svg: str, alt: str, prefix: str) -> str:
    """The SVG of matplotlib, changed so that it can be part of a page with other figures.

    Ids that the SVG refers to get the ``prefix``; all other ids are removed. So are its style
    sheet, which would apply to the whole page, its size and its font. Each text is put into a
    group: the group has the position, the text is at the group's origin, so that CSS can scale it
    in place.
    """
    root = ElementTree.fromstring(svg)
    used = {
        match[0]
        for element in root.iter()
        for name in ("clip-path", XLINK + "href")
        if element.tag != SVG + "a" and (match := REFERENCE.search(element.get(name, "")))
    }
    links = root.findall(f".//{SVG}a")
    root.attrib = {"viewBox": root.get("viewBox"), "class": "figure", "aria-label": alt}
    root.set("role", "group" if links else "img")
    for element in list(root.iter()):
        for child in element.findall(SVG + "style"):
            element.remove(child)
        if (id := element.attrib.pop("id", None)) in used:
            element.set("id", prefix + id)
        if links and str(id).startswith("matplotlib.axis"):
            element.set("aria-hidden", "true")  # the alternative text says what matters on the axes
        if style := element.get("style"):
            style = re.sub(r"font-family:[^;]*;? ?", "", style.replace(INK, "currentColor"))
            element.set("style", style)
        if element.tag == SVG + "a":
            element.attrib = {"href": element.get(XLINK + "href")}
            if element.find(f".//{SVG}text") is None:
                # The link of a panel's background repeats that of its title: hide it from readers.
                element.attrib |= {"aria-hidden": "true", "tabindex": "-1"}
        else:
            for name in ("clip-path", XLINK + "href"):
                if name in element.attrib:
                    element.set(name, REFERENCE.sub(prefix + r"\g<0>", element.get(name)))
    for text in list(root.iter(SVG + "text")):
        place(text)
    return ElementTree.tostring(root, encoding="unicode")


def place(text: ElementTree.Element) -> None:
    """Turn a text into a group with its position and rotation, around the text at the origin.

    Positions of single letters in a formula are removed, because they fit matplotlib's font only.
    """
    inner = ElementTree.Element(text.tag, {"style": text.get("style", "")})
    inner.text, inner[:] = None if len(text) else text.text, list(text)
    for letter in inner:
        letter.tail = None
        letter.attrib.pop("x", None)
    transform = text.get("transform", "")
    if "x" in text.attrib:
        angle = re.match(r"rotate\((\S+)|", transform)[1] or 0
        transform = f"translate({text.get('x')} {text.get('y')}) rotate({angle})"
    tail = text.tail
    text.clear()
    text.tag, text.tail, text[:] = SVG + "g", tail, [inner]
    text.set("transform", transform)


def visit_drawing(translator: HTML5Translator, node: drawing) -> None:
    builder = translator.builder

    def resolved(match: re.Match) -> str:
        page, id, *_ = builder.env.get_domain("std").anonlabels.get(match[2], ("", ""))
        if not page:
            log.warning("the figure links to an unknown section: %s", match[2], location=node)
        here = page in ("", builder.current_docname)
        path = "" if here else builder.get_relative_uri(builder.current_docname, page)
        return f'{match[1]}{path}#{id}"'

    translator.body.append(LINK.sub(resolved, node["svg"]))
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.add_node(drawing, html=(visit_drawing, None))
    app.add_transform(InlineFigures)
