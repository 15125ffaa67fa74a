# %% [markdown]
# # Recurrent cells and wrappers
#
# A cell computes one step of a recurrent layer: from the input of one step and the old state, it computes the
# new state. A wrapper runs a cell, or another layer, over all steps of a sequence. Use cells if something must
# happen between two steps, or if you need a recurrence that no layer computes.
#
# **The claim:** PyTorch has the cells, and you write the loop over the time yourself. Keras has the same cells
# and also the loop, `keras.layers.RNN`, which runs any cell. With equal weights, a loop over `nn.LSTMCell` and
# `RNN(LSTMCell)` have the same outputs and gradients. PyTorch has neither `TimeDistributed` nor `ConvLSTM2D`.
# This chapter builds both from a reshape and from two convolutions.

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
x = rng.normal(size=(2, 3)).astype(np.float32)  # one step: (batch, in)
h, c = rng.normal(size=(2, 2, 5)).astype(np.float32)  # states: (batch, hidden)
steps = rng.normal(size=(2, 7, 3)).astype(np.float32)  # (batch, time, in)

# %% [markdown]
# The batch has 2 examples, each step has 3 numbers, the state has 5 numbers, and a sequence has 7 steps.
#
# (simple-rnn-cell)=
# ## Simple RNN cell
#
# <!-- head: simple_rnn_cell -->
#
# The new state is a dense layer of the input, plus a dense layer of the old state, squashed by tanh. Choose it
# for short sequences only. In long sequences its gradient
# [vanishes](recurrent-vanishing).
#
# $$h' = \tanh(W x + b_x + U h + b_h)$$
#
# Here $x$ is the input of this step, $h$ is the old state, and $h'$ is the new state. $W$ is PyTorch's
# `weight_ih` of shape (hidden, in), and $U$ is `weight_hh` of shape (hidden, hidden). $b_x$ and $b_h$ are
# `bias_ih` and `bias_hh`. Keras stores both matrices transposed, and has one bias, the sum of the two.
#
# The next cells compute one step with the cell (`new`) and with the formula (`hand`), and the gradients of
# the input, of the state, and of each weight. They print both results for the first
# example.

# %% rnn-cell-pt tags=["pytorch"]
torch.manual_seed(0)  # for the initial weights
cell_pt = nn.RNNCell(3, 5)
w, u, b1, b2 = cell_pt.parameters()
x_pt = torch.tensor(x, requires_grad=True)
h_pt = torch.tensor(h, requires_grad=True)

new_pt = cell_pt(x_pt, h_pt)
hand_pt = torch.tanh(x_pt @ w.T + b1 + h_pt @ u.T + b2)
dx_pt, dh_pt, dw_pt, du_pt, *db_pt = torch.autograd.grad(
    new_pt.sum(), [x_pt, h_pt, w, u, b1, b2])
show(new=new_pt[0], hand=hand_pt[0])

# %% rnn-cell-tf tags=["tensorflow"]
weights = [p.detach().numpy() for p in cell_pt.parameters()]
w, u, b1, b2 = weights
cell_tf = keras.layers.SimpleRNNCell(5)
cell_tf.build((None, 3))
cell_tf.set_weights([w.T, u.T, b1 + b2])
x_tf, h_tf = tf.Variable(x), tf.Variable(h)

with tf.GradientTape() as tape:
    new_tf, [state] = cell_tf(x_tf, [h_tf])
hand_tf = tf.tanh(x_tf @ w.T + b1 + h_tf @ u.T + b2)
dx_tf, dh_tf, dw_tf, du_tf, db_tf = tape.gradient(
    new_tf, [x_tf, h_tf, *cell_tf.trainable_variables])
show(new=new_tf[0], hand=hand_tf[0])

# %% rnn-cell
agree([new_pt, hand_pt, new_pt], [new_tf, hand_tf, state],
      gradients=([dx_pt, dh_pt, dw_pt.T, du_pt.T, *db_pt],
                 [dx_tf, dh_tf, dw_tf, du_tf, db_tf, db_tf]))

# %% [markdown]
# Each of PyTorch's two biases has the gradient of Keras's one bias. Keras returns the new state twice: as the
# output, and in the list of the new states.
#
# From here on, `copy_weights` copies the weights of a cell, and `value_and_grad` returns the output and the
# gradients.
#
# ### A Keras cell needs a state in each call, PyTorch's cell starts with zeros
#
# The next cells call each cell without a state. PyTorch uses zeros. Keras raises an error, and
# `get_initial_state` makes the zeros:

# %% rnn-cell-start-pt tags=["pytorch"]
x_pt, h_pt, c_pt = map(torch.tensor, (x, h, c))
show(new=cell_pt(x_pt)[0])

# %% rnn-cell-start-tf tags=["tensorflow"]
x_tf, h_tf, c_tf = map(tf.constant, (x, h, c))
with show_error():
    cell_tf(x_tf)
zeros = cell_tf.get_initial_state(batch_size=2)
show(new=cell_tf(x_tf, zeros)[0][0])

# %% [markdown]
# (lstm-cell)=
# ## LSTM cell
#
# <!-- head: lstm_cell -->
#
# An LSTM cell {footcite:p}`hochreiter1997long` has two states: $h$, which is also its output, and a memory
# $c$. Three gates, numbers between 0 and 1, choose what is written to the memory (the input gate $i$), what
# stays in it (the forget gate $f$), and what is shown as the output (the output gate $o$). Choose it if a number
# must be remembered over many steps.
#
# $$\begin{aligned}
# (i, f, g, o) &= W x + U h + b, \text{ cut into four}\\
# c' &= \sigma(f)\, c + \sigma(i) \tanh(g)\\
# h' &= \sigma(o) \tanh(c')
# \end{aligned}$$
#
# $\sigma$ is the sigmoid function, and $g$ is the new content for the memory. Both frameworks have the four
# parts in this order. PyTorch returns `(h, c)`, and Keras returns the output first and then the states: `(h, [h, c])`.
# The next cells print the $h'$ of the cell and of the formula, `hand`, for the first example. `dc` is the gradient of
# `c`.

