"""The Sphinx extension behind the site: panels, generated pages, and what is served with them.

It needs neither PyTorch nor TensorFlow, and no page that it makes asks another host for anything.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.fileutil import copy_asset

from diptych.site import generated, pages, panels, search

HERE = Path(__file__).parent


def mathjax() -> Path:
    """The folder of the MathJax that the package ``django-static-mathjax`` carries.

    The package is a copy of MathJax's files and needs no Django.
    """
    (root,) = find_spec("mathjax").submodule_search_locations
    return Path(root) / "static" / "mathjax"


def configure(app: Sphinx, config: Config) -> None:
    config.html_static_path.append(str(HERE / "static"))
    config.templates_path.insert(0, str(HERE / "templates"))
    # Glyphs as SVG paths: web fonts would be refused by Firefox on pages opened from file://.
    config.mathjax_path = "mathjax/tex-svg.js"
    config.mathjax3_config = {"options": {"enableMenu": False}}


def copy_mathjax(app: Sphinx) -> None:
    if app.builder.format == "html":
        for name in ("es5/tex-svg.js", "LICENSE"):
            copy_asset(mathjax() / name, app.outdir / "_static" / "mathjax")


def drop_mathjax(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Serve MathJax with formulas only; Sphinx does with every page that leads to some, too."""
    if not app.env.get_domain("math").data["has_equations"].get(page):
        scripts = context["script_files"]
        scripts[:] = [script for script in scripts if "mathjax" not in str(vars(script)).lower()]


def name_folds(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Let folded code be called what is written on it; MyST-NB's label says something else."""
    label = ' aria-label="Toggle hidden content"'
    context["body"] = context.get("body", "").replace(label, "")


def setup(app: Sphinx) -> dict[str, object]:
    app.connect("config-inited", configure)
    app.connect("builder-inited", copy_mathjax)
    # Not deferred: they set attributes of <html> before the body is drawn, so that nothing jumps.
    for script in ("site.js", "panels.js"):
        app.add_js_file(script, priority=100)
    for style in ("site.css", "panels.css"):
        app.add_css_file(style, priority=900)
    app.add_transform(panels.PairCells)
    app.add_transform(pages.MarkNames)
    app.add_transform(pages.MarkVerdicts)
    app.add_transform(pages.NameSolutions)
    generated.setup(app)
    search.setup(app)
    app.connect("html-page-context", name_folds)
    app.connect("html-page-context", drop_mathjax, priority=900)
    safe = {"parallel_read_safe": True, "parallel_write_safe": True}
    # Another number has every page read anew: for when the transforms or the index change.
    return {"version": "1", "env_version": 1, **safe}
