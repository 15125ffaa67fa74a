# %% [markdown]
# # Rearranging
#
# The first three layers of this chapter move numbers to other places, and change no number. Pixel shuffle makes an
# image larger with numbers from several channels, and pixel unshuffle does the opposite. Channel shuffle changes the
# order of the channels. Grid sampling interpolates: it reads an image at any positions that you compute. None of
# these layers has weights.
#
# **The claim:** `nn.PixelShuffle` and `tf.nn.depth_to_space` read the channels in another order, and each order is
# that of its framework's convolution kernels. With one output channel the two orders are the same, so a test
# with a grey image does not find the difference. To port a network, reorder the kernel of the convolution once. For channel shuffle and grid
# sampling, which TensorFlow does not have, this chapter builds functions that agree with PyTorch.

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

# %% [markdown]
# (pixel-shuffle)=
# ## Pixel shuffle (depth to space)
#
# <!-- head: pixel_shuffle -->
#
# Pixel shuffle makes an image $r$ times as high and wide, and takes the numbers from $r^2$ times as many
# channels. Choose it as the last layer of a network that enlarges images {footcite:p}`shi2016real`: all
# convolutions run on the small image, and the last of them computes $C r^2$ channels.
#
# $$\begin{aligned} \text{PyTorch:} \quad & y_{c,\; h r + i,\; w r + j} = x_{c r^2 + i r + j,\; h,\; w} \\
# \text{TensorFlow:} \quad & y_{h r + i,\; w r + j,\; c} = x_{h,\; w,\; (i r + j)\,C + c} \end{aligned}$$
#
# Here $C$ is the number of output channels, $c$ is one of them, and $i$ and $j$ are the row and the column in a
# block of $r \times r$ pixels. In PyTorch, the channels of a block are neighbours. In TensorFlow, they are $C$
# channels apart. To see it, the next cells shuffle one pixel with 8 channels, whose numbers are 0 to 7:

# %% shuffle-order-pt tags=["pytorch"]
numbers = torch.arange(8.0).reshape(1, 8, 1, 1)
blocks_pt = F.pixel_shuffle(numbers, 2)  # (1, 2, 2, 2)
show(channel_0=blocks_pt[0, 0], digits=0)
show(channel_1=blocks_pt[0, 1], digits=0)

# %% shuffle-order-tf tags=["tensorflow"]
numbers = tf.reshape(tf.range(8.0), (1, 1, 1, 8))
blocks_tf = tf.nn.depth_to_space(numbers, 2)  # (1, 2, 2, 2)
show(channel_0=blocks_tf[0, :, :, 0], digits=0)
show(channel_1=blocks_tf[0, :, :, 1], digits=0)

# %% shuffle-figure tags=["hide-input"]
# alt: Two panels with two blocks of 2 by 2 pixels each, the two output channels. Each pixel has the number of
# the input channel that it comes from. PyTorch: the first block has the channels 0, 1, 2, 3, the second block
# 4, 5, 6, 7. TensorFlow: the first block has 0, 2, 4, 6, the second block 1, 3, 5, 7.
fig, axes = plt.subplots(1, 2, figsize=(5.2, 2.2))
fig.get_layout_engine().set(wspace=0.12)
titles = ("PyTorch: neighbours", "TensorFlow: every second")
for ax, title, blocks in zip(axes, titles, (last(blocks_pt), blocks_tf)):
    for c in range(2):
        for i in range(2):
            for j in range(2):
                number = int(blocks[0, i, j, c])
                colour = plots.PALETTE[2] if number < 4 else plots.PALETTE[3]
                place = (2.6 * c + j, 1 - i)
                ax.add_patch(plt.Rectangle(place, 0.94, 0.94, color=colour, linewidth=0))
                ax.annotate(str(number), (place[0] + 0.47, place[1] + 0.47), color="white",
                            ha="center", va="center", fontsize=13, fontweight="bold")
        ax.annotate(f"channel {c}", (2.6 * c + 0.97, -0.12), ha="center", va="top")
    ax.set(xlim=(-0.1, 4.7), ylim=(-0.6, 2.1), title=title, aspect="equal")
    ax.axis("off")