# %% lstm-cell-pt tags=["pytorch"]
torch.manual_seed(0)
cell_pt = nn.LSTMCell(3, 5)
(h1_pt, c1_pt), dx_pt, dw_pt = value_and_grad(
    cell_pt, x_pt, (h_pt, c_pt))
_, dc_pt = value_and_grad(
    lambda c: cell_pt(x_pt, (h_pt, c)), c_pt)

w, u, b1, b2 = cell_pt.parameters()
gates = x_pt @ w.T + b1 + h_pt @ u.T + b2
i, f, g, o = gates.chunk(4, dim=1)
c2_pt = f.sigmoid() * c_pt + i.sigmoid() * g.tanh()
h2_pt = o.sigmoid() * c2_pt.tanh()
show(h=h1_pt[0], hand=h2_pt[0])

# %% lstm-cell-tf tags=["tensorflow"]
cell_tf = keras.layers.LSTMCell(5)
cell_tf.build((None, 3))
copy_weights(cell_pt, cell_tf)
(h1_tf, (_, c1_tf)), dx_tf, dw_tf = value_and_grad(
    cell_tf, x_tf, [h_tf, c_tf])
_, dc_tf = value_and_grad(
    lambda c: cell_tf(x_tf, [h_tf, c]), c_tf)

w, u, b = cell_tf.weights
gates = x_tf @ w + h_tf @ u + b
i, f, g, o = tf.split(gates, 4, axis=1)
c2_tf = tf.sigmoid(f) * c_tf + tf.sigmoid(i) * tf.tanh(g)
h2_tf = tf.sigmoid(o) * tf.tanh(c2_tf)
show(h=h1_tf[0], hand=h2_tf[0])

# %% lstm-cell
agree([h1_pt, c1_pt, h2_pt, c2_pt], [h1_tf, c1_tf, h2_tf, c2_tf],
      gradients=([dx_pt, dc_pt, dw_pt[0].T, dw_pt[1].T, *dw_pt[2:]],
                 [dx_tf, dc_tf, *dw_tf, dw_tf[2]]))

# %% [markdown]
# ### A tensor instead of the two states is an error in PyTorch, and gives wrong numbers in Keras
#
# Both cells need two states. If you pass one tensor, PyTorch raises an error. Keras takes the first two *rows*
# of the tensor for $h$ and $c$, and uses them for all examples. There is no error:

# %% lstm-cell-tensor-pt tags=["pytorch"]
with show_error():
    cell_pt(x_pt, h_pt)

# %% lstm-cell-tensor-tf tags=["tensorflow"]
wrong, _ = cell_tf(x_tf, h_tf)  # no error
rows, _ = cell_tf(x_tf, [h_tf[0], h_tf[1]])
show(wrong=wrong, rows=rows)

# %% [markdown]
# (lstm-cell-loop)=
# ### A loop over `nn.LSTMCell` equals `keras.layers.RNN(LSTMCell)`
#
# `Loop` calls a cell once a step, and passes the state on. `keras.layers.RNN` does the same in Keras. Both
# return the outputs of all steps and the last states.

# %% lstm-loop-pt tags=["pytorch"]
class Loop(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, steps, state=None):
        outputs = []
        for x in steps.unbind(1):  # over the time
            state = self.cell(x, state)
            two = isinstance(state, tuple)  # h and c
            outputs.append(state[0] if two else state)
        return torch.stack(outputs, 1), state


steps_pt = torch.tensor(steps)

# %% lstm-loop-tf tags=["tensorflow"]
def loop(cell):
    return keras.layers.RNN(
        cell, return_sequences=True, return_state=True)


steps_tf = tf.constant(steps)

# %% lstm-loop-run-pt tags=["pytorch"]
(y_pt, (h1_pt, c1_pt)), dx_pt, dw_pt = value_and_grad(
    Loop(cell_pt), steps_pt)
print(tuple(y_pt.shape), tuple(h1_pt.shape))

# %% lstm-loop-run-tf tags=["tensorflow"]
rnn_tf = loop(keras.layers.LSTMCell(5))
rnn_tf.build(steps.shape)
copy_weights(cell_pt, rnn_tf.cell)
(y_tf, h1_tf, c1_tf), dx_tf, dw_tf = value_and_grad(
    rnn_tf, steps_tf)
print(y_tf.shape, h1_tf.shape)

# %% lstm-loop
agree([y_pt, h1_pt, c1_pt], [y_tf, h1_tf, c1_tf],
      gradients=([dx_pt, dw_pt[0].T, dw_pt[1].T, dw_pt[2]], [dx_tf, *dw_tf]))

# %% [markdown]
# (lstm-cell-start)=
# ### Keras starts the forget gate's bias at 1, PyTorch starts all weights between ±1/√hidden
#
# For 30 inputs and 100 hidden numbers, PyTorch draws all four arrays between −0.1 and 0.1. Keras draws the
# kernel with Glorot's bound $\sqrt{6/(30 + 400)}$ = 0.118, uses an orthogonal recurrent kernel, and sets the
# biases to 0, except those of the forget gate, which are 1 {footcite:p}`jozefowicz2015empirical`.
#
# First each cell looks at the framework's own initialization: PyTorch prints the largest number of each array,
# and Keras compares the kernel with its bound. Then each cell starts an LSTM cell as the other framework does.
# `start` is the mean bias of each block i, f, g, o with Keras's initialization.

