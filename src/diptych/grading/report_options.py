"""The options of ``diptych grade`` for its reports: who is in the class, files for a course's site,
late work, marks by hand, feedback."""

from __future__ import annotations

import argparse
from pathlib import Path

from diptych.grading import option_types


def add_sites(command: argparse.ArgumentParser) -> None:
    """Add the roster, and the files that a course's site imports."""
    add = command.add_argument
    add("--roster", type=Path, metavar="CSV", help="who is in the class: a column student, or id")
    for site in ("canvas", "blackboard", "brightspace"):
        help = f"write {site}.csv; HEADING is that of the column, as {site.title()} exports it"
        add(f"--{site}", metavar="HEADING", help=help)
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


def add_late(command: argparse.ArgumentParser) -> None:
    """Add what late work costs, and how late it was."""
    add = command.add_argument
    add(
        "--late",
        type=option_types.late_rule,
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
        help="deduct in canvas.csv, too, although Canvas deducts by itself",
    )


def add_feedback(command: argparse.ArgumentParser) -> None:
    """Add marks by hand, and what students and instructors get to see."""
    add = command.add_argument
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
        type=option_types.web_address,
        metavar="URL",
        help="where the book's site is: the feedback links to its sections",
    )
    add("--show-hidden", action="store_true", help="show hidden cases to students, too")
