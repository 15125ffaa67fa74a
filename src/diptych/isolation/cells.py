"""Runs a notebook's cells in the child, one after the other, as Jupyter would where it can."""

from __future__ import annotations
import __future__

import ast
import asyncio
import builtins
import inspect
import linecache
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType

from diptych.isolation import wire
from diptych.isolation.standins import Nothing

NOTES = 20  # of one cell
BACKEND = "KERAS_BACKEND"
TIMED = ("time", "prun")  # line magics whose statement is the notebook's own
FUTURE = 0
for feature in __future__.all_feature_names:
    FUTURE |= getattr(__future__, feature).compiler_flag


class Runner:
    """Runs cells; called with a request, and keeps what one cell leaves to the next."""

    def __init__(self, seed: Callable[[], None], fault: Callable[[BaseException], dict]) -> None:
        self.seed, self.fault = seed, fault
        self.flags = 0  # of the __future__ imports so far
        self.missing: dict[str, str] = {}  # names that a failed import would have made: its error

    def __call__(
        self,
        names: dict,
        arrays: dict,
        number: int,
        python: str,
        kept: Sequence[Sequence[int]] = (),
    ) -> bytes:
        """Run one cell; what it raises, and the magics that it would have used, are notes.

        Behind a statement that raises go on those in the lines that are ``kept``, and behind an
        import all.
        """
        notes: list[dict] = []
        self._furnish(names, notes)
        place = f"<code cell {number}>"
        linecache.cache[place] = (len(python), None, python.splitlines(True), place)
        backend = os.environ.get(BACKEND)
        self.seed()
        try:
            self._run(python, place, names)
        except BaseException as error:  # SystemExit as well: the next cell runs all the same
            notes.append(self.explained(self.fault(error)))
            self._go_on(error, python, place, names, kept, notes)
        if os.environ.get(BACKEND) != backend:
            text = f"{BACKEND} changes nothing here: Keras runs on TensorFlow where it is graded"
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
        """Run what stands in a cell behind a statement that has raised an error."""
        where = _where(error.__traceback__, place)
        if where is None:  # it did not even compile
            return
        lines = {n for first, last in kept for n in range(first, last + 1)}
        body = ast.parse(python).body
        later = deque(s for s in body if _start(s) > where)
        failed, needs = body[len(body) - len(later) - 1], False
        while failed:
            known = type(error) is NameError and self.missing.get(error.name)
            if known or type(error) in (ImportError, ModuleNotFoundError):
                self.missing |= dict.fromkeys(_makes(failed), known or str(error))
            else:
                needs = True
            if isinstance(failed, ast.Import | ast.ImportFrom) and len(failed.names) > 1:
                later.extendleft(_importing(failed, name) for name in reversed(failed.names))
            failed = None
            while later and not failed:
                statement = later.popleft()
                if needs and _start(statement)[0] not in lines:
                    continue
                try:
                    self._run(ast.Module([statement], []), place, names)
                except BaseException as another:
                    error, failed = another, statement
                    if len(notes) < NOTES:
                        notes.append(self.explained(self.fault(error)))

    def explained(self, fault: dict) -> dict:
        """A fault that is about a name says which import would have made it."""
        name = re.match(r"name '(\w+)' is not defined", fault["message"])
        if fault["type"] == "NameError" and name and name[1] in self.missing:
            said = f"{name[0]} ({self.missing[name[1]]} where notebooks are graded)"
            return fault | {"message": said}
        return fault

    def _run(self, python: str | ast.Module, place: str, names: dict) -> None:
        # Not with this module's own __future__ imports; a cell may wait for something.
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | self.flags
        code = compile(python, place, "exec", flags, dont_inherit=True)
        self.flags |= code.co_flags & FUTURE
        waiting = eval(code, names)
        if inspect.iscoroutine(waiting):
            asyncio.run(waiting)

    def _furnish(self, names: dict, notes: list[dict]) -> None:
        def note(text: str) -> list:
            # "run_line_magic matplotlib inline" is known as %matplotlib inline
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
            # Libraries do without: they would ask for more.
            return shell if sys._getframe(1).f_globals is names else None

        names["get_ipython"] = get_ipython
        for module in ("IPython", "IPython.core.getipython"):
            if module in sys.modules:
                sys.modules[module].get_ipython = get_ipython
        names["display"] = lambda *objects, **options: None


def _note(message: str, text: str) -> dict[str, str]:
    return {"kind": "magic", "type": "", "message": message, "line": "", "text": text}


def _where(trace: TracebackType | None, place: str) -> tuple[int, int] | None:
    """Line and column of a cell's own level at which an error was on its way, if it was."""
    while trace is not None:
        code = trace.tb_frame.f_code
        if (code.co_filename, code.co_name) == (place, "<module>"):
            line, _, column, _ = [*code.co_positions()][trace.tb_lasti // 2]
            return line or trace.tb_lineno, column or 0
        trace = trace.tb_next
    return None


def _start(statement: ast.stmt) -> tuple[int, int]:
    decorators = getattr(statement, "decorator_list", ())
    return min((each.lineno, each.col_offset) for each in (statement, *decorators))


def _importing(statement: ast.Import | ast.ImportFrom, name: ast.alias) -> ast.stmt:
    """A statement that imports one of the names of another, at the place of that name."""
    fields = dict(ast.iter_fields(statement)) | {"names": [name]}
    return ast.copy_location(type(statement)(**fields), name)


def _makes(statement: ast.stmt) -> set[str]:
    """The names that a statement would have made."""
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return found - vars(builtins).keys()
