"""The order in which a child is asked, and what is asked again when it ends."""

import contextlib
import threading
import time

import pytest

from diptych.catalogue.component import exercise
from diptych.forbidden import use
from diptych.grading import marking
from diptych.isolation import process, run
from tests.grading.submissions import CHAPTER
from tests.isolation.frames import message


def test_cells_are_read_once_however_often_the_notebook_runs():
    done, sent = run.Run(), []
    for python in (["as Python"], ["never"]):
        _, request = next(run._steps(["%x"], {}, done))
        reply = {"python": python, "found": {}}
        request(lambda frame, r=reply, **_: [(sent.append(message(frame)["cells"]) or r, {})])
    assert sent == [["%x"], []] and done.python == ["as Python"]


def test_hidden_questions_come_after_all_that_a_student_may_see():
    questions = marking.questions(marking.asked(CHAPTER, ("pytorch",), "0"))
    done, order = run.Run(), []
    for step, request in run._steps([], questions, done):

        def ask(*frames, name=step[1], **limits):
            order.append((name, frames))
            said = {
                "transform": {"python": [], "found": {}},
                "question": {"kind": "raised"},
                "calls": ["relu"],
            }
            return [(said[message(frame)["do"]], {}) for frame in frames]

        request(ask)
    assert order[1:] == [(name, asked.visible) for name, asked in questions.items()] + [
        (name, (*asked.hidden, asked.calls)) for name, asked in questions.items()
    ]
    for name, asked in questions.items():
        assert len(done.results[name]) == len(asked.visible) + len(asked.hidden)
        assert done.called[name] == ["relu"]


@pytest.mark.parametrize(("status", "asked_twice"), [("killed", 1), ("lost", 1), ("crashed", 0)])
def test_what_ends_from_outside_is_all_done_again_and_what_an_answer_ends_is_not(
    status, asked_twice, monkeypatch
):
    questions = marking.questions(marking.asked(CHAPTER, ("pytorch",), "0"))
    first, second = list(questions)[:2]
    ends, names = iter([process.Ended(status)]), []

    @contextlib.contextmanager
    def ours(*_):
        yield ask

    def ask(until, *frames, **limits):
        names.append(message(frames[0]).get("name"))
        if names[-1] == second and (end := next(ends, None)):
            raise end
        said = {
            "transform": {"python": [], "found": {}},
            "question": {"kind": "raised", "message": f"{len(names)}"},
            "calls": [],
        }
        return [(said[message(frame)["do"]], {}) for frame in frames]

    monkeypatch.setattr(run, "child", ours)
    done = run.run([], questions, None, run.Limits(), threading.Event())
    # A child that is asked once more may have been told of hidden questions.
    assert done.results[first][0]["fault"]["message"] == "2"
    both_parts = 2
    assert names.count(first) == both_parts + asked_twice
    assert done.ended == ({} if asked_twice else {("answer", second): "crashed"})


def test_what_an_answer_says_that_it_calls_takes_no_time_to_read():
    """Names whose affixes take forever to find, as a child may send them."""
    relu, start = exercise("relu"), time.process_time()
    called = run._names(["relu", "x" + "_" * 4_000_000 + "x"])
    assert use.builtins_called(called, relu) == ["relu"]
    assert time.process_time() - start < 20  # it would be hours
