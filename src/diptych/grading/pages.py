"""The reports as HTML: self-contained, without a script, everything in them escaped."""

from __future__ import annotations

import functools
from collections import Counter

import jinja2

from diptych.catalogue.component import FRAMEWORK_NAMES
from diptych.grading.marking import Grade, Outcome

FREQUENT = 20  # misconceptions in the report


def feedback(student: str, outcomes: list[Outcome], *, show_hidden: bool = False) -> str:
    """The page of one student; without ``show_hidden`` nothing of hidden cases is on it."""
    return _render(
        "feedback.html",
        student=student,
        outcomes=outcomes,
        show_hidden=show_hidden,
        frameworks=FRAMEWORK_NAMES,
    )


def class_report(outcomes: list[Outcome], missing: list[str], isolation: str) -> str:
    """How the class did: what was reached, the most frequent mistakes, what did not go through."""
    grades = [grade for outcome in outcomes for grade in outcome.grades]
    return _render(
        "report.html",
        outcomes=outcomes,
        missing=missing,
        isolation=isolation,
        notebooks=sorted(Counter(outcome.status for outcome in outcomes).items()),
        answers=sorted(Counter(grade.status for grade in grades).items()),
        reached=_reached(grades),
        misconceptions=_misconceptions(grades),
        advice=[
            (o.student, g.exercise, FRAMEWORK_NAMES[g.framework], _sentence(g.advice))
            for o in outcomes
            for g in o.grades
            if g.advice
        ],
        trouble=[
            (o.student, o.place, o.status, _sentence(o.reason))
            for o in outcomes
            if o.status != "graded"
        ],
    )


def _reached(grades: list[Grade]) -> list[tuple]:
    rows = []
    for exercise, framework in dict.fromkeys((g.exercise, g.framework) for g in grades):
        those = [g for g in grades if (g.exercise, g.framework) == (exercise, framework)]
        full = sum(g.points == g.max_points for g in those)
        mean = f"{sum(g.points for g in those) / len(those):.2f} of {those[0].max_points:g}"
        rows.append((exercise, FRAMEWORK_NAMES[framework], len(those), full, mean))
    return rows


def _misconceptions(grades: list[Grade]) -> list[tuple]:
    counted = Counter((grade.exercise, grade.diagnosis) for grade in grades if grade.misconception)
    frequent = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:FREQUENT]
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
