"""The clock of a submission stands still while its child waits for a processor, and only then."""

import pytest

from diptych.isolation import clock


@pytest.fixture
def looks(monkeypatch):
    """A function that passes time, and gives for each thread how long it ran, and how long it
    waited; and tells what of that time has counted."""

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
        ([], 8.0),  # of which nothing is known
        ([(0, 0)], 8.0),  # asleep
        ([(8, 0)], 8.0),
        ([(2, 6)], 2.0),
        ([(0, 0), (2, 6)], 2.0),  # the main thread waits for another
        ([(1, 6), (2, 5)], 3.0),
        ([(2, 3)], 5.0),  # and asleep for three
        ([(8, 0), (0, 8)], 8.0),  # which computes, whatever waits beside it
        ([(0, 8)] * 500, 0.0),
    ],
)
def test_what_a_child_waits_for_a_processor_does_not_count(threads, counted, looks):
    assert looks(8.0, *threads) == pytest.approx(counted)


def test_patience_has_an_end(looks):
    assert looks(8.0, (0, 8), patience=3.0) == pytest.approx(5.0)
