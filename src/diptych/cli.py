"""The command ``diptych``: one subcommand for each thing that a learner, author or teacher does."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from diptych.book import doctor, new
from diptych.catalogue import atlas
from diptych.grading import classroom50, command, new_course, shards
from diptych.learning import hints, opening, progress, reset, start, watch

COMMANDS = (
    *(opening, start, watch, hints, progress, reset, atlas),  # for learners
    *(new, doctor),  # for authors, who also have build
    *(new_course, command, shards, classroom50),  # for instructors
)


def build(args: argparse.Namespace) -> int:
    """Build the notebooks and statements that are out of date; print the name of each.

    Returns the exit code: 0, 1 if a notebook cannot be built, 2 if no source was chosen.
    """
    from diptych.book import execution, notebooks, statements
    from diptych.book.cell import BuildError

    root = Path.cwd()
    wanted = [job for job in notebooks.jobs(root) if _is_chosen(job.source, args.stems)]
    if not wanted:
        missing = f"no chapter here is called {' or '.join(args.stems) or 'FAMILY/STEM'}"
        hint = "run it in the repository's folder, with names such as activations/gates"
        print(f"diptych build: {missing}; {hint}", file=sys.stderr)
        return 2
    try:
        for job in wanted:
            if args.force or not notebooks.is_current(job):
                execution.build(job)
                print(f"built {job.target.relative_to(root)}")
        for source, target in statements.jobs(root):
            if _is_chosen(source, args.stems) and not statements.is_current(source, target):
                statements.build(source, target)
                print(f"built {target.relative_to(root)}")
    except BuildError as error:
        print(f"diptych build: {error}", file=sys.stderr)
        return 1
    return 0


def _is_chosen(source: Path, stems: list[str]) -> bool:
    return not stems or f"{source.parent.name}/{source.stem}" in stems


def main(argv: list[str] | None = None) -> int:
    """Run the command line ``argv`` (by default this process's own); return the exit code."""
    parser = argparse.ArgumentParser(
        prog="diptych", description="Work through the book, write for it, or grade a class."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    builder = commands.add_parser("build", help="build the notebooks that are out of date")
    builder.add_argument("stems", nargs="*", metavar="FAMILY/STEM", help="only these chapters")
    builder.add_argument("--force", action="store_true", help="also build what is up to date")
    builder.set_defaults(run=build)
    for each in COMMANDS:
        each.register(commands)
    args = parser.parse_args(argv)
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
