"""Checks the replies of a child, which the student controls: only short strings and arrays pass."""

from __future__ import annotations

import re

from diptych.isolation.process import Ended


def listed(notes: object) -> list[dict]:
    """The first 20 notes of a cell; raises :class:`Ended` if they are no list of mappings."""
    if type(notes) is not list or not all(type(note) is dict for note in notes):
        raise Ended("malformed")
    return notes[:20]


def ran(message: object) -> list[str]:
    """The labels of what ran in an answer; raises :class:`Ended` if they are no list of strings."""
    ran = message.get("ran", []) if type(message) is dict else None
    if type(ran) is not list or not all(type(label) is str for label in ran):
        raise Ended("malformed")
    return ran


def result(message: object, arrays: dict) -> dict | None:
    """The arrays or the fault of an answer to one question; ``None`` if there is no such answer.

    Raises :class:`Ended` if the message is no mapping.
    """
    if type(message) is not dict:
        raise Ended("malformed")
    if arrays or message.keys() == {"ran"}:
        gradient = message.get("gradient")
        more = {"gradient": clean(gradient)} if type(gradient) is dict else {}
        return {"arrays": arrays} | more
    return {"fault": clean(message)} if message else None


FAULT_KINDS = (
    *("no_weight", "wrong_base", "not_learned", "not_kept", "weight_shape", "not_a_tensor"),
    *("not_callable", "not_numbers", "magic", "raised"),
)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def clean(fault: dict) -> dict[str, str]:
    """A fault with exactly its five texts, each of one line; an unknown kind becomes ``raised``."""
    texts = {key: fault.get(key) for key in ("kind", "type", "message", "line", "text")}
    texts = {key: _one_line(t) if type(t) is str else "" for key, t in texts.items()}
    return texts | {"kind": texts["kind"] if texts["kind"] in FAULT_KINDS else "raised"}


def _one_line(text: str) -> str:
    text = text[:3000]  # first: the text may have megabytes
    # Addresses differ from run to run; control characters can change a terminal.
    text = _ADDRESS.sub("", " ".join(text.split()))
    return "".join(c for c in text if c.isprintable())[:300]
