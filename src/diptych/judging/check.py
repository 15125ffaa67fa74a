"""``check(leaky_relu_pt)``: tells a learner at once whether the answer is right, or what is not."""

from __future__ import annotations

import difflib
import html
import importlib.util
import re
import sys
from collections.abc import Mapping

import numpy as np

from diptych.catalogue.component import FRAMEWORK_MODULES, FRAMEWORK_NAMES, exercise
from diptych.catalogue.conventions import in_framework
from diptych.catalogue.exercise import Exercise
from diptych.catalogue.statements import statements
from diptych.forbidden import operations
from diptych.judging import curve, judge, oracle, origin, worker
from diptych.judging.already import right_already

# The learner's hidden cases are the same on each run: only the grader's are secret.
SEED = 20
CODE = re.compile(r"`([^`]+)`")


class Points(float):
    """The points as a number, for nbgrader; shown, the whole answer, for the learner.

    ``answer`` is the name that was judged, of which at most ``max_points`` are to be had; both are
    empty where nothing was. In a line code stands in backticks; ``links`` are addresses by their
    texts.
    """

    lines: tuple[str, ...] = ()
    picture: str = ""
    answer: str = ""
    max_points: float = 0.0
    links: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return float.__repr__(self)

    def _repr_html_(self) -> str:
        first, *rest = map(self._html, self.lines)
        body = "".join(f"<div>{line}</div>" for line in rest)
        return f'<div class="diptych-check"><strong>{first}</strong>{body}{self.picture}</div>'

    def _html(self, line: str) -> str:
        line = CODE.sub(r"<code>\1</code>", html.escape(line))
        for text, address in self.links.items():
            link = f'<a href="{html.escape(address)}">{html.escape(text)}</a>'
            line = line.replace(html.escape(text), link)
        return line


def check(answer: object) -> Points:
    """Judge one answer, function or class; its name says which exercise and framework.

    Returns the points as a float and never raises, nor prints.
    """
    try:
        return _checked(answer)
    except Exception as error:  # whatever happens here is ours, and no learner's fault
        return _points(0, f"check failed: {type(error).__name__}: {error}. Please report this.")


def _points(value: float, *lines: str, **more: object) -> Points:
    points = Points(value)
    vars(points).update(more, lines=tuple(line for line in lines if line))
    return points


def _checked(answer: object) -> Points:
    name = _name(answer)
    exercise, framework = _find(name)
    if exercise is None and name in statements():
        return _points(0, f"Call it {name}_pt for PyTorch, or {name}_tf for TensorFlow.")
    if exercise is None:
        known = [answer + suffix for answer in statements() for suffix in worker.SUFFIXES]
        near = difflib.get_close_matches(name, known, 1)
        hint = f"Did you mean {near[0]}?" if near else "Names are those of the statements."
        return _points(0, f"No exercise asks for {name}. {hint}")
    if isinstance(answer, str):
        return _points(0, f"Pass {name} itself, without quotation marks: check({name}).")
    if type(answer).__name__ == name:
        return _points(0, f"Pass {name} itself: check({name}), not an object that it made.")
    if importlib.util.find_spec(FRAMEWORK_MODULES[framework]) is None:
        return _points(0, f"{name}: {FRAMEWORK_NAMES[framework]} is not installed here.")
    if reasons := origin.older(name, answer):
        said, *where = reasons
        older = "What an earlier cell has defined is not judged."
        return _points(0, f"✗ {name}: {said}.", *where, older)
    cases = exercise.visible + exercise.hidden(np.random.default_rng(SEED))
    questions = [oracle.question(exercise, case) for case in cases]
    results = list(worker.ask(answer, framework, questions))
    verdict = judge.judge(exercise, cases, results)
    if verdict.diagnosis == judge.NOT_WRITTEN:
        return _points(0, f"{name}: {judge.NOT_WRITTEN}. {verdict.max_points:g} points to win.")
    if origin.is_ready_made(answer):
        return _points(0, f"{name}: this is the framework's own. Write it yourself.")
    last = questions[-1:]
    results_watched = worker.ask(answer, framework, last, symbols=operations.symbols(exercise))
    ran = {label for result in (*results, *results_watched) for label in result["ran"]}
    if seen := operations.seen(ran, exercise):
        return _points(0, f"{name}: this ran {' and '.join(seen)}. Write it yourself.")
    judged = {"answer": name, "max_points": verdict.max_points}
    if not verdict.findings:
        return _points(verdict.points, f"✓ {name}: right. {_score(exercise, verdict)}", **judged)
    first = verdict.findings[0]
    picture = _picture(exercise, framework, answer)
    return _points(
        verdict.points,
        f"✗ {name}: {first.sentence}{'' if first.sentence.endswith(('.', '?', '!')) else '.'}",
        first.evidence,
        right_already(exercise, results, verdict),
        _score(exercise, verdict),
        picture=picture,
        **judged,
    )


def _score(exercise: Exercise, verdict: judge.Verdict) -> str:
    lost = verdict.lost
    parts = ", ".join(f"{part} {'✗' if part in lost else '✓'}" for part in exercise.parts)
    return f"{verdict.points:g} of {verdict.max_points:g} points ({parts})."


def _find(name: str) -> tuple[Exercise | None, str]:
    framework = worker.SUFFIXES.get(name[-3:])
    try:
        asked = exercise(name[:-3]) if framework else None
    except KeyError:
        asked = None
    return (in_framework(asked, framework), framework) if asked else (None, "")


def _name(answer: object) -> str:
    """The object's own name, or that under which the learner's notebook knows it."""
    name = getattr(answer, "__name__", type(answer).__name__)
    if isinstance(answer, str) and _find(answer)[0] is not None:
        return answer
    if _find(name)[0] is None:
        for known, value in vars(sys.modules["__main__"]).items():
            if value is answer and _find(known)[0] is not None:
                return known
    return name


def _picture(exercise: Exercise, framework: str, answer: object) -> str:
    """The learner's curve on the right one, where the exercise has a curve and values differ."""
    questions = [oracle.question(exercise, case) for case in curve.cases(exercise)]
    for result in worker.ask(answer, framework, questions):
        if y := curve.wrong(exercise, result):
            from diptych.book.plots import answer_curve

            return answer_curve(curve.X, curve.right(exercise), y, exercise.answer)
    return ""
