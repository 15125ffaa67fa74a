# %% [markdown]
# # Unfolding
#
# Unfold copies each window of an image into a column of a matrix. Fold adds such columns back into an image. A locally
# connected layer is a convolution with other weights at each position. A dilation takes the maximum of each window,
# and an erosion the minimum.
#
# **The claim:** a convolution is an unfold, a matrix product and a reshape, and its backward pass is a fold. Keras's
# `ops.unfold` and `ops.fold` are PyTorch's functions, with the channels first. But `tf.image.extract_patches` has
# another order inside a patch, which you do not notice in a test with one channel. What one framework does not have
# can be built from patches: locally connected layers in both, dilation and erosion in PyTorch.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F
from matplotlib.colors import LinearSegmentedColormap

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 5, 7)).astype(np.float32)  # (batch, channels, height, width)
x_last = np.moveaxis(x, 1, -1)  # (batch, height, width, channels)


def last(t):
    """A PyTorch tensor with its channels on the last axis."""
    return t.movedim(1, -1)


# %% [markdown]
# All sizes of `x` are different, so that a wrong axis causes an error. Most windows of this chapter have 2 rows and 3
# columns. The image has 5 − 2 + 1 = 4 rows and 7 − 3 + 1 = 5 columns of such windows, 20 in all. A patch, which is
# the content of a window, has 3 · 2 · 3 = 18 numbers.

# %% [markdown]
# (unfold)=
# ## Unfold (extract patches)
#
# <!-- head: unfold -->
#
# Unfold returns a matrix for each image. Each column is a patch, and each row is one place of the window. Choose it
# to write a layer that works on windows and that the framework does not have. The function is also called *im2col*.
#
# $$p_{b,\;(c\,k_h + u)\,k_w + v,\;\; i\,n_w + j} = x_{b,\;c,\;s i+u,\;s j+v}$$
#
# Here $b$ is the example and $c$ the channel. $u$ and $v$ are the row and the column inside the window, whose size is
# $k_h \times k_w$. $i$ and $j$ are the row and the column of the window's position, and $n_w$ is the number of
# positions in a row. $s$ is the stride. The figure unfolds an image with one channel, with windows of 2 × 2. The
# first and the last window are coloured:

# %% unfold-figure tags=["hide-input"]
# alt: An image of 3 by 4 squares with the numbers 1 to 12, and the unfolded matrix of 4 by 6 squares. The first
# window has the numbers 1, 2, 5, 6, which are the first column of the matrix from top to bottom. The last window
# has the numbers 7, 8, 11, 12, which are the last column.
image = np.arange(1, 13).reshape(3, 4)
columns = F.unfold(torch.tensor(image, dtype=torch.float32)[None, None], 2)[0].int().numpy()
fig, axes = plt.subplots(1, 2, figsize=(5.2, 2.2), width_ratios=(4, 6))
for ax, matrix, title in zip(axes, (image, columns), ("Image, 3 × 4", "Unfolded, 4 × 6")):
    for (i, j), number in np.ndenumerate(matrix):
        first = j == 0 if matrix is columns else i < 2 and j < 2
        final = j == 5 if matrix is columns else i > 0 and j > 1
        colour = plots.PYTORCH if first else plots.TENSORFLOW if final else "none"
        ax.add_patch(plt.Rectangle((j + 0.04, -i + 0.04), 0.92, 0.92, facecolor=colour,
                                   edgecolor=plots.INK, linewidth=0.7))
        ax.text(j + 0.5, -i + 0.5, number, ha="center", va="center",
                color="white" if first or final else plots.INK)
    ax.set(xlim=(-0.05, matrix.shape[1] + 0.05), ylim=(1 - len(matrix), 1.05), aspect="equal")
    ax.axis("off")
    plots.head(ax, title)
plt.show()

# %% [markdown]
# `keras.ops.unfold` has the same arguments and the same order. Its input has the channels on axis 1, also in
# TensorFlow. So both cells use `x`. They print the shape of the result, the first channel of the first two patches,
# and the first row of the gradient of the sum of squares:

# %% unfold-by-hand-pt tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.unfold(x_pt, (2, 3))  # (batch, 18, positions)
same_pt = nn.Unfold((2, 3))(x_pt)
(dx_pt,) = torch.autograd.grad((y_pt**2).sum(), x_pt)
print(tuple(y_pt.shape))
show(y=y_pt[0, :6, :2].T)
show(dx=dx_pt[0, 0, 0])

# %% unfold-by-hand-tf tags=["tensorflow"]
x_tf = tf.Variable(x)  # the channels are on axis 1
with tf.GradientTape() as tape:
    y_tf = keras.ops.unfold(x_tf, (2, 3))
    loss = tf.reduce_sum(y_tf**2)
dx_tf = tape.gradient(loss, x_tf)
print(y_tf.shape)
show(y=tf.transpose(y_tf[0, :6, :2]))
show(dx=dx_tf[0, 0, 0])

# %%
agree([y_pt, same_pt], [y_tf, y_tf], gradients=(dx_pt, dx_tf))

# %% [markdown]
# The next sections use `value_and_grad`, a function of this book. It returns the output of a function, and the
# gradient of the sum of the output with respect to an input.
#
# (unfold-order)=
# ### `tf.image.extract_patches` has the channel last inside a patch
#
# TensorFlow's own function keeps the rows and columns of the positions as two axes, and has the patch on the last
# axis. Inside a patch the order is (row, column, channel), and in PyTorch it is (channel, row, column). The next
# cells unfold an image of 2 × 2 pixels with two channels, which is a single patch. The first channel has the numbers
# 0 to 3, and the second channel has 4 to 7. The second line is the patch of the first channel alone:

# %% unfold-order-pt tags=["pytorch"]
numbers = torch.arange(8.0).reshape(1, 2, 2, 2)
patch = F.unfold(numbers, 2)
print("two channels:", patch[0, :, 0].int().tolist())
one_pt = F.unfold(numbers[:, :1], 2)[0, :, 0]
print("one channel: ", one_pt.int().tolist())

# %% unfold-order-tf tags=["tensorflow"]
numbers = tf.reshape(tf.range(8.0), (1, 2, 2, 2))
numbers = tf.transpose(numbers, (0, 2, 3, 1))
options = [1, 2, 2, 1], [1] * 4, [1] * 4, "VALID"
patch = tf.image.extract_patches(numbers, *options)
print("two channels:", [int(n) for n in patch[0, 0, 0]])
one_tf = tf.image.extract_patches(
    numbers[..., :1], *options)[0, 0, 0]
