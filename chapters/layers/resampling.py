# %% [markdown]
# # Resampling
#
# Resampling layers change the height and the width of an image. They compute each new pixel from the old pixels
# around it. Upsampling multiplies the size by a factor, and resizing makes any size. None of these layers has
# weights.
#
# **The claim:** linear interpolation agrees in PyTorch and in Keras at every size, and bicubic interpolation
# agrees with `antialias=True`. Nearest interpolation does not agree: PyTorch's `mode="nearest"` reads other pixels
# than Keras's `"nearest"`. Use `mode="nearest-exact"` to compute in PyTorch what Keras computes. An image that is
# resized to a smaller size and back eight times with PyTorch's `"nearest"` moves by 3.8 pixels.

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
rng = np.random.default_rng(0)
images = rng.normal(size=(2, 3, 5, 7)).astype(np.float32)  # (batch, channels, h, w)
images_last = np.moveaxis(images, 1, -1)  # (batch, h, w, channels)


def last(tensor):
    """PyTorch's tensor with channels last, as in TensorFlow."""
    return tensor.movedim(1, -1)

# %% [markdown]
# The PyTorch cells use `images`, with the channels on axis 1. The TensorFlow cells use `images_last`, with the
# channels on the last axis. For each comparison, `last` moves the channels of PyTorch's result to the end.
#
# (sampling-positions)=
# ## Both frameworks read at half-pixel centres, and PyTorch has two other rules
#
# For each output pixel, a resampling layer computes a position in the input, and reads the input there. This chapter
# has three rules for the position. The figure shows four input pixels, and the positions of six output pixels under
# each rule.

# %% sampling-positions tags=["hide-input"]
# alt: Four input pixels as boxes side by side, from 0 to 4, with their centres at a half, 1.5, 2.5 and 3.5.
# Below are three rows of six dots, the output positions. With half-pixel centres they are evenly spread
# over the whole width, from one third to 3 and two thirds. With align_corners they go from the first centre,
# a half, to the last, 3.5. With mode nearest they are the left edges, from 0 to 3 and one third.
rules = [
    ("half-pixel centres:\nthe usual rule of both", (np.arange(6) + 0.5) * 4 / 6, plots.PALETTE[2]),
    ("align_corners=True:\nPyTorch only", 0.5 + np.arange(6) * 3 / 5, plots.PALETTE[3]),
    ('mode="nearest":\nPyTorch only', np.arange(6) * 4 / 6, plots.PYTORCH),
]
fig, ax = plt.subplots(figsize=(5.2, 3.2))
for i in range(4):
    ax.add_patch(plt.Rectangle((i, 0.6), 1, 0.7, fill=False, edgecolor=plots.INK))
    ax.annotate(f"pixel {i}", (i + 0.5, 0.95), ha="center", va="center")
    ax.plot([i + 0.5] * 2, [0.6, -3.3], ":", color=plots.SIBLING, linewidth=1, zorder=0)
for row, (name, at, colour) in enumerate(rules):
    ax.plot(at, np.full(6, -0.2 - 1.3 * row), "o", color=colour, markersize=8)
    ax.annotate(name, (4.25, -0.2 - 1.3 * row), va="center", color=colour)
ax.set(xlim=(-0.1, 6.9), ylim=(-3.4, 1.5), yticks=[], xticks=range(5),
       title="Three rules put six new pixels in three places")
ax.set_xlabel("position in the input; dotted: centres of its pixels", loc="left")
ax.spines["left"].set_visible(False)
ax.spines["bottom"].set_bounds(0, 4)
plt.show()

# %% [markdown]
# With **half-pixel centres**, the input and the output cover the same width, and each pixel is a box with its
# number at the centre. Output pixel $i$ of $N$ lies at
#
# $$p_i = (i + \tfrac12)\,\frac{n}{N} - \tfrac12$$
#
# Here $n$ is the number of input pixels. The position 0 is the centre of the first input pixel, and $n - 1$ is
# the centre of the last.

