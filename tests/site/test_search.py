"""The search: what it reads of a page, and what a reader finds who types."""

import json
from itertools import chain
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document

import diptych
from diptych.catalogue import atlas
from diptych.site import search, sections

STATIC = Path(diptych.__file__).parent / "site" / "static"
TEXTS = [
    "",
    "Leaky ReLU, or nn.LeakyReLU(0.3)",
    "from_logits=True; tf.nn.silu",
    "一维批标准化层；二维",
    "l1正则化 and 层",
    "ＲｅＬＵ ﬁt ½ x² İ ΟΔΟΣ",
    "Größe, naïve, école_supérieure",
    "x̂ ∈ ℝ, 𝑥 🙂 e-4",
    "Transformer的编码器层",
]
QUERIES = [
    "",
    "  nn.LeakyReLU  ",
    "F.leaky_relu(x, 0.1)",
    "tf.keras.layers.ReLU()",
    "keras.layers.Dense(4, activation=tf.nn.relu) and (more",
    "ＲｅＬＵ\u3000修正",
    "f.(x)",
]


@pytest.fixture
def find(visit):
    """The functions of find.js, called in Chromium."""
    with visit() as page:
        page.add_script_tag(path=STATIC / "find.js")
        yield lambda function, texts: page.evaluate(f"texts => texts.map(find.{function})", texts)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Leaky ReLU: nn.LeakyReLU", ["leaky", "relu", "nn", "leakyrelu"]),
        ("running, runs, the", ["running", "runs", "the"]),
        ("批标准化", ["批标", "标准", "准化"]),
        ("l1正则", ["l1", "正则"]),
        ("层", ["层"]),
        ("ＲｅＬＵ", ["relu"]),
    ],
)
def test_words_are_whole_and_chinese_is_cut_into_pairs(text, words):
    assert search.words(text) == words


def test_python_and_javascript_cut_texts_into_the_same_words(find):
    assert find("words", TEXTS) == [search.words(text) for text in TEXTS]


def test_python_and_javascript_read_a_query_the_same_way(find):
    assert find("typed", QUERIES) == [atlas.typed(query) for query in QUERIES]


def section(title, *children, names=()):
    made = nodes.section("", nodes.title("", title), *children, names=[*names])
    made["ids"] = [title.lower().replace(" ", "-")]
    return made


def paragraph(text, **attributes):
    return nodes.paragraph("", text, **attributes)


def test_a_page_is_read_section_by_section_with_the_headings_above():
    document = new_document("page")
    document += section(
        "Page", paragraph("About."), section("One", paragraph("First."), section("Deep"))
    )
    read = [(s.anchor, s.headings, s.lead, s.text) for s in sections.sections(document)]
    assert read == [
        ("", ("Page",), "About.", "\nAbout."),
        ("one", ("Page", "One"), "First.", "\nFirst."),
        ("deep", ("Page", "One", "Deep"), "", ""),
    ]


def test_the_anchor_that_an_author_gave_stands_before_the_one_made_from_the_heading():
    document = new_document("page")
    one = section("One", names=["given"])
    document += section("Page", one)
    one["ids"].append("given")
    document.note_implicit_target(one)
    document.nameids["given"], document.nametypes["given"] = "given", True
    assert [found.anchor for found in sections.sections(document)] == ["", "given"]


def test_buttons_formulas_folded_code_and_colours_are_not_read():
    source = nodes.container("", nodes.literal_block("", "plot()"), nb_element="cell_code_source")
    output = nodes.container("", nodes.literal_block("", "\x1b[1mshown\x1b[0m"))
    formula = nodes.paragraph("", "", nodes.Text("Here "), nodes.math("", "\\alpha"))
    document = new_document("page")
    document += section(
        "Page",
        formula,
        paragraph("PyTorch", classes=["panel-title"]),
        nodes.raw("", "<button>TensorFlow</button>", format="html"),
        nodes.container("", source, output, hide_mode="input"),
    )
    (page,) = sections.sections(document)
    assert page.text.split() == ["Here", "…", "shown"]
    assert page.lead == "Here …"


