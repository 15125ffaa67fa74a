"""Planted differences: the layer and the cause are named."""

import keras
import pytest
import torch
import torch.nn as nn
from keras import layers as L

from diptych import first_difference
from tests.book.difference.models import copied, numbers, sequential, with_numbers


def set_eps(net):
    net.bn.eps = 1e-5


def train_norm(net):
    net.bn.train()


def train_dropout(net):
    net.drop.train()


def pad_both_sides(net):
    net.pad, net.conv.padding = nn.Identity(), (1, 1)


def keep_order(net):
    with torch.no_grad():
        weight = net.hidden.weight
        weight.copy_(weight.reshape(12, 4, -1).transpose(1, 2).reshape(12, -1))


def other_activation(net):
    net.relu = nn.GELU()


def no_activation(net):
    net.relu = nn.Identity()


def no_softmax(net):
    net.softmax = nn.Identity()


def no_bias(net):
    net.square.bias = None


def not_transposed(net):
    net.square.weight.data = net.square.weight.data.T.contiguous()


def not_copied(net):
    net.square.reset_parameters()


def reshaped(net):
    kernel = net.conv.weight.data.permute(2, 3, 1, 0)
    net.conv.weight.data = kernel.reshape(net.conv.weight.shape).contiguous()


def no_statistics(net):
    net.bn.reset_running_stats()


def other_slope(net):
    net.leaky.negative_slope = 0.01


def two_at_once(net):
    set_eps(net)
    train_norm(net)


PLANTED = {
    set_eps: ("bn", "`eps` is 1e-05 in PyTorch, `epsilon` is 0.001 in Keras (tested)"),
    train_norm: ("bn", "is in training mode, Keras runs in inference mode: call `eval()` (tested)"),
    train_dropout: ("drop", "is in training mode, Keras runs in inference mode"),
    pad_both_sides: (
        "conv",
        '`padding="same"` pads each axis (before, behind) by (0, 1), (0, 1) in Keras',
    ),
    keep_order: ("hidden", "`Flatten` orders by channel in PyTorch, by pixel in Keras"),
    other_activation: ("relu", "the activation is `GELU` in PyTorch, `relu` in Keras (read off"),
    no_activation: ("square", 'nothing where Keras has "hidden.activation" (`relu`) (tested)'),
    no_softmax: ("(output)", 'nothing where Keras has "head.activation" (`softmax`) (tested)'),
    no_bias: ("square", "the Keras layer adds a bias, the PyTorch layer has none (tested)"),
    not_transposed: ("square", "`weight`: Keras's array as it is, it must be transposed"),
    not_copied: (
        "square",
        "`weight`, `bias`: not the numbers of the Keras layer, they were not copied",
    ),
    reshaped: ("conv", "`weight`: Keras's array reshaped, its axes must be transposed (tested)"),
    no_statistics: ("bn", "`running_var`: not the numbers of the Keras layer"),
    other_slope: ("leaky", "`negative_slope` is 0.01 in PyTorch, 0.3 in Keras (tested)"),
}


@pytest.mark.parametrize(("plant", "said"), PLANTED.items(), ids=[p.__name__ for p in PLANTED])
def test_the_layer_and_the_cause_are_named(image, plant, said):
    torch_model, keras_model, x = image
    plant(torch_model)
    found = first_difference(torch_model, keras_model, x)
    assert found.first.pytorch == said[0]
    assert said[1] in " ".join(map(str, found.causes))
    assert f'→ "{said[0]}" and' in str(found)


def test_two_causes_at_once_are_both_named(image):
    torch_model, keras_model, x = image
    two_at_once(torch_model)
    found = first_difference(torch_model, keras_model, x)
    assert [cause.how for cause in found.causes] == ["tested", "tested"]
    assert "training mode" in found.causes[0].sentence
    assert "`eps`" in found.causes[1].sentence


class Doubled(nn.Linear):
    def forward(self, x):
        return 2 * super().forward(x)


def test_a_cause_that_was_not_tested_is_only_likely():
    keras_model = sequential(keras.Input((4,)), L.Dense(3, name="dense"))
    torch_model = copied(nn.Sequential(Doubled(4, 3)), keras_model, {"0": "dense"})
    found = first_difference(torch_model, keras_model, numbers(2, 4))
    assert str(found.causes[0]).startswith("likely: the weights, or an argument of the layer")


class WithoutSum(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x):
        return self.b(self.a(x))


def test_layers_of_keras_that_pytorch_has_not_are_listed_as_likely():
    x = keras.Input((4,))
    summed = L.Add(name="add")([x, L.Dense(4, name="a")(x)])
    keras_model = with_numbers(keras.Model(x, L.Dense(2, name="b")(summed)))
    torch_model = copied(WithoutSum(), keras_model, {"a": "a", "b": "b"})
    found = first_difference(torch_model, keras_model, numbers(2, 4))
    assert found.first.pytorch == "b"
    assert str(found.causes[0]).endswith('its inputs differ; Keras has "add" (`Add`) there')
