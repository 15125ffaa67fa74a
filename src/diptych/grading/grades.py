"""The grade of one answer, from what a run returned for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from diptych.forbidden import dependencies, operations
from diptych.grading.asking import Asked
from diptych.grading.outcome import Grade
from diptych.grading.statuses import sentence
from diptych.isolation.steps import Run
from diptych.judging import curve, judge
from diptych.judging.wording import NOT_WRITTEN

HIDDEN = "right for every input that you see, and wrong for some that you do not see"


def of_answer(
    answer: Asked,
    run: Run,
    notes: Mapping[int, str],
    details: Mapping[str, object],
    forbidden: str,
    others: Iterable[tuple[str, str]],
) -> Grade:
    """The grade of an answer.

    ``notes`` has what is wrong with code cells, by number, and ``details`` what the sentences of
    statuses name. ``forbidden`` and ``others`` are those of :func:`diptych.grading.marking.mark`.
    """
    if status := run.ended.get(("answer", answer.name)):
        return none(answer, status, sentence(status, **details))
    results, found = run.results[answer.name], run.found[answer.name]
    if results is None:
        return _missing(answer, run, notes, others)
    visible = len(answer.exercise.visible)
    known = visible + len(curve.cases(answer.exercise))  # the curve is shown, and not judged
    grade = judged(answer, results[:visible] + results[known:])
    for result in results[visible:known] if grade.lost else ():
        grade = replace(grade, curve=curve.wrong(answer.exercise, result))
    broken = _why(found["broken"], notes)
    if grade.status == "not_written":
        return _not_written(answer, grade, broken, found["cells"])
    seen = operations.seen(run.ran.get(answer.name, ()), answer.exercise)
    if seen and forbidden == "deny":
        return none(answer, "forbidden", sentence("forbidden", functions=" and ".join(seen)))
    if seen:
        return replace(grade, advice=f"ran {' and '.join(seen)}")
    if broken and grade.diagnosis:
        also = f"; a later version failed: {broken}"
        said, student = grade.diagnosis + also, grade.student_message + also
        grade = replace(grade, diagnosis=said, student_message=student)
    if found["named"]:
        cell, line, name, shown = found["named"]
        where = f"code cell {cell}, line {line}: {shown}"
        return replace(grade, advice=f"names {name} ({where}), and was not seen to run it")
    return grade


def none(answer: Asked, status: str, said: str, evidence: str = "") -> Grade:
    """A grade without points; instructor and student read the same."""
    most, parts = answer.exercise.max_points, answer.exercise.parts
    name = answer.exercise.answer
    return Grade(name, answer.framework, 0.0, most, status, said, evidence, said, evidence, parts)


def _not_written(answer: Asked, grade: Grade, broken: str, cells: list[int]) -> Grade:
    """The grade of a stub, which may be left because another cell failed or was run before."""
    if broken:
        return none(answer, "cell_failed", sentence("cell_failed", name=answer.name, why=broken))
    if len(cells) > 1:
        twice = f"; code cells {', '.join(map(str, cells))} all define it, and the last one counts"
        return none(answer, "not_written", grade.diagnosis + twice)
    return grade


def _missing(
    answer: Asked, run: Run, notes: Mapping[int, str], others: Iterable[tuple[str, str]]
) -> Grade:
    """The grade if the name of the answer is not defined, with the reason: its cell failed, the
    name is another one, or the cell is not code."""
    name, found = answer.name, run.found[answer.name]
    if why := _why(sorted({*found["cells"], *found["broken"]}), notes):
        ended = [run.ended[("cell", n)] for n in found["cells"] if ("cell", n) in run.ended]
        said = sentence("cell_failed", name=name, why=why)
        return none(answer, ended[0] if ended else "cell_failed", said)
    if found["near"]:
        return none(answer, "misnamed", sentence("misnamed", name=name, near=found["near"]))
    for kind, source in others:
        if dependencies.seems_to_define(source, name):
            kind = {"markdown": "Markdown", "raw": "raw"}.get(kind, "text")
            return none(answer, "not_code", sentence("not_code", name=name, kind=kind))
    return none(answer, "no_answer", sentence("no_answer", name=name))


def _why(cells: Iterable[int], notes: Mapping[int, str]) -> str:
    return "; ".join(f"code cell {n}: {notes[n]}" for n in cells if n in notes)


def judged(answer: Asked, results: list[dict]) -> Grade:
    """The grade by the ``results`` of all cases. What the student reads follows from the visible
    cases alone."""
    exercise = answer.exercise
    n_visible = len(exercise.visible)
    try:
        with np.errstate(all="ignore"):
            verdict = judge.judge(exercise, answer.cases, results)
            told = judge.judge(exercise, exercise.visible, results[:n_visible])
    except Exception:  # an error of the judge costs one answer, and not the batch
        return none(answer, "failed", sentence("failed"))
    if not verdict.findings:
        points = verdict.points
        return Grade(exercise.answer, answer.framework, points, verdict.max_points, "graded")
    first = verdict.findings[0]
    if first.sentence == NOT_WRITTEN:
        return none(answer, "not_written", first.sentence)
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
