"""``diptych watch``: checks a file whenever it is saved, for learners who work in an editor."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from diptych.book.lab import ENVIRONMENT
from diptych.learning import commands, run, state

PAUSE = 0.3  # seconds between two looks at the files

Look = tuple[tuple[int, int], str]  # time of writing and size of a file, and a hash of its code


def watch(
    place: Path,
    seen: Mapping[Path, Look],
    check: Callable[[Path], object],
    pause: Callable[[], object],
) -> None:
    """Call ``check`` with each file at ``place`` whose code has changed since it was ``seen``. Ends
    when ``pause`` raises.

    A file is checked once two looks in a row have found the same, so that no file is checked while
    it is being written.
    """
    checked = {file: code for file, (_, code) in seen.items()}
    while True:
        pause()
        before, seen = seen, look(place, seen)
        for file, (written, code) in seen.items():
            if (written, code) == before.get(file) and code not in ("", checked.get(file)):
                checked[file] = code
                check(file)


def look(place: Path, before: Mapping[Path, Look]) -> dict[Path, Look]:
    """Look at each file at ``place``. Outputs of a notebook do not matter, only its code.

    ``before`` is an earlier look: files that have not been written since are not read again.
    """
    found = {}
    for file in [place] if place.is_file() else files(place):
        with contextlib.suppress(OSError):  # the file was removed
            now = file.stat()
            written = (now.st_mtime_ns, now.st_size)
            known = before.get(file)
            found[file] = known if known and known[0] == written else (written, _code(file))
    return found


def _code(file: Path) -> str:
    """A hash of the code in a file; "" if it has no answers, or is not a whole notebook."""
    try:
        code = run.cells(file)
    except commands.Refused:
        return ""
    answers = any(map(run.answers, code))
    return hashlib.sha256("\0".join(code).encode()).hexdigest() if answers else ""


def files(folder: Path) -> Iterator[Path]:
    """The notebooks and Python files below a folder, without hidden ones and backups."""
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(run.ENDINGS) and not name.startswith(".") and ".backup" not in name:
                yield Path(top, name)


def command(args: argparse.Namespace) -> int:
    """Watch until Ctrl-C; returns the exit code."""
    here = Path.cwd()
    place = Path(args.place) if args.place else state.home(here) or here
    if not place.exists():
        raise commands.Refused(f"{place}: there is no such file or folder")
    for name, value in ENVIRONMENT.items():  # kernels then start in a fraction of a second
        os.environ.setdefault(name, value)

    def check(file: Path) -> None:
        print(f"\n{time.strftime('%H:%M:%S')} {commands.shown(file)}", flush=True)
        try:
            run.check_file(file, args.timeout)
        except commands.Refused as error:
            print(error)

    seen = look(place, {})
    print(f"Watching {commands.shown(place)}: save a file to have it checked; Ctrl-C ends this.")
    try:
        watch(place, seen, check, lambda: time.sleep(PAUSE))
    except KeyboardInterrupt:
        print("\nNo longer watching.")
        return 0


def register(subcommands) -> None:
    """Add the commands ``check`` and ``watch`` to the command line (its subparsers)."""
    check = commands.add(subcommands, "check", run.run, "check the answers in a file")
    check.add_argument("file", metavar="FILE", help="your notebook, or a Python file")
    again = commands.add(subcommands, "watch", command, "check a file whenever you save it")
    again.add_argument("place", metavar="FILE", nargs="?", help="or a folder; your copy by default")
    for each in (check, again):
        help = "how long a file may run (120)"
        each.add_argument("--timeout", type=float, default=run.SECONDS, metavar="S", help=help)
