"""Makes the question of a case, and computes the numbers that must come back.

Expected outputs come from the exercise's oracle in float64, expected gradients from its central
differences. :func:`predict` computes the same for any NumPy function, such as a misconception.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

import numpy as np

from diptych.catalogue.exercise import Case, Exercise, upstream_gradient


def question(exercise: Exercise, case: Case) -> dict:
    """The case as a worker may see it: plain values and float32 arrays, without right answers."""
    return {
        "inputs": [single(x) for x in case.inputs],
        "arguments": dict(case.arguments),
        "weights": {name: single(w) for name, w in case.weights.items()},
        "held": {name: single(value) for name, value in case.held.items()},
        "training": case.training,
        "initial": list(case.initial),
        "state": list(case.state),
        "calls": calls(case),
        # If this list is empty, the worker does not differentiate.
        "upstream_gradients": [
            single(c) for c in upstream_gradients(exercise, case) if case.gradients
        ],
    }


@cache
def expected(exercise: Exercise, case: Case) -> dict[str, np.ndarray]:
    """The right arrays: outputs, state, initial values, and lower and upper bounds of gradients."""
    return predict(exercise.oracle, exercise, case) | {
        f"initial:{name}": np.asarray(exercise.initial[name](*case.inputs, **case.arguments))
        for name in case.initial
    }


def predict(function: Callable, exercise: Exercise, case: Case) -> dict[str, np.ndarray]:
    """The arrays of an answer that computes ``function``, by the names that a result has.

    Gradients have two arrays each, ``low:gradient:…`` and ``high:gradient:…``.
    """
    evaluate = _evaluation(function, case)
    outputs, state = evaluate(doubles(case))
    arrays = {f"output:0:{i}": y for i, y in enumerate(outputs)}
    for name, value in state.items():
        arrays[f"state:{name}"] = arrays[f"saved:{name}"] = np.asarray(value)
    arrays |= {f"after:{i}": x for i, x in enumerate(case.inputs)}
    if calls(case) == 2:
        arrays["output:1:0"] = evaluate(doubles(case))[0][0]
    upstream = upstream_gradients(exercise, case) if case.gradients and not case.judge else []
    # A misconception may return another shape. A worker gets no gradient then, either.
    if upstream and all(c.shape == y.shape for c, y in zip(upstream, outputs, strict=False)):
        if exercise.gradient is not None and function is exercise.oracle:
            exact = exercise.gradient(*upstream, *doubles(case), **case.arguments)
            bounds = [(g, g) for g in exact]
        else:
            bounds = _slopes(evaluate, doubles(case), upstream)
        for name, (low, high) in asked(exercise, case, bounds):
            arrays[f"low:{name}"], arrays[f"high:{name}"] = low, high
    return arrays


def calls(case: Case) -> int:
    """How often the answer is called: twice if it is random, or must not be in evaluation."""
    return 2 if case.judge or case.training is False else 1


def _evaluation(function: Callable, case: Case):
    mode = {} if case.training is None else {"training": case.training}
    held = {name: np.float64(single(value)) for name, value in case.held.items()}

    def evaluate(arrays: list[np.ndarray]) -> tuple[list[np.ndarray], dict]:
        inputs = arrays[: len(case.inputs)]
        weights = dict(zip(case.weights, arrays[len(case.inputs) :], strict=True))
        answer = function(*inputs, **case.arguments, **weights, **held, **mode)
        outputs, state = answer if case.state else (answer, {})
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        return [np.asarray(y) for y in outputs], state

    return evaluate


def _slopes(evaluate, arrays, upstream) -> list[tuple[np.ndarray, np.ndarray]]:
    """Lower and upper bounds of the gradient of ``sum(upstream_gradient * output)``.

    They are equal, except at a kink. There every number between the slopes of the two sides is
    right. Frameworks may also return other numbers for a formula in two halves, such as ``max(0, x)
    + a min(0, x)``: each half has its own slope or 0 there, so the sum may be 0, or the sum of both
    slopes.
    """

    @np.errstate(invalid="ignore")  # ∞ − ∞, if a misconception overflows on purpose
    def total() -> float:
        return sum(float(np.sum(c * y)) for c, y in zip(upstream, evaluate(arrays)[0], strict=True))

    here, bounds = total(), []
    for array in arrays:
        low, high = np.zeros(array.shape), np.zeros(array.shape)
        for place in np.ndindex(array.shape if array.dtype.kind == "f" else (0,)):
            kept, step = array[place], 1e-5 * max(1.0, abs(array[place]))
            array[place] = kept + step
            right = (total() - here) / step
            array[place] = kept - step
            left = (here - total()) / step
            array[place] = kept
            if abs(right - left) <= 1e-3 * (1 + abs(right + left)):
                low[place] = high[place] = (left + right) / 2
            else:
                choices = (0, left, right, left + right)
                low[place], high[place] = min(choices), max(choices)
        bounds.append((low, high))
    return bounds


def doubles(case: Case) -> list[np.ndarray]:
    """Inputs and weights of a case in float64; integers and truth values stay as they are."""
    # Rounded to float32 first, because the answer gets these numbers.
    arrays = [single(a) for a in [*case.inputs, *case.weights.values()]]
    return [np.array(a, np.float64) if a.dtype.kind == "f" else a for a in arrays]


def single(array: np.ndarray) -> np.ndarray:
    """The array in float32; integers and truth values stay as they are."""
    array = np.asarray(array)
    return array.astype(np.float32) if array.dtype.kind == "f" else array


@cache
def upstream_gradients(exercise: Exercise, case: Case) -> list[np.ndarray]:
    """The upstream gradient of each output of an answer to the case."""
    outputs, _ = _evaluation(exercise.oracle, case)(doubles(case))
    return [upstream_gradient(y.shape) for y in outputs]


def asked(exercise: Exercise, case: Case, of_each: Iterable) -> Iterator[tuple[str, object]]:
    """Name and value for each gradient that is judged.

    ``of_each`` has a value for each input, and perhaps for each weight. Targets are left out.
    """
    names = [*range(len(case.inputs)), *case.weights]
    for name, gradient in zip(names, of_each, strict=False):
        if name not in exercise.targets:
            yield f"gradient:{name}", gradient
