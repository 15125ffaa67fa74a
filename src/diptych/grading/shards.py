"""A class in parts: each machine grades one (``--shard 2/8``), ``diptych merge`` puts the stores
together. A job array or a CI matrix needs nothing else."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from diptych.grading import files, store

Shard = tuple[int, int]  # which, from 1, of how many


def belongs(student: str, shard: Shard) -> bool:
    """Whether the student is of this part of the class: each is of one, wherever it is asked."""
    number, parts = shard
    return int.from_bytes(hashlib.sha256(student.encode()).digest()) % parts == number - 1


def merge(folders: Sequence[Path], out: Path) -> int:
    """Put what the ``folders`` have graded into the store of ``out``; returns how many notebooks.

    Of a notebook that is in several, the last one counts. Raises
    :class:`diptych.grading.store.Unusable` where a folder has no store, or where the seeds differ:
    the hidden cases would be others, too.
    """
    files.folder(out)
    count = 0
    with store.opened(out / "grades.sqlite") as merged:
        seeds = {"": store.kept_seed(merged)} if store.kept_seed(merged) else {}
        with contextlib.ExitStack() as opened:
            parts = {}
            for folder in folders:
                path = folder / "grades.sqlite"
                if not path.is_file():
                    raise store.Unusable(f"{folder} has no grades.sqlite: nothing was graded there")
                parts[folder] = opened.enter_context(store.opened(path))
                seeds[str(folder)] = store.kept_seed(parts[folder])
            if len(set(seeds.values())) > 1:
                raise store.Unusable(
                    "the parts were graded with different seeds: give each the same --seed"
                )
            store.seed(merged, next(iter(seeds.values())))
            for part in parts.values():
                for _, fingerprint, outcome in store.rows(part):
                    store.save(merged, fingerprint, outcome)
                    count += 1
    return count


def run(args: argparse.Namespace) -> int:
    """Merge, and say what comes next; returns the exit code: 0, or 2 where it was not possible."""
    try:
        count = merge(args.graded, args.out)
    except (store.Unusable, OSError, sqlite3.Error) as error:
        print(f"diptych merge: {error}", file=sys.stderr)
        return 2
    print(f"{count} notebooks in {args.out}/grades.sqlite")
    print(f"Now grade the whole class with --out {args.out}, and the same options: nothing of this")
    print("is graded again, and the reports are of everybody.")
    return 0


def register(commands) -> None:
    """Add the command ``merge`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser(
        "merge",
        help="put the parts of a class together that were graded with --shard",
        description="Put the stores of several --out folders into one. Then grade the whole class "
        "with that --out and the same options: what is known is not graded again.",
        epilog="Exit code: 0, or 2 if the parts cannot be put together.",
    )
    command.add_argument("graded", type=Path, nargs="+", metavar="GRADED", help="--out of a part")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="for all of them")
    command.set_defaults(run=run)
