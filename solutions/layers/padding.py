# %% [markdown]
# # Exercises: padding
#
# Write the five kinds of padding of [the chapter](../../chapters/layers/padding.ipynb) without a padding
# function: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell, then run
# the check below it. It tells you at once what is right and what is wrong.
#
# An answer earns a point each for its **values**, its **gradients** and its **robustness**. Robust
# means: borders of 0, a batch of one, other numbers of axes where the statement allows them, float32 in
# and out, and an input that is left as it was. With wrong values an answer earns no point at all.
#
# Every function and layer that pads is forbidden, in both frameworks and whatever it pads with. Joining,
# indexing, gathering, flipping, and writing into a larger tensor are allowed. Both frameworks get the same
# arrays: images have their **channels first**, (batch, channels, height, width), in TensorFlow, too.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the other's cells.
#
# ## Zero padding
#
# Surround images with zeros. `padding` has PyTorch's order in both frameworks: left, right, top, bottom.
#
# `x` has the shape (batch, channels, height, width). Any of the four numbers may be 0.
#
# Worked case: `padding` = (1, 2, 0, 1) makes of the rows (1, 2, 3) and (4, 5, 6) the rows
# (0, 1, 2, 3, 0, 0), (0, 4, 5, 6, 0, 0) and (0, 0, 0, 0, 0, 0).
#
# Hint 1: Pad one axis, and then the other.
#
# Hint 2: Left and right of the image stand zeros of the shape (batch, channels, height, left) and
# (batch, channels, height, right). Join the three along axis 3.
#
# Hint 3: `torch.cat([zeros, x, zeros], dim=3)`, `tf.concat([zeros, x, zeros], axis=3)`, with
# `x.new_zeros(…)` or `tf.zeros(…)`. For top and bottom along axis 2.

# %%
def zero_padding_pt(
    x: torch.Tensor, padding: tuple[int, int, int, int]
) -> torch.Tensor:
    left, right, top, bottom = padding
    n, c, h, w = x.shape
    y = x.new_zeros(n, c, top + h + bottom, left + w + right)
    y[:, :, top : top + h, left : left + w] = x
    return y

# %%
def zero_padding_tf(
    x: tf.Tensor, padding: tuple[int, int, int, int]
) -> tf.Tensor:
    left, right, top, bottom = padding
    n, c, h, w = x.shape
    x = tf.concat([tf.zeros((n, c, h, left)), x,
                   tf.zeros((n, c, h, right))], axis=3)
    w += left + right
    return tf.concat([tf.zeros((n, c, top, w)), x,
                      tf.zeros((n, c, bottom, w))], axis=2)

# %% [markdown]
# **Why:** a tensor of PyTorch can be written into, and autograd follows. A tensor of TensorFlow cannot,
# so its parts are joined.

# %% [markdown]
# ## Constant padding
#
# Put `value` into the border. `padding` has Keras's order in both frameworks: a pair for each axis behind
# the channels, in the order of the axes.
#
# `x` has the shape (batch, channels, …), with one to three axes behind the channels. The value may be
# −∞, as in front of a maximum pooling.
#
# Worked case: `padding` = ((0, 1), (1, 2)) and `value` = 7 make of the rows (1, 2, 3) and (4, 5, 6) the
# rows (7, 1, 2, 3, 7, 7), (7, 4, 5, 6, 7, 7) and (7, 7, 7, 7, 7, 7).
#
# Hint 1: One loop over the pairs, and the axis that belongs to each.
#
# Hint 2: In front of the axis goes a block that has the shape of x, except that this axis has `before`
# numbers. Fill it with the value, and join.
#
# Hint 3: `shape = list(x.shape)`, `shape[axis] = before`, then `torch.full(shape, value)` or
# `tf.fill(shape, value)`. The first pair belongs to axis 2.

# %%
def constant_padding_pt(
    x: torch.Tensor,
    padding: tuple[tuple[int, int], ...],
    value: float,
) -> torch.Tensor:
    for axis, pair in enumerate(padding, start=2):
        blocks = []
        for width in pair:
            shape = list(x.shape)
            shape[axis] = width
            blocks.append(torch.full(shape, value))
        x = torch.cat([blocks[0], x, blocks[1]], dim=axis)
    return x

