# %% [markdown]
# # Exercises: three ways to train
#
# Train a linear model by hand, then write three optimizers of [the
# chapter](../../chapters/start/three_ways_to_train.ipynb): in PyTorch, in TensorFlow, or in both.
# Replace the line that raises, run the cell, then run the check below it. It tells you at once what
# is right, and what you got wrong.
#
# An answer earns one point for its **values** and one for its **robustness**: inputs of other
# shapes, a float32 result, and inputs that are left unchanged. With wrong values it earns none.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other.
#
# ## Training by hand
#
# Train the linear model `x @ w` with `steps` steps of gradient descent at the rate `lr`, starting
# from the weights `w`, and return the new weights. The loss is the mean of all squared differences
# between `x @ w` and `y`.
#
# Let the framework compute the gradient; you may use everything that it has. With 0 steps, return
# the weights unchanged.
#
# Worked case: `x = [[1]]`, `y = [[3]]`, `w = [[0]]`, `lr = 0.1`. The gradient is −6, so after one
# step the weight is 0.6. There the gradient is −4.8, so after two steps the weight is 1.08.
#
# Hint 1: Start from the loop of the chapter. With a single array of weights, what can replace the
# optimizer?
#
# Hint 2: In each step: predict, take the mean of the squares, differentiate with respect to `w`, subtract
# `lr` times the gradient. The new weights are new tensors: tell the framework to watch them.
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
# **Why:** each step makes a new tensor, which has no gradient yet, so there is nothing to set to
# zero. If you call `loss.backward()` instead, set `w.grad` to `None` before the next step.

# %% [markdown]
# ## Momentum, as PyTorch has it
#
# Write momentum in PyTorch's form: step `t` uses the gradient `g[t]` and the rate `lr[t]`. Start
# from `w`, and return it after the last step.
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
# Hint 1: Which of the two is kept from step to step: the velocity, or the distance that the weight has
# moved?
#
# Hint 2: No rate enters the velocity. Each step's rate multiplies the velocity when the weight moves, and
# has no effect on later steps.
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
# **Why:** the rate stands outside the velocity, so a new rate takes effect at once. Keras puts
# $\eta_t$ into the velocity, where an old rate goes on moving the weight.

# %% [markdown]
# ## Adam, as Keras has it
#
# Write Adam in Keras's form: step $t$ uses the gradient `g[t - 1]`. Start from `w`, and return it
# after the last step.
#
# $$m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t$$
#
# $$v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2$$
#
# $$w_t = w_{t-1} - \eta\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \cdot \frac{m_t}{\sqrt{v_t} + \varepsilon}$$
#
# where $\eta$ is `lr` and $\varepsilon$ is `eps`; $t$ counts the steps from 1, $g_1$ is `g[0]`, and
# both means start at 0. The frameworks' optimizers may not be used, neither by class nor by a name
# given to `compile`.
#
# Worked case: `w = [0]`, `g = [[-1]]`, `lr = 1`, `beta_1 = 0.9`, `beta_2 = 0.99`, `eps = 0.1`. The
# means are −0.1 and 0.01; the factor is √0.01 / 0.1 = 1, the quotient −0.1 / (0.1 + 0.1), and the
# weight becomes 0.5.
#
# Hint 1: Two means are kept from step to step, and the steps are counted. Does the count start at 0 or at
# 1?
#
# Hint 2: Update both means first, then move. The corrections multiply the rate. ε is added to the root of
# the mean without its correction.
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
# **Why:** written with corrected means, Keras's step has $\varepsilon / \sqrt{1 - \beta_2^t}$
# beside the corrected root. This is large in the first steps and shrinks to ε. PyTorch adds the
# same ε in every step.

# %% [markdown]
# ## Adagrad, as Keras has it
#
# Write Adagrad in Keras's form: step `t` uses the gradient `g[t]`. Start from `w`, and return it
# after the last step.
#
# $$a_t = a_{t-1} + g_t^2$$
#
# $$w_t = w_{t-1} - \eta\, \frac{g_t}{\sqrt{a_t + \varepsilon}}$$
#
# where $\eta$ is `lr`, $\varepsilon$ is `eps`, and the sum $a$ starts at `start`. The frameworks'
# optimizers may not be used.
#
# Worked case: `w = [0]`, `g = [[-1]]`, `lr = 1`, `start = 0.19`, `eps = 0.25`. The sum is 1.19, the
# root of 1.44 is 1.2, and the weight becomes 0.8333.
#
# Hint 1: What is kept from step to step, and what is its value before the first step?
#
# Hint 2: First add the new square to the sum. Then add ε, take the root, and divide by it.
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
# **Why:** the sum starts above 0, so a small gradient makes a small first step. In PyTorch the sum
# starts at 0, and the first step is about the rate, however small the gradient is.
