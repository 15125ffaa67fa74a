"""Says which part of a wrong answer is right already."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.judging.oracle import expected
from diptych.judging.verdict import Verdict
from diptych.judging.wording import number

MOST = 3  # so many inputs a sentence names at most


def right_already(exercise: Exercise, results: list[dict], verdict: Verdict) -> str:
    """A sentence on what is right in a wrong answer; "" if nothing is.

    It names the parts of the points that are not lost. If the values are wrong, it names instead
    how many visible cases are right, or how many of their numbers, or that their shapes are.
    """
    kept = [part for part in exercise.parts if part not in verdict.lost]
    if kept:
        return f"Right already: {' and '.join(kept)}."
    pairs = list(zip(exercise.visible, results, strict=False))
    if any("fault" in result for _, result in pairs):
        return ""
    if not any(finding.case < len(pairs) for finding in verdict.findings):
        return "Right already: every visible case. A hidden one goes wrong."
    wrong = {finding.case for finding in verdict.findings if finding.part != "gradients"}
    if right := {*range(len(pairs))} - wrong:
        return f"Right already: {len(right)} of {len(pairs)} visible cases."
    compared = [each for case, result in pairs for each in _outputs(exercise, case, result)]
    if any(y is None or y.shape != y_right.shape for _, y, y_right in compared):
        return ""
    if exercise.elementwise and not any(case.judge for case in exercise.visible):
        return _numbers(exercise, compared)
    # Outputs that are single numbers have no shape that could be wrong.
    if not any(y_right.ndim for _, _, y_right in compared):
        return ""
    return "Right already: the shape of every visible output."


def _outputs(exercise: Exercise, case: Case, result: dict) -> Iterator[tuple]:
    """Case, output and right output, for each output of a case."""
    for key, y_right in expected(exercise, case).items():
        if key.startswith("output:0:"):
            yield case, result["arrays"].get(key), y_right


def _numbers(exercise: Exercise, outputs: list[tuple]) -> str:
    """How many numbers of the visible cases are right, and for which inputs; "" for all or none."""
    right, wrong = [], []
    for case, y, y_right in outputs:
        x = case.inputs[0]
        if y.dtype.kind not in "fiub" or x.shape != y.shape:
            return ""
        good = np.isclose(y, y_right, rtol=exercise.rtol, atol=exercise.atol, equal_nan=True)
        right += x[good].tolist()
        wrong += x[~good].tolist()
    if not right or not wrong:
        return ""
    named = [*dict.fromkeys(number(x) for x in right if x not in wrong)][:MOST]
    those = "that" if len(named) == 1 else "those"
    such = f", such as {those} for {', '.join(named)}" if named else ""
    return f"Right already: {len(right)} of {len(right) + len(wrong)} visible numbers{such}."
