# %% [markdown]
# # Exercises: pooling
#
# Write the pooling layers of [the chapter](../../chapters/layers/pooling.ipynb) yourself: in PyTorch, in
# TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it.
# The check immediately tells you what is right and what is wrong.
#
# In PyTorch an image has the shape (batch, channels, height, width), and in TensorFlow (batch, height, width,
# channels). An answer earns one point each for its **values**, its **gradients** and its **robustness**. A
# robust answer accepts other sizes, returns float32 for float32, and does not change its inputs. With wrong
# values it earns no points. You may use slices, sums, `amax` and `tf.reduce_max`, `unfold` and
# `tf.image.extract_patches`. You may not use the pooling layers and pooling functions of the two frameworks.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Max pooling
#
# Take the largest number of each window, in each channel. A window has `size` × `size` pixels. Neighbouring
# windows are `stride` pixels apart. `padding` pixels are first added at each of the four sides; they must
# never be the largest number. Only windows that are completely inside the padded image count.
#
# Worked case: with size 2, stride 1 and no padding, the image ((1, 2, −3), (4, −5, −1)) has two windows. The
# result is ((4, 2)).
#
# Hint 1: Which number is smaller than every other number?
#
# Hint 2: Pad with −∞. Then the windows begin at the rows and columns 0, stride, 2 · stride, … of the padded
# image.
#
# Hint 3: `x.unfold(2, size, stride).unfold(3, size, stride)` has all windows, each on the last two axes; in
# TensorFlow `tf.image.extract_patches`, then `reshape` to (batch, rows, columns, size², channels).

# %%
def max_pooling_pt(
    x: torch.Tensor, size: int, stride: int, padding: int
) -> torch.Tensor:
    """x: (batch, channels, height, width)."""
    x = torch.nn.functional.pad(
        x, [padding] * 4, value=-torch.inf)
    windows = x.unfold(2, size, stride).unfold(3, size, stride)
    return windows.amax((-2, -1))

# %%
def max_pooling_tf(
    x: tf.Tensor, size: int, stride: int, padding: int
) -> tf.Tensor:
    """x: (batch, height, width, channels)."""
    side = [padding, padding]
    x = tf.pad(x, [[0, 0], side, side, [0, 0]],
               constant_values=float("-inf"))
    patches = tf.image.extract_patches(
        x, [1, size, size, 1], [1, stride, stride, 1],
        [1] * 4, "VALID")
    shape = (*patches.shape[:3], size**2, x.shape[-1])
    return tf.reduce_max(tf.reshape(patches, shape), 3)

# %% [markdown]
# **Why:** −∞ is smaller than every number, so it is never the largest number of a window. With a border of
# zeros, a window of negative numbers would return 0.

# %% [markdown]
# ## Max pooling with indices
#
# Take the largest number of each window, without padding, and also return its index. The index is row ·
# width + column of the pixel in the input, counted from 0 in each channel. If two pixels of a window are the
# largest, return the index of the first, row by row.
#
# Worked case: for the image ((5, 1, 2, 2, 0), (3, 4, 0, 2, 7)) with size 2 and stride 2, the result is ((5, 2))
# with the indices ((0, 2)). The number 2 is in the second window three times; the first is in row 0 and column
# 2. The column 4 is in no window.
#
# Hint 1: `argmax` gives the place in the window. Where in the image does the window begin?
#
# Hint 2: If the pixels of a window are on one axis, place // size is the row in the window, and place % size
# is the column.
#
# Hint 3: `row = place // size + stride * torch.arange(y.shape[2])[:, None]`. In TensorFlow the axis of the
# channels is last: `stride * tf.range(rows)[:, None, None]`.

