"""Functions between layers count as layers, and others are named."""

import torch.nn.functional as F

from diptych import first_difference
from tests.book.difference.models import functional_models, numbers


def test_functions_between_layers_may_stand_for_layers():
    assert first_difference(*functional_models(F.relu), numbers(3, 4)).first is None


def test_another_function_between_layers_is_named():
    found = first_difference(*functional_models(F.gelu), numbers(3, 4))
    assert found.first.pytorch == "b"
    assert 'PyTorch applies `F.gelu` in front of the layer, Keras has "a.activation"' in str(found)
