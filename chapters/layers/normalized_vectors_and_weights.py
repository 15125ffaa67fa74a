# %% [markdown]
# # Normalized vectors and weights
#
# The four components of this chapter divide by a length, and subtract no mean. Two of them change the numbers
# that flow through the network. Local response normalization divides each number by the strength of its
# neighbouring channels. Unit normalization divides each vector by its length.
#
# The other two components change the *weights* of a layer. Spectral normalization divides a matrix by the
# largest factor by which the matrix stretches a vector. Weight normalization divides each row of the matrix
# by the length of the row.
#
# **The claim:** in training mode, the built-in spectral normalizations of PyTorch and Keras give the same
# outputs and different gradients, because Keras overwrites the kernel and PyTorch does not. One formula turns
# Keras's gradient into PyTorch's gradient.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.parametrizations import (
    spectral_norm,
    weight_norm,
)

from diptych import agree, plots, show, value_and_grad

plots.use_style()
rng = np.random.default_rng(0)
x = rng.normal(0, 1, (2, 6, 3, 5)).astype(np.float32)  # (batch, channels, …)
x_last = np.moveaxis(x, 1, -1)  # (batch, height, width, channels)
upstream = rng.normal(0, 1, x.shape).astype(np.float32)
upstream_last = np.moveaxis(upstream, 1, -1)

# %% [markdown]
# `upstream` is the gradient that a layer gets from the layers after it. In PyTorch the channels are axis 1.
# In TensorFlow they are the last axis. So `np.moveaxis` moves the channels to the end for TensorFlow.
#
# (local-response-norm)=
# ## Local response normalization
#
# <!-- head: local_response_norm -->
#
# Local response normalization divides each number by a power of the mean square of the channels around it, at
# the same position {footcite:p}`krizhevsky2012imagenet`. So a channel with large numbers makes the numbers of
# its neighbours smaller. The layer has no learned numbers. Choose it to run AlexNet or other networks of its
# time. Later networks use [batch normalization](batch-norm).
#
# $$y_c = x_c \Big/ \Big(k + \frac{\alpha}{n} \sum_{i \in \text{window}} x_i^2\Big)^{\beta}$$
#
# Here $n$ is the number of channels in the window around the channel $c$. The constants $k$, $\alpha$ and
# $\beta$ are arguments. At the edge, the window contains fewer channels, but the sum is still divided by $n$.
#
# In the next cells, `y` is the output and `dx` is the gradient of the input.

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(
    F.local_response_norm, x_pt, 5, 0.5, 0.75, 2.0,
    upstream_gradient=upstream,
)
show(y=y_pt[0, 0, 0], dx=dx_pt[0, 0, 0])

# %% tags=["tensorflow"]
x_tf = tf.constant(x_last)
y_tf, dx_tf = value_and_grad(
    tf.nn.local_response_normalization,
    x_tf, 2, 2.0, 0.5 / 5, 0.75,
    upstream_gradient=upstream_last,
)
show(y=y_tf[0, 0, :, 0], dx=dx_tf[0, 0, :, 0])

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf, gradients=(dx_pt.permute(0, 2, 3, 1), dx_tf))

# %% [markdown]
# Three arguments are different in the two frameworks:
#
# - PyTorch's `size` counts all channels of the window. TensorFlow's `depth_radius` counts the channels on one
#   side.
# - PyTorch divides `alpha` by the size. TensorFlow does not, so divide `alpha` yourself.
# - PyTorch's `k` is called `bias` in TensorFlow, and comes before `alpha`.
#
# ### The default `alpha` is 1e-4 in PyTorch and 1 in TensorFlow
#
# The default `beta` differs, too: it is 0.75 in PyTorch and 0.5 in TensorFlow. The next cells normalize a
# single 8. The first line of each cell uses a window of one channel, and the second line uses a window of
# several channels:

# %% response-defaults-pt tags=["pytorch"]
eight = torch.full((1, 1, 1, 1), 8.0)
show(y=F.local_response_norm(eight, 1))
show(y=nn.LocalResponseNorm(5)(eight))

