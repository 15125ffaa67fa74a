"""Which layer of a PyTorch model belongs to which of a Keras model: by order, kind and shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import takewhile

from diptych.book.difference.layouts import fit
from diptych.book.difference.recording import Record
from diptych.catalogue import ledger
from diptych.catalogue.component import catalogue

ROOTS = {"torch.nn.Module", "keras.Layer", "keras.Model", "keras.layers.Layer"}


@cache
def _components() -> dict[int, tuple[set[str], str]]:
    """Components and their family for each class and function, by ``id``."""
    found: dict[int, tuple[set[str], str]] = {}
    for component in (*catalogue(), *ledger.read().planned):
        if component.kind == "usage":
            continue
        for symbol in component.symbols:
            if symbol not in ROOTS and ledger.exists(symbol):
                known = found.setdefault(id(ledger.resolve(symbol)), (set(), component.family))
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

    Raises ``ValueError`` where no layers do, or where ``names`` has a layer that neither model
    runs.
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
    """The pair; where shapes differ, with the layer behind it, or around it, that corrects that.

    So a layer that crops its output in a module of its own, or in a second layer, is one layer.
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
    """How much two layers look like a pair: 0 if they cannot be one."""
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
    """The pairs, in the order of both, that look most alike together."""
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