# %% [markdown]
# (upsampling)=
# ## Upsampling
#
# <!-- head: upsampling -->
#
# Upsampling multiplies the height and the width by a factor. The default mode repeats each number. The mode
# `"bilinear"` interpolates between neighbours. Choose it in decoders, with a convolution after it.
#
# $$y_{b,c,h,w} = x_{b,\;c,\;\lfloor h/s \rfloor,\;\lfloor w/s \rfloor}$$
#
# This is the default mode, in PyTorch's order of the axes. Here $s$ is the factor, $b$ is an example, $c$ is a
# channel, $h$ and $w$ are the row and the column of an output pixel, and $\lfloor\cdot\rfloor$ rounds down. The next
# cells double an image and print the
# first two numbers of its first row (`x`), the block of the output that they become (`y`), and the gradient of
# the sum of squares (`dx`). Each number is used four times, so its gradient is 4 · 2x.

# %% tags=["pytorch"]
x_pt = torch.tensor(images, requires_grad=True)
y_pt = nn.Upsample(scale_factor=2)(x_pt)
(dx_pt,) = torch.autograd.grad((y_pt**2).sum(), x_pt)
print(tuple(x_pt.shape), "->", tuple(y_pt.shape))
show(x=x_pt[0, 0, 0, :2], y=y_pt[0, 0, :2, :4],
     dx=dx_pt[0, 0, 0, :2])

# %% tags=["tensorflow"]
x_tf = tf.Variable(images_last)
with tf.GradientTape() as tape:
    y_tf = keras.layers.UpSampling2D(2)(x_tf)
    loss = tf.reduce_sum(y_tf**2)
dx_tf = tape.gradient(loss, x_tf)
print(x_tf.shape, "->", y_tf.shape)
show(x=x_tf[0, 0, :2, 0], y=y_tf[0, :2, :4, 0],
     dx=dx_tf[0, 0, :2, 0])

# %%
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# With `mode="bilinear"`, an output pixel is a weighted mean of the four input pixels around its position. Positions
# beyond the outermost pixel centres are moved to these centres. From here on, the cells compute the gradient with
# `value_and_grad`: it returns the output, and the gradient of the sum of the output.

# %% tags=["pytorch"]
x_pt = torch.tensor(images)
layer = nn.Upsample(scale_factor=2, mode="bilinear")
y_pt, dx_pt = value_and_grad(layer, x_pt)
show(y=y_pt[0, 0, 0, :4])

# %% tags=["tensorflow"]
x_tf = tf.constant(images_last)
layer = keras.layers.UpSampling2D(2, interpolation="bilinear")
y_tf, dx_tf = value_and_grad(layer, x_tf)
show(y=y_tf[0, 0, :4, 0])

# %%
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# ### `UpSampling1D` and `UpSampling3D` only repeat numbers
#
# `nn.Upsample` accepts sequences, images and volumes. Keras has a layer for each of them. The next cells run
# them with a factor for each axis, and print the shapes.

# %% tags=["pytorch"]
sequence = torch.tensor(images[:, :, 0])  # (2, 3, 7)
volume = torch.tensor(images[:, :, None])  # (2, 3, 1, 5, 7)
y1_pt = nn.Upsample(scale_factor=3)(sequence)
y3_pt = nn.Upsample(scale_factor=(4, 1, 2))(volume)
print(tuple(y1_pt.shape), tuple(y3_pt.shape))

# %% tags=["tensorflow"]
sequence = tf.constant(images_last[:, 0])  # (2, 7, 3)
volume = tf.constant(images_last[:, None])  # (2, 1, 5, 7, 3)
y1_tf = keras.layers.UpSampling1D(3)(sequence)
y3_tf = keras.layers.UpSampling3D((4, 1, 2))(volume)
print(y1_tf.shape, y3_tf.shape)

# %%
agree([last(y1_pt), last(y3_pt)], [y1_tf, y3_tf])

# %% [markdown]
# Only Keras's `UpSampling2D` interpolates. To interpolate a sequence with it, add an axis of size 1 in front of the
# time, with the factor 1, and remove the axis again:

# %% upsampling-linear-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    nn.Upsample(scale_factor=3, mode="linear"),
    torch.tensor(images[:, :, 0]))
show(y=y_pt[0, 0, :4])

# %% upsampling-linear-tf tags=["tensorflow"]
with show_error():
    keras.layers.UpSampling1D(3, interpolation="bilinear")
