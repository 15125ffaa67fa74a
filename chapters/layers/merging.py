# %% [markdown]
# # Merging layers
#
# A merging layer takes several tensors and returns one tensor. `Add`, `Subtract`, `Multiply`, `Average`,
# `Maximum` and `Minimum` combine the numbers at the same place. `Concatenate` joins the inputs along one axis.
# `Dot` multiplies two inputs and sums along an axis. None of them has weights. In PyTorch you write an operator or
# a function in `forward` instead.
#
# **The claim:** if the inputs have the same shape and no equal numbers, PyTorch's operators and Keras's
# layers agree. They differ in two cases:
#
# - If one input has fewer axes, Keras's layer adds the missing axes after the batch, and PyTorch's operator
#   adds them at the front. With some sizes there is no error, and the results are different.
# - If two numbers are equal, `Maximum` and `torch.maximum` have different gradients.
#
# In a chain of 50 layers, the gradient reaches the first layer only if each layer adds its input to its output.

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
thirds = np.array([[1, -3, 0], [2, 2, 5]], dtype=np.float32)
upstream = np.arange(1, 11, dtype=np.float32).reshape(2, 5)

# %% [markdown]
# No number in `rows` is equal to the number at the same place in `others`. Equal numbers have [their own
# section](merging-ties). The figure shows the gradients of the inputs 2 and 3, if the gradient of the output is 1.

# %% six-gradients tags=["hide-input"]
# alt: Two bars for each of six merges of 2 and 3, the gradients of the two inputs. Add has 1 and 1.
# Subtract has 1 and minus 1. Multiply has 3 and 2. Average has one half and one half. Maximum has 0 and 1,
# Minimum 1 and 0.
merges = {
    "Add": (1, 1), "Subtract": (1, -1), "Multiply": (3, 2),
    "Average": (0.5, 0.5), "Maximum": (0, 1), "Minimum": (1, 0),
}
fig, ax = plt.subplots(figsize=(5.2, 2.4))
at = np.arange(6)
for shift, side, colour in ((-0.2, 0, plots.PALETTE[2]), (0.2, 1, plots.PALETTE[3])):
    heights = [gradients[side] for gradients in merges.values()]
    ax.bar(at + shift, heights, 0.36, color=colour)
    for place, height in zip(at + shift, heights):
        ax.annotate(f"{height:g}".replace("-", "−"),
                    (place, height + 0.06 if height >= 0 else height - 0.32), ha="center",
                    color=colour)
ax.axhline(0, color=plots.INK, linewidth=0.6)
ax.annotate("gradient of the input 2", (3.0, 2.9), color=plots.PALETTE[2])
ax.annotate("gradient of the input 3", (3.0, 2.5), color=plots.PALETTE[3])
ax.set(xticks=at, xticklabels=merges, ylim=(-1.45, 3.4), ylabel="gradient",
       title="Multiply: each gradient is the other input")
ax.tick_params(axis="x", labelsize=9)
plt.show()

# %% [markdown]
# (add)=
# ## Add
#
# <!-- head: add -->
#
# Add returns the sum of its inputs, number by number. Choose it to add a shortcut around a layer
# {footcite:p}`he2016deep`, or to combine two tensors with the same meaning of each feature, such as an
# embedding and its position.
#
# $$y = a + b, \qquad \frac{\partial y}{\partial a} = \frac{\partial y}{\partial b} = 1$$
#
# Here $a$ and $b$ are tensors of the same shape. Keras's layer takes a list of any number of
# tensors.

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
# The next cells define a model with a shortcut around a dense layer. In Keras you can also write `x + dense(x)`; the
# layer `Add` has a name of its own in the model.

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
print([name for name, _ in model_pt.named_children()])

# %% add-shortcut-tf tags=["tensorflow"]
x = keras.Input((3,))
dense = keras.layers.Dense(3, name="dense")
y = keras.layers.Add(name="add")([x, dense(x)])
model_tf = keras.Model(x, y)
copy_weights(model_pt.linear, dense)

y_tf, dx_tf, (dw_tf, _) = value_and_grad(
    model_tf, tf.constant(rows))
print([layer.name for layer in model_tf.layers[1:]])

