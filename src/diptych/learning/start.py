"""``diptych start activations/rectifiers``: copies the exercises of a chapter for the learner."""

from __future__ import annotations

import argparse
from pathlib import Path

from diptych.book import lab
from diptych.catalogue.component import FRAMEWORK_NAMES
from diptych.learning import commands, course, state


def run(args: argparse.Namespace) -> int:
    """Copy what is missing, and print what to open and what is first; returns the exit code."""
    chapter = course.find_chapter(args.chapter)
    here = Path.cwd()
    book = lab.find_book(here)
    if book is None:
        raise commands.Refused("this installation has no exercises; install the package again")
    copy = state.home(here)
    if copy is None or not lab.is_copy(copy):
        copy = here / "work"
    place = course.notebook(chapter)
    copied = lab.copy_book(book, copy, notebooks=place.removesuffix(".ipynb"))
    for done, name in copied:
        print(lab.SAYS[done].format(commands.shown(copy / name)))
    print(f"Open {commands.shown(copy / place)} in JupyterLab, or in an editor for notebooks.")
    solved = state.solved(copy)
    for framework in course.frameworks():
        left = [each for each in course.answers(framework, chapter) if each not in solved]
        name = FRAMEWORK_NAMES[framework]
        first = f"begin with {left[0]}" if left else "everything is solved"
        print(f"In {name}: {first}, {len(left)} of {len(course.exercises(chapter))} to do.")
    print(f"`diptych check {commands.shown(copy / place)}` says what is right.")
    return 0


def register(subcommands) -> None:
    """Add the command ``start`` to the command line (its subparsers)."""
    help = "copy the exercises of a chapter into your own copy, and say what is first"
    command = commands.add(subcommands, "start", run, help)
    command.add_argument("chapter", metavar="FAMILY/CHAPTER", help="such as activations/rectifiers")
