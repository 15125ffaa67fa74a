# %% [markdown]
# # Exercises: merging layers
#
# Write the merges of [the chapter](../../chapters/layers/merging.ipynb) yourself: in PyTorch, in TensorFlow,
# or in both. Replace the line that raises, run the cell, then run the check below it. The check tells you at
# once what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**: it takes other
# shapes, returns float32 for float32, and leaves its inputs as they were. With wrong values it earns none.
# Where the statement asks for the gradients themselves they count among the values. You may use operators,
# `stack`, sums and comparisons, but not the merging layers of Keras; for `Maximum` and `Minimum` not
# `tf.maximum` and `tf.minimum` either, whose gradients are not those that are asked for.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other.
#
# ## Add
#
# Add two tensors as Keras's `Add` does: example to example. Where one has fewer axes than the other, the missing
# ones belong behind its batch, and it is added all along them.
#
# Worked case: shapes (2, 3) and (2, 5, 3) make (2, 5, 3), and each of the 5 steps of an example gets the same vector
# added. Either of the two may be the one with fewer axes.
#
# Hint 1: `+` aligns the last axes. Which shape must the smaller tensor have, so that this puts the batch over the
# batch?
#
# Hint 2: (2, 3) must become (2, 1, 3). There may be more than one axis to insert.
#
# Hint 3: `while a.ndim < b.ndim: a = a.unsqueeze(1)`, and the same for `b`; in TensorFlow `tf.expand_dims(a, 1)`
# and `len(a.shape)`.

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
# **Why:** with equally many axes the batch lies over the batch, and an axis of size 1 is broadcast.

# %% [markdown]
# ## Subtract, and the way back
#
# Subtract the vector `b` from each example of `a`. Return the difference, the gradient of `a` and the gradient of `b`.
# `upstream` is the gradient of the loss with respect to the difference. Write formulas, without autograd or tape.
#
# Worked case: with `upstream` ((1, 2), (10, 20)) the gradients are ((1, 2), (10, 20)) and (−11, −22).
#
# Hint 1: Each gradient has the shape of what it belongs to. What must happen to the batch in that of `b`?
#
# Hint 2: `b` was used once for each example. Its gradient collects all of them, and `b` is subtracted.
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
# **Why:** what is broadcast forwards is summed backwards.

# %% [markdown]
# ## Multiply, and the way back
#
# Multiply all features of an example by its gate. Return the product, the gradient of `a` and the gradient of `gate`.
# Write formulas, without autograd or tape.
#
# Worked case: for the example (2, 5) with the gate 10 and `upstream` (1, 3), the product is (20, 50), the gradient of
# `a` is (10, 30), and that of the gate is 1 · 2 + 3 · 5 = 17.
#
# Hint 1: By the product rule each factor has the other one as its derivative.
#
# Hint 2: The gate was used for all features, so its gradient is a sum over the last axis, which stays, with size 1.
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
# **Why:** a small change of the gate changes each feature's product by that feature, so the changes add up along the
# features.

# %% [markdown]
# ## Average
#
# Return the average of three tensors of one shape.
#
# Worked case: 1, 2 and 6 have the average 3.
#
# Hint 1: How much should each of the three count?
#
# Hint 2: Add all three before you divide.
#
# Hint 3: Mind the brackets: `a + b + c / 3` divides `c` alone.

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
# **Why:** averaging in pairs would halve the first two twice, and the last one only once.

# %% [markdown]
# ## Maximum, fair at ties
#
# Return the largest of three tensors at each place. Where several are largest, they must **share the gradient
# equally**. Neither two nested maxima nor Keras's layer do this.
#
# Worked case: for 2, 2 and 1 the result is 2, and a gradient of 6 is split into 3, 3 and 0. For 5, 5 and 5 it is
# split into 2, 2 and 2.
#
# Hint 1: Pairs cannot be fair to three. Can you compare all of them in one step?
#
# Hint 2: Stack the three along a new axis, and reduce along it.
#
# Hint 3: `torch.amax` and `tf.reduce_max` share the gradient equally; `x.max(0)` of PyTorch does not.

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
# **Why:** one reduction sees all that are equal, and divides by their number.

# %% [markdown]
# ## Minimum, with the tie to the first
#
# Return the smaller of two tensors at each place. Where both are equal, the first must get **all of the gradient**, and
# the second none. `torch.minimum` halves it.
#
# Worked case: for 1 and 4 the result is 1; for 3 and 3 it is 3, and a gradient of 6 goes to the first as 6.
#
# Hint 1: At each place the result is one of the two. Which function chooses?
#
# Hint 2: The gradient follows the choice, so the comparison must choose the first where both are equal.
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
# **Why:** `where` sends the gradient to what it chose; with `<=` a tie is the first one's, with `<` the second's.

# %% [markdown]
# ## Concatenate, and the way back
#
# Join `a` and `b` along `axis`, and cut `upstream`, the gradient of the result, into the gradients of `a` and `b`. Return
# all three.
#
# You may use `torch.cat` and `tf.concat`; write the gradients without autograd or tape. The axis may be negative.
#
# Worked case: with `a` of shape (2, 3), `b` of shape (2, 1) and axis 1, `upstream` has the shape (2, 4): its first three
# columns belong to `a`, the last one to `b`.
#
# Hint 1: Where in the result does `a` end?
#
# Hint 2: Both sizes along `axis` say where to cut, and in which order.
#
# Hint 3: `upstream.split([a.shape[axis], b.shape[axis]], axis)`, `tf.split(upstream, …, axis)` with the same sizes.

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
# **Why:** each number of the result is one number of an input, so its gradient goes back to the place where it came
# from.

# %% [markdown]
# ## Dot, as a cosine
#
# Return the cosine between each step of `a` and each step of `b`, example by example. A vector of zeros has the cosine
# 0 with everything, and no NaN may come out.
#
# Worked case: the steps (3, 4) and (1, 0) against the single step (0, 2) have the cosines 0.8 and 0.
#
# Hint 1: A cosine is the dot product of two vectors of length 1.
#
# Hint 2: Divide each vector by its norm, the root of the sum of its squares, and keep that norm above a tiny number.
#
# Hint 3: `norm = torch.sqrt((a ** 2).sum(-1, keepdim=True)).clamp(min=1e-7)`; then
# `torch.einsum("bid,bjd->bij", …, …)`, or `@` with the second one transposed.

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
# **Why:** the letter b stands in both inputs and in the output, so that steps of one example never meet those of
# another.
