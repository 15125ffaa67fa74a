# %% [markdown]
# # Exercises: sigmoids
#
# Write the sigmoids of [the chapter](../../chapters/activations/sigmoids.ipynb) yourself, from
# their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell,
# then run the check below it. It tells you at once what is right and what is wrong.
#
# An answer earns a point each for its **values**, its **gradients** and its **robustness**. Robust
# means: inputs of any shape, numbers up to ±10,000, float32 in and out, and an input that is left
# as it was. With wrong values an answer earns no point at all. The functions that this chapter is
# about are forbidden, except where a statement allows one, and then with the input as its only
# argument.
#
# Watch for two things. In float32 $e^x$ is infinite from 89 on, and there most formulas fail as they
# are written, in their values or in their gradients. And where a curve is smooth at 0, its gradient
# at 0 must be right, too: the gradient of `abs` is 0 there. At a kink any gradient between the
# slopes of the two sides is right.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the other's cells.
#
# ## Sigmoid
#
# Turn every number $x$ into $1 / (1 + e^{-x})$. Values and gradients must be right at ±10,000, too.
# You may use the framework's tanh.
#
# Worked case: 0 becomes 0.5 with the gradient 0.25, 2 becomes 0.8808, −2 becomes 0.1192, and
# −10,000 becomes 0 with the gradient 0.
#
# Hint 1: The formula has the right values everywhere, but its gradient at −10,000 is NaN. What is
# $e^{10000}$ in float32?
#
# Hint 2: At −80 the sigmoid is 10⁻³⁵ already, so treat every smaller input like −80. Or write the
# sigmoid with tanh: the chapter shows how the two are related.
#
# Hint 3: `1 / (1 + torch.exp(-torch.clamp(x, min=…)))`, `1 / (1 + tf.exp(-tf.maximum(x, …)))`; or
# `(1 + tanh(x / …)) / 2`.

# %%
def sigmoid_pt(x: torch.Tensor) -> torch.Tensor:
    return 1 / (1 + torch.exp(-torch.clamp(x, min=-80)))

# %%
def sigmoid_tf(x: tf.Tensor) -> tf.Tensor:
    return 1 / (1 + tf.exp(-tf.maximum(x, -80.0)))

# %% [markdown]
# **Why:** the bound keeps the exponential finite, and below the bound the gradient is 0, as it must
# be. Choosing between two formulas with `where` does not help: both branches are differentiated, and
# 0 times infinity is NaN.

# %% [markdown]
# ## Log-sigmoid
#
# Return the logarithm of the sigmoid of every number. Values and gradients must be right at −10,000,
# too. You may use the framework's sigmoid, and every function that is not a sigmoid, for instance
# softplus. The binary cross-entropy of logits is a log-sigmoid, and forbidden, too.
#
# Worked case: 0 becomes −0.6931 with the gradient 0.5, 3 becomes −0.0486, and −10,000 stays −10,000
# with the gradient 1.
#
# Hint 1: What is the sigmoid of −10,000 in float32, and what is its logarithm?
#
# Hint 2: $\log \sigma(x) = -\log(1 + e^{-x})$. Both frameworks have a function for
# $\log(1 + e^x)$, softplus, that is right for large numbers, too.
#
# Hint 3: `-torch.nn.functional.softplus(…)`, `-tf.math.softplus(…)`. What goes in?

# %%
def log_sigmoid_pt(x: torch.Tensor) -> torch.Tensor:
    return -torch.nn.functional.softplus(-x)

# %%
def log_sigmoid_tf(x: tf.Tensor) -> tf.Tensor:
    return -tf.math.softplus(-x)

# %% [markdown]
# **Why:** the logarithm of $1 / (1 + e^{-x})$ is $-\log(1 + e^{-x})$, and that is minus the softplus
# of $-x$. A small number, added before the log, keeps the value finite, too, but far below 0 its
# gradient is 0 where it must be 1, so the unit is never corrected.

# %% [markdown]
# ## Hard sigmoid
#
# Turn every number into its value on a line of slope 1/6 through (0, ½), which stops at 0 and at 1.
# You may clip with any function, Hardtanh and ReLU6 among them.
#
# Worked case: −4 becomes 0, −1.5 becomes 0.25, 0 becomes 0.5, 3 becomes 1.
#
# Hint 1: Write the line first, then limit it at both ends.
#
# Hint 2: $x / 6 + \tfrac12$, clipped to the range from 0 to 1.
#
# Hint 3: `torch.clamp(…, 0, 1)`, `tf.clip_by_value(…, 0.0, 1.0)`.

