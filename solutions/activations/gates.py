# %% [markdown]
# # Exercises: gates
#
# Write the gates of [the chapter](../../chapters/activations/gates.ipynb) yourself, from
# their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell,
# then run the check below it. It tells you at once what is right, and what you got wrong.
#
# An answer earns a point each for its **values**, its **gradients** and its **robustness**: inputs
# of any shape, numbers as large as ±10,000, float32 in and out, and an input that is left as it was.
# With wrong values it earns none. The gates that this chapter is about may not be used, in either framework; sigmoid,
# tanh, softplus, ReLU, the error function and whatever else the frameworks have may be. In float32
# $e^x$ is infinite from 89 on, and a formula with right values can still have NaN for a gradient there.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and leave the other's cells alone.
#
# ## SiLU
#
# Multiply every number by its own sigmoid.
#
# Worked case: 0 stays 0 with the gradient ½, 2 becomes 1.7616, −2 becomes −0.2384, and −10,000 becomes
# 0 with the gradient 0.
#
# Hint 1: What is multiplied by what? The gate is a number between 0 and 1.
#
# Hint 2: $x\,\sigma(x)$; the framework's sigmoid is allowed, and safe at ±10,000, also in its gradient.
#
# Hint 3: `x * torch.sigmoid(…)`, `x * tf.sigmoid(…)`.

# %%
def silu_pt(x: torch.Tensor) -> torch.Tensor:
    return x * torch.sigmoid(x)

# %%
def silu_tf(x: tf.Tensor) -> tf.Tensor:
    return x * tf.sigmoid(x)

# %% [markdown]
# **Why:** the gradient comes by itself, and has two parts: through the number, and through its
# gate. Written as a quotient, $x / (1 + e^{-x})$, the values are the same, and the gradient at −10,000 is
# NaN.

# %% [markdown]
# ## Hardswish, or hard SiLU
#
# Multiply every number by its hard sigmoid: a line of slope 1/6 through (0, ½) that stops at 0
# and at 1.
#
# Worked case: −4 becomes 0, −1.5 becomes −0.375, 1.5 becomes 1.125, and 4 stays 4. At ±3 any
# gradient between the slopes of the two sides is right.
#
# Hint 1: Write the gate first, and see that it is ½ at 0 and 1 at 3.
#
# Hint 2: $\min(\max(0, x + 3), 6) / 6$ is the gate, and `relu6` does most of it.
#
# Hint 3: `x * torch.clamp(…, 0, 6) / 6`, `x * tf.nn.relu6(…) / 6`.

# %%
def hard_silu_pt(x: torch.Tensor) -> torch.Tensor:
    return x * torch.clamp(x + 3, 0, 6) / 6

# %%
def hard_silu_tf(x: tf.Tensor) -> tf.Tensor:
    return x * tf.nn.relu6(x + 3) / 6

# %% [markdown]
# **Why:** only the gate is clipped; the product keeps its dip below 0. At ±3 the two answers have different
# gradients, −½ and 1½ with `clamp`, 0 and 1 with `relu6`, and both lie between the slopes.

# %% [markdown]
# ## GELU
#
# Multiply every number $x$ by $\Phi(x)$, the probability that a number drawn from the standard normal
# distribution is smaller: exactly, not by an approximation.
#
# Worked case: 1 becomes 0.8413, −1 becomes −0.1587, −3 becomes −0.0040, and 0 stays 0 with the gradient ½.
#
# Hint 1: $\Phi$ can be written with the error function, erf, which both frameworks have.
#
# Hint 2: erf goes from −1 to 1, a gate from 0 to 1; and erf belongs to a normal distribution of variance ½, so $x$
# has to be scaled: $\Phi(x) = \tfrac12\left(1 + \operatorname{erf}(x / \sqrt2)\right)$.
#
# Hint 3: `x * (1 + torch.erf(…)) / 2`, `x * (1 + tf.math.erf(…)) / 2`.

# %%
def gelu_pt(x: torch.Tensor) -> torch.Tensor:
    return x * (1 + torch.erf(x / 2**0.5)) / 2

# %%
def gelu_tf(x: tf.Tensor) -> tf.Tensor:
    return x * (1 + tf.math.erf(x / 2**0.5)) / 2

