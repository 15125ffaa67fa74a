"""How pages are laid out: at 390 and at 1440 pixels, on screen and on paper."""

import gzip
import io
import json

import pytest
from pypdf import PdfReader

from tests import ROOT
from tests.site.test_pages import every_chapter, every_look

LONG = "chapters/start/two_frameworks.html"
GALLERY = "chapters/activations/gates.html"
SEEDS = "section:has(> #seeds) > h2, #seeds > h2"  # the heading that the address names


# Weight


@every_look
def test_a_first_visit_takes_at_most_500_kB_and_20_requests(opened):
    opened.page.wait_for_load_state("networkidle")
    # As a server sends it: each file compressed on its own.
    sizes = {each: len(gzip.compress(r.body(), 9)) for each, r in opened.responses.items()}
    assert len(sizes) <= 20, sorted(sizes)
    assert sum(sizes.values()) <= 500_000, sizes


# Width


@every_look
def test_no_page_scrolls_sideways_on_a_phone(opened):
    for framework in ("both", "pytorch", "tensorflow"):
        page = opened.look(390, framework)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, framework


FIGURES = """figures => figures.map(svg => [
    svg.getBoundingClientRect().width,
    [...svg.querySelectorAll('text')].filter(t => t.textContent).map(t => [t, t.getScreenCTM()])
        .map(([t, to]) => parseFloat(getComputedStyle(t).fontSize) * to.d / (to.a ? 1 : 0))
])"""


@every_chapter
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_figures_are_as_wide_as_the_text_and_their_words_can_be_read(opened, width):
    page = opened.look(width)
    text = page.locator(".bd-article > section > p").first.evaluate(
        "p => [p.getBoundingClientRect().width, parseFloat(getComputedStyle(p).fontSize)]"
    )
    for wide, words in page.eval_on_selector_all(".figure", FIGURES):
        # On a phone cells reach a little beyond the text.
        assert text[0] - 1 <= wide <= text[0] + 17
        sizes = [size for size in words if size and 0 < size < 1000]  # those that stand upright
        assert min(sizes) >= 8 and max(sizes) <= 1.25 * text[1]


BROKEN_NAMES = """() => {
    const word = /[A-Za-z0-9]/, broken = [];
    for (const code of document.querySelectorAll('.bd-article code:not(pre code)')) {
        const oneLine = 2 * parseFloat(getComputedStyle(code).fontSize);
        if (code.getBoundingClientRect().height < oneLine) continue;
        const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
        let before = null;
        for (let node; (node = walker.nextNode()); ) {
            for (let i = 0; i < node.length; i++) {
                const range = document.createRange();
                range.setStart(node, i);
                range.setEnd(node, i + 1);
                const letter = node.data[i], { bottom } = range.getBoundingClientRect();
                if (before && bottom - before.bottom > 3
                    && word.test(before.letter) && word.test(letter)) broken.push(code.textContent);
                before = { letter, bottom };
            }
        }
    }
    return broken;
}"""


@every_look
@pytest.mark.parametrize(
    ("width", "framework"), [(390, "both"), (390, "tensorflow"), (1440, "pytorch")]
)
def test_names_never_break_inside_a_word(opened, width, framework):
    assert opened.look(width, framework).evaluate(BROKEN_NAMES) == []


@every_chapter
def test_on_a_phone_tables_show_both_frameworks_without_scrolling(opened):
    hidden = opened.look(390).eval_on_selector_all(
        ".bd-article table",
        """tables => tables.filter(table => /PyTorch[^]*(Keras|TensorFlow)/.test(
            table.tHead?.textContent)).filter(table => [...table.querySelectorAll('td, th')]
            .some(cell => cell.getBoundingClientRect().right > innerWidth))
            .map(table => table.tHead.textContent)""",
    )
    assert hidden == []


@every_chapter
@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_on_a_phone_six_numbers_of_show_fit(opened, framework):
    cut = opened.look(390, framework).eval_on_selector_all(
        ".cell_output pre",
        r"""all => all.filter(pre => /^\w+( +-?\d+\.\d{4}){1,6}$/m.test(pre.textContent)
            && !/( +-?\d+\.\d{4}){7}/.test(pre.textContent)
            && pre.scrollWidth > pre.clientWidth).map(pre => pre.textContent)""",
    )
    assert cut == []


def test_a_shadow_says_on_which_side_code_goes_on(visit, url):
    with visit(390) as page:
        page.goto(url + GALLERY)
        code = page.locator(".cell_input pre.scrolls").first
        code.scroll_into_view_if_needed()

        def edges() -> list[bytes]:
            box = code.bounding_box()
            # A strip of the padding below the last line, where there is no code.
            strip = {"y": box["y"] + box["height"] - 5, "width": 4, "height": 3}
            return [
                page.screenshot(clip={**strip, "x": x})
                for x in (box["x"] + 9, box["x"] + box["width"] - 13, box["x"] + box["width"] / 2)
            ]

        left, right, ground = edges()
        assert left == ground != right
        code.evaluate("pre => pre.scrollTo(pre.scrollWidth, 0)")
        left, right, ground = edges()
        assert left != ground == right


