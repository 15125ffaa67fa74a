# %% [markdown]
# # Softmaxes
#
# A softmax turns a list of numbers, the *logits*, into shares. No share is negative, they sum to 1, and
# the largest logit gets the largest share. Each share depends on every logit of the list.
#
# Three questions follow that no elementwise activation has. Which axis holds the list? What do large logits do
# to the sum of exponentials? And what is the derivative, when it is a matrix?
#
# **The claim:** three things make a softmax right. Its axis is named, the maximum is subtracted, and the
# logarithm is taken in the same step. Leave one out, and either framework returns shares along another
# axis, NaN, or a logarithm of −∞, without an error.
# And sparsemax, which only Keras ships, is right there only where one number takes everything.

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
# A softmax of two numbers depends only on their difference, so you can draw it as a curve. Each panel
# moves the first number, keeps the second at 0, and shows the share of the first: the share solid, its
# derivative dashed, the siblings in grey. The band around Gumbel-softmax holds eight of ten draws.
# [Softmax2d](softmax2d) has no panel, because it is a softmax along another axis.

# %% all-six tags=["hide-input"]
# alt: Six panels over a difference of logits from minus 4 to 4, each the share of the first of two
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
    "Sparsemax: exact ends": (np.clip((grid + 1) / 2, 0, 1), inside / 2),
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
fig.supxlabel("first logit, the second is 0")
fig.supylabel("share of the first")
plt.show()

# %% [markdown]
# (softmax)=
# ## Softmax
#
# <!-- head: softmax -->
#
# Softmax takes the exponential of every logit and divides it by the sum of all the exponentials. A logit
# that is larger by 1 gets a share that is $e$ times as large {footcite:p}`bridle1990probabilistic`. Choose
# it to read probabilities off a trained classifier, and for weights that average, as in attention. In a
# loss, use [its logarithm](log-softmax).
#
# $$\operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}$$
#
# Here $x_i$ is one logit of the list, and $j$ runs over all of them. The list lies along one axis, and each
# position on the other axes has a list of its own. The output has the shape of the input.

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
# `dx` is the gradient of the first column of shares. (The gradient of all shares together is 0, because
# their sum is always 1.) Raising the first logit raises the first share and lowers the others, so each row
# of `dx` sums to 0.
#
# ### The derivative is a matrix
#
# Each share depends on each logit, so the derivative of one row is a matrix, the *Jacobian*. It is
# $\operatorname{diag}(p) - p\,p^\top$, where $p$ is the vector of shares. The next cells compute it with each
# framework's own function, and `agree` compares it with this formula:

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
# ### Keras's Dense with softmax is a Linear and a Softmax in PyTorch
#
# Both frameworks also have a softmax layer, and Keras users mostly write `Dense(…, activation="softmax")`. In
# PyTorch that is a `Linear` followed by a `Softmax`. The weight of the `Linear` is the transpose of Keras's
# kernel. Use this model to read probabilities. To train it with `nn.CrossEntropyLoss`,
# [remove the softmax](softmax-and-loss).

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
# ### Name the axis: without one, PyTorch takes the first of three
#
# TensorFlow's default is the last axis. PyTorch has no default: without `dim` it warns and chooses an axis by
# the number of dimensions. Of three axes it takes the *first*, which is usually the batch.

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
# The calls look alike, but in PyTorch every example of the batch now depends on the other one. The next
# cells show the axis that each framework chooses, for one to four dimensions:

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
# The only safe call names its axis. `axis=None` does not help in TensorFlow: `tf.nn.softmax` reads it as the
# last axis, Keras's function as all axes together. In PyTorch you flatten the tensor for that:

# %% softmax-none-pt tags=["pytorch"]
x_pt = torch.tensor(x)
together = F.softmax(x_pt.flatten(), dim=0).reshape(x.shape)
show(last=F.softmax(x_pt, dim=-1), together=together)

# %% softmax-none-tf tags=["tensorflow"]
x_tf = tf.constant(x)
together = keras.activations.softmax(x_tf, axis=None)
show(tf_nn=tf.nn.softmax(x_tf, axis=None), keras=together)

