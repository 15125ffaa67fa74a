# %% [markdown]
# # Sigmoids
#
# A sigmoid maps every number to a fixed range, along a curve that is shaped like an S. The six sigmoids of this
# chapter have different ranges and different slopes. Some of them reach the ends of their range, and some only
# come close.
#
# Near the ends of its range, a sigmoid is flat or nearly flat, so its gradient is 0 or nearly 0. The seventh
# function, LogSigmoid, is the logarithm of the first sigmoid, and is used in losses.
#
# **The claim:** two numbers decide whether a gradient is lost in ten layers: the value at 0 and the slope at 0.
# With ½ and ¼, as in Sigmoid, less than a millionth of the gradient is left in the first layer. With 0 and 1, as
# in Tanh, nothing is lost. Both frameworks print the same numbers.
#
# A second claim: if you compute `log(sigmoid(x))` in two steps, one large negative input can make the gradient of
# every weight NaN. With LogSigmoid this does not happen.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
x = np.array([-4.0, -1.5, -0.5, 0.5, 1.5, 4.0], dtype=np.float32)

# %% [markdown]
# Every section uses these six inputs. Three of the functions have kinks, at ±1 or at ±3, and no input lies on a
# kink. [The section on kinks](sigmoids-at-the-kink) shows the gradients there.
#
# Each panel below shows one function as a solid line, its derivative as a dashed line, and the other
# six functions in grey.

# %% all-seven tags=["hide-input"]
# alt: Seven panels over inputs from minus 6 to 6, each with one function and its derivative dashed.
# Sigmoid climbs from 0 to 1, and its derivative is a low hill of height one quarter. LogSigmoid climbs
# from minus 6 towards 0, and its derivative falls from 1 to 0. Hard sigmoid is a straight line between
# minus 3 and 3, Sparse sigmoid one between minus 1 and 1, both from 0 to 1. Tanh climbs from minus 1
# to 1, and its derivative is a hill of height 1. Hardtanh is a straight line from minus 1 to 1.
# Softsign climbs like Tanh, but is still far from the ends at minus 6 and 6.
grid = np.linspace(-6, 6, 241)
sigmoid = 1 / (1 + np.exp(-grid))


def line(slope, low, at_zero):
    y = np.clip(slope * grid + at_zero, low, 1)
    return y, slope * ((y > low) & (y < 1))


curves = {
    "Sigmoid: 0 to 1": (sigmoid, sigmoid * (1 - sigmoid)),
    "LogSigmoid: its log": (np.log(sigmoid), 1 - sigmoid),
    "Hard sigmoid: slope 1/6": line(1 / 6, 0, 0.5),
    "Sparse sigmoid: slope ½": line(1 / 2, 0, 0.5),
    "Tanh: −1 to 1": (np.tanh(grid), 1 - np.tanh(grid) ** 2),
    "Hardtanh: slope 1": line(1, -1, 0),
    "Softsign: long tails": (grid / (1 + abs(grid)), 1 / (1 + abs(grid)) ** 2),
}
sections = ("sigmoid", "log-sigmoid", "hard-sigmoid", "sparse-sigmoid",
            "tanh", "hard-tanh", "softsign")
siblings = [y for y, _ in curves.values()]
fig, axes = plt.subplots(4, 2, figsize=(5.2, 7.6), sharex=True, sharey=True)
for i, (ax, section, (title, (y, slope))) in enumerate(
        zip(axes.flat, sections, curves.items())):
    plots.value_and_slope(ax, grid, y, slope, color=plots.PALETTE[i % 6],
                          title=title, section=section, siblings=siblings)
axes[0, 0].set_ylim(-2.1, 1.6)
axes[0, 1].annotate("value", (-0.3, -1.5), color=plots.PALETTE[1])
axes[0, 1].annotate("derivative", (-6, 1.15), color=plots.PALETTE[1])
axes[3, 1].axis("off")
axes[2, 1].tick_params(labelbottom=True)
fig.supxlabel("input")
fig.supylabel("output")
plt.show()

# %% [markdown]
# (sigmoid)=
# ## Sigmoid
#
# <!-- head: sigmoid -->
#
# Sigmoid maps every number to a probability. The probability of 0 is ½. If the input increases by 1, the odds,
# $p/(1 - p)$ for the probability $p$, are multiplied by $e$. Choose Sigmoid for a gate, which multiplies numbers
# by a factor between 0 and 1, or to get a probability from the output of a trained network. Do not choose it for
# the activations between layers: this section shows why.
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}}$$
#
# Here $x$ is one number of the input. It is called the *logit* of the probability $\sigma(x)$. The output has the
# shape of the input.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = torch.sigmoid(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.sigmoid(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# `dx` is the gradient of the sum of the outputs, $\sigma(x)\,\sigma(-x)$. It is the same for $x$ and $-x$, and
# never above ¼. [ReLU's section](rectifiers.ipynb#relu) explains these cells line by line. The next sections
# compute the output and the gradient with `value_and_grad`, a function of this book that does the same.
#
# Keras has no layer class for any of the seven functions. In a model you pass the name of the function to an
# `Activation` layer or [to the layer before it](sigmoids-in-layers).
#
# ### PyTorch converts integers to floats, `tf.nn.sigmoid` raises an error

