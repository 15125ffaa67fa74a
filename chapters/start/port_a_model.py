# %% [markdown]
# # Porting a model
#
# You have a trained Keras model in a `.keras` file, and need the same model in PyTorch. This page ports a small
# image classifier from beginning to end: you read the file, write the module, copy the weights, and compare the two
# models layer by layer. Then you train both with the same batches. A second, shorter port goes from PyTorch to Keras.
#
# **The claim:** a port that runs without an error can still be wrong. The first version on this page has the right
# layers, the right shapes and the right weights, and still gives other outputs, for five reasons. After the five
# corrections, outputs, gradients and losses agree.
#
# The function `first_difference` of this book finds the reasons one after the other. You need the package `diptych`
# only for the comparison: the finished port is plain PyTorch.
#
# If you are in a hurry, go to the [checklist](port-checklist).

# %%
import os
import subprocess
import sys
import tempfile
import textwrap
from collections import OrderedDict
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, copy_weights, first_difference, plots, show, value_and_grad

plots.use_style()

# %% [markdown]
# (port-a-model)=
# ## Read the file, write the module, copy the weights, compare
#
# <!-- head: port_a_model -->
#
# The example is a classifier for small images with stripes. The stripes run across, up or diagonally, and the
# pixels are noisy. The next cell makes the images.

# %% stripes
rng = np.random.default_rng(0)


def stripes(n):
    """Images, (n, height, width, channels), and the direction of their stripes."""
    y = rng.integers(0, 3, n)
    rows, columns = np.mgrid[:16, :12]
    phase = np.stack([rows, columns, rows + columns])[y]  # (n, 16, 12)
    start = rng.uniform(0, 6, (n, 1, 1))
    images = np.sin(phase + start) + rng.normal(0, 0.5, phase.shape)
    return images[..., None].astype(np.float32), y


images, labels = stripes(512)
print(images.shape, labels[:8])

# %% [markdown]
# The next cell builds the Keras model, trains it, and saves it. In your case this was done long ago, by somebody
# else, and you have the file.

# %% the-file
folder = tempfile.TemporaryDirectory()
file = Path(folder.name) / "stripes.keras"
keras.utils.set_random_seed(0)
trained = keras.Sequential([
    keras.Input((16, 12, 1)),
    keras.layers.Conv2D(8, 3, strides=2, padding="same",
                        activation="relu", name="conv1"),
    keras.layers.BatchNormalization(name="bn1"),
    keras.layers.Conv2D(16, 3, strides=2, padding="same", name="conv2"),
    keras.layers.LeakyReLU(name="leaky"),
    keras.layers.Flatten(name="flatten"),
    keras.layers.Dropout(0.2, name="dropout"),
    keras.layers.Dense(24, activation="relu", name="hidden"),
    keras.layers.Dense(3, activation="softmax", name="head"),
])
trained.compile("adam", "sparse_categorical_crossentropy")
trained.fit(images, labels, epochs=2, verbose=0)
trained.save(file)
print(file.name)

# %% [markdown]
# ### Read the layers and their arguments from the file
#
# `keras.saving.load_model` returns the model with its weights. `summary` prints the layers, the shapes of their
# outputs and the number of their parameters.

# %% summary
model = keras.saving.load_model(file)
model.summary(line_length=64)

# %% [markdown]
# The summary does not print the arguments of the layers. The next cell prints those that you need for a port: the
# ones that change numbers, and not shapes.

# %% read-arguments
wanted = ("strides", "padding", "activation", "epsilon", "momentum",
          "negative_slope", "rate")
for layer in model.layers:
    config = layer.get_config()
    config = {name: config[name] for name in wanted if name in config}
    print(f"{layer.name:8}", config)

# %% [markdown]
# Other layers have other arguments that change numbers: `use_bias`, `axis`, `output_padding`, `mask_zero`,
# `merge_mode`, `reset_after`, `go_backwards`, `kernel_regularizer`. `layer.get_config()` has all of them.
#
# In a functional model a layer can have several inputs. Their order matters in `Concatenate`. This expression returns
# the names of the layers that they come from: `[x._keras_history.operation.name for x in layer.input]`.
#
# ### Write the module with the names of the Keras layers
#
# The first version follows the summary. It has a PyTorch layer for each Keras layer, and a layer of its own for each
# `activation=`. Each layer has the name of its Keras layer, so that both are easy to find.
# The convolutions have `padding=1`, so that the shapes are right: PyTorch [raises an error for `padding="same"`
# with a stride](convolution-same-stride).

