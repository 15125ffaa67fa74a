# %% [markdown]
# # Two frameworks
#
# PyTorch and TensorFlow compute the same things. They part in conventions: where the channels of an
# image stand, who keeps a gradient, when a layer learns its shape, how its weights begin. You know
# those of one framework so well that you no longer notice them, and they are what breaks when you
# write in the other.
#
# **The claim:** conventions are all that lies between. At the end of this page you carry a network
# across, and both frameworks give the same outputs and the same gradients. On the way lies one
# mistake that no error, no shape and no parameter count reports: [Flatten](flatten-order).
#
# | | PyTorch | TensorFlow |
# | --- | --- | --- |
# | [whole numbers](dtypes) | int64 | int32 |
# | [mixed dtypes](dtypes) | promoted | refused |
# | [an image batch](channels-last) | channels in axis 1 | channels last |
# | [a tensor](in-place) | can be changed | never changes |
# | [the way to a gradient](gradients) | is kept, but for `no_grad` | is kept under a tape |
# | [a gradient](gradients) | is added to `.grad` | is returned by the tape |
# | [a layer's weights](module-and-layer) | exist at once | exist once it is built |
# | [a dense weight](module-and-layer) | (out, in) | (in, out) |
# | [its first numbers](initial-weights) | ±1/√in | ±√(6/(in + out)) |
# | [a new layer](train-and-evaluation) | trains | evaluates |
# | [a saved model](model-saving) | numbers | numbers and architecture |
#
# Each row is run below. *TensorFlow* stands for two libraries: TensorFlow itself (`tf`), with tensors,
# functions and gradients, and Keras 3 (`keras`), with layers, losses and optimizers, which here runs
# on top of it.

# %%
import tempfile
from contextlib import redirect_stderr
from io import StringIO
from pickle import UnpicklingError

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torchinfo

from diptych import agree, plots, show

plots.use_style()

# %% [markdown]
# (tensors-and-numpy)=
# ## Tensors and NumPy
#
# <!-- head: tensors_and_numpy -->
#
# A tensor is an array through which the framework can take gradients. Both make one of a NumPy array, and
# compute with it as NumPy does: operators are written the same, and broadcast the same.

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
# Every section of the book has such a pair of cells: the same steps, the same names, one in each framework.
# `show` prints four decimals. `agree` compares every number of one with the other's, and names the
# difference that it would have let pass. *Eager* means that TensorFlow computed at once, as PyTorch does.
#
# A tensor is on a device. PyTorch's tensors and modules stay on the CPU until you move them,
# `.to("cuda")`, and all that meet must be on the same one. TensorFlow uses a GPU unasked, where it finds
# one. This book runs on the CPU:

# %% device-pt tags=["pytorch"]
print(x_pt.device)

# %% device-tf tags=["tensorflow"]
print(x_tf.device.split("/")[-1])

# %% [markdown]
# Does a tensor have numbers of its own, or does it share the array's? `torch.from_numpy` shares, and
# so does `.numpy()` on the way back. TensorFlow copies, both ways.

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
# What is to learn has `requires_grad=True` in PyTorch, and is a `Variable` in TensorFlow. PyTorch's becomes
# NumPy only after `detach()`; TensorFlow's does so at any time, and the gradient
# [is lost on the way](no-way).

# %% to-numpy-pt tags=["pytorch"]
w = torch.tensor([1.0, 2.0], requires_grad=True)
try:
    w.numpy()
except RuntimeError as error:
    print(str(error).split(".")[0])
show(w=w.detach().numpy())

# %% to-numpy-tf tags=["tensorflow"]
w = tf.Variable([1.0, 2.0])
show(w=w.numpy())

# %% [markdown]
# (dtypes)=
# ## Dtypes
#
# <!-- head: dtypes -->
#
# Python's floats become float32 in both frameworks. Whole numbers become int64 in PyTorch and int32 in
# TensorFlow. What comes from NumPy keeps its dtype, and NumPy's own default is float64.

# %% default-dtypes-pt tags=["pytorch"]
values = {"1.0": 1.0, "1": 1, "np.ones(2)": np.ones(2)}
for name, value in values.items():
    print(f"{name:10}", torch.tensor(value).dtype)

# %% default-dtypes-tf tags=["tensorflow"]
values = {"1.0": 1.0, "1": 1, "np.ones(2)": np.ones(2)}
for name, value in values.items():
    print(f"{name:10}", tf.constant(value).dtype.name)

# %% [markdown]
# When dtypes meet, PyTorch promotes: whole numbers become real ones. Keras does, too, in `keras.ops`. Plain
# TensorFlow refuses. A quotient of its int32 is float64, and that refuses the next float32.

# %% mixed-dtypes-pt tags=["pytorch"]
whole_pt = torch.tensor([1, 2])
real_pt = torch.tensor([0.5, 0.5])
print("whole + real:", (whole_pt + real_pt).dtype)
half = whole_pt / 2
print("whole / 2:   ", half.dtype)
print("half + real: ", (half + real_pt).dtype)

# %% mixed-dtypes-tf tags=["tensorflow"]
whole_tf = tf.constant([1, 2])
real_tf = tf.constant([0.5, 0.5])
try:
    print("whole + real:", (whole_tf + real_tf).dtype.name)
except tf.errors.InvalidArgumentError:
    print("whole + real: refused")
added = keras.ops.add(whole_tf, real_tf)
print("keras.ops.add:", added.dtype.name)
half = whole_tf / 2
print("whole / 2:   ", half.dtype.name)
try:
    print("half + real: ", (half + real_tf).dtype.name)
except tf.errors.InvalidArgumentError:
    print("half + real:  refused")

# %% [markdown]
# Worse than a refusal is a wrong number. The mean of the whole numbers 1 and 2 is 1 in `tf`: whole, like them.

