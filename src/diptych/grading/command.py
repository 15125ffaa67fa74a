"""The command ``diptych grade``."""

from __future__ import annotations

import argparse
import importlib.util
import sqlite3
import sys
import time
from pathlib import Path

from diptych.catalogue.component import FRAMEWORK_MODULES, FRAMEWORKS


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
        outcomes = grade(
            args.submitted,
            args.out,
            workers=args.workers,
            seed=args.seed,
            timeout=args.timeout,
            memory=args.memory,
            frameworks=args.frameworks,
            isolation=args.isolation,
            builtins=args.builtins,
            show_hidden=args.show_hidden,
            regrade=args.regrade,
            progress=_progress,
        )
    except KeyboardInterrupt:
        _fail("stopped. What is finished is kept: the same command goes on from there")
        return 130
    except (Busy, OSError) as error:
        return _fail(str(error))
    except sqlite3.Error as error:  # a full disk, for one; what is finished is kept
        return _fail(f"{args.out}/grades.sqlite: {error}")
    print(f"{len(outcomes)} notebooks in {time.monotonic() - start:.1f} s: {args.out}/report.html")
    return 0


def _fail(message: str) -> int:
    print(f"diptych grade: {message}", file=sys.stderr)
    return 2


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        filled = 30 * done // max(total, 1)
        end = "\n" if done == total else ""
        bar = "█" * filled + "░" * (30 - filled)
        print(f"\r{bar} {done} of {total}", end=end, file=sys.stderr, flush=True)


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
    add("--workers", type=_positive(int), metavar="N", help="default: one a processor")
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
        "--builtins",
        choices=("deny", "warn"),
        default="deny",
        help="warn: using the builtin costs nothing, and is in the report (default: %(default)s)",
    )
    add("--show-hidden", action="store_true", help="show hidden cases to students, too")
    add("--regrade", action="store_true", help="grade again what is graded already")
    command.set_defaults(run=run)
