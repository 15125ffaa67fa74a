# %% [markdown]
# # Normalization
#
# A normalization layer subtracts a mean and divides by a standard deviation. Then it multiplies by a learned
# weight and adds a learned bias. RMS normalization is the exception: it subtracts no mean and adds no bias.
#
# The five layers of this chapter differ in the set of numbers over which they compute the mean. Batch
# normalization computes the mean over the whole batch, so the output for one example depends on the other
# examples. Layer, group, instance and RMS normalization compute it over numbers of one example.
#
# **The claim:** if you add a constant to the input, some layers return the same output as before. Which
# constants a layer removes depends only on the numbers over which it computes the mean. PyTorch and Keras
# agree on this. They do not agree on the default momentum of batch normalization: after 50 batches, 60 % of
# the running statistics in Keras still come from the initial values. In PyTorch it is half a percent.

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
# Every section uses these inputs: 4 examples with 6 channels, and 3 × 7 positions in each channel. The four
# sizes are all different, so a wrong axis gives an error or another result.
#
# `upstream` is the gradient that a layer gets from the layers after it. Without `upstream`, the cells would
# compute the gradient of the sum of the outputs. With weights of 1, this sum is the same for every input, so its
# gradient would be 0. (RMS normalization is an exception.)
#
# In the figure, each block is one example. The rows of a block are channels, and the columns are positions.
# The dot marks one number of the input. The layer normalizes this number with the mean and the variance of
# the coloured cells. RMS normalization uses their mean square instead.

# %% which-axes tags=["hide-input"]
# alt: Six panels of four blocks each. A block is an example, with six channels as rows and five positions
# as columns. The coloured cells share their statistics with one marked number. Batch: one row in all four
# blocks. Layer, all axes: the whole first block. Layer, channels: one column of the first block. Group:
# three rows of the first block. Instance: one row of the first block. RMS: one column of the first block.
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
# In training mode, batch normalization gives each channel the mean 0 and the variance 1, over all examples
# and positions of the batch {footcite:p}`ioffe2015batch`. The layer also updates a running mean and a running
# variance. In inference mode it uses these running statistics instead of the statistics of the batch. Choose
# batch normalization for convolutional networks with batches of 16 or more examples.
#
# $$y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}\,\gamma + \beta$$
#
# Here $\mu$ and $\sigma^2$ are the mean and the variance of the channel. The small number $\epsilon$ prevents
# a division by 0. Each channel has a learned $\gamma$ and a learned $\beta$. PyTorch calls them `weight` and
# `bias`, Keras calls them `gamma` and `beta`.
#
# In PyTorch the channels are axis 1. In Keras they are the last axis. So `np.moveaxis` moves the channels to
# the end for Keras. In the next cells, `mean` is the mean of each channel of the output, `dw` is the gradient
# of `weight`, and `db` is the gradient of `bias`.

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
# The mean of each channel is now its $\beta$. `agree` compares all 504 numbers of the output, their
# gradients, and the gradients of $\gamma$ and $\beta$.
#
# The next sections use two functions of the book. `value_and_grad` does the same as the two cells above.
# `copy_weights` copies the weights of a PyTorch module into a Keras layer.
#
# ### A `momentum` of m in PyTorch is 1 − m in Keras
#
# The argument `momentum` has the opposite meaning in the two frameworks:
#
# - PyTorch: new = (1 − m) · old + m · batch, by default with m = 0.1
# - Keras: new = m · old + (1 − m) · batch, by default with m = 0.99
#
# The next cells call each layer once, on a batch whose mean is 1 in each channel. Before the call, the
# running mean is 0 in both. The first line uses the default, and the second line uses `momentum=0.9`:

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
# With `momentum=0.9`, one batch replaces 90 % of the running mean in PyTorch, and 10 % in Keras.
#
# The default `eps` is 1e-5 in PyTorch and 1e-3 in Keras. The difference is large when the variance is small.
# In the next cells the variance is about 1e-3. `default` is the output with the framework's own defaults, and
# `keras` is the output of PyTorch with Keras's defaults:

# %% tags=["pytorch"]
small_pt = torch.tensor(x) / 100
plain_pt = nn.BatchNorm2d(6)(small_pt)
norm_pt = nn.BatchNorm2d(6, eps=1e-3, momentum=0.01)
y_pt = norm_pt(small_pt)
show(default=plain_pt[0, 0, 0, :5],
     keras=y_pt[0, 0, 0, :5])

