"""The framework switch: a choice is shown, and lasts from page to page."""

import re

import pytest

from tests.site.test_panels import CHAPTER, PANELS, shown

BLOCKED_STORAGE = (
    "Object.defineProperty(Storage.prototype, 'getItem', {value() {throw new Error('blocked')}});"
    "Object.defineProperty(Storage.prototype, 'setItem', {value() {throw new Error('blocked')}});"
)


def choose(page, label: str) -> None:
    page.get_by_role("radio", name=label).check()


def chosen(page) -> str:
    return page.locator("[name=framework]:checked").get_attribute("value")


def test_one_framework_can_be_shown_alone_and_both_again(visit, url):
    with visit() as page:
        page.goto(url + CHAPTER)
        for label, frameworks in [
            ("PyTorch", ["pytorch"]),
            ("TensorFlow", ["tensorflow"]),
            ("Side by side", ["pytorch", "tensorflow"]),
        ]:
            choose(page, label)
            assert shown(page) == frameworks


def test_the_choice_lasts_across_reloads_pages_tabs_and_the_back_button(visit, url):
    with visit() as page:
        page.goto(url + "index.html")
        choose(page, "TensorFlow")
        page.goto(url + CHAPTER)
        assert shown(page) == ["tensorflow"]
        page.reload()
        assert shown(page) == ["tensorflow"]
        other = page.context.new_page()
        other.goto(url + CHAPTER)
        assert shown(other) == ["tensorflow"]
        choose(other, "PyTorch")
        page.wait_for_selector("html[data-framework=pytorch]")
        other.goto(url + "index.html")
        choose(other, "Side by side")
        other.go_back()
        assert shown(other) == ["pytorch", "tensorflow"] and chosen(other) == "both"


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow", "both"])
def test_a_link_can_name_the_choice_and_beats_what_was_remembered(visit, url, framework):
    with visit() as page:
        page.goto(url + CHAPTER)
        choose(page, "PyTorch" if framework != "pytorch" else "TensorFlow")
        page.goto(f"{url}{CHAPTER}?framework={framework}#leaky-relu")
        assert shown(page) == (list(PANELS) if framework == "both" else [framework])
        page.goto(url + "index.html")
        assert chosen(page) == framework


def test_a_choice_made_after_a_link_survives_a_reload(visit, url):
    with visit() as page:
        page.goto(f"{url}{CHAPTER}?framework=tensorflow#relu")
        choose(page, "PyTorch")
        assert page.url == f"{url}{CHAPTER}?framework=pytorch#relu"
        page.reload()
        assert shown(page) == ["pytorch"]


def test_a_link_with_an_unknown_framework_changes_nothing(visit, url):
    with visit() as page:
        page.goto(f"{url}{CHAPTER}?framework=jax")
        assert shown(page) == ["pytorch", "tensorflow"]


def test_the_switch_works_by_keyboard(visit, url):
    with visit() as page:
        page.goto(url + CHAPTER)
        for _ in range(200):  # past the list of chapters
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == "framework":
                break
        page.keyboard.press("ArrowRight")
        assert shown(page) == ["pytorch"]
        page.keyboard.press("ArrowRight")
        assert shown(page) == ["tensorflow"]
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) != "none", "the focus is not visible"


def test_the_layout_is_known_before_anything_is_drawn(visit, url):
    with visit(color_scheme="dark") as page:
        page.add_init_script(
            "new MutationObserver(() => { if (document.body && !window.atBody)"
            " window.atBody = {...document.documentElement.dataset}; })"
            ".observe(document, {childList: true, subtree: true})"
        )
        page.goto(url + CHAPTER)
        choose(page, "TensorFlow")
        page.reload()
        at_body = page.evaluate("window.atBody")
        assert (at_body.get("framework"), at_body["theme"]) == ("tensorflow", "dark")


@pytest.mark.parametrize("storage", ["works", "is blocked"])
def test_the_choice_lasts_on_file_urls(visit, site, storage):
    with visit() as page:
        if storage == "is blocked":
            page.add_init_script(BLOCKED_STORAGE)
        page.goto((site / "index.html").as_uri())
        choose(page, "TensorFlow")
        page.locator(".bd-sidebar-primary").get_by_role(
            "link", name="Rectifiers", exact=True
        ).click()
        page.wait_for_url(re.compile("rectifiers"))
        assert shown(page) == ["tensorflow"]
        choose(page, "PyTorch")
        page.locator(".bd-sidebar-primary").get_by_role("link", name="Atlas").click()
        page.wait_for_url(re.compile("atlas"))
        assert chosen(page) == "pytorch"


def test_the_choice_lasts_where_storage_is_blocked(visit, url):
    with visit() as page:
        page.add_init_script(BLOCKED_STORAGE)
        page.goto(url + "index.html")
        choose(page, "PyTorch")
        page.locator(".bd-sidebar-primary").get_by_role(
            "link", name="Rectifiers", exact=True
        ).click()
        page.wait_for_url(re.compile("rectifiers"))
        assert shown(page) == ["pytorch"]
