"""`agree` proves agreement or raises; `show` prints the same digits for both frameworks."""

import numpy as np
import pytest
import tensorflow as tf
import torch

from diptych import Disagreement, agree, show

NUMBERS = np.array([[1.0, -2.0], [0.5, 1000.0]], dtype=np.float32)


def pair(left, right=None):
    return torch.tensor(left), tf.constant(left if right is None else right)


def test_agree_names_what_agreed_and_the_tolerance_that_held(capsys):
    agree(*pair(NUMBERS), gradients=pair(NUMBERS), atol=1e-3, rtol=0.01)
    assert capsys.readouterr().out == (
        "✓ values and gradients agree: |difference| ≤ 0.001 + 0.01·|value|\n"
    )


def test_agree_does_not_print_the_measured_difference(capsys):
    agree(*pair(NUMBERS))
    first = capsys.readouterr().out
    agree(*pair(NUMBERS, NUMBERS * np.float32(1 + 3e-6)))
    assert capsys.readouterr().out == first


def test_agree_says_where_the_largest_difference_is():
    other = NUMBERS.copy()
    other[0, 1], other[1, 0] = -2.5, 0.51
    with pytest.raises(Disagreement, match=r"2 of 4 places, most at \(0, 1\): -2 .*-2\.5 .* 0\.5,"):
        agree(*pair(NUMBERS, other))


def test_agree_raises_when_only_the_gradients_differ():
    with pytest.raises(Disagreement, match=r"^gradients differ in 4 of 4"):
        agree(*pair(NUMBERS), gradients=pair(NUMBERS, -NUMBERS))


def test_agree_raises_when_one_of_several_tensors_differs():
    (a, c), (b, d) = pair(NUMBERS), pair(NUMBERS, NUMBERS + 1)
    with pytest.raises(Disagreement):
        agree([a, b], [c, d])
    with pytest.raises(Disagreement, match="2 from PyTorch, 1 from TensorFlow"):
        agree([a, b], [c])


def test_agree_holds_small_numbers_to_the_absolute_and_large_ones_to_the_relative_tolerance():
    agree(*pair([1e-9], [9e-7]))
    agree(*pair([1e6], [1e6 + 5]))
    with pytest.raises(Disagreement):
        agree(*pair([1e-9], [2e-6]))
    with pytest.raises(Disagreement):
        agree(*pair([1e6], [1e6 + 20]))


@pytest.mark.parametrize("shape", [(1, 2, 2), (2, 1), (1,), (4,)])
def test_agree_does_not_broadcast_or_reshape(shape):
    ones = torch.ones(2, 2)
    with pytest.raises(Disagreement, match="shape"):
        agree(ones, tf.ones(shape))


@pytest.mark.parametrize(
    ("left", "right"), [([np.nan], [np.nan]), ([np.nan], [1.0]), ([np.inf], [-np.inf])]
)
def test_agree_drops_no_point_that_is_not_finite(left, right):
    with pytest.raises(Disagreement, match="1 of 1 places"):
        agree(*pair(left, right))


def test_agree_takes_an_infinity_for_itself():
    agree(*pair([np.inf, -np.inf]))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (torch.ones(2), torch.ones(2)),
        (tf.ones(2), tf.ones(2)),
        (tf.ones(2), torch.ones(2)),
        (torch.ones(2), np.ones(2)),
        (1.0, tf.ones(())),
    ],
)
def test_agree_refuses_anything_but_one_object_of_each_framework(left, right):
    with pytest.raises(TypeError, match="must come from"):
        agree(left, right)


def test_agree_refuses_to_compare_nothing():
    with pytest.raises(ValueError, match="nothing to compare"):
        agree([], [])
    with pytest.raises(ValueError, match="nothing to compare"):
        agree(*pair(np.ones((0, 3))))


def test_agree_takes_parameters_variables_and_bfloat16():
    agree(torch.nn.Parameter(torch.ones(2)), tf.Variable(tf.ones(2)))
    agree(torch.ones(2, dtype=torch.bfloat16), tf.ones(2, dtype=tf.bfloat16))


def test_show_prints_the_same_for_both_frameworks(capsys):
    show(y=torch.tensor(NUMBERS))
    printed = capsys.readouterr().out
    show(y=tf.constant(NUMBERS))
    assert capsys.readouterr().out == printed == "y   1.0000  -2.0000\n    0.5000 1000.0000\n"


def test_show_aligns_labels_and_knows_no_negative_zero(capsys):
    show(dx=[-0.0, -0.00001], n=np.array([3, -4]), digits=2)
    assert capsys.readouterr().out == "dx     0.00     0.00\nn         3       -4\n"