plt.show()

# %% [markdown]
# To compute PyTorch's result in TensorFlow, first bring the channels into TensorFlow's order. `order` has, for
# each channel that `depth_to_space` reads, its number in PyTorch. The next cells compare whole images, of 12
# channels and $r$ = 2, and the gradient of the sum of squares (`dx`). The next sections compute gradients with
# `value_and_grad`, which does the same for the sum of the outputs.

# %%
deep = rng.normal(size=(2, 12, 2, 3)).astype(np.float32)  # (batch, channels, h, w)
deep_last = np.moveaxis(deep, 1, -1)
order = np.arange(12).reshape(-1, 2, 2).transpose(1, 2, 0).ravel()
print(order)

# %% shuffle-pt tags=["pytorch"]
x = torch.tensor(deep, requires_grad=True)
y_pt = nn.PixelShuffle(2)(x)
(dx_pt,) = torch.autograd.grad((y_pt**2).sum(), x)
print(tuple(x.shape), "->", tuple(y_pt.shape))
show(y=y_pt[0, 0, :2])

# %% shuffle-tf tags=["tensorflow"]
x = tf.Variable(deep_last)
with tf.GradientTape() as tape:
    y_tf = tf.nn.depth_to_space(
        tf.gather(x, order, axis=-1), 2)
    loss = tf.reduce_sum(y_tf**2)
dx_tf = tape.gradient(loss, x)
print(x.shape, "->", y_tf.shape)
show(y=y_tf[0, :2, :, 0])

# %%
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# ### With one output channel the two orders are the same
#
# If $C$ is 1, both formulas read channel $i r + j$. A test with a grey image therefore passes without the
# reordering, and colours are wrong later. The next cells shuffle 4 channels to 1, without `tf.gather`, and 12
# channels to 3:

# %% shuffle-grey-pt tags=["pytorch"]
x = torch.tensor(deep)
grey_pt = F.pixel_shuffle(x[:, :4], 2)
colour_pt = F.pixel_shuffle(x, 2)

# %% shuffle-grey-tf tags=["tensorflow"]
x = tf.constant(deep_last)
grey_tf = keras.ops.depth_to_space(x[..., :4], 2)
colour_tf = keras.ops.depth_to_space(x, 2)

# %% shuffle-grey
agree(last(grey_pt), grey_tf)
print("12 channels agree:", np.allclose(last(colour_pt), colour_tf))

# %% [markdown]
# (shuffle-port)=
# ### To port a network, reorder the kernel of the convolution once
#
# The channels come from a convolution. If you reorder the output channels of its kernel and its bias, you need no
# `tf.gather` in each call. The next cells port a convolution with 12 output channels and a pixel shuffle from PyTorch.
# To port in the other direction, index with the inverse of `order`, which is `back` in the next section.

# %% shuffle-kernel-pt tags=["pytorch"]
torch.manual_seed(0)
conv_pt = nn.Conv2d(3, 12, 3)
upscale = nn.Sequential(conv_pt, nn.PixelShuffle(2))
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(
    upscale, torch.tensor(images))
print(tuple(y_pt.shape))

# %% shuffle-kernel-tf tags=["tensorflow"]
kernel, bias = (p.detach().numpy()[order]
                for p in conv_pt.parameters())
conv_tf = keras.layers.Conv2D(12, 3)
conv_tf.build(images_last.shape)
conv_tf.set_weights([kernel.transpose(2, 3, 1, 0), bias])
x = tf.constant(images_last)
y_tf, dx_tf = value_and_grad(
    lambda x: tf.nn.depth_to_space(conv_tf(x), 2), x)
