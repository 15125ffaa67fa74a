# %% [markdown]
# # Softmaxes
#
# A softmax turns a list of numbers, the *logits*, into probabilities. No probability is negative, they sum to 1,
# and the largest logit gets the largest probability. Each probability depends on all logits of the list. (The
# code and the exercises of this chapter also call the probabilities *shares*.)
#
# **The claim:** three mistakes with a softmax give no error, in both frameworks. You then get probabilities
# along another axis, NaN, or a log-probability (the logarithm of a probability) of −∞. Three rules prevent these
# mistakes:
#
# - Name the axis of a softmax.
# - If you write a softmax yourself, subtract the maximum first, as the functions of both frameworks do.
# - If you need log-probabilities, call `log_softmax`, and not the logarithm of a softmax.
#
# [Sparsemax](sparsemax) can return exact zeros. Only Keras has it, and Keras 3.15's result is usually wrong if
# more than one probability is above 0.

# %%
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
# (batch, classes)
x = np.array([[1.0, 2.0, 4.0], [-1.0, 0.5, 0.0]], dtype=np.float32)

# %% [markdown]
# Most sections use these two rows of logits.
#
# A softmax of two numbers depends only on their difference, so you can draw it as a curve. In each panel the first
# number changes and the second number is 0. The solid line is the output for the first number, and the dashed line
# is its derivative. The thin grey lines are the other five functions. With Gumbel-softmax the output is random:
# half of the outputs lie below the solid line, and eight of ten lie in the band. [Softmax2d](softmax2d) has no
# panel, because it is a softmax along another axis.

# %% all-six tags=["hide-input"]
# alt: Six panels over a difference of logits from minus 4 to 4, each the output for the first of two
# numbers, its derivative dashed. Softmax is the S of a sigmoid, its derivative a low hill of height one
# quarter. At temperature one quarter the S is steeper and the hill has height 1. LogSoftmax climbs from
# minus 4 towards 0. Softmin is the S mirrored, falling from 1 to 0, its derivative a low valley.
# Gumbel-softmax is the S inside a broad band, which holds eight of ten draws. Sparsemax is a straight
# line from 0 at minus 1 to 1 at 1, flat on both sides.
grid = np.linspace(-4, 4, 241)

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

share = sigmoid(grid)
hill = share * (1 - share)
cold = sigmoid(4 * grid)
inside = abs(grid) < 1
curves = {
    "Softmax: a sigmoid": (share, hill),
    "Temperature ¼: steeper": (cold, 4 * cold * (1 - cold)),
    "LogSoftmax: its log": (np.log(share), 1 - share),
    "Softmin: mirrored": (1 - share, -hill),
    "Gumbel: noise added": (share, hill),
    "Sparsemax: exact 0 and 1": (np.clip((grid + 1) / 2, 0, 1), inside / 2),
}
sections = ("softmax", "softmax", "log-softmax", "softmin", "gumbel-softmax", "sparsemax")
siblings = [y for y, _ in curves.values()]
fig, axes = plt.subplots(3, 2, figsize=(5.2, 6.2), sharex=True, sharey=True)
for i, (ax, section, (title, (y, slope))) in enumerate(
        zip(axes.flat, sections, curves.items())):
    plots.value_and_slope(ax, grid, y, slope, color=plots.PALETTE[i],
                          title=title, section=section, siblings=siblings)
odds = np.log(0.9 / 0.1)
axes[2, 0].fill_between(grid, sigmoid(grid - odds), sigmoid(grid + odds),
                        color=plots.PALETTE[4], alpha=0.25, linewidth=0)
axes[0, 0].set_ylim(-2.1, 1.25)
axes[0, 0].annotate("value", (2.2, 0.45), color=plots.PALETTE[0])
axes[0, 0].annotate("derivative", (-3.9, -0.5), color=plots.PALETTE[0])
fig.supxlabel("first number (the second is 0)")
fig.supylabel("output for the first number")
plt.show()