layer = keras.layers.UpSampling2D(
    (1, 3), interpolation="bilinear")
y_tf, dx_tf = value_and_grad(
    lambda x: layer(x[:, None])[:, 0], sequence)
show(y=y_tf[0, :4, 0])

# %%
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# ### Keras needs whole factors, and doubles the size without one
#
# `nn.Upsample` accepts a factor such as 1.5, or the new `size`. Without both, it raises an error when it is called.
# Keras's `UpSampling2D` raises an error for 1.5, and doubles the size without an argument. For a factor that is not
# whole, use Keras's [`Resizing`](resizing).

# %% upsampling-whole-pt tags=["pytorch"]
x_pt = torch.tensor(images)
y_pt = nn.Upsample(size=(7, 10), mode="bilinear")(x_pt)
print(tuple(y_pt.shape))
larger = nn.Upsample(scale_factor=1.5)(x_pt)
print(tuple(larger.shape))
with show_error():
    nn.Upsample()(x_pt)

# %% upsampling-whole-tf tags=["tensorflow"]
x_tf = tf.constant(images_last)
y_tf = keras.layers.Resizing(7, 10)(x_tf)
print(y_tf.shape)
with show_error():
    keras.layers.UpSampling2D(1.5)
twice = keras.layers.UpSampling2D()(x_tf)
print(twice.shape)

# %%
agree(last(y_pt), y_tf)

# %% [markdown]
# ### `nn.UpsamplingBilinear2d` is not `nn.Upsample(mode="bilinear")`
#
# The older layer `nn.UpsamplingBilinear2d` uses `align_corners=True`. The next cells make a row of three numbers
# twice as long. With `align_corners=True` (`corners`), the first and the last position are the first and the last
# pixel centre, and the other positions are evenly spread between them. `bilinear` has half-pixel centres, as Keras.

# %% upsampling-corners-pt tags=["pytorch"]
row = torch.tensor([[[[1.0, 2.0, 4.0]]]])
y_pt = nn.Upsample(scale_factor=2, mode="bilinear")(row)
corners = nn.UpsamplingBilinear2d(scale_factor=2)(row)
show(bilinear=y_pt[0, 0, 0], corners=corners[0, 0, 0])

# %% upsampling-corners-tf tags=["tensorflow"]
row = tf.constant([[[[1.0], [2.0], [4.0]]]])
y_tf = keras.layers.UpSampling2D(
    2, interpolation="bilinear")(row)
show(bilinear=y_tf[0, 0, :, 0])

# %% upsampling-corners
agree(last(y_pt), y_tf)

# %% [markdown]
# (align-corners)=
# ### `align_corners=True` exists only in PyTorch: in TensorFlow, two small matrices compute it
#
# With `align_corners=True`, output pixel $i$ of $N$ lies at $i\,(n-1)/(N-1)$. In linear interpolation, the input
# pixel $j$ has the weight $\max(0,\, 1 - |p_i - j|)$ at the position $p_i$. The weights for the rows form a matrix
# of shape (N, n), and the weights for the columns form another matrix. The TensorFlow cell multiplies the image by
# both.

# %% align-corners-pt tags=["pytorch"]
def resize_corners(x):
    return F.interpolate(x, size=(8, 10), mode="bilinear",
                         align_corners=True)


y_pt, dx_pt = value_and_grad(
    resize_corners, torch.tensor(images))
show(y=y_pt[0, 0, 0, :4])

# %% align-corners-tf tags=["tensorflow"]
def weights(p, n):
    places = tf.range(n, dtype="float32")
    return tf.maximum(0.0, 1 - abs(p[..., None] - places))


rows = weights(tf.linspace(0.0, 4.0, 8), 5)  # 5 rows to 8
columns = weights(tf.linspace(0.0, 6.0, 10), 7)  # 7 to 10
y_tf, dx_tf = value_and_grad(
    lambda x: tf.einsum("Hh,bhwc,Ww->bHWc", rows, x, columns),
    tf.constant(images_last))
show(y=y_tf[0, 0, :4, 0])

