"""What an exercise derives from its cases."""

from tests.judging.answers import CENTRE, NO_GRADIENTS


def test_gradients_are_a_part_only_where_some_case_compares_them():
    assert NO_GRADIENTS.parts == ("values",)
    assert CENTRE.parts == ("values", "gradients")