print(y_tf.shape)

# %% shuffle-kernel
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf), rtol=1e-4)

# %% [markdown]
# (pixel-unshuffle)=
# ## Pixel unshuffle (space to depth)
#
# <!-- head: pixel_unshuffle -->
#
# Pixel unshuffle is the inverse of pixel shuffle: it cuts the image into blocks of $r \times r$ pixels, and puts
# each pixel of a block into a channel of its own. Choose it, and not pooling, if the smaller image must keep all
# numbers.
#
# $$\text{PyTorch:}\quad y_{c r^2 + i r + j,\; h,\; w} = x_{c,\; h r + i,\; w r + j}$$
#
# The symbols are those of pixel shuffle. `tf.nn.space_to_depth` has the order $(i r + j)\,C + c$, as
# `depth_to_space`. `back` has, for each channel of PyTorch, its number in TensorFlow. It is the inverse of `order`.
# The next cells unshuffle an image, compare, and shuffle it back.

# %%
even = rng.normal(size=(2, 3, 4, 6)).astype(np.float32)  # (batch, channels, h, w)
even_last = np.moveaxis(even, 1, -1)
back = np.arange(12).reshape(2, 2, -1).transpose(2, 0, 1).ravel()
print(back)
print("inverse of order:", np.array_equal(back, np.argsort(order)))

# %% unshuffle-pt tags=["pytorch"]
x = torch.tensor(even)
y_pt, dx_pt = value_and_grad(
    lambda x: nn.PixelUnshuffle(2)(x) ** 2, x)
print(tuple(x.shape), "->", tuple(y_pt.shape))
again = F.pixel_shuffle(F.pixel_unshuffle(x, 2), 2)
print("back again:", torch.equal(again, x))

# %% unshuffle-tf tags=["tensorflow"]
x = tf.constant(even_last)
y_tf, dx_tf = value_and_grad(lambda x: tf.gather(
    tf.nn.space_to_depth(x, 2), back, axis=-1) ** 2, x)
print(x.shape, "->", y_tf.shape)
again = tf.nn.depth_to_space(tf.nn.space_to_depth(x, 2), 2)
print("back again:", np.array_equal(again, x))

# %%
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# ### Sizes that do not divide are an error in both
#
# `images` is 5 pixels high and 7 pixels wide, which 2 does not divide. Pad or crop such an image first.

# %% unshuffle-divide-pt tags=["pytorch"]
with show_error():
    F.pixel_unshuffle(torch.tensor(images), 2)

# %% unshuffle-divide-tf tags=["tensorflow"]
with show_error():
    keras.ops.space_to_depth(tf.constant(images_last), 2)

# %% [markdown]
# (unshuffle-kernels)=
# ### The order of the channels is that of a convolution's kernel, in both frameworks
#
# A convolution whose stride is the size of its kernel reads each block once. It computes the same as pixel unshuffle
# followed by a dense layer on the channels. The first layer of a vision transformer is such a convolution. PyTorch's kernel has the shape (out, in,
# r, r), so its numbers are in the order $(c, i, j)$. TensorFlow's has the shape (r, r, in, out), with the order
# $(i, j, c)$. In each framework, a plain `reshape` of the kernel fits its own order:

# %%
kernel = rng.normal(size=(5, 3, 2, 2)).astype(np.float32)  # (out, in, r, r)

# %% tags=["pytorch"]
x, w = torch.tensor(even), torch.tensor(kernel)
conv_pt = F.conv2d(x, w, stride=2)
unshuffled = F.pixel_unshuffle(x, 2)
y_pt = F.conv2d(unshuffled, w.reshape(5, 12, 1, 1))
print("same:", torch.allclose(conv_pt, y_pt, atol=1e-5))

