"""What a learner has reached: the file ``.progress.jsonl`` in the learner's copy of the book.

Each event is one line, and lines are only appended: two kernels can write at the same time, and
damage costs one line. The file lies in the nearest folder above that ``diptych lab`` has made. If a
notebook was downloaded alone, the file lies beside it. In the book's repository nothing is kept.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import diptych
from diptych.book.lab import is_copy

PROGRESS = ".progress.jsonl"
PACKAGE = Path(diptych.__file__).parent


def root(folder: Path | None = None) -> Path | None:
    """The folder with the state of the learner who works in ``folder``, by default the current one;
    ``None`` in the book's repository and in the package, because no learner works there."""
    here = (folder or Path.cwd()).resolve()
    for each in (here, *here.parents):
        if is_copy(each):
            return each
        if each == PACKAGE or ((each / "_toc.yml").is_file() and (each / "exercises").is_dir()):
            return None
    return here


def home(folder: Path) -> Path | None:
    """The learner's copy, for a command in ``folder``; ``None`` if there is none.

    It is a folder above or, in the book, its folder ``work``. If a notebook was downloaded alone,
    it is ``folder`` itself.
    """
    for each in (folder, *folder.parents):
        for place in (each, each / "work"):
            if is_copy(place):
                return place
    alone = (folder / PROGRESS).is_file() or any(folder.glob("*.ipynb"))
    return root(folder) if alone else None


def record(answer: str, points: float, max_points: float) -> None:
    """Keep the points of an answer (``leaky_relu_pt``), if it never had as many.

    Raises ``OSError`` if the file cannot be written.
    """
    where = root()
    if where is not None and points > reached(where).get(answer, 0):
        append(where, answer=answer, points=float(points), max_points=float(max_points))


def reached(root: Path | None) -> dict[str, float]:
    """The most points of each answer; the answer that changed last comes last."""
    return {answer: points for answer, (points, _) in _points(root).items()}


def solved(root: Path | None) -> list[str]:
    """The answers that had all their points; the one that was solved last comes last."""
    return [answer for answer, (points, most) in _points(root).items() if points >= most]


def hints_shown(root: Path | None, exercise: str) -> int:
    """How many hints of an exercise (``leaky_relu``) the learner has asked for."""
    count = 0
    for event in _events(root):
        match event:
            case {"hint": name} if name == exercise:
                count += 1
            case {"reset": list(names)} if {f"{exercise}_pt", f"{exercise}_tf"} & {*names}:
                count = 0
    return count


def append(root: Path, **event: object) -> None:
    """Append an event: ``answer`` with ``points`` and ``max_points``; ``hint``, an exercise; or
    ``reset``, a list of answers whose points and hints are forgotten. Raises ``OSError``."""
    # The newline at the beginning ends a line that was cut off.
    line = f"\n{json.dumps(event)}\n".encode()
    file = os.open(root / PROGRESS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(file, line)
    finally:
        os.close(file)


def _points(root: Path | None) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for event in _events(root):
        match event:
            case {"answer": str(answer), "points": float(points), "max_points": float(most)}:
                found[answer] = max(found.pop(answer, (0.0, most)), (points, most))
            case {"reset": list(names)}:
                found = {name: each for name, each in found.items() if name not in names}
    return found


def _events(root: Path | None) -> Iterator[object]:
    if root is None:
        return
    try:
        lines = (root / PROGRESS).read_bytes().splitlines()
    except OSError:  # no file yet, or one that cannot be read
        return
    for line in lines:
        with contextlib.suppress(ValueError):  # a damaged line
            yield json.loads(line)
