# %% [markdown]
# # Writing your own layer
#
# A layer is a class with weights and a formula. In PyTorch, derive it from `nn.Module`: create the weights in
# `__init__`, and compute the formula in `forward`. In Keras, derive it from `keras.layers.Layer`: create the weights
# in `build`, and compute the formula in `call`.
#
# **The claim:** a layer of your own can give the right output and still not train, or train with a wrong gradient. This
# chapter shows the most common causes. None of these raises an error in either framework:
#
# - A weight that is an ordinary tensor is not in the list that the optimizer gets.
# - A gradient that you write yourself, without the upstream gradient in it, is wrong by a factor.
# - `sign` has the gradient 0, so the weights before it do not change.
#
# How to save such layers is the subject of the [next chapter](saving_and_loading.ipynb). A layer can also add a penalty
# to the loss: see [`add_loss`](writing-your-own-terms).

# %%
import copy
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torchinfo

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
x = np.array([[1, 2, -1], [0.5, 0, 3]], dtype=np.float32)  # (batch, n_in)
weight = np.array([[1, -1], [0, 2], [0.5, 1]], dtype=np.float32)  # (n_in, n_out)
bias = np.array([0.5, -0.25], dtype=np.float32)
upstream = np.array([[1, 2], [3, -1]], dtype=np.float32)  # of the output

# %% [markdown]
# (custom-layer)=
# ## Writing a layer
#
# <!-- head: custom_layer -->
#
# The example is the dense layer, $y = xW + b$. $x$ is a batch of rows, $W$ the weight of shape (n_in, n_out), and $b$
# the bias. The shape of a weight of your own is your choice. `nn.Linear` stores the transpose, (n_out, n_in).
#
# In PyTorch the constructor gets the number of inputs. In Keras, `build` gets the shape of the first input. Keras
# calls `build` only once, before the first `call`, so a new layer [has no weights yet](module-and-layer).

# %% linear-pt tags=["pytorch"]
class LinearPt(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        w, b = torch.empty(n_in, n_out), torch.empty(n_out)
        self.weight = nn.Parameter(w)
        self.bias = nn.Parameter(b)
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, x):
        return x @ self.weight + self.bias

# %% linear-tf tags=["tensorflow"]
class LinearTf(keras.layers.Layer):
    def __init__(self, n_out, **kwargs):
        super().__init__(**kwargs)
        self.n_out = n_out

    def build(self, input_shape):
        shape = (input_shape[-1], self.n_out)
        self.weight = self.add_weight(
            shape=shape, initializer="glorot_uniform")
        self.bias = self.add_weight(
            shape=(self.n_out,), initializer="zeros")

    def call(self, x):
        return x @ self.weight + self.bias

# %% [markdown]
# `reset_parameters` is a convention of PyTorch's own layers: it gives the weights new random numbers, and the constructor
# calls it. In Keras each weight has its `initializer`. Both layers above use Glorot's uniform distribution, and biases
# of 0.
#
# The next cells give both layers the same weights. They print the outputs, and the gradients with respect to the
# input, the weight and the bias.

# %% tags=["pytorch"]
layer_pt = LinearPt(3, 2)
with torch.no_grad():
    layer_pt.weight.copy_(torch.tensor(weight))
    layer_pt.bias.copy_(torch.tensor(bias))
x_pt = torch.tensor(x, requires_grad=True)
y_pt = layer_pt(x_pt)
loss = (y_pt * torch.tensor(upstream)).sum()
loss.backward()
dx_pt = x_pt.grad
dw_pt, db_pt = layer_pt.weight.grad, layer_pt.bias.grad
show(y=y_pt, dx=dx_pt, dw=dw_pt, db=db_pt)

# %% tags=["tensorflow"]
layer_tf = LinearTf(2)
layer_tf.build((None, 3))
layer_tf.weight.assign(weight)
layer_tf.bias.assign(bias)
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = layer_tf(x_tf)
    loss = tf.reduce_sum(y_tf * upstream)
dx_tf, dw_tf, db_tf = tape.gradient(
    loss, [x_tf, layer_tf.weight, layer_tf.bias])
show(y=y_tf, dx=dx_tf, dw=dw_tf, db=db_tf)