# %% tags=["tensorflow"]
x = tf.constant(even_last)
w = tf.constant(kernel.transpose(2, 3, 1, 0))
conv_tf = tf.nn.conv2d(x, w, 2, "VALID")
y_tf = tf.nn.space_to_depth(x, 2) @ tf.reshape(w, (12, 5))
print("same:", np.allclose(conv_tf, y_tf, atol=1e-5))

# %% unshuffle-patches
agree([last(conv_pt), last(y_pt)], [conv_tf, y_tf], rtol=1e-4, atol=1e-5)

# %% [markdown]
# (channel-shuffle)=
# ## Channel shuffle
#
# <!-- head: channel_shuffle -->
#
# Channel shuffle takes the first channel of each group, then the second of each group, and so on. Choose it
# between two grouped convolutions {footcite:p}`zhang2018shufflenet`, so that the second one sees channels of all
# groups.
#
# $$y_{j g + k} = x_{k\,(C/g) + j}$$
#
# Here $C$ is the number of channels, $g$ is the number of groups, $k$ is a group, and $j$ is a channel in it.
# Keras has no such layer. Reshape the channels to $(g,\, C/g)$, exchange these two axes, and reshape back:

# %% channel-shuffle-pt tags=["pytorch"]
numbers = torch.arange(12.0).reshape(1, 12, 1, 1)
y = nn.ChannelShuffle(3)(numbers)
print(y.flatten().int().tolist())
y_pt, dx_pt = value_and_grad(
    lambda x: nn.ChannelShuffle(3)(x) ** 2,
    torch.tensor(deep))

# %% channel-shuffle-tf tags=["tensorflow"]
def channel_shuffle(x, groups):
    split = tf.reshape(x, (*x.shape[:-1], groups, -1))
    split = tf.linalg.matrix_transpose(split)
    return tf.reshape(split, x.shape)


numbers = tf.reshape(tf.range(12.0), (1, 1, 1, 12))
y = channel_shuffle(numbers, 3)
print([int(number) for number in y[0, 0, 0]])
y_tf, dx_tf = value_and_grad(
    lambda x: channel_shuffle(x, 3) ** 2,
    tf.constant(deep_last))

# %%
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# ### The inverse of a shuffle with g groups is a shuffle with C/g groups
#
# A shuffle with 3 groups of 4 channels is undone by a shuffle with 4 groups of 3 channels. A second shuffle with 3
# groups does not undo it:

# %% channel-shuffle-inverse-pt tags=["pytorch"]
x = torch.tensor(deep)
y = F.channel_shuffle(x, 3)
print("by 4:", torch.equal(F.channel_shuffle(y, 4), x))
print("by 3:", torch.equal(F.channel_shuffle(y, 3), x))

# %% channel-shuffle-inverse-tf tags=["tensorflow"]
x = tf.constant(deep_last)
y = channel_shuffle(x, 3)
print("by 4:", np.array_equal(channel_shuffle(y, 4), x))
print("by 3:", np.array_equal(channel_shuffle(y, 3), x))

# %% [markdown]
# ### Without a shuffle, two grouped convolutions never mix groups
#
# A grouped convolution of size 1 multiplies each pixel by a block matrix. Its output channels use only input
# channels of their own group. The next cells apply two of them, one after the other, to 3 groups of 2 channels. All
# weights are 1. The cells print the gradient of output channel 0 with respect to the 6 input channels, without a
# shuffle between the two (`plain`), and with one (`shuffled`).

# %%
grouped = np.kron(np.eye(3), np.ones((2, 2))).astype(np.float32)  # 3 groups of 2

# %% tags=["pytorch"]
w = torch.tensor(grouped)[:, :, None]  # a kernel of size 1
x = torch.ones(1, 6, 1)


def shuffled(x):
    return F.conv1d(F.channel_shuffle(F.conv1d(x, w), 3), w)


_, plain_pt = value_and_grad(
    lambda x: F.conv1d(F.conv1d(x, w), w)[:, 0], x)