# %%
def hard_sigmoid_pt(x: torch.Tensor) -> torch.Tensor:
    return torch.clamp(x / 6 + 0.5, 0, 1)

# %%
def hard_sigmoid_tf(x: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(x / 6 + 0.5, 0.0, 1.0)

# %% [markdown]
# **Why:** the slope and the ½ are all that you need: the kinks at ±3 follow from them.

# %% [markdown]
# ## Sparse sigmoid
#
# Turn every number into its value on a straight line from 0 at −1 to 1 at 1. Below −1 the output is
# 0, above 1 it is 1. You may clip with any function, Hardtanh and ReLU6 among them.
#
# Worked case: −0.5 becomes 0.25, 0.5 becomes 0.75, everything from 1 on becomes 1.
#
# Hint 1: The line rises by 1 while $x$ goes from −1 to 1. What is its slope?
#
# Hint 2: Clip to the range from −1 to 1. Then shift and scale this range to the range from 0 to 1.
#
# Hint 3: `(torch.clamp(x, -1, 1) + …) / …`, `(tf.clip_by_value(x, -1.0, 1.0) + …) / …`.

# %%
def sparse_sigmoid_pt(x: torch.Tensor) -> torch.Tensor:
    return (torch.clamp(x, -1, 1) + 1) / 2

# %%
def sparse_sigmoid_tf(x: tf.Tensor) -> tf.Tensor:
    return (tf.clip_by_value(x, -1.0, 1.0) + 1) / 2

# %% [markdown]
# **Why:** whether you clip first or last, the values are the same. Clipping first shows in the code
# where the kinks are.

# %% [markdown]
# ## Tanh
#
# Turn every number into its hyperbolic tangent, $(e^x - e^{-x}) / (e^x + e^{-x})$. Values and
# gradients must be right at ±10,000, too. You may use the framework's sigmoid.
#
# Worked case: 0 stays 0 with the gradient 1, 1 becomes 0.7616, 10,000 becomes 1.
#
# Hint 1: From 89 on the formula divides infinity by infinity. Which function of the chapter has a
# curve of the same shape?
#
# Hint 2: $\tanh(x) = 2\,\sigma(2x) - 1$. Or clip the input to the range from −15 to 15: outside this
# range tanh is ±1 in float32.
#
# Hint 3: `2 * torch.sigmoid(…) - 1`, `2 * tf.nn.sigmoid(…) - 1`.

# %%
def tanh_pt(x: torch.Tensor) -> torch.Tensor:
    return 2 * torch.sigmoid(2 * x) - 1

# %%
def tanh_tf(x: tf.Tensor) -> tf.Tensor:
    return 2 * tf.nn.sigmoid(2 * x) - 1

# %% [markdown]
# **Why:** tanh is the sigmoid, stretched to twice the height and half the width, and the framework's
# sigmoid is right at ±10,000 already.

# %% [markdown]
# ## Hardtanh
#
# Keep every number from −1 to 1. Smaller numbers become −1, and larger ones become 1.
#
# Worked case: −3 becomes −1, −0.4 stays −0.4, 1.6 becomes 1.
#
# Hint 1: What does a number beyond an end become: 0, or the end?
#
# Hint 2: Take the maximum with the lower end, then the minimum with the upper end.
#
# Hint 3: `torch.clamp(x, …, …)`, `tf.clip_by_value(x, …, …)`.

# %%
def hard_tanh_pt(x: torch.Tensor) -> torch.Tensor:
    return torch.clamp(x, -1, 1)

# %%
def hard_tanh_tf(x: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(x, -1.0, 1.0)

# %% [markdown]
# **Why:** Hardtanh is a clip. At ±1 the gradient of a clip is 1 in both frameworks, and that of
# PyTorch's own Hardtanh is 0. At a kink both are right.

# %% [markdown]
# ## Softsign
#
# Divide every number by 1 plus its absolute value.
#
# Worked case: −4 becomes −0.8, 0 stays 0, 0.5 becomes 0.3333.
#
# Hint 1: In which part of the formula must the sign of $x$ not count?
#
# Hint 2: The divisor is positive for every $x$, and the number that is divided keeps its sign.
#
# Hint 3: `x / (1 + torch.abs(…))`, `x / (1 + tf.abs(…))`.

# %%
def softsign_pt(x: torch.Tensor) -> torch.Tensor:
    return x / (1 + torch.abs(x))

# %%
def softsign_tf(x: tf.Tensor) -> tf.Tensor:
    return x / (1 + tf.abs(x))

# %% [markdown]
# **Why:** the absolute value has a kink at 0, but in the gradient its slope is multiplied by $x$, which
# is 0 there. So the fraction is smooth.
