# %% [markdown]
# # Exercises: unfolding
#
# Write the functions of [the chapter](../../chapters/layers/unfolding.ipynb) yourself, from their formulas: in
# PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below
# it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# accepts the shapes that the statement names, returns float32 for float32, and does not change its inputs. With wrong
# values it earns no points. One exercise asks for the gradients themselves, and has fewer points. Each statement says
# which functions of the chapter you may use.
#
# In the first two exercises the channels are on axis 1 in both frameworks, as in `keras.ops.unfold`. In the others
# they are on axis 1 in PyTorch, and on the last axis in TensorFlow. The inputs are small, so that loops are fast
# enough.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Unfold
#
# Copy each window of `kh` rows and `kw` columns into a column of a matrix, in the order (channel, row, column). The
# windows move by `stride`, first along a row. An axis of $n$ pixels has (n − k) // stride + 1 positions. There is no
# padding. Use loops and slices, and none of the functions of the chapter. The method `unfold` of a tensor is not
# allowed either.
#
# Worked case: the image ((1, 2, 3), (4, 5, 6), (7, 8, 9)) with windows of 2 × 2 and the stride 1 has 4 positions. The
# first column is (1, 2, 4, 5), and the second column is (2, 3, 5, 6).
#
# Hint 1: Write a loop over the positions, rows outside and columns inside. Which slice of `x` is the window?
#
# Hint 2: The window begins at row i · stride and column j · stride, and has the shape (batch, channels, kh, kw). Its
# last three axes already have the order of a patch.
#
# Hint 3: Reshape each window to (batch, channels · kh · kw), and stack the patches of all positions on a new last axis.

# %%
def unfold_pt(
    x: torch.Tensor, kh: int, kw: int, stride: int
) -> torch.Tensor:
    """x: (batch, channels, height, width);
    returns (batch, channels · kh · kw, positions)."""
    patches = []
    for i in range(0, x.shape[2] - kh + 1, stride):
        for j in range(0, x.shape[3] - kw + 1, stride):
            window = x[:, :, i : i + kh, j : j + kw]
            patches.append(window.flatten(1))
    return torch.stack(patches, dim=2)

# %%
def unfold_tf(
    x: tf.Tensor, kh: int, kw: int, stride: int
) -> tf.Tensor:
    """x: (batch, channels, height, width);
    returns (batch, channels · kh · kw, positions)."""
    patches = []
    for i in range(0, x.shape[2] - kh + 1, stride):
        for j in range(0, x.shape[3] - kw + 1, stride):
            window = x[:, :, i : i + kh, j : j + kw]
            patches.append(tf.reshape(window, (len(x), -1)))
    return tf.stack(patches, axis=2)

# %% [markdown]
# **Why:** with the channels on axis 1, a window has the axes (channel, row, column), and a reshape joins them in this
# order. With the channels last, the same reshape gives TensorFlow's order.

# %% [markdown]
# ## A convolution by unfold, and its backward pass
#
# Compute a convolution without padding and without a bias as a matrix product of the kernels and the patches. Return
# three tensors: the output, the gradient of the image, and the gradient of the kernel. `upstream` is the gradient of
# the loss with respect to the output. Write formulas, without autograd or tape of the whole convolution.
#
# You may use `unfold` and `fold` of `torch.nn.functional` and of `keras.ops`, and `tf.image.extract_patches` and its
# gradient. Convolutions are not allowed, nor `keras.ops.image.extract_patches`, which is a convolution.
#
# Worked case: for the image ((1, 2, 3), (4, 5, 6)), the kernel ((1, 10), (100, 1000)) and upstream ((1, 2)), the
# output is (5421, 6532). The gradient of the image is ((1, 12, 20), (100, 1200, 2000)), and the gradient of the
# kernel is ((5, 8), (14, 17)).
#
# Hint 1: $Y = W P$, with the matrix of kernels $W$ and the matrix of patches $P$. Which order do the numbers of a
# patch have? The numbers of a kernel must have the same.
#
# Hint 2: With the gradient $G$ of $Y$, the gradient of $W$ is $G P^\top$, summed over the batch, and the gradient of
# $P$ is $W^\top G$. Fold it.
#
# Hint 3: In PyTorch, W is `kernel.flatten(1)` and G is `upstream.flatten(2)`. In TensorFlow, W is
# `tf.reshape(kernel, (-1, out))`, and you can fold with the tape: `tape.gradient(patches, x, output_gradients=…)`.

