"""Random layers are judged fairly, on every draw, and wrong draws are named."""

from dataclasses import replace

import numpy as np
import pytest

from diptych.catalogue import chance, draws
from diptych.catalogue.component import exercises
from tests.judging.answers import cases

KINDS = {draws.judge_masks.__name__, draws.judge_noise.__name__}


def is_of_draws(case):
    return case.judge and case.judge.__qualname__.split(".")[0] in KINDS


RANDOM = {
    answer: exercise
    for answer, exercise in exercises().items()
    if any(map(is_of_draws, exercise.visible))
}


def right_draws(exercise, case):
    """Outputs of two calls."""
    x = np.float64(np.float32(case.inputs[0]))
    return [np.float32(exercise.oracle(x, **case.arguments, training=True)) for _ in range(2)]


def asked(exercise, seed=0):
    return [case for case in cases(exercise, seed) if is_of_draws(case)]


@pytest.mark.parametrize("answer", RANDOM)
def test_a_question_fails_a_right_answer_less_than_once_in_a_billion(answer, monkeypatch):
    taken = []
    for name in ("share", "mean", "spread", "shape"):  # what the other tests are made of
        test = getattr(chance, name)
        counting = lambda *a, test=test: taken.append(1) or test(*a)  # noqa: E731
        monkeypatch.setattr(chance, name, counting)
    for case in asked(RANDOM[answer]):
        taken.clear()
        case.judge(case, *right_draws(RANDOM[answer], case), None)
        assert 0 < len(taken) * 2 * np.exp(-chance.LIMIT) < 1e-9


@pytest.mark.parametrize("answer", RANDOM)
def test_right_draws_lack_nothing_but_the_gradient_that_is_kept_from_the_judge(answer):
    for seed in range(10):
        for case in asked(RANDOM[answer], seed):
            said = case.judge(case, *right_draws(RANDOM[answer], case), None)
            assert said == ("gradients", draws.NO_GRADIENT)


@pytest.mark.parametrize("answer", RANDOM)
def test_both_calls_are_judged(answer):
    for case in asked(RANDOM[answer]):
        right, other = right_draws(RANDOM[answer], case)
        for wrong in (np.float32(case.inputs[0]), 3 * other):
            for pair in ((right, wrong), (wrong, right)):
                assert isinstance(case.judge(case, *pair, None), str)  # which costs the values


def first_case(answer):
    return asked(RANDOM[answer])[0]


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
    unlike = draws.WRONG_SHARE if name == "neighbours unlike" else draws.DEPENDENT
    for pair in ((y, masked(right)[1]), (masked(right)[1], y)):
        assert case.judge(case, *pair, None) in (unlike, draws.EXACT_COUNT)


def test_a_second_call_that_repeats_part_of_the_first_is_found():
    rng = np.random.default_rng(0)
    case = first_case("dropout")
    first = rng.random(case.inputs[0].shape) >= case.arguments["rate"]
    second = rng.random(first.shape) >= case.arguments["rate"]
    second[:100] = first[:100]
    pair = masked(first)[1], masked(second)[1]
    assert case.judge(case, *pair, None) == draws.DEPENDENT


@pytest.mark.parametrize(
    ("derivative", "said"),
    [
        (lambda m, rate: m / (1 - rate), None),
        (lambda m, rate: 1.0 * m, ("gradients", draws.WRONG_FACTOR)),
        (lambda m, rate: m[::-1] / (1 - rate), ("gradients", draws.FRESH_MASK)),
    ],
)
def test_the_gradient_must_have_the_mask_of_the_second_call(derivative, said):
    rng = np.random.default_rng(0)
    case = first_case("dropout")
    rate = case.arguments["rate"]
    masks = [rng.random(case.inputs[0].shape) >= rate for _ in range(2)]
    pair = [masked(mask)[1] for mask in masks]
    assert case.judge(case, *pair, derivative(masks[1], rate)) == said


@pytest.mark.parametrize("answer", ["gaussian_dropout", "gaussian_noise"])
def test_noise_that_neighbours_share_is_found(answer):
    case = first_case(answer)
    constant = replace(case, inputs=(np.full(case.inputs[0].shape, 1.25),))
    first, second = right_draws(RANDOM[answer], constant)
    first[:, 1:20:2] = first[:, 0:20:2]
    assert case.judge(constant, first, second, None) == draws.NOISE_DEPENDENT
