"""Weights move: each pair of the book there and back; where something is wrong, nothing moves."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from diptych import agree, copy_weights, value_and_grad
from diptych.book import weights
from diptych.catalogue.component import catalogue
from diptych.catalogue.notation import component

PAIRS = [(found, pair) for each in catalogue() for found in each.weights for pair in found.pairs]


def inputs_of(pair, rng):
    """The input of each layer: the same numbers, channels last for Keras where shapes differ.

    Several inputs are a dictionary by their names.
    """
    in_torch, in_keras = pair.inputs
    if isinstance(in_torch, dict):
        drawn = {name: rng.normal(size=shape) for name, shape in in_torch.items()}
        arrays = {name: x.astype(np.float32) for name, x in drawn.items()}
        of_torch = {name: torch.tensor(x) for name, x in arrays.items()}
        return of_torch, {name: keras.ops.convert_to_tensor(x) for name, x in arrays.items()}
    if isinstance(in_torch, np.ndarray):
        return torch.tensor(in_torch), keras.ops.convert_to_tensor(in_keras)
    x = rng.normal(size=in_torch).astype(np.float32)
    turned = x if in_keras == in_torch else np.moveaxis(x, 1, -1)
    assert turned.shape == in_keras
    return torch.tensor(x), keras.ops.convert_to_tensor(turned)


def given(in_torch, in_keras, x_pt, x_tf, rng):
    """What each layer is called with, by position and by name: a cell gets its old states, too."""
    if isinstance(x_pt, dict):
        return [([x.pop(next(iter(x)))], x) for x in (dict(x_pt), dict(x_tf))]
    if not isinstance(in_torch, torch.nn.RNNCellBase):
        return ([x_pt], {}), ([x_tf], {})
    sizes = np.atleast_1d(in_keras.state_size)
    states = [rng.normal(size=(len(x_pt), size)).astype(np.float32) for size in sizes]
    of_torch = tuple(map(torch.tensor, states))
    return ([x_pt, of_torch if len(states) > 1 else of_torch[0]], {}), ([x_tf, states], {})


def first(output):
    return first(output[0]) if isinstance(output, tuple | list) else output


def differentiated(layer, inputs):
    """First output, and gradients of the first input and of the weights."""
    y, dx, dw = value_and_grad(layer, *inputs[0], **inputs[1])
    return first(y), dx, dw


def layers_of(pair, rng):
    """Both layers, built, with weights that are all different and positive, and their inputs."""
    in_torch, in_keras = eval(pair.pytorch), eval(pair.keras)
    x_pt, x_tf = inputs_of(pair, rng)
    of_torch, of_keras = given(in_torch, in_keras, x_pt, x_tf, rng)
    in_torch.eval()
    for layer, (inputs, named) in ((in_torch, of_torch), (in_keras, of_keras)):
        layer(*inputs, **named)
    scale = 0.2 if isinstance(x_pt, dict) else 1  # the scores of attention stay small
    with torch.no_grad():
        for array in in_torch.state_dict().values():
            if array.is_floating_point():
                array.copy_(torch.tensor(scale * rng.uniform(0.5, 1.5, array.shape)))
    for variable in in_keras.weights:
        variable.assign(scale * rng.uniform(0.5, 1.5, variable.shape))
    return in_torch, in_keras, of_torch, of_keras


def forms(found, in_torch, in_keras, gradients):
    """What the gradients of PyTorch's weights must be, from those of Keras's, in PyTorch's order.

    By the chain rule, with the formula that makes Keras's arrays: it is linear, so each number
    counts as much as it moves these. Two biases of which Keras has the sum get the same gradient.
    """
    by_id = {id(v): g for v, g in zip(in_keras.trainable_weights, gradients, strict=True)}
    made = {}
    for move in filter(lambda move: move.is_carried, found.moves):
        variables = [weights._array(in_keras, name) for name in move.keras.names]
        arrays = {name: weights._array(in_torch, name) for name in move.pytorch.names}
        if not all(id(v) in by_id for v in variables):
            continue
        zeros = {name: np.zeros(array.shape) for name, array in arrays.items()}
        for name, array in arrays.items():
            gradient = np.zeros(array.shape)
            for place in np.ndindex(*array.shape):
                unit = zeros[name].copy()
                unit[place] = 1
                moved = weights.made(move.keras, zeros | {name: unit}, tuple(variables[0].shape))
                gradient[place] = sum(
                    np.sum(by_id[id(v)] * m) for v, m in zip(variables, moved, strict=True)
                )
            made[name] = tf.constant(gradient)
    return [made[name] for name, _ in in_torch.named_parameters()]


def see_that_they_agree(found, pair, in_torch, in_keras, x_pt, x_tf):
    y_pt, dx_pt, dw_pt = differentiated(in_torch, x_pt)
    y_tf, dx_tf, dw_tf = differentiated(in_keras, x_tf)
    if isinstance(pair.inputs[0], tuple) and pair.inputs[0] != pair.inputs[1]:
        y_pt, dx_pt = y_pt.movedim(1, -1), dx_pt.movedim(1, -1)
    dw_tf = forms(found, in_torch, in_keras, dw_tf)
    # Integers have no gradient, in neither framework.
    assert (dx_pt is None) == (dx_tf is None)
    of_both = [
        [g for g in (dx, *dw) if g is not None] for dx, dw in ((dx_pt, dw_pt), (dx_tf, dw_tf))
    ]
    agree(y_pt, y_tf, gradients=of_both, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("found", "pair"), PAIRS, ids=[f"{p.pytorch}-{p.keras}" for _, p in PAIRS])
def test_weights_carried_there_or_back_give_the_same_values_and_gradients(found, pair):
    rng = np.random.default_rng(0)
    in_torch, in_keras, x_pt, x_tf = layers_of(pair, rng)
    copy_weights(in_torch, in_keras)
    see_that_they_agree(found, pair, in_torch, in_keras, x_pt, x_tf)
    again, in_keras, x_pt, x_tf = layers_of(pair, rng)
    copy_weights(in_keras, again)
    see_that_they_agree(found, pair, again, in_keras, x_pt, x_tf)


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
    monkeypatch.setattr(weights, "catalogue", lambda: (LINEAR,))


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
        "kernel has shape (3, 5), but (3, 4) arrives for it; bias has shape (5,), but (4,)",
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
        "Noisy.noise has no place in the Keras layer",
    ),
}


@pytest.mark.parametrize(("layers", "said"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("back", [False, True])
def test_what_does_not_fit_is_named_and_nothing_is_copied(layers, said, back, of_linear):
    in_torch, in_keras = layers()
    before = [p.clone() for p in in_torch.parameters() if not hasattr(p, "materialize")]
    before_keras = [variable.numpy().copy() for variable in in_keras.weights]
    if back and "arrives" in said:
        said = "weight has shape (4, 3), but (5, 3) arrives for it; bias has shape (4,), but (5,)"
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
