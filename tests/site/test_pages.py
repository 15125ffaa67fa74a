"""What holds for every page of the site."""

import json
import re
import zipfile
from collections.abc import Iterable
from urllib.parse import unquote, urldefrag, urljoin

import pytest
import yaml

from diptych.book.errors import fill
from diptych.site.pages import unfilled
from tests import ROOT
from tests.site.building import jupyter_book
from tests.site.conftest import SETTLE

FOLDERS = ("chapters", "exercises", "solutions")
MEASURED = ("svg.figure", ".verdict pre", ".diptych-check")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def pages() -> list[str]:
    """The pages in the table of contents, and those that Sphinx adds."""

    def files(node):
        if isinstance(node, dict):
            yield from (node[key] for key in ("root", "file") if key in node)
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                yield from files(child)

    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [name.removesuffix(".md") + ".html" for name in (*files(toc), "search", "genindex")]


# All tests of a page follow one another, and look at it as it was opened once.
def every(names: Iterable[str]):
    return pytest.mark.parametrize("name", list(names), scope="module")


def samples() -> list[str]:
    """The last page of each folder."""
    return list({name.rpartition("/")[0]: name for name in pages()}.values())


def looked_at() -> list[str]:
    """All pages, but samples of the exercises, which are the solutions with less on them."""
    return [n for n in pages() if not n.startswith("exercises/") or n in samples()]


every_page = every(pages())
every_look = every(looked_at())  # what takes a browser
every_notebook = every(page for page in pages() if page.split("/")[0] in FOLDERS)
every_chapter = every(page for page in pages() if page.startswith("chapters/"))


@every_notebook
def test_a_page_has_each_figure_and_each_answer_of_its_notebook(parse, name):
    """Tests that measure all figures of a page, and all that is said there, miss none."""
    cells = [
        cell
        for cell in json.loads((ROOT / name).with_suffix(".ipynb").read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]

    def calling(function: str) -> int:
        call = re.compile(rf"^ *{function}\(", re.MULTILINE)
        return sum(call.search("".join(cell["source"])) is not None for cell in cells)

    shown = {select: len(parse(name).select(select)) for select in MEASURED}
    drawn = [o for cell in cells for o in cell["outputs"] if "image/svg+xml" in o.get("data", {})]
    assert shown == dict(
        zip(MEASURED, (len(drawn), calling("agree"), calling("check")), strict=True)
    )
    assert any(shown.values())


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
        page.evaluate(SETTLE)
        assert opened.look(width, framework, theme).evaluate(SEEN) == page.evaluate(SEEN)


@every_look
def test_a_page_logs_no_error_and_asks_no_other_host(opened):
    opened.look().mouse.wheel(0, 4000)
    opened.page.wait_for_load_state("networkidle")
    opened.page.wait_for_timeout(100)  # what the wheel has called for
    assert opened.problems == []


def problems(page, **options) -> list:
    """What axe finds that is serious, or worse."""
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


# What scrolls or is too small goes by the width, and colours by the theme: what goes by both shows
# in samples.
@every(samples())
@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_colours_can_be_told_apart_at_the_other_width_too(opened, width, theme):
    assert problems(opened.look(width, theme=theme), runOnly=["color-contrast"]) == []


@every_page
def test_every_picture_has_a_text(parse, name):
    pictures = parse(name).find_all("img")
    without = [picture for picture in pictures if not picture.get("alt", "").strip()]
    # The logo stands beside the name of the book, and is not to be read out as well.
    assert [picture for picture in without if "logo__image" not in picture["class"]] == []
    assert all("alt" in picture.attrs for picture in pictures)


@every_page
def test_every_link_within_the_site_resolves(parse, site, name):
    dead = []
    for link in parse(name).select("a[href], link[href], script[src], img[src]"):
        target = link.get("href") or link.get("src")
        path, anchor = urldefrag(unquote(urljoin(f"site:///{name}", target)))
        if not path.startswith("site:"):
            continue
        path = path.removeprefix("site:").lstrip("/").split("?")[0]
        if not (site / path).is_file() or (
            anchor and path.endswith(".html") and not parse(path).find(id=anchor)
        ):
            dead.append(target)
    assert dead == []


@every(page for page in pages() if page.startswith("exercises/"))
def test_a_page_of_exercises_serves_its_notebook_and_the_package_to_run_it(parse, site, name):
    box = parse(name).select_one("p + .running")
    notebook, wheel = ((site / name / ".." / a["href"]).resolve() for a in box("a"))
    assert notebook.read_bytes() == (ROOT / name).with_suffix(".ipynb").read_bytes()
    assert box.pre.get_text().splitlines() == [
        f'pip install "{wheel.name}[torch]" jupyterlab',
        f"jupyter lab {notebook.name}",
    ]
    assert zipfile.is_zipfile(wheel)
    # No repository is named in _config.yml, and Jupyter Book's own is not the book's.
    assert "github" not in str(box) and "Colab" not in str(box)


# The same letters, as an operator, a number or a variable, come from the same font, if that came:
# those that an earlier page has shown are left out, except the last one.
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
    # The font, which is not small, comes with formulas only.
    assert bool(parse(name).select("link[href*='math.css']")) == bool(formulas)
    if not formulas:
        return
    page = opened.look()
    # What is folded has no glyphs yet: hints are.
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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_formulas_have_the_colour_of_the_text(visit, url, theme):
    with visit(color_scheme=theme) as page:
        page.goto(url + "chapters/activations/gates.html")
        colours = page.eval_on_selector_all(
            "math, math *", "all => [...new Set(all.map(e => getComputedStyle(e).color))]"
        )
        text = page.locator(".bd-article > section > section > p").first
        assert colours == [text.evaluate("p => getComputedStyle(p).color")]


def test_a_formula_that_cannot_be_read_fails_the_build(tmp_path):
    config = (ROOT / "_config.yml").read_text().replace("src/", f"{ROOT}/src/")
    (tmp_path / "_config.yml").write_text(config)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    (tmp_path / "references.bib").write_text("")
    (tmp_path / "page.md").write_text("# Title\n\nAn unknown command: $\\unheardof x$.\n")
    built = jupyter_book(tmp_path, tmp_path / "out")
    assert "this formula cannot be read" in built.stderr and built.returncode != 0


@every(page for page in pages() if page.startswith("solutions/"))
def test_solutions_are_called_solutions(parse, name):
    page = parse(name)
    title = page.select_one(".bd-article h1").find(string=True)
    assert title.startswith("Solutions: ")
    assert page.title.text.startswith(title)


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
    # rgb(…) with three numbers below a third of 255, or nothing at all.
    numbers = [[float(n) for n in re.findall(r"[\d.]+", ground)] for ground in grounds]
    assert numbers
    assert all(n[3:] == [0] or max(n[:3]) < 85 for n in numbers), set(grounds)


def test_an_error_wraps_to_the_width_that_there_is():
    message = "RuntimeError: " + "one of the variables needed for gradient computation " * 2
    text = fill(message)
    assert text.count("\n") == 1
    assert unfilled(text + "\n") == message.strip()
    assert unfilled(f"{text}\nTypeError: no\n") == f"{message.strip()}\nTypeError: no"


@pytest.mark.parametrize(
    "text", ["x  1.0000", "ValueError: no\nx  1.0000", "x 1\nValueError: no", "NameError is it"]
)
def test_what_is_not_all_errors_keeps_its_lines(text):
    assert unfilled(text) == ""
