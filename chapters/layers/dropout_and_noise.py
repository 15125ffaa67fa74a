# %% [markdown]
# # Dropout and noise
#
# These layers change their input at random while you train, and pass it on unchanged when you evaluate.
# Dropout sets numbers to 0, spatial dropout whole channels, alpha dropout sets them to another constant.
# Gaussian dropout multiplies by noise, Gaussian noise adds it. None of the six has weights.
#
# **The claim:** the two frameworks draw different masks from the same seed, so compare what does not
# depend on the draw. Given the same mask they agree to the last digit, and so do all 4096 masks of
# twelve units together. What breaks a ported model is the switch: what is on, and when.

# %%
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
x = np.array([[-4, -1.5, -0.5, 0.5], [1.5, 2, 4, 8]], dtype=np.float32)

# %% [markdown]
# (dropout)=
# ## Dropout
#
# <!-- head: dropout -->
#
# Dropout sets each number to 0 with probability $p$, and divides the others by $1 - p$
# {footcite:p}`srivastava2014dropout`. A unit cannot rely on any other unit, because that one may be
# missing; this makes a large network overfit less. Choose it after wide dense layers, with $p$ between
# 0.1 and 0.5.
#
# $$y = \frac{m\,x}{1 - p}, \qquad m = \begin{cases} 1 & u \ge p \\ 0 & u < p \end{cases}$$
#
# where $x$ is one number of the input, $p$ the probability to drop it (`p` in PyTorch, `rate` in Keras),
# and $u$ a random number between 0 and 1 of its own, drawn anew in each call. The division keeps the mean of $y$ at $x$,
# so that evaluation can pass $x$ on unchanged.
#
# No seed gives both frameworks the same $u$, so here both are handed the same eight. PyTorch writes the
# formula out. TensorFlow's `general_dropout` takes a function that supplies the random numbers.

# %% same-draws
u = np.array([[0.9, 0.1, 0.6, 0.3], [0.2, 0.8, 0.25, 0.7]])
u = u.astype(np.float32)

# %% same-draws-pt tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
mask = (torch.tensor(u) >= 0.25).float()
y_pt = x_pt * mask / (1 - 0.25)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% same-draws-tf tags=["tensorflow"]
x_tf = tf.Variable(x)
general_dropout = tf.nn.experimental.general_dropout
with tf.GradientTape() as tape:
    y_tf = general_dropout(
        x_tf, 0.25, uniform_sampler=lambda *shape, **kw: u)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Two of the eight were dropped, those with $u$ below 0.25. The gradient is the mask divided by 0.75: where
# a number was dropped, nothing flows back. So forward and backward must use **one** mask, and both
# frameworks keep it for you.
#
# With draws of their own the masks differ. These do not depend on the draw: the two numbers that come out
# for an input of 1, and that `x * dx` is `y`, because output and gradient share the mask.

# %% own-draws-pt tags=["pytorch"]
torch.manual_seed(0)
x_pt = torch.ones(1000)
y_pt, dx_pt = value_and_grad(F.dropout, x_pt, 0.25)
ends_pt = [y_pt.min(), y_pt.max()]
show(ends=torch.stack(ends_pt), dropped=(y_pt == 0).sum())
print("y is x * dx:", torch.equal(y_pt, x_pt * dx_pt))
print(y_pt[:9].int().tolist())

# %% own-draws-tf tags=["tensorflow"]
tf.random.set_seed(0)
x_tf = tf.ones(1000)
y_tf, dx_tf = value_and_grad(tf.nn.dropout, x_tf, 0.25)
ends_tf = [tf.reduce_min(y_tf), tf.reduce_max(y_tf)]
show(ends=tf.stack(ends_tf), dropped=np.sum(y_tf == 0))
print("y is x * dx:", np.array_equal(y_tf, x_tf * dx_tf))
print(y_tf[:9].numpy().astype(int).tolist())

# %% own-draws
agree(ends_pt, ends_tf)

# %% [markdown]
# Both dropped about a quarter, and both divided the rest by 0.75, but not the same ones: the last line of
# each shows the first nine numbers, cut to integers. Both seeds were 0.
#
# ### A fresh module drops, a fresh layer does not
#
# A PyTorch module carries a mode, and starts in training. A Keras layer is told the mode with each call,
# and assumes inference. So the same line, a new layer called on an input, is random in PyTorch and does
# nothing in Keras.

