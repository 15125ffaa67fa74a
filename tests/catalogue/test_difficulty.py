"""An exercise's difficulty follows from what it asks, and orders a chapter's exercises."""

from dataclasses import replace

import numpy as np
import pytest

from diptych.catalogue.difficulty import by_rule, dots
from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.lookup import exercise, in_order

X = np.ones((2, 3))
FORMULA = Exercise("twice", lambda x: 2 * x, (Case((X,)),), lambda rng: (), {}, ())


def with_case(**fields):
    return replace(FORMULA, visible=(Case(**({"inputs": (X,)} | fields)),))


HARDER = {
    "an axis": replace(FORMULA, elementwise=False),
    "a layout": replace(FORMULA, layouts={0: "channels"}),
    "its own gradient": replace(FORMULA, gradient=lambda g, x: (g,)),
    "weights": with_case(weights={"w": X}),
    "a state": with_case(state=("mean",)),
    "a mode": with_case(training=True),
    "chance": with_case(judge=lambda *_: None),
    "many inputs": with_case(inputs=(X, X), arguments={"lr": 0.1, "steps": 2}),
}


def test_one_formula_for_each_number_is_easy():
    assert by_rule(FORMULA) == FORMULA.difficulty == 1


@pytest.mark.parametrize("asked", HARDER)
def test_each_thing_more_makes_it_harder(asked):
    assert by_rule(HARDER[asked]) == 2


def test_three_is_the_end():
    hardest = replace(HARDER["many inputs"], elementwise=False, gradient=lambda *_: ())
    assert by_rule(hardest) == 3


def test_the_author_may_say_otherwise():
    assert replace(FORMULA, difficulty=3).difficulty == 3
    assert exercise("leaky_relu_by_hand").difficulty > by_rule(exercise("leaky_relu_by_hand"))


@pytest.mark.parametrize(("field", "value"), [("kind", "guess"), ("difficulty", 4)])
def test_what_there_is_not_is_refused(field, value):
    with pytest.raises(ValueError, match=f"twice: {field} is {value!r}"):
        replace(FORMULA, **{field: value})


def test_dots_are_filled_from_the_left():
    assert [dots(n) for n in (1, 2, 3)] == ["●○○", "●●○", "●●●"]


def test_a_chapter_is_suggested_from_easy_to_hard_and_repairs_come_after_formulas():
    answers = [e.answer for e in in_order("losses/binary")]
    assert len(answers) == len(set(answers)) == 7
    assert answers[-1] == "focal"
    assert answers[-2] == "soft_margin"  # as difficult as the hinges, but its kind is repair


@pytest.mark.parametrize(
    "chapter",
    [
        "activations/a_network_by_hand",
        "layers/a_tiny_network",
        "losses/a_robust_line",
        "regularizers/a_wide_fit",
    ],
)
def test_the_whole_is_trained_when_its_parts_are_right(chapter):
    *parts, whole = in_order(chapter)
    assert whole.kind == "train"
    assert "train" not in {part.kind for part in parts}