# %% lstm-start-pt tags=["pytorch"]
torch.manual_seed(0)
own_pt = nn.LSTMCell(30, 100)
largest = [p.abs().max().item() for p in own_pt.parameters()]
show(largest=largest, digits=2)

as_keras_pt = nn.LSTMCell(30, 100)
with torch.no_grad():
    nn.init.xavier_uniform_(as_keras_pt.weight_ih)
    nn.init.orthogonal_(as_keras_pt.weight_hh)
    nn.init.zeros_(as_keras_pt.bias_ih)
    nn.init.zeros_(as_keras_pt.bias_hh)
    as_keras_pt.bias_ih[100:200] = 1  # the forget gate
start = as_keras_pt.bias_ih.unflatten(0, (4, 100)).mean(1)
show(start=start)

# %% lstm-start-tf tags=["tensorflow"]
own_tf = keras.layers.LSTMCell(100)
own_tf.build((None, 30))
bound = (6 / (30 + 400)) ** 0.5
kernel = np.abs(own_tf.kernel)
print("below the bound:", np.all(kernel <= bound))
start = tf.reduce_mean(tf.reshape(own_tf.bias, (4, 100)), 1)
show(start=start)

uniform = keras.initializers.RandomUniform(-0.1, 0.1, seed=0)
as_torch_tf = keras.layers.LSTMCell(
    100, kernel_initializer=uniform,
    recurrent_initializer=uniform, unit_forget_bias=False)
as_torch_tf.build((None, 30))

# %% lstm-start
u_pt, u_tf = as_keras_pt.weight_hh.T, own_tf.recurrent_kernel.value
agree([u_pt @ u_pt.T, as_keras_pt.bias_ih],
      [u_tf @ tf.transpose(u_tf), own_tf.bias], atol=1e-5)

# %% [markdown]
# Both recurrent matrices have orthonormal rows, and the biases are equal. In `as_torch_tf` the bias is 0. To
# start it as PyTorch does, set it to the sum of two arrays drawn between ±0.1.
#
# A forget gate of σ(1) = 0.73 keeps more of the memory in each step than σ(0) = 0.5. If PyTorch learns a long
# sequence slowly, set the forget gate's bias to 1.
#
# (gru-cell)=
# ## GRU cell
#
# <!-- head: gru_cell -->
#
# A GRU cell {footcite:p}`cho2014learning` has one state and two gates. The update gate $z$ chooses how much of
# the old state stays. The reset gate $r$ chooses how much of the old state the new content $n$ depends on. Its
# matrices have three quarters of the numbers of an LSTM cell's.
#
# $$\begin{aligned}
# r &= \sigma(W_r x + U_r h + b_r), \qquad z = \sigma(W_z x + U_z h + b_z)\\
# n &= \tanh(W_n x + b_x + r \, (U_n h + b_h))\\
# h' &= (1 - z) \, n + z \, h
# \end{aligned}$$
#
# The reset gate multiplies the recurrent part *and its bias* $b_h$. So the two biases of $n$ cannot be added,
# and both frameworks have two biases here. PyTorch stores the blocks in the order r, z, n, and Keras in the
# order z, r, n. In the next cells, `hand` is the formula.

# %% gru-cell-pt tags=["pytorch"]
torch.manual_seed(0)
cell_pt = nn.GRUCell(3, 5)
new_pt, dx_pt, dw_pt = value_and_grad(cell_pt, x_pt, h_pt)
_, dh_pt = value_and_grad(
    lambda h: cell_pt(x_pt, h), h_pt)

w, u, b1, b2 = cell_pt.parameters()
r_x, z_x, n_x = (x_pt @ w.T + b1).chunk(3, dim=1)
r_h, z_h, n_h = (h_pt @ u.T + b2).chunk(3, dim=1)
r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
hand_pt = (1 - z) * (n_x + r * n_h).tanh() + z * h_pt
show(new=new_pt[0], hand=hand_pt[0])

# %% gru-cell-tf tags=["tensorflow"]
cell_tf = keras.layers.GRUCell(5)
cell_tf.build((None, 3))
copy_weights(cell_pt, cell_tf)
(new_tf, _), dx_tf, dw_tf = value_and_grad(
    cell_tf, x_tf, [h_tf])
_, dh_tf = value_and_grad(
    lambda h: cell_tf(x_tf, [h]), h_tf)

w, u, b = cell_tf.weights
b1, b2 = tf.unstack(b)
z_x, r_x, n_x = tf.split(x_tf @ w + b1, 3, axis=1)
z_h, r_h, n_h = tf.split(h_tf @ u + b2, 3, axis=1)
r, z = tf.sigmoid(r_x + r_h), tf.sigmoid(z_x + z_h)
hand_tf = (1 - z) * tf.tanh(n_x + r * n_h) + z * h_tf
show(new=new_tf[0], hand=hand_tf[0])

# %% gru-cell
def blocks(weights):  # PyTorch's order r, z, n becomes z, r, n
    r, z, n = weights.chunk(3)
    return torch.cat([z, r, n])


dw_pt, du_pt, db1_pt, db2_pt = map(blocks, dw_pt)
db_pt = torch.stack([db1_pt, db2_pt])
agree([new_pt, hand_pt], [new_tf, hand_tf],
      gradients=([dx_pt, dh_pt, dw_pt.T, du_pt.T, db_pt],
                 [dx_tf, dh_tf, *dw_tf]))

