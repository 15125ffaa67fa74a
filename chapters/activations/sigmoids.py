# %% [markdown]
# # Sigmoids
#
# A sigmoid squeezes every number into a fixed range, along a curve shaped like an S. The six sigmoids
# of this chapter differ in the range, in whether the output ever reaches the ends of the range, and
# in how steep the curve is between them.
#
# Near its ends each of them is flat, and a flat curve passes hardly any gradient. The seventh
# function, LogSigmoid, is the logarithm of the first one, and is used in losses.
#
# **The claim:** two numbers, the value and the slope at 0, tell you whether a gradient survives ten
# layers. With ½ and ¼ less than a millionth of it arrives, with 0 and 1 all of it, and both
# frameworks print the same digits. And `log(sigmoid(x))`, two steps where one would do, can turn the
# gradient of every weight into NaN.

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
# Every section uses these six inputs. Three of the functions have kinks, at ±1 or at ±3, and none
# of the inputs is at one: [the kinks have a section of their own](sigmoids-at-the-kink).
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
# Sigmoid turns any number into a probability: 0 becomes ½, and adding 1 to the input multiplies the
# odds by $e$. Choose it for a gate, which lets a share of something pass, or to read a probability
# off a trained network. Do not choose it between layers: this section shows why.
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}}$$
#
# Here $x$ is one number of the input, called the *logit* of the probability $\sigma(x)$. The output
# has the shape of the input.

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
# `dx` is the gradient of the summed outputs, $\sigma(x)\,\sigma(-x)$. It is the same for $x$ and
# $-x$, and never more than ¼. [ReLU's section](rectifiers.ipynb#relu) explains these cells line by
# line. The following sections compute output and gradient with `value_and_grad`, a helper of this
# book that does the same.
#
# Keras has no layer class for any of the seven functions. In a model you name the function, in an
# `Activation` layer or [in the layer before it](sigmoids-in-layers).
#
# ### PyTorch converts integers, TensorFlow raises

# %% sigmoid-integers-pt tags=["pytorch"]
y_pt = torch.sigmoid(torch.tensor([-1, 2]))
show(y=y_pt)
print(y_pt.dtype)

# %% sigmoid-integers-tf tags=["tensorflow"]
with show_error():
    tf.nn.sigmoid(tf.constant([-1, 2]))

# %% [markdown]
# ### Keras's sigmoid stores the logit for the loss
#
# `keras.activations.sigmoid` does one thing that `tf.nn.sigmoid` does not: it stores its input, the
# logit, on its output. When Keras's cross-entropy gets this output, it computes the loss from the
# stored logit. A layer with `activation="sigmoid"` stores the logit, too.
#
# All probabilities below are printed as 0, and the losses differ. (PyTorch's losses take the
# prediction first, Keras's take the target first.)

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
# The right loss is 200, and Keras computes it from the stored logit. Any operation between the
# sigmoid and the loss, even a multiplication by 1, returns a new tensor without the logit. Then
# Keras clips the probability at 10⁻⁷, and the loss is 16.1. PyTorch limits each logarithm to −100.
#
# Rely on none of the three. Pass the logit to a loss that expects logits, and both frameworks
# return 200:

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
# ### Ten sigmoid layers leave less than a millionth of the gradient
#
# The network below has ten layers of 64 units, and its weights have a variance of 1/64. The cells
# compute the gradient of the mean output with respect to each layer's weights, and print its norm
# for four of the layers. Both frameworks get the same weights.

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
# Weights of this size keep the norm of a gradient, on average. But each sigmoid on the way back
# multiplies it by ¼ or less. Nine of them leave at most $4^{-9}$, four millionths, and here they
# leave less than one millionth.
#
# The first layer stands still while the last one learns {footcite:p}`hochreiter1998vanishing`. With
# [tanh](tanh) and the same weights, the gradient arrives.

# %% [markdown]
# (log-sigmoid)=
# ## LogSigmoid
#
# <!-- head: log_sigmoid -->
#
# LogSigmoid returns the logarithm of a probability without computing the probability first. Far
# below 0 the result is nearly the input itself. Choose it wherever you would write
# `log(sigmoid(x))`, as in the loss of word2vec {footcite:p}`mikolov2013distributed` or in a ranking
# loss. In TensorFlow it is in `tf.math`, not in `tf.nn`.
#
# $$\begin{aligned}
# \log \sigma(x) &= -\log(1 + e^{-x}) \\
# &= \min(0, x) - \log(1 + e^{-|x|})
# \end{aligned}$$
#
# Here $x$ is one logit of the input. The second form never overflows, because its exponent is never
# positive.

