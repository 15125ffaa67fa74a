"""A class is handed out to those who grade it; what comes back is kept as it comes."""

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

KNOWN = "graded before"  # what is said of a submission that the store holds already
SILENCE = 10.0  # seconds without a result, after which those who grade are asked how they are


class Killed(Exception):
    """Whoever has graded a submission was killed, each time."""


class Workforce(Protocol):
    """Those who grade. ``ahead`` jobs, at most, are handed out before their outcomes are back;
    ``isolation`` is what keeps the notebooks from everything else, for the report."""

    ahead: int
    isolation: str

    def submit(self, job: Job) -> Future: ...

    def result(self, future: Future) -> Outcome:
        """What came of a job; raises :class:`Killed`, and what ends the batch."""

    def idle(self) -> None:
        """Nothing has come back for a while."""


def grade(
    db: sqlite3.Connection,
    found: Sequence[Submission],
    known: Mapping[tuple[str, str], str],
    options: Options,
    workforce: Workforce,
    progress: Callable[[int, int, str], None],
) -> None:
    """Grade what is ``found`` and not ``known`` (fingerprints), and keep each outcome at once.

    Where a job has killed those who graded it, others that they had at the time are suspected with
    it: such jobs are done once more in the end, one at a time, and what kills then is a failure.
    """
    desk = _Desk(db, workforce, len(found), progress)
    progress(0, len(found), "")
    for each in found:
        data, problem = _content(each)
        fingerprint = submission.fingerprint(data, problem, each.chapter, options)
        if known.get((each.student, each.place)) == fingerprint:
            desk.tell(KNOWN)
            continue
        paper = _Paper(each, fingerprint)
        try:
            if each.status:
                desk.keep(paper, Outcome("", "", each.chapter, each.status, each.reason))
                continue
            if problem:
                raise read.Unreadable(problem)
            paper.job = submission.job(data, each.chapter, options)
        except read.Unreadable as error:
            reason = sentence("unreadable", reason=str(error))
            desk.keep(paper, submission.nothing(each.chapter, options, "unreadable", reason))
        else:
            desk.hand_out(paper)
    desk.take_back(down_to=0)
    for paper in desk.suspects():
        desk.hand_out(paper)
        desk.take_back(down_to=0)
    for paper in desk.suspects():
        reason = sentence("killed")
        desk.keep(paper, submission.nothing(paper.submission.chapter, options, "killed", reason))


def _content(each: Submission) -> tuple[bytes, str]:
    """The bytes of a file, and why it is not graded, if it is not."""
    if not each.status:
        try:
            return read.content(each.path), each.reason
        except read.Unreadable as error:
            return b"", str(error)
    return b"", each.reason


@dataclass
class _Paper:
    """A submission on its way."""

    submission: Submission
    fingerprint: str
    job: Job | None = None


@dataclass
class _Desk:
    """Where papers are handed out and come back; it alone writes into the store."""

    db: sqlite3.Connection
    workforce: Workforce
    total: int
    progress: Callable[[int, int, str], None]
    done: int = 0
    out: dict[Future, _Paper] = field(default_factory=dict)
    back: queue.SimpleQueue = field(default_factory=queue.SimpleQueue)
    killers: list[_Paper] = field(default_factory=list)

    def hand_out(self, paper: _Paper) -> None:
        """Once there is room; what has come back in the meantime is kept."""
        self.take_back(down_to=self.workforce.ahead - 1)
        future = self.workforce.submit(paper.job)
        self.out[future] = paper
        future.add_done_callback(self.back.put)

    def take_back(self, down_to: int) -> None:
        """Keep all that has come, and wait until no more than so many are out."""
        while len(self.out) > down_to or not self.back.empty():
            try:
                future = self.back.get(timeout=SILENCE)
            except queue.Empty:
                self.workforce.idle()
                continue
            paper = self.out.pop(future)
            try:
                self.keep(paper, self.workforce.result(future))
            except Killed:
                self.killers.append(paper)

    def suspects(self) -> list[_Paper]:
        """Those that have killed; from now on none has."""
        killers, self.killers = self.killers, []
        return killers

    def keep(self, paper: _Paper, outcome: Outcome) -> None:
        s = paper.submission
        outcome = replace(outcome, student=s.student, place=s.place, late=s.late)
        store.save(self.db, paper.fingerprint, outcome)
        self.tell(outcome.status)

    def tell(self, status: str) -> None:
        self.done += 1
        self.progress(self.done, self.total, status)