# %% [markdown]
# `copy_weights` swaps the first two blocks of all arrays. Without the swap no shape is wrong, and both gates
# do the other gate's work.
#
# The argument `reset_after=False` gives the GRU of the original paper: there the reset gate multiplies $h$
# *before* the matrix, $U_n (r \, h)$. This GRU has one bias, and PyTorch has no module for it: the
# chapter before [writes its loop](gru).
#
# (rnn-base)=
# ## RNN base layer
#
# <!-- head: rnn_base -->
#
# The two names stand for two different things. `nn.RNNBase` is the parent class of `nn.RNN`, `nn.LSTM` and
# `nn.GRU`. It makes the weights and checks the inputs, but it computes nothing. `keras.layers.RNN` is a
# layer that you can use: it runs any cell over a sequence. It is also the parent class of `SimpleRNN`, `LSTM`
# and `GRU`.
#
# The next cells make both, and print the names and shapes of the weights. The PyTorch cell then calls the
# `RNNBase`, which raises an error:

# %% rnn-base-pt tags=["pytorch"]
base = nn.RNNBase("LSTM", 3, 5, batch_first=True)
for name, weight in base.named_parameters():
    print(f"{name:17}{tuple(weight.shape)}")
with show_error():
    base(steps_pt)

# %% rnn-base-tf tags=["tensorflow"]
rnn = keras.layers.RNN(keras.layers.LSTMCell(5))
rnn.build(steps.shape)
for weight in rnn.weights:
    print(f"{weight.name:17}{weight.shape}")
print(rnn(steps_tf).shape)

# %% [markdown]
# In Keras the weights belong to the cell, `rnn.cell`. In PyTorch the layer itself owns them. Their names end
# in `_l0` for the first layer, `_l1` for the second layer, and `_reverse` for the direction from the end.
# `all_weights` lists them as a list for each layer and direction. The next cells use it to copy an
# `nn.LSTM` into `RNN(LSTMCell)`. They return all outputs and the last states:

# %% rnn-lstm-pt tags=["pytorch"]
torch.manual_seed(0)
lstm_pt = nn.LSTM(3, 5, batch_first=True)
(y_pt, (h1_pt, c1_pt)), dx_pt, dw_pt = value_and_grad(
    lstm_pt, steps_pt)
print(tuple(y_pt.shape), tuple(h1_pt.shape))

# %% rnn-lstm-tf tags=["tensorflow"]
rnn_tf = keras.layers.RNN(
    keras.layers.LSTMCell(5),
    return_sequences=True, return_state=True)
rnn_tf.build(steps.shape)
weights = [p.detach().numpy() for p in lstm_pt.all_weights[0]]
w, u, b1, b2 = weights
rnn_tf.cell.set_weights([w.T, u.T, b1 + b2])
(y_tf, h1_tf, c1_tf), dx_tf, dw_tf = value_and_grad(
    rnn_tf, steps_tf)
print(y_tf.shape, h1_tf.shape)

# %% rnn-lstm
agree([y_pt, h1_pt[0], c1_pt[0]], [y_tf, h1_tf, c1_tf],
      gradients=([dx_pt, dw_pt[0].T, dw_pt[1].T, dw_pt[2]], [dx_tf, *dw_tf]))

# %% [markdown]
# PyTorch's states have one more axis, (layers · directions, batch, hidden).
#
# | you pass to PyTorch's layer | in Keras |
# | --- | --- |
# | `num_layers=2` | a list of two cells |
# | `bidirectional=True` | the wrapper `Bidirectional` |
# | `dropout`, between the layers | a layer `Dropout` between two `RNN` layers; a cell's `dropout` acts on its input |
# | nothing: all outputs and the last states are returned | `return_sequences=True`, `return_state=True` |
#
# `flatten_parameters()` moves all weights into one block of GPU memory, with which cuDNN is faster. PyTorch calls it
# when it creates the layer or moves it to a GPU. Call it yourself if a warning says that the weights are not one chunk
# of memory. On the CPU it does nothing: the next cell prints whether the numbers and their places in memory are the
# same as before. Keras has no such method.

# %% rnn-flatten
weights = lstm_pt.all_weights[0]
places = [weight.data_ptr() for weight in weights]
lstm_pt.flatten_parameters()
print([weight.data_ptr() for weight in weights] == places)
print(torch.equal(lstm_pt(steps_pt)[0], y_pt))

# %% [markdown]
# (abstract-rnn-cell)=
# ## Abstract RNN cell
#
# <!-- head: abstract_rnn_cell -->
#
# Both names are parent classes for a cell of your own. Keras 3 has removed `AbstractRNNCell`. There, any
# layer with the first two of these parts is a cell:
#
# - `state_size`: the size of the state, or a list with the size of each state
# - `call(inputs, states)`, which returns the output and the list of the new states
# - `output_size`, only if the output has another size than the first state
#
# PyTorch asks for nothing, because you write the loop yourself. `nn.RNNCellBase` makes the weights `weight_ih`,
# `weight_hh`, `bias_ih` and `bias_hh`, with `num_chunks` blocks in each, and draws them between ±1/√hidden.

# %% own-gone-pt tags=["pytorch"]
base = nn.RNNCellBase(3, 5, bias=True, num_chunks=4)
print([tuple(weight.shape) for weight in base.parameters()])
with show_error():
    base(x_pt)

# %% own-gone-tf tags=["tensorflow"]
with show_error():
    keras.layers.AbstractRNNCell

# %% [markdown]
# ### A cell of your own: the leaky RNN
#
# A leaky cell {footcite:p}`jaeger2007optimization` changes its state only by a share $a$ in each step, so that
# it changes slowly:
#
# $$h' = (1 - a) \, h + a \tanh(W x + U h + b)$$

