# %% [markdown]
# # Exercises: writing your own loss
#
# Write the losses of [the chapter](../../chapters/losses/writing_your_own.ipynb) yourself: in PyTorch, in
# TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it.
# The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# accepts other shapes and extreme numbers, returns float32 for float32, and does not change its inputs. With
# wrong values it earns no points. You may use other losses of the frameworks, but not Keras's focal losses.
#
# Note the order of the arguments: (prediction, target) in PyTorch, (target, prediction) in TensorFlow.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Compute it: the focal loss as a function
#
# Return the focal loss of each sample, that is the mean of $-\alpha_t (1 - p_t)^\gamma \log p_t$ over the last
# axis. For label 1, $p_t$ is `y_hat` and $\alpha_t$ is `alpha`. For label 0 they are `1 - y_hat` and `1 - alpha`.
# `y_hat` are probabilities. A perfect prediction must have the loss 0, and not NaN.
#
# Worked case: with `alpha` 0.75 and `gamma` 2, the prediction 0.5 for label 1 has the loss 0.75 · 0.25 · 0.6931 =
# 0.1300. For label 0 it has the loss 0.25 · 0.25 · 0.6931 = 0.0433.
#
# Hint 1: Which two numbers depend on the label?
#
# Hint 2: `y * a + (1 - y) * b` is `a` for label 1 and `b` for label 0. Use it for $p_t$ and for $\alpha_t$.
#
# Hint 3: `-alpha_t * (1 - p_t) ** gamma * torch.log(p_t)`, then the mean over the last axis.

# %%
def focal_loss_pt(
    y_hat: torch.Tensor,
    y: torch.Tensor,
    alpha: float,
    gamma: float,
) -> torch.Tensor:
    """y_hat, y: (batch, …, n), y is 0 or 1; returns
    (batch, …)."""
    p_t = y * y_hat + (1 - y) * (1 - y_hat)
    alpha_t = y * alpha + (1 - y) * (1 - alpha)
    losses = -alpha_t * (1 - p_t) ** gamma * torch.log(p_t)
    return losses.mean(-1)

# %%
def focal_loss_tf(
    y: tf.Tensor, y_hat: tf.Tensor, alpha: float, gamma: float
) -> tf.Tensor:
    """y, y_hat: (batch, …, n), y is 0 or 1; returns
    (batch, …)."""
    p_t = y * y_hat + (1 - y) * (1 - y_hat)
    alpha_t = y * alpha + (1 - y) * (1 - alpha)
    losses = -alpha_t * (1 - p_t) ** gamma * tf.math.log(p_t)
    return tf.reduce_mean(losses, -1)

# %% [markdown]
# **Why:** Keras weights and reduces a loss that returns one number for each sample, and with $p_t$ the logarithm
# of a perfect prediction is 0.

# %% [markdown]
# ## Break it: the focal loss of logits of ±1000
#
# Return the focal loss of the whole batch, one number: the mean over all elements. `z` are logits. The
# formula of the first exercise on `sigmoid(z)` fails for `z` of ±1000: the loss is infinite, or, with a clip, it
# is too small and has no gradient.
#
# Worked case: with `alpha` 0.75 and `gamma` 2, the logit −1000 for label 1 has the loss 0.75 · 1 · 1000 = 750.
#
# Hint 1: What is `sigmoid(-1000)` in float32? What is its logarithm?
#
# Hint 2: $-\log \sigma(z)$ is softplus(−z), which is 1000 for $z = -1000$. For label 0 use the logit $-z$.
#
# Hint 3: `z_t = torch.where(y == 1, z, -z)`; the loss is `alpha_t * torch.sigmoid(-z_t) ** gamma *
# torch.nn.functional.softplus(-z_t)`.

