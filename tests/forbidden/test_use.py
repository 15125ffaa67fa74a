"""Which names an exercise forbids, and where an answer's source has them."""

import pytest

from diptych.catalogue.component import exercise
from diptych.forbidden.use import builtins_used, forbidden_names


@pytest.mark.parametrize(
    ("call", "free"),
    [
        ("torch.softmax(z, dim=-1)", True),
        ("torch.softmax(z, -1)", True),
        ("tf.nn.softmax(z)", True),
        ("F.softmax(z, -1, 3)", False),
        ("F.softmax(z, dtype=torch.float64)", False),
        ("F.gumbel_softmax(z, tau)", False),
    ],
)
def test_what_is_allowed_may_name_its_axis_and_nothing_more(call, free):
    assert (builtins_used(f"y = {call}", exercise("gumbel_softmax")) == []) is free


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("relu_", "relu"),
        ("Relu", "relu"),
        ("LeakyRelu", "leaky_relu"),
        ("_prelu_kernel", "prelu"),
        ("rrelu_with_noise_", "rrelu"),
        ("log_sigmoid_forward", "log_sigmoid"),
        ("_foreach_tanh_", "tanh"),
        ("_log_softmax", "log_softmax"),
        ("special_softmax", "softmax"),
        ("_fused_adam_", "adam"),
        ("ResourceApplyAdam", "adam"),
    ],
)
def test_a_builtin_has_other_names_elsewhere(name, answer):
    assert builtins_used(f"y = torch.ops.aten.{name}(x)", exercise(answer)) == [(1, name)]


@pytest.mark.parametrize("name", ["crelu", "prelu_slope", "my_relu", "Application", "apply_relu"])
def test_a_name_that_only_contains_a_builtins_is_free(name):
    assert builtins_used(f"y = tools.{name}(x)", exercise("relu")) == []


def test_the_names_of_a_usage_are_what_answers_are_made_of():
    free = {"Module", "Layer", "backward", "GradientTape"}
    assert not free & forbidden_names("centred")
    assert "relu" in forbidden_names("leaky_relu")