# %% sigmoid-integers-pt tags=["pytorch"]
y_pt = torch.sigmoid(torch.tensor([-1, 2]))
show(y=y_pt)
print(y_pt.dtype)

# %% sigmoid-integers-tf tags=["tensorflow"]
with show_error():
    tf.nn.sigmoid(tf.constant([-1, 2]))

# %% [markdown]
# ### `keras.activations.sigmoid` stores the logit for the loss
#
# `keras.activations.sigmoid` stores its input, the logit, as an attribute of its output. `tf.nn.sigmoid` does
# not. If you pass this output to Keras's cross-entropy, the loss is computed from the stored logit. A layer with
# `activation="sigmoid"` stores the logit, too.
#
# In the next cells the logit is −200 and the target is 1. Each line is the name of a sigmoid, the probability,
# and the loss. All probabilities are printed as 0.0, but the losses differ. (PyTorch's losses take the prediction
# first, Keras's losses take the target first.)

# %% sigmoid-memory-pt tags=["pytorch"]
logit_pt = torch.tensor([-200.0])
p_pt = torch.sigmoid(logit_pt)
loss = F.binary_cross_entropy(p_pt, torch.ones(1))
print(f"torch {p_pt.item():.1f} {loss:.1f}")

# %% sigmoid-memory-tf tags=["tensorflow"]
logit_tf = tf.constant([-200.0])
for name, p_tf in {
    "keras": keras.activations.sigmoid(logit_tf),
    "layer": keras.layers.Activation("sigmoid")(logit_tf),
    "keras, times 1": keras.activations.sigmoid(logit_tf) * 1,
    "tf.nn": tf.nn.sigmoid(logit_tf),
}.items():
    loss = keras.losses.binary_crossentropy([1.0], p_tf)
    print(f"{name:14} {p_tf[0]:.1f} {loss:.1f}")

# %% [markdown]
# The right loss is 200. PyTorch's loss is 100, because PyTorch limits each logarithm to −100. With Keras's
# function or layer, Keras computes 200 from the stored logit. Any operation between the sigmoid and the loss,
# even a multiplication by 1, returns a new tensor without the logit. Then Keras clips the probability to at least
# 10⁻⁷, and the loss is 16.1.
#
# Do not depend on any of these results. Pass the logit to a loss that expects logits. Then both frameworks return
# 200:

# %% sigmoid-logits-pt tags=["pytorch"]
loss_pt = F.binary_cross_entropy_with_logits(
    logit_pt, torch.ones(1))
print(f"{loss_pt:.1f}")

# %% sigmoid-logits-tf tags=["tensorflow"]
loss_tf = keras.losses.binary_crossentropy(
    [1.0], logit_tf, from_logits=True)
print(f"{loss_tf:.1f}")

# %% sigmoid-logits
agree(loss_pt, loss_tf)

# %% [markdown]
# ### After ten sigmoid layers, less than a millionth of the gradient is left
#
# The next cells use a network of ten layers with 64 units. Its weights have the variance 1/64, and are the same
# in both frameworks. The cells compute the gradient of the mean output with respect to the weights of each layer.
# They print the norm of this gradient for four layers, from the last layer (10) to the first (1).

# %%
rng = np.random.default_rng(0)
weights = [rng.normal(0, 1 / 8, (64, 64)).astype(np.float32) for _ in range(10)]
batch = rng.normal(0, 1, (32, 64)).astype(np.float32)

# %% tags=["pytorch"]
def gradient_norms_pt(activation):
    layers = [torch.tensor(w, requires_grad=True)
              for w in weights]
    h = torch.tensor(batch)  # (batch, hidden)
    for w in layers:
        h = activation(h @ w)  # (batch, hidden)
    gradients = torch.autograd.grad(h.mean(), layers)
    return [torch.linalg.norm(g) for g in gradients]


sigmoid_norms_pt = gradient_norms_pt(torch.sigmoid)
for n in (10, 7, 4, 1):
    print(f"layer {n:2} {sigmoid_norms_pt[n - 1]:.1e}")

# %% tags=["tensorflow"]
def gradient_norms_tf(activation):
    layers = [tf.Variable(w) for w in weights]
    h = tf.constant(batch)  # (batch, hidden)
    with tf.GradientTape() as tape:
        for w in layers:
            h = activation(h @ w)  # (batch, hidden)
        y = tf.reduce_mean(h)
    gradients = tape.gradient(y, layers)
    return [tf.norm(g) for g in gradients]


sigmoid_norms_tf = gradient_norms_tf(tf.nn.sigmoid)
for n in (10, 7, 4, 1):
    print(f"layer {n:2} {sigmoid_norms_tf[n - 1]:.1e}")

