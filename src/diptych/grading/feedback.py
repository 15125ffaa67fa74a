"""The feedback page of one student."""

from __future__ import annotations

import functools

from diptych.catalogue.component import FRAMEWORK_NAMES, Component, catalogue
from diptych.catalogue.lookup import exercises
from diptych.grading import figures, rendering
from diptych.grading.outcome import Grade, Outcome
from diptych.grading.totals import UNWRITTEN, Total, counted


def page(total: Total, *, best: bool = False, show_hidden: bool = False, book: str = "") -> str:
    """The HTML page of one student. It shows hidden cases only with ``show_hidden``.

    ``book`` is the address of the book's site: the page links to its sections. Without it, the page
    only names the sections.
    """
    graded = [outcome for outcome in total.outcomes if outcome.grades]
    return rendering.render(
        "feedback.html",
        total=total,
        graded=[(o, rendering.points(o, best), _not_counted(o, best)) for o in graded],
        listed=[outcome for outcome in total.outcomes if not outcome.grades],
        best=best,
        show_hidden=show_hidden,
        frameworks=FRAMEWORK_NAMES,
        tally=_tally,
        kept=_kept,
        section=functools.partial(_section, book=book),
        picture=_picture,
    )


def _not_counted(outcome: Outcome, best: bool) -> dict[int, str]:
    """The index of each grade that does not count, and why it does not."""
    those = {grade.exercise: grade for grade in counted(outcome.grades, best)}
    found = {}
    for number, grade in enumerate(outcome.grades) if best else ():
        other = those[grade.exercise]
        if grade is not other:
            name = FRAMEWORK_NAMES[other.framework]
            said = f"Your {name} answer counts." if other.points else "One of the two is enough."
            found[number] = said
    return found


def _tally(outcome: Outcome) -> str:
    """How many answers are right, right in part, without a point, and not written."""
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
    """The parts of the points that an answer has not lost."""
    exercise = exercises().get(grade.exercise)
    parts = [part for part in exercise.parts if part not in grade.lost] if exercise else []
    return " and ".join(parts)


def _section(grade: Grade, book: str) -> tuple[str, str]:
    """Name and address of the section that teaches the exercise; "" if they are unknown."""
    component = _components().get(grade.exercise)
    if component is None:
        return "", ""
    address = f"{book.rstrip('/')}/chapters/{component.chapter}.html#{component.anchor}"
    return component.name, address if book else ""


@functools.cache
def _components() -> dict[str, Component]:
    return {e.answer: component for component in catalogue() for e in component.exercises}


def _picture(grade: Grade) -> str:
    """The address of a figure with the student's curve over the right one; "" without a curve."""
    exercise = exercises().get(grade.exercise)
    if not grade.curve or exercise is None or exercise.curve is None:
        return ""
    return figures.answer_curve(exercise, grade.curve)
