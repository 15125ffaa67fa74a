"""Names what is wrong: the misconception whose numbers came back, or the shapes that go wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from diptych.catalogue.exercise import PARTS, Misconception
from diptych.judging.oracle import doubles, expected, predict, upstream_gradients
from diptych.judging.verdict import Finding, close, outside


def named(exercise, cases, results, findings) -> list[Finding]:
    """The findings with the misconception first that explains them, where there is one."""
    first = min(findings, key=lambda f: PARTS.index(f.part))
    changed = next((f for f in findings if f.kind == "input_changed"), None)
    if changed and first.kind in ("gradient_cut", "gradient_raised"):
        first = changed  # which is what cut it
    misconception = _misconception(exercise, cases, results, findings)
    if misconception:
        named = replace(first, kind="misconception", sentence=misconception.sentence)
        return [named, *findings]
    shapes_failed = {cases[f.case].inputs[0].shape for f in findings}
    shapes_right = {c.inputs[0].shape for c in cases} - shapes_failed
    ranks = {len(s) for s in shapes_failed}
    ranks_right = {len(shape) for shape in shapes_right}
    some_only = 0 not in {f.case for f in findings} and ranks_right and not ranks & ranks_right
    if some_only and first.kind != "overflow":
        sizes = " and ".join(f"{n}-dimensional" for n in sorted(ranks))
        sentence = f"right for some shapes only: {sizes} inputs go wrong. {first.sentence}"
        return [replace(first, kind="one_shape", sentence=sentence), *findings]
    return [first, *(f for f in findings if f is not first)]


def _misconception(exercise, cases, results, findings) -> Misconception | None:
    """The misconception whose answers these are: in every case, or else wherever they are wrong."""
    said = {finding.sentence for finding in findings}
    for misconception in exercise.misconceptions:
        if misconception.sentence in said:
            return misconception
    judged = {n for n, result in enumerate(results) if "arrays" in result and not cases[n].judge}
    wrong = judged & {finding.case for finding in findings}
    for numbers, enough in ((judged, any), (wrong, all)) if wrong else ():
        for misconception in exercise.misconceptions:
            if enough(_would_be_wrong(misconception, exercise, cases[n]) for n in wrong) and all(
                _is_what_it_returns(misconception, exercise, cases[n], results[n]["arrays"])
                for n in numbers
            ):
                return misconception
    return None


def _is_what_it_returns(misconception, exercise, case, got) -> bool:
    said = _answers_of(misconception, exercise, case)
    return bool(said) and all(close(exercise, got.get(key), y, nan=True) for key, y in said.items())


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
    """What an answer with this misconception returns for the case; nothing where it cannot."""
    try:
        said = predict(
            misconception.value or exercise.oracle, exercise, replace(case, gradients=False)
        )
    except (ValueError, IndexError):
        return {}  # a wrong axis need not exist in every case
    said = {key: y for key, y in said.items() if key.startswith(("output:", "state:"))}
    if misconception.gradient is not None:
        exact = misconception.gradient(
            *upstream_gradients(exercise, case), *doubles(case), **case.arguments
        )
        said |= {f"gradient:{i}": gradient for i, gradient in enumerate(exact)}
    for name in case.initial:
        start = misconception.initial.get(name, exercise.initial[name])
        said[f"initial:{name}"] = np.asarray(start(*case.inputs, **case.arguments))
    return said