# %% fresh-pt tags=["pytorch"]
x_pt = torch.ones(2, 3, 5)
dropout = nn.Dropout(0.25)
fresh = dropout(x_pt)
y_pt = dropout.eval()(x_pt)
print("fresh keeps x:        ", torch.equal(fresh, x_pt))
print("after eval() keeps x: ", torch.equal(y_pt, x_pt))

# %% fresh-tf tags=["tensorflow"]
x_tf = tf.ones((2, 3, 5))
dropout = keras.layers.Dropout(0.25)
y_tf = dropout(x_tf)
trained = dropout(x_tf, training=True)
print("fresh keeps x:         ", np.array_equal(y_tf, x_tf))
print("training=True keeps x: ", np.array_equal(trained, x_tf))

# %% fresh
agree(y_pt, y_tf)

# %% [markdown]
# In PyTorch you set the mode of a whole network yourself. In Keras `fit` says `True` for you, and
# `predict` says `False`, as `evaluate` does. The layer below remembers what it is told:

# %% who-says-pt tags=["pytorch"]
net = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5))
for call in net.train, net.eval:
    call()
    print(f"{call.__name__:8}", net[1].training)

# %% who-says-tf tags=["tensorflow"]
class Mode(keras.layers.Layer):
    def call(self, x, training=None):
        self.told = bool(training)
        return x


net = keras.Sequential([keras.layers.Dense(1), Mode()])
net.compile("sgd", "mse", run_eagerly=True)
one = np.ones((1, 1))
net.fit(one, one, verbose=0)
print("fit     ", net.layers[1].told)
net.predict(one, verbose=0)
print("predict ", net.layers[1].told)
net(tf.constant(one))
print("net(x)  ", net.layers[1].told)

# %% [markdown]
# So in a training loop of your own, which calls the network itself, write `net(x, training=True)` in Keras.
# Without it the network trains, and dropout never drops.
#
# ### eval() does not reach F.dropout, trainable=False does not stop a layer
#
# The function has no mode. `F.dropout(x)` drops in evaluation, too, unless you pass the module's mode on.
# In Keras `trainable=False` freezes weights; a Dropout has none, and goes on dropping.

# %% not-off-pt tags=["pytorch"]
class Net(nn.Module):
    def forward(self, x):
        wrong = F.dropout(x, 0.5)
        right = F.dropout(x, 0.5, training=self.training)
        return wrong, right


wrong, right = Net().eval()(torch.ones(1000))
print("still dropping:", bool((wrong == 0).any()))
print("with training=:", bool((right == 0).any()))

# %% not-off-tf tags=["tensorflow"]
frozen = keras.layers.Dropout(0.5)
frozen.trainable = False
wrong = frozen(tf.ones(1000), training=True)
right = frozen(tf.ones(1000), training=False)
print("still dropping:", np.any(wrong == 0))
print("with training=:", np.any(right == 0))

# %% [markdown]
# The functions do not even share a default. Give them an input and a rate and nothing else; `True` means
# that the input was changed:

# %% function-defaults-pt tags=["pytorch"]
functions = (F.dropout, F.dropout1d, F.alpha_dropout,
             F.feature_alpha_dropout)
for function in functions:
    y = function(torch.ones(2, 500), 0.5)
    print(f"{function.__name__:22}", bool((y != 1).any()))

# %% function-defaults-tf tags=["tensorflow"]
ones = tf.ones((2, 500))
y = tf.nn.dropout(ones, 0.5)
print(f"{'tf.nn.dropout':22}", np.any(y != 1))
for name in "Dropout", "AlphaDropout":
    y = getattr(keras.layers, name)(0.5)(ones)
    print(f"{name:22}", np.any(y != 1))

# %% [markdown]
# `F.dropout` has `training=True` by default; `F.alpha_dropout` and `F.feature_alpha_dropout` have
# `training=False`, and return their input. `tf.nn.dropout` has no flag and always drops.
#
# ### noise_shape shares one draw along an axis
#
# Keras's `noise_shape` is the shape in which the mask is drawn; where it has a 1, one draw serves the
# whole axis. PyTorch has no such argument: drop ones in that shape, and multiply.

# %% noise-shape-pt tags=["pytorch"]
x_pt = torch.ones(2, 3, 5)  # (batch, time, features)
y_pt = x_pt * F.dropout(torch.ones(2, 1, 5), 0.5)
all_steps_pt = (y_pt == y_pt[:, :1]).all()
print("one mask for all steps:", bool(all_steps_pt))