# %% integer-mean-pt tags=["pytorch"]
try:
    print("torch:", whole_pt.mean())
except RuntimeError:
    print("torch: refused")

# %% integer-mean-tf tags=["tensorflow"]
print("tf:   ", tf.reduce_mean(whole_tf).numpy())
print("keras:", keras.ops.mean(whole_tf).numpy())

# %% [markdown]
# Pixels are often uint8, whole numbers from 0 to 255 that wrap around. In both frameworks 0 − 128 is then
# 128. Make floats of them first.

# %% wraps-around
pixels = np.array([0, 100, 255], np.uint8)
agree(torch.tensor(pixels) - 128, tf.constant(pixels) - 128)
show(minus_128=torch.tensor(pixels) - 128)

# %% [markdown]
# What does a layer do with NumPy's float64? PyTorch's refuses (*Double* is float64, *Float* float32).
# Keras's casts it to its own dtype, float32, without a word.

# %% float64-layer-pt tags=["pytorch"]
batch = torch.tensor(np.ones((1, 3)))
linear = nn.Linear(3, 2)
try:
    print(linear(batch).dtype)
except RuntimeError as error:
    print(error)
print(linear(batch.to(torch.float32)).dtype)

# %% float64-layer-tf tags=["tensorflow"]
batch = tf.constant(np.ones((1, 3)))
dense = keras.layers.Dense(2)
print(dense(batch).dtype.name)
print(dense(tf.cast(batch, tf.float32)).dtype.name)

# %% [markdown]
# (shapes-and-axes)=
# ## Shapes and axes
#
# <!-- head: shapes_and_axes -->
#
# PyTorch has methods of the tensor for it and calls an axis `dim`; TensorFlow has functions,
# and an `axis`. Reshaping reads the numbers in the same order in both.

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
# Names that look alike are the trap. `transpose` exchanges the two axes that you name in PyTorch; in
# TensorFlow it takes the whole new order, and without one it reverses all axes. PyTorch's `view` is
# a `reshape` that must not copy, so it refuses what has been transposed.

# %% transpose-pt tags=["pytorch"]
turned = x_pt.transpose(0, 1)
print(tuple(turned.shape))
try:
    turned.view(24)
except RuntimeError as error:
    print(str(error).split(" (")[0])
print(tuple(turned.reshape(24).shape))

# %% transpose-tf tags=["tensorflow"]
print(tuple(tf.transpose(x_tf).shape))
turned = tf.transpose(x_tf, (1, 0, 2))
print(tuple(turned.shape))
print(tuple(tf.reshape(turned, 24).shape))

# %% [markdown]
# The same name, another number. `argmax` without an axis looks at everything in PyTorch and in Keras, and
# along axis 0 in `tf`. A standard deviation divides by n − 1 in PyTorch, by n in TensorFlow.

# %% same-name-pt tags=["pytorch"]
m_pt = torch.tensor([[1.0, 9.0, 3.0], [7.0, 5.0, 6.0]])
show(argmax=torch.argmax(m_pt))
show(std=torch.std(m_pt), std_n=torch.std(m_pt, correction=0))

# %% same-name-tf tags=["tensorflow"]
m_tf = tf.constant([[1.0, 9.0, 3.0], [7.0, 5.0, 6.0]])
show(argmax=tf.argmax(m_tf), keras=keras.ops.argmax(m_tf))
show(std=tf.math.reduce_std(m_tf), keras=keras.ops.std(m_tf))

# %% [markdown]
# The same call, another result. `split(x, 2)` makes pieces of 2 in PyTorch, and 2 pieces in TensorFlow.
# `repeat` repeats the whole in PyTorch (`tf.tile` does), and each number in TensorFlow
# (`repeat_interleave` does). A maximum along an axis comes with its places in PyTorch, without them in
# TensorFlow.

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
show(repeat=tf.repeat(six_tf[:2], 2))
show(whole=tf.tile(six_tf[:2], [2]))
values = tf.reduce_max(m_tf, axis=1)
show(values=values, places=tf.argmax(m_tf, axis=1))

# %% [markdown]
# `@` multiplies a matrix by a vector in PyTorch. TensorFlow's wants matrices, and `matvec` takes the vector. A
# list between brackets names rows in PyTorch, as in NumPy. In TensorFlow it is the place of one number, and you
# `gather` rows.

# %% list-index-pt tags=["pytorch"]
show(product=m_pt @ torch.ones(3))
show(m=m_pt[[1, 0]])

# %% list-index-tf tags=["tensorflow"]
try:
    show(product=m_tf @ tf.ones(3))
except tf.errors.InvalidArgumentError:
    print("matrix @ vector: refused")
show(product=tf.linalg.matvec(m_tf, tf.ones(3)))
show(m=m_tf[[1, 0]], gather=tf.gather(m_tf, [1, 0]))

# %% [markdown]
# (channels-last)=
# ## Channels first, channels last
#
# <!-- head: channels_last -->
#
# A batch of images is (batch, channels, height, width) in PyTorch, and (batch, height, width, channels)
# in TensorFlow. Carrying it across means turning the axes: `permute(0, 2, 3, 1)` one way,
# `transpose` with `(0, 3, 1, 2)` the other.

# %%
images = np.random.default_rng(0).uniform(size=(2, 3, 5, 4)).astype(np.float32)

# %% image-layout-pt tags=["pytorch"]
x_pt = torch.tensor(images)  # (batch, channels, height, width)
conv = nn.Conv2d(3, 8, kernel_size=3)
print(tuple(x_pt.shape), "becomes", tuple(conv(x_pt).shape))
print("weight", tuple(conv.weight.shape))