# %% tags=["tensorflow"]
small_tf = tf.constant(x_last) / 100
norm_tf = keras.layers.BatchNormalization()
y_tf = norm_tf(small_tf, training=True)
show(default=y_tf[0, 0, :5, 0])

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf)

# %% [markdown]
# ### The running variance is divided by n − 1 in PyTorch, by n in Keras
#
# Both frameworks normalize a batch with the variance that is divided by n. Only the *running* variance
# differs: PyTorch updates it with the unbiased variance of the batch, which is divided by n − 1. Here n is 4
# · 3 · 7 = 84 numbers in each channel. The smaller n is, the larger the difference is. `mean` and `var` are
# the running statistics after one batch:

# %% batch-norm-variance-pt tags=["pytorch"]
norm_pt = nn.BatchNorm2d(6)
norm_pt(torch.tensor(x))
show(mean=norm_pt.running_mean,
     var=norm_pt.running_var, digits=2)

# %% batch-norm-variance-tf tags=["tensorflow"]
norm_tf = keras.layers.BatchNormalization(momentum=0.9)
norm_tf(x_last, training=True)
show(mean=norm_tf.moving_mean,
     var=norm_tf.moving_variance, digits=2)

# %% batch-norm-variance
n = 4 * 3 * 7
kept = 0.9  # 0.9 of the initial variance, which is 1
agree(norm_pt.running_mean, norm_tf.moving_mean)
seen = (norm_pt.running_var - kept) * (n - 1) / n
agree(seen + kept, norm_tf.moving_variance)

# %% [markdown]
# The last cell converts PyTorch's running variance into Keras's. First it subtracts the part that comes from
# the initial value 1. Then it multiplies the rest by (n − 1) / n.
#
# No argument makes the two layers equal. To get Keras's running variance in PyTorch, normalize with
# `F.batch_norm` and without running statistics, and update the running statistics yourself:

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
# You can copy a trained layer from one framework to the other without a difference, because inference mode
# only reads the running statistics. `copy_weights` copies all four arrays: weight, bias, running mean and
# running variance.

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
# A layer with $C$ channels has $2C$ learned numbers and $2C$ running statistics. Keras counts all $4C$ as
# parameters. PyTorch counts only the $2C$ learned numbers, and stores the running statistics in buffers,
# which are tensors that are saved but not trained. The third buffer counts the batches.
#
# ### With Keras's default momentum, 60 % of the initial statistics are left after 50 batches
#
# The running mean starts at 0 and the running variance at 1. The next cells train each layer on 50 batches
# with the mean 3 and the standard deviation 2. Each layer uses the default momentum of its framework. In
# inference mode, the output for new data of the same kind should have the mean 0 and the standard deviation 1
# (`sd`):

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
# alt: The running mean over 50 batches whose mean is 3. PyTorch's running mean rises to 3 within 40 batches.
# Keras's running mean rises slowly to 1.2.
fig, ax = plt.subplots()
ax.plot(range(1, 51), means_pt, color=plots.PYTORCH)
ax.plot(range(1, 51), means_tf, color=plots.TENSORFLOW)
ax.axhline(3, color=plots.INK, linewidth=0.6)
ax.annotate("PyTorch, momentum 0.1", (17, 2.2), color=plots.PYTORCH)
ax.annotate("Keras, momentum 0.99", (26, 0.45), color=plots.TENSORFLOW)
ax.annotate("mean of the data", (1, 3.08))
ax.set(xlabel="batch", ylabel="running mean", ylim=(0, 3.4),
       title="After 50 batches, Keras has gone 40 % of the way")
plt.show()

# %%
for n_batches in (50, 500):
    print(f"initial statistics left after {n_batches} batches:",
          f"PyTorch {0.9**n_batches:.1%}, Keras {0.99**n_batches:.1%}")

