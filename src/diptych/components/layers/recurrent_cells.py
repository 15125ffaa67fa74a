"""Recurrent cells: one step of an RNN, LSTM and GRU, layers that run a cell, and a ConvLSTM."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

# Layers of the previous chapter that would do the work of an answer.
LAYERS = tuple(f"torch.nn.{name}" for name in ("RNN", "LSTM", "GRU"))
LAYERS += tuple(f"keras.layers.{name}" for name in ("SimpleRNN", "LSTM", "GRU"))

NO_BIAS_H = "bias_hh is missing: add both biases"
NO_BIAS_X = "bias_ih is missing: add both biases"
NO_STATE = "the old state is missing: add h times the transposed weight_hh"
NO_INPUT = "the input is missing: add x times the transposed weight_ih"
UNTRANSPOSED = "weight_hh is not transposed: a weight is (out, in), so multiply by its transpose"
TIME_REVERSED = "the sequence is read from its end: start with the first step"
LAST_ONLY = "only the last state comes back: return the state of each step"
STATELESS = "each step starts from the first state: pass the new state on to the next step"


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def hard_sigmoid(x):
    return np.clip(x / 6 + 0.5, 0, 1)


def old_hard_sigmoid(x):
    return np.clip(0.2 * x + 0.5, 0, 1)


def arrays(rng, *shapes):
    """Numbers for which tanh and sigmoid are neither flat nor almost linear."""
    return tuple(rng.normal(0, 0.8, shape).round(2) for shape in shapes)


def over_time(step, x, *states):
    """The outputs of ``step(x, *states)``, which returns new states, (batch, time, …), and the last
    states."""
    outputs = []
    for t in range(x.shape[1]):
        states = step(x[:, t], *states)
        outputs.append(states[0])
    return np.stack(outputs, 1), states


# One step of a simple RNN.


def rnn_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    return np.tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)


def cell_case(rng, batch, n_in, hidden, blocks, n_states=1, **fields):
    """A case of one step: input, states and PyTorch's four arrays with so many ``blocks`` each."""
    shapes = [(batch, n_in), *[(batch, hidden)] * n_states, (blocks * hidden, n_in)]
    shapes += [(blocks * hidden, hidden), blocks * hidden, blocks * hidden]
    return Case(arrays(rng, *shapes), **fields)


def visible_steps(blocks, n_states=1):
    return (
        cell_case(default_rng(1), 1, 1, 1, blocks, n_states),
        cell_case(default_rng(2), 2, 3, 4, blocks, n_states),
        cell_case(default_rng(3), 2, 3, 3, blocks, n_states),
        cell_case(default_rng(4), 1, 4, 2, blocks, n_states, part="robustness"),
    )


def hidden_steps(blocks, n_states=1):
    return lambda rng: (
        cell_case(rng, 3, 2, 4, blocks, n_states),
        cell_case(rng, 2, 3, 3, blocks, n_states),
        cell_case(rng, 1, 5, 2, blocks, n_states, part="robustness"),
        cell_case(rng, 4, 1, 3, blocks, n_states, part="robustness"),
    )


STEP = "x, h, weight_ih, weight_hh, bias_ih, bias_hh"

RNN_CELL_MISTAKES = """
tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T)             # NO_BIAS_H
tanh(x @ weight_ih.T + h @ weight_hh.T + bias_hh)             # NO_BIAS_X
tanh(x @ weight_ih.T + h @ weight_hh.T)                       # no bias is added: add both
tanh(x @ weight_ih.T + bias_ih + bias_hh)                     # NO_STATE
tanh(x @ weight_ih.T + bias_ih)                               # NO_STATE
tanh(h @ weight_hh.T + bias_ih + bias_hh)                     # NO_INPUT
tanh(x @ weight_ih.T + bias_ih + h @ weight_hh + bias_hh)     # UNTRANSPOSED
tanh(x @ weight_ih.T + bias_ih + h + bias_hh)
            # the old state is not multiplied by weight_hh
x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh         # the tanh is missing
sigmoid(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)
            # this is the sigmoid function: take tanh
maximum(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh, 0)  # this is ReLU: take tanh
tanh(x @ weight_ih.T + bias_ih) + tanh(h @ weight_hh.T + bias_hh)
            # tanh is taken of the two parts: add them first, then take tanh of the sum
tanh(x @ weight_ih.T + bias_ih) + h @ weight_hh.T + bias_hh
            # tanh is taken of the input's part only: take it of the sum
"""

RNN_CELL_PT = """
def rnn_cell_pt(x, h, *weights):
    cell = torch.nn.RNNCell(x.shape[1], h.shape[1])
    names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
    return torch.func.functional_call(cell, dict(zip(names, weights)), (x, h))
"""
RNN_CELL_TF = """
def rnn_cell_tf(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    cell = keras.layers.SimpleRNNCell(h.shape[1])
    cell.build(x.shape)
    weights = [tf.transpose(weight_ih), tf.transpose(weight_hh), bias_ih + bias_hh]
    return cell.stateless_call(weights, cell.non_trainable_variables, x, [h])[0][0]
"""

RNN_CELL_EXERCISE = Exercise(
    "rnn_cell",
    rnn_cell,
    visible=visible_steps(1),
    hidden=hidden_steps(1),
    reference={"pytorch": RNN_CELL_PT, "tensorflow": RNN_CELL_TF},
    misconceptions=mistakes(RNN_CELL_MISTAKES, globals(), STEP),
    forbid=LAYERS,
    elementwise=False,
    rtol=1e-3,
)

SIMPLE_RNN_CELL = component(
    "simple_rnn_cell",
    name="Simple RNN cell",
    zh="简单循环网络单元",
    pytorch=("torch.nn.RNNCell",),
    keras=("keras.layers.SimpleRNNCell",),
    calls="""
nn.RNNCell(3, 5) | keras.layers.SimpleRNNCell(5)
    # Keras's one bias is the sum of PyTorch's two biases
cell(x, h) | cell(x, [h])  # PyTorch returns the new state, Keras `(state, [state])`
""",
    weights="""
torch.nn.RNNCell(3, 5) | keras.layers.SimpleRNNCell(5)  # (2, 3)
weight_ih = kernel.T | kernel = weight_ih.T
weight_hh = recurrent_kernel.T | recurrent_kernel = weight_hh.T
bias_ih, bias_hh = bias, 0 * bias | bias = bias_ih + bias_hh
    # Keras has one bias; in PyTorch the second becomes 0
""",
    behaviour={
        "rnn-cell-start-tf": "a Keras cell needs the old state in each call",
        "rnn-cell": "each of PyTorch's two biases has the gradient of Keras's one bias",
    },
    exercises=(RNN_CELL_EXERCISE,),
)

