"""The head of a section: its names as the chapters write them."""

import pytest

from diptych.book.heads import short


@pytest.mark.parametrize(
    ("written", "shown"),
    {
        "torch.nn.functional.relu": "F.relu",
        "torch.nn.ReLU": "nn.ReLU",
        "keras.layers.PReLU(keras.initializers.Constant(0.1))": (
            "layers.PReLU(initializers.Constant(0.1))"
        ),
        "tf.keras.layers.ReLU": "tf.keras.layers.ReLU",
        "keras.ops.relu": "keras.ops.relu",
    }.items(),
)
def test_a_name_is_shortened_wherever_it_stands_in_a_call(written, shown):
    assert short(written) == shown