# %% own-cell-pt tags=["pytorch"]
class LeakyModule(nn.RNNCellBase):
    def __init__(self, n_in, n_hidden, rate):
        super().__init__(n_in, n_hidden, True, num_chunks=1)
        self.rate = rate

    def forward(self, x, h=None):
        if h is None:
            h = x.new_zeros(len(x), self.hidden_size)
        w = F.linear(x, self.weight_ih, self.bias_ih)
        u = F.linear(h, self.weight_hh, self.bias_hh)
        new = torch.tanh(w + u)
        return (1 - self.rate) * h + self.rate * new

# %% own-cell-tf tags=["tensorflow"]
class LeakyLayer(keras.layers.Layer):
    def __init__(self, n_hidden, rate):
        super().__init__()
        self.state_size, self.rate = n_hidden, rate
        self.w = keras.layers.Dense(n_hidden)
        self.u = keras.layers.Dense(n_hidden, use_bias=False)

    def build(self, input_shape):
        self.w.build(input_shape)
        self.u.build((None, self.state_size))

    def call(self, x, states):
        new = tf.tanh(self.w(x) + self.u(states[0]))
        h = (1 - self.rate) * states[0] + self.rate * new
        return h, [h]

# %% [markdown]
# `Loop` and `keras.layers.RNN` run the cell over the sequence:

# %% own-run-pt tags=["pytorch"]
torch.manual_seed(0)
rnn_pt = Loop(LeakyModule(3, 5, 0.3))
(y_pt, _), dx_pt, dw_pt = value_and_grad(rnn_pt, steps_pt)
show(last=y_pt[0, -1])

# %% own-run-tf tags=["tensorflow"]
rnn_tf = keras.layers.RNN(
    LeakyLayer(5, 0.3), return_sequences=True)
rnn_tf.build(steps.shape)
weights = [p.detach().numpy() for p in rnn_pt.parameters()]
w, u, b1, b2 = weights
rnn_tf.set_weights([w.T, b1 + b2, u.T])
y_tf, dx_tf, dw_tf = value_and_grad(rnn_tf, steps_tf)
show(last=y_tf[0, -1])

# %% own-run
agree(y_pt, y_tf,
      gradients=([dx_pt, dw_pt[0].T, dw_pt[2], dw_pt[1].T], [dx_tf, *dw_tf]))

# %% [markdown]
# ### Without `output_size`, Keras can state a wrong shape
#
# `Doubled` has a state of 5 numbers and an output of 10 numbers. The next cell runs it in a model, without and
# with `output_size`. It prints the shape that the model states, and the shape of its output:

# %% own-sizes
class Doubled(LeakyLayer):
    def call(self, x, states):
        h, states = super().call(x, states)
        return tf.concat([h, h], axis=1), states


given = keras.Input((7, 3))
for size in (None, 10):
    cell = Doubled(5, 0.3)
    cell.output_size = size
    model = keras.Model(given, keras.layers.RNN(cell)(given))
    print("stated", model.output_shape, "returned", tuple(model(steps).shape))

# %% [markdown]
# (stacked-rnn-cells)=
# ## Stacked RNN cells
#
# <!-- head: stacked_rnn_cells -->
#
# In a stack, the output of each cell is the input of the next cell, in the same step. `StackedRNNCells` makes
# one cell of several, which `RNN` can run. A list of cells does the same: `RNN([cell1, cell2])`. In PyTorch, put
# the cells in a `ModuleList` and write a loop. The cells may have different sizes, which `nn.LSTM(num_layers=2)`
# does not allow.

# %% stacked-pt tags=["pytorch"]
class Stack(nn.Module):
    def __init__(self, *cells):
        super().__init__()
        self.cells = nn.ModuleList(cells)

    def forward(self, steps):
        states, outputs = [None] * len(self.cells), []
        for x in steps.unbind(1):
            for i, cell in enumerate(self.cells):
                states[i] = cell(x, states[i])
                x = states[i][0]  # h is the next input
            outputs.append(x)
        return torch.stack(outputs, 1), states

# %% stacked-tf tags=["tensorflow"]
def stack(*cells):
    return keras.layers.RNN(
        keras.layers.StackedRNNCells(cells),
        return_sequences=True, return_state=True)

# %% [markdown]
# The first cell has a state of 5 numbers, and the second cell a state of 4. The next cells run both, and print
# the shapes of the output and of the $h$ of each cell:

# %% stacked-run-pt tags=["pytorch"]
torch.manual_seed(0)
stack_pt = Stack(nn.LSTMCell(3, 5), nn.LSTMCell(5, 4))
(y_pt, states_pt), dx_pt, dw_pt = value_and_grad(
    stack_pt, steps_pt)
h1_pt, h2_pt = (h for h, _ in states_pt)
print(*[tuple(a.shape) for a in (y_pt, h1_pt, h2_pt)])

# %% stacked-run-tf tags=["tensorflow"]
stack_tf = stack(
    keras.layers.LSTMCell(5), keras.layers.LSTMCell(4))
stack_tf.build(steps.shape)
for source, cell in zip(stack_pt.cells, stack_tf.cell.cells):
    copy_weights(source, cell)
(y_tf, *states_tf), dx_tf, dw_tf = value_and_grad(
    stack_tf, steps_tf)
h1_tf, h2_tf = (h for h, _ in states_tf)
print(*[tuple(a.shape) for a in (y_tf, h1_tf, h2_tf)])

# %% stacked
w1, u1, b1, _, w2, u2, b2, _ = dw_pt
agree([y_pt, *states_pt[0], *states_pt[1]],
      [y_tf, *states_tf[0], *states_tf[1]],
      gradients=([dx_pt, w1.T, u1.T, b1, w2.T, u2.T, b2], [dx_tf, *dw_tf]))

