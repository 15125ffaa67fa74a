"""Every public symbol of both frameworks is taught or left out, and nothing else is."""

from dataclasses import replace

import pytest

from diptych.catalogue import audit, ledger, symbols
from diptych.catalogue.component import Default, catalogue

BOOK = ledger.read()
COMPONENTS = catalogue()


@pytest.fixture(scope="module")
def live():
    return symbols.live()


def test_the_ledger_and_the_installed_frameworks_agree(live):
    found = audit.problems(COMPONENTS, BOOK, live)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.id)
def test_declared_defaults_are_the_live_ones(component):
    assert not list(audit.wrong_defaults([component]))


# Below, entries are broken on purpose, to see that each check finds this. These components count as
# planned, even though they are written.
PLANNED = {"gru_cell", "separable_convolution", "convolution", "rescaling", "channel_shuffle"}
PLANNED |= {"abstract_rnn_cell", "average_pooling"}
WRITTEN = tuple(component for component in COMPONENTS if component.id not in PLANNED)
DRAFT = replace(BOOK, planned=(*BOOK.planned, *(c for c in COMPONENTS if c.id in PLANNED)))


def planned(id, /, **changes):
    """The ledger with one planned component changed."""
    assert id in {entry.id for entry in DRAFT.planned}
    rows = (replace(entry, **changes) if entry.id == id else entry for entry in DRAFT.planned)
    return replace(DRAFT, planned=tuple(rows))


def without(id):
    """The ledger without one planned component."""
    return replace(DRAFT, planned=tuple(entry for entry in DRAFT.planned if entry.id != id))


def left_out(*symbols):
    """The ledger with more symbols left out."""
    return replace(DRAFT, left_out=(*DRAFT.left_out, ledger.LeftOut("a reason", symbols)))


BROKEN = {
    "torch.nn.GRUCell: not in the book": without("gru_cell"),
    "keras.layers.SeparableConvolution2D: not in the book": without("separable_convolution"),
    "keras.layers.Convolution2D: no public second name of a symbol of convolution": planned(
        "convolution", keras=()
    ),
    "keras.layers.Convolution2D: a second name of keras.layers.Conv2D": planned(
        "convolution", aliases=()
    ),
    "torch.relu: no public second name of a symbol of gru_cell": planned(
        "gru_cell", aliases=("torch.relu",)
    ),
    "torch.nn.modules.GRUCell: no public second name": planned(
        "gru_cell", aliases=("torch.nn.modules.GRUCell",)
    ),
    "tf.nn.lrn: an alias here, and also a name or an alias elsewhere": planned(
        "gru_cell", aliases=("tf.nn.lrn",)
    ),
    "torch.nn.utils: not in the book": replace(DRAFT, left_out=()),
    "gru_cell: no installed framework has torch.nn.Gone": planned(
        "gru_cell", pytorch=("torch.nn.Gone",)
    ),
    "torch.nn.Gone: left out, but": left_out("torch.nn.Gone"),
    "abstract_rnn_cell: its status is removed": planned("abstract_rnn_cell", keras=()),
    "torch.nn.GRUCell: named 2 times (": planned("rescaling", pytorch=("torch.nn.GRUCell",)),
    "torch.nn.GRUCell: left out, and also named": left_out("torch.nn.GRUCell"),
    "tf.nn.top_k: left out, and also named or left out elsewhere": left_out("tf.nn.top_k"),
    "torch.nn.GRUCell: in shared, but": replace(DRAFT, shared=(*DRAFT.shared, "torch.nn.GRUCell")),
    "relu: 2 entries have this id": planned("gru_cell", id="relu"),
    "torch.nn.PReLU: named 2 times (prelu, gru_cell)": planned(
        "gru_cell", pytorch=("torch.nn.PReLU",)
    ),
    "gru_cell: the book has no chapter 'activations/misc'": planned(
        "gru_cell", chapter="activations/misc"
    ),
    "relu: the book has no chapter 'activations/rectifiers'": replace(DRAFT, chapters=()),
    "gru_cell: unknown kind or status (gate, paired)": planned("gru_cell", kind="gate"),
    "gru_cell: unknown kind or status (layer, equal)": planned("gru_cell", status="equal"),
    "gru_cell: id, name and Chinese term are needed": planned("gru_cell", zh=""),
    "gru_cell: tf.nn.gelu stands under keras": planned("gru_cell", keras=("tf.nn.gelu",)),
    "gru_cell: paired names both": planned("gru_cell", keras=()),
    "channel_shuffle: paired names both": planned(
        "channel_shuffle", keras=("keras.activations.linear",)
    ),
}


@pytest.mark.parametrize("message", BROKEN)
def test_problems_reports(live, message):
    found = audit.problems(WRITTEN, BROKEN[message], live)
    assert any(problem.startswith(message) for problem in found), found


def test_a_symbol_that_a_new_release_brings_is_reported_with_what_to_do(live):
    found = audit.problems(WRITTEN, DRAFT, {**live, "torch.nn.NewLayer": object()})
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
    (found,) = audit.wrong_defaults([component])
    assert message in found
