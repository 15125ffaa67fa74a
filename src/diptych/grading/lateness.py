"""What late work costs by the instructor's rule, and how late it was. Without a rule, it costs
nothing."""

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
    """What late work costs: a ``share`` of a chapter's points (0.1 for 10%), once or for each
    ``unit`` (hour or day) that has begun, and the share ``most`` in all."""

    text: str
    share: float
    unit: str = ""
    most: float = 1.0

    def costs(self, late: str, points: float) -> float:
        """The points that are lost of ``points``.

        ``late`` is "yes", "no", a number of seconds, or "". Raises :class:`LateError` if the rule
        needs the seconds, and ``late`` is "yes".
        """
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
    """The rule that a text such as ``10%/day,50%`` states; raises ``ValueError`` if it is none."""
    match = RULE.fullmatch(text)
    shares = [float(each) / 100 for each in (match[1], match[3] or "100")] if match else [2.0]
    if max(shares) > 1:
        raise ValueError(f"a rule is {FORM}")
    return Rule(text, shares[0], match[2] or "", shares[1])


def read(path: Path, due: datetime | None = None) -> dict[tuple[str, str], str]:
    """How late work was: "no" or a number of seconds, by student and chapter ("" for all chapters).

    A table (:mod:`diptych.grading.tables`) with ``student``, perhaps ``chapter``, and either
    ``seconds`` (0 or less: in time) or ``submitted`` and ``due``, which are times in ISO 8601. If a
    row has no time in ``due``, the argument ``due`` is used. Raises
    :class:`diptych.grading.tables.TableError`, and ``OSError`` if the file cannot be read.
    """
    found: dict[tuple[str, str], str] = {}
    for number, row in tables.read(path, COLUMNS, ["student"]):
        where = f"{path}, row {number}"
        if row["chapter"] not in ("", *book()):
            raise TableError(f"{where}: there is no chapter {row['chapter']!a}")
        key = as_text(row["student"]), row["chapter"]
        if key in found:
            raise TableError(f"{where}: {key[0]!a} is listed twice")
        try:
            seconds = float(row["seconds"]) if row["seconds"] else _between(row, due)
            found[key] = "no" if seconds <= 0 else str(ceil(seconds))  # ceil raises for NaN
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
    """How late a submission was: by ``times``, or else what the course's site has ``said``."""
    student, chapter = submission.student, submission.chapter
    return times.get((student, chapter), times.get((student, ""), said))