# %% [markdown]
# The output of PyTorch's layer has almost the mean 0 and the standard deviation 1. The output of Keras's layer
# has the mean 1.22 and the standard deviation 1.35.
#
# In each step, PyTorch keeps 0.9 of the old statistics, and Keras keeps 0.99 of them. So Keras needs about
# 500 batches. If a short training works well in training mode and badly in inference mode, check the momentum
# first, and pass `momentum=0.9` to Keras.
#
# With `momentum=None`, PyTorch computes the plain average over all batches. In Keras, set the momentum to 1 −
# 1/step before each call:

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
# ### To freeze the layer, call `eval()` in PyTorch and set `trainable = False` in Keras
#
# In PyTorch, `requires_grad_(False)` freezes only the weight and the bias. The layer still normalizes with
# the statistics of the batch, and still updates its running statistics. To freeze the layer, also call
# `eval()` on it. Call `eval()` again after every `model.train()`.
#
# In Keras, `trainable = False` is enough. A frozen layer runs in inference mode, even if you call it with
# `training=True`. `frozen` and `eval` are the running means after one batch. A running mean of 0 did not
# change:

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
# ### `nn.BatchNorm1d` takes axis 1 as the channels, Keras takes the last axis
#
# A batch of sequences has the shape (batch, channels, time) in PyTorch, and (batch, time, channels) in Keras.
# If the number of channels equals the number of time steps, the wrong order gives no error. The next
# sequences have 6 time steps and 6 channels, and the standard deviation grows from channel to channel.
# `wrong` passes Keras's order to PyTorch, and `right` swaps the axes first:

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
# Each line shows the standard deviations of the six channels of the output. In `wrong`, PyTorch has
# normalized each time step instead of each channel, so the standard deviations differ. In `right`, all of
# them are 1.
#
# PyTorch has a layer for each number of dimensions. Keras has one layer, and its argument `axis` names the
# channels:
#
# | input | PyTorch, channels in axis 1 | Keras |
# | --- | --- | --- |
# | (batch, features) or a sequence | `nn.BatchNorm1d(C)` | `BatchNormalization()` |
# | images | `nn.BatchNorm2d(C)` | `BatchNormalization()` |
# | volumes | `nn.BatchNorm3d(C)` | `BatchNormalization()` |
# | channels in axis 1 | any of these three | `BatchNormalization(axis=1)` |
# | several devices | `nn.SyncBatchNorm(C)` | `BatchNormalization(synchronized=True)` |
# | number of channels not known yet | `nn.LazyBatchNorm1d()` to `3d()` | each layer: it reads the number from the first input |
#
# ### One value per channel: PyTorch raises an error in training mode, Keras returns the bias
#
# If a batch has one example with one value per channel, the variance of each channel is 0. This can happen
# with the last, short batch of an epoch.

# %% batch-norm-one-value-pt tags=["pytorch"]
norm = nn.BatchNorm1d(3)
with show_error():
    norm(torch.ones(1, 3))

# %% batch-norm-one-value-tf tags=["tensorflow"]
norm = keras.layers.BatchNormalization()
show(y=norm(5 * tf.ones((1, 3)), training=True))

# %% [markdown]
# In Keras there is no error: the input 5 becomes 0, which is the bias, and the same happens to every other
# input. Drop such a batch with `DataLoader(…, drop_last=True)` in PyTorch, or with `dataset.batch(…,
# drop_remainder=True)` in TensorFlow.
#
# ### As a function: `F.batch_norm` takes weight and bias, `tf.nn.batch_normalization` bias and weight
#
# Both frameworks also have a function for a mean and a variance that you have computed yourself. The weight
# and the bias have the opposite order in TensorFlow, which calls them `scale` and `offset`:

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
# The cells also show how to compute the variance. `torch.var` divides by n − 1 unless you pass `correction=0`.
# `tf.nn.moments` divides by n.

# %% [markdown]
# (layer-norm)=
# ## Layer normalization
#
# <!-- head: layer_norm -->
#
# Layer normalization computes the mean and the variance within one example, over the last axis or over
# several of the last axes {footcite:p}`ba2016layer`. It computes the same in training and in inference mode,
# has no running statistics, and works with a batch of one example. Choose it for transformers and recurrent
# networks. Each block of a transformer has two of these layers.
#
# $$y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}\,\gamma + \beta$$
#
# Here $\mu$ and $\sigma^2$ are the mean and the variance of one vector. $\gamma$ and $\beta$ have one entry
# for each feature of the vector.

# %% tags=["pytorch"]
norm_pt = nn.LayerNorm(7)
with torch.no_grad():
    norm_pt.weight.copy_(torch.linspace(0.5, 1.5, 7))
x_pt = torch.tensor(x[:, :, 0])  # (batch, time, features)
y_pt, dx_pt, dw_pt = value_and_grad(
    norm_pt, x_pt, upstream_gradient=upstream[:, :, 0]
)
show(y=y_pt[0, 0, :6], dx=dx_pt[0, 0, :6])
show(dw=dw_pt[0][:6], db=dw_pt[1][:6], digits=2)

