# %% [markdown]
# # Exercises: regularized training
#
# Write the parts of [the chapter's](../../chapters/regularizers/regularized_training.ipynb) trainings yourself: in
# PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below
# it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values** and its **robustness**, and the third exercise earns one for its
# **gradients**, too. A robust answer accepts other shapes, returns float32 for float32, does not change its inputs,
# and has no NaN where a norm or a count is 0. With wrong values it earns no points. You may use operators, sums,
# comparisons and activations, but not the metrics, constraints and clipping functions of the frameworks. An
# optimizer is allowed only in the fifth exercise.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Macro F1, with a threshold
#
# Return the mean of the F1 of all columns. An output is a "yes" if it is above the threshold. F1 is $2\,\text{TP} /
# (2\,\text{TP} + \text{FP} + \text{FN})$; in other words, twice the number of right "yes", divided by the number of
# "yes" plus the number of labels 1. If a column has neither a "yes" nor a label 1, its F1 is 0.
#
# As usual, the arguments are (prediction, target) in PyTorch and (target, prediction) in TensorFlow. The labels are
# 0.0 and 1.0.
#
# Worked case: with the threshold 0.5, the outputs ((0.9, 0.25), (0.4, 0.5), (0.6, 0.75), (0.1, 0.625)) and the
# labels ((1, 0), (1, 1), (0, 1), (0, 1)), the columns have an F1 of 2 · 1 / (2 + 2) = 0.5 and 2 · 2 / (2 + 3) =
# 0.8. The result is 0.65. The output 0.5 is not above the threshold.
#
# Hint 1: Which three numbers do you count in each column?
#
# Hint 2: Make the "yes" a float: then products and sums over the rows count for you.
#
# Hint 3: `counted = yes.sum(0) + y.sum(0)`. Where it is 0, divide by 1 instead.

# %%
def macro_f1_pt(
    y_hat: torch.Tensor, y: torch.Tensor, threshold: float
) -> torch.Tensor:
    """y_hat, y: (batch, labels); returns a scalar."""
    yes = (y_hat > threshold).float()
    counted = yes.sum(0) + y.sum(0)
    return (2 * (yes * y).sum(0) / counted.clamp(min=1)).mean()

# %%
def macro_f1_tf(
    y: tf.Tensor, y_hat: tf.Tensor, threshold: float
) -> tf.Tensor:
    """y, y_hat: (batch, labels); returns a scalar."""
    yes = tf.cast(y_hat > threshold, tf.float32)
    counted = tf.reduce_sum(yes + y, 0)
    hits = tf.reduce_sum(yes * y, 0)
    return tf.reduce_mean(2 * hits / tf.maximum(counted, 1.0))

# %% [markdown]
# **Why:** TP + FP is the number of "yes", and TP + FN is the number of labels 1, so 2 TP + FP + FN is their sum.

# %% [markdown]
# ## The exact AUC
#
# Return the fraction of the pairs of a positive and a negative example in which the positive one has the higher
# score. A tie counts one half. If there is no pair, return 0. The scores and the labels have the same shape, which
# can be any shape: use all numbers together.
#
# The arguments are (scores, labels) in PyTorch and (labels, scores) in TensorFlow.
#
# Worked case: the negative examples have the scores 0.1 and 0.4, and the positive ones 0.4 and 0.8. In three of the
# four pairs the positive example is ahead, and one pair is a tie: (3 + ½) / 4 = 0.875.
#
# Hint 1: `score[y == 1]` are the scores of the positive examples, in one axis.
#
# Hint 2: Subtract with broadcasting: a column of the positive scores minus the row of the negative scores is a
# table of all pairs. What does the sign of a difference count?
#
# Hint 3: (sign + 1) / 2 is 1, ½ or 0. Divide the sum by the number of pairs, or by 1 if there is none.

