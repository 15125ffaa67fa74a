"""The command ``diptych``: the learner's copy, hints and progress; builds chapters; grades."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from diptych.book import doctor, new
from diptych.catalogue import atlas
from diptych.grading import classroom50, course, shards
from diptych.grading import command as grade
from diptych.learning import hints, opening, progress, reset, start, watch


def build(args: argparse.Namespace) -> int:
    from diptych.book import notebooks, statements

    root = Path.cwd()
    wanted = [job for job in notebooks.jobs(root) if _named(job.source, args.stems)]
    if not wanted:
        print(f"diptych build: no source here has a stem of {args.stems}", file=sys.stderr)
        return 2
    try:
        for job in wanted:
            if args.force or not notebooks.is_current(job):
                notebooks.build(job)
                print(f"built {job.target.relative_to(root)}")
        for source, target in statements.jobs(root):
            if _named(source, args.stems) and not statements.is_current(source, target):
                statements.build(source, target)
                print(f"built {target.relative_to(root)}")
    except notebooks.BuildError as error:
        print(f"diptych build: {error}", file=sys.stderr)
        return 1
    return 0


def _named(source: Path, stems: list[str]) -> bool:
    return not stems or f"{source.parent.name}/{source.stem}" in stems


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="diptych", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("build", help="build the notebooks that are out of date")
    command.add_argument("stems", nargs="*", metavar="FAMILY/STEM", help="only these chapters")
    command.add_argument("--force", action="store_true", help="build also what is up to date")
    command.set_defaults(run=build)
    for each in (opening, start, watch, hints, progress, reset, atlas):
        each.register(commands)
    new.register(commands)
    doctor.register(commands)
    course.register(commands)
    grade.register(commands)
    shards.register(commands)
    classroom50.register(commands)
    args = parser.parse_args(argv)
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
