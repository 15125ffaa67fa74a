# %% [markdown]
# # Exercises: a tiny network
#
# Write the network of [the chapter](../../chapters/layers/a_tiny_network.ipynb) yourself, predict its sizes, repair a
# part, and at the end train it: in PyTorch, in TensorFlow, or in both. Replace the line that raises, run the cell, then
# run the check below it. It tells you at once what is right and what is wrong.
#
# An answer earns one point for its **values** and one for its **robustness**: other sizes, one image alone, float32,
# and inputs that are left unchanged. The first and the third also earn a point for their **gradients**. With wrong
# values an answer earns none.
#
# In both frameworks, images have the shape (n, rows, columns) and kernels `k` the shape (kernels, 3, 3), without an
# axis for the channels: your answer adds it. Without this axis, `tf.nn.conv2d` may end the whole kernel instead of
# raising an error. All convolutions are without padding, and all layers of the frameworks are allowed.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other.
#
# ## The forward pass
#
# Return the logit of each image:
#
# $$z = \sum_o v_o \,\operatorname{mean}\bigl(\operatorname{relu}(k_o \star x)\bigr)$$
#
# The convolution $\star$ slides each kernel over the image, the mean is taken over all places of a map, and `v` has the
# shape (kernels,).
#
# Worked case: for one image of 3 × 3 ones, two kernels of nine times 1 and nine times −1, and `v = (2, 5)`, the maps
# have one place each, 9 and −9. ReLU makes 9 and 0 of them, and the logit is 18.
#
# Hint 1: On which axis does your framework's convolution expect the channels?
#
# Hint 2: PyTorch: images (n, 1, rows, columns), kernels (kernels, 1, 3, 3). TensorFlow: images (n, rows, columns, 1),
# kernels (3, 3, 1, kernels).
#
# Hint 3: `torch.conv2d(x[:, None], k[:, None])`; `tf.nn.conv2d(x[..., None], kernel, 1, "VALID")` with
# `kernel = tf.transpose(k, (1, 2, 0))[:, :, None]`.

# %%
def tiny_network_pt(
    x: torch.Tensor, k: torch.Tensor, v: torch.Tensor
) -> torch.Tensor:
    """x: (n, rows, columns), k: (o, 3, 3); returns (n,)."""
    maps = torch.conv2d(x[:, None], k[:, None])
    return torch.relu(maps).mean((2, 3)) @ v

# %%
def tiny_network_tf(
    x: tf.Tensor, k: tf.Tensor, v: tf.Tensor
) -> tf.Tensor:
    """x: (n, rows, columns), k: (o, 3, 3); returns (n,)."""
    kernel = tf.transpose(k, (1, 2, 0))[:, :, None]
    maps = tf.nn.conv2d(x[..., None], kernel, 1, "VALID")
    h = tf.reduce_mean(tf.nn.relu(maps), (1, 2))
    return tf.linalg.matvec(h, v)

# %% [markdown]
# **Why:** the mean over a map does not depend on where the bar is. It keeps only how large the map is there.

# %% [markdown]
# ## Explain it: the sizes of a larger network
#
# A network has a convolution without padding, a max pooling, Flatten, and a dense layer. Convolution and dense layer
# have biases, the images are square and have one channel, and the kernel moves by one pixel. The pooling moves by its
# own size. `sizes` is a tensor of five integers: the side of the image, the number of kernels, the side of a kernel,
# the side of the pooling, and the number of classes.
#
# Return a tensor of four integers, computed without building the network: the side of a map after the convolution, its
# side after the pooling, how many weights and biases the convolution has in all, and how many the dense layer has.
#
# Worked case: for the side 6, 2 kernels of side 3, a pooling of side 2 and 5 classes, the maps have the sides 4 and
# then 2. The convolution has 2 · (9 + 1) = 20 numbers, the dense layer gets 2 · 2 · 2 = 8 inputs and has (8 + 1) · 5
# = 45.
#
# Hint 1: A row has 6 pixels. At how many places does a kernel of side 3 fit into it?
#
# Hint 2: Both frameworks drop what is left over at the end of a row, if the pooling does not fit once more.
#
# Hint 3: `side - size + 1`, then `// pool`; `kernels * (size**2 + 1)`, `(kernels * pooled**2 + 1) * classes`.

# %%
def network_sizes_pt(sizes: torch.Tensor) -> torch.Tensor:
    """sizes: (5,), whole numbers; returns (4,)."""
    side, kernels, size, pool, classes = sizes
    maps = side - size + 1
    pooled = maps // pool
    conv = kernels * (size**2 + 1)
    dense = (kernels * pooled**2 + 1) * classes
    return torch.stack([maps, pooled, conv, dense])

# %%
def network_sizes_tf(sizes: tf.Tensor) -> tf.Tensor:
    """sizes: (5,), whole numbers; returns (4,)."""
    side, kernels, size, pool, classes = tf.unstack(sizes)
    maps = side - size + 1
    pooled = maps // pool
    conv = kernels * (size**2 + 1)
    dense = (kernels * pooled**2 + 1) * classes
    return tf.stack([maps, pooled, conv, dense])

# %% [markdown]
# **Why:** a convolution has the same weights at all places, so the side of the image does not change their number. It
# changes the number of weights of the dense layer.