# %% add-shortcut
agree([y_pt, y_pt], [y_tf, keras.Model(x, x + dense(x))(rows)],
      gradients=([dx_pt, dw_pt.T], [dx_tf, dw_tf]))

# %% [markdown]
# (add-ranks)=
# ### `layers.Add` adds a missing axis after the batch, and `+` adds it at the front
#
# You want to add the vector of each example to all 5 steps of its sequence. With `+`, both frameworks compare the
# shapes from the last axis, so the 2 examples meet the 5 steps, which is an error. In PyTorch, insert the missing
# axis with `unsqueeze(1)`. Keras's `Add` inserts the axis itself. The last line of each cell prints the shape:

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
# There is an error only if the two sizes differ. With 3 examples of 3 steps there is no error, and `+` adds the
# vector of the first example to the first step of all examples (`operator`). The right result is `by_batch`, where
# each row is an example and each column is a step. The other merging layers insert the axis in the same place as
# `Add`: TensorFlow's cell compares their outputs with those for an axis that you insert yourself.

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
print(all(
    np.array_equal(f([a, b + 2]), f([a[:, None], b + 2]))
    for f in (keras.layers.subtract, keras.layers.multiply,
              keras.layers.average, keras.layers.maximum,
              keras.layers.minimum)))

# %% [markdown]
# ### A vector without a batch axis: `+` broadcasts it, and `layers.Add` raises an error

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

# %% [markdown]
# Keras uses the vector as a batch of three numbers. Use `+` for a vector.
#
# ### Keras 3.15 adds a column as a row if batch and features have the same size
#
# A column of shape (batch, 1) has one number for each example, which must be added to all features of the example.
# Suppose that the column is the second input, and has as many numbers as there are features. Then Keras adds it along
# the features.
# This is a bug of `keras.ops.add` on the TensorFlow backend. It changes the results of `Add` and `Average`:

# %% add-column-pt tags=["pytorch"]
x = torch.zeros(2, 2)  # (batch, features)
column = torch.tensor([[1.0], [2.0]])  # (batch, 1)
y_pt = x + column
show(right=y_pt)

# %% add-column-tf tags=["tensorflow"]
x = tf.zeros((2, 2))  # (batch, features)
column = tf.constant([[1.0], [2.0]])  # (batch, 1)
y_tf = keras.layers.Add()([column, x])
show(right=y_tf)
show(wrong=keras.layers.Add()([x, column]),
     average=keras.layers.Average()([x, column]))

# %% add-column
agree(y_pt, y_tf)

# %% [markdown]
# Put the column first, as for `right`, or use `+` with tensors.
#
# (add-depth)=
# ### With `Add` around each of 50 layers, the gradient reaches the first layer
#
# The next cells compare two chains of 50 layers of width 64, with the same weights. In the plain chain a layer
# computes $h \leftarrow \tanh(hW)$. In the chain with `Add` it computes $h \leftarrow h + \tanh(hW)$. The cells print
# the norm of the gradient at the input of the first and of the last layer.

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
# alt: The norm of the gradient at the input of each of 50 layers, on a logarithmic scale. In the plain
# chain it is about 10 at the last layer, and less than a millionth at the first layer. With Add it is 20 at
# the last layer, and grows slowly to 400 at the first layer.
fig, ax = plt.subplots(figsize=(5.2, 2.6))
layer = np.arange(1, 51)
plots.coinciding(ax, layer, plain_pt, plain_tf, label=(33, 1e-5), markers=18)
plots.coinciding(ax, layer, added_pt, added_tf, markers=18)
ax.annotate("with Add", (3, 6))
ax.annotate("plain chain", (11, 4e-7))
ax.set(yscale="log", xlabel="layer", ylabel="norm of the gradient",
       title="With Add the gradient reaches the first layer")
plt.show()

# %% [markdown]
# In the plain chain, each layer multiplies the gradient by its weights and by the derivative of tanh, and 2·10⁻⁷
# is left after fifty layers. With `Add`, each layer has a second path with the derivative 1. The gradient is also
# passed along this path, and does not become small.

