# %% [markdown]
# # Transposed convolutions
#
# A transposed convolution makes an image larger, with weights that are learned. It multiplies a small kernel by each
# input number, and adds the result to the output. With a stride of 2, the output is about twice as high and wide.
#
# **The claim:** with the same weights and without padding, both frameworks compute the same numbers and gradients. The
# arguments for the size differ. PyTorch's usual `kernel_size=3, stride=2, padding=1, output_padding=1` and Keras's
# `kernel_size=3, strides=2, padding="same"` have equal shapes, and their outputs are shifted by one pixel.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, copy_weights, plots, show, show_error, value_and_grad

plots.use_style()
rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 5, 7)).astype(np.float32)  # (batch, channels, height, width)
x_last = np.moveaxis(x, 1, -1)  # (batch, height, width, channels)


def last(t):
    """A PyTorch tensor with its channels on the last axis."""
    return t.movedim(1, -1)


def kernel_of(weight):
    """Keras's kernel (…, out, in) from PyTorch's (in, out, …), or a gradient alike."""
    return weight.movedim((0, 1), (-1, -2))


# %% [markdown]
# All sizes of `x` are different, so that a wrong axis causes an error. The PyTorch cells use `x`, and the
# TensorFlow cells use `x_last`.
#
# The figure shows how the output of a signal is made. Each input is multiplied by the three weights 1, 2, 1. This
# book calls the result a *stamp*. With the stride 2, a stamp begins two places behind the one before. Where stamps
# overlap, their numbers are added.

# %% stamps tags=["hide-input"]
# alt: Four rows of squares. The first three rows are the stamps of the inputs 1, 3 and 2: the numbers 1, 2, 1 at the
# places 0 to 2, the numbers 3, 6, 3 at the places 2 to 4, and the numbers 2, 4, 2 at the places 4 to 6. The last row is
# the output, the sum of each column: 1, 2, 4, 6, 5, 4, 2.
signal, taps = [1, 3, 2], [1, 2, 1]
total = np.zeros(7, int)
fig, ax = plt.subplots(figsize=(5.2, 2.5))
for p, number in enumerate(signal):
    for t, tap in enumerate(taps):
        place = (2 * p + t, -p)
        total[2 * p + t] += number * tap
        ax.add_patch(plt.Rectangle(place, 0.9, 0.85, color=plots.PALETTE[p], alpha=0.35))
        ax.text(place[0] + 0.45, -p + 0.42, number * tap, ha="center", va="center")
    ax.text(-0.3, -p + 0.42, f"input {number}", ha="right", va="center")
for i, number in enumerate(total):
    ax.add_patch(plt.Rectangle((i, -3.3), 0.9, 0.85, fill=False, edgecolor=plots.INK))
    ax.text(i + 0.45, -2.88, number, ha="center", va="center")
ax.text(-0.3, -2.88, "output", ha="right", va="center")
ax.set(xlim=(-1.7, 7.1), ylim=(-3.4, 1))
ax.axis("off")
plots.head(ax, "Stamps of neighbours share one place, and are added there", fontsize=10.5)
plt.show()

# %% [markdown]
# (transposed-convolution)=
# ## Transposed convolution
#
# <!-- head: transposed_convolution -->
#
# Choose a transposed convolution if an image must become larger, and if the network must learn how: in the decoder of
# an autoencoder, in a U-Net {footcite:p}`ronneberger2015unet`, or in a generator of images. It is also called a
# *deconvolution*, but [it does not undo a convolution](transposed-matrix).
#
# $$y_{b,o,i,j} = \beta_o + \sum_{c}\; \sum_{s p + u = i}\; \sum_{s q + v = j} W_{c,o,u,v}\; x_{b,c,p,q}$$
#
# Here $b$ is the example, $c$ the input channel and $o$ the output channel. $p, q$ is the position of an input, and
# $i, j$ that of an output. $u, v$ is the place inside the kernel, $s$ the stride, and $\beta$ the bias. The inner
# sums go over all inputs and weights that meet at the output $i, j$. $W$ is PyTorch's `weight` of the shape (in, out,
# height, width). Keras's `kernel` has the shape (height, width, out, in).
#
# The next cells copy the same weights into both layers. `same` is the output of the function without a layer. They
# print the shapes of the output and of the weight's gradient, then a row of one output channel, and the gradient of the
# bias. `tf.nn.conv2d_transpose` needs the shape of the output as an argument.

# %%
weight = rng.normal(size=(3, 4, 2, 3)).astype(np.float32)  # (in, out, height, width)
bias = rng.normal(size=4).astype(np.float32)  # (out,)

# %% transposed-by-hand-pt tags=["pytorch"]
conv = nn.ConvTranspose2d(3, 4, (2, 3), stride=2)
with torch.no_grad():
    conv.weight.copy_(torch.tensor(weight))
    conv.bias.copy_(torch.tensor(bias))

x_pt = torch.tensor(x, requires_grad=True)
y_pt = conv(x_pt)
same_pt = F.conv_transpose2d(
    x_pt, conv.weight, conv.bias, stride=2)
dx_pt, dw_pt, db_pt = torch.autograd.grad(
    y_pt.sum(), [x_pt, conv.weight, conv.bias])
print(tuple(y_pt.shape), tuple(dw_pt.shape))
show(y=y_pt[0, 2, 0, :6], db=db_pt)

# %% transposed-by-hand-tf tags=["tensorflow"]
conv = keras.layers.Conv2DTranspose(4, (2, 3), strides=2)
conv.build((None, 5, 7, 3))
conv.kernel.assign(weight.transpose(2, 3, 1, 0))
conv.bias.assign(bias)
x_tf = tf.Variable(x_last)
with tf.GradientTape() as tape:
    y_tf = conv(x_tf)
same_tf = (tf.nn.conv2d_transpose(
    x_tf, conv.kernel, (2, 10, 15, 4), 2, "VALID")
           + conv.bias)
dx_tf, dw_tf, db_tf = tape.gradient(
    y_tf, [x_tf, conv.kernel, conv.bias])
