"""What every page is served with: one style sheet and one script of our own."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

HERE = Path(__file__).parent
# In this order: what stands later wins.
STYLES = ("site", "formulas", "icons", "panels")
SCRIPTS = ("site", "panels")


def configure(app: Sphinx, config: Config) -> None:
    config.html_static_path.append(str(HERE / "static"))
    config.templates_path.insert(0, str(HERE / "templates"))


def write_bundles(app: Sphinx) -> None:
    """Join our styles and our scripts: a request costs a phone more than a kilobyte does."""
    if app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    static.mkdir(parents=True, exist_ok=True)
    for kind, names in (("css", STYLES), ("js", SCRIPTS)):
        folder = HERE / ("styles" if kind == "css" else "scripts")
        parts = [(folder / f"{name}.{kind}").read_text(encoding="utf-8") for name in names]
        (static / f"diptych.{kind}").write_text("\n".join(parts), encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.connect("config-inited", configure)
    app.connect("builder-inited", write_bundles)
    # Not deferred: it sets attributes of <html> before the body is drawn, so that nothing jumps.
    app.add_js_file("diptych.js", priority=100)
    app.add_css_file("diptych.css", priority=900)
