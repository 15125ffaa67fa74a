"""Trials that change an argument of the copy of a PyTorch layer to that of the Keras layer.

Each function changes the copy, and returns a sentence on what was different, or ``None`` if there
was nothing to change.
"""

from __future__ import annotations

import copy

import numpy as np

from diptych.book.difference.copies import Copy, of_keras


def mode(c: Copy) -> str | None:
    if c.layer.training == c.training:
        return None
    c.layer.train(c.training)
    if c.training:
        return "the PyTorch layer is in inference mode, Keras runs in training mode: call `train()`"
    return "the PyTorch layer is in training mode, Keras runs in inference mode: call `eval()`"


def epsilon(c: Copy) -> str | None:
    here, there = getattr(c.layer, "eps", None), of_keras(c.keras.layer, "epsilon")
    if here == there or None in (here, there):
        return None
    c.layer.eps = there
    return f"`eps` is {here:g} in PyTorch, `epsilon` is {there:g} in Keras"


def numbers(c: Copy) -> str | None:
    for name in ("negative_slope", "alpha", "threshold"):
        here, there = getattr(c.layer, name, None), of_keras(c.keras.layer, name)
        if isinstance(here, float | int) and isinstance(there, float | int) and here != there:
            setattr(c.layer, name, float(there))
            return f"`{name}` is {here:g} in PyTorch, {there:g} in Keras"
    return None


def approximation(c: Copy) -> str | None:
    there = {True: "tanh", False: "none"}.get(of_keras(c.keras.layer, "approximate"))
    here = getattr(c.layer, "approximate", None)
    if here == there or None in (here, there):
        return None
    c.layer.approximate = there
    return f'GELU is `approximate="{here}"` in PyTorch, Keras computes what "{there}" is there'


def padding(c: Copy) -> str | None:
    """Pad as Keras does for ``padding="same"``: the larger half behind."""
    import torch
    import torch.nn.functional as F

    size = getattr(c.layer, "kernel_size", None)
    wanted = getattr(c.keras.layer, "padding", None)
    if size is None or getattr(c.layer, "transposed", False):
        return None
    x = c.inputs[0]
    n = x.ndim - 2

    def each(value):
        return value if isinstance(value, tuple) else (value,) * n

    size, stride = each(size), each(c.layer.stride)
    dilation, given = each(getattr(c.layer, "dilation", 1)), c.layer.padding
    if wanted == "valid" and any(each(given)):
        c.layer.padding = (0,) * n
        return f'`padding` is {given} in PyTorch, `"valid"` in Keras, which pads nothing'
    if wanted != "same" or given == "same":
        return None
    pads = []
    for length, k, s, d in zip(x.shape[2:], size, stride, dilation, strict=True):
        total = max((-(-length // s) - 1) * s + d * (k - 1) + 1 - length, 0)
        pads.append((total // 2, total - total // 2))
    if pads == [(p, p) for p in each(0 if given == "valid" else given)]:
        return None
    flat = [number for pair in reversed(pads) for number in pair]
    c.layer.padding = (0,) * n
    name = type(c.layer).__name__
    c.inputs[0] = F.pad(x, flat, value=-np.inf if name.startswith("MaxPool") else 0.0)
    if name.startswith("AvgPool"):
        share = copy.deepcopy(c.layer)(F.pad(torch.ones_like(x), flat))
        c.after = lambda output: output / share
    return (
        f'`padding="same"` pads each axis (before, behind) by {", ".join(map(str, pads))} in '
        f"Keras; PyTorch's `padding` is {given}"
    )


def cropping(c: Copy) -> str | None:
    """Crop as Keras's transposed convolution does for ``padding="same"``: more behind."""
    layer = c.layer
    if not getattr(layer, "transposed", False) or getattr(c.keras.layer, "padding", "") != "same":
        return None
    given = layer.padding, layer.output_padding
    sizes = list(zip(layer.kernel_size, layer.stride, strict=True))
    crops = [(max(k - s, 0) // 2, max(k - s, 0) - max(k - s, 0) // 2) for k, s in sizes]
    layer.padding = (0,) * len(sizes)
    layer.output_padding = tuple(max(s - k, 0) for k, s in sizes)
    if given == (tuple(a for a, _ in crops), layer.output_padding) and all(
        a == b for a, b in crops
    ):
        return None
    import torch.nn.functional as F

    flat = [-number for pair in reversed(crops) for number in pair]
    c.after = lambda output: F.pad(output, flat)
    return (
        f'`padding="same"` crops each axis (before, behind) by {", ".join(map(str, crops))} in '
        f"Keras; PyTorch's `padding` is {given[0]}, its `output_padding` {given[1]}"
    )


def time_first(c: Copy) -> str | None:
    if getattr(c.layer, "batch_first", True):
        return None
    c.layer.batch_first = True
    return "PyTorch takes axis 0 for the time: pass `batch_first=True`"


def count_padding(c: Copy) -> str | None:
    if not getattr(c.layer, "count_include_pad", False) or not np.any(c.layer.padding):
        return None
    c.layer.count_include_pad = False
    return "PyTorch's average counts the padded zeros (`count_include_pad=True`), Keras's does not"


def interpolation(c: Copy) -> str | None:
    here, there = getattr(c.layer, "mode", None), of_keras(c.keras.layer, "interpolation")
    if not isinstance(there, str) or not hasattr(c.layer, "align_corners"):
        return None
    aligned = c.layer.align_corners
    if here == there and not aligned:
        return None
    c.layer.mode, c.layer.align_corners = there, None if there == "nearest" else False
    if here == there:
        return "PyTorch has `align_corners=True`, which Keras does not have"
    return f'the interpolation is "{here}" in PyTorch, "{there}" in Keras'
