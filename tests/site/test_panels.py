"""The two panels: side by side, as tabs, without script and on paper."""

import json

import pytest

from tests import ROOT
from tests.site.building import jupyter_book

CHAPTER = "chapters/activations/rectifiers.html"
PANELS = {"pytorch": ".panel-pytorch.panel", "tensorflow": ".panel-tensorflow.panel"}


def shown(page) -> list[str]:
    """The frameworks whose panels are visible: for each framework, all of them or none must be."""
    found = []
    for framework, selector in PANELS.items():
        visible = {panel.is_visible() for panel in page.locator(selector).all()}
        assert len(visible) == 1, f"some panels of {framework} are shown and some are not"
        found += [framework] * visible.pop()
    return found


def boxes(page, part: str) -> list[dict]:
    """The boxes of ``part`` of the first pair, in PyTorch's panel and in TensorFlow's."""
    pair = page.locator(".diptych").first
    return [pair.locator(f"{panel} {part}").bounding_box() for panel in PANELS.values()]


@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_the_panels_stand_side_by_side_in_a_wide_window(visit, url, width):
    with visit(width) as page:
        page.goto(url + CHAPTER)
        assert shown(page) == ["pytorch", "tensorflow"]
        for part in (".panel-title", ".cell_input", ".cell_output"):
            left, right = boxes(page, part)
            assert left["y"] == right["y"] and left["x"] + left["width"] < right["x"]
        code, output = boxes(page, ".cell_input")[1], boxes(page, ".cell_output")[1]
        assert output["y"] >= code["y"] + code["height"] and output["x"] == code["x"]
        assert not page.locator(".diptych-tabs").first.is_visible()


@pytest.mark.parametrize("width", [1280, 1440])
def test_no_code_scrolls_in_its_panel_and_64_columns_fit(visit, url, width):
    with visit(width) as page:
        page.goto(url + CHAPTER)
        page.evaluate("document.querySelector('.panel pre').textContent = 'm'.repeat(64)")
        too_wide = page.eval_on_selector_all(
            ".panel .cell_input pre",
            "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)",
        )
        assert too_wide == []


def test_a_narrow_window_has_tabs_that_switch_together_and_are_remembered(visit, url):
    with visit(390) as page:
        page.goto(url + CHAPTER)
        assert page.get_by_role("radio", name="Tabs").is_checked()
        assert shown(page) == ["pytorch"]
        # Turn off scroll anchoring, which not every browser has.
        page.add_style_tag(content="* { overflow-anchor: none }")
        tab = page.get_by_role("button", name="TensorFlow", exact=True).nth(3)
        tab.scroll_into_view_if_needed()
        before = tab.bounding_box()["y"]
        tab.click()
        assert shown(page) == ["tensorflow"]
        assert tab.get_attribute("aria-pressed") == "true"
        assert abs(tab.bounding_box()["y"] - before) < 2, "the page jumped away from the tab"
        page.reload()
        assert shown(page) == ["tensorflow"]
        page.set_viewport_size({"width": 1440, "height": 900})
        assert shown(page) == ["pytorch", "tensorflow"]


@pytest.mark.parametrize("width", [390, 768, 1000])
def test_no_page_is_wider_than_a_narrow_window(visit, url, width):
    with visit(width) as page:
        for name in ("index.html", "atlas.html", CHAPTER):
            page.goto(url + name)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1440])
def test_without_script_both_panels_are_shown_and_no_control_is_dead(visit, url, width):
    with visit(width, java_script_enabled=False) as page:
        page.goto(url + CHAPTER)
        assert shown(page) == ["pytorch", "tensorflow"]
        assert not page.locator(".framework-switch").is_visible()
        assert not page.locator(".diptych-tabs").first.is_visible()
        left, right = boxes(page, ".panel-title")
        assert (left["y"] == right["y"]) == (width == 1440)


@pytest.mark.parametrize("width", [390, 1440])
def test_print_shows_what_was_chosen_and_both_panels_of_tabs(visit, url, width):
    with visit(width) as page:
        page.goto(url + CHAPTER)
        page.emulate_media(media="print")
        assert shown(page) == ["pytorch", "tensorflow"]
        page.goto(f"{url}{CHAPTER}?framework=tensorflow")
        assert shown(page) == ["tensorflow"]
        assert not page.locator(".framework-switch").is_visible()


def test_print_from_the_dark_theme_is_dark_ink_on_white(visit, url):
    with visit(color_scheme="dark") as page:
        page.goto(url + CHAPTER)
        theme = "document.documentElement.dataset.theme"
        assert page.evaluate(theme) == "dark"
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(theme) == "light"
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(theme) == "dark"


def test_the_list_of_contents_opens_by_keyboard_beside_two_panels(visit, url):
    with visit(1280) as page:
        page.goto(url + CHAPTER)
        contents = page.locator(".bd-sidebar-secondary")
        assert contents.bounding_box()["height"] < 60
        contents.get_by_role("link").last.focus()
        page.wait_for_function(  # it unfolds
            "document.querySelector('.bd-sidebar-secondary').getBoundingClientRect().height > 200"
        )


def notebook(tags: list[str]) -> str:
    cells = [
        {"cell_type": "code", "id": f"cell-{i}", "metadata": {"tags": [tag]}, "outputs": [],
         "execution_count": 1, "source": "print()"}
        for i, tag in enumerate(tags)
    ]  # fmt: skip
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# Title"}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    content = {"cells": [title, *cells], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content)


@pytest.mark.parametrize(
    ("tags", "ok"),
    [
        (["pytorch", "tensorflow", "pytorch", "tensorflow"], True),
        (["tensorflow", "pytorch"], True),
        (["pytorch"], False),
        (["pytorch", "pytorch", "tensorflow"], False),
        (["pytorch", "other", "tensorflow"], False),
    ],
)
def test_a_cell_without_its_pair_fails_the_build(tmp_path, tags, ok):
    config = (ROOT / "_config.yml").read_text().replace("src/", f"{ROOT}/src/")
    (tmp_path / "_config.yml").write_text(config)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    (tmp_path / "references.bib").write_text("")
    (tmp_path / "page.ipynb").write_text(notebook(tags))
    built = jupyter_book(tmp_path, tmp_path / "out")
    assert ("is not its pair" in built.stderr) == (not ok), built.stderr
    assert (built.returncode == 0) == ok
