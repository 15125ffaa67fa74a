# %% [markdown]
# # Dense layers
#
# A dense layer multiplies its input by a matrix of weights and adds a bias. Everything else in this
# chapter is a variation: `EinsumDense` chooses which axes the weights act on, `Bilinear` multiplies two
# inputs, `Identity` does nothing, `Input` declares a shape, and what was `DenseFeatures` turns a row of a
# table into the numbers that a dense layer takes.
#
# **The claim:** PyTorch's `Linear` and Keras's `Dense` compute the same, but store the matrix transposed
# and start from other numbers. A square layer hides the first difference: it loads the wrong weights
# without an error. Twenty layers show the second: with PyTorch's default start the signal shrinks
# 60,000 times, with Keras's it keeps its size.

# %%
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F
from matplotlib.colors import LinearSegmentedColormap

from diptych import agree, copy_weights, plots, show, show_error, value_and_grad

plots.use_style()
rng = np.random.default_rng(0)
x = np.array([[1, 2, -1], [0.5, 0, 3]], dtype=np.float32)  # (batch, in)
kernel = rng.normal(size=(3, 5)).round(1).astype(np.float32)  # (in, out)
bias = rng.normal(size=5).round(1).astype(np.float32)  # (out,)

# %% [markdown]
# The batch has 2 examples, each with 3 numbers, and the layer has 5 outputs. Unlike sizes are on purpose:
# where two sizes are equal, a wrong axis goes unnoticed.
#
# Each panel below is a layer as one matrix, with a row for each output and a column for each input. Equal
# colours are the same weight, and where nothing is drawn there is none.

# %% four-matrices tags=["hide-input"]
# alt: Four matrices of coloured squares. Dense fills all of its 5 by 3 squares, each with a colour of its
# own. Dense on 3 steps fills three blocks along the diagonal, all with the same colours. EinsumDense with
# one kernel per step fills the same blocks with different colours. Identity has the same single colour
# along the diagonal.
colours = LinearSegmentedColormap.from_list("two", [plots.TENSORFLOW, "#e8e0d0", plots.PYTORCH])
numbers = np.random.default_rng(4)
step = numbers.uniform(-1, 1, (2, 3))


def blocks(*matrices):
    height, width = (sum(m.shape[i] for m in matrices) for i in (0, 1))
    joined, at = np.full((height, width), np.nan), [0, 0]
    for m in matrices:
        joined[at[0]:at[0] + m.shape[0], at[1]:at[1] + m.shape[1]] = m
        at = [at[0] + m.shape[0], at[1] + m.shape[1]]
    return joined


panels = {
    "Dense: 15 weights": ("dense", numbers.uniform(-1, 1, (5, 3))),
    "Dense on 3 steps: 6 weights": ("dense", blocks(step, step, step)),
    "EinsumDense, a kernel a step: 18": (
        "einsum-dense", blocks(*numbers.uniform(-1, 1, (3, 2, 3)))),
    "Identity: none, all are 1": ("identity", blocks(*[np.ones((1, 1))] * 6)),
}
fig, axes = plt.subplots(2, 2, figsize=(5.2, 3.7))
for ax, (title, (section, matrix)) in zip(axes.flat, panels.items()):
    ax.pcolormesh(np.ma.masked_invalid(matrix), cmap=colours, vmin=-1, vmax=1,
                  edgecolors="none")
    ax.set(xticks=[], yticks=[], aspect="equal")
    ax.invert_yaxis()
    plots.head(ax, title, section, fontsize=9.5)
fig.supxlabel("inputs")
fig.supylabel("outputs")
plt.show()

# %% [markdown]
# (dense)=
# ## Dense (linear)
#
# <!-- head: dense -->
#
# Each output is a weighted sum of all inputs, plus a number of its own. Choose it where every input may
# matter for every output, and where order and neighbourhood mean nothing: at the end of a classifier,
# between two activations, or as the projections of an attention layer.
#
# $$y = x W^\top + b$$
#
# where $x$ is the input of shape (batch, in), $b$ the bias of shape (out,), and $W$ PyTorch's `weight` of
# shape (out, in). Keras stores $W^\top$, of shape (in, out), and calls it `kernel`. The next cells move
# the weights by hand:

# %% dense-by-hand-pt tags=["pytorch"]
linear = nn.Linear(3, 5)
with torch.no_grad():
    linear.weight.copy_(torch.tensor(kernel.T))
    linear.bias.copy_(torch.tensor(bias))

x_pt = torch.tensor(x, requires_grad=True)
y_pt = linear(x_pt)
dx_pt, dw_pt, db_pt = torch.autograd.grad(
    y_pt.sum(), [x_pt, linear.weight, linear.bias])
show(y=y_pt, dx=dx_pt, db=db_pt)
show(dw=dw_pt)  # (out, in)

# %% dense-by-hand-tf tags=["tensorflow"]
dense = keras.layers.Dense(5)
dense.build((None, 3))
dense.kernel.assign(kernel)
dense.bias.assign(bias)

