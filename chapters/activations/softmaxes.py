# %% [markdown]
# # Softmaxes
#
# A softmax turns a list of numbers into shares of one whole: none is negative, together they are 1,
# and the larger the number, the larger its share. What comes out at one place depends on all the
# others, so three things matter that no elementwise activation asks about: which axis is the list,
# what the sum in the denominator does to large numbers, and a derivative that is a matrix.
#
# **The claim:** a softmax is right when three things are: the axis is named, the maximum is
# subtracted, and the logarithm is taken in the same step. Leave one out and you get, in either
# framework and without an error, shares along another axis, NaN, or a logarithm of −∞.
# And sparsemax, which only Keras ships, is right there only where one number takes all.

# %%
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show

plots.use_style()
# (batch, classes)
x = np.array([[1.0, 2.0, 4.0], [-1.0, 0.5, 0.0]], dtype=np.float32)

# %% [markdown]
# The same two rows serve every section but one. The numbers that go in are called *logits*.
#
# A softmax of two numbers depends on their difference alone, so it can be drawn. Each panel below
# shows the share of the first as it moves, with the second at 0: the share solid, its derivative
# dashed, the siblings in grey. The band around Gumbel-softmax holds eight of ten draws.
# [Softmax2d](softmax2d) is missing: it is a softmax along another axis.

# %% all-six tags=["hide-input"]
# alt: Six panels over a difference of logits from minus 4 to 4, each the share of the first of two numbers, its derivative dashed. Softmax is the S of a sigmoid, its derivative a low hill of height one quarter. At temperature one quarter the S is steeper and the hill has height 1. LogSoftmax climbs from minus 4 towards 0. Softmin is the S mirrored, falling from 1 to 0, its derivative a low valley. Gumbel-softmax is the S inside a broad band, which holds eight of ten draws. Sparsemax is a straight line from 0 at minus 1 to 1 at 1, flat on both sides.
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
# <!-- names: softmax -->
#
# Softmax takes the exponential of every number and divides by their sum, so that a lead of 1 always
# makes a share $e$ times as large {footcite:p}`bridle1990probabilistic`. Choose it to read
# probabilities off a trained classifier, and for weights that average, as in attention. For a loss take
# [its logarithm](log-softmax).
#
# $$\operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}$$
#
# where $x_i$ is one number of the list, and $j$ runs over all of them. The list lies along one axis, and
# each place on the other axes has a list of its own. The output has the input's shape.

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
# `dx` is the gradient of the first column alone. (That of all shares would be 0: their sum is 1,
# whatever you do.) Raising the first logit raises the first share and takes from the others: each row
# of `dx` adds up to 0. Every section has such a pair.
#
# ### The whole derivative
#
# Each share depends on each logit, so the derivative of a row is a matrix, the *Jacobian*. With
# $p$ for the shares it is $\operatorname{diag}(p) - p\,p^\top$:

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
# ### Without an axis
#
# TensorFlow's default is the last axis. PyTorch has no default, only a habit from its early days:
# leave `dim` out and it warns, then chooses by the number of dimensions. For three it takes the
# *first*, which is usually the batch.

# %%
cube = np.arange(24, dtype=np.float32).reshape(2, 3, 4)  # (batch, steps, classes)

# %% softmax-axis-pt tags=["pytorch"]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    y_pt = F.softmax(torch.tensor(cube))
for warning in caught:
    print(str(warning.message).split(" Change")[0])
for axis in range(3):
    off = (y_pt.sum(axis) - 1).abs().max()
    print(f"axis {axis} sums to 1:", bool(off < 1e-5))

# %% softmax-axis-tf tags=["tensorflow"]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    y_tf = tf.nn.softmax(tf.constant(cube))
for warning in caught:
    print(str(warning.message).split(" Change")[0])
for axis in range(3):
    off = abs(np.sum(y_tf, axis) - 1).max()
    print(f"axis {axis} sums to 1:", bool(off < 1e-5))

# %% [markdown]
# The same call, and every example of the batch now depends on its neighbours. The habit, from one to
# four dimensions:

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
# The only safe call names its axis. Saying `axis=None` in TensorFlow is no way out, either: to `tf.nn`
# it means the last axis, to Keras all of them together.

# %% softmax-none-pt tags=["pytorch"]
x_pt = torch.tensor(x)
together = F.softmax(x_pt.flatten(), dim=0).reshape(x.shape)
show(last=F.softmax(x_pt, dim=-1), together=together)

