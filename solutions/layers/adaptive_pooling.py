# %% [markdown]
# # Exercises: adaptive and global pooling
#
# Write the pooling layers of [the chapter](../../chapters/layers/adaptive_pooling.ipynb) yourself: in PyTorch, in
# TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it.
# The check immediately tells you what is right and what is wrong.
#
# In PyTorch an image has the shape (batch, channels, height, width), and in TensorFlow (batch, height, width,
# channels). An answer earns one point each for its **values**, its **gradients** and its **robustness**. A
# robust answer accepts other sizes, returns float32 for float32, and does not change its inputs. With wrong
# values it earns no points. You may use slices, sums, means, `amax` and `tf.reduce_max`. You may not use the
# pooling layers and pooling functions of the chapter.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.

# %% [markdown]
# ## Adaptive max pooling
#
# Divide the time into `n_bins` bins, and take the largest number of each. Of n steps, bin i has the steps from
# ⌊i · n / n_bins⌋ up to, but not including, ⌈(i + 1) · n / n_bins⌉. There can be more bins than steps.
#
# Worked case: 7 steps in 3 bins: the bins are 0 to 2, 2 to 4 and 4 to 6, each with both ends. For (1, 2, 3, 9,
# 5, 0, −1) the result is (3, 9, 5).
#
# Hint 1: Write down the start and the end of each bin. Which steps are in two bins?
#
# Hint 2: Whole numbers are exact: ⌊a / b⌋ is `a // b`, and ⌈a / b⌉ is `-(-a // b)`.
#
# Hint 3: `x[:, :, i * n // n_bins : -(-(i + 1) * n // n_bins)].amax(2)` for each bin, then `stack`.

