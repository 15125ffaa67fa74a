"""Three models ported as a reader would: outputs and all gradients agree, mistakes are named."""

import copy

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F
from keras import layers as L

from diptych import copy_weights, first_difference, value_and_grad
from tests.book.test_first_difference import numbers, with_numbers


class Standardize(nn.Module):
    """As in the chapter on preprocessing."""

    def __init__(self, n_columns):
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_columns))
        self.register_buffer("std", torch.ones(n_columns))

    def forward(self, x):
        return (x - self.mean) / self.std


class SameTranspose2d(nn.ConvTranspose2d):
    """As in the chapter on transposed convolutions, for a kernel that is larger than the stride."""

    def forward(self, x):
        k, s = self.kernel_size[0], self.stride[0]
        before = (k - s) // 2
        behind = k - s - before
        return F.pad(super().forward(x), (-before, -behind, -before, -behind))


class Cropped(nn.Module):
    """The same with the layer inside a module of one's own."""

    def __init__(self, *arguments):
        super().__init__()
        self.conv = nn.ConvTranspose2d(*arguments)

    def forward(self, x):
        return self.conv(x)[..., :-1, :-1]


def table():
    """Two dense layers behind a normalization, with running statistics and a penalty."""
    x = numbers(20, 5) * [1, 10, 0.1, 5, 30] + [0, 5, 1, -3, 100]
    model = with_numbers(
        keras.Sequential(
            [
                keras.Input((5,)),
                L.Normalization(name="standardize"),
                L.Dense(8, kernel_regularizer="l2", name="dense"),
                L.BatchNormalization(name="bn"),
                L.LeakyReLU(0.2, name="leaky"),
                L.Dropout(0.3, name="dropout"),
                L.Dense(1, activation="sigmoid", name="head"),
            ]
        )
    )
    model.layers[0].adapt(x)
    net = nn.Sequential()
    net.standardize, net.dense = Standardize(5), nn.Linear(5, 8)
    net.bn, net.leaky = nn.BatchNorm1d(8, eps=1e-3, momentum=0.01), nn.LeakyReLU(0.2)
    net.dropout, net.head, net.sigmoid = nn.Dropout(0.3), nn.Linear(8, 1), nn.Sigmoid()
    return net, model, x.astype(np.float32)


class UNet(nn.Module):
    def __init__(self, up=SameTranspose2d):
        super().__init__()
        self.down, self.deep = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 6, 3, padding=1)
        self.bn, self.pool, self.up = nn.BatchNorm2d(4, eps=1e-3), nn.MaxPool2d(2), up(6, 4, 3, 2)
        self.join, self.head = nn.Conv2d(8, 4, 3, padding=1), nn.Conv2d(4, 1, 1)

    def joined(self, up, skip):
        return torch.cat([up, skip], 1)

    def forward(self, x):
        skip = F.relu(self.bn(self.down(x)))
        up = self.up(F.relu(self.deep(self.pool(skip))))
        return torch.sigmoid(self.head(F.relu(self.join(self.joined(up, skip)))))


def images(up=SameTranspose2d, **options):
    """A U-Net of one step, with a skip connection."""
    x = keras.Input((8, 6, 2))
    skip = L.BatchNormalization(name="bn")(L.Conv2D(4, 3, padding="same", name="down")(x))
    skip = L.ReLU(name="relu")(skip)
    h = L.MaxPooling2D(name="pool")(skip)
    h = L.Conv2D(6, 3, padding="same", activation="relu", name="deep")(h)
    h = L.Conv2DTranspose(4, 3, strides=2, name="up", **({"padding": "same"} | options))(h)
    h = L.Cropping2D(1, name="crop")(h) if options else h
    h = L.Concatenate(name="concatenate")([h, skip])
    h = L.Conv2D(4, 3, padding="same", activation="relu", name="join")(h)
    model = with_numbers(keras.Model(x, L.Conv2D(1, 1, activation="sigmoid", name="head")(h)))
    return UNet(up), model, numbers(3, 8, 6, 2)


def from_torch():
    """The same with PyTorch's usual layer: in Keras a second layer crops its output."""

    def up(*arguments):
        return nn.ConvTranspose2d(*arguments, padding=1, output_padding=1)

    return images(up, padding="valid", output_padding=1)


class Reader(nn.Module):
    """A bidirectional GRU that skips the padding."""

    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(9, 4), nn.Linear(10, 3)
        self.gru = nn.GRU(4, 5, batch_first=True, bidirectional=True)

    def read(self, ids):
        lengths = (ids != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(ids), lengths, batch_first=True, enforce_sorted=False
        )
        y, h = self.gru(self.below(packed))
        return nn.utils.rnn.pad_packed_sequence(y, batch_first=True)[0], h

    def below(self, packed):
        return packed

    def states(self, ids):
        _, h = self.read(ids)
        return torch.cat([h[0], h[1]], 1)

    def forward(self, ids):
        return self.head(self.states(ids)).softmax(-1)


class Stacked(Reader):
    def __init__(self):
        super().__init__()
        self.first = nn.GRU(4, 4, batch_first=True)

    def below(self, packed):
        return self.first(packed)[0]


def sequences(stacked=False):
    """The stacked layer repeats its last output behind the end, where PyTorch has nothing."""
    ids = np.array([[3, 1, 0, 0, 0, 0], [2, 7, 1, 8, 5, 0], [4, 4, 0, 0, 0, 0], [6, 2, 1, 3, 0, 0]])
    x = keras.Input((6,), dtype="int32")
    h = L.Embedding(9, 4, mask_zero=True, name="embedding")(x)
    h = L.GRU(4, return_sequences=True, name="first")(h) if stacked else h
    h = L.Bidirectional(L.GRU(5), name="gru")(h)
    model = with_numbers(keras.Model(x, L.Dense(3, activation="softmax", name="head")(h)))
    return Stacked() if stacked else Reader(), model, ids


def two_layers():
    return sequences(stacked=True)


def copy_all(layers, net):
    """Copy what the book pairs, and the statistics of a normalization by hand."""
    for layer in layers:
        if isinstance(layer, L.Normalization):
            net.standardize.mean = torch.tensor(np.ravel(layer.mean))
            net.standardize.std = torch.tensor(np.ravel(layer.variance) ** 0.5)
        elif layer.weights:
            part = net.get_submodule(layer.name)
            copy_weights(layer, part.conv if isinstance(part, Cropped) else part)
    return net.eval()


def in_torch(gradients, model, net):
    """Keras's gradients in PyTorch's layout: copied as if they were weights."""
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
