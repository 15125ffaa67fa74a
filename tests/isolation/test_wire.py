"""The wire: what is sent arrives unchanged, and anything else is refused."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.isolation import wire
from tests.isolation.frames import frame
from tests.mutations import QUICK, as_bytes, damaged, rebuilt


@pytest.mark.parametrize("dtype", sorted(wire.DTYPES))
@pytest.mark.parametrize("shape", [(), (3,), (0, 4), (2, 1, 3)])
def test_an_array_comes_back_as_it_was(dtype, shape):
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    message, arrays = wire.decode(wire.encode({"a": 1}, {"output:0:0": array}))
    assert message == {"a": 1}
    back = arrays["output:0:0"]
    assert type(back) is np.ndarray
    assert back.dtype == array.dtype and back.shape == array.shape
    np.testing.assert_array_equal(back, array)


def test_a_view_and_a_foreign_byte_order_come_back_as_numbers():
    array = np.arange(6, dtype=">f4").reshape(2, 3).T
    _, arrays = wire.decode(wire.encode(None, {"after:0": array}))
    np.testing.assert_array_equal(arrays["after:0"], array)


FOUR = b"\0" * 4
MALFORMED = {
    "nothing": b"",
    "half a length": b"\0\0",
    "not as long as it says": frame([None, []])[:-1],
    "longer than it says": frame([None, []]) + b"x",
    "not JSON": frame(b"{"),
    "not UTF-8": frame(b"\xff\xfe\xfa"),
    "deep JSON": frame(b"[" * 100_000),
    "no pair": frame([1]),
    "a mapping": frame({"a": 1}),
    "arrays that are none": frame([None, 5]),
    "an array that is none": frame([None, [7]]),
    "an object": frame([None, [["a:0", "|O", [1]]]], FOUR * 2),
    "a pickle's name": frame([None, [["a:0", "object", [1]]]], FOUR * 2),
    "a string": frame([None, [["a:0", "<U1", [1]]]], FOUR),
    "a complex number": frame([None, [["a:0", "<c8", [1]]]], FOUR * 2),
    "a record": frame([None, [["a:0", [["x", "<f4"]], [1]]]], FOUR),
    "a date": frame([None, [["a:0", "<M8[s]", [1]]]], FOUR * 2),
    "a foreign byte order": frame([None, [["a:0", ">f4", [1]]]], FOUR),
    "a path for a name": frame([None, [["../../x", "<f4", [1]]]], FOUR),
    "a name that is none": frame([None, [[1, "<f4", [1]]]], FOUR),
    "a name twice": frame([None, [["a:0", "<f4", [1]], ["a:0", "<f4", [1]]]], FOUR * 2),
    "a negative length": frame([None, [["a:0", "<f4", [-1]]]], FOUR),
    "two negative lengths": frame([None, [["a:0", "<f4", [-1, -1]]]], FOUR),
    "a length that is true": frame([None, [["a:0", "<f4", [True]]]], FOUR),
    "a length that is a float": frame([None, [["a:0", "<f4", [1.0]]]], FOUR),
    "a shape that is a number": frame([None, [["a:0", "<f4", 1]]], FOUR),
    "too many dimensions": frame([None, [["a:0", "<f4", [1] * 9]]], FOUR),
    "astronomical and empty": frame([None, [["a:0", "<f4", [0, 10**18, 10**18]]]]),
    "larger than a frame": frame([None, [["a:0", "<f4", [10**9]]]], FOUR),
    "too few bytes": frame([None, [["a:0", "<f4", [2]]]], FOUR),
    "too many bytes": frame([None, [["a:0", "<f4", [1]]]], FOUR * 2),
    "too many arrays": frame([None, [[f"a:{i}", "<f4", [0]] for i in range(65)]]),
    "a header without end": struct.pack(">II", 2**32 - 1, 0),
    "a body without end": struct.pack(">II", 2, 2**32 - 1) + b"{}",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_frame_is_refused(data):
    with pytest.raises(wire.Malformed):
        wire.decode(data)


@pytest.mark.parametrize(
    "array",
    [
        np.array([None]),
        np.array(["text"]),
        np.array([1j]),
        np.zeros(wire.BODY // 4 + 1, np.float32),
    ],
    ids=["objects", "text", "complex", "large"],
)
def test_what_may_not_be_sent_is_not_sent(array):
    with pytest.raises(wire.Malformed):
        wire.encode(None, {"a:0": array})


ARRAYS = {"output:0:0": np.ones((2, 3), "f4"), "gradient:0": np.arange(4), "after:0": np.array(1)}
FRAME = wire.encode({"arrays": 3}, ARRAYS)
BODY = b"".join(array.tobytes() for array in ARRAYS.values())
LISTED = json.loads(FRAME[8 : 8 + struct.unpack(">I", FRAME[:4])[0]])


def forged(header):
    return frame(header, BODY)


@QUICK
@given(st.binary() | damaged(FRAME) | rebuilt(as_bytes(LISTED)).map(forged))
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
