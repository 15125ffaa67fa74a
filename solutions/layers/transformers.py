# %% [markdown]
# # Exercises: transformers
#
# Write the parts of [the chapter](../../chapters/layers/transformers.ipynb) yourself, from their formulas: in
# PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check
# below it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# also accepts large numbers, and sequences with one position. With wrong values it earns no points. The last
# exercise asks for a whole number, and has no point for gradients. You may use the functions of the frameworks
# for softmax, layer normalization and scaled dot-product attention. Do not use the classes of the chapter, and
# no multi-head attention.
#
# In all exercises an input is (batch, time, features), and a matrix is (out, in), as in PyTorch. LN(x) subtracts
# the mean of the features at each position, and divides by the root of their variance plus `eps`. The variance is
# divided by n. LN has no weights, unless the statement names some.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.

# %% [markdown]
# ## Encoder layer
#
# Compute an encoder layer from its four matrices, post-norm or with `norm_first`. It has no biases and no dropout.
#
# - Self-attention: `qkv` has the matrices of query, key and value one below the other. Each head gets neighbouring
#   features. The scores are divided by the root of a head's size, and the heads are joined and multiplied by
#   `out`: $y W_{out}^\top$.
# - The feed-forward network is $\mathrm{relu}(h W_1^\top)\, W_2^\top$.
# - Post-norm: $h = \mathrm{LN}(x + \mathrm{SA}(x))$, then $\mathrm{LN}(h + \mathrm{FF}(h))$. With `norm_first`:
#   $h = x + \mathrm{SA}(\mathrm{LN}(x))$, then $h + \mathrm{FF}(\mathrm{LN}(h))$.
#
# Worked case: with one position, the only weight of each head is 1. So self-attention returns the value of this
# position, multiplied by `out`.
#
# Hint 1: First write LN, self-attention and the feed-forward network as three functions of `x`. Then the layer has
# two lines for each value of `norm_first`.
#
# Hint 2: `x` times the transposed `qkv` has 3E features. Split the last axis into three parts. Then reshape each part
# to (batch, time, heads, size), and swap time and heads.
#
# Hint 3: `F.scaled_dot_product_attention` takes (batch, heads, time, size).
# `keras.ops.dot_product_attention` takes (batch, time, heads, size), without the swap.

# %%
def encoder_layer_pt(
    x: torch.Tensor,
    qkv: torch.Tensor,
    out: torch.Tensor,
    w1: torch.Tensor,
    w2: torch.Tensor,
    n_heads: int,
    norm_first: bool,
    eps: float,
) -> torch.Tensor:
    """x: (batch, time, E), qkv: (3E, E), out: (E, E), w1:
    (F, E), w2: (E, F); returns the shape of x."""
    def norm(x):
        centred = x - x.mean(-1, keepdim=True)
        variance = (centred**2).mean(-1, keepdim=True)
        return centred / torch.sqrt(variance + eps)

    def attend(x):
        parts = (x @ qkv.T).chunk(3, -1)
        q, k, v = (
            part.unflatten(-1, (n_heads, -1)).transpose(1, 2)
            for part in parts)
        scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        y = torch.softmax(scores, -1) @ v
        return y.transpose(1, 2).flatten(2) @ out.T

    def feed(x):
        return torch.relu(x @ w1.T) @ w2.T

    if norm_first:
        x = x + attend(norm(x))
        return x + feed(norm(x))
    x = norm(x + attend(x))
    return norm(x + feed(x))