x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = dense(x_tf)
dx_tf, dw_tf, db_tf = tape.gradient(
    y_tf, [x_tf, dense.kernel, dense.bias])
show(y=y_tf, dx=dx_tf, db=db_tf)
show(dw=dw_tf)  # (in, out)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, dw_pt.T, db_pt],
                             [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# The outputs are the same, and so are the gradients of the input and of the bias. The gradient of the
# weight has the shape of the weight, so it is transposed, too. `db` is 2 for each output because there are
# two examples: the gradient of a bias is summed over the batch.
#
# From here on `copy_weights(source, target)`, a helper of this book, moves weights in either direction,
# and `value_and_grad` returns the output, the gradient of the input, and those of the weights. As a
# function, without a layer, you hold the weights yourself; TensorFlow then has one for the product and one
# for the bias:

# %% tags=["pytorch"]
linear = nn.Linear(3, 5)
copy_weights(dense, linear)
x_pt = torch.tensor(x)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(linear, x_pt)

weight_pt, bias_pt = linear.parameters()
same_pt = F.linear(x_pt, weight_pt, bias_pt)
show(layer=y_pt, function=same_pt)

# %% tags=["tensorflow"]
dense = keras.layers.Dense(5)
dense.build((None, 3))
copy_weights(linear, dense)
x_tf = tf.constant(x)
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(dense, x_tf)

kernel_tf, bias_tf = dense.kernel, dense.bias
same_tf = tf.nn.bias_add(x_tf @ kernel_tf, bias_tf)
show(layer=y_tf, function=same_tf)

# %%
agree([y_pt, same_pt], [y_tf, same_tf],
      gradients=([dx_pt, dw_pt.T, db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# (dense-square)=
# ### A square layer hides a forgotten transpose
#
# With unlike sizes both frameworks refuse a matrix that lies the wrong way round:

# %% dense-unlike-pt tags=["pytorch"]
wrong = {"weight": torch.tensor(kernel),
         "bias": torch.tensor(bias)}
with show_error():
    nn.Linear(3, 5).load_state_dict(wrong)

# %% dense-unlike-tf tags=["tensorflow"]
wrong = [kernel.T, bias]
dense = keras.layers.Dense(5)
dense.build((None, 3))
with show_error():
    dense.set_weights(wrong)

# %% [markdown]
# With as many inputs as outputs all shapes fit. Nothing warns you, and every output is wrong:

# %% dense-square-pt tags=["pytorch"]
linear = nn.Linear(3, 3)
with torch.no_grad():
    linear.weight.copy_(torch.tensor(kernel[:, :3].T))
    linear.bias.copy_(torch.tensor(bias[:3]))
y_pt = linear(torch.tensor(x))
show(y=y_pt)

# %% dense-square-tf tags=["tensorflow"]
weight, b = (v.detach().numpy() for v in linear.parameters())
dense = keras.layers.Dense(3)
dense.build((None, 3))
dense.set_weights([weight, b])  # no error
show(wrong=dense(x))
dense.set_weights([weight.T, b])
y_tf = dense(x)
show(right=y_tf)

# %% dense-square
agree(y_pt, y_tf)

# %% [markdown]
# So compare outputs, never shapes, when you port a model, and test your code on a layer whose sizes differ.
# The hidden layers of real networks are often square.
#
# ### in · out + out parameters, once the layer has seen an input
#
# `Linear` takes both sizes. `Dense` takes the number of outputs, and reads the number of inputs off its
# first input, as `LazyLinear` does. Until then there is nothing to count:

# %% dense-before-pt tags=["pytorch"]
lazy = nn.LazyLinear(5)
with show_error():
    lazy.weight.shape
y_pt = lazy(torch.tensor(x))
print(type(lazy).__name__, tuple(lazy.weight.shape))
print(sum(p.numel() for p in lazy.parameters()), 3 * 5 + 5)

# %% dense-before-tf tags=["tensorflow"]
dense = keras.layers.Dense(5)
print(dense.weights)
with show_error():
    dense.count_params()
dense.build((None, 3))
copy_weights(lazy, dense)
y_tf = dense(x)
print(type(dense).__name__, dense.kernel.shape)
print(dense.count_params(), 3 * 5 + 5)

# %% dense-before
agree(y_pt, y_tf)

# %% [markdown]
# After its first call the `LazyLinear` has become a `Linear`. Call both kinds once, or `build` the Keras
# layer, before you load weights or count them.
#
# ### Both act on the last axis, however many there are; only PyTorch takes a single example
#
# A batch of 2 sequences of 7 steps, each with 3 numbers, goes through the same layer step by step. A
# vector without a batch axis is an example for PyTorch, and an error in Keras.

# %%
steps = rng.normal(size=(2, 7, 3)).astype(np.float32)  # (batch, time, in)

# %% dense-vector-pt tags=["pytorch"]
linear = nn.Linear(3, 5)
y_pt, dx_pt, (dw_pt, _) = value_and_grad(
    linear, torch.tensor(steps))
print(tuple(y_pt.shape), tuple(dw_pt.shape))
print(tuple(linear(torch.tensor(x[0])).shape))

# %% dense-vector-tf tags=["tensorflow"]
dense = keras.layers.Dense(5)
dense.build((None, None, 3))
copy_weights(linear, dense)
y_tf, dx_tf, (dw_tf, _) = value_and_grad(
    dense, tf.constant(steps))
print(y_tf.shape, dw_tf.shape)
with show_error():
    dense(x[0])

# %% dense-steps
agree(y_pt, y_tf, gradients=([dx_pt, dw_pt.T], [dx_tf, dw_tf]))

# %% [markdown]
# To let all steps meet in one output, flatten the sequence first.
#
# ### PyTorch raises on float64 and on integers, Keras casts both
#
# NumPy makes float64 unless told otherwise, and pandas hands out integers. Keras casts them to the
# layer's own dtype, without a word:

# %% dense-dtypes-pt tags=["pytorch"]
linear = nn.Linear(3, 5)
with show_error():
    linear(torch.tensor(np.ones((2, 3))))
with show_error():
    linear(torch.tensor([[1, 2, 3]]))

# %% dense-dtypes-tf tags=["tensorflow"]
dense = keras.layers.Dense(5)
print(dense(tf.constant(np.ones((2, 3)))).dtype)
print(dense(tf.constant([[1, 2, 3]])).dtype)

# %% [markdown]
# Cast by hand in both (`x.float()`, `tf.cast(x, tf.float32)`), so that the reader of the code sees it.
#
# (dense-starts)=
# ### PyTorch starts at ±1/√in, Keras with Glorot's numbers and a bias of 0
#
# A fresh `Linear` draws weight and bias evenly between $\pm\sqrt{1/\text{in}}$. A fresh `Dense` draws its
# kernel between $\pm\sqrt{6/(\text{in}+\text{out})}$ {footcite:p}`glorot2010understanding`, and starts
# with a bias of 0. For 100 inputs and 2000 outputs the bounds are 0.1 and 0.0535:

# %% dense-starts-pt tags=["pytorch"]
torch.manual_seed(0)
linear = nn.Linear(100, 2000)
show(weight=linear.weight.abs().max(),
     bias=linear.bias.abs().max(), digits=3)

# Keras's start in PyTorch
nn.init.xavier_uniform_(linear.weight)
nn.init.zeros_(linear.bias)
show(weight=linear.weight.abs().max(),
     bias=linear.bias.abs().max(), digits=3)

# %% dense-starts-tf tags=["tensorflow"]
start = keras.initializers.VarianceScaling(
    1 / 3, "fan_in", "uniform", seed=0)  # PyTorch's start
bias_start = keras.initializers.RandomUniform(
    -(100**-0.5), 100**-0.5, seed=1)
for options in (
    {"kernel_initializer": start,
     "bias_initializer": bias_start},
    {},  # Keras's own
):
    dense = keras.layers.Dense(2000, **options)
    dense.build((None, 100))
    show(weight=tf.reduce_max(tf.abs(dense.kernel)),
         bias=tf.reduce_max(tf.abs(dense.bias)), digits=3)

# %% [markdown]
# Both cells print PyTorch's start first, then Keras's. The numbers themselves differ, because no seed gives
# both frameworks the same draws.
#
# `he_normal` and `kaiming_normal_` are named after one paper {footcite:p}`he2015delving`, and draw from two
# distributions. Keras cuts it off at two standard deviations and stretches the rest. Measured in units of
# $\sqrt{2/\text{in}}$:

# %% dense-he-pt tags=["pytorch"]
torch.manual_seed(0)
scale = (2 / 100) ** 0.5
w = torch.empty(2000, 100)
nn.init.kaiming_normal_(w, nonlinearity="relu")
show(largest=w.abs().max() / scale, std=w.std() / scale,
     digits=1)

std = scale / 0.87963  # Keras's start in PyTorch
nn.init.trunc_normal_(w, 0, std, -2 * std, 2 * std)
show(largest=w.abs().max() / scale, std=w.std() / scale,
     digits=1)

# %% dense-he-tf tags=["tensorflow"]
scale = (2 / 100) ** 0.5
he = keras.initializers.HeNormal(seed=0)
w = he((100, 2000))
show(largest=tf.reduce_max(tf.abs(w)) / scale,
     std=tf.math.reduce_std(w) / scale, digits=1)

he = keras.initializers.RandomNormal(0, scale, seed=0)
w = he((100, 2000))  # PyTorch's start in Keras
show(largest=tf.reduce_max(tf.abs(w)) / scale,
     std=tf.math.reduce_std(w) / scale, digits=1)

# %% [markdown]
# The standard deviation is the same. The largest of 200,000 weights lies beyond 4 where the normal
# distribution keeps its tails, and at 2.3 where they are cut off.
#
# (dense-depth-section)=
# ### Through 20 layers PyTorch's start shrinks the signal 60,000 times
#
# A hundred examples go through 20 dense layers of width 256, with no activation between them. At each layer
# the cells measure how far the examples lie apart: the standard deviation over the batch, averaged over
# the outputs. One network starts as PyTorch starts, the other as Keras does, and both run in both
# frameworks with the same weights.

# %%
x_deep = rng.normal(size=(100, 256)).astype(np.float32)

# %% tags=["pytorch"]
torch.manual_seed(0)
from_torch_pt = [nn.Linear(256, 256) for _ in range(20)]
from_keras_pt = [nn.Linear(256, 256) for _ in range(20)]


def spreads_pt(layers):
    h, spreads = torch.tensor(x_deep), []
    for layer in layers:
        h = layer(h)
        spreads.append(h.std(0, correction=0).mean())
    return torch.stack(spreads)

# %% tags=["tensorflow"]
keras.utils.set_random_seed(0)
from_torch_tf = [keras.layers.Dense(256) for _ in range(20)]
from_keras_tf = [keras.layers.Dense(256) for _ in range(20)]


def spreads_tf(layers):
    h, spreads = tf.constant(x_deep), []
    for layer in layers:
        h = layer(h)
        spread = tf.math.reduce_std(h, axis=0)
        spreads.append(tf.reduce_mean(spread))
    return tf.stack(spreads)

# %%
for layer in from_torch_tf + from_keras_tf:
    layer.build((None, 256))
for source, target in zip(from_torch_pt, from_torch_tf):
    copy_weights(source, target)
for source, target in zip(from_keras_tf, from_keras_pt):
    copy_weights(source, target)

# %% dense-depth-pt tags=["pytorch"]
torch_start_pt = spreads_pt(from_torch_pt)
keras_start_pt = spreads_pt(from_keras_pt)
for i in (0, 4, 9, 19):
    print(f"layer {i + 1:2}: {torch_start_pt[i]:.1e}",
          f"{keras_start_pt[i]:.1e}")

# %% dense-depth-tf tags=["tensorflow"]
torch_start_tf = spreads_tf(from_torch_tf)
keras_start_tf = spreads_tf(from_keras_tf)
for i in (0, 4, 9, 19):
    print(f"layer {i + 1:2}: {torch_start_tf[i]:.1e}",
          f"{keras_start_tf[i]:.1e}")

# %% dense-depth
agree([torch_start_pt, keras_start_pt], [torch_start_tf, keras_start_tf],
      rtol=1e-3, atol=0)

# %% dense-depth-figure tags=["hide-input"]
# alt: How far the examples lie apart after each of 20 layers, on a logarithmic scale. With Keras's start
# the curve stays near 1. With PyTorch's it falls on a straight line to 2 times 10 to the minus 5.
fig, ax = plt.subplots()
depth = np.arange(1, 21)
plots.coinciding(ax, depth, keras_start_pt, keras_start_tf, markers=20)
plots.coinciding(ax, depth, torch_start_pt, torch_start_tf, markers=20, label=(2, 2e-4))
ax.annotate("Keras's start", (14, 0.2))
ax.annotate("PyTorch's start", (12, 3e-3))
ax.set(yscale="log", xlabel="layer", ylabel="spread of the examples", xticks=[1, 5, 10, 15, 20],
       title="PyTorch's start divides by √3 at each layer")
plt.show()

# %% [markdown]
# The variance of a weighted sum is in · Var(w) times that of its inputs. PyTorch's weights have the variance
# 1/(3·in), so each layer divides the spread by √3, and twenty of them by $3^{10}$ = 59,049. What is left is
# the bias, equal for all examples: the last layer hardly knows which example it saw. Glorot's variance is
# 2/(in + out), which for a square layer is 1/in.
#
# Behind a ReLU you need He's start, which makes up for the half that ReLU cuts off. With normalization
# layers or shortcuts the start matters less, which is why PyTorch's default does no harm there.

# %% [markdown]
# (einsum-dense)=
# ## Einsum dense
#
# <!-- head: einsum_dense -->
#
# `EinsumDense` is a dense layer whose axes you name. An equation says which axes of the input meet which axes
# of the kernel, and in which order the output has them. Choose it where a weight has more than two axes,
# as in the heads of an attention layer. PyTorch has no such layer: use `nn.Linear` and move the axes, or
# call `torch.einsum` with a parameter of your own.
#
# $$y_{btd} = \sum_c x_{btc} K_{cd} + b_d$$
#
# for the equation `"abc,cd->abd"`, where the letters a, b and c are the batch, the time and the input, and d
# is the output. A letter that the output lacks is summed over. This one is a dense layer on the last axis:

# %%
series = rng.normal(size=(2, 3, 7)).astype(np.float32)  # (batch, time, in)

# %% tags=["pytorch"]
torch.manual_seed(0)
linear = nn.Linear(7, 5)
x_pt = torch.tensor(series)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(linear, x_pt)
show(y=y_pt[0, 0], db=db_pt)
print(tuple(y_pt.shape), tuple(dw_pt.shape))

# %% tags=["tensorflow"]
layer = keras.layers.EinsumDense(
    "abc,cd->abd", (None, 5), bias_axes="d")
layer.build((None, 3, 7))
copy_weights(linear, layer)
x_tf = tf.constant(series)
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(layer, x_tf)
show(y=y_tf[0, 0], db=db_tf)
print(y_tf.shape, dw_tf.shape)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, dw_pt.T, db_pt],
                             [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# The second argument is the shape of the output without the batch; `None` stands for an axis of any length.
#
# ### Two output axes are a Linear, unflattened
#
# An attention layer with 2 heads of size 5 projects each step to (2, 5). In Keras the kernel has three axes. In
# PyTorch one `Linear` has ten outputs, and `unflatten` makes two axes of them:

# %% einsum-heads-pt tags=["pytorch"]
linear = nn.Linear(7, 2 * 5)


def heads_pt(x):
    return linear(x).unflatten(-1, (2, 5))


y_pt, dx_pt = value_and_grad(heads_pt, x_pt)
print(tuple(y_pt.shape), tuple(linear.weight.shape),
      sum(p.numel() for p in linear.parameters()))

# %% einsum-heads-tf tags=["tensorflow"]
layer = keras.layers.EinsumDense(
    "abc,cde->abde", (None, 2, 5), bias_axes="de")
layer.build((None, 3, 7))
copy_weights(linear, layer)
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(layer, x_tf)
print(y_tf.shape, layer.kernel.shape, layer.count_params())

# %% einsum-heads
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Both have 7 · 10 + 10 = 80 parameters. The kernel is the transposed weight, reshaped to (7, 2, 5): head by
# head, as `unflatten` reads it.
#
# ### Without bias_axes there is no bias
#
# `Linear` and `Dense` have a bias unless you refuse it. `EinsumDense` has none unless you name its axes:

# %% einsum-bias-pt tags=["pytorch"]
linear = nn.Linear(7, 5)
print([tuple(p.shape) for p in linear.parameters()])
linear = nn.Linear(7, 5, bias=False)
print([tuple(p.shape) for p in linear.parameters()])

# %% einsum-bias-tf tags=["tensorflow"]
for axes in ("d", None):
    layer = keras.layers.EinsumDense(
        "abc,cd->abd", (None, 5), bias_axes=axes)
    layer.build((None, 3, 7))
    print([tuple(w.shape) for w in layer.weights])

# %% [markdown]
# ### One more letter gives each step its own weights
#
# In `"abc,cd->abd"` the kernel lacks the letter of the time, b, so all steps share it. `"abc,bcd->abd"` has a
# kernel for each of the 3 steps, three times as many weights. In PyTorch write the einsum yourself. To see
# which one knows where a step stands, the cells turn the sequence around, and turn the output back:

# %% einsum-steps-pt tags=["pytorch"]
kernels = torch.tensor(
    rng.normal(size=(3, 7, 5)), dtype=torch.float32)
for equation, k in {"abc,cd->abd": kernels[0],
                    "abc,bcd->abd": kernels}.items():
    y_pt = torch.einsum(equation, x_pt, k)
    turned = torch.einsum(equation, x_pt.flip(1), k).flip(1)
    print(equation, k.numel(), torch.allclose(y_pt, turned))

# %% einsum-steps-tf tags=["tensorflow"]
for equation, k in {"abc,cd->abd": kernels[0],
                    "abc,bcd->abd": kernels}.items():
    layer = keras.layers.EinsumDense(equation, (3, 5))
    layer.build((None, 3, 7))
    layer.kernel.assign(k.numpy())
    y_tf = layer(x_tf)
    turned = tf.reverse(layer(tf.reverse(x_tf, [1])), [1])
    print(equation, layer.count_params(),
          np.allclose(y_tf, turned, atol=1e-6))

# %% einsum-steps
agree(y_pt, y_tf)

# %% [markdown]
# With a shared kernel the output of a step does not depend on its place. With one per step it does, and the
# layer takes sequences of length 3 only.

# %% [markdown]
# (bilinear)=
# ## Bilinear
#
# <!-- head: bilinear -->
#
# `Bilinear` takes two inputs and multiplies each number of the first by each number of the second. Each output
# is a weighted sum of all these products, plus a bias. Choose it where two things decide together, such as
# a user and an item, or a word and its head in a sentence {footcite:p}`dozat2017deep`.
#
# $$y_o = \sum_{i,j} x_i\, W_{oij}\, z_j + b_o$$
#
# where $x$ is the first input, of shape (batch, in1), $z$ the second, of shape (batch, in2), and $W$ has the
# shape (out, in1, in2). Keras has no such layer, so this chapter builds one, in PyTorch's layout:

# %%
rows1 = rng.normal(size=(2, 3)).astype(np.float32)  # (batch, in1)
rows2 = rng.normal(size=(2, 5)).astype(np.float32)  # (batch, in2)

# %% bilinear-bridge-pt tags=["pytorch"]
bilinear_pt = nn.Bilinear(3, 5, 7)
print({name: tuple(p.shape)
       for name, p in bilinear_pt.named_parameters()})

# %% bilinear-bridge-tf tags=["tensorflow"]
class Bilinear(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, shapes):
        (*_, n1), (*_, n2) = shapes
        self.weight = self.add_weight((self.units, n1, n2))
        self.bias = self.add_weight((self.units,), "zeros")

    def call(self, inputs):
        x, z = inputs
        return keras.ops.einsum(
            "bi,oij,bj->bo", x, self.weight, z) + self.bias

# %% tags=["pytorch"]
torch.manual_seed(0)
bilinear_pt = nn.Bilinear(3, 5, 7)
x1, x2 = torch.tensor(rows1), torch.tensor(rows2)
y_pt, dx1_pt, dws_pt = value_and_grad(bilinear_pt, x1, x2)
_, dx2_pt, _ = value_and_grad(bilinear_pt, x1, x2, argnums=1)
weight, bias_pt = (p.detach() for p in bilinear_pt.parameters())
same_pt = F.bilinear(x1, x2, weight, bias_pt)
show(y=y_pt)

# %% tags=["tensorflow"]
bilinear_tf = Bilinear(7)
bilinear_tf.build([(None, 3), (None, 5)])
for w, p in zip(bilinear_tf.weights, bilinear_pt.parameters()):
    w.assign(p.detach().numpy())
x1, x2 = tf.Variable(rows1), tf.Variable(rows2)
with tf.GradientTape() as tape:
    y_tf = bilinear_tf([x1, x2])
weight, bias_tf = (w.value for w in bilinear_tf.weights)
dx1_tf, dx2_tf, *dws_tf = tape.gradient(
    y_tf, [x1, x2, weight, bias_tf])
same_tf = tf.einsum("bi,oij,bj->bo", x1, weight, x2) + bias_tf
show(y=y_tf)

# %%
agree([y_pt, same_pt], [y_tf, same_tf],
      gradients=([dx1_pt, dx2_pt, *dws_pt], [dx1_tf, dx2_tf, *dws_tf]))

# %% [markdown]
# It has out · in1 · in2 + out parameters, here 7 · 3 · 5 + 7 = 112, which grows fast: for two inputs of 512 and as
# many outputs it is 134 million. PyTorch draws weight and bias from $\pm\sqrt{1/\text{in1}}$; the class above
# starts as Keras layers do.
#
# ### A Bilinear learns a product, a Dense on both inputs cannot
#
# The target is the product of two signs: 1 if they are equal, −1 if not. A dense layer that sees both numbers
# adds them up, and a Bilinear multiplies them. Both start from weights of 0.1 and take 200 steps:

# %%
signs = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], dtype=np.float32)
product = signs[:, :1] * signs[:, 1:]

# %% tags=["pytorch"]
def fit_pt(layer, inputs):
    for p in layer.parameters():
        nn.init.constant_(p, 0.1)
    sgd = torch.optim.SGD(layer.parameters(), lr=0.1)
    for _ in range(200):
        y_hat = layer(*inputs)
        loss = ((y_hat - torch.tensor(product)) ** 2).mean()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    return loss.detach()

# %% tags=["tensorflow"]
def fit_tf(layer, inputs):
    for w in layer.trainable_weights:
        w.assign(tf.fill(w.shape, 0.1))
    sgd = keras.optimizers.SGD(0.1)
    for _ in range(200):
        with tf.GradientTape() as tape:
            y_hat = layer(inputs)
            loss = tf.reduce_mean((y_hat - product) ** 2)
        gradients = tape.gradient(loss, layer.trainable_weights)
        sgd.apply(gradients, layer.trainable_weights)
    return loss

# %% tags=["pytorch"]
both = torch.tensor(signs)
dense_pt = fit_pt(nn.Linear(2, 1), [both])
bilinear_pt = fit_pt(nn.Bilinear(1, 1, 1), both.split(1, 1))
show(dense=dense_pt, bilinear=bilinear_pt, digits=2)

# %% tags=["tensorflow"]
dense, bilinear = keras.layers.Dense(1), Bilinear(1)
dense.build((None, 2)), bilinear.build([(None, 1)] * 2)
dense_tf = fit_tf(dense, tf.constant(signs))
bilinear_tf = fit_tf(bilinear, tf.split(signs, 2, 1))
show(dense=dense_tf, bilinear=bilinear_tf, digits=2)

# %% bilinear-products
agree([dense_pt, bilinear_pt], [dense_tf, bilinear_tf])

# %% [markdown]
# The dense layer ends at the loss of answering 0 to everything. The Bilinear finds the product, with one weight.

# %% [markdown]
# (identity)=
# ## Identity
#
# <!-- head: identity -->
#
# `Identity` returns its input. Choose it to switch a part of a network off without changing the rest: a
# shortcut that needs no projection, the head of a network whose features you want, or an ablation.
#
# $$y = x$$
#
# where $x$ is any tensor. There are no weights, and the gradient passes as it comes. Keras calls the same function
# `"linear"` where it is an activation.

# %% tags=["pytorch"]
y_pt, dx_pt = value_and_grad(nn.Identity(), torch.tensor(x))
show(y=y_pt, dx=dx_pt)

model = nn.Sequential(nn.Linear(3, 5), nn.Identity())
h_pt = model(torch.tensor(x))

# %% tags=["tensorflow"]
y_tf, dx_tf = value_and_grad(
    keras.layers.Identity(), tf.constant(x))
show(y=y_tf, dx=dx_tf)

dense = keras.layers.Dense(5, activation="linear")
dense.build((None, 3))
copy_weights(model[0], dense)
h_tf = dense(x)

# %%
agree([y_pt, h_pt], [y_tf, h_tf], gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### The output is the input itself, so a change in place changes both
#
# No copy is made. In PyTorch an operation in place behind an Identity therefore reaches back to what went in.
# `tf.identity` does return a new tensor, but no TensorFlow tensor can change anyway.

# %% identity-same-pt tags=["pytorch"]
h = torch.tensor([1.0, -2.0])
y = nn.Identity()(h)
print(y is h)
y.mul_(10)
show(h=h)

# %% identity-same-tf tags=["tensorflow"]
h = tf.constant([1.0, -2.0])
y = keras.layers.Identity()(h)
print(y is h, tf.identity(h) is h)
y = y * 10
show(h=h)

# %% [markdown]
# ### Put an Identity in a layer's place, and the other weights keep their names
#
# In PyTorch the names in a `state_dict` count the modules of a `Sequential`. Remove one, and all behind it are
# renamed, so that the saved weights no longer load. `nn.Identity` accepts any arguments, so it can replace a
# layer together with them. In Keras you make a model that ends at another layer's output:

# %% identity-names-pt tags=["pytorch"]
net = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))
saved = net.state_dict()
with show_error():
    nn.Sequential(net[0], net[2]).load_state_dict(saved)
net[1] = nn.Identity(0.3, inplace=True)
print(net.load_state_dict(saved))
net[2] = nn.Identity()  # the features, without the head
print(tuple(net(torch.tensor(x)).shape))

# %% identity-names-tf tags=["tensorflow"]
net = keras.Sequential([
    keras.Input((3,)),
    keras.layers.Dense(5),
    keras.layers.ReLU(),
    keras.layers.Dense(2),
])
with show_error():
    keras.layers.Identity(0.3)
features = keras.Model(net.inputs[0], net.layers[0].output)
print(features(x).shape)

# %% [markdown]
# (input)=
# ## Input
#
# <!-- head: input -->
#
# `keras.Input` declares the shape and the dtype of what a model will be given. It is a placeholder: it holds no
# numbers, and layers that are called on it are built, and say which shape comes out. Choose it as the first
# line of every Keras model, so that its weights exist and its summary is complete. PyTorch has no
# counterpart: a module runs on the tensor that it is given, and you tell each layer its sizes.

# %% input-model-pt tags=["pytorch"]
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 5))
y_pt, dx_pt, (dw_pt, _) = value_and_grad(
    model, torch.tensor(x))
