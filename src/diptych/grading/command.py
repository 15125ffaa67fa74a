"""The command ``diptych grade``."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
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

from diptych.catalogue.component import FRAMEWORK_MODULES, FRAMEWORK_NAMES, FRAMEWORKS
from diptych.grading import course, options

if TYPE_CHECKING:
    from diptych.grading.batch import Graded
    from diptych.grading.outcome import Outcome

CHANGES = 20  # grades that have changed, as the terminal lists them


def run(args: argparse.Namespace) -> int:
    """Grade a folder or an archive; returns the exit code: 0 when every submission has a status,
    2 where nothing could be graded, 130 where somebody stopped it."""
    try:
        course.complete(args)
    except (course.CourseError, OSError) as error:
        return _fail(str(error))
    best = args.frameworks == options.BEST
    frameworks = FRAMEWORKS if best else args.frameworks
    needed = [FRAMEWORK_MODULES[framework] for framework in frameworks]
    absent = [module for module in needed if not importlib.util.find_spec(module)]
    if absent:
        return _fail(f"{' and '.join(absent)} not installed here; see --frameworks")
    if args.nbgrader and not importlib.util.find_spec("nbgrader"):
        return _fail("--nbgrader needs nbgrader: pip install nbgrader")
    if problem := _folders(args.submitted, args.out):
        return _fail(problem)
    from diptych.grading import by_hand, lateness, roster
    from diptych.grading.batch import grade
    from diptych.grading.cluster import ClusterError
    from diptych.grading.exports import ExportError
    from diptych.grading.find import Nothing
    from diptych.grading.store import Unusable
    from diptych.grading.tables import TableError

    if args.isolation == "none":
        print(
            "diptych grade: isolation: none. What is handed in runs with your rights: grade\n"
            "people whom you trust.",
            file=sys.stderr,
        )
    start = time.monotonic()
    try:
        listed = roster.read(args.roster) if args.roster else {}
        sites = {site: getattr(args, site) for site in ("canvas", "blackboard", "brightspace")}
        sites["gradescope"] = "results.json" if args.gradescope else ""
        if args.moodle:
            sites["moodle"] = args.moodle.read_bytes().decode("utf-8")
        overrides = args.overrides or args.out / "overrides.csv"
        marks = by_hand.read(overrides) if args.overrides or overrides.exists() else []
        with _progress() as progress:
            done = grade(
                args.submitted,
                args.out,
                workers=args.workers,
                scheduler=args.cluster,
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
                marks=marks,
                rule=args.late,
                late=lateness.read(args.late_csv, args.deadline) if args.late_csv else {},
                late_in_canvas=args.late_in_canvas,
                export_answers=args.export_answers,
                book=args.book or "",
                nbgrader=args.nbgrader,
                regrade=args.regrade,
                only=args.only,
                shard=args.shard,
                progress=progress,
            )
    except KeyboardInterrupt:
        _fail("stopped. What is finished is kept: the same command goes on from there")
        return 130
    except (
        *(Nothing, Unusable, ClusterError, OSError, TableError, ExportError),
        lateness.LateError,
    ) as error:
        return _fail(str(error))
    except UnicodeDecodeError:
        return _fail(f"{args.moodle} is not UTF-8: download the worksheet again")
    except sqlite3.Error as error:  # a full disk, for one; what is finished is kept
        return _fail(f"{args.out}/grades.sqlite: {error}")
    seconds = time.monotonic() - start
    for said in done.nobody:
        _fail(f"{args.late_csv}: nobody in the class is called {said}")
    if args.json:
        print(json.dumps(_facts(done, args.out, seconds)))
    else:
        _summary(done.outcomes, best)
    graded = sum(bool(outcome.grades) for outcome in done.outcomes)
    if not graded:
        return _fail(
            f"none of {len(done.outcomes)} files in {args.submitted} can be graded, the first "
            f"because {done.outcomes[0].reason}; {args.out}/report.html lists them"
        )
    if not args.json:
        _say(done, graded, args, seconds)
    return 0


def _say(done: Graded, graded: int, args: argparse.Namespace, seconds: float) -> None:
    """What was done, and which grades have changed by it."""
    left = len(done.outcomes) - graded
    more = f", {left} files not graded" if left else ""
    print(f"{graded} notebooks in {seconds:.1f} s{more}: {args.out}/report.html")
    if done.changes:
        print(f"{len(done.changes)} grades are others than before: {args.out}/changes.csv")
        for each in done.changes[:CHANGES]:
            points = " → ".join("none" if p is None else f"{p:g}" for p in (each.old, each.new))
            print(
                f"  {each.student!a} {each.exercise} in {FRAMEWORK_NAMES[each.framework]}: {points}"
            )
        if len(done.changes) > CHANGES:
            print(f"  and {len(done.changes) - CHANGES} more")
    if done.equal is not None:
        print(f"{done.equal} groups of equal answers: {args.export_answers}/equal.csv")


def _facts(done: Graded, out: Path, seconds: float) -> dict:
    """For scripts: counts, and where the files are."""
    written = ("report.html", "grades.csv", "students.csv", "changes.csv")
    return {
        "notebooks": sum(bool(outcome.grades) for outcome in done.outcomes),
        "statuses": dict(sorted(Counter(outcome.status for outcome in done.outcomes).items())),
        "changes": [vars(change) for change in done.changes],
        "equal": done.equal,
        "seconds": round(seconds, 3),
        "files": [str(out / name) for name in written],
    }


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


def register(commands) -> None:
    """Add the command ``grade`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser(
        "grade",
        help="grade a folder of submitted notebooks",
        description="Grade the notebooks in SUBMITTED/<student>/, or in what Canvas, Moodle, "
        "Blackboard, Brightspace, Gradescope or nbgrader hands out, packed or unpacked. What is "
        "graded already, from the same bytes and with the same options, is not graded again.",
        epilog="Exit code: 0 if something was graded, 2 if nothing could be graded, 130 if you "
        "stopped it: what is finished is kept.",
    )
    command.error = lambda message: command.exit(_fail(message))
    options.add_to(command)
    command.set_defaults(run=run)
