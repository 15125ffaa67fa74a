"""The options of ``diptych grade``, and those that ``diptych course`` and ``classroom50`` share."""

from __future__ import annotations

import argparse
from pathlib import Path

from diptych.catalogue.component import FRAMEWORKS
from diptych.grading import option_types, report_options
from diptych.isolation.steps import Limits

FRAMEWORKS_HELP = (
    f"those that count (default: {','.join(FRAMEWORKS)}); best: of each exercise, the better of "
    "the two"
)


def add_to(command: argparse.ArgumentParser) -> None:
    """Add all options of ``diptych grade`` to the ``command``, in the order of its help."""
    _add_folders(command)
    _add_limits(command)
    _add_what_counts(command)
    report_options.add_sites(command)
    _add_safety(command)
    report_options.add_late(command)
    report_options.add_feedback(command)
    _add_selection(command)
    command.add_argument(
        "--json", action="store_true", help="print one line of JSON instead of the summary"
    )


def _add_folders(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add(
        "submitted",
        type=Path,
        metavar="SUBMITTED",
        help="a folder with a folder for each student, or the download of a course's site",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="the folder for grades and reports")
    add(
        "--course",
        type=Path,
        metavar="TOML",
        help="take chapters, frameworks, seed and deadline from this file of diptych course; "
        "options that are given here win",
    )


def _add_limits(command: argparse.ArgumentParser) -> None:
    """Add who grades, the seed, and how much a submission may use."""
    add, number = command.add_argument, option_types.number
    who = command.add_mutually_exclusive_group().add_argument
    help = "how many notebooks run in parallel (default: one for each processor)"
    who("--workers", type=number(int, 1, 1000), metavar="N", help=help)
    who(
        "--cluster",
        type=option_types.scheduler,
        metavar="ADDRESS",
        help="grade with the workers of this Dask scheduler, tcp://host:8786",
    )
    add(
        "--seed",
        type=option_types.seed,
        metavar="S",
        help="the seed of the hidden cases; default: random, and kept with the grades",
    )
    add(
        "--timeout",
        type=number(float, 0.1, 86_400),
        default=Limits.seconds,
        metavar="S",
        help="seconds for a submission; one cell or answer gets a quarter (default: %(default)g)",
    )
    add(
        "--memory",
        type=number(int, 1, 1_000_000),
        default=Limits.memory,
        metavar="MB",
        help="for a submission, besides the memory of the frameworks (default: %(default)d)",
    )


def _add_what_counts(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--frameworks", type=option_types.frameworks, metavar="F[,F]", help=FRAMEWORKS_HELP)
    add(
        "--chapters",
        type=option_types.chapters,
        default=(),
        metavar="C[,C]",
        help="those that are graded, and count (default: all that somebody has handed in)",
    )


def _add_safety(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
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


def _add_selection(command: argparse.ArgumentParser) -> None:
    """Add what is graded again, and which part of the class."""
    add = command.add_argument
    add("--regrade", action="store_true", help="grade again what is graded already")
    add(
        "--only",
        type=option_types.student_and_chapter,
        action="append",
        default=[],
        metavar="STUDENT[,EXERCISE]",
        help="grade again what is graded already of this student, of the exercise's chapter only "
        "(may be given several times)",
    )
    add(
        "--shard",
        type=option_types.shard,
        default=(1, 1),
        metavar="K/N",
        help="only part K of N of the class; give all parts the same --seed, and see diptych merge",
    )


def add_assignment(command: argparse.ArgumentParser) -> None:
    """Add the chapters and frameworks of an assignment."""
    add = command.add_argument
    add(
        "--chapters",
        type=option_types.chapters,
        required=True,
        metavar="C[,C]",
        help="such as activations/rectifiers,losses/binary; diptych atlas lists them",
    )
    add(
        "--frameworks",
        type=option_types.frameworks,
        default=FRAMEWORKS,
        metavar="F[,F]",
        help=FRAMEWORKS_HELP,
    )
