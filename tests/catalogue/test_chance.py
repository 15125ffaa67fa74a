"""Bounds hold: right draws surprise no test more often than its bound allows."""

import numpy as np
import pytest

from diptych.catalogue import chance
from diptych.catalogue.noise import normal_cdf

N, TIMES = 150, 3000


RIGHT = {
    "share": lambda rng: chance.share(rng.binomial(N, 0.2), N, 0.2),
    "share of few": lambda rng: chance.share(rng.binomial(3, 0.7), 3, 0.7),
    "mean": lambda rng: chance.mean(rng.normal(size=N)),
    "spread": lambda rng: chance.spread(rng.normal(size=N)),
    "spread of few": lambda rng: chance.spread(rng.normal(size=2)),
    "shape": lambda rng: chance.shape(rng.uniform(size=N), lambda z: z),
    "agreement": lambda rng: chance.agreement(rng.random(N) < 0.3, rng.random(N) < 0.3, 0.3),
    "together": lambda rng: chance.together(rng.normal(size=N), rng.normal(size=N)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_draws_surprise_no_more_often_than_the_bound(name):
    rng = np.random.default_rng(0)
    found = np.array([RIGHT[name](rng) for _ in range(TIMES)])
    for t in (0.7, 1, 2, 3, 5):
        bound = min(1, 2 * np.exp(-t))
        margin = 5 * np.sqrt(bound * (1 - bound) / TIMES)  # five standard deviations
        assert np.mean(found > t) <= bound + margin, t


@pytest.mark.parametrize(
    "test",
    [
        lambda z: chance.share(np.sum(z < 0), z.size, 0.6),
        lambda z: chance.mean(z + 0.2),
        lambda z: chance.spread(1.1 * z),
        lambda z: chance.shape(z / 2, normal_cdf),
        lambda z: chance.agreement(z < 0, z < 0, 0.5),
        lambda z: chance.together(z, z),
        lambda z: chance.together(z, -z),
    ],
)
def test_wrong_draws_surprise(test):
    assert test(np.random.default_rng(0).normal(size=9000)) > chance.LIMIT


def test_pairs_are_disjoint_and_reach_every_axis():
    draws = np.arange(2 * 3 * 5).reshape(2, 3, 5)
    for a, b in chance.pairs(draws):
        assert a.shape == b.shape
        assert not np.intersect1d(a, b).size
    steps = {int(np.ravel(b - a)[0]) for a, b in chance.pairs(draws)}
    assert {15, 5, 1} <= steps
    assert list(chance.pairs(np.zeros((1, 1)))) == []
