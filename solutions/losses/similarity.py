# %% [markdown]
# # Exercises: similarity losses
#
# Write the losses of [the chapter](../../chapters/losses/similarity.ipynb) yourself, from their formulas: in PyTorch,
# in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it. The
# check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer accepts
# other shapes and large numbers, returns float32 for float32, and does not change its inputs. With wrong values it
# earns no points. If the statement asks for the gradients themselves, they count as values. You may use operators,
# norms, sums, `where` and comparisons, but not the losses, distances and similarities of the frameworks.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.

# %% [markdown]
# ## Cosine similarity, as a loss
#
# Return the loss of Keras: the mean of the **negative** cosines. Each vector lies along `axis`. In PyTorch the
# prediction comes first, in TensorFlow the target. A vector of zeros has the cosine 0 with every vector.
#
# Worked case: the predictions (1, 2, 2) and (0, 3, 4) have the cosines 0 and 14/15 with the targets (2, 1, −2) and
# (1, 2, 2). The loss is −0.4667.
#
# Hint 1: The cosine is the dot product of two vectors of length 1.
#
# Hint 2: Divide each vector by its length, the root of the sum of its squares along `axis`. Use a small number instead
# of a length that is smaller.
#
# Hint 3: `p / p.norm(dim=axis, keepdim=True).clamp(min=1e-8)`; in TensorFlow `tf.math.l2_normalize(p, axis=axis)`.

# %%
def cosine_similarity_pt(
    prediction: torch.Tensor, target: torch.Tensor, axis: int
) -> torch.Tensor:
    """prediction, target: one shape, with vectors along axis;
    returns a single number."""
    p, t = (
        x / x.norm(dim=axis, keepdim=True).clamp(min=1e-8)
        for x in (prediction, target)
    )
    return -(p * t).sum(axis).mean()

# %%
def cosine_similarity_tf(
    target: tf.Tensor, prediction: tf.Tensor, axis: int
) -> tf.Tensor:
    """target, prediction: one shape, with vectors along axis;
    returns a single number."""
    p = tf.math.l2_normalize(prediction, axis=axis)
    t = tf.math.l2_normalize(target, axis=axis)
    return -tf.reduce_mean(tf.reduce_sum(p * t, axis))

# %% [markdown]
# **Why:** the sum is over the features of a vector, and the mean is over the vectors.

# %% [markdown]
# ## Pairwise distance
#
# Return the distance of each row of `u` from the same row of `v`: the `p`-norm of the difference. Add 10⁻⁶ to each
# difference first, so that the gradient is a number for equal rows, too.
#
# Worked case: for `p` = 2, the rows (1, 2, 2) and (2, 1, −2) have the distance √18. For `p` = 1 it is 6. For two equal
# rows of 4 features and `p` = 2, the gradient is ½ for each feature of `u`.
#
# Hint 1: What is the derivative of a square root at 0? Where must you add the 10⁻⁶?
#
# Hint 2: Take the magnitude of each difference to the power `p`, sum over the last axis, and take the `p`-th root.
#
# Hint 3: `((u - v + 1e-6).abs() ** p).sum(-1) ** (1 / p)`; in TensorFlow `tf.norm(…, ord=p, axis=-1)`.

# %%
def pairwise_distance_pt(
    u: torch.Tensor, v: torch.Tensor, p: float
) -> torch.Tensor:
    """u, v: (…, features); returns one distance for each
    row."""
    return torch.linalg.vector_norm(u - v + 1e-6, p, dim=-1)

# %%
def pairwise_distance_tf(
    u: tf.Tensor, v: tf.Tensor, p: float
) -> tf.Tensor:
    """u, v: (…, features); returns one distance for each
    row."""
    return tf.norm(u - v + 1e-6, ord=p, axis=-1)

# %% [markdown]
# **Why:** with 10⁻⁶ in each difference, the sum of powers is never 0, so its root has a finite derivative.