# %% response-defaults-tf tags=["tensorflow"]
eight = tf.fill((1, 1, 1, 1), 8.0)
show(y=tf.nn.local_response_normalization(eight, 0))
show(y=tf.nn.local_response_normalization(eight))

# %% [markdown]
# PyTorch's defaults almost do not change the 8. TensorFlow's defaults divide it by $\sqrt{1 + 64}$, for each
# radius.
#
# ### Only PyTorch has windows of even size: build them in TensorFlow
#
# With size 4, PyTorch's window contains two channels before the current channel and one channel after it.
# TensorFlow's window always has $2r + 1$ channels, where $r$ is the radius, so its size is odd. To get an
# even size in TensorFlow, add channels of zeros on both sides, and sum the four shifted copies:

# %% response-even-pt tags=["pytorch"]
size, alpha, beta, k = 4, 0.5, 0.75, 2.0
x_pt = torch.tensor(x)
y_pt = F.local_response_norm(x_pt, size, alpha, beta, k)
show(y=y_pt[0, 0, 0])

# %% response-even-tf tags=["tensorflow"]
size, alpha, beta, k = 4, 0.5, 0.75, 2.0
x_tf = tf.constant(x_last)
front, behind = size // 2, (size - 1) // 2
around = [[0, 0], [0, 0], [0, 0], [front, behind]]
squares = tf.pad(tf.square(x_tf), around)
copies = [squares[..., i : i + 6] for i in range(size)]
y_tf = x_tf / (k + alpha / size * tf.add_n(copies)) ** beta
show(y=y_tf[0, 0, :, 0])

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf)

# %% [markdown]
# ### Do not use `nn.CrossMapLRN2d`: it never removes channel 0 from its sums
#
# PyTorch has a second, older layer, `nn.CrossMapLRN2d`. It computes one sum and updates it from channel to
# channel. In the installed version, this update never subtracts the first channel. In the next cell, all
# inputs are 1, the window has 3 channels, and the constants make each output 1 / (1 + number of channels in
# the window):

# %% response-cross-map
one = torch.ones(1, 6, 1, 1)
show(older=nn.CrossMapLRN2d(3, 3.0, 1.0, 1.0)(one).ravel(),
     newer=nn.LocalResponseNorm(3, 3.0, 1.0, 1.0)(one).ravel())

# %% [markdown]
# `newer` is right: the windows have 2, 3, 3, 3, 3 and 2 channels. In `older`, the results are wrong from
# channel 2 on, because channel 0 is still in the sums. Use `nn.LocalResponseNorm`.
#
# ### A channel with a large number makes its neighbours smaller
#
# In the next cells, the middle one of eleven channels contains the number 5, and the other ten contain the
# number 1. A window of 5 channels contains two neighbours on each side. The cells print the first six
# channels:

# %%
channels = np.ones((1, 1, 1, 11), np.float32)
channels[..., 5] = 5

# %% tags=["pytorch"]
x_pt = torch.tensor(channels).permute(0, 3, 1, 2)
y_pt = F.local_response_norm(x_pt, 5, 1.0, 0.75, 1.0).ravel()
show(y=y_pt[:6])

# %% tags=["tensorflow"]
x_tf = tf.constant(channels)
y_tf = tf.nn.local_response_normalization(
    x_tf, 2, 1.0, 1 / 5, 0.75
)[0, 0, 0]
show(y=y_tf[:6])

# %%
agree(y_pt, y_tf)

# %% strong-channel tags=["hide-input"]
# alt: Eleven channels after local response normalization, with bars for PyTorch and circles for TensorFlow on
# top of the bars. The middle channel is at 1.2. Its two neighbours on each side are at 0.24, and all other
# channels are between 0.59 and 0.70.
fig, ax = plt.subplots(figsize=(5.2, 2.4))
ax.bar(range(11), y_pt, color=plots.PYTORCH, width=0.7)
ax.plot(range(11), y_tf, "o", color=plots.TENSORFLOW, fillstyle="none", markersize=7,
        markeredgewidth=1.6)
