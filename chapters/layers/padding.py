# %% [markdown]
# # Padding
#
# Padding puts a border around an image or a sequence, so that a convolution does not shrink it. The five
# kinds differ in what stands in the border: zeros, another constant, the mirror image, the number at the
# edge, or what lies at the other end. TensorFlow has three of them, and this chapter builds the other two.
#
# **The claim:** zeros, the usual choice, tell a network where the border is. Three convolutions over a
# blank image leave 156 of its 256 cells changed behind zeros, and none behind a mirror, a repeated edge or
# a circle. And the same four numbers mean two different borders: PyTorch reads them from the last axis on,
# Keras from the first.

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
x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
x = x.astype(np.float32)  # (batch, channels, height, width)

# %% [markdown]
# The sizes of `x` are all different, so that a wrong axis cannot hide. PyTorch gets it as it is, Keras and
# TensorFlow with its channels last. All sections pad it by 1 on the left, 3 on the right, 2 at the top and
# 1 at the bottom.
#
# The panels show a row of six numbers, in grey, with a border of four at each end. The last one is a sixth kind,
# which TensorFlow has and PyTorch does not: a mirror image that repeats the edge.

# %% all-paddings tags=["hide-input"]
# alt: Six panels, each with the same row of six numbers, 2, 4, 3, 5, 1, 6, in the middle, and a border of
# four on either side. Zero: the border is 0. Constant: it is minus 2. Reflection: left 1, 5, 3, 4, right
# 1, 5, 3, 4, a mirror image without the edge. Replication: left 2 four times, right 6 four times.
# Circular: left 3, 5, 1, 6, right 2, 4, 3, 5. Symmetric: left 5, 3, 4, 2, right 6, 1, 5, 3.
numbers = np.array([2.0, 4, 3, 5, 1, 6])
kinds = {
    "Zero": ("zero-padding", dict(mode="constant")),
    "Constant, here −2": ("constant-padding", dict(mode="constant", constant_values=-2)),
    "Reflection": ("reflection-padding", dict(mode="reflect")),
    "Replication": ("replication-padding", dict(mode="edge")),
    "Circular": ("circular-padding", dict(mode="wrap")),
    "SYMMETRIC, TensorFlow only": ("symmetric", dict(mode="symmetric")),
}
fig, axes = plt.subplots(3, 2, figsize=(5.2, 5.2), sharex=True, sharey=True)
for i, (ax, (title, (section, how))) in enumerate(zip(axes.flat, kinds.items())):
    line = np.pad(numbers, 4, **how)
    ax.plot(range(-4, 1), line[:5], "o--", color=plots.PALETTE[i], markersize=4, linewidth=1.2)
    ax.plot(range(5, 10), line[9:], "o--", color=plots.PALETTE[i], markersize=4, linewidth=1.2)
    ax.plot(range(6), numbers, "o-", color=plots.INK, markersize=4)
    ax.axhline(0, color=plots.INK, linewidth=0.6, zorder=0)
    plots.head(ax, title, section)
axes[0, 0].set(ylim=(-2.6, 6.8), xticks=[0, 5], yticks=[-2, 0, 2, 4, 6])
fig.supxlabel("place: the row goes from 0 to 5")
plt.show()

# %% [markdown]
# (zero-padding)=
# ## Zero padding
#
# <!-- head: zero_padding -->
#
# Zero padding surrounds the numbers with zeros. It is the cheapest, and what `padding=1` of a PyTorch
# convolution and `padding="same"` of a Keras one do. Choose it unless the border matters.
#
# $$y_{b,c,h,w} = \begin{cases} x_{b,\,c,\,h-t,\,w-l} & \text{inside} \\ 0 & \text{in the border}
# \end{cases}$$
#
# where $t$ and $l$ are the numbers of rows at the top and of columns on the left, and $b$, $c$, $h$ and
# $w$ count examples, channels, rows and columns. Inside means that $h - t$ and $w - l$ are a row and a
# column of $x$.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = nn.ZeroPad2d((1, 3, 2, 1))(x_pt)
(dx_pt,) = torch.autograd.grad((y_pt**2).sum(), x_pt)
z_pt = F.pad(x_pt, (1, 3, 2, 1))
print(y_pt.shape)
show(y=y_pt[1, 2, 1:, 1], dx=dx_pt[1, 2, :, 0])