# %% vanishing
agree(sigmoid_norms_pt, sigmoid_norms_tf, rtol=1e-3, atol=0)

# %% [markdown]
# From layer 10 to layer 1 the norm falls from 0.12 to 5.5 · 10⁻⁸. Weights with this variance do not change the
# norm of a gradient, on average. But on the way back to the first layer, the gradient is multiplied by the
# derivatives of nine sigmoids. Each derivative is at most ¼, so at most $4^{-9}$ of the gradient is left, four
# millionths. Here it is less than one millionth.
#
# So the first layer hardly learns while the last one does {footcite:p}`hochreiter1998vanishing`. [With
# tanh](tanh) and the same weights, the gradient is not lost.

# %% [markdown]
# (log-sigmoid)=
# ## LogSigmoid
#
# <!-- head: log_sigmoid -->
#
# LogSigmoid returns the logarithm of the sigmoid, but it does not compute the sigmoid first. For large negative
# inputs the result is nearly the input. Choose LogSigmoid wherever you would write `log(sigmoid(x))`, for example
# in the loss of word2vec {footcite:p}`mikolov2013distributed` or in a ranking loss. In TensorFlow it is in
# `tf.math`, not in `tf.nn`.
#
# $$\begin{aligned}
# \log \sigma(x) &= -\log(1 + e^{-x}) \\
# &= \min(0, x) - \log(1 + e^{-|x|})
# \end{aligned}$$
#
# Here $x$ is one logit of the input. The second formula never overflows, because its exponent is never positive.

# %%
# pair: F.logsigmoid(x) | tf.math.log_sigmoid(x)

# %% [markdown]
# ### `log(sigmoid(x))` is −∞ below about −89
#
# In float32, $e^{89}$ is infinite. So below about −89 the sigmoid is exactly 0, and its logarithm is −∞.
# LogSigmoid never computes $e^{89}$. `two_steps` is `log(sigmoid(x))`, and `one_step` is LogSigmoid:

# %% underflow-pt tags=["pytorch"]
far = torch.tensor([-20.0, -80.0, -120.0, -1000.0])
show(two_steps=torch.log(torch.sigmoid(far)),
     one_step=F.logsigmoid(far), digits=1)

# %% underflow-tf tags=["tensorflow"]
far = tf.constant([-20.0, -80.0, -120.0, -1000.0])
show(two_steps=tf.math.log(tf.nn.sigmoid(far)),
     one_step=tf.math.log_sigmoid(far), digits=1)

# %% [markdown]
# ### With `log(sigmoid(x))`, one large negative logit makes the gradient of every weight NaN
#
# You would notice an infinite loss. Its gradient is worse: it contains infinity times 0, which is NaN. In the
# next cells the batch has two examples, and the second one has the logit −120. The cells print `dx`, the gradient
# with respect to the two logits, and `dw`, the gradient with respect to the two weights. They do this for
# `two_steps`, which is `log(sigmoid(x))`, and for LogSigmoid.

# %% underflow-gradient-pt tags=["pytorch"]
def two_steps(x):
    return torch.log(torch.sigmoid(x))


h = torch.tensor([[1.0, 2.0], [-60.0, -60.0]])  # (batch, 2)
for log_sigmoid in (two_steps, F.logsigmoid):
    w_pt = torch.ones(2, requires_grad=True)
    x_pt = h @ w_pt  # (batch,)
    loss = -log_sigmoid(x_pt).sum()
    dx_pt, dw_pt = torch.autograd.grad(loss, [x_pt, w_pt])
    print(log_sigmoid.__name__)
    show(dx=dx_pt, dw=dw_pt)

# %% underflow-gradient-tf tags=["tensorflow"]
def two_steps(x):
    return tf.math.log(tf.nn.sigmoid(x))


h = tf.constant([[1.0, 2.0], [-60.0, -60.0]])  # (batch, 2)
for log_sigmoid in (two_steps, tf.math.log_sigmoid):
    w_tf = tf.Variable(tf.ones(2))
    with tf.GradientTape() as tape:
        x_tf = tf.linalg.matvec(h, w_tf)  # (batch,)
        loss = -tf.reduce_sum(log_sigmoid(x_tf))
    dx_tf, dw_tf = tape.gradient(loss, [x_tf, w_tf])
    print(log_sigmoid.__name__)
    show(dx=dx_tf, dw=dw_tf)

# %% [markdown]
# With `two_steps`, the gradient of the second logit is NaN, and this makes the gradients of both weights NaN.
# With LogSigmoid, the gradient of the second logit is −1. This is the largest size that it can have: the more
# wrong a logit is, the larger is its gradient.
#
# If you need the logarithm of $1 - \sigma(x)$, compute $\log \sigma(-x)$ with LogSigmoid. Both are equal.
#
# ### Written with a minimum, LogSigmoid's gradient at 0 is ½ in PyTorch, and 1 in TensorFlow
#
# The logits of a new network are often 0. At 0 the right gradient is ½. The second formula has two kinks there,
# one in the minimum and one in $|x|$, so the result depends on the gradient that each framework chooses at a
# kink. `by_hand` is this formula, and `ready` is the function of the framework:

