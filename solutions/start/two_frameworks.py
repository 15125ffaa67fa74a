# %% [markdown]
# # Exercises: two frameworks
#
# These six exercises convert between the two frameworks' conventions, as [the
# chapter](../../chapters/start/two_frameworks.ipynb) does. Write them in PyTorch, in TensorFlow, or in
# both. Replace the line that raises, run the cell, then run the check below it. The check tells you at
# once what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** (where there are any) and its
# **robustness**: other shapes and sizes, float32 results, and inputs that are left unchanged. Wrong
# values earn no point at all. You may use every function of the framework, unless the exercise says
# otherwise. NumPy does not help, because no gradient comes back through it.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch
import torch.nn as nn

# %% imports-tf tags=["tensorflow"]
import keras
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and leave the other's cells alone.
#
# ## Pixels from −1 to 1
#
# Convert pixels, which are integers from 0 to 255 of dtype uint8, to float32 numbers from −1 to 1.
#
# Worked case: 0 becomes −1, 51 becomes −0.6, 255 becomes 1.
#
# Hint 1: What is 0 − 128 in 8-bit integers without a sign?
#
# Hint 2: Change the dtype before you calculate. Then scale the range from 0 to 255 to one from 0 to 2, and
# shift it down by 1.
#
# Hint 3: `x.to(torch.float32) / … - 1`, `tf.cast(x, tf.float32) / … - 1`.

# %%
def signed_pixels_pt(x: torch.Tensor) -> torch.Tensor:
    """x: uint8, any shape; returns float32, the same shape."""
    return x.to(torch.float32) / 127.5 - 1

# %%
def signed_pixels_tf(x: tf.Tensor) -> tf.Tensor:
    return tf.cast(x, tf.float32) / 127.5 - 1

# %% [markdown]
# **Why:** PyTorch would promote `x / 127.5` without being asked, and TensorFlow would raise. An explicit
# cast does the same in both.

# %% [markdown]
# ## Channels last
#
# Convert a batch of images from PyTorch's layout, (batch, channels, height, width), to TensorFlow's,
# (batch, height, width, channels).
#
# Worked case: in an image of 2 × 2 pixels, channel 0 holds 0 to 3, channel 1 holds 4 to 7, and channel 2
# holds 8 to 11. Its first pixel becomes (0, 4, 8), and the pixel beside it (1, 5, 9).
#
# Hint 1: Does the first pixel of your answer hold numbers of one channel, or of all?
#
# Hint 2: Reorder the axes, do not reshape. Height stays before width.
#
# Hint 3: `x.permute(…)`, `tf.transpose(x, (…))`: for each axis of the answer, which axis of `x` is it?

# %%
def to_channels_last_pt(x: torch.Tensor) -> torch.Tensor:
    """x: (batch, channels, height, width)."""
    return x.permute(0, 2, 3, 1)

# %%
def to_channels_last_tf(x: tf.Tensor) -> tf.Tensor:
    return tf.transpose(x, (0, 2, 3, 1))

# %% [markdown]
# **Why:** a reshape leaves all numbers in their order in memory. Only reordering the axes brings the
# numbers of one pixel together.

# %% [markdown]
# ## With another row
#
# Return a copy of the matrix `x` in which row number `i` is `row`. `x` itself stays unchanged, and
# gradients reach both `x` and `row`.
#
# Worked case: with `x` = [[1, 2], [3, 4]], `row` = [7, 8] and `i` = 1 the answer is [[1, 2], [7, 8]], and
# `x` is still [[1, 2], [3, 4]] afterwards.
#
# Hint 1: In PyTorch: whose memory do you write to? In TensorFlow: can you write to a tensor at all?
#
# Hint 2: Write to a copy that the framework made, or join three parts: the rows before, `row`, and the rows
# after.
#
# Hint 3: In PyTorch, `y = x.clone()` and then one assignment. In TensorFlow,
# `tf.tensor_scatter_nd_update(x, [[…]], …)`, where the update is a matrix of one row, `row[None]`. A new
# `tf.Variable` would cut the gradient.

# %%
def with_row_pt(
    x: torch.Tensor, row: torch.Tensor, i: int
) -> torch.Tensor:
    """x: (rows, columns); row: (columns,)."""
    y = x.clone()
    y[i] = row
    return y

# %%
def with_row_tf(
    x: tf.Tensor, row: tf.Tensor, i: int
) -> tf.Tensor:
    return tf.tensor_scatter_nd_update(x, [[i]], row[None])

# %% [markdown]
# **Why:** `clone` is recorded like any other operation, so the gradient passes through it. `detach` or
# NumPy would copy the numbers without a record.

# %% [markdown]
# ## Two slopes
#
# A linear model predicts `x @ w`, a matrix times a vector. Return the gradients with respect to `w` of its
# mean squared error and of its mean absolute error, in this order. Compute them with autograd or with a
# tape. The three inputs are plain tensors that nothing watches yet; leave them unchanged.
#
# Worked case: with `w` = [2], `x` = [[3]] and `y` = [1] the prediction is 6, which is 5 too large. The
# gradients are 2 · 5 · 3 = 30 and 3.
#
# Hint 1: Print the second gradient alone, and then after the first. Is it the same? Can the tape be asked
# twice?
#
# Hint 2: `.grad` accumulates: clear it between the two, after you have kept what it held, or use
# `torch.autograd.grad`. A tape must be persistent, and must watch `w`.
#
# Hint 3: In PyTorch, `torch.autograd.grad(loss, w)` after `w = w.clone().requires_grad_()`. In TensorFlow,
# `tape.watch(w)`, and `tf.linalg.matvec(x, w)` for the product.

