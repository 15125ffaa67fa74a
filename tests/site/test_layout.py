"""How pages are laid out: at 390 and at 1440 pixels."""

import gzip

import pytest

from tests.site.every import every_chapter, every_look

GALLERY = "chapters/activations/gates.html"


@every_look
def test_a_first_visit_takes_at_most_500_kB_and_20_requests(opened):
    opened.page.wait_for_load_state("networkidle")
    # The sizes that a server sends: each file is compressed.
    sizes = {each: len(gzip.compress(r.body(), 9)) for each, r in opened.responses.items()}
    assert len(sizes) <= 20, sorted(sizes)
    assert sum(sizes.values()) <= 500_000, sizes


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
        # Without words that are rotated.
        sizes = [size for size in words if size and 0 < size < 1000]
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