# %% first-version
def first_version():
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(1, 8, 3, stride=2, padding=1),
        relu1=nn.ReLU(),
        bn1=nn.BatchNorm2d(8),
        conv2=nn.Conv2d(8, 16, 3, stride=2, padding=1),
        leaky=nn.LeakyReLU(),
        flatten=nn.Flatten(),
        dropout=nn.Dropout(0.2),
        hidden=nn.Linear(16 * 4 * 3, 24),
        relu2=nn.ReLU(),
        head=nn.Linear(24, 3),
        softmax=nn.Softmax(-1),
    ))


net = first_version()
print(sum(p.numel() for p in net.parameters()), "parameters to train")

# %% [markdown]
# The summary of the Keras model has the same number of trainable parameters.
#
# ### Copy the weights layer by layer
#
# [`copy_weights`](layers-weights) knows which array of a PyTorch layer is which array of the Keras layer, and
# transposes it. It raises an error if an array is missing or has another shape.

# %% copy-weights
def copy_all(model, net):
    for layer in model.layers:
        if layer.weights:
            copy_weights(layer, net.get_submodule(layer.name))


copy_all(model, net)

# %% [markdown]
# The port runs, and the shapes of the outputs are right. The numbers are wrong. The next two cells print the
# probabilities of the first three images. PyTorch gets the images with the channels first.

# %% first-outputs-pt tags=["pytorch"]
x_pt = torch.tensor(images[:3]).permute(0, 3, 1, 2)
net.eval()
with torch.no_grad():
    y_pt = net(x_pt)  # (batch, 3)
show(y=y_pt, digits=2)

# %% first-outputs-tf tags=["tensorflow"]
x_tf = tf.constant(images[:3])
y_tf = model(x_tf)  # (batch, 3)
show(y=y_tf, digits=2)

# %% [markdown]
# (port-compare)=
# ## Five reasons why the outputs differ, found one by one
#
# `first_difference` runs both models on the same images. It takes the images in Keras's layout, and gives PyTorch
# the channels first. It pairs the layers by their order, kind and shape, and compares the output of each pair. The
# table has the largest difference of the outputs and of the gradients, or a ✓ where they agree. An arrow marks the
# first pair that differs: look for the mistake there, because all later layers get wrong inputs. The table reads
# `hidden.activation` for the activation inside the Keras layer `hidden`.

# %% compare-first
some = images[:16]
net = first_version()
copy_all(model, net)
print(first_difference(net, model, some))

# %% [markdown]
# Below the table is the cause. A cause that is marked *(tested)* was tried: `first_difference` changed this one
# thing in a copy of the layer, ran the copy on the same inputs, and got Keras's outputs. A cause that was not tried
# begins with *likely*.
#
# (port-padding)=
# ### 1. `padding="same"` with a stride pads only behind
#
# For a kernel of 3, a stride of 2 and an even size, Keras pads nothing before the image and one row and one column
# behind it. `padding=1` pads one row and one column on each side. So both frameworks have the same shapes, but the
# kernel sees other pixels. The class below pads as Keras does. It is a subclass of `nn.Conv2d`, so that `copy_weights`
# still works. More about it is in [the section on strides](convolution-same-stride).

