"""Trials that change the weights, or the inputs, of the copy of a PyTorch layer to those of Keras.

Each function changes the copy, and returns a sentence on what was different, or ``None`` if there
was nothing to change.
"""

from __future__ import annotations

import numpy as np

from diptych.book.compare import to_numpy
from diptych.book.difference.copies import Copy
from diptych.book.difference.layouts import close, first_axis, turned
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
    arrays = dict(c.layer.named_parameters())
    ends = [name.removeprefix("bias_ih") for name in arrays if name.startswith("bias_ih")]
    for end in ends:
        one, other = arrays[f"bias_ih{end}"], arrays[f"bias_hh{end}"]
        if not torch.equal(one, other) or not one.any():
            return None
        torch.nn.init.zeros_(other)
    return "Keras's one bias was copied into both biases of PyTorch, which adds them"


def order(c: Copy) -> str | None:
    """Pass the same channels in Keras's order: behind Flatten, or behind ``torch.cat``."""
    import torch

    x, there = c.record.input, c.keras.input
    here = None if x is None or there is None else turned(x, there)
    if here is None or here.ndim < 2 or np.array_equal(here, there):
        return None
    here, wanted = (array.reshape(-1, array.shape[-1]) for array in (here, there))
    weight = np.random.default_rng(0).normal(size=len(here))
    here, wanted = (array[:, np.argsort(weight @ array)] for array in (here, wanted))
    if not close(here, wanted, 1e-4, 1e-5):
        return None
    moved = there if x.shape == there.shape else first_axis(there)
    c.inputs[0] = torch.tensor(moved, dtype=c.inputs[0].dtype)
    if x.ndim == 2 and _flattened(x, there):
        return (
            "`Flatten` orders by channel in PyTorch, by pixel in Keras: a kernel behind it that is "
            "only transposed does not fit"
        )
    return (
        "the input has the same channels in another order: join them in Keras's order, as in "
        "`torch.cat`"
    )


def _flattened(x: np.ndarray, there: np.ndarray) -> bool:
    """Whether both matrices are the same flattened images, with channels first and last."""
    n = x.shape[1]
    return any(
        close(x.reshape(len(x), c, -1).swapaxes(1, 2).reshape(x.shape), there, 1e-4, 1e-5)
        for c in range(2, n)
        if n % c == 0
    )


def weights(c: Copy) -> str | None:
    """Copy the weights of the Keras layer."""
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
    how: dict[str, list[str]] = {}
    for name, array in changed.items():
        how.setdefault(_how(array, there), []).append(f"`{name}`")
    return "; ".join(f"{', '.join(names)}: {said}" for said, names in how.items())


def _how(array: np.ndarray, there: list[np.ndarray]) -> str:
    for each in there:
        if array.ndim > 1 and array.shape == each.shape and np.allclose(array, each):
            return "Keras's array as it is, it must be transposed"
        if array.ndim > 1 and array.size == each.size and np.allclose(array.ravel(), each.ravel()):
            return "Keras's array reshaped, its axes must be transposed"
    return "not the numbers of the Keras layer, they were not copied"
