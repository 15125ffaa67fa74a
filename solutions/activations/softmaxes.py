# %% [markdown]
# # Exercises: softmaxes
#
# Write the softmaxes of [the chapter](../../chapters/activations/softmaxes.ipynb) yourself, from
# their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell,
# then run the check below it. The check says at once what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. Robust means:
# it works in three and more dimensions, and on numbers up to ±10,000 in rows that lie far apart, and it
# leaves its input unchanged. An answer with wrong values earns nothing.
#
# Where a function takes `axis`, the check passes any axis, counted from the start or from the end. Do not use
# the six functions of the chapter, except where an exercise allows one, and then with the input and the axis
# alone. You may use `exp`, `log`, sums, maxima and `logsumexp`.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the other's cells.
#
# ## Softmax
#
# Turn the numbers along `axis` into shares $e^{x_i} / \sum_j e^{x_j}$.
#
# Worked case: (0, 1, 2) becomes (0.0900, 0.2447, 0.6652), and so does (10, 11, 12);
# (10,000, 9,000, −10,000) becomes (1, 0, 0).
#
# Hint 1: What is $e^{10000}$ in float32? Which number can you subtract from all logits of a row without
# changing its shares?
#
# Hint 2: Subtract the maximum along the axis, take exp, and divide by the sum along the axis. Both reductions must
# keep their axis, so that each row is divided by its own sum.
#
# Hint 3: `e = torch.exp(x - torch.amax(x, axis, keepdim=True))`, `e = tf.exp(x - tf.reduce_max(x, axis,
# keepdims=True))`; then divide.

# %%
def softmax_pt(x: torch.Tensor, axis: int) -> torch.Tensor:
    e = torch.exp(x - torch.amax(x, axis, keepdim=True))
    return e / e.sum(axis, keepdim=True)

# %%
def softmax_tf(x: tf.Tensor, axis: int) -> tf.Tensor:
    e = tf.exp(x - tf.reduce_max(x, axis, keepdims=True))
    return e / tf.reduce_sum(e, axis, keepdims=True)

# %% [markdown]
# **Why:** the factor $e^{-m}$ is in the numerator and in the denominator and cancels. After subtracting $m$
# the largest exponent is 0, so nothing overflows. The sum is at least 1, so nothing is divided by 0.

# %% [markdown]
# ## Softmax2d
#
# Give each pixel its shares over the channels. The images have the shape (batch, channels, height, width) or,
# for robustness, (channels, height, width).
#
# Worked case: an image of one pixel with the channels 0, 1 and 2 becomes 0.0900, 0.2447 and 0.6652.
#
# Hint 1: Which axis holds the channels if there are four axes? And if there are three?
#
# Hint 2: It is the softmax above, along axis −3.
#
# Hint 3: Write `torch.amax(x, -3, keepdim=True)`, `tf.reduce_max(x, -3, keepdims=True)`, and so on, or call
# your own `softmax_pt`, `softmax_tf`.

# %%
def softmax2d_pt(x: torch.Tensor) -> torch.Tensor:
    """x: ([batch,] channels, height, width)."""
    e = torch.exp(x - torch.amax(x, -3, keepdim=True))
    return e / e.sum(-3, keepdim=True)

# %%
def softmax2d_tf(x: tf.Tensor) -> tf.Tensor:
    e = tf.exp(x - tf.reduce_max(x, -3, keepdims=True))
    return e / tf.reduce_sum(e, -3, keepdims=True)

# %% [markdown]
# **Why:** counted from the end, the axis of the channels is the same with and without a batch.

# %% [markdown]
# ## Log-softmax
#
# Return the logarithm of the softmax along `axis`, also where the softmax itself is 0 in float32. A
# cross-entropy loss and PyTorch's `Categorical` contain it, and are forbidden, too.
#
# Worked case: (0, 1, 2) becomes (−2.4076, −1.4076, −0.4076), and (10,000, 9,000, −10,000) becomes
# (0, −1,000, −20,000). The gradient of the last of these three is −1, 0 and 1.
#
# Hint 1: What is the share of −10,000 here, and what is the logarithm of that share?
#
# Hint 2: The logarithm of a quotient is a difference: $x_i - \log \sum_j e^{x_j}$. As written the sum overflows:
# subtract the maximum from $x$ first.
#
# Hint 3: `z - torch.log(torch.exp(z).sum(axis, keepdim=True))`,
# `z - tf.math.log(tf.reduce_sum(tf.exp(z), axis, keepdims=True))`. What is `z`?

# %%
def log_softmax_pt(x: torch.Tensor, axis: int) -> torch.Tensor:
    z = x - torch.amax(x, axis, keepdim=True)
    return z - torch.log(torch.exp(z).sum(axis, keepdim=True))

# %%
def log_softmax_tf(x: tf.Tensor, axis: int) -> tf.Tensor:
    z = x - tf.reduce_max(x, axis, keepdims=True)
    total = tf.reduce_sum(tf.exp(z), axis, keepdims=True)
    return z - tf.math.log(total)

# %% [markdown]
# **Why:** no share is computed, so none can be 0. The only logarithm is that of the sum, which is at least 1.
# `x - logsumexp(x)` is the same in one call.

