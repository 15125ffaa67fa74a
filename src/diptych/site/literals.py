"""Lets long names in code break behind a dot, an underscore or a bracket, but not in a number."""

from __future__ import annotations

import re
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

SEAM = re.compile(r"(?<=[._(,=/\[])(?=[^\s.)\]])(?<!\d\.)")


def visit_literal(translator: HTML5Translator, node: nodes.literal) -> None:
    text = "<wbr>".join(escape(part) for part in SEAM.split(node.astext()))
    tag = translator.starttag(node, "code", "", CLASS="literal notranslate")
    translator.body.append(f'{tag}<span class="pre">{text}</span></code>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.add_node(nodes.literal, override=True, html=(visit_literal, None))
