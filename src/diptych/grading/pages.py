"""The reports as HTML: self-contained, without a script, everything in them escaped."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence

import jinja2

from diptych.catalogue.component import FRAMEWORK_NAMES, Component, catalogue, exercises
from diptych.grading import by_hand, figures, summary
from diptych.grading.lateness import Rule
from diptych.grading.outcome import Grade, Outcome
from diptych.grading.totals import UNWRITTEN, Total, counted, trouble

LISTED = 3  # files that are not graded, a student
DONE = ("graded", by_hand.STATUS)
NOBODY = "nobody's"  # beside the students' folders


def feedback(total: Total, *, best: bool = False, show_hidden: bool = False, book: str = "") -> str:
    """The page of one student; without ``show_hidden`` nothing of hidden cases is on it.

    ``book`` is the address of the book's site, to whose sections the page leads; without it the
    sections are named.
    """
    return _render(
        "feedback.html",
        total=total,
        graded=[(o, _points(o, best), _aside(o, best)) for o in total.outcomes if o.grades],
        listed=[outcome for outcome in total.outcomes if not outcome.grades],
        best=best,
        show_hidden=show_hidden,
        frameworks=FRAMEWORK_NAMES,
        tally=_tally,
        kept=_kept,
        section=functools.partial(_section, book=book),
        picture=_picture,
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
    bars, reached = summary.distribution(everybody), summary.reached(outcomes)
    looks = [(outcome, trouble(outcome, best)) for outcome in outcomes]
    return _render(
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
        by_hand=[
            (o.student, g.exercise, FRAMEWORK_NAMES[g.framework], _sentence(g.diagnosis))
            for o in outcomes
            for g in o.grades
            if g.status == by_hand.STATUS
        ],
        reached=[
            (chapter, [row[:-1] for row in reached[chapter]], _means(reached[chapter]))
            for chapter in sorted(reached, key=lambda name: [*asked, name].index(name))
        ],
        misconceptions=_mistakes(outcomes, misconceptions=True),
        mistakes=_mistakes(outcomes, misconceptions=False),
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


def _mistakes(outcomes: Sequence[Outcome], *, misconceptions: bool) -> list[tuple[str, ...]]:
    found = summary.mistakes(outcomes, misconceptions=misconceptions)
    return [(exercise, students, _sentence(said)) for exercise, said, students in found]


def _means(rows: list[tuple]) -> str:
    """The figure of a chapter's exercises, or "" where nobody began any."""
    means = [(_printable(row[0]), row[1], row[-1]) for row in rows if row[-1] is not None]
    return figures.exercises(means) if means else ""


def _tally(outcome: Outcome) -> str:
    """How many of the answers are right, and what became of the others."""
    written = [grade for grade in outcome.grades if grade.status not in UNWRITTEN]
    full = sum(grade.points == grade.max_points for grade in written)
    none = sum(not grade.points for grade in written)
    counts = {
        "right": full,
        "right in part": len(written) - full - none,
        "without a point": none,
        "not written": len(outcome.grades) - len(written),
    }
    return ", ".join(f"{count} {said}" for said, count in counts.items() if count)


def _kept(grade: Grade) -> str:
    """The parts of the points that an answer has, where it has not all."""
    exercise = exercises().get(grade.exercise)
    parts = [part for part in exercise.parts if part not in grade.lost] if exercise else []
    return " and ".join(parts)


def _section(grade: Grade, book: str) -> tuple[str, str]:
    """Name and address of the section that teaches what the exercise asks."""
    component = _components().get(grade.exercise)
    if component is None:
        return "", ""
    page = f"{book.rstrip('/')}/chapters/{component.chapter}.html#{component.anchor}"
    return component.name, page if book else ""


@functools.cache
def _components() -> dict[str, Component]:
    return {e.answer: component for component in catalogue() for e in component.exercises}


def _picture(grade: Grade) -> str:
    """The student's curve over the right one, or "" where there is none to show."""
    exercise = exercises().get(grade.exercise)
    if not grade.curve or exercise is None or exercise.curve is None:
        return ""
    return figures.answer_curve(exercise, grade.curve)


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