# %% image-layout-tf tags=["tensorflow"]
x_tf = tf.transpose(tf.constant(images), (0, 2, 3, 1))
conv = keras.layers.Conv2D(8, kernel_size=3)
print(tuple(x_tf.shape), "becomes", tuple(conv(x_tf).shape))
print("kernel", tuple(conv.kernel.shape))

# %% [markdown]
# The weight of a convolution is turned, too: (out, in, height, width) against (height, width, in, out).
#
# What if the batch comes in the other's layout? PyTorch's layer was told that there are 3 channels, and
# refuses. Keras's was not: it takes the last axis for the channels, and builds a kernel for 4 of
# them, the image's columns.

# %% wrong-layout-pt tags=["pytorch"]
conv = nn.Conv2d(3, 8, kernel_size=3)
try:
    print(tuple(conv(x_pt.permute(0, 2, 3, 1)).shape))
except RuntimeError as error:
    print("refused:", str(error)[-46:])

# %% wrong-layout-tf tags=["tensorflow"]
conv = keras.layers.Conv2D(8, kernel_size=3)
print(tuple(conv(tf.constant(images)).shape))
print("kernel", tuple(conv.kernel.shape))

# %% [markdown]
# `reshape` gives the right shape as well, and wrong images: it leaves the numbers in their order and
# fills the new shape with them. Below, channel 0 holds 0 to 3, channel 1 holds 10 to 13, channel 2
# holds 20 to 23. The first pixel is (0, 10, 20).

# %%
tiny = np.array([[[[0, 1], [2, 3]], [[10, 11], [12, 13]], [[20, 21], [22, 23]]]])

# %% reshape-is-not-turning-pt tags=["pytorch"]
x_pt = torch.tensor(tiny)  # (1, 3, 2, 2)
show(turned=x_pt.permute(0, 2, 3, 1)[0, 0])
show(reshaped=x_pt.reshape(1, 2, 2, 3)[0, 0])

# %% reshape-is-not-turning-tf tags=["tensorflow"]
x_tf = tf.constant(tiny)  # (1, 3, 2, 2)
show(turned=tf.transpose(x_tf, (0, 2, 3, 1))[0, 0])
show(reshaped=tf.reshape(x_tf, (1, 2, 2, 3))[0, 0])

# %% [markdown]
# Each framework also knows the other's layout, by half. PyTorch's `channels_last` changes where the numbers
# lie in memory (the strides: how far it is from one to the next along each axis), and no shape: your
# code stays as it is. Keras's `channels_first` does change the shape, and then a convolution may not run on
# a CPU. It runs where TensorFlow uses the library oneDNN, which this book switches off, so that its digits
# are the same on every machine.

# %% memory-format-pt tags=["pytorch"]
x_pt = torch.tensor(images)
last = x_pt.to(memory_format=torch.channels_last)
print("first:", tuple(x_pt.shape), x_pt.stride())
print("last: ", tuple(last.shape), last.stride())

# %% memory-format-tf tags=["tensorflow"]
first = keras.layers.Conv2D(8, 3, data_format="channels_first")
try:
    print(tuple(first(tf.constant(images)).shape))
except tf.errors.UnimplementedError:
    print("not implemented on this CPU")

# %% [markdown]
# Sequences have a layout, too. Recurrent layers take (time, batch, features) in PyTorch, unless you say
# `batch_first=True`, and (batch, time, features) in Keras. No shape tells: below, only the first of three
# sequences is changed, and without `batch_first` the outputs of all three change.

# %% sequence-layout-pt tags=["pytorch"]
x_pt = torch.zeros(3, 5, 2)  # (batch, time, features)
other = x_pt.clone()
other[0] = 1
for first in (False, True):
    lstm = nn.LSTM(2, 4, batch_first=first)
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
# PyTorch returns the outputs of all steps, and the last states; Keras the last output alone, unless you say
# `return_sequences=True`.

# %% [markdown]
# (in-place)=
# ## In place and immutable
#
# <!-- head: in_place -->
#
# A PyTorch tensor is memory that you can write to, and whoever has another name for it, or a view of a
# part of it, sees the change. A TensorFlow tensor is a value, like Python's 3: `y += 1` makes a new
# one.

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
# So a function that says `x += 1` changes its caller's data in PyTorch.
#
# To set one number, PyTorch assigns; `clone` first if the old tensor is still needed. TensorFlow makes a
# new tensor by `tensor_scatter_nd_update`, or assigns to a `Variable`, the one thing there that changes.

# %% set-element-pt tags=["pytorch"]
new = x_pt.clone()
new[0] = 9
show(x=x_pt, new=new)

# %% set-element-tf tags=["tensorflow"]
try:
    x_tf[0] = 9
except TypeError as error:
    print(str(error).split(" object ")[1])
new = tf.tensor_scatter_nd_update(x_tf, [[0]], [9.0])
variable = tf.Variable(x_tf)
variable[0].assign(9.0)
show(x=x_tf, new=new, variable=variable)

# %% [markdown]
# (gradients)=
# ## Autograd and GradientTape
#
# <!-- head: gradients -->
#
# PyTorch remembers, with every tensor that came from one with `requires_grad`, how it was made, except under
# `torch.no_grad()`; `backward()` walks back and leaves the gradient in `.grad`. TensorFlow remembers only what
# happens under a tape, for the `Variable`s that take part, and the tape hands the gradient back.

# %% tags=["pytorch"]
w_pt = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
loss_pt = torch.sum(w_pt**3)
loss_pt.backward()
show(loss=loss_pt)
show(dw=w_pt.grad)

# %% tags=["tensorflow"]
w_tf = tf.Variable([1.0, -2.0, 3.0])
with tf.GradientTape() as tape:
    loss_tf = tf.reduce_sum(w_tf**3)
dw_tf = tape.gradient(loss_tf, w_tf)
show(loss=loss_tf)
show(dw=dw_tf)

