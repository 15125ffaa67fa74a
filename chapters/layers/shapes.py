# %% [markdown]
# # Shapes
#
# The layers of this chapter have no weights and compute nothing. Flatten, Reshape and Permute put the
# same numbers into another shape or another order, RepeatVector copies them, and Cropping cuts some
# off. Ported networks break here all the same, because a wrong order has the right shape, and nothing
# raises.
#
# **The claim:** a Dense layer behind a Flatten cannot be moved by transposing its weights. You will
# train a network in PyTorch, move it to Keras, and see its accuracy fall from 1.00 to that of guessing.
# One permutation of the weights brings it back.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
x = np.random.default_rng(0).normal(size=(2, 3, 5, 7))
x = x.astype(np.float32)  # (batch, channels, height, width)

# %% [markdown]
# The sizes of the input `x` are all different, so that a wrong axis cannot hide. PyTorch takes images as
# (batch, channels, height, width), Keras as (batch, height, width, channels), and `np.moveaxis` turns
# the one into the other:

# %% two-layouts-pt tags=["pytorch"]
x_pt = torch.tensor(x)
print(x_pt.shape)

# %% two-layouts-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
print(x_tf.shape)

# %% [markdown]
# Flatten reads both of these from the first axis to the last, the last axis fastest. So the features of
# one image, here of 2 × 2 pixels in red, green and blue, come out in two orders:

# %% two-orders tags=["hide-input"]
# alt: Two rows of twelve cells, three colours and four pixels, joined by lines. In PyTorch's row red 0 to
# 3 come first, then green 0 to 3, then blue 0 to 3. In Keras's row red 0, green 0, blue 0 come first,
# then red 1, green 1, blue 1, and so on. Only the first cell and the last are at the same place in both.
pixels = [[(c, p) for c in range(3) for p in range(4)], [(c, p) for p in range(4) for c in range(3)]]
shades = ("#c8452f", "#3f9150", "#3f78c4")
fig, ax = plt.subplots(figsize=(5.2, 2.5))
for y, row in zip((1, 0), pixels):
    for i, (c, p) in enumerate(row):
        ax.add_patch(plt.Rectangle((i + 0.04, y - 0.17), 0.92, 0.34, color=shades[c]))
        ax.annotate("RGB"[c] + str(p), (i + 0.5, y), ha="center", va="center", color="white",
                    fontsize=9, fontweight="bold")
for i, cell in enumerate(pixels[0]):
    ax.plot([i + 0.5, pixels[1].index(cell) + 0.5], [0.81, 0.19], color=shades[cell[0]],
            linewidth=1.2)
ax.annotate("PyTorch: channel after channel", (0, 1.25), color=plots.PYTORCH)
ax.annotate("TensorFlow: pixel after pixel", (0, -0.42), color=plots.TENSORFLOW)
ax.set(xlim=(0, 12), ylim=(-0.5, 1.45), title="Flatten keeps channels together, or pixels")
ax.axis("off")
plt.show()

# %% [markdown]
# (flatten)=
# ## Flatten
#
# <!-- head: flatten -->
#
# Flatten joins all axes behind the batch into one. It stands between the part of a network that sees
# images and the Dense layers that sum over everything.
#
# $$y_{b,\,(cH + h)W + w} = x_{b,c,h,w} \quad\text{(channels first)}$$
#
# $$y_{b,\,(hW + w)C + c} = x_{b,h,w,c} \quad\text{(channels last)}$$
#
# where $b$ counts the examples, $c$, $h$ and $w$ the channels, rows and columns from 0, and $C$, $H$
# and $W$ are how many there are. Both frameworks follow one rule, the last axis is read fastest. Given
# the same array, they return the same features:

# %% tags=["pytorch"]
a_pt = torch.tensor(x, requires_grad=True)
y_pt = nn.Flatten()(a_pt)  # (batch, features)
loss = (y_pt**2).sum()
(da_pt,) = torch.autograd.grad(loss, a_pt)
print(y_pt.shape, da_pt.shape)
show(y=y_pt[1, :5], da=da_pt[1, 0, 0, :5])

