"""Recurrent layers: SimpleRNN, LSTM, GRU, Bidirectional, and Masking."""

import re

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def normal(rng, *shapes):
    return tuple(rng.normal(0, 1, shape) for shape in shapes)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(0, x)


def hard_sigmoid(x):
    return np.clip(0.2 * x + 0.5, 0, 1)


SUMMED = """
weight_ih_l0 = kernel.T | cell.kernel = weight_ih_l0.T
weight_hh_l0 = recurrent_kernel.T | cell.recurrent_kernel = weight_hh_l0.T
bias_ih_l0, bias_hh_l0 = bias, zeros(shape) | cell.bias = bias_ih_l0 + bias_hh_l0
    # Keras has one bias, the sum of PyTorch's two: how the sum is divided is not carried
"""
ORDERED = SUMMED.replace(
    "weight_ih_l0.T", "weight_ih_l0.T  # both have the gates in the order i, f, g, o"
)
SWAPPED = """
weight_ih_l0 = swap_gates(kernel.T) | cell.kernel = swap_gates(weight_ih_l0).T
    # the gates are r, z, n in PyTorch and z, r, n in Keras: `swap_gates` exchanges the first two
weight_hh_l0 = swap_gates(recurrent_kernel.T) | cell.recurrent_kernel = swap_gates(weight_hh_l0).T
bias_ih_l0, bias_hh_l0 = map(swap_gates, bias) | cell.bias = stack([swap_gates(bias_ih_l0),
    swap_gates(bias_hh_l0)])  # Keras keeps both biases, as two rows
"""


def of_both_directions(moves, layers):
    """The lines of these layers, once for each layer of Keras's ``Bidirectional``."""
    plain = re.sub(r"\s*#.*", "", moves).strip()
    forward = plain.replace("cell.", "forward_layer.cell.")
    backward = plain.replace("_l0", "_l0_reverse").replace("cell.", "backward_layer.cell.")
    noted = f"{forward}\n{backward}".splitlines()
    return "\n".join(
        [f"{noted[0]}  # {layers}: the forward layer, then the backward one", *noted[1:]]
    )


def along(x, state, step, read=lambda state: state):
    """``read`` of the state after each step, (batch, time, …), and the last state."""
    outputs = []
    for x_t in x.swapaxes(0, 1):
        state = step(x_t, state)
        outputs.append(read(state))
    return np.stack(outputs, 1), state


def start(x, weight_hh):
    return np.zeros((len(x), weight_hh.shape[1]))


TIME_FIRST = "x is read as (time, batch, features): axis 0 is the batch, and axis 1 the time"
OUTPUT_TIME_FIRST = "the output is (time, batch, hidden): swap its first two axes"
ONLY_LAST = "only the last step comes back: return the outputs of all steps"
BACKWARDS = "the sequence is read from its end: begin with step 0"
NO_STATE = "the old state is not used: each step also reads the state of the step before"
NO_BIAS_IH = "bias_ih is missing: add both biases"
NO_BIAS_HH = "bias_hh is missing: add both biases"
CELLS = (
    *("torch.nn.RNNCell", "torch.nn.LSTMCell", "torch.nn.GRUCell", "torch.nn.RNNBase"),
    *("keras.layers.SimpleRNNCell", "keras.layers.LSTMCell", "keras.layers.GRUCell"),
    *("keras.layers.RNN", "keras.layers.StackedRNNCells"),
)


def rnn(x, weight_hh, step):
    return along(x, start(x, weight_hh), step)[0]


def simple_rnn(x, weight_ih, weight_hh, bias_ih, bias_hh):
    return rnn(
        x,
        weight_hh,
        lambda x_t, h: np.tanh(x_t @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh),
    )


def not_activated(x, weight_ih, weight_hh, bias_ih, bias_hh):
    return rnn(x, weight_hh, lambda x_t, h: x_t @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)


def shifted(x, weight_hh, outputs):
    """The state before each step."""
    return np.concatenate([start(x, weight_hh)[:, None], outputs[:, :-1]], 1)


def rnn_case(rng, n_in, n_hidden, batch, time, **fields):
    shapes = (batch, time, n_in), (n_hidden, n_in), (n_hidden, n_hidden), n_hidden, n_hidden
    return Case(normal(rng, *shapes), **fields)


RNN_INPUTS = "x, w, u, b, c"  # short names for the two weights and the two biases
SIMPLE_RNN_MISTAKES = """
simple_rnn(x, w, 0 * u, b, c)  # NO_STATE
simple_rnn(x, w, u.T, b, c)
    # weight_hh is used as (in, out): it is (out, in), so compute h @ weight_hh.T
simple_rnn(x, w.T, u, b, c)
    # weight_ih is used as (in, out), which raises no error if both are equal: transpose it
simple_rnn(x, u, w, b, c)
    # the two weights are swapped: weight_ih goes with x, weight_hh with the state
simple_rnn(x, w, u, 0, c)                    # NO_BIAS_IH
simple_rnn(x, w, u, b, 0)                    # NO_BIAS_HH
simple_rnn(x, w, u, 0, 0)                          # both biases are missing
not_activated(x, w, u, b, c)           # the tanh is missing
tanh(not_activated(x, w, u, b, c))
    # the state is handed on without the tanh: hand on the output of the tanh
rnn(x, u, lambda x_t, h: tanh(x_t @ w.T + b) + h @ u.T + c)
rnn(x, u, lambda x_t, h: tanh(x_t @ w.T + b + c) + h @ u.T)
    # the state is added outside the tanh: add both products, then take the tanh
rnn(x, u, lambda x_t, h: relu(x_t @ w.T + b + h @ u.T + c))
    # the activation is ReLU: use tanh
rnn(x, u, lambda x_t, h: sigmoid(x_t @ w.T + b + h @ u.T + c))
    # the activation is the sigmoid: use tanh
simple_rnn(x, w, u, b, c)[:, -1]       # ONLY_LAST
simple_rnn(x, w, u, b, c)[:, -1:]      # ONLY_LAST
simple_rnn(x, w, u, b, c).swapaxes(0, 1)                # OUTPUT_TIME_FIRST
simple_rnn(x.swapaxes(0, 1), w, u, b, c).swapaxes(0, 1) # TIME_FIRST
simple_rnn(x.swapaxes(0, 1), w, u, b, c)                # TIME_FIRST
simple_rnn(x[:, ::-1], w, u, b, c)                      # BACKWARDS
simple_rnn(x[:, ::-1], w, u, b, c)[:, ::-1]             # BACKWARDS
simple_rnn(x, w, u, b, c)[:, ::-1]
    # the outputs are in reversed order: step 0 comes first
shifted(x, u, simple_rnn(x, w, u, b, c))
    # the state before each step comes back: return the state after it
"""

