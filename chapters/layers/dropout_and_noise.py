# %% [markdown]
# # Dropout and noise
#
# In training mode, the layers of this chapter change their input at random. In inference mode, they return it
# unchanged. None of the six layers has weights.
#
# - Dropout sets single numbers to 0. Spatial dropout sets whole channels to 0.
# - Alpha dropout sets numbers to another constant, and feature alpha dropout sets whole channels to it.
# - Gaussian dropout multiplies each number by a random factor. Gaussian noise adds a random number.
#
# **The claim:** the same seed gives different random numbers in the two frameworks. Given the same random
# numbers, both frameworks compute the same outputs and gradients. If a network changes when you port it, look
# at the mode first: the defaults for training and inference differ.

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
# Dropout sets each number to 0 with probability $p$, and divides the other numbers by $1 - p$
# {footcite:p}`srivastava2014dropout`. So a unit of the network cannot rely on any single other unit, and a
# large network overfits less. Choose dropout after wide dense layers, with $p$ between 0.1 and 0.5.
#
# $$y = \frac{m\,x}{1 - p}, \qquad m = \begin{cases} 1 & u \ge p \\ 0 & u < p \end{cases}$$
#
# Here $x$ is one number of the input, and $p$ is the probability to drop it (`p` in PyTorch, `rate` in Keras).
# The *mask* $m$ is 0 for a dropped number and 1 for a kept number. $u$ is a uniform random number between 0 and
# 1; each number of the input gets its own $u$ in each call. Because of the division, the mean of $y$ is $x$. So in
# inference mode the layer can return $x$.
#
# No seed gives the same $u$ in both frameworks. So the next cells pass the same eight numbers `u` to both. In
# PyTorch the cell computes the formula. In TensorFlow `general_dropout` accepts a function that returns the random
# numbers.

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
# The two numbers with $u$ below 0.25 are 0. The gradient is the mask divided by 0.75, so it is 0 for a dropped
# number. Forward and backward pass must use the **same** mask. Both frameworks store the mask for you.
#
# The next cells use the random numbers of each framework, on a thousand ones. `ends` is the smallest and the
# largest output. `dropped` counts the zeros. If output and gradient use the same mask, `y` is equal to `x * dx`.
# The last line prints the first nine outputs, without their decimals.

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
# In both frameworks about a quarter of the numbers is 0, and the others are 1/0.75. The zeros are at different
# positions, although both seeds are 0.
#
# ### A new `nn.Dropout` drops numbers, a new Keras `Dropout` does not
#
# A PyTorch module stores its mode, and a new module is in training mode. A Keras layer gets the mode in each call;
# without `training`, it runs in inference mode. So if you create a layer and call it, the output is random in
# PyTorch, and equal to the input in Keras:

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
# In PyTorch you set the mode of a whole network with `train()` and `eval()`. In Keras, `fit` passes
# `training=True` to all layers. `predict` and `evaluate` pass `training=False`. In the next cells the TensorFlow
# layer `Mode` stores the value of `training` that it gets:

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
# If you call the network in your own training loop, write `net(x, training=True)` in Keras. If you forget it,
# there is no error, and dropout drops nothing.
#
# ### `eval()` does not switch `F.dropout` off, and `trainable=False` does not switch a Keras layer off
#
# A function has no mode. In PyTorch `F.dropout(x)` also drops numbers after `eval()`, unless you pass
# `training=self.training`. In Keras `trainable=False` freezes weights. A `Dropout` layer has no weights, and it
# still drops numbers if `training` is true.

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
# The functions of PyTorch have different defaults. The next cells call each function with an input and a rate
# only. True means that the output differs from the input:

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
# `F.dropout` and `F.dropout1d` have `training=True` by default. `F.alpha_dropout` and `F.feature_alpha_dropout`
# have `training=False`, and return their input. `tf.nn.dropout` has no such argument, and always drops.
#
# ### Keras's `noise_shape` uses one draw for a whole axis
#
# `noise_shape` is the shape of the mask. If one of its sizes is 1, all numbers along this axis are dropped or
# kept together. PyTorch has no such argument. There, apply dropout to ones of this shape, and multiply:

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
# In `noise_shape`, `None` stands for the size of the input. With `noise_shape=(1, 1, 5)` all examples of the batch
# would lose the same features, too.
#
# ### Two Keras layers with the same seed drop the same numbers
#
# PyTorch has one random generator for all modules. `torch.manual_seed` sets it, and each call changes its state.
# In Keras each layer has its own generator. In the next cells, `two modules` and `two layers` say whether two
# dropout layers drop the same numbers. `same, again` says whether a second call of one layer drops the same numbers.

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
# In Keras, the state of the generator is one of the layer's `variables`, and none of its `weights`. PyTorch's
# modules store no state. To continue a run exactly, also save `torch.get_rng_state()`.
#
# ### At rate 1, a NaN stays NaN in PyTorch, and becomes 0 in Keras
#
# PyTorch multiplies by the mask, and NaN times 0 is NaN. TensorFlow selects between the number and 0, so a dropped
# NaN becomes 0. `tf.nn.dropout` raises an error at rate 1.

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
# ### For a linear layer, the output in inference mode is the mean over all masks; after a ReLU it is not
#
# With $p = ½$, twelve units have $2^{12} = 4096$ masks with the same probability. Each mask makes a smaller
# network, and dropout trains all of them with shared weights. The next cells compute the outputs for all 4096 masks,
# without random numbers. Is the mean of these outputs the output in inference mode?
#
# In `linear`, the first row is the mean over all masks, and the second row is the output in inference mode, for four
# of eight outputs. `mean_of_net` and `evaluated` are the same two numbers after a ReLU and a second layer.

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
# of all of them, and the output in inference mode, which is larger.
fig, ax = plt.subplots()
ax.hist(net_pt.numpy().ravel(), bins=60, color=plots.SIBLING)
mean, evaluated = float(net_pt.mean()), float(whole_pt[0])
top = ax.get_ylim()[1]
for place, color in ((mean, plots.PALETTE[2]), (evaluated, plots.PALETTE[3])):
    ax.axvline(place, color=color)
