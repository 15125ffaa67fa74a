# %% [markdown]
# # Dense layers
#
# A dense layer multiplies its input by a matrix of weights and adds a bias. `EinsumDense` does the same along
# axes that you name. `Bilinear` multiplies two inputs with each other. `Identity` returns its input, and
# `Input` declares a shape. `DenseFeatures`, now removed, turned a row of a table into a vector.
#
# **The claim:** PyTorch's `Linear` and Keras's `Dense` compute the same formula. But one stores the transposed
# weights of the other. In a square layer, weights that are not transposed cause no error and wrong outputs. The
# initial weights differ, too. In a network of 20 layers, PyTorch's initialization makes the differences between the
# examples about 60,000 times smaller. With Keras's initialization they keep their size.

# %%
import warnings

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
x = np.array([[1, 2, -1], [0.5, 0, 3]], dtype=np.float32)  # (batch, in)
kernel = rng.normal(size=(3, 5)).round(1).astype(np.float32)  # (in, out)
bias = rng.normal(size=5).round(1).astype(np.float32)  # (out,)

# %% [markdown]
# The batch has 2 examples of 3 numbers, and the layer has 5 outputs. The sizes differ on purpose, because with
# equal sizes a wrong axis causes no error.
#
# Each panel shows a layer as one matrix, with a row for each output and a column for each input. In a panel,
# squares of the same colour are the same weight, and an empty place has no weight.

# %% four-matrices tags=["hide-input"]
# alt: Four matrices of coloured squares. Dense fills all of its 5 by 3 squares with different colours.
# Dense on 3 steps fills three blocks along the diagonal, and all blocks have the same colours. EinsumDense
# fills the same blocks with different colours. Identity has the same single colour along the diagonal.
from matplotlib.colors import LinearSegmentedColormap

colours = LinearSegmentedColormap.from_list("two", [plots.TENSORFLOW, "#e8e0d0", plots.PYTORCH])
numbers = np.random.default_rng(4)


def weights(*shape):  # no two are alike
    size = np.prod(shape)
    return numbers.permutation(np.linspace(-1, 1, size)).reshape(shape)


def blocks(*matrices):
    height, width = (sum(m.shape[i] for m in matrices) for i in (0, 1))
    joined, at = np.full((height, width), np.nan), [0, 0]
    for m in matrices:
        joined[at[0]:at[0] + m.shape[0], at[1]:at[1] + m.shape[1]] = m
        at = [at[0] + m.shape[0], at[1] + m.shape[1]]
    return joined


panels = {
    "Dense: 15 weights": ("dense", weights(5, 3)),
    "Dense on 3 steps: 6 weights": ("dense", blocks(*[weights(2, 3)] * 3)),
    "EinsumDense: 18 weights": ("einsum-dense", blocks(*weights(3, 2, 3))),
    "Identity: no weights": ("identity", blocks(*[np.ones((1, 1))] * 6)),
}
fig, axes = plt.subplots(2, 2, figsize=(5.2, 2.5))
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
# Each output is a weighted sum of all inputs, plus a bias. Choose a dense layer if every input may be
# important for every output, and if neighbouring inputs have no special relation. Examples are the end of a
# classifier and the projections of an attention layer.
#
# $$y = x W^\top + b$$
#
# Here $x$ is the input of shape (batch, in), $b$ is the bias of shape (out,), and $W$ is PyTorch's `weight`
# of shape (out, in). Keras stores $W^\top$, of shape (in, out), and calls it `kernel`. The next cells copy
# `kernel` and `bias` into both layers. `same` is the output without a layer: PyTorch has `F.linear`, and
# TensorFlow has `@` for the product and `tf.nn.bias_add` for the bias.

# %% dense-by-hand-pt tags=["pytorch"]
linear = nn.Linear(3, 5)
weight_pt, bias_pt = linear.parameters()
with torch.no_grad():
    weight_pt.copy_(torch.tensor(kernel.T))
    bias_pt.copy_(torch.tensor(bias))