# %%
def exact_auc_pt(
    score: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """score, y: one shape, y is 0 or 1; returns a scalar."""
    ahead = score[y == 1][:, None] - score[y == 0]
    hits = (torch.sign(ahead) + 1) / 2
    return hits.sum() / max(hits.numel(), 1)

# %%
def exact_auc_tf(y: tf.Tensor, score: tf.Tensor) -> tf.Tensor:
    """y, score: one shape, y is 0 or 1; returns a scalar."""
    ahead = score[y == 1][:, None] - score[y == 0]
    hits = (tf.sign(ahead) + 1) / 2
    n_pairs = tf.cast(tf.maximum(tf.size(hits), 1), tf.float32)
    return tf.reduce_sum(hits) / n_pairs

# %% [markdown]
# **Why:** the AUC depends only on the order of the scores, so comparisons are enough, and no threshold is needed.

# %% [markdown]
# ## The loss of a regularized network, from its weights
#
# Return the mean focal loss of a network with one hidden layer, plus the penalties on its two kernels. The hidden
# units are $h = \operatorname{relu}(x W_1 + b_1)$, the logit is $z = h W_2 + b_2$, and $p$ is the probability of the
# right class: $\sigma(z)$ for the label 1, $\sigma(-z)$ for the label 0. The loss is
#
# $$\operatorname{mean}\bigl(\alpha\,(1 - p)^2\,(-\log p)\bigr) + \lambda_1 \sum |w| + \lambda_2 \sum w^2$$
#
# Here α is 0.75 for the label 1 and 0.25 for the label 0, and the sums are over the numbers in `w1` and `w2`. In
# both frameworks the kernels have the shape (in, out). A logit can be as large as ±1000. The gradients of `x` and
# of all weights are compared, too.
#
# Worked case: for the example (1, 2) with the label 1, `w1` ((1, −0.5), (0.5, 1)), `b1` (0.1, −0.2), `w2` ((1),
# (−0.5)) and `b2` (−0.3), the hidden units are (2.1, 1.3) and the logit is 1.15. So p = 0.7595, and the focal loss
# is 0.75 · 0.2405² · 0.2751 = 0.0119. With `l1` = 0.01 and `l2` = 0.1 the penalty is 0.01 · 4.5 + 0.1 · 3.75 = 0.42.
#
# Hint 1: Which logit has $\sigma(\cdot)$ = p for both labels? Only its sign depends on the label.
#
# Hint 2: For a logit of −1000, σ is 0 and its logarithm is −∞. Which function computes $\log \sigma$ in one step?
#
# Hint 3: `right = torch.where(y == 1, z, -z)`, then
# `torch.nn.functional.logsigmoid(right)`; in TensorFlow `tf.math.log_sigmoid`.

# %%
def regularized_loss_pt(
    x: torch.Tensor,
    y: torch.Tensor,
    w1: torch.Tensor,
    b1: torch.Tensor,
    w2: torch.Tensor,
    b2: torch.Tensor,
    l1: float,
    l2: float,
) -> torch.Tensor:
    """x: (batch, in), y: (batch, 1), w1: (in, hidden),
    b1: (hidden,), w2: (hidden, 1), b2: (1,);
    returns a scalar."""
    z = torch.relu(x @ w1 + b1) @ w2 + b2
    right = torch.where(y == 1, z, -z)
    alpha = torch.where(y == 1, 0.75, 0.25)
    log_p = torch.nn.functional.logsigmoid(right)
    focal = -alpha * torch.sigmoid(-right) ** 2 * log_p
    penalty = sum(
        l1 * w.abs().sum() + l2 * (w**2).sum() for w in (w1, w2)
    )
    return focal.mean() + penalty

# %%
def regularized_loss_tf(
    x: tf.Tensor,
    y: tf.Tensor,
    w1: tf.Tensor,
    b1: tf.Tensor,
    w2: tf.Tensor,
    b2: tf.Tensor,
    l1: float,
    l2: float,
) -> tf.Tensor:
    """x: (batch, in), y: (batch, 1), w1: (in, hidden),
    b1: (hidden,), w2: (hidden, 1), b2: (1,);
    returns a scalar."""
    z = tf.nn.relu(x @ w1 + b1) @ w2 + b2
    right = tf.where(y == 1, z, -z)
    alpha = tf.where(y == 1, 0.75, 0.25)
    log_p = tf.math.log_sigmoid(right)
    focal = -alpha * tf.sigmoid(-right) ** 2 * log_p
    penalty = sum(
        l1 * tf.reduce_sum(tf.abs(w)) + l2 * tf.reduce_sum(w**2)
        for w in (w1, w2)
    )
    return tf.reduce_mean(focal) + penalty

# %% [markdown]
# **Why:** 1 − σ(z) is σ(−z), and log σ(z) has no intermediate 0, so the loss of a very wrong example is large and
# finite.

# %% [markdown]
# ## Clip two gradients together
#
# If the norm of all numbers of both gradients together is above `bound`, multiply both by the same factor, so that
# this norm becomes `bound`. Otherwise, return them as they are. Return both.
#
# Worked case: (3, 4) and (0, 12) have the norm 13 together. With the bound 2, the factor is 2/13, and the results are
# (0.4615, 0.6154) and (0, 1.8462).
#
# Hint 1: You cannot add the two norms. Which numbers can you add?
#
# Hint 2: The factor is the bound divided by the norm, but at most 1.
#
# Hint 3: `(bound / norm).clamp(max=1.0)`, `tf.minimum(bound / norm, 1.0)`. For gradients of 0 the quotient is ∞,
# and the factor is 1.

# %%
def clip_together_pt(
    a: torch.Tensor, b: torch.Tensor, bound: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """a, b: any shapes; returns the same shapes."""
    norm = ((a**2).sum() + (b**2).sum()).sqrt()
    factor = (bound / norm).clamp(max=1.0)
    return a * factor, b * factor

# %%
def clip_together_tf(
    a: tf.Tensor, b: tf.Tensor, bound: float
) -> tuple[tf.Tensor, tf.Tensor]:
    """a, b: any shapes; returns the same shapes."""
    norm = tf.sqrt(tf.reduce_sum(a**2) + tf.reduce_sum(b**2))
    factor = tf.minimum(bound / norm, 1.0)
    return a * factor, b * factor

# %% [markdown]
# **Why:** with one factor for both, the step becomes shorter and keeps its direction.

# %% [markdown]
# ## A whole training with L1 and L2
#
# Train a logistic regression with L1 and L2, by gradient descent on all examples at once. Return the weights and
# the bias after `steps` steps. The probability of the label 1 is $p = \sigma(x w + b)$, and the loss is
#
# $$\operatorname{mean}\bigl(-y \log p - (1 - y) \log (1 - p)\bigr) + \lambda_1 \sum |w| + \lambda_2 \sum w^2$$
#
# In each step, subtract `lr` times the gradient of this loss from `w` and from `b`. You can use an optimizer,
# autograd or tape, or write the gradients yourself. The derivative of |w| is 0 for w = 0. Do not change `w` and `b`
# themselves: make copies.
#
# Worked case: for the examples (1, 2) with the label 1 and (−1, 0.5) with the label 0, w = (0.5, −0.25) and b = 0,
# the probabilities are 0.5 and 0.3486. With `lr` = 1, `l1` = 0.1 and `l2` = 0.2, the gradient of w is (−0.4243,
# −0.4128) from the cross-entropy, plus (0.1, −0.1) from L1, plus (0.2, −0.1) from L2. The gradient of b is −0.0757.
# After one step, w = (0.6243, 0.3628) and b = 0.0757.
#
# Hint 1: Which parameters are in which term of the loss? Write the loss as one expression.
#
# Hint 2: In each step, compute the prediction anew, then both gradients, then change `w` and `b`. The gradient of
# the mean cross-entropy with respect to the logits is (p − y) / n.
#
# Hint 3: `dw = x.T @ (p - y) / n + l1 * sign(w) + 2 * l2 * w` and `db = mean(p - y)`.

# %%
def train_penalized_pt(
    x: torch.Tensor,
    y: torch.Tensor,
    w: torch.Tensor,
    b: torch.Tensor,
    lr: float,
    steps: int,
    l1: float,
    l2: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """x: (batch, in), y: (batch,), w: (in,), b: ();
    returns the new w and b."""
    for _ in range(steps):
        error = torch.sigmoid(x @ w + b) - y
        dw = error @ x / len(x) + l1 * w.sign() + 2 * l2 * w
        w, b = w - lr * dw, b - lr * error.mean()
    return w, b

# %%
def train_penalized_tf(
    x: tf.Tensor,
    y: tf.Tensor,
    w: tf.Tensor,
    b: tf.Tensor,
    lr: float,
    steps: int,
    l1: float,
    l2: float,
) -> tuple[tf.Tensor, tf.Tensor]:
    """x: (batch, in), y: (batch,), w: (in,), b: ();
    returns the new w and b."""
    for _ in range(steps):
        error = tf.sigmoid(tf.linalg.matvec(x, w) + b) - y
        dw = tf.reduce_mean(error[:, None] * x, 0)
        dw += l1 * tf.sign(w) + 2 * l2 * w
        w, b = w - lr * dw, b - lr * tf.reduce_mean(error)
    return w, b

# %% [markdown]
# **Why:** the gradient of a sum is the sum of the gradients, so each term of the loss contributes its own, and the
# bias gets none from the penalties.

# %% [markdown]
# ## One step of RMSprop, then MaxNorm
#
# Return the new kernel and the new `v` after one step of RMSprop and the constraint. The step computes
#
# $$v' = 0.9\,v + 0.1\,g^2, \qquad W' = W - \eta\,\frac{g}{\sqrt{v'} + 10^{-8}}$$
#
# with the gradient $g$ and the learning rate η, `lr`. Then scale each column of the kernel whose norm is above
# `bound`, so that its norm is `bound`. Do not change the other columns. In both frameworks the kernel has the shape
# (in, out), so a column contains the weights of one unit.
#
# Worked case: the kernel ((3.2, 0.5), (4.2, 0.5)), the gradient ((1, −1), (1, 2)), v = ((1, 1), (1, 4)) and η = 0.2
# give ((3, 0.7), (4, 0.3)). The columns have the norms 5 and 0.7616. With the bound 2, the result is ((1.2, 0.7),
# (1.6, 0.3)), and v' is equal to v.
#
# Hint 1: In which order do the step and the constraint come?
#
# Hint 2: The norm of a column is a sum over the rows. Which factor does a column get, and what is its maximum?
#
# Hint 3: `norms = (kernel**2).sum(0, keepdim=True).sqrt()`, then `bound / norms`, at most 1. A column of zeros must
# not give 0 / 0.

# %%
def rmsprop_max_norm_pt(
    kernel: torch.Tensor,
    g: torch.Tensor,
    v: torch.Tensor,
    lr: float,
    bound: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """kernel, g, v: (in, out); returns the new kernel and v."""
    v = 0.9 * v + 0.1 * g**2
    kernel = kernel - lr * g / (v.sqrt() + 1e-8)
    norms = (kernel**2).sum(0, keepdim=True).sqrt()
    factor = (bound / norms).clamp(max=1.0)
    return kernel * factor, v

# %%
def rmsprop_max_norm_tf(
    kernel: tf.Tensor,
    g: tf.Tensor,
    v: tf.Tensor,
    lr: float,
    bound: float,
) -> tuple[tf.Tensor, tf.Tensor]:
    """kernel, g, v: (in, out); returns the new kernel and v."""
    v = 0.9 * v + 0.1 * g**2
    kernel = kernel - lr * g / (tf.sqrt(v) + 1e-8)
    norms = tf.norm(kernel, axis=0, keepdims=True)
    factor = tf.minimum(bound / norms, 1.0)
    return kernel * factor, v

# %% [markdown]
# **Why:** a constraint changes the weights after the step, and is not a part of the gradient.
