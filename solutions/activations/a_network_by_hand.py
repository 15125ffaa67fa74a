# %% [markdown]
# # Exercises: a network by hand
#
# Write the network of [the chapter](../../chapters/activations/a_network_by_hand.ipynb) yourself, part by part, and
# at the end train it: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell, then run
# the check below it. It tells you at once what is right and what is wrong.
#
# An answer earns one point for its **values** and one for its **robustness**: other numbers of examples and units,
# one example alone, float32, and inputs that are left unchanged. The first one also earns a point for its
# **gradients**. With wrong values an answer earns none.
#
# In all four, `x` has the shape (n, inputs), `w` (inputs, hidden), `b` and `v` (hidden,), and `y`, the labels 0 and 1,
# (n,). SiLU of a number $u$ is $u\,\sigma(u)$; the frameworks' own SiLU may not be used.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other.
#
# ## The forward pass
#
# Return the probability of label 1 for each row of `x`:
#
# $$p = \sigma(\operatorname{silu}(x W + b)\, v)$$
#
# Worked case: with one input and one unit, for `x = 1`, `w = 2`, `b = 0` and `v = 3`, SiLU of 2 is 1.7616, the logit
# is 5.2848, and the probability is 0.9950.
#
# Hint 1: Which shape has the output of the hidden layer, and which axis does `v` remove?
#
# Hint 2: First `u = x @ w + b`, then SiLU, then the product with `v`, then the sigmoid.
#
# Hint 3: `torch.sigmoid(h @ v)`; in TensorFlow `@` needs two matrices, so take `tf.linalg.matvec(h, v)`.

# %%
def own_network_pt(
    x: torch.Tensor, w: torch.Tensor,
    b: torch.Tensor, v: torch.Tensor,
) -> torch.Tensor:
    """x: (n, inputs); returns (n,)."""
    u = x @ w + b
    h = u * torch.sigmoid(u)  # (n, hidden)
    return torch.sigmoid(h @ v)

# %%
def own_network_tf(
    x: tf.Tensor, w: tf.Tensor,
    b: tf.Tensor, v: tf.Tensor,
) -> tf.Tensor:
    """x: (n, inputs); returns (n,)."""
    u = x @ w + b
    h = u * tf.sigmoid(u)  # (n, hidden)
    return tf.sigmoid(tf.linalg.matvec(h, v))

# %% [markdown]
# **Why:** the bias belongs inside the activation: it says for which inputs a unit is on.

# %% [markdown]
# ## Break it: a bias that kills a ReLU unit
#
# A unit computes $\operatorname{relu}(x \cdot w + b)$. Return a bias `b`, one number, with which the unit never
# learns: for each row of `x`, ReLU returns 0, and its gradient is 0, too. The bias must not be lower than necessary:
# with `b + 1`, the unit must learn from at least one row. Here `w` has the shape (inputs,).
#
# Worked case: if $x \cdot w$ is 3, 4 and −3.25, each `b` above −5 and not above −4 is right.
#
# Hint 1: Lower `b` step by step. For which of the examples does $x \cdot w + b$ stay positive the longest?
#
# Hint 2: The unit is dead if even the largest $x \cdot w$, plus `b`, is not positive.
#
# Hint 3: `-(x @ w).max()` is the highest such bias; subtract up to 1.

# %%
def dead_bias_pt(
    x: torch.Tensor, w: torch.Tensor
) -> torch.Tensor:
    """x: (n, inputs), w: (inputs,); returns one number."""
    return -(x @ w).max() - 0.5

# %%
def dead_bias_tf(
    x: tf.Tensor, w: tf.Tensor
) -> tf.Tensor:
    """x: (n, inputs), w: (inputs,); returns one number."""
    return -tf.reduce_max(tf.linalg.matvec(x, w)) - 0.5

# %% [markdown]
# **Why:** the largest $x \cdot w$ decides alone. One large step of the optimizer can lower a bias that far. After it
# the gradient is 0, so gradient descent never raises the bias again.

# %% [markdown]
# ## Repair it: a backward pass with three errors
#
# The following program was meant to compute the gradients of the mean cross-entropy of the network, with respect to
# `w`, `b` and `v`. It is written as in PyTorch; TensorFlow has other names for some calls. It runs, and all three
# gradients are wrong:
#
# ```python
# u = x @ w + b
# h = silu(u)
# p = sigmoid(h @ v)
# d = p - y               # for the logits: (n,)
# du = d[:, None] * v * silu(u)
# return x.T @ du, du.sum(), h.T @ d
# ```
#
# - The loss is a mean over the examples, and nothing is divided by their number.
# - On the way back, the gradient is multiplied by SiLU instead of its derivative,
#   $\sigma(u) + u\,\sigma(u)\,(1 - \sigma(u))$.
# - The gradient of `b` must have the shape of `b`.
#
# Repair it: return the three gradients, as a tuple. You may also use autograd or a tape (with `tape.watch([w, b, v])`).
#
# Worked case: with one example, for `x = 1`, `y = 0`, `w = 2`, `b = 0` and `v = 3`, `d` is 0.9950, and the derivative
# of SiLU at 2 is 1.0908. The gradients of `w`, `b` and `v` are 3.2559, 3.2559 and 1.7527.
#
# Hint 1: The derivative of the mean cross-entropy with respect to the logits is $(p - y) / n$. Which of the three
# gradients are computed from it?
#
# Hint 2: `du` has the shape (n, hidden). Over which axis must it be summed, for the gradient of `b`?
#
# Hint 3: `gate = sigmoid(u)`, `du = d[:, None] * v * (gate + …)`, `du.sum(0)`; in TensorFlow `tf.transpose(x) @ du` and
# `tf.linalg.matvec(h, d, transpose_a=True)`.