x_pt = torch.tensor(x, requires_grad=True)
y_pt = linear(x_pt)
same_pt = F.linear(x_pt, weight_pt, bias_pt)
dx_pt, dw_pt, db_pt = torch.autograd.grad(
    y_pt.sum(), [x_pt, weight_pt, bias_pt])
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
same_tf = tf.nn.bias_add(x_tf @ kernel, bias)
dx_tf, dw_tf, db_tf = tape.gradient(
    y_tf, [x_tf, dense.kernel, dense.bias])
show(y=y_tf, dx=dx_tf, db=db_tf)
show(dw=dw_tf)  # (in, out)

# %%
agree([y_pt, same_pt], [y_tf, same_tf],
      gradients=([dx_pt, dw_pt.T, db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# The gradient of a weight has the shape of the weight, so PyTorch's `dw` is the transpose of TensorFlow's `dw`.
# `db` is 2 for each output, because the gradient of a bias is summed over the 2 examples.
#
# The next sections use two functions of this book. `copy_weights(source, target)` copies the weights of a
# layer into a layer of the other framework, and transposes them if necessary. `value_and_grad` returns the
# output, the gradient of the input, and the gradients of the weights.

# %% [markdown]
# (dense-square)=
# ### If you forget to transpose, only a layer that is not square raises an error
#
# In a layer with 3 inputs and 5 outputs, an untransposed weight has the wrong shape, and both frameworks raise an
# error. In a layer with 3 inputs and 3 outputs, it has the right shape, and there is no error. The second half of
# each cell is such a square layer. TensorFlow's cell prints its outputs with the untransposed weight (`wrong`) and
# with the transposed weight (`right`):

# %% dense-square-pt tags=["pytorch"]
turned = {"weight": torch.tensor(kernel),
          "bias": torch.tensor(bias)}
with show_error():
    nn.Linear(3, 5).load_state_dict(turned)

torch.manual_seed(0)
square = nn.Linear(3, 3)
y_pt = square(torch.tensor(x))
show(right=y_pt)

# %% dense-square-tf tags=["tensorflow"]
dense = keras.layers.Dense(5)
dense.build((None, 3))
with show_error():
    dense.set_weights([kernel.T, bias])

weight, b = (p.detach().numpy() for p in square.parameters())
dense = keras.layers.Dense(3)
dense.build((None, 3))
dense.set_weights([weight, b])  # no error
show(wrong=dense(x))
dense.set_weights([weight.T, b])
show(right=dense(x))

# %% [markdown]
# All outputs in `wrong` are wrong. So compare outputs and not only shapes when you port a model, because many
# hidden layers are square. Test your code on a layer that is not square.
#
# ### `LazyLinear` and `Dense` have no weights before the first call
#
# `nn.Linear` needs both sizes, in and out. `Dense` needs the number of outputs, and reads the number of inputs
# from its first input. PyTorch's `nn.LazyLinear` does the same. Before the first call, both have no weights:

# %% dense-before-pt tags=["pytorch"]
lazy = nn.LazyLinear(5)
with show_error():
    lazy.weight.shape
y_pt = lazy(torch.tensor(x))
print(type(lazy).__name__, tuple(lazy.weight.shape),
      sum(p.numel() for p in lazy.parameters()))

# %% dense-before-tf tags=["tensorflow"]
dense = keras.layers.Dense(5)
print(dense.weights)
with show_error():
    dense.count_params()
dense.build((None, 3))
copy_weights(lazy, dense)
y_tf = dense(x)
print(dense.kernel.shape, dense.count_params())

# %% dense-before
agree(y_pt, y_tf)

# %% [markdown]
# After the first call, the `LazyLinear` is a `Linear`. Both layers have in · out + out = 20 parameters.
# Before you load or count weights, call the layer once. In Keras you can also call `build`.
#
# ### Both layers act on the last axis, but only PyTorch accepts one example without a batch axis
#
# The input is a batch of 2 sequences of 7 steps, with 3 numbers at each step. Both layers apply the same weights
# to each step. The last line of each cell passes a vector without a batch axis:

# %%
steps = rng.normal(size=(2, 7, 3)).astype(np.float32)  # (batch, time, in)

# %% dense-vector-pt tags=["pytorch"]
y_pt, dx_pt, (dw_pt, _) = value_and_grad(
    lazy, torch.tensor(steps))
print(tuple(y_pt.shape), tuple(lazy.weight.shape))
print(tuple(lazy(torch.tensor(x[0])).shape))

# %% dense-vector-tf tags=["tensorflow"]
y_tf, dx_tf, (dw_tf, _) = value_and_grad(
    dense, tf.constant(steps))
print(y_tf.shape, dense.kernel.shape)
with show_error():
    dense(x[0])

# %% dense-steps
agree(y_pt, y_tf, gradients=([dx_pt, dw_pt.T], [dx_tf, dw_tf]))

# %% [markdown]
# If one output needs the numbers of all steps, flatten the sequence before the layer.
#
# ### float64 and integer inputs are errors in PyTorch, and Keras converts them to float32
#
# NumPy's default dtype is float64. Columns of whole numbers in pandas are integers. Keras converts both to
# the dtype of the layer, without a warning:

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
# Convert the input yourself in both frameworks (`x.float()`, `tf.cast(x, tf.float32)`), so that the
# conversion is visible in the code.
#
# (dense-starts)=
# ### The initial weights differ: ±1/√in in PyTorch, Glorot's uniform bounds in Keras
#
# [Both layers draw](initial-weights) their weights from a uniform distribution:
#
# - PyTorch draws the weight and the bias between $\pm\sqrt{1/\text{in}}$.
# - Keras draws the kernel between $\pm\sqrt{6/(\text{in}+\text{out})}$ {footcite:p}`glorot2010understanding`,
#   and sets the bias to 0.
#
# For 100 inputs and 2000 outputs the bounds are 0.1 and 0.0535. Each cell prints the largest weight and the
# largest bias, first with PyTorch's initialization, then with Keras's. Both are close to the bound:

# %% dense-starts-pt tags=["pytorch"]
torch.manual_seed(0)
linear = nn.Linear(100, 2000)
like_keras = nn.Linear(100, 2000)
nn.init.xavier_uniform_(like_keras.weight)
nn.init.zeros_(like_keras.bias)
for layer in (linear, like_keras):
    weight, b = (w.detach() for w in layer.parameters())
    show(largest=[weight.abs().max(), b.abs().max()], digits=3)

# %% dense-starts-tf tags=["tensorflow"]
keras.utils.set_random_seed(0)
like_pytorch = keras.layers.Dense(
    2000,
    kernel_initializer=keras.initializers.VarianceScaling(
        1 / 3, "fan_in", "uniform"),
    bias_initializer=keras.initializers.RandomUniform(
        -(100**-0.5), 100**-0.5))
for layer in (like_pytorch, keras.layers.Dense(2000)):
    layer.build((None, 100))
    show(largest=[tf.reduce_max(abs(w)) for w in layer.weights],
         digits=3)

# %% [markdown]
# So each framework can use the initialization of the other framework. The single weights are not the same,
# because no seed gives both frameworks the same random numbers.
#
# PyTorch's `kaiming_normal_` and Keras's `he_normal` have the name of one author {footcite:p}`he2015delving`, but
# their distributions differ. Keras cuts off the normal distribution at two standard deviations, and divides the
# remaining numbers by 0.88 to keep the standard deviation. The cells draw weights by the framework's own function,
# then in the way of the other. They print the largest weight and the standard deviation, divided by
# $\sqrt{2/\text{in}}$:

# %% dense-he-pt tags=["pytorch"]
torch.manual_seed(0)
scale = (2 / 100) ** 0.5
std = scale / 0.87963
whole, cut = torch.empty(2, 2000, 100)
nn.init.kaiming_normal_(whole, nonlinearity="relu")
nn.init.trunc_normal_(cut, 0, std, -2 * std, 2 * std)
for w in (whole, cut):
    show(he=[w.abs().max() / scale, w.std() / scale], digits=1)

# %% dense-he-tf tags=["tensorflow"]
scale = (2 / 100) ** 0.5
for start in (
    keras.initializers.HeNormal(seed=0),
    keras.initializers.RandomNormal(0, scale, seed=0),
):
    w = start((100, 2000))
    show(he=[tf.reduce_max(abs(w)) / scale,
             tf.math.reduce_std(w) / scale], digits=1)

# %% [markdown]
# The largest weight of the normal distribution is above 4, and that of the truncated distribution is 2.3.
#
# (dense-depth-section)=
# ### After 20 layers, PyTorch's initialization leaves 1/60,000 of the differences between examples
#
# The next cells pass 100 examples through 20 dense layers of width 256, without activations. After each layer
# they compute the *spread*: the standard deviation over the batch, averaged over the outputs. A spread near 0
# means that all examples have almost the same output.
#
# One network, `from_torch`, has PyTorch's initialization, and `from_keras` has Keras's. Each is copied into the
# other framework, so that both frameworks run both networks.

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
        spreads.append(tf.reduce_mean(tf.math.reduce_std(h, 0)))
    return tf.stack(spreads)

# %% dense-depth
x_deep = rng.normal(size=(100, 256)).astype(np.float32)
for layer in from_torch_tf + from_keras_tf:
    layer.build((None, 256))
for source, target in zip(from_torch_pt + from_keras_tf,
                          from_torch_tf + from_keras_pt):
    copy_weights(source, target)

torch_start_pt, keras_start_pt = spreads_pt(from_torch_pt), spreads_pt(from_keras_pt)
torch_start_tf, keras_start_tf = spreads_tf(from_torch_tf), spreads_tf(from_keras_tf)
agree([torch_start_pt, keras_start_pt], [torch_start_tf, keras_start_tf],
      rtol=1e-3, atol=0)

# %% dense-depth-figure tags=["hide-input"]
# alt: The spread after each of 20 layers, on a logarithmic scale. With Keras's initialization the curve
# stays near 1. With PyTorch's initialization it is a straight line down to 1.5 times 10 to the minus 5.
fig, ax = plt.subplots(figsize=(5.2, 2.6))
depth = np.arange(1, 21)
plots.coinciding(ax, depth, keras_start_pt, keras_start_tf, markers=20)
plots.coinciding(ax, depth, torch_start_pt, torch_start_tf, markers=20, label=(2, 2e-4))
ax.annotate("Keras's initialization", (12, 0.2))
ax.annotate("PyTorch's initialization", (11.5, 4e-3))
ax.set(yscale="log", xlabel="layer", ylabel="spread", xticks=[1, 5, 10, 15, 20],
       title="With PyTorch's initialization, each layer divides by √3")
plt.show()

# %% [markdown]
# A weighted sum has in · Var(w) times the variance of its inputs. PyTorch's weights have the variance 1/(3·in).
# So each layer divides the spread by √3, and 20 layers divide it by $3^{10}$ = 59,049. In a square layer, Keras's
# weights have the variance 1/in, so that the spread does not change.
#
# If a ReLU follows each layer, use He's initialization {footcite:p}`he2015delving`: its variance is 2/in,
# because ReLU sets about half of the numbers to 0. Normalization layers rescale their input, so that the scale of
# the initial weights is less important.

# %% [markdown]
# (einsum-dense)=
# ## Einsum dense
#
# <!-- head: einsum_dense -->
#
# `EinsumDense` is a dense layer with named axes. An equation names the axes of the input, of the kernel and
# of the output. Choose it if a weight has more than two axes, for example in the heads of an attention layer.
# PyTorch has no such layer: use `nn.Linear` and reshape its output, or call `torch.einsum` with a parameter
# of your own.
#
# $$y_{btd} = \sum_c x_{btc} K_{cd} + b_d$$
#
# Here $x$ is the input, $K$ is the kernel and $b_d$ is the bias. The indices are the batch $b$, the time $t$,
# the input features $c$ and the output features $d$. In Keras the equation is `"abc,cd->abd"`, where a is the
# batch and b is the time. A letter that is not in the output is summed over: here it is c. With this
# equation, `EinsumDense` is a dense layer on the last axis:

# %%
series = rng.normal(size=(2, 3, 7)).astype(np.float32)  # (batch, time, in)

# %% tags=["pytorch"]
torch.manual_seed(0)
linear = nn.Linear(7, 5)
x_pt = torch.tensor(series)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(linear, x_pt)
show(y=y_pt[0, 0])
print(tuple(y_pt.shape), tuple(dw_pt.shape))

# %% tags=["tensorflow"]
layer = keras.layers.EinsumDense(
    "abc,cd->abd", (None, 5), bias_axes="d")
layer.build((None, 3, 7))
copy_weights(linear, layer)
x_tf = tf.constant(series)
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(layer, x_tf)
show(y=y_tf[0, 0])
print(y_tf.shape, dw_tf.shape)

# %%
agree(y_pt, y_tf,
      gradients=([dx_pt, dw_pt.T, db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# The second argument of `EinsumDense` is the shape of the output without the batch. `None` is an axis of any
# length.
#
# ### Two output axes need `unflatten` in PyTorch, and `bias_axes` in Keras
#
# An attention layer with 2 heads of size 5 needs the output (2, 5) at each step. Keras's kernel then has three
# axes. In PyTorch, use one `Linear` with ten outputs, and split the last axis with `unflatten`. The cells print the
# shapes of the output and of the weight, and the number of parameters, with a bias and without it.

# %% einsum-heads-pt tags=["pytorch"]
linear = nn.Linear(7, 2 * 5)
y_pt, dx_pt = value_and_grad(
    lambda x: linear(x).unflatten(-1, (2, 5)), x_pt)
print(tuple(y_pt.shape), tuple(linear.weight.shape))
plain = nn.Linear(7, 2 * 5, bias=False)
for layer in (linear, plain):
    print(sum(p.numel() for p in layer.parameters()))

# %% einsum-heads-tf tags=["tensorflow"]
layer = keras.layers.EinsumDense(
    "abc,cde->abde", (None, 2, 5), bias_axes="de")
layer.build((None, 3, 7))
copy_weights(linear, layer)
y_tf, dx_tf, _ = value_and_grad(layer, x_tf)
print(y_tf.shape, layer.kernel.shape)
plain = keras.layers.EinsumDense(
    "abc,cde->abde", (None, 2, 5))
plain.build((None, 3, 7))
print(layer.count_params(), plain.count_params(), sep="\n")

# %% einsum-heads
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# With the bias there are 7 · 10 + 10 = 80 parameters. Keras's kernel is PyTorch's weight, transposed and reshaped
# to (7, 2, 5). `Linear` and `Dense` have a bias by default. `EinsumDense` has none if you do not pass `bias_axes`.
#
# ### If the kernel has the letter of the time, each step has its own weights
#
# In `"abc,cd->abd"` the kernel does not have the letter of the time, b, so all steps use the same weights. In
# `"abc,bcd->abd"` each of the 3 steps has its own. The cells reverse the sequence, apply the layer, and reverse the
# output. They print the number of weights, and whether the output is the same as without reversing:

# %% einsum-steps-pt tags=["pytorch"]
kernels = torch.tensor(
    rng.normal(size=(3, 7, 5)), dtype=torch.float32)
for equation, k in {"abc,cd->abd": kernels[0],
                    "abc,bcd->abd": kernels}.items():
    y_pt = torch.einsum(equation, x_pt, k)
    turned = torch.einsum(equation, x_pt.flip(1), k).flip(1)
    print(k.numel(), torch.allclose(y_pt, turned))

# %% einsum-steps-tf tags=["tensorflow"]
for equation, k in {"abc,cd->abd": kernels[0],
                    "abc,bcd->abd": kernels}.items():
    layer = keras.layers.EinsumDense(equation, (3, 5))
    layer.build((None, 3, 7))
    layer.kernel.assign(k.numpy())
    y_tf = layer(x_tf)
    turned = tf.reverse(layer(tf.reverse(x_tf, [1])), [1])
    print(layer.count_params(),
          np.allclose(y_tf, turned, atol=1e-6))

# %% einsum-steps
agree(y_pt, y_tf)

# %% [markdown]
# With separate weights the output depends on the position, and the layer accepts only sequences of length 3.

# %% [markdown]
# (bilinear)=
# ## Bilinear
#
# <!-- head: bilinear -->
#
# `Bilinear` has two inputs. It multiplies each number of the first input by each number of the second input.
# Each output is a weighted sum of all these products, plus a bias. Choose it if the combination of two inputs
# is important: a user and a film, for example, or two words of a sentence {footcite:p}`dozat2017deep`.
#
# $$y_o = \sum_{i,j} x_i\, W_{oij}\, z_j + b_o$$
#
# Here $x$ is the first input, of shape (batch, in1), and $z$ is the second input, of shape (batch, in2). The
# weight $W$ has the shape (out, in1, in2), and the bias $b$ has the shape (out,). Keras has no such layer.
# The next TensorFlow cell defines a Keras layer with weights of the same shapes:

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
# The layer has out · in1 · in2 + out parameters, here 112. The number grows fast: two inputs of 512 numbers and
# 512 outputs need 134 million weights. PyTorch draws the initial weight and bias between $\pm\sqrt{1/\text{in1}}$.
#
# ### `Bilinear` can learn the product of two inputs, `Dense` cannot
#
# The target is the product of two signs: 1 if the signs are equal, −1 if not. A dense layer adds its weighted
# inputs, and `Bilinear` multiplies the two inputs. Both train for 200 steps. The cells print the last loss:

# %%
signs = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], dtype=np.float32)
product = signs[:, :1] * signs[:, 1:]

# %% tags=["pytorch"]
def fit_pt(layer, *inputs):
    sgd = torch.optim.SGD(layer.parameters(), lr=0.1)
    for _ in range(200):
        y_hat = layer(*inputs)
        loss = F.mse_loss(y_hat, torch.tensor(product))
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    return loss.detach()


both = torch.tensor(signs)
dense_pt = fit_pt(nn.Linear(2, 1), both)
bilinear_pt = fit_pt(nn.Bilinear(1, 1, 1), *both.split(1, 1))
show(dense=dense_pt, bilinear=bilinear_pt, digits=2)

# %% bilinear-products-tf tags=["tensorflow"]
def fit_tf(layer, inputs):
    sgd = keras.optimizers.SGD(0.1)
    for _ in range(200):
        with tf.GradientTape() as tape:
            y_hat = layer(inputs)
            loss = tf.reduce_mean((y_hat - product) ** 2)
        weights = layer.trainable_weights
        sgd.apply(tape.gradient(loss, weights), weights)
    return loss


both = tf.constant(signs)
dense_tf = fit_tf(keras.layers.Dense(1), both)
bilinear_tf = fit_tf(Bilinear(1), tf.split(both, 2, 1))
show(dense=dense_tf, bilinear=bilinear_tf, digits=2)

# %% [markdown]
# The loss of the dense layer is 1.00, the same as for an output of 0 in all four cases. The loss of
# `Bilinear` is 0.00, with a single weight and a bias.

# %% [markdown]
# (identity)=
# ## Identity
#
# <!-- head: identity -->
#
# `Identity` returns its input. Choose it if you want to remove a layer and keep the rest of the code: for
# example, a shortcut that needs no projection, or a network without its last layer.
#
# $$y = x$$
#
# Here $x$ is any tensor. The layer has no weights, and its derivative is 1. As an activation, Keras calls the
# same function `"linear"`. The last lines of both cells compute a dense layer without an activation (`h`).

# %% tags=["pytorch"]
y_pt, dx_pt = value_and_grad(nn.Identity(), torch.tensor(x))
show(dx=dx_pt)

model = nn.Sequential(nn.Linear(3, 5), nn.Identity())
h_pt = model(torch.tensor(x))

# %% tags=["tensorflow"]
y_tf, dx_tf = value_and_grad(
    keras.layers.Identity(), tf.constant(x))
show(dx=dx_tf)

dense = keras.layers.Dense(5, activation="linear")
dense.build((None, 3))
copy_weights(model[0], dense)
h_tf = dense(x)

# %%
agree([y_pt, h_pt], [y_tf, h_tf], gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### `Identity` makes no copy: in PyTorch, an in-place change also changes the input
#
# The output `y` and the input `h` are the same object in both frameworks. In PyTorch an in-place operation on
# `y` therefore changes `h`. TensorFlow has no in-place operations on tensors: `y * 10` is a new tensor.

# %% identity-same-pt tags=["pytorch"]
h = torch.tensor([1.0, -2.0])
y = nn.Identity()(h)
print(y is h)
y.mul_(10)
show(h=h)

# %% identity-same-tf tags=["tensorflow"]
h = tf.constant([1.0, -2.0])
y = keras.layers.Identity()(h)
print(y is h)
y = y * 10
show(h=h)

# %% [markdown]
# ### With `nn.Identity` in place of a layer, the other layers keep their names
#
# In PyTorch, the names in the `state_dict` of a `Sequential` contain the positions of the modules. If you remove
# a module, the modules after it get other names, and the saved weights cause an error. Replace the module by
# `nn.Identity` instead, which accepts the arguments of the old module, too. In Keras, make a new model that ends at
# the output of an earlier layer. The last line of each cell is such a network without its last layers.

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
# `keras.Input` declares the shape and the dtype of the input of a model. It is a placeholder without numbers.
# If you call a layer on it, Keras builds the layer and infers the output shape. Use it as the first line of
# every Keras model: then the weights exist immediately, and the summary shows all shapes. PyTorch has nothing
# like it: you pass the sizes to each layer.

# %% input-model-pt tags=["pytorch"]
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 5))
y_pt, dx_pt, (dw_pt, _) = value_and_grad(
    model, torch.tensor(x))
show(y=y_pt)

# %% input-model-tf tags=["tensorflow"]
model_tf = keras.Sequential(
    [keras.Input((3,)), keras.layers.Dense(5)])
copy_weights(model[0], model_tf.layers[0])
y_tf, dx_tf, (dw_tf, _) = value_and_grad(
    model_tf, tf.constant(x))
show(y=y_tf)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, dw_pt.T], [dx_tf, dw_tf]))

