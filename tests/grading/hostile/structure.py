"""Notebooks whose cells, flags and outputs are not those that were handed out."""

import copy

from tests.grading.hostile import HONEST, Attempt, cell
from tests.grading.submissions import EXERCISES, RIGHT, answer_id, code, notebook

CLAIM = "print('relu_pt: 3 of 3 points')"


def changed(change, made=None):
    """The notebook with ``change`` applied to its list of cells, which may return another."""
    made = copy.deepcopy(made or notebook(HONEST))
    cells = change(made["cells"])
    return made | {"cells": made["cells"] if cells is None else cells}


def is_answer(cell, name="relu_pt"):
    return answer_id(cell) == name


def is_check(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade")


def worth_a_thousand(cells):
    for each in cells:
        each["metadata"]["nbgrader"] = {"points": 1000, "grade": True, "grade_id": "relu_pt"}


def outputs_that_claim(cells):
    for each in cells:
        each["outputs"] = [{"output_type": "stream", "name": "stdout", "text": CLAIM}]


def edit_checks(cells):
    for each in filter(is_check, cells):
        each["source"] = CLAIM + "\ncheck = lambda answer: 3.0\nassert True"


def retyped(kind):
    return lambda cells: [c | {"cell_type": kind} if is_answer(c) else c for c in cells]


def of_kernel(name, language):
    spec = {"kernelspec": {"name": name, "display_name": name, "language": language}}
    return notebook(HONEST) | {"metadata": spec | {"language_info": {"name": language}}}


def stub(cells):
    return next(c for c in EXERCISES["cells"] if is_answer(c))


def nothing(said="nothing is called relu_pt"):
    return {"points": 0, "status": "no_answer", "said": said}


UNNAMED = {"points": 0, "said": "name 'relu_pt' is not defined"}
MAGIC = "magics and shell commands are not run here"
ATTEMPTS = {
    "no-cells": Attempt(changed(lambda cells: []), **nothing()),
    "no-answer-cell": Attempt(
        changed(lambda cells: [c for c in cells if not is_answer(c)]), **UNNAMED
    ),
    "no-check-cells": Attempt(changed(lambda cells: [c for c in cells if not is_check(c)])),
    "nothing-but-the-answer": Attempt(
        changed(lambda cells: [code("import torch"), *filter(is_answer, cells)])
    ),
    "stub-below-the-answer": Attempt(
        changed(lambda cells: [*cells, stub(cells)]), 0, said="the last one counts"
    ),
    "every-cell-twice": Attempt(changed(lambda cells: [*cells, *cells])),
    "upside-down": Attempt(
        changed(lambda cells: cells[::-1]), 0, said="name 'torch' is not defined"
    ),
    "answer-as-markdown": Attempt(changed(retyped("markdown")), **UNNAMED),
    "answer-as-raw": Attempt(changed(retyped("raw")), **UNNAMED),
    "answer-of-no-type": Attempt(changed(retyped(["code"])), **UNNAMED),
    "cells-that-are-none": Attempt(changed(lambda cells: [None, 7, "x", {}, *cells])),
    "checks-edited": Attempt(changed(edit_checks)),
    "points-and-flags-changed": Attempt(changed(worth_a_thousand)),
    "outputs-that-claim-points": Attempt(changed(outputs_that_claim, notebook()), 0),
    "another-answer-in-the-cell": Attempt(
        notebook({"relu_pt": RIGHT["relu6_pt"]}), 0, said="nothing is called relu_pt"
    ),
    "kernel-of-another-language": Attempt(of_kernel("julia-1.10", "julia")),
    "kernel-that-is-a-path": Attempt(of_kernel("../../../bin/sh", "../sh")),
    "another-language": cell("library(torch) <- 1; function(x) { x }", said="SyntaxError"),
    "shell-escape": cell("!rm -rf ~ /tmp/w; echo hacked > here", said=MAGIC),
    "shell-in-a-value": cell("import os\nx = !cat /etc/passwd\nassert not x", said=MAGIC),
    "bash-cell": cell("%%bash\nrm -rf ~", said=MAGIC),
    "python-cell": cell("%%python\nimport os; os.fork()", said=MAGIC),
    "writes-a-file-by-magic": cell("%%writefile relu.py\nx = 1", said=MAGIC),
    "runs-a-file-by-magic": cell("%run /etc/passwd", said=MAGIC),
    "debugger": cell("%debug\n%pdb on", said=MAGIC),
    "asks-for-help": cell("torch?\ntorch??", said=MAGIC),
}