# %% [markdown]
# ## Cosine embedding loss
#
# Return the mean cost of the pairs. A pair with the label 1 costs 1 − cos(u, v). A pair with the label −1 costs
# max(0, cos(u, v) − `margin`). The margin can be negative. A vector of zeros has the cosine 0 with every vector.
#
# Worked case: `u` has the rows (1, 2, 2) and (0, 3, 4), `v` has (2, 1, −2) and (1, 2, 2), and the labels are 1 and −1.
# With the margin 0.1 the costs are 1 and 14/15 − 0.1, and the loss is 0.9167.
#
# Hint 1: There are two formulas, and the label decides which of them counts.
#
# Hint 2: Compute both costs for all pairs, and choose with `where(y > 0, …, …)`. The margin belongs to one of them
# only.
#
# Hint 3: `torch.where(y > 0, 1 - c, (c - margin).clamp(min=0)).mean()` with the cosine `c`; in TensorFlow `tf.where`
# and `tf.maximum(c - margin, 0.0)`.

# %%
def cosine_embedding_pt(
    u: torch.Tensor,
    v: torch.Tensor,
    y: torch.Tensor,
    margin: float,
) -> torch.Tensor:
    """u, v: (batch, features), y: (batch,), 1 or −1; returns
    a single number."""
    u, v = (
        x / x.norm(dim=-1, keepdim=True).clamp(min=1e-8)
        for x in (u, v)
    )
    c = (u * v).sum(-1)
    far = (c - margin).clamp(min=0)
    return torch.where(y > 0, 1 - c, far).mean()

# %%
def cosine_embedding_tf(
    u: tf.Tensor, v: tf.Tensor, y: tf.Tensor, margin: float
) -> tf.Tensor:
    """u, v: (batch, features), y: (batch,), 1 or −1; returns
    a single number."""
    u = tf.math.l2_normalize(u, axis=-1)
    v = tf.math.l2_normalize(v, axis=-1)
    c = tf.reduce_sum(u * v, -1)
    far = tf.maximum(c - margin, 0.0)
    return tf.reduce_mean(tf.where(y > 0, 1 - c, far))

# %% [markdown]
# **Why:** a dissimilar pair must cost nothing once its cosine is below the margin, and a similar pair has no margin.

# %% [markdown]
# ## Hinge embedding loss, with labels as a column
#
# Return the mean cost of the pairs, given their distances `x`. A pair with the label 1 costs its distance. A pair with
# the label −1 costs max(0, `margin` − distance). The labels `y` have the shape of `x`, or the same number of labels as
# a column: (N, 1) for the distances (N,). In PyTorch the distances come first, in TensorFlow the labels.
#
# Worked case: the distances 0.3, 0.6 and 1.4 with the labels 1, −1 and −1 and the margin 1 cost 0.3, 0.4 and 0. The
# loss is 0.2333, also with the labels as a column.
#
# Hint 1: What is the shape of `x * y`, if `x` has the shape (3,) and `y` the shape (3, 1)?
#
# Hint 2: First give the labels the shape of the distances. Then compute both costs, and choose with `where`.
#
# Hint 3: `y = y.reshape(x.shape)`, `torch.where(y > 0, x, (margin - x).clamp(min=0)).mean()`; in TensorFlow
# `tf.reshape(y, x.shape)`, and `tf.maximum`.

# %%
def hinge_embedding_pt(
    x: torch.Tensor, y: torch.Tensor, margin: float
) -> torch.Tensor:
    """x: distances of any shape, y: 1 or −1, as many; returns
    a single number."""
    y = y.reshape(x.shape)
    far = (margin - x).clamp(min=0)
    return torch.where(y > 0, x, far).mean()

# %%
def hinge_embedding_tf(
    y: tf.Tensor, x: tf.Tensor, margin: float
) -> tf.Tensor:
    """y: 1 or −1, x: distances of any shape, as many; returns
    a single number."""
    y = tf.reshape(y, x.shape)
    far = tf.maximum(margin - x, 0.0)
    return tf.reduce_mean(tf.where(y > 0, x, far))