ax.annotate("PyTorch: bars", (6.6, 1.15), color=plots.PYTORCH)
ax.annotate("TensorFlow: circles", (6.6, 0.98), color=plots.TENSORFLOW)
ax.set(xlabel="channel", ylabel="output", xticks=range(11),
       title="The four nearest channels shrink most")
plt.show()

# %% [markdown]
# (unit-norm)=
# ## Unit normalization
#
# <!-- head: unit_norm -->
#
# Unit normalization divides each vector by its length. The result has the length 1 and the direction of the
# input. Choose it before you compare embeddings: the dot product of two unit vectors is the cosine of the
# angle between them.
#
# $$y = \frac{x}{\max(\lVert x \rVert, \epsilon)} \qquad \lVert x \rVert = \sqrt{\textstyle\sum_i x_i^2}$$
#
# Here $x$ is one vector along one axis of the input. The small number $\epsilon$ prevents a division by 0 for
# the zero vector.

# %% tags=["pytorch"]
x_pt = torch.tensor(x[0, 0])  # (batch, features)
y_pt, dx_pt = value_and_grad(
    F.normalize, x_pt, dim=-1,
    upstream_gradient=upstream[0, 0],
)
show(y=y_pt[0], dx=dx_pt[0])

# %% tags=["tensorflow"]
x_tf = tf.constant(x[0, 0])  # (batch, features)
y_tf, dx_tf = value_and_grad(
    keras.layers.UnitNormalization(), x_tf,
    upstream_gradient=upstream[0, 0],
)
show(y=y_tf[0], dx=dx_tf[0])

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### The default axis is 1 in PyTorch and −1 in Keras; `tf.nn.l2_normalize` uses all axes
#
# The next cells normalize a tensor of ones with the shape (2, 3, 5). `together` is the number of ones that
# share one length. It is 3 for axis 1, 5 for the last axis, and 30 for all axes. The first line of the
# TensorFlow cell is Keras's layer, and the second line is `tf.nn.l2_normalize`:

# %% unit-axis-pt tags=["pytorch"]
ones = torch.ones(2, 3, 5)
y_pt = F.normalize(ones)
show(together=1 / y_pt[0, 0, 0] ** 2)

# %% unit-axis-tf tags=["tensorflow"]
ones = tf.ones((2, 3, 5))
for y_tf in (keras.layers.UnitNormalization()(ones),
             tf.nn.l2_normalize(ones)):
    show(together=1 / y_tf[0, 0, 0] ** 2)

# %% [markdown]
# ### `epsilon` is the smallest length in PyTorch and Keras, and the smallest squared length in `tf.nn`
#
# The default is 1e-12 in all three functions. `F.normalize` and the Keras layer compare it with the length.
# `tf.nn.l2_normalize` compares it with the sum of the squares, so each vector shorter than 1e-6 is affected.
# The next cells normalize a vector of length 5e-8. To get the result of `tf.nn.l2_normalize` in PyTorch, pass
# `eps=1e-6`:

# %% unit-short-pt tags=["pytorch"]
x_pt = torch.tensor([[3e-8, 4e-8]])
show(default=F.normalize(x_pt, dim=-1))
y_pt = F.normalize(x_pt, dim=-1, eps=1e-6)
show(as_tf_nn=y_pt)

