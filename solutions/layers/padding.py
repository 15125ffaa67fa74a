# %% [markdown]
# # Exercises: padding
#
# Write the five kinds of padding of [the chapter](../../chapters/layers/padding.ipynb) without a padding
# function: in PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then
# run the check below it. The check tells you immediately what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. Robust means:
# the answer works for borders of 0, for a batch of one, and for other numbers of axes if the statement allows
# them. It returns float32 for float32, and does not change its input. With wrong values an answer earns no
# point.
#
# All functions and layers that pad are forbidden, in both frameworks and for all kinds of padding.
# Concatenation, indexing, gathering, flipping, and writing into a larger tensor are allowed. In both
# frameworks, also in TensorFlow, the images have their **channels first**: (batch, channels, height, width).

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Zero padding
#
# Add a border of zeros to images. `padding` has PyTorch's order in both frameworks: left, right, top, bottom.
#
# `x` has the shape (batch, channels, height, width). Each of the four numbers may be 0.
#
# Worked case: with `padding` = (1, 2, 0, 1) the rows (1, 2, 3) and (4, 5, 6) become the rows (0, 1, 2, 3, 0,
# 0), (0, 4, 5, 6, 0, 0) and (0, 0, 0, 0, 0, 0).
#
# Hint 1: Pad one axis first, and then the other.
#
# Hint 2: On the left you need zeros of the shape (batch, channels, height, left), and on the right zeros of
# the shape (batch, channels, height, right). Concatenate left, `x` and right along axis 3.
#
# Hint 3: `torch.cat([zeros, x, zeros], dim=3)`, `tf.concat([zeros, x, zeros], axis=3)`, with `x.new_zeros(…)`
# or `tf.zeros(…)`. Do the same for top and bottom along axis 2.

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
# **Why:** you can write into a PyTorch tensor, and autograd records it. You cannot write into a TensorFlow
# tensor, so this answer concatenates its parts.

# %% [markdown]
# ## Constant padding
#
# Fill the border with `value`. `padding` has Keras's order in both frameworks: a pair for each axis after the
# channels, in the order of the axes.
#
# `x` has the shape (batch, channels, …), with one to three axes after the channels. The value may be −∞, as
# before max pooling.
#
# Worked case: with `padding` = ((0, 1), (1, 2)) and `value` = 7, the rows (1, 2, 3) and (4, 5, 6) become the
# rows (7, 1, 2, 3, 7, 7), (7, 4, 5, 6, 7, 7) and (7, 7, 7, 7, 7, 7).
#
# Hint 1: Write a loop over the pairs. Which axis belongs to each pair?
#
# Hint 2: For the pair (before, after) of an axis, make a block that has the shape of `x`, but only `before`
# numbers along this axis. Fill the block with the value, make a second block with `after` numbers, and
# concatenate.
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
# **Why:** the second axis is padded after the first, so its blocks also contain the corners. A mask of zeros
# and ones, multiplied by the value, is no solution for −∞: 0 · ∞ is NaN.

# %% [markdown]
# ## Reflection padding
#
# Add the mirror image to each row: `left` numbers before the row and `right` numbers after it. The mirror is
# at the outermost number, which is not repeated.
#
# The rows are along the last axis of `x`, and `x` may have any number of axes. `left` and `right` are smaller
# than the length of the row.
#
# Worked case: with `left` = 2 and `right` = 3 the row 1, 2, 3, 4, 5 becomes 3, 2, 1, 2, 3, 4, 5, 4, 3, 2.
#
# Hint 1: From which place of the row does each number of the result come? Write down the places.
#
# Hint 2: Start from the places $j$ = −left, …, n − 1 + right. A place before the row becomes $|j|$, and a
# place after the row becomes $2(n - 1) - j$.
#
# Hint 3: `n - 1 - abs(n - 1 - abs(j))` does both. Then `x[..., places]`, or `tf.gather(x, places, axis=-1)`.

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
# **Why:** every padding except the constant ones only selects numbers of its input, by an index. The
# gradients go back along the same index, and the gradients of the copies are added.

