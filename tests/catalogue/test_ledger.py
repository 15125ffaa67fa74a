"""Every public symbol of both frameworks is taught, planned or left out, and nothing else is."""

from dataclasses import replace

import pytest

from diptych.catalogue import ledger
from diptych.catalogue.component import Default, catalogue

BOOK = ledger.read()
COMPONENTS = catalogue()


@pytest.fixture(scope="module")
def live():
    return ledger.live()


def test_the_ledger_and_the_installed_frameworks_agree(live):
    found = ledger.problems(COMPONENTS, BOOK, live)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.id)
def test_declared_defaults_are_the_live_ones(component):
    assert not list(ledger.wrong_defaults([component]))


@pytest.mark.parametrize(
    ("symbol", "why"),
    [
        ("torch.nn.functional.relu_", "a function written in C++"),
        ("torch.nn.functional.max_pool2d", "a function made by a helper of torch"),
        ("torch.nn.functional.boolean_dispatch", "a leaked helper, which the ledger explains"),
        ("torch.nn.utils", "a submodule, as one symbol"),
        ("keras.layers.MaxPool2D", "an alias"),
        ("tf.nn.experimental.stateless_dropout", "inside a namespace that is walked"),
    ],
)
def test_public_includes(live, symbol, why):
    assert symbol in live, why


@pytest.mark.parametrize(
    ("symbol", "why"),
    [
        ("torch.nn.functional.Optional", "typing's"),
        ("torch.nn.functional.DType", "Python's int"),
        ("torch.nn.functional.np", "an imported module"),
        ("torch.nn.functional.grad", "the module torch.nn.grad, imported"),
        ("torch.nn.functional._threshold", "private"),
        ("torch.nn.functional.tf32_notes", "text for docstrings"),
        ("tf.nn.experimental", "walked itself"),
    ],
)
def test_public_excludes(live, symbol, why):
    assert ledger.exists(symbol)
    assert symbol not in live, why


# From here on things are broken on purpose, to see that each check finds it.


def planned(id, /, **changes):
    """The ledger with one planned component changed."""
    assert id in {entry.id for entry in BOOK.planned}
    rows = (replace(entry, **changes) if entry.id == id else entry for entry in BOOK.planned)
    return replace(BOOK, planned=tuple(rows))


def without(id):
    """The ledger without one planned component."""
    return replace(BOOK, planned=tuple(entry for entry in BOOK.planned if entry.id != id))


def left_out(*symbols):
    """The ledger with more symbols left out."""
    return replace(BOOK, left_out=(*BOOK.left_out, ledger.LeftOut("a reason", symbols)))


BROKEN = {
    "torch.nn.HuberLoss: not in the book": without("huber"),
    "keras.layers.SeparableConvolution2D: not in the book": without("separable_convolution"),
    "tf.keras.losses.mse: no public second name of what mean_squared_error names": planned(
        "mean_squared_error", keras=()
    ),
    "tf.keras.losses.mse: a second name of keras.losses.mean_squared_error": planned(
        "mean_squared_error", aliases=()
    ),
    "torch.relu: no public second name of what huber names": planned(
        "huber", aliases=("torch.relu",)
    ),
    "torch.nn.modules.HuberLoss: no public second name": planned(
        "huber", aliases=("torch.nn.modules.HuberLoss",)
    ),
    "tf.nn.lrn: an alias, and named or an alias elsewhere": planned(
        "huber", aliases=("tf.nn.lrn",)
    ),
    "torch.nn.utils: not in the book": replace(BOOK, left_out=()),
    "huber: no framework installed has torch.nn.Gone": planned("huber", pytorch=("torch.nn.Gone",)),
    "torch.nn.Gone: left out, but": left_out("torch.nn.Gone"),
    "abstract_rnn_cell: is said to be removed": planned("abstract_rnn_cell", keras=()),
    "torch.nn.HuberLoss: named 2 times (average_pooling, huber)": planned(
        "average_pooling", pytorch=("torch.nn.HuberLoss",)
    ),
    "torch.nn.HuberLoss: left out, and named": left_out("torch.nn.HuberLoss"),
    "tf.nn.top_k: left out, and named or left out elsewhere": left_out("tf.nn.top_k"),
    "torch.nn.HuberLoss: in shared, but": replace(
        BOOK, shared=(*BOOK.shared, "torch.nn.HuberLoss")
    ),
    "relu: 2 entries have this id": planned("huber", id="relu"),
    "torch.nn.PReLU: named 2 times (prelu, huber)": planned("huber", pytorch=("torch.nn.PReLU",)),
    "huber: the book has no chapter 'activations/misc'": planned(
        "huber", chapter="activations/misc"
    ),
    "relu: the book has no chapter 'activations/rectifiers'": replace(BOOK, chapters=()),
    "huber: unknown kind or status (gate, paired)": planned("huber", kind="gate"),
    "huber: unknown kind or status (loss, equal)": planned("huber", status="equal"),
    "huber: id, name and Chinese term are needed": planned("huber", zh=""),
    "huber: tf.nn.gelu stands under keras": planned("huber", keras=("tf.nn.gelu",)),
    "huber: paired names both": planned("huber", keras=()),
    "adaptive_log_softmax: paired names both": planned(
        "adaptive_log_softmax", keras=("keras.activations.linear",)
    ),
}


@pytest.mark.parametrize("message", BROKEN)
def test_problems_reports(live, message):
    found = ledger.problems(COMPONENTS, BROKEN[message], live)
    assert any(problem.startswith(message) for problem in found), found


def test_a_symbol_that_a_new_release_brings_is_reported_with_what_to_do(live):
    found = ledger.problems(COMPONENTS, BOOK, {**live, "torch.nn.NewLayer": object()})
    assert len(found) == 1
    assert "torch.nn.NewLayer" in found[0]
    assert all(way in found[0] for way in ("component", "[[planned]]", "[[left_out]]"))


@pytest.mark.parametrize(
    ("default", "message"),
    [
        (Default("torch.nn.LeakyReLU", "negative_slope", 0.2), "is 0.01 here, declared 0.2"),
        (Default("torch.nn.ReLU", "inplace", 0), "is False here, declared 0"),
        (Default("torch.nn.LeakyReLU", "alpha", 0.01), "cannot be read: KeyError"),
        (Default("torch.nn.Gone", "alpha", 0.01), "cannot be read: AttributeError"),
        (Default("torch.nn.functional.softplus", "beta", 1), "cannot be read: ValueError"),
    ],
)
def test_wrong_defaults_reports(default, message):
    component = replace(COMPONENTS[0], defaults=(default,))
    (found,) = ledger.wrong_defaults([component])
    assert message in found
