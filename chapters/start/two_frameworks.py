# %% [markdown]
# # Two frameworks
#
# PyTorch and TensorFlow compute the same things and follow different conventions: where the channels of an
# image stand, who keeps a gradient, when a layer creates its weights, how those weights start. You know the
# conventions of your own framework so well that you no longer notice them. They are what breaks when you write
# in the other one.
#
# **The claim:** conventions are the only difference. At the end of this page you carry a network from PyTorch
# to Keras, and both give the same outputs and the same gradients. One mistake on the way causes no error and
# changes no shape and no parameter count: [Flatten](flatten-order).
#
# | | PyTorch | TensorFlow |
# | --- | --- | --- |
# | [integers](dtypes) | int64 | int32 |
# | [mixed dtypes](dtypes) | are promoted | raise an error |
# | [channels of an image batch](channels-last) | in axis 1 | in the last axis |
# | [a tensor](in-place) | can be changed in place | never changes |
# | [operations are recorded](gradients) | except under `no_grad` | only under a tape |
# | [a gradient](gradients) | is added to `.grad` | is returned by the tape |
# | [a layer's weights](module-and-layer) | exist at once | exist once it is built |
# | [shape of a dense weight](module-and-layer) | (out, in) | (in, out) |
# | [first dense weights](initial-weights) | within ±1/√in | within ±√(6/(in + out)) |
# | [a new layer](train-and-evaluation) | is in training mode | evaluates |
# | [a saved model](model-saving) | holds the numbers | holds the numbers and the architecture |
#
# Every row is run below. In this book *TensorFlow* stands for two libraries. TensorFlow itself (`tf`) has
# tensors, functions and gradients. Keras 3 (`keras`) has layers, losses and optimizers, and runs on top of
# TensorFlow here.

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
import torchinfo

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()

# %% [markdown]
# (tensors-and-numpy)=
# ## Tensors: `from_numpy` shares memory, TensorFlow copies
#
# <!-- head: tensors_and_numpy -->
#
# A tensor is an array of numbers whose operations the framework can record and differentiate. Both frameworks
# make one from a NumPy array and compute with it as NumPy does: the operators look the same, and broadcast the
# same way.

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
# Every section of the book has such a pair of cells: the same steps with the same names, once in each
# framework. `show` prints four decimals, and `show_error` prints the error that its block raises. `agree` compares
# every number from one framework with the other's, and names the largest difference that it accepts.
# *EagerTensor* means that TensorFlow computed at once, as PyTorch does.
#
# Every tensor lives on a device. PyTorch's tensors and modules stay on the CPU until you move them, for
# example with `.to("cuda")`, and all tensors of one operation must be on the same device. TensorFlow uses a GPU
# without being asked, where it finds one. This book runs on the CPU:

# %% device-pt tags=["pytorch"]
print(x_pt.device)

# %% device-tf tags=["tensorflow"]
print(x_tf.device.split("/")[-1])

# %% [markdown]
# A tensor either has its own memory or shares that of the NumPy array. `torch.from_numpy` shares, and so does
# `.numpy()` on the way back: change one, and the other changes too. `torch.tensor` copies. TensorFlow copies in
# both directions.

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
# Mark a trainable tensor with `requires_grad=True` in PyTorch. In TensorFlow, make it a `tf.Variable`. PyTorch
# then refuses to convert the tensor, or anything computed from it, to NumPy until you call `detach()`. TensorFlow
# converts at any time, but [no gradient comes back through NumPy](no-way).

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
# ## Dtypes: PyTorch promotes, TensorFlow raises
#
# <!-- head: dtypes -->
#
# Python's floats become float32 in both frameworks. Python's integers become int64 in PyTorch and int32 in
# TensorFlow. An array from NumPy keeps its dtype, and NumPy's own default is float64.

# %% default-dtypes-pt tags=["pytorch"]
values = {"1.0": 1.0, "1": 1, "np.ones(2)": np.ones(2)}
for name, value in values.items():
    print(f"{name:10}", torch.tensor(value).dtype)

# %% default-dtypes-tf tags=["tensorflow"]
values = {"1.0": 1.0, "1": 1, "np.ones(2)": np.ones(2)}
for name, value in values.items():
    print(f"{name:10}", tf.constant(value).dtype.name)

