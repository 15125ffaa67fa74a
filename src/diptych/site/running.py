"""Adds a box to pages of exercises that says how to run them on one's own computer.

The book is on no package index. So the site serves a wheel of the package, which readers download
and install with pip. The box has a link to Colab if ``repository.url`` in ``_config.yml`` is a
repository on GitHub.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from hatchling.builders.wheel import WheelBuilder
from sphinx.application import Sphinx

import diptych

ROOT = Path(diptych.__file__).parents[2]
GITHUB, COLAB = "https://github.com/", "https://colab.research.google.com/github/"


def build_wheel(folder: Path) -> Path:
    """Build the package's wheel in ``folder``, and return its path; the build is reproducible."""
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(path)


def serve_wheel(app: Sphinx) -> None:
    if app.builder.format == "html":
        static = Path(app.outdir) / "_static"
        for old in static.glob("*.whl"):
            old.unlink()
        if (ROOT / "pyproject.toml").exists():  # an installed package cannot be built again
            build_wheel(static)


def colab(app: Sphinx, source: str) -> dict[str, str]:
    """The repository, and the address that opens ``source`` in Colab; empty if not on GitHub."""
    # The theme's options do not help: without a repository, Jupyter Book puts its own one there.
    config = yaml.safe_load((Path(app.srcdir) / "_config.yml").read_text(encoding="utf-8"))
    given = config.get("repository") or {}
    repository = (given.get("url") or "").rstrip("/").removesuffix(".git")
    if not repository.startswith(GITHUB):
        return {}
    name, branch = repository.removeprefix(GITHUB), given.get("branch", "main")
    folder = (given.get("path_to_book") or "").strip("/")
    path = "/".join(filter(None, (name, "blob", branch, folder, source)))
    return {"repository": repository, "colab": COLAB + path}


def add_box(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Put ``running.html`` behind the first paragraph of a page of exercises."""
    wheel = next((Path(app.outdir) / "_static").glob("*.whl"), None)
    if wheel and page.startswith("exercises/"):
        source = context["sourcename"]
        box = app.builder.templates.render(
            "running.html",
            {
                "notebook": context["pathto"](f"_sources/{source}", 1),
                "wheel": context["pathto"](f"_static/{wheel.name}", 1),
                **colab(app, source),
            },
        )
        lead, end, rest = context["body"].partition("</p>")
        context["body"] = lead + end + box + rest


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", serve_wheel)
    app.connect("html-page-context", add_box)
