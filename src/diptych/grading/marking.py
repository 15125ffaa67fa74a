"""From what a run brought back to points: the judge's side, which knows what is expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from diptych.forbidden import dependencies, operations
from diptych.grading.asking import Asked
from diptych.grading.outcome import Grade
from diptych.grading.statuses import sentence
from diptych.isolation.steps import TRANSFORM, Limits, Run
from diptych.isolation.watch import DISK, THREADS
from diptych.judging import curve, judge

CONFLICT = ("<<<<<<<", "=======", ">>>>>>>")  # lines that git leaves where two versions meet
HIDDEN = "right for every input that you see, and wrong for some that you do not see"


def nothing(chapter: Iterable[Asked], status: str, reason: str) -> tuple[Grade, ...]:
    """No points for any answer, for a reason that all share."""
    return tuple(_none(a, status, reason) for a in chapter)


def mark(
    chapter: Iterable[Asked],
    run: Run,
    limits: Limits,
    forbidden: str = "deny",
    others: Iterable[tuple[str, str]] = (),
) -> tuple[str, str, tuple[Grade, ...], tuple[str, ...]]:
    """Status, reason, grades and notes of one submission that has been run.

    ``forbidden`` is "deny" where an answer that ran what it must not use loses its points, or
    "warn". ``others`` are kind and text of the cells that are not code: an answer may be there.
    """
    details = {"seconds": limits.step, "total": limits.seconds, "memory": limits.memory}
    details |= {"threads": THREADS, "disk": DISK}
    if TRANSFORM in run.ended:
        status = "failed" if run.ended[TRANSFORM] == "failed" else "unreadable"
        reason = sentence(status, reason="its cells cannot be told apart from each other")
        return status, reason, nothing(chapter, status, reason), ()
    notes = {number: _said(found) for number, found in run.notes.items() if found}
    for (kind, number), status in run.ended.items():
        if kind == "cell":
            notes[number] = sentence(status, **details)
    grades = tuple(_grade(a, run, notes, details, forbidden, others) for a in chapter)
    said = tuple(f"code cell {number}: {note}" for number, note in sorted(notes.items()))
    if all(grade.status == "no_answer" for grade in grades):
        return "no_answer", "none of the answers is in this notebook", grades, said
    for (kind, culprit), status in run.ended.items():
        if status != "not_asked":
            where = f"code cell {culprit}" if kind == "cell" else culprit
            reason = f"graded without {where}: {sentence(status, **details)}"
            return status, reason, grades, said
    if run.late:
        at = run.late.of if run.late.kind == "cell" else "the last"
        return "slow", sentence("slow", cell=at, **details), grades, said
    return "graded", "", grades, said


def _said(notes: list[dict]) -> str:
    """What is to say of a cell: its errors, or else its magics, each once, and the first few."""
    errors = [note for note in notes if note["kind"] != "magic"]
    return "; ".join([*dict.fromkeys(map(_one_said, errors or notes))][:3])


def _one_said(note: dict) -> str:
    line = f" (line {note['line']}: {note['text']})" if note["line"] else ""
    if note["kind"] == "magic":
        return f"{note['message']} ({note['text']})"
    if note["type"] == "SyntaxError" and note["text"].startswith(CONFLICT):
        return f"SyntaxError: git has left a merge conflict here{line}"
    return f"{note['type']}: {note['message']}{line}"


def _grade(answer: Asked, run: Run, notes, details, forbidden: str, others: Iterable) -> Grade:
    status = run.ended.get(("answer", answer.name))
    if status:
        return _none(answer, status, sentence(status, **details))
    results, found = run.results[answer.name], run.found[answer.name]
    if results is None:
        return _missing(answer, run, notes, others)
    cells, named = found["cells"], found["named"]
    visible = len(answer.exercise.visible)
    known = visible + len(curve.cases(answer.exercise))  # the curve is shown, and not judged
    grade = _judged(answer, results[:visible] + results[known:])
    for result in results[visible:known] if grade.lost else ():
        grade = replace(grade, curve=curve.wrong(answer.exercise, result))
    broken = _why(found["broken"], notes)
    if grade.status == "not_written" and broken:
        return _none(answer, "cell_failed", sentence("cell_failed", name=answer.name, why=broken))
    if grade.status == "not_written" and len(cells) > 1:
        twice = f"; code cells {', '.join(map(str, cells))} all define it, and the last one counts"
        return _none(answer, "not_written", grade.diagnosis + twice)
    if grade.status == "not_written":
        return grade
    seen = operations.seen(run.ran.get(answer.name, ()), answer.exercise)
    if seen and forbidden == "deny":
        return _none(answer, "forbidden", sentence("forbidden", functions=" and ".join(seen)))
    if seen:
        return replace(grade, advice=f"ran {' and '.join(seen)}")
    if broken and grade.diagnosis:
        also = f"; a later version did not go through: {broken}"
        said, student = grade.diagnosis + also, grade.student_message + also
        grade = replace(grade, diagnosis=said, student_message=student)
    if named:
        cell, line, name, shown = named
        where = f"code cell {cell}, line {line}: {shown}"
        return replace(grade, advice=f"names {name} ({where}), and was not seen to run it")
    return grade


def _missing(answer: Asked, run: Run, notes: dict[int, str], others: Iterable) -> Grade:
    """Why there is no answer: its cell did not go through, it has another name, it is no code."""
    name, found = answer.name, run.found[answer.name]
    if why := _why(sorted({*found["cells"], *found["broken"]}), notes):
        ended = [run.ended[("cell", n)] for n in found["cells"] if ("cell", n) in run.ended]
        said = sentence("cell_failed", name=name, why=why)
        return _none(answer, ended[0] if ended else "cell_failed", said)
    if found["near"]:
        return _none(answer, "misnamed", sentence("misnamed", name=name, near=found["near"]))
    for kind, source in others:
        if dependencies.seems_to_define(source, name):
            kind = {"markdown": "Markdown", "raw": "raw"}.get(kind, "text")
            return _none(answer, "not_code", sentence("not_code", name=name, kind=kind))
    return _none(answer, "no_answer", sentence("no_answer", name=name))


def _why(cells: Iterable[int], notes: dict[int, str]) -> str:
    return "; ".join(f"code cell {n}: {notes[n]}" for n in cells if n in notes)


def _none(answer: Asked, status: str, said: str, evidence: str = "") -> Grade:
    most, parts = answer.exercise.max_points, answer.exercise.parts
    name = answer.exercise.answer
    return Grade(name, answer.framework, 0.0, most, status, said, evidence, said, evidence, parts)


def _judged(answer: Asked, results: list[dict]) -> Grade:
    exercise = answer.exercise
    n_visible = len(exercise.visible)
    try:
        with np.errstate(all="ignore"):
            verdict = judge.judge(exercise, answer.cases, results)
            # What a student is told comes from the cases that a student sees, and from no other.
            told = judge.judge(exercise, exercise.visible, results[:n_visible])
    except Exception:  # no submission may stop the batch, whatever the judge has overlooked
        return _none(answer, "failed", sentence("failed"))
    if not verdict.findings:
        points = verdict.points
        return Grade(exercise.answer, answer.framework, points, verdict.max_points, "graded")
    first = verdict.findings[0]
    if first.sentence == judge.NOT_WRITTEN:
        return _none(answer, "not_written", first.sentence)
    seen = told.findings[0] if told.findings else None
    return Grade(
        exercise=exercise.answer,
        framework=answer.framework,
        points=verdict.points,
        max_points=verdict.max_points,
        status="raised" if first.kind == "raised" else "graded",
        diagnosis=first.sentence,
        evidence=first.evidence,
        student_message=seen.sentence if seen else HIDDEN,
        student_evidence=seen.evidence if seen else "",
        lost=tuple(part for part in exercise.parts if part in verdict.lost),
        misconception=first.sentence in {m.sentence for m in exercise.misconceptions},
    )
