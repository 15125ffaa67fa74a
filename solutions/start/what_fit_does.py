# %% [markdown]
# # Exercises: what fit does
#
# Write four parts of [the chapter](../../chapters/start/what_fit_does.ipynb) yourself: in PyTorch,
# in TensorFlow, or in both. Replace the line that raises, run the cell, then run the check below
# it. It tells you at once what is right, and what you got wrong.
#
# An answer earns one point for its **values** and one for its **robustness**: inputs of other
# shapes and borderline inputs, a float32 result, and inputs that are left unchanged. With wrong
# values it earns none.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other.
#
# ## Early stopping
#
# Return the epoch with the best weights and the last epoch, as a tensor of two integers. `losses`
# has the validation loss of each epoch, and epochs count from 0. Training stops after an epoch as
# soon as the loss has not been lower than the best so far for `patience` epochs in a row. The later
# losses are then never computed. If training never stops, the last epoch is that of the last loss.
#
# An equal loss is not lower. `patience` is at least 1, and there is at least one loss.
#
# Worked case: `losses = [3, 2, 4, 3, 1]`, `patience = 2`. The best loss so far is 2, in epoch 1.
# The epochs 2 and 3 are not lower, so training stops after epoch 3, and the answer is `[1, 3]`.
#
# Hint 1: Which two things must you remember from epoch to epoch, to know whether to stop?
#
# Hint 2: Remember the best epoch. The number of epochs since then is the epoch minus the best epoch.
#
# Hint 3: `for epoch in range(len(losses)):`, then `if losses[epoch] < losses[best]: best = epoch`, then `if
# epoch - best == …: break`.

# %%
def early_stopping_pt(
    losses: torch.Tensor, patience: int,
) -> torch.Tensor:
    """losses: (epochs,); returns [best epoch, last epoch]."""
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        if epoch - best == patience:
            break
    return torch.tensor([best, epoch])

# %%
def early_stopping_tf(
    losses: tf.Tensor, patience: int,
) -> tf.Tensor:
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        if epoch - best == patience:
            break
    return tf.constant([best, epoch])

# %% [markdown]
# **Why:** the best epoch is the only state. Each lower loss moves it, and so sets the count of
# epochs without a lower loss back to 0.

# %% [markdown]
# ## A cosine schedule with warm-up
#
# Return the learning rate of each step in `t`. In the first `warmup` steps the rate rises in a
# straight line from 0 to `lr`. Then it falls to 0 at step `total`, as half a period of a cosine,
# and stays at 0:
#
# $$\eta_t = \eta\, \frac{t}{t_w} \quad\text{for } t < t_w$$
#
# $$\eta_t = \frac{\eta}{2} \left(1 + \cos\left(\pi\, \frac{t - t_w}{T - t_w}\right)\right)
# \quad\text{for } t_w \le t \le T$$
#
# where $\eta$ is `lr`, $t_w$ is `warmup` and $T$ is `total`. `t` contains whole numbers, as
# float32, and may have any shape. `warmup` is below `total`, and may be 0: then the first step has
# the rate `lr`. The frameworks' schedules may not be used.
#
# Worked case: `t = [0, 1, 2, 4, 6, 9]`, `lr = 1`, `warmup = 2`, `total = 6`. The rates are 0, 0.5,
# 1, 0.5, 0 and 0.
#
# Hint 1: Compute both parts for all steps. Which function chooses between them, element by element?
#
# Hint 2: The progress of the cosine is 0 at the end of the warm-up and 1 at `total`. What must happen to a
# progress above 1?
#
# Hint 3: `progress = (t - warmup) / (…)`, clipped at 1; then `where(t < warmup, …, …)`, with
# `max(warmup, 1)` in the first quotient.