print("one channel: ", [int(n) for n in one_tf])

# %% unfold-order
agree(one_pt, one_tf)

# %% [markdown]
# With one channel, the two orders are the same. So a test with a grey image does not find the difference. The three
# lists of 4 numbers are the sizes, the steps and the dilations, for the axes (batch, height, width, channels).
#
# To get PyTorch's matrix, split a patch into its 6 places and 3 channels, exchange the axes, and join them again.
# The next cells compare the values, and the gradient of the sum of squares:

# %% unfold-port-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    lambda x: F.unfold(x, (2, 3)) ** 2, torch.tensor(x))
print(tuple(y_pt.shape))

# %% unfold-port-tf tags=["tensorflow"]
def in_pytorch_order(x):
    p = tf.image.extract_patches(
        x, [1, 2, 3, 1], [1] * 4, [1] * 4, "VALID")
    p = tf.reshape(p, (len(x), -1, 6, 3))  # (…, places, c)
    p = tf.transpose(p, (0, 3, 2, 1))
    return tf.reshape(p, (len(x), 18, -1))


y_tf, dx_tf = value_and_grad(
    lambda x: in_pytorch_order(x) ** 2, tf.constant(x_last))
print(y_tf.shape)

# %% unfold-port
agree(y_pt, y_tf, gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# (unfold-convolution)=
# ### A convolution is an unfold, a matrix product, and a reshape
#
# At each position, a convolution multiplies the patch by each kernel, and adds. So the outputs of all positions are
# the product of a matrix of kernels and the matrix of patches. In each framework, the numbers of a kernel and those
# of a patch have the same order, and a plain `reshape` makes the matrix. The next cells compute the convolution in
# this way, its gradients with respect to the image (`dx`) and to the kernels (`dw`), and the same with the function
# `conv2d`.

# %%
weight = rng.normal(size=(4, 3, 2, 3))  # (out, in, height, width)
weight = weight.astype(np.float32)

# %% unfold-convolution-pt tags=["pytorch"]
def by_unfold(x, w):
    y = w.reshape(4, 18) @ F.unfold(x, (2, 3))
    return y.reshape(-1, 4, 4, 5)  # (batch, out, rows, columns)


x_pt, w_pt = torch.tensor(x), torch.tensor(weight)
y_pt, dx_pt = value_and_grad(by_unfold, x_pt, w_pt)
_, dw_pt = value_and_grad(by_unfold, x_pt, w_pt, argnums=1)
conv_pt, conv_dx_pt = value_and_grad(F.conv2d, x_pt, w_pt)
_, conv_dw_pt = value_and_grad(F.conv2d, x_pt, w_pt, argnums=1)
show(y=y_pt[0, 2, 0])
show(conv=conv_pt[0, 2, 0])

# %% unfold-convolution-tf tags=["tensorflow"]
def by_unfold(x, w):
    p = tf.image.extract_patches(
        x, [1, 2, 3, 1], [1] * 4, [1] * 4, "VALID")
    return p @ tf.reshape(w, (18, 4))  # no reshape at the end


x_tf = tf.constant(x_last)
w_tf = tf.constant(weight.transpose(2, 3, 1, 0))
y_tf, dx_tf = value_and_grad(by_unfold, x_tf, w_tf)
_, dw_tf = value_and_grad(by_unfold, x_tf, w_tf, argnums=1)
conv_tf = tf.nn.conv2d(x_tf, w_tf, 1, "VALID")
show(y=y_tf[0, 0, :, 2])
show(conv=conv_tf[0, 0, :, 2])

# %% unfold-convolution
turned = [t.permute(2, 3, 1, 0) for t in (dw_pt, conv_dw_pt)]
agree([last(y_pt), last(conv_pt)], [y_tf, conv_tf], atol=1e-5, gradients=(
    [last(dx_pt), last(conv_dx_pt), *turned], [dx_tf, dx_tf, dw_tf, dw_tf]))

# %% [markdown]
# In TensorFlow the positions are still rows and columns, so the product has its final shape. The price of the method
# is memory: a number that is in 6 windows is copied 6 times.
#
# (unfold-steps)=
# ### By default, `keras.ops.image.extract_patches` steps by the size of the window, and `unfold` by 1
#
# Keras has a second function, with the channels last and with TensorFlow's order inside a patch. Its default step is
# the size of the window, so its patches do not overlap. A vision transformer reads such patches. The next cells print
# the shape of the result with the default step of each function, and with another step:

# %% unfold-steps-pt tags=["pytorch"]
x_pt = torch.tensor(x)
print("default:", tuple(F.unfold(x_pt, (2, 3)).shape))
apart_pt = F.unfold(x_pt, (2, 3), stride=(2, 3))
print("by 2, 3:", tuple(apart_pt.shape))

# %% unfold-steps-tf tags=["tensorflow"]
extract = keras.ops.image.extract_patches
print("ops.unfold:", keras.ops.unfold(x, (2, 3)).shape)
apart_tf = extract(x_last, (2, 3))
print("ops.image: ", apart_tf.shape)
print("by 1:      ", extract(x_last, (2, 3), strides=1).shape)

# %% unfold-steps
ordered = apart_pt.unflatten(1, (3, 6)).permute(0, 3, 2, 1)  # (…, places, channels)
agree(ordered.reshape(2, 2, 2, 18), apart_tf)

# %% [markdown]
# (unfold-infinity)=
# ### `keras.ops.image.extract_patches` turns the neighbours of an infinity into NaN
#
# This function is a convolution. Each of its kernels has a single 1, and zeros at the other places. An infinity times
# 0 is NaN, so all other numbers of the patch become NaN. Images with a border of −∞ are usual before a maximum. The
# next cells unfold the row 1, 2, −∞ with windows of 1 × 2, and print a patch in each line:

# %% unfold-infinity-pt tags=["pytorch"]
row = torch.tensor([1, 2, -torch.inf])[None, None, None]
found_pt = F.unfold(row, (1, 2))
show(unfold=found_pt[0].T, digits=0)

# %% unfold-infinity-tf tags=["tensorflow"]
row = tf.constant([1, 2, -np.inf])[None, None, :, None]
found_tf = tf.image.extract_patches(
    row, [1, 1, 2, 1], [1] * 4, [1] * 4, "VALID")
show(extract_patches=found_tf[0, 0], digits=0)
found = extract(row, (1, 2), strides=1)
show(ops_image=found[0, 0], digits=0)

# %% unfold-infinity
agree(found_pt[0].T, found_tf[0, 0])

# %% [markdown]
# (unfold-same)=
# ### `"SAME"` with a stride pads one side only: pad so before `F.unfold`
#
# The argument `padding` of `F.unfold` puts zeros on both sides. TensorFlow's `"SAME"` puts as few zeros as possible,
# and an odd zero behind the image, [as in a convolution](convolution-same-stride). For windows of 3 × 3 with stride 2
# on an image of 4 × 6 pixels, this is one zero behind each axis. With `padding=1` the shapes are the same, and the
# patches are not:

# %%
even = x[:, :, :4, :6]
even_last = np.moveaxis(even, 1, -1)

# %% unfold-same-pt tags=["pytorch"]
x_pt = torch.tensor(even)
one_side = F.pad(x_pt, (0, 1, 0, 1))
y_pt = F.unfold(one_side, 3, stride=2)
both_sides = F.unfold(x_pt, 3, padding=1, stride=2)
print(tuple(y_pt.shape), tuple(both_sides.shape))
print("same patches:", torch.equal(y_pt, both_sides))

# %% unfold-same-tf tags=["tensorflow"]
p = tf.image.extract_patches(even_last, [1, 3, 3, 1],
                             [1, 2, 2, 1], [1] * 4, "SAME")
print(p.shape)
p = tf.reshape(p, (2, 6, 9, 3))
y_tf = tf.reshape(tf.transpose(p, (0, 3, 2, 1)), (2, 27, 6))
print(y_tf.shape)

# %% unfold-same
agree(y_pt, y_tf)

# %% [markdown]
# (unfold-too-large)=
# ### A window that is larger than the image is an error in PyTorch, and no patches in TensorFlow
#
# The next cells unfold an image of 2 rows with windows of 3 × 3. TensorFlow returns a tensor without elements. The
# mean of such a tensor is NaN.

# %% unfold-too-large-pt tags=["pytorch"]
with show_error():
    F.unfold(torch.tensor(x[:, :, :2]), 3)

# %% unfold-too-large-tf tags=["tensorflow"]
print(keras.ops.unfold(x[:, :, :2], 3).shape)
p = tf.image.extract_patches(
    x_last[:, :2], [1, 3, 3, 1], [1] * 4, [1] * 4, "VALID")
print(p.shape, "mean:", tf.reduce_mean(p).numpy())

# %% [markdown]
# (unfold-one-axis)=
# ### `x.unfold` and `tf.signal.frame` make windows along one axis
#
# A PyTorch tensor also has a method `unfold`. It makes windows along one axis, and puts the places of the window on a
# new last axis. It does not copy: the result uses the numbers of `x` where they are. `tf.signal.frame` also makes
# windows along one axis, but its new axis is right behind the positions, and it copies. Use them for signals, and
# twice for images:

# %% unfold-one-axis-pt tags=["pytorch"]
x_pt = torch.tensor(x)
rows = x_pt.unfold(2, 2, 1)  # axis, size, step
print(tuple(rows.shape))
frames_pt = rows.unfold(3, 3, 1)
print(tuple(frames_pt.shape))
print("copied:", frames_pt.data_ptr() != x_pt.data_ptr())
matrix = frames_pt.permute(0, 1, 4, 5, 2, 3).reshape(2, 18, 20)
print(torch.equal(matrix, F.unfold(x_pt, (2, 3))))

# %% unfold-one-axis-tf tags=["tensorflow"]
x_tf = tf.constant(x)
rows = tf.signal.frame(x_tf, 2, 1, axis=2)  # size, step
print(rows.shape)
frames_tf = tf.signal.frame(rows, 3, 1, axis=4)
print(frames_tf.shape)
order = (0, 1, 3, 5, 2, 4)
matrix = tf.reshape(tf.transpose(frames_tf, order), (2, 18, 20))
print(np.array_equal(matrix, keras.ops.unfold(x, (2, 3))))

# %% unfold-one-axis
agree(frames_pt.permute(0, 1, 2, 4, 3, 5), frames_tf)

# %% [markdown]
# (fold)=
# ## Fold
#
# <!-- head: fold -->
#
# Fold puts each patch at its position in an image of zeros, and adds. Where windows overlap, a pixel is the sum of
# several numbers. Choose it to bring the results of patches together in an image, and to write the backward pass of a
# layer that unfolds.
#
# $$y_{b,\,c,\,h,\,w} = \sum_{s i+u\,=\,h}\;\sum_{s j+v\,=\,w} p_{b,\;(c\,k_h + u)\,k_w + v,\;\; i\,n_w + j}$$
#
# The symbols are those of unfold: the sums are over all windows that contain the pixel $(h, w)$. The size of the
# image is an argument, because several sizes can have the same number of windows. The next cells fold 20 patches of
# 2 × 3 pixels to an image of 5 × 7 pixels, and square it. They print the first row of the squares, and a part of the
# gradient of their sum (`dp`):

# %%
patches = rng.normal(size=(1, 18, 20)).astype(np.float32)

# %% fold-pt tags=["pytorch"]
patches_pt = torch.tensor(patches)
y_pt, dp_pt = value_and_grad(lambda patches: F.fold(
    patches, (5, 7), (2, 3)) ** 2, patches_pt)
same_pt = nn.Fold((5, 7), (2, 3))(patches_pt) ** 2
print(tuple(y_pt.shape))
show(y=y_pt[0, 0, 0], dp=dp_pt[0, 0, :7])

# %% fold-tf tags=["tensorflow"]
patches_tf = tf.constant(patches)
y_tf, dp_tf = value_and_grad(lambda patches: keras.ops.fold(
    patches, (5, 7), (2, 3)) ** 2, patches_tf)
print(y_tf.shape)
show(y=y_tf[0, 0, 0], dp=dp_tf[0, 0, :7])

# %% fold
agree([y_pt, same_pt], [y_tf, y_tf], gradients=(dp_pt, dp_tf), rtol=1e-4)

# %% [markdown]
# (fold-batch)=
# ### In Keras, call `keras.ops.fold` inside a `tf.function`, and put the batch into the channels
#
# `keras.ops.fold` makes a new graph at each call outside a `tf.function`, which is slow. After five calls TensorFlow
# warns about this *retracing*, at most twice in a session. With more than one example, it also warns that a part of the
# graph is a loop over the examples. Fold treats each channel by itself, so 2 images with 3 channels can be one image
# with 6 channels. In the next cell, `fold_batch` does this inside a `tf.function`. The cell prints whether there was a
# warning of retracing in eight calls with one example, and a warning of a loop in a call with two examples:

# %% fold-batch-tf
batch = rng.normal(size=(2, 18, 20)).astype(np.float32)
said = []


def note(record):
    said.append(record.getMessage())
    return False  # do not print it


@tf.function
def fold_batch(p):
    one = tf.reshape(p, (1, len(p) * 18, 20))
    y = keras.ops.fold(one, (5, 7), (2, 3))
    return tf.reshape(y, (-1, 3, 5, 7))


def fold_plain(p):
    return keras.ops.fold(p, (5, 7), (2, 3))


tf.get_logger().addFilter(note)
for name, fold in {"ops.fold": fold_plain, "fold_batch": fold_batch}.items():
    said.clear()
    for _ in range(8):
        fold(batch[:1])
    retracing = any("retracing" in text for text in said)
    fold(batch)
    loop = any("while_loop" in text for text in said)
    print(f"{name:11} retracing: {retracing}, loop: {loop}")
tf.get_logger().removeFilter(note)

# %% [markdown]
# The values and the gradients of the sum of squares agree with PyTorch's:

# %% fold-two-pt tags=["pytorch"]
y_pt, dp_pt = value_and_grad(lambda p: F.fold(
    p, (5, 7), (2, 3)) ** 2, torch.tensor(batch))
print(tuple(y_pt.shape))

# %% fold-two-tf tags=["tensorflow"]
y_tf, dp_tf = value_and_grad(
    lambda p: fold_batch(p) ** 2, tf.constant(batch))
print(y_tf.shape)

# %% fold-two
agree(y_pt, y_tf, gradients=(dp_pt, dp_tf), rtol=1e-4)

# %% [markdown]
# (fold-counts)=
# ### Fold after unfold is not the identity: it multiplies each pixel by the number of its windows
#
# Unfold copies a pixel into each window that contains it, and fold adds the copies. Fold the unfolded ones, and you
# see these numbers:

# %% fold-counts-figure tags=["hide-input"]
# alt: Three images of numbers. Windows of 3 with stride 1 on 5 by 5 pixels: the first row is 1 2 3 2 1, and the
# middle is 9. Windows of 3 with stride 2 on 7 by 7 pixels: the numbers are 1, 2 and 4. Windows of 2 with stride 3
# on 8 by 8 pixels: all are 1 or 0, because every third row and column is in no window.
fig, axes = plt.subplots(1, 3, figsize=(5.2, 2.1))
shades = LinearSegmentedColormap.from_list("", ["#e8e0d0", plots.TENSORFLOW])
for ax, (n, size, stride) in zip(axes, ((5, 3, 1), (7, 3, 2), (8, 2, 3))):
    ones = torch.ones(1, 1, n, n)
    count = F.fold(F.unfold(ones, size, stride=stride), n, size, stride=stride)[0, 0]
    ax.imshow(count, cmap=shades, vmin=0, vmax=9)
    for (i, j), number in np.ndenumerate(count.int().numpy()):
        ax.text(j, i, number, ha="center", va="center", fontsize=9,
                color="white" if number > 5 else "#333333")
    ax.axis("off")
    plots.head(ax, f"{size} × {size}, stride {stride}", fontsize=10.5)
plt.show()

# %% [markdown]
# So if you divide by the counts, you get the image back. The next cells print the counts for windows of 3 × 3 on an
# image of 5 × 5 pixels, and the largest difference between the image and what comes back:

# %% fold-counts-pt tags=["pytorch"]
square_pt = torch.tensor(x[:1, :, :, :5])


def there_and_back(x):
    return F.fold(F.unfold(x, 3), (5, 5), 3)


counts_pt = there_and_back(torch.ones(1, 1, 5, 5))
y_pt = there_and_back(square_pt)
again = y_pt / counts_pt
show(counts=counts_pt[0, 0], digits=0)
show(difference=(again - square_pt).abs().max())

# %% fold-counts-tf tags=["tensorflow"]
square_tf = tf.constant(x[:1, :, :, :5])


@tf.function
def there_and_back(x):
    return keras.ops.fold(keras.ops.unfold(x, 3), (5, 5), 3)


counts_tf = there_and_back(tf.ones((1, 1, 5, 5)))
y_tf = there_and_back(square_tf)
again = y_tf / counts_tf
show(counts=counts_tf[0, 0], digits=0)
show(difference=tf.reduce_max(tf.abs(again - square_tf)))

# %% fold-counts
agree([y_pt, counts_pt], [y_tf, counts_tf])

# %% [markdown]
# With windows of 2 × 2 and a stride of 3, some pixels are in no window. Their count is 0, and they cannot be restored.
#
# (fold-adjoint)=
# ### The gradient of unfold is fold, also in TensorFlow
#
# Unfold is linear: each number of a patch is one pixel. So its backward pass adds each gradient to the pixel that it
# comes from, which is fold. Fold is therefore the *adjoint* of unfold: for an image $x$ and any patches $p$,
#
# $$\langle \operatorname{unfold}(x),\, p\rangle = \langle x,\, \operatorname{fold}(p)\rangle,$$
#
# where ⟨ ⟩ is the sum of the products of all numbers. `tf.nn` has no fold, and `keras.ops.fold` has the channels
# first. For channels last, use the gradient of `extract_patches`. The patches are what you pass as
# `output_gradients`. The next cells print both sides of the equation:

# %% fold-adjoint-pt tags=["pytorch"]
x_pt, p_pt = torch.tensor(x[:1]), torch.tensor(patches)
y_pt = F.fold(p_pt, (5, 7), (2, 3))
show(unfolded=(F.unfold(x_pt, (2, 3)) * p_pt).sum(),
     folded=(x_pt * y_pt).sum(), digits=3)

# %% fold-adjoint-tf tags=["tensorflow"]
def unfold_last(x, size=(2, 3)):
    return tf.image.extract_patches(
        x, [1, *size, 1], [1] * 4, [1] * 4, "VALID")


x_tf = tf.constant(x_last[:1])
p_tf = patches.reshape(1, 3, 6, 4, 5).transpose(0, 3, 4, 2, 1)
p_tf = tf.reshape(p_tf, (1, 4, 5, 18))
with tf.GradientTape() as tape:
    tape.watch(x_tf)
    unfolded = unfold_last(x_tf)
y_tf = tape.gradient(unfolded, x_tf, output_gradients=p_tf)
show(unfolded=tf.reduce_sum(unfolded * p_tf),
     folded=tf.reduce_sum(x_tf * y_tf), digits=3)

# %% fold-adjoint
agree(last(y_pt), y_tf, rtol=1e-4)

# %% [markdown]
# (fold-backward)=
# ### The backward pass of a convolution is two matrix products and a fold
#
# A convolution is $Y = W P$, with the matrix of kernels $W$ and the matrix of patches $P$. Let $G$ be the gradient of
# the loss with respect to $Y$. Then the gradient of the kernels is $G P^\top$, summed over the batch, and the gradient
# of the patches is $W^\top G$. Fold it to get the gradient of the image. The next cells compute both in this way. In
# PyTorch they are compared with autograd of `F.conv2d`, and in TensorFlow with the tape of `tf.nn.conv2d`:

# %%
upstream = rng.normal(size=(2, 4, 4, 5))  # (batch, out, rows, columns)
upstream = upstream.astype(np.float32)

# %% fold-backward-pt tags=["pytorch"]
x_pt, w_pt = torch.tensor(x), torch.tensor(weight)
g_pt = torch.tensor(upstream).flatten(2)  # (batch, out, 20)
p = F.unfold(x_pt, (2, 3))
dw_pt = (g_pt @ p.transpose(1, 2)).sum(0).reshape(4, 3, 2, 3)
dp = w_pt.reshape(4, 18).T @ g_pt  # (batch, 18, 20)
dx_pt = F.fold(dp, (5, 7), (2, 3))

above = {"upstream_gradient": torch.tensor(upstream)}
_, conv_dx_pt = value_and_grad(F.conv2d, x_pt, w_pt, **above)
_, conv_dw_pt = value_and_grad(
    F.conv2d, x_pt, w_pt, argnums=1, **above)

# %% fold-backward-tf tags=["tensorflow"]
x_tf = tf.constant(x_last)
w_tf = tf.constant(weight.transpose(2, 3, 1, 0))
g_tf = tf.constant(np.moveaxis(upstream, 1, -1))
with tf.GradientTape(persistent=True) as tape:
    tape.watch([x_tf, w_tf])
    p = unfold_last(x_tf)  # (batch, rows, columns, 18)
    y = tf.nn.conv2d(x_tf, w_tf, 1, "VALID")
dw = tf.einsum("brcn,brco->no", p, g_tf)
dw_tf = tf.reshape(dw, (2, 3, 3, 4))
dp = g_tf @ tf.transpose(tf.reshape(w_tf, (18, 4)))
dx_tf = tape.gradient(p, x_tf, output_gradients=dp)  # fold
conv_dx_tf, conv_dw_tf = tape.gradient(
    y, [x_tf, w_tf], output_gradients=g_tf)

# %% fold-backward
by_hand = [last(dx_pt), dw_pt.permute(2, 3, 1, 0)]
by_autograd = [last(conv_dx_pt), conv_dw_pt.permute(2, 3, 1, 0)]
agree(by_hand + by_autograd, [conv_dx_tf, conv_dw_tf, dx_tf, dw_tf],
      rtol=1e-4, atol=1e-5)

# %% [markdown]
# (fold-reshape)=
# ### The last step of a convolution is a reshape, not a fold with the same window
#
# After the matrix product, each position has one number for each output channel, and no window any more. A fold with
# windows of 1 × 1 does the same as a reshape, because such windows do not overlap. A fold with larger windows adds
# numbers that do not belong together. Here it is an error, because the number of positions does not fit:

# %% fold-reshape-pt tags=["pytorch"]
product = torch.tensor(upstream[:1]).flatten(2)  # (1, 4, 20)
y_pt = F.fold(product, (4, 5), 1)
print(torch.equal(y_pt, product.reshape(1, 4, 4, 5)))
with show_error():
    F.fold(product, (4, 5), (2, 2))

# %% fold-reshape-tf tags=["tensorflow"]
product = tf.reshape(tf.constant(upstream[:1]), (1, 4, 20))
y_tf = keras.ops.fold(product, (4, 5), 1)
print(np.array_equal(y_tf, upstream[:1]))
with show_error():
    keras.ops.fold(product, (4, 5), (2, 2))

# %% fold-reshape
agree(y_pt, y_tf)

# %% [markdown]
# (locally-connected)=
# ## Locally connected
#
# <!-- head: locally_connected -->
#
# A locally connected layer reads the same windows as a convolution, but has other weights at each position. Choose it
# if the same place of all images has the same meaning, as in pictures of faces that are aligned
# {footcite:p}`taigman2014deepface`. It needs many more weights than a convolution.
#
# $$y_{b,o,i,j} = \beta_{i,j,o} + \sum_{c}\sum_{u}\sum_{v} W_{i,j,u,v,c,o}\; x_{b,\;c,\;i+u,\;j+v}$$
#
# Here $W$ has the position $i, j$ among its axes, and so has the bias $\beta$. The other symbols are those of unfold,
# and $o$ is the output channel. Keras 2 had `LocallyConnected2D` and `LocallyConnected1D`. Keras 3 has removed both,
# and PyTorch never had them:

# %% local-removed-tf
with show_error():
    keras.layers.LocallyConnected2D(4, (2, 3))

# %% [markdown]
# Both layers are an unfold, and then a product of each patch with a matrix of its own. The letters of the `einsum` are
# b for the batch, p for the positions, n for the numbers of a patch, and o for the outputs:

# %% local-function-pt tags=["pytorch"]
def locally_connected_pt(x, weight, bias, size):
    p = F.unfold(x, size)  # (batch, n, positions)
    y = torch.einsum("bnp,pno->bop", p, weight)
    return y.unflatten(2, bias.shape[1:]) + bias

# %% local-function-tf tags=["tensorflow"]
def locally_connected_tf(x, kernel, bias, size):
    p = unfold_last(x, size)  # (batch, rows, columns, n)
    p = tf.reshape(p, (-1, *kernel.shape[:2]))
    y = tf.einsum("bpn,pno->bpo", p, kernel)
    return tf.reshape(y, (-1, *bias.shape)) + bias

# %% [markdown]
# The next cells put the weights into layers. In TensorFlow they have the shapes and the order of the old Keras layer:
# `kernel` is (positions, height · width · channels, out), and `bias` is (rows, columns, out). So you can load old
# weights with `set_weights`. In PyTorch, `weight` has the order of `F.unfold`, and `bias` has the output channels
# first. PyTorch's layer needs the size of the image.

# %% local-layer-pt tags=["pytorch"]
class LocallyConnected2d(nn.Module):
    def __init__(self, n_in, n_out, size, image):
        super().__init__()
        self.size = size
        rows, columns = np.subtract(image, size) + 1
        n = n_in * size[0] * size[1]
        weight = torch.randn(rows * columns, n, n_out)
        self.weight = nn.Parameter(weight / n**0.5)
        self.bias = nn.Parameter(
            torch.zeros(n_out, rows, columns))

    def forward(self, x):
        return locally_connected_pt(
            x, self.weight, self.bias, self.size)

# %% local-layer-tf tags=["tensorflow"]
class LocallyConnected2D(keras.layers.Layer):
    def __init__(self, n_out, size):
        super().__init__()
        self.n_out, self.size = n_out, size

    def build(self, shape):
        rows, columns = np.subtract(shape[1:3], self.size) + 1
        n = shape[3] * self.size[0] * self.size[1]
        o = self.n_out
        self.kernel = self.add_weight((rows * columns, n, o))
        self.bias = self.add_weight((rows, columns, o), "zeros")

    def call(self, x):
        return locally_connected_tf(
            x, self.kernel, self.bias, self.size)

# %% [markdown]
# To carry the weights from PyTorch to TensorFlow, bring the channels of a patch behind its places, and the output
# channels of the bias to the end:

# %% local-pt tags=["pytorch"]
torch.manual_seed(0)
local_pt = LocallyConnected2d(3, 4, (2, 3), (5, 7))
nn.init.normal_(local_pt.bias)
y_pt, dx_pt, (dw_pt, db_pt) = value_and_grad(
    local_pt, torch.tensor(x))
print(tuple(local_pt.weight.shape), tuple(y_pt.shape))
show(y=y_pt[0, 2, 0])

# %% local-tf tags=["tensorflow"]
def in_keras_order(weight):
    split = weight.reshape(20, 3, 6, 4)  # (p, c, places, out)
    return split.swapaxes(1, 2).reshape(20, 18, 4)


w, b = (v.detach().numpy() for v in local_pt.parameters())
local_tf = LocallyConnected2D(4, (2, 3))
local_tf.build((None, 5, 7, 3))
local_tf.set_weights([in_keras_order(w), np.moveaxis(b, 0, -1)])
y_tf, dx_tf, (dw_tf, db_tf) = value_and_grad(
    local_tf, tf.constant(x_last))
print(local_tf.kernel.shape, y_tf.shape)
show(y=y_tf[0, 0, :, 2])

# %% local
dw = dw_pt.reshape(20, 3, 6, 4).transpose(1, 2).reshape(20, 18, 4)
agree(last(y_pt), y_tf, rtol=1e-4, atol=1e-5, gradients=(
    [last(dx_pt), dw, db_pt.permute(1, 2, 0)], [dx_tf, dw_tf, db_tf]))

# %% [markdown]
# The old `LocallyConnected1D` is the same for signals, with a kernel of shape (positions, size · channels, out). Give
# the signal a height of 1, and use windows of height 1:

# %% local-signal-pt tags=["pytorch"]
signal_pt = torch.tensor(x[:, :, 0])  # (batch, channels, time)
local_pt = LocallyConnected2d(3, 4, (1, 3), (1, 7))
y_pt = local_pt(signal_pt[:, :, None])[:, :, 0]
print(tuple(local_pt.weight.shape), tuple(y_pt.shape))

# %% local-signal-tf tags=["tensorflow"]
signal_tf = tf.constant(x_last[:, 0])  # (batch, time, channels)
local_tf = LocallyConnected2D(4, (1, 3))
local_tf.build((None, 1, 7, 3))
w, b = (v.detach().numpy() for v in local_pt.parameters())
w = w.reshape(5, 3, 3, 4).swapaxes(1, 2).reshape(5, 9, 4)
local_tf.set_weights([w, np.moveaxis(b, 0, -1)])
y_tf = local_tf(signal_tf[:, None])[:, 0]
print(local_tf.kernel.shape, y_tf.shape)

# %% local-signal
agree(last(y_pt), y_tf, atol=1e-5)

# %% [markdown]
# (local-count)=
# ### With equal weights at all positions it is a convolution, which has one twentieth of the parameters
#
# The next cells give the weights of a convolution to all 20 positions. They print the number of parameters of the
# convolution and of the locally connected layer, and whether the outputs are the same:

# %% local-count-pt tags=["pytorch"]
torch.manual_seed(0)
conv_pt = nn.Conv2d(3, 4, (2, 3))
local_pt = LocallyConnected2d(3, 4, (2, 3), (5, 7))
with torch.no_grad():
    local_pt.weight.copy_(conv_pt.weight.reshape(4, 18).T)
    local_pt.bias.copy_(conv_pt.bias[:, None, None])
for layer in (conv_pt, local_pt):
    print(sum(p.numel() for p in layer.parameters()))
x_pt = torch.tensor(x)
y_pt, y_conv_pt = local_pt(x_pt), conv_pt(x_pt)
print(torch.allclose(y_pt, y_conv_pt, atol=1e-5))

# %% local-count-tf tags=["tensorflow"]
w, b = (v.detach().numpy() for v in conv_pt.parameters())
conv_tf = keras.layers.Conv2D(4, (2, 3))
local_tf = LocallyConnected2D(4, (2, 3))
for layer in (conv_tf, local_tf):
    layer.build((None, 5, 7, 3))
    print(layer.count_params())
conv_tf.set_weights([w.transpose(2, 3, 1, 0), b])
everywhere = tf.reshape(conv_tf.kernel, (1, 18, 4))
local_tf.kernel.assign(tf.repeat(everywhere, 20, 0))
local_tf.bias.assign(tf.broadcast_to(b, (4, 5, 4)))
y_tf, y_conv_tf = local_tf(x_last), conv_tf(x_last)
print(np.allclose(y_tf, y_conv_tf, atol=1e-5))

# %% local-count
agree([last(y_pt), last(y_conv_pt)], [y_tf, y_conv_tf], atol=1e-5)

# %% [markdown]
# The convolution has 4 · (18 + 1) = 76 parameters, and the locally connected layer has 20 · 76 = 1520. This number
# grows with the image, and the layer accepts only images of this one size.
#
# (local-shift)=
# ### If the image moves, the output of a convolution moves, too, and that of a locally connected layer does not
#
# The next cells move the images one column to the left, and compare the outputs at the positions that both have. The
# convolution computes the same numbers one column further. In the locally connected layer, the same patch meets other
# weights:

# %% local-shift-pt tags=["pytorch"]
torch.manual_seed(1)
nn.init.normal_(local_pt.weight)
moved = torch.roll(x_pt, -1, dims=3)
for name, layer in {"convolution": conv_pt,
                    "local": local_pt}.items():
    y, z = layer(x_pt)[..., 1:], layer(moved)[..., :-1]
    print(name, torch.allclose(y, z, atol=1e-5))
y_pt = layer(moved)

# %% local-shift-tf tags=["tensorflow"]
w = local_pt.weight.detach().numpy()
local_tf.kernel.assign(in_keras_order(w))
moved = tf.roll(x_last, -1, axis=2)
for name, layer in {"convolution": conv_tf,
                    "local": local_tf}.items():
    y, z = layer(x_last)[:, :, 1:], layer(moved)[:, :, :-1]
    print(name, np.allclose(y, z, atol=1e-5))
y_tf = layer(moved)

# %% local-shift
agree(last(y_pt), y_tf, atol=1e-4)

# %% [markdown]
# (morphology)=
# ## Dilation and erosion
#
# <!-- head: morphology -->
#
# A dilation adds a kernel to each window, and takes the maximum. An erosion subtracts a kernel, and takes the minimum.
# Each channel has its own kernel, and channels are not mixed. With a kernel of zeros, a dilation is max pooling with
# stride 1. Choose them to clean masks: a dilation makes bright regions larger, and an erosion makes them smaller. Do
# not confuse them with a [dilated convolution](dilated-convolution).
#
# $$\begin{aligned} \text{dilation:} \quad & y_{b,c,i,j} = \max_{u,v}\; x_{b,\,c,\,si+u,\,sj+v} + K_{u,v,c} \\
# \text{erosion:} \quad & y_{b,c,i,j} = \min_{u,v}\; x_{b,\,c,\,si+u,\,sj+v} - K_{k_h-1-u,\;k_w-1-v,\;c} \end{aligned}$$
#
# Here $K$ is the kernel of shape (height, width, channels). The other symbols are those of unfold. The erosion reads
# the kernel from its end, so it is minus the dilation of $-x$ with the kernel flipped. PyTorch has neither of them.
# Unfold, add and take the maximum:

# %% dilation-bridge
def dilation2d(x, kernel, stride=1, dilation=1):
    kh, kw, channels = kernel.shape
    p = F.unfold(x, (kh, kw), dilation, stride=stride)
    p = p.reshape(len(x), channels, kh * kw, -1)
    p = p + kernel.permute(2, 0, 1).reshape(channels, kh * kw, 1)
    rows = (x.shape[2] - (kh - 1) * dilation - 1) // stride + 1
    return p.max(2).values.reshape(len(x), channels, rows, -1)


def erosion2d(x, kernel, stride=1, dilation=1):
    return -dilation2d(-x, kernel.flip(0, 1), stride, dilation)


k = rng.normal(size=(2, 3, 3)).astype(np.float32)  # (height, width, channels)

# %% [markdown]
# `tf.nn.dilation2d` needs all its arguments, and has the channels last. The three lists are the steps and the
# dilations for the axes (batch, height, width, channels). The cells print a row of the output of the first channel,
# and the gradient of its kernel. This gradient counts how often each place of the window had the maximum:

# %% morphology-pt tags=["pytorch"]
x_pt, k_pt = torch.tensor(x), torch.tensor(k)
y_pt, dx_pt = value_and_grad(dilation2d, x_pt, k_pt)
_, dk_pt = value_and_grad(dilation2d, x_pt, k_pt, argnums=1)
show(y=y_pt[0, 0, 0])
show(dk=dk_pt[:, :, 0], digits=0)

# %% morphology-tf tags=["tensorflow"]
def dilate(x, k):
    return tf.nn.dilation2d(
        x, k, [1] * 4, "VALID", "NHWC", [1] * 4)


x_tf, k_tf = tf.constant(x_last), tf.constant(k)
y_tf, dx_tf = value_and_grad(dilate, x_tf, k_tf)
_, dk_tf = value_and_grad(dilate, x_tf, k_tf, argnums=1)
show(y=y_tf[0, 0, :, 0])
show(dk=dk_tf[:, :, 0], digits=0)

# %%
agree(last(y_pt), y_tf, gradients=([last(dx_pt), dk_pt], [dx_tf, dk_tf]))

# %% [markdown]
# (morphology-erosion)=
# ### `tf.nn.erosion2d` flips the kernel, `tf.nn.dilation2d` does not
#
# If you write an erosion as the minimum of $x - K$, the outputs are wrong for each kernel that is not symmetric. A
# kernel of one number or of equal numbers does not show it. The TensorFlow cell also computes minus the dilation of
# $-x$, with the kernel flipped and as it is:

# %% morphology-flipped-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(erosion2d, x_pt, k_pt)
_, dk_pt = value_and_grad(erosion2d, x_pt, k_pt, argnums=1)
show(eroded=y_pt[0, 0, 0])

# %% morphology-flipped-tf tags=["tensorflow"]
def erode(x, k):
    return tf.nn.erosion2d(
        x, k, [1] * 4, "VALID", "NHWC", [1] * 4)


y_tf, dx_tf = value_and_grad(erode, x_tf, k_tf)
_, dk_tf = value_and_grad(erode, x_tf, k_tf, argnums=1)
show(eroded=y_tf[0, 0, :, 0])
show(flipped=-dilate(-x_tf, k_tf[::-1, ::-1])[0, 0, :, 0],
     as_it_is=-dilate(-x_tf, k_tf)[0, 0, :, 0])

# %% morphology-flipped
agree(last(y_pt), y_tf, gradients=([last(dx_pt), dk_pt], [dx_tf, dk_tf]))

# %% [markdown]
# (morphology-border)=
# ### `"SAME"` ignores what is outside of the image: pad with −∞, not with 0
#
# With `"SAME"`, a dilation takes the maximum over the part of the window that is inside of the image. In PyTorch, put
# a border of −∞ around the image, which never has the maximum. The padding of `F.unfold` is 0, and it has the maximum
# where all numbers are negative. The next cells dilate a negative row with a kernel of three zeros:

# %% morphology-border-pt tags=["pytorch"]
row = torch.tensor([-5.0, -3, -4, -2])[None, None, None]
zeros = torch.zeros(1, 3, 1)
bordered = F.pad(row, (1, 1), value=-torch.inf)
y_pt = dilation2d(bordered, zeros)
show(infinite=y_pt[0, 0, 0], digits=0)
show(zero=dilation2d(F.pad(row, (1, 1)), zeros)[0, 0, 0],
     digits=0)

# %% morphology-border-tf tags=["tensorflow"]
row = tf.constant([-5.0, -3, -4, -2])[None, None, :, None]
zeros = tf.zeros((1, 3, 1))
y_tf = tf.nn.dilation2d(
    row, zeros, [1] * 4, "SAME", "NHWC", [1] * 4)
show(same=y_tf[0, 0, :, 0], digits=0)

# %% morphology-border
agree(last(y_pt), y_tf)

# %% [markdown]
# Strides and dilations are those of a convolution, and so is the size of the border. Here are both at once:

# %% morphology-strides-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(
    dilation2d, x_pt, k_pt, stride=2, dilation=2)
