"""The tables that are made from the catalogue: the atlas and the cheat sheet."""

import math
import re

import pytest

from diptych.catalogue import atlas, ledger, symbols
from diptych.catalogue.component import catalogue

CALLS = [(found, call) for found in catalogue() for call in found.calls]


def shown_as(sentence: str) -> str:
    """A sentence of the catalogue as the page shows it, without backticks."""
    return sentence.replace("`", "")


def test_the_atlas_links_every_component_to_its_section(parse):
    links = {a.text: a["href"] for a in parse("atlas.html").select(".components .name a")}
    assert links == {c.name: f"chapters/{c.chapter}.html#{c.anchor}" for c in catalogue()}


def test_the_atlas_has_every_name_of_the_ledger_second_names_too(parse):
    cells = ".components td:nth-child(-n+4) code, .left-out code"
    listed = {code.text for code in parse("atlas.html").select(cells)}
    rows = ((row, field) for row in atlas.rows() for field in atlas.NAMES)
    assert listed == {name for row, field in rows for name in atlas.names(row, field)}


def test_the_atlas_has_the_calls_that_replace_each_other(parse):
    page = parse("atlas.html")
    shown = {tuple(code.text for code in call("code")) for call in page.select(".call")}
    assert shown == {
        tuple(filter(None, (c.pytorch, c.tensorflow, *re.findall("`(.+?)`", c.watch))))
        for _, c in CALLS
    }
    assert all(shown_as(call.watch) in page.text for _, call in CALLS)


def test_the_atlas_says_which_namespaces_it_lists(parse):
    named = {code.text for code in parse("atlas.html").select("details code")}
    assert named == set(symbols.NAMESPACES)


def test_the_atlas_links_what_differs_to_the_cell_that_shows_it(parse):
    rows = parse("atlas.html").select(".components tbody tr")
    for component in catalogue():
        (row,) = (row for row in rows if row["id"] == component.anchor)
        links = row.select("td:last-child a")
        assert [a.text for a in links] == [*map(shown_as, component.behaviour.values())]
        for link, cell in zip(links, component.behaviour, strict=True):
            page, anchor = link["href"].split("#")
            assert page == f"chapters/{component.chapter}.html"
            # A pair has the anchors of both its cells: its own id, and a span in it.
            place = parse(page).find(id=anchor)
            pair = place.parent if place.name == "span" else place
            assert f"cell-{cell}" in [pair["id"], *(s.get("id") for s in pair("span", id=True))]


@pytest.mark.parametrize("framework", ["both", "pytorch", "tensorflow"])
@pytest.mark.parametrize("width", [390, 1440])
def test_a_link_to_a_cell_leads_there_whatever_framework_is_shown(visit, url, width, framework):
    with visit(width) as page:
        for cell in ("cell-relu-arguments-pt", "cell-kinks-tf"):
            page.goto(f"{url}chapters/activations/rectifiers.html?framework={framework}#{cell}")
            place = page.locator(f"#{cell}")
            assert place.evaluate("place => place.checkVisibility()")
            assert 0 <= place.evaluate("place => place.getBoundingClientRect().top") < 200


def test_a_row_of_the_atlas_is_in_view_when_its_address_is_opened(visit, url):
    for width in (390, 1440):
        with visit(width) as page:
            page.goto(url + "atlas.html#max-pooling")
            page.wait_for_load_state("networkidle")
            top = page.evaluate("document.querySelector('tr:target').getBoundingClientRect().top")
            assert 0 <= top < 300


@pytest.mark.parametrize("name", ["atlas.html", "cheat_sheet.html", "search.html?q=pool"])
def test_on_a_phone_the_page_does_not_scroll_sideways(visit, url, name):
    with visit(390) as page:
        page.goto(url + name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        cut = page.eval_on_selector_all(
            "td, .hits li, #filter *",
            "boxes => boxes.filter(b => b.getBoundingClientRect().right > 391).length",
        )
        assert cut == 0


def test_the_cheat_sheet_has_every_call_beside_the_one_that_replaces_it(parse):
    assert CALLS
    rows = parse("cheat_sheet.html").select(".cheat-sheet tbody tr:not(.group)")
    shown = [[cell.text.strip() for cell in row.select("td")[-3:]] for row in rows]
    order = ledger.read().chapters
    calls = sorted(CALLS, key=lambda pair: order.index(pair[0].chapter))
    assert shown == [[c.pytorch or "—", c.tensorflow or "—", shown_as(c.watch)] for _, c in calls]


def test_the_cheat_sheet_links_each_component_and_gives_its_chinese_term(parse):
    page = parse("cheat_sheet.html")
    links = {a["href"]: a.text for a in page.select("tr:not(.group) td a")}
    assert links == {f"chapters/{c.chapter}.html#{c.anchor}": c.name for c, _ in CALLS}
    assert {zh.text for zh in page.select(".zh")} == {c.zh for c, _ in CALLS}


def test_a_printed_sheet_of_the_cheat_sheet_holds_fifty_calls(visit, url):
    with visit() as page:
        page.goto(url + "cheat_sheet.html")
        printed = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= math.ceil(len(CALLS) / 50)
