"""``diptych lab``: JupyterLab on the learner's own copy of the book, in ``work/``.

Chapters and exercises are copied when they are not there yet. What the learner has changed
is never overwritten: a newer version of it is put beside, as ``<stem>.new.ipynb``.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import itertools
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from diptych.warm.quiet import QUIET

FOLDERS = ("chapters", "exercises")
RECORD = ".copied.json"
ENVIRONMENT = {
    "JUPYTER_DEFAULT_PROVISIONER_NAME": "diptych-warm",
    **QUIET,  # TensorFlow would log below the cell that imports it
}
SAYS = {
    "added": "added {}",
    "updated": "updated {}, which you had not changed",
    "beside": "put a newer version beside yours: {}",
}


def copy_book(book: Path, work: Path) -> list[tuple[str, str]]:
    """Copy the notebooks of ``book`` into ``work``; returns what was done, and to which file.

    What was done is ``added`` (the notebook was missing), ``updated`` (it was an older version,
    as it had been copied) or ``beside`` (the learner had changed the older version, which
    stays). Which versions the learner has is kept in ``work``, in the file ``.copied.json``.
    """
    record = work / RECORD
    copied = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    done = []
    for folder in FOLDERS:
        for original in sorted(book.glob(f"{folder}/*/*.ipynb")):
            place = original.relative_to(book)
            if news := _copy(original, place, work, copied):
                done.append(news)
    work.mkdir(exist_ok=True)
    record.write_text(json.dumps(copied, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return done


def _copy(original: Path, place: Path, work: Path, copied: dict) -> tuple[str, str] | None:
    version = _version(original)
    for name in _names(place):
        copy = work / name
        theirs = _version(copy) if copy.exists() else None
        if theirs is None and name == place.as_posix():
            done = "added"
        elif version in (theirs, copied.get(name)):
            # They have this version, with or without work in it; or had it beside theirs
            # and took it away.
            copied[name] = version
            return None
        elif theirs is None:
            done = "beside"
        elif theirs == copied.get(name):
            done = "updated"
        else:
            continue  # it has work in it
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original, copy)
        copied[name] = version
        return done, name


def _names(place: Path) -> Iterator[str]:
    yield place.as_posix()
    for number in itertools.count(1):
        yield place.with_suffix(f".new{number if number > 1 else ''}.ipynb").as_posix()


def _version(notebook: Path) -> str:
    return hashlib.sha256(notebook.read_bytes()).hexdigest()


def run(args: argparse.Namespace) -> int:
    """Copy what is new, say so, and run JupyterLab until it is stopped; returns the exit code."""
    book = Path.cwd()
    work = book / "work"
    if not (book / "exercises").is_dir():
        return _refuse(f"there are no exercises in {book}; start it in the book's folder")
    for done, name in copy_book(book, work):
        print(SAYS[done].format(f"work/{name}"))
    if args.no_start:
        return 0
    if importlib.util.find_spec("jupyterlab") is None:
        return _refuse("JupyterLab is not installed; make lab installs and starts it")
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    from jupyterlab.labapp import LabApp

    LabApp.launch_instance([f"--ServerApp.root_dir={work}", *args.options])
    return 0


def _refuse(reason: str) -> int:
    print(f"diptych lab: {reason}", file=sys.stderr)
    return 2


def register(commands) -> None:
    """Add the command ``lab`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser("lab", help="open your own copy of the book in JupyterLab")
    command.add_argument("--no-start", action="store_true", help="only copy what is new")
    command.add_argument("options", nargs="*", metavar="-- OPTION", help="handed to JupyterLab")
    command.set_defaults(run=run)
