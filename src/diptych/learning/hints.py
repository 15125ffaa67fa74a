"""``diptych hint leaky_relu``: the hints of an exercise, one at a time."""

from __future__ import annotations

import argparse

from diptych.learning import check, commands, course, state


def run(args: argparse.Namespace) -> int:
    """Print the next hint or, after the last one, where the solution is; returns the exit code."""
    said, _ = course.find(args.id)
    root = commands.home()
    shown = state.hints_shown(root, said.answer)
    if shown < len(said.hints):
        print(f"{said.title}, hint {shown + 1} of {len(said.hints)}: {said.hints[shown]}")
        state.append(root, hint=said.answer)
        return 0
    print(f"{said.title} has no more hints. Those were:")
    for number, hint in enumerate(said.hints, 1):
        print(f"{number}. {hint}")
    address = check.address(said, root)
    print(f"Read more: {course.section(said)}{f' ({address})' if address else ''}.")
    print(f"The solution: solutions/{said.chapter}.ipynb in the book, section “{said.title}”.")
    return 0


def register(subcommands) -> None:
    """Add the command ``hint`` to the command line (its subparsers)."""
    help = "print the next hint of an exercise"
    command = commands.add(subcommands, "hint", run, help)
    command.add_argument("id", metavar="ID", help="the exercise, such as leaky_relu")
