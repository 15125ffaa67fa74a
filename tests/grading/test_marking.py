"""Whatever is handed in, and whatever a child sends, ends in a status: searched by Hypothesis."""

import json
import struct

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.forbidden import source
from diptych.grading import marking, read
from diptych.grading.statuses import SENTENCES
from diptych.isolation import child, process, run, wire
from tests.grading import submissions

QUICK = settings(derandomize=True, deadline=None, database=None, max_examples=150)
NOTEBOOK = submissions.notebook(submissions.only("relu_pt"))
WHOLE = json.dumps(NOTEBOOK).encode()
OLD = json.dumps(
    {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]}
).encode()

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@st.composite
def damaged(draw, whole):
    """Bytes of which some are cut out, exchanged, or put in."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = start + draw(st.sampled_from([0, 1, 2, 100]))
        data[start:end] = draw(st.binary(max_size=9) | st.sampled_from([b'"', b"[", b"{}", b"9"]))
    return bytes(data)


@st.composite
def rebuilt(draw, whole):
    """A value of JSON in which some parts have become something else, or are gone."""
    value = json.loads(whole)
    for _ in range(draw(st.integers(1, 4))):
        part = value
        while isinstance(part, dict | list) and part:
            keys = list(part) if isinstance(part, dict) else range(len(part))
            key = draw(st.sampled_from(keys))
            if draw(st.integers(0, 3)) == 0 or not isinstance(part[key], dict | list):
                part[key] = draw(anything)
                break
            part = part[key]
    return value


def as_bytes(value):
    return json.dumps(value).encode()


@QUICK
@given(st.binary() | damaged(WHOLE) | damaged(OLD) | rebuilt(WHOLE).map(as_bytes))
def test_a_damaged_notebook_is_read_or_refused(data):
    try:
        cells = read.code_cells(data)
    except read.Unreadable as error:
        assert str(error)
    else:
        assert all(type(cell) is str for cell in cells)
        source.statements(map(child._read, cells))


@QUICK
@given(rebuilt(OLD).map(as_bytes))
def test_a_damaged_notebook_of_an_old_format_is_read_or_refused(data):
    test_a_damaged_notebook_is_read_or_refused.hypothesis.inner_test(data)


# The judge's side of the wire

ARRAYS = {"output:0:0": np.ones((2, 3), "f4"), "gradient:0": np.arange(4), "after:0": np.array(1)}
FRAME = wire.encode({"arrays": 3}, ARRAYS)
LISTED = json.loads(FRAME[8 : 8 + struct.unpack(">I", FRAME[:4])[0]])


def framed(header):
    data = json.dumps(header).encode()
    body = b"".join(array.tobytes() for array in ARRAYS.values())
    return struct.pack(">II", len(data), len(body)) + data + body


@QUICK
@given(st.binary() | damaged(FRAME) | rebuilt(as_bytes(LISTED)).map(framed))
def test_a_damaged_frame_is_plain_values_and_arrays_or_malformed(data):
    try:
        wire.length(data)
        _, arrays = wire.decode(data)
    except wire.Malformed as error:
        assert str(error)
    else:
        for name, array in arrays.items():
            assert type(name) is str and type(array) is np.ndarray
            assert array.dtype.str in wire.DTYPES and array.nbytes <= wire.BODY


shapes = st.sampled_from([(2, 6), (12,), (3, 3), (1,), (), (0,), (2, 6, 1), (1, 2, 3, 1)])
dtypes = st.sampled_from(sorted(wire.DTYPES))
numbers = st.sampled_from([0, 1, -1, 1e-30, 1e38, float("nan"), float("inf")])


@st.composite
def array(draw):
    with np.errstate(all="ignore"):
        return np.full(draw(shapes), draw(numbers)).astype(draw(dtypes))


ASKED = {a.name: a for a in marking.asked(submissions.CHAPTER, ("pytorch", "tensorflow"), "0")}
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
    done = run.Run()
    questions = marking.questions([asked])
    steps = run._steps(["x = 1"], questions, done)
    _, transform = next(steps)
    found = {name: {"cells": [], "used": None}}
    transform(lambda frame, **_: [({"python": ["x = 1"], "found": found}, {})])
    replied = iter([(notes, {})] + sent * 100)
    for step, request in steps:
        try:
            request(lambda *frames: [next(replied) for _ in frames])
        except process.Ended as end:
            done.ended[step] = end.status
    for text in (t for found in done.notes.values() for note in found for t in note.values()):
        assert text.isprintable() and len(text) <= 300
    status, _, grades, _ = marking.mark([asked], done, run.Limits())
    assert status in SENTENCES
    for grade in grades:
        assert grade.status in SENTENCES and grade.status != "failed"
        assert 0 <= grade.points < grade.max_points
