"""Compares arrays with what is right: points, and the sentence that names what is wrong.

The judge never sees a learner's object. A worker puts the questions, maybe in another process
(:mod:`~diptych.judging.worker`), and what comes back is judged here: plain arrays against the
oracle's (:mod:`~diptych.judging.oracle`), the misconceptions, and the faults that any exercise can
have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from diptych.catalogue.exercise import PARTS, Case, Exercise, Misconception
from diptych.judging.oracle import (
    calls,
    doubles,
    expected,
    gradient_names,
    predict,
    single,
    upstream_gradients,
)

NOT_WRITTEN = "not written yet"
OVERFLOW = (
    "NaN or infinity comes out where a number belongs: something overflows, or is not defined there"
)


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


def judge(exercise: Exercise, cases: tuple[Case, ...], results: list[dict]) -> Verdict:
    """Points and findings for the results of one answer, a result a case.

    A result is ``{"arrays": {name: array}}`` or ``{"fault": {...}}``, as a worker returns
    them; its arrays are taken for what they are, whoever sent them.
    """
    findings = []
    for number, (case, result) in enumerate(zip(cases, results, strict=True)):
        for part, kind, sentence, evidence in _findings(exercise, case, result):
            findings.append(Finding(part, kind, sentence, evidence, number))
    if findings:
        findings = _named(exercise, cases, results, findings)
    verdict = Verdict(0.0, exercise.max_points, tuple(findings))
    points = float(sum(part not in verdict.lost for part in exercise.parts))
    return replace(verdict, points=points)


# What is wrong


def _findings(exercise: Exercise, case: Case, result: dict) -> Iterator[tuple[str, str, str, str]]:
    if "fault" in result:
        fault = result["fault"]
        yield case.part, fault["kind"], _fault_sentence(fault), _fault_evidence(fault)
        return
    got, right = result["arrays"], expected(exercise, case)
    for name in case.initial:
        key = f"initial:{name}"
        if not _close(exercise, got.get(key), right[key]):
            yield (
                "robustness",
                "initial",
                f".{name} does not start with the values that the statement asks for",
                f"expected {_text(right[key])}, got {_text(got.get(key))}",
            )
    outputs = list(_output_findings(exercise, case, got, right))
    yield from outputs
    for i, x in enumerate(case.inputs):
        if not _same(got.get(f"after:{i}"), single(x)):
            yield (
                "robustness",
                "input_changed",
                ("the input has been changed in place; make a new tensor instead"),
                "",
            )
    for name in case.state:
        if not _close(exercise, got.get(f"state:{name}"), right[f"state:{name}"]):
            yield case.part, "state", f".{name} is wrong after the call", ""
        if not np.all(got.get(f"kept:{name}", True)):
            yield (
                "robustness",
                "not_kept",
                f".{name} must be saved with the layer, and not learned: a buffer, detached, in "
                "PyTorch; a weight with trainable=False in Keras",
                "",
            )
    # Where the values are wrong, wrong gradients are no news.
    if case.gradients and not case.judge and all(kind == "dtype" for _, kind, *_ in outputs):
        yield from _gradient_findings(exercise, case, got, right)


def _output_findings(exercise, case, got, right):
    keys = [key for key in right if key.startswith("output:0:")]
    came = sum(key.startswith("output:0:") for key in got)
    if came > len(keys):
        asked = "one is" if len(keys) == 1 else f"{len(keys)} are"
        yield case.part, "surplus", f"{came} outputs come back, where {asked} asked for", ""
    for key in keys:
        y, y_right = got.get(key), right[key]
        if y is None:
            yield case.part, "missing", f"{len(keys)} outputs are asked for", ""
        elif y.shape != y_right.shape:
            turned = y.ndim == y_right.ndim == 2 and _close(exercise, y.T, y_right)
            yield (
                case.part,
                "transposed" if turned else "shape",
                (
                    f"the output has shape {y.shape}, where {y_right.shape} is right"
                    + ("; it is transposed" if turned else "")
                ),
                f"input of shape {case.inputs[0].shape}",
            )
        elif y.dtype.kind not in "fiub" or (y.dtype.kind == "f") != (y_right.dtype.kind == "f"):
            yield case.part, "dtype", f"the output is of dtype {y.dtype}", ""
        else:
            if y_right.dtype.kind == "f" and y.dtype != np.float32:
                yield (
                    "robustness",
                    "dtype",
                    f"the output is of dtype {y.dtype}, where float32 is right",
                    "",
                )
            if case.judge:
                again = got.get("output:1:0")
                if again is None or again.shape != y.shape:
                    yield case.part, "shape", "two calls return different shapes", ""
                elif not (np.isfinite(y).all() and np.isfinite(again).all()):
                    yield case.part, "overflow", OVERFLOW, ""
                elif said := case.judge(case, y, again, _derivative(exercise, case, got)):
                    part, said = said if isinstance(said, tuple) else (case.part, said)
                    yield part, "random", said, ""
            elif calls(case) == 2 and not _close(exercise, got.get("output:1:0"), y):
                yield (
                    case.part,
                    "random_in_evaluation",
                    "two calls in evaluation give different results: nothing may be random "
                    "there, and no state may move",
                    "",
                )
            elif not _close(exercise, y, y_right):
                kind, sentence = _how_wrong(exercise, y, y_right)
                yield case.part, kind, sentence, _worst(exercise, case, y, y_right)


def _derivative(exercise: Exercise, case: Case, got: dict) -> np.ndarray | None:
    """The derivative of an elementwise answer, from the gradient that came back for its input."""
    gradient, (upstream,) = got.get("gradient:0"), upstream_gradients(exercise, case)
    shaped = gradient is not None and gradient.shape == upstream.shape
    return gradient / single(upstream) if shaped else None


def _how_wrong(exercise: Exercise, y: np.ndarray, right: np.ndarray) -> tuple[str, str]:
    if np.isfinite(right).all() and not np.isfinite(y).all():
        return "overflow", OVERFLOW
    if _close(exercise, -y, right):
        return "sign", "every output has the wrong sign"
    scale = np.abs(right) > exercise.atol
    if scale.sum() > 1:
        ratios = y[scale] / right[scale]
        if not np.any(y):
            return "zeros", "every output is 0"
        if np.allclose(ratios, ratios[0], rtol=1e-3) and _close(exercise, y, ratios[0] * right):
            return "factor", f"every output is {ratios[0]:.4g} times what it should be"
    return "values", "some outputs are wrong"


def _gradient_findings(exercise, case, got, right):
    for name in gradient_names(case):
        low, high = right[f"low:{name}"], right[f"high:{name}"]
        if low.size == 0 or _is_integer(case, name):
            continue
        of = name.split(":")[1]
        of = (
            f"the input{f' {int(of) + 1}' if len(case.inputs) > 1 else ''}"
            if of.isdigit()
            else f".{of}"
        )
        gradient = got.get(name)
        if gradient is None:
            if not np.allclose(low, 0):
                yield (
                    "gradients",
                    "gradient_cut",
                    f"no gradient reaches {of}: it was cut (detach, numpy, a constant?), "
                    "or computing it raised an error",
                    "",
                )
        elif gradient.shape != low.shape:
            yield (
                "gradients",
                "gradient_shape",
                (f"the gradient of {of} has shape {gradient.shape}, where {low.shape} is right"),
                "",
            )
        else:
            wrong = _outside(exercise, gradient, low, high)
            if wrong.any():
                yield (
                    "gradients",
                    "gradient",
                    f"the gradient of {of} is wrong",
                    _gradient_place(exercise, case, name, gradient, low, high, wrong),
                )


def _outside(exercise, gradient, low, high) -> np.ndarray:
    margin = exercise.atol + 10 * exercise.rtol * np.maximum(np.abs(low), np.abs(high))
    return ~((gradient >= low - margin) & (gradient <= high + margin))


def _is_integer(case: Case, name: str) -> bool:
    i = name.split(":")[1]
    return i.isdigit() and case.inputs[int(i)].dtype.kind != "f"


def _named(exercise, cases, results, findings) -> list[Finding]:
    """The findings with the misconception first that explains them, where there is one."""
    first = min(findings, key=lambda f: PARTS.index(f.part))
    changed = next((f for f in findings if f.kind == "input_changed"), None)
    if changed and first.kind == "gradient_cut":
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
    said = _said(misconception, exercise, case)
    return bool(said) and all(
        _close(exercise, got.get(key), y, nan=True) for key, y in said.items()
    )


def _would_be_wrong(misconception, exercise, case) -> bool:
    right = expected(exercise, case)
    return any(
        _outside(exercise, y, right[f"low:{key}"], right[f"high:{key}"]).any()
        if f"low:{key}" in right
        else key in right and not _close(exercise, y, right[key])
        for key, y in _said(misconception, exercise, case).items()
    )


@cache
def _said(misconception, exercise, case) -> dict[str, np.ndarray]:
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


def _close(exercise: Exercise, y: np.ndarray | None, right: np.ndarray, nan: bool = False) -> bool:
    return (
        y is not None
        and y.dtype.kind in "fiub"
        and y.shape == right.shape
        and np.allclose(y, right, rtol=exercise.rtol, atol=exercise.atol, equal_nan=nan)
    )


def _same(a: np.ndarray | None, b: np.ndarray) -> bool:
    return (
        a is not None and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    )


# How it is said


def _fault_sentence(fault: dict) -> str:
    if fault["type"] == "NotImplementedError" and not fault["message"]:
        return NOT_WRITTEN  # what the stub raises; frameworks raise it with a message
    if fault["kind"] == "raised":
        return f"raises {fault['type']}: {fault['message']}"
    return fault["message"]


def _fault_evidence(fault: dict) -> str:
    return f"line {fault['line']}: {fault['text']}" if fault["text"] else ""


def _worst(exercise: Exercise, case: Case, y: np.ndarray, right: np.ndarray) -> str:
    """Input, expected and got at the place that is furthest off."""
    with np.errstate(invalid="ignore"):
        off = np.nan_to_num(np.abs(y - right), nan=np.inf)
    off = np.where(np.isclose(y, right, rtol=exercise.rtol, atol=exercise.atol), 0, off)
    place = np.unravel_index(np.argmax(off), y.shape)
    x = case.inputs[0]
    of = f"{_number(x[place])}" if x.shape == y.shape else f"place {tuple(map(int, place))}"
    at = ""
    if not exercise.elementwise:
        of, at = _whole(x), f" at place {_place(place)}"
    arguments = "".join(f", {k}={_number(v)}" for k, v in case.arguments.items())
    return (
        f"{exercise.answer}({of}{arguments}){at}: expected {_number(right[place])}, "
        f"got {_number(y[place])}"
    )


def _gradient_place(exercise, case, name, gradient, low, high, wrong) -> str:
    upstream = upstream_gradients(exercise, case)[0]
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    right = _number(low[place])
    if low[place] != high[place]:
        right = f"{right} to {_number(high[place])}"
    i = name.split(":")[1]
    at = f"at input {_number(case.inputs[int(i)][place])}" if i.isdigit() else f"at {place}"
    if i.isdigit() and not exercise.elementwise:
        at = f"at place {_place(place)} of {_whole(case.inputs[int(i)])}"
    elif upstream.shape == gradient.shape:
        at += f", where {_number(upstream[place])} arrives from above"
    return f"{at}: expected {right}, got {_number(gradient[place])}"


def _number(value: object) -> str:
    # Adding 0 turns -0.0 into 0.0.
    return f"{value + 0:.4g}" if isinstance(value, float | np.floating) else str(value)


def _whole(array: np.ndarray) -> str:
    shown = np.round(array, 4).tolist()
    return str(shown) if array.size < 10 else f"an input of shape {array.shape}"


def _place(place: tuple) -> str:
    return str(int(place[0]) if len(place) == 1 else tuple(map(int, place)))


def _text(array: np.ndarray | None) -> str:
    if array is None:
        return "nothing"
    if array.ndim > 2:  # with more, even what is left of them would fill pages
        return f"an array of shape {array.shape}"
    return np.array2string(np.asarray(array), precision=4, threshold=8, separator=", ")
