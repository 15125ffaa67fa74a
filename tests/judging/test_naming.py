"""A cause comes before its consequences."""

import numpy as np
import pytest
import torch

from diptych.catalogue.exercise import Exercise
from diptych.catalogue.lookup import exercise
from tests.judging.answers import CENTRE, LEAKY, CentrePt, leaky, verdict_on


def test_a_dtype_with_few_digits_comes_before_the_numbers_that_it_makes_wrong():
    verdict = verdict_on(LEAKY, lambda x, negative_slope: leaky(x, negative_slope).half() + 0.001)
    assert verdict.diagnosis == "the output is of dtype float16, where float32 is right"


def test_a_changed_input_comes_before_the_second_call_that_meets_it():
    class InPlace(CentrePt):
        def forward(self, x):
            y = super().forward(x)
            return y if self.training else x.sub_(self.running).mul_(self.weight) + 1

    verdict = verdict_on(CENTRE, InPlace)
    kinds = [finding.kind for finding in verdict.findings]
    assert "random_in_evaluation" in kinds
    evaluation = CENTRE.visible[1:]
    changed = Exercise(**{**vars(CENTRE), "visible": evaluation})
    assert verdict_on(changed, InPlace).findings[0].kind == "input_changed"


class OfOneRow(CentrePt):
    """Its mean has the shape (1, features), which statements do not forbid."""

    def __init__(self):
        super().__init__()
        self.register_buffer("running", torch.zeros(1, 2))


def test_an_attribute_may_have_axes_of_one_number():
    verdict = verdict_on(CENTRE, OfOneRow)
    assert verdict.points == verdict.max_points, verdict.findings


def test_wrong_state_is_shown_with_what_it_should_be():
    slower = type("Slower", (CentrePt,), {"momentum": 0.01})
    found = verdict_on(CENTRE, slower).findings[0]
    assert found.sentence == ".running is wrong after a call in training"
    assert found.evidence == "expected [0.2 , 0.15], got [0.02 , 0.015]"


def test_what_is_saved_must_be_what_the_attribute_holds():
    class Unsaved(CentrePt):
        """Its attribute is right, but the array that is saved under this name is wrong."""

        def state_dict(self, *arguments, **options):
            saved = super().state_dict(*arguments, **options)
            return saved | {"running": torch.zeros(2)}

    assert verdict_on(CENTRE, Unsaved).findings[0].kind == "not_kept"


@pytest.mark.parametrize("wrong_call", [1, 2])
def test_every_draw_of_a_random_answer_is_judged(wrong_call):
    calls = iter(range(1, 100))

    def gumbel(x, tau):
        noise = -torch.log(-torch.log(torch.rand_like(x)))
        wrong = next(calls) == wrong_call
        return torch.softmax((x - noise if wrong else x + noise) / tau, -1)

    asked = exercise("gumbel_softmax")
    drawn = Exercise(**{**vars(asked), "visible": asked.visible[:1], "hidden": lambda rng: ()})
    assert "the noise has the wrong sign" in verdict_on(drawn, gumbel).diagnosis


@pytest.mark.parametrize("wrong_call", [1, 2])
def test_every_draw_of_slopes_is_judged(wrong_call):
    asked = exercise("rrelu")
    case = next(case for case in asked.visible if case.judge)
    x, rng = case.inputs[0], np.random.default_rng(0)
    slopes = [rng.uniform(0.125, 0.375 + 0.1 * (n == wrong_call), x.shape) for n in (1, 2)]
    first, second = (np.float32(np.where(x > 0, x, a * x)) for a in slopes)
    said = case.judge(case, first, second, np.where(x > 0, 1, slopes[1]))
    assert said == "some slopes lie outside of [lower, upper]"


def test_evidence_belongs_to_the_sentence():
    class Scaled(torch.nn.Module):
        """Dropout that is scaled in evaluation: the draws name it, and evaluation is wrong too."""

        def __init__(self, rate):
            super().__init__()
            self.rate = rate

        def forward(self, x):
            mask = torch.rand_like(x) >= self.rate
            return x * mask if self.training else x * (1 - self.rate)

    named, *others = verdict_on(exercise("dropout"), Scaled).findings
    assert named.sentence == "numbers that are kept stay as they are: divide by 1 − rate"
    assert not named.evidence
    assert any("expected 7.5" in finding.evidence for finding in others)
