# %% [markdown]
# # Exercises: errata
#
# Repair three programs with errors of [the chapter](../../chapters/start/errata.ipynb): in PyTorch, in
# TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it. The
# check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. The second
# exercise has no point for gradients. A robust answer accepts other shapes, returns float32 for float32, and does
# not change its inputs. With wrong values it earns no points. You may use everything that the frameworks have.
#
# Another broken program, a loss that makes N × N losses, is among [the exercises on writing a
# loss](../losses/writing_your_own.ipynb).

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch
import torch.nn as nn

# %% imports-tf tags=["tensorflow"]
import keras
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Repair it: a block that throws its result away
#
# The following block was meant to compute a product, to normalize it, and to apply a ReLU. It raises an error, or
# its result is wrong:
#
# ```python
# h = x @ weight
# x = batch_norm(x)
# h = relu()
# ```
#
# Repair it: return $\text{relu}(\gamma \hat h + \beta)$, where $h$ is `x @ weight`, and $\hat h$ is $h$
# normalized over the batch:
#
# $$\hat h = \frac{h - \text{mean}(h)}{\sqrt{\text{var}(h) + \varepsilon}}$$
#
# Mean and variance are taken over axis 0, and the variance is divided by n. $\gamma$ is `gamma`, $\beta$ is `beta`
# and $\varepsilon$ is `eps`.
#
# Worked case: `x` is (1, 3) in a column, and `weight` is 2, so $h$ is (2, 6). The mean is 4 and the variance is 4.
# With `eps = 5`, $\hat h$ is (−2/3, 2/3). With `gamma = 3` and `beta = 1` the output is (0, 3).
#
# Hint 1: Which of the three lines use the result of the line before?
#
# Hint 2: Compute $h$, then normalize $h$, then apply the ReLU to the normalized numbers.
#
# Hint 3: `h.var(0, unbiased=False)` in PyTorch, `tf.math.reduce_variance(h, 0)` in TensorFlow.

# %%
def repaired_block_pt(
    x: torch.Tensor, weight: torch.Tensor,
    gamma: torch.Tensor, beta: torch.Tensor, eps: float,
) -> torch.Tensor:
    """x: (batch, n_in), weight: (n_in, n_out), gamma, beta:
    (n_out,); returns (batch, n_out)."""
    h = x @ weight
    variance = h.var(0, unbiased=False)
    h = (h - h.mean(0)) / torch.sqrt(variance + eps)
    return torch.relu(gamma * h + beta)

# %%
def repaired_block_tf(
    x: tf.Tensor, weight: tf.Tensor,
    gamma: tf.Tensor, beta: tf.Tensor, eps: float,
) -> tf.Tensor:
    """x: (batch, n_in), weight: (n_in, n_out), gamma, beta:
    (n_out,); returns (batch, n_out)."""
    h = x @ weight
    variance = tf.math.reduce_variance(h, 0)
    h = (h - tf.reduce_mean(h, 0)) / tf.sqrt(variance + eps)
    return tf.nn.relu(gamma * h + beta)

# %% [markdown]
# **Why:** each line uses the result of the line before. If every line assigns to the same name, a result cannot be
# left out by mistake.

# %% [markdown]
# ## Repair it: a training with three errors
#
# The following program was meant to train the linear model `x @ w` on the mean squared error, by gradient descent
# with momentum. It runs, and the weights that it finds are wrong:
#
# ```python
# w = w.clone().requires_grad_()
# for _ in range(steps):
#     sgd = torch.optim.SGD([w], lr=lr, momentum=momentum)  # in Keras: keras.optimizers.SGD(lr, momentum)
#     loss = ((x @ w - y) ** 2).mean()
#     loss.backward()
#     sgd.step()
# ```
#
# - `x @ w` has the shape (n, 1), and `y` has the shape (n,), so their difference is a table of n × n.
# - The optimizer is made anew in each step, so it forgets its velocity.
# - In PyTorch, `backward` adds the new gradient to the old ones. (A `tf.GradientTape` does not.)
#
# Repair it: return the weights after `steps` steps. In each step, $g$ is the gradient of the mean of the n squared
# differences. $v$ is the velocity, which starts at 0, $\mu$ is `momentum` and $\eta$ is `lr`:
#
# $$v \leftarrow \mu v + g, \qquad w \leftarrow w - \eta v$$
#
# Worked case: `x` is (1, 2) in a column, `y` is (2, 4), `w` is 0, `lr = 0.1`, `momentum = 0.5` and `steps = 2`. The
# first gradient is −10, and the weight becomes 1. The second gradient is −5, the velocity is −10, and the weight
# becomes 2.
#
# Hint 1: What are the shapes of `x @ w`, of `y`, and of their difference?
#
# Hint 2: Give `y` a second axis. Make the optimizer (or the velocity) before the loop, and set the gradient to 0
# in each step.
#
# Hint 3: `y[:, None]`; `sgd.zero_grad()` before `loss.backward()`. In TensorFlow, `w` must be a `tf.Variable`, and
# `sgd.apply([tape.gradient(loss, w)], [w])` makes the step.

