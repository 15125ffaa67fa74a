# %% [markdown]
# # Exercises: multi-class losses
#
# Write the losses of [the chapter](../../chapters/losses/multiclass.ipynb) yourself, from their formulas: in
# PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check
# below it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. Only the gradient
# of the prediction is judged. A robust answer accepts other shapes and logits of ±1000, and does not change its
# inputs. You may use `log_softmax` and `softmax`, but none of the losses of the chapter.
#
# **The order of the arguments is that of the framework:** (prediction, target) in PyTorch, and (target,
# prediction) in TensorFlow. Every loss returns one number, a mean over the examples.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.

# %% [markdown]
# ## Categorical cross-entropy, for any targets
#
# Return the cross-entropy of logits `z` and targets `q`: for each example, minus the sum of target times
# log-probability over the classes. Then take the mean over the examples. The targets of an example may sum to
# 1, but they need not: then the gradient must also be right.
#
# Worked case: for `z` = ((2, 0.5, −1), (0.1, 1, 0.3), (−0.5, 0.2, 0.8), (1, 1, 0)) and the one-hot targets of
# the classes 0, 1, 2, 1, the loss is 0.5866.
#
# Hint 1: Which function returns the logarithms of a softmax without computing the softmax first?
#
# Hint 2: Multiply target and log-probability, sum over the last axis, and take the mean of what is left.
#
# Hint 3: `-(q * torch.log_softmax(z, -1)).sum(-1).mean()`; `tf.reduce_sum(…, -1)` inside `tf.reduce_mean(…)`.

# %%
def categorical_cross_entropy_pt(
    z: torch.Tensor, q: torch.Tensor
) -> torch.Tensor:
    """z, q: (…, classes), logits and targets; returns one
    number."""
    log_p = torch.log_softmax(z, -1)
    return -(q * log_p).sum(-1).mean()

# %%
def categorical_cross_entropy_tf(
    q: tf.Tensor, z: tf.Tensor
) -> tf.Tensor:
    """q, z: (…, classes), targets and logits; returns one
    number."""
    log_p = tf.nn.log_softmax(z)
    return -tf.reduce_mean(tf.reduce_sum(q * log_p, -1))

# %% [markdown]
# **Why:** the sum is differentiated as it is written. TensorFlow's own function has the gradient softmax − q,
# which is right only if the targets sum to 1.

# %% [markdown]
# ## Label smoothing
#
# Return the cross-entropy of logits `z` and labels `y` with label smoothing: of $C$ classes, each has the
# target $\varepsilon / C$, and the true class has $1 - \varepsilon$ in addition. $\varepsilon$ is `smoothing`.
#
# Worked case: for the logits and labels of the first exercise and ε = 0.3, the targets of the first example are
# (0.8, 0.1, 0.1), and the loss is 0.8116.
#
# Hint 1: First make the targets: one row for each example, one column for each class.
#
# Hint 2: A one-hot row times 1 − ε, plus ε / C, sums to 1.
#
# Hint 3: `torch.eye(n)[y]` and `tf.one_hot(y, n)` make the one-hot rows, with `n = z.shape[-1]`.

# %%
def smoothed_cross_entropy_pt(
    z: torch.Tensor, y: torch.Tensor, smoothing: float
) -> torch.Tensor:
    """z: (batch, classes), y: (batch,), integers; returns one
    number."""
    n = z.shape[-1]
    q = (1 - smoothing) * torch.eye(n)[y] + smoothing / n
    return -(q * torch.log_softmax(z, -1)).sum(-1).mean()

# %%
def smoothed_cross_entropy_tf(
    y: tf.Tensor, z: tf.Tensor, smoothing: float
) -> tf.Tensor:
    """y: (batch,), integers, z: (batch, classes); returns one
    number."""
    n = z.shape[-1]
    q = (1 - smoothing) * tf.one_hot(y, n) + smoothing / n
    loss = tf.reduce_sum(q * tf.nn.log_softmax(z), -1)
    return -tf.reduce_mean(loss)

