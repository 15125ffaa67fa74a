# %% [markdown]
# # Exercises: recurrent cells and wrappers
#
# Write the cells and wrappers of [the chapter](../../chapters/layers/recurrent_cells.ipynb) yourself, from their
# formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run
# the check below it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# accepts the shapes that the statement names, returns float32 for float32, and does not change its inputs.
# With wrong values it earns no points. You may multiply matrices, convolve, and use activations. Do not use the
# layers of the chapter. In both frameworks a matrix has the shape (out, in), and the blocks of a matrix with
# several gates have PyTorch's order.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Simple RNN cell
#
# Compute one step of a simple RNN: the new state from the input `x` and the old state `h`.
#
# Worked case: with one number each, `x` = 2, `h` = −1, `weight_ih` = 0.5, `weight_hh` = 1, `bias_ih` = 0.3 and
# `bias_hh` = 0.1, the new state is tanh(2 · 0.5 + 0.3 − 1 · 1 + 0.1) = tanh(0.4) = 0.3799.
#
# Hint 1: The new state is tanh of a sum of four terms.
#
# Hint 2: $h' = \tanh(W x + b_x + U h + b_h)$. With a batch, the product is `x @ weight_ih.T`.
#
# Hint 3: `torch.tanh(x @ weight_ih.T + …)`, `tf.tanh(x @ tf.transpose(weight_ih) + …)`.

# %%
def rnn_cell_pt(
    x: torch.Tensor,
    h: torch.Tensor,
    weight_ih: torch.Tensor,
    weight_hh: torch.Tensor,
    bias_ih: torch.Tensor,
    bias_hh: torch.Tensor,
) -> torch.Tensor:
    """x: (batch, n_in), h: (batch, n_hidden), weight_ih:
    (n_hidden, n_in), weight_hh: (n_hidden, n_hidden),
    biases: (n_hidden,); returns (batch, n_hidden)."""
    from_x = x @ weight_ih.T + bias_ih
    return torch.tanh(from_x + h @ weight_hh.T + bias_hh)

# %%
def rnn_cell_tf(
    x: tf.Tensor,
    h: tf.Tensor,
    weight_ih: tf.Tensor,
    weight_hh: tf.Tensor,
    bias_ih: tf.Tensor,
    bias_hh: tf.Tensor,
) -> tf.Tensor:
    """x: (batch, n_in), h: (batch, n_hidden), weight_ih:
    (n_hidden, n_in), weight_hh: (n_hidden, n_hidden),
    biases: (n_hidden,); returns (batch, n_hidden)."""
    from_x = x @ tf.transpose(weight_ih) + bias_ih
    from_h = h @ tf.transpose(weight_hh) + bias_hh
    return tf.tanh(from_x + from_h)

# %% [markdown]
# **Why:** the two products have the same shape, so they are added number by number. The two biases are added to
# the same sum, and therefore one bias would be enough.

# %% [markdown]
# ## LSTM cell
#
# Compute one step of an LSTM: the new `h` and the new `c`, in this order. The four blocks of the weights are the
# input gate i, the forget gate f, the new content g, and the output gate o.
#
# Worked case: if all weights and biases are 0 and `c` = 4, all gates are 0.5 and the new content is 0. The new
# `c` is 0.5 · 4 = 2, and the new `h` is 0.5 · tanh(2) = 0.482.
#
# Hint 1: Compute one sum for all four blocks, $W x + U h + b$, and cut it into four.
#
# Hint 2: $c' = \sigma(f) \, c + \sigma(i) \tanh(g)$ and $h' = \sigma(o) \tanh(c')$.
#
# Hint 3: `i, f, g, o = sums.chunk(4, dim=1)`, `i, f, g, o = tf.split(sums, 4, axis=1)`.