# %% tags=["tensorflow"]
norm_tf = keras.layers.LayerNormalization(epsilon=1e-5)
norm_tf.build((4, 6, 7))
copy_weights(norm_pt, norm_tf)
x_tf = tf.constant(x[:, :, 0])  # (batch, time, features)
y_tf, dx_tf, dw_tf = value_and_grad(
    norm_tf, x_tf, upstream_gradient=upstream[:, :, 0]
)
show(y=y_tf[0, 0, :6], dx=dx_tf[0, 0, :6])
show(dw=dw_tf[0][:6], db=dw_tf[1][:6], digits=2)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# The default `eps` is 1e-5 in PyTorch and 1e-3 in Keras, so pass it. A pretrained model can use
# another value: read it from the model's configuration.
#
# ### PyTorch takes the sizes of the last axes, Keras takes the numbers of any axes
#
# `nn.LayerNorm((6, 3, 7))` normalizes over the last three axes, and checks that their sizes are 6, 3 and 7.
# In Keras, `axis=[1, 2, 3]` does the same. The weights have the same shape in both frameworks. The last lines
# of the Keras cell show that Keras sorts the axes: `axis=(3, 2)` gives weights of the shape (3, 7).

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

sorted_tf = keras.layers.LayerNormalization(axis=(3, 2))
sorted_tf.build(x.shape)
print(tuple(sorted_tf.gamma.shape))

