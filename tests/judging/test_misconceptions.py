"""A misconception is named if only one explains the numbers, except those beyond float32."""

import numpy as np
import pytest
import torch

from diptych.catalogue.exercise import Case, Exercise, Misconception
from diptych.catalogue.lookup import exercise
from tests.judging.answers import verdict_on

DOUBLED = Misconception("it is doubled", lambda x: 2 * x)
ADDED = Misconception("it is added to itself", lambda x: x + x)
BELOW = Misconception("below 0 it is doubled", lambda x: np.where(x < 0, 2 * x, x))


def unchanged(*misconceptions, last=-3.0, part="values"):
    return Exercise(
        answer="unchanged",
        oracle=lambda x: 1.0 * x,
        visible=(Case((np.array([1.0, 3.0]),)), Case((np.array([-1.0, last]),), part=part)),
        hidden=lambda rng: (),
        reference={},
        misconceptions=misconceptions,
    )


def test_of_two_causes_that_give_the_same_numbers_none_is_named():
    assert verdict_on(unchanged(DOUBLED), lambda x: 2 * x).diagnosis == "it is doubled"
    assert verdict_on(unchanged(DOUBLED, ADDED), lambda x: 2 * x).findings[0].kind == "factor"


def test_a_cause_that_would_make_a_right_case_wrong_is_not_named():
    def below(x):
        return torch.where(x < 0, 2 * x, x)

    assert verdict_on(unchanged(DOUBLED), below).findings[0].kind != "misconception"
    assert verdict_on(unchanged(DOUBLED, BELOW), below).diagnosis == "below 0 it is doubled"


@pytest.mark.parametrize("bound", [80, 85, 1e9])
def test_where_an_exponential_was_cut_does_not_matter(bound):
    sigmoid = exercise("sigmoid")
    verdict = verdict_on(sigmoid, lambda x: 1 + torch.exp((-x).clamp(max=bound)))
    assert verdict.diagnosis.startswith("only the 1 is divided by")


def doubled_but_wrong_from(limit, value):
    return lambda x: torch.where(x.abs() >= limit, value, 2 * x)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("sign", "shown"), [(-1, "got 6"), (1, "got -6")])
def test_an_answer_that_overflows_too_is_told_its_misconception(value, sign, shown):
    verdict = verdict_on(unchanged(DOUBLED), lambda x: torch.where(sign * x > 0, value, 2 * x))
    assert verdict.diagnosis == "it is doubled"
    assert verdict.findings[0].evidence.endswith(shown)


def test_an_answer_that_always_overflows_is_told_that():
    verdict = verdict_on(unchanged(DOUBLED), doubled_but_wrong_from(3, np.nan))
    assert verdict.findings[0].kind == "overflow"


@pytest.mark.parametrize(
    ("last", "part", "is_named"),
    [(-5e3, "robustness", True), (-500.0, "robustness", False), (-5e3, "values", False)],
)
def test_only_far_numbers_of_the_robustness_may_be_wrong_in_another_way(last, part, is_named):
    verdict = verdict_on(unchanged(DOUBLED, last=last, part=part), doubled_but_wrong_from(400, 7.0))
    assert (verdict.diagnosis == "it is doubled") == is_named


def test_far_numbers_that_are_right_speak_against_a_misconception():
    asked = unchanged(DOUBLED, last=-5e3, part="robustness")

    def near_only(x):
        return torch.where(x.abs().max() >= 1000, x, 2 * x)

    assert verdict_on(asked, near_only).findings[0].kind == "factor"


@pytest.mark.parametrize(
    ("name", "answer", "told"),
    [
        ("log_cosh", lambda p, y: (p - y).cosh().log().sum(), "the losses of the elements are sum"),
        ("squareplus", lambda x, b: (x + (x**2 + 4 * b).sqrt()) / 2, "b is multiplied by 4 under"),
        ("kl_divergence", lambda p, q: (q * (q.log() - p)).sum(), "the losses of the examples are"),
    ],
)
@pytest.mark.parametrize("seed", [0, 20])
def test_formulas_as_they_stand_may_have_an_error_of_their_own(name, answer, told, seed):
    assert verdict_on(exercise(name), answer, seed=seed).diagnosis.startswith(told)
