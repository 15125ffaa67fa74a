"""How the child reads a notebook's cells before it runs them, in limited time."""

import gc

from diptych.forbidden import dependencies
from diptych.isolation import reading


def test_source_made_to_exhaust_the_parser_stops_nothing():
    for python in ("-" * 100_000 + "1", "(" * 1000, "x" + ".a" * 50_000, "\0"):
        assert list(dependencies._statements(1, *reading.read(python))) == []


def test_what_takes_too_long_to_read_does_not_run(monkeypatch):
    slow = "def relu_pt(x): return 2\n" * 2000
    reading.read("what it imports takes its time, too")
    monkeypatch.setattr(reading, "READING", 0.1)
    reply = reading.transform(["x = 1", *[slow] * 99], {})
    assert reply["python"][0] == "x = 1" and reply["python"][-1] == reading.TOO_LONG
    assert set(reply["python"][1:]) <= {slow, reading.TOO_LONG}


def test_the_end_of_the_time_for_reading_is_not_lost_in_a_finalizer(monkeypatch):
    """The garbage collector could run Python code while cells are read, so it is switched off."""
    monkeypatch.setattr(reading, "READING", 0.1)
    gc.callbacks.append(lambda phase, info: sum(range(10_000)))
    try:
        reply = reading.transform(["def f(x): return 2\n" * 2000] * 99, {})
    finally:
        gc.callbacks.pop()
    assert reply["python"][-1] == reading.TOO_LONG
    assert gc.isenabled()


def test_what_takes_too_long_to_search_does_not_run_either(monkeypatch):
    slow = "def relu_pt(x): return 2\n" * 2000
    wanted = {"relu_pt": ["relu"]}
    reply = reading.transform(["x = 1", slow], wanted)
    assert reply["python"] == ["x = 1", slow] and reply["found"]["relu_pt"]["cells"] == [2]
    monkeypatch.setattr(reading, "SEARCHING", 0.01)
    reply = reading.transform(["x = 1", slow], wanted)
    assert reply["python"] == [reading.TOO_LONG] * 2
    nothing = {"cells": [], "named": None, "needs": [], "broken": [], "near": ""}
    assert reply["found"] == {"relu_pt": nothing}