# %%
def lstm_cell_pt(
    x: torch.Tensor,
    h: torch.Tensor,
    c: torch.Tensor,
    weight_ih: torch.Tensor,
    weight_hh: torch.Tensor,
    bias_ih: torch.Tensor,
    bias_hh: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """x: (batch, n_in), h and c: (batch, n_hidden),
    weight_ih: (4 n_hidden, n_in), weight_hh: (4 n_hidden,
    n_hidden), biases: (4 n_hidden,); returns new h, new c."""
    sums = x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh
    i, f, g, o = sums.chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c

# %%
def lstm_cell_tf(
    x: tf.Tensor,
    h: tf.Tensor,
    c: tf.Tensor,
    weight_ih: tf.Tensor,
    weight_hh: tf.Tensor,
    bias_ih: tf.Tensor,
    bias_hh: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    """x: (batch, n_in), h and c: (batch, n_hidden),
    weight_ih: (4 n_hidden, n_in), weight_hh: (4 n_hidden,
    n_hidden), biases: (4 n_hidden,); returns new h, new c."""
    from_x = x @ tf.transpose(weight_ih) + bias_ih
    from_h = h @ tf.transpose(weight_hh) + bias_hh
    i, f, g, o = tf.split(from_x + from_h, 4, axis=1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c

# %% [markdown]
# **Why:** one matrix product computes the sums of all four blocks. The forget gate multiplies the old memory, so
# that a gate near 1 keeps it, and the output uses the *new* memory.

# %% [markdown]
# ## GRU cell
#
# Compute one step of a GRU: the new state. The three blocks of the weights are the reset gate r, the update gate
# z, and the new content n. The reset gate multiplies the state's part of n, its bias
# included. The update gate z multiplies the old state, and 1 − z the new content.
#
# Worked case: all weights are 0, and so are all biases, except the third block of `bias_ih`, which is 1. With `h`
# = 3, both gates are 0.5 and n = tanh(1) = 0.762. The new state is 0.5 · 0.762 + 0.5 · 3 = 1.881.
#
# Hint 1: Compute the sums of the input and of the state separately, and cut each into three.
#
# Hint 2: $n = \tanh(W_n x + b_x + r \, (U_n h + b_h))$ and $h' = (1 - z) \, n + z \, h$.
#
# Hint 3: `r_x, z_x, n_x = (x @ weight_ih.T + bias_ih).chunk(3, dim=1)`, and the same for `h`; in TensorFlow
# `tf.split(…, 3, axis=1)`.

# %%
def gru_cell_pt(
    x: torch.Tensor,
    h: torch.Tensor,
    weight_ih: torch.Tensor,
    weight_hh: torch.Tensor,
    bias_ih: torch.Tensor,
    bias_hh: torch.Tensor,
) -> torch.Tensor:
    """x: (batch, n_in), h: (batch, n_hidden), weight_ih:
    (3 n_hidden, n_in), weight_hh: (3 n_hidden, n_hidden),
    biases: (3 n_hidden,); returns (batch, n_hidden)."""
    r_x, z_x, n_x = (x @ weight_ih.T + bias_ih).chunk(3, dim=1)
    r_h, z_h, n_h = (h @ weight_hh.T + bias_hh).chunk(3, dim=1)
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    n = torch.tanh(n_x + r * n_h)
    return (1 - z) * n + z * h

# %%
def gru_cell_tf(
    x: tf.Tensor,
    h: tf.Tensor,
    weight_ih: tf.Tensor,
    weight_hh: tf.Tensor,
    bias_ih: tf.Tensor,
    bias_hh: tf.Tensor,
) -> tf.Tensor:
    """x: (batch, n_in), h: (batch, n_hidden), weight_ih:
    (3 n_hidden, n_in), weight_hh: (3 n_hidden, n_hidden),
    biases: (3 n_hidden,); returns (batch, n_hidden)."""
    from_x = x @ tf.transpose(weight_ih) + bias_ih
    from_h = h @ tf.transpose(weight_hh) + bias_hh
    r_x, z_x, n_x = tf.split(from_x, 3, axis=1)
    r_h, z_h, n_h = tf.split(from_h, 3, axis=1)
    r, z = tf.sigmoid(r_x + r_h), tf.sigmoid(z_x + z_h)
    n = tf.tanh(n_x + r * n_h)
    return (1 - z) * n + z * h

# %% [markdown]
# **Why:** the reset gate multiplies only the state's part. So the two parts of n must be computed separately, and
# the two biases of n cannot be added first.

# %% [markdown]
# ## RNN base layer: the weights of an `nn.LSTM` for Keras
#
# `all_weights` of an `nn.LSTM` with one layer contains four arrays. Return the three arrays that
# `keras.layers.RNN(keras.layers.LSTMCell(…))` needs for the same outputs, in Keras's order: kernel, recurrent kernel,
# bias.
#
# Worked case: for 3 inputs and 5 hidden numbers the four arrays have the shapes (20, 3), (20, 5), (20,) and (20,). The
# three arrays have the shapes (3, 20), (5, 20) and (20,).
#
# Hint 1: Compare the two formulas: PyTorch multiplies by the transposed weight, Keras by the kernel.
#
# Hint 2: PyTorch adds both biases to the same sum.
#
# Hint 3: Both frameworks have the blocks in the order i, f, g, o. `.T`, `tf.transpose`.

# %%
def lstm_to_keras_pt(
    weight_ih: torch.Tensor,
    weight_hh: torch.Tensor,
    bias_ih: torch.Tensor,
    bias_hh: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """weight_ih: (4 n_hidden, n_in), weight_hh: (4 n_hidden,
    n_hidden), biases: (4 n_hidden,); returns kernel,
    recurrent kernel, bias."""
    return weight_ih.T, weight_hh.T, bias_ih + bias_hh

# %%
def lstm_to_keras_tf(
    weight_ih: tf.Tensor,
    weight_hh: tf.Tensor,
    bias_ih: tf.Tensor,
    bias_hh: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """weight_ih: (4 n_hidden, n_in), weight_hh: (4 n_hidden,
    n_hidden), biases: (4 n_hidden,); returns kernel,
    recurrent kernel, bias."""
    kernel = tf.transpose(weight_ih)
    return kernel, tf.transpose(weight_hh), bias_ih + bias_hh

# %% [markdown]
# **Why:** the two biases are added to the same sum, so only their sum changes the outputs. In the other direction one
# of the two biases becomes 0.

# %% [markdown]
# ## A cell of your own, over a sequence: the minimal gated unit
#
# The minimal gated unit of Zhou and others (2016) has one gate, f. Run it over a sequence, and return the state after
# each step:
#
# $$f = \sigma(W_f x + U_f h + b_f), \qquad n = \tanh(W_n x + U_n (f \, h) + b_n), \qquad
# h' = (1 - f) \, h + f \, n$$
#
# `h` is the state before the first step. The first block of each weight belongs to f, the second block to n.
#
# Worked case: if all weights and biases are 0, f = 0.5 and n = 0, so each step halves the state. From `h` = 8, three
# steps give 4, 2 and 1.
#
# Hint 1: Write one step first. Then put it into a loop over axis 1 of `x`, and collect the states in a list.
#
# Hint 2: The gate multiplies the state *before* the matrix: `(f * h) @ u_n.T`.
#
# Hint 3: `for step in x.unbind(1):` or `tf.unstack(x, axis=1)`; at the end `torch.stack(states, dim=1)`,
# `tf.stack(states, axis=1)`.

# %%
def minimal_gated_unit_pt(
    x: torch.Tensor,
    h: torch.Tensor,
    weight_ih: torch.Tensor,
    weight_hh: torch.Tensor,
    bias: torch.Tensor,
) -> torch.Tensor:
    """x: (batch, time, n_in), h: (batch, n_hidden), weight_ih:
    (2 n_hidden, n_in), weight_hh: (2 n_hidden, n_hidden),
    bias: (2 n_hidden,); returns (batch, time, n_hidden)."""
    u_f, u_n = weight_hh.chunk(2)
    states = []
    for step in x.unbind(1):
        f_x, n_x = (step @ weight_ih.T + bias).chunk(2, dim=1)
        f = torch.sigmoid(f_x + h @ u_f.T)
        n = torch.tanh(n_x + (f * h) @ u_n.T)
        h = (1 - f) * h + f * n
        states.append(h)
    return torch.stack(states, dim=1)

# %%
def minimal_gated_unit_tf(
    x: tf.Tensor,
    h: tf.Tensor,
    weight_ih: tf.Tensor,
    weight_hh: tf.Tensor,
    bias: tf.Tensor,
) -> tf.Tensor:
    """x: (batch, time, n_in), h: (batch, n_hidden), weight_ih:
    (2 n_hidden, n_in), weight_hh: (2 n_hidden, n_hidden),
    bias: (2 n_hidden,); returns (batch, time, n_hidden)."""
    w = tf.transpose(weight_ih)
    u_f, u_n = tf.split(tf.transpose(weight_hh), 2, axis=1)
    states = []
    for step in tf.unstack(x, axis=1):
        f_x, n_x = tf.split(step @ w + bias, 2, axis=1)
        f = tf.sigmoid(f_x + h @ u_f)
        n = tf.tanh(n_x + (f * h) @ u_n)
        h = (1 - f) * h + f * n
        states.append(h)
    return tf.stack(states, axis=1)

# %% [markdown]
# **Why:** the loop passes `h` on, so each step depends on all steps before it. `stack` makes a new axis, and the time
# belongs on axis 1.

# %% [markdown]
# ## Stacked cells
#
# Run two simple RNN cells without biases over a sequence. In each step the second cell gets the new state of the
# first cell as its input. Return three tensors: the states of the second cell after each step, the last state of the
# first cell, and the last state of the second cell.
#
# Worked case: one step, with one number each, `x` = 1, both old states 0, `w1` = 0.5 and `w2` = 2. The first state
# becomes tanh(0.5) = 0.462, and the second state becomes tanh(2 · 0.462) = 0.727.
#
# Hint 1: Each cell has its own state. Both states change in each step of one loop.
#
# Hint 2: $h_1' = \tanh(W_1 x + U_1 h_1)$, then $h_2' = \tanh(W_2 h_1' + U_2 h_2)$.
#
# Hint 3: `h1 = torch.tanh(step @ w1.T + h1 @ u1.T)`, and then the same with `h1`, `w2`, `h2` and `u2`.

# %%
def stacked_cells_pt(
    x: torch.Tensor,
    h1: torch.Tensor,
    h2: torch.Tensor,
    w1: torch.Tensor,
    u1: torch.Tensor,
    w2: torch.Tensor,
    u2: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """x: (batch, time, n_in), h1: (batch, n1), h2: (batch, n2),
    w1: (n1, n_in), u1: (n1, n1), w2: (n2, n1), u2: (n2, n2);
    returns (batch, time, n2), last h1, last h2."""
    outputs = []
    for step in x.unbind(1):
        h1 = torch.tanh(step @ w1.T + h1 @ u1.T)
        h2 = torch.tanh(h1 @ w2.T + h2 @ u2.T)
        outputs.append(h2)
    return torch.stack(outputs, dim=1), h1, h2

# %%
def stacked_cells_tf(
    x: tf.Tensor,
    h1: tf.Tensor,
    h2: tf.Tensor,
    w1: tf.Tensor,
    u1: tf.Tensor,
    w2: tf.Tensor,
    u2: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """x: (batch, time, n_in), h1: (batch, n1), h2: (batch, n2),
    w1: (n1, n_in), u1: (n1, n1), w2: (n2, n1), u2: (n2, n2);
    returns (batch, time, n2), last h1, last h2."""
    w1, u1, w2, u2 = map(tf.transpose, (w1, u1, w2, u2))
    outputs = []
    for step in tf.unstack(x, axis=1):
        h1 = tf.tanh(step @ w1 + h1 @ u1)
        h2 = tf.tanh(h1 @ w2 + h2 @ u2)
        outputs.append(h2)
    return tf.stack(outputs, axis=1), h1, h2

# %% [markdown]
# **Why:** a stack needs one loop over the time, and in it one line for each cell. The order of the two lines matters:
# the second cell uses the new `h1`.

# %% [markdown]
# ## Time distributed: normalize each step
#
# Normalize each step of a batch of sequences as `TimeDistributed(BatchNormalization)` does in training mode: subtract
# the mean, and divide by the square root of the variance plus `eps`. Each step and each feature has its own mean and
# its own variance, over the batch. Divide the variance by n. There are no weights. Do not use batch normalization
# itself.
#
# Worked case: two examples with one step and one feature, 1 and 5, and `eps` = 5. The mean is 3 and the variance 4, so
# the results are −2/3 and 2/3.
#
# Hint 1: The input is (batch, time, features). Over which axis is the mean?
#
# Hint 2: A mean over axis 0 has the shape (time, features), and broadcasts against the input. No loop is necessary.
#
# Hint 3: `x.mean(0)` and `x.var(0, correction=0)`; `tf.reduce_mean(x, 0)` and `tf.math.reduce_variance(x, 0)`.

# %%
def norm_each_step_pt(
    x: torch.Tensor, eps: float
) -> torch.Tensor:
    """x: (batch, time, features); returns the same shape."""
    variance = x.var(0, correction=0)
    return (x - x.mean(0)) / torch.sqrt(variance + eps)

# %%
def norm_each_step_tf(x: tf.Tensor, eps: float) -> tf.Tensor:
    """x: (batch, time, features); returns the same shape."""
    mean, variance = tf.nn.moments(x, axes=[0])
    return (x - mean) / tf.sqrt(variance + eps)

# %% [markdown]
# **Why:** `TimeDistributed` shows the layer one step at a time. So no number of another step takes part in the mean,
# and only the batch axis is summed over.

# %% [markdown]
# ## Harder: ConvLSTM cell
#
# Compute one step of a ConvLSTM: the new `h` and the new `c`, in this order. The input is convolved with `kernel`, the
# old `h` with `recurrent`, and both convolutions keep the size of the image: zeros around it, stride 1, and no flip of
# the kernel. Add both results and the bias. The four blocks of the channels are i, f, g and o, as in the LSTM cell. In
# PyTorch the channels are on axis 1 and a kernel is (4 n_out, n_in, rows, columns). In TensorFlow the channels are
# last, and a kernel is (rows, columns, n_in, 4 n_out). Rows and columns are odd numbers.
#
# Worked case: if both kernels and the bias are 0 and `c` is 4 everywhere, the new `c` is 2 and the new `h` is 0.482
# everywhere, as in the LSTM cell.
#
# Hint 1: Replace the two matrix products of the LSTM cell by two convolutions.
#
# Hint 2: Cut the sum along the axis of the channels.
#
# Hint 3: `torch.nn.functional.conv2d(x, kernel, bias, padding="same")` and `.chunk(4, dim=1)`;
# `tf.nn.conv2d(x, kernel, 1, "SAME")` and `tf.split(…, 4, axis=-1)`.

# %%
def conv_lstm_cell_pt(
    x: torch.Tensor,
    h: torch.Tensor,
    c: torch.Tensor,
    kernel: torch.Tensor,
    recurrent: torch.Tensor,
    bias: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """x: (batch, n_in, height, width), h and c: (batch, n_out,
    height, width), kernel: (4 n_out, n_in, rows, columns),
    recurrent: (4 n_out, n_out, rows, columns), bias:
    (4 n_out,); returns new h, new c."""
    conv2d = torch.nn.functional.conv2d
    sums = conv2d(x, kernel, bias, padding="same")
    sums = sums + conv2d(h, recurrent, padding="same")
    i, f, g, o = sums.chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c

# %%
def conv_lstm_cell_tf(
    x: tf.Tensor,
    h: tf.Tensor,
    c: tf.Tensor,
    kernel: tf.Tensor,
    recurrent: tf.Tensor,
    bias: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    """x: (batch, height, width, n_in), h and c: (batch, height,
    width, n_out), kernel: (rows, columns, n_in, 4 n_out),
    recurrent: (rows, columns, n_out, 4 n_out), bias:
    (4 n_out,); returns new h, new c."""
    sums = tf.nn.conv2d(x, kernel, 1, "SAME") + bias
    sums = sums + tf.nn.conv2d(h, recurrent, 1, "SAME")
    i, f, g, o = tf.split(sums, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c

# %% [markdown]
# **Why:** a gate is now an image with a number for each pixel and channel, so each pixel has its own memory. The
# recurrent convolution must keep the size of the image, because the new state replaces the old one.
