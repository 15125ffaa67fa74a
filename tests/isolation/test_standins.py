"""The replacement of ``check`` breaks no assertion of a graded notebook."""

import pytest

from diptych.isolation import standins


@pytest.mark.parametrize("points", [0, 2, 3, 3.0])
def test_no_assertion_about_check_fails(points):
    said = standins.check(None)
    assert said == points
    assert said != points
    assert said >= points
    assert said + said == 6