# %%
agree(y_pt, y_tf, gradients=([dx_pt, dw_pt, db_pt], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# The built-in layers give the same outputs. `nn.Linear` needs the transposed weight:

# %% own-built-in-pt tags=["pytorch"]
linear = nn.Linear(3, 2)
with torch.no_grad():
    linear.weight.copy_(layer_pt.weight.T)
    linear.bias.copy_(layer_pt.bias)
same_pt = linear(x_pt) - layer_pt(x_pt)
show(difference=same_pt)

# %% own-built-in-tf tags=["tensorflow"]
dense = keras.layers.Dense(2)
dense.build((None, 3))
dense.set_weights(layer_tf.get_weights())
same_tf = dense(x) - layer_tf(x)
show(difference=same_tf)

# %%
agree(same_pt, same_tf)

# %% [markdown]
# ### Say what your layer prints, and which inputs it accepts
#
# In PyTorch, `extra_repr` returns what `print` shows between the parentheses. In Keras, `print` shows the name of the
# layer, and whether it is built.
#
# To check the input in PyTorch, compare the shape in `forward`. In Keras, assign a `keras.layers.InputSpec`, and Keras
# compares the shape of each input before it calls `call`.

# %% own-checked-pt tags=["pytorch"]
class CheckedPt(LinearPt):
    def extra_repr(self):
        n_in, n_out = self.weight.shape
        return f"n_in={n_in}, n_out={n_out}"

    def forward(self, x):
        if x.shape[1:] != self.weight.shape[:1]:
            raise ValueError(f"input of shape {tuple(x.shape)}")
        return super().forward(x)


print(CheckedPt(3, 2))
with show_error():
    CheckedPt(3, 2)(torch.ones(2, 4))

# %% own-checked-tf tags=["tensorflow"]
class CheckedTf(LinearTf):
    def build(self, input_shape):
        super().build(input_shape)
        n_in = input_shape[-1]
        self.input_spec = keras.layers.InputSpec(
            ndim=2, axes={-1: n_in})


checked = CheckedTf(2, name="checked")
print(checked)
checked(x)
with show_error():
    checked(tf.ones((2, 4)))

# %% [markdown]
# ### A layer that needs the numbers needs `compute_output_shape` and `run_eagerly=True`
#
# In a Keras model that begins with `keras.Input`, the layers are called once with a symbolic tensor: it has a shape
# and a dtype, and no numbers. For most layers this is enough, and Keras finds the shape of the output. If `call` needs
# the numbers, it raises an error. Write `compute_output_shape` for such a layer. `fit` and `predict` also call the
# layers without numbers, unless you compile the model with `run_eagerly=True`. A PyTorch module always gets numbers.
#
# The next cell shows this with a layer that computes with NumPy:

# %% own-output-shape
class Cumulative(keras.layers.Layer):
    def call(self, x):
        return tf.constant(np.cumsum(x.numpy(), axis=1))


class WithShape(Cumulative):
    def compute_output_shape(self, input_shape):
        return input_shape


symbolic = keras.Input((3,))
with show_error():
    Cumulative()(symbolic)
model = keras.Model(symbolic, WithShape()(symbolic))
print("output shape:", model.output_shape)
with show_error():
    model.predict(x, verbose=0)
model.compile(run_eagerly=True)
show(y=model.predict(x, verbose=0))

# %% [markdown]
# No gradient passes through NumPy, so use this only for layers in front of the weights.
#
# (own-masking)=
# ### A layer of your own drops the Keras mask, unless `supports_masking` is True
#
# A [mask](masking) says which steps of a sequence are padding. Keras passes it from layer to layer, together with the
# tensor. A layer of your own drops it, with a warning, and the next layers then compute with the padding. Set
# `supports_masking = True` to pass the mask on. If `call` has an argument `mask`, Keras passes it there. PyTorch has no
# such mask: pass it to `forward` yourself.

# %% own-masking-cell
class Doubled(keras.layers.Layer):
    def call(self, x, mask=None):
        print("mask in call:", mask.numpy().tolist())
        return 2 * x


embedded = keras.layers.Embedding(3, 4, mask_zero=True)(np.array([[1, 2, 0]]))
plain, masking = Doubled(), Doubled()
masking.supports_masking = True  # better in the constructor
with warnings.catch_warnings(record=True) as caught:
    outputs = [plain(embedded), masking(embedded)]
print(str(caught[0].message).rpartition(". ")[2])
for y in outputs:
    print("mask after:", getattr(y, "_keras_mask", None) is not None)

# %% [markdown]
# (own-summary)=
# ### Parameters counted by hand, and by the framework
#
# A dense layer has n_in · n_out weights and n_out biases. A network of two such layers, from 3 numbers to 4 and from 4
# to 2, has (3 · 4 + 4) + (4 · 2 + 2) = 26 parameters. The next cells print the network and its summary. The [section on
# summaries](model-summary) says which parameters a summary counts.

# %% own-summary-pt tags=["pytorch"]
net_pt = nn.Sequential(
    LinearPt(3, 4), nn.Tanh(), LinearPt(4, 2))
summary = torchinfo.summary(net_pt, (1, 3), col_width=12)
print(str(summary).partition("Total mult")[0])
n_pt = sum(p.numel() for p in net_pt.parameters())
print(n_pt, (3 * 4 + 4) + (4 * 2 + 2))

# %% own-summary-tf tags=["tensorflow"]
net_tf = keras.Sequential([
    keras.Input((3,)), LinearTf(4, name="hidden"),
    keras.layers.Activation("tanh", name="tanh"),
    LinearTf(2, name="out")], name="net")
net_tf.summary(line_length=60)
n_tf = net_tf.count_params()
print(n_tf, (3 * 4 + 4) + (4 * 2 + 2))

# %%
agree(torch.tensor(n_pt), tf.constant(n_tf))

# %% [markdown]
# (own-registered)=
# ## A weight that the layer does not find is neither trained nor saved
#
# An optimizer gets the list of the weights from the layer, and a saved model contains the arrays of this list. If an
# array is missing there, no error tells you.
#
# ### PyTorch finds `Parameter` and `Buffer`, Keras finds `keras.Variable`
#
# In PyTorch, make a trained weight an `nn.Parameter`. Make an array that is saved and not trained an `nn.Buffer`. In
# Keras, call `add_weight`, with `trainable=False` for an array that is not trained. A `keras.Variable` is found, too. A
# `tf.Variable` is not.
#
# The [first chapter](unregistered-weights) shows this for weights that are trained. The next cells add arrays that are
# not. They print the names of what is trained, and of what is saved.

# %% own-plain-pt tags=["pytorch"]
class Arrays(nn.Module):
    def __init__(self):
        super().__init__()
        self.plain = torch.ones(2, requires_grad=True)
        self.trained = nn.Parameter(torch.ones(2))
        self.kept = nn.Buffer(torch.ones(2))
        self.dropped = nn.Buffer(
            torch.ones(2), persistent=False)


layer = Arrays()
print("trained:", [n for n, _ in layer.named_parameters()])
print("saved:  ", list(layer.state_dict()))

# %% own-plain-tf tags=["tensorflow"]
class Arrays(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.plain = tf.Variable(tf.ones(2))
        self.trained = self.add_weight((2,), name="trained")
        self.kept = self.add_weight(
            (2,), trainable=False, name="kept")
        self.variable = keras.Variable(
            np.ones(2), name="variable")


layer = Arrays()
print("trained:", [v.name for v in layer.trainable_weights])
print("saved:  ", [v.name for v in layer.weights])

# %% [markdown]
# A buffer with `persistent=False` moves to another device with the module, but is not saved.
#
# ### Layers in a list or a dictionary are found in Keras, and not in PyTorch
#
# In PyTorch, put the layers into an `nn.ModuleList`, or into an `nn.ModuleDict`. The next cells print how many weights
# are found in each container.

# %% own-lists-pt tags=["pytorch"]
class Stack(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers


named = {"a": LinearPt(3, 3), "b": LinearPt(3, 2)}
listed = list(named.values())
for layers in (listed, named, nn.ModuleList(listed),
               nn.ModuleDict(named)):
    n = len(list(Stack(layers).parameters()))
    print(f"{type(layers).__name__:10}", n)

# %% own-lists-tf tags=["tensorflow"]
class Stack(keras.layers.Layer):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers


named = {"a": LinearTf(3), "b": LinearTf(2)}
listed = list(named.values())
for layer in listed:
    layer.build((None, 3))
for layers in (listed, named):
    n = len(Stack(layers).weights)
    print(f"{type(layers).__name__:10}", n)

# %% [markdown]
# ### A layer made in `forward` or `call` has new weights at each call
#
# The next cells call such a layer twice with the same input, and print whether the outputs are equal, and how many
# weights are found. Create layers in the constructor, or in Keras also in `build`.

# %% own-in-call-pt tags=["pytorch"]
class Anew(nn.Module):
    def forward(self, x):
        return LinearPt(3, 2)(x)


layer = Anew()
print("equal:", torch.equal(layer(x_pt), layer(x_pt)))
print("weights:", len(list(layer.parameters())))

# %% own-in-call-tf tags=["tensorflow"]
class Anew(keras.layers.Layer):
    def call(self, x):
        return LinearTf(2)(x)


layer = Anew()
print("equal:", np.array_equal(layer(x), layer(x)))
print("weights:", len(layer.weights))

# %% [markdown]
# ### `super().__init__()` comes first, and `add_weight` takes the shape first
#
# Without `super().__init__()`, PyTorch raises an error as soon as you assign a layer or a parameter. Keras raises an
# error when you call the layer.

# %% own-super-pt tags=["pytorch"]
class Forgetful(nn.Module):
    def __init__(self):
        self.inner = nn.Linear(3, 2)


with show_error():
    Forgetful()

# %% own-super-tf tags=["tensorflow"]
class Forgetful(keras.layers.Layer):
    def __init__(self):
        self.inner = keras.layers.Dense(2)


layer = Forgetful()  # no error yet
with show_error():
    layer(x)

# %% [markdown]
# The next cell shows two errors of `add_weight` in Keras. Its first argument is the shape. In Keras 2 it was the name,
# so old code raises an error. A layer accepts no new weights once it is built, so you cannot add one in `call`:

# %% own-add-weight
class OldOrder(keras.layers.Layer):
    def build(self, input_shape):
        self.weight = self.add_weight("weight", (3, 2))


class TooLate(keras.layers.Layer):
    def call(self, x):
        self.weight = self.add_weight((3, 2))
        return x @ self.weight


for layer in (OldOrder(), TooLate()):
    with show_error():
        layer(x)

# %% [markdown]
# (own-mode)=
# ## State and mode: training may change what inference uses
#
# Some layers behave differently in training. A PyTorch module stores its mode in `self.training`, and `eval()` changes
# it. A Keras layer gets the mode with each call, as the argument `training` of `call`. Keras passes it on to the inner
# layers.
#
# The next layer divides its input by the largest number that it has seen in training. `largest` is state: it is saved,
# but it is not trained, so it is a buffer in PyTorch and a weight with `trainable=False` in Keras.

# %% own-mode-pt tags=["pytorch"]
class ScaledPt(nn.Module):
    def __init__(self):
        super().__init__()
        self.largest = nn.Buffer(torch.tensor(1.0))

    def forward(self, x):
        if self.training:
            seen = x.detach().abs().max()
            new = torch.maximum(self.largest, seen)
            self.largest.copy_(new)
        return x / self.largest

# %% own-mode-tf tags=["tensorflow"]
class ScaledTf(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.largest = self.add_weight(
            (), initializer="ones", trainable=False)

    def call(self, x, training=False):
        if training:
            seen = tf.reduce_max(tf.abs(x))
            new = tf.maximum(self.largest, seen)
            self.largest.assign(new)
        return x / self.largest

# %% [markdown]
# The next cells call it three times: in inference mode, in training mode, and again in inference mode.

# %% own-modes-pt tags=["pytorch"]
layer, outputs_pt = ScaledPt(), []
for training in (False, True, False):
    y = layer.train(training)(torch.tensor(x))
    outputs_pt.append(y)
    show(largest=layer.largest, y=y[1])

# %% own-modes-tf tags=["tensorflow"]
layer, outputs_tf = ScaledTf(), []
for training in (False, True, False):
    y = layer(tf.constant(x), training=training)
    outputs_tf.append(y)
    show(largest=layer.largest.value, y=y[1])

# %%
agree(outputs_pt, outputs_tf)

# %% [markdown]
# Two things are easy to forget. In PyTorch, `detach` the batch before you store a number of it: otherwise the buffer is
# part of the graph, and `backward` raises an error as soon as the input needs a gradient. In Keras, change the weight
# with `assign`. After `self.largest = new` the outputs are right, but the weight that is saved is still 1. The next cells
# show both mistakes:

# %% own-state-pt tags=["pytorch"]
class NoDetach(ScaledPt):
    def forward(self, x):
        new = torch.maximum(self.largest, x.abs().max())
        self.largest.copy_(new)
        return x / self.largest


y = NoDetach()(torch.tensor(x, requires_grad=True))
with show_error():
    y.sum().backward()

# %% own-state-tf tags=["tensorflow"]
class NoAssign(ScaledTf):
    def call(self, x):
        seen = tf.reduce_max(tf.abs(x))
        self.largest = tf.maximum(self.largest, seen)
        return x / self.largest


layer = NoAssign()
layer(x)
show(largest=layer.largest, saved=layer.get_weights()[0])

# %% [markdown]
# (own-hooks)=
# ## Reading what an inner layer returns: hooks in PyTorch, a second model in Keras
#
# A forward hook is a function that PyTorch calls after a module, with the module, its inputs and its output. Remove it
# when you no longer need it. Keras has no hooks. For a model made of `keras.Input` and layers, make a second model with
# the same input, whose output is that of the inner layer. It uses the same weights.

# %%
rng = np.random.default_rng(0)
arrays = [rng.normal(size=shape).astype(np.float32) for shape in ((3, 4), 4, (4, 2), 2)]

# %% own-hook-pt tags=["pytorch"]
for p, array in zip(net_pt.parameters(), arrays):
    p.data.copy_(torch.tensor(array))
seen = []
handle = net_pt[1].register_forward_hook(
    lambda module, inputs, output: seen.append(output))
y_pt = net_pt(torch.tensor(x))
handle.remove()
(hidden_pt,) = seen
show(hidden=hidden_pt, y=y_pt)

# %% own-hook-tf tags=["tensorflow"]
net_tf.set_weights(arrays)
inner = keras.Model(
    net_tf.inputs, net_tf.get_layer("tanh").output)
y_tf = net_tf(tf.constant(x))
hidden_tf = inner(tf.constant(x))
show(hidden=hidden_tf, y=y_tf)

# %%
agree([hidden_pt, y_pt], [hidden_tf, y_tf])

# %% [markdown]
# ### `deepcopy` copies the weights, Keras's `clone_model` draws new ones
#
# `copy.deepcopy` copies a PyTorch module with its weights. Keras's `clone_model` copies the architecture only, so call
# `set_weights` after it. The next cells print whether a copy gives the same output.

# %% own-copies-pt tags=["pytorch"]
copied = copy.deepcopy(net_pt)
y_copied_pt = copied(torch.tensor(x))
print("deepcopy:", torch.equal(y_copied_pt, y_pt))

# %% own-copies-tf tags=["tensorflow"]
copied = keras.models.clone_model(net_tf)
same = np.allclose(copied(x), y_tf)
print("clone_model:", same)
copied.set_weights(net_tf.get_weights())
y_copied_tf = copied(tf.constant(x))
print("set_weights:", np.array_equal(y_copied_tf, y_tf))

# %%
agree(y_copied_pt, y_copied_tf)

# %% [markdown]
# (own-lambda)=
# ## `Lambda` makes a layer of a function, without weights of its own
#
# For a formula without weights, Keras has `keras.layers.Lambda`. In PyTorch write a module of a few lines. The next
# cells square the input.

# %% own-lambda-pt tags=["pytorch"]
class Square(nn.Module):
    def forward(self, x):
        return x**2


y_pt, dx_pt = value_and_grad(Square(), torch.tensor(x))
show(y=y_pt, dx=dx_pt)

# %% own-lambda-tf tags=["tensorflow"]
square = keras.layers.Lambda(lambda x: x**2)
y_tf, dx_tf = value_and_grad(square, tf.constant(x))
show(y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Weights that such a function uses are not found, so they are not trained. A `Lambda` with a lambda inside also [does
# not load](saving-lambda). Write a `Layer` as soon as there are weights, or if the model is to be saved. The next cell
# puts a `Dense` into a `Lambda`:

# %% own-lambda-weights
dense = keras.layers.Dense(2)
layer = keras.layers.Lambda(lambda x: dense(x))
layer(x)
print("weights of dense:", len(dense.weights), "of the Lambda:", len(layer.weights))

# %% [markdown]
# (custom-gradient)=
# ## Writing a gradient
#
# <!-- head: custom_gradient -->
#
# Autograd and the tape differentiate your formula for you. Write the gradient yourself if the formula has none that is
# useful, such as `sign`, or if the automatic one is not accurate. A function of your own with its gradient has two parts:
# the forward part returns $y = f(x)$. The backward part gets the *upstream gradient* $g = \partial L / \partial y$, and
# returns $\partial L / \partial x$. For an elementwise function this is $g \cdot f'(x)$.
#
# In PyTorch, derive a class from `torch.autograd.Function`, and call it with `apply`. `ctx` keeps what the backward part
# needs. In TensorFlow, put the decorator `tf.custom_gradient` on a function that returns the value and the gradient
# function.
#
# The next cells write `sign` with the gradient of a hardtanh: $g$ where $|x| \le 1$, and 0 elsewhere.

# %% own-sign-pt tags=["pytorch"]
class Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.sign(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (x.abs() <= 1)

# %% own-sign-tf tags=["tensorflow"]
@tf.custom_gradient
def sign_tf(x):
    def backward(g):
        inside = tf.abs(x) <= 1
        return g * tf.cast(inside, g.dtype)

    return tf.sign(x), backward

# %% tags=["pytorch"]
g = torch.tensor(upstream[:, 0])
z_pt = torch.tensor([0.5, -2.0])
y_pt, dz_pt = value_and_grad(
    Sign.apply, z_pt, upstream_gradient=g)
show(y=y_pt, dz=dz_pt)

# %% tags=["tensorflow"]
g = tf.constant(upstream[:, 0])
z_tf = tf.constant([0.5, -2.0])
y_tf, dz_tf = value_and_grad(
    sign_tf, z_tf, upstream_gradient=g)
show(y=y_tf, dz=dz_tf)

# %%
agree(y_pt, y_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# Keras has its own decorator, `keras.ops.custom_gradient`, which runs on each of its backends. Its gradient function
# must have the parameters `*args, upstream=None`, because the backends pass the upstream gradient in two ways:

# %% own-keras-gradient
@keras.ops.custom_gradient
def sign_keras(x):
    def backward(*args, upstream=None):
        g = args[0] if upstream is None else upstream
        return g * keras.ops.cast(keras.ops.abs(x) <= 1, x.dtype)

    return keras.ops.sign(x), backward


agree([y_pt, dz_pt], value_and_grad(sign_keras, z_tf, upstream_gradient=g))

# %% [markdown]
# ### A gradient without the upstream gradient is right only if the upstream gradient is 1
#
# The backward part must multiply by $g$. If it does not, the value is right, and so is the gradient of a plain sum. The
# next cells square a number and return $2x$ instead of $g \cdot 2x$. They print the gradient of $x^2$, and that of
# $3 x^2$. At $x = 5$ the right gradients are 10 and 30.

# %% own-upstream-pt tags=["pytorch"]
class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, g):
        return 2 * ctx.saved_tensors[0]


z = torch.tensor([5.0])
_, once_pt = value_and_grad(Wrong.apply, z)
_, thrice_pt = value_and_grad(lambda z: 3 * Wrong.apply(z), z)
show(once=once_pt, thrice=thrice_pt)

# %% own-upstream-tf tags=["tensorflow"]
@tf.custom_gradient
def wrong_tf(x):
    def backward(g):
        return 2 * x

    return x**2, backward


z = tf.constant([5.0])
_, once_tf = value_and_grad(wrong_tf, z)
_, thrice_tf = value_and_grad(lambda z: 3 * wrong_tf(z), z)
show(once=once_tf, thrice=thrice_tf)

# %%
agree([once_pt, thrice_pt], [once_tf, thrice_tf])

# %% [markdown]
# A numerical check compares the gradient with differences of the value. Both frameworks have one: give it float64. [The
# chapter on losses](writing-your-own-check) explains it. The next cells apply it to $3 x^2$. PyTorch raises an error, and
# TensorFlow returns both gradients.

# %% own-check-pt tags=["pytorch"]
z = torch.tensor([5.0], dtype=torch.float64).requires_grad_()
with show_error():
    torch.autograd.gradcheck(lambda z: 3 * Wrong.apply(z), z)

# %% own-check-tf tags=["tensorflow"]
z = tf.constant([5.0], dtype=tf.float64)
written, numerical = tf.test.compute_gradient(
    lambda z: 3 * wrong_tf(z), [z])
show(written=written[0], numerical=numerical[0])

# %% [markdown]
# ### An automatic gradient can be NaN where the right one is 1
#
# $\log(1 + e^x)$ overflows for large $x$. A threshold in the forward part repairs the value, and not the gradient: the
# branch that is not taken still gets 0 · ∞ = NaN. The right gradient is the sigmoid of $x$. The next cells compute value
# and gradient at 0 and at 100, first with `where` alone, and then with the gradient written by hand.

# %% own-log1pexp-pt tags=["pytorch"]
def value_pt(x):
    return torch.where(x > 20, x, torch.log(1 + torch.exp(x)))


class Log1pExp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return value_pt(x)

    @staticmethod
    def backward(ctx, g):
        return g * torch.sigmoid(ctx.saved_tensors[0])

# %% own-log1pexp-tf tags=["tensorflow"]
def value_tf(x):
    return tf.where(x > 20, x, tf.math.log(1 + tf.exp(x)))


@tf.custom_gradient
def log1pexp_tf(x):
    def backward(g):
        return g * tf.sigmoid(x)

    return value_tf(x), backward

# %% own-nan-pt tags=["pytorch"]
z = torch.tensor([0.0, 100.0])
_, dz = value_and_grad(value_pt, z)
y_pt, dz_pt = value_and_grad(Log1pExp.apply, z)
show(y=y_pt, automatic=dz, by_hand=dz_pt)

# %% own-nan-tf tags=["tensorflow"]
z = tf.constant([0.0, 100.0])
_, dz = value_and_grad(value_tf, z)
y_tf, dz_tf = value_and_grad(log1pexp_tf, z)
show(y=y_tf, automatic=dz, by_hand=dz_tf)

# %%
agree(y_pt, y_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# (straight-through-estimator)=
# ## The straight-through estimator: round forward, an Identity backward
#
# `round` is constant between its jumps, so its derivative is 0, and no weight before it can be trained. In PyTorch the
# gradient is a tensor of zeros. In TensorFlow the gradient of `tf.round` is `None`, and that of `tf.sign` is 0.
#
# The *straight-through estimator* {footcite:p}`bengio2013estimating` rounds in the forward part, and passes the gradient
# on unchanged, as an Identity does. You need no function of your own for it: add the correction
# $\operatorname{round}(x) - x$ to $x$, and stop the gradient of the correction.

# %% own-straight-pt tags=["pytorch"]
z_pt = torch.tensor([1.2, -0.6])
_, dz = value_and_grad(torch.round, z_pt)
show(round=dz)
y_pt, dz_pt = value_and_grad(
    lambda x: x + (torch.round(x) - x).detach(), z_pt)
show(y=y_pt, straight=dz_pt)

# %% own-straight-tf tags=["tensorflow"]
z_tf = tf.constant([1.2, -0.6])
_, dz = value_and_grad(tf.round, z_tf)
print("round", dz)
y_tf, dz_tf = value_and_grad(
    lambda x: x + tf.stop_gradient(tf.round(x) - x), z_tf)
show(y=y_tf, straight=dz_tf)

# %%
agree(y_pt, y_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# If all weights of a Keras model have the gradient `None`, `fit` raises an error. If only some have it, `fit` warns and
# trains the others. With zeros there is no error and no warning, and `fit` changes nothing:

# %% own-none
def unchanged(function):
    model = keras.Sequential([keras.Input((3,)), LinearTf(2), keras.layers.Lambda(function)])
    before = model.get_weights()
    model.compile("sgd", "mean_squared_error")
    model.fit(x, upstream, verbose=0)
    return all(map(np.array_equal, before, model.get_weights()))


print("sign: unchanged:", unchanged(tf.sign))
with show_error():
    unchanged(tf.round)

# %% [markdown]
# ### With the wrong term detached, the gradient is 0 or −1
#
# The value is right in each case, because `detach` does not change a value. So only the gradient shows the mistake. In
# the next cells, `zero` detaches the rounded number alone, so that the two $x$ cancel. `minus` detaches the $x$ in front.

# %% own-wrong-term-pt tags=["pytorch"]
y0_pt, zero_pt = value_and_grad(
    lambda x: x + (torch.round(x).detach() - x), z_pt)
y1_pt, minus_pt = value_and_grad(
    lambda x: x.detach() + (torch.round(x) - x), z_pt)
show(y=y0_pt, zero=zero_pt)
show(y=y1_pt, minus=minus_pt)

# %% own-wrong-term-tf tags=["tensorflow"]
stop = tf.stop_gradient
y0_tf, zero_tf = value_and_grad(
    lambda x: x + (stop(tf.round(x)) - x), z_tf)
y1_tf, minus_tf = value_and_grad(
    lambda x: stop(x) + (tf.round(x) - x), z_tf)
show(y=y0_tf, zero=zero_tf)
show(y=y1_tf, minus=minus_tf)

# %%
agree([y0_pt, y1_pt], [y0_tf, y1_tf],
      gradients=([zero_pt, minus_pt], [zero_tf, minus_tf]))

# %% [markdown]
# (own-one-bit)=
# ### One-bit weights do not train without it
#
# A network whose weights are −1 or 1 needs one bit for each weight {footcite:p}`courbariaux2015binaryconnect`. Training
# keeps ordinary numbers $w$, and the forward part uses $\operatorname{sign}(w)$. The next cells train eight such weights
# on 64 examples whose targets were made with eight known signs. Three of the first signs are wrong. The cells print the
# loss at the steps 0, 6, 8, 12, 14 and 99, without the straight-through line (`plain`) and with it (`straight`).

# %%
rng = np.random.default_rng(0)
inputs = rng.normal(size=(64, 8)).astype(np.float32)
targets = inputs @ rng.choice([-1, 1], 8).astype(np.float32)
start = rng.uniform(-0.5, 0.5, 8).astype(np.float32)
shown = [0, 6, 8, 12, 14, 99]

# %% own-bits-pt tags=["pytorch"]
def losses_pt(bits):
    w, losses = torch.tensor(start, requires_grad=True), []
    for _ in range(100):
        y_hat = torch.tensor(inputs) @ bits(w)
        loss = ((y_hat - torch.tensor(targets)) ** 2).mean()
        losses.append(loss.detach())
        (dw,) = torch.autograd.grad(loss, w)
        w.data -= 0.01 * dw
    return torch.stack(losses)

# %% own-bits-tf tags=["tensorflow"]
def losses_tf(bits):
    w, losses = tf.Variable(start), []
    for _ in range(100):
        with tf.GradientTape() as tape:
            y_hat = tf.linalg.matvec(inputs, bits(w))
            loss = tf.reduce_mean((y_hat - targets) ** 2)
        losses.append(loss)
        w.assign_sub(0.01 * tape.gradient(loss, w))
    return tf.stack(losses)

# %% own-bits-losses-pt tags=["pytorch"]
plain_pt = losses_pt(torch.sign)
straight_pt = losses_pt(
    lambda w: w + (torch.sign(w) - w).detach())
show(plain=plain_pt[shown], straight=straight_pt[shown])

# %% own-bits-losses-tf tags=["tensorflow"]
plain_tf = losses_tf(tf.sign)
straight_tf = losses_tf(
    lambda w: w + tf.stop_gradient(tf.sign(w) - w))
show(plain=plain_tf.numpy()[shown],
     straight=straight_tf.numpy()[shown])

# %%
agree([plain_pt, straight_pt], [plain_tf, straight_tf])

# %% own-bits-figure tags=["hide-input"]
# alt: The loss over 20 steps. Without the straight-through estimator it is a horizontal line at 11.5. With it, the loss
# is 11.5 for seven steps, then 3.6, and 0 from step 14 on. PyTorch's line and TensorFlow's circles coincide.
fig, ax = plt.subplots()
steps = np.arange(20)
plots.coinciding(ax, steps, plain_pt[:20], plain_tf[:20], markers=10)
plots.coinciding(ax, steps, straight_pt[:20], straight_tf[:20], label=(13.2, 6.4), markers=10)
ax.annotate("without", (15.5, 10.6), color=plots.INK)
ax.annotate("with", (9.5, 4.1), color=plots.INK)
plots.zero_lines(ax)
ax.set(xlabel="step", ylabel="loss", xticks=(0, 5, 10, 15),
       title="Without the estimator, the loss stays at 11.47")
plt.show()

# %% [markdown]
# With the estimator, each step changes the numbers $w$ a little, and most steps change no sign. When a $w$ crosses 0, its
# sign changes, and the loss falls: at step 8 for two weights, and at step 14 for the third. With all signs right, the
# loss is 0.

# %% [markdown]
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | a formula with weights | `nn.Module`, `keras.layers.Layer` | the weights are found, trained and saved |
# | a formula without weights | a function, an `nn.Module`, `keras.layers.Lambda` | a function needs no class |
# | a model that is to be saved, in Keras | a `Layer` instead of a `Lambda` | a [`Lambda` does not load](saving-lambda) by default |
# | an array that is saved and not trained | `nn.Buffer`, `add_weight(trainable=False)` | a plain tensor is not saved |
# | a layer between `Embedding` and a recurrent layer | `supports_masking = True` in Keras | otherwise the mask is dropped |
# | several layers in a list | `nn.ModuleList`, a list in Keras | PyTorch does not look into lists |
# | weights before a `round` or `sign` | `x + (hard(x) - x).detach()`, `tf.stop_gradient` | the gradient of `round` is 0, or `None` in TensorFlow |
# | a gradient that depends on the upstream gradient | `autograd.Function`, `tf.custom_gradient` | `detach` can only keep or drop a term |
#
# ## Exercises
#
# Write a dense layer, a linear layer with one-bit weights, and a gradient with a largest length:
# [exercises](../../exercises/layers/writing_your_own.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
