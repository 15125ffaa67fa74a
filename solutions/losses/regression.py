# %% [markdown]
# # Exercises: regression losses
#
# Write the losses of [the chapter](../../chapters/losses/regression.ipynb) yourself: in PyTorch, in TensorFlow,
# or in both. Replace the line that raises an error, run the cell, then run the check below it. The check
# immediately tells you what is right and what is wrong.
#
# **Mind the order:** an answer in PyTorch takes (prediction, target), an answer in TensorFlow takes (target,
# prediction), as the losses of the frameworks do.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. The gradient is
# the one with respect to the prediction. A robust answer accepts other shapes, residuals of 1000, returns
# float32 for float32, and does not change its inputs. With wrong values it earns no points. If the statement asks
# for the gradient itself, it counts as a value. You may use operators, logarithms, sums, means and comparisons,
# but not the losses of the frameworks.
#
# Unless the statement says otherwise, the mean is over all elements.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Argument order: the share of variance that is not explained
#
# Return the mean of the squared residuals, divided by the variance of the **targets**. The variance is the mean of
# the squared distances to the mean, so divide by $n$. The result is $1 - R^2$.
#
# Worked case: the predictions (1, 3) and the targets (0, 4) have the squared residuals 1 and 1, with the mean 1.
# The targets have the mean 2 and the variance 4. The result is 0.25. With prediction and target swapped it is 1.
#
# Hint 1: The numerator does not depend on the order of the arguments. What does?
#
# Hint 2: The variance is that of the targets only. Does your framework's variance divide by $n$ or by $n - 1$?
#
# Hint 3: `target.var(correction=0)`, `tf.math.reduce_variance(target)`.

# %%
def unexplained_variance_pt(
    prediction: torch.Tensor, target: torch.Tensor
) -> torch.Tensor:
    """prediction, target: one shape; returns one number."""
    squares = (prediction - target) ** 2
    return squares.mean() / target.var(correction=0)

# %%
def unexplained_variance_tf(
    target: tf.Tensor, prediction: tf.Tensor
) -> tf.Tensor:
    """target, prediction: one shape; returns one number."""
    squares = (prediction - target) ** 2
    variance = tf.math.reduce_variance(target)
    return tf.reduce_mean(squares) / variance

# %% [markdown]
# **Why:** `torch.var` divides by n − 1 by default, `tf.math.reduce_variance` by n; and only the targets are in the
# denominator.

# %% [markdown]
# ## Mean squared error, with its gradient
#
# Return the mean of the squared residuals, and its gradient with respect to the prediction. Write the gradient as a
# formula, without autograd or tape.
#
# Worked case: the predictions (0.5, 2, −1, 4) and the targets (1, 1.5, 1, 0.5) give the loss 4.1875 and the
# gradient (−0.25, 0.25, −1, 1.75).
#
# Hint 1: What is the derivative of $(\hat y - y)^2$ with respect to $\hat y$?
#
# Hint 2: The loss is a mean, so the gradient is divided by the number of elements, too: not by the number of rows.
#
# Hint 3: `2 * (prediction - target) / prediction.numel()`; in TensorFlow divide by `tf.size`, cast to float32.

