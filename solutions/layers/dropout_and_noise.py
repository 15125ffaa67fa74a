# %% [markdown]
# # Exercises: dropout and noise
#
# Write the layers of [the chapter](../../chapters/layers/dropout_and_noise.ipynb) yourself, from their
# formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, and run the
# check below it. The check tells you immediately what is right and what is wrong.
#
# Each layer is random in training mode, and returns its input in inference mode. PyTorch stores the mode in
# `self.training`. Keras passes it to `call`. The check looks at thousands of your random numbers. It fails a right
# answer less than once in a billion.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**: it takes any
# shape that the statement allows, numbers as large as ±10,000 and the ends of the range of its argument,
# and does not change its input. With wrong values it earns no point. Do not use the frameworks' own dropout and
# noise layers. You may use all functions that draw random numbers.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch
import torch.nn as nn

# %% imports-tf tags=["tensorflow"]
import keras
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other.
#
# ## Dropout
#
# In training mode, set each number to 0 with probability `rate`, independently of the others, and divide the
# numbers that are left by 1 − `rate`. In inference mode, return the input.
#
# The rate goes from 0 to 1, both included. At 1 every number is dropped: output and gradient are 0.
#
# Worked case: with a rate of 0.2, an input of 4 becomes 0 with probability 0.2, and 5 with probability
# 0.8. In inference mode it stays 4.
#
# Hint 1: Draw one number for each number of the input. How do you turn it into "keep" or "drop"?
#
# Hint 2: A uniform random number is at least `rate` with probability 1 − `rate`. That comparison is the
# mask. At a rate of 1 you would divide 0 by 0: return zeros before you get there.
#
# Hint 3: `torch.rand_like(x) >= self.rate`, `tf.random.uniform(tf.shape(x)) >= self.rate`.

# %%
class dropout_pt(nn.Module):
    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        if not self.training:
            return x
        if self.rate == 1:
            return 0 * x
        mask = torch.rand_like(x) >= self.rate
        return x * mask / (1 - self.rate)
        ### END SOLUTION

# %%
class dropout_tf(keras.layers.Layer):
    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def call(self, x: tf.Tensor, training=False) -> tf.Tensor:
        ### BEGIN SOLUTION
        if not training:
            return x
        if self.rate == 1:
            return 0 * x
        mask = tf.random.uniform(tf.shape(x)) >= self.rate
        return x * tf.cast(mask, x.dtype) / (1 - self.rate)
        ### END SOLUTION

# %% [markdown]
# **Why:** the mean of the mask is 1 − `rate`. After the division the mean of each number is the number itself, so
# the layer can return its input in inference mode.

# %% [markdown]
# ## Harder: the backward pass by hand
#
# Write dropout's forward and backward pass as one function. It gets the input, the uniform random numbers
# `u`, and the gradient of the loss with respect to the output; it returns the output and the gradient of
# the loss with respect to `x`. Keep a number where `u` ≥ `rate`; the rate is below 1.
#
# Your function returns the gradient itself, so there is no extra point for gradients in this exercise.
#
# Worked case: for x = (4, 0, 6), u = (0.9, 0.8, 0.1), an upstream gradient of (1, 2, 3) and a rate of 0.5,
# the output is (8, 0, 0) and the gradient (2, 4, 0).
#
# Hint 1: The output is a constant times $x$. What is that constant where the number was kept, and what is
# it where it was dropped?
#
# Hint 2: The gradient is the upstream gradient times the same constant. Take it from `u`, not from the
# output: where $x$ is 0, the output is 0 although the number was kept.
#
# Hint 3: `factor = mask / (1 - rate)`, then `x * factor` and `upstream_gradient * factor`.

