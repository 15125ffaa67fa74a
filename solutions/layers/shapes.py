# %% [markdown]
# # Exercises: shapes
#
# Write what the layers of [the chapter](../../chapters/layers/shapes.ipynb) do, and undo it: in PyTorch,
# in TensorFlow, or in both. Replace the line that raises, run the cell, then run the check below it. It
# tells you at once what is right and what is wrong.
#
# An answer earns a point each for its **values**, its **gradients** and its **robustness**. Robust
# means: a batch of one, sizes of 1, other numbers of axes where the statement allows them, float32 in
# and out, and an input that is left as it was. With wrong values an answer earns no point at all.
#
# Reshape, permute and transpose are allowed everywhere, and so are slices, stacking and broadcasting.
# The layers RepeatVector, Cropping and CenterCrop are forbidden, and padding is. Flatten is forbidden in
# the first exercise alone. Both frameworks get the same arrays: images have their **channels first**,
# (batch, channels, height, width), in TensorFlow, too.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the other's cells.
#
# ## Flatten
#
# Flatten an array that has its channels first into the features that Keras's Flatten makes of the same
# array with its channels last. Do not use the frameworks' Flatten.
#
# The input has the shape (batch, channels, …), with any number of axes behind the channels. The output
# has the shape (batch, features).
#
# Worked case: two channels with the rows (1, 2, 3, 4) and (5, 6, 7, 8) become 1, 5, 2, 6, 3, 7, 4, 8.
#
# Hint 1: The last axis is read fastest. Which axis must be the last?
#
# Hint 2: Move the channels to the end, keep the order of the other axes, and join all axes but the
# batch.
#
# Hint 3: `torch.movedim(x, …, …)`, or `tf.transpose(x, …)` with axes 0, 2, 3 … and then 1. Then a
# reshape to (batch, −1).

# %%
def flatten_pt(x: torch.Tensor) -> torch.Tensor:
    return torch.movedim(x, 1, -1).reshape(x.shape[0], -1)

# %%
def flatten_tf(x: tf.Tensor) -> tf.Tensor:
    last = [0, *range(2, x.ndim), 1][: x.ndim]
    return tf.reshape(tf.transpose(x, last), (x.shape[0], -1))

# %% [markdown]
# **Why:** a reshape reads the numbers in the order of their axes, so the axes must be in the right order
# before. Exchanging axis 1 with the last one would also exchange height and width.

# %% [markdown]
# ## The kernel behind a Flatten
#
# A network in PyTorch ends in `Flatten` and `Linear`. Make of the `weight` of its Linear layer the
# `kernel` of the Dense layer behind Keras's Flatten.
#
# `weight` has the shape (out, channels · height · width). The kernel has the shape
# (height · width · channels, out). `flatten` and `unflatten` are allowed.
#
# Worked case: for 2 channels of 1 × 4 pixels, the weight (1, 2, 3, 4, 5, 6, 7, 8) of one output becomes
# a kernel with the rows 1, 5, 2, 6, 3, 7, 4, 8.
#
# Hint 1: Each column of `weight` belongs to one number of the image. To which, and in which order?
#
# Hint 2: Take the columns apart into (out, channels, height, width), permute to
# (out, height, width, channels), and join the last three.
#
# Hint 3: `weight.reshape(…).permute(0, 2, 3, 1).reshape(…).T`. In TensorFlow permute with
# (2, 3, 1, 0), which saves the last transpose.

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
# **Why:** the weights go where the numbers go that they multiply. The outputs have no axes of the image,
# so their axis is never taken apart.

# %% [markdown]
# ## Unflatten
#
# Put features from Keras's Flatten back into images with their channels first.
#
# `x` has the shape (batch, height · width · channels), and the features are in Keras's order. The output
# has the shape (batch, channels, height, width). `flatten` and `unflatten` are allowed.
#
# Worked case: for 2 channels of 1 × 3 pixels, the features 1, 2, 3, 4, 5, 6 become the channel (1, 3, 5)
# and the channel (2, 4, 6).
#
# Hint 1: A reshape to the shape that is asked for runs. What is the second number of its first channel?
#
# Hint 2: Take the features apart in the order in which they come. Only then permute.
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
# **Why:** undo the steps of Flatten from the last to the first. It moved the channels to the end and then
# joined the axes, so take the axes apart and then move the channels back.

