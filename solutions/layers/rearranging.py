# %% [markdown]
# # Exercises: rearranging
#
# Write the layers of [the chapter](../../chapters/layers/rearranging.ipynb) yourself: in PyTorch, in TensorFlow,
# or in both. Replace the line that raises an error, run the cell, then run the check below it. The check tells
# you immediately what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. Robust means: the
# answer works for other sizes and for a batch of one, returns float32 for float32, and does not change its
# input. With wrong values an answer earns no points.
#
# Images have the layout of the framework: (batch, channels, height, width) in PyTorch, and (batch, height,
# width, channels) in TensorFlow. All functions and layers of the chapter are forbidden. Indexing, gathering,
# reshaping, transposing, products and sums are allowed.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.

# %% [markdown]
# ## Pixel shuffle
#
# Make an image $r$ times as high and wide, from $r^2$ times as many channels. Use PyTorch's order of the channels
# in both frameworks: the number in row $i$ and column $j$ of a block of output channel $c$ comes from the input
# channel $c\,r^2 + i\,r + j$.
#
# `x` has the shape (batch, C · r², h, w) in PyTorch and (batch, h, w, C · r²) in TensorFlow. The output has the
# shape (batch, C, h · r, w · r), and (batch, h · r, w · r, C) in TensorFlow.
#
# Worked case: the four channels (1, 2), (3, 4), (5, 6) and (7, 8) of an image of 1 × 2 pixels become one channel,
# with the rows (1, 3, 2, 4) and (5, 7, 6, 8).
#
# Hint 1: Split the axis of the channels into three axes. In which order?
#
# Hint 2: The channels split into (C, r, r). Then bring the axes into the order in which the output has them: a
# row of the output is a row $h$ of the input and a row $i$ of the block.
#
# Hint 3: (batch, C, h, r, w, r) in PyTorch, and (batch, h, r, w, r, C) in TensorFlow. Then reshape.

# %%
def pixel_shuffle_pt(x: torch.Tensor, r: int) -> torch.Tensor:
    """x: (batch, C * r * r, h, w); returns
    (batch, C, h * r, w * r)."""
    n, _, h, w = x.shape
    x = x.reshape(n, -1, r, r, h, w).permute(0, 1, 4, 2, 5, 3)
    return x.reshape(n, -1, h * r, w * r)