# %% [markdown]
# ## Softmin
#
# Give the largest share along `axis` to the smallest number: $e^{-x_i} / \sum_j e^{-x_j}$.
#
# Worked case: (0, 1, 2) becomes (0.6652, 0.2447, 0.0900), and (10,000, 9,000, −10,000) becomes (0, 0, 1).
#
# Hint 1: Which of the exponents $-x_i$ is the largest?
#
# Hint 2: It is the softmax of $-x$. Subtract the maximum of $-x$, which is minus the minimum of $x$.
#
# Hint 3: `e = torch.exp(torch.amin(x, axis, keepdim=True) - …)`,
# `e = tf.exp(tf.reduce_min(x, axis, keepdims=True) - …)`.

# %%
def softmin_pt(x: torch.Tensor, axis: int) -> torch.Tensor:
    e = torch.exp(torch.amin(x, axis, keepdim=True) - x)
    return e / e.sum(axis, keepdim=True)

# %%
def softmin_tf(x: tf.Tensor, axis: int) -> tf.Tensor:
    e = tf.exp(tf.reduce_min(x, axis, keepdims=True) - x)
    return e / tf.reduce_sum(e, axis, keepdims=True)

# %% [markdown]
# **Why:** the minimum minus $x$ is 0 for the smallest number and negative for all others, so nothing overflows.

# %% [markdown]
# ## Gumbel-softmax
#
# Draw shares: add Gumbel noise $g = -\log(-\log u)$ to each number, divide by `tau`, and take the softmax along
# the last axis. Here $u$ is uniform between 0 and 1, drawn anew in each call and for every number.
#
# You may use the framework's softmax and log-softmax, but not PyTorch's `RelaxedOneHotCategorical`. The check
# judges two draws of six thousand rows by the distribution of their noise. It rejects a right answer less than
# once in a million times.
#
# Worked case: where the numbers lie far apart the noise changes nothing, and (10,000, 2,000, −10,000) becomes
# (1, 0, 0) every time.
#
# Hint 1: How many random numbers does a matrix of 6,000 rows and 4 columns need?
#
# Hint 2: Draw $u$ in the shape of $x$. Take the logarithm twice, each time with a minus in front. Add the noise to
# $x$, then divide by `tau`.
#
# Hint 3: `noise = -torch.log(-torch.log(torch.rand_like(x)))`,
# `noise = -tf.math.log(-tf.math.log(tf.random.uniform(tf.shape(x))))`.

# %%
def gumbel_softmax_pt(
    x: torch.Tensor, tau: float
) -> torch.Tensor:
    """x: (…, n), tau: positive; returns the same shape."""
    noise = -torch.log(-torch.log(torch.rand_like(x)))
    return torch.softmax((x + noise) / tau, dim=-1)

# %%
def gumbel_softmax_tf(
    x: tf.Tensor, tau: float
) -> tf.Tensor:
    u = tf.random.uniform(tf.shape(x))
    noise = -tf.math.log(-tf.math.log(u))
    return tf.nn.softmax((x + noise) / tau, axis=-1)

# %% [markdown]
# **Why:** the noise does not depend on $x$, so the gradient is that of a softmax. With Gumbel noise each number is
# the largest as often as its softmax says.

# %% [markdown]
# ## Sparsemax
#
# Subtract a threshold from the numbers along `axis`, and set what is then negative to 0. The threshold is the
# largest of $(x_{(1)} + \dots + x_{(k)} - 1) / k$ over all $k$, where $x_{(1)} \ge x_{(2)} \ge \dots$ are the
# numbers in descending order. It makes the result sum to 1.
#
# You may use sorting, cumulative sums and ReLU. In the check no number lies exactly on its threshold.
#
# Worked case: (0.5, 0, −1) becomes (0.75, 0.25, 0), with the threshold −0.25; (3, 1, 1) becomes (1, 0, 0).
#
# Hint 1: For (0.5, 0, −1) the three candidates for the threshold are −0.5, −0.25 and −0.5. Which numbers is each
# made of?
#
# Hint 2: Sort, take cumulative sums, subtract 1, divide by 1, 2, 3, …, and take the maximum, which keeps its axis.
# If the ranks 1, 2, 3, … do not lie along `axis`, move `axis` to the end first, and back afterwards.
#
# Hint 3: In PyTorch use `x.movedim(axis, -1)` and `x.sort(-1, descending=True).values`. In TensorFlow
# `tf.sort(x, axis, direction="DESCENDING")` and `tf.cumsum(z, axis)` work along any axis. What is the cumulative
# sum of ones in the shape of `x`?

# %%
def sparsemax_pt(x: torch.Tensor, axis: int) -> torch.Tensor:
    x = x.movedim(axis, -1)
    z = x.sort(-1, descending=True).values
    k = torch.arange(1, x.shape[-1] + 1)
    tau = ((z.cumsum(-1) - 1) / k).amax(-1, keepdim=True)
    return torch.relu(x - tau).movedim(-1, axis)

# %%
def sparsemax_tf(x: tf.Tensor, axis: int) -> tf.Tensor:
    z = tf.sort(x, axis, direction="DESCENDING")
    k = tf.cumsum(tf.ones_like(x), axis)  # 1, 2, 3, …
    tau = (tf.cumsum(z, axis) - 1) / k
    tau = tf.reduce_max(tau, axis, keepdims=True)
    return tf.nn.relu(x - tau)

# %% [markdown]
# **Why:** going through the numbers in descending order, each one above the candidate raises it, and each one below
# lowers it. So the largest candidate is made of exactly those numbers that get a share, and you need not count
# them. A cumulative sum of ones gives the ranks along any axis.
