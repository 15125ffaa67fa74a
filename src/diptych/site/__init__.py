"""The Sphinx extension of the site: panels, generated tables, search, styles and scripts.

It needs neither PyTorch nor TensorFlow. Its pages load nothing from other hosts.
"""

from __future__ import annotations

from sphinx.application import Sphinx

from diptych.site import (
    assets,
    figures,
    formulas,
    generated,
    literals,
    pages,
    panels,
    paths,
    running,
    search,
)


def name_folds(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Remove MyST-NB's label of folded code, so that screen readers read the visible text."""
    label = ' aria-label="Toggle hidden content"'
    context["body"] = context.get("body", "").replace(label, "")


def setup(app: Sphinx) -> dict[str, object]:
    assets.setup(app)
    figures.setup(app)
    formulas.setup(app)
    literals.setup(app)
    app.add_transform(panels.PairCells)
    app.add_transform(panels.MarkWide)
    app.add_node(panels.pair)
    app.add_directive("pair", panels.Pair)
    app.add_post_transform(panels.CopyPairs)
    app.add_transform(pages.MarkNames)
    app.add_transform(pages.MarkProse)
    app.add_transform(pages.NameSolutions)
    generated.setup(app)
    paths.setup(app)
    running.setup(app)
    search.setup(app)
    app.connect("html-page-context", name_folds)
    # Raise env_version when a transform returns something else, so that Sphinx reads all pages
    # again.
    safe = {"parallel_read_safe": True, "parallel_write_safe": True}
    return {"version": "1", "env_version": 5, **safe}
