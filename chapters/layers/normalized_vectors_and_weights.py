# %% [markdown]
# # Normalized vectors and weights
#
# The four components of this chapter divide by a length, and subtract no mean. Local response
# normalization divides each number by the strength of its neighbouring channels, unit normalization each
# vector by its length. The other two divide the *weights* of a layer: spectral normalization by the largest
# factor by which they stretch a vector, weight normalization each row by its length.
#
# **The claim:** in training, the two built-in spectral normalizations give the same outputs and different
# gradients, because Keras overwrites the kernel and PyTorch does not. One formula turns Keras's gradient
# into PyTorch's.

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
# `upstream` is the gradient that arrives from the layers above. PyTorch gets the channels in axis 1,
# TensorFlow in the last axis; `np.moveaxis` turns them once.
#
# (local-response-norm)=
# ## Local response normalization
#
# <!-- head: local_response_norm -->
#
# Local response normalization divides each number by a power of the mean square of the channels around it,
# at the same position {footcite:p}`krizhevsky2012imagenet`. A strong channel so makes its neighbours
# smaller. Nothing is learned. Choose it to run AlexNet and its time; later networks use
# [batch normalization](batch-norm).
#
# $$y_c = x_c \Big/ \Big(k + \frac{\alpha}{n} \sum_{i \in \text{window}} x_i^2\Big)^{\beta}$$
#
# where $n$ is the size of the window around the channel $c$, and $k$, $\alpha$ and $\beta$ are constants.
# At the edge the window has fewer channels, but $n$ stays.

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
# Three arguments change on the way. `size` counts the whole window, `depth_radius` one side of it.
# TensorFlow's `alpha` is not divided by the size, so divide it yourself. And `bias`, PyTorch's `k`, stands
# in front of `alpha`.
#
# ### The defaults are far apart: alpha 1e-4 and beta 0.75, or 1 and 0.5

# %% response-defaults-pt tags=["pytorch"]
eight = torch.full((1, 1, 1, 1), 8.0)
show(y=F.local_response_norm(eight, 1))
show(y=nn.LocalResponseNorm(5)(eight))

# %% response-defaults-tf tags=["tensorflow"]
eight = tf.fill((1, 1, 1, 1), 8.0)
show(y=tf.nn.local_response_normalization(eight, 0))
show(y=tf.nn.local_response_normalization(eight))

# %% [markdown]
# PyTorch's default hardly changes the 8. TensorFlow's divides it by $\sqrt{1 + 64}$, whatever the radius.
#
# ### A window of even size exists in PyTorch alone: build it in TensorFlow
#
# With size 4 PyTorch takes two channels in front and one behind. TensorFlow's window has $2r + 1$ channels,
# so it cannot be even. Add channels of zeros on both sides, and add up the four shifted copies:

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
# ### CrossMapLRN2d keeps channel 0 in its sums: use LocalResponseNorm
#
# PyTorch has a second, older layer. It moves a running sum from channel to channel, and in the installed
# version it never takes the first channel out again. The two agree as long as the window contains channel
# 0, and not from there on:

# %% response-cross-map
one = torch.ones(1, 6, 1, 1)
show(older=nn.CrossMapLRN2d(3, 3.0, 1.0, 1.0)(one).ravel(),
     newer=nn.LocalResponseNorm(3, 3.0, 1.0, 1.0)(one).ravel())

# %% [markdown]
# With these constants the result is 1 divided by one more than the number of channels in the window: 3, 4,
# 4, 4, 4, 3. The older layer counts one too many from channel 2 on.
#
# ### A strong channel makes its neighbours smaller
#
# Of eleven channels ten hold 1, and the middle one holds 5. A window of 5 reaches two channels to each side.

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

# %% strong-channel tags=["hide-input"]
# alt: Eleven channels after local response normalization, PyTorch's as bars, TensorFlow's as circles on top
# of them. The middle channel is at 1.2. Its two neighbours on each side are at 0.24, all others near 0.6.
agree(y_pt, y_tf)
fig, ax = plt.subplots(figsize=(5.2, 2.4))
ax.bar(range(11), y_pt, color=plots.PYTORCH, width=0.7)
ax.plot(range(11), y_tf, "o", color=plots.TENSORFLOW, fillstyle="none", markersize=7,
        markeredgewidth=1.6)