# %%
def two_slopes_pt(w, x, y) -> tuple[torch.Tensor, torch.Tensor]:
    """w: (n,); x: (batch, n); y: (batch,); returns two (n,)."""
    w = w.clone().requires_grad_()
    squared = ((x @ w - y) ** 2).mean()
    absolute = (x @ w - y).abs().mean()
    (first,) = torch.autograd.grad(squared, w)
    (second,) = torch.autograd.grad(absolute, w)
    return first, second

# %%
def two_slopes_tf(w, x, y) -> tuple[tf.Tensor, tf.Tensor]:
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(w)
        off = tf.linalg.matvec(x, w) - y
        squared = tf.reduce_mean(off**2)
        absolute = tf.reduce_mean(tf.abs(off))
    return tape.gradient(squared, w), tape.gradient(absolute, w)

# %% [markdown]
# **Why:** `torch.autograd.grad` returns the gradient, as a tape does, and leaves `.grad` alone. With
# `backward` the second gradient would be added to the first.

# %% [markdown]
# ## Centred
#
# Write a layer that subtracts a mean from each feature. In training it subtracts the mean of the batch, over
# axis 0. In evaluation it subtracts the mean that it has stored in `.mean`.
#
# The stored mean starts with the numbers of `start`. After each batch in training, and only then, it becomes
# `(1 - momentum) * mean + momentum * batch_mean`. It is saved with the layer and never trained: a buffer in
# PyTorch, a weight with `trainable=False` in Keras. The gradient passes through the batch's mean. The
# frameworks' own BatchNorm is not allowed, neither the layer nor the function.
#
# Worked case: with `start` = [3] and `momentum` = 0.25, the batch [[4], [−2]] becomes [[3], [−3]] in
# training, and the stored mean becomes 2.5. In evaluation the batch becomes [[1], [−5]], and the stored mean
# stays 3.
#
# Hint 1: Who knows the mode: the module, or the call?
#
# Hint 2: `self.training` in PyTorch, the argument `training` of `call` in Keras. In PyTorch, `detach` the
# batch's mean before you store it, so that the graph of the batch is not kept with it. In Keras, change a
# variable with `assign`.
#
# Hint 3: `self.register_buffer("mean", torch.tensor(start))`; `self.mean = keras.Variable(start, trainable=False)`.

# %%
class centred_pt(nn.Module):
    """x: (batch, features); start: a number per feature."""

    def __init__(self, start: list[float], momentum: float):
        super().__init__()
        ### BEGIN SOLUTION
        self.momentum = momentum
        self.register_buffer("mean", torch.tensor(start))
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        if not self.training:
            return x - self.mean
        mean = x.mean(0)  # (features,)
        self.mean.lerp_(mean.detach(), self.momentum)
        return x - mean
        ### END SOLUTION

# %%
class centred_tf(keras.layers.Layer):

    def __init__(self, start: list[float], momentum: float):
        super().__init__()
        ### BEGIN SOLUTION
        self.momentum = momentum
        self.mean = keras.Variable(start, trainable=False)
        ### END SOLUTION

    def call(self, x: tf.Tensor, training=False) -> tf.Tensor:
        ### BEGIN SOLUTION
        if not training:
            return x - self.mean
        mean = tf.reduce_mean(x, 0)  # (features,)
        self.mean.assign_add(self.momentum * (mean - self.mean))
        return x - mean
        ### END SOLUTION

# %% [markdown]
# **Why:** this is what BatchNorm does with its mean. A plain attribute would be lost when the layer is
# saved, and an optimizer with weight decay would change a parameter.

# %% [markdown]
# ## The kernel behind Flatten
#
# Convert the weight of a PyTorch `Linear` behind `Flatten` to the kernel of a Keras `Dense` behind `Flatten`.
# The weight is (out, channels · height · width), with its columns in the order channel, height, width. The
# kernel is (height · width · channels, out), with its rows in the order height, width, channel.
#
# Worked case: one output, 2 channels, height 1, width 2. In the weight [[0, 1, 2, 3]], 0 and 1 belong to
# channel 0, and 2 and 3 to channel 1. The kernel is [[0], [2], [1], [3]].
#
# Hint 1: A transpose has the right shape. Which pixel's weight is in its second row, and which should be?
#
# Hint 2: Undo the flattening: reshape each row of the weight to (channels, height, width). Then reorder the
# axes, and flatten again.
#
# Hint 3: Reshape to (out, −1, height, width), reorder with (2, 3, 1, 0), reshape to (−1, out).

# %%
def kernel_behind_flatten_pt(
    weight: torch.Tensor, height: int, width: int
) -> torch.Tensor:
    """weight: (out, channels · height · width)."""
    n_out = weight.shape[0]
    blocks = weight.reshape(n_out, -1, height, width)
    turned = blocks.permute(2, 3, 1, 0)
    return turned.reshape(-1, n_out)

# %%
def kernel_behind_flatten_tf(
    weight: tf.Tensor, height: int, width: int
) -> tf.Tensor:
    n_out = weight.shape[0]
    blocks = tf.reshape(weight, (n_out, -1, height, width))
    turned = tf.transpose(blocks, (2, 3, 1, 0))
    return tf.reshape(turned, (-1, n_out))

# %% [markdown]
# **Why:** the order can be changed only while height, width and channels are axes of their own. Moving
# `out` to the last axis transposes the dense weight at the same time.
