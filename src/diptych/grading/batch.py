"""A batch: every submission of a folder, run and judged, kept and reported."""

from __future__ import annotations

import contextlib
import difflib
import functools
import hashlib
import json
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from diptych.catalogue.component import FRAMEWORKS
from diptych.grading import (
    answers,
    by_hand,
    files,
    find,
    lateness,
    marking,
    read,
    report,
    roster,
    shards,
    store,
    totals,
    unpack,
)
from diptych.grading.changes import Change, changes
from diptych.grading.find import Submission
from diptych.grading.marking import Outcome
from diptych.grading.statuses import sentence
from diptych.grading.tables import TableError
from diptych.grading.version import version
from diptych.isolation.process import Place, Stopped, place
from diptych.isolation.run import run
from diptych.isolation.steps import PREPARATION, Limits

KNOWN = "graded before"  # what is said of a submission that the store holds already


@dataclass(frozen=True)
class Options:
    """What a grade depends on, besides the submission and the exercises."""

    seed: str
    frameworks: tuple[str, ...]
    limits: Limits
    isolation: str
    forbidden: str


@dataclass(frozen=True)
class Graded:
    """How every submission ended, which grades are others than before, and how many groups of
    answers are equal, where they were looked for."""

    outcomes: list[Outcome]
    changes: list[Change]
    equal: int | None = None


