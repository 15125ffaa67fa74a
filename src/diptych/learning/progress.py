"""``progress()`` and ``diptych progress``: what is solved in each chapter, and what is next."""

from __future__ import annotations

import argparse
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.catalogue.component import FRAMEWORK_NAMES
from diptych.learning import commands, course, state
from diptych.learning.check import next_line
from diptych.learning.paths import PATHS


@dataclass(frozen=True)
class Row:
    """A chapter and, for each framework, how many exercises are solved, and how many there are."""

    chapter: str
    counts: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Progress:
    """What a learner has solved, displayed as a table; ``following`` says what is next."""

    title: str
    rows: tuple[Row, ...]
    following: str

    @property
    def total(self) -> Row:
        """The sum of all chapters."""
        frameworks = self.rows[0].counts
        columns = ([row.counts[name] for row in self.rows] for name in frameworks)
        sums = [tuple(map(sum, zip(*column, strict=True))) for column in columns]
        return Row("all", dict(zip(frameworks, sums, strict=True)))

    def __repr__(self) -> str:
        from rich.console import Console

        buffer = io.StringIO()
        console = Console(file=buffer, width=80, color_system=None, force_jupyter=False)
        self.print(console)
        return buffer.getvalue().rstrip()

    def print(self, console) -> None:
        """Show the table on a ``rich.console.Console``."""
        from rich.table import Table

        table = Table(title=self.title, title_justify="left", title_style="bold")
        for head in self._head():
            table.add_column(head, justify="left" if head == "chapter" else "right")
        for row in self.rows:
            done = all(solved == asked for solved, asked in row.counts.values())
            table.add_row(*_cells(row), style="green" if done else None)
        table.add_section()
        table.add_row(*_cells(self.total), style="bold")
        console.print(table)
        console.print(self.following, highlight=False, soft_wrap=True)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in self._head())
        body = "".join(
            f"<tr>{''.join(f'<td>{cell}</td>' for cell in _cells(row))}</tr>"
            for row in (*self.rows, self.total)
        )
        return (
            f'<table class="diptych-progress"><caption>{html.escape(self.title)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f"<p>{html.escape(self.following)}</p>"
        )

    def _head(self) -> list[str]:
        return ["chapter", *(FRAMEWORK_NAMES[framework] for framework in self.total.counts)]


def progress(path: str | None = None) -> Progress:
    """How many exercises of each chapter are solved, in each installed framework, and the next one.

    With a ``path`` (``"pytorch"``, ``"keras"`` or ``"neither"``), only its exercises are counted
    (:mod:`diptych.learning.paths`). Raises ``ValueError`` if there is no such path.
    """
    return of(state.root(), path)


def of(root: Path | None, path: str | None = None) -> Progress:
    """The progress of the learner whose state is in ``root``; raises what :func:`progress` does."""
    if path is not None and path not in PATHS:
        raise ValueError(f"there is no path {path!r}; the paths are {', '.join(PATHS)}")
    solved, frameworks, asked = state.solved(root), course.frameworks(), _asked(path)
    rows = tuple(
        Row(chapter, {f: _count(names, f, solved) for f in frameworks}) for chapter, names in asked
    )
    framework = _framework(path, frameworks, solved)
    order = [(name + course.ENDS[framework], chapter) for chapter, names in asked for name in names]
    following = course.next_answer(order, solved, solved[-1] if solved else "")
    title = f"The path “{PATHS[path].title}”" if path else "The whole book"
    return Progress(title, rows, next_line(following))


def _asked(path: str | None) -> list[tuple[str, Sequence[str]]]:
    """The chapters that are counted, each with its exercises."""
    if path:
        return [(step.chapter, step.exercises) for step in PATHS[path].steps if step.exercises]
    return [(chapter, course.exercises(chapter)) for chapter in course.chapters()]


def _framework(path: str | None, frameworks: list[str], solved: list[str]) -> str:
    """The framework of the next exercise: that of the last solved answer or, if nothing is solved,
    the one that is new to the reader of the path."""
    if solved:
        return course.framework_of(solved[-1])
    new = "tensorflow" if path == "pytorch" else "pytorch"
    return new if new in frameworks else frameworks[0]


def _count(names: Sequence[str], framework: str, solved: list[str]) -> tuple[int, int]:
    return sum(name + course.ENDS[framework] in solved for name in names), len(names)


def _cells(row: Row) -> list[str]:
    counts = (f"{solved} of {asked}" for solved, asked in row.counts.values())
    return [row.chapter, *counts]


def run(args: argparse.Namespace) -> int:
    """Print the progress of the learner in this folder; returns the exit code."""
    from rich.console import Console

    of(commands.home(), args.path).print(Console())
    return 0


def register(subcommands) -> None:
    """Add the command ``progress`` to the command line (its subparsers)."""
    help = "show what you have solved, and what is next"
    command = commands.add(subcommands, "progress", run, help)
    command.add_argument("--path", choices=PATHS, help="count only the exercises of one path")
