# %% [markdown]
# # Merging layers
#
# A merging layer takes several tensors and returns one. Six of the eight work number by number: `Add`,
# `Subtract`, `Multiply`, `Average`, `Maximum` and `Minimum`. `Concatenate` lays its inputs side by side, and
# `Dot` multiplies and sums along an axis. None of them has weights. In Keras each is a layer; in PyTorch you
# write the operator in `forward`.
#
# **The claim:** layer and operator agree where the shapes are equal and no two numbers are. Where one tensor
# has more axes, Keras aligns the batch and PyTorch the last axis, sometimes without an error. Where two
# numbers are equal, `Maximum` sends the gradient elsewhere. And which merge you choose decides whether a
# gradient gets through 50 layers.

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
rows = np.array([[2, -1, 0.5], [1, 3, -2]], dtype=np.float32)  # (batch, features)
others = np.array([[3, 1, -1], [0.5, 2, 4]], dtype=np.float32)

# %% [markdown]
# No number in `rows` is equal to the one at its place in `others`: ties have [a section of their
# own](merging-ties).
#
# The figure shows where a gradient of 1 goes, if the inputs are 2 and 3.

# %% six-gradients tags=["hide-input"]
# alt: Two bars for each of six merges of 2 and 3, the gradients of the two inputs. Add has 1 and 1.
# Subtract has 1 and minus 1. Multiply has 3 and 2. Average has one half and one half. Maximum has 0 and 1,
# Minimum 1 and 0.
merges = {
    "Add": (1, 1), "Subtract": (1, -1), "Multiply": (3, 2),
    "Average": (0.5, 0.5), "Maximum": (0, 1), "Minimum": (1, 0),
}
fig, ax = plt.subplots(figsize=(5.2, 2.8))
at = np.arange(6)
for shift, side, colour in ((-0.2, 0, plots.PALETTE[2]), (0.2, 1, plots.PALETTE[3])):
    heights = [gradients[side] for gradients in merges.values()]
    ax.bar(at + shift, heights, 0.36, color=colour)
    for place, height in zip(at + shift, heights):
        ax.annotate(f"{height:g}".replace("-", "−"), (place, max(height, 0) + 0.06), ha="center",
                    color=colour)
ax.axhline(0, color=plots.INK, linewidth=0.6)
ax.annotate("gradient of the 2", (3.4, 2.9), color=plots.PALETTE[2])
ax.annotate("gradient of the 3", (3.4, 2.5), color=plots.PALETTE[3])
ax.set(xticks=at, xticklabels=merges, ylim=(-1.1, 3.4),
       title="Add passes the gradient on, Multiply swaps the factors")
ax.tick_params(axis="x", labelsize=9)
plt.show()

# %% [markdown]
# (add)=
# ## Add
#
# <!-- head: add -->
#
# Add sums its inputs, number by number. Choose it to add a shortcut around a layer
# {footcite:p}`he2016deep`, or to join two branches that mean the same kind of thing, such as an embedding and
# its position.
#
# $$y = a + b, \qquad \frac{\partial y}{\partial a} = \frac{\partial y}{\partial b} = 1$$
#
# where $a$ and $b$ are tensors of one shape. Keras's layer takes a list, of as many as you like.

# %% tags=["pytorch"]
a = torch.tensor(rows, requires_grad=True)
b = torch.tensor(others, requires_grad=True)
y_pt = a + b
da_pt, db_pt = torch.autograd.grad(y_pt.sum(), [a, b])
show(y=y_pt, da=da_pt, db=db_pt)

# %% tags=["tensorflow"]
a, b = tf.Variable(rows), tf.Variable(others)
with tf.GradientTape() as tape:
    y_tf = keras.layers.Add()([a, b])
da_tf, db_tf = tape.gradient(y_tf, [a, b])
show(y=y_tf, da=da_tf, db=db_tf)

# %%
agree(y_pt, y_tf, gradients=([da_pt, db_pt], [da_tf, db_tf]))

# %% [markdown]
# In Keras `a + b` does the same with tensors. The layer has a name in the summary of a model, which the operator
# has not. A model with a shortcut, in both ways of writing:

# %% add-shortcut-pt tags=["pytorch"]
class Shortcut(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x):
        return x + self.linear(x)


torch.manual_seed(0)
model_pt = Shortcut()
y_pt, dx_pt, (dw_pt, _) = value_and_grad(
    model_pt, torch.tensor(rows))
show(y=y_pt, dx=dx_pt)

# %% add-shortcut-tf tags=["tensorflow"]
x = keras.Input((3,))
dense = keras.layers.Dense(3)
y = keras.layers.Add()([x, dense(x)])
model_tf = keras.Model(x, y)
copy_weights(model_pt.linear, dense)

