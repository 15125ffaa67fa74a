"""Points are a number for nbgrader, and a page that shows text as text."""

from diptych import check
from tests.judging.test_check import leaky_relu_pt


def test_its_value_is_the_points_as_a_float_that_nbgrader_reads():
    checked = check(leaky_relu_pt)
    assert isinstance(checked, float) and repr(checked) == "0.0"


def test_an_error_text_is_shown_as_text():
    def relu_pt(x):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in check(relu_pt)._repr_html_()