# %% [markdown]
# Keras's layer also takes several axes at once. In PyTorch you flatten them into one:

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
# In float32 $e^{1000}$ is infinite and $e^{-1000}$ is 0. The formula as written then divides ∞ by ∞, or
# 0 by 0. Subtract the largest logit $m$ of each row first: on paper nothing changes, because
# $e^{x-m} = e^x / e^m$, and $e^m$ cancels. In float32 it changes everything: the largest exponent is 0, so
# nothing overflows, and the sum is at least 1.
#
# The next cells subtract nothing, the maximum of the whole tensor, and the maximum of each row. The last
# two lines are the framework's own softmax.

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
# Both frameworks subtract the maximum of each row for you. Subtracting the maximum of the whole tensor,
# 1002, is not enough: the second row becomes $e^{-2002}$ and less, which is 0, and the division is 0/0 again.
#
# ### Two classes need one logit
#
# Softmax depends only on differences between logits, so two classes need one logit, not two. The share of
# the first class is the [sigmoid](sigmoids.ipynb#sigmoid) of the difference:

# %% two-classes
z = np.linspace(-4, 4, 9, dtype=np.float32)
two = torch.stack([torch.tensor(z), torch.zeros(9)])  # (classes, batch)
agree(F.softmax(two, dim=0)[0], tf.nn.sigmoid(z))

# %% [markdown]
# ### A higher temperature makes the shares more equal
#
# Divide the logits by a *temperature* $T$ before the softmax {footcite:p}`hinton2015distilling`. The order of
# the shares stays the same. A low temperature moves the shares towards one class, a high one towards equal
# shares. The entropy measures this in bits: 0 is certainty, and four equal shares have 2.

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
# alt: The shares of four logits, 2, 1, one half and minus 1, as groups of bars at three temperatures. At
# one quarter the first has nearly everything, at 1 it has 0.6, at 4 the four are nearly level.
# TensorFlow's shares are dots on top of PyTorch's bars.
fig, ax = plt.subplots()
for i, T in enumerate(("¼", "1", "4")):
    places = np.arange(4) + 5.5 * i
    ax.bar(places, shares_pt[i].numpy(), width=0.8, color=plots.PYTORCH, alpha=0.75)
    ax.plot(places, shares_tf[i].numpy(), "o", color=plots.TENSORFLOW, markersize=5)
    ax.annotate(f"T = {T}", (places.mean(), 1.04), ha="center")
ax.annotate("PyTorch, bars", (14.5, 0.75), ha="right", color=plots.PYTORCH)
ax.annotate("TensorFlow, dots", (14.5, 0.65), ha="right", color=plots.TENSORFLOW)
ax.set(xticks=[i + 5.5 * j for j in range(3) for i in range(4)], ylim=(0, 1.15),
       xticklabels=["2", "1", "½", "−1"] * 3, xlabel="logit", ylabel="share",
       title="A higher temperature makes the shares more equal")
plt.show()

# %% [markdown]
# ### Masked softmax, and the row with nothing left
#
# A mask marks the logits that take part. The usual way to apply it writes −∞ over the others, so that their
# share is exactly 0. It fails in a row where every logit is masked.

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
# With −∞ the empty row is NaN. With the lowest finite number, the three masked logits get equal shares,
# although they should get none. Keras's layer takes the mask as an argument and returns 0 for all three.
#
# ### Both raise on integer tensors
#
# In PyTorch pass a `dtype`, and softmax converts the input. In TensorFlow cast it first.

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
# Softmax2d gives each pixel of an image its shares over the channels. Segmentation classifies every pixel in
# this way {footcite:p}`long2015fully`. The name misleads: the shares are not spread over two dimensions. Choose
# it in PyTorch when the channels come before height and width.
#
# $$\mathrm{Softmax2d}(x)_{nchw} = \frac{e^{x_{nchw}}}{\sum_{k} e^{x_{nkhw}}}$$
#
# Here $n$ is the image of the batch, $c$ and $k$ are channels, and $h$, $w$ is the pixel. A single image has no
# $n$, but its channels are still the third axis from the end. TensorFlow has no Softmax2d: take the softmax
# along `axis=-3`.
#
# From here on `value_and_grad` computes output and gradient. It differentiates the sum of the outputs, each
# weighted with its entry of `upstream_gradient`: with 1 for the first class and 0 for the others, it
# returns the gradient of the first share.

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
# The cells show the pixel in the corner: three scores, three shares.
#
# ### The default axis puts 12 of 64 pixels into another class
#
# TensorFlow's images usually have their channels last, and then its default axis is right. In these images
# the last axis is the width: the eight pixels of a row share 1 among them. How many of the 64 pixels then
# belong to another class?

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
# No error and no NaN, but the shares sum to 1 along the width, not in a pixel. Each score is compared with
# the same class in neighbouring pixels, not with the other classes of its own pixel.
#
# With channels last, as TensorFlow stores images, the default axis is Softmax2d:

