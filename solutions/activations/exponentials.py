# %% [markdown]
# # Exercises: exponentials
#
# Write the six functions of [the chapter](../../chapters/activations/exponentials.ipynb) yourself,
# from their formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the
# cell, then run the check below it. It tells you at once what is right and what is wrong.
#
# An answer earns a point each for its **values**, its **gradients** and its **robustness**. Robust
# means: inputs of any shape, numbers up to ±10,000, float32 in and out, and an input that is left
# as it was. With wrong values an answer earns no point at all. Every gradient must be a number, at
# ±10,000 too. In float32 $e^x$ is infinite from 89 on, and can make the gradient NaN even where
# `where` takes the other side.
#
# ELU with $\alpha \ne 1$ and SELU have a corner at 0, where any gradient between the slopes of the
# two sides is right. The other four have no corner: at 0 they need their true gradient, also where
# two formulas meet.
#
# The frameworks' own versions of the six functions are forbidden, except where a statement allows
# one, and then with the input as its only argument. `exp`, `expm1`, `log` and `log1p` are allowed; in the last exercise `exp` is not.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the other's cells.
#
# ## ELU
#
# Keep positive numbers, and turn every other number $x$ into $\alpha\,(e^x - 1)$.
#
# Worked case: with `alpha` 0.5, −1.5 becomes −0.3884, 2 stays 2, and 10,000 stays 10,000 with the
# gradient 1.
#
# Hint 1: `where` with the formula as it stands has the right values. What is the gradient of $e^x$
# at 10,000, and what is 0 times that?
#
# Hint 2: `where` differentiates the side that it does not take, too. Let no number above 0 into the
# exponential.
#
# Hint 3: `torch.where(x > 0, x, … torch.expm1(torch.clamp(x, max=0)))`,
# `tf.where(x > 0, x, … tf.math.expm1(tf.minimum(x, 0.0)))`.

# %%
def elu_pt(x: torch.Tensor, alpha: float) -> torch.Tensor:
    negative = torch.expm1(torch.clamp(x, max=0))
    return torch.where(x > 0, x, alpha * negative)

# %%
def elu_tf(x: tf.Tensor, alpha: float) -> tf.Tensor:
    negative = tf.math.expm1(tf.minimum(x, 0.0))
    return tf.where(x > 0, x, alpha * negative)

# %% [markdown]
# **Why:** above 0 the input of the exponential is 0, where its gradient is finite, and a finite
# number times 0 is 0. `expm1` also keeps the digits that $e^x - 1$ loses near 0.

# %% [markdown]
# ## SELU
#
# Multiply an ELU by $\lambda$: positive numbers become $\lambda x$, the others
# $\lambda\,\alpha\,(e^x - 1)$, with $\lambda = 1.0507009873554805$ and $\alpha = 1.6732632423543772$.
#
# Worked case: −1 becomes −1.1113, 1 becomes 1.0507, and −10,000 becomes −1.7581.
#
# Hint 1: Write the ELU first. Which of the two constants does it need?
#
# Hint 2: $\alpha$ multiplies only $e^x - 1$, and $\lambda$ multiplies both sides.
#
# Hint 3: `scale * torch.where(…)`, `scale * tf.where(…)`, with the ELU of the exercise above
# inside.

# %%
def selu_pt(x: torch.Tensor) -> torch.Tensor:
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    negative = torch.expm1(torch.clamp(x, max=0))
    return scale * torch.where(x > 0, x, alpha * negative)

# %%
def selu_tf(x: tf.Tensor) -> tf.Tensor:
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    negative = tf.math.expm1(tf.minimum(x, 0.0))
    return scale * tf.where(x > 0, x, alpha * negative)

# %% [markdown]
# **Why:** $\alpha$ balances the two sides so that the mean is 0, and $\lambda$ then scales both, so
# that the variance is 1.

# %% [markdown]
# ## CELU
#
# Keep positive numbers, and turn every other number into $\alpha\,(e^{x/\alpha} - 1)$. At 0 the
# gradient is 1 for every $\alpha$. The framework's ELU is allowed, without its argument `alpha`.
#
# Worked case: with `alpha` 0.5, −1.5 becomes −0.4751, 2 stays 2, and 0 stays 0 with the gradient 1.
#
# Hint 1: In a maximum plus a minimum both have a gradient at 0, and the two add up, as in Keras's
# CELU. How many formulas should compute the value at 0?
#
# Hint 2: CELU is ELU on another scale: divide $x$, apply ELU, and multiply the result.
#
# Hint 3: `… * torch.nn.functional.elu(x / …)`, `… * tf.nn.elu(x / …)`. Or take the `where` of your
# ELU, with a division inside.

# %%
def celu_pt(x: torch.Tensor, alpha: float) -> torch.Tensor:
    return alpha * torch.nn.functional.elu(x / alpha)

# %%
def celu_tf(x: tf.Tensor, alpha: float) -> tf.Tensor:
    return alpha * tf.nn.elu(x / alpha)

