"""Puts questions to an answer and returns arrays: the only code that touches a learner's object.

It runs in the learner's kernel for ``check`` and in the grader's sandboxed child, holds
nothing that is expected, and decides nothing. A question is a dictionary that the judge made
of a case (see :func:`diptych.judging.oracle.question`); what comes back is a dictionary of arrays,
or a *fault*: a dictionary of strings that says what went wrong and on which line of the learner's.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from diptych.forbidden import witness
from diptych.judging.adapter import weight_of
from diptych.judging.faults import Fault, describe
from diptych.judging.in_keras import Keras
from diptych.judging.in_torch import PyTorch

SUFFIXES = {"_pt": "pytorch", "_tf": "tensorflow"}
ADAPTERS = {"pytorch": PyTorch, "tensorflow": Keras}


def ask(
    answer: object,
    framework: str,
    questions: list[dict],
    *,
    quiet: bool = True,
    symbols: Iterable[str] | None = None,
) -> Iterator[dict]:
    """Yield for each question ``{"arrays": {name: array}}`` or ``{"fault": {...}}``; where only the
    gradients raised an error, that is ``"gradient"`` beside the arrays.

    With it comes ``"ran"``, a list of what ran in the answer; of functions that a framework
    composes of others only those that ``symbols`` names (see :mod:`diptych.forbidden.witness`).
    What the answer prints is dropped, unless it may be heard (``quiet=False``). Only ``Exception``
    is caught: a learner's ``KeyboardInterrupt`` still stops it.
    """
    for question in questions:
        ran: set[str] = set()
        try:
            with _quiet() if quiet else contextlib.nullcontext():
                adapter = ADAPTERS[framework]()
                with adapter.as_at_first(), witness.watching(symbols) as ran:
                    arrays = _answer_to(question, answer, adapter)
            more = {"gradient": describe(adapter.error)} if adapter.error else {}
            yield {"arrays": arrays, "ran": sorted(ran)} | more
        except Exception as error:
            yield {"fault": describe(error), "ran": sorted(ran)}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drop what is printed, warned and logged: on stderr it would cost points with nbgrader."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def _answer_to(question: dict, answer: object, adapter) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    # By position, as a learner would try it.
    arguments = [_plain(value) for value in question["arguments"].values()]
    inputs = [adapter.tensor(x) for x in question["inputs"]]
    if isinstance(answer, type):
        subject, arguments = answer(*arguments), ()
        adapter.build(subject, inputs)
        for name in question["initial"]:
            arrays[f"initial:{name}"] = adapter.array(weight_of(subject, name), f".{name}")
        for name, value in question["weights"].items():
            adapter.assign(weight_of(subject, name), value, name)
        for name, value in question["held"].items():
            adapter.hold(weight_of(subject, name), value, name)
    else:
        subject = _function(answer, question, adapter.base)
    weights = [weight_of(subject, name) for name in question["weights"]]
    for call in range(question["calls"]):
        outputs, gradients = adapter.run(
            subject,
            inputs,
            weights,
            arguments,
            question["training"],
            question["upstream_gradients"],
        )
        for i, output in enumerate(outputs):
            arrays[f"output:{call}:{i}"] = output
    names = [f"gradient:{i}" for i in range(len(inputs))]
    names += [f"gradient:{name}" for name in question["weights"]]
    arrays.update({n: g for n, g in zip(names, gradients, strict=True) if g is not None})
    for i, x in enumerate(inputs):
        arrays[f"after:{i}"] = adapter.array(x, "the input")
    for name in question["state"]:
        arrays[f"state:{name}"] = adapter.array(weight_of(subject, name), f".{name}")
        if (saved := adapter.saved(subject, name)) is not None:
            arrays[f"saved:{name}"] = adapter.array(saved, f"what is saved as .{name}")
    return arrays


def _plain(value: object) -> object:
    """Sequences as tuples: the wire makes lists of them, and an answer may add to one. Numbers as
    Python's: TensorFlow takes NumPy's for float64."""
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    return value.item() if isinstance(value, np.generic) else value


def _function(answer: object, question: dict, base: str) -> Callable:
    if not callable(answer):
        found = f"an object of type {type(answer).__name__}"
        raise Fault("not_callable", f"what goes by this name is {found}, not a function or a class")
    layer = question["weights"] or question["initial"] or question["state"]
    if layer or question["training"] is not None:
        said = f"a layer is asked for: the class, a subclass of {base}"
        raise Fault("wrong_base", said)
    return answer