# %%
def pixel_shuffle_tf(x: tf.Tensor, r: int) -> tf.Tensor:
    """x: (batch, h, w, C * r * r); returns
    (batch, h * r, w * r, C)."""
    n, h, w, c = x.shape
    x = tf.reshape(x, (n, h, w, c // r**2, r, r))
    x = tf.transpose(x, (0, 1, 4, 2, 5, 3))
    return tf.reshape(x, (n, h * r, w * r, c // r**2))

# %% [markdown]
# **Why:** $c\,r^2 + i\,r + j$ is the number of a place in an array of shape (C, r, r). After the transpose, $h$ and
# $i$ are neighbours, and together they count the rows $h\,r + i$.

# %% [markdown]
# ## Repair a ported network
#
# A network was ported from PyTorch to TensorFlow, and its colours are wrong. In PyTorch it ends in a convolution and
# `nn.PixelShuffle(r)`, in TensorFlow in a convolution and `tf.nn.depth_to_space`. Where pixel shuffle reads channel
# $c\,r^2 + i\,r + j$, `depth_to_space` reads channel $(i\,r + j)\,C + c$.
#
# Repair the port without another layer: return the kernel of the convolution with its output channels in the order
# that `depth_to_space` needs. The old output channel $c\,r^2 + i\,r + j$ becomes the new channel $(i\,r + j)\,C + c$. The shape of
# the kernel is (out, in, height, width) in PyTorch, and (height, width, in, out) in TensorFlow. `out` is C · r².
#
# Worked case: with $r$ = 2 and the eight output channels 1, 2, …, 8, the new order is 1, 5, 2, 6, 3, 7, 4, 8.
#
# Hint 1: Split the output channels into three axes. What are they in the old order, and in the new one?
#
# Hint 2: From (C, r, r) to (r, r, C). The other axes of the kernel stay.
#
# Hint 3: Make the numbers `torch.arange(out).reshape(-1, r, r)`, bring their axes into the new order, flatten
# them, and index the kernel with them.

# %%
def depth_to_space_kernel_pt(
    kernel: torch.Tensor, r: int
) -> torch.Tensor:
    """kernel: (C * r * r, in, h, w); returns the same shape."""
    order = torch.arange(len(kernel)).reshape(-1, r, r)
    return kernel[order.permute(1, 2, 0).flatten()]

# %%
def depth_to_space_kernel_tf(
    kernel: tf.Tensor, r: int
) -> tf.Tensor:
    """kernel: (h, w, in, C * r * r); returns the same shape."""
    order = tf.reshape(tf.range(kernel.shape[-1]), (-1, r, r))
    order = tf.reshape(tf.transpose(order, (1, 2, 0)), [-1])
    return tf.gather(kernel, order, axis=-1)

# %% [markdown]
# **Why:** an output channel of a convolution depends on nothing but its own part of the kernel, so the channels
# can be reordered there, once and for all.

# %% [markdown]
# ## Pixel unshuffle
#
# Write the inverse of pixel shuffle: divide the height and the width of an image by $r$. In channel $c$, the number
# in row $i$ and column $j$ of each block goes into the output channel $c\,r^2 + i\,r + j$, in both frameworks.
#
# `x` has the shape (batch, C, h, w) in PyTorch and (batch, h, w, C) in TensorFlow. Height and width can be divided
# by $r$.
#
# Worked case: with $r$ = 2 the rows (1, 2, 3, 4) and (5, 6, 7, 8) become four channels of 1 × 2 pixels: (1, 3),
# (2, 4), (5, 7) and (6, 8).
#
# Hint 1: Split the height into two axes, and the width into two axes.
#
# Hint 2: The height is (h / r, r): the rows of a block are neighbours.
#
# Hint 3: From (batch, C, h / r, r, w / r, r) to (batch, C, r, r, h / r, w / r). You can also stack the slices
# `x[:, :, i::r, j::r]`.

# %%
def pixel_unshuffle_pt(x: torch.Tensor, r: int) -> torch.Tensor:
    """x: (batch, C, h, w); returns
    (batch, C * r * r, h / r, w / r)."""
    n, c, h, w = x.shape
    x = x.reshape(n, c, h // r, r, w // r, r)
    return x.permute(0, 1, 3, 5, 2, 4).flatten(1, 3)

# %%
def pixel_unshuffle_tf(x: tf.Tensor, r: int) -> tf.Tensor:
    """x: (batch, h, w, C); returns
    (batch, h / r, w / r, C * r * r)."""
    n, h, w, c = x.shape
    x = tf.reshape(x, (n, h // r, r, w // r, r, c))
    x = tf.transpose(x, (0, 1, 3, 5, 2, 4))
    return tf.reshape(x, (n, h // r, w // r, c * r * r))

# %% [markdown]
# **Why:** this transpose is the inverse of that of pixel shuffle. Each number of the input is in the output once.

# %% [markdown]
# ## Channel shuffle
#
# Reorder the channels of images or sequences. They are `groups` groups of equal size. Take the first channel of
# each group, then the second of each group, and so on.
#
# `x` has the shape (batch, channels, …) in PyTorch and (batch, …, channels) in TensorFlow, with one or two axes
# for the places.
#
# Worked case: with `groups` = 2 the channels 1, 2, 3, 4, 5, 6 become 1, 4, 2, 5, 3, 6.
#
# Hint 1: Write the channels as a table with a row for each group. Do you read it row by row, or column by column?
#
# Hint 2: Reshape the channels to (groups, channels / groups), exchange the two axes, and reshape back.
#
# Hint 3: `x.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)`. In TensorFlow the two axes are the last, so
# you can use `tf.linalg.matrix_transpose`.

# %%
def channel_shuffle_pt(
    x: torch.Tensor, groups: int
) -> torch.Tensor:
    """x: (batch, channels, …); returns the same shape."""
    table = x.unflatten(1, (groups, -1))
    return table.transpose(1, 2).flatten(1, 2)

# %%
def channel_shuffle_tf(
    x: tf.Tensor, groups: int
) -> tf.Tensor:
    """x: (batch, …, channels); returns the same shape."""
    table = tf.reshape(x, (*x.shape[:-1], groups, -1))
    table = tf.linalg.matrix_transpose(table)
    return tf.reshape(table, x.shape)

# %% [markdown]
# **Why:** the transposed table has a row for each place in a group, with a channel of every group.

# %% [markdown]
# ## Grid sampling
#
# Read images at the positions of `grid`, with linear interpolation, as `F.grid_sample` with
# `align_corners=False`. The last axis of `grid` has the numbers $(g_x, g_y)$. −1 and 1 are the edges of the image:
# the position in pixels is $p = ((g_x + 1)\,w - 1)/2$ along the width $w$, and $q = ((g_y + 1)\,h - 1)/2$ along
# the height $h$. Mix the four neighbours of $(p, q)$ by their distance. Neighbours outside of the image count as
# 0.
#
# `image` has the shape (batch, channels, h, w) in PyTorch and (batch, h, w, channels) in TensorFlow. `grid` has
# the shape (batch, H, W, 2) in both. The output has the size H × W. The gradients of image and grid are judged.
#
# Worked case: the image with the rows (1, 2) and (3, 4) at (−0.25, 0.25) has $p$ = 0.25 and $q$ = 0.75, so the
# output is 0.75 · 0.25 · 1 + 0.25 · 0.25 · 2 + 0.75 · 0.75 · 3 + 0.25 · 0.75 · 4 = 2.75. At (0.75, 0.25) the column
# is 1.25, so a quarter of the weight lies outside: 0.75 · (0.25 · 2 + 0.75 · 4) = 2.625.
#
# Hint 1: The weight of the pixel $(i, j)$ is $\max(0, 1 - |q - i|) \cdot \max(0, 1 - |p - j|)$. What does this
# formula give for a position outside?
#
# Hint 2: The weights of the rows have the shape (batch, H, W, h), those of the columns (batch, H, W, w).
#
# Hint 3: `torch.einsum("bijh,bijw,bchw->bcij", rows, columns, image)`, and `"bijh,bijw,bhwc->bijc"` in
# TensorFlow.

# %%
def grid_sample_pt(
    image: torch.Tensor, grid: torch.Tensor
) -> torch.Tensor:
    """image: (batch, channels, h, w), grid: (batch, H, W, 2);
    returns (batch, channels, H, W)."""

    def weights(g, n):
        p = ((g + 1) * n - 1) / 2
        d = p[..., None] - torch.arange(n)
        return (1 - d.abs()).clamp(min=0)

    rows = weights(grid[..., 1], image.shape[2])
    columns = weights(grid[..., 0], image.shape[3])
    return torch.einsum(
        "bijh,bijw,bchw->bcij", rows, columns, image)

# %%
def grid_sample_tf(
    image: tf.Tensor, grid: tf.Tensor
) -> tf.Tensor:
    """image: (batch, h, w, channels), grid: (batch, H, W, 2);
    returns (batch, H, W, channels)."""

    def weights(g, n):
        p = ((g + 1) * n - 1) / 2
        j = tf.range(n, dtype="float32")
        return tf.maximum(0.0, 1 - abs(p[..., None] - j))

    rows = weights(grid[..., 1], image.shape[1])
    columns = weights(grid[..., 0], image.shape[2])
    return tf.einsum(
        "bijh,bijw,bhwc->bijc", rows, columns, image)

# %% [markdown]
# **Why:** the weights are 0 for all pixels but the four neighbours. Pixels outside have no weight in the sum, which
# is the same as a 0 there.

# %% [markdown]
# ## Affine grid
#
# Make the grid of an affine map, as `F.affine_grid` with `align_corners=False`. The centre of the output pixel in
# row $i$ and column $j$ is $x = (2j + 1)/\mathit{width} - 1$ and $y = (2i + 1)/\mathit{height} - 1$. At this pixel,
# the grid has the two numbers $\theta \cdot (x, y, 1)$.
#
# `theta` has the shape (batch, 2, 3) in both frameworks. The result has the shape (batch, height, width, 2).
#
# Worked case: with `theta` = ((1, 0, 0), (0, 1, 0)), `height` = 2 and `width` = 4, the first row has the positions
# (−0.75, −0.5), (−0.25, −0.5), (0.25, −0.5) and (0.75, −0.5).
#
# Hint 1: Make a tensor of shape (height, width, 3) with x, y and 1 for each pixel.
#
# Hint 2: `torch.meshgrid(x, y, indexing="xy")` and `tf.meshgrid(x, y)` make two tensors of shape (height, width).
#
# Hint 3: `torch.einsum("bkl,ijl->bijk", theta, centres)`, and the same with `tf.einsum`.

# %%
def affine_grid_pt(
    theta: torch.Tensor, height: int, width: int
) -> torch.Tensor:
    """theta: (batch, 2, 3); returns
    (batch, height, width, 2)."""
    x = (2 * torch.arange(width) + 1) / width - 1
    y = (2 * torch.arange(height) + 1) / height - 1
    x, y = torch.meshgrid(x, y, indexing="xy")
    centres = torch.stack([x, y, torch.ones_like(x)], -1)
    return torch.einsum("bkl,ijl->bijk", theta, centres)

# %%
def affine_grid_tf(
    theta: tf.Tensor, height: int, width: int
) -> tf.Tensor:
    """theta: (batch, 2, 3); returns
    (batch, height, width, 2)."""
    x = (2 * tf.range(width, dtype="float32") + 1) / width - 1
    y = (2 * tf.range(height, dtype="float32") + 1) / height - 1
    x, y = tf.meshgrid(x, y)
    centres = tf.stack([x, y, tf.ones_like(x)], -1)
    return tf.einsum("bkl,ijl->bijk", theta, centres)

# %% [markdown]
# **Why:** the third number is 1, so the product adds the last column of `theta`, which is the shift. The other two
# columns rotate and zoom.