def output(**forms):
    """An output of a cell, in the forms in which the notebook stores it."""
    boxes = [
        nodes.container("", nodes.literal_block("", text), mime_type=form.replace("_", "/"))
        for form, text in forms.items()
    ]
    return nodes.container("", *boxes, nb_element="mime_bundle")


def test_an_output_in_several_forms_is_read_once_and_a_figure_not_at_all():
    assert sections.text_of(output(text_html="0.5 points", text_plain="0.5")) == "0.5"
    assert sections.text_of(output(image_svg="<svg>", text_plain="<Figure size 640x480>")) == ""
    assert sections.text_of(output(text_html="points")) == ""


def test_lines_that_a_tag_parts_are_two_words():
    line = nodes.paragraph("", "", nodes.Text("nn.ReLU"), nodes.raw("", "<br>", format="html"))
    line += nodes.Text("F.relu")
    assert sections.text_of(line).split() == ["nn.ReLU", "F.relu"]


@pytest.fixture(scope="module")
def index(site):
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("const searchIndex = ").removesuffix(";\n"))


def test_the_index_has_every_page_and_only_words_that_a_reader_may_type(index, site):
    assert {address for address, *_ in index["pages"]} == {
        str(path.relative_to(site))
        for path in site.rglob("*.html")
        if "_static" not in path.parts and path.stem not in ("search", "genindex")
    }
    assert not [word for word in index["words"] if word.isdigit() or word != atlas.fold(word)]
    assert all(len(word) <= 2 for word in index["words"] if "㐀" <= word[0] <= "鿿")


TYPE = """queries => queries.map(query => {
    const field = document.querySelector(".bd-search-container [name=q]");
    field.value = query;
    field.dispatchEvent(new Event("input"));
    return document.querySelector(".hits a").getAttribute("href");
})"""


FIRST = {
    "Leaky": "chapters/activations/rectifiers.html#leaky-relu",
    "nn.LeakyReLU": "chapters/activations/rectifiers.html#leaky-relu",
    "LeakyReLU": "chapters/activations/rectifiers.html#leaky-relu",
    "激活": "chapters/activations/rectifiers.html#activation-forms",
    "修正": "chapters/activations/rectifiers.html#relu",
    "标准化": "chapters/layers/normalization.html#batch-norm",
    "from_logits": "chapters/activations/softmaxes.html",
    "dead relu": "chapters/activations/rectifiers.html",
    "dying relu": "chapters/activations/rectifiers.html#cell-dying",
    "hard sigmoid": "chapters/activations/sigmoids.html#hard-sigmoid",
    "tf.nn.silu": "chapters/activations/gates.html#silu",
    "F.leaky_relu(x, 0.1)": "chapters/activations/rectifiers.html#leaky-relu",
    "loss.backward()": "chapters/start/two_frameworks.html#gradients",
    "how do I seed it": "chapters/start/two_frameworks.html#seeds",
    "ｓｗｉｓｈ": "chapters/activations/gates.html#silu",
    "MaxPool2D": "chapters/layers/pooling.html#max-pooling",
    "keras.losses.mse": "chapters/losses/regression.html#mean-squared-error",
    "gradient clipping": "chapters/regularizers/regularized_training.html#cell-clip-tf",
    "clip_grad_norm_": "chapters/regularizers/regularized_training.html#clipnorm-clips-each-"
    "variable-alone-global-clipnorm-is-pytorch-s-clip-grad-norm",
    "DataParallel": "atlas.html?q=torch.nn.DataParallel",  # with the reason why the book has it not
}


@pytest.mark.parametrize("query", FIRST)
def test_the_first_hit_is_the_place_that_a_reader_looks_for(visit, url, query):
    with visit() as page:
        page.goto(url + "search.html")
        (hit,) = page.evaluate(TYPE, [query])
        assert hit == FIRST[query] or hit.split("#")[0] == FIRST[query]