AS_LAYER_PT = """
def {answer}_pt(x, weight_ih, weight_hh, bias_ih, bias_hh):
    layer = nn.{layer}(x.shape[2], weight_hh.shape[1], batch_first=True)
    names = [name for name, _ in layer.named_parameters()]
    weights = dict(zip(names, (weight_ih, weight_hh, bias_ih, bias_hh)))
    y, state = torch.func.functional_call(layer, weights, (x,))
    return {output}
"""
AS_LAYER_TF = """
def {answer}_tf(x, weight_ih, weight_hh, bias_ih, bias_hh):
    layer = keras.layers.{layer}(weight_hh.shape[1], return_sequences=True, return_state=True)
    layer.build(x.shape)
    {weights}
    rest = [v.value for v in layer.non_trainable_variables]
    y, *states = layer.stateless_call(weights, rest, x)[0]
    return {output}
"""
SUMMED_TF = "weights = [tf.transpose(weight_ih), tf.transpose(weight_hh), bias_ih + bias_hh]"

SIMPLE_RNN_EXERCISE = Exercise(
    "simple_rnn",
    simple_rnn,
    visible=(
        Case(
            (
                np.array([[[1.0, -0.5], [0.0, 2.0], [0.5, 0.5]]]),
                np.array([[0.5, 1.0], [-1.0, 0.25]]),
                np.array([[0.0, 1.0], [0.5, -0.5]]),
                np.array([0.1, -0.2]),
                np.array([0.0, 0.3]),
            )
        ),
        rnn_case(default_rng(1), 3, 3, 2, 4),
        rnn_case(default_rng(2), 3, 5, 2, 2),
        rnn_case(default_rng(3), 2, 3, 4, 4),
        rnn_case(default_rng(4), 2, 3, 1, 1, part="robustness"),
        rnn_case(default_rng(5), 1, 2, 3, 9, part="robustness"),
    ),
    hidden=lambda rng: (
        rnn_case(rng, 3, 3, 3, 3),
        rnn_case(rng, 4, 2, 2, 5),
        rnn_case(rng, 2, 4, 3, 1, part="robustness"),
        rnn_case(rng, 3, 1, 1, 8, part="robustness"),
    ),
    reference={
        "pytorch": AS_LAYER_PT.format(answer="simple_rnn", layer="RNN", output="y"),
        "tensorflow": AS_LAYER_TF.format(
            answer="simple_rnn", layer="SimpleRNN", weights=SUMMED_TF, output="y"
        ),
    },
    misconceptions=mistakes(SIMPLE_RNN_MISTAKES, globals(), RNN_INPUTS),
    forbid=CELLS,
    elementwise=False,
    rtol=1e-3,
)

SIMPLE_RNN = component(
    "simple_rnn",
    name="Simple RNN",
    zh="简单循环网络层",
    pytorch=("torch.nn.RNN",),
    keras=("keras.layers.SimpleRNN",),
    calls="""
nn.RNN(2, 4, batch_first=True) | keras.layers.SimpleRNN(4, return_sequences=True, return_state=True)
    # without `batch_first=True`, PyTorch takes axis 0 for the time
""",
    weights=f"""
torch.nn.RNN(3, 5, batch_first=True) | keras.layers.SimpleRNN(5, return_sequences=True)  # (2, 4, 3)
{SUMMED}
""",
    behaviour={
        "batch-first": "without `batch_first=True`, PyTorch takes axis 0 for the time",
        "simple-rnn-biases": "with SGD, the sum of PyTorch's two biases moves twice as far",
    },
    exercises=(SIMPLE_RNN_EXERCISE,),
)


def lstm_step(x_t, state, weight_ih, weight_hh, bias, order="ifgo", **other):
    """One step; ``order`` is the order of the gates in the rows of the weights."""
    h, c = state
    given = {"gate": sigmoid, "new": np.tanh, "out": np.tanh, "forget": 0, "keep": None} | other
    blocks = np.split(x_t @ weight_ih.T + h @ weight_hh.T + bias, 4, -1)
    by_name = dict(zip(order, blocks, strict=True))
    i, o = given["gate"](by_name["i"]), given["gate"](by_name["o"])
    f = given["gate"](by_name["f"] + given["forget"])
    g = given["new"](by_name["g"])
    c = (given["keep"] or (lambda f, c, i, g: f * c + i * g))(f, c, i, g)
    return o * given["out"](c), c


def lstm(x, weight_ih, weight_hh, bias_ih, bias_hh, **other):
    zero = start(x, weight_hh)
    y, (_, c) = along(
        x,
        (zero, zero),
        lambda x_t, state: lstm_step(x_t, state, weight_ih, weight_hh, bias_ih + bias_hh, **other),
        lambda state: state[0],
    )
    return y, c


