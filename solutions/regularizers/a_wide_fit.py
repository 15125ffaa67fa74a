# %% [markdown]
# # Exercises: a wide fit
#
# Write the penalty of [the chapter](../../chapters/regularizers/a_wide_fit.ipynb) yourself, predict and repair what it
# does, and at the end fit a model with more weights than points: in PyTorch, in TensorFlow, or in both. Replace the
# line that raises, run the cell, then run the check below it. It tells you at once what is right and what is wrong.
#
# An answer earns one point for its **values** and one for its **robustness**: one example or one weight alone,
# float32, and inputs that are left unchanged. The first one also earns a point for its **gradients**. With wrong
# values an answer earns none.
#
# In all four, `a` has the shape (n, d), `y` (n,) and `w` (d,). The model predicts `a @ w`; in TensorFlow this is
# `tf.linalg.matvec(a, w)`.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other.
#
# ## The penalized loss
#
# Return the mean squared error of the model plus `l2` times the sum of the squared weights:
#
# $$L = \frac1n \sum_i (a_i \cdot w - y_i)^2 + \lambda \sum_j w_j^2$$
#
# $\lambda$ is `l2`. Keras's `L2` may not be used.
#
# Worked case: for one example, `a = (1, 2)`, `y = 1`, `w = (2, 1)` and `l2 = 0.5`, the squared error is 9, the penalty
# is 0.5 · 5 = 2.5, and the loss is 11.5.
#
# Hint 1: Which of the two parts depends on the number of examples, and which on the number of weights?
#
# Hint 2: A mean over the examples, and a sum over the weights.
#
# Hint 3: `((a @ w - y) ** 2).mean() + l2 * (w**2).sum()`, and `tf.reduce_mean`, `tf.reduce_sum`.

# %%
def penalized_fit_pt(
    a: torch.Tensor, y: torch.Tensor,
    w: torch.Tensor, l2: float,
) -> torch.Tensor:
    """a: (n, d), y: (n,), w: (d,); returns one number."""
    error = ((a @ w - y) ** 2).mean()
    return error + l2 * (w**2).sum()

# %%
def penalized_fit_tf(
    a: tf.Tensor, y: tf.Tensor,
    w: tf.Tensor, l2: float,
) -> tf.Tensor:
    """a: (n, d), y: (n,), w: (d,); returns one number."""
    r = tf.linalg.matvec(a, w) - y
    return tf.reduce_mean(r**2) + l2 * tf.reduce_sum(w**2)

# %% [markdown]
# **Why:** the error is a mean, so `l2` keeps its meaning if there are more examples. The penalty is a sum, so it grows
# with the number of weights.

# %% [markdown]
# ## Explain it: what becomes of weights that the data do not determine
#
# For some weights, the feature is 0 in all examples, so the error does not depend on these weights at all. They start
# at `w`, of any shape, and gradient descent makes `steps` steps on the mean squared error plus `l2` times the sum of
# the squared weights. Return the values of these weights afterwards. You need no data for it.
#
# Worked case: with `lr = 0.1`, `l2 = 0.25` and `steps = 2`, a weight of 2 becomes 1.9 and then 1.805.
#
# Hint 1: What is the gradient of the loss for such a weight?
#
# Hint 2: One step turns $w$ into $w - \eta \cdot 2 \lambda w$, where $\eta$ is `lr` and $\lambda$ is `l2`. Write it
# as a product.
#
# Hint 3: Each step multiplies the weight by $1 - 2 \eta \lambda$. What is left after two steps, and after `steps`?

# %%
def undetermined_weights_pt(
    w: torch.Tensor, lr: float, l2: float, steps: int
) -> torch.Tensor:
    return w * (1 - 2 * lr * l2) ** steps

# %%
def undetermined_weights_tf(
    w: tf.Tensor, lr: float, l2: float, steps: int
) -> tf.Tensor:
    return w * (1 - 2 * lr * l2) ** steps

# %% [markdown]
# **Why:** the gradient of the error is 0 there, so only the penalty moves these weights. Without a penalty they stay as
# they were drawn, and add noise to the prediction of each new example that has these features.

