"""``check(leaky_relu_pt)``: tells a learner whether the answer is right, or what is wrong."""

from __future__ import annotations

import difflib
import importlib.util
import sys

import numpy as np

from diptych.catalogue.component import FRAMEWORK_MODULES, FRAMEWORK_NAMES
from diptych.catalogue.conventions import in_framework
from diptych.catalogue.exercise import Exercise
from diptych.catalogue.lookup import exercise
from diptych.catalogue.statements import statements
from diptych.forbidden import operations
from diptych.judging import curve, judge, oracle, origin, worker
from diptych.judging.already import right_already
from diptych.judging.points import Points
from diptych.judging.verdict import Verdict
from diptych.judging.wording import NOT_WRITTEN

# Learners get the same hidden cases on each run. Only the grader's cases are secret.
SEED = 20


def check(answer: object) -> Points:
    """Judge one answer, function or class; its name says which exercise and framework.

    Returns the points as a float. It never raises, and prints nothing.
    """
    try:
        return _checked(answer)
    except Exception as error:  # an error here is never the learner's fault
        return Points.of(0, f"check failed: {type(error).__name__}: {error}. Please report this.")


def _checked(answer: object) -> Points:
    name = _name(answer)
    exercise, framework = _find(name)
    if exercise is None:
        return Points.of(0, _unknown(name))
    if refusal := _refusal(answer, name, framework):
        return Points.of(0, *refusal)
    return _judged(answer, name, exercise, framework)


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


def _find(name: str) -> tuple[Exercise | None, str]:
    """The exercise that asks for an answer of this name, and its framework; else ``None``, ""."""
    framework = worker.SUFFIXES.get(name[-3:])
    try:
        asked = exercise(name[:-3]) if framework else None
    except KeyError:
        asked = None
    return (in_framework(asked, framework), framework) if asked else (None, "")


def _unknown(name: str) -> str:
    """What to do where no exercise asks for an answer of this name."""
    if name in statements():
        return f"Call it {name}_pt for PyTorch, or {name}_tf for TensorFlow."
    known = [answer + suffix for answer in statements() for suffix in worker.SUFFIXES]
    near = difflib.get_close_matches(name, known, 1)
    hint = f"Did you mean {near[0]}?" if near else "Names are those of the statements."
    return f"No exercise asks for {name}. {hint}"


def _refusal(answer: object, name: str, framework: str) -> tuple[str, ...]:
    """Why the object cannot be judged, and what to do; empty if it can be judged."""
    if isinstance(answer, str):
        return (f"Pass {name} itself, without quotation marks: check({name}).",)
    if type(answer).__name__ == name:
        return (f"Pass {name} itself: check({name}), not an object that it made.",)
    if importlib.util.find_spec(FRAMEWORK_MODULES[framework]) is None:
        return (f"{name}: {FRAMEWORK_NAMES[framework]} is not installed here.",)
    if reasons := origin.older(name, answer):
        said, *where = reasons
        return (f"✗ {name}: {said}.", *where, "What an earlier cell has defined is not judged.")
    return ()


def _judged(answer: object, name: str, exercise: Exercise, framework: str) -> Points:
    cases = exercise.visible + exercise.hidden(np.random.default_rng(SEED))
    questions = [oracle.question(exercise, case) for case in cases]
    results = list(worker.ask(answer, framework, questions))
    verdict = judge.judge(exercise, cases, results)
    if verdict.diagnosis == NOT_WRITTEN:
        return Points.of(0, f"{name}: {NOT_WRITTEN}. {verdict.max_points:g} points to win.")
    if origin.is_ready_made(answer):
        return Points.of(0, f"{name}: this is the framework's own. Write it yourself.")
    last = questions[-1:]
    results_watched = worker.ask(answer, framework, last, symbols=operations.symbols(exercise))
    ran = {label for result in (*results, *results_watched) for label in result["ran"]}
    if seen := operations.seen(ran, exercise):
        return Points.of(0, f"{name}: this ran {' and '.join(seen)}. Write it yourself.")
    judged = {"answer": name, "max_points": verdict.max_points}
    if not verdict.findings:
        return Points.of(verdict.points, f"✓ {name}: right. {_score(exercise, verdict)}", **judged)
    first = verdict.findings[0]
    return Points.of(
        verdict.points,
        f"✗ {name}: {first.sentence}{'' if first.sentence.endswith(('.', '?', '!')) else '.'}",
        first.evidence,
        right_already(exercise, results, verdict),
        _score(exercise, verdict),
        picture=_picture(exercise, framework, answer),
        **judged,
    )


def _score(exercise: Exercise, verdict: Verdict) -> str:
    lost = verdict.lost
    parts = ", ".join(f"{part} {'✗' if part in lost else '✓'}" for part in exercise.parts)
    return f"{verdict.points:g} of {verdict.max_points:g} points ({parts})."


def _picture(exercise: Exercise, framework: str, answer: object) -> str:
    """The learner's curve over the right one; "" if the exercise has none, or if it is right."""
    questions = [oracle.question(exercise, case) for case in curve.cases(exercise)]
    for result in worker.ask(answer, framework, questions):
        if y := curve.wrong(exercise, result):
            from diptych.book.plots import answer_curve

            return answer_curve(curve.X, curve.right(exercise), y, exercise.answer)
    return ""