# %% tags=["tensorflow"]
a_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = keras.layers.Flatten()(a_tf)  # (batch, features)
    loss = tf.reduce_sum(y_tf**2)
da_tf = tape.gradient(loss, a_tf)
print(y_tf.shape, da_tf.shape)
show(y=y_tf[1, :5], da=da_tf[1, 0, 0, :5])

# %%
agree(y_pt, y_tf, gradients=(da_pt, da_tf))

# %% [markdown]
# The gradient of the sum of squares is twice the input, and it comes back in the shape of the input:
# backward, a Flatten is a reshape. The other sections call `value_and_grad`, which takes these steps in
# either framework. None of the layers in this chapter has a parameter.
#
# ### An image's features come out in two orders
#
# An image does not reach both frameworks as the same array. Number its pixels so that 123 stands for
# channel 1, row 2, column 3:

# %%
code = np.array([[[[111, 112, 113], [121, 122, 123]],
                  [[211, 212, 213], [221, 222, 223]]]])  # (1, channels, height, width)

# %% flatten-orders-pt tags=["pytorch"]
code_pt = torch.tensor(code)
y_pt = nn.Flatten()(code_pt)
in_keras_order = code_pt.permute(0, 2, 3, 1).flatten(1)
print(*y_pt[0].numpy())
print(*in_keras_order[0].numpy())

# %% flatten-orders-tf tags=["tensorflow"]
code_tf = tf.constant(np.moveaxis(code, 1, -1))
y_tf = keras.layers.Flatten()(code_tf)
in_torch_order = tf.transpose(code_tf, (0, 3, 1, 2))
print(*tf.reshape(in_torch_order, (1, -1))[0].numpy())
print(*y_tf[0].numpy())

# %% flatten-orders
agree(in_keras_order, y_tf)

# %% [markdown]
# Permute the axes before you flatten, and you have the other framework's order. In a network that is
# trained already, permute the weights of the next layer instead.
#
# (flatten-port)=
# ### Behind a Flatten, permute the Dense layer's weights as well
#
# `weight` of the Linear layer has the shape (out, C·H·W). Take its columns apart into channel, row and
# column, move the channel to the end, join them again, and transpose. The way back takes the rows of
# Keras's kernel apart into row, column and channel.

# %% flatten-port-pt tags=["pytorch"]
torch.manual_seed(0)
linear = nn.Linear(3 * 5 * 7, 4)
head_pt = nn.Sequential(nn.Flatten(), linear)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(head_pt, x_pt)

weight = linear.weight.detach().numpy()  # (out, C*H*W)
kernel = weight.reshape(4, 3, 5, 7).transpose(0, 2, 3, 1)
kernel = kernel.reshape(4, -1).T  # (H*W*C, out)
print(weight.shape, kernel.shape)

# %% flatten-port-tf tags=["tensorflow"]
head_tf = keras.Sequential(
    [keras.layers.Flatten(), keras.layers.Dense(4)])
head_tf.build((None, 5, 7, 3))
head_tf.set_weights([kernel, linear.bias.detach().numpy()])
y_tf, dx_tf, (dk_tf, db_tf) = value_and_grad(head_tf, x_tf)

back = kernel.T.reshape(4, 5, 7, 3).transpose(0, 3, 1, 2)
back = back.reshape(4, -1)  # (out, C*H*W)
print(back.shape, np.array_equal(back, weight))

# %% [markdown]
# The outputs agree, and so do the gradients of the image and of the bias. The kernel's gradient is
# PyTorch's, permuted in the same way:

# %% flatten-port
dk_pt = dw_pt.reshape(4, 3, 5, 7).permute(0, 2, 3, 1)
dk_pt = dk_pt.reshape(4, -1).T
dx_pt = dx_pt.permute(0, 2, 3, 1)
agree(y_pt, y_tf, gradients=([dx_pt, dk_pt, db_pt], [dx_tf, dk_tf, db_tf]))

# %% [markdown]
# ### Keras's channels_first Flatten turns the axes, too
#
# You might keep channels first in Keras, and expect PyTorch's order. With
# `data_format="channels_first"` Keras moves the channels to the end before it flattens, and you are where
# you were. `Reshape((-1,))` leaves the order alone:

