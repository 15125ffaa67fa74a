"""How the book draws, and how the site puts a drawing into a page."""

import io
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from diptych import plots
from diptych.site.figures import inlined
from tests import ROOT
from tests.site.building import jupyter_book
from tests.site.test_layout import GALLERY


@pytest.fixture(autouse=True)
def own_style():
    with plt.rc_context():
        plots.use_style()
        yield
    plt.close("all")


def svg(figure) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def drawing(section="gelu") -> str:
    figure, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], "o")
    ax.set_ylabel("output")
    ax.set_xlabel(r"slope $a^2$")
    plots.head(ax, "GELU: to −0.17", section)
    return svg(figure)


def test_two_curves_that_coincide_are_both_seen():
    _, ax = plt.subplots()
    x = np.linspace(0, 1, 101)
    plots.coinciding(ax, x, x**2, x**2, label=(0.1, 0.8))
    line, circles = ax.get_lines()
    assert line.get_linestyle() == "-" and line.get_marker() == "None"
    assert circles.get_linestyle() == "None" and circles.get_marker() == "o"
    assert (line.get_color(), circles.get_color()) == (plots.PYTORCH, plots.TENSORFLOW)
    assert len(circles.get_xdata()) == 12
    assert np.isin(circles.get_xdata(), x).all()
    assert [text.get_text() for text in ax.texts] == ["PyTorch: line", "TensorFlow: circles"]


def test_where_two_curves_part_the_circles_leave_the_line():
    _, ax = plt.subplots()
    x = np.arange(20.0)
    plots.coinciding(ax, x, x, x + (x > 10))
    line, circles = ax.get_lines()
    off = circles.get_ydata() - np.interp(circles.get_xdata(), *line.get_data())
    assert set(off) == {0.0, 1.0}
    assert not list(ax.texts)


def test_a_short_curve_has_a_circle_at_each_of_its_points():
    _, ax = plt.subplots()
    plots.coinciding(ax, [0, 1, 2], [1, 2, 3], [1, 2, 3])
    assert list(ax.get_lines()[1].get_xdata()) == [0, 1, 2]


def test_a_figure_in_a_page_is_one_picture_with_its_text():
    inline = inlined(drawing(section=None), "A dot at each end.", "figure-1-")
    assert inline.startswith("<svg ") and "<?xml" not in inline
    (start,) = re.findall("<svg [^>]*>", inline)
    assert 'role="img"' in start and 'aria-label="A dot at each end."' in start
    assert "width=" not in start and "height=" not in start


def test_a_figure_with_links_is_a_group_whose_links_can_be_reached_once_each():
    inline = inlined(drawing(), "A dot at each end.", "figure-1-")
    assert 'role="group"' in inline
    links = re.findall(r"<a [^>]*>", inline)
    assert len(links) == 2 and all(' href="#gelu"' in link for link in links)
    assert sum('aria-hidden="true"' in link for link in links) == 1


def test_a_figure_in_a_page_says_nothing_about_other_figures():
    inline = inlined(drawing(), "", "figure-7-")
    assert "<style" not in inline
    ids = re.findall(r'\bid="([^"]*)"', inline)
    assert ids and all(id.startswith("figure-7-") for id in ids)
    references = re.findall(r'(?:url\(#|<use [^>]*xlink:href="#)([^)"]*)', inline)
    assert references and set(references) <= set(ids)


def test_the_words_of_a_figure_are_those_that_were_drawn():
    inline = inlined(drawing(), "", "")
    assert ">output</text>" in inline and ">GELU: to −0.17</text>" in inline
    assert "font-family" not in inline and plots.INK not in inline
    formula = re.search(r"<text[^>]*><tspan.*?</text>", inline)[0]
    assert re.sub("<[^>]*>", "", formula).replace("\xa0", " ") == "slope a2"


def test_a_panel_that_leads_nowhere_fails_the_build(tmp_path):
    config = (ROOT / "_config.yml").read_text().replace("src/", f"{ROOT}/src/")
    (tmp_path / "_config.yml").write_text(config)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    (tmp_path / "references.bib").write_text("")
    notebook = {
        "cells": [
            {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# Title"},
            {"cell_type": "code", "id": "figure", "source": "1", "execution_count": 1,
             "metadata": {"mystnb": {"image": {"alt": "A drawing."}}},
             "outputs": [{"output_type": "display_data", "metadata": {},
                          "data": {"image/svg+xml": drawing(section="nowhere")}}]},
        ],
        "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    (tmp_path / "page.ipynb").write_text(json.dumps(notebook))
    built = jupyter_book(tmp_path, tmp_path / "out")
    assert "the figure links to an unknown section: nowhere" in built.stderr
    assert built.returncode != 0


def test_a_panel_of_a_gallery_leads_to_its_section(visit, url):
    with visit() as page:
        page.goto(url + GALLERY)
        links = page.locator(".figure").first.get_by_role("link")
        assert [link.get_attribute("href") for link in links.all()] == [
            "#silu", "#hard-silu", "#gelu", "#mish", "#glu", "#crelu"
        ]  # fmt: skip
        assert links.nth(2).text_content().strip() == "GELU: to −0.17"
        # Click into the middle of the panel, on a curve or beside it. Fonts are loaded, and one
        # step scrolls and measures, so that nothing moves in between.
        page.evaluate("document.fonts.ready")
        x, y = links.nth(2).evaluate(
            """link => { link.scrollIntoView({block: 'center', behavior: 'instant'});
                         const {x, y} = link.getBoundingClientRect(); return [x, y]; }"""
        )
        page.mouse.click(x + 130, y + 90)
        page.wait_for_url("**#gelu")


def test_a_gallery_of_a_family_leads_to_the_chapters(visit, url):
    with visit(390) as page:
        page.goto(url + "chapters/activations/overview.html")
        page.locator(".figure").first.get_by_role("link", name="Mish").click()
        page.wait_for_url("**/chapters/activations/gates.html#mish")
