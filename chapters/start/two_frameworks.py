# %% [markdown]
# # Two frameworks
#
# PyTorch and TensorFlow compute the same things, but they follow different conventions. They use different axes
# for the channels of an image, and they store a gradient in different places. Their layers create the weights at
# different times, and with different initial values. You know the conventions of your own framework so well that
# you no longer notice them. If you use them in the other framework, your code gives errors or wrong results.
#
# **The claim:** conventions are the only difference. At the end of this page you move a network from PyTorch to
# Keras, and another network from Keras to PyTorch. In both directions the two networks give the same outputs and
# the same gradients. One layer, [Flatten](flatten-order), can go wrong silently: there is no error, the shapes
# and the parameter counts are right, and the outputs are wrong.
#
# :::{admonition} Which framework do you know?
# :class: tip
#
# - [Coming from Keras](coming_from_keras.ipynb) and [Coming from PyTorch](coming_from_pytorch.ipynb) show ten
#   surprises each, and the way through the book.
# - [Porting a model](port_a_model.ipynb) takes a whole model from one framework to the other.
# :::
#
# In this book *TensorFlow* means two libraries. TensorFlow itself (`tf`) has tensors, functions and gradients.
# Keras 3 (`keras`) has layers, losses and optimizers. In this book Keras runs on top of TensorFlow.

# %%
import os
import tempfile
import textwrap
from contextlib import redirect_stderr
from io import StringIO

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchinfo

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()

# %% [markdown]
# (same-program)=
# ## The same small program in both frameworks gives the same losses
#
# A training program has data, a model, a loss and a training step. The model below is one dense layer, and both
# frameworks start from the same weights. Both training steps compute the loss, then the gradients, then the
# update.

# %%
rng = np.random.default_rng(0)
x = rng.normal(size=(8, 3)).astype(np.float32)
y = x.sum(1, keepdims=True)  # (8, 1)
kernel = rng.normal(size=(3, 1)).astype(np.float32)

# %% program-pt tags=["pytorch"]
net = nn.Linear(3, 1)
with torch.no_grad():
    net.weight.copy_(torch.tensor(kernel.T))
    net.bias.zero_()
sgd = torch.optim.SGD(net.parameters(), lr=0.1)
losses_pt = []
for _ in range(4):
    y_hat = net(torch.tensor(x))
    loss = F.mse_loss(y_hat, torch.tensor(y))
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    losses_pt.append(loss.detach())
show(losses=torch.stack(losses_pt), digits=2)

# %% program-tf tags=["tensorflow"]
net = keras.Sequential([keras.Input((3,)),
                        keras.layers.Dense(1)])
net.set_weights([kernel, np.zeros(1)])
sgd = keras.optimizers.SGD(learning_rate=0.1)
losses_tf = []
for _ in range(4):
    with tf.GradientTape() as tape:
        y_hat = net(x, training=True)
        loss = tf.reduce_mean((y_hat - y) ** 2)
    weights = net.trainable_weights
    gradients = tape.gradient(loss, weights)
    sgd.apply(gradients, weights)
    losses_tf.append(loss)
show(losses=tf.stack(losses_tf), digits=2)

# %%
agree(losses_pt, losses_tf, rtol=1e-4)

# %% [markdown]
# Keras's `fit` runs this loop for you: [Three ways to train](three_ways_to_train.ipynb) compares it with both
# loops.
#
# Every section of the book has such a pair of cells: the same steps with the same names, once in each framework.
# Three helper functions print the results. They come from this book's own package, `diptych`, and your models do
# not need them. `show` prints numbers, with four decimals by default. `show_error` prints the error that the code
# inside it raises. `agree` compares all numbers from PyTorch with those from TensorFlow, and prints the tolerance.
#
# (conventions)=
# ### Eleven conventions that differ
#
# Even these few lines differ: PyTorch's cell transposes the kernel. TensorFlow's cell passes `training=True` and
# needs a tape. The table lists the eleven conventions that matter most, in the order of this page. Each row links
# to the section that shows it with code. The [defaults of the optimizers](three-ways-defaults) differ, too, but they
# are on another page.
#
# | | PyTorch | TensorFlow |
# | --- | --- | --- |
# | [integers](dtypes) | int64 | int32 |
# | [`+` of two dtypes](dtypes) | converts | raises an error |
# | [channels of an image batch](channels-last) | are axis 1 | are the last axis |
# | [a tensor](in-place) | can be changed in place | never changes |
# | [operations are recorded](gradients) | if a tensor has `requires_grad`, except under `no_grad` | only under a `GradientTape` |
# | [a gradient](gradients) | is added to `.grad` | is returned by the tape |
# | [a layer has weights](module-and-layer) | immediately | after it is built |
# | [shape of a dense weight](module-and-layer) | (out, in) | (in, out) |
# | [initial dense weights](initial-weights) | within ±1/√in | within ±√(6/(in + out)) |
# | [training or inference mode](train-and-evaluation) | is stored; a new module is in training mode | is passed with each call; the default is inference mode |
# | [a saved model](model-saving) | contains the weights | contains the weights and the architecture |

# %% [markdown]
# (tensors-and-numpy)=
# ## Tensors: `from_numpy` shares memory, TensorFlow copies
#
# <!-- head: tensors_and_numpy -->
#
# A tensor is an array of numbers. The framework can record what you compute with a tensor, and compute gradients from
# this record. Both frameworks make a tensor from a NumPy array and compute with it as NumPy does: they have the same
# operators and the same broadcasting rules.

