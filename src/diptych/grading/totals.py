"""Adds up the points of each student, and finds the missing chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from diptych.catalogue.component import chapters as book
from diptych.catalogue.component import load
from diptych.grading.by_hand import STATUS
from diptych.grading.lateness import Rule
from diptych.grading.outcome import Grade, Outcome

UNWRITTEN = ("not_written", "no_answer")
COMPLETE, MISSING, NOTHING = "complete", "missing", "nothing"


@dataclass(frozen=True)
class Total:
    """The points of one student, in all and by chapter.

    ``page`` is the name of the feedback page. ``points`` are those of all chapters that count, less
    what was ``deducted`` for late work, by chapter. ``missing`` are chapters without a graded
    notebook. ``status`` is "complete", "missing" if chapters are missing, or "nothing" if all are.
    """

    student: str
    name: str
    page: str
    points: float
    max_points: float
    status: str
    by_chapter: Mapping[str, float]
    missing: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    deducted: Mapping[str, float] = field(default_factory=dict)

    @property
    def late(self) -> str:
        """How late the latest graded notebook was: a number of seconds, or else "yes", "no", or ""
        if nobody knows."""
        known = {outcome.late for outcome in self.outcomes if outcome.grades}
        seconds = max((int(each) for each in known if each.isdecimal()), default=0)
        return str(seconds or next((each for each in ("yes", "", "no") if each in known), ""))

    @property
    def raw(self) -> float:
        """The points without what late work cost."""
        return self.points + sum(self.deducted.values())

    def share(self) -> float:
        """The part of all points that the student has, 0 to 1."""
        return self.points / self.max_points if self.max_points else 0.0


def counted(grades: Iterable[Grade], best: bool) -> list[Grade]:
    """The grades that count: all of them or, with ``best``, the better one of each exercise.

    This is decided for each exercise, so a student may change the framework in the middle of a
    chapter. If both have the same points, the one counts that the student began.
    """
    if not best:
        return list(grades)
    of_exercise: dict[str, list[Grade]] = {}
    for grade in grades:
        of_exercise.setdefault(grade.exercise, []).append(grade)
    return [
        max(those, key=lambda grade: (grade.points, grade.status not in UNWRITTEN))
        for those in of_exercise.values()
    ]


def asked(
    outcomes: Iterable[Outcome], chapters: Iterable[str], frameworks: int
) -> dict[str, float]:
    """The chapters that count, each with the points for all its answers in so many ``frameworks``.

    Without ``chapters``, those count of which a student has handed in at least one answer.
    """
    wanted = set(chapters) or {
        outcome.chapter
        for outcome in outcomes
        if any(grade.status != "no_answer" for grade in outcome.grades)
    }
    return {
        chapter: frameworks * sum(e.max_points for c in load(chapter) for e in c.exercises)
        for chapter in book()
        if chapter in wanted
    }


def totals(
    outcomes: Iterable[Outcome],
    names: Mapping[str, str],
    pages: Mapping[str, str],
    asked: Mapping[str, float],
    best: bool,
    rule: Rule | None = None,
) -> list[Total]:
    """The total of each student in ``names``, in this order.

    ``pages`` has the names of the feedback pages, by student, and ``asked`` the points of each
    chapter that counts. ``rule`` is what late work costs; raises
    :class:`diptych.grading.lateness.LateError` if it cannot be applied.
    """
    theirs: dict[str, list[Outcome]] = {student: [] for student in names}
    for outcome in outcomes:
        if outcome.student in theirs:
            theirs[outcome.student].append(outcome)
    return [
        _total(student, name, pages[student], theirs[student], asked, best, rule)
        for student, name in names.items()
    ]


def _total(student, name, page, outcomes, asked, best, rule) -> Total:
    those = [outcome for outcome in outcomes if outcome.grades and outcome.chapter in asked]
    by_chapter = {
        outcome.chapter: sum(grade.points for grade in counted(outcome.grades, best))
        for outcome in those
    }
    costs = {o.chapter: rule.costs(o.late, by_chapter[o.chapter]) for o in those if rule}
    deducted = {chapter: points for chapter, points in costs.items() if points}
    missing = tuple(chapter for chapter in asked if chapter not in by_chapter)
    status = NOTHING if not by_chapter else MISSING if missing else COMPLETE
    points = sum(by_chapter.values()) - sum(deducted.values())
    told = by_chapter, missing, tuple(outcomes), deducted
    return Total(student, name, page, points, sum(asked.values()), status, *told)


def trouble(outcome: Outcome, best: bool) -> str:
    """Why the instructor should look at a notebook, or "": it failed, or most of the answers that
    the student began earned nothing."""
    if outcome.status == STATUS:
        return ""
    if outcome.status != "graded":
        return outcome.reason
    begun = [g for g in counted(outcome.grades, best) if g.status != "not_written"]
    failed = [grade.diagnosis for grade in begun if not grade.points]
    if len(failed) < 2 or 2 * len(failed) <= len(begun):
        return ""
    # A sentence that contains the name of its answer is not shared: then the first one is shown.
    said, _ = Counter(failed).most_common(1)[0]
    return f"{len(failed)} of {len(begun)} answers earned nothing: {said}"
