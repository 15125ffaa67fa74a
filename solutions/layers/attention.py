# %% [markdown]
# # Exercises: attention
#
# Write the functions of [the chapter](../../chapters/layers/attention.ipynb) yourself, from their formulas: in
# PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below
# it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer accepts
# scores of several hundreds and the special cases that the statement names, returns float32 for float32, and does
# not change its inputs. With wrong values it earns no points. You may multiply matrices (`@`, `matmul`, `einsum`) and
# use `softmax` and `tanh`. Do not use the layers and functions of the chapter.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.

# %% [markdown]
# ## Dot-product attention with a mask
#
# For each query, return the average of the values. The weights are the softmax over the keys of $q \cdot k /
# \sqrt{d}$, where $d$ is the size of the last axis of `q` and `k`. The mask is `True` where the query sees the key;
# the other keys have the weight 0. A query that sees no key gets 0, and its gradients are 0.
#
# Worked case: the query (2, 0, 0, 0) has the scores 0 and log 3 with the keys (0, 1, 0, 0) and (log 3, 0, 0, 0). The
# weights are ¼ and ¾. With the values 4 and 8 the output is 7. A third key that the mask hides changes nothing.
#
# Hint 1: Which number must a score have, so that its weight after the softmax is 0? It is not 0.
#
# Hint 2: −∞ in all scores of a row gives NaN. A large negative number gives equal weights there. What can you
# multiply the weights by afterwards?
#
# Hint 3: `scores.masked_fill(~mask, -1e9)`, `tf.where(mask, scores, -1e9)`; then the softmax over the last axis; then
# multiply the weights by the mask, as numbers.

# %%
def dot_product_attention_pt(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    mask: torch.Tensor,
) -> torch.Tensor:
    """q: (batch, queries, d), k: (batch, keys, d), v: (batch,
    keys, features), mask: (batch, queries, keys), bool;
    returns (batch, queries, features)."""
    scores = q @ k.mT / q.shape[-1] ** 0.5
    weights = scores.masked_fill(~mask, -1e9).softmax(-1)
    return (weights * mask) @ v

# %%
def dot_product_attention_tf(
    q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask: tf.Tensor
) -> tf.Tensor:
    """q: (batch, queries, d), k: (batch, keys, d), v: (batch,
    keys, features), mask: (batch, queries, keys), bool;
    returns (batch, queries, features)."""
    scores = tf.matmul(q, k, transpose_b=True)
    scores = scores / q.shape[-1] ** 0.5
    weights = tf.nn.softmax(tf.where(mask, scores, -1e9))
    return (weights * tf.cast(mask, tf.float32)) @ v

# %% [markdown]
# **Why:** the large negative number gives the hidden keys the weight 0 if some key is left. If none is left, all keys
# have equal weights, and the multiplication by the mask makes them 0.

# %% [markdown]
# ## Causal weights
#
# Return the softmax of the scores over the keys that each query may see, and 0 for the other keys. The last query is
# at the position of the last key. With $T$ queries and $S$ keys, query $i$ is at position $S - T + i$, and sees the
# keys up to this position. There are at least as many keys as queries.
#
# Worked case: with 2 queries and 4 keys, the first query sees 3 keys and the second query sees all 4.
#
# Hint 1: With as many queries as keys, the mask is a lower triangle. Which corner does the triangle touch if there
# are more keys?
#
# Hint 2: Compare the positions of the keys, 0 to S − 1, with the positions of the queries, S − T to S − 1.
#
# Hint 3: `torch.ones(T, S, dtype=torch.bool).tril(S - T)`, `tf.range(S) <= tf.range(T)[:, None] + S - T`; write a
# large negative number where this is `False`, then take the softmax.

# %%
def causal_weights_pt(scores: torch.Tensor) -> torch.Tensor:
    """scores: (…, queries, keys); returns the same shape."""
    n, m = scores.shape[-2:]
    seen = torch.ones(n, m, dtype=torch.bool).tril(m - n)
    return scores.masked_fill(~seen, -torch.inf).softmax(-1)

# %%
def causal_weights_tf(scores: tf.Tensor) -> tf.Tensor:
    """scores: (…, queries, keys); returns the same shape."""
    n, m = scores.shape[-2:]
    seen = tf.range(m) <= tf.range(n)[:, None] + m - n
    return tf.nn.softmax(tf.where(seen, scores, -1e9))

# %% [markdown]
# **Why:** the diagonal m − n of the triangle ends in the lower right corner. Each query sees at least one key, so −∞
# is safe here.

# %% [markdown]
# ## Additive attention
#
# For each query, return the average of the values. The score of query $i$ and key $j$ is $\sum_k s_k \tanh(q_{ik} +
# k_{jk})$, where $s$ is `scale`. The weights are the softmax of the scores over the keys.
#
# Worked case: with one number each, the query 0.5, the keys −0.5 and 0.5, and the scale 2, the scores are 2 · tanh(0) =
# 0 and 2 · tanh(1) = 1.523.
#
# Hint 1: Every query is added to every key. Which shape do all sums have?
#
# Hint 2: Give the queries an axis of size 1 for the keys, and the keys an axis of size 1 for the queries.
#
# Hint 3: `q[:, :, None] + k[:, None]` has the shape (batch, queries, keys, d). Multiply tanh of it by the scale, and
# sum over the last axis.

# %%
def additive_attention_pt(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    scale: torch.Tensor,
) -> torch.Tensor:
    """q: (batch, queries, d), k: (batch, keys, d), v: (batch,
    keys, features), scale: (d,); returns (batch, queries,
    features)."""
    scores = torch.tanh(q[:, :, None] + k[:, None]) @ scale
    return scores.softmax(-1) @ v

# %%
def additive_attention_tf(
    q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, scale: tf.Tensor
) -> tf.Tensor:
    """q: (batch, queries, d), k: (batch, keys, d), v: (batch,
    keys, features), scale: (d,); returns (batch, queries,
    features)."""
    sums = tf.tanh(q[:, :, None] + k[:, None])
    scores = tf.reduce_sum(scale * sums, -1)
    return tf.nn.softmax(scores) @ v

# %% [markdown]
# **Why:** broadcasting makes all sums at once. The scale is outside of tanh, so a score can be larger than d.
