"""What is right: the questions that a case puts, and the numbers that must come back.

Expected outputs come from the exercise's float64 oracle, expected gradients from its central
differences. :func:`predict` does the same for any NumPy function, a misconception for instance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

import numpy as np

from diptych.catalogue.exercise import Case, Exercise, upstream_gradient


def question(exercise: Exercise, case: Case) -> dict:
    """The case as a worker may see it: plain values and float32 arrays, nothing expected."""
    return {
        "inputs": [single(x) for x in case.inputs],
        "arguments": dict(case.arguments),
        "weights": {name: single(w) for name, w in case.weights.items()},
        "held": {name: single(value) for name, value in case.held.items()},
        "training": case.training,
        "initial": list(case.initial),
        "state": list(case.state),
        "calls": calls(case),
        # Without them the worker differentiates nothing.
        "upstream_gradients": [
            single(c) for c in upstream_gradients(exercise, case) if case.gradients
        ],
    }


@cache
def expected(exercise: Exercise, case: Case) -> dict[str, np.ndarray]:
    """What the oracle answers: outputs, state, and for gradients a lower and an upper bound."""
    return predict(exercise.oracle, exercise, case) | {
        f"initial:{name}": np.asarray(exercise.initial[name](*case.inputs, **case.arguments))
        for name in case.initial
    }


def predict(function: Callable, exercise: Exercise, case: Case) -> dict[str, np.ndarray]:
    """What an answer that computes ``function`` returns for ``case``, in a result's names."""
    evaluate = _evaluation(function, case)
    outputs, state = evaluate(doubles(case))
    arrays = {f"output:0:{i}": y for i, y in enumerate(outputs)}
    for name, value in state.items():
        arrays[f"state:{name}"] = arrays[f"saved:{name}"] = np.asarray(value)
    arrays |= {f"after:{i}": x for i, x in enumerate(case.inputs)}
    if calls(case) == 2:
        arrays["output:1:0"] = evaluate(doubles(case))[0][0]
    upstream = upstream_gradients(exercise, case) if case.gradients and not case.judge else []
    # What a misconception returns may have another shape: a worker finds no gradient there.
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
    # Twice where something may be random, or must not be.
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
    """Bounds of the gradient of ``sum(upstream_gradient * output)``: equal, except at a kink.

    At a kink every subgradient between the slopes of the two sides is right, and so is what
    frameworks make of a formula in two halves, ``max(0, x) + a min(0, x)``: each half's slope
    there is its own or 0, by the function that computes it, so their sum is up to all or nothing.
    """

    @np.errstate(invalid="ignore")  # ∞ − ∞, where a misconception overflows on purpose
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
    # Through float32, so that both sides start from the very same numbers.
    arrays = [single(a) for a in [*case.inputs, *case.weights.values()]]
    return [np.array(a, np.float64) if a.dtype.kind == "f" else a for a in arrays]


def single(array: np.ndarray) -> np.ndarray:
    array = np.asarray(array)
    return array.astype(np.float32) if array.dtype.kind == "f" else array


@cache
def upstream_gradients(exercise: Exercise, case: Case) -> list[np.ndarray]:
    """The upstream gradient of each output of an answer to the case."""
    outputs, _ = _evaluation(exercise.oracle, case)(doubles(case))
    return [upstream_gradient(y.shape) for y in outputs]


def asked(exercise: Exercise, case: Case, of_each: Iterable) -> Iterator[tuple[str, object]]:
    """What is judged of the gradients, by name; ``of_each`` has one for each input, and perhaps for
    each weight."""
    names = [*range(len(case.inputs)), *case.weights]
    for name, gradient in zip(names, of_each, strict=False):
        if name not in exercise.targets:
            yield f"gradient:{name}", gradient