# %%
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# (resizing)=
# ## Resizing
#
# <!-- head: resizing -->
#
# Resizing computes an image of any height and width. Choose it to bring images to the size of a network, or
# features to the size of an image. Keras has a layer, `Resizing`. In PyTorch, call `F.interpolate` with `size`.
#
# $$y_{h,w} = \sum_{i,\,j} \max(0,\, 1 - |p_h - i|)\, \max(0,\, 1 - |q_w - j|)\; x_{i,j}$$
#
# This is linear interpolation, the default of Keras. $p_h$ and $q_w$ are the positions of the output pixel in
# the input, [half-pixel centres](sampling-positions). Positions below 0 become 0, and those above $n - 1$ become
# $n - 1$. PyTorch's default is `mode="nearest"`, so name the mode:

# %% tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    lambda x: F.interpolate(x, size=(8, 6), mode="bilinear"),
    torch.tensor(images))
show(y=y_pt[0, 0, 0, :4], dx=dx_pt[0, 0, 0, :4])

# %% tags=["tensorflow"]
y_tf, dx_tf = value_and_grad(
    lambda x: keras.layers.Resizing(8, 6)(x),
    tf.constant(images_last))
show(y=y_tf[0, 0, :4, 0], dx=dx_tf[0, 0, :4, 0])

# %%
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# ### Linear interpolation agrees at every size, with and without `antialias`
#
# The next cells compute five sizes, larger and smaller, with both values of `antialias`. They call
# `keras.ops.image.resize`. It computes the same as `Resizing` and `tf.image.resize`, and the last cell compares the
# three. It also shows that `antialias` changes nothing in the first size, which is larger than the image:

# %%
sizes = [(10, 14), (8, 6), (5, 3), (2, 3), (1, 20)]

# %% tags=["pytorch"]
ys_pt, dxs_pt = [], []
for size in sizes:
    for antialias in (False, True):
        y, dx = value_and_grad(
            F.interpolate, torch.tensor(images), size=size,
            mode="bilinear", antialias=antialias)
        ys_pt.append(last(y))
        dxs_pt.append(last(dx))

# %% tags=["tensorflow"]
ys_tf, dxs_tf = [], []
for size in sizes:
    for antialias in (False, True):
        y, dx = value_and_grad(
            keras.ops.image.resize, tf.constant(images_last),
            size=size, antialias=antialias)
        ys_tf.append(y)
        dxs_tf.append(dx)

# %% bilinear-everywhere
agree(ys_pt, ys_tf, gradients=(dxs_pt, dxs_tf))
layer = keras.layers.Resizing(10, 14)(images_last)
function = tf.image.resize(images_last, (10, 14))
print("three functions agree:    ", np.allclose(layer, ys_tf[0]) and np.allclose(function, ys_tf[0]))
print("larger: antialias is equal:", np.allclose(ys_tf[0], ys_tf[1], atol=1e-6))

# %% [markdown]
# ### Without `antialias=True`, a smaller image leaves pixels out
#
# `antialias` is `False` by default in both frameworks. Linear interpolation then mixes two neighbours in each
# direction, also if the image becomes much smaller. The next cells resize a row of six pixels to two. Each printed
# line belongs to one of the two output pixels, and has the weights of the six input pixels in it. To find the
# weights, the cells resize six images: in image $j$, only pixel $j$ is 1, and the others are 0.

# %% antialias-pt tags=["pytorch"]
ones = torch.eye(6).reshape(6, 1, 1, 6)  # 6 images
plain_pt = F.interpolate(ones, size=(1, 2), mode="bilinear")
y_pt = F.interpolate(ones, size=(1, 2), mode="bilinear",
                     antialias=True)
show(plain=plain_pt[:, 0, 0].T)
show(wide=y_pt[:, 0, 0].T)

# %% antialias-tf tags=["tensorflow"]
ones = tf.reshape(tf.eye(6), (6, 1, 6, 1))  # 6 images
plain_tf = keras.layers.Resizing(1, 2)(ones)
y_tf = keras.layers.Resizing(1, 2, antialias=True)(ones)
show(plain=tf.transpose(plain_tf[:, 0, :, 0]))
show(wide=tf.transpose(y_tf[:, 0, :, 0]))

# %% antialias-agree
agree([last(plain_pt), last(y_pt)], [plain_tf, y_tf])

