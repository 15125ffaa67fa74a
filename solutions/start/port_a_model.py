# %% [markdown]
# # Exercises: port a model
#
# These three exercises are the steps of [the chapter](../../chapters/start/port_a_model.ipynb) in which most ports
# go wrong. Write them in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell, then run the
# check below it. It tells you at once what is right, and what you got wrong.
#
# An answer earns one point for its **values** and one for its **robustness**: other shapes and sizes, float32
# results, and inputs that are left unchanged. The last exercise has one more for its **gradients**. Wrong values earn
# no point at all. You may use every function of the framework.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

F = torch.nn.functional

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and leave the other's cells alone.
#
# ## A Keras stack
#
# Write the forward pass of a trained Keras stack: a convolution with `strides=2`, `padding="same"` and without a
# bias, then BatchNorm in inference mode, then Flatten. The output must be the same row of numbers, in Keras's order,
# in both frameworks.
#
# In PyTorch, `x` is (batch, channels, height, width) and `kernel` (out, in, k, k); in TensorFlow, `x` is (batch,
# height, width, channels) and `kernel` (k, k, in, out). The other arrays have one number for each output channel.
# BatchNorm adds `eps` to the variance.
#
# With `padding="same"` a side of length $n$ becomes $\lceil n / 2 \rceil$ numbers long. Keras pads $p = \max(0, 2
# (\lceil n / 2 \rceil - 1) + k - n)$ zeros: $\lfloor p / 2 \rfloor$ of them before, the others behind.
#
# Worked case: one channel, height 2, width 2, pixels 1, 2, 3, 4, and a 3 × 3 kernel of ones. One zero is padded behind
# in each direction, none before. The only window holds all four pixels, so the convolution gives 10. With `mean` = 4,
# `variance` = 3.75, `eps` = 0.25, `gamma` = 1 and `beta` = 0, the output is (10 − 4) / √4 = 3.
#
# Hint 1: How many zeros are padded for an even length, and how many for an odd one? On which side?
#
# Hint 2: In PyTorch, pad with `F.pad` before a convolution without padding, and put the channels last before you
# flatten. In TensorFlow, the stack is three calls.
#
# Hint 3: `F.pad(x, (left, right, top, bottom))`, `F.batch_norm(y, mean, variance, gamma, beta, eps=eps)`,
# `y.permute(0, 2, 3, 1)`; `tf.nn.conv2d(x, kernel, 2, "SAME")`, `tf.nn.batch_normalization(y, mean, variance, beta,
# gamma, eps)`.