@every_chapter
@pytest.mark.parametrize("width", [390, 1440])
def test_what_agree_says_stands_inside_the_box_of_its_cell(opened, width):
    outside = opened.look(width).eval_on_selector_all(
        ".verdict pre",
        """all => all.filter(pre => {
            const cell = pre.closest('.cell'), box = cell.getBoundingClientRect();
            const text = pre.getBoundingClientRect();
            return getComputedStyle(cell).borderBottomWidth === '0px'
                || text.bottom > box.bottom || text.right > box.right || text.left < box.left;
        }).map(pre => pre.textContent)""",
    )
    assert outside == []


# The reader's place


def first_in_sight(page):
    """The first block that begins below the top bar; ``None`` of a panel's, which may go."""
    return page.evaluate_handle(
        """() => [...document.querySelectorAll('.bd-article :is(h1, h2, h3, p, table, .diptych)')]
            .find(block => !block.closest('.panel') && block.getClientRects().length
                && block.getBoundingClientRect().top >= 57)"""
    )


def place(block) -> dict:
    return block.evaluate("block => (({x, y}) => ({x, y}))(block.getBoundingClientRect())")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("depth", ["#seeds", 0.1, 0.5, 0.9, 1])
@pytest.mark.parametrize("anchoring", ["auto", "none"])  # not every browser keeps a place itself
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


# The list of contents


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


# Figures


def test_a_panel_of_a_gallery_leads_to_its_section(visit, url):
    with visit() as page:
        page.goto(url + GALLERY)
        links = page.locator(".figure").first.get_by_role("link")
        assert [link.get_attribute("href") for link in links.all()] == [
            "#silu", "#hard-silu", "#gelu", "#mish", "#glu", "#crelu"
        ]  # fmt: skip
        assert links.nth(2).text_content().strip() == "GELU: to −0.17"
        # In the middle of the panel, on a curve or beside it. Fonts have come, and the place is
        # measured in one step with the scrolling, so that nothing moves in between.
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


@every_chapter
def test_every_figure_has_an_alternative_text_and_ids_of_its_own(opened):
    page = opened.look()
    labels = page.eval_on_selector_all(".figure", "all => all.map(f => [f.role, f.ariaLabel])")
    assert all(role in ("img", "group") and len(text) > 40 for role, text in labels)
    twice = page.evaluate(
        """() => { const ids = [...document.querySelectorAll('.figure [id]')].map(e => e.id);
            return ids.filter((id, i) => ids.indexOf(id) !== i
                || document.querySelectorAll('#' + CSS.escape(id)).length > 1); }"""
    )
    assert twice == []
    dangling = page.evaluate(
        """() => [...document.querySelectorAll('.figure use, .figure [clip-path]')].map(e =>
            (e.getAttribute('xlink:href') ?? e.getAttribute('clip-path'))
            .match(/#([^)]+)/)[1]).filter(id => !document.getElementById(id))"""
    )
    assert dangling == []


# The front page


def test_the_front_page_shows_a_pair_of_a_chapter_in_its_first_screen(visit, url):
    notebook = json.loads((ROOT / "chapters/activations/rectifiers.ipynb").read_text())
    with visit(1440) as page:
        page.goto(url + "chapters/activations/rectifiers.html")
        pairs = page.eval_on_selector_all(".diptych", "all => all.map(pair => pair.innerText)")
        page.goto(url + "index.html")
        pair = page.locator(".diptych")
        assert pair.count() == 1
        assert pair.inner_text() in pairs
        box = pair.bounding_box()
        assert box["y"] + box["height"] < 900
        for panel in ("pytorch", "tensorflow"):
            source = pair.locator(f".panel-{panel} .cell_input").inner_text().strip()
            printed = pair.locator(f".panel-{panel} .cell_output").inner_text().strip()
            (cell,) = [c for c in notebook["cells"] if "".join(c["source"]) == source]
            assert cell["metadata"]["tags"] == [panel]
            assert "".join(cell["outputs"][0]["text"]).strip() == printed
        doors = page.locator(".doors > ul > li")
        assert [door.get_by_role("link").first.inner_text() for door in doors.all()] == [
            "Read", "Learn", "Teach"
        ]  # fmt: skip
        assert all(door.bounding_box()["y"] < 900 for door in doors.all())


def test_the_solutions_are_folded_in_the_sidebar(visit, url):
    with visit() as page:
        page.goto(url + "index.html")
        sidebar = page.locator(".bd-sidebar-primary")
        link = sidebar.get_by_role("link", name="Solutions: gates")
        assert not link.is_visible()
        sidebar.locator("li:has(> a:text-is('Solutions')) .toctree-toggle").first.click()
        assert link.is_visible()


# Paper


@pytest.fixture(scope="module")
def paper(chromium, url):
    """A chapter as Chromium prints it: the texts of each page, and the code that it should have."""
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