# %% [markdown]
# (stacked-layers)=
# ### Cells of one size equal `num_layers=2`, and two layers one behind the other
#
# Here all states have 5 numbers. `layers_tf` is the output of two layers: the first runs over the whole
# sequence, and then the second runs over its outputs. The numbers are the same, because a cell needs only the
# past:

# %% stacked-layers-pt tags=["pytorch"]
lstm_pt = nn.LSTM(3, 5, num_layers=2, batch_first=True)
(y_pt, _), dx_pt, _ = value_and_grad(lstm_pt, steps_pt)
print("groups of weights:", len(lstm_pt.all_weights))

# %% stacked-layers-tf tags=["tensorflow"]
rnn_tf = keras.layers.RNN(
    [keras.layers.LSTMCell(5), keras.layers.LSTMCell(5)],
    return_sequences=True)
rnn_tf.build(steps.shape)
layers_tf = steps_tf
for cell, group in zip(rnn_tf.cell.cells, lstm_pt.all_weights):
    w, u, b1, b2 = (p.detach().numpy() for p in group)
    cell.set_weights([w.T, u.T, b1 + b2])
    layers_tf = keras.layers.RNN(
        cell, return_sequences=True)(layers_tf)
y_tf, dx_tf, _ = value_and_grad(rnn_tf, steps_tf)
print("groups of weights:", len(rnn_tf.cell.cells))

# %% stacked-layers
agree([y_pt, y_pt], [y_tf, layers_tf], gradients=(dx_pt, dx_tf))

# %% [markdown]
# (time-distributed)=
# ## Time distributed
#
# <!-- head: time_distributed -->
#
# `TimeDistributed` applies one layer, with the same weights, to each step of a sequence. PyTorch has no such
# wrapper. There are three cases:
#
# - `Linear` and `Dense` act on the last axis, so they need no wrapper.
# - For a layer that takes exactly one batch axis, such as a convolution, join batch and time into one axis,
#   apply the layer, and split the axis again.
# - Batch normalization depends on the other examples, so the joined axis gives other numbers. Use a loop.
#
# The first pair shows a dense layer with and without the wrapper:

# %% distributed-dense-pt tags=["pytorch"]
linear = nn.Linear(3, 5)
y_pt, dx_pt, dw_pt = value_and_grad(linear, steps_pt)
print(tuple(y_pt.shape))

# %% distributed-dense-tf tags=["tensorflow"]
wrapped = keras.layers.TimeDistributed(keras.layers.Dense(5))
wrapped.build(steps.shape)
copy_weights(linear, wrapped.layer)
y_tf, dx_tf, dw_tf = value_and_grad(wrapped, steps_tf)
plain_tf = wrapped.layer(steps_tf)
print(y_tf.shape)

# %% distributed-dense
agree([y_pt, y_pt], [y_tf, plain_tf],
      gradients=([dx_pt, dw_pt[0].T, dw_pt[1]], [dx_tf, *dw_tf]))

# %% [markdown]
# The second pair applies a convolution to each image of 2 videos. Each video has 4 images with 3 channels:

# %%
# (batch, time, channels, height, width)
video = rng.normal(size=(2, 4, 3, 6, 7)).astype(np.float32)
video_last = np.moveaxis(video, 2, -1)

# %% distributed-conv-pt tags=["pytorch"]
conv = nn.Conv2d(3, 5, 3)


def each_image(video):
    images = video.flatten(0, 1)  # (batch · time, …)
    return conv(images).unflatten(0, video.shape[:2])


video_pt = torch.tensor(video)
y_pt, dx_pt = value_and_grad(each_image, video_pt)
print(tuple(y_pt.shape))

# %% distributed-conv-tf tags=["tensorflow"]
conv_tf = keras.layers.Conv2D(5, 3)
each_image = keras.layers.TimeDistributed(conv_tf)

video_tf = tf.constant(video_last)
each_image.build(video_last.shape)
copy_weights(conv, conv_tf)
y_tf, dx_tf, _ = value_and_grad(each_image, video_tf)
print(y_tf.shape)

# %% distributed-conv
agree(y_pt.movedim(2, -1), y_tf, gradients=(dx_pt.movedim(2, -1), dx_tf))

# %% [markdown]
# (distributed-norm)=
# ### `TimeDistributed(BatchNormalization)` normalizes each step alone, and updates its statistics once a step
#
# The third pair normalizes the 7 steps, in training mode. In `each`, each step has its own mean and variance
# over the batch, and one call makes 7 updates of the running mean. In `all`, one mean and one variance
# over batch and time are used, with one update. The cells print both running means:

# %% distributed-norm-pt tags=["pytorch"]
norm = nn.BatchNorm1d(3, eps=1e-3)
each_pt = torch.stack([norm(s) for s in steps_pt.unbind(1)], 1)
mean_pt = norm.running_mean
all_norm = nn.BatchNorm1d(3, eps=1e-3)
all_pt = all_norm(steps_pt.mT).mT  # PyTorch: channels first
show(each=mean_pt, all=all_norm.running_mean)

# %% distributed-norm-tf tags=["tensorflow"]
norm = keras.layers.BatchNormalization(momentum=0.9)
wrapped = keras.layers.TimeDistributed(norm)
each_tf = wrapped(steps_tf, training=True)
mean_tf = norm.moving_mean
all_norm = keras.layers.BatchNormalization(momentum=0.9)
all_tf = all_norm(steps_tf, training=True)
show(each=mean_tf, all=all_norm.moving_mean)

# %% distributed-norm
agree([each_pt, mean_pt, all_pt], [each_tf, mean_tf, all_tf])
print("each is all:", np.allclose(each_tf, all_tf, atol=0.1))

