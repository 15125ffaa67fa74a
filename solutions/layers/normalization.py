# %% [markdown]
# # Exercises: normalization
#
# Write the layers of [the chapter](../../chapters/layers/normalization.ipynb) yourself, from their
# formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell, then run the
# check below it. It tells you at once what is right, and what you got wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**: other
# numbers of dimensions, numbers near 10,000 that differ by a few dozen, and an input that stays as it
# was. With wrong values it earns none. Use means, variances and arithmetic (`tf.nn.moments` is allowed);
# the frameworks' own normalizations are not.
#
# In both frameworks the channels are axis 1: `x` has the shape (batch, channels, …). Layer and RMS
# normalization take the last axis.

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
# ## RMS normalization
#
# Divide each vector, along the last axis, by the root of its mean square plus `eps`, and multiply by
# `weight`. Add `eps` under the root.
#
# Worked case: the vector (3, 4) has the mean square 12.5. With `eps` = 0 and weights of 1 it becomes
# (0.8485, 1.1314).
#
# Hint 1: Is a mean subtracted? Read the formula once more.
#
# Hint 2: Square, take the mean over the last axis and keep that axis, add `eps`, take the root.
#
# Hint 3: `x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps)`, then the weight; in TensorFlow
# `tf.reduce_mean(…, -1, keepdims=True)`.

# %%
def rms_norm_pt(
    x: torch.Tensor, weight: torch.Tensor, eps: float
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
# **Why:** the mean keeps its axis as one of size 1, so that it broadcasts along the features.

# %% [markdown]
# ## Layer normalization
#
# Subtract from each vector, along the last axis, its mean, and divide by the root of its variance plus
# `eps`. Multiply by `weight`, then add `bias`. The variance is divided by n.
#
# Worked case: (1, 3, 8) has the mean 4 and the variance 8.667. With `eps` = 0, weights of 1 and biases
# of 0 it becomes (−1.0190, −0.3397, 1.3587).
#
# Hint 1: Which axis does the mean go over, and which variance does your framework compute by default?
#
# Hint 2: `torch.var` divides by n − 1 unless you say `correction=0`. `eps` belongs under the root.
#
# Hint 3: `(x - mean) / torch.sqrt(variance + eps) * weight + bias`, with mean and variance over axis −1.

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
# **Why:** `eps` under the root keeps the divisor, and with it the gradient, finite where all features
# are equal.

# %% [markdown]
# ## Instance normalization
#
# Normalize each channel of each example over its positions: subtract their mean and divide by the root of
# their variance plus `eps`. Then multiply by the channel's `weight` and add its `bias`.
#
# Worked case: with one example, one channel and the positions (1, 3), `eps` = 0, weight 2 and bias 1, the
# output is (−1, 3).
#
# Hint 1: Which numbers share a mean? Those of one channel in one example.
#
# Hint 2: The mean goes over all axes from 2 on, however many there are.
#
# Hint 3: `axes = tuple(range(2, x.ndim))`; `weight.reshape(-1, *[1] * (x.ndim - 2))` lies along the
# channels.

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
# **Why:** a 1 for every axis after the channels makes weight and bias broadcast along axis 1, not along
# the last.

# %% [markdown]
# ## Group normalization
#
# Divide the channels into `n_groups` groups of neighbours. Normalize each group of each example over its
# channels and positions, then multiply each channel by its `weight` and add its `bias`.
#
# Worked case: six channels in two groups are the channels 0, 1, 2 and 3, 4, 5. Each example has two means
# and two variances.
#
# Hint 1: If each group were one axis, you would take the mean over that axis.
#
# Hint 2: Reshape to (batch, n_groups, rest), normalize the last axis, and reshape back.
#
# Hint 3: `x.reshape(len(x), n_groups, -1)`; `tf.reshape(x, [x.shape[0], n_groups, -1])`.

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
# **Why:** in memory the channels of a group are neighbours, so a reshape alone makes a group one axis.

# %% [markdown]
# ## Batch normalization
#
# Write the layer, with two learned weights and two running statistics, each of shape `(n_channels,)`:
# `weight` (starts at 1), `bias` (0), `running_mean` (0) and `running_var` (1).
#
# - In training normalize each channel by its mean and its variance over batch and positions. Divide the
#   variance by n. Then move the running statistics by the share `momentum` towards those of the batch;
#   here divide the variance by n − 1. These are PyTorch's conventions.
# - In evaluation normalize by the running statistics, and leave them as they are.
# - In both, add `eps` under the root, multiply by `weight`, and add `bias`.
#
# Worked case: one channel, the batch (1, 3), `momentum` = 0.1. The batch has the mean 2 and the variance
# 1, which is 2 when divided by n − 1. The running mean moves from 0 to 0.2, the running variance from 1
# to 1.1.
#
# Hint 1: What is learned is a parameter. What is kept without being learned is a buffer in PyTorch, and in
# Keras a weight with `trainable=False`.
#
# Hint 2: The axes are 0 and all from 2 on. With n numbers a channel the running variance takes the
# variance times n / (n − 1).
#
# Hint 3: `self.running_mean.lerp_(mean.detach(), self.momentum)` moves a buffer in PyTorch;
# `self.running_mean.assign(…)` does in Keras.

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
# **Why:** the running statistics are detached, because they are kept, not learned; the batch's own are
# not, because the gradient goes through them.

# %% [markdown]
# ## Harder: layer normalization's gradients by hand
#
# Return the gradients of layer normalization with respect to its input, its weight and its bias, as a
# tuple of three, from the gradient that arrives from above. Write them from the formula, without
# autograd and without a tape.
#
# With $z$ the normalized input, $g$ the upstream gradient times the weight, and $s$ the root of the
# variance plus `eps`, the gradient of the input has three terms:
#
# $$\mathrm dx = \frac{1}{s}\Big(g - \operatorname{mean}(g) - z \cdot \operatorname{mean}(g z)\Big)$$
#
# with both means over the last axis. Explain to yourself where each term comes from: $x$ changes the
# output directly, through the mean, and through the variance.
#
# Worked case: add 1 to every feature of a vector, and the output does not change. So the gradient of the
# input sums to 0 along the last axis, whatever the upstream gradient.
#
# Hint 1: Multiply the upstream gradient by the weight before you take its means.
#
# Hint 2: The weight multiplies $z$ in every row, so its gradient is the sum over all rows of the upstream
# gradient times $z$.
#
# Hint 3: `axes = tuple(range(x.ndim - 1))` are the rows' axes; `dw = (upstream_gradient * z).sum(axes)`.

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
# **Why:** the two subtracted terms take out of $g$ what is constant along the vector and what is
# proportional to $z$: such changes of the input leave the output as it is.
