"""What ``diptych grade`` prints: progress, a summary, changed grades, errors in one line."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import attrgetter
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

from diptych.catalogue.component import FRAMEWORK_NAMES

if TYPE_CHECKING:
    from diptych.grading.batch import Graded
    from diptych.grading.outcome import Outcome

CHANGES = 20  # changed grades that are printed; changes.csv has all


def fail(message: str) -> int:
    """Print an error in one line, without control characters; returns the exit code 2."""
    line = "".join(c if c.isprintable() else " " for c in message)
    print(f"diptych grade: {line}", file=sys.stderr)
    return 2


@contextlib.contextmanager
def progress() -> Iterator[Callable[[int, int, str], None]]:
    """A function to call with the number of graded notebooks, the number of all, and the status of
    the last one. It draws a progress bar in a terminal, and nothing elsewhere."""
    console, statuses = Console(stderr=True), Counter()
    columns = (
        *(BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}")),
        *(TimeRemainingColumn(), TextColumn("{task.fields[statuses]}")),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        task, start = shown.add_task("", total=None, rate="", statuses=""), time.monotonic()

        def update(done: int, total: int, status: str) -> None:
            statuses.update([status] if status else [])
            so_far = ", ".join(f"{count} {each}" for each, count in statuses.most_common())
            rate = f"{done / max(time.monotonic() - start, 1e-3):.1f}/s"
            shown.update(task, completed=done, total=total, rate=rate, statuses=so_far)

        yield update


def print_statuses(outcomes: list[Outcome], best: bool) -> None:
    """Print how many notebooks have which status, and their points; nothing outside a terminal."""
    console = Console()
    if not console.is_terminal:
        return
    from diptych.grading.totals import counted

    table = Table("Status", "Notebooks", "Points", "of")
    status_of = attrgetter("status")
    for status, group in groupby(sorted(outcomes, key=status_of), status_of):
        those = list(group)
        grades = [grade for outcome in those for grade in counted(outcome.grades, best)]
        points, most = sum(g.points for g in grades), sum(g.max_points for g in grades)
        table.add_row(status, str(len(those)), f"{points:g}", f"{most:g}")
    console.print(table)


def print_results(done: Graded, graded: int, args: argparse.Namespace, seconds: float) -> None:
    """Print how many notebooks were graded, which grades have changed, and where the files are."""
    left = len(done.outcomes) - graded
    more = f", {left} files not graded" if left else ""
    print(f"{graded} notebooks in {seconds:.1f} s{more}: {args.out}/report.html")
    if done.changes:
        print(f"{len(done.changes)} grades have changed: {args.out}/changes.csv")
        for each in done.changes[:CHANGES]:
            points = " → ".join("none" if p is None else f"{p:g}" for p in (each.old, each.new))
            print(
                f"  {each.student!a} {each.exercise} in {FRAMEWORK_NAMES[each.framework]}: {points}"
            )
        if len(done.changes) > CHANGES:
            print(f"  and {len(done.changes) - CHANGES} more")
    if done.equal_groups is not None:
        print(f"{done.equal_groups} groups of equal answers: {args.export_answers}/equal.csv")


def as_json(done: Graded, out: Path, seconds: float) -> dict:
    """The results for scripts: counts, changes, and the paths of the files."""
    written = ("report.html", "grades.csv", "students.csv", "changes.csv")
    return {
        "notebooks": sum(bool(outcome.grades) for outcome in done.outcomes),
        "statuses": dict(sorted(Counter(outcome.status for outcome in done.outcomes).items())),
        "changes": [vars(change) for change in done.changes],
        "equal": done.equal_groups,
        "seconds": round(seconds, 3),
        "files": [str(out / name) for name in written],
    }
