"""What holds for every page that is opened in a browser."""

import re

import pytest

from tests import ROOT
from tests.site.conftest import HAS_THEME, SETTLE, STILL
from tests.site.every import FOLDERS, every, every_chapter, every_look, looked_at, samples

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# What a reader sees: attributes, the place of every block, its colours.
SEEN = """() => [
    {...document.documentElement.dataset},
    [...document.querySelectorAll('.bd-article *')].map(each => [each.className.baseVal ??
        each.className, ...['x', 'width', 'height'].map(key => each.getBoundingClientRect()[key]),
        getComputedStyle(each).color, getComputedStyle(each).backgroundColor])
]"""


@every(["chapters/activations/gates.html", "solutions/activations/gates.html"])
@pytest.mark.parametrize(
    ("width", "framework", "theme"), [(390, "tensorflow", "dark"), (1440, "pytorch", "light")]
)
def test_a_page_that_changes_is_as_one_that_was_opened_so(
    opened, visit, url, name, width, framework, theme
):
    with visit(width, color_scheme=theme) as page:
        page.goto(f"{url}{name}?framework={framework}")
        page.wait_for_load_state("networkidle")
        page.add_style_tag(content=STILL)
        page.evaluate("document.fonts.ready")
        page.wait_for_function(HAS_THEME, arg=theme)
        page.evaluate(SETTLE)
        assert opened.look(width, framework, theme).evaluate(SEEN) == page.evaluate(SEEN)


@every_look
def test_a_page_logs_no_error_and_asks_no_other_host(opened):
    opened.look().mouse.wheel(0, 4000)
    opened.page.wait_for_load_state("networkidle")
    opened.page.wait_for_timeout(100)  # requests that scrolling has caused
    assert opened.problems == []


def problems(page, **options) -> list:
    """The serious and critical problems that axe finds."""
    if not AXE.exists():
        pytest.skip("axe-core is missing: the tests of accessibility did not run; run npm ci")
    page.add_script_tag(path=AXE)
    result = page.evaluate("options => axe.run({resultTypes: ['violations'], ...options})", options)
    return [
        (problem["id"], node["target"], node["failureSummary"])
        for problem in result["violations"]
        if problem["impact"] in ("serious", "critical")
        for node in problem["nodes"]
    ]


@every_look
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_a_page_has_no_serious_accessibility_problem(opened, width, theme):
    assert problems(opened.look(width, theme=theme)) == []


# Scrolling and sizes depend on the width, colours on the theme. Samples are enough to find problems
# that depend on both.
@every(samples())
@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_colours_can_be_told_apart_at_the_other_width_too(opened, width, theme):
    assert problems(opened.look(width, theme=theme), runOnly=["color-contrast"]) == []


# The same letters, as an operator, a number or a variable, have the same font on all pages if it is
# loaded. So letters that an earlier page has shown are left out, except for one.
MARK_EACH_LEAF_ONCE = """known => {
    const leaves = [...document.querySelectorAll("math :is(mi, mo, mn, mtext)")];
    const drawn = leaf => [leaf.localName, leaf.textContent, getComputedStyle(leaf).fontStyle]
    const found = new Map(leaves.map(leaf => [String(drawn(leaf)), leaf]));
    known.forEach(each => found.size > 1 && found.delete(each));
    found.forEach(leaf => { leaf.dataset.once = "" });
    return [...found.keys()];
}"""
KNOWN: list[str] = []


@every_look
def test_formulas_are_mathml_in_the_font_that_is_served_with_them(opened, parse, name):
    formulas = parse(name).select("math")
    assert len(formulas) == len(parse(name).select(".math > math"))
    # The font is large, so only pages with formulas load it.
    assert bool(parse(name).select("link[href*='math.css']")) == bool(formulas)
    if not formulas:
        return
    page = opened.look()
    # Folded text, such as hints, has no glyphs yet.
    folded = page.query_selector_all("details:not([open])")
    for each in folded:
        each.evaluate("each => (each.open = true)")
    seen = page.evaluate(MARK_EACH_LEAF_ONCE, KNOWN)
    session = page.context.new_cdp_session(page)
    for command in ("DOM.enable", "CSS.enable"):
        session.send(command)
    root = session.send("DOM.getDocument", {"depth": -1})["root"]["nodeId"]
    leaves = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "[data-once]"})
    assert leaves["nodeIds"]
    fonts = {
        font["familyName"]
        for leaf in leaves["nodeIds"]
        for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": leaf})["fonts"]
    }
    session.detach()
    for each in folded:
        each.evaluate("each => (each.open = false)")
    assert fonts == {"Diptych Math"}
    KNOWN.extend(each for each in seen if each not in KNOWN)


@every_chapter
def test_on_a_phone_names_and_what_agree_says_are_whole(opened):
    cut = opened.look(390).eval_on_selector_all(
        ".names td, .output.stream.verdict pre",
        "boxes => boxes.filter(b => b.scrollWidth > b.clientWidth).map(b => b.textContent)",
    )
    assert cut == []


@every_look
def test_what_check_says_keeps_clear_of_its_frame(opened):
    gaps = opened.look().eval_on_selector_all(
        ".diptych-check",
        """boxes => boxes.filter(b => b.offsetParent).map(b =>
            b.firstChild.getBoundingClientRect().left
            - b.closest('.cell_output').getBoundingClientRect().left)""",
    )
    assert all(gap >= 8 for gap in gaps), gaps


@every(name for name in looked_at() if name.split("/")[0] in FOLDERS)
def test_what_code_shows_stands_on_the_page_and_not_on_white_in_the_dark(opened):
    grounds = opened.look(theme="dark").eval_on_selector_all(
        ".cell_output .text_html, .cell_output img, .cell_output pre",
        "shown => shown.map(each => getComputedStyle(each).backgroundColor)",
    )
    # Either rgb(…) with three numbers below a third of 255, or transparent.
    numbers = [[float(n) for n in re.findall(r"[\d.]+", ground)] for ground in grounds]
    assert numbers
    assert all(n[3:] == [0] or max(n[:3]) < 85 for n in numbers), set(grounds)
