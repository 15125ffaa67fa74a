"""What holds for every page of the site, as it is written."""

import json
import re
from urllib.parse import unquote, urldefrag, urljoin

import pytest

from diptych.book.errors import fill
from diptych.site.pages import unfilled
from tests import ROOT
from tests.site.every import every, every_notebook, every_page, pages

MEASURED = ("svg.figure", ".verdict pre", ".diptych-check")


@every_notebook
def test_a_page_has_each_figure_and_each_answer_of_its_notebook(parse, name):
    """So tests that measure all figures and all outputs of ``agree`` and ``check`` miss none."""
    cells = [
        cell
        for cell in json.loads((ROOT / name).with_suffix(".ipynb").read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]

    def calling(function: str) -> int:
        call = re.compile(rf"^ *{function}\(", re.MULTILINE)
        return sum(call.search("".join(cell["source"])) is not None for cell in cells)

    shown = {select: len(parse(name).select(select)) for select in MEASURED}
    drawn = [o for cell in cells for o in cell["outputs"] if "image/svg+xml" in o.get("data", {})]
    assert shown == dict(
        zip(MEASURED, (len(drawn), calling("agree"), calling("check")), strict=True)
    )
    assert any(shown.values())


@every_page
def test_every_picture_has_a_text(parse, name):
    pictures = parse(name).find_all("img")
    without = [picture for picture in pictures if not picture.get("alt", "").strip()]
    # The logo is beside the name of the book, so screen readers should skip it.
    assert [picture for picture in without if "logo__image" not in picture["class"]] == []
    assert all("alt" in picture.attrs for picture in pictures)


@every_page
def test_every_link_within_the_site_resolves(parse, site, name):
    dead = []
    for link in parse(name).select("a[href], link[href], script[src], img[src]"):
        target = link.get("href") or link.get("src")
        path, anchor = urldefrag(unquote(urljoin(f"site:///{name}", target)))
        if not path.startswith("site:"):
            continue
        path = path.removeprefix("site:").lstrip("/").split("?")[0]
        if not (site / path).is_file() or (
            anchor and path.endswith(".html") and not parse(path).find(id=anchor)
        ):
            dead.append(target)
    assert dead == []


@every(page for page in pages() if page.startswith("solutions/"))
def test_solutions_are_called_solutions(parse, name):
    page = parse(name)
    title = page.select_one(".bd-article h1").find(string=True)
    assert title.startswith("Solutions: ")
    assert page.title.text.startswith(title)


def test_an_error_wraps_to_the_width_that_there_is():
    message = "RuntimeError: " + "one of the variables needed for gradient computation " * 2
    text = fill(message)
    assert text.count("\n") == 1
    assert unfilled(text + "\n") == message.strip()
    assert unfilled(f"{text}\nTypeError: no\n") == f"{message.strip()}\nTypeError: no"


@pytest.mark.parametrize(
    "text", ["x  1.0000", "ValueError: no\nx  1.0000", "x 1\nValueError: no", "NameError is it"]
)
def test_what_is_not_all_errors_keeps_its_lines(text):
    assert unfilled(text) == ""