show(y=y_pt, dx=dx_pt)

# %% input-model-tf tags=["tensorflow"]
model_tf = keras.Sequential(
    [keras.Input((3,)), keras.layers.Dense(5)])
copy_weights(model[0], model_tf.layers[0])
y_tf, dx_tf, (dw_tf, _) = value_and_grad(
    model_tf, tf.constant(x))
show(y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, dw_pt.T], [dx_tf, dw_tf]))

# %% [markdown]
# The shape `(3,)` leaves out the batch: Keras puts `None` in front of it, for a batch of any size.
#
# ### An Input has a shape and no numbers, as a tensor on PyTorch's meta device
#
# Only Keras layers and `keras.ops` take it. Functions of TensorFlow and NumPy raise. If you want shapes without
# numbers in PyTorch, make the layers and the tensor on the device `"meta"`:

# %% input-symbol-pt tags=["pytorch"]
symbol = torch.empty(2, 3, device="meta")
linear = nn.Linear(3, 5, device="meta")
print(linear(symbol).shape)
with show_error():
    symbol.numpy()

# %% input-symbol-tf tags=["tensorflow"]
symbol = keras.Input((3,))
dense = keras.layers.Dense(5)
print(dense(symbol).shape, symbol.dtype)
with show_error():
    tf.nn.relu(symbol)