print(tuple(y_pt.shape))

# %% morphology-strides-tf tags=["tensorflow"]
y_tf, dx_tf = value_and_grad(lambda x: tf.nn.dilation2d(
    x, k, [1, 2, 2, 1], "VALID", "NHWC", [1, 2, 2, 1]), x_tf)
print(y_tf.shape)

# %% morphology-strides
agree(last(y_pt), y_tf, gradients=(last(dx_pt), dx_tf))

# %% [markdown]
# (morphology-at-ties)=
# ### At a tie the first place of the window gets the whole gradient
#
# In masks, most windows have several maxima. TensorFlow and PyTorch's `max` give the whole gradient to the first of
# them. PyTorch's `amax` divides it among all. So for TensorFlow's gradient, write `max(2).values` and not `amax(2)`.
# The next cells dilate a row of four zeros with a kernel of three zeros, which has two windows:

# %% morphology-ties-pt tags=["pytorch"]
row, zeros = torch.zeros(1, 1, 1, 4), torch.zeros(1, 3, 1)
_, dx_pt = value_and_grad(dilation2d, row, zeros)
_, shared = value_and_grad(
    lambda x: F.unfold(x, (1, 3)).amax(1), row)
show(max=dx_pt[0, 0, 0], amax=shared[0, 0, 0])