# %% [markdown]
# When two dtypes meet, PyTorch promotes: an integer plus a float is a float. `keras.ops` does the same. Plain
# TensorFlow raises. In TensorFlow, int32 divided by 2 is float64, and that cannot be added to float32 either.

# %% mixed-dtypes-pt tags=["pytorch"]
ints_pt = torch.tensor([1, 2])
floats_pt = torch.tensor([0.5, 0.5])
y_pt = ints_pt + floats_pt
print("ints + floats:  ", y_pt.dtype)
halves = ints_pt / 2
print("ints / 2:       ", halves.dtype)
print("halves + floats:", (halves + floats_pt).dtype)

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
# TensorFlow does not always raise. In `tf` the mean of the integers 1 and 2 is 1, an integer like its inputs: the
# fraction is dropped. PyTorch raises, and Keras gives 1.5. Cast to float32 first, and all three give 1.5.

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
# ### Pixels of dtype uint8 wrap around in both
#
# Pixels are often uint8: integers from 0 to 255 that start again at 0 after 255. In both frameworks 0 − 128 is
# then 128. Convert pixels to floats before you compute with them.

# %% wraps-around
pixels = np.array([0, 100, 255], np.uint8)
agree(torch.tensor(pixels) - 128, tf.constant(pixels) - 128)
show(minus_128=torch.tensor(pixels) - 128)

# %% [markdown]
# ### A layer given float64 raises in PyTorch, and casts in Keras
#
# What does a layer do with float64, NumPy's default? A PyTorch layer raises; the message says *Double* for float64
# and *Float* for float32. A Keras layer casts the input to its own dtype, float32, and says nothing.

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
# ## Shapes and axes: the same name can mean something else
#
# <!-- head: shapes_and_axes -->
#
# Both frameworks reshape, reorder, reduce and join tensors. PyTorch has methods of the tensor for most of it and
# calls an axis `dim`. TensorFlow has functions and calls it `axis`. Reshaping reads the numbers in the same
# order in both.

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
# ### `transpose` swaps two axes in PyTorch, and reorders all in TensorFlow
#
# In PyTorch, `transpose` swaps the two axes that you name. In TensorFlow it takes the complete new order, and
# without one it reverses all axes. PyTorch also has `view`, a `reshape` that never copies. After a transpose the
# numbers are no longer in order in memory, so that `view` raises here.

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
# Without an axis, `argmax` searches the whole tensor in PyTorch and in Keras, and goes along axis 0 in `tf`. A
# standard deviation divides by n − 1 in PyTorch, and by n in TensorFlow. Pass `correction=0`, and PyTorch divides
# by n, too.

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
# `split(x, 2)` makes pieces of length 2 in PyTorch, and 2 pieces in TensorFlow. `repeat` repeats the whole tensor
# in PyTorch, as `tf.tile` does. In TensorFlow it repeats each number, as `repeat_interleave` does in PyTorch. A
# maximum along an axis comes with its positions in PyTorch, and without them in TensorFlow.

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
# ### A list in brackets selects rows in PyTorch, one number in TensorFlow
#
# A list in brackets selects rows in PyTorch, as in NumPy. In TensorFlow it is the position of one number, and
# `tf.gather` selects rows. `@` multiplies a matrix by a vector in PyTorch. In TensorFlow both must be matrices,
# and `tf.linalg.matvec` takes the vector.

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
# A batch of images has the shape (batch, channels, height, width) in PyTorch, and (batch, height, width,
# channels) in TensorFlow. To carry a batch across, reorder its axes: `permute(0, 2, 3, 1)` leads to TensorFlow's
# layout, and `tf.transpose` with `(0, 3, 1, 2)` leads to PyTorch's. The weight of a convolution is reordered,
# too: (out, in, height, width) becomes (height, width, in, out).

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
# ### The wrong layout raises in PyTorch, and builds a wrong layer in Keras
#
# What happens to a batch in the other framework's layout? PyTorch's layer was told to expect 3 channels, and
# raises. Keras's layer was told nothing about its input: it takes the last axis for the channels, and builds a
# kernel for 4 of them, which are the image's columns.

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
# `reshape` leads to the other layout's shape as well, but it mixes the pixels up: it keeps the numbers in their
# order and fills the new shape with them. Below, channel 0 holds 0 to 3, channel 1 holds 10 to 13, and channel 2
# holds 20 to 23. The first pixel must therefore be (0, 10, 20).

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
# ### `channels_last` changes the memory in PyTorch, `channels_first` the shape in Keras
#
# PyTorch can store an image with its channels last. `torch.channels_last` changes only where the numbers lie in
# memory: the shape and your code stay as they are. `stride()` shows this: it gives, for each axis, the distance in
# memory from one number to the next.
#
# Keras can take images with their channels first. `data_format="channels_first"` does change the shape, but the
# convolution may not run on a CPU. It runs where TensorFlow uses the library oneDNN, which this book switches
# off, so that its digits are the same on every machine.

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
# ### Recurrent layers take time first in PyTorch, the batch first in Keras
#
# Sequences have a layout, too. A recurrent layer takes (time, batch, features) in PyTorch, unless you pass
# `batch_first=True`, and (batch, time, features) in Keras. The shape of the output does not show the mistake.
# Below, only the first of three sequences is changed, and without `batch_first` the outputs of all three change.

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
# PyTorch returns the outputs of all time steps and the last states. Keras returns only the last output, unless
# you pass `return_sequences=True`.

