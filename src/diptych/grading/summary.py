"""Counts and means for the class report, and the students who need a hand."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence

from diptych.catalogue.component import FRAMEWORK_NAMES
from diptych.grading import by_hand
from diptych.grading.outcome import Grade, Outcome
from diptych.grading.totals import NOTHING, UNWRITTEN, Total, counted

FREQUENT = 20  # the most frequent mistakes that the report lists, of each kind
BARS = 10  # of the distribution
BEGUN = 3  # answers that a student must have begun before the report says "needs a hand"
RAN = ("graded", "raised")  # statuses of answers that were judged by their results


def distribution(everybody: Sequence[Total]) -> list[tuple[str, int]]:
    """Ranges of the share of points, in percent ("90–100"), with the number of students."""
    shares = [total.share() for total in everybody if total.status != NOTHING]
    counts = Counter(min(int(share * BARS), BARS - 1) for share in shares)
    step = 100 // BARS
    return [(f"{n * step}–{(n + 1) * step}", counts[n]) for n in range(BARS)]


def median(everybody: Sequence[Total]) -> str:
    """The median of the points of those who handed something in, "31 of 42"; "" without any."""
    points = [total.points for total in everybody if total.status != NOTHING]
    return f"{statistics.median(points):g} of {everybody[0].max_points:g}" if points else ""


def by_chapter(everybody: Sequence[Total], asked: Mapping[str, float]) -> list[tuple]:
    """For each chapter that counts: its name, how many students handed it in, their mean."""
    rows = []
    for chapter, most in asked.items():
        points = [t.by_chapter[chapter] for t in everybody if chapter in t.by_chapter]
        mean = f"{statistics.fmean(points):.1f} of {most:g}" if points else ""
        rows.append((chapter, f"{len(points)} of {len(everybody)}", mean))
    return rows


def need_a_hand(everybody: Sequence[Total], best: bool) -> list[tuple[Total, int, str, str]]:
    """Students who need a hand, by the rule that the report states: total, number of answers that
    ran, their points, and the exercises that earned nothing."""
    found = []
    for total in everybody:
        grades = [g for o in total.outcomes for g in counted(o.grades, best) if g.status in RAN]
        points, most = sum(g.points for g in grades), sum(g.max_points for g in grades)
        if len(grades) >= BEGUN and 2 * points < most:
            lost = dict.fromkeys(g.exercise for g in grades if not g.points)
            found.append((total, len(grades), f"{points:g} of {most:g}", ", ".join(lost)))
    return found


def reached(outcomes: Sequence[Outcome]) -> dict[str, list[tuple]]:
    """For each chapter, a row for each answer: exercise, framework, how many students began it,
    how many got all points, and the mean of those who began it, as text and in percent."""
    answers: dict[str, dict[tuple[str, str], list[Grade]]] = {}
    for outcome in outcomes:
        of_chapter = answers.setdefault(outcome.chapter, {}) if outcome.grades else {}
        for grade in outcome.grades:
            of_chapter.setdefault((grade.exercise, grade.framework), []).append(grade)
    return {
        chapter: [
            (exercise, FRAMEWORK_NAMES[framework], *_reached_by(grades))
            for (exercise, framework), grades in of_chapter.items()
        ]
        for chapter, of_chapter in answers.items()
    }


def _reached_by(grades: list[Grade]) -> tuple:
    begun = [grade for grade in grades if _is_begun(grade)]
    full = sum(grade.points == grade.max_points for grade in begun)
    if not begun:
        return f"0 of {len(grades)}", full, "", None
    mean, most = statistics.fmean(g.points for g in begun), begun[0].max_points
    return f"{len(begun)} of {len(grades)}", full, f"{mean:.2f} of {most:g}", 100 * mean / most


def mistakes(outcomes: Sequence[Outcome], *, misconceptions: bool) -> list[tuple]:
    """The most frequent mistakes: exercise, diagnosis, and how many students of those who began
    the exercise made it. The same mistake in both frameworks counts once."""
    begun: dict[str, set[str]] = {}
    made: dict[tuple[str, str], set[str]] = {}
    for outcome in outcomes:
        for grade in filter(_is_begun, outcome.grades):
            begun.setdefault(grade.exercise, set()).add(outcome.student)
            known = grade.misconception == misconceptions and grade.status != by_hand.STATUS
            if grade.diagnosis and known:
                made.setdefault((grade.exercise, grade.diagnosis), set()).add(outcome.student)
    frequent = sorted(made.items(), key=lambda item: (-len(item[1]), item[0]))[:FREQUENT]
    return [
        (exercise, said, f"{len(students)} of {len(begun[exercise])}")
        for (exercise, said), students in frequent
    ]


def _is_begun(grade: Grade) -> bool:
    return grade.status not in (*UNWRITTEN, "unreadable")