# %% log-sigmoid-at-zero-pt tags=["pytorch"]
def by_hand(x):
    return (torch.minimum(x, torch.zeros(1))
            - torch.log1p(torch.exp(-torch.abs(x))))


x_pt = torch.tensor([0.0])
_, by_hand_pt = value_and_grad(by_hand, x_pt)
_, ready_pt = value_and_grad(F.logsigmoid, x_pt)
show(by_hand=by_hand_pt, ready=ready_pt)

# %% log-sigmoid-at-zero-tf tags=["tensorflow"]
def by_hand(x):
    return (tf.minimum(x, tf.zeros(1))
            - tf.math.log1p(tf.exp(-tf.abs(x))))


x_tf = tf.constant([0.0])
_, by_hand_tf = value_and_grad(by_hand, x_tf)
_, ready_tf = value_and_grad(tf.math.log_sigmoid, x_tf)
show(by_hand=by_hand_tf, ready=ready_tf)

# %% [markdown]
# If both arguments of a minimum are equal, PyTorch gives half of the gradient to each of them. TensorFlow gives
# the whole gradient to the first argument, [as for ReLU](rectifiers-at-the-kink). So the formula has the wrong
# gradient in TensorFlow. The functions of both frameworks have the right gradient.

# %% [markdown]
# (hard-sigmoid)=
# ## Hard sigmoid
#
# <!-- head: hard_sigmoid -->
#
# Hard sigmoid replaces the curve by three straight pieces. It is 0 below −3 and 1 above 3, and it increases with
# the slope 1/6 between. Choose it if an exponential is too slow, as in networks for phones
# {footcite:p}`howard2019searching`, or if a gate must be exactly 1 for large inputs.
#
# $$\operatorname{HardSigmoid}(x) = \frac{\min(\max(0, x + 3), 6)}{6}$$
#
# Here $x$ is one number of the input. The formula is [ReLU6](rectifiers.ipynb#relu6) of $x + 3$, divided by 6. In
# Keras the function is in `keras.activations`. `tf.nn` does not have it.

# %%
# pair: F.hardsigmoid(x) | keras.activations.hard_sigmoid(x)

# %% [markdown]
# Today both frameworks have the slope 1/6, but in older models hard sigmoid may have another slope. Before
# version 3, Keras's slope was 0.2: for a model that was trained with it, write $\min(\max(0, 0.2\,x + 0.5), 1)$.
# BinaryConnect {footcite:p}`courbariaux2015binaryconnect` uses the slope ½. This function is now called [sparse
# sigmoid](sparse-sigmoid).
#
# ### A hard gate can be exactly 1: nothing is lost in a hundred steps
#
# A memory cell multiplies its content by a gate in each step. The next cells compute the gate from the input 4,
# with Sigmoid (`soft`) and with hard sigmoid (`hard`). They print the part of the content that is left after a
# hundred steps.

# %% tags=["pytorch"]
four = torch.tensor([4.0])
soft_pt = torch.sigmoid(four) ** 100
hard_pt = F.hardsigmoid(four) ** 100
show(soft=soft_pt, hard=hard_pt)

# %% tags=["tensorflow"]
four = tf.constant([4.0])
soft_tf = tf.nn.sigmoid(four) ** 100
hard_tf = keras.activations.hard_sigmoid(four) ** 100
show(soft=soft_tf, hard=hard_tf)

# %% open-gate
agree([soft_pt, hard_pt], [soft_tf, hard_tf], rtol=1e-4)

# %% [markdown]
# With Sigmoid, more than five sixths of the content are lost. Hard sigmoid is exactly 1 for inputs of 3 and more,
# so nothing is lost.
#
# The disadvantage is the gradient. In the first two cells of this section, hard sigmoid's gradient at 4 is 0. So
# if a gate is exactly 1, no loss can change it.

# %% [markdown]
# (sparse-sigmoid)=
# ## Sparse sigmoid
#
# <!-- head: sparse_sigmoid -->
#
# Sparse sigmoid is 0 below −1 and 1 above 1, and a straight line between {footcite:p}`blondel2020learning`.
# Choose it for a switch that must be exactly 0 when it is off, not nearly 0.
#
# $$\operatorname{SparseSigmoid}(x) = \min\left(\max\left(0, \tfrac{x + 1}{2}\right), 1\right)$$
#
# Here $x$ is one number of the input. Keras has the function. PyTorch does not have it, so you write it with
# [Hardtanh](hard-tanh):

# %% sparse-bridge-pt tags=["pytorch"]
def sparse_sigmoid_pt(x):
    return (F.hardtanh(x) + 1) / 2

# %% sparse-bridge-tf tags=["tensorflow"]
def sparse_sigmoid_tf(x):
    return keras.activations.sparse_sigmoid(x)

# %%
# pair: sparse_sigmoid_pt(x) | sparse_sigmoid_tf(x)

