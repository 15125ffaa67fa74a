# %% [markdown]
# # Exercises: recurrent layers
#
# Write the layers of [the chapter](../../chapters/layers/recurrent.ipynb) yourself, from their formulas: in
# PyTorch, in TensorFlow, or in both. Replace the line that raises `NotImplementedError`, run the cell, and then
# run the check below it. The check tells you immediately what is right and what is wrong.
#
# An answer can earn three points: for its **values**, its **gradients** and its **robustness**. Robustness
# means that the answer also works for a single step, for a single feature, and for a sequence without a valid step.
# Moving a GRU has no points for gradients. An answer with wrong values earns no points. Use products, `tanh`, the
# sigmoid and a loop over the steps. The frameworks' own recurrent layers and cells are not allowed.
#
# In both frameworks, `x` has the shape (batch, time, features), all weights have PyTorch's layout, and all states
# before the first step are 0.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and ignore the cells of the other framework.

# %% [markdown]
# ## Simple RNN
#
# Return the states of all steps, as (batch, time, hidden). The state of a step is the tanh of
# `weight_ih` · input + `bias_ih` + `weight_hh` · old state + `bias_hh`.
#
# Worked case: one feature with the values (1, 0), one unit, `weight_ih` 0.5, `weight_hh` 1, and biases of 0. The
# states are tanh(0.5) = 0.4621 and tanh(0.4621) = 0.4318.
#
# Hint 1: Which numbers does step 1 need that step 0 has computed?
#
# Hint 2: Loop over axis 1 of `x`, keep the state in a variable, and collect the states in a list.
#
# Hint 3: `h = torch.tanh(x_t @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)`. At the end, stack the list along
# axis 1.

# %%
def simple_rnn_pt(
    x: torch.Tensor,
    weight_ih: torch.Tensor,
    weight_hh: torch.Tensor,
    bias_ih: torch.Tensor,
    bias_hh: torch.Tensor,
) -> torch.Tensor:
    """weight_ih: (hidden, features)."""
    h, states = torch.zeros(len(x), len(weight_hh)), []
    for x_t in x.unbind(1):
        new = x_t @ weight_ih.T + bias_ih
        h = torch.tanh(new + h @ weight_hh.T + bias_hh)
        states.append(h)
    return torch.stack(states, 1)

# %%
def simple_rnn_tf(
    x: tf.Tensor,
    weight_ih: tf.Tensor,
    weight_hh: tf.Tensor,
    bias_ih: tf.Tensor,
    bias_hh: tf.Tensor,
) -> tf.Tensor:
    h, states = tf.zeros((x.shape[0], weight_hh.shape[0])), []
    for x_t in tf.unstack(x, axis=1):
        new = x_t @ tf.transpose(weight_ih) + bias_ih
        h = tf.tanh(new + h @ tf.transpose(weight_hh) + bias_hh)
        states.append(h)
    return tf.stack(states, 1)

# %% [markdown]
# **Why:** each state is computed from the one before, so the steps need a loop. Only the products with `x` could be
# computed for all steps at once.

# %% [markdown]
# ## LSTM
#
# Return two tensors: the outputs h of all steps, as (batch, time, hidden), and the cell state c after the last step,
# as (batch, hidden). The rows of the weights and biases are four blocks, for i, f, g and o.
#
# $i, f, o$ are sigmoids and $g$ is a tanh of `weight_ih` · input + `bias_ih` + `weight_hh` · old h + `bias_hh`, each with
# its own block of rows. Then $c_t = f \odot c_{t-1} + i \odot g$
# and $h_t = o \odot \tanh(c_t)$.
#
# Worked case: with all weights and biases 0, the gates are 0.5 and g is 0. All outputs are then 0. If one bias of g
# is 1, c is 0.5 · tanh(1) = 0.3808 after one step, and h is 0.5 · tanh(0.3808) = 0.1817.
#
# Hint 1: One product with `weight_ih` computes all four blocks. How do you split it?
#
# Hint 2: Split the last axis into four equal parts. Keep h and c from step to step.
#
# Hint 3: `i, f, g, o = sums.chunk(4, 1)` in PyTorch, `tf.split(sums, 4, 1)` in TensorFlow.