# %% tags=["tensorflow"]
x_tf = tf.Variable(np.moveaxis(x, 1, -1))
layer = keras.layers.ZeroPadding2D(((2, 1), (1, 3)))
with tf.GradientTape() as tape:
    y_tf = layer(x_tf)
    loss = tf.reduce_sum(y_tf**2)
dx_tf = tape.gradient(loss, x_tf)
z_tf = tf.pad(x_tf, [[0, 0], [2, 1], [1, 3], [0, 0]])
print(y_tf.shape)
show(y=y_tf[1, 1:, 1, 2], dx=dx_tf[1, :, 0, 2])

# %%
agree(
    [y_pt.permute(0, 2, 3, 1), z_pt.permute(0, 2, 3, 1)], [y_tf, z_tf],
    gradients=(dx_pt.permute(0, 2, 3, 1), dx_tf),
)

# %% [markdown]
# The gradient of the sum of squares is twice the number, and what arrives at the border is dropped. Later
# sections call `value_and_grad`, which takes these steps in either framework. No padding has a parameter.
#
# Read the order of the numbers once more, because the same border is written in three ways. PyTorch begins
# with the last axis: left, right, top, bottom. Keras has a pair for each spatial axis, in their order, and
# `tf.pad` a pair for every axis.
#
# ### Two numbers: the last axis in PyTorch, height and width in Keras

# %% pad-pair-pt tags=["pytorch"]
x_pt = torch.tensor(x)
print(x_pt.shape, "->", nn.ZeroPad2d((1, 2))(x_pt).shape)
with show_error():
    nn.ZeroPad2d()

# %% pad-pair-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
y_tf = keras.layers.ZeroPadding2D((1, 2))(x_tf)
print(x_tf.shape, "->", y_tf.shape)
y_tf = keras.layers.ZeroPadding2D()(x_tf)
print(x_tf.shape, "->", y_tf.shape)

# %% [markdown]
# PyTorch put one column on the left and two on the right, in spite of the 2d in the name. Keras put one
# row at the top and bottom and two columns at either side. Without any number PyTorch's modules raise, and
# Keras's layers pad by 1.
#
# ### F.pad counts from the last axis, and does not know what it means
#
# Give `F.pad` an image with its channels last, and it pads the channels. With three more channels the next
# layer raises, if you are lucky.

# %% pad-channels-last-pt tags=["pytorch"]
last_pt = torch.tensor(np.moveaxis(x, 1, -1))  # (2, 4, 5, 3)
wrong = F.pad(last_pt, (1, 2))
right = F.pad(last_pt, (0, 0, 1, 3, 2, 1))
print(wrong.shape, right.shape)

# %% pad-channels-last-tf tags=["tensorflow"]
last_tf = tf.constant(np.moveaxis(x, 1, -1))  # (2, 4, 5, 3)
wrong = tf.pad(last_tf, [[0, 0], [0, 0], [0, 0], [1, 2]])
right = tf.pad(last_tf, [[0, 0], [2, 1], [1, 3], [0, 0]])
print(wrong.shape, right.shape)

# %% [markdown]
# ### Negative numbers crop in PyTorch, and raise in Keras and TensorFlow
#
# All of PyTorch's paddings take negative numbers, which cut off what a positive one would add. Keras has
# [layers for cropping](shapes.ipynb#cropping) instead.

# %% pad-negative-pt tags=["pytorch"]
print(nn.ZeroPad2d((-1, 2, 0, 0))(x_pt).shape)

# %% pad-negative-tf tags=["tensorflow"]
with show_error():
    keras.layers.ZeroPadding2D(((0, 0), (-1, 2)))
with show_error():
    tf.pad(x_tf, [[0, 0], [0, 0], [-1, 2], [0, 0]])

# %% [markdown]
# (constant-padding)=
# ## Constant padding
#
# <!-- head: constant_padding -->
#
# Constant padding puts a number of your choice into the border. Choose it where 0 means something: a
# padding token for sequences, −1 for images scaled to −1 … 1, and −∞ in front of a maximum.
#
# $$y_{b,c,h,w} = \begin{cases} x_{b,\,c,\,h-t,\,w-l} & \text{inside} \\ v & \text{in the border}
# \end{cases}$$
#
# where $v$ is the constant and the other symbols are those of zero padding. Keras's layers have no place
# for $v$. Call `tf.pad` or `keras.ops.pad`:

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(
    nn.ConstantPad2d((1, 3, 2, 1), 9), x_pt)
