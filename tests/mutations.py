"""Damage for Hypothesis to do: to bytes, and to values of JSON."""

import json

from hypothesis import settings
from hypothesis import strategies as st

QUICK = settings(derandomize=True, deadline=None, database=None, max_examples=150)
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