# %%
def repaired_training_pt(
    x: torch.Tensor, y: torch.Tensor, w: torch.Tensor,
    lr: float, momentum: float, steps: int,
) -> torch.Tensor:
    """x: (n, d), y: (n,), w: (d, 1); returns (d, 1)."""
    w = w.clone().requires_grad_()
    sgd = torch.optim.SGD([w], lr=lr, momentum=momentum)
    for _ in range(steps):
        loss = ((x @ w - y[:, None]) ** 2).mean()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    return w.detach()

# %%
def repaired_training_tf(
    x: tf.Tensor, y: tf.Tensor, w: tf.Tensor,
    lr: float, momentum: float, steps: int,
) -> tf.Tensor:
    """x: (n, d), y: (n,), w: (d, 1); returns (d, 1)."""
    w = tf.Variable(w)
    sgd = keras.optimizers.SGD(lr, momentum)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((x @ w - y[:, None]) ** 2)
        sgd.apply([tape.gradient(loss, w)], [w])
    return tf.convert_to_tensor(w)

# %% [markdown]
# **Why:** an optimizer has a state. Here it is the velocity, so the same optimizer must make all steps.

# %% [markdown]
# ## Repair it: a rating model with reversed tables
#
# The following layer was meant to rate items for users. Each user and each item has a row of `size` numbers, and
# the rating is the sum of the products of the two rows. The first version is in Keras, and the second one in
# PyTorch. Two of the errors are in both:
#
# ```python
# self.users = self.add_weight("users", shape=(size, n_users))  # Keras
# self.items = self.add_weight("items", shape=(size, n_items))
# return tf.reduce_sum(tf.gather(self.users, pairs[:, 0]) * tf.gather(self.items, pairs[:, 1]), 0)
#
# self.users = torch.Tensor(size, n_users)  # PyTorch
# self.items = torch.Tensor(size, n_items)
# return (self.users[pairs[:, 0]] * self.items[pairs[:, 1]]).sum(0)
# ```
#
# Repair it: the layer has the trainable weights `users` of shape (n_users, size) and `items` of shape (n_items,
# size). Their initial numbers are up to you. The last axis of `pairs` has two numbers: the user and the item. Return
# one rating for each pair.
#
# Worked case: user 0 has the row (1, 2), and item 1 has the row (10, 0.5). For the pair (0, 1) the rating is 1 · 10
# + 2 · 0.5 = 11.
#
# Hint 1: Which axis of a table is the one that an index selects? Which axis is left after the lookup?
#
# Hint 2: The rows are the first axis. After the lookup, the last axis has `size` numbers: add up along this axis.
#
# Hint 3: `nn.Parameter(torch.randn(n_users, size))`, `self.add_weight(shape=(n_users, size), name="users")`; then
# `pairs[..., 0]`, and the sum over axis −1.

# %%
class repaired_rating_pt(nn.Module):
    """pairs: (…, 2), user and item; returns (…)."""
    def __init__(self, n_users: int, n_items: int, size: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.users = nn.Parameter(torch.randn(n_users, size))
        self.items = nn.Parameter(torch.randn(n_items, size))
        ### END SOLUTION

    def forward(self, pairs: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        u = self.users[pairs[..., 0]]
        i = self.items[pairs[..., 1]]
        return (u * i).sum(-1)
        ### END SOLUTION

# %%
class repaired_rating_tf(keras.layers.Layer):
    """pairs: (…, 2), user and item; returns (…)."""
    def __init__(self, n_users: int, n_items: int, size: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.users = self.add_weight(shape=(n_users, size))
        self.items = self.add_weight(shape=(n_items, size))
        ### END SOLUTION

    def call(self, pairs: tf.Tensor) -> tf.Tensor:
        ### BEGIN SOLUTION
        u = tf.gather(self.users, pairs[..., 0])
        i = tf.gather(self.items, pairs[..., 1])
        return tf.reduce_sum(u * i, -1)
        ### END SOLUTION

# %% [markdown]
# **Why:** a lookup selects along the first axis, so the number of rows comes first, and the row's numbers are the
# last axis.
