"""Which operations an exercise forbids, and by which names they are known."""

import pytest

from diptych.catalogue.component import catalogue
from diptych.catalogue.lookup import exercise
from diptych.forbidden import operations


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
        ("aten.leaky_relu_", "leaky_relu"),
        ("aten.native_layer_norm", "layer_norm"),
        ("torch.nn.functional.leaky_relu", "leaky_relu"),
    ],
)
def test_a_function_has_other_names_elsewhere(name, answer):
    assert operations.plain(name) == operations.plain(answer)


@pytest.mark.parametrize("name", ["crelu", "prelu_slope", "my_relu", "Application", "apply_relu"])
def test_a_name_that_only_contains_a_functions_is_another(name):
    assert operations.plain(name) not in operations.names(exercise("relu"))


@pytest.mark.parametrize(
    ("ran", "answer", "seen"),
    [
        (["aten.relu"], "relu", ["relu"]),
        (["aten.relu_"], "relu", ["relu"]),
        (["torch.selu_"], "selu", ["selu"]),
        (["Relu"], "relu", ["relu"]),
        (["Relu"], "leaky_relu", []),  # allowed there
        (["aten.relu", "aten.leaky_relu"], "leaky_relu", ["leaky_relu"]),
        (["LeakyRelu"], "leaky_relu", ["leaky_relu"]),
        (["aten.add", "Mul", "torch.where"], "relu", []),
        (["aten.sigmoid", "Sigmoid"], "relu", []),  # of another chapter
        (["aten.hardtanh"], "relu6", ["torch.nn.functional.hardtanh"]),
        (["aten.leaky_relu", "aten.relu", "torch.relu"], "relu", ["leaky_relu", "relu"]),
        (["torch.optim"], "adam", ["torch.optim"]),
        (["aten.native_batch_norm"], "centred", ["torch.nn.functional.batch_norm"]),
        (["no such label", ""], "relu", []),
    ],
)
def test_what_ran_is_known_by_the_names_of_what_is_forbidden(ran, answer, seen):
    assert operations.seen(ran, exercise(answer)) == seen


@pytest.mark.parametrize("answer", ["gumbel_softmax", "celu", "tanh"])
def test_what_is_allowed_is_not_looked_for(answer):
    allowed = {operations.plain(name) for name in exercise(answer).allow}
    assert not allowed & {operations.plain(s) for s in operations.symbols(exercise(answer))}
    assert not allowed & {
        operations.plain(label) for label in operations.forbidden(exercise(answer))
    }


def test_the_names_of_a_usage_are_what_answers_are_made_of():
    free = {"module", "layer", "backward", "gradienttape"}
    assert not free & operations.names(exercise("centred"))
    assert "prelu" in operations.names(exercise("leaky_relu"))


def test_every_exercise_of_what_frameworks_ship_forbids_something():
    for component in catalogue():
        for each in component.exercises:
            if component.kind != "usage":
                assert operations.forbidden(each), each.answer