# %% [markdown]
# (in-place)=
# ## PyTorch changes a tensor in place, TensorFlow makes a new one
#
# <!-- head: in_place -->
#
# A PyTorch tensor is memory that you can write to. Every other name of the tensor, and every view of a part of
# it, sees the change. A TensorFlow tensor is a value that never changes, like the number 3 in Python: `y += 1`
# makes a new tensor.

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
# In PyTorch, a function that does `x += 1` therefore changes its caller's data.
#
# ### Set one number by assignment in PyTorch, by a new tensor in TensorFlow
#
# In PyTorch you assign to one element; `clone` the tensor first if you still need the old one. In TensorFlow,
# `tensor_scatter_nd_update` returns a new tensor with another number in that place. Only a `tf.Variable` can be
# changed itself, with `assign`.

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
# ## Gradients: `backward` adds to `.grad`, a tape returns them
#
# <!-- head: gradients -->
#
# Both frameworks record the operations of a computation, and go back through the record to find its gradient.
#
# PyTorch records every operation that involves a tensor with `requires_grad`, except under `torch.no_grad()`.
# `backward()` then puts the gradient into `.grad`. TensorFlow records only under a `tf.GradientTape`, where it
# watches every `tf.Variable`. `tape.gradient` then returns the gradient.
#
# Below, the loss is $\sum_i w_i^3$, and its gradient with respect to $w_i$ is $3 w_i^2$.

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
# ### Gradients accumulate in `.grad`
#
# `backward()` *adds* to `.grad`. After three passes with the same loss the gradient is three times too large,
# unless you clear it, which the optimizer's `zero_grad()` does. A tape starts afresh each time.

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
# ### Both free the record after one backward pass
#
# After one backward pass the record is gone, in both frameworks. To run a second pass, give the first `backward()`
# `retain_graph=True`, or make the tape with `persistent=True`.

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
# PyTorch gives 12 and not 6, because the two passes are added.
#
# ### Overwriting what the gradient needs raises in PyTorch
#
# Autograd keeps the numbers that the gradient will need. Overwrite one of them in PyTorch, and `backward()`
# notices and raises. In TensorFlow nothing can be overwritten: `y += 1` makes a new tensor, and the gradient is
# right.

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
# Usually the optimizer changes the weights. To change one yourself in PyTorch, switch the recording off and
# call a method whose name ends in `_`, which works in place. (The *leaf* in the error below is a tensor that was
# not computed from others.) In TensorFlow, a variable has `assign`, `assign_add` and `assign_sub`.
#
# Be careful with Keras's own variable: `w -= 0.5` raises nothing there, and makes `w` a plain tensor.

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
# ### `backward` needs a scalar in PyTorch
#
# PyTorch differentiates a single number. For a tensor of several, `backward()` needs a weight for each; ones
# give the gradient of their sum. A tape takes the sum without being asked.

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
# ### Without a path to the variable PyTorch raises, and a tape gives `None`
#
# A gradient exists only where recorded operations lead from the variable to the loss. Three things leave no such
# path: a plain tensor that is not watched, a detour through NumPy, and integers. A tape then gives `None`, and
# PyTorch raises.
#
# PyTorch has one exception, the last case below. The loss depends on `w` and not on `other`: `backward()` raises
# nothing, and leaves `other.grad` at `None`.

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
# ### `detach` and `stop_gradient` cut the path on purpose
#
# A tape watches every variable. It watches a plain tensor only after `tape.watch(x)`, the counterpart of
# `x.requires_grad_()` in PyTorch.
#
# To cut the path on purpose, call `detach` in PyTorch and `stop_gradient` in TensorFlow. What is cut counts as a
# constant: below, the last factor of $x^2 \cdot x$ is cut, so that at $x = 3$ the gradient is $2x \cdot 3 = 18$ and
# not 27.

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
# ### A second derivative takes `create_graph`, or a tape around a tape
#
# To differentiate a gradient again, pass `create_graph=True` in PyTorch, and put one tape around another in
# TensorFlow. For $x^3$ at $x = 3$ the first derivative is $3x^2 = 27$, and the second is $6x = 18$.

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
# You now know what happens underneath. From here on the book calls `value_and_grad(function, x)`, which does
# these steps in either framework. It returns the output and the gradient of the output's sum with respect to
# `x`; for a layer, it also returns the gradients of its weights.

