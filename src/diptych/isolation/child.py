"""What runs in the forked child: a notebook's cells, then the questions to its answers.

The child enters the sandbox, then carries out one request after the other, and sends back what
happened: plain values and arrays over the :mod:`~diptych.isolation.wire`. It holds no expected
result and decides nothing, because once a cell has run, the student controls this whole process.
"""

from __future__ import annotations

import functools
import linecache
import os
import random
import sys
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from diptych import book
from diptych.book import compare, errors, gradients, plots
from diptych.isolation import cells, packing, reading, sandbox, standins, wire
from diptych.judging import faults, worker

# The modules of the package that a notebook may import: they hold no answers.
OPEN = {module.__name__ for module in (book, compare, errors, gradients, plots)}
RAN = 1000  # labels of what ran, at most
# TensorFlow's setting, which is not public: whether it makes a function around each operation.
OPERATIONS_AS_FUNCTIONS = "TFE_ContextOptionsSetRunEagerOpAsFunction"


def serve(rules: dict | None, requests: int, replies: int) -> int:
    """Answer the requests that come from one pipe into the other, until there are no more.

    First the process enters the sandbox, if there are :class:`diptych.isolation.sandbox.Rules`.
    Returns the exit status: ``sandbox.REFUSED`` if it cannot enter; then it has answered nothing.
    """
    if rules and sandbox.guarded(sandbox.Rules(**rules), (0, 1, 2, requests, replies)):
        return sandbox.REFUSED
    _replace_modules()
    _run_operations_directly()
    names = vars(sys.modules["__main__"])  # kept here: a cell may delete the module
    runner = cells.Runner(_seed, _fault)
    question = functools.partial(_put_question, runner.explained)
    answers = {"transform": _transform, "cell": runner, "question": question}
    with open(requests, "rb") as incoming, open(replies, "wb") as outgoing:
        while request := wire.receive(incoming):
            message, arrays = request
            more = message.pop("more", False)
            outgoing.write(answers[message.pop("do")](names, arrays, **message))
            if not more:  # else the reply is sent together with those to the next requests
                outgoing.flush()
    return 0


def _replace_modules() -> None:
    """Hide this package's closed modules, and replace what a graded notebook cannot have."""
    sys.meta_path.insert(0, SimpleNamespace(find_spec=_refuse))
    sys.meta_path.append(standins.Bars())
    vars(sys.modules["diptych"]).update(check=standins.check, progress=standins.progress)
    # Keras's own function would import Keras again, and the worker would still have the old one.
    if "keras" in sys.modules:
        setting = functools.partial(os.environ.__setitem__, cells.BACKEND)
        sys.modules["keras"].config.set_backend = setting


def _run_operations_directly() -> None:
    """Stop TensorFlow from making a function around each operation, which is its default: in such a
    short process, making the functions takes longer than running them."""
    if "tensorflow" in sys.modules:
        from tensorflow.python import pywrap_tfe

        choose = getattr(pywrap_tfe, OPERATIONS_AS_FUNCTIONS, None)
        if choose:  # another version of TensorFlow may not have it
            setattr(
                pywrap_tfe, OPERATIONS_AS_FUNCTIONS, lambda options, wanted: choose(options, False)
            )


def _refuse(name: str, path=None, target=None) -> None:
    if name.startswith("diptych.") and name not in OPEN:
        raise ModuleNotFoundError(
            f"{name} cannot be imported while a notebook is graded", name=name
        )


def _transform(names: dict, arrays: dict, cells: list[str], wanted: dict) -> bytes:
    """Read the cells (:func:`diptych.isolation.reading.transform`). This request comes first: no
    student's code has run yet."""
    return wire.encode(reading.transform(cells, wanted))


def _put_question(
    explained: Callable[[dict], dict],
    names: dict,
    arrays: dict,
    name: str,
    framework: str,
    question: dict,
    anew: bool = False,
    symbols: list[str] | None = None,
) -> bytes:
    """Put one question to the answer called ``name``; an empty message if it does not exist.

    ``anew`` says whether TensorFlow's seed is set, too; ``symbols`` are functions to look for (see
    :func:`diptych.judging.worker.ask`).
    """
    if name not in names:
        return wire.encode({})
    try:
        _seed(tensorflow=anew)
        question = packing.unpack(question, arrays)
        # Nobody reads what this process prints, so the slow way to keep it quiet is not needed.
        (result,) = worker.ask(names[name], framework, [question], quiet=False, symbols=symbols)
        ran = {"ran": result["ran"][:RAN]}
        if "fault" in result:
            return wire.encode(_shortened(explained(result["fault"])) | ran)
        if "gradient" in result:
            ran["gradient"] = _shortened(explained(result["gradient"]))
        return wire.encode(ran, result["arrays"])
    except wire.Malformed as error:
        return wire.encode({"kind": "not_numbers", "message": str(error)})
    except BaseException as error:  # worker.ask does not catch all: SystemExit, for example
        return wire.encode(_fault(error))


def _seed(tensorflow: bool = True) -> None:
    """Set the same seeds before every cell and every question, so that grades can be repeated."""
    random.seed(0)
    np.random.seed(0)
    if "torch" in sys.modules:
        # Not torch.manual_seed: it looks for accelerators, which takes longer than most answers.
        sys.modules["torch"].default_generator.manual_seed(0)
    if tensorflow and "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(0)


def _fault(error: BaseException) -> dict[str, str]:
    try:
        fault = faults.describe(error)
        if isinstance(error, SyntaxError):
            text = error.text or linecache.getline(error.filename or "", error.lineno or 0)
            fault |= {"line": str(error.lineno or ""), "text": text.strip(), "message": error.msg}
        return _shortened(fault)
    except BaseException:  # the student's exception may raise another when it is described
        return {"kind": "raised", "type": "Exception", "message": ""}


def _shortened(fault: dict[str, str]) -> dict[str, str]:
    # The child's folder has another name in each run, so it is written as "~".
    home = os.environ.get("HOME") or "~"
    return {key: str(value).replace(home, "~")[:500] for key, value in fault.items()}