_, mixed_pt = value_and_grad(lambda x: shuffled(x)[:, 0], x)
show(plain=plain_pt.flatten(), shuffled=mixed_pt.flatten())

# %% tags=["tensorflow"]
w = tf.constant(grouped)
x = tf.ones((1, 1, 6))


def shuffled(x):
    return channel_shuffle(x @ w, 3) @ w


_, plain_tf = value_and_grad(lambda x: (x @ w @ w)[..., 0], x)
_, mixed_tf = value_and_grad(lambda x: shuffled(x)[..., 0], x)
show(plain=tf.reshape(plain_tf, -1),
     shuffled=tf.reshape(mixed_tf, -1))

# %% channel-shuffle-paths
agree([last(plain_pt), last(mixed_pt)], [plain_tf, mixed_tf])

# %% [markdown]
# In `plain`, output channel 0 depends on the 2 inputs of its group. In `shuffled` it depends on 4 inputs of two
# groups, because the two channels that the second convolution reads now come from two groups.

# %% [markdown]
# (grid-sample)=
# ## Grid sampling
#
# <!-- head: grid_sample -->
#
# `F.grid_sample` reads an image at the positions of a grid, and interpolates between the four neighbours. Choose
# it to rotate, shift or warp images inside a network {footcite:p}`jaderberg2015spatial`. Its output has gradients
# with respect to the image and to the positions.
#
# $$y_{c,\,h,\,w} = \sum_{i,\,j} \max(0,\, 1 - |q - i|)\, \max(0,\, 1 - |p - j|)\; x_{c,\,i,\,j}$$
#
# $$p = \frac{(g_x + 1)\,n_w - 1}{2}, \qquad q = \frac{(g_y + 1)\,n_h - 1}{2}$$
#
# Here $(g_x, g_y)$ is the position for the output pixel $(h, w)$. The numbers −1 and 1 are the edges of the image,
# whose size is $n_h \times n_w$. The same position, counted in pixels, is column $p$ and row $q$. Pixels outside of
# the image count as 0. TensorFlow and Keras have no such function for a batch of images. The next cell builds it. `hat` computes the weights $\max(0,\, 1 - |p - j|)$ for all pixels $j$ of one axis.

# %% grid-sample-build
def hat(p, n):
    d = p[..., None] - tf.range(n, dtype="float32")
    return tf.where((d >= -1) & (d < 1), tf.where(d < 0, 1 + d, 1 - d), 0.0)


def grid_sample(image, grid):
    """image: (batch, h, w, channels), grid: (batch, H, W, 2)."""
    h, w = image.shape[1:3]
    p = ((grid[..., 0] + 1) * w - 1) / 2
    q = ((grid[..., 1] + 1) * h - 1) / 2
    return tf.einsum("bijh,bijw,bhwc->bijc", hat(q, h), hat(p, w), image)


positions = rng.uniform(-1.2, 1.2, (2, 4, 3, 2)).astype(np.float32)

# %% [markdown]
# The next cells read each of the two images at 4 × 3 random positions. Some of the positions lie outside of the
# image. `dx` is the gradient of the image, and `dg` is the gradient of the positions.

# %% tags=["pytorch"]
image, grid = torch.tensor(images), torch.tensor(positions)
y_pt, dx_pt = value_and_grad(
    F.grid_sample, image, grid, align_corners=False)
y_pt, dg_pt = value_and_grad(
    F.grid_sample, image, grid, argnums=1, align_corners=False)
show(y=y_pt[0, 0], dg=dg_pt[0, 0])

# %% tags=["tensorflow"]
image, grid = tf.constant(images_last), tf.constant(positions)
y_tf, dx_tf = value_and_grad(grid_sample, image, grid)
y_tf, dg_tf = value_and_grad(
    grid_sample, image, grid, argnums=1)
show(y=y_tf[0, :, :, 0], dg=dg_tf[0, 0])

