"""What the weights of two layers may differ in.

Each function changes a copy, and says what was different. It returns ``None`` where there is
nothing to change.
"""

from __future__ import annotations

import numpy as np

from diptych.book.compare import to_numpy
from diptych.book.difference.copies import Copy
from diptych.book.difference.pairing import reordered
from diptych.book.weights import copy_weights


def bias(c: Copy) -> str | None:
    import torch

    if not hasattr(c.layer, "bias") or not hasattr(c.keras.layer, "bias"):
        return None
    here, there = c.layer.bias, c.keras.layer.bias
    if (here is None) == (there is None) or isinstance(here, bool):
        return None
    c.layer.bias = None if there is None else torch.nn.Parameter(torch.tensor(to_numpy(there)))
    if there is None:
        return "PyTorch adds a bias, the Keras layer has none"
    return "the Keras layer adds a bias, the PyTorch layer has none"


def gates(c: Copy) -> str | None:
    import torch

    if not isinstance(c.layer, torch.nn.GRU | torch.nn.GRUCell):
        return None
    with torch.no_grad():
        for array in c.layer.parameters():
            r, z, n = array.chunk(3)
            array.copy_(torch.cat([z, r, n]))
    return "the gates are in Keras's order z, r, h: in PyTorch it is r, z, n"


def biases(c: Copy) -> str | None:
    import torch

    if not isinstance(c.layer, torch.nn.LSTM | torch.nn.RNN) or not c.layer.bias:
        return None
    if not torch.equal(c.layer.bias_ih_l0, c.layer.bias_hh_l0) or not c.layer.bias_ih_l0.any():
        return None
    torch.nn.init.zeros_(c.layer.bias_hh_l0)
    return "Keras's one bias was copied into both biases of PyTorch, which adds them"


def order(c: Copy) -> str | None:
    """Feeds the same numbers in Keras's order: the inputs of a layer behind Flatten."""
    import torch

    x, there = c.record.input, c.keras.input
    if x is None or x.ndim != 2 or x.shape != there.shape or np.array_equal(x, there):
        return None
    if not reordered(x, there, 1e-4, 1e-5):
        return None
    c.inputs[0] = torch.tensor(there, dtype=c.inputs[0].dtype)
    return (
        "`Flatten` orders by channel in PyTorch, by pixel in Keras: a kernel behind it that is "
        "only transposed does not fit"
    )


def weights(c: Copy) -> str | None:
    """Takes the weights of the Keras layer."""
    before = {name: to_numpy(value).copy() for name, value in c.layer.state_dict().items()}
    try:
        copy_weights(c.keras.layer, c.layer)
    except (ValueError, TypeError):
        return None
    after = c.layer.state_dict()
    changed = {
        name: array
        for name, array in before.items()
        if not np.allclose(array, to_numpy(after[name]), rtol=1e-5, atol=1e-7)
    }
    if not changed:
        return None
    there = [to_numpy(variable) for variable in c.keras.layer.weights]
    return "; ".join(_how(name, array, there) for name, array in changed.items())


def _how(name: str, array: np.ndarray, there: list[np.ndarray]) -> str:
    for each in there:
        if array.ndim > 1 and array.shape == each.shape and np.allclose(array, each):
            return f"`{name}` is Keras's array as it is: it must be transposed"
        if array.ndim > 1 and array.size == each.size and np.allclose(array.ravel(), each.ravel()):
            return f"`{name}` is Keras's array reshaped: its axes must be transposed"
    return f"`{name}` does not hold the numbers of the Keras layer: it was not copied"
