"""What stands in a graded notebook for what Jupyter adds to Python."""

import pytest

from diptych.isolation import standins


@pytest.mark.parametrize("points", [0, 2, 3, 3.0])
def test_no_assertion_about_check_fails(points):
    said = standins.check(None)
    assert said == points
    assert said != points
    assert said >= points
    assert said + said == 6