# %%
agree(loss_pt, loss_tf, gradients=(w_pt.grad, dw_tf))

# %% [markdown]
# ### What is kept
#
# `backward` *adds* to `.grad`. Three times the same loss, and the gradient is three times what it should
# be, unless you clear it (`zero_grad()` of the optimizer does). A tape begins anew each time.

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
# Both forget the way back once it has been walked. To walk it twice, say so: `retain_graph=True` in PyTorch,
# `persistent=True` in TensorFlow.

# %% second-call-pt tags=["pytorch"]
for keep in (False, True):
    w = torch.tensor([3.0], requires_grad=True)
    loss = (w**2).sum()
    try:
        loss.backward(retain_graph=keep)
        loss.backward()
        show(dw=w.grad)
    except RuntimeError:
        print("refused")

# %% second-call-tf tags=["tensorflow"]
for keep in (False, True):
    w = tf.Variable([3.0])
    with tf.GradientTape(persistent=keep) as tape:
        loss = tf.reduce_sum(w**2)
    try:
        tape.gradient(loss, w)
        show(dw=tape.gradient(loss, w))
    except RuntimeError:
        print("refused")

# %% [markdown]
# PyTorch's is 12 instead of 6: two walks, added.
#
# ### What is overwritten
#
# Autograd keeps the numbers that it needs for the way back. Overwrite them in PyTorch, and `backward`
# notices; in TensorFlow they cannot be overwritten:

# %% overwritten-pt tags=["pytorch"]
w = torch.tensor([0.0, 1.0], requires_grad=True)
y = torch.exp(w)
loss = (y**2).sum()
y += 1
try:
    loss.backward()
except RuntimeError as error:
    print("y has", str(error).split(" has ")[1].split(":")[0])

# %% overwritten-tf tags=["tensorflow"]
w = tf.Variable([0.0, 1.0])
with tf.GradientTape() as tape:
    y = tf.exp(w)
    loss = tf.reduce_sum(y**2)
    y += 1
show(dw=tape.gradient(loss, w))

# %% [markdown]
# A weight is changed by the optimizer. By hand, PyTorch lets you only where nothing is recorded (its *leaf* is
# a tensor that was computed from no other), in place, with a method whose name ends in `_`; a `Variable`
# has `assign`. Mind Keras's own variable: there `w -= 0.5` raises nothing, and leaves `w` a plain tensor.

# %% change-a-weight-pt tags=["pytorch"]
w = torch.tensor([1.0, 2.0], requires_grad=True)
try:
    w -= 0.5
except RuntimeError as error:
    print(str(error).replace(" used ", " used\n"))
with torch.no_grad():
    w.sub_(0.5)
show(w=w)

# %% change-a-weight-tf tags=["tensorflow"]
w = tf.Variable([1.0, 2.0])
try:
    w -= 0.5
except RuntimeError as error:
    print(str(error).split(". ")[0])
w.assign_sub([0.5, 0.5])
show(w=w)
w = keras.Variable([1.0, 2.0])
w -= 0.5
print(type(w).__name__)

# %% [markdown]
# ### Of what
#
# PyTorch differentiates a single number. For several it wants a weight for each, ones for their sum; a tape
# sums without being asked.

# %% vector-output-pt tags=["pytorch"]
w = torch.tensor([1.0, 2.0], requires_grad=True)
y = w**2
try:
    y.backward()
except RuntimeError as error:
    print(error)
y.backward(torch.ones(2))
show(dw=w.grad)

# %% vector-output-tf tags=["tensorflow"]
w = tf.Variable([1.0, 2.0])
with tf.GradientTape() as tape:
    y = w**2
show(dw=tape.gradient(y, w))

# %% [markdown]
# (no-way)=
# ### With respect to what
#
# Where no way leads from the loss to the variable, a tape answers `None`. PyTorch raises, with one exception:
# if the loss has a way to another variable, `backward` is content, and leaves `.grad` at `None`. Three ways
# that are none: a plain tensor that nobody watched, a detour through NumPy, and whole numbers. Then the
# exception:

# %% no-way-pt tags=["pytorch"]
w = torch.tensor([3.0], requires_grad=True)
ways = {
    "plain": lambda: (torch.tensor([3.0]) ** 2).backward(),
    "NumPy": lambda: torch.tensor(np.square(w)).backward(),
    "whole": lambda: torch.tensor([3], requires_grad=True),
}
for name, way in ways.items():
    try:
        way()
    except RuntimeError as error:
        said = str(error).split(" and ")[0].split(".")[0]
        print(f"{name}: {said} …")
other = torch.tensor([3.0], requires_grad=True)
(w**2).backward()
print("other:", other.grad)

# %% no-way-tf tags=["tensorflow"]
w, whole = tf.Variable([3.0]), tf.Variable([3])
plain, other = tf.constant([3.0]), tf.Variable([3.0])
with tf.GradientTape(persistent=True) as tape:
    of_plain = plain**2
    by_numpy = tf.constant(np.square(w))
    of_whole = whole**2
    of_w = w**2
print("plain:", tape.gradient(of_plain, plain))
print("NumPy:", tape.gradient(by_numpy, w))
print("whole:", tape.gradient(of_whole, whole))
print("other:", tape.gradient(of_w, other))

