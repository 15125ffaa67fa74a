"""The wire between the grader and a child: frames of plain values and arrays, never pickle.

A frame is two lengths (header and body, 4 bytes each), a JSON header, and the bytes of the
arrays, one after the other. The header is ``[message, [[name, dtype, shape], …]]``. Whoever
reads a frame makes exactly :class:`numpy.ndarray` of it, of a listed dtype, or says why not.
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
REPLY = 1 << 18  # bytes of a header that a student's process may have made: objects take far more
ARRAYS, DIMENSIONS = 64, 8

NUMBERED, NAMED = ("inputs", "upstream_gradients"), ("weights", "held")  # arrays of a question

_LENGTHS = struct.Struct(">II")
_NAME = re.compile(r"[a-z_]{1,24}(:[A-Za-z0-9_]{1,64}){1,2}", re.ASCII)


class Malformed(ValueError):
    """This is no frame, or holds what may not be sent."""


def encode(message: object, arrays: Mapping[str, np.ndarray] | None = None) -> bytes:
    """The frame of a JSON ``message`` and named ``arrays``.

    Raises :class:`Malformed` for arrays that may not be sent: objects, strings, complex
    numbers, too many, too large.
    """
    listed, pieces = [], []
    for name, array in (arrays or {}).items():
        little = np.asarray(array).dtype.newbyteorder("<")
        if little.str not in DTYPES:
            raise Malformed(f"numbers of dtype {np.asarray(array).dtype} are not judged")
        # Not ascontiguousarray, which makes one dimension of none.
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
    """How long the frame is that begins with ``start``; ``None`` if that is too short to tell.

    Raises :class:`Malformed` where it is longer than frames are, or its header than ``header``,
    before more of it is kept.
    """
    if len(start) < _LENGTHS.size:
        return None
    head, body = _LENGTHS.unpack_from(start)
    if head > header or body > BODY:
        raise Malformed(f"a frame of {head} + {body} bytes is too long")
    return _LENGTHS.size + head + body


def decode(frame: bytes | bytearray) -> tuple[object, dict[str, np.ndarray]]:
    """Message and arrays of one whole frame; raises :class:`Malformed` for anything else."""
    if length(frame) != len(frame):
        raise Malformed("the frame is not as long as it says")
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
        raise Malformed("the header is not what it should be") from None
    if len({name for name, *_ in described}) != len(described):
        raise Malformed("two arrays have one name")
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
        raise Malformed("an array has a name that nobody asked for")
    if type(dtype) is not str or dtype not in DTYPES:
        raise Malformed(f"{name} has a dtype that is not judged")
    if type(shape) is not list or len(shape) > DIMENSIONS:
        raise Malformed(f"{name} has no shape")
    if any(type(n) is not int or n < 0 for n in shape):
        raise Malformed(f"{name} has a shape that cannot be")
    # Empty arrays, too, may not have astronomical lengths.
    if math.prod(max(n, 1) for n in shape) * np.dtype(dtype).itemsize > BODY:
        raise Malformed(f"{name} is too large")
    return name, np.dtype(dtype), tuple(shape), math.prod(shape) * np.dtype(dtype).itemsize


def receive(stream: BinaryIO) -> tuple[object, dict[str, np.ndarray]] | None:
    """The next frame of a stream that may be waited for; ``None`` at its end."""
    start = stream.read(_LENGTHS.size)
    if len(start) < _LENGTHS.size:
        return None
    return decode(start + stream.read(length(start) - len(start)))


def pack(question: dict) -> tuple[dict, dict[str, np.ndarray]]:
    """A question (:func:`diptych.judging.oracle.question`) as message and arrays."""
    arrays = {f"inputs:{i}": x for i, x in enumerate(question["inputs"])}
    arrays |= {f"{of}:{name}": a for of in NAMED for name, a in question[of].items()}
    arrays |= {f"upstream_gradients:{i}": c for i, c in enumerate(question["upstream_gradients"])}
    plain = {k: v for k, v in question.items() if k not in (*NUMBERED, *NAMED)}
    return plain | {"arguments": _tagged(plain["arguments"])}, arrays


def unpack(message: dict, arrays: dict[str, np.ndarray]) -> dict:
    """The question that :func:`pack` has packed."""
    of = {
        part: {name.partition(":")[2]: a for name, a in arrays.items() if name.startswith(part)}
        for part in (*NUMBERED, *NAMED)
    }
    return message | {
        "arguments": _untagged(message["arguments"]),
        **{part: list(of[part].values()) for part in NUMBERED},
        **{part: of[part] for part in NAMED},
    }


# JSON knows no tuples, and a kernel size of (3, 3) is not [3, 3] to every layer.


def _tagged(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {"dict": [[key, _tagged(each)] for key, each in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_tagged(each) for each in value]}
    return [_tagged(each) for each in value] if isinstance(value, list) else value


def _untagged(value: object) -> object:
    if isinstance(value, dict) and "dict" in value:
        return {key: _untagged(each) for key, each in value["dict"]}
    if isinstance(value, dict):
        return tuple(_untagged(each) for each in value["tuple"])
    return [_untagged(each) for each in value] if isinstance(value, list) else value
