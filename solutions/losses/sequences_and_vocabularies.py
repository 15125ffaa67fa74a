# %% [markdown]
# # Exercises: losses for sequences and large vocabularies
#
# Write the losses of [the chapter](../../chapters/losses/sequences_and_vocabularies.ipynb) yourself: in PyTorch,
# in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it.
# The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# accepts other shapes and extreme numbers, returns float32 for float32, and does not change its inputs. With
# wrong values it earns no points. You may use log-softmax and cross-entropy, but not the functions that the
# chapter is about.
#
# Note the order of the arguments: (prediction, target) in PyTorch, (target, prediction) in TensorFlow.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Explain it: a greedy decoder for CTC
#
# Return the label of one sequence: take the best class of each frame, merge equal neighbours, then remove the
# blanks. The blank is class 0. The label has as many numbers as are left, so it may be empty.
#
# Worked case: the best classes (0, 2, 2, 0, 2, 1, 1) become (2, 2, 1).
#
# Hint 1: In which order do you merge and remove? Try both on (2, 0, 2).
#
# Hint 2: A class of the best path stays if it is not 0, and not equal to the class before it.
#
# Hint 3: `torch.unique_consecutive(best)`; in TensorFlow compare `best[1:]` with `best[:-1]`, and use
# `tf.boolean_mask`.

# %%
def greedy_decode_pt(frames: torch.Tensor) -> torch.Tensor:
    """frames: (T, C), log-probabilities; returns (L,),
    integers."""
    best = torch.unique_consecutive(frames.argmax(-1))
    return best[best != 0]

# %%
def greedy_decode_tf(frames: tf.Tensor) -> tf.Tensor:
    """frames: (T, C), log-probabilities; returns (L,),
    integers."""
    best = tf.argmax(frames, -1)
    before = tf.concat([[-1], best[:-1]], 0)
    return tf.boolean_mask(best, (best != before) & (best != 0))

# %% [markdown]
# **Why:** the blank between two equal letters keeps them apart, so it must still be there when neighbours are
# merged.

# %% [markdown]
# ## Compute it: the CTC loss of one sequence
#
# Return the negative logarithm of the probability of the label. `z` are logits of shape (frames, classes); class 0
# is the blank. The label has no padding and may be empty. There are always enough frames. `F.ctc_loss` and the
# functions of TensorFlow are not allowed.
#
# Trying all paths takes too long. The *forward algorithm* has a state for each letter and for each blank around
# the letters: (1, 2) has the states (0, 1, 0, 2, 0). Each path goes through the states from left to right.
# `chance[s]` is the total probability of all paths that have reached state `s` in the current frame. In the next
# frame it becomes `(chance[s] + chance[s - 1] + chance[s - 2]) * p[t, states[s]]`. Leave out the term
# `chance[s - 2]` if state `s` is a blank, or the same letter as state `s - 2`. A path starts in one of the first two
# states, and ends in one of the last two.
#
# Worked case: the five frames of the chapter and the label (1, 2) have the loss 1.4941.
#
# Hint 1: Which states can be reached in the first frame?
#
# Hint 2: Keep a list of numbers, and make the list of the next frame from it. Compute the new list from the old
# one, and not from itself.
#
# Hint 3: `states = [0]`, then `states += [k, 0]` for each letter `k`; the new chance of `s` is the sum of the old
# ones that exist, times `p[t, states[s]]`.

# %%
def ctc_pt(
    z: torch.Tensor, label: torch.Tensor
) -> torch.Tensor:
    """z: (T, C), logits; label: (L,), integers; returns a
    scalar."""
    p, states = torch.softmax(z, -1), [0]
    for k in label.tolist():
        states += [k, 0]
    zero = torch.zeros_like(p[0, 0])
    chance = [p[0, k] for k in states[:2]]
    chance += [zero] * (len(states) - 2)
    for row in p[1:]:
        old = [zero, zero, *chance]  # old[s + 2] is chance[s]
        for s, k in enumerate(states):
            total = old[s + 2] + old[s + 1]
            if k != 0 and s > 1 and k != states[s - 2]:
                total = total + old[s]
            chance[s] = total * row[k]
    return -torch.log(sum(chance[-2:]))

