"""Where something does not fit, the error names it, and no weight moves."""

import keras
import numpy as np
import pytest
import torch

from diptych import copy_weights
from diptych.book import weight_pairs
from diptych.catalogue.notation import component

LINEAR = component(
    "linear",
    name="Linear",
    zh="线性",
    weights="""
torch.nn.Linear(3, 5) | keras.layers.Dense(5)  # (2, 3)
weight = kernel.T | kernel = weight.T
bias | bias
torch.nn.BatchNorm1d(3) | keras.layers.BatchNormalization()  # (2, 3)
weight | gamma
bias | beta
running_mean | moving_mean
running_var | moving_variance
num_batches_tracked | none
""",
)


@pytest.fixture
def of_linear(monkeypatch):
    monkeypatch.setattr(weight_pairs, "catalogue", lambda: (LINEAR,))


def built(layer, *shape):
    layer.build(shape)
    return layer


class Noisy(torch.nn.Linear):
    def __init__(self):
        super().__init__(3, 5)
        self.register_buffer("noise", torch.zeros(5))


WRONG = {
    "another class": (
        lambda: (torch.nn.Linear(3, 5), built(keras.layers.Conv1D(5, 2), None, 4, 3)),
        "of Linear do not belong to Conv1D: it goes with keras.layers.Dense",
    ),
    "an unknown class": (
        lambda: (torch.nn.Bilinear(3, 3, 5), built(keras.layers.Dense(5), None, 3)),
        "of Bilinear do not belong to Dense: the book pairs it with no layer. Assign the arrays "
        "yourself: PyTorch has weight (5, 3, 3), bias (5,); Keras has kernel (3, 5), bias (5,)",
    ),
    "a module around the layer": (
        lambda: (
            torch.nn.ModuleDict({"inside": torch.nn.Linear(3, 5)}),
            built(keras.layers.Dense(5), None, 3),
        ),
        "of ModuleDict do not belong to Dense: pass its part `inside` instead",
    ),
    "shapes": (
        lambda: (torch.nn.Linear(3, 4), built(keras.layers.Dense(5), None, 3)),
        "kernel has shape (3, 5), but the copied array has (3, 4); bias has shape (5,), but the "
        "copied array has (4,)",
    ),
    "a missing bias": (
        lambda: (torch.nn.Linear(3, 5, bias=False), built(keras.layers.Dense(5), None, 3)),
        "Linear has no bias; the other layer has",
    ),
    "a bias too much": (
        lambda: (torch.nn.Linear(3, 5), built(keras.layers.Dense(5, use_bias=False), None, 3)),
        "Dense has no bias; the other layer has",
    ),
    "a layer without weights yet": (
        lambda: (torch.nn.Linear(3, 5), keras.layers.Dense(5)),
        "Dense has no weights yet: call it once on an input",
    ),
    "a lazy module": (
        lambda: (torch.nn.LazyLinear(5), built(keras.layers.Dense(5), None, 3)),
        "LazyLinear has no weights yet: call it once on an input",
    ),
    "an array of its own": (
        lambda: (Noisy(), built(keras.layers.Dense(5), None, 3)),
        "Noisy.noise has no counterpart in the Keras layer",
    ),
}


@pytest.mark.parametrize(("layers", "said"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("back", [False, True])
def test_what_does_not_fit_is_named_and_nothing_is_copied(layers, said, back, of_linear):
    in_torch, in_keras = layers()
    before = [p.clone() for p in in_torch.parameters() if not hasattr(p, "materialize")]
    before_keras = [variable.numpy().copy() for variable in in_keras.weights]
    if back and "copied array" in said:
        said = (
            "weight has shape (4, 3), but the copied array has (5, 3); bias has shape (4,), but "
            "the copied array has (5,)"
        )
    with pytest.raises(ValueError) as error:
        copy_weights(*((in_keras, in_torch) if back else (in_torch, in_keras)))
    assert said in str(error.value)
    after = [p for p in in_torch.parameters() if not hasattr(p, "materialize")]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    pairs = zip(before_keras, in_keras.weights, strict=True)
    assert all(np.array_equal(old, new.numpy()) for old, new in pairs)


def test_layers_without_a_bias_on_both_sides_fit(of_linear):
    in_torch = torch.nn.Linear(3, 5, bias=False)
    in_keras = built(keras.layers.Dense(5, use_bias=False), None, 3)
    copy_weights(in_torch, in_keras)
    assert np.array_equal(in_keras.kernel.numpy(), in_torch.weight.detach().numpy().T)


def test_what_is_not_carried_stays_as_it_is(of_linear):
    in_torch, in_keras = torch.nn.BatchNorm1d(3), built(keras.layers.BatchNormalization(), None, 3)
    in_torch(torch.ones(2, 3))
    in_keras.moving_mean.assign([1.0, 2.0, 3.0])
    copy_weights(in_keras, in_torch)
    assert in_torch.running_mean.tolist() == [1, 2, 3]
    assert in_torch.num_batches_tracked == 1


@pytest.mark.parametrize("layers", [(torch.nn.Linear(3, 5),) * 2, (3, torch.nn.Linear(3, 5))])
def test_one_layer_of_each_framework_is_needed(layers):
    with pytest.raises(TypeError, match="one layer must be PyTorch's and the other Keras's"):
        copy_weights(*layers)


def test_a_subclass_goes_by_its_closest_class(of_linear):
    class Mine(keras.layers.Dense):
        pass

    in_torch = torch.nn.Linear(3, 5)
    copy_weights(in_torch, mine := built(Mine(5), None, 3))
    assert np.array_equal(mine.kernel.numpy(), in_torch.weight.detach().numpy().T)
