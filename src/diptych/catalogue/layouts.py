"""The layouts of arrays: channels and kernels as PyTorch has them, and as TensorFlow has them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def channels_last(x: np.ndarray) -> np.ndarray:
    """(batch, channels, *size) to (batch, *size, channels); other arrays stay as they are."""
    return np.moveaxis(x, 1, -1) if x.ndim > 2 else x


def channels_first(x: np.ndarray) -> np.ndarray:
    """(batch, *size, channels) to (batch, channels, *size); other arrays stay as they are."""
    return np.moveaxis(x, -1, 1) if x.ndim > 2 else x


def _kernel_last(kernel: np.ndarray) -> np.ndarray:
    """(out, in, *size) to (*size, in, out), or (in, out, *size) to (*size, out, in)."""
    return kernel.transpose(*range(2, kernel.ndim), 1, 0) if kernel.ndim > 1 else kernel


def _kernel_first(kernel: np.ndarray) -> np.ndarray:
    last = kernel.ndim - 1
    return kernel.transpose(last, last - 1, *range(last - 1)) if kernel.ndim > 1 else kernel


# For each layout: from PyTorch's to TensorFlow's, and back.
LAYOUTS: dict[str, tuple[Callable, Callable]] = {
    "": (np.asarray, np.asarray),
    "channels": (channels_last, channels_first),
    "kernel": (_kernel_last, _kernel_first),
}