# %%
# pair: F.logsigmoid(x) | tf.math.log_sigmoid(x)

# %% [markdown]
# ### log(sigmoid(x)) is −∞ below about −89
#
# $e^{89}$ is more than float32 can hold. So below about −89 the sigmoid is exactly 0, and its
# logarithm is −∞. LogSigmoid takes one step, and never computes $e^{89}$:

# %% underflow-pt tags=["pytorch"]
far = torch.tensor([-20.0, -80.0, -120.0, -1000.0])
show(two_steps=torch.log(torch.sigmoid(far)),
     one_step=F.logsigmoid(far), digits=1)

# %% underflow-tf tags=["tensorflow"]
far = tf.constant([-20.0, -80.0, -120.0, -1000.0])
show(two_steps=tf.math.log(tf.nn.sigmoid(far)),
     one_step=tf.math.log_sigmoid(far), digits=1)

# %% [markdown]
# ### One far logit turns the gradient of every weight into NaN
#
# You would notice an infinite loss. Its gradient is worse: infinity times 0 is NaN. The batch below
# has two examples, and the second one has a logit of −120. The cells print the gradients with
# respect to the logits and to the weights, for the two steps and for the one step.

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
# In two steps, one example turns the gradients of both weights into NaN. In one step the gradient of
# its logit is −1, as large as it gets: the further a logit is on the wrong side, the more strongly it
# is corrected.
#
# For the logarithm of $1 - \sigma(x)$, write $\log \sigma(-x)$: it is the same, again in one step.
#
# ### Written by hand, the gradient at 0 is 1 in TensorFlow
#
# At 0 the right gradient is ½, and a fresh network's logits are often 0. The second form of the
# formula has two kinks there, one in the minimum and one in $|x|$. The gradient depends on what each
# framework does at a kink:

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
# At a tie, the gradient of PyTorch's minimum is ½ for each of the two arguments. In TensorFlow the
# first argument gets all of it, [as at ReLU's kink](rectifiers-at-the-kink). The frameworks' own
# functions are right in both.

# %% [markdown]
# (hard-sigmoid)=
# ## Hard sigmoid
#
# <!-- head: hard_sigmoid -->
#
# Hard sigmoid replaces the curve by three straight lines: 0 up to −3, 1 from 3 on, and a line of
# slope 1/6 between. Choose it where an exponential costs too much, as on phones
# {footcite:p}`howard2019searching`, or where a gate must be able to open completely.
#
# $$\operatorname{HardSigmoid}(x) = \frac{\min(\max(0, x + 3), 6)}{6}$$
#
# Here $x$ is one number of the input. The formula is [ReLU6](rectifiers.ipynb#relu6) of $x + 3$,
# divided by 6. Keras has the function in `keras.activations`, and `tf.nn` does not have it.

# %%
# pair: F.hardsigmoid(x) | keras.activations.hard_sigmoid(x)

# %% [markdown]
# Today the slopes agree, but other slopes have had the same name. Keras before version 3 had 0.2:
# for a model that was trained with it, write $\min(\max(0, 0.2\,x + 0.5), 1)$. BinaryConnect
# {footcite:p}`courbariaux2015binaryconnect` has ½, which is called [sparse sigmoid](sparse-sigmoid)
# now. For an old checkpoint, look up the slope that it was trained with.
#
# ### A hard gate that is open forgets nothing in a hundred steps
#
# A memory cell keeps the share $f$ of its content in each step. Let $f$ be a sigmoid of 4. The cells
# print what is left after a hundred steps, first with the soft gate, then with the hard one.

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
# The soft gate has lost more than five sixths. The hard gate is exactly 1 from 3 on, and has lost
# nothing.
#
# It pays for this with its gradient. The first pair of cells of this section shows that the gradient
# at 4 is 0, so no loss can make a completely open gate close.

# %% [markdown]
# (sparse-sigmoid)=
# ## Sparse sigmoid
#
# <!-- head: sparse_sigmoid -->
#
# Sparse sigmoid is a straight line from 0 at −1 to 1 at 1. Inputs below −1 give exactly 0, and
# inputs above 1 give exactly 1 {footcite:p}`blondel2020learning`. Choose it for switches that must
# be off, not nearly off.
#
# $$\operatorname{SparseSigmoid}(x) = \min\left(\max\left(0, \tfrac{x + 1}{2}\right), 1\right)$$
#
# Here $x$ is one number of the input. Keras has the function. In PyTorch you build it:
# add 1 to [Hardtanh](hard-tanh), and halve the sum.

