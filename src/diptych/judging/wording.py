"""Puts findings into words: what happened, where, what was expected, and what came instead."""

from __future__ import annotations

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.judging.advice import advice
from diptych.judging.oracle import upstream_gradients

NOT_WRITTEN = "not written yet"


def fault_sentence(fault: dict) -> str:
    """What a fault of the worker means, with advice if the error is a common one."""
    if fault["type"] == "NotImplementedError" and not fault["message"]:
        return NOT_WRITTEN  # the stub raises it without a message, frameworks with one
    if fault["kind"] == "raised":
        raised = f"raises {fault['type']}: {fault['message']}"
        return f"{raised.removesuffix('.')}. {said}" if (said := advice(fault)) else raised
    return fault["message"]


def fault_evidence(fault: dict) -> str:
    """The learner's line on which the fault happened, or ""."""
    return f"line {fault['line']}: {fault['text']}" if fault["text"] else ""


def worst_place(
    exercise: Exercise, case: Case, y: np.ndarray, right: np.ndarray, output: str = ""
) -> str:
    """The place with the largest error; ``output`` names the output if there are several."""
    with np.errstate(invalid="ignore"):
        off = np.nan_to_num(np.abs(y - right), nan=np.inf)
    off = np.where(np.isclose(y, right, rtol=exercise.rtol, atol=exercise.atol), 0, off)
    place = np.unravel_index(np.argmax(off), y.shape)
    x = case.inputs[0]
    of = f"{number(x[place])}" if x.shape == y.shape else f"place {tuple(map(int, place))}"
    at = ""
    if not exercise.elementwise:
        of = ", ".join(map(_whole, case.inputs))
        at = f" at place {_place(place)}" if place else ""
    if output:
        at += f" of {output}" if at else f", {output}"
    arguments = "".join(f", {k}={number(v)}" for k, v in case.arguments.items())
    return (
        f"{exercise.answer}({of}{arguments}){at}: expected {number(right[place])}, "
        f"got {number(y[place])}"
    )


def gradient_place(exercise, case, name, gradient, low, high, wrong) -> str:
    """The first place at which the gradient is ``wrong``: its bounds, and what came instead."""
    upstream = upstream_gradients(exercise, case)[0]
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    right = number(low[place])
    if low[place] != high[place]:
        right = f"{right} to {number(high[place])}"
    i = name.split(":")[1]
    at = f"at input {number(case.inputs[int(i)][place])}" if i.isdigit() else f"at {place}"
    if i.isdigit() and not exercise.elementwise:
        at = f"at place {_place(place)} of {_whole(case.inputs[int(i)])}"
    elif upstream.shape == gradient.shape:
        at += f", where {number(upstream[place])} arrives from above"
    return f"{at}: expected {right}, got {number(gradient[place])}"


def number(value: object) -> str:
    """A number with four digits; other values as Python prints them."""
    # Adding 0 turns -0.0 into 0.0.
    return f"{value + 0:.4g}" if isinstance(value, float | np.floating) else str(value)


def _whole(array: np.ndarray) -> str:
    shown = (array if array.dtype == bool else np.round(array, 4)).tolist()
    return str(shown) if array.size < 10 else f"an input of shape {array.shape}"


def shapes(case: Case) -> str:
    """The shapes of the inputs, in a sentence."""
    first, *more = [str(x.shape) for x in case.inputs]
    return f"inputs of shapes {', '.join([first, *more])}" if more else f"input of shape {first}"


def _place(place: tuple) -> str:
    return str(int(place[0]) if len(place) == 1 else tuple(map(int, place)))


def compared(right: np.ndarray, got: np.ndarray | None) -> str:
    """Both arrays in a sentence."""
    return f"expected {short_array(right)}, got {short_array(got)}"


def short_array(array: np.ndarray | None) -> str:
    """An array in a few words, however large it is."""
    if array is None:
        return "nothing"
    if array.ndim > 2:  # NumPy's abbreviation of more axes would fill pages
        return f"an array of shape {array.shape}"
    return np.array2string(np.asarray(array), precision=4, threshold=8, separator=", ")
