"""The report on the class, one HTML page for the instructor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from diptych.catalogue.component import FRAMEWORK_NAMES
from diptych.grading import by_hand, figures, rendering, summary
from diptych.grading.lateness import Rule
from diptych.grading.outcome import Grade, Outcome
from diptych.grading.totals import Total, trouble

LISTED = 3  # files that are not graded, for each student
DONE = ("graded", by_hand.STATUS)
NOBODY = "nobody's"  # shown for files that lie beside the students' folders


def page(
    outcomes: Sequence[Outcome],
    everybody: Sequence[Total],
    asked: Mapping[str, float],
    strangers: Sequence[str],
    best: bool,
    isolation: str,
    rule: Rule | None = None,
) -> str:
    """The results of the class, the notebooks to look at, and the total of each student.

    ``asked`` has the points of each chapter that counts; ``strangers`` have a folder, and are not
    on the roster; ``rule`` is what late work costs.
    """
    grades = [(outcome, grade) for outcome in outcomes for grade in outcome.grades]
    bars, reached = summary.distribution(everybody), summary.reached(outcomes)
    looks = [(outcome, trouble(outcome, best)) for outcome in outcomes]
    return rendering.render(
        "report.html",
        everybody=everybody,
        named=any(total.name for total in everybody),
        notebooks=sum(bool(outcome.grades) for outcome in outcomes),
        chapters=summary.by_chapter(everybody, asked),
        bars=bars,
        distribution=figures.distribution(bars),
        hand=summary.need_a_hand(everybody, best),
        begun=summary.BEGUN,
        median=summary.median(everybody),
        strangers=strangers,
        best=best,
        isolation=isolation,
        rule=rule,
        by_hand=[_said(o, g, g.diagnosis) for o, g in grades if g.status == by_hand.STATUS],
        reached=[
            (chapter, [row[:-1] for row in reached[chapter]], _means(reached[chapter]))
            for chapter in sorted(reached, key=lambda name: [*asked, name].index(name))
        ],
        misconceptions=_mistakes(outcomes, misconceptions=True),
        mistakes=_mistakes(outcomes, misconceptions=False),
        statuses=sorted(Counter(grade.status for _, grade in grades).items()),
        advice=[_said(o, g, g.advice) for o, g in grades if g.advice],
        failed=[_row(o, why, best) for o, why in looks if why and o.status == "graded"],
        trouble=_not_graded([(o, why) for o, why in looks if o.status not in DONE], best),
    )


def _not_graded(looks: Sequence[tuple[Outcome, str]], best: bool) -> list[tuple[str, ...]]:
    """The rows of notebooks that did not run to their end, and of some files that are only listed:
    :data:`LISTED` for each student."""
    rows, listed = [], Counter[str]()
    for outcome, why in looks:
        listed[outcome.student] += not outcome.grades
        if outcome.grades or listed[outcome.student] <= LISTED:
            rows.append(_row(outcome, why, best))
    for student, count in listed.items():
        if count > LISTED:
            said = f"{count - LISTED} more files", "", "", "grades.csv lists all of them."
            rows.append((student or NOBODY, *said))
    return rows


def _row(outcome: Outcome, why: str, best: bool) -> tuple[str, ...]:
    where = outcome.student or NOBODY, outcome.place
    points = rendering.points(outcome, best)
    return (*where, points, outcome.status, rendering.sentence(why))


def _said(outcome: Outcome, grade: Grade, text: str) -> tuple[str, ...]:
    framework = FRAMEWORK_NAMES[grade.framework]
    return outcome.student, grade.exercise, framework, rendering.sentence(text)


def _mistakes(outcomes: Sequence[Outcome], *, misconceptions: bool) -> list[tuple[str, ...]]:
    found = summary.mistakes(outcomes, misconceptions=misconceptions)
    return [(exercise, students, rendering.sentence(said)) for exercise, said, students in found]


def _means(rows: list[tuple]) -> str:
    """The figure of a chapter's exercises; "" if nobody began any."""
    means = [(rendering.printable(row[0]), row[1], row[-1]) for row in rows if row[-1] is not None]
    return figures.exercises(means) if means else ""
