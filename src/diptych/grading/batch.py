"""A batch: every submission of a folder, run and judged, kept and reported."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from diptych.catalogue.component import FRAMEWORKS
from diptych.grading import files, find, marking, read, report, roster, store, totals, unpack
from diptych.grading.find import Submission
from diptych.grading.marking import Outcome
from diptych.grading.statuses import sentence
from diptych.grading.version import version
from diptych.isolation.process import Place, Stopped, place
from diptych.isolation.run import PREPARATION, Limits, run

KNOWN = "graded before"  # what is said of a submission that the store holds already


@dataclass(frozen=True)
class Options:
    """What a grade depends on, besides the submission and the exercises."""

    seed: str
    frameworks: tuple[str, ...]
    limits: Limits
    isolation: str
    forbidden: str


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
    regrade: bool = False,
    progress: Callable[[int, int, str], None] = lambda done, total, status: None,
) -> list[Outcome]:
    """Grade every notebook in the students' folders below ``submitted``; write into ``out``.

    ``submitted`` may also be what a course's site hands out, a ZIP archive or unpacked
    (:mod:`diptych.grading.unpack`).

    ``out`` gets ``grades.sqlite``, ``grades.csv``, ``students.csv``, ``report.html`` and a page for
    each student in ``feedback``. What the store holds already, from the same bytes, exercises and
    options, is not graded again unless ``regrade``. ``timeout`` is in seconds for a whole
    submission, ``memory`` in MB; ``workers`` run at a time, by default one a processor. With
    ``best`` the better of the ``frameworks`` counts for each exercise. Only the ``chapters`` are
    graded, by default all. ``isolation`` is "sandbox", or "none" for notebooks that may do whatever
    this process may; ``forbidden`` is "deny" where running a forbidden function costs an answer its
    points, or "warn". ``listed`` is the roster: student → name. ``sites`` says which files are
    written that a course's site takes back (:func:`diptych.grading.report.write`). ``progress`` is
    told how many are done, of how many, and the status of the last one.

    Raises :class:`diptych.grading.find.Nothing` where there is nothing to grade,
    :class:`diptych.grading.store.Unusable` for a store that another grader works with, or that is
    none, :class:`diptych.isolation.process.NoSandbox` where there is no sandbox to be had,
    :class:`diptych.grading.exports.ExportError` where a site's file cannot be written,
    :class:`OSError` where folders cannot be read or written, or no child process be had.
    """
    submitted, out = Path(submitted), Path(out)
    with unpack.opened(submitted, out, listed or ()) as download:
        also = {"order": download.order, "also": download.listed}
        found = [
            replace(each, late=download.late.get(each.path, ""))
            for each in find.submissions(download.folder, chapters, **also)
        ]
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
                known = {} if regrade else store.fingerprints(db)
                work = functools.partial(
                    _work, known=known, where=where, options=options, stop=stop
                )
                _save_all(db, pool, work, found, stop, progress)
            wanted = {(s.student, s.place) for s in found}
            outcomes = [o for o in store.outcomes(db) if (o.student, o.place) in wanted]
        people = map(files.as_text, find.students(download.folder))
        names = roster.together(people, listed or {}, download.names)
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
    )
    return outcomes


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
    fingerprint = _fingerprint(data, problem, chapter, submission.late, options)
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


def _fingerprint(data: bytes, problem: str, chapter: str, late: str, options: Options) -> str:
    parts = [
        hashlib.sha256(data).hexdigest(),
        problem,
        chapter and version(chapter),
        late,
        options.seed,
        options.frameworks,
        [options.limits.seconds, options.limits.memory],
        options.isolation,
        options.forbidden,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