y_tf, dx_tf, (dw_tf, _) = value_and_grad(
    model_tf, tf.constant(rows))
show(y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, dw_pt.T], [dx_tf, dw_tf]))

# %% [markdown]
# (add-ranks)=
# ### A vector per example and a sequence: Keras aligns the batch, PyTorch the last axes
#
# You have one vector for each of 2 examples, and want to add it to all 5 steps of its sequence. Keras's `Add` puts
# the missing axis behind the batch. PyTorch's `+` puts it in front, so that the batch of 2 meets the time of
# 5. Say in PyTorch where it goes:

# %%
vectors = rng.normal(size=(2, 3)).astype(np.float32)  # (batch, features)
sequences = rng.normal(size=(2, 5, 3)).astype(np.float32)  # (batch, time, features)

# %% add-ranks-pt tags=["pytorch"]
a, b = torch.tensor(vectors), torch.tensor(sequences)
with show_error():
    a + b
y_pt, da_pt = value_and_grad(
    lambda a: a.unsqueeze(1) + b, a)
print(tuple(y_pt.shape))

# %% add-ranks-tf tags=["tensorflow"]
a, b = tf.constant(vectors), tf.constant(sequences)
with show_error():
    a + b
y_tf, da_tf = value_and_grad(
    lambda a: keras.layers.Add()([a, b]), a)
print(y_tf.shape)

# %% add-ranks-agree
agree(y_pt, y_tf, gradients=(da_pt, da_tf))

# %% [markdown]
# The error comes from luck. With 3 examples of 3 steps the batch fits the time, and the operator adds the first
# example's vector to everybody's first step:

# %% add-square-pt tags=["pytorch"]
a = torch.tensor([[1.0], [2.0], [3.0]])  # (3 examples, 1)
b = torch.zeros(3, 3, 1)  # (3 examples, 3 steps, 1)
show(operator=(a + b)[..., 0])
y_pt = a.unsqueeze(1) + b
show(by_batch=y_pt[..., 0])

# %% add-square-tf tags=["tensorflow"]
a = tf.constant([[1.0], [2.0], [3.0]])  # (3 examples, 1)
b = tf.zeros((3, 3, 1))  # (3 examples, 3 steps, 1)
show(operator=(a + b)[..., 0])
y_tf = keras.layers.Add()([a, b])
show(by_batch=y_tf[..., 0])

# %% add-square
agree(y_pt, y_tf)

# %% [markdown]
# Each row is an example. `+` in TensorFlow does what `+` in PyTorch does; only the layer looks at the batch. The
# same holds for `Subtract`, `Multiply`, `Average`, `Maximum` and `Minimum`.
#
# ### A vector without a batch: the operator broadcasts it, the layer raises

# %% add-vector-pt tags=["pytorch"]
a, v = torch.tensor(rows), torch.tensor([10.0, 20.0, 30.0])
y_pt = a + v
show(y=y_pt)

# %% add-vector-tf tags=["tensorflow"]
a, v = tf.constant(rows), tf.constant([10.0, 20.0, 30.0])
y_tf = a + v
show(y=y_tf)
with show_error():
    keras.layers.Add()([a, v])

# %% add-vector
agree(y_pt, y_tf)

# %% [markdown]
# Keras takes the vector for a batch of three numbers. Use `+` for vectors.
#
# ### Keras 3.15 adds a column as if it were a row, where the sizes allow it
#
# One number per example, of shape (batch, 1), belongs to all features of its example. On the TensorFlow backend
# `keras.ops.add` takes a second argument with one long axis for a bias, and adds it along the features if there
# are as many. This is a bug, and `Add` and `Average` have it, too:

# %% add-column-pt tags=["pytorch"]
x = torch.zeros(3, 3)  # (batch, features)
column = torch.tensor([[1.0], [2.0], [3.0]])  # (batch, 1)
y_pt = x + column
show(right=y_pt)

# %% add-column-tf tags=["tensorflow"]
x = tf.zeros((3, 3))  # (batch, features)
column = tf.constant([[1.0], [2.0], [3.0]])  # (batch, 1)
y_tf = keras.layers.Add()([column, x])
show(right=y_tf)
show(wrong=keras.layers.Add()([x, column]),
     average=keras.layers.Average()([x, column]))

# %% add-column
agree(y_pt, y_tf)

# %% [markdown]
# It happens where batch and features are equally many, a square once more. Put the column first, as here, or use `+`
# on tensors.
#
# (add-depth)=
# ### Through 50 layers the gradient arrives only where each layer adds its input
#
# Fifty layers of width 64, $h \leftarrow \tanh(hW)$, against the same layers with a shortcut, $h \leftarrow h +
# \tanh(hW)$. The cells measure the norm of the gradient that arrives in front of each layer.

