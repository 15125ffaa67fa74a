# %% [markdown]
# # Padding
#
# Padding adds a border to an image or a sequence, so that the output of a convolution is not smaller than its
# input. The five kinds of padding differ in the numbers of the border: zeros, another constant, a mirror image,
# the number at the edge, or the numbers from the opposite end. TensorFlow has the first three. For the other
# two, this chapter builds functions.
#
# **The claim:** zero padding, the usual choice, shows a network where the border is. After three convolutions of
# a blank image with zero padding, 156 of its 256 numbers are changed. With reflection, replication or circular
# padding, no number is changed. And the four numbers of a border have another order in each framework: PyTorch
# starts with the last axis, and Keras with the first.

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
# The four sizes of `x` are all different, so a mistake with the axes changes the shape. The PyTorch cells use
# `x` as it is. The TensorFlow cells move its channels to the end. Most examples add the same border: 1 column on
# the left, 3 on the right, 2 rows at the top, and 1 at the bottom.
#
# Each panel shows a row of six numbers, in grey, with four more numbers at each end. The last panel shows a
# sixth kind, which TensorFlow has and PyTorch does not have: a mirror image that repeats the number at the edge.

# %% all-paddings tags=["hide-input"]
# alt: Six panels. Each shows the same row of six numbers, 2, 4, 3, 5, 1, 6, in the middle, and four more
# numbers at each end. Zero: all of them are 0. Constant: all of them are minus 2. Reflection: 1, 5, 3, 4 on
# the left and 1, 5, 3, 4 on the right, a mirror image without the edge. Replication: four times 2 on the left
# and four times 6 on the right. Circular: 3, 5, 1, 6 on the left and 2, 4, 3, 5 on the right. SYMMETRIC: 5, 3,
# 4, 2 on the left and 6, 1, 5, 3 on the right, a mirror image with the edge.
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
fig.supxlabel("position; the row is at 0 to 5")
plt.show()

# %% [markdown]
# (zero-padding)=
# ## Zero padding
#
# <!-- head: zero_padding -->
#
# Zero padding adds a border of zeros. It is the usual choice, because convolutions have it built in: `padding=1`
# in PyTorch, and `padding="same"` in Keras. Choose another kind only if the border matters.
#
# $$y_{b,c,h,w} = \begin{cases} x_{b,\,c,\,h-t,\,w-l} & \text{inside} \\ 0 & \text{in the border}
# \end{cases}$$
#
# Here $t$ is the number of rows at the top, and $l$ is the number of columns on the left. $b$, $c$, $h$ and $w$
# are the numbers of the example, channel, row and column. *Inside* means that $x$ has a row $h - t$ and a column
# $w - l$.
#
# In the next cells, `y` comes from the layer, and `z` from the function. The cells print a part of `y`: one zero
# from the top, the first column of an image, and the zero from the bottom. `dx` is the gradient of this column.

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
# The gradient of the sum of squares is twice the number. The border has no input, so its gradient is not used.
#
# The next sections compute the output and the gradient with `value_and_grad`. This function of the book does the
# same as the two cells above. For a layer with weights, it also returns their gradients. No padding has weights.
#
# Compare the order of the numbers in the two cells. The same border is written in three ways:
#
# - PyTorch starts with the last axis: left, right, top, bottom.
# - Keras's layer has a pair for each spatial axis, and starts with the height: ((top, bottom), (left, right)).
# - `tf.pad` has a pair for every axis, also for the batch and the channels.
#
# ### Two numbers: the last axis in PyTorch, height and width in Keras
#
# The next cells pass only two numbers, (1, 2). Then they create the layer without any number:

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
# With (1, 2), PyTorch adds one column on the left and two on the right, and pads no rows, although the name of
# the layer ends in `2d`. Keras adds one row at the top and one at the bottom, and two columns on each side.
#
# Without a number, PyTorch raises an error. Keras adds a border of 1 on all sides.
#
# ### `F.pad` pads the channels if they are the last axis
#
# `F.pad` starts with the last axis, also if this axis is the channels. So for an image with channels last, the
# first pair must be (0, 0). If you forget this pair, there is no error, but the output has three more channels.
# The cells print first the wrong shape, and then the right shape:

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
# ### Negative numbers crop in PyTorch, and are an error in Keras and TensorFlow
#
# In PyTorch, a negative number removes rows or columns. This works in all five layers: the next cell removes one
# column on the left, and adds two columns on the right. Keras has [layers for cropping](shapes.ipynb#cropping)
# instead.

