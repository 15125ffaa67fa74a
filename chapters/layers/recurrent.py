# %% [markdown]
# # Recurrent layers
#
# A recurrent layer reads a sequence step by step. At each step it computes a new state, from the input of this
# step and from the state of the step before. It returns the states of all steps, or only the last one.
#
# **The claim:** you can copy the weights of an LSTM or a GRU from PyTorch into Keras. Then outputs, states and
# gradients agree, also for sequences of unequal length. Four things differ, and a mistake in any of them can pass
# without an error: the axis of the time, the number of biases, the order of the gates in a GRU, and the outputs after
# the end of a short sequence. The initial weights differ, too. Over 100 steps, the gradient of a new LSTM is more than
# $10^{12}$ times larger with Keras's initial weights than with PyTorch's.

# %%
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn

from diptych import agree, copy_weights, plots, show, show_error, value_and_grad

plots.use_style()
rng = np.random.default_rng(0)
x = rng.normal(size=(3, 5, 2)).astype(np.float32)  # (batch, time, features)
upstream = rng.normal(size=(3, 5, 4)).astype(np.float32)  # (batch, time, hidden)


def filled(layer):
    """A layer of PyTorch whose weights and biases are the same in every run."""
    for weight in layer.parameters():
        weight.data = torch.tensor(rng.normal(size=weight.shape), dtype=weight.dtype)
    return layer

# %% [markdown]
# `x` has 3 sequences of 5 steps with 2 features each. All layers have 4 hidden units. `upstream` is the gradient
# that a layer gets from the layers after it.

# %% [markdown]
# (simple-rnn)=
# ## Simple RNN
#
# <!-- head: simple_rnn -->
#
# A simple RNN multiplies the input and the old state by a matrix each, adds the two products, and takes the tanh. Choose
# it for short sequences, or to learn how the other layers work. For long sequences choose an LSTM or a GRU, whose gates
# can learn to keep the state.
#
# $$h_t = \tanh(W_{ih}\, x_t + b_{ih} + W_{hh}\, h_{t-1} + b_{hh})$$
#
# Here $x_t$ is the input of step $t$, and $h_t$ is the state after it, which is also the output. The state before
# the first step is 0. In Keras, $W_{ih}^\top$ is `kernel`, $W_{hh}^\top$ is `recurrent_kernel`, and there is one
# `bias`. The next cells print the shapes, and the last output and the last state of the first sequence:

# %% simple-rnn-pt tags=["pytorch"]
rnn_pt = filled(nn.RNN(2, 4, batch_first=True))
x_pt = torch.tensor(x, requires_grad=True)
y_pt, h_pt = rnn_pt(x_pt)
dx_pt, dw_pt, du_pt, db_pt, dc_pt = torch.autograd.grad(
    y_pt, (x_pt, *rnn_pt.parameters()),
    torch.tensor(upstream))
print(tuple(y_pt.shape), tuple(h_pt.shape))
show(y=y_pt[0, -1], h=h_pt[0, 0])

# %% simple-rnn-tf tags=["tensorflow"]
rnn_tf = keras.layers.SimpleRNN(
    4, return_sequences=True, return_state=True)
rnn_tf.build(x.shape)
copy_weights(rnn_pt, rnn_tf)
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf, h_tf = rnn_tf(x_tf)
dx_tf, dw_tf, du_tf, db_tf = tape.gradient(
    y_tf, (x_tf, *rnn_tf.trainable_weights),
    tf.constant(upstream))
print(y_tf.shape, h_tf.shape)
show(y=y_tf[0, -1], h=h_tf[0])

# %%
agree([y_pt, h_pt[0]], [y_tf, h_tf],
      gradients=([dx_pt, dw_pt.T, du_pt.T, db_pt, dc_pt], [dx_tf, dw_tf, du_tf, db_tf, db_tf]))

# %% [markdown]
# `copy_weights` transposes the two matrices and adds the two biases. Each of PyTorch's two biases has the same gradient
# as Keras's one bias.
#
# PyTorch's state has one more axis than Keras's. This first axis counts layers and directions. The two frameworks also
# differ in what they return:
#
# | you want | in PyTorch | in Keras |
# | --- | --- | --- |
# | the outputs of all steps | `y, _ = rnn(x)` | `return_sequences=True` |
# | the last state | `_, h = rnn(x)`, then `h[-1]` | the default |
# | both | `y, h = rnn(x)` | `return_sequences=True, return_state=True` |
#
# ### Without `batch_first=True`, PyTorch takes axis 0 for the time
#
# By default, PyTorch's layers read `(time, batch, features)`. If you pass a batch with the axes of Keras, there is no
# error, and the layer reads 3 steps of 5 sequences. To see this, the next cells add 1 to the first of the 3 sequences,
# and print for which sequences the outputs change. The PyTorch cell prints it first with `batch_first=True`, and then
# without:

# %% batch-first-pt tags=["pytorch"]
plain_pt = nn.RNN(2, 4)
plain_pt.load_state_dict(rnn_pt.state_dict())
other = x + np.float32([1, 0, 0])[:, None, None]
for layer in (rnn_pt, plain_pt):
    y, h = layer(torch.tensor(x))
    y_other, _ = layer(torch.tensor(other))
    changed = (y != y_other).flatten(1).any(1)
    print(changed.tolist(), "h:", tuple(h.shape))
