"""Small models in both frameworks, and ports of them that agree."""

import keras
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from keras import layers as L

from diptych import copy_weights


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


def with_numbers(model):
    """The Keras model with weights that are all different; variances are positive."""
    rng = np.random.default_rng(1)
    for variable in model.weights:
        low = 0.1 if "variance" in variable.path or "gamma" in variable.path else -0.6
        variable.assign(rng.uniform(low, 0.9, variable.shape))
    return model


def sequential(*parts):
    return with_numbers(keras.Sequential(list(parts)))


def copied(torch_model, keras_model, names):
    """The PyTorch model with the weights of the Keras layers, in inference mode."""
    for name, other in names.items():
        copy_weights(keras_model.get_layer(other), torch_model.get_submodule(name))
    return torch_model.eval()


class Same(nn.Module):
    """Pads as Keras does with kernel 3 and stride 2, for even sizes."""

    def forward(self, x):
        return F.pad(x, (0, 1, 0, 1))


def by_pixel(weight, channels):
    """A weight whose columns are channels first, from one whose columns are channels last."""
    turned = weight.reshape(len(weight), -1, channels).transpose(1, 2)
    return turned.reshape(len(weight), -1)


def image_models():
    """A small network for images, and its port, which agrees."""
    keras_model = sequential(
        keras.Input((8, 6, 2)),
        L.Conv2D(4, 3, strides=2, padding="same", name="conv"),
        L.BatchNormalization(name="bn"),
        L.LeakyReLU(name="leaky"),
        L.Flatten(name="flatten"),
        L.Dropout(0.5, name="drop"),
        L.Dense(12, activation="relu", name="hidden"),
        L.Dense(12, name="square"),
        L.Dense(3, activation="softmax", name="head"),
    )
    torch_model = nn.Sequential()
    for name, module in {
        "pad": Same(),
        "conv": nn.Conv2d(2, 4, 3, stride=2),
        "bn": nn.BatchNorm2d(4, eps=1e-3, momentum=0.01),
        "leaky": nn.LeakyReLU(0.3, inplace=True),
        "flatten": nn.Flatten(),
        "drop": nn.Dropout(0.5),
        "hidden": nn.Linear(48, 12),
        "relu": nn.ReLU(),
        "square": nn.Linear(12, 12),
        "head": nn.Linear(12, 3),
        "softmax": nn.Softmax(-1),
    }.items():
        torch_model.add_module(name, module)
    dense = ("conv", "bn", "hidden", "square", "head")
    copied(torch_model, keras_model, dict(zip(dense, dense, strict=True)))
    with torch.no_grad():
        torch_model.hidden.weight.copy_(by_pixel(torch_model.hidden.weight, 4))
    return torch_model, keras_model, numbers(3, 8, 6, 2)


class Sequence(nn.Module):
    """An embedding, a recurrent layer and a head on its last step."""

    def __init__(self, layer):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.recurrent = layer(4, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, ids):
        y, _ = self.recurrent(self.embedding(ids))
        return self.head(y[:, -1])


def sequence_models(in_torch, in_keras, mask=False):
    keras_model = sequential(
        keras.Input((6,), dtype="int32"),
        L.Embedding(9, 4, mask_zero=mask, name="embedding"),
        in_keras,
        L.Dense(2, name="head"),
    )
    names = {"embedding": "embedding", "recurrent": in_keras.name, "head": "head"}
    return copied(Sequence(in_torch), keras_model, names), keras_model


IDS = np.array([[1, 2, 3, 4, 5, 6], [7, 8, 3, 0, 0, 0]])


class Functional(nn.Module):
    """Applies its activation as a function, so that no hook sees it."""

    def __init__(self, activation):
        super().__init__()
        self.a, self.b, self.activation = nn.Linear(4, 5), nn.Linear(5, 2), activation

    def forward(self, x):
        return self.b(self.activation(self.a(x)))


def functional_models(activation):
    keras_model = sequential(
        keras.Input((4,)), L.Dense(5, activation="relu", name="a"), L.Dense(2, name="b")
    )
    return copied(Functional(activation), keras_model, {"a": "a", "b": "b"}), keras_model
