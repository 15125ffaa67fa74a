"""Answers as learners write them: right ones lose nothing, wrong ones are told what is wrong.

They were written from the statements. Behind each wrong answer is what is really wrong, and what
``check`` must say. The author has compared each sentence with the code: it claims nothing untrue.
"""

import pytest

from diptych.catalogue.component import catalogue
from diptych.catalogue.conventions import in_framework
from diptych.catalogue.lookup import exercise
from diptych.forbidden import operations
from diptych.judging import judge, oracle, worker
from tests.judging import corpus
from tests.judging.answers import cases

RIGHT = [(name, parameters, code) for name, parameters, code in corpus.read("right_answers.txt")]
WRONG = [
    (name, parameters, *map(str.strip, text.rpartition("  # ")[::2]))
    for name, parameters, text in corpus.read("wrong_answers.txt")
]
UNNAMED = ("some outputs are wrong", "the gradient of ", "is wrong after a call")
SHARE_NAMED = 0.9


def judged(name, parameters, code, watched=False):
    """The verdict on an answer, and the forbidden functions that it was seen to run."""
    framework = corpus.FRAMEWORKS[name[-2:]]
    asked = in_framework(exercise(name[:-3]), framework)
    made = corpus.made(name, parameters, code)
    questions = [oracle.question(asked, case) for case in cases(asked)]
    symbols = operations.symbols(asked) if watched else None
    results = list(worker.ask(made, framework, questions, symbols=symbols))
    ran = {label for result in results for label in result["ran"]}
    return judge.judge(asked, cases(asked), results), operations.seen(ran, asked)


@pytest.mark.parametrize(("name", "parameters", "code"), RIGHT)
def test_a_right_answer_in_other_words_loses_no_point(name, parameters, code):
    verdict, seen = judged(name, parameters, code, watched=True)
    assert (verdict.points, seen) == (verdict.max_points, []), verdict.findings[:1]


@pytest.mark.parametrize(("name", "parameters", "code", "wrong"), WRONG)
def test_a_wrong_answer_loses_points_and_is_told_what_is_wrong(name, parameters, code, wrong):
    what, _, told = map(str.strip, wrong.partition(" | "))
    verdict, _ = judged(name, parameters, code)
    assert verdict.points < verdict.max_points
    assert told in verdict.diagnosis, f"{what}: {verdict.findings[0]}"


def test_most_wrong_answers_are_told_more_than_that_they_are_wrong():
    unnamed = [text for *_, text in WRONG if any(said in text for said in UNNAMED)]
    assert len(unnamed) < (1 - SHARE_NAMED) * len(WRONG)


@pytest.mark.parametrize("answers", [RIGHT, WRONG], ids=["right", "wrong"])
def test_every_exercise_of_a_chapter_has_answers_in_both_frameworks(answers):
    # A chapter is begun if it has right answers; other chapters have a sample of wrong ones.
    right = {name for name, *_ in RIGHT}
    begun = {c.chapter for c in catalogue() for e in c.exercises if e.answer + "_pt" in right}
    asked = [e for c in catalogue() if c.chapter in begun for e in c.exercises]
    assert len(begun) >= 9
    wanted = {e.answer + suffix for e in asked for suffix in worker.SUFFIXES}
    assert wanted <= {name for name, *_ in answers}
