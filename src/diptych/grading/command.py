"""The command ``diptych grade``."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from diptych.catalogue.component import FRAMEWORK_MODULES, FRAMEWORKS

if TYPE_CHECKING:
    from diptych.grading.marking import Outcome


def run(args: argparse.Namespace) -> int:
    """Grade a folder; returns the exit code: 0 when every submission has a status."""
    needed = [FRAMEWORK_MODULES[framework] for framework in args.frameworks]
    absent = [module for module in needed if not importlib.util.find_spec(module)]
    if absent:
        return _fail(f"{' and '.join(absent)} not installed here; see --frameworks")
    if not args.submitted.is_dir():
        return _fail(f"there is no folder {args.submitted}")
    from diptych.grading.batch import grade
    from diptych.grading.store import Busy

    if args.isolation == "none":
        print(
            "diptych grade: isolation: none. What is handed in runs with your rights: grade\n"
            "people whom you trust.",
            file=sys.stderr,
        )
    start = time.monotonic()
    try:
        with _progress() as progress:
            outcomes = grade(
                args.submitted,
                args.out,
                workers=args.workers,
                seed=args.seed,
                timeout=args.timeout,
                memory=args.memory,
                frameworks=args.frameworks,
                isolation=args.isolation,
                forbidden=args.forbidden,
                show_hidden=args.show_hidden,
                regrade=args.regrade,
                progress=progress,
            )
    except KeyboardInterrupt:
        _fail("stopped. What is finished is kept: the same command goes on from there")
        return 130
    except (Busy, OSError) as error:
        return _fail(str(error))
    except sqlite3.Error as error:  # a full disk, for one; what is finished is kept
        return _fail(f"{args.out}/grades.sqlite: {error}")
    _summary(outcomes)
    print(f"{len(outcomes)} notebooks in {time.monotonic() - start:.1f} s: {args.out}/report.html")
    return 0


def _fail(message: str) -> int:
    print(f"diptych grade: {message}", file=sys.stderr)
    return 2


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    """What shows how far the batch is, in a terminal; in a pipe it is silent."""
    console, statuses = Console(stderr=True), Counter()
    columns = (
        *(BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}")),
        *(TimeRemainingColumn(), TextColumn("{task.fields[statuses]}")),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        task, start = shown.add_task("", total=None, rate="", statuses=""), time.monotonic()

        def progress(done: int, total: int, status: str) -> None:
            statuses.update([status] if status else [])
            so_far = ", ".join(f"{count} {each}" for each, count in statuses.most_common())
            rate = f"{done / max(time.monotonic() - start, 1e-3):.1f}/s"
            shown.update(task, completed=done, total=total, rate=rate, statuses=so_far)

        yield progress


def _summary(outcomes: list[Outcome]) -> None:
    """In a terminal, how many notebooks ended how, and what they reached."""
    console = Console()
    if not console.is_terminal:
        return
    table = Table("Status", "Notebooks", "Points", "of")
    for status, group in groupby(sorted(outcomes, key=_status), _status):
        those = list(group)
        grades = [grade for outcome in those for grade in outcome.grades]
        points, most = sum(g.points for g in grades), sum(g.max_points for g in grades)
        table.add_row(status, str(len(those)), f"{points:g}", f"{most:g}")
    console.print(table)


def _status(outcome: Outcome) -> str:
    return outcome.status


def _frameworks(text: str) -> tuple[str, ...]:
    chosen = set(text.split(","))
    if not chosen <= set(FRAMEWORKS):
        raise argparse.ArgumentTypeError(f"choose from {','.join(FRAMEWORKS)}")
    return tuple(f for f in FRAMEWORKS if f in chosen)


def _positive(kind: type):
    def positive(text: str):
        number = kind(text)
        if not 0 < number < float("inf"):
            raise ValueError
        return number

    positive.__name__ = f"positive {kind.__name__}"
    return positive


def register(commands) -> None:
    """Add the command ``grade`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser(
        "grade",
        help="grade a folder of submitted notebooks",
        description="Grade SUBMITTED/<student>/<family>/<stem>.ipynb. What is graded already, "
        "from the same bytes and with the same options, is not graded again.",
    )
    add = command.add_argument
    add("submitted", type=Path, metavar="SUBMITTED")
    add("--out", type=Path, required=True, metavar="DIR", help="where store and reports go")
    add("--workers", type=_positive(int), metavar="N", help="default: one for each processor")
    add("--seed", metavar="S", help="of the hidden cases; default: drawn, and kept in the store")
    add(
        "--timeout",
        type=_positive(float),
        default=60.0,
        metavar="S",
        help="seconds for a submission; one cell or answer gets a quarter (default: %(default)g)",
    )
    add(
        "--memory",
        type=_positive(int),
        default=2048,
        metavar="MB",
        help="for a submission, beyond what the frameworks take (default: %(default)d)",
    )
    add(
        "--frameworks",
        type=_frameworks,
        default=FRAMEWORKS,
        metavar="F[,F]",
        help=f"those that count (default: {','.join(FRAMEWORKS)})",
    )
    add(
        "--isolation",
        choices=("sandbox", "none"),
        default="sandbox",
        help="none: notebooks run with your own rights (default: %(default)s)",
    )
    add(
        "--forbidden",
        choices=("deny", "warn"),
        default="deny",
        help="what a forbidden function costs an answer that ran it: its points, or (warn) a line "
        "in the report (default: %(default)s)",
    )
    add("--builtins", dest="forbidden", choices=("deny", "warn"), help=argparse.SUPPRESS)
    add("--show-hidden", action="store_true", help="show hidden cases to students, too")
    add("--regrade", action="store_true", help="grade again what is graded already")
    command.set_defaults(run=run)
