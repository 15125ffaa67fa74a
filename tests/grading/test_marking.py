"""What is asked of a child, and that whatever it replies is judged and ends in a status."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from diptych.grading import asking, marking
from diptych.grading.statuses import SENTENCES
from diptych.isolation import attempt, process, steps, wire
from diptych.isolation.clock import Clock
from diptych.judging import oracle
from tests.grading.submissions import CHAPTER
from tests.isolation.frames import message
from tests.mutations import QUICK, anything, scalars

shapes = st.sampled_from([(2, 6), (12,), (3, 3), (1,), (), (0,), (2, 6, 1), (1, 2, 3, 1)])
dtypes = st.sampled_from(sorted(wire.DTYPES))
numbers = st.sampled_from([0, 1, -1, 1e-30, 1e38, float("nan"), float("inf")])


@st.composite
def array(draw):
    with np.errstate(all="ignore"):
        return np.full(draw(shapes), draw(numbers)).astype(draw(dtypes))


ASKED = {a.name: a for a in asking.asked(CHAPTER, ("pytorch", "tensorflow"), "0")}
names = ["output:0:0", "output:1:0", "gradient:0", "gradient:weight", "after:0", "initial:weight"]
replies = st.tuples(
    anything | st.fixed_dictionaries(dict.fromkeys(("kind", "type", "message"), scalars)),
    st.dictionaries(st.sampled_from([*names, "state:x", "points:all"]), array()),
)


@QUICK
@given(st.sampled_from(sorted(ASKED)), st.lists(replies, min_size=1, max_size=3), anything)
def test_whatever_a_child_replies_is_judged_and_the_judge_survives(name, sent, notes):
    """``sent`` come back in turn, for every question; ``notes`` from every cell."""
    asked = ASKED[name]
    done = steps.Run()
    questions = asking.questions([asked])
    found = {name: {"cells": [], "named": None, "broken": [], "near": ""}}
    replied = iter(
        [({"python": ["x = 1"], "found": found, "kept": [[]]}, {}), (notes, {})] + sent * 100
    )
    for _ in range(4):
        budget = steps.Budget(steps.Limits(), Clock(0.0))
        tried = attempt.Attempt(["x = 1"], questions, done, budget)
        try:
            tried.carry_out(lambda _, *frames, r=replied, **__: [next(r) for _ in frames])
            break
        except process.Ended as end:
            done.ended[tried.step] = end.status
            replied = iter(
                [({"python": [], "found": {}, "kept": []}, {}), (notes, {})] + sent * 100
            )
    for text in (t for found in done.notes.values() for note in found for t in note.values()):
        assert text.isprintable() and len(text) <= 300
    status, _, grades, _ = marking.mark([asked], done, steps.Limits())
    assert status in SENTENCES
    for grade in grades:
        assert grade.status in SENTENCES and grade.status != "failed"
        assert 0 <= grade.points < grade.max_points


def test_tensorflow_starts_anew_for_what_may_be_random_and_replies_are_waited_for_at_the_end():
    questions = asking.questions(asking.asked(CHAPTER, ("tensorflow",), "0"))
    for name, asked in questions.items():
        for frames in (asked.visible, asked.hidden):
            anew = [message(frame)["anew"] for frame in frames]
            assert anew == [name == "rrelu_tf"] + [False] * (len(frames) - 1)
        assert [message(frame)["more"] for frame in asked.hidden] == [True] * len(asked.hidden)
        more = [True] * (len(asked.visible) - 1)
        assert [message(frame)["more"] for frame in asked.visible] == [*more, False]
        assert "more" not in message(asked.watched)


def test_hidden_cases_go_by_the_seed():
    def hidden(seed):
        return asking.asked(CHAPTER, ("pytorch",), seed)[0].cases[-1].inputs[0]

    np.testing.assert_array_equal(hidden("a"), hidden("a"))
    assert not np.array_equal(hidden("a"), hidden("b"))


def test_what_is_handed_in_decides_which_hidden_cases_it_meets():
    met = {content: asking.hidden_set("seed", content) for content in map(str.encode, "abcdefghi")}
    assert len(set(met.values())) > 4 and max(met.values()) < asking.SETS
    assert met == {content: asking.hidden_set("seed", content) for content in met}
    assert met != {content: asking.hidden_set("another", content) for content in met}

    def hidden(number):
        return asking.asked(CHAPTER, ("pytorch",), "0", number)[0].cases[-1].inputs[0]

    assert not np.array_equal(hidden(0), hidden(1))


def results(asked, wrong):
    """What comes back for a right answer, but for the cases ``wrong``, each with its output."""
    right = [oracle.predict(asked.exercise.oracle, asked.exercise, case) for case in asked.cases]
    for arrays in right:
        arrays["gradient:0"] = arrays.get("low:gradient:0", np.zeros(()))
    for number, output in wrong.items():
        right[number]["output:0:0"] = output(right[number]["output:0:0"])
    return [
        {"arrays": {name: np.asarray(array, np.float32) for name, array in arrays.items()}}
        for arrays in right
    ]


def test_a_student_is_told_of_visible_cases_alone():
    asked = ASKED["relu_pt"]
    hidden = range(len(asked.exercise.visible), len(asked.cases))
    told = {
        (grade.student_message, grade.student_evidence)
        for number in hidden
        for output in (np.negative, np.zeros_like, np.ravel, lambda y: y + 1)
        if (grade := marking._judged(asked, results(asked, {number: output}))).lost
    }
    assert told == {(marking.HIDDEN, "")}
    first = {0: lambda y: y + 1}
    alone = marking._judged(asked, results(asked, first))
    both = marking._judged(asked, results(asked, first | {hidden[0]: np.zeros_like}))
    assert alone.student_message == both.student_message != marking.HIDDEN
    assert alone.student_evidence == both.student_evidence != ""


def test_a_question_holds_nothing_that_is_expected():
    asked = asking.asked(CHAPTER, ("pytorch",), "0")
    for frames in asking.questions(asked).values():
        for frame in frames.visible + frames.hidden:
            message, arrays = wire.decode(frame)
            assert set(message) == {"do", "name", "framework", "question", "anew", "more"}
            plain = {"arguments", "training", "initial", "state", "calls"}
            assert set(message["question"]) == plain
            kinds = {name.partition(":")[0] for name in arrays}
            assert kinds <= {"inputs", "weights", "held", "upstream_gradients"}


def test_an_error_in_the_judge_ends_in_a_status(monkeypatch):
    monkeypatch.setattr(marking.judge, "judge", lambda *args: 1 / 0)
    asked = asking.asked(CHAPTER, ("pytorch",), "0")[0]
    assert marking._judged(asked, []).status == "failed"
