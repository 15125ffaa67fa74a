"""What the judge says of an answer: points, findings, and where numbers are close enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diptych.catalogue.exercise import PARTS, Exercise


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the part it costs, a kind for the machine, a sentence, the place."""

    part: str
    kind: str
    sentence: str
    evidence: str = ""
    case: int = 0


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth. ``findings`` are empty exactly when all points are given."""

    points: float
    max_points: float
    findings: tuple[Finding, ...]

    @property
    def lost(self) -> set[str]:
        """The parts that earn nothing: with wrong values, none does."""
        lost = {finding.part for finding in self.findings}
        return set(PARTS) if "values" in lost else lost

    @property
    def diagnosis(self) -> str:
        """The sentence that says most about what is wrong, or nothing."""
        return self.findings[0].sentence if self.findings else ""


def close(exercise: Exercise, y: np.ndarray | None, right: np.ndarray, nan: bool = False) -> bool:
    return (
        y is not None
        and y.dtype.kind in "fiub"
        and y.shape == right.shape
        and np.allclose(y, right, rtol=exercise.rtol, atol=exercise.atol, equal_nan=nan)
    )


def flat(array: np.ndarray | None) -> np.ndarray | None:
    """An attribute's array without axes of one number: no statement asks for them, or forbids
    them."""
    return None if array is None else np.squeeze(array)


def same(a: np.ndarray | None, b: np.ndarray) -> bool:
    return (
        a is not None and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    )


def outside(exercise, gradient, low, high) -> np.ndarray:
    margin = exercise.atol + 10 * exercise.rtol * np.maximum(np.abs(low), np.abs(high))
    return ~((gradient >= low - margin) & (gradient <= high + margin))
