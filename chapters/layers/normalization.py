# %% [markdown]
# # Normalization
#
# A normalization layer subtracts a mean and divides by a standard deviation, then multiplies by a learned
# weight and adds a learned bias. The five layers of this chapter differ in one thing: which numbers share
# a mean. Batch normalization takes it over the batch, so that an example's output depends on the other
# examples. Layer, group, instance and RMS normalization stay within one example.
#
# **The claim:** which numbers share a mean decides which shifts of the input a layer undoes, in both
# frameworks by the same digits. And Keras's default momentum keeps 60 % of the untrained statistics after
# 50 batches, where PyTorch's keeps half a percent.

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
x = rng.normal(2, 3, (4, 6, 3, 7)).astype(np.float32)  # (batch, channels, …)
upstream = rng.normal(0, 1, x.shape).astype(np.float32)

# %% [markdown]
# Every section uses these inputs: 4 examples with 6 channels of 3 × 7 positions. All sizes differ, so that
# a wrong axis cannot go unnoticed. `upstream` is the gradient that arrives from the layers above: without
# it all gradients of the input would be 0, because normalized numbers always sum to 0.
#
# In the figure each block is one example: its rows are channels, its columns positions. The coloured cells
# share the mean and the variance by which the marked number is normalized.

# %% which-axes tags=["hide-input"]
# alt: Six panels of four blocks each. A block is an example, with six channels as rows and five positions
# as columns. The cells that share their statistics with a marked number are coloured. Batch: one row in
# all four blocks. Layer, all axes: the whole first block. Layer, last axis in Keras: one column of the
# first block. Group: three rows of the first block. Instance: one row of the first block. RMS: one column
# of the first block.
def cells(ax, title, section, color, examples, channels, places):
    for n in range(4):
        for c in range(6):
            for p in range(5):
                on = n in examples and c in channels and p in places
                ax.add_patch(plt.Rectangle(
                    (n * 6 + p, -c), 0.86, 0.86, linewidth=0, alpha=1 if on else 0.22,
                    facecolor=color if on else plots.SIBLING))
    ax.plot([1.43], [-0.57], "o", color="white", markersize=3.5)
    ax.set(xlim=(-0.3, 23.3), ylim=(-5.3, 1.2), xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_visible(False)
    plots.head(ax, title, section)


every = range(6)
fig, axes = plt.subplots(3, 2, figsize=(5.2, 3.3))
for ax, color, panel in zip(axes.flat, plots.PALETTE, (
    ("Batch", "batch-norm", range(4), [1], every),
    ("Layer: all axes", "layer-norm", [0], every, every),
    ("Layer: channels", "layer-norm", [0], every, [1]),
    ("Group", "group-norm", [0], [0, 1, 2], every),
    ("Instance", "instance-norm", [0], [1], every),
    ("RMS: no mean", "rms-norm", [0], every, [1]),
)):
    title, section, *chosen = panel
    cells(ax, title, section, color, *chosen)
plt.show()

# %% [markdown]
# (batch-norm)=
# ## Batch normalization
#
# <!-- head: batch_norm -->
#
# In training batch normalization gives each channel the mean 0 and the variance 1, over the batch and all
# positions {footcite:p}`ioffe2015batch`. It also keeps a running mean and a running variance, which
# replace those of the batch in evaluation. Choose it for convolutional networks with batches of 16 or
# more.
#
# $$y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}\,\gamma + \beta$$
#
# where $\mu$ and $\sigma^2$ are mean and variance of the channel, $\epsilon$ is a small number that keeps
# the divisor away from 0, and $\gamma$ and $\beta$ are learned, one for each channel. PyTorch calls them
# `weight` and `bias`, Keras `gamma` and `beta`.
#
# PyTorch wants the channels in axis 1, Keras in the last axis, so the same numbers are turned once with
# `np.moveaxis`:

# %%
x_last = np.moveaxis(x, 1, -1)  # (batch, height, width, channels)
upstream_last = np.moveaxis(upstream, 1, -1)
gamma = np.linspace(0.5, 1.5, 6, dtype=np.float32)
beta = np.linspace(-1, 1, 6, dtype=np.float32)

# %% tags=["pytorch"]
norm_pt = nn.BatchNorm2d(6)
with torch.no_grad():
    norm_pt.weight.copy_(torch.tensor(gamma))
    norm_pt.bias.copy_(torch.tensor(beta))

x_pt = torch.tensor(x, requires_grad=True)
y_pt = norm_pt(x_pt)
dx_pt, dw_pt, db_pt = torch.autograd.grad(
    y_pt, (x_pt, norm_pt.weight, norm_pt.bias),
    torch.tensor(upstream),
)
show(mean=y_pt.mean((0, 2, 3)), dw=dw_pt, db=db_pt, digits=2)

# %% tags=["tensorflow"]
norm_tf = keras.layers.BatchNormalization(
    momentum=0.9, epsilon=1e-5
)
norm_tf.build(x_last.shape)
norm_tf.gamma.assign(gamma)
norm_tf.beta.assign(beta)
x_tf = tf.Variable(x_last)
with tf.GradientTape() as tape:
    y_tf = norm_tf(x_tf, training=True)
dx_tf, dw_tf, db_tf = tape.gradient(
    y_tf, (x_tf, *norm_tf.trainable_weights),
    tf.constant(upstream_last),
)
mean = tf.reduce_mean(y_tf, (0, 1, 2))
show(mean=mean, dw=dw_tf, db=db_tf, digits=2)

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf,
      gradients=([dx_pt.permute(0, 2, 3, 1), dw_pt, db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# The mean of each channel is now its $\beta$. `agree` compares all 504 numbers, their gradients, and those
# of $\gamma$ and $\beta$. The sections below call `value_and_grad`, which takes these same steps, and
# `copy_weights`, which moves the weights.
#
# ### Give momentum and eps in both: m here is 1 − m there
#
# Both defaults differ. `momentum` even has the opposite meaning: in PyTorch it is the share of the *new*
# batch in the running statistics, in Keras the share of the *old* ones. One batch whose mean is 1 in each
# channel shows which it is:

# %% batch-norm-momentum-pt tags=["pytorch"]
ones = torch.ones(2, 3)
for norm in (nn.BatchNorm1d(3),
             nn.BatchNorm1d(3, momentum=0.9)):
    norm(ones)
    show(running_mean=norm.running_mean)

# %% batch-norm-momentum-tf tags=["tensorflow"]
ones = tf.ones((2, 3))
for norm in (keras.layers.BatchNormalization(),
             keras.layers.BatchNormalization(momentum=0.9)):
    norm(ones, training=True)
    show(running_mean=norm.moving_mean)

# %% [markdown]
# With 0.9 in both, PyTorch forgets 90 % in one step, and Keras 10 %.
#
# Keras's `epsilon`, 1e-3, is a hundred times PyTorch's. It shows where the variance is small. Here are
# Keras's defaults in PyTorch, on numbers whose variance is about 1e-3:

# %% tags=["pytorch"]
small_pt = torch.tensor(x) / 100
plain_pt = nn.BatchNorm2d(6)(small_pt)
norm_pt = nn.BatchNorm2d(6, eps=1e-3, momentum=0.01)
y_pt = norm_pt(small_pt)
show(default=plain_pt[0, 0, 0], keras=y_pt[0, 0, 0])

# %% tags=["tensorflow"]
small_tf = tf.constant(x_last) / 100
norm_tf = keras.layers.BatchNormalization()
y_tf = norm_tf(small_tf, training=True)
show(default=y_tf[0, 0, :, 0])

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf)

# %% [markdown]
# ### The running variance is divided by n − 1 in PyTorch, by n in Keras
#
# Both normalize a batch by the variance with n in its denominator. What they *keep* differs: PyTorch keeps
# the unbiased variance, with n − 1. Here n is 4 · 3 · 7 = 84; with few numbers a channel it matters.

# %% batch-norm-variance-pt tags=["pytorch"]
norm_pt = nn.BatchNorm2d(6)
norm_pt(torch.tensor(x))
show(mean=norm_pt.running_mean, var=norm_pt.running_var)

# %% batch-norm-variance-tf tags=["tensorflow"]
norm_tf = keras.layers.BatchNormalization(momentum=0.9)
norm_tf(x_last, training=True)
show(mean=norm_tf.moving_mean, var=norm_tf.moving_variance)

# %% batch-norm-variance
n = 4 * 3 * 7
kept = 0.9  # what is left of the variance 1 from the start
agree(norm_pt.running_mean, norm_tf.moving_mean)
seen = (norm_pt.running_var - kept) * (n - 1) / n
agree(seen + kept, norm_tf.moving_variance)

# %% [markdown]
# No argument makes them equal. To keep Keras's variance in PyTorch, normalize without the buffers, and
# move them yourself:

# %% tags=["pytorch"]
norm_pt = nn.BatchNorm1d(6)
for step in range(3):
    batch = torch.tensor(x[:, :, step, 0])  # (batch, channels)
    F.batch_norm(batch, None, None, norm_pt.weight,
                 norm_pt.bias, training=True, eps=1e-3)
    with torch.no_grad():
        variance = batch.var(0, correction=0)
        norm_pt.running_mean.lerp_(batch.mean(0), 0.1)
        norm_pt.running_var.lerp_(variance, 0.1)

# %% tags=["tensorflow"]
norm_tf = keras.layers.BatchNormalization(momentum=0.9)
for step in range(3):
    batch = tf.constant(x_last[:, step, 0])  # (batch, channels)
    norm_tf(batch, training=True)

# %%
agree([norm_pt.running_mean, norm_pt.running_var],
      [norm_tf.moving_mean, norm_tf.moving_variance])

# %% [markdown]
# A trained layer moves without a loss, because evaluation reads the finished numbers. `copy_weights` moves
# all four arrays:

# %% batch-norm-port-pt tags=["pytorch"]
norm_pt = nn.BatchNorm2d(6)
for _ in range(5):
    norm_pt(torch.tensor(x))
norm_pt.eval()
y_pt = norm_pt(torch.tensor(x))
learned = sum(p.numel() for p in norm_pt.parameters())
print(learned, "learned, and in buffers",
      [b.numel() for b in norm_pt.buffers()])

# %% batch-norm-port-tf tags=["tensorflow"]
norm_tf = keras.layers.BatchNormalization(epsilon=1e-5)
norm_tf.build(x_last.shape)
copy_weights(norm_pt, norm_tf)

y_tf = norm_tf(x_last, training=False)
weights = norm_tf.trainable_weights
print(sum(w.numpy().size for w in weights), "learned, of",
      norm_tf.count_params())

# %% batch-norm-port
agree(y_pt.permute(0, 2, 3, 1), y_tf)

# %% [markdown]
# For $C$ channels there are $2C$ learned numbers and $2C$ kept ones. Keras counts all $4C$ as parameters,
# PyTorch the $2C$ that are learned; its third buffer counts the batches.
#
# ### After 50 batches, Keras's default has kept 60 % of the start
#
# The running statistics start at mean 0 and variance 1. Fifty batches from N(3, 2²) go through a layer
# with each framework's default momentum. Then evaluation should give them the mean 0 and the standard
# deviation 1.

# %%
rng = np.random.default_rng(1)
batches = rng.normal(3, 2, (50, 64, 2)).astype(np.float32)  # (step, batch, features)
test = rng.normal(3, 2, (10_000, 2)).astype(np.float32)

# %% tags=["pytorch"]
norm_pt = nn.BatchNorm1d(2, eps=1e-3)
means_pt = []
for batch in batches:
    norm_pt(torch.tensor(batch))
    means_pt.append(norm_pt.running_mean.mean().item())
norm_pt.eval()
y_pt = norm_pt(torch.tensor(test))
print(f"mean {y_pt.mean():.2f}, sd {y_pt.std():.2f}")

# %% tags=["tensorflow"]
norm_tf = keras.layers.BatchNormalization()
means_tf = []
for batch in batches:
    norm_tf(batch, training=True)
    mean = tf.reduce_mean(norm_tf.moving_mean)
    means_tf.append(float(mean))
y_tf = norm_tf(test, training=False)
print(f"mean {tf.reduce_mean(y_tf):.2f}, "
      f"sd {tf.math.reduce_std(y_tf):.2f}")

# %% start-left tags=["hide-input"]
# alt: The running mean over 50 batches whose mean is 3. PyTorch's climbs to 3 within 40 batches. Keras's
# climbs slowly, and is at 1.2 after 50.
fig, ax = plt.subplots()
ax.plot(range(1, 51), means_pt, color=plots.PYTORCH)
ax.plot(range(1, 51), means_tf, color=plots.TENSORFLOW)
ax.axhline(3, color=plots.INK, linewidth=0.6)
ax.annotate("PyTorch, momentum 0.1", (17, 2.2), color=plots.PYTORCH)
ax.annotate("Keras, momentum 0.99", (26, 0.45), color=plots.TENSORFLOW)
ax.annotate("mean of the data", (1, 3.08))
ax.set(xlabel="batch", ylabel="running mean", ylim=(0, 3.4),
       title="After 50 batches Keras is not half way")
plt.show()

# %%
print(f"left of the start: PyTorch {0.9**50:.1%}, Keras {0.99**50:.1%}")

# %% [markdown]
# Keras's statistics are right after some 500 batches. A short training that looks good in training mode and
# fails in evaluation has this cause first: pass `momentum=0.9`.
#
# PyTorch has a third way: `momentum=None` keeps the plain average of all batches. In Keras, set the
# momentum before each call:

# %% tags=["pytorch"]
norm_pt = nn.BatchNorm1d(2, momentum=None)
for batch in batches[:5]:
    norm_pt(torch.tensor(batch))
show(mean=norm_pt.running_mean)

# %% tags=["tensorflow"]
norm_tf = keras.layers.BatchNormalization()
for step, batch in enumerate(batches[:5], 1):
    norm_tf.momentum = 1 - 1 / step
    norm_tf(batch, training=True)
show(mean=norm_tf.moving_mean)

# %%
agree(norm_pt.running_mean, norm_tf.moving_mean)

# %% [markdown]
# ### To freeze it: eval() in PyTorch, trainable = False in Keras
#
# Freezing the weights does not stop the statistics in PyTorch: with `requires_grad_(False)` the layer still
# normalizes by the batch, and its running mean still moves. Call `eval()` on the layer, and again after
# every `model.train()`. In Keras `trainable = False` is enough: a frozen layer evaluates, even when it is
# called with `training=True`.

# %% batch-norm-frozen-pt tags=["pytorch"]
norm_pt = nn.BatchNorm2d(6).requires_grad_(False)
norm_pt(torch.tensor(x))
show(frozen=norm_pt.running_mean)

norm_pt = nn.BatchNorm2d(6).requires_grad_(False).eval()
y_pt = norm_pt(torch.tensor(x))
show(eval=norm_pt.running_mean)

# %% batch-norm-frozen-tf tags=["tensorflow"]
norm_tf = keras.layers.BatchNormalization(epsilon=1e-5)
norm_tf.trainable = False
y_tf = norm_tf(x_last, training=True)
show(frozen=norm_tf.moving_mean)

# %% batch-norm-frozen
agree(y_pt.permute(0, 2, 3, 1), y_tf)

# %% [markdown]
# ### BatchNorm1d takes axis 1 for the channels, whatever the data
#
# Sequences are (batch, channels, time) for PyTorch, and (batch, time, channels) for Keras. Where both sizes
# are equal, the wrong order raises no error. In these 6 time steps of 6 channels, each channel spreads
# wider than the one before it:

# %%
rng = np.random.default_rng(3)
sequence = rng.normal(0, 1, (4, 6, 6)).astype(np.float32)  # (batch, time, channels)
sequence *= np.arange(1, 7)

# %% batch-norm-axis-pt tags=["pytorch"]
norm_pt = nn.BatchNorm1d(6, eps=1e-3)
wrong_pt = norm_pt(torch.tensor(sequence))
x_pt = torch.tensor(sequence).permute(0, 2, 1)
y_pt = norm_pt(x_pt).permute(0, 2, 1)
show(wrong=wrong_pt.std((0, 1), correction=0),
     right=y_pt.std((0, 1), correction=0), digits=2)

# %% batch-norm-axis-tf tags=["tensorflow"]
norm_tf = keras.layers.BatchNormalization()
y_tf = norm_tf(sequence, training=True)
show(right=tf.math.reduce_std(y_tf, (0, 1)), digits=2)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# These are the standard deviations of the six channels. Normalized by time steps, the first line, they
# still grow. Normalized by channels, all are 1.
#
# Keras has one layer for all numbers of dimensions, and can be told the axis:
#
# | input | PyTorch, channels in axis 1 | Keras |
# | --- | --- | --- |
# | (batch, features) or a sequence | `nn.BatchNorm1d(C)` | `BatchNormalization()` |
# | images | `nn.BatchNorm2d(C)` | `BatchNormalization()` |
# | volumes | `nn.BatchNorm3d(C)` | `BatchNormalization()` |
# | channels in axis 1 | any of them | `BatchNormalization(axis=1)` |
# | several devices | `nn.SyncBatchNorm(C)` | `BatchNormalization(synchronized=True)` |
# | number of channels not known yet | `nn.LazyBatchNorm1d()` to `3d()` | any: the first input tells |
#
# ### One value per channel: PyTorch raises in training, Keras returns the bias
#
# A batch of one has no variance. It comes up as the last, short batch of an epoch.

# %% batch-norm-one-value-pt tags=["pytorch"]
norm = nn.BatchNorm1d(3)
with show_error():
    norm(torch.ones(1, 3))

# %% batch-norm-one-value-tf tags=["tensorflow"]
norm = keras.layers.BatchNormalization()
show(y=norm(5 * tf.ones((1, 3)), training=True))

# %% [markdown]
# In Keras such a batch passes no signal, and 5 becomes 0. Drop it: `DataLoader(…, drop_last=True)`,
# `dataset.batch(…, drop_remainder=True)`.
#
# ### As a function: PyTorch takes weight and bias, tf.nn offset and scale
#
# Both frameworks can normalize by statistics that you have computed yourself. Two arguments change places:

# %% tags=["pytorch"]
x_pt = torch.tensor(x[:, :, 0, 0])  # (batch, channels)
weight, bias = torch.tensor(gamma), torch.tensor(beta)
mean = x_pt.mean(0)
variance = x_pt.var(0, correction=0)
y_pt = F.batch_norm(
    x_pt, mean, variance, weight, bias, eps=1e-3
)

# %% tags=["tensorflow"]
x_tf = tf.constant(x[:, :, 0, 0])  # (batch, channels)
weight, bias = tf.constant(gamma), tf.constant(beta)
mean, variance = tf.nn.moments(x_tf, axes=[0])
y_tf = tf.nn.batch_normalization(
    x_tf, mean, variance, bias, weight, 1e-3
)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# `torch.var` divides by n − 1 unless you pass `correction=0`; `tf.nn.moments` divides by n.

# %% [markdown]
# (layer-norm)=
# ## Layer normalization
#
# <!-- head: layer_norm -->
#
# Layer normalization takes mean and variance within one example, over its last axis or several of its last
# axes {footcite:p}`ba2016layer`. It does the same in training and in evaluation, keeps nothing, and works
# with a batch of one. Choose it for transformers and recurrent networks: each layer of a transformer has
# two.
#
# $$y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}\,\gamma + \beta$$
#
# where $\mu$ and $\sigma^2$ are mean and variance of one vector, and $\gamma$ and $\beta$ have an entry for
# each of its features.

# %% tags=["pytorch"]
norm_pt = nn.LayerNorm(7)
with torch.no_grad():
    norm_pt.weight.copy_(torch.linspace(0.5, 1.5, 7))
x_pt = torch.tensor(x[:, :, 0])  # (batch, time, features)
y_pt, dx_pt, dw_pt = value_and_grad(
    norm_pt, x_pt, upstream_gradient=upstream[:, :, 0]
)
show(y=y_pt[0, 0], dx=dx_pt[0, 0])
show(dw=dw_pt[0], db=dw_pt[1], digits=2)

# %% tags=["tensorflow"]
norm_tf = keras.layers.LayerNormalization(epsilon=1e-5)
norm_tf.build((4, 6, 7))
copy_weights(norm_pt, norm_tf)
x_tf = tf.constant(x[:, :, 0])  # (batch, time, features)
y_tf, dx_tf, dw_tf = value_and_grad(
    norm_tf, x_tf, upstream_gradient=upstream[:, :, 0]
)
show(y=y_tf[0, 0], dx=dx_tf[0, 0])
show(dw=dw_tf[0], db=dw_tf[1], digits=2)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# Keras's `epsilon` is 1e-3 by default and PyTorch's 1e-5, so pass it. A pretrained transformer has a third:
# BERT was trained with 1e-12.
#
# ### PyTorch takes the sizes of the last axes, Keras the numbers of any axes
#
# `nn.LayerNorm((6, 3, 7))` normalizes the last three axes and checks their sizes. Keras's `axis=[1, 2, 3]`
# does the same, with weights of the same shape:

# %% layer-norm-axes-pt tags=["pytorch"]
norm_pt = nn.LayerNorm((6, 3, 7))
x_pt = torch.tensor(x)
y_pt, dx_pt, dw_pt = value_and_grad(
    norm_pt, x_pt, upstream_gradient=upstream
)
print(tuple(norm_pt.weight.shape))

# %% layer-norm-axes-tf tags=["tensorflow"]
norm_tf = keras.layers.LayerNormalization(
    axis=[1, 2, 3], epsilon=1e-5
)
x_tf = tf.constant(x)
y_tf, dx_tf, dw_tf = value_and_grad(
    norm_tf, x_tf, upstream_gradient=upstream
)
print(tuple(norm_tf.gamma.shape))

# %%
agree(y_pt, y_tf, gradients=([dx_pt, *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# Keras sorts the list, so `axis=(3, 2)` still has weights of shape (3, 7).
#
# ### Over the channels of an image: two permutes in PyTorch, axis=1 in Keras
#
# Networks such as ConvNeXt normalize the channels of each position. PyTorch's layer only knows last axes, so
# move the channels there and back. With channels last, as is usual in Keras, the default axis is right.

# %% layer-norm-channels-pt tags=["pytorch"]
norm_pt = nn.LayerNorm(6)
x_pt = torch.tensor(x)  # (batch, channels, …)
y_pt = norm_pt(x_pt.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

# %% layer-norm-channels-tf tags=["tensorflow"]
norm_tf = keras.layers.LayerNormalization(
    axis=1, epsilon=1e-5
)
y_tf = norm_tf(tf.constant(x))  # (batch, channels, …)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# (group-norm)=
# ## Group normalization
#
# <!-- head: group_norm -->
#
# Group normalization divides the channels into groups of neighbours, and normalizes each group of each
# example over its channels and positions {footcite:p}`wu2018group`. Choose it in place of batch
# normalization where batches are small, as in detection and segmentation; 32 groups are usual.
#
# $$y = \frac{x - \mu_g}{\sqrt{\sigma_g^2 + \epsilon}}\,\gamma_c + \beta_c$$
#
# where $\mu_g$ and $\sigma_g^2$ belong to the group $g$ of one example, and $\gamma_c$ and $\beta_c$ to
# the channel $c$.

# %% tags=["pytorch"]
norm_pt = nn.GroupNorm(2, 6)
with torch.no_grad():
    norm_pt.weight.copy_(torch.tensor(gamma))
x_pt = torch.tensor(x)
y_pt, dx_pt, dw_pt = value_and_grad(
    norm_pt, x_pt, upstream_gradient=upstream
)
show(y=y_pt[0, 0, 0], dx=dx_pt[0, 0, 0])

# %% tags=["tensorflow"]
norm_tf = keras.layers.GroupNormalization(2, epsilon=1e-5)
norm_tf.build(x_last.shape)
copy_weights(norm_pt, norm_tf)
x_tf = tf.constant(x_last)
y_tf, dx_tf, dw_tf = value_and_grad(
    norm_tf, x_tf, upstream_gradient=upstream_last
)
show(y=y_tf[0, 0, :, 0], dx=dx_tf[0, 0, :, 0])

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf,
      gradients=([dx_pt.permute(0, 2, 3, 1), *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# The groups are consecutive channels in both: 0 to 2, and 3 to 5. Keras's `axis=1` is for channels first.
#
# ### groups has no default in PyTorch; Keras's is 32

# %% group-norm-groups-pt tags=["pytorch"]
with show_error():
    nn.GroupNorm(4, 6)

# %% group-norm-groups-tf tags=["tensorflow"]
with show_error():
    keras.layers.GroupNormalization()(x_last)
with show_error():
    keras.layers.GroupNormalization(4)(x_last)

# %% [markdown]
# Keras's second message has it backwards: the number of *channels* must be a multiple of the number of
# groups.
#
# ### One group is not layer normalization: the weights differ in shape
#
# With one group the statistics are those of layer normalization over all axes. But each channel has one
# weight, and `nn.LayerNorm((6, 3, 7))` has one for each of its 126 numbers. As long as all weights are 1,
# the outputs are equal:

# %% group-norm-one-pt tags=["pytorch"]
group, layer = nn.GroupNorm(1, 6), nn.LayerNorm((6, 3, 7))
x_pt = torch.tensor(x)
print(torch.allclose(group(x_pt), layer(x_pt), atol=1e-5))
print(group.weight.numel(), layer.weight.numel())

# %% group-norm-one-tf tags=["tensorflow"]
group = keras.layers.GroupNormalization(1)
layer = keras.layers.LayerNormalization(axis=[1, 2, 3])
same = np.allclose(group(x_last), layer(x_last), atol=1e-5)
print(same)
print(group.gamma.numpy().size, layer.gamma.numpy().size)

# %% [markdown]
# (instance-norm)=
# ## Instance normalization
#
# <!-- head: instance_norm -->
#
# Instance normalization gives each channel of each example the mean 0 and the variance 1 over its
# positions: group normalization with one channel a group {footcite:p}`ulyanov2016instance`. It takes
# brightness and contrast out of each image. Choose it for style transfer, where these should not count, and
# not for classification where they do.
#
# $$y = \frac{x - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \epsilon}}\,\gamma_c + \beta_c$$
#
# where $\mu_{nc}$ and $\sigma_{nc}^2$ belong to the channel $c$ of the example $n$.

# %% tags=["pytorch"]
norm_pt = nn.InstanceNorm2d(6, affine=True)
with torch.no_grad():
    norm_pt.weight.copy_(torch.tensor(gamma))
x_pt = torch.tensor(x)
y_pt, dx_pt, dw_pt = value_and_grad(
    norm_pt, x_pt, upstream_gradient=upstream
)
show(y=y_pt[0, 0, 0], dx=dx_pt[0, 0, 0])

# %% tags=["tensorflow"]
norm_tf = keras.layers.GroupNormalization(-1, epsilon=1e-5)
norm_tf.build(x_last.shape)
copy_weights(norm_pt, norm_tf)
x_tf = tf.constant(x_last)
y_tf, dx_tf, dw_tf = value_and_grad(
    norm_tf, x_tf, upstream_gradient=upstream_last
)
show(y=y_tf[0, 0, :, 0], dx=dx_tf[0, 0, :, 0])

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf,
      gradients=([dx_pt.permute(0, 2, 3, 1), *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# Keras has no layer of this name: `groups=-1` means one channel a group. `nn.InstanceNorm1d` and `3d` are
# for sequences and volumes, and Keras's layer takes any of them.
#
# ### PyTorch's has no weights by default, Keras's has two for each channel

# %% instance-norm-weights-pt tags=["pytorch"]
norm_pt = nn.InstanceNorm2d(6)
y_pt = norm_pt(torch.tensor(x))
print(len(list(norm_pt.parameters())), "weights")

# %% instance-norm-weights-tf tags=["tensorflow"]
norm_tf = keras.layers.GroupNormalization(
    -1, epsilon=1e-5, center=False, scale=False
)
y_tf = norm_tf(x_last)
print(len(norm_tf.weights), "weights")

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf)

# %% [markdown]
# ### One position: PyTorch raises even in evaluation, Keras returns 0
#
# With one position a channel there is nothing to compare with. Instance normalization does not keep
# statistics, so evaluation does not help:

# %% instance-norm-one-pt tags=["pytorch"]
norm = nn.InstanceNorm2d(6).eval()
with show_error():
    norm(torch.ones(2, 6, 1, 1))

# %% instance-norm-one-tf tags=["tensorflow"]
norm = keras.layers.GroupNormalization(-1)
y_tf = norm(tf.ones((2, 1, 1, 6)))
show(y=y_tf[0, 0])

# %% [markdown]
# (rms-norm)=
# ## RMS normalization
#
# <!-- head: rms_norm -->
#
# RMS normalization divides each vector by the root of its mean square, and subtracts nothing
# {footcite:p}`zhang2019root`. It has a weight and no bias. Choose it where layer normalization is the habit
# and speed counts: most large language models do, since LLaMA.
#
# $$y = \frac{x}{\sqrt{\frac{1}{d} \sum_i x_i^2 + \epsilon}}\,\gamma$$
#
# where $d$ is the number of features of the vector $x$, and $\gamma$ has an entry for each.

# %% tags=["pytorch"]
norm_pt = nn.RMSNorm(7, eps=1e-6)
with torch.no_grad():
    norm_pt.weight.copy_(torch.linspace(0.5, 1.5, 7))
x_pt = torch.tensor(x[:, :, 0])  # (batch, time, features)
y_pt, dx_pt, dw_pt = value_and_grad(
    norm_pt, x_pt, upstream_gradient=upstream[:, :, 0]
)
show(y=y_pt[0, 0], dx=dx_pt[0, 0])
show(dw=dw_pt[0], digits=2)

# %% tags=["tensorflow"]
norm_tf = keras.layers.RMSNormalization()
norm_tf.build((4, 6, 7))
copy_weights(norm_pt, norm_tf)
x_tf = tf.constant(x[:, :, 0])  # (batch, time, features)
y_tf, dx_tf, dw_tf = value_and_grad(
    norm_tf, x_tf, upstream_gradient=upstream[:, :, 0]
)
show(y=y_tf[0, 0], dx=dx_tf[0, 0])
show(dw=dw_tf[0], digits=2)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# ### Without eps PyTorch takes the dtype's, 1.2e-7: name it
#
# PyTorch's default, `eps=None`, means the machine epsilon of the input's dtype. Keras's is 1e-6.
# Published models name theirs, often 1e-6 or 1e-5. For numbers around 1 nobody notices. For numbers around 1e-3, whose
# squares are as small as `eps`, the outputs differ a lot:

# %% rms-norm-eps-pt tags=["pytorch"]
small_pt = torch.tensor([[1e-3, -2e-3, 1e-3]])
show(default=nn.RMSNorm(3)(small_pt),
     named=nn.RMSNorm(3, eps=1e-6)(small_pt))

# %% rms-norm-eps-tf tags=["tensorflow"]
small_tf = tf.constant([[1e-3, -2e-3, 1e-3]])
show(default=keras.layers.RMSNormalization()(small_tf))

# %% [markdown]
# (which-shift-is-undone)=
# ## Which shift is undone? It depends on who shares the mean
#
# Add a constant to the input, and see whether the output changes. The constant is one number per channel
# (a brighter red in all images), one per example (a brighter image), or one for each channel of each
# example. A layer undoes the shift if all numbers that share a mean are shifted alike.

# %%
rng = np.random.default_rng(2)
shifts = {name: rng.normal(0, 1, shape).astype(np.float32) for name, shape in {
    "per channel": (1, 6, 1, 1),
    "per example": (4, 1, 1, 1),
    "per both": (4, 6, 1, 1),
}.items()}

# %% shifts-pt tags=["pytorch"]
norms_pt = {
    "batch": nn.BatchNorm2d(6),
    "layer": nn.LayerNorm((6, 3, 7)),
    "group": nn.GroupNorm(2, 6),
    "instance": nn.InstanceNorm2d(6),
    "rms": nn.RMSNorm((6, 3, 7)),
}
for name, norm in norms_pt.items():
    undone = [
        torch.allclose(norm(torch.tensor(x + s)),
                       norm(torch.tensor(x)), atol=1e-4)
        for s in shifts.values()
    ]
    print(f"{name:9}", *undone)

# %% shifts-tf tags=["tensorflow"]
axes, k = [1, 2, 3], keras.layers
norms_tf = {
    "batch": k.BatchNormalization(axis=1),
    "layer": k.LayerNormalization(axis=axes),
    "group": k.GroupNormalization(2, axis=1),
    "instance": k.GroupNormalization(-1, axis=1),
    "rms": k.RMSNormalization(axis=axes),
}
for name, norm in norms_tf.items():
    undone = [
        np.allclose(norm(x + s, training=True),
                    norm(x, training=True), atol=1e-4)
        for s in shifts.values()
    ]
    print(f"{name:9}", *undone)

# %% shift-picture tags=["hide-input"]
# alt: A table of five rows and three columns. Batch undoes a shift per channel. Layer and group undo a
# shift per example. Instance undoes all three. RMS undoes none.
undone = {name: [np.allclose(norm(x + s, training=True), norm(x, training=True), atol=1e-4)
                 for s in shifts.values()] for name, norm in norms_tf.items()}
fig, ax = plt.subplots(figsize=(5.2, 2.6))
for row, answers in enumerate(undone.values()):
    for column, answer in enumerate(answers):
        ax.add_patch(plt.Rectangle((column + 0.04, -row + 0.06), 0.92, 0.88, linewidth=0,
                                   facecolor=plots.PALETTE[2] if answer else plots.SIBLING,
                                   alpha=0.85 if answer else 0.2))
        ax.annotate("undone" if answer else "stays", (column + 0.5, -row + 0.5), ha="center",
                    va="center", color="white" if answer else plots.INK)
ax.set(xlim=(0, 3), ylim=(-4, 1), xticks=[0.5, 1.5, 2.5], yticks=[0.5 - i for i in range(5)],
       xticklabels=list(shifts), yticklabels=list(undone),
       title="Only instance normalization undoes all three")
ax.tick_params(length=0)
ax.spines[:].set_visible(False)
plt.show()

# %% [markdown]
# Batch normalization keeps how bright an example is, in comparison with the others. Instance normalization
# loses it. RMS normalization subtracts no mean, and keeps every shift.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | images, batches of 16 or more | batch normalization | the standard of convolutional networks; mind mode and momentum |
# | small batches of images | group normalization | does not depend on the batch, and has no modes |
# | sequences, transformers | layer normalization | each position on its own |
# | a large language model | RMS normalization | no mean, no bias, fewer operations |
# | style transfer | instance normalization | takes brightness and contrast out of each image |
# | a pretrained network to fine-tune | the one it has, frozen | its statistics belong to its weights |
#
# ## Exercises
#
# Write all five yourself, with the running statistics of batch normalization, and the gradient of layer
# normalization by hand: [exercises on normalization](../../exercises/layers/normalization.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
