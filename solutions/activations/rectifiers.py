# %% [markdown]
# # Exercises: rectifiers
#
# Write the rectifiers of [the chapter](../../chapters/activations/rectifiers.ipynb) yourself, from
# their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell,
# then run the check below it. The check tells you at once what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**: it takes
# any number of dimensions and numbers as large as ±10,000, returns float32 for float32, and leaves its
# input as it was. With wrong values it earns none. Do not use the frameworks' own rectifiers, except
# where a statement allows one, and then with the input as its only argument.

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
# ## ReLU
#
# Keep positive numbers, and replace all others by 0.
#
# Worked case: −1.5 becomes 0, 2 stays 2, and each number of a matrix is treated on its own.
#
# Hint 1: Compare the number with 0. Which of the two is the result?
#
# Hint 2: For each number, take the larger of 0 and $x$.
#
# Hint 3: `torch.clamp(x, min=…)`, `tf.maximum(x, …)`.

# %%
def relu_pt(x: torch.Tensor) -> torch.Tensor:
    return torch.clamp(x, min=0)

# %%
def relu_tf(x: tf.Tensor) -> tf.Tensor:
    return tf.maximum(x, 0.0)

# %% [markdown]
# **Why:** a maximum with 0 is the formula itself; `torch.clamp` with a lower bound alone is the maximum
# with that number.

# %% [markdown]
# ## ReLU6
#
# Keep numbers from 0 to 6, replace smaller ones by 0 and larger ones by 6. You may call ReLU.
# Hardtanh, which could do all of it, is forbidden.
#
# Worked case: −1 becomes 0, 4 stays 4, 7.5 becomes 6.
#
# Hint 1: It is ReLU with an upper limit. Which function of two numbers sets an upper limit?
#
# Hint 2: $\min(\max(0, x), 6)$.
#
# Hint 3: `torch.clamp(x, …, …)`, `tf.clip_by_value(x, …, …)`.

# %%
def relu6_pt(x: torch.Tensor) -> torch.Tensor:
    return torch.clamp(x, min=0, max=6)