# %% softmax-none-tf tags=["tensorflow"]
x_tf = tf.constant(x)
together = keras.activations.softmax(x_tf, axis=None)
show(tf_nn=tf.nn.softmax(x_tf, axis=None), keras=together)

# %% [markdown]
# Keras's layer also takes several axes at once; PyTorch wants them flattened into one:

# %% softmax-axes-pt tags=["pytorch"]
flat = torch.tensor(cube).flatten(1)  # (batch, steps * classes)
both_pt = F.softmax(flat, dim=1).reshape(cube.shape)

# %% softmax-axes-tf tags=["tensorflow"]
layer = keras.layers.Softmax(axis=(1, 2))
both_tf = layer(tf.constant(cube))

# %%
agree(both_pt, both_tf)

# %% [markdown]
# ### A thousand
#
# $e^{1000}$ is more than float32 can hold, and $e^{-1000}$ is 0 in it. The formula as it stands then divides
# ∞ by ∞, or 0 by 0. Subtracting the largest number $m$ changes nothing on paper, for
# $e^{x-m} = e^x / e^m$ and $e^m$ cancels, and saves everything in float32: the largest exponent is 0, so
# nothing overflows, and the sum is at least 1. Here nothing is subtracted, then the maximum of the
# whole tensor, then that of each row; last comes the framework's softmax.

# %% softmax-thousand-pt tags=["pytorch"]
far_pt = torch.tensor([[1000.0, 1001.0, 1002.0],
                       [-1002.0, -1001.0, -1000.0]])
largest = far_pt.amax(-1, keepdim=True)
for shift in (0.0, far_pt.max(), largest):
    e = torch.exp(far_pt - shift)
    show(y=e / e.sum(-1, keepdim=True))
y_pt = F.softmax(far_pt, dim=-1)
show(y=y_pt)

# %% softmax-thousand-tf tags=["tensorflow"]
far_tf = tf.constant([[1000.0, 1001.0, 1002.0],
                      [-1002.0, -1001.0, -1000.0]])
largest = tf.reduce_max(far_tf, -1, keepdims=True)
for shift in (0.0, tf.reduce_max(far_tf), largest):
    e = tf.exp(far_tf - shift)
    show(y=e / tf.reduce_sum(e, -1, keepdims=True))
y_tf = tf.nn.softmax(far_tf, axis=-1)
show(y=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# Both frameworks subtract each row's maximum for you. That of the whole tensor, 1002, leaves the second
# row $e^{-2002}$ and less, which is 0, and 0/0 again.
#
# That only differences count has a second face: two classes need one logit, not two. Their softmax is
# the [sigmoid](sigmoids.ipynb#sigmoid) of the difference.

# %% two-classes
z = np.linspace(-4, 4, 9, dtype=np.float32)
two = torch.stack([torch.tensor(z), torch.zeros(9)])  # (classes, batch)
agree(F.softmax(two, dim=0)[0], tf.nn.sigmoid(z))

# %% [markdown]
# ### Temperature
#
# Divide the logits by a *temperature* $T$ first, and you set how decided the answer is
# {footcite:p}`hinton2015distilling`. The order of the shares stays. The entropy, the bits that are
# still open, grows with $T$ towards those of four equal shares, 2.

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
# alt: The shares of four logits, 2, 1, one half and minus 1, as groups of bars at three temperatures. At one quarter the first has nearly everything, at 1 it has 0.6, at 4 the four are nearly level. TensorFlow's shares are dots on top of PyTorch's bars.
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
       title="The warmer, the more alike the shares")
plt.show()

# %% [markdown]
# ### Some left out
#
# A mask says which numbers take part. The common way writes −∞ over the others, whose share is then
# exactly 0. It fails in the row where none is left.

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
# With −∞ the empty row is NaN, with the lowest finite number it is shared evenly among those who
# should have nothing. Keras's layer alone takes the mask itself, and gives 0 to all three.
#
# Whole numbers are refused by both. PyTorch converts them if you name a `dtype`; in TensorFlow you
# cast.

# %% softmax-integers-pt tags=["pytorch"]
whole = torch.tensor([1, 2, 3])
try:
    F.softmax(whole, dim=-1)
except NotImplementedError:
    print("refused")
show(y=F.softmax(whole, dim=-1, dtype=torch.float32))

