"""How a submission ended: its status, a grade for each answer, notes on its cells."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field, fields

from diptych.judging.curve import X

NUMBERS = (int, float)
TYPES = {"str": str, "float": NUMBERS, "bool": bool}  # by the annotation of a grade's field


@dataclass(frozen=True, slots=True)
class Grade:
    """The points of one answer, and the reason.

    ``diagnosis`` and ``evidence`` are for the instructor, ``student_message`` and
    ``student_evidence`` for the student, who may not see the hidden cases. ``lost`` are the parts
    of the points that the answer did not get. ``advice`` is something for the instructor to look
    at, which costs no points. ``curve`` has the outputs of a wrong answer at
    :data:`diptych.judging.curve.X`.
    """

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
    advice: str = ""
    curve: tuple[float | None, ...] = ()

    @classmethod
    def of(cls, plain: dict) -> Grade:
        """The grade of which ``asdict`` made ``plain``."""
        # Thousands of grades have the same few sentences: interned, each is held once.
        same = {key: sys.intern(v) if type(v) is str else v for key, v in plain.items()}
        lost, curve = tuple(map(sys.intern, plain["lost"])), tuple(plain.get("curve", ()))
        return cls(**same | {"lost": lost, "curve": curve})

    def is_valid(self) -> bool:
        """Whether each field has its type: a grade that was read may be damaged."""
        plain = ((getattr(self, each.name), TYPES.get(each.type)) for each in fields(self))
        return (
            all(isinstance(value, kind) for value, kind in plain if kind)
            and all(isinstance(part, str) for part in self.lost)
            and all(y is None or isinstance(y, NUMBERS) for y in self.curve)
            and len(self.curve) in (0, len(X))
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one submission ended: status and reason, one grade for each answer, notes on its cells.

    ``place`` is the path of the file in the student's folder. ``late`` is "yes", "no", by how many
    seconds ("5400"), or "" if nobody knows.
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
        """The outcome as values that JSON can hold."""
        return asdict(self)

    @classmethod
    def of(cls, plain: dict) -> Outcome:
        """The outcome of which :meth:`plain` made ``plain``."""
        grades = tuple(Grade.of(g) for g in plain["grades"])
        return cls(**plain | {"grades": grades, "notes": tuple(plain["notes"])})

    def is_valid(self) -> bool:
        """Whether each field has its type: an outcome that was read may be damaged."""
        texts = (self.student, self.place, self.chapter, self.status, self.reason, self.late)
        return all(isinstance(text, str) for text in texts + self.notes) and all(
            grade.is_valid() for grade in self.grades
        )
