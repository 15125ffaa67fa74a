# %% [markdown]
# # Preprocessing
#
# The layers of this chapter turn the columns of a table into numbers that a network can use. They standardize
# numbers, sort numbers into bins, and turn categories into rows of 0 and 1. They learn nothing by gradients: the
# numbers that they need are given by you, or `adapt` computes them once from the training data.
#
# **The claim:** PyTorch has none of these layers, and needs none: all but the hashes are a line or two. The
# mistakes are in the special cases: a variance that is divided by n − 1, a number that is equal to an edge, a
# category that nobody has seen before. This chapter rebuilds the layers in PyTorch, even the hash of TensorFlow,
# so that you can port a model with its preprocessing. Only the edges that `Discretization.adapt` finds do not agree.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()

# %% [markdown]
# (feature-normalization)=
# ## Feature normalization
#
# <!-- head: feature_normalization -->
#
# Feature normalization subtracts the mean of a column and divides by its standard deviation. The columns of a
# table have different units, and after this layer they have similar sizes. Choose it for all columns of numbers.
#
# $$y = \frac{x - \mu}{\sigma}, \qquad \mu = \frac{1}{n} \sum_{i=1}^{n} t_i, \qquad
# \sigma^2 = \frac{1}{n} \sum_{i=1}^{n} (t_i - \mu)^2$$
#
# Here $t_1, \dots, t_n$ is the column in the training data, and $x$ is any number of the same column. The
# statistics never come from the test data. In Keras, `adapt` computes them. In PyTorch, compute them yourself:

# %%
train_rows = np.array([[2, 10], [4, 10], [6, 40], [8, 40]], dtype=np.float32)
new_rows = np.array([[5, 40], [9, 10]], dtype=np.float32)

# %% norm-pt tags=["pytorch"]
x = torch.tensor(new_rows, requires_grad=True)
train_pt = torch.tensor(train_rows)
mean = train_pt.mean(0)
std = train_pt.std(0, correction=0)
y_pt = (x - mean) / std
(dx_pt,) = torch.autograd.grad((y_pt**2).sum(), x)
show(mean=mean, std=std, y=y_pt, dx=dx_pt)

# %% norm-tf tags=["tensorflow"]
x = tf.Variable(new_rows)
train_tf = tf.constant(train_rows)
layer = keras.layers.Normalization()
layer.adapt(train_tf)
with tf.GradientTape() as tape:
    y_tf = layer(x)
    loss = tf.reduce_sum(y_tf**2)
dx_tf = tape.gradient(loss, x)
show(mean=layer.mean, std=layer.variance**0.5,
     y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# `dx` is the gradient of the sum of the squares of `y`. The next sections compute gradients with
# `value_and_grad`, which differentiates the sum of the outputs.
#
# ### `torch.std` divides by n − 1, Keras divides by n
#
# The next cells print the standard deviations that each framework computes by default, and those with n. With 4
# rows, the two differ by a factor of $\sqrt{4/3}$. With a thousand rows you will not see it.

# %% norm-n-pt tags=["pytorch"]
default = train_pt.std(0)
with_n_pt = train_pt.std(0, correction=0)
show(default=default, with_n=with_n_pt)

# %% norm-n tags=["tensorflow"]
default = layer.variance[0] ** 0.5
with_n_tf = tf.math.reduce_std(train_tf, 0)
show(default=default, with_n=with_n_tf)

# %%
agree(with_n_pt, with_n_tf)

# %% [markdown]
# ### Before `adapt`, Keras returns the input without an error
#
# A layer that has not been adapted returns its input. `adapt` starts anew in each call, so a second call
# replaces the statistics. In PyTorch, write a module with two buffers: they are saved with the model, and no
# optimizer changes them. The next cells print the names of what is saved.

# %% norm-module-pt tags=["pytorch"]
class Standardize(nn.Module):
    def __init__(self, n_columns):
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_columns))
        self.register_buffer("std", torch.ones(n_columns))

    def forward(self, x):
        return (x - self.mean) / self.std


layer = Standardize(2)
before_pt = layer(torch.tensor(new_rows))
layer.mean, layer.std = mean, std
after_pt = layer(torch.tensor(new_rows))
print(list(layer.state_dict()))

# %% norm-module-tf tags=["tensorflow"]
layer = keras.layers.Normalization()
before_tf = layer(tf.constant(new_rows))
layer.adapt(train_tf)
after_tf = layer(tf.constant(new_rows))
print([w.name for w in layer.non_trainable_weights])

# %%
agree([before_pt, after_pt], [before_tf, after_tf])