# %% [markdown]
# A tape watches variables by itself, and a tensor when you say `tape.watch(x)`: it is what
# `requires_grad_()` is to a PyTorch tensor. To cut the way on purpose, `detach` in PyTorch, `stop_gradient`
# in TensorFlow: what is cut counts as a constant. Below, the last factor of $x^2 \cdot x$ is cut, and the
# gradient at 3 is $2x \cdot 3$, 18, and not 27.

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
# A gradient of a gradient is made by `create_graph=True` in PyTorch, by a tape around a tape in TensorFlow. For
# $x^3$ at 3 the first is $3x^2$, 27, and the second $6x$, 18.

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
# (module-and-layer)=
# ## Module and layer
#
# <!-- head: module_and_layer -->
#
# A network is a class in both: parts in `__init__`, the way through them in `forward` or `call`. The parts of
# PyTorch are told how many numbers come in. Those of Keras are told only how many go out, and find out
# the rest when they first see data: until then there are no weights.

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
# The weight is (out, in) in PyTorch, the kernel (in, out) in Keras: carry it across by a transpose. The
# bias is the same. Once both have the same numbers, they are the same layer:

# %%
rng = np.random.default_rng(0)
weight = rng.normal(size=(3, 4)).astype(np.float32)  # (out, in)
bias = rng.normal(size=3).astype(np.float32)
batch = rng.normal(size=(5, 4)).astype(np.float32)

# %% tags=["pytorch"]
linear = nn.Linear(4, 3)
with torch.no_grad():
    linear.weight.copy_(torch.tensor(weight))
    linear.bias.copy_(torch.tensor(bias))
y_pt = linear(torch.tensor(batch))
(y_pt**2).sum().backward()
dw_pt, db_pt = linear.weight.grad, linear.bias.grad

# %% tags=["tensorflow"]
dense = keras.layers.Dense(3)
dense.build((None, 4))
dense.kernel.assign(weight.T)
dense.bias.assign(bias)
with tf.GradientTape() as tape:
    y_tf = dense(batch)
    loss = tf.reduce_sum(y_tf**2)
dw_tf, db_tf = tape.gradient(loss, [dense.kernel, dense.bias])

# %%
agree(y_pt, y_tf, gradients=([dw_pt.T, db_pt], [dw_tf, db_tf]))

# %% [markdown]
# Each can also do as the other does: PyTorch's lazy modules wait for data, and `build` spares Keras the
# wait. Before, there is no shape to ask for; afterwards, `LazyLinear` has become a `Linear`.

# %% lazy-pt tags=["pytorch"]
late = nn.LazyLinear(3)
try:
    print(tuple(late.weight.shape))
except RuntimeError as error:
    print(str(error).split(".")[0])
late(torch.ones(1, 4))
print(tuple(late.weight.shape), type(late).__name__)

# %% lazy-tf tags=["tensorflow"]
late = keras.layers.Dense(3)
try:
    print(tuple(late.kernel.shape))
except AttributeError as error:
    print(error)
late.build((None, 4))
print(tuple(late.kernel.shape), type(late).__name__)

# %% [markdown]
# ### What is not seen is not learned
#
# An optimizer learns what `parameters()` or `trainable_weights` lists: what you assign to `self`, but not all
# of it. PyTorch overlooks a list of modules, and a tensor that is no `Parameter`. Keras finds the list, and
# overlooks a `tf.Variable`: it wants its own.

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
# ## Initial weights
#
# <!-- head: initial_weights -->
#
# A new layer draws its weights from a rule, and the rules differ. Take $n$ for the numbers that come into
# one output, $m$ for those that go out of one input.
#
# | | PyTorch | Keras |
# | --- | --- | --- |
# | Linear, Dense | $\pm 1/\sqrt n$ | $\pm\sqrt{6/(n + m)}$ |
# | Conv2d, Conv2D | $\pm 1/\sqrt n$ | $\pm\sqrt{6/(n + m)}$ |
# | their biases | $\pm 1/\sqrt n$ | 0 |
# | Embedding | normal, σ = 1 | $\pm 0.05$ |
# | LSTM, $h$ units | all $\pm 1/\sqrt h$ | see below |
#
# where ± means uniform between. Keras's is the rule of {footcite:t}`glorot2010understanding`, which PyTorch
# calls Xavier's. In a convolution $n$ is the channels that come in times height and width of the kernel, $m$ the
# channels that go out times the same.

# %% bounds-pt tags=["pytorch"]
linear = nn.Linear(300, 100)
conv = nn.Conv2d(30, 20, kernel_size=3)
for w, n in ((linear.weight, 300), (conv.weight, 30 * 9)):
    bound = (1 / n) ** 0.5
    used = w.detach().abs().max() / bound
    print(f"±{bound:.4f}, of which used {used:.2f}")

# %% bounds-tf tags=["tensorflow"]
dense = keras.layers.Dense(100)
dense.build((None, 300))
conv = keras.layers.Conv2D(20, kernel_size=3)
conv.build((None, 9, 9, 30))
for w, n, m in ((dense.kernel, 300, 100),
                (conv.kernel, 30 * 9, 20 * 9)):
    bound = (6 / (n + m)) ** 0.5
    used = np.abs(w).max() / bound
    print(f"±{bound:.4f}, of which used {used:.2f}")

# %% [markdown]
# The largest of the thousands of weights comes within a percent of the bound, whatever the seed. Biases,
# embeddings and LSTM:

# %% biases-pt tags=["pytorch"]
print("biases all 0:", bool((linear.bias == 0).all()))
embedding = nn.Embedding(1000, 16)
print(f"embedding: σ = {embedding.weight.std():.1f}")
lstm = nn.LSTM(30, 64)
for name, w in lstm.named_parameters():
    used = w.detach().abs().max() * 64**0.5
    print(f"{name:12} {tuple(w.shape)!s:9} {used:.1f}/√64")

# %% biases-tf tags=["tensorflow"]
print("biases all 0:", not dense.bias.numpy().any())
embedding = keras.layers.Embedding(1000, 16)
embedding.build()
bound = np.abs(embedding.embeddings).max()
print(f"embedding: ±{bound:.2f}")
lstm = keras.layers.LSTM(64)
lstm.build((None, None, 30))
kernel, recurrent, bias = (w.numpy() for w in lstm.weights)
used = abs(kernel).max() / (6 / (30 + 256)) ** 0.5
print(f"kernel {kernel.shape} used {used:.1f}")
square = recurrent @ recurrent.T
same = np.allclose(square, np.eye(64), atol=1e-4)
print(f"recurrent {recurrent.shape} orthogonal: {same}")
print("bias of each gate", bias.reshape(4, 64).mean(1))

