"""The judge of random slopes."""

import numpy as np

from diptych.components.activations import rectifiers


def test_a_random_slope_has_a_gradient_of_one_where_numbers_stay_as_they_are():
    case = next(c for c in rectifiers.RRELU_EXERCISE.visible if c.judge)
    (x,), draw = case.inputs, np.random.default_rng(0)
    lower, upper = case.arguments["lower"], case.arguments["upper"]
    first, second = (np.where(x > 0, 1, draw.uniform(lower, upper, x.shape)) for _ in range(2))
    said = case.judge(case, first * x, second * x, second)
    assert said is None
    said = case.judge(case, first * x, second * x, np.where(x > 0, 5, second))
    assert said == ("gradients", rectifiers.NOT_ONE)