# %% [markdown]
# ## Replication padding
#
# Add a border to images in which each number is a copy of the nearest number of the image. `padding` has
# PyTorch's order in both frameworks: left, right, top, bottom.
#
# `x` has the shape (batch, channels, height, width). A border may be larger than the image.
#
# Worked case: with `padding` = (1, 2, 0, 1) the rows (1, 2, 3) and (4, 5, 6) become the rows (1, 1, 2, 3, 3,
# 3), (4, 4, 5, 6, 6, 6) and (4, 4, 5, 6, 6, 6).
#
# Hint 1: Make one list of places for the rows of the image, and one for its columns.
#
# Hint 2: The places are −left, …, n − 1 + right, clipped to 0 … n − 1.
#
# Hint 3: `torch.arange(-left, w + right).clamp(0, w - 1)`, and
# `tf.clip_by_value(tf.range(-left, w + right), 0, w - 1)`. Use this as the index of axis 3, and do the same
# for axis 2.

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
# **Why:** a place that is clipped to 0 … n − 1 is the nearest place in the image. Rows and columns are
# clipped separately, so the corners of the border are copies of the image's corners.

# %% [markdown]
# ## Harder: the gradient of replication padding
#
# Rows of length n were padded with `left` copies of the first number and `right` copies of the last number.
# `gradient` is the gradient of the result, with left + n + right numbers along the last axis. Return the
# gradient of the rows, with n numbers. Do not use autograd or a tape.
#
# `gradient` may have any number of axes, and n may be 1.
#
# Worked case: with `left` = 2 and `right` = 1 the gradients 1, 2, 3, 4, 5, 6, 7 become 6, 4, 5, 13. The first
# number is in three places of the result, and the last number in two places.
#
# Hint 1: In which places of the result is the first number? Count also its own place.
#
# Hint 2: The middle of the gradient does not change. Add the sum of the left border to the gradient of the
# first number, and the sum of the right border to the gradient of the last number.
#
# Hint 3: Cut out the middle, `gradient[..., left : left + n]`. In PyTorch add the two sums to its places 0 and
# −1 of a clone. In TensorFlow multiply each sum by `tf.one_hot(place, n)` and add it.

# %%
def replication_gradient_pt(
    gradient: torch.Tensor, left: int, right: int
) -> torch.Tensor:
    n = gradient.shape[-1] - left - right
    result = gradient[..., left : left + n].clone()
    result[..., 0] += gradient[..., :left].sum(-1)
    result[..., -1] += gradient[..., left + n :].sum(-1)
    return result

# %%
def replication_gradient_tf(
    gradient: tf.Tensor, left: int, right: int
) -> tf.Tensor:
    n = gradient.shape[-1] - left - right
    begin, end = gradient[..., :left], gradient[..., left + n :]
    begin = tf.reduce_sum(begin, -1, keepdims=True)
    end = tf.reduce_sum(end, -1, keepdims=True)
    first, last = tf.one_hot(0, n), tf.one_hot(n - 1, n)
    middle = gradient[..., left : left + n]
    return middle + begin * first + end * last

# %% [markdown]
# **Why:** a number that is in k places of the result changes the loss in k places, so its gradient is the sum
# of k gradients. The same with matrices: the gradient is multiplied by the transpose of the padding's matrix.

# %% [markdown]
# ## Circular padding
#
# Continue each row around the circle: add its last `left` numbers before the row, and its first `right`
# numbers after it.
#
# The rows are along the last axis of `x`, and `x` may have any number of axes. `left` and `right` are not
# larger than the length of the row, and may be 0.
#
# Worked case: with `left` = 2 and `right` = 3 the row 1, 2, 3, 4, 5 becomes 4, 5, 1, 2, 3, 4, 5, 1, 2, 3.
#
# Hint 1: You can concatenate three slices, but not if `left` is 0. What is `x[..., -0:]`?
#
# Hint 2: Use an index: the places −left, …, n − 1 + right, modulo n.
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
# **Why:** in Python, PyTorch and TensorFlow, the remainder of a negative number is not negative: −1 mod 5 is
# 4, the last place. This answer has no limit for the size of the border.
