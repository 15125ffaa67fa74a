# %% [markdown]
# # Exercises: merging layers
#
# Write the merging layers of [the chapter](../../chapters/layers/merging.ipynb) yourself: in PyTorch, in
# TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it.
# The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# accepts other shapes, returns float32 for float32, and does not change its inputs. With wrong values it
# earns no points. If the statement asks for the gradients themselves, they count as values. You may use
# operators, `stack`, sums and comparisons, but not Keras's merging layers. For `Maximum` and `Minimum` you
# may not use `tf.maximum` and `tf.minimum` either, because their gradients are different from those in the
# statement.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Add
#
# Add two tensors as Keras's `Add` does: each example of `a` to the same example of `b`. If one tensor has
# fewer axes, insert the missing axes after its batch axis, so that it is broadcast along them.
#
# Worked case: the shapes (2, 3) and (2, 5, 3) give the shape (2, 5, 3): the vector of an example is added to
# all 5 steps of the example. The tensor with fewer axes can be `a` or `b`.
#
# Hint 1: `+` compares the shapes from the last axis. Which shape must the smaller tensor have, so that its
# batch axis meets the other batch axis?
#
# Hint 2: (2, 3) must become (2, 1, 3). There may be more than one axis to insert.
#
# Hint 3: `while a.ndim < b.ndim: a = a.unsqueeze(1)`, and the same for `b`; in TensorFlow `tf.expand_dims(a,
# 1)` and `len(a.shape)`.

