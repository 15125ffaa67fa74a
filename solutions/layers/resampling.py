# %% [markdown]
# # Exercises: resampling
#
# Write the layers of [the chapter](../../chapters/layers/resampling.ipynb) yourself: in PyTorch, in TensorFlow,
# or in both. Replace the line that raises an error, run the cell, then run the check below it. The check tells
# you immediately what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. Robust means: the
# answer works for other sizes and for a batch of one, returns float32 for float32, and does not change its
# input. With wrong values an answer earns no points.
#
# Images have the layout of the framework: (batch, channels, height, width) in PyTorch, and (batch, height,
# width, channels) in TensorFlow. All functions and layers of the chapter are forbidden. Indexing, gathering,
# repeating, reshaping, transposing, products and sums are allowed.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Nearest upsampling
#
# Make an image larger by repeating each number. `factors` has the factor of the height and the factor of the
# width.
#
# Worked case: with `factors` = (2, 2) the rows (1, 2, 3) and (4, 5, 6) become the rows (1, 1, 2, 2, 3, 3) twice,
# and then (4, 4, 5, 5, 6, 6) twice.
#
# Hint 1: Make the image higher first, and then wider.
#
# Hint 2: Repeat each row `factors[0]` times, directly behind itself. Then do the same with the columns.
#
# Hint 3: `x.repeat_interleave(n, dim=2)`, `tf.repeat(x, n, axis=1)`.

# %%
def nearest_upsampling_pt(
    x: torch.Tensor, factors: tuple[int, int]
) -> torch.Tensor:
    """x: (batch, channels, h, w)."""
    x = x.repeat_interleave(factors[0], dim=2)
    return x.repeat_interleave(factors[1], dim=3)

# %%
def nearest_upsampling_tf(
    x: tf.Tensor, factors: tuple[int, int]
) -> tf.Tensor:
    """x: (batch, h, w, channels)."""
    x = tf.repeat(x, factors[0], axis=1)
    return tf.repeat(x, factors[1], axis=2)

# %% [markdown]
# **Why:** the place of a row in the output does not depend on the columns, so you can repeat along one axis after the
# other.

# %% [markdown]
# ## The gradient of nearest upsampling
#
# `upstream` is the gradient of the loss with respect to the *output* of nearest upsampling, so it is the larger
# image. Return the gradient with respect to the input, the smaller image. Write a formula, without autograd or
# tape.
#
# Worked case: with `factors` = (2, 2) the rows (1, 2, 3, 4) and (5, 6, 7, 8) become the row (14, 22).
#
# Hint 1: How many numbers of the output are copies of one input?
#
# Hint 2: A number that is used several times has the sum of the gradients of all its copies.
#
# Hint 3: Split the height into the axes (h, factor), and the width into (w, factor), and sum over the two axes of
# the factors.

# %%
def nearest_upsampling_gradient_pt(
    upstream: torch.Tensor, factors: tuple[int, int]
) -> torch.Tensor:
    """upstream: (batch, channels, h * factors[0],
    w * factors[1]); returns (batch, channels, h, w)."""
    blocks = upstream.unflatten(3, (-1, factors[1]))
    blocks = blocks.unflatten(2, (-1, factors[0]))
    return blocks.sum((3, 5))