# %%
weights = rng.normal(0, 0.7 / 8, (50, 64, 64)).astype(np.float32)
x_deep = rng.normal(size=(4, 64)).astype(np.float32)

# %% tags=["pytorch"]
def norms_pt(shortcut):
    h = torch.tensor(x_deep, requires_grad=True)
    inputs = []
    for w in torch.tensor(weights):
        inputs.append(h)
        y = torch.tanh(h @ w)
        h = h + y if shortcut else y
    grads = torch.autograd.grad(h.sum(), inputs)
    return torch.stack([g.norm() for g in grads])


plain_pt, added_pt = norms_pt(False), norms_pt(True)
for name, norms in (("plain", plain_pt), ("Add", added_pt)):
    print(f"{name:5} {norms[0]:.0e} {norms[-1]:.0e}")

# %% tags=["tensorflow"]
def norms_tf(shortcut):
    h, inputs = tf.constant(x_deep), []
    with tf.GradientTape() as tape:
        tape.watch(h)
        for w in tf.constant(weights):
            inputs.append(h)
            y = tf.tanh(h @ w)
            h = h + y if shortcut else y
    grads = tape.gradient(h, inputs)
    return tf.stack([tf.norm(g) for g in grads])


plain_tf, added_tf = norms_tf(False), norms_tf(True)
for name, norms in (("plain", plain_tf), ("Add", added_tf)):
    print(f"{name:5} {norms[0]:.0e} {norms[-1]:.0e}")

# %% add-depth
agree([plain_pt, added_pt], [plain_tf, added_tf], rtol=1e-3, atol=0)

# %% add-depth-figure tags=["hide-input"]
# alt: The norm of the gradient in front of each of 50 layers, on a logarithmic scale. In the plain chain it
# falls on a straight line from about 10 in front of the last layer to less than a millionth in front of the
# first. With Add it grows slowly towards the first layer.
fig, ax = plt.subplots()
layer = np.arange(1, 51)
plots.coinciding(ax, layer, plain_pt, plain_tf, label=(33, 1e-5), markers=18)
plots.coinciding(ax, layer, added_pt, added_tf, markers=18)
ax.annotate("with Add", (3, 6))
ax.annotate("plain chain", (11, 4e-7))
ax.set(yscale="log", xlabel="layer", ylabel="norm of the gradient",
       title="With Add the gradient reaches the first layer")
plt.show()

# %% [markdown]
# In the plain chain each layer multiplies the gradient by its weights and by tanh's slope, and the product of fifty
# such factors is almost 0. With Add one of the two ways back has the factor 1, so the gradient that enters at
# the top is still there at the bottom.

# %% [markdown]
# (subtract)=
# ## Subtract
#
# <!-- head: subtract -->
#
# Subtract takes the second input from the first. Choose it where the difference matters and what both have in
# common does not, as when two images of one place are compared.
#
# $$y = a - b, \qquad \frac{\partial y}{\partial a} = 1, \quad \frac{\partial y}{\partial b} = -1$$
#
# where $a$ and $b$ are tensors of one shape.

# %% tags=["pytorch"]
a, b = torch.tensor(rows), torch.tensor(others)
y_pt, da_pt = value_and_grad(lambda a: a - b, a)
_, db_pt = value_and_grad(lambda b: a - b, b)
show(y=y_pt, da=da_pt, db=db_pt)

# %% tags=["tensorflow"]
a, b = tf.constant(rows), tf.constant(others)
y_tf, da_tf = value_and_grad(
    lambda a: keras.layers.Subtract()([a, b]), a)
_, db_tf = value_and_grad(
    lambda b: keras.layers.Subtract()([a, b]), b)
show(y=y_tf, da=da_tf, db=db_tf)

# %%
agree(y_pt, y_tf, gradients=([da_pt, db_pt], [da_tf, db_tf]))

# %% [markdown]
# ### Subtract takes exactly two inputs

# %% subtract-three-pt tags=["pytorch"]
a, b = torch.tensor(rows), torch.tensor(others)
y_pt = a - b - a
show(y=y_pt[0])

# %% subtract-three-tf tags=["tensorflow"]
a, b = tf.constant(rows), tf.constant(others)
show(y=(a - b - a)[0])
with show_error():
    keras.layers.Subtract()([a, b, a])

# %% [markdown]
# ### What both inputs share gets no gradient
#
# Two branches start from the same offset. Their difference does not depend on it, so it cannot be learned from
# the difference:

# %% tags=["pytorch"]
a, b = torch.tensor(rows), torch.tensor(others)
offset = torch.tensor([[5.0]])
y_pt, doffset_pt = value_and_grad(
    lambda s: (a + s) - (b + s), offset)