# %% unit-short-tf tags=["tensorflow"]
x_tf = tf.constant([[3e-8, 4e-8]])
show(keras=keras.layers.UnitNormalization()(x_tf))
y_tf = tf.nn.l2_normalize(x_tf, -1)
show(tf_nn=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### At the zero vector the gradient is 1/ε: 1e12, or 1e6 in `tf.nn`
#
# The output for the zero vector is the zero vector. Its gradient is not NaN, but it is very large, so one
# zero vector can spoil a training step. If you divide by the length yourself, as in `by_hand`, the output and
# the gradient are NaN. Each line prints the output and one entry of the gradient. The functions have the
# order of the `for` line:

# %% unit-zero-pt tags=["pytorch"]
def by_hand(x):
    return x / torch.linalg.norm(x, dim=-1, keepdim=True)


zero_pt = torch.zeros(1, 2)
for function in (F.normalize, by_hand):
    y_pt, dx_pt = value_and_grad(function, zero_pt)
    print(y_pt[0].tolist(), f"{dx_pt[0, 0]:.0e}")

# %% unit-zero-tf tags=["tensorflow"]
def by_hand(x):
    return x / tf.norm(x, axis=-1, keepdims=True)


zero_tf = tf.zeros((1, 2))
unit = keras.layers.UnitNormalization()
for function in (unit, tf.nn.l2_normalize, by_hand):
    y_tf, dx_tf = value_and_grad(function, zero_tf)
    print(y_tf[0].numpy().tolist(), f"{dx_tf[0, 0]:.0e}")

# %% [markdown]
# If your data contain zero vectors, for example as padding, use a larger limit. Pass `eps=1e-6` to PyTorch.
# In TensorFlow, `tf.nn.l2_normalize(x, -1, 1e-12)` has the same limit.
#
# ### In float16, TensorFlow's squares overflow and the output is 0
#
# The largest float16 number is 65,504, and the square of 300 is 90,000. So the square is infinite in float16.
# PyTorch computes the sum in float32. In TensorFlow, compute in float32 yourself. `half` is the result of the
# float16 layer, and `single` is the result of the float32 layer:

# %% unit-half-pt tags=["pytorch"]
half_pt = torch.tensor([[300.0, 400.0]]).half()
y_pt = F.normalize(half_pt, dim=-1)
show(half=y_pt)

# %% unit-half-tf tags=["tensorflow"]
half_tf = tf.constant([[300.0, 400.0]], tf.float16)
layer = keras.layers.UnitNormalization(dtype="float16")
show(half=layer(half_tf))
layer = keras.layers.UnitNormalization(dtype="float32")
y_tf = layer(half_tf)
show(single=y_tf)

# %% [markdown]
# ### The gradient is perpendicular to the input vector
#
# The output does not depend on the length of the input vector. So a small change along the vector changes
# nothing, and the gradient has no part in this direction. `along` is the dot product of each vector with its
# gradient. It is 0 for every loss:

# %% unit-turns-pt tags=["pytorch"]
x_pt = torch.tensor(x_last[0, 0])
y_pt, dx_pt = value_and_grad(
    F.normalize, x_pt, dim=-1,
    upstream_gradient=upstream_last[0, 0],
)
show(along=(dx_pt * x_pt).sum(-1), digits=2)

# %% unit-turns-tf tags=["tensorflow"]
x_tf = tf.constant(x_last[0, 0])
y_tf, dx_tf = value_and_grad(
    keras.layers.UnitNormalization(), x_tf,
    upstream_gradient=upstream_last[0, 0],
)
show(along=tf.reduce_sum(dx_tf * x_tf, -1), digits=2)

# %% [markdown]
# (spectral-norm)=
# ## Spectral normalization
#
# <!-- head: spectral_norm -->
#
# A matrix makes some vectors longer and others shorter. The largest factor is called $\sigma$, and is the
# largest singular value of the matrix. Spectral normalization divides the weights of a layer by $\sigma$.
# After this division, the distance between two outputs is at most the distance between the two inputs
# {footcite:p}`miyato2018spectral`. Choose it for the discriminator of a GAN.
#
# $$\bar W = \frac{W}{\sigma} \qquad \sigma = u^\top W v$$
#
# Here $W$ is the weight matrix, and $u$ and $v$ are unit vectors. A *power iteration* improves them: first
# $v$ gets the direction of $W^\top u$, then $u$ gets the direction of $W v$. Each training step does one
# iteration by default, and stores $u$ for the next step. The next cells do a hundred iterations, so both
# frameworks have the exact $\sigma$:

# %%
w = rng.normal(0, 1, (5, 3)).astype(np.float32)  # (out, in)
inputs = rng.normal(0, 1, (4, 3)).astype(np.float32)
from_above = rng.normal(0, 1, (4, 5)).astype(np.float32)

# %% spectral-pair-pt tags=["pytorch"]
torch.manual_seed(0)
dense_pt = spectral_norm(
    nn.Linear(3, 5), n_power_iterations=100
)
original = dense_pt.parametrizations.weight.original
with torch.no_grad():
    original.copy_(torch.tensor(w))
    dense_pt.bias.zero_()

y_pt, dx_pt, (db_pt, dw_pt) = value_and_grad(
    dense_pt, torch.tensor(inputs),
    upstream_gradient=from_above,
)
show(y=y_pt[0], dx=dx_pt[0], digits=3)

# %% spectral-pair-tf tags=["tensorflow"]
dense_tf = keras.layers.SpectralNormalization(
    keras.layers.Dense(5), power_iterations=100
)
dense_tf.build((None, 3))
dense_tf.layer.kernel.assign(w.T)

y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(
    dense_tf, tf.constant(inputs), training=True,
    upstream_gradient=from_above,
)
show(y=y_tf[0], dx=dx_tf[0], digits=3)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, db_pt], [dx_tf, db_tf]))

