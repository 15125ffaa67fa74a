"""Compares arrays with what is right: points, and the sentence that names what is wrong.

The judge never sees a learner's object. A worker puts the questions, maybe in another process
(:mod:`~diptych.judging.worker`), and what comes back is judged here: plain arrays against the
oracle's (:mod:`~diptych.judging.oracle`), the misconceptions, and the faults that any exercise can
have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.judging.naming import named
from diptych.judging.oracle import calls, expected, single, upstream_gradients
from diptych.judging.verdict import Finding, Verdict, close, flat, outside, same
from diptych.judging.wording import (
    NOT_WRITTEN,
    compared,
    fault_evidence,
    fault_sentence,
    gradient_place,
    shapes,
    worst_place,
)

__all__ = ["NOT_WRITTEN", "Finding", "Verdict", "judge"]

OVERFLOW = (
    "NaN or infinity comes out where a number belongs: something overflows, or is not defined there"
)

UNBOUNDED = (
    "NaN or infinite: something overflows, or is not defined there, even if `where` or a mask "
    "hides its value"
)


def judge(exercise: Exercise, cases: tuple[Case, ...], results: list[dict]) -> Verdict:
    """Points and findings for the results of one answer, a result a case.

    A result is ``{"arrays": {name: array}}``, maybe with the ``"gradient"`` fault of what raised
    an error there, or ``{"fault": {...}}``, as a worker returns them; its arrays are taken for what
    they are, whoever sent them.
    """
    findings = []
    for number, (case, result) in enumerate(zip(cases, results, strict=True)):
        findings += [replace(found, case=number) for found in _findings(exercise, case, result)]
    if findings:
        findings = named(exercise, cases, results, findings)
    verdict = Verdict(0.0, exercise.max_points, tuple(findings))
    points = float(sum(part not in verdict.lost for part in exercise.parts))
    return replace(verdict, points=points)


# What is wrong


def _findings(exercise: Exercise, case: Case, result: dict) -> Iterator[Finding]:
    if "fault" in result:
        fault = result["fault"]
        yield Finding(case.part, fault["kind"], fault_sentence(fault), fault_evidence(fault))
        return
    got, right = result["arrays"], expected(exercise, case)
    for name in case.initial:
        key = f"initial:{name}"
        if not close(exercise, flat(got.get(key)), flat(right[key])):
            yield Finding(
                "robustness",
                "initial",
                f".{name} does not start with the values that the statement asks for",
                compared(right[key], got.get(key)),
            )
    outputs = list(_output_findings(exercise, case, got, right))
    yield from outputs
    for i, x in enumerate(case.inputs):
        if not same(got.get(f"after:{i}"), single(x)):
            yield Finding(
                "robustness",
                "input_changed",
                "the input has been changed in place; make a new tensor instead",
            )
    for name in case.state:
        state, asked = got.get(f"state:{name}"), right[f"state:{name}"]
        if not close(exercise, flat(state), flat(asked)):
            mode = {True: " in training", False: " in evaluation"}.get(case.training, "")
            said = f".{name} is wrong after a call{mode}"
            yield Finding(case.part, "state", said, compared(asked, state))
        elif not close(exercise, flat(got.get(f"saved:{name}")), flat(asked)):
            yield Finding(
                "robustness",
                "not_kept",
                f".{name} must be saved with the layer, and not learned: a buffer, detached, in "
                "PyTorch; a weight with trainable=False in Keras",
            )
    # Where the values are wrong, wrong gradients are no news.
    right_but_for_dtype = all(found.kind in ("dtype", "few_digits") for found in outputs)
    if case.gradients and not case.judge and right_but_for_dtype:
        yield from _gradient_findings(exercise, case, got, right, result.get("gradient"))


def _output_findings(exercise, case, got, right):
    keys = [key for key in right if key.startswith("output:0:")]
    came = sum(key.startswith("output:0:") for key in got)
    if came > len(keys):
        asked = "one is" if len(keys) == 1 else f"{len(keys)} are"
        yield Finding(case.part, "surplus", f"{came} outputs come back, where {asked} asked for")
    for number, key in enumerate(keys, 1):
        y, y_right = got.get(key), right[key]
        one = f"output {number} of {len(keys)}" if len(keys) > 1 else ""
        it = one or "the output"
        if y is None:
            yield Finding(case.part, "missing", f"{len(keys)} outputs are asked for, not {came}")
        elif y.shape != y_right.shape:
            turned = y.ndim == y_right.ndim == 2 and close(exercise, y.T, y_right)
            yield Finding(
                case.part,
                "transposed" if turned else "shape",
                f"{it} has shape {y.shape}, where {y_right.shape} is right"
                + ("; it is transposed" if turned else ""),
                shapes(case),
            )
        elif y.dtype.kind not in "fiub" or (y.dtype.kind == "f") != (y_right.dtype.kind == "f"):
            right_dtype = {"f": "float32", "b": "bool"}.get(y_right.dtype.kind, "an integer")
            said = f"{it} is of dtype {y.dtype}, where {right_dtype} is right"
            yield Finding(case.part, "dtype", said)
        else:
            if y_right.dtype.kind == "f" and y.dtype != np.float32:
                yield Finding(
                    "robustness",
                    "few_digits" if y.dtype.itemsize < 4 else "dtype",
                    f"{it} is of dtype {y.dtype}, where float32 is right",
                )
            if case.judge:
                again = got.get("output:1:0")
                if again is None or again.shape != y.shape:
                    yield Finding(case.part, "shape", "two calls return different shapes")
                elif not (np.isfinite(y).all() and np.isfinite(again).all()):
                    yield Finding(case.part, "overflow", OVERFLOW)
                elif said := case.judge(case, y, again, _derivative(exercise, case, got)):
                    part, said = said if isinstance(said, tuple) else (case.part, said)
                    yield Finding(part, "random", said)
            elif calls(case) == 2 and not close(exercise, got.get("output:1:0"), y):
                yield Finding(
                    case.part,
                    "random_in_evaluation",
                    "two calls in evaluation give different results: nothing may be random "
                    "there, and no state may move",
                )
            elif not close(exercise, y, y_right):
                kind, sentence = _how_wrong(exercise, y, y_right, one)
                place = worst_place(exercise, case, y, y_right, one)
                yield Finding(case.part, kind, sentence, place)


def _derivative(exercise: Exercise, case: Case, got: dict) -> np.ndarray | None:
    """The derivative of an elementwise answer, from the gradient that came back for its input."""
    gradient, (upstream,) = got.get("gradient:0"), upstream_gradients(exercise, case)
    shaped = gradient is not None and gradient.shape == upstream.shape
    return gradient / single(upstream) if shaped else None


def _how_wrong(
    exercise: Exercise, y: np.ndarray, right: np.ndarray, output: str
) -> tuple[str, str]:
    every = f"every number of {output}" if output else "every output"
    if np.any((np.isfinite(right) & ~np.isfinite(y)) | (np.isnan(y) & ~np.isnan(right))):
        return "overflow", OVERFLOW
    if close(exercise, -y, right):
        return "sign", f"{every} has the wrong sign"
    scale = np.isfinite(right) & (np.abs(right) > exercise.atol)
    if scale.sum() > 1:
        ratios = y[scale] / right[scale]
        if not np.any(y):
            return "zeros", f"{every} is 0"
        with np.errstate(invalid="ignore"):  # 0 times an infinity that is right
            scaled = ratios[0] * right
        if np.allclose(ratios, ratios[0], rtol=1e-3) and close(exercise, y, scaled):
            return "factor", f"{every} is {ratios[0]:.4g} times what it should be"
    return "values", "some outputs are wrong"


def _gradient_findings(exercise, case, got, right, fault=None):
    if fault:
        sentence = f"computing the gradient {fault_sentence(fault)}"
        yield Finding("gradients", "gradient_raised", sentence, fault_evidence(fault))
        return
    for name in [key.removeprefix("low:") for key in right if key.startswith("low:")]:
        low, high = right[f"low:{name}"], right[f"high:{name}"]
        if low.size == 0 or _is_integer(case, name):
            continue
        of = name.split(":")[1]
        of = (
            (f"input {int(of) + 1}" if len(case.inputs) > 1 else "the input")
            if of.isdigit()
            else f".{of}"
        )
        gradient = got.get(name)
        if gradient is None:
            if not np.allclose(low, 0):
                yield Finding(
                    "gradients",
                    "gradient_cut",
                    f"no gradient reaches {of}: it was cut (detach, numpy, a constant?)",
                )
        elif gradient.shape != low.shape:
            yield Finding(
                "gradients",
                "gradient_shape",
                f"the gradient of {of} has shape {gradient.shape}, where {low.shape} is right",
            )
        else:
            wrong = outside(exercise, gradient, low, high)
            if wrong.any():
                unbounded = np.any(~np.isfinite(gradient) & np.isfinite(low))
                yield Finding(
                    "gradients",
                    "gradient",
                    f"the gradient of {of} is {UNBOUNDED if unbounded else 'wrong'}",
                    gradient_place(exercise, case, name, gradient, low, high, wrong),
                )


def _is_integer(case: Case, name: str) -> bool:
    i = name.split(":")[1]
    return i.isdigit() and case.inputs[int(i)].dtype.kind != "f"