row_pt = x_pt[0, 0]  # (height, width)
z_pt = F.pad(row_pt, (1, 2), value=1.5)
print(y_pt.shape, z_pt.shape)
show(y=y_pt[1, 2, 1:, 1], dx=dx_pt[1, 2, :, 0])

# %% tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
y_tf, dx_tf = value_and_grad(
    tf.pad, x_tf, [[0, 0], [2, 1], [1, 3], [0, 0]],
    constant_values=9)
row_tf = x_tf[0, :, :, 0]  # (height, width)
z_tf = keras.ops.pad(
    row_tf, [(0, 0), (1, 2)], constant_values=1.5)
print(y_tf.shape, z_tf.shape)
show(y=y_tf[1, 1:, 1, 2], dx=dx_tf[1, :, 0, 2])

# %%
agree(
    [y_pt.permute(0, 2, 3, 1), z_pt], [y_tf, z_tf],
    gradients=(dx_pt.permute(0, 2, 3, 1), dx_tf),
)

# %% [markdown]
# ### Around integers PyTorch cuts the constant to an integer, TensorFlow raises
#
# The border has the dtype of the input. Pad token numbers by 2.5, and PyTorch pads them by 2:

# %% constant-integers-pt tags=["pytorch"]
tokens_pt = torch.tensor([7, 8, 9])
print(F.pad(tokens_pt, (1, 1), value=2.5))

# %% constant-integers-tf tags=["tensorflow"]
tokens_tf = tf.constant([7, 8, 9])
with show_error():
    tf.pad(tokens_tf, [[1, 1]], constant_values=2.5)

# %% [markdown]
# ### In front of a maximum pad by −∞: zeros win over negative numbers
#
# A maximum pooling may stand behind a layer whose outputs are negative. Behind zero padding its maximum at
# the border is 0, a number that nobody computed. Both frameworks' own poolings ignore the border, as if it
# were −∞:

# %% constant-pooling-pt tags=["pytorch"]
below_pt = -torch.arange(1.0, 10).reshape(1, 1, 3, 3)
zeros = F.pad(below_pt, (1, 1, 1, 1))
y_pt = F.pad(below_pt, (1, 1, 1, 1), value=-torch.inf)
y_pt = F.max_pool2d(y_pt, 3, stride=2)
own_pt = F.max_pool2d(below_pt, 3, stride=2, padding=1)
show(zeros=F.max_pool2d(zeros, 3, stride=2).reshape(-1),
     infinity=y_pt.reshape(-1), own=own_pt.reshape(-1))

# %% constant-pooling-tf tags=["tensorflow"]
below_tf = -tf.reshape(tf.range(1.0, 10), (1, 3, 3, 1))
one = [[0, 0], [1, 1], [1, 1], [0, 0]]
zeros = tf.pad(below_tf, one)
y_tf = tf.pad(below_tf, one, constant_values=-np.inf)
y_tf = tf.nn.max_pool2d(y_tf, 3, 2, "VALID")
own_tf = tf.nn.max_pool2d(below_tf, 3, 2, "SAME")
pooled = tf.nn.max_pool2d(zeros, 3, 2, "VALID")
show(zeros=tf.reshape(pooled, -1),
     infinity=tf.reshape(y_tf, -1), own=tf.reshape(own_tf, -1))

# %% constant-pooling
agree([y_pt.permute(0, 2, 3, 1), own_pt.permute(0, 2, 3, 1)], [y_tf, own_tf])

# %% [markdown]
# (reflection-padding)=
# ## Reflection padding
#
# <!-- head: reflection_padding -->
#
# Reflection padding continues the image by its mirror image. The mirror stands on the outermost number, so
# that this number is not repeated. Choose it where an edge at the border would be seen, as in style
# transfer and super-resolution.
#
# $$y_i = x_{r(i - l)}, \qquad r(j) = n - 1 - \bigl|\,n - 1 - |j|\,\bigr|$$
#
# where $n$ is the size of the axis, $l$ the border in front, and $i$ counts from 0 along the output. The
# index $j$ runs from $-l$ on: $|j|$ folds what lies in front of 0, the other absolute value what lies
# behind $n - 1$. Each axis is padded by itself.

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(
    nn.ReflectionPad2d((1, 3, 2, 1)), x_pt)
row_pt = torch.arange(5.0)[None]
print(*F.pad(row_pt, (3, 2), "reflect")[0].numpy())
show(dx=dx_pt[1, 2])

