# %% [markdown]
# # Convolutions
#
# A convolution moves a small kernel of weights over an image, and computes a weighted sum at each position. A
# dilated convolution leaves gaps between the weights. A grouped convolution divides the channels into groups. A
# depthwise convolution has a group for each channel. A separable convolution is a depthwise convolution and then
# a 1 × 1 convolution.
#
# **The claim:** with the same weights, both frameworks compute the same numbers in all five. The layouts differ:
# PyTorch has the channels first, and Keras has them last. And `padding="same"` with a stride differs from
# PyTorch's `padding=1` if the size of the image is even. Then all shapes are equal, and the outputs are wrong.

# %%
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F
from matplotlib.colors import LinearSegmentedColormap

from diptych import agree, copy_weights, plots, show, show_error, value_and_grad

plots.use_style()
rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 5, 7)).astype(np.float32)  # (batch, channels, height, width)
x_last = np.moveaxis(x, 1, -1)  # (batch, height, width, channels)


def last(t):
    """A PyTorch tensor with its channels on the last axis."""
    return t.movedim(1, -1)


# %% [markdown]
# All sizes of `x` are different, so that a wrong axis causes an error. The PyTorch cells use `x`, and the
# TensorFlow cells use `x_last`.
#
# Each panel shows a layer as a matrix, with a row for each output and a column for each input. Squares of the
# same colour are the same weight, and an empty place has no weight. In the upper panels, the inputs are the 8
# numbers of a signal with one channel. In the lower panels, the inputs are 4 channels at one position.

# %% six-matrices tags=["hide-input"]
# alt: Six matrices of coloured squares. Convolution: a diagonal band of three colours, the same in each row.
# Stride 2: the same band, but each row starts two columns further right. Dilation 2: the same three colours with
# an empty column between them. Two groups: two blocks of two by two squares along the diagonal, all of different
# colours. Depthwise: two squares below each other for each input. Separable: all squares are filled.
colours = LinearSegmentedColormap.from_list("two", [plots.TENSORFLOW, "#e8e0d0", plots.PYTORCH])
numbers = np.random.default_rng(4)


def weights(*shape):  # no two are alike
    return numbers.permutation(np.linspace(-1, 1, np.prod(shape))).reshape(shape)


def band(stride, dilation):
    starts = range(0, 8 - 2 * dilation, stride)
    matrix = np.full((len(starts), 8), np.nan)
    for row, start in enumerate(starts):
        matrix[row, start:start + 2 * dilation + 1:dilation] = [-1, 0.1, 1]
    return matrix