ax.annotate("PyTorch: bars", (6.6, 1.15), color=plots.PYTORCH)
ax.annotate("TensorFlow: circles", (6.6, 0.98), color=plots.TENSORFLOW)
ax.set(xlabel="channel", ylabel="output", xticks=range(11),
       title="Two neighbours on each side lose most")
plt.show()

# %% [markdown]
# (unit-norm)=
# ## Unit normalization
#
# <!-- head: unit_norm -->
#
# Unit normalization divides each vector by its length, so that only its direction is left. Choose it
# before you compare embeddings: the dot product of two unit vectors is the cosine of the angle between
# them.
#
# $$y = \frac{x}{\max(\lVert x \rVert, \epsilon)} \qquad \lVert x \rVert = \sqrt{\textstyle\sum_i x_i^2}$$
#
# where $x$ is one vector, along one axis of the input, and $\epsilon$ keeps the zero vector from being
# divided by 0.

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
# ### The default axis is 1 in PyTorch, −1 in Keras, and all of them in tf.nn
#
# A tensor of ones with the shape (2, 3, 5) shows which numbers were taken together: 3, 5 or all 30.

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
# ### epsilon bounds the length in PyTorch and Keras, its square in tf.nn
#
# Both 1e-12, but in `tf.nn.l2_normalize` it is compared with the sum of squares. There a vector counts as
# short below a length of 1e-6, elsewhere below 1e-12:

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
# ### At the zero vector the gradient is 1/ε: 1e12, or 1e6 in tf.nn
#
# The zero vector stays as it is. Its gradient is finite, and huge: one such vector can spoil a training
# step. A length written by hand makes NaN of it:

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
# Where zero vectors occur, as with padding, pass a larger `eps` to PyTorch, such as 1e-6; with
# `tf.nn.l2_normalize(x, -1, 1e-12)` you have the same.
#
# ### In float16 TensorFlow's squares overflow, and the output is 0
#
# The largest number of float16 is 65,504, so the square of 300 is infinite there. PyTorch sums in float32.
# In TensorFlow compute in float32, too:

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
# ### The gradient only turns a vector, it never lengthens it
#
# The output does not depend on the length of the input, so the gradient has no part along the input. Their
# dot product is 0, whatever the loss:

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
# A matrix stretches each vector by some factor, and $\sigma$ is the largest: its largest singular value.
# Spectral normalization divides a layer's weights by $\sigma$, so that the layer stretches no difference
# between two inputs {footcite:p}`miyato2018spectral`. Choose it for the discriminator of a GAN.
#
# $$\bar W = \frac{W}{\sigma} \qquad \sigma = u^\top W v$$
#
# where $u$ and $v$ are unit vectors, found by power iteration: $v$ has the direction of $W^\top u$, then
# $u$ that of $W v$. Each training step makes one such iteration and keeps $u$ for the next. With a hundred
# both frameworks have the exact $\sigma$:

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
show(y=y_pt[0], dx=dx_pt[0])

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
show(y=y_tf[0], dx=dx_tf[0])

# %%
agree(y_pt, y_tf, gradients=([dx_pt, db_pt], [dx_tf, db_tf]))

# %% [markdown]
# ### The gradient of the weight goes through σ in PyTorch, and not in Keras
#
# Outputs and gradients of input and bias agree. Those of the weight do not:

# %% spectral-differ-pt tags=["pytorch"]
show(dw=dw_pt[0])

# %% spectral-differ-tf tags=["tensorflow"]
show(dw=tf.transpose(dw_tf)[0])

# %% [markdown]
# PyTorch differentiates $W / \sigma$, and $\sigma$ contains $W$. Keras first overwrites the kernel with
# $W / \sigma$, then differentiates by the new kernel. With $G$ for Keras's gradient, PyTorch's is
#
# $$\frac{1}{\sigma}\Big(G - \Big(\sum_{ij} G_{ij} \bar W_{ij}\Big)\, u v^\top\Big)$$

# %% spectral-gradient
u, sigmas, v = np.linalg.svd(w)
sigma, uv = sigmas[0], np.outer(u[:, 0], v[0])
g = tf.transpose(dw_tf)
through = tf.reduce_sum(g * w / sigma) * uv
agree(dw_pt, (g - through) / sigma)