# %% tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
y_tf, dx_tf = value_and_grad(
    tf.pad, x_tf, [[0, 0], [2, 1], [1, 3], [0, 0]], "REFLECT")
row_tf = tf.range(5.0)[None]
print(*tf.pad(row_tf, [[0, 0], [3, 2]], "REFLECT")[0].numpy())
show(dx=dx_tf[1, :, :, 2])

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf, gradients=(dx_pt.permute(0, 2, 3, 1), dx_tf))

# %% [markdown]
# `dx`, the gradient of the sum, counts how often each number stands in the output. The top mirrors the
# second and third row, and the bottom the third once more, so the rows count 1, 2, 3 and 1 times. The
# columns count 1, 3, 2, 2 and 1 times, and each number as often as the product says.
#
# ### A mirror image is narrower than the image: both raise otherwise
#
# A row of five numbers has four that the mirror can show, because the edge stands in it. Ask for five:

# %% reflect-too-wide-pt tags=["pytorch"]
with show_error():
    F.pad(row_pt, (5, 0), "reflect")

# %% reflect-too-wide-tf tags=["tensorflow"]
with show_error():
    tf.pad(row_tf, [[0, 0], [5, 0]], "REFLECT")

# %% [markdown]
# ### PyTorch pads all spatial axes, or none
#
# By a constant, `F.pad` pads as many axes as you give pairs for. In all other modes it wants a pair for
# each spatial axis, and zeros where nothing is to be padded. An image takes four numbers.

# %% reflect-axes-pt tags=["pytorch"]
with show_error():
    F.pad(x_pt, (1, 1), "reflect")
print(F.pad(x_pt, (1, 1, 0, 0), "reflect").shape)

# %% reflect-axes-tf tags=["tensorflow"]
y_tf = tf.pad(
    x_tf, [[0, 0], [0, 0], [1, 1], [0, 0]], "REFLECT")
print(y_tf.shape)

# %% [markdown]
# ### Keras's convolutions have no padding_mode: pad in front of them
#
# PyTorch's convolutions take `padding_mode`, one of "zeros", "reflect", "replicate" and "circular". In
# Keras pad first, and let the convolution shrink the result:

# %% reflect-convolution-pt tags=["pytorch"]
torch.manual_seed(0)
conv_pt = nn.Conv2d(
    3, 4, 3, padding=1, padding_mode="reflect")
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(conv_pt, x_pt)
print(y_pt.shape)

# %% reflect-convolution-tf tags=["tensorflow"]
one = [[0, 0], [1, 1], [1, 1], [0, 0]]
net_tf = keras.Sequential([
    keras.layers.Lambda(lambda x: tf.pad(x, one, "REFLECT")),
    keras.layers.Conv2D(4, 3)])
net_tf.build((None, 4, 5, 3))
w, b = (p.detach().numpy() for p in conv_pt.parameters())
net_tf.set_weights([w.transpose(2, 3, 1, 0), b])
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(net_tf, x_tf)
print(y_tf.shape)

# %% reflect-convolution
gradients_pt = [dx_pt.permute(0, 2, 3, 1), dw_pt.permute(2, 3, 1, 0), db_pt]
gradients = (gradients_pt, [dx_tf, dw_tf, db_tf])
agree(y_pt.permute(0, 2, 3, 1), y_tf, gradients=gradients, atol=1e-5)

# %% [markdown]
# (symmetric)=
# ### SYMMETRIC repeats the edge: build it in PyTorch with an index
#
# TensorFlow and `keras.ops.pad` have a second mirror, which stands behind the outermost number and so
# repeats it. PyTorch has no such mode. Every padding but the constant ones only picks numbers, so an index
# for each axis builds it:

# %% symmetric-pt tags=["pytorch"]
def symmetric_pt(x, before, after):  # along the last axis
    n = x.shape[-1]
    i = torch.arange(-before, n + after)
    i = torch.where(i < 0, -1 - i, i)
    i = torch.where(i >= n, 2 * n - 1 - i, i)
    return x.index_select(-1, i)


y_pt, d_pt = value_and_grad(symmetric_pt, row_pt, 3, 2)
print(*y_pt[0].detach().numpy())
show(d=d_pt)

