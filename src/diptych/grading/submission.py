"""Grades one submission, in this process or on another machine."""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from dataclasses import dataclass

from diptych.grading import asking, marking, read
from diptych.grading.outcome import Outcome
from diptych.grading.statuses import sentence
from diptych.grading.version import version
from diptych.isolation.place import Place
from diptych.isolation.process import Stopped
from diptych.isolation.run import run
from diptych.isolation.steps import Limits


@dataclass(frozen=True)
class Options:
    """What a grade depends on, besides the submission and the exercises."""

    seed: str
    frameworks: tuple[str, ...]
    limits: Limits
    isolation: str
    forbidden: str


@dataclass(frozen=True)
class Job:
    """What is needed to grade a notebook: the source of its code cells (``cells``), kind and source
    of its other cells, its chapter, and the number of its set of hidden cases."""

    chapter: str
    hidden: int
    cells: list[str]
    others: list[tuple[str, str]]


def job(data: bytes, chapter: str, options: Options) -> Job:
    """The job for a notebook of these bytes; raises :class:`diptych.grading.read.Unreadable`."""
    notebook = read.notebook(data)
    hidden = asking.hidden_set(options.seed, data)
    return Job(chapter, hidden, read.code_cells(notebook), read.other_cells(notebook))


def fingerprint(data: bytes, problem: str, chapter: str, options: Options) -> str:
    """A hash of all that the grade of a file with these bytes depends on."""
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


def graded(job: Job, options: Options, where: Place, stop: threading.Event) -> Outcome:
    """Run and mark one submission; the outcome has no student and no place yet.

    Raises :class:`~diptych.isolation.process.Stopped` if ``stop`` is set, and ``OSError`` if no
    child process can be started.
    """
    asked, questions = _asked(job.chapter, options, job.hidden)
    try:
        done = run(job.cells, questions, where, options.limits, stop)
        marks = marking.mark(asked, done, options.limits, options.forbidden, job.others)
    except (OSError, Stopped):
        raise
    except Exception:  # an error of the grader costs one submission, and not the batch
        return nothing(job.chapter, options, "failed", sentence("failed"))
    return Outcome("", "", job.chapter, *marks)


def nothing(chapter: str, options: Options, status: str, reason: str) -> Outcome:
    """The outcome of a submission that is not run: no points, and one reason for all answers."""
    asked, _ = _asked(chapter, options, 0)
    return Outcome("", "", chapter, status, reason, marking.nothing(asked, status, reason))


@functools.lru_cache(maxsize=32 * asking.SETS)
def _asked(chapter: str, options: Options, number: int):
    # Cached, because the judge caches expected values by these very cases.
    asked = asking.asked(chapter, options.frameworks, options.seed, number)
    return asked, asking.questions(asked)
