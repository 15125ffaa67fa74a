"""``value_and_grad`` in both frameworks: functions, layers with weights, losses, integers."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, value_and_grad

X = np.array([[1.0, -2.0, 3.0], [0.5, 0.0, -1.0]], dtype=np.float32)
Y = np.ones_like(X)


def test_a_function_returns_output_and_gradient():
    y_pt, dx_pt = value_and_grad(torch.square, torch.tensor(X))
    y_tf, dx_tf = value_and_grad(tf.square, tf.constant(X))
    agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))
    np.testing.assert_allclose(dx_tf, 2 * X)


def test_options_go_to_the_function_and_the_upstream_gradient_weights_its_output():
    upstream = np.arange(6, dtype=np.float32).reshape(2, 3)
    y_pt, dx_pt = value_and_grad(F.softmax, torch.tensor(X), dim=-1, upstream_gradient=upstream)
    y_tf, dx_tf = value_and_grad(tf.nn.softmax, tf.constant(X), axis=-1, upstream_gradient=upstream)
    agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))
    assert np.abs(dx_tf).max() > 0.1  # the gradient of the plain sum is 0


def test_a_layer_returns_the_gradients_of_its_weights_too():
    dense_pt, dense_tf = nn.Linear(3, 2), keras.layers.Dense(2)
    dense_tf.build((None, 3))
    dense_tf.set_weights([dense_pt.weight.detach().numpy().T, dense_pt.bias.detach().numpy()])
    y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(dense_pt, torch.tensor(X))
    y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(dense_tf, tf.constant(X))
    agree(y_pt, y_tf, gradients=([dx_pt, dw_pt.T, db_pt], [dx_tf, dw_tf, db_tf]))
    assert dense_pt.weight.grad is None


def test_a_layer_without_weights_returns_two():
    assert len(value_and_grad(nn.ReLU(), torch.tensor(X))) == 2
    assert len(value_and_grad(keras.layers.ReLU(), tf.constant(X))) == 2


def test_a_loss_is_differentiated_with_respect_to_the_argument_that_is_named():
    loss_pt, d_pt = value_and_grad(F.mse_loss, torch.tensor(X), torch.tensor(Y))
    loss_tf, d_tf = value_and_grad(
        keras.losses.MeanSquaredError(), tf.constant(Y), tf.constant(X), argnums=1
    )
    agree(loss_pt, loss_tf, gradients=(d_pt, d_tf))
    np.testing.assert_allclose(d_pt, (X - Y) / 3, rtol=1e-6)


def test_integers_have_no_gradient_and_the_weights_behind_them_do(capfd):
    _, dx_pt, (dw_pt,) = value_and_grad(nn.Embedding(4, 2), torch.tensor([1, 1, 3]))
    _, dx_tf, (dw_tf,) = value_and_grad(keras.layers.Embedding(4, 2), tf.constant([1, 1, 3]))
    assert dx_pt is dx_tf is None
    agree(dw_pt, dw_tf)
    assert capfd.readouterr().err == ""


def test_a_cut_gradient_is_none_in_both():
    assert value_and_grad(torch.detach, torch.tensor(X))[1] is None
    assert value_and_grad(tf.stop_gradient, tf.constant(X))[1] is None


def test_of_several_outputs_the_first_is_differentiated():
    _, dx_pt, weights_pt = value_and_grad(nn.LSTM(3, 2, batch_first=True), torch.tensor(X[None]))
    assert dx_pt.shape == (1, 2, 3) and len(weights_pt) == 4
    lstm = keras.layers.LSTM(2, return_sequences=True, return_state=True)
    _, dx_tf, weights_tf = value_and_grad(lstm, tf.constant(X[None]))
    assert dx_tf.shape == (1, 2, 3) and len(weights_tf) == 3


def test_the_inputs_stay_as_they_are():
    x = torch.tensor(X, requires_grad=True)
    _, dx = value_and_grad(F.relu_, x)
    np.testing.assert_array_equal(x.detach(), X)
    assert x.grad is None
    np.testing.assert_array_equal(dx, X > 0)


def test_a_variable_is_an_input_too():
    _, dx = value_and_grad(tf.square, tf.Variable(X))
    np.testing.assert_allclose(dx, 2 * X)


def test_what_is_no_tensor_is_refused_with_a_reason():
    with pytest.raises(TypeError, match="tensors of one framework, but they are of neither"):
        value_and_grad(F.relu, X)
    with pytest.raises(TypeError, match="of pytorch and tensorflow"):
        value_and_grad(F.mse_loss, torch.tensor(X), tf.constant(X))
