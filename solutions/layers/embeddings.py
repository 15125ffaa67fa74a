# %% [markdown]
# # Exercises: embeddings
#
# Write the layers of [the chapter](../../chapters/layers/embeddings.ipynb) yourself: in PyTorch, in TensorFlow,
# or in both. Replace the line that raises an error, run the cell, then run the check below it. The check tells
# you immediately what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. Robust means: the
# answer works for other shapes of the ids, returns float32 for float32, and does not change its inputs. With
# wrong values an answer earns no points. The second exercise asks for a gradient itself, and has no point for
# gradients.
#
# The lookup functions and layers that the chapter compares are forbidden. Indexing, gathering, scattering, one-hot
# matrices, sums and products are allowed. Ids are integers from 0 to the number of rows minus 1.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Embedding with a padding row
#
# Return the row of the table `weight` for each id. The row number `padding_idx` is padding: return it as it
# stands in the table, but give it no gradient.
#
# Worked case: the table has the rows (0.5, −1), (2, 0.25) and (−3, 1.5), the ids are (1, 0, 1), and
# `padding_idx` is 0. The output has the rows (2, 0.25), (0.5, −1) and (2, 0.25). The gradient of the sum of the
# output is (2, 2) for row 1, because its id occurs twice, and 0 for the other rows.
#
# Hint 1: Which rows of the output are padding? Compare the ids with `padding_idx`.
#
# Hint 2: Look up all rows. Then replace the rows of the padding by the same rows, without a gradient.
#
# Hint 3: `torch.where(padding, rows.detach(), rows)`, `tf.where(padding, tf.stop_gradient(rows), rows)`, where
# `padding` has a last axis of size 1.

# %%
def embedding_pt(
    weight: torch.Tensor, ids: torch.Tensor, padding_idx: int
) -> torch.Tensor:
    """weight: (n_rows, dim), ids: (…); returns (…, dim)."""
    rows = weight[ids]
    padding = (ids == padding_idx)[..., None]
    return torch.where(padding, rows.detach(), rows)

# %%
def embedding_tf(
    weight: tf.Tensor, ids: tf.Tensor, padding_idx: int
) -> tf.Tensor:
    """weight: (n_rows, dim), ids: (…); returns (…, dim)."""
    rows = tf.gather(weight, ids)
    padding = (ids == padding_idx)[..., None]
    return tf.where(padding, tf.stop_gradient(rows), rows)

# %% [markdown]
# **Why:** a factor of 0 stops the gradient, but it also makes the output 0. `detach` and `stop_gradient` keep the
# output, and stop only the gradient.

# %% [markdown]
# ## The gradient of a lookup
#
# Return the gradient of a table with `n_rows` rows. `upstream` has, for each id, the gradient of the loss with
# respect to the row that was looked up. Write it as a formula, without autograd or tape.
#
# Worked case: a table has 4 rows, and the ids are (2, 0, 2). `upstream` has the rows (1, 2), (0.5, −1) and
# (10, 20). The gradient has the rows (0.5, −1), (0, 0), (11, 22) and (0, 0).
#
# Hint 1: Id 2 occurs twice. What happens to its two gradients?
#
# Hint 2: Begin with zeros of shape (n_rows, dim). Add each row of `upstream` to the row of its id. For ids of
# several axes, first reshape them into one axis.
#
# Hint 3: `zeros.index_add(0, ids.flatten(), upstream.flatten(0, -2))`, and
# `tf.math.unsorted_segment_sum(upstream, ids, n_rows)`.

# %%
def embedding_gradient_pt(
    upstream: torch.Tensor, ids: torch.Tensor, n_rows: int
) -> torch.Tensor:
    """upstream: (…, dim), ids: (…); returns (n_rows, dim)."""
    dim = upstream.shape[-1]
    return torch.zeros(n_rows, dim).index_add(
        0, ids.flatten(), upstream.reshape(-1, dim))

# %%
def embedding_gradient_tf(
    upstream: tf.Tensor, ids: tf.Tensor, n_rows: int
) -> tf.Tensor:
    """upstream: (…, dim), ids: (…); returns (n_rows, dim)."""
    return tf.math.unsorted_segment_sum(upstream, ids, n_rows)

# %% [markdown]
# **Why:** each occurrence of an id is a use of the same row, so the gradients of all occurrences are added up.
# `gradient[ids] = upstream` keeps one of them. Rows that no id chooses have the gradient 0.

