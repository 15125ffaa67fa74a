# %% [markdown]
# # Exercises: sigmoids
#
# Write the sigmoids of [the chapter](../../chapters/activations/sigmoids.ipynb) yourself, from
# their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell,
# then run the check below it. It tells you at once what is right, and what you got wrong.
#
# An answer earns a point each for its **values**, its **gradients** and its **robustness**: inputs
# of any shape, numbers as large as ±10,000, float32 in and out, and an input that is left as it was.
# With wrong values it earns none. The frameworks' own sigmoids may not be used, except where a
# statement says so.
#
# Two things are easy to miss. In float32 $e^x$ is infinite from 89 on, where most formulas break as
# they stand, in their values or in their gradients. And a curve that is smooth at 0 needs its true
# gradient there, too: `abs` answers 0. At a bend every slope between the two sides is right.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and leave the other's cells alone.
#
# ## Sigmoid
#
# Turn every number $x$ into $1 / (1 + e^{-x})$, also ±10,000, and let its gradient be a number there,
# too. You may use the framework's tanh.
#
# Worked case: 0 becomes 0.5 with the gradient 0.25, 2 becomes 0.8808, −2 becomes 0.1192, and
# −10,000 becomes 0 with the gradient 0.
#
# Hint 1: The formula as it stands has the right values everywhere. Its gradient at −10,000 is another matter:
# what is $e^{10000}$ in float32?
#
# Hint 2: At −80 the sigmoid is 10⁻³⁵ already. Nobody will notice if you stop there. Or use what the chapter
# says about tanh.
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
# **Why:** the bound keeps the exponential finite, and below it the gradient is 0, as it should be.
# Choosing between two formulas with `where` does not help: both branches are differentiated, and 0
# times infinity is NaN.

# %% [markdown]
# ## Log-sigmoid
#
# Return the logarithm of the sigmoid of every number, also of −10,000. You may use the framework's
# sigmoid, and everything that is no sigmoid, softplus for instance.
#
# Worked case: 0 becomes −0.6931 with the gradient 0.5, 3 becomes −0.0486, and −10,000 becomes −10,000 with the gradient 1.
#
# Hint 1: What is the sigmoid of −10,000 in float32, and what is the logarithm of that?
#
# Hint 2: $\log \sigma(x) = -\log(1 + e^{-x})$, and both frameworks have a function for $\log(1 + e^x)$ that
# knows what to do with large numbers.
#
# Hint 3: `-torch.nn.functional.softplus(…)`, `-tf.math.softplus(…)`. What goes in?

# %%
def log_sigmoid_pt(x: torch.Tensor) -> torch.Tensor:
    return -torch.nn.functional.softplus(-x)

# %%
def log_sigmoid_tf(x: tf.Tensor) -> tf.Tensor:
    return -tf.math.softplus(-x)

# %% [markdown]
# **Why:** the logarithm of a quotient is a difference, and the one that is left has a name. A small
# number added before the log would keep the infinity away, and with it the gradient that calls the
# unit back.

# %% [markdown]
# ## Hard sigmoid
#
# Draw a line of slope 1/6 through (0, ½), and stop at 0 and at 1.
#
# Worked case: −4 becomes 0, −1.5 becomes 0.25, 0 becomes 0.5, 3 becomes 1.
#
# Hint 1: Write the line first, and then its two ends.
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
# **Why:** a line that is clipped needs two numbers; the ends at ±3 follow from the slope.

# %% [markdown]
# ## Sparse sigmoid
#
# Climb in a straight line from 0 at −1 to 1 at 1, and stay at 0 before and at 1 after.
#
# Worked case: −0.5 becomes 0.25, 0.5 becomes 0.75, everything from 1 on becomes 1.
#
# Hint 1: Which slope does a line have that climbs by 1 while $x$ goes from −1 to 1?
#
# Hint 2: Move and stretch the range from −1 to 1 until it is the range from 0 to 1.
#
# Hint 3: `(torch.clamp(x, -1, 1) + …) / …`, `(tf.clip_by_value(x, -1.0, 1.0) + …) / …`.

# %%
def sparse_sigmoid_pt(x: torch.Tensor) -> torch.Tensor:
    return (torch.clamp(x, -1, 1) + 1) / 2

# %%
def sparse_sigmoid_tf(x: tf.Tensor) -> tf.Tensor:
    return (tf.clip_by_value(x, -1.0, 1.0) + 1) / 2

# %% [markdown]
# **Why:** clip first or last, the numbers are the same; as written, the ends of the range can be read
# off.

# %% [markdown]
# ## Tanh
#
# Turn every number into its hyperbolic tangent, $(e^x - e^{-x}) / (e^x + e^{-x})$, also ±10,000. You
# may use the framework's sigmoid.
#
# Worked case: 0 stays 0 with the gradient 1, 1 becomes 0.7616, 10,000 becomes 1.
#
# Hint 1: The formula divides infinity by infinity from 89 on. Which function of the chapter has the same S?
#
# Hint 2: $\tanh(x) = 2\,\sigma(2x) - 1$. Or keep what goes into the exponential between −15 and 15: beyond,
# tanh is ±1 in float32.
#
# Hint 3: `2 * torch.sigmoid(…) - 1`, `2 * tf.nn.sigmoid(…) - 1`.

# %%
def tanh_pt(x: torch.Tensor) -> torch.Tensor:
    return 2 * torch.sigmoid(2 * x) - 1

# %%
def tanh_tf(x: tf.Tensor) -> tf.Tensor:
    return 2 * tf.nn.sigmoid(2 * x) - 1

# %% [markdown]
# **Why:** the S is the same, stretched to twice the height and half the width; and the framework's
# sigmoid is already safe at ±10,000.

# %% [markdown]
# ## Hardtanh
#
# Keep numbers from −1 to 1; what is below becomes −1, what is above becomes 1.
#
# Worked case: −3 becomes −1, −0.4 stays −0.4, 1.6 becomes 1.
#
# Hint 1: The numbers beyond the ends do not vanish: they stop there.
#
# Hint 2: A maximum with the lower end, a minimum with the upper.
#
# Hint 3: `torch.clamp(x, …, …)`, `tf.clip_by_value(x, …, …)`.

# %%
def hard_tanh_pt(x: torch.Tensor) -> torch.Tensor:
    return torch.clamp(x, -1, 1)

# %%
def hard_tanh_tf(x: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(x, -1.0, 1.0)

# %% [markdown]
# **Why:** it is a clip. At ±1 its gradient is 1 in both frameworks, and PyTorch's own Hardtanh says 0:
# at a bend both are right.

# %% [markdown]
# ## Softsign
#
# Divide every number by 1 plus its absolute value.
#
# Worked case: −4 becomes −0.8, 0 stays 0, 0.5 becomes 0.3333.
#
# Hint 1: Which part of the formula must not know the sign?
#
# Hint 2: The divisor is positive for every $x$; the sign comes from above.
#
# Hint 3: `x / (1 + torch.abs(…))`, `x / (1 + tf.abs(…))`.

# %%
def softsign_pt(x: torch.Tensor) -> torch.Tensor:
    return x / (1 + torch.abs(x))

# %%
def softsign_tf(x: tf.Tensor) -> tf.Tensor:
    return x / (1 + tf.abs(x))

# %% [markdown]
# **Why:** the absolute value has no slope at 0, but there its part of the gradient is multiplied by
# $x$, which is 0: the quotient is smooth.
