# %% [markdown]
# # Exercises: dense layers
#
# Write the layers of [the chapter](../../chapters/layers/dense.ipynb) yourself, from their formulas: in
# PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check
# below it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# accepts the shapes that the statement names, returns float32 for float32, and does not change its inputs.
# With wrong values it earns no points. Two exercises ask for the gradients themselves, or for random numbers,
# and have fewer points. You may multiply matrices (`@`, `matmul`, `einsum`) and add. Do not use the layers
# and functions of the chapter. In both frameworks a weight has the shape (out, in), as in PyTorch.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Dense
#
# Multiply the last axis of `x` by the weight, and add the bias.
#
# Worked case: with the weight ((1, 0, 2), (−1, 1, 0.5)) and the bias (0.5, −0.25), the example (1, 2, −1) has
# the outputs 1 · 1 + 2 · 0 − 1 · 2 + 0.5 = −0.5 and −1 + 2 − 0.5 − 0.25 = 0.25.
#
# Hint 1: `x` has `n_in` numbers in its last axis. Which axis of the weight has the same size?
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
# **Why:** a matrix product sums over the last axis of the first factor and the first axis of the second
# factor. So the first axis of the transposed weight must be the inputs.

# %% [markdown]
# ## The gradients of a dense layer
#
# Return the three gradients of $y = x W^\top + b$: of the input, of the weight and of the bias, in this
# order. `upstream` is the gradient of the loss with respect to $y$. Write formulas, without autograd or tape.
#
# Worked case: for one example $x$ = (1, 2) and one output, with the weight ((3, 4)) and upstream ((10)), the
# three gradients are ((30, 40)), ((10, 20)) and (10).
#
# Hint 1: The gradient of a tensor has the shape of the tensor. Which products of `x`, `weight` and `upstream`
# have these shapes?
#
# Hint 2: All examples use the same weight and the same bias. So their gradients are summed over the examples,
# and over the steps of a sequence.
#
# Hint 3: For two axes: `upstream @ weight`, `upstream.T @ x`, `upstream.sum(0)`. For more axes, first reshape
# all axes before the last axis into one: `x.reshape(-1, x.shape[-1])`, `tf.reshape(x, (-1, x.shape[-1]))`.

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
# **Why:** a weight multiplies one input number of each example. So its gradient is the sum of upstream times
# this input number over all examples. The bias multiplies the number 1, so its gradient is the sum of
# upstream.

# %% [markdown]
# ## PyTorch's initialization
#
# Return random numbers in the shape of `weight`, with the distribution of `nn.Linear`: uniform between
# $-1/\sqrt{n_{in}}$ and $1/\sqrt{n_{in}}$. Each call must return new numbers. The numbers in `weight` are not
# important.
#
# Worked case: for a weight of shape (5, 100), the result has numbers between −0.1 and 0.1.
#
# Hint 1: Which axis of the weight has the size $n_{in}$?
#
# Hint 2: Draw numbers between 0 and 1, multiply and subtract. Or pass both bounds to a random function.
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
# **Why:** the inputs are axis 1 of PyTorch's weight, and axis 0 of Keras's kernel. If you use the wrong axis,
# the bound is 1/√n_out.

# %% [markdown]
# ## Einsum dense
#
# Project each step of a sequence to several heads: multiply by the kernel, and add the bias. In the output
# the axis of the heads comes before the axis of the time.
#
# Worked case: an input of shape (batch, 3, 7), with 3 steps of 7 numbers, and a kernel for 2 heads of size 5
# give an output of shape (batch, 2, 3, 5).
#
# Hint 1: Which letter do input and kernel both have? It is summed over, so it is not in the output.
#
# Hint 2: Use the letters b, t, f, h and s for batch, time, features, heads and size. The output is bhts. The
# bias is hs, and needs an axis for the time.
#
# Hint 3: `torch.einsum("btf,fhs->bhts", x, kernel)`, and the same with `tf.einsum`; `bias[:, None]` has the
# shape (heads, 1, size).

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
# **Why:** the equation also sets the order of the axes, and a reshape cannot do this. Broadcasting aligns the
# last axes, so the bias needs an axis of size 1 in the place of the time.

# %% [markdown]
# ## Bilinear
#
# Multiply each number of the first input by each number of the second input. Each output is the sum of these
# products, multiplied by the weights of this output, plus the bias.
#
# Worked case: $x_1$ is (1, 2), $x_2$ is (3), the weight has the shape (1, 2, 1) and contains 10 and 100, and
# the bias is 0.5. The output is 1 · 10 · 3 + 2 · 100 · 3 + 0.5 = 630.5.
#
# Hint 1: Which axes of the weight belong to which input? And which axis belongs to the output?
#
# Hint 2: $y_{bo} = \sum_{ij} x_{bi} W_{oij} z_{bj} + b_o$. The letter b is in both inputs and in the output,
# so an example of one input is combined only with the same example of the other input.
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
# **Why:** the letters i and j are summed over, and b is not. So the numbers of different examples are never
# multiplied.

# %% [markdown]
# ## Harder: round, with the gradient of an Identity
#
# Round each number to the nearest integer. The gradient must be that of an Identity: pass the gradient of the
# output on to `x`, unchanged. Networks whose activations are integers are trained in this way.
#
# Worked case: 1.2 and −0.6 become 1 and −1. If the gradient of an output is 5, the gradient of its input is
# also 5.
#
# Hint 1: The gradient of `round` is 0 everywhere. Which part of your formula must have no gradient?
#
# Hint 2: Write the result as $x$ plus a correction, and stop the gradient of the correction.
#
# Hint 3: `(torch.round(x) - x).detach()`, `tf.stop_gradient(tf.round(x) - x)`.

# %%
def straight_through_pt(x: torch.Tensor) -> torch.Tensor:
    return x + (torch.round(x) - x).detach()

# %%
def straight_through_tf(x: tf.Tensor) -> tf.Tensor:
    return x + tf.stop_gradient(tf.round(x) - x)

# %% [markdown]
# **Why:** the value is $x$ + (round(x) − x). For the gradient, the part in parentheses is a constant, so the
# derivative is that of $x$.

# %% [markdown]
# ## Dense features
#
# Convert a table of ages and cities into the input of a dense layer. Concatenate these columns, in this
# order:
#
# 1. The age, minus `mean`, divided by `scale`: one column.
# 2. The bucket of the age, as a row of zeros with a single 1. `boundaries` contains $n$ ages in increasing
#   order, for $n + 1$ buckets. An age equal to a boundary belongs to the bucket above the boundary.
# 3. The city, as a row of `n_cities` zeros with a single 1. An unknown city has the number −1, and its row is
#   all 0.
#
# You may use all functions of the framework except `FeatureSpace`.
#
# Worked case: with mean 40, scale 10, the boundaries 18 and 30 and two cities, the age 30 in city 1 becomes
# (−1, 0, 0, 1, 0, 1).
#
# Hint 1: The number of a bucket is the number of boundaries that are not larger than the age.
#
# Hint 2: `torch.bucketize(age, boundaries, right=True)`, `tf.searchsorted(boundaries, age, side="right")`.
#
# Hint 3: `index[:, None] == torch.arange(n)` is a row with a single 1, or without a 1 if the index is −1.
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
# **Why:** a dense layer multiplies its inputs by weights. So each bucket and each city needs its own column,
# and therefore its own weight. If the input were the number of the city, city 4 would count twice as much as
# city 2.
