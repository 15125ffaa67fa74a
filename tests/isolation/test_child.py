"""What the child does with a notebook's cells before it runs them, and with their errors."""

import gc

import pytest

import diptych
from diptych.forbidden import text
from diptych.isolation import child, wire

# They know the components, which no child may hold.
COMPONENTS = {"check", "copy_weights", "first_difference", "progress"}


@pytest.mark.parametrize("name", sorted({*diptych.__all__} - COMPONENTS))
def test_what_chapters_call_may_be_imported_in_a_graded_notebook(name):
    value = getattr(diptych, name)
    child._refuse(getattr(value, "__module__", value.__name__))


def test_an_error_does_not_tell_the_folder_which_is_another_each_time(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    fault = child._fault(FileNotFoundError(2, "No such file", f"{tmp_path}/w.npy"))
    assert fault["message"] == "[Errno 2] No such file: '~/w.npy'"


def test_source_made_to_exhaust_the_parser_stops_nothing():
    for python in ("-" * 100_000 + "1", "(" * 1000, "x" + ".a" * 50_000, "\0"):
        assert list(text._statements(1, *child._read(python))) == []


def test_what_takes_too_long_to_read_does_not_run(monkeypatch):
    slow = "def relu_pt(x): return 2\n" * 2000
    child._read("what it imports takes its time, too")
    monkeypatch.setattr(child, "READING", 0.1)
    reply, _ = wire.decode(child._transform({}, {}, ["x = 1", *[slow] * 99], {}))
    assert reply["python"][0] == "x = 1" and reply["python"][-1] == child.TOO_LONG
    assert set(reply["python"][1:]) <= {slow, child.TOO_LONG}


def test_the_end_of_the_time_for_reading_is_not_lost_in_a_finalizer(monkeypatch):
    """The garbage collector runs Python while cells are read, unless it is told not to."""
    monkeypatch.setattr(child, "READING", 0.1)
    gc.callbacks.append(lambda phase, info: sum(range(10_000)))
    try:
        reply, _ = wire.decode(child._transform({}, {}, ["def f(x): return 2\n" * 2000] * 99, {}))
    finally:
        gc.callbacks.pop()
    assert reply["python"][-1] == child.TOO_LONG
    assert gc.isenabled()


def test_what_takes_too_long_to_search_does_not_run_either(monkeypatch):
    slow = "def relu_pt(x): return 2\n" * 2000
    wanted = {"relu_pt": ["relu"]}
    reply, _ = wire.decode(child._transform({}, {}, ["x = 1", slow], wanted))
    assert reply["python"] == ["x = 1", slow] and reply["found"]["relu_pt"]["cells"] == [2]
    monkeypatch.setattr(child, "SEARCHING", 0.01)
    reply, _ = wire.decode(child._transform({}, {}, ["x = 1", slow], wanted))
    assert reply["python"] == [child.TOO_LONG] * 2
    nothing = {"cells": [], "named": None, "needs": [], "broken": [], "near": ""}
    assert reply["found"] == {"relu_pt": nothing}


def test_tensorflow_makes_no_function_around_an_operation(monkeypatch):
    """It is not public how to say so; if TensorFlow no longer asks, children are slow again."""
    from tensorflow.python import pywrap_tfe
    from tensorflow.python.eager import context

    said, set_wrapped = [], getattr(pywrap_tfe, child.WRAPPED)

    def hear(options, wrapped):
        said.append(wrapped)
        set_wrapped(options, wrapped)

    monkeypatch.setattr(pywrap_tfe, child.WRAPPED, hear)
    child._run_operations_as_they_are()
    context.Context().ensure_initialized()
    assert said == [False]