show(y=y_pt[0], doffset=doffset_pt)

# %% tags=["tensorflow"]
a, b = tf.constant(rows), tf.constant(others)
offset = tf.constant([[5.0]])
y_tf, doffset_tf = value_and_grad(
    lambda s: (a + s) - (b + s), offset)
show(y=y_tf[0], doffset=doffset_tf)

# %%
agree(y_pt, y_tf, gradients=(doffset_pt, doffset_tf))

# %% [markdown]
# (multiply)=
# ## Multiply
#
# <!-- head: multiply -->
#
# Multiply forms the product, number by number. Choose it for gates and masks: one input says what passes, the
# other by how much.
#
# $$y = a\,b, \qquad \frac{\partial y}{\partial a} = b, \quad \frac{\partial y}{\partial b} = a$$
#
# where $a$ and $b$ are tensors of one shape. Each input has the other one as its gradient:

# %% merging-gradients-pt tags=["pytorch"]
a, b = torch.tensor(rows), torch.tensor(others)
y_pt, da_pt = value_and_grad(lambda a: a * b, a)
_, db_pt = value_and_grad(lambda b: a * b, b)
show(y=y_pt, da=da_pt, db=db_pt)

# %% merging-gradients-tf tags=["tensorflow"]
a, b = tf.constant(rows), tf.constant(others)
y_tf, da_tf = value_and_grad(
    lambda a: keras.layers.Multiply()([a, b]), a)
_, db_tf = value_and_grad(
    lambda b: keras.layers.Multiply()([a, b]), b)
show(y=y_tf, da=da_tf, db=db_tf)

# %% merging-gradients
agree(y_pt, y_tf, gradients=([da_pt, db_pt], [da_tf, db_tf]))

# %% [markdown]
# ### A gate that features share collects the gradient of all of them
#
# Squeeze-and-excitation blocks {footcite:p}`hu2018squeeze` multiply all pixels of a channel by one gate. An axis of
# size 1 is broadcast by operator and layer alike, and its gradient is the sum over what it was multiplied
# with:

# %%
images = rng.normal(size=(2, 3, 5, 7)).astype(np.float32)  # (batch, channels, h, w)
gates = rng.uniform(size=(2, 3, 1, 1)).astype(np.float32)

# %% tags=["pytorch"]
images_pt, gates_pt = torch.tensor(images), torch.tensor(gates)
y_pt, dgates_pt = value_and_grad(
    lambda gate: images_pt * gate, gates_pt)
show(dgates=dgates_pt.squeeze())

# %% tags=["tensorflow"]
images_tf = tf.constant(np.moveaxis(images, 1, -1))
gates_tf = tf.constant(np.moveaxis(gates, 1, -1))
y_tf, dgates_tf = value_and_grad(
    lambda gate: keras.layers.Multiply()([images_tf, gate]),
    gates_tf)
show(dgates=tf.squeeze(dgates_tf))

# %% multiply-gate
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(dgates_pt.movedim(1, -1), dgates_tf))

# %% [markdown]
# ### Two factors that are both 0 never move
#
# Gradient descent on $(uv - 1)^2$ needs a $u$ or a $v$ that is not 0. From (0, 0) both gradients are 0, because each
# is multiplied by the other factor. So a gate that starts at 0 must multiply something that does not.

# %% tags=["pytorch"]
ends_pt = []
for start in ([0.0, 0.0], [0.0, 0.1]):
    uv = torch.tensor(start)
    for _ in range(100):
        _, gradient = value_and_grad(
            lambda uv: (uv[0] * uv[1] - 1) ** 2, uv)
        uv = uv - 0.1 * gradient
    show(uv=uv, digits=2)
    ends_pt.append(uv)

# %% tags=["tensorflow"]
ends_tf = []
for start in ([0.0, 0.0], [0.0, 0.1]):
    uv = tf.constant(start)
    for _ in range(100):
        _, gradient = value_and_grad(
            lambda uv: (uv[0] * uv[1] - 1) ** 2, uv)
        uv = uv - 0.1 * gradient
    show(uv=uv, digits=2)
    ends_tf.append(uv)

# %% multiply-zeros
agree(ends_pt, ends_tf)

# %% [markdown]
# (average)=
# ## Average
#
# <!-- head: average -->
#
# Average is the sum divided by the number of inputs. Choose it to combine the answers of several models or
# branches, where each should count the same and the result should keep their size.
#
# $$y = \frac1n \sum_{i=1}^n x_i, \qquad \frac{\partial y}{\partial x_i} = \frac1n$$
#
# where $x_1, \dots, x_n$ are tensors of one shape. With three inputs, each gradient is ⅓:

