# %% [markdown]
# # Exercises: two frameworks
#
# Six crossings from one framework's conventions to the other's, as in
# [the chapter](../../chapters/start/two_frameworks.ipynb): write them in PyTorch, in TensorFlow, or
# in both. Replace the line that raises, run the cell, then run the check below it. It tells you at
# once what is right, and what you got wrong.
#
# An answer earns a point each for its **values**, its **gradients** (where there are any) and its
# **robustness**: other shapes and sizes, float32 as the dtype, and inputs that are left as they were.
# With wrong values it earns none. Every function of the framework is allowed, unless the exercise says
# otherwise; NumPy is not a way, because no gradient comes through it.

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
# Turn pixels, whole numbers from 0 to 255 of dtype uint8, into float32 numbers from −1 to 1.
#
# Worked case: 0 becomes −1, 51 becomes −0.6, 255 becomes 1.
#
# Hint 1: What is 0 − 128 in 8 bits that know no sign?
#
# Hint 2: Change the dtype before you calculate. Then the range from 0 to 255 must become one from 0 to 2, and that
# one be shifted.
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
# **Why:** PyTorch would promote `x / 127.5` by itself, and TensorFlow refuse it: an explicit cast means the
# same in both.

# %% [markdown]
# ## Channels last
#
# Turn a batch of images from PyTorch's layout, (batch, channels, height, width), into TensorFlow's,
# (batch, height, width, channels).
#
# Worked case: in an image of 2 × 2 pixels, channel 0 holds 0 to 3, channel 1 holds 4 to 7, channel 2
# holds 8 to 11. Its first pixel becomes (0, 4, 8), the one beside it (1, 5, 9).
#
# Hint 1: Does the first pixel of your answer hold numbers of one channel, or of all?
#
# Hint 2: Turn the axes, do not reshape. Height must stay before width.
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
# **Why:** a reshape deals the same row of numbers out anew; only turning the axes keeps the numbers
# of a pixel together.

# %% [markdown]
# ## With another row
#
# Return a tensor like the matrix `x` whose row number `i` is `row`. `x` itself stays as it is, and
# gradients reach both `x` and `row`.
#
# Worked case: with `x` = [[1, 2], [3, 4]], `row` = [7, 8] and `i` = 1 comes [[1, 2], [7, 8]], and
# afterwards `x` is still [[1, 2], [3, 4]].
#
# Hint 1: In PyTorch: whose memory do you write to? In TensorFlow: can you write at all?
#
# Hint 2: Write to a copy that autograd knows of, or put the answer together: the rows before, `row`, the rows
# after.
#
# Hint 3: `y = x.clone()`, and then one assignment; `tf.tensor_scatter_nd_update(x, [[…]], …)`, where the update is
# a matrix of one row, `row[None]`. A new `tf.Variable` would cut the gradient.

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
# **Why:** `clone` is an operation like any other, so the gradient passes through it; `detach` or NumPy
# would copy the numbers and forget where they came from.

# %% [markdown]
# ## Two slopes
#
# A linear model predicts `x @ w`, a matrix times a vector. Return the gradients with respect to `w` of its mean squared error and
# of its mean absolute error, in this order, computed by autograd or by a tape. The three inputs come as plain
# tensors that nothing watches, and keep their numbers.
#
# Worked case: with `w` = [2], `x` = [[3]] and `y` = [1] the prediction is 6, too large by 5. The gradients are
# 2 · 5 · 3 = 30 and 3.
#
# Hint 1: Print the second gradient alone, and after the first. Is it the same? Can the tape be asked twice?
#
# Hint 2: `.grad` adds up: clear it in between, and keep what it held, or use `torch.autograd.grad`. A tape needs
# to be persistent, and to watch `w`.
#
# Hint 3: `torch.autograd.grad(loss, w)` after `w = w.clone().requires_grad_()`; `tape.watch(w)`, and
# `tf.linalg.matvec(x, w)` for the product.

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
# **Why:** `torch.autograd.grad` returns what a tape returns, and leaves `.grad` alone. With `backward` the second
# gradient would land on top of the first.

# %% [markdown]
# ## Centred
#
# Write a layer that subtracts from each feature its mean: in training that of the batch, over axis 0; in
# evaluation the one that the layer has stored in `.mean`. After each batch in training, and only then, the stored mean
# moves to the batch's: it becomes `(1 - momentum) * mean + momentum * batch_mean`. It begins with the
# numbers of `start`.
#
# The stored mean is saved with the layer and never learned: a buffer in PyTorch, a weight that is not
# trainable in Keras. The gradient goes through the batch's mean. Without the frameworks' own BatchNorm.
#
# Worked case: with `start` = [3] and `momentum` = 0.25, the batch [[4], [−2]] becomes [[3], [−3]] in
# training, and the stored mean 2.5; in evaluation it becomes [[1], [−5]], and the stored mean stays 3.
#
# Hint 1: Who knows the mode: the module, or the call?
#
# Hint 2: `self.training` in PyTorch, the argument `training` of `call` in Keras. The stored mean must not drag
# the batch's graph along: `detach` it. A Keras variable is changed by `assign`.
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
# **Why:** this is what BatchNorm does about its mean. A plain attribute would be right until the layer is saved;
# a parameter would be right until an optimizer with weight decay sees it.

# %% [markdown]
# ## The kernel behind Flatten
#
# Carry the weight of a PyTorch `Linear` that stands behind `Flatten` into the kernel of a Keras `Dense` behind
# `Flatten`. The weight is (out, channels · height · width), its columns in the order channel, height, width.
# The kernel is (height · width · channels, out), its rows in the order height, width, channel.
#
# Worked case: one output, 2 channels, height 1, width 2. The weight [[0, 1, 2, 3]] holds 0 and 1 for channel
# 0, 2 and 3 for channel 1. The kernel is [[0], [2], [1], [3]].
#
# Hint 1: A transpose fits. Which pixel's weight stands in its second row, and which should?
#
# Hint 2: Undo the flattening: cut each row of the weight into (channels, height, width). Then turn the axes, and flatten
# again.
#
# Hint 3: Reshape to (out, −1, height, width), turn by (2, 3, 1, 0), reshape to (−1, out).

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
# **Why:** an order can be changed only where the axes are still there. The transpose of the dense weight is part of
# the same turn: `out` goes last.