# %% [markdown]
# (subtract)=
# ## Subtract
#
# <!-- head: subtract -->
#
# Subtract returns the first input minus the second input. Choose it if only the difference between two inputs
# is important, for example to compare two images of the same place.
#
# $$y = a - b, \qquad \frac{\partial y}{\partial a} = 1, \quad \frac{\partial y}{\partial b} = -1$$
#
# Here $a$ and $b$ are tensors of the same shape. A number that you add to both inputs does not change the
# output. Its gradient is 1 − 1 = 0, so a network cannot learn it from the difference.

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
# ### `layers.Subtract` needs exactly two inputs

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
# (multiply)=
# ## Multiply
#
# <!-- head: multiply -->
#
# Multiply returns the product, number by number. Choose it for gates and masks: one input is the signal, and
# the other input is the factor.
#
# $$y = a\,b, \qquad \frac{\partial y}{\partial a} = b, \quad \frac{\partial y}{\partial b} = a$$
#
# Here $a$ and $b$ are tensors of the same shape. The derivative with respect to each input is the other
# input:

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
# ### If several numbers have the same gate, its gradient is a sum
#
# Squeeze-and-excitation blocks {footcite:p}`hu2018squeeze` multiply all pixels of a channel by the same gate of
# height and width 1. PyTorch's operator and Keras's layer both broadcast these axes. The gradient of a gate is the
# sum over the pixels of its channel. In the output, each row is an image, and each column is a channel.

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
agree(y_pt.movedim(1, -1), y_tf, gradients=(dgates_pt.movedim(1, -1), dgates_tf))

# %% [markdown]
# ### If both factors start at 0, gradient descent cannot change them
#
# The next cells minimize $(uv - 1)^2$ with 100 steps of gradient descent, first from (0, 0), then from (0,
# 0.1). The gradient of each factor contains the other factor. From (0, 0) both gradients are 0, and the
# factors stay at 0. So if a gate starts at 0, its other factor must not be 0.

# %% tags=["pytorch"]
for start in ([0.0, 0.0], [0.0, 0.1]):
    uv = torch.tensor(start)
    for _ in range(100):
        _, gradient = value_and_grad(
            lambda uv: (uv[0] * uv[1] - 1) ** 2, uv)
        uv = uv - 0.1 * gradient
    show(uv=uv, digits=2)

# %% tags=["tensorflow"]
for start in ([0.0, 0.0], [0.0, 0.1]):
    uv = tf.constant(start)
    for _ in range(100):
        _, gradient = value_and_grad(
            lambda uv: (uv[0] * uv[1] - 1) ** 2, uv)
        uv = uv - 0.1 * gradient
    show(uv=uv, digits=2)

# %% [markdown]
# (average)=
# ## Average
#
# <!-- head: average -->
#
# Average returns the sum divided by the number of inputs. Choose it to combine the predictions of several
# models if each prediction should have the same weight.
#
# $$y = \frac1n \sum_{i=1}^n x_i, \qquad \frac{\partial y}{\partial x_i} = \frac1n$$
#
# Here $x_1, \dots, x_n$ are tensors of the same shape. With three inputs, each gradient is ⅓:

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
# Do not average in pairs: in `((a + b) / 2 + c) / 2`, the weight of `c` is ½, and the weights of `a` and `b`
# are ¼.
#
# ### The mean of integers is an error in PyTorch, and a float in Keras

# %% average-integers-pt tags=["pytorch"]
whole = torch.tensor([[1, 2]]), torch.tensor([[2, 2]])
with show_error():
    torch.stack(whole).mean(0)

# %% average-integers-tf tags=["tensorflow"]
whole = tf.constant([[1, 2]]), tf.constant([[2, 2]])
y_tf = keras.layers.Average()(list(whole))
print(y_tf.dtype, y_tf.numpy())

# %% [markdown]
# ### The error of the average of nine predictions is a third of one prediction's error
#
# Each of nine models predicts the right value plus its own noise. The cells print the root of the mean
# squared error, first of one model, then of the average. The expected values are 1 and $1/\sqrt9$.

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

