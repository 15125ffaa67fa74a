"""Masks of a layer that drops numbers are independent, and the gradient has the output's mask."""

import numpy as np
import pytest

from diptych.catalogue import masks
from tests.catalogue.test_draws import first_case


def masked(mask):
    case = first_case("dropout")
    return case, np.float32(case.inputs[0] * mask / (1 - case.arguments["rate"]))


DEPENDENT_MASKS = {
    "neighbours alike": lambda m: np.repeat(m[:, ::2], 2, 1),
    "neighbours unlike": lambda m: np.stack([m[:, ::2], ~m[:, ::2]], -1).reshape(m.shape),
    "examples in pairs": lambda m: np.repeat(m[::2], 2, 0),
    "halves alike": lambda m: np.concatenate([m[:, :15], m[:, :15]], 1),
    "one half of the batch like the other": lambda m: np.concatenate([m[:150], m[:150]]),
}


@pytest.mark.parametrize("name", DEPENDENT_MASKS)
def test_draws_that_depend_on_each_other_are_found(name):
    rng = np.random.default_rng(0)
    case = first_case("dropout")
    rate, shape = case.arguments["rate"], case.inputs[0].shape
    wrong, right = (rng.random(shape) >= rate for _ in range(2))
    _, y = masked(DEPENDENT_MASKS[name](wrong))
    unlike = masks.WRONG_SHARE if name == "neighbours unlike" else masks.DEPENDENT
    for pair in ((y, masked(right)[1]), (masked(right)[1], y)):
        assert case.judge(case, *pair, None) in (unlike, masks.EXACT_COUNT)


def test_a_second_call_that_repeats_part_of_the_first_is_found():
    rng = np.random.default_rng(0)
    case = first_case("dropout")
    first = rng.random(case.inputs[0].shape) >= case.arguments["rate"]
    second = rng.random(first.shape) >= case.arguments["rate"]
    second[:100] = first[:100]
    pair = masked(first)[1], masked(second)[1]
    assert case.judge(case, *pair, None) == masks.DEPENDENT


@pytest.mark.parametrize(
    ("derivative", "said"),
    [
        (lambda m, rate: m / (1 - rate), None),
        (lambda m, rate: 1.0 * m, ("gradients", masks.WRONG_FACTOR)),
        (lambda m, rate: m[::-1] / (1 - rate), ("gradients", masks.FRESH_MASK)),
    ],
)
def test_the_gradient_must_have_the_mask_of_the_second_call(derivative, said):
    rng = np.random.default_rng(0)
    case = first_case("dropout")
    rate = case.arguments["rate"]
    masks = [rng.random(case.inputs[0].shape) >= rate for _ in range(2)]
    pair = [masked(mask)[1] for mask in masks]
    assert case.judge(case, *pair, derivative(masks[1], rate)) == said