# %%
def constant_padding_tf(
    x: tf.Tensor,
    padding: tuple[tuple[int, int], ...],
    value: float,
) -> tf.Tensor:
    for axis, pair in enumerate(padding, start=2):
        blocks = []
        for width in pair:
            shape = list(x.shape)
            shape[axis] = width
            blocks.append(tf.fill(shape, value))
        x = tf.concat([blocks[0], x, blocks[1]], axis=axis)
    return x

# %% [markdown]
# **Why:** each axis is padded over the whole length of those before it, so the corners get the value as
# well. A border made by multiplication would be NaN for −∞, because 0 · ∞ is no number.

# %% [markdown]
# ## Reflection padding
#
# Continue each row by its mirror image, `left` numbers in front and `right` numbers behind. The mirror
# stands on the outermost number, which is not repeated.
#
# The rows are the last axis of `x`, which may have any number of axes. `left` and `right` are smaller than
# the row is long.
#
# Worked case: with `left` = 2 and `right` = 3 the row 1, 2, 3, 4, 5 becomes
# 3, 2, 1, 2, 3, 4, 5, 4, 3, 2.
#
# Hint 1: Which place of the row does each number of the result come from? Write the places down.
#
# Hint 2: The places are −2, −1, 0, 1, … up to n + 2, folded: $|j|$ in front, and $2(n - 1) - j$ behind.
#
# Hint 3: `n - 1 - abs(n - 1 - abs(j))` folds both ends. Then `x[..., places]`, or
# `tf.gather(x, places, axis=-1)`.

# %%
def reflection_padding_pt(
    x: torch.Tensor, left: int, right: int
) -> torch.Tensor:
    last = x.shape[-1] - 1
    places = torch.arange(-left, last + 1 + right)
    return x[..., last - (last - places.abs()).abs()]

# %%
def reflection_padding_tf(
    x: tf.Tensor, left: int, right: int
) -> tf.Tensor:
    last = x.shape[-1] - 1
    places = tf.range(-left, last + 1 + right)
    places = last - tf.abs(last - tf.abs(places))
    return tf.gather(x, places, axis=-1)

# %% [markdown]
# **Why:** every padding but the constant ones only picks numbers, and an index says which. Gradients come
# back along the same index, and those of the copies add up.

# %% [markdown]
# ## Replication padding
#
# Surround images with copies of their edges: each number of the border is the nearest one of the image.
# `padding` has PyTorch's order in both frameworks: left, right, top, bottom.
#
# `x` has the shape (batch, channels, height, width). A border may be wider than the image.
#
# Worked case: `padding` = (1, 2, 0, 1) makes of the rows (1, 2, 3) and (4, 5, 6) the rows
# (1, 1, 2, 3, 3, 3), (4, 4, 5, 6, 6, 6) and (4, 4, 5, 6, 6, 6).
#
# Hint 1: One list of places for the rows of the image, and one for its columns.
#
# Hint 2: The places −left, …, n − 1 + right, clipped to 0 … n − 1.
#
# Hint 3: `torch.arange(-left, w + right).clamp(0, w - 1)`, and
# `tf.clip_by_value(tf.range(-left, w + right), 0, w - 1)`. Index axis 3 by it; likewise axis 2.

# %%
def replication_padding_pt(
    x: torch.Tensor, padding: tuple[int, int, int, int]
) -> torch.Tensor:
    left, right, top, bottom = padding
    h, w = x.shape[2:]
    rows = torch.arange(-top, h + bottom).clamp(0, h - 1)
    columns = torch.arange(-left, w + right).clamp(0, w - 1)
    return x[:, :, rows][..., columns]

