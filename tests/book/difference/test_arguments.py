"""Arguments that differ are named."""

import keras
import pytest
import torch.nn as nn
from keras import layers as L

from diptych import first_difference
from tests.book.difference.models import IDS, numbers, sequence_models


def test_time_on_axis_0_is_named():
    torch_model, keras_model = sequence_models(nn.GRU, L.GRU(5, name="gru"))
    torch_model.recurrent.batch_first = False
    found = first_difference(torch_model, keras_model, IDS)
    assert str(found.causes[0]).startswith("PyTorch takes axis 0 for the time")


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ({"mode": "nearest"}, 'the interpolation is "nearest" in PyTorch, "bilinear" in Keras'),
        ({"mode": "bilinear", "align_corners": True}, "PyTorch has `align_corners=True`"),
    ],
)
def test_another_interpolation_is_named(mode, said):
    up = L.UpSampling2D(2, interpolation="bilinear", name="up")
    keras_model = keras.Sequential([keras.Input((3, 4, 2)), up])
    torch_model = nn.Sequential(nn.Upsample(scale_factor=2, **mode))
    found = first_difference(torch_model, keras_model, numbers(1, 3, 4, 2))
    assert said in str(found.causes[0])
    assert found.causes[0].how == "tested"


@pytest.mark.parametrize(
    ("in_torch", "in_keras", "said"),
    [
        (nn.MaxPool2d(3, 2, 1), L.MaxPooling2D(3, 2, padding="same"), "(before, behind)"),
        (nn.AvgPool2d(3, 1, 1), L.AveragePooling2D(3, 1, padding="same"), "count_include_pad"),
        (nn.GELU(), L.Activation(lambda x: keras.activations.gelu(x, True)), "`GELU`"),
    ],
)
def test_pooling_and_own_activations_are_named(in_torch, in_keras, said):
    keras_model = keras.Sequential([keras.Input((6, 6, 2)), in_keras])
    torch_model = nn.Sequential(in_torch)
    found = first_difference(torch_model, keras_model, numbers(2, 6, 6, 2), pairs=None)
    assert said in " ".join(map(str, found.causes))