# %% [markdown]
# In `plain`, four of the six pixels have the weight 0 in both outputs. A thin line in one of them disappears, and
# their gradient is 0, too. In `wide`, with `antialias=True`, the weights are a triangle around the position. It
# reaches $n/N$ = 3 pixels to each side, and the weights are divided by their sum.
#
# (nearest-differs)=
# ### `"nearest"` is another function in PyTorch than in TensorFlow, unless the factor is whole
#
# PyTorch's `mode="nearest"` reads pixel $\lfloor i\,n/N \rfloor$, which measures from the left edges. Keras and
# TensorFlow read pixel $\lfloor (i + \frac12)\,n/N \rfloor$, which measures from the centres. PyTorch calls this
# `mode="nearest-exact"`. The next cells resize the row 1, 2, 3, 4 to three numbers, and to six:

# %% nearest-pt tags=["pytorch"]
row = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])
for n in (3, 6):
    floor_pt = F.interpolate(row, size=n, mode="nearest")
    y_pt = F.interpolate(row, size=n, mode="nearest-exact")
    show(nearest=floor_pt[0, 0], exact=y_pt[0, 0], digits=0)

# %% nearest-tf tags=["tensorflow"]
row = tf.constant([[[[1.0], [2.0], [3.0], [4.0]]]])
for n in (3, 6):
    i = tf.range(n) * 4 // n
    floor_tf = tf.gather(row, i, axis=2)
    y_tf = tf.image.resize(row, (1, n), method="nearest")
    show(nearest=floor_tf[0, 0, :, 0], exact=y_tf[0, 0, :, 0],
         digits=0)

# %% nearest-row
agree([last(floor_pt), last(y_pt)], [floor_tf[:, 0], y_tf[:, 0]])

# %% [markdown]
# The lines `nearest` are PyTorch's default. With three outputs, the last number is 3, and the 4 is lost. Keras has no
# such mode, but `tf.gather` computes it. The lines `exact` are Keras's `"nearest"`. The next cells compare
# `"nearest-exact"` with Keras's `"nearest"` on whole images, with the gradient:

# %% tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    lambda x: F.interpolate(
        x, size=(3, 9), mode="nearest-exact"),
    torch.tensor(images))
show(y=y_pt[0, 0, 0, :4], dx=dx_pt[0, 0, 0, :4])

# %% tags=["tensorflow"]
y_tf, dx_tf = value_and_grad(
    lambda x: tf.image.resize(x, (3, 9), method="nearest"),
    tf.constant(images_last))
show(y=y_tf[0, 0, :4, 0], dx=dx_tf[0, 0, :4, 0])

# %%
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# (resampling-drift)=
# ### Resized eight times, an image moves by 3.8 pixels with PyTorch's `"nearest"`
#
# The next row has 32 pixels, with a bell curve in its middle. The cells resize it to 20 pixels and back to 32, eight
# times. They print the centre of the curve before and after, for PyTorch's `"nearest"`, for
# `"nearest-exact"`, and for linear interpolation.

# %%
at = np.arange(32, dtype=np.float32)
bell = np.exp(-((at - 15.5) ** 2) / 18)


def centre(curve):
    return np.sum(at * curve) / np.sum(curve)

# %% tags=["pytorch"]
curves_pt = []
for mode in ("nearest", "nearest-exact", "linear"):
    y = torch.tensor(bell)[None, None]
    for _ in range(8):
        y = F.interpolate(y, size=20, mode=mode)
        y = F.interpolate(y, size=32, mode=mode)
    curves_pt.append(y[0, 0])
show(before=centre(bell), digits=2)
show(after=[centre(y.numpy()) for y in curves_pt], digits=2)

