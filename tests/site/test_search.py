"""The index of the search, and how texts and queries become words."""

from pathlib import Path

import pytest

import diptych
from diptych.catalogue import query
from diptych.site import search

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
    assert find("typed", QUERIES) == [query.typed(text) for text in QUERIES]


def test_the_index_has_every_page_and_only_words_that_a_reader_may_type(index, site):
    assert {address for address, *_ in index["pages"]} == {
        str(path.relative_to(site))
        for path in site.rglob("*.html")
        if "_static" not in path.parts and path.stem not in ("search", "genindex")
    }
    assert not [word for word in index["words"] if word.isdigit() or word != query.fold(word)]
    assert all(len(word) <= 2 for word in index["words"] if "㐀" <= word[0] <= "鿿")
