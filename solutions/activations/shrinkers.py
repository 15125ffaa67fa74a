# %% [markdown]
# # Exercises: shrinkers
#
# Write the shrinkers of [the chapter](../../chapters/activations/shrinkers.ipynb) yourself, from
# their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell,
# then run the check below it. It tells you at once what is right and what is wrong.
#
# An answer earns a point each for its **values**, its **gradients** and its **robustness**. Robust
# means: inputs of any shape, numbers up to ±10,000, float32 in and out, and an input that is left
# as it was. With wrong values an answer earns no point at all.
#
# The frameworks' own shrinkers and Keras's sparse plus are forbidden. Everything else is allowed,
# the activations of other chapters, too.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the other's cells.
#
# ## Hard shrink
#
# Set every number from −threshold to threshold to 0, both ends included, and leave the others as
# they are.
#
# Worked case, with a threshold of 1: −3 stays −3, 0.4 becomes 0, 1 becomes 0, and 1.1 stays 1.1.
#
# Hint 1: What decides is the size of a number, whatever its sign.
#
# Hint 2: Compare $|x|$ with the threshold, and choose $x$ or 0.
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
# **Why:** `where` passes the gradient to whichever it takes, $x$ or a constant, so the gradient is
# 1 where a number passes and 0 where it does not.

# %% [markdown]
# ## Soft shrink
#
# Move every number towards 0 by the threshold, and stop at 0.
#
# Worked case, with a threshold of 1: −3 becomes −2, 0.4 becomes 0, and 1.5 becomes 0.5.
#
# Hint 1: How much is subtracted from a large number, from a small one, and from a negative one?
#
# Hint 2: Subtract from the number its clip: the number itself, limited to the range from −threshold
# to threshold.
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
# **Why:** the clip of a small number is the number itself, so the difference is exactly 0. The clip
# of a large one is the threshold with the number's sign. Nothing is divided, so 0 needs no care.

# %% [markdown]
# ## Tanh shrink
#
# Subtract from every number its hyperbolic tangent. The answer must be right at ±10,000, too.
#
# Worked case: 0 stays 0, 1 becomes 0.2384, and −10,000 becomes −9,999.
#
# Hint 1: The framework's tanh is allowed: it belongs to another chapter.
#
# Hint 2: Write the formula as it stands: $x - \tanh(x)$.
#
# Hint 3: `… - torch.tanh(…)`, `… - tf.tanh(…)`.

# %%
def tanh_shrink_pt(x: torch.Tensor) -> torch.Tensor:
    return x - torch.tanh(x)

# %%
def tanh_shrink_tf(x: tf.Tensor) -> tf.Tensor:
    return x - tf.tanh(x)

# %% [markdown]
# **Why:** the framework's tanh is 1 at 10,000, where a quotient of exponentials is NaN. This check
# allows a difference of 0.00001, and so does not see the digits that are lost near 0. The next one
# does.

# %% [markdown]
# ## Tanh shrink that keeps its digits
#
# Return $x - \tanh(x)$ in float32 once more, but with values *and* gradients that are right to 1 %
# for small $x$, too: down to 0.00001.
#
# Worked case: 0.001 becomes 3.333 · 10⁻¹⁰ with the gradient 10⁻⁶. 0 stays 0, and 1 becomes 0.2384,
# as before.
#
# Hint 1: float32 has about seven digits. If $x$ and $\tanh(x)$ share all seven, the difference has
# none. How many digits has float64?
#
# Hint 2: Convert $x$ *once*, subtract, and convert back: the gradient is then computed in float64,
# too. Or choose with `where`: the series $x^3/3 - 2x^5/15$ near 0, and the difference elsewhere.
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
# **Why:** float64 has sixteen digits. At 0.00001 ten or eleven of them cancel, and five are left.
# Convert twice, once for $x$ and once for its tanh, and the values are right but the gradients are
# not: 1 and about −1 are then added in float32.

# %% [markdown]
# ## Sparse plus
#
# Return 0 up to −1, $x$ from 1 on, and the parabola $(x + 1)^2 / 4$ between them. The curve has no
# corner, so its gradient rises from 0 at −1 to 1 at 1. At exactly 1 it must be 1.
#
# Worked case: −2 becomes 0, 0 becomes 0.25, 1 becomes 1 with the gradient 1, and 3 stays 3.
#
# Hint 1: There are three pieces. Which one is right for a given number, and which of them has the
# gradient 1 at 1?
#
# Hint 2: Choose twice: between 0 and the rest, and within the rest between the parabola and $x$.
#
# Hint 3: `torch.where(x < 1, …, x)`, and around it `torch.where(x <= -1, 0.0, …)`; `tf.where` takes
# the same arguments.

# %%
def sparse_plus_pt(x: torch.Tensor) -> torch.Tensor:
    bend = torch.where(x < 1, (x + 1) ** 2 / 4, x)
    return torch.where(x <= -1, 0.0, bend)

# %%
def sparse_plus_tf(x: tf.Tensor) -> tf.Tensor:
    bend = tf.where(x < 1, (x + 1) ** 2 / 4, x)
    return tf.where(x <= -1, 0.0, bend)

# %% [markdown]
# **Why:** at ±1 both pieces have the same value and the same slope, so it does not matter which one
# `where` takes. In a sum of a clipped parabola and a ReLU, only one of the two may have a gradient
# at 1, and it must be 1.
