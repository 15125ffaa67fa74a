# %% [markdown]
# # Exercises: rectifiers
#
# Write the rectifiers of [the chapter](../../chapters/activations/rectifiers.ipynb) yourself, from
# their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell,
# then run the check below it. It tells you at once what is right, and what you got wrong.
#
# An answer earns a point each for its **values**, its **gradients** and its **robustness**: any number
# of dimensions, numbers as large as ±10,000, float32 in and out, and an input that is left as it was.
# With wrong values it earns none. The frameworks' own rectifiers may not be used, except where a
# statement says so.

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
# ## ReLU
#
# Keep positive numbers, replace the others by 0.
#
# Worked case: −1.5 becomes 0, 2 stays 2, and a matrix is treated number by number.
#
# Hint 1: Of 0 and the number, which one comes out?
#
# Hint 2: Take the larger of 0 and $x$, for each number.
#
# Hint 3: `torch.clamp(x, min=…)`, `tf.maximum(x, …)`.

# %%
def relu_pt(x: torch.Tensor) -> torch.Tensor:
    return torch.clamp(x, min=0)

# %%
def relu_tf(x: tf.Tensor) -> tf.Tensor:
    return tf.maximum(x, 0.0)

# %% [markdown]
# **Why:** a maximum with 0 is the formula itself; `clamp` with only a lower bound is PyTorch's name
# for a maximum with a number.

# %% [markdown]
# ## ReLU6
#
# Keep numbers from 0 to 6; what is below becomes 0, what is above becomes 6. You may call ReLU
# itself, with the input as its only argument.
#
# Worked case: −1 becomes 0, 4 stays 4, 7.5 becomes 6.
#
# Hint 1: It is a ReLU with a lid, and a lid is a minimum.
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
# Keep positive numbers, multiply the others by `negative_slope`. You may call ReLU.
#
# Worked case: with a slope of 0.1, −3 becomes −0.3, and 2 stays 2.
#
# Hint 1: Each number goes one of two ways. Which function chooses between two tensors?
#
# Hint 2: Compute both ways for all numbers, and choose by the sign of $x$.
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
# **Why:** `where` is the two lines of the formula. The maximum of $x$ and $\alpha x$ is right as
# well, as long as the slope is below 1.

# %% [markdown]
# ## PReLU
#
# Write a layer with one learned slope a channel, each 0.25 at the start, that multiplies negative
# numbers by the slope of their channel.
#
# The channels are axis 1 in both frameworks; the input has two dimensions or more. Keep the slopes in
# the attribute `weight`, a trainable weight (`nn.Parameter`, `self.add_weight`) of shape
# `(n_channels,)`. You may call ReLU.
#
# Worked case: with slopes 0.5 and 0.1, the row (−2, −2) becomes (−1, −0.2).
#
# Hint 1: A layer learns what it holds as a parameter: `nn.Parameter`, `self.add_weight`.
#
# Hint 2: For an input of shape (batch, channels, …), give the slopes the shape (channels, 1, …, 1), with a 1
# for each axis behind the channels. Then they broadcast along the right one.
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
# **Why:** broadcasting aligns shapes at their ends, so a slope for axis 1 needs a 1 for every axis
# behind it; without them it would silently go along the last axis.

# %% [markdown]
# ## RReLU
#
# Write a layer that in training multiplies each negative number by a slope of its own, drawn
# uniformly between `lower` and `upper`, and in evaluation all of them by the middle. You may call
# ReLU.
#
# PyTorch keeps the mode in `self.training`; Keras passes it to `call`.
#
# Worked case: between 0.125 and 0.375, −2 becomes −0.5 in evaluation, and anything from −0.75 to
# −0.25 in training.
#
# Hint 1: How many slopes do you need? One for each number of the input.
#
# Hint 2: A tensor of slopes with the shape of the input; then choose by the sign of $x$.
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
# **Why:** each number needs a slope of its own, or the noise could not tell units apart; the middle of
# the range is the mean of the draws, so the expected output is the same in both modes.

# %% [markdown]
# ## Threshold
#
# Keep numbers greater than `bar`, replace the others by `value`.
#
# Worked case: with bar 0.5 and value −2, 0.4 becomes −2, 0.5 becomes −2, and 0.6 stays 0.6.
#
# Hint 1: Why is a clamp wrong? Look at what becomes of 0.4.
#
# Hint 2: Choose, for each number, between itself and a constant.
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
# **Why:** the value has nothing to do with the bar, so no maximum can produce it.

# %% [markdown]
# ## Harder: the gradient by hand
#
# Write Leaky ReLU once more, and write its gradient, too, instead of leaving it to the framework.
# At 0 the gradient is to lie **a quarter of the way** from the slope to 1: (1 + 3 · slope) / 4.
# The built-in Leaky ReLU returns the slope there.
#
# Worked case: with a slope of 0.1, inputs −1, 0 and 1 have the gradients 0.1, 0.325 and 1, each times
# the gradient that arrives from above.
#
# Hint 1: PyTorch: a subclass of `torch.autograd.Function` with `forward` and `backward`. TensorFlow: a
# function decorated with `tf.custom_gradient` that returns its value and a function.
#
# Hint 2: What arrives in `backward` is the gradient of everything that comes after. Multiply it by the
# derivative.
#
# Hint 3: The three-way derivative is `where(x > 0, 1, where(x < 0, slope, (1 + 3 * slope) / 4))`.

# %%
def leaky_relu_by_hand_pt(
    x: torch.Tensor, negative_slope: float
) -> torch.Tensor:
    a = negative_slope
    class LeakyReLU(torch.autograd.Function):
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return torch.where(x > 0, x, a * x)
        def backward(ctx, upstream):
            (x,) = ctx.saved_tensors
            left = torch.where(x < 0, a, (1 + 3 * a) / 4)
            return upstream * torch.where(x > 0, 1, left)
    return LeakyReLU.apply(x)

# %%
def leaky_relu_by_hand_tf(
    x: tf.Tensor, negative_slope: float
) -> tf.Tensor:
    a = negative_slope
    @tf.custom_gradient
    def with_gradient(x):
        def backward(upstream):
            left = tf.where(x < 0, a, (1 + 3 * a) / 4)
            return upstream * tf.where(x > 0, 1.0, left)
        return tf.where(x > 0, x, a * x), backward
    return with_gradient(x)

# %% [markdown]
# **Why:** the chain rule: what comes from above, times the derivative here. Forget the first factor
# and the layer is right only as the last of its network.