def test_every_name_of_the_atlas_leads_to_a_component_that_has_it(visit, url, index):
    owners = {}
    for _, _, _, address, groups in index["names"]:
        for symbol in chain(*groups):
            owners.setdefault(symbol.lower(), set()).add(address)
    assert len(owners) > 700
    with visit() as page:
        page.goto(url + "search.html")
        first = zip(owners, page.evaluate(TYPE, [*owners]), strict=True)
        assert [(symbol, hit) for symbol, hit in first if hit not in owners[symbol]] == []


def test_chapters_stand_before_exercises_and_those_before_solutions(visit, url):
    with visit() as page:
        page.goto(url + "search.html?q=slope")
        page.get_by_role("button", name="Show all").click()
        hits = page.eval_on_selector_all(".hits a", "all => all.map(a => a.getAttribute('href'))")
    kinds = [hit.split("/")[0] for hit in hits]
    order = ["chapters", "exercises", "solutions"]
    found = [kind for kind in kinds if kind in order]
    assert set(found) == set(order)
    assert found == sorted(found, key=order.index)


def test_a_section_that_has_all_words_stands_alone_and_one_that_has_some_is_announced(visit, url):
    with visit() as page:
        status = page.locator("#search-results [role=status]")
        page.goto(url + "search.html?q=sparsemax+keras")
        assert "some of these words" not in status.inner_text()
        page.goto(url + "search.html?q=sparsemax+nonsense")
        assert status.inner_text().endswith("with some of these words")
        page.goto(url + "search.html?q=nonsense")
        assert status.inner_text() == "0 names, 0 sections"


def test_what_is_typed_stands_in_the_address_and_is_searched_when_it_is_opened(visit, url):
    with visit() as page:
        page.goto(url + "search.html?framework=both")
        page.locator(".bd-search-container [name=q]").fill("修正")
        assert page.evaluate("location.search") == "?framework=both&q=%E4%BF%AE%E6%AD%A3"
        page.reload()
        assert page.locator(".hits a").first.inner_text() == "ReLU"
        page.locator(".bd-search-container [name=q]").fill("")
        assert page.evaluate("location.search") == "?framework=both"
        assert page.locator(".hits li").count() == 0


def test_a_hit_names_both_frameworks_calls_and_its_chapter(visit, url):
    with visit(390) as page:
        page.goto(url + "search.html?q=keras.layers.LeakyReLU")
        hit = page.locator(".hits li").first
        codes = hit.locator("code").all_inner_texts()
        assert codes == ["torch.nn.LeakyReLU", "keras.layers.LeakyReLU", "tf.nn.leaky_relu"]
        assert hit.locator(".where").inner_text() == "Rectifiers"


def test_the_search_field_of_every_page_leads_to_the_results(visit, url):
    with visit() as page:
        page.goto(url + "chapters/activations/gates.html")
        page.keyboard.press("Control+k")
        page.keyboard.type("softsign")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=softsign*")
        page.locator(".hits a").first.click()
        page.wait_for_url("**/chapters/activations/sigmoids.html*#softsign")


def test_long_lists_show_their_beginning_and_lead_to_the_rest(visit, url):
    with visit() as page:
        page.goto(url + "search.html?q=relu")
        before = page.locator(".hits li").count()
        page.get_by_role("button", name="Show all").click()
        assert page.locator(".hits li").count() > before
        page.get_by_role("link", name="names in the atlas").click()
        page.wait_for_url("**/atlas.html?q=relu*")


def test_a_site_that_was_opened_from_a_file_is_searched_like_one_that_is_served(visit, site):
    with visit() as page:
        problems = []
        page.on("console", lambda m: m.type == "error" and problems.append(m.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"file://{site}/search.html")
        page.locator(".bd-search-container [name=q]").fill("标准化")
        assert page.evaluate("location.search") == "?q=%E6%A0%87%E5%87%86%E5%8C%96"
        page.locator(".hits a").first.click()
        page.wait_for_url("**/normalization.html*#batch-norm")
        assert problems == []