# %% [markdown]
# The shape `(3,)` does not contain the batch. Keras adds `None` as the first axis, which is a batch of any
# size.
#
# ### `keras.Input` has a shape and no numbers, like a tensor on PyTorch's `"meta"` device
#
# Only Keras layers and `keras.ops` accept a `keras.Input`. Functions of TensorFlow and NumPy raise an error.
# In PyTorch, you can compute shapes without numbers if you create the layers and the tensor on the device
# `"meta"`:

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
# ### A Keras model adds a missing last axis of size 1, PyTorch raises an error
#
# A Keras model with `Input((1,))` needs the shape (batch, 1). If you pass a vector of 4 numbers, Keras uses
# it as a batch of 4 examples. PyTorch uses the same vector as one example with 4 inputs, which is an error:

# %% input-rank-pt tags=["pytorch"]
model = nn.Sequential(nn.Linear(1, 5))
with show_error():
    model(torch.ones(4))

# %% input-rank-tf tags=["tensorflow"]
model = keras.Sequential(
    [keras.Input((1,)), keras.layers.Dense(5)])
print(model(tf.ones(4)).shape)

# %% [markdown]
# In older Keras code, the first layer has the argument `input_shape=`. Keras 3 accepts it, with a warning:

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
# `DenseFeatures` converted each row of a table into one vector. A list of *feature columns* said what to do
# with each column of the table. It could scale numbers, sort numbers into intervals (*buckets*), or look up
# strings in a vocabulary. Keras 3 has removed the layer. Use preprocessing layers or
# `keras.utils.FeatureSpace` instead. PyTorch has no such layer: write functions.
#
# The table in the next cells has the age and the city of four people. The vector of a person has eight
# numbers: the scaled age, four numbers for the bucket of the age, and three for the city.

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
print(row_pt.numpy().round(1))

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
print(row_tf.numpy().round(1))