# %% noise-shape-tf tags=["tensorflow"]
x_tf = tf.ones((2, 3, 5))  # (batch, time, features)
dropout = keras.layers.Dropout(
    0.5, noise_shape=(None, 1, 5))
y_tf = dropout(x_tf, training=True)
all_steps_tf = tf.reduce_all(y_tf == y_tf[:, :1])
print("one mask for all steps:", bool(all_steps_tf))

# %% noise-shape
agree(all_steps_pt, all_steps_tf)

# %% [markdown]
# `None` stands for the size of the input on that axis. A `noise_shape` of `(1, 1, 5)` would share the mask
# in the batch, too: every example loses the same features.
#
# ### Two Keras layers with one seed draw one mask
#
# PyTorch has one generator for everything: `torch.manual_seed` sets it, and each call moves it on. Each
# Keras layer has a generator of its own. Give two layers the same seed and they drop the same places.

# %% seeds-pt tags=["pytorch"]
torch.manual_seed(3)
x_pt = torch.ones(100)
one, two = nn.Dropout(), nn.Dropout()
first, other, again = (
    module(x_pt) for module in (one, two, one))
print("two modules:", torch.equal(first, other))
print("same, again:", torch.equal(first, again))
print("state_dict: ", list(one.state_dict()))

# %% seeds-tf tags=["tensorflow"]
x_tf = tf.ones(100)
one = keras.layers.Dropout(0.5, seed=3)
two = keras.layers.Dropout(0.5, seed=3)
first, other, again = (
    layer(x_tf, training=True) for layer in (one, two, one))
print("two layers: ", np.array_equal(first, other))
print("same, again:", np.array_equal(first, again))
print("variables:  ", [v.name for v in one.variables])
print("weights:    ", one.weights)

# %% [markdown]
# The generator's state is among the layer's `variables`, and not among its `weights`. PyTorch's modules hold
# none: to continue a run exactly, save `torch.get_rng_state()` beside the weights.
#
# ### At a rate of 1 PyTorch lets NaN through, Keras returns zeros
#
# PyTorch multiplies by the mask, and NaN times 0 is NaN. TensorFlow selects, so a dropped NaN is gone: the
# same broken batch may look broken in one framework and whole in the other.

# %% rate-one-pt tags=["pytorch"]
x_pt = torch.tensor([1.0, float("nan")])
show(rate_1=F.dropout(x_pt, 1.0))

# %% rate-one-tf tags=["tensorflow"]
x_tf = tf.constant([1.0, float("nan")])
show(rate_1=keras.layers.Dropout(1.0)(x_tf, training=True))
with show_error():
    tf.nn.dropout(x_tf, 1.0)

# %% [markdown]
# (dropout-ensemble)=
# ### Evaluation is the mean of all masks: exactly for a linear layer, not behind a ReLU
#
# With $p = ½$ twelve units have $2^{12} = 4096$ masks, all equally likely. Each mask makes a smaller
# network, and dropout trains them all at once with shared weights. Write all of them out, and there is no
# randomness left: is their mean what evaluation computes?

# %% masks
bits = np.arange(4096)[:, None] >> np.arange(12) & 1
masks = (bits / 0.5).astype(np.float32)  # (4096, 12): 0 or 2
rng = np.random.default_rng(0)
h = rng.normal(size=12).astype(np.float32)
w1 = rng.normal(size=(12, 8)).astype(np.float32)
w2 = rng.normal(size=(8, 1)).astype(np.float32)

# %% ensemble-pt tags=["pytorch"]
members = torch.tensor(h * masks) @ torch.tensor(w1)
whole = torch.tensor(h) @ torch.tensor(w1)
linear_pt = torch.stack([members.mean(0), whole])
net_pt = F.relu(members) @ torch.tensor(w2)  # (4096, 1)
whole_pt = F.relu(whole) @ torch.tensor(w2)
show(linear=linear_pt[:, :4])
show(mean_of_net=net_pt.mean(), evaluated=whole_pt, digits=3)

# %% ensemble-tf tags=["tensorflow"]
members = tf.constant(h * masks) @ tf.constant(w1)
whole = (tf.constant(h)[None] @ tf.constant(w1))[0]
linear_tf = tf.stack([tf.reduce_mean(members, 0), whole])
net_tf = tf.nn.relu(members) @ tf.constant(w2)  # (4096, 1)
whole_tf = (tf.nn.relu(whole)[None] @ tf.constant(w2))[0]
show(linear=linear_tf[:, :4])
mean_tf = tf.reduce_mean(net_tf)
show(mean_of_net=mean_tf, evaluated=whole_tf, digits=3)

