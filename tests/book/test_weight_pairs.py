"""Weights of each pair of the book, carried there and back, give the same values and gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from diptych import agree, copy_weights, value_and_grad
from diptych.book import weights
from diptych.catalogue.component import catalogue

PAIRS = [(found, pair) for each in catalogue() for found in each.weights for pair in found.pairs]


def inputs_of(pair, rng):
    """The input of each layer: the same numbers, channels last for Keras if shapes differ.

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
    """The arguments of each layer, by position and by name; a cell also gets its old states."""
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
    """The right gradients of PyTorch's weights, computed from Keras's, in PyTorch's order.

    The chain rule uses the linear formula that makes Keras's arrays: the gradient of a number is
    the sum of Keras's gradients, times how far the number moves these arrays. Two biases of which
    Keras has the sum get the same gradient.
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
