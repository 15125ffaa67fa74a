# %% [markdown]
# # Exercises: softmaxes
#
# Write the softmaxes of [the chapter](../../chapters/activations/softmaxes.ipynb) yourself, from
# their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell,
# then run the check below it. It tells you at once what is right, and what you got wrong.
#
# An answer earns a point each for its **values**, its **gradients** and its **robustness**: three
# and more dimensions, numbers as large as ±10,000 with rows that lie far apart, and an input that is left
# as it was. With wrong values it earns none. Where `axis` is asked for it may be any, counted from the
# start or from the end. The six functions of the chapter may not be used, except where a statement says
# so; `exp`, `log`, sums, maxima and `logsumexp` may.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and leave the other's cells alone.
#
# ## Softmax
#
# Turn the numbers along `axis` into shares $e^{x_i} / \sum_j e^{x_j}$.
#
# Worked case: (0, 1, 2) becomes (0.0900, 0.2447, 0.6652), and so does (10, 11, 12);
# (10,000, 9,000, −10,000) becomes (1, 0, 0).
#
# Hint 1: What is $e^{10000}$ in float32? Which number can you take from all logits of a row without changing
# its shares?
#
# Hint 2: Subtract the maximum along the axis, take exp, divide by the sum along the axis. Both reductions must keep
# their axis, so that a row is divided by its own sum.
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
# **Why:** the factor $e^{-m}$ stands above and below and cancels; with it the largest exponent is 0, so nothing
# overflows, and the sum is at least 1, so nothing is divided by 0.

# %% [markdown]
# ## Softmax2d
#
# Give each pixel its shares over the channels. The images come as (batch, channels, height, width) or,
# for robustness, as one image without a batch: the channels are third from the end.
#
# Worked case: an image of one pixel with the channels 0, 1 and 2 becomes 0.0900, 0.2447 and 0.6652.
#
# Hint 1: Which axis are the channels, if there are four? And if there are three?
#
# Hint 2: It is the softmax above, along the axis −3.
#
# Hint 3: `torch.amax(x, -3, keepdim=True)`, `tf.reduce_max(x, -3, keepdims=True)`, and so on; or call your own
# `softmax_pt`, `softmax_tf`.

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
# **Why:** an axis that is counted from the end does not move when a batch is put in front.

# %% [markdown]
# ## Log-softmax
#
# Return the logarithm of the softmax along `axis`, also where the share is 0 in float32.
#
# Worked case: (0, 1, 2) becomes (−2.4076, −1.4076, −0.4076), and (10,000, 9,000, −10,000) becomes
# (0, −1,000, −20,000). The gradient of the last of these three is −1, 0 and 1.
#
# Hint 1: What is the share of −10,000 here, and what is the logarithm of that?
#
# Hint 2: The logarithm of a quotient is a difference: $x_i - \log \sum_j e^{x_j}$. The sum overflows as it stands;
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
# **Why:** no share is ever formed, so none can be 0; only the sum goes through a logarithm, and that is
# at least 1. `x - logsumexp(x)` is the same in one call.

# %% [markdown]
# ## Softmin
#
# Give the largest share along `axis` to the smallest number: $e^{-x_i} / \sum_j e^{-x_j}$.
#
# Worked case: (0, 1, 2) becomes (0.6652, 0.2447, 0.0900), and (10,000, 9,000, −10,000) becomes (0, 0, 1).
#
# Hint 1: Which of the exponents $-x_i$ is the largest?
#
# Hint 2: The softmax of $-x$: what is subtracted from $-x$ is its own maximum, which is minus the minimum of $x$.
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
# **Why:** minimum minus $x$ is never positive, and 0 for the smallest: the same care as in softmax, mirrored.

# %% [markdown]
# ## Gumbel-softmax
#
# Draw shares: add Gumbel noise $g = -\log(-\log u)$, with $u$ uniform between 0 and 1, to each number, divide by
# `tau`, and take the softmax along the last axis. Draw anew in each call and for every number. The
# framework's softmax and log-softmax are allowed. Six thousand rows of noise are judged by their
# distribution; a right answer fails less than once in a million checks.
#
# Worked case: where the numbers lie far apart the noise decides nothing, and (10,000, 2,000, −10,000) becomes
# (1, 0, 0) every time.
#
# Hint 1: How many numbers must be drawn for a matrix of 6,000 rows and 4 columns?
#
# Hint 2: Draw $u$ in the shape of $x$, take the logarithm twice, with a minus before each. Then add, then divide.
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
# **Why:** the noise knows nothing of $x$, so the gradient passes it by; and of numbers with Gumbel noise each
# is the largest as often as its softmax says.

# %% [markdown]
# ## Sparsemax
#
# Subtract a threshold along `axis`, and make what is below it 0, so that the rest adds up to 1. With
# $x_{(1)} \ge x_{(2)} \ge \dots$ the numbers in falling order, the threshold is the largest of
# $(x_{(1)} + \dots + x_{(k)} - 1) / k$ over all $k$. Sorting, cumulative sums and ReLU are allowed, and no
# number of the check lies on its threshold.
#
# Worked case: (0.5, 0, −1) becomes (0.75, 0.25, 0), with the threshold −0.25; (3, 1, 1) becomes (1, 0, 0).
#
# Hint 1: For (0.5, 0, −1) the three candidates are −0.5, −0.25 and −0.5. Which numbers went into each?
#
# Hint 2: Sort, take cumulative sums, subtract 1, divide by 1, 2, 3, …, and take the maximum, which keeps its axis.
# Where the ranks 1, 2, 3, … do not go with `axis`, move `axis` to the end first, and back at last.
#
# Hint 3: `x.movedim(axis, -1)` and `x.sort(-1, descending=True).values`;
# `tf.sort(x, axis, direction="DESCENDING")` and `tf.cumsum(z, axis)`, which need no moving. What does a cumulative
# sum make of ones in the shape of `x`?

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
# **Why:** a further number raises the candidate as long as it lies above it, and lowers it from then on: the
# largest candidate has taken exactly those who get a share. Nothing has to be counted or looked up. A
# cumulative sum of ones makes the ranks in the right shape, whatever the axis.