# %% [markdown]
# (normalization-port)=
# ### To port an adapted layer, copy the mean, and the root of the variance
#
# `copy_weights` cannot copy the statistics, because PyTorch has no such layer. Assign the two buffers of `Standardize`
# yourself. Keras stores the variance, so take its root. The limit 1e-7 is [for constant columns](constant-column).

# %% norm-port
port = Standardize(2)
port.mean = torch.tensor(layer.mean.numpy()[0])
port.std = torch.tensor(layer.variance.numpy()[0]).sqrt().clamp(min=1e-7)
agree(port(torch.tensor(new_rows)), layer(tf.constant(new_rows)))

# %% [markdown]
# (constant-column)=
# ### A constant column is infinite or NaN in PyTorch, and Keras divides by 1e-7
#
# The first column of the training data is 1 in both rows, so its standard deviation is 0. Keras divides by
# max(σ, 1e-7). A number that differs from the constant by ½ becomes five million. In both frameworks, leave
# such a column out.

# %% norm-constant-pt tags=["pytorch"]
x = torch.tensor([[1.0, 2.0], [1.5, 3.0]])
constant = torch.tensor([[1.0, 2.0], [1.0, 3.0]])
mean, std = constant.mean(0), constant.std(0, correction=0)
show(y=(x - mean) / std, digits=1)
y_pt = (x - mean) / std.clamp(min=1e-7)
show(y=y_pt, digits=1)

# %% norm-constant-tf tags=["tensorflow"]
x = tf.constant([[1.0, 2.0], [1.5, 3.0]])
constant = tf.constant([[1.0, 2.0], [1.0, 3.0]])
layer = keras.layers.Normalization()
layer.adapt(constant)
y_tf = layer(x)
show(y=y_tf, digits=1)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### Keras takes given statistics as mean and variance
#
# A pretrained model often comes with the mean and the standard deviation of each channel. Keras's argument is
# the *variance*, so square the standard deviation. Each place along `axis` has its own statistics. The default is
# the last axis; the images here have the channels first, so `axis` is 1.

# %%
images = np.random.default_rng(0).uniform(size=(2, 3, 4, 4)).astype(np.float32)
means, deviations = [0.5, 0.4, 0.3], [0.2, 0.25, 0.4]

# %% norm-given-pt tags=["pytorch"]
x = torch.tensor(images)  # (batch, channels, h, w)
mean = torch.tensor(means)[:, None, None]
std = torch.tensor(deviations)[:, None, None]
y_pt, dx_pt = value_and_grad(lambda x: (x - mean) / std, x)

# %% norm-given-tf tags=["tensorflow"]
x = tf.constant(images)  # (batch, channels, h, w)
mean, std = np.array(means), np.array(deviations)
y_tf, dx_tf = value_and_grad(
    lambda x: keras.layers.Normalization(
        axis=1, mean=mean, variance=std**2)(x), x)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# (rescaling)=
# ## Rescaling
#
# <!-- head: rescaling -->
#
# Rescaling multiplies by a number and adds another one. Choose it for numbers whose range you know, such as the
# pixels of an image.
#
# $$y = s\,x + b$$
#
# Here $s$ is the `scale` and $b$ is the `offset`. To map a range $[l, h]$ to $[l', h']$, choose
# $s = (h' - l')/(h - l)$ and $b = l' - s\,l$. The next cells map pixels from 0 … 255 to −1 … 1.

# %% rescale-pt tags=["pytorch"]
x = torch.tensor([0.0, 51.0, 102.0, 255.0])
y_pt, dx_pt = value_and_grad(lambda x: x / 127.5 - 1, x)
show(x=x, y=y_pt, dx=dx_pt)

# %% rescale-tf tags=["tensorflow"]
x = tf.constant([0.0, 51.0, 102.0, 255.0])
y_tf, dx_tf = value_and_grad(lambda x: keras.layers.Rescaling(
    1 / 127.5, offset=-1)(x), x)