# %% [markdown]
# ### In PyTorch the gradient of the weight includes the derivative of σ, in Keras it does not
#
# The outputs agree, and so do the gradients of the input and of the bias. The gradients of the weight do not
# agree. `dw` is the first row of the gradient:

# %% spectral-differ-pt tags=["pytorch"]
show(dw=dw_pt[0], digits=3)

# %% spectral-differ-tf tags=["tensorflow"]
show(dw=tf.transpose(dw_tf)[0], digits=3)

# %% [markdown]
# PyTorch computes the derivative of $W / \sigma$, and $\sigma$ depends on $W$. Keras first overwrites the
# kernel with $W / \sigma$, and then computes the gradient of the new kernel. Let $G$ be Keras's gradient.
# Then PyTorch's gradient is
#
# $$\frac{1}{\sigma}\Big(G - \Big(\sum_{ij} G_{ij} \bar W_{ij}\Big)\, u v^\top\Big)$$
#
# The next cell computes this formula from Keras's gradient, and compares the result with PyTorch's gradient:

# %% spectral-gradient
u, sigmas, v = np.linalg.svd(w)
sigma, uv = sigmas[0], np.outer(u[:, 0], v[0])
g = tf.transpose(dw_tf)
through = tf.reduce_sum(g * w / sigma) * uv
agree(dw_pt, (g - through) / sigma)

# %% [markdown]
# To train with PyTorch's gradient in TensorFlow, keep the original kernel, and divide it by $\sigma$ in each
# call. $u$ and $v$ are constants in this computation:

# %% spectral-by-hand-tf
kernel = tf.Variable(w.T)
with tf.GradientTape() as tape:
    left = tf.constant(v[:1])  # (1, in)
    right = tf.constant(u[:, :1])  # (out, 1)
    y = tf.constant(inputs) @ (kernel / (left @ kernel @ right))
agree(dw_pt, tf.transpose(tape.gradient(y, kernel, tf.constant(from_above))))

# %% [markdown]
# ### PyTorch keeps the original weight, Keras overwrites the kernel
#
# PyTorch trains the original weight, and computes `weight` from it, in training and in inference mode. Keras
# normalizes nothing before the first call in training mode. This call overwrites the kernel, and the original
# kernel is lost.
#
# The next cells print the largest singular value before and after one call in training mode. PyTorch's cell
# prints two values in each line, for the original weight and for `weight`. Keras has only one kernel:

# %% spectral-kept-pt tags=["pytorch"]
torch.manual_seed(0)
dense = spectral_norm(
    nn.Linear(3, 5), n_power_iterations=100
)
original = dense.parametrizations.weight.original
with torch.no_grad():
    original.copy_(torch.tensor(w))