def lstm_states(x, *weights):
    """The cell state after each step."""
    zero = start(x, weights[1])
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    return along(
        x,
        (zero, zero),
        lambda x_t, state: lstm_step(x_t, state, weight_ih, weight_hh, bias_ih + bias_hh),
        lambda state: state[1],
    )[0]


def forgetting(x, weight_ih, weight_hh, bias_ih, bias_hh):
    """The gates do not read the previous output."""
    return lstm(x, weight_ih, 0 * weight_hh, bias_ih, bias_hh)


def interleaved(array):
    """The rows of a reader who takes the gates for interleaved, not for four blocks."""
    return np.concatenate([array[n::4] for n in range(4)])


def each(change, *arrays):
    return tuple(change(array) for array in arrays)


GATE_ORDER = "the gates are in another order: PyTorch has i, f, g, o"
LSTM_MISTAKES = """
for order in ("ifog", "iofg", "fiog", "figo", "oifg", "igfo"): lstm(
    x, w, u, b, c, order=order)  # GATE_ORDER
lstm(x, *each(interleaved, w, u, b, c))
    # every fourth row is taken for a gate: a gate is a block of neighbouring rows
lstm(x, w, u, b, c, forget=1)
    # 1 is added to the forget gate: Keras starts with such a bias, the formula has no 1
lstm(x, w, u, b, c, new=sigmoid)
    # g goes through the sigmoid: g is a tanh
lstm(x, w, u, b, c, gate=tanh)
    # the gates go through tanh: i, f and o are sigmoids
lstm(x, w, u, b, c, gate=hard_sigmoid)
    # the gates use the hard sigmoid of Keras 2: use the sigmoid
lstm(x, w, u, b, c, out=lambda c: c)
    # the output is o · c: it is o · tanh(c)
lstm(x, w, u, b, c, out=sigmoid)
    # the output is o · sigmoid(c): it is o · tanh(c)
lstm(x, w, u, b, c, keep=lambda f, c, i, g: f * c + (1 - f) * g)
    # 1 − f stands in for the input gate: the LSTM has a gate i of its own
lstm(x, w, u, b, c, keep=lambda f, c, i, g: i * g)
    # the old cell state is not used: the new one is f · c + i · g
lstm(x, w, u, b, c, keep=lambda f, c, i, g: c + i * g)
    # the forget gate is not used: the new cell state is f · c + i · g
lstm(x, w, u, b, c, keep=lambda f, c, i, g: f * c + g)
    # the input gate is not used: the new cell state is f · c + i · g
lstm(x, w, u, b, c, keep=lambda f, c, i, g: tanh(f * c + i * g))
    # the cell state itself goes through tanh: only the output does
forgetting(x, w, u, b, c)             # NO_STATE
lstm(x, w, u, 0, c)                         # NO_BIAS_IH
lstm(x, w, u, b, 0)                         # NO_BIAS_HH
lstm(x.swapaxes(0, 1), w, u, b, c)    # TIME_FIRST
(lstm_states(x, w, u, b, c), lstm(x, w, u, b, c)[1])
(lstm_states(x, w, u, b, c), lstm(x, w, u, b, c)[0][:, -1])
    # the first output has the cell states: return the outputs h of all steps
(lstm(x, w, u, b, c)[0], lstm(x, w, u, b, c)[0][:, -1])
    # the second output is the last h: return the last cell state c
(lstm(x, w, u, b, c)[0], lstm_states(x, w, u, b, c))
    # the second output has the cell states of all steps: return the last one
(lstm(x, w, u, b, c)[0][:, -1], lstm(x, w, u, b, c)[1])
    # ONLY_LAST
(lstm(x, w, u, b, c)[0].swapaxes(0, 1), lstm(x, w, u, b, c)[1])
    # OUTPUT_TIME_FIRST
"""


def gates_case(n_gates):
    def case(rng, n_in, n_hidden, batch, time, **fields):
        rows = n_gates * n_hidden
        shapes = (batch, time, n_in), (rows, n_in), (rows, n_hidden), rows, rows
        return Case(normal(rng, *shapes), **fields)

    return case


lstm_case, gru_case = gates_case(4), gates_case(3)


def sequence_cases(case):
    """Visible cases of a layer with gates, and the function that draws the hidden ones."""
    visible = (
        case(default_rng(1), 2, 1, 1, 2),
        case(default_rng(2), 3, 3, 2, 4),
        case(default_rng(3), 2, 2, 3, 3),
        case(default_rng(4), 2, 3, 1, 1, part="robustness"),
        case(default_rng(5), 1, 2, 2, 7, part="robustness"),
    )
    return {
        "visible": visible,
        "hidden": lambda rng: (
            case(rng, 3, 2, 3, 3),
            case(rng, 2, 4, 2, 4),
            case(rng, 2, 3, 3, 1, part="robustness"),
            case(rng, 3, 2, 1, 6, part="robustness"),
        ),
    }


LSTM_EXERCISE = Exercise(
    "lstm",
    lstm,
    **sequence_cases(lstm_case),
    reference={
        "pytorch": AS_LAYER_PT.format(answer="lstm", layer="LSTM", output="y, state[1][0]"),
        "tensorflow": AS_LAYER_TF.format(
            answer="lstm", layer="LSTM", weights=SUMMED_TF, output="y, states[1]"
        ),
    },
    misconceptions=mistakes(LSTM_MISTAKES, globals(), RNN_INPUTS),
    forbid=CELLS,
    elementwise=False,
    rtol=1e-3,
)

