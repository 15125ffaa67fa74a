# %% [markdown]
# # Exercises: multi-head attention
#
# Write the layers of [the chapter](../../chapters/layers/multi_head_attention.ipynb) yourself, from their formulas:
# in PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below
# it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer accepts
# any number of heads that fits, returns float32 for float32, and does not change its inputs. With wrong values it
# earns no points. You may multiply matrices (`@`, `matmul`, `einsum`) and use `softmax`. Do not use the layers of the
# chapter. In the exercise with packed weights you may use dot-product attention, `F.scaled_dot_product_attention` or
# `keras.ops.dot_product_attention`. In the exercise with grouped queries you may not.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.

# %% [markdown]
# ## Multi-head attention from packed weights
#
# Compute the self-attention of `nn.MultiheadAttention`, with weights in PyTorch's order, in both frameworks. E is the
# width of `x`. `weight` has the shape (3E, E): the first E rows give the queries, the next E rows the keys, and the
# last E rows the values. `bias` has the same order. Each head gets neighbouring numbers: with E = 6 and 2 heads, head
# 0 has the numbers 0 to 2. The scores are divided by the root of the size of a head. The heads are joined side by
# side and go through `out_weight`, of the shape (out, in), and `out_bias`.
#
# Worked case: with E = 4 and 2 heads, the queries of shape (batch, time, 4) become (batch, 2, time, 2), and the scores
# are divided by √2.
#
# Hint 1: `x @ weight.T + bias` has 3E numbers for each position. Cut them into three parts.
#
# Hint 2: Reshape each part to (batch, time, heads, size), then swap time and heads. A reshape directly to (batch,
# heads, time, size) mixes the positions.
#
# Hint 3: After the attention, swap the axes back before you reshape to (batch, time, E):
# `y.transpose(1, 2).reshape(b, t, e)`, `tf.reshape(tf.transpose(y, (0, 2, 1, 3)), (b, t, e))`.

# %%
def multi_head_attention_pt(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    out_weight: torch.Tensor,
    out_bias: torch.Tensor,
    n_heads: int,
) -> torch.Tensor:
    """x: (batch, time, E), weight: (3E, E), bias: (3E,),
    out_weight: (E, E), out_bias: (E,); (batch, time, E)."""
    b, t, e = x.shape
    q, k, v = (
        part.reshape(b, t, n_heads, -1).transpose(1, 2)
        for part in (x @ weight.T + bias).chunk(3, -1)
    )
    scores = q @ k.mT / (e / n_heads) ** 0.5
    y = (scores.softmax(-1) @ v).transpose(1, 2)
    return y.reshape(b, t, e) @ out_weight.T + out_bias

