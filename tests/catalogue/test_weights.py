"""Arrays are made from those of the other framework by the formulas of a component."""

import numpy as np
import pytest

from diptych.catalogue.weights import made, swap_gates
from diptych.catalogue.weights_notation import read

TEXT = """
torch.nn.Linear(3, 5) | keras.layers.Dense(5)  # (2, 3)
weight = kernel.T | kernel = weight.T          # PyTorch keeps (out, in)
bias | bias
torch.nn.Conv1d(3, 4, 2) | keras.layers.Conv1D(4, 2)  # (2, 3, 7) | (2, 7, 3)
torch.nn.Embedding(9, 2) | keras.layers.Embedding(9, 2)  # arange(6).reshape(2, 3)
a, b = c[0], c[1] | cell.c = stack([a, b])
count | none  # Keras does not count
"""


def test_an_array_is_made_of_the_other_side_by_its_formula():
    move = read(TEXT)[0].moves[0]
    kernel = np.arange(6).reshape(2, 3)
    assert np.array_equal(made(move.pytorch, {"kernel": kernel}, (3, 2))[0], kernel.T)
    assert str(move.keras) == "kernel = weight.T"
    assert move.note == "PyTorch keeps (out, in)"


def test_several_arrays_are_written_at_once_and_a_dotted_name_goes_by_its_last_word():
    move, count = read(TEXT)[1].moves
    assert move.keras.names == ("cell.c",)
    a, b = made(move.pytorch, {"cell.c": np.array([[1, 2], [3, 4]])}, (2,))
    assert (a.tolist(), b.tolist()) == ([1, 2], [3, 4])
    assert move.is_carried
    assert not count.is_carried


GATES = """
torch.nn.GRU(3, 2) | keras.layers.GRU(2)  # (2, 4, 3)
weight_ih_l0 = swap_gates(kernel.T) | cell.kernel = swap_gates(weight_ih_l0).T
bias_ih_l0, bias_hh_l0 = map(swap_gates, bias) | cell.bias = stack([swap_gates(bias_ih_l0),
    swap_gates(bias_hh_l0)])
"""


def test_the_first_two_gates_are_swapped_there_and_back():
    kernel, bias = read(GATES)[0].moves
    rows = np.arange(18).reshape(6, 3)
    (turned,) = made(kernel.keras, {"weight_ih_l0": rows}, (3, 6))
    assert turned[0].tolist() == [6, 9, 0, 3, 12, 15]
    assert np.array_equal(made(kernel.pytorch, {"cell.kernel": turned}, (6, 3))[0], rows)
    both = [np.arange(6), 10 * np.arange(6)]
    (stacked,) = made(bias.keras, dict(zip(bias.pytorch.names, both, strict=True)), (2, 6))
    assert stacked.tolist() == [[2, 3, 0, 1, 4, 5], [20, 30, 0, 10, 40, 50]]
    assert np.array_equal(made(bias.pytorch, {"cell.bias": stacked}, (6,)), both)


def test_gates_are_swapped_only_in_three_equal_blocks():
    with pytest.raises(ValueError, match="equal division"):
        swap_gates(np.arange(8))


TWO_KERNELS = """
torch.nn.A(3) | keras.layers.A(3)  # dict(query=(2, 4, 3), value=(2, 5, 3))
both = stack([a.kernel, b.c.kernel]) | a.kernel, b.c.kernel = both
"""


def test_where_last_words_are_the_same_the_whole_dotted_name_stands_for_an_array():
    (found,) = read(TWO_KERNELS)
    assert found.pairs[0].inputs == ({"query": (2, 4, 3), "value": (2, 5, 3)},) * 2
    (move,) = found.moves
    given = {"a.kernel": np.array([1, 2]), "b.c.kernel": np.array([3, 4])}
    (both,) = made(move.pytorch, given, (2, 2))
    assert both.tolist() == [[1, 2], [3, 4]]
    assert [array.tolist() for array in made(move.keras, {"both": both}, (2,))] == both.tolist()


def test_an_array_that_the_other_side_lacks_is_shown_by_its_name_alone():
    count = read(TEXT)[1].moves[1]
    assert (str(count.pytorch), str(count.keras)) == ("count", "none")
