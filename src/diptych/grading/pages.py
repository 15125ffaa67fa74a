"""The reports as HTML: self-contained, without a script, everything in them escaped."""

from __future__ import annotations

import functools
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence

import jinja2

from diptych.catalogue.component import FRAMEWORK_NAMES
from diptych.grading import by_hand
from diptych.grading.lateness import Rule
from diptych.grading.outcome import Grade, Outcome
from diptych.grading.totals import NOTHING, UNWRITTEN, Total, counted, trouble

FREQUENT = 20  # mistakes in the report
BARS = 10  # of the distribution
LISTED = 3  # files that are not graded, a student
DONE = ("graded", by_hand.STATUS)
NOBODY = "nobody's"  # beside the students' folders


def feedback(total: Total, *, best: bool = False, show_hidden: bool = False) -> str:
    """The page of one student; without ``show_hidden`` nothing of hidden cases is on it."""
    return _render(
        "feedback.html",
        total=total,
        graded=[(o, _points(o, best), _aside(o, best)) for o in total.outcomes if o.grades],
        listed=[outcome for outcome in total.outcomes if not outcome.grades],
        best=best,
        show_hidden=show_hidden,
        frameworks=FRAMEWORK_NAMES,
    )


def class_report(
    outcomes: Sequence[Outcome],
    everybody: Sequence[Total],
    asked: Mapping[str, float],
    strangers: Sequence[str],
    best: bool,
    isolation: str,
    rule: Rule | None = None,
) -> str:
    """How the class did, what needs the teacher's eye, and everybody's total."""
    grades = [grade for outcome in outcomes for grade in outcome.grades]
    looks = [(outcome, trouble(outcome, best)) for outcome in outcomes]
    return _render(
        "report.html",
        everybody=everybody,
        named=any(total.name for total in everybody),
        notebooks=sum(bool(outcome.grades) for outcome in outcomes),
        chapters=_chapters(everybody, asked),
        bars=_bars(everybody),
        median=_median(everybody),
        strangers=strangers,
        best=best,
        isolation=isolation,
        rule=rule,
        by_hand=[
            (o.student, g.exercise, FRAMEWORK_NAMES[g.framework], _sentence(g.diagnosis))
            for o in outcomes
            for g in o.grades
            if g.status == by_hand.STATUS
        ],
        reached=_reached(grades),
        mistakes=_mistakes(outcomes),
        statuses=sorted(Counter(grade.status for grade in grades).items()),
        advice=[
            (o.student, g.exercise, FRAMEWORK_NAMES[g.framework], _sentence(g.advice))
            for o in outcomes
            for g in o.grades
            if g.advice
        ],
        failed=[_row(o, why, best) for o, why in looks if why and o.status == "graded"],
        trouble=_ended([(o, why) for o, why in looks if o.status not in DONE], best),
    )


def _ended(looks: Sequence[tuple[Outcome, str]], best: bool) -> list[tuple[str, ...]]:
    """The rows of what did not go through: all notebooks, and few of the files that are listed."""
    rows, listed = [], Counter[str]()
    for outcome, why in looks:
        listed[outcome.student] += not outcome.grades
        if outcome.grades or listed[outcome.student] <= LISTED:
            rows.append(_row(outcome, why, best))
    for student, count in listed.items():
        if count > LISTED:
            said = f"{count - LISTED} files more", "", "", "grades.csv lists all of them."
            rows.append((student or NOBODY, *said))
    return rows


def _row(outcome: Outcome, why: str, best: bool) -> tuple[str, ...]:
    where = outcome.student or NOBODY, outcome.place
    return (*where, _points(outcome, best), outcome.status, _sentence(why))


def _points(outcome: Outcome, best: bool) -> str:
    grades = counted(outcome.grades, best)
    points, most = sum(g.points for g in grades), sum(g.max_points for g in grades)
    return f"{points:g} of {most:g}" if grades else ""


def _aside(outcome: Outcome, best: bool) -> dict[int, str]:
    """Where the grades stand that do not count, and what is said of them."""
    those = {grade.exercise: grade for grade in counted(outcome.grades, best)}
    aside = {}
    for number, grade in enumerate(outcome.grades) if best else ():
        other = those[grade.exercise]
        if grade is not other:
            name = FRAMEWORK_NAMES[other.framework]
            said = f"Your {name} answer counts." if other.points else "One of the two is enough."
            aside[number] = said
    return aside


def _chapters(everybody: Sequence[Total], asked: Mapping[str, float]) -> list[tuple]:
    rows = []
    for chapter, most in asked.items():
        points = [t.by_chapter[chapter] for t in everybody if chapter in t.by_chapter]
        mean = f"{statistics.fmean(points):.1f} of {most:g}" if points else ""
        rows.append((chapter, f"{len(points)} of {len(everybody)}", mean))
    return rows


def _bars(everybody: Sequence[Total]) -> list[tuple[str, int, float]]:
    """Share of the points, how many students, and the length of their bar in percent."""
    shares = [total.share() for total in everybody if total.status != NOTHING]
    counts = Counter(min(int(share * BARS), BARS - 1) for share in shares)
    step, longest = 100 // BARS, max(counts.values(), default=1)
    return [
        (f"{n * step}–{(n + 1) * step}%", counts[n], 100 * counts[n] / longest)
        for n in reversed(range(BARS))
    ]


def _median(everybody: Sequence[Total]) -> str:
    points = [total.points for total in everybody if total.status != NOTHING]
    return f"{statistics.median(points):g} of {everybody[0].max_points:g}" if points else ""


def _reached(grades: list[Grade]) -> list[tuple]:
    rows = []
    for exercise, framework in dict.fromkeys((g.exercise, g.framework) for g in grades):
        those = [g for g in grades if (g.exercise, g.framework) == (exercise, framework)]
        full = sum(g.points == g.max_points for g in those)
        mean = f"{sum(g.points for g in those) / len(those):.2f} of {those[0].max_points:g}"
        rows.append((exercise, FRAMEWORK_NAMES[framework], len(those), full, mean))
    return rows


def _mistakes(outcomes: Sequence[Outcome]) -> list[tuple]:
    """Exercise, what is said of it, and of how many students: the same mistake in both frameworks
    is one."""
    made = {
        (grade.exercise, grade.diagnosis, outcome.student)
        for outcome in outcomes
        for grade in outcome.grades
        if grade.diagnosis and grade.status not in (*UNWRITTEN, "unreadable", by_hand.STATUS)
    }
    counts = Counter((exercise, said) for exercise, said, _ in made)
    frequent = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:FREQUENT]
    return [(exercise, _sentence(said), count) for (exercise, said), count in frequent]


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(values) + "\n"


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("diptych.grading"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
    )
    environment.filters |= {"sentence": _sentence, "points": "{:g}".format}
    return environment


def _printable(value: object) -> object:
    """A text without control characters, and without marks that turn the direction of writing:
    they would deceive a reader."""
    if type(value) is str:  # not what is markup already
        return "".join(c if c.isprintable() else " " for c in value)
    return value


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