side = 1 if mean > evaluated else -1
for place, word, color, where in ((mean, "mean of all masks", plots.PALETTE[2], side),
                                  (evaluated, "inference mode", plots.PALETTE[3], -side)):
    ax.annotate(word, (place, top), (5 * where, -12), textcoords="offset points", color=color,
                ha="left" if where > 0 else "right")
ax.set(xlabel="output", ylabel="networks", title="After a ReLU, inference is not the mean of all masks")
plt.show()

# %% [markdown]
# For the linear layer both rows are equal, for any weights: the mean of a sum is the sum of the means. After the
# ReLU the two numbers differ, because the mean of ReLU's outputs is not ReLU of the mean.
#
# So the output in inference mode is an approximation of the mean over all smaller networks. To compute this mean,
# run the network many times in training mode, and take the mean of the outputs.

# %% [markdown]
# (spatial-dropout)=
# ## Spatial dropout
#
# <!-- head: spatial_dropout -->
#
# Spatial dropout sets whole channels of an example to 0 {footcite:p}`tompson2015efficient`. In an image, neighbouring
# pixels are almost equal. If a single pixel is 0, its neighbours still contain the information. Choose spatial
# dropout between convolutions.
#
# $$y_{n,c,i} = \frac{m_{n,c}\,x_{n,c,i}}{1 - p}$$
#
# Here $n$ is the example, $c$ the channel and $i$ the position. The mask $m_{n,c}$ is 1 with probability $1 - p$, and
# 0 otherwise. There is one draw for each channel of each example.
#
# In the next cells `channels` has a row for each of two examples, and a number for each of three channels: 0 if the
# channel was dropped, and 2 if it was kept.

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
ends_pt = [factors.min(), factors.max()]
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
ends_tf = [tf.reduce_min(factors), tf.reduce_max(factors)]
whole = factors == factors[:, :1, :1]
print("whole channels:", np.all(whole))
y_tf, dx_tf = value_and_grad(dropout, x_tf, training=False)

# %% spatial
agree([y_pt.permute(0, 2, 3, 1), *ends_pt], [y_tf, *ends_tf],
      gradients=(dx_pt.permute(0, 2, 3, 1), dx_tf))