# %% [markdown]
# (maximum)=
# ## Maximum
#
# <!-- head: maximum -->
#
# Maximum returns the larger number at each place. Choose it if one large input is enough, or for Maxout units
# {footcite:p}`goodfellow2013maxout`, which are the maximum of several dense layers.
#
# $$y = \max(a, b)$$
#
# Here $a$ and $b$ are tensors of the same shape. The larger number gets the gradient, and the smaller number
# gets 0:

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
# ### If two numbers are equal, PyTorch halves the gradient, and Keras's first input gets all of it
#
# If both numbers are equal (a *tie*), the maximum has no derivative. Each framework then chooses a gradient:

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
# For three inputs, PyTorch needs `torch.maximum` twice. If all three are equal, the gradient is halved twice:
# the third input gets ½, and the other two get ¼ each (`maximum`). PyTorch's `max` gives all of the gradient
# to one input, and so does Keras's layer (`layer`).
#
# `amax` in PyTorch and `reduce_max` in TensorFlow divide the gradient equally. If ties are possible, use
# these two functions with stacked inputs: then both frameworks agree.

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
# Two random numbers are almost never equal. But after a ReLU many numbers are 0, and ties are frequent.

# %% [markdown]
# (minimum)=
# ## Minimum
#
# <!-- head: minimum -->
#
# Minimum returns the smaller number at each place. Choose it if the smallest input decides, or if the upper
# limit of a tensor is another tensor.
#
# $$y = \min(a, b) = -\max(-a, -b)$$
#
# Here $a$ and $b$ are tensors of the same shape. If both are equal, the gradients are those of
# [Maximum](merging-ties).

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
# ### `Maximum` and `Minimum` return NaN if one input is NaN, `torch.fmax` and `torch.fmin` return the number
#
# If one input is NaN, the layers in Keras and the functions `torch.maximum` and `torch.minimum` return NaN,
# so that you notice it. PyTorch's `fmax` and `fmin` return the other number:

# %% merging-nan-pt tags=["pytorch"]
nan, one = torch.tensor([[float("nan")]]), torch.ones(1, 1)
show(minimum=torch.minimum(one, nan),
     maximum=torch.maximum(one, nan),
     fmin=torch.fmin(one, nan), fmax=torch.fmax(one, nan))

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
# Concatenate joins its inputs along one axis. The size of this axis in the output is the sum of its sizes in
# the inputs. Choose it to join tensors with different meanings, or to keep early features together with later
# features, as in DenseNets {footcite:p}`huang2017densely`.
#
# $$y = [a, b]$$
#
# Here $a$ and $b$ have the same sizes in all axes except one. The gradient of $y$ is split in the same place:
# the first part is the gradient of $a$, and the second part is the gradient of $b$. In the next cells $a$ has
# 3 features and $b$ has 2. `upstream`, the gradient of $y$, is 1 to 5 for the first example, and 6 to 10 for the
# second:

# %% tags=["pytorch"]
a, b = torch.tensor(rows), torch.tensor(others[:, :2])
y_pt, da_pt = value_and_grad(
    lambda a: torch.cat([a, b], dim=1), a,
    upstream_gradient=upstream)
_, db_pt = value_and_grad(
    lambda b: torch.cat([a, b], dim=1), b,
    upstream_gradient=upstream)
show(y=y_pt, da=da_pt, db=db_pt)

# %% tags=["tensorflow"]
a, b = tf.constant(rows), tf.constant(others[:, :2])
y_tf, da_tf = value_and_grad(
    lambda a: keras.layers.Concatenate()([a, b]), a,
    upstream_gradient=upstream)
_, db_tf = value_and_grad(
    lambda b: keras.layers.Concatenate()([a, b]), b,
    upstream_gradient=upstream)
show(y=y_tf, da=da_tf, db=db_tf)

# %%
agree(y_pt, y_tf, gradients=([da_pt, db_pt], [da_tf, db_tf]))

# %% [markdown]
# ### By default, `torch.cat` joins the batches, and `Concatenate` joins the features
#
# Without an axis, `torch.cat` joins the batches. There is an error only if the features have different sizes.
# Keras joins the features. The last lines of each cell show that neither framework broadcasts: an input with
# 1 example does not fit an input with 2.

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
# ### Channels are axis 1 in PyTorch, and the last axis in Keras
#
# The cells join an image with 3 channels and an image with 4 channels. The output has 7 channels. If you use
# PyTorch's `dim=1` as the axis in Keras, Keras joins the heights, and there is no error if the other sizes
# are equal.

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
agree(y_pt.movedim(1, -1), y_tf, gradients=(da_pt.movedim(1, -1), da_tf))

