# %% [markdown]
# # Exercises: transposed convolution
#
# Write the layers of [the chapter](../../chapters/layers/transposed_convolution.ipynb) yourself, from their
# formulas: in PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the
# check below it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# accepts the shapes that the statement names, returns float32 for float32, and does not change its inputs.
# With wrong values it earns no points. The first exercise asks only for sizes, and has no point for gradients. You
# may multiply matrices (`@`, `matmul`, `einsum`), add and pad. Do not use the layers and functions of the chapter, nor
# plain convolutions. Only the exercise with the zeros permits a plain convolution.
#
# Each framework has its own layout. In PyTorch the channels are axis 1 of the input, and a kernel has the shape
# (in, out, size). In TensorFlow the channels are the last axis, and a kernel has the shape (size, out, in). The
# inputs are small, so that loops are fast enough.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## The size of the output
#
# Return three tensors with the output sizes of a transposed convolution: in PyTorch, in Keras with
# `padding="valid"`, and in Keras with `padding="same"`. `n` has several input sizes. PyTorch's layer gets all
# arguments. Keras's layers get `size` and `stride` only; their dilation is 1, and their `output_padding` is `None`.
#
# Worked case: for n = 4, size 3, stride 2, padding 1, output_padding 1 and dilation 1, the sizes are 8, 9 and 8.
#
# Hint 1: The stamps of neighbouring inputs begin `stride` places apart. Where does the last stamp begin, and where
# does it end?
#
# Hint 2: The last stamp begins at (n − 1) · stride, and reaches over dilation · (size − 1) + 1 places. PyTorch's
# `padding` removes numbers at both ends, and `output_padding` removes fewer at the end. What does Keras do if the
# stamps are smaller than the stride?
#
# Hint 3: For `"valid"` use `(n - 1) * stride + max(size, stride)`, and for `"same"` `n * stride`.