# %% softmax-integers-tf tags=["tensorflow"]
whole = tf.constant([1, 2, 3])
try:
    tf.nn.softmax(whole, axis=-1)
except tf.errors.InvalidArgumentError:
    print("refused")
show(y=tf.nn.softmax(tf.cast(whole, tf.float32), axis=-1))

# %% [markdown]
# (softmax2d)=
# ## Softmax2d
#
# <!-- names: softmax2d -->
#
# Softmax2d gives each pixel of an image its shares over the channels: a classifier for every pixel,
# as in segmentation {footcite:p}`long2015fully`. The name misleads, for nothing is shared out over two
# dimensions. Choose it in PyTorch when your channels come before height and width.
#
# $$\mathrm{Softmax2d}(x)_{nchw} = \frac{e^{x_{nchw}}}{\sum_{k} e^{x_{nkhw}}}$$
#
# where $n$ is the image of the batch, $c$ and $k$ are channels, and $h$, $w$ the pixel. Without a batch,
# $n$ is missing: the channels are the third axis from the end either way. In TensorFlow you say so:

# %% softmax2d-bridge-pt tags=["pytorch"]
softmax2d_pt = nn.Softmax2d()

# %% softmax2d-bridge-tf tags=["tensorflow"]
def softmax2d_tf(x):
    return tf.nn.softmax(x, axis=-3)

# %%
rng = np.random.default_rng(0)
# (batch, classes, height, width)
scores = rng.normal(0, 2, (1, 3, 8, 8)).astype(np.float32)

# %% tags=["pytorch"]
x_pt = torch.tensor(scores, requires_grad=True)
y_pt = softmax2d_pt(x_pt)
first = y_pt[:, 0].sum()
(dx_pt,) = torch.autograd.grad(first, x_pt)
show(x=x_pt[0, :, 0, 0], y=y_pt[0, :, 0, 0],
     dx=dx_pt[0, :, 0, 0])

# %% tags=["tensorflow"]
x_tf = tf.Variable(scores)
with tf.GradientTape() as tape:
    y_tf = softmax2d_tf(x_tf)
    first = tf.reduce_sum(y_tf[:, 0])
dx_tf = tape.gradient(first, x_tf)
show(x=x_tf[0, :, 0, 0], y=y_tf[0, :, 0, 0],
     dx=dx_tf[0, :, 0, 0])

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Shown is the pixel in the corner: three scores, three shares.
#
# ### The default axis paints another picture
#
# TensorFlow's images usually have their channels last, and there the default axis is right. Here it is
# the width: each row of pixels shares 1 among its eight columns. How many of the 64 pixels then
# belong to another class?

# %% softmax2d-wrong-pt tags=["pytorch"]
x_pt = torch.tensor(scores)
right = softmax2d_pt(x_pt).argmax(1)
wrong = F.softmax(x_pt, dim=-1).argmax(1)
print("other class:", int((right != wrong).sum()), "of 64")
show(first_pixel_sum=F.softmax(x_pt, dim=-1)[0, :, 0, 0].sum())

# %% softmax2d-wrong-tf tags=["tensorflow"]
x_tf = tf.constant(scores)
right = tf.argmax(softmax2d_tf(x_tf), 1)
wrong = tf.argmax(tf.nn.softmax(x_tf), 1)
print("other class:", int(np.sum(right != wrong)), "of 64")
show(first_pixel_sum=np.sum(tf.nn.softmax(x_tf)[0, :, 0, 0]))

# %% [markdown]
# No error, no NaN, and shares that add up to 1 along the width, not in a pixel. A pixel's scores are
# compared with its neighbours' here, not with each other.
#
# Turned to channels last, as TensorFlow stores images, the default is Softmax2d:

# %% channels-last
images = tf.constant(scores.transpose(0, 2, 3, 1))  # (batch, height, width, classes)
agree(y_pt.permute(0, 2, 3, 1), tf.nn.softmax(images))

# %% [markdown]
# PyTorch's module insists on three or four dimensions. Axis −3 takes what it gets, five for instance,
# as long as the axis exists:

# %% softmax2d-shapes-pt tags=["pytorch"]
for n in (2, 3, 4, 5):
    try:
        y_pt = softmax2d_pt(torch.ones((2,) * n))
        print(n, tuple(y_pt.shape))
    except ValueError:
        print(n, "refused")

