"""The tables that are made from the catalogue: the atlas, its filter, and the cheat sheet."""

import math
import re

import pytest

from diptych.catalogue import atlas, ledger
from diptych.catalogue.component import catalogue, find
from diptych.learning import path_list, paths

CALLS = [(found, call) for found in catalogue() for call in found.calls]


def shown_as(sentence: str) -> str:
    """A sentence of the catalogue on the page, where code has a box in place of backticks."""
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
    assert named == set(ledger.NAMESPACES)


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


@pytest.fixture
def filtered(visit, url):
    """Open the atlas with a query in its address, and read what is left of it."""
    with visit(390) as page:

        def filtered(query: str) -> list[str]:
            page.goto(f"{url}atlas.html?{query}")
            return names(page)

        yield filtered


def names(page) -> list[str]:
    """The components that are shown, and the names that are left out and shown."""
    return page.eval_on_selector_all(
        ".components .name, .left-out code",
        "names => names.filter(n => n.checkVisibility()).map(n => n.textContent)",
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=LEAKYRELU", "Leaky ReLU"),
        ("q=ＬｅａｋｙＲｅＬＵ", "Leaky ReLU"),
        ("q=修正线性单元", "ReLU"),
        ("q=tf.nn.relu6", "ReLU6"),
        ("q=F.leaky_relu(x, 0.1)", "Leaky ReLU"),
        ("q=MaxPool2D", "Max pooling"),
        ("q=GlobalAvgPool2D", "Global average pooling"),
        ("q=keras.losses.mse", "Mean squared error"),
        ("q=keras.regularizers.l2", "L2 penalty"),
        ("q=max_norm", "Maximum norm"),
        ("q=tf.nn.swish", "SiLU (swish)"),
        (f"q={find('relu').behaviour['dying']}", "ReLU"),
        ("q=top_k", "tf.nn.top_k"),
        ("q=gradient clipping", "torch.nn.utils"),
        ("family=activations&status=bridged", "Squareplus"),
        ("family=layers&q=relu", "ReLU"),
    ],
)
def test_the_atlas_is_filtered_by_what_stands_in_its_address(filtered, query, found):
    left = filtered(query)
    assert (found in left) == (query != "family=layers&q=relu")
    assert len(left) < 60


def test_family_and_status_narrow_the_atlas_to_the_rows_of_the_catalogue(filtered):
    rows = atlas.rows()
    for row_of, query in [
        (lambda row: row["family"] == "losses", "family=losses"),
        (lambda row: row["status"] == "removed", "status=removed"),
        (lambda row: row["status"] == "bridged", "status=bridged"),
    ]:
        assert filtered(query) == [row["name"] for row in rows if row_of(row)]
    assert filtered("status=left out") == [row["id"] for row in rows if "reason" in row]


def test_what_is_chosen_stands_in_the_address_and_is_counted(visit, url):
    with visit() as page:
        page.goto(url + "atlas.html")
        whole = names(page)
        components = sum(1 for row in atlas.rows() if "reason" not in row)
        left_out = len(whole) - components
        status = page.locator("#filter [role=status]")
        assert status.inner_text() == (
            f"{components} of {components} components, {left_out} of {left_out} names left out"
        )
        page.get_by_role("searchbox", name="Find").fill("relu")
        page.get_by_role("combobox", name="Family").select_option("activations")
        page.get_by_role("combobox", name="Status").select_option("bridged")
        assert page.evaluate("location.search") == "?q=relu&family=activations&status=bridged"
        asked = [row for row in atlas.find(atlas.rows(), "relu") if row["status"] == "bridged"]
        assert names(page) == [row["name"] for row in asked if row["family"] == "activations"]
        count = f"{len(names(page))} of {components} components, 0 of {left_out} names left out"
        assert status.inner_text() == count
        page.get_by_role("searchbox", name="Find").fill("")
        page.get_by_role("combobox", name="Family").select_option("all")
        page.get_by_role("combobox", name="Status").select_option("any")
        assert page.evaluate("location.search") == ""
        assert names(page) == whole


def test_the_filter_shows_only_the_matching_names_of_what_is_left_out(filtered):
    assert filtered("q=keras.layers.Random&status=left out") == [
        row["id"] for row in atlas.rows() if "reason" in row and "layers.Random" in row["id"]
    ]


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


def test_the_page_of_the_paths_leads_through_each_of_them(parse):
    sections = parse("paths.html").select("section section")
    titles = [section.h2.find(string=True) for section in sections]
    assert titles == [path.title for path in paths.PATHS.values()]
    for section, path in zip(sections, paths.PATHS.values(), strict=True):
        items = section.select("li")
        for item, step in zip(items, path.steps, strict=True):
            assert [a["href"] for a in item("a")] == [
                f"{folder}/{step.chapter}.html" for folder in ("chapters", "exercises")
            ]
            assert [c.text for c in item("code")][-len(step.exercises) :] == [*step.exercises]


def test_the_page_of_the_paths_says_how_the_minutes_are_counted(parse):
    words, lines, minutes = path_list.WORDS, path_list.LINES, path_list.EXERCISE
    text = " ".join(parse("paths.html").select_one(".bd-article").text.split())
    assert f"{words} words of text or {lines} lines of code take a minute" in text
    assert f"an exercise takes {minutes} minutes" in text