# %% [markdown]
# The mean of a step has only as many numbers as the batch has examples, here 2. Use `BatchNormalization` without the
# wrapper, unless you need a mean for each step.
#
# `TimeDistributed` also drops the activity regularizer of its layer. The next cell counts the losses of a dense
# layer with such a regularizer, without and with the wrapper:

# %% distributed-losses
for wrap in (lambda layer: layer, keras.layers.TimeDistributed):
    layer = wrap(keras.layers.Dense(5, activity_regularizer="l2"))
    layer(steps_tf)
    print(type(layer).__name__, len(layer.losses))

# %% [markdown]
# (conv-lstm)=
# ## Convolutional LSTM
#
# <!-- head: conv_lstm -->
#
# A ConvLSTM {footcite:p}`shi2015convolutional` is an LSTM whose two products are convolutions. Its states $h$
# and $c$ are images with several channels, so that each number of the state belongs to a place. Choose it for
# videos, and for series of maps such as radar images. `ConvLSTM1D` and `ConvLSTM3D` do the same for sequences
# of rows and of volumes.
#
# $$(i, f, g, o) = W * x + b + U * h, \qquad c' = \sigma(f) \, c + \sigma(i) \tanh(g), \qquad
# h' = \sigma(o) \tanh(c')$$
#
# $*$ is the convolution that both frameworks compute, without a flip. All other symbols are those of the
# [LSTM cell](lstm-cell). PyTorch has no ConvLSTM. Two convolutions with 4 times the channels, and `chunk(4)`,
# make one. Only the first convolution has a bias:

# %% conv-lstm-cell-pt tags=["pytorch"]
class ConvLSTMCell(nn.Module):
    def __init__(self, conv, n_in, n_out, size):
        super().__init__()
        self.input = conv(n_in, 4 * n_out, size, padding="same")
        self.recurrent = conv(
            n_out, 4 * n_out, size, padding="same", bias=False)

    def forward(self, x, state=None):
        gates = self.input(x)
        zeros = torch.zeros_like(gates.chunk(4, dim=1)[0])
        h, c = state or (zeros, zeros)
        gates = gates + self.recurrent(h)
        i, f, g, o = gates.chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c

# %% conv-lstm-cell-tf tags=["tensorflow"]
def from_torch(layer, cell, frames):
    """Give a ConvLSTM of Keras the weights of the cell."""
    w, b, u = (p.detach().numpy() for p in cell.parameters())
    layer.build(frames.shape)
    layer.set_weights([
        np.moveaxis(w, (0, 1), (-1, -2)),
        np.moveaxis(u, (0, 1), (-1, -2)), b])

# %% [markdown]
# `from_torch` moves the axes as for any convolution: PyTorch has `(4 * out, in, *size)`, and Keras
# `(*size, in, 4 * out)`. The gates have the same order. `Loop` from the LSTM section runs the cell over the video:

# %% conv-lstm-pt tags=["pytorch"]
torch.manual_seed(0)
cell_pt = ConvLSTMCell(nn.Conv2d, 3, 5, 3)
(y_pt, _), dx_pt, (dw_pt, db_pt, du_pt) = value_and_grad(
    Loop(cell_pt), video_pt)
print(tuple(y_pt.shape))

# %% conv-lstm-tf tags=["tensorflow"]
layer_tf = keras.layers.ConvLSTM2D(
    5, 3, padding="same", return_sequences=True)
from_torch(layer_tf, cell_pt, video_tf)
y_tf, dx_tf, dw_tf = value_and_grad(layer_tf, video_tf)
print(y_tf.shape)

