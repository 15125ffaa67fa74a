# %% [markdown]
# # Exercises: constraints
#
# Write the constraints of [the chapter](../../chapters/regularizers/constraints.ipynb) yourself: in PyTorch, in
# TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it.
# The check immediately tells you what is right and what is wrong.
#
# Each answer is a function from a weight to a new weight. A constraint is applied without gradients, so only
# numbers are checked. An answer earns a point for its **values** and a point for its **robustness**. A robust
# answer accepts other shapes, zeros, and very large or small numbers, returns float32 for float32, and does not
# change its inputs. With wrong values it earns no points. You may use sums, norms, `clamp`, `where` and the
# like, but not Keras's constraints, `torch.renorm` or `tf.clip_by_norm`.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Maximum norm
#
# Limit the norm of each vector along `axis` to `max_value`: scale longer vectors to this norm, and return the
# others unchanged. `axis` is one number, or the three axes of a convolution's kernel. All numbers along these
# axes belong to one vector. A vector of zeros stays 0.
#
# Worked case: with `axis` 0 the columns of ((3, 0.3), (4, 0.4)) have the norms 5 and 0.5. With the bound 2 the
# result is ((1.2, 0.3), (1.6, 0.4)). The sum of its numbers is 3.5.
#
# Hint 1: The norm is the root of the sum of the squares. Which argument of `sum` keeps the summed axes, so that
# you can divide by the result? (`torch.norm` and `tf.norm` do not accept three axes.)
#
# Hint 2: Every vector is multiplied by a factor. It is 1 for short vectors, and bound / norm for long ones.
# Which factor does a norm of 0 get?
#
# Hint 3: `(max_value / norm).clamp(max=1)`, `tf.minimum(1.0, max_value / norm)`: for the norm 0 this is the
# minimum of 1 and infinity.

# %%
def max_norm_pt(
    w: torch.Tensor, max_value: float,
    axis: int | tuple[int, ...],
) -> torch.Tensor:
    """w: an array of any shape; returns the same shape."""
    norm = (w**2).sum(dim=axis, keepdim=True).sqrt()
    return w * (max_value / norm).clamp(max=1)

# %%
def max_norm_tf(
    w: tf.Tensor, max_value: float,
    axis: int | tuple[int, ...],
) -> tf.Tensor:
    """w: an array of any shape; returns the same shape."""
    norm = tf.sqrt(tf.reduce_sum(w**2, axis, keepdims=True))
    return w * tf.minimum(1.0, max_value / norm)

# %% [markdown]
# **Why:** one factor for all numbers of a vector keeps its direction.

# %% [markdown]
# ## Unit norm
#
# Scale each vector along `axis` to the length 1 as Keras does: divide it by its norm plus 1e-7.
#
# Worked case: with `axis` 0, the columns of ((3, 0.3), (4, 0.4)) become (0.6, 0.8), both of them. A column (0,
# 0) stays (0, 0), and (3e-8, 4e-8) becomes (0.2, 0.2667).
#
# Hint 1: Each vector has its own norm. Use `axis` for the sum, and keep the summed axes.
#
# Hint 2: 1e-7 is added to the norm, after the root.
#
# Hint 3: `w / (norm + 1e-7)`.

# %%
def unit_norm_constraint_pt(
    w: torch.Tensor, axis: int | tuple[int, ...]
) -> torch.Tensor:
    """w: an array of any shape; returns the same shape."""
    norm = (w**2).sum(dim=axis, keepdim=True).sqrt()
    return w / (norm + 1e-7)

# %%
def unit_norm_constraint_tf(
    w: tf.Tensor, axis: int | tuple[int, ...]
) -> tf.Tensor:
    """w: an array of any shape; returns the same shape."""
    norm = tf.sqrt(tf.reduce_sum(w**2, axis, keepdims=True))
    return w / (norm + 1e-7)

# %% [markdown]
# **Why:** the added 1e-7 prevents the division 0 / 0, and changes a vector of length 1 by one ten-millionth.

# %% [markdown]
# ## Minimum and maximum norm
#
# Move the norm of each vector along `axis` towards the interval from `min_value` to `max_value`. The new norm is
# `rate` times the clipped norm, plus (1 − `rate`) times the old norm. A vector of zeros stays 0.
#
# Worked case: the columns of ((3, 0.3), (4, 0.4)) have the norms 5 and 0.5. With the bounds 1 and 2 and the rate
# 0.5, the new norms are 3.5 and 0.75. The result is ((2.1, 0.45), (2.8, 0.6)), and the sum of its numbers is
# 5.95.
#
# Hint 1: Compute the old norm and the new norm of each vector. By which factor must you multiply the vector?
#
# Hint 2: The factor is new norm / old norm. For a vector of zeros this is division by 0: what can you add to
# the old norm?
#
# Hint 3: `w * new / (norm + 1e-7)`.