# %% channels-last
images = tf.constant(scores.transpose(0, 2, 3, 1))  # (batch, height, width, classes)
agree(y_pt.permute(0, 2, 3, 1), tf.nn.softmax(images))

# %% [markdown]
# PyTorch's module accepts three or four dimensions only. `axis=-3` accepts any number from three on, five for
# instance:

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
# LogSoftmax returns the logarithms of the shares without computing a share. Choose it, or a loss that
# contains it, wherever you want a log-probability: cross-entropy is minus the log-softmax of the true class.
#
# $$\operatorname{LogSoftmax}(x)_i = x_i - \log \sum_j e^{x_j}$$
#
# $$= (x_i - m) - \log \sum_j e^{x_j - m}$$
#
# Here $x_i$ is one logit, $j$ runs over all of them, and $m$ is their maximum. The second form never
# overflows.

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
# `dx` is (1, 0, 0), the one-hot vector of the first class, minus the shares.
#
# ### The log of a softmax is −∞ where log-softmax is −120
#
# A logit that is 120 below the largest has a share of $10^{-52}$. In float32 that is 0, and the logarithm of 0
# is −∞. Log-softmax in one step never computes the share. Each line gives the distance to the largest logit:

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
# The gradient of the two steps is NaN, for both logits:

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
# ### Only the logarithm recovers from a confident mistake
#
# A network gives its two classes the logits −10 and 10, but the first class is the true one. Train the two
# logits for 60 steps with each of three losses: minus the share of the true class, the squared distance of
# that share from 1, and minus its logarithm. The lead is the logit of the true class minus the other one.

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
# share and the squared error both stay flat at minus 20. Minus the logarithm climbs in a straight line,
# crosses 0 at step 20, and bends off above.
fig, ax = plt.subplots()
for way_pt, way_tf in zip(ways_pt, ways_tf):
    plots.coinciding(ax, range(61), way_pt, way_tf, markers=16)
ax.annotate("−log share", (21, -3))
ax.annotate("−share and (1 − share)²", (60, -18.6), ha="right")
plots.say_which(ax, (60, -8), ha="right")
ax.axhline(0, color=plots.INK, linewidth=0.6, zorder=0)
ax.set(xlabel="step", ylabel="lead of the true class",
       title="Only the logarithm recovers from a confident mistake")
plt.show()

# %% [markdown]
# The derivative of a share $p$ with respect to its own logit is $p\,(1 - p)$. At $p = e^{-20}$ that is nearly 0,
# as small as for a confident right answer, so nothing moves. The derivative of the logarithm is this divided by
# $p$, which leaves $1 - p$: the further the share is on the wrong side, the stronger the gradient.