# %%
x = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt = x_pt @ x_pt.T - x_pt[:, :1]
print(type(x_pt).__name__, x_pt.dtype, tuple(x_pt.shape))
show(y=y_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf = x_tf @ tf.transpose(x_tf) - x_tf[:, :1]
print(type(x_tf).__name__, x_tf.dtype.name, tuple(x_tf.shape))
show(y=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# The type *EagerTensor* means that TensorFlow computed the result immediately, as PyTorch does.
#
# Every tensor is stored on a device. PyTorch's tensors and modules stay on the CPU until you move them, for
# example with `.to("cuda")`, and all tensors of one operation must be on the same device. TensorFlow uses a GPU
# automatically if the machine has one. This book runs on the CPU, and the next cells print the device:

# %% device-pt tags=["pytorch"]
print(x_pt.device)

# %% device-tf tags=["tensorflow"]
print(x_tf.device.split("/")[-1])

# %% [markdown]
# A tensor either has its own memory or uses the memory of the NumPy array. In PyTorch, `torch.from_numpy` and
# `.numpy()` share memory: if you change the array, the tensor changes too. `torch.tensor` makes a copy.
# TensorFlow makes a copy in both directions.

# %% shared-memory-pt tags=["pytorch"]
a = np.zeros(3, np.float32)
shared = torch.from_numpy(a)
copied = torch.tensor(a)
a[0] = 7
show(shared=shared, copied=copied)
back = copied.numpy()
back[1] = 5
show(copied=copied)

# %% shared-memory-tf tags=["tensorflow"]
a = np.zeros(3, np.float32)
converted = tf.convert_to_tensor(a)
copied = tf.constant(a)
a[0] = 7
show(converted=converted, copied=copied)
back = copied.numpy()
back[1] = 5
show(copied=copied)

# %% [markdown]
# ### A PyTorch tensor with a gradient needs `detach` before `numpy`
#
# In PyTorch, mark a trainable tensor with `requires_grad=True`. PyTorch then raises an error if you convert this
# tensor, or a result computed from it, to NumPy. Call `detach()` first.
#
# In TensorFlow, a trainable tensor is a `tf.Variable`, and you can convert it to NumPy at any time. But [no
# gradient passes through NumPy](no-way).

# %% to-numpy-pt tags=["pytorch"]
w_pt = torch.tensor([1.0, 2.0], requires_grad=True)
y_pt = torch.exp(w_pt)
with show_error():
    y_pt.numpy()
show(y=y_pt.detach().numpy())

# %% to-numpy-tf tags=["tensorflow"]
w_tf = tf.Variable([1.0, 2.0])
y_tf = tf.exp(w_tf)
show(y=y_tf.numpy())

# %%
agree(y_pt, y_tf)

# %% [markdown]
# (dtypes)=
# ## Dtypes: `+` converts mixed dtypes in PyTorch, and raises an error in TensorFlow
#
# <!-- head: dtypes -->
#
# Python's floats become float32 in both frameworks. Python's integers become int64 in PyTorch and int32 in
# TensorFlow. A NumPy array keeps its dtype. NumPy's default dtypes are float64 and int64.

# %% default-dtypes-pt tags=["pytorch"]
values = {"1.0": 1.0, "1": 1, "np.ones(2)": np.ones(2)}
for name, value in values.items():
    print(f"{name:10}", torch.tensor(value).dtype)

# %% default-dtypes-tf tags=["tensorflow"]
values = {"1.0": 1.0, "1": 1, "np.ones(2)": np.ones(2)}
for name, value in values.items():
    print(f"{name:10}", tf.constant(value).dtype.name)

# %% [markdown]
# If you add an integer tensor and a float tensor, PyTorch converts the integers to floats. `keras.ops` does the
# same. Plain TensorFlow raises an error. In PyTorch, the product of vectors or matrices, `@`, does not convert, and
# raises an error, too.
#
# In TensorFlow, int32 divided by 2 is float64, and TensorFlow raises an error if you add this result to float32.

# %% mixed-dtypes-pt tags=["pytorch"]
ints_pt = torch.tensor([1, 2])
floats_pt = torch.tensor([0.5, 0.5])
y_pt = ints_pt + floats_pt
print("ints + floats:  ", y_pt.dtype)
halves = ints_pt / 2
print("ints / 2:       ", halves.dtype)
print("halves + floats:", (halves + floats_pt).dtype)
with show_error():
    ints_pt @ floats_pt

# %% mixed-dtypes-tf tags=["tensorflow"]
ints_tf = tf.constant([1, 2])
floats_tf = tf.constant([0.5, 0.5])
with show_error():
    ints_tf + floats_tf
y_tf = keras.ops.add(ints_tf, floats_tf)
print("keras.ops.add:", y_tf.dtype.name)
halves = ints_tf / 2
print("ints / 2:     ", halves.dtype.name)
with show_error():
    halves + floats_tf

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### The mean of integers loses its fraction in `tf`
#
# Sometimes TensorFlow raises no error and gives a wrong result. In `tf`, the mean of the integers 1 and 2 is 1:
# TensorFlow returns an integer and drops the fraction. PyTorch raises an error, and Keras gives 1.5. If you cast
# to float32 first, all three give 1.5.

# %% integer-mean-pt tags=["pytorch"]
with show_error():
    ints_pt.mean()
mean_pt = ints_pt.to(torch.float32).mean()
print("cast: ", mean_pt.item())

# %% integer-mean-tf tags=["tensorflow"]
print("tf:   ", tf.reduce_mean(ints_tf).numpy())
print("keras:", keras.ops.mean(ints_tf).numpy())
mean_tf = tf.reduce_mean(tf.cast(ints_tf, tf.float32))
print("cast: ", mean_tf.numpy())

# %%
agree(mean_pt, mean_tf)

# %% [markdown]
# ### Pixels of dtype uint8 overflow in both frameworks
#
# Pixels often have the dtype uint8: integers from 0 to 255. A result below 0 wraps around: 256 is added, so 0 −
# 128 gives 128 in both frameworks. If a result is above 255, 256 is subtracted. Convert pixels to floats before
# you compute with them.

# %% wraps-around
pixels = np.array([0, 100, 255], np.uint8)
agree(torch.tensor(pixels) - 128, tf.constant(pixels) - 128)
show(minus_128=torch.tensor(pixels) - 128)

# %% [markdown]
# ### float64 input is an error in a PyTorch layer, and is converted by a Keras layer
#
# NumPy's floats have the dtype float64. If you pass a float64 tensor to a PyTorch layer, PyTorch raises an error. Its
# message calls float64 *Double* and float32 *Float*. A Keras layer converts the input to the layer's own dtype,
# float32, without a warning.

# %% float64-layer-pt tags=["pytorch"]
batch = torch.tensor(np.ones((1, 3)))
linear = nn.Linear(3, 2)
with show_error():
    linear(batch)
print(linear(batch.to(torch.float32)).dtype)

# %% float64-layer-tf tags=["tensorflow"]
batch = tf.constant(np.ones((1, 3)))
dense = keras.layers.Dense(2)
print(dense(batch).dtype.name)
print(dense(tf.cast(batch, tf.float32)).dtype.name)

# %% [markdown]
# (shapes-and-axes)=
# ## Shapes and axes: functions with the same name can do different things
#
# <!-- head: shapes_and_axes -->
#
# Both frameworks reshape, reorder, reduce and join tensors. In PyTorch most of these operations are methods of
# the tensor, and the argument for an axis is `dim`. In TensorFlow they are functions, and the argument is
# `axis`. A reshape reads the numbers in the same order in both frameworks.

# %%
cube = np.arange(24, dtype=np.float32).reshape(2, 3, 4)

# %% tags=["pytorch"]
x_pt = torch.tensor(cube)  # (2, 3, 4)
y_pt = [
    x_pt.reshape(6, -1),  # (6, 4)
    x_pt.permute(2, 0, 1),  # (4, 2, 3)
    x_pt + torch.arange(4.0),  # (2, 3, 4)
    x_pt.sum(dim=1, keepdim=True),  # (2, 1, 4)
    torch.cat([x_pt, x_pt], dim=2),  # (2, 3, 8)
    x_pt[:, None, -1],  # (2, 1, 4)
]

# %% tags=["tensorflow"]
x_tf = tf.constant(cube)  # (2, 3, 4)
y_tf = [
    tf.reshape(x_tf, (6, -1)),  # (6, 4)
    tf.transpose(x_tf, (2, 0, 1)),  # (4, 2, 3)
    x_tf + tf.range(4.0),  # (2, 3, 4)
    tf.reduce_sum(x_tf, axis=1, keepdims=True),  # (2, 1, 4)
    tf.concat([x_tf, x_tf], axis=2),  # (2, 3, 8)
    x_tf[:, None, -1],  # (2, 1, 4)
]

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### `transpose` swaps two axes in PyTorch, and reorders all axes in TensorFlow
#
# In PyTorch, `transpose` swaps the two axes that you name. PyTorch also has `view`, a `reshape` that never copies
# the numbers. A transpose reorders the axes, but does not move the numbers in memory. After a transpose,
# `view(24)` would need a copy, so it raises an error.
#
# In TensorFlow, `transpose` takes the complete new order of the axes. Without an order it reverses all axes.

# %% transpose-pt tags=["pytorch"]
turned = x_pt.transpose(0, 1)
print(tuple(turned.shape))
with show_error():
    turned.view(24)
print(tuple(turned.reshape(24).shape))

# %% transpose-tf tags=["tensorflow"]
print(tuple(tf.transpose(x_tf).shape))
turned = tf.transpose(x_tf, (1, 0, 2))
print(tuple(turned.shape))
print(tuple(tf.reshape(turned, 24).shape))

# %% [markdown]
# ### `argmax`, `std`, `split` and `repeat` give different results
#
# Without an axis, `argmax` searches the whole tensor in PyTorch and in Keras. In `tf` it searches along axis 0.
#
# PyTorch's standard deviation divides by n − 1. TensorFlow's divides by n. Pass `correction=0`, and PyTorch also
# divides by n.

# %% same-name-pt tags=["pytorch"]
m_pt = torch.tensor([[1.0, 9.0, 3.0], [7.0, 5.0, 6.0]])
std_pt = torch.std(m_pt, correction=0)
show(argmax=torch.argmax(m_pt))
show(std=torch.std(m_pt), std_n=std_pt)

# %% same-name-tf tags=["tensorflow"]
m_tf = tf.constant([[1.0, 9.0, 3.0], [7.0, 5.0, 6.0]])
std_tf = tf.math.reduce_std(m_tf)
show(argmax=tf.argmax(m_tf), keras=keras.ops.argmax(m_tf))
show(std=std_tf, keras=keras.ops.std(m_tf))

# %%
agree(std_pt, std_tf)

# %% [markdown]
# - `split(x, 2)` makes pieces of length 2 in PyTorch. In TensorFlow it makes 2 pieces.
# - `repeat` repeats the whole tensor in PyTorch, as `tf.tile` does. In TensorFlow it repeats each number, as
#   `repeat_interleave` does in PyTorch.
# - With `dim`, `torch.max` returns the maximum and its position. `tf.reduce_max` returns only the maximum;
#   `tf.argmax` gives the position.

# %% same-call-pt tags=["pytorch"]
six_pt = torch.arange(6)
show(split=torch.stack(torch.split(six_pt, 2)))
show(repeat=six_pt[:2].repeat(2))
show(each=six_pt[:2].repeat_interleave(2))
values, places = torch.max(m_pt, dim=1)
show(values=values, places=places)

# %% same-call-tf tags=["tensorflow"]
six_tf = tf.range(6)
show(split=tf.stack(tf.split(six_tf, 2)))
show(whole=tf.tile(six_tf[:2], [2]))
show(repeat=tf.repeat(six_tf[:2], 2))
values = tf.reduce_max(m_tf, axis=1)
show(values=values, places=tf.argmax(m_tf, axis=1))

# %% [markdown]
# ### `m[[1, 0]]` selects two rows in PyTorch, and one number in TensorFlow
#
# In PyTorch, as in NumPy, `m[[1, 0]]` selects row 1 and row 0. TensorFlow reads the same code as `m[1, 0]`, the
# number in row 1 and column 0. To select rows in TensorFlow, use `tf.gather`.
#
# In PyTorch, `@` multiplies a matrix by a vector. In TensorFlow, both sides of `@` must be matrices. To multiply
# by a vector in TensorFlow, use `tf.linalg.matvec`.

# %% list-index-pt tags=["pytorch"]
show(product=m_pt @ torch.ones(3))
show(m=m_pt[[1, 0]])

# %% list-index-tf tags=["tensorflow"]
with show_error():
    m_tf @ tf.ones(3)
show(product=tf.linalg.matvec(m_tf, tf.ones(3)))
show(m=m_tf[[1, 0]], gather=tf.gather(m_tf, [1, 0]))

# %% [markdown]
# (channels-last)=
# ## Channels come first in PyTorch, last in TensorFlow
#
# <!-- head: channels_last -->
#
# A batch of images has the shape (batch, channels, height, width) in PyTorch. In TensorFlow the shape is (batch,
# height, width, channels). A channel is one colour of the input image, or one feature map inside the network.
#
# To move a batch to the other framework, reorder its axes. `permute(0, 2, 3, 1)` gives TensorFlow's layout, and
# `tf.transpose` with `(0, 3, 1, 2)` gives PyTorch's layout. Reorder the weight of a convolution as well: (out,
# in, height, width) in PyTorch becomes (height, width, in, out) in TensorFlow.

# %%
rng = np.random.default_rng(0)
images = rng.uniform(size=(2, 3, 5, 4)).astype(np.float32)
filters = rng.normal(size=(8, 3, 3, 3)).astype(np.float32)

# %% image-layout-pt tags=["pytorch"]
x_pt = torch.tensor(images)  # (batch, channels, height, width)
conv = nn.Conv2d(3, 8, kernel_size=3)
with torch.no_grad():
    conv.weight.copy_(torch.tensor(filters))
    conv.bias.zero_()
y_pt = conv(x_pt)
print(tuple(x_pt.shape), "becomes", tuple(y_pt.shape))
print("weight", tuple(conv.weight.shape))

# %% image-layout-tf tags=["tensorflow"]
x_tf = tf.transpose(tf.constant(images), (0, 2, 3, 1))
conv = keras.layers.Conv2D(8, kernel_size=3)
conv.build(x_tf.shape)
conv.kernel.assign(filters.transpose(2, 3, 1, 0))
conv.bias.assign(tf.zeros(8))
y_tf = conv(x_tf)
print(tuple(x_tf.shape), "becomes", tuple(y_tf.shape))
print("kernel", tuple(conv.kernel.shape))

# %%
agree(y_pt.permute(0, 2, 3, 1), y_tf)

# %% [markdown]
# ### The wrong layout is an error in PyTorch, and builds a wrong layer in Keras
#
# What happens if you pass a batch in the other framework's layout? The PyTorch layer was created for 3 input
# channels, so PyTorch raises an error. The Keras layer takes the number of input channels from the last axis of
# its first batch. The last axis here is the width, 4, so Keras builds a kernel for 4 input channels, without an
# error.

# %% wrong-layout-pt tags=["pytorch"]
conv = nn.Conv2d(3, 8, kernel_size=3)
with show_error():
    conv(x_pt.permute(0, 2, 3, 1))

# %% wrong-layout-tf tags=["tensorflow"]
conv = keras.layers.Conv2D(8, kernel_size=3)
print(tuple(conv(tf.constant(images)).shape))
print("kernel", tuple(conv.kernel.shape))

# %% [markdown]
# ### `reshape` gives the right shape and the wrong image
#
# `reshape` can also produce the shape of the other layout, but the numbers stay in their old order, so the pixels
# get wrong numbers. In the next cells, channel 0 contains 0 to 3, channel 1 contains 10 to 13, and channel 2
# contains 20 to 23. So the first pixel must be (0, 10, 20).

# %%
tiny = np.array([[[[0, 1], [2, 3]], [[10, 11], [12, 13]], [[20, 21], [22, 23]]]])

# %% reshape-is-not-turning-pt tags=["pytorch"]
x_pt = torch.tensor(tiny)  # (1, 3, 2, 2)
y_pt = x_pt.permute(0, 2, 3, 1)  # (1, 2, 2, 3)
show(permuted=y_pt[0, 0])
show(reshaped=x_pt.reshape(1, 2, 2, 3)[0, 0])

# %% reshape-is-not-turning-tf tags=["tensorflow"]
x_tf = tf.constant(tiny)  # (1, 3, 2, 2)
y_tf = tf.transpose(x_tf, (0, 2, 3, 1))  # (1, 2, 2, 3)
show(permuted=y_tf[0, 0])
show(reshaped=tf.reshape(x_tf, (1, 2, 2, 3))[0, 0])

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### `channels_last` changes the memory in PyTorch, `channels_first` changes the shape in Keras
#
# PyTorch can store an image with its channels last. `torch.channels_last` changes only the order of the numbers
# in memory: the shape and your code stay the same. The method `stride()` shows the order. For each axis, it says
# how many places in memory you move when the index grows by 1.
#
# Keras can take images with their channels first. `data_format="channels_first"` changes the shape that the layer
# expects. On a CPU, TensorFlow needs the library oneDNN for channels first. The book switches oneDNN off, to get
# the same numbers on every machine, so the Keras layer raises an error here.

# %% memory-format-pt tags=["pytorch"]
x_pt = torch.tensor(images)
last = x_pt.to(memory_format=torch.channels_last)
print("first:", tuple(x_pt.shape), x_pt.stride())
print("last: ", tuple(last.shape), last.stride())

# %% memory-format-tf tags=["tensorflow"]
first = keras.layers.Conv2D(8, 3, data_format="channels_first")
with show_error():
    first(tf.constant(images))

# %% [markdown]
# (time-first)=
# ### Recurrent layers expect time first in PyTorch, the batch first in Keras
#
# A recurrent layer in PyTorch expects (time, batch, features), unless you pass `batch_first=True`. A recurrent
# layer in Keras expects (batch, time, features). If you forget `batch_first`, the output shape still looks
# right.
#
# The next cells make the mistake visible. They change only the first of three sequences, and print for each
# sequence whether its output changes. Without `batch_first` the outputs of all three sequences change, because
# PyTorch takes the three sequences as three time steps. With `batch_first=True`, and in Keras, only the first
# output changes.

# %% sequence-layout-pt tags=["pytorch"]
x_pt = torch.zeros(3, 5, 2)  # (batch, time, features)
other = x_pt.clone()
other[0] = 1
for batch_first in (False, True):
    lstm = nn.LSTM(2, 4, batch_first=batch_first)
    y_pt, states = lstm(x_pt)
    changed = (lstm(other)[0] - y_pt).abs() > 1e-6
    print(tuple(y_pt.shape), changed.any(2).any(1).tolist())

# %% sequence-layout-tf tags=["tensorflow"]
x_tf = tf.zeros((3, 5, 2))  # (batch, time, features)
other = tf.concat([tf.ones((1, 5, 2)), x_tf[1:]], 0)
lstm = keras.layers.LSTM(4, return_sequences=True)
y_tf = lstm(x_tf)
changed = np.abs(lstm(other) - y_tf) > 1e-6
print(tuple(y_tf.shape), changed.any((1, 2)).tolist())
print(tuple(keras.layers.LSTM(4)(x_tf).shape))

# %% [markdown]
# PyTorch returns two things: the outputs of all time steps, and the states after the last step. Keras returns
# only the last output, unless you pass `return_sequences=True`.

# %% [markdown]
# (in-place)=
# ## PyTorch changes a tensor in place, TensorFlow makes a new tensor
#
# <!-- head: in_place -->
#
# You can change the numbers of a PyTorch tensor. Every variable that refers to this tensor, and every slice of
# it, changes too. The numbers of a TensorFlow tensor never change: `y += 1` makes a new tensor.

# %% plus-equals-pt tags=["pytorch"]
x_pt = torch.zeros(3)
y_pt = x_pt
y_pt += 1
part = x_pt[:2]
part += 5
show(x=x_pt, y=y_pt, part=part)

# %% plus-equals-tf tags=["tensorflow"]
x_tf = tf.zeros(3)
y_tf = x_tf
y_tf += 1
part = x_tf[:2]
part += 5
show(x=x_tf, y=y_tf, part=part)

# %% [markdown]
# So in PyTorch, if you pass a tensor to a function that runs `x += 1`, your own tensor changes.
#
# ### Assign to one number in PyTorch, make a new tensor in TensorFlow
#
# In PyTorch you can assign to one element of a tensor. If you still need the old values, `clone` the tensor
# first.
#
# In TensorFlow, `tensor_scatter_nd_update` returns a new tensor with another number at that position. Only a
# `tf.Variable` can be changed, with `assign`.

# %% set-element-pt tags=["pytorch"]
x_pt = torch.zeros(3)
new_pt = x_pt.clone()
new_pt[0] = 9
w_pt = torch.zeros(3)
w_pt[0] = 9
show(x=x_pt, new=new_pt, w=w_pt)

# %% set-element-tf tags=["tensorflow"]
x_tf = tf.zeros(3)
with show_error():
    x_tf[0] = 9
new_tf = tf.tensor_scatter_nd_update(x_tf, [[0]], [9.0])
w_tf = tf.Variable(tf.zeros(3))
w_tf[0].assign(9.0)
show(x=x_tf, new=new_tf, w=w_tf)

# %%
agree([x_pt, new_pt, w_pt], [x_tf, new_tf, w_tf])

# %% [markdown]
# (gradients)=
# ## Gradients: `backward` adds to `.grad`, a `GradientTape` returns them
#
# <!-- head: gradients -->
#
# To compute a gradient, a framework records the operations of a computation and then goes through them
# backwards. The record of the operations is called the *graph*. PyTorch's gradient system is called *autograd*.
#
# PyTorch records every operation on a tensor with `requires_grad=True`, except under `torch.no_grad()`.
# `backward()` then stores the gradient in the attribute `.grad` of the tensor.
#
# TensorFlow records operations only under a `tf.GradientTape`. A tape records the operations on every trainable
# `tf.Variable`. `tape.gradient` then returns the gradient.
#
# In the next cells the loss is $\sum_i w_i^3$, and its gradient with respect to $w_i$ is $3 w_i^2$.

# %%
start = [1.0, -2.0, 3.0]

# %% tags=["pytorch"]
w_pt = torch.tensor(start, requires_grad=True)
loss_pt = torch.sum(w_pt**3)
loss_pt.backward()
show(loss=loss_pt)
show(dw=w_pt.grad)

# %% tags=["tensorflow"]
w_tf = tf.Variable(start)
with tf.GradientTape() as tape:
    loss_tf = tf.reduce_sum(w_tf**3)
dw_tf = tape.gradient(loss_tf, w_tf)
show(loss=loss_tf)
show(dw=dw_tf)

# %%
agree(loss_pt, loss_tf, gradients=(w_pt.grad, dw_tf))

# %% [markdown]
# (gradients-accumulate)=
# ### Gradients accumulate in `.grad`
#
# `backward()` *adds* the gradient to `.grad`. After three backward passes with the same loss, `.grad` is three
# times too large. To prevent this, call the optimizer's `zero_grad()`, which deletes the gradients. The call may
# stand anywhere between the last `step()` and the next `backward()`. [Three ways to
# train](three_ways_to_train.ipynb) shows the whole loop. In TensorFlow every tape returns a new gradient, and
# nothing is added.

# %% accumulation-pt tags=["pytorch"]
w = torch.tensor([3.0], requires_grad=True)
for _ in range(3):
    loss = (w**2).sum()
    loss.backward()
    show(dw=w.grad)

# %% accumulation-tf tags=["tensorflow"]
w = tf.Variable([3.0])
for _ in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(w**2)
    show(dw=tape.gradient(loss, w))

# %% [markdown]
# ### A second backward pass raises an error by default
#
# Most backward passes need numbers that the framework stored while it computed the loss. For $w^2$ this is $w$.
# Both frameworks delete these numbers after the pass, so a second pass raises an error. To run a second pass in
# PyTorch, pass `retain_graph=True` to the first `backward()`. To run it in TensorFlow, make the tape with
# `persistent=True`.

# %% second-call-pt tags=["pytorch"]
w = torch.tensor([3.0], requires_grad=True)
loss = (w**2).sum()
loss.backward()
with show_error():
    loss.backward()
w = torch.tensor([3.0], requires_grad=True)
loss = (w**2).sum()
loss.backward(retain_graph=True)
loss.backward()
show(dw=w.grad)

# %% second-call-tf tags=["tensorflow"]
w = tf.Variable([3.0])
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(w**2)
tape.gradient(loss, w)
with show_error():
    tape.gradient(loss, w)
with tf.GradientTape(persistent=True) as tape:
    loss = tf.reduce_sum(w**2)
tape.gradient(loss, w)
show(dw=tape.gradient(loss, w))

# %% [markdown]
# In PyTorch the last line shows 12 instead of 6, because PyTorch adds the gradients of the two passes.
#
# ### PyTorch raises an error if you overwrite a value that the gradient needs
#
# Autograd keeps the values that it needs to compute the gradient. If you overwrite one of these values in
# PyTorch, `backward()` raises an error. In TensorFlow a tensor cannot be overwritten: `y += 1` makes a new tensor,
# and the gradient is right.

# %% overwritten-pt tags=["pytorch"]
w = torch.tensor([0.0, 1.0], requires_grad=True)
y = torch.exp(w)
loss = (y**2).sum()
y += 1
with show_error():
    loss.backward()

# %% overwritten-tf tags=["tensorflow"]
w = tf.Variable([0.0, 1.0])
with tf.GradientTape() as tape:
    y = tf.exp(w)
    loss = tf.reduce_sum(y**2)
    y += 1
show(dw=tape.gradient(loss, w))

# %% [markdown]
# ### Change a weight under `no_grad`, or with `assign`
#
# Usually the optimizer changes the weights. To change a weight yourself in PyTorch, use `torch.no_grad()` and a
# method whose name ends in `_`. Such a method changes the tensor in place. In TensorFlow, a variable has the
# methods `assign`, `assign_add` and `assign_sub`.
#
# Be careful with `keras.Variable`: `w -= 0.5` raises no error, and `w` is then a plain tensor and no longer a
# variable.

# %% change-a-weight-pt tags=["pytorch"]
w = torch.tensor([1.0, 2.0], requires_grad=True)
with show_error():
    w -= 0.5
with torch.no_grad():
    w.sub_(0.5)
show(w=w)

# %% change-a-weight-tf tags=["tensorflow"]
w = tf.Variable([1.0, 2.0])
with show_error():
    w -= 0.5
w.assign_sub([0.5, 0.5])
show(w=w)
w = keras.Variable([1.0, 2.0])
w -= 0.5
print(type(w).__name__)

# %% [markdown]
# In PyTorch's error message, a *leaf* is a tensor that was not computed from other tensors.
#
# ### `backward` needs a scalar in PyTorch
#
# In PyTorch you can call `backward()` without an argument only on a single number. If the tensor has more than
# one number, pass one factor for each number. `backward` multiplies each number by its factor, adds the
# products, and computes the gradient of this sum. With `torch.ones(2)` all factors are 1. A TensorFlow tape does
# this automatically: it computes the gradient of the sum of all numbers.

# %% vector-output-pt tags=["pytorch"]
w = torch.tensor([1.0, 2.0], requires_grad=True)
y = w**2
with show_error():
    y.backward()
y.backward(torch.ones(2))
show(dw=w.grad)

# %% vector-output-tf tags=["tensorflow"]
w = tf.Variable([1.0, 2.0])
with tf.GradientTape() as tape:
    y = w**2
show(dw=tape.gradient(y, w))

# %% [markdown]
# (no-way)=
# ### Without a recorded path from the variable to the loss, PyTorch raises an error and a tape gives `None`
#
# A gradient exists only if recorded operations lead from the variable to the loss. In three cases no such path
# exists. PyTorch then raises an error, and a tape gives `None`:
#
# - The tensor is not trainable: in PyTorch it has no `requires_grad=True`, in TensorFlow it is not a
#   `tf.Variable`.
# - The computation goes through NumPy.
# - The tensor contains integers.
#
# In a fourth case, a variable is simply not part of the loss. In the next cells this is the variable `other`.
# PyTorch then raises no error, and `other.grad` is `None`. The last line of each cell shows it.

# %% no-way-pt tags=["pytorch"]
w = torch.tensor([3.0], requires_grad=True)
plain = torch.tensor([3.0])
with show_error():
    (plain**2).backward()
with show_error():
    torch.tensor(np.square(w)).backward()
with show_error():
    torch.tensor([3], requires_grad=True)
other = torch.tensor([3.0], requires_grad=True)
(w**2).backward()
print("other:", other.grad)

# %% no-way-tf tags=["tensorflow"]
w, integer = tf.Variable([3.0]), tf.Variable([3])
plain, other = tf.constant([3.0]), tf.Variable([3.0])
with tf.GradientTape(persistent=True) as tape:
    of_plain = plain**2
    by_numpy = tf.constant(np.square(w))
    of_integer = integer**2
    of_w = w**2
print("plain:  ", tape.gradient(of_plain, plain))
print("NumPy:  ", tape.gradient(by_numpy, w))
print("integer:", tape.gradient(of_integer, integer))
print("other:  ", tape.gradient(of_w, other))

# %% [markdown]
# ### `detach` and `stop_gradient` stop the gradient
#
# A tape *watches* every trainable variable: it records the operations on it. To make it watch a plain tensor,
# call `tape.watch(x)`. The same in PyTorch is `x.requires_grad_()`.
#
# To stop a gradient on purpose, call `detach` in PyTorch and `stop_gradient` in TensorFlow. The framework then
# treats the value as a constant. In the next cells the last factor of $x^2 \cdot x$ is treated as the constant
# 3, so at $x = 3$ the gradient is $2x \cdot 3 = 18$ instead of 27.

# %% tags=["pytorch"]
x_pt = torch.tensor([3.0])
x_pt.requires_grad_()
y_pt = x_pt**2 * x_pt.detach()
(dx_pt,) = torch.autograd.grad(y_pt, x_pt)
show(y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant([3.0])
with tf.GradientTape() as tape:
    tape.watch(x_tf)
    y_tf = x_tf**2 * tf.stop_gradient(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### A second derivative needs `create_graph`, or a tape inside a tape
#
# To differentiate a gradient again, pass `create_graph=True` in PyTorch. In TensorFlow, put one tape inside
# another. For $x^3$ at $x = 3$ the first derivative is $3x^2 = 27$, and the second derivative is $6x = 18$.

# %% tags=["pytorch"]
y_pt = x_pt**3
(dx_pt,) = torch.autograd.grad(y_pt, x_pt, create_graph=True)
(ddx_pt,) = torch.autograd.grad(dx_pt, x_pt)
show(dx=dx_pt, ddx=ddx_pt)

# %% tags=["tensorflow"]
with tf.GradientTape() as outer:
    outer.watch(x_tf)
    with tf.GradientTape() as tape:
        tape.watch(x_tf)
        y_tf = x_tf**3
    dx_tf = tape.gradient(y_tf, x_tf)
ddx_tf = outer.gradient(dx_tf, x_tf)
show(dx=dx_tf, ddx=ddx_tf)

# %%
agree(dx_pt, dx_tf, gradients=(ddx_pt, ddx_tf))

# %% [markdown]
# From here on the book calls its own function `value_and_grad` to compute gradients. In either framework,
# `value_and_grad(function, x)` computes the output, adds up its numbers, and differentiates this sum with
# respect to `x`. It returns the output and the gradient. If `function` is a layer, it also returns the gradients
# of the layer's weights.

# %% [markdown]
# (module-and-layer)=
# ## A PyTorch module has its weights immediately, a Keras layer after it is built
#
# <!-- head: module_and_layer -->
#
# In both frameworks a network is a Python class: `nn.Module` in PyTorch, `keras.Model` in Keras. You create its
# layers in `__init__`, and connect them in `forward` (PyTorch) or `call` (Keras).
#
# PyTorch calls both a layer and a whole network a *module*. You tell a PyTorch layer how many numbers come in
# and how many go out. You tell a Keras layer only how many numbers go out. The Keras layer learns the number of
# inputs from its first batch, and has no weights before that.

# %% when-built-pt tags=["pytorch"]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 3)
        self.out = nn.Linear(3, 2)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(x)))


net_pt = Net()
print("before:", len(list(net_pt.parameters())))
y_pt = net_pt(torch.ones(1, 4))
print("after: ", len(list(net_pt.parameters())))
print(tuple(net_pt.hidden.weight.shape))

# %% when-built-tf tags=["tensorflow"]
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(3)
        self.out = keras.layers.Dense(2)

    def call(self, x):
        return self.out(tf.tanh(self.hidden(x)))


net_tf = Net()
print("before:", len(net_tf.weights))
y_tf = net_tf(tf.ones((1, 4)))
print("after: ", len(net_tf.weights))
print(tuple(net_tf.hidden.kernel.shape))

# %% [markdown]
# ### Move a dense layer to the other framework with a transpose
#
# PyTorch's weight has the shape (out, in). Keras calls the weight the *kernel* and stores it as (in, out), so
# you must transpose it. The bias needs no change. With the same numbers, both layers give the same outputs and
# the same gradients.
#
# In the next cells, `upstream` has one random factor for each output. `value_and_grad` multiplies the outputs by
# these factors before it computes the sum. Suppose that one layer returns its outputs in the wrong order. With equal
# factors its gradients would still agree with those of the other layer. With different factors they do not agree.

# %%
rng = np.random.default_rng(0)
weight = rng.normal(size=(3, 4)).astype(np.float32)  # (out, in)
bias = rng.normal(size=3).astype(np.float32)
batch = rng.normal(size=(5, 4)).astype(np.float32)
upstream = rng.normal(size=(5, 3)).astype(np.float32)

# %% tags=["pytorch"]
linear = nn.Linear(4, 3)
weight_pt, bias_pt = torch.tensor(weight), torch.tensor(bias)
with torch.no_grad():
    linear.weight.copy_(weight_pt)
    linear.bias.copy_(bias_pt)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(
    linear, torch.tensor(batch), upstream_gradient=upstream)

# %% tags=["tensorflow"]
dense = keras.layers.Dense(3)
dense.build((None, 4))
dense.kernel.assign(weight.T)
dense.bias.assign(bias)
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(
    dense, tf.constant(batch), upstream_gradient=upstream)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, dw_pt.T, db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# The function `diptych.copy_weights(source, target)` moves the weights of one layer, in either direction. It
# works for most layers with weights, for example Dense, BatchNorm and LayerNorm. If the section of a layer begins
# with a table called *Weights*, the function works for this layer.
#
# ### `LazyLinear` waits for data, and `build` needs no data
#
# PyTorch's lazy modules, such as `LazyLinear`, create their weights at the first batch. Use them if you do not
# know the number of inputs. Keras's `build` creates the weights without data. Before the first batch or
# `build()`, the weight has no shape. After its first batch, a `LazyLinear` is an ordinary `Linear`.

# %% lazy-pt tags=["pytorch"]
late = nn.LazyLinear(3)
with show_error():
    late.weight.shape
late(torch.ones(1, 4))
print(tuple(late.weight.shape), type(late).__name__)

# %% lazy-tf tags=["tensorflow"]
late = keras.layers.Dense(3)
with show_error():
    late.kernel.shape
late.build((None, 4))
print(tuple(late.kernel.shape), type(late).__name__)

# %% [markdown]
# (unregistered-weights)=
# ### A weight that is not registered is not trained
#
# In PyTorch, an optimizer trains the tensors that `parameters()` lists. In Keras, it trains the variables in
# `trainable_weights`. A layer or weight that you assign to `self` is listed automatically, with a few
# exceptions.
#
# PyTorch does not find layers in a plain Python list: use `nn.ModuleList`. It does not find a plain tensor
# either: use `nn.Parameter`. Keras finds the layers in a Python list, but it does not find a `tf.Variable`: use
# `keras.Variable`. More such cases are in [Writing your own layer](own-registered).

# %% unseen-pt tags=["pytorch"]
class Blocks(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = [nn.Linear(2, 2)]
        self.scale = torch.ones(2, requires_grad=True)


blocks = Blocks()
print([name for name, _ in blocks.named_parameters()])
blocks.blocks = nn.ModuleList(blocks.blocks)
blocks.scale = nn.Parameter(blocks.scale)
print([name for name, _ in blocks.named_parameters()])

# %% unseen-tf tags=["tensorflow"]
class Blocks(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.blocks = [keras.layers.Dense(2)]
        self.scale = tf.Variable([1.0, 1.0])


blocks = Blocks()
blocks.blocks[0].build((None, 2))
print([weight.name for weight in blocks.weights])
blocks.scale = keras.Variable([1.0, 1.0], name="scale")
print([weight.name for weight in blocks.weights])

# %% [markdown]
# (initial-weights)=
# ## Initial weights differ, and Keras's biases start at 0
#
# <!-- head: initial_weights -->
#
# A new layer draws random weights, and each framework uses another distribution. In the table, $n$ is the number
# of inputs that one output depends on (the *fan-in*). $m$ is the number of outputs that depend on one input (the
# *fan-out*). For a convolution, $n$ is the number of input channels times the height and width of the kernel,
# and $m$ is the number of output channels times the height and width. $\pm a$ means a uniform distribution
# between $-a$ and $a$.
#
# | | PyTorch | Keras |
# | --- | --- | --- |
# | weight of Linear, Dense | $\pm 1/\sqrt n$ | $\pm\sqrt{6/(n + m)}$ |
# | weight of Conv2d, Conv2D | $\pm 1/\sqrt n$ | $\pm\sqrt{6/(n + m)}$ |
# | bias of these layers | $\pm 1/\sqrt n$ | 0 |
# | Embedding | normal, σ = 1 | $\pm 0.05$ |
# | LSTM, $h$ units | $\pm 1/\sqrt h$ for all weights | three rules, see below |
#
# Keras's rule for dense layers and convolutions comes from {footcite:t}`glorot2010understanding`, and PyTorch
# calls it Xavier. The next cells compute the limit from the table (`bound`), and divide the largest weight by it.
# If the table is right, the result is close to 1.00.

# %% bounds-pt tags=["pytorch"]
linear = nn.Linear(300, 100)
conv = nn.Conv2d(30, 20, kernel_size=3)
for w, n in ((linear.weight, 300), (conv.weight, 30 * 9)):
    bound = (1 / n) ** 0.5
    largest = w.detach().abs().max() / bound
    print(f"bound {bound:.4f}, largest {largest:.2f} of it")

# %% bounds-tf tags=["tensorflow"]
dense = keras.layers.Dense(100)
dense.build((None, 300))
conv = keras.layers.Conv2D(20, kernel_size=3)
conv.build((None, 9, 9, 30))
for w, n, m in ((dense.kernel, 300, 100),
                (conv.kernel, 30 * 9, 20 * 9)):
    bound = (6 / (n + m)) ** 0.5
    largest = np.abs(w).max() / bound
    print(f"bound {bound:.4f}, largest {largest:.2f} of it")

# %% [markdown]
# Biases, embeddings and the LSTM differ as well. In Keras's LSTM the kernel follows the rule for dense layers.
# The recurrent weights are an orthogonal matrix {footcite:p}`saxe2014exact`. The biases of the forget gate start
# at 1, and the other biases start at 0. PyTorch's LSTM has two biases, Keras's LSTM
# has one. If you move an LSTM from Keras to PyTorch, set the second bias to 0. The chapter on [recurrent
# layers](simple-rnn) shows it.

# %% biases-pt tags=["pytorch"]
print("biases all 0:", bool((linear.bias == 0).all()))
embedding = nn.Embedding(1000, 16)
print(f"embedding: σ = {embedding.weight.std():.1f}")
lstm = nn.LSTM(30, 64)
for name, w in lstm.named_parameters():
    largest = w.detach().abs().max() * 64**0.5
    print(f"{name:12} {tuple(w.shape)!s:9} {largest:.1f}/√64")

# %% biases-tf tags=["tensorflow"]
print("biases all 0:", not dense.bias.numpy().any())
embedding = keras.layers.Embedding(1000, 16)
embedding.build()
bound = np.abs(embedding.embeddings).max()
print(f"embedding: ±{bound:.2f}")
lstm = keras.layers.LSTM(64)
lstm.build((None, None, 30))
kernel, recurrent, bias = (w.numpy() for w in lstm.weights)
largest = abs(kernel).max() / (6 / (30 + 256)) ** 0.5
print(f"kernel {kernel.shape} {largest:.1f}·√(6/286)")
square = recurrent @ recurrent.T
same = np.allclose(square, np.eye(64), atol=1e-4)
print(f"recurrent {recurrent.shape} orthogonal: {same}")
print("bias of each gate", bias.reshape(4, 64).mean(1))

# %% initial-weights-figure tags=["hide-input"]
# alt: Four panels of histograms of initial weights, TensorFlow dashed over PyTorch solid. Linear and Dense, and
# Conv2d and Conv2D: boxes, TensorFlow's twice as wide and half as high. Embedding: PyTorch's is a bell of width
# 1, TensorFlow's a spike between minus and plus 0.05. LSTM, recurrent weights: PyTorch's a box between plus and
# minus one eighth, TensorFlow's a bell whose tails reach beyond the box.
torch.manual_seed(0)
keras.utils.set_random_seed(0)
dense, conv2d = keras.layers.Dense(100), keras.layers.Conv2D(20, 3)
embed, recurrent = keras.layers.Embedding(1000, 16), keras.layers.LSTM(64)
dense.build((None, 300))
conv2d.build((None, 9, 9, 30))
embed.build()
recurrent.build((None, None, 30))
panels = {
    "Linear: ±1/√300. Dense: ±√(6/400)":
        (nn.Linear(300, 100).weight, dense.kernel, 0.17),
    "Conv2d: ±1/√270. Conv2D: ±√(6/450)":
        (nn.Conv2d(30, 20, 3).weight, conv2d.kernel, 0.17),
    "Embedding: normal, σ = 1. Keras's: ±0.05":
        (nn.Embedding(1000, 16).weight, embed.embeddings, 3.2),
    "LSTM, recurrent: ±1/√64. Keras's: orthogonal":
        (nn.LSTM(30, 64).weight_hh_l0, recurrent.cell.recurrent_kernel, 0.3),
}
width, height = plt.rcParams["figure.figsize"]
fig, axes = plt.subplots(4, 1, figsize=(width, 2.5 * height))
for ax, (title, (w_pt, w_tf, limit)) in zip(axes, panels.items()):
    edges = np.linspace(-limit, limit, 65)
    for w, color, style in ((w_pt.detach().numpy(), plots.PYTORCH, "-"),
                            (w_tf.numpy(), plots.TENSORFLOW, "--")):
        counts, _ = np.histogram(w, edges)
        ax.stairs(100 * counts / w.size, edges, color=color, linestyle=style, linewidth=1.8)
    ax.set(title=title, ylabel="% of weights")
axes[0].annotate("PyTorch,\nsolid", (-0.065, 3), ha="right", color=plots.PYTORCH)
axes[0].annotate("TensorFlow,\ndashed", (0.065, 3), color=plots.TENSORFLOW)
axes[-1].set_xlabel("weight")
plt.show()

# %% [markdown]
# ### After ten layers with default weights, the standard deviation is 0.004 in PyTorch, and 1 in Keras
#
# Does the difference matter? A weight with a uniform distribution between $-a$ and $a$ has the variance $a^2/3$.
# Each output of a layer is a sum of $n$ inputs, and each input is multiplied by such a weight. If the inputs
# have the variance 1, the output has the variance $n a^2/3$.
#
# With PyTorch's bound $a = 1/\sqrt n$, the variance of the output is $1/3$. With Keras's bound it is 1, if the
# layer has as many outputs as inputs. The next cells run ten layers without biases and without activations. They
# print the standard deviation of the output; the inputs have the standard deviation 1.

# %% ten-layers-pt tags=["pytorch"]
torch.manual_seed(0)
h = torch.randn(100, 1000)
with torch.no_grad():
    for _ in range(10):
        h = nn.Linear(1000, 1000, bias=False)(h)
print(f"{h.std():.3f}")

# %% ten-layers-tf tags=["tensorflow"]
keras.utils.set_random_seed(0)
h = keras.random.normal((100, 1000))
for _ in range(10):
    h = keras.layers.Dense(1000, use_bias=False)(h)
print(f"{keras.ops.std(h):.1f}")

# %% [markdown]
# In PyTorch each layer leaves a third of the variance, so ten layers leave $3^{-10}$ of it. The standard
# deviation is the square root, $3^{-5} = 0.004$. If a network trains well in one framework and badly in the
# other, check the initial weights first.
#
# ### Use the initial weights of the other framework
#
# **Keras's initial weights in PyTorch:** use `xavier_uniform_` for the weight and zeros for the bias. In Keras
# these are the defaults, and the cell for Keras names the default initializer, `GlorotUniform`. The two layers
# contain different random numbers, so `agree` compares their standard deviations.

# %% keras-rule-pt tags=["pytorch"]
linear = nn.Linear(300, 100)
w_pt = linear.weight
nn.init.xavier_uniform_(w_pt)
nn.init.zeros_(linear.bias)
largest = w_pt.detach().abs().max() / (6 / 400) ** 0.5
print(f"{largest:.2f} of Keras's bound")

# %% keras-rule-tf tags=["tensorflow"]
rule = keras.initializers.GlorotUniform()
dense = keras.layers.Dense(100, kernel_initializer=rule)
dense.build((None, 300))
w_tf = dense.kernel.value
largest = np.abs(w_tf).max() / (6 / 400) ** 0.5
print(f"{largest:.2f} of Keras's bound")

# %%
agree(w_pt.std(), tf.math.reduce_std(w_tf), rtol=0.03)

# %% [markdown]
# **PyTorch's initial weights in Keras:** use `VarianceScaling` with the arguments in the next cell, and for the
# bias a uniform distribution with the same bounds. In PyTorch these are the defaults: `Linear` calls
# `kaiming_uniform_` with `a=5**0.5`. This `a` is not the bound: the resulting bound is 1/√n.

# %% pytorch-rule-pt tags=["pytorch"]
bound = (1 / 300) ** 0.5
linear = nn.Linear(300, 100)
w_pt = linear.weight
nn.init.kaiming_uniform_(w_pt, a=5**0.5)
nn.init.uniform_(linear.bias, -bound, bound)
largest = w_pt.detach().abs().max() / bound
print(f"{largest:.2f} of PyTorch's bound")

# %% pytorch-rule-tf tags=["tensorflow"]
bound = (1 / 300) ** 0.5
rule = keras.initializers.VarianceScaling(
    1 / 3, mode="fan_in", distribution="uniform")
bias = keras.initializers.RandomUniform(-bound, bound)
dense = keras.layers.Dense(
    100, kernel_initializer=rule, bias_initializer=bias)
dense.build((None, 300))
w_tf = dense.kernel.value
largest = np.abs(w_tf).max() / bound
print(f"{largest:.2f} of PyTorch's bound")

# %%
agree(w_pt.std(), tf.math.reduce_std(w_tf), rtol=0.03)

# %% [markdown]
# (train-and-evaluation)=
# ## A new PyTorch module is in training mode, a Keras layer runs in inference mode by default
#
# <!-- head: train_and_evaluation -->
#
# Some layers behave differently in training and in inference. In *training mode*, Dropout sets numbers to 0 at
# random. In *inference mode*, it changes nothing. PyTorch's documentation says *evaluation mode* instead of
# inference mode.
#
# A PyTorch module stores its mode. A new module is in training mode, until you call `eval()`. A Keras layer
# stores no mode: you pass `training=True` or `training=False` when you call the layer. Without this argument the
# layer runs in inference mode.

# %% modes-pt tags=["pytorch"]
drop, ones = nn.Dropout(0.5), torch.ones(1000)
print("new:        zeros", bool((drop(ones) == 0).any()))
drop.eval()
print("evaluation: zeros", bool((drop(ones) == 0).any()))
drop.train()
print("training:   zeros", bool((drop(ones) == 0).any()))

# %% modes-tf tags=["tensorflow"]
drop, ones = keras.layers.Dropout(0.5), tf.ones(1000)
print("new:        zeros", np.any(drop(ones) == 0))
y = drop(ones, training=False)
print("evaluation: zeros", np.any(y == 0))
y = drop(ones, training=True)
print("training:   zeros", np.any(y == 0))

# %% [markdown]
# A typical mistake in PyTorch is therefore to forget `eval()`. A typical mistake in TensorFlow is to forget
# `training=True` in your own training loop.
#
# Both frameworks set the mode of the layers inside a network, too. In PyTorch, `net.eval()` sets the mode of all
# modules in the network. In Keras, a network passes the argument `training` to all its layers.

# %% nested-pt tags=["pytorch"]
net = nn.Sequential(nn.Dropout(0.5))
x_pt = torch.ones(1, 1000)
net.train()
print("training:   zeros", bool((net(x_pt) == 0).any()))
net.eval()
y_pt = net(x_pt)
print("evaluation: zeros", bool((y_pt == 0).any()))

# %% nested-tf tags=["tensorflow"]
net = keras.Sequential([keras.layers.Dropout(0.5)])
x_tf = tf.ones((1, 1000))
y_tf = net(x_tf, training=True)
print("training:   zeros", np.any(y_tf == 0))
y_tf = net(x_tf, training=False)
print("evaluation: zeros", np.any(y_tf == 0))

# %%
agree(y_pt, y_tf)

# %% [markdown]
# (no-grad-and-eval)=
# ### `no_grad` is not `eval`
#
# The mode and the recording of gradients are independent. In PyTorch, `no_grad` does not switch dropout off, and
# `eval` does not switch autograd off. In TensorFlow, `training` and the tape are independent in the same way. To
# evaluate a network in PyTorch, use `eval()` and `no_grad()`, and afterwards call `train()`: see [a whole
# loop](what-fit-does). The next cells print whether dropout set numbers to zero, and whether there is a gradient.

# %% no-grad-pt tags=["pytorch"]
drop = nn.Dropout(0.5)
w = torch.ones(1000, requires_grad=True)
with torch.no_grad():
    y = drop(w)
print("no_grad: zeros", bool((y == 0).any()))
y = drop.eval()(w)
print("eval:    zeros", bool((y == 0).any()))
print("eval:    gradient", y.requires_grad)

# %% no-grad-tf tags=["tensorflow"]
drop = keras.layers.Dropout(0.5)
w = tf.Variable(tf.ones(1000))
y = drop(w, training=True)
print("no tape: zeros", np.any(y == 0))
with tf.GradientTape() as tape:
    y = drop(w, training=False)
print("tape:    zeros", np.any(y == 0))
found = tape.gradient(y, w) is not None
print("tape:    gradient", found)

# %% [markdown]
# (batchnorm-momentum)=
# ### BatchNorm's `momentum` multiplies the batch's mean in PyTorch, the old mean in Keras
#
# BatchNorm has two modes as well. In training mode it subtracts the mean of the batch and divides by the batch's
# standard deviation. It also updates a stored mean and a stored variance. In inference mode it uses the stored
# mean and variance.
#
# The argument `momentum` has opposite definitions:
#
# - PyTorch: new = (1 − momentum) · old + momentum · batch, and the default is 0.1
# - Keras: new = momentum · old + (1 − momentum) · batch, and the default is 0.99
#
# The default of epsilon, a small number that is added to the variance, differs too. In the next cells PyTorch
# gets Keras's epsilon, and 1 − 0.99 = 0.01 as momentum.

# %% norm-pt tags=["pytorch"]
x_pt = torch.tensor([[1.0, 2.0], [3.0, 6.0]])
norm = nn.BatchNorm1d(2, eps=1e-3, momentum=0.01)
y_pt = norm(x_pt)
mean_pt, variance = norm.running_mean, norm.running_var
show(y=y_pt, mean=mean_pt, variance=variance)

# %% norm-tf tags=["tensorflow"]
x_tf = tf.constant([[1.0, 2.0], [3.0, 6.0]])
norm = keras.layers.BatchNormalization()
y_tf = norm(x_tf, training=True)
mean_tf, variance = norm.moving_mean, norm.moving_variance
show(y=y_tf, mean=mean_tf, variance=variance)

# %%
agree([y_pt, mean_pt], [y_tf, mean_tf])

# %% [markdown]
# Only the stored variances differ. For them, PyTorch divides the sum of the squared distances from the mean by n
# − 1, and Keras by n. For the output `y`, both divide by n.
#
# ### A frozen BatchNorm still updates its mean in PyTorch, and not in Keras
#
# To freeze a layer means to exclude its weights from training. In PyTorch, `requires_grad_(False)` is enough to
# freeze weights: their `.grad` stays `None`, and the optimizer skips such weights, even with weight decay. (In
# the middle of training, call `zero_grad()` as well: it deletes the old gradients.)
#
# But the mean and the variance that BatchNorm stores are not weights. In PyTorch, a frozen BatchNorm in training
# mode still updates them. In Keras, a frozen BatchNorm runs in inference mode, even with `training=True`.

# %% frozen-pt tags=["pytorch"]
norm = nn.BatchNorm1d(2)
print("epsilon", norm.eps, "momentum", norm.momentum)
norm.requires_grad_(False)
y_pt = norm(x_pt)
show(y=y_pt, mean=norm.running_mean)

# %% frozen-tf tags=["tensorflow"]
norm = keras.layers.BatchNormalization()
print("epsilon", norm.epsilon, "momentum", norm.momentum)
norm.trainable = False
y_tf = norm(x_tf, training=True)
show(y=y_tf, mean=norm.moving_mean)

# %% [markdown]
# To freeze a BatchNorm completely in PyTorch, switch it to inference mode with `eval()` as well. Do this after
# every `net.train()`, because `net.train()` puts all layers back into training mode.

# %% frozen-and-eval-pt tags=["pytorch"]
net = nn.Sequential(nn.BatchNorm1d(2, eps=1e-3))
frozen = net[0].requires_grad_(False)
net.train()
frozen.eval()
y_pt = net(x_pt)
show(y=y_pt, mean=frozen.running_mean)

# %% frozen-and-eval-tf tags=["tensorflow"]
net = keras.Sequential([keras.layers.BatchNormalization()])
frozen = net.layers[0]
frozen.trainable = False
y_tf = net(x_tf, training=True)
show(y=y_tf, mean=frozen.moving_mean)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# (seeds)=
# ## The same seed gives different numbers in the two frameworks
#
# <!-- head: seeds -->
#
# A seed makes random numbers repeatable within one framework. With the same seed, the other framework draws
# different numbers. To compare two networks, copy the weights from one to the other, as this book does.

# %% repeat-pt tags=["pytorch"]
torch.manual_seed(0)
a_pt = torch.rand(3)
torch.manual_seed(0)
b_pt = torch.rand(3)
print("repeats:", torch.equal(a_pt, b_pt))

# %% repeat-tf tags=["tensorflow"]
keras.utils.set_random_seed(0)
a_tf = keras.random.uniform((3,))
keras.utils.set_random_seed(0)
b_tf = keras.random.uniform((3,))
print("repeats:", np.array_equal(a_tf, b_tf))

# %% seeds-differ
agree(b_pt - a_pt, b_tf - a_tf)  # no difference within a framework
print("the same in both:", np.allclose(a_pt, a_tf))

# %% [markdown]
# ### `tf.random.set_seed` does not seed Keras
#
# `torch.manual_seed` seeds only PyTorch. `tf.random.set_seed` seeds `tf.random`, but not Keras, because Keras
# has its own random generators. `keras.utils.set_random_seed` seeds TensorFlow, Keras, NumPy and Python's
# `random`. The next cells draw numbers twice after the same seed, and print True if both draws are equal.

# %%
def repeats(set_seed, draw):
    set_seed(0)
    first = np.asarray(draw(3))
    set_seed(0)
    return np.array_equal(first, draw(3))

# %% which-seed-pt tags=["pytorch"]
seed = torch.manual_seed
print("torch", repeats(seed, torch.rand))
print("NumPy", repeats(seed, np.random.rand))

# %% which-seed-tf tags=["tensorflow"]
def uniform(n):
    return keras.random.uniform((n,))


def tf_uniform(n):
    return tf.random.uniform((n,))


for seed in (tf.random.set_seed, keras.utils.set_random_seed):
    print(seed.__name__)
    print("  tf.random", repeats(seed, tf_uniform))
    print("  Keras    ", repeats(seed, uniform))
    print("  NumPy    ", repeats(seed, np.random.rand))

# %% [markdown]
# ### With an integer as seed, Keras draws the same numbers in every call
#
# A random generator (`torch.Generator`, `keras.random.SeedGenerator`) gives new numbers with every draw. If you
# pass an integer as the seed to a Keras function, every call draws the same numbers. Be careful with an
# initializer *object*, too: if two Keras layers use the same object, they start with equal weights. With the
# initializer's name, a string, they start with different weights.

# %% same-start-pt tags=["pytorch"]
stream = torch.Generator().manual_seed(1)
a = torch.rand(3, generator=stream)
b = torch.rand(3, generator=stream)
print("one generator, same draws: ", torch.equal(a, b))
torch.manual_seed(1)
a, b = nn.Linear(2, 3), nn.Linear(2, 3)
print("two layers, same weights:  ",
      torch.equal(a.weight, b.weight))

# %% same-start-tf tags=["tensorflow"]
for seed in (keras.random.SeedGenerator(1), 1):
    a, b = (keras.random.uniform((3,), seed=seed) for _ in "ab")
    print(f"{type(seed).__name__}, same draws:",
          np.array_equal(a, b))
glorot = keras.initializers.GlorotUniform()
for rule in ("glorot_uniform", glorot):
    a, b = (keras.layers.Dense(3, kernel_initializer=rule)
            for _ in "ab")
    a.build((None, 2)), b.build((None, 2))
    print(f"{type(rule).__name__}, same weights:",
          np.array_equal(a.kernel, b.kernel))

# %% [markdown]
# (model-summary)=
# ## Model summary: Keras's total includes parameters that are not trained
#
# <!-- head: model_summary -->
#
# The rest of this page uses one network: a convolution, BatchNorm, ReLU, Flatten and a dense layer. Its input is
# images of 6 × 6 pixels with 3 channels. A function creates the network in each framework, because the next
# section needs a second copy.

# %% tags=["pytorch"]
def make_net_pt():
    return nn.Sequential(
        nn.Conv2d(3, 4, kernel_size=3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(4 * 4 * 4, 5),
    )


net_pt = make_net_pt()
print(net_pt)

# %% tags=["tensorflow"]
def make_net_tf():
    return keras.Sequential([
        keras.Input((6, 6, 3)),
        keras.layers.Conv2D(4, kernel_size=3, name="conv"),
        keras.layers.BatchNormalization(
            epsilon=1e-5, name="bn"),
        keras.layers.ReLU(name="relu"),
        keras.layers.Flatten(name="flatten"),
        keras.layers.Dense(5, name="dense"),
    ], name="net")


net_tf = make_net_tf()
print(net_tf)

# %% [markdown]
# In PyTorch, `print` shows the layers and their arguments. It shows no output shapes, because the shapes depend
# on the input. The package `torchinfo` runs the network on a batch to find the shapes. In Keras, `Input` gives
# the input's shape, and `summary` prints the shapes of all outputs.

# %% summary-pt tags=["pytorch"]
summary = torchinfo.summary(net_pt, (1, 3, 6, 6), col_width=12)
print(str(summary).partition("Total mult")[0])

# %% summary-tf tags=["tensorflow"]
net_tf.summary(line_length=60)

# %% [markdown]
# The total is 445 in PyTorch and 453 in Keras, for the same network. BatchNorm stores four means and four
# variances. In PyTorch these eight numbers are *buffers*: tensors that are saved with the network, but are not
# parameters. Keras counts the eight numbers as parameters that are not trained.
#
# If you count only trained parameters, the totals are equal. The next cells print these totals, and the names of
# BatchNorm's other arrays. PyTorch has a third buffer, `num_batches_tracked`: it counts the batches in training
# mode. BatchNorm uses this count only with `momentum=None`. The last line of each cell counts the parameters of
# an LSTM.

# %% counts-pt tags=["pytorch"]
n_pt = sum(p.numel() for p in net_pt.parameters())
print("trained:", n_pt)
others = net_pt[1].named_buffers()
print("others: ", [name for name, _ in others])
lstm = nn.LSTM(30, 64)
print("LSTM:   ", sum(p.numel() for p in lstm.parameters()))

# %% counts-tf tags=["tensorflow"]
n_tf = sum(map(np.size, net_tf.trainable_weights))
print("trained:", n_tf)
others = net_tf.non_trainable_weights
print("others: ", [v.name for v in others])
lstm = keras.layers.LSTM(64)
lstm.build((None, None, 30))
print("LSTM:   ", lstm.count_params())

# %%
agree(torch.tensor(n_pt), tf.constant(n_tf))

# %% [markdown]
# The network has the same number of trained parameters in both frameworks. The LSTM does not: PyTorch's LSTM has
# 256 parameters more, because it has a second bias.

# %% [markdown]
# (model-saving)=
# ## PyTorch saves the weights, Keras can save the architecture as well
#
# <!-- head: model_saving -->
#
# In PyTorch, `state_dict()` returns a dictionary of names and tensors: the parameters and the buffers. Save this
# dictionary. To load it, create the network first, and then call `load_state_dict`. If the file was saved on a
# GPU and your machine has none, call `torch.load` with `map_location="cpu"`.
#
# In Keras, `save_weights` also saves only the weights. The name of its file must end in `.weights.h5`.
# `net.save` writes a `.keras` file with the weights and the architecture, and `load_model` creates the network
# from this file.
#
# The next cells compare the outputs of three networks with those of the saved network. `new` is a new network.
# `loaded` is this network after it has loaded the file. `whole` comes from the `.keras` file. True means equal.

# %%
folder = tempfile.TemporaryDirectory()  # for the files of this section
os.chdir(folder.name)

# %% saving-pt tags=["pytorch"]
x_pt = torch.rand(2, 3, 6, 6)
y_pt = net_pt.eval()(x_pt)
torch.save(net_pt.state_dict(), "net.pt")
again = make_net_pt().eval()
print("new:   ", torch.equal(again(x_pt), y_pt))
saved = torch.load("net.pt")
print(again.load_state_dict(saved))
loaded_pt = again(x_pt)
print("loaded:", torch.equal(loaded_pt, y_pt))
print(list(saved)[:3])

# %% saving-tf tags=["tensorflow"]
x_tf = keras.random.uniform((2, 6, 6, 3))
y_tf = net_tf(x_tf)
net_tf.save_weights("net.weights.h5")
again = make_net_tf()
print("new:   ", np.array_equal(again(x_tf), y_tf))
again.load_weights("net.weights.h5")
loaded_tf = again(x_tf)
print("loaded:", np.array_equal(loaded_tf, y_tf))
net_tf.save("net.keras")
whole = keras.saving.load_model("net.keras")
print("whole: ", np.array_equal(whole(x_tf), y_tf))
print([w.path for w in whole.weights][:3])

# %%
agree(loaded_pt - y_pt, loaded_tf - y_tf)  # loading changed nothing

# %% [markdown]
# ### Older formats: PyTorch raises an error, Keras logs a warning
#
# PyTorch can also save the whole module, with Python's pickle. To load the file, Python still needs the class of
# the module. A pickle file can run any code when it is opened, so since version 2.6 `torch.load` raises an error
# for such files. Pass `weights_only=False` only for your own files.
#
# Keras can still write the older format `.h5`, and logs a warning.

# %% older-formats-pt tags=["pytorch"]
torch.save(net_pt, "whole.pt")
with show_error():
    torch.load("whole.pt")
old = torch.load("whole.pt", weights_only=False)
print("loaded:", torch.equal(old(x_pt), y_pt))

# %% older-formats-tf tags=["tensorflow"]
with redirect_stderr(StringIO()) as warning:
    net_tf.save("net.h5")
    old = keras.saving.load_model("net.h5")
said = warning.getvalue()
print(textwrap.fill(said, 64, max_lines=3, placeholder=" …"))
print("loaded:", np.array_equal(old(x_tf), y_tf))

# %% [markdown]
# ### Export a network to run it without its Python code
#
# Sometimes a network must run where your Python classes are not available, for example on a server. Then export
# it: PyTorch writes a graph of its operations. Keras writes a *SavedModel*, TensorFlow's own format. Keras's
# `load_model` cannot read a SavedModel. Use `TFSMLayer`, which makes a layer from it.

# %% export-pt tags=["pytorch"]
graph = torch.export.export(net_pt, (x_pt,))
torch.export.save(graph, "net.pt2")
served = torch.export.load("net.pt2").module()
served_pt = served(x_pt)
print("served:", torch.allclose(served_pt, y_pt))

# %% export-tf tags=["tensorflow"]
tf.get_logger().setLevel("ERROR")  # it logs each file
net_tf.export("net", verbose=False)
with show_error():
    keras.saving.load_model("net")
served = keras.layers.TFSMLayer("net")
served_tf = served(x_tf)
print("served:", np.allclose(served_tf, y_tf, atol=1e-6))

# %%
agree(served_pt - y_pt, served_tf - y_tf)

# %% [markdown]
# (own-layers)=
# ### Your own layer: PyTorch does not save plain attributes, Keras needs the class when it loads
#
# In the next cells your own layer multiplies its input by `self.factor`. In PyTorch, a `state_dict` contains
# only parameters and buffers. A plain attribute such as `self.factor` is not saved, and there is no error: after
# loading, the factor is 2, the default, instead of 3.
#
# Keras saves the values that `get_config` returns, so the factor is saved. To load the file, Keras needs your
# class in `custom_objects`. Without it, Keras raises an error. The error names `Sequential`, although your layer
# is the cause.

# %% own-class-pt tags=["pytorch"]
class TimesPt(nn.Module):
    def __init__(self, factor=2.0):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return self.factor * x

# %% own-class-tf tags=["tensorflow"]
class TimesTf(keras.layers.Layer):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return self.factor * x

    def get_config(self):
        return super().get_config() | {"factor": self.factor}

# %% custom-objects-pt tags=["pytorch"]
net = nn.Sequential(nn.Linear(2, 2), TimesPt(3.0))
torch.save(net.state_dict(), "times.pt")
again = nn.Sequential(nn.Linear(2, 2), TimesPt())
print(again.load_state_dict(torch.load("times.pt")))
print("factor", again[-1].factor)

# %% custom-objects-tf tags=["tensorflow"]
net = keras.Sequential([keras.Input((2,)), TimesTf(3.0)])
net.save("times.keras")
with show_error():
    keras.saving.load_model("times.keras")
again = keras.saving.load_model(
    "times.keras", custom_objects={"TimesTf": TimesTf})
print("factor", again.layers[-1].factor)

# %% [markdown]
# To save such values in PyTorch, there are two ways. For a tensor, call `register_buffer`: the buffer is part of
# the `state_dict`, and the optimizer does not train it. For any other value, write the methods `get_extra_state`
# and `set_extra_state`. PyTorch calls them when it saves and loads a `state_dict`.
#
# In Keras, the decorator `register_keras_serializable` makes the class known to `load_model`. You then need no
# `custom_objects`. The chapter on [saving your own layers](saving-layers) compares all formats.

# %% saved-attributes-pt tags=["pytorch"]
class SavedPt(nn.Module):
    def __init__(self, factor=2.0, unit="m"):
        super().__init__()
        self.register_buffer("factor", torch.tensor(factor))
        self.unit = unit

    def forward(self, x):
        return self.factor * x

    def get_extra_state(self):
        return {"unit": self.unit}

    def set_extra_state(self, state):
        self.unit = state["unit"]

# %% saved-attributes-tf tags=["tensorflow"]
@keras.saving.register_keras_serializable()
class SavedTf(TimesTf):
    def __init__(self, factor=2.0, unit="m", **kwargs):
        super().__init__(factor, **kwargs)
        self.unit = unit

    def get_config(self):
        return super().get_config() | {"unit": self.unit}

# %% loaded-attributes-pt tags=["pytorch"]
torch.save(SavedPt(3.0, "cm").state_dict(), "saved.pt")
again = SavedPt()
print(again.load_state_dict(torch.load("saved.pt")))
print("factor", again.factor.item(), again.unit)

# %% loaded-attributes-tf tags=["tensorflow"]
net = keras.Sequential([keras.Input((2,)), SavedTf(3.0, "cm")])
net.save("saved.keras")
again = keras.saving.load_model("saved.keras").layers[-1]
print("factor", again.factor, again.unit)

# %% [markdown]
# (flatten-order)=
# ## Flatten: same shape, different order of the numbers
#
# <!-- head: flatten_order -->
#
# Flatten turns an image into one row of numbers. In PyTorch, with channels first, the row contains the whole
# first channel, then the whole second channel. In TensorFlow, with channels last, the row contains all channels
# of the first pixel, then all channels of the second pixel. Both rows have the same length, but the numbers are
# in a different order.

# %% flatten-orders-pt tags=["pytorch"]
x_pt = torch.tensor(tiny)  # (1, 3, 2, 2)
print(nn.Flatten()(x_pt)[0].tolist())

# %% flatten-orders-tf tags=["tensorflow"]
x_tf = tf.transpose(tf.constant(tiny), (0, 2, 3, 1))
print(keras.layers.Flatten()(x_tf)[0].numpy().tolist())

# %% flatten-orders tags=["hide-input"]
# alt: Two rows of twelve cells, a colour for each channel. PyTorch: 0, 1, 2, 3 in the colour of channel 0, then
# 10, 11, 12, 13 in that of channel 1, then 20 to 23 in that of channel 2. TensorFlow: 0, 10, 20, then 1, 11, 21,
# then 2, 12, 22, then 3, 13, 23, the three colours in turn.
width, _ = plt.rcParams["figure.figsize"]
fig, ax = plt.subplots(figsize=(width, 1.9))
rows = {"PyTorch: channel by channel": tiny[0],
        "TensorFlow: pixel by pixel": tiny[0].transpose(1, 2, 0)}
for y, (title, image) in zip((1.6, 0), rows.items()):
    for i, number in enumerate(image.ravel()):
        color = plots.PALETTE[2 + number // 10]
        ax.add_patch(plt.Rectangle(
            (i, y), 0.85, 0.8, fill=False, edgecolor=color, linewidth=2))
        ax.text(i + 0.43, y + 0.38, f"{number}",
                ha="center", va="center", color=color)
    ax.text(0, y + 1.0, title)
ax.set(xlim=(-0.1, 12), ylim=(-0.1, 3), title="One image, flattened")
ax.axis("off")
plt.show()

# %% [markdown]
# To get PyTorch's order in Keras, put the channels first before `Flatten`, with a `Permute` layer. `Permute`
# counts axes from 1 and does not count the batch.

# %% permute-flatten-pt tags=["pytorch"]
row_pt = nn.Flatten()(x_pt)
print(row_pt[0].tolist())

# %% permute-flatten-tf tags=["tensorflow"]
x_tf = keras.layers.Permute((3, 1, 2))(x_tf)
row_tf = keras.layers.Flatten()(x_tf)
print(row_tf[0].numpy().tolist())

# %%
agree(row_pt, row_tf)

# %% [markdown]
# ### A dense weight that is only transposed has the right shape and the wrong order
#
# The dense layer after Flatten has a weight matrix. In Keras, each row of it belongs to one position in the
# flattened image. If you only transpose PyTorch's weight matrix, its shape is right in Keras, but nearly every
# row is in the wrong place.
#
# To see this mistake, the next cell gives new numbers to the PyTorch network from the section on the summary.
# The function `carry` copies these numbers to the Keras network: it reorders the weight of the convolution, and
# transposes the weight of the dense layer.

# %%
with torch.no_grad():
    for value in (*net_pt.parameters(), net_pt[1].running_mean):
        value.copy_(torch.tensor(rng.normal(0, 0.5, value.shape)))
saved = {name: value.numpy() for name, value in net_pt.state_dict().items()}
images = rng.normal(size=(2, 3, 6, 6)).astype(np.float32)
upstream = rng.normal(size=(2, 5)).astype(np.float32)


def carry(net):
    conv, bn, dense = map(net.get_layer, ("conv", "bn", "dense"))
    kernel = saved["0.weight"].transpose(2, 3, 1, 0)
    conv.set_weights([kernel, saved["0.bias"]])
    statistics = ("weight", "bias", "running_mean", "running_var")
    bn.set_weights([saved[f"1.{name}"] for name in statistics])
    dense.set_weights([saved["4.weight"].T, saved["4.bias"]])

# %% flatten-bug-pt tags=["pytorch"]
x_pt = torch.tensor(images)  # (batch, channels, height, width)
net_pt.eval()
y_pt = net_pt(x_pt)  # (batch, 5)
show(y=y_pt, digits=2)

# %% flatten-bug-tf tags=["tensorflow"]
x_tf = tf.transpose(tf.constant(images), (0, 2, 3, 1))
carry(net_tf)
y_tf = net_tf(x_tf)  # (batch, 5)
show(y=y_tf, digits=2)

# %% [markdown]
# There was no error. Every weight has the right shape, the outputs have the right shape, and all outputs are
# wrong.
#
# ### With `Permute` before Flatten, outputs and gradients agree
#
# One layer corrects the Keras network: a `Permute` directly before Flatten.

# %%
mended = keras.Sequential([
    *net_tf.layers[:3],
    keras.layers.Permute((3, 1, 2)),  # (batch, channels, height, width)
    *net_tf.layers[3:],
])

# %% tags=["pytorch"]
y_pt, dx_pt, dw_pt = value_and_grad(
    net_pt, x_pt, upstream_gradient=upstream)
show(y=y_pt, digits=2)

# %% tags=["tensorflow"]
y_tf, dx_tf, dw_tf = value_and_grad(
    mended, x_tf, upstream_gradient=upstream)
show(y=y_tf, digits=2)

# %% [markdown]
# To compare the gradients, convert them like the weights. Reorder the gradients of the image and of the
# convolution, and transpose the gradient of the dense weight.

# %% carried
conv, linear = dw_pt[:2], dw_pt[4:]
turned = [dx_pt.permute(0, 2, 3, 1), conv[0].permute(2, 3, 1, 0), conv[1],
          *dw_pt[2:4], linear[0].T, linear[1]]
agree(y_pt, y_tf, gradients=(turned, [dx_tf, *dw_tf]), rtol=1e-4, atol=1e-4)

# %% [markdown]
# Outputs and gradients are the same, as the claim at the top of this page says. Two more conventions mattered:
# the Keras network uses PyTorch's epsilon in BatchNorm, and the PyTorch network is in inference mode.
#
# Instead of the `Permute` layer, you can reorder the rows of the dense kernel when you copy it. This is the
# last exercise of the chapter.
#
# (from-keras-to-pytorch)=
# ### From Keras to PyTorch: pass `get_weights()` to `load_state_dict`
#
# Now the other direction. The next cell creates a Keras network with random numbers. `get_weights()` returns its
# arrays as a list, in the order of the layers.

# %% keras-arrays
net_tf = make_net_tf()
net_tf.set_weights([rng.uniform(0.1, 1, w.shape) for w in net_tf.weights])
for variable, array in zip(net_tf.weights, net_tf.get_weights()):
    print(f"{variable.path:23}", array.shape)

# %% [markdown]
# `load_state_dict` needs PyTorch's names and PyTorch's shapes:
#
# - The kernel of the convolution changes from (height, width, in, out) to (out, in, height, width).
# - The kernel of the dense layer comes after Flatten. Reshape it to (height, width,
#   channels, out). Reorder the axes to (out, channels, height, width). Then reshape it to (out, features).
# - BatchNorm's arrays have the same order in both frameworks: first `gamma`, which PyTorch calls `weight`, then
#   `beta`, which PyTorch calls `bias`, then the mean, then the variance. A dictionary that you write yourself needs
#   no `num_batches_tracked`.
# - The biases need no change.
# - BatchNorm's epsilon is not one of the arrays. Keras's default is 0.001, and PyTorch's default is 0.00001. The
#   Keras network of this page was built with PyTorch's epsilon. If yours was not, pass `eps=0.001` to PyTorch's
#   layer.
#
# In this network, the height, the width and the number of channels after the convolution are all 4.

# %% to-pytorch
def conv_weight(kernel):
    return np.transpose(kernel, (3, 2, 0, 1))  # (out, in, height, width)


def dense_weight(kernel):
    kernel = np.reshape(kernel, (4, 4, 4, 5))  # (height, width, channels, out)
    return np.transpose(kernel, (3, 2, 0, 1)).reshape(5, -1)  # (out, in)


def to_pytorch(arrays):
    conv, conv_bias, gamma, beta, mean, variance, dense, dense_bias = arrays
    return {
        "0.weight": conv_weight(conv), "0.bias": conv_bias,
        "1.weight": gamma, "1.bias": beta,
        "1.running_mean": mean, "1.running_var": variance,
        "4.weight": dense_weight(dense), "4.bias": dense_bias,
    }

# %% from-keras-pt tags=["pytorch"]
net_pt = make_net_pt()
arrays = to_pytorch(net_tf.get_weights())
print(net_pt.load_state_dict(
    {name: torch.tensor(a) for name, a in arrays.items()}))
net_pt.eval()
y_pt, dx_pt, dw_pt = value_and_grad(
    net_pt, x_pt, upstream_gradient=upstream)
show(y=y_pt, digits=2)

# %% from-keras-tf tags=["tensorflow"]
x_tf = tf.constant(images.transpose(0, 2, 3, 1))
y_tf, dx_tf, dw_tf = value_and_grad(
    net_tf, x_tf, upstream_gradient=upstream)
show(y=y_tf, digits=2)

# %% from-keras
turned = [np.transpose(dx_tf, (0, 3, 1, 2)), conv_weight(dw_tf[0]), *dw_tf[1:4],
          dense_weight(dw_tf[4]), dw_tf[5]]
turned = [tf.convert_to_tensor(gradient) for gradient in turned]
agree(y_pt, y_tf, gradients=([dx_pt, *dw_pt], turned), rtol=1e-4, atol=1e-4)

# %% [markdown]
# Outputs and gradients agree again. To move a single layer, you can also call
# [`diptych.copy_weights`](module-and-layer). The command `pip install -e .` in the folder of this book installs
# `diptych`. To train the network in PyTorch, continue with [Three ways to train](three_ways_to_train.ipynb).
#
# ## Exercises
#
# Write six of these conversions yourself, in either framework or in both: [exercises on two
# frameworks](../../exercises/start/two_frameworks.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