for step in ("before", "after"):
    weights = original, dense.weight
    print(step, *[f"{torch.linalg.norm(a, 2):.4f}"
                  for a in weights])
    dense(torch.tensor(inputs))

# %% spectral-kept-tf tags=["tensorflow"]
dense = keras.layers.SpectralNormalization(
    keras.layers.Dense(5), power_iterations=100
)
dense.build((None, 3))
dense.layer.kernel.assign(w.T)
for step in ("before", "after"):
    kernel = dense.layer.kernel
    print(step, f"{tf.linalg.svd(kernel)[0][0]:.4f}")
    dense(inputs, training=True)

# %% [markdown]
# ### PyTorch starts close to σ, Keras comes close to it over many steps
#
# One power iteration from a random start gives a $\sigma$ that is too small. So the divided weight still
# stretches some vectors by more than 1. The next training step continues with the stored $u$, so the error
# becomes smaller from step to step. PyTorch does 15 iterations when you create the layer, and Keras does
# none.
#
# The next cells call a layer with 64 units 30 times in training mode. `stretch` is the largest singular value
# of the divided weight after 1, 2, 5 and 30 steps. The right value is 1:

# %%
big = (rng.normal(0, 1, (64, 64)) / 8).astype(np.float32)
start = rng.normal(0, 0.02, (1, 64)).astype(np.float32)
no_input = np.zeros((1, 64), np.float32)

# %% spectral-steps-pt tags=["pytorch"]
torch.manual_seed(0)
dense = nn.Linear(64, 64)
with torch.no_grad():
    dense.weight.copy_(torch.tensor(big))
dense, stretch_pt = spectral_norm(dense), []
for _ in range(30):
    dense(torch.tensor(no_input))
    weight = dense.weight.detach()
    stretch_pt.append(float(torch.linalg.norm(weight, 2)))
picked = [stretch_pt[i] for i in (0, 1, 4, 29)]
show(stretch=picked, digits=2)

# %% spectral-steps-tf tags=["tensorflow"]
dense = keras.layers.Dense(64)
norm, stretch_tf = keras.layers.SpectralNormalization(dense), []
norm.build((None, 64))
norm.vector_u.assign(start)
dense.kernel.assign(big.T)
for _ in range(30):
    norm(no_input, training=True)
    sigma = tf.linalg.svd(dense.kernel)[0][0]
    stretch_tf.append(float(sigma))
picked = [stretch_tf[i] for i in (0, 1, 4, 29)]
show(stretch=picked, digits=2)

# %% stretch tags=["hide-input"]
# alt: The largest singular value of the divided weight over 30 training steps. In PyTorch it is close to 1
# from the first step. In Keras it starts at 1.23, falls quickly to 1.07, and is 1.03 after 30 steps.
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.plot(range(1, 31), stretch_pt, color=plots.PYTORCH)
ax.plot(range(1, 31), stretch_tf, color=plots.TENSORFLOW)
ax.axhline(1, color=plots.INK, linewidth=0.6)
ax.annotate("Keras: starts from a random u", (3, 1.15), color=plots.TENSORFLOW)
ax.annotate("PyTorch: 15 iterations before step 1", (11, 0.93), color=plots.PYTORCH)
ax.set(xlabel="training step", ylabel="largest stretch", ylim=(0.9, None),
       title="After 30 steps Keras still stretches by 1.03")
plt.show()

# %% [markdown]
# ### For a transposed convolution, PyTorch and Keras compute σ of different matrices
#
# A kernel is not a matrix, so both frameworks reshape it first. For a convolution, both use a matrix with one
# row or column for each output channel. For a transposed convolution, PyTorch still does this. Keras flattens
# all axes except the last axis, which is the input channels here. So the two frameworks divide the same
# kernel by different numbers. No argument makes the built-in layers agree:

# %%
kernel = rng.normal(0, 1, (3, 5, 2, 2)).astype(np.float32)  # (in, out, …)