LSTM = component(
    "lstm",
    name="LSTM",
    zh="长短记忆循环网络层",
    pytorch=("torch.nn.LSTM",),
    keras=("keras.layers.LSTM",),
    calls="""
nn.LSTM(2, 4, batch_first=True) | keras.layers.LSTM(4, return_sequences=True, return_state=True)
    # PyTorch returns `y, (h, c)`, Keras `y, h, c`; Keras starts with a forget bias of 1
lstm(x2, state) | lstm(x2, initial_state=state)
    # `state` is `(h, c)` in PyTorch, and `[h, c]` in Keras
""",
    weights=f"""
torch.nn.LSTM(3, 5, batch_first=True) | keras.layers.LSTM(5, return_sequences=True)  # (2, 4, 3)
{ORDERED}
""",
    behaviour={
        "lstm-stateful": "`stateful=True` stores Keras's state between calls, without its gradient",
        "lstm-dropout-tf": "dropout: PyTorch only between layers, Keras on a layer's inputs",
        "lstm-start": "Keras starts with a forget bias of 1 and orthogonal recurrent weights",
    },
    exercises=(LSTM_EXERCISE,),
)


def gru_step(x_t, h, weight_ih, weight_hh, bias_ih, bias_hh, order="rzn", **other):
    """One step; the parts of ``other`` replace those of the formula."""
    given = {
        "gate": sigmoid,
        "new": lambda r, n_x, n_h, h, v, d: np.tanh(n_x + r * n_h),
        "mix": lambda z, n, h: (1 - z) * n + z * h,
    } | other
    in_x = dict(zip(order, np.split(x_t @ weight_ih.T + bias_ih, 3, -1), strict=True))
    in_h = dict(zip(order, np.split(h @ weight_hh.T + bias_hh, 3, -1), strict=True))
    w = dict(zip(order, np.split(weight_hh, 3), strict=True))["n"]
    b = dict(zip(order, np.split(bias_hh + np.zeros(len(weight_hh)), 3), strict=True))["n"]
    r, z = (given["gate"](in_x[name] + in_h[name]) for name in "rz")
    n = given["new"](r, in_x["n"], in_h["n"], h, w, b)
    return given["mix"](z, n, h)


def gru(x, weight_ih, weight_hh, bias_ih, bias_hh, **other):
    return rnn(
        x,
        weight_hh,
        lambda x_t, h: gru_step(x_t, h, weight_ih, weight_hh, bias_ih, bias_hh, **other),
    )


KERAS_ORDER = "the gates are read as z, r, n, Keras's order: PyTorch has r, z, n"
OTHER_ORDER = "the gates are in another order: PyTorch has r, z, n"
GRU_MISTAKES = """
gru(x, w, u, b, c, order="zrn")          # KERAS_ORDER
for order in ("rnz", "nrz", "znr", "nzr"): gru(
    x, w, u, b, c, order=order)  # OTHER_ORDER
gru(x, w, u, b, c, mix=lambda z, n, h: z * n + (1 - z) * h)
    # z and 1 − z are swapped: z keeps the old state, and 1 − z takes the new values n
gru(x, w, u, b, c, new=lambda r, n_x, n_h, h, v, d: tanh(n_x + (r * h) @ v.T + d))
    # the reset gate multiplies the state before the product: it multiplies the product and its bias
gru(x, w, u, b, c, new=lambda r, n_x, n_h, h, v, d: tanh(n_x + r * (n_h - d) + d))
gru(x, w, u, b + c, 0)
    # bias_hh of n is outside the reset gate: r multiplies this bias, too, so add it to the product
    # of the state, and not to bias_ih
gru(x, w, u, b, c, new=lambda r, n_x, n_h, h, v, d: tanh(r * (n_x + n_h)))
    # the reset gate multiplies the part of x, too: it multiplies only the part of the state
gru(x, w, u, b, c, new=lambda r, n_x, n_h, h, v, d: tanh(n_x + n_h))
    # the reset gate is not used
gru(x, w, u, b, c, new=lambda r, n_x, n_h, h, v, d: tanh(n_x))
    # n does not depend on the old state: add r · (h @ weight_hh.T + bias_hh)
gru(x, w, u, b, c, new=lambda r, n_x, n_h, h, v, d: sigmoid(n_x + r * n_h))
    # n goes through the sigmoid: n is a tanh
gru(x, w, u, b, c, new=lambda r, n_x, n_h, h, v, d: n_x + r * n_h)
    # the tanh of n is missing
gru(x, w, u, b, c, gate=tanh)
    # the gates go through tanh: r and z are sigmoids
gru(x, w, u, b, c, gate=hard_sigmoid)
    # the gates use the hard sigmoid of Keras 2: use the sigmoid
gru(x, w, u, b, c, mix=lambda z, n, h: (1 - z) * n)
    # the old state is not kept: add z · h
gru(x, w, u, b, c, mix=lambda z, n, h: n + z * h)
    # n is not multiplied by 1 − z
gru(x, w, u, 0, c)                              # NO_BIAS_IH
gru(x, w, u, b, 0)                              # NO_BIAS_HH
gru(x, w, u, b, c)[:, -1]                 # ONLY_LAST
gru(x, w, u, b, c).swapaxes(0, 1)         # OUTPUT_TIME_FIRST
gru(x.swapaxes(0, 1), w, u, b, c)         # TIME_FIRST
"""

GRU_WEIGHTS_TF = """def swapped(array):
        r, z, n = tf.split(array, 3)
        return tf.concat([z, r, n], 0)
    biases = tf.stack([swapped(bias_ih), swapped(bias_hh)])
    weights = [tf.transpose(swapped(weight_ih)), tf.transpose(swapped(weight_hh)), biases]"""

GRU_EXERCISE = Exercise(
    "gru",
    gru,
    **sequence_cases(gru_case),
    reference={
        "pytorch": AS_LAYER_PT.format(answer="gru", layer="GRU", output="y"),
        "tensorflow": AS_LAYER_TF.format(
            answer="gru", layer="GRU", weights=GRU_WEIGHTS_TF, output="y"
        ),
    },
    misconceptions=mistakes(GRU_MISTAKES, globals(), RNN_INPUTS),
    forbid=CELLS,
    elementwise=False,
    rtol=1e-3,
)