# %% [markdown]
# (softmax-and-loss)=
# ## The loss applies the softmax: hand it logits
#
# `nn.CrossEntropyLoss` in PyTorch takes logits and applies log-softmax itself. Keras's cross-entropy takes
# shares by default, and logits with `from_logits=True`. So a Keras model that ends in
# `Dense(10, activation="softmax")` must end in a bare `nn.Linear(…, 10)` once you move it to PyTorch.
#
# ### With a second softmax the loss stays above 0.55
#
# Hand shares to a loss that expects logits, and softmax is applied twice. Neither framework raises. In the four
# examples the first class is the true one. Its logit is 10 lower than the other two, equal to them, 2 higher
# and 20 higher. `dz` is the gradient with respect to that logit:

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
# The first example is a confident mistake, and its gradient is 0 to four decimals: training does not correct it.
# The last one is confident and right, and still costs 0.55. Its shares are 1, 0 and 0, and as logits they give a
# loss of $\log(1 + 2/e)$. With ten classes this lower limit is $\log(1 + 9/e) = 1.46$: a loss that levels off
# there is a sign of one softmax too many.
#
# Now hand over the logits:

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
# The confident mistake costs 10.69 and has the full gradient, −1. The confident right answer costs 0.
#
# ### Logits taken for shares give no gradient in Keras
#
# The opposite mistake hands logits to a loss that expects shares. In Keras it is easy to make: leave
# `from_logits=True` out. In PyTorch `F.nll_loss` is the loss without a softmax; it expects log-shares.

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
# In Keras the loss clips what it takes for a share to between $10^{-7}$ and $1 - 10^{-7}$. Most logits lie
# outside, and there the gradient is 0. In PyTorch the loss is minus the logit, which falls below 0
# without a limit. A negative loss says that `nll_loss` did not get log-shares.
#
# ### Each from_logits loss of Keras is a loss of its own in PyTorch
#
# | the model returns | PyTorch | Keras, in `keras.losses` |
# | --- | --- | --- |
# | logits `z`, integer classes `y` | `F.cross_entropy(z, y)` | `sparse_categorical_crossentropy(y, z, from_logits=True)` |
# | logits `z`, one-hot classes `q` as floats | `F.cross_entropy(z, q)` | `categorical_crossentropy(q, z, from_logits=True)` |
# | log-shares `log_p` | `F.nll_loss(log_p, y)` | `sparse_categorical_crossentropy(y, log_p, from_logits=True)` |
# | shares `p` | `F.nll_loss(torch.log(p), y)`, if you must | `sparse_categorical_crossentropy(y, p)` |
# | one logit `z`, target `t` | `F.binary_cross_entropy_with_logits(z, t)` | `binary_crossentropy(t, z, from_logits=True)` |
# | one probability `p` | `F.binary_cross_entropy(p, t)` | `binary_crossentropy(t, p)` |
#
# The order of the arguments is reversed: PyTorch takes the prediction first, Keras the target. PyTorch
# averages over the batch, Keras's functions return a loss for each example. Log-shares may pass for logits,
# because a log-softmax of log-shares changes nothing. The next cells run the table row by row; its last
# two rows use the logits as yes-or-no scores with the target 1.

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
# Weights, label smoothing and reductions belong to the chapters on losses.
#
# ### Keras's softmax remembers its logits
#
# Keras's softmax stores its logits on its output, as [its sigmoid does](sigmoids.ipynb#sigmoid), and Keras's
# losses look for them there. The share below is 0 each time, and 200 is the right loss. PyTorch takes the
# logarithm of the share, and the loss is infinite.

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
# `tf.nn.softmax` stores nothing. Keras clips its share at $10^{-7}$, and the loss stops at 16.1. Inside a
# `tf.function`, and so inside `fit`, Keras finds the logits all the same, by the type of the operation:

# %% log-memory-compiled
compiled = tf.function(lambda z: entropy(tf.constant([1]), tf.nn.softmax(z)))
print(f"{compiled(logits_tf)[0]:.1f}")

# %% [markdown]
# The memory also repairs the second softmax. Behind Keras's own softmax, `from_logits=True` warns and
# uses the stored logits. In PyTorch nothing warns, and the loss is wrong:

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
# Do not rely on the memory: hand the logits to the loss, and say `from_logits=True`.