# %%
def focal_from_logits_pt(
    z: torch.Tensor,
    y: torch.Tensor,
    alpha: float,
    gamma: float,
) -> torch.Tensor:
    """z, y: one shape, y is 0 or 1; returns a scalar."""
    z_t = torch.where(y == 1, z, -z)
    alpha_t = torch.where(y == 1, alpha, 1 - alpha)
    factor = alpha_t * torch.sigmoid(-z_t) ** gamma
    ce = torch.nn.functional.softplus(-z_t)
    return (factor * ce).mean()

# %%
def focal_from_logits_tf(
    y: tf.Tensor, z: tf.Tensor, alpha: float, gamma: float
) -> tf.Tensor:
    """y, z: one shape, y is 0 or 1; returns a scalar."""
    z_t = tf.where(y == 1, z, -z)
    alpha_t = tf.where(y == 1, alpha, 1 - alpha)
    factor = alpha_t * tf.sigmoid(-z_t) ** gamma
    return tf.reduce_mean(factor * tf.nn.softplus(-z_t))

# %% [markdown]
# **Why:** softplus computes the logarithm without the probability, so nothing becomes 0 before the logarithm.

# %% [markdown]
# ## Explain it: a gradient from differences
#
# The loss is the mean of $|\hat y - y|^3$ over all numbers. Return its numerical gradient with respect to
# `y_hat`: for each number, the central difference $(L_+ - L_-) / (2h)$. $L_+$ is the loss if only this number is
# larger by $h$, which is `step`. $L_-$ is the loss if only this number is smaller by $h$. Do not use autograd or
# the tape: the steps are so large that the exact derivative is another number.
#
# Worked case: for `y_hat` (1, 0), `y` (0, 2) and the step 0.5, the first number of the result is ((1.5³ + 8) / 2 −
# (0.5³ + 8) / 2) / 1 = 1.625. (The exact derivative is 1.5.)
#
# Hint 1: How often do you compute the loss?
#
# Hint 2: Two times for each number. A row of the identity matrix times `step` shifts one number.
#
# Hint 3: `for shift in step * torch.eye(y_hat.numel()):`, with `shift.reshape(y_hat.shape)` in the loss.

# %%
def numerical_gradient_pt(
    y_hat: torch.Tensor, y: torch.Tensor, step: float
) -> torch.Tensor:
    """y_hat, y: one shape; returns the same shape."""

    def loss(y_hat):
        return ((y_hat - y).abs() ** 3).mean()

    shifts = step * torch.eye(y_hat.numel())
    shifts = shifts.reshape(-1, *y_hat.shape)
    pairs = [(y_hat + s, y_hat - s) for s in shifts]
    changes = [loss(more) - loss(less) for more, less in pairs]
    changes = torch.stack(changes).reshape(y_hat.shape)
    return changes / (2 * step)

# %%
def numerical_gradient_tf(
    y: tf.Tensor, y_hat: tf.Tensor, step: float
) -> tf.Tensor:
    """y, y_hat: one shape; returns the same shape."""

    def loss(y_hat):
        return tf.reduce_mean(tf.abs(y_hat - y) ** 3)

    shifts = step * tf.eye(tf.size(y_hat))
    shifts = tf.reshape(shifts, [-1, *y_hat.shape])
    pairs = [(y_hat + s, y_hat - s) for s in shifts]
    changes = [loss(more) - loss(less) for more, less in pairs]
    return tf.reshape(changes, y_hat.shape) / (2 * step)

# %% [markdown]
# **Why:** the difference of two losses, divided by the distance of the two places, is the mean slope between them.

