"""``diptych lab``: opens the learner's own copy of the book in JupyterLab, at *Start here*."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path

from diptych.book.lab import ENVIRONMENT, SAYS, START, copy_book
from diptych.learning import start_page


def run(args: argparse.Namespace) -> int:
    """Copy new notebooks, print their names, and run JupyterLab until it is stopped; returns the
    exit code."""
    book = Path.cwd()
    work = book / "work"
    if not (book / "exercises").is_dir():
        return _refuse(f"there are no exercises in {book}; run this command in the book's folder")
    for done, name in copy_book(book, work, start_page=start_page.notebook(book)):
        print(SAYS[done].format(f"work/{name}"))
    if args.no_start:
        return 0
    if importlib.util.find_spec("jupyterlab") is None:
        return _refuse("JupyterLab is not installed; make lab installs and starts it")
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    from jupyterlab.labapp import LabApp

    opened = f"--LabApp.default_url=/lab/tree/{START}"
    LabApp.launch_instance([f"--ServerApp.root_dir={work}", opened, *args.options])
    return 0


def _refuse(reason: str) -> int:
    print(f"diptych lab: {reason}", file=sys.stderr)
    return 2


def register(commands) -> None:
    """Add the command ``lab`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser("lab", help="open your own copy of the book in JupyterLab")
    command.add_argument("--no-start", action="store_true", help="only copy what is new")
    command.add_argument("options", nargs="*", metavar="-- OPTION", help="passed on to JupyterLab")
    command.set_defaults(run=run)