# %%
def convolution_by_unfold_pt(
    x: torch.Tensor,
    kernel: torch.Tensor,
    upstream: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """x: (batch, in, height, width), kernel: (out, in, kh, kw),
    upstream: (batch, out, rows, columns); returns the output
    and the gradients of x and kernel."""
    size = kernel.shape[2:]
    p = torch.nn.functional.unfold(x, size)
    w, g = kernel.flatten(1), upstream.flatten(2)
    y = (w @ p).reshape(upstream.shape)
    dx = torch.nn.functional.fold(w.T @ g, x.shape[2:], size)
    dw = (g @ p.transpose(1, 2)).sum(0)
    return y, dx, dw.reshape(kernel.shape)

# %%
def convolution_by_unfold_tf(
    x: tf.Tensor, kernel: tf.Tensor, upstream: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """x: (batch, height, width, in), kernel: (kh, kw, in, out),
    upstream: (batch, rows, columns, out); returns the output
    and the gradients of x and kernel."""
    w = tf.reshape(kernel, (-1, kernel.shape[-1]))
    with tf.GradientTape() as tape:
        tape.watch(x)
        sizes = [1, *kernel.shape[:2], 1]
        p = tf.image.extract_patches(
            x, sizes, [1] * 4, [1] * 4, "VALID"
        )
    dp = upstream @ tf.transpose(w)
    dx = tape.gradient(p, x, output_gradients=dp)  # fold
    dw = tf.einsum("brcn,brco->no", p, upstream)
    return p @ w, dx, tf.reshape(dw, kernel.shape)

# %% [markdown]
# **Why:** unfold copies a pixel into several patches. So the pixel's gradient is the sum of the gradients of all these
# copies, and this sum is what fold computes.

# %% [markdown]
# ## Fold
#
# Add patches to an image of zeros, each at its own position. The numbers of a patch have the order (channel, row,
# column), and the positions go along a row first. The windows move by `stride`. Pixels that no window reaches are 0.
# Use none of the functions of the chapter.
#
# Worked case: the patches (1, 3, 5, 7) and (2, 4, 6, 8) with windows of 2 × 2 give an image of 2 × 3 pixels. Its rows
# are (1, 3 + 2, 4) and (5, 7 + 6, 8).
#
# Hint 1: How many rows and columns of positions are there? Reshape the patches to (batch, channels, kh, kw, rows,
# columns).
#
# Hint 2: Write a loop over the places (u, v) of the window. All patches have their number of this place in one slice
# of the image with a step, and these pixels do not overlap.
#
# Hint 3: The slice of the rows is `u : u + (rows − 1) · stride + 1 : stride`, and that of the columns is the same with
# v. In TensorFlow, multiply by `tf.one_hot(tf.range(rows) * stride + u, height)`, of shape (rows, height), and by the
# same for the columns.

# %%
def fold_pt(
    patches: torch.Tensor,
    height: int,
    width: int,
    kh: int,
    kw: int,
    stride: int,
) -> torch.Tensor:
    """patches: (batch, channels · kh · kw, positions);
    returns (batch, channels, height, width)."""
    rows = (height - kh) // stride + 1
    columns = (width - kw) // stride + 1
    p = patches.reshape(len(patches), -1, kh, kw, rows, columns)
    y = torch.zeros(*p.shape[:2], height, width)
    for u in range(kh):
        for v in range(kw):
            down = slice(u, u + (rows - 1) * stride + 1, stride)
            across = slice(
                v, v + (columns - 1) * stride + 1, stride
            )
            y[:, :, down, across] += p[:, :, u, v]
    return y

# %%
def fold_tf(
    patches: tf.Tensor,
    height: int,
    width: int,
    kh: int,
    kw: int,
    stride: int,
) -> tf.Tensor:
    """patches: (batch, channels · kh · kw, positions);
    returns (batch, channels, height, width)."""
    rows = (height - kh) // stride + 1
    columns = (width - kw) // stride + 1
    shape = len(patches), -1, kh, kw, rows, columns
    p, y = tf.reshape(patches, shape), 0.0
    for u in range(kh):
        for v in range(kw):
            i = tf.range(rows) * stride + u
            j = tf.range(columns) * stride + v
            y += tf.einsum(
                "bcij,ih,jw->bchw",
                p[:, :, u, v],
                tf.one_hot(i, height),
                tf.one_hot(j, width),
            )
    return y

# %% [markdown]
# **Why:** for one place of the window, the pixels of all positions are different, so that they can be added at once.
# Only the numbers of different places fall on the same pixel.

# %% [markdown]
# ## Locally connected
#
# Write the forward pass of the removed `LocallyConnected2D`, with its old weights. At each position of the window,
# multiply the patch by the matrix of this position, and add the bias of this position. In both frameworks the weights
# have the shapes of the old Keras layer: `kernel` is (positions, kh · kw · in, out), and `bias` is (rows, columns,
# out). The rows of such a matrix have the order (row, column, channel). There is no padding, and the window moves by
# 1, first along a row. You may use the functions of the chapter that unfold.
#
# Worked case: the image ((1, 2, 3), (4, 5, 6)) with windows of 2 × 2 has two positions. With the kernels (1, 10, 0, 0)
# and (0, 0, 1, 1) and the biases 0.5 and 0.25, the outputs are 1 + 20 + 0.5 = 21.5 and 5 + 6 + 0.25 = 11.25.
#
# Hint 1: Make the patches of all positions. In which order are the numbers of your patches?
#
# Hint 2: Each position has its own matrix product, so the axis of the positions is in both factors and in the result.
#
# Hint 3: In PyTorch, reorder the kernel: reshape it to (positions, kh · kw, in, out), exchange the two axes in the
# middle, reshape back. Then `torch.einsum("bnp,pno->bop", patches, kernel)`. In TensorFlow, reshape the patches to
# (batch, positions, n): `tf.einsum("bpn,pno->bpo", patches, kernel)`.

# %%
def locally_connected_pt(
    x: torch.Tensor,
    kernel: torch.Tensor,
    bias: torch.Tensor,
    kh: int,
    kw: int,
) -> torch.Tensor:
    """x: (batch, in, height, width), kernel: (rows · columns,
    kh · kw · in, out), bias: (rows, columns, out);
    returns (batch, out, rows, columns)."""
    positions, _, n_out = kernel.shape
    split = kernel.reshape(positions, kh * kw, -1, n_out)
    weight = split.transpose(1, 2).flatten(1, 2)
    patches = torch.nn.functional.unfold(x, (kh, kw))
    y = torch.einsum("bnp,pno->bop", patches, weight)
    y = y.unflatten(2, bias.shape[:2])
    return y + bias.permute(2, 0, 1)

# %%
def locally_connected_tf(
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor,
    kh: int,
    kw: int,
) -> tf.Tensor:
    """x: (batch, height, width, in), kernel: (rows · columns,
    kh · kw · in, out), bias: (rows, columns, out);
    returns (batch, rows, columns, out)."""
    patches = tf.image.extract_patches(
        x, [1, kh, kw, 1], [1] * 4, [1] * 4, "VALID"
    )
    patches = tf.reshape(patches, (len(x), *kernel.shape[:2]))
    y = tf.einsum("bpn,pno->bpo", patches, kernel)
    return tf.reshape(y, (len(x), *bias.shape)) + bias

# %% [markdown]
# **Why:** the old layer stored its weights in the order of TensorFlow's patches. So TensorFlow can use them as they
# are. `F.unfold` has the channel first, so in PyTorch the rows of each matrix must be reordered once.

# %% [markdown]
# ## Dilation
#
# Add the kernel to each window, and take the maximum. Each channel has its own kernel. The output has the size of the
# image. What is outside of the image is ignored: where a window reaches over the border, the maximum is over the part
# inside. In both frameworks the kernel has the shape (kh, kw, channels). The window of a pixel begins (kh − 1) // 2
# rows above it and (kw − 1) // 2 columns before it. You may use the functions of the chapter that unfold.
#
# Worked case: the row (−2, −1, −6, −3) with the kernel (0, 1.5, −1) has the first output
# max(−2 + 1.5, −1 − 1) = −0.5, and the second output max(−2 + 0, −1 + 1.5, −6 − 1) = 0.5.
#
# Hint 1: Put a border around the image, so that there is a window for each pixel. Which number never has the maximum?
#
# Hint 2: For each place (u, v) of the window, the image moved by u rows and v columns is a slice of the padded image.
# Add the kernel's numbers of this place, one for each channel.
#
# Hint 3: Pad with −∞: (kh − 1) // 2 rows above, and the rest of the kh − 1 rows below. Then stack
# `padded[:, :, u : u + height, v : v + width] + kernel[u, v][:, None, None]` for all places, and take the maximum. In
# TensorFlow the slice is `padded[:, u : u + height, v : v + width] + kernel[u, v]`.

# %%
def dilation_pt(
    x: torch.Tensor, kernel: torch.Tensor
) -> torch.Tensor:
    """x: (batch, channels, height, width), kernel:
    (kh, kw, channels); returns the shape of x."""
    (kh, kw, _), (height, width) = kernel.shape, x.shape[2:]
    top, left = (kh - 1) // 2, (kw - 1) // 2
    border = left, kw - 1 - left, top, kh - 1 - top
    padded = torch.nn.functional.pad(
        x, border, value=-torch.inf
    )
    moved = [
        padded[:, :, u : u + height, v : v + width]
        + kernel[u, v][:, None, None]
        for u in range(kh)
        for v in range(kw)
    ]
    return torch.stack(moved).amax(0)

# %%
def dilation_tf(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """x: (batch, height, width, channels), kernel:
    (kh, kw, channels); returns the shape of x."""
    (kh, kw, _), (height, width) = kernel.shape, x.shape[1:3]
    top, left = (kh - 1) // 2, (kw - 1) // 2
    border = [top, kh - 1 - top], [left, kw - 1 - left]
    border = [0, 0], *border, [0, 0]
    padded = tf.pad(x, border, constant_values=-float("inf"))
    moved = [
        padded[:, u : u + height, v : v + width] + kernel[u, v]
        for u in range(kh)
        for v in range(kw)
    ]
    return tf.reduce_max(tf.stack(moved), axis=0)

# %% [markdown]
# **Why:** −∞ plus a number is −∞, which is the maximum only if there is nothing else. A border of zeros has the
# maximum where the image is negative.
