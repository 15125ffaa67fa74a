"""Renders the HTML of the reports: self-contained, without a script, everything in it escaped."""

from __future__ import annotations

import functools

import jinja2

from diptych.grading.outcome import Outcome
from diptych.grading.totals import counted


def render(template: str, **values: object) -> str:
    """The page that a template of ``grading/templates`` makes of the ``values``."""
    return _environment().get_template(template).render(values) + "\n"


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("diptych.grading"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=printable,
        trim_blocks=True,
    )
    environment.filters |= {"sentence": sentence, "points": "{:g}".format}
    return environment


def printable(value: object) -> object:
    """A text without control characters, among them those that change the direction of writing:
    they would deceive a reader. Other values are returned as they are."""
    if type(value) is str:  # and not Markup, a subclass
        return "".join(c if c.isprintable() else " " for c in value)
    return value


def sentence(text: str) -> str:
    """The text with a capital letter, and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def points(outcome: Outcome, best: bool) -> str:
    """The points of a notebook, "4 of 6"; "" if it has no grades."""
    grades = counted(outcome.grades, best)
    reached, most = sum(g.points for g in grades), sum(g.max_points for g in grades)
    return f"{reached:g} of {most:g}" if grades else ""