# %% flatten-channels-first-pt tags=["pytorch"]
code_pt = torch.tensor(code)  # (1, channels, height, width)
y_pt = nn.Flatten()(code_pt)
print(*y_pt[0].numpy())

# %% flatten-channels-first-tf tags=["tensorflow"]
code_tf = tf.constant(code)  # (1, channels, height, width)
turned = keras.layers.Flatten("channels_first")(code_tf)
y_tf = keras.layers.Reshape((-1,))(code_tf)
print(*turned[0].numpy())
print(*y_tf[0].numpy())

# %% flatten-channels-first
agree(y_pt, y_tf)

# %% [markdown]
# ### A single axis: PyTorch raises, Keras makes a column of it
#
# PyTorch's layer joins axes 1 to −1, and `start_dim` and `end_dim` change that. Keras's always keeps
# axis 0, and gives a batch of plain numbers a feature axis:

# %% flatten-vector-pt tags=["pytorch"]
print(nn.Flatten(2)(x_pt).shape, nn.Flatten(0)(x_pt).shape)
with show_error():
    nn.Flatten()(torch.ones(5))

# %% flatten-vector-tf tags=["tensorflow"]
print(keras.layers.Reshape((5, -1))(x_tf).shape)
print(keras.layers.Flatten()(tf.ones(5)).shape)

# %% [markdown]
# (bars)=
# ### A trained network, moved without the permutation, guesses
#
# Each image has 8 × 8 pixels of noise, and one bar: rising, falling, upright or level. A small network
# learns to tell the four kinds in PyTorch. Guessing is right once in four.

# %% bars-data
def bars(n, seed):
    rng = np.random.default_rng(seed)
    upright = np.tile(np.eye(8)[3], (8, 1))
    kinds = np.stack([np.eye(8)[::-1], np.eye(8), upright, upright.T])
    y = rng.integers(0, 4, n)
    noise = rng.normal(0, 0.4, (n, 1, 8, 8))
    shifts = rng.integers(-2, 3, n)
    bar = [np.roll(kinds[k], by, axis=0 if k == 3 else 1) for k, by in zip(y, shifts)]
    return (noise + 2 * np.stack(bar)[:, None]).astype(np.float32), y


images, y = bars(400, seed=0)  # (batch, channels, height, width)
new_images, new_y = bars(1000, seed=1)

# %% bars-trained tags=["pytorch"]
torch.manual_seed(0)
net_pt = nn.Sequential(
    nn.Conv2d(1, 6, 3), nn.ReLU(),
    nn.Flatten(), nn.Linear(6 * 6 * 6, 4))
adam = torch.optim.Adam(net_pt.parameters(), lr=0.01)
for _ in range(80):
    scores = net_pt(torch.tensor(images))
    loss = F.cross_entropy(scores, torch.tensor(y))
    adam.zero_grad()
    loss.backward()
    adam.step()

scores_pt = net_pt(torch.tensor(new_images))
right = (scores_pt.argmax(1).numpy() == new_y).mean()
print(f"right: {right:.2f}")

# %% bars-moved tags=["tensorflow"]
net_tf = keras.Sequential([
    keras.Input((8, 8, 1)),
    keras.layers.Conv2D(6, 3, activation="relu"),
    keras.layers.Flatten(), keras.layers.Dense(4)])
w, b, dense, bias = [
    p.detach().numpy() for p in net_pt.parameters()]
w = w.transpose(2, 3, 1, 0)  # a convolution's kernel
net_tf.set_weights([w, b, dense.T, bias])

scores = net_tf(np.moveaxis(new_images, 1, -1))
right = (np.argmax(scores, 1) == new_y).mean()
print("right in fewer than 4 of 10:", right < 0.4)

# %% [markdown]
# Keras took the weights without a word, because all shapes fit, and the network now guesses. Permute the
# weights behind the Flatten, and every score is back:

