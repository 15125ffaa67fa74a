"""A question that is packed, sent and unpacked is the same question."""

import numpy as np
import pytest

from diptych.catalogue.lookup import exercises
from diptych.isolation import packing, wire
from diptych.judging import oracle


@pytest.mark.parametrize("answer", exercises())
def test_every_question_of_the_book_comes_back_as_it_was(answer):
    exercise = exercises()[answer]
    for case in exercise.visible + exercise.hidden(np.random.default_rng(0)):
        question = oracle.question(exercise, case)
        packed, arrays = packing.pack(question)
        again = packing.unpack(*wire.decode(wire.encode(packed, arrays)))
        assert again.keys() == question.keys()
        np.testing.assert_equal(again, question)


def test_arguments_keep_their_types():
    question = {
        "inputs": [],
        "weights": {},
        "held": {},
        "upstream_gradients": [],
        "arguments": {"kernel": (3, [1, (2,)]), "how": {"a": None}, "n": np.int64(2)},
    }
    packed, arrays = packing.pack(question)
    again = packing.unpack(*wire.decode(wire.encode(packed, arrays)))["arguments"]
    assert again == {"kernel": (3, [1, (2,)]), "how": {"a": None}, "n": 2}
