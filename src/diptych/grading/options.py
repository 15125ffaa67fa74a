"""The options of ``diptych grade``: what they take, and what they say when it is something else."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from diptych.catalogue.component import FRAMEWORKS, catalogue, chapters
from diptych.grading.lateness import Rule, rule
from diptych.grading.shards import Shard
from diptych.isolation.steps import Limits

BEST = ("best",)
NUMBERS = {int: "whole number", float: "number"}


def add_to(command: argparse.ArgumentParser) -> None:
    """Add them all to the command."""
    add = command.add_argument
    add(
        "submitted",
        type=Path,
        metavar="SUBMITTED",
        help="a folder with a folder for each student, or the download of a course's site",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="where store and reports go")
    add(
        "--course",
        type=Path,
        metavar="TOML",
        help="take chapters, frameworks, seed and deadline from this file of diptych course; "
        "options that are given here win",
    )
    who = command.add_mutually_exclusive_group().add_argument
    who(
        "--workers", type=_number(int, 1, 1000), metavar="N", help="default: one for each processor"
    )
    who(
        "--cluster",
        type=_address,
        metavar="ADDRESS",
        help="grade with the workers of this Dask scheduler, tcp://host:8786",
    )
    add(
        "--seed",
        type=seed,
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
        type=some_frameworks,
        metavar="F[,F]",
        help=f"those that count (default: {','.join(FRAMEWORKS)}); best: of each exercise, the "
        "better of the two",
    )
    add(
        "--chapters",
        type=some_chapters,
        default=(),
        metavar="C[,C]",
        help="those that are graded, and count (default: all that somebody has handed in)",
    )
    add("--roster", type=Path, metavar="CSV", help="who is in the class: a column student, or id")
    add("--canvas", metavar="HEADING", help="write canvas.csv; the column as Canvas exports it")
    add("--blackboard", metavar="HEADING", help="write blackboard.csv; the column as it exports it")
    add("--brightspace", metavar="HEADING", help="write brightspace.csv; as Brightspace exports it")
    add("--gradescope", action="store_true", help="write results.json of the only student")
    add(
        "--moodle",
        type=Path,
        metavar="CSV",
        help="fill in this grading worksheet as moodle.csv; pack the feedback for Moodle",
    )
    add(
        "--nbgrader",
        type=Path,
        metavar="COURSE",
        help="write scores and comments into gradebook.db in this folder of an nbgrader course, "
        "and the notebooks into autograded/",
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
    add(
        "--late",
        type=_late,
        metavar="RULE",
        help="what late work costs: 10%% of its points, 10%%/day, or 10%%/day,50%% (50%% at most); "
        "default: nothing",
    )
    add(
        "--late-csv",
        type=Path,
        metavar="CSV",
        help="how late: student, and seconds, or submitted and due",
    )
    add(
        "--late-in-canvas",
        action="store_true",
        help="deduct in canvas.csv, too: Canvas does so itself",
    )
    add(
        "--overrides",
        type=Path,
        metavar="CSV",
        help="marks by hand: student, exercise, framework, points, comment (default: overrides.csv "
        "in --out, if there is one)",
    )
    add(
        "--export-answers",
        type=Path,
        metavar="DIR",
        help="write each answer as a .py file, and which ones are equal",
    )
    add(
        "--book",
        type=_book,
        metavar="URL",
        help="where the book's site is: the feedback leads to its sections",
    )
    add("--show-hidden", action="store_true", help="show hidden cases to students, too")
    add("--regrade", action="store_true", help="grade again what is graded already")
    add(
        "--only",
        type=_only,
        action="append",
        default=[],
        metavar="STUDENT[,EXERCISE]",
        help="grade again what is graded already of this student, of the exercise's chapter only "
        "(may be given several times)",
    )
    add(
        "--shard",
        type=_shard,
        default=(1, 1),
        metavar="K/N",
        help="only part K of N of the class; give all parts the same --seed, and see diptych merge",
    )
    add("--json", action="store_true", help="print one line of JSON in the place of the summary")


def add_assignment(command: argparse.ArgumentParser) -> None:
    """Add those that say what an assignment asks for."""
    command.add_argument(
        "--chapters",
        type=some_chapters,
        required=True,
        metavar="C[,C]",
        help="such as activations/rectifiers,losses/binary; diptych atlas lists them",
    )
    command.add_argument(
        "--frameworks",
        type=some_frameworks,
        default=FRAMEWORKS,
        metavar="F[,F]",
        help=f"those that count (default: {','.join(FRAMEWORKS)}); best: of each exercise, the "
        "better of the two",
    )


def some_frameworks(text: str) -> tuple[str, ...]:
    if text in BEST:
        return BEST
    chosen = set(text.split(","))
    if not chosen <= set(FRAMEWORKS):
        raise argparse.ArgumentTypeError(f"choose best, or from {','.join(FRAMEWORKS)}")
    return tuple(f for f in FRAMEWORKS if f in chosen)


def some_chapters(text: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(text.split(",")))
    if unknown := [chapter for chapter in chosen if chapter not in chapters()]:
        raise argparse.ArgumentTypeError(
            f"there is no chapter {unknown[0]!a}; one is called {chapters()[-1]}"
        )
    return chosen


def _only(text: str) -> tuple[str, str]:
    student, comma, exercise = text.rpartition(",")
    of = {e.answer: component.chapter for component in catalogue() for e in component.exercises}
    if comma and exercise not in of:
        raise argparse.ArgumentTypeError(f"there is no exercise {exercise!a}")
    return (student, of[exercise]) if comma else (exercise, "")


def _shard(text: str) -> Shard:
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    shard = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= shard[0] <= shard[1]:
        raise argparse.ArgumentTypeError("a part of the class is 1/8, 2/8, … 8/8")
    return shard


def _address(text: str) -> str:
    if not re.fullmatch(r"(tcp|tls|wss?)://.+:\d{1,5}", text):
        raise argparse.ArgumentTypeError("the address of a scheduler is tcp://host:8786")
    return text


def _late(text: str) -> Rule:
    try:
        return rule(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def seed(text: str) -> str:
    if not text or not text.isprintable():
        raise argparse.ArgumentTypeError("a seed is a text of printable characters")
    return text


def _book(text: str) -> str:
    if not re.match(r"https?://", text):
        raise argparse.ArgumentTypeError(f"{text[:40]!a} is no address that begins with https://")
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
