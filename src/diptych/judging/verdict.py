"""What the judge returns for an answer, and the comparisons of arrays that it uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diptych.catalogue.exercise import PARTS, Exercise


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    ``part`` is the part of the points that it costs, ``kind`` a name for programs, ``sentence``
    says what is wrong, ``evidence`` where, and ``case`` is the number of the case.
    """

    part: str
    kind: str
    sentence: str
    evidence: str = ""
    case: int = 0


@dataclass(frozen=True)
class Verdict:
    """The points of an answer, and the findings: none exactly if it has all points."""

    points: float
    max_points: float
    findings: tuple[Finding, ...]

    @property
    def lost(self) -> set[str]:
        """The parts that earn no point; if the values are wrong, these are all parts."""
        lost = {finding.part for finding in self.findings}
        return set(PARTS) if "values" in lost else lost

    @property
    def diagnosis(self) -> str:
        """The sentence of the first finding, which says most about what is wrong; else ""."""
        return self.findings[0].sentence if self.findings else ""


def close(exercise: Exercise, y: np.ndarray | None, right: np.ndarray, nan: bool = False) -> bool:
    """Whether ``y`` has the right shape, and the right numbers within the exercise's tolerance.

    ``nan`` says whether NaN equals NaN.
    """
    return (
        y is not None
        and y.dtype.kind in "fiub"
        and y.shape == right.shape
        and np.allclose(y, right, rtol=exercise.rtol, atol=exercise.atol, equal_nan=nan)
    )


def squeezed(array: np.ndarray | None) -> np.ndarray | None:
    """An attribute's array without axes of size 1, about which statements say nothing."""
    return None if array is None else np.squeeze(array)


def same(a: np.ndarray | None, b: np.ndarray) -> bool:
    """Whether all numbers are exactly equal; NaN equals NaN."""
    return (
        a is not None and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    )


def outside(exercise, gradient, low, high) -> np.ndarray:
    """True where a number of the gradient is outside its bounds, beyond the tolerance."""
    margin = exercise.atol + 10 * exercise.rtol * np.maximum(np.abs(low), np.abs(high))
    return ~((gradient >= low - margin) & (gradient <= high + margin))
