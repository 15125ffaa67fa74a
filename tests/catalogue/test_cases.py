"""The exercise of an elementwise activation: its cases and its references."""

import numpy as np

from diptych.catalogue.cases import elementwise

SCALE, SHIFT = ("scale", 2.0, 1, 3), ("shift", -1.0, -5, -4)


def exercise(argument):
    return elementwise("f", lambda x, **arguments: x, "T(x)", "t(x)", (), argument=argument)


def test_one_argument_or_several_are_shown_and_drawn_from_their_ranges():
    for argument in (SCALE, (SCALE, SHIFT), ()):
        made = exercise(argument)
        several = (argument,) if argument and isinstance(argument[0], str) else argument
        assert {tuple(case.arguments.items()) for case in made.visible} == {
            tuple((name, shown) for name, shown, _, _ in several)
        }
        for case in made.hidden(np.random.default_rng(0)):
            assert list(case.arguments) == [name for name, *_ in several]
            for name, _, low, high in several:
                assert low <= case.arguments[name] <= high


def test_a_reference_takes_x_and_the_arguments_in_their_order():
    assert exercise((SCALE, SHIFT)).reference["pytorch"] == "f_pt = lambda x, scale, shift: T(x)"
    assert exercise(()).reference["tensorflow"] == "f_tf = lambda x: t(x)"
