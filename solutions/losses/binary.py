# %% [markdown]
# # Exercises: binary losses
#
# Write the losses of [the chapter](../../chapters/losses/binary.ipynb) yourself: in PyTorch, in TensorFlow, or in
# both. Replace the line that raises an error, run the cell, then run the check below it. The check immediately tells
# you what is right and what is wrong.
#
# The arguments have the order of each framework's own losses: (prediction, target) in PyTorch, and (target,
# prediction) in TensorFlow. An answer earns one point each for its **values**, its **gradients** with respect to the
# prediction, and its **robustness**. A robust answer accepts other shapes, and returns right numbers for extreme
# inputs. With wrong values it earns no points. You may use operators, logarithms, exponentials, sums, means and
# comparisons, and `relu`, `sigmoid` and `softplus` unless the statement excludes them, but not the losses of the
# frameworks.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.

# %% [markdown]
# ## Binary cross-entropy
#
# Return the mean over all numbers of $-\bigl[y \log p + (1 - y) \log(1 - p)\bigr]$. A logarithm that is lower than
# −100 counts as −100, as in PyTorch. So a probability of exactly 0 for the label 1 costs 100. The labels can be any
# numbers from 0 to 1.
#
# Worked case: for the probabilities 0.9, 0.2, 0.6, 0.4 and the labels 1, 0, 0, 1 the loss is 0.5403. For the
# probability 0 and the label 1 it is 100.
#
# Hint 1: Each number has two terms. With the label 1, which of them is 0?
#
# Hint 2: Limit the two logarithms, not the probability. Then take the mean of everything.
#
# Hint 3: `torch.log(p).clamp(min=-100)`, `tf.maximum(tf.math.log(p), -100.0)`; the same for `1 - p`.