# %% spectral-transposed tags=["pytorch"]
conv = nn.ConvTranspose2d(3, 5, 2)
with torch.no_grad():
    conv.weight.copy_(torch.tensor(kernel))
torch.manual_seed(0)
spectral_norm(conv, n_power_iterations=200)
conv(torch.zeros(1, 3, 4, 4))
ratio = torch.tensor(kernel) / conv.weight
print(f"divided by {ratio.mean():.2f}")

# %% spectral-transposed-tf tags=["tensorflow"]
conv = keras.layers.Conv2DTranspose(5, 2)
norm = keras.layers.SpectralNormalization(
    conv, power_iterations=200
)
norm.build((None, 4, 4, 3))
turned = kernel.transpose(2, 3, 1, 0)  # (…, out, in)
conv.kernel.assign(turned)
norm(tf.zeros((1, 4, 4, 3)), training=True)
ratio = turned / conv.kernel
print(f"divided by {tf.reduce_mean(ratio):.2f}")

# %% [markdown]
# (weight-norm)=
# ## Weight normalization
#
# <!-- head: weight_norm -->
#
# Weight normalization replaces each row of a weight matrix by two learned parts, its length and its direction
# {footcite:p}`salimans2016weight`. It does not depend on the batch, and computes the same in training and in
# inference mode. Choose it if batch normalization does not fit: in recurrent and generative networks, or with
# small batches.
#
# $$w = g\,\frac{v}{\lVert v \rVert}$$
#
# Here $w$ is the row of weights of one output, and the number $g$ is its length. Only the direction of the
# vector $v$ matters. Both $g$ and $v$ are learned, and $g$ starts as the length of the initial row.
#
# Keras has no weight normalization, so the next cell builds it. The class `WeightNorm` wraps a layer. In each
# call it computes the kernel from $g$ and $v$, and `StatelessScope` makes the wrapped layer use this kernel:

# %% weight-norm-bridge-pt tags=["pytorch"]
print(weight_norm(nn.Linear(3, 5)))

# %% weight-norm-bridge-tf tags=["tensorflow"]
class WeightNorm(keras.layers.Wrapper):
    def build(self, shape):
        super().build(shape)  # builds the layer inside
        v = self.layer.kernel
        self.axes = tuple(range(len(v.shape) - 1))
        length = tf.sqrt(tf.reduce_sum(v**2, self.axes))
        self.g = self.add_weight(length.shape)
        self.g.assign(length)

    def call(self, x):
        v = self.layer.kernel
        unit = tf.nn.l2_normalize(v, self.axes)
        with keras.StatelessScope([(v, self.g * unit)]):
            return self.layer(x)

# %% weight-norm-pair-pt tags=["pytorch"]
dense_pt = weight_norm(nn.Linear(3, 5))
g, v = dense_pt.parametrizations.weight.parameters()
with torch.no_grad():
    g.copy_(torch.arange(1.0, 6.0)[:, None])  # (out, 1)
    v.copy_(torch.tensor(w))  # (out, in)
    dense_pt.bias.zero_()

y_pt, dx_pt, (db_pt, dg_pt, dv_pt) = value_and_grad(
    dense_pt, torch.tensor(inputs),
    upstream_gradient=from_above,
)
show(y=y_pt[0], dg=dg_pt[:, 0])

# %% weight-norm-pair-tf tags=["tensorflow"]
dense_tf = WeightNorm(keras.layers.Dense(5))
dense_tf.build((None, 3))
dense_tf.g.assign(tf.range(1.0, 6.0))  # (out,)
dense_tf.layer.kernel.assign(w.T)  # (in, out)

y_tf, dx_tf, (dg_tf, dv_tf, db_tf) = value_and_grad(
    dense_tf, tf.constant(inputs),
    upstream_gradient=from_above,
)
show(y=y_tf[0], dg=dg_tf)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, dg_pt[:, 0], dv_pt, db_pt],
                             [dx_tf, dg_tf, tf.transpose(dv_tf), db_tf]))

