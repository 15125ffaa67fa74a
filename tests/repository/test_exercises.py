"""Every check holds: stubs get nothing, right answers everything, misconceptions their name."""

import numpy as np
import pytest

from diptych.catalogue.component import catalogue
from diptych.catalogue.conventions import in_framework
from diptych.catalogue.lookup import exercises
from diptych.judging import faults, judge, oracle, worker
from tests.judging.answers import cases, verdict_on, written

EXERCISES = exercises()
SEEDS = (0, 1, 2)


def numpy_results(exercise, asked, function=None, **changed):
    """What a worker would return for an answer that computes ``function``."""
    results = []
    for case in asked:
        right = oracle.expected(exercise, case)
        try:
            arrays = dict(oracle.predict(function, exercise, case) if function else right)
        except (ValueError, IndexError) as error:  # a wrong axis need not exist in every case
            results.append({"fault": faults.describe(error)})
            continue
        arrays |= {k: v for k, v in right.items() if "initial:" in k}
        for key in [k for k in arrays if k.startswith("low:")]:
            arrays[key.removeprefix("low:")] = arrays[key]
        whole = {k for k, v in right.items() if np.asarray(v).dtype.kind in "iu"}
        with np.errstate(over="ignore"):  # where a misconception grows on purpose
            arrays = {k: np.asarray(v, None if k in whole else "f4") for k, v in arrays.items()}
        results.append({"arrays": arrays})
    return results


def test_no_two_exercises_have_the_same_name():
    names = [e.answer for component in catalogue() for e in component.exercises]
    assert len(names) == len(set(names)) == len(EXERCISES)


# The by-hand exercise has none: no builtin has the gradient that it asks for.
BUILTINS = [(a, f) for a, e in EXERCISES.items() for f in e.reference]


@pytest.mark.parametrize(("answer", "framework"), BUILTINS)
def test_a_builtin_gets_every_point(answer, framework):
    exercise = EXERCISES[answer]
    name = answer + {"pytorch": "_pt", "tensorflow": "_tf"}[framework]
    builtin = written(exercise.reference[framework], name)
    for seed in SEEDS:
        verdict = verdict_on(exercise, builtin, framework, seed)
        assert verdict.points == verdict.max_points, verdict.findings


# Once, or in each framework's own conventions where these differ.
VIEWS = {
    in_framework(exercise, framework): f"{name}{suffix}"
    for name, exercise in EXERCISES.items()
    for suffix, framework in reversed(worker.SUFFIXES.items())
}


@pytest.mark.parametrize("exercise", VIEWS, ids=VIEWS.values())
def test_the_oracle_itself_gets_every_point(exercise):
    asked = cases(exercise)
    if any(case.judge for case in asked):
        asked = tuple(case for case in asked if not case.judge)
    verdict = judge.judge(exercise, asked, numpy_results(exercise, asked))
    assert verdict.points == verdict.max_points, verdict.findings


MISCONCEPTIONS = [(e, m) for e in VIEWS for m in e.misconceptions]


@pytest.mark.parametrize(
    ("exercise", "misconception"),
    MISCONCEPTIONS,
    ids=[f"{VIEWS[e]}-{e.misconceptions.index(m)}" for e, m in MISCONCEPTIONS],
)
def test_a_misconception_is_rejected_and_named(exercise, misconception):
    written = EXERCISES[exercise.answer]
    turned = exercise is not written and misconception.sentence in {
        each.sentence for each in written.misconceptions
    }
    for seed in SEEDS[:1] if turned else SEEDS:  # the same numbers in another layout: once will do
        asked = cases(exercise, seed)
        results = numpy_results(exercise, asked, misconception.value)
        for case, result in zip(asked, results, strict=True):
            for name, function in misconception.initial.items():
                if name in case.initial and "arrays" in result:
                    wrong = function(*case.inputs, **case.arguments)
                    result["arrays"][f"initial:{name}"] = wrong
            if misconception.gradient:
                upstream_gradients = oracle.upstream_gradients(exercise, case)
                arrays = oracle.doubles(case)
                wrong = misconception.gradient(*upstream_gradients, *arrays, **case.arguments)
                result["arrays"] |= {f"gradient:{i}": g for i, g in enumerate(wrong)}
        verdict = judge.judge(exercise, asked, results)
        assert verdict.points < verdict.max_points
        assert verdict.findings[0].sentence == misconception.sentence
