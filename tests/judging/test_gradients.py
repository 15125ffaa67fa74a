"""Gradients are compared with their bounds."""

import torch

from diptych.catalogue.exercise import Exercise
from tests.judging.answers import LEAKY, leaky, verdict_on


def test_a_gradient_beyond_the_kink_does_not_pass():
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, slope):
            ctx.save_for_backward(x)
            return leaky(x, 0.1)

        @staticmethod
        def backward(ctx, upstream):
            (x,) = ctx.saved_tensors
            return upstream * torch.where(x > 0, 1, torch.where(x < 0, 0.1, 1.6)), None

    changed = Exercise(**{**vars(LEAKY), "hidden": lambda rng: (), "visible": LEAKY.visible[:2]})
    verdict = verdict_on(changed, lambda x, negative_slope: Wrong.apply(x, negative_slope))
    assert verdict.findings[0].evidence.startswith("at input 0, where ")
