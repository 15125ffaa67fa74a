"""The short form of components: what each kind of line means, and what a wrong one says."""

import numpy as np
import pytest

from diptych.catalogue.component import Call, Default
from diptych.catalogue.notation import NotationError, component, mistakes

LID = "nothing stops at 6"
GLOBALS = {"LID": LID, "np": np, "gate": lambda x: x / 2}


def one(text, *arguments, **names):
    (misconception,) = mistakes(text, GLOBALS, *arguments, **names)
    return misconception


def test_a_formula_is_numpy_and_its_comment_is_the_sentence():
    found = one("clip(x + 3, 0, 6)  # divide it by 6")
    assert found.sentence == "divide it by 6"
    assert found.value(np.array([-4.0, 0.0, 9.0])).tolist() == [0, 3, 6]
    assert found.gradient is None


def test_a_comment_alone_continues_the_sentence_above():
    assert one("x  # the gate\n   # is missing").sentence == "the gate is missing"


def test_a_sentence_may_begin_below_its_formula():
    assert one("x\n   # the gate\n   # is missing").sentence == "the gate is missing"


def test_formulas_without_a_sentence_share_the_next_one():
    found = mistakes("x\n2 * x\n3 * x  # too large\nx**2  # squared", GLOBALS)
    assert [m.sentence for m in found] == ["too large"] * 3 + ["squared"]
    assert [m.value(2.0) for m in found] == [2, 4, 6, 4]


def test_capitals_stand_for_a_constant_of_the_module():
    assert one("maximum(0, x)  # LID").sentence == LID


def test_names_of_the_module_and_others_may_be_used():
    assert one("gate(x) + shift  # shifted", shift=10).value(4.0) == 12


def test_code_goes_on_in_the_next_line_while_a_bracket_is_open():
    assert one("maximum(\n    x, 1\n)  # no floor").value(-3.0) == 1


def test_several_parameters_go_by_their_names():
    found = one("where(x > 0, x, slope * x)  # leaks", "x, slope")
    assert found.value(np.array([-2.0]), slope=0.5).tolist() == [-1]


def test_slope_has_right_values_and_that_derivative():
    found = one("slope: gate(x)  # held")
    assert found.value is None
    (gradient,) = found.gradient(np.array([10.0]), np.array([4.0]))
    assert gradient.tolist() == [20]


def test_gradient_is_the_formula_of_all_gradients():
    found = one("gradient: (upstream_gradient * b, upstream_gradient)  # forgotten", "a, b")
    assert found.gradient(3.0, 1.0, 5.0) == (15, 3)


def test_a_loop_makes_a_wrong_answer_for_each_value_and_names_it():
    found = mistakes("for a in (0.1, 0.2): a * x  # the slope is {a}", GLOBALS)
    assert [m.sentence for m in found] == ["the slope is 0.1", "the slope is 0.2"]
    assert [m.value(10.0) for m in found] == [1, 2]


def test_through_makes_of_the_formula_what_the_judge_calls():
    def of_halves(function):
        return lambda x: function(*np.split(x, 2))

    found = one("a - b  # subtracted", "a, b", through=of_halves)
    assert found.value(np.array([5.0, 3.0])).tolist() == [2]


@pytest.mark.parametrize(
    ("text", "said"),
    {
        "x  # fine\nclip(x, 0  # a bracket too few": r"line 2: clip\(x, 0",
        "x +  # what?": r"line 1: x \+: invalid syntax",
        "x  # LIDS": "line 1: x: no constant is called LIDS",
        "x  # said\n2 * x": "line 2: 2 \\* x: write the sentence that corrects it behind #",
        "for a in nothing: x  # said": "name 'nothing' is not defined",
    }.items(),
)
def test_a_wrong_line_is_named(text, said):
    with pytest.raises(NotationError, match=said):
        mistakes(text, GLOBALS)


def test_a_component_reads_calls_and_defaults():
    found = component(
        "leaky",
        name="Leaky",
        zh="漏",
        pytorch=("torch.nn.LeakyReLU",),
        calls="nn.LeakyReLU(0.3) | keras.layers.LeakyReLU()  # the default slope is 0.3",
        defaults="torch.nn.RReLU(lower=1/8, upper=1/3)\ntorch.nn.Softmax(dim=None)",
    )
    watch = "the default slope is 0.3"
    assert found.calls == (Call("nn.LeakyReLU(0.3)", "keras.layers.LeakyReLU()", watch),)
    assert found.defaults == (
        Default("torch.nn.RReLU", "lower", 1 / 8),
        Default("torch.nn.RReLU", "upper", 1 / 3),
        Default("torch.nn.Softmax", "dim", None),
    )
    assert found.status == "bridged"


def test_what_to_watch_with_a_call_is_said_of_that_call_alone():
    calls = "F.relu6(x) | tf.nn.relu6(x)\nnn.ReLU6() | Activation('relu6')  # no layer of its own"
    found = component("relu6", name="ReLU6", zh="六", calls=calls)
    assert [call.watch for call in found.calls] == ["", "no layer of its own"]


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("calls", "F.relu(x)", "leaky, calls, line 1: F.relu.x.: write PyTorch's side"),
        ("calls", "F.relu(x) | tf.nn.relu(x  # watch", "calls, line 1"),
        ("defaults", "torch.nn.Softmax", "leaky, defaults, line 1: torch.nn.Softmax: write a call"),
    ],
)
def test_a_wrong_line_of_a_component_is_named(field, text, said):
    with pytest.raises(NotationError, match=said):
        component("leaky", name="Leaky", zh="漏", **{field: text})
