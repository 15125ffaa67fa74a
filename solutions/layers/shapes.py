# %% [markdown]
# # Exercises: shapes
#
# Write the layers of [the chapter](../../chapters/layers/shapes.ipynb) yourself, and undo some of them: in
# PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check
# below it. The check tells you immediately what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. Robust means:
# the answer works for a batch of one, for axes of size 1, and for other numbers of axes if the statement
# allows them. It returns float32 for float32, and does not change its input. With wrong values an answer
# earns no point.
#
# Reshape, permute, transpose, slices, stacking and broadcasting are allowed in all exercises. The layers
# RepeatVector, Cropping and CenterCrop are forbidden, and so are functions that pad. Flatten is forbidden
# only in the first exercise. In both frameworks, also in TensorFlow, the images have their **channels
# first**: (batch, channels, height, width).

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## Flatten
#
# Flatten an array that has its channels first. Return the features in Keras's order: the order that Keras's
# Flatten returns for the same array with its channels last. Do not use Flatten, in either framework.
#
# The input has the shape (batch, channels, …), with any number of axes after the channels. The output has the
# shape (batch, features).
#
# Worked case: two channels with the rows (1, 2, 3, 4) and (5, 6, 7, 8) become 1, 5, 2, 6, 3, 7, 4, 8.
#
# Hint 1: The last axis changes fastest. Which axis must be the last?
#
# Hint 2: Move the channels to the end, and keep the order of the other axes. Then join all axes except the
# batch.
#
# Hint 3: `torch.movedim(x, …, …)`, or `tf.transpose(x, …)` with the axes 0, 2, 3 … and then 1. Then reshape
# to (batch, −1).

# %%
def flatten_pt(x: torch.Tensor) -> torch.Tensor:
    return torch.movedim(x, 1, -1).reshape(x.shape[0], -1)

# %%
def flatten_tf(x: tf.Tensor) -> tf.Tensor:
    last = [0, *range(2, x.ndim), 1][: x.ndim]
    return tf.reshape(tf.transpose(x, last), (x.shape[0], -1))

# %% [markdown]
# **Why:** a reshape keeps the order of the numbers, so first put the axes into the right order. If you
# exchanged axis 1 with the last axis, the height and the width would change their order, too.

# %% [markdown]
# ## The kernel after a Flatten
#
# A PyTorch network ends with `Flatten` and `Linear`. Compute the `kernel` that a Dense layer after Keras's
# Flatten needs, from the `weight` of the Linear layer.
#
# `weight` has the shape (out, channels · height · width). The kernel has the shape (height · width ·
# channels, out). `flatten` and `unflatten` are allowed.
#
# Worked case: for 2 channels of 1 × 4 pixels, the weight (1, 2, 3, 4, 5, 6, 7, 8) of one output becomes a
# kernel with the rows 1, 5, 2, 6, 3, 7, 4, 8.
#
# Hint 1: Each column of `weight` is multiplied by one number of the image. Which number is it, and what is
# the order of the columns?
#
# Hint 2: Reshape the weight to (out, channels, height, width), permute it to (out, height, width, channels),
# and join the last three axes.
#
# Hint 3: `weight.reshape(…).permute(0, 2, 3, 1).reshape(…).T`. In TensorFlow, permute with (2, 3, 1, 0): then
# you need no transpose at the end.

# %%
def dense_behind_flatten_pt(
    weight: torch.Tensor, channels: int, height: int, width: int
) -> torch.Tensor:
    apart = weight.reshape(-1, channels, height, width)
    apart = apart.permute(0, 2, 3, 1)  # (out, H, W, C)
    return apart.reshape(len(weight), -1).T

# %%
def dense_behind_flatten_tf(
    weight: tf.Tensor, channels: int, height: int, width: int
) -> tf.Tensor:
    apart = tf.reshape(weight, (-1, channels, height, width))
    apart = tf.transpose(apart, (2, 3, 1, 0))  # (H, W, C, out)
    return tf.reshape(apart, (-1, weight.shape[0]))

# %% [markdown]
# **Why:** the weights must have the same order as the numbers that they are multiplied by. The axis of the
# outputs is not part of the image, so it is never split.

# %% [markdown]
# ## Unflatten
#
# Reshape features from Keras's Flatten to images with their channels first.
#
# `x` has the shape (batch, height · width · channels), and the features are in Keras's order. The output has
# the shape (batch, channels, height, width). `flatten` and `unflatten` are allowed.
#
# Worked case: for 2 channels of 1 × 3 pixels, the features 1, 2, 3, 4, 5, 6 become the channel (1, 3, 5) and
# the channel (2, 4, 6).
#
# Hint 1: A reshape to the shape of the output gives no error. But what is then the second number of the first
# channel?
#
# Hint 2: First reshape to the axes in the order of the features: height, width, channels. Then permute.
#
# Hint 3: `x.reshape(-1, height, width, channels).permute(0, 3, …, …)`, and
# `tf.transpose(tf.reshape(x, …), (0, 3, …, …))`.

# %%
def unflatten_pt(
    x: torch.Tensor, channels: int, height: int, width: int
) -> torch.Tensor:
    image = x.reshape(-1, height, width, channels)
    return image.permute(0, 3, 1, 2)

# %%
def unflatten_tf(
    x: tf.Tensor, channels: int, height: int, width: int
) -> tf.Tensor:
    image = tf.reshape(x, (-1, height, width, channels))
    return tf.transpose(image, (0, 3, 1, 2))

# %% [markdown]
# **Why:** undo the steps of Flatten in the opposite order. Flatten moved the channels to the end, and then
# joined the axes. So first split the axes, and then move the channels back.

