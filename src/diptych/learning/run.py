"""``diptych check rectifiers.ipynb``: runs a file, and says what ``check`` says of its answers.

It runs in a kernel of its own, within a limit of time; the learner's open notebooks do not notice.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
from pathlib import Path

import jupytext

from diptych.book.notebooks import ANSI, ANSWER, CHECK
from diptych.catalogue.statements import statements
from diptych.judging.worker import SUFFIXES
from diptych.learning import commands, course, reset
from diptych.learning.course import ENDS
from diptych.learning.kernel import Kernel, Stopped, kernel
from diptych.learning.report import MARK

SECONDS = 120.0
CELL = re.compile(r"\(\d+\.py, line")  # how IPython calls the file that a cell would be
REPORT = "import diptych.learning.report as _diptych\n_diptych.report({name!r})"
ENDINGS = (".ipynb", ".py")


def run(args: argparse.Namespace) -> int:
    """Check one file; the exit code is 0 where all that is written is right, and 1 otherwise."""
    return check_file(Path(args.file), args.timeout)


def check_file(file: Path, seconds: float = SECONDS) -> int:
    """Run a file and print what ``check`` says of each of its answers; returns the exit code.

    Raises :class:`~diptych.learning.commands.Refused` for what is not a notebook or Python file.
    """
    code = cells(file)
    asked = list(dict.fromkeys(name for cell in code for name in answers(cell)))
    if not asked:
        raise commands.Refused(f"{file} defines no answer of the book, such as leaky_relu_pt")
    at_work = "the kernel was starting"
    try:
        with kernel(file.resolve().parent, seconds) as running:
            for cell in code:
                at_work = f"at the cell that begins: {_first(cell)}"
                if error := _error(running, cell):
                    print(f"{error}, {at_work}")
            told = []
            for name in asked:
                at_work = f"while {name} was checked"
                told.append(_told(running, name))
            return _summed(told)
    except Stopped as stop:
        print(f"✗ {file.name}: {stop}, {at_work}")
        return 1


def cells(file: Path) -> list[str]:
    """The code cells of a notebook, or of a Python file, whose cells ``# %%`` parts."""
    if file.suffix not in ENDINGS or not file.is_file():
        what = "there is no such file" if file.suffix in ENDINGS else "it is no .ipynb or .py file"
        raise commands.Refused(f"{file}: {what}")
    if file.suffix == ".py":
        try:
            read = jupytext.reads(file.read_text(encoding="utf-8"), fmt="py:percent").cells
        except UnicodeDecodeError:
            raise commands.Refused(f"{file}: it is not text in UTF-8") from None
    else:
        read = reset.read(file)["cells"]
    return [reset.source(cell) for cell in read if _is_run(cell)]


def _is_run(cell: dict) -> bool:
    """Whether a cell runs here: it is neither a check nor for a framework that is not installed."""
    source = reset.source(cell)
    if cell.get("cell_type") != "code" or CHECK.fullmatch(source.strip()):
        return False
    absent = {*ENDS} - {*course.frameworks()}
    wanted = {course.framework_of(name) for name in answers(source)}
    return not (absent & {*cell.get("metadata", {}).get("tags", ()), *wanted})


def answers(cell: str) -> list[str]:
    """The answers of the book that a cell defines, by ``def``, ``class`` or ``=``."""
    try:
        found = [name for node in ast.parse(cell).body for name in _defined(node)]
    except SyntaxError:  # magics, or no Python
        found = [match[1] for match in ANSWER.finditer(cell)]
    return [name for name in found if name[:-3] in statements() and name[-3:] in SUFFIXES]


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [target.id for target in targets if isinstance(target, ast.Name)]
    return [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []


def _error(running: Kernel, cell: str) -> str:
    """What running a cell raises, in a line."""
    errors = [content for kind, content in running.run(cell) if kind == "error"]
    if not errors:
        return ""
    first, *_ = ANSI.sub("", errors[0]["evalue"]).splitlines() or [""]
    return f"{errors[0]['ename']}: {CELL.sub('(line', first)}"


def _told(running: Kernel, name: str) -> dict:
    """What the report says of an answer, which is printed unless it is a stub."""
    texts = (
        content["text"]
        for kind, content in running.run(REPORT.format(name=name))
        if kind == "stream"
    )
    lines = [line for line in "".join(texts).splitlines() if line.startswith(MARK)]
    if not lines:  # sys.exit() in an answer
        print(f"✗ {name}: it ended the check, before there was a verdict.", end="\n\n")
        return {"right": False, "stub": False}
    told = json.loads(lines[-1].removeprefix(MARK))
    if not told["stub"]:
        print("\n".join(told["lines"]), end="\n\n", flush=True)
    return told


def _summed(told: list[dict]) -> int:
    right, stubs = (sum(each[what] for each in told) for what in ("right", "stub"))
    print(f"{right} of {len(told)} right, {stubs} not written yet.")
    return 0 if right and right + stubs == len(told) else 1


def _first(cell: str) -> str:
    return next((line for line in cell.splitlines() if line.strip()), "")
