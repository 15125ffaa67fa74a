# %% [markdown]
# # Exercises: convolution
#
# Write the layers of [the chapter](../../chapters/layers/convolution.ipynb) yourself, from their formulas: in
# PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check
# below it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# accepts the shapes that the statement names, returns float32 for float32, and does not change its inputs.
# With wrong values it earns no points. One exercise asks for the gradients themselves, and has fewer points. You
# may multiply matrices (`@`, `matmul`, `einsum`), add and pad. Do not use the layers and functions of the
# chapter.
#
# Each framework has its own layout. In PyTorch the channels are axis 1 of the input, and a kernel has the shape
# (out, in, size). In TensorFlow the channels are the last axis, and a kernel has the shape (size, in, out). The
# inputs are small, so that loops are fast enough.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Convolution
#
# Write the convolution of a batch of images, with a bias and a stride, and without padding. The kernel is not
# flipped. An axis of the output has (n − k) // stride + 1 positions.
#
# Worked case: the image ((1, 2, 0), (0, 1, 3), (2, 0, 1)) with one channel, the kernel ((1, 2), (3, 4)), the bias
# 0.5 and the stride 1 give at the first position 1 · 1 + 2 · 2 + 0 · 3 + 1 · 4 + 0.5 = 9.5.
#
# Hint 1: Write a loop over the positions. Which part of `x` does the window of the output (i, j) contain?
#
# Hint 2: The window begins at row i · stride and column j · stride. Multiply it by the kernel, and sum over the
# input channels and over both axes of the window.
#
# Hint 3: `torch.einsum("bcuv,ocuv->bo", window, kernel)`, `tf.einsum("buvc,uvco->bo", window, kernel)`; then stack
# the results of all positions.

# %%
def convolution_pt(
    x: torch.Tensor,
    kernel: torch.Tensor,
    bias: torch.Tensor,
    stride: int,
) -> torch.Tensor:
    """x: (batch, in, height, width), kernel: (out, in, kh, kw),
    bias: (out,); returns (batch, out, rows, columns)."""
    kh, kw = kernel.shape[2:]
    rows = []
    for i in range(0, x.shape[2] - kh + 1, stride):
        row = []
        for j in range(0, x.shape[3] - kw + 1, stride):
            window = x[:, :, i : i + kh, j : j + kw]
            y = torch.einsum("bcuv,ocuv->bo", window, kernel)
            row.append(y + bias)
        rows.append(torch.stack(row, -1))
    return torch.stack(rows, -2)

# %%
def convolution_tf(
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor,
    stride: int,
) -> tf.Tensor:
    """x: (batch, height, width, in), kernel: (kh, kw, in, out),
    bias: (out,); returns (batch, rows, columns, out)."""
    kh, kw = kernel.shape[:2]
    rows = []
    for i in range(0, x.shape[1] - kh + 1, stride):
        row = []
        for j in range(0, x.shape[2] - kw + 1, stride):
            window = x[:, i : i + kh, j : j + kw]
            y = tf.einsum("buvc,uvco->bo", window, kernel)
            row.append(y + bias)
        rows.append(tf.stack(row, 1))
    return tf.stack(rows, 1)

# %% [markdown]
# **Why:** each output is the product of one window and one kernel, summed over everything but the batch and the
# output channel.

# %% [markdown]
# ## A convolution as a matrix product
#
# Return two tensors: all patches of a signal, and the convolution of the signal, computed from the patches with
# one product. There is no bias, no padding, and the stride is 1. The patch at a position has the numbers from this
# position on, as many as the kernel has. The patches have the shape (batch, in, positions, size) in PyTorch, and
# (batch, positions, size, in) in TensorFlow.
#
# Worked case: the signal (1, 2, 0, 3) and a kernel of size 2 have the patches (1, 2), (2, 0) and (0, 3). With the
# kernel (1, 10) the outputs are 21, 2 and 30.
#
# Hint 1: There are length − size + 1 positions, and neighbouring patches overlap.
#
# Hint 2: Stack the slices of all positions along a new axis. Then sum over the input channels and the places
# inside the patch.
#
# Hint 3: `torch.einsum("bcpk,ock->bop", patches, kernel)`, `tf.einsum("bpkc,kco->bpo", patches, kernel)`.