def blocks(array, *order):
    """The three gates' blocks of rows in another order."""
    parts = np.split(array, 3)
    return np.concatenate([parts[n] for n in order])


def gru_to_keras(weight_ih, weight_hh, bias_ih, bias_hh, *order):
    ih, hh, b, c = (
        blocks(a, *(order or (1, 0, 2))) for a in (weight_ih, weight_hh, bias_ih, bias_hh)
    )
    return ih.T, hh.T, np.stack([b, c])


def gru_to_keras_case(rng, n_in, n_hidden, **fields):
    rows = 3 * n_hidden
    shapes = (rows, n_in), (rows, n_hidden), rows, rows
    return Case(normal(rng, *shapes), gradients=False, **fields)


KERNEL, RECURRENT, BIAS = (f"gru_to_keras(w, u, b, c)[{n}]" for n in range(3))
GRU_TO_KERAS_MISTAKES = f"""
gru_to_keras(w, u, b, c, 0, 1, 2)
    # the blocks of r and z are not swapped: PyTorch has r, z, n, Keras z, r, n
gru_to_keras(w, u, b, c, 2, 1, 0)
gru_to_keras(w, u, b, c, 2, 0, 1)
gru_to_keras(w, u, b, c, 1, 2, 0)
gru_to_keras(w, u, b, c, 0, 2, 1)
    # other blocks are moved: swap the first two, and leave n at the end
({KERNEL}, {RECURRENT}, stack([b, c]))
    # the biases are not swapped: swap their first two blocks, too
(w.T, u.T, {BIAS})
    # only the biases are swapped: swap the first two blocks of the weights, too
({KERNEL}, u.T, {BIAS})       # weight_hh is not swapped: swap its first two blocks, too
(w.T, {RECURRENT}, {BIAS})    # weight_ih is not swapped: swap its first two blocks, too
({KERNEL}, {RECURRENT}, {BIAS}.sum(0))
    # the biases are added up: Keras's bias is (2, 3 · hidden), and keeps both
({KERNEL}, {RECURRENT}, {BIAS} * 0 + {BIAS}.sum(0) * array([[1], [0]]))
    # the biases are added up in the first row: the reset gate multiplies only the second row
({KERNEL}, {RECURRENT}, {BIAS} * 0 + {BIAS}.sum(0) * array([[0], [1]]))
    # the biases are added up in the second row: the reset gate multiplies only the second row
({KERNEL}, {RECURRENT}, {BIAS}[::-1])
    # the two rows of the bias are swapped: bias_ih is the first
({KERNEL}, {RECURRENT}, {BIAS}.T)
    # the bias is (3 · hidden, 2): stack the two biases as rows
({KERNEL}, {RECURRENT}, {BIAS}.ravel())
    # the bias is one row: Keras's bias is (2, 3 · hidden)
({KERNEL}.T, {RECURRENT}.T, {BIAS})   # NOT_TURNED
({KERNEL}.T, {RECURRENT}, {BIAS})
({KERNEL}, {RECURRENT}.T, {BIAS})     # one of the two weights is not transposed
({KERNEL}.T.reshape(w.shape[::-1]), {RECURRENT}.T.reshape(u.shape[::-1]), {BIAS})
    # a reshape gives the weights the right shapes and the wrong order: transpose them instead
"""
NOT_TURNED = "the weights are not transposed: Keras's kernels are (in, 3 · hidden)"

GRU_TO_KERAS_EXERCISE = Exercise(
    "gru_to_keras",
    gru_to_keras,
    visible=(
        Case(
            (
                np.arange(6.0).reshape(3, 2),
                np.array([[10.0], [20.0], [30.0]]),
                np.array([1.0, 2.0, 3.0]),
                np.array([-1.0, -2.0, -3.0]),
            ),
            gradients=False,
        ),
        gru_to_keras_case(default_rng(1), 3, 2),
        gru_to_keras_case(default_rng(2), 9, 3),
        gru_to_keras_case(default_rng(3), 1, 4, part="robustness"),
    ),
    hidden=lambda rng: (
        gru_to_keras_case(rng, 2, 3),
        gru_to_keras_case(rng, 6, 2),
        gru_to_keras_case(rng, 5, 1, part="robustness"),
    ),
    reference={
        "pytorch": """
def gru_to_keras_pt(weight_ih, weight_hh, bias_ih, bias_hh):
    swapped = [torch.cat([z, r, n]) for r, z, n in
               (a.chunk(3) for a in (weight_ih, weight_hh, bias_ih, bias_hh))]
    return swapped[0].T, swapped[1].T, torch.stack(swapped[2:])
""",
        "tensorflow": """
def gru_to_keras_tf(weight_ih, weight_hh, bias_ih, bias_hh):
    swapped = [tf.concat([z, r, n], 0) for r, z, n in
               (tf.split(a, 3) for a in (weight_ih, weight_hh, bias_ih, bias_hh))]
    return tf.transpose(swapped[0]), tf.transpose(swapped[1]), tf.stack(swapped[2:])
""",
    },
    misconceptions=mistakes(GRU_TO_KERAS_MISTAKES, globals(), "w, u, b, c"),
    elementwise=False,
)

GRU = component(
    "gru",
    name="GRU",
    zh="门控循环网络层",
    pytorch=("torch.nn.GRU",),
    keras=("keras.layers.GRU",),
    calls="""
nn.GRU(2, 4, batch_first=True) | keras.layers.GRU(4, return_sequences=True, return_state=True)
    # the gates are r, z, n in PyTorch and z, r, n in Keras
""",
    weights=f"""
torch.nn.GRU(3, 5, batch_first=True) | keras.layers.GRU(5, return_sequences=True)  # (2, 4, 3)
{SWAPPED}
""",
    behaviour={
        "gru-mistakes": "gates not swapped, biases added, `reset_after=False`: wrong outputs",
        "gru-before-tf": "`reset_after=False` is another formula, for which PyTorch has no layer",
    },
    exercises=(GRU_EXERCISE, GRU_TO_KERAS_EXERCISE),
)


