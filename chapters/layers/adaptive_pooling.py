# %% [markdown]
# # Adaptive and global pooling
#
# These layers return a size that you choose. Adaptive pooling divides the image into a fixed number of bins.
# Global pooling has one bin for everything. Fractional pooling divides the size by a number such as 1.5. Like all
# [pooling layers](pooling.ipynb), they have no weights, and handle each channel on its own.
#
# **The claim:** with two or more bins on each axis, the frameworks agree, in values and in gradients. With one
# bin, Keras 3.15 has three bugs in its adaptive layers: `predict` and `fit` raise an error, the gradient of the
# maximum is wrong, and with TensorFlow's usual settings the Python process can end. The global layers have none
# of them. The windows of fractional pooling are drawn at random, and the draws never agree.

# %%
import os
import subprocess
import sys
from itertools import pairwise

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 5, 7))
x = x.astype(np.float32)  # (batch, channels, height, width)

# %% [markdown]
# PyTorch needs the channels on axis 1, and Keras on the last axis. So the TensorFlow cells begin with
# `np.moveaxis(x, 1, -1)`, and `agree` gets PyTorch's result with `movedim(1, -1)`.
#
# (adaptive-max-pooling)=
# ## Adaptive max pooling
#
# <!-- head: adaptive_max_pooling -->
#
# For adaptive pooling you pass the size of the output, and not the size of the window. Choose it if images have
# different sizes and the next layer needs one size. Adaptive max pooling returns the largest number of each bin.
#
# $$\text{bin } i = \Bigl\{ \lfloor i\,n / o \rfloor, \dots, \lceil (i + 1)\,n / o \rceil - 1 \Bigr\}, \qquad 0 \le i < o$$
#
# Here $n$ is the size of the axis, and $o$ is the number of bins. The start is rounded down and the end is
# rounded up. So if $n$ is not divisible by $o$, neighbouring bins share a pixel, and bins can have different
# sizes:

# %% adaptive-bins tags=["hide-input"]
# alt: Four panels with a row of numbered pixels, and bars above them for the bins. 8 pixels into 4 bins: bars of
# 2 pixels that do not overlap. 7 pixels into 3 bins: bars over pixels 0 to 2, 2 to 4 and 4 to 6, which share pixels
# 2 and 4. 10 pixels into 4 bins: bars over 0 to 2, 2 to 4, 5 to 7 and 7 to 9, which share pixels 2 and 7. 4 pixels
# into 6 bins: bars over 0, 0 and 1, 1, 2, 2 and 3, 3.
fig, axes = plt.subplots(4, 1, figsize=(5.2, 5.4))
titles = ("8 pixels, 4 bins: nothing is shared", "7 pixels, 3 bins: pixels 2 and 4 are in two bins",
          "10 pixels, 4 bins: pixels 2 and 7 are in two bins", "4 pixels, 6 bins: pixels are used again")
for ax, title, (n, o) in zip(axes, titles, ((8, 4), (7, 3), (10, 4), (4, 6))):
    for i in range(o):
        start, end = i * n // o, -(-(i + 1) * n // o)
        height = 1 + i % 3 * 0.75
        ax.plot([start - 0.4, end - 0.6], [height] * 2, color=plots.PALETTE[i % 6], linewidth=7,
                solid_capstyle="butt")
        ax.annotate(f"bin {i}", ((start + end - 1) / 2, height + 0.2), ha="center", va="bottom",
                    fontsize=8.5, color=plots.PALETTE[i % 6])
    for pixel in range(n):
        ax.annotate(f"{pixel}", (pixel, 0), ha="center", va="center")
    ax.set(xlim=(-0.6, 9.6), ylim=(-0.5, 3.6), xticks=[], yticks=[], title=title)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
plt.show()

