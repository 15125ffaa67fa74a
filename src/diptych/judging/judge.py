"""Judges the results of one answer: points, and findings that say what is wrong.

The judge never sees a learner's object. A worker asks the questions, perhaps in another process
(:mod:`~diptych.judging.worker`), and returns plain arrays or a fault. The judge compares the arrays
with those of the oracle (:mod:`~diptych.judging.oracle`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.judging.gradients import gradient_findings
from diptych.judging.naming import named
from diptych.judging.oracle import expected, single
from diptych.judging.outputs import output_findings
from diptych.judging.verdict import Finding, Verdict, close, same, squeezed
from diptych.judging.wording import compared, fault_evidence, fault_sentence

Arrays = Mapping[str, np.ndarray]


def judge(exercise: Exercise, cases: tuple[Case, ...], results: list[dict]) -> Verdict:
    """Points and findings for the results of one answer, one result for each case.

    A result is what a worker returns: ``{"arrays": {name: array}}``, perhaps with the fault of
    differentiating under ``"gradient"``, or ``{"fault": {...}}``. The judge trusts neither the
    names nor the arrays, because a hostile process may have sent them.
    """
    findings = []
    for number, (case, result) in enumerate(zip(cases, results, strict=True)):
        findings += [replace(found, case=number) for found in _findings(exercise, case, result)]
    if findings:
        findings = named(exercise, cases, results, findings)
    verdict = Verdict(0.0, exercise.max_points, tuple(findings))
    points = float(sum(part not in verdict.lost for part in exercise.parts))
    return replace(verdict, points=points)


def _findings(exercise: Exercise, case: Case, result: dict) -> Iterator[Finding]:
    if "fault" in result:
        fault = result["fault"]
        yield Finding(case.part, fault["kind"], fault_sentence(fault), fault_evidence(fault))
        return
    got, right = result["arrays"], expected(exercise, case)
    yield from _initial_findings(exercise, case, got, right)
    outputs = list(output_findings(exercise, case, got, right))
    yield from outputs
    yield from _input_findings(case, got)
    yield from _state_findings(exercise, case, got, right)
    # If the values are wrong, wrong gradients tell the learner nothing new.
    right_but_for_dtype = all(found.kind in ("dtype", "few_digits") for found in outputs)
    if case.gradients and not case.judge and right_but_for_dtype:
        yield from gradient_findings(exercise, case, got, right, result.get("gradient"))


def _initial_findings(
    exercise: Exercise, case: Case, got: Arrays, right: Arrays
) -> Iterator[Finding]:
    for name in case.initial:
        key = f"initial:{name}"
        if not close(exercise, squeezed(got.get(key)), squeezed(right[key])):
            yield Finding(
                "robustness",
                "initial",
                f".{name} does not start with the values that the statement asks for",
                compared(right[key], got.get(key)),
            )


def _input_findings(case: Case, got: Arrays) -> Iterator[Finding]:
    for i, x in enumerate(case.inputs):
        if not same(got.get(f"after:{i}"), single(x)):
            yield Finding(
                "robustness",
                "input_changed",
                "the input has been changed in place; make a new tensor instead",
            )


def _state_findings(
    exercise: Exercise, case: Case, got: Arrays, right: Arrays
) -> Iterator[Finding]:
    for name in case.state:
        state, asked = got.get(f"state:{name}"), right[f"state:{name}"]
        if not close(exercise, squeezed(state), squeezed(asked)):
            mode = {True: " in training", False: " in evaluation"}.get(case.training, "")
            said = f".{name} is wrong after a call{mode}"
            yield Finding(case.part, "state", said, compared(asked, state))
        elif not close(exercise, squeezed(got.get(f"saved:{name}")), squeezed(asked)):
            yield Finding(
                "robustness",
                "not_kept",
                f".{name} must be saved with the layer, and not learned: a buffer, detached, in "
                "PyTorch; a weight with trainable=False in Keras",
            )
