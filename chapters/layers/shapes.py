# %% [markdown]
# # Shapes
#
# The layers of this chapter have no weights, and they do no arithmetic. Flatten, Reshape and Permute change the
# shape of an array or the order of its axes. RepeatVector copies a vector, and Cropping removes the border of an
# image. A mistake here is easy to miss: the numbers can be in the wrong order although the shape is right, and
# there is no error.
#
# **The claim:** if you move a Dense layer that follows a Flatten to the other framework, it is not enough to
# transpose its weights. You will train a network in PyTorch and move it to Keras. Its accuracy falls from 1.00
# to below 0.4, and guessing gives 0.25. A permutation of the weights brings the accuracy back to 1.00.

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
# The four sizes of `x` are all different, so a mistake with the axes changes the shape. PyTorch expects images
# as (batch, channels, height, width). Keras expects (batch, height, width, channels). `np.moveaxis` moves the
# channels to the end:

# %% two-layouts-pt tags=["pytorch"]
x_pt = torch.tensor(x)
print(x_pt.shape)

# %% two-layouts-tf tags=["tensorflow"]
x_tf = tf.constant(np.moveaxis(x, 1, -1))
print(x_tf.shape)

# %% [markdown]
# Flatten reads an array axis by axis, and the last axis changes fastest. In PyTorch the last axis is the width,
# and in Keras it is the channels. So the same image gives the same features in two different orders. The figure
# shows this for an image of 2 × 2 pixels with the channels red, green and blue:

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
ax.set(xlim=(0, 12), ylim=(-0.5, 1.45), title="Flatten returns the same numbers in two orders")
ax.axis("off")
plt.show()

# %% [markdown]
# (flatten)=
# ## Flatten
#
# <!-- head: flatten -->
#
# Flatten joins all axes after the batch into one axis. Use it between the convolutions of a network and its
# Dense layers.
#
# $$y_{b,\,(cH + h)W + w} = x_{b,c,h,w} \quad\text{(channels first)}$$
#
# $$y_{b,\,(hW + w)C + c} = x_{b,h,w,c} \quad\text{(channels last)}$$
#
# Here $b$ is the number of the example, and $c$, $h$ and $w$ are the numbers of the channel, row and column. All
# of them start at 0. $C$, $H$ and $W$ are the sizes of the three axes.
#
# In the next cells, both frameworks get the same array, with its channels first. Both read the last axis
# fastest, so they return the same features. `y` and `da` show the first five features of the second image, and
# their gradients.

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
# The gradient of the sum of squares is twice the input. It has the shape of the input, not the shape of the
# features.
#
# The next sections compute the output and the gradient with `value_and_grad`. This function of the book does the
# same as the two cells above. For a layer with weights, it also returns their gradients. No layer in this
# chapter has weights.
#
# ### Features of an image: channel by channel in PyTorch, pixel by pixel in Keras
#
# In a real network the two frameworks get different arrays, because Keras expects the channels last. In the next
# array, the three digits of a number are its channel, its row and its column. For example, 123 is in channel 1,
# row 2, column 3.

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
# The first printed line has PyTorch's order, and the second line has Keras's order. To get the order of the
# other framework, permute the axes before you flatten. If the network is already trained, permute the weights of
# the next layer instead.
#
# (flatten-port)=
# ### After a Flatten, permute the weights of the Dense layer, and then transpose them
#
# `weight` of `nn.Linear` has the shape (out, C·H·W). The PyTorch cell makes the Keras kernel in three steps:
#
# 1. Reshape the weight to (out, C, H, W).
# 2. Move the channels to the end, which gives (out, H, W, C).
# 3. Reshape to (out, H·W·C), and transpose.
#
# The TensorFlow cell does the opposite: it makes `back`, the PyTorch weight, from the Keras kernel. It prints
# the shape of `back`, and whether `back` equals `weight`.

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
# The next cell compares the outputs and the gradients. The gradient of the PyTorch weight needs the same three
# steps before it can be compared with the gradient of the kernel.