# %% [markdown]
# ## Undo a Permute
#
# `y` is the output of Keras's `Permute(dims)`. Return the input.
#
# `dims` is a tuple such as (2, 3, 1): axis $n$ of `y` is axis `dims[n - 1]` of the input. The axes count from
# 1, because axis 0, the batch, does not move.
#
# Worked case: for `dims` = (2, 3, 1) and `y` of the shape (1, 3, 1, 2), the result has the shape (1, 2, 3,
# 1).
#
# Hint 1: A second permutation with the same `dims` works if `dims` only exchanges two axes. Try (2, 3, 1) on
# paper.
#
# Hint 2: Find the place of 1 in `dims`: there, `y` has axis 1 of the input. Which function returns the places
# of 1, 2, 3 … in `dims`?
#
# Hint 3: Put a 0 for the batch before `dims`, then `order = [places.index(i) for i in …]`, or argsort.

# %%
def unpermute_pt(
    y: torch.Tensor, dims: tuple[int, ...]
) -> torch.Tensor:
    places = (0, *dims)
    order = [places.index(axis) for axis in range(y.ndim)]
    return y.permute(order)

# %%
def unpermute_tf(
    y: tf.Tensor, dims: tuple[int, ...]
) -> tf.Tensor:
    places = (0, *dims)
    order = [places.index(axis) for axis in range(y.ndim)]
    return tf.transpose(y, order)

# %% [markdown]
# **Why:** a permutation gives the axis for each place. Its inverse gives the place for each axis.

# %% [markdown]
# ## Repeat vector
#
# Copy the vector of each example `n` times: (batch, features) becomes (batch, n, features).
#
# Worked case: with `n` = 3 the batch of one example (1, 2) becomes one example with the rows (1, 2), (1, 2)
# and (1, 2). If the gradients of the first number are 10, 20 and 30 in the three rows, their sum, 60, is the
# gradient of the input's first number.
#
# Hint 1: The copies need a new axis, between the batch and the features.
#
# Hint 2: Add an axis of size 1. Then multiply by ones whose size along this axis is `n`: broadcasting makes
# the copies.
#
# Hint 3: `x[:, None, :]` has the shape (batch, 1, features). Multiply it by ones of the shape (n, 1).

# %%
def repeat_vector_pt(x: torch.Tensor, n: int) -> torch.Tensor:
    return x[:, None, :] * torch.ones(n, 1)

# %%
def repeat_vector_tf(x: tf.Tensor, n: int) -> tf.Tensor:
    return x[:, None, :] * tf.ones((n, 1))

# %% [markdown]
# **Why:** broadcasting copies along axes of size 1. In the backward pass, both frameworks sum the gradients
# along these axes, which is the sum over the copies.

# %% [markdown]
# ## Cropping
#
# Remove the border of an array that has its channels first.
#
# `x` has the shape (batch, channels, …), with one to three axes after the channels. `cropping` is a tuple
# with a pair for each of these axes, in their order. The first number of a pair says how many numbers are
# removed at the beginning of the axis, and the second number how many at its end. All numbers may be 0.
#
# Worked case: from the 3 × 3 numbers 1 to 9, `cropping` = ((1, 0), (0, 2)) keeps 4 and 7.
#
# Hint 1: Use a slice for each axis. Where must the slice stop if nothing is removed at the end?
#
# Hint 2: For the pair (a, b) and an axis of size `size`, the slice is `a : size - b`.
#
# Hint 3: Build a tuple of slices: `slice(None)` for the batch and for the channels, then `slice(a, size - b)`
# for each pair. Use this tuple as the index of `x`.

# %%
def cropping_pt(
    x: torch.Tensor, cropping: tuple[tuple[int, int], ...]
) -> torch.Tensor:
    slices = [slice(None), slice(None)]
    for axis, (a, b) in enumerate(cropping, start=2):
        slices.append(slice(a, x.shape[axis] - b))
    return x[tuple(slices)]

# %%
def cropping_tf(
    x: tf.Tensor, cropping: tuple[tuple[int, int], ...]
) -> tf.Tensor:
    slices = [slice(None), slice(None)]
    for axis, (a, b) in enumerate(cropping, start=2):
        slices.append(slice(a, x.shape[axis] - b))
    return x[tuple(slices)]

# %% [markdown]
# **Why:** with b = 0, the slice `a : -b` is empty. −0 is 0, the beginning of the axis.

# %% [markdown]
# ## Harder: center crop
#
# Cut the middle from images with their channels first. The result has `height` rows and `width` columns. If
# the number of rows to remove is odd, remove one more at the end than at the beginning. The same is true for
# columns. The images are at least as large as the result.
#
# Worked case: the center crop of 1 × 3 from the rows (1, 2, 3, 4) and (5, 6, 7, 8) is (1, 2, 3).
#
# Hint 1: How many rows must you remove in total, and how many of them at the top?
#
# Hint 2: The first row is `(size - height) // 2`. Compute the end of the slice from the first row.
#
# Hint 3: `x[:, :, top : top + height, left : left + width]`.

# %%
def center_crop_pt(
    x: torch.Tensor, height: int, width: int
) -> torch.Tensor:
    top = (x.shape[2] - height) // 2
    left = (x.shape[3] - width) // 2
    return x[:, :, top : top + height, left : left + width]

# %%
def center_crop_tf(
    x: tf.Tensor, height: int, width: int
) -> tf.Tensor:
    top = (x.shape[2] - height) // 2
    left = (x.shape[3] - width) // 2
    return x[:, :, top : top + height, left : left + width]

# %% [markdown]
# **Why:** `//` rounds down, so the smaller half is removed at the beginning. `round` is wrong here: it rounds
# a half to the nearest even number, sometimes down and sometimes up.