# %% [markdown]
# To train with PyTorch's gradient in TensorFlow, keep the original kernel and divide in the call, with $u$
# and $v$ held constant:

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
# In PyTorch the original weight is trained, and `weight` is computed from it, in evaluation, too. In Keras
# nothing is normalized before the first call in training; from then on the original is gone. Here is the
# largest singular value of each:

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
# ### One iteration a step is enough, because u is kept
#
# One power iteration from a random start underestimates $\sigma$, so the divided weight still stretches
# too much. Since the next step goes on from there, a few steps put it right. PyTorch makes 15 iterations
# when the layer is built, Keras none. A layer of 64 units is called again and again in training:

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
# alt: The largest stretch of the divided weight over 30 training steps. PyTorch's is close to 1 from the
# first step. Keras's starts higher and falls to 1 within some steps.
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.plot(range(1, 31), stretch_pt, color=plots.PYTORCH)
ax.plot(range(1, 31), stretch_tf, color=plots.TENSORFLOW)
ax.axhline(1, color=plots.INK, linewidth=0.6)
ax.annotate("Keras: from a random u", (3, 1.15), color=plots.TENSORFLOW)
ax.annotate("PyTorch: 15 iterations before", (11, 0.93), color=plots.PYTORCH)
ax.set(xlabel="training step", ylabel="largest stretch", ylim=(0.9, None),
       title="Within a few steps σ is found")
plt.show()

# %% [markdown]
# ### For a transposed convolution the two take different matrices
#
# PyTorch arranges its kernel as (out, in · positions), and so does Keras for a convolution. For a
# transposed convolution Keras still flattens all but the last axis, which is *in* there. So the two divide
# the same kernel by different numbers, and nothing makes the built-in layers agree:

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
print(f"divided by {ratio.mean():.4f}")

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
print(f"divided by {tf.reduce_mean(ratio):.4f}")

# %% [markdown]
# (weight-norm)=
# ## Weight normalization
#
# <!-- head: weight_norm -->
#
# Weight normalization learns the length and the direction of each row of weights apart from each other
# {footcite:p}`salimans2016weight`. It needs no batch, and does the same in training and in evaluation.
# Choose it where batch normalization does not fit: in recurrent and generative networks, or with noisy
# small batches.
#
# $$w = g\,\frac{v}{\lVert v \rVert}$$
#
# where $w$ is the row of weights of one output, $g$ its length and $v$ a vector of which only the direction
# counts. Both are learned, and $g$ starts as the length that the row has. Keras has no counterpart, so this
# chapter builds one. It computes the kernel from $g$ and $v$, and calls the layer with it in place of its
# own:

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
# A row of PyTorch's (out, in) is a column of Keras's (in, out). A dense layer with $n$ inputs and $m$
# outputs has $m$ numbers more than before, one length for each output.
#
# ### PyTorch counts rows along axis 0: for a transposed convolution pass dim=1
#
# The weight of a transposed convolution is (in, out, …), so the default gives a length to each *input*
# channel:

# %% weight-norm-transposed-pt
for dim in (0, 1):
    conv = weight_norm(nn.ConvTranspose2d(3, 5, 2), dim=dim)
    print(dim, tuple(conv.parametrizations.weight.original0.shape))

# %% [markdown]
# ### The length of v never shrinks under gradient descent
#
# The output does not depend on the length of $v$, so the gradient stands at a right angle to $v$. Each step
# of gradient descent therefore makes $v$ a little longer, and later steps turn it less: a learning rate
# that is too high slows itself down. A layer learns a random linear map, with a high learning rate:

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
# alt: The length of v over 40 steps, TensorFlow's as circles on PyTorch's line. It rises at every step, most
# in the first ones, and then levels off.
fig, ax = plt.subplots(figsize=(5.2, 2.6))
plots.coinciding(ax, range(40), np.array(lengths_pt), np.array(lengths_tf),
                 label=(24, 4.0))
ax.set(xlabel="step", ylabel="length of v", title="v only grows")
plt.show()

# %%
for lengths in (lengths_pt, lengths_tf):
    print("never shorter:", all(np.diff(lengths) > -1e-5))

# %% [markdown]
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | embeddings to compare | unit normalization | dot products become cosines |
# | the discriminator of a GAN | spectral normalization | bounds how fast its output can change |
# | no batch to speak of, recurrent or generative networks | weight normalization | depends on weights alone |
# | AlexNet, or a network of its time | local response normalization | it was trained with it |
# | anything else | [batch or layer normalization](normalization.ipynb) | the standard |
#
# ## Exercises
#
# Write all four yourself: the zero vector without NaN, one power iteration, and a window of even size:
# [exercises on normalized vectors and weights](../../exercises/layers/normalized_vectors_and_weights.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
