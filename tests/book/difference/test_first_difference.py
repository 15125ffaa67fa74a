"""Models that agree are said to agree, and stay as they are; other inputs are refused."""

import copy

import keras
import numpy as np
import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F
from keras import layers as L

from diptych import copy_weights, first_difference
from tests.book.difference.models import (
    IDS,
    copied,
    functional_models,
    numbers,
    sequence_models,
    sequential,
)


def test_models_that_agree_are_said_to_agree(image):
    found = first_difference(*image)
    assert found.first is None
    assert found.causes == ()
    assert "✓ all layers agree" in str(found)
    pairs = [(row.pytorch, row.keras) for row in found.rows]
    assert pairs[4:] == [
        ("drop", "drop"),
        ("hidden", "hidden"),
        ("relu", "hidden.activation"),
        ("square", "square"),
        ("head", "head"),
        ("softmax", "head.activation"),
    ]
    assert [row.pytorch for row in found.rows if row.reordered] == ["flatten", "drop"]
    assert all(row.gradient is not None for row in found.rows[:3])


@pytest.mark.parametrize(
    ("in_torch", "in_keras"), [(nn.GRU, L.GRU), (nn.LSTM, L.LSTM), (nn.RNN, L.SimpleRNN)]
)
def test_integers_and_recurrent_layers_agree(in_torch, in_keras):
    models = sequence_models(in_torch, in_keras(5, name="recurrent"))
    found = first_difference(*models, IDS)
    assert found.first is None
    assert [row.pytorch for row in found.rows] == ["embedding", "recurrent", "head"]
    assert found.rows[1].shape_pt == (2, 6, 5)
    assert found.rows[1].shape_tf == (2, 5)
    assert all(row.gradient_agrees and row.gradient is not None for row in found.rows[:3])


def test_a_model_may_be_one_layer():
    keras_model = sequential(keras.Input((6, 4)), L.GRU(5, name="gru"))
    torch_model = nn.GRU(4, 5, batch_first=True)
    copy_weights(keras_model.get_layer("gru"), torch_model)
    found = first_difference(torch_model, keras_model, numbers(2, 6, 4))
    assert found.first is None
    assert [row.pytorch for row in found.rows] == ["gru"]


def test_gradients_alone_may_differ():
    found = first_difference(*functional_models(lambda x: F.relu(x).detach()), numbers(3, 4))
    assert found.first.pytorch == "b"
    assert "the outputs agree, but the gradient that reaches" in str(found.causes[0])


def test_one_dimensional_convolutions_get_channels_first():
    keras_model = sequential(keras.Input((7, 3)), L.Conv1D(4, 3, name="conv"))
    torch_model = copied(nn.Sequential(nn.Conv1d(3, 4, 3)), keras_model, {"0": "conv"})
    assert first_difference(torch_model, keras_model, numbers(2, 7, 3)).first is None


def test_training_mode_is_compared_where_it_is_asked_for(image):
    torch_model, keras_model, x = image
    torch_model.train()
    torch_model.drop.p, keras_model.get_layer("drop").rate = 0.0, 0.0
    found = first_difference(torch_model, keras_model, x, training=True)
    assert found.first is None


def test_neither_model_nor_random_numbers_are_changed(image):
    torch_model, keras_model, x = image
    torch_model.train()
    state, weights = copy.deepcopy(torch_model.state_dict()), keras_model.get_weights()
    random, given = torch.get_rng_state(), x.copy()
    first_difference(torch_model, keras_model, x, training=True)
    after = torch_model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in state.items())
    assert all(map(np.array_equal, weights, keras_model.get_weights()))
    assert torch.equal(random, torch.get_rng_state())
    assert np.array_equal(x, given)
    assert not any(m._forward_hooks for m in torch_model.modules())
    assert all("call" not in vars(layer) for layer in keras_model.layers)
    assert keras_model.get_layer("hidden").activation is keras.activations.relu


def test_two_models_of_one_framework_are_refused(image):
    torch_model, keras_model, x = image
    with pytest.raises(
        TypeError, match=r"must be a torch\.nn\.Module and the second a keras\.Model"
    ):
        first_difference(keras_model, torch_model, x)


@pytest.mark.parametrize("side", ["PyTorch", "Keras"])
def test_models_without_weights_are_refused(side):
    torch_model = nn.Sequential(nn.LazyLinear(2) if side == "PyTorch" else nn.Linear(4, 2))
    keras_model = keras.Sequential([L.Dense(2)])
    if side == "PyTorch":
        keras_model.build((None, 4))
    with pytest.raises(ValueError, match=f"the {side} model has no weights yet"):
        first_difference(torch_model, keras_model, numbers(2, 4))


def test_inputs_that_do_not_fit_are_refused_with_the_last_layer_that_ran(image):
    torch_model, keras_model, x = image
    torch_model.hidden = nn.Linear(47, 12)
    with pytest.raises(ValueError, match=r'PyTorch model cannot run .* stops behind "drop"'):
        first_difference(torch_model, keras_model, x)
    with pytest.raises(ValueError, match="Keras model cannot run on these inputs"):
        first_difference(torch_model, keras_model, x[:, :5])
