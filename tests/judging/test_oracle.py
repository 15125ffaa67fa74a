"""Which gradients are right at a kink."""

import pytest
import torch

from tests.judging.answers import LEAKY, leaky, verdict_on


@pytest.mark.parametrize(
    "gradient_at_zero", ["left", "right", "between", "from ReLUs", "from clamps"]
)
def test_any_subgradient_passes_at_a_kink(gradient_at_zero):
    answers = {
        "left": leaky,
        "right": lambda x, negative_slope: torch.where(x >= 0, x, negative_slope * x),
        "between": lambda x, slope: (1 + slope) / 2 * x + (1 - slope) / 2 * x.abs(),
        "from clamps": lambda x, negative_slope: x.clamp(min=0) + negative_slope * x.clamp(max=0),
        "from ReLUs": lambda x, negative_slope: x.relu() - negative_slope * (-x).relu(),
    }
    assert verdict_on(LEAKY, answers[gradient_at_zero]).points == 3