# %% [markdown]
# ### For a third of normally distributed inputs, sparse sigmoid is exactly 0 or 1
#
# The next cells pass ten thousand numbers of the standard normal distribution through three sigmoids. They count
# the outputs that are exactly 0 or exactly 1.

# %%
normal = np.random.default_rng(0).normal(size=10_000).astype(np.float32)

# %% tags=["pytorch"]
h_pt = torch.tensor(normal)
for name, activation in {
    "sigmoid": torch.sigmoid,
    "hard": F.hardsigmoid,
    "sparse": sparse_sigmoid_pt,
}.items():
    y_pt = activation(h_pt)
    decided = ((y_pt == 0) | (y_pt == 1)).sum()
    print(f"{name:8} {int(decided):5}")

# %% tags=["tensorflow"]
h_tf = tf.constant(normal)
for name, activation in {
    "sigmoid": tf.nn.sigmoid,
    "hard": keras.activations.hard_sigmoid,
    "sparse": sparse_sigmoid_tf,
}.items():
    y_tf = activation(h_tf)
    decided = np.sum((y_tf == 0) | (y_tf == 1))
    print(f"{name:8} {int(decided):5}")

# %% [markdown]
# About a third of these numbers are below −1 or above 1, and about a quarter of a percent are below −3 or
# above 3. Sigmoid is rounded to exactly 0 or 1 only for much larger inputs, which do not occur here.

# %% [markdown]
# (tanh)=
# ## Tanh
#
# <!-- head: tanh -->
#
# Tanh is the sigmoid, stretched to the range from −1 to 1. Tanh of 0 is 0, and its slope there is 1. Choose it
# for the state of a recurrent network, and for outputs with a sign. {footcite:t}`lecun1998efficient` explain why
# networks train faster if the range contains 0 in its middle.
#
# $$\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}} = 2\,\sigma(2x) - 1$$
#
# Here $x$ is one number of the input, and $\sigma$ is the [sigmoid](sigmoid).

# %%
# pair: torch.tanh(x) | tf.nn.tanh(x)

# %% [markdown]
# ### PyTorch and `keras.activations.tanh` convert integers to floats, `tf.nn.tanh` raises an error

# %% tanh-integers-pt tags=["pytorch"]
show(torch=torch.tanh(torch.tensor([-1, 2])))

# %% tanh-integers-tf tags=["tensorflow"]
show(keras=keras.activations.tanh(tf.constant([-1, 2])))
with show_error():
    tf.nn.tanh(tf.constant([-1, 2]))

# %% [markdown]
# ### With Tanh, no gradient is lost in ten layers
#
# The next cells use the network in which [sigmoids](sigmoid) lost the gradient, with the same weights and the
# same batch. They print the norm of the gradient for the same four layers:

# %% tags=["pytorch"]
tanh_norms_pt = gradient_norms_pt(torch.tanh)
for n in (10, 7, 4, 1):
    print(f"layer {n:2} {tanh_norms_pt[n - 1]:.1e}")

# %% tags=["tensorflow"]
tanh_norms_tf = gradient_norms_tf(tf.nn.tanh)
for n in (10, 7, 4, 1):
    print(f"layer {n:2} {tanh_norms_tf[n - 1]:.1e}")

# %%
agree(tanh_norms_pt, tanh_norms_tf, rtol=1e-3, atol=0)

# %% ten-layers tags=["hide-input"]
# alt: Gradient norm, on a logarithmic scale, from layer 10 down to layer 1, PyTorch's as lines,
# TensorFlow's as circles on them. Tanh and Softsign stay the same, at 0.03 and 0.01. Sigmoid falls from 0.1
# to less than a ten-millionth, Hard sigmoid further, to two billionths.
fig, ax = plt.subplots()
pairs = {
    "Tanh": (tanh_norms_pt, tanh_norms_tf),
    "Softsign": (gradient_norms_pt(F.softsign), gradient_norms_tf(tf.nn.softsign)),
    "Sigmoid": (sigmoid_norms_pt, sigmoid_norms_tf),
    "Hard sigmoid": (gradient_norms_pt(F.hardsigmoid),
                     gradient_norms_tf(keras.activations.hard_sigmoid)),
}
numbers = range(1, 11)
for name, (norms_pt, norms_tf) in pairs.items():
    plots.coinciding(ax, numbers, norms_pt, norms_tf)
    ax.annotate(name, (1, float(norms_tf[0])), (8, 0), textcoords="offset points",
                va="center")
plots.say_which(ax, (10, 1e-7))
ax.set(yscale="log", xlim=(10.2, -1.2), xticks=numbers, xlabel="layer, from the output to the input",
       ylabel="gradient norm", title="With slope 1 at 0 no gradient is lost, with ¼ it is")
plt.show()