# %% tags=["tensorflow"]
def floor_resize(y, n):
    return tf.gather(y, tf.range(n) * y.shape[2] // n, axis=2)


curves_tf = []
for mode in ("floor", "nearest", "bilinear"):
    y = tf.constant(bell)[None, None, :, None]
    for n in (20, 32) * 8:
        y = (floor_resize(y, n) if mode == "floor"
             else tf.image.resize(y, (1, n), mode))
    curves_tf.append(y[0, 0, :, 0])
show(before=centre(bell), digits=2)
show(after=[centre(y.numpy()) for y in curves_tf], digits=2)

# %% drift
agree(curves_pt, curves_tf)

# %% drift-figure tags=["hide-input"]
# alt: The bell curve of 32 pixels, in grey, with its centre at 15.5. After eight times to 20 pixels and back,
# PyTorch's nearest has moved it to the right, to 19.3. Nearest-exact leaves steps in the old place. Linear leaves
# a lower and broader curve in the old place.
fig, ax = plt.subplots()
ax.fill_between(at, bell, color=plots.SIBLING, alpha=0.35, linewidth=0)
for y, name, place, colour in zip(
    curves_pt, ('"nearest":\nmoved by 3.8', '"nearest-exact"', "linear"),
    ((24.2, 0.62), (0.2, 0.55), (0.2, 0.28)),
    (plots.PYTORCH, plots.PALETTE[2], plots.TENSORFLOW),
):
    ax.plot(at, y, color=colour)
    ax.annotate(name, place, color=colour)
ax.annotate("at first", (0.2, 0.82), color=plots.SIBLING)
ax.set(xlabel="pixel", ylabel="value", xlim=(0, 31), ylim=(0, 1.05),
       title='Resized eight times, "nearest" moves the curve')
plt.show()

# %% [markdown]
# With `"nearest"`, the curve moves to the right by about half a pixel each time it is resized to 20 pixels and back.
# With `"nearest-exact"` it moves by 0.2 pixels in all, and with linear interpolation it does not move. Linear
# interpolation mixes numbers, which makes no sense for the labels of a mask. Use `"nearest-exact"` for masks.
#
# (bicubic)=
# ### Bicubic interpolation agrees only with `antialias=True`
#
# Bicubic interpolation mixes four pixels along each axis. With `antialias=True`, PyTorch and TensorFlow have the same
# weights. The next cells make an image higher and narrower. They also compute Lanczos interpolation, which is
# `mode="lanczos"` in PyTorch, where it needs `antialias=True`, and `"lanczos3"` in TensorFlow.

# %% tags=["pytorch"]
x = torch.tensor(images)
y_pt, dx_pt = value_and_grad(
    lambda x: F.interpolate(
        x, size=(8, 3), mode="bicubic", antialias=True), x)
z_pt = F.interpolate(x, size=(8, 3), mode="lanczos",
                     antialias=True)
show(bicubic=y_pt[0, 0, 0], lanczos=z_pt[0, 0, 0])

# %% tags=["tensorflow"]
x = tf.constant(images_last)
y_tf, dx_tf = value_and_grad(
    lambda x: tf.image.resize(
        x, (8, 3), method="bicubic", antialias=True), x)
z_tf = tf.image.resize(x, (8, 3), method="lanczos3",
                       antialias=True)
show(bicubic=y_tf[0, 0, :, 0], lanczos=z_tf[0, 0, :, 0])

# %%
agree([last(y_pt), last(z_pt)], [y_tf, z_tf], gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# Without `antialias=True`, bicubic interpolation has other weights in PyTorch than in TensorFlow. The next cells double
# a row of six pixels. They print the weights of the six input pixels in output pixel 5 (`inside`), and in output
# pixel 0 (`border`):

# %% bicubic-pt tags=["pytorch"]
ones = torch.eye(6).reshape(6, 1, 1, 6)
y_pt = F.interpolate(ones, size=(1, 12), mode="bicubic")
aa_pt = F.interpolate(ones, size=(1, 12), mode="bicubic",
                      antialias=True)
show(inside=y_pt[:, 0, 0, 5], border=y_pt[:, 0, 0, 0])

# %% bicubic-tf tags=["tensorflow"]
ones = tf.reshape(tf.eye(6), (6, 1, 6, 1))
y_tf = tf.image.resize(ones, (1, 12), method="bicubic")
aa_tf = tf.image.resize(ones, (1, 12), method="bicubic",
                        antialias=True)
show(inside=y_tf[:, 0, 5, 0], border=y_tf[:, 0, 0, 0])

# %% bicubic-plain
agree(last(aa_pt), aa_tf)
print("plain agrees:                  ", np.allclose(last(y_pt), y_tf))
print("TensorFlow's plain = antialias:", np.allclose(y_tf, aa_tf, atol=1e-6))

# %% [markdown]
# There are two reasons. PyTorch's formula has the constant $a = -0.75$, and TensorFlow's has $-0.5$. At the border,
# some of the four pixels lie outside of the image: PyTorch reads the border pixel instead of them, and TensorFlow
# leaves them out and divides by the sum of the other weights.
#
# If an image becomes larger by a whole factor, TensorFlow's result is the same with and without `antialias`. At
# other factors, TensorFlow without `antialias` reads its weights from a table, and the results are only nearly the
# same:

# %% bicubic-table
for size in ((10, 14), (8, 10)):
    plain = tf.image.resize(images_last, size, method="bicubic")
    exact = tf.image.resize(images_last, size, method="bicubic", antialias=True)
    for limit in (1e-5, 1e-2):
        below = np.allclose(plain, exact, rtol=0, atol=limit)
        print(size, f"difference below {limit}:", below)

# %% [markdown]
# A network that was trained with PyTorch's plain bicubic, for example one that resizes its position embeddings,
# needs PyTorch's weights. As for [`align_corners`](align-corners), they are a matrix for the rows and one for the
# columns. `cubic` makes such a matrix of shape (N, n):

# %% bicubic-matrix
def cubic(n, size, a=-0.75):
    p = (np.arange(size) + 0.5) * n / size - 0.5
    weights = np.zeros((size, n), np.float32)
    for k in (-1, 0, 1, 2):
        j = np.floor(p).astype(int) + k
        d = abs(p - j)
        near = (a + 2) * d**3 - (a + 3) * d**2 + 1
        far = a * (d**3 - 5 * d**2 + 8 * d - 4)
        weights[range(size), np.clip(j, 0, n - 1)] += np.where(d <= 1, near, far)
    return weights

# %% bicubic-bridge-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    lambda x: F.interpolate(x, size=(8, 6), mode="bicubic"),
    torch.tensor(images))
show(y=y_pt[0, 0, 0, :4])

# %% bicubic-bridge-tf tags=["tensorflow"]
rows, columns = cubic(5, 8), cubic(7, 6)
y_tf, dx_tf = value_and_grad(
    lambda x: tf.einsum("Hh,bhwc,Ww->bHWc", rows, x, columns),
    tf.constant(images_last))
show(y=y_tf[0, 0, :4, 0])

# %% bicubic-bridge
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf), atol=1e-5)