# %%
def warmup_cosine_pt(
    t: torch.Tensor, lr: float, warmup: int, total: int,
) -> torch.Tensor:
    """t: any shape, float32; returns the same shape."""
    progress = (t - warmup) / (total - warmup)
    progress = torch.clamp(progress, max=1.0)
    falling = lr / 2 * (1 + torch.cos(torch.pi * progress))
    rising = lr * t / max(warmup, 1)
    return torch.where(t < warmup, rising, falling)

# %%
def warmup_cosine_tf(
    t: tf.Tensor, lr: float, warmup: int, total: int,
) -> tf.Tensor:
    progress = tf.minimum((t - warmup) / (total - warmup), 1.0)
    falling = lr / 2 * (1 + tf.cos(3.14159265 * progress))
    rising = lr * t / max(warmup, 1)
    return tf.where(t < warmup, rising, falling)

# %% [markdown]
# **Why:** the cosine has a period of two, so a progress above 1 would make the rate rise again.
# The clip keeps it at 0.

# %% [markdown]
# ## Clipping by the global norm
#
# Shorten two gradients `a` and `b` together. Their norm $n$ is the root of the sum of the squares
# of *all* their numbers. If it is above `bound`, multiply both gradients by `bound` / $n$, so that
# the norm becomes `bound`. Otherwise return both as they are. Return a tuple of two tensors.
#
# `bound` is positive, and all numbers may be 0. The frameworks' clipping by a norm may not be used.
#
# Worked case: `a = [3, 4]`, `b = [12]`, `bound = 6.5`. The norm is √(9 + 16 + 144) = 13, the factor
# is 0.5, and the answer is `[1.5, 2]` and `[6]`.
#
# Hint 1: Does the direction of the long vector made of both gradients change?
#
# Hint 2: Sum the squares of each gradient, add the two sums, take the root. The same factor multiplies both
# gradients, and it is never above 1.
#
# Hint 3: The factor is `bound / maximum(norm, bound)`: it is 1 where the norm is below the bound, and never
# divides by 0.

# %%
def clip_gradients_pt(
    a: torch.Tensor, b: torch.Tensor, bound: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """a, b: any shapes; returns two tensors of these shapes."""
    norm = torch.sqrt((a**2).sum() + (b**2).sum())
    factor = bound / torch.clamp(norm, min=bound)
    return a * factor, b * factor

# %%
def clip_gradients_tf(
    a: tf.Tensor, b: tf.Tensor, bound: float,
) -> tuple[tf.Tensor, tf.Tensor]:
    norm = tf.sqrt(tf.reduce_sum(a**2) + tf.reduce_sum(b**2))
    factor = bound / tf.maximum(norm, bound)
    return a * factor, b * factor

# %% [markdown]
# **Why:** one factor for all numbers keeps the direction of the step. PyTorch's `clip_grad_norm_`
# and Keras's `global_clipnorm` do this.

# %% [markdown]
# ## The split for validation
#
# Return the training examples and the validation examples of `x`, as `fit` does with
# `validation_split=fraction`. The number of training examples is `len(x) * (1 - fraction)`, rounded
# down. They are the first ones, and the other examples are for validation.
#
# Worked case: `x = [7, 8, 9]`, `fraction = 0.4`. 3 · 0.6 = 1.8 is rounded down to 1, so the answer
# is `[7]` and `[8, 9]`.
#
# Hint 1: Compute one number. Which one?
#
# Hint 2: Where do the training examples end? The validation examples begin there.
#
# Hint 3: `n = int(…)` rounds a positive number down; then `x[:n]` and `x[n:]`.

# %%
def validation_split_pt(
    x: torch.Tensor, fraction: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """x: (n, …); returns training and validation examples."""
    n = int(len(x) * (1 - fraction))
    return x[:n], x[n:]

# %%
def validation_split_tf(
    x: tf.Tensor, fraction: float,
) -> tuple[tf.Tensor, tf.Tensor]:
    n = int(len(x) * (1 - fraction))
    return x[:n], x[n:]

# %% [markdown]
# **Why:** the split is a slice, so the order of `x` decides which examples are for validation. If
# `x` is sorted by class, shuffle it first.