# %% [markdown]
# Keras's recurrent weights are orthogonal {footcite:p}`saxe2014exact`, and of its biases the
# forget gate's alone begins at 1, the others at 0. PyTorch has two biases where Keras has one.

# %% initial-weights-figure tags=["hide-input"]
# alt: Four panels of histograms of initial weights, TensorFlow dashed over PyTorch solid. Linear and Dense, and Conv2d and Conv2D: boxes, TensorFlow's twice as wide and half as high. Embedding: PyTorch's is a bell of width 1, TensorFlow's a spike between minus and plus 0.05. LSTM, recurrent weights: PyTorch's a box between plus and minus one eighth, TensorFlow's a bell whose tails reach beyond the box.
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
fig, axes = plt.subplots(4, 1, figsize=(5.2, 7.6))
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
# ### Ten layers on
#
# Does the difference matter? A uniform weight between $\pm a$ has the variance $a^2/3$, and a sum of $n$
# inputs of variance 1, each with such a weight, the variance $n a^2/3$. In PyTorch that is a third; in Keras,
# where as many go out as come in, it is 1. Ten layers without biases, nothing between them, inputs with a
# standard deviation of 1:

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
# A third of the variance, ten times over, is $3^{-10}$, and its root $3^{-5}$ is 0.004. If a network trains in one
# framework and not in the other, look here first. To begin by the other's rule:

# %% other-rule-pt tags=["pytorch"]
linear = nn.Linear(300, 100)
nn.init.xavier_uniform_(linear.weight)
nn.init.zeros_(linear.bias)
used = linear.weight.detach().abs().max() / (6 / 400) ** 0.5
print(f"{used:.2f} of Keras's bound")

# %% other-rule-tf tags=["tensorflow"]
rule = keras.initializers.VarianceScaling(
    1 / 3, mode="fan_in", distribution="uniform")
bound = (1 / 300) ** 0.5
bias = keras.initializers.RandomUniform(-bound, bound)
dense = keras.layers.Dense(
    100, kernel_initializer=rule, bias_initializer=bias)
dense.build((None, 300))
used = np.abs(dense.kernel).max() / bound
print(f"{used:.2f} of PyTorch's bound")

# %% [markdown]
# (train-and-evaluation)=
# ## Training and evaluation
#
# <!-- head: train_and_evaluation -->
#
# Some layers do one thing while training and another afterwards; dropout is the plainest. A PyTorch module
# *is* in a mode, and a new one trains until you call `eval()`. A Keras layer is *told* with each call,
# and untold it evaluates.

# %% modes-pt tags=["pytorch"]
drop, ones = nn.Dropout(0.5), torch.ones(1000)
print("as it comes: zeros", bool((drop(ones) == 0).any()))
drop.eval()
print("evaluation:  zeros", bool((drop(ones) == 0).any()))
drop.train()
print("training:    zeros", bool((drop(ones) == 0).any()))

# %% modes-tf tags=["tensorflow"]
drop, ones = keras.layers.Dropout(0.5), tf.ones(1000)
print("as it comes: zeros", np.any(drop(ones) == 0))
y = drop(ones, training=False)
print("evaluation:  zeros", np.any(y == 0))
y = drop(ones, training=True)
print("training:    zeros", np.any(y == 0))

# %% [markdown]
# So the forgotten `eval()` is PyTorch's mistake, and the forgotten `training=True`, in a loop of your
# own, TensorFlow's. Both modes reach the layers within: `net.eval()` sets those of all its modules, and a
# Keras layer hands on what it was told.

# %% nested-pt tags=["pytorch"]
net = nn.Sequential(nn.Dropout(0.5))
net.eval()
ones = torch.ones((1, 1000))
print("zeros", bool((net(ones) == 0).any()))

# %% nested-tf tags=["tensorflow"]
net = keras.Sequential([keras.layers.Dropout(0.5)])
ones = tf.ones((1, 1000))
print("zeros", np.any(net(ones, training=True) == 0))

# %% [markdown]
# Neither mode has to do with gradients. `no_grad` does not stop dropout, `eval` does not stop
# autograd; a tape is a third thing, too.

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
# BatchNorm, too, has two modes. In training it subtracts the batch's mean and divides by its standard
# deviation, and moves a stored mean and variance some way to the batch's; in evaluation it uses the stored
# ones. Its `momentum` means the batch's share in PyTorch, and the old number's in Keras. The epsilon in the
# divisor differs as well.
#
# To freeze a layer is to keep its weights from learning. A frozen BatchNorm still moves its stored numbers in
# PyTorch, while it is in training. In Keras it evaluates, even when told to train.

# %% frozen-pt tags=["pytorch"]
norm = nn.BatchNorm1d(2)
print("epsilon", norm.eps, "momentum", norm.momentum)
norm.requires_grad_(False)
x_pt = torch.tensor([[1.0, 2.0], [3.0, 6.0]])
y_pt = norm(x_pt)
show(y=y_pt, mean=norm.running_mean)

# %% frozen-tf tags=["tensorflow"]
norm = keras.layers.BatchNormalization()
print("epsilon", norm.epsilon, "momentum", norm.momentum)
norm.trainable = False
x_tf = tf.constant([[1.0, 2.0], [3.0, 6.0]])
y_tf = norm(x_tf, training=True)
show(y=y_tf, mean=norm.moving_mean)