# %%
def lstm_pt(
    x: torch.Tensor,
    weight_ih: torch.Tensor,
    weight_hh: torch.Tensor,
    bias_ih: torch.Tensor,
    bias_hh: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """weight_ih: (4 · hidden, features)."""
    h = c = torch.zeros(len(x), weight_hh.shape[1])
    outputs = []
    for x_t in x.unbind(1):
        new = x_t @ weight_ih.T + bias_ih
        sums = new + h @ weight_hh.T + bias_hh
        i, f, g, o = sums.chunk(4, 1)
        new = torch.sigmoid(i) * torch.tanh(g)
        c = torch.sigmoid(f) * c + new
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs, 1), c

# %%
def lstm_tf(
    x: tf.Tensor,
    weight_ih: tf.Tensor,
    weight_hh: tf.Tensor,
    bias_ih: tf.Tensor,
    bias_hh: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    h = c = tf.zeros((x.shape[0], weight_hh.shape[1]))
    outputs = []
    for x_t in tf.unstack(x, axis=1):
        new = x_t @ tf.transpose(weight_ih) + bias_ih
        sums = new + h @ tf.transpose(weight_hh) + bias_hh
        i, f, g, o = tf.split(sums, 4, 1)
        new = tf.sigmoid(i) * tf.tanh(g)
        c = tf.sigmoid(f) * c + new
        h = tf.sigmoid(o) * tf.tanh(c)
        outputs.append(h)
    return tf.stack(outputs, 1), c

# %% [markdown]
# **Why:** the cell state is only multiplied by f and added to, so its gradient does not pass through a matrix.

# %% [markdown]
# ## GRU
#
# Return the states of all steps, as (batch, time, hidden). The rows of the weights and biases are three blocks, for r,
# z and n.
#
# $r$ and $z$ are sigmoids of $W x_t + b + U h_{t-1} + c$, and $n = \tanh(W_n x_t + b_n + r \odot (U_n h_{t-1} +
# c_n))$. The new state is $h_t = (1 - z) \odot n + z \odot h_{t-1}$. Here $W$ and $U$ are `weight_ih` and `weight_hh`,
# and $b$ and $c$ are `bias_ih` and `bias_hh`.
#
# Worked case: with all weights and biases 0 but $b_n$ = 1, z is 0.5 and n is tanh(1) = 0.7616. The states are 0.3808
# and, after the second step, 0.5712.
#
# Hint 1: Which bias stands inside the brackets that r multiplies?
#
# Hint 2: Compute the products of the input and of the state apart, each with its own bias. Split both into three.
#
# Hint 3: `n = torch.tanh(x_n + r * h_n)`, where `h_n` is the third part of `h @ weight_hh.T + bias_hh`.

# %%
def gru_pt(
    x: torch.Tensor,
    weight_ih: torch.Tensor,
    weight_hh: torch.Tensor,
    bias_ih: torch.Tensor,
    bias_hh: torch.Tensor,
) -> torch.Tensor:
    """weight_ih: (3 · hidden, features)."""
    h, states = torch.zeros(len(x), weight_hh.shape[1]), []
    for x_t in x.unbind(1):
        in_x = x_t @ weight_ih.T + bias_ih
        in_h = h @ weight_hh.T + bias_hh
        x_r, x_z, x_n = in_x.chunk(3, 1)
        h_r, h_z, h_n = in_h.chunk(3, 1)
        r = torch.sigmoid(x_r + h_r)
        z = torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * h_n)
        h = (1 - z) * n + z * h
        states.append(h)
    return torch.stack(states, 1)

# %%
def gru_tf(
    x: tf.Tensor,
    weight_ih: tf.Tensor,
    weight_hh: tf.Tensor,
    bias_ih: tf.Tensor,
    bias_hh: tf.Tensor,
) -> tf.Tensor:
    w, u = tf.transpose(weight_ih), tf.transpose(weight_hh)
    h, states = tf.zeros((x.shape[0], u.shape[0])), []
    for x_t in tf.unstack(x, axis=1):
        x_r, x_z, x_n = tf.split(x_t @ w + bias_ih, 3, 1)
        h_r, h_z, h_n = tf.split(h @ u + bias_hh, 3, 1)
        r, z = tf.sigmoid(x_r + h_r), tf.sigmoid(x_z + h_z)
        n = tf.tanh(x_n + r * h_n)
        h = (1 - z) * n + z * h
        states.append(h)
    return tf.stack(states, 1)

