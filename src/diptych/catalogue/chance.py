"""Statistical tests of draws, each with a bound on how often it fails right draws.

Every test returns a *surprise*. For right draws the surprise exceeds ``t`` with a probability of at
most ``2 exp(-t)``, for every ``t`` and every number of draws: the bounds are exact inequalities,
not approximations for many draws. An answer fails if a surprise exceeds :data:`LIMIT`. For right
draws the probability of that is at most 1.9e-13. A question with 1,000 tests fails a right answer
with at most the sum of these probabilities, below 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

LIMIT = 30.0


def share(count: int, n: int, p: float) -> float:
    """The surprise of ``count`` hits in ``n`` independent trials with probability ``p``, 0 < p < 1.

    By Chernoff's bound: n times the relative entropy of the observed share and ``p``.
    """
    found = count / n
    terms = ((found, p), (1 - found, 1 - p))
    return n * sum(a * np.log(a / b) for a, b in terms if a > 0)


def mean(z: np.ndarray) -> float:
    """The surprise of the mean of standard normal numbers, by the bound on normal tails."""
    return z.size * np.mean(z) ** 2 / 2


def spread(z: np.ndarray) -> float:
    """The surprise of the mean square of standard normal numbers, by Chernoff's bound."""
    s = np.mean(np.square(z))
    return z.size * (s - 1 - np.log(s)) / 2 if s > 0 else np.inf


def shape(z: np.ndarray, cdf: Callable[[np.ndarray], np.ndarray]) -> float:
    """The surprise of independent numbers with the distribution function ``cdf``.

    By Massart's bound: 2 n D², where D is Kolmogorov's distance, the largest difference between
    ``cdf`` and the observed share.
    """
    below = cdf(np.sort(z, axis=None))
    ranks = np.arange(z.size + 1) / z.size
    distance = max(np.max(ranks[1:] - below), np.max(below - ranks[:-1]))
    return 2 * z.size * distance**2


def agreement(a: np.ndarray, b: np.ndarray, p: float) -> float:
    """The surprise of two masks with independent entries, each true with probability ``p``.

    It counts the entries in which the two masks, of equal shape, agree.
    """
    return share(np.sum(a == b), a.size, p**2 + (1 - p) ** 2)


def together(a: np.ndarray, b: np.ndarray) -> float:
    """The surprise of two arrays of standard normal numbers, all independent.

    It is the larger surprise of their sum and of their difference, less log 2 because it tests
    both.
    """
    return max(spread((a + b) / np.sqrt(2)), spread((a - b) / np.sqrt(2))) - np.log(2)


def pairs(draws: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of disjoint parts of ``draws`` that should be independent of each other.

    Along each axis: the entries at even places and their neighbours, and the first and second half.
    """
    for axis in range(draws.ndim):
        along = np.moveaxis(draws, axis, 0)
        half = len(along) // 2
        if half:
            yield along[0 : 2 * half : 2], along[1 : 2 * half : 2]
            yield along[:half], along[half : 2 * half]