# One step of an LSTM.


def lstm_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """The four blocks of the sum, before their activations, in the order i, f, g, o."""
    return np.split(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh, 4, 1)


def lstm_step(i, f, g, o, c, gate=sigmoid):
    """The new h and c, from the four blocks and the old memory."""
    c = gate(f) * c + gate(i) * np.tanh(g)
    return gate(o) * np.tanh(c), c


def lstm_cell(x, h, c, *weights):
    return lstm_step(*lstm_gates(x, h, *weights), c)


def shuffled(order):
    """The cell of an answer that reads the four blocks in the order ``order``."""

    def cell(x, h, c, *weights):
        blocks = dict(zip(order, lstm_gates(x, h, *weights), strict=True))
        return lstm_step(*(blocks[name] for name in "ifgo"), c)

    return cell


def memory(rule):
    """The cell whose new memory is ``rule(i, f, g, o, c)``, of blocks before their activation."""

    def cell(x, h, c, *weights):
        i, f, g, o = lstm_gates(x, h, *weights)
        c = rule(i, f, g, o, c)
        return sigmoid(o) * np.tanh(c), c

    return cell


def shown(rule):
    """The cell whose new state is ``rule(i, f, g, o, c, new)``, with the old and new memory."""

    def cell(x, h, c, *weights):
        i, f, g, o = lstm_gates(x, h, *weights)
        new = lstm_step(i, f, g, o, c)[1]
        return rule(i, f, g, o, c, new), new

    return cell


LSTM_CELL_MISTAKES = """
for order in ("ifog", "igfo", "iofg", "gifo", "ofig", "fgio"): shuffled(order)(*a)
    # the four blocks are read in another order: they are i, f, g, o
lstm_cell(*a)[::-1]
    # the order of the outputs is wrong: return h, then c
lstm_cell(*a[:6], 0 * a[6])         # NO_BIAS_H
lstm_cell(*a[:5], 0 * a[5], a[6])         # NO_BIAS_X
lstm_cell(*a[:5], 0 * a[5], 0 * a[6])     # no bias is added: add both
lstm_cell(a[0], 0 * a[1], *a[2:])         # NO_STATE
memory(lambda i, f, g, o, c: sigmoid(f) * c + sigmoid(i) * sigmoid(g))(*a)
    # the new content g goes through the sigmoid function: take tanh
memory(lambda i, f, g, o, c: sigmoid(f) * c + sigmoid(i) * g)(*a)
    # the tanh of the new content g is missing
memory(lambda i, f, g, o, c: sigmoid(i) * c + sigmoid(f) * tanh(g))(*a)
    # the input gate and the forget gate are exchanged: the first block is i, and the second, f,
    # multiplies the old memory
memory(lambda i, f, g, o, c: (1 - sigmoid(f)) * c + sigmoid(i) * tanh(g))(*a)
    # the old memory is multiplied by 1 − σ(f): multiply it by σ(f), the share that stays
memory(lambda i, f, g, o, c: sigmoid(f) * c + (1 - sigmoid(f)) * tanh(g))(*a)
    # the new content is multiplied by 1 − σ(f): multiply it by σ(i)
memory(lambda i, f, g, o, c: c + sigmoid(i) * tanh(g))(*a)
    # the forget gate is not used: multiply the old memory by σ(f)
memory(lambda i, f, g, o, c: sigmoid(f) * c + tanh(g))(*a)
    # the input gate is not used: multiply the new content by σ(i)
memory(lambda i, f, g, o, c: f * c + i * tanh(g))(*a)
    # the input gate and the forget gate need the sigmoid function
shown(lambda i, f, g, o, c, new: sigmoid(o) * new)(*a)
    # the tanh of the new memory is missing: h is σ(o) times tanh of the new c
shown(lambda i, f, g, o, c, new: sigmoid(o) * tanh(c))(*a)
    # h is computed from the old memory: use the new c
shown(lambda i, f, g, o, c, new: tanh(new))(*a)
    # the output gate is not used: multiply tanh of the new c by σ(o)
shown(lambda i, f, g, o, c, new: o * tanh(new))(*a)
    # the output gate needs the sigmoid function
lstm_step(*lstm_gates(*a[:2], *a[3:]), a[2], hard_sigmoid)
    # the gates are piecewise linear, as a hard sigmoid: use the sigmoid function
"""

LSTM_CELL_PT = """
def lstm_cell_pt(x, h, c, *weights):
    cell = torch.nn.LSTMCell(x.shape[1], h.shape[1])
    names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
    return torch.func.functional_call(cell, dict(zip(names, weights)), (x, (h, c)))
"""
LSTM_CELL_TF = """
def lstm_cell_tf(x, h, c, weight_ih, weight_hh, bias_ih, bias_hh):
    cell = keras.layers.LSTMCell(h.shape[1])
    cell.build(x.shape)
    weights = [tf.transpose(weight_ih), tf.transpose(weight_hh), bias_ih + bias_hh]
    return cell.stateless_call(weights, cell.non_trainable_variables, x, [h, c])[0][1]
"""

LSTM_CELL_EXERCISE = Exercise(
    "lstm_cell",
    lstm_cell,
    visible=visible_steps(4, 2),
    hidden=hidden_steps(4, 2),
    reference={"pytorch": LSTM_CELL_PT, "tensorflow": LSTM_CELL_TF},
    misconceptions=mistakes(LSTM_CELL_MISTAKES, globals(), "*a"),
    forbid=LAYERS,
    elementwise=False,
    rtol=1e-3,
)

