"""The judge of layers that add normal noise in training, or multiply by it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from diptych.catalogue import chance
from diptych.catalogue.draws import (
    NO_GRADIENT,
    ONE_MASK,
    SAME_TWICE,
    SHARED,
    Formula,
    groups_differ,
)
from diptych.catalogue.exercise import Case, Misconception

NO_NOISE = "there is no noise in training"
ONE_NOISE = "all numbers share one draw: draw for each of them"
WRONG_MEAN = "the noise has the wrong mean"
WRONG_SPREAD = "the noise has the wrong standard deviation"
NOT_NORMAL = "the noise has the right mean and standard deviation, but is not normal"
CUT_OFF = "no noise lies beyond two standard deviations: draw normal numbers, not truncated ones"
NOISE_BY_VALUE = "how much noise a number gets depends on the number in another way than it should"
NOISE_DEPENDENT = "the noise of one number depends on that of another: draw independently"
OTHER_NOISE = "the gradient has other draws than the output, or another formula: draw once for both"


def judge_noise(formula: Formula, wrong: Iterable[Misconception] = ()) -> Callable:
    """The judge of a layer that draws a normal number ``z`` for each number of the input.

    ``formula(x, z, argument)`` is the output for standard normal ``z``, linear in ``x`` and in
    ``z``. The values of ``wrong`` are the formulas of wrong answers. No number of the input may be
    0.
    """

    def drawn(y, x, argument, formula) -> np.ndarray:
        centre = formula(x, 0.0, argument)
        return (np.float64(y) - centre) / (formula(x, 1.0, argument) - centre)

    def fitting(first, second, x, argument, groups):
        """Surprise and sentence of each wrong formula for which the draws would be right."""
        for each in wrong:
            zs = [drawn(y, x, argument, each.value) for y in (first, second)]
            if not any(_wrong_moments(z, groups) for z in zs):
                yield sum(chance.mean(z) + chance.spread(z) for z in zs), each.sentence

    def judge(case: Case, first, second, derivative):
        x, (argument,) = np.float64(np.float32(case.inputs[0])), case.arguments.values()
        groups = [x == value for value in np.unique(x)]
        zs = [drawn(y, x, argument, formula) for y in (first, second)]
        for z in zs:
            if said := _shared_noise(z):
                return said
        for z in zs:
            if said := _wrong_moments(z, groups):
                if _is_cut_off(z):
                    return CUT_OFF
                return min(fitting(first, second, x, argument, groups), default=(0, said))[1]
            if chance.shape(z, normal_cdf) > chance.LIMIT:
                return NOT_NORMAL
            if any(chance.together(a, b) > chance.LIMIT for a, b in chance.pairs(z)):
                return NOISE_DEPENDENT
        if np.allclose(*zs):
            return SAME_TWICE
        if chance.together(*zs) > chance.LIMIT:
            return NOISE_DEPENDENT
        if derivative is None:
            return "gradients", NO_GRADIENT
        slope = formula(1.0, zs[1], argument) - formula(0.0, zs[1], argument)
        right = np.isclose(derivative, slope, rtol=1e-3, atol=1e-4).all()
        return None if right else ("gradients", OTHER_NOISE)

    return judge


def _shared_noise(z: np.ndarray) -> str | None:
    if np.ptp(z) < 1e-4:
        return ONE_NOISE if np.abs(z).max() > 1e-4 else NO_NOISE
    if np.ptp(z, 0).max() < 1e-4:
        return ONE_MASK
    return SHARED if any(np.ptp(z, i).max() < 1e-4 for i in range(1, z.ndim)) else None


def _wrong_moments(z: np.ndarray, groups: list[np.ndarray]) -> str | None:
    for test, said in ((chance.mean, WRONG_MEAN), (chance.spread, WRONG_SPREAD)):
        surprises = [test(z[g]) for g in groups]
        if groups_differ(surprises):
            return NOISE_BY_VALUE
        if max(test(z), *surprises) > chance.LIMIT:
            return said
    return None


def _is_cut_off(z: np.ndarray) -> bool:
    # Normal numbers that are cut off at 2 have the standard deviation 0.88.
    return 1.9 < np.abs(z).max() < 2.001 and 0.8 < np.std(z) < 0.95


_erf = np.vectorize(math.erf, otypes=[float])


def normal_cdf(z: np.ndarray) -> np.ndarray:
    """The probability that a standard normal number is at most ``z``."""
    return (1 + _erf(z / math.sqrt(2))) / 2
