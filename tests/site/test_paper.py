"""How pages are printed."""

import io

import pytest
from pypdf import PdfReader

from tests.site.test_layout import GALLERY


@pytest.fixture(scope="module")
def paper(chromium, url):
    """A chapter as Chromium prints it: the texts of each sheet, and the code of the chapter."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(url + GALLERY)
        page.wait_for_load_state("networkidle")
        pdf = PdfReader(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))
        code = [pre.inner_text() for pre in page.locator(".cell_input pre:visible").all()]
    return [texts(sheet) for sheet in pdf.pages], code


def texts(sheet) -> list[tuple[str, float]]:
    """Each piece of text of a printed page, and how high it stands, from 0 at the foot to 1."""
    found = []

    def visit_text(text, cm, tm, *_):
        if text.strip():
            height = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
            found.append((text, height / float(sheet.mediabox.height)))

    sheet.extract_text(visitor_text=visit_text)
    return found


def test_on_paper_no_page_is_half_empty(paper):
    sheets, _ = paper
    lowest = {number: min(y for _, y in sheet) for number, sheet in enumerate(sheets[:-1], 1)}
    assert {number: y for number, y in lowest.items() if y > 0.5} == {}


def test_on_paper_no_code_is_cut(paper):
    sheets, code = paper
    printed = "".join("".join(text.split()) for sheet in sheets for text, _ in sheet)
    lines = ["".join(line.split()) for block in code for line in block.splitlines()]
    assert [line for line in lines if line not in printed] == []


@pytest.mark.parametrize("framework", ["both", "pytorch"])
def test_on_paper_nothing_is_wider_than_the_sheet(visit, url, framework):
    # A4 between margins of 15 mm.
    with visit(680) as page:
        page.goto(f"{url}{GALLERY}?framework={framework}")
        page.emulate_media(media="print")
        cut = page.eval_on_selector_all(
            ".bd-article *",
            """all => all.filter(each => each.getBoundingClientRect().right > innerWidth + 1
                && !each.closest('.figure') && each.getClientRects().length)
                .map(each => each.outerHTML.slice(0, 120))""",
        )
        assert cut == []