# %% pad-negative-pt tags=["pytorch"]
p = (-1, 2, 0, 0)
for layer in (nn.ZeroPad2d(p), nn.ConstantPad2d(p, 9),
              nn.ReflectionPad2d(p), nn.ReplicationPad2d(p),
              nn.CircularPad2d(p)):
    print(f"{type(layer).__name__:17}", layer(x_pt).shape)

# %% pad-negative-tf tags=["tensorflow"]
with show_error():
    keras.layers.ZeroPadding2D(((0, 0), (-1, 2)))
with show_error():
    tf.pad(x_tf, [[0, 0], [0, 0], [-1, 2], [0, 0]])

# %% [markdown]
# ### The built-in padding of a convolution is zero padding
#
# The next cells pad in two ways: with the `padding` argument of a convolution with a 3 × 3 kernel, and with a
# layer for zero padding before a convolution without padding. They print whether the outputs are equal:

# %% convolution-pads-pt tags=["pytorch"]
torch.manual_seed(0)
conv = nn.Conv2d(3, 4, 3, padding=1)
by_hand = F.conv2d(
    nn.ZeroPad2d(1)(x_pt), conv.weight, conv.bias)
print(torch.allclose(conv(x_pt), by_hand, atol=1e-5))

# %% convolution-pads-tf tags=["tensorflow"]
keras.utils.set_random_seed(0)
conv = keras.layers.Conv2D(4, 3, padding="same")
y_tf = conv(x_tf)
by_hand = tf.nn.conv2d(keras.layers.ZeroPadding2D(1)(x_tf),
                       conv.kernel, 1, "VALID") + conv.bias
print(np.allclose(y_tf, by_hand, atol=1e-5))

# %% [markdown]
# (constant-padding)=
# ## Constant padding
#
# <!-- head: constant_padding -->
#
# Constant padding fills the border with a number that you choose. Choose it if 0 has a meaning in your data. For
# example, use a padding token for sequences, −1 for images that are scaled to −1 … 1, and −∞ before max pooling.
#
# $$y_{b,c,h,w} = \begin{cases} x_{b,\,c,\,h-t,\,w-l} & \text{inside} \\ v & \text{in the border}
# \end{cases}$$
#
# Here $v$ is the constant. The other symbols have the same meaning as for zero padding. Keras's layers for
# padding have no argument for $v$. Call `tf.pad` or `keras.ops.pad` instead.
#
# In the next cells, `y` and `dx` show the same column as for zero padding. `z` is one channel of an image, whose
# width is padded with 1.5. The cells print only its shape.

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
# ### Integer tensors: PyTorch truncates the constant, TensorFlow raises an error
#
# The output has the dtype of the input. If you pad integers with 2.5, PyTorch uses the constant 2, without an
# error:

# %% constant-integers-pt tags=["pytorch"]
tokens_pt = torch.tensor([7, 8, 9])
print(F.pad(tokens_pt, (1, 1), value=2.5))

# %% constant-integers-tf tags=["tensorflow"]
tokens_tf = tf.constant([7, 8, 9])
with show_error():
    tf.pad(tokens_tf, [[1, 1]], constant_values=2.5)