# %% [markdown]
# **Why:** r multiplies only the third part of the state's product, so the two products stay apart until then.

# %% [markdown]
# ## A GRU for Keras
#
# From the four arrays of PyTorch's `nn.GRU`, return the three arrays that `keras.layers.GRU` needs for the same
# outputs: `kernel` (features, 3 · hidden), `recurrent_kernel` (hidden, 3 · hidden) and `bias` (2, 3 · hidden). Keras has
# the blocks in the order z, r, n, and the first row of its bias is `bias_ih`.
#
# Worked case: with one unit, `bias_ih` = (1, 2, 3) and `bias_hh` = (−1, −2, −3) give the bias ((2, 1, 3), (−2, −1, −3)).
#
# Hint 1: Which of the three blocks stays where it is?
#
# Hint 2: Split each array along axis 0 into three blocks, put them together in the new order, and transpose the
# matrices.
#
# Hint 3: `r, z, n = array.chunk(3)` and `torch.cat([z, r, n])`; in TensorFlow `tf.split(array, 3)` and `tf.concat`.

# %%
def gru_to_keras_pt(
    weight_ih: torch.Tensor,
    weight_hh: torch.Tensor,
    bias_ih: torch.Tensor,
    bias_hh: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """weight_ih: (3 · hidden, features)."""
    def swapped(array):
        r, z, n = array.chunk(3)
        return torch.cat([z, r, n])

    bias = torch.stack([swapped(bias_ih), swapped(bias_hh)])
    return swapped(weight_ih).T, swapped(weight_hh).T, bias

# %%
def gru_to_keras_tf(
    weight_ih: tf.Tensor,
    weight_hh: tf.Tensor,
    bias_ih: tf.Tensor,
    bias_hh: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    def swapped(array):
        r, z, n = tf.split(array, 3)
        return tf.concat([z, r, n], 0)

    bias = tf.stack([swapped(bias_ih), swapped(bias_hh)])
    kernel = tf.transpose(swapped(weight_ih))
    return kernel, tf.transpose(swapped(weight_hh)), bias

# %% [markdown]
# **Why:** the two biases stay apart, because the reset gate multiplies only `bias_hh` of n.

# %% [markdown]
# ## The final states of a bidirectional layer
#
# Two simple RNNs without biases read `x`, one forwards and one backwards. Return their final states side by side, as
# (batch, 2 · hidden), with the forward one first. A step is h = tanh(`weight_ih` · input + `weight_hh` · h).
#
# Worked case: the features (1, 0), one unit, and all weights 1. The forward states are tanh(1) = 0.7616 and
# tanh(0.7616) = 0.6420. The backward layer reads 0 first, then 1: its states are 0 and 0.7616. The result is (0.6420,
# 0.7616).
#
# Hint 1: At which step of the sequence does the backward layer end?
#
# Hint 2: Write a function for the final state of one layer, and call it twice.
#
# Hint 3: For the second call, reverse axis 1: `x.flip(1)` in PyTorch, `tf.reverse(x, [1])` in TensorFlow.

# %%
def bidirectional_pt(
    x: torch.Tensor,
    forward_ih: torch.Tensor,
    forward_hh: torch.Tensor,
    backward_ih: torch.Tensor,
    backward_hh: torch.Tensor,
) -> torch.Tensor:
    """forward_ih, backward_ih: (hidden, features)."""
    def final(x, weight_ih, weight_hh):
        h = torch.zeros(len(x), len(weight_hh))
        for x_t in x.unbind(1):
            h = torch.tanh(x_t @ weight_ih.T + h @ weight_hh.T)
        return h

    forward = final(x, forward_ih, forward_hh)
    x = x.flip(1)
    backward = final(x, backward_ih, backward_hh)
    return torch.cat([forward, backward], 1)

# %%
def bidirectional_tf(
    x: tf.Tensor,
    forward_ih: tf.Tensor,
    forward_hh: tf.Tensor,
    backward_ih: tf.Tensor,
    backward_hh: tf.Tensor,
) -> tf.Tensor:
    def final(x, weight_ih, weight_hh):
        w, u = tf.transpose(weight_ih), tf.transpose(weight_hh)
        h = tf.zeros((x.shape[0], u.shape[0]))
        for x_t in tf.unstack(x, axis=1):
            h = tf.tanh(x_t @ w + h @ u)
        return h

    forward = final(x, forward_ih, forward_hh)
    x = tf.reverse(x, [1])
    backward = final(x, backward_ih, backward_hh)
    return tf.concat([forward, backward], 1)

# %% [markdown]
# **Why:** each layer has read the whole sequence at its own end, which is step 0 for the backward layer.

# %% [markdown]
# ## A simple RNN with a mask
#
# Return the final state of a simple RNN without biases, as (batch, hidden). A step of an example at which its `mask`
# is False leaves the state as it is. A mask may have gaps, and may be False everywhere: then the state is 0.
#
# Worked case: the features (1, 5, 0) with the mask (True, False, True), one unit, and weights of 1. The states are
# 0.7616, again 0.7616, and tanh(0.7616) = 0.6420.
#
# Hint 1: A feature of 0 still changes the state. What must happen instead?
#
# Hint 2: Compute the new state for all examples, and then choose for each example between the new and the old one.
#
# Hint 3: `torch.where(mask[:, t, None], new, h)`; in TensorFlow `tf.where` has the same arguments.

# %%
def masked_rnn_pt(
    x: torch.Tensor,
    mask: torch.Tensor,
    weight_ih: torch.Tensor,
    weight_hh: torch.Tensor,
) -> torch.Tensor:
    """x: (batch, time, features); mask: (batch, time)."""
    h = torch.zeros(len(x), len(weight_hh))
    for t in range(x.shape[1]):
        sums = x[:, t] @ weight_ih.T + h @ weight_hh.T
        new = torch.tanh(sums)
        h = torch.where(mask[:, t, None], new, h)
    return h

# %%
def masked_rnn_tf(
    x: tf.Tensor,
    mask: tf.Tensor,
    weight_ih: tf.Tensor,
    weight_hh: tf.Tensor,
) -> tf.Tensor:
    w, u = tf.transpose(weight_ih), tf.transpose(weight_hh)
    h = tf.zeros((x.shape[0], u.shape[0]))
    for t in range(x.shape[1]):
        new = tf.tanh(x[:, t] @ w + h @ u)
        h = tf.where(mask[:, t, None], new, h)
    return h

# %% [markdown]
# **Why:** the mask of a step has the shape (batch, 1), so it chooses the whole state of each example.

# %% [markdown]
# ## The last valid output
#
# From the outputs `y` of a layer, return the one at the last step where `mask` is True, for each example. A mask may
# have gaps or begin with False. For an example whose mask is False everywhere, return zeros.
#
# Worked case: one feature with the outputs (5, 6, 7). The mask (True, False, True) gives 7, the mask (False, True,
# False) gives 6, and a mask without True gives 0.
#
# Hint 1: The number of valid steps is not always the place of the last one.
#
# Hint 2: Multiply the mask by the numbers of the steps. The largest product is the place.
#
# Hint 3: `last = (mask * torch.arange(time)).argmax(1)`, then `y[torch.arange(batch), last]`. In TensorFlow,
# `tf.gather(y, last, axis=1, batch_dims=1)`.

# %%
def last_valid_pt(
    y: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """y: (batch, time, features); mask: (batch, time)."""
    last = (mask * torch.arange(mask.shape[1])).argmax(1)
    chosen = y[torch.arange(len(y)), last]
    return chosen * mask.any(1)[:, None]

# %%
def last_valid_tf(y: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    steps = tf.range(mask.shape[1])
    last = tf.argmax(tf.where(mask, steps, -1), 1)
    chosen = tf.gather(y, last, axis=1, batch_dims=1)
    some = tf.reduce_any(mask, 1)[:, None]
    return tf.where(some, chosen, 0.0)

# %% [markdown]
# **Why:** the largest number of a valid step is its place. Where no step is valid, the place is 0, and the last line
# sets the result to 0.