# %% same-conv
class SameConv2d(nn.Conv2d):
    """A convolution with Keras's padding="same"."""

    def forward(self, x):
        pads = []
        for n, k, s in zip(x.shape[-2:], self.kernel_size, self.stride):
            total = max((-(-n // s) - 1) * s + k - n, 0)
            pads = [total // 2, total - total // 2, *pads]
        return super().forward(F.pad(x, pads))

# %% [markdown]
# The next cell puts the new convolutions into the module, copies the weights again, and prints the next cause. The
# function `causes` prints only the first pair that differs, and why.

# %% compare-padding
def causes(net):
    found = first_difference(net, model, some)
    print("first difference:", found.first and found.first.pytorch)
    for cause in found.causes:
        print(textwrap.fill(f"- {cause}", 80, subsequent_indent="  "))


net.conv1 = SameConv2d(1, 8, 3, stride=2)
net.conv2 = SameConv2d(8, 16, 3, stride=2)
copy_all(model, net)
causes(net)

# %% [markdown]
# ### 2. and 3. The mode and the epsilon of BatchNorm
#
# Two things are different in this layer at once, and each alone would change the outputs. [A new module is in
# training mode](train-and-evaluation). And [`eps` is 1e-5 in PyTorch, and 1e-3 in Keras](batch-norm). Neither can be
# seen in the shapes or in the weights. The next cell mends both, and also sets `momentum`, which no output shows: it
# decides [how fast the running statistics move](batchnorm-momentum) once you train on.

# %% compare-epsilon
net.eval()
net.bn1.eps = 1e-3
net.bn1.momentum = 0.01
causes(net)

# %% [markdown]
# ### 4. Each LeakyReLU has another slope
#
# [The slope of `nn.LeakyReLU` is 0.01, that of Keras's layer is 0.3](leaky-relu).

# %% compare-slope
net.leaky.negative_slope = 0.3
causes(net)

# %% [markdown]
# (port-flatten)=
# ### 5. The dense weight behind Flatten has the wrong order
#
# The feature map in front of `Flatten` has 4 × 3 pixels and 16 channels. [PyTorch's row has one channel after the
# other, Keras's row one pixel after the other](flatten-order). `copy_weights` moves one layer at a time and cannot
# know what is in front of it. So the columns of the weight are still in the order of Keras's row, and must be
# reordered:

# %% mend-flatten
def by_channel(weight, channels):
    """The columns by channel: (out, pixels · channels) → (out, channels · pixels)."""
    pixels = weight.reshape(len(weight), -1, channels)
    return pixels.transpose(1, 2).flatten(1)


with torch.no_grad():
    net.hidden.weight.copy_(by_channel(net.hidden.weight, channels=16))
print(first_difference(net, model, some))

# %% [markdown]
# All layers agree, and so do the gradients. In the rows of `flatten` and `dropout` the numbers are the same, in
# another order: the table says *order* there.
#
# ### Each correction moves the first difference further down
#
# The next figure repeats the port. After each correction it draws the largest difference of each layer's outputs.
# Differences below 1e-6 come from rounding; `flatten` and `dropout` are left out. One wrong layer is enough: every
# layer behind it is wrong, too.

# %% further-down tags=["hide-input"]
# alt: Largest difference of the outputs of nine layers, on a logarithmic scale, after none to five corrections, the second and the third together. Without a correction all layers differ. After the padding the first layer agrees, and bn1 is the first that differs. After eval and epsilon it is leaky, after the slope hidden, and after the order of the columns no layer differs.
def stage(corrections):
    net = first_version()
    if corrections >= 1:
        net.conv1 = SameConv2d(1, 8, 3, stride=2)
        net.conv2 = SameConv2d(8, 16, 3, stride=2)
    copy_all(model, net)
    if corrections >= 2:
        net.eval()
        net.bn1.eps = 1e-3
    if corrections >= 3:
        net.leaky.negative_slope = 0.3
    if corrections >= 4:
        net.hidden.weight.data = by_channel(net.hidden.weight.data, 16)
    rows = first_difference(net, model, some).rows
    return {row.pytorch: row.output for row in rows
            if row.pytorch not in ("flatten", "dropout", "(output)")}


titles = ("first", "padding", "mode, eps", "slope", "order")
fig, axes = plt.subplots(1, 5, figsize=(5.2, 2.9), sharey=True)
for corrections, (ax, title) in enumerate(zip(axes, titles)):
    found = stage(corrections)
    differs = np.maximum(list(found.values()), 1e-7)
    colors = [plots.PYTORCH if d > 1e-5 else plots.INK for d in differs]
    ax.hlines(range(len(found)), 1e-7, differs, color=colors, linewidth=2)
    ax.scatter(differs, range(len(found)), color=colors, s=14)
    ax.set(xscale="log", xlim=(1e-8, 1e2))
    ax.set_xticks([1e-6, 1], ["1e-6", "1"])
    ax.set_title(title, fontsize=9.5)
axes[0].set_yticks(range(len(found)), found)
axes[0].invert_yaxis()
fig.supxlabel("largest difference of the outputs", fontsize=9.5)
fig.suptitle("Each correction moves the first difference down", fontsize=10)
plt.show()

# %% [markdown]
# (port-gradients)=
# ## Outputs, gradients and losses of the port agree
#
# Now the two models stand side by side. `value_and_grad` returns the outputs, the gradient of the images and the
# gradients of all weights. The gradient of a sum of probabilities is 0, because they always add up to 1. So the
# outputs are weighted with the numbers of `upstream`.

# %% outputs-pt tags=["pytorch"]
x_pt = torch.tensor(some).permute(0, 3, 1, 2)
upstream = rng.normal(size=(16, 3)).astype(np.float32)
y_pt, dx_pt, dw_pt = value_and_grad(
    net, x_pt, upstream_gradient=upstream)
show(y=y_pt[:3], digits=2)

# %% outputs-tf tags=["tensorflow"]
x_tf = tf.constant(some)
y_tf, dx_tf, dw_tf = value_and_grad(
    model, x_tf, upstream_gradient=upstream)
show(y=y_tf[:3], digits=2)

# %% [markdown]
# To compare the gradients, turn them like the weights: kernels from (height, width, in, out) to (out, in, height,
# width), dense kernels from (in, out) to (out, in), and behind Flatten also the order of the columns. For other layers,
# [the section of the layer](layers-weights) has the table.

# %% gradients-agree
def to_torch(name, gradient):
    gradient = torch.tensor(gradient.numpy())
    if gradient.ndim == 4:
        return gradient.permute(3, 2, 0, 1)
    turned = gradient.T if gradient.ndim == 2 else gradient
    return by_channel(turned, 16) if "hidden/kernel" in name else turned


turned = [tf.constant(to_torch(w.path, g)) for w, g in zip(model.trainable_weights, dw_tf)]
agree(y_pt, y_tf, gradients=([dx_pt.permute(0, 2, 3, 1), *dw_pt], [dx_tf, *turned]),
      rtol=1e-4, atol=1e-5)

# %% [markdown]
# (port-training)=
# ### The same batches give the same losses
#
# Training shows mistakes that no output shows, such as a frozen layer. Both models now get the same eight
# batches, in the same order. Three things need care:
#
# - Dropout draws other numbers in each framework, so the two runs would not agree. Set its rate to 0 for this test.
# - Keras's model ends with a softmax, but [PyTorch's loss takes logits](softmax-and-loss). `net[:-1]` is the module
#   without its softmax. From now on the port uses it for training.
# - Keras adds the penalty of each `kernel_regularizer` to the loss. PyTorch's layers have no such argument, so [add the
#   penalty to the loss yourself](l2). This model has none.
#
# The next cell keeps the running variance from before the training. We need it below.

# %% before-training
variance = model.get_layer("bn1").moving_variance.numpy()

# %% train-pt tags=["pytorch"]
net.dropout.p = 0.0
net.train()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
losses_pt = []
for i in range(0, 256, 32):
    x_pt = torch.tensor(images[i:i + 32]).permute(0, 3, 1, 2)
    y = torch.tensor(labels[i:i + 32])
    loss = F.cross_entropy(net[:-1](x_pt), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses_pt.append(loss.detach())
losses_pt = torch.stack(losses_pt)  # (steps,)
show(losses=losses_pt, digits=2)

# %% train-tf tags=["tensorflow"]
model.get_layer("dropout").rate = 0.0
model.compile(keras.optimizers.SGD(learning_rate=0.05),
              "sparse_categorical_crossentropy")
losses_tf = []
for i in range(0, 256, 32):
    x_tf = images[i:i + 32]
    y = labels[i:i + 32]
    loss = model.train_on_batch(x_tf, y)
    model.reset_metrics()
    losses_tf.append(loss)
losses_tf = tf.stack(losses_tf)  # (steps,)
show(losses=losses_tf, digits=2)

# %% losses-agree
agree(losses_pt, losses_tf, rtol=1e-3, atol=1e-5)

# %% [markdown]
# The losses of all eight steps agree, and so do the running means. The running variances cannot agree: [PyTorch
# divides the variance of a batch by n − 1, Keras by n](batch-norm). The next cell divides what eight steps have added
# in PyTorch by what they have added in Keras. The quotient is n / (n − 1), where n is 32 images times 8 · 6 pixels.

# %% running-statistics
bn = model.get_layer("bn1")
agree(net.bn1.running_mean, bn.moving_mean, rtol=1e-3, atol=1e-5)
n, left = 32 * 8 * 6, 0.99**8 * variance
added_pt = net.bn1.running_var.numpy() - left
added_tf = bn.moving_variance.numpy() - left
show(quotient=added_pt / added_tf, expected=n / (n - 1), digits=3)

# %% [markdown]
# ### Save the port as a `state_dict`
#
# The port is finished. Save its weights; [`torch.save` does not save the module](model-saving). Whoever loads the
# file needs the code of the module, with its corrections. So write them into the constructors:

# %% finished
def finished():
    return nn.Sequential(OrderedDict(
        conv1=SameConv2d(1, 8, 3, stride=2),
        relu1=nn.ReLU(),
        bn1=nn.BatchNorm2d(8, eps=1e-3, momentum=0.01),
        conv2=SameConv2d(8, 16, 3, stride=2),
        leaky=nn.LeakyReLU(0.3),
        flatten=nn.Flatten(),
        dropout=nn.Dropout(0.2),
        hidden=nn.Linear(16 * 4 * 3, 24),
        relu2=nn.ReLU(),
        head=nn.Linear(24, 3),
        softmax=nn.Softmax(-1),
    ))


torch.save(net.state_dict(), Path(folder.name) / "stripes.pt")
again = finished()
print(again.load_state_dict(torch.load(Path(folder.name) / "stripes.pt")))
x_pt = torch.tensor(some).permute(0, 3, 1, 2)
print("same outputs:", torch.equal(again.eval()(x_pt), net.eval()(x_pt)))

# %% [markdown]
# (port-sequences)=
# ## With a recurrent layer, look for the mask
#
# The second example reads rows of integers, such as words. 0 stands behind the end of a short row. The Keras model
# has `mask_zero=True`, so its LSTM skips the zeros. A PyTorch module has no mask, and its LSTM reads them.

# %% sequence-models
keras.utils.set_random_seed(1)
reader_tf = keras.Sequential([
    keras.Input((6,), dtype="int32"),
    keras.layers.Embedding(9, 4, mask_zero=True, name="embedding"),
    keras.layers.LSTM(5, name="lstm"),
    keras.layers.Dense(2, name="head"),
])


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.lstm = nn.LSTM(4, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, words):  # (batch, time)
        y, _ = self.lstm(self.embedding(words))
        return self.head(y[:, -1])  # (batch, 2)


words = np.array([[3, 1, 4, 1, 5, 8], [2, 7, 1, 0, 0, 0]])
reader_pt = Reader()
copy_all(reader_tf, reader_pt)
print(first_difference(reader_pt, reader_tf, words))

# %% [markdown]
# If all zeros are at the end, and no row has only zeros, pass the lengths to `pack_padded_sequence`, and take the last
# state. [The section on masks](masking) has the other cases.

# %% last-state
class MaskedReader(Reader):
    def forward(self, words):
        lengths = (words != 0).sum(1).cpu()  # (batch,)
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(words), lengths, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.head(h[-1])  # (batch, 2)


masked_pt = MaskedReader()
copy_all(reader_tf, masked_pt)
print(first_difference(masked_pt, reader_tf, words))

# %% [markdown]
# With `bidirectional=True`, return `self.head(torch.cat([h[-2], h[-1]], 1))`: the forward layer's state, then that of
# the backward layer. [The last output `y[:, -1]` is not the last state of both](bidirectional).
#
# A GRU has one more trap. Its [gates are in the order r, z, n in PyTorch and z, r, h in Keras](gru). `copy_weights`
# swaps them. The next cell copies the arrays of a GRU by hand, without the swap. All shapes fit.

# %% gru-by-hand
gru_tf = keras.Sequential([keras.Input((6, 4)), keras.layers.GRU(5, name="gru")])
gru_pt = nn.GRU(4, 5, batch_first=True)
kernel, recurrent, (bias_x, bias_h) = gru_tf.get_weights()
by_hand = {"weight_ih_l0": kernel.T, "weight_hh_l0": recurrent.T,
           "bias_ih_l0": bias_x, "bias_hh_l0": bias_h}
gru_pt.load_state_dict({name: torch.tensor(a) for name, a in by_hand.items()})
sequences = rng.normal(size=(2, 6, 4)).astype(np.float32)
print(*first_difference(gru_pt, gru_tf, sequences).causes)
copy_weights(gru_tf.get_layer("gru"), gru_pt)
print(first_difference(gru_pt, gru_tf, sequences).first)

# %% [markdown]
# (port-to-keras)=
# ## From PyTorch to Keras: pad explicitly, and permute before Flatten
#
# In the other direction you meet the same differences from the other side. You have a module and its `state_dict`,
# and write the Keras model. This module has a convolution with a stride, BatchNorm, Flatten and a dense layer, and
# is in inference mode.

# %% module
torch.manual_seed(0)
source = nn.Sequential(OrderedDict(
    conv=nn.Conv2d(1, 4, 3, stride=2, padding=1),
    bn=nn.BatchNorm2d(4),
    relu=nn.ReLU(),
    flatten=nn.Flatten(),
    head=nn.Linear(4 * 8 * 6, 3),
))
source.bn.running_mean.uniform_(-1, 1)
source.bn.running_var.uniform_(0.1, 1)
source.eval()
print(list(source.state_dict()))

# %% [markdown]
# The first version in Keras again follows the names of the layers. The function `compare_with` builds it, copies
# the weights from PyTorch, and prints the first difference.

# %% to-keras-first
def compare_with(*layers):
    target = keras.Sequential([keras.Input((16, 12, 1)), *layers])
    for layer in target.layers:
        if layer.weights:
            copy_weights(source.get_submodule(layer.name), layer)
    found = first_difference(source, target, some)
    print("first difference:", found.first and found.first.pytorch)
    for cause in found.causes:
        print(textwrap.fill(f"- {cause}", 80, subsequent_indent="  "))
    return target


L = keras.layers
target = compare_with(
    L.Conv2D(4, 3, strides=2, padding="same", name="conv"),
    L.BatchNormalization(name="bn"), L.ReLU(), L.Flatten(), L.Dense(3, name="head"))

# %% [markdown]
# Keras has no number for `padding`. A `ZeroPadding2D` layer in front of the convolution pads as PyTorch does.

# %% to-keras-padding
same_as_torch = [
    L.ZeroPadding2D(1),
    L.Conv2D(4, 3, strides=2, name="conv"),
]
target = compare_with(*same_as_torch, L.BatchNormalization(name="bn"),
                      L.ReLU(), L.Flatten(), L.Dense(3, name="head"))

# %% [markdown]
# Now set `epsilon` to PyTorch's 1e-5, and [`momentum` to 1 minus PyTorch's 0.1](batchnorm-momentum). With both
# set, `head` is the first difference. [`Permute` before Flatten](flatten-order) mends it, and the dense weight stays
# as it is.

# %% to-keras-done
bn = L.BatchNormalization(epsilon=1e-5, momentum=0.9, name="bn")
target = compare_with(*same_as_torch, bn, L.ReLU(), L.Flatten(), L.Dense(3, name="head"))
target = compare_with(*same_as_torch, bn, L.ReLU(), L.Permute((3, 1, 2)),
                      L.Flatten(), L.Dense(3, name="head"))

# %% to-keras-pt tags=["pytorch"]
x_pt = torch.tensor(some).permute(0, 3, 1, 2)
y_pt, dx_pt, _ = value_and_grad(source, x_pt)
show(y=y_pt[:2])

# %% to-keras-tf tags=["tensorflow"]
x_tf = tf.constant(some)
y_tf, dx_tf, _ = value_and_grad(target, x_tf)
show(y=y_tf[:2])

# %%
agree(y_pt, y_tf, gradients=(dx_pt.permute(0, 2, 3, 1), dx_tf), rtol=1e-4, atol=1e-5)

# %% [markdown]
# (port-backend)=
# ## The third way: `KERAS_BACKEND=torch` runs the file without a port
#
# Keras 3 can also compute with PyTorch. Set the environment variable `KERAS_BACKEND` before Python imports Keras. The
# next cell runs a second Python with it, because this Python has already imported Keras with TensorFlow. The second
# Python loads the same file, runs it on the same images, and prints one line.

# %% backend
program = """
import sys

import keras
import numpy as np
import torch

file, images, expected = sys.argv[1:]
model = keras.saving.load_model(file)
y = model(torch.tensor(np.load(images)), training=False)
print("backend:", keras.backend.backend(),
      "| a Module:", isinstance(model, torch.nn.Module),
      "| conv1 is nn.Conv2d:", isinstance(model.get_layer("conv1"), torch.nn.Conv2d),
      "| gradients:", y.requires_grad,
      "| first name:", next(iter(model.state_dict())),
      "| TensorFlow imported:", "tensorflow" in sys.modules,
      "| same outputs:", np.allclose(y.detach(), np.load(expected), atol=1e-5))
"""
model = keras.saving.load_model(file)
np.save(Path(folder.name) / "images.npy", some)
np.save(Path(folder.name) / "expected.npy", model(some).numpy())
arguments = [file, *(Path(folder.name) / f"{name}.npy" for name in ("images", "expected"))]
run = subprocess.run([sys.executable, "-c", program, *arguments], text=True, check=True,
                     env=os.environ | {"KERAS_BACKEND": "torch"}, stdout=subprocess.PIPE,
                     stderr=subprocess.DEVNULL)
print(textwrap.fill(run.stdout, 80))

# %% [markdown]
# You get a `torch.nn.Module` with the right outputs at once, without TensorFlow, and autograd differentiates it. But:
#
# - The layers are Keras's layers. Keras stays a dependency wherever the model runs.
# - The images still have the channels last: the program passed them as they are.
# - The names in the `state_dict` are Keras's, so it does not fit a module made of `nn` layers.
#
# So this is the way for a model that must run in PyTorch today. For a model that others will read, change and train
# in PyTorch, write the module.
#
# ## Which way to choose
#
# | you have | choose | because |
# | --- | --- | --- |
# | a model to maintain in PyTorch | [a port](port-a-model) | the result is plain PyTorch |
# | a model that must run by tomorrow, and Keras may stay | [`KERAS_BACKEND=torch`](port-backend) | it needs no port |
# | a layer that only your Keras code has | [a layer of your own](own-layers), compared with the original | `first_difference` pairs it by `pairs=` |
# | code for `tf.estimator` | [a port to Keras first](estimator-port) | the weights are in a checkpoint, not in a `.keras` file |
#
# (port-checklist)=
# ## Checklist
#
# 1. Read the file, and [the arguments of each layer](port-a-model), not only the summary.
# 2. Turn the images: [channels first](channels-last) in PyTorch. Recurrent layers need
#    [`batch_first=True`](time-first).
# 3. [Copy the weights layer by layer](layers-weights), and let a wrong shape raise an error.
# 4. Call [`eval()`](train-and-evaluation) before you compare anything.
# 5. `padding="same"` with a stride: [pad behind](convolution-same-stride). In pooling, [pad in the same
#    way](max-same), and look at [whether padding is counted](count-include-pad).
#    `Conv2DTranspose` with `"same"`: [crop behind](transposed-same).
# 6. BatchNorm: [`eps`](batch-norm), and [`momentum`, which is the opposite share](batchnorm-momentum).
# 7. Each activation: its name, and its arguments, such as the [slope of LeakyReLU](leaky-relu) or the
#    [approximation of GELU](gelu).
# 8. The dense weight behind Flatten: [reorder its columns](flatten-order).
# 9. LSTM and GRU: [two biases or one](lstm), [the order of the gates and `reset_after`](gru), [the mask](masking),
#    [the last state of both directions](bidirectional).
# 10. Resizing: [`align_corners`](align-corners) and [which pixel is nearest](nearest-differs).
# 11. [`Concatenate`](concatenate): the same order of the inputs. For images, axis 1 in PyTorch.
# 12. `Normalization`: [assign the statistics yourself](normalization-port).
# 13. The last layer: [no softmax in front of PyTorch's loss](softmax-and-loss).
# 14. Compare [outputs layer by layer](port-compare), then [gradients](port-gradients), then [the losses of a few
#     steps](port-training).
# 15. Before you train on: the optimizer's defaults, such as [ε in Adam](three-ways-defaults), and
#     [the penalties of regularizers](l2).
#
# ## Exercises
#
# Write the forward pass of a Keras stack and of a PyTorch stack from their weights, and convert the kernel of a
# dense layer behind Flatten: [exercises on porting a model](../../exercises/start/port_a_model.ipynb).

# %%
folder.cleanup()
