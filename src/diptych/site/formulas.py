"""Converts formulas from LaTeX to MathML when the site is built, so that pages need no script.

The style sheet contains the font as a data URI. Firefox loads no font files for pages opened from
file://, and a font that is loaded later would move the text.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from pathlib import Path

import math_core
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

log = logging.getLogger(__name__)
FONT = Path(__file__).parent / "fonts" / "math.woff2"
STYLE = """\
@font-face {{
  font-family: "Diptych Math";
  src: url("data:font/woff2;base64,{font}");
}}
"""


def mathml(node: nodes.math | nodes.math_block) -> str:
    """The MathML of a formula. For wrong LaTeX, it logs a warning and returns the LaTeX as code."""
    block = isinstance(node, nodes.math_block)
    try:
        return math_core.LatexToMathML(fancy_error=False).convert_with_local_state(
            node.astext(), displaystyle=block
        )
    except math_core.LatexError as error:
        log.warning("this formula cannot be read: %s", error, location=node)
        return f"<code>{escape(node.astext())}</code>"


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(f'<span class="math">{mathml(node)}</span>')
    raise nodes.SkipNode


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    translator.body.append(f"{mathml(node)}</div>\n")
    raise nodes.SkipNode


def write_font(app: Sphinx) -> None:
    if app.builder.format == "html":
        static = Path(app.outdir) / "_static"
        static.mkdir(parents=True, exist_ok=True)
        font = b64encode(FONT.read_bytes()).decode()
        (static / "math.css").write_text(STYLE.format(font=font))
        (static / "math-OFL.txt").write_text(FONT.with_name("OFL.txt").read_text())


def serve_font(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Add the font only to pages with formulas."""
    if "<math" in context.get("body", ""):
        app.add_css_file("math.css", priority=900)


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("builder-inited", write_font)
    app.connect("html-page-context", serve_font)
