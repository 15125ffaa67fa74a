"""What late work costs, where an instructor states a rule; without one it costs nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path

from diptych.catalogue.component import chapters as book
from diptych.grading import tables
from diptych.grading.files import as_text
from diptych.grading.find import Submission
from diptych.grading.roster import IDS
from diptych.grading.tables import TableError

UNITS = {"hour": 3600, "day": 86_400}
RULE = re.compile(r"(\d+(?:\.\d+)?)%(?:/(hour|day)(?:,(\d+(?:\.\d+)?)%)?)?")
FORM = "10% (of the points), 10%/day or 10%/hour (or part of one), 10%/day,50% (50% at most)"
COLUMNS = {
    "student": IDS,
    **{name: (name,) for name in ("chapter", "seconds", "submitted", "due")},
}


class LateError(ValueError):
    """The rule cannot be applied; the message says why, in one line."""


@dataclass(frozen=True)
class Rule:
    """A share of a chapter's points, once or for each ``unit`` that has begun, ``most`` in all."""

    text: str
    share: float
    unit: str = ""
    most: float = 1.0

    def costs(self, late: str, points: float) -> float:
        """The points that are lost of ``points``; raises :class:`LateError` where ``late`` does not
        say by how much the work was late, and the rule needs it."""
        if late in ("", "no"):
            return 0.0
        if not self.unit:
            return self.share * points
        if late == "yes":
            raise LateError(
                f"--late {self.text} needs to know by how much: the site says only that it was "
                "late. Give the times with --late-csv, or a rule without /hour and /day"
            )
        begun = ceil(int(late) / UNITS[self.unit])
        return min(self.share * begun, self.most) * points


def rule(text: str) -> Rule:
    """The rule that ``text`` states; raises ``ValueError`` where it states none."""
    match = RULE.fullmatch(text)
    shares = [float(each) / 100 for each in (match[1], match[3] or "100")] if match else [2.0]
    if max(shares) > 1:
        raise ValueError(f"a rule is {FORM}")
    return Rule(text, shares[0], match[2] or "", shares[1])


def read(path: Path, due: datetime | None = None) -> dict[tuple[str, str], str]:
    """By how many seconds a student's work was late, by student and chapter ("" for all of them).

    A table (:mod:`diptych.grading.tables`) with ``student``, perhaps ``chapter``, and either
    ``seconds`` (0 or less: in time) or ``submitted`` and ``due``, as ISO 8601 has times. Where the
    table does not say it, work is ``due`` at the time that is given. Raises
    :class:`diptych.grading.tables.TableError`, and ``OSError`` where the file cannot be read.
    """
    found: dict[tuple[str, str], str] = {}
    for number, row in tables.read(path, COLUMNS, ["student"]):
        where = f"{path}, row {number}"
        if row["chapter"] not in ("", *book()):
            raise TableError(f"{where}: there is no chapter {row['chapter']!a}")
        key = as_text(row["student"]), row["chapter"]
        if key in found:
            raise TableError(f"{where}: {key[0]!a} is there twice")
        try:
            seconds = float(row["seconds"]) if row["seconds"] else _between(row, due)
            found[key] = "no" if seconds <= 0 else str(ceil(seconds))  # NaN is refused here
        except (ValueError, TypeError, OverflowError):
            raise TableError(
                f"{where}: give seconds, or submitted and due as in 2026-11-29T18:00"
            ) from None
    return found


def _between(row: Mapping[str, str], due: datetime | None) -> float:
    if row["due"] or not due:
        due = datetime.fromisoformat(row["due"])
    return (datetime.fromisoformat(row["submitted"]) - due).total_seconds()


def of(submission: Submission, times: Mapping[tuple[str, str], str], said: str) -> str:
    """How late a submission was: what ``times`` know of it, else what the site has ``said``."""
    student, chapter = submission.student, submission.chapter
    return times.get((student, chapter), times.get((student, ""), said))
