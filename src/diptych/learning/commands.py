"""Shared by the learner's commands: where the learner's copy is, and how a command fails."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable
from pathlib import Path

from diptych.learning import state
from diptych.learning.course import Unknown

BAD_USE = 2
NO_COPY = (
    "there is no copy of the exercises here; `diptych start activations/rectifiers` makes one, and "
    "`diptych lab` opens one in JupyterLab"
)


class Refused(Exception):
    """The command cannot do what was asked; the message says why, and what to do."""


def home() -> Path:
    """The folder of the learner's copy; raises :class:`Refused` if there is none."""
    found = state.home(Path.cwd())
    if found is None:
        raise Refused(NO_COPY)
    return found


def add(subcommands, name: str, run: Callable, help: str) -> argparse.ArgumentParser:
    """Add a command. ``run(args)`` returns the exit code, and may raise :class:`Refused`,
    :class:`diptych.learning.course.Unknown` or ``OSError``."""

    @functools.wraps(run)
    def guarded(args: argparse.Namespace) -> int:
        try:
            return run(args)
        except (Refused, Unknown, OSError) as error:
            print(f"diptych {name}: {error}", file=sys.stderr)
            return BAD_USE
        except KeyboardInterrupt:
            print(file=sys.stderr)
            return 130

    command = subcommands.add_parser(name, help=help, description=help)
    command.set_defaults(run=guarded)
    return command


def shown(path: Path) -> str:
    """A path relative to the current folder, if it lies in it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