def bidirectional(x, forward_ih, forward_hh, backward_ih, backward_hh):
    return np.concatenate(
        [last_state(x, forward_ih, forward_hh), last_state(x[:, ::-1], backward_ih, backward_hh)], 1
    )


def states(x, weight_ih, weight_hh):
    """All states of a simple layer without biases, from 0 on."""
    return simple_rnn(x, weight_ih, weight_hh, 0, 0)


def last_state(x, weight_ih, weight_hh):
    return states(x, weight_ih, weight_hh)[:, -1]


def linear_state(x, weight_ih, weight_hh):
    return not_activated(x, weight_ih, weight_hh, 0, 0)[:, -1]


def side_by_side(*parts):
    return np.concatenate(parts, -1)


def bidirectional_case(rng, n_in, n_hidden, batch, time, **fields):
    shapes = [(n_hidden, n_in), (n_hidden, n_hidden)] * 2
    return Case(normal(rng, (batch, time, n_in), *shapes), **fields)


BIDIRECTIONAL_MISTAKES = """
side_by_side(last_state(x, w, u), states(x[:, ::-1], v, s)[:, 0])
    # the backward part is its output at the last step, where it has read one step only: its final
    # state is at step 0
side_by_side(states(x, w, u)[:, 0], last_state(x[:, ::-1], v, s))
    # the forward part is its output at step 0, where it has read one step only: its final state is
    # at the last step
side_by_side(last_state(x, w, u), last_state(x, v, s))
    # the second layer reads the sequence forwards, too: reverse the time for it
side_by_side(last_state(x[:, ::-1], w, u), last_state(x, v, s))
    # the two directions are swapped: the first weights read forwards
side_by_side(last_state(x, w, u), last_state(x[:, ::-1], w, u))
    # the backward layer uses the weights of the forward one: it has its own
side_by_side(last_state(x[:, ::-1], v, s), last_state(x, w, u))
    # the backward state comes first: put the forward state in front
side_by_side(last_state(x, w, u), last_state(x[::-1], v, s))
    # the batch is reversed, not the time: axis 1 is the time
side_by_side(last_state(x, w, u), last_state(x[..., ::-1], v, s))
    # the features are reversed, not the time: axis 1 is the time
last_state(x, w, u) + last_state(x[:, ::-1], v, s)
    # the states are added: put them side by side
(last_state(x, w, u) + last_state(x[:, ::-1], v, s)) / 2
    # the mean of the states comes back: put them side by side
last_state(x, w, u) * last_state(x[:, ::-1], v, s)
    # the states are multiplied: put them side by side
stack([last_state(x, w, u), last_state(x[:, ::-1], v, s)])
stack([last_state(x, w, u), last_state(x[:, ::-1], v, s)], 1)
    # the states are stacked along a new axis: put them side by side, as (batch, 2 · hidden)
concatenate([last_state(x, w, u), last_state(x[:, ::-1], v, s)])
    # the states are joined along the batch: join them along the last axis
side_by_side(states(x, w, u), states(x[:, ::-1], v, s)[:, ::-1])
    # the outputs of all steps come back: return the two final states
side_by_side(linear_state(x, w, u), linear_state(x[:, ::-1], v, s))  # the tanh is missing
side_by_side(last_state(x, w, u.T), last_state(x[:, ::-1], v, s.T))
    # weight_hh is used as (in, out): it is (out, in), so compute h @ weight_hh.T
side_by_side(last_state(x, w, 0 * u), last_state(x[:, ::-1], v, 0 * s))  # NO_STATE
"""

BIDIRECTIONAL_PT = """
def bidirectional_pt(x, *weights):
    layer = nn.RNN(x.shape[2], len(weights[1]), bias=False, batch_first=True, bidirectional=True)
    names = [name for name, _ in layer.named_parameters()]
    _, h = torch.func.functional_call(layer, dict(zip(names, weights)), (x,))
    return torch.cat([h[0], h[1]], 1)
"""
BIDIRECTIONAL_TF = """
def bidirectional_tf(x, *weights):
    layer = keras.layers.Bidirectional(keras.layers.SimpleRNN(weights[1].shape[0], use_bias=False))
    layer.build(x.shape)
    rest = [v.value for v in layer.non_trainable_variables]
    return layer.stateless_call([tf.transpose(w) for w in weights], rest, x)[0]
"""

BIDIRECTIONAL_EXERCISE = Exercise(
    "bidirectional",
    bidirectional,
    visible=(
        Case(
            (
                np.array([[[1.0], [0.0], [-2.0]]]),
                np.array([[0.5]]),
                np.array([[1.0]]),
                np.array([[1.0]]),
                np.array([[0.5]]),
            )
        ),
        bidirectional_case(default_rng(1), 3, 2, 2, 4),
        bidirectional_case(default_rng(2), 2, 3, 3, 3),
        bidirectional_case(default_rng(3), 3, 2, 2, 1, part="robustness"),
        bidirectional_case(default_rng(4), 1, 2, 1, 7, part="robustness"),
    ),
    hidden=lambda rng: (
        bidirectional_case(rng, 3, 3, 2, 3),
        bidirectional_case(rng, 2, 4, 3, 5),
        bidirectional_case(rng, 4, 2, 3, 1, part="robustness"),
        bidirectional_case(rng, 2, 3, 1, 6, part="robustness"),
    ),
    reference={"pytorch": BIDIRECTIONAL_PT, "tensorflow": BIDIRECTIONAL_TF},
    misconceptions=mistakes(BIDIRECTIONAL_MISTAKES, globals(), "x, w, u, v, s"),
    forbid=CELLS,
    elementwise=False,
    rtol=1e-3,
)