# %% [markdown]
# ### Before max pooling, pad with −∞ and not with 0
#
# If all inputs of a max pooling are negative, a border of zeros changes the result: the maximum at the border is
# 0, which is not one of the inputs. A border of −∞ does not change the result. The built-in padding of both
# frameworks' max poolings also ignores the border.
#
# The next cells pool the numbers −1 … −9, with three kinds of border: `zeros`, `infinity` (which is −∞), and
# `own`, the built-in padding.

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
# Reflection padding fills the border with the mirror image of the input. The mirror is at the outermost number,
# so this number is not repeated. Choose it if an edge at the border would be visible in the result, as in style
# transfer and super-resolution.
#
# $$y_i = x_{r(i - l)}, \qquad r(j) = n - 1 - \bigl|\,n - 1 - |j|\,\bigr|$$
#
# Here $n$ is the size of the axis, $l$ is the size of the border at its beginning, and $i$ is the position in
# the output, from 0. $j$ is the position relative to the input: it is negative in the border at the beginning,
# and larger than $n - 1$ in the border at the end. $|j|$ reflects the positions before 0. The other absolute
# value reflects the positions after $n - 1$. Each axis is padded separately.
#
# The next cells print the row 0, 1, 2, 3, 4 with a border of 3 and 2 numbers, and `dx`, the gradient of the sum
# of the padded `x`:

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
# `dx` counts how often each number is in the output. The border at the top repeats the second and the third row,
# and the border at the bottom repeats the third row again. So the four rows are in the output 1, 2, 3 and 1
# times. The columns are in the output 1, 3, 2, 2 and 1 times. The count of each number is the product of the
# two.
#
# ### The border must be smaller than the image in both frameworks
#
# A row of five numbers has only four numbers to repeat, because the number at the edge is not repeated. A border
# of five numbers is an error:

# %% reflect-too-wide-pt tags=["pytorch"]
with show_error():
    F.pad(row_pt, (5, 0), "reflect")

# %% reflect-too-wide-tf tags=["tensorflow"]
with show_error():
    tf.pad(row_tf, [[0, 0], [5, 0]], "REFLECT")

# %% [markdown]
# ### PyTorch's `F.pad` needs numbers for all spatial axes, except for constants
#
# With a constant, you can pass pairs to `F.pad` for only some of the axes. In all other modes you must pass a
# pair for each spatial axis: four numbers for a batch of images. Pass zeros for an axis without padding.
# `tf.pad` always has a pair for every axis.

# %% reflect-axes-pt tags=["pytorch"]
with show_error():
    F.pad(x_pt, (1, 1), "reflect")
print(F.pad(x_pt, (1, 1, 0, 0), "reflect").shape)

# %% reflect-axes-tf tags=["tensorflow"]
y_tf = tf.pad(
    x_tf, [[0, 0], [0, 0], [1, 1], [0, 0]], "REFLECT")
print(y_tf.shape)

# %% [markdown]
# ### Keras's convolutions have no `padding_mode`: pad before the convolution
#
# PyTorch's convolutions have the argument `padding_mode`, which is "zeros", "reflect", "replicate" or
# "circular". In Keras, pad first, and use a convolution without padding. The TensorFlow cell copies the weights
# of the PyTorch convolution:

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
# ### `SYMMETRIC` repeats the edge, and PyTorch does not have it
#
# `tf.pad` and `keras.ops.pad` have a second mirror image, which repeats the number at the edge. PyTorch has no
# such mode, but you can build it: compute for each position of the output the index of its input, and select by
# this index. Reflection, replication and circular padding can be built in the same way.
#
# The cells print the padded row, and `d`, the gradient of its sum:

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
# Replication padding repeats the number at the edge in the whole border. Choose it for measurements and images
# if you know nothing about the values outside, and the last value is the best guess.
#
# $$y_i = x_{\min(\max(i - l,\, 0),\, n - 1)}$$
#
# Here $n$ is the size of the axis, $l$ is the size of the border at its beginning, and $i$ is the position in
# the output, from 0. `tf.pad` and `keras.ops.pad` have no mode for it:

# %% replicate-no-mode-pt tags=["pytorch"]
print(*F.pad(row_pt, (3, 2), "replicate")[0].numpy())

# %% replicate-no-mode-tf tags=["tensorflow"]
with show_error():
    keras.ops.pad(row_tf, [(0, 0), (3, 2)], mode="edge")

