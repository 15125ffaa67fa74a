"""What is asked of a submission: visible cases, hidden ones by the seed, nothing expected."""

import numpy as np

from diptych.grading import asking
from diptych.isolation import wire
from tests.grading.submissions import CHAPTER
from tests.isolation.frames import message


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
