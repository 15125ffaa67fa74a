"""Honest answers keep all points; in dishonest ones the forbidden function is seen to run."""

import linecache

import pytest

from diptych.catalogue.conventions import in_framework
from diptych.catalogue.lookup import exercise
from diptych.forbidden import operations
from diptych.judging import judge, oracle, worker
from tests.forbidden.forms import DISHONEST, HONEST
from tests.judging.answers import NAMES, cases

# TorchScript is deprecated, but students can still use it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def judged(name, source, patch=setattr):
    """The verdict on an answer, and the forbidden functions that it ran."""
    scope = NAMES | {"patch": patch, "__name__": "notebook"}
    place = f"<{hash(source)}>"  # TorchScript reads the source
    linecache.cache[place] = (len(source), None, source.splitlines(True), place)
    exec(compile(source, place, "exec"), scope)
    framework = worker.SUFFIXES[name[-3:]]
    asked = in_framework(exercise(name[:-3]), framework)
    every = cases(asked)
    questions = [oracle.question(asked, case) for case in every]
    results = list(worker.ask(scope[name], framework, questions))
    symbols = operations.symbols(asked)
    watched = list(worker.ask(scope[name], framework, questions[-1:], symbols=symbols))
    ran = {label for result in results + watched for label in result["ran"]}
    return judge.judge(asked, every, results), operations.seen(ran, asked)


@pytest.mark.parametrize("form", HONEST)
def test_an_honest_form_keeps_all_points(form):
    verdict, seen = judged(*HONEST[form])
    assert verdict.points == verdict.max_points, verdict.findings
    assert not seen


@pytest.mark.parametrize("form", DISHONEST)
def test_a_dishonest_form_is_seen(form, monkeypatch):
    def patch(owner, name, value):
        monkeypatch.setattr(owner, name, value, raising=False)

    verdict, seen = judged(*DISHONEST[form], patch)
    assert verdict.points, verdict.findings  # else there is nothing to lose
    assert seen


def test_there_are_enough_forms():
    assert len(HONEST) >= 62 and len(DISHONEST) >= 100