# %% bars-permuted-pt tags=["pytorch"]
kernel = dense.reshape(4, 6, 6, 6)  # (out, C, H, W)
kernel = kernel.transpose(0, 2, 3, 1).reshape(4, -1).T
right = (scores_pt.argmax(1).numpy() == new_y).mean()
print(f"right: {right:.2f}")

# %% bars-permuted-tf tags=["tensorflow"]
net_tf.set_weights([w, b, kernel, bias])
scores_tf = net_tf(np.moveaxis(new_images, 1, -1))
right = (np.argmax(scores_tf, 1) == new_y).mean()
print(f"right: {right:.2f}")

# %% bars-permuted
agree(scores_pt, scores_tf, rtol=1e-4, atol=1e-4)

# %% [markdown]
# A Flatten behind a global pooling, where height and width are 1, needs no permutation: there both orders
# are the same. Everywhere else compare the outputs of the two networks, never the shapes alone.

# %% [markdown]
# (reshape)=
# ## Reshape (unflatten)
#
# <!-- head: reshape -->
#
# A reshape gives the same row of numbers other axes, and moves none of them. Choose it to take features
# apart that you know to be in order: into steps, heads or pixels. One size may be −1, which stands for
# whatever is left.
#
# $$\operatorname{index}(i_1, \dots, i_k) = \bigl((i_1 n_2 + i_2)\, n_3 + \dots\bigr)\, n_k + i_k$$
#
# where $n_1, \dots, n_k$ are the sizes of the axes and $i_1, \dots, i_k$ count along them. A number keeps
# this index, its place in the row, in the old shape and in the new one. Both frameworks count in this
# order, the last axis fastest, which NumPy calls C order {footcite:p}`harris2020array`.

# %% tags=["pytorch"]
a_pt = torch.tensor(x.reshape(2, -1))  # (2, 105)
layer_pt = nn.Unflatten(1, (3, -1))
y_pt, da_pt = value_and_grad(layer_pt, a_pt)
x_pt = torch.tensor(x)
z_pt = x_pt.reshape(2, -1, 5)
print(y_pt.shape, z_pt.shape)
show(y=y_pt[1, 2, :5], da=da_pt[1, :5])

# %% tags=["tensorflow"]
a_tf = tf.constant(x.reshape(2, -1))  # (2, 105)
layer_tf = keras.layers.Reshape((3, -1))
y_tf, da_tf = value_and_grad(layer_tf, a_tf)
x_tf = tf.constant(x)
z_tf = tf.reshape(x_tf, (2, -1, 5))
print(y_tf.shape, z_tf.shape)
show(y=y_tf[1, 2, :5], da=da_tf[1, :5])

# %%
agree([y_pt, z_pt], [y_tf, z_tf], gradients=(da_pt, da_tf))

# %% [markdown]
# `Unflatten` takes one axis apart, and you name it. Keras's layer reshapes all axes behind the batch, so
# its target has no batch.
#
# ### reshape may mix the examples; the layer keeps the batch
#
# In the function the batch is an axis like the others. Leave its size to −1, get one of the other sizes
# wrong, and examples flow into each other. Keras's layer and PyTorch's `Unflatten` raise:

# %% reshape-batch-pt tags=["pytorch"]
a_pt = torch.arange(8).reshape(2, 4)  # (batch, features)
print(a_pt.reshape(-1, 2).shape)
with show_error():
    nn.Unflatten(1, (2,))(a_pt)

# %% reshape-batch-tf tags=["tensorflow"]
a_tf = tf.reshape(tf.range(8), (2, 4))  # (batch, features)
print(tf.reshape(a_tf, (-1, 2)).shape)
with show_error():
    keras.layers.Reshape((2,))(a_tf)

# %% [markdown]
# Two examples with four features each became four with two each, without a word.
#
# ### A reshape where a transpose is needed scrambles the numbers
#
# To turn channels first into channels last, move an axis. A reshape to the same shape runs as well, and
# cuts the row of numbers at other places. Here is row 1 of channel 1, both ways:

