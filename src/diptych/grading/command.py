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

from diptych.catalogue.component import FRAMEWORK_MODULES, FRAMEWORKS, chapters
from diptych.isolation.run import Limits

if TYPE_CHECKING:
    from diptych.grading.marking import Outcome

BEST = ("best",)
NUMBERS = {int: "whole number", float: "number"}


def run(args: argparse.Namespace) -> int:
    """Grade a folder or an archive; returns the exit code: 0 when every submission has a status."""
    best = args.frameworks == BEST
    frameworks = FRAMEWORKS if best else args.frameworks
    needed = [FRAMEWORK_MODULES[framework] for framework in frameworks]
    absent = [module for module in needed if not importlib.util.find_spec(module)]
    if absent:
        return _fail(f"{' and '.join(absent)} not installed here; see --frameworks")
    if problem := _folders(args.submitted, args.out):
        return _fail(problem)
    from diptych.grading import roster
    from diptych.grading.batch import grade
    from diptych.grading.exports import ExportError
    from diptych.grading.find import Nothing
    from diptych.grading.store import Unusable

    if args.isolation == "none":
        print(
            "diptych grade: isolation: none. What is handed in runs with your rights: grade\n"
            "people whom you trust.",
            file=sys.stderr,
        )
    start = time.monotonic()
    try:
        listed = roster.read(args.roster) if args.roster else {}
        sites = {"canvas": args.canvas, "blackboard": args.blackboard}
        if args.moodle:
            sites["moodle"] = args.moodle.read_bytes().decode("utf-8")
        with _progress() as progress:
            outcomes = grade(
                args.submitted,
                args.out,
                workers=args.workers,
                seed=args.seed,
                timeout=args.timeout,
                memory=args.memory,
                frameworks=frameworks,
                best=best,
                chapters=args.chapters,
                listed=listed,
                isolation=args.isolation,
                forbidden=args.forbidden,
                show_hidden=args.show_hidden,
                sites={site: needed for site, needed in sites.items() if needed},
                regrade=args.regrade,
                progress=progress,
            )
    except KeyboardInterrupt:
        _fail("stopped. What is finished is kept: the same command goes on from there")
        return 130
    except (Nothing, Unusable, OSError, roster.RosterError, ExportError) as error:
        return _fail(str(error))
    except UnicodeDecodeError:
        return _fail(f"{args.moodle} is not UTF-8: download the worksheet again")
    except sqlite3.Error as error:  # a full disk, for one; what is finished is kept
        return _fail(f"{args.out}/grades.sqlite: {error}")
    _summary(outcomes, best)
    graded = sum(bool(outcome.grades) for outcome in outcomes)
    if not graded:
        return _fail(
            f"none of {len(outcomes)} files in {args.submitted} can be graded, the first because "
            f"{outcomes[0].reason}; {args.out}/report.html lists them"
        )
    more = f", {len(outcomes) - graded} files not graded" if graded < len(outcomes) else ""
    took = f"{time.monotonic() - start:.1f} s"
    print(f"{graded} notebooks in {took}{more}: {args.out}/report.html")
    return 0


def _folders(submitted: Path, out: Path) -> str:
    """What is wrong with the two, if anything is: what was handed in may be an archive."""
    if not submitted.exists():
        return f"there is no folder or archive {submitted}"
    if out.resolve().is_relative_to(submitted.resolve()):
        return f"--out {out} lies in {submitted}, where it would be taken for a student"
    return f"--out {out} is a file" if out.exists() and not out.is_dir() else ""


def _fail(message: str) -> int:
    """Say what is wrong in one line, whatever names are in it."""
    line = "".join(c if c.isprintable() else " " for c in message)
    print(f"diptych grade: {line}", file=sys.stderr)
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