# %%
def mean_squared_error_pt(
    prediction: torch.Tensor, target: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """prediction, target: one shape; returns the loss, one
    number, and the gradient of the prediction."""
    residual = prediction - target
    loss = (residual**2).mean()
    return loss, 2 * residual / residual.numel()

# %%
def mean_squared_error_tf(
    target: tf.Tensor, prediction: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """target, prediction: one shape; returns the loss, one
    number, and the gradient of the prediction."""
    residual = prediction - target
    loss = tf.reduce_mean(residual**2)
    n = tf.cast(tf.size(residual), tf.float32)
    return loss, 2 * residual / n

# %% [markdown]
# **Why:** the loss is symmetric in prediction and target, and its gradient is not: with the two swapped, its sign
# changes.

# %% [markdown]
# ## Sample weights, one for each sequence
#
# Prediction and target have the shape (N, T): N sequences of T steps. `weights` has the shape (N,). Multiply the
# squared residuals of each sequence by its weight, and divide the sum by N · T, the number of elements, as Keras
# does.
#
# Worked case: the rows of the predictions are (1, 1, 1), (2, 2, 2) and (3, 3, 3), all targets are 0, and the
# weights are 1, 0 and 2. The sum is 3 · 1 + 0 + 3 · 18 = 57, and the result is 57 / 9 = 6.3333.
#
# Hint 1: Which axis of (N, T) does a tensor of shape (N,) meet?
#
# Hint 2: The weights need a second axis of size 1. Or take the mean over the steps first.
#
# Hint 3: `weights[:, None] * squares`.

# %%
def weighted_squared_error_pt(
    prediction: torch.Tensor,
    target: torch.Tensor,
    weights: torch.Tensor,
) -> torch.Tensor:
    """prediction, target: (N, T), weights: (N,); returns one
    number."""
    squares = (prediction - target) ** 2
    return (weights[:, None] * squares).mean()

# %%
def weighted_squared_error_tf(
    target: tf.Tensor, prediction: tf.Tensor, weights: tf.Tensor
) -> tf.Tensor:
    """target, prediction: (N, T), weights: (N,); returns one
    number."""
    squares = (prediction - target) ** 2
    return tf.reduce_mean(weights[:, None] * squares)

# %% [markdown]
# **Why:** shapes are compared from the last axis, so weights of shape (N,) would meet the steps.

# %% [markdown]
# ## Mean absolute error, of (N, 1) and (N,)
#
# The prediction has the shape (N, 1), as a network returns it, and the target has the shape (N,). Return the mean of
# the N absolute residuals.
#
# Worked case: the predictions ((0.5), (2), (−1), (4)) and the targets (1, 1.5, 1, 0.5) give 1.625.
#
# Hint 1: Which shape does `prediction - target` have?
#
# Hint 2: Give both the same shape before you subtract.
#
# Hint 3: `prediction[:, 0]`, or `target[:, None]`.

# %%
def mean_absolute_error_pt(
    prediction: torch.Tensor, target: torch.Tensor
) -> torch.Tensor:
    """prediction: (N, 1), target: (N,); returns one number."""
    return (prediction[:, 0] - target).abs().mean()

# %%
def mean_absolute_error_tf(
    target: tf.Tensor, prediction: tf.Tensor
) -> tf.Tensor:
    """target: (N,), prediction: (N, 1); returns one number."""
    return tf.reduce_mean(tf.abs(prediction[:, 0] - target))

# %% [markdown]
# **Why:** (N, 1) and (N,) are broadcast to (N, N), so every prediction would be compared with every target.

# %% [markdown]
# ## Huber loss, with its gradient
#
# Return the mean of the Huber losses and its gradient with respect to the prediction. A residual $r$ with $|r| \le
# \delta$ has the loss $\frac12 r^2$, and any other has $\delta (|r| - \frac12 \delta)$. `delta` is a positive
# number. Write the gradient as a formula, without autograd or tape.
#
# Worked case: the predictions (0.5, 2, −1, 4) and the targets (1, 1.5, 1, 0.5) give with `delta` 2 the loss 1.8125
# and the gradient (−0.125, 0.125, −0.5, 0.5).
#
# Hint 1: What is the derivative of each of the two parts? Where do they meet?
#
# Hint 2: The derivative is the residual itself, cut off at −δ and δ. The mean divides it by the number of elements.
#
# Hint 3: `residual.clamp(-delta, delta) / residual.numel()`, `tf.clip_by_value(residual, -delta, delta)`.

# %%
def huber_pt(
    prediction: torch.Tensor, target: torch.Tensor, delta: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """prediction, target: one shape; returns the loss, one
    number, and the gradient of the prediction."""
    residual = prediction - target
    slope = residual.clamp(-delta, delta)
    loss = slope * (residual - slope / 2)
    return loss.mean(), slope / residual.numel()

# %%
def huber_tf(
    target: tf.Tensor, prediction: tf.Tensor, delta: float
) -> tuple[tf.Tensor, tf.Tensor]:
    """target, prediction: one shape; returns the loss, one
    number, and the gradient of the prediction."""
    residual = prediction - target
    slope = tf.clip_by_value(residual, -delta, delta)
    loss = slope * (residual - slope / 2)
    n = tf.cast(tf.size(residual), tf.float32)
    return tf.reduce_mean(loss), slope / n

# %% [markdown]
# **Why:** with c = clip(r, −δ, δ), both parts are c · (r − c / 2), and the derivative is c.

# %% [markdown]
# ## Smooth L1, also for beta 0
#
# Return the mean of the smooth L1 losses. A residual $r$ with $|r| < \beta$ has the loss $r^2 / (2\beta)$, and any
# other has $|r| - \frac12 \beta$. `beta` is a number and may be 0: the loss is then the absolute error. Value and
# gradient must be right there, too.
#
# Worked case: the predictions (0.5, 2, −1, 4) and the targets (1, 1.5, 1, 0.5) give 0.9062 with `beta` 2, and 1.625
# with `beta` 0.
#
# Hint 1: What is the gradient of `where(small, r ** 2 / (2 * beta), …)` for `beta` 0? It has two parts, and one of
# them contains 1 / 0.
#
# Hint 2: `where` multiplies the gradient of the part that it does not choose by 0. Infinity times 0 is NaN.
#
# Hint 3: Return the absolute error with an `if beta == 0` before anything is divided.

# %%
def smooth_l1_pt(
    prediction: torch.Tensor, target: torch.Tensor, beta: float
) -> torch.Tensor:
    """prediction, target: one shape; returns one number."""
    size = (prediction - target).abs()
    if beta == 0:
        return size.mean()
    return torch.where(
        size < beta, size**2 / (2 * beta), size - beta / 2
    ).mean()

# %%
def smooth_l1_tf(
    target: tf.Tensor, prediction: tf.Tensor, beta: float
) -> tf.Tensor:
    """target, prediction: one shape; returns one number."""
    size = tf.abs(prediction - target)
    if beta == 0:
        return tf.reduce_mean(size)
    each = tf.where(
        size < beta, size**2 / (2 * beta), size - beta / 2
    )
    return tf.reduce_mean(each)

# %% [markdown]
# **Why:** a division by 0 in a branch that `where` does not choose still makes the gradient NaN.

# %% [markdown]
# ## Log-cosh, for residuals of 1000
#
# Return the mean of $\log(\cosh r)$, where $r$ is the residual. The result must be right for residuals of ±1000,
# where $\cosh$ overflows.
#
# Worked case: the predictions (0.5, 2, −1, 4) and the targets (1, 1.5, 1, 0.5) give 1.0932. A residual of 1000
# gives 999.3069.
#
# Hint 1: $\cosh r = \frac12 (e^r + e^{-r})$. Which of the two exponentials can overflow?
#
# Hint 2: Take the larger exponential out of the parentheses: $\log \cosh r = |r| + \log(1 + e^{-2|r|}) - \log 2$.
#
# Hint 3: `size + torch.log1p(torch.exp(-2 * size))`, minus log 2; `tf.math.log1p`.

# %%
def log_cosh_pt(
    prediction: torch.Tensor, target: torch.Tensor
) -> torch.Tensor:
    """prediction, target: one shape; returns one number."""
    size = (prediction - target).abs()
    each = torch.log1p(torch.exp(-2 * size))
    return (size + each - torch.log(torch.tensor(2.0))).mean()

# %%
def log_cosh_tf(
    target: tf.Tensor, prediction: tf.Tensor
) -> tf.Tensor:
    """target, prediction: one shape; returns one number."""
    size = tf.abs(prediction - target)
    each = tf.math.log1p(tf.exp(-2 * size))
    return tf.reduce_mean(size + each - tf.math.log(2.0))

# %% [markdown]
# **Why:** the exponent −2|r| is never positive, so its exponential is at most 1.

# %% [markdown]
# ## Mean absolute percentage error
#
# Return the mean of $100 \cdot |\hat y - y| / |y|$. Replace a denominator below $10^{-7}$ by $10^{-7}$. Targets may be
# negative or 0.
#
# Worked case: the predictions (0.5, 2, −1, 4) and the targets (1, 1.5, 1, 0.5) give 245.8333. The target 0 and the
# prediction 1 give 10⁹.
#
# Hint 1: In which order must you take the absolute value of the target and replace small numbers?
#
# Hint 2: First the absolute value. A target of −2 has the denominator 2.
#
# Hint 3: `target.abs().clamp(min=1e-7)`, `tf.maximum(tf.abs(target), 1e-7)`.

# %%
def mean_absolute_percentage_error_pt(
    prediction: torch.Tensor, target: torch.Tensor
) -> torch.Tensor:
    """prediction, target: one shape; returns one number."""
    size = target.abs().clamp(min=1e-7)
    return 100 * ((prediction - target).abs() / size).mean()

# %%
def mean_absolute_percentage_error_tf(
    target: tf.Tensor, prediction: tf.Tensor
) -> tf.Tensor:
    """target, prediction: one shape; returns one number."""
    size = tf.maximum(tf.abs(target), 1e-7)
    ratio = tf.abs(prediction - target) / size
    return 100 * tf.reduce_mean(ratio)

# %% [markdown]
# **Why:** the target alone is in the denominator, so with prediction and target swapped the number is another one.

# %% [markdown]
# ## Mean squared logarithmic error
#
# Return the mean of $(\log(1 + \hat y) - \log(1 + y))^2$. Before that, replace predictions and targets below
# $10^{-7}$ by $10^{-7}$.
#
# Worked case: the predictions (0.5, 2, 1, 4) and the targets (1, 1.5, 1, 0.5) give 0.3914. The prediction −3 and the
# target 1 give 0.4805, with the gradient 0.
#
# Hint 1: What is $\log(1 + \hat y)$ for the prediction −3?
#
# Hint 2: Replace small numbers first, then take the logarithms, then the squares, then the mean.
#
# Hint 3: `torch.log1p(prediction.clamp(min=1e-7))`, `tf.math.log1p(tf.maximum(prediction, 1e-7))`.

# %%
def mean_squared_logarithmic_error_pt(
    prediction: torch.Tensor, target: torch.Tensor
) -> torch.Tensor:
    """prediction, target: one shape; returns one number."""
    low = torch.log1p(prediction.clamp(min=1e-7))
    high = torch.log1p(target.clamp(min=1e-7))
    return ((low - high) ** 2).mean()

# %%
def mean_squared_logarithmic_error_tf(
    target: tf.Tensor, prediction: tf.Tensor
) -> tf.Tensor:
    """target, prediction: one shape; returns one number."""
    low = tf.math.log1p(tf.maximum(prediction, 1e-7))
    high = tf.math.log1p(tf.maximum(target, 1e-7))
    return tf.reduce_mean((low - high) ** 2)

# %% [markdown]
# **Why:** below −1 the logarithm is NaN. The replacement prevents this, but its gradient is 0, so end the network in a
# softplus.

# %% [markdown]
# ## Poisson loss, of rates and of log-rates
#
# With `log_input=False` the prediction is the rate $\lambda$: return the mean of $\lambda - y \log(\lambda +
# 10^{-7})$. With `log_input=True` it is $z = \log \lambda$: return the mean of $e^z - y z$.
#
# Worked case: the predictions (0.5, 2, 1, 4) and the targets (1, 1, 0, 3) give 0.8353 as rates, and 12.9636 as
# log-rates.
#
# Hint 1: Which of the two arguments is inside the logarithm?
#
# Hint 2: The loss is the rate, minus the count times the logarithm of the rate.
#
# Hint 3: `prediction.exp() - target * prediction`, or `prediction - target * (prediction + 1e-7).log()`.

# %%
def poisson_nll_pt(
    prediction: torch.Tensor,
    target: torch.Tensor,
    log_input: bool,
) -> torch.Tensor:
    """prediction, target: one shape; returns one number."""
    if log_input:
        rate, log_rate = prediction.exp(), prediction
    else:
        rate, log_rate = prediction, (prediction + 1e-7).log()
    return (rate - target * log_rate).mean()

# %%
def poisson_nll_tf(
    target: tf.Tensor, prediction: tf.Tensor, log_input: bool
) -> tf.Tensor:
    """target, prediction: one shape; returns one number."""
    if log_input:
        rate, log_rate = tf.exp(prediction), prediction
    else:
        rate = prediction
        log_rate = tf.math.log(prediction + 1e-7)
    return tf.reduce_mean(rate - target * log_rate)

# %% [markdown]
# **Why:** PyTorch's default is `log_input=True`, Keras's loss takes rates: both are the same formula.

# %% [markdown]
# ## Gaussian negative log-likelihood, with a clamp that the gradient passes
#
# Return the mean of $\frac12 (\log v + (\hat y - y)^2 / v)$, without the constant. Replace variances below $10^{-6}$
# by $10^{-6}$. The gradient must **pass through the replacement**: for every variance, replaced or not, it is
# $\frac12 (1/v - (\hat y - y)^2 / v^2)$, divided by the number of elements. Here $v$ is the number after the
# replacement. Do not change the input in place.
#
# Worked case: the predictions (0.5, 2, −1, 4), the targets (1, 1.5, 1, 0.5) and the variances (0.25, 1, 4, 2) give
# 1.1335. The variance 10⁻⁹ without a residual gives −6.9078, with the gradient 500000.
#
# Hint 1: `clamp` and `maximum` have the gradient 0 for a number that they replace. How do you keep a step out of the
# gradient?
#
# Hint 2: Add a number to the variance that makes it $10^{-6}$, and let no gradient pass through this number.
#
# Hint 3: `variance + (variance.clamp(min=1e-6) - variance).detach()`; in TensorFlow `tf.stop_gradient`.

# %%
def gaussian_nll_pt(
    prediction: torch.Tensor,
    target: torch.Tensor,
    variance: torch.Tensor,
) -> torch.Tensor:
    """prediction, target, variance: one shape; returns one
    number."""
    missing = variance.clamp(min=1e-6) - variance
    v = variance + missing.detach()
    squares = (prediction - target) ** 2
    return 0.5 * (v.log() + squares / v).mean()

# %%
def gaussian_nll_tf(
    target: tf.Tensor,
    prediction: tf.Tensor,
    variance: tf.Tensor,
) -> tf.Tensor:
    """target, prediction, variance: one shape; returns one
    number."""
    missing = tf.maximum(variance, 1e-6) - variance
    v = variance + tf.stop_gradient(missing)
    squares = (prediction - target) ** 2
    return 0.5 * tf.reduce_mean(tf.math.log(v) + squares / v)

# %% [markdown]
# **Why:** a variance that has become too small must be able to grow again, so its gradient must not be 0.
