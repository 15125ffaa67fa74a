"""Compares the gradients of an answer with their bounds, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.judging.verdict import Finding, outside
from diptych.judging.wording import fault_evidence, fault_sentence, gradient_place

UNBOUNDED = (
    "NaN or infinite: something overflows, or is not defined there, even if `where` or a mask "
    "hides its value"
)


def gradient_findings(
    exercise: Exercise,
    case: Case,
    got: Mapping[str, np.ndarray],
    right: Mapping[str, np.ndarray],
    fault: Mapping[str, str] | None = None,
) -> Iterator[Finding]:
    """Findings about the gradients in ``got``, for which ``right`` has lower and upper bounds.

    ``fault`` is what differentiating the answer raised, if it raised an error.
    """
    if fault:
        sentence = f"computing the gradient {fault_sentence(fault)}"
        yield Finding("gradients", "gradient_raised", sentence, fault_evidence(fault))
        return
    for name in [key.removeprefix("low:") for key in right if key.startswith("low:")]:
        low, high = right[f"low:{name}"], right[f"high:{name}"]
        if low.size and not _is_integer(case, name):
            yield from _of_one(exercise, case, name, got.get(name), low, high)


def _of_one(
    exercise: Exercise,
    case: Case,
    name: str,
    gradient: np.ndarray | None,
    low: np.ndarray,
    high: np.ndarray,
) -> Iterator[Finding]:
    of = _subject(case, name)
    if gradient is None:
        if not np.allclose(low, 0):
            said = f"no gradient reaches {of}: it was cut (detach, numpy, a constant?)"
            yield Finding("gradients", "gradient_cut", said)
    elif gradient.shape != low.shape:
        said = f"the gradient of {of} has shape {gradient.shape}, where {low.shape} is right"
        yield Finding("gradients", "gradient_shape", said)
    elif (wrong := outside(exercise, gradient, low, high)).any():
        unbounded = np.any(~np.isfinite(gradient) & np.isfinite(low))
        yield Finding(
            "gradients",
            "gradient",
            f"the gradient of {of} is {UNBOUNDED if unbounded else 'wrong'}",
            gradient_place(exercise, case, name, gradient, low, high, wrong),
        )


def _subject(case: Case, name: str) -> str:
    """What ``gradient:<place of an input, or name of a weight>`` is called in a sentence."""
    of = name.split(":")[1]
    if not of.isdigit():
        return f".{of}"
    return f"input {int(of) + 1}" if len(case.inputs) > 1 else "the input"


def _is_integer(case: Case, name: str) -> bool:
    of = name.split(":")[1]
    return of.isdigit() and case.inputs[int(of)].dtype.kind != "f"
