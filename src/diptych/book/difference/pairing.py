"""Which layer of a PyTorch model belongs to which of a Keras model: by order, kind and shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np

from diptych.book.difference.recording import Record
from diptych.catalogue import ledger
from diptych.catalogue.component import catalogue

View = tuple[int, Callable[[np.ndarray], np.ndarray]]  # which output, and how its axes are turned
ROOTS = {"torch.nn.Module", "keras.Layer", "keras.Model", "keras.layers.Layer"}


def last_axis(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, 1, -1)


def first_axis(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, -1, 1)


def _itself(x: np.ndarray) -> np.ndarray:
    return x


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


def close(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> bool:
    """Whether all numbers agree, as :func:`diptych.agree` means it; equal infinities do."""
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= atol + rtol * np.maximum(np.abs(a), np.abs(b))
    return a.shape == b.shape and bool(np.all(near | (a == b)))


def reordered(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> bool:
    """Whether the rows of two matrices have the same numbers, perhaps in another order."""
    return a.ndim == 2 and a.shape == b.shape and close(np.sort(a), np.sort(b), rtol, atol)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference; infinite where a number is missing on one side."""
    with np.errstate(invalid="ignore"):
        apart = np.where(a == b, 0.0, np.abs(a.astype(np.float64) - b.astype(np.float64)))
    return float(np.max(np.nan_to_num(apart, nan=np.inf), initial=0.0))


def views(record: Record) -> list[View]:
    """The ways in which the outputs of a PyTorch layer may appear in Keras."""
    turns: list[View] = [(0, _itself), (0, last_axis)]
    if _is_recurrent(record.layer):
        first = record.layer.batch_first
        turns = [(0, _itself if first else lambda x: x.swapaxes(0, 1))]
        turns.append((0, lambda x: x[:, -1] if first else x[-1]))
        if record.layer.bidirectional:
            turns.append((1, lambda h: np.concatenate([h[-2], h[-1]], -1)))
        else:
            turns.append((1, lambda h: h[-1]))
    return turns


def _is_recurrent(layer: object) -> bool:
    return hasattr(layer, "batch_first") and hasattr(layer, "bidirectional")


def fit(record: Record, keras: Record) -> View | None:
    """The view in which shapes are equal and outputs the closest, if there is one."""
    found = []
    for number, turn in views(record):
        try:
            turned = turn(record.outputs[number])
        except (ValueError, IndexError):
            continue
        if turned.shape == keras.outputs[0].shape:
            apart = difference(turned, keras.outputs[0])
            found.append((apart, record.gradients[number] is None, len(found), (number, turn)))
    return min(found)[-1] if found else None


def turned(array: np.ndarray, wanted: np.ndarray) -> np.ndarray | None:
    """An array of PyTorch in Keras's layout: that of ``wanted``; ``None`` if the shapes differ."""
    ways = [array] if array.ndim < 3 else [array, last_axis(array)]
    fitting = [each for each in ways if each.shape == wanted.shape]
    return min(fitting, key=lambda each: difference(each, wanted)) if fitting else None


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
    return found


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