# %% [markdown]
# ### `scale_factor=0.6` reads other positions than the size that it leads to
#
# 16 pixels times 0.6 are 9.6, so the output has 9 pixels. PyTorch then steps by 1/0.6 from one output pixel to the
# next, and not by 16/9. Keras's `Resizing` takes only sizes. The next cells resize the numbers 0 to 15, so each
# output is the position at which it was read. To agree with Keras, pass `size=`, or `recompute_scale_factor=True`.

# %% scale-factor-pt tags=["pytorch"]
ramp = torch.arange(16.0)[None, None]
factor = F.interpolate(ramp, scale_factor=0.6, mode="linear")
y_pt = F.interpolate(ramp, size=9, mode="linear")
z_pt = F.interpolate(ramp, scale_factor=0.6, mode="linear",
                     recompute_scale_factor=True)
show(factor=factor[0, 0, ::2], size=y_pt[0, 0, ::2])

# %% scale-factor-tf tags=["tensorflow"]
ramp = tf.range(16.0)[None, None, :, None]
y_tf = tf.image.resize(ramp, (1, 9))
show(size=y_tf[0, 0, ::2, 0])

# %% scale-factor
agree([last(y_pt), last(z_pt)], [y_tf[:, 0]] * 2)

# %% [markdown]
# ### `"area"` agrees only if the sizes divide
#
# `mode="area"` takes a mean. PyTorch's is adaptive average pooling: every pixel that a window touches has the
# full weight. `tf.image.resize` weighs a pixel by the part of it that lies in the window. From 8 pixels to 4 the
# results are equal, and from 8 to 3 they are not.

# %% area-pt tags=["pytorch"]
row = torch.arange(1.0, 9.0)[None, None]
y_pt = F.interpolate(row, size=4, mode="area")
thirds_pt = F.interpolate(row, size=3, mode="area")
show(four=y_pt[0, 0])
show(three=thirds_pt[0, 0])