# %% symmetric-tf tags=["tensorflow"]
def symmetric_tf(x, before, after):  # along the last axis
    none = [[0, 0]] * (len(x.shape) - 1)
    return tf.pad(x, [*none, [before, after]], "SYMMETRIC")


y_tf, d_tf = value_and_grad(symmetric_tf, row_tf, 3, 2)
print(*y_tf[0].numpy())
show(d=d_tf)

# %% symmetric-agree
agree(y_pt, y_tf, gradients=(d_pt, d_tf))

# %% [markdown]
# (replication-padding)=
# ## Replication padding
#
# <!-- head: replication_padding -->
#
# Replication padding repeats the number at the edge, as often as the border is wide. Choose it for
# measurements and images where nothing is known beyond the edge, and the last value is the best guess.
#
# $$y_i = x_{\min(\max(i - l,\, 0),\, n - 1)}$$
#
# where $n$ is the size of the axis, $l$ the border in front, and $i$ counts from 0 along the output. The
# border may be wider than the image. Neither `tf.pad` nor `keras.ops.pad` has a mode for it:

# %% replicate-no-mode-pt tags=["pytorch"]
print(*F.pad(row_pt, (3, 2), "replicate")[0].numpy())

# %% replicate-no-mode-tf tags=["tensorflow"]
with show_error():
    keras.ops.pad(row_tf, [(0, 0), (3, 2)], mode="edge")

# %% [markdown]
# The formula is one line of code: make the indices, clip them, and gather. `pad_by` does so along each
# axis, and takes the rule for the indices as its first argument.

# %% replicate-built-pt tags=["pytorch"]
# PyTorch has the module.
print(nn.ReplicationPad2d((1, 3, 2, 1)))

# %% replicate-built-tf tags=["tensorflow"]
def pad_by(rule, x, paddings):
    for axis, (before, after) in enumerate(paddings):
        if before or after:
            n = x.shape[axis]
            i = rule(tf.range(-before, n + after), n)
            x = tf.gather(x, i, axis=axis)
    return x


def replicate(x, paddings):
    def rule(i, n):
        return tf.clip_by_value(i, 0, n - 1)
    return pad_by(rule, x, paddings)

# %% replicate-run-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    nn.ReplicationPad2d((1, 3, 2, 1)), x_pt)
print(y_pt.shape)
show(dx=dx_pt[1, 2])

# %% replicate-run-tf tags=["tensorflow"]
y_tf, dx_tf = value_and_grad(
    replicate, x_tf, [[0, 0], [2, 1], [1, 3], [0, 0]])
print(y_tf.shape)
show(dx=dx_tf[1, :, :, 2])

# %% replicate-agree
agree(y_pt.permute(0, 2, 3, 1), y_tf, gradients=(dx_pt.permute(0, 2, 3, 1), dx_tf))

# %% [markdown]
# The corner at the top right counts 12 times: 3 rows of itself and the top, times 4 columns of itself and
# the right. Each copy sends its gradient back, so the edge of an image weighs more than its middle.
#
# ### A padding is a matrix of zeros and ones, and its gradient is the transposed one
#
# Pad the rows of the identity, and you see the matrix $P$ of a padding: $y = x P$ for a row $x$. Backward,
# the gradient of $x$ is that of $y$ times $P^\top$, which sums over the copies.

# %% padding-matrix-pt tags=["pytorch"]
p_pt = F.pad(torch.eye(4), (2, 1), "replicate")
above_pt = torch.arange(1.0, 8)
print(p_pt.int().numpy())
show(d=above_pt @ p_pt.T)

# %% padding-matrix-tf tags=["tensorflow"]
p_tf = replicate(tf.eye(4), [[0, 0], [2, 1]])
above_tf = tf.range(1.0, 8)
print(tf.cast(p_tf, tf.int32).numpy())
show(d=tf.linalg.matvec(p_tf, above_tf))

# %% padding-matrix
agree([p_pt, above_pt @ p_pt.T], [p_tf, tf.linalg.matvec(p_tf, above_tf)])

# %% [markdown]
# The first number is copied to the places whose gradients are 1, 2 and 3, and collects 6.
#
# ### SYMMETRIC is the same for a border of 1, and for no other
#
# Converters replace replication by SYMMETRIC, and for a border of one cell they are right. From two cells
# on, the one repeats the edge and the other goes back into the image:

# %% replicate-symmetric-pt tags=["pytorch"]
one_pt = F.pad(row_pt, (1, 1), "replicate")
three_pt = F.pad(row_pt, (3, 3), "replicate")
print(*one_pt[0].numpy())
print(*three_pt[0].numpy())