# %% ensemble
agree([linear_pt, net_pt, whole_pt], [linear_tf, net_tf, whole_tf], atol=1e-5)
agree(linear_pt[0], linear_tf[1], atol=1e-5)

# %% ensemble-figure tags=["hide-input"]
# alt: A histogram of the outputs of 4096 networks, one for each mask, with two vertical lines: the mean
# of all of them, and the output of evaluation, which lies elsewhere.
fig, ax = plt.subplots()
ax.hist(net_pt.numpy().ravel(), bins=60, color=plots.SIBLING)
mean, evaluated = float(net_pt.mean()), float(whole_pt[0])
top = ax.get_ylim()[1]
for place, color in ((mean, plots.PALETTE[2]), (evaluated, plots.PALETTE[3])):
    ax.axvline(place, color=color)
side = 1 if mean > evaluated else -1
for place, word, color, where in ((mean, "mean of all masks", plots.PALETTE[2], side),
                                  (evaluated, "evaluation", plots.PALETTE[3], -side)):
    ax.annotate(word, (place, top), (5 * where, -12), textcoords="offset points", color=color,
                ha="left" if where > 0 else "right")
ax.set(xlabel="output", ylabel="networks", title="Behind a ReLU evaluation misses the mean of all masks")
plt.show()

# %% [markdown]
# `linear` shows four of eight outputs, the mean over all masks in the first row, evaluation in the second.
# They are equal, whatever the weights: the mean of a sum is the sum of the means. Behind the ReLU they
# differ, because the mean of a bent function is not the function of the mean.
#
# Evaluation is a cheap approximation of the ensemble. To have the ensemble itself, average many runs with
# dropout switched on.

# %% [markdown]
# (spatial-dropout)=
# ## Spatial dropout
#
# <!-- head: spatial_dropout -->
#
# Spatial dropout keeps or drops a whole channel of an example at once {footcite:p}`tompson2015efficient`.
# In a feature map neighbours are nearly equal, so a single missing pixel loses nothing that the pixel
# beside it does not say. Choose it between convolutions.
#
# $$y_{n,c,i} = \frac{m_{n,c}\,x_{n,c,i}}{1 - p}$$
#
# where $n$ is the example, $c$ the channel, $i$ a place in it, and $m_{n,c}$ is 1 with probability
# $1 - p$ and 0 otherwise: one draw for a channel of an example.

# %% spatial-input
images = np.arange(1, 211, dtype=np.float32).reshape(2, 3, 5, 7)
channels_last = np.moveaxis(images, 1, -1)  # (2, 5, 7, 3)

# %% spatial-pt tags=["pytorch"]
torch.manual_seed(3)
dropout = nn.Dropout2d(0.5)
x_pt = torch.tensor(images)  # (2, 3, 5, 7)
y_pt, dx_pt = value_and_grad(dropout, x_pt)
factors = y_pt / x_pt
show(channels=factors[:, :, 0, 0])
whole = factors == factors[:, :, :1, :1]
print("whole channels:", bool(whole.all()))
y_pt, dx_pt = value_and_grad(dropout.eval(), x_pt)

# %% spatial-tf tags=["tensorflow"]
keras.utils.set_random_seed(3)
dropout = keras.layers.SpatialDropout2D(0.5)
x_tf = tf.constant(channels_last)  # (2, 5, 7, 3)
y_tf, dx_tf = value_and_grad(dropout, x_tf, training=True)
factors = y_tf / x_tf
show(channels=factors[:, 0, 0, :])
whole = factors == factors[:, :1, :1]
print("whole channels:", np.all(whole))
y_tf, dx_tf = value_and_grad(dropout, x_tf, training=False)

# %% spatial
agree(y_pt.permute(0, 2, 3, 1), y_tf,
      gradients=(dx_pt.permute(0, 2, 3, 1), dx_tf))

