# %% [markdown]
# # Exercises: shrinkers
#
# Write the shrinkers of [the chapter](../../chapters/activations/shrinkers.ipynb) yourself, from
# their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell,
# then run the check below it. It tells you at once what is right, and what you got wrong.
#
# An answer earns a point each for its **values**, its **gradients** and its **robustness**: inputs
# of any shape, numbers as large as ±10,000, and an input that is left as it was. The frameworks'
# own shrinkers and Keras's sparse plus may not be used; everything else may, also the activations of other
# chapters. With wrong values it earns none.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and leave the other's cells alone.
#
# ## Hard shrink
#
# Set to 0 every number from −threshold to threshold, both ends included, and leave the others as they are.
#
# Worked case, with a threshold of 1: −3 stays −3, 0.4 becomes 0, 1 becomes 0, 1.1 stays 1.1.
#
# Hint 1: What decides is how large a number is, whatever its sign.
#
# Hint 2: Choose between $x$ and 0, by a comparison of $|x|$ with the threshold.
#
# Hint 3: `torch.where(torch.abs(x) > …, x, 0.0)`, `tf.where(tf.abs(x) > …, x, 0.0)`.

# %%
def hard_shrink_pt(
    x: torch.Tensor, threshold: float
) -> torch.Tensor:
    return torch.where(torch.abs(x) > threshold, x, 0.0)

# %%
def hard_shrink_tf(
    x: tf.Tensor, threshold: float
) -> tf.Tensor:
    return tf.where(tf.abs(x) > threshold, x, 0.0)

# %% [markdown]
# **Why:** `where` passes the gradient to the side that it takes, $x$ or a constant: 1 or 0, which is right.

# %% [markdown]
# ## Soft shrink
#
# Move every number towards 0 by the threshold, and stop at 0.
#
# Worked case, with a threshold of 1: −3 becomes −2, 0.4 becomes 0, 1.5 becomes 0.5.
#
# Hint 1: What exactly is taken away from a large number, from a small one, from a negative one?
#
# Hint 2: What is taken away is the number itself, clipped to the range from −threshold to threshold.
#
# Hint 3: `x - torch.clamp(x, …, …)`, `x - tf.clip_by_value(x, …, …)`.

# %%
def soft_shrink_pt(
    x: torch.Tensor, threshold: float
) -> torch.Tensor:
    return x - torch.clamp(x, -threshold, threshold)

# %%
def soft_shrink_tf(
    x: tf.Tensor, threshold: float
) -> tf.Tensor:
    return x - tf.clip_by_value(x, -threshold, threshold)

# %% [markdown]
# **Why:** a small number is its own clip, and the difference exactly 0; of a large one the clip is the
# threshold with the number's sign. Nothing is divided, so nothing can go wrong at 0.

# %% [markdown]
# ## Tanh shrink
#
# Take the hyperbolic tangent of every number away from it, also of ±10,000.
#
# Worked case: 0 stays 0, 1 becomes 0.2384, −10,000 becomes −9,999.
#
# Hint 1: The framework's tanh is allowed: it is another chapter's.
#
# Hint 2: The formula is the answer here. What stands before the minus sign?
#
# Hint 3: `… - torch.tanh(…)`, `… - tf.tanh(…)`.

# %%
def tanh_shrink_pt(x: torch.Tensor) -> torch.Tensor:
    return x - torch.tanh(x)

# %%
def tanh_shrink_tf(x: tf.Tensor) -> tf.Tensor:
    return x - tf.tanh(x)

# %% [markdown]
# **Why:** the check allows a hundred-thousandth, and so does not see what is lost near 0. The next one does.

# %% [markdown]
# ## Tanh shrink that keeps its digits
#
# Return $x - \tanh(x)$ once more, in float32, but with values *and* gradients that are right to 1 % however
# small $x$ is: down to 0.00001.
#
# Worked case: 0.001 becomes 3.333 · 10⁻¹⁰ with the gradient 10⁻⁶; 0 stays 0, and 1 becomes 0.2384, as before.
#
# Hint 1: Two numbers that begin with the same seven digits leave none in float32. How many has float64?
#
# Hint 2: Convert *once*, subtract, convert back: the gradient goes the same way, in float64, too. Or choose with
# `where`: near 0 the series $x^3/3 - 2x^5/15$, elsewhere the difference.
#
# Hint 3: `wide = x.double()` and `(wide - …).float()`; `wide = tf.cast(x, tf.float64)` and
# `tf.cast(wide - …, tf.float32)`.

# %%
def tanh_shrink_small_pt(x: torch.Tensor) -> torch.Tensor:
    wide = x.double()
    return (wide - torch.tanh(wide)).float()

# %%
def tanh_shrink_small_tf(x: tf.Tensor) -> tf.Tensor:
    wide = tf.cast(x, tf.float64)
    return tf.cast(wide - tf.tanh(wide), tf.float32)

# %% [markdown]
# **Why:** float64 has sixteen digits: at 0.00001 ten or eleven of them cancel, five are left. Converted twice, once
# for $x$ and once for its tanh, the values would be right and the gradients not: they would meet in float32,
# as 1 and −1.

# %% [markdown]
# ## Sparse plus
#
# Return 0 up to −1, $x$ from 1 on, and between them the parabola $(x + 1)^2 / 4$. The curve has no corner, so
# the gradient climbs from 0 at −1 to 1 at 1, both ends included: make sure of it at exactly 1.
#
# Worked case: −2 becomes 0, 0 becomes 0.25, 1 becomes 1 with the gradient 1, 3 stays 3.
#
# Hint 1: Three pieces: which of them is right for a number, and which of them has the right gradient at 1?
#
# Hint 2: Choose twice: 0 or the rest, and in the rest the parabola or $x$.
#
# Hint 3: `torch.where(x < 1, …, x)`, and around it `torch.where(x <= -1, 0.0, …)`; `tf.where` takes the same.

# %%
def sparse_plus_pt(x: torch.Tensor) -> torch.Tensor:
    bend = torch.where(x < 1, (x + 1) ** 2 / 4, x)
    return torch.where(x <= -1, 0.0, bend)

# %%
def sparse_plus_tf(x: tf.Tensor) -> tf.Tensor:
    bend = tf.where(x < 1, (x + 1) ** 2 / 4, x)
    return tf.where(x <= -1, 0.0, bend)

# %% [markdown]
# **Why:** at ±1 the pieces on both sides have the same value and the same slope, so it does not matter which of
# them `where` takes. Added up, as a clipped parabola and a ReLU, both would have to leave 1 to the other.