# %% [markdown]
# **Why:** (N,) against (N, 1) broadcasts to (N, N), so each distance would meet the labels of all other pairs.

# %% [markdown]
# ## Margin ranking loss, with its gradients
#
# Return the mean of max(0, `margin` − y (a − b)), its gradient with respect to `a`, and its gradient with respect to
# `b`. Write formulas, without autograd or tape. No case has a pair exactly at the margin.
#
# Worked case: the scores `a` = (1.5, 1, 0.2) and `b` = (0.3, 1.4, 0.3) with the labels 1, 1 and −1 and the margin 0.5
# cost 0, 0.9 and 0.4. The loss is 0.4333, and the gradient of `a` is (0, −⅓, ⅓).
#
# Hint 1: What is the derivative of max(0, z), for z above 0 and below?
#
# Hint 2: Only pairs with a cost above 0 have a gradient. The derivative of z = margin − y (a − b) with respect to `a`
# is −y. The mean divides by the number of pairs.
#
# Hint 3: `da = -y * (z > 0) / len(z)`, and `db = -da`. In TensorFlow turn the comparison into numbers with
# `tf.cast(z > 0, tf.float32)`.

# %%
def margin_ranking_pt(
    a: torch.Tensor,
    b: torch.Tensor,
    y: torch.Tensor,
    margin: float,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """a, b: (batch,), y: (batch,), 1 or −1; returns the loss
    and the gradients of a and b."""
    z = margin - y * (a - b)
    da = -y * (z > 0) / len(z)
    return z.clamp(min=0).mean(), da, -da

# %%
def margin_ranking_tf(
    a: tf.Tensor, b: tf.Tensor, y: tf.Tensor, margin: float
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """a, b: (batch,), y: (batch,), 1 or −1; returns the loss
    and the gradients of a and b."""
    z = margin - y * (a - b)
    da = -y * tf.cast(z > 0, tf.float32) / len(z)
    return tf.reduce_mean(tf.maximum(z, 0.0)), da, -da

# %% [markdown]
# **Why:** a pair that is right by the margin has a flat cost, so it moves neither score.

# %% [markdown]
# ## Triplet margin loss
#
# Return the mean of max(0, d(a, p) − d(a, n) + `margin`) over the rows. The distance d(u, v) is the square root of the
# sum of squares, after 10⁻⁶ was added to each difference u − v. If `swap` is true, use the smaller of d(a, n) and
# d(p, n) in place of d(a, n). For three equal vectors the gradients must be numbers.
#
# Worked case: the anchors (0, 0) and (1, 1) with the positives (1, 1) and (1, 2), the negatives (2, 0) and (3, 2) and
# the margin 1 cost √2 − 2 + 1 and 0. The loss is 0.2071.
#
# Hint 1: Write a function for the distance first: you need it two or three times.
#
# Hint 2: Cut each row off at 0 before you average. `swap` is a Python bool, so an `if` is enough.
#
# Hint 3: `far = torch.minimum(d(a, n), d(p, n)) if swap else d(a, n)`; in TensorFlow `tf.minimum`.

# %%
def triplet_margin_pt(
    a: torch.Tensor,
    p: torch.Tensor,
    n: torch.Tensor,
    margin: float,
    swap: bool,
) -> torch.Tensor:
    """a, p, n: (batch, features); returns a single number."""
    def d(u, v):
        return (u - v + 1e-6).norm(dim=-1)

    far = torch.minimum(d(a, n), d(p, n)) if swap else d(a, n)
    return (d(a, p) - far + margin).clamp(min=0).mean()

# %%
def triplet_margin_tf(
    a: tf.Tensor,
    p: tf.Tensor,
    n: tf.Tensor,
    margin: float,
    swap: bool,
) -> tf.Tensor:
    """a, p, n: (batch, features); returns a single number."""
    def d(u, v):
        return tf.norm(u - v + 1e-6, axis=-1)

    far = tf.minimum(d(a, n), d(p, n)) if swap else d(a, n)
    cost = tf.maximum(d(a, p) - far + margin, 0.0)
    return tf.reduce_mean(cost)

# %% [markdown]
# **Why:** each triplet is cut off at 0, so a triplet that is good enough cannot pay for one that is not.

# %% [markdown]
# ## Circle loss
#
# Return the circle loss of a batch. The embeddings have the length 1: use them as they are. With the distance
# d = 1 − cos (at least 0), row i costs log(1 + P · N). P is the sum of exp(`gamma` (m + d) (d − m)) over the *other* rows of
# its class, and N is the sum of exp(`gamma` max(0, 1 + m − d) (1 − m − d)) over the rows of other classes. m is
# `margin`.
#
# The loss is the sum of the costs, divided by the number of rows with a cost above 0. If there is none, the loss is 0.
# The exponentials of the last cases overflow, but the loss does not. In PyTorch the embeddings come first, in
# TensorFlow the labels.
#
# Worked case: unit vectors at 0°, 20°, 70° and 200° with the labels 0, 0, 1 and 1, `gamma` 10 and margin 0.4 have
# the loss 13.9233.
#
# Hint 1: log(1 + P · N) is softplus(log P + log N). How do you compute the logarithm of a sum of exponentials without
# overflow?
#
# Hint 2: Build two masks from `labels[:, None] == labels`. Outside its mask an exponent is −∞, so it adds nothing.
#
# Hint 3: `torch.logsumexp(z.masked_fill(~mask, -torch.inf), 1)`, `torch.nn.functional.softplus`; in TensorFlow
# `tf.reduce_logsumexp(tf.where(mask, z, -float("inf")), 1)` and `tf.math.softplus`.

# %%
def circle_pt(
    embeddings: torch.Tensor,
    labels: torch.Tensor,
    gamma: float,
    margin: float,
) -> torch.Tensor:
    """embeddings: (batch, features), of length 1, labels:
    (batch,), integers; returns a single number."""
    d = (1 - embeddings @ embeddings.T).clamp(min=0)
    same = labels[:, None] == labels
    other = ~torch.eye(len(labels), dtype=torch.bool)
    weight = (1 + margin - d).clamp(min=0)
    pull = gamma * (margin + d) * (d - margin)
    push = gamma * weight * (1 - margin - d)
    pull = pull.masked_fill(~(same & other), -torch.inf)
    push = push.masked_fill(same, -torch.inf)
    z = pull.logsumexp(1) + push.logsumexp(1)
    cost = torch.nn.functional.softplus(z)
    return cost.sum() / (cost > 0).sum().clamp(min=1)

# %%
def circle_tf(
    labels: tf.Tensor,
    embeddings: tf.Tensor,
    gamma: float,
    margin: float,
) -> tf.Tensor:
    """labels: (batch,), integers, embeddings: (batch,
    features), of length 1; returns a single number."""
    d = 1 - tf.matmul(embeddings, embeddings, transpose_b=True)
    d = tf.maximum(d, 0.0)
    same = labels[:, None] == labels
    other = ~tf.eye(len(labels), dtype=tf.bool)
    weight = tf.maximum(1 + margin - d, 0.0)
    pull = gamma * (margin + d) * (d - margin)
    push = gamma * weight * (1 - margin - d)
    pull = tf.where(same & other, pull, -float("inf"))
    push = tf.where(same, -float("inf"), push)
    z = tf.reduce_logsumexp(pull, 1)
    z = z + tf.reduce_logsumexp(push, 1)
    cost = tf.math.softplus(z)
    n = tf.reduce_sum(tf.cast(cost > 0, tf.float32))
    return tf.reduce_sum(cost) / tf.maximum(n, 1.0)

# %% [markdown]
# **Why:** the logarithms of the two sums stay small where the sums themselves overflow, and softplus of −∞ is 0.
