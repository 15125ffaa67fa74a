# %% [markdown]
# # Exercises: normalized vectors and weights
#
# Write the components of [the chapter](../../chapters/layers/normalized_vectors_and_weights.ipynb)
# yourself, from their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the
# cell, then run the check below it. It tells you at once what is right, and what you got wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**: other
# numbers of dimensions, large numbers, windows larger than the input, and an input that stays as it was.
# With wrong values it earns none. The frameworks' own normalizations are not allowed, except where a
# statement says so.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and leave the other's cells alone.
#
# ## Unit normalization
#
# Divide each vector, along the last axis, by its length, or by `eps` where that is larger.
#
# The zero vector becomes the zero vector, and its gradient is the upstream gradient divided by `eps`. NaN
# is the usual surprise there.
#
# Worked case: with `eps` = 0.5 the vector (3, 4) becomes (0.6, 0.8), and (0.1, −0.2), which is shorter than
# 0.5, becomes (0.2, −0.4).
#
# Hint 1: The slope of a root at 0 is infinite, and infinity times 0 is NaN. Can you keep the 0 away from
# the root?
#
# Hint 2: The larger of the length and `eps` is the root of the larger of the sum of squares and `eps`².
#
# Hint 3: `torch.clamp(square, min=eps**2).sqrt()`, `tf.sqrt(tf.maximum(square, eps**2))`.

# %%
def unit_norm_pt(x: torch.Tensor, eps: float) -> torch.Tensor:
    square = (x**2).sum(-1, keepdim=True)
    return x / torch.clamp(square, min=eps**2).sqrt()

# %%
def unit_norm_tf(x: tf.Tensor, eps: float) -> tf.Tensor:
    square = tf.reduce_sum(x**2, -1, keepdims=True)
    return x / tf.sqrt(tf.maximum(square, eps**2))

# %% [markdown]
# **Why:** with the maximum inside, the root never sees 0, so that no infinite slope is multiplied by 0.

# %% [markdown]
# ## Weight normalization
#
# Give each row of `v` the length of its entry of `g`: divide the row by its length, and multiply by `g`. A
# row is everything behind axis 0, for instance all numbers of one filter.
#
# Worked case: the row (3, 4) with $g = 2$ becomes (1.2, 1.6).
#
# Hint 1: Which axes does the length of a row go over?
#
# Hint 2: All but the first; `g` needs a 1 for each of them, to broadcast along axis 0.
#
# Hint 3: `rows = v.reshape(len(v), -1)`: there the length goes over axis 1; reshape back at the end.

# %%
def weight_norm_pt(
    v: torch.Tensor, g: torch.Tensor
) -> torch.Tensor:
    """v: (out, …); g: (out,); returns the shape of v."""
    rows = v.reshape(len(v), -1)
    length = (rows**2).sum(1, keepdim=True).sqrt()
    return (g[:, None] * rows / length).reshape(v.shape)

# %%
def weight_norm_tf(v: tf.Tensor, g: tf.Tensor) -> tf.Tensor:
    rows = tf.reshape(v, [v.shape[0], -1])
    length = tf.sqrt(tf.reduce_sum(rows**2, 1, keepdims=True))
    return tf.reshape(g[:, None] * rows / length, v.shape)

# %% [markdown]
# **Why:** the length belongs to the row and is divided out, so that `g` alone decides how long it is.

# %% [markdown]
# ## Spectral normalization: one power iteration
#
# Estimate by how much the matrix `weight` stretches a vector at most, starting from the vector `u`, and
# divide the matrix by this number. Return the divided matrix and the new `u`, as a tuple:
#
# $$v = \frac{W^\top u}{\lVert W^\top u \rVert} \qquad
# u' = \frac{W v}{\lVert W v \rVert} \qquad \sigma = u' \cdot W v$$
#
# For the gradient, $v$ and $u'$ are constants. $\sigma$ is not: it contains $W$. You may use `F.normalize`
# and `tf.nn.l2_normalize`.
#
# Worked case: for $W$ = ((3, 0), (4, 1)) and $u$ = (1, 0), $v$ = (1, 0), $u'$ = (0.6, 0.8) and $\sigma$ = 5.
#
# Hint 1: Which of the steps must the gradient not go through?
#
# Hint 2: Compute $v$ and $u'$ without a gradient, then $\sigma$ with one.
#
# Hint 3: `with torch.no_grad():` around the two vectors; `tf.stop_gradient(…)` around each.

# %%
def spectral_norm_pt(
    weight: torch.Tensor, u: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """weight: (out, in); u: (out,)."""
    with torch.no_grad():
        v = weight.T @ u
        v = v / v.norm()
        u = weight @ v
        u = u / u.norm()
    sigma = u @ weight @ v
    return weight / sigma, u

# %%
def spectral_norm_tf(
    weight: tf.Tensor, u: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    v = tf.linalg.matvec(weight, u, transpose_a=True)
    v = tf.stop_gradient(v / tf.norm(v))
    u = tf.linalg.matvec(weight, v)
    u = tf.stop_gradient(u / tf.norm(u))
    sigma = tf.tensordot(u, tf.linalg.matvec(weight, v), 1)
    return weight / sigma, u

# %% [markdown]
# **Why:** at the exact vectors a small change of $u'$ or $v$ does not change $\sigma$, so their gradient is
# 0 there anyway.

# %% [markdown]
# ## Harder: local response normalization with a window of any size
#
# Divide each number by a power of the mean square around it, over a window of `size` channels at the same
# position:
#
# $$y_c = x_c \Big/ \Big(k + \frac{\alpha}{\mathrm{size}} \sum_{i} x_i^2\Big)^{\beta}
# \qquad c - \lfloor \mathrm{size} / 2 \rfloor \le i \le c + \lfloor (\mathrm{size} - 1) / 2 \rfloor$$
#
# The channels are axis 1. Channels that do not exist count as 0, and the divisor stays `size`. TensorFlow's
# own has odd windows only; yours takes even ones, too.
#
# Worked case: with `size` = 2 the window of channel 3 is the channels 2 and 3; with `size` = 3 it is 2, 3
# and 4.
#
# Hint 1: Add zeros in front of the channels and behind them. How many of each?
#
# Hint 2: `size // 2` in front, `size - 1 - size // 2` behind. Then the sum over the window is the sum of
# `size` shifted copies.
#
# Hint 3: `sum(padded[:, i : i + n_channels] for i in range(size))`.

# %%
def local_response_norm_pt(
    x: torch.Tensor,
    size: int,
    alpha: float,
    beta: float,
    k: float,
) -> torch.Tensor:
    """x: (batch, channels, …)."""
    n, front = x.shape[1], size // 2
    behind = size - 1 - front
    zeros = torch.zeros_like(x[:, :1])
    padded = torch.cat(
        [zeros] * front + [x**2] + [zeros] * behind, dim=1)
    sums = sum(padded[:, i : i + n] for i in range(size))
    return x / (k + alpha * sums / size) ** beta

# %%
def local_response_norm_tf(
    x: tf.Tensor, size: int, alpha: float, beta: float, k: float
) -> tf.Tensor:
    n, front = x.shape[1], size // 2
    behind = size - 1 - front
    zeros = tf.zeros_like(x[:, :1])
    padded = tf.concat(
        [zeros] * front + [x**2] + [zeros] * behind, axis=1)
    sums = sum(padded[:, i : i + n] for i in range(size))
    return x / (k + alpha * sums / size) ** beta

# %% [markdown]
# **Why:** the zeros make every window whole, so that the edges need no case of their own.