# %% [markdown]
# **Why:** shift erf by 1 and halve it, and it is a probability. erfc of $-x / \sqrt2$ would be the
# same, with more digits far below 0.

# %% [markdown]
# ## GELU by tanh
#
# Write the approximation of GELU:
#
# $$\frac{x}{2}\left(1 + \tanh\left(\sqrt{2/\pi}\,(x + 0.044715\,x^3)\right)\right)$$
#
# Worked case: 1 becomes 0.8412, where the exact GELU has 0.8413; −3 becomes −0.0036, where it has −0.0040.
#
# Hint 1: Build it from the inside: the cube, the sum, the root, tanh, the gate, the product.
#
# Hint 2: The root multiplies the whole sum, and $2/\pi$ is all below it: 0.7979.
#
# Hint 3: `torch.tanh((2 / math.pi) ** 0.5 * (…))`, or `tf.tanh` of the same, with `import math` before; and around
# it `x / 2 * (1 + …)`.

# %%
def gelu_tanh_pt(x: torch.Tensor) -> torch.Tensor:
    inner = 0.7978845608 * (x + 0.044715 * x**3)
    return x / 2 * (1 + torch.tanh(inner))

# %%
def gelu_tanh_tf(x: tf.Tensor) -> tf.Tensor:
    inner = 0.7978845608 * (x + 0.044715 * x**3)
    return x / 2 * (1 + tf.tanh(inner))

# %% [markdown]
# **Why:** the root gives the gate the slope that $\Phi$ has at 0, $1/\sqrt{2\pi}$; the cube bends it to follow
# $\Phi$ further out.

# %% [markdown]
# ## Mish
#
# Multiply every number by tanh of its softplus, $\tanh(\log(1 + e^x))$, and let its gradient be a number
# at ±10,000, too.
#
# Worked case: 0 stays 0 with the gradient 0.6, 1 becomes 0.8651, −1 becomes −0.3034, and 10,000
# stays 10,000 with the gradient 1.
#
# Hint 1: Softplus first, then tanh, then the product. What is $e^{10000}$ in float32?
#
# Hint 2: Both frameworks have a softplus that knows what to do with large numbers. It is allowed.
#
# Hint 3: `x * torch.tanh(…)` of `torch.nn.functional.softplus(…)`, `x * tf.tanh(tf.math.softplus(…))`.

# %%
def mish_pt(x: torch.Tensor) -> torch.Tensor:
    return x * torch.tanh(torch.nn.functional.softplus(x))

# %%
def mish_tf(x: tf.Tensor) -> tf.Tensor:
    return x * tf.tanh(tf.math.softplus(x))

# %% [markdown]
# **Why:** `log(1 + exp(x))` has the right values too, since tanh(∞) is 1. Its gradient is 0 times ∞:
# NaN.

# %% [markdown]
# ## GLU
#
# Split `x` into two equal halves along an axis and multiply the first half by the sigmoid of the
# second. The axis is given, counted from the front or, when negative, from the back; its size is even.
#
# Worked case: [2, −4, 0, 10] along its only axis becomes [1, −3.9998]: 2 times σ(0), −4 times σ(10).
#
# Hint 1: How many numbers come out for each two that go in, and which of the two is the gate?
#
# Hint 2: Both frameworks split a tensor into two along an axis: `torch.chunk`, `tf.split`. (`torch.split` takes
# the size of a part, not the number of parts.)
#
# Hint 3: `a, b = torch.chunk(x, 2, dim)`, `a, b = tf.split(x, 2, axis)`. And then?

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
# **Why:** the first half is multiplied and nothing else, so its gradient is the gate: an open gate passes
# all of it, however large the value.

# %% [markdown]
# ## CReLU
#
# Join ReLU of `x` and ReLU of `−x` along an axis, in this order. The axis is given, counted from the
# front or, when negative, from the back.
#
# Worked case: [3, −2] along its only axis becomes [3, 0, 0, 2]. At 0 any gradient between the slopes
# of the two sides is right.
#
# Hint 1: Twice as many numbers come out, and none of them is negative.
#
# Hint 2: Negate before the ReLU, not after it. Whether you join first or last, the result is the same.
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
# **Why:** joined first, one ReLU does both halves. A sum in place of the joint would be $|x|$, and the sign
# would be gone.