# %%
agree(last(y_pt), y_tf, gradients=([last(dx_pt), dg_pt], [dx_tf, dg_tf]),
      rtol=1e-4, atol=1e-5)

# %% [markdown]
# ### `F.affine_grid` makes the positions of a rotation, a zoom or a shift
#
# `F.affine_grid` takes a matrix `theta` of shape (batch, 2, 3). It multiplies the vector $(x, y, 1)$ by this matrix,
# where $(x, y)$ is the centre of an output pixel. The product is the position that this output pixel reads. The next
# cells make a grid that reads a quarter of the image further right: 0.5, because the width is 2. Pass the same
# `align_corners` to both functions. TensorFlow has no such function, so its cell builds it.

# %% affine-pt tags=["pytorch"]
theta = torch.tensor([[[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]]])
y_pt = F.affine_grid(theta, (1, 2, 3, 4),
                     align_corners=False)
_, dtheta_pt = value_and_grad(
    lambda theta: F.affine_grid(
        theta, (1, 2, 3, 4), align_corners=False) ** 2, theta)
show(g_x=y_pt[0, 0, :, 0], dtheta=dtheta_pt[0])

# %% affine-tf tags=["tensorflow"]
def affine_grid(theta, h, w):
    x = (2 * tf.range(w, dtype="float32") + 1) / w - 1
    y = (2 * tf.range(h, dtype="float32") + 1) / h - 1
    x, y = tf.meshgrid(x, y)
    centres = tf.stack([x, y, tf.ones_like(x)], axis=-1)
    return tf.einsum("bkl,ijl->bijk", theta, centres)


theta = tf.constant([[[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]]])
y_tf = affine_grid(theta, 3, 4)
_, dtheta_tf = value_and_grad(
    lambda theta: affine_grid(theta, 3, 4) ** 2, theta)
show(g_x=y_tf[0, 0, :, 0], dtheta=dtheta_tf[0])

# %%
agree(y_pt, y_tf, gradients=(dtheta_pt, dtheta_tf))

# %% [markdown]
# ### A position is (x, y) from −1 to 1 in PyTorch, and (row, column) in pixels in Keras
#
# Keras's `map_coordinates` reads one array, without axes for the batch and the channels. It takes the row before the
# column, and counts both in pixels. The next cells read the number in the first row and the last column of a 2 × 3
# image:

# %% grid-order-pt tags=["pytorch"]
image = torch.arange(1.0, 7.0).reshape(1, 1, 2, 3)
at = torch.tensor([[[[2 / 3, -0.5]]]])  # (x, y)
y_pt = F.grid_sample(image, at, align_corners=False)
show(y=y_pt.flatten())

# %% grid-order-tf tags=["tensorflow"]
image = tf.reshape(tf.range(1.0, 7.0), (2, 3))
at = tf.constant([[0.0], [2.0]])  # rows, columns
y_tf = keras.ops.image.map_coordinates(image, at, order=1)
show(y=y_tf)

# %% grid-order
agree(y_pt.flatten(), y_tf)

# %% [markdown]
# Keras also has `keras.ops.image.affine_transform`, for a batch of images. It takes eight numbers: six map the column
# and the row of an output pixel to a column and a row of the input, counted from 0, and the last two are 0 here. The
# next cells zoom into an image and turn it upside down. The TensorFlow cell computes the eight numbers from `theta`:

# %% affine-keras-pt tags=["pytorch"]
theta = torch.tensor([[0.5, 0.0, 0.25], [0.0, -1.0, 0.0]])
grid = F.affine_grid(theta.expand(2, 2, 3), (2, 3, 5, 7),
                     align_corners=False)
y_pt = F.grid_sample(torch.tensor(images), grid,
                     align_corners=False)
show(y=y_pt[0, 0, 0, :4])

