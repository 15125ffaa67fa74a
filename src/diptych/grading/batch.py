"""A batch: every submission of a folder, run and judged, kept and reported."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from diptych.catalogue.component import FRAMEWORKS
from diptych.grading import (
    answers,
    by_hand,
    cluster,
    fan_out,
    files,
    find,
    lateness,
    report,
    roster,
    shards,
    store,
    threads,
    totals,
    unpack,
)
from diptych.grading.changes import Change, changes
from diptych.grading.find import Submission
from diptych.grading.outcome import Outcome
from diptych.grading.submission import Options
from diptych.isolation.steps import Limits


@dataclass(frozen=True)
class Graded:
    """How every submission ended, which grades are others than before, how many groups of answers
    are equal, where they were looked for, and who is named in the times of late work and is not in
    the class."""

    outcomes: list[Outcome]
    changes: list[Change]
    equal: int | None = None
    nobody: tuple[str, ...] = ()


def grade(
    submitted: str | os.PathLike,
    out: str | os.PathLike,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    seed: str | None = None,
    timeout: float = Limits.seconds,
    memory: int = Limits.memory,
    frameworks: Sequence[str] = FRAMEWORKS,
    best: bool = False,
    chapters: Sequence[str] = (),
    isolation: str = "sandbox",
    forbidden: str = "deny",
    listed: Mapping[str, str] | None = None,
    show_hidden: bool = False,
    sites: Mapping[str, str] = MappingProxyType({}),
    marks: Sequence[by_hand.Mark] = (),
    rule: lateness.Rule | None = None,
    late: Mapping[tuple[str, str], str] = MappingProxyType({}),
    late_in_canvas: bool = False,
    export_answers: Path | None = None,
    book: str = "",
    nbgrader: Path | None = None,
    regrade: bool = False,
    only: Collection[tuple[str, str]] = (),
    shard: shards.Shard = (1, 1),
    progress: Callable[[int, int, str], None] = lambda done, total, status: None,
) -> Graded:
    """Grade every notebook in the students' folders below ``submitted``; write into ``out``.

    ``submitted`` may also be what a course's site hands out, a ZIP archive or unpacked
    (:mod:`diptych.grading.unpack`).

    ``out`` gets ``grades.sqlite``, ``grades.csv``, ``students.csv``, ``changes.csv``,
    ``report.html`` and a page for each student in ``feedback``. What the store holds already,
    from the same bytes, exercises and options, is not graded again unless ``regrade``, or
    unless ``only`` has it: pairs of a student and a chapter, or "" for all. ``timeout`` is in
    seconds for a whole submission, ``memory`` in MB; ``workers`` run at a time, by default one
    a processor, or else those of the Dask ``scheduler`` do. With ``best`` the better of the
    ``frameworks`` counts for each exercise. Only the ``chapters`` are graded, by default all.
    ``isolation`` is "sandbox", or "none" for notebooks that may do whatever this process may;
    ``forbidden`` is "deny" where running a forbidden function costs an answer its points, or
    "warn". ``listed`` is the roster: student → name. ``sites`` says which files are written that a
    course's site takes back (:func:`diptych.grading.report.write`). ``marks`` are given by hand,
    and ``rule`` is what late work costs; ``late`` says by how much work was late
    (:func:`diptych.grading.lateness.read`). With ``export_answers`` each answer is written into
    that folder (:func:`diptych.grading.answers.write`). ``book`` is the address of the book's
    site, to which the feedback leads; ``nbgrader`` the folder of a course whose gradebook is filled
    in (:func:`diptych.grading.gradebook.write`). Of the class only the ``shard`` is graded.
    ``progress`` is told how many are done, of how many, and the status of the last one.

    Raises :class:`diptych.grading.find.Nothing` where there is nothing to grade,
    :class:`diptych.grading.store.Unusable` for a store that another grader works with, or that is
    none, :class:`diptych.isolation.place.NoSandbox` where there is no sandbox to be had,
    :class:`diptych.grading.cluster.ClusterError` where the cluster cannot grade,
    :class:`diptych.grading.exports.ExportError` where a site's file cannot be written,
    :class:`diptych.grading.lateness.LateError` where the rule cannot be applied,
    :class:`diptych.grading.tables.TableError` where a mark or ``only`` names nobody in the class,
    :class:`OSError` where folders cannot be read or written, or no child process be had.
    """
    submitted, out = Path(submitted), Path(out)
    with unpack.opened(submitted, out, listed or ()) as download:
        also = {"order": download.order, "also": download.listed}
        found = find.submissions(download.folder, chapters, **also)
        found = [replace(each, student=download.whose(each.student)) for each in found]
        found = [
            replace(each, late=lateness.of(each, late, download.late.get(each.path, "")))
            for each in found
            if shards.belongs(each.student, shard)
        ]
        folders = map(files.as_text, find.students(download.folder))
        people = [download.whose(folder) for folder in folders]
        names = roster.together(people, listed or {}, download.names)
        roster.check(names, [mark.student for mark in marks] + [student for student, _ in only])
        unknown = dict.fromkeys(student for student, _ in late if student not in names)
        nobody = tuple(roster.near(student, names) for student in unknown)
        names = {student: name for student, name in names.items() if shards.belongs(student, shard)}
        marks = [mark for mark in marks if mark.student in names]
        files.folder(out)
        with store.opened(out / "grades.sqlite") as db:
            unpack.clear(out, download)
            options = Options(
                store.seed(db, seed),
                tuple(frameworks),
                Limits(timeout, memory),
                isolation,
                forbidden,
            )
            with _workforce(out, options, workers, scheduler, (submitted, out)) as workforce:
                before = store.last_reported(db)
                again = _again(found, regrade, only)
                known = {
                    key: kept for key, kept in store.fingerprints(db).items() if key not in again
                }
                fan_out.grade(db, found, known, options, workforce, progress)
            _note_late(db, found)
            wanted = {(s.student, s.place) for s in found}
            outcomes = [o for o in store.outcomes(db) if (o.student, o.place) in wanted]
            equal = (
                answers.write(export_answers, answers.written(found)) if export_answers else None
            )
            changed = list(changes(before, outcomes))
            outcomes = by_hand.apply(outcomes, marks, frameworks)
            asked = totals.asked(outcomes, chapters, 1 if best else len(frameworks))
            report.write(
                out,
                outcomes,
                names,
                asked,
                best=best,
                strangers=roster.strangers(names, listed or {}),
                isolation=workforce.isolation,
                show_hidden=show_hidden,
                sites=sites,
                rule=rule,
                late_in_canvas=late_in_canvas,
                changes=changed,
                book=book,
            )
            store.reported(db)
        if nbgrader:
            from diptych.grading import gradebook  # nbgrader need not be installed

            paths = {(each.student, each.chapter): each.path for each in found if not each.status}
            gradebook.write(nbgrader, outcomes, asked, paths, frameworks, best=best, rule=rule)
    return Graded(outcomes, changed, equal, nobody)


def _workforce(
    out: Path, options: Options, workers: int | None, scheduler: str | None, closed: Sequence[Path]
) -> AbstractContextManager[fan_out.Workforce]:
    if scheduler:
        return cluster.connected(scheduler, options)
    return threads.started(out, workers, options, closed)


def _again(
    found: list[Submission], regrade: bool, only: Collection[tuple[str, str]]
) -> set[tuple[str, str]]:
    """The files that are graded again, whatever the store holds of them."""
    return {
        (s.student, s.place)
        for s in found
        if regrade or (s.student, "") in only or (s.student, s.chapter) in only
    }


def _note_late(db, found: list[Submission]) -> None:
    """Keep whether work was late as it is known now: nothing is graded again for that."""
    late = {(s.student, s.place): s.late for s in found}
    for key, fingerprint, outcome in store.rows(db):
        if outcome.late != late.get(key, outcome.late):
            store.save(db, fingerprint, replace(outcome, late=late[key]))
