# %% [markdown]
# # Exercises: writing your own layer
#
# Write the layers and gradients of [the chapter](../../chapters/layers/writing_your_own.ipynb) yourself: in PyTorch, in
# TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it. The check
# immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# accepts inputs with more axes, returns float32 for float32, and does not change its inputs. With wrong values it
# earns no points.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch
import torch.nn as nn

# %% imports-tf tags=["tensorflow"]
import keras
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## A dense layer, with its weights
#
# Write the layer $y = xW + b$ as a class. Its trained weights are `self.weight`, of shape (n_in, n_out), and
# `self.bias`, of shape (n_out,). The weight may start with any numbers, the bias with 0. Do not use `nn.Linear`,
# `F.linear`, `Dense` or another linear layer of the frameworks.
#
# Worked case: with the weight ((1, −1), (0, 2), (0.5, 1)) and the bias (0.5, −0.25), the row (1, 2, −1) becomes
# (1 · 1 + 2 · 0 − 1 · 0.5 + 0.5, −1 + 4 − 1 − 0.25) = (1, 1.75).
#
# Hint 1: Which line must be the first in `__init__`? And what makes an array a weight that is trained?
#
# Hint 2: Use `nn.Parameter` in PyTorch, and `self.add_weight` in Keras. Both sizes are arguments, so you can make the
# weights in `__init__`, or in Keras also in `build`.
#
# Hint 3: `nn.Parameter(torch.randn(n_in, n_out))`, `self.add_weight((n_in, n_out))`; then `x @ self.weight + self.bias`.

# %%
class own_dense_pt(nn.Module):
    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (…, n_in); returns (…, n_out)."""
        return x @ self.weight + self.bias

# %%
class own_dense_tf(keras.layers.Layer):
    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.weight = self.add_weight((n_in, n_out))
        self.bias = self.add_weight(
            (n_out,), initializer="zeros")

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """x: (…, n_in); returns (…, n_out)."""
        return x @ self.weight + self.bias

# %% [markdown]
# **Why:** the optimizer gets the weights that the layer finds, and it finds parameters in PyTorch and Keras's own
# variables in Keras.

# %% [markdown]
# ## A linear layer with one-bit weights
#
# Multiply `x` by the transpose of a matrix of −1 and 1, the bits: a bit is 1 where `weight` is 0 or more, and −1
# elsewhere. The gradient of `x` is that of the product with the bits. The gradient of the bits goes on to `weight`
# unchanged where `weight` is from −1 to 1. Beyond ±1, the gradient of `weight` is 0.
#
# Worked case: the weight ((0.5, −0.25), (−1.5, 0.75)) has the bits ((1, −1), (−1, 1)), and $x$ = (1, 2) becomes (−1, 1).
# If the gradients of the two outputs are 1 and 1, then `x` has the gradient (0, 0), and the weight ((1, 2), (0, 2)).
#
# Hint 1: What is the gradient of `sign`? And what does `sign` make of 0?
#
# Hint 2: `torch.where(weight >= 0, 1.0, -1.0)` are the bits. `clamp` from −1 to 1 has the gradient that you need: 1
# between the bounds, and 0 beyond. In TensorFlow the function is `clip_by_value`.
#
# Hint 3: `soft = weight.clamp(-1, 1)`, and then `soft + (bits - soft).detach()`.

# %%
def one_bit_pt(
    x: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """x: (…, n_in), weight: (n_out, n_in); (…, n_out)."""
    bits = torch.where(weight >= 0, 1.0, -1.0)
    soft = weight.clamp(-1, 1)
    return x @ (soft + (bits - soft).detach()).T

# %%
def one_bit_tf(x: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
    """x: (…, n_in), weight: (n_out, n_in); (…, n_out)."""
    bits = tf.where(weight >= 0, 1.0, -1.0)
    soft = tf.clip_by_value(weight, -1, 1)
    straight = soft + tf.stop_gradient(bits - soft)
    return x @ tf.transpose(straight)

# %% [markdown]
# **Why:** the value is that of the bits, because the two `soft` cancel. In the gradient the correction is a constant,
# and only the first `soft` remains.

# %% [markdown]
# ## A gradient that is never longer than a limit
#
# Return `x` unchanged. In the gradient, each row (the last axis) of the upstream gradient must be at most `limit` long:
# multiply a longer row by one factor, so that its length is `limit`. Leave shorter rows as they are. The length of a
# row is the root of the sum of its squares. Recurrent networks are often trained with a similar limit.
#
# Worked case: if the limit is 1, the upstream gradient (3, 4) has the length 5 and becomes (0.6, 0.8). The upstream
# gradient (0.3, 0.4) stays as it is.
#
# Hint 1: The gradient depends on the upstream gradient in a way that no formula in `x` has. So write it yourself.
#
# Hint 2: The factor is `limit` divided by the length, and at most 1.
#
# Hint 3: In PyTorch, derive a class from `torch.autograd.Function`, keep `limit` in `ctx`, and return one gradient for
# each argument of `forward`: `None` for `limit`. In TensorFlow, decorate an inner function with `tf.custom_gradient`.

# %%
class Limited(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, limit):
        ctx.limit = limit
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        length = g.norm(dim=-1, keepdim=True)
        return g * (ctx.limit / length).clamp(max=1), None


def limited_pt(x: torch.Tensor, limit: float) -> torch.Tensor:
    """x: (…, n); returns the same shape."""
    return Limited.apply(x, limit)

# %%
def limited_tf(x: tf.Tensor, limit: float) -> tf.Tensor:
    """x: (…, n); returns the same shape."""

    @tf.custom_gradient
    def identity(x):
        def backward(g):
            length = tf.norm(g, axis=-1, keepdims=True)
            return g * tf.minimum(limit / length, 1.0)

        return tf.identity(x), backward

    return identity(x)

# %% [markdown]
# **Why:** the backward part gets the upstream gradient, so it can compute its length. A formula of `x` alone, with or
# without `detach`, can only multiply the upstream gradient by numbers that do not depend on it.