# %% features-today
agree(row_pt, row_tf)

# %% [markdown]
# A test of this book compares these numbers with the removed layer in the old package `tf-keras`. `DenseFeatures`
# sorted the features by name, not in the order of your list: here `age`, `age_bucketized`, `city_indicator`. If you
# load the weights of an old model, keep this order.
#
# ### An unknown string was a row of zeros, and today Keras adds a column `[UNK]`
#
# `"Rom"` is not in the vocabulary, so its three numbers for the city are 0. Keras's `StringLookup` has a first
# column, `[UNK]`, for unknown strings. So the other columns move by one, and the weights of an old model are then in
# the wrong place.
#
# `FeatureSpace` has this column, too. Its method `adapt` reads a data set once, and computes the mean and the
# standard deviation of numbers, and the vocabulary of strings. In PyTorch, compute them yourself, and store them in
# buffers. The cells print `city`, and then `age` or the whole rows of `FeatureSpace`:

# %% features-unknown-pt tags=["pytorch"]
known = torch.tensor([names.index(c) + 1 if c in names else 0
                      for c in city])
show(city=F.one_hot(known, 4))

mean, std = age_pt.mean(), age_pt.std(correction=0)
show(age=(age_pt[:, None] - mean) / std)

# %% features-unknown-tf tags=["tensorflow"]
lookup = keras.layers.StringLookup(
    vocabulary=names, output_mode="one_hot")