# %% [markdown]
# (seeds)=
# ## Seeds
#
# <!-- head: seeds -->
#
# A seed makes random numbers repeat, within one framework. The other draws others from the same seed,
# which is why this book carries weights across, and no seeds.

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
print("the same in both:", np.allclose(a_pt, a_tf))

# %% [markdown]
# Which seed reaches what? `torch.manual_seed` reaches PyTorch alone. `tf.random.set_seed` reaches `tf.random`,
# and not Keras, which keeps its own; `keras.utils.set_random_seed` reaches both, and NumPy.

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
# A generator (`torch.Generator`, `SeedGenerator`) has a stream of numbers of its own. In Keras a plain number
# as seed is no stream: each call begins anew, and draws the same. The same happens to an initializer *object*
# that two layers share: they begin with equal weights.

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
# ## Model summary
#
# <!-- head: model_summary -->
#
# From here on there is a network: a convolution, BatchNorm, ReLU, Flatten, and a dense layer, for images of
# 6 × 6 with 3 channels. Both are made by a function, because the next section needs a second one.

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
# PyTorch's `print` shows the parts and their arguments. It knows no shapes in between: for those a batch
# must run through, which is what the package `torchinfo` does. Keras knows them from the `Input`.

# %% summary-pt tags=["pytorch"]
summary = torchinfo.summary(
    net_pt, input_size=(1, 3, 6, 6), verbose=0, col_width=12,
    col_names=("output_size", "num_params"),
)
print(str(summary).partition("Total mult")[0])

# %% summary-tf tags=["tensorflow"]
net_tf.summary(line_length=60)

# %% [markdown]
# PyTorch's total is 445, Keras's 453. Nothing is missing: the four means and four variances that BatchNorm
# stores are *buffers* in PyTorch and no parameters; in Keras they are parameters that are not trained. Count
# the trainable ones, and the two agree. PyTorch's third buffer counts the batches that came in training.

# %% counts-pt tags=["pytorch"]
print("trained:", sum(p.numel() for p in net_pt.parameters()))
others = net_pt[1].named_buffers()
print("others: ", [name for name, _ in others])
lstm = nn.LSTM(30, 64)
print("LSTM:   ", sum(p.numel() for p in lstm.parameters()))

# %% counts-tf tags=["tensorflow"]
print("trained:", sum(map(np.size, net_tf.trainable_weights)))
others = net_tf.non_trainable_weights
print("others: ", [v.name for v in others])
lstm = keras.layers.LSTM(64)
lstm.build((None, None, 30))
print("LSTM:   ", lstm.count_params())

# %% [markdown]
# The LSTM does differ: by the 256 numbers of the second bias.

# %% [markdown]
# (model-saving)=
# ## Saving and loading a model
#
# <!-- head: model_saving -->
#
# PyTorch saves numbers: `state_dict` is a dictionary of names and tensors, buffers included, and to load it you
# build the network yourself. Keras's `.keras` holds the architecture beside the numbers, and `load_model`
# builds it for you; `save_weights` saves the numbers alone, to a name that ends in `.weights.h5`.

# %% saving-pt tags=["pytorch"]
x_pt = torch.rand(2, 3, 6, 6)
net_pt.eval()
with tempfile.TemporaryDirectory() as folder:
    torch.save(net_pt.state_dict(), f"{folder}/net.pt")
    saved = torch.load(f"{folder}/net.pt")
print(list(saved)[:3])
again = make_net_pt().eval()
print("new:   ", torch.equal(again(x_pt), net_pt(x_pt)))
print(again.load_state_dict(saved))
print("loaded:", torch.equal(again(x_pt), net_pt(x_pt)))

# %% saving-tf tags=["tensorflow"]
x_tf = keras.random.uniform((2, 6, 6, 3))
with tempfile.TemporaryDirectory() as folder:
    net_tf.save(f"{folder}/net.keras")
    whole = keras.saving.load_model(f"{folder}/net.keras")
    net_tf.save_weights(f"{folder}/net.weights.h5")
    again = make_net_tf()
    print("new:   ", np.array_equal(again(x_tf), net_tf(x_tf)))
    again.load_weights(f"{folder}/net.weights.h5")
print("loaded:", np.array_equal(again(x_tf), net_tf(x_tf)))
print("whole: ", np.array_equal(whole(x_tf), net_tf(x_tf)))
print([w.path for w in whole.weights][:3])

# %% [markdown]
# ### Older formats
#
# PyTorch can also pickle the whole module: its class must still be there when it is loaded. A pickle can run
# any code when it is opened, so `torch.load` has refused classes since version 2.6; say `weights_only=False`
# only to files of your own. Keras can still write `.h5`, and warns of it on stderr.

# %% older-formats-pt tags=["pytorch"]
with tempfile.TemporaryDirectory() as folder:
    torch.save(net_pt, f"{folder}/net.pt")
    try:
        torch.load(f"{folder}/net.pt")
    except UnpicklingError as error:
        print(str(error).split(".")[0])
    old = torch.load(f"{folder}/net.pt", weights_only=False)
print("loaded:", torch.equal(old(x_pt), net_pt(x_pt)))

# %% older-formats-tf tags=["tensorflow"]
with (
    tempfile.TemporaryDirectory() as folder,
    redirect_stderr(StringIO()) as said,
):
    net_tf.save(f"{folder}/net.h5")
    old = keras.saving.load_model(f"{folder}/net.h5")
print(said.getvalue().split(". ")[1])
print("loaded:", np.array_equal(old(x_tf), net_tf(x_tf)))

# %% [markdown]
# ### Export
#
# To serve a network where its classes are not known, export what it computes: PyTorch as a graph, Keras as a
# SavedModel. `load_model` no longer reads that one; `TFSMLayer` makes a layer of it.

