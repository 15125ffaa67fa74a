"""Formulas have the text's colour, and wrong ones fail the build."""

import pytest

from tests import ROOT
from tests.site.building import jupyter_book


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_formulas_have_the_colour_of_the_text(visit, url, theme):
    with visit(color_scheme=theme) as page:
        page.goto(url + "chapters/activations/gates.html")
        colours = page.eval_on_selector_all(
            "math, math *", "all => [...new Set(all.map(e => getComputedStyle(e).color))]"
        )
        text = page.locator(".bd-article > section > section > p").first
        assert colours == [text.evaluate("p => getComputedStyle(p).color")]


def test_a_formula_that_cannot_be_read_fails_the_build(tmp_path):
    config = (ROOT / "_config.yml").read_text().replace("src/", f"{ROOT}/src/")
    (tmp_path / "_config.yml").write_text(config)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    (tmp_path / "references.bib").write_text("")
    (tmp_path / "page.md").write_text("# Title\n\nAn unknown command: $\\unheardof x$.\n")
    built = jupyter_book(tmp_path, tmp_path / "out")
    assert "this formula cannot be read" in built.stderr and built.returncode != 0