# %% [markdown]
# ## Repair it: features with three errors
#
# The following function was meant to return, for each image and each kernel, the largest number of the map: a
# convolution with a bias for each kernel, ReLU, and the maximum over all places. It runs only for some sizes, and then
# its numbers are wrong:
#
# ```python
# maps = conv2d(x, k)        # (n, kernels, rows, columns), in PyTorch's layout
# maps = relu(maps) + b      # b: (kernels,)
# return maps.amax((1, 2))   # should be (n, kernels)
# ```
#
# - `b` is added along the last axis, which has the columns.
# - The bias belongs in front of ReLU.
# - The maximum is taken over the kernels and the rows.
#
# Repair it, with images and kernels as in the first exercise. The layout inside is yours.
#
# Worked case: for one image of 3 × 3 ones, two kernels of nine times 1 and nine times −1, and `b = (−4, 10)`, the maps
# have one place each, 9 and −9. With the biases these are 5 and 1, and ReLU keeps both.
#
# Hint 1: Write the shape of each array behind its line, for 2 images and 3 kernels.
#
# Hint 2: In PyTorch's layout, the bias needs the shape (kernels, 1, 1). In TensorFlow's layout, the kernels are the
# last axis.
#
# Hint 3: `torch.conv2d(x, k, b)` adds the bias itself; then `amax((2, 3))`, or `tf.reduce_max(…, (1, 2))`.

# %%
def repaired_features_pt(
    x: torch.Tensor, k: torch.Tensor, b: torch.Tensor
) -> torch.Tensor:
    """x: (n, rows, columns), k: (o, 3, 3); returns (n, o)."""
    maps = torch.conv2d(x[:, None], k[:, None])
    maps = torch.relu(maps + b[:, None, None])
    return maps.amax((2, 3))

# %%
def repaired_features_tf(
    x: tf.Tensor, k: tf.Tensor, b: tf.Tensor
) -> tf.Tensor:
    """x: (n, rows, columns), k: (o, 3, 3); returns (n, o)."""
    kernel = tf.transpose(k, (1, 2, 0))[:, :, None]
    maps = tf.nn.conv2d(x[..., None], kernel, 1, "VALID")
    maps = tf.nn.relu(maps + b)
    return tf.reduce_max(maps, (1, 2))

# %% [markdown]
# **Why:** broadcasting starts at the last axis. In TensorFlow's layout the kernels are there, so `maps + b` is right.
# In PyTorch's layout they are on axis 1. There `maps + b` usually raises an error, but if a map has as many columns
# as there are kernels, it runs, and each column gets another bias.

# %% [markdown]
# ## The whole: tell rows from columns
#
# Train the network of the first exercise by gradient descent, and return the logits of all images afterwards. Each of
# the `steps` steps computes the gradients of the mean cross-entropy of all images, and then subtracts `lr` times the
# gradient from `k` and `v`. `y` has the labels 0 and 1.
#
# One case of the check is the training of the chapter: after 60 steps with `lr = 2`, the logits of all 40 images have
# the right sign.
#
# Worked case: take the image, the kernels and the `v` of the first exercise, `y = 0` and `lr = 1`. With `steps = 0`,
# the logit is 18. With `steps = 1`, the first kernel becomes nine times −1 and `v` becomes (−7, 5). Then both maps
# are negative, and the logit is 0.
#
# Hint 1: Which two arrays does the training change, and which does it only read?
#
# Hint 2: Both gradients belong to the same weights: compute them both before you change one. Train copies of `k` and
# `v`: the inputs must stay as they are, and nothing records their gradients.
#
# Hint 3: In PyTorch, `k.clone().requires_grad_()` makes a copy to train; `torch.autograd.grad(loss, [k, v])` and, below
# `torch.no_grad()`, `weight -= lr * g`. In TensorFlow, `tf.Variable(k)`, `tape.gradient(loss, [k, v])` and
# `weight.assign_sub(lr * g)`.

# %%
def separated_bars_pt(
    x: torch.Tensor, y: torch.Tensor, k: torch.Tensor,
    v: torch.Tensor, lr: float, steps: int,
) -> torch.Tensor:
    """x: (n, rows, columns), y: (n,); returns logits, (n,)."""
    weights = [a.clone().requires_grad_() for a in (k, v)]

    def logits():
        maps = torch.conv2d(x[:, None], weights[0][:, None])
        return torch.relu(maps).mean((2, 3)) @ weights[1]

    for _ in range(steps):
        loss = torch.nn.BCEWithLogitsLoss()(logits(), y)
        found = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, g in zip(weights, found, strict=True):
                weight -= lr * g
    return logits().detach()

# %%
def separated_bars_tf(
    x: tf.Tensor, y: tf.Tensor, k: tf.Tensor,
    v: tf.Tensor, lr: float, steps: int,
) -> tf.Tensor:
    """x: (n, rows, columns), y: (n,); returns logits, (n,)."""
    k, v = weights = [tf.Variable(k), tf.Variable(v)]

    def logits():
        kernel = tf.transpose(k, (1, 2, 0))[:, :, None]
        maps = tf.nn.conv2d(x[..., None], kernel, 1, "VALID")
        h = tf.reduce_mean(tf.nn.relu(maps), (1, 2))
        return tf.linalg.matvec(h, v)

    for _ in range(steps):
        with tf.GradientTape() as tape:
            losses = tf.nn.sigmoid_cross_entropy_with_logits(
                y, logits())
            loss = tf.reduce_mean(losses)
        found = tape.gradient(loss, weights)
        for weight, g in zip(weights, found, strict=True):
            weight.assign_sub(lr * g)
    return logits()

# %% [markdown]
# **Why:** autograd and the tape compute the gradient of the kernels through the mean, ReLU and the convolution. If ReLU
# returns 0 at all places of all images, the gradient of that kernel is 0.