# %%
def adaptive_max_pooling_pt(
    x: torch.Tensor, n_bins: int
) -> torch.Tensor:
    """x: (batch, channels, time); returns (batch, channels,
    n_bins)."""
    n, largest = x.shape[2], []
    for i in range(n_bins):
        start = i * n // n_bins
        end = -(-(i + 1) * n // n_bins)
        largest.append(x[:, :, start:end].amax(2))
    return torch.stack(largest, 2)

# %%
def adaptive_max_pooling_tf(
    x: tf.Tensor, n_bins: int
) -> tf.Tensor:
    """x: (batch, time, channels); returns (batch, n_bins,
    channels)."""
    n, largest = x.shape[1], []
    for i in range(n_bins):
        start = i * n // n_bins
        end = -(-(i + 1) * n // n_bins)
        largest.append(tf.reduce_max(x[:, start:end], 1))
    return tf.stack(largest, 1)

# %% [markdown]
# **Why:** the start is rounded down and the end is rounded up, so neighbouring bins share a step if the size is
# not divisible.

# %% [markdown]
# ## Adaptive average pooling
#
# Divide the image into `rows` × `columns` bins, and take the average of each. On each axis, bin i of o begins
# at ⌊i · n / o⌋ and ends before ⌈(i + 1) · n / o⌉, where n is the size of the axis.
#
# Worked case: 3 × 5 pixels in 2 × 3 bins. The bins of the rows are 0 to 1 and 1 to 2; the bins of the columns
# are 0 to 1, 1 to 3 and 3 to 4, each with both ends. For the image with the numbers 0 to 14, row by row, the
# first bin is the average of 0, 1, 5 and 6, which is 3.
#
# Hint 1: A bin is a rectangle. Its rows depend on i only, and its columns on j only.
#
# Hint 2: Write a function that returns the bins of one axis, and loop over both.
#
# Hint 3: `[(i * n // o, -(-(i + 1) * n // o)) for i in range(o)]`.

# %%
def adaptive_average_pooling_pt(
    x: torch.Tensor, rows: int, columns: int
) -> torch.Tensor:
    """x: (batch, channels, height, width); returns (batch,
    channels, rows, columns)."""
    def bins(n, o):
        return [(i * n // o, -(-(i + 1) * n // o))
                for i in range(o)]

    return torch.stack([torch.stack([
        x[:, :, a:b, c:d].mean((2, 3))
        for c, d in bins(x.shape[3], columns)], 2)
        for a, b in bins(x.shape[2], rows)], 2)

# %%
def adaptive_average_pooling_tf(
    x: tf.Tensor, rows: int, columns: int
) -> tf.Tensor:
    """x: (batch, height, width, channels); returns (batch,
    rows, columns, channels)."""
    def bins(n, o):
        return [(i * n // o, -(-(i + 1) * n // o))
                for i in range(o)]

    return tf.stack([tf.stack([
        tf.reduce_mean(x[:, a:b, c:d], (1, 2))
        for c, d in bins(x.shape[2], columns)], 1)
        for a, b in bins(x.shape[1], rows)], 1)

# %% [markdown]
# **Why:** the sum of a bin is divided by the number of its pixels. A pixel that is in two bins counts fully in both.

# %% [markdown]
# ## Global max pooling
#
# Take the largest number of each channel. If several pixels are the largest, each of them gets an equal part
# of the gradient.
#
# Worked case: the image ((1, 5, 5), (5, 2, −9)) has the maximum 5. If the gradient of the output is 1, three
# pixels have the gradient ⅓, and the others 0.
#
# Hint 1: Which axes are left? The output has the shape (batch, channels).
#
# Hint 2: Some functions give the whole gradient to one pixel, and others divide it. Two maxima, one after the
# other, divide it twice.
#
# Hint 3: `amax` over both axes in one call; in TensorFlow `tf.reduce_max`.

# %%
def global_max_pooling_pt(x: torch.Tensor) -> torch.Tensor:
    """x: (batch, channels, height, width); returns (batch,
    channels)."""
    return x.amax((2, 3))

# %%
def global_max_pooling_tf(x: tf.Tensor) -> tf.Tensor:
    """x: (batch, height, width, channels); returns (batch,
    channels)."""
    return tf.reduce_max(x, (1, 2))

# %% [markdown]
# **Why:** `amax` and `tf.reduce_max` divide the gradient equally. `x.flatten(2).max(2).values` returns the same
# numbers, but gives the gradient to one pixel.

# %% [markdown]
# ## Global average pooling, with a mask
#
# Take the average over the steps for which `mask` is true, in each channel. An example without such a step
# returns 0.
#
# Worked case: the channels (1, 3, 8) and (5, 7, 9) with the mask (true, true, false) return (2, 6).
#
# Hint 1: Multiply by the mask as numbers, and sum over the time.
#
# Hint 2: Each example has its own number of steps. For no step this is 0 / 0: which divisor gives 0?
#
# Hint 3: `mask.sum(1).clamp(min=1)`, `tf.maximum(tf.reduce_sum(m, 1), 1)`.

# %%
def global_average_pooling_pt(
    x: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """x: (batch, channels, time), mask: (batch, time), boolean;
    returns (batch, channels)."""
    n = mask.sum(1).clamp(min=1)  # (batch,)
    return (x * mask[:, None]).sum(2) / n[:, None]

# %%
def global_average_pooling_tf(
    x: tf.Tensor, mask: tf.Tensor
) -> tf.Tensor:
    """x: (batch, time, channels), mask: (batch, time), boolean;
    returns (batch, channels)."""
    m = tf.cast(mask, x.dtype)[..., None]  # (batch, time, 1)
    n = tf.maximum(tf.reduce_sum(m, 1), 1)  # (batch, 1)
    return tf.reduce_sum(x * m, 1) / n

# %% [markdown]
# **Why:** steps that are left out add 0 to the sum and 0 to the divisor. A divisor of at least 1 changes only
# examples without a step.

# %% [markdown]
# ## Fractional max pooling
#
# Take the largest number of `rows` × `columns` windows of `size` × `size` pixels. They begin where PyTorch's
# windows begin. On an axis of n pixels with o windows, window i begins at ⌊(i + u) · α⌋ − ⌊u · α⌋, where α =
# (n − size) / (o − 1), and `u` is a number from 0 to 1. There are at least two windows on each axis.
#
# Worked case: 7 columns, 3 windows of size 2, u = 0.5: α is 2.5, so the windows begin at 1 − 1, 3 − 1 and 6 − 1,
# which is 0, 2 and 5.
#
# Hint 1: Compute the starts for both axes first. The same `u` is used for both.
#
# Hint 2: `int` rounds a positive number down.
#
# Hint 3: `[int((i + u) * step) - int(u * step) for i in range(o)]`, then a slice for each pair of starts.

# %%
def fractional_max_pooling_pt(
    x: torch.Tensor, size: int, rows: int, columns: int,
    u: float,
) -> torch.Tensor:
    """x: (batch, channels, height, width); returns (batch,
    channels, rows, columns)."""
    def starts(n, o):
        step = (n - size) / (o - 1)
        return [int((i + u) * step) - int(u * step)
                for i in range(o)]

    return torch.stack([torch.stack([
        x[:, :, a:a + size, b:b + size].amax((2, 3))
        for b in starts(x.shape[3], columns)], 2)
        for a in starts(x.shape[2], rows)], 2)

# %%
def fractional_max_pooling_tf(
    x: tf.Tensor, size: int, rows: int, columns: int,
    u: float,
) -> tf.Tensor:
    """x: (batch, height, width, channels); returns (batch,
    rows, columns, channels)."""
    def starts(n, o):
        step = (n - size) / (o - 1)
        return [int((i + u) * step) - int(u * step)
                for i in range(o)]

    return tf.stack([tf.stack([
        tf.reduce_max(x[:, a:a + size, b:b + size], (1, 2))
        for b in starts(x.shape[2], columns)], 1)
        for a in starts(x.shape[1], rows)], 1)

# %% [markdown]
# **Why:** between o windows there are o − 1 steps, so the last window begins at n − size and ends at the edge of
# the image. `u` decides which steps are long.

# %% [markdown]
# ## Fractional average pooling
#
# Take the average of the windows between given edges. `rows` has the edges on the height, from 0 to the height,
# and `columns` those on the width. Window i goes from edge i up to, but not including, edge i + 1. If
# `overlapping` is true, it also includes the pixel at edge i + 1, if the image has it.
#
# Worked case: 5 columns with the edges 0, 2, 3 and 5. With `overlapping` the windows are 0 to 2, 2 to 3, and 3
# to 4, each with both ends. The last edge is the end of the image, so there is no pixel 5.
#
# Hint 1: A slice that ends after the image ends with the image.
#
# Hint 2: Window i is `slice(edges[i], edges[i + 1] + overlapping)`; loop over both axes.
#
# Hint 3: `x[:, :, i, j].mean((2, 3))` for each pair of slices, then `stack` twice.

# %%
def fractional_average_pooling_pt(
    x: torch.Tensor, rows: tuple, columns: tuple,
    overlapping: bool,
) -> torch.Tensor:
    """x: (batch, channels, height, width); returns (batch,
    channels, len(rows) - 1, len(columns) - 1)."""
    def windows(edges):
        return [slice(edges[i], edges[i + 1] + overlapping)
                for i in range(len(edges) - 1)]

    return torch.stack([torch.stack([
        x[:, :, i, j].mean((2, 3))
        for j in windows(columns)], 2)
        for i in windows(rows)], 2)

# %%
def fractional_average_pooling_tf(
    x: tf.Tensor, rows: tuple, columns: tuple,
    overlapping: bool,
) -> tf.Tensor:
    """x: (batch, height, width, channels); returns (batch,
    len(rows) - 1, len(columns) - 1, channels)."""
    def windows(edges):
        return [slice(edges[i], edges[i + 1] + overlapping)
                for i in range(len(edges) - 1)]

    return tf.stack([tf.stack([
        tf.reduce_mean(x[:, i, j], (1, 2))
        for j in windows(columns)], 1)
        for i in windows(rows)], 1)

# %% [markdown]
# **Why:** a slice stops at the end of the image, so the average of the last window has the right divisor.
