"""Finds the cause of findings: a misconception that returns the same numbers, or wrong shapes."""

from __future__ import annotations

from dataclasses import replace

from diptych.catalogue.exercise import PARTS
from diptych.judging.misconceptions import misconception
from diptych.judging.verdict import Finding

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


def named(exercise, cases, results, findings) -> list[Finding]:
    """The findings, with their cause first.

    The cause is the only misconception that explains them all, or a finding from which others
    follow, or the number of dimensions for which the answer is wrong.
    """
    first = min(findings, key=_place)
    causes = [f for f in findings if first.kind in CONSEQUENCES.get(f.kind, ())]
    cause = misconception(exercise, cases, results, findings)
    if cause and not any(f.kind == "input_changed" for f in causes):
        said = cause.sentence
        # The evidence is that of a finding that says the same, if there is one, and no overflow.
        shown = min(findings, key=lambda f: (f.sentence != said, f.kind == "overflow", _place(f)))
        evidence = {"evidence": shown.evidence, "case": shown.case}
        named = replace(first, kind="misconception", sentence=said, **evidence)
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


def _place(finding: Finding) -> int:
    return PARTS.index(finding.part)