# %%
def dropout_by_hand_pt(
    x: torch.Tensor, u: torch.Tensor,
    upstream_gradient: torch.Tensor, rate: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """x, u: one shape; returns output and gradient."""
    factor = (u >= rate) / (1 - rate)
    return x * factor, upstream_gradient * factor

# %%
def dropout_by_hand_tf(
    x: tf.Tensor, u: tf.Tensor,
    upstream_gradient: tf.Tensor, rate: float,
) -> tuple[tf.Tensor, tf.Tensor]:
    factor = tf.cast(u >= rate, x.dtype) / (1 - rate)
    return x * factor, upstream_gradient * factor

# %% [markdown]
# **Why:** given the draws, dropout multiplies each number by a constant, and the derivative of a product
# with a constant is the constant. So both passes use the same mask.

# %% [markdown]
# ## Spatial dropout
#
# In training mode, set each channel of each example to 0 as a whole, with probability `rate`, and divide the
# other channels by 1 − `rate`. In inference mode, return the input.
#
# Axis 0 is the batch. `axis` says which axis has the channels: 1 as in PyTorch, or −1 as in Keras. The
# input has three dimensions or more, the rate goes from 0 to 1, both included.
#
# Worked case: for an input of shape (2, 3, 5) and axis 1 there are six draws: each row of five numbers is
# dropped or kept as a whole. With axis −1 there are ten, each for a column of three.
#
# Hint 1: How many draws do you need, and in which shape do they broadcast along the input?
#
# Hint 2: The mask has the shape of the input with a 1 on every axis but the batch and the channels.
#
# Hint 3: `shape = [1] * x.ndim`, then set `shape[0]` and `shape[self.axis]` from the shape of `x`.

# %%
class spatial_dropout_pt(nn.Module):
    """x: three dimensions or more; returns the same shape."""
    def __init__(self, rate: float, axis: int):
        super().__init__()
        self.rate, self.axis = rate, axis

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        if not self.training:
            return x
        if self.rate == 1:
            return 0 * x
        shape = [1] * x.ndim
        for axis in (0, self.axis):
            shape[axis] = x.shape[axis]
        mask = torch.rand(shape) >= self.rate
        return x * mask / (1 - self.rate)
        ### END SOLUTION

# %%
class spatial_dropout_tf(keras.layers.Layer):
    def __init__(self, rate: float, axis: int):
        super().__init__()
        self.rate, self.axis = rate, axis

    def call(self, x: tf.Tensor, training=False) -> tf.Tensor:
        ### BEGIN SOLUTION
        if not training:
            return x
        if self.rate == 1:
            return 0 * x
        shape = [1] * len(x.shape)
        for axis in (0, self.axis):
            shape[axis] = x.shape[axis]
        mask = tf.random.uniform(shape) >= self.rate
        return x * tf.cast(mask, x.dtype) / (1 - self.rate)
        ### END SOLUTION

# %% [markdown]
# **Why:** a mask with size 1 along an axis broadcasts, so all positions of a channel use the same draw.

# %% [markdown]
# ## Alpha dropout
#
# In training mode, replace each number by $\alpha' = -1.7580993$ with probability `rate`, then multiply **all**
# numbers by $a$ and add $b$. In inference mode, return the input.
#
# Choose $a$ and $b$ so that inputs with mean 0 and variance 1 have outputs with mean 0 and variance 1,
# over inputs and draws. The rate goes from 0 to below 1.
#
# Worked case: with a rate of 0.2, $a$ = 0.8789 and $b$ = 0.3090. An input of 2 becomes 2.0668 where it is
# kept, and −1.2362 where it is dropped.
#
# Hint 1: Find mean and variance after the replacement. With probability `rate` the number is $\alpha'$,
# else it has mean 0 and variance 1.
#
# Hint 2: The mean is $p\,\alpha'$. The mean of the square is $(1 - p) + p\,\alpha'^2$; subtract the square
# of the mean, and you have the variance, $(1 - p)(1 + p\,\alpha'^2)$.
#
# Hint 3: $a$ is 1 over the root of that variance, and $b = -a\,p\,\alpha'$.

# %%
class alpha_dropout_pt(nn.Module):
    """x: any shape; returns the same shape."""
    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        if not self.training:
            return x
        p, alpha = self.rate, -1.7580993
        a = ((1 - p) * (1 + p * alpha**2)) ** -0.5
        mask = torch.rand_like(x) >= p
        return a * torch.where(mask, x, alpha) - a * p * alpha
        ### END SOLUTION

# %%
class alpha_dropout_tf(keras.layers.Layer):
    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def call(self, x: tf.Tensor, training=False) -> tf.Tensor:
        ### BEGIN SOLUTION
        if not training:
            return x
        p, alpha = self.rate, -1.7580993
        a = ((1 - p) * (1 + p * alpha**2)) ** -0.5
        mask = tf.random.uniform(tf.shape(x)) >= p
        return a * tf.where(mask, x, alpha) - a * p * alpha
        ### END SOLUTION

# %% [markdown]
# **Why:** the replacement moves the mean by $p\,\alpha'$ and changes the variance; $b$ and $a$ undo both.

# %% [markdown]
# ## Feature alpha dropout
#
# Write alpha dropout again, so that it replaces whole channels of an example by $\alpha'$. The channels are
# axis 1, in both frameworks. $a$ and $b$ are those of alpha dropout.
#
# The input has two dimensions or more; the rate goes from 0 to below 1.
#
# Worked case: with a rate of 0.2, a channel (2, 0) becomes (2.0668, 0.3090) or (−1.2362, −1.2362).
#
# Hint 1: Only the mask differs from alpha dropout.
#
# Hint 2: The mask has the shape (batch, channels, 1, …, 1).
#
# Hint 3: `shape = [*x.shape[:2], *[1] * (x.ndim - 2)]`.

# %%
class feature_alpha_dropout_pt(nn.Module):
    """x: (batch, channels, …); returns the same shape."""
    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        if not self.training:
            return x
        p, alpha = self.rate, -1.7580993
        a = ((1 - p) * (1 + p * alpha**2)) ** -0.5
        shape = [*x.shape[:2], *[1] * (x.ndim - 2)]
        mask = torch.rand(shape) >= p
        return a * torch.where(mask, x, alpha) - a * p * alpha
        ### END SOLUTION

# %%
class feature_alpha_dropout_tf(keras.layers.Layer):
    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def call(self, x: tf.Tensor, training=False) -> tf.Tensor:
        ### BEGIN SOLUTION
        if not training:
            return x
        p, alpha = self.rate, -1.7580993
        a = ((1 - p) * (1 + p * alpha**2)) ** -0.5
        shape = [*x.shape[:2], *[1] * (len(x.shape) - 2)]
        mask = tf.random.uniform(shape) >= p
        return a * tf.where(mask, x, alpha) - a * p * alpha
        ### END SOLUTION

# %% [markdown]
# **Why:** $a$ and $b$ come from the share of numbers that are replaced, and dropping whole channels does not
# change that share.

# %% [markdown]
# ## Gaussian dropout
#
# In training mode, multiply each number by a normal random factor of its own. The factor has mean 1 and the
# variance that dropout's factor has at the same rate. In inference mode, return the input.
#
# The rate goes from 0 to below 1.
#
# Worked case: with a rate of 0.2 the standard deviation is 0.5: an input of 4 becomes 4 ± 2.
#
# Hint 1: Dropout's factor is 0 with probability $p$ and $1/(1 - p)$ otherwise. What are the mean of its
# square and its variance?
#
# Hint 2: The mean of the square is $1/(1 - p)$. Subtract the square of the mean, 1: the variance is
# $p/(1 - p)$. Functions that draw normal numbers want the standard deviation.
#
# Hint 3: `1 + (rate / (1 - rate)) ** 0.5 * torch.randn_like(x)`, `tf.random.normal(tf.shape(x), …, …)`.

# %%
class gaussian_dropout_pt(nn.Module):
    """x: any shape; returns the same shape."""
    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        if not self.training:
            return x
        stddev = (self.rate / (1 - self.rate)) ** 0.5
        return x * (1 + stddev * torch.randn_like(x))
        ### END SOLUTION

# %%
class gaussian_dropout_tf(keras.layers.Layer):
    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def call(self, x: tf.Tensor, training=False) -> tf.Tensor:
        ### BEGIN SOLUTION
        if not training:
            return x
        stddev = (self.rate / (1 - self.rate)) ** 0.5
        return x * tf.random.normal(tf.shape(x), 1.0, stddev)
        ### END SOLUTION

# %% [markdown]
# **Why:** both factors have the same mean and the same variance. So a sum of many inputs has nearly the same
# distribution with this noise as with dropout.

# %% [markdown]
# ## Gaussian noise
#
# In training mode, add to each number a normal random number of its own, with mean 0 and standard deviation
# `stddev`. In inference mode, return the input. The standard deviation may be 0.
#
# Worked case: with a standard deviation of 0.5, two thirds of the outputs for an input of 4 lie between
# 3.5 and 4.5.
#
# Hint 1: How many draws do you need?
#
# Hint 2: A normal number with mean 0 and standard deviation 1, times `stddev`.
#
# Hint 3: `torch.randn_like(x)`, `tf.random.normal(tf.shape(x))`.

# %%
class gaussian_noise_pt(nn.Module):
    def __init__(self, stddev: float):
        super().__init__()
        self.stddev = stddev

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        if not self.training:
            return x
        return x + self.stddev * torch.randn_like(x)
        ### END SOLUTION

# %%
class gaussian_noise_tf(keras.layers.Layer):
    def __init__(self, stddev: float):
        super().__init__()
        self.stddev = stddev

    def call(self, x: tf.Tensor, training=False) -> tf.Tensor:
        ### BEGIN SOLUTION
        if not training:
            return x
        return x + self.stddev * tf.random.normal(tf.shape(x))
        ### END SOLUTION

# %% [markdown]
# **Why:** the noise does not depend on the input, so the gradient of the sum is 1.