# %% [markdown]
# **Why:** the slope of $\alpha f(x/\alpha)$ is that of $f$ at $x/\alpha$, because the two factors
# cancel, and the slope of ELU at 0 is 1.

# %% [markdown]
# ## Softplus
#
# Turn every number into $\log(1 + e^{\beta x}) / \beta$, also ±10,000. At 0 the gradient is ½.
# The frameworks' log-sigmoids are forbidden, too.
#
# Worked case: with `beta` 2, 0 becomes 0.3466, 3 becomes 3.0012, and 10,000 stays 10,000 with the
# gradient 1.
#
# Hint 1: What is Softplus of 30, to the digits that float32 has?
#
# Hint 2: Where $\beta x$ is large, say above 20, the result is $x$ itself. Everywhere else the formula
# is right as it stands, as long as no number above 20 goes into it.
#
# Hint 3: `z = torch.clamp(beta * x, max=20)`, then `torch.where(beta * x > 20, x, …)`;
# `z = tf.minimum(beta * x, 20.0)`, then `tf.where(beta * x > 20, x, …)`.

# %%
def softplus_pt(x: torch.Tensor, beta: float) -> torch.Tensor:
    z = torch.clamp(beta * x, max=20)
    bend = torch.log1p(torch.exp(z)) / beta
    return torch.where(beta * x > 20, x, bend)

# %%
def softplus_tf(x: tf.Tensor, beta: float) -> tf.Tensor:
    z = tf.minimum(beta * x, 20.0)
    bend = tf.math.log1p(tf.exp(z)) / beta
    return tf.where(beta * x > 20, x, bend)

# %% [markdown]
# **Why:** this is PyTorch's own threshold. The other way, $\max(0, x)$ plus $\log(1 + e^{-|x|})$ for
# $\beta = 1$, never overflows either. But both of its parts bend at 0, and their gradients there do
# not add up to ½ in every framework.

# %% [markdown]
# ## Squareplus
#
# Turn every number into $(x + \sqrt{x^2 + b}) / 2$, also −10,000, where in float32 the formula as it
# stands gives 0. At 0 the gradient is ½.
#
# Worked case: with `b` 4, 0 becomes 1 with the gradient 0.5, 1.5 becomes 2, and −10,000 becomes 0.0001.
#
# Hint 1: Far below 0 the root is $|x|$, and $x + |x|$ is 0. Can you write the same number without a
# difference?
#
# Hint 2: Multiply numerator and denominator by $\sqrt{x^2 + b} - x$. What is left is
# $\frac{b}{2} / (\sqrt{x^2 + b} - x)$, which is right below 0, and divides by 0 far above. Or compute
# the formula in float64, and return float32.
#
# Hint 3: `n = torch.clamp(x, max=0)`, then
# `torch.where(x > 0, …, b / 2 / (torch.sqrt(n * n + b) - n))`; `n = tf.minimum(x, 0.0)`, then
# `tf.where(x > 0, …, b / 2 / (tf.sqrt(n * n + b) - n))`.

# %%
def squareplus_pt(x: torch.Tensor, b: float) -> torch.Tensor:
    n = torch.clamp(x, max=0)
    below = b / 2 / (torch.sqrt(n * n + b) - n)
    above = (x + torch.sqrt(x * x + b)) / 2
    return torch.where(x > 0, above, below)

# %%
def squareplus_tf(x: tf.Tensor, b: float) -> tf.Tensor:
    n = tf.minimum(x, 0.0)
    below = b / 2 / (tf.sqrt(n * n + b) - n)
    above = (x + tf.sqrt(x * x + b)) / 2
    return tf.where(x > 0, above, below)

# %% [markdown]
# **Why:** below 0 the divisor is a sum of two positive numbers, so nothing cancels. `n` keeps numbers
# above 0 out of it, so that the side that is not taken never divides by 0.

# %% [markdown]
# ## Exponential
#
# Raise $e$ to the power of every number, without a function called `exp`. 10,000 becomes infinity,
# which is right in float32, and its gradient is not checked. −10,000 becomes 0 with the gradient 0.
#
# Worked case: 0 becomes 1 with the gradient 1, 2 becomes 7.3891, and −1 becomes 0.3679.
#
# Hint 1: Python has an operator for powers, and it works on tensors.
#
# Hint 2: The base is a number, and the exponent the tensor. You find $e$ with all its digits in
# PyTorch, in Python's `math` and in NumPy: 2.718281828459045.
#
# Hint 3: `torch.e ** …`, `2.718281828459045 ** …`.

# %%
def exponential_pt(x: torch.Tensor) -> torch.Tensor:
    return torch.e**x

# %%
def exponential_tf(x: tf.Tensor) -> tf.Tensor:
    return 2.718281828459045**x

# %% [markdown]
# **Why:** a power of a constant base is an exponential. With base and exponent swapped, $x^e$,
# negative numbers would be NaN. $1 / e^{-x}$ has the right values, but its gradient at −10,000 is NaN.
