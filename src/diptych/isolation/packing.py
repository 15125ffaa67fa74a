"""Turns a question of the judge into a message and arrays for the wire, and back."""

from __future__ import annotations

import numpy as np

# The parts of a question that hold arrays: as a list, or by name.
LISTS, MAPPINGS = ("inputs", "upstream_gradients"), ("weights", "held")


def pack(question: dict) -> tuple[dict, dict[str, np.ndarray]]:
    """The message and the arrays of a :func:`question <diptych.judging.oracle.question>`."""
    arrays = {f"inputs:{i}": x for i, x in enumerate(question["inputs"])}
    arrays |= {f"{of}:{name}": a for of in MAPPINGS for name, a in question[of].items()}
    arrays |= {f"upstream_gradients:{i}": c for i, c in enumerate(question["upstream_gradients"])}
    plain = {k: v for k, v in question.items() if k not in (*LISTS, *MAPPINGS)}
    return plain | {"arguments": _tagged(plain["arguments"])}, arrays


def unpack(message: dict, arrays: dict[str, np.ndarray]) -> dict:
    """The question from the message and the arrays that :func:`pack` made of it."""
    of = {
        part: {name.partition(":")[2]: a for name, a in arrays.items() if name.startswith(part)}
        for part in (*LISTS, *MAPPINGS)
    }
    return message | {
        "arguments": _untagged(message["arguments"]),
        **{part: list(of[part].values()) for part in LISTS},
        **{part: of[part] for part in MAPPINGS},
    }


# JSON has no tuples, and not every layer accepts the list [3, 3] in place of (3, 3).


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