# %% [markdown]
# (softmin)=
# ## Softmin
#
# <!-- head: softmin -->
#
# Softmin gives the largest share to the smallest number. Choose it where small is good: for distances, costs
# and energies.
#
# $$\operatorname{softmin}(x)_i = \frac{e^{-x_i}}{\sum_j e^{-x_j}} = \operatorname{softmax}(-x)_i$$
#
# Here $x_i$ is one number of the list, and $j$ runs over all of them. TensorFlow has no softmin, and needs none:
# take the softmax of $-x$.

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
# Compared with softmax, the signs of `dx` are reversed: the larger a number, the smaller its own share.
#
# ### 1 − softmax is another function
#
# For three numbers, 1 − softmax sums to 2. Halving it does not turn it into softmin. In the first row its first
# two values are nearly equal, while softmin's differ by a factor of $e$.

# %% softmin-complement-pt tags=["pytorch"]
one_minus = 1 - F.softmax(torch.tensor(x), dim=-1)
show(one_minus=one_minus, sums=one_minus.sum(-1))

# %% softmin-complement-tf tags=["tensorflow"]
one_minus = 1 - tf.nn.softmax(tf.constant(x), axis=-1)
show(one_minus=one_minus, sums=np.sum(one_minus, -1))

# %% [markdown]
# ### Softmin is a nearest neighbour with a gradient
#
# Four points on a line have values, and a query at 1.2 asks for the value of the nearest point. An argmin
# answers, but has no gradient. Take the softmin of the squared distances, divided by a temperature, as weights,
# and average the values {footcite:p}`goldberger2004neighbourhood`. The gradient of this answer says where the
# query should move for a larger one.

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
# At a low temperature the answer is the value of the nearest point, 7, and its slope vanishes, like that of an
# argmin: at $T = 0.01$ nothing is left of it. At a higher temperature the neighbours count, and the slope points
# towards the 8 nearby.

# %% [markdown]
# (gumbel-softmax)=
# ## Gumbel-softmax
#
# <!-- head: gumbel_softmax -->
#
# Gumbel-softmax *draws* a class with the probabilities of the softmax, and still has a gradient: it adds noise
# to the logits and takes a softmax of the sum {footcite:p}`jang2017categorical,maddison2017concrete`. Choose it
# where a network must make a choice and learn from it.
#
# $$y_i = \frac{e^{(x_i + g_i)/\tau}}{\sum_j e^{(x_j + g_j)/\tau}}$$
#
# $$g_i = -\log(-\log u_i)$$
#
# Here $x_i$ is a logit and $\tau$ the temperature. The *Gumbel* noise $g_i$ is made of $u_i$, which is uniform
# between 0 and 1 and drawn anew for every logit.
#
# TensorFlow has no Gumbel-softmax. The function below also accepts the noise as an argument, so that both
# frameworks can be given the same:

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
# Start with the formula itself, in both frameworks, with noise from NumPy:

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
# `F.gumbel_softmax` draws its own noise and accepts none. It draws $-\log u$ directly, as a number from the
# exponential distribution. Reset the seed, and you can draw the same noise again and hand it to TensorFlow:

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
# ### Every class wins as often as its softmax, at any temperature
#
# The next cells draw a hundred thousand times from the second row, at three temperatures. `wins` compares how
# often each class is the largest with its softmax. `mean` compares its mean share with its softmax. `True`
# means that all three classes lie within 0.01.

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
# The winners follow the softmax at all three temperatures. The mean share does so only at the lowest one, where
# nearly every draw is close to one-hot:

# %% triangles tags=["hide-input"]
# alt: Three triangles of 150 draws each, a corner a class, at temperatures 0.1, 1 and 10. At 0.1 nearly all
# draws sit in the corners, at 1 they fill the triangle, at 10 they crowd at its middle. PyTorch's and
# TensorFlow's draws look alike.
fig, axes = plt.subplots(1, 3, figsize=(5.2, 2.5))
torch.manual_seed(1)
tf.random.set_seed(1)
corners = np.array([[0, 0], [1, 0], [0.5, 0.866]])
for ax, tau in zip(axes, (0.1, 1.0, 10.0)):
    y_pt = gumbel_softmax_pt(torch.tensor(x[1]).repeat(75, 1), tau=tau)
    y_tf = gumbel_softmax_tf(tf.repeat(x[1:], 75, axis=0), tau=tau)
    for y, color in ((y_pt, plots.PYTORCH), (y_tf, plots.TENSORFLOW)):
        ax.plot(*(np.asarray(y) @ corners).T, "o", color=color, markersize=3, alpha=0.6)
    ax.fill(*corners.T, fill=False, edgecolor=plots.INK, linewidth=0.6)
    ax.set_title(f"τ = {tau:g}", loc="center", fontsize=10)
    for name, (a, b), down in zip(("−1", "½", "0"), corners, (-12, -12, 4)):
        ax.annotate(name, (a, b), (0, down), textcoords="offset points", ha="center", fontsize=9)
    ax.set(aspect="equal", xlim=(-0.1, 1.1), ylim=(-0.2, 1.02))
    ax.axis("off")
fig.suptitle("Low temperatures draw one class, high ones average", color=plots.INK)
below = {"xycoords": "axes fraction", "annotation_clip": False}
axes[1].annotate("dots: PyTorch", (0.48, -0.2), ha="right", color=plots.PYTORCH, **below)
axes[1].annotate("TensorFlow", (0.55, -0.2), color=plots.TENSORFLOW, **below)
plt.show()

# %% [markdown]
# ### hard=True returns a one-hot sample that has a gradient
#
# With `hard=True` the output is 1 for the winner and 0 for the others, and the gradient is that of the soft
# shares: it passes *straight through* the choice. The cells hand the same noise to both frameworks, and sort the
# rows, because chance decides which class wins.

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
# A one-hot sample made by hand from an argmax has no gradient at all:

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
# Sparsemax gives exactly 0 to the numbers that are far below the largest. The shares of the others differ by as
# much as the numbers themselves {footcite:p}`martins2016softmax`. Choose it for attention that should point at
# few places.
#
# $$\operatorname{sparsemax}(x)_i = \max(0,\; x_i - \tau)$$
#
# $$\tau = \max_k \frac{x_{(1)} + \dots + x_{(k)} - 1}{k}$$
#
# Here $x_{(1)} \ge x_{(2)} \ge \dots$ are the numbers in descending order. The threshold $\tau$ is chosen so that
# the parts of the numbers above it sum to 1. PyTorch has no sparsemax, and Keras's is
# [another function](sparsemax-keras). So build it in both:

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
# `dx` is the gradient of the last column of shares:

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
# In the first row one number leads by 2 and takes everything. A small change of any number does not alter that,
# so the gradient is 0. In the second row 0.5 and 0 get shares, and −1 gets neither a share nor a gradient.
#
# For two numbers, sparsemax is the [sparse sigmoid](sigmoids.ipynb#sparse-sigmoid) of their difference:

# %% sparsemax-of-two
pairs = torch.tensor(np.stack([z, 0 * z], axis=1))  # (batch, 2)
agree(sparsemax_pt(pairs)[:, 0], keras.activations.sparse_sigmoid(z))

# %% [markdown]
# Is this the right function? Sparsemax is defined as the point nearest to $x$ among all lists of shares. So
# draw ten thousand other lists of shares: all lie farther away. `gradcheck` compares the gradient with finite
# differences.

# %% nearest
others = np.random.default_rng(0).dirichlet(np.full(3, 0.3), 10_000)  # (list, share)
for row, y in zip(x, sparsemax_pt(torch.tensor(x)).numpy()):
    farther = np.sum((row - others) ** 2, axis=1) > np.sum((row - y) ** 2)
    print(f"sums to {y.sum():.4f}, nearest:", bool(farther.all()))
in_doubles = torch.tensor(x, dtype=torch.float64, requires_grad=True)
print("gradient:", torch.autograd.gradcheck(sparsemax_pt, in_doubles))

