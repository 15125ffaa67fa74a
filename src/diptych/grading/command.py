"""The command ``diptych grade``."""

from __future__ import annotations

import argparse
import importlib.util
import json
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from diptych.catalogue.component import FRAMEWORK_MODULES, FRAMEWORKS
from diptych.grading import course, options, terminal
from diptych.grading.option_types import BEST
from diptych.grading.terminal import fail

if TYPE_CHECKING:
    from diptych.grading.batch import Graded


def run(args: argparse.Namespace) -> int:
    """Grade a folder or an archive; returns the exit code: 0 if something was graded, 2 if nothing
    could be graded, 130 if the user stopped it."""
    try:
        course.complete(args)
    except (course.CourseError, OSError) as error:
        return fail(str(error))
    best = args.frameworks == BEST
    frameworks = FRAMEWORKS if best else args.frameworks
    problem = _missing_packages(frameworks, args.nbgrader) or _bad_folders(args.submitted, args.out)
    if problem:
        return fail(problem)
    from diptych.grading.cluster import ClusterError
    from diptych.grading.exports import ExportError
    from diptych.grading.folders import NothingToGrade
    from diptych.grading.lateness import LateError
    from diptych.grading.store import StoreError
    from diptych.grading.tables import TableError

    if args.isolation == "none":
        print(
            "diptych grade: isolation: none. The notebooks run with your rights: grade only the\n"
            "work of people whom you trust.",
            file=sys.stderr,
        )
    start = time.monotonic()
    try:
        done = _grade(args, frameworks, best)
    except KeyboardInterrupt:
        fail("stopped. Finished grades are kept: run the same command again to continue")
        return 130
    except (
        *(NothingToGrade, StoreError, ClusterError, OSError, TableError, ExportError),
        LateError,
    ) as error:
        return fail(str(error))
    except UnicodeDecodeError:
        return fail(f"{args.moodle} is not UTF-8: download the worksheet again")
    except sqlite3.Error as error:  # such as a full disk; finished grades are kept
        return fail(f"{args.out}/grades.sqlite: {error}")
    return _report(done, args, best, time.monotonic() - start)


def _grade(args: argparse.Namespace, frameworks: Sequence[str], best: bool) -> Graded:
    """Read the files that the options name, and grade; raises what these raise."""
    from diptych.grading import by_hand, lateness, roster
    from diptych.grading.batch import grade

    listed = roster.read(args.roster) if args.roster else {}
    sites = {site: getattr(args, site) for site in ("canvas", "blackboard", "brightspace")}
    sites["gradescope"] = "results.json" if args.gradescope else ""
    if args.moodle:
        sites["moodle"] = args.moodle.read_bytes().decode("utf-8")
    overrides = args.overrides or args.out / "overrides.csv"
    marks = by_hand.read(overrides) if args.overrides or overrides.exists() else []
    with terminal.progress() as progress:
        return grade(
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


def _report(done: Graded, args: argparse.Namespace, best: bool, seconds: float) -> int:
    """Print the results; returns the exit code."""
    for unknown in done.not_in_class:
        fail(f"{args.late_csv}: nobody in the class is called {unknown}")
    if args.json:
        print(json.dumps(terminal.as_json(done, args.out, seconds)))
    else:
        terminal.print_statuses(done.outcomes, best)
    graded = sum(bool(outcome.grades) for outcome in done.outcomes)
    if not graded:
        return fail(
            f"none of {len(done.outcomes)} files in {args.submitted} can be graded, the first "
            f"because {done.outcomes[0].reason}; {args.out}/report.html lists them"
        )
    if not args.json:
        terminal.print_results(done, graded, args, seconds)
    return 0


def _missing_packages(frameworks: Sequence[str], nbgrader: Path | None) -> str:
    """Which package has to be installed first; "" if all are there."""
    needed = [FRAMEWORK_MODULES[framework] for framework in frameworks]
    absent = [module for module in needed if not importlib.util.find_spec(module)]
    if absent:
        return f"{' and '.join(absent)} not installed here; see --frameworks"
    if nbgrader and not importlib.util.find_spec("nbgrader"):
        return "--nbgrader needs nbgrader: pip install nbgrader"
    return ""


def _bad_folders(submitted: Path, out: Path) -> str:
    """What is wrong with the two paths; "" if nothing is. ``submitted`` may be an archive."""
    if not submitted.exists():
        return f"there is no folder or archive {submitted}"
    if out.resolve().is_relative_to(submitted.resolve()):
        return f"--out {out} lies in {submitted}, where it would be taken for a student"
    return f"--out {out} is a file" if out.exists() and not out.is_dir() else ""


def register(commands) -> None:
    """Add the command ``grade`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser(
        "grade",
        help="grade a folder of submitted notebooks",
        description="Grade the notebooks in SUBMITTED/<student>/, or in what Canvas, Moodle, "
        "Blackboard, Brightspace, Gradescope or nbgrader hands out, packed or unpacked. What is "
        "graded already, from the same bytes and with the same options, is not graded again.",
        epilog="Exit code: 0 if something was graded, 2 if nothing could be graded, 130 if you "
        "stopped it: finished grades are kept.",
    )
    command.error = lambda message: command.exit(fail(message))
    options.add_to(command)
    command.set_defaults(run=run)
