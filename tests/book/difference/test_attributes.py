"""Attributes that differ are named, and those that no output shows are notes."""

import keras
import torch.nn as nn
from keras import layers as L

from diptych import first_difference
from tests.book.difference.models import IDS, sequence_models, sequential


def test_momentum_which_no_output_shows_is_a_note(image):
    torch_model, keras_model, x = image
    torch_model.bn.momentum = 0.1
    found = first_difference(torch_model, keras_model, x)
    assert found.first is None
    assert "`momentum` is 0.1 in PyTorch, 0.99 in Keras" in str(found)
    assert "PyTorch needs 0.01" in str(found)


def test_a_gru_without_reset_after_is_named():
    torch_model, keras_model = sequence_models(nn.GRU, L.GRU(5, name="gru"))
    before = sequential(
        keras.Input((6,), dtype="int32"),
        keras_model.get_layer("embedding"),
        L.GRU(5, reset_after=False, name="gru"),
        keras_model.get_layer("head"),
    )
    found = first_difference(torch_model, before, IDS)
    assert "`reset_after` is False in Keras" in str(found.causes[0])