# %%
agree(y_pt, y_tf, gradients=([dx_pt, *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# ### To normalize the channels of an image, permute the axes in PyTorch or pass `axis=1` in Keras
#
# Networks such as ConvNeXt normalize the channels of each position. `nn.LayerNorm` works only on the last
# axes, so move the channels to the end and back. If the channels are already the last axis, as is usual in
# Keras, the default `axis=-1` is right.

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
# Group normalization splits the channels into groups of neighbours. It normalizes each group of each example
# over the channels and positions of the group {footcite:p}`wu2018group`. Choose it instead of batch
# normalization if the batches are small, as in detection and segmentation. A usual number of groups is 32.
#
# $$y = \frac{x - \mu_g}{\sqrt{\sigma_g^2 + \epsilon}}\,\gamma_c + \beta_c$$
#
# Here $\mu_g$ and $\sigma_g^2$ are the mean and the variance of the group $g$ of one example. $\gamma_c$ and
# $\beta_c$ belong to the channel $c$.

# %% tags=["pytorch"]
norm_pt = nn.GroupNorm(2, 6)
with torch.no_grad():
    norm_pt.weight.copy_(torch.tensor(gamma))
x_pt = torch.tensor(x)
y_pt, dx_pt, dw_pt = value_and_grad(
    norm_pt, x_pt, upstream_gradient=upstream
)
show(y=y_pt[0, 0, 0, :6], dx=dx_pt[0, 0, 0, :6])

# %% tags=["tensorflow"]
norm_tf = keras.layers.GroupNormalization(2, epsilon=1e-5)
norm_tf.build(x_last.shape)
copy_weights(norm_pt, norm_tf)
x_tf = tf.constant(x_last)
y_tf, dx_tf, dw_tf = value_and_grad(
    norm_tf, x_tf, upstream_gradient=upstream_last
)
show(y=y_tf[0, 0, :6, 0], dx=dx_tf[0, 0, :6, 0])

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf,
      gradients=([dx_pt.permute(0, 2, 3, 1), *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# The groups are consecutive channels in both frameworks. Here the first group has the channels 0, 1 and 2,
# and the second group has the channels 3, 4 and 5. For an input with the channels in axis 1, pass `axis=1` to
# Keras.
#
# ### The number of groups has no default in PyTorch; Keras's default is 32
#
# The next cells ask for a number of groups that does not divide the 6 channels. The first error of Keras
# comes from its default of 32 groups:

# %% group-norm-groups-pt tags=["pytorch"]
with show_error():
    nn.GroupNorm(4, 6)

# %% group-norm-groups-tf tags=["tensorflow"]
with show_error():
    keras.layers.GroupNormalization()(x_last)
with show_error():
    keras.layers.GroupNormalization(4)(x_last)

# %% [markdown]
# Keras's second message is the wrong way round. The number of *channels* must be a multiple of the number of
# *groups*.
#
# ### One group is not layer normalization: the weights have other shapes
#
# With one group, the mean and the variance are those of layer normalization over all axes of an example. But
# group normalization has one weight for each of the 6 channels, and `nn.LayerNorm((6, 3, 7))` has one weight
# for each of the 126 numbers. The first line of each cell tells whether the outputs are equal while all
# weights are 1. The second line counts the weights of each layer:

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
# Instance normalization gives each channel of each example the mean 0 and the variance 1, over the positions
# of the channel {footcite:p}`ulyanov2016instance`. It is group normalization with one channel in each group.
# It removes brightness and contrast from each image. Choose it for style transfer, where brightness and
# contrast should not matter. Do not choose it for classification if they matter there.
#
# $$y = \frac{x - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \epsilon}}\,\gamma_c + \beta_c$$
#
# Here $\mu_{nc}$ and $\sigma_{nc}^2$ are the mean and the variance of the channel $c$ of the example $n$.

# %% tags=["pytorch"]
norm_pt = nn.InstanceNorm2d(6, affine=True)
with torch.no_grad():
    norm_pt.weight.copy_(torch.tensor(gamma))
x_pt = torch.tensor(x)
y_pt, dx_pt, dw_pt = value_and_grad(
    norm_pt, x_pt, upstream_gradient=upstream
)
show(y=y_pt[0, 0, 0, :6], dx=dx_pt[0, 0, 0, :6])

# %% tags=["tensorflow"]
norm_tf = keras.layers.GroupNormalization(-1, epsilon=1e-5)
norm_tf.build(x_last.shape)
copy_weights(norm_pt, norm_tf)
x_tf = tf.constant(x_last)
y_tf, dx_tf, dw_tf = value_and_grad(
    norm_tf, x_tf, upstream_gradient=upstream_last
)
show(y=y_tf[0, 0, :6, 0], dx=dx_tf[0, 0, :6, 0])

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf,
      gradients=([dx_pt.permute(0, 2, 3, 1), *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# Keras has no layer of this name. `GroupNormalization(-1)` makes groups of one channel. PyTorch has
# `nn.InstanceNorm1d` for sequences, `nn.InstanceNorm2d` for images and `nn.InstanceNorm3d` for volumes. The
# Keras layer works for all three.
#
# ### `nn.InstanceNorm2d` has no weights by default; the Keras layer has two for each channel
#
# To get a Keras layer without weights, pass `center=False` and `scale=False`. The cells print the number of
# weight arrays:

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
# ### One position: PyTorch raises an error even in inference mode, Keras returns 0
#
# If a channel has only one position, its variance is 0. Instance normalization has no running statistics, so
# `eval()` does not help in PyTorch. In Keras there is no error, and every input becomes 0:

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
# RMS normalization divides each vector by the root of its mean square, and subtracts no mean
# {footcite:p}`zhang2019root`. It has a weight and no bias. Choose it instead of layer normalization if you
# need fewer operations. Most large language models since LLaMA use it.
#
# $$y = \frac{x}{\sqrt{\frac{1}{d} \sum_i x_i^2 + \epsilon}}\,\gamma$$
#
# Here $d$ is the number of features of the vector $x$. $\gamma$ has one entry for each feature.

# %% tags=["pytorch"]
norm_pt = nn.RMSNorm(7, eps=1e-6)
with torch.no_grad():
    norm_pt.weight.copy_(torch.linspace(0.5, 1.5, 7))
x_pt = torch.tensor(x[:, :, 0])  # (batch, time, features)
y_pt, dx_pt, dw_pt = value_and_grad(
    norm_pt, x_pt, upstream_gradient=upstream[:, :, 0]
)
show(y=y_pt[0, 0, :6], dx=dx_pt[0, 0, :6])
show(dw=dw_pt[0][:6], digits=2)

# %% tags=["tensorflow"]
norm_tf = keras.layers.RMSNormalization()
norm_tf.build((4, 6, 7))
copy_weights(norm_pt, norm_tf)
x_tf = tf.constant(x[:, :, 0])  # (batch, time, features)
y_tf, dx_tf, dw_tf = value_and_grad(
    norm_tf, x_tf, upstream_gradient=upstream[:, :, 0]
)
show(y=y_tf[0, 0, :6], dx=dx_tf[0, 0, :6])
show(dw=dw_tf[0][:6], digits=2)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# ### Always pass `eps` to PyTorch: its default is 1.2e-7, and Keras's is 1e-6
#
# PyTorch's default, `eps=None`, is the machine epsilon of the input's dtype. For float32 this is 1.2e-7.
# Keras's default is 1e-6. Published models name their own value, often 1e-6 or 1e-5. For inputs around 1 the
# difference is very small. In the next cells the inputs are around 1e-3 and their squares are about as large
# as `eps`, so the outputs differ. `default` uses the framework's default, and `named` uses `eps=1e-6`:

# %% rms-norm-eps-pt tags=["pytorch"]
small_pt = torch.tensor([[1e-3, -2e-3, 1e-3]])
show(default=nn.RMSNorm(3)(small_pt),
     named=nn.RMSNorm(3, eps=1e-6)(small_pt), digits=3)

# %% rms-norm-eps-tf tags=["tensorflow"]
small_tf = tf.constant([[1e-3, -2e-3, 1e-3]])
show(default=keras.layers.RMSNormalization()(small_tf),
     digits=3)

# %% [markdown]
# (which-shift-is-undone)=
# ## Which shift a layer removes depends on the numbers that share a mean
#
# Add a constant to the input, and see whether the output changes. The next cells add three kinds of
# constants:
#
# - `per channel`: one number for each channel, for example more red in all images
# - `per example`: one number for each example, for example a brighter image
# - `per both`: one number for each channel of each example
#
# A layer removes the shift if all numbers that share a mean get the same constant. The three columns of the
# output are the three kinds, in this order. `True` means that the layer removes the shift, so the output is
# the same as before:

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
    removed = [
        torch.allclose(norm(torch.tensor(x + s)),
                       norm(torch.tensor(x)), atol=1e-4)
        for s in shifts.values()
    ]
    print(f"{name:9}", *removed)

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
    removed = [
        np.allclose(norm(x + s, training=True),
                    norm(x, training=True), atol=1e-4)
        for s in shifts.values()
    ]
    print(f"{name:9}", *removed)

# %% shift-picture tags=["hide-input"]
# alt: A table with a row for each layer and a column for each kind of shift. Batch normalization removes a
# shift per channel. Layer and group normalization remove a shift per example. Instance normalization removes
# all three shifts, and RMS normalization removes none.
removed = {
    name: [np.allclose(norm(x + s, training=True), norm(x, training=True), atol=1e-4)
           for s in shifts.values()]
    for name, norm in norms_tf.items()
}
fig, ax = plt.subplots(figsize=(5.2, 2.6))
for row, answers in enumerate(removed.values()):
    for column, answer in enumerate(answers):
        ax.add_patch(plt.Rectangle(
            (column + 0.04, -row + 0.06), 0.92, 0.88, linewidth=0,
            facecolor=plots.PALETTE[2] if answer else plots.SIBLING,
            alpha=0.85 if answer else 0.2))
        ax.annotate("removed" if answer else "stays",
                    (column + 0.5, -row + 0.5), ha="center", va="center",
                    color="white" if answer else plots.INK)
ax.set(xlim=(0, 3), ylim=(-4, 1), xticks=[0.5, 1.5, 2.5], yticks=[0.5 - i for i in range(5)],
       xticklabels=list(shifts), yticklabels=list(removed),
       title="Only instance normalization removes all three shifts")
ax.tick_params(length=0)
ax.spines[:].set_visible(False)
plt.show()

# %% [markdown]
# After batch normalization you can still see that an example is brighter than the others. After instance
# normalization this information is lost. RMS normalization subtracts no mean, so it removes none of the three
# shifts.
#
# ## Which one to choose
#
# | you have | choose | because |
# | --- | --- | --- |
# | images, batches of 16 or more | batch normalization | it is the standard of convolutional networks; check the mode and the momentum |
# | small batches of images | group normalization | it does not depend on the batch, and has no modes |
# | sequences, transformers | layer normalization | it normalizes each position separately |
# | a large language model | RMS normalization | it has no mean and no bias, so it needs fewer operations |
# | style transfer | instance normalization | it removes brightness and contrast from each image |
# | a pretrained network to fine-tune | the layer that the network has, frozen | its statistics belong to its weights |
#
# ## Exercises
#
# Write all five layers yourself, with the running statistics of batch normalization, and the gradient of
# layer normalization by hand: [exercises on normalization](../../exercises/layers/normalization.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