# %% [markdown]
# All four activations have the shape of an S, but different slopes at 0. Hard sigmoid has the smallest slope,
# 1/6, and loses the most.
#
# ### The slope 1 is not enough: the value at 0 must be 0, too
#
# Tanh has a second property: tanh of 0 is 0 {footcite:p}`glorot2010understanding`. The next cells compare two
# functions with the slope 1 at 0. 4σ is the sigmoid multiplied by 4, so its value at 0 is 2. 4σ − 2 is the same
# curve moved down, so its value at 0 is 0. The cells print the norm of the gradient in the last layer, and then
# in the first layer.

# %% centred-pt tags=["pytorch"]
for name, activation in {
    "4σ": lambda x: 4 * torch.sigmoid(x),
    "4σ − 2": lambda x: 4 * torch.sigmoid(x) - 2,
}.items():
    norms = gradient_norms_pt(activation)
    print(f"{name:6} {norms[9]:.1e} {norms[0]:.1e}")

# %% centred-tf tags=["tensorflow"]
for name, activation in {
    "4σ": lambda x: 4 * tf.nn.sigmoid(x),
    "4σ − 2": lambda x: 4 * tf.nn.sigmoid(x) - 2,
}.items():
    norms = gradient_norms_tf(activation)
    print(f"{name:6} {norms[9]:.1e} {norms[0]:.1e}")

# %% [markdown]
# With 4σ, the first norm is about 800 times the second. The reason is that its outputs lie around 2. They make
# the inputs of the next layer large, and there the sigmoid is nearly flat. With 4σ − 2 nothing is lost.

# %% [markdown]
# (hard-tanh)=
# ## Hardtanh
#
# <!-- head: hard_tanh -->
#
# Hardtanh clips its input to the range from −1 to 1. Inside the range it returns each number unchanged. Choose it
# if tanh is too slow {footcite:p}`collobert2011natural`, or if a result must stay in a range.
#
# $$\operatorname{Hardtanh}(x) = \min(\max(-1, x), 1)$$
#
# Here $x$ is one number of the input.

# %%
# pair: F.hardtanh(x) | keras.activations.hard_tanh(x)

# %% [markdown]
# ### PyTorch's Hardtanh accepts other bounds and integers, Keras's accepts neither
#
# For other bounds in TensorFlow, use `keras.ops.clip`:

# %% hard-tanh-bounds-pt tags=["pytorch"]
x_pt = torch.tensor(x)
bounds_pt = F.hardtanh(x_pt, -2.0, 3.0)
show(bounds=bounds_pt,
     whole=F.hardtanh(torch.tensor([-4, -1, 0, 1, 4, 9])))

# %% hard-tanh-bounds-tf tags=["tensorflow"]
x_tf = tf.constant(x)
bounds_tf = keras.ops.clip(x_tf, -2.0, 3.0)
show(bounds=bounds_tf)
with show_error():
    keras.activations.hard_tanh(tf.constant([-4, 4]))

# %% hard-tanh-bounds
agree(bounds_pt, bounds_tf)

# %% [markdown]
# ### A weight at exactly 1 never moves in PyTorch, and learns in Keras
#
# Hardtanh can limit a weight to the range from −1 to 1. The next cells train two weights, and the target is that
# the Hardtanh of each weight is 0.5. The first weight starts at exactly 1, like weights that are initialized with
# ones. The second starts at 0.99. The cells print both weights after 50 steps.

# %% weight-at-one-pt tags=["pytorch"]
w = torch.tensor([1.0, 0.99], requires_grad=True)
sgd = torch.optim.SGD([w], lr=0.1)
for _ in range(50):
    loss = ((F.hardtanh(w) - 0.5) ** 2).sum()
    sgd.zero_grad()
    loss.backward()
    sgd.step()
show(w=w, digits=2)

# %% weight-at-one-tf tags=["tensorflow"]
w = tf.Variable([1.0, 0.99])
sgd = keras.optimizers.SGD(learning_rate=0.1)
for _ in range(50):
    with tf.GradientTape() as tape:
        y_hat = keras.activations.hard_tanh(w)
        loss = tf.reduce_sum((y_hat - 0.5) ** 2)
    sgd.apply([tape.gradient(loss, w)], [w])
show(w=w, digits=2)

# %% [markdown]
# The second weight reaches 0.5 in both frameworks. The first weight reaches 0.5 in Keras, because Hardtanh's
# gradient at 1 is 1. In PyTorch the gradient at 1 is 0, so the first weight stays at 1.

# %% [markdown]
# (softsign)=
# ## Softsign
#
# <!-- head: softsign -->
#
# Softsign divides a number by 1 plus its absolute value. It has the range of tanh and the same slope at 0. But
# its distance to the ends of the range shrinks like $1/x$, and tanh's distance shrinks like $e^{-2x}$. So
# Softsign still has a gradient for large inputs {footcite:p}`bergstra2009quadratic`. Choose it if tanh units do
# not learn because their inputs are large.
#
# $$\operatorname{Softsign}(x) = \frac{x}{1 + |x|}$$
#
# Here $x$ is one number of the input, and $|x|$ is its absolute value. The formula needs no exponential.

