"""Which student a clone of a Git repository belongs to: ``week1-ann`` is ``ann``'s."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from diptych.grading import files, folders


def owners(folder: Path, ids: Collection[str]) -> dict[str, str]:
    """The student of each clone in ``folder`` whose name ends in ``-`` and one of the ``ids``.

    ``ids`` are the students on the roster. A clone is left out if its name ends in two of them, or
    if its student has another folder, too.
    """
    known = {student.casefold(): student for student in ids}
    names, found = folders.students(folder), {}
    for name in names:
        if name.casefold() in known or not os.path.lexists(folder / name / ".git"):
            continue
        parts = name.casefold().split("-")
        ends = known.keys() & {"-".join(parts[start:]) for start in range(1, len(parts))}
        if len(ends) == 1:
            found[files.as_text(name)] = known[ends.pop()]
    folders_of = Counter([*found.values(), *map(files.as_text, names)])
    return {name: student for name, student in found.items() if folders_of[student] == 1}