# %%
def transposed_sizes_pt(
    n: torch.Tensor,
    size: int,
    stride: int,
    padding: int,
    output_padding: int,
    dilation: int,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """n: whole numbers as floats, of any shape; returns three
    sizes, PyTorch's, "valid" and "same", each of n's shape."""
    start = (n - 1) * stride  # where the last stamp begins
    reach = dilation * (size - 1) + 1
    size_pt = start + reach - 2 * padding + output_padding
    return size_pt, start + max(size, stride), n * stride

# %%
def transposed_sizes_tf(
    n: tf.Tensor,
    size: int,
    stride: int,
    padding: int,
    output_padding: int,
    dilation: int,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """n: whole numbers as floats, of any shape; returns three
    sizes, PyTorch's, "valid" and "same", each of n's shape."""
    start = (n - 1) * stride  # where the last stamp begins
    reach = dilation * (size - 1) + 1
    size_pt = start + reach - 2 * padding + output_padding
    return size_pt, start + max(size, stride), n * stride

# %% [markdown]
# **Why:** n inputs have n − 1 steps between them, so a size is (n − 1) · stride plus one stamp. With `"valid"`,
# Keras takes at least `stride` places for the last stamp. With `"same"` it cuts the output to n · stride.

# %% [markdown]
# ## Transposed convolution
#
# Write the transposed convolution of a batch of signals, with a bias, a stride and PyTorch's `padding`. Each input
# adds a stamp to the output: the kernel, multiplied by this input. The stamp of input $p$ begins at place $p$ · stride.
# In the end, `padding` numbers are removed at each end of the output. `padding` may be 0.
#
# Worked case: the signal (1, 2), the kernel (1, 10, 100), the stride 2, the bias 0.5 and no padding give 1.5, 10.5,
# 100 + 2 · 1 + 0.5 = 102.5, 20.5 and 200.5.
#
# Hint 1: How long is the output, before you remove something? Which places does input $p$ reach?
#
# Hint 2: Compute the stamp of each input: multiply the input by the kernel, and sum over the input channels. Pad the
# stamp with zeros to the size of the output, and add all of them.
#
# Hint 3: `torch.einsum("bi,iok->bok", x[:, :, p], kernel)`, `tf.einsum("bi,koi->bko", x[:, p], kernel)`. Crop with
# `y[:, :, padding : length - padding]`, because `y[:, :, 0:-0]` is empty.

# %%
def transposed_convolution_pt(
    x: torch.Tensor,
    kernel: torch.Tensor,
    bias: torch.Tensor,
    stride: int,
    padding: int,
) -> torch.Tensor:
    """x: (batch, in, n), kernel: (in, out, size), bias: (out,);
    returns (batch, out, (n - 1) * stride + size
    - 2 * padding)."""
    (b, _, n), (_, n_out, size) = x.shape, kernel.shape
    length = (n - 1) * stride + size
    y = torch.zeros(b, n_out, length)
    for p in range(n):
        stamp = torch.einsum("bi,iok->bok", x[:, :, p], kernel)
        y[:, :, p * stride : p * stride + size] += stamp
    return y[:, :, padding : length - padding] + bias[:, None]

# %%
def transposed_convolution_tf(
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor,
    stride: int,
    padding: int,
) -> tf.Tensor:
    """x: (batch, n, in), kernel: (size, out, in), bias: (out,);
    returns (batch, (n - 1) * stride + size - 2 * padding,
    out)."""
    n, size = x.shape[1], kernel.shape[0]
    length = (n - 1) * stride + size
    y = 0.0
    for p in range(n):
        stamp = tf.einsum("bi,koi->bko", x[:, p], kernel)
        start = p * stride
        around = [start, length - size - start]
        y += tf.pad(stamp, [[0, 0], around, [0, 0]])
    return y[:, padding : length - padding] + bias

# %% [markdown]
# **Why:** a convolution reads a window for each output, and a transposed convolution writes one for each input. So
# `padding`, which adds zeros to what a convolution reads, removes numbers from what a transposed convolution writes.

# %% [markdown]
# ## By zeros and a plain convolution
#
# Compute a transposed convolution as a plain convolution with the stride 1. Return two tensors: the stretched input,
# and the output. To stretch the input, put stride − 1 zeros between neighbours, and then size − 1 zeros at each end.
# The output is the convolution of the stretched input with the right kernel. There is no bias and no padding, so the
# output is that of the exercise before. You may use `torch.nn.functional.conv1d` and `tf.nn.conv1d` here.
#
# Worked case: the signal (1, 2), the kernel (1, 10, 100) and the stride 2 give the stretched input (0, 0, 1, 0, 2, 0,
# 0). The output is (1, 10, 102, 20, 200).
#
# Hint 1: The first output is the first input times the *first* weight. Which weight of a window multiplies the last
# of its three numbers?
#
# Hint 2: Stack `x` with stride − 1 tensors of zeros along a new axis behind the positions, reshape, and drop the
# zeros behind the last number. Reverse the kernel along its places, and sum over the input channels.
#
# Hint 3: With m outputs, add over all places $t$: in PyTorch `torch.einsum("bip,io->bop", wide[:, :, t : t + m],
# kernel[:, :, size - 1 - t])`, in TensorFlow `tf.einsum("bpi,oi->bpo", wide[:, t : t + m], kernel[size - 1 - t])`.

# %%
def transposed_by_zeros_pt(
    x: torch.Tensor, kernel: torch.Tensor, stride: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """x: (batch, in, n), kernel: (in, out, size); returns
    (batch, in, m + size - 1) and (batch, out, m), where
    m = (n - 1) * stride + size."""
    size, n = kernel.shape[2], x.shape[2]
    m = (n - 1) * stride + size
    zeros = [torch.zeros_like(x)] * (stride - 1)
    wide = torch.stack([x, *zeros], -1).flatten(2)
    wide = wide[:, :, : (n - 1) * stride + 1]
    wide = torch.nn.functional.pad(wide, (size - 1, size - 1))
    y = 0
    for t in range(size):
        w = kernel[:, :, size - 1 - t]
        read = wide[:, :, t : t + m]
        y = y + torch.einsum("bip,io->bop", read, w)
    return wide, y

# %%
def transposed_by_zeros_tf(
    x: tf.Tensor, kernel: tf.Tensor, stride: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """x: (batch, n, in), kernel: (size, out, in); returns
    (batch, m + size - 1, in) and (batch, m, out), where
    m = (n - 1) * stride + size."""
    size, (b, n, n_in) = kernel.shape[0], x.shape
    m = (n - 1) * stride + size
    zeros = [tf.zeros_like(x)] * (stride - 1)
    wide = tf.reshape(tf.stack([x, *zeros], 2), (b, -1, n_in))
    wide = wide[:, : (n - 1) * stride + 1]
    wide = tf.pad(wide, [[0, 0], [size - 1] * 2, [0, 0]])
    y = 0.0
    for t in range(size):
        w = kernel[size - 1 - t]
        y += tf.einsum("bpi,oi->bpo", wide[:, t : t + m], w)
    return wide, y

# %% [markdown]
# **Why:** the zeros put the inputs `stride` places apart. A window of a convolution begins at its output, but a stamp
# begins at its input. So what was first in the stamp is last in the window, and the kernel is reversed.

# %% [markdown]
# ## By the transposed matrix
#
# A convolution of an image is the product of a matrix and the image, written as one row of numbers. Return two
# tensors: the matrix $A$ of the convolution of (height, width) images with the kernel, and the transposed
# convolution of `y`, computed with the transposed matrix. There is one channel, no bias and no padding. $A$ has a row
# for each output of the convolution and a column for each pixel of the image. Outputs and pixels are counted row by
# row. The second tensor has images of (height, width), one for each example of `y`.
#
# Worked case: for (2, 3) images, the kernel ((1, 10), (3, 4)) and the stride 1, $A$ has the rows (1, 10, 0, 3, 4, 0)
# and (0, 1, 10, 0, 3, 4). For $y$ = (1, 2) the image is ((1, 12, 20), (3, 10, 8)).
#
# Hint 1: Which pixels does the output (i, j) read, and with which weights? Draw this as an image of (height, width).
#
# Hint 2: A row of the matrix is the kernel with zeros around it. Row i · stride of the image is the first that it
# covers. Then $A^\top y$ is the sum of the rows of $A$, each multiplied by its number of $y$.
#
# Hint 3: `torch.nn.functional.pad(kernel, (left, right, top, bottom)).flatten()`, `tf.reshape(tf.pad(kernel, [[top,
# bottom], [left, right]]), [-1])`. With `y` reshaped to (batch, rows of A), the image is `y @ A`.

# %%
def transposed_by_matrix_pt(
    y: torch.Tensor,
    kernel: torch.Tensor,
    height: int,
    width: int,
    stride: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """y: (batch, rows, columns), kernel: (kh, kw); returns
    (rows * columns, height * width), (batch, height, width)."""
    kh, kw = kernel.shape
    lines = []
    for i in range(0, height - kh + 1, stride):
        for j in range(0, width - kw + 1, stride):
            sides = (j, width - kw - j, i, height - kh - i)
            line = torch.nn.functional.pad(kernel, sides)
            lines.append(line.flatten())
    matrix = torch.stack(lines)
    image = y.flatten(1) @ matrix
    return matrix, image.reshape(-1, height, width)

# %%
def transposed_by_matrix_tf(
    y: tf.Tensor,
    kernel: tf.Tensor,
    height: int,
    width: int,
    stride: int,
) -> tuple[tf.Tensor, tf.Tensor]:
    """y: (batch, rows, columns), kernel: (kh, kw); returns
    (rows * columns, height * width), (batch, height, width)."""
    kh, kw = kernel.shape
    lines = []
    for i in range(0, height - kh + 1, stride):
        for j in range(0, width - kw + 1, stride):
            sides = [[i, height - kh - i], [j, width - kw - j]]
            line = tf.pad(kernel, sides)
            lines.append(tf.reshape(line, [-1]))
    matrix = tf.stack(lines)
    image = tf.reshape(y, (len(y), -1)) @ matrix
    return matrix, tf.reshape(image, (-1, height, width))

# %% [markdown]
# **Why:** the matrix of a convolution has its weights in rows, and the transposed matrix has the same weights in
# columns. This is where the layer has its name from. The transposed matrix has the right shape for any image size
# from which the convolution makes `y`: pixels that no window reads become 0.

# %% [markdown]
# ## Keras's `"same"` from PyTorch's output
#
# `full` is the output of PyTorch's `nn.ConvTranspose1d` without padding, so it has (n − 1) · stride + size numbers for
# n inputs. Return what Keras's `Conv1DTranspose` with `padding="same"` returns for the same weights, which has
# n · stride numbers. The layers have no bias. Keras removes size − stride numbers. Half of them are in front, and if
# the number is odd, the odd one is at the end. If the kernel is smaller than the stride, Keras adds the missing numbers
# as zeros at the end.
#
# Worked case: with the size 3 and the stride 2, (1, 2, 3, 4, 5, 6, 7) becomes (1, 2, 3, 4, 5, 6): the odd number is
# removed at the end.
#
# Hint 1: How many numbers must be removed in all? What is half of it, rounded down?
#
# Hint 2: `max(size - stride, 0) // 2` numbers are removed in front. How many must then be removed at the end, and
# what if this is negative?
#
# Hint 3: `torch.nn.functional.pad` with a negative number crops. In TensorFlow, slice, and then pad with
# `tf.pad(y, [[0, 0], [0, zeros], [0, 0]])`.

# %%
def transposed_same_pt(
    full: torch.Tensor, size: int, stride: int
) -> torch.Tensor:
    """full: (batch, channels, (n - 1) * stride + size); returns
    (batch, channels, n * stride)."""
    front = max(size - stride, 0) // 2
    end = size - stride - front
    return torch.nn.functional.pad(full, (-front, -end))

# %%
def transposed_same_tf(
    full: tf.Tensor, size: int, stride: int
) -> tf.Tensor:
    """full: (batch, (n - 1) * stride + size, channels); returns
    (batch, n * stride, channels)."""
    front = max(size - stride, 0) // 2
    length = full.shape[1] - size + stride  # n * stride
    y = full[:, front : front + length]
    zeros = max(stride - size, 0)
    return tf.pad(y, [[0, 0], [0, zeros], [0, 0]])

# %% [markdown]
# **Why:** if an odd number must be removed, Keras removes more at the end than in front. PyTorch's `padding` and
# `output_padding` never do this. So if size − stride is odd and positive, this crop is the way to port the layer.