# %%
# pair: F.softsign(x) | tf.nn.softsign(x)

# %% [markdown]
# ### From −10, a weight reaches its target with Softsign, but not with Tanh
#
# The next cells train a weight that starts at −10. The target is that the activation of the weight is ½. The
# cells print whether tanh's slope at −10 is exactly 0. Then they print the weight after 100 steps of gradient
# descent, with tanh and with softsign.

# %% tags=["pytorch"]
def way_back_pt(activation):
    w = torch.tensor([-10.0], requires_grad=True)
    sgd = torch.optim.SGD([w], lr=10.0)
    for _ in range(100):
        loss = ((activation(w) - 0.5) ** 2).sum()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    return w

# %% tags=["tensorflow"]
def way_back_tf(activation):
    w = tf.Variable([-10.0])
    sgd = keras.optimizers.SGD(learning_rate=10.0)
    for _ in range(100):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum((activation(w) - 0.5) ** 2)
        sgd.apply([tape.gradient(loss, w)], [w])
    return w

# %% tags=["pytorch"]
_, slope = value_and_grad(torch.tanh, torch.tensor([-10.0]))
print("exactly 0:", slope.item() == 0)
tanh_w_pt = way_back_pt(torch.tanh)
soft_w_pt = way_back_pt(F.softsign)
show(tanh=tanh_w_pt, softsign=soft_w_pt, digits=2)

# %% tags=["tensorflow"]
_, slope = value_and_grad(tf.nn.tanh, tf.constant([-10.0]))
print("exactly 0:", slope.numpy().item() == 0)
tanh_w_tf = way_back_tf(tf.nn.tanh)
soft_w_tf = way_back_tf(tf.nn.softsign)
show(tanh=tanh_w_tf, softsign=soft_w_tf, digits=2)

# %% way-back
agree([tanh_w_pt, soft_w_pt], [tanh_w_tf, soft_w_tf], atol=1e-3)

# %% [markdown]
# In float32, tanh of −10 is exactly −1. So its derivative, $1 - y^2$, is exactly 0, and the weight never moves.
# Softsign's derivative at −10 is 1/121. This is small, but the weight reaches 1, and the softsign of 1 is ½.
#
# ### At infinity Softsign's gradient is NaN in PyTorch, and 0 in TensorFlow
#
# Softsign of infinity is ∞/∞, so both frameworks return NaN. (Tanh of infinity is 1.) The gradients `dx` differ:

# %% softsign-infinity-pt tags=["pytorch"]
x_pt = torch.tensor([float("inf")])
y_pt, dx_pt = value_and_grad(F.softsign, x_pt)
show(softsign=y_pt, dx=dx_pt, tanh=torch.tanh(x_pt))

# %% softsign-infinity-tf tags=["tensorflow"]
x_tf = tf.constant([float("inf")])
y_tf, dx_tf = value_and_grad(tf.nn.softsign, x_tf)
show(softsign=y_tf, dx=dx_tf, tanh=tf.nn.tanh(x_tf))

# %% [markdown]
# In PyTorch the gradient is NaN, like the output. In TensorFlow the gradient is 0, so only the output shows that
# something is wrong.

# %% [markdown]
# (sigmoids-in-layers)=
# ## In Keras a sigmoid is usually a string argument of the layer before it
#
# Keras code rarely calls an activation as a function. It passes the name of the function to the layer before it,
# or to an `Activation` layer. In PyTorch each function is a module. (Sparse sigmoid has no module in PyTorch.)

# %% tags=["pytorch"]
modules = {
    "sigmoid": nn.Sigmoid(),
    "log": nn.LogSigmoid(),
    "hard": nn.Hardsigmoid(),
    "tanh": nn.Tanh(),
    "hard_tanh": nn.Hardtanh(),
    "softsign": nn.Softsign(),
}
x_pt = torch.tensor(x)
ys_pt = {name: f(x_pt) for name, f in modules.items()}
show(**ys_pt)

# %% tags=["tensorflow"]
layers = {
    "sigmoid": keras.layers.Activation("sigmoid"),
    "log": keras.layers.Activation("log_sigmoid"),
    "hard": keras.layers.Activation("hard_sigmoid"),
    "tanh": keras.layers.Activation("tanh"),
    "hard_tanh": keras.layers.Activation("hard_tanh"),
    "softsign": keras.layers.Activation("softsign"),
}
x_tf = tf.constant(x)
ys_tf = {name: f(x_tf) for name, f in layers.items()}
show(**ys_tf)

# %%
agree(list(ys_pt.values()), list(ys_tf.values()))

# %% [markdown]
# A `Dense` layer with an activation becomes two modules in PyTorch. PyTorch's weight is the transposed kernel of
# Keras:

# %%
kernel = np.array([[0.5, 0.2], [-1, 0.4], [0.2, -0.6]], np.float32)  # (in, out)
bias = np.array([0.1, -0.2], np.float32)
rows = x.reshape(2, 3)  # (batch, in)

