"""Forms that only the Keras layer has are named: a mask, attention without a scale."""

import keras
import pytest
import torch.nn as nn
import torch.nn.functional as F
from keras import layers as L

from diptych import first_difference
from tests.book.difference.models import IDS, numbers, sequence_models


def test_a_mask_that_one_model_does_not_know_is_named():
    models = sequence_models(nn.LSTM, L.LSTM(5, name="lstm"), mask=True)
    found = first_difference(*models, IDS)
    assert found.first.pytorch == "recurrent"
    assert "Keras leaves out the steps that its mask marks" in str(found.causes[0])
    assert found.causes[0].how == "tested"


class Attention(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, query, value):
        return F.scaled_dot_product_attention(query, value, value, scale=self.scale)


class Attended(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.attention = Attention(scale)

    def forward(self, query, value):
        return self.attention(query, value)


@pytest.mark.parametrize(("scale", "agrees"), [(1.0, True), (None, False)])
def test_attention_that_is_not_scaled_is_named(scale, agrees):
    query, value = keras.Input((3, 4)), keras.Input((5, 4))
    keras_model = keras.Model([query, value], L.Attention(name="attention")([query, value]))
    inputs = [numbers(2, 3, 4), numbers(2, 5, 4, seed=1)]
    found = first_difference(Attended(scale), keras_model, inputs)
    assert (found.first is None) == agrees
    if not agrees:
        assert found.first.keras == "attention"
        assert "PyTorch divides the scores by the root" in str(found.causes[0])
        assert found.causes[0].how == "tested"