# %% morphology-ties-tf tags=["tensorflow"]
row, zeros = tf.zeros((1, 1, 4, 1)), tf.zeros((1, 3, 1))
_, dx_tf = value_and_grad(dilate, row, zeros)
show(dilation2d=dx_tf[0, 0, :, 0])

# %% morphology-ties
agree(last(dx_pt), dx_tf)

# %% [markdown]
# ### An erosion and then a dilation removes specks, a dilation and then an erosion closes holes
#
# An erosion removes all bright regions that are smaller than the window, and makes the others smaller. A dilation then
# gives these back their size. The two together are called an *opening*. In the other order they are a *closing*, which
# removes small dark regions. The figure shows both for a mask with windows of 3 × 3 and a kernel of zeros:

# %% opening-and-closing tags=["hide-input"]
# alt: Three masks of 24 by 24 pixels. The first is a bright square with four dark holes of one pixel inside, and six
# bright specks of one pixel outside. After the opening the specks are gone, and the holes are still there. After the
# closing the holes are gone, and the specks are still there. The square has its old size in both.
mask = np.zeros((1, 24, 24, 1), dtype=np.float32)
mask[:, 6:18, 6:18] = 1
for i, j in ((2, 3), (2, 15), (9, 2), (12, 21), (21, 6), (21, 20)):
    mask[:, i, j] = 1
