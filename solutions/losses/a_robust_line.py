# %% [markdown]
# # Exercises: a robust line
#
# Write the loss of [the chapter](../../chapters/losses/a_robust_line.ipynb) yourself, predict and repair what other
# losses do, and at the end fit a line in spite of outliers: in PyTorch, in TensorFlow, or in both. Replace the line
# that raises, run the cell, then run the check below it. It tells you at once what is right and what is wrong.
#
# An answer earns one point for its **values** and one for its **robustness**: other numbers of examples, one example
# alone, large numbers, float32, and inputs that are left unchanged. The two losses also earn a point for their
# **gradients**. With wrong values an answer earns none.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other.
#
# ## The pseudo-Huber loss
#
# Return the mean of the losses of all predictions:
#
# $$\ell(r) = \delta^2 \left(\sqrt{1 + (r / \delta)^2} - 1\right), \qquad r = \hat y - y$$
#
# `y_hat` and `y` have one shape, any, and $\delta$ is `delta`. In TensorFlow the target comes first.
#
# Worked case: for the predictions 3 and 0, the targets 0 and 0, and `delta = 4`, the root is 1.25 for the first and 1
# for the second. The losses are 16 · 0.25 = 4 and 0, and their mean is 2.
#
# Hint 1: What should be the loss of a right prediction?
#
# Hint 2: Compute the root for all differences. Subtract 1, multiply by the square of `delta`, take the mean.
#
# Hint 3: `torch.sqrt(1 + (r / delta) ** 2)`; in TensorFlow `tf.sqrt(…)` and `tf.reduce_mean(…)`.

# %%
def pseudo_huber_pt(
    y_hat: torch.Tensor, y: torch.Tensor, delta: float
) -> torch.Tensor:
    """y_hat, y: one shape, any; returns one number."""
    root = torch.sqrt(1 + ((y_hat - y) / delta) ** 2)
    return (delta**2 * (root - 1)).mean()

# %%
def pseudo_huber_tf(
    y: tf.Tensor, y_hat: tf.Tensor, delta: float
) -> tf.Tensor:
    """y, y_hat: one shape, any; returns one number."""
    root = tf.sqrt(1 + ((y_hat - y) / delta) ** 2)
    return tf.reduce_mean(delta**2 * (root - 1))

# %% [markdown]
# **Why:** for small differences, the root is close to $1 + (r / \delta)^2 / 2$, so the loss is close to $r^2 / 2$. For
# large ones the root is close to $|r| / \delta$, so the loss grows like $\delta\,|r|$.

# %% [markdown]
# ## Explain it: the constant that a loss converges to
#
# Suppose that a network returns the same number $c$ for all examples. To which $c$ does training move it? Return a
# tensor of two numbers: the $c$ with the smallest mean squared error, and the $c$ with the smallest mean absolute
# error. `y` has the shape (n,), and n is odd.
#
# Worked case: for the targets 1, 9 and 2, the first number is 4, and the second is 2. For 1, 90 and 2, the first number
# is 31, and the second is still 2.
#
# Hint 1: At the best $c$, the derivative of the loss is 0. What is the derivative of $(c - y)^2$, and what is that
# of $|c - y|$?
#
# Hint 2: The derivative of the absolute error is 1 for each target below $c$, and −1 for each target above it. When do
# they add up to 0?
#
# Hint 3: The mean, and the target in the middle of the sorted ones.

# %%
def best_constants_pt(y: torch.Tensor) -> torch.Tensor:
    """y: (n,), n odd; returns (2,)."""
    return torch.stack([y.mean(), y.median()])