# %% [markdown]
# ## Repair it: a step with three errors
#
# The following function was meant to make one step of gradient descent on the penalized loss. It is written as in
# PyTorch; TensorFlow has other names for some calls. It runs, and the weights that it returns are wrong:
#
# ```python
# w = w - l2 * sign(w)         # the penalty
# r = a @ w - y                # (n,)
# return w - lr * 2 * a.T @ r  # the mean squared error
# ```
#
# - `sign(w)` belongs to L1. The gradient of `l2` times the squared weights is `2 * l2 * w`, and the learning rate
#   multiplies it, too.
# - The error is computed with weights that have moved already. Both gradients belong to the same weights.
# - The error is a mean, and nothing is divided by the number of examples.
#
# Repair it: return the weights after the step. You may also use autograd or a tape (with `tape.watch(w)`).
#
# Worked case: for one example, `a = (1, 2)`, `y = 1`, `w = (2, 1)`, `l2 = 0.5` and `lr = 0.1`, the difference is 3. The
# gradient of the error is (6, 12), that of the penalty is (2, 1), and the weights become (1.2, −0.3).
#
# Hint 1: Write the loss as a formula, and differentiate both parts with respect to $w$.
#
# Hint 2: $\frac2n a^\top (a w - y) + 2 \lambda w$.
#
# Hint 3: `g = 2 * a.T @ r / len(y) + 2 * l2 * w`, then `w - lr * g`; in TensorFlow
# `tf.linalg.matvec(a, r, transpose_a=True)`.

# %%
def repaired_step_pt(
    a: torch.Tensor, y: torch.Tensor, w: torch.Tensor,
    l2: float, lr: float,
) -> torch.Tensor:
    """a: (n, d), y: (n,), w: (d,); returns (d,)."""
    r = a @ w - y
    g = 2 * a.T @ r / len(y) + 2 * l2 * w
    return w - lr * g

# %%
def repaired_step_tf(
    a: tf.Tensor, y: tf.Tensor, w: tf.Tensor,
    l2: float, lr: float,
) -> tf.Tensor:
    """a: (n, d), y: (n,), w: (d,); returns (d,)."""
    r = tf.linalg.matvec(a, w) - y
    g = tf.linalg.matvec(a, r, transpose_a=True) / len(y)
    return w - lr * 2 * (g + l2 * w)

# %% [markdown]
# **Why:** one step of gradient descent uses the gradient of the whole loss at the old weights, so both parts are
# computed before the weights change.

# %% [markdown]
# ## The whole: a fit that is right on new points
#
# Train the model on `a` and `y` by gradient descent, from the weights `w`, and return its mean squared error on `new`
# and `y_new` afterwards, one number. Each of the `steps` steps subtracts `lr` times the gradient of the mean squared
# error plus `l2` times the sum of the squared weights. Autograd, a tape, and the frameworks' SGD are allowed. `new` has
# the shape (m, d).
#
# One case of the check is the fit of the chapter: 40 weights and 20 points. After 200 steps with `l2 = 0.03` and
# `lr = 0.2`, the error on the new points is below 0.1; without the penalty it is 0.49.
#
# Worked case: for the example of the repair, the weights become (1.2, −0.3) after one step. For `new = (1, 0)` and
# `y_new = 1`, the squared error is 0.04.
#
# Hint 1: Which of the arrays may the training see, and which only the measurement at the end?
#
# Hint 2: The step of the repair, `steps` times, and then the mean squared error without the penalty.
#
# Hint 3: `for _ in range(steps): w = w - lr * …`, then `((new @ w - y_new) ** 2).mean()`.

# %%
def generalizing_fit_pt(
    a: torch.Tensor, y: torch.Tensor, new: torch.Tensor,
    y_new: torch.Tensor, w: torch.Tensor,
    l2: float, lr: float, steps: int,
) -> torch.Tensor:
    """a: (n, d), new: (m, d), w: (d,); returns one number."""
    for _ in range(steps):
        r = a @ w - y
        w = w - lr * 2 * (a.T @ r / len(y) + l2 * w)
    return ((new @ w - y_new) ** 2).mean()

# %%
def generalizing_fit_tf(
    a: tf.Tensor, y: tf.Tensor, new: tf.Tensor,
    y_new: tf.Tensor, w: tf.Tensor,
    l2: float, lr: float, steps: int,
) -> tf.Tensor:
    """a: (n, d), new: (m, d), w: (d,); returns one number."""
    for _ in range(steps):
        r = tf.linalg.matvec(a, w) - y
        g = tf.linalg.matvec(a, r, transpose_a=True) / len(y)
        w = w - lr * 2 * (g + l2 * w)
    r = tf.linalg.matvec(new, w) - y_new
    return tf.reduce_mean(r**2)

# %% [markdown]
# **Why:** the penalty belongs to the training, and not to what is measured afterwards. What counts is the error on
# points that the training has not seen.