# %% replicate-symmetric-tf tags=["tensorflow"]
one_tf = tf.pad(row_tf, [[0, 0], [1, 1]], "SYMMETRIC")
three_tf = tf.pad(row_tf, [[0, 0], [3, 3]], "SYMMETRIC")
print(*one_tf[0].numpy())
print(*three_tf[0].numpy())

# %% replicate-symmetric
agree(one_pt, one_tf)

# %% [markdown]
# (circular-padding)=
# ## Circular padding
#
# <!-- head: circular_padding -->
#
# Circular padding puts the other end of the image into the border: left of the first column comes the
# last. Choose it where the axis is a circle: degrees of longitude, hours of the day, or a texture
# that will be tiled.
#
# $$y_i = x_{(i - l) \bmod n}$$
#
# where $n$ is the size of the axis, $l$ the border in front, and $i$ counts from 0 along the output. The
# remainder is never negative: −1 mod $n$ is $n - 1$. TensorFlow has no mode for it, either.

# %% circular-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    nn.CircularPad2d((1, 3, 2, 1)), x_pt)
print(*F.pad(row_pt, (3, 2), "circular")[0].numpy())
show(dx=dx_pt[1, 2])

# %% circular-tf tags=["tensorflow"]
def wrap(x, paddings):
    return pad_by(lambda i, n: i % n, x, paddings)


y_tf, dx_tf = value_and_grad(
    wrap, x_tf, [[0, 0], [2, 1], [1, 3], [0, 0]])
print(*wrap(row_tf, [[0, 0], [3, 2]])[0].numpy())
show(dx=dx_tf[1, :, :, 2])

# %% circular-agree
agree(y_pt.permute(0, 2, 3, 1), y_tf, gradients=(dx_pt.permute(0, 2, 3, 1), dx_tf))

# %% [markdown]
# ### PyTorch goes around once at most, an index as often as you like
#
# A row of five numbers takes a border of at most five from PyTorch. The remainder knows no such limit:

# %% circular-twice-pt tags=["pytorch"]
with show_error():
    F.pad(row_pt, (0, 6), "circular")
around = torch.arange(11) % 5
print(*row_pt[0, around].numpy())

# %% circular-twice-tf tags=["tensorflow"]
around = wrap(row_tf, [[0, 0], [0, 6]])
print(*around[0].numpy())

# %% [markdown]
# ### Behind circular padding a convolution follows every shift
#
# Shift the image around the circle and convolve, or convolve and shift: behind circular padding both are
# the same, to the last cell. Behind zeros they differ at the border, and a network can learn
# from it where things are.

# %% circular-shift-pt tags=["pytorch"]
kernel = np.random.default_rng(1).normal(size=(3, 3))
k_pt = torch.tensor(kernel, dtype=torch.float32)[None, None]
image = torch.tensor(x[:, :1])  # (2, 1, 4, 5)
for mode in ("constant", "circular"):
    def conv(x, mode=mode):
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode), k_pt)
    shifted = conv(torch.roll(image, (1, 2), (2, 3)))
    after = torch.roll(conv(image), (1, 2), (2, 3))
    same = torch.allclose(shifted, after, atol=1e-4)
    print(f"{mode:8} follows the shift: {same}")

# %% circular-shift-tf tags=["tensorflow"]
one = [[0, 0], [1, 1], [1, 1], [0, 0]]
k_tf = tf.constant(kernel[:, :, None, None], tf.float32)
image = tf.constant(np.moveaxis(x[:, :1], 1, -1))
for name, pad in {"constant": tf.pad, "circular": wrap}.items():
    def conv(x, pad=pad):
        return tf.nn.conv2d(pad(x, one), k_tf, 1, "VALID")
    shifted = conv(tf.roll(image, (1, 2), (1, 2)))
    after = tf.roll(conv(image), (1, 2), (1, 2))
    same = np.allclose(shifted, after, atol=1e-4)
    print(f"{name:8} follows the shift: {same}")

# %% [markdown]
# (padding-border)=
# ## Zeros tell a network where the border is
#
# A blank image has no features. Convolve one of 16 × 16 ones three times with a 3 × 3 kernel whose weights
# sum to 1, and each cell should remain 1. Count the cells that do not:

# %% border-data
kernel = np.arange(1, 10, dtype=np.float32).reshape(3, 3) / 45