# %%
def max_indices_pt(
    x: torch.Tensor, size: int, stride: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """x: (batch, channels, height, width); returns the largest
    numbers and their indices, integers, in one shape."""
    windows = x.unfold(2, size, stride).unfold(3, size, stride)
    y, place = windows.flatten(4).max(-1)
    i = torch.arange(y.shape[2])[:, None]
    j = torch.arange(y.shape[3])
    row = stride * i + place // size
    column = stride * j + place % size
    return y, row * x.shape[3] + column

# %%
def max_indices_tf(
    x: tf.Tensor, size: int, stride: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """x: (batch, height, width, channels); returns the largest
    numbers and their indices, integers, in one shape."""
    patches = tf.image.extract_patches(
        x, [1, size, size, 1], [1, stride, stride, 1],
        [1] * 4, "VALID")
    b, rows, columns, _ = patches.shape
    windows = tf.reshape(
        patches, (b, rows, columns, size**2, x.shape[-1]))
    place = tf.argmax(windows, 3)
    i = tf.range(rows, dtype=place.dtype)[:, None, None]
    j = tf.range(columns, dtype=place.dtype)[:, None]
    row = stride * i + place // size
    column = stride * j + place % size
    return tf.reduce_max(windows, 3), row * x.shape[2] + column

# %% [markdown]
# **Why:** a window begins at row stride · i and column stride · j. The place in the window adds up to
# size − 1 rows and columns to them.

# %% [markdown]
# ## Max unpooling
#
# Return an image of zeros with the numbers of `y` at the places that `index` says. `y` and `index` have the
# same shape. An index is row · width + column, counted from 0 in each channel of each example. If two windows
# overlap, the same number can be there twice with the same index: write it once.
#
# Worked case: y = ((5, 2)) with the indices ((0, 2)), the height 2 and the width 5 give ((5, 0, 2, 0, 0), (0,
# 0, 0, 0, 0)).
#
# Hint 1: Begin with zeros that have height and width on one axis.
#
# Hint 2: In PyTorch, `scatter` writes along this axis. In TensorFlow, make one axis of everything, and count
# examples and channels, too.
#
# Hint 3: `zeros.scatter(2, index.flatten(2), y.flatten(2))`. In TensorFlow the place is ((example · height ·
# width) + index) · channels + channel, and `tf.tensor_scatter_nd_update` writes.

# %%
def max_unpooling_pt(
    y: torch.Tensor, index: torch.Tensor,
    height: int, width: int,
) -> torch.Tensor:
    """y, index: (batch, channels, rows, columns); returns
    (batch, channels, height, width)."""
    zeros = torch.zeros(*y.shape[:2], height * width)
    flat = zeros.scatter(2, index.flatten(2), y.flatten(2))
    return flat.unflatten(2, (height, width))

# %%
def max_unpooling_tf(
    y: tf.Tensor, index: tf.Tensor, height: int, width: int
) -> tf.Tensor:
    """y, index: (batch, rows, columns, channels); returns
    (batch, height, width, channels)."""
    b, _, _, c = y.shape
    example = tf.range(b, dtype=index.dtype)
    example = tf.reshape(example, (b, 1, 1, 1))
    channel = tf.range(c, dtype=index.dtype)
    place = (example * height * width + index) * c + channel
    zeros = tf.zeros(b * height * width * c)
    flat = tf.tensor_scatter_nd_update(
        zeros, tf.reshape(place, (-1, 1)), tf.reshape(y, (-1,)))
    return tf.reshape(flat, (b, height, width, c))

# %% [markdown]
# **Why:** an index counts the pixels of one channel. In TensorFlow's layout, the channels of a pixel are next
# to each other, so a step of one pixel is a step of c numbers.

# %% [markdown]
# ## Average pooling
#
# Take the average of each window, in each channel. `size`, `stride` and `padding` are those of max pooling;
# the border is 0. If `include` is true, the pixels of the border count, and each window is divided by size². If
# it is false, divide each window by the number of its pixels that are inside the image.
#
# Worked case: an image of 3 × 4 pixels that are all 36, with size 3, stride 2 and padding 1. With `include`, the
# first window has 4 pixels of the image: 4 · 36 / 9 = 16. Without `include`, the average is 36.
#
# Hint 1: The sum is the same in both cases. Only the divisor is different.
#
# Hint 2: What do you get if you sum the windows of an image of ones with a border of zeros?
#
# Hint 3: The number of pixels inside is the sum of the windows of `ones_like(x)`, padded with 0.

# %%
def average_pooling_pt(
    x: torch.Tensor, size: int, stride: int, padding: int,
    include: bool,
) -> torch.Tensor:
    """x: (batch, channels, height, width)."""
    def sums(x):
        x = torch.nn.functional.pad(x, [padding] * 4)
        windows = x.unfold(2, size, stride)
        return windows.unfold(3, size, stride).sum((-2, -1))

    n = size**2 if include else sums(torch.ones_like(x))
    return sums(x) / n

# %%
def average_pooling_tf(
    x: tf.Tensor, size: int, stride: int, padding: int,
    include: bool,
) -> tf.Tensor:
    """x: (batch, height, width, channels)."""
    def sums(x):
        side = [padding, padding]
        x = tf.pad(x, [[0, 0], side, side, [0, 0]])
        patches = tf.image.extract_patches(
            x, [1, size, size, 1], [1, stride, stride, 1],
            [1] * 4, "VALID")
        shape = (*patches.shape[:3], size**2, x.shape[-1])
        return tf.reduce_sum(tf.reshape(patches, shape), 3)

    n = size**2 if include else sums(tf.ones_like(x))
    return sums(x) / n

# %% [markdown]
# **Why:** the border adds 0 to the sum. A window of ones adds 1 for each pixel inside, so its sum is their
# number.

# %% [markdown]
# ## Power-average pooling
#
# For each window of `size` × `size` pixels, sum the magnitudes to the power `p`, and take the root: (Σ
# |x|ᵖ)^(1/p). The windows do not overlap, and what remains at the end is left out. `p` is greater than 1, and
# need not be a whole number. A window of zeros returns 0, and its gradient is a number, not NaN.
#
# Worked case: for p = 2 the window ((3, 0), (0, −4)) returns √(9 + 16) = 5.
#
# Hint 1: A sum over windows, then one function of the sum.
#
# Hint 2: The slope of the root is infinite at 0, and 0 · ∞ is NaN. So 0 must not go into the root.
#
# Hint 3: `torch.where(s > 0, torch.where(s > 0, s, 1.0) ** (1 / p), 0.0)`, and the same with `tf.where`.

# %%
def lp_pooling_pt(
    x: torch.Tensor, p: float, size: int
) -> torch.Tensor:
    """x: (batch, channels, height, width)."""
    powers = x.abs() ** p
    windows = powers.unfold(2, size, size).unfold(3, size, size)
    s = windows.sum((-2, -1))
    safe = torch.where(s > 0, s, 1.0)
    return torch.where(s > 0, safe ** (1 / p), 0.0)

# %%
def lp_pooling_tf(
    x: tf.Tensor, p: float, size: int
) -> tf.Tensor:
    """x: (batch, height, width, channels)."""
    patches = tf.image.extract_patches(
        tf.abs(x) ** p, [1, size, size, 1], [1, size, size, 1],
        [1] * 4, "VALID")
    shape = (*patches.shape[:3], size**2, x.shape[-1])
    s = tf.reduce_sum(tf.reshape(patches, shape), 3)
    safe = tf.where(s > 0, s, 1.0)
    return tf.where(s > 0, safe ** (1 / p), 0.0)

# %% [markdown]
# **Why:** `where` chooses the value 0, but it also differentiates the branch that it does not choose. The inner
# `where` gives this branch a 1, where the slope of the root is finite.
