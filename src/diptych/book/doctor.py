"""``diptych doctor``: says in seconds what a chapter still lacks, without either framework."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from diptych.book import notebooks
from diptych.book.cell import BuildError
from diptych.book.new import MARK
from diptych.catalogue import evidence
from diptych.catalogue.component import Component, chapters, load

LEAST_MISTAKES = 3  # an exercise must have at least so many misconceptions


def lacks(root: Path, chapter: str) -> Iterator[str]:
    """One sentence for each thing that a chapter (``family/stem``) in the folder ``root`` lacks."""
    files = {
        part: root / f"{part}/{chapter}.py"
        for part in ("src/diptych/components", "chapters", "solutions")
    }
    missing = [file for file in files.values() if not file.exists()]
    if missing:
        yield from (f"{file.relative_to(root)} is missing" for file in missing)
        return
    for file in files.values():
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if MARK in line:
                yield f"{file.relative_to(root)}:{number}: {line[line.index(MARK) :].strip()}"
    try:
        components = load(chapter)
    except Exception as error:
        yield f"src/diptych/components/{chapter}.py: {type(error).__name__}: {error}"
        return
    page, solutions = (files[part].read_text("utf-8") for part in ("chapters", "solutions"))
    for component in components:
        yield from _section(component, page)
        yield from _exercises(component, solutions)
    yield from evidence.missing_cells(components, root)
    yield from evidence.missing_calls(components, root)
    yield from _notebooks(root, chapter)


def _section(component: Component, page: str) -> Iterator[str]:
    for wanted in (f"({component.anchor})=", f"<!-- head: {component.id} -->"):
        if wanted not in page:
            yield f"{component.id}: the chapter has no {wanted}"


def _exercises(component: Component, solutions: str) -> Iterator[str]:
    if not component.exercises and component.kind != "usage":
        yield f"{component.id}: it has no exercise"
    for exercise in component.exercises:
        if len(exercise.misconceptions) < LEAST_MISTAKES:
            yield f"{exercise.answer}: it has fewer than {LEAST_MISTAKES} misconceptions"
        for suffix in ("pt", "tf"):
            if not re.search(rf"^(def|class) {exercise.answer}_{suffix}\b", solutions, re.M):
                yield f"{exercise.answer}: the solutions have no {exercise.answer}_{suffix}"


def _notebooks(root: Path, chapter: str) -> Iterator[str]:
    for job in notebooks.jobs(root):
        if job.source.relative_to(root).with_suffix("").as_posix().endswith(f"/{chapter}"):
            try:
                current = notebooks.is_current(job)
            except BuildError as error:
                yield str(error)
                continue
            if not current:
                yield f"{job.target.relative_to(root)} is not built from its source: make notebooks"


def run(args: argparse.Namespace) -> int:
    """Print what is lacking; returns 1 if something is, else 0."""
    root, found = Path.cwd(), 0
    for chapter in args.chapters or chapters():
        for sentence in lacks(root, chapter):
            found += 1
            print(f"{chapter}: {sentence}")
    print(f"{found} things are lacking" if found else "nothing is lacking")
    return 1 if found else 0


def register(commands) -> None:
    """Add the command ``doctor`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser("doctor", help="say what chapters still lack")
    command.add_argument("chapters", nargs="*", metavar="FAMILY/STEM", help="only these")
    command.set_defaults(run=run)