BIDIRECTIONAL = component(
    "bidirectional",
    name="Bidirectional",
    zh="双向循环网络包装器",
    pytorch=("torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN"),
    keras=("keras.layers.Bidirectional",),
    calls="""
nn.LSTM(2, 4,
    batch_first=True, bidirectional=True) | keras.layers.Bidirectional(keras.layers.LSTM(4,
    return_sequences=True, return_state=True))
    # the final states are `h[0]` and `h[1]` in PyTorch; `y[:, -1]` has only the forward one
""",
    weights=f"""
torch.nn.RNN(3, 5, batch_first=True, bidirectional=True) | keras.layers.Bidirectional(
    keras.layers.SimpleRNN(5, return_sequences=True))  # (2, 4, 3)
torch.nn.LSTM(3, 5, batch_first=True, bidirectional=True) | keras.layers.Bidirectional(
    keras.layers.LSTM(5, return_sequences=True))  # (2, 4, 3)
{of_both_directions(SUMMED, "a simple RNN or an LSTM")}
torch.nn.GRU(3, 5, batch_first=True, bidirectional=True) | keras.layers.Bidirectional(
    keras.layers.GRU(5, return_sequences=True))  # (2, 4, 3)
{of_both_directions(SWAPPED, "a GRU")}
""",
    behaviour={
        "bidirectional-last-pt": "`y[:, -1]` has the backward layer's state after one step only",
        "bidirectional-merge-tf": "`merge_mode`: PyTorch only puts the outputs side by side",
        "bidirectional-backwards-tf": "`go_backwards=True` returns the outputs in reading order",
    },
    exercises=(BIDIRECTIONAL_EXERCISE,),
)


def last_place(mask):
    """The place of the last True in each row, 0 if there is none."""
    return mask.shape[1] - 1 - mask[:, ::-1].argmax(1)


def at(y, places):
    return y[np.arange(len(y)), places]


def last_valid(y, mask):
    return at(y, last_place(mask)) * mask.any(1)[:, None]


def some(mask):
    return mask.any(1)[:, None]


def mask_of(rng, batch, time):
    """Masks of at least five steps: with a gap, ending early, beginning with False, and full."""
    mask = np.arange(time) < rng.integers(1, time, (batch, 1))
    mask[0] = np.arange(time) < time - 2
    mask[0, 1] = False
    mask[1] = np.arange(time) < time - 1
    mask[2:3, 0] = False
    mask[2:3, 1] = True
    mask[3:4] = True
    return mask


def last_valid_case(rng, batch, time, features, empty=False, **fields):
    mask = mask_of(rng, batch, time)
    if empty:
        mask[-1] = False
    return Case((*normal(rng, (batch, time, features)), mask), **fields)


LAST_VALID_MISTAKES = """
y[:, -1]                                   # the last column comes back, which may be padding
y[:, -1] * mask[:, -1:]
    # the last column comes back, or 0 where it is padding: take the last step that is valid
at(y, mask.sum(1) - 1) * some(mask)
at(y, mask.sum(1) - 1)
    # the number of valid steps is taken for the place of the last one: a mask may have a gap, or
    # begin with False
at(y, last_place(mask))
where(some(mask), last_valid(y, mask), y[:, 0])
    # an example without a valid step must give 0
at(y, mask.argmax(1)) * some(mask)
at(y, mask.argmax(1))                      # the first valid step comes back: take the last one
at(y, mask.argmin(1) - 1) * some(mask)
at(y, mask.argmin(1) - 1)
    # the step before the first invalid one comes back: a mask may have a gap, or begin with False
last_valid(y, ~mask)                       # the mask has the opposite meaning: True is a valid step
at(y, last_place(~mask))                   # the mask has the opposite meaning: True is a valid step
at(y, last_place(mask) - 1) * some(mask)   # the step before the last valid one comes back
at(y, minimum(last_place(mask) + 1, mask.shape[1] - 1)) * some(mask)
    # the step after the last valid one comes back
(y * mask[..., None]).sum(1)               # the valid steps are added up: take the last one
(y * mask[..., None]).sum(1) / maximum(mask.sum(1), 1)[:, None]
    # the mean of the valid steps comes back: take the last one
where(some(mask), where(mask[..., None], y, -inf).max(1), 0)
    # the maximum of the valid steps comes back: take the last one
y[:, last_place(mask.any(0)[None])[0]] * some(mask)
y[:, last_place(mask.any(0)[None])[0]]
    # all examples give the same step: each has its own last valid one
y[:, last_place(mask)[0]] * some(mask)
y[:, last_place(mask)[0]]                  # all examples give the step of the first one
(at(y, last_place(mask)) * some(mask))[:, None]
    # the time axis is still there, with size 1: return (batch, features)
"""

LAST_VALID_EXERCISE = Exercise(
    "last_valid",
    last_valid,
    visible=(
        Case(
            (
                np.arange(1.0, 13).reshape(2, 3, 2),
                np.array([[True, True, False], [True, False, True]]),
            )
        ),
        last_valid_case(default_rng(1), 3, 5, 2),
        last_valid_case(default_rng(2), 4, 6, 3),
        last_valid_case(default_rng(3), 3, 5, 2, empty=True, part="robustness"),
    ),
    hidden=lambda rng: (
        last_valid_case(rng, 3, 6, 3),
        last_valid_case(rng, 5, 5, 1),
        last_valid_case(rng, 4, 7, 2, empty=True, part="robustness"),
    ),
    reference={
        "pytorch": """
def last_valid_pt(y, mask):
    last = mask.shape[1] - 1 - mask.flip(1).int().argmax(1)
    return y[torch.arange(len(y)), last] * mask.any(1)[:, None]
""",
        "tensorflow": """
def last_valid_tf(y, mask):
    layer = keras.layers.RNN(Keeping(y.shape[2]))
    return layer(y, mask=mask)
class Keeping(keras.layers.Layer):
    def __init__(self, size):
        super().__init__()
        self.state_size = self.output_size = size
    def call(self, x, states):
        return x, [x]
""",
    },
    misconceptions=mistakes(LAST_VALID_MISTAKES, globals(), "y, mask"),
    forbid=CELLS,
    elementwise=False,
)