# %%
thirds = np.array([[1, -3, 0], [2, 2, 5]], dtype=np.float32)

# %% tags=["pytorch"]
a, b, c = map(torch.tensor, (rows, others, thirds))
y_pt, da_pt = value_and_grad(lambda a: (a + b + c) / 3, a)
stacked_pt = torch.stack([a, b, c]).mean(0)
show(y=y_pt, da=da_pt)

# %% tags=["tensorflow"]
a, b, c = map(tf.constant, (rows, others, thirds))
y_tf, da_tf = value_and_grad(
    lambda a: keras.layers.Average()([a, b, c]), a)
stacked_tf = keras.layers.Average()([a, b, c])
show(y=y_tf, da=da_tf)

# %%
agree([y_pt, stacked_pt], [y_tf, stacked_tf], gradients=(da_pt, da_tf))

# %% [markdown]
# Averaging in pairs is something else: `((a + b) / 2 + c) / 2` counts the last one twice.
#
# ### The mean of integers: PyTorch raises, Keras makes floats

# %% average-integers-pt tags=["pytorch"]
whole = torch.tensor([[1, 2]]), torch.tensor([[2, 2]])
with show_error():
    torch.stack(whole).mean(0)

# %% average-integers-tf tags=["tensorflow"]
whole = tf.constant([[1, 2]]), tf.constant([[2, 2]])
y_tf = keras.layers.Average()(list(whole))
print(y_tf.dtype, y_tf.numpy())

# %% [markdown]
# ### Nine noisy answers, averaged, are a third as far off
#
# Nine models have the right answer plus noise of their own. The root of the mean squared error of one is about 1,
# and that of their average about $1/\sqrt9$:

# %%
truth = rng.normal(size=(1000, 1)).astype(np.float32)
answers = truth + rng.normal(size=(9, 1000, 1)).astype(np.float32)

# %% tags=["pytorch"]
answers_pt = torch.tensor(answers)
mean_pt = answers_pt.mean(0)
for y_hat in (answers_pt[0], mean_pt):
    rmse = F.mse_loss(y_hat, torch.tensor(truth)) ** 0.5
    show(rmse=rmse, digits=2)

# %% tags=["tensorflow"]
answers_tf = tf.unstack(tf.constant(answers))
mean_tf = keras.layers.Average()(answers_tf)
for y_hat in (answers_tf[0], mean_tf):
    rmse = tf.reduce_mean((y_hat - truth) ** 2) ** 0.5
    show(rmse=rmse, digits=2)

# %%
agree(mean_pt, mean_tf)

# %% [markdown]
# (maximum)=
# ## Maximum
#
# <!-- head: maximum -->
#
# Maximum keeps the larger number at each place. Choose it where one input that is active is enough, and for
# Maxout units {footcite:p}`goodfellow2013maxout`, which are the maximum of several dense layers.
#
# $$y = \max(a, b)$$
#
# where $a$ and $b$ are tensors of one shape. The gradient goes to the larger of the two, and the other one gets 0:

# %% tags=["pytorch"]
a, b = torch.tensor(rows), torch.tensor(others)
y_pt, da_pt = value_and_grad(
    lambda a: torch.maximum(a, b), a)
_, db_pt = value_and_grad(lambda b: torch.maximum(a, b), b)
show(y=y_pt, da=da_pt, db=db_pt)

# %% tags=["tensorflow"]
a, b = tf.constant(rows), tf.constant(others)
y_tf, da_tf = value_and_grad(
    lambda a: keras.layers.Maximum()([a, b]), a)
_, db_tf = value_and_grad(
    lambda b: keras.layers.Maximum()([a, b]), b)
show(y=y_tf, da=da_tf, db=db_tf)

# %%
agree(y_pt, y_tf, gradients=([da_pt, db_pt], [da_tf, db_tf]))

# %% [markdown]
# (merging-ties)=
# ### At a tie PyTorch halves the gradient, Keras gives it to the first
#
# Where both are equal, the derivative does not exist, and each framework has a convention:

# %% tie-two-pt tags=["pytorch"]
a, b = torch.ones(1, 1), torch.ones(1, 1)
_, da = value_and_grad(lambda a: torch.maximum(a, b), a)
_, db = value_and_grad(lambda b: torch.maximum(a, b), b)
show(da=da, db=db)

# %% tie-two-tf tags=["tensorflow"]
a, b = tf.ones((1, 1)), tf.ones((1, 1))
layer = keras.layers.Maximum()
_, da = value_and_grad(lambda a: layer([a, b]), a)
_, db = value_and_grad(lambda b: layer([a, b]), b)
show(da=da, db=db)

# %% [markdown]
# With three inputs PyTorch needs `maximum` twice, and halves twice, so the last one gets as much as the other two
# together. `amax` and `reduce_max` over a stack share equally, in both frameworks: take these where ties occur.