# %%
def best_constants_tf(y: tf.Tensor) -> tf.Tensor:
    """y: (n,), n odd; returns (2,)."""
    middle = tf.sort(y)[len(y) // 2]
    return tf.stack([tf.reduce_mean(y), middle])

# %% [markdown]
# **Why:** the derivative of the squared error is proportional to the distance, and the distances add up to 0 at the
# mean. The derivative of the absolute error is 1 or −1 for each target, so the sum is 0 where as many targets lie
# above as below: at the median.

# %% [markdown]
# ## Repair it: a weighted Huber loss with three errors
#
# The following function was meant to return the weighted mean of [Huber's loss](huber). It is written as in PyTorch;
# TensorFlow has other names for some calls. It runs, and what it returns is wrong:
#
# ```python
# r = y_hat - y  # y_hat: (n, 1), y: (n,)
# losses = where(abs(r) <= delta, r**2 / 2, delta * abs(r))
# return (weight * losses).mean()
# ```
#
# - `y_hat` has the shape (n, 1), and `y` has the shape (n,), so their difference is a table of n × n.
# - The two branches do not meet at $|r| = \delta$: the second one is $\delta\,(|r| - \delta / 2)$.
# - A weighted mean is divided by the sum of the weights.
#
# Repair it: return $\sum_i w_i\,\ell(r_i)\,/\,\sum_i w_i$. `weight` has the shape (n,), and its sum is positive. In
# TensorFlow the order is `y`, `y_hat`. The frameworks' own Huber losses may not be used.
#
# Worked case: for the predictions 3 and 1, the targets 0 and 0, the weights 1 and 3, and `delta = 2`, the losses are
# 2 · (3 − 1) = 4 and 0.5. The result is (4 + 1.5) / 4 = 1.375.
#
# Hint 1: Which shape has the difference for three examples? Print it.
#
# Hint 2: Take the column out of `y_hat`, so that both have the shape (n,).
#
# Hint 3: `y_hat[:, 0] - y`; `(weight * losses).sum() / weight.sum()`.

# %%
def repaired_huber_pt(
    y_hat: torch.Tensor, y: torch.Tensor,
    weight: torch.Tensor, delta: float,
) -> torch.Tensor:
    """y_hat: (n, 1), y, weight: (n,); returns one number."""
    r = (y_hat[:, 0] - y).abs()
    far = delta * (r - delta / 2)
    losses = torch.where(r <= delta, r**2 / 2, far)
    return (weight * losses).sum() / weight.sum()

# %%
def repaired_huber_tf(
    y: tf.Tensor, y_hat: tf.Tensor,
    weight: tf.Tensor, delta: float,
) -> tf.Tensor:
    """y, weight: (n,), y_hat: (n, 1); returns one number."""
    r = tf.abs(y_hat[:, 0] - y)
    far = delta * (r - delta / 2)
    losses = tf.where(r <= delta, r**2 / 2, far)
    total = tf.reduce_sum(weight * losses)
    return total / tf.reduce_sum(weight)

# %% [markdown]
# **Why:** the table of n × n compares each prediction with every target, and raises no error. The mean of the table is
# one number, too, so only the shape of the difference shows the mistake.

# %% [markdown]
# ## The whole: the slope in spite of the outliers
#
# Fit the line $a x + b$ by gradient descent, and return a tensor of two numbers, $a$ and then $b$. Both start at 0.
# Each of the `steps` steps computes the gradient of the mean pseudo-Huber loss of all examples, and then subtracts
# `lr` times the gradient from both numbers. Autograd, a tape, and the frameworks' SGD are allowed.
#
# One case of the check is the fit of the chapter: after 60 steps with `delta = 0.2` and `lr = 0.5`, the slope is within
# 0.02 of 1.5, the slope with which the points were made.
#
# Worked case: with one example, for `x = 3`, `y = −4`, `delta = 3`, `lr = 0.1` and `steps = 1`, the difference is 4,
# the root is 5/3, and the derivative of the loss is 2.4. The gradient is (7.2, 2.4), and the line becomes (−0.72,
# −0.24).
#
# Hint 1: The loss of the first exercise needs predictions. How do you compute them from the two numbers and `x`?
#
# Hint 2: Keep both numbers in one tensor, so that one gradient moves both at once.
#
# Hint 3: `(g,) = torch.autograd.grad(loss, line)` and, below `torch.no_grad()`, `line -= lr * g`; in TensorFlow a
# `tf.Variable`, `tape.gradient(loss, line)` and `line.assign_sub(lr * g)`.

# %%
def robust_line_pt(
    x: torch.Tensor, y: torch.Tensor,
    delta: float, lr: float, steps: int,
) -> torch.Tensor:
    """x, y: (n,); returns slope and intercept, (2,)."""
    line = torch.zeros(2, requires_grad=True)
    for _ in range(steps):
        r = line[0] * x + line[1] - y
        root = torch.sqrt(1 + (r / delta) ** 2)
        loss = (delta**2 * (root - 1)).mean()
        (g,) = torch.autograd.grad(loss, line)
        with torch.no_grad():
            line -= lr * g
    return line.detach()

# %%
def robust_line_tf(
    x: tf.Tensor, y: tf.Tensor,
    delta: float, lr: float, steps: int,
) -> tf.Tensor:
    """x, y: (n,); returns slope and intercept, (2,)."""
    line = tf.Variable(tf.zeros(2))
    for _ in range(steps):
        with tf.GradientTape() as tape:
            r = line[0] * x + line[1] - y
            root = tf.sqrt(1 + (r / delta) ** 2)
            loss = tf.reduce_mean(delta**2 * (root - 1))
        g = tf.convert_to_tensor(tape.gradient(loss, line))
        line.assign_sub(lr * g)
    return tf.convert_to_tensor(line)

# %% [markdown]
# **Why:** an outlier pulls with `delta` at most, so four of them cannot outweigh 36 points. Under the squared error,
# each pulls with its whole distance.
