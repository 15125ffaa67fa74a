"""``diptych reset leaky_relu``: puts the original cells of an answer back into the notebook."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from diptych.book import lab
from diptych.book.notebooks import ANSWER, CHECK
from diptych.learning import commands, course, notebook, state

Cells = dict[tuple[str, str], dict]  # cells by the name of an answer, and "answer" or "check"


def run(args: argparse.Namespace) -> int:
    """Reset one exercise or all, and say where the backup is; returns the exit code."""
    if bool(args.id) == args.all:
        raise commands.Refused("name one exercise, such as leaky_relu, or give --all")
    root = commands.home()
    statement, answers = (None, _every_answer()) if args.all else course.find(args.id)
    chapters = course.chapters() if args.all else (statement.chapter,)
    todo = [(file, chapter) for chapter in chapters for file in notebooks(root, chapter)]
    if not todo:
        raise commands.Refused(f"{', '.join(map(course.notebook, chapters[:1]))} is not in {root}")
    what = "every answer" if args.all else " and ".join(answers)
    where = commands.shown(root) if args.all else ", ".join(commands.shown(f) for f, _ in todo)
    if not args.yes and not _agreed(f"Put the original of {what} back into {where}?"):
        print("Nothing was changed.")
        return 1
    changed = [line for file, chapter in todo for line in _reset(file, chapter, answers)]
    solved = [answer for answer in state.solved(root) if answer in answers]
    state.append(root, reset=list(answers))
    if changed:
        again = "load it again (in JupyterLab: File, Reload Notebook from Disk)"
        changed.append(f"If a notebook is open, {again}.")
    for line in changed or ["The notebook has the original already."]:
        print(line)
    if solved:
        print(f"No longer counted as solved: {', '.join(solved)}.")
    return 0


def _every_answer() -> list[str]:
    return [a for f in course.ENDS for c in course.chapters() for a in course.answers(f, c)]


def notebooks(root: Path, chapter: str) -> Iterator[Path]:
    """The learner's notebooks with the exercises of a chapter: in the copy of the book, and in
    ``root`` itself, where a notebook lies that was downloaded alone."""
    place = root / course.notebook(chapter)
    for file in (place, root / place.name):
        if file.is_file():
            yield file


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise commands.Refused("this asks first; in a script, give --yes")
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def _reset(file: Path, chapter: str, answers: Collection[str]) -> Iterator[str]:
    """Put the original cells of the answers and their checks back; yields lines to print."""
    found = notebook.read(file)
    originals = _cells(_original(chapter), answers)
    mine = _cells(found, answers)
    differing = []
    for name, cell in originals.items():
        if name not in mine:
            yield f"{commands.shown(file)} has no cell of {name[0]}: copy it from the book."
        elif {*ANSWER.findall(notebook.source(mine[name]))} - {name[0]}:
            yield f"{commands.shown(file)}: the cell of {name[0]} stays: it has another answer."
        elif notebook.source(mine[name]) != notebook.source(cell):
            differing.append(name[0])
    if not differing:
        return
    backup = notebook.backup_path(file)
    shutil.copy2(file, backup)
    for name in originals.keys() & mine.keys():
        if name[0] in differing:
            kept = {key: originals[name][key] for key in ("source", "outputs", "execution_count")}
            mine[name].update(kept)
    notebook.write(file, found)
    yield f"{commands.shown(file)}: {', '.join(differing)} as at first."
    yield f"What you had is kept in {commands.shown(backup)}."


def _cells(whole: dict, answers: Collection[str]) -> Cells:
    """The cells that define or check the answers. If several cells define one, the cell with the
    book's id is taken, or else the first."""
    found: Cells = {}
    wanted = set(answers)
    for cell in whole["cells"]:
        if cell.get("cell_type") != "code":
            continue
        text = notebook.source(cell)
        names = [(match[1], "answer") for match in ANSWER.finditer(text)]
        if match := CHECK.fullmatch(text.strip()):
            names = [(match[1] + match[2], "check")]
        for name in names:
            ours = cell.get("id") == name[0].replace("_", "-")
            if name[0] in wanted and (ours or name not in found):
                found[name] = cell
    return found


def _original(chapter: str) -> dict:
    book = lab.find_book(Path.cwd())
    if book is None:
        raise commands.Refused("this installation has no exercises; install the package again")
    return notebook.read(book / course.notebook(chapter))


def register(subcommands) -> None:
    """Add the command ``reset`` to the command line (its subparsers)."""
    help = "put the original of an answer back into your notebook"
    command = commands.add(subcommands, "reset", run, help)
    command.add_argument("id", metavar="ID", nargs="?", help="the exercise, such as leaky_relu")
    command.add_argument("--all", action="store_true", help="every answer of every notebook")
    command.add_argument("--yes", action="store_true", help="do not ask first")