# %% tie-three-pt tags=["pytorch"]
ties = torch.ones(3, 1)  # three inputs, 1 number each
_, twice = value_and_grad(lambda x: torch.maximum(
    torch.maximum(x[0], x[1]), x[2]), ties)
_, index = value_and_grad(lambda x: x.max(0).values, ties)
show(maximum=twice.T, max=index.T)
a, b, c = ties
y_pt = torch.stack([a, b, c]).amax(0)
_, dx_pt = value_and_grad(lambda x: x.amax(0), ties)
show(amax=dx_pt.T)

# %% tie-three-tf tags=["tensorflow"]
ties = tf.ones((3, 1))  # three inputs, 1 number each
_, layer = value_and_grad(lambda x: keras.layers.Maximum()(
    tf.unstack(x[:, None])), ties)
show(layer=tf.transpose(layer))
a, b, c = tf.unstack(ties)
y_tf = tf.reduce_max(tf.stack([a, b, c]), axis=0)
_, dx_tf = value_and_grad(
    lambda x: tf.reduce_max(x, axis=0), ties)
show(reduce=tf.transpose(dx_tf))

# %% tie-three
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# A tie is rare between random numbers, and common behind a ReLU, where many are 0.
#
# ### max(x, −x) is the absolute value, with gradient 0 or 1 at 0
#
# A maximum of two lines has a kink where they cross. At 0 PyTorch takes the mean of the slopes 1 and −1, and Keras
# the slope of the first:

# %% maximum-abs-pt tags=["pytorch"]
x_pt = torch.tensor([[-2.0, 0.0, 3.0]])
y_pt, dx_pt = value_and_grad(
    lambda x: torch.maximum(x, -x), x_pt)
show(y=y_pt, dx=dx_pt)

# %% maximum-abs-tf tags=["tensorflow"]
x_tf = tf.constant([[-2.0, 0.0, 3.0]])
y_tf, dx_tf = value_and_grad(
    lambda x: keras.layers.Maximum()([x, -x]), x_tf)