# %% flatten-port
dk_pt = dw_pt.reshape(4, 3, 5, 7).permute(0, 2, 3, 1)
dk_pt = dk_pt.reshape(4, -1).T
dx_pt = dx_pt.permute(0, 2, 3, 1)
agree(y_pt, y_tf, gradients=([dx_pt, dk_pt, db_pt], [dx_tf, dk_tf, db_tf]))

# %% [markdown]
# ### In Keras, `Flatten("channels_first")` does not give PyTorch's order
#
# Suppose that you keep the channels first in Keras, and expect PyTorch's order of the features. `Flatten` with
# `data_format="channels_first"` does not return this order, because Keras moves the channels to the end before
# it flattens. `Reshape((-1,))` does not move any axis, and returns PyTorch's order. The TensorFlow cell prints
# `Flatten` first, and `Reshape` second:

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
# ### A batch of single numbers: an error in PyTorch, the shape (batch, 1) in Keras
#
# PyTorch's layer joins the axes from 1 to the last axis. With `start_dim` and `end_dim` you can choose other
# axes: `nn.Flatten(2)` keeps the first two axes, and `nn.Flatten(0)` joins all axes. An input with only one axis
# is an error.
#
# Keras's layer has no such arguments, and always keeps axis 0. To join other axes, use `Reshape`. An input with
# only one axis gets a second axis of size 1.

# %% flatten-vector-pt tags=["pytorch"]
print(nn.Flatten(2)(x_pt).shape, nn.Flatten(0)(x_pt).shape)
with show_error():
    nn.Flatten()(torch.ones(5))

# %% flatten-vector-tf tags=["tensorflow"]
print(keras.layers.Reshape((5, -1))(x_tf).shape)
print(keras.layers.Flatten()(tf.ones(5)).shape)

# %% [markdown]
# (bars)=
# ### Without the permutation, a trained network only guesses
#
# Each image has 8 × 8 pixels of noise, and one bright bar. There are four kinds of bars: a rising diagonal, a
# falling diagonal, a vertical bar and a horizontal bar. The PyTorch cell trains a small network to recognize the
# kind, and prints the accuracy on new images. Guessing would give an accuracy of 0.25.
#
# The TensorFlow cell copies the weights into the same network in Keras. It transposes the Dense layer's weight,
# but does not permute it.

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
# Keras accepts the weights without an error, because all shapes are right. But fewer than 4 of 10 predictions
# are right. Now permute the weights of the layer after the Flatten:

# %% bars-permuted-pt tags=["pytorch"]
weight = net_pt[3].weight.detach().numpy()  # (out, C*H*W)
kernel = weight.reshape(4, 6, 6, 6)  # (out, C, H, W)
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
# The accuracy is 1.00 again, and all scores agree. A Flatten after a global pooling needs no permutation: height
# and width are 1, so both orders are the same. In all other cases, compare the outputs of the two networks. It
# is not enough to compare shapes.

