"""Choosing a framework does not move the block that the reader looks at."""

import pytest

LONG = "chapters/start/two_frameworks.html"
SEEDS = "section:has(> #seeds) > h2, #seeds > h2"  # the heading that the address names


def first_in_sight(page):
    """The first block below the top bar that is not in a panel, because panels may disappear."""
    return page.evaluate_handle(
        """() => [...document.querySelectorAll('.bd-article :is(h1, h2, h3, p, table, .diptych)')]
            .find(block => !block.closest('.panel') && block.getClientRects().length
                && block.getBoundingClientRect().top >= 57)"""
    )


def place(block) -> dict:
    return block.evaluate("block => (({x, y}) => ({x, y}))(block.getBoundingClientRect())")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("depth", ["#seeds", 0.1, 0.5, 0.9, 1])
@pytest.mark.parametrize("anchoring", ["auto", "none"])  # not every browser has scroll anchoring
def test_choosing_a_framework_keeps_the_place(visit, url, width, depth, anchoring):
    with visit(width) as page:
        page.goto(url + LONG + (depth if isinstance(depth, str) else ""))
        page.add_style_tag(content=f".bd-main {{ overflow-anchor: {anchoring} }}")
        if isinstance(depth, float | int):
            page.evaluate(f"scrollTo(0, {depth} * document.documentElement.scrollHeight)")
        kept = page.query_selector(SEEDS) if depth == "#seeds" else first_in_sight(page)
        before = place(kept)
        for label in (
            "TensorFlow",
            "PyTorch",
            "TensorFlow",
            "Tabs" if width == 390 else "Side by side",
        ):
            page.get_by_role("radio", name=label).check()
            page.wait_for_timeout(50)
            assert place(kept) == pytest.approx(before, abs=0.6), label


@pytest.mark.parametrize("nth", [2, 20, -1])
def test_a_tab_keeps_its_own_place(visit, url, nth):
    with visit(390) as page:
        page.goto(url + LONG)
        tab = page.get_by_role("button", name="TensorFlow", exact=True).nth(nth)
        tab.scroll_into_view_if_needed()
        before = place(tab)
        tab.click()
        page.wait_for_timeout(50)
        assert place(tab) == pytest.approx(before, abs=0.6)


def test_the_keyboard_reaches_the_switch_without_moving_the_page(visit, url):
    with visit() as page:
        page.goto(url + LONG + "#seeds")
        heading = page.locator(SEEDS)
        before = place(heading)
        page.locator("[name=framework]:checked").focus()
        assert place(heading) == before
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
        assert place(heading) == pytest.approx(before, abs=0.6)
