"""The noise of one number does not depend on that of another."""

from dataclasses import replace

import numpy as np
import pytest

from diptych.catalogue import noise
from tests.catalogue.test_draws import RANDOM, first_case, right_draws


@pytest.mark.parametrize("answer", ["gaussian_dropout", "gaussian_noise"])
def test_noise_that_neighbours_share_is_found(answer):
    case = first_case(answer)
    constant = replace(case, inputs=(np.full(case.inputs[0].shape, 1.25),))
    first, second = right_draws(RANDOM[answer], constant)
    first[:, 1:20:2] = first[:, 0:20:2]
    assert case.judge(constant, first, second, None) == noise.NOISE_DEPENDENT
