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

# %% [markdown] tags=["solution-only"]
# **These are the solutions.** Each answer stands between two marks, which nbgrader needs, and is
# followed by one sentence of why.

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
# <details><summary>Hint 1: a nudge</summary>
#
# The formula as it stands has the right values everywhere. Its gradient at −10,000 is another matter:
# what is $e^{10000}$ in float32?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# At −80 the sigmoid is 10⁻³⁵ already. Nobody will notice if you stop there. Or use what the chapter
# says about tanh.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `1 / (1 + torch.exp(-torch.clamp(x, min=…)))`, `1 / (1 + tf.exp(-tf.maximum(x, …)))`; or
# `(1 + tanh(x / …)) / 2`.
#
# </details>

# %% sigmoid-pt tags=["pytorch"]
def sigmoid_pt(x: torch.Tensor) -> torch.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return 1 / (1 + torch.exp(-torch.clamp(x, min=-80)))
    ### END SOLUTION

# %% sigmoid-tf tags=["tensorflow"]
def sigmoid_tf(x: tf.Tensor) -> tf.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return 1 / (1 + tf.exp(-tf.maximum(x, -80.0)))
    ### END SOLUTION

# %% check-sigmoid-pt tags=["pytorch"]
check(sigmoid_pt)

# %% check-sigmoid-tf tags=["tensorflow"]
check(sigmoid_tf)

# %% [markdown] tags=["solution-only"]
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
# <details><summary>Hint 1: a nudge</summary>
#
# What is the sigmoid of −10,000 in float32, and what is the logarithm of that?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# $\log \sigma(x) = -\log(1 + e^{-x})$, and both frameworks have a function for $\log(1 + e^x)$ that
# knows what to do with large numbers.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `-torch.nn.functional.softplus(…)`, `-tf.math.softplus(…)`. What goes in?
#
# </details>

# %% log-sigmoid-pt tags=["pytorch"]
def log_sigmoid_pt(x: torch.Tensor) -> torch.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return -torch.nn.functional.softplus(-x)
    ### END SOLUTION

# %% log-sigmoid-tf tags=["tensorflow"]
def log_sigmoid_tf(x: tf.Tensor) -> tf.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return -tf.math.softplus(-x)
    ### END SOLUTION

# %% check-log-sigmoid-pt tags=["pytorch"]
check(log_sigmoid_pt)

# %% check-log-sigmoid-tf tags=["tensorflow"]
check(log_sigmoid_tf)

# %% [markdown] tags=["solution-only"]
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
# <details><summary>Hint 1: a nudge</summary>
#
# Write the line first, and then its two ends.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# $x / 6 + \tfrac12$, clipped to the range from 0 to 1.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `torch.clamp(…, 0, 1)`, `tf.clip_by_value(…, 0.0, 1.0)`.
#
# </details>

# %% hard-sigmoid-pt tags=["pytorch"]
def hard_sigmoid_pt(x: torch.Tensor) -> torch.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return torch.clamp(x / 6 + 0.5, 0, 1)
    ### END SOLUTION

# %% hard-sigmoid-tf tags=["tensorflow"]
def hard_sigmoid_tf(x: tf.Tensor) -> tf.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return tf.clip_by_value(x / 6 + 0.5, 0.0, 1.0)
    ### END SOLUTION

# %% check-hard-sigmoid-pt tags=["pytorch"]
check(hard_sigmoid_pt)

# %% check-hard-sigmoid-tf tags=["tensorflow"]
check(hard_sigmoid_tf)

# %% [markdown] tags=["solution-only"]
# **Why:** a line that is clipped needs two numbers; the ends at ±3 follow from the slope.

# %% [markdown]
# ## Sparse sigmoid
#
# Climb in a straight line from 0 at −1 to 1 at 1, and stay at 0 before and at 1 after.
#
# Worked case: −0.5 becomes 0.25, 0.5 becomes 0.75, everything from 1 on becomes 1.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which slope does a line have that climbs by 1 while $x$ goes from −1 to 1?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# Move and stretch the range from −1 to 1 until it is the range from 0 to 1.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `(torch.clamp(x, -1, 1) + …) / …`, `(tf.clip_by_value(x, -1.0, 1.0) + …) / …`.
#
# </details>

# %% sparse-sigmoid-pt tags=["pytorch"]
def sparse_sigmoid_pt(x: torch.Tensor) -> torch.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return (torch.clamp(x, -1, 1) + 1) / 2
    ### END SOLUTION

