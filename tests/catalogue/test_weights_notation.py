"""The short form of weights: what a line means, and what a wrong one says."""

import pytest

from diptych.catalogue.lines import NotationError
from diptych.catalogue.weights_notation import read
from tests.catalogue.test_weights import TEXT


def test_layers_head_the_arrays_that_they_share():
    dense, others = read(TEXT)
    assert [pair.pytorch for pair in dense.pairs] == ["torch.nn.Linear(3, 5)"]
    assert [pair.symbol("keras") for pair in others.pairs] == [
        *("keras.layers.Conv1D", "keras.layers.Embedding")
    ]
    assert [len(found.moves) for found in (dense, others)] == [2, 2]
    assert dense.pairs[0].inputs == ((2, 3), (2, 3))
    assert others.pairs[0].inputs == ((2, 3, 7), (2, 7, 3))
    assert others.pairs[1].inputs[0].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_name_alone_is_the_same_array():
    move = read(TEXT)[0].moves[1]
    assert (str(move.pytorch), str(move.keras)) == ("bias = bias", "bias = bias")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("weight | kernel", "line 1: weight | kernel: name the layers first"),
        ("torch.nn.Linear(3, 5) | keras.layers.Dense(5)", "line 1: write the input's shape"),
        (TEXT + "weight = kernel.T | kernel", "say on both sides how the array is made"),
        (TEXT + "a, b | c", "say on both sides how the array is made"),
        (TEXT + "weight = kernel.T", "write PyTorch's side | TensorFlow's side"),
        (TEXT + "weight = kernel. | kernel", "invalid syntax"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line, said):
    with pytest.raises(NotationError) as error:
        read(line)
    assert said in str(error.value)