# %% affine-keras-tf tags=["tensorflow"]
(a, b, c), (d, e, f) = [[0.5, 0, 0.25], [0, -1, 0]]
h, w = 5, 7
c = (w * (a * (1 / w - 1) + b * (1 / h - 1) + c + 1) - 1) / 2
f = (h * (d * (1 / w - 1) + e * (1 / h - 1) + f + 1) - 1) / 2
numbers = [a, b * w / h, c, d * h / w, e, f, 0, 0]
y_tf = keras.ops.image.affine_transform(
    tf.constant(images_last), tf.constant(numbers))
show(y=y_tf[0, 0, :4, 0])

# %%
agree(last(y_pt), y_tf, rtol=1e-4, atol=1e-5)

# %% [markdown]
# ### Outside of the image, `grid_sample` reads 0, unless you pass another `padding_mode`
#
# The next cells read the row 1, 2, 3 at five positions. The position −1 is the left edge of the image, half a pixel
# from the first centre, so the 0 outside has half of the weight. With `"border"`, positions beyond the outermost
# centres are moved to these centres. In TensorFlow, clip the positions to $\pm(1 - 1/n)$ first. `"reflection"` mirrors
# positions outside at the edge of the image. The function of this section does not have it.

# %% grid-padding-pt tags=["pytorch"]
image = torch.tensor([[[[1.0, 2.0, 3.0]]]])
g = torch.tensor([-1.5, -1.0, 0.0, 1.0, 1.5])
at = torch.stack([g, torch.zeros(5)], dim=-1)[None, None]
zeros_pt, border_pt, reflection = (
    F.grid_sample(image, at, padding_mode=mode,
                  align_corners=False)[0, 0]
    for mode in ("zeros", "border", "reflection"))
show(zeros=zeros_pt, border=border_pt, reflection=reflection)

# %% grid-padding-tf tags=["tensorflow"]
image = tf.constant([[[[1.0], [2.0], [3.0]]]])
g = tf.constant([-1.5, -1.0, 0.0, 1.0, 1.5])
at = tf.stack([g, tf.zeros(5)], axis=-1)[None, None]
zeros_tf = grid_sample(image, at)[0, ..., 0]
edge = tf.constant([1 - 1 / 3, 0.0])
border_tf = grid_sample(
    image, tf.clip_by_value(at, -edge, edge))[0, ..., 0]
show(zeros=zeros_tf, border=border_tf)

# %% grid-padding
agree([zeros_pt, border_pt], [zeros_tf, border_tf])

# %% [markdown]
# ### At the centre of a pixel, PyTorch's gradient is the slope to the right
#
# Linear interpolation has a kink at the centre of each pixel, and the grid of `theta` = identity reads exactly
# there. PyTorch's gradient is then the slope to the next pixel on the right. `hat` gives the same gradient, because it
# uses `d >= -1` and `d < 1`. A formula with `abs`, such as `weights` in the next cell, has the gradient 0 there in
# TensorFlow (`with_abs`), so a network that starts with the identity does not learn. The next cells read the middle
# of the row 1, 2, 5.

# %%
def weights(p, n):
    places = tf.range(n, dtype="float32")
    return tf.maximum(0.0, 1 - abs(p[..., None] - places))

# %% grid-kink-pt tags=["pytorch"]
image = torch.tensor([[[[1.0, 2.0, 5.0]]]])
middle = torch.zeros(1, 1, 1, 2)
y_pt, dg_pt = value_and_grad(
    lambda at: F.grid_sample(image, at, align_corners=False),
    middle)
show(y=y_pt.flatten(), dg=dg_pt[0, 0, 0, :1])

# %% grid-kink-tf tags=["tensorflow"]
image = tf.constant([[[[1.0], [2.0], [5.0]]]])
middle = tf.zeros((1, 1, 1, 2))
y_tf, dg_tf = value_and_grad(
    lambda at: grid_sample(image, at), middle)
show(y=y_tf[0, 0, 0], dg=dg_tf[0, 0, 0, :1])
_, dp = value_and_grad(
    lambda p: weights(p, 3) @ image[0, 0], tf.constant([1.0]))