# %% [markdown]
# To build it in TensorFlow, compute the indices of the formula and gather. The function `pad_by` does this for
# each axis. Its first argument, `rule`, is a function that changes the indices: for replication, `rule` clips
# them to 0 … $n - 1$.

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
print(*F.pad(row_pt, (7, 0), "replicate")[0].numpy())
print(y_pt.shape)
show(dx=dx_pt[1, 2])

# %% replicate-run-tf tags=["tensorflow"]
y_tf, dx_tf = value_and_grad(
    replicate, x_tf, [[0, 0], [2, 1], [1, 3], [0, 0]])
print(*replicate(row_tf, [[0, 0], [7, 0]])[0].numpy())
print(y_tf.shape)
show(dx=dx_tf[1, :, :, 2])

# %% replicate-agree
agree(y_pt.permute(0, 2, 3, 1), y_tf, gradients=(dx_pt.permute(0, 2, 3, 1), dx_tf))

# %% [markdown]
# The first printed row has a border of seven numbers, and the input has only five: for replication, the border
# can be larger than the input.
#
# `dx` counts how often each number is in the output. The number at the top right is there 12 times, in 3 rows
# and 4 columns. So the numbers at the edges have a larger gradient than the numbers in the middle.
#
# ### Padding is a product with a matrix of zeros and ones
#
# For a row $x$, every padding except the constant ones can be written as $y = x P$. The matrix $P$ contains only
# zeros and ones. To get $P$, pad the rows of the identity matrix. In the backward pass, the gradient of $y$ is
# multiplied by $P^\top$, which sums the gradients of the copies.
#
# The next cells print $P$ for replication padding of four numbers, and `d`, the gradient of $x$ if the gradient
# of $y$ is 1, 2 … 7:

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
# The first number has three copies, with the gradients 1, 2 and 3. Its gradient is the sum, 6.
#
# ### `SYMMETRIC` equals replication only for a border of 1
#
# Some converters replace replication padding with `SYMMETRIC`. For a border of one number this is right. For a
# larger border the results differ: replication repeats the number at the edge, and `SYMMETRIC` continues with
# its neighbours. The cells print the row with a border of 1, and with a border of 3:

# %% replicate-symmetric-pt tags=["pytorch"]
one_pt = F.pad(row_pt, (1, 1), "replicate")
three_pt = F.pad(row_pt, (3, 3), "replicate")
print(*one_pt[0].numpy())
print(*three_pt[0].numpy())

# %% replicate-symmetric-tf tags=["tensorflow"]
one_tf = tf.pad(row_tf, [[0, 0], [1, 1]], "SYMMETRIC")
three_tf = keras.ops.pad(
    row_tf, [(0, 0), (3, 3)], mode="symmetric")
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
# Circular padding fills the border with the numbers from the opposite end: the last column is added before the
# first column. Choose it if the axis is a circle, as the degrees of longitude or the hours of a day, or for a
# texture that is repeated.
#
# $$y_i = x_{(i - l) \bmod n}$$
#
# Here $n$ is the size of the axis, $l$ is the size of the border at its beginning, and $i$ is the position in
# the output, from 0. The remainder is never negative: −1 mod $n$ is $n - 1$. TensorFlow has no mode for circular
# padding, so the next TensorFlow cell builds `wrap` with `pad_by`:

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
# `dx` counts how often each number is in the output. The border repeats all rows except the second, and all
# columns except the fourth. So the number in the second row and the fourth column is there only once.
#
# ### In PyTorch, the border of circular padding cannot be larger than the input
#
# In PyTorch, the border of a row of five numbers can have at most five numbers. A larger border is an error. If
# you compute the indices with `%` there is no limit:

# %% circular-twice-pt tags=["pytorch"]
with show_error():
    F.pad(row_pt, (0, 6), "circular")
around = torch.arange(11) % 5
print(*row_pt[0, around].numpy())