LSTM_CELL = component(
    "lstm_cell",
    name="LSTM cell",
    zh="长短记忆循环网络单元",
    pytorch=("torch.nn.LSTMCell",),
    keras=("keras.layers.LSTMCell",),
    calls="""
nn.LSTMCell(3, 5) | keras.layers.LSTMCell(5)
    # the blocks i, f, g, o have the same order; Keras's bias is the sum of PyTorch's two biases
cell(x, (h, c)) | cell(x, [h, c])  # PyTorch returns `(h, c)`, Keras `(h, [h, c])`
""",
    weights="""
torch.nn.LSTMCell(3, 5) | keras.layers.LSTMCell(5)  # (2, 3)
weight_ih = kernel.T | kernel = weight_ih.T
weight_hh = recurrent_kernel.T | recurrent_kernel = weight_hh.T
bias_ih, bias_hh = bias, 0 * bias | bias = bias_ih + bias_hh
    # Keras has one bias; in PyTorch the second becomes 0
""",
    behaviour={
        "lstm-cell-tensor-tf": "a tensor instead of `[h, c]`: Keras uses its first two rows",
        "lstm-loop": "a loop over `nn.LSTMCell` equals `keras.layers.RNN(LSTMCell)`",
        "lstm-start-tf": "Keras starts the forget gate's bias at 1; PyTorch has no such start",
    },
    exercises=(LSTM_CELL_EXERCISE,),
)

# One step of a GRU.