# %% reshape-scrambles-pt tags=["pytorch"]
code_pt = torch.tensor(code)  # (1, 2, 2, 3)
moved_pt = code_pt.permute(0, 2, 3, 1)
wrong_pt = code_pt.reshape(1, 2, 3, 2)
print("row 1, moved:   ", *moved_pt[0, 0, :, 0].numpy())
print("row 1, reshaped:", *wrong_pt[0, 0, :, 0].numpy())

# %% reshape-scrambles-tf tags=["tensorflow"]
code_tf = tf.constant(code)  # (1, 2, 2, 3)
moved_tf = tf.transpose(code_tf, (0, 2, 3, 1))
wrong_tf = tf.reshape(code_tf, (1, 2, 3, 2))
print("row 1, moved:   ", *moved_tf[0, 0, :, 0].numpy())
print("row 1, reshaped:", *wrong_tf[0, 0, :, 0].numpy())

# %% reshape-scrambles
agree([moved_pt, wrong_pt], [moved_tf, wrong_tf])

# %% [markdown]
# Both have the shape (1, 2, 3, 2). Only the first is the image.
#
# ### view refuses what a permute has left out of order
#
# PyTorch's `view` promises to copy nothing. After a permute the numbers lie in memory in the old order,
# no view has the shape you want, and it raises. `reshape` copies where it must. TensorFlow has the
# second kind only, so write `reshape` in both.

# %% reshape-view-pt tags=["pytorch"]
turned = torch.tensor(x[0, 0]).T  # (7, 5)
with show_error():
    turned.view(-1)
y_pt = turned.reshape(-1)
show(y=y_pt[:5])

# %% reshape-view-tf tags=["tensorflow"]
turned = tf.transpose(tf.constant(x[0, 0]))  # (7, 5)
y_tf = tf.reshape(turned, (-1,))
show(y=y_tf[:5])

# %% reshape-view
agree(y_pt, y_tf)

# %% [markdown]
# (permute)=
# ## Permute
#
# <!-- head: permute -->
#
# Permute puts the axes into another order, and with them the numbers. Choose it to turn channels last
# into channels first, or (batch, time, features) into (batch, features, time).
#
# $$y_{b,\,j_1, \dots, j_k} = x_{b,\,i_1, \dots, i_k}, \qquad j_n = i_{d_n}$$
#
# where $d_1, \dots, d_k$ are the `dims`: axis $n$ of the output is axis $d_n$ of the input, and $b$
# counts the examples.

# %% tags=["pytorch"]
x_pt = torch.tensor(np.moveaxis(x, 1, -1))  # (2, 5, 7, 3)
y_pt = x_pt.permute(0, 3, 1, 2)
z_pt, dx_pt = value_and_grad(
    torch.permute, x_pt, (0, 3, 1, 2))
print(y_pt.shape, dx_pt.shape)
show(y=y_pt[1, 2, 0, :5])

# %% tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))  # (2, 5, 7, 3)
y_tf = tf.transpose(x_tf, (0, 3, 1, 2))
z_tf, dx_tf = value_and_grad(
    keras.layers.Permute((3, 1, 2)), x_tf)
print(y_tf.shape, dx_tf.shape)
show(y=y_tf[1, 2, 0, :5])

