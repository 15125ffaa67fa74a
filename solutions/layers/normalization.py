# %% [markdown]
# # Exercises: normalization
#
# Write the layers of [the chapter](../../chapters/layers/normalization.ipynb) yourself, from their formulas:
# in PyTorch, in TensorFlow, or in both. Replace the line that raises `NotImplementedError`, run the cell, and
# then run the check below it. The check tells you immediately what is right and what is wrong.
#
# An answer can earn three points: for its **values**, its **gradients** and its **robustness**. Robustness
# means that the answer works for other numbers of dimensions and for numbers near 10,000 that differ only by
# a few dozen, and that it does not change its input. An answer with wrong values earns no points. Use means,
# variances and arithmetic. `tf.nn.moments` is allowed, but the frameworks' own normalizations are not.
#
# In both frameworks the channels are axis 1: `x` has the shape (batch, channels, …). Layer and RMS
# normalization work on the last axis.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch
import torch.nn as nn

# %% imports-tf tags=["tensorflow"]
import keras
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and ignore the cells of the other framework.
#
# ## RMS normalization
#
# Divide each vector along the last axis by the root of its mean square plus `eps`. Then multiply by `weight`.
# Add `eps` under the root.
#
# Worked case: the vector (3, 4) has the mean square 12.5. With `eps` = 0 and weights of 1, the result is
# (0.8485, 1.1314).
#
# Hint 1: Do you subtract a mean? Read the formula once more.
#
# Hint 2: Square the input, take the mean over the last axis and keep this axis, add `eps`, and take the root.
#
# Hint 3: `x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps)`, then multiply by the weight. In TensorFlow
# the mean is `tf.reduce_mean(…, -1, keepdims=True)`.

# %%
def rms_norm_pt(
    x: torch.Tensor,
    weight: torch.Tensor,
    eps: float,
) -> torch.Tensor:
    """x: (…, features); weight: (features,)."""
    square = (x**2).mean(-1, keepdim=True)
    return x / torch.sqrt(square + eps) * weight

# %%
def rms_norm_tf(
    x: tf.Tensor, weight: tf.Tensor, eps: float
) -> tf.Tensor:
    square = tf.reduce_mean(x**2, -1, keepdims=True)
    return x / tf.sqrt(square + eps) * weight

# %% [markdown]
# **Why:** the mean keeps its axis with the size 1, so it broadcasts along the features.

# %% [markdown]
# ## Layer normalization
#
# From each vector along the last axis, subtract the mean of the vector. Divide by the root of the variance
# plus `eps`. Multiply by `weight`, and then add `bias`. The variance is divided by n.
#
# Worked case: (1, 3, 8) has the mean 4 and the variance 8.667. With `eps` = 0, weights of 1 and biases of 0,
# the result is (−1.0190, −0.3397, 1.3587).
#
# Hint 1: Over which axis do you take the mean? Which variance does your framework compute by default?
#
# Hint 2: `torch.var` divides by n − 1 unless you pass `correction=0`. Add `eps` under the root.
#
# Hint 3: `(x - mean) / torch.sqrt(variance + eps) * weight + bias`, with the mean and the variance over axis
# −1.

# %%
def layer_norm_pt(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    eps: float,
) -> torch.Tensor:
    """x: (…, features); weight, bias: (features,)."""
    mean = x.mean(-1, keepdim=True)
    variance = x.var(-1, correction=0, keepdim=True)
    z = (x - mean) / torch.sqrt(variance + eps)
    return z * weight + bias

# %%
def layer_norm_tf(
    x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, eps: float
) -> tf.Tensor:
    mean = tf.reduce_mean(x, -1, keepdims=True)
    variance = tf.math.reduce_variance(x, -1, keepdims=True)
    z = (x - mean) / tf.sqrt(variance + eps)
    return z * weight + bias

# %% [markdown]
# **Why:** with `eps` under the root, the divisor is never 0, and the gradient is finite even if all features
# are equal.

# %% [markdown]
# ## Instance normalization
#
# Normalize each channel of each example over its positions: subtract the mean of the channel, and divide by
# the root of its variance plus `eps`. Then multiply by the `weight` of the channel, and add its `bias`.
#
# Worked case: one example has one channel with the positions (1, 3). With `eps` = 0, weight 2 and bias 1, the
# output is (−1, 3).
#
# Hint 1: Which numbers share a mean? The numbers of one channel in one example.
#
# Hint 2: Take the mean over axis 2 and all axes after it.
#
# Hint 3: `axes = tuple(range(2, x.ndim))` are the axes of the mean. `weight.reshape(-1, *[1] * (x.ndim - 2))`
# broadcasts along the channels.

# %%
def instance_norm_pt(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    eps: float,
) -> torch.Tensor:
    """x: (batch, channels, …); weight, bias: (channels,)."""
    axes = tuple(range(2, x.ndim))
    mean = x.mean(axes, keepdim=True)
    variance = x.var(axes, correction=0, keepdim=True)
    z = (x - mean) / torch.sqrt(variance + eps)
    along = (-1, *[1] * (x.ndim - 2))
    return z * weight.reshape(along) + bias.reshape(along)