# %%
def relu6_tf(x: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(x, 0.0, 6.0)

# %% [markdown]
# **Why:** clipping to a range is a maximum and a minimum in one call.

# %% [markdown]
# ## Leaky ReLU
#
# Keep positive numbers, and multiply all others by `negative_slope`, which may be above 1 or below 0.
# You may call ReLU.
#
# Worked case: with a slope of 0.1, −3 becomes −0.3, and 2 stays 2.
#
# Hint 1: Each number has one of two results. Which function chooses between two tensors?
#
# Hint 2: Compute both results for all numbers, and choose by the sign of $x$.
#
# Hint 3: `torch.where(x > 0, …, …)`, `tf.where(x > 0, …, …)`.

# %%
def leaky_relu_pt(
    x: torch.Tensor, negative_slope: float
) -> torch.Tensor:
    return torch.where(x > 0, x, negative_slope * x)

# %%
def leaky_relu_tf(
    x: tf.Tensor, negative_slope: float
) -> tf.Tensor:
    return tf.where(x > 0, x, negative_slope * x)

# %% [markdown]
# **Why:** `where` has one branch for each line of the formula. The maximum of $x$ and $\alpha x$ is right,
# too, as long as the slope is below 1.

# %% [markdown]
# ## PReLU
#
# Write a layer with one learned slope per channel, each 0.25 at the start, that multiplies negative
# numbers by the slope of their channel.
#
# In both frameworks the channels are axis 1, and the input has two dimensions or more. Keep the slopes
# in the attribute `weight`, a trainable weight of shape `(n_channels,)`; they may become larger than 1,
# or negative. You may call ReLU.
#
# Worked case: with slopes 0.5 and 0.1, the row (−2, −2) becomes (−1, −0.2).
#
# Hint 1: A layer trains the tensors that it holds as parameters: `nn.Parameter`, `self.add_weight`.
#
# Hint 2: For an input of shape (batch, channels, …), give the slopes the shape (channels, 1, …, 1), with a 1
# for each axis after the channels. Then they broadcast along the channels.
#
# Hint 3: `a = self.weight.reshape(-1, *[1] * (x.ndim - 2))`; in TensorFlow `tf.reshape(self.weight, shape)`
# with the same shape.

# %%
class prelu_pt(nn.Module):
    """x: (batch, n_channels, …); returns the same shape."""
    def __init__(self, n_channels: int):
        super().__init__()
        ### BEGIN SOLUTION
        start = torch.full((n_channels,), 0.25)
        self.weight = nn.Parameter(start)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        a = self.weight.reshape(-1, *[1] * (x.ndim - 2))
        return torch.where(x > 0, x, a * x)
        ### END SOLUTION

# %%
class prelu_tf(keras.layers.Layer):
    def __init__(self, n_channels: int):
        super().__init__()
        ### BEGIN SOLUTION
        start = keras.initializers.Constant(0.25)
        self.weight = self.add_weight((n_channels,), start)
        ### END SOLUTION

    def call(self, x: tf.Tensor) -> tf.Tensor:
        ### BEGIN SOLUTION
        shape = [-1] + [1] * (len(x.shape) - 2)
        a = tf.reshape(self.weight, shape)
        return tf.where(x > 0, x, a * x)
        ### END SOLUTION

# %% [markdown]
# **Why:** broadcasting aligns shapes at their last axes, so a slope for axis 1 needs a 1 for every axis
# after it; without them the slopes would go along the last axis.

# %% [markdown]
# ## RReLU
#
# Write a layer that in training multiplies each negative number by a slope of its own, drawn uniformly
# between `lower` and `upper`, and in evaluation multiplies all of them by the middle of that range. You
# may call ReLU.
#
# PyTorch keeps the mode in `self.training`; Keras passes it to `call`.
#
# Worked case: between 0.125 and 0.375, −2 becomes −0.5 in evaluation, and anything from −0.75 to
# −0.25 in training.
#
# Hint 1: How many slopes do you need? One for each number of the input.
#
# Hint 2: Draw a tensor of slopes in the shape of the input, then choose by the sign of $x$.
#
# Hint 3: `torch.empty_like(x).uniform_(…, …)`, `tf.random.uniform(tf.shape(x), …, …)`.

# %%
class rrelu_pt(nn.Module):
    def __init__(self, lower: float, upper: float):
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        a = (self.lower + self.upper) / 2
        if self.training:
            a = torch.empty_like(x)
            a.uniform_(self.lower, self.upper)
        return torch.where(x > 0, x, a * x)
        ### END SOLUTION

# %%
class rrelu_tf(keras.layers.Layer):
    def __init__(self, lower: float, upper: float):
        super().__init__()
        self.lower, self.upper = lower, upper

    def call(self, x: tf.Tensor, training=False) -> tf.Tensor:
        ### BEGIN SOLUTION
        a = (self.lower + self.upper) / 2
        if training:
            a = tf.random.uniform(
                tf.shape(x), self.lower, self.upper)
        return tf.where(x > 0, x, a * x)
        ### END SOLUTION

# %% [markdown]
# **Why:** one slope for each number makes the noise of each unit independent; the middle of the range is
# the mean of the draws, so the expected output is the same in both modes.

# %% [markdown]
# ## Threshold
#
# Keep numbers greater than `bar`, and replace all others by `value`.
#
# Worked case: with a bar of 0.5 and a value of −2, 0.4 becomes −2, 0.5 becomes −2, and 0.6 stays 0.6.
#
# Hint 1: A clamp would turn 0.4 into 0.5. What should it become?
#
# Hint 2: For each number, choose between the number itself and a constant.
#
# Hint 3: `torch.where(x > bar, …, …)`, `tf.where(x > bar, …, …)`.

# %%
def threshold_pt(
    x: torch.Tensor, bar: float, value: float
) -> torch.Tensor:
    return torch.where(x > bar, x, value)

# %%
def threshold_tf(
    x: tf.Tensor, bar: float, value: float
) -> tf.Tensor:
    return tf.where(x > bar, x, value)

# %% [markdown]
# **Why:** the value does not depend on the bar, so no maximum can produce it.

# %% [markdown]
# ## Harder: the gradient by hand
#
# Write Leaky ReLU once more, and write its gradient yourself. At 0 the gradient must be **a quarter of
# the way** from the slope to 1: (1 + 3 · slope) / 4. The frameworks' own Leaky ReLU returns the slope
# there.
#
# Worked case: with a slope of 0.1, the inputs −1, 0 and 1 have the gradients 0.1, 0.325 and 1, each
# multiplied by the gradient that arrives from above.
#
# Hint 1: In PyTorch write a subclass of `torch.autograd.Function` with `forward` and `backward`. In
# TensorFlow decorate a function with `tf.custom_gradient`; it returns its value and a function.
#
# Hint 2: `backward` receives the gradient of the loss with respect to the output. Multiply it by the
# derivative.
#
# Hint 3: The derivative is `where(x > 0, 1, where(x < 0, slope, (1 + 3 * slope) / 4))`.

# %%
def leaky_relu_by_hand_pt(
    x: torch.Tensor, negative_slope: float
) -> torch.Tensor:
    a = negative_slope

    class LeakyReLU(torch.autograd.Function):
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return torch.where(x > 0, x, a * x)

        def backward(ctx, upstream_gradient):
            (x,) = ctx.saved_tensors
            slope = torch.where(x < 0, a, (1 + 3 * a) / 4)
            slope = torch.where(x > 0, 1, slope)
            return upstream_gradient * slope

    return LeakyReLU.apply(x)

# %%
def leaky_relu_by_hand_tf(
    x: tf.Tensor, negative_slope: float
) -> tf.Tensor:
    a = negative_slope

    @tf.custom_gradient
    def with_gradient(x):
        def backward(upstream_gradient):
            slope = tf.where(x < 0, a, (1 + 3 * a) / 4)
            slope = tf.where(x > 0, 1.0, slope)
            return upstream_gradient * slope

        return tf.where(x > 0, x, a * x), backward

    return with_gradient(x)

# %% [markdown]
# **Why:** by the chain rule the gradient is the one from above times the derivative here. Without the
# first factor the answer is right only where the gradient from above is 1.
