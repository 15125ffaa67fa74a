# %% [markdown]
# # Exercises: three ways to train
#
# Train with your own hands, then write the optimizers of [the
# chapter](../../chapters/start/three_ways_to_train.ipynb), and a metric: in PyTorch, in TensorFlow,
# or in both. Replace the line that raises, run the cell, then run the check below it. It tells you
# at once what is right, and what you got wrong.
#
# An answer earns a point for its **values** and one for its **robustness**: inputs of other shapes,
# a float32 result, and inputs that are left as they were. With wrong values it earns none.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and leave the other's cells alone.
#
# ## Training by hand
#
# Return what becomes of the weights `w` of the prediction `x @ w` after `steps` steps of gradient
# descent at the rate `lr`, on the mean of all the squared differences from `y`.
#
# Let the framework differentiate; everything that it has is allowed. After 0 steps the weights are
# what they were.
#
# Worked case: `x = [[1]]`, `y = [[3]]`, `w = [[0]]`, `lr = 0.1`. The gradient is −6, and the weight
# becomes 0.6 after one step; there it is −4.8, and the weight becomes 1.08 after two.
#
# Hint 1: Write the loop of the chapter. What do you need instead of an optimizer, if there is one weight
# only?
#
# Hint 2: In each step: predict, take the mean of the squares, differentiate with respect to `w`, subtract
# `lr` times the gradient. The new weights are new tensors, and the framework must be told to watch
# them.
#
# Hint 3: `(g,) = torch.autograd.grad(loss, w)`, with a `w` on which `requires_grad_()` has been called; or
# `tape.watch(w)` before the prediction, and `tape.gradient(loss, w)` after it. Then `w = w - …`.

# %%
def train_linear_pt(
    x: torch.Tensor, y: torch.Tensor, w: torch.Tensor,
    lr: float, steps: int,
) -> torch.Tensor:
    """x: (n, d), y: (n, k), w: (d, k); returns (d, k)."""
    for _ in range(steps):
        w = w.detach().requires_grad_()
        loss = ((x @ w - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, w)
        w = w - lr * g
    return w.detach()

# %%
def train_linear_tf(
    x: tf.Tensor, y: tf.Tensor, w: tf.Tensor,
    lr: float, steps: int,
) -> tf.Tensor:
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(w)
            loss = tf.reduce_mean((x @ w - y) ** 2)
        w = w - lr * tape.gradient(loss, w)
    return w

# %% [markdown]
# **Why:** a new tensor in each step has no gradient yet, so there is none to set to zero. With
# `loss.backward()` there is, and `w.grad` must go before the next step.

# %% [markdown]
# ## Momentum, as PyTorch has it
#
# Move `w` along the gradients `g[0]`, `g[1]`, … with momentum in PyTorch's form, at the rate
# `lr[t]` in step `t`, and return it after the last one.
#
# $$v_t = \mu\, v_{t-1} + g_t$$
#
# $$w_t = w_{t-1} - \eta_t\, v_t$$
#
# where $\mu$ is `momentum`, $\eta_t$ the rate and $v$ the velocity, which starts at 0. The
# frameworks' optimizers may not be used.
#
# Worked case: `w = [0]`, `g = [[-1], [-1]]`, `lr = [1, 0.1]`, `momentum = 0.9`. The velocity is −1,
# then −1.9; the weight 1, then 1.19.
#
# Hint 1: Which of the two is kept from step to step, the velocity or the way that the weight has moved?
#
# Hint 2: The velocity knows nothing of rates. Each step's rate multiplies it when the weight moves, and is
# then forgotten.
#
# Hint 3: `for t in range(len(g)):`, then `v = momentum * v + …` and `w = w - lr[t] * …`.

# %%
def momentum_pt(
    w: torch.Tensor, g: torch.Tensor, lr: torch.Tensor,
    momentum: float,
) -> torch.Tensor:
    """w: any shape, g: (steps, *shape), lr: (steps,)."""
    v = torch.zeros_like(w)
    for t in range(len(g)):
        v = momentum * v + g[t]
        w = w - lr[t] * v
    return w

# %%
def momentum_tf(
    w: tf.Tensor, g: tf.Tensor, lr: tf.Tensor,
    momentum: float,
) -> tf.Tensor:
    v = tf.zeros_like(w)
    for t in range(len(g)):
        v = momentum * v + g[t]
        w = w - lr[t] * v
    return w

# %% [markdown]
# **Why:** with the rate outside a schedule takes effect at once. Keras keeps $\eta_t$ in the
# velocity, and an old rate goes on moving the weight.

# %% [markdown]
# ## Adam, as Keras has it
#
# Move `w` along the gradients `g[0]`, `g[1]`, … with Adam in Keras's form, and return it after the
# last one.
#
# $$m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t$$
#
# $$v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2$$
#
# $$w_t = w_{t-1} - \eta\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \cdot \frac{m_t}{\sqrt{v_t} + \varepsilon}$$
#
# where $\eta$ is `lr`, $\varepsilon$ `eps`, and $t$ counts the steps from 1; both means start at 0.
# The frameworks' optimizers may not be used.
#
# Worked case: `w = [0]`, `g = [[-1]]`, `lr = 1`, `beta_1 = 0.9`, `beta_2 = 0.99`, `eps = 0.1`. The
# means are −0.1 and 0.01; the factor is √0.01 / 0.1 = 1, the quotient −0.1 / (0.1 + 0.1), and the
# weight becomes 0.5.
#
# Hint 1: Two things are kept from step to step, and one is counted. From which number?
#
# Hint 2: Update both means first, then move. The corrections belong to the rate, and ε to the root of the
# mean as it is, uncorrected.
#
# Hint 3: `for t in range(1, len(g) + 1):`, the gradient is `g[t - 1]`, and `rate = lr * (1 - beta_2**t) **
# 0.5 / (…)`.

# %%
def adam_pt(
    w: torch.Tensor, g: torch.Tensor,
    lr: float, beta_1: float, beta_2: float, eps: float,
) -> torch.Tensor:
    """w: any shape, g: (steps, *shape)."""
    m, v = torch.zeros_like(w), torch.zeros_like(w)
    for t in range(1, len(g) + 1):
        m = beta_1 * m + (1 - beta_1) * g[t - 1]
        v = beta_2 * v + (1 - beta_2) * g[t - 1] ** 2
        rate = lr * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t)
        w = w - rate * m / (torch.sqrt(v) + eps)
    return w