# %% [markdown]
# (reshape)=
# ## Reshape (unflatten)
#
# <!-- head: reshape -->
#
# A reshape changes the shape of an array, and keeps its numbers in the same order. Choose it to split one axis
# into several, for example features into attention heads or pixels, if the features are already in the right
# order. One size may be −1: the framework then computes this size from the others.
#
# $$\operatorname{index}(i_1, \dots, i_k) = \bigl((i_1 n_2 + i_2)\, n_3 + \dots\bigr)\, n_k + i_k$$
#
# Here $n_1, \dots, n_k$ are the sizes of the axes, and $i_1, \dots, i_k$ is the position of a number along each
# axis, from 0. The index is the position of the number if all numbers are written in one row. A reshape does not
# change the index of any number. Both frameworks use this order, in which the last axis changes fastest. NumPy
# calls it *C order* {footcite:p}`harris2020array`.
#
# In the next cells, `y` comes from the layer, and `z` from the function. `da` is the gradient of the sum of `y`.

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
# PyTorch's `Unflatten` splits one axis, and its first argument is the number of this axis. Keras's layer
# reshapes all axes after the batch, so you pass the new shape without the batch.
#
# ### The function `reshape` can mix the examples of a batch, the layers cannot
#
# For the function, the batch is an axis like all others. Suppose that you pass −1 for the batch, and make a
# mistake in another size. Then the framework computes a wrong batch size, and there is no error. PyTorch's
# `Unflatten` and Keras's `Reshape` raise an error, because they do not change the batch.
#
# The next cells reshape two examples with four features each:

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
# The function returned four examples with two features each.
#
# ### Use a transpose, not a reshape, to change the order of the axes
#
# To change channels first to channels last, you must move an axis. A reshape to the same shape gives no error,
# but it puts the numbers in the wrong places. The next cells do both with the array of three-digit numbers, and
# print what should be row 1 of channel 1:

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
# Both results have the shape (1, 2, 3, 2), but only the first result is the image.
#
# ### In PyTorch, `view` raises an error after a transpose: use `reshape`
#
# PyTorch's `view` never copies the numbers. A transpose does not move the numbers in memory, so afterwards they
# are no longer in the order that the new shape needs. Then `view` raises an error, and `reshape` makes a copy.
#
# TensorFlow has no `view`. So use `reshape` in both frameworks.

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
# Permute changes the order of the axes. Choose it to change channels last to channels first, or (batch, time,
# features) to (batch, features, time).
#
# $$y_{b,\,j_1, \dots, j_k} = x_{b,\,i_1, \dots, i_k}, \qquad j_n = i_{d_n}$$
#
# Here $b$ is the number of the example, and $d_1, \dots, d_k$ are the `dims`. Axis $n$ of the output is axis
# $d_n$ of the input. So a number at position $i_{d_n}$ along axis $d_n$ of the input is at position $j_n$ along
# axis $n$ of the output.

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
# ### Keras's `Permute` counts the axes from 1, without the batch
#
# In PyTorch's `permute` and in `tf.transpose` you name every axis, also the batch, and count from 0. PyTorch has
# no layer for this: call `permute` in the `forward` method of your module.
#
# In Keras's layer `Permute` you name all axes except the batch, and count from 1. The layer cannot move the
# batch: a 0 in `dims` is an error.

# %% permute-batch-pt tags=["pytorch"]
print(x_pt.permute(3, 0, 1, 2).shape)

# %% permute-batch-tf tags=["tensorflow"]
print(tf.transpose(x_tf, (3, 0, 1, 2)).shape)
with show_error():
    keras.layers.Permute((3, 0, 1, 2))(x_tf)

# %% [markdown]
# ### To undo a permutation, use `argsort`: the same permutation again is not enough
#
# If a permutation only exchanges two axes, you can undo it by using it a second time. For (0, 3, 1, 2), which
# moves three axes, this does not work. The permutation that undoes `dims` is `np.argsort(dims)`. The next cells
# start from the shape (2, 5, 7, 3). They print the shape after permuting twice, and the shape after the
# `argsort`:

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
# ### PyTorch's `permute` does not copy: a write to the result changes the original
#
# The *strides* of a tensor are one number for each axis: the distance in memory between two neighbours along
# this axis. PyTorch's `permute` only changes the order of the strides. The result is a *view*: it uses the same
# memory as the original. `.T` does the same for a matrix. `contiguous()` makes a copy in the new order.
#
# `tf.transpose` always makes a copy. A TensorFlow tensor cannot be changed, so the TensorFlow cell uses
# variables.
#
# Each cell writes a 9 into the transposed matrix, and prints the original `a`. The PyTorch cell also prints the
# strides: of `a`, of the view, and of the copy.

# %% permute-view-pt tags=["pytorch"]
a = torch.zeros(2, 3)
view = a.T
print(a.stride(), view.stride())
print(view.contiguous().stride())
view[2, 0] = 9.0
show(a=a)

# %% permute-view-tf tags=["tensorflow"]
a = tf.Variable(tf.zeros((2, 3)))
copy = tf.Variable(tf.transpose(a))
copy[2, 0].assign(9.0)
show(a=a)