mask[:, 9:15:5, 9] = mask[:, 9:15:5, 14] = 0
square = np.zeros((3, 3, 1), dtype=np.float32)
options = [1] * 4, "SAME", "NHWC", [1] * 4
opened = tf.nn.dilation2d(tf.nn.erosion2d(mask, square, *options), square, *options)
closed = tf.nn.erosion2d(tf.nn.dilation2d(mask, square, *options), square, *options)

fig, axes = plt.subplots(1, 3, figsize=(5.2, 2.0))
shades = LinearSegmentedColormap.from_list("", ["#333333", "#e8e0d0"])
for ax, title, each in zip(axes, ("Mask", "Opening: no specks", "Closing: no holes"),
                           (mask, opened, closed)):
    ax.imshow(each[0, :, :, 0], cmap=shades, interpolation="none")
    ax.axis("off")
    plots.head(ax, title, fontsize=10.5)
plt.show()

# %% [markdown]
# ## Which one to choose
#
# | you want | in PyTorch, then in TensorFlow | what to watch |
# | --- | --- | --- |
# | a matrix of patches | `F.unfold`<br>`keras.ops.unfold` | the channels are on axis 1 in both |
# | patches with the channels last | `F.unfold`, then transpose<br>`tf.image.extract_patches` | the order inside a patch |
# | patches that do not overlap | `stride=` the size of the window<br>`keras.ops.image.extract_patches` | this is its default step |
# | windows along one axis, without a copy | `x.unfold`<br>`tf.signal.frame` copies | the order of the axes |
# | patches added to an image | `F.fold`<br>`keras.ops.fold`, or a gradient | divide by the counts for a mean |
# | other weights at each position | write `LocallyConnected2d`<br>write `LocallyConnected2D` | the number of parameters |
# | the maximum or minimum of a window, with a kernel | write `dilation2d`<br>`tf.nn.dilation2d`, `tf.nn.erosion2d` | the border; erosion flips the kernel |
#
# ## Exercises
#
# Write unfold, fold, a convolution with its backward pass, a locally connected layer and a dilation:
# [exercises on unfolding](../../exercises/layers/unfolding.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
