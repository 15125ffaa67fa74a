"""The judge of layers that drop numbers or channels in training: dropout and its relatives."""

from __future__ import annotations

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

NOTHING_DROPPED = "nothing is dropped in training"
ALL_DROPPED = "every number is dropped in training: drop each with probability rate"
DROPS_THE_REST = (
    "the share that is dropped is 1 − rate: rate is the probability to drop, not to keep"
)
WRONG_SHARE = "the share that is dropped is not rate"
CHANNELS_TOGETHER = "an example's channels are dropped all together: draw for each channel"
CHANNELS_APART = "within a channel some numbers are dropped and others kept: drop whole channels"
EXACT_COUNT = "each example drops the same share of its numbers: drop each with probability rate"
BY_VALUE = "what is dropped depends on the numbers: it must not"
DEPENDENT = "what is dropped here depends on what is dropped there: draw independently"
WRONG_NUMBERS = "in training some numbers are neither what keeping makes of them, nor dropped"
FRESH_MASK = "the gradient has another mask than the output: draw once for both"
WRONG_FACTOR = "the gradient has the output's mask, but another factor"


def judge_masks(
    formula: Formula,
    wrong: Iterable[Misconception] = (),
    channel_axis: Callable[[Case], int] | None = None,
    wrong_axis: str = CHANNELS_APART,
) -> Callable:
    """The judge of a layer that keeps each number with probability ``1 - rate``.

    ``formula(x, mask, rate)`` is the output, linear in ``x``; ``mask`` is true where a number is
    kept. The values of ``wrong`` are the formulas of wrong answers. With a ``channel_axis`` the
    layer must drop whole channels; the judge returns ``wrong_axis`` if an answer drops whole parts
    along another axis. Each number of the input must give different outputs when it is kept and
    dropped.
    """

    def mask_of(y, x, rate, formula) -> np.ndarray | None:
        """Which numbers are kept; ``None`` if some are neither kept nor dropped."""
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
                # Two formulas may fit: then the share of kept numbers says which one it is.
                fitting.append((abs(np.mean(masks) - (1 - rate)), each.sentence))
        return min(fitting)[1] if fitting else WRONG_NUMBERS

    return judge


def _near(y, right) -> np.ndarray:
    return np.isclose(y, right, rtol=1e-4, atol=1e-5)


def _others(rank: int, axis: int) -> tuple[int, ...]:
    return tuple(i for i in range(1, rank) if i != axis)


def _not_whole(masks, axis: int, wrong_axis: str) -> str | None:
    """The finding if some channel of some example is neither kept nor dropped as a whole."""

    def is_whole(axis) -> bool:
        others = _others(masks[0].ndim, axis)
        return all(np.array_equal(mask.any(others), mask.all(others)) for mask in masks)

    if is_whole(axis):
        return None
    return wrong_axis if any(map(is_whole, _others(masks[0].ndim, axis))) else CHANNELS_APART


def _wrong_masks(first, second, rate: float, groups: list[np.ndarray], shared: str) -> str | None:
    """What is wrong with two masks (true where kept), whose entries should be independent."""
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
        if groups_differ([chance.share(mask[g].sum(), g.sum(), p) for g in groups]):
            return BY_VALUE
        if chance.share(mask.sum(), mask.size, p) > chance.LIMIT:
            rest = chance.share(mask.sum(), mask.size, rate) <= chance.LIMIT
            return DROPS_THE_REST if rest else WRONG_SHARE
        if any(chance.agreement(a, b, p) > chance.LIMIT for a, b in chance.pairs(mask)):
            return DEPENDENT
    if np.array_equal(first, second):
        return SAME_TWICE
    return DEPENDENT if chance.agreement(first, second, p) > chance.LIMIT else None