# %% sigmoids-dense-pt tags=["pytorch"]
models = [
    nn.Sequential(nn.Linear(3, 2), nn.Sigmoid()),
    nn.Sequential(nn.Linear(3, 2), nn.Tanh()),
    nn.Sequential(nn.Linear(3, 2), nn.Softsign()),
]
for model in models:
    model[0].load_state_dict({"weight": torch.tensor(kernel.T),
                              "bias": torch.tensor(bias)})
ys_pt, dxs_pt = zip(*(value_and_grad(m, torch.tensor(rows))[:2]
                      for m in models))
show(sigmoid=ys_pt[0], tanh=ys_pt[1], softsign=ys_pt[2])

# %% sigmoids-dense-tf tags=["tensorflow"]
models = [
    keras.layers.Dense(2, activation="sigmoid"),
    keras.layers.Dense(2, activation="tanh"),
    keras.layers.Dense(2, activation="softsign"),
]
for model in models:
    model.build((None, 3))
    model.set_weights([kernel, bias])
ys_tf, dxs_tf = zip(*(value_and_grad(m, tf.constant(rows))[:2]
                      for m in models))
show(sigmoid=ys_tf[0], tanh=ys_tf[1], softsign=ys_tf[2])

# %% sigmoids-dense
agree(ys_pt, ys_tf, gradients=(dxs_pt, dxs_tf))

# %% [markdown]
# If the output of `Dense(1, activation="sigmoid")` is the input of a cross-entropy, port only the linear layer.
# Then use [the loss that expects logits](sigmoid).

# %% [markdown]
# (sigmoids-at-the-kink)=
# ## At ±1 Hardtanh's gradient is 0 in PyTorch, and 1 in Keras
#
# Hard sigmoid, sparse sigmoid and Hardtanh have kinks, and at a kink there is no derivative. Each framework
# chooses a number between the slopes of the two sides. Each line prints the gradients at the lower and at the
# upper kink. The last line of each cell is a formula for the Hardtanh of the other framework: it has the same
# gradients.

# %% tags=["pytorch"]
kinks_pt = {
    "hard sigmoid": (F.hardsigmoid, 3.0),
    "sparse sigmoid": (sparse_sigmoid_pt, 1.0),
    "hardtanh": (F.hardtanh, 1.0),
    "Keras's": (lambda x: torch.clamp(x, -1.0, 1.0), 1.0),
}

# %% tags=["tensorflow"]
kinks_tf = {
    "hard sigmoid": (keras.activations.hard_sigmoid, 3.0),
    "sparse sigmoid": (sparse_sigmoid_tf, 1.0),
    "hardtanh": (keras.activations.hard_tanh, 1.0),
    "PyTorch's": (lambda x: 2 * sparse_sigmoid_tf(x) - 1, 1.0),
}

# %% kinks-pt tags=["pytorch"]
for name, (activation, kink) in kinks_pt.items():
    x_pt = torch.tensor([-kink, kink])
    _, dx_pt = value_and_grad(activation, x_pt)
    print(f"{name:14}", dx_pt.tolist())

# %% kinks-tf tags=["tensorflow"]
for name, (activation, kink) in kinks_tf.items():
    x_tf = tf.constant([-kink, kink])
    _, dx_tf = value_and_grad(activation, x_tf)
    print(f"{name:14}", dx_tf.numpy().tolist())

# %% [markdown]
# The two frameworks differ only for Hardtanh. If an input can be exactly ±1, write Keras's Hardtanh in PyTorch as
# `torch.clamp(x, -1.0, 1.0)`. Write PyTorch's Hardtanh in Keras as `2 * sparse_sigmoid(x) - 1`.
#
# For the same reason, this chapter writes [sparse sigmoid](sparse-sigmoid) with `F.hardtanh`. With `torch.clamp`
# its gradient at ±1 would be ½, but in Keras it is 0.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | many hidden layers | none of these: [a rectifier](rectifiers.ipynb) | for large inputs, even tanh has almost no gradient |
# | a gate, a factor between 0 and 1 | Sigmoid | it is smooth, and recurrent layers use it |
# | a probability that goes into a loss | none: pass the logits to the loss, or use LogSigmoid | `log(sigmoid(x))` can be −∞ |
# | gates on small devices, or gates that must be exactly 0 or 1 | Hard sigmoid | three straight pieces, exactly 0 and 1 beyond ±3 |
# | switches that must be exactly 0 when they are off | Sparse sigmoid | exactly 0 and 1 beyond ±1 |
# | a state or an output with a sign | Tanh | its value at 0 is 0, and its slope is 1 |
# | numbers that must stay in a range | Hardtanh | it does not change numbers inside the range; at ±1 the gradients differ |
# | tanh units that do not learn | Softsign | it still has a gradient for large inputs |
#
# ## Exercises
#
# Write all seven yourself, in one framework or in both. Inputs of ±10,000 must not give NaN: [exercises on
# sigmoids](../../exercises/activations/sigmoids.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
