"""``check(leaky_relu_pt)``: tells a learner at once whether the answer is right, or what is not."""

from __future__ import annotations

import ast
import difflib
import functools
import html
import importlib.util
import inspect
import sys

import numpy as np

from diptych.catalogue.component import FRAMEWORK_MODULES, FRAMEWORK_NAMES, exercises
from diptych.catalogue.conventions import in_framework
from diptych.catalogue.exercise import Exercise
from diptych.forbidden import operations, text
from diptych.judging import judge, oracle, worker

# The learner's hidden cases are the same on each run: only the grader's are secret.
SEED = 20
FRAMEWORK_ROOTS = ("torch", "tensorflow", "keras", "numpy")


class Points(float):
    """The points as a number, for nbgrader; shown, the whole answer, for the learner."""

    lines: tuple[str, ...] = ()
    picture: str = ""

    def __repr__(self) -> str:
        return float.__repr__(self)

    def _repr_html_(self) -> str:
        first, *rest = (html.escape(line) for line in self.lines)
        body = "".join(f"<div>{line}</div>" for line in rest)
        return f'<div class="diptych-check"><strong>{first}</strong>{body}{self.picture}</div>'


def check(answer: object) -> Points:
    """Judge one answer, function or class; its name says which exercise and framework.

    Returns the points as a float and never raises. In a notebook, leave it the last line of
    the cell: what is shown names the mistake, the place, and what was expected there.
    """
    try:
        result = _checked(answer)
    except Exception as error:  # whatever happens here is ours, and no learner's fault
        result = _points(0, f"check failed: {type(error).__name__}: {error}. Please report this.")
    if "ipykernel" not in sys.modules:
        print("\n".join(result.lines))
    return result


def _points(value: float, *lines: str, picture: str = "") -> Points:
    points = Points(value)
    points.lines = tuple(line for line in lines if line)
    points.picture = picture
    return points


def _checked(answer: object) -> Points:
    name = _name(answer)
    exercise, framework = _find(name)
    if exercise is None:
        known = [answer + suffix for answer in exercises() for suffix in worker.SUFFIXES]
        near = difflib.get_close_matches(name, known, 1)
        hint = f"Did you mean {near[0]}?" if near else "Names are those of the statements."
        return _points(0, f"No exercise asks for {name}. {hint}")
    if type(answer).__name__ == name:
        return _points(0, f"Pass {name} itself: check({name}), not an object that it made.")
    if importlib.util.find_spec(FRAMEWORK_MODULES[framework]) is None:
        return _points(0, f"{name}: {FRAMEWORK_NAMES[framework]} is not installed here.")
    if error := _no_python(name):
        where = f"line {error.lineno}: {(error.text or '').strip()}"
        said = f"✗ {name}: the cell that defines it is no Python: {error.msg}."
        return _points(0, said, where, "What an earlier cell has defined is not judged.")
    cases = exercise.visible + exercise.hidden(np.random.default_rng(SEED))
    questions = [oracle.question(exercise, case) for case in cases]
    results = list(worker.ask(answer, framework, questions))
    verdict = judge.judge(exercise, cases, results)
    if verdict.diagnosis == judge.NOT_WRITTEN:
        return _points(0, f"{name}: {judge.NOT_WRITTEN}. {verdict.max_points:g} points to win.")
    if _is_ready_made(answer):
        return _points(0, f"{name}: this is the framework's own. Write it yourself.")
    last = questions[-1:]
    results_watched = worker.ask(answer, framework, last, symbols=operations.symbols(exercise))
    ran = {label for result in (*results, *results_watched) for label in result["ran"]}
    if seen := operations.seen(ran, exercise):
        return _points(0, f"{name}: this ran {' and '.join(seen)}. Write it yourself.")
    if not verdict.findings:
        return _points(verdict.points, f"✓ {name}: right. {_score(exercise, verdict)}")
    first = verdict.findings[0]
    picture = _picture(exercise, cases, results, framework, answer)
    return _points(
        verdict.points,
        f"✗ {name}: {first.sentence}{'' if first.sentence.endswith(('.', '?', '!')) else '.'}",
        first.evidence,
        _score(exercise, verdict),
        picture=picture,
    )


def _no_python(name: str) -> SyntaxError | None:
    """Why the last cell that was to define the answer did not: an older one is still there then."""
    cells = getattr(sys.modules["__main__"], "In", ())  # IPython's, with those that failed
    for cell in reversed(cells if isinstance(cells, list) else ()):
        try:
            compile(cell, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except SyntaxError as error:
            if text.defines(cell, name):
                return error
        else:
            made = text.makers(text.statements([(cell, ast.parse(cell))]))
            if name in made or ("run_cell_magic(" in cell and name in cell):  # %%time
                return None
    return None


def _is_ready_made(answer: object) -> bool:
    """Whether the answer was not written here: a function, class or layer of a framework."""
    while isinstance(answer, functools.partial):
        answer = answer.func
    answer = inspect.unwrap(answer)  # tf.function and tf.custom_gradient wrap the learner's own
    made = answer if isinstance(answer, type) or inspect.isroutine(answer) else type(answer)
    return inspect.isbuiltin(made) or (made.__module__ or "").split(".")[0] in FRAMEWORK_ROOTS


def _score(exercise: Exercise, verdict: judge.Verdict) -> str:
    lost = verdict.lost
    parts = ", ".join(f"{part} {'✗' if part in lost else '✓'}" for part in exercise.parts)
    return f"{verdict.points:g} of {verdict.max_points:g} points ({parts})."


def _find(name: str) -> tuple[Exercise | None, str]:
    if (asked := exercises().get(name[:-3])) and (framework := worker.SUFFIXES.get(name[-3:])):
        return in_framework(asked, framework), framework
    return None, ""


def _name(answer: object) -> str:
    """The object's own name, or that under which the learner's notebook knows it."""
    name = getattr(answer, "__name__", type(answer).__name__)
    if _find(name)[0] is None:
        for known, value in vars(sys.modules["__main__"]).items():
            if value is answer and _find(known)[0] is not None:
                return known
    return name


def _picture(exercise, cases, results, framework, answer) -> str:
    """The learner's curve on the right one, where the exercise has a curve and values differ."""
    if exercise.curve is None:
        return ""
    from diptych.catalogue.exercise import Case

    case = Case((np.linspace(-4, 8, 121),), exercise.curve, gradients=False)
    (result,) = worker.ask(answer, framework, [oracle.question(exercise, case)])
    y = result.get("arrays", {}).get("output:0:0")
    right = oracle.expected(exercise, case)["output:0:0"]
    if y is None or y.shape != right.shape or np.allclose(y, right, atol=1e-4):
        return ""
    from diptych.book.plots import answer_curve

    return answer_curve(case.inputs[0], right, y, exercise.answer)