# %% border-seen-pt tags=["pytorch"]
k_pt = torch.tensor(kernel)[None, None]
outputs_pt = {}
for mode in ("constant", "reflect", "replicate", "circular"):
    h = torch.ones(1, 1, 16, 16)
    for _ in range(3):
        h = F.conv2d(F.pad(h, (1, 1, 1, 1), mode), k_pt)
    outputs_pt[mode] = h[0, 0]
    changed = (outputs_pt[mode] - 1).abs() > 1e-3
    print(f"{mode:9} {changed.sum():3d} of 256 cells")

# %% border-seen tags=["tensorflow"]
k_tf = tf.constant(kernel[:, :, None, None])
pads = {"constant": tf.pad, "replicate": replicate,
        "circular": wrap}
pads["reflect"] = lambda x, p: tf.pad(x, p, "REFLECT")
outputs_tf = {}
for mode in outputs_pt:
    h = tf.ones((1, 16, 16, 1))
    for _ in range(3):
        h = tf.nn.conv2d(pads[mode](h, one), k_tf, 1, "VALID")
    outputs_tf[mode] = h[0, :, :, 0]
    changed = tf.abs(outputs_tf[mode] - 1) > 1e-3
    changed = tf.reduce_sum(tf.cast(changed, tf.int32))
    print(f"{mode:9} {changed:3d} of 256 cells")

# %% border-agree
agree(list(outputs_pt.values()), list(outputs_tf.values()))

# %% border-figure tags=["hide-input"]
# alt: The middle row of the blank image after three convolutions, by column, TensorFlow's as dots on
# PyTorch's line. Behind zeros it falls from 1 in the middle to 0.59 at the left edge and 0.38 at the right
# one, over three columns on each side. Behind the other three paddings it is 1 everywhere.
fig, ax = plt.subplots()
columns = np.arange(16)
plots.coinciding(ax, columns, outputs_pt["constant"][8], outputs_tf["constant"][8],
                 label=(5, 0.4), markers=16)
ax.plot(columns, outputs_pt["reflect"][8], color=plots.SIBLING, zorder=0)
ax.annotate("reflection, replication, circular", (7.5, 1.04), ha="center")
ax.annotate("zeros", (2.4, 0.75))
ax.set(xlabel="column", ylabel="output", ylim=(0, 1.15),
       title="Behind zeros the border shows, three cells deep")
plt.show()

# %% [markdown]
# Behind zeros each convolution carries the border one cell further in, and 156 = 16² − 10² cells know how
# far away it is. Behind the other three the image stays blank. {footcite:t}`islam2020much` find that
# networks read positions from exactly this, and {footcite:t}`alsallakh2021mind` that they also miss small
# objects because of it. So zeros are no flaw where the position matters, and a flaw where it must not.
#
# ## From one axis to three
#
# `ZeroPad` stands for PyTorch's other four, too: `ConstantPad2d`, `ReflectionPad2d`, `ReplicationPad2d`
# and `CircularPad2d` take the same numbers.
#
# | axes | PyTorch | Keras | `tf.pad`, channels last |
# | --- | --- | --- | --- |
# | 1 | `ZeroPad1d((l, r))` | `ZeroPadding1D((l, r))` | `[[0, 0], [l, r], [0, 0]]` |
# | 2 | `ZeroPad2d((l, r, t, b))` | `ZeroPadding2D(((t, b), (l, r)))` | `[[0, 0], [t, b], [l, r], [0, 0]]` |
# | 3 | `ZeroPad3d((l, r, t, b, f, k))` | `ZeroPadding3D(((f, k), (t, b), (l, r)))` | `[[0, 0], [f, k], [t, b], [l, r], [0, 0]]` |
#
# Here l, r, t, b, f and k are the borders at the left, right, top, bottom, front and back.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | no particular reason | zeros | cheap, and built into every convolution |
# | a value that means "nothing": a token, −1, −∞ | a constant | 0 would mean something |
# | images where a seam would be seen | reflection | no edge at the border, no number repeated |
# | a border wider than the image, measurements | replication | the last value, as often as you like |
# | an axis that is a circle | circular | exact, and convolutions follow every shift |
#
# ## Exercises
#
# Pad without a padding function, in PyTorch's order and in Keras's, and collect the gradients of the
# copies by hand: [exercises on padding](../../exercises/layers/padding.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
