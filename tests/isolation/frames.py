"""Helpers: decode a frame of the wire, and build one, also an invalid one."""

import json
import struct

from diptych.isolation import wire


def message(frame):
    return wire.decode(frame)[0]


def frame(header, body=b""):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack(">II", len(header), len(body)) + header + body