# %%
def instance_norm_tf(
    x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, eps: float
) -> tf.Tensor:
    axes = list(range(2, len(x.shape)))
    mean = tf.reduce_mean(x, axes, keepdims=True)
    variance = tf.math.reduce_variance(x, axes, keepdims=True)
    z = (x - mean) / tf.sqrt(variance + eps)
    along = [-1] + [1] * (len(x.shape) - 2)
    weight = tf.reshape(weight, along)
    return z * weight + tf.reshape(bias, along)

# %% [markdown]
# **Why:** the shape of the weight has a 1 for each axis after the channels. So the weight broadcasts along
# axis 1, and not along the last axis.

# %% [markdown]
# ## Group normalization
#
# Split the channels into `n_groups` groups of neighbours. Normalize each group of each example over its
# channels and positions. Then multiply each channel by its `weight`, and add its `bias`.
#
# Worked case: with six channels and two groups, the first group has the channels 0, 1 and 2, and the second
# group has the channels 3, 4 and 5. Each example has two means and two variances.
#
# Hint 1: If each group were one axis, you could take the mean over this axis.
#
# Hint 2: Reshape to (batch, n_groups, rest), normalize the last axis, and reshape back.
#
# Hint 3: `x.reshape(len(x), n_groups, -1)` in PyTorch, `tf.reshape(x, [x.shape[0], n_groups, -1])` in
# TensorFlow.

# %%
def group_norm_pt(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    n_groups: int,
    eps: float,
) -> torch.Tensor:
    """x: (batch, channels, …); weight, bias: (channels,)."""
    groups = x.reshape(len(x), n_groups, -1)
    mean = groups.mean(-1, keepdim=True)
    variance = groups.var(-1, correction=0, keepdim=True)
    z = (groups - mean) / torch.sqrt(variance + eps)
    along = (-1, *[1] * (x.ndim - 2))
    z = z.reshape(x.shape)
    return z * weight.reshape(along) + bias.reshape(along)

# %%
def group_norm_tf(
    x: tf.Tensor,
    weight: tf.Tensor,
    bias: tf.Tensor,
    n_groups: int,
    eps: float,
) -> tf.Tensor:
    groups = tf.reshape(x, [x.shape[0], n_groups, -1])
    mean = tf.reduce_mean(groups, -1, keepdims=True)
    variance = tf.math.reduce_variance(
        groups, -1, keepdims=True)
    z = (groups - mean) / tf.sqrt(variance + eps)
    along = [-1] + [1] * (len(x.shape) - 2)
    z = tf.reshape(z, x.shape)
    weight = tf.reshape(weight, along)
    return z * weight + tf.reshape(bias, along)

# %% [markdown]
# **Why:** the channels of a group are neighbours in memory, so a reshape alone makes one axis of each group.

# %% [markdown]
# ## Batch normalization
#
# Write the layer, with two learned weights and two running statistics. Each has the shape `(n_channels,)`:
# `weight` (starts at 1), `bias` (0), `running_mean` (0) and `running_var` (1).
#
# - In training mode, normalize each channel with its mean and its variance over the batch and the positions.
#   Divide this variance by n. Then update each running statistic: new = (1 − `momentum`) · old + `momentum` ·
#   batch. For the running variance, divide the variance of the batch by n − 1. PyTorch's layer does the same.
# - In inference mode, normalize with the running statistics, and do not change them.
# - In both modes, add `eps` under the root, multiply by `weight`, and add `bias`.
#
# Worked case: one channel, the batch (1, 3), `momentum` = 0.1. The batch has the mean 2. Its variance is 1 if
# you divide by n, and 2 if you divide by n − 1. The running mean changes from 0 to 0.2, and the running
# variance from 1 to 1.1.
#
# Hint 1: A learned number is a parameter. A number that is stored and not learned is a buffer in PyTorch, and
# a weight with `trainable=False` in Keras.
#
# Hint 2: The axes of the mean are axis 0, axis 2 and all axes after it. With n numbers in each channel,
# multiply the variance by n / (n − 1) before you update the running variance.
#
# Hint 3: `self.running_mean.lerp_(mean.detach(), self.momentum)` updates a buffer in PyTorch. In Keras, use
# `self.running_mean.assign(…)`.

# %%
class batch_norm_pt(nn.Module):
    """x: (batch, n_channels, …); returns the same shape."""
    def __init__(
        self, n_channels: int, momentum: float, eps: float
    ):
        super().__init__()
        self.momentum, self.eps = momentum, eps
        ### BEGIN SOLUTION
        zeros = torch.zeros(n_channels)
        ones = torch.ones(n_channels)
        self.weight = nn.Parameter(ones)
        self.bias = nn.Parameter(zeros)
        self.register_buffer("running_mean", zeros.clone())
        self.register_buffer("running_var", ones.clone())
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        mean, variance = self.running_mean, self.running_var
        if self.training:
            axes = (0, *range(2, x.ndim))
            mean = x.mean(axes)
            variance = x.var(axes, correction=0)
            m, kept = self.momentum, x.var(axes).detach()
            self.running_mean.lerp_(mean.detach(), m)
            self.running_var.lerp_(kept, m)
        along = (-1, *[1] * (x.ndim - 2))
        scale = self.weight / torch.sqrt(variance + self.eps)
        z = (x - mean.reshape(along)) * scale.reshape(along)
        return z + self.bias.reshape(along)
        ### END SOLUTION