# %%
def nearest_upsampling_gradient_tf(
    upstream: tf.Tensor, factors: tuple[int, int]
) -> tf.Tensor:
    """upstream: (batch, h * factors[0], w * factors[1],
    channels); returns (batch, h, w, channels)."""
    a, b = factors
    n, h, w, c = upstream.shape
    blocks = tf.reshape(upstream, (n, h // a, a, w // b, b, c))
    return tf.reduce_sum(blocks, (2, 4))

# %% [markdown]
# **Why:** each input has a block of copies, and its gradient is the sum over the block. With a mean instead of the
# sum, this is average pooling.

# %% [markdown]
# ## Nearest resizing with half-pixel centres
#
# Resize an image to any `height` and `width`. Row $i$ of the output is row $\lfloor (i + \frac12)\,n/N \rfloor$ of
# the input, with $n$ input rows and $N$ output rows. The same holds for the columns. This is `"nearest"` in Keras
# and `"nearest-exact"` in PyTorch.
#
# Worked case: the row (1, 2, 3, 4, 5) with `width` = 3 becomes (1, 3, 5): the places are ⌊0.83⌋, ⌊2.5⌋ and
# ⌊4.17⌋.
#
# Hint 1: Compute the numbers of the rows and of the columns first. Then no loop over the pixels is needed.
#
# Hint 2: The numbers of the rows are integers, made from `(torch.arange(height) + 0.5) * h / height`.
#
# Hint 3: In PyTorch, index with `x[:, :, rows[:, None], columns]`. In TensorFlow, use `tf.gather` twice, with
# `axis=1` and `axis=2`.

# %%
def nearest_resize_pt(
    x: torch.Tensor, height: int, width: int
) -> torch.Tensor:
    """x: (batch, channels, h, w)."""
    h, w = x.shape[2:]
    rows = ((torch.arange(height) + 0.5) * h / height).long()
    columns = ((torch.arange(width) + 0.5) * w / width).long()
    return x[:, :, rows[:, None], columns]

# %%
def nearest_resize_tf(
    x: tf.Tensor, height: int, width: int
) -> tf.Tensor:
    """x: (batch, h, w, channels)."""
    h, w = x.shape[1:3]

    def places(n, size):
        i = tf.range(size, dtype="float32")
        return tf.cast((i + 0.5) * n / size, "int32")

    x = tf.gather(x, places(h, height), axis=1)
    return tf.gather(x, places(w, width), axis=2)

# %% [markdown]
# **Why:** pixel $i$ of the input covers the positions from $i$ to $i + 1$, so the floor of a position is the pixel
# that covers it. A conversion to integers is the floor for positive numbers.

# %% [markdown]
# ## Bilinear resizing
#
# Resize an image to any `height` and `width` with linear interpolation and half-pixel centres. Output row $i$ of
# $N$ lies at the position $p = (i + \frac12)\,n/N - \frac12$, where $n$ is the number of input rows. Move
# positions below 0 to 0, and those above $n - 1$ to $n - 1$. Then mix the two neighbouring rows: the nearer row
# has the larger weight. Do the same with the columns.
#
# Worked case: the row (1, 2) with `width` = 4 becomes (1, 1.25, 1.75, 2): the positions are −0.25, which becomes
# 0, then 0.25, 0.75, and 1.25, which becomes 1.
#
# Hint 1: Make a function for one axis, and use it twice.
#
# Hint 2: The weight of the input row $j$ at the position $p$ is $\max(0, 1 - |p - j|)$. All weights together are a
# matrix of shape (height, h).
#
# Hint 3: `torch.einsum("Hh,bchw,Ww->bcHW", rows, x, columns)`, and `"Hh,bhwc,Ww->bHWc"` in TensorFlow.

# %%
def bilinear_resize_pt(
    x: torch.Tensor, height: int, width: int
) -> torch.Tensor:
    """x: (batch, channels, h, w)."""

    def weights(n, size):
        p = (torch.arange(size) + 0.5) * n / size - 0.5
        p = p.clamp(0, n - 1)[:, None]
        return (1 - (p - torch.arange(n)).abs()).clamp(min=0)

    rows = weights(x.shape[2], height)
    columns = weights(x.shape[3], width)
    return torch.einsum("Hh,bchw,Ww->bcHW", rows, x, columns)

# %%
def bilinear_resize_tf(
    x: tf.Tensor, height: int, width: int
) -> tf.Tensor:
    """x: (batch, h, w, channels)."""

    def weights(n, size):
        i, j = (tf.range(k, dtype="float32") for k in (size, n))
        p = (i + 0.5) * n / size - 0.5
        p = tf.clip_by_value(p, 0, n - 1)[:, None]
        return tf.maximum(0.0, 1 - abs(p - j))

    rows = weights(x.shape[1], height)
    columns = weights(x.shape[2], width)
    return tf.einsum("Hh,bhwc,Ww->bHWc", rows, x, columns)

# %% [markdown]
# **Why:** at a position between $j$ and $j + 1$ only these two weights are above 0, and their sum is 1. In two
# dimensions a weight is the product of the weight of the row and that of the column.

# %% [markdown]
# ## Bilinear resizing with `align_corners=True`
#
# Write the same with other positions. Output row $i$ of $N$ lies at $i\,(n-1)/(N-1)$, so the first row of the
# output is the first of the input, and the last is the last. If $N$ is 1, the position is 0.
#
# Worked case: the row (1, 2, 3) with `width` = 5 becomes (1, 1.5, 2, 2.5, 3).
#
# Hint 1: Only the positions differ from the exercise above.
#
# Hint 2: For one output pixel, $N - 1$ is 0, and 0 / 0 is NaN. Divide by another number in this case: $i$ is 0, so
# every other number gives the position 0.
#
# Hint 3: `torch.arange(size) * (n - 1) / max(size - 1, 1)`.

# %%
def bilinear_align_corners_pt(
    x: torch.Tensor, height: int, width: int
) -> torch.Tensor:
    """x: (batch, channels, h, w)."""

    def weights(n, size):
        p = torch.arange(size) * (n - 1) / max(size - 1, 1)
        d = p[:, None] - torch.arange(n)
        return (1 - d.abs()).clamp(min=0)

    rows = weights(x.shape[2], height)
    columns = weights(x.shape[3], width)
    return torch.einsum("Hh,bchw,Ww->bcHW", rows, x, columns)

# %%
def bilinear_align_corners_tf(
    x: tf.Tensor, height: int, width: int
) -> tf.Tensor:
    """x: (batch, h, w, channels)."""

    def weights(n, size):
        i, j = (tf.range(k, dtype="float32") for k in (size, n))
        p = i * (n - 1) / max(size - 1, 1)
        return tf.maximum(0.0, 1 - abs(p[:, None] - j))

    rows = weights(x.shape[1], height)
    columns = weights(x.shape[2], width)
    return tf.einsum("Hh,bhwc,Ww->bHWc", rows, x, columns)

# %% [markdown]
# **Why:** $N$ output pixels have $N - 1$ steps between them, and $n$ input pixels have $n - 1$. Positions are
# never outside, so nothing needs to be clamped.

# %% [markdown]
# ## Antialiased resizing of a sequence
#
# Linear interpolation mixes two numbers only. If a sequence becomes much shorter, it leaves numbers out. Write
# linear interpolation with `antialias=True`, for sequences: (batch, channels, n) in PyTorch, (batch, n, channels)
# in TensorFlow. `size` is the new length $N$.
#
# The weight of input $j$ in output $i$ is a triangle around the position $p = (i + \frac12)\,n/N - \frac12$:
# $\max(0,\, 1 - |p - j| / s)$, where $s$ is the larger of $n/N$ and 1. Divide the weights of each output by their
# sum.
#
# Worked case: the sequence (1, 2, 3, 4, 5, 6) with `size` = 2 becomes (2.25, 4.75). The weights for the first are
# 2, 3, 2 and 1 divided by 8, because $s$ is 3, and $p$ is 1.
#
# Hint 1: All weights together are a matrix of shape (size, n). The sequence is multiplied by it.
#
# Hint 2: Without $s$ this is the matrix of linear interpolation. The sum of the weights of an output is a sum
# along the last axis.
#
# Hint 3: `w / w.sum(1, keepdim=True)`, then `x @ w.T`; in TensorFlow `tf.einsum("Nn,bnc->bNc", w, x)`.

# %%
def antialiased_resize_pt(
    x: torch.Tensor, size: int
) -> torch.Tensor:
    """x: (batch, channels, n); returns
    (batch, channels, size)."""
    n = x.shape[2]
    s = max(n / size, 1)
    p = (torch.arange(size) + 0.5) * n / size - 0.5
    d = p[:, None] - torch.arange(n)
    w = (1 - d.abs() / s).clamp(min=0)
    return x @ (w / w.sum(1, keepdim=True)).T

# %%
def antialiased_resize_tf(
    x: tf.Tensor, size: int
) -> tf.Tensor:
    """x: (batch, n, channels); returns
    (batch, size, channels)."""
    n = x.shape[1]
    s = max(n / size, 1)
    i, j = (tf.range(k, dtype="float32") for k in (size, n))
    p = (i + 0.5) * n / size - 0.5
    w = tf.maximum(0.0, 1 - abs(p[:, None] - j) / s)
    w /= tf.reduce_sum(w, 1, keepdims=True)
    return tf.einsum("Nn,bnc->bNc", w, x)

# %% [markdown]
# **Why:** the triangle reaches from one position to the next on both sides, so each input has a weight in some
# output. At the border a part of the triangle lies outside, so the weights must be divided by their own sum.