# %%
def binary_cross_entropy_pt(
    p: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """p, y: one shape, any; returns one number."""
    log_p = torch.log(p).clamp(min=-100)
    log_q = torch.log(1 - p).clamp(min=-100)
    return -(y * log_p + (1 - y) * log_q).mean()

# %%
def binary_cross_entropy_tf(
    y: tf.Tensor, p: tf.Tensor
) -> tf.Tensor:
    """y, p: one shape, any; returns one number."""
    log_p = tf.maximum(tf.math.log(p), -100.0)
    log_q = tf.maximum(tf.math.log(1 - p), -100.0)
    return -tf.reduce_mean(y * log_p + (1 - y) * log_q)

# %% [markdown]
# **Why:** without the limit, the logarithm of 0 is −∞, and the product with a label of 0 is NaN.

# %% [markdown]
# ## Binary cross-entropy with logits
#
# Return the mean of the binary cross-entropy of logits. With the label 1 a logit $z$ costs
# $w \log(1 + e^{-z})$, where $w$ is `pos_weight`. With the label 0 it costs $\log(1 + e^z)$. Logits of ±1000 must
# give finite losses and gradients.
#
# Worked case: for the logits 2, −1, 0.5, −0.3 and the labels 1, 0, 0, 1 the loss is 0.5672 with `pos_weight` 1, and
# 1.0578 with `pos_weight` 3.
#
# Hint 1: The logarithm of 1 plus an exponential is the function softplus. Is there such a function in your
# framework?
#
# Hint 2: Multiply the loss of label 1 by `y`, the loss of label 0 by `1 - y`, and add them. The sigmoid is not
# needed.
#
# Hint 3: `pos_weight * y * softplus(-z) + …`, with `torch.nn.functional.softplus` or `tf.math.softplus`.

# %%
def binary_cross_entropy_with_logits_pt(
    z: torch.Tensor, y: torch.Tensor, pos_weight: float
) -> torch.Tensor:
    """z, y: one shape, any; returns one number."""
    softplus = torch.nn.functional.softplus
    positive = pos_weight * y * softplus(-z)
    negative = (1 - y) * softplus(z)
    return (positive + negative).mean()

# %%
def binary_cross_entropy_with_logits_tf(
    y: tf.Tensor, z: tf.Tensor, pos_weight: float
) -> tf.Tensor:
    """y, z: one shape, any; returns one number."""
    positive = pos_weight * y * tf.math.softplus(-z)
    negative = (1 - y) * tf.math.softplus(z)
    return tf.reduce_mean(positive + negative)

# %% [markdown]
# **Why:** softplus is the negative logarithm of a sigmoid, so the probability, which would be rounded to 0, is never
# computed.

# %% [markdown]
# ## Focal loss
#
# Return the mean over all numbers of $-a\,(1 - q)^\gamma \log q$. With the label 1, $q$ is $p$ and $a$ is `alpha`. With
# the label 0, $q$ is $1 - p$ and $a$ is `1 - alpha`. A right prediction of exactly 0 or 1 must cost 0.
#
# Worked case: for the probabilities 0.9, 0.2, 0.6, 0.4 and the labels 1, 0, 0, 1 the loss is 0.0832 with `alpha` 0.75
# and `gamma` 2.
#
# Hint 1: Compute $q$ first, the probability of the right label. Then one formula is enough for both labels.
#
# Hint 2: The labels are 0 and 1, so `y * p` is 0 for the label 0. Compute $a$ in the same way.
#
# Hint 3: `q = y * p + (1 - y) * (1 - p)`, and then `-a * (1 - q) ** gamma * torch.log(q)`; in TensorFlow
# `tf.math.log`.

# %%
def focal_pt(
    p: torch.Tensor,
    y: torch.Tensor,
    alpha: float,
    gamma: float,
) -> torch.Tensor:
    """p, y: one shape, any; returns one number."""
    q = y * p + (1 - y) * (1 - p)
    a = y * alpha + (1 - y) * (1 - alpha)
    return (-a * (1 - q) ** gamma * torch.log(q)).mean()

# %%
def focal_tf(
    y: tf.Tensor, p: tf.Tensor, alpha: float, gamma: float
) -> tf.Tensor:
    """y, p: one shape, any; returns one number."""
    q = y * p + (1 - y) * (1 - p)
    a = y * alpha + (1 - y) * (1 - alpha)
    loss = -a * (1 - q) ** gamma * tf.math.log(q)
    return tf.reduce_mean(loss)

# %% [markdown]
# **Why:** only the logarithm of the right label's probability is computed, so a right prediction of exactly 0 or 1
# gives log 1 = 0.

# %% [markdown]
# ## Hinge
#
# Return the mean hinge loss for labels 0 and 1: make them −1 and 1 first. The hinge loss of a score $z$ with a label
# $t$ of −1 or 1 is $\max(0, 1 - t z)$.
#
# Worked case: for the scores 2, −1, 0.5, −0.3 and the labels 1, 0, 0, 1 the losses are 0, 0, 1.5 and 1.3. Their mean
# is 0.7.
#
# Hint 1: Which linear function makes −1 of 0, and 1 of 1?
#
# Hint 2: Limit the loss of each score at 0 before you take the mean.
#
# Hint 3: `t = 2 * y - 1`, and then `torch.relu(1 - t * z)` or `tf.nn.relu(1 - t * z)`.

# %%
def hinge_pt(
    z: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """z, y: one shape, any; returns one number."""
    t = 2 * y - 1
    return torch.relu(1 - t * z).mean()

# %%
def hinge_tf(y: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
    """y, z: one shape, any; returns one number."""
    t = 2 * y - 1
    return tf.reduce_mean(tf.nn.relu(1 - t * z))

# %% [markdown]
# **Why:** with the label 0 left as it is, the score would not be in the formula, and the example would always cost 1.

# %% [markdown]
# ## Squared hinge, with its gradient
#
# Return two tensors: the mean of $\max(0, 1 - y z)^2$, and its gradient with respect to the scores $z$. The labels $y$
# are −1 and 1. Write the gradient as a formula, without autograd or tape.
#
# Worked case: for the scores 2, −1, 0.5, −0.3 and the labels 1, −1, −1, 1 the loss is 0.985, and the gradient is 0, 0,
# 0.75, −0.65.
#
# Hint 1: What is the derivative of $u^2$? And what is the derivative of $1 - y z$ with respect to $z$?
#
# Hint 2: The gradient is 0 where the maximum is 0. The mean divides it by the number of all scores.
#
# Hint 3: With `gap = torch.relu(1 - y * z)` the gradient is `-2 * y * gap / z.numel()`; in TensorFlow divide by
# `tf.size(z, tf.float32)`.

# %%
def squared_hinge_pt(
    z: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """z, y: one shape, any; returns the loss, one number, and
    the gradient of z."""
    gap = torch.relu(1 - y * z)
    return (gap**2).mean(), -2 * y * gap / z.numel()

# %%
def squared_hinge_tf(
    y: tf.Tensor, z: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """y, z: one shape, any; returns the loss, one number, and
    the gradient of z."""
    gap = tf.nn.relu(1 - y * z)
    n = tf.size(z, tf.float32)
    return tf.reduce_mean(gap**2), -2 * y * gap / n

# %% [markdown]
# **Why:** by the chain rule, the derivative of the square is 2 · gap, the inner derivative is −y, and the mean divides
# by the number of scores.

# %% [markdown]
# ## Soft margin, repaired
#
# Return the mean of $\log(1 + e^{-y z})$. The labels $y$ are −1 and 1. PyTorch's own function overflows for a wrong
# score of 100. Yours must return the right loss and gradient for scores of ±1000. Do not use
# `softplus` or the logarithm of a sigmoid (`logsigmoid`, `log_sigmoid`).
#
# Worked case: for the scores 2, −1, 0.5, −0.3 and the labels 1, −1, −1, 1 the loss is 0.5672. For the score 1000 and
# the label −1 it is 1000.
#
# Hint 1: Let $u = -y z$. For a large $u$, which number is $\log(1 + e^u)$ close to?
#
# Hint 2: $\log(1 + e^u) = \max(u, 0) + \log(1 + e^{-|u|})$. The exponent is never positive.
#
# Hint 3: `torch.relu(u) + torch.log1p(torch.exp(-u.abs()))`; in TensorFlow `tf.nn.relu`, `tf.math.log1p`, `tf.exp` and
# `tf.abs`.

# %%
def soft_margin_pt(
    z: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """z, y: one shape, any; returns one number."""
    u = -y * z
    loss = torch.relu(u) + torch.log1p(torch.exp(-u.abs()))
    return loss.mean()

# %%
def soft_margin_tf(y: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
    """y, z: one shape, any; returns one number."""
    u = -y * z
    loss = tf.nn.relu(u) + tf.math.log1p(tf.exp(-tf.abs(u)))
    return tf.reduce_mean(loss)

# %% [markdown]
# **Why:** $e^u$ overflows in float32 above 88, and $e^{-|u|}$ is at most 1.

# %% [markdown]
# ## Multi-label soft margin
#
# Return one loss for each example: the mean over its labels of the binary cross-entropy with logits, where each label
# has its own weight. With the label 1, a logit $z$ costs $w \log(1 + e^{-z})$, and with the label 0 it costs
# $w \log(1 + e^z)$. Divide by the number of labels. Logits of ±1000 must give finite losses and gradients.
#
# Worked case: for the logits 0.1, 0.2, −0.4, the labels 1, 0, 1 and the weights 1, 1, 1 the loss is 0.7852. With the
# weights 1, 2, 0.5 it is 0.8990.
#
# Hint 1: The inputs have the shape (batch, labels), and the output has the shape (batch,). Which axis disappears?
#
# Hint 2: Compute the loss of each number as for BCE with logits, multiply by the weights, and take the mean over the
# last axis.
#
# Hint 3: `weight * (y * softplus(-z) + (1 - y) * softplus(z))`, with `torch.nn.functional.softplus` or
# `tf.math.softplus`; then the mean along axis −1.

# %%
def multilabel_soft_margin_pt(
    z: torch.Tensor, y: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """z, y: (batch, labels), weight: (labels,); returns
    (batch,)."""
    softplus = torch.nn.functional.softplus
    loss = y * softplus(-z) + (1 - y) * softplus(z)
    return (weight * loss).mean(-1)

# %%
def multilabel_soft_margin_tf(
    y: tf.Tensor, z: tf.Tensor, weight: tf.Tensor
) -> tf.Tensor:
    """y, z: (batch, labels), weight: (labels,); returns
    (batch,)."""
    positive = y * tf.math.softplus(-z)
    negative = (1 - y) * tf.math.softplus(z)
    loss = weight * (positive + negative)
    return tf.reduce_mean(loss, -1)

# %% [markdown]
# **Why:** each label is a yes-or-no question of its own, so the losses of the labels are independent, and only their
# mean joins them.
