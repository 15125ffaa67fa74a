"""Where a name in the text may break into two lines."""

import pytest

from diptych.site.literals import SEAM


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("keras.layers.ReLU", ["keras.", "layers.", "ReLU"]),
        ("negative_slope=0.25", ["negative_", "slope=", "0.25"]),
        ("nn.PReLU(3, init=0.1)", ["nn.", "PReLU(", "3, init=", "0.1)"]),
        ("f()", ["f()"]),
        ("x[...]", ["x[...]"]),
    ],
)
def test_a_name_breaks_between_its_words_and_never_in_a_number(name, parts):
    assert SEAM.split(name) == parts
