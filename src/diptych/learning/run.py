"""``diptych check rectifiers.ipynb``: runs a file, and prints what ``check`` says of its answers.

The file runs in a new kernel, within a time limit. The learner's open notebooks do not change.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
from pathlib import Path

import jupytext

from diptych.book.execution import ANSI
from diptych.book.notebooks import ANSWER, CHECK
from diptych.catalogue.statements import statements
from diptych.judging.worker import SUFFIXES
from diptych.learning import commands, course, notebook
from diptych.learning.course import ENDS
from diptych.learning.kernel import Kernel, Stopped, kernel
from diptych.learning.report import MARK

SECONDS = 120.0
CELL = re.compile(r"\(\d+\.py, line")  # IPython gives each cell the name of a file
REPORT = "import diptych.learning.report as _diptych\n_diptych.report({name!r})"
ENDINGS = (".ipynb", ".py")


def run(args: argparse.Namespace) -> int:
    """Check one file; returns the exit code: 0 if all written answers are right, else 1."""
    return check_file(Path(args.file), args.timeout)


def check_file(file: Path, seconds: float = SECONDS) -> int:
    """Run a file, and print what ``check`` says of each of its answers; returns the exit code.

    ``seconds`` is the time limit. Raises :class:`~diptych.learning.commands.Refused` if the file is
    not a notebook or Python file, or has no answers.
    """
    code = cells(file)
    asked = list(dict.fromkeys(name for cell in code for name in answers(cell)))
    if not asked:
        raise commands.Refused(f"{file} defines no answer of the book, such as leaky_relu_pt")
    where = "the kernel was starting"
    try:
        with kernel(file.resolve().parent, seconds) as running:
            for cell in code:
                where = f"at the cell that begins: {_first_line(cell)}"
                if error := _run_cell(running, cell):
                    print(f"{error}, {where}")
            verdicts = []
            for name in asked:
                where = f"while {name} was checked"
                verdicts.append(_verdict(running, name))
            return _print_sum(verdicts)
    except Stopped as stop:
        print(f"✗ {file.name}: {stop}, {where}")
        return 1


def cells(file: Path) -> list[str]:
    """The code cells of a notebook, or of a Python file with ``# %%`` between its cells, without
    checks and cells for frameworks that are not installed."""
    if file.suffix not in ENDINGS or not file.is_file():
        what = "there is no such file" if file.suffix in ENDINGS else "it is no .ipynb or .py file"
        raise commands.Refused(f"{file}: {what}")
    if file.suffix == ".py":
        try:
            read = jupytext.reads(file.read_text(encoding="utf-8"), fmt="py:percent").cells
        except UnicodeDecodeError:
            raise commands.Refused(f"{file}: it is not text in UTF-8") from None
    else:
        read = notebook.read(file)["cells"]
    return [notebook.source(cell) for cell in read if _is_run(cell)]


def _is_run(cell: dict) -> bool:
    """Whether a cell is run: not if it is a check, or for a framework that is not installed."""
    source = notebook.source(cell)
    if cell.get("cell_type") != "code" or CHECK.fullmatch(source.strip()):
        return False
    absent = {*ENDS} - {*course.frameworks()}
    wanted = {course.framework_of(name) for name in answers(source)}
    return not (absent & {*cell.get("metadata", {}).get("tags", ()), *wanted})


def answers(cell: str) -> list[str]:
    """The answers of the book that a cell defines, by ``def``, ``class`` or ``=``."""
    try:
        found = [name for node in ast.parse(cell).body for name in _defined(node)]
    except SyntaxError:  # magics, or not Python
        found = [match[1] for match in ANSWER.finditer(cell)]
    return [name for name in found if name[:-3] in statements() and name[-3:] in SUFFIXES]


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [target.id for target in targets if isinstance(target, ast.Name)]
    return [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []


def _run_cell(running: Kernel, cell: str) -> str:
    """Run a cell; returns its error in one line, or "" if there was none."""
    errors = [content for kind, content in running.run(cell) if kind == "error"]
    if not errors:
        return ""
    first, *_ = ANSI.sub("", errors[0]["evalue"]).splitlines() or [""]
    return f"{errors[0]['ename']}: {CELL.sub('(line', first)}"


def _verdict(running: Kernel, name: str) -> dict:
    """Run the report on an answer, and print it unless the answer is a stub."""
    texts = (
        content["text"]
        for kind, content in running.run(REPORT.format(name=name))
        if kind == "stream"
    )
    lines = [line for line in "".join(texts).splitlines() if line.startswith(MARK)]
    if not lines:  # the answer has called sys.exit()
        print(f"✗ {name}: it ended the check, before there was a verdict.", end="\n\n")
        return {"right": False, "stub": False}
    verdict = json.loads(lines[-1].removeprefix(MARK))
    if not verdict["stub"]:
        print("\n".join(verdict["lines"]), end="\n\n", flush=True)
    return verdict


def _print_sum(verdicts: list[dict]) -> int:
    """Print how many answers are right, and how many are stubs; returns the exit code."""
    right, stubs = (sum(each[what] for each in verdicts) for what in ("right", "stub"))
    print(f"{right} of {len(verdicts)} right, {stubs} not written yet.")
    return 0 if right and right + stubs == len(verdicts) else 1


def _first_line(cell: str) -> str:
    return next((line for line in cell.splitlines() if line.strip()), "")