# %% [markdown]
# (module-and-layer)=
# ## A module has its weights at once, a layer when it is built
#
# <!-- head: module_and_layer -->
#
# A network is a class in both frameworks. You create its parts in `__init__`, and connect them in `forward`
# (PyTorch) or `call` (Keras). A part in PyTorch is told how many numbers come in and how many go out. A part in
# Keras is told only how many go out: it learns the rest when it first sees data, and until then it has no
# weights.

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
# ### Carry a dense layer across with a transpose
#
# PyTorch's weight is (out, in). Keras calls it the kernel and stores it as (in, out), so that you transpose it to
# carry it across; the bias stays as it is. With the same numbers both layers give the same outputs and the same
# gradients. (`upstream_gradient` weights the outputs before they are summed.)

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
# ### A lazy module waits for data, and `build` needs none
#
# Each framework also offers the other's way. PyTorch's lazy modules wait for data, as Keras does. Keras's
# `build` creates the weights without data, as PyTorch does. Before that there is no shape to ask for; after its
# first batch, `LazyLinear` has become a `Linear`.

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
# ### A weight that is not registered is not trained
#
# An optimizer trains what `parameters()` lists in PyTorch, and `trainable_weights` in Keras. Both find what you
# assign to `self`, with exceptions. PyTorch overlooks layers in a plain list and a tensor that is not an
# `nn.Parameter`. Keras finds layers in a list, but overlooks a `tf.Variable`: it needs its own `keras.Variable`.

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
# A new layer draws its weights by a rule, and the two frameworks have different rules. In the table, $n$ is the
# number of inputs that an output depends on (the *fan-in*), and $m$ is the number of outputs that an input reaches
# (the *fan-out*). In a convolution, these are the channels in and the channels out, each times the height and
# width of the kernel. ± stands for a uniform draw between the two bounds.
#
# | | PyTorch | Keras |
# | --- | --- | --- |
# | Linear, Dense | $\pm 1/\sqrt n$ | $\pm\sqrt{6/(n + m)}$ |
# | Conv2d, Conv2D | $\pm 1/\sqrt n$ | $\pm\sqrt{6/(n + m)}$ |
# | their biases | $\pm 1/\sqrt n$ | 0 |
# | Embedding | normal, σ = 1 | $\pm 0.05$ |
# | LSTM, $h$ units | all $\pm 1/\sqrt h$ | see below |
#
# Keras's rule for dense layers and convolutions is the one of {footcite:t}`glorot2010understanding`, which
# PyTorch calls Xavier. Among thousands of weights the largest comes within a percent of the bound, whatever the
# seed:

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
# Biases, embeddings and LSTM differ as well. The recurrent weights of Keras's LSTM are orthogonal
# {footcite:p}`saxe2014exact`. Of its biases, those of the forget gate start at 1, and the others at 0. PyTorch
# has two biases where Keras has one.

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
# Conv2d and Conv2D: boxes, TensorFlow's twice as wide and half as high. Embedding: PyTorch's is a bell of width 1,
# TensorFlow's a spike between minus and plus 0.05. LSTM, recurrent weights: PyTorch's a box between plus and minus
# one eighth, TensorFlow's a bell whose tails reach beyond the box.
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
# ### After ten new layers PyTorch's signal has shrunk to 0.004
#
# Does the difference matter? A weight drawn uniformly between $-a$ and $a$ has the variance $a^2/3$. Each output
# of a layer is a sum of $n$ inputs, each times such a weight. If the inputs have the variance 1, the output has
# the variance $n a^2/3$.
#
# With PyTorch's $a = 1/\sqrt n$ that is a third. With Keras's $a$ it is 1, if a layer has as many outputs as
# inputs. Below are ten layers without biases and with nothing between them; the inputs have a standard deviation
# of 1.

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
# A third, ten times over, leaves $3^{-10}$ of the variance. The standard deviation is its square root,
# $3^{-5} = 0.004$. If a network trains in one framework and not in the other, look here first.
#
# ### Start with the other framework's rule
#
# **Keras's rule in PyTorch** is `xavier_uniform_` for the weight and zeros for the bias. In Keras it is the
# default, `GlorotUniform`, which is written out below. The two layers hold different random numbers, so `agree`
# compares their standard deviations.

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
# **PyTorch's rule in Keras** is `VarianceScaling` with the numbers below, and the same bounds for the bias. In
# PyTorch it is the default: `Linear` calls `kaiming_uniform_` with `a=5**0.5`, which comes to ±1/√n.

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
# ## A new module trains, a new layer evaluates
#
# <!-- head: train_and_evaluation -->
#
# Some layers do one thing in training and another in evaluation. Dropout is the simplest: in training it sets
# numbers to 0 at random, and in evaluation it changes nothing. A PyTorch module *is* in a mode, and a new one is
# in training until you call `eval()`. A Keras layer is *told* its mode with each call, and evaluates when it is
# told nothing.

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
# The mistake that people make in PyTorch is therefore to forget `eval()`. In TensorFlow it is to forget
# `training=True` in a training loop of their own.
#
# Both modes reach the layers inside a network. `net.eval()` sets the mode of all its modules, and a Keras network
# passes on what it was told.

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
# ### `no_grad` is not `eval`
#
# The mode has nothing to do with gradients. `no_grad` does not stop dropout, and `eval` does not stop autograd. In
# TensorFlow, `training` and the tape are independent in the same way.

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
# ### BatchNorm's momentum is the batch's share in PyTorch, the old value's in Keras
#
# BatchNorm has two modes as well. In training it subtracts the mean of the batch and divides by its standard
# deviation, and it moves a stored mean and variance part of the way to those of the batch. In evaluation it uses
# the stored ones.
#
# The `momentum` says how far they move. In PyTorch it is the share of the batch (0.1 by default), and in Keras the
# share of the old value (0.99). The epsilon that is added to the variance differs by default, too. Below, PyTorch
# gets Keras's numbers.

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
# The stored variances still differ, because PyTorch divides the batch's variance by n − 1, and Keras by n.
#
# ### A frozen BatchNorm goes on changing in PyTorch, and stops in Keras
#
# To freeze a layer is to exclude its weights from training. A frozen BatchNorm in PyTorch still moves its stored
# mean and variance while it is in training mode. In Keras it evaluates, even when it is told to train.

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
# (seeds)=
# ## A seed repeats a framework's own numbers, not the other's
#
# <!-- head: seeds -->
#
# A seed makes random numbers repeat within one framework. The other framework draws different numbers from the
# same seed. This book therefore carries weights across, and never relies on equal seeds.

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
# `torch.manual_seed` seeds PyTorch alone. `tf.random.set_seed` seeds `tf.random`, but not Keras, which has
# generators of its own. `keras.utils.set_random_seed` seeds both, and NumPy. To see it, draw twice after the same
# seed:

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
# ### An integer as seed draws the same numbers at every call in Keras
#
# A generator (`torch.Generator`, `keras.random.SeedGenerator`) gives new numbers with every draw. With an integer
# as seed, Keras starts again at every call, and draws the same numbers. The same happens with an initializer
# *object* that two layers share: both start with equal weights.

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
# ## Model summary: Keras's total includes what is not trained
#
# <!-- head: model_summary -->
#
# The rest of this page has one network: a convolution, BatchNorm, ReLU, Flatten and a dense layer, for images of
# 6 × 6 pixels with 3 channels. A function makes it in each framework, because the next section needs a second
# copy.

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
# `print` shows the parts and their arguments in PyTorch. It shows no shapes between the parts, because those
# depend on the input: the package `torchinfo` finds them by sending a batch through the network. Keras knows them
# from the `Input`, and `summary` prints them.