# %%
def encoder_layer_tf(
    x: tf.Tensor,
    qkv: tf.Tensor,
    out: tf.Tensor,
    w1: tf.Tensor,
    w2: tf.Tensor,
    n_heads: int,
    norm_first: bool,
    eps: float,
) -> tf.Tensor:
    """x: (batch, time, E), qkv: (3E, E), out: (E, E), w1:
    (F, E), w2: (E, F); returns the shape of x."""
    def norm(x):
        centred = x - tf.reduce_mean(x, -1, keepdims=True)
        variance = tf.reduce_mean(centred**2, -1, keepdims=True)
        return centred / tf.sqrt(variance + eps)

    def attend(x):
        parts = tf.split(x @ tf.transpose(qkv), 3, -1)
        shape = (*x.shape[:2], n_heads, -1)
        q, k, v = (
            tf.transpose(tf.reshape(part, shape), (0, 2, 1, 3))
            for part in parts)
        scores = tf.matmul(q, k, transpose_b=True)
        y = tf.nn.softmax(scores / q.shape[-1] ** 0.5) @ v
        y = tf.reshape(tf.transpose(y, (0, 2, 1, 3)), x.shape)
        return y @ tf.transpose(out)

    def feed(x):
        hidden = tf.nn.relu(x @ tf.transpose(w1))
        return hidden @ tf.transpose(w2)

    if norm_first:
        x = x + attend(norm(x))
        return x + feed(norm(x))
    x = norm(x + attend(x))
    return norm(x + feed(x))

# %% [markdown]
# **Why:** both forms add the value that is not normalized. They differ only in the place of LN: on the sum, or on
# the input of each part.

# %% [markdown]
# ## Decoder layer
#
# Compute a post-norm decoder layer whose attention has one head and no matrices: the queries, keys and values are
# its inputs. The scores are divided by the root of the number of features.
#
# - Causal self-attention: the position $t$ sees the positions 0 to $t$, itself included.
#   $h = \mathrm{LN}(x + \mathrm{SA}(x))$.
# - Attention to the memory: the queries are $h$, the keys and values are the memory. All of the memory is seen.
#   $k = \mathrm{LN}(h + \mathrm{CA}(h, m))$.
# - Feed-forward network: $\mathrm{LN}(k + \mathrm{relu}(k W_1^\top)\, W_2^\top)$.
#
# Worked case: position 0 sees only itself. So self-attention returns `x[:, 0]` there, and
# `h[:, 0]` is LN of 2 · `x[:, 0]`.
#
# Hint 1: Write one function for both attentions. It takes queries, keys, values and perhaps a mask.
#
# Hint 2: Before the softmax, set the scores of the later positions to −∞. Their weights become 0, and the others
# still add up to 1.
#
# Hint 3: `torch.ones(n, n).tril()` and `tf.linalg.band_part(tf.ones((n, n)), -1, 0)` are 1 where a position may
# look. The diagonal is part of both.

# %%
def decoder_layer_pt(
    x: torch.Tensor,
    memory: torch.Tensor,
    w1: torch.Tensor,
    w2: torch.Tensor,
    eps: float,
) -> torch.Tensor:
    """x: (batch, time, E), memory: (batch, length, E), w1:
    (F, E), w2: (E, F); returns the shape of x."""
    def norm(x):
        centred = x - x.mean(-1, keepdim=True)
        variance = (centred**2).mean(-1, keepdim=True)
        return centred / torch.sqrt(variance + eps)

    def attend(q, k, seen):
        scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        scores = scores.masked_fill(~seen, -torch.inf)
        return torch.softmax(scores, -1) @ k

    n, length = x.shape[1], memory.shape[1]
    seen = torch.ones(n, n).tril().bool()
    x = norm(x + attend(x, x, seen))
    seen = torch.ones(n, length).bool()
    x = norm(x + attend(x, memory, seen))
    return norm(x + torch.relu(x @ w1.T) @ w2.T)

