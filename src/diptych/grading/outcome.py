"""How a submission ended: its status, a grade for each answer, notes on its cells."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Grade:
    """What one answer is worth, and why. ``diagnosis`` and ``evidence`` are the instructor's,
    ``student_message`` and ``student_evidence`` the student's, who may not see the hidden cases."""

    exercise: str
    framework: str
    points: float
    max_points: float
    status: str
    diagnosis: str = ""
    evidence: str = ""
    student_message: str = ""
    student_evidence: str = ""
    lost: tuple[str, ...] = ()
    misconception: bool = False
    advice: str = ""  # for the instructor to look at: it has cost nothing
    curve: tuple[float | None, ...] = ()  # at diptych.judging.curve.X, where it is a wrong one

    @classmethod
    def of(cls, plain: dict) -> Grade:
        # A class of thousands is told the same few sentences: each is held once.
        same = {key: sys.intern(v) if type(v) is str else v for key, v in plain.items()}
        lost, curve = tuple(map(sys.intern, plain["lost"])), tuple(plain.get("curve", ()))
        return cls(**same | {"lost": lost, "curve": curve})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one submission ended: status and reason, one grade per answer, notes on its cells.

    ``late`` is "yes" or "no", by how many seconds ("5400"), or "" where nobody knows.
    """

    student: str
    place: str
    chapter: str
    status: str
    reason: str = ""
    grades: tuple[Grade, ...] = ()
    notes: tuple[str, ...] = field(default=())
    late: str = ""

    def plain(self) -> dict:
        return asdict(self)

    @classmethod
    def of(cls, plain: dict) -> Outcome:
        grades = tuple(Grade.of(g) for g in plain["grades"])
        return cls(**plain | {"grades": grades, "notes": tuple(plain["notes"])})