# %% [markdown]
# ### A dense layer after `Concatenate` is the sum of two dense layers
#
# The weight of a dense layer after $[a, b]$ has columns for $a$ and columns for $b$. Split it into $W_a$ and
# $W_b$. Then $W[a, b] = W_a a + W_b b$. If $W_a$ and $W_b$ are equal, this is a dense layer after Add. So
# Concatenate can express more than Add, and needs more weights. The cells print the output of the joint layer
# and the sum of the two parts.

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

# %% [markdown]
# (dot)=
# ## Dot
#
# <!-- head: dot -->
#
# Dot multiplies two tensors and sums along one axis of each, for each example separately. With
# `normalize=True` it divides both by their norms first, and returns the cosine of their angle. Choose it to
# measure the similarity of two vectors.
#
# $$y_b = \sum_d a_{bd}\, z_{bd}, \qquad \cos_b = \frac{y_b}{\lVert a_b \rVert\, \lVert z_b \rVert}$$
#
# Here $a$ and $z$ are the two inputs (`a` and `b` in the cells). The indices are the example $b$ and the
# feature $d$.

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
agree([y_pt, cos_pt], [y_tf, cos_tf], gradients=([da_pt, dcos_pt], [da_tf, dcos_tf]))

# %% [markdown]
# Keras's output has the shape (2, 1), which a dense layer accepts. Index the output with `[:, 0]` before you
# compare it with a target of shape (2,). Without the index, the difference has the shape (2, 2), and there is
# no error.
#
# Two functions have similar names and compute something else: `torch.dot` needs two vectors without a batch,
# and `keras.ops.dot` is a matrix product.
#
# ### For two sequences, `Dot` compares each step of one with each step of the other
#
# The inputs have 5 and 7 steps, and both have the features in axis 2. The output has a matrix of 5 × 7 dot
# products for each example. An attention layer computes such a matrix.

# %%
words = rng.normal(size=(2, 7, 3)).astype(np.float32)

# %% dot-steps-pt tags=["pytorch"]
a, b = torch.tensor(sequences), torch.tensor(words)
y_pt = torch.einsum("bid,bjd->bij", a, b)
_, da_pt = value_and_grad(
    lambda a: torch.einsum("bid,bjd->bij", a, b), a)
print(tuple(y_pt.shape))

# %% dot-steps-tf tags=["tensorflow"]
a, b = tf.constant(sequences), tf.constant(words)
y_tf = keras.layers.Dot(axes=2)([a, b])
_, da_tf = value_and_grad(
    lambda a: keras.layers.Dot(axes=2)([a, b]), a)
print(y_tf.shape)

# %%
agree(y_pt, y_tf, gradients=(da_pt, da_tf))

# %% [markdown]
# ### For a vector near 0, PyTorch's gradient of the cosine can be ten times as large as Keras's
#
# A cosine divides by the norms of the two vectors. To avoid a division by 0, both frameworks replace very
# small norms: PyTorch uses at least $10^{-8}$, and Keras on the TensorFlow backend uses at least $10^{-7}$.
# For a vector of zeros, the cosine is 0 in both. The cells print the cosine and the norm of its gradient:

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

# %% [markdown]
# Such a gradient makes the weights useless in one step, in both frameworks. Remove empty inputs, or add a
# small number to the norm yourself.
#
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | a shortcut around a layer | Add | its derivative is 1 |
# | two inputs to compare | Subtract | equal parts of both inputs cancel |
# | a gate or a mask | Multiply | one input scales the other; do not start both at 0 |
# | several predictions of the same value | Average | all have the same weight, and the noise becomes smaller |
# | inputs of which one large number is enough | Maximum; `amax` or `reduce_max` if ties are possible | only the largest input gets a gradient |
# | inputs of which the smallest decides | Minimum | only the smallest input gets a gradient |
# | tensors with different meanings | Concatenate, always with the axis | the numbers stay separate; the next layer needs more weights |
# | two vectors to compare | Dot with `normalize=True` | it is the cosine of their angle; the output is (batch, 1) |
#
# ## Exercises
#
# Write all eight merging layers yourself, some of them with their gradients: [exercises on merging
# layers](../../exercises/layers/merging.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