# %%
agree([y_pt, z_pt], [y_tf, z_tf], gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### Keras's layer leaves the batch out, and counts the axes from 1
#
# PyTorch's `permute` and `tf.transpose` name every axis from 0, the batch included. The layer `Permute`
# names the others, from 1, and refuses to move the batch. PyTorch has no such layer, and none is needed:
# write the method into `forward`.

# %% permute-batch-pt tags=["pytorch"]
print(x_pt.permute(3, 0, 1, 2).shape)

# %% permute-batch-tf tags=["tensorflow"]
print(tf.transpose(x_tf, (3, 0, 1, 2)).shape)
with show_error():
    keras.layers.Permute((3, 0, 1, 2))(x_tf)

# %% [markdown]
# ### To undo a permutation, sort it: permuting twice is not enough
#
# A swap of two axes undoes itself, and that is why the mistake is made. A rotation of three does not. Its
# inverse is the order that sorts it, `argsort`:

# %% permute-cycle-pt tags=["pytorch"]
dims = (0, 3, 1, 2)
twice = x_pt.permute(dims).permute(dims)
back_pt = x_pt.permute(dims).permute(*np.argsort(dims))
print("twice:  ", tuple(twice.shape))
print("argsort:", tuple(back_pt.shape), np.argsort(dims))

# %% permute-cycle-tf tags=["tensorflow"]
dims = (0, 3, 1, 2)
twice = tf.transpose(tf.transpose(x_tf, dims), dims)
back_tf = tf.transpose(
    tf.transpose(x_tf, dims), np.argsort(dims))
print("twice:  ", tuple(twice.shape))
print("argsort:", tuple(back_tf.shape), np.argsort(dims))

# %% permute-cycle
agree([x_pt, back_pt], [back_tf, x_tf])

# %% [markdown]
# ### PyTorch permutes no number: only the strides change
#
# A tensor's strides say how far apart in memory its neighbours are, axis by axis. PyTorch's `permute`
# reorders the strides and returns a view of the same memory, so a write to the view changes the
# original. TensorFlow writes all numbers anew, and its tensors cannot be changed at all.

# %% permute-view-pt tags=["pytorch"]
a = torch.zeros(2, 3)
view = a.T
print(a.stride(), view.stride())
view[2, 0] = 9.0
show(a=a)

# %% permute-view-tf tags=["tensorflow"]
a = tf.Variable(tf.zeros((2, 3)))
copy = tf.Variable(tf.transpose(a))
copy[2, 0].assign(9.0)
show(a=a)

# %% [markdown]
# The 9 arrived in PyTorch's `a`, and not in TensorFlow's. Where the next operation wants its numbers in
# order, call `contiguous()`, which copies.

# %% [markdown]
# (repeat-vector)=
# ## Repeat vector
#
# <!-- head: repeat_vector -->
#
# RepeatVector gives each step of a sequence the same vector. Choose it where an encoder has summed up a
# sequence in one vector, and the decoder should see it at every step {footcite:p}`cho2014learning`.
#
# $$y_{b,t,f} = x_{b,f}, \qquad \frac{\partial L}{\partial x_{b,f}} = \sum_{t=1}^{n}
# \frac{\partial L}{\partial y_{b,t,f}}$$
#
# where $b$ counts the examples, $f$ the features, $t$ the $n$ copies, and $L$ is the loss. Each copy
# sends a gradient back, and they add up. PyTorch has no such layer; a new axis, expanded, does it:

# %% tags=["pytorch"]
a_pt = torch.tensor(x[:, :, 0, 0])  # (batch, features)
above = np.arange(24.0).reshape(2, 4, 3)
y_pt, da_pt = value_and_grad(
    lambda x: x.unsqueeze(1).expand(-1, 4, -1), a_pt,
    upstream_gradient=above)
print(y_pt.shape)
show(y=y_pt[1], da=da_pt)

# %% tags=["tensorflow"]
a_tf = tf.constant(x[:, :, 0, 0])  # (batch, features)
above = np.arange(24.0).reshape(2, 4, 3)
y_tf, da_tf = value_and_grad(
    keras.layers.RepeatVector(4), a_tf,
    upstream_gradient=above)
print(y_tf.shape)
show(y=y_tf[1], da=da_tf)

# %%
agree(y_pt, y_tf, gradients=(da_pt, da_tf))

# %% [markdown]
# The gradients that arrive are 0, 1, 2 … 23 from copy to copy. The first feature of the first example
# receives 0 + 3 + 6 + 9 = 18.
#
# ### repeat is tile in PyTorch, and repeat in TensorFlow is repeat_interleave
#
# Both frameworks have a `repeat`, and the two are different. PyTorch's repeats the whole tensor, as
# `tf.tile` does. TensorFlow's repeats each entry, as `torch.repeat_interleave` does. Without a new axis
# neither keeps the copies apart:

# %% repeat-orders-pt tags=["pytorch"]
a_pt = torch.tensor([[1, 2], [3, 4]])  # (batch, features)
tiled_pt = a_pt.repeat(1, 3)
each_pt = torch.repeat_interleave(a_pt, 3, dim=1)
vector_pt = a_pt.unsqueeze(1).expand(-1, 3, -1)
print(*tiled_pt[0].numpy(), "|", *each_pt[0].numpy())
print(*vector_pt[0].reshape(-1).numpy())

# %% repeat-orders-tf tags=["tensorflow"]
a_tf = tf.constant([[1, 2], [3, 4]])  # (batch, features)
tiled_tf = tf.tile(a_tf, (1, 3))
each_tf = tf.repeat(a_tf, 3, axis=1)
vector_tf = keras.layers.RepeatVector(3)(a_tf)
print(*tiled_tf[0].numpy(), "|", *each_tf[0].numpy())
print(*tf.reshape(vector_tf[0], (-1,)).numpy())

# %% repeat-orders
agree([tiled_pt, each_pt, vector_pt], [tiled_tf, each_tf, vector_tf])

# %% [markdown]
# ### Expanded copies are one: PyTorch refuses to write to them
#
# `expand` takes no memory: along the new axis the stride is 0, so all copies are the same numbers. A
# write to one of them would change all, and PyTorch raises. `clone()` makes real copies.

# %% repeat-shared-pt tags=["pytorch"]
copies = torch.ones(2, 3).unsqueeze(1).expand(-1, 4, -1)
print(copies.shape, copies.stride())
with show_error():
    copies.add_(1)

# %% repeat-shared-tf tags=["tensorflow"]
copies = keras.layers.RepeatVector(4)(tf.ones((2, 3)))
print(copies.shape)
with show_error():
    keras.layers.RepeatVector(4)(copies)

# %% [markdown]
# Keras's layer takes one vector per example, and raises on anything with more axes.

# %% [markdown]
# (cropping)=
# ## Cropping
#
# <!-- head: cropping -->
#
# Cropping cuts rows and columns off the border. Choose it where two feature maps must be of the same
# size before they are joined, as in a U-Net {footcite:p}`ronneberger2015unet`. PyTorch has no layer for
# it: pad by negative numbers, or slice.
#
# $$y_{b,h,w,c} = x_{b,\,h + t,\,w + l,\,c}$$
#
# where $t$ and $l$ are how many rows the top and how many columns the left side lose; $b$ and $c$ count
# examples and channels. `F.pad` reads its numbers from the last axis on: left, right, top, bottom. Keras
# has a pair for each axis, in the order of the axes: ((top, bottom), (left, right)).

# %% tags=["pytorch"]
x_pt = torch.tensor(x)  # (2, 3, 5, 7)
y_pt, dx_pt = value_and_grad(F.pad, x_pt, (-1, -3, -2, -1))
sequence = x_pt[:, :, :, 0]  # (batch, channels, time)
z_pt = F.pad(sequence, (-2, -1))
print(y_pt.shape, z_pt.shape)
show(y=y_pt[1, 2], dx=dx_pt[1, 2, :, :6])

# %% tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))  # (2, 5, 7, 3)
layer_tf = keras.layers.Cropping2D(((2, 1), (1, 3)))
y_tf, dx_tf = value_and_grad(layer_tf, x_tf)
sequence = x_tf[:, :, 0, :]  # (batch, time, channels)
z_tf = keras.layers.Cropping1D((2, 1))(sequence)
print(y_tf.shape, z_tf.shape)
show(y=y_tf[1, :, :, 2], dx=dx_tf[1, :, :6, 2])

# %%
agree(
    [y_pt.permute(0, 2, 3, 1), z_pt.permute(0, 2, 1)],
    [y_tf, z_tf],
    gradients=(dx_pt.permute(0, 2, 3, 1), dx_tf),
)

# %% [markdown]
# What was cut off has the gradient 0: backward, a cropping is a padding by zeros.
#
# ### A pair means the last axis in PyTorch, and height and width in Keras
#
# Two numbers are legal in both, and mean different things. In PyTorch they are the two ends of the last
# axis. In Keras's Cropping2D they are what each axis loses at *both* ends, and in its Cropping1D the two
# ends again.

# %% crop-pair-pt tags=["pytorch"]
print(x_pt.shape, "->", F.pad(x_pt, (-1, -2)).shape)

# %% crop-pair-tf tags=["tensorflow"]
y_tf = keras.layers.Cropping2D((1, 2))(x_tf)
print(x_tf.shape, "->", y_tf.shape)

# %% [markdown]
# Nor do Keras's layers agree on what they cut off when you say nothing: Cropping1D and Cropping3D take 1
# from each end, and Cropping2D takes nothing.

# %% crop-defaults
print(keras.layers.Cropping1D()(tf.ones((1, 5, 1))).shape)
print(keras.layers.Cropping2D()(tf.ones((1, 5, 5, 1))).shape)
print(keras.layers.Cropping3D()(tf.ones((1, 5, 5, 5, 1))).shape)

# %% [markdown]
# ### PyTorch may crop to nothing, Keras raises
#
# Crop five rows by 3 and 2, and none is left. PyTorch returns an empty tensor, whose mean is NaN; Keras
# stops at once.

# %% crop-nothing-left-pt tags=["pytorch"]
empty = F.pad(x_pt, (0, 0, -3, -2))
print(empty.shape)
show(mean=empty.mean())

# %% crop-nothing-left-tf tags=["tensorflow"]
with show_error():
    keras.layers.Cropping2D(((3, 2), (0, 0)))(x_tf)

# %% [markdown]
# A slice has a trap of its own. `x[2:-1]` leaves out the last row, and with a variable
# `x[top:-bottom]` works until `bottom` is 0: −0 is 0, and nothing is left. Write
# `x[top : size - bottom]`.
#
# ### CenterCrop rounds down, and resizes what is too small
#
# CenterCrop takes a size instead of a border. Where the surplus is odd, the larger half goes from the
# end, so `//` finds the same corner in PyTorch:

# %% center-crop-pt tags=["pytorch"]
top, left = (5 - 2) // 2, (7 - 4) // 2
y_pt = x_pt[:, :, top : top + 2, left : left + 4]
print(y_pt.shape, top, left)

# %% center-crop-tf tags=["tensorflow"]
layer = keras.layers.CenterCrop(2, 4)
y_tf = layer(x_tf)
print(y_tf.shape)

# %% center-crop
agree(y_pt.permute(0, 2, 3, 1), y_tf)

# %% [markdown]
# Ask for more rows than there are, and you might expect zeros around the image, or an error. Keras cuts
# the image to the proportions you asked for, and enlarges what is left by interpolation. In PyTorch a
# slice returns what there is:

# %% center-crop-small-pt tags=["pytorch"]
ramp = torch.arange(3.0).reshape(1, 1, 3, 1)
ramp = ramp.expand(-1, -1, -1, 3)
print(ramp[:, :, :6, :3].shape)

# %% center-crop-small-tf tags=["tensorflow"]
ramp = tf.reshape(tf.range(3.0), (1, 3, 1, 1))
ramp = tf.tile(ramp, (1, 1, 3, 1))
y_tf = keras.layers.CenterCrop(6, 3)(ramp)
print(y_tf.shape)
show(column=y_tf[0, :, 0, 0])

# %% [markdown]
# ## Which one to choose
#
# | you want | in PyTorch | in TensorFlow | mind |
# | --- | --- | --- | --- |
# | features for a Dense layer | `nn.Flatten()` | `layers.Flatten()` | [permute the Dense layer's weights](flatten-port) when you port |
# | features in a new grid | `nn.Unflatten`, `x.reshape` | `layers.Reshape`, `tf.reshape` | it moves no number |
# | axes in another order | `x.permute` | `layers.Permute`, `tf.transpose` | the layer counts from 1, without the batch |
# | one vector at every step | `x.unsqueeze(1).expand(-1, n, -1)` | `layers.RepeatVector(n)` | gradients add up over the copies |
# | a smaller image | `F.pad` with negative numbers, a slice | `layers.Cropping2D` | the order of the four numbers |
#
# ## Exercises
#
# Flatten, unflatten, undo and repeat by hand, and permute the weights behind a Flatten yourself:
# [exercises on shapes](../../exercises/layers/shapes.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