# %% [markdown]
# The random numbers differ. The smallest and the largest factor agree, and so do output and gradient in inference
# mode.
#
# | input | PyTorch, channels in axis 1 | Keras, channels last |
# | --- | --- | --- |
# | sequences | `nn.Dropout1d` on (N, C, L) | `SpatialDropout1D` on (N, L, C) |
# | images | `nn.Dropout2d` on (N, C, H, W) | `SpatialDropout2D` on (N, H, W, C) |
# | volumes | `nn.Dropout3d` on (N, C, D, H, W) | `SpatialDropout3D` on (N, D, H, W, C) |
#
# In Keras `data_format="channels_first"` uses axis 1 as the channels, for images and volumes only.
#
# ### On (batch, time, features), `nn.Dropout1d` drops whole time steps
#
# PyTorch uses axis 1 as the channels. Sequences often have the features in the last axis, as in Keras. Then swap the
# axes before and after the layer. In the next cells the rows are time steps, and the columns are features.

# %% wrong-axis-pt tags=["pytorch"]
torch.manual_seed(3)
dropout = nn.Dropout1d(0.5)
x_pt = torch.ones(1, 3, 5)  # (batch, time, features)
show(as_it_is=dropout(x_pt))
y_pt = dropout(x_pt.transpose(1, 2)).transpose(1, 2)
show(turned=y_pt)
ends_pt = [y_pt.min(), y_pt.max(), *dropout.eval()(x_pt)]

# %% wrong-axis-tf tags=["tensorflow"]
keras.utils.set_random_seed(0)
dropout = keras.layers.SpatialDropout1D(0.5)
x_tf = tf.ones((1, 3, 5))  # (batch, time, features)
y_tf = dropout(x_tf, training=True)
show(as_it_is=y_tf)
ends_tf = [tf.reduce_min(y_tf), tf.reduce_max(y_tf),
           *dropout(x_tf)]

# %% wrong-axis
agree(ends_pt, ends_tf)

# %% [markdown]
# In PyTorch, `as_it_is` has a whole row of zeros: the layer dropped a time step, without an error. `turned` has whole
# columns of zeros, like Keras's output.
#
# ### With a wrong number of axes, PyTorch warns and Keras raises an error
#
# `nn.Dropout2d` expects four axes. The next cells pass three and two axes.

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
# PyTorch uses three axes as (N, C, L), and not as one image. With two axes it applies plain dropout. Use `nn.Dropout1d`
# and `nn.Dropout` in these cases.
#
# ### The mean over a channel removes most of the noise of plain dropout, but not of spatial dropout
#
# The next cells apply dropout with $p = ½$ to 4000 channels of 7 × 7 ones, and take the mean of each channel, like
# global pooling. They print the standard deviation of these means.

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
# With plain dropout each mean is the mean of 49 draws, and its standard deviation is $1/\sqrt{49} = 0.14$. With
# spatial dropout each mean is a single draw, and its standard deviation is 1.

# %% [markdown]
# (alpha-dropout)=
# ## Alpha dropout
#
# <!-- head: alpha_dropout -->
#
# Alpha dropout is the dropout for [SELU](../activations/exponentials.ipynb#selu) networks, which need numbers with
# mean 0 and variance 1 {footcite:p}`klambauer2017self`. It replaces a dropped number by $\alpha'$, the limit of SELU
# for large negative inputs. Then it multiplies all numbers by $a$ and adds $b$, so that mean and variance are 0 and 1
# again. Choose it only in networks with SELU.
#
# $$y = a\,(m\,x + (1 - m)\,\alpha') + b$$
#
# $$a = \frac{1}{\sqrt{(1 - p)(1 + p\,\alpha'^2)}}, \qquad b = -a\,p\,\alpha'$$
#
# Here $m$ is the mask, $p$ is the probability to drop a number, and $\alpha' = -1.7581$. If $x$ has mean 0 and
# variance 1, the bracket has the mean $p\,\alpha'$ and the variance $(1 - p)(1 + p\,\alpha'^2)$. The factor $a$
# and the number $b$ correct both.
#
# In the next cells all inputs are 2. `dropped` and `kept` are the two possible outputs, and `a` is the largest
# gradient.

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
# In both frameworks a dropped 2 becomes −1.0595, and a kept 2 becomes 2.1760. The gradient of a kept number is $a$, and
# the gradient of a dropped number is 0.
#
# ### After ten SELU layers, alpha dropout leaves a standard deviation of 1, and plain dropout of 2.2
#
# The next cells run ten layers of width 256 with SELU. The weights have the standard deviation that SELU needs,
# $1/\sqrt{256}$. After each layer follows dropout with the rate 0.3.

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
# ### At rate 1, Keras's `AlphaDropout` raises an error in training mode
#
# PyTorch returns zeros. Keras accepts the rate when you create the layer.

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
# Feature alpha dropout replaces whole channels by $\alpha'$, with the same $a$ and $b$ as alpha dropout. Choose it
# between convolutions with SELU. Keras has no layer with this name. Use Keras's `AlphaDropout` with a `noise_shape`.
#
# In the next cells `channels` is the gradient of each of three channels, for two examples.

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
# The gradient is $a$ for a kept channel, and 0 for a dropped channel. `agree` compares the two possible outputs for an
# input of 0. PyTorch uses axis 1 as the channels, and needs at least two axes.

