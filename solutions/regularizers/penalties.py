# %% [markdown]
# # Exercises: penalties
#
# Write the penalties of [the chapter](../../chapters/regularizers/penalties.ipynb) yourself, and the steps that
# belong to them: in PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell,
# then run the check below it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# accepts other shapes, returns float32 for float32, and does not change its inputs. With wrong values it
# earns no points. If the statement asks for a gradient or a step itself, it counts as values. You may use
# norms, sums, autograd and everything else of the two frameworks, but not Keras's regularizers, not
# `tf.nn.l2_loss`, and no optimizer.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## L1
#
# Return the L1 penalty of a weight: `lam` times the sum of the absolute values.
#
# Worked case: the weight ((1, −2), (3, 0.5)) and `lam` = 0.1 give 0.1 · 6.5 = 0.65.
#
# Hint 1: What does a negative weight add to the penalty?
#
# Hint 2: Take absolute values first, then add all of them, over all axes.
#
# Hint 3: `w.abs().sum()`, `tf.reduce_sum(tf.abs(w))`.

# %%
def l1_penalty_pt(w: torch.Tensor, lam: float) -> torch.Tensor:
    """w: any shape; returns one number, of shape ()."""
    return lam * w.abs().sum()

# %%
def l1_penalty_tf(w: tf.Tensor, lam: float) -> tf.Tensor:
    """w: any shape; returns one number, of shape ()."""
    return lam * tf.reduce_sum(tf.abs(w))

# %% [markdown]
# **Why:** a penalty is a sum over all weights, and is not divided by their number.

# %% [markdown]
# ## A proximal step, which gives exact zeros
#
# Take one step of gradient descent for the loss, and then one for the L1 penalty. `gradient` is the gradient of
# the loss alone. After its step, move each weight towards 0 by `lr` times `lam`. A weight that would pass 0
# becomes exactly 0.
#
# Worked case: with `lr` = 0.5 and `lam` = 0.5, the weight 1 with the gradient 1 becomes 0.5 after the step, and
# then 0.25. The weight 0.25 with the gradient 1 becomes −0.25 after the step, and then 0.
#
# Hint 1: Call the weight after the first step `u`. How large is the result, and what is its sign?
#
# Hint 2: The size is |u| − lr · lam, and 0 if this is negative. The sign is that of `u`.
#
# Hint 3: `u.sign() * (u.abs() - lr * lam).clamp(min=0)`, `tf.sign(u) * tf.maximum(tf.abs(u) - lr * lam, 0.0)`.

# %%
def proximal_step_pt(
    w: torch.Tensor,
    gradient: torch.Tensor,
    lr: float,
    lam: float,
) -> torch.Tensor:
    """w, gradient: one shape; returns the new weight."""
    u = w - lr * gradient
    return u.sign() * (u.abs() - lr * lam).clamp(min=0)

# %%
def proximal_step_tf(
    w: tf.Tensor,
    gradient: tf.Tensor,
    lr: float,
    lam: float,
) -> tf.Tensor:
    """w, gradient: one shape; returns the new weight."""
    u = w - lr * gradient
    return tf.sign(u) * tf.maximum(tf.abs(u) - lr * lam, 0.0)

# %% [markdown]
# **Why:** the gradient of the penalty jumps at 0, so a step along it passes 0; this step stops there.

# %% [markdown]
# ## L2
#
# Return the L2 penalty of a weight: `lam` times the sum of the squares, as Keras's `L2` does.
#
# Worked case: the weight ((1, −2), (3, 0.5)) and `lam` = 0.1 give 0.1 · 14.25 = 1.425.
#
# Hint 1: Is there a root, a mean or a factor ½?
#
# Hint 2: There is none of them. Square each weight, and add all squares.
#
# Hint 3: `(w ** 2).sum()`, `tf.reduce_sum(w ** 2)`.

# %%
def l2_penalty_pt(w: torch.Tensor, lam: float) -> torch.Tensor:
    """w: any shape; returns one number, of shape ()."""
    return lam * (w**2).sum()