# %%
def adam_tf(
    w: tf.Tensor, g: tf.Tensor,
    lr: float, beta_1: float, beta_2: float, eps: float,
) -> tf.Tensor:
    m, v = tf.zeros_like(w), tf.zeros_like(w)
    for t in range(1, len(g) + 1):
        m = beta_1 * m + (1 - beta_1) * g[t - 1]
        v = beta_2 * v + (1 - beta_2) * g[t - 1] ** 2
        rate = lr * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t)
        w = w - rate * m / (tf.sqrt(v) + eps)
    return w

# %% [markdown]
# **Why:** divide numerator and denominator by the correction, and ε comes out as $\varepsilon /
# \sqrt{1 - \beta_2^t}$ beside the corrected root. It fades as the steps go on; in PyTorch it is the
# same from the first.

# %% [markdown]
# ## Adagrad, as Keras has it
#
# Move `w` along the gradients `g[0]`, `g[1]`, … with Adagrad in Keras's form, and return it after
# the last one.
#
# $$a_t = a_{t-1} + g_t^2$$
#
# $$w_t = w_{t-1} - \eta\, \frac{g_t}{\sqrt{a_t + \varepsilon}}$$
#
# where $\eta$ is `lr`, $\varepsilon$ `eps`, and the sum $a$ starts at `start`. The frameworks'
# optimizers may not be used.
#
# Worked case: `w = [0]`, `g = [[-1]]`, `lr = 1`, `start = 0.19`, `eps = 0.25`. The sum is 1.19, the
# root of 1.44 is 1.2, and the weight becomes 0.8333.
#
# Hint 1: What is kept from step to step, and what is in it before the first?
#
# Hint 2: First add the new square to the sum, then divide by the root of sum and ε together.
#
# Hint 3: `a = … * torch.ones_like(w)`, `a = … * tf.ones_like(w)`; in each step `a = a + …` and `w = w - lr
# * g[t] / …`.

# %%
def adagrad_pt(
    w: torch.Tensor, g: torch.Tensor,
    lr: float, start: float, eps: float,
) -> torch.Tensor:
    """w: any shape, g: (steps, *shape)."""
    a = start * torch.ones_like(w)
    for t in range(len(g)):
        a = a + g[t] ** 2
        w = w - lr * g[t] / torch.sqrt(a + eps)
    return w

# %%
def adagrad_tf(
    w: tf.Tensor, g: tf.Tensor,
    lr: float, start: float, eps: float,
) -> tf.Tensor:
    a = start * tf.ones_like(w)
    for t in range(len(g)):
        a = a + g[t] ** 2
        w = w - lr * g[t] / tf.sqrt(a + eps)
    return w

# %% [markdown]
# **Why:** a sum that starts above 0 makes the first steps of small gradients small. With PyTorch's
# 0 the first step is the rate for each of them.

# %% [markdown]
# ## A metric over batches
#
# Cut `y` and `y_hat` into batches of `batch_size`, the last of which may be smaller, and return
# after each batch the root of the mean of all squared differences *so far*. With several columns
# the mean is over all numbers.
#
# The frameworks' metrics may not be used.
#
# Worked case: `y = [0, 0, 0]`, `y_hat = [1, 1, 4]`, `batch_size = 2`. After the first batch it is
# 1, after the second, which has one example, the root of 18/3, 2.4495.
#
# Hint 1: If the means of two batches are all that you have kept, can you know the mean of their numbers?
#
# Hint 2: Keep the sum of the squares and their count. The root of the quotient is the answer after each
# batch.
#
# Hint 3: `for i in range(0, len(y), batch_size):`, the batch is `y[i : i + batch_size]`;
# `torch.stack(values)`, `tf.stack(values)`.

# %%
def running_rmse_pt(
    y: torch.Tensor, y_hat: torch.Tensor, batch_size: int
) -> torch.Tensor:
    """y, y_hat: (n,) or (n, columns); returns (batches,)."""
    total, count, values = 0.0, 0, []
    for squares in ((y_hat - y) ** 2).split(batch_size):
        total += squares.sum()
        count += squares.numel()
        values.append(torch.sqrt(total / count))
    return torch.stack(values)

# %%
def running_rmse_tf(
    y: tf.Tensor, y_hat: tf.Tensor, batch_size: int
) -> tf.Tensor:
    squares = (y_hat - y) ** 2
    values = []
    for i in range(0, len(y), batch_size):
        so_far = squares[: i + batch_size]
        values.append(tf.sqrt(tf.reduce_mean(so_far)))
    return tf.stack(values)

# %% [markdown]
# **Why:** a sum and a count are all that a mean needs, however the batches are cut. The answer in
# TensorFlow keeps everything instead, which is shorter, and fine while it fits.