# %% circular-twice-tf tags=["tensorflow"]
around = wrap(row_tf, [[0, 0], [0, 6]])
print(*around[0].numpy())

# %% [markdown]
# ### With circular padding, a convolution follows every shift of the image
#
# Shift an image around the circle, so that the numbers that leave at one end come back at the opposite end. With
# circular padding, it makes no difference whether you shift before or after a convolution. With zero padding the
# results differ at the border, and a network can use this difference to learn positions.
#
# The next cells shift the image down by one row and right by two columns, and compare the two orders:

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
# ## With zero padding, a network can see where the border is
#
# The next cells apply three convolutions to a blank image: 16 × 16 ones. The weights of the 3 × 3 kernel have
# the sum 1, so without a border every number would stay 1. The cells count the numbers that are no longer 1:

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
# alt: One row of the output after three convolutions, by column. TensorFlow's values are circles on
# PyTorch's line. With zero padding the output is 1 in the middle. Over three columns it falls to 0.59 at the
# left edge, and to 0.38 at the right edge. With the other three paddings it is 1 in every column.
fig, ax = plt.subplots()
columns = np.arange(16)
plots.coinciding(ax, columns, outputs_pt["constant"][8], outputs_tf["constant"][8],
                 label=(5, 0.4), markers=16)
ax.plot(columns, outputs_pt["reflect"][8], color=plots.SIBLING, zorder=0)
ax.annotate("reflection, replication, circular", (7.5, 1.07), ha="center")
ax.annotate("zeros", (2.4, 0.75))
ax.set(xlabel="column", ylabel="output", ylim=(0, 1.15),
       title="With zero padding, three cells at each border change")
plt.show()

# %% [markdown]
# With zero padding, each convolution moves the influence of the border one number further into the image. After
# three convolutions, the middle of 10 × 10 numbers is still 1, and $16^2 - 10^2 = 156$ numbers are changed. With
# the other three kinds of padding the image stays blank.
#
# {footcite:t}`islam2020much` find that networks learn positions from zero padding.
# {footcite:t}`alsallakh2021mind` find that zero padding also makes networks miss small objects. So zero padding
# is useful if the position matters, and harmful if the position must not matter.
#
# ## The same border for one, two and three axes
#
# The table shows zero padding. The other four kinds have the same numbers in PyTorch, in `ConstantPad2d`,
# `ReflectionPad2d`, `ReplicationPad2d` and `CircularPad2d`.
#
# | axes | PyTorch | Keras | `tf.pad`, channels last |
# | --- | --- | --- | --- |
# | 1 | `ZeroPad1d((l, r))` | `ZeroPadding1D((l, r))` | `[[0, 0], [l, r], [0, 0]]` |
# | 2 | `ZeroPad2d((l, r, t, b))` | `ZeroPadding2D(((t, b), (l, r)))` | `[[0, 0], [t, b], [l, r], [0, 0]]` |
# | 3 | `ZeroPad3d((l, r, t, b, f, k))` | `ZeroPadding3D(((f, k), (t, b), (l, r)))` | `[[0, 0], [f, k], [t, b], [l, r], [0, 0]]` |
#
# Here `l`, `r`, `t`, `b`, `f` and `k` are the sizes of the border on the left, right, top, bottom, front and
# back.
#
# ## Which padding to choose
#
# | you have | choose | because |
# | --- | --- | --- |
# | no special reason | zero padding | it is built into every convolution |
# | data in which 0 has a meaning | constant padding: a padding token, −1 or −∞ | the border gets a value without a meaning |
# | images, and an edge at the border would be visible | reflection padding | it makes no edge, and repeats no number at the edge |
# | measurements, or a border that is larger than the input | replication padding | it repeats the last value, as often as you need |
# | an axis that is a circle | circular padding | the border has the right values, and convolutions follow every shift |
#
# ## Exercises
#
# Write the five kinds of padding without a padding function, with the numbers in PyTorch's or in Keras's order,
# and compute the gradient of replication padding yourself: [exercises on
# padding](../../exercises/layers/padding.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