show(x=x, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### Rescaling converts integers to float32, and a product of integers overflows
#
# An image is often stored as `uint8`, whose largest number is 255. In both frameworks, `pixels * 2` stays in
# `uint8`, so 200 becomes 144. Keras's layer converts its input first. In PyTorch, write `.float()`.

# %% rescale-uint8-pt tags=["pytorch"]
pixels = torch.tensor([50, 100, 200], dtype=torch.uint8)
y_pt = pixels.float() * 2
show(product=pixels * 2, y=y_pt)

# %% rescale-uint8-tf tags=["tensorflow"]
pixels = tf.constant([50, 100, 200], dtype=tf.uint8)
y_tf = keras.layers.Rescaling(2.0)(pixels)
show(product=pixels * 2, y=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# A common mistake is to divide by 255 twice: once in the pipeline that loads the images, and once in the model.
# All inputs are then between 0 and 0.004, and no error tells you.

# %% [markdown]
# (discretization)=
# ## Discretization
#
# <!-- head: discretization -->
#
# Discretization replaces a number by the number of its bin. Choose it where the effect of a number is not
# smooth, such as the age at which somebody may drive. Follow it with a one-hot encoding or an embedding.
#
# $$y = \#\{\, j : e_j \le x \,\}$$
#
# Here $e_1 < \dots < e_k$ are the edges, and $\#$ counts those that are at most $x$. So $k$ edges make $k + 1$
# bins, from 0 to $k$.
#
# ### A number equal to an edge belongs to the bin above it, in PyTorch only with `right=True`
#
# The ages 18 and 30 are equal to an edge. `tf.searchsorted` has the same default as `torch.bucketize`: the bin
# below.

# %%
ages = np.array([17, 18, 29, 30, 64], dtype=np.float32)
edges = [18.0, 30.0, 50.0]

# %% bucket-pt tags=["pytorch"]
x, edges_pt = torch.tensor(ages), torch.tensor(edges)
below_pt = torch.bucketize(x, edges_pt)
y_pt = torch.bucketize(x, edges_pt, right=True)
show(default=below_pt, right=y_pt)

# %% bucket-tf tags=["tensorflow"]
x = tf.constant(ages)
below_tf = tf.searchsorted(edges, x)
y_tf = keras.layers.Discretization(edges)(x)
show(searchsorted=below_tf, layer=y_tf)

# %%
agree([below_pt, y_pt], [below_tf, y_tf])

# %% [markdown]
# ### A bin is a constant for the gradient
#
# The bins are integers, so no gradient passes through them, in both frameworks. The next cells differentiate $x$
# plus its bin with respect to $x$: the gradient is 1, that of $x$ alone. So an explanation of a model by the
# gradient of its inputs does not see what a bin contributes.

# %% bucket-gradient-pt tags=["pytorch"]
y_pt, dx_pt = value_and_grad(lambda x: x + torch.bucketize(
    x, edges_pt, right=True), torch.tensor(ages))
show(y=y_pt, dx=dx_pt, digits=0)

# %% bucket-gradient-tf tags=["tensorflow"]
y_tf, dx_tf = value_and_grad(
    lambda x: x + tf.cast(keras.layers.Discretization(
        edges)(x), tf.float32), tf.constant(ages))
show(y=y_tf, dx=dx_tf, digits=0)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### `adapt` finds approximate quantiles, so its edges are not those of `torch.quantile`
#
# With `num_bins`, `adapt` computes edges that give all bins about the same number of values. It reads the data
# in parts, and its quantiles are approximate. The two frameworks do not agree here. If you need the exact
# quantiles in Keras, compute them yourself, and pass them as `bin_boundaries`: a list, as an array raises an error.

# %% bucket-quantiles-pt tags=["pytorch"]
x = torch.arange(100.0)
exact = torch.quantile(x, torch.tensor([0.25, 0.5, 0.75]))
bins_pt = torch.bucketize(x, exact, right=True)
show(edges=exact, digits=2)
show(count=torch.bincount(bins_pt))

# %% bucket-quantiles-tf tags=["tensorflow"]
x = tf.range(100.0)
layer = keras.layers.Discretization(num_bins=4)
layer.adapt(x)
show(edges=layer.bin_boundaries, digits=2)
show(count=tf.math.bincount(layer(x)))
exact = keras.ops.quantile(x, [0.25, 0.5, 0.75])
bins_tf = keras.layers.Discretization(exact.numpy().tolist())(x)

# %% bucket-exact
agree(bins_pt, bins_tf)

# %% [markdown]
# (category-encoding)=
# ## Category encoding (one-hot)
#
# <!-- head: category_encoding -->
#
# Category encoding turns the number of a category, a *token*, into a row of 0 and 1. Choose one-hot for one
# category, such as a city. Choose multi-hot or counts for a set of categories, such as the words of a text.
#
# $$\text{one-hot:}\; h_{ik} = [\,t_i = k\,], \qquad \text{multi-hot:}\; \max_i h_{ik}, \qquad
# \text{count:}\; \sum_i h_{ik}$$
#
# Here $t_i$ is the token number $i$ of a sample, $k = 0, \dots, n - 1$ is a column, and $[\dots]$ is 1 if the
# condition holds, else 0. The next cells encode two samples of three tokens. PyTorch returns integers, and Keras
# returns float32.

# %% code-pt tags=["pytorch"]
tokens = torch.tensor([[1, 3, 3], [0, 2, 1]])
one_hot_pt = F.one_hot(tokens, 4)  # (batch, 3, 4)
multi_pt = F.one_hot(tokens, 4).amax(1)
count_pt = F.one_hot(tokens, 4).sum(1)
show(first=one_hot_pt[0])
show(multi_hot=multi_pt)
show(count=count_pt)

# %% code-tf tags=["tensorflow"]
tokens = tf.constant([[1, 3, 3], [0, 2, 1]])
one_hot_tf = tf.one_hot(tokens, 4)  # (batch, 3, 4)
by_layer = keras.layers.CategoryEncoding(4, "one_hot")(tokens)
multi_tf = keras.layers.CategoryEncoding(4)(tokens)
count_tf = keras.layers.CategoryEncoding(4, "count")(tokens)
show(first=by_layer[0], digits=0)
show(multi_hot=multi_tf, digits=0)
show(count=count_tf, digits=0)

# %%
agree([one_hot_pt, one_hot_pt], [one_hot_tf, by_layer])
agree([multi_pt, count_pt], [multi_tf, count_tf])

# %% [markdown]
# ### A token out of range is an error in PyTorch and a row of zeros in `tf.one_hot`
#
# `F.one_hot` raises an error for a token that is negative or too large. `tf.one_hot` returns a row of 0, and so
# does Keras with `"one_hot"`. To get this in PyTorch, compare the tokens with all columns. With `"multi_hot"` or
# `"count"`, Keras leaves out a token that is too large, and raises an error for a negative one, such as −1.

# %% code-unknown-pt tags=["pytorch"]
tokens = torch.tensor([2, -1, 4])
with show_error():
    F.one_hot(tokens, 4)
y_pt = (tokens[:, None] == torch.arange(4)).float()
show(y=y_pt, digits=0)

# %% code-unknown-tf tags=["tensorflow"]
tokens = tf.constant([2, -1, 4])
y_tf = tf.one_hot(tokens, 4)
by_layer = keras.layers.CategoryEncoding(4, "one_hot")(tokens)
show(y=by_layer, digits=0)
multi_hot = keras.layers.CategoryEncoding(4)
show(too_large=multi_hot(tokens[::2]), digits=0)
with show_error():
    multi_hot(tokens)

# %%
agree([y_pt, y_pt], [y_tf, by_layer])

# %% [markdown]
# ### For `multi_hot` and `count`, an input with one axis is one sample
#
# The shape (2,) is one sample of two tokens for `multi_hot` and `count`, and two samples for `one_hot`. For two
# samples of one token, pass the shape (2, 1). `one_hot` takes this shape, too, and returns (2, 4), where
# `F.one_hot` and `tf.one_hot` return (2, 1, 4).

# %% code-axis-pt tags=["pytorch"]
tokens = torch.tensor([0, 2])
one_sample_pt = F.one_hot(tokens, 4).amax(-2)
rows = F.one_hot(tokens[:, None], 4)
two_samples_pt = rows.amax(-2)
show(one_sample=one_sample_pt)
show(two_samples=two_samples_pt)
print("one_hot:", tuple(rows.shape))

# %% code-axis-tf tags=["tensorflow"]
tokens = tf.constant([0, 2])
encode = keras.layers.CategoryEncoding(4, "multi_hot")
one_sample_tf = encode(tokens)
two_samples_tf = encode(tokens[:, None])
rows = keras.layers.CategoryEncoding(
    4, "one_hot")(tokens[:, None])
show(one_sample=one_sample_tf, digits=0)
show(two_samples=two_samples_tf, digits=0)
print("one_hot:", rows.shape)

# %%
agree([one_sample_pt, two_samples_pt], [one_sample_tf, two_samples_tf])

# %% [markdown]
# ### Weighted counts have a gradient only if you write the product yourself
#
# With `count_weights`, each token adds its weight instead of 1. Keras computes the values, but its operation has
# no gradient with respect to the weights. If a network computes the weights, multiply the one-hot rows yourself.

# %% code-weights-pt tags=["pytorch"]
tokens = torch.tensor([[1, 3, 3]])
weights = torch.tensor([[0.5, 1.0, 2.0]])
y_pt, dw_pt = value_and_grad(lambda w: (
    F.one_hot(tokens, 4) * w[..., None]).sum(1) ** 2, weights)
show(y=y_pt, dw=dw_pt)

# %% code-weights-tf tags=["tensorflow"]
tokens = tf.constant([[1, 3, 3]])
weights = tf.constant([[0.5, 1.0, 2.0]])
y_tf, dw_tf = value_and_grad(lambda w: tf.reduce_sum(
    tf.one_hot(tokens, 4) * w[..., None], 1) ** 2, weights)
show(y=y_tf, dw=dw_tf)

# %%
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# The layer returns the same sums, and raises an error when it is differentiated. In PyTorch, there is no such
# layer to show.

# %% code-weights-error-tf
count = keras.layers.CategoryEncoding(4, "count")
show(y=count(tokens, count_weights=weights) ** 2)
with show_error():
    value_and_grad(lambda w: count(tokens, count_weights=w), weights)

# %% [markdown]
# (hashing)=
# ## Hashing
#
# <!-- head: hashing -->
#
# Hashing assigns a bin to any string or integer, without a vocabulary {footcite:p}`weinberger2009feature`. Choose
# it if there are too many categories to list, or if new ones appear later. The disadvantage: different categories
# share a bin, and a network cannot tell them apart.
#
# $$y = \operatorname{fingerprint}(\text{bytes of } x) \bmod n$$
#
# Here $n$ is the number of bins. Keras uses a fingerprint of TensorFlow, FarmHash with 64 bits. PyTorch has no
# hash for strings, and neither `hash` of Python nor MD5 gives the same bins. `hash` of a string even changes each
# time that Python starts. To port a model, you need the same fingerprint. The next cell computes it in plain
# Python, for up to 16 bytes.

# %% tags=["hide-input"]
BITS = 2**64 - 1
K_0, K_2 = 0xC3A5C85C97CB3127, 0x9AE16A3B2F90404F


def mix(x):
    return x ^ (x >> 47)


def rotate(x, n):
    return (x >> n | x << 64 - n) & BITS


def hash_pair(u, v, mul):
    a = mix((u ^ v) * mul & BITS)
    return mix((v ^ a) * mul & BITS) * mul & BITS


def fingerprint(value):
    """FarmHash's Fingerprint64 of a string or an integer of up to 16 bytes."""
    text = str(value).encode()
    n, first, last = len(text), text[:8], text[-8:]
    assert n <= 16, "longer texts need the other branches of FarmHash"
    if n >= 8:
        mul = K_2 + 2 * n
        a = int.from_bytes(first, "little") + K_2 & BITS
        b = int.from_bytes(last, "little")
        c = rotate(b, 37) * mul + a & BITS
        return hash_pair(c, (rotate(a, 25) + b) * mul & BITS, mul)
    if n >= 4:
        a, b = (int.from_bytes(part, "little") for part in (text[:4], text[-4:]))
        return hash_pair(n + (a << 3), b, K_2 + 2 * n)
    if n == 0:
        return K_2
    a = (text[0] + (text[n // 2] << 8)) * K_2 & BITS
    return mix(a ^ (n + (text[-1] << 2)) * K_0 & BITS) * K_2 & BITS


words = ["a", "Ulm", "Köln", "Frankfurt", "Gelsenkirchen"]

# %% hash-pt tags=["pytorch"]
bins_pt = torch.tensor([fingerprint(w) % 5 for w in words])
masked_pt = torch.tensor(
    [1 + fingerprint(w) % 4 for w in words])
show(bins=bins_pt, masked=masked_pt)

# %% hash-tf tags=["tensorflow"]
bins_tf = keras.layers.Hashing(5)(words)
by_function = tf.strings.to_hash_bucket_fast(words, 5)
masked_tf = keras.layers.Hashing(5, mask_value="")(words)
show(bins=bins_tf, masked=masked_tf)

# %%
agree([bins_pt, bins_pt, masked_pt], [bins_tf, by_function, masked_tf])

# %% [markdown]
# With `mask_value`, Keras keeps bin 0 for this value, and all others have the bins 1 + fingerprint mod ($n$ − 1).
# With `salt`, Keras computes another hash, SipHash, which is not rebuilt here.
#
# ### An integer has the same bin as its digits in a string
#
# Keras writes an integer as a string before it computes the hash. So 12 and `"12"` share a bin, and neighbours
# do not have neighbouring bins.

# %% hash-integers-pt tags=["pytorch"]
numbers_pt = torch.tensor([fingerprint(n) % 10
                           for n in (11, 12, 13)])
show(numbers=numbers_pt)

# %% hash-integers-tf tags=["tensorflow"]
numbers_tf = keras.layers.Hashing(10)([11, 12, 13])
strings = keras.layers.Hashing(10)(["11", "12", "13"])
show(numbers=numbers_tf, strings=strings)

# %%
agree(numbers_pt, numbers_tf)

# %% [markdown]
# ### With as many bins as words, more than a third of the bins stays empty
#
# If a hash spreads $m$ words evenly over $n$ bins, then $n\,(1 - (1 - 1/n)^m)$ bins are expected to be in use.
# The next cells count the bins that 1000 words use. With 1000 bins, 642 are in use, so 358 words have a bin that
# another word had before them. Even ten times as many bins leave 48 such words.

# %%
many = [f"word{i}" for i in range(1000)]
sizes = [100, 1000, 10000]

# %% hash-bins-pt tags=["pytorch"]
prints = [fingerprint(word) for word in many]
used_pt = torch.tensor(
    [len({p % n for p in prints}) for n in sizes])
show(bins=sizes, used=used_pt)

# %% hash-bins-tf tags=["tensorflow"]
used_tf = tf.constant(
    [len(np.unique(keras.layers.Hashing(n)(many)))
     for n in sizes])
show(bins=sizes, used=used_tf)

# %%
agree(used_pt, used_tf)

# %% hash-figure tags=["hide-input"]
# alt: The number of bins in use against the number of bins, for 1000 words, with logarithmic axes. The dots, counted
# with the hash, lie on the curve of the formula. Up to 200 bins all are in use. At 1000 bins 642 are in use. At
# 10000 bins the curve has almost reached the 1000 words.
fig, ax = plt.subplots(figsize=(5.2, 2.8))
n = np.geomspace(20, 20000, 200)
ax.plot(n, n * (1 - (1 - 1 / n) ** 1000), color=plots.SIBLING)
dots = np.geomspace(20, 20000, 13).round().astype(int).tolist()
ax.plot(dots, [len({p % k for p in prints}) for k in dots], "o", color=plots.TENSORFLOW)
ax.axhline(1000, color=plots.INK, linewidth=0.6)
ax.annotate("1000 words", (20, 1000), (0, 4), textcoords="offset points")
ax.annotate("formula: line\nhash: dots", (1500, 90))
ax.set(xscale="log", yscale="log", xlabel="bins", ylabel="bins in use", ylim=(15, 2000),
       title="The hash spreads words as evenly as chance")
plt.show()

# %% [markdown]
# (hashed-crossing)=
# ## Hashed crossing
#
# <!-- head: hashed_crossing -->
#
# Hashed crossing makes one category of two: each pair of values has a bin. Choose it for a linear model, which
# cannot combine two features by itself. A network with hidden layers learns such combinations from the one-hot
# rows.
#
# $$y = \operatorname{cat}(\operatorname{cat}(h_0, f(a)), f(b)) \bmod n$$
#
# Here $a$ and $b$ are the two values, $f$ is the fingerprint of a string or an integer itself, $h_0$ is a
# constant, and cat mixes two numbers of 64 bits into one. The next cell rebuilds it.

# %% tags=["hide-input"]
MUL = 0xC6A4A7935BD1E995


def concatenated(h, value):
    f = value & BITS if isinstance(value, int) else fingerprint(value)
    h = (h ^ MUL ^ mix(f * MUL & BITS) * MUL & BITS) * MUL & BITS
    return mix(mix(h) * MUL & BITS)


def crossing(*values):
    h = 0xDECAFCAFFE
    for value in values:
        h = concatenated(h, value)
    return h


city, rooms = np.array(["Ulm", "Bonn", "Ulm"]), np.array([1, 2, 2])
rows = list(zip(city.tolist(), rooms.tolist()))

# %% cross-pt tags=["pytorch"]
bins_pt = torch.tensor([crossing(c, r) % 5 for c, r in rows])
show(bins=bins_pt)

# %% cross-tf tags=["tensorflow"]
bins_tf = keras.layers.HashedCrossing(5)((city, rooms))
show(bins=bins_tf)

# %%
agree(bins_pt, bins_tf)

# %% [markdown]
# ### The order of the two features matters
#
# (city, rooms) and (rooms, city) have different hashes. An integer is not hashed as a string here, as it is in
# `Hashing`: 1 and `"1"` have different hashes, too. If you port a model, keep the order and the types.

# %% cross-order-pt tags=["pytorch"]
turned_pt = torch.tensor([crossing(r, c) % 5 for c, r in rows])
strings_pt = torch.tensor(
    [crossing(c, str(r)) % 5 for c, r in rows])
show(turned=turned_pt, strings=strings_pt)

# %% cross-order-tf tags=["tensorflow"]
cross = keras.layers.HashedCrossing(5)
turned_tf = cross((rooms, city))
strings_tf = cross((city, rooms.astype(str)))
show(turned=turned_tf, strings=strings_tf)

# %%
agree([turned_pt, strings_pt], [turned_tf, strings_tf])

# %% [markdown]
# ### With a crossing, a linear model learns an exclusive or
#
# A shop is busy in the evening on weekdays, and in the morning at weekends. The best linear model of the two
# one-hot features predicts ½ for all four cases. With a column for each pair, it fits them exactly. The next cells
# fit both models by least squares.

# %%
evening, weekend = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
busy = (evening != weekend).astype(np.float32)[:, None]

# %% cross-xor-pt tags=["pytorch"]
y = torch.tensor(busy)
a = F.one_hot(torch.tensor(evening), 2).float()
b = F.one_hot(torch.tensor(weekend), 2).float()
plain = torch.cat([a, b], 1)  # (4, 2 + 2)
crossed = (a[:, :, None] * b[:, None]).flatten(1)  # (4, 2 * 2)
plain_pt = plain @ torch.linalg.pinv(plain) @ y
crossed_pt = crossed @ torch.linalg.pinv(crossed) @ y
show(y=y.T, plain=plain_pt.T, crossed=crossed_pt.T)

# %% cross-xor-tf tags=["tensorflow"]
y = tf.constant(busy)
a = tf.one_hot(evening, 2)
b = tf.one_hot(weekend, 2)
plain = tf.concat([a, b], 1)  # (4, 2 + 2)
crossed = tf.reshape(a[:, :, None] * b[:, None], (4, 4))
plain_tf = plain @ tf.linalg.pinv(plain) @ y
crossed_tf = crossed @ tf.linalg.pinv(crossed) @ y
show(y=busy.T, plain=tf.transpose(plain_tf),
     crossed=tf.transpose(crossed_tf))

# %%
agree([plain_pt, crossed_pt], [plain_tf, crossed_tf])

# %% [markdown]
# (feature-space)=
# ## `FeatureSpace` does all of this for a table
#
# `keras.utils.FeatureSpace` replaces `DenseFeatures`, [which Keras 3 has removed](dense.ipynb#dense-features). It
# takes a dictionary of features, and makes a preprocessing layer for each of them. `adapt` reads the table. Then a
# call returns one vector for each row. PyTorch has nothing like it: compute the parts and concatenate them.
#
# The columns are in the alphabetical order of the features, not in the order of your dictionary. The crossings
# come last. In a vocabulary, the most frequent value comes first, behind a column for unknown values. In the output,
# each column is a row of the table: its age, 3 numbers for the city, 4 for the rooms, and 4 for the crossing.

# %%
table = {
    "rooms": np.array([2, 2, 3, 1]),
    "city": np.array(["Ulm", "Ulm", "Bonn", "Ulm"]),
    "age": np.array([10, 20, 30, 60], dtype=np.float32),
}

# %% features-pt tags=["pytorch"]
age = torch.tensor(table["age"])
age = (age - age.mean()) / age.std(correction=0)
names, sizes = {"Ulm": 1, "Bonn": 2}, {2: 1, 3: 2, 1: 3}
city = [names.get(c, 0) for c in table["city"]]
rooms = [sizes.get(r, 0) for r in table["rooms"].tolist()]
cross = [crossing(*ids) % 4 for ids in zip(city, rooms)]
row_pt = torch.cat([
    age[:, None],
    F.one_hot(torch.tensor(city), 3),
    F.one_hot(torch.tensor(rooms), 4),
    F.one_hot(torch.tensor(cross), 4),
], 1)
show(row=row_pt.T, digits=1)

# %% features-tf tags=["tensorflow"]
Features = keras.utils.FeatureSpace
space = Features(
    {"rooms": Features.integer_categorical(),
     "city": Features.string_categorical(),
     "age": Features.float_normalized()},
    crosses=[Features.cross(("city", "rooms"), 4)],
    output_mode="concat")
space.adapt(tf.data.Dataset.from_tensor_slices(table))
row_tf = space(table)
show(row=tf.transpose(row_tf), digits=1)

# %%
agree(row_pt, row_tf)

# %% [markdown]
# The crossing does not see `"Ulm"` and 2, but their places in the vocabularies, 1 and 1. So a crossing in
# `FeatureSpace` does not have the bins that `HashedCrossing` has for the same columns. Above, the bins are 1, 1, 3, 3.

# %%
direct = keras.layers.HashedCrossing(4)((table["city"], table["rooms"]))
show(direct=direct)

# %% [markdown]
# (image-augmentation)=
# ## Image augmentation has its counterpart in torchvision
#
# Keras has layers that change training images at random, so that a network sees new images in each epoch. They are
# active in training only: `model.predict` leaves images as they are. But a layer that you call yourself is active
# unless you pass `training=False`. `RandomBrightness`, like most of them, draws anew for each image of a batch. The
# next cell checks this.

# %% augmentation-tf
grey = np.full((2, 4, 4, 3), 0.5, np.float32)  # (batch, h, w, channels)
brighter = keras.layers.RandomBrightness(0.4, value_range=(0, 1), seed=0)
called, inference = brighter(grey), brighter(grey, training=False)
print("called alone, changed:", bool(np.any(called != grey)))
print("training=False, changed:", bool(np.any(inference != grey)))
print("one draw for the whole batch:", bool(np.all(called[0] == called[1])))

# %% [markdown]
# In PyTorch, the package torchvision has such transforms. It is not installed where this book is built, **so the
# following table was not run**: it follows the documentation of `torchvision.transforms.v2`. Random draws never
# agree between the two, even with equal seeds, and many arguments have other units. In torchvision, the images have
# the channels first, floats are in 0 … 1 (in Keras the default of `value_range` is 0 … 255), and all images of a batch
# get the same draw. The first column has all augmentation layers of the installed Keras.
#
# | `keras.layers` | `torchvision.transforms.v2` | what differs |
# | --- | --- | --- |
# | `AugMix` | `AugMix` | |
# | `AutoContrast` | `RandomAutocontrast(p=1)` | |
# | `ContrastLimitedAdaptiveHistogramEqualization` | none | |
# | `CutMix` | `CutMix` | acts on a whole batch and its labels, in both |
# | `Equalization` | `RandomEqualize(p=1)` | |
# | `MixUp` | `MixUp` | acts on a whole batch and its labels, in both |
# | `RandAugment` | `RandAugment` | |
# | `RandomBrightness` | `ColorJitter(brightness=…)` | Keras adds a number, torchvision multiplies |
# | `RandomColorDegeneration` | `ColorJitter(saturation=…)` | mixes with the grey image; Keras only towards grey |
# | `RandomColorJitter` | `ColorJitter` | |
# | `RandomContrast` | `ColorJitter(contrast=…)` | |
# | `RandomCrop` | `RandomCrop` | |
# | `RandomElasticTransform` | `ElasticTransform` | |
# | `RandomErasing` | `RandomErasing` | |
# | `RandomFlip` | `RandomHorizontalFlip`, `RandomVerticalFlip` | Keras flips along both axes by default |
# | `RandomGaussianBlur` | `GaussianBlur` | |
# | `RandomGrayscale` | `RandomGrayscale` | |
# | `RandomHue` | `ColorJitter(hue=…)` | |
# | `RandomInvert` | `RandomInvert` | |
# | `RandomPerspective` | `RandomPerspective` | |
# | `RandomPosterization` | `RandomPosterize` | torchvision draws whether to use it |
# | `RandomRotation` | `RandomRotation` | Keras takes parts of a full turn, torchvision degrees |
# | `RandomSaturation` | `ColorJitter(saturation=…)` | Keras changes the saturation in HSV |
# | `RandomSharpness` | `RandomAdjustSharpness` | torchvision takes a fixed factor, and draws whether to use it |
# | `RandomShear` | `RandomAffine(0, shear=…)` | Keras takes parts of the image, torchvision degrees |
# | `RandomTranslation` | `RandomAffine(0, translate=…)` | parts of the image, in both |
# | `RandomZoom` | `RandomAffine(0, scale=…)` | in Keras, a positive factor makes the image smaller |
# | `Solarization` | `RandomSolarize` | |

# %% [markdown]
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | columns of numbers | `Normalization`; in PyTorch two buffers | the statistics are saved with the model |
# | pixels | `Rescaling`; in PyTorch `.float() / 255` | the range is known, nothing has to be computed |
# | numbers whose effect jumps | `Discretization`, `torch.bucketize(right=True)` | a bin has its own weight |
# | one category | one-hot rows, or an embedding if there are many | the numbers of categories have no order |
# | a set of categories | multi-hot rows or counts | one row for each sample |
# | categories that nobody can list | `Hashing` | new ones have a bin, too; some share one |
# | a linear model of two features | `HashedCrossing` | each pair has its own weight |
# | a whole table | `FeatureSpace` | it adapts all columns in one pass |
#
# ## Exercises
#
# Write these layers yourself, and the statistics that they need:
# [exercises on preprocessing](../../exercises/layers/preprocessing.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
