"""Tests of draws, each with a bound on how often it fails a right answer.

Every test returns a *surprise*. Of draws that are right it exceeds ``t`` with a probability of at
most ``2 exp(-t)``, for every ``t`` and every number of draws: the bounds are inequalities that
hold exactly, not approximations for many draws. An answer fails where a surprise exceeds
:data:`LIMIT`; that happens to right draws with a probability of at most 1.9e-13. By the sum of the
bounds, a question that takes 1,000 tests fails a right answer with a probability below 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

LIMIT = 30.0


def share(count: int, n: int, p: float) -> float:
    """Of ``count`` hits in ``n`` independent trials with probability ``p``, 0 < p < 1.

    Chernoff's bound: n times the relative entropy of the observed share and ``p``.
    """
    found = count / n
    terms = ((found, p), (1 - found, 1 - p))
    return n * sum(a * np.log(a / b) for a, b in terms if a > 0)


def mean(z: np.ndarray) -> float:
    """Of the mean of standard normal numbers: the bound of the normal distribution's tails."""
    return z.size * np.mean(z) ** 2 / 2


def spread(z: np.ndarray) -> float:
    """Of the mean square of standard normal numbers: Chernoff's bound of chi-squared."""
    s = np.mean(np.square(z))
    return z.size * (s - 1 - np.log(s)) / 2 if s > 0 else np.inf


def shape(z: np.ndarray, cdf: Callable[[np.ndarray], np.ndarray]) -> float:
    """Of independent numbers whose distribution function is ``cdf``: Massart's bound.

    Kolmogorov's distance D, the largest between ``cdf`` and the observed share, makes 2 n D².
    """
    below = cdf(np.sort(z, axis=None))
    ranks = np.arange(z.size + 1) / z.size
    distance = max(np.max(ranks[1:] - below), np.max(below - ranks[:-1]))
    return 2 * z.size * distance**2


def agreement(a: np.ndarray, b: np.ndarray, p: float) -> float:
    """Of two masks of equal shape: all entries independent, True with probability ``p``."""
    return share(np.sum(a == b), a.size, p**2 + (1 - p) ** 2)


def together(a: np.ndarray, b: np.ndarray) -> float:
    """Of two arrays of standard normal numbers, all independent: half the larger surprise of sum
    and difference, less the price of testing both."""
    return max(spread((a + b) / np.sqrt(2)), spread((a - b) / np.sqrt(2))) - np.log(2)


def pairs(draws: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Disjoint parts of ``draws`` that are to be independent: along each axis every other entry and
    the one behind it, and the first half and the second."""
    for axis in range(draws.ndim):
        along = np.moveaxis(draws, axis, 0)
        half = len(along) // 2
        if half:
            yield along[0 : 2 * half : 2], along[1 : 2 * half : 2]
            yield along[:half], along[half : 2 * half]