show(with_abs=dp * 1.5)

# %% grid-kink
agree(last(y_pt), y_tf, gradients=(dg_pt[..., 0], dg_tf[..., 0]))

# %% [markdown]
# From 2 to 5 the slope is 3 per pixel. A step of 1 in $g_x$ is 1.5 pixels, so the gradient is 4.5.
#
# (grid-learning)=
# ### The gradient of the positions lets a network learn a shift
#
# The target is a spot that lies to the right of the middle and below it. The input is a spot in the middle. The
# next cells learn the last column of `theta` by gradient descent, so that the shifted input becomes the target. They
# print the first and the last loss, and the shift.

# %%
y_at, x_at = np.mgrid[:16, :16].astype(np.float32)


def spot(x, y):
    return np.exp(-((x_at - x) ** 2 + (y_at - y) ** 2) / 12)


middle = spot(7.5, 7.5)
moved = spot(9.5, 8.5)  # 2 pixels to the right, 1 down

# %% grid-learns-pt tags=["pytorch"]
middle_pt = torch.tensor(middle)[None, None]
shift = torch.zeros(2, requires_grad=True)
losses = []
for _ in range(60):
    theta = torch.cat([torch.eye(2), shift[:, None]], 1)[None]
    grid = F.affine_grid(theta, (1, 1, 16, 16),
                         align_corners=False)
    y = F.grid_sample(middle_pt, grid, align_corners=False)
    loss = ((y[0, 0] - torch.tensor(moved)) ** 2).mean()
    (d,) = torch.autograd.grad(loss, shift)
    shift = (shift - d).detach().requires_grad_()
    losses.append(loss.item())
shift_pt = shift
show(loss=[losses[0], losses[-1]], shift=shift_pt, digits=2)

# %% grid-learns-tf tags=["tensorflow"]
middle_tf = tf.constant(middle)[None, :, :, None]
shift = tf.Variable(tf.zeros(2))
losses = []
for _ in range(60):
    with tf.GradientTape() as tape:
        theta = tf.concat(
            [tf.eye(2), shift[:, None]], 1)[None]
        grid = affine_grid(theta, 16, 16)
        y = grid_sample(middle_tf, grid)
        loss = tf.reduce_mean((y[0, :, :, 0] - moved) ** 2)
    shift.assign_sub(tape.gradient(loss, shift))
    losses.append(float(loss))
shift_tf = shift
show(loss=[losses[0], losses[-1]], shift=shift_tf, digits=2)

# %% grid-learns
agree(shift_pt, shift_tf, rtol=1e-3, atol=1e-4)

# %% [markdown]
# The shift is −0.25 in $x$, and about −0.125 in $y$. The image is 16 pixels wide, from −1 to 1, so these are −2 pixels and
# −1 pixel. The signs are negative, because the grid has the position that an output pixel *reads*: to move an image
# to the right, read further left.
#
# ## Which one to choose
#
# | you need | use | because |
# | --- | --- | --- |
# | a network that enlarges images | `nn.PixelShuffle`, `tf.nn.depth_to_space` | all convolutions run on the small image; reorder the kernel |
# | a smaller image with all its numbers | `nn.PixelUnshuffle`, `tf.nn.space_to_depth` | pooling loses numbers |
# | grouped convolutions | `nn.ChannelShuffle`; reshape and transpose in TensorFlow | groups are mixed |
# | positions that a network computes | `F.grid_sample`; two weight matrices in TensorFlow | it has gradients of the positions |
# | an image of another size | `F.interpolate`, `Resizing` | see [Resampling](resampling.ipynb) |
#
# ## Exercises
#
# Write pixel shuffle and unshuffle, channel shuffle, grid sampling and its grid yourself, and repair a ported network:
# [exercises on rearranging](../../exercises/layers/rearranging.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