# %%
def ctc_tf(label: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
    """label: (L,), integers; z: (T, C), logits; returns a
    scalar."""
    p, states = tf.nn.softmax(z, -1), [0]
    for k in label.numpy().tolist():
        states += [k, 0]
    zero = tf.zeros_like(p[0, 0])
    chance = [p[0, k] for k in states[:2]]
    chance += [zero] * (len(states) - 2)
    for t in range(1, p.shape[0]):
        old = [zero, zero, *chance]  # old[s + 2] is chance[s]
        for s, k in enumerate(states):
            total = old[s + 2] + old[s + 1]
            if k != 0 and s > 1 and k != states[s - 2]:
                total = total + old[s]
            chance[s] = total * p[t, k]
    return -tf.math.log(sum(chance[-2:]))

# %% [markdown]
# **Why:** paths that are in the same state in one frame continue in the same ways, so one sum for each state is
# enough.

# %% [markdown]
# ## Adaptive log-softmax with one cluster
#
# Return the loss of each example, the negative log-probability of its class. The first `n` classes are frequent.
# `head` has `n` rows for them, and one more row for the cluster of all other classes. Within the cluster, the
# logits are `up @ (down @ h)`. The first row of `up` is class `n`. Head and cluster each have a softmax of their
# own.
#
# Worked case: with the head logits (1, 0, 2) and the cluster logits (1, 3), class 0 has the loss 1.4076. Class 2,
# the first of the cluster, has 0.4076 + 2.1269 = 2.5346.
#
# Hint 1: The probability of a rare class is the product of two probabilities. What is its logarithm?
#
# Hint 2: Compute both log-softmaxes, add the last column of the head to the cluster, and join the two tables.
#
# Hint 3: `torch.cat([first[:, :n], first[:, n:] + tail], 1)`, then choose the column `y` of each row.

# %%
def adaptive_log_softmax_pt(
    h: torch.Tensor,
    y: torch.Tensor,
    head: torch.Tensor,
    down: torch.Tensor,
    up: torch.Tensor,
) -> torch.Tensor:
    """h: (N, features), y: (N,), integers, head: (n + 1,
    features), down: (hidden, features), up: (rare, hidden);
    returns (N,)."""
    n = len(head) - 1
    first = torch.log_softmax(h @ head.T, -1)
    tail = torch.log_softmax(h @ down.T @ up.T, -1)
    table = torch.cat([first[:, :n], first[:, n:] + tail], 1)
    return -table.gather(1, y[:, None])[:, 0]

# %%
def adaptive_log_softmax_tf(
    y: tf.Tensor,
    h: tf.Tensor,
    head: tf.Tensor,
    down: tf.Tensor,
    up: tf.Tensor,
) -> tf.Tensor:
    """y: (N,), integers, h: (N, features), head: (n + 1,
    features), down: (hidden, features), up: (rare, hidden);
    returns (N,)."""
    n = head.shape[0] - 1
    first = tf.nn.log_softmax(h @ tf.transpose(head))
    tail = tf.nn.log_softmax(h @ tf.transpose(up @ down))
    table = tf.concat([first[:, :n], first[:, n:] + tail], 1)
    return -tf.gather(table, y, batch_dims=1)

# %% [markdown]
# **Why:** the probability of a rare class is that of its cluster times that of the class in the cluster, and the
# logarithm of a product is a sum.

# %% [markdown]
# ## Break it: sampled softmax without counting a hit twice
#
# Return the sampled softmax of each example. The logits are `h @ weight.T`. Subtract from each logit the
# logarithm of the expected count of its class, also from the logit of the target. The loss is the negative
# log-softmax of the target among the target and the candidates. A candidate that is the target of an example must
# not be counted for this example.
#
# Worked case: the logits of three classes are (0, 1, 2), the expected counts are (0.5, 0.5, 0.25), the target is
# class 0, and the candidates are 1 and 0. The corrected logits of target and candidate 1 are 0.6931 and 1.6931,
# candidate 0 is a hit, and the loss is log(1 + e) = 1.3133.
#
# Hint 1: What does the softmax do with a logit of −∞?
#
# Hint 2: `candidates == y[:, None]` is a table that is true where a candidate is the target.
#
# Hint 3: `s[:, candidates].masked_fill(candidates == y[:, None], -torch.inf)`; join it with the column of the
# targets, and take the log-softmax.

# %%
def sampled_softmax_pt(
    h: torch.Tensor,
    y: torch.Tensor,
    weight: torch.Tensor,
    candidates: torch.Tensor,
    expected: torch.Tensor,
) -> torch.Tensor:
    """h: (N, features), y: (N,), weight: (C, features),
    candidates: (S,), expected: (C,); returns (N,)."""
    s = h @ weight.T - torch.log(expected)
    hit = candidates == y[:, None]
    s_j = s[:, candidates].masked_fill(hit, -torch.inf)
    both = torch.cat([s.gather(1, y[:, None]), s_j], 1)
    return -torch.log_softmax(both, 1)[:, 0]

# %%
def sampled_softmax_tf(
    y: tf.Tensor,
    h: tf.Tensor,
    weight: tf.Tensor,
    candidates: tf.Tensor,
    expected: tf.Tensor,
) -> tf.Tensor:
    """y: (N,), h: (N, features), weight: (C, features),
    candidates: (S,), expected: (C,); returns (N,)."""
    s = h @ tf.transpose(weight) - tf.math.log(expected)
    s_y = tf.gather(s, y, batch_dims=1)[:, None]
    s_j = tf.gather(s, candidates, axis=1)
    hit = candidates == y[:, None]
    s_j = tf.where(hit, -float("inf"), s_j)
    return -tf.nn.log_softmax(tf.concat([s_y, s_j], 1))[:, 0]

# %% [markdown]
# **Why:** the exponential of −∞ is 0, so a hit adds nothing to the sum.

# %% [markdown]
# ## Repair it: a cross-entropy in chunks
#
# The mean of the chunks' means is wrong if the last chunk is smaller. Return the mean cross-entropy of all tokens
# and its gradient with respect to `h`, both computed from `chunk` tokens at a time. The logits are `h @ weight.T`.
# Write the gradient as a formula, without autograd or tape.
#
# Worked case: for the logits (0, 1), (1, 0) and (0, 0) and the classes 1, 1 and 0 the losses are 0.3133, 1.3133
# and 0.6931, and their mean is 0.7732. In chunks of 2 the mean of the means is 0.7532, which is wrong.
#
# Hint 1: Divide by the number of tokens once, at the end. What do you add for each chunk?
#
# Hint 2: The gradient of the sum with respect to the logits is the softmax, minus 1 at the target. Multiply it by
# the weight.
#
# Hint 3: `p = torch.softmax(h_i @ weight.T, -1)`, `p[range(len(y_i)), y_i] -= 1`, `dh = p @ weight / len(y)`.

# %%
def linear_cross_entropy_pt(
    h: torch.Tensor,
    y: torch.Tensor,
    weight: torch.Tensor,
    chunk: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """h: (N, features), y: (N,), weight: (C, features);
    returns the loss and the gradient of h."""
    total, dh = 0, []
    for i in range(0, len(y), chunk):
        z = h[i : i + chunk] @ weight.T
        log_p = torch.log_softmax(z, -1)
        target = torch.eye(len(weight))[y[i : i + chunk]]
        total = total - (target * log_p).sum()
        dh.append((log_p.exp() - target) @ weight)
    return total / len(y), torch.cat(dh) / len(y)

# %%
def linear_cross_entropy_tf(
    y: tf.Tensor, h: tf.Tensor, weight: tf.Tensor, chunk: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """y: (N,), h: (N, features), weight: (C, features);
    returns the loss and the gradient of h."""
    total, dh = 0.0, []
    for i in range(0, len(y), chunk):
        z = h[i : i + chunk] @ tf.transpose(weight)
        log_p = tf.nn.log_softmax(z)
        target = tf.one_hot(y[i : i + chunk], len(weight))
        total -= tf.reduce_sum(target * log_p)
        dh.append((tf.exp(log_p) - target) @ weight)
    return total / len(y), tf.concat(dh, 0) / len(y)

# %% [markdown]
# **Why:** a sum of sums does not depend on the sizes of the chunks, and the logits of only one chunk exist at a
# time.
