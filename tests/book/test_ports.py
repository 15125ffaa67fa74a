"""Three models ported as a reader would: outputs and all gradients agree, mistakes are named."""

import copy

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import first_difference, value_and_grad
from tests.book.difference.models import numbers
from tests.book.ports import (
    Cropped,
    Standardize,
    copy_all,
    from_torch,
    images,
    sequences,
    table,
    two_layers,
)


def in_torch(gradients, model, net):
    """Keras's gradients in PyTorch's layout; they are copied like weights."""
    holder, like = keras.models.clone_model(model), copy.deepcopy(net)
    for variable, gradient in zip(holder.trainable_weights, gradients, strict=True):
        variable.assign(tf.convert_to_tensor(gradient))
    copy_all([layer for layer in holder.layers if layer.trainable_weights], like)
    return list(like.parameters())


def relative(a, b):
    """The largest difference, as a share of the largest number."""
    a, b = (np.asarray(each.detach() if hasattr(each, "detach") else each) for each in (a, b))
    assert a.shape == b.shape
    return abs(a - b).max() / abs(b).max()


MADE = (table, images, lambda: images(Cropped), from_torch, sequences, two_layers)


@pytest.mark.parametrize("made", MADE)
def test_a_port_has_the_outputs_and_all_gradients_of_the_model(made):
    net, model, x = made()
    copy_all(model.layers, net)
    found = first_difference(net, model, x)
    assert found.first is None, found

    def first(array):
        return np.moveaxis(array, -1, 1).copy() if array.ndim == 4 else array

    upstream = numbers(*model(x).shape)
    y_pt, dx_pt, dw_pt = value_and_grad(
        net, torch.tensor(first(x)), upstream_gradient=first(upstream)
    )
    y_tf, dx_tf, dw_tf = value_and_grad(model, tf.constant(x), upstream_gradient=upstream)
    assert relative(y_pt, first(y_tf.numpy())) < 1e-5
    assert (dx_pt is None) == (dx_tf is None) == (x.dtype.kind == "i")
    assert dx_pt is None or relative(dx_pt, first(dx_tf.numpy())) < 1e-5
    expected = in_torch(dw_tf, model, net)
    assert len(dw_pt) == len(expected) > 4
    assert max(map(relative, dw_pt, expected)) < 1e-5


def no_statistics(net):
    net.standardize = Standardize(5)


def variance(net):
    net.standardize.std = net.standardize.std**2


def usual_up(net):
    weights = net.up.state_dict()
    net.up = nn.ConvTranspose2d(6, 4, 3, 2, padding=1, output_padding=1)
    net.up.load_state_dict(weights)


def not_cropped(net):
    usual_up(net)
    net.up.padding, net.up.output_padding = (0, 0), (0, 0)
    net.joined = lambda up, skip: torch.cat([up, F.pad(skip, (0, 1, 0, 1))], 1)[..., :-1, :-1]


def skip_first(net):
    net.joined = lambda up, skip: torch.cat([skip, up], 1)


def other_pool(net):
    net.pool = nn.AvgPool2d(2)


def no_mask(net):
    def states(ids):
        _, h = net.gru(net.embedding(ids))
        return torch.cat([h[0], h[1]], 1)

    net.states = states


def last_column(net):
    net.states = lambda ids: net.read(ids)[0][:, -1]


def backward_first(net):
    states = net.states
    net.states = lambda ids: states(ids).roll(5, 1)


def gates_not_swapped(net):
    with torch.no_grad():
        for array in net.gru.parameters():
            r, z, n = array.chunk(3)
            array.copy_(torch.cat([z, r, n]))


def directions_swapped(net):
    def other(name):
        return name.removesuffix("_reverse") if "reverse" in name else f"{name}_reverse"

    state = {other(name): array.clone() for name, array in net.gru.state_dict().items()}
    net.gru.load_state_dict(state)


def lower_bias(net):
    net.first.bias_hh_l0.data[-1] += 1


MISTAKES = {
    no_statistics: (table, "standardize", "PyTorch returns its input: Keras's `mean` and"),
    variance: (table, "standardize", "PyTorch divides by the variance, Keras by its root"),
    usual_up: (images, "up", "crops each axis (before, behind) by (0, 1), (0, 1) in Keras"),
    not_cropped: (images, "up", "PyTorch's `padding` is (0, 0), its `output_padding` (0, 0)"),
    skip_first: (images, "join", "the same channels in another order"),
    other_pool: (images, "deep", '(`MaxPooling2D`) there; PyTorch has "pool" (`AvgPool2d`)'),
    no_mask: (sequences, "gru", "Keras leaves out the steps that its mask marks"),
    last_column: (sequences, "head", "PyTorch passes on the last column"),
    backward_first: (sequences, "head", "the same channels in another order"),
    gates_not_swapped: (sequences, "gru", "the gates are in Keras's order z, r, h"),
    directions_swapped: (sequences, "gru", "`weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, "),
    lower_bias: (two_layers, "first", "`bias_hh_l0`: not the numbers of the Keras layer"),
}


@pytest.mark.parametrize(("plant", "said"), MISTAKES.items(), ids=[m.__name__ for m in MISTAKES])
def test_a_usual_mistake_is_named(plant, said):
    made, layer, sentence = said
    net, model, x = made()
    plant(copy_all(model.layers, net))
    found = first_difference(net, model, x)
    assert found.first.pytorch == layer
    (cause,) = found.causes
    assert sentence in cause.sentence
    assert cause.how == ("likely" if plant is other_pool else "tested")


def test_what_no_output_shows_is_said_once_for_all_layers():
    net, model, x = table()
    copy_all(model.layers, net).dropout.p = 0.5
    model.get_layer("head").kernel_regularizer = keras.regularizers.L1()
    said = " ".join(str(first_difference(net, model, x)).split())
    assert '"dense", "head", `kernel_regularizer` adds to Keras' in said
    assert '"dropout", `p` is 0.5 in PyTorch, `rate` is 0.3 in Keras.' in said
    assert said.count("Not in the outputs") == 2