# %% sparse-bridge-pt tags=["pytorch"]
def sparse_sigmoid_pt(x):
    return (F.hardtanh(x) + 1) / 2

# %% sparse-bridge-tf tags=["tensorflow"]
def sparse_sigmoid_tf(x):
    return keras.activations.sparse_sigmoid(x)

# %%
# pair: sparse_sigmoid_pt(x) | sparse_sigmoid_tf(x)

# %% [markdown]
# ### A third of normal inputs come out as exactly 0 or 1
#
# Ten thousand numbers from the standard normal distribution go through three sigmoids. The cells
# count the outputs that are exactly 0 or exactly 1.

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
# A third of a normal distribution lies beyond ±1, and a quarter of a percent beyond ±3. Sigmoid
# rounds to exactly 0 or 1 only much further out, where none of the ten thousand numbers lies.

# %% [markdown]
# (tanh)=
# ## Tanh
#
# <!-- head: tanh -->
#
# Tanh is the sigmoid, stretched to the range from −1 to 1. It keeps 0 at 0, and its slope there is
# 1. Choose it for states that are carried from step to step, as in recurrent networks, and for
# outputs with a sign. {footcite:t}`lecun1998efficient` explain why a range around 0 trains faster.
#
# $$\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}} = 2\,\sigma(2x) - 1$$
#
# Here $x$ is one number of the input, and $\sigma$ the [sigmoid](sigmoid).

# %%
# pair: torch.tanh(x) | tf.nn.tanh(x)

# %% [markdown]
# ### keras.activations.tanh converts integers, as PyTorch does; tf.nn.tanh raises

# %% tanh-integers-pt tags=["pytorch"]
show(torch=torch.tanh(torch.tensor([-1, 2])))

# %% tanh-integers-tf tags=["tensorflow"]
show(keras=keras.activations.tanh(tf.constant([-1, 2])))
with show_error():
    tf.nn.tanh(tf.constant([-1, 2]))

# %% [markdown]
# ### Tanh carries the gradient through ten layers
#
# This is the network in which [sigmoids](sigmoid) lost the gradient, with the same weights and the
# same batch:

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
# TensorFlow's as circles on them. Tanh and Softsign stay level, at 0.03 and 0.01. Sigmoid falls from 0.1
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
       ylabel="gradient norm", title="A slope of 1 carries a gradient, ¼ loses it")
plt.show()

# %% [markdown]
# All four curves have the shape of an S. The slope at 0 makes the difference: hard sigmoid, with
# 1/6, loses the most.
#
# ### A slope of 1 is not enough: 0 must stay 0
#
# The slope is only half of the reason. The other half is that tanh keeps 0 at 0
# {footcite:p}`glorot2010understanding`. The cells compare 4σ, a sigmoid that is stretched to a slope
# of 1, with 4σ − 2, the same curve moved down so that 0 stays 0. They print the gradient norms at
# the last layer and at the first.

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
# 4σ keeps little more than a thousandth. Its outputs lie around 2, and that drives the next layer to
# its flat ends. Moved down, it loses nothing.

# %% [markdown]
# (hard-tanh)=
# ## Hardtanh
#
# <!-- head: hard_tanh -->
#
# Hardtanh clips its input to the range from −1 to 1, and leaves every number inside the range as it
# is. Choose it where tanh is too expensive {footcite:p}`collobert2011natural`, or where the result
# must stay in a range.
#
# $$\operatorname{Hardtanh}(x) = \min(\max(-1, x), 1)$$
#
# Here $x$ is one number of the input.

# %%
# pair: F.hardtanh(x) | keras.activations.hard_tanh(x)

# %% [markdown]
# ### PyTorch's Hardtanh takes other bounds and integers, Keras's takes neither
#
# In TensorFlow use `keras.ops.clip` for other bounds.

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
# Hardtanh can keep a weight in the range from −1 to 1. Below, the clipped weight should become 0.5.
# One weight starts at 1, as weights do that are initialized with ones, and another at 0.99. At
# exactly 1 the two frameworks choose different gradients.

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
# From 0.99 the weight arrives in both frameworks. From 1 it arrives in TensorFlow, and stays at 1
# for ever in PyTorch.

# %% [markdown]
# (softsign)=
# ## Softsign
#
# <!-- head: softsign -->
#
# Softsign divides a number by 1 plus its absolute value. It has tanh's range and tanh's slope at 0.
# But its distance to the ends shrinks like $1/x$, where tanh's shrinks like $e^{-2x}$, so a unit far
# out still gets a gradient {footcite:p}`bergstra2009quadratic`. Choose it where tanh units get stuck
# at their ends.
#
# $$\operatorname{Softsign}(x) = \frac{x}{1 + |x|}$$
#
# Here $x$ is one number of the input, and $|x|$ its absolute value. No exponential is needed.

