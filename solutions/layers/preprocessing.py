# %% [markdown]
# # Exercises: preprocessing
#
# Write the layers of [the chapter](../../chapters/layers/preprocessing.ipynb) yourself: in PyTorch, in
# TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it. The
# check tells you immediately what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** (where the input has numbers that a gradient
# can change) and its **robustness**. Robust means: the answer works for other sizes and for one row, returns
# float32 where the statement does not ask for integers, and does not change its input. With wrong values an answer
# earns no points.
#
# The functions and layers in the heads of the chapter's sections are forbidden: `F.one_hot`, `tf.one_hot`,
# `torch.bucketize` and the layers of Keras.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.

# %% [markdown]
# ## Standardize columns
#
# Subtract the mean of each column from `x`, and divide by the standard deviation of the column. Compute both from
# `train`, with the sum of squares divided by n. If the standard deviation of a column is less than 1e-7, divide by
# 1e-7.
#
# `train` has the shape (n, columns), and `x` has the shape (m, columns). Gradients are judged for `x` only.
#
# Worked case: for a column with the training data 2, 4, 6, 8 the mean is 5 and the standard deviation √5. The
# numbers 5 and 9 become 0 and 4/√5 ≈ 1.7889.
#
# Hint 1: From which of the two tables do the statistics come?
#
# Hint 2: `torch.std` divides by n − 1, unless you say something else.
#
# Hint 3: `train.std(0, correction=0).clamp(min=1e-7)`, and `tf.maximum(tf.math.reduce_std(train, 0), 1e-7)`.

# %%
def standardize_pt(
    train: torch.Tensor, x: torch.Tensor
) -> torch.Tensor:
    """train: (n, columns), x: (m, columns); returns
    (m, columns)."""
    std = train.std(0, correction=0).clamp(min=1e-7)
    return (x - train.mean(0)) / std