# %% [markdown]
# Each row shows the three channels of an example: 0 where one was dropped, 2 where it was kept. The
# agreement is that of evaluation.
#
# | input | PyTorch, channels in axis 1 | Keras, channels last |
# | --- | --- | --- |
# | sequences | `nn.Dropout1d` on (N, C, L) | `SpatialDropout1D` on (N, L, C) |
# | images | `nn.Dropout2d` on (N, C, H, W) | `SpatialDropout2D` on (N, H, W, C) |
# | volumes | `nn.Dropout3d` on (N, C, D, H, W) | `SpatialDropout3D` on (N, D, H, W, C) |
#
# In Keras `data_format="channels_first"` moves the channels to axis 1, for images and volumes only.
#
# ### Fed (batch, time, features), Dropout1d drops whole time steps
#
# PyTorch takes axis 1 for the channels, whatever it means in your data. Sequences usually arrive with the
# features last, as Keras wants them. Turn them around the layer:

# %% wrong-axis-pt tags=["pytorch"]
torch.manual_seed(3)
dropout = nn.Dropout1d(0.5)
x_pt = torch.ones(1, 3, 5)  # (batch, time, features)
show(as_it_is=dropout(x_pt))
show(turned=dropout(x_pt.transpose(1, 2)).transpose(1, 2))
y_pt = dropout.eval()(x_pt)

# %% wrong-axis-tf tags=["tensorflow"]
keras.utils.set_random_seed(0)
dropout = keras.layers.SpatialDropout1D(0.5)
x_tf = tf.ones((1, 3, 5))  # (batch, time, features)
show(as_it_is=dropout(x_tf, training=True))
y_tf = dropout(x_tf)

# %% wrong-axis
agree(y_pt, y_tf)

# %% [markdown]
# Rows are time steps. `as_it_is` in PyTorch has whole rows of 0: it drops time steps, without an error.
#
# ### With a dimension missing PyTorch guesses and warns, Keras raises

# %% dimensions-pt tags=["pytorch"]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    nn.Dropout2d()(torch.ones(2, 3, 5))
    nn.Dropout2d()(torch.ones(2, 3))
for warning in caught:
    print(str(warning.message)[:64])

# %% dimensions-tf tags=["tensorflow"]
with show_error():
    keras.layers.SpatialDropout2D(0.5)(tf.ones((2, 3, 5)))

# %% [markdown]
# PyTorch reads three dimensions as (N, C, L), not as one image, and treats two as plain dropout. Use
# `nn.Dropout1d` and `nn.Dropout` there: both readings are announced to change.
#
# ### Averaging washes plain dropout out, not spatial dropout
#
# Take a constant channel of 7 × 7 ones, drop with $p = ½$, and average the channel, as global pooling
# does. How far is the average from 1, over 4000 channels?

# %% washed-out-pt tags=["pytorch"]
torch.manual_seed(0)
channels = torch.ones(4000, 1, 7, 7)
for dropout in nn.Dropout(), nn.Dropout2d():
    means = dropout(channels).mean((1, 2, 3))
    name = type(dropout).__name__
    print(f"{name:17} {means.std():.2f}")

# %% washed-out-tf tags=["tensorflow"]
channels = tf.ones((4000, 7, 7, 1))
for name in "Dropout", "SpatialDropout2D":
    dropout = getattr(keras.layers, name)(0.5, seed=0)
    y = dropout(channels, training=True)
    means = tf.reduce_mean(y, (1, 2, 3))
    print(f"{name:17} {tf.math.reduce_std(means):.2f}")

# %% [markdown]
# The average of 49 draws spreads by $1/\sqrt{49} = 0.14$, that of one draw by 1. After pooling plain
# dropout has hardly done anything.

# %% [markdown]
# (alpha-dropout)=
# ## Alpha dropout
#
# <!-- head: alpha_dropout -->
#
# Alpha dropout keeps mean 0 and variance 1, which [SELU](../activations/exponentials.ipynb#selu) networks
# rely on {footcite:p}`klambauer2017self`. A dropped number becomes $\alpha'$, the value to
# which SELU tends far below 0, and then all numbers are stretched and shifted. Choose it with SELU, and
# nowhere else.
#
# $$y = a\,(m\,x + (1 - m)\,\alpha') + b$$
#
# $$a = \frac{1}{\sqrt{(1 - p)(1 + p\,\alpha'^2)}}, \qquad b = -a\,p\,\alpha'$$
#
# where $m$ is dropout's mask, $p$ the probability to drop, and $\alpha' = -1.7581$. Undo the dropping in
# your head: with mean 0 and variance 1 before, the bracket has the mean $p\,\alpha'$, which $b$ takes out,
# and the variance $(1 - p)(1 + p\,\alpha'^2)$, which $a$ takes out.