# %%
# pair: F.softsign(x) | tf.nn.softsign(x)

# %% [markdown]
# ### From −10 a softsign unit comes back, and a tanh unit does not
#
# A weight starts at −10, and should bring the output of its activation to ½. The cells print whether tanh's slope at
# −10 is exactly 0, and where the weight is after 100 steps of gradient descent.

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
# In float32 tanh(−10) is exactly −1, so its derivative, $1 - y^2$, is exactly 0: no number of steps
# helps. Softsign's derivative there is 1/121, small and enough.
#
# ### At infinity the gradient is NaN in PyTorch, and 0 in TensorFlow
#
# Softsign of infinity is ∞/∞, so both frameworks return NaN, where tanh returns 1. The gradients
# differ:

# %% softsign-infinity-pt tags=["pytorch"]
x_pt = torch.tensor([float("inf")])
y_pt, dx_pt = value_and_grad(F.softsign, x_pt)
show(softsign=y_pt, dx=dx_pt, tanh=torch.tanh(x_pt))

# %% softsign-infinity-tf tags=["tensorflow"]
x_tf = tf.constant([float("inf")])
y_tf, dx_tf = value_and_grad(tf.nn.softsign, x_tf)
show(softsign=y_tf, dx=dx_tf, tanh=tf.nn.tanh(x_tf))

# %% [markdown]
# PyTorch's gradient is NaN, too. TensorFlow's is 0, so there only the output shows that something is
# wrong.

# %% [markdown]
# (sigmoids-in-layers)=
# ## In Keras a sigmoid is usually a word in the layer before it
#
# Keras code rarely calls an activation. It names the activation in the layer before, or in an
# `Activation` layer. In PyTorch each has a module of its own, except sparse sigmoid, which PyTorch
# does not have:

# %% tags=["pytorch"]
modules = {
    "sigmoid": nn.Sigmoid(),
    "log_sigmoid": nn.LogSigmoid(),
    "hard_sigmoid": nn.Hardsigmoid(),
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
    "log_sigmoid": keras.layers.Activation("log_sigmoid"),
    "hard_sigmoid": keras.layers.Activation("hard_sigmoid"),
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
# A `Dense` layer with an activation becomes two modules. PyTorch's weight is Keras's kernel,
# transposed:

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
# If a `Dense(1, activation="sigmoid")` feeds a cross-entropy, port the linear layer only, and use
# [the loss that expects logits](sigmoid).

# %% [markdown]
# (sigmoids-at-the-kink)=
# ## At ±1 Hardtanh's gradient is 0 in PyTorch, and 1 in Keras
#
# Hard sigmoid, sparse sigmoid and Hardtanh have kinks, where the derivative does not exist. Each
# framework picks a number between the slopes of the two sides. The cells print the gradients at the
# lower and at the upper kink. Their last row is a formula that has the other framework's gradients
# for Hardtanh.

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
# Only Hardtanh differs. If inputs can be at exactly ±1, port Keras's Hardtanh to PyTorch as
# `torch.clamp(x, -1.0, 1.0)`, and PyTorch's to Keras as `2 * sparse_sigmoid(x) - 1`.
#
# This is also why the chapter builds [sparse sigmoid](sparse-sigmoid) from `F.hardtanh`. Built from
# `torch.clamp` its gradient at ±1 would be ½, where Keras's is 0.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | hidden layers, many of them | none of these: [a rectifier](rectifiers.ipynb) | even tanh is flat at its ends |
# | a gate, a share between 0 and 1 | Sigmoid | it is smooth, and recurrent layers are built with it |
# | a probability that goes into a loss | none: keep the logits, or LogSigmoid | two steps end at −∞ |
# | gates on small devices, or that must open completely | Hard sigmoid | three lines, exact ends |
# | switches that must be off | Sparse sigmoid | exactly 0 and 1 beyond ±1 |
# | a state or an output with a sign | Tanh | its slope at 0 is 1, and 0 stays 0 |
# | a range to stay in | Hardtanh | it leaves the inside unchanged; mind ±1 |
# | tanh units that get stuck | Softsign | long tails, no exponential |
#
# ## Exercises
#
# Write all seven yourself, so that ±10,000 goes in and no NaN comes out, in either framework or in
# both: [exercises on sigmoids](../../exercises/activations/sigmoids.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