# %%
def decoder_layer_tf(
    x: tf.Tensor,
    memory: tf.Tensor,
    w1: tf.Tensor,
    w2: tf.Tensor,
    eps: float,
) -> tf.Tensor:
    """x: (batch, time, E), memory: (batch, length, E), w1:
    (F, E), w2: (E, F); returns the shape of x."""
    def norm(x):
        centred = x - tf.reduce_mean(x, -1, keepdims=True)
        variance = tf.reduce_mean(centred**2, -1, keepdims=True)
        return centred / tf.sqrt(variance + eps)

    def attend(q, k, seen):
        scores = tf.matmul(q, k, transpose_b=True)
        scores = scores / q.shape[-1] ** 0.5
        scores = tf.where(seen > 0, scores, -float("inf"))
        return tf.nn.softmax(scores) @ k

    n, length = x.shape[1], memory.shape[1]
    seen = tf.linalg.band_part(tf.ones((n, n)), -1, 0)
    x = norm(x + attend(x, x, seen))
    seen = tf.ones((n, length))
    x = norm(x + attend(x, memory, seen))
    hidden = tf.nn.relu(x @ tf.transpose(w1))
    return norm(x + hidden @ tf.transpose(w2))

# %% [markdown]
# **Why:** a mask without the diagonal leaves nothing for position 0, and the softmax of nothing but −∞ is NaN.

# %% [markdown]
# ## Positional encoding
#
# Add the encoding of the original paper to `x`. At position $p$ the column $2i$ is $\sin a$, and the column $2i + 1$
# is $\cos a$, with the angle $a = p \,/\, 10000^{2i/E}$. The positions start at 0, and the number of features $E$ is
# even.
#
# Worked case: for E = 2, position 1 has the angle 1, and its encoding is (0.8415, 0.5403). Position 0 always has
# the encoding (0, 1, 0, 1, …).
#
# Hint 1: Compute the angles first. Their shape is (time, E/2).
#
# Hint 2: Stack sine and cosine along a new last axis, so that a sine and its cosine are neighbours. Then reshape to
# (time, E).
#
# Hint 3: `torch.stack([sin, cos], -1).flatten(1)`, `tf.reshape(tf.stack([sin, cos], -1), x.shape[1:])`.

# %%
def positional_encoding_pt(x: torch.Tensor) -> torch.Tensor:
    """x: (batch, time, E)"""
    _, time, E = x.shape
    power = torch.arange(0, E, 2) / E
    angle = torch.arange(time)[:, None] / 10000**power
    both = torch.stack([angle.sin(), angle.cos()], -1)
    return x + both.flatten(1)

# %%
def positional_encoding_tf(x: tf.Tensor) -> tf.Tensor:
    """x: (batch, time, E)"""
    _, time, E = x.shape
    power = tf.range(0.0, E, 2) / E
    angle = tf.range(float(time))[:, None] / 10000**power
    both = tf.stack([tf.sin(angle), tf.cos(angle)], -1)
    return x + tf.reshape(both, (time, E))

# %% [markdown]
# **Why:** the encoding has the shape (time, E), so it broadcasts along the batch. It does not depend on `x`, so the
# gradient passes through unchanged.

# %% [markdown]
# ## Stack of decoder layers
#
# Apply layers that read a memory, one after the other. Layer $l$ is
#
# $$x \leftarrow x + \mathrm{attention}(\mathrm{LN}(x), m, m)\, W_l^\top$$
#
# Here $m$ is the memory: it gives the keys and the values, and $\mathrm{LN}(x)$ gives the queries. The attention has
# one head, no mask and no matrices of its own, and divides the scores by the root of the number of features.
# `weights` has the matrix $W_l$ of each layer. If `final_norm` is true, return $\mathrm{LN}(x)\,\gamma + \beta$ at the
# end, and $x$ otherwise.
#
# Worked case: if all matrices are 0, each layer returns its input. Without `final_norm`, the output is `x`.
#
# Hint 1: Which of the inputs change from layer to layer, and which are the same for all?
#
# Hint 2: Write a loop over the matrices. The memory is never normalized.
#
# Hint 3: `for w in weights:` in PyTorch, `for w in tf.unstack(weights):` in TensorFlow.