# %% [markdown]
# **Why:** all $C$ classes share ε, the true class as well. If only the wrong classes share it, each of them
# gets ε / (C − 1), and the loss is another one.

# %% [markdown]
# ## Sparse categorical cross-entropy
#
# Return the cross-entropy of logits `z` and integer labels `y`: the mean of minus the log-probability of the
# true class. There may be more axes than a batch: with `z` of shape (batch, time, classes), `y` has the shape
# (batch, time).
#
# Worked case: for the logits of the first exercise and the labels (0, 1, 2, 1) the loss is 0.5866.
#
# Hint 1: Each row of log-probabilities gives one number. Which one?
#
# Hint 2: `log_p[:, y]` is wrong: it takes all labels from all rows. Gather along the last axis instead, or
# multiply by one-hot labels and sum.
#
# Hint 3: `log_p.gather(-1, y.unsqueeze(-1))`, `tf.gather(log_p, y, batch_dims=len(y.shape))`.

# %%
def sparse_categorical_cross_entropy_pt(
    z: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """z: (…, classes), y: (…), integers; returns one number."""
    log_p = torch.log_softmax(z, -1)
    return -log_p.gather(-1, y.unsqueeze(-1)).mean()

# %%
def sparse_categorical_cross_entropy_tf(
    y: tf.Tensor, z: tf.Tensor
) -> tf.Tensor:
    """y: (…), integers, z: (…, classes); returns one number."""
    log_p = tf.nn.log_softmax(z)
    picked = tf.gather(log_p, y, batch_dims=len(y.shape))
    return -tf.reduce_mean(picked)

# %% [markdown]
# **Why:** with one-hot targets, all terms of the sum over the classes are 0, except that of the true class.

# %% [markdown]
# ## Repair it: a weighted cross-entropy that is 0 if all labels are ignored
#
# `F.cross_entropy` of PyTorch returns NaN if all labels are ignored. Return the weighted cross-entropy without
# this flaw: multiply the loss of each example by the weight `w` of its class, add, and divide by the sum of the
# weights of these examples. Examples with the label `ignore` count neither in the sum nor in the divisor. If all
# are ignored, return 0.
#
# Worked case: for the logits of the first exercise, the labels (0, −1, 2, 1), `w` = (1, 2, 4) and `ignore` =
# −1, the loss is 0.6234. With the labels (0, 1, 2, 1) it is 0.6278.
#
# Hint 1: `ignore` need not be a class. So you cannot use it as an index into `w` or into the log-probabilities.
#
# Hint 2: Replace the ignored labels by 0, and give these examples the weight 0. Then only the division is left.
# What must the divisor be if the sum of the weights is 0?
#
# Hint 3: `.clamp(min=1e-9)` in PyTorch, `tf.math.divide_no_nan` in TensorFlow.

# %%
def weighted_cross_entropy_pt(
    z: torch.Tensor,
    y: torch.Tensor,
    w: torch.Tensor,
    ignore: int,
) -> torch.Tensor:
    """z: (batch, classes), y: (batch,), integers, w:
    (classes,); returns one number."""
    kept = y != ignore
    label = torch.where(kept, y, 0)
    weight = w[label] * kept
    log_p = torch.log_softmax(z, -1)
    loss = -log_p.gather(-1, label[:, None])[:, 0]
    return (weight * loss).sum() / weight.sum().clamp(min=1e-9)

# %%
def weighted_cross_entropy_tf(
    y: tf.Tensor, z: tf.Tensor, w: tf.Tensor, ignore: int
) -> tf.Tensor:
    """y: (batch,), integers, z: (batch, classes), w:
    (classes,); returns one number."""
    kept = y != ignore
    label = tf.where(kept, y, 0)
    weight = tf.gather(w, label) * tf.cast(kept, tf.float32)
    log_p = tf.nn.log_softmax(z)
    loss = -tf.gather(log_p, label, batch_dims=1)
    total = tf.reduce_sum(weight * loss)
    return tf.math.divide_no_nan(total, tf.reduce_sum(weight))

# %% [markdown]
# **Why:** an ignored example has the weight 0, so it counts neither in the sum nor in the divisor. 0 / 0 is NaN,
# so the divisor must not be 0.

# %% [markdown]
# ## Explain it: the gradient of the cross-entropy
#
# Return the gradient of the mean cross-entropy with respect to the logits. Write the formula, without autograd
# or tape.
#
# Worked case: for the single example `z` = (0, 0), `y` = (0), the gradient is (−0.5, 0.5).
#
# Hint 1: The gradient has the shape of the logits, and each of its rows sums to 0.
#
# Hint 2: For a wrong class, the gradient is its probability. For the true class, it is its probability minus 1.
#
# Hint 3: The loss is a mean, so divide by the number of examples.

# %%
def cross_entropy_gradient_pt(
    z: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """z: (batch, classes), y: (batch,), integers; returns the
    shape of z."""
    hot = torch.eye(z.shape[-1])[y]
    return (torch.softmax(z, -1) - hot) / len(z)

# %%
def cross_entropy_gradient_tf(
    y: tf.Tensor, z: tf.Tensor
) -> tf.Tensor:
    """y: (batch,), integers, z: (batch, classes); returns the
    shape of z."""
    hot = tf.one_hot(y, z.shape[-1])
    return (tf.nn.softmax(z) - hot) / z.shape[0]

# %% [markdown]
# **Why:** the derivative of the log-sum-exp is the softmax, and the derivative of minus the true logit is −1.

# %% [markdown]
# ## Break it: a second softmax, and the floor below the loss
#
# Make a frequent mistake: apply a softmax to the logits, and pass the result to a cross-entropy that expects logits.
# Return this mean cross-entropy, minus the smallest value that it can have with this number of classes.
#
# Worked case: with two classes, the smallest value is log(1 + 1/e) = 0.3133. For `z` = (0, 0) and `y` = (0),
# the loss behind the second softmax is 0.6931, so the result is 0.3799.
#
# Hint 1: The largest possible probability of the true class is 1. Then all others are 0. The loss takes these
# numbers for logits.
#
# Hint 2: With $C$ classes the logits (1, 0, …, 0) give the true class the probability $e / (e + C - 1)$.
#
# Hint 3: Subtract `np.log(1 + (n - 1) / np.e)`, or the same with `math`, from the cross-entropy of
# `softmax(z)`.

# %%
def above_the_floor_pt(
    z: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """z: (batch, classes), y: (batch,), integers; returns one
    number."""
    log_p = torch.log_softmax(torch.softmax(z, -1), -1)
    loss = -log_p.gather(-1, y[:, None]).mean()
    e = torch.tensor(1.0).exp()
    return loss - torch.log(1 + (z.shape[-1] - 1) / e)

# %%
def above_the_floor_tf(
    y: tf.Tensor, z: tf.Tensor
) -> tf.Tensor:
    """y: (batch,), integers, z: (batch, classes); returns one
    number."""
    log_p = tf.nn.log_softmax(tf.nn.softmax(z))
    loss = -tf.reduce_mean(tf.gather(log_p, y, batch_dims=1))
    e = tf.exp(1.0)
    return loss - tf.math.log(1 + (z.shape[-1] - 1) / e)

# %% [markdown]
# **Why:** probabilities lie between 0 and 1. As logits, they differ by at most 1, and such logits cannot
# express certainty.

# %% [markdown]
# ## Negative log-likelihood, with the classes in axis 1
#
# Return the negative log-likelihood of log-probabilities `log_p` and labels `y`, as PyTorch does: the classes
# lie in axis 1, and the labels have the shape of `log_p` without this axis. Average over all labels.
#
# Worked case: for the log-softmax of the logits of the first exercise and the labels (0, 1, 2, 1), the loss is
# 0.5866. With `log_p` of shape (2, 5, 3) there are 2 · 3 labels.
#
# Hint 1: The input already holds logarithms. Which functions do you still need?
#
# Hint 2: Give the labels an axis 1 of size 1, and gather along axis 1. Or make them one-hot along axis 1.
#
# Hint 3: `log_p.gather(1, y.unsqueeze(1))`; `tf.one_hot(y, log_p.shape[1], axis=1)`.

# %%
def negative_log_likelihood_pt(
    log_p: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """log_p: (batch, classes, …), y: (batch, …), integers;
    returns one number."""
    return -log_p.gather(1, y.unsqueeze(1)).mean()

# %%
def negative_log_likelihood_tf(
    y: tf.Tensor, log_p: tf.Tensor
) -> tf.Tensor:
    """y: (batch, …), integers, log_p: (batch, classes, …);
    returns one number."""
    hot = tf.one_hot(y, log_p.shape[1], axis=1)
    return -tf.reduce_mean(tf.reduce_sum(hot * log_p, 1))

# %% [markdown]
# **Why:** the loss only picks numbers. The logarithm is computed before, by `log_softmax`.

# %% [markdown]
# ## Kullback–Leibler divergence
#
# Return the divergence of a prediction `log_p`, which holds log-probabilities, from target probabilities `q`:
# for each distribution, the sum of $q\,(\log q - \log p)$ over the last axis. Then take the mean over all
# distributions. A target probability of 0 must cost 0.
#
# Worked case: for `q` = ((0.7, 0.2, 0.1), (0.2, 0.5, 0.3)) and `log_p` the logarithm of ((0.6, 0.3, 0.1), (0.3,
# 0.3, 0.4)), the divergence is 0.0574.
#
# Hint 1: What is 0 · log 0 in floating-point numbers? What should it be here?
#
# Hint 2: `torch.xlogy` and `tf.math.xlogy` compute x · log y, and return 0 where x is 0.
#
# Hint 3: With a shape of (batch, time, classes) there are batch · time distributions: sum over the last axis,
# and average over all others.

# %%
def kl_divergence_pt(
    log_p: torch.Tensor, q: torch.Tensor
) -> torch.Tensor:
    """log_p, q: (…, classes); returns one number."""
    terms = torch.xlogy(q, q) - q * log_p
    return terms.sum(-1).mean()

# %%
def kl_divergence_tf(
    q: tf.Tensor, log_p: tf.Tensor
) -> tf.Tensor:
    """q, log_p: (…, classes); returns one number."""
    terms = tf.math.xlogy(q, q) - q * log_p
    return tf.reduce_mean(tf.reduce_sum(terms, -1))

# %% [markdown]
# **Why:** $q \log q$ goes to 0 as $q$ goes to 0, but the computer multiplies 0 by −∞, and gets NaN.

# %% [markdown]
# ## Categorical focal loss
#
# Return the focal loss of logits `z` and one-hot targets `q`: for each example, the sum over the classes of
# $-\alpha\,(1 - p)^\gamma\, q \log p$, where $p$ is the softmax. Then take the mean over the examples.
#
# Worked case: for the logits and targets of the first exercise, with alpha = 0.25 and gamma = 2, the loss is
# 0.0354. With alpha = 1 and gamma = 0 it is the cross-entropy, 0.5866.
#
# Hint 1: For logits of ±1000 the softmax of the true class can be 0. Its logarithm must not be taken then.
#
# Hint 2: Compute `log_p` in one step, and `p` from it with `exp`.
#
# Hint 3: `alpha * (1 - log_p.exp()) ** gamma * q * log_p`, and then a sum, a mean and a minus.

# %%
def categorical_focal_pt(
    z: torch.Tensor, q: torch.Tensor, alpha: float, gamma: float
) -> torch.Tensor:
    """z, q: (batch, classes), logits and one-hot targets;
    returns one number."""
    log_p = torch.log_softmax(z, -1)
    factor = alpha * (1 - log_p.exp()) ** gamma
    return -(factor * q * log_p).sum(-1).mean()

# %%
def categorical_focal_tf(
    q: tf.Tensor, z: tf.Tensor, alpha: float, gamma: float
) -> tf.Tensor:
    """q, z: (batch, classes), one-hot targets and logits;
    returns one number."""
    log_p = tf.nn.log_softmax(z)
    factor = alpha * (1 - tf.exp(log_p)) ** gamma
    loss = tf.reduce_sum(factor * q * log_p, -1)
    return -tf.reduce_mean(loss)

# %% [markdown]
# **Why:** for an easy example, $1 - p$ is small, and its power is smaller: hard examples dominate the mean.

# %% [markdown]
# ## Repair it: generalized cross-entropy, for labels of shape (N,) and (N, 1)
#
# Keras's generalized cross-entropy makes a table of N × N losses from labels of shape (N, 1). Write it so that
# both shapes give the same number: the mean of $(1 - p_y^q) / q$ over the examples, where $p_y$ is the
# probability of the true class. The inputs `p` are probabilities.
#
# Worked case: for `p` = ((0.2, 0.8), (0.4, 0.6)), labels (0, 1) and q = 0.5, the two losses are 1.1056 and
# 0.4508. The result is 0.7782, and it is the same for labels ((0), (1)).
#
# Hint 1: Bring the labels into one shape first.
#
# Hint 2: `y.reshape(-1)` and `tf.reshape(y, [-1])` give the shape (N,) in both cases.
#
# Hint 3: Gather the probability of the true class, raise it to the power q, subtract from 1, divide by q.

# %%
def generalized_cross_entropy_pt(
    p: torch.Tensor, y: torch.Tensor, q: float
) -> torch.Tensor:
    """p: (batch, classes), y: (batch,) or (batch, 1),
    integers; returns one number."""
    true = p.gather(1, y.reshape(-1, 1))
    return ((1 - true**q) / q).mean()

# %%
def generalized_cross_entropy_tf(
    y: tf.Tensor, p: tf.Tensor, q: float
) -> tf.Tensor:
    """y: (batch,) or (batch, 1), integers, p: (batch,
    classes); returns one number."""
    y = tf.reshape(y, [-1])
    true = tf.gather(p, y, batch_dims=1)
    return tf.reduce_mean((1 - true**q) / q)

# %% [markdown]
# **Why:** (N, 1) against (N,) is broadcast to (N, N) without an error. Labels of a known shape prevent it.

# %% [markdown]
# ## Categorical hinge loss, as Keras defines it
#
# Return Keras's categorical hinge loss of scores `z` and one-hot targets `q`: for each example, the largest
# number of $(1 - q)\,z$, minus the score of the true class, plus 1, and at least 0. Then take the mean over the
# examples.
#
# Worked case: for the scores (−3, −5) of one example with the target (1, 0), the numbers of (1 − q) z are 0 and
# −5. The largest is 0, and the loss is 0 + 3 + 1 = 4.
#
# Hint 1: Do not leave out the true class: its 0 takes part in the maximum.
#
# Hint 2: The score of the true class is the sum of q · z, not its maximum.
#
# Hint 3: `.amax(-1)` and `.clamp(min=0)` in PyTorch, `tf.reduce_max(…, -1)` and `tf.nn.relu` in TensorFlow.

# %%
def categorical_hinge_pt(
    z: torch.Tensor, q: torch.Tensor
) -> torch.Tensor:
    """z, q: (batch, classes), scores and one-hot targets;
    returns one number."""
    wrong = ((1 - q) * z).amax(-1)
    true = (q * z).sum(-1)
    return (wrong - true + 1).clamp(min=0).mean()

# %%
def categorical_hinge_tf(
    q: tf.Tensor, z: tf.Tensor
) -> tf.Tensor:
    """q, z: (batch, classes), one-hot targets and scores;
    returns one number."""
    wrong = tf.reduce_max((1 - q) * z, -1)
    true = tf.reduce_sum(q * z, -1)
    return tf.reduce_mean(tf.nn.relu(wrong - true + 1))

# %% [markdown]
# **Why:** the product with 1 − q does not remove the true class: it sets its score to 0.

# %% [markdown]
# ## Multi-class margin loss
#
# Return PyTorch's multi-class margin loss of scores `z` and labels `y`. For each example, add $\max(0,
# \text{margin} - z_y + z_j)^\text{power}$ over all wrong classes $j$, and divide by the number of all classes.
# Then take the mean over the examples.
#
# Worked case: for the logits and labels of the first exercise, with margin 1 and power 1, the loss is 0.15.
#
# Hint 1: For the true class itself, the formula gives the margin. How do you leave it out?
#
# Hint 2: Compute all classes at once, and multiply by 0 at the true class, with one-hot labels.
#
# Hint 3: The mean over all numbers of the product divides by examples and by classes.

# %%
def multi_margin_pt(
    z: torch.Tensor, y: torch.Tensor, margin: float, power: int
) -> torch.Tensor:
    """z: (batch, classes), y: (batch,), integers; returns one
    number."""
    true = z.gather(1, y[:, None])
    short = (margin - true + z).clamp(min=0) ** power
    return (short * (1 - torch.eye(z.shape[1])[y])).mean()

# %%
def multi_margin_tf(
    y: tf.Tensor, z: tf.Tensor, margin: float, power: int
) -> tf.Tensor:
    """y: (batch,), integers, z: (batch, classes); returns one
    number."""
    true = tf.gather(z, y[:, None], batch_dims=1)
    short = tf.nn.relu(margin - true + z) ** power
    wrong = 1 - tf.one_hot(y, z.shape[1])
    return tf.reduce_mean(short * wrong)

# %% [markdown]
# **Why:** a wrong class costs nothing as soon as its score is the margin below the score of the true class.

# %% [markdown]
# ## Multi-label margin loss
#
# Return PyTorch's multi-label margin loss. A row of `y` lists the labels of an example, and ends at the first
# −1: what stands behind it does not count. For each label $i$ and each class $j$ that is not a label, add
# $\max(0, 1 - z_i + z_j)$. Divide by the number of classes, and take the mean over the examples.
#
# Worked case: for `z` = (0.1, 0.2, 0.4, 0.8) and `y` = (3, 0, −1, 1), the labels are the classes 3 and 0, and
# the other classes are 1 and 2. The four terms are 0.4, 0.6, 1.1 and 1.3, and the loss is 3.4 / 4 = 0.85.
#
# Hint 1: Which entries of `y` stand in front of the first −1? A cumulative sum of `y < 0` tells you.
#
# Hint 2: Make a row of 0 and 1 for each example: 1 for a class that is a label. Then build the table of all
# pairs of classes, (batch, classes, classes).
#
# Hint 3: `1 - z[:, :, None] + z[:, None, :]`, cut off at 0, times `label[:, :, None] * (1 - label)[:, None,
# :]`.

# %%
def multilabel_margin_pt(
    z: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """z: (batch, classes), y: (batch, classes), integers;
    returns one number."""
    n = z.shape[1]
    listed = (y < 0).cumsum(1) == 0
    hot = torch.eye(n)[y.clamp(min=0)] * listed[:, :, None]
    label = hot.sum(1)
    short = (1 - z[:, :, None] + z[:, None, :]).clamp(min=0)
    pairs = label[:, :, None] * (1 - label)[:, None, :]
    return ((short * pairs).sum((1, 2)) / n).mean()

# %%
def multilabel_margin_tf(
    y: tf.Tensor, z: tf.Tensor
) -> tf.Tensor:
    """y: (batch, classes), integers, z: (batch, classes);
    returns one number."""
    n = z.shape[1]
    ended = tf.cumsum(tf.cast(y < 0, tf.int32), axis=1) > 0
    hot = tf.one_hot(tf.where(ended, -1, y), n)
    label = tf.reduce_sum(hot, 1)
    short = tf.nn.relu(1 - z[:, :, None] + z[:, None, :])
    pairs = label[:, :, None] * (1 - label)[:, None, :]
    loss = tf.reduce_sum(short * pairs, [1, 2]) / n
    return tf.reduce_mean(loss)

# %% [markdown]
# **Why:** every label must be a margin above every class that is no label. Labels are not compared with each
# other.