def gru_blocks(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """The blocks of the input's part and of the state's part, each in the order r, z, n."""
    return np.split(x @ weight_ih.T + bias_ih, 3, 1), np.split(h @ weight_hh.T + bias_hh, 3, 1)


def gru_cell(x, h, *weights, order="rzn", keep=lambda z: z, reset=sigmoid, content=np.tanh):
    """The new state; wrong answers replace a part."""
    of_x, of_h = (dict(zip(order, part, strict=True)) for part in gru_blocks(x, h, *weights))
    r, z = (of_x[name] + of_h[name] for name in "rz")
    n = content(of_x["n"] + reset(r) * of_h["n"])
    z = keep(sigmoid(z))
    return (1 - z) * n + z * h


def reset_before(x, h, weight_ih, weight_hh, bias_ih, bias_hh, outside=1.0):
    """Keras's ``reset_after=False``: the gate multiplies the state, but not the bias."""
    (r_x, z_x, n_x), (r_h, z_h, _) = gru_blocks(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    r, z = sigmoid(r_x + r_h), sigmoid(z_x + z_h)
    n = np.tanh(n_x + (r * h) @ np.split(weight_hh, 3)[2].T + outside * np.split(bias_hh, 3)[2])
    return (1 - z) * n + z * h


def bias_outside(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """The reset gate multiplies the product with the state, but not its bias."""
    return gru_cell(x, h, weight_ih, weight_hh, bias_ih + bias_hh, 0 * bias_hh)


GRU_CELL_MISTAKES = """
gru_cell(*a, order="zrn")
    # the blocks are read as z, r, n, which is Keras's order: here they are r, z, n
for order in ("rnz", "nzr", "nrz", "znr"): gru_cell(*a, order=order)
    # the three blocks are read in another order: they are r, z, n
gru_cell(*a, keep=lambda z: 1 - z)
    # z and 1 − z are exchanged: z multiplies the old state
reset_before(*a)
    # the reset gate multiplies the state before the matrix: multiply h times the matrix, plus its
    # bias, by it
bias_outside(*a)
    # the reset gate does not multiply the third block of bias_hh: it multiplies the product and
    # the bias
gru_cell(*a, reset=ones_like)
    # the reset gate is not used: multiply the state's part of n by it
gru_cell(*a, reset=lambda r: r)
    # the reset gate needs the sigmoid function
gru_cell(*a, reset=lambda r: 1 - sigmoid(r))
    # the state's part is multiplied by 1 − r: multiply it by r
gru_cell(*a, content=sigmoid)
    # the new content n goes through the sigmoid function: take tanh
gru_cell(*a, content=lambda n: n)
    # the tanh of the new content n is missing
gru_cell(*a, keep=zeros_like)
    # the old state is not mixed in: the new state is (1 − z) n + z h
gru_cell(*a[:5], 0 * a[5])     # NO_BIAS_H
gru_cell(*a[:4], 0 * a[4], a[5])     # NO_BIAS_X
gru_cell(*a[:4], 0 * a[4], 0 * a[5]) # no bias is added: add both
"""

GRU_CELL_PT = """
def gru_cell_pt(x, h, *weights):
    cell = torch.nn.GRUCell(x.shape[1], h.shape[1])
    names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
    return torch.func.functional_call(cell, dict(zip(names, weights)), (x, h))
"""
GRU_CELL_TF = """
def gru_cell_tf(x, h, *weights):
    w, u, b1, b2 = (tf.concat([b[1], b[0], b[2]], 0) for b in (tf.split(w, 3) for w in weights))
    cell = keras.layers.GRUCell(h.shape[1])
    cell.build(x.shape)
    weights = [tf.transpose(w), tf.transpose(u), tf.stack([b1, b2])]
    return cell.stateless_call(weights, cell.non_trainable_variables, x, [h])[0][0]
"""

GRU_CELL_EXERCISE = Exercise(
    "gru_cell",
    gru_cell,
    visible=visible_steps(3),
    hidden=hidden_steps(3),
    reference={"pytorch": GRU_CELL_PT, "tensorflow": GRU_CELL_TF},
    misconceptions=mistakes(GRU_CELL_MISTAKES, globals(), "*a"),
    forbid=LAYERS,
    elementwise=False,
    rtol=1e-3,
)

GRU_CELL = component(
    "gru_cell",
    name="GRU cell",
    zh="门控循环网络单元",
    pytorch=("torch.nn.GRUCell",),
    keras=("keras.layers.GRUCell",),
    calls="""
nn.GRUCell(3, 5) | keras.layers.GRUCell(5)
    # PyTorch's blocks are r, z, n, Keras's z, r, n: swap the first two in all arrays
cell(x, h) | cell(x, [h])  # PyTorch returns the new state, Keras `(state, [state])`
""",
    weights="""
torch.nn.GRUCell(3, 5) | keras.layers.GRUCell(5)  # (2, 3)
weight_ih = swap_gates(kernel.T) | kernel = swap_gates(weight_ih).T
    # PyTorch's blocks are r, z, n, Keras's z, r, n: the first two are swapped in all arrays
weight_hh = swap_gates(recurrent_kernel.T) | recurrent_kernel = swap_gates(weight_hh).T
bias_ih, bias_hh = map(swap_gates, bias) | bias = stack([swap_gates(bias_ih), swap_gates(bias_hh)])
    # Keras stores both biases in one array of shape (2, 3 · hidden)
""",
    behaviour={
        "gru-cell-pt": "PyTorch stores the blocks r, z, n, Keras z, r, n",
        "gru-cell-tf": "both multiply the product and its bias by the reset gate, so `reset_after`",
    },
    exercises=(GRU_CELL_EXERCISE,),
)

# The arrays of an nn.LSTM, converted to those of keras.layers.RNN(LSTMCell).


def lstm_to_keras(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T, weight_hh.T, bias_ih + bias_hh


def reordered(order, *weights):
    """Keras's arrays, with the blocks i, f, g, o in another order."""
    places = ["ifgo".index(name) for name in order]
    return tuple(
        np.concatenate([np.split(a, 4, -1)[place] for place in places], -1)
        for a in lstm_to_keras(*weights)
    )


LSTM_TO_KERAS_MISTAKES = """
(weight_ih, weight_hh, bias_ih + bias_hh)
    # the matrices are not transposed: Keras has (in, 4 · hidden) and (hidden, 4 · hidden)
(weight_ih.T, weight_hh, bias_ih + bias_hh)
    # weight_hh is not transposed: Keras has (hidden, 4 · hidden)
(weight_ih, weight_hh.T, bias_ih + bias_hh)
    # weight_ih is not transposed: Keras has (in, 4 · hidden)
(weight_ih.reshape(weight_ih.T.shape), weight_hh.reshape(weight_hh.T.shape), bias_ih + bias_hh)
    # a reshape puts the numbers in the wrong order: transpose the matrices
(weight_ih.T, weight_hh.T, bias_ih)      # bias_hh is missing: Keras's bias is the sum of both
(weight_ih.T, weight_hh.T, bias_hh)      # bias_ih is missing: Keras's bias is the sum of both
(weight_ih.T, weight_hh.T, (bias_ih + bias_hh) / 2)
    # this is the mean of the biases: Keras's bias is their sum
(weight_ih.T, weight_hh.T, stack([bias_ih, bias_hh]))
    # both biases come back in one array, as in a GRU: an LSTM has one bias, their sum
(weight_ih.T, weight_hh.T, concatenate([bias_ih, bias_hh]))
    # the biases are joined: add them
for order in ("ifog", "figo", "igfo"): reordered(order, weight_ih, weight_hh, bias_ih, bias_hh)
    # the blocks are put into another order: both frameworks have i, f, g, o
(weight_hh.T, weight_ih.T, bias_ih + bias_hh)
    # the order of the outputs is wrong: the kernel of the input comes first
"""

LSTM_TO_KERAS_PT = """
def lstm_to_keras_pt(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T, weight_hh.T, bias_ih + bias_hh
"""
LSTM_TO_KERAS_TF = """
def lstm_to_keras_tf(weight_ih, weight_hh, bias_ih, bias_hh):
    return tf.transpose(weight_ih), tf.transpose(weight_hh), bias_ih + bias_hh
"""


def arrays_case(rng, n_in, hidden, **fields):
    shapes = (4 * hidden, n_in), (4 * hidden, hidden), 4 * hidden, 4 * hidden
    return Case(arrays(rng, *shapes), **fields)


LSTM_TO_KERAS_EXERCISE = Exercise(
    "lstm_to_keras",
    lstm_to_keras,
    visible=(
        arrays_case(default_rng(1), 1, 1),
        arrays_case(default_rng(2), 3, 2),
        arrays_case(default_rng(3), 2, 2),
        arrays_case(default_rng(4), 8, 2, part="robustness"),
    ),
    hidden=lambda rng: (
        arrays_case(rng, 4, 3),
        arrays_case(rng, 2, 2),
        arrays_case(rng, 1, 4, part="robustness"),
        arrays_case(rng, 4, 1, part="robustness"),
    ),
    reference={"pytorch": LSTM_TO_KERAS_PT, "tensorflow": LSTM_TO_KERAS_TF},
    misconceptions=mistakes(
        LSTM_TO_KERAS_MISTAKES, globals(), "weight_ih, weight_hh, bias_ih, bias_hh"
    ),
    elementwise=False,
)

RNN_BASE = component(
    "rnn_base",
    name="RNN base layer",
    zh="RNN基本层",
    pytorch=("torch.nn.RNNBase",),
    keras=("keras.layers.RNN",),
    calls="""
nn.LSTM(3, 5, batch_first=True) | keras.layers.RNN(keras.layers.LSTMCell(5),
    return_sequences=True, return_state=True)
    # `nn.RNNBase` is the parent class of `nn.LSTM` and cannot run; `RNN` runs any cell
""",
    behaviour={
        "rnn-base-pt": "`nn.RNNBase` holds the weights, and a call raises an error",
        "rnn-lstm": "PyTorch's last states have one more axis, for layers and directions",
        "rnn-flatten": "`flatten_parameters` changes no number, and does nothing on the CPU",
    },
    exercises=(LSTM_TO_KERAS_EXERCISE,),
)

# A cell of one's own, over a sequence.


def minimal_step(x, h, weight_ih, weight_hh, bias, gate=sigmoid, content=np.tanh, inner=True):
    """The minimal gated unit: one gate f, and new content n of the gated state."""
    (w_f, w_n), (u_f, u_n), (b_f, b_n) = (np.split(a, 2) for a in (weight_ih, weight_hh, bias))
    f = gate(x @ w_f.T + h @ u_f.T + b_f)
    n = content(x @ w_n.T + (f * h if inner else h) @ u_n.T + b_n)
    return f, n


def minimal_gated_unit(
    x, h, weight_ih, weight_hh, bias, new=lambda f, n, h: (1 - f) * h + f * n, **wrong
):
    def step(x, h):
        return (new(*minimal_step(x, h, weight_ih, weight_hh, bias, **wrong), h),)

    return over_time(step, x, h)[0]


def swapped(weights):
    return np.concatenate(np.split(weights, 2)[::-1])


def always_first(x, h, *weights):
    return np.concatenate(
        [minimal_gated_unit(x[:, t : t + 1], h, *weights) for t in range(x.shape[1])], 1
    )


MINIMAL_MISTAKES = """
minimal_gated_unit(*a, new=lambda f, n, h: f * h + (1 - f) * n)
    # f and 1 − f are exchanged: f multiplies the new content
minimal_gated_unit(*a, inner=False)
    # the gate does not multiply the state in the new content: use f h there
minimal_gated_unit(*a, new=lambda f, n, h: n)
    # the old state is not mixed in: the new state is (1 − f) h + f n
minimal_gated_unit(*a, new=lambda f, n, h: h + f * n)
    # the old state is added whole: multiply it by 1 − f
minimal_gated_unit(*a, content=sigmoid)
    # the new content goes through the sigmoid function: take tanh
minimal_gated_unit(*a, gate=tanh)
    # the gate goes through tanh: take the sigmoid function
minimal_gated_unit(*a[:2], *map(swapped, a[2:]))
    # the two blocks are exchanged: the first is that of the gate f, the second that of n
minimal_gated_unit(*a[:4], 0 * a[4])   # the bias is missing
minimal_gated_unit(*a)[:, -1]
                                                           # LAST_ONLY
minimal_gated_unit(a[0], 0 * a[1], *a[2:])
    # the loop starts with zeros: start with the state h that is given
always_first(*a)             # STATELESS
minimal_gated_unit(a[0][:, ::-1], *a[1:])
minimal_gated_unit(a[0][:, ::-1], *a[1:])[:, ::-1]  # TIME_REVERSED
minimal_gated_unit(*a).swapaxes(0, 1)
    # the output has the time first: stack the states along axis 1
minimal_gated_unit(*a).transpose(0, 2, 1)
    # the output has the time last: stack the states along axis 1
"""

MINIMAL_BODY = """
    w_f, w_n = split(weight_ih)
    u_f, u_n = split(weight_hh)
    b_f, b_n = split(bias)
    states = []
    for t in range(x.shape[1]):
        f = sigmoid(x[:, t] @ transpose(w_f) + h @ transpose(u_f) + b_f)
        n = tanh(x[:, t] @ transpose(w_n) + (f * h) @ transpose(u_n) + b_n)
        h = (1 - f) * h + f * n
        states.append(h)
"""
MINIMAL_PT = f"""
def minimal_gated_unit_pt(x, h, weight_ih, weight_hh, bias):
    sigmoid, tanh = torch.sigmoid, torch.tanh
    transpose, split = torch.t, lambda w: w.chunk(2)
    {MINIMAL_BODY.strip()}
    return torch.stack(states, 1)
"""
MINIMAL_TF = f"""
def minimal_gated_unit_tf(x, h, weight_ih, weight_hh, bias):
    sigmoid, tanh = tf.sigmoid, tf.tanh
    transpose, split = tf.transpose, lambda w: tf.split(w, 2)
    {MINIMAL_BODY.strip()}
    return tf.stack(states, 1)
"""


def minimal_case(rng, batch, time, n_in, hidden, **fields):
    shapes = (batch, time, n_in), (batch, hidden), (2 * hidden, n_in)
    return Case(arrays(rng, *shapes, (2 * hidden, hidden), 2 * hidden), **fields)


MINIMAL_EXERCISE = Exercise(
    "minimal_gated_unit",
    minimal_gated_unit,
    visible=(
        minimal_case(default_rng(1), 1, 2, 1, 1),
        minimal_case(default_rng(2), 2, 4, 3, 2),
        minimal_case(default_rng(3), 3, 3, 2, 2),
        minimal_case(default_rng(4), 2, 1, 3, 4, part="robustness"),
    ),
    hidden=lambda rng: (
        minimal_case(rng, 2, 5, 2, 3),
        minimal_case(rng, 3, 3, 3, 3),
        minimal_case(rng, 4, 1, 2, 3, part="robustness"),
        minimal_case(rng, 1, 6, 1, 2, part="robustness"),
    ),
    reference={"pytorch": MINIMAL_PT, "tensorflow": MINIMAL_TF},
    misconceptions=mistakes(MINIMAL_MISTAKES, globals(), "*a"),
    forbid=LAYERS,
    elementwise=False,
    rtol=1e-3,
)

ABSTRACT_RNN_CELL = component(
    "abstract_rnn_cell",
    kind="usage",
    name="Abstract RNN cell",
    zh="抽象RNN单元",
    pytorch=("torch.nn.RNNCellBase",),
    keras=("keras.layers.AbstractRNNCell",),
    status="removed",
    calls="""
Loop(LeakyModule(3, 5, 0.3)) | keras.layers.RNN(LeakyLayer(5, 0.3), return_sequences=True)
    # any Keras layer with `state_size` is a cell; this chapter defines both and `Loop`
""",
    behaviour={
        "own-gone-tf": "Keras 3 has removed `AbstractRNNCell`",
        "own-gone-pt": "`nn.RNNCellBase` makes the four weights, and a call raises an error",
        "own-sizes": "without `output_size`, Keras takes the size of the first state",
    },
    exercises=(MINIMAL_EXERCISE,),
)

# Two simple RNN cells, one above the other.


def stacked_cells(x, h1, h2, w1, u1, w2, u2, between=lambda h: h, above=lambda new, old: new):
    """The outputs of the second cell, and the last states of both; wrong answers replace a part."""

    def step(x, h2, h1):
        new = np.tanh(x @ w1.T + h1 @ u1.T)
        return np.tanh(between(above(new, h1)) @ w2.T + h2 @ u2.T), new

    outputs, (h2, h1) = over_time(step, x, h2, h1)
    return outputs, h1, h2


def shared_state(x, h1, h2, w1, u1, w2, u2):
    """One state for both cells; it fits only if they have the same size."""

    def step(x, h):
        h = np.tanh(x @ w1.T + h @ u1.T)
        return (np.tanh(h @ w2.T + h @ u2.T),)

    outputs, (h,) = over_time(step, x, h1)
    return outputs, h, h


def first_outputs(x, h1, h2, w1, u1, w2, u2):
    _, last1, last2 = stacked_cells(x, h1, h2, w1, u1, w2, u2)
    return over_time(lambda x, h: (np.tanh(x @ w1.T + h @ u1.T),), x, h1)[0], last1, last2


def not_passed_on(x, h1, h2, w1, u1, w2, u2):
    parts = [stacked_cells(x[:, t : t + 1], h1, h2, w1, u1, w2, u2) for t in range(x.shape[1])]
    return np.concatenate([part[0] for part in parts], 1), *parts[-1][1:]


def one_not_passed_on(x, h1, h2, w1, u1, w2, u2):
    """The first cell starts each step from its first state."""

    def step(x, h2):
        return (np.tanh(np.tanh(x @ w1.T + h1 @ u1.T) @ w2.T + h2 @ u2.T),)

    outputs, (h2,) = over_time(step, x, h2)
    return outputs, np.tanh(x[:, -1] @ w1.T + h1 @ u1.T), h2


def after_whole(x, h1, h2, w1, u1, w2, u2):
    """The second cell sees the last state of the first, in each step."""
    _, last1, _ = stacked_cells(x, h1, h2, w1, u1, w2, u2)

    def step(_, h2):
        return (np.tanh(last1 @ w2.T + h2 @ u2.T),)

    outputs, (h2,) = over_time(step, x, h2)
    return outputs, last1, h2


STACKED_MISTAKES = """
(stacked_cells(*a)[0][:, -1], *stacked_cells(*a)[1:])
    # only the last output comes back: return the output of each step
tuple(stacked_cells(*a)[k] for k in (0, 2, 1))
    # the order of the last states is wrong: return that of the first cell, then that of the second
stacked_cells(*a, above=lambda new, old: old)
    # the second cell gets the old state of the first: pass it the new state
after_whole(*a)
    # the second cell gets the last state of the first in each step: pass it the state of this step
first_outputs(*a)
    # the outputs are those of the first cell: return those of the second
not_passed_on(*a)
    # each step starts from the first states: pass both new states on to the next step
one_not_passed_on(*a)
    # the first cell starts each step from its first state: pass its new state on to the next step
stacked_cells(a[0], 0 * a[1], 0 * a[2], *a[3:])
    # the loop starts with zeros: start with the states that are given
stacked_cells(a[0][:, ::-1], *a[1:])
    # TIME_REVERSED
stacked_cells(*a, between=arctanh)
    # the first cell's tanh is missing where its state goes to the second cell
shared_state(*a)
    # both cells use one state: each cell has its own
(stacked_cells(*a)[0].swapaxes(0, 1), *stacked_cells(*a)[1:])
    # the outputs have the time first: stack them along axis 1
"""

STACKED_PT = """
def stacked_cells_pt(x, h1, h2, w1, u1, w2, u2):
    cells = [torch.nn.RNNCell(w.shape[1], len(w), bias=False) for w in (w1, w2)]
    call, outputs = torch.func.functional_call, []
    for step in x.unbind(1):
        h1 = call(cells[0], {"weight_ih": w1, "weight_hh": u1}, (step, h1))
        h2 = call(cells[1], {"weight_ih": w2, "weight_hh": u2}, (h1, h2))
        outputs.append(h2)
    return torch.stack(outputs, 1), h1, h2
"""
STACKED_TF = """
def stacked_cells_tf(x, h1, h2, *weights):
    sizes = h1.shape[1], h2.shape[1]
    cells = [keras.layers.SimpleRNNCell(size, use_bias=False) for size in sizes]
    rnn = keras.layers.RNN(cells, return_sequences=True, return_state=True)
    rnn.build(x.shape)
    weights, other = [tf.transpose(w) for w in weights], rnn.non_trainable_variables
    return rnn.stateless_call(weights, other, x, initial_state=[h1, h2])[0]
"""


def stacked_case(rng, batch, time, n_in, n1, n2, **fields):
    shapes = (batch, time, n_in), (batch, n1), (batch, n2)
    return Case(arrays(rng, *shapes, (n1, n_in), (n1, n1), (n2, n1), (n2, n2)), **fields)


STACKED_EXERCISE = Exercise(
    "stacked_cells",
    stacked_cells,
    visible=(
        stacked_case(default_rng(1), 1, 2, 1, 1, 1),
        stacked_case(default_rng(2), 2, 4, 3, 4, 2),
        stacked_case(default_rng(3), 2, 3, 3, 3, 3),
        stacked_case(default_rng(4), 3, 1, 2, 3, 4, part="robustness"),
    ),
    hidden=lambda rng: (
        stacked_case(rng, 2, 4, 2, 3, 5),
        stacked_case(rng, 3, 3, 3, 3, 3),
        stacked_case(rng, 1, 1, 4, 2, 3, part="robustness"),
        stacked_case(rng, 1, 5, 2, 1, 2, part="robustness"),
    ),
    reference={"pytorch": STACKED_PT, "tensorflow": STACKED_TF},
    misconceptions=mistakes(STACKED_MISTAKES, globals(), "*a"),
    forbid=LAYERS,
    elementwise=False,
    rtol=1e-3,
)

STACKED_RNN_CELLS = component(
    "stacked_rnn_cells",
    name="Stacked RNN cells",
    zh="堆叠循环网络单元",
    keras=("keras.layers.StackedRNNCells",),
    calls="""
Stack(nn.LSTMCell(3, 5), nn.LSTMCell(5, 4)) | stack(keras.layers.LSTMCell(5),
    keras.layers.LSTMCell(4))
    # a loop over a `ModuleList` of cells, and `RNN(StackedRNNCells([…]))`
nn.LSTM(3, 5, num_layers=2, batch_first=True) | keras.layers.RNN([keras.layers.LSTMCell(5),
    keras.layers.LSTMCell(5)], return_sequences=True)
    # `num_layers` needs one size for all layers, a list of cells does not
""",
    behaviour={
        "stacked-tf": "`RNN` makes `StackedRNNCells` from a list of cells",
        "stacked-layers": "two layers one behind the other compute the same as a stack of cells",
    },
    exercises=(STACKED_EXERCISE,),
)

# A layer at each step.


def norm_each_step(x, eps, axes=0, root=np.sqrt, ddof=0):
    mean = x.mean(axes, keepdims=True)
    return (x - mean) / root(x.var(axes, ddof=ddof, keepdims=True) + eps)


NORM_MISTAKES = """
norm_each_step(x, eps, (0, 1))
    # one mean and one variance over batch and time: each step has its own
norm_each_step(x, eps, 1)
    # the mean and variance are over the time: use those over the batch, for each step
norm_each_step(x, eps, 2)
    # the mean and variance are over the features: use those over the batch
norm_each_step(x, eps, (0, 2))
    # the mean and variance are over batch and features: each feature has its own
norm_each_step(x, eps, (1, 2))
    # the mean and variance are over time and features: use those over the batch
norm_each_step(x, eps, None)
    # one mean and one variance of all numbers: each step and each feature has its own
norm_each_step(x, eps, ddof=1)     # the variance is divided by n − 1: divide by n
norm_each_step(x, eps, root=lambda v: v)
    # this divides by the variance plus eps: divide by the root of this sum
norm_each_step(x, 0)               # eps is missing: add eps to the variance, then take the root
norm_each_step(x, 0, root=lambda v: sqrt(v) + eps)
    # eps is added after the root: add eps to the variance, then take the root
norm_each_step(x, eps) + x.mean(0, keepdims=True) / sqrt(x.var(0, keepdims=True) + eps)
    # the mean is not subtracted
norm_each_step(x, eps)[:, -1]      # only the last step comes back: return all steps
norm_each_step(x, eps).swapaxes(0, 1)
    # the output has the time first: it must have the shape of the input
x - x.mean(0, keepdims=True)       # the numbers are not divided by their spread
"""

NORM_PT = """
def norm_each_step_pt(x, eps):
    norm = torch.nn.BatchNorm1d(x.shape[2], eps=eps, track_running_stats=False, affine=False)
    return torch.stack([norm(step) for step in x.unbind(1)], 1)
"""
NORM_TF = """
def norm_each_step_tf(x, eps):
    norm = keras.layers.BatchNormalization(epsilon=eps, center=False, scale=False)
    return keras.layers.TimeDistributed(norm)(x, training=True)
"""


def norm_case(rng, *shape, eps, **fields):
    return Case((rng.normal(1, 2, shape).round(2),), {"eps": eps}, **fields)


NORM_EXERCISE = Exercise(
    "norm_each_step",
    norm_each_step,
    visible=(
        norm_case(default_rng(1), 2, 2, 1, eps=0.1),
        norm_case(default_rng(2), 4, 3, 2, eps=0.5),
        norm_case(default_rng(3), 3, 3, 3, eps=0.2),
        norm_case(default_rng(4), 3, 1, 2, eps=0.3, part="robustness"),
    ),
    hidden=lambda rng: (
        norm_case(rng, 5, 3, 2, eps=round(rng.uniform(0.1, 0.6), 3)),
        norm_case(rng, 3, 3, 3, eps=round(rng.uniform(0.1, 0.6), 3)),
        norm_case(rng, 4, 5, 1, eps=round(rng.uniform(0.1, 0.6), 3), part="robustness"),
        norm_case(rng, 2, 4, 3, eps=round(rng.uniform(0.1, 0.6), 3), part="robustness"),
    ),
    reference={"pytorch": NORM_PT, "tensorflow": NORM_TF},
    misconceptions=mistakes(NORM_MISTAKES, globals(), "x, eps"),
    forbid=(
        "keras.layers.BatchNormalization",
        "torch.nn.BatchNorm1d",
        "torch.nn.functional.batch_norm",
        "tf.nn.batch_normalization",
    ),
    elementwise=False,
    rtol=1e-3,
)

TIME_DISTRIBUTED = component(
    "time_distributed",
    name="Time distributed",
    zh="时间分布包装器",
    keras=("keras.layers.TimeDistributed",),
    calls="""
nn.Linear(3, 5) | keras.layers.TimeDistributed(keras.layers.Dense(5))
    # both dense layers act on the last axis: they need no wrapper
conv(images).unflatten(0, video.shape[:2]) | keras.layers.TimeDistributed(conv)
    # `images` is `video.flatten(0, 1)`: batch and time as one axis
torch.stack([norm(s) for s in steps.unbind(1)], 1) | keras.layers.TimeDistributed(norm)
    # batch normalization: each step has its own mean, and updates the running mean
""",
    behaviour={
        "distributed-dense": "`Dense` and `Linear` need no wrapper: they act on the last axis",
        "distributed-norm-tf": "around `BatchNormalization`: statistics and updates for each step",
        "distributed-losses": "`TimeDistributed` drops the activity regularizer of its layer",
    },
    exercises=(NORM_EXERCISE,),
)

# One step of a ConvLSTM.


def padded(x, kernel):
    """The convolution that keeps the size of the image: (b, in, h, w) and (out, in, k, k)."""
    border = kernel.shape[2] // 2, kernel.shape[3] // 2
    width = (0, 0), (0, 0), (border[0],) * 2, (border[1],) * 2
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(x, width), kernel.shape[2:], axis=(2, 3)
    )
    return np.einsum("bihwkl,oikl->bohw", windows, kernel)


def conv_lstm_gates(x, h, kernel, recurrent, bias):
    gates = padded(x, kernel) + padded(h, recurrent) + bias[:, None, None]
    return np.split(gates, 4, 1)


def conv_lstm_cell(x, h, c, kernel, recurrent, bias, order="ifgo", gate=sigmoid):
    blocks = dict(zip(order, conv_lstm_gates(x, h, kernel, recurrent, bias), strict=True))
    return lstm_step(*(blocks[name] for name in "ifgo"), c, gate)


def conv_memory(rule, show=lambda o, c, new: sigmoid(o) * np.tanh(new)):
    def cell(x, h, c, kernel, recurrent, bias):
        i, f, g, o = conv_lstm_gates(x, h, kernel, recurrent, bias)
        new = rule(i, f, g, c)
        return show(o, c, new), new

    return cell


CONV_LSTM_MISTAKES = """
for order in ("ifog", "igfo", "iofg", "gifo", "fgio"): conv_lstm_cell(*a, order)
    # the four blocks are read in another order: they are i, f, g, o
conv_lstm_cell(*a)[::-1]
    # the order of the outputs is wrong: return h, then c
conv_lstm_cell(*a[:5], 0 * a[5])           # the bias is missing
conv_lstm_cell(*a[:5], 2 * a[5])
    # the bias is added twice: only one of the two convolutions has it
conv_lstm_cell(a[0], 0 * a[1], *a[2:])
    # the old state is missing: add its convolution with the recurrent kernel
conv_lstm_cell(*a[:3], a[3][..., ::-1, ::-1], a[4][..., ::-1, ::-1], a[5])
    # the kernels are flipped: use them as they are
conv_lstm_cell(*a[:3], a[3].swapaxes(2, 3), a[4].swapaxes(2, 3), a[5])
    # height and width of the kernels are exchanged
conv_lstm_cell(*a, gate=hard_sigmoid)
conv_lstm_cell(*a, gate=old_hard_sigmoid)
    # the gates are piecewise linear, as a hard sigmoid: use the sigmoid function
conv_memory(lambda i, f, g, c: sigmoid(i) * c + sigmoid(f) * tanh(g))(*a)
    # the input gate and the forget gate are exchanged: the first block is i, and the second, f,
    # multiplies the old memory
conv_memory(lambda i, f, g, c: sigmoid(f) * c + sigmoid(i) * sigmoid(g))(*a)
    # the new content g goes through the sigmoid function: take tanh
conv_memory(lambda i, f, g, c: sigmoid(f) * c + sigmoid(i) * g)(*a)
    # the tanh of the new content g is missing
conv_memory(lambda i, f, g, c: c + sigmoid(i) * tanh(g))(*a)
    # the forget gate is not used: multiply the old memory by σ(f)
conv_memory(lambda i, f, g, c: sigmoid(f) * c + sigmoid(i) * tanh(g),
    lambda o, c, new: sigmoid(o) * new)(*a)
    # the tanh of the new memory is missing: h is σ(o) times tanh of the new c
conv_memory(lambda i, f, g, c: sigmoid(f) * c + sigmoid(i) * tanh(g),
    lambda o, c, new: sigmoid(o) * tanh(c))(*a)
    # h is computed from the old memory: use the new c
"""

CONV_LSTM_PT = """
def conv_lstm_cell_pt(x, h, c, kernel, recurrent, bias):
    gates = F.conv2d(x, kernel, bias, padding="same") + F.conv2d(h, recurrent, padding="same")
    i, f, g, o = gates.chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
"""
CONV_LSTM_TF = """
def conv_lstm_cell_tf(x, h, c, kernel, recurrent, bias):
    layer = keras.layers.ConvLSTM2D(h.shape[-1], kernel.shape[:2], padding="same",
                                    return_state=True)
    layer.build(x[:, None].shape)
    weights, other = [kernel, recurrent, bias], layer.non_trainable_variables
    return layer.stateless_call(weights, other, x[:, None], initial_state=[h, c])[0][1:]
"""


def conv_lstm_case(rng, batch, n_in, n_out, size, height, width, **fields):
    shapes = (batch, n_in, height, width), *[(batch, n_out, height, width)] * 2
    shapes += (4 * n_out, n_in, *size), (4 * n_out, n_out, *size), 4 * n_out
    return Case(arrays(rng, *shapes), **fields)


CONV_LSTM_EXERCISE = Exercise(
    "conv_lstm_cell",
    conv_lstm_cell,
    visible=(
        conv_lstm_case(default_rng(1), 1, 1, 1, (1, 1), 1, 2),
        conv_lstm_case(default_rng(2), 1, 2, 1, (3, 3), 2, 3),
        conv_lstm_case(default_rng(3), 2, 2, 2, (3, 3), 3, 3),
        conv_lstm_case(default_rng(4), 1, 1, 2, (3, 1), 4, 2, part="robustness"),
    ),
    hidden=lambda rng: (
        conv_lstm_case(rng, 2, 1, 2, (3, 3), 2, 4),
        conv_lstm_case(rng, 1, 2, 2, (3, 3), 3, 3),
        conv_lstm_case(rng, 1, 2, 1, (1, 3), 2, 3, part="robustness"),
        conv_lstm_case(rng, 1, 1, 1, (5, 5), 3, 2, part="robustness"),
    ),
    layouts={
        0: "channels",
        1: "channels",
        2: "channels",
        3: "kernel",
        4: "kernel",
        "output": "channels",
        "output 1": "channels",
    },
    reference={"pytorch": CONV_LSTM_PT, "tensorflow": CONV_LSTM_TF},
    misconceptions=mistakes(CONV_LSTM_MISTAKES, globals(), "*a"),
    elementwise=False,
    rtol=1e-3,
)

CONV_LSTM = component(
    "conv_lstm",
    name="Convolutional LSTM",
    zh="卷积长短记忆循环网络层",
    keras=("keras.layers.ConvLSTM2D", "keras.layers.ConvLSTM1D", "keras.layers.ConvLSTM3D"),
    calls="""
ConvLSTMCell(nn.Conv2d, 3, 5, 3) | keras.layers.ConvLSTM2D(5,
    3, padding="same", return_sequences=True)
    # PyTorch has none: this chapter builds the cell from two convolutions, and `Loop` runs it;
    # PyTorch's images have the channels first
ConvLSTMCell(nn.Conv1d, 3, 2, 3) | keras.layers.ConvLSTM1D(2, 3, **same)
ConvLSTMCell(nn.Conv3d, 3, 2, 3) | keras.layers.ConvLSTM3D(2, 3, **same)
    # `same` has the arguments `padding` and `return_sequences` of `ConvLSTM2D` above
""",
    behaviour={
        "conv-lstm-valid-tf": "the default padding, `valid`, makes the states smaller",
        "conv-lstm-reach": "each step back, an output pixel depends on a wider square",
        "conv-lstm-hard": "a ConvLSTM of Keras 2 had gates clip(0.2 x + 0.5, 0, 1)",
    },
    exercises=(CONV_LSTM_EXERCISE,),
)

COMPONENTS = (
    SIMPLE_RNN_CELL,
    LSTM_CELL,
    GRU_CELL,
    RNN_BASE,
    ABSTRACT_RNN_CELL,
    STACKED_RNN_CELLS,
    TIME_DISTRIBUTED,
    CONV_LSTM,
)