# %%
def min_max_norm_pt(
    w: torch.Tensor, min_value: float, max_value: float,
    rate: float, axis: int | tuple[int, ...],
) -> torch.Tensor:
    """w: an array of any shape; returns the same shape."""
    norm = (w**2).sum(dim=axis, keepdim=True).sqrt()
    clipped = norm.clamp(min_value, max_value)
    new = rate * clipped + (1 - rate) * norm
    return w * new / (norm + 1e-7)

# %%
def min_max_norm_tf(
    w: tf.Tensor, min_value: float, max_value: float,
    rate: float, axis: int | tuple[int, ...],
) -> tf.Tensor:
    """w: an array of any shape; returns the same shape."""
    norm = tf.sqrt(tf.reduce_sum(w**2, axis, keepdims=True))
    clipped = tf.clip_by_value(norm, min_value, max_value)
    new = rate * clipped + (1 - rate) * norm
    return w * new / (norm + 1e-7)

# %% [markdown]
# **Why:** a factor changes the norm and keeps the direction, and a vector of zeros has no direction.

# %% [markdown]
# ## One step with non-negative weights
#
# Do one step of gradient descent with the learning rate `lr`, and then apply the constraint NonNeg. Return the
# new weights.
#
# Worked case: the weights (0.5, 0.5, 0, −3), the gradient (1, 8, −2, 0) and the learning rate 0.1 give (0.4, 0,
# 0.2, 0).
#
# Hint 1: The constraint comes after the step. Which of the four weights would be negative without it?
#
# Hint 2: A weight that is 0 can become positive, and a weight that was negative before the step is also set to
# 0.
#
# Hint 3: The larger of 0 and `w - lr * gradient`.

# %%
def non_negative_step_pt(
    w: torch.Tensor, gradient: torch.Tensor, lr: float
) -> torch.Tensor:
    """w, gradient: the same shape; returns the new weights."""
    return (w - lr * gradient).clamp(min=0)

# %%
def non_negative_step_tf(
    w: tf.Tensor, gradient: tf.Tensor, lr: float
) -> tf.Tensor:
    """w, gradient: the same shape; returns the new weights."""
    return tf.maximum(0.0, w - lr * gradient)

# %% [markdown]
# **Why:** the gradient is computed without the constraint, so it can also move a weight away from 0.

# %% [markdown]
# ## The inverse of softplus
#
# A parametrization computes the weight $w = \log(1 + e^v)$ from a free parameter $v$. Return the $v$ for a given
# $w > 0$. It must also be right for $w$ = 10,000, for which $e^w$ is infinite.
#
# Worked case: for $w$ = 0.5 and 2 the result is −0.4328 and 1.8546. For $w$ = 10,000 it is 10,000.
#
# Hint 1: Solve $w = \log(1 + e^v)$ for $v$: first apply the exponential to both sides.
#
# Hint 2: $v = \log(e^w - 1)$. Take the factor $e^w$ out of the bracket, so that the logarithm becomes a sum.
#
# Hint 3: $v = w + \log(1 - e^{-w})$.

# %%
def inverse_softplus_pt(w: torch.Tensor) -> torch.Tensor:
    """w: positive numbers; returns the same shape."""
    return w + torch.log(-torch.expm1(-w))

# %%
def inverse_softplus_tf(w: tf.Tensor) -> tf.Tensor:
    """w: positive numbers; returns the same shape."""
    return w + tf.math.log(-tf.math.expm1(-w))

# %% [markdown]
# **Why:** $e^{-w}$ is between 0 and 1, so nothing overflows; `expm1` keeps the digits of small $w$.

# %% [markdown]
# ## A bound on singular values
#
# Limit the singular values of the matrix `w` to `max_value`, and keep its singular vectors. Singular values
# below the bound do not change.
#
# Worked case: ((3, 0), (0, 0.5)) has the singular values 3 and 0.5. With the bound 1 the result is ((1, 0), (0,
# 0.5)).
#
# Hint 1: `torch.linalg.svd` and `tf.linalg.svd` compute the three parts of the product $U S V^\top$. They return
# them in different orders.
#
# Hint 2: PyTorch returns $U$, $S$ and $V^\top$; use `full_matrices=False`. TensorFlow returns $S$, $U$ and $V$:
# transpose $V$.
#
# Hint 3: `(u * s) @ vt` multiplies column i of `u` by singular value i. Limit `s` before.

# %%
def max_spectral_norm_pt(
    w: torch.Tensor, max_value: float
) -> torch.Tensor:
    """w: (rows, columns); returns the same shape."""
    u, s, vt = torch.linalg.svd(w, full_matrices=False)
    return (u * s.clamp(max=max_value)) @ vt

# %%
def max_spectral_norm_tf(
    w: tf.Tensor, max_value: float
) -> tf.Tensor:
    """w: (rows, columns); returns the same shape."""
    s, u, v = tf.linalg.svd(w)
    s = tf.minimum(s, max_value)
    return (u * s) @ tf.transpose(v)

# %% [markdown]
# **Why:** each singular value is the stretch in one direction, and the other directions are not affected.