print(y_tf.shape, dw_tf.shape)
show(y=y_tf[0, 0, :6, 2], db=db_tf)

# %% transposed-by-hand
agree([last(y_pt), last(same_pt)], [y_tf, same_tf], atol=1e-5, gradients=(
    [last(dx_pt), kernel_of(dw_pt), db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# An axis of 5 numbers and a kernel of size 2 give $(5 - 1) \cdot 2 + 2 = 10$ numbers, and an axis of 7 numbers and a
# kernel of size 3 give $(7 - 1) \cdot 2 + 3 = 15$.
#
# The next sections use two functions of this book. `copy_weights(source, target)` copies and transposes the
# weights of a layer. `value_and_grad` returns the output, the gradient of the input, and those of the weights.
#
# (transposed-axes)=
# ### The kernel's axes of input and output are exchanged, compared with a convolution, in both frameworks
#
# A plain convolution keeps its kernel as (out, in, …) in PyTorch and (…, in, out) in Keras. The next cells print the
# shapes for 3 input channels and 4 output channels:

# %% transposed-axes-pt tags=["pytorch"]
for layer in (nn.Conv2d(3, 4, (2, 5)),
              nn.ConvTranspose2d(3, 4, (2, 5))):
    name = type(layer).__name__
    print(f"{name:15}", tuple(layer.weight.shape))

# %% transposed-axes-tf tags=["tensorflow"]
for layer in (keras.layers.Conv2D(4, (2, 5)),
              keras.layers.Conv2DTranspose(4, (2, 5))):
    layer.build((None, 5, 7, 3))
    name = type(layer).__name__
    print(f"{name:15}", layer.kernel.shape)

# %% [markdown]
# Both frameworks exchange the two axes. So the same transpose, `(2, 3, 1, 0)`, turns PyTorch's weights into Keras's,
# for a convolution and for a transposed convolution. If the numbers of input and output channels are equal, a wrong
# transpose raises no error. The next cell tries two transposes for a layer with 3 input and 3 output channels:

# %% transposed-axes-exchanged
square = nn.ConvTranspose2d(3, 3, 2, stride=2)
w = square.weight.detach().numpy()
keras_layer = keras.layers.Conv2DTranspose(3, 2, strides=2)
keras_layer.build(x_last.shape)
for order in ((2, 3, 1, 0), (2, 3, 0, 1)):
    keras_layer.set_weights([w.transpose(order), square.bias.detach()])
    equal = np.allclose(last(square(torch.tensor(x))).detach(), keras_layer(x_last), atol=1e-5)
    print(order, "outputs are equal:", equal)

# %% [markdown]
# (transposed-dimensions)=
# ### 1, 2 or 3 axes: one bias for each output channel, and in · out · size weights
#
# The layers for signals, images and volumes differ only in the number of axes. The next cells run all three, with
# kernels of size 2, 2 × 2 and 2 × 2 × 2, and the stride 2. They print the shape of the weight and the number of
# parameters. One of PyTorch's layers is lazy: it reads the number of input channels from its first input, as all Keras
# layers do.

# %%
inputs = [x[:, :, 0], x, x[:, None]]  # a signal, an image, a volume

# %% transposed-dimensions-pt tags=["pytorch"]
torch.manual_seed(0)
layers_pt = [nn.ConvTranspose1d(3, 4, 2, stride=2),
             nn.LazyConvTranspose2d(4, 2, stride=2),
             nn.ConvTranspose3d(1, 4, 2, stride=2)]
found_pt = []
for layer, x_n in zip(layers_pt, inputs):
    x_pt = torch.tensor(x_n)
    layer(x_pt)
    found_pt.append(value_and_grad(layer, x_pt))
    n = sum(p.numel() for p in layer.parameters())
    print(type(layer).__name__, tuple(layer.weight.shape), n)

# %% transposed-dimensions-tf tags=["tensorflow"]
layers_tf = [keras.layers.Conv1DTranspose(4, 2, strides=2),
             keras.layers.Conv2DTranspose(4, 2, strides=2),
             keras.layers.Conv3DTranspose(4, 2, strides=2)]
found_tf = []
for layer, source, x_n in zip(layers_tf, layers_pt, inputs):
    x_tf = tf.constant(np.moveaxis(x_n, 1, -1))
    layer.build(x_tf.shape)
    copy_weights(source, layer)
    found_tf.append(value_and_grad(layer, x_tf))
    n = layer.count_params()
    print(type(layer).__name__, layer.kernel.shape, n)

# %% transposed-dimensions
gradients_pt = [g for _, dx, (dw, db) in found_pt for g in (last(dx), kernel_of(dw), db)]
gradients_tf = [g for _, dx, dws in found_tf for g in (dx, *dws)]
agree([last(y) for y, _, _ in found_pt], [y for y, _, _ in found_tf],
      atol=1e-5, gradients=(gradients_pt, gradients_tf))

# %% [markdown]
# The functions without a layer are `F.conv_transpose1d` to `F.conv_transpose3d`, and `tf.nn.conv1d_transpose` to
# `tf.nn.conv3d_transpose`. `tf.nn.conv_transpose` chooses one of TensorFlow's three by the number of axes.

# %% transposed-functions-pt tags=["pytorch"]
signal = torch.tensor(x[:, :, 0])
volume = torch.tensor(x[:, None])
w1, w3 = layers_pt[0].weight, layers_pt[2].weight
line_pt = F.conv_transpose1d(signal, w1, stride=2)
block_pt = F.conv_transpose3d(volume, w3, stride=2)
print(tuple(line_pt.shape), tuple(block_pt.shape))

# %% transposed-functions-tf tags=["tensorflow"]
signal = x_last[:, 0]
volume = x[..., None]
k1, k3 = layers_tf[0].kernel, layers_tf[2].kernel
line_tf = tf.nn.conv1d_transpose(
    signal, k1, (2, 14, 4), 2, "VALID")
any_tf = tf.nn.conv_transpose(
    signal, k1, (2, 14, 4), 2, "VALID")
block_tf = tf.nn.conv3d_transpose(
    volume, k3, (2, 6, 10, 14, 4), 2, "VALID")
print(line_tf.shape, block_tf.shape)

# %% transposed-functions
agree([last(line_pt), last(line_pt), last(block_pt)], [line_tf, any_tf, block_tf], atol=1e-5)

# %% [markdown]
# (transposed-gradient)=
# ### A transposed convolution is the gradient of a convolution with the same kernel
#
# A convolution with the kernel $W$ is linear in its input, so it is a product $A x$ with a matrix $A$. The transposed
# convolution with the same $W$ is the product $A^\top y$ with the transposed matrix. This has two consequences.
# For all $x$ and $y$ the two scalar products $\langle A x, y\rangle$ and $\langle x, A^\top y\rangle$ are equal.
# And the gradient of the convolution with respect to its input is $A^\top$ times the gradient of its output.
#
# The next cells use one kernel for both functions, without any transpose, and the padding 1. They print both scalar
# products, and the largest difference between the gradient of the convolution and the transposed convolution:

# %%
kernel = rng.normal(size=(4, 3, 3, 3)).astype(np.float32)  # from 3 channels to 4
upstream = rng.normal(size=(2, 4, 3, 4)).astype(np.float32)  # as the convolution's output

# %% transposed-gradient-pt tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
w, up = torch.tensor(kernel), torch.tensor(upstream)
ax_pt = F.conv2d(x_pt, w, stride=2, padding=1)
aty_pt = F.conv_transpose2d(up, w, stride=2, padding=1)
products = [(ax_pt * up).sum(), (x_pt * aty_pt).sum()]
show(products=[p.item() for p in products], digits=2)
(dx_pt,) = torch.autograd.grad(ax_pt, x_pt, up)
difference = (dx_pt - aty_pt).abs().max()
show(difference=difference, digits=2)

# %% transposed-gradient-tf tags=["tensorflow"]
x_tf, k = tf.constant(x_last), kernel.transpose(2, 3, 1, 0)
up, one = np.moveaxis(upstream, 1, -1), [1, 1]
padding = [[0, 0], one, one, [0, 0]]  # 1 around the image
with tf.GradientTape() as tape:
    tape.watch(x_tf)
    ax_tf = tf.nn.conv2d(x_tf, k, 2, padding)
aty_tf = tf.nn.conv2d_transpose(
    up, k, x_tf.shape, 2, padding)
products = [ax_tf * up, x_tf * aty_tf]
show(products=[tf.reduce_sum(p) for p in products], digits=2)
dx_tf = tape.gradient(ax_tf, x_tf, up)
difference = tf.reduce_max(abs(dx_tf - aty_tf))
show(difference=difference, digits=2)

# %% transposed-gradient
agree([last(ax_pt), last(aty_pt)], [ax_tf, aty_tf], atol=1e-5,
      gradients=([last(dx_pt)], [dx_tf]))

# %% [markdown]
# This explains the exchanged axes: what is the output of the convolution is the input of the transposed convolution. It
# also explains the argument `output_shape` in TensorFlow. There, the function is the backward step of a convolution, and
# that step must know the size of the image.
#
# (transposed-matrix)=
# ### The transposed matrix is not the inverse: a deconvolution does not undo a convolution
#
# To see the matrix $A$ of a convolution, convolve each unit vector. The result is a column of $A$. The next cells do
# this for the kernel 1, 2, 3, the stride 2 and 7 inputs. They print $A$, then the transposed convolution of the signal
# 1, 0, 1. The last line is what is left of the signal 1, 2, 3, 4, 5, 6, 7 after the convolution and the transposed
# convolution:

# %% transposed-matrix-pt tags=["pytorch"]
w = torch.tensor([[[1.0, 2, 3]]])
columns = F.conv1d(torch.eye(7)[:, None], w, stride=2)
a_pt = columns[:, 0].T
y = torch.tensor([1.0, 0, 1])
aty_pt = F.conv_transpose1d(y[None, None], w, stride=2)
row = torch.arange(1.0, 8)
back_pt = a_pt.T @ (a_pt @ row)
show(A=a_pt, ATy=aty_pt[0, 0], back=back_pt, digits=0)

# %% transposed-matrix-tf tags=["tensorflow"]
k = tf.constant([1.0, 2, 3])[:, None, None]
columns = tf.nn.conv1d(tf.eye(7)[:, :, None], k, 2, "VALID")
a_tf = tf.transpose(columns[..., 0])
y = tf.constant([[[1.0], [0], [1]]])
aty_tf = tf.nn.conv1d_transpose(y, k, (1, 7, 1), 2, "VALID")
row = tf.range(1.0, 8)
back_tf = tf.linalg.matvec(tf.transpose(a_tf) @ a_tf, row)
show(A=a_tf, ATy=aty_tf[0, :, 0], back=back_tf, digits=0)

# %% transposed-matrix
agree([a_pt, last(aty_pt), back_pt], [a_tf, aty_tf, back_tf])
show(first_and_last_row=a_pt[0] + a_pt[2], digits=0)

# %% [markdown]
# The transposed convolution of 1, 0, 1 is the sum of the first and the last row of $A$. The signal 1, 2, …, 7 does
# not come back: only its shape does. The name *deconvolution* is from another method
# {footcite:p}`zeiler2010deconvolutional`.
#
# (transposed-zeros)=
# ### The same numbers: put zeros between the inputs, reverse the kernel, and convolve
#
# A plain convolution with the stride 1 gives the same output, if you first stretch the input
# {footcite:p}`dumoulin2016guide`. Put $s - 1$ zeros between neighbours and $k - 1$ zeros at each end. The kernel must
# then be reversed, because neither framework flips it in a convolution. The next cells do this for the signal 1, 3, 2
# and the kernel 1, 2, 4. They print the stretched signal, its convolution with the kernel as it is and with the kernel
# reversed, and the transposed convolution:

# %% transposed-zeros-pt tags=["pytorch"]
signal = torch.tensor([[[1.0, 3, 2]]])
w = torch.tensor([[[1.0, 2, 4]]])
wide = F.pad(signal[..., None], (0, 1)).flatten(2)
wide = F.pad(wide[:, :, :-1], (2, 2))
y_pt = F.conv1d(wide, w.flip(2))
same_pt = F.conv_transpose1d(signal, w, stride=2)
show(stretched=wide[0, 0], as_it_is=F.conv1d(wide, w)[0, 0],
     reversed=y_pt[0, 0], transposed=same_pt[0, 0], digits=0)

# %% transposed-zeros-tf tags=["tensorflow"]
signal = tf.constant([[[1.0], [3], [2]]])
k = tf.constant([1.0, 2, 4])[:, None, None]
wide = tf.reshape(tf.stack([signal, 0 * signal], 2), (1, 6, 1))
wide = tf.pad(wide[:, :-1], [[0, 0], [2, 2], [0, 0]])
y_tf = tf.nn.conv1d(wide, k[::-1], 1, "VALID")
same_tf = tf.nn.conv1d_transpose(
    signal, k, (1, 7, 1), 2, "VALID")
as_it_is = tf.nn.conv1d(wide, k, 1, "VALID")
show(stretched=wide[0, :, 0], as_it_is=as_it_is[0, :, 0],
     reversed=y_tf[0, :, 0], transposed=same_tf[0, :, 0],
     digits=0)

# %% transposed-zeros
agree([last(y_pt), last(same_pt)], [same_tf, y_tf])

# %% [markdown]
# (transposed-size)=
# ### The size of the output is (n − 1) · s + k, without padding
#
# With $n$ inputs, the last stamp begins at $(n - 1)\, s$. It reaches over $d\,(k - 1) + 1$ numbers, where $k$ is the
# size of the kernel and $d$ the dilation. PyTorch removes $p$ = `padding` numbers at each end. Then $o$ =
# `output_padding` numbers fewer are removed at the end:
#
# | | size of the output |
# | --- | --- |
# | PyTorch | $(n - 1)\, s + d\,(k - 1) + 1 - 2\, p + o$ |
# | Keras, `"valid"` | $(n - 1)\, s + \max(k, s)$ |
# | Keras, `"valid"` with `output_padding=o` | $(n - 1)\, s + k + o$ |
# | Keras, `"same"` | $n\, s$ |
# | Keras, `"same"` with `output_padding=o` | $(n - 1)\, s + (k \bmod 2) + o$ |
#
# The next cells compare the formulas with the shapes of many layers, and print how many are wrong. The last lines are for
# a kernel that is smaller than the stride, because there the frameworks differ:

# %% transposed-size-pt tags=["pytorch"]
n, wrong = 4, 0
for k, s, p, o, d in np.ndindex(6, 4, 3, 3, 3):
    k, s, d = k + 1, s + 1, d + 1
    size = (n - 1) * s + d * (k - 1) + 1 - 2 * p + o
    if size < 1 or o >= max(s, d):
        continue
    layer = nn.ConvTranspose1d(1, 1, k, s, p, o, dilation=d)
    wrong += layer(torch.ones(1, 1, n)).shape[2] != size
print("wrong sizes:", wrong)
for o in (0, 2):
    small = nn.ConvTranspose1d(1, 1, 2, 4, output_padding=o)
    size = small(torch.ones(1, 1, n)).shape[2]
    print(f"k=2, s=4, o={o}: {size}")

# %% transposed-size-tf tags=["tensorflow"]
n, wrong = 4, 0
for k, s, o in np.ndindex(6, 4, 4):
    k, s, o = k + 1, s + 1, [None, 0, 1, 2][o]
    start = (n - 1) * s
    sizes = ((start + max(k, s), n * s) if o is None
             else (start + k + o, start + k % 2 + o))
    for padding, size in zip(("valid", "same"), sizes):
        if (o or 0) < s and size > start:
            layer = keras.layers.Conv1DTranspose(
                1, k, s, padding, output_padding=o)
            size_tf = layer(tf.ones((1, n, 1))).shape[1]
            wrong += size_tf != size
print("wrong sizes:", wrong)
small = keras.layers.Conv1DTranspose(1, 2, strides=4)
print("k=2, s=4:     ", small(tf.ones((1, n, 1))).shape[1])

# %% [markdown]
# If the kernel is smaller than the stride, Keras makes the output longer at the end, up to $n\,s$ numbers. No stamp
# reaches this end, so it has only the bias. In PyTorch, pass `output_padding=stride - kernel_size` for the same output.
#
# (transposed-output-padding)=
# ### Two image sizes lead to one size: `output_padding` chooses which one comes back
#
# A convolution with a stride rounds its output size down. So images of 7 and of 8 pixels give the same size, and the
# transposed convolution cannot know from which one its input came. PyTorch's layer returns the smaller one by default.
# `output_padding=1` makes the output one larger, at the end. Or pass `output_size` when you call the layer. In
# TensorFlow's functions, `output_shape` is this choice. The next cells print the sizes after a convolution, then those
# of a transposed convolution, and then the last four numbers of its two outputs:

# %%
taps = np.float32([1, 2, 4])
numbers = np.arange(1, 9, dtype=np.float32)

# %% output-padding-pt tags=["pytorch"]
w, row = torch.tensor(taps)[None, None], torch.tensor(numbers)
down = [F.conv1d(row[None, None, :n], w, stride=2, padding=1)
        for n in (7, 8)]
print("after the convolution:", [t.shape[2] for t in down])
layer = nn.ConvTranspose1d(1, 1, 3, 2, padding=1, bias=False)
layer.load_state_dict({"weight": w})
x4 = torch.tensor(numbers[None, None, :4])
short_pt, long_pt = layer(x4), layer(x4, output_size=[8])
same_pt = F.conv_transpose1d(x4, w, None, 2, 1, 1)
print("sizes:", short_pt.shape[2], long_pt.shape[2])
show(short=short_pt[0, 0, -4:], long=long_pt[0, 0, -4:],
     digits=0)

# %% output-padding-tf tags=["tensorflow"]
k, row = tf.constant(taps)[:, None, None], tf.constant(numbers)
down = [tf.nn.conv1d(
    tf.pad(row[None, :n, None], [[0, 0], [1, 1], [0, 0]]),
    k, 2, "VALID") for n in (7, 8)]
print("after the convolution:", [t.shape[1] for t in down])
x4 = row[None, :4, None]
short_tf, long_tf = (tf.nn.conv1d_transpose(
    x4, k, (1, n + 2, 1), 2, "VALID")[:, 1:-1] for n in (7, 8))
print("sizes:", short_tf.shape[1], long_tf.shape[1])
show(short=short_tf[0, -4:, 0], long=long_tf[0, -4:, 0],
     digits=0)

# %% output-padding
agree([last(short_pt), last(long_pt), last(same_pt)],
      [short_tf, long_tf, long_tf])

# %% [markdown]
# The additional number is 16, and not 0: it is a number of the whole output that `padding` would have removed. The
# TensorFlow cell removes one number at each end by a slice, in place of PyTorch's `padding`. Both frameworks raise an
# error if `output_padding` is not smaller than the stride. In PyTorch, a larger dilation permits more:

# %% output-padding-large-pt tags=["pytorch"]
with show_error():
    nn.ConvTranspose1d(1, 1, 3, stride=2, output_padding=2)(
        torch.ones(1, 1, 4))
y = nn.ConvTranspose1d(1, 1, 3, dilation=3, output_padding=2)(
    torch.ones(1, 1, 4))
print(tuple(y.shape))

# %% output-padding-large-tf tags=["tensorflow"]
with show_error():
    keras.layers.Conv1DTranspose(
        1, 3, strides=2, output_padding=2)
y = keras.layers.Conv1DTranspose(
    1, 3, strides=3, output_padding=2)(tf.ones((1, 4, 1)))
print(y.shape)

# %% [markdown]
# (transposed-padding)=
# ### PyTorch's `padding` crops the output: in Keras, use `Cropping2D` behind the layer
#
# In a convolution, `padding=1` adds zeros around the input. In a transposed convolution it removes one number at each
# end of the output, because it is the transposed matrix of a convolution with this padding. Keras's layers have only
# `"valid"` and `"same"`. To port a PyTorch layer, use `"valid"`, the same `output_padding`, and a `Cropping2D`.
# `tf.nn.conv2d_transpose` accepts PyTorch's padding as a list of pairs. `same` is the output of the functions:

# %% padding-crops-pt tags=["pytorch"]
torch.manual_seed(0)
conv_pt = nn.ConvTranspose2d(3, 4, 3, stride=2,
                             padding=1, output_padding=1)
x_pt = torch.tensor(x)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(conv_pt, x_pt)
same_pt = F.conv_transpose2d(
    x_pt, conv_pt.weight, None, 2, 1, 1)
print(tuple(y_pt.shape))

# %% padding-crops-tf tags=["tensorflow"]
conv_tf = keras.layers.Conv2DTranspose(
    4, 3, strides=2, output_padding=1)
net_tf = keras.Sequential([keras.Input((5, 7, 3)), conv_tf,
                           keras.layers.Cropping2D(1)])
copy_weights(conv_pt, conv_tf)
x_tf = tf.constant(x_last)
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(net_tf, x_tf)
one = [[0, 0], [1, 1], [1, 1], [0, 0]]
same_tf = tf.nn.conv2d_transpose(
    x_tf, conv_tf.kernel, (2, 10, 14, 4), 2, one)
print(y_tf.shape)

# %% padding-crops
agree([last(y_pt), last(same_pt)], [y_tf, same_tf], atol=1e-5, gradients=(
    [last(dx_pt), kernel_of(dw_pt), db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# Each framework's layer can be made with the padding of the other framework, and raises an error only when it is
# called. The `"same"` of PyTorch's plain convolution is not for transposed convolutions:

# %% padding-foreign-pt tags=["pytorch"]
layer = nn.ConvTranspose2d(3, 4, 3, padding="same")
with show_error():
    layer(x_pt)

# %% padding-foreign-tf tags=["tensorflow"]
layer = keras.layers.Conv2DTranspose(4, 3, padding=(1, 1))
with show_error():
    layer(x_tf)

# %% [markdown]
# (transposed-same)=
# ### If k − s is odd, Keras's `"same"` removes more at the end, and PyTorch's `padding` more in front
#
# With `padding="same"`, the output has $n\,s$ numbers, so $k - s$ numbers of the whole output are too many. Keras
# removes $\lfloor (k - s) / 2 \rfloor$ in front and the rest at the end. If $k < s$, the output is longer by $s - k$
# numbers at the end, which have only the bias. PyTorch removes $p$ numbers in front and $p - o$ at the end, and never more
# at the end than in front. So if $k - s$ is odd and positive, no arguments of PyTorch do what Keras does. The next class
# does it for every $k$ and $s$. `copy_weights` works with it, because it is a subclass of `nn.ConvTranspose2d`.

# %% transposed-same-bridge
class SameTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution with Keras's padding="same"."""

    def forward(self, x):
        sizes, crop = [], []
        for n, k, s in zip(x.shape[-2:], self.kernel_size, self.stride):
            extra = max(k - s, 0)
            sizes.append(n * s + extra)
            crop = [-(extra // 2), extra // 2 - extra, *crop]
        y = super().forward(x, output_size=sizes)
        return F.pad(y, crop)  # a negative number crops


pairs = [(k, s) for k in range(1, 6) for s in (1, 2, 3)]

# %% transposed-same-pt tags=["pytorch"]
torch.manual_seed(0)
nets_pt = [SameTranspose2d(3, 4, k, s) for k, s in pairs]
found_pt = [value_and_grad(net, x_pt) for net in nets_pt]
print(len(found_pt), "layers")

# %% transposed-same-tf tags=["tensorflow"]
found_tf = []
for (k, s), net in zip(pairs, nets_pt):
    layer = keras.layers.Conv2DTranspose(
        4, k, s, padding="same")
    layer.build(x_last.shape)
    copy_weights(net, layer)
    found_tf.append(value_and_grad(layer, x_tf))
print(len(found_tf), "layers")

# %% transposed-same
agree([last(y) for y, _, _ in found_pt], [y for y, _, _ in found_tf], atol=1e-5, gradients=(
    [g for _, dx, (dw, db) in found_pt for g in (last(dx), kernel_of(dw), db)],
    [g for _, dx, dws in found_tf for g in (dx, *dws)]))

# %% [markdown]
# (transposed-shifted)=
# ### Size 3, stride 2: the usual arguments have equal shapes, and outputs shifted by one pixel
#
# Many PyTorch networks double their images with `nn.ConvTranspose2d(…, 3, stride=2, padding=1, output_padding=1)`, and
# many Keras networks with `Conv2DTranspose(…, 3, strides=2, padding="same")`. Both outputs have the size $2 n$. For 4
# inputs, the whole output has 9 numbers: PyTorch removes the first, and Keras removes the last. With a kernel of size 4,
# both remove one number at each end:

# %% transposed-kept tags=["hide-input"]
# alt: Four rows of squares, the whole output of 4 inputs, in which the kept numbers are filled. Size 3, 9 numbers:
# PyTorch keeps the numbers 1 to 8 and leaves out number 0. Keras keeps 0 to 7 and leaves out number 8. Size 4, 10
# numbers: PyTorch and Keras both keep 1 to 8, and leave out the first and the last number.
rows = [("PyTorch, p=1, o=1", 9, 1, plots.PYTORCH), ('Keras, "same"', 9, 0, plots.TENSORFLOW),
        ("PyTorch, p=1, o=0", 10, 1, plots.PYTORCH), ('Keras, "same"', 10, 1, plots.TENSORFLOW)]
fig, axes = plt.subplots(2, 1, figsize=(5.2, 2.9))
for ax, title, pair in zip(axes, ("Size 3, stride 2: not the same numbers are kept",
                                  "Size 4, stride 2: the same numbers are kept"),
                           (rows[:2], rows[2:])):
    for level, (name, n, start, colour) in enumerate(pair):
        for i in range(n):
            kept = start <= i < start + 8
            ax.add_patch(plt.Rectangle((i, -level), 0.88, 0.8, facecolor=colour if kept else "none",
                                       edgecolor=colour, alpha=0.45 if kept else 1))
            ax.text(i + 0.44, 0.4 - level, i, ha="center", va="center")
        ax.text(-0.25, 0.4 - level, name, ha="right", va="center", color=colour)
    ax.set(xlim=(-4.2, 10.1), ylim=(-1.1, 1))
    ax.axis("off")
    plots.head(ax, title, fontsize=10.5)
plt.show()

# %% [markdown]
# The next cells put a single 1 at row 1 and column 1 of a 4 × 4 image, and use a kernel whose only 1 is at row 1 and
# column 1, too. They print the size of the kernel, the size of the output, and where the 1 is in the output. The last
# cell tries other arguments of PyTorch, and prints whether their output is Keras's:

# %% transposed-shifted-pt tags=["pytorch"]
point = torch.zeros(1, 1, 4, 4)
point[0, 0, 1, 1] = 1
out_pt = {}
for k, o in ((3, 1), (4, 0)):
    w = torch.zeros(1, 1, k, k)
    w[0, 0, 1, 1] = 1
    y = F.conv_transpose2d(
        point, w, stride=2, padding=1, output_padding=o)
    out_pt[k] = y
    where = y[0, 0].nonzero().tolist()
    print(k, tuple(y.shape[2:]), where)

# %% transposed-shifted-tf tags=["tensorflow"]
point = np.zeros((1, 4, 4, 1), np.float32)
point[0, 1, 1, 0] = 1
out_tf = {}
for k in (3, 4):
    w = np.zeros((k, k, 1, 1), np.float32)
    w[1, 1] = 1
    y = tf.nn.conv2d_transpose(
        point, w, (1, 8, 8, 1), 2, "SAME")
    out_tf[k] = y
    where = tf.where(y[0, ..., 0]).numpy().tolist()
    print(k, y.shape[1:3], where)

# %% transposed-shifted
agree(last(out_pt[4]), out_tf[4])
shifted = out_tf[3][:, 1:, 1:], last(out_pt[3])[:, :-1, :-1]
print("size 3 agrees:", np.allclose(last(out_pt[3]), out_tf[3]),
      "- moved by one pixel:", np.allclose(*shifted))

point, w = torch.tensor(point).movedim(-1, 1), torch.zeros(1, 1, 3, 3)
w[0, 0, 1, 1] = 1
for p, o in np.ndindex(3, 2):
    y = F.conv_transpose2d(point, w, None, 2, p, o)
    equal = np.array_equal(last(y), out_tf[3])
    print(f"padding={p}, output_padding={o}:", tuple(y.shape[2:]), equal)

# %% [markdown]
# PyTorch's output is one pixel further to the top left. No `padding` and `output_padding` of PyTorch give Keras's
# numbers for this kernel. To port a Keras network, use `SameTranspose2d`. To port a PyTorch network, use `Cropping2D`.
# If you design a network yourself, choose $k \ge s$ with an even $k - s$, such as size 4 with the stride 2. Then
# `padding=(k - s) // 2` in PyTorch is `"same"` in Keras.
#
# (transposed-same-output-padding)=
# ### Keras: `"same"` with `output_padding` has another size, and an even kernel needs an `output_padding`
#
# With `"same"`, an `output_padding` that is not `None` changes the size to $(n - 1)\, s + (k \bmod 2) + o$. For the
# size 3, `output_padding=0` is PyTorch's `padding=1`. For the size 4 it is an error, because no convolution with
# `"same"` and the stride 2 leads from $(n - 1) \cdot 2$ numbers to $n$. The TensorFlow cell prints the shape for the
# size 3, then what happens with the size 4 and `output_padding` 0 and 1:

# %%
weight3 = rng.normal(size=(3, 2, 3, 3)).astype(np.float32)  # (in, out, height, width)

# %% same-output-padding-pt tags=["pytorch"]
w = torch.tensor(weight3)
y_pt = F.conv_transpose2d(x_pt, w, stride=2, padding=1)
print(tuple(y_pt.shape))

# %% same-output-padding-tf tags=["tensorflow"]
kw = {"strides": 2, "padding": "same", "use_bias": False}
layer = keras.layers.Conv2DTranspose(
    2, 3, output_padding=0, **kw)
layer.build(x_last.shape)
layer.set_weights([weight3.transpose(2, 3, 1, 0)])
y_tf = layer(x_tf)
print(y_tf.shape)
for o in (0, 1):
    layer = keras.layers.Conv2DTranspose(
        2, 4, output_padding=o, **kw)
    try:
        print(o, layer(x_tf).shape)
    except tf.errors.InvalidArgumentError:
        print(o, "InvalidArgumentError")

# %% same-output-padding
agree(last(y_pt), y_tf, atol=1e-5)

# %% [markdown]
# (transposed-dilation)=
# ### Dilation: on a CPU, Keras raises an error, and `tf.nn.atrous_conv2d_transpose` does not
#
# A dilation leaves gaps between the numbers of a stamp. On a CPU, TensorFlow does not compute this in Keras's layers.
# Use `tf.nn.atrous_conv2d_transpose`, or a larger kernel with zeros in the gaps. The next cells show both:

# %% transposed-dilation-pt tags=["pytorch"]
torch.manual_seed(0)
conv_pt = nn.ConvTranspose2d(3, 4, 3, dilation=2, bias=False)
y_pt, dx_pt, (dw_pt,) = value_and_grad(conv_pt, x_pt)
same_pt = F.conv_transpose2d(x_pt, conv_pt.weight, dilation=2)
print(tuple(y_pt.shape))

# %% transposed-dilation-tf tags=["tensorflow"]
with show_error():
    keras.layers.Conv2DTranspose(4, 3, dilation_rate=2)(x_tf)
k = tf.constant(kernel_of(conv_pt.weight.detach()).numpy())
wide = np.zeros((5, 5, 4, 3), np.float32)
wide[::2, ::2] = k
layer = keras.layers.Conv2DTranspose(4, 5, use_bias=False)
layer.build(x_last.shape)
layer.set_weights([wide])
y_tf, dx_tf, (dw_tf,) = value_and_grad(layer, x_tf)
same_tf = tf.nn.atrous_conv2d_transpose(
    x_tf, k, (2, 9, 11, 4), 2, "VALID")
print(y_tf.shape)

# %% transposed-dilation
agree([last(y_pt), last(same_pt)], [y_tf, same_tf], atol=1e-5, gradients=(
    [last(dx_pt), kernel_of(dw_pt)], [dx_tf, dw_tf[::2, ::2]]))
print("gradients in the gaps are 0:", np.allclose(dw_tf[1::2], 0))

# %% [markdown]
# If you train the larger kernel, set its gaps to 0 again after each step, because their gradients are not 0. Or compile
# Keras's layer with XLA, which computes the dilation on a CPU, too:

# %% transposed-dilation-xla-tf
layer = keras.layers.Conv2DTranspose(4, 3, dilation_rate=2, use_bias=False)
layer.build(x_last.shape)
copy_weights(conv_pt, layer)
y_xla, dx_xla = value_and_grad(tf.function(layer, jit_compile=True), x_tf)
agree(last(y_pt), y_xla, atol=1e-5, gradients=([last(dx_pt)], [dx_xla]))

# %% [markdown]
# Keras raises an error for a stride together with a dilation when the layer is made. PyTorch accepts both:

# %% dilation-stride-pt tags=["pytorch"]
layer = nn.ConvTranspose2d(3, 4, 3, stride=2, dilation=2)
print(tuple(layer(x_pt).shape))

# %% dilation-stride-tf tags=["tensorflow"]
with show_error():
    keras.layers.Conv2DTranspose(
        4, 3, strides=2, dilation_rate=2)

# %% [markdown]
# (transposed-groups)=
# ### Groups: an argument in PyTorch, several layers in Keras
#
# With `groups=2`, the first half of the input channels makes the first half of the output channels. Keras's transposed
# layers have no such argument. Split the channels, use a layer for each group, and concatenate. PyTorch's weight
# has the shape (in, out / groups, height, width), so split it along its *first* axis:

# %%
x4 = rng.normal(size=(2, 4, 5, 7)).astype(np.float32)  # 4 channels
x4_last = np.moveaxis(x4, 1, -1)

# %% transposed-groups-pt tags=["pytorch"]
torch.manual_seed(0)
conv_pt = nn.ConvTranspose2d(4, 6, 3, groups=2)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(
    conv_pt, torch.tensor(x4))
w_pt = conv_pt.weight.detach().chunk(2)  # along axis 0
b_pt = conv_pt.bias.detach().chunk(2)
print(tuple(conv_pt.weight.shape))

# %% transposed-groups-tf tags=["tensorflow"]
given = keras.Input((5, 7, 4))
parts = [keras.layers.Conv2DTranspose(3, 3) for _ in range(2)]
halves = given[..., :2], given[..., 2:]
out = [part(half) for part, half in zip(parts, halves)]
net = keras.Model(given, keras.ops.concatenate(out, -1))
for part, w, b in zip(parts, w_pt, b_pt):
    part.set_weights([kernel_of(w), b])
y_tf, dx_tf, (dw0, db0, dw1, db1) = value_and_grad(
    net, tf.constant(x4_last))
print(*[part.kernel.shape for part in parts])

# %% transposed-groups
agree(last(y_pt), y_tf, atol=1e-5, gradients=(
    [last(dx_pt), *map(kernel_of, dw_pt.chunk(2)), db_pt],
    [dx_tf, dw0, dw1, tf.concat([db0, db1], 0)]))

# %% [markdown]
# (transposed-checkerboard)=
# ### A size that the stride does not divide makes checkerboards
#
# With the size 3 and the stride 2, the stamps overlap at every second place. So a uniform image gets a pattern
# {footcite:p}`odena2016deconvolution`. The next cells pass ones through kernels of ones, and print the output of a
# signal:

# %% checkerboard-pt tags=["pytorch"]
ones, rows_pt = torch.ones(1, 1, 4), {}
for k in (2, 3, 4, 5):
    y = F.conv_transpose1d(ones, torch.ones(1, 1, k), stride=2)
    rows_pt[k] = y
    print(f"size {k}:", *y[0, 0].int().tolist())

# %% checkerboard-tf tags=["tensorflow"]
ones, rows_tf = tf.ones((1, 4, 1)), {}
for k in (2, 3, 4, 5):
    y = tf.nn.conv1d_transpose(
        ones, tf.ones((k, 1, 1)), (1, 6 + k, 1), 2, "VALID")
    rows_tf[k] = y
    print(f"size {k}:", *y[0, :, 0].numpy().astype(int))

# %% checkerboard
agree([last(y) for y in rows_pt.values()], list(rows_tf.values()))

# %% [markdown]
# With the sizes 2 and 4, which the stride divides, each place away from the ends gets equally many numbers. But the
# weights that meet at even and at odd places are different weights, so a pattern is still possible. It is not possible
# if you first enlarge the image, by repeating its pixels, and then use a plain convolution with the stride 1. The next
# cells pass a uniform image through three networks with random weights. The figure shows the middle of their outputs,
# and the numbers are their standard deviations:

# %%
drawn = np.random.default_rng(3)
kernels = {k: drawn.uniform(0, 1, (1, 1, k, k)).astype(np.float32) for k in (3, 4)}

# %% checkerboard-nets-pt tags=["pytorch"]
ones = torch.ones(1, 1, 8, 8)
w3, w4 = (torch.tensor(kernels[k]) for k in (3, 4))
double = F.interpolate(ones, scale_factor=2, mode="nearest")
nets_pt = {
    "size 3": F.conv_transpose2d(ones, w3, stride=2),
    "size 4": F.conv_transpose2d(ones, w4, stride=2),
    "resize first": F.conv2d(double, w3),
}
for name, y in nets_pt.items():
    middle = y[0, 0, 4:-4, 4:-4]
    print(f"{name:13}{middle.std(correction=0).item():.4f}")

# %% checkerboard-nets-tf tags=["tensorflow"]
ones = tf.ones((1, 8, 8, 1))
w3, w4 = (kernels[k].transpose(2, 3, 1, 0) for k in (3, 4))
double = keras.layers.UpSampling2D(2)(ones)
nets_tf = {
    "size 3": tf.nn.conv2d_transpose(
        ones, w3, (1, 17, 17, 1), 2, "VALID"),
    "size 4": tf.nn.conv2d_transpose(
        ones, w4, (1, 18, 18, 1), 2, "VALID"),
    "resize first": tf.nn.conv2d(double, w3, 1, "VALID"),
}
for name, y in nets_tf.items():
    middle = y[0, 4:-4, 4:-4, 0]
    print(f"{name:13}{tf.math.reduce_std(middle):.4f}")

# %% checkerboard-nets
agree([last(y) for y in nets_pt.values()], list(nets_tf.values()), atol=1e-5)

# %% checkerboards tags=["hide-input"]
# alt: Three grey pictures of 8 by 8 pixels. A transposed convolution of size 3 shows a strong checkerboard: bright
# pixels at every second row and column, and darker ones between. Size 4 shows a weaker pattern of period two. Resizing
# first, and then a convolution, shows a uniform grey.
fig, axes = plt.subplots(1, 3, figsize=(5.2, 2.2))
titles = ("Size 3: strong", "Size 4: weaker", "Resize first: none")
for ax, y, title in zip(axes, nets_pt.values(), titles):
    middle = y[0, 0, 4:12, 4:12].numpy()
    ax.imshow(middle / middle.mean(), cmap="gray", vmin=0, vmax=2, interpolation="none")
    ax.set(xticks=[], yticks=[])
    plots.head(ax, title, fontsize=10.5)
plt.show()

# %% [markdown]
# ## Which one to choose
#
# | you have | in PyTorch, then in Keras | what to watch |
# | --- | --- | --- |
# | a PyTorch layer to port | `ConvTranspose2d(…, padding=p, output_padding=o)`<br>`Conv2DTranspose(…, output_padding=o)`, then `Cropping2D(p)` | `"same"` has the same shape, and may be shifted by one pixel |
# | a Keras layer with `"same"` to port | `SameTranspose2d` of this chapter<br>`Conv2DTranspose(…, padding="same")` | with an even $k - s$, `padding=(k - s) // 2` is the same |
# | a decoder of your own | size 4, stride 2, `padding=1`<br>size 4, `strides=2`, `padding="same"` | equal in both; the stride divides the size |
# | images without patterns | [`nn.Upsample`](upsampling), then `nn.Conv2d`<br>[`UpSampling2D`](upsampling), then `Conv2D` | the convolution computes at the large size |
# | an odd size to restore | `output_size=` at the call<br>`output_padding=`; `output_shape` in `tf.nn` | the layer returns the smaller size by default |
# | a dilation | `dilation=`<br>`tf.nn.atrous_conv2d_transpose` | Keras's layer raises an error on a CPU |
# | groups | `groups=`<br>a layer for each group | PyTorch's weight is split along its first axis |
#
# ## Exercises
#
# Compute the size of the output, write the layer with loops, with zeros and with a matrix, and crop PyTorch's output
# to Keras's `"same"`: [exercises on transposed convolution](../../exercises/layers/transposed_convolution.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