# %% alpha-pt tags=["pytorch"]
torch.manual_seed(0)
dropout = nn.AlphaDropout(0.3)
x_pt = torch.full((1000,), 2.0)
y_pt, dx_pt = value_and_grad(dropout, x_pt)
ends_pt = [y_pt.min(), y_pt.max(), dx_pt.min(), dx_pt.max()]
show(dropped=ends_pt[0], kept=ends_pt[1], a=ends_pt[3])

# %% alpha-tf tags=["tensorflow"]
keras.utils.set_random_seed(0)
dropout = keras.layers.AlphaDropout(0.3)
x_tf = tf.fill((1000,), 2.0)
y_tf, dx_tf = value_and_grad(dropout, x_tf, training=True)
ends_tf = [f(v) for v in (y_tf, dx_tf)
           for f in (tf.reduce_min, tf.reduce_max)]
show(dropped=ends_tf[0], kept=ends_tf[1], a=ends_tf[3])

# %% alpha
agree(ends_pt, ends_tf)

# %% [markdown]
# A dropped number becomes −1.0595, a 2 that is kept becomes 2.1760: the same correction in both. The
# gradient is $a$ where a number was kept, 0 where it was dropped.
#
# ### Ten SELU layers keep their spread with alpha dropout, plain dropout inflates it
#
# Ten layers of width 256 with SELU and the weights that it asks for ($\sigma = 1/\sqrt{256}$), and dropout
# of 0.3 behind each:

# %% selu-data
rng = np.random.default_rng(0)
batch = rng.normal(size=(256, 256)).astype(np.float32)
weights = rng.normal(0, 1 / 16, (10, 256, 256)).astype(np.float32)

# %% selu-pt tags=["pytorch"]
torch.manual_seed(0)
for dropout in nn.AlphaDropout(0.3), nn.Dropout(0.3):
    h = torch.tensor(batch)
    for w in weights:
        h = dropout(F.selu(h @ torch.tensor(w)))
    print(f"{type(dropout).__name__:13} std {h.std():.1f}")

# %% selu-tf tags=["tensorflow"]
for name in "AlphaDropout", "Dropout":
    dropout = getattr(keras.layers, name)(0.3, seed=0)
    h = tf.constant(batch)
    for w in weights:
        h = dropout(tf.nn.selu(h @ w), training=True)
    print(f"{name:13} std {tf.math.reduce_std(h):.1f}")

# %% [markdown]
# (alpha-rate-one)=
# ### A rate of 1 is accepted by Keras, and raises when you train

# %% alpha-rate-one-pt tags=["pytorch"]
show(y=nn.AlphaDropout(1.0)(torch.ones(3)))

# %% alpha-rate-one-tf tags=["tensorflow"]
dropout = keras.layers.AlphaDropout(1.0)
with show_error():
    dropout(tf.ones(3), training=True)

# %% [markdown]
# (feature-alpha-dropout)=
# ## Feature alpha dropout
#
# <!-- head: feature_alpha_dropout -->
#
# Feature alpha dropout is to alpha dropout what spatial dropout is to dropout: it sets whole channels to
# $\alpha'$, with the same $a$ and $b$. Choose it between convolutions with SELU. Keras has no layer of
# that name, but its AlphaDropout takes a `noise_shape`:

# %% feature-alpha-pt tags=["pytorch"]
torch.manual_seed(3)
dropout = nn.FeatureAlphaDropout(0.3)
x_pt = torch.tensor(images)  # (2, 3, 5, 7)
gradient = value_and_grad(dropout, x_pt)[1]
show(channels=gradient[:, :, 0, 0])
whole = gradient == gradient[:, :, :1, :1]
print("whole channels:", bool(whole.all()))
zeros = torch.zeros(2, 300, 5, 7)
ends_pt = [dropout(zeros).min(), dropout(zeros).max()]

# %% feature-alpha-tf tags=["tensorflow"]
keras.utils.set_random_seed(3)
dropout = keras.layers.AlphaDropout(
    0.3, noise_shape=(None, 1, 1, 3))
x_tf = tf.constant(channels_last)  # (2, 5, 7, 3)
gradient = value_and_grad(dropout, x_tf, training=True)[1]
show(channels=gradient[:, 0, 0, :])
whole = gradient == gradient[:, :1, :1]
print("whole channels:", np.all(whole))
zeros = tf.zeros((600, 5, 7, 3))
y = dropout(zeros, training=True)
ends_tf = [tf.reduce_min(y), tf.reduce_max(y)]