# %%
class batch_norm_tf(keras.layers.Layer):
    def __init__(
        self, n_channels: int, momentum: float, eps: float
    ):
        super().__init__()
        self.momentum, self.eps = momentum, eps
        ### BEGIN SOLUTION
        c = (n_channels,)
        self.weight = self.add_weight(c, "ones")
        self.bias = self.add_weight(c, "zeros")
        self.running_mean = self.add_weight(
            c, "zeros", trainable=False)
        self.running_var = self.add_weight(
            c, "ones", trainable=False)
        ### END SOLUTION

    def call(self, x: tf.Tensor, training=False) -> tf.Tensor:
        ### BEGIN SOLUTION
        m = self.momentum
        mean, variance = self.running_mean, self.running_var
        if training:
            axes = [0, *range(2, len(x.shape))]
            mean = tf.reduce_mean(x, axes)
            variance = tf.math.reduce_variance(x, axes)
            n = tf.cast(tf.size(x) / x.shape[1], x.dtype)
            self.running_mean.assign(
                (1 - m) * self.running_mean + m * mean)
            self.running_var.assign(
                (1 - m) * self.running_var
                + m * variance * n / (n - 1))
        along = [-1] + [1] * (len(x.shape) - 2)
        scale = self.weight / tf.sqrt(variance + self.eps)
        z = x - tf.reshape(mean, along)
        z = z * tf.reshape(scale, along)
        return z + tf.reshape(self.bias, along)
        ### END SOLUTION

# %% [markdown]
# **Why:** the running statistics are not learned, so they are detached. The statistics of the batch are not
# detached, because they depend on `x`, and the gradient includes them.

# %% [markdown]
# ## Harder: layer normalization's gradients by hand
#
# Return the gradients of layer normalization with respect to its input, its weight and its bias, as a tuple
# of three. `upstream_gradient` is the gradient that the layer gets from the layers after it. Write the
# gradients from the formula, without autograd and without a tape.
#
# Let $z$ be the normalized input, $g$ the upstream gradient times the weight, and $s$ the root of the
# variance plus `eps`. Then the gradient of the input has three terms:
#
# $$\mathrm dx = \frac{1}{s}\Big(g - \operatorname{mean}(g) - z \cdot \operatorname{mean}(g z)\Big)$$
#
# Both means are over the last axis. Where does each term come from? $x$ changes the output directly, through
# the mean, and through the variance.
#
# Worked case: add 1 to every feature of a vector, and the output does not change. So the gradient of the
# input sums to 0 along the last axis, for every upstream gradient.
#
# Hint 1: Multiply the upstream gradient by the weight before you take the means.
#
# Hint 2: The weight multiplies $z$ in every row. So its gradient is the upstream gradient times $z$, summed
# over all rows.
#
# Hint 3: `axes = tuple(range(x.ndim - 1))` are the axes of the rows, and `dw = (upstream_gradient *
# z).sum(axes)`.

# %%
def layer_norm_backward_pt(
    upstream_gradient: torch.Tensor,
    x: torch.Tensor,
    weight: torch.Tensor,
    eps: float,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """x, upstream_gradient: (…, n); weight: (n,)."""
    def mean(a):
        return a.mean(-1, keepdim=True)

    s = torch.sqrt(mean((x - mean(x)) ** 2) + eps)
    z = (x - mean(x)) / s
    g = upstream_gradient * weight
    dx = (g - mean(g) - z * mean(g * z)) / s
    rows = (-1, x.shape[-1])
    dw = (upstream_gradient * z).reshape(rows).sum(0)
    db = upstream_gradient.reshape(rows).sum(0)
    return dx, dw, db

# %%
def layer_norm_backward_tf(
    upstream_gradient: tf.Tensor,
    x: tf.Tensor,
    weight: tf.Tensor,
    eps: float,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    def mean(a):
        return tf.reduce_mean(a, -1, keepdims=True)

    s = tf.sqrt(mean((x - mean(x)) ** 2) + eps)
    z = (x - mean(x)) / s
    g = upstream_gradient * weight
    dx = (g - mean(g) - z * mean(g * z)) / s
    axes = list(range(len(x.shape) - 1))
    dw = tf.reduce_sum(upstream_gradient * z, axes)
    db = tf.reduce_sum(upstream_gradient, axes)
    return dx, dw, db

# %% [markdown]
# **Why:** the second term removes from $g$ the part that is constant along the vector, and the third term the
# part that is proportional to $z$. Such changes of the input do not change the output.
