"""Compares the outputs of an answer with the right ones, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.judging.oracle import calls, single, upstream_gradients
from diptych.judging.verdict import Finding, close
from diptych.judging.wording import shapes, worst_place

Arrays = Mapping[str, np.ndarray]

OVERFLOW = (
    "NaN or infinity comes out where a number belongs: something overflows, or is not defined there"
)


def output_findings(
    exercise: Exercise, case: Case, got: Arrays, right: Arrays
) -> Iterator[Finding]:
    """Findings about the outputs in ``got``; both mappings have the names of a result."""
    keys = [key for key in right if key.startswith("output:0:")]
    came = sum(key.startswith("output:0:") for key in got)
    if came > len(keys):
        asked = "one is" if len(keys) == 1 else f"{len(keys)} are"
        yield Finding(case.part, "surplus", f"{came} outputs come back, where {asked} asked for")
    for number, key in enumerate(keys, 1):
        name = f"output {number} of {len(keys)}" if len(keys) > 1 else ""
        if got.get(key) is None:
            yield Finding(case.part, "missing", f"{len(keys)} outputs are asked for, not {came}")
        elif found := _wrong_form(exercise, case, got[key], right[key], name or "the output"):
            yield found
        else:
            yield from _dtype(got[key], right[key], name or "the output")
            yield from _numbers(exercise, case, got, got[key], right[key], name)


def _wrong_form(
    exercise: Exercise, case: Case, y: np.ndarray, right: np.ndarray, it: str
) -> Finding | None:
    """A wrong shape or a wrong kind of numbers, with which numbers cannot be compared."""
    if y.shape != right.shape:
        turned = y.ndim == right.ndim == 2 and close(exercise, y.T, right)
        said = f"{it} has shape {y.shape}, where {right.shape} is right"
        if turned:
            return Finding(case.part, "transposed", f"{said}; it is transposed", shapes(case))
        return Finding(case.part, "shape", said, shapes(case))
    if y.dtype.kind not in "fiub" or (y.dtype.kind == "f") != (right.dtype.kind == "f"):
        right_dtype = {"f": "float32", "b": "bool"}.get(right.dtype.kind, "an integer")
        said = f"{it} is of dtype {y.dtype}, where {right_dtype} is right"
        return Finding(case.part, "dtype", said)
    return None


def _dtype(y: np.ndarray, right: np.ndarray, it: str) -> Iterator[Finding]:
    if right.dtype.kind == "f" and y.dtype != np.float32:
        kind = "few_digits" if y.dtype.itemsize < 4 else "dtype"
        said = f"{it} is of dtype {y.dtype}, where float32 is right"
        yield Finding("robustness", kind, said)


def _numbers(
    exercise: Exercise, case: Case, got: Arrays, y: np.ndarray, right: np.ndarray, name: str
) -> Iterator[Finding]:
    if case.judge:
        yield from _random(exercise, case, got, y)
    elif calls(case) == 2 and not close(exercise, got.get("output:1:0"), y):
        yield Finding(
            case.part,
            "random_in_evaluation",
            "two calls in evaluation give different results: nothing may be random "
            "there, and no state may move",
        )
    elif not close(exercise, y, right):
        kind, sentence = _how_wrong(exercise, y, right, name)
        yield Finding(case.part, kind, sentence, worst_place(exercise, case, y, right, name))


def _random(exercise: Exercise, case: Case, got: Arrays, y: np.ndarray) -> Iterator[Finding]:
    """What the case's own judge says of two calls."""
    again = got.get("output:1:0")
    if again is None or again.shape != y.shape:
        yield Finding(case.part, "shape", "two calls return different shapes")
    elif not (np.isfinite(y).all() and np.isfinite(again).all()):
        yield Finding(case.part, "overflow", OVERFLOW)
    elif said := case.judge(case, y, again, _derivative(exercise, case, got)):
        part, said = said if isinstance(said, tuple) else (case.part, said)
        yield Finding(part, "random", said)


def _derivative(exercise: Exercise, case: Case, got: Arrays) -> np.ndarray | None:
    """The derivative of an elementwise answer, from the gradient of its first input."""
    gradient, (upstream,) = got.get("gradient:0"), upstream_gradients(exercise, case)
    shaped = gradient is not None and gradient.shape == upstream.shape
    return gradient / single(upstream) if shaped else None


def _how_wrong(exercise: Exercise, y: np.ndarray, right: np.ndarray, name: str) -> tuple[str, str]:
    """Kind and sentence of a finding about wrong numbers."""
    every = f"every number of {name}" if name else "every output"
    if np.any((np.isfinite(right) & ~np.isfinite(y)) | (np.isnan(y) & ~np.isnan(right))):
        return "overflow", OVERFLOW
    if close(exercise, -y, right):
        return "sign", f"{every} has the wrong sign"
    scale = np.isfinite(right) & (np.abs(right) > exercise.atol)
    if scale.sum() > 1:
        ratios = y[scale] / right[scale]
        if not np.any(y):
            return "zeros", f"{every} is 0"
        with np.errstate(invalid="ignore"):  # 0 times infinity, where infinity is right
            scaled = ratios[0] * right
        if np.allclose(ratios, ratios[0], rtol=1e-3) and close(exercise, y, scaled):
            return "factor", f"{every} is {ratios[0]:.4g} times what it should be"
    return "values", "some outputs are wrong"