# %%
def standardize_tf(train: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """train: (n, columns), x: (m, columns); returns
    (m, columns)."""
    std = tf.maximum(tf.math.reduce_std(train, 0), 1e-7)
    return (x - tf.reduce_mean(train, 0)) / std

# %% [markdown]
# **Why:** with statistics of the training data, a row has the same result in training and later, alone or among
# other rows.

# %% [markdown]
# ## Merge the statistics of two parts
#
# Data that do not fit into memory are read in parts. `mean` and `variance` are the statistics of the `n` rows that
# came before. Return the mean and the variance of these rows and the rows of `batch` together, as a tuple. All
# variances are sums of squares divided by the number of rows.
#
# `mean` and `variance` have the shape (columns,), and `batch` has the shape (rows, columns). Gradients are not
# judged.
#
# Worked case: n = 2 rows with mean 2 and variance 1 (they are 1 and 3), and a batch with the rows 4 and 8. The four
# numbers 1, 3, 4, 8 have the mean 4 and the variance (9 + 1 + 0 + 16)/4 = 6.5.
#
# Hint 1: The mean is a weighted average of the two means. What are the weights?
#
# Hint 2: Is the variance of 1, 3 and of 101, 103 together 1, as in each part? Each part also has the distance
# between its own mean and the new mean.
#
# Hint 3: The sum of squares of the old rows around the new mean is `n * (variance + (mean - merged) ** 2)`.

# %%
def merged_statistics_pt(
    mean: torch.Tensor,
    variance: torch.Tensor,
    batch: torch.Tensor,
    n: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """mean, variance: (columns,), batch: (rows, columns);
    returns mean and variance, both (columns,)."""
    total = n + len(batch)
    merged = (n * mean + batch.sum(0)) / total
    old = n * (variance + (mean - merged) ** 2)
    new = ((batch - merged) ** 2).sum(0)
    return merged, (old + new) / total

# %%
def merged_statistics_tf(
    mean: tf.Tensor,
    variance: tf.Tensor,
    batch: tf.Tensor,
    n: int,
) -> tuple[tf.Tensor, tf.Tensor]:
    """mean, variance: (columns,), batch: (rows, columns);
    returns mean and variance, both (columns,)."""
    total = n + len(batch)
    merged = (n * mean + tf.reduce_sum(batch, 0)) / total
    old = n * (variance + (mean - merged) ** 2)
    new = tf.reduce_sum((batch - merged) ** 2, 0)
    return merged, (old + new) / total

# %% [markdown]
# **Why:** the mean square around any point is the variance plus the square of the distance to the mean. `adapt`
# of Keras does this for each batch of a data set.

# %% [markdown]
# ## Rescale a range
#
# Map `x` linearly, so that `low` becomes `new_low` and `high` becomes `new_high`. The same formula holds outside of
# this range: nothing is clipped.
#
# `x` has any shape, and may be of type `uint8`. Return float32.
#
# Worked case: from 0 … 255 to −1 … 1, the number 51 becomes −1 + 51 · 2/255 = −0.6.
#
# Hint 1: Which number becomes `new_low`? Subtract it first, or compute scale and offset.
#
# Hint 2: The scale is `(new_high - new_low) / (high - low)`.
#
# Hint 3: Convert `x` to float32 before you subtract: in `uint8`, 5 − 10 is 251.

# %%
def rescale_pt(
    x: torch.Tensor,
    low: float,
    high: float,
    new_low: float,
    new_high: float,
) -> torch.Tensor:
    """x: any shape, float32 or uint8; returns float32 of the
    same shape."""
    scale = (new_high - new_low) / (high - low)
    return new_low + (x.float() - low) * scale

# %%
def rescale_tf(
    x: tf.Tensor,
    low: float,
    high: float,
    new_low: float,
    new_high: float,
) -> tf.Tensor:
    """x: any shape, float32 or uint8; returns float32 of the
    same shape."""
    scale = (new_high - new_low) / (high - low)
    return new_low + (tf.cast(x, tf.float32) - low) * scale

# %% [markdown]
# **Why:** a line has two parameters, and two points fix them.

# %% [markdown]
# ## Sort numbers into bins
#
# Return for each number of `x` the number of its bin: how many of the `edges` are less than `x` or equal to it. The
# edges increase. Do not use `searchsorted`.
#
# `x` has any shape, and `edges` has the shape (k,). The result has integers from 0 to k, in the shape of `x`.
#
# Worked case: with the edges 18, 30, 50 the ages 17, 18, 30, 64 have the bins 0, 1, 2, 3.
#
# Hint 1: Compare each number with all edges.
#
# Hint 2: `x[..., None]` has a new last axis, along which the edges are.
#
# Hint 3: Count where `x[..., None] >= edges`. TensorFlow sums numbers only: cast first.

# %%
def bucketize_pt(
    x: torch.Tensor, edges: torch.Tensor
) -> torch.Tensor:
    """x: any shape, edges: (k,); returns integers in the shape
    of x."""
    return (x[..., None] >= edges).sum(-1)

# %%
def bucketize_tf(x: tf.Tensor, edges: tf.Tensor) -> tf.Tensor:
    """x: any shape, edges: (k,); returns integers in the shape
    of x."""
    reached = tf.cast(x[..., None] >= edges, tf.int32)
    return tf.reduce_sum(reached, -1)

# %% [markdown]
# **Why:** a number has passed as many edges as lie at or below it. The `=` in `>=` is the whole difference between
# `right=True` and the default of `torch.bucketize`.

# %% [markdown]
# ## Edges with equal numbers of values
#
# Return the edges that sort `x` into `n_bins` bins with equal numbers of values: the quantiles for the parts
# $q = i / \mathit{n\_bins}$, $i = 1, \dots, \mathit{n\_bins} - 1$. In the sorted numbers, counted from 0, the
# quantile for $q$ is at the place $q\,(n - 1)$. Between two places, interpolate linearly.
#
# `x` has the shape (n,). The result has the shape (n_bins − 1,). Gradients are not judged. You may use a function
# for quantiles.
#
# Worked case: for the numbers 8, 1, 3, 2 and 2 bins, the place is ½ · 3 = 1.5 in 1, 2, 3, 8. The edge is 2.5.
#
# Hint 1: How many edges separate four bins?
#
# Hint 2: `torch.quantile` and `keras.ops.quantile` interpolate linearly by default.
#
# Hint 3: `torch.arange(1, n_bins) / n_bins` are the parts.

# %%
def quantile_edges_pt(
    x: torch.Tensor, n_bins: int
) -> torch.Tensor:
    """x: (n,); returns (n_bins - 1,)."""
    return torch.quantile(x, torch.arange(1, n_bins) / n_bins)

# %%
def quantile_edges_tf(x: tf.Tensor, n_bins: int) -> tf.Tensor:
    """x: (n,); returns (n_bins - 1,)."""
    x = tf.sort(x)
    last = len(x) - 1
    places = [i / n_bins * last for i in range(1, n_bins)]
    low = [int(place) for place in places]
    high = [min(i + 1, last) for i in low]
    part = [p - i for p, i in zip(places, low, strict=True)]
    low, high = tf.gather(x, low), tf.gather(x, high)
    return low + part * (high - low)

# %% [markdown]
# **Why:** each part of the sorted numbers that lies between two neighbouring edges is $1/\mathit{n\_bins}$ of them.

# %% [markdown]
# ## One-hot rows
#
# Return a row of `n_tokens` numbers for each token: 1 in the place of the token, 0 elsewhere. The row of a token that
# is negative or at least `n_tokens` is all 0.
#
# `x` has integers, in any shape. The result has float32, with a new last axis of size `n_tokens`.
#
# Worked case: with `n_tokens` = 4, the tokens 2 and 0 become (0, 0, 1, 0) and (1, 0, 0, 0).
#
# Hint 1: Compare each token with the numbers of all places.
#
# Hint 2: `torch.arange(n_tokens)`, and `tf.range` with the dtype of `x`.
#
# Hint 3: `x[..., None] == torch.arange(n_tokens)`, as float32.

# %%
def one_hot_pt(x: torch.Tensor, n_tokens: int) -> torch.Tensor:
    """x: integers of any shape; returns float32 with a new last
    axis."""
    return (x[..., None] == torch.arange(n_tokens)).float()

# %%
def one_hot_tf(x: tf.Tensor, n_tokens: int) -> tf.Tensor:
    """x: integers of any shape; returns float32 with a new last
    axis."""
    places = tf.range(n_tokens, dtype=x.dtype)
    return tf.cast(x[..., None] == places, tf.float32)

# %% [markdown]
# **Why:** a token out of range is equal to no place, so its row is all 0 without a special case.

# %% [markdown]
# ## Multi-hot rows
#
# Return one row for each sample: 1 in the places of all tokens that it has, 0 elsewhere. A token that comes twice is 1,
# too. The token −1 is padding, and does not count.
#
# `tokens` has integers from −1 to `n_tokens` − 1, in the shape (batch, length). The result has float32, in the shape
# (batch, n_tokens).
#
# Worked case: with `n_tokens` = 4, the tokens 0, 2, 2 become (1, 0, 1, 0), and 1, −1, −1 become (0, 1, 0, 0).
#
# Hint 1: Start with the one-hot rows of all tokens.
#
# Hint 2: Which operation over the axis of the tokens gives 1 if one of them is 1?
#
# Hint 3: `.any(1)` in PyTorch, `tf.reduce_any(…, 1)` in TensorFlow, then float32.

# %%
def multi_hot_pt(
    tokens: torch.Tensor, n_tokens: int
) -> torch.Tensor:
    """tokens: (batch, length); returns (batch, n_tokens)."""
    rows = tokens[..., None] == torch.arange(n_tokens)
    return rows.any(1).float()

# %%
def multi_hot_tf(tokens: tf.Tensor, n_tokens: int) -> tf.Tensor:
    """tokens: (batch, length); returns (batch, n_tokens)."""
    places = tf.range(n_tokens, dtype=tokens.dtype)
    rows = tokens[..., None] == places
    return tf.cast(tf.reduce_any(rows, 1), tf.float32)

# %% [markdown]
# **Why:** multi-hot is the logical or of the one-hot rows.

# %% [markdown]
# ## Weighted counts
#
# Return one row for each sample: in the place of a token, the sum of the weights of this token. The token −1 is
# padding, and its weight does not count. The gradient of the weights is judged.
#
# `tokens` has integers, and `weights` has float32, both in the shape (batch, length). The result has the shape (batch,
# n_tokens).
#
# Worked case: with `n_tokens` = 4, the tokens 1, 3, 3 with the weights 0.5, 1, 2 become (0, 0.5, 0, 3).
#
# Hint 1: What is the count without weights, in terms of one-hot rows?
#
# Hint 2: Multiply the row of each token by its weight, before you sum.
#
# Hint 3: The one-hot rows have the shape (batch, length, n_tokens), so the weights need a new last axis.

# %%
def weighted_counts_pt(
    tokens: torch.Tensor, weights: torch.Tensor, n_tokens: int
) -> torch.Tensor:
    """tokens, weights: (batch, length); returns
    (batch, n_tokens)."""
    rows = tokens[..., None] == torch.arange(n_tokens)
    return (rows * weights[..., None]).sum(1)

# %%
def weighted_counts_tf(
    tokens: tf.Tensor, weights: tf.Tensor, n_tokens: int
) -> tf.Tensor:
    """tokens, weights: (batch, length); returns
    (batch, n_tokens)."""
    places = tf.range(n_tokens, dtype=tokens.dtype)
    rows = tf.cast(tokens[..., None] == places, tf.float32)
    return tf.reduce_sum(rows * weights[..., None], 1)

# %% [markdown]
# **Why:** the sum is linear in the weights, so the gradient of a weight is that of the place to which it goes.

# %% [markdown]
# ## Hash words
#
# Compute the hash FNV-1a of each word, and return its remainder by `n_bins`. A word is a row of `codes`, the bytes of its
# letters; 0 fills the row behind the end of the word. The hash starts at 2166136261. For each byte, from the first to
# the last, it becomes
#
# $$h \leftarrow \big((h \oplus \mathit{byte}) \cdot 16777619\big) \bmod 2^{32}$$
#
# where $\oplus$ is the exclusive or of the bits. At a 0, the hash stays as it is.
#
# `codes` has integers of 64 bits, in the shape (batch, length). The result has integers, in the shape (batch,).
#
# Worked case: the word "a" has the byte 97. (2166136261 xor 97) · 16777619 mod 2³² = 3826002220, so with 100 bins
# its bin is 20.
#
# Hint 1: Go through the columns of `codes`, with one hash for each word.
#
# Hint 2: The exclusive or is `h ^ code` in PyTorch, and `tf.bitwise.bitwise_xor(h, code)` in TensorFlow. No product
# of this formula needs more than 63 bits.
#
# Hint 3: `h = torch.where(code > 0, new, h)` leaves the hash as it is behind the end of a word.

# %%
def fnv1a_pt(codes: torch.Tensor, n_bins: int) -> torch.Tensor:
    """codes: (batch, length); returns integers (batch,)."""
    h = torch.full((len(codes),), 2166136261)
    for code in codes.T:
        new = (h ^ code) * 16777619 % 2**32
        h = torch.where(code > 0, new, h)
    return h % n_bins

# %%
def fnv1a_tf(codes: tf.Tensor, n_bins: int) -> tf.Tensor:
    """codes: (batch, length); returns integers (batch,)."""
    h = tf.ones_like(codes[:, 0]) * 2166136261
    for code in tf.unstack(codes, axis=1):
        new = tf.bitwise.bitwise_xor(h, code) * 16777619 % 2**32
        h = tf.where(code > 0, new, h)
    return h % n_bins

# %% [markdown]
# **Why:** without the product, "ab" and "ba" would have the same hash, because the order does not matter for the
# exclusive or.

# %% [markdown]
# ## Cross two features
#
# Return a row with a number for each pair of columns of `a` and `b`: the product $a_i\,b_j$, at the place
# $i\,n_b + j$. If both are one-hot rows, the result is the one-hot row of the pair.
#
# `a` has the shape (batch, n_a), and `b` has the shape (batch, n_b). The result has the shape (batch, n_a · n_b).
#
# Worked case: a = (0, 1) and b = (0, 0, 1) become (0, 0, 0, 0, 0, 1).
#
# Hint 1: First make the table of all products, with the shape (batch, n_a, n_b).
#
# Hint 2: `a[:, :, None] * b[:, None]`.
#
# Hint 3: Then flatten the last two axes: `.flatten(1)`, or `tf.reshape(…, (len(a), -1))`.

# %%
def crossed_pt(
    a: torch.Tensor, b: torch.Tensor
) -> torch.Tensor:
    """a: (batch, n_a), b: (batch, n_b); returns
    (batch, n_a * n_b)."""
    return (a[:, :, None] * b[:, None]).flatten(1)

# %%
def crossed_tf(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """a: (batch, n_a), b: (batch, n_b); returns
    (batch, n_a * n_b)."""
    table = a[:, :, None] * b[:, None]
    return tf.reshape(table, (len(a), -1))

# %% [markdown]
# **Why:** a product of two numbers that are 0 or 1 is 1 only where both are. `HashedCrossing` does the same, and
# then puts the pairs into fewer bins by a hash.