# %% [markdown]
# The 9 is in PyTorch's `a`, and not in TensorFlow's `a`. The copy has the strides of a new tensor of its shape.

# %% [markdown]
# (repeat-vector)=
# ## Repeat vector
#
# <!-- head: repeat_vector -->
#
# RepeatVector copies one vector to every step of a sequence. Choose it if an encoder returns one vector for a
# whole sequence, and the decoder needs this vector at every step {footcite:p}`cho2014learning`.
#
# $$y_{b,t,f} = x_{b,f}, \qquad \frac{\partial L}{\partial x_{b,f}} = \sum_{t=1}^{n}
# \frac{\partial L}{\partial y_{b,t,f}}$$
#
# Here $b$ is the number of the example, $f$ the number of the feature, and $t$ the number of the copy. There are
# $n$ copies, and $L$ is the loss. The gradient of the vector is the sum of the gradients of its copies.
#
# PyTorch has no such layer. Add an axis with `unsqueeze`, and copy along this axis with `expand`. In the next
# cells the gradients of the outputs are the numbers 0, 1, 2 … 23:

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
# The first feature of the first example has four copies, with the gradients 0, 3, 6 and 9. So its gradient is
# $0 + 3 + 6 + 9 = 18$.
#
# ### PyTorch's `repeat` is `tf.tile`, and `tf.repeat` is PyTorch's `repeat_interleave`
#
# The two functions with the name `repeat` do different things. PyTorch's `repeat` copies the whole tensor, like
# `tf.tile`. `tf.repeat` copies each number, like `torch.repeat_interleave`. Neither of them adds an axis for the
# copies.
#
# The next cells make three copies of (1, 2). The first printed line shows the two functions: whole copies on the
# left, copies of each number on the right. The second line shows RepeatVector, whose three copies are written in
# one row.

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
# ### The copies of `expand` share their memory, so PyTorch does not write to them
#
# `expand` copies no numbers: the stride of the new axis is 0, so all copies are the same place in memory. A
# write to one copy would change all copies, and PyTorch raises an error. To get real copies, call `clone()`.
#
# Keras's RepeatVector makes real copies. It accepts only inputs of the shape (batch, features). The TensorFlow
# cell passes an array with three axes, which is an error:

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
# The two errors have different causes. PyTorch's error comes from the write, and Keras's error from the number
# of axes.

# %% [markdown]
# (cropping)=
# ## Cropping
#
# <!-- head: cropping -->
#
# Cropping removes rows and columns at the border of an image. Choose it if two feature maps need the same size
# before you concatenate them, as in a U-Net {footcite:p}`ronneberger2015unet`. PyTorch has no layer for it: use
# `F.pad` with negative numbers, or a slice.
#
# $$y_{b,h,w,c} = x_{b,\,h + t,\,w + l,\,c}$$
#
# Here $t$ is the number of rows that are removed at the top, and $l$ is the number of columns that are removed
# on the left. $b$, $h$, $w$ and $c$ are the numbers of the example, row, column and channel.
#
# The order of the numbers is different:
#
# - `F.pad` starts with the last axis: left, right, top, bottom.
# - Keras has a pair for each axis, and starts with the height: ((top, bottom), (left, right)).
#
# The next cells remove 2 rows at the top, 1 at the bottom, 1 column on the left and 3 on the right. `z` is a
# cropped sequence. `dx` shows the first six of the seven columns of one channel.

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
# The gradient is 0 where a number was removed, and 1 everywhere else. So the backward pass of cropping is zero
# padding.
#
# ### Two numbers: the last axis in PyTorch, height and width in Keras's `Cropping2D`
#
# In both frameworks you can pass two numbers, but they have different meanings:
#
# - In `F.pad`, they belong to the two ends of the last axis.
# - In `Cropping2D`, the first number is removed at both ends of the height, and the second number at both ends
#   of the width.
# - In `Cropping1D`, as in the cell above, they belong to the two ends of the time axis.

# %% crop-pair-pt tags=["pytorch"]
print(x_pt.shape, "->", F.pad(x_pt, (-1, -2)).shape)