show(city=lookup(city))

Features = keras.utils.FeatureSpace
space = Features({
    "city": Features.string_categorical(output_mode="one_hot"),
    "age": Features.float_normalized(),
}, output_mode="concat")
table = {"age": age, "city": np.array(["Ulm"] * 3 + ["Bonn"])}
space.adapt(tf.data.Dataset.from_tensor_slices(table))
show(row=space({"age": age, "city": city}))

# %% [markdown]
# The first column is the age: `FeatureSpace` sorts the features by name, too. Then come `[UNK]` and the
# strings, with the most frequent string first.
#
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | vectors, or sequences with the same weights at each step | `nn.Linear`, `layers.Dense` | both act on the last axis |
# | several heads, or weights with more axes | `layers.EinsumDense`; in PyTorch `nn.Linear` and `unflatten` | the equation names all axes |
# | two inputs whose combination is important | `nn.Bilinear` | it multiplies them; it needs many weights |
# | a layer to remove | `nn.Identity`, `layers.Identity` | the other layers keep their names |
# | a Keras model | `keras.Input` as the first line | the weights exist, and the shapes are checked |
# | tables | preprocessing layers, `FeatureSpace` | `DenseFeatures` is removed; check the order of the columns, and `[UNK]` |
#
# ## Exercises
#
# Write dense layers and their gradients, their initialization, and the other layers of this chapter:
# [exercises on dense layers](../../exercises/layers/dense.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
