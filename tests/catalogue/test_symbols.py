"""Public symbols are classes, functions and submodules, without names of Python's own library."""

import pytest

from diptych.catalogue import symbols


@pytest.fixture(scope="module")
def live():
    return symbols.live()


@pytest.mark.parametrize(
    ("symbol", "why"),
    [
        ("torch.nn.functional.relu_", "a function written in C++"),
        ("torch.nn.functional.max_pool2d", "a function made by a helper of torch"),
        ("torch.nn.functional.boolean_dispatch", "a leaked helper, which the ledger explains"),
        ("torch.nn.utils", "a submodule, as one symbol"),
        ("keras.layers.MaxPool2D", "an alias"),
        ("tf.nn.experimental.stateless_dropout", "inside a namespace that is walked"),
    ],
)
def test_public_includes(live, symbol, why):
    assert symbol in live, why


@pytest.mark.parametrize(
    ("symbol", "why"),
    [
        ("torch.nn.functional.Optional", "typing's"),
        ("torch.nn.functional.DType", "Python's int"),
        ("torch.nn.functional.np", "an imported module"),
        ("torch.nn.functional.grad", "the module torch.nn.grad, imported"),
        ("torch.nn.functional._threshold", "private"),
        ("torch.nn.functional.tf32_notes", "text for docstrings"),
        ("tf.nn.experimental", "walked itself"),
    ],
)
def test_public_excludes(live, symbol, why):
    assert symbols.exists(symbol)
    assert symbol not in live, why