# %% export-pt tags=["pytorch"]
with tempfile.TemporaryDirectory() as folder:
    graph = torch.export.export(net_pt, (x_pt,))
    torch.export.save(graph, f"{folder}/net.pt2")
    served = torch.export.load(f"{folder}/net.pt2").module()
print("served:", torch.allclose(served(x_pt), net_pt(x_pt)))

# %% export-tf tags=["tensorflow"]
tf.get_logger().setLevel("ERROR")  # it logs each file
with tempfile.TemporaryDirectory() as folder:
    net_tf.export(folder, verbose=False)
    try:
        keras.saving.load_model(folder)
    except ValueError as error:
        print(str(error).split(":")[0])
    served = keras.layers.TFSMLayer(folder)
y_tf = served(x_tf)
print("served:", np.allclose(y_tf, net_tf(x_tf), atol=1e-6))

# %% [markdown]
# ### A class of your own
#
# A number that is no tensor is not in a `state_dict`: here the factor 3 is gone, and nothing says so. Keras
# saves what `get_config` returns, and wants to be told the class.

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
with tempfile.TemporaryDirectory() as folder:
    torch.save(net.state_dict(), f"{folder}/net.pt")
    saved = torch.load(f"{folder}/net.pt")
again = nn.Sequential(nn.Linear(2, 2), TimesPt())
print(again.load_state_dict(saved))
print("factor", again[-1].factor)

# %% custom-objects-tf tags=["tensorflow"]
net = keras.Sequential([keras.Input((2,)), TimesTf(3.0)])
with tempfile.TemporaryDirectory() as folder:
    net.save(f"{folder}/net.keras")
    try:
        keras.saving.load_model(f"{folder}/net.keras")
    except TypeError:
        print("refused: TimesTf is not known")
    own = {"TimesTf": TimesTf}
    again = keras.saving.load_model(
        f"{folder}/net.keras", custom_objects=own)
print("factor", again.layers[-1].factor)

# %% [markdown]
# (flatten-order)=
# ## Flatten, and a network carried across
#
# <!-- head: flatten_order -->
#
# Flatten makes one row of an image. Channels first, it reads all of the first channel, then all of the second;
# channels last, it reads pixel by pixel. The same image gives a row of the same length, in another order.

# %% flatten-orders-pt tags=["pytorch"]
x_pt = torch.tensor(tiny)  # (1, 3, 2, 2)
print(nn.Flatten()(x_pt)[0].tolist())

# %% flatten-orders-tf tags=["tensorflow"]
x_tf = tf.transpose(tf.constant(tiny), (0, 2, 3, 1))
print(keras.layers.Flatten()(x_tf)[0].numpy().tolist())

# %% flatten-orders tags=["hide-input"]
# alt: Two rows of twelve cells, a colour for each channel. PyTorch: 0, 1, 2, 3 in the colour of channel 0, then 10, 11, 12, 13 in that of channel 1, then 20 to 23 in that of channel 2. TensorFlow: 0, 10, 20, then 1, 11, 21, then 2, 12, 22, then 3, 13, 23, the three colours in turn.
fig, ax = plt.subplots(figsize=(5.2, 1.9))
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
# A dense layer behind Flatten has a weight for each place in the row. Carry its weight across with a
# transpose, and the shape is right, and nearly every number is at another pixel's place. To see it, give PyTorch's
# network of the last sections new numbers, and Keras's the same ones, in its own shapes.

# %%
with torch.no_grad():
    for value in (*net_pt.parameters(), net_pt[1].running_mean):
        value.copy_(torch.tensor(rng.normal(0, 0.5, value.shape)))
saved = {name: value.numpy() for name, value in net_pt.state_dict().items()}
images = rng.normal(size=(2, 3, 6, 6)).astype(np.float32)

statistics = ("weight", "bias", "running_mean", "running_var")

def carry(net):
    conv, bn, dense = map(net.get_layer, ("conv", "bn", "dense"))
    kernel = saved["0.weight"].transpose(2, 3, 1, 0)
    conv.set_weights([kernel, saved["0.bias"]])
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
# Nothing raised. All weights fit, the outputs are of the right size, and all of them are wrong.
#
# One layer mends it, on Keras's side: put the channels first again right before Flatten. `Permute` counts
# axes from 1 and leaves the batch out.

# %%
mended = keras.Sequential([
    *net_tf.layers[:3],
    keras.layers.Permute((3, 1, 2)),  # (batch, channels, height, width)
    *net_tf.layers[3:],
])

# %% tags=["pytorch"]
y_pt = net_pt(x_pt)
loss = (y_pt**2).sum()
conv, linear = net_pt[0], net_pt[4]
wanted = [conv.weight, conv.bias, linear.weight, linear.bias]
dw_pt = torch.autograd.grad(loss, wanted)

# %% tags=["tensorflow"]
with tf.GradientTape() as tape:
    y_tf = mended(x_tf)
    loss = tf.reduce_sum(y_tf**2)
conv, dense = map(net_tf.get_layer, ("conv", "dense"))
wanted = [conv.kernel, conv.bias, dense.kernel, dense.bias]
dw_tf = tape.gradient(loss, wanted)

# %% carried
turned = [dw_pt[0].permute(2, 3, 1, 0), dw_pt[1], dw_pt[2].T, dw_pt[3]]
agree(y_pt, y_tf, gradients=(turned, dw_tf), rtol=1e-4, atol=1e-4)

# %% [markdown]
# Outputs and gradients are the same: that was the claim. To do without the extra layer, put the rows of the
# dense kernel in order once, which is the last exercise of this chapter.
#
# Two more conventions had to be settled. Keras's BatchNorm was given PyTorch's epsilon, and PyTorch was told
# to evaluate.
#
# ## Exercises
#
# Write six of these crossings yourself, in either framework or in both:
# [exercises on two frameworks](../../exercises/start/two_frameworks.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