# %% sparse-sigmoid-tf tags=["tensorflow"]
def sparse_sigmoid_tf(x: tf.Tensor) -> tf.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return (tf.clip_by_value(x, -1.0, 1.0) + 1) / 2
    ### END SOLUTION

# %% check-sparse-sigmoid-pt tags=["pytorch"]
check(sparse_sigmoid_pt)

# %% check-sparse-sigmoid-tf tags=["tensorflow"]
check(sparse_sigmoid_tf)

# %% [markdown] tags=["solution-only"]
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
# <details><summary>Hint 1: a nudge</summary>
#
# The formula divides infinity by infinity from 89 on. Which function of the chapter has the same S?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# $\tanh(x) = 2\,\sigma(2x) - 1$. Or keep what goes into the exponential between −15 and 15: beyond,
# tanh is ±1 in float32.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `2 * torch.sigmoid(…) - 1`, `2 * tf.nn.sigmoid(…) - 1`.
#
# </details>

# %% tanh-pt tags=["pytorch"]
def tanh_pt(x: torch.Tensor) -> torch.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return 2 * torch.sigmoid(2 * x) - 1
    ### END SOLUTION

# %% tanh-tf tags=["tensorflow"]
def tanh_tf(x: tf.Tensor) -> tf.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return 2 * tf.nn.sigmoid(2 * x) - 1
    ### END SOLUTION

# %% check-tanh-pt tags=["pytorch"]
check(tanh_pt)

# %% check-tanh-tf tags=["tensorflow"]
check(tanh_tf)

# %% [markdown] tags=["solution-only"]
# **Why:** the S is the same, stretched to twice the height and half the width; and the framework's
# sigmoid is already safe at ±10,000.

# %% [markdown]
# ## Hardtanh
#
# Keep numbers from −1 to 1; what is below becomes −1, what is above becomes 1.
#
# Worked case: −3 becomes −1, −0.4 stays −0.4, 1.6 becomes 1.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The numbers beyond the ends do not vanish: they stop there.
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# A maximum with the lower end, a minimum with the upper.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `torch.clamp(x, …, …)`, `tf.clip_by_value(x, …, …)`.
#
# </details>

# %% hard-tanh-pt tags=["pytorch"]
def hard_tanh_pt(x: torch.Tensor) -> torch.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return torch.clamp(x, -1, 1)
    ### END SOLUTION

# %% hard-tanh-tf tags=["tensorflow"]
def hard_tanh_tf(x: tf.Tensor) -> tf.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return tf.clip_by_value(x, -1.0, 1.0)
    ### END SOLUTION

# %% check-hard-tanh-pt tags=["pytorch"]
check(hard_tanh_pt)

# %% check-hard-tanh-tf tags=["tensorflow"]
check(hard_tanh_tf)

# %% [markdown] tags=["solution-only"]
# **Why:** it is a clip. At ±1 its gradient is 1 in both frameworks, and PyTorch's own Hardtanh says 0:
# at a bend both are right.

# %% [markdown]
# ## Softsign
#
# Divide every number by 1 plus its absolute value.
#
# Worked case: −4 becomes −0.8, 0 stays 0, 0.5 becomes 0.3333.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which part of the formula must not know the sign?
#
# </details>
# <details><summary>Hint 2: the idea</summary>
#
# The divisor is positive for every $x$; the sign comes from above.
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# `x / (1 + torch.abs(…))`, `x / (1 + tf.abs(…))`.
#
# </details>

# %% softsign-pt tags=["pytorch"]
def softsign_pt(x: torch.Tensor) -> torch.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return x / (1 + torch.abs(x))
    ### END SOLUTION

# %% softsign-tf tags=["tensorflow"]
def softsign_tf(x: tf.Tensor) -> tf.Tensor:
    """x: any shape; returns the same shape."""
    ### BEGIN SOLUTION
    return x / (1 + tf.abs(x))
    ### END SOLUTION

# %% check-softsign-pt tags=["pytorch"]
check(softsign_pt)

# %% check-softsign-tf tags=["tensorflow"]
check(softsign_tf)

# %% [markdown] tags=["solution-only"]
# **Why:** the absolute value has no slope at 0, but there its part of the gradient is multiplied by
# $x$, which is 0: the quotient is smooth.
