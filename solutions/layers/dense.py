# %% [markdown]
# # Exercises: dense layers
#
# Write the layers of [the chapter](../../chapters/layers/dense.ipynb) yourself, from their formulas: in
# PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell, then run the check below
# it. The check tells you at once what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**: it takes the
# shapes that the statement names, returns float32 for float32, and leaves its inputs as they were. With
# wrong values it earns none. Two exercises ask for the gradients themselves, or for random numbers, and
# have fewer points. You may multiply matrices (`@`, `matmul`, `einsum`) and add; do not use the layers and
# functions of the chapter. In both frameworks a weight is (out, in), as in PyTorch.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other.
#
# ## Dense
#
# Multiply the last axis of `x` by the weight, and add the bias.
#
# Worked case: with the weight ((1, 0, 2), (−1, 1, 0.5)) and the bias (0.5, −0.25), the example (1, 2, −1) has the
# outputs 1 · 1 + 2 · 0 − 1 · 2 + 0.5 = −0.5 and −1 + 2 − 0.5 − 0.25 = 0.25.
#
# Hint 1: `x` has `n_in` numbers in its last axis. Which axis of the weight has as many?
#
# Hint 2: $y = x W^\top + b$. The transposed weight has the shape (n_in, n_out).
#
# Hint 3: `x @ weight.T`, `x @ tf.transpose(weight)`; then add the bias, which broadcasts along the last axis.

# %%
def dense_pt(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor
) -> torch.Tensor:
    """x: (…, n_in), weight: (n_out, n_in), bias: (n_out,);
    returns (…, n_out)."""
    return x @ weight.T + bias

# %%
def dense_tf(
    x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor
) -> tf.Tensor:
    """x: (…, n_in), weight: (n_out, n_in), bias: (n_out,);
    returns (…, n_out)."""
    return x @ tf.transpose(weight) + bias

# %% [markdown]
# **Why:** a matrix product sums over the last axis of the first factor and the first axis of the second, so the
# axis of the inputs must come first in the weight.

# %% [markdown]
# ## The gradients of a dense layer
#
# Return the three gradients of $y = x W^\top + b$: of the input, of the weight and of the bias, in this order.
# `upstream` is the gradient of the loss with respect to $y$. Write them as formulas, without autograd or tape.
#
# Worked case: for one example $x$ = (1, 2) and one output, with the weight ((3, 4)) and upstream ((10)), they are
# (30, 40), ((10, 20)) and (10).
#
# Hint 1: Each gradient has the shape of what it belongs to. Which products of `x`, `weight` and `upstream` have
# these shapes?
#
# Hint 2: All examples share the weight and the bias, so their gradients are summed over the examples, and over the
# steps of a sequence.
#
# Hint 3: For two axes: `upstream @ weight`, `upstream.T @ x`, `upstream.sum(0)`. With more, first make all axes
# before the last into one: `x.reshape(-1, x.shape[-1])`, `tf.reshape(x, (-1, x.shape[-1]))`.