# %% [markdown]
# ### A Keras model adds an axis of size 1 that is missing
#
# A model with `Input((1,))` wants the shape (batch, 1). Give it a plain list of 4 numbers, and it makes a batch of 4
# of them. PyTorch takes the vector for a single example with 4 inputs. A size that is wrong is an error in both:

# %% input-rank-pt tags=["pytorch"]
model = nn.Sequential(nn.Linear(1, 5))
with show_error():
    model(torch.ones(4))
with show_error():
    model(torch.ones(4, 2))

# %% input-rank-tf tags=["tensorflow"]
model = keras.Sequential(
    [keras.Input((1,)), keras.layers.Dense(5)])
print(model(tf.ones(4)).shape)
with show_error():
    model(tf.ones((4, 2)))

# %% [markdown]
# In older code the first layer has the shape, as `input_shape=`. Keras 3 accepts it, with a warning:

# %% input-old-tf
with warnings.catch_warnings(record=True) as caught:
    keras.layers.Dense(5, input_shape=(3,))
print(str(caught[0].message)[:66] + " …")

# %% [markdown]
# (dense-features)=
# ## Dense features
#
# <!-- head: dense_features -->
#
# A row of a table has an age, a price, a city. `DenseFeatures` made one vector of them, by a list of *feature
# columns*: numbers were scaled, put into buckets, or looked up in a vocabulary, and the results were laid side
# by side. Keras 3 has removed the layer. Today you write the steps as preprocessing layers, or have
# `FeatureSpace` write them for you. PyTorch never had one: you write functions.

