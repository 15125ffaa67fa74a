"""The order in which a child is asked, and what is asked again when it ends."""

import contextlib
import threading
import time

import pytest

from diptych.catalogue.lookup import exercise
from diptych.forbidden import operations
from diptych.grading import asking
from diptych.isolation import attempt, process, replies, run, steps
from diptych.isolation.clock import Clock
from tests.grading.submissions import CHAPTER, RIGHT
from tests.isolation.frames import message

SAID = {
    "transform": {"python": [], "found": {}, "kept": []},
    "question": {"kind": "raised", "ran": ["aten.relu"]},
}


def budget():
    return steps.Budget(steps.Limits(), Clock(0.0))


def test_cells_are_read_once_however_often_the_notebook_runs():
    done, sent = steps.Run(), []
    for python in (["as Python"], ["never"]):

        def ask(until, frame, reply=python, **limits):
            request = message(frame)
            if request["do"] == "cell":
                return [([], {})]
            sent.append(request["cells"])
            return [({"python": reply, "found": {}, "kept": [[]]}, {})]

        attempt.Attempt(["%x"], {}, done, budget()).carry_out(ask)
    assert sent == [["%x"], []] and done.python == ["as Python"]


def test_hidden_questions_come_after_all_that_a_student_may_see():
    questions = asking.questions(asking.asked(CHAPTER, ("pytorch",), "0"))
    done, order = steps.Run(), []

    def ask(until, *frames, **limits):
        order.append((tried.step.of, frames))
        return [(SAID[message(frame)["do"]], {}) for frame in frames]

    tried = attempt.Attempt([], questions, done, budget())
    tried.carry_out(ask)
    assert order[1:] == [(name, asked.visible) for name, asked in questions.items()] + [
        (name, (*asked.hidden, asked.watched)) for name, asked in questions.items()
    ]
    for name, asked in questions.items():
        assert len(done.results[name]) == len(asked.visible) + len(asked.hidden)
        assert done.ran[name] == {"aten.relu"}


@pytest.mark.parametrize(("status", "asked_twice"), [("killed", 1), ("lost", 1), ("crashed", 0)])
def test_what_ends_from_outside_is_all_done_again_and_what_an_answer_ends_is_not(
    status, asked_twice, monkeypatch
):
    questions = asking.questions(asking.asked(CHAPTER, ("pytorch",), "0"))
    first, second = list(questions)[:2]
    ends, names = iter([process.Ended(status)]), []

    @contextlib.contextmanager
    def ours(*_):
        yield ask

    def ask(until, *frames, **limits):
        names.append(message(frames[0]).get("name"))
        if names[-1] == second and (end := next(ends, None)):
            raise end
        said = SAID | {"question": {"kind": "raised", "message": f"{len(names)}"}}
        return [(said[message(frame)["do"]], {}) for frame in frames]

    monkeypatch.setattr(run, "child", ours)
    done = run.run([], questions, None, steps.Limits(), threading.Event())
    # The first reply counts: a child that is asked again may know the hidden questions.
    assert done.results[first][0]["fault"]["message"] == "2"
    both_parts = 2
    assert names.count(first) == both_parts + asked_twice
    assert done.ended == ({} if asked_twice else {("answer", second): "crashed"})


def test_what_an_answer_says_that_it_ran_takes_no_time_to_read():
    """A child may send long names, in which prefixes and suffixes would take hours to find."""
    relu, start = exercise("relu"), time.process_time()
    ran = replies.ran({"ran": ["aten.relu", "x" + "_" * 4_000_000 + "x", "_" * 4_000_000]})
    assert operations.seen(ran, relu) == ["relu"]
    assert time.process_time() - start < 20  # seconds, and not hours


@pytest.mark.parametrize("message", [[], "ran", 3, {"ran": "relu"}, {"ran": [1]}, {"ran": {}}])
def test_what_ran_is_a_list_of_texts_or_malformed(message):
    with pytest.raises(process.Ended, match="malformed"):
        replies.ran(message)


def test_what_ran_is_kept_from_every_attempt():
    questions = asking.questions(asking.asked(CHAPTER, ("pytorch",), "0")[:1])
    (name,) = questions
    done = steps.Run(ran={name: {"aten.threshold"}})
    tried = attempt.Attempt([], questions, done, budget())
    tried.carry_out(lambda _, *frames, **more: [(SAID[message(f)["do"]], {}) for f in frames])
    assert done.ran == {name: {"aten.threshold", "aten.relu"}}


def test_a_cell_that_dies_is_left_out_and_what_the_answers_need_of_it_runs_at_last(one_server):
    """In all runs, the visible questions of all answers come before the first hidden one."""
    questions = asking.questions(asking.asked(CHAPTER, ("pytorch",), "0"))
    dies = f"import os, torch\nos._exit(0)\n{RIGHT['relu_pt']}"
    cells = [dies, RIGHT["relu6_pt"], "relu_pt('an example')"]
    done = run.run(cells, questions, one_server, steps.Limits(), threading.Event())
    assert done.ended == {("cell", 1): "crashed"} and done.late is None
    for name in ("relu_pt", "relu6_pt"):
        assert all("arrays" in result for result in done.results[name])
        assert len(done.results[name]) == len(questions[name].visible + questions[name].hidden)
    assert done.results["threshold_pt"] is None


def test_where_time_is_up_no_cell_is_called_the_culprit(one_server):
    limits = steps.Limits(seconds=2.0)
    done = run.run(["import time; time.sleep(0.4)"] * 6, {}, one_server, limits, threading.Event())
    assert not done.ended and done.late.kind == "cell"