y_pt = plain_pt(torch.tensor(x).transpose(0, 1))[0]

# %% batch-first-tf tags=["tensorflow"]
other = x + np.float32([1, 0, 0])[:, None, None]
y_tf, h = rnn_tf(x)
y_other, _ = rnn_tf(other)
changed = tf.reduce_any(y_tf != y_other, (1, 2))
print(changed.numpy().tolist(), "h:", h.shape)

# %% batch-first
agree(y_pt.transpose(0, 1), y_tf)

# %% [markdown]
# Without `batch_first=True`, a change in the first sequence changes the outputs of all three, because the layer takes
# the sequences for steps. You can find the mistake in the shape of the state: it has 5 rows instead of 3. The last
# line of the PyTorch cell transposes the input. With the output transposed, too, the frameworks agree.
#
# ### With SGD, the sum of PyTorch's two biases moves twice as far
#
# The output depends only on the sum of the two biases. Each of the two gets the full gradient, so one step moves the sum
# by twice the learning rate times the gradient. Keras's one bias moves half as far. The next cells make one step with
# the learning rate 0.01, and print by how much the bias has moved:

# %% simple-rnn-biases-pt tags=["pytorch"]
def bias_after_step_pt(layer):
    sgd = torch.optim.SGD(layer.parameters(), lr=0.01)
    y, _ = layer(torch.tensor(x))
    y.square().sum().backward()
    sgd.step()
    return (layer.bias_ih_l0 + layer.bias_hh_l0).detach()


bias = (rnn_pt.bias_ih_l0 + rnn_pt.bias_hh_l0).detach()
moved_pt = bias_after_step_pt(rnn_pt) - bias
show(moved=moved_pt)

# %% simple-rnn-biases-tf tags=["tensorflow"]
def bias_after_step_tf(layer):
    sgd = keras.optimizers.SGD(learning_rate=0.01)
    weights = layer.trainable_weights
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x)[0] ** 2)
    sgd.apply(tape.gradient(loss, weights), weights)
    return tf.identity(layer.cell.bias)


bias = tf.identity(rnn_tf.cell.bias)
moved_tf = bias_after_step_tf(rnn_tf) - bias
show(moved=moved_tf)

# %% simple-rnn-biases
agree(moved_pt, 2 * moved_tf)

# %% [markdown]
# To train as in Keras, move the whole bias into `bias_ih_l0`, set `bias_hh_l0` to 0, and do not train it. Then the bias
# is the same after one step:

# %% tags=["pytorch"]
one_pt = filled(nn.RNN(2, 4, batch_first=True))
with torch.no_grad():
    one_pt.bias_ih_l0 += one_pt.bias_hh_l0
    one_pt.bias_hh_l0.zero_()
one_pt.bias_hh_l0.requires_grad = False

# %% tags=["tensorflow"]
one_tf = keras.layers.SimpleRNN(
    4, return_sequences=True, return_state=True)
one_tf.build(x.shape)
copy_weights(one_pt, one_tf)

# %%
agree(bias_after_step_pt(one_pt), bias_after_step_tf(one_tf))

# %% [markdown]
# (lstm)=
# ## LSTM
#
# <!-- head: lstm -->
#
# An LSTM has a second state, the cell state $c$ {footcite:p}`hochreiter1997long`. It also has three gates, which are
# numbers between 0 and 1: the forget gate $f$ multiplies the old cell state, the input gate $i$ multiplies the new
# values $g$, and the output gate $o$ multiplies the output. Choose an LSTM for long sequences.
#
# $$\begin{aligned} i, f, o &= \sigma(W x_t + b + U h_{t-1} + c') && g = \tanh(W x_t + b + U h_{t-1} + c') \\
# c_t &= f \odot c_{t-1} + i \odot g && h_t = o \odot \tanh(c_t) \end{aligned}$$
#
# Here $\sigma$ is the sigmoid, and $\odot$ multiplies element by element. Each of $i, f, g, o$ has its own block of the
# two matrices $W$ and $U$ and of the two biases $b$ and $c'$. Both frameworks store the four blocks in the order
# $i, f, g, o$, PyTorch as rows and Keras as columns.
#
# To copy the weights by hand, transpose the two matrices and add the two biases. The next cells print the shapes of
# the arrays in each framework:

# %% lstm-pt tags=["pytorch"]
lstm_pt = filled(nn.LSTM(2, 4, batch_first=True))
w, u, b, c = (p.detach() for p in lstm_pt.parameters())
print([tuple(a.shape) for a in (w, u, b, c)])
(y_pt, (h_pt, c_pt)), dx_pt, dw_pt = value_and_grad(
    lstm_pt, torch.tensor(x), upstream_gradient=upstream)
dw_pt = [dw_pt[0].T, dw_pt[1].T, dw_pt[2]]

# %% lstm-tf tags=["tensorflow"]
lstm_tf = keras.layers.LSTM(
    4, return_sequences=True, return_state=True)
lstm_tf.build(x.shape)
lstm_tf.set_weights([w.T, u.T, b + c])
print([tuple(a.shape) for a in lstm_tf.weights])
(y_tf, h_tf, c_tf), dx_tf, dw_tf = value_and_grad(
    lstm_tf, tf.constant(x), upstream_gradient=upstream)