def masked(x, mask, weight_ih, weight_hh, keep=lambda m, new, old: np.where(m, new, old)):
    """The last state; ``keep`` chooses between the new state and the old one."""
    m = np.broadcast_to(mask[..., None], (*mask.shape, x.shape[2]))
    return along(
        np.concatenate([x, m], 2),
        start(x, weight_hh),
        lambda both, h: keep(
            both[:, -1:] > 0, np.tanh(both[:, : x.shape[2]] @ weight_ih.T + h @ weight_hh.T), h
        ),
    )[1]


def masked_rnn(x, mask, weight_ih, weight_hh):
    return masked(x, mask, weight_ih, weight_hh)


def masked_case(rng, n_in, n_hidden, batch, time, empty=False, **fields):
    mask = mask_of(rng, batch, time)
    if empty:
        mask[-1] = False
    x, *weights = normal(rng, (batch, time, n_in), (n_hidden, n_in), (n_hidden, n_hidden))
    return Case((x, mask, *weights), **fields)


def cut(mask):
    """True before the first False."""
    return np.logical_and.accumulate(mask, 1)


MASKED_RNN_MISTAKES = """
last_state(x, w, u)                        # the mask is ignored: a masked step moves the state
last_state(x * mask[..., None], w, u)
    # a masked step is read as zeros, and still moves the state: keep the old state
masked(x, mask, w, u, lambda m, new, old: new * m)
    # a masked step sets the state to 0: it keeps the old state
masked_rnn(x, ~mask, w, u)                 # the mask has the opposite meaning: True is a valid step
masked_rnn(x, cut(mask), w, u)
    # reading ends at the first masked step: later valid steps count, too
masked_rnn(x, mask.any(0) & ones_like(mask), w, u)
    # a step is left out only if it is masked in all examples: each example has its own mask
masked_rnn(x, mask.all(0) & ones_like(mask), w, u)
    # a step is left out if it is masked in one example: each example has its own mask
masked_rnn(x, ones_like(mask) & mask[:1], w, u)
    # all examples use the mask of the first
masked_rnn(x, arange(x.shape[1]) < mask.sum(1)[:, None], w, u)
    # the number of valid steps is taken for the length: a mask may have a gap, or begin with False
masked(x, mask, w, 0 * u)                  # NO_STATE
masked(x, mask, w, u.T)
    # weight_hh is used as (in, out): it is (out, in), so compute h @ weight_hh.T
masked_rnn(x[:, ::-1], mask[:, ::-1], w, u)                       # BACKWARDS
"""

MASKED_RNN_EXERCISE = Exercise(
    "masked_rnn",
    masked_rnn,
    visible=(
        Case(
            (
                np.array([[[1.0], [2.0], [-1.0]], [[1.0], [3.0], [5.0]]]),
                np.array([[True, False, True], [True, False, False]]),
                np.array([[0.5]]),
                np.array([[1.0]]),
            )
        ),
        masked_case(default_rng(1), 2, 3, 3, 5),
        masked_case(default_rng(2), 3, 2, 4, 6),
        masked_case(default_rng(3), 2, 2, 3, 5, empty=True, part="robustness"),
    ),
    hidden=lambda rng: (
        masked_case(rng, 2, 3, 3, 5),
        masked_case(rng, 3, 3, 4, 5),
        masked_case(rng, 1, 2, 4, 6, empty=True, part="robustness"),
    ),
    reference={
        "pytorch": """
def masked_rnn_pt(x, mask, weight_ih, weight_hh):
    layer = nn.RNN(x.shape[2], len(weight_hh), bias=False, batch_first=True)
    weights = {"weight_ih_l0": weight_ih, "weight_hh_l0": weight_hh}
    found = []
    for each, valid in zip(x, mask):
        h = torch.zeros(1, len(weight_hh))
        if valid.any():
            h = torch.func.functional_call(layer, weights, (each[valid],))[1]
        found.append(h)
    return torch.cat(found)
""",
        "tensorflow": """
def masked_rnn_tf(x, mask, weight_ih, weight_hh):
    layer = keras.layers.SimpleRNN(weight_hh.shape[0], use_bias=False)
    layer.build(x.shape)
    rest = [v.value for v in layer.non_trainable_variables]
    weights = [tf.transpose(weight_ih), tf.transpose(weight_hh)]
    return layer.stateless_call(weights, rest, x, mask=mask)[0]
""",
    },
    misconceptions=mistakes(MASKED_RNN_MISTAKES, globals(), "x, mask, w, u"),
    forbid=CELLS,
    elementwise=False,
    rtol=1e-3,
)

MASKING = component(
    "masking",
    name="Masking",
    zh="掩码层",
    keras=("keras.layers.Masking",),
    calls="""
nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True,
    enforce_sorted=False) | keras.layers.Masking()(x)
    # PyTorch needs the lengths; `Masking` skips each step of zeros, even a valid one
""",
    behaviour={
        "masking-after-tf": "after the end, PyTorch's output is 0, and Keras repeats the last one",
        "masking-last-pt": "`y[:, -1]` is not the last valid output",
        "masking-zero-tf": "`Masking` skips a valid step whose features are all 0",
        "masking-empty-pt": "packing raises an error for a length of 0; Keras returns 0",
    },
    exercises=(MASKED_RNN_EXERCISE, LAST_VALID_EXERCISE),
)

COMPONENTS = (SIMPLE_RNN, LSTM, GRU, BIDIRECTIONAL, MASKING)