# %% [markdown]
# (gaussian-dropout)=
# ## Gaussian dropout
#
# <!-- head: gaussian_dropout -->
#
# Gaussian dropout multiplies each number by a normally distributed random factor with mean 1
# {footcite:p}`srivastava2014dropout`. The factor has the same variance as the factor of dropout, but it sets no number
# to 0. Choose it if dropout helps, and zeros are a problem.
#
# $$y = x \left(1 + \sqrt{\tfrac{p}{1 - p}}\; z\right), \qquad z \sim \mathcal N(0, 1)$$
#
# Here $p$ is the `rate`. The factor of dropout is $1/(1 - p)$ with probability $1 - p$, and 0 otherwise. Its variance
# is $p/(1 - p)$. PyTorch has no such layer, so the next cell defines it. The cells print the mean and the standard
# deviation of a million outputs for an input of 1.

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
# In both frameworks the standard deviation is $\sqrt{0.3/0.7} = 0.65$. The random factors themselves differ. To compare
# the formulas, use the same factors: the gradient of the layer is its factor. The next cells use the factors of the
# Keras layer in PyTorch, on other inputs.

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
# ### At rate 1, Gaussian dropout divides by 0: Keras's layer raises the error in training mode only
#
# Keras accepts rates from 0 to 1, with both ends. At 1 the standard deviation would be infinite. The PyTorch layer from
# above raises the error when you create it.

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
# Gaussian noise adds a normally distributed random number to each number of its input. Choose it after the input of a
# network, if you know the error of your measurements.
#
# $$y = x + \sigma z, \qquad z \sim \mathcal N(0, 1)$$
#
# Here $\sigma$ is `stddev`. The noise does not depend on the size of the input: $\sigma = 0.1$ is small for pixels up
# to 255, and large for inputs around 0.2. PyTorch has no such layer, so the next cell defines it.

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
# `agree` compares the outputs in inference mode and the gradients in training mode. The gradient is 1, because the
# noise does not depend on the input.
#
# ### Keras's `GaussianNoise` accepts a standard deviation of at most 1
#
# The next cells print the standard deviation of the output for $\sigma = 5$. In Keras the cell divides the input by
# 5, adds noise with $\sigma = 1$, and multiplies by 5.

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
# ### For a linear model, noise on the inputs is an L2 penalty on the weights
#
# Take a linear model with squared error. Noise on its inputs adds $\sigma^2 \lVert w \rVert^2$ to the mean loss
# {footcite:p}`bishop1995training`. To show this without random numbers, the next cells move each input by
# $+\sqrt 3\,\sigma$ and by $-\sqrt 3\,\sigma$ along each of its three axes. The six moved inputs have the covariance
# of the noise.
#
# `plain` is the loss without noise, `noise` is the mean loss of the moved inputs, and `l2` is the loss with the
# penalty.

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
# | you have | choose | because |
# | --- | --- | --- |
# | wide dense layers that overfit | Dropout, 0.1 to 0.5 | no unit can rely on a single other unit |
# | images, or sequences with channels | Spatial dropout | neighbouring numbers contain the same information |
# | sequences, and one mask for all steps | Dropout with `noise_shape` | a feature is dropped in all steps |
# | SELU | Alpha dropout, or Feature alpha dropout after convolutions | mean 0 and variance 1 stay |
# | dropout, but zeros are a problem | Gaussian dropout | its factor has the same mean and variance |
# | inputs with a known measurement error | Gaussian noise after the input | it adds the same error |
#
# ## Exercises
#
# Write all six layers yourself, and dropout's backward pass by hand:
# [exercises on dropout and noise](../../exercises/layers/dropout_and_noise.ipynb). The check judges random layers by
# statistics. It fails a right answer less than once in a billion.
#
# ## References
#
# ```{footbibliography}
# ```
