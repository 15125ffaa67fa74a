# %% [markdown]
# # Exercises: normalized vectors and weights
#
# Write the components of [the chapter](../../chapters/layers/normalized_vectors_and_weights.ipynb) yourself,
# from their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises
# `NotImplementedError`, run the cell, and then run the check below it. The check tells you immediately what
# is right and what is wrong.
#
# An answer can earn three points: for its **values**, its **gradients** and its **robustness**. Robustness
# means that the answer works for other numbers of dimensions, for large numbers and for windows that are
# larger than the input, and that it does not change its input. An answer with wrong values earns no points.
# The frameworks' own normalizations are not allowed, except where an exercise names them.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and ignore the cells of the other framework.
#
# ## Unit normalization
#
# Divide each vector along the last axis by its length. If `eps` is larger than the length, divide by `eps`
# instead.
#
# The result for the zero vector is the zero vector, and its gradient is the upstream gradient divided by
# `eps`. A frequent mistake makes this gradient NaN.
#
# Worked case: with `eps` = 0.5, the vector (3, 4) becomes (0.6, 0.8). The vector (0.1, −0.2) is shorter than
# 0.5, and becomes (0.2, −0.4).
#
# Hint 1: The slope of a root at 0 is infinite, and infinity times 0 is NaN. How can you avoid the root of 0?
#
# Hint 2: The larger of the length and `eps` is the root of the larger of the sum of the squares and `eps`².
#
# Hint 3: `torch.clamp(square, min=eps**2).sqrt()` in PyTorch, `tf.sqrt(tf.maximum(square, eps**2))` in
# TensorFlow.

# %%
def unit_norm_pt(x: torch.Tensor, eps: float) -> torch.Tensor:
    square = (x**2).sum(-1, keepdim=True)
    return x / torch.clamp(square, min=eps**2).sqrt()

# %%
def unit_norm_tf(x: tf.Tensor, eps: float) -> tf.Tensor:
    square = tf.reduce_sum(x**2, -1, keepdims=True)
    return x / tf.sqrt(tf.maximum(square, eps**2))

# %% [markdown]
# **Why:** with the maximum inside the root, the argument of the root is never 0, so its slope is finite.

# %% [markdown]
# ## Weight normalization
#
# Give each row of `v` the length that its entry of `g` asks for: divide the row by its own length, and
# multiply it by the entry of `g`. A row contains all numbers with the same index on axis 0, for example all
# numbers of one filter.
#
# Worked case: the row (3, 4) with $g = 2$ becomes (1.2, 1.6).
#
# Hint 1: Over which axes do you compute the length of a row?
#
# Hint 2: Over all axes except axis 0. To broadcast along axis 0, `g` needs an axis of size 1 for each of
# them.
#
# Hint 3: With `rows = v.reshape(len(v), -1)` you compute the length over axis 1. Reshape the result back at
# the end.

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
# **Why:** the row is divided by its length, so only `g` decides how long the result is.

# %% [markdown]
# ## Spectral normalization: one power iteration
#
# Estimate the largest factor $\sigma$ by which the matrix `weight` stretches a vector, and divide the matrix
# by $\sigma$. Start from the vector `u`. Return the divided matrix and the new `u`, as a tuple:
#
# $$v = \frac{W^\top u}{\lVert W^\top u \rVert} \qquad u' = \frac{W v}{\lVert W v \rVert} \qquad \sigma = u' \cdot W v$$
#
# For the gradient, $v$ and $u'$ are constants. $\sigma$ is not a constant, because it contains $W$. You may
# use `F.normalize` and `tf.nn.l2_normalize`.
#
# Worked case: for $W$ = ((3, 0), (4, 1)) and $u$ = (1, 0), $v$ is (1, 0), $u'$ is (0.6, 0.8) and $\sigma$ is
# 5.
#
# Hint 1: Which of the steps must not be part of the gradient?
#
# Hint 2: Compute $v$ and $u'$ without a gradient, and then $\sigma$ with a gradient.
#
# Hint 3: In PyTorch, compute the two vectors inside `with torch.no_grad():`. In TensorFlow, put
# `tf.stop_gradient(…)` around each vector.

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
# **Why:** with the exact vectors, a small change of $u'$ or $v$ does not change $\sigma$. So their gradient
# would be 0 anyway.

# %% [markdown]
# ## Harder: local response normalization with a window of any size
#
# Divide each number by a power of the mean square of the channels around it, at the same position. The window
# has `size` channels:
#
# $$y_c = x_c \Big/ \Big(k + \frac{\alpha}{\mathrm{size}} \sum_{i} x_i^2\Big)^{\beta}$$
#
# $$c - \lfloor \mathrm{size} / 2 \rfloor \le i \le c + \lfloor (\mathrm{size} - 1) / 2 \rfloor$$
#
# The channels are axis 1. Channels that do not exist count as 0, and the sum is always divided by `size`.
# TensorFlow's own function has only windows of odd size. Your function must also work for even sizes.
#
# Worked case: with `size` = 2, the window of channel 3 contains the channels 2 and 3. With `size` = 3, it
# contains the channels 2, 3 and 4.
#
# Hint 1: Add channels of zeros before the first channel and after the last channel. How many on each side?
#
# Hint 2: Add `size // 2` channels before, and `size - 1 - size // 2` channels after. Then the sum over the
# window is the sum of `size` shifted copies.
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
# **Why:** with the zeros, every window is complete, so the edges need no special case.