# %%
def repaired_gradients_pt(
    x: torch.Tensor, y: torch.Tensor, w: torch.Tensor,
    b: torch.Tensor, v: torch.Tensor,
) -> tuple[torch.Tensor, ...]:
    """x: (n, inputs), y: (n,); returns three gradients."""
    u = x @ w + b
    gate = torch.sigmoid(u)
    h = u * gate
    d = (torch.sigmoid(h @ v) - y) / len(y)
    du = d[:, None] * v * (gate + h * (1 - gate))
    return x.T @ du, du.sum(0), h.T @ d

# %%
def repaired_gradients_tf(
    x: tf.Tensor, y: tf.Tensor, w: tf.Tensor,
    b: tf.Tensor, v: tf.Tensor,
) -> tuple[tf.Tensor, ...]:
    """x: (n, inputs), y: (n,); returns three gradients."""
    u = x @ w + b
    gate = tf.sigmoid(u)
    h = u * gate
    d = (tf.sigmoid(tf.linalg.matvec(h, v)) - y) / len(y)
    du = d[:, None] * v * (gate + h * (1 - gate))
    dv = tf.linalg.matvec(h, d, transpose_a=True)
    return tf.transpose(x) @ du, tf.reduce_sum(du, 0), dv

# %% [markdown]
# **Why:** each gradient has the shape of the array that it belongs to. The shape shows the error in the gradient of
# `b`; only the numbers show the other two.

# %% [markdown]
# ## The whole: separate the half-moons
#
# Train the network by gradient descent, and return the probabilities of all rows of `x` afterwards. Each of the
# `steps` steps computes the gradients of the mean cross-entropy of all rows, and then subtracts `lr` times the
# gradient from `w`, `b` and `v`. Autograd, a tape, and the frameworks' SGD and cross-entropy are allowed.
#
# One case of the check is the training of the chapter: after 100 steps with `lr = 2`, the probability is above ½ for
# all points with label 1, and below ½ for all others.
#
# Worked case: with one example, for `x = 1`, `y = 0`, `w = 2`, `b = 0`, `v = 3`, `lr = 0.1` and `steps = 1`, the
# weights become 1.6744, −0.3256 and 2.8247, and the probability falls from 0.9950 to 0.9537.
#
# Hint 1: What must be kept from step to step, and what is computed anew in each step?
#
# Hint 2: All three gradients belong to the same weights: compute them all before you change one. Train copies of
# `w`, `b` and `v`: the inputs must stay as they are, and nothing records their gradients.
#
# Hint 3: In PyTorch, `w.clone().requires_grad_()` makes a copy to train; `torch.autograd.grad(loss, weights)` and, below
# `torch.no_grad()`, `weight -= lr * g`. In TensorFlow, `tf.Variable(w)`, `tape.gradient(loss, weights)` and
# `weight.assign_sub(lr * g)`.

# %%
def separated_moons_pt(
    x: torch.Tensor, y: torch.Tensor, w: torch.Tensor,
    b: torch.Tensor, v: torch.Tensor, lr: float, steps: int,
) -> torch.Tensor:
    """x: (n, inputs), y: (n,); returns probabilities, (n,)."""
    weights = [a.clone().requires_grad_() for a in (w, b, v)]

    def logits():
        u = x @ weights[0] + weights[1]
        return (u * torch.sigmoid(u)) @ weights[2]

    for _ in range(steps):
        loss = torch.nn.BCEWithLogitsLoss()(logits(), y)
        found = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, g in zip(weights, found, strict=True):
                weight -= lr * g
    return torch.sigmoid(logits()).detach()

# %%
def separated_moons_tf(
    x: tf.Tensor, y: tf.Tensor, w: tf.Tensor,
    b: tf.Tensor, v: tf.Tensor, lr: float, steps: int,
) -> tf.Tensor:
    """x: (n, inputs), y: (n,); returns probabilities, (n,)."""
    weights = [tf.Variable(a) for a in (w, b, v)]

    def logits():
        u = x @ weights[0] + weights[1]
        return tf.linalg.matvec(u * tf.sigmoid(u), weights[2])

    for _ in range(steps):
        with tf.GradientTape() as tape:
            losses = tf.nn.sigmoid_cross_entropy_with_logits(
                y, logits())
            loss = tf.reduce_mean(losses)
        found = tape.gradient(loss, weights)
        for weight, g in zip(weights, found, strict=True):
            weight.assign_sub(lr * g)
    return tf.sigmoid(logits())

# %% [markdown]
# **Why:** only the weights are kept from step to step. The probabilities belong to the weights after the last step, so
# the forward pass is computed once more behind the loop.