show(y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# (minimum)=
# ## Minimum
#
# <!-- head: minimum -->
#
# Minimum keeps the smaller number at each place. Choose it where the weakest input decides, and to set an upper limit
# that is itself a tensor.
#
# $$y = \min(a, b) = -\max(-a, -b)$$
#
# where $a$ and $b$ are tensors of one shape. At a tie it treats the gradient as [Maximum](maximum) does.

# %% tags=["pytorch"]
a, b = torch.tensor(rows), torch.tensor(others)
y_pt, da_pt = value_and_grad(
    lambda a: torch.minimum(a, b), a)
turned_pt = -torch.maximum(-a, -b)
show(y=y_pt, da=da_pt)

# %% tags=["tensorflow"]
a, b = tf.constant(rows), tf.constant(others)
y_tf, da_tf = value_and_grad(
    lambda a: keras.layers.Minimum()([a, b]), a)
turned_tf = -keras.layers.Maximum()([-a, -b])
show(y=y_tf, da=da_tf)

# %%
agree([y_pt, turned_pt], [y_tf, turned_tf], gradients=(da_pt, da_tf))

# %% [markdown]
# ### NaN passes through both, unless you ask for fmin
#
# A comparison with NaN is false, yet `Maximum` and `Minimum` return NaN in both frameworks, so that it is noticed.
# PyTorch has a second pair, `fmax` and `fmin`, which prefer the number:

# %% merging-nan-pt tags=["pytorch"]
nan, one = torch.tensor([[float("nan")]]), torch.ones(1, 1)
show(minimum=torch.minimum(one, nan),
     maximum=torch.maximum(one, nan),
     fmin=torch.fmin(one, nan))

# %% merging-nan-tf tags=["tensorflow"]
nan, one = tf.constant([[float("nan")]]), tf.ones((1, 1))
show(minimum=keras.layers.Minimum()([one, nan]),
     maximum=keras.layers.Maximum()([one, nan]))

# %% [markdown]
# (concatenate)=
# ## Concatenate
#
# <!-- head: concatenate -->
#
# Concatenate lays its inputs side by side along one axis, which becomes as long as all of them together. Choose it to
# join branches that mean different things, or to keep early features beside later ones, as DenseNets do
# {footcite:p}`huang2017densely`.
#
# $$y = [a, b], \qquad \text{and the gradient is cut where } a \text{ ends}$$
#
# where $a$ and $b$ have the same sizes in all axes but one. Here $a$ has 3 features and $b$ has 2:

# %%
upstream = np.arange(1, 11, dtype=np.float32).reshape(2, 5)

# %% tags=["pytorch"]
a, b = torch.tensor(rows), torch.tensor(others[:, :2])
y_pt, da_pt = value_and_grad(
    lambda a: torch.cat([a, b], dim=1), a,
    upstream_gradient=upstream)
_, db_pt = value_and_grad(
    lambda b: torch.cat([a, b], dim=1), b,
    upstream_gradient=upstream)
show(y=y_pt)
show(da=da_pt)
show(db=db_pt)

# %% tags=["tensorflow"]
a, b = tf.constant(rows), tf.constant(others[:, :2])
y_tf, da_tf = value_and_grad(
    lambda a: keras.layers.Concatenate()([a, b]), a,
    upstream_gradient=upstream)
_, db_tf = value_and_grad(
    lambda b: keras.layers.Concatenate()([a, b]), b,
    upstream_gradient=upstream)
show(y=y_tf)
show(da=da_tf)
show(db=db_tf)

# %%
agree(y_pt, y_tf, gradients=([da_pt, db_pt], [da_tf, db_tf]))

# %% [markdown]
# The gradient from above was 1 to 5 for the first example and 6 to 10 for the second: the first three went to `a`,
# the last two to `b`.
#
# ### The default axis is the batch in PyTorch, the last in Keras
#
# Without an axis `torch.cat` makes a longer batch, and raises only if the features do not match. Keras joins the
# features. Neither broadcasts: a size of 1 does not fit a size of 2.

# %% concatenate-default-pt tags=["pytorch"]
a, b = torch.tensor(rows), torch.tensor(others)
print(tuple(torch.cat([a, b]).shape))
with show_error():
    torch.cat([a, b[:1]], dim=1)

# %% concatenate-default-tf tags=["tensorflow"]
a, b = tf.constant(rows), tf.constant(others)
print(keras.layers.Concatenate()([a, b]).shape)
with show_error():
    keras.layers.Concatenate()([a, b[:1]])

# %% [markdown]
# ### Channels are axis 1 in PyTorch and the last axis in Keras
#
# An image with 3 channels and one with 4 join to 7. The same axis number in the other framework would join heights,
# without an error where the sizes allow it.

# %%
more = rng.normal(size=(2, 4, 5, 7)).astype(np.float32)

# %% concatenate-channels-pt tags=["pytorch"]
a, b = torch.tensor(images), torch.tensor(more)
y_pt, da_pt = value_and_grad(
    lambda a: torch.cat([a, b], dim=1), a)
print(tuple(y_pt.shape))

# %% concatenate-channels-tf tags=["tensorflow"]
a, b = (tf.constant(np.moveaxis(x, 1, -1))
        for x in (images, more))
y_tf, da_tf = value_and_grad(
    lambda a: keras.layers.Concatenate()([a, b]), a)
print(y_tf.shape)

# %% concatenate-channels
agree(y_pt.movedim(1, -1), y_tf,
      gradients=(da_pt.movedim(1, -1), da_tf))

# %% [markdown]
# ### A dense layer behind Concatenate is Add of two dense layers
#
# The weight of a layer that sees $[a, b]$ has a part for $a$ and a part for $b$. Cut it in two, and each branch can
# have its own layer: $W[a, b] = W_a a + W_b b$. So Concatenate costs more weights than Add, and can do
# more: Add is the case where both parts are equal.

# %% tags=["pytorch"]
torch.manual_seed(0)
joint = nn.Linear(5, 4, bias=False)
a, b = torch.tensor(rows), torch.tensor(others[:, :2])
w_a, w_b = joint.weight.split([3, 2], dim=1)
y_pt = joint(torch.cat([a, b], dim=1))
parts_pt = F.linear(a, w_a) + F.linear(b, w_b)
show(joint=y_pt, parts=parts_pt)

# %% tags=["tensorflow"]
joint_tf = keras.layers.Dense(4, use_bias=False)
joint_tf.build((None, 5))
copy_weights(joint, joint_tf)
a, b = tf.constant(rows), tf.constant(others[:, :2])
w_a, w_b = tf.split(joint_tf.kernel, [3, 2], axis=0)
y_tf = joint_tf(keras.layers.Concatenate()([a, b]))
parts_tf = keras.layers.Add()([a @ w_a, b @ w_b])
show(joint=y_tf, parts=parts_tf)

# %%
agree([y_pt, parts_pt], [parts_tf, y_tf])

# %% [markdown]
# (dot)=
# ## Dot
#
# <!-- head: dot -->
#
# Dot multiplies two tensors and sums along one axis of each, example by example. With `normalize=True` it divides both
# by their lengths first, which makes it the cosine of their angle. Choose it to measure how alike two
# vectors are.
#
# $$y_b = \sum_d a_{bd}\, b_{bd}, \qquad \cos_b = \frac{y_b}{\lVert a_b \rVert\, \lVert b_b \rVert}$$
#
# where the sums go over the features $d$, and each example $b$ is treated on its own.

# %% dot-shape-pt tags=["pytorch"]
a, b = torch.tensor(rows), torch.tensor(others)
y_pt, da_pt = value_and_grad(
    lambda a: torch.einsum("bd,bd->b", a, b), a)
cos_pt, dcos_pt = value_and_grad(
    lambda a: F.cosine_similarity(a, b), a)
show(dot=y_pt, cos=cos_pt)
show(da=da_pt)
print(tuple(y_pt.shape))

# %% dot-shape-tf tags=["tensorflow"]
a, b = tf.constant(rows), tf.constant(others)
y_tf, da_tf = value_and_grad(
    lambda a: keras.layers.Dot(axes=1)([a, b])[:, 0], a)
cos_tf, dcos_tf = value_and_grad(
    lambda a: keras.layers.Dot(
        axes=1, normalize=True)([a, b])[:, 0], a)
show(dot=y_tf, cos=cos_tf)
show(da=da_tf)
print(keras.layers.Dot(axes=1)([a, b]).shape)

# %%
agree([y_pt, cos_pt], [y_tf, cos_tf],
      gradients=([da_pt, dcos_pt], [da_tf, dcos_tf]))

# %% [markdown]
# Keras keeps an axis of size 1, so that a dense layer can follow. Compare its (2, 1) with a target of shape (2,) and
# you get a (2, 2) of all differences, without an error: index with `[:, 0]` first.
#
# `torch.dot` is something else, two vectors without a batch, and `keras.ops.dot` is a matrix product.
#
# ### Of two sequences, Dot compares each step with each
#
# With 5 steps on one side and 7 on the other, and features in axis 2 of both, the result is a matrix for each
# example. Attention begins like this.

# %%
steps = rng.normal(size=(2, 5, 3)).astype(np.float32)
words = rng.normal(size=(2, 7, 3)).astype(np.float32)

# %% dot-steps-pt tags=["pytorch"]
a, b = torch.tensor(steps), torch.tensor(words)
y_pt = torch.einsum("bid,bjd->bij", a, b)
_, da_pt = value_and_grad(
    lambda a: torch.einsum("bid,bjd->bij", a, b), a)
print(tuple(y_pt.shape))

# %% dot-steps-tf tags=["tensorflow"]
a, b = tf.constant(steps), tf.constant(words)
y_tf = keras.layers.Dot(axes=2)([a, b])
_, da_tf = value_and_grad(
    lambda a: keras.layers.Dot(axes=2)([a, b]), a)
print(y_tf.shape)

# %%
agree(y_pt, y_tf, gradients=(da_pt, da_tf))

# %% [markdown]
# ### Near 0 the two cosines have other gradients
#
# A cosine divides by the lengths, so both frameworks keep these above a small number: $10^{-8}$ in PyTorch, and
# $10^{-7}$ on the TensorFlow backend of Keras. For a vector of zeros the value is 0 in both, and PyTorch's
# gradient is ten times as large:

# %% dot-short-pt tags=["pytorch"]
zero, b = torch.zeros(1, 3), torch.tensor(others[:1])
y_pt, dzero = value_and_grad(F.cosine_similarity, zero, b)
show(cos=y_pt)
print(f"{dzero.norm():.0e}")

# %% dot-short-tf tags=["tensorflow"]
zero, b = tf.zeros((1, 3)), tf.constant(others[:1])
layer = keras.layers.Dot(axes=1, normalize=True)
y_tf, dzero = value_and_grad(
    lambda a: layer([a, b])[:, 0], zero)
show(cos=y_tf)
print(f"{tf.norm(dzero):.0e}")

# %% dot-short
agree(y_pt, y_tf)

# %% [markdown]
# A gradient of $10^7$ ruins a network in one step, in either framework. Keep empty inputs out, or add a small number to
# the length yourself.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | a shortcut around a layer | Add | the gradient passes with factor 1 |
# | a difference that matters | Subtract | what both share drops out |
# | a gate, a mask | Multiply | one input scales the other; not both from 0 |
# | several answers to one question | Average | each counts the same, and noise shrinks |
# | one active input is enough | Maximum; `amax` where ties occur | the winner gets the gradient |
# | the weakest decides | Minimum | as Maximum, turned around |
# | branches of different meaning | Concatenate, with the axis written out | nothing is mixed; the next layer grows |
# | two vectors to compare | Dot, normalized | their angle; mind (batch, 1) |
#
# ## Exercises
#
# Write all eight yourself, some with the gradients by hand: [exercises on merging
# layers](../../exercises/layers/merging.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