# %% [markdown]
# (sparsemax-keras)=
# ### Keras 3.15 is wrong where more than one number gets a share
#
# The inputs are the same two rows and a third one, in which two numbers are equal. The PyTorch cell calls our
# own function, the TensorFlow cell that of Keras 3.15.

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
# Keras's first row is right. Its second row sums to ½, and its third has lost everything. The threshold needs one
# cumulative sum $x_{(1)} + \dots + x_{(k)}$, that of the numbers that get a share. Keras adds up all the cumulative
# sums up to this one. If only one number gets a share, both are the same.
#
# How often does that happen? Take ten thousand rows of eight normal numbers, and group them by how many numbers
# get a share. `right` is the fraction of rows that Keras gets right, and `shifted` is the same after the maximum
# is shifted to 0:

# %%
normal = np.random.default_rng(0).normal(size=(10_000, 8)).astype(np.float32)
truth = sparsemax_tf(normal).numpy()

def right(y):
    return abs(y.numpy() - truth).max(-1) < 1e-5

as_it_is = right(keras.activations.sparsemax(normal))
shifted = right(keras.activations.sparsemax(normal - normal.max(-1, keepdims=True)))
n_shares = (truth > 0).sum(-1)

# %% sparsemax-when-right
print("shares   rows   right   shifted")
for n in range(1, 7):
    rows = n_shares == n
    print(f"{n:6} {rows.sum():6}",
          f"{as_it_is[rows].mean():7.0%} {shifted[rows].mean():9.0%}")

# %% [markdown]
# Keras is right where one number takes everything, and in no other row. Subtracting the maximum first must not
# change a sparsemax. Here it repairs the rows with two shares, and no others. Until Keras is repaired, use the
# five lines above.
#
# To test any function of this kind, add a constant to the input. The output must stay the same:

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
# ### The wider the spread, the fewer numbers get a share
#
# The next cells multiply the rows of eight numbers by four spreads and count the shares. At each of these spreads
# softmax gives a share to all eight.

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
# ### A number without a share gets no gradient
#
# That is the price of the exact zeros. Ask for a larger share of the third number, with softmax and then with
# sparsemax:

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
# With softmax the gradient raises the third number. With sparsemax it is 0: only other examples can bring the
# number back.

# %% [markdown]
# (softmaxes-at-the-kink)=
# ## At a kink, sparsemax's gradient depends on how it is written
#
# Softmax and log-softmax are smooth. The maximum that they subtract has a kink where two logits tie, but it
# cancels, in the gradient as well. Here PyTorch runs the formula by hand, and TensorFlow its own function:

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
# Sparsemax has a kink where a number lies exactly on the threshold. In (1, 0) the second one does: it has no share,
# and a little more would give it one. The gradient of the first share then depends on how a maximum treats a tie:
#
# | written with | gradient at a tie |
# | --- | --- |
# | PyTorch's `amax`, TensorFlow's `reduce_max` | divided between the tied numbers |
# | PyTorch's `max(dim)` | all to one of them |
# | `keras.activations.sparsemax` | counts the numbers with a share; the second has none |

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
# Without a share for the second number the slope is 0. With one it is ½ and −½. Everything between is equally
# valid. Real scores seldom lie on a kink, integers often do.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | probabilities to show, weights to average with | Softmax, its axis named | the shares sum to 1 |
# | a cross-entropy loss | no softmax: [hand it logits](softmax-and-loss) | the loss applies log-softmax itself |
# | a loss of your own on probabilities | LogSoftmax | it recovers from a confident mistake |
# | two classes | [a sigmoid](sigmoids.ipynb#sigmoid) of one logit | the same, with half the outputs |
# | several labels that may all be true | a sigmoid for each | shares compete, labels need not |
# | a class for every pixel | Softmax2d, axis −3; channels last: axis −1 | the axis is where the classes are |
# | distances or costs | Softmin | the smallest gets the largest share |
# | a choice to draw and to learn from | Gumbel-softmax | its winners follow the softmax |
# | attention that should point at few places | Sparsemax, your own | exact zeros; that of Keras 3.15 is wrong |
#
# ## Exercises
#
# Write all six yourself, so that ±10,000 goes in and no NaN comes out, in either framework or in both:
# [exercises on softmaxes](../../exercises/activations/softmaxes.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
