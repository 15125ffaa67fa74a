"""Whatever a child replies is judged, and ends in a status."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from diptych.grading import asking, marking
from diptych.grading.statuses import SENTENCES
from diptych.isolation import attempt, process, steps, wire
from diptych.isolation.clock import Clock
from tests.grading.submissions import CHAPTER
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