# %%
def dense_gradients_pt(
    x: torch.Tensor,
    weight: torch.Tensor,
    upstream: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """x: (…, n_in), weight: (n_out, n_in), upstream:
    (…, n_out); returns the gradients of x, weight and bias."""
    rows = x.reshape(-1, x.shape[-1])
    above = upstream.reshape(-1, upstream.shape[-1])
    return upstream @ weight, above.T @ rows, above.sum(0)

# %%
def dense_gradients_tf(
    x: tf.Tensor, weight: tf.Tensor, upstream: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """x: (…, n_in), weight: (n_out, n_in), upstream:
    (…, n_out); returns the gradients of x, weight and bias."""
    rows = tf.reshape(x, (-1, x.shape[-1]))
    above = tf.reshape(upstream, (-1, upstream.shape[-1]))
    dw = tf.matmul(above, rows, transpose_a=True)
    return upstream @ weight, dw, tf.reduce_sum(above, 0)

# %% [markdown]
# **Why:** a small change of one weight moves one output of every example by that example's input, so its gradient
# collects upstream times input from all examples; the bias does the same with the input 1.

# %% [markdown]
# ## PyTorch's start
#
# Return new numbers in the shape of `weight`, drawn as `nn.Linear` draws them: uniformly between $-1/\sqrt{n_{in}}$
# and $1/\sqrt{n_{in}}$. Draw anew in each call. The numbers that `weight` holds do not matter.
#
# Worked case: a weight of shape (5, 100) is filled with numbers between −0.1 and 0.1.
#
# Hint 1: Which axis of the weight has the size $n_{in}$?
#
# Hint 2: Draw between 0 and 1, and stretch and shift, or draw between two ends at once.
#
# Hint 3: `torch.empty_like(weight).uniform_(…, …)`, `tf.random.uniform(weight.shape, …, …)`.

# %%
def linear_start_pt(weight: torch.Tensor) -> torch.Tensor:
    """weight: (n_out, n_in); returns the same shape."""
    bound = weight.shape[1] ** -0.5
    return torch.empty_like(weight).uniform_(-bound, bound)

# %%
def linear_start_tf(weight: tf.Tensor) -> tf.Tensor:
    """weight: (n_out, n_in); returns the same shape."""
    bound = weight.shape[1] ** -0.5
    return tf.random.uniform(weight.shape, -bound, bound)

# %% [markdown]
# **Why:** the inputs lie along axis 1 of PyTorch's weight; in Keras's kernel they lie along axis 0, which is how a
# start copied from one framework to the other takes the wrong size.

# %% [markdown]
# ## Einsum dense
#
# Project each step of a sequence to several heads: multiply by the kernel, add the bias, and return the heads in
# front of the time.
#
# Worked case: 3 steps of 7 numbers, with a kernel for 2 heads of size 5, come out as (batch, 2, 3, 5).
#
# Hint 1: Which letter do input and kernel share? It is summed over, so the output lacks it.
#
# Hint 2: With the letters b, t, f, h and s for batch, time, features, heads and size, the output is bhts. The bias
# is hs, and needs an axis for the time.
#
# Hint 3: `torch.einsum("btf,fhs->bhts", x, kernel)`, `tf.einsum` with the same; `bias[:, None]` has the shape
# (heads, 1, size).

# %%
def einsum_dense_pt(
    x: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor
) -> torch.Tensor:
    """x: (batch, time, features), kernel: (features, heads,
    size), bias: (heads, size); (batch, heads, time, size)."""
    y = torch.einsum("btf,fhs->bhts", x, kernel)
    return y + bias[:, None]

# %%
def einsum_dense_tf(
    x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor
) -> tf.Tensor:
    """x: (batch, time, features), kernel: (features, heads,
    size), bias: (heads, size); (batch, heads, time, size)."""
    y = tf.einsum("btf,fhs->bhts", x, kernel)
    return y + bias[:, None]

# %% [markdown]
# **Why:** the equation puts the axes in order, which a reshape cannot; the bias broadcasts from the right, so it
# needs a 1 where the time is.

# %% [markdown]
# ## Bilinear
#
# Multiply each number of the first input by each number of the second, sum the products of each example with the
# weights of each output, and add the bias.
#
# Worked case: with $x_1$ = (1, 2), $x_2$ = (3), a weight of shape (1, 2, 1) that holds 10 and 100, and the bias 0.5,
# the output is 1 · 10 · 3 + 2 · 100 · 3 + 0.5 = 630.5.
#
# Hint 1: Which axes of the weight belong to which input? And which one is left for the output?
#
# Hint 2: $y_{bo} = \sum_{ij} x_{bi} W_{oij} z_{bj} + b_o$. The letter b stands in both inputs and in the output, so
# each example meets its own partner only.
#
# Hint 3: `einsum("bi,oij,bj->bo", …)` exists in both frameworks.

# %%
def bilinear_pt(
    x1: torch.Tensor,
    x2: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
) -> torch.Tensor:
    """x1: (batch, n1), x2: (batch, n2), weight:
    (n_out, n1, n2), bias: (n_out,); returns (batch, n_out)."""
    return torch.einsum("bi,oij,bj->bo", x1, weight, x2) + bias

# %%
def bilinear_tf(
    x1: tf.Tensor,
    x2: tf.Tensor,
    weight: tf.Tensor,
    bias: tf.Tensor,
) -> tf.Tensor:
    """x1: (batch, n1), x2: (batch, n2), weight:
    (n_out, n1, n2), bias: (n_out,); returns (batch, n_out)."""
    return tf.einsum("bi,oij,bj->bo", x1, weight, x2) + bias

# %% [markdown]
# **Why:** the letters i and j are summed over and b is kept, so that products are formed within an example, and
# not across the batch.

# %% [markdown]
# ## Harder: an Identity on the way back
#
# Round each number to the nearest whole number, and let the gradient pass as if nothing had been done: forwards a
# rounding, backwards an Identity. Networks with whole-number activations are trained this way.
#
# Worked case: 1.2 and −0.6 become 1 and −1. A gradient of 5 from above arrives at each of them as 5.
#
# Hint 1: The gradient of `round` is 0 everywhere. Which part of your formula must be left out of the gradient?
#
# Hint 2: Write the result as $x$ plus a correction, and cut the gradient of the correction.
#
# Hint 3: `(torch.round(x) - x).detach()`, `tf.stop_gradient(tf.round(x) - x)`.

# %%
def straight_through_pt(x: torch.Tensor) -> torch.Tensor:
    return x + (torch.round(x) - x).detach()

# %%
def straight_through_tf(x: tf.Tensor) -> tf.Tensor:
    return x + tf.stop_gradient(tf.round(x) - x)

# %% [markdown]
# **Why:** the value is $x$ + (round(x) − x), and the bracket is a constant for the gradient, so what is left to
# differentiate is $x$.

# %% [markdown]
# ## Dense features
#
# Turn a table of ages and cities into the input of a dense layer. Lay side by side, in this order:
#
# 1. the age, minus `mean`, divided by `scale`: one column;
# 2. the bucket of the age, a single 1 in a row of zeros. `boundaries` has $n$ ages, in order, which make $n + 1$
#    buckets, and an age that equals a boundary begins the next bucket;
# 3. the city, a single 1 in a row of `n_cities`. An unknown city is −1, and its row is 0 throughout.
#
# You may use any function of the framework but `FeatureSpace`.
#
# Worked case: with mean 40, scale 10, the boundaries 18 and 30 and two cities, the age 30 in city 1 becomes
# (−1, 0, 0, 1, 0, 1).
#
# Hint 1: The number of a bucket is the number of boundaries that the age has reached.
#
# Hint 2: `torch.bucketize(age, boundaries, right=True)`, `tf.searchsorted(boundaries, age, side="right")`.
#
# Hint 3: `index[:, None] == torch.arange(n)` is a row with a single 1, or with none where the index is −1;
# `tf.one_hot(index, n)` does the same.

# %%
def dense_features_pt(
    age: torch.Tensor,
    city: torch.Tensor,
    mean: float,
    scale: float,
    boundaries: list[float],
    n_cities: int,
) -> torch.Tensor:
    """age and city: (batch,); returns
    (batch, 1 + len(boundaries) + 1 + n_cities)."""
    edges = torch.tensor(boundaries)
    bucket = torch.bucketize(age, edges, right=True)
    return torch.cat([
        (age[:, None] - mean) / scale,
        bucket[:, None] == torch.arange(len(edges) + 1),
        city[:, None] == torch.arange(n_cities),
    ], dim=1)

# %%
def dense_features_tf(
    age: tf.Tensor,
    city: tf.Tensor,
    mean: float,
    scale: float,
    boundaries: list[float],
    n_cities: int,
) -> tf.Tensor:
    """age and city: (batch,); returns
    (batch, 1 + len(boundaries) + 1 + n_cities)."""
    edges = tf.constant(boundaries)
    bucket = tf.searchsorted(edges, age, side="right")
    return tf.concat([
        (age[:, None] - mean) / scale,
        tf.one_hot(bucket, len(boundaries) + 1),
        tf.one_hot(city, n_cities),
    ], axis=1)

# %% [markdown]
# **Why:** a dense layer multiplies its inputs by weights, so a bucket or a city needs a column, and thus a weight,
# of its own; its number would make city 4 twice city 2.