# %% softmax2d-shapes-tf tags=["tensorflow"]
for n in (2, 3, 4, 5):
    try:
        y_tf = softmax2d_tf(tf.ones((2,) * n))
        print(n, tuple(y_tf.shape))
    except tf.errors.InvalidArgumentError:
        print(n, "refused")

# %% [markdown]
# (log-softmax)=
# ## LogSoftmax
#
# <!-- names: log_softmax -->
#
# LogSoftmax gives the logarithms of the shares without ever forming a share. Choose it, or a loss that
# contains it, wherever a log-probability is wanted: cross-entropy is minus the one of the true class.
#
# $$\operatorname{LogSoftmax}(x)_i = x_i - \log \sum_j e^{x_j}$$
#
# $$= (x_i - m) - \log \sum_j e^{x_j - m}$$
#
# where $m$ is the maximum of the list: this second form never overflows.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.log_softmax(x_pt, dim=-1)
first = y_pt[:, 0].sum()
(dx_pt,) = torch.autograd.grad(first, x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.log_softmax(x_tf, axis=-1)
    first = tf.reduce_sum(y_tf[:, 0])
dx_tf = tape.gradient(first, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# `dx` is 1 minus the share for the first logit, minus the share for the others: the
# right answer, (1, 0, 0), minus the shares.
#
# ### One step or two
#
# A number that is 120 behind the largest has a share of $10^{-52}$, which is 0 in float32, and the logarithm
# of 0 is −∞. The function in one step never asks for the share. By the lag behind the largest:

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
# The gradient of the two steps is worse than infinite:

# %% log-gradient-pt tags=["pytorch"]
x_pt = torch.tensor([0.0, -120.0], requires_grad=True)
two = torch.log(F.softmax(x_pt, dim=-1))
one = F.log_softmax(x_pt, dim=-1)
show(two_steps=torch.autograd.grad(two[1], x_pt)[0],
     one_step=torch.autograd.grad(one[1], x_pt)[0])

# %% log-gradient-tf tags=["tensorflow"]
x_tf = tf.Variable([0.0, -120.0])
with tf.GradientTape(persistent=True) as tape:
    two = tf.math.log(tf.nn.softmax(x_tf, axis=-1))[1]
    one = tf.nn.log_softmax(x_tf, axis=-1)[1]
show(two_steps=tape.gradient(two, x_tf),
     one_step=tape.gradient(one, x_tf))

# %% [markdown]
# ### Wrong, and sure of it
#
# A network gives its two classes the logits −10 and 10, and the first is the true one. Three losses are
# to turn it round, 60 steps each: minus the share, the square of what it lacks to 1, and minus its logarithm.

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
ways_pt = [way_back_pt(loss_of) for loss_of in (
    lambda w: -F.softmax(w, dim=-1)[0],
    lambda w: (1 - F.softmax(w, dim=-1)[0]) ** 2,
    lambda w: -F.log_softmax(w, dim=-1)[0])]
show(lead=[way[60] for way in ways_pt], digits=2)

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
ways_tf = [way_back_tf(loss_of) for loss_of in (
    lambda w: -tf.nn.softmax(w, axis=-1)[0],
    lambda w: (1 - tf.nn.softmax(w, axis=-1)[0]) ** 2,
    lambda w: -tf.nn.log_softmax(w, axis=-1)[0])]
show(lead=[way[60] for way in ways_tf], digits=2)

# %% log-way-back
agree(ways_pt, ways_tf, rtol=1e-3, atol=1e-3)

# %% log-way-back-figure tags=["hide-input"]
# alt: The lead of the true class over 60 steps, TensorFlow's curves dashed on PyTorch's. Minus the share and the squared error both stay flat at minus 20. Minus the logarithm climbs in a straight line, crosses 0 at step 20, and bends off above.
fig, ax = plt.subplots()
for way_pt, way_tf in zip(ways_pt, ways_tf):
    ax.plot(way_pt.numpy(), color=plots.PYTORCH, linewidth=2.5)
    ax.plot(way_tf.numpy(), "--", color=plots.TENSORFLOW)
ax.annotate("−log share", (21, -3))
ax.annotate("−share and (1 − share)²", (60, -18.6), ha="right")
ax.annotate("PyTorch, solid", (60, -8), ha="right", color=plots.PYTORCH)
ax.annotate("TensorFlow, dashed", (60, -11), ha="right", color=plots.TENSORFLOW)
ax.axhline(0, color=plots.INK, linewidth=0.6, zorder=0)
ax.set(xlabel="step", ylabel="lead of the true class",
       title="Only the logarithm finds the way back")
plt.show()

# %% [markdown]
# The gradient of a share is $p\,(1 - p)$ towards its own logit: at $p = e^{-20}$ nothing is left of it,
# as little as when the network is right. The logarithm divides by $p$, and $1 - p$ remains: the further
# on the wrong side, the clearer the call.
#
# ### A softmax that remembers
#
# Keras's softmax writes its logits on its output, as [its sigmoid does](sigmoids.ipynb#sigmoid), and
# Keras's losses look for them there. The share below is 0 each time; 200 is the right loss. PyTorch takes
# the logarithm of the share, and the loss is infinite.

# %% log-memory-pt tags=["pytorch"]
logits_pt = torch.tensor([[0.0, -200.0]])
p_pt = F.softmax(logits_pt, dim=-1)
loss = F.nll_loss(torch.log(p_pt), torch.tensor([1]))
print(f"F.softmax {p_pt[0, 1]:.1f} {loss:.1f}")

# %% log-memory-tf tags=["tensorflow"]
logits_tf = tf.constant([[0.0, -200.0]])
entropy = keras.losses.sparse_categorical_crossentropy
for softmax in (keras.activations.softmax, tf.nn.softmax):
    p_tf = softmax(logits_tf, axis=-1)
    loss = entropy(tf.constant([1]), p_tf)
    print(f"{softmax.__module__.split('.')[0]:10}",
          f"{p_tf[0, 1]:.1f} {loss[0]:.1f}")

# %% [markdown]
# Without the memory, behind `tf.nn`, Keras clips the share at 10⁻⁷ and the loss stops at 16.1. Do not build on
# it: hand the logits to the loss.

# %% [markdown]
# (softmin)=
# ## Softmin
#
# <!-- names: softmin -->
#
# Softmin gives the largest share to the smallest number. Choose it where small is good: distances, costs,
# energies.
#
# $$\operatorname{softmin}(x)_i = \frac{e^{-x_i}}{\sum_j e^{-x_j}} = \operatorname{softmax}(-x)_i$$
#
# where $x_i$ is one number of the list, and $j$ runs over all of them. TensorFlow has none, and the
# formula is its own recipe:

# %% softmin-bridge-pt tags=["pytorch"]
softmin_pt = F.softmin

# %% softmin-bridge-tf tags=["tensorflow"]
def softmin_tf(x, axis):
    return tf.nn.softmax(-x, axis=axis)

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = softmin_pt(x_pt, dim=-1)
first = y_pt[:, 0].sum()
(dx_pt,) = torch.autograd.grad(first, x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = softmin_tf(x_tf, axis=-1)
    first = tf.reduce_sum(y_tf[:, 0])
dx_tf = tape.gradient(first, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# The signs of `dx` have turned: the larger a number, the smaller its own share. And it is not 1 minus the
# softmax, which adds up to 2 for three numbers, and is another function even where you halve it: in the
# first row its first two are nearly alike, where softmin's differ by a factor of $e$.

# %% softmin-complement-pt tags=["pytorch"]
one_minus = 1 - F.softmax(torch.tensor(x), dim=-1)
show(one_minus=one_minus, sums=one_minus.sum(-1))

# %% softmin-complement-tf tags=["tensorflow"]
one_minus = 1 - tf.nn.softmax(tf.constant(x), axis=-1)
show(one_minus=one_minus, sums=np.sum(one_minus, -1))

# %% [markdown]
# ### A nearest neighbour with a gradient
#
# Four points on a line have values, and a query at 1.2 asks for the value of its nearest. An argmin
# answers without a gradient. The softmin of the squared distances, divided by a temperature, averages
# the values instead, and says where the query should move for a larger answer
# {footcite:p}`goldberger2004neighbourhood`.

# %% tags=["pytorch"]
points = torch.tensor([0.0, 1.0, 2.0, 5.0])
values = torch.tensor([3.0, 7.0, 8.0, 1.0])
answers_pt, slopes_pt = [], []
for T in (3.0, 1.0, 0.1, 0.01):
    query = torch.tensor(1.2, requires_grad=True)
    w = F.softmin((query - points) ** 2 / T, dim=-1)
    answer = (w * values).sum()
    answers_pt.append(answer.detach())
    slopes_pt += torch.autograd.grad(answer, query)
show(answers=answers_pt, slopes=slopes_pt)

# %% tags=["tensorflow"]
points = tf.constant([0.0, 1.0, 2.0, 5.0])
values = tf.constant([3.0, 7.0, 8.0, 1.0])
answers_tf, slopes_tf = [], []
for T in (3.0, 1.0, 0.1, 0.01):
    query = tf.Variable(1.2)
    with tf.GradientTape() as tape:
        w = softmin_tf((query - points) ** 2 / T, axis=-1)
        answer = tf.reduce_sum(w * values)
    answers_tf.append(answer)
    slopes_tf.append(tape.gradient(answer, query))
show(answers=answers_tf, slopes=slopes_tf)

# %% softmin-nearest
agree(answers_pt, answers_tf, gradients=(slopes_pt, slopes_tf), rtol=1e-4, atol=1e-5)

# %% [markdown]
# Cold, the answer is that of the nearest point, 7, and like an argmin's it has no slope: at $T = 0.01$
# nothing is left of it. Warmer, the neighbours have a say, and the query learns that an 8 is not far.

# %% [markdown]
# (gumbel-softmax)=
# ## Gumbel-softmax
#
# <!-- names: gumbel_softmax -->
#
# Gumbel-softmax *draws* a class, with the softmax's probabilities, and still has a gradient: it adds
# noise to the logits and takes a softmax of the sum {footcite:p}`jang2017categorical,maddison2017concrete`.
# Choose it where a network must decide and learn from the decision.
#
# $$y_i = \frac{e^{(x_i + g_i)/\tau}}{\sum_j e^{(x_j + g_j)/\tau}}$$
#
# $$g_i = -\log(-\log u_i)$$
#
# where $u_i$ is uniform between 0 and 1, drawn anew for every number, $g_i$ the *Gumbel* noise made of it,
# and $\tau$ the temperature. TensorFlow has none; this one also takes the noise from outside, so that we
# can compare:

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
# PyTorch's cannot be handed the noise. It draws $-\log u$ directly, as a number from the exponential
# distribution. With the seed set back, the formula returns what the function does:

# %% gumbel-formula
torch.manual_seed(0)
drawn = gumbel_softmax_pt(torch.tensor(x), tau=0.5)
torch.manual_seed(0)
noise = -torch.empty(x.shape).exponential_().log()
formula = F.softmax((torch.tensor(x) + noise) / 0.5, dim=-1)
print("formula and function are the same:", torch.allclose(drawn, formula))

# %%
noise = np.random.default_rng(3).gumbel(size=x.shape).astype(np.float32)

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
noisy = x_pt + torch.tensor(noise)
y_pt = F.softmax(noisy / 0.5, dim=-1)
first = y_pt[:, 0].sum()
(dx_pt,) = torch.autograd.grad(first, x_pt)
show(noise=noise, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = gumbel_softmax_tf(x_tf, tau=0.5, noise=noise)
    first = tf.reduce_sum(y_tf[:, 0])

dx_tf = tape.gradient(first, x_tf)
show(noise=noise, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### Who wins, and how clearly
#
# A hundred thousand draws of the second row, at three temperatures. How often each of the three is the
# largest is the softmax, whatever the temperature. Its mean share is near the softmax only where it is
# cold. `True` says that all three lie within 0.01.

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

# %% triangles tags=["hide-input"]
# alt: Three triangles of 150 draws each, a corner a class, at temperatures 0.1, 1 and 10. At 0.1 nearly all draws sit in the corners, at 1 they fill the triangle, at 10 they crowd at its middle. PyTorch's and TensorFlow's draws look alike.
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
fig.suptitle("Cold draws decide, warm ones average", color=plots.INK)
below = {"xycoords": "axes fraction", "annotation_clip": False}
axes[1].annotate("dots: PyTorch", (0.48, -0.2), ha="right", color=plots.PYTORCH, **below)
axes[1].annotate("TensorFlow", (0.55, -0.2), color=plots.TENSORFLOW, **below)
plt.show()

# %% [markdown]
# ### A decision that is one-hot
#
# With `hard=True` a sample goes forward, 1 for the winner and 0 for the others, and the soft shares'
# gradient goes back: *straight through* the choice. Made by hand from an argmax, the sample has no
# gradient at all. Rows are shown sorted, for chance decides who wins.

# %% gumbel-hard-pt tags=["pytorch"]
torch.manual_seed(0)
x_pt = torch.tensor(x, requires_grad=True)
y_pt = gumbel_softmax_pt(x_pt, tau=0.5, hard=True)
soft = gumbel_softmax_pt(x_pt, tau=0.5)
by_hand = F.one_hot(soft.argmax(-1), 3)
first = y_pt[:, 0].sum()
(dx_pt,) = torch.autograd.grad(first, x_pt)
show(sorted=y_pt.sort(-1).values)
print("a gradient:", bool(dx_pt.abs().sum() > 0))
print("by hand:", by_hand.requires_grad)

# %% gumbel-hard-tf tags=["tensorflow"]
tf.random.set_seed(0)
x_tf = tf.Variable(x)
with tf.GradientTape(persistent=True) as tape:
    y_tf = gumbel_softmax_tf(x_tf, tau=0.5, hard=True)
    soft = gumbel_softmax_tf(x_tf, tau=0.5)
    by_hand = tf.one_hot(tf.argmax(soft, -1), 3)
    first = tf.reduce_sum(y_tf[:, 0])
dx_tf = tape.gradient(first, x_tf)
show(sorted=np.sort(y_tf, -1))
print("a gradient:", bool(np.sum(np.abs(dx_tf)) > 0))
print("by hand:", tape.gradient(by_hand, x_tf) is not None)

# %% [markdown]
# (sparsemax)=
# ## Sparsemax
#
# <!-- names: sparsemax -->
#
# Sparsemax gives exactly 0 to the numbers that are too far behind, and to the rest shares whose differences
# are the differences of the numbers {footcite:p}`martins2016softmax`. Choose it for attention that should
# name the few places it looks at.
#
# $$\operatorname{sparsemax}(x)_i = \max(0,\; x_i - \tau)$$
#
# $$\tau = \max_k \frac{x_{(1)} + \dots + x_{(k)} - 1}{k}$$
#
# where $x_{(1)} \ge x_{(2)} \ge \dots$ are the numbers in falling order, and $\tau$ is the threshold at which
# what stands out adds up to 1. PyTorch has none, and Keras's is not this function, [as you will
# see](sparsemax-keras). So we build it in both:

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

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = sparsemax_pt(x_pt)
last = y_pt[:, 2].sum()
(dx_pt,) = torch.autograd.grad(last, x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = sparsemax_tf(x_tf)
    last = tf.reduce_sum(y_tf[:, 2])
dx_tf = tape.gradient(last, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# In the first row one number leads by 2 and takes all; nothing that is moved a little changes that, so its
# gradient is 0. In the second, 0.5 and 0 share, and −1 has no part in it, as a share or as a gradient.
# Of two numbers it is the [sparse sigmoid](sigmoids.ipynb#sparse-sigmoid) of their difference:

# %% sparsemax-of-two
pairs = torch.tensor(np.stack([z, 0 * z], axis=1))  # (batch, 2)
agree(sparsemax_pt(pairs)[:, 0], keras.activations.sparse_sigmoid(z))

# %% [markdown]
# Is this the function? By its definition it is the point nearest to $x$ among all lists of shares. Ten
# thousand others, drawn at random, lie further off; and `gradcheck` holds its gradient against differences.

# %% nearest
others = np.random.default_rng(0).dirichlet(np.full(3, 0.3), 10_000)  # (list, share)
for row, y in zip(x, sparsemax_pt(torch.tensor(x)).numpy()):
    further = np.sum((row - others) ** 2, axis=1) > np.sum((row - y) ** 2)
    print(f"adds up to {y.sum():.4f}, nearest:", bool(further.all()))
in_doubles = torch.tensor(x, dtype=torch.float64, requires_grad=True)
print("gradient:", torch.autograd.gradcheck(sparsemax_pt, in_doubles))

# %% [markdown]
# (sparsemax-keras)=
# ### What Keras returns
#
# The same rows and a third, in which two numbers are equal. In PyTorch you see our own function, in
# TensorFlow that of Keras 3.15.

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
# Keras's first row is right, its third has lost everything. For the threshold Keras adds up *all* the sums
# $x_{(1)} + \dots + x_{(k)}$ where the last one is meant; with a single share the two are the same. Ten
# thousand rows of eight, by how many numbers have a share, as they are and with the maximum shifted to 0:

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
# So it is right where one number takes all, and in no other row. Subtracting the maximum first, which must
# not change anything, mends two shares and no more. Until that is mended, use the five lines above.
#
# The test for such a function costs one line: add a constant.

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
# ### How many have a share
#
# At each of these spreads softmax gives one to all eight. The wider the spread, the fewer sparsemax leaves:

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
# The price is a gradient of exactly 0 for what is left out. Ask the third number to have a larger share:

# %% sparsemax-out-pt tags=["pytorch"]
for shares in (lambda x: F.softmax(x, dim=-1), sparsemax_pt):
    x_pt = torch.tensor([1.5, 1.0, -0.5], requires_grad=True)
    y_pt = shares(x_pt)
    (dx_pt,) = torch.autograd.grad(y_pt[2], x_pt)
    show(y=y_pt, dx=dx_pt)

# %% sparsemax-out-tf tags=["tensorflow"]
for shares in (lambda x: tf.nn.softmax(x, -1), sparsemax_tf):
    x_tf = tf.Variable([1.5, 1.0, -0.5])
    with tf.GradientTape() as tape:
        third = shares(x_tf)[2]
    dx_tf = tape.gradient(third, x_tf)
    show(y=shares(x_tf), dx=dx_tf)

# %% [markdown]
# With softmax the third number is called up. With sparsemax nothing calls it: only other examples can
# bring it back.

# %% [markdown]
# (softmaxes-at-the-kink)=
# ## At the kink
#
# Softmax and its kin are smooth. The maximum that is subtracted has kinks, at ties, but it cancels, in the
# gradient as well:

# %% tie
tie = torch.tensor([1.0, 1.0, 0.0], requires_grad=True)
e = torch.exp(tie - tie.amax())
(by_hand,) = torch.autograd.grad((e / e.sum())[0], tie)
tie_tf = tf.Variable([1.0, 1.0, 0.0])
with tf.GradientTape() as tape:
    first = tf.nn.softmax(tie_tf)[0]
agree(by_hand, tape.gradient(first, tie_tf))

# %% [markdown]
# Sparsemax bends where a number sits exactly on the threshold, as the second one of (1, 0) does: it has no
# share, and a little more would give it one. The gradient of the first share then depends on how a
# maximum treats a tie. PyTorch's `amax` and TensorFlow's `reduce_max` divide the gradient, PyTorch's `max`
# gives it to one; Keras counts who has a share instead, and does not count the second.

# %% kinks-pt tags=["pytorch"]
def picking(x):
    z = torch.sort(x, descending=True).values
    tau = (torch.cumsum(z, -1) - 1) / torch.tensor([1, 2])
    return F.relu(x - tau.max(-1).values)
for sparsemax in (sparsemax_pt, picking):
    x_pt = torch.tensor([1.0, 0.0], requires_grad=True)
    y_pt = sparsemax(x_pt)
    (dx_pt,) = torch.autograd.grad(y_pt[0], x_pt)
    show(y=y_pt, dx=dx_pt)

# %% kinks-tf tags=["tensorflow"]
for sparsemax in (sparsemax_tf, keras_sparsemax):
    x_tf = tf.Variable([1.0, 0.0])
    with tf.GradientTape() as tape:
        first = sparsemax(x_tf)[0]
    dx_tf = tape.gradient(first, x_tf)
    show(y=sparsemax(x_tf), dx=dx_tf)

# %% [markdown]
# Without a share for the second the slope is 0, with one it is ½ and −½, and everything between is as
# good. Logits of real scores seldom lie there; whole numbers do.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | probabilities to show, weights to average with | Softmax, its axis named | shares of one whole |
# | a loss on probabilities | LogSoftmax, or logits in a loss that has it inside | the way back from a wrong certainty |
# | two classes | [a sigmoid](sigmoids.ipynb#sigmoid) of one logit | the same, with half the outputs |
# | several labels that may all be true | a sigmoid each | shares compete, labels need not |
# | a class for every pixel | Softmax2d, axis −3; channels last: axis −1 | the axis is where the classes are |
# | distances or costs | Softmin | the smallest gets the most |
# | a choice that must be drawn, and learnt from | Gumbel-softmax | its wins are the softmax's |
# | attention that should name few places | Sparsemax, your own | exact zeros; that of Keras 3.15 is wrong |
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
