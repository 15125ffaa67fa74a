"""The clock of a submission stops while its child waits for a processor, and only then."""

import pytest

from diptych.isolation import clock


@pytest.fixture
def looks(monkeypatch):
    """A function that lets ``seconds`` pass, and returns how many of them the clock has counted.

    Each of the ``threads`` is a pair of seconds: for how long it ran, and for how long it waited.
    """

    def passed(seconds, *threads, patience=100.0):
        now, found = [0.0], {}
        monkeypatch.setattr(clock.time, "monotonic", lambda: now[0])
        monkeypatch.setattr(clock, "_threads", lambda pid: dict(found))
        timed = clock.Clock(patience)
        timed.follow(1)
        start = timed.now()
        for _ in range(10):
            now[0] += seconds / 10
            for n, (ran, waited) in enumerate(threads):
                before = found.get(n, (0.0, 0.0))
                found[n] = before[0] + ran / 10, before[1] + waited / 10
            timed.look()
        return timed.now() - start

    return passed


@pytest.mark.parametrize(
    ("threads", "counted"),
    [
        ([], 8.0),  # the kernel tells nothing
        ([(0, 0)], 8.0),  # asleep
        ([(8, 0)], 8.0),
        ([(2, 6)], 2.0),
        ([(0, 0), (2, 6)], 2.0),  # the main thread waits for another
        ([(1, 6), (2, 5)], 3.0),
        ([(2, 3)], 5.0),  # and sleeps for 3 seconds
        ([(8, 0), (0, 8)], 8.0),  # one thread computes all the time
        ([(0, 8)] * 500, 0.0),
    ],
)
def test_what_a_child_waits_for_a_processor_does_not_count(threads, counted, looks):
    assert looks(8.0, *threads) == pytest.approx(counted)


def test_patience_has_an_end(looks):
    assert looks(8.0, (0, 8), patience=3.0) == pytest.approx(5.0)