# %% [markdown]
# ## Embedding bag
#
# Look up the rows of all ids, and combine the rows of each bag into one row: their sum, their mean or, number by
# number, their maximum. Bag $i$ begins in `ids` at `offsets[i]`, and ends before the next offset. The last bag
# ends at the end of `ids`. Leave out each id that equals `padding_idx`, also in the count of a mean; −1 means
# that no id is padding. A bag without ids gives a row of 0. `mode` is `"sum"`, `"mean"` or `"max"`.
#
# Worked case: with the table of the first exercise, the ids (0, 1, 2), the offsets (0, 2, 2), `mode="sum"` and
# `padding_idx=-1`, the bags are (0, 1), () and (2). The output has the rows (2.5, −0.75),
# (0, 0) and (−3, 1.5).
#
# Hint 1: For each id, compute the number of its bag: the number of offsets that are not larger than its position,
# minus 1.
#
# Hint 2: A loop over the bags is fine. First remove the padding from a bag. An empty bag needs a case of its own:
# its mean is 0 / 0, and its maximum does not exist.
#
# Hint 3: `ids.tensor_split(offsets[1:])` and `tf.RaggedTensor.from_row_starts(ids, offsets)` cut the ids into
# bags. For the rest, `rows.amax(0)`, `tf.math.unsorted_segment_max(rows, bag, n_bags)`, and the same functions for
# the other modes.

# %%
def embedding_bag_pt(
    weight: torch.Tensor,
    ids: torch.Tensor,
    offsets: torch.Tensor,
    mode: str,
    padding_idx: int,
) -> torch.Tensor:
    """weight: (n_rows, dim), ids: (n_ids,), offsets:
    (n_bags,); returns (n_bags, dim)."""
    combine = {"sum": torch.sum, "mean": torch.mean,
               "max": torch.amax}[mode]
    bags = ids.tensor_split(offsets[1:])
    bags = [bag[bag != padding_idx] for bag in bags]
    empty = torch.zeros(weight.shape[1])
    return torch.stack([
        combine(weight[bag], 0) if len(bag) else empty
        for bag in bags])

# %%
def embedding_bag_tf(
    weight: tf.Tensor,
    ids: tf.Tensor,
    offsets: tf.Tensor,
    mode: str,
    padding_idx: int,
) -> tf.Tensor:
    """weight: (n_rows, dim), ids: (n_ids,), offsets:
    (n_bags,); returns (n_bags, dim)."""
    combine = {"sum": tf.math.unsorted_segment_sum,
               "mean": tf.math.unsorted_segment_mean,
               "max": tf.math.unsorted_segment_max}[mode]
    places = tf.range(len(ids), dtype=offsets.dtype)
    bag = tf.searchsorted(offsets, places, side="right") - 1
    kept = ids != padding_idx
    ids, bag, n_bags = ids[kept], bag[kept], len(offsets)
    y = combine(tf.gather(weight, ids), bag, n_bags)
    used = tf.math.unsorted_segment_sum(
        tf.ones_like(bag), bag, n_bags)
    return tf.where((used > 0)[:, None], y, 0.0)

# %% [markdown]
# **Why:** once the padding is removed, the three modes need no further case but the empty bag. In TensorFlow, the
# segment functions return 0 for the sum and the mean of an empty bag, and the smallest float32 for its maximum.

# %% [markdown]
# ## Tied logits with a soft cap
#
# Use one table twice. Look up the row of each id, and multiply it by the transposed table: the result has a
# logit for each row of the table. Then bound the logits: replace each logit $z$ by $c \tanh(z / c)$, where $c$ is
# `cap`. The table gets the gradients of both uses.
#
# Worked case: with the table of the first exercise, the id 0 has the row (0.5, −1). Its products with the three
# rows of the table are 1.25, 0.75 and −3. With `cap=5.0` the logits are 5 · tanh(0.25) = 1.2246, 0.7444 and
# −2.6852.
#
# Hint 1: What shape has the transposed table, and what shape has the product with a row?
#
# Hint 2: Write $h = E[\text{ids}]$, then $z = h E^\top$, with the same tensor $E$ in both places.
#
# Hint 3: `z = weight[ids] @ weight.T` in PyTorch; `tf.matmul(rows, weight, transpose_b=True)` needs two axes, so
# for ids of any shape use `tf.tensordot(rows, weight, [[-1], [1]])`.

# %%
def reversible_embedding_pt(
    weight: torch.Tensor, ids: torch.Tensor, cap: float
) -> torch.Tensor:
    """weight: (n_rows, dim), ids: (…); returns (…, n_rows)."""
    logits = weight[ids] @ weight.T
    return cap * torch.tanh(logits / cap)

# %%
def reversible_embedding_tf(
    weight: tf.Tensor, ids: tf.Tensor, cap: float
) -> tf.Tensor:
    """weight: (n_rows, dim), ids: (…); returns (…, n_rows)."""
    rows = tf.gather(weight, ids)
    logits = tf.tensordot(rows, weight, [[-1], [1]])
    return cap * tf.tanh(logits / cap)

# %% [markdown]
# **Why:** the gradient of a tensor that is used twice is the sum of the gradients of both uses. The derivative of
# $c \tanh(z / c)$ at 0 is 1, so small logits stay almost as they are.
