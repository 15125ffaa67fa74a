# %% [markdown]
# # Exercises: gates
#
# Write the gates of [the chapter](../../chapters/activations/gates.ipynb) yourself, from their
# formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell, then
# run the check below it. It tells you at once what is right and what is wrong.
#
# An answer earns a point each for its **values**, its **gradients** and its **robustness**. Robust
# means: inputs of any shape, numbers up to ±10,000, float32 in and out, and an input that is left
# as it was. With wrong values an answer earns no point at all.
#
# The functions that this chapter is about are forbidden, in both frameworks. Sigmoid, tanh,
# softplus, ReLU, the error function and everything else are allowed. In float32 $e^x$ is infinite
# from 89 on, and a formula with right values can still have NaN for a gradient there.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the other's cells.
#
# ## SiLU
#
# Multiply every number by its own sigmoid.
#
# Worked case: 2 becomes 1.7616, −2 becomes −0.2384, and 0 stays 0 with the gradient ½. −10,000
# becomes 0 with the gradient 0.
#
# Hint 1: What is multiplied by what? The gate is a number between 0 and 1.
#
# Hint 2: $x\,\sigma(x)$. The framework's sigmoid is allowed, and its value and its gradient are
# right at ±10,000, too.
#
# Hint 3: `x * torch.sigmoid(…)`, `x * tf.sigmoid(…)`.

# %%
def silu_pt(x: torch.Tensor) -> torch.Tensor:
    return x * torch.sigmoid(x)

# %%
def silu_tf(x: tf.Tensor) -> tf.Tensor:
    return x * tf.sigmoid(x)

# %% [markdown]
# **Why:** autograd and the tape find both parts of the gradient, through the number and through its
# gate. The quotient $x / (1 + e^{-x})$ has the same values, but its gradient at −10,000 is NaN.

# %% [markdown]
# ## Hardswish, or hard SiLU
#
# Multiply every number by its hard sigmoid: a line of slope 1/6 through (0, ½) that stops at 0 and
# at 1.
#
# Worked case: −4 becomes 0, −1.5 becomes −0.375, 1.5 becomes 1.125, and 4 stays 4. At ±3 any
# gradient between the slopes of the two sides is right.
#
# Hint 1: Write the gate first, and see that it is ½ at 0 and 1 at 3.
#
# Hint 2: The gate is $\min(\max(0, x + 3), 6) / 6$, and `relu6` does most of it.
#
# Hint 3: `x * torch.clamp(…, 0, 6) / 6`, `x * tf.nn.relu6(…) / 6`.

# %%
def hard_silu_pt(x: torch.Tensor) -> torch.Tensor:
    return x * torch.clamp(x + 3, 0, 6) / 6

# %%
def hard_silu_tf(x: tf.Tensor) -> tf.Tensor:
    return x * tf.nn.relu6(x + 3) / 6

# %% [markdown]
# **Why:** only the gate is clipped, so the product keeps its minimum below 0. At ±3 the two answers
# have different gradients, −½ and 1½ with `clamp`, 0 and 1 with `relu6`. All of them lie between
# the slopes of the two sides.

# %% [markdown]
# ## GELU
#
# Multiply every number $x$ by $\Phi(x)$, the probability that a draw from the standard normal
# distribution is smaller. Write the exact function, not the approximation.
#
# Worked case: 1 becomes 0.8413, −1 becomes −0.1587, −3 becomes −0.0040, and 0 stays 0 with the
# gradient ½.
#
# Hint 1: $\Phi$ can be written with the error function, erf, which both frameworks have.
#
# Hint 2: erf goes from −1 to 1, and a gate from 0 to 1. And erf belongs to a normal distribution of
# variance ½, so scale $x$: $\Phi(x) = \tfrac12\left(1 + \operatorname{erf}(x / \sqrt2)\right)$.
#
# Hint 3: `x * (1 + torch.erf(…)) / 2`, `x * (1 + tf.math.erf(…)) / 2`.

# %%
def gelu_pt(x: torch.Tensor) -> torch.Tensor:
    return x * (1 + torch.erf(x / 2**0.5)) / 2

# %%
def gelu_tf(x: tf.Tensor) -> tf.Tensor:
    return x * (1 + tf.math.erf(x / 2**0.5)) / 2

# %% [markdown]
# **Why:** add 1 to erf and halve the sum, and it is a probability. erfc of $-x / \sqrt2$ is the
# same sum, and keeps more digits far below 0.