# %%
def replication_padding_tf(
    x: tf.Tensor, padding: tuple[int, int, int, int]
) -> tf.Tensor:
    left, right, top, bottom = padding
    h, w = x.shape[2:]
    rows = tf.range(-top, h + bottom)
    rows = tf.clip_by_value(rows, 0, h - 1)
    columns = tf.range(-left, w + right)
    columns = tf.clip_by_value(columns, 0, w - 1)
    x = tf.gather(x, rows, axis=2)
    return tf.gather(x, columns, axis=3)

# %% [markdown]
# **Why:** clipping a place to the image finds the nearest one in it. The corners come right by themselves,
# because rows and columns are clipped independently.

# %% [markdown]
# ## Harder: the gradient of replication padding
#
# Rows of length n were padded by `left` copies of the first number and `right` copies of the last.
# `gradient` is the gradient of the result, with left + n + right numbers along the last axis. Return the
# gradient of the rows, with n numbers, without the framework's autograd.
#
# `gradient` may have any number of axes, and n is at least 2.
#
# Worked case: with `left` = 2 and `right` = 1 the gradients 1, 2, 3, 4, 5, 6, 7 become 6, 4, 5, 13: the
# first number was copied to three places, and the last one to two.
#
# Hint 1: To which places was the first number copied, its own place included?
#
# Hint 2: The middle stays as it is. The first number gets the sum of the left border added, the last one
# the sum of the right border.
#
# Hint 3: Join three parts: the sum of the first left + 1 gradients, the middle without its two ends, and
# the sum of the last right + 1. `sum(-1, keepdim=True)`, `tf.reduce_sum(…, -1, keepdims=True)`.

# %%
def replication_gradient_pt(
    gradient: torch.Tensor, left: int, right: int
) -> torch.Tensor:
    last = gradient.shape[-1] - 1 - right
    first_sum = gradient[..., : left + 1].sum(-1, keepdim=True)
    last_sum = gradient[..., last:].sum(-1, keepdim=True)
    inner = gradient[..., left + 1 : last]
    return torch.cat([first_sum, inner, last_sum], dim=-1)

# %%
def replication_gradient_tf(
    gradient: tf.Tensor, left: int, right: int
) -> tf.Tensor:
    last = gradient.shape[-1] - 1 - right
    begin, end = gradient[..., : left + 1], gradient[..., last:]
    first_sum = tf.reduce_sum(begin, -1, keepdims=True)
    last_sum = tf.reduce_sum(end, -1, keepdims=True)
    inner = gradient[..., left + 1 : last]
    return tf.concat([first_sum, inner, last_sum], axis=-1)

# %% [markdown]
# **Why:** a number that was copied to k places changes the loss at k places, so it collects k gradients.
# In the words of matrices: the gradient is multiplied by the transposed matrix of the padding.

# %% [markdown]
# ## Circular padding
#
# Continue each row around the circle: in front stand its last `left` numbers, behind it its first `right`.
#
# The rows are the last axis of `x`, which may have any number of axes. `left` and `right` are at most as
# large as the row is long, and may be 0.
#
# Worked case: with `left` = 2 and `right` = 3 the row 1, 2, 3, 4, 5 becomes
# 4, 5, 1, 2, 3, 4, 5, 1, 2, 3.
#
# Hint 1: Joined from slices it is one line, until `left` is 0. What is `x[..., -0:]`?
#
# Hint 2: As an index: the places −left, …, n − 1 + right, modulo n.
#
# Hint 3: `torch.arange(-left, n + right) % n`, `tf.range(-left, n + right) % n`.

# %%
def circular_padding_pt(
    x: torch.Tensor, left: int, right: int
) -> torch.Tensor:
    n = x.shape[-1]
    return x[..., torch.arange(-left, n + right) % n]

# %%
def circular_padding_tf(
    x: tf.Tensor, left: int, right: int
) -> tf.Tensor:
    n = x.shape[-1]
    places = tf.range(-left, n + right) % n
    return tf.gather(x, places, axis=-1)

# %% [markdown]
# **Why:** the remainder of a negative number is not negative in Python, PyTorch and TensorFlow: −1 mod 5
# is 4, the last place. This goes around as often as you ask.