# %% lstm-moved
agree([y_pt, h_pt[0], c_pt[0]], [y_tf, h_tf, c_tf],
      gradients=([dx_pt, *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# `copy_weights(lstm_pt, lstm_tf)` does the same. Back from Keras, it sets `bias_hh_l0` to 0.
#
# ### PyTorch's `num_layers=2` is two layers in Keras
#
# In Keras, write one layer for each of PyTorch's layers, with `return_sequences=True`, so that the next layer gets a
# sequence. In PyTorch, `all_weights` has one list of arrays for each layer, and the states have one row for each layer:

# %% lstm-stacked-pt tags=["pytorch"]
deep_pt = filled(nn.LSTM(2, 4, num_layers=2,
                         batch_first=True))
y_pt, (h_pt, _) = deep_pt(torch.tensor(x))
print(tuple(y_pt.shape), tuple(h_pt.shape))

# %% lstm-stacked-tf tags=["tensorflow"]
deep_tf = keras.Sequential([
    keras.layers.LSTM(4, return_sequences=True)
    for _ in range(2)])
deep_tf.build(x.shape)
for layer, weights in zip(deep_tf.layers,
                          deep_pt.all_weights):
    w, u, b, c = (p.detach() for p in weights)
    layer.set_weights([w.T, u.T, b + c])
y_tf = deep_tf(x)
print(y_tf.shape)

# %% lstm-stacked
agree([y_pt, h_pt[-1]], [y_tf, y_tf[:, -1]])

# %% [markdown]
# ### Both layers continue from a state that you pass, in Keras as `initial_state`
#
# A long sequence can be read in chunks, and a decoder starts from the state of an encoder. Pass the state that the
# first call returned to the second call. The next cells read 3 steps and then 2, and compare with all 5 steps in one
# call. The gradient goes through the passed state: `dx` is the gradient of the second output with respect to the first
# chunk. To cut it off, `detach` the state in PyTorch, and use `tf.stop_gradient` in TensorFlow.

# %% lstm-state-pt tags=["pytorch"]
x1, x2 = torch.tensor(x).split([3, 2], dim=1)
first, state = lstm_pt(x1)
second, _ = lstm_pt(x2, state)
y_pt = torch.cat([first, second], 1)
whole = lstm_pt(torch.tensor(x))[0]
print("one call:", torch.allclose(y_pt, whole, atol=1e-6))
_, dx_pt = value_and_grad(
    lambda x1: lstm_pt(x2, lstm_pt(x1)[1])[0], x1)

# %% lstm-state-tf tags=["tensorflow"]
x1, x2 = tf.split(x, [3, 2], axis=1)
first, *state = lstm_tf(x1)
second, *_ = lstm_tf(x2, initial_state=state)
y_tf = tf.concat([first, second], 1)
whole = lstm_tf(x)[0]
print("one call:", np.allclose(y_tf, whole, atol=1e-6))
_, dx_tf = value_and_grad(lambda x1: lstm_tf(
    x2, initial_state=lstm_tf(x1)[1:])[0], x1)

# %% lstm-state
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# A Keras layer with `stateful=True` stores the state itself, until you call `reset_state`. It must know the size of
# the batch, and the gradient does not go through the stored state:

# %% lstm-stateful
keeping = keras.layers.LSTM(4, return_sequences=True, stateful=True)
keeping.build(x.shape)
copy_weights(lstm_pt, keeping)
with tf.GradientTape() as tape:
    tape.watch(x1)
    first, second = keeping(x1), keeping(x2)
print("one call:", np.allclose(tf.concat([first, second], 1), whole, atol=1e-6))
print("gradient of the first chunk:", tape.gradient(second, x1))
keeping.reset_state()
print("after reset_state:", np.allclose(keeping(x1), first, atol=1e-6))

# %% [markdown]
# ### `dropout` acts between layers in PyTorch, and on the inputs in Keras
#
# In PyTorch, `dropout=0.5` drops outputs of all layers except the last one. A single layer drops nothing, and PyTorch
# warns. In Keras, `dropout=0.5` drops features of the layer's input, and the same features at all steps. Keras also has
# `recurrent_dropout`, which drops numbers of the state.
#
# The PyTorch cell prints the warning. Then it prints whether the outputs are the same in training mode and in inference
# mode, for one layer and for two. In the TensorFlow cell the layer adds up 8 features that are all 1, so its output says
# how many features are left. The cell prints whether this number is equal at all steps, and in all sequences:

# %% lstm-dropout-pt tags=["pytorch"]
with warnings.catch_warnings(record=True) as caught:
    one = nn.LSTM(2, 4, dropout=0.5, batch_first=True)
print(str(caught[0].message)[:54] + " …")
two = nn.LSTM(2, 4, num_layers=2, dropout=0.5,
              batch_first=True)
for layer in (one, two):
    trained, _ = layer(torch.tensor(x))
    evaluated, _ = layer.eval()(torch.tensor(x))
    print(torch.equal(trained, evaluated))

# %% lstm-dropout-tf tags=["tensorflow"]
adding = keras.layers.SimpleRNN(
    1, dropout=0.5, activation="linear", seed=0,
    kernel_initializer="ones", use_bias=False,
    recurrent_initializer="zeros", return_sequences=True)
y = adding(tf.ones((20, 6, 8)), training=True)
y = y.numpy()
print("equal at all steps:", (y == y[:, :1]).all())
print("equal in all sequences:", (y == y[:1]).all())

# %% [markdown]
# To port a stack of layers with dropout from PyTorch, put a `keras.layers.Dropout` between the layers.

# %% [markdown]
# (gru)=
# ## GRU
#
# <!-- head: gru -->
#
# A GRU has two gates and only one state {footcite:p}`cho2014learning`. Its matrices have three blocks, where those of an
# LSTM have four. Choose it like an LSTM, if you want a smaller layer.
#
# $$\begin{aligned} r, z &= \sigma(W x_t + b + U h_{t-1} + c) \\ n &= \tanh(W_n x_t + b_n + r \odot (U_n h_{t-1} + c_n)) \\
# h_t &= (1 - z) \odot n + z \odot h_{t-1} \end{aligned}$$
#
# The new values $n$ depend on the old state only where the reset gate $r$ is not 0. Where the update gate $z$ is 1, the
# old state stays as it is. Some textbooks write $z$ for $1 - z$. PyTorch and Keras agree on $z$. The reset gate also
# multiplies the bias $c_n$, so you cannot add the two biases. Keras stores both, as two rows of one array.
#
# The blocks are in the order $r, z, n$ in PyTorch and $z, r, n$ in Keras. To copy the weights, swap the first two blocks
# of all four arrays, transpose the matrices, and stack the biases:

# %%
def swapped(array):
    r, z, n = array.chunk(3)
    return torch.cat([z, r, n])

# %% gru-pt tags=["pytorch"]
gru_pt = filled(nn.GRU(2, 4, batch_first=True))
(y_pt, h_pt), dx_pt, dw_pt = value_and_grad(
    gru_pt, torch.tensor(x), upstream_gradient=upstream)

# %% gru-tf tags=["tensorflow"]
gru_tf = keras.layers.GRU(
    4, return_sequences=True, return_state=True)
gru_tf.build(x.shape)
w, u, b, c = (p.detach() for p in gru_pt.parameters())
w, u, b, c = map(swapped, (w, u, b, c))
gru_tf.set_weights([w.T, u.T, torch.stack([b, c])])
(y_tf, h_tf), dx_tf, dw_tf = value_and_grad(
    gru_tf, tf.constant(x), upstream_gradient=upstream)

# %% gru-moved
dw, du, db, dc = map(swapped, dw_pt)
agree([y_pt, h_pt[0]], [y_tf, h_tf],
      gradients=([dx_pt, dw.T, du.T, torch.stack([db, dc])], [dx_tf, *dw_tf]))

# %% [markdown]
# `copy_weights(gru_pt, gru_tf)` does the same.
#
# ### Three usual mistakes change the outputs and raise no error
#
# The next cell copies the weights three times, with one mistake each. It prints the largest difference from PyTorch's
# outputs, which lie between −1 and 1:

# %% gru-mistakes
raw = [p.detach() for p in gru_pt.parameters()]
mistakes = {
    "blocks not swapped": ([raw[0].T, raw[1].T, torch.stack(raw[2:])], {}),
    "biases added up": ([w.T, u.T, torch.stack([b + c, 0 * c])], {}),
    "reset_after=False": ([w.T, u.T, b + c], {"reset_after": False}),
}
for name, (weights, options) in mistakes.items():
    layer = keras.layers.GRU(4, return_sequences=True, **options)
    layer.build(x.shape)
    layer.set_weights(weights)
    print(f"{name:20} {abs(layer(x) - y_pt.detach().numpy()).numpy().max():.1f}")

# %% [markdown]
# With biases of 0, the second mistake would change nothing. So compare the outputs with large biases, as this chapter
# does.
#
# ### `reset_after=False` is another formula, and PyTorch has no layer for it
#
# In the first paper on the GRU, the reset gate multiplies the state *before* the product with the matrix, and there is
# one bias. Keras computes this formula with `reset_after=False`. The default is `True`, which is PyTorch's formula. In
# PyTorch, write a loop:

# %%
w = rng.normal(size=(2, 12)).astype(np.float32)
u = rng.normal(size=(4, 12)).astype(np.float32)
b = rng.normal(size=12).astype(np.float32)

# %% gru-before-pt tags=["pytorch"]
def reset_before(x, w, u, b):
    u_z, u_r, u_n = u.chunk(3, dim=1)
    h, outputs = torch.zeros(len(x), len(u)), []
    for x_t in x.unbind(1):
        x_z, x_r, x_n = (x_t @ w + b).chunk(3, dim=1)
        z = torch.sigmoid(x_z + h @ u_z)
        r = torch.sigmoid(x_r + h @ u_r)
        n = torch.tanh(x_n + (r * h) @ u_n)
        h = z * h + (1 - z) * n
        outputs.append(h)
    return torch.stack(outputs, 1)

y_pt, dx_pt = value_and_grad(
    reset_before, *map(torch.tensor, (x, w, u, b)))

# %% gru-before-tf tags=["tensorflow"]
old_tf = keras.layers.GRU(
    4, return_sequences=True, reset_after=False)
old_tf.build(x.shape)
old_tf.set_weights([w, u, b])
y_tf, dx_tf, _ = value_and_grad(old_tf, tf.constant(x))

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# (recurrent-vanishing)=
# ## Over 100 steps the gradient vanishes, and least in an LSTM with a forget bias of 1
#
# The last output depends on all steps of the sequence. Its gradient with respect to an early step is small, because each
# step in between multiplies it by a matrix and by slopes of activations {footcite:p}`hochreiter1998vanishing`. From a
# step whose gradient is almost 0, a layer cannot learn.
#
# The experiment measures this gradient over 100 steps, in new layers with 32 units. The initial weights differ:
#
# - PyTorch draws all weights and biases uniformly between $-1/\sqrt{n}$ and $1/\sqrt{n}$, with $n$ hidden units.
# - Keras draws the kernel from Glorot's distribution. The recurrent kernel is orthogonal. The biases are 0, except those
#   of an LSTM's forget gate, which are 1.
#
# The next cell checks this for an LSTM with 16 units:

# %% lstm-start
new_pt, new_tf = nn.LSTM(4, 16), keras.layers.LSTM(16)
new_tf.build((None, 3, 4))
print("PyTorch, all within 1/4:", all(p.abs().max() <= 1 / 4 for p in new_pt.parameters()))
recurrent = new_tf.cell.recurrent_kernel.numpy()
print("Keras, orthogonal:", np.allclose(recurrent @ recurrent.T, np.eye(16), atol=1e-5))
print("Keras, biases of i, f, g, o:", np.unique(new_tf.cell.bias.numpy().reshape(4, 16), axis=1).ravel())

# %% [markdown]
# The next two functions give a PyTorch layer of 32 units the initial weights of each framework. With `generator` the
# weights are the same in every run:

# %%
def as_pytorch(layer, generator):
    for weight in layer.parameters():
        nn.init.uniform_(weight, -32**-0.5, 32**-0.5, generator=generator)


def as_keras(layer, generator):
    nn.init.xavier_uniform_(layer.weight_ih_l0, generator=generator)
    nn.init.orthogonal_(layer.weight_hh_l0, generator=generator)
    nn.init.zeros_(layer.bias_ih_l0)
    nn.init.zeros_(layer.bias_hh_l0)
    if isinstance(layer, nn.LSTM):
        nn.init.ones_(layer.bias_ih_l0[32:64])  # the forget gate


long = rng.normal(size=(1, 100, 8))  # (batch, time, features), float64
last = np.zeros((1, 100, 32))
last[:, -1] = 1  # the gradient starts at the last output

# %% [markdown]
# The next cells compute the gradient of the last output with respect to the input, and its norm at each step. They use
# float64, because rounding errors grow over 100 steps. The TensorFlow cell copies the weights of the PyTorch layers. The
# output has the power of ten of the norm at the last step, 50 steps back and 99 steps back:

# %% vanishing-pt tags=["pytorch"]
layers_pt, norms_pt = [], []
for start in (as_pytorch, as_keras):
    for cls in (nn.RNN, nn.GRU, nn.LSTM):
        layer = cls(8, 32, batch_first=True).double()
        start(layer, torch.Generator().manual_seed(0))
        _, dx, _ = value_and_grad(
            layer, torch.tensor(long), upstream_gradient=last)
        layers_pt.append(layer)
        norms_pt.append(dx[0].norm(dim=1))

# %% vanishing-tf tags=["tensorflow"]
classes = (keras.layers.SimpleRNN, keras.layers.GRU,
           keras.layers.LSTM)
norms_tf = []
for cls, layer_pt in zip(2 * classes, layers_pt):
    layer = cls(32, return_sequences=True, dtype="float64")
    layer.build(long.shape)
    copy_weights(layer_pt, layer)
    _, dx, _ = value_and_grad(
        layer, tf.constant(long), upstream_gradient=last)
    norms_tf.append(tf.norm(dx[0], axis=1))

# %% vanishing
agree(norms_pt, norms_tf, atol=0)
names = [f"{name}, {start}" for start in ("PyTorch's start", "Keras's start")
         for name in ("RNN", "GRU", "LSTM")]
for name, norms in zip(names, norms_pt):
    powers = [f"10^{round(np.log10(norms[-1 - back].item()))}" for back in (0, 50, 99)]
    print(f"{name:22}", *(f"{power:>8}" for power in powers))

# %% vanishing-figure tags=["hide-input"]
# alt: Two panels with the norm of the gradient on a logarithmic axis, over the number of steps back from 0 to 99.
# With PyTorch's start all three lines fall steadily, the RNN's to 10 to the −29, the GRU's to 10 to the −18, the
# LSTM's to 10 to the −21. With Keras's start the RNN's falls to 10 to the −14, the GRU's to 10 to the −21, and the
# LSTM's only to 10 to the −8.
fig, axes = plt.subplots(1, 2, figsize=(5.2, 3.2), sharey=True)
back = np.arange(100)
places = {"RNN": [(33, 1e-16), (79, 3e-11)], "GRU": [(74, 1e-12), (52, 1e-16)],
          "LSTM": [(86, 1e-23), (60, 1e-3)]}
for number, name in enumerate(names):
    ax, kind = axes[number // 3], name.partition(",")[0]
    ax.plot(back, norms_pt[number].flip(0).numpy(), color=plots.PALETTE[2 + number % 3])
    ax.plot(back[::9], norms_tf[number].numpy()[::-1][::9], "o", markersize=3.5,
            color=plots.PALETTE[2 + number % 3], markerfacecolor="none")
    ax.annotate(kind, places[kind][number // 3], color=plots.PALETTE[2 + number % 3])
for ax, title in zip(axes, ("PyTorch's start", "Keras's: LSTM to 10⁻⁸")):
    ax.set(yscale="log", xlabel="steps back", title=title)
axes[0].set(ylabel="norm of the gradient")
plt.show()

# %% [markdown]
# In the figure, the lines are PyTorch's and the circles TensorFlow's. With equal weights the two agree to five digits,
# although the norms fall by 28 powers of ten.
#
# Gates alone are not enough: with PyTorch's initial weights, the gradient falls below $10^{-17}$ in all three layers. In
# an LSTM, each step multiplies the gradient of the cell state by the forget gate. A new forget gate is near
# $\sigma(0) = 0.5$, and with a bias of 1 it is near $\sigma(1) = 0.73$. If you train an LSTM on long sequences in
# PyTorch, set the forget gate's part of one of the two biases to 1, and of the other to 0, as `as_keras` does.

# %% [markdown]
# (bidirectional)=
# ## Bidirectional
#
# <!-- head: bidirectional -->
#
# A bidirectional layer has two recurrent layers {footcite:p}`schuster1997bidirectional`. One reads the sequence
# forwards, the other backwards, and their outputs are put side by side. So the output of each step depends on the
# whole sequence. Choose it if you have the whole sequence before you need the first output, as with a text. It is of no
# use for a forecast, because the backward layer reads the future.
#
# $$y_t = [\overrightarrow{h}_t, \overleftarrow{h}_t]$$
#
# Here $\overrightarrow{h}_t$ is the state of the forward layer, which has read the steps 0 to $t$. $\overleftarrow{h}_t$
# is the state of the backward layer, which has read the steps from the last one back to $t$.
#
# In PyTorch, `bidirectional=True` is an argument of `nn.RNN`, `nn.LSTM` and `nn.GRU`. The names of the backward layer's
# arrays end in `_reverse`. In Keras, `Bidirectional` wraps a layer. With `return_state=True` it returns the outputs, the
# states of the forward layer, and those of the backward layer:

# %% bidirectional-pt tags=["pytorch"]
both_pt = filled(nn.LSTM(
    2, 4, batch_first=True, bidirectional=True))
(y_pt, (h_pt, c_pt)), dx_pt, dw_pt = value_and_grad(
    both_pt, torch.tensor(x))
print(tuple(y_pt.shape), tuple(h_pt.shape))

# %% bidirectional-tf tags=["tensorflow"]
both_tf = keras.layers.Bidirectional(keras.layers.LSTM(
    4, return_sequences=True, return_state=True))
both_tf.build(x.shape)
copy_weights(both_pt, both_tf)
(y_tf, *states_tf), dx_tf, dw_tf = value_and_grad(
    both_tf, tf.constant(x))
print(y_tf.shape, [tuple(s.shape) for s in states_tf])

# %% bidirectional-moved
states_pt = [h_pt[0], c_pt[0], h_pt[1], c_pt[1]]
turned = [dw_pt[0].T, dw_pt[1].T, dw_pt[2], dw_pt[4].T, dw_pt[5].T, dw_pt[6]]
agree([y_pt, *states_pt], [y_tf, *states_tf],
      gradients=([dx_pt, *turned], [dx_tf, *dw_tf]))

# %% [markdown]
# ### The last output `y[:, -1]` is not the last state of both directions
#
# At the last step, the backward layer has read only one step. Its final state is at step 0. If you need one vector for
# the whole sequence, join the two final states. Keras does this by default, with `return_sequences=False`. The next
# cells print its backward half, for the first sequence:

# %% bidirectional-last-pt tags=["pytorch"]
y, (h, _) = both_pt(torch.tensor(x))
last_pt = torch.cat([h[0], h[1]], dim=1)
show(wrong=y[0, -1, 4:], right=last_pt[0, 4:], digits=2)

# %% bidirectional-last-tf tags=["tensorflow"]
ends_tf = keras.layers.Bidirectional(keras.layers.LSTM(4))
ends_tf.build(x.shape)
copy_weights(both_pt, ends_tf)
last_tf = ends_tf(x)
show(right=last_tf[0, 4:], digits=2)

# %% bidirectional-last
agree(last_pt, last_tf)

# %% [markdown]
# `wrong` has the state of the backward layer after one step. The forward half is the same in both.
#
# ### Keras also adds, averages or multiplies the two outputs
#
# The argument `merge_mode` says how `Bidirectional` combines the outputs: `"concat"` (the default), `"sum"`, `"ave"`,
# `"mul"`, or `None` for a list of both. PyTorch only puts them side by side. Cut its output in two halves:

# %% bidirectional-merge-pt tags=["pytorch"]
y, _ = both_pt(torch.tensor(x))
forward, backward = y.chunk(2, dim=-1)
merged_pt = [forward + backward,
             (forward + backward) / 2,
             forward * backward]

# %% bidirectional-merge-tf tags=["tensorflow"]
merged_tf = []
for mode in ("sum", "ave", "mul"):
    layer = keras.layers.Bidirectional(
        keras.layers.LSTM(4, return_sequences=True),
        merge_mode=mode)
    layer.build(x.shape)
    copy_weights(both_pt, layer)
    merged_tf.append(layer(x))

# %% bidirectional-merge
agree(merged_pt, merged_tf)

# %% [markdown]
# ### `go_backwards=True` returns the outputs in the order of reading
#
# A single Keras layer reads backwards with `go_backwards=True`. Its first output belongs to the last step of the
# sequence. (`Bidirectional` reverses these outputs again.) PyTorch has no such argument, so reverse the input:

# %% bidirectional-backwards-pt tags=["pytorch"]
y_pt, _ = lstm_pt(torch.tensor(x).flip(1))

# %% bidirectional-backwards-tf tags=["tensorflow"]
back_tf = keras.layers.LSTM(
    4, return_sequences=True, go_backwards=True)
back_tf.build(x.shape)
copy_weights(lstm_pt, back_tf)
y_tf = back_tf(x)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# (masking)=
# ## Masking
#
# <!-- head: masking -->
#
# If the sequences of a batch have unequal lengths, the short ones are filled with zeros. These additional steps are
# called *padding*, and must not change the state. In Keras, `Masking` finds the steps whose features are all equal to
# `mask_value` (0 by default), and the next recurrent layer skips them. PyTorch has no such layer. There you pass the
# lengths to `pack_padded_sequence`, which removes the padding.
#
# The next cells use sequences of 5, 3 and 2 steps, and the weights of the LSTM from above. A later section explains
# `zero_output_for_mask=True`.

# %%
lengths = [5, 3, 2]
mask = np.arange(5) < np.array(lengths)[:, None]  # (batch, time)
padded = x * mask[..., None]

# %% masking-pt tags=["pytorch"]
def run(layer, x):
    y, state = layer(nn.utils.rnn.pack_padded_sequence(
        x, lengths, batch_first=True, enforce_sorted=False))
    y, _ = nn.utils.rnn.pad_packed_sequence(
        y, batch_first=True)
    return y, state


x_pt = torch.tensor(padded, requires_grad=True)
y_pt, (h_pt, c_pt) = run(lstm_pt, x_pt)
dx_pt, dw_pt, du_pt, db_pt, _ = torch.autograd.grad(
    y_pt, (x_pt, *lstm_pt.parameters()),
    torch.tensor(upstream))

# %% masking-tf tags=["tensorflow"]
lstm_tf = keras.layers.LSTM(
    4, return_sequences=True, return_state=True,
    zero_output_for_mask=True)
lstm_tf.build(x.shape)
copy_weights(lstm_pt, lstm_tf)

x_tf = tf.Variable(padded)
with tf.GradientTape() as tape:
    masked = keras.layers.Masking()(x_tf)
    y_tf, h_tf, c_tf = lstm_tf(masked)
dx_tf, *dw_tf = tape.gradient(
    y_tf, (x_tf, *lstm_tf.trainable_weights),
    tf.constant(upstream))

# %% masking-lstm
agree([y_pt, h_pt[0], c_pt[0]], [y_tf, h_tf, c_tf],
      gradients=([dx_pt, dw_pt.T, du_pt.T, db_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# The next cells do the same with the GRU and with the bidirectional LSTM. In Keras they pass the mask to the layer, as
# an array of booleans that are `True` at valid steps:

# %% masking-others-pt tags=["pytorch"]
y_pt, h_pt = run(gru_pt, x_pt)
dx_pt, *dw_pt = torch.autograd.grad(
    y_pt, (x_pt, *gru_pt.parameters()),
    torch.tensor(upstream))
dw_pt = [swapped(gradient) for gradient in dw_pt]
both_y_pt, (h, _) = run(both_pt, x_pt)
last_pt = torch.cat([h[0], h[1]], dim=1)

# %% masking-others-tf tags=["tensorflow"]
gru_tf = keras.layers.GRU(
    4, return_sequences=True, return_state=True,
    zero_output_for_mask=True)
gru_tf.build(x.shape)
copy_weights(gru_pt, gru_tf)
(y_tf, h_tf), dx_tf, dw_tf = value_and_grad(
    gru_tf, tf.constant(padded), mask=tf.constant(mask),
    upstream_gradient=upstream)
both_y_tf, *_ = both_tf(padded, mask=tf.constant(mask))
last_tf = ends_tf(padded, mask=tf.constant(mask))

# %% masking-others
dw, du, db, dc = dw_pt
agree([y_pt, h_pt[0]], [y_tf, h_tf],
      gradients=([dx_pt, dw.T, du.T, torch.stack([db, dc])], [dx_tf, *dw_tf]))
agree([both_y_pt, last_pt], [both_y_tf, last_tf])

# %% [markdown]
# In a bidirectional layer, the backward layer must start at the last valid step of each sequence. With lengths or a
# mask, both frameworks do this. Without them, it would start with the padding.
#
# ### After the end of a sequence, PyTorch returns 0, and Keras repeats the last output
#
# At the padding, a Keras layer repeats the last valid output by default. With `zero_output_for_mask=True` it returns 0,
# as PyTorch does. `Bidirectional` returns 0 without this argument, as the cells above have shown. The states do not
# depend on it. The next cells and the figure show one unit, for the sequence of 3 steps:

# %% masking-after-pt tags=["pytorch"]
y_pt, (h_pt, _) = run(lstm_pt, x_pt)
show(after=y_pt[1, 2:, 0], state=h_pt[0, 1, :1])

# %% masking-after-tf tags=["tensorflow"]
plain_tf = keras.layers.LSTM(
    4, return_sequences=True, return_state=True)
plain_tf.build(x.shape)
copy_weights(lstm_pt, plain_tf)
y_tf, h_tf, _ = plain_tf(padded, mask=tf.constant(mask))
show(after=y_tf[1, 2:, 0], state=h_tf[1, :1])

# %% masking-figure tags=["hide-input"]
# alt: The output of one unit over five steps, of which the last two are padding. PyTorch's line and Keras's coincide in
# the first three steps. Then PyTorch's output is 0, and Keras's keeps the value of the third step, −0.71.
fig, ax = plt.subplots(figsize=(5.2, 2.5))
ax.axvspan(2.5, 4.5, color=plots.SIBLING, alpha=0.2, linewidth=0)
steps = np.arange(5)
ax.step(steps, y_tf[1, :, 0], where="mid", color=plots.TENSORFLOW)
ax.step(steps, y_pt[1, :, 0].detach(), where="mid", color=plots.PYTORCH, linestyle="--")
ax.axhline(0, color=plots.INK, linewidth=0.6, zorder=0)
ax.annotate("Keras", (3, -0.67), color=plots.TENSORFLOW)
ax.annotate("PyTorch", (3, -0.1), color=plots.PYTORCH)
ax.annotate("padding", (4.4, -0.38), ha="right")
ax.set(xlabel="step", ylabel="output of one unit", xlim=(-0.5, 4.5),
       title="Keras repeats the last output, PyTorch has 0")
plt.show()

# %% [markdown]
# If you need the last valid output, take the state: `h[-1]` in PyTorch, the output with `return_sequences=False` in
# Keras. The last column `y[:, -1]` is wrong in PyTorch. For the outputs of another layer, use the lengths. The next
# cells compare both with the state:

# %% masking-last-pt tags=["pytorch"]
rows, ends = torch.arange(3), torch.tensor(lengths) - 1
print("last column:", torch.equal(y_pt[:, -1], h_pt[0]))
print("by length:  ", torch.equal(y_pt[rows, ends], h_pt[0]))
last_pt = y_pt[rows, ends]

# %% masking-last-tf tags=["tensorflow"]
ends = tf.constant(lengths) - 1
by_length = tf.gather(y_tf, ends, axis=1, batch_dims=1)
print("last column:", np.array_equal(y_tf[:, -1], h_tf))
print("by length:  ", np.array_equal(by_length, h_tf))
last_tf = by_length

# %% masking-last
agree(last_pt, last_tf)

# %% [markdown]
# ### `Masking` also skips a valid step whose features are all 0
#
# `Masking` looks only at the numbers. In the next cells, the last valid step of the second sequence has the features 0
# and 0. In PyTorch this step changes the state. In Keras it is masked, and the state `h` is another one. To avoid this,
# pass the mask yourself, which gives the state `right`. Or fill the padding with a number that never occurs, and pass
# it as `mask_value`.

# %% masking-zero-pt tags=["pytorch"]
with_zero = padded.copy()
with_zero[1, 2] = 0
_, (h_pt, _) = run(lstm_pt, torch.tensor(with_zero))
show(h=h_pt[0, 1], digits=2)

# %% masking-zero-tf tags=["tensorflow"]
masking = keras.layers.Masking()
show(mask=masking.compute_mask(with_zero)[1])
_, h_tf, _ = plain_tf(masking(with_zero))
show(h=h_tf[1], digits=2)
_, h_tf, _ = plain_tf(with_zero, mask=tf.constant(mask))
show(right=h_tf[1], digits=2)

# %% masking-zero
agree(h_pt[0], h_tf)

# %% [markdown]
# ### In PyTorch a length of 0 raises an error, in Keras a sequence may be all padding
#
# `pack_padded_sequence` raises an error if a longer sequence follows a shorter one, unless you pass
# `enforce_sorted=False`. A length of 0 always raises an error. In Keras, outputs and state of a sequence without a valid
# step are 0:

# %% masking-empty-pt tags=["pytorch"]
pack = nn.utils.rnn.pack_padded_sequence
with show_error():
    pack(x_pt, [2, 3, 5], batch_first=True)
packed = pack(x_pt, [2, 3, 5], batch_first=True,
              enforce_sorted=False)
with show_error():
    pack(x_pt, [5, 3, 0], batch_first=True)

# %% masking-empty-tf tags=["tensorflow"]
empty = np.arange(5) < np.array([2, 5, 0])[:, None]
y_tf, h_tf, _ = plain_tf(padded, mask=tf.constant(empty))
print("all outputs 0:", not np.any(y_tf[2]))
show(h=h_tf[2:])

# %% [markdown]
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | long sequences | `nn.LSTM` or `layers.LSTM`, with a forget bias of 1 | its gradient vanishes least |
# | long sequences, and little memory | `nn.GRU` or `layers.GRU` | it has three blocks of weights instead of four |
# | short sequences | `nn.RNN` or `layers.SimpleRNN` | it has one block of weights |
# | the whole sequence before the first output | `bidirectional=True` or `layers.Bidirectional` | each output depends on all steps |
# | sequences of unequal length | `pack_padded_sequence`; `layers.Masking` or `mask=` | padding must not change the state |
# | an LSTM or a GRU to port | `copy_weights` | the biases, and the order of a GRU's gates |
#
# ## Exercises
#
# Write the three layers from their weights in PyTorch's layout, move a GRU, and find the last valid output:
# [exercises on recurrent layers](../../exercises/layers/recurrent.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