# %%
def keras_stack_pt(
    x: torch.Tensor, kernel: torch.Tensor,
    gamma, beta, mean, variance, eps: float,
) -> torch.Tensor:
    """Returns (batch, height · width · channels)."""
    k, pads = kernel.shape[-1], []
    for n in (x.shape[3], x.shape[2]):  # width first
        p = max(0, 2 * ((n + 1) // 2 - 1) + k - n)
        pads += [p // 2, p - p // 2]
    y = F.conv2d(F.pad(x, pads), kernel, stride=2)
    y = F.batch_norm(y, mean, variance, gamma, beta, eps=eps)
    return y.permute(0, 2, 3, 1).flatten(1)

# %%
def keras_stack_tf(
    x: tf.Tensor, kernel: tf.Tensor,
    gamma, beta, mean, variance, eps: float,
) -> tf.Tensor:
    y = tf.nn.conv2d(x, kernel, 2, "SAME")
    y = tf.nn.batch_normalization(
        y, mean, variance, beta, gamma, eps)
    return tf.reshape(y, (y.shape[0], -1))

# %% [markdown]
# **Why:** `F.pad` pads each side on its own, which `padding=` of a PyTorch convolution cannot, and `permute` gives the
# row Keras's order.

# %% [markdown]
# ## A PyTorch stack
#
# Now the other direction. Write the forward pass of a trained PyTorch stack: a convolution with `stride=2` and
# `padding=k // 2`, which pads as many zeros on all four sides, and without a bias. BatchNorm in inference mode and
# Flatten follow. The output must be the same row of numbers, in PyTorch's order, in both frameworks. Layouts and names
# are those of the exercise before.
#
# Worked case: one channel, height 2, width 2, pixels 1, 2, 3, 4, and a 3 × 3 kernel that is 0 except for a 1 in its
# first place, above and to the left of its centre. The only window is centred on pixel 1, so this place lies on a padded
# zero, and the convolution gives 0. With `mean` = 4, `variance` = 3.75, `eps` = 0.25, `gamma` = 1 and `beta` = 0, the
# output is (0 − 4) / √4 = −2.
#
# Hint 1: Which pixel is the first window centred on, here and with `padding="SAME"`?
#
# Hint 2: In TensorFlow, pad with `tf.pad` before a convolution without padding, and put the channels first before you
# flatten. In PyTorch, the stack is three calls.
#
# Hint 3: `tf.pad(x, [[0, 0], [h, h], [h, h], [0, 0]])`, then `tf.nn.conv2d(…, 2, "VALID")`, and
# `tf.transpose(y, (0, 3, 1, 2))`; `F.conv2d(x, kernel, stride=2, padding=…)`.

# %%
def torch_stack_pt(
    x: torch.Tensor, kernel: torch.Tensor,
    gamma, beta, mean, variance, eps: float,
) -> torch.Tensor:
    """Returns (batch, channels · height · width)."""
    half = kernel.shape[-1] // 2
    y = F.conv2d(x, kernel, stride=2, padding=half)
    y = F.batch_norm(y, mean, variance, gamma, beta, eps=eps)
    return y.flatten(1)

# %%
def torch_stack_tf(
    x: tf.Tensor, kernel: tf.Tensor,
    gamma, beta, mean, variance, eps: float,
) -> tf.Tensor:
    half = kernel.shape[0] // 2
    sides = [half, half]
    x = tf.pad(x, [[0, 0], sides, sides, [0, 0]])
    y = tf.nn.conv2d(x, kernel, 2, "VALID")
    y = tf.nn.batch_normalization(
        y, mean, variance, beta, gamma, eps)
    y = tf.transpose(y, (0, 3, 1, 2))  # channels first
    return tf.reshape(y, (y.shape[0], -1))

# %% [markdown]
# **Why:** TensorFlow's `"SAME"` would pad only behind for even sizes, so the zeros are written out; the transpose
# gives the row PyTorch's order.

# %% [markdown]
# ## The weight behind Flatten
#
# Convert the kernel of a Keras `Dense` behind `Flatten` to the weight of a PyTorch `Linear` behind `Flatten`. The
# kernel is (height · width · channels, out), with its rows in the order height, width, channel. The weight is (out,
# channels · height · width), with its columns in the order channel, height, width.
#
# Worked case: one output, height 1, width 2, 2 channels. In the kernel [[0], [1], [2], [3]], 0 and 1 belong to the
# first pixel, and 2 and 3 to the second. The weight is [[0, 2, 1, 3]].
#
# Hint 1: A transpose has the right shape. Which pixel and which channel does its second column belong to, and to which
# should it belong?
#
# Hint 2: Undo the flattening: reshape the rows to (height, width, channels), and keep `out` as the last axis. Then
# reorder the axes, and flatten again.
#
# Hint 3: Reshape to (height, width, −1, out), reorder with (3, 2, 0, 1), reshape to (out, −1).

# %%
def weight_behind_flatten_pt(
    kernel: torch.Tensor, height: int, width: int
) -> torch.Tensor:
    """kernel: (height · width · channels, out)."""
    n_out = kernel.shape[1]
    blocks = kernel.reshape(height, width, -1, n_out)
    return blocks.permute(3, 2, 0, 1).reshape(n_out, -1)

# %%
def weight_behind_flatten_tf(
    kernel: tf.Tensor, height: int, width: int
) -> tf.Tensor:
    n_out = kernel.shape[1]
    blocks = tf.reshape(kernel, (height, width, -1, n_out))
    turned = tf.transpose(blocks, (3, 2, 0, 1))
    return tf.reshape(turned, (n_out, -1))

# %% [markdown]
# **Why:** the order can be changed only while height, width and channels are axes of their own.