# %%
def multi_head_attention_tf(
    x: tf.Tensor,
    weight: tf.Tensor,
    bias: tf.Tensor,
    out_weight: tf.Tensor,
    out_bias: tf.Tensor,
    n_heads: int,
) -> tf.Tensor:
    """x: (batch, time, E), weight: (3E, E), bias: (3E,),
    out_weight: (E, E), out_bias: (E,); (batch, time, E)."""
    b, t, e = x.shape
    packed = x @ tf.transpose(weight) + bias
    q, k, v = (
        tf.reshape(part, (b, t, n_heads, e // n_heads))
        for part in tf.split(packed, 3, -1)
    )
    scores = tf.einsum("bthd,bshd->bhts", q, k)
    weights = tf.nn.softmax(scores / (e / n_heads) ** 0.5)
    y = tf.einsum("bhts,bshd->bthd", weights, v)
    y = tf.reshape(y, (b, t, e))
    return y @ tf.transpose(out_weight) + out_bias

# %% [markdown]
# **Why:** a reshape never moves a number, so the heads must be cut from the last axis. The swap puts the time next to
# the size, where the matrix products need it.

# %% [markdown]
# ## Packed weights as per-head kernels
#
# Convert PyTorch's `in_proj_weight` into the three kernels of Keras's layer, for queries, keys and values, stacked on
# a first axis. A kernel has the shape (inputs, heads, size). The heads are cut from the outputs, which are the rows of
# PyTorch's weight, and neighbouring rows belong to one head.
#
# Worked case: for E = 2 and 2 heads, the weight with the rows (0, 1), (2, 3), (4, 5), (6, 7), (8, 9), (10, 11) gives
# the first kernel ((0), (2)), ((1), (3)): its first input has the weight 0 in head 0, and 2 in head 1.
#
# Hint 1: Which axis of PyTorch's weight is the inputs, and where are they in a kernel?
#
# Hint 2: Cut the weight into three matrices, transpose each of them, then reshape.
#
# Hint 3: `weight.chunk(3)`, `tf.split(weight, 3)`; for each part `part.T.reshape(e, n_heads, -1)`, or
# `tf.reshape(tf.transpose(part), (e, n_heads, -1))`.

# %%
def kernels_from_packed_pt(
    weight: torch.Tensor, n_heads: int
) -> torch.Tensor:
    """weight: (3E, E); returns (3, E, n_heads, size)."""
    e = weight.shape[1]
    return torch.stack([
        part.T.reshape(e, n_heads, -1)
        for part in weight.chunk(3)
    ])

# %%
def kernels_from_packed_tf(
    weight: tf.Tensor, n_heads: int
) -> tf.Tensor:
    """weight: (3E, E); returns (3, E, n_heads, size)."""
    e = weight.shape[1]
    return tf.stack([
        tf.reshape(tf.transpose(part), (e, n_heads, -1))
        for part in tf.split(weight, 3)
    ])

# %% [markdown]
# **Why:** the transpose moves the inputs to the front, and the reshape then cuts only the outputs, head by head.

# %% [markdown]
# ## Grouped queries
#
# Compute dot-product attention with fewer heads for keys and values than for queries. With $h$ query heads and $g$ key
# heads, the query heads 0 to $h/g - 1$ use key head 0, the next $h/g$ use key head 1, and so on. Divide the scores by
# $\sqrt{d}$. In both frameworks the axes are (batch, heads, time, d).
#
# Worked case: with 4 query heads and 2 key heads, query head 1 uses key head 0, and query head 2 uses key head 1.
#
# Hint 1: Make as many heads of keys and values as there are heads of queries, then compute the attention as usual.
#
# Hint 2: The order of the repeated heads is 0 0 1 1, not 0 1 0 1.
#
# Hint 3: `k.repeat_interleave(n, dim=1)`, `tf.repeat(k, n, axis=1)`, and the same for the values.

# %%
def group_query_attention_pt(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
) -> torch.Tensor:
    """q: (batch, heads, queries, d), k and v: (batch,
    key_heads, keys, d); returns the shape of q."""
    n = q.shape[1] // k.shape[1]
    k = k.repeat_interleave(n, dim=1)
    v = v.repeat_interleave(n, dim=1)
    scores = q @ k.mT / q.shape[-1] ** 0.5
    return scores.softmax(-1) @ v

# %%
def group_query_attention_tf(
    q: tf.Tensor, k: tf.Tensor, v: tf.Tensor
) -> tf.Tensor:
    """q: (batch, heads, queries, d), k and v: (batch,
    key_heads, keys, d); returns the shape of q."""
    n = q.shape[1] // k.shape[1]
    k = tf.repeat(k, n, axis=1)
    v = tf.repeat(v, n, axis=1)
    scores = tf.matmul(q, k, transpose_b=True)
    weights = tf.nn.softmax(scores / q.shape[-1] ** 0.5)
    return weights @ v

# %% [markdown]
# **Why:** the heads of one group are neighbours, so each key head is repeated on the spot. PyTorch's method `repeat`
# and `tf.tile` copy the whole list of heads instead.