# %% area-tf tags=["tensorflow"]
row = tf.range(1.0, 9.0)[None, None, :, None]
y_tf = tf.image.resize(row, (1, 4), method="area")
thirds_tf = keras.layers.AdaptiveAveragePooling1D(3)(row[:, 0])
three = tf.image.resize(row, (1, 3), method="area")
show(four=y_tf[0, 0, :, 0])
show(three=three[0, 0, :, 0])

# %% area
agree([last(y_pt), last(thirds_pt)], [y_tf[:, 0], thirds_tf])

# %% [markdown]
# No option makes `tf.image.resize` compute PyTorch's three numbers. Keras's `AdaptiveAveragePooling1D(3)` computes
# them: the comparison used it. Do not use it [with one bin](adaptive-one-bin).
#
# ### `uint8` images differ by 1 in places
#
# Both frameworks accept `uint8` images, whose numbers are integers from 0 to 255. Keras's layer computes with floats
# and rounds the result. PyTorch computes with integers. The next cells resize such an image as it is (`u`), and as
# floats with the result rounded (`y`):

# %%
photo = rng.integers(0, 256, (1, 1, 8, 8)).astype(np.uint8)

# %% uint8-pt tags=["pytorch"]
u_pt = F.interpolate(torch.tensor(photo), size=(13, 13),
                     mode="bilinear")
y_pt = F.interpolate(torch.tensor(photo).float(),
                     size=(13, 13), mode="bilinear").round()
print(u_pt.dtype, y_pt.dtype)

# %% uint8-tf tags=["tensorflow"]
photo_last = np.moveaxis(photo, 1, -1)
u_tf = keras.layers.Resizing(13, 13)(photo_last)
y_tf = tf.round(tf.image.resize(photo_last, (13, 13)))
print(u_tf.dtype, y_tf.dtype)

# %% uint8
agree(last(y_pt), y_tf)
difference = np.abs(last(u_pt).numpy().astype(int) - u_tf.numpy())
print("largest difference of uint8:", difference.max())
for method in ("bilinear", "nearest"):
    print(method, tf.image.resize(photo_last, (13, 13), method=method).dtype.name)

# %% [markdown]
# To agree, convert to floats first, resize, and round yourself. `tf.image.resize` returns floats for a `uint8` image.
# With `method="nearest"` it returns `uint8`.
#
# ### `crop_to_aspect_ratio=True` keeps the proportions, in Keras only
#
# If the new size has other proportions, the image is stretched. Keras's layer can first cut off the parts of the
# image that do not fit, equally at both ends. In PyTorch, slice the image yourself. Here an image of 4 × 6 pixels
# becomes one of 3 × 3, so a column is cut off at each end:

# %% aspect-pt tags=["pytorch"]
x = torch.tensor(images[:, :, :4, :6])
y_pt = F.interpolate(x[..., 1:5], size=(3, 3), mode="bilinear")
show(y=y_pt[0, 0, 0])

# %% aspect-tf tags=["tensorflow"]
x = tf.constant(images_last[:, :4, :6])
y_tf = keras.layers.Resizing(
    3, 3, crop_to_aspect_ratio=True)(x)
show(y=y_tf[0, 0, :, 0])

# %%
agree(last(y_pt), y_tf)

# %% [markdown]
# ## Which one to choose
#
# | you need | use | because |
# | --- | --- | --- |
# | a larger feature map in a decoder | `nn.Upsample`, `UpSampling2D`, and a convolution | whole factors; no weights |
# | images brought to one size | `F.interpolate(…, mode="bilinear", antialias=True)`, `Resizing(…, antialias=True)` | agrees at every size, and leaves no pixel out |
# | masks of labels | `mode="nearest-exact"`; `"nearest"` in Keras | labels are not mixed, and nothing moves |
# | bicubic interpolation | `antialias=True` in both | plain bicubic differs |
# | larger images from more channels | `nn.PixelShuffle`, `tf.nn.depth_to_space` | see [Rearranging](rearranging.ipynb) |
#
# ## Exercises
#
# Write nearest, bilinear and antialiased resizing yourself, and the gradient of upsampling:
# [exercises on resampling](../../exercises/layers/resampling.ipynb).
