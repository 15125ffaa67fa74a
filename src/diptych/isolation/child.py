"""What runs in the forked child: a notebook's cells, then the questions to its answers.

It enters the sandbox, then does as it is told, one request at a time, and sends back what
happened: plain values and arrays over the :mod:`~diptych.isolation.wire`. It holds nothing that is
expected and decides nothing, because everything in this process belongs to the student, once a
cell has run.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import linecache
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np

from diptych import book
from diptych.book import compare, errors, gradients, plots
from diptych.isolation import cells, outline, sandbox, standins, wire
from diptych.judging import faults, worker

# What a notebook may import of the package: that which holds no answers.
OPEN = {module.__name__ for module in (book, compare, errors, gradients, plots)}
# Their cells hold Python, which readers see run: time and capture change nothing that is graded.
TRANSPARENT = ("%%time", "%%capture")
# Seconds of processor time, for reading all cells and then for searching what they are made of;
# half a megabyte of honest code takes three.
READING, SEARCHING = 15.0, 15.0
RAN = 1000  # labels of what ran
WRAPPED = "TFE_ContextOptionsSetRunEagerOpAsFunction"
TOO_LONG = "raise SyntaxError('it takes too long to read this cell')"
TOO_DEEP = "raise RecursionError('this cell is nested too deeply to be read')"


def serve(rules: dict | None, requests: int, replies: int) -> int:
    """Answer the requests that come from one pipe into the other, until there are no more.

    First of all enters the sandbox with these :class:`diptych.isolation.sandbox.Rules`, if any.
    Returns the exit status: ``sandbox.REFUSED`` where it cannot be entered, and nothing has been
    answered.
    """
    if rules and sandbox.guarded(sandbox.Rules(**rules), (0, 1, 2, requests, replies)):
        return sandbox.REFUSED
    sys.meta_path.insert(0, SimpleNamespace(find_spec=_refuse))
    sys.meta_path.append(standins.Bars())
    vars(sys.modules["diptych"]).update(check=standins.check, progress=standins.progress)
    # Kept here: a cell may do away with the module.
    names = vars(sys.modules["__main__"])
    if "keras" in sys.modules:  # which would be imported anew, beside what the worker knows
        setting = functools.partial(os.environ.__setitem__, cells.BACKEND)
        sys.modules["keras"].config.set_backend = setting
    _run_operations_as_they_are()
    runner = cells.Runner(_seed, _fault)
    question = functools.partial(_put_question, runner.explained)
    answers = {"transform": _transform, "cell": runner, "question": question}
    with open(requests, "rb") as incoming, open(replies, "wb") as outgoing:
        while request := wire.receive(incoming):
            message, arrays = request
            more = message.pop("more", False)
            outgoing.write(answers[message.pop("do")](names, arrays, **message))
            if not more:  # else the reply can wait for those to the requests that follow
                outgoing.flush()
    return 0


def _run_operations_as_they_are() -> None:
    """Without a function made around each, which is TensorFlow's default: in a process as short as
    this one, to make the functions takes longer than to run them."""
    if "tensorflow" in sys.modules:
        from tensorflow.python import pywrap_tfe

        set_wrapped = getattr(pywrap_tfe, WRAPPED, None)
        if set_wrapped:  # it is not public
            setattr(pywrap_tfe, WRAPPED, lambda options, wrapped: set_wrapped(options, False))


def _refuse(name: str, path=None, target=None) -> None:
    if name.startswith("diptych.") and name not in OPEN:
        raise ModuleNotFoundError(f"{name} is not there while a notebook is graded", name=name)


def _transform(names: dict, arrays: dict, cells: list[str], wanted: dict) -> bytes:
    """Each cell as plain Python, as IPython understands it, and their :func:`outline
    <diptych.isolation.outline.outline>`. Comes first: no student has yet run."""
    read, found = [], None
    with _at_most(READING):
        read += map(_read, cells)  # as many as there is time for
    read += [(TOO_LONG, None)] * (len(cells) - len(read))
    with _at_most(SEARCHING):
        found = outline.outline(read, wanted)
    if found is None:  # then nothing runs, either
        read = [(TOO_LONG, None)] * len(cells)
        found = outline.outline(read, wanted)
    return wire.encode({"python": [python for python, _ in read], **found})


def _read(cell: str) -> tuple[str, ast.Module | None]:
    """A cell as Python, and what that parses to."""
    from IPython.core.inputtransformer2 import TransformerManager

    first, _, rest = cell.lstrip().partition("\n")
    above = "\n" * (1 + cell.count("\n") - cell.lstrip().count("\n"))
    python = above + rest if first.split()[:1] and first.split()[0] in TRANSPARENT else cell
    try:
        tree = _parsed(python)
        if not tree:  # what is Python already stays what it is
            with contextlib.suppress(Exception):
                python = TransformerManager().transform_cell(python)
            tree = _parsed(python)  # a cell that makes no sense stays, too: running it says why
        return python, tree
    except (RecursionError, MemoryError):
        return TOO_DEEP, None  # for the parser, but maybe not for the compiler, which goes deeper


def _parsed(python: str) -> ast.Module | None:
    """What a text parses to; less deeply than it could, because what follows may go deeper."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit * 3 // 4)
    try:
        return ast.parse(python)
    except (SyntaxError, ValueError):
        return None
    finally:
        sys.setrecursionlimit(limit)


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Leave the block after so many seconds of processor time."""
    before = signal.signal(signal.SIGPROF, _late)
    gc.disable()  # what a signal raises in a finalizer that the collector runs is lost
    signal.setitimer(signal.ITIMER_PROF, seconds)
    with contextlib.suppress(_Late):
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            gc.enable()
            signal.signal(signal.SIGPROF, before)


class _Late(BaseException):
    """The time for reading is over."""


def _late(number: int, frame: object) -> None:
    raise _Late


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
    """Put one question to the answer called ``name``; an empty message if there is none.

    ``anew`` says whether TensorFlow's random numbers start anew, too; ``symbols`` are functions to
    look for (see :func:`diptych.judging.worker.ask`).
    """
    if name not in names:
        return wire.encode({})
    try:
        _seed(tensorflow=anew)
        question = wire.unpack(question, arrays)
        # Nobody hears this process, so that it need not be kept quiet, which takes time.
        (result,) = worker.ask(names[name], framework, [question], quiet=False, symbols=symbols)
        ran = {"ran": result["ran"][:RAN]}
        if "fault" in result:
            return wire.encode(_shortened(explained(result["fault"])) | ran)
        if "gradient" in result:
            ran["gradient"] = _shortened(explained(result["gradient"]))
        return wire.encode(ran, result["arrays"])
    except wire.Malformed as error:
        return wire.encode({"kind": "not_numbers", "message": str(error)})
    except BaseException as error:  # what worker.ask lets through, SystemExit for one
        return wire.encode(_fault(error))


def _seed(tensorflow: bool = True) -> None:
    """Start every cell and every question from the same state, so that grades can be repeated."""
    random.seed(0)
    np.random.seed(0)
    if "torch" in sys.modules:
        # Not torch.manual_seed, which takes longer than most answers: it looks for accelerators.
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
    except BaseException:  # an exception whose own description raises
        return {"kind": "raised", "type": "Exception", "message": ""}


def _shortened(fault: dict[str, str]) -> dict[str, str]:
    # Its own folder has another name in each run.
    home = os.environ.get("HOME") or "~"
    return {key: str(value).replace(home, "~")[:500] for key, value in fault.items()}
