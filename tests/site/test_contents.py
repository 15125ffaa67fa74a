"""The list of contents is in view, or a button opens it; solutions are folded."""

import pytest

from tests.site.test_place import LONG


@pytest.mark.parametrize("framework", ["both", "pytorch"])
@pytest.mark.parametrize("depth", [0, 0.5, 1])
def test_the_contents_are_in_view_at_1440_with_the_section_that_is_read(
    visit, url, framework, depth
):
    with visit(1440) as page:
        page.goto(f"{url}{LONG}?framework={framework}")
        page.mouse.wheel(0, 1)
        page.evaluate(f"scrollTo(0, {depth} * document.documentElement.scrollHeight)")
        page.wait_for_timeout(300)
        links = page.locator("nav.page-toc a").all()
        seen = [link for link in links if link.is_visible()]
        assert len(seen) > 8
        box = page.locator(".bd-sidebar-secondary").bounding_box()
        assert box["x"] + box["width"] <= 1440 and box["width"] > 150
        article = page.locator(".bd-article").bounding_box()
        assert article["x"] + article["width"] <= box["x"]
        if depth:
            active = page.locator("nav.page-toc a.active").last.bounding_box()
            assert active["y"] >= 0 and active["y"] + active["height"] <= 900


def test_where_the_contents_do_not_fit_a_fixed_button_opens_them(visit, url):
    with visit(1280) as page:
        page.goto(url + LONG)
        page.evaluate("scrollTo(0, 9000)")
        button = page.get_by_role("button", name="Contents of this page")
        link = page.locator("nav.page-toc").get_by_role("link", name="References")
        assert button.bounding_box()["y"] < 60
        assert page.locator(".bd-sidebar-secondary").bounding_box()["height"] < 60
        button.click()
        page.mouse.move(300, 500)
        page.wait_for_timeout(600)
        assert page.locator(".bd-sidebar-secondary").bounding_box()["height"] > 300
        link.click()
        page.wait_for_url("**#references")


def test_the_solutions_are_folded_in_the_sidebar(visit, url):
    with visit() as page:
        page.goto(url + "index.html")
        sidebar = page.locator(".bd-sidebar-primary")
        link = sidebar.get_by_role("link", name="Solutions: gates")
        assert not link.is_visible()
        sidebar.locator("li:has(> a:text-is('Solutions')) .toctree-toggle").first.click()
        assert link.is_visible()
