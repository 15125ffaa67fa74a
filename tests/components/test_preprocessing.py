"""What the chapter on preprocessing says of Keras: its hashes, and its augmentation layers."""

import keras
import nbformat
import numpy as np
import pytest

from diptych.catalogue import ledger
from tests import ROOT

CELLS = nbformat.read(ROOT / "chapters/layers/preprocessing.ipynb", as_version=4).cells


@pytest.fixture(scope="module")
def chapter():
    """The names that the cells with the two hashes define."""
    names = {"np": np}
    for cell in CELLS:
        if "def fingerprint(" in cell.source or "def crossing(" in cell.source:
            exec(cell.source, names)
    return names


@pytest.mark.parametrize("length", range(17))
def test_the_fingerprint_is_keras_hash(chapter, length):
    rng = np.random.default_rng(length)
    words = ["".join(map(chr, row)) for row in rng.integers(32, 127, (50, length))]
    ours = [chapter["fingerprint"](word) % 2**31 for word in words]
    np.testing.assert_array_equal(ours, keras.layers.Hashing(2**31)(words))


def test_a_longer_text_is_refused(chapter):
    with pytest.raises(AssertionError, match="longer texts"):
        chapter["fingerprint"]("a" * 17)


def test_the_crossing_is_that_of_keras(chapter):
    rng = np.random.default_rng(0)
    numbers = rng.integers(-(2**40), 2**40, 50)
    words = np.array([f"word {n}"[:16] for n in numbers])
    pairs = zip(words.tolist(), numbers.tolist(), strict=True)
    ours = [chapter["crossing"](word, number) % 2**31 for word, number in pairs]
    np.testing.assert_array_equal(ours, keras.layers.HashedCrossing(2**31)((words, numbers)))


def test_the_table_of_augmentations_has_all_that_the_book_leaves_out():
    (table,) = [c.source for c in CELLS if "| `keras.layers` |" in c.source]
    rows = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")][1:]
    (left_out,) = [r for r in ledger.read().left_out if r.reason.startswith("Image augmentation")]
    assert rows == [symbol.rpartition(".")[2] for symbol in left_out.symbols]
    assert all(hasattr(keras.layers, name) for name in rows)