# %% [markdown]
# PyTorch's weight has the shape (out, in), and Keras's kernel has the shape (in, out). So a row in PyTorch is
# a column in Keras. A dense layer with $m$ outputs has $m$ more numbers than before: one length for each
# output.
#
# ### For a transposed convolution, pass `dim=1` to PyTorch
#
# The weight of a transposed convolution has the shape (in, out, …). The default, `dim=0`, gives a length to
# each *input* channel. The next cell prints `dim` and the shape of $g$, for 3 input channels and 5 output
# channels:

# %% weight-norm-transposed-pt
for dim in (0, 1):
    conv = weight_norm(nn.ConvTranspose2d(3, 5, 2), dim=dim)
    print(dim, tuple(conv.parametrizations.weight.original0.shape))

# %% [markdown]
# ### The length of v never shrinks under gradient descent
#
# The output does not depend on the length of $v$, so the gradient is perpendicular to $v$. So each step of
# gradient descent makes $v$ a little longer, and the same gradient then changes the direction less. This
# limits the damage of a learning rate that is too high.
#
# The next cells train a layer on a random linear map, with a high learning rate. They print the length of $v$
# and the loss after 0, 5 and 39 steps:

# %%
wanted = (inputs @ rng.normal(0, 1, (3, 5))).astype(np.float32)

# %% tags=["pytorch"]
sgd = torch.optim.SGD(dense_pt.parameters(), lr=0.5)
lengths_pt, losses_pt = [], []
for _ in range(40):
    lengths_pt.append(torch.linalg.norm(v).item())
    y_hat = dense_pt(torch.tensor(inputs))
    loss = ((y_hat - torch.tensor(wanted)) ** 2).mean()
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    losses_pt.append(loss.item())
show(length=[lengths_pt[i] for i in (0, 5, 39)], digits=2)
show(loss=[losses_pt[i] for i in (0, 5, 39)], digits=2)

# %% tags=["tensorflow"]
sgd = keras.optimizers.SGD(learning_rate=0.5)
lengths_tf, losses_tf = [], []
for _ in range(40):
    lengths_tf.append(float(tf.norm(dense_tf.layer.kernel)))
    with tf.GradientTape() as tape:
        y_hat = dense_tf(inputs)
        loss = tf.reduce_mean((y_hat - wanted) ** 2)
    weights = dense_tf.trainable_weights
    sgd.apply(tape.gradient(loss, weights), weights)
    losses_tf.append(float(loss))
show(length=[lengths_tf[i] for i in (0, 5, 39)], digits=2)
show(loss=[losses_tf[i] for i in (0, 5, 39)], digits=2)

# %% length-grows tags=["hide-input"]
# alt: The length of v over 40 steps, with TensorFlow's circles on PyTorch's line. The length rises fast in the
# first steps, from 3.76 to 4.00, and slowly after them.
fig, ax = plt.subplots(figsize=(5.2, 2.6))
plots.coinciding(ax, range(40), np.array(lengths_pt), np.array(lengths_tf),
                 label=(24, 3.9))
ax.set(xlabel="step", ylabel="length of v", title="The length of v only grows")
plt.show()

# %%
for lengths in (lengths_pt, lengths_tf):
    print("never shorter:", all(np.diff(lengths) > -1e-5))

# %% [markdown]
# ## Which one to choose
#
# | you have | choose | because |
# | --- | --- | --- |
# | embeddings to compare | unit normalization | dot products become cosines |
# | the discriminator of a GAN | spectral normalization | it limits how fast the output can change |
# | small batches, recurrent or generative networks | weight normalization | it depends only on the weights |
# | AlexNet, or a network of its time | local response normalization | the network was trained with it |
# | all other networks | [batch or layer normalization](normalization.ipynb) | they are the standard |
#
# ## Exercises
#
# Write all four components yourself: the zero vector without NaN, one power iteration, and a window of even
# size: [exercises on normalized vectors and
# weights](../../exercises/layers/normalized_vectors_and_weights.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
