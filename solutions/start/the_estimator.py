# %% [markdown]
# # Exercises: the Estimator
#
# Write the parts of [the chapter](../../chapters/start/the_estimator.ipynb) that a port gets wrong
# most easily: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell,
# then run the check below it. It tells you at once what is right, and what you got wrong.
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
# ## A metric over batches
#
# Return, for each batch, the root of the mean of all squared differences *so far*. Cut `y` and
# `y_hat` into batches of `batch_size`; the last batch may be smaller. With several columns the mean
# is over all numbers.
#
# The frameworks' metrics may not be used; their losses may.
#
# Worked case: `y = [0, 0, 0]`, `y_hat = [1, 1, 4]`, `batch_size = 2`. After the first batch the
# value is 1. The second batch has one example, and the value is the root of 18/3, 2.4495.
#
# Hint 1: Suppose you keep only the mean of each batch. Can you compute the mean of all numbers from these?
#
# Hint 2: Keep the sum of the squares and their count. After each batch, take the root of their quotient.
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
# TensorFlow takes the mean of all squares so far instead. That is shorter, and works as long as
# they fit into memory.

# %% [markdown]
# ## The loss that evaluate reports
#
# Return the loss that an Estimator's `evaluate` reports, where the loss of a batch is the mean of its
# squared differences. Cut `y` and `y_hat` into batches of `batch_size`; the last batch may be smaller.
# With several columns the loss of a batch is the mean over all of its numbers.
#
# Worked case: `y = [0, 0, 0]`, `y_hat = [1, 1, 4]`, `batch_size = 2`. The first batch has the loss 1,
# the second, with one example, the loss 16. Their mean is 8.5; the mean over the three examples, which
# Keras reports, is 6.
#
# Hint 1: How much does the last batch count: as much as its examples, or as much as any other batch?
#
# Hint 2: Take the mean of the squares in each batch. Then take the mean of these means.
#
# Hint 3: `losses.append(((y_hat[i : i + batch_size] - y[i : i + batch_size]) ** 2).mean())` in PyTorch,
# `tf.reduce_mean(…)` in TensorFlow; then the mean of `torch.stack(losses)`, or of `losses`.

# %%
def evaluate_loss_pt(
    y: torch.Tensor, y_hat: torch.Tensor, batch_size: int
) -> torch.Tensor:
    """y, y_hat: (n,) or (n, columns); returns a scalar."""
    batches = ((y_hat - y) ** 2).split(batch_size)
    losses = [batch.mean() for batch in batches]
    return torch.stack(losses).mean()

# %%
def evaluate_loss_tf(
    y: tf.Tensor, y_hat: tf.Tensor, batch_size: int
) -> tf.Tensor:
    squares = (y_hat - y) ** 2
    return tf.reduce_mean([
        tf.reduce_mean(squares[i : i + batch_size])
        for i in range(0, len(y), batch_size)
    ])

# %% [markdown]
# **Why:** the Estimator knows only the loss of each batch, which is a mean already, and takes the mean
# of these. A metric adds up its sum and its count instead, so the size of the batches does not matter.

# %% [markdown]
# ## Two runs with Adagrad: going on, or starting warm
#
# Train in two runs with Adagrad and return the last weights. The first run starts from `w` and uses
# the gradients `g[0]`, …, `g[first - 1]`. The second run uses the others. It *goes on* where the first
# one stopped or, if `warm` is true, *starts warm* from its weights.
#
# $$a_t = a_{t-1} + g_t^2$$
#
# $$w_t = w_{t-1} - \eta\, \frac{g_t}{\sqrt{a_t}}$$
#
# where $\eta$ is `lr`, and the sum $a$ of a new optimizer is `start`. The frameworks' optimizers may
# not be used.
#
# Worked case: `w = [0]`, `g = [[-1], [-1]]`, `lr = 1`, `start = 3`, `first = 1`. After the first run the
# sum is 4 and the weight 0.5. If the second run goes on, the sum becomes 5 and the weight 0.9472. If it
# starts warm, the sum becomes 4 again and the weight 1.
#
# Hint 1: Two things could be carried from the first run into the second. Which of them does a warm start
# leave behind?
#
# Hint 2: Make one loop over all gradients. Before step `first` of a warm start, put the sum back to its
# first value; leave the weights alone.
#
# Hint 3: `for t in range(len(g)):`, `if warm and t == first:`, then `a = …` as before the loop; after that,
# `a = a + g[t] ** 2` and `w = w - lr * g[t] / …`.

# %%
def two_runs_pt(
    w: torch.Tensor, g: torch.Tensor,
    lr: float, start: float, first: int, warm: bool,
) -> torch.Tensor:
    """w: any shape, g: (steps, *shape)."""
    a = start * torch.ones_like(w)
    for t in range(len(g)):
        if warm and t == first:
            a = start * torch.ones_like(w)
        a = a + g[t] ** 2
        w = w - lr * g[t] / torch.sqrt(a)
    return w

# %%
def two_runs_tf(
    w: tf.Tensor, g: tf.Tensor,
    lr: float, start: float, first: int, warm: bool,
) -> tf.Tensor:
    a = start * tf.ones_like(w)
    for t in range(len(g)):
        if warm and t == first:
            a = start * tf.ones_like(w)
        a = a + g[t] ** 2
        w = w - lr * g[t] / tf.sqrt(a)
    return w

# %% [markdown]
# **Why:** the weights and the optimizer's state are two things, and a warm start takes the first alone.
# Where you save a network without its optimizer, loading it is a warm start, whether you meant it or
# not.
