"""The wire between the grader and a child: frames of JSON values and arrays, never pickle.

A frame is the lengths of header and body (4 bytes each), a JSON header, and as body the bytes of
the arrays, one after the other. The header is ``[message, [[name, dtype, shape], …]]``. Reading a
frame gives only :class:`numpy.ndarray` of a dtype in ``DTYPES``, or raises :class:`Malformed`.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np

DTYPES = frozenset(
    f"{order}{kind}"
    for order, kinds in {"<": "f2 f4 f8 i2 i4 i8 u2 u4 u8", "|": "i1 u1 b1"}.items()
    for kind in kinds.split()
)
HEADER, BODY = 4 << 20, 2 << 20  # bytes
# Bytes of a reply's header, which the student's process may have made. It is small because the
# objects that are made of JSON take far more memory.
REPLY = 1 << 18
ARRAYS, DIMENSIONS = 64, 8

_LENGTHS = struct.Struct(">II")
_NAME = re.compile(r"[a-z_]{1,24}(:[A-Za-z0-9_]{1,64}){1,2}", re.ASCII)


class Malformed(ValueError):
    """These bytes are no frame, or this value may not be sent."""


def encode(message: object, arrays: Mapping[str, np.ndarray] | None = None) -> bytes:
    """The frame of a ``message``, which JSON can hold, and named ``arrays``.

    Raises :class:`Malformed` for arrays of objects, strings or complex numbers, and if the message
    or all arrays together are too large.
    """
    listed, pieces = [], []
    for name, array in (arrays or {}).items():
        little = np.asarray(array).dtype.newbyteorder("<")
        if little.str not in DTYPES:
            raise Malformed(f"arrays of dtype {np.asarray(array).dtype} are not judged")
        # Not ascontiguousarray: it gives an array without dimensions one dimension.
        array = np.asarray(array, little, order="C")
        listed.append([name, little.str, list(array.shape)])
        pieces.append(array.tobytes())
    size = sum(map(len, pieces))
    if size > BODY:
        raise Malformed(f"{size / 1e6:.0f} MB of numbers came back: are the shapes right?")
    header = json.dumps([message, listed], ensure_ascii=False).encode("utf-8", "replace")
    if len(header) > HEADER:
        raise Malformed(f"a message of {len(header)} bytes is too long")
    return _LENGTHS.pack(len(header), size) + header + b"".join(pieces)


def length(start: bytes, header: int = HEADER) -> int | None:
    """The length in bytes of the frame that begins with ``start``; ``None`` if more is needed.

    Raises :class:`Malformed` if the header has more than ``header`` bytes, or the body more than
    ``BODY``, so that nobody keeps the rest of such a frame.
    """
    if len(start) < _LENGTHS.size:
        return None
    head, body = _LENGTHS.unpack_from(start)
    if head > header or body > BODY:
        raise Malformed(f"a frame of {head} + {body} bytes is too long")
    return _LENGTHS.size + head + body


def decode(frame: bytes | bytearray) -> tuple[object, dict[str, np.ndarray]]:
    """The message and the arrays of one whole frame.

    Raises :class:`Malformed` for anything else.
    """
    if length(frame) != len(frame):
        raise Malformed("the frame has another length than it says")
    start = _LENGTHS.size
    end = start + _LENGTHS.unpack_from(frame)[0]
    try:
        message, listed = json.loads(frame[start:end])
        if len(listed) > ARRAYS:
            raise Malformed(f"{len(listed)} arrays are too many")
        described = [_described(*each) for each in listed]
    except Malformed:
        raise
    except (ValueError, TypeError, RecursionError):
        raise Malformed("the header is no JSON of the right form") from None
    if len({name for name, *_ in described}) != len(described):
        raise Malformed("two arrays have the same name")
    arrays = {}
    for name, dtype, shape, size in described:
        if end + size > len(frame):
            raise Malformed("there are fewer bytes than the header says")
        # A copy: writable, aligned, and independent of the frame.
        arrays[name] = np.frombuffer(frame[end : end + size], dtype).reshape(shape).copy()
        end += size
    if end != len(frame):
        raise Malformed("there are more bytes than the header says")
    return message, arrays


def _described(name: object, dtype: object, shape: object) -> tuple[str, np.dtype, tuple, int]:
    if type(name) is not str or not _NAME.fullmatch(name):
        raise Malformed("an array has a name that is not allowed")
    if type(dtype) is not str or dtype not in DTYPES:
        raise Malformed(f"{name} has a dtype that is not judged")
    if type(shape) is not list or len(shape) > DIMENSIONS:
        raise Malformed(f"{name} has no shape, or too many dimensions")
    if any(type(n) is not int or n < 0 for n in shape):
        raise Malformed(f"{name} has an impossible shape")
    # An empty array may have no huge dimensions either.
    if math.prod(max(n, 1) for n in shape) * np.dtype(dtype).itemsize > BODY:
        raise Malformed(f"{name} is too large")
    return name, np.dtype(dtype), tuple(shape), math.prod(shape) * np.dtype(dtype).itemsize


def receive(stream: BinaryIO) -> tuple[object, dict[str, np.ndarray]] | None:
    """The message and the arrays of the next frame of a blocking ``stream``; ``None`` at its end.

    Raises :class:`Malformed` for anything else.
    """
    start = stream.read(_LENGTHS.size)
    if len(start) < _LENGTHS.size:
        return None
    return decode(start + stream.read(length(start) - len(start)))
