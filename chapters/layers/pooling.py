# %% [markdown]
# # Pooling
#
# A pooling layer makes an image or a sequence smaller: it slides a window over it, and replaces each window by
# one number, such as its maximum or its average. It has no weights, and it handles each channel on its own. For
# layers that return a fixed size, see [adaptive and global pooling](adaptive_pooling.ipynb).
#
# **The claim:** inside the image, the pooling layers of the two frameworks agree, in values and in gradients.
# They differ at the border and for NaN:
#
# - PyTorch counts padded zeros in an average by default, and Keras never counts them.
# - PyTorch pads with −∞ for a maximum. In Keras you add this border yourself, and zeros are the wrong border.
# - PyTorch's maximum keeps NaN, and `MaxPooling2D` drops it.

# %%
import keras
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, show, show_error, value_and_grad

rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 5, 7))
x = x.astype(np.float32)  # (batch, channels, height, width)

# %% [markdown]
# PyTorch needs the channels on axis 1, and Keras on the last axis. So the TensorFlow cells begin with
# `np.moveaxis(x, 1, -1)`, and `agree` gets PyTorch's result with `movedim(1, -1)`.
#
# (max-pooling)=
# ## Max pooling
#
# <!-- head: max_pooling -->
#
# Max pooling returns the largest number of each window. Choose it if it matters that a feature is in the
# window, and not where.
#
# $$y_{b,c,i,j} = \max_{0 \le p,\,q < k} x_{b,\,c,\,si+p,\,sj+q}$$
#
# Here $k$ is the size of the window, and $s$ is the stride: the distance from one window to the next. If you
# pass no stride, both frameworks use the size. $b$, $c$, $i$ and $j$ are the numbers of the example, channel,
# row and column.
#
# The next cells print the first two rows and six columns of one channel, the maxima of its first row of windows,
# and the gradient:

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = nn.MaxPool2d(2)(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
print(tuple(x_pt.shape), "->", tuple(y_pt.shape))
show(x=x_pt[0, 0, :2, :6], y=y_pt[0, 0, 0],
     dx=dx_pt[0, 0, :2, :6])

# %% tags=["tensorflow"]
x_tf = tf.Variable(np.moveaxis(x, 1, -1))
with tf.GradientTape() as tape:
    y_tf = keras.layers.MaxPooling2D(2)(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
print(tuple(x_tf.shape), "->", tuple(y_tf.shape))
show(x=x_tf[0, :2, :6, 0], y=y_tf[0, 0, :, 0],
     dx=dx_tf[0, :2, :6, 0])

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# The largest number of each window gets the gradient 1, and the other numbers get 0. With 5 × 7 pixels, the
# last row and the last column are in no window.
#
# Of $n$ pixels, both frameworks make $\lfloor (n - k) / s \rfloor + 1$ windows. The layers for signals and
# volumes are the same with another number of axes:
#
# | | PyTorch | Keras |
# | --- | --- | --- |
# | signal | `nn.MaxPool1d`: (batch, channels, time) | `MaxPooling1D`: (batch, time, channels) |
# | image | `nn.MaxPool2d`: (batch, channels, height, width) | `MaxPooling2D`: (batch, height, width, channels) |
# | volume | `nn.MaxPool3d`: (batch, channels, depth, height, width) | `MaxPooling3D`: (batch, depth, height, width, channels) |
#
# The next cells pool a signal and a volume, too:

# %%
signal, volume = x[:, :, 0], x[:, None]  # (2, 3, 7) and (2, 1, 3, 5, 7)

# %% max-dimensions-pt tags=["pytorch"]
results_pt = [nn.MaxPool1d(2)(torch.tensor(signal)),
              nn.MaxPool3d(2)(torch.tensor(volume)),
              nn.AvgPool1d(2)(torch.tensor(signal)),
              nn.AvgPool3d(2)(torch.tensor(volume))]
print(*[tuple(y.shape) for y in results_pt[:2]])

# %% max-dimensions-tf tags=["tensorflow"]
signal_tf = np.moveaxis(signal, 1, -1)
volume_tf = np.moveaxis(volume, 1, -1)
results_tf = [keras.layers.MaxPooling1D(2)(signal_tf),
              keras.layers.MaxPooling3D(2)(volume_tf),
              keras.layers.AveragePooling1D(2)(signal_tf),
              keras.layers.AveragePooling3D(2)(volume_tf)]
print(*[tuple(y.shape) for y in results_tf[:2]])

# %%
agree([y.movedim(1, -1) for y in results_pt], results_tf)

# %% [markdown]
# ### Keras's max pooling layers have windows of size 2 by default: all other layers need a size
#
# The next cells create layers without an argument. Only Keras's max pooling raises no error:

# %% max-defaults-pt tags=["pytorch"]
with show_error():
    nn.MaxPool2d()
with show_error():
    nn.AvgPool2d()

# %% max-defaults-tf tags=["tensorflow"]
for layer in (keras.layers.MaxPooling1D(),
              keras.layers.MaxPooling2D(),
              keras.layers.MaxPooling3D()):
    print(type(layer).__name__, layer.pool_size)
with show_error():
    keras.layers.AveragePooling2D()

# %% [markdown]
# (max-padding)=
# ### A border of zeros is wrong for a maximum: pad with −∞
#
# PyTorch's `padding=1` adds a border of −∞, which is never the maximum. Keras's layer has no such argument.
# `ZeroPadding2D` adds zeros, and 0 is larger than a negative number. The next cells pool negative numbers:
#
# - `zeros` has a border of zeros, so all windows at the border return 0.
# - `y` is the right result. `tf.nn.max_pool2d` accepts a border as a pair for each axis, and pads with −∞.
# - `z` is the same result from `tf.pad` and Keras's layer.

# %%
negative = x - 5  # from −7 to −2

# %% max-zeros-pt tags=["pytorch"]
x_pt = torch.tensor(negative)
y_pt, dx_pt = value_and_grad(
    nn.MaxPool2d(3, 2, padding=1), x_pt)
show(y=y_pt[0, 0])

# %% max-zeros-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(negative, 1, -1))
y_tf, dx_tf = value_and_grad(lambda x: tf.nn.max_pool2d(
    x, 3, 2, [[0, 0], [1, 1], [1, 1], [0, 0]]), x_tf)
show(y=y_tf[0, ..., 0])

pool = keras.layers.MaxPooling2D(3, 2)
z_tf = pool(tf.pad(x_tf, [[0, 0], [1, 1], [1, 1], [0, 0]],
                   constant_values=-np.inf))
show(zeros=pool(keras.layers.ZeroPadding2D(1)(x_tf))[0, ..., 0])

# %%
agree([y_pt.movedim(1, -1)] * 2, [y_tf, z_tf],
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# After a ReLU there are no negative numbers. Then a border of zeros gives the right maxima, and the right gradients of
# the input of the ReLU:

# %% max-relu
border = [[0, 0], [1, 1], [1, 1], [0, 0]]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
y, dx = value_and_grad(lambda x: pool(keras.layers.ZeroPadding2D(1)(tf.nn.relu(x))), x_tf)
right, dx_right = value_and_grad(lambda x: tf.nn.max_pool2d(tf.nn.relu(x), 3, 2, border), x_tf)
print(np.array_equal(y, right), np.array_equal(dx, dx_right))

# %% [markdown]
#
# (max-same)=
# ### `padding="same"` ignores the border, which can be on one side only
#
# With `padding="same"`, Keras's layer returns $\lceil n / s \rceil$ numbers for an axis of $n$. The maximum
# ignores the border. PyTorch has no such option, so pad with −∞ yourself. For an even size, windows of size 3
# and stride 2, the border is one row at the bottom and one column on the right, and nothing at the top and on
# the left:

# %%
even = x[:, :, :4, :6]

# %% max-same-pt tags=["pytorch"]
x_pt = torch.tensor(even)
pool = nn.MaxPool2d(3, 2)
y_pt, dx_pt = value_and_grad(lambda x: pool(
    F.pad(x, (0, 1, 0, 1), value=-torch.inf)), x_pt)
z_pt = nn.MaxPool2d(3, 2, padding=1)(x_pt)
show(y=y_pt[0, 0], padding_1=z_pt[0, 0])

# %% max-same-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(even, 1, -1))
pool = keras.layers.MaxPooling2D(3, 2, padding="same")
y_tf, dx_tf = value_and_grad(pool, x_tf)
show(y=y_tf[0, ..., 0])

# %% max-same-agree
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# `padding_1` is the result of PyTorch's `padding=1`. It has the same shape, and other numbers, because its
# windows begin one pixel earlier.
#
# For $n$ numbers, windows of size $k$ and the stride $s$, the border has $\max(0, (\lceil n / s \rceil - 1)\, s + k - n)$
# numbers. Half of them are in front, rounded down, and the rest is behind. The next cell pads in PyTorch by this
# formula, and compares the result with Keras's:

# %% max-same-sizes
for n, k, s in ((5, 2, 2), (6, 3, 2), (7, 3, 2), (8, 4, 3), (6, 5, 1), (7, 2, 3)):
    total = max(0, (-(-n // s) - 1) * s + k - n)
    ends = (total // 2, total - total // 2)
    row = rng.normal(size=(1, 1, n)).astype(np.float32)
    y_pt = nn.MaxPool1d(k, s)(F.pad(torch.tensor(row), ends, value=-torch.inf))
    y_tf = keras.layers.MaxPooling1D(k, s, padding="same")(np.moveaxis(row, 1, -1))
    equal = np.array_equal(y_pt.movedim(1, -1), y_tf)
    print(f"n={n}, k={k}, s={s}: border {ends},", "equal" if equal else "different")

# %% [markdown]
#
# ### Dilation: use `tf.nn.pool` in TensorFlow
#
# With `dilation=2`, a window takes every second pixel. Keras's layer has no dilation, but `tf.nn.pool` has:

# %% max-dilation-pt tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(
    nn.MaxPool2d(2, stride=1, dilation=2), x_pt)

# %% max-dilation-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
y_tf, dx_tf = value_and_grad(lambda x: tf.nn.pool(
    x, (2, 2), "MAX", dilations=(2, 2)), x_tf)

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# (pooling-ties)=
# ### At a tie, the first number of a window gets the gradient
#
# If a window has its largest number several times, both frameworks give the gradient to the first of them, row
# by row. The next cells print the gradient of a window of four ones:

# %% max-tie-pt tags=["pytorch"]
ones = torch.ones(1, 1, 2, 2)
_, dx_pt = value_and_grad(nn.MaxPool2d(2), ones)
show(dx=dx_pt.flatten())

# %% max-tie-tf tags=["tensorflow"]
ones = tf.ones((1, 2, 2, 1))
_, dx_tf = value_and_grad(keras.layers.MaxPooling2D(2), ones)
show(dx=tf.reshape(dx_tf, -1))

# %%
agree(dx_pt.movedim(1, -1), dx_tf)

# %% [markdown]
# Ties are common after a ReLU, because it makes many numbers 0. Keras's global layer [divides the gradient
# equally](global-tie).
#
# (pooling-nan)=
# ### PyTorch's maximum keeps NaN, and `MaxPooling2D` drops it
#
# The first window has a NaN, and the second has only −∞, for example because of a mask. PyTorch returns NaN and
# −∞. TensorFlow returns the largest of the other numbers, and the smallest float32 instead of −∞. No argument
# makes the two agree.

# %%
special = np.array([[[[np.nan, 1, -np.inf, -np.inf],
                      [2, 3, -np.inf, -np.inf]]]], dtype=np.float32)

# %% max-nan-pt tags=["pytorch"]
x_pt = torch.tensor(special)
print(nn.MaxPool2d(2)(x_pt).flatten().tolist())
print(nn.AvgPool2d(2)(x_pt).flatten().tolist())

# %% max-nan-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(special, 1, -1))
y_tf = keras.layers.MaxPooling2D(2)(x_tf)
print([float(f"{v:.3g}") for v in tf.reshape(y_tf, -1)])
z_tf = keras.layers.AveragePooling2D(2)(x_tf)
print(tf.reshape(z_tf, -1).numpy().tolist())

# %% [markdown]
# The second line of each cell is the average, which keeps NaN and −∞ in both frameworks. So a network with max
# pooling can hide a NaN in TensorFlow.

# %% [markdown]
# (max-unpooling)=
# ## Max unpooling
#
# <!-- head: max_unpooling -->
#
# Max unpooling writes each maximum back to the place that it came from, and fills the rest with zeros. Choose it
# in a decoder that has to put a feature back exactly where the encoder found it, as in SegNet
# {footcite:p}`badrinarayanan2017segnet`. It needs the indices of the maxima.
#
# ### TensorFlow's index counts the channels, too
#
# PyTorch's index is row · width + column, counted from 0 in each channel. TensorFlow's index is (row · width +
# column) · channels + channel. An integer division by the number of channels makes them equal:

# %% unpool-index-pt tags=["pytorch"]
x_pt = torch.tensor(even)
y_pt, index_pt = F.max_pool2d(x_pt, 2, return_indices=True)
show(index=index_pt[0, 0])

# %% unpool-index-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(even, 1, -1))
y_tf, argmax = tf.nn.max_pool_with_argmax(x_tf, 2, 2, "VALID")
index_tf = argmax // x_tf.shape[-1]
show(argmax=argmax[0, ..., 0], index=index_tf[0, ..., 0])

# %% unpool-index
agree([y_pt.movedim(1, -1), index_pt.movedim(1, -1)],
      [y_tf, index_tf])

# %% [markdown]
# In PyTorch, the layer `nn.MaxPool2d(2, return_indices=True)` returns the indices, too. Keras's layers do not.
#
# ### `max_unpool`: the layer that TensorFlow does not have
#
# The function makes one long row of the image, computes the place of each number in it, and writes the numbers:

# %% max-unpool
def max_unpool(y, index, shape):
    b, h, w, c = shape
    example = tf.range(b, dtype=tf.int64)[:, None, None, None]
    channel = tf.range(c, dtype=tf.int64)
    place = (example * h * w + index) * c + channel
    row = tf.tensor_scatter_nd_update(
        tf.zeros(b * h * w * c), tf.reshape(place, (-1, 1)),
        tf.reshape(y, -1))
    return tf.reshape(row, shape)

# %% [markdown]
# The next cells print the first channel. Compare the places with the indices above:

# %% tags=["pytorch"]
y = y_pt.detach()
index = index_pt
z_pt, dy_pt = value_and_grad(
    lambda y: nn.MaxUnpool2d(2)(y, index), y)
show(z=z_pt[0, 0])

# %% tags=["tensorflow"]
y = y_tf
index = index_tf
z_tf, dy_tf = value_and_grad(
    lambda y: max_unpool(y, index, x_tf.shape), y)
show(z=z_tf[0, ..., 0])

# %%
agree(z_pt.movedim(1, -1), z_tf,
      gradients=(dy_pt.movedim(1, -1), dy_tf))

# %% [markdown]
# ### Windows that overlap can share a maximum: write it, do not add it
#
# With size 3 and stride 1, a large number is the maximum of several windows. PyTorch writes it once. In
# TensorFlow, `tensor_scatter_nd_update` writes it once, too, but `tf.scatter_nd` adds it up. The cells print
# the first row of the result:

# %% unpool-overlap-pt tags=["pytorch"]
y, index = F.max_pool2d(x_pt, 3, 1, return_indices=True)
z_pt = nn.MaxUnpool2d(3, 1)(y, index)
show(z=z_pt[0, 0, 0])

# %% unpool-overlap-tf tags=["tensorflow"]
y, argmax = tf.nn.max_pool_with_argmax(x_tf[:1], 3, 1, "VALID")
z_tf = max_unpool(y, argmax // 3, (1, 4, 6, 3))
added = tf.scatter_nd(tf.reshape(argmax, (-1, 1)),
                      tf.reshape(y, -1), [4 * 6 * 3])
show(z=z_tf[0, 0, :, 0],
     added=tf.reshape(added, (4, 6, 3))[0, :, 0])

# %%
agree(z_pt[:1].movedim(1, -1), z_tf)

# %% [markdown]
# (average-pooling)=
# ## Average pooling
#
# <!-- head: average_pooling -->
#
# Average pooling returns the mean of each window. Choose it to make an image smaller without favouring its
# largest numbers.
#
# $$y_{b,c,i,j} = \frac{1}{k^2} \sum_{0 \le p,\,q < k} x_{b,\,c,\,si+p,\,sj+q}$$
#
# Here $k$ is the size of the window, and $s$ is the stride. Each number of a window gets the gradient
# $1 / k^2$.

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(nn.AvgPool2d(2), x_pt)
show(y=y_pt[0, 0], dx=dx_pt[0, 0, 0, :6])

# %% tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
y_tf, dx_tf = value_and_grad(
    keras.layers.AveragePooling2D(2), x_tf)
show(y=y_tf[0, ..., 0], dx=dx_tf[0, 0, :6, 0])

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# (count-include-pad)=
# ### PyTorch counts padded zeros in the average by default, and Keras never does
#
# The image has only ones, so every right average of its pixels is 1. With `padding=1` and the default
# `count_include_pad=True`, PyTorch divides each window by 9, also at the border: the first window has 4 ones and
# returns 4/9. In Keras, add the zeros with `ZeroPadding2D` to get the same:

# %% average-count-pt tags=["pytorch"]
x_pt = torch.ones(1, 1, 4, 4)
y_pt, dx_pt = value_and_grad(
    nn.AvgPool2d(3, 2, padding=1), x_pt)
inside = nn.AvgPool2d(3, 2, 1, count_include_pad=False)
show(y=y_pt[0, 0], inside=inside(x_pt)[0, 0])

# %% average-count-tf tags=["tensorflow"]
x_tf = tf.ones((1, 4, 4, 1))
pool = keras.layers.AveragePooling2D(3, 2)
y_tf, dx_tf = value_and_grad(
    lambda x: pool(keras.layers.ZeroPadding2D(1)(x)), x_tf)
same = keras.layers.AveragePooling2D(3, 2, padding="same")
show(y=y_tf[0, ..., 0], same=same(x_tf)[0, ..., 0])

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# `inside` and `same` divide by the number of pixels inside the image.
#
# ### With stride 2, `count_include_pad=False` is `padding="same"` at odd sizes only
#
# PyTorch's border has the same width on both sides. Keras's border can be on one side only. The next cell
# compares the two for windows of size 3 and stride 2, and images of 4 to 9 pixels:

# %% average-same-sizes
for n in range(4, 10):
    image = rng.normal(size=(1, n, n, 1)).astype(np.float32)
    y_pt = inside(torch.tensor(np.moveaxis(image, -1, 1)))
    equal = np.allclose(y_pt[0, 0], same(image)[0, ..., 0], atol=1e-6)
    print(f"{n} x {n}:", "equal" if equal else "different")

# %% [markdown]
# To get `padding="same"` in PyTorch at an even size, pad with zeros by the formula [of the maximum](max-same). Sum over
# the windows, and divide by the number of pixels inside the image. This number is the same sum over an image of ones.
# With `divisor_override=1`, `F.avg_pool2d` returns the sum. In the next cells, the border is 0 in front and 1 behind:

# %% average-same-pt tags=["pytorch"]
def sums(x):
    padded = F.pad(x, (0, 1, 0, 1))
    return F.avg_pool2d(padded, 3, 2, divisor_override=1)


x_pt = torch.tensor(even)
y_pt, dx_pt = value_and_grad(
    lambda x: sums(x) / sums(torch.ones_like(x)), x_pt)

# %% average-same-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(even, 1, -1))
y_tf, dx_tf = value_and_grad(same, x_tf)

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# TensorFlow has no `divisor_override`. The average times $k^2$ is the sum, as in [power-average pooling](lp-pooling).
#
# (ceil-mode)=
# ### `ceil_mode=True` keeps the windows that end outside the image
#
# By default, what remains at the end of an axis is in no window. With `ceil_mode=True`, PyTorch keeps a window
# that begins inside the image and ends outside. The pixels outside are never counted, not even with
# `count_include_pad=True`.
#
# Keras has no such option. For $o$ windows, pad the end of the axis with $(o - 1)\,s + k - n$ zeros, and divide
# by the average of padded ones, which is the part of the window inside the image. For a maximum, pad with −∞
# and do not divide.

# %% average-ceil-pt tags=["pytorch"]
x_pt = torch.tensor(x)  # 5 × 7 pixels
y_pt, dx_pt = value_and_grad(
    nn.AvgPool2d(2, ceil_mode=True), x_pt)
z_pt, dz_pt = value_and_grad(
    nn.MaxPool2d(2, ceil_mode=True), x_pt)
print(tuple(nn.AvgPool2d(2)(x_pt).shape[2:]), "without")
print(tuple(y_pt.shape[2:]), "with ceil_mode")

# %% average-ceil-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
end = [[0, 0], [0, 1], [0, 1], [0, 0]]  # 2·2 + 2 − 5 = 1
pool = keras.layers.AveragePooling2D(2)
part = pool(tf.pad(tf.ones_like(x_tf), end))
y_tf, dx_tf = value_and_grad(
    lambda x: pool(tf.pad(x, end)) / part, x_tf)
z_tf, dz_tf = value_and_grad(
    lambda x: keras.layers.MaxPooling2D(2)(
        tf.pad(x, end, constant_values=-np.inf)), x_tf)
show(part=part[0, ..., 0])

# %% average-ceil-agree
agree([y_pt.movedim(1, -1), z_pt.movedim(1, -1)], [y_tf, z_tf],
      gradients=([dx_pt.movedim(1, -1), dz_pt.movedim(1, -1)],
                 [dx_tf, dz_tf]))

# %% [markdown]
# One more rule of `ceil_mode` is easy to miss: PyTorch drops a window that would begin behind the last pixel. In the
# next cell, a row of the 4 pixels 0 to 3 has a border of 1 on each side. With the size 2 and the stride 3, windows begin
# at −1, at 2 and at 5. The formula, rounded up, counts all three. The third begins behind pixel 3, so two windows are
# left:

# %% ceil-dropped
row = torch.tensor([[[1.0, 2, 3, 4]]])
print(nn.AvgPool1d(2, 3, padding=1, ceil_mode=True)(row).tolist())

# %% [markdown]
# (pooling-aliasing)=
# ### Aliasing: every second pixel of a striped row is only white, or only black
#
# A row of stripes 1 0 1 0 … is made half as long in three ways: by every second pixel, by max pooling, and by
# average pooling. Then the same is done with the stripes moved by one pixel:

# %% aliasing-pt tags=["pytorch"]
stripes = torch.tensor([[[1.0, 0, 1, 0, 1, 0]]])
for row in (stripes, stripes.roll(1)):
    show(row=row, every_2nd=row[..., ::2],
         maximum=nn.MaxPool1d(2)(row),
         average=nn.AvgPool1d(2)(row))
    print()

# %% aliasing-tf tags=["tensorflow"]
stripes = tf.constant([[[1.0], [0], [1], [0], [1], [0]]])
for row in (stripes, tf.roll(stripes, 1, 1)):
    show(row=row[..., 0], every_2nd=row[:, ::2, 0],
         maximum=keras.layers.MaxPooling1D(2)(row)[..., 0],
         average=keras.layers.AveragePooling1D(2)(row)[..., 0])
    print()

# %% [markdown]
# If you take every second pixel, all of them are white, or all are black, and a move by one pixel decides which. This
# is aliasing. The maximum is white for both, and the average is grey for both. A convolution with stride 2 also takes every second
# pixel, so blur before it {footcite:p}`zhang2019shift`.

# %% [markdown]
# (lp-pooling)=
# ## Power-average pooling
#
# <!-- head: lp_pooling -->
#
# Power-average pooling raises the numbers of a window to the power $p$, sums them, and takes the root. If no number is
# negative, the result is the sum for $p = 1$, and it approaches the maximum for large $p$.
#
# $$y_{b,c,i,j} = \Bigl( \sum_{0 \le u,\,v < k} x_{b,\,c,\,si+u,\,sj+v}^{\,p} \Bigr)^{1/p}$$
#
# Here $k$ is the size of the window, and $s$ is the stride. The sum is not divided by the number of pixels, so
# the name is not exact. TensorFlow has no such layer. For $p = 2$, use the root of $k^2$ times the average of
# the squares:

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(nn.LPPool2d(2, 2), x_pt)
show(y=y_pt[0, 0], dx=dx_pt[0, 0, 0, :6])

# %% tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
pool = keras.layers.AveragePooling2D(2)
y_tf, dx_tf = value_and_grad(
    lambda x: tf.sqrt(4 * pool(x**2)), x_tf)
show(y=y_tf[0, ..., 0], dx=dx_tf[0, 0, :6, 0])

# %%
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dx_pt.movedim(1, -1), dx_tf))

# %% [markdown]
# The next cells pool the window 1, 2, 3, 4 with larger and larger powers:

# %% lp-powers-pt tags=["pytorch"]
window = torch.tensor([[[[1.0, 2], [3, 4]]]])
found_pt = [nn.LPPool2d(p, 2)(window) for p in (1, 2, 8, 32)]
show(y=[y.item() for y in found_pt])

# %% lp-powers-tf tags=["tensorflow"]
window = tf.constant([[[[1.0], [2]], [[3], [4]]]])
found_tf = [(4 * pool(window**p)) ** (1 / p)
            for p in (1, 2, 8, 32)]
show(y=[y.numpy().item() for y in found_tf])

# %%
agree([y.movedim(1, -1) for y in found_pt], found_tf)

# %% [markdown]
# ### `nn.LPPool2d` does not take magnitudes: with an odd power, a negative sum has the root NaN
#
# A norm is made of magnitudes: $(\sum |x|^p)^{1/p}$. PyTorch's layer keeps the signs of the numbers. For $p = 3$ the
# sum can be negative, and its root is NaN. For $p = 1$ the result is the sum, and not the sum of the magnitudes. Pass
# `x.abs()` to get the norm. Each line has the power, the result of the layer, and the norm:

# %% lp-odd-pt tags=["pytorch"]
x_pt = torch.tensor([[[[-1.0, -2.0], [-1.0, 1.0]]]])
for p in (1, 2, 3):
    y_pt = nn.LPPool2d(p, 2)(x_pt)
    norm_pt = nn.LPPool2d(p, 2)(x_pt.abs())
    print(p, f"{y_pt.item():7.4f} {norm_pt.item():7.4f}")

# %% lp-odd-tf tags=["tensorflow"]
x_tf = tf.constant([[[[-1.0], [-2.0]], [[-1.0], [1.0]]]])
for p in (1, 2, 3):
    y_tf = (4 * pool(x_tf**p)) ** (1 / p)
    norm_tf = (4 * pool(tf.abs(x_tf) ** p)) ** (1 / p)
    print(p, f"{y_tf.numpy().item():7.4f} "
          f"{norm_tf.numpy().item():7.4f}")

# %%
agree(norm_pt.movedim(1, -1), norm_tf)

# %% [markdown]
# ### A window of zeros: PyTorch's gradient is 0, the formula's is NaN
#
# The slope of the root is infinite at 0. By the chain rule the gradient is ∞ · 0, which is NaN. PyTorch's layer
# returns 0. In TensorFlow, use `tf.where` twice:

# %% lp-zero-pt tags=["pytorch"]
zeros = torch.zeros(1, 1, 2, 2)
_, dx_pt = value_and_grad(nn.LPPool2d(2, 2), zeros)
show(layer=dx_pt.flatten())

# %% lp-zero-tf tags=["tensorflow"]
def lp_pool(x):
    s = 4 * pool(x**2)
    safe = tf.where(s > 0, s, 1.0)
    return tf.where(s > 0, tf.sqrt(safe), 0.0)


zeros = tf.zeros((1, 2, 2, 1))
_, naive = value_and_grad(
    lambda x: tf.sqrt(4 * pool(x**2)), zeros)
_, dx_tf = value_and_grad(lp_pool, zeros)
show(formula=tf.reshape(naive, -1), where=tf.reshape(dx_tf, -1))

# %%
agree(dx_pt.movedim(1, -1), dx_tf)