# %% [markdown]
# (softmax)=
# ## Softmax
#
# <!-- head: softmax -->
#
# Softmax computes the exponential of every logit, and divides it by the sum of all exponentials. If one logit is
# larger than another by 1, its probability is $e$ times the other's {footcite:p}`bridle1990probabilistic`.
# Choose softmax to read probabilities from a trained classifier, or for the weights of an average, as in
# attention. In a loss, use [the logarithm of the softmax](log-softmax).
#
# $$\operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}$$
#
# Here $x_i$ is one logit of the list, and the sum is over all logits $x_j$ of the list. The list lies along
# one axis. With the shape (batch, classes) and the last axis, each row is one list. The output has the shape
# of the input.
#
# In the next cells, `dx` is the gradient of the first column of the output.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.softmax(x_pt, dim=-1)
first = y_pt[:, 0].sum()
(dx_pt,) = torch.autograd.grad(first, x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.softmax(x_tf, axis=-1)
    first = tf.reduce_sum(y_tf[:, 0])
dx_tf = tape.gradient(first, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Why only the first column? The sum of all probabilities is always 1, so its gradient is 0. Each row of `dx` sums
# to 0, because adding the same number to all logits of a row changes no probability.
#
# ### The derivative is a matrix
#
# Each probability depends on each logit, so the derivative of one row is a matrix, the *Jacobian*. Its formula
# is $\operatorname{diag}(p) - p\,p^\top$, where $p$ is the vector of probabilities. The next cells compute the
# Jacobian with each framework's own function. `agree` compares it with the formula.

# %% jacobian-pt tags=["pytorch"]
row_pt = torch.tensor([1.0, 2.0, 4.0])
p = F.softmax(row_pt, dim=-1)
jacobian_pt = torch.autograd.functional.jacobian(
    lambda x: F.softmax(x, dim=-1), row_pt
)
by_hand_pt = torch.diag(p) - torch.outer(p, p)
show(jacobian=jacobian_pt)

# %% jacobian-tf tags=["tensorflow"]
row_tf = tf.Variable([1.0, 2.0, 4.0])
with tf.GradientTape() as tape:
    p = tf.nn.softmax(row_tf, axis=-1)
jacobian_tf = tape.jacobian(p, row_tf)

by_hand_tf = tf.linalg.diag(p) - p[:, None] * p[None, :]
show(jacobian=jacobian_tf)

# %%
agree([jacobian_pt, by_hand_pt], [by_hand_tf, jacobian_tf])

# %% [markdown]
# ### Keras's `Dense` with softmax is a `Linear` and a `Softmax` in PyTorch
#
# Both frameworks also have a softmax layer. In Keras you usually write `Dense(…, activation="softmax")`. In
# PyTorch this is a `Linear` followed by a `Softmax`. The weight of the `Linear` is the transpose of Keras's
# kernel. In your own module, write `F.softmax(x, dim=-1)` in `forward`; `torch.softmax` and the method
# `x.softmax` compute the same.
#
# Use the model with the softmax to read probabilities. To train it with `nn.CrossEntropyLoss`, [remove the
# softmax](softmax-and-loss).

# %%
w = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)

# %% softmax-layers-pt tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt = nn.Softmax(dim=-1)(x_pt)
dense_pt = nn.Sequential(nn.Linear(3, 4), nn.Softmax(dim=-1))
with torch.no_grad():
    dense_pt[0].weight.copy_(torch.tensor(w.T))
    dense_pt[0].bias.zero_()
p_pt = dense_pt(x_pt)
show(layer=y_pt, dense=p_pt)

# %% softmax-layers-tf tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf = keras.layers.Softmax()(x_tf)
dense_tf = keras.layers.Dense(4, activation="softmax")
dense_tf.build(x.shape)
dense_tf.kernel.assign(w)
dense_tf.bias.assign(np.zeros(4))
p_tf = dense_tf(x_tf)
show(layer=y_tf, dense=p_tf)

# %%
agree([y_pt, p_pt], [y_tf, p_tf])

# %% [markdown]
# ### Without `dim`, PyTorch uses axis 0 of a 3-D tensor, the batch
#
# TensorFlow uses the last axis by default. PyTorch has no fixed default: without `dim` it gives a warning, and
# chooses an axis by the number of dimensions. For a 3-D tensor it uses axis 0, which is usually the batch. The
# next cells print the warning, and for each axis whether its sums are 1.

# %%
cube = np.arange(24, dtype=np.float32).reshape(2, 3, 4)  # (batch, steps, classes)

# %% softmax-axis-pt tags=["pytorch"]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    y_pt = F.softmax(torch.tensor(cube))
for warning in caught:
    print(str(warning.message)[:58])
for axis in range(3):
    off = (y_pt.sum(axis) - 1).abs().max()
    print(f"axis {axis} sums to 1:", bool(off < 1e-5))

# %% softmax-axis-tf tags=["tensorflow"]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    y_tf = tf.nn.softmax(tf.constant(cube))
for warning in caught:
    print(str(warning.message)[:58])
for axis in range(3):
    off = abs(np.sum(y_tf, axis) - 1).max()
    print(f"axis {axis} sums to 1:", bool(off < 1e-5))

# %% [markdown]
# The two calls look the same, but in PyTorch each of the two examples of the batch now depends on the other. The
# next cells print the axis that each framework uses, for one to four dimensions.

# %% softmax-habit-pt tags=["pytorch"]
for n in (1, 2, 3, 4):
    h = torch.arange(2.0**n).reshape((2,) * n)
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        y_pt = F.softmax(h)
    sums = [(y_pt.sum(i) - 1).abs().max() for i in range(n)]
    print(f"{n} dimensions: axis", int(np.argmin(sums)))

# %% softmax-habit-tf tags=["tensorflow"]
for n in (1, 2, 3, 4):
    h = tf.reshape(tf.range(2.0**n), (2,) * n)
    y_tf = tf.nn.softmax(h)
    sums = [abs(np.sum(y_tf, i) - 1).max() for i in range(n)]
    print(f"{n} dimensions: axis", int(np.argmin(sums)))

# %% [markdown]
# So always name the axis. Be careful with `axis=None` in TensorFlow. `tf.nn.softmax` then uses the last axis,
# and Keras's function uses all axes together. To use all axes together in PyTorch, flatten the tensor first.

# %% softmax-none-pt tags=["pytorch"]
x_pt = torch.tensor(x)
together = F.softmax(x_pt.flatten(), dim=0).reshape(x.shape)
show(last=F.softmax(x_pt, dim=-1), together=together)

# %% softmax-none-tf tags=["tensorflow"]
x_tf = tf.constant(x)
together = keras.activations.softmax(x_tf, axis=None)
show(tf_nn=tf.nn.softmax(x_tf, axis=None), keras=together)

# %% [markdown]
# Keras's layer also accepts several axes. In PyTorch, flatten these axes into one axis first.

# %% softmax-axes-pt tags=["pytorch"]
flat = torch.tensor(cube).flatten(1)  # (batch, steps * classes)
both_pt = F.softmax(flat, dim=1).reshape(cube.shape)

# %% softmax-axes-tf tags=["tensorflow"]
layer = keras.layers.Softmax(axis=(1, 2))
both_tf = layer(tf.constant(cube))

# %%
agree(both_pt, both_tf)

# %% [markdown]
# ### Large logits overflow unless the maximum is subtracted
#
# In float32, $e^{1000}$ is infinite and $e^{-1000}$ is 0. With the formula above you then divide ∞ by ∞, or 0 by
# 0. To prevent this, first subtract the largest logit $m$ of each row. In exact arithmetic the result is the
# same, because $e^{x-m} = e^x / e^m$, and the factor $e^m$ cancels. In float32 nothing overflows any more: the
# largest exponent is 0, and the sum is at least 1.
#
# The next cells first subtract nothing (`nothing`), then the maximum of the whole tensor (`tensor`), and then
# the maximum of each row (`row`). `softmax` is the framework's own function.

# %%
far = np.array([[1000, 1001, 1002], [-1002, -1001, -1000]], dtype=np.float32)

# %% softmax-thousand-pt tags=["pytorch"]
far_pt = torch.tensor(far)
largest_pt = far_pt.amax(-1, keepdim=True)

def shares_pt(shift):
    e = torch.exp(far_pt - shift)
    return e / e.sum(-1, keepdim=True)

y_pt = F.softmax(far_pt, dim=-1)
show(nothing=shares_pt(0.0), tensor=shares_pt(far_pt.max()),
     row=shares_pt(largest_pt), softmax=y_pt)

# %% softmax-thousand-tf tags=["tensorflow"]
far_tf = tf.constant(far)
largest_tf = tf.reduce_max(far_tf, -1, keepdims=True)

def shares_tf(shift):
    e = tf.exp(far_tf - shift)
    return e / tf.reduce_sum(e, -1, keepdims=True)

y_tf = tf.nn.softmax(far_tf, axis=-1)
show(nothing=shares_tf(0.0), tensor=shares_tf(far.max()),
     row=shares_tf(largest_tf), softmax=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# Both frameworks subtract the maximum of each row automatically. It is not enough to subtract 1002, the maximum
# of the whole tensor: the exponentials of the second row are then $e^{-2002}$ and smaller, which is 0 in
# float32, and the softmax divides 0 by 0 again.
#
# ### Two classes need only one logit
#
# Softmax depends only on the differences between logits. For two classes there is only one difference, so one
# logit is enough. The probability of the first class is the [sigmoid](sigmoids.ipynb#sigmoid) of this
# difference.

# %% two-classes
z = np.linspace(-4, 4, 9, dtype=np.float32)
two = torch.stack([torch.tensor(z), torch.zeros(9)])  # (classes, batch)
agree(F.softmax(two, dim=0)[0], tf.nn.sigmoid(z))

# %% [markdown]
# ### A higher temperature makes the probabilities more equal
#
# Divide the logits by a *temperature* $T$ before the softmax {footcite:p}`hinton2015distilling`. The order of
# the probabilities does not change. With a low temperature, one class gets almost the whole probability. With a
# high temperature, the probabilities become almost equal. The entropy, in bits, measures this: it is 0 if one
# class has the probability 1, and 2 for four equal probabilities.

# %% tags=["pytorch"]
logits_pt = torch.tensor([2.0, 1.0, 0.5, -1.0])
shares_pt = []
for T in (0.25, 1.0, 4.0, 100.0):
    p = F.softmax(logits_pt / T, dim=-1)
    bits = -(p * torch.log2(p)).sum()
    print(f"T {T:6} entropy {bits:.2f}")
    show(p=p)
    shares_pt.append(p)

# %% tags=["tensorflow"]
logits_tf = tf.constant([2.0, 1.0, 0.5, -1.0])
shares_tf = []
for T in (0.25, 1.0, 4.0, 100.0):
    p = tf.nn.softmax(logits_tf / T, axis=-1)
    bits = -tf.reduce_sum(p * np.log2(p))
    print(f"T {T:6} entropy {bits:.2f}")
    show(p=p)
    shares_tf.append(p)

# %%
agree(shares_pt, shares_tf)

# %% temperature tags=["hide-input"]
# alt: The probabilities of four logits, 2, 1, one half and minus 1, as groups of bars at three temperatures. At
# one quarter the first has nearly everything, at 1 it has 0.6, at 4 the four are nearly level.
# TensorFlow's probabilities are dots on top of PyTorch's bars.
fig, ax = plt.subplots()
for i, T in enumerate(("¼", "1", "4")):
    places = np.arange(4) + 5.5 * i
    ax.bar(places, shares_pt[i].numpy(), width=0.8, color=plots.PYTORCH, alpha=0.75)
    ax.plot(places, shares_tf[i].numpy(), "o", color=plots.TENSORFLOW, markersize=5)
    ax.annotate(f"T = {T}", (places.mean(), 1.04), ha="center")
ax.annotate("PyTorch, bars", (14.5, 0.75), ha="right", color=plots.PYTORCH)
ax.annotate("TensorFlow, dots", (14.5, 0.65), ha="right", color=plots.TENSORFLOW)
ax.set(xticks=[i + 5.5 * j for j in range(3) for i in range(4)], ylim=(0, 1.15),
       xticklabels=["2", "1", "½", "−1"] * 3, xlabel="logit", ylabel="probability",
       title="A higher temperature makes probabilities more equal")
plt.show()

# %% [markdown]
# ### Masked softmax: a row in which everything is masked gives NaN
#
# The mask is True for the logits that you want to use. The others are *masked*: replace them by −∞ before the
# softmax, and their probability is exactly 0. This fails if all logits of a row are masked, as in the second row
# of the next cells. `infinite` uses −∞, and `finite` uses the lowest finite number of float32.

# %% softmax-mask-pt tags=["pytorch"]
x_pt = torch.tensor(x)
keep = torch.tensor([[True, True, False], [False] * 3])
infinite = x_pt.masked_fill(~keep, float("-inf"))
finite = x_pt.masked_fill(~keep, torch.finfo().min)
show(infinite=F.softmax(infinite, dim=-1),
     finite=F.softmax(finite, dim=-1))

# %% softmax-mask-tf tags=["tensorflow"]
x_tf = tf.constant(x)
keep = tf.constant([[True, True, False], [False] * 3])
infinite = tf.where(keep, x_tf, float("-inf"))
finite = tf.where(keep, x_tf, tf.float32.min)
show(infinite=tf.nn.softmax(infinite, axis=-1),
     finite=tf.nn.softmax(finite, axis=-1),
     layer=keras.layers.Softmax()(x_tf, mask=keep))

# %% [markdown]
# With −∞, the fully masked row is NaN. With the lowest finite number, its three logits get equal probabilities.
# Keras's layer takes the mask as an argument, and returns 0 for all three logits.
#
# In PyTorch, multiply the softmax of `finite` by the mask. The result is the same as that of Keras's layer:

# %% softmax-empty-row-pt tags=["pytorch"]
x_pt = torch.tensor(x)
keep = torch.tensor([[True, True, False], [False] * 3])
finite = x_pt.masked_fill(~keep, torch.finfo().min)
y_pt = F.softmax(finite, dim=-1) * keep
show(y=y_pt)

# %% softmax-empty-row-tf tags=["tensorflow"]
x_tf = tf.constant(x)
keep = tf.constant([[True, True, False], [False] * 3])
y_tf = keras.layers.Softmax()(x_tf, mask=keep)
show(y=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### Integer tensors are an error in both frameworks
#
# In PyTorch, pass a `dtype`, and softmax converts the input. In TensorFlow, cast the input first.

# %% softmax-integers-pt tags=["pytorch"]
whole = torch.tensor([1, 2, 3])
with show_error():
    F.softmax(whole, dim=-1)
show(y=F.softmax(whole, dim=-1, dtype=torch.float32))

# %% softmax-integers-tf tags=["tensorflow"]
whole = tf.constant([1, 2, 3])
with show_error():
    tf.nn.softmax(whole, axis=-1)
show(y=tf.nn.softmax(tf.cast(whole, tf.float32), axis=-1))

# %% [markdown]
# (softmax2d)=
# ## Softmax2d
#
# <!-- head: softmax2d -->
#
# Softmax2d computes, for each pixel of an image, a softmax over the channels. Segmentation classifies every
# pixel in this way {footcite:p}`long2015fully`. The name is misleading: the softmax runs over one axis, the
# channels, and not over two. Choose Softmax2d in PyTorch, where the channels come before height and width.
#
# $$\mathrm{Softmax2d}(x)_{nchw} = \frac{e^{x_{nchw}}}{\sum_{k} e^{x_{nkhw}}}$$
#
# Here $n$ is the image in the batch, $c$ and $k$ are channels, and $h$ and $w$ are the row and the column of the
# pixel. The channels are the third axis from the end, with or without a batch. TensorFlow has no Softmax2d: use
# softmax with `axis=-3`.
#
# From here on, `value_and_grad` computes the output and the gradient. It multiplies each output by its entry of
# `upstream_gradient`, and returns the gradient of the sum. Here this entry is 1 for the first class and 0 for
# the other classes, so the result is the gradient of the first class's probability.

# %%
rng = np.random.default_rng(0)
# (batch, classes, height, width)
scores = rng.normal(0, 2, (1, 3, 8, 8)).astype(np.float32)
first_class = np.zeros_like(scores)
first_class[:, 0] = 1

# %% softmax2d-bridge-pt tags=["pytorch"]
x_pt = torch.tensor(scores)
y_pt, dx_pt = value_and_grad(
    nn.Softmax2d(), x_pt, upstream_gradient=first_class
)
same_pt = F.softmax(x_pt, dim=-3)
show(x=x_pt[0, :, 0, 0], y=y_pt[0, :, 0, 0],
     dx=dx_pt[0, :, 0, 0])

# %% softmax2d-bridge-tf tags=["tensorflow"]
x_tf = tf.constant(scores)
y_tf, dx_tf = value_and_grad(
    keras.layers.Softmax(axis=-3), x_tf,
    upstream_gradient=first_class,
)
same_tf = tf.nn.softmax(x_tf, axis=-3)
show(x=x_tf[0, :, 0, 0], y=y_tf[0, :, 0, 0],
     dx=dx_tf[0, :, 0, 0])

# %%
agree([y_pt, same_pt], [y_tf, same_tf], gradients=(dx_pt, dx_tf))

# %% [markdown]
# The cells print the first pixel: its three logits, its three probabilities and the gradient.
#
# ### The default axis changes the class of 12 of 64 pixels
#
# In TensorFlow an image usually has its channels last, and then the default axis is right. Here the last axis is
# the width, so for each class the eight values in a row of pixels sum to 1. For how many of the 64 pixels does
# the predicted class change?

# %% softmax2d-wrong-pt tags=["pytorch"]
x_pt = torch.tensor(scores)
right = nn.Softmax2d()(x_pt).argmax(1)
wrong = F.softmax(x_pt, dim=-1)
changed = int((right != wrong.argmax(1)).sum())
print("other class:", changed, "of 64")
show(first_pixel_sum=wrong[0, :, 0, 0].sum())

# %% softmax2d-wrong-tf tags=["tensorflow"]
x_tf = tf.constant(scores)
right = tf.argmax(tf.nn.softmax(x_tf, axis=-3), 1)
wrong = tf.nn.softmax(x_tf)
changed = int(np.sum(right != tf.argmax(wrong, 1)))
print("other class:", changed, "of 64")
show(first_pixel_sum=np.sum(wrong[0, :, 0, 0]))

# %% [markdown]
# There is no error and no NaN, but the values of one pixel do not sum to 1: for the first pixel the sum is
# 0.0948. The softmax has compared each value with the same class in other pixels, and not with the other classes
# of the same pixel.
#
# With channels last, as TensorFlow stores images, softmax over the default axis equals Softmax2d:

# %% channels-last
images = tf.constant(scores.transpose(0, 2, 3, 1))  # (batch, height, width, classes)
agree(y_pt.permute(0, 2, 3, 1), tf.nn.softmax(images))

# %% [markdown]
# PyTorch's module accepts only three or four dimensions. In TensorFlow, `axis=-3` works for tensors with three
# or more dimensions.

# %% softmax2d-shapes-pt tags=["pytorch"]
for n in (3, 4):
    y_pt = nn.Softmax2d()(torch.ones((2,) * n))
    print(n, "dimensions:", tuple(y_pt.shape))
for n in (2, 5):
    with show_error():
        nn.Softmax2d()(torch.ones((2,) * n))

# %% softmax2d-shapes-tf tags=["tensorflow"]
for n in (3, 4, 5):
    y_tf = tf.nn.softmax(tf.ones((2,) * n), axis=-3)
    print(n, "dimensions:", tuple(y_tf.shape))
with show_error():
    tf.nn.softmax(tf.ones((2, 2)), axis=-3)

# %% [markdown]
# (log-softmax)=
# ## LogSoftmax
#
# <!-- head: log_softmax -->
#
# LogSoftmax returns the logarithms of the softmax's probabilities, the *log-probabilities*, in one step. It does
# not compute the probabilities first. Choose LogSoftmax, or a loss that contains it, whenever you need a
# log-probability. The cross-entropy, for example, is minus the log-softmax of the true class.
#
# $$\operatorname{LogSoftmax}(x)_i = x_i - \log \sum_j e^{x_j}$$
#
# $$= (x_i - m) - \log \sum_j e^{x_j - m}$$
#
# Here $x_i$ is one logit, the sum is over all logits $x_j$, and $m$ is the largest logit. The second formula
# never overflows.

# %%
first = np.array([[1, 0, 0], [1, 0, 0]], dtype=np.float32)

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(
    F.log_softmax, x_pt, dim=-1, upstream_gradient=first
)
layer_pt = nn.LogSoftmax(dim=-1)(x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(
    tf.nn.log_softmax, x_tf, axis=-1, upstream_gradient=first
)
layer_tf = keras.layers.Activation("log_softmax")(x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree([y_pt, layer_pt], [y_tf, layer_tf], gradients=(dx_pt, dx_tf))

# %% [markdown]
# `dx` is the gradient of the first column: the vector (1, 0, 0) minus the probabilities. A vector like (1, 0, 0),
# with one 1 and otherwise zeros, is called *one-hot*.
#
# ### `log(softmax(x))` gives −∞ where `log_softmax(x)` gives −120
#
# If a logit is 120 lower than the largest logit, its probability is $10^{-52}$. In float32 this probability is
# 0, and the logarithm of 0 is −∞. Log-softmax never computes the probability.
#
# In the next cells the logits are 0 and a lower number. Each line prints the distance of the logits, then the
# log-probability of the lower logit twice. `two` takes two steps, softmax and logarithm. `one` is log-softmax.

# %% log-underflow-pt tags=["pytorch"]
for lag in (20.0, 80.0, 120.0, 1000.0):
    logits = torch.tensor([0.0, -lag])
    two = torch.log(F.softmax(logits, dim=-1))
    one = F.log_softmax(logits, dim=-1)
    print(f"{lag:6} two {two[1]:6.1f} one {one[1]:8.1f}")

# %% log-underflow-tf tags=["tensorflow"]
for lag in (20.0, 80.0, 120.0, 1000.0):
    logits = tf.constant([0.0, -lag])
    two = tf.math.log(tf.nn.softmax(logits, axis=-1))
    one = tf.nn.log_softmax(logits, axis=-1)
    print(f"{lag:6} two {two[1]:6.1f} one {one[1]:8.1f}")

# %% [markdown]
# The gradient of the two steps is NaN for both logits:

# %% log-gradient-pt tags=["pytorch"]
def two_steps_pt(x):
    return torch.log(F.softmax(x, dim=-1))

x_pt, second = torch.tensor([0.0, -120.0]), [0.0, 1.0]
_, two = value_and_grad(
    two_steps_pt, x_pt, upstream_gradient=second
)
_, one = value_and_grad(
    F.log_softmax, x_pt, dim=-1, upstream_gradient=second
)
show(two_steps=two, one_step=one)

# %% log-gradient-tf tags=["tensorflow"]
def two_steps_tf(x):
    return tf.math.log(tf.nn.softmax(x, axis=-1))

x_tf, second = tf.constant([0.0, -120.0]), [0.0, 1.0]
_, two = value_and_grad(
    two_steps_tf, x_tf, upstream_gradient=second
)
_, one = value_and_grad(
    tf.nn.log_softmax, x_tf, axis=-1, upstream_gradient=second
)
show(two_steps=two, one_step=one)

# %% [markdown]
# ### Only a loss with the logarithm corrects a confident mistake
#
# A network gives its two classes the logits −10 and 10, but the first class is the true class. The next cells
# train these two logits for 60 steps, three times. Each time they start from −10 and 10, and use another loss:
#
# - minus the probability of the true class
# - the square of 1 minus this probability
# - minus the logarithm of this probability
#
# The cells print the *lead* after 60 steps: the logit of the true class minus the other logit. It starts at −20.

# %% tags=["pytorch"]
def way_back_pt(loss_of):
    w = torch.tensor([-10.0, 10.0], requires_grad=True)
    sgd = torch.optim.SGD([w], lr=0.5)
    lead = []
    for _ in range(61):
        lead.append((w[0] - w[1]).detach())
        sgd.zero_grad()
        loss_of(w).backward()
        sgd.step()
    return torch.stack(lead)

# %% tags=["tensorflow"]
def way_back_tf(loss_of):
    w = tf.Variable([-10.0, 10.0])
    sgd = keras.optimizers.SGD(learning_rate=0.5)
    lead = []
    for _ in range(61):
        lead.append(w[0] - w[1])
        with tf.GradientTape() as tape:
            loss = loss_of(w)
        sgd.apply([tape.gradient(loss, w)], [w])
    return tf.stack(lead)

# %% tags=["pytorch"]
ways_pt = [way_back_pt(loss_of) for loss_of in (
    lambda w: -F.softmax(w, dim=-1)[0],
    lambda w: (1 - F.softmax(w, dim=-1)[0]) ** 2,
    lambda w: -F.log_softmax(w, dim=-1)[0])]
show(lead=[way[60] for way in ways_pt], digits=2)

# %% tags=["tensorflow"]
ways_tf = [way_back_tf(loss_of) for loss_of in (
    lambda w: -tf.nn.softmax(w, axis=-1)[0],
    lambda w: (1 - tf.nn.softmax(w, axis=-1)[0]) ** 2,
    lambda w: -tf.nn.log_softmax(w, axis=-1)[0])]
show(lead=[way[60] for way in ways_tf], digits=2)

# %% log-way-back
agree(ways_pt, ways_tf, rtol=1e-3, atol=1e-3)

# %% log-way-back-figure tags=["hide-input"]
# alt: The lead of the true class over 60 steps, TensorFlow's values as circles on PyTorch's lines. Minus the
# probability p and (1 − p) squared both stay flat at minus 20. Minus the logarithm climbs in a straight line,
# crosses 0 at step 20, and bends off above.
fig, ax = plt.subplots()
for way_pt, way_tf in zip(ways_pt, ways_tf):
    plots.coinciding(ax, range(61), way_pt, way_tf, markers=16)
ax.annotate("−log p", (21, -3))
ax.annotate("−p and (1 − p)²", (60, -18.6), ha="right")
plots.say_which(ax, (60, -8), ha="right")
ax.axhline(0, color=plots.INK, linewidth=0.6, zorder=0)
ax.set(xlabel="step", ylabel="lead of the true class",
       title="Only −log p corrects a confident mistake")
plt.show()

# %% [markdown]
# Why do the first two losses fail? The derivative of a probability $p$ with respect to its own logit is $p\,(1 -
# p)$. For $p = e^{-20}$ this is almost 0, so the logits do not change. The derivative of the logarithm is $1 -
# p$, because the chain rule divides by $p$. So the smaller the probability of the true class, the larger the
# gradient.

# %% [markdown]
# (softmax-and-loss)=
# ## The loss applies the softmax: pass logits to it
#
# `nn.CrossEntropyLoss` in PyTorch takes logits, and applies log-softmax to them. Keras's cross-entropy takes
# probabilities by default, and logits with `from_logits=True`. So if a Keras model ends in `Dense(10,
# activation="softmax")`, its PyTorch version must end in `nn.Linear(…, 10)` without a softmax.
#
# Such a model predicts logits. If you need probabilities, apply the softmax to its output. If you need only the
# class, `argmax` of the logits is enough: softmax does not change the order.
#
# ### With a second softmax, the loss of three classes stays above 0.55
#
# If you pass probabilities to a loss that expects logits, softmax is applied twice. Neither framework raises an
# error. The next cells make this mistake in four examples with three classes. The first class is always the true
# class. Its logit is −10, 0, 2 and 20 in the four examples, and the other two logits are 0. `dz` is the gradient
# with respect to the logit of the true class.

# %%
scores = np.array([[-10, 0, 0], [0, 0, 0], [2, 0, 0], [20, 0, 0]], dtype=np.float32)
labels = np.zeros(4, dtype=np.int64)

# %% loss-twice-pt tags=["pytorch"]
z_pt, y_pt = torch.tensor(scores), torch.tensor(labels)

def twice_pt(z):
    p = F.softmax(z, dim=-1)
    return F.cross_entropy(p, y_pt, reduction="none")

loss_pt, dz_pt = value_and_grad(twice_pt, z_pt)
show(loss=loss_pt, dz=dz_pt[:, 0])

# %% loss-twice-tf tags=["tensorflow"]
z_tf, y_tf = tf.constant(scores), tf.constant(labels)
entropy = keras.losses.sparse_categorical_crossentropy

def twice_tf(z):
    p = tf.nn.softmax(z, axis=-1)
    return entropy(y_tf, p, from_logits=True)

loss_tf, dz_tf = value_and_grad(twice_tf, z_tf)
show(loss=loss_tf, dz=dz_tf[:, 0])

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# The first example is a confident mistake. Its gradient is 0 to four decimals, so training does not correct the
# mistake. The last example is confident and right, but its loss is 0.55. Its probabilities are 1, 0 and 0, and
# if a loss treats these numbers as logits, it gives $\log(1 + 2/e) = 0.55$. With ten classes the lowest possible
# loss is $\log(1 + 9/e) = 1.46$. If the loss of a classifier stays close to this value, look for a second
# softmax.
#
# The next cells pass the logits to the loss, which is right:

# %% loss-once-pt tags=["pytorch"]
def once_pt(z):
    return F.cross_entropy(z, y_pt, reduction="none")

loss_pt, dz_pt = value_and_grad(once_pt, z_pt)
show(loss=loss_pt, dz=dz_pt[:, 0])

# %% loss-once-tf tags=["tensorflow"]
def once_tf(z):
    return entropy(y_tf, z, from_logits=True)

loss_tf, dz_tf = value_and_grad(once_tf, z_tf)
show(loss=loss_tf, dz=dz_tf[:, 0])

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# Now the confident mistake has the loss 10.69 and a large gradient, −1. The confident right answer has the loss
# 0.
#
# ### If you forget `from_logits=True` in Keras, most gradients are 0
#
# The opposite mistake is to pass logits to a loss that expects probabilities. In Keras you make this mistake if
# you forget `from_logits=True`. In PyTorch the loss without a softmax is `F.nll_loss`, and it expects
# log-probabilities.

# %% loss-logits-pt tags=["pytorch"]
def logits_pt(z):
    return F.nll_loss(z, y_pt, reduction="none")

loss_pt, dz_pt = value_and_grad(logits_pt, z_pt)
show(loss=loss_pt, dz=dz_pt[:, 0])

# %% loss-logits-tf tags=["tensorflow"]
def logits_tf(z):
    return entropy(y_tf, z)

loss_tf, dz_tf = value_and_grad(logits_tf, z_tf)
show(loss=loss_tf, dz=dz_tf[:, 0])

# %% [markdown]
# Keras's loss first clips its input to the range from $10^{-7}$ to $1 - 10^{-7}$. Then it divides each number by
# the sum of its row. In the first example all three numbers become $10^{-7}$, so the loss is $\log 3 = 1.0986$.
# Most logits are outside this range, and there the gradient is 0. PyTorch's `nll_loss` returns minus the logit, so
# the loss can be negative, without a lower limit. If `nll_loss` is negative, its input is not a log-probability.
#
# ### Which PyTorch loss replaces which Keras loss
#
# | the model's output | PyTorch | Keras, in `keras.losses` |
# | --- | --- | --- |
# | logits `z`, integer classes `y` | `F.cross_entropy(z, y)` | `sparse_categorical_crossentropy(y, z, from_logits=True)` |
# | logits `z`, one-hot classes `q` as floats | `F.cross_entropy(z, q)` | `categorical_crossentropy(q, z, from_logits=True)` |
# | log-probabilities `log_p` | `F.nll_loss(log_p, y)` | `sparse_categorical_crossentropy(y, log_p, from_logits=True)` |
# | probabilities `p` | `F.nll_loss(torch.log(p), y)`; logits are better | `sparse_categorical_crossentropy(y, p)` |
# | one logit `z`, target `t` | `F.binary_cross_entropy_with_logits(z, t)` | `binary_crossentropy(t, z, from_logits=True)` |
# | one probability `p`, target `t` | `F.binary_cross_entropy(p, t)` | `binary_crossentropy(t, p)` |
#
# Five things to watch:
#
# - The order of the arguments is different: PyTorch takes the prediction first, Keras takes the target first.
# - PyTorch returns the mean over the batch. Keras's functions return a loss for each example.
# - You can pass log-probabilities as logits, because log-softmax does not change log-probabilities.
# - For images and sequences, [the classes lie in axis 1 in PyTorch, and in the last axis in
#   Keras](multiclass-axis).
# - In PyTorch use [integer classes of dtype int64](multiclass-labels), and targets of binary losses as floats. Keras
#   also accepts other dtypes.
#
# The next cells run the table row by row. In the last two rows every logit is a yes-or-no decision, and its
# target is 1.

# %% loss-table-pt tags=["pytorch"]
z_pt, t_pt = torch.tensor(x), torch.ones(2, 3)
y_pt = torch.tensor([2, 0])
p_pt, log_p = F.softmax(z_pt, -1), F.log_softmax(z_pt, -1)
losses_pt = [
    F.cross_entropy(z_pt, y_pt),
    F.cross_entropy(z_pt, F.one_hot(y_pt, 3).float()),
    F.nll_loss(log_p, y_pt),
    F.nll_loss(torch.log(p_pt), y_pt),
    F.binary_cross_entropy_with_logits(z_pt, t_pt),
    F.binary_cross_entropy(torch.sigmoid(z_pt), t_pt),
]
show(losses=losses_pt)

# %% loss-table-tf tags=["tensorflow"]
z_tf, t_tf = tf.constant(x), tf.ones((2, 3))
y_tf = tf.constant([2, 0])
p_tf, log_p = tf.nn.softmax(z_tf), tf.nn.log_softmax(z_tf)
binary = keras.losses.binary_crossentropy
one_hot = keras.losses.categorical_crossentropy
losses_tf = [tf.reduce_mean(loss) for loss in (
    entropy(y_tf, z_tf, from_logits=True),
    one_hot(tf.one_hot(y_tf, 3), z_tf, from_logits=True),
    entropy(y_tf, log_p, from_logits=True),
    entropy(y_tf, p_tf),
    binary(t_tf, z_tf, from_logits=True),
    binary(t_tf, tf.nn.sigmoid(z_tf)),
)]
show(losses=losses_tf)

# %%
agree(losses_pt, losses_tf)

# %% [markdown]
# ### Keras's softmax stores its logits, and Keras's losses use them
#
# `keras.activations.softmax` attaches the logits to the tensor that it returns, in a hidden attribute, as
# [Keras's sigmoid does](sigmoids.ipynb#sigmoid). Keras's losses use the stored logits instead of the
# probabilities.
#
# In the next cells the logits are (0, −200), and the true class is the second class. Its probability is 0 in
# float32, and the exact loss is 200. The cells print the probability and the loss. PyTorch takes the logarithm
# of 0, so its loss is infinite.

# %% log-memory-pt tags=["pytorch"]
logits_pt = torch.tensor([[0.0, -200.0]])
p_pt = F.softmax(logits_pt, dim=-1)
loss = F.nll_loss(torch.log(p_pt), torch.tensor([1]))
print(f"F     {p_pt[0, 1]:.1f} {loss:.1f}")

# %% log-memory-tf tags=["tensorflow"]
logits_tf = tf.constant([[0.0, -200.0]])
for name, softmax in (("keras", keras.activations.softmax),
                      ("tf.nn", tf.nn.softmax)):
    p_tf = softmax(logits_tf, axis=-1)
    loss = entropy(tf.constant([1]), p_tf)
    print(f"{name} {p_tf[0, 1]:.1f} {loss[0]:.1f}")

# %% [markdown]
# `keras.activations.softmax` stores its logits, so the loss is right. `tf.nn.softmax` stores nothing: Keras
# clips the probability to $10^{-7}$, and the loss is 16.1.
#
# `fit` runs the model in a `tf.function`. There the graph contains the softmax operation, so Keras finds the
# logits of `tf.nn.softmax`, too:

# %% log-memory-compiled
compiled = tf.function(lambda z: entropy(tf.constant([1]), tf.nn.softmax(z)))
print(f"{compiled(logits_tf)[0]:.1f}")

# %% [markdown]
# The stored logits also prevent the mistake of a second softmax. If you pass the output of Keras's softmax with
# `from_logits=True`, Keras gives a warning and uses the stored logits. PyTorch gives no warning, and the loss is
# wrong:

# %% loss-warning-pt tags=["pytorch"]
y_pt = torch.tensor(labels)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    p_pt = F.softmax(torch.tensor(scores), dim=-1)
    loss = F.cross_entropy(p_pt, y_pt, reduction="none")
show(loss=loss)
for warning in caught:
    print(str(warning.message)[:64])

# %% loss-warning-tf tags=["tensorflow"]
y_tf = tf.constant(labels)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    p_tf = keras.activations.softmax(tf.constant(scores))
    loss = entropy(y_tf, p_tf, from_logits=True)
show(loss=loss)
for warning in caught:
    print(str(warning.message)[:64])

# %% [markdown]
# Do not rely on the stored logits. Pass logits to the loss, with `from_logits=True`.

# %% [markdown]
# (softmin)=
# ## Softmin
#
# <!-- head: softmin -->
#
# Softmin gives the largest probability to the smallest number. Choose it if small numbers are good: for
# distances, costs and energies.
#
# $$\operatorname{softmin}(x)_i = \frac{e^{-x_i}}{\sum_j e^{-x_j}} = \operatorname{softmax}(-x)_i$$
#
# Here $x_i$ is one number of the list, and the sum is over all numbers $x_j$ of the list. TensorFlow has no
# softmin: use the softmax of $-x$.

# %% softmin-bridge-pt tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(
    F.softmin, x_pt, dim=-1, upstream_gradient=first
)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% softmin-bridge-tf tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(
    lambda x: tf.nn.softmax(-x, axis=-1), x_tf,
    upstream_gradient=first,
)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# The signs of `dx` are the opposite of softmax's: the larger a number, the smaller its own probability.
#
# ### 1 − softmax is not softmin
#
# For three numbers, 1 − softmax sums to 2 and not to 1. Divided by 2, it sums to 1, but it is still not softmin.
# In the first row below, the first two values are 0.96 and 0.89; with softmin the first would be $e$ times the
# second.

# %% softmin-complement-pt tags=["pytorch"]
one_minus = 1 - F.softmax(torch.tensor(x), dim=-1)
show(one_minus=one_minus, sums=one_minus.sum(-1))

# %% softmin-complement-tf tags=["tensorflow"]
one_minus = 1 - tf.nn.softmax(tf.constant(x), axis=-1)
show(one_minus=one_minus, sums=np.sum(one_minus, -1))

# %% [markdown]
# ### Softmin finds the nearest neighbour, with a gradient
#
# Four points lie on a line, and each has a value. We look for the value of the point nearest to the position
# 1.2, the *query*. An argmin of the distances gives the answer, but it has no gradient.
#
# With softmin the answer is a weighted average of the values {footcite:p}`goldberger2004neighbourhood`. To get
# the weights, divide the squared distances by a temperature, and compute the softmin. This answer has a
# gradient: it says in which direction to move the query to get a larger answer. In the next cells, `answers` and
# `slopes` are the answers and their gradients at the temperatures 3, 1, 0.1 and 0.01.

# %%
points = np.array([0, 1, 2, 5], dtype=np.float32)
values = np.array([3, 7, 8, 1], dtype=np.float32)
T = np.array([[3], [1], [0.1], [0.01]], dtype=np.float32)  # a row for each temperature
query = np.full_like(T, 1.2)

# %% tags=["pytorch"]
def answer_pt(query):
    d = (query - torch.tensor(points)) ** 2
    w = F.softmin(d / torch.tensor(T), dim=-1)
    return (w * torch.tensor(values)).sum(-1)

answers_pt, slopes_pt = value_and_grad(
    answer_pt, torch.tensor(query)
)
show(answers=answers_pt, slopes=slopes_pt[:, 0])

# %% tags=["tensorflow"]
def answer_tf(query):
    d = (query - tf.constant(points)) ** 2
    w = tf.nn.softmax(-d / tf.constant(T), axis=-1)
    return tf.reduce_sum(w * tf.constant(values), -1)

answers_tf, slopes_tf = value_and_grad(
    answer_tf, tf.constant(query)
)
show(answers=answers_tf, slopes=slopes_tf[:, 0])

# %% softmin-nearest
agree(answers_pt, answers_tf, gradients=(slopes_pt, slopes_tf), rtol=1e-4, atol=1e-5)

# %% [markdown]
# At a low temperature the answer is the value of the nearest point, 7. The gradient is almost 0, and at $T =
# 0.01$ it is 0, as with an argmin. At a higher temperature the other points have some weight. The gradient is
# then positive: the next point to the right has the larger value, 8.

# %% [markdown]
# (gumbel-softmax)=
# ## Gumbel-softmax
#
# <!-- head: gumbel_softmax -->
#
# Gumbel-softmax chooses a class at random, with the probabilities of the softmax, and it still has a gradient.
# It adds random noise to the logits, and computes the softmax of the sum
# {footcite:p}`jang2017categorical,maddison2017concrete`. Choose it if a network must make a choice and learn
# from it.
#
# $$y_i = \frac{e^{(x_i + g_i)/\tau}}{\sum_j e^{(x_j + g_j)/\tau}}$$
#
# $$g_i = -\log(-\log u_i)$$
#
# Here $x_i$ is a logit, and $\tau$ is the temperature. $g_i$ is the *Gumbel* noise of this logit. It is computed
# from $u_i$, a uniform random number between 0 and 1. Every logit gets a new $u_i$ in every call.
#
# TensorFlow has no Gumbel-softmax, so the next cell defines it. The function also accepts the noise as an
# argument, so that both frameworks can use the same noise.

# %% gumbel-bridge-pt tags=["pytorch"]
gumbel_softmax_pt = F.gumbel_softmax

# %% gumbel-bridge-tf tags=["tensorflow"]
def gumbel_softmax_tf(x, tau=1.0, hard=False, noise=None):
    if noise is None:
        u = tf.random.uniform(tf.shape(x))
        noise = -tf.math.log(-tf.math.log(u))
    y = tf.nn.softmax((x + noise) / tau)
    if hard:
        winner = tf.argmax(y, axis=-1)
        sample = tf.one_hot(winner, y.shape[-1])
        y = sample - tf.stop_gradient(y) + y
    return y

# %% [markdown]
# First the formula itself, with the same noise from NumPy in both frameworks:

# %%
noise = np.random.default_rng(3).gumbel(size=x.shape).astype(np.float32)

# %% tags=["pytorch"]
x_pt, noise_pt = torch.tensor(x), torch.tensor(noise)
y_pt, dx_pt = value_and_grad(
    lambda x: F.softmax((x + noise_pt) / 0.5, dim=-1), x_pt,
    upstream_gradient=first,
)
show(noise=noise, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf, noise_tf = tf.constant(x), tf.constant(noise)
y_tf, dx_tf = value_and_grad(
    lambda x: tf.nn.softmax((x + noise_tf) / 0.5), x_tf,
    upstream_gradient=first,
)
show(noise=noise, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# `F.gumbel_softmax` draws its own noise, and you cannot pass noise to it. To use the same noise in TensorFlow,
# set PyTorch's seed again, draw the noise in PyTorch, and pass it to your TensorFlow function. The noise is
# $-\log(-\log u)$. PyTorch does not draw $u$: `exponential_()` returns the inner part, $-\log u$.

# %% gumbel-formula
torch.manual_seed(0)
noise = -torch.empty(x.shape).exponential_().log().numpy()

# %% tags=["pytorch"]
torch.manual_seed(0)
x_pt = torch.tensor(x)
y_pt = F.gumbel_softmax(x_pt, tau=0.5)

# %% tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf = tf.nn.softmax((x_tf + noise) / 0.5)
same_tf = gumbel_softmax_tf(x_tf, tau=0.5, noise=noise)

# %%
agree([y_pt, y_pt], [y_tf, same_tf])

# %% [markdown]
# ### Each class wins as often as its softmax probability says
#
# The next cells draw a hundred thousand outputs for the second row, at three temperatures, and compare them with
# the softmax of this row in two ways:
#
# - `wins`: how often has each class the largest output? True means that this share is the softmax probability of
#   the class, within 0.01.
# - `mean`: what is the average output of each class? True means that it is the softmax probability, within 0.01.

# %% gumbel-wins-pt tags=["pytorch"]
torch.manual_seed(0)
many = torch.tensor(x[1]).repeat(100_000, 1)
p = F.softmax(many[0], dim=-1)
for tau in (0.1, 1.0, 10.0):
    y_pt = gumbel_softmax_pt(many, tau=tau)
    wins = torch.bincount(y_pt.argmax(-1)) / 100_000
    as_often = (wins - p).abs().max() < 0.01
    as_much = (y_pt.mean(0) - p).abs().max() < 0.01
    print(f"tau {tau:4}: wins {bool(as_often)},",
          f"mean {bool(as_much)}")

# %% gumbel-wins-tf tags=["tensorflow"]
tf.random.set_seed(0)
many = tf.repeat(tf.constant(x[1:]), 100_000, axis=0)
p = tf.nn.softmax(many[0]).numpy()
for tau in (0.1, 1.0, 10.0):
    y_tf = gumbel_softmax_tf(many, tau=tau)
    wins = np.bincount(tf.argmax(y_tf, -1)) / 100_000
    as_often = abs(wins - p).max() < 0.01
    as_much = abs(np.mean(y_tf, 0) - p).max() < 0.01
    print(f"tau {tau:4}: wins {bool(as_often)},",
          f"mean {bool(as_much)}")

# %% [markdown]
# The winners follow the softmax probabilities at all three temperatures. The mean output follows them only at
# the lowest temperature, 0.1, where almost every output is close to one-hot.
#
# The figure shows single outputs as dots. In a corner of the triangle, one class has the value 1. In the middle,
# all three classes have the value ⅓.

# %% triangles tags=["hide-input"]
# alt: Three triangles of 150 outputs each, at the temperatures 0.1, 1 and 10. Each corner is a class. At 0.1
# nearly all dots lie in the corners, at 1 they fill the triangle, at 10 they lie near its middle. PyTorch's and
# TensorFlow's dots look alike.
fig, axes = plt.subplots(2, 2, figsize=(5.2, 5.2))
torch.manual_seed(1)
tf.random.set_seed(1)
corners = np.array([[0, 0], [1, 0], [0.5, 0.866]])
for ax, tau in zip(axes.flat, (0.1, 1.0, 10.0)):
    y_pt = gumbel_softmax_pt(torch.tensor(x[1]).repeat(75, 1), tau=tau)
    y_tf = gumbel_softmax_tf(tf.repeat(x[1:], 75, axis=0), tau=tau)
    for y, color in ((y_pt, plots.PYTORCH), (y_tf, plots.TENSORFLOW)):
        ax.plot(*(np.asarray(y) @ corners).T, "o", color=color, markersize=4, alpha=0.6)
    ax.fill(*corners.T, fill=False, edgecolor=plots.INK, linewidth=0.8)
    ax.set_title(f"temperature {tau:g}", loc="center", fontsize=11)
    for name, (a, b), down in zip(("class 1", "class 2", "class 3"), corners, (-15, -15, 6)):
        ax.annotate(name, (a, b), (0, down), textcoords="offset points", ha="center")
    ax.set(aspect="equal", xlim=(-0.15, 1.15), ylim=(-0.15, 1.02))
for ax in axes.flat:
    ax.axis("off")
legend = axes[1, 1]
legend.text(0.1, 0.6, "PyTorch's outputs", color=plots.PYTORCH)
legend.text(0.1, 0.45, "TensorFlow's outputs", color=plots.TENSORFLOW)
fig.suptitle("The lower the temperature, the closer to one class", color=plots.INK)
plt.show()

# %% [markdown]
# ### `hard=True` returns a one-hot sample that has a gradient
#
# With `hard=True` the output is 1 for the winner and 0 for the other classes. The gradient is the gradient of
# the softmax output, as if there were no rounding to 0 and 1. This is called a *straight-through* gradient.
#
# Both cells use the same noise. They print each row sorted: always 0, 0, 1, whichever class wins.

# %% gumbel-hard-pt tags=["pytorch"]
torch.manual_seed(0)
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(
    gumbel_softmax_pt, x_pt, tau=0.5, hard=True,
    upstream_gradient=first,
)
show(sorted=y_pt.sort(-1).values)
print("a gradient:", bool(dx_pt.abs().sum() > 0))

# %% gumbel-hard-tf tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(
    gumbel_softmax_tf, x_tf, tau=0.5, hard=True,
    noise=noise, upstream_gradient=first,
)
show(sorted=tf.sort(y_tf, -1))
print("a gradient:", bool(np.abs(dx_tf).sum() > 0))

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# If you make a one-hot sample from an argmax yourself, it has no gradient:

# %% gumbel-argmax-pt tags=["pytorch"]
def by_hand_pt(x):
    return F.one_hot(x.argmax(-1), 3)

y_pt, dx_pt = value_and_grad(by_hand_pt, x_pt)
print("gradient:", dx_pt)

# %% gumbel-argmax-tf tags=["tensorflow"]
def by_hand_tf(x):
    return tf.one_hot(tf.argmax(x, -1), 3)

y_tf, dx_tf = value_and_grad(by_hand_tf, x_tf)
print("gradient:", dx_tf)

# %% [markdown]
# (sparsemax)=
# ## Sparsemax
#
# <!-- head: sparsemax -->
#
# Sparsemax also returns probabilities. It subtracts a threshold from all numbers, and the numbers below the
# threshold get exactly 0 {footcite:p}`martins2016softmax`. Choose it for attention that should use only a few
# positions.
#
# $$\operatorname{sparsemax}(x)_i = \max(0,\; x_i - \tau)$$
#
# $$\tau = \max_k \frac{x_{(1)} + \dots + x_{(k)} - 1}{k}$$
#
# Here $x_{(1)} \ge x_{(2)} \ge \dots$ are the numbers in descending order. With this threshold $\tau$, the sum
# of all $\max(0,\; x_i - \tau)$ is 1.
#
# PyTorch has no sparsemax, and Keras's sparsemax [gives other results](sparsemax-keras). So the next cells
# define it in both frameworks.

# %% sparsemax-bridge-pt tags=["pytorch"]
def sparsemax_pt(x):
    z = torch.sort(x, descending=True).values
    k = torch.arange(1, x.shape[-1] + 1)
    tau = (torch.cumsum(z, -1) - 1) / k
    return F.relu(x - tau.amax(-1, keepdim=True))

# %% sparsemax-bridge-tf tags=["tensorflow"]
def sparsemax_tf(x):
    z = tf.sort(x, direction="DESCENDING")
    k = tf.range(1.0, x.shape[-1] + 1)
    tau = (tf.cumsum(z, -1) - 1) / k
    return tf.nn.relu(x - tf.reduce_max(tau, -1, keepdims=True))

# %% [markdown]
# In the next cells, `dx` is the gradient of the last column of the output.

# %%
last = np.array([[0, 0, 1], [0, 0, 1]], dtype=np.float32)

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(
    sparsemax_pt, x_pt, upstream_gradient=last
)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(
    sparsemax_tf, x_tf, upstream_gradient=last
)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# In the first row the largest number is larger than the others by at least 1, so it gets the probability 1. A
# small change of any number does not change this, so the gradient is 0. In the second row the numbers 0.5 and 0 get
# a probability above 0. The number −1 gets the probability 0 and the gradient 0.
#
# The chapter on sigmoids has a function called [sparse sigmoid](sigmoids.ipynb#sparse-sigmoid): 0 below −1, 1 above
# 1, and a straight line between. For two numbers, sparsemax is the sparse sigmoid of their difference:

# %% sparsemax-of-two
pairs = torch.tensor(np.stack([z, 0 * z], axis=1))  # (batch, 2)
agree(sparsemax_pt(pairs)[:, 0], keras.activations.sparse_sigmoid(z))

# %% [markdown]
# Is this function right? By definition, sparsemax of $x$ is the list of probabilities with the smallest distance
# to $x$. The next cell draws ten thousand other lists of probabilities, and prints True if all of them have a
# larger distance. `gradcheck` compares the gradient with a numerical gradient.

# %% nearest
others = np.random.default_rng(0).dirichlet(np.full(3, 0.3), 10_000)  # (list, share)
for row, y in zip(x, sparsemax_pt(torch.tensor(x)).numpy()):
    farther = np.sum((row - others) ** 2, axis=1) > np.sum((row - y) ** 2)
    print(f"sums to {y.sum():.4f}, nearest:", bool(farther.all()))
in_doubles = torch.tensor(x, dtype=torch.float64, requires_grad=True)
print("gradient:", torch.autograd.gradcheck(sparsemax_pt, in_doubles))

# %% [markdown]
# (sparsemax-keras)=
# ### Sparsemax in Keras 3.15 is usually wrong if more than one number gets a probability above 0
#
# The inputs are the same two rows, and a third row in which the two largest numbers are equal. The PyTorch cell
# calls `sparsemax_pt` from above. The TensorFlow cell calls Keras's own function, in version 3.15.

# %% sparsemax-keras-pt tags=["pytorch"]
x_pt = torch.tensor([[1.0, 2.0, 4.0], [-1.0, 0.5, 0.0],
                     [1.0, 1.0, -1.0]])
y_pt = sparsemax_pt(x_pt)
show(y=y_pt, sums=y_pt.sum(-1))

# %% sparsemax-keras-tf tags=["tensorflow"]
x_tf = tf.constant([[1.0, 2.0, 4.0], [-1.0, 0.5, 0.0],
                    [1.0, 1.0, -1.0]])
y_tf = keras.activations.sparsemax(x_tf)
show(y=y_tf, sums=tf.reduce_sum(y_tf, -1))

# %% [markdown]
# Keras's first row is right. Its second row sums to ½, and its third row sums to 0. The reason is the
# threshold. If $k$ numbers get a probability above 0, the right formula uses the sum of the $k$ largest
# numbers. Keras computes this sum for 1 number, for 2 numbers, and so on up to $k$ numbers, and adds these sums. For
# $k = 2$ the right sum is $x_{(1)} + x_{(2)}$, and Keras uses $x_{(1)} + (x_{(1)} + x_{(2)})$.
# For $k = 1$ both are the same.
#
# How often is Keras right? The next cells use ten thousand rows of eight normally distributed numbers. `nonzero`
# is how many numbers of a row get a probability above 0, and `rows` is how many such rows there are. `right` is
# the percentage of these rows in which Keras is right. `shifted` is the same percentage if you first subtract
# the maximum of each row.

# %%
normal = np.random.default_rng(0).normal(size=(10_000, 8)).astype(np.float32)
truth = sparsemax_tf(normal).numpy()

def right(y):
    return abs(y.numpy() - truth).max(-1) < 1e-5

as_it_is = right(keras.activations.sparsemax(normal))
shifted = right(keras.activations.sparsemax(normal - normal.max(-1, keepdims=True)))
n_nonzero = (truth > 0).sum(-1)

# %% sparsemax-when-right
print("nonzero  rows   right   shifted")
for n in range(1, 7):
    rows = n_nonzero == n
    print(f"{n:7} {rows.sum():5}",
          f"{as_it_is[rows].mean():7.0%} {shifted[rows].mean():9.0%}")

# %% [markdown]
# Without the shift, Keras is right in the rows with one probability of 1. After the shift Keras is also right
# in the rows with two probabilities above 0. Rows with three or more stay wrong. Until Keras is corrected, use the
# function `sparsemax_tf` from above.
#
# A shift must not change the result. So you can test any softmax: add a constant to the input. The output must
# stay the same. In the next cells Keras's output changes.

# %% sparsemax-shift-pt tags=["pytorch"]
row = torch.tensor([0.5, 0.25, -1.0])
show(ours=sparsemax_pt(row), plus_10=sparsemax_pt(row + 10))

# %% sparsemax-shift-tf tags=["tensorflow"]
row = tf.constant([0.5, 0.25, -1.0])
show(ours=sparsemax_tf(row), plus_10=sparsemax_tf(row + 10))
keras_sparsemax = keras.activations.sparsemax
show(keras=keras_sparsemax(row),
     plus_10=keras_sparsemax(row + 10))

# %% [markdown]
# ### The more the numbers differ, the more probabilities are 0
#
# The next cells multiply the rows of eight numbers by 0.1, 0.5, 1 and 4, and print how many probabilities of a
# row are above 0, on average. With softmax all eight are above 0 in every case.

# %% tags=["pytorch"]
for spread in (0.1, 0.5, 1.0, 4.0):
    h = spread * torch.tensor(normal)
    n_soft = (F.softmax(h, dim=-1) > 0).sum(-1)
    n_sparse = (sparsemax_pt(h) > 0).sum(-1)
    print(f"spread {spread}:",
          f"softmax {n_soft.float().mean():.1f},",
          f"sparsemax {n_sparse.float().mean():.1f}")

# %% tags=["tensorflow"]
for spread in (0.1, 0.5, 1.0, 4.0):
    h = spread * tf.constant(normal)
    n_soft = np.sum(tf.nn.softmax(h, axis=-1) > 0, -1)
    n_sparse = np.sum(sparsemax_tf(h) > 0, -1)
    print(f"spread {spread}:",
          f"softmax {n_soft.mean():.1f},",
          f"sparsemax {n_sparse.mean():.1f}")

# %% [markdown]
# ### A number with the probability 0 gets no gradient
#
# This is a disadvantage of sparsemax's exact zeros. The next cells compute the gradient of the third
# probability, first with softmax and then with sparsemax:

# %% sparsemax-out-pt tags=["pytorch"]
def softmax_pt(x):
    return F.softmax(x, dim=-1)

x_pt, third = torch.tensor([1.5, 1.0, -0.5]), [0.0, 0.0, 1.0]
for function in (softmax_pt, sparsemax_pt):
    y_pt, dx_pt = value_and_grad(
        function, x_pt, upstream_gradient=third
    )
    show(y=y_pt, dx=dx_pt)

# %% sparsemax-out-tf tags=["tensorflow"]
def softmax_tf(x):
    return tf.nn.softmax(x, axis=-1)

x_tf, third = tf.constant([1.5, 1.0, -0.5]), [0.0, 0.0, 1.0]
for function in (softmax_tf, sparsemax_tf):
    y_tf, dx_tf = value_and_grad(
        function, x_tf, upstream_gradient=third
    )
    show(y=y_tf, dx=dx_tf)

# %% [markdown]
# With softmax, the gradient with respect to the third number is positive, so training can make its probability
# larger. With sparsemax all gradients of the third probability are 0. If the loss contains only this probability,
# training does not change it.

# %% [markdown]
# (softmaxes-at-the-kink)=
# ## At a kink, sparsemax's gradient depends on the code
#
# A *kink* is a point where the slope jumps. Softmax and log-softmax have none: the maximum that they subtract
# has kinks, but it cancels in the value and in the gradient. The next cell shows this for softmax at the logits
# (1, 1, 0). PyTorch runs the formula with `amax`, and TensorFlow runs its own softmax:

# %% tie
def shifted_softmax(x):
    e = torch.exp(x - x.amax())
    return e / e.sum()

tie, of_first = [1.0, 1.0, 0.0], [1.0, 0.0, 0.0]
y_pt, dx_pt = value_and_grad(
    shifted_softmax, torch.tensor(tie), upstream_gradient=of_first)
y_tf, dx_tf = value_and_grad(
    tf.nn.softmax, tf.constant(tie), upstream_gradient=of_first)
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Sparsemax has a kink where a number is equal to the threshold. For the input (1, 0) the threshold is the larger
# of two candidates, and both are 0: $(1 - 1)/1$ and $(1 + 0 - 1)/2$. So the code takes the maximum of two equal
# numbers (a *tie*). The gradient then depends on the function:
#
# | code | gradient at a tie |
# | --- | --- |
# | `amax` in PyTorch, `reduce_max` in TensorFlow | is divided equally between the equal numbers |
# | `max(dim)` in PyTorch | goes to one of the equal numbers |
# | `keras.activations.sparsemax` | goes only to numbers with a probability above 0 |
#
# The PyTorch cell runs `sparsemax_pt`, then a version with `max(dim)`. The TensorFlow cell runs `sparsemax_tf`,
# then Keras's function:

# %% kinks-pt tags=["pytorch"]
def picking(x):
    z = torch.sort(x, descending=True).values
    tau = (torch.cumsum(z, -1) - 1) / torch.tensor([1, 2])
    return F.relu(x - tau.max(-1).values)

x_pt, of_first = torch.tensor([1.0, 0.0]), [1.0, 0.0]
for sparsemax in (sparsemax_pt, picking):
    y_pt, dx_pt = value_and_grad(
        sparsemax, x_pt, upstream_gradient=of_first
    )
    show(y=y_pt, dx=dx_pt)

# %% kinks-tf tags=["tensorflow"]
x_tf, of_first = tf.constant([1.0, 0.0]), [1.0, 0.0]
for sparsemax in (sparsemax_tf, keras_sparsemax):
    y_tf, dx_tf = value_and_grad(
        sparsemax, x_tf, upstream_gradient=of_first
    )
    show(y=y_tf, dx=dx_tf)

# %% [markdown]
# If the second number is slightly smaller than 0, the gradient is (0, 0). If it is slightly larger than 0, the
# gradient is (½, −½). At 0 exactly, every gradient between these two is valid. Decimal numbers are seldom
# exactly equal to the threshold, but integers often are.
#
# ## Which function to choose
#
# | you have | choose | because |
# | --- | --- | --- |
# | probabilities to print, or weights of an average | Softmax, with its axis named | the probabilities sum to 1 |
# | a cross-entropy loss | no softmax: [pass logits](softmax-and-loss) | the loss applies log-softmax itself |
# | your own loss on probabilities | LogSoftmax | the loss still has a gradient after a confident mistake |
# | two classes | [a sigmoid](sigmoids.ipynb#sigmoid) of one logit | it gives the same result with half the outputs |
# | several labels, and more than one can be true | a sigmoid for each label | softmax allows only one winner |
# | a class for every pixel | `nn.Softmax2d()`, or a softmax over axis −3; with channels last, over axis −1 | this is the axis of the classes |
# | distances or costs | Softmin | the smallest number gets the largest probability |
# | a random choice that must be trained | Gumbel-softmax | each class wins with its softmax probability |
# | attention that should use few positions | the Sparsemax of this page | its zeros are exact; the sparsemax of Keras 3.15 is wrong |
#
# ## Exercises
#
# Write all six functions yourself, in PyTorch, in TensorFlow or in both. Your functions must not
# return NaN for inputs of ±10,000. The [exercises on softmaxes](../../exercises/activations/softmaxes.ipynb) check
# this.
#
# ## References
#
# ```{footbibliography}
# ```
