"""Runs a notebook's cells in the child, one after the other, as much as possible like Jupyter."""

from __future__ import annotations
import __future__

import ast
import asyncio
import inspect
import linecache
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from diptych.isolation import recovery, wire
from diptych.isolation.standins import Nothing

NOTES = 20  # at most, for one cell
BACKEND = "KERAS_BACKEND"
TIMED = ("time", "prun")  # line magics that run a statement of the notebook
FUTURE = 0
for feature in __future__.all_feature_names:
    FUTURE |= getattr(__future__, feature).compiler_flag


class Runner:
    """Runs one cell for each call, and keeps what one cell leaves for the next.

    ``seed`` is called before each cell; ``fault`` describes an error (see
    :func:`diptych.judging.faults.describe`).
    """

    def __init__(self, seed: Callable[[], None], fault: Callable[[BaseException], dict]) -> None:
        self.seed, self.fault = seed, fault
        self.flags = 0  # of the __future__ imports so far
        self.missing: dict[str, str] = {}  # name that a failed import should define → its error

    def __call__(
        self,
        names: dict,
        arrays: dict,
        number: int,
        python: str,
        kept: Sequence[Sequence[int]] = (),
    ) -> bytes:
        """Run the cell ``number``, which is ``python``; return its notes, encoded for the wire.

        ``names`` is the notebook's namespace. Notes are the errors, and the magics that were not
        run. After a statement that raises, only the statements in the ``kept`` lines still run;
        after an import that fails, all do.
        """
        notes: list[dict] = []
        self._provide_magics(names, notes)
        place = f"<code cell {number}>"
        linecache.cache[place] = (len(python), None, python.splitlines(True), place)
        backend = os.environ.get(BACKEND)
        self.seed()
        try:
            self._run(python, place, names)
        except BaseException as error:  # also SystemExit: the next cell still runs
            notes.append(self.explained(self.fault(error)))
            self._go_on(error, python, place, names, kept, notes)
        if os.environ.get(BACKEND) != backend:
            text = f"{BACKEND} has no effect here: notebooks are graded with Keras on TensorFlow"
            notes.append(_note(text, os.environ.get(BACKEND, "")))
        return wire.encode(notes[:NOTES])

    def _go_on(
        self,
        error: BaseException,
        python: str,
        place: str,
        names: dict,
        kept: Iterable[Sequence[int]],
        notes: list[dict],
    ) -> None:
        """Run the rest of a cell after the statement that has raised ``error``."""
        where = recovery.raised_at(error.__traceback__, place)
        if where is None:
            return
        lines = {n for first, last in kept for n in range(first, last + 1)}
        body = ast.parse(python).body
        later = deque(s for s in body if recovery.start(s) > where)
        failed, only_kept = body[len(body) - len(later) - 1], False
        while failed:
            known = type(error) is NameError and self.missing.get(error.name)
            if known or type(error) in (ImportError, ModuleNotFoundError):
                self.missing |= dict.fromkeys(recovery.defined(failed), known or str(error))
            else:
                only_kept = True
            later.extendleft(reversed(recovery.single_imports(failed)))
            failed = None
            while later and not failed:
                statement = later.popleft()
                if only_kept and recovery.start(statement)[0] not in lines:
                    continue
                try:
                    self._run(ast.Module([statement], []), place, names)
                except BaseException as another:
                    error, failed = another, statement
                    if len(notes) < NOTES:
                        notes.append(self.explained(self.fault(error)))

    def explained(self, fault: dict) -> dict:
        """The ``fault``; a NameError also says which failed import should have defined the name."""
        name = re.match(r"name '(\w+)' is not defined", fault["message"])
        if fault["type"] == "NameError" and name and name[1] in self.missing:
            said = f"{name[0]} ({self.missing[name[1]]} where notebooks are graded)"
            return fault | {"message": said}
        return fault

    def _run(self, python: str | ast.Module, place: str, names: dict) -> None:
        # dont_inherit: else this module's own __future__ imports would apply. A cell may use await.
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | self.flags
        code = compile(python, place, "exec", flags, dont_inherit=True)
        self.flags |= code.co_flags & FUTURE
        waiting = eval(code, names)
        if inspect.iscoroutine(waiting):
            asyncio.run(waiting)

    def _provide_magics(self, names: dict, notes: list[dict]) -> None:
        """Put ``get_ipython`` and ``display`` among the names; magics only leave a note."""

        def note(text: str) -> list:
            # "run_line_magic matplotlib inline" is shown as "matplotlib inline"
            text = re.sub(r"\A(run_(line|cell)_magic|magic|system|getoutput) ", "", text)[:100]
            notes.append(_note("magics and shell commands are not run here", text))
            return []

        def run_line_magic(magic: str, line: str = "", *more: object, **options: object) -> object:
            if magic not in TIMED:
                return note(f"{magic} {line}".strip())
            return exec(compile(line, "<magic>", "exec", self.flags, dont_inherit=True), names)

        shell = Nothing(note)
        shell.__dict__.update(run_line_magic=run_line_magic, user_ns=names)

        def get_ipython() -> Nothing | None:
            # Only for the notebook: libraries would need a complete shell.
            return shell if sys._getframe(1).f_globals is names else None

        names["get_ipython"] = get_ipython
        for module in ("IPython", "IPython.core.getipython"):
            if module in sys.modules:
                sys.modules[module].get_ipython = get_ipython
        names["display"] = lambda *objects, **options: None


def _note(message: str, text: str) -> dict[str, str]:
    return {"kind": "magic", "type": "", "message": message, "line": "", "text": text}