# %% crop-pair-tf tags=["tensorflow"]
y_tf = keras.layers.Cropping2D((1, 2))(x_tf)
print(x_tf.shape, "->", y_tf.shape)

# %% [markdown]
# Without an argument, `Cropping1D` and `Cropping3D` remove 1 at each end of every axis, and `Cropping2D` removes
# nothing. The next cell calls the three layers in this order. All axes have the size 5 before:

# %% crop-defaults
print(keras.layers.Cropping1D()(tf.ones((1, 5, 1))).shape)
print(keras.layers.Cropping2D()(tf.ones((1, 5, 5, 1))).shape)
print(keras.layers.Cropping3D()(tf.ones((1, 5, 5, 5, 1))).shape)

# %% [markdown]
# ### If nothing is left, PyTorch returns an empty tensor, and Keras raises an error
#
# The next cells remove 3 rows at the top and 2 at the bottom of an image that has five rows. PyTorch returns an
# empty tensor without an error, and its mean is NaN.

# %% crop-nothing-left-pt tags=["pytorch"]
empty = F.pad(x_pt, (0, 0, -3, -2))
print(empty.shape)
show(mean=empty.mean())

# %% crop-nothing-left-tf tags=["tensorflow"]
with show_error():
    keras.layers.Cropping2D(((3, 2), (0, 0)))(x_tf)

# %% [markdown]
# ### A slice that ends at `-bottom` is empty if `bottom` is 0
#
# You can also crop with a slice: `x[2:-1]` leaves out the first two rows and the last row. With a variable,
# `x[top:-bottom]` works until `bottom` is 0. Then the slice ends at −0, which is 0, the beginning.
# `x[top : size - bottom]` works for every `bottom`. The next cells print the shapes of both slices:

# %% crop-slice-pt tags=["pytorch"]
top, bottom = 2, 0
wrong = x_pt[:, :, top:-bottom]
right = x_pt[:, :, top : x_pt.shape[2] - bottom]
print(wrong.shape, right.shape)

# %% crop-slice-tf tags=["tensorflow"]
top, bottom = 2, 0
wrong = x_tf[:, top:-bottom]
right = x_tf[:, top : x_tf.shape[1] - bottom]
print(wrong.shape, right.shape)

# %% [markdown]
# ### `CenterCrop` rounds down, and enlarges an image that is too small
#
# For Keras's `CenterCrop` you pass the size of the result, not the border. If the number of rows to remove is
# odd, Keras removes one more at the bottom than at the top. The same is true for columns. In PyTorch, compute
# the first row and the first column with `//`, which also rounds down:

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
# What happens if you ask for more rows than the image has? PyTorch's slice returns the rows that exist, without
# an error. Keras does not add zeros, and raises no error either. It cuts the image to the proportions of the
# result, and then enlarges it by interpolation. In the next cells, an image of 3 × 3 with the rows 0, 1 and 2
# should become 6 × 3:

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
# Keras's result has six rows, and most of their values are new numbers between 0 and 2.
#
# ## Which layer to choose
#
# | you want | in PyTorch | in TensorFlow | note |
# | --- | --- | --- | --- |
# | features for a Dense layer | `nn.Flatten()` | `layers.Flatten()` | if you move weights, [permute the weights of the Dense layer](flatten-port) |
# | to split an axis | `nn.Unflatten`, `x.reshape` | `layers.Reshape`, `tf.reshape` | the numbers keep their order |
# | another order of the axes | `x.permute` | `layers.Permute`, `tf.transpose` | `layers.Permute` counts from 1, without the batch |
# | one vector at every step | `x.unsqueeze(1).expand(-1, n, -1)` | `layers.RepeatVector(n)` | the gradients of the copies are added |
# | a smaller image | `F.pad` with negative numbers, or a slice | `layers.Cropping2D` | the four numbers have another order |
#
# ## Exercises
#
# Write Flatten, Unflatten, RepeatVector and Cropping yourself, undo a Permute, and permute the weights after a
# Flatten: [exercises on shapes](../../exercises/layers/shapes.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
