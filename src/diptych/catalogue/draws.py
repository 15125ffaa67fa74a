"""Judges of layers that are random in training: what drops numbers, and what adds normal noise.

A layer's formula is a function of the input, of one draw for each number, and of the layer's
argument, so that the draws can be read off the output. Both calls of a question are judged, and the
gradient of the second. A right answer fails with a probability below 1e-9 a question
(:mod:`diptych.catalogue.chance`). What is compared exactly, whether two masks are equal for
instance, is by chance so with a probability below 1e-20, where cases have 1,000 draws or more and
rates from 0.1 to 0.9.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from diptych.catalogue import chance
from diptych.catalogue.exercise import Case, Misconception

ORDINARY = 5.0  # a surprise that right draws exceed now and then
Formula = Callable[[np.ndarray, object, float], np.ndarray]

NOTHING_DROPPED = "nothing is dropped in training"
ALL_DROPPED = "every number is dropped in training: drop each with probability rate"
DROPS_THE_REST = (
    "the share that is dropped is 1 − rate: rate is the probability to drop, not to keep"
)
WRONG_SHARE = "the share that is dropped is not rate"
ONE_MASK = "all examples of the batch share their draws: draw for each example"
SHARED = "within an example, draws are shared along an axis: draw for each number"
CHANNELS_TOGETHER = "an example's channels are dropped all together: draw for each channel"
CHANNELS_APART = "within a channel some numbers are dropped and others kept: drop whole channels"
SAME_TWICE = "two calls draw the same: draw anew in each call"
EXACT_COUNT = "each example drops the same share of its numbers: drop each with probability rate"
BY_VALUE = "what is dropped depends on the numbers: it must not"
DEPENDENT = "what is dropped here depends on what is dropped there: draw independently"
WRONG_NUMBERS = "in training some numbers are neither what keeping makes of them, nor dropped"
NO_GRADIENT = "no gradient reaches the input in training"
FRESH_MASK = "the gradient has another mask than the output: draw once for both"
WRONG_FACTOR = "the gradient has the output's mask, but another factor"


def judge_masks(
    formula: Formula,
    wrong: Iterable[Misconception] = (),
    channel_axis: Callable[[Case], int] | None = None,
    wrong_axis: str = CHANNELS_APART,
) -> Callable:
    """The judge of a layer that keeps each number with probability ``1 - rate``.

    ``formula(x, mask, rate)`` is the output, linear in ``x``; ``wrong`` are others. With a
    ``channel_axis`` whole channels are dropped, and ``wrong_axis`` is said where it is whole parts
    along another axis. The input has no number of which keeping and dropping make the same.
    """

    def mask_of(y, x, rate, formula) -> np.ndarray | None:
        """Which numbers are kept; nothing where some are neither kept nor dropped."""
        kept, dropped = (_near(y, formula(x, mask, rate)) for mask in (True, False))
        return kept if np.all(kept | dropped) else None

    def judge(case: Case, first, second, derivative):
        x, rate = np.float64(np.float32(case.inputs[0])), case.arguments["rate"]
        masks = [mask_of(y, x, rate, formula) for y in (first, second)]
        if any(mask is None for mask in masks):
            if _near(first, x).all() and _near(second, x).all():
                return NOTHING_DROPPED
            return _wrong_numbers(first, second, x, rate)
        if channel_axis:
            axis = channel_axis(case) % x.ndim
            said = _not_whole(masks, axis, wrong_axis) or _wrong_masks(
                *(mask.any(_others(x.ndim, axis)) for mask in masks), rate, [], CHANNELS_TOGETHER
            )
        else:
            said = _wrong_masks(*masks, rate, [x == value for value in np.unique(x)], SHARED)
        if said:
            return said
        if derivative is None:
            return "gradients", NO_GRADIENT
        slope = formula(1.0, True, rate) - formula(0.0, True, rate)
        if _near(derivative, slope * masks[1]).all():
            return None
        same = np.array_equal(~_near(derivative, 0), masks[1])
        return "gradients", WRONG_FACTOR if same else FRESH_MASK

    def _wrong_numbers(first, second, x, rate) -> str:
        fitting = []
        for each in wrong:
            masks = [mask_of(y, x, rate, each.value) for y in (first, second)]
            if all(mask is not None for mask in masks):
                # Of two formulas with the same numbers the shares tell which it is.
                fitting.append((abs(np.mean(masks) - (1 - rate)), each.sentence))
        return min(fitting)[1] if fitting else WRONG_NUMBERS

    return judge


def _near(y, right) -> np.ndarray:
    return np.isclose(y, right, rtol=1e-4, atol=1e-5)


def _others(rank: int, axis: int) -> tuple[int, ...]:
    return tuple(i for i in range(1, rank) if i != axis)


def _not_whole(masks, axis: int, wrong_axis: str) -> str | None:
    """What to say unless each channel of each example is kept or dropped as a whole."""

    def is_whole(axis) -> bool:
        others = _others(masks[0].ndim, axis)
        return all(np.array_equal(mask.any(others), mask.all(others)) for mask in masks)

    if is_whole(axis):
        return None
    return wrong_axis if any(map(is_whole, _others(masks[0].ndim, axis))) else CHANNELS_APART


def _wrong_masks(first, second, rate: float, groups: list[np.ndarray], shared: str) -> str | None:
    """What is wrong with two masks, True where kept, whose entries are to be independent."""
    p, both = 1 - rate, (first, second)
    if all(mask.all() for mask in both) or not any(mask.any() for mask in both):
        return NOTHING_DROPPED if first.all() else ALL_DROPPED
    if all((mask == mask[:1]).all() for mask in both):
        return ONE_MASK
    for axis in range(1, first.ndim):
        if all((mask == mask.take([0], axis)).all() for mask in both):
            return shared
    for mask in both:
        if np.ptp(mask.reshape(len(mask), -1).sum(1)) == 0:
            return EXACT_COUNT
        if _some_only([chance.share(mask[g].sum(), g.sum(), p) for g in groups]):
            return BY_VALUE
        if chance.share(mask.sum(), mask.size, p) > chance.LIMIT:
            rest = chance.share(mask.sum(), mask.size, rate) <= chance.LIMIT
            return DROPS_THE_REST if rest else WRONG_SHARE
        if any(chance.agreement(a, b, p) > chance.LIMIT for a, b in chance.pairs(mask)):
            return DEPENDENT
    if np.array_equal(first, second):
        return SAME_TWICE
    return DEPENDENT if chance.agreement(first, second, p) > chance.LIMIT else None


def _some_only(surprises: list[float]) -> bool:
    """Whether some are beyond the limit while others are ordinary, so that groups differ."""
    return bool(surprises) and max(surprises) > chance.LIMIT and min(surprises) < ORDINARY


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
    ``z``; ``wrong`` are others. No number of the input is 0.
    """

    def drawn(y, x, argument, formula) -> np.ndarray:
        centre = formula(x, 0.0, argument)
        return (np.float64(y) - centre) / (formula(x, 1.0, argument) - centre)

    def fitting(first, second, x, argument, groups):
        """The wrong formulas whose draws would be right, the nearest of them least."""
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
        if _some_only(surprises):
            return NOISE_BY_VALUE
        if max(test(z), *surprises) > chance.LIMIT:
            return said
    return None


def _is_cut_off(z: np.ndarray) -> bool:
    # A normal number that is cut off at 2 has the standard deviation 0.88.
    return 1.9 < np.abs(z).max() < 2.001 and 0.8 < np.std(z) < 0.95


_erf = np.vectorize(math.erf, otypes=[float])


def normal_cdf(z: np.ndarray) -> np.ndarray:
    """The probability that a standard normal number is at most ``z``."""
    return (1 + _erf(z / math.sqrt(2))) / 2