# %%
def add_pt(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """a, b: (batch, …); returns the shape of the one with
    more axes."""
    while a.ndim < b.ndim:
        a = a.unsqueeze(1)
    while b.ndim < a.ndim:
        b = b.unsqueeze(1)
    return a + b

# %%
def add_tf(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """a, b: (batch, …); returns the shape of the one with
    more axes."""
    while len(a.shape) < len(b.shape):
        a = tf.expand_dims(a, 1)
    while len(b.shape) < len(a.shape):
        b = tf.expand_dims(b, 1)
    return a + b

# %% [markdown]
# **Why:** if both tensors have the same number of axes, the batch axes meet. An axis of size 1 is broadcast.

# %% [markdown]
# ## Subtract, with its gradients
#
# Subtract the vector `b` from each example of `a`. Return the difference, the gradient of `a` and the
# gradient of `b`. `upstream` is the gradient of the loss with respect to the difference. Write formulas,
# without autograd or tape.
#
# Worked case: with `upstream` ((1, 2), (10, 20)) the gradients are ((1, 2), (10, 20)) and (−11, −22).
#
# Hint 1: The gradient of a tensor has the shape of the tensor. The gradient of `b` has no batch axis. How do
# you remove this axis from `upstream`?
#
# Hint 2: `b` is used once for each example, so its gradient is a sum over the examples. And `b` is
# subtracted.
#
# Hint 3: `-upstream.sum(0)`, `-tf.reduce_sum(upstream, 0)`.

# %%
def subtract_pt(
    a: torch.Tensor, b: torch.Tensor, upstream: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """a, upstream: (batch, features), b: (features,); returns
    the difference and the gradients of a and b."""
    return a - b, upstream, -upstream.sum(0)

# %%
def subtract_tf(
    a: tf.Tensor, b: tf.Tensor, upstream: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """a, upstream: (batch, features), b: (features,); returns
    the difference and the gradients of a and b."""
    return a - b, upstream, -tf.reduce_sum(upstream, 0)

# %% [markdown]
# **Why:** if a tensor is broadcast along an axis, its gradient is summed over this axis.

# %% [markdown]
# ## Multiply, with its gradients
#
# Multiply all features of an example by the gate of the example. Return the product, the gradient of `a` and
# the gradient of `gate`. Write formulas, without autograd or tape.
#
# Worked case: for the example (2, 5) with the gate 10 and `upstream` (1, 3), the product is (20, 50). The
# gradient of `a` is (10, 30), and the gradient of the gate is 1 · 2 + 3 · 5 = 17.
#
# Hint 1: By the product rule, the derivative with respect to one factor is the other factor.
#
# Hint 2: All features use the same gate, so its gradient is a sum over the last axis. Keep this axis, with
# size 1.
#
# Hint 3: `(upstream * a).sum(-1, keepdim=True)`, `tf.reduce_sum(upstream * a, -1, keepdims=True)`.

# %%
def multiply_pt(
    a: torch.Tensor, gate: torch.Tensor, upstream: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """a, upstream: (…, features), gate: (…, 1); returns the
    product and the gradients of a and gate."""
    dgate = (upstream * a).sum(-1, keepdim=True)
    return a * gate, upstream * gate, dgate

# %%
def multiply_tf(
    a: tf.Tensor, gate: tf.Tensor, upstream: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """a, upstream: (…, features), gate: (…, 1); returns the
    product and the gradients of a and gate."""
    dgate = tf.reduce_sum(upstream * a, -1, keepdims=True)
    return a * gate, upstream * gate, dgate

# %% [markdown]
# **Why:** the gate multiplies each feature, so each feature contributes upstream times the feature to the
# gradient of the gate.

# %% [markdown]
# ## Average
#
# Return the average of three tensors of the same shape.
#
# Worked case: 1, 2 and 6 have the average 3.
#
# Hint 1: What is the weight of each of the three tensors?
#
# Hint 2: Add all three before you divide.
#
# Hint 3: `a + b + c / 3` divides only `c`. Use parentheses.

# %%
def average_pt(
    a: torch.Tensor, b: torch.Tensor, c: torch.Tensor
) -> torch.Tensor:
    """a, b, c: one shape; returns the same shape."""
    return (a + b + c) / 3

# %%
def average_tf(
    a: tf.Tensor, b: tf.Tensor, c: tf.Tensor
) -> tf.Tensor:
    """a, b, c: one shape; returns the same shape."""
    return (a + b + c) / 3

# %% [markdown]
# **Why:** each of the three has the weight ⅓. If you average in pairs, the weights are ¼, ¼ and ½.

# %% [markdown]
# ## Maximum, with equal gradients at a tie
#
# Return the largest of three tensors at each place. If several are the largest, the gradient must be
# **divided equally** between them. Two nested maxima or Keras's layer do not do this.
#
# Worked case: for 2, 2 and 1 the result is 2, and a gradient of 6 becomes 3, 3 and 0. For 5, 5 and 5 it
# becomes 2, 2 and 2.
#
# Hint 1: If you compare in pairs, the gradient is not divided by three. Can you compare all three in one
# step?
#
# Hint 2: Stack the three along a new axis, and compute the maximum along it.
#
# Hint 3: `torch.amax` and `tf.reduce_max` divide the gradient equally; PyTorch's `x.max(0)` does not.

# %%
def maximum_pt(
    a: torch.Tensor, b: torch.Tensor, c: torch.Tensor
) -> torch.Tensor:
    """a, b, c: one shape; returns the same shape."""
    return torch.stack([a, b, c]).amax(0)

# %%
def maximum_tf(
    a: tf.Tensor, b: tf.Tensor, c: tf.Tensor
) -> tf.Tensor:
    """a, b, c: one shape; returns the same shape."""
    return tf.reduce_max(tf.stack([a, b, c]), 0)

# %% [markdown]
# **Why:** a single maximum over all three divides the gradient by the number of the largest inputs.

# %% [markdown]
# ## Minimum, with the gradient of a tie for the first input
#
# Return the smaller of two tensors at each place. If both are equal, the first must get **all of the
# gradient**, and the second gets 0. `torch.minimum` halves the gradient.
#
# Worked case: for 1 and 4 the result is 1. For 3 and 3 the result is 3: a gradient of 6 becomes 6 for the
# first input and 0 for the second.
#
# Hint 1: At each place the result is one of the two numbers. Which function chooses between two tensors?
#
# Hint 2: The chosen number gets the gradient. So the comparison must choose the first input if both are
# equal.
#
# Hint 3: `torch.where(a <= b, …, …)`, `tf.where(a <= b, …, …)`.

# %%
def minimum_pt(
    a: torch.Tensor, b: torch.Tensor
) -> torch.Tensor:
    """a, b: one shape; returns the same shape."""
    return torch.where(a <= b, a, b)

# %%
def minimum_tf(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """a, b: one shape; returns the same shape."""
    return tf.where(a <= b, a, b)

# %% [markdown]
# **Why:** with `where`, the chosen number gets the gradient. At a tie, `<=` chooses the first input, and `<`
# chooses the second.

# %% [markdown]
# ## Concatenate, with its gradients
#
# Join `a` and `b` along `axis`. `upstream` is the gradient of the result: split it into the gradients of `a`
# and `b`. Return all three.
#
# You may use `torch.cat` and `tf.concat`. Write the gradients without autograd or tape. The axis may be
# negative.
#
# Worked case: with `a` of shape (2, 3), `b` of shape (2, 1) and axis 1, `upstream` has the shape (2, 4). Its
# first three columns are the gradient of `a`, and its last column is the gradient of `b`.
#
# Hint 1: Where in the result does `a` end?
#
# Hint 2: Split `upstream` along `axis` into the sizes of `a` and `b`, in this order.
#
# Hint 3: `upstream.split([a.shape[axis], b.shape[axis]], axis)`, `tf.split(upstream, …, axis)` with the same
# sizes.

# %%
def concatenate_pt(
    a: torch.Tensor,
    b: torch.Tensor,
    upstream: torch.Tensor,
    axis: int,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """a, b: any shapes that differ along axis only; returns
    the joined tensor and the gradients of a and b."""
    sizes = [a.shape[axis], b.shape[axis]]
    da, db = upstream.split(sizes, axis)
    return torch.cat([a, b], axis), da, db

# %%
def concatenate_tf(
    a: tf.Tensor, b: tf.Tensor, upstream: tf.Tensor, axis: int
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """a, b: any shapes that differ along axis only; returns
    the joined tensor and the gradients of a and b."""
    sizes = [a.shape[axis], b.shape[axis]]
    da, db = tf.split(upstream, sizes, axis)
    return tf.concat([a, b], axis), da, db

# %% [markdown]
# **Why:** each number of the result is one number of an input, so this input number gets its gradient.

# %% [markdown]
# ## Dot, as a cosine
#
# Return the cosine between each step of `a` and each step of `b`, for each example separately. A vector of
# zeros must have the cosine 0 with all vectors, and not NaN.
#
# Worked case: the steps (3, 4) and (1, 0) in `a` and the single step (0, 2) in `b` have the cosines 0.8 and
# 0.
#
# Hint 1: A cosine is the dot product of two vectors of length 1.
#
# Hint 2: Divide each vector by its norm, the root of the sum of its squares. Use a small number instead of a
# norm that is smaller.
#
# Hint 3: `norm = torch.sqrt((a ** 2).sum(-1, keepdim=True)).clamp(min=1e-7)`; then
# `torch.einsum("bid,bjd->bij", …, …)`, or `@` with the second factor transposed.

# %%
def dot_pt(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """a: (batch, m, features), b: (batch, n, features);
    returns (batch, m, n)."""
    a = a / a.norm(dim=-1, keepdim=True).clamp(min=1e-7)
    b = b / b.norm(dim=-1, keepdim=True).clamp(min=1e-7)
    return torch.einsum("bid,bjd->bij", a, b)

# %%
def dot_tf(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """a: (batch, m, features), b: (batch, n, features);
    returns (batch, m, n)."""
    a = tf.math.l2_normalize(a, axis=-1)
    b = tf.math.l2_normalize(b, axis=-1)
    return tf.einsum("bid,bjd->bij", a, b)

# %% [markdown]
# **Why:** the letter b is in both inputs and in the output, so steps of different examples are not compared.