# %% [markdown]
# ## Undo a Permute
#
# `y` is what Keras's `Permute(dims)` returned. Give back what it was called with.
#
# `dims` is a tuple such as (2, 3, 1): axis $n$ of `y` is axis `dims[n - 1]` of the input. The axes count
# from 1, because the batch, axis 0, stays where it is.
#
# Worked case: for `dims` = (2, 3, 1) and `y` of the shape (1, 3, 1, 2), the result has the shape
# (1, 2, 3, 1).
#
# Hint 1: Permuting once more works for a swap of two axes. Try (2, 3, 1) on paper.
#
# Hint 2: Axis 1 of the input stands in `y` at the place where `dims` has its 1. What has the same
# numbers, sorted?
#
# Hint 3: Put the 0 of the batch in front of `dims`, then `order = [places.index(i) for i in …]`, or
# argsort.

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
# **Why:** a permutation says for each place which axis stands there, and its inverse says for each axis
# at which place it stands.

# %% [markdown]
# ## Repeat vector
#
# Give each example its vector `n` times: (batch, features) becomes (batch, n, features).
#
# Worked case: with `n` = 3 the batch of one example (1, 2) becomes one example with the rows (1, 2),
# (1, 2) and (1, 2). Gradients 10, 20 and 30 at the first number of the three rows add up to 60.
#
# Hint 1: The copies need an axis of their own, between the batch and the features.
#
# Hint 2: Add an axis of size 1, and broadcast: multiply by `n` ones in this axis.
#
# Hint 3: `x[:, None, :]` has the shape (batch, 1, features). Ones of the shape (n, 1) go with it.

# %%
def repeat_vector_pt(x: torch.Tensor, n: int) -> torch.Tensor:
    return x[:, None, :] * torch.ones(n, 1)

# %%
def repeat_vector_tf(x: tf.Tensor, n: int) -> tf.Tensor:
    return x[:, None, :] * tf.ones((n, 1))

# %% [markdown]
# **Why:** a broadcast copies along axes of size 1. Backward, both frameworks sum over what was
# broadcast, and this is the sum over the copies.

# %% [markdown]
# ## Cropping
#
# Cut off the border of an array that has its channels first.
#
# `x` has the shape (batch, channels, …), with one to three axes behind the channels. `cropping` is a
# tuple with a pair for each of these, in the order of the axes: how many numbers go from its beginning,
# and how many from its end. Any of them may be 0.
#
# Worked case: of the 3 × 3 numbers 1 to 9, `cropping` = ((1, 0), (0, 2)) leaves 4 and 7.
#
# Hint 1: A slice for each axis. Where does it stop when nothing goes from the end?
#
# Hint 2: The slice for a pair (a, b) of an axis with `size` numbers is `a : size − b`.
#
# Hint 3: Build a tuple of slices: one `slice(None)` each for batch and channels, then
# `slice(a, size - b)`. Index `x` by it.

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
# **Why:** `a : -b` would leave nothing for b = 0, because −0 is 0, the beginning.

# %% [markdown]
# ## Harder: center crop
#
# Cut an image of `height` rows and `width` columns from the middle of images with their channels first.
# Where the surplus is odd, cut one more off the end than off the beginning. The images are at least as
# large as the crop.
#
# Worked case: a crop of 1 × 3 from the rows (1, 2, 3, 4) and (5, 6, 7, 8) is (1, 2, 3).
#
# Hint 1: How many rows go altogether, and how many of these from the top?
#
# Hint 2: The first row is (size − height) // 2. The last follows from the first.
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
# **Why:** `//` rounds down, so the beginning loses the smaller half. `round` goes to the even number,
# which is sometimes the one and sometimes the other.