# %%
def convolution_by_patches_pt(
    x: torch.Tensor, kernel: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """x: (batch, in, length), kernel: (out, in, size); returns
    (batch, in, positions, size), (batch, out, positions)."""
    size = kernel.shape[2]
    n = x.shape[2] - size + 1
    slices = [x[:, :, p : p + size] for p in range(n)]
    patches = torch.stack(slices, 2)
    y = torch.einsum("bcpk,ock->bop", patches, kernel)
    return patches, y

# %%
def convolution_by_patches_tf(
    x: tf.Tensor, kernel: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """x: (batch, length, in), kernel: (size, in, out); returns
    (batch, positions, size, in), (batch, positions, out)."""
    size = kernel.shape[0]
    n = x.shape[1] - size + 1
    slices = [x[:, p : p + size] for p in range(n)]
    patches = tf.stack(slices, 1)
    y = tf.einsum("bpkc,kco->bpo", patches, kernel)
    return patches, y

# %% [markdown]
# **Why:** if every position has its own row, the loop over the positions is a matrix product. Many libraries
# compute convolutions in this way, because matrix products are fast. The patches need about as many times the
# memory of the input as the kernel has places.

# %% [markdown]
# ## The gradients of a convolution
#
# Return the three gradients of the convolution of a signal, of the input, of the kernel and of the bias, in this
# order. `upstream` is the gradient of the loss with respect to the output. There is a stride and no padding. Write
# formulas, without autograd or tape.
#
# Worked case: for the signal (1, 2, 0, 3), the kernel (1, 10), the stride 1 and upstream (1, 2, 3), the gradients
# are (1, 12, 23, 30), (5, 11) and (6).
#
# Hint 1: The forward pass multiplies weight $t$ by the input at p · stride + $t$ and adds to the output at
# position $p$. Which gradients does this product send back?
#
# Hint 2: For each $t$, the inputs that it reads are a slice with a step. Their gradient is upstream times weight
# $t$, and the gradient of weight $t$ is upstream times these inputs. Sum over the axes that the result has not.
#
# Hint 3: The slice is `t : t + (n − 1) · stride + 1 : stride`, for n positions. PyTorch: `"bop,oi->bip"` for the
# input, `"bop,bip->oi"` for the kernel. TensorFlow: multiply by `tf.one_hot(tf.range(n) * stride + t, length)`, of
# shape (positions, length).

# %%
def convolution_gradients_pt(
    x: torch.Tensor,
    kernel: torch.Tensor,
    upstream: torch.Tensor,
    stride: int,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """x: (batch, in, length), kernel: (out, in, size),
    upstream: (batch, out, positions); returns the gradients of
    x, kernel and bias, which has the shape (out,)."""
    n = upstream.shape[2]
    dx, dk = torch.zeros_like(x), torch.zeros_like(kernel)
    for t in range(kernel.shape[2]):
        at = slice(t, t + (n - 1) * stride + 1, stride)
        w, read = kernel[:, :, t], x[:, :, at]
        dx[:, :, at] += torch.einsum("bop,oi->bip", upstream, w)
        d = torch.einsum("bop,bip->oi", upstream, read)
        dk[:, :, t] = d
    return dx, dk, upstream.sum((0, 2))

# %%
def convolution_gradients_tf(
    x: tf.Tensor,
    kernel: tf.Tensor,
    upstream: tf.Tensor,
    stride: int,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """x: (batch, length, in), kernel: (size, in, out),
    upstream: (batch, positions, out); returns the gradients of
    x, kernel and bias, which has the shape (out,)."""
    n, length = upstream.shape[1], x.shape[1]
    dx, dk = tf.zeros_like(x), []
    for t in range(kernel.shape[0]):
        at = tf.one_hot(tf.range(n) * stride + t, length)
        back = tf.einsum("bpo,pl->blo", upstream, at)
        dx += tf.einsum("blo,io->bli", back, kernel[t])
        dk.append(tf.einsum("blo,bli->io", back, x))
    return dx, tf.stack(dk), tf.reduce_sum(upstream, (0, 1))

# %% [markdown]
# **Why:** the backward pass sends each number back on the way on which it came: with the same weight, to the same
# place. Where windows overlap, an input was used several times, so its gradients are added.

# %% [markdown]
# ## The zeros of `"same"`
#
# Add to a signal the zeros that Keras's `padding="same"` adds before a convolution. With the stride $s$, the output
# must have ⌈length / s⌉ positions. Add the smallest number of zeros that is enough for this. Half of them are in
# front, and if the number is odd, the odd zero is behind. If no zeros are necessary, return the signal as it is.
#
# Worked case: 6 numbers, a kernel of size 3 and the stride 2 need 3 positions. The last window ends at 2 · 2 + 3 =
# 7. So one zero is necessary, and it is behind: (1, 2, 3, 4, 5, 6, 0).
#
# Hint 1: Over how many numbers does a kernel of this size reach with this dilation? Where does the last window
# begin?
#
# Hint 2: With ⌈length / s⌉ positions, the last window begins at (⌈length / s⌉ − 1) · s. It reaches over (size − 1) ·
# dilation + 1 numbers. How much is this more than the length?
#
# Hint 3: `-(-n // stride)` is rounded up, and `max(…, 0)` is never negative. Then
# `torch.nn.functional.pad(x, (before, after))`, `tf.pad(x, [[0, 0], [before, after], [0, 0]])`.

# %%
def pad_same_pt(
    x: torch.Tensor, size: int, stride: int, dilation: int
) -> torch.Tensor:
    """x: (batch, channels, length); returns (batch, channels,
    length + zeros)."""
    n = x.shape[2]
    last = (-(-n // stride) - 1) * stride
    zeros = max(last + (size - 1) * dilation + 1 - n, 0)
    pair = (zeros // 2, zeros - zeros // 2)
    return torch.nn.functional.pad(x, pair)

# %%
def pad_same_tf(
    x: tf.Tensor, size: int, stride: int, dilation: int
) -> tf.Tensor:
    """x: (batch, length, channels); returns (batch,
    length + zeros, channels)."""
    n = x.shape[1]
    last = (-(-n // stride) - 1) * stride
    zeros = max(last + (size - 1) * dilation + 1 - n, 0)
    pair = [zeros // 2, zeros - zeros // 2]
    return tf.pad(x, [[0, 0], pair, [0, 0]])

# %% [markdown]
# **Why:** PyTorch's `padding=1` adds a zero on both sides, whatever the length. Keras adds only what the last
# window needs. So with a stride the two differ for some lengths, although the outputs have equal shapes.

# %% [markdown]
# ## Dilated convolution
#
# Write the dilated convolution of a signal: neighbouring weights read numbers that are `dilation` places apart.
# There is no bias, no padding, and the stride is 1.
#
# Worked case: the signal (1, 2, 0, 3, 5), the kernel (1, 10) and the dilation 2 give 1 + 10 · 0 = 1, 2 + 10 · 3 =
# 32 and 0 + 10 · 5 = 50.
#
# Hint 1: How many positions are there, if the last weight reads (size − 1) · dilation places behind the first?
#
# Hint 2: Loop over the weights, and not over the positions: weight $t$ reads the slice of `x` that starts at t ·
# dilation. All slices have the same length.
#
# Hint 3: With n positions, `torch.einsum("bip,oi->bop", x[:, :, t * dilation : t * dilation + n], kernel[:, :, t])`,
# `x[:, t * dilation : t * dilation + n] @ kernel[t]`; add over all $t$.

# %%
def dilated_convolution_pt(
    x: torch.Tensor, kernel: torch.Tensor, dilation: int
) -> torch.Tensor:
    """x: (batch, in, length), kernel: (out, in, size); returns
    (batch, out, length - (size - 1) * dilation)."""
    size = kernel.shape[2]
    n = x.shape[2] - (size - 1) * dilation
    y = 0
    for t in range(size):
        read = x[:, :, t * dilation : t * dilation + n]
        y = y + kernel[:, :, t] @ read
    return y

# %%
def dilated_convolution_tf(
    x: tf.Tensor, kernel: tf.Tensor, dilation: int
) -> tf.Tensor:
    """x: (batch, length, in), kernel: (size, in, out); returns
    (batch, length - (size - 1) * dilation, out)."""
    size = kernel.shape[0]
    n = x.shape[1] - (size - 1) * dilation
    y = 0.0
    for t in range(size):
        read = x[:, t * dilation : t * dilation + n]
        y += read @ kernel[t]
    return y

# %% [markdown]
# **Why:** a convolution is a sum over the weights, and each weight multiplies a shifted signal. The dilation only
# changes by how much the signal is shifted.

# %% [markdown]
# ## Causal convolution
#
# Repair the dilated convolution for sequences in time: the output must have the length of the input, and the
# output at a time must depend only on inputs at this time and before. The numbers before the beginning are 0. The
# last weight belongs to the newest input.
#
# Worked case: the signal (1, 2, 0, 3), the kernel (10, 1) and the dilation 1 give 1, 10 · 1 + 2 = 12, 10 · 2 + 0 =
# 20 and 10 · 0 + 3 = 3.
#
# Hint 1: Without padding, how many outputs are missing? On which side must zeros be, so that no output reads the
# future?
#
# Hint 2: Put (size − 1) · dilation zeros in front, and none behind.
#
# Hint 3: `torch.nn.functional.pad(x, (zeros, 0))`, `tf.pad(x, [[0, 0], [zeros, 0], [0, 0]])`, then the loop of the
# exercise before.

# %%
def causal_convolution_pt(
    x: torch.Tensor, kernel: torch.Tensor, dilation: int
) -> torch.Tensor:
    """x: (batch, in, length), kernel: (out, in, size); returns
    (batch, out, length)."""
    size, n = kernel.shape[2], x.shape[2]
    x = torch.nn.functional.pad(x, ((size - 1) * dilation, 0))
    y = 0
    for t in range(size):
        read = x[:, :, t * dilation : t * dilation + n]
        y = y + kernel[:, :, t] @ read
    return y

# %%
def causal_convolution_tf(
    x: tf.Tensor, kernel: tf.Tensor, dilation: int
) -> tf.Tensor:
    """x: (batch, length, in), kernel: (size, in, out); returns
    (batch, length, out)."""
    size, n = kernel.shape[0], x.shape[1]
    x = tf.pad(x, [[0, 0], [(size - 1) * dilation, 0], [0, 0]])
    y = 0.0
    for t in range(size):
        read = x[:, t * dilation : t * dilation + n]
        y += read @ kernel[t]
    return y

# %% [markdown]
# **Why:** the window of the output at time $i$ starts (size − 1) · dilation places before $i$, so it ends at $i$.
# `padding="same"` puts half of the zeros behind the sequence, and then outputs read the future.

# %% [markdown]
# ## Grouped convolution
#
# Write the grouped convolution of a signal: divide the input channels and the output channels into `groups`
# groups of neighbours. The outputs of a group read only the inputs of the same group. There is no bias, no padding,
# and the stride is 1. The kernel has in / groups input channels: its shape is (out, in / groups, size) in PyTorch,
# and (size, in / groups, out) in TensorFlow.
#
# Worked case: two channels (1, 2, 3) and (4, 5, 6), and 2 groups with the kernels (1, 10) and (100, 0) give the two
# outputs (21, 32) and (400, 500).
#
# Hint 1: How many input channels, and how many output channels, does a group have?
#
# Hint 2: Split `x` along its channels, and `kernel` along its output channels. Each pair of parts is a convolution.
#
# Hint 3: `x.chunk(groups, 1)` and `kernel.chunk(groups, 0)`; `tf.split(x, groups, -1)` and `tf.split(kernel, groups,
# -1)`. Concatenate the outputs along the channels.

# %%
def grouped_convolution_pt(
    x: torch.Tensor, kernel: torch.Tensor, groups: int
) -> torch.Tensor:
    """x: (batch, in, length), kernel: (out, in / groups, size);
    returns (batch, out, length - size + 1)."""
    windows = x.unfold(2, kernel.shape[2], 1).chunk(groups, 1)
    kernels = kernel.chunk(groups, 0)
    sums = "bcpk,ock->bop"
    parts = [torch.einsum(sums, windows[g], kernels[g])
             for g in range(groups)]
    return torch.cat(parts, 1)

# %%
def grouped_convolution_tf(
    x: tf.Tensor, kernel: tf.Tensor, groups: int
) -> tf.Tensor:
    """x: (batch, length, in), kernel: (size, in / groups, out);
    returns (batch, length - size + 1, out)."""
    size = kernel.shape[0]
    n = x.shape[1] - size + 1
    parts = []
    xs, kernels = (tf.split(v, groups, -1) for v in (x, kernel))
    for g in range(groups):
        taps = [xs[g][:, t : t + n] @ kernels[g][t]
                for t in range(size)]
        parts.append(tf.add_n(taps))
    return tf.concat(parts, -1)

# %% [markdown]
# **Why:** a grouped convolution is several small convolutions side by side. Each has its own input channels and its
# own kernels.

# %% [markdown]
# ## Depthwise convolution
#
# Write the depthwise convolution of a signal: each input channel has `multiplier` kernels of its own, and each of
# them makes an output channel. Output channel c · multiplier + m comes from input channel c and its kernel m. There
# is no bias, no padding, and the stride is 1. The kernel has the shape (multiplier, channels, size) in PyTorch, and
# (size, channels, multiplier), which is Keras's own, in TensorFlow.
#
# Worked case: two channels (1, 2, 3) and (4, 5, 6), with one kernel each, (1, 10) and (100, 0), give (21, 32) and
# (400, 500).
#
# Hint 1: No output reads two channels. Over which letters of the formula do you sum?
#
# Hint 2: First compute the outputs with two axes for channel and multiplier, then join these two axes. The channel
# must come first.
#
# Hint 3: `torch.einsum("bcpk,mck->bcmp", windows, kernel).flatten(1, 2)`; `tf.einsum("bpkc,kcm->bpcm", windows,
# kernel)`, then a reshape.

# %%
def depthwise_convolution_pt(
    x: torch.Tensor, kernel: torch.Tensor
) -> torch.Tensor:
    """x: (batch, channels, length), kernel: (multiplier,
    channels, size); returns (batch, channels * multiplier,
    length - size + 1)."""
    windows = x.unfold(2, kernel.shape[2], 1)
    y = torch.einsum("bcpk,mck->bcmp", windows, kernel)
    return y.flatten(1, 2)

# %%
def depthwise_convolution_tf(
    x: tf.Tensor, kernel: tf.Tensor
) -> tf.Tensor:
    """x: (batch, length, channels), kernel: (size, channels,
    multiplier); returns (batch, length - size + 1,
    channels * multiplier)."""
    size, channels, multiplier = kernel.shape
    n = x.shape[1] - size + 1
    y = 0.0
    for t in range(size):
        y += x[:, t : t + n, :, None] * kernel[t]
    return tf.reshape(y, (-1, n, channels * multiplier))

# %% [markdown]
# **Why:** without the sum over the channels, channel and multiplier are two axes of the output. Keras joins them
# with the channel first, and so does PyTorch's `groups`.

# %% [markdown]
# ## Keras's depthwise kernel in PyTorch
#
# Convert the kernel of Keras's `DepthwiseConv2D` to the weight of PyTorch's `nn.Conv2d(…, groups=channels)`. The
# kernel has the shape (height, width, channels, multiplier). The weight has the shape (channels · multiplier, 1,
# height, width), and both layers must compute the same outputs. In both frameworks, the argument has Keras's layout,
# and the result PyTorch's.
#
# Worked case: a kernel of shape (1, 2, 2, 2) with the numbers 0, 1, …, 7 becomes a weight of shape (4, 1, 1, 2) with
# the rows (0, 4), (1, 5), (2, 6) and (3, 7).
#
# Hint 1: Output channel c · multiplier + m comes from input channel c. So which of the two axes must be the outer
# one, when you join them?
#
# Hint 2: First transpose to (channels, multiplier, height, width), and then reshape.
#
# Hint 3: `kernel.permute(2, 3, 0, 1)`, `tf.transpose(kernel, (2, 3, 0, 1))`; then a reshape to (channels ·
# multiplier, 1, height, width).

# %%
def depthwise_weight_pt(kernel: torch.Tensor) -> torch.Tensor:
    """kernel: (height, width, channels, multiplier); returns
    (channels * multiplier, 1, height, width)."""
    height, width, _, _ = kernel.shape
    moved = kernel.permute(2, 3, 0, 1)
    return moved.reshape(-1, 1, height, width)

# %%
def depthwise_weight_tf(kernel: tf.Tensor) -> tf.Tensor:
    """kernel: (height, width, channels, multiplier); returns
    (channels * multiplier, 1, height, width)."""
    height, width, _, _ = kernel.shape
    moved = tf.transpose(kernel, (2, 3, 0, 1))
    return tf.reshape(moved, (-1, 1, height, width))

# %% [markdown]
# **Why:** with the axes (multiplier, channels) the reshape gives the same shape, and each channel gets kernels of
# other channels. No error tells you so.

# %% [markdown]
# ## Separable convolution
#
# Write the separable convolution of a signal: a depthwise convolution, then a convolution of size 1 that mixes the
# channels, and a bias at the end. There is no activation between the two steps. `depthwise` has the shapes of the
# exercise on depthwise convolution. `pointwise` is a kernel of size 1 with channels · multiplier input channels.
#
# Worked case: two channels (1, 2, 3) and (4, 5, 6), with the depthwise kernels (1, 1) and (0, 1), give (3, 5) and (5,
# 6). With the pointwise kernel (1, 10) and the bias 0.5, the output is (3 + 50 + 0.5, 5 + 60 + 0.5) = (53.5, 65.5).
#
# Hint 1: You have written the first step above. What does a convolution of size 1 do at each position?
#
# Hint 2: A convolution of size 1 is a dense layer along the channels, the same at each position.
#
# Hint 3: `pointwise[:, :, 0] @ y + bias[:, None]`, `y @ pointwise[0] + bias`.

# %%
def separable_convolution_pt(
    x: torch.Tensor,
    depthwise: torch.Tensor,
    pointwise: torch.Tensor,
    bias: torch.Tensor,
) -> torch.Tensor:
    """x: (batch, channels, length), depthwise: (multiplier,
    channels, size), pointwise: (out, channels * multiplier, 1),
    bias: (out,); returns (batch, out, length - size + 1)."""
    windows = x.unfold(2, depthwise.shape[2], 1)
    y = torch.einsum("bcpk,mck->bcmp", windows, depthwise)
    return pointwise[:, :, 0] @ y.flatten(1, 2) + bias[:, None]

# %%
def separable_convolution_tf(
    x: tf.Tensor,
    depthwise: tf.Tensor,
    pointwise: tf.Tensor,
    bias: tf.Tensor,
) -> tf.Tensor:
    """x: (batch, length, channels), depthwise: (size, channels,
    multiplier), pointwise: (1, channels * multiplier, out),
    bias: (out,); returns (batch, length - size + 1, out)."""
    size, channels, multiplier = depthwise.shape
    n = x.shape[1] - size + 1
    y = 0.0
    for t in range(size):
        y += x[:, t : t + n, :, None] * depthwise[t]
    y = tf.reshape(y, (-1, n, channels * multiplier))
    return y @ pointwise[0] + bias

# %% [markdown]
# **Why:** the depthwise step sees neighbours and no other channels, and the pointwise step sees other channels and no
# neighbours. Together they need far fewer weights than one kernel that sees both.