# %% feature-alpha
agree(ends_pt, ends_tf)

# %% [markdown]
# The rows are the gradients of the three channels of each example: $a$ where a channel was kept, 0 where
# it was dropped. The agreement is on the two numbers that a 0 may become. PyTorch takes axis 1 for the
# channels, and two dimensions at least.

# %% [markdown]
# (gaussian-dropout)=
# ## Gaussian dropout
#
# <!-- head: gaussian_dropout -->
#
# Gaussian dropout multiplies each number by a normal random factor with mean 1
# {footcite:p}`srivastava2014dropout`. The factor has the mean and the variance of dropout's factor, and
# no number is lost entirely. Choose it where dropout helps, but exact zeros hurt.
#
# $$y = x \left(1 + \sqrt{\tfrac{p}{1 - p}}\; z\right), \qquad z \sim \mathcal N(0, 1)$$
#
# where $p$ is the `rate`. Dropout's factor is $1/(1 - p)$ with probability $1 - p$ and 0 otherwise: its
# variance is $p/(1 - p)$, hence the root. PyTorch has no such layer, so this chapter writes one:

# %% gaussian-bridge-pt tags=["pytorch"]
class GaussianDropout(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.stddev = (rate / (1 - rate)) ** 0.5

    def forward(self, x):
        if not self.training:
            return x
        return x * (1 + self.stddev * torch.randn_like(x))


torch.manual_seed(0)
dropout = GaussianDropout(0.3)
y_pt, dx_pt = value_and_grad(dropout, torch.ones(10**6))
print(f"mean {y_pt.mean():.2f}, std {y_pt.std():.2f}")

# %% gaussian-bridge-tf tags=["tensorflow"]
keras.utils.set_random_seed(0)
dropout = keras.layers.GaussianDropout(0.3)
y_tf, dx_tf = value_and_grad(
    dropout, tf.ones(10**6), training=True)
mean, std = tf.reduce_mean(y_tf), tf.math.reduce_std(y_tf)
print(f"mean {mean:.2f}, std {std:.2f}")

# %% [markdown]
# Both come to $\sqrt{0.3/0.7} = 0.65$. Draws cannot agree; what can is the formula, given the same factor.
# The gradient *is* the factor, so take the one that Keras drew to PyTorch:

# %% gaussian-same-pt tags=["pytorch"]
x_pt = torch.linspace(-3, 3, 10**6)
same_pt = x_pt * torch.tensor(dx_tf.numpy())
off_pt = GaussianDropout(0.3).eval()(x_pt)

# %% gaussian-same-tf tags=["tensorflow"]
x_tf = tf.constant(x_pt.numpy())
keras.utils.set_random_seed(0)
dropout = keras.layers.GaussianDropout(0.3)
same_tf = dropout(x_tf, training=True)
off_tf = dropout(x_tf)

# %% gaussian-same
agree([same_pt, off_pt], [same_tf, off_tf])

# %% [markdown]
# ### GaussianDropout(1.0) is accepted, then divides by zero
#
# Keras checks that the rate lies between 0 and 1, both included. At 1 the standard deviation is infinite,
# and the layer raises on the first training step, not when you build it. PyTorch's bridge raises at once.

# %% gaussian-rate-one-pt tags=["pytorch"]
with show_error():
    GaussianDropout(1.0)

# %% gaussian-rate-one-tf tags=["tensorflow"]
dropout = keras.layers.GaussianDropout(1.0)
show(inference=dropout(tf.ones(3)))
with show_error():
    dropout(tf.ones(3), training=True)

# %% [markdown]
# (gaussian-noise)=
# ## Gaussian noise
#
# <!-- head: gaussian_noise -->
#
# Gaussian noise adds a normal random number to each number of its input. Choose it right behind the
# input, where you know how noisy your measurements are.
#
# $$y = x + \sigma z, \qquad z \sim \mathcal N(0, 1)$$
#
# where $\sigma$ is `stddev`. The noise does not scale with the input: $\sigma = 0.1$ is little for pixels
# up to 255, and half of the signal for inputs around 0.2. Again PyTorch has none:

# %% noise-bridge-pt tags=["pytorch"]
class GaussianNoise(nn.Module):
    def __init__(self, stddev):
        super().__init__()
        self.stddev = stddev

    def forward(self, x):
        if not self.training:
            return x
        return x + self.stddev * torch.randn_like(x)


noise = GaussianNoise(0.1)
y_pt, dx_pt = value_and_grad(noise, torch.ones(2, 3, 5))
off_pt = noise.eval()(torch.ones(2, 3, 5))

# %% noise-bridge-tf tags=["tensorflow"]
noise = keras.layers.GaussianNoise(0.1)
y_tf, dx_tf = value_and_grad(
    noise, tf.ones((2, 3, 5)), training=True)
off_tf = noise(tf.ones((2, 3, 5)))

# %% noise-bridge
agree(off_pt, off_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# The values agree in evaluation, the gradients in training: adding a number leaves the gradient at 1.
#
# ### Keras refuses a standard deviation above 1

# %% noise-above-one-pt tags=["pytorch"]
torch.manual_seed(0)
y = GaussianNoise(5.0)(torch.zeros(10**6))
print(f"std {y.std():.1f}")

# %% noise-above-one-tf tags=["tensorflow"]
with show_error():
    keras.layers.GaussianNoise(5.0)
noise = keras.layers.GaussianNoise(1.0, seed=0)
y = 5 * noise(tf.zeros(10**6) / 5, training=True)
print(f"std {tf.math.reduce_std(y):.1f}")

# %% [markdown]
# For more noise divide the input, add noise of at most 1, and multiply again; or normalize your data, which
# is the better idea.
#
# ### Noise on the inputs of a linear model is L2 on its weights
#
# For a linear model with squared error, noise on the inputs adds $\sigma^2 \lVert w \rVert^2$ to the mean
# loss {footcite:p}`bishop1995training`. Without randomness: use the two inputs
# $x + \sigma e$ and $x - \sigma e$ for every axis $e$, scaled so that their covariance is that of the noise.

# %% noise-l2-data
rng = np.random.default_rng(0)
x = rng.normal(size=(50, 3)).astype(np.float32)
w = np.array([[1.0], [-2.0], [0.5]], dtype=np.float32)
y = (x @ w + 0.3).astype(np.float32)
sigma = 0.1
noise = sigma * 3**0.5 * np.concatenate([np.eye(3), -np.eye(3)])
noisy = x[:, None] + noise.astype(np.float32)  # (50, 6, 3)

# %% noise-l2-pt tags=["pytorch"]
w_pt = torch.tensor(w)
y_pt = torch.tensor(y)
error = torch.tensor(noisy) @ w_pt - y_pt[:, None]
with_noise_pt = (error**2).mean()
plain = ((torch.tensor(x) @ w_pt - y_pt) ** 2).mean()
with_l2_pt = plain + sigma**2 * (w_pt**2).sum()
show(plain=plain, noise=with_noise_pt, l2=with_l2_pt)

# %% noise-l2-tf tags=["tensorflow"]
w_tf = tf.constant(w)
y_tf = tf.constant(y)
error = tf.constant(noisy) @ w_tf - y_tf[:, None]
with_noise_tf = tf.reduce_mean(error**2)
plain = tf.reduce_mean((tf.constant(x) @ w_tf - y_tf) ** 2)
with_l2_tf = plain + sigma**2 * tf.reduce_sum(w_tf**2)
show(plain=plain, noise=with_noise_tf, l2=with_l2_tf)

# %% noise-l2
agree([with_noise_pt, with_l2_pt], [with_l2_tf, with_noise_tf])

# %% [markdown]
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | wide dense layers that overfit | Dropout, 0.1 to 0.5 | each unit must do without the others |
# | feature maps, or sequences with channels | Spatial dropout | neighbours say the same as a missing number |
# | sequences, one mask for all steps | Dropout with `noise_shape` | a feature is missing throughout |
# | SELU | Alpha dropout, with convolutions Feature alpha dropout | mean 0 and variance 1 survive |
# | dropout's effect without zeros | Gaussian dropout | same mean, same variance |
# | inputs that are measured with an error | Gaussian noise behind the input | it adds the error that you know of |
#
# ## Exercises
#
# Write all six yourself, and dropout's backward pass by hand:
# [exercises on dropout and noise](../../exercises/layers/dropout_and_noise.ipynb). Random layers are judged
# by statistics that fail a right answer less than once in a billion.
#
# ## References
#
# ```{footbibliography}
# ```