# %% [markdown]
# ## GELU by tanh
#
# Write the approximation of GELU:
#
# $$\frac{x}{2}\left(1 + \tanh\left(\sqrt{2/\pi}\,(x + 0.044715\,x^3)\right)\right)$$
#
# Worked case: 1 becomes 0.8412 (the exact GELU: 0.8413), and −3 becomes −0.0036 (the exact GELU:
# −0.0040).
#
# Hint 1: Build it from the inside: the cube, the sum, the root, tanh, the gate, the product.
#
# Hint 2: The root multiplies the whole sum, and all of $2/\pi$ is under it: it is 0.7979.
#
# Hint 3: `x / 2 * (1 + torch.tanh(…))`, `x / 2 * (1 + tf.tanh(…))`, of
# `(2 / math.pi) ** 0.5 * (…)` with `import math` before.

# %%
def gelu_tanh_pt(x: torch.Tensor) -> torch.Tensor:
    inner = 0.7978845608 * (x + 0.044715 * x**3)
    return x / 2 * (1 + torch.tanh(inner))

# %%
def gelu_tanh_tf(x: tf.Tensor) -> tf.Tensor:
    inner = 0.7978845608 * (x + 0.044715 * x**3)
    return x / 2 * (1 + tf.tanh(inner))

# %% [markdown]
# **Why:** the root gives the gate the slope that $\Phi$ has at 0, $1/\sqrt{2\pi}$, and the cube
# fits it to $\Phi$ further out.

# %% [markdown]
# ## Mish
#
# Multiply every number by tanh of its softplus, $\tanh(\log(1 + e^x))$. The gradient must be a
# number at ±10,000, too.
#
# Worked case: 0 stays 0 with the gradient 0.6, 1 becomes 0.8651, −1 becomes −0.3034, and 10,000
# stays 10,000 with the gradient 1.
#
# Hint 1: Softplus first, then tanh, then the product. What is $e^{10000}$ in float32?
#
# Hint 2: Both frameworks have a softplus that is right for large numbers, too. It is allowed.
#
# Hint 3: `x * torch.tanh(…)` of `torch.nn.functional.softplus(…)`,
# `x * tf.tanh(tf.math.softplus(…))`.

# %%
def mish_pt(x: torch.Tensor) -> torch.Tensor:
    return x * torch.tanh(torch.nn.functional.softplus(x))

# %%
def mish_tf(x: tf.Tensor) -> tf.Tensor:
    return x * tf.tanh(tf.math.softplus(x))

# %% [markdown]
# **Why:** `log(1 + exp(x))` has the right values, too, since tanh(∞) is 1. Its gradient is 0 times
# ∞, which is NaN.

# %% [markdown]
# ## GLU
#
# Split `x` into two equal halves along an axis, and multiply the first half by the sigmoid of the
# second. The axis is given, counted from the front or, when negative, from the back. Its size is
# even.
#
# Worked case: [2, −4, 0, 10] along its only axis becomes [1, −3.9998], which is 2 times σ(0), and
# −4 times σ(10).
#
# Hint 1: How many numbers come out for each two that go in, and which of the two is the gate?
#
# Hint 2: Both frameworks split a tensor into two along an axis: `torch.chunk`, `tf.split`.
# (`torch.split` takes the size of a part, not the number of parts.)
#
# Hint 3: `a, b = torch.chunk(x, 2, dim)`, `a, b = tf.split(x, 2, axis)`. Which one goes through the
# sigmoid?

# %%
def glu_pt(x: torch.Tensor, dim: int) -> torch.Tensor:
    """x: any shape, (…, 2n, …); returns (…, n, …)."""
    a, b = torch.chunk(x, 2, dim)
    return a * torch.sigmoid(b)

# %%
def glu_tf(x: tf.Tensor, axis: int) -> tf.Tensor:
    a, b = tf.split(x, 2, axis)
    return a * tf.sigmoid(b)

# %% [markdown]
# **Why:** the first half is only multiplied, so its gradient is the gate. An open gate passes all
# of it, however large the value.

# %% [markdown]
# ## CReLU
#
# Join ReLU of `x` and ReLU of `−x` along an axis, in this order. The axis is given, counted from
# the front or, when negative, from the back.
#
# Worked case: [3, −2] along its only axis becomes [3, 0, 0, 2]. At 0 any gradient between the
# slopes of the two sides is right.
#
# Hint 1: Twice as many numbers come out, and none of them is negative.
#
# Hint 2: Negate before the ReLU, not after it. Whether you join before the ReLU or after it, the
# result is the same.
#
# Hint 3: `torch.relu(torch.cat([…, …], dim))`, `tf.nn.relu(tf.concat([…, …], axis))`.

# %%
def crelu_pt(x: torch.Tensor, dim: int) -> torch.Tensor:
    """x: any shape, (…, n, …); returns (…, 2n, …)."""
    return torch.relu(torch.cat([x, -x], dim))

# %%
def crelu_tf(x: tf.Tensor, axis: int) -> tf.Tensor:
    return tf.nn.relu(tf.concat([x, -x], axis))

# %% [markdown]
# **Why:** when you join first, one ReLU does both halves. A sum in place of the join would be
# $|x|$, without the sign.
