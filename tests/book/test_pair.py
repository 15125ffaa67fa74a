"""A pair of calls stands for three plain cells."""

import pytest

from diptych.book.cell import BuildError
from tests.book.test_sources import spelt_out


def test_a_pair_stands_for_three_plain_cells(tmp_path):
    text = "# %%\n# pair: F.elu(x, 0.5) | tf.nn.elu(x, alpha=0.5)\n"
    pytorch, tensorflow, agreed = spelt_out(tmp_path, text)
    assert pytorch.tags == ("pytorch",)
    assert pytorch.source == (
        "x_pt = torch.tensor(x)\n"
        "y_pt, dx_pt = value_and_grad(F.elu, x_pt, 0.5)\n"
        "show(x=x_pt, y=y_pt, dx=dx_pt)"
    )
    assert tensorflow.tags == ("tensorflow",)
    assert tensorflow.source == (
        "x_tf = tf.constant(x)\n"
        "y_tf, dx_tf = value_and_grad(tf.nn.elu, x_tf, alpha=0.5)\n"
        "show(x=x_tf, y=y_tf, dx=dx_tf)"
    )
    assert agreed.source == "agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))"


def test_a_layer_may_be_one_of_a_pair(tmp_path):
    text = '# %%\n# pair: nn.SiLU()(x) | keras.layers.Activation("silu")(x)\n'
    pytorch, tensorflow, _ = spelt_out(tmp_path, text)
    assert "value_and_grad(nn.SiLU(), x_pt)" in pytorch.source
    assert '\n    keras.layers.Activation("silu"), x_tf)\n' in tensorflow.source


def test_a_pair_whose_call_is_long_goes_on_in_the_next_line(tmp_path):
    text = "# %%\n# pair: F.hardsigmoid(x) | keras.activations.hard_sigmoid(x)\n"
    _, tensorflow, _ = spelt_out(tmp_path, text)
    assert tensorflow.source.split("\n")[1:3] == [
        "y_tf, dx_tf = value_and_grad(",
        "    keras.activations.hard_sigmoid, x_tf)",
    ]
    assert max(map(len, tensorflow.source.split("\n"))) <= 64


def test_a_pair_that_is_no_call_is_refused_with_its_file(tmp_path):
    with pytest.raises(BuildError, match=r"gates\.py: # pair: x \+ 1: write a call"):
        spelt_out(tmp_path, "# %%\n# pair: F.elu(x) | x + 1\n")
