"""A path through the book as a numbered list in Markdown, with an estimate of the minutes.

The estimate counts words, lines of code and exercises: nobody has measured learners.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from diptych.learning.paths import Step

WORDS, LINES = 200, 30  # of text and of code that are read in a minute
EXERCISE = 8  # minutes for an exercise in one framework


def minutes(step: Step, book: Path) -> int:
    """How many minutes ``step`` takes: its chapter, and its exercises in one framework.

    Words and lines of code are counted in the notebook below the folder ``book``, without folded
    code. The estimate is rounded to five minutes.
    """
    cells = _cells(step, book)
    words = sum(len(source.split()) for kind, source in cells if kind == "markdown")
    code = sum(len(source.splitlines()) for kind, source in cells if kind == "code")
    return 5 * round((words / WORDS + code / LINES + EXERCISE * len(step.exercises)) / 5)


def markdown(steps: Sequence[Step], book: Path) -> str:
    """The ``steps`` as a numbered list with links relative to ``book``, below their sums."""
    times = [minutes(step, book) for step in steps]
    n_exercises = sum(len(step.exercises) for step in steps)
    amounts = {"chapter": len(steps), "exercise": n_exercises, "hour": round(sum(times) / 60)}
    counted = [f"{n} {what}{'s' * (n != 1)}" for what, n in amounts.items()]
    lines = ["{}, {}, about {}:".format(*counted), ""]
    for number, (step, time) in enumerate(zip(steps, times, strict=True), start=1):
        title = _cells(step, book)[0][1].splitlines()[0].removeprefix("# ")
        exercises = ", ".join(f"`{name}`" for name in step.exercises)
        lines += [
            f"{number}. [{title}](chapters/{step.chapter}.ipynb), {time} minutes. {step.why}",
            f"   [Exercises](exercises/{step.chapter}.ipynb): {exercises}.",
        ]
    return "\n".join(lines)


def _cells(step: Step, book: Path) -> list[tuple[str, str]]:
    """Kind and source of each cell of the chapter, without those whose code is folded."""
    text = (book / f"chapters/{step.chapter}.ipynb").read_text(encoding="utf-8")
    return [
        (cell["cell_type"], "".join(cell["source"]))
        for cell in json.loads(text)["cells"]
        if "hide-input" not in cell["metadata"].get("tags", ())
    ]
