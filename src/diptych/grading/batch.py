"""Grades a class: collects the submissions, runs and judges them, keeps the grades, and reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from diptych.catalogue.component import FRAMEWORKS
from diptych.grading import (
    answers,
    by_hand,
    cluster,
    fan_out,
    files,
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
from diptych.grading.collect import collect
from diptych.grading.find import Submission
from diptych.grading.outcome import Outcome
from diptych.grading.submission import Options
from diptych.isolation.steps import Limits


@dataclass(frozen=True)
class Graded:
    """How every submission ended, and which grades have changed.

    ``equal_groups`` is the number of groups of equal answers, or ``None`` if answers were not
    exported. ``not_in_class`` says who is in the times of late work, but not in the class.
    """

    outcomes: list[Outcome]
    changes: list[Change]
    equal_groups: int | None = None
    not_in_class: tuple[str, ...] = ()


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

    ``submitted`` may also be the download of a course's site (:mod:`diptych.grading.unpack`).
    ``out`` gets ``grades.sqlite``, ``grades.csv``, ``students.csv``, ``changes.csv``,
    ``report.html`` and a page for each student in ``feedback``. A notebook that is in the store
    already, with the same bytes, exercises and options, is not graded again.

    - ``workers``: notebooks that run at a time, by default one for each processor; or else the
      workers of the Dask ``scheduler`` grade.
    - ``seed``: of the hidden cases, by default the one in the store, or a new one.
    - ``timeout``, ``memory``: seconds and MB for each submission.
    - ``frameworks``: those that count; with ``best``, the better one of each exercise counts.
    - ``chapters``: those that are graded, by default all.
    - ``isolation``: "sandbox", or "none" for notebooks that may do whatever this process may.
    - ``forbidden``: "deny" if an answer that runs a forbidden function loses its points, or "warn".
    - ``listed``: the roster, student → name; ``show_hidden``: whether students see hidden cases.
    - ``sites``: which files for course sites are written (:func:`diptych.grading.report.write`).
    - ``marks``: given by hand (:func:`diptych.grading.by_hand.read`).
    - ``rule``: what late work costs, ``late``: how late it was (:mod:`diptych.grading.lateness`).
    - ``late_in_canvas``: whether the file for Canvas has the reduced points.
    - ``export_answers``: a folder for the answers (:func:`diptych.grading.answers.write`).
    - ``book``: the address of the book's site, for links in the feedback.
    - ``nbgrader``: the folder of a course (:func:`diptych.grading.gradebook.write`).
    - ``regrade``: grade everything again; ``only``: grade again these pairs of a student and a
      chapter, or "" for all chapters.
    - ``shard``: the part of the class that is graded, (1, 8) to (8, 8).
    - ``progress``: called with the number of graded files, of all files, and the last status.

    Raises :class:`diptych.grading.folders.NothingToGrade`,
    :class:`diptych.grading.store.StoreError` if the store cannot be used,
    :class:`diptych.isolation.place.NoSandbox` if this machine has no sandbox,
    :class:`diptych.grading.cluster.ClusterError` if the cluster cannot grade,
    :class:`diptych.grading.exports.ExportError` if a site's file cannot be written,
    :class:`diptych.grading.lateness.LateError` if the rule cannot be applied,
    :class:`diptych.grading.tables.TableError` if a mark or ``only`` names nobody in the class,
    ``OSError`` if files cannot be read or written, or no process can be started.
    """
    submitted, out, listed = Path(submitted), Path(out), listed or {}
    with unpack.opened(submitted, out, listed) as download:
        group = collect(download, chapters, listed, marks, only, late, shard)
        found = group.submissions
        files.folder(out)
        with store.opened(out / "grades.sqlite") as db:
            unpack.clear(out, download)
            seed, limits = store.seed(db, seed), Limits(timeout, memory)
            options = Options(seed, tuple(frameworks), limits, isolation, forbidden)
            with _workforce(out, options, workers, scheduler, (submitted, out)) as workforce:
                before = store.last_reported(db)
                known = store.fingerprints(db)
                for key in _again(found, regrade, only) & known.keys():
                    del known[key]
                fan_out.grade(db, found, known, options, workforce, progress)
            store.update_late(db, {(s.student, s.place): s.late for s in found})
            wanted = {(s.student, s.place) for s in found}
            outcomes = [o for o in store.outcomes(db) if (o.student, o.place) in wanted]
            equal_groups = None
            if export_answers:
                equal_groups = answers.write(export_answers, answers.written(found))
            changed = list(changes(before, outcomes))
            outcomes = by_hand.apply(outcomes, group.marks, frameworks)
            asked = totals.asked(outcomes, chapters, 1 if best else len(frameworks))
            report.write(
                out,
                outcomes,
                group.names,
                asked,
                best=best,
                strangers=roster.strangers(group.names, listed),
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
            from diptych.grading import gradebook  # needs nbgrader, which may not be installed

            paths = {(each.student, each.chapter): each.path for each in found if not each.status}
            gradebook.write(nbgrader, outcomes, asked, paths, frameworks, best=best, rule=rule)
    return Graded(outcomes, changed, equal_groups, group.not_in_class)


def _workforce(
    out: Path, options: Options, workers: int | None, scheduler: str | None, hidden: Sequence[Path]
) -> AbstractContextManager[fan_out.Workforce]:
    if scheduler:
        return cluster.connected(scheduler, options)
    return threads.started(out, workers, options, hidden)


def _again(
    found: list[Submission], regrade: bool, only: Collection[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Student and place of the files that are graded again, even if they are in the store."""
    return {
        (s.student, s.place)
        for s in found
        if regrade or (s.student, "") in only or (s.student, s.chapter) in only
    }