# %% [markdown]
# With at least two bins on each axis, the frameworks agree in values and gradients:

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)  # 5 × 7 pixels
y_pt = nn.AdaptiveMaxPool2d((2, 3))(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
print(tuple(x_pt.shape), "->", tuple(y_pt.shape))
show(y=y_pt[0, 0])

# %% tags=["tensorflow"]
x_tf = tf.Variable(np.moveaxis(x, 1, -1))
with tf.GradientTape() as tape:
    y_tf = keras.layers.AdaptiveMaxPooling2D((2, 3))(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
print(tuple(x_tf.shape), "->", tuple(y_tf.shape))
show(y=y_tf[0, ..., 0])

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# The next sections compute the output and the gradient with `value_and_grad`. The next cell compares the layers
# for all sizes from 2 to 12, and for 2 to 12 bins:

# %% adaptive-all-sizes
equal = []
for n in range(2, 13):
    sequence = rng.normal(size=(1, 3, n)).astype(np.float32)
    for o in range(2, 13):
        y_pt = nn.AdaptiveMaxPool1d(o)(torch.tensor(sequence))
        pool = keras.layers.AdaptiveMaxPooling1D(o)
        y_tf = pool(np.moveaxis(sequence, 1, -1))
        equal.append(np.array_equal(y_pt.movedim(1, -1), y_tf))
print(f"{sum(equal)} of {len(equal)} are equal")

# %% [markdown]
# (adaptive-one-bin)=
# ### Do not use Keras's adaptive layers with one bin: call the global layer
#
# In PyTorch, `nn.AdaptiveMaxPool2d(1)` and `nn.AdaptiveAvgPool2d(1)` are the usual way to pool over everything.
# In Keras 3.15, adaptive pooling with one bin has three bugs. They have the same cause: the layer also pools with
# windows that are one pixel longer than a bin, and with one bin such a window is larger than the image.
#
# The replacement is the global layer with `keepdims=True`, which also has the axes of size 1:

# %% adaptive-one-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(nn.AdaptiveMaxPool2d(1), x_pt)
print(tuple(y_pt.shape))

# %% adaptive-one-tf tags=["tensorflow"]
pool = keras.layers.AdaptiveMaxPooling2D(1)
model = keras.Sequential([keras.Input((5, 7, 3)), pool])
with show_error():
    model.predict(x_tf, verbose=0)

y_tf, dx_tf = value_and_grad(
    keras.layers.GlobalMaxPooling2D(keepdims=True), x_tf)
print(tuple(y_tf.shape))

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# The first bug is the error of `predict`. `fit` [raises it, too](adaptive-average-pooling).
#
# The second bug is the gradient. If you call the layer itself, the value of the maximum is right, but the
# gradient is wrong: TensorFlow does not set the memory for the gradient of the larger window. The numbers are
# different in each run. The next cell tries 20 images, and says whether all values and all gradients were right:

# %% adaptive-one-gradient
whole = keras.layers.GlobalMaxPooling2D(keepdims=True)
values, gradients = [], []
for _ in range(20):
    image = rng.normal(size=(2, 16, 16, 3)).astype(np.float32)
    y, dx = value_and_grad(pool, tf.constant(image))
    right, dx_right = value_and_grad(whole, tf.constant(image))
    values.append(np.array_equal(y, right))
    gradients.append(np.array_equal(dx, dx_right))
print("all values are right:   ", all(values))
print("all gradients are right:", all(gradients))

# %% [markdown]
# The third bug is the worst. With an x86 processor on Linux, TensorFlow uses oneDNN by default, a library of fast
# kernels. This book turns it off, so that its numbers are the same on more processors. With oneDNN, a maximum over
# a window that is larger than the image divides by zero, and the operating system ends the Python process. There
# is no exception to catch, and a notebook reports that its kernel died.
#
# The next cell runs this in a second process, and prints its exit code. The code −8 means that signal 8, an
# arithmetic error, ended the process:

# %% adaptive-crash
code = """
import tensorflow as tf
tf.nn.max_pool2d(tf.ones((1, 3, 3, 1)), 4, 1, "VALID")
"""
process = subprocess.run(
    [sys.executable, "-c", code], capture_output=True,
    env=os.environ | {"TF_ENABLE_ONEDNN_OPTS": "1"})
print(process.returncode)

# %% [markdown]
# If only one axis has one bin, take the maximum over this axis first:

# %% adaptive-one-axis-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    nn.AdaptiveMaxPool2d((1, 3)), x_pt)

# %% adaptive-one-axis-tf tags=["tensorflow"]
pool = keras.layers.AdaptiveMaxPooling1D(3)
y_tf, dx_tf = value_and_grad(lambda x: tf.expand_dims(
    pool(tf.reduce_max(x, 1)), 1), x_tf)

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# (adaptive-average-pooling)=
# ## Adaptive average pooling
#
# <!-- head: adaptive_average_pooling -->
#
# Adaptive average pooling returns the average of each bin. The bins are those of [adaptive max
# pooling](adaptive-max-pooling). The sum of a bin is divided by the number of its pixels. A pixel that is in two bins counts
# fully in both. Choose it as the last layer before a classifier, so that the classifier gets the same number of
# features for each size of the image.

# %% tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    nn.AdaptiveAvgPool2d((2, 3)), x_pt)
show(y=y_pt[0, 0], dx=dx_pt[0, 0, 2, :6])

# %% tags=["tensorflow"]
y_tf, dx_tf = value_and_grad(
    keras.layers.AdaptiveAveragePooling2D((2, 3)), x_tf)
show(y=y_tf[0, ..., 0], dx=dx_tf[0, 2, :6, 0])

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# `dx` is the gradient of the middle row, which is in both bins of the height. Its columns 2 and 4 are in two bins
# of the width, so their gradient is twice as large.
#
# With one bin, use `GlobalAveragePooling2D(keepdims=True)`, [as for the maximum](adaptive-one-bin). The gradient of
# `AdaptiveAveragePooling2D(1)` is right, but `predict` and `fit` raise the error:

# %% adaptive-average-one-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(nn.AdaptiveAvgPool2d(1), x_pt)

# %% adaptive-average-one-tf tags=["tensorflow"]
pool = keras.layers.AdaptiveAveragePooling2D(1)
model = keras.Sequential([keras.Input((5, 7, 3)), pool])
model.compile(loss="mse")
with show_error():
    model.fit(x_tf, tf.zeros((2, 1, 1, 3)), verbose=0)
_, dz_tf = value_and_grad(pool, x_tf)
y_tf, dx_tf = value_and_grad(
    keras.layers.GlobalAveragePooling2D(keepdims=True), x_tf)

# %% adaptive-average-one
agree(y_pt.movedim(1, -1), y_tf,
      gradients=([dx_pt.movedim(1, -1)] * 2, [dx_tf, dz_tf]))

# %% [markdown]
# ### `None` keeps an axis in PyTorch, and is an error in Keras
#
# In PyTorch, `None` means that an axis keeps its size. In Keras, pass the size of the image, here 5:

# %% adaptive-none-pt tags=["pytorch"]
y_pt = nn.AdaptiveAvgPool2d((None, 3))(x_pt)
print(tuple(y_pt.shape))

# %% adaptive-none-tf tags=["tensorflow"]
layers = keras.layers
with show_error():
    layers.AdaptiveAveragePooling2D((None, 3))(x_tf)
y_tf = layers.AdaptiveAveragePooling2D((5, 3))(x_tf)

# %%
agree(y_pt.movedim(1, -1), y_tf)

# %% [markdown]
# ### A window of fixed size replaces adaptive pooling for some sizes only
#
# Some converters replace adaptive pooling by a window of size $n - (o - 1) \lfloor n / o \rfloor$ and stride $\lfloor
# n / o \rfloor$. If $n$ is divisible by $o$, the two are equal. For some other sizes, the bins have different sizes
# or unequal distances, and no window of fixed size and stride follows them. The next cell compares the two for 4 bins:

# %% adaptive-divisible
for n in range(4, 13):
    sequence = torch.tensor(rng.normal(size=(1, 1, n)).astype(np.float32))
    stride = n // 4
    window = nn.AvgPool1d(n - 3 * stride, stride)(sequence)
    equal = torch.allclose(nn.AdaptiveAvgPool1d(4)(sequence), window)
    print(f"{n:2} steps in 4 bins:", "equal" if equal else "different")

# %% [markdown]
# (global-max-pooling)=
# ## Global max pooling
#
# <!-- head: global_max_pooling -->
#
# Global max pooling returns the largest number of each channel. Choose it if one strong feature anywhere in the
# image decides. PyTorch has no such layer: use `amax` over height and width.

# %% tags=["pytorch"]
y_pt, dx_pt = value_and_grad(lambda x: x.amax((2, 3)), x_pt)
show(y=y_pt)

# %% tags=["tensorflow"]
y_tf, dx_tf = value_and_grad(
    lambda x: keras.layers.GlobalMaxPooling2D()(x), x_tf)
show(y=y_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# The result has the shape (batch, channels) in both frameworks.
#
# (global-tie)=
# ### At a tie, `amax` and `GlobalMaxPooling2D` divide the gradient, and `nn.AdaptiveMaxPool2d` does not
#
# Two of four pixels are 5. If you need the gradients of Keras's layer, use `amax`:

# %%
tied = np.array([[[[5, 1], [5, 2]]]], dtype=np.float32)

# %% global-tie-pt tags=["pytorch"]
x_pt = torch.tensor(tied)
_, dx_pt = value_and_grad(lambda x: x.amax((2, 3)), x_pt)
_, adaptive = value_and_grad(nn.AdaptiveMaxPool2d(1), x_pt)
show(amax=dx_pt.flatten(), adaptive=adaptive.flatten())

# %% global-tie-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(tied, 1, -1))
_, dx_tf = value_and_grad(
    keras.layers.GlobalMaxPooling2D(), x_tf)
show(layer=tf.reshape(dx_tf, -1))

# %%
agree(dx_pt.movedim(1, -1), dx_tf)

# %% [markdown]
# (global-average-pooling)=
# ## Global average pooling
#
# <!-- head: global_average_pooling -->
#
# Global average pooling returns the average of each channel {footcite:p}`lin2014network`. Choose it before the
# last dense layer of a classifier: the number of weights does not depend on the size of the image, and each pixel
# has the same gradient, 1 divided by the number of pixels. PyTorch has no such layer: use `mean`.

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(lambda x: x.mean((2, 3)), x_pt)
show(y=y_pt, dx=dx_pt[0, 0, 0, :6])

# %% tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
y_tf, dx_tf = value_and_grad(
    lambda x: keras.layers.GlobalAveragePooling2D()(x), x_tf)
show(y=y_tf, dx=dx_tf[0, 0, :6, 0])

# %%
agree(y_pt, y_tf, gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# ### `GlobalAveragePooling1D` accepts a mask, and `GlobalMaxPooling1D` does not
#
# Sequences of different lengths are padded to one length. The padded steps must not count in the average. In
# PyTorch, multiply by the mask, and divide by the number of steps that it keeps. In Keras, pass the mask to the
# layer.

# %%
steps = rng.normal(size=(2, 3, 5)).astype(np.float32)  # (batch, channels, time)
lengths = np.array([[5], [2]])
keep = np.arange(5) < lengths  # (batch, time)

# %% mask-pt tags=["pytorch"]
x_pt, mask = torch.tensor(steps), torch.tensor(keep)
m = mask[:, None]  # (batch, 1, time)
y_pt, dx_pt = value_and_grad(
    lambda x: (x * m).sum(2) / m.sum(2), x_pt)
show(y=y_pt, mean=x_pt.mean(2))

# %% mask-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(steps, 1, -1))
mask = tf.constant(keep)
y_tf, dx_tf = value_and_grad(
    lambda x: keras.layers.GlobalAveragePooling1D()(
        x, mask=mask), x_tf)
show(y=y_tf)
with show_error():
    keras.layers.GlobalMaxPooling1D()(x_tf, mask=mask)

# %%
agree(y_pt, y_tf, gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# `mean` is the average without the mask. It is right only for the first example, which has no padded steps. For
# a masked maximum, set the padded steps to −∞ before the layer:

# %% mask-maximum-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    lambda x: x.masked_fill(~m, -torch.inf).amax(2), x_pt)
show(y=y_pt)

# %% mask-maximum-tf tags=["tensorflow"]
y_tf, dx_tf = value_and_grad(
    lambda x: keras.layers.GlobalMaxPooling1D()(
        tf.where(mask[..., None], x, -np.inf)), x_tf)
show(y=y_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# An example without any step is 0 / 0, which is NaN in both frameworks. Divide by at least 1 if such examples
# occur:

# %% mask-nothing
nothing = np.zeros((2, 5), bool)
print(keras.layers.GlobalAveragePooling1D()(x_tf, mask=nothing).numpy()[0])
m = torch.tensor(nothing)[:, None]
print(((x_pt * m).sum(2) / m.sum(2)).numpy()[0])
print(((x_pt * m).sum(2) / m.sum(2).clamp(min=1)).numpy()[0])

# %% [markdown]
# (fractional-max-pooling)=
# ## Fractional max pooling
#
# <!-- head: fractional_max_pooling -->
#
# Max pooling with windows of size 2 divides the size by 2 each time. Fractional max pooling
# {footcite:p}`graham2014fractional` divides it by a number such as 1.5, so a network can have more pooling
# layers. The distances between the windows are 1 and 2, in an order that is drawn at random.
#
# The two frameworks draw different windows:
#
# - In PyTorch you pass the size of the window and the size of the output, as `output_size` or as `output_ratio`, its
#   ratio to the input. All windows have the same size, and the places where they begin are drawn.
# - In TensorFlow you pass a number for each of the four axes, and the size of the axis is divided by it. What is drawn
#   are edges: a window reaches from one edge to the next, so the windows have different sizes. The function also
#   returns the edges.
#
# The input of the next cells has the numbers 0 to 8 in each row, so the maximum of a window is its last column:

# %%
ramp = np.tile(np.arange(9, dtype=np.float32), (1, 1, 9, 1))  # (batch, channels, h, w)

# %% fractional-draws-pt tags=["pytorch"]
torch.manual_seed(0)
pool = nn.FractionalMaxPool2d(2, output_ratio=1 / 1.5)
y_pt = pool(torch.tensor(ramp))
print(tuple(y_pt.shape))
last = y_pt[0, 0, 0].int()
print("first columns:", (last - 1).tolist())
print("last columns: ", last.tolist())

# %% fractional-draws-tf tags=["tensorflow"]
y_tf, rows, columns = tf.nn.fractional_max_pool(
    np.moveaxis(ramp, 1, -1), [1, 1.5, 1.5, 1], seed=1)
print(tuple(y_tf.shape))
print("first columns:", columns.numpy()[:-1].tolist())
last = tf.cast(y_tf[0, 0, :, 0], tf.int32)
print("last columns: ", last.numpy().tolist())

# %% [markdown]
# To compute TensorFlow's result in PyTorch, use the edges that TensorFlow returned. The function `at_edges` applies
# `reduce`, such as `torch.amax`, to the pixels between two edges:

# %% tags=["pytorch"]
def at_edges(reduce, x, rows, columns, more=0):
    def windows(edges):
        return [slice(start, end + more)
                for start, end in pairwise(edges)]

    return torch.stack([torch.stack([
        reduce(x[:, :, i, j], (2, 3))
        for j in windows(columns)], -1)
        for i in windows(rows)], -2)


x_pt = torch.tensor(x)

# %% tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
ratio = [1, 1.5, 1.5, 1]
_, *edges = tf.nn.fractional_max_pool(x_tf, ratio, seed=1)
rows, columns = (edge.numpy().tolist() for edge in edges)
print(rows, columns)

# %% [markdown]
# The values and gradients agree:

# %% fractional-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    lambda x: at_edges(torch.amax, x, rows, columns), x_pt)
show(y=y_pt[0, 0])

# %% fractional-tf tags=["tensorflow"]
(y_tf, *_), dx_tf = value_and_grad(
    lambda x: tf.nn.fractional_max_pool(x, ratio, seed=1), x_tf)
show(y=y_tf[0, ..., 0])

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# ### New windows are drawn in inference mode, too
#
# The next cells pool the same image ten times, and print whether all results are equal. `eval()` does not change
# this. In TensorFlow, a `seed` makes all calls equal, also in training.

# %% fractional-eval-pt tags=["pytorch"]
pool = nn.FractionalMaxPool2d(2, output_ratio=1 / 1.5).eval()
results = [pool(x_pt) for _ in range(10)]
print(all(torch.equal(y, results[0]) for y in results))

# %% fractional-eval-tf tags=["tensorflow"]
for seed in (0, 1):
    results = [tf.nn.fractional_max_pool(x_tf, ratio, seed=seed)
               for _ in range(10)]
    first = results[0].output
    same = [np.array_equal(y.output, first) for y in results]
    print(f"seed={seed}:", all(same))

# %% [markdown]
# `seed=0` is TensorFlow's default, and means that no seed is set. Average the results of several calls in
# inference mode, as the paper does, or use adaptive pooling there.
#
# (fractional-average-pooling)=
# ## Fractional average pooling
#
# <!-- head: fractional_average_pooling -->
#
# Fractional average pooling returns the average between the edges instead of the maximum. PyTorch has no such
# layer; `at_edges` computes it with `torch.mean`:

# %% tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    lambda x: at_edges(torch.mean, x, rows, columns), x_pt)
show(y=y_pt[0, 0])

# %% tags=["tensorflow"]
(y_tf, *_), dx_tf = value_and_grad(
    lambda x: tf.nn.fractional_avg_pool(x, ratio, seed=1), x_tf)
show(y=y_tf[0, ..., 0])

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# ### With `overlapping=True`, a window includes the pixel at its end
#
# Then neighbouring windows share a row or a column. The last window has no further pixel, and is divided by the
# number of pixels that it has. In `at_edges`, `more=1` does the same:

# %% fractional-overlap-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    lambda x: at_edges(torch.mean, x, rows, columns, more=1),
    x_pt)
show(y=y_pt[0, 0])

# %% fractional-overlap-tf tags=["tensorflow"]
(y_tf, *_), dx_tf = value_and_grad(
    lambda x: tf.nn.fractional_avg_pool(
        x, ratio, overlapping=True, seed=1), x_tf)
show(y=y_tf[0, ..., 0])

# %% fractional-overlap-agree
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))
