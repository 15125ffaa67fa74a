"""Converts outputs of PyTorch layers to Keras's layout, and compares their numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diptych.book.difference.recording import Record

# The number of an output, and the function that converts it to Keras's layout.
View = tuple[int, Callable[[np.ndarray], np.ndarray]]


def last_axis(x: np.ndarray) -> np.ndarray:
    """The array with axis 1 last."""
    return np.moveaxis(x, 1, -1)


def first_axis(x: np.ndarray) -> np.ndarray:
    """The array with the last axis as axis 1."""
    return np.moveaxis(x, -1, 1)


def _itself(x: np.ndarray) -> np.ndarray:
    return x


def close(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> bool:
    """Whether shapes are equal and all numbers agree, by the rule of :func:`diptych.agree`."""
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= atol + rtol * np.maximum(np.abs(a), np.abs(b))
    return a.shape == b.shape and bool(np.all(near | (a == b)))


def reordered(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> bool:
    """Whether corresponding rows of two matrices have the same numbers in any order."""
    return a.ndim == 2 and a.shape == b.shape and close(np.sort(a), np.sort(b), rtol, atol)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference; infinite if only one side has NaN somewhere."""
    with np.errstate(invalid="ignore"):
        apart = np.where(a == b, 0.0, np.abs(a.astype(np.float64) - b.astype(np.float64)))
    return float(np.max(np.nan_to_num(apart, nan=np.inf), initial=0.0))


def views(record: Record) -> list[View]:
    """The forms in which Keras may return the outputs of a PyTorch layer."""
    turns: list[View] = [(0, _itself), (0, last_axis)]
    if is_recurrent(record.layer):
        first = record.layer.batch_first or record.steps is not None
        turns = [(0, _itself if first else lambda x: x.swapaxes(0, 1))]
        turns.append((0, lambda x: x[:, -1] if first else x[-1]))
        if record.layer.bidirectional:
            turns.append((1, lambda h: np.concatenate([h[-2], h[-1]], -1)))
        else:
            turns.append((1, lambda h: h[-1]))
    return turns


def is_recurrent(layer: object) -> bool:
    return hasattr(layer, "batch_first") and hasattr(layer, "bidirectional")


def at_steps(record: Record, array: np.ndarray | None) -> np.ndarray | None:
    """Keras's array, with 0 behind the ends of sequences, if PyTorch's layer got them packed."""
    steps = record.steps
    if steps is None or array is None or array.ndim != 3:
        return array
    if len(array) != len(steps) or array.shape[1] < steps.shape[1]:
        return array
    return np.where(steps[..., None], array[:, : steps.shape[1]], 0)


def fitting(record: Record, keras: Record) -> list[View]:
    """The views with equal shapes, those with the closest outputs first."""
    found, there = [], at_steps(record, keras.outputs[0])
    for number, turn in views(record):
        try:
            turned = turn(record.outputs[number])
        except (ValueError, IndexError):
            continue
        if turned.shape == there.shape:
            apart = difference(turned, there)
            found.append((apart, record.gradients[number] is None, len(found), (number, turn)))
    return [view for *_, view in sorted(found)]


def fit(record: Record, keras: Record) -> View | None:
    """The first of :func:`fitting`; ``None`` if there is none."""
    return next(iter(fitting(record, keras)), None)


def turned(array: np.ndarray, wanted: np.ndarray) -> np.ndarray | None:
    """An array of PyTorch in the layout of ``wanted``, one of Keras; ``None`` if no layout fits."""
    ways = [array] if array.ndim < 3 else [array, last_axis(array)]
    fitting = [each for each in ways if each.shape == wanted.shape]
    return min(fitting, key=lambda each: difference(each, wanted)) if fitting else None