def grade(
    submitted: str | os.PathLike,
    out: str | os.PathLike,
    *,
    workers: int | None = None,
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
    a processor. With ``best`` the better of the ``frameworks`` counts for each exercise. Only
    the ``chapters`` are graded, by default all. ``isolation`` is "sandbox", or "none" for
    notebooks that may do whatever this process may; ``forbidden`` is "deny" where running a
    forbidden function costs an answer its points, or "warn". ``listed`` is the roster: student
    → name. ``sites`` says which files are written that a course's site takes back
    (:func:`diptych.grading.report.write`). ``marks`` are given by hand, and ``rule`` is what
    late work costs; ``late`` says by how much work was late
    (:func:`diptych.grading.lateness.read`). With ``export_answers`` each answer is written into
    that folder (:func:`diptych.grading.answers.write`). Of the class only the ``shard`` is
    graded. ``progress`` is told how many are done, of how many, and the status of the last one.

    Raises :class:`diptych.grading.find.Nothing` where there is nothing to grade,
    :class:`diptych.grading.store.Unusable` for a store that another grader works with, or that is
    none, :class:`diptych.isolation.process.NoSandbox` where there is no sandbox to be had,
    :class:`diptych.grading.exports.ExportError` where a site's file cannot be written,
    :class:`diptych.grading.lateness.LateError` where the rule cannot be applied,
    :class:`diptych.grading.tables.TableError` where a mark or ``only`` names nobody in the class,
    :class:`OSError` where folders cannot be read or written, or no child process be had.
    """
    submitted, out = Path(submitted), Path(out)
    with unpack.opened(submitted, out, listed or ()) as download:
        also = {"order": download.order, "also": download.listed}
        found = [
            replace(each, late=lateness.of(each, late, download.late.get(each.path, "")))
            for each in find.submissions(download.folder, chapters, **also)
            if shards.belongs(each.student, shard)
        ]
        people = [files.as_text(name) for name in find.students(download.folder)]
        names = roster.together(people, listed or {}, download.names)
        _in_class(names, [mark.student for mark in marks] + [student for student, _ in only])
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
            stop = threading.Event()
            rules = {"seconds": timeout + PREPARATION, "closed": (submitted, out)}
            with (
                place(out, isolation=isolation, **rules) as where,
                ThreadPoolExecutor(workers or os.cpu_count()) as pool,
            ):
                before = list(store.outcomes(db))
                again = _again(found, regrade, only)
                known = {
                    key: kept for key, kept in store.fingerprints(db).items() if key not in again
                }
                work = functools.partial(
                    _work, known=known, where=where, options=options, stop=stop
                )
                _save_all(db, pool, work, found, stop, progress)
            _note_late(db, found)
            wanted = {(s.student, s.place) for s in found}
            outcomes = [o for o in store.outcomes(db) if (o.student, o.place) in wanted]
        equal = answers.write(export_answers, _answers(found)) if export_answers else None
    changed = list(changes(before, outcomes))
    outcomes = by_hand.apply(outcomes, marks, frameworks)
    report.write(
        out,
        outcomes,
        names,
        totals.asked(outcomes, chapters, 1 if best else len(frameworks)),
        best=best,
        strangers=roster.strangers(names, listed or {}),
        isolation=where.isolation,
        show_hidden=show_hidden,
        sites=sites,
        rule=rule,
        late_in_canvas=late_in_canvas,
        changes=changed,
    )
    return Graded(outcomes, changed, equal)


def _in_class(names: Collection[str], asked: Collection[str]) -> None:
    """Raise :class:`diptych.grading.tables.TableError` for somebody who is not in the class."""
    for student in asked:
        if student not in names:
            near = difflib.get_close_matches(student, names, 1)
            hint = f": did you mean {near[0]!a}?" if near else ""
            raise TableError(f"nobody in the class is called {student!a}{hint}")


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


def _answers(found: list[Submission]) -> dict[tuple[str, str], dict[str, str]]:
    """The source of every answer, by student and chapter, of the notebooks that can be read."""
    written = {}
    for each in (submission for submission in found if not submission.status):
        with contextlib.suppress(read.Unreadable):
            cells = read.code_cells(read.notebook(read.content(each.path)))
            written[each.student, each.chapter] = answers.answers(each.chapter, cells)
    return written


def _save_all(db, pool: Executor, work: Callable, found: list[Submission], stop, progress) -> None:
    futures: list[Future] = [pool.submit(work, submission) for submission in found]
    try:
        progress(0, len(futures), "")
        for done, future in enumerate(as_completed(futures), 1):
            graded = future.result()
            if graded is not None:
                store.save(db, *graded)
            progress(done, len(futures), graded[1].status if graded else KNOWN)
    except BaseException:  # Ctrl-C as well: what is finished is kept, what runs is ended
        stop.set()
        pool.shutdown(cancel_futures=True)
        raise


def _work(
    submission: Submission,
    known: Mapping[tuple[str, str], str],
    where: Place,
    options: Options,
    stop: threading.Event,
) -> tuple[str, Outcome] | None:
    """Fingerprint and outcome of one submission; ``None`` where they are known already."""
    student, name, chapter = submission.student, submission.place, submission.chapter
    outcome = functools.partial(Outcome, student, name, chapter, late=submission.late)
    data, problem = b"", submission.reason
    if not submission.status:
        try:
            data = read.content(submission.path)
        except read.Unreadable as error:
            problem = str(error)
    fingerprint = _fingerprint(data, problem, chapter, options)
    if known.get((student, name)) == fingerprint:
        return None
    if submission.status:
        return fingerprint, outcome(submission.status, submission.reason)
    asked, questions = _asked(chapter, options, marking.hidden_set(options.seed, data))
    try:
        if problem:
            raise read.Unreadable(problem)
        notebook = read.notebook(data)
        cells = read.code_cells(notebook)
    except read.Unreadable as error:
        reason = sentence("unreadable", reason=str(error))
        grades = marking.nothing(asked, "unreadable", reason)
        return fingerprint, outcome("unreadable", reason, grades)
    try:
        done = run(cells, questions, where, options.limits, stop)
        others = functools.partial(read.other_cells, notebook)
        marks = marking.mark(asked, done, options.limits, options.forbidden, others)
        return fingerprint, outcome(*marks)
    except (OSError, Stopped):
        raise
    except Exception:  # no submission may stop the batch, whatever the grader has overlooked
        reason = sentence("failed")
        return fingerprint, outcome("failed", reason, marking.nothing(asked, "failed", reason))


@functools.lru_cache(maxsize=32 * marking.SETS)
def _asked(chapter: str, options: Options, number: int):
    # Made once a batch and set: the cases are what expected values are remembered by.
    asked = marking.asked(chapter, options.frameworks, options.seed, number)
    return asked, marking.questions(asked)


def _fingerprint(data: bytes, problem: str, chapter: str, options: Options) -> str:
    parts = [
        hashlib.sha256(data).hexdigest(),
        problem,
        chapter and version(chapter),
        options.seed,
        options.frameworks,
        [options.limits.seconds, options.limits.memory],
        options.isolation,
        options.forbidden,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