# %%
def l2_penalty_tf(w: tf.Tensor, lam: float) -> tf.Tensor:
    """w: any shape; returns one number, of shape ()."""
    return lam * tf.reduce_sum(w**2)

# %% [markdown]
# **Why:** the factor ½ belongs to `weight_decay` and to `tf.nn.l2_loss`; `L2` has none.

# %% [markdown]
# ## L1 and L2, with their gradient
#
# Return the penalty with both factors, and its gradient with respect to `w`. Write the gradient as a formula,
# without autograd or tape. At a weight of 0 the gradient must be 0.
#
# Worked case: the weight (0, 2, −1) with `l1` = 0.5 and `l2` = 0.25 has the penalty 1.5 + 1.25 = 2.75 and the
# gradient (0, 1.5, −1).
#
# Hint 1: What is the derivative of |w| for a positive, and for a negative weight?
#
# Hint 2: It is 1 and −1: the sign of the weight. The derivative of w² is 2 w.
#
# Hint 3: `l1 * w.sign() + 2 * l2 * w`, `l1 * tf.sign(w) + 2 * l2 * w`.

# %%
def l1_l2_penalty_pt(
    w: torch.Tensor, l1: float, l2: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """w: any shape; returns one number and the gradient, in
    the shape of w."""
    penalty = l1 * w.abs().sum() + l2 * (w**2).sum()
    return penalty, l1 * w.sign() + 2 * l2 * w

# %%
def l1_l2_penalty_tf(
    w: tf.Tensor, l1: float, l2: float
) -> tuple[tf.Tensor, tf.Tensor]:
    """w: any shape; returns one number and the gradient, in
    the shape of w."""
    penalty = l1 * tf.reduce_sum(tf.abs(w))
    penalty += l2 * tf.reduce_sum(w**2)
    return penalty, l1 * tf.sign(w) + 2 * l2 * w

# %% [markdown]
# **Why:** L1 pulls each weight equally strongly, and L2 in proportion to the weight.

# %% [markdown]
# ## The orthogonal penalty
#
# Return `lam` times the mean absolute cosine between two rows of `w`, over all pairs of different rows. No row
# is 0.
#
# Worked case: the rows (1, −2) and (3, 0.5) have the dot product 2 and the norms 2.236 and 3.041. With `lam` = 1
# the penalty is 2 / 6.801 = 0.2941.
#
# Hint 1: Which matrix product gives the dot products of all pairs of rows?
#
# Hint 2: Divide each row by its norm first. In the product with the transposed matrix, each pair occurs twice,
# and the diagonal contains each row with itself.
#
# Hint 3: `torch.triu(table, 1)` keeps what is above the diagonal. In TensorFlow, subtract the diagonal:
# `tf.reduce_sum(tf.abs(table)) - n`. The number of pairs is n (n − 1) / 2.

# %%
def orthogonal_penalty_pt(
    w: torch.Tensor, lam: float
) -> torch.Tensor:
    """w: (n, features); returns one number, of shape ()."""
    unit = w / w.norm(dim=1, keepdim=True)
    cosines = torch.triu(unit @ unit.T, 1).abs()
    return lam * cosines.sum() / (len(w) * (len(w) - 1) / 2)

# %%
def orthogonal_penalty_tf(
    w: tf.Tensor, lam: float
) -> tf.Tensor:
    """w: (n, features); returns one number, of shape ()."""
    unit = w / tf.norm(w, axis=1, keepdims=True)
    cosines = tf.abs(unit @ tf.transpose(unit))
    total = tf.reduce_sum(cosines - tf.eye(len(w)))
    return lam * total / (len(w) * (len(w) - 1))

# %% [markdown]
# **Why:** the absolute cosine is 0 for orthogonal rows and 1 for parallel rows, whatever their lengths.

# %% [markdown]
# ## An activity penalty
#
# Return the activity penalty of the outputs `y` of a layer, as Keras computes it with `L2`: `lam` times the sum
# of all squares, divided by the number of examples. It is not divided by time steps or features.
#
# Worked case: the two examples (1, −2) and (3, 0.5) with `lam` = 0.1 give 0.1 · 14.25 / 2 = 0.7125.
#
# Hint 1: Which axis of `y` contains the examples?
#
# Hint 2: The first one. All other axes are added.
#
# Hint 3: `(y ** 2).sum() / len(y)`, `tf.reduce_sum(y ** 2) / len(y)`.

# %%
def activity_penalty_pt(
    y: torch.Tensor, lam: float
) -> torch.Tensor:
    """y: (batch, …); returns one number, of shape ()."""
    return lam * (y**2).sum() / len(y)

# %%
def activity_penalty_tf(y: tf.Tensor, lam: float) -> tf.Tensor:
    """y: (batch, …); returns one number, of shape ()."""
    return lam * tf.reduce_sum(y**2) / len(y)

# %% [markdown]
# **Why:** divided by the batch, the penalty of a batch does not grow with its size, as the loss does not.

# %% [markdown]
# ## What a penalty does to a bias
#
# A model has only a bias `b`, and predicts `b` for each example. The loss is the mean of (b − y)² over the
# examples, plus the penalty `lam` · b². Return the `b` with the smallest loss, for each column of `y`
# separately.
#
# Worked case: the targets 9 and 11 have the mean 10. With `lam` = 0.25, the best `b` is 8.
#
# Hint 1: At the minimum, the derivative of the loss with respect to `b` is 0.
#
# Hint 2: The derivative is 2 (b − mean of y) + 2 · lam · b.
#
# Hint 3: So b (1 + lam) is the mean of `y` over the examples.

# %%
def penalised_bias_pt(
    y: torch.Tensor, lam: float
) -> torch.Tensor:
    """y: (batch, columns); returns (columns,)."""
    return y.mean(0) / (1 + lam)

# %%
def penalised_bias_tf(y: tf.Tensor, lam: float) -> tf.Tensor:
    """y: (batch, columns); returns (columns,)."""
    return tf.reduce_mean(y, 0) / (1 + lam)

# %% [markdown]
# **Why:** the penalty divides the mean by 1 + lam, so all predictions move towards 0.

# %% [markdown]
# ## A step of SGD with weight decay, without biases
#
# Take one step of SGD with weight decay. Only weights with two axes or more decay. Biases and the scales of
# norms are vectors, and take the step without decay.
#
# Worked case: `lr` = 0.1 and `decay` = 0.3. The weight ((1, −2)), a matrix, with the gradient ((0.5, 0.1))
# becomes ((0.92, −1.95)). The vector (1, −2) with the gradient (0.5, 0.1) becomes (0.95, −2.01).
#
# Hint 1: Weight decay adds a multiple of the weight to the gradient. Which multiple?
#
# Hint 2: The step is w − lr (gradient + decay · w). Without decay, the last term is missing.
#
# Hint 3: `if w.ndim > 1:`; in TensorFlow `if len(w.shape) > 1:`.

# %%
def decayed_step_pt(
    w: torch.Tensor,
    gradient: torch.Tensor,
    lr: float,
    decay: float,
) -> torch.Tensor:
    """w, gradient: one shape; returns the new weight."""
    if w.ndim > 1:
        gradient = gradient + decay * w
    return w - lr * gradient

# %%
def decayed_step_tf(
    w: tf.Tensor,
    gradient: tf.Tensor,
    lr: float,
    decay: float,
) -> tf.Tensor:
    """w, gradient: one shape; returns the new weight."""
    if len(w.shape) > 1:
        gradient = gradient + decay * w
    return w - lr * gradient

# %% [markdown]
# **Why:** the decay is multiplied by the learning rate, and has no factor of 2 as the gradient of `L2` has.

# %% [markdown]
# ## Adam with both kinds of weight decay
#
# `g` contains the gradients of the loss for some steps of Adam. Return the weight after all of them.
#
# - If `decoupled` is false, add `decay` · w to the gradient, as PyTorch's `Adam(weight_decay=…)` does.
# - If `decoupled` is true, subtract `lr` · `decay` · w from the weight before the step, as `AdamW` does. The
#   gradient stays as it is.
#
# In step t, counted from 1, Adam computes from its gradient $d$:
#
# $$m \leftarrow 0.9\, m + 0.1\, d, \quad v \leftarrow 0.999\, v + 0.001\, d^2, \quad
# w \leftarrow w - \text{lr}\, \frac{m / (1 - 0.9^t)}{\sqrt{v / (1 - 0.999^t)} + 10^{-8}}$$
#
# Both $m$ and $v$ start at 0.
#
# Worked case: the weight 1 with one gradient of 0.5, `lr` = 0.1 and `decay` = 0.3. The result is 0.87 if
# `decoupled` is true, and 0.9 if it is false.
#
# Hint 1: In each step, which gradient does Adam see, and which weight does it start from?
#
# Hint 2: Write a loop over the gradients. Its first lines are the two cases. Everything after them is the same
# for both.
#
# Hint 3: `if decoupled: w = w - lr * decay * w`, else `d = d + decay * w`.

# %%
def adam_with_decay_pt(
    w: torch.Tensor,
    g: torch.Tensor,
    lr: float,
    decay: float,
    decoupled: bool,
) -> torch.Tensor:
    """w: any shape, g: (steps, …); returns the weight after
    all steps."""
    m, v = torch.zeros_like(w), torch.zeros_like(w)
    for t, d in enumerate(g, 1):
        if decoupled:
            w = w - lr * decay * w
        else:
            d = d + decay * w
        m = 0.9 * m + 0.1 * d
        v = 0.999 * v + 0.001 * d**2
        root = (v / (1 - 0.999**t)).sqrt() + 1e-8
        w = w - lr * m / (1 - 0.9**t) / root
    return w

# %%
def adam_with_decay_tf(
    w: tf.Tensor,
    g: tf.Tensor,
    lr: float,
    decay: float,
    decoupled: bool,
) -> tf.Tensor:
    """w: any shape, g: (steps, …); returns the weight after
    all steps."""
    m, v = tf.zeros_like(w), tf.zeros_like(w)
    for t, d in enumerate(tf.unstack(g), 1):
        if decoupled:
            w = w - lr * decay * w
        else:
            d = d + decay * w
        m = 0.9 * m + 0.1 * d
        v = 0.999 * v + 0.001 * d**2
        root = tf.sqrt(v / (1 - 0.999**t)) + 1e-8
        w = w - lr * m / (1 - 0.9**t) / root
    return w

# %% [markdown]
# **Why:** what is part of the gradient is divided by its own size; decoupled decay is not.

# %% [markdown]
# ## A group lasso, whose gradient is never NaN
#
# Return `lam` times the sum of the norms of the rows of `w`. A row may be 0: then its norm is 0, and its
# gradient must be 0 and not NaN. The check accepts values that are wrong by 0.001.
#
# Worked case: the rows (3, 4), (0, 0) and (1, −1) have the norms 5, 0 and 1.4142. With `lam` = 0.5 the result is
# 3.2071.
#
# Hint 1: The derivative of a root at 0 is infinite. What must never be 0?
#
# Hint 2: The number under the root. Replace it by a very small number if it is smaller.
#
# Hint 3: `(w ** 2).sum(1).clamp(min=1e-12).sqrt()`, `tf.sqrt(tf.maximum(tf.reduce_sum(w ** 2, 1), 1e-12))`;
# PyTorch's `w.norm(dim=1)` has the gradient 0 without that.

# %%
def group_lasso_pt(w: torch.Tensor, lam: float) -> torch.Tensor:
    """w: (rows, columns); returns one number, of shape ()."""
    return lam * w.norm(dim=1).sum()

# %%
def group_lasso_tf(w: tf.Tensor, lam: float) -> tf.Tensor:
    """w: (rows, columns); returns one number, of shape ()."""
    squares = tf.maximum(tf.reduce_sum(w**2, 1), 1e-12)
    return lam * tf.reduce_sum(tf.sqrt(squares))

# %% [markdown]
# **Why:** below the small number, the maximum does not depend on the weight, so its gradient is 0.
