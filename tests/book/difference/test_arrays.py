"""Weights of recurrent layers that differ are named."""

import torch
import torch.nn as nn
from keras import layers as L

from diptych import first_difference
from tests.book.difference.models import IDS, sequence_models


def test_gates_of_a_gru_in_the_other_order_are_named():
    torch_model, keras_model = sequence_models(nn.GRU, L.GRU(5, name="gru"))
    with torch.no_grad():
        for array in torch_model.recurrent.parameters():
            r, z, n = array.chunk(3)
            array.copy_(torch.cat([z, r, n]))
    found = first_difference(torch_model, keras_model, IDS)
    assert found.first.pytorch == "recurrent"
    assert str(found.causes[0]) == (
        "the gates are in Keras's order z, r, h: in PyTorch it is r, z, n (tested)"
    )


def test_one_bias_that_was_copied_twice_is_named():
    torch_model, keras_model = sequence_models(nn.LSTM, L.LSTM(5, name="lstm"))
    with torch.no_grad():
        bias = torch.tensor(keras_model.get_layer("lstm").cell.bias.numpy())
        torch_model.recurrent.bias_ih_l0.copy_(bias)
        torch_model.recurrent.bias_hh_l0.copy_(bias)
    found = first_difference(torch_model, keras_model, IDS)
    assert "one bias was copied into both biases" in str(found.causes[0])