def grouped(groups, n_out, n_in=4):
    matrix = np.full((n_out, n_in), np.nan)
    block = (n_out // groups, n_in // groups)
    for g in range(groups):
        matrix[g * block[0]:(g + 1) * block[0], g * block[1]:(g + 1) * block[1]] = weights(*block)
    return matrix


panels = {
    "Convolution": ("convolution", band(1, 1)),
    "Stride 2": ("convolution-same-stride", band(2, 1)),
    "Dilation 2": ("dilated-convolution", band(1, 2)),
    "Two groups": ("grouped-convolution", grouped(2, 4)),
    "Depthwise": ("depthwise-convolution", grouped(4, 8)),
    "Separable": ("separable-convolution", weights(5, 8) @ np.nan_to_num(grouped(4, 8)) / 3),
}
fig, axes = plt.subplots(2, 3, figsize=(5.2, 3.5))
for ax, (title, (section, matrix)) in zip(axes.flat, panels.items()):
    ax.pcolormesh(np.ma.masked_invalid(matrix), cmap=colours, vmin=-1, vmax=1, edgecolors="none")
    ax.set(xticks=[], yticks=[], aspect="equal")
    ax.invert_yaxis()
    plots.head(ax, title, section, fontsize=9.5)
fig.supxlabel("inputs")
fig.supylabel("outputs")
plt.show()

# %% [markdown]
# (convolution)=
# ## Convolution
#
# <!-- head: convolution -->
#
# Each output is a weighted sum of a small window of the input, plus a bias. The window has all input channels.
# The same weights are used at each position of the window. Choose a convolution if neighbouring inputs belong
# together, and if a pattern may be at any position: in images, signals and volumes.
#
# $$y_{b,o,i,j} = \beta_o + \sum_{c}\sum_{u}\sum_{v} W_{o,c,u,v}\; x_{b,\;c,\;s i+u,\;s j+v}$$
#
# Here $b$ is the example, $o$ the output channel, and $i, j$ the position of the window. $c$ is the input channel,
# $u, v$ is the place inside the window, $s$ the stride, and $\beta$ the bias. $W$ is PyTorch's `weight` of shape
# (out, in, height, width). Keras's `kernel` has the shape (height, width, in, out).
#
# The next cells copy the same weights into both layers. `same` is the output of the function without a layer.
# They print the shapes of the output and of the weight's gradient, then a row of one output
# channel, and the gradient of the bias.

# %%
weight = rng.normal(size=(4, 3, 2, 3)).astype(np.float32)  # (out, in, height, width)
bias = rng.normal(size=4).astype(np.float32)  # (out,)

# %% convolution-by-hand-pt tags=["pytorch"]
conv = nn.Conv2d(3, 4, (2, 3))
with torch.no_grad():
    conv.weight.copy_(torch.tensor(weight))
    conv.bias.copy_(torch.tensor(bias))

x_pt = torch.tensor(x, requires_grad=True)
y_pt = conv(x_pt)
same_pt = F.conv2d(x_pt, conv.weight, conv.bias)
dx_pt, dw_pt, db_pt = torch.autograd.grad(
    y_pt.sum(), [x_pt, conv.weight, conv.bias])
print(tuple(y_pt.shape), tuple(dw_pt.shape))
show(y=y_pt[0, 2, 0], db=db_pt)

# %% convolution-by-hand-tf tags=["tensorflow"]
conv = keras.layers.Conv2D(4, (2, 3))
conv.build((None, 5, 7, 3))
conv.kernel.assign(weight.transpose(2, 3, 1, 0))
conv.bias.assign(bias)

x_tf = tf.Variable(x_last)
with tf.GradientTape() as tape:
    y_tf = conv(x_tf)
same_tf = (tf.nn.conv2d(x_tf, conv.kernel, 1, "VALID")
           + conv.bias)
dx_tf, dw_tf, db_tf = tape.gradient(
    y_tf, [x_tf, conv.kernel, conv.bias])
print(y_tf.shape, dw_tf.shape)
show(y=y_tf[0, 0, :, 2], db=db_tf)

# %% convolution-by-hand
agree([last(y_pt), last(same_pt)], [y_tf, same_tf], atol=1e-5, gradients=(
    [last(dx_pt), dw_pt.permute(2, 3, 1, 0), db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# The output is smaller than the input: an axis of $n$ numbers and a kernel of $k$ numbers give
# $\lfloor (n - k) / s \rfloor + 1$ positions. Here $5 - 2 + 1 = 4$ and $7 - 3 + 1 = 5$. The gradient of the bias
# is $2 \cdot 4 \cdot 5 = 40$, because the bias is used in 2 examples at 4 · 5 positions.
#
# The next sections use two functions of this book. `copy_weights(source, target)` copies and transposes the
# weights of a layer. `value_and_grad` returns the output, the gradient of the input, and those of the weights.
#
# (convolution-flip)=
# ### Neither framework flips the kernel
#
# In mathematics and in signal processing, a convolution reverses the kernel before it multiplies. What both
# frameworks compute is called *cross-correlation* there. The next cells apply the kernel 1, 2, 3 to a signal with
# a single 1. They print the output for the kernel as it is, and for the kernel reversed. NumPy's
# `np.convolve` flips:

# %%
impulse = np.array([0, 0, 1, 0, 0], dtype=np.float32)
taps = np.array([1, 2, 3], dtype=np.float32)
print("np.convolve", np.convolve(impulse, taps, "valid"))

# %% convolution-flip-pt tags=["pytorch"]
signal = torch.tensor(impulse)[None, None]  # (1, 1, 5)
k = torch.tensor(taps)[None, None]  # (out, in, size)
y_pt = F.conv1d(signal, k)
turned = F.conv1d(signal, k.flip(2))
show(as_it_is=y_pt[0, 0],
     reversed=turned[0, 0], digits=0)

# %% convolution-flip-tf tags=["tensorflow"]
signal = tf.constant(impulse)[None, :, None]  # (1, 5, 1)
k = tf.constant(taps)[:, None, None]  # (size, in, out)
y_tf = tf.nn.conv1d(signal, k, 1, "VALID")
turned = tf.nn.conv1d(signal, k[::-1], 1, "VALID")
show(as_it_is=y_tf[0, :, 0],
     reversed=turned[0, :, 0], digits=0)

# %% convolution-flip
agree(last(y_pt), y_tf)

# %% [markdown]
# For weights that are learned, this makes no difference. If you copy a filter from a textbook, reverse it first.
#
# (convolution-dimensions)=
# ### 1, 2 or 3 axes: each output channel has in · size + 1 parameters
#
# The layers for signals, images and volumes differ only in the number of axes. The next cells run all three, with
# kernels of size 2, 2 × 2 and 2 × 2 × 2. They print the shape of the weight and the number of parameters. One of
# PyTorch's layers is lazy: it reads the number of input channels from its first input, as all Keras layers do.

# %%
inputs = [x[:, :, 0], x, x[:, None]]  # a signal, an image, a volume

# %% convolution-dimensions-pt tags=["pytorch"]
torch.manual_seed(0)
layers_pt = [nn.Conv1d(3, 4, 2), nn.LazyConv2d(4, 2),
             nn.Conv3d(1, 4, 2)]
found_pt = []
for layer, x_n in zip(layers_pt, inputs):
    x_pt = torch.tensor(x_n)
    layer(x_pt)
    found_pt.append(value_and_grad(layer, x_pt))
    n = sum(p.numel() for p in layer.parameters())
    print(type(layer).__name__, tuple(layer.weight.shape), n)

# %% convolution-dimensions-tf tags=["tensorflow"]
layers_tf = [keras.layers.Conv1D(4, 2),
             keras.layers.Conv2D(4, 2),
             keras.layers.Conv3D(4, 2)]
found_tf = []
for layer, source, x_n in zip(layers_tf, layers_pt, inputs):
    x_tf = tf.constant(np.moveaxis(x_n, 1, -1))
    layer.build(x_tf.shape)
    copy_weights(source, layer)
    found_tf.append(value_and_grad(layer, x_tf))
    n = layer.count_params()
    print(type(layer).__name__, layer.kernel.shape, n)

# %% convolution-dimensions
gradients_pt = [g for _, dx, (dw, db) in found_pt
                for g in (last(dx), dw.movedim((1, 0), (-2, -1)), db)]
gradients_tf = [g for _, dx, dws in found_tf for g in (dx, *dws)]
agree([last(y) for y, _, _ in found_pt], [y for y, _, _ in found_tf],
      atol=1e-5, gradients=(gradients_pt, gradients_tf))

# %% [markdown]
# The number of parameters is out · (in · size + 1), where size is the number of places in a kernel: here
# 4 · (3 · 2 + 1) = 28, 4 · (3 · 4 + 1) = 52 and 4 · (1 · 8 + 1) = 36. There is one bias for each output channel.
# The size of the image is not in this formula. [The initial weights differ](initial-weights) between the frameworks,
# as in all layers.
#
# (convolution-same)=
# ### `padding="same"`: if the number of zeros is odd, the odd zero is behind the input
#
# With `"same"` and stride 1, the output has the size of the input. For a kernel of size 4, three zeros are
# necessary. The next cells show where they are. They run two kernels at once: 1, 0, 0, 0 returns the first number
# of each window, and 0, 0, 0, 1 returns the last number. PyTorch also warns, once in a session: the cell catches it.

# %%
ends = np.float32([[[1, 0, 0, 0]], [[0, 0, 0, 1]]])  # (out, in, size)

# %% convolution-same-pt tags=["pytorch"]
row_pt = torch.arange(1.0, 7)[None, None]
with warnings.catch_warnings(record=True) as caught:
    y_pt = F.conv1d(row_pt, torch.tensor(ends),
                    padding="same")
for warning in caught:
    print(str(warning.message)[:52] + " …")
show(first=y_pt[0, 0], last=y_pt[0, 1], digits=0)

# %% convolution-same-tf tags=["tensorflow"]
row_tf = tf.range(1.0, 7)[None, :, None]
y_tf = tf.nn.conv1d(row_tf, ends.transpose(2, 1, 0), 1,
                    padding="SAME")
show(first=y_tf[0, :, 0], last=y_tf[0, :, 1], digits=0)

# %% convolution-same
agree(last(y_pt), y_tf)

# %% [markdown]
# The first window starts one place before the input, and the last window ends two places behind it. So there is
# one zero in front, and there are two zeros behind, in both frameworks.
#
# (convolution-same-stride)=
# ### PyTorch has no `"same"` with a stride: compute the zeros yourself
#
# With a stride $s$, Keras's `"same"` means an output of size $\lceil n / s \rceil$. The number of zeros is the
# smallest that is enough:
#
# $$\text{zeros} = \max\bigl(0,\; (\lceil n/s \rceil - 1)\, s + (k - 1)\, d + 1 - n\bigr)$$
#
# Here $n$ is the size of the input, $k$ of the kernel, and $d$ is the dilation, which is 1 in this section. Half
# of the zeros are in front, and an odd zero is behind. PyTorch raises an error for `"same"` with a stride. Add the
# zeros with a module of your own. It works for images of any size, and for kernels with equal height and width:

# %% pad-same-bridge
class PadSame(nn.Module):
    def __init__(self, size, stride=1, dilation=1):
        super().__init__()
        self.stride = stride
        self.reach = (size - 1) * dilation + 1

    def forward(self, x):
        pads = []
        for n in reversed(x.shape[2:]):  # F.pad starts with the last axis
            steps = -(-n // self.stride)  # rounded up
            zeros = max((steps - 1) * self.stride + self.reach - n, 0)
            pads += [zeros // 2, zeros - zeros // 2]
        return F.pad(x, pads)


even = x[:, :, :4, :6]  # an even height and an even width

# %% same-stride-pt tags=["pytorch"]
with show_error():
    nn.Conv2d(3, 4, 3, stride=2, padding="same")
net_pt = nn.Sequential(PadSame(3, stride=2),
                       nn.Conv2d(3, 4, 3, stride=2))
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(
    net_pt, torch.tensor(even))
print(tuple(y_pt.shape))

# %% same-stride-tf tags=["tensorflow"]
conv = keras.layers.Conv2D(4, 3, strides=2, padding="same")
conv.build((None, 4, 6, 3))
copy_weights(net_pt[1], conv)
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(
    conv, tf.constant(np.moveaxis(even, 1, -1)))
print(y_tf.shape)

# %% same-stride
agree(last(y_pt), y_tf, atol=1e-5, gradients=(
    [last(dx_pt), dw_pt.permute(2, 3, 1, 0), db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# (convolution-padding-one)=
# ### Size 3, stride 2: `padding=1` is the same as `"same"` only for images of odd size
#
# Many PyTorch networks have `nn.Conv2d(…, 3, stride=2, padding=1)`. Keras's `padding="same"` gives the same
# shapes. But if the size of the image is even, its windows are shifted by one place:

# %% same-windows tags=["hide-input"]
# alt: Four panels, each with a row of inputs as squares and three windows of three squares below it. Six inputs,
# padding 1: one zero in front, and the windows start at the zero, at input 2 and at input 4. Six inputs, same:
# one zero behind, and the windows start at inputs 1, 3 and 5. Five inputs: with padding 1 and with same, there is
# one zero at each end, and the windows are equal.
fig, axes = plt.subplots(2, 2, figsize=(5.2, 2.9), sharex=True)
for line, n in zip(axes, (6, 5)):
    same = n % 2  # zeros in front
    for ax, kind, (before, after) in zip(line, ("padding=1", '"same"'), ((1, 1), (same, 1))):
        for i in range(-before, n + after):
            inside = 0 <= i < n
            ax.add_patch(plt.Rectangle((i - 0.44, 0), 0.88, 0.88, linewidth=1, edgecolor=plots.INK,
                                       facecolor=plots.INK if inside else "none",
                                       alpha=0.35 if inside else 1))
            ax.text(i, 0.44, i + 1 if inside else 0, ha="center", va="center")
        for p in range(3):
            start = 2 * p - before
            ax.plot([start - 0.42, start + 2.42], [-0.35 - 0.4 * p] * 2, linewidth=4,
                    color=plots.PALETTE[p], solid_capstyle="butt")
        ax.set(xlim=(-1.7, 6.7), ylim=(-1.5, 1.1))
        ax.axis("off")
        plots.head(ax, f"{n} inputs, {kind}", fontsize=10.5)
plt.show()

# %% [markdown]
# The next cells run the kernel 1, 0, 0, which returns the first number of each window, on the rows 1 … 5 and 1 …
# 6, with the stride 2:

# %% padding-one-pt tags=["pytorch"]
first = torch.tensor([[[1.0, 0, 0]]])
y_pt = {}
for n in (5, 6):
    row = torch.arange(1.0, n + 1)[None, None]
    y_pt[n] = F.conv1d(row, first, stride=2, padding=1)
    show(y=y_pt[n][0, 0], digits=0)

# %% padding-one-tf tags=["tensorflow"]
first = tf.constant([1.0, 0, 0])[:, None, None]
y_tf = {}
for n in (5, 6):
    row = tf.range(1.0, n + 1)[None, :, None]
    y_tf[n] = tf.nn.conv1d(row, first, 2, "SAME")
    show(y=y_tf[n][0, :, 0], digits=0)

# %% padding-one
agree(last(y_pt[5]), y_tf[5])
print("equal for 6:", np.allclose(last(y_pt[6]), y_tf[6]))

# %% [markdown]
# So if you port such a network to Keras, pad with a layer of its own, and use a convolution without padding:

# %% padding-port-pt tags=["pytorch"]
conv_pt = nn.Conv2d(3, 4, 3, stride=2, padding=1)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(
    conv_pt, torch.tensor(even))
print(tuple(y_pt.shape))

# %% padding-port-tf tags=["tensorflow"]
conv_tf = keras.layers.Conv2D(4, 3, strides=2)
net_tf = keras.Sequential([
    keras.Input((4, 6, 3)),
    keras.layers.ZeroPadding2D(1),
    conv_tf,
])
copy_weights(conv_pt, conv_tf)
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(
    net_tf, tf.constant(np.moveaxis(even, 1, -1)))
print(y_tf.shape)

# %% padding-port
agree(last(y_pt), y_tf, atol=1e-5, gradients=(
    [last(dx_pt), dw_pt.permute(2, 3, 1, 0), db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# (convolution-channels-first)=
# ### Keras's `data_format="channels_first"` may raise an error on a CPU
#
# Keras's convolutions accept inputs with the channels first, if you pass `data_format`. On a CPU, TensorFlow's
# plain convolution computes this layout only with Intel's library oneDNN, which this book switches off. Then the
# plain convolution raises an error, and the grouped and the depthwise convolution do not. PyTorch has no such
# argument. Its layers always have the channels first:

# %% channels-first-pt tags=["pytorch"]
print(tuple(nn.Conv2d(3, 6, 2)(torch.tensor(x)).shape))
with show_error():
    nn.Conv2d(3, 6, 2)(torch.tensor(x_last))

# %% channels-first-tf tags=["tensorflow"]
first = {"data_format": "channels_first"}
with show_error():
    keras.layers.Conv2D(6, 2, **first)(x)
y = keras.layers.Conv2D(6, 2, groups=3, **first)(x)
z = keras.layers.DepthwiseConv2D(2, **first)(x)
print(y.shape, z.shape)

# %% [markdown]
# In Keras, keep the channels last, and move the axis of your data once.

# %% [markdown]
# (dilated-convolution)=
# ## Dilated convolution
#
# <!-- head: dilated_convolution -->
#
# A dilated convolution leaves gaps between the numbers that its weights read. So the window is larger, and the
# number of weights is the same. Choose it if an output must depend on a large part of the input, and if strides or
# pooling would lose too much detail: in segmentation {footcite:p}`yu2016multi` and in audio.
#
# $$y_{b,o,i,j} = \beta_o + \sum_{c}\sum_{u}\sum_{v} W_{o,c,u,v}\; x_{b,\;c,\;s i+d u,\;s j+d v}$$
#
# Here $d$ is the dilation: $d = 1$ is the plain convolution. The other symbols are those of the plain
# convolution. A window of $k$ weights reaches over $(k - 1)\, d + 1$ numbers, and an axis has $\lfloor (n - (k -
# 1)\, d - 1) / s \rfloor + 1$ positions. Each panel shows which inputs the 9 weights of a 3 × 3 kernel read:

# %% dilations tags=["hide-input"]
# alt: Three grids of 7 by 7 squares. With dilation 1, the 9 filled squares are the 3 by 3 in the middle. With
# dilation 2, they are every second square of the 5 by 5 in the middle. With dilation 3, they are every third
# square of the whole 7 by 7 grid.
fig, axes = plt.subplots(1, 3, figsize=(5.2, 2.1))
for ax, d in zip(axes, (1, 2, 3)):
    read = np.full((7, 7), np.nan)
    read[3 - d:4 + d:d, 3 - d:4 + d:d] = 1
    ax.pcolormesh(np.zeros((7, 7)), cmap=LinearSegmentedColormap.from_list("", ["none"] * 2),
                  edgecolors=plots.INK, linewidth=0.5)
    ax.pcolormesh(np.ma.masked_invalid(read), cmap=LinearSegmentedColormap.from_list(
        "", [plots.PALETTE[d - 1]] * 2))
    ax.set(aspect="equal")
    ax.axis("off")
    plots.head(ax, f"d = {d}: {2 * d + 1} × {2 * d + 1}", fontsize=10.5)
plt.show()

# %% [markdown]
# Keras calls the dilation `dilation_rate`. The old name *atrous* is still in `tf.nn.atrous_conv2d`, which has no
# bias. `same` is the output of the functions without a bias:

# %% dilated-pt tags=["pytorch"]
torch.manual_seed(0)
conv_pt = nn.Conv2d(3, 4, 2, dilation=2)
x_pt = torch.tensor(x)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(conv_pt, x_pt)
same_pt = F.conv2d(x_pt, conv_pt.weight, dilation=2)
print(tuple(y_pt.shape))
show(y=y_pt[0, 2, 0])

# %% dilated-tf tags=["tensorflow"]
conv_tf = keras.layers.Conv2D(4, 2, dilation_rate=2)
conv_tf.build((None, 5, 7, 3))
copy_weights(conv_pt, conv_tf)
x_tf = tf.constant(x_last)
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(conv_tf, x_tf)
same_tf = tf.nn.atrous_conv2d(x_tf, conv_tf.kernel, 2, "VALID")
print(y_tf.shape)
show(y=y_tf[0, 0, :, 2])

# %% dilated
agree([last(y_pt), last(same_pt)], [y_tf, same_tf], atol=1e-5, gradients=(
    [last(dx_pt), dw_pt.permute(2, 3, 1, 0), db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# (dilated-stride)=
# ### Keras's `Conv2D` raises an error for a stride with a dilation, `DepthwiseConv2D` does not
#
# PyTorch accepts both at once. In Keras, compute the dilated convolution with the stride 1, and keep every second
# row and column:

# %% dilated-stride-pt tags=["pytorch"]
strided_pt = nn.Conv2d(3, 4, 2, stride=2, dilation=2)
strided_pt.load_state_dict(conv_pt.state_dict())
y_pt, dx_pt, (dw_pt, _) = value_and_grad(strided_pt, x_pt)
print(tuple(y_pt.shape))

# %% dilated-stride-tf tags=["tensorflow"]
both = {"strides": 2, "dilation_rate": 2}
with show_error():
    keras.layers.Conv2D(4, 2, **both)
print(keras.layers.DepthwiseConv2D(2, **both)(x_tf).shape)

with tf.GradientTape() as tape:
    tape.watch(x_tf)
    y_tf = conv_tf(x_tf)[:, ::2, ::2]
dx_tf, dw_tf = tape.gradient(
    y_tf, [x_tf, conv_tf.kernel.value])
print(y_tf.shape)

# %% dilated-stride
agree(last(y_pt), y_tf, atol=1e-5,
      gradients=([last(dx_pt), dw_pt.permute(2, 3, 1, 0)], [dx_tf, dw_tf]))

# %% [markdown]
# Keras computes 3 · 5 outputs for each channel here, and 2 · 3 of them are kept.
#
# (dilated-reach)=
# ### Dilations 1, 2, 4, 8 read 31 inputs, and a dilation of 2 in each layer skips every second input
#
# The *receptive field* of an output is the part of the input that it depends on. You can measure it: compute the
# gradient of one output with respect to all inputs. Inputs with the gradient 0 are not read.
#
# The next cells stack 1, 2, 3 and 4 convolutions with kernels of size 3. Each line has the dilations of the layers,
# and two numbers for each stack: how wide the receptive field is, and how many inputs in it are read.

# %%
stacks = {"1 1 1 1": (1, 1, 1, 1), "2 2 2 2": (2, 2, 2, 2), "1 2 4 8": (1, 2, 4, 8)}

# %% reach-pt tags=["pytorch"]
def reach_pt(dilations):
    x = torch.ones(1, 1, 63, requires_grad=True)
    y = x
    for d in dilations:
        y = F.conv1d(y, torch.ones(1, 1, 3), dilation=d)
    middle = y[0, 0, y.shape[2] // 2]
    (dx,) = torch.autograd.grad(middle, x)
    read = dx[0, 0].nonzero()[:, 0]
    return f"{read[-1] - read[0] + 1}/{len(read)}"


for name, d in stacks.items():
    print(name, "|", *[reach_pt(d[:n]) for n in (1, 2, 3, 4)])

# %% reach-tf tags=["tensorflow"]
def reach_tf(dilations):
    x = y = tf.ones((1, 63, 1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        for d in dilations:
            y = tf.nn.convolution(
                y, tf.ones((3, 1, 1)), dilations=d)
        middle = y[0, y.shape[1] // 2, 0]
    read = tf.where(tape.gradient(middle, x)[0, :, 0])[:, 0]
    return f"{read[-1] - read[0] + 1}/{len(read)}"


for name, d in stacks.items():
    print(name, "|", *[reach_tf(d[:n]) for n in (1, 2, 3, 4)])

# %% reach
print("equal:", all(reach_pt(d) == reach_tf(d) for d in stacks.values()))

# %% [markdown]
# With kernels of size 3, each layer adds 2 · dilation to the width. Four layers without dilation reach 9 inputs.
# Four layers with the dilation 2 reach over 17 inputs, but read only 9 of them: every second input is skipped. If
# the dilation doubles from layer to layer, four layers read all of 31 inputs.

# %% receptive-fields tags=["hide-input"]
# alt: Two panels. Each shows five rows of dots, the input below and four layers above, and lines from the single
# output at the top down to all inputs that it reads. With dilations 1, 1, 1, 1 the lines reach 9 inputs in the
# middle. With dilations 1, 2, 4, 8 the lines spread over 31 inputs, and each input is reached by one path.
fig, axes = plt.subplots(2, 1, figsize=(5.2, 3.4), sharex=True)
for ax, (dilations, n, colour) in zip(axes, (((1, 1, 1, 1), 9, plots.TENSORFLOW),
                                             ((1, 2, 4, 8), 31, plots.PYTORCH))):
    here = {0}
    for level in (4, 3, 2, 1):
        d = dilations[level - 1]
        below = set()
        for i in here:
            for j in (i - d, i, i + d):
                ax.plot([i, j], [level, level - 1], color=colour, linewidth=0.8)
                below.add(j)
        here = below
    for level in range(5):
        ax.plot(range(-16, 17), [level] * 33, "o", color=plots.SIBLING, markersize=2, zorder=0)
    ax.plot(sorted(here), [0] * len(here), "o", color=colour, markersize=4)
    ax.set(yticks=[0, 4], yticklabels=["input", "output"], xticks=[])
    ax.spines[["left", "bottom"]].set_visible(False)
    plots.head(ax, f"Dilations {', '.join(map(str, dilations))}: {n} inputs", fontsize=10.5)
plt.show()

# %% [markdown]
# (dilated-causal)=
# ### Causal convolutions: an argument in Keras, padding in front in PyTorch
#
# In a *causal* convolution of a sequence, an output depends only on inputs of the same time and before. Keras's
# `Conv1D` has `padding="causal"`. In PyTorch, put $(k - 1)\, d$ zeros in front of the sequence. The cells change
# the inputs at the times 5 and 6, and print for each time whether the output is the same as before:

# %% causal-pt tags=["pytorch"]
steps_pt = torch.tensor(x[:, :, 0])  # (2, 3, 7)
net_pt = nn.Sequential(nn.ZeroPad1d((4, 0)),
                       nn.Conv1d(3, 4, 3, dilation=2))
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(net_pt, steps_pt)
future = steps_pt.clone()
future[:, :, 5:] = 9
same = torch.isclose(net_pt(future), y_pt).all(1)
print(same[0].numpy())

# %% causal-tf tags=["tensorflow"]
steps_tf = tf.constant(x_last[:, 0])  # (2, 7, 3)
conv_tf = keras.layers.Conv1D(
    4, 3, dilation_rate=2, padding="causal")
conv_tf.build((None, 7, 3))
copy_weights(net_pt[1], conv_tf)
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(conv_tf, steps_tf)
future = tf.concat(
    [steps_tf[:, :5], tf.fill((2, 2, 3), 9.0)], 1)
same = np.isclose(conv_tf(future), y_tf).all(-1)
print(same[0])
try:
    keras.layers.Conv2D(4, 3, padding="causal")
except ValueError as error:
    print("Conv2D:", type(error).__name__)

# %% causal
agree(last(y_pt), y_tf, atol=1e-5, gradients=(
    [last(dx_pt), dw_pt.permute(2, 1, 0), db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# The outputs up to time 4 are the same. Keras has the argument only in `Conv1D`: `Conv2D` raises a `ValueError`.

# %% [markdown]
# (grouped-convolution)=
# ## Grouped convolution
#
# <!-- head: grouped_convolution -->
#
# A grouped convolution divides the input channels into groups of neighbours. Each output channel reads only the
# channels of its group. So there are fewer weights and fewer multiplications. AlexNet divided its channels between
# two graphics cards in this way {footcite:p}`krizhevsky2012imagenet`. Choose it to make a large convolution cheaper.
#
# $$y_{b,o,i,j} = \beta_o + \sum_{c \in G(o)}\sum_{u}\sum_{v} W_{o,\;c - \min G(o),\;u,v}\; x_{b,\;c,\;i+u,\;j+v}$$
#
# Here $G(o)$ are the input channels of the group to which the output channel $o$ belongs. The second axis of $W$
# has only in / groups channels. The other symbols are those of the plain convolution. The number of groups must
# divide both numbers of channels.

# %%
x4 = rng.normal(size=(2, 4, 5, 7)).astype(np.float32)  # 4 channels

# %% grouped-pt tags=["pytorch"]
torch.manual_seed(0)
conv_pt = nn.Conv2d(4, 6, 3, groups=2)
x_pt = torch.tensor(x4)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(conv_pt, x_pt)
n = sum(p.numel() for p in conv_pt.parameters())
print(tuple(conv_pt.weight.shape), n)
show(y=y_pt[0, 5, 0])

# %% grouped-tf tags=["tensorflow"]
conv_tf = keras.layers.Conv2D(6, 3, groups=2)
conv_tf.build((None, 5, 7, 4))
copy_weights(conv_pt, conv_tf)
x_tf = tf.constant(np.moveaxis(x4, 1, -1))
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(conv_tf, x_tf)
print(conv_tf.kernel.shape, conv_tf.count_params())
show(y=y_tf[0, 0, :, 5])

# %% grouped
agree(last(y_pt), y_tf, atol=1e-5, gradients=(
    [last(dx_pt), dw_pt.permute(2, 3, 1, 0), db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# The weights are transposed as those of a plain convolution. The number of parameters is out · (in / groups · size
# + 1), here 6 · (4 / 2 · 9 + 1) = 114.
#
# (grouped-own-kernels)=
# ### Groups do not share kernels: a grouped convolution is several small convolutions side by side
#
# It is a common mistake that the groups use the same kernels. The next cells split the channels and the kernels
# into two groups, and put the outputs of the two convolutions side by side. Then they set the kernels of the
# first group to 0, and print the largest output of each channel (without the bias):

# %% grouped-split-pt tags=["pytorch"]
w, b = conv_pt.weight.detach(), conv_pt.bias.detach()
parts = [F.conv2d(x_pt[:, :2], w[:3]),
         F.conv2d(x_pt[:, 2:], w[3:])]
split_pt = torch.cat(parts, 1) + b[:, None, None]

w0 = torch.cat([torch.zeros_like(w[:3]), w[3:]])
y = F.conv2d(x_pt, w0, groups=2)
show(largest=y.amax((0, 2, 3)), digits=1)

# %% grouped-split-tf tags=["tensorflow"]
w, b = conv_tf.kernel.value, conv_tf.bias.value
parts = [
    tf.nn.conv2d(x_tf[..., :2], w[..., :3], 1, "VALID"),
    tf.nn.conv2d(x_tf[..., 2:], w[..., 3:], 1, "VALID")]
split_tf = tf.concat(parts, -1) + b

w0 = tf.concat([tf.zeros_like(w[..., :3]), w[..., 3:]], -1)
y = tf.nn.conv2d(x_tf, w0, 1, "VALID")  # groups by shape
show(largest=tf.reduce_max(y, (0, 1, 2)), digits=1)

# %% grouped-split
agree([last(split_pt), last(y_pt)], [y_tf, split_tf], atol=1e-5)

# %% [markdown]
# The outputs of the first group are 0, and those of the second group are not. `tf.nn.conv2d` has no argument for
# the groups. It divides the channels of the input by those of the kernel.
#
# (grouped-retracing)=
# ### On a CPU, Keras compiles a grouped convolution at each call outside a `tf.function`
#
# On a CPU, Keras computes a grouped convolution with the compiler XLA. Outside a `tf.function` it compiles anew at
# each call, which is slow. After five calls TensorFlow warns about this *retracing*, at most twice in a session. The
# next cell collects the warnings of eight calls: of the layer itself, inside a `tf.function`, and inside `predict`,
# which uses a `tf.function`:

# %% grouped-retracing-tf
said = []


def note(record):
    said.append(record.getMessage())
    return False  # do not print it


net = keras.Sequential([keras.Input((5, 7, 4)), conv_tf])
calls = {"layer": conv_tf, "tf.function": tf.function(conv_tf),
         "predict": lambda x: net.predict(x, verbose=0)}
tf.get_logger().addFilter(note)
for name, call in calls.items():
    said.clear()
    for _ in range(8):
        call(x_tf)
    warned = any("retracing" in text for text in said)
    print(f"{name:12} warned of retracing:", warned)
tf.get_logger().removeFilter(note)

# %% [markdown]
# (depthwise-convolution)=
# ## Depthwise convolution
#
# <!-- head: depthwise_convolution -->
#
# A depthwise convolution has a group for each input channel. Each channel has its own kernels, and no output reads
# two channels. Choose it as the first half of a separable convolution, or to filter each channel by itself.
#
# $$y_{b,\;cM+m,\;i,j} = \beta_{cM+m} + \sum_{u}\sum_{v} K_{u,v,c,m}\; x_{b,\;c,\;i+u,\;j+v}$$
#
# Here $M$ is the number of kernels of each channel, which Keras calls `depth_multiplier`, and $m$ is the number of
# a kernel, from 0 to $M - 1$. $K$ is Keras's `kernel` of shape (height, width, channels, $M$). PyTorch has no class
# for this. Use `groups`, and $M$ times as many output channels as input channels:

# %% depthwise-pt tags=["pytorch"]
torch.manual_seed(0)
conv_pt = nn.Conv2d(3, 6, 2, groups=3)
x_pt = torch.tensor(x)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(conv_pt, x_pt)
same_pt = F.conv2d(x_pt, conv_pt.weight, groups=3)
n = sum(p.numel() for p in conv_pt.parameters())
print(tuple(conv_pt.weight.shape), n)
show(y=y_pt[0, 5, 0])

# %% depthwise-tf tags=["tensorflow"]
conv_tf = keras.layers.DepthwiseConv2D(2, depth_multiplier=2)
conv_tf.build((None, 5, 7, 3))
copy_weights(conv_pt, conv_tf)
x_tf = tf.constant(x_last)
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(conv_tf, x_tf)
same_tf = tf.nn.depthwise_conv2d(
    x_tf, conv_tf.kernel, (1, 1, 1, 1), "VALID")
print(conv_tf.kernel.shape, conv_tf.count_params())
show(y=y_tf[0, 0, :, 5])

# %% depthwise
turned = tf.reshape(tf.transpose(dw_tf, (2, 3, 0, 1)), (6, 1, 2, 2))
agree([last(y_pt), last(same_pt)], [y_tf, same_tf], atol=1e-5,
      gradients=([last(dx_pt), dw_pt, db_pt], [dx_tf, turned, db_tf]))

# %% [markdown]
# The number of parameters is channels · $M$ · (size + 1), here 3 · 2 · (4 + 1) = 30. `DepthwiseConv1D` is the same
# for signals.
#
# (depthwise-order)=
# ### Output channel $cM + m$ reads channel $c$: with the wrong transpose, shapes are right and outputs wrong
#
# The $M$ outputs of a channel are neighbours. So when you copy Keras's kernel, the channel must come before the
# multiplier, and then both are joined into one axis. The next cell also tries the opposite order, which gives the
# same shape:

# %% depthwise-order
k = conv_tf.kernel.numpy()  # (height, width, channels, multiplier)
orders = {"channel first": (2, 3, 0, 1), "multiplier first": (3, 2, 0, 1)}
for name, order in orders.items():
    w = torch.tensor(k.transpose(order).reshape(6, 1, 2, 2))
    y = F.conv2d(x_pt, w, conv_pt.bias, groups=3)
    equal = np.allclose(last(y).detach(), y_tf, atol=1e-5)
    print(f"{name:17}", tuple(y.shape), equal)

# %% [markdown]
# (depthwise-strides)=
# ### TensorFlow's depthwise convolution needs equal strides for height and width
#
# PyTorch accepts any strides. In TensorFlow, the CPU raises an error for unequal strides. Use the stride 1, and
# keep every second column. The convolutions in the next cells have a kernel for each channel:

# %% depthwise-strides-pt tags=["pytorch"]
torch.manual_seed(0)
conv_pt = nn.Conv2d(3, 3, 2, stride=(1, 2), groups=3)
y_pt = conv_pt(x_pt)
print(tuple(y_pt.shape))

# %% depthwise-strides-tf tags=["tensorflow"]
with show_error():
    keras.layers.DepthwiseConv2D(2, strides=(1, 2))(x_tf)
conv_tf = keras.layers.DepthwiseConv2D(2)
conv_tf.build((None, 5, 7, 3))
copy_weights(conv_pt, conv_tf)
y_tf = conv_tf(x_tf)[:, :, ::2]
print(y_tf.shape)

# %% depthwise-strides
agree(last(y_pt), y_tf, atol=1e-5)

# %% [markdown]
# (separable-convolution)=
# ## Separable convolution
#
# <!-- head: separable_convolution -->
#
# A separable convolution has two steps: a depthwise convolution, and then a 1 × 1 convolution, which mixes the
# channels. It needs far fewer weights than a plain convolution of the same shape. Choose it for networks that must
# be small or fast, such as Xception {footcite:p}`chollet2017xception` and MobileNet
# {footcite:p}`howard2017mobilenets`.
#
# $$y_{b,o,i,j} = \beta_o + \sum_{c}\sum_{m} P_{cM+m,\;o} \sum_{u}\sum_{v} D_{u,v,c,m}\; x_{b,\;c,\;i+u,\;j+v}$$
#
# Here $D$ is the kernel of the depthwise step, as in the section before, and $P$ has the weights of the 1 × 1 step.
# In Keras, they are `depthwise_kernel` and `pointwise_kernel`. The layer has a single bias, at the end. PyTorch has
# no such layer. Write a module:

# %% separable-bridge
class Separable(nn.Module):
    def __init__(self, n_in, n_out, size, multiplier=1):
        super().__init__()
        n = n_in * multiplier
        self.depthwise = nn.Conv2d(n_in, n, size, groups=n_in, bias=False)
        self.pointwise = nn.Conv2d(n, n_out, 1)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))

# %% separable-pt tags=["pytorch"]
torch.manual_seed(0)
net_pt = Separable(3, 4, 2, multiplier=2)
d, p, b = (w.detach() for w in net_pt.parameters())
x_pt = torch.tensor(x)
y_pt, dx_pt, (dd_pt, dp_pt, db_pt) = value_and_grad(
    net_pt, x_pt)
same_pt = F.conv2d(F.conv2d(x_pt, d, groups=3), p)
print(tuple(d.shape), tuple(p.shape), tuple(b.shape))
show(y=y_pt[0, 2, 0])

# %% separable-tf tags=["tensorflow"]
layer = keras.layers.SeparableConv2D(4, 2, depth_multiplier=2)
layer.build((None, 5, 7, 3))
d, p, b = (w.detach().numpy() for w in net_pt.parameters())
d = d.reshape(3, 2, 2, 2).transpose(2, 3, 0, 1)
p = p.transpose(2, 3, 1, 0)
layer.set_weights([d, p, b])
x_tf = tf.constant(x_last)
y_tf, dx_tf, (dd_tf, dp_tf, db_tf) = value_and_grad(
    layer, x_tf)
same_tf = tf.nn.separable_conv2d(
    x_tf, d, p, (1, 1, 1, 1), "VALID")
print(d.shape, p.shape, b.shape)
show(y=y_tf[0, 0, :, 2])

# %% separable
dd_pt = dd_pt.reshape(3, 2, 2, 2).permute(2, 3, 0, 1)
dp_pt = dp_pt.permute(2, 3, 1, 0)
agree([last(y_pt), last(same_pt)], [y_tf, same_tf], atol=1e-5, gradients=(
    [last(dx_pt), dd_pt, dp_pt, db_pt], [dx_tf, dd_tf, dp_tf, db_tf]))

# %% [markdown]
# A bias between the two steps would add nothing new: after the 1 × 1 step it is a constant for each output channel,
# as the bias at the end. If you build the layer from two layers, pass `bias=False` or `use_bias=False` to the first
# one. Otherwise the parameter counts differ, as the next section shows.
#
# (separable-parameters)=
# ### From 64 to 128 channels, a separable 3 × 3 convolution has 8 times fewer parameters
#
# The next cells count the parameters of a plain and of a separable convolution, and of two separate layers, where
# the depthwise layer has a bias, too:

# %% separable-parameters-pt tags=["pytorch"]
nets = {
    "plain": nn.Conv2d(64, 128, 3),
    "separable": Separable(64, 128, 3),
    "two layers": nn.Sequential(
        nn.Conv2d(64, 64, 3, groups=64),
        nn.Conv2d(64, 128, 1)),
}
for name, net in nets.items():
    n = sum(w.numel() for w in net.parameters())
    print(f"{name:10} {n:6}")

# %% separable-parameters-tf tags=["tensorflow"]
nets = {
    "plain": keras.layers.Conv2D(128, 3),
    "separable": keras.layers.SeparableConv2D(128, 3),
    "two layers": keras.Sequential([
        keras.layers.DepthwiseConv2D(3),
        keras.layers.Conv2D(128, 1)]),
}
for name, net in nets.items():
    net.build((None, 9, 9, 64))
    print(f"{name:10} {net.count_params():6}")

# %% [markdown]
# The formulas are 128 · (64 · 9 + 1) = 73,856 and 64 · 9 + 128 · (64 + 1) = 8,896. The two layers have 64 biases
# more.
#
# (separable-product)=
# ### A separable convolution is a plain convolution whose kernel is a product
#
# The two steps are linear, so you can multiply their weights, and get the kernel of one plain convolution: $W_{o,c}
# = \sum_m P_{cM+m,\,o}\, D_{c,m}$. The next cells compute this kernel, and compare the output of a plain
# convolution with that of the separable layer. For each input channel, the kernel has a matrix of 4 output channels
# and 4 places. The cells also print the ranks of these 3 matrices:

# %% separable-product-pt tags=["pytorch"]
d, p, b = (w.detach() for w in net_pt.parameters())
full = torch.einsum("ocm,cmhw->ochw", p.reshape(4, 3, 2),
                    d.reshape(3, 2, 2, 2))
plain_pt = F.conv2d(x_pt, full, b)
matrices = full.transpose(0, 1).flatten(2)  # (in, out, place)
print(*torch.linalg.matrix_rank(matrices, rtol=1e-4).numpy())

# %% separable-product-tf tags=["tensorflow"]
d, p, b = (w.value for w in layer.weights)
full = tf.einsum("hwcm,cmo->hwco", d,
                 tf.reshape(p, (3, 2, 4)))
plain_tf = tf.nn.conv2d(x_tf, full, 1, "VALID") + b
matrices = tf.reshape(full, (4, 3, 4))  # (place, in, out)
matrices = tf.transpose(matrices, (1, 2, 0))
print(*tf.linalg.matrix_rank(matrices, tol=1e-4).numpy())

# %% separable-product
agree([last(plain_pt), last(y_pt)], [y_tf, plain_tf], atol=1e-5)

# %% [markdown]
# The rank is $M$ = 2, and the kernel of a plain convolution can have the rank 4. So a separable convolution is a
# plain convolution with less freedom: the output channels combine the same 2 patterns of an input channel.
#
# ## Which one to choose
#
# | you have | in PyTorch | in Keras | what to watch |
# | --- | --- | --- | --- |
# | signals, images, volumes | `nn.Conv1d`, `nn.Conv2d`, `nn.Conv3d` | `Conv1D`, `Conv2D`, `Conv3D` | the layout; `padding="same"` with a stride |
# | a need for a large receptive field | `dilation=` | `dilation_rate=` | dilations that double read all inputs; no stride in Keras |
# | a sequence without a look at the future | zeros in front | `padding="causal"` | $(k - 1)\, d$ zeros |
# | many channels | `groups=` | `groups=` | in Keras on a CPU, inside a `tf.function` |
# | a filter for each channel | `groups=` the number of channels | `DepthwiseConv1D`, `DepthwiseConv2D` | the order of the output channels |
# | a network that must be small | write `Separable` | `SeparableConv1D`, `SeparableConv2D` | one bias, at the end |
#
# ## Exercises
#
# Write convolutions with loops and with patches, their gradients, and the zeros of `"same"`:
# [exercises on convolution](../../exercises/layers/convolution.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
