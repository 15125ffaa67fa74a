"""Recognizes an answer's misconception: the only one that returns the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from diptych.catalogue.exercise import Misconception
from diptych.judging.oracle import asked, doubles, expected, predict, upstream_gradients
from diptych.judging.verdict import close, outside

EXPLODED = 1e30  # a little beyond this, float32 overflows
FAR = 1000  # at such inputs, float32 overflows or loses its digits in many formulas


def misconception(exercise, cases, results, findings) -> Misconception | None:
    """The misconception that explains the findings; ``None`` if none does, or several do.

    It returns the answer's results in every case, also in the right ones. If there is none, the
    answer may have a second error, which concerns only what float32 can hold. Then cases do not
    count if NaN or infinity comes out, or if a wrong result comes of numbers far from 0, which test
    the robustness.
    """
    known = {misconception.sentence: misconception for misconception in exercise.misconceptions}
    # If draws are judged, findings name misconceptions already, by chance a wrong one in some
    # cases.
    said = Counter(finding.sentence for finding in findings if finding.sentence in known)
    if said:
        return known[said.most_common(1)[0][0]]
    steady = [
        n
        for n, (case, result) in enumerate(zip(cases, results, strict=True))
        if "arrays" in result and not case.judge and not case.unsteady
    ]
    beyond = {f.case for f in findings if f.kind == "overflow" or _is_far(cases[f.case])}
    for judged in (steady, [n for n in steady if n not in beyond]):
        possible = {m.sentence: m for m in _matching(exercise, cases, results, findings, judged)}
        if len(possible) > 1:
            raised = {n for n, result in enumerate(results) if "fault" in result}
            possible = {s: m for s, m in possible.items() if raised == _raised(m, exercise, cases)}
            return next(iter(possible.values())) if len(possible) == 1 else None
        if possible:
            return next(iter(possible.values()))
    return None


def _is_far(case) -> bool:
    numbers = [x for x in map(np.asarray, case.inputs) if x.dtype.kind in "fiu"]
    return case.part == "robustness" and any((abs(x) >= FAR).any() for x in numbers)


def _matching(exercise, cases, results, findings, judged) -> Iterator[Misconception]:
    """The misconceptions that return these results in all ``judged`` cases."""
    wrong = {finding.case for finding in findings}.intersection(judged)
    for misconception in exercise.misconceptions:
        if any(_would_be_wrong(misconception, exercise, cases[n]) for n in wrong) and all(
            _is_what_it_returns(misconception, exercise, cases[n], results[n]["arrays"])
            for n in judged
        ):
            yield misconception


def _is_what_it_returns(misconception, exercise, case, got) -> bool:
    said = _answers_of(misconception, exercise, case)
    return bool(said) and all(
        close(exercise, _exploded(got.get(key)), _exploded(y), nan=True) for key, y in said.items()
    )


def _exploded(y: np.ndarray | None) -> np.ndarray | None:
    """The array with infinity for huge numbers.

    Only an exponential makes these, and where an answer cuts it off does not matter.
    """
    if y is None or y.dtype.kind != "f":
        return y
    y = np.float64(y)
    return np.where(np.abs(y) > EXPLODED, np.copysign(np.inf, y), y)


def _would_be_wrong(misconception, exercise, case) -> bool:
    right = expected(exercise, case)
    return any(
        outside(exercise, y, right[f"low:{key}"], right[f"high:{key}"]).any()
        if f"low:{key}" in right
        else key in right and not close(exercise, y, right[key])
        for key, y in _answers_of(misconception, exercise, case).items()
    )


def _raised(misconception, exercise, cases) -> set[int]:
    """The cases in which an answer with this misconception raises an error."""
    return {n for n, case in enumerate(cases) if not _answers_of(misconception, exercise, case)}


@cache
def _answers_of(misconception, exercise, case) -> dict[str, np.ndarray]:
    """The arrays of an answer with this misconception; empty if it raises an error for the case."""
    try:
        said = predict(
            misconception.value or exercise.oracle, exercise, replace(case, gradients=False)
        )
    except (ValueError, IndexError):
        return {}  # for instance, a wrong axis does not exist in every case
    said = {key: y for key, y in said.items() if key.startswith(("output:", "state:"))}
    # In evaluation, statistics of the batch are constants: wrong gradients of them do not show.
    asked_for = case.gradients and case.training is not False
    if misconception.gradient is not None and asked_for:
        exact = misconception.gradient(
            *upstream_gradients(exercise, case), *doubles(case), **case.arguments
        )
        said |= dict(asked(exercise, case, exact))
    for name in case.initial:
        start = misconception.initial.get(name, exercise.initial[name])
        said[f"initial:{name}"] = np.asarray(start(*case.inputs, **case.arguments))
    return said
