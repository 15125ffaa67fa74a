"""What a learner is told of an error or of a wrong output says what to do, and nothing untrue."""

import pytest

from diptych import check
from tests.judging.answers import NAMES


def told(name, parameters, body):
    """The lines of `check`, for an answer as it stands in a notebook."""
    names = NAMES | {"__name__": "__main__"}
    exec(f"def {name}({parameters}):\n    {body}", names)
    return check(names[name]).lines


@pytest.mark.parametrize(
    ("name", "parameters", "body", "advice"),
    [
        ("relu_pt", "x", "return max(x, 0)", "choose number by number, with `where`."),
        ("relu_tf", "x", "return x if x > 0 else 0", "choose number by number, with `where`."),
        ("relu_pt", "x", "x.detach().sum().backward()", "`w.clone().requires_grad_()`."),
        (
            *("relu_pt", "x", "w = torch.ones(1, requires_grad=True); w -= 1"),
            "below `with torch.no_grad():`.",
        ),
        ("relu_tf", "x", "return x - 0.1 * None", "One of the two is None, as what a function"),
        ("relu_tf", "x", "return x - x.mean()", "such as `tf.reduce_mean(x)`."),
        ("relu_tf", "x", "return tf.ones((2, 2)) @ tf.ones(2)", "use `tf.linalg.matvec`."),
        ("relu_tf", "x", "return x / tf.size(x)", "use `tf.cast`."),
        ("relu_tf", "x", "return x * tf.constant(2)", "use `tf.cast`."),
        ("relu_pt", "x", "return F.no_such_thing + y", "has no attribute 'no_such_thing'."),
        ("relu_pt", "x", "return y", "Import or define it in a cell above, and run that cell."),
        ("leaky_relu_pt", "x", "return x", "Keep the arguments that the stub has."),
        ("leaky_relu_pt", "x, alpha, beta", "return x", "Keep the arguments that the stub has."),
        ("relu_pt", "x", "return torch.where()", "received an invalid combination of arguments"),
    ],
)
def test_an_error_that_follows_a_common_slip_comes_with_advice(name, parameters, body, advice):
    head, *_ = told(name, parameters, body)
    assert head.startswith(f"✗ {name}: raises ")
    assert advice in head
    assert ("Keep the arguments" in advice) == ("Keep the arguments" in head)


def test_an_error_within_another_is_told_without_its_traceback():
    head, *_ = told("relu_tf", "x", "return tf.constant([x, tf.constant(1.0)])")
    assert "raises ValueError: TypeError: Scalar tensor has no" in head
    assert "Traceback" not in head and ".py" not in head


GRADIENTS = "x, weight, upstream"
RIGHT = (
    "upstream @ weight",
    "upstream.flatten(0, -2).T @ x.flatten(0, -2)",
    "upstream.flatten(0, -2).sum(0)",
)


def test_of_several_outputs_the_wrong_one_is_named():
    head, evidence, *_ = told(
        "dense_gradients_pt", GRADIENTS, f"return {RIGHT[0]}, {RIGHT[1]} + 1, {RIGHT[2]}"
    )
    assert head == "✗ dense_gradients_pt: some outputs are wrong."
    assert " at place (0, 0) of output 2 of 3: expected " in evidence
    assert evidence.startswith("dense_gradients([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]], [[")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f"return {RIGHT[0]}, {RIGHT[1]}, {RIGHT[2]}[:, None]", "output 3 of 3 has shape "),
        (f"return {RIGHT[0]}, {RIGHT[1]}", "3 outputs are asked for, not 2."),
    ],
)
def test_a_wrong_shape_is_not_called_right_already(body, said):
    head, *rest = told("dense_gradients_pt", GRADIENTS, body)
    assert said in head
    assert not any("Right already" in line for line in rest)


def test_one_number_has_no_place_and_its_shape_is_no_merit():
    head, evidence, *rest = told(
        "pseudo_huber_pt", "y_hat, y, delta", "return ((y_hat - y) ** 2).mean() + 1"
    )
    assert head == "✗ pseudo_huber_pt: some outputs are wrong."
    assert evidence.startswith("pseudo_huber([1.0, -3.0, 0.5], [")
    assert ", delta=0.5): expected " in evidence
    assert not any("Right already" in line for line in rest)


def test_where_only_a_hidden_case_goes_wrong_it_says_so():
    by_heart = "return x.clamp(min=0) + (x * 10 != (x * 10).round())"  # one decimal is visible
    lines = told("relu_pt", "x", by_heart)
    assert "Right already: every visible case. A hidden one goes wrong." in lines


def test_cases_of_the_robustness_are_counted_with_the_others():
    lines = told("best_constants_tf", "y", "return tf.stack([tf.sort(y)[len(y) // 2]] * 2)")
    assert "Right already: 2 of 3 visible cases." in lines


def test_a_single_number_that_is_right_is_spoken_of_as_one():
    lines = told("relu6_pt", "x", "return x.clamp(min=6)")
    assert "Right already: 1 of 22 visible numbers, such as that for 6." in lines