# %%
age = np.array([17, 18, 30, 64], dtype=np.float32)
city = np.array(["Ulm", "Bonn", "Rom", "Bonn"])
names, edges = ["Bonn", "Köln", "Ulm"], [18.0, 30.0, 50.0]

# %% features-today-pt tags=["pytorch"]
age_pt = torch.tensor(age)
edges_pt = torch.tensor(edges)
bucket = torch.bucketize(age_pt, edges_pt, right=True)
number = torch.tensor([names.index(c) if c in names else -1
                       for c in city])
row_pt = torch.cat([
    (age_pt[:, None] - 40) / 10,
    F.one_hot(bucket, 4),
    number[:, None] == torch.arange(3),
], dim=1)
show(age=row_pt[:, :1].T, bucket=row_pt[:, 1:5].T,
     city=row_pt[:, 5:].T, digits=1)

# %% features-today-tf tags=["tensorflow"]
age_tf = tf.constant(age)
edges_tf = tf.constant(edges)
bucket = tf.searchsorted(edges_tf, age_tf, side="right")
lookup = keras.layers.StringLookup(
    vocabulary=names, num_oov_indices=0)
number = [lookup(c) if c in names else -1 for c in city]
row_tf = tf.concat([
    (age_tf[:, None] - 40) / 10,
    tf.one_hot(bucket, 4),
    tf.one_hot(number, 3),
], axis=1)
columns = tf.transpose(row_tf)
show(age=columns[:1], bucket=columns[1:5],
     city=columns[5:], digits=1)