# %%
def decoder_stack_pt(
    x: torch.Tensor,
    memory: torch.Tensor,
    weights: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    final_norm: bool,
    eps: float,
) -> torch.Tensor:
    """x: (batch, time, E), memory: (batch, length, E),
    weights: (layers, E, E), gamma, beta: (E,)."""
    def norm(x):
        centred = x - x.mean(-1, keepdim=True)
        variance = (centred**2).mean(-1, keepdim=True)
        return centred / torch.sqrt(variance + eps)

    keys = memory.transpose(-1, -2)
    for w in weights:
        scores = norm(x) @ keys / x.shape[-1] ** 0.5
        x = x + torch.softmax(scores, -1) @ memory @ w.T
    return norm(x) * gamma + beta if final_norm else x

# %%
def decoder_stack_tf(
    x: tf.Tensor,
    memory: tf.Tensor,
    weights: tf.Tensor,
    gamma: tf.Tensor,
    beta: tf.Tensor,
    final_norm: bool,
    eps: float,
) -> tf.Tensor:
    """x: (batch, time, E), memory: (batch, length, E),
    weights: (layers, E, E), gamma, beta: (E,)."""
    def norm(x):
        centred = x - tf.reduce_mean(x, -1, keepdims=True)
        variance = tf.reduce_mean(centred**2, -1, keepdims=True)
        return centred / tf.sqrt(variance + eps)

    keys = tf.transpose(memory, (0, 2, 1))
    for w in tf.unstack(weights):
        scores = norm(x) @ keys / x.shape[-1] ** 0.5
        y = tf.nn.softmax(scores) @ memory
        x = x + y @ tf.transpose(w)
    return norm(x) * gamma + beta if final_norm else x

# %% [markdown]
# **Why:** nothing normalizes the sums inside the stack, so they grow from layer to layer. The normalization at the end
# brings them back to the size that the output layer expects.

# %% [markdown]
# ## Count the parameters
#
# Return the number of parameters of an `nn.Transformer` as a tensor of integers without axes. `sizes` has four
# integers: the features $E$, the features $F$ between the two matrices of the feed-forward network, the number of
# encoder layers, and the number of decoder layers. Compute it by hand, without a network.
#
# Attention has four matrices (E, E) with a bias each. A normalization has a weight and a bias. Count the
# normalization at the end of the encoder and the one at the end of the decoder.
#
# Worked case: one encoder layer with E = 8 and F = 16 has 288 parameters in attention, 280 in the feed-forward
# network, and 32 in its two normalizations.
#
# Hint 1: How many attentions and how many normalizations has a decoder layer?
#
# Hint 2: An encoder layer has $4E^2 + 4E$, $2EF + F + E$ and $4E$ parameters. A decoder layer has $4E^2 + 4E$ and
# $2E$ more.
#
# Hint 3: `E, F, n_encoder, n_decoder = sizes` in PyTorch, `… = tf.unstack(sizes)` in TensorFlow. The numbers stay
# tensors.

# %%
def n_parameters_pt(sizes: torch.Tensor) -> torch.Tensor:
    """sizes: (4,), integers; returns a number without axes."""
    E, F, n_encoder, n_decoder = sizes
    attention, norm = 4 * E * E + 4 * E, 2 * E
    feed_forward = 2 * E * F + F + E
    encoder = attention + feed_forward + 2 * norm
    decoder = 2 * attention + feed_forward + 3 * norm
    return n_encoder * encoder + n_decoder * decoder + 2 * norm

# %%
def n_parameters_tf(sizes: tf.Tensor) -> tf.Tensor:
    """sizes: (4,), integers; returns a number without axes."""
    E, F, n_encoder, n_decoder = tf.unstack(sizes)
    attention, norm = 4 * E * E + 4 * E, 2 * E
    feed_forward = 2 * E * F + F + E
    encoder = attention + feed_forward + 2 * norm
    decoder = 2 * attention + feed_forward + 3 * norm
    return n_encoder * encoder + n_decoder * decoder + 2 * norm

# %% [markdown]
# **Why:** the number of heads is not in the formula. More heads are smaller, and their matrices together have the
# same size.
