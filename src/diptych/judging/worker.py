"""Asks an answer questions and returns arrays: the only code that touches a learner's object.

It runs in the learner's kernel for ``check``, and in the grader's sandboxed child. It knows no
right answers, and decides nothing. A question is a dictionary that is made from a case
(:func:`diptych.judging.oracle.question`). The result has a dictionary of arrays, or a *fault*: a
dictionary of strings that says what went wrong, and on which line of the learner's code.
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
    """Yield one result for each question: ``{"arrays": {name: array}}`` or ``{"fault": {...}}``.

    If only differentiating raised an error, its fault is in the result under ``"gradient"``, beside
    the arrays. ``"ran"`` is a list of the operations that ran in the answer. Of functions that a
    framework composes of others, it has only those in ``symbols``
    (:mod:`diptych.forbidden.witness`). What the answer prints is dropped, except with
    ``quiet=False``. Only ``Exception`` is caught, so a learner's ``KeyboardInterrupt`` still stops
    the worker.
    """
    for question in questions:
        ran: set[str] = set()
        try:
            with _quiet() if quiet else contextlib.nullcontext():
                adapter = ADAPTERS[framework]()
                with adapter.initial_settings(), witness.watching(symbols) as ran:
                    arrays = _answer_to(question, answer, adapter)
            more = {"gradient": describe(adapter.error)} if adapter.error else {}
            yield {"arrays": arrays, "ran": sorted(ran)} | more
        except Exception as error:
            yield {"fault": describe(error), "ran": sorted(ran)}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drop prints, warnings and logs: nbgrader takes points away for output on stderr."""
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
    # They are passed by position, as a learner would try it.
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
    """The value with tuples for sequences, and Python's numbers for NumPy's.

    The wire turns tuples into lists, and an answer may expect a tuple. TensorFlow would convert
    NumPy's numbers to float64 tensors.
    """
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    return value.item() if isinstance(value, np.generic) else value


def _function(answer: object, question: dict, base: str) -> Callable:
    if not callable(answer):
        found = f"an object of type {type(answer).__name__}"
        raise Fault("not_callable", f"this name stands for {found}, not for a function or a class")
    layer = question["weights"] or question["initial"] or question["state"]
    if layer or question["training"] is not None:
        said = f"a layer is asked for: the class, a subclass of {base}"
        raise Fault("wrong_base", said)
    return answer