# %% summary-pt tags=["pytorch"]
summary = torchinfo.summary(net_pt, (1, 3, 6, 6), col_width=12)
print(str(summary).partition("Total mult")[0])

# %% summary-tf tags=["tensorflow"]
net_tf.summary(line_length=60)

# %% [markdown]
# PyTorch's total is 445, and Keras's 453. Nothing is missing. BatchNorm stores four means and four variances:
# PyTorch calls them *buffers* and does not count them as parameters, while Keras counts them as parameters that
# are not trained.
#
# Count the trained ones alone, and the totals are the same. (PyTorch's third buffer counts the batches that came
# in training.)

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
# Only the LSTMs really differ: PyTorch's has 256 numbers more, its second bias.

# %% [markdown]
# (model-saving)=
# ## PyTorch saves numbers, Keras the architecture as well
#
# <!-- head: model_saving -->
#
# `state_dict` is a dictionary of names and tensors in PyTorch, buffers included. That is what you save, and you
# build the network yourself before you load it. In Keras, `save_weights` does the same; the file's name must end
# in `.weights.h5`. `net.save` writes a `.keras` file, which holds the architecture beside the numbers, and
# `load_model` builds the network for you.

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
# ### Older formats: PyTorch refuses them unless told, Keras warns
#
# PyTorch can also pickle the whole module; its class must still exist when the file is loaded. Opening a pickle
# can run any code, so `torch.load` has refused classes since version 2.6. Pass `weights_only=False` only for
# files of your own. Keras can still write the older format `.h5`, and logs a warning.

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
# ### Export writes what a network computes, without its classes
#
# To serve a network where its classes are not known, export what it computes. PyTorch writes a graph, and Keras
# writes a SavedModel. `load_model` cannot read a SavedModel; `TFSMLayer` makes a layer of it.

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
# ### A class of your own: PyTorch drops its numbers, Keras must be told of it
#
# A `state_dict` holds tensors only. Below, the factor 3 of a module is an ordinary number: it is not saved, and
# nothing says so. Keras saves what `get_config` returns, and has to be told the class when it loads. Otherwise it
# raises the error below, which names the network around the layer.

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
# (flatten-order)=
# ## Flatten orders the numbers differently, and no shape shows it
#
# <!-- head: flatten_order -->
#
# Flatten turns an image into one row of numbers. With channels first it reads the whole first channel, then the
# whole second. With channels last it reads pixel by pixel. The same image gives a row of the same length in
# another order.

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
# To get PyTorch's order in Keras, put the channels first again before `Flatten`. `Permute` does that; it counts
# axes from 1 and leaves the batch out.

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
# ### A dense weight that is only transposed fits, and is wrong
#
# The dense layer behind Flatten has a weight for each place in the row. Carry that weight across with a
# transpose, and its shape is right, but nearly every number stands at another pixel's place.
#
# To see it, give the PyTorch network of the last sections new numbers. `carry` puts the same numbers into Keras's
# network: it reorders the weight of the convolution, and transposes that of the dense layer.

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
# Nothing raised. Every weight fits, the outputs have the right shape, and all of them are wrong.
#
# ### With `Permute` before Flatten, outputs and gradients agree
#
# One layer mends the network on Keras's side: the `Permute` from above, right before Flatten.

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
# The gradients are carried across like the weights: those of the image and of the convolution are reordered, and
# that of the dense layer is transposed.

# %% carried
conv, linear = dw_pt[:2], dw_pt[4:]
turned = [dx_pt.permute(0, 2, 3, 1), conv[0].permute(2, 3, 1, 0), conv[1],
          *dw_pt[2:4], linear[0].T, linear[1]]
agree(y_pt, y_tf, gradients=(turned, [dx_tf, *dw_tf]), rtol=1e-4, atol=1e-4)

# %% [markdown]
# Outputs and gradients are the same: that was the claim. To do without the extra layer, put the rows of the dense
# kernel into Keras's order once, which is the last exercise of this chapter.
#
# Two more conventions had to be settled on the way. Keras's BatchNorm was given PyTorch's epsilon, and PyTorch
# was told to evaluate.
#
# ## Exercises
#
# Write six of these conversions yourself, in either framework or in both:
# [exercises on two frameworks](../../exercises/start/two_frameworks.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
