"""The command ``diptych``: begins, builds and checks chapters, prints the atlas, grades."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from diptych.book import doctor, lab, new
from diptych.catalogue import atlas
from diptych.grading import command as grade
from diptych.grading import shards


def build(args: argparse.Namespace) -> int:
    from diptych.book import notebooks

    root = Path.cwd()
    wanted = [job for job in notebooks.jobs(root) if _named(job, args.stems)]
    if not wanted:
        print(f"diptych build: no source here has a stem of {args.stems}", file=sys.stderr)
        return 2
    for job in wanted:
        name = job.target.relative_to(root)
        if not args.force and notebooks.is_current(job):
            continue
        try:
            notebooks.build(job)
        except notebooks.BuildError as error:
            print(f"diptych build: {error}", file=sys.stderr)
            return 1
        print(f"built {name}")
    return 0


def _named(job, stems: list[str]) -> bool:
    stem = f"{job.source.parent.name}/{job.source.stem}"
    return not stems or stem in stems


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="diptych", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("build", help="build the notebooks that are out of date")
    command.add_argument("stems", nargs="*", metavar="FAMILY/STEM", help="only these chapters")
    command.add_argument("--force", action="store_true", help="build also what is up to date")
    command.set_defaults(run=build)
    atlas.register(commands)
    lab.register(commands)
    new.register(commands)
    doctor.register(commands)
    grade.register(commands)
    shards.register(commands)
    args = parser.parse_args(argv)
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
