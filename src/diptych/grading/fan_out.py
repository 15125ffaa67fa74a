"""Hands submissions out to a workforce (threads or a cluster), and keeps each outcome at once."""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Protocol

from diptych.grading import read, store, submission
from diptych.grading.find import Submission
from diptych.grading.outcome import Outcome
from diptych.grading.statuses import sentence
from diptych.grading.submission import Job, Options

KNOWN = "graded before"  # the status in the progress if the store has the submission already
SILENCE = 10.0  # seconds without a result, after which Workforce.idle is called


class Killed(Exception):
    """Each worker that graded a submission was killed."""


class Workforce(Protocol):
    """Threads or machines that grade.

    At most ``ahead`` jobs are handed out whose outcomes are not back. ``isolation`` describes the
    sandbox of the notebooks, for the report.
    """

    ahead: int
    isolation: str

    def submit(self, job: Job) -> Future:
        """Hand out a job; the future is for :meth:`result`."""

    def result(self, future: Future) -> Outcome:
        """The outcome of a job; raises :class:`Killed`, or an error that ends the batch."""

    def idle(self) -> None:
        """Called if no outcome has come back for ``SILENCE`` seconds."""


def grade(
    db: sqlite3.Connection,
    found: Sequence[Submission],
    known: Mapping[tuple[str, str], str],
    options: Options,
    workforce: Workforce,
    progress: Callable[[int, int, str], None],
) -> None:
    """Grade each submission whose fingerprint is not the one in ``known``, and keep its outcome.

    ``known`` has fingerprints by student and place. If a worker is killed, all jobs that it had are
    suspects. At the end, each suspect is graded once more, with no other job at the same time. If
    that kills its worker, too, its status is ``killed``.
    """
    dispatcher = _Dispatcher(db, workforce, len(found), progress)
    progress(0, len(found), "")
    for each in found:
        data, problem = _content(each)
        fingerprint = submission.fingerprint(data, problem, each.chapter, options)
        if known.get((each.student, each.place)) == fingerprint:
            dispatcher.count(KNOWN)
            continue
        task = _Task(each, fingerprint)
        try:
            if each.status:
                dispatcher.keep(task, Outcome("", "", each.chapter, each.status, each.reason))
                continue
            if problem:
                raise read.Unreadable(problem)
            task.job = submission.job(data, each.chapter, options)
        except read.Unreadable as error:
            reason = sentence("unreadable", reason=str(error))
            dispatcher.keep(task, submission.nothing(each.chapter, options, "unreadable", reason))
        else:
            dispatcher.hand_out(task)
    dispatcher.wait(most=0)
    for task in dispatcher.suspects():
        dispatcher.hand_out(task)
        dispatcher.wait(most=0)
    for task in dispatcher.suspects():
        chapter, reason = task.submission.chapter, sentence("killed")
        dispatcher.keep(task, submission.nothing(chapter, options, "killed", reason))


def _content(each: Submission) -> tuple[bytes, str]:
    """The bytes of a file, and why it is not graded, or ""."""
    if not each.status:
        try:
            return read.content(each.path), each.reason
        except read.Unreadable as error:
            return b"", str(error)
    return b"", each.reason


@dataclass
class _Task:
    """A submission whose outcome is not kept yet."""

    submission: Submission
    fingerprint: str
    job: Job | None = None


@dataclass
class _Dispatcher:
    """Hands out tasks, and is the only one that writes into the store.

    ``out`` has the tasks that a workforce has, ``back`` the futures that are done.
    """

    db: sqlite3.Connection
    workforce: Workforce
    total: int
    progress: Callable[[int, int, str], None]
    done: int = 0
    out: dict[Future, _Task] = field(default_factory=dict)
    back: queue.SimpleQueue = field(default_factory=queue.SimpleQueue)
    killed: list[_Task] = field(default_factory=list)

    def hand_out(self, task: _Task) -> None:
        """Hand out a task as soon as the workforce may have one more."""
        self.wait(most=self.workforce.ahead - 1)
        future = self.workforce.submit(task.job)
        self.out[future] = task
        future.add_done_callback(self.back.put)

    def wait(self, most: int) -> None:
        """Keep each outcome that is back, and wait until at most so many tasks are out."""
        while len(self.out) > most or not self.back.empty():
            try:
                future = self.back.get(timeout=SILENCE)
            except queue.Empty:
                self.workforce.idle()
                continue
            task = self.out.pop(future)
            try:
                self.keep(task, self.workforce.result(future))
            except Killed:
                self.killed.append(task)

    def suspects(self) -> list[_Task]:
        """The tasks whose workers were killed, since the last call."""
        killed, self.killed = self.killed, []
        return killed

    def keep(self, task: _Task, outcome: Outcome) -> None:
        """Keep the outcome of a task, for its student and place."""
        s = task.submission
        outcome = replace(outcome, student=s.student, place=s.place, late=s.late)
        store.save(self.db, task.fingerprint, outcome)
        self.count(outcome.status)

    def count(self, status: str) -> None:
        """Report that one more submission is done."""
        self.done += 1
        self.progress(self.done, self.total, status)
