"""``diptych classroom50``: quick results for a student who pushes to a repository of Classroom 50.

Classroom 50 runs an autograder on the student's own runner, in a checkout of the repository, and
reads ``result.json`` there (schema ``classroom50/result/v1``). All files of the autograder are
public, so only the visible cases are judged. ``diptych grade`` gives the marks, on the instructor's
machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from diptych.catalogue.component import FRAMEWORK_NAMES, FRAMEWORKS
from diptych.grading import asking, find, marking, option_types, options, read
from diptych.grading.asking import Asked
from diptych.grading.outcome import Grade
from diptych.grading.statuses import sentence
from diptych.grading.totals import counted
from diptych.isolation.place import Place, place
from diptych.isolation.run import run as run_cells
from diptych.isolation.steps import PREPARATION, Limits

SCHEMA = "classroom50/result/v1"
FILE = "result.json"
# Fields of result.json, and the environment variables from which they are copied.
COPIED = {
    **{"classroom": "CLASSROOM", "assignment": "ASSIGNMENT", "submission": "SUBMISSION_TAG"},
    **{"commit": "COMMIT_URL", "release": "RELEASE_URL"},
}


class NotAnAutograder(Exception):
    """Classroom 50 does not run this; the message says what is missing."""


def result(
    checkout: Path,
    environment: Mapping[str, str],
    chapters: Sequence[str],
    frameworks: Sequence[str],
    isolation: str = "sandbox",
) -> dict:
    """The content of ``result.json``: a test for each answer that counts, by its visible cases.

    ``frameworks`` are those that count, or ("best",). Raises :class:`NotAnAutograder` if a variable
    is missing in the ``environment``, and ``OSError`` if there is no sandbox.
    """
    if missing := [name for name in COPIED.values() if not environment.get(name)]:
        raise NotAnAutograder(
            f"{', '.join(missing)} not in the environment: this command is for an autograder.py of "
            "Classroom 50. To grade a class, use diptych grade"
        )
    told = {field: environment[name] for field, name in COPIED.items()}
    told["review"] = environment.get("REVIEW_URL") or told["commit"]
    best = tuple(frameworks) == option_types.BEST
    rules = {"seconds": Limits.seconds + PREPARATION, "closed": (checkout,)}
    with place(checkout, isolation=isolation, **rules) as where:
        tests = [
            _test(grade)
            for grades in _grades(checkout, chapters, FRAMEWORKS if best else frameworks, where)
            for grade in counted(grades, best)
        ]
    sums = {name: sum(test[name] for test in tests) for name in ("score", "max-score")}
    return {"schema": SCHEMA, **told, "datetime": _time(checkout), **sums, "tests": tests}


def _grades(checkout: Path, chapters, frameworks, where: Place) -> Iterator[tuple[Grade, ...]]:
    """The grades of each chapter."""
    every = find.of_student(checkout, "", chapters)
    found = {each.chapter: each.path for each in every if not each.status}
    others = "".join(f"; {each.place}: {each.reason}" for each in every if each.status)
    for chapter in chapters:
        asked = [
            replace(each, cases=each.exercise.visible)
            for each in asking.asked(chapter, frameworks, seed="")
        ]
        if chapter in found:
            yield _of_notebook(found[chapter], asked, where)
        else:
            reason = f"there is no notebook of {chapter} in this repository"
            yield marking.nothing(asked, "no_answer", reason + others)


def _of_notebook(path: Path, asked: Sequence[Asked], where: Place) -> tuple[Grade, ...]:
    try:
        notebook = read.notebook(read.content(path))
        cells = read.code_cells(notebook)
    except read.Unreadable as error:
        return marking.nothing(asked, "unreadable", sentence("unreadable", reason=str(error)))
    limits = Limits()
    done = run_cells(cells, asking.questions(asked), where, limits, threading.Event())
    _, _, grades, _ = marking.mark(asked, done, limits, others=read.other_cells(notebook))
    return grades


def _test(grade: Grade) -> dict:
    """A test of ``result.json``. Points must be whole numbers; ``output`` is shown, too."""
    return {
        "test-name": f"{grade.exercise} in {FRAMEWORK_NAMES[grade.framework]}",
        "passed": grade.points == grade.max_points,
        "score": int(grade.points),
        "max-score": int(grade.max_points),
        "output": "\n".join(filter(None, (grade.student_message, grade.student_evidence))),
    }


def _time(checkout: Path) -> str:
    """The time of the commit, or the current time if git does not tell."""
    git = ["git", "-C", checkout, "show", "-s", "--format=%cI", "HEAD"]
    try:
        said = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
        when = datetime.fromisoformat(said)
    except (OSError, subprocess.CalledProcessError, ValueError):
        when = datetime.now(UTC)
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def run(args: argparse.Namespace) -> int:
    """Write ``result.json`` into the working directory; returns the exit code."""
    checkout = Path.cwd()
    given = args.chapters, args.frameworks, args.isolation
    try:
        made = result(checkout, os.environ, *given)
        text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
        (checkout / FILE).write_text(text, encoding="utf-8")
    except (NotAnAutograder, OSError) as error:
        print(f"diptych classroom50: {error}", file=sys.stderr)
        return 2
    print(f"{made['score']} of {made['max-score']} points for the visible cases: {FILE}")
    return 0


def register(commands) -> None:
    """Add the command ``classroom50`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser(
        "classroom50",
        help="write result.json in an autograder of Classroom 50",
        description="Judge the notebooks of the repository in the working directory by their "
        "visible cases, and write result.json for Classroom 50. Call it in autograder.py. All "
        "that lies beside autograder.py is public: never put grading.toml or a seed there.",
        epilog="Exit code: 0, whatever the points are, or 2 if nothing could be judged.",
    )
    options.add_assignment(command)
    command.add_argument(
        "--isolation",
        choices=("sandbox", "none"),
        default="sandbox",
        help="none: for a runner without Landlock, which belongs to the student anyway (default: "
        "%(default)s)",
    )
    command.set_defaults(run=run)