# %% [markdown]
# ## Squared error with sample weights and a mask
#
# Each sample is a sequence of steps. Return one number: the sum of weight · squared error over all valid steps,
# divided by the number of valid steps. `mask` is 1 for a valid step and 0 for padding. `weight` has one number
# for each sample. The padding can hold anything, even NaN. Without a valid step the loss is 0.
#
# Worked case: two samples with the weights 1 and 2, the errors (1, 2, 9) and (3, 9, 9), and the mask (1, 1, 0) and
# (1, 0, 0). The loss is (1 · 1 + 1 · 4 + 2 · 9) / 3 = 7.6667.
#
# Hint 1: The shapes are (N,) for the weights and (N, T) for the errors. Which axis is missing in the weights?
#
# Hint 2: A product with the mask leaves NaN as it is. Which function chooses between two tensors?
#
# Hint 3: `torch.where(mask > 0, (y_hat - y) ** 2, 0.0)`, then `weight[:, None] * …`; divide by
# `mask.sum().clamp(min=1)`.

# %%
def masked_mse_pt(
    y_hat: torch.Tensor,
    y: torch.Tensor,
    weight: torch.Tensor,
    mask: torch.Tensor,
) -> torch.Tensor:
    """y_hat, y, mask: (N, T), weight: (N,); returns a
    scalar."""
    losses = torch.where(mask > 0, (y_hat - y) ** 2, 0.0)
    total = (weight[:, None] * losses).sum()
    return total / mask.sum().clamp(min=1)

# %%
def masked_mse_tf(
    y: tf.Tensor,
    y_hat: tf.Tensor,
    weight: tf.Tensor,
    mask: tf.Tensor,
) -> tf.Tensor:
    """y, y_hat, mask: (N, T), weight: (N,); returns a
    scalar."""
    losses = tf.where(mask > 0, (y_hat - y) ** 2, 0.0)
    total = tf.reduce_sum(weight[:, None] * losses)
    return total / tf.maximum(tf.reduce_sum(mask), 1.0)

# %% [markdown]
# **Why:** weights of shape (N, 1) are broadcast along the steps, and `where` leaves the padding out whatever it
# holds.

# %% [markdown]
# ## Repair it: a loss that makes N × N losses
#
# The following loss runs, and its result is wrong. `ce` has the shape (N,), `p_t` has the shape (N, 1), so their
# product is a table of N × N losses.
#
# ```python
# ce = F.binary_cross_entropy(y_hat, y, reduction="none").mean(-1)  # or keras.losses.binary_crossentropy(y, y_hat)
# p_t = y * y_hat + (1 - y) * (1 - y_hat)
# loss = ((1 - p_t) ** 2 * ce).sum(-1).mean()
# ```
#
# Repair it: return the mean of $-(1 - p_t)^2 \log p_t$ over the N samples, one number. Predictions and labels have
# the shape (N, 1) or (N,), and not always the same of the two.
#
# Worked case: for the predictions 0.5 and 0.5 and the labels 1 and 0 the loss is 0.25 · 0.6931 = 0.1733.
#
# Hint 1: What is the shape of the product of a tensor of shape (N, 1) and a tensor of shape (N,)?
#
# Hint 2: Give all tensors the same shape before you compute with them.
#
# Hint 3: `y_hat.reshape(-1)` and `y.reshape(-1)`; in TensorFlow `tf.reshape(y, [-1])`.

# %%
def repaired_loss_pt(
    y_hat: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """y_hat, y: (N, 1) or (N,), y is 0 or 1; returns a
    scalar."""
    y_hat, y = y_hat.reshape(-1), y.reshape(-1)
    p_t = y * y_hat + (1 - y) * (1 - y_hat)
    return -((1 - p_t) ** 2 * torch.log(p_t)).mean()

# %%
def repaired_loss_tf(
    y: tf.Tensor, y_hat: tf.Tensor
) -> tf.Tensor:
    """y, y_hat: (N, 1) or (N,), y is 0 or 1; returns a
    scalar."""
    y_hat, y = tf.reshape(y_hat, [-1]), tf.reshape(y, [-1])
    p_t = y * y_hat + (1 - y) * (1 - y_hat)
    return -tf.reduce_mean((1 - p_t) ** 2 * tf.math.log(p_t))

# %% [markdown]
# **Why:** tensors of the same shape are multiplied element by element, so there are N losses, and not N × N.
