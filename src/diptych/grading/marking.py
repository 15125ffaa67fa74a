"""The status and the grades of one submission, from what its run returned."""

from __future__ import annotations

from collections.abc import Iterable

from diptych.grading import grades
from diptych.grading.asking import Asked
from diptych.grading.outcome import Grade
from diptych.grading.statuses import sentence
from diptych.isolation.steps import TRANSFORM, Limits, Run
from diptych.isolation.watch import DISK, THREADS

CONFLICT = ("<<<<<<<", "=======", ">>>>>>>")  # lines that git writes at a merge conflict


def nothing(chapter: Iterable[Asked], status: str, reason: str) -> tuple[Grade, ...]:
    """No points for any answer of the chapter, each for the same reason."""
    return tuple(grades.none(answer, status, reason) for answer in chapter)


def mark(
    chapter: Iterable[Asked],
    run: Run,
    limits: Limits,
    forbidden: str = "deny",
    others: Iterable[tuple[str, str]] = (),
) -> tuple[str, str, tuple[Grade, ...], tuple[str, ...]]:
    """Status, reason, grades and notes of one submission that has been run.

    ``forbidden`` is "deny" if an answer that ran a forbidden function loses its points, else
    "warn". ``others`` has kind and text of the cells that are not code, because an answer may have
    been written into one of them.
    """
    details = {"seconds": limits.step, "total": limits.seconds, "memory": limits.memory}
    details |= {"threads": THREADS, "disk": DISK}
    if TRANSFORM in run.ended:
        status = "failed" if run.ended[TRANSFORM] == "failed" else "unreadable"
        reason = sentence(status, reason="its cells cannot be turned into Python")
        return status, reason, nothing(chapter, status, reason), ()
    notes = _notes(run, details)
    marked = tuple(
        grades.of_answer(answer, run, notes, details, forbidden, others) for answer in chapter
    )
    said = tuple(f"code cell {number}: {note}" for number, note in sorted(notes.items()))
    if all(grade.status == "no_answer" for grade in marked):
        return "no_answer", "none of the answers is in this notebook", marked, said
    for (kind, culprit), status in run.ended.items():
        if status != "not_asked":
            where = f"code cell {culprit}" if kind == "cell" else culprit
            reason = f"graded without {where}: {sentence(status, **details)}"
            return status, reason, marked, said
    if run.late:
        at = run.late.of if run.late.kind == "cell" else "the last"
        return "slow", sentence("slow", cell=at, **details), marked, said
    return "graded", "", marked, said


def _notes(run: Run, details: dict[str, object]) -> dict[int, str]:
    """What is wrong with code cells, by number."""
    notes = {number: _note(found) for number, found in run.notes.items() if found}
    for (kind, number), status in run.ended.items():
        if kind == "cell":
            notes[number] = sentence(status, **details)
    return notes


def _note(found: list[dict]) -> str:
    """The first three different errors of a cell or, if there is none, its magics."""
    errors = [each for each in found if each["kind"] != "magic"]
    return "; ".join([*dict.fromkeys(map(_text, errors or found))][:3])


def _text(found: dict) -> str:
    line = f" (line {found['line']}: {found['text']})" if found["line"] else ""
    if found["kind"] == "magic":
        return f"{found['message']} ({found['text']})"
    if found["type"] == "SyntaxError" and found["text"].startswith(CONFLICT):
        return f"SyntaxError: git has left a merge conflict here{line}"
    return f"{found['type']}: {found['message']}{line}"
