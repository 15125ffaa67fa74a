"""Layers are paired by kind and shape, or as they are told."""

import keras
import pytest
import torch.nn as nn
import torch.nn.functional as F
from keras import layers as L

from diptych import copy_weights, first_difference
from tests.book.difference.models import functional_models, numbers, sequential, with_numbers


def test_layers_are_paired_as_told():
    torch_model, keras_model = functional_models(F.relu)
    found = first_difference(torch_model, keras_model, numbers(3, 4), pairs={"b": "b"})
    assert [row.pytorch for row in found.rows] == ["b"]


def test_models_inside_models_and_layers_that_run_twice_have_records():
    inner = keras.Sequential([keras.Input((4,)), L.Dense(4, name="dense")], name="inner")
    x = keras.Input((4,))
    keras_model = with_numbers(keras.Model(x, inner(inner(x))))

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Sequential(nn.Linear(4, 4))

        def forward(self, x):
            return self.inner(self.inner(x))

    torch_model = Twice()
    copy_weights(inner.layers[0], torch_model.inner[0])
    found = first_difference(torch_model, keras_model, numbers(2, 4))
    assert found.first is None
    assert [(r.pytorch, r.keras) for r in found.rows] == [
        ("inner.0", "inner.dense"),
        ("inner.0 (call 2)", "inner.dense (call 2)"),
    ]
    found = first_difference(torch_model, keras_model, numbers(2, 4), pairs={"inner": "inner"})
    assert found.rows[0].agrees


def test_models_without_a_pair_are_refused_with_their_layers():
    keras_model = sequential(keras.Input((4,)), L.LayerNormalization(name="norm"))
    with pytest.raises(ValueError, match=r"PyTorch has 0 \(2, 3\); Keras has norm \(2, 4\)"):
        first_difference(nn.Sequential(nn.Linear(4, 3)), keras_model, numbers(2, 4))


@pytest.mark.parametrize(
    ("pairs", "said"),
    [({"c": "b"}, "PyTorch model runs no layer called 'c'"), ({"b": "c"}, "Keras model runs no")],
)
def test_names_that_no_layer_has_are_refused(pairs, said):
    with pytest.raises(ValueError, match=said):
        first_difference(*functional_models(F.relu), numbers(3, 4), pairs=pairs)