# %% features-today
agree(row_pt, row_tf)

# %% [markdown]
# Each of the four people is a column here, to save width. The first line is the scaled age, the next four are its
# buckets, and the last three the cities. A test of this book holds these numbers against the removed layer, as
# `tf-keras`, the legacy package, still has it.
#
# `DenseFeatures` sorted its columns by their names, whatever order you gave: here `age`, `age_bucketized`,
# `city_indicator`. The weights of an old model are in that order.
#
# ### An unknown word was a row of zeros, and is a column today
#
# Rome is not in the vocabulary, so its row has no 1 among the cities. Keras's `StringLookup` adds a column `[UNK]`
# for unknown words, and puts it first. Every weight behind it moves by one:

# %% features-unknown-pt tags=["pytorch"]
known = torch.tensor([names.index(c) + 1 if c in names else 0
                      for c in city])
show(city=F.one_hot(known, 4))

# %% features-unknown-tf tags=["tensorflow"]
lookup = keras.layers.StringLookup(
    vocabulary=names, output_mode="one_hot")
print([str(word) for word in lookup.get_vocabulary()])
show(city=lookup(city))

# %% [markdown]
# ### FeatureSpace learns means and vocabularies from data
#
# It takes a dictionary of features, reads a data set once, and returns one vector. It has no counterpart in
# PyTorch, where you compute the mean yourself and store it in a buffer:

