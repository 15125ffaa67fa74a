"""Three models of Keras, and their ports to PyTorch as a reader would write them."""

import keras
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from keras import layers as L

from diptych import copy_weights
from tests.book.difference.models import numbers, with_numbers


class Standardize(nn.Module):
    """The layer of the chapter on preprocessing."""

    def __init__(self, n_columns):
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_columns))
        self.register_buffer("std", torch.ones(n_columns))

    def forward(self, x):
        return (x - self.mean) / self.std


class SameTranspose2d(nn.ConvTranspose2d):
    """The layer of the chapter on transposed convolutions, for kernels larger than the stride."""

    def forward(self, x):
        k, s = self.kernel_size[0], self.stride[0]
        before = (k - s) // 2
        behind = k - s - before
        return F.pad(super().forward(x), (-before, -behind, -before, -behind))


class Cropped(nn.Module):
    """The same, with PyTorch's layer inside an own module."""

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
    """The same with PyTorch's plain layer; in Keras, a second layer crops the output."""

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
    """Copy all weights: with ``copy_weights``, and the statistics of a normalization by hand."""
    for layer in layers:
        if isinstance(layer, L.Normalization):
            net.standardize.mean = torch.tensor(np.ravel(layer.mean))
            net.standardize.std = torch.tensor(np.ravel(layer.variance) ** 0.5)
        elif layer.weights:
            part = net.get_submodule(layer.name)
            copy_weights(layer, part.conv if isinstance(part, Cropped) else part)
    return net.eval()
