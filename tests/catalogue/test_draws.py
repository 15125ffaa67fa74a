"""Random layers are judged fairly, on every draw, and wrong draws are named."""

import numpy as np
import pytest

from diptych.catalogue import chance, draws, masks, noise
from diptych.catalogue.lookup import exercises
from tests.judging.answers import cases

KINDS = {masks.judge_masks.__name__, noise.judge_noise.__name__}


def is_of_draws(case):
    return case.judge and case.judge.__qualname__.split(".")[0] in KINDS


RANDOM = {
    answer: exercise
    for answer, exercise in exercises().items()
    if any(map(is_of_draws, exercise.visible))
}


def right_draws(exercise, case):
    """The outputs of two calls of a right answer."""
    x = np.float64(np.float32(case.inputs[0]))
    return [np.float32(exercise.oracle(x, **case.arguments, training=True)) for _ in range(2)]


def asked(exercise, seed=0):
    return [case for case in cases(exercise, seed) if is_of_draws(case)]


@pytest.mark.parametrize("answer", RANDOM)
def test_a_question_fails_a_right_answer_less_than_once_in_a_billion(answer, monkeypatch):
    taken = []
    for name in ("share", "mean", "spread", "shape"):  # the other tests call these
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
                # A sentence without a part costs the values.
                assert isinstance(case.judge(case, *pair, None), str)


def first_case(answer):
    return asked(RANDOM[answer])[0]