# %% features-space-pt tags=["pytorch"]
mean = age_pt.mean()
std = age_pt.std(correction=0)
show(age=(age_pt - mean) / std)

# %% features-space-tf tags=["tensorflow"]
Features = keras.utils.FeatureSpace
space = Features({
    "city": Features.string_categorical(output_mode="one_hot"),
    "age": Features.float_normalized(),
}, output_mode="concat")
table = {"age": age, "city": np.array(["Ulm"] * 3 + ["Bonn"])}
space.adapt(tf.data.Dataset.from_tensor_slices(table))
show(row=space({"age": age, "city": city}))

# %% [markdown]
# It sorts by name, too: the age comes first, then `[UNK]`, and then the words, the most frequent first.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | vectors | `Linear`, `Dense` | all inputs meet all outputs |
# | sequences, the same for each step | the same | both act on the last axis |
# | heads, or weights with more axes | `EinsumDense`; `Linear` and `unflatten` | the equation says what is summed |
# | two inputs that decide together | `Bilinear` | it has their products; mind the number of weights |
# | a part to switch off | `Identity` | names and indices stay |
# | a Keras model | `Input` first | weights exist, shapes are checked |
# | tables | preprocessing layers, `FeatureSpace` | `DenseFeatures` is gone; mind order and `[UNK]` |
#
# ## Exercises
#
# Write dense layers yourself, forwards and backwards, their start, and their relatives:
# [exercises on dense layers](../../exercises/layers/dense.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
