"""What the judges of random layers share: sentences, and the comparison of groups of draws.

:mod:`diptych.catalogue.masks` judges layers that drop numbers, :mod:`diptych.catalogue.noise`
layers that add normal noise. A layer's formula is a function of the input, of one draw for each
number, and of the layer's argument, so the judge can compute the draws from the output. It judges
both calls of a question, and the gradient of the second. The tests of draws are those of
:mod:`diptych.catalogue.chance`: one question fails a right answer with a probability below 1e-9.
Some comparisons are exact, for instance whether two masks are equal. Right draws fail these with a
probability below 1e-20 if a case has at least 1,000 draws and a rate from 0.1 to 0.9.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diptych.catalogue import chance

Formula = Callable[[np.ndarray, object, float], np.ndarray]
ORDINARY = 5.0  # right draws exceed this surprise now and then

ONE_MASK = "all examples of the batch share their draws: draw for each example"
SHARED = "within an example, draws are shared along an axis: draw for each number"
SAME_TWICE = "two calls draw the same: draw anew in each call"
NO_GRADIENT = "no gradient reaches the input in training"


def groups_differ(surprises: list[float]) -> bool:
    """Whether the draws of some groups are beyond the limit while those of others are ordinary."""
    return bool(surprises) and max(surprises) > chance.LIMIT and min(surprises) < ORDINARY