# %% conv-lstm
kernels = [g.movedim((0, 1), (-1, -2)) for g in (dw_pt, du_pt)]
agree(y_pt.movedim(2, -1), y_tf,
      gradients=([dx_pt.movedim(2, -1), *kernels, db_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# The same cell with `Conv1d` and `Conv3d` equals `ConvLSTM1D` and `ConvLSTM3D`:

# %%
rows = rng.normal(size=(2, 4, 3, 8)).astype(np.float32)  # width 8
volumes = rng.normal(size=(2, 4, 3, 4, 5, 6)).astype(np.float32)  # depth 4

# %% conv-lstm-others-pt tags=["pytorch"]
loops = [Loop(ConvLSTMCell(nn.Conv1d, 3, 2, 3)),
         Loop(ConvLSTMCell(nn.Conv3d, 3, 2, 3))]
outputs_pt, grads_pt = [], []
for i, frames in enumerate((rows, volumes)):
    (y, _), dx, _ = value_and_grad(
        loops[i], torch.tensor(frames))
    outputs_pt.append(y.movedim(2, -1))
    grads_pt.append(dx.movedim(2, -1))

# %% conv-lstm-others-tf tags=["tensorflow"]
same = {"padding": "same", "return_sequences": True}
layers = [keras.layers.ConvLSTM1D(2, 3, **same),
          keras.layers.ConvLSTM3D(2, 3, **same)]
outputs_tf, grads_tf = [], []
for i, frames in enumerate((rows, volumes)):
    frames = tf.constant(np.moveaxis(frames, 2, -1))
    from_torch(layers[i], loops[i].cell, frames)
    y, dx, _ = value_and_grad(layers[i], frames)
    outputs_tf.append(y)
    grads_tf.append(dx)

# %% conv-lstm-others
agree(outputs_pt, outputs_tf, gradients=(grads_pt, grads_tf))

# %% [markdown]
# ### The default `padding="valid"` makes the states smaller; the recurrent convolution is always padded
#
# `padding` and `strides` are those of the input convolution. The recurrent convolution has stride 1 and
# `"same"`, because the new state must have the size of the old state. The next cells replace the input
# convolution by one without padding:

# %% conv-lstm-valid-pt tags=["pytorch"]
cell_pt = ConvLSTMCell(nn.Conv2d, 3, 5, 3)
cell_pt.input = nn.Conv2d(3, 20, 3)
y_pt, (h_pt, c_pt) = Loop(cell_pt)(video_pt)
print(tuple(video_pt.shape), tuple(c_pt.shape))

# %% conv-lstm-valid-tf tags=["tensorflow"]
layer_tf = keras.layers.ConvLSTM2D(5, 3, return_state=True)
from_torch(layer_tf, cell_pt, video_tf)
y_tf, h_tf, c_tf = layer_tf(video_tf)
print(video_tf.shape, c_tf.shape)

# %% conv-lstm-valid
agree([h_pt.movedim(1, -1), c_pt.movedim(1, -1)], [h_tf, c_tf])

# %% [markdown]
# (conv-lstm-reach)=
# ### An output pixel depends on 3 × 3 pixels of the last image, and on 9 × 9 pixels three images before
#
# The next cells differentiate the centre pixel of the last output with respect to 4 images of 11 × 11 pixels. For
# each image, `width` counts the columns with a gradient. `numbers` compares the parameters of this ConvLSTM
# with those of an LSTM that has all pixels as inputs and a state of the same size:

# %%
frames = rng.normal(size=(1, 4, 3, 11, 11)).astype(np.float32)
units, inputs = 5 * 11**2, 3 * 11**2
of_lstm = 4 * (units * (inputs + units) + units)

# %% conv-lstm-reach-pt tags=["pytorch"]
cell_pt = ConvLSTMCell(nn.Conv2d, 3, 5, 3)
_, dx_pt = value_and_grad(
    lambda frames: Loop(cell_pt)(frames)[0][:, -1, :, 5, 5],
    torch.tensor(frames))
reach_pt = dx_pt[0].abs().amax(1)  # (time, height, width)
print("width", (reach_pt.amax(1) > 1e-8).sum(1).tolist())
n = sum(p.numel() for p in cell_pt.parameters())
print("numbers", n, "of an LSTM", of_lstm)

# %% conv-lstm-reach-tf tags=["tensorflow"]
layer_tf = keras.layers.ConvLSTM2D(5, 3, padding="same")
frames_tf = tf.constant(np.moveaxis(frames, 2, -1))
from_torch(layer_tf, cell_pt, frames_tf)
_, dx_tf = value_and_grad(
    lambda frames: layer_tf(frames)[:, 5, 5], frames_tf)
reach_tf = tf.reduce_max(tf.abs(dx_tf[0]), -1)
seen = tf.reduce_max(reach_tf, 1) > 1e-8
print("width", tf.math.count_nonzero(seen, 1).numpy().tolist())
n = layer_tf.count_params()
print("numbers", n, "of an LSTM", of_lstm)

# %% conv-lstm-reach
agree(reach_pt, reach_tf)

# %% conv-lstm-reach-figure tags=["hide-input"]
# alt: Four panels of 11 by 11 pixels. In the image of the last step a square of 3 by 3 pixels has a gradient,
# one step before 5 by 5, then 7 by 7, and three steps before 9 by 9.
fig, axes = plt.subplots(1, 4, figsize=(5.2, 1.7))
for ax, image, back in zip(axes, reach_pt, (3, 2, 1, 0)):
    ax.pcolormesh(image > 1e-8, cmap="Greys", vmin=0, vmax=1.6, edgecolors="none")
    ax.set(xticks=[], yticks=[], aspect="equal")
    ax.set_title(f"{back} back" if back else "last image", fontsize=9.5)
fig.suptitle("Three steps back, the centre depends on 9 × 9 pixels")
plt.show()

# %% [markdown]
# (conv-lstm-hard)=
# ### A ConvLSTM of Keras 2 had `hard_sigmoid` gates, with another slope than today's
#
# Models saved by Keras 2 have ConvLSTM gates with $\mathrm{clip}(0.2 x + 0.5, 0, 1)$. Keras 3 has the sigmoid
# function by default. Its `hard_sigmoid` is $\mathrm{clip}(x / 6 + 0.5, 0, 1)$, as is `F.hardsigmoid`. The next
# cells print the function of Keras 3 (`today`) and of Keras 2 (`old`). To run old weights, pass the old function
# as `recurrent_activation`.

# %% conv-lstm-hard-pt tags=["pytorch"]
gate_pt = torch.tensor([-3.0, -2.5, 0, 1, 3])
today_pt = F.hardsigmoid(gate_pt)
old_pt = (0.2 * gate_pt + 0.5).clip(0, 1)
show(today=today_pt, old=old_pt)

# %% conv-lstm-hard-tf tags=["tensorflow"]
gate_tf = tf.constant([-3.0, -2.5, 0, 1, 3])
today_tf = keras.activations.hard_sigmoid(gate_tf)
old_tf = tf.clip_by_value(0.2 * gate_tf + 0.5, 0, 1)
show(today=today_tf, old=old_tf)

# %% conv-lstm-hard
agree([today_pt, old_pt], [today_tf, old_tf])

# %% [markdown]
# (recurrent-cells-choosing)=
# ## Which one to choose
#
# | you need | in PyTorch, then in Keras |
# | --- | --- |
# | something between two steps, such as the output as the next input | a loop over `nn.LSTMCell`<br>a loop over `LSTMCell` |
# | a recurrence of your own | any module and a loop<br>a layer with `state_size`, and `RNN` |
# | one layer on each image of a video | `flatten(0, 1)`, `unflatten`<br>`TimeDistributed` |
# | a state that is an image | two convolutions and `chunk(4)`<br>`ConvLSTM2D` |
#
# ## Exercises
#
# Write the cells and the loops yourself, in either framework:
# [exercises](../../exercises/layers/recurrent_cells.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
