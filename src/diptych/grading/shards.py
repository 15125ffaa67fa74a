"""Grades a class in parts: each machine grades one (``--shard 2/8``), and ``diptych merge`` merges
their stores. A job array or a CI matrix needs nothing else."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from diptych.grading import files, store

Shard = tuple[int, int]  # the number of a part, from 1, and the number of parts


def belongs(student: str, shard: Shard) -> bool:
    """Whether the student belongs to this part of the class. Each student belongs to exactly one,
    on every machine the same."""
    number, parts = shard
    return int.from_bytes(hashlib.sha256(student.encode()).digest()) % parts == number - 1


def merge(folders: Sequence[Path], out: Path) -> int:
    """Copy the outcomes in the stores of the ``folders`` into the store of ``out``; returns the
    number of notebooks.

    If a notebook is in several stores, the last one counts. Raises
    :class:`diptych.grading.store.StoreError` if a folder has no store, or if the seeds, and so the
    hidden cases, differ.
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
                    raise store.StoreError(
                        f"{folder} has no grades.sqlite: nothing was graded there"
                    )
                parts[folder] = opened.enter_context(store.opened(path))
                seeds[str(folder)] = store.kept_seed(parts[folder])
            if len(set(seeds.values())) > 1:
                raise store.StoreError(
                    "the parts were graded with different seeds: give each the same --seed"
                )
            store.seed(merged, next(iter(seeds.values())))
            for part in parts.values():
                for _, fingerprint, outcome in store.rows(part):
                    store.save(merged, fingerprint, outcome)
                    count += 1
    return count


def run(args: argparse.Namespace) -> int:
    """Merge, and print what to do next; returns the exit code: 0, or 2 if it is not possible."""
    try:
        count = merge(args.graded, args.out)
    except (store.StoreError, OSError, sqlite3.Error) as error:
        print(f"diptych merge: {error}", file=sys.stderr)
        return 2
    print(f"{count} notebooks in {args.out}/grades.sqlite")
    print(f"Now grade the whole class with --out {args.out}, and the same options: this grades")
    print("nothing again, and writes the reports on the whole class.")
    return 0


def register(commands) -> None:
    """Add the command ``merge`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser(
        "merge",
        help="put the parts of a class together that were graded with --shard",
        description="Put the stores of several --out folders into one. Then grade the whole class "
        "with that --out and the same options: nothing that is in the stores is graded again.",
        epilog="Exit code: 0, or 2 if the parts cannot be put together.",
    )
    command.add_argument("graded", type=Path, nargs="+", metavar="GRADED", help="--out of a part")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="for all of them")
    command.set_defaults(run=run)
