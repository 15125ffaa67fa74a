"""Pairs the layers of a PyTorch model and of a Keras model, by order, kind and shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import takewhile

from diptych.book.difference.layouts import fit
from diptych.book.difference.recording import Record
from diptych.catalogue import ledger, symbols
from diptych.catalogue.component import catalogue

ROOTS = {"torch.nn.Module", "keras.Layer", "keras.Model", "keras.layers.Layer"}


@cache
def _components() -> dict[int, tuple[set[str], str]]:
    """The components and the family of each class and function, by Python's ``id`` of it."""
    found: dict[int, tuple[set[str], str]] = {}
    for component in (*catalogue(), *ledger.read().planned):
        if component.kind == "usage":
            continue
        for symbol in component.symbols:
            if symbol not in ROOTS and symbols.exists(symbol):
                known = found.setdefault(id(symbols.resolve(symbol)), (set(), component.family))
                known[0].add(component.id)
    return found


def kind(layer: object) -> tuple[set[str], str]:
    """The components of the book that a layer or function belongs to, and their family."""
    family = ""
    if type(layer).__name__ == "Activation":
        layer, family = layer.activation, "activations"
    for each in (layer, *type(layer).__mro__):
        if id(each) in _components():
            return _components()[id(each)]
    return set(), family


def is_activation(layer: object) -> bool:
    return kind(layer)[1] == "activations"


def paired(
    in_torch: Sequence[Record], in_keras: Sequence[Record], names: Mapping[str, str] | None
) -> list[tuple[Record, Record]]:
    """The layers that belong together, in PyTorch's order.

    ``names`` maps names in PyTorch to names in Keras, or is ``None``. Raises ``ValueError`` if no
    layers belong together, or if a model runs no layer with such a name.
    """
    if names is not None:
        return _as_told(in_torch, in_keras, names)
    left = [record for record in in_torch if record.is_leaf]
    right = [record for record in in_keras if record.is_leaf]
    found = _aligned(left, right)
    if not found:
        raise ValueError(
            "no layer of the PyTorch model goes with one of the Keras model, by kind and shape: "
            f"PyTorch has {_listed(left)}; Keras has {_listed(right)}. "
            'Say which belong together: pairs={"name in PyTorch": "name in Keras"}'
        )
    return [_with_what_follows(*pair, found, in_torch, in_keras) for pair in found]


def _with_what_follows(
    a: Record, b: Record, pairs: list, in_torch: Sequence[Record], in_keras: Sequence[Record]
) -> tuple[Record, Record]:
    """The pair; if shapes differ, with a layer around it or behind it that makes them equal.

    So a layer counts as one even if its output is cropped by an outer module or by a second layer.
    """
    if not fit(a, b):
        ends = (*((c, b) for c in _until_next(a, in_torch, [p for p, _ in pairs])),)
        ends += (*((a, c) for c in _until_next(b, in_keras, [p for _, p in pairs])),)
        return next((end for end in ends if fit(*end)), (a, b))
    return a, b


def _until_next(record: Record, run: Sequence[Record], paired: Sequence[Record]) -> Sequence:
    """The records behind this one, up to the next that has a partner."""
    behind = run[run.index(record) + 1 :]
    return list(takewhile(lambda each: each not in paired, behind))


def _listed(records: Sequence[Record]) -> str:
    return ", ".join(f"{r.name} {r.outputs[0].shape}" for r in records if r.outputs) or "no layers"


def _as_told(
    in_torch: Sequence[Record], in_keras: Sequence[Record], names: Mapping[str, str]
) -> list[tuple[Record, Record]]:
    left, right = ({r.name: r for r in side} for side in (in_torch, in_keras))
    for name, known, framework in (
        *((name, left, "PyTorch") for name in names),
        *((name, right, "Keras") for name in names.values()),
    ):
        if name not in known:
            raise ValueError(
                f"the {framework} model runs no layer called {name!r}; it runs {', '.join(known)}"
            )
    return [(record, right[names[name]]) for name, record in left.items() if name in names]


def _likeness(a: Record, b: Record) -> int:
    """How likely two layers are a pair, as a number; 0 if they cannot be one."""
    if not (a.outputs and b.outputs):
        return 0
    (left, family), (right, other) = kind(a.layer), kind(b.layer)
    shape = fit(a, b) is not None
    if left & right:
        return 6 if shape else 4
    if family == other == "activations":
        return 3 if shape else 0
    if not (left and right) and "activations" not in (family, other):
        return 2 if shape else 0
    return 0


def _aligned(left: Sequence[Record], right: Sequence[Record]) -> list[tuple[Record, Record]]:
    """The pairs, in the order of both models, with the largest sum of :func:`_likeness`."""
    best: list[list[tuple[int, list]]] = [
        [(0, [])] * (len(right) + 1) for _ in range(len(left) + 1)
    ]
    for i, a in enumerate(left, 1):
        for j, b in enumerate(right, 1):
            score, pairs = max(best[i - 1][j], best[i][j - 1], key=lambda each: each[0])
            like = _likeness(a, b)
            if like and best[i - 1][j - 1][0] + like > score:
                score, pairs = best[i - 1][j - 1][0] + like, [*best[i - 1][j - 1][1], (a, b)]
            best[i][j] = score, pairs
    return best[-1][-1][1]