def _summary(outcomes: list[Outcome], best: bool) -> None:
    """In a terminal, how many notebooks ended how, and what they reached."""
    console = Console()
    if not console.is_terminal:
        return
    from diptych.grading.totals import counted

    table = Table("Status", "Notebooks", "Points", "of")
    for status, group in groupby(sorted(outcomes, key=_status), _status):
        those = list(group)
        grades = [grade for outcome in those for grade in counted(outcome.grades, best)]
        points, most = sum(g.points for g in grades), sum(g.max_points for g in grades)
        table.add_row(status, str(len(those)), f"{points:g}", f"{most:g}")
    console.print(table)


def _status(outcome: Outcome) -> str:
    return outcome.status


def _frameworks(text: str) -> tuple[str, ...]:
    if text in BEST:
        return BEST
    chosen = set(text.split(","))
    if not chosen <= set(FRAMEWORKS):
        raise argparse.ArgumentTypeError(f"choose best, or from {','.join(FRAMEWORKS)}")
    return tuple(f for f in FRAMEWORKS if f in chosen)


def _chapters(text: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(text.split(",")))
    if unknown := [chapter for chapter in chosen if chapter not in chapters()]:
        raise argparse.ArgumentTypeError(
            f"there is no chapter {unknown[0]!a}; one is called {chapters()[-1]}"
        )
    return chosen


def _seed(text: str) -> str:
    if not text or not text.isprintable():
        raise argparse.ArgumentTypeError("a seed is a text of printable characters")
    return text


def _number(kind: type, least: float, most: float):
    def number(text: str):
        try:
            given = kind(text)
        except ValueError:
            given = None
        if given is None or not least <= given <= most:  # nor NaN
            raise argparse.ArgumentTypeError(
                f"{text[:40]!a} is no {NUMBERS[kind]} from {least:,} to {most:,}"
            )
        return given

    return number


def register(commands) -> None:
    """Add the command ``grade`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser(
        "grade",
        help="grade a folder of submitted notebooks",
        description="Grade the notebooks in SUBMITTED/<student>/, or in what Canvas, Moodle, "
        "Blackboard, Brightspace, Gradescope or nbgrader hands out, packed or unpacked. What is "
        "graded already, from the same bytes and with the same options, is not graded again.",
    )
    command.error = lambda message: command.exit(_fail(message))
    add = command.add_argument
    add("submitted", type=Path, metavar="SUBMITTED")
    add("--out", type=Path, required=True, metavar="DIR", help="where store and reports go")
    add(
        "--workers", type=_number(int, 1, 1000), metavar="N", help="default: one for each processor"
    )
    add(
        "--seed",
        type=_seed,
        metavar="S",
        help="of the hidden cases; default: drawn, and kept in the store",
    )
    add(
        "--timeout",
        type=_number(float, 0.1, 86_400),
        default=Limits.seconds,
        metavar="S",
        help="seconds for a submission; one cell or answer gets a quarter (default: %(default)g)",
    )
    add(
        "--memory",
        type=_number(int, 1, 1_000_000),
        default=Limits.memory,
        metavar="MB",
        help="for a submission, beyond what the frameworks take (default: %(default)d)",
    )
    add(
        "--frameworks",
        type=_frameworks,
        default=FRAMEWORKS,
        metavar="F[,F]",
        help=f"those that count (default: {','.join(FRAMEWORKS)}); best: of each exercise, the "
        "better of the two",
    )
    add(
        "--chapters",
        type=_chapters,
        default=(),
        metavar="C[,C]",
        help="those that are graded, and count (default: all that somebody has handed in)",
    )
    add("--roster", type=Path, metavar="CSV", help="who is in the class: a column student, or id")
    add("--canvas", metavar="HEADING", help="write canvas.csv; the column as Canvas exports it")
    add("--blackboard", metavar="HEADING", help="write blackboard.csv; the column as it exports it")
    add(
        "--moodle",
        type=Path,
        metavar="CSV",
        help="fill in this grading worksheet as moodle.csv; pack the feedback for Moodle",
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
