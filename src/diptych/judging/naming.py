"""Finds the cause of findings: a misconception that returns the same numbers, or wrong shapes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np

from diptych.catalogue.exercise import PARTS, Misconception
from diptych.judging.oracle import asked, doubles, expected, predict, upstream_gradients
from diptych.judging.verdict import Finding, close, outside

# Kinds of findings, and the kinds that follow from them: an input that was changed in place spoils
# what comes after it, a dtype with few digits spoils numbers.
CONSEQUENCES = {
    "input_changed": {
        "gradient",
        "gradient_cut",
        "gradient_raised",
        "random",
        "random_in_evaluation",
    },
    "few_digits": {"values", "factor", "overflow", "gradient"},
}
EXPLODED = 1e30  # a little beyond this, float32 overflows


def named(exercise, cases, results, findings) -> list[Finding]:
    """The findings, with their cause first.

    The cause is the only misconception that explains them all, or a finding from which others
    follow, or the number of dimensions for which the answer is wrong.
    """
    first = min(findings, key=lambda f: PARTS.index(f.part))
    causes = [f for f in findings if first.kind in CONSEQUENCES.get(f.kind, ())]
    misconception = _misconception(exercise, cases, results, findings)
    if misconception and not any(cause.kind == "input_changed" for cause in causes):
        said = misconception.sentence
        # The evidence is that of a finding that says the same, if there is one.
        same = next((finding for finding in findings if finding.sentence == said), first)
        shown = {"evidence": same.evidence, "case": same.case}
        named = replace(first, kind="misconception", sentence=said, **shown)
        return [named, *findings]
    if causes:
        return [causes[0], *(f for f in findings if f is not causes[0])]
    # The first input that is no target: TensorFlow may have the target first.
    place = next((i for i in range(len(cases[0].inputs)) if i not in exercise.targets), 0)
    shapes_failed = {cases[f.case].inputs[place].shape for f in findings}
    shapes_right = {c.inputs[place].shape for c in cases} - shapes_failed
    ranks = {len(s) for s in shapes_failed}
    ranks_right = {len(shape) for shape in shapes_right}
    some_only = 0 not in {f.case for f in findings} and ranks_right and not ranks & ranks_right
    if some_only and first.kind != "overflow":
        sizes = " and ".join(f"{n}-dimensional" for n in sorted(ranks))
        said = first.sentence[:1].upper() + first.sentence[1:]
        sentence = f"right for some shapes only: {sizes} inputs go wrong. {said}"
        return [replace(first, kind="one_shape", sentence=sentence), *findings]
    return [first, *(f for f in findings if f is not first)]


def _misconception(exercise, cases, results, findings) -> Misconception | None:
    """The misconception that returns these results in every steady case, also in the right ones.

    ``None`` if misconceptions with other sentences return the same numbers, and raise errors in the
    same cases: each of them may be the cause, so none is named.
    """
    known = {misconception.sentence: misconception for misconception in exercise.misconceptions}
    # If draws are judged, findings name misconceptions already, by chance a wrong one in some
    # cases.
    said = Counter(finding.sentence for finding in findings if finding.sentence in known)
    if said:
        return known[said.most_common(1)[0][0]]
    judged = [
        n
        for n, (case, result) in enumerate(zip(cases, results, strict=True))
        if "arrays" in result and not case.judge and not case.unsteady
    ]
    wrong = [n for n in judged if any(finding.case == n for finding in findings)]
    possible = {
        misconception.sentence: misconception
        for misconception in exercise.misconceptions
        if any(_would_be_wrong(misconception, exercise, cases[n]) for n in wrong)
        and all(
            _is_what_it_returns(misconception, exercise, cases[n], results[n]["arrays"])
            for n in judged
        )
    }
    if len(possible) > 1:
        raised = {n for n, result in enumerate(results) if "fault" in result}
        possible = {
            sentence: misconception
            for sentence, misconception in possible.items()
            if raised
            == {n for n, c in enumerate(cases) if not _answers_of(misconception, exercise, c)}
        }
    return next(iter(possible.values())) if len(possible) == 1 else None


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
