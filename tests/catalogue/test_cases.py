"""The exercise of an elementwise activation: its cases and its references."""

import numpy as np

from diptych.catalogue.cases import elementwise

SCALE = ("scale", (2.0, 0.5), ((1, 3), (0.1, 0.9)))
SHIFT = ("shift", (-1.0, 4.0), ((-5, -4), (6, 7)))


def exercise(argument):
    return elementwise("f", lambda x, **arguments: x, "T(x)", "t(x)", (), argument=argument)


def test_one_argument_or_several_are_shown_and_drawn_from_their_ranges():
    for argument in (SCALE, (SCALE, SHIFT), ()):
        made = exercise(argument)
        several = (argument,) if argument and isinstance(argument[0], str) else argument
        names = [name for name, *_ in several]
        assert {tuple(case.arguments.items()) for case in made.visible} == {
            tuple(zip(names, values, strict=True))
            for values in zip(*(shown for _, shown, _ in several), strict=True)
        } or {()}
        for case in made.hidden(np.random.default_rng(0)):
            assert list(case.arguments) == names


def test_plain_and_large_inputs_come_with_every_range_of_the_arguments():
    met = set()
    for case in exercise((SCALE, SHIFT)).hidden(np.random.default_rng(0)):
        for n in range(2):
            low, high = SCALE[2][n]
            if low <= case.arguments["scale"] <= high:
                assert SHIFT[2][n][0] <= case.arguments["shift"] <= SHIFT[2][n][1]
                met.add((n, case.part, abs(case.inputs[0]).max() > 500))
    for n in range(2):
        assert {(n, "values", False), (n, "robustness", True)} <= met


def test_a_reference_takes_x_and_the_arguments_in_their_order():
    assert exercise((SCALE, SHIFT)).reference["pytorch"] == "f_pt = lambda x, scale, shift: T(x)"
    assert exercise(()).reference["tensorflow"] == "f_tf = lambda x: t(x)"
