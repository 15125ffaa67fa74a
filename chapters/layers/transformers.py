# %% [markdown]
# # Transformers
#
# A transformer is a stack of equal layers. In each layer, attention combines the positions of a sequence, and a
# small dense network then changes each position on its own {footcite:p}`vaswani2017attention`. An encoder reads a
# whole sequence. A decoder writes a sequence, and sees only what it has already written.
#
# PyTorch has five classes for this. Keras has none, so this chapter builds four short layers from Keras's own
# `MultiHeadAttention`, `Dense` and `LayerNormalization`.
#
# **The claim:** with PyTorch's weights, the Keras layers return the same outputs and the same gradients, for every
# parameter. One function of 15 lines brings the weights into Keras's order. PyTorch's classes have surprises: the
# batch is axis 1, the layers of a stack start with equal weights, no decoder is causal unless you pass a mask, and
# the outputs at padded positions can change to 0.

# %%
import copy
import inspect
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn

from diptych import agree, copy_weights, plots, show, show_error, value_and_grad

plots.use_style()
torch.set_num_threads(1)  # tensors as small as these gain nothing from more
rng = np.random.default_rng(0)
x = rng.normal(size=(2, 5, 8)).astype(np.float32)  # (batch, time, features)
memory = rng.normal(size=(2, 7, 8)).astype(np.float32)  # what a decoder reads
upstream = rng.normal(size=(2, 5, 8)).astype(np.float32)

# %% [markdown]
# All sections use `x`, 2 sequences of 5 positions with 8 features each. `upstream` is the gradient that a layer
# gets from the layers after it.
#
# (transformer-encoder-layer)=
# ## Transformer encoder layer
#
# <!-- head: transformer_encoder_layer -->
#
# An encoder layer has two parts: self-attention (SA), and a feed-forward network (FF) of two dense layers. Each
# part is added to its own input and normalized. Choose it to read whole sequences, for example to classify texts.
#
# $$\begin{aligned} h &= \mathrm{LN}(x + \mathrm{SA}(x)), & y &= \mathrm{LN}(h + \mathrm{FF}(h)) \\
# \mathrm{FF}(h) &= \mathrm{relu}(h W_1^\top + b_1)\, W_2^\top + b_2 \end{aligned}$$
#
# Here LN is layer normalization with its own weight and bias in each place. $W_1$ maps $E$ features to $F$, and
# $W_2$ maps them back to $E$. With `norm_first=True`, the layer normalizes the input of each part instead:
#
# $$h = x + \mathrm{SA}(\mathrm{LN}(x)), \qquad y = h + \mathrm{FF}(\mathrm{LN}(h))$$
#
# The Keras layer has the arguments and the names of PyTorch's layer. The parts are created in the same order, so
# the weights have the same order, too. `epsilon=1e-5` is PyTorch's value, and `padding` is `True` at positions
# that no position may see, as in PyTorch.

# %% keras-encoder-layer
class EncoderLayer(keras.layers.Layer):
    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1,
                 activation="relu", norm_first=False):
        super().__init__()
        self.norm_first = norm_first
        self.self_attn = keras.layers.MultiHeadAttention(
            nhead, d_model // nhead, dropout=dropout)
        self.linear1 = keras.layers.Dense(dim_feedforward, activation=activation)
        self.linear2 = keras.layers.Dense(d_model)
        self.norm1 = keras.layers.LayerNormalization(epsilon=1e-5)
        self.norm2 = keras.layers.LayerNormalization(epsilon=1e-5)
        self.dropout = keras.layers.Dropout(dropout)

    def attend(self, x, padding):
        mask = None if padding is None else ~padding[:, None]  # True takes part
        return self.dropout(self.self_attn(x, x, attention_mask=mask))

    def feed(self, x):
        return self.dropout(self.linear2(self.dropout(self.linear1(x))))

    def call(self, x, padding=None):
        if self.norm_first:
            x = x + self.attend(self.norm1(x), padding)
            return x + self.feed(self.norm2(x))
        x = self.norm1(x + self.attend(x, padding))
        return self.norm2(x + self.feed(x))

# %% [markdown]
# The next function brings PyTorch's arrays into Keras's shapes and order. PyTorch keeps the matrices of query, key
# and value in one `in_proj_weight` of shape (3E, E). Keras has a kernel (E, heads, size) for each of them. The
# function works for weights and for their gradients, and for all modules of this chapter.

# %% keras-order
def keras_order(module, arrays):
    """An array for each parameter of the module, as the Keras layer has them."""
    named = dict(zip(dict(module.named_parameters()), arrays, strict=True))
    heads = next(m.num_heads for m in module.modules() if hasattr(m, "num_heads"))
    ordered = []
    for name, array in named.items():
        if name.endswith("in_proj_weight"):
            biases = named[name.replace("weight", "bias")].chunk(3)
            for w, b in zip(array.chunk(3), biases):  # query, key, value
                ordered += [w.T.reshape(len(w), heads, -1), b.reshape(heads, -1)]
        elif name.endswith("out_proj.weight"):
            ordered.append(array.T.reshape(heads, -1, len(array)))
        elif not name.endswith("in_proj_bias"):
            ordered.append(array.T if array.ndim == 2 else array)
    return ordered


def copy_to_keras(module, layer):
    arrays = keras_order(module, module.parameters())
    layer.set_weights([array.detach().numpy() for array in arrays])

# %% [markdown]
# In the next cells `y` is the output for the first position of the first sequence, and `dx` is the gradient of
# this position. `eval()` switches PyTorch's dropout off. A Keras layer that is called outside of `fit` does not
# drop anything.

# %% encoder-layer-pt tags=["pytorch"]
torch.manual_seed(0)
layer_pt = nn.TransformerEncoderLayer(
    8, 2, 16, batch_first=True)
layer_pt.eval()

x_pt = torch.tensor(x, requires_grad=True)
y_pt = layer_pt(x_pt)
dx_pt, *dw_pt = torch.autograd.grad(
    y_pt, (x_pt, *layer_pt.parameters()),
    torch.tensor(upstream))
show(y=y_pt[0, 0, :5], dx=dx_pt[0, 0, :5])

# %% encoder-layer-tf tags=["tensorflow"]
layer_tf = EncoderLayer(8, 2, 16)
layer_tf(x)  # creates the weights
copy_to_keras(layer_pt, layer_tf)

x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = layer_tf(x_tf)
dx_tf, *dw_tf = tape.gradient(
    y_tf, (x_tf, *layer_tf.trainable_weights),
    tf.constant(upstream))
show(y=y_tf[0, 0, :5], dx=dx_tf[0, 0, :5])

# %%
dw_pt = keras_order(layer_pt, dw_pt)
agree(y_pt, y_tf, gradients=([dx_pt, *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# `agree` compares the output, the gradient of the input, and the gradients of all 600 parameters. The next
# sections call `value_and_grad`, which does the same as these cells.
#
# (encoder-layer-norm-first)=
# ### With `norm_first=True`, the output is not normalized
#
# The sum with the input is the last step, so nothing normalizes the output. `first` is the standard deviation of the
# features at the first three positions, and `post` is that of the layer before. For this reason a stack of
# `norm_first` layers ends with one more normalization. Choose `norm_first=True` for deep stacks: they can be trained
# without a warm-up of the learning rate {footcite:p}`xiong2020layer`.

# %% norm-first-pt tags=["pytorch"]
first_pt = nn.TransformerEncoderLayer(
    8, 2, 16, activation="gelu", batch_first=True,
    norm_first=True)
first_pt.eval()
y_pt, dx_pt, dw_pt = value_and_grad(
    first_pt, torch.tensor(x), upstream_gradient=upstream)
dw_pt = keras_order(first_pt, dw_pt)
post = layer_pt(torch.tensor(x))
show(first=y_pt[0, :3].std(-1, correction=0),
     post=post[0, :3].std(-1, correction=0))

# %% norm-first-tf tags=["tensorflow"]
first_tf = EncoderLayer(
    8, 2, 16, activation="gelu", norm_first=True)
first_tf(x)
copy_to_keras(first_pt, first_tf)
y_tf, dx_tf, dw_tf = value_and_grad(
    first_tf, tf.constant(x), upstream_gradient=upstream)
post = layer_tf(tf.constant(x))
show(first=tf.math.reduce_std(y_tf[0, :3], -1),
     post=tf.math.reduce_std(post[0, :3], -1))

# %%
agree(y_pt, y_tf, gradients=([dx_pt, *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# In both formulas the layer adds the value that is *not* normalized to the result of attention: $x$, and not
# $\mathrm{LN}(x)$. With `norm_first=True`, it is a common mistake to add $\mathrm{LN}(x)$.
#
# (encoder-layer-defaults)=
# ### The defaults: 2048 features in between, dropout 0.1, ReLU, and the batch on axis 1
#
# The cells print the defaults of both layers, and whether two calls return equal outputs. A fresh module of PyTorch
# is in training mode, so they do not. The Keras layer drops only with `training=True`, which `fit` passes:

# %% encoder-layer-defaults-pt tags=["pytorch"]
init = inspect.signature(nn.TransformerEncoderLayer)
for name in ("dim_feedforward", "dropout", "layer_norm_eps",
             "batch_first", "norm_first"):
    print(name, "=", init.parameters[name].default)
print(init.parameters["activation"].default.__name__)

layer_pt.train()
x_pt = torch.tensor(x)
print("equal:", torch.equal(layer_pt(x_pt), layer_pt(x_pt)))
layer_pt.eval()
y_pt = layer_pt(x_pt)

# %% encoder-layer-defaults-tf tags=["tensorflow"]
init = inspect.signature(EncoderLayer)
for name in ("dim_feedforward", "dropout", "norm_first"):
    print(name, "=", init.parameters[name].default)
print(init.parameters["activation"].default)

x_tf = tf.constant(x)
first, second = (layer_tf(x_tf, training=True) for _ in "12")
print("equal:", np.array_equal(first, second))
y_tf = layer_tf(x_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# Without `batch_first=True`, PyTorch reads the input as (time, batch, features). Attention then combines the
# *examples* of a batch. There is no error, and if the batch has as many examples as positions, nothing shows it.
# The next cells change example 0 of 5 and print which examples of the output change:

# %% encoder-layer-axes-pt tags=["pytorch"]
square = torch.tensor(rng.normal(size=(5, 5, 8)),
                      dtype=torch.float32)
changed = square.clone()
changed[0] *= -1
for options in ({}, {"batch_first": True}):
    layer = nn.TransformerEncoderLayer(8, 2, 16, **options)
    layer.eval()
    moved = (layer(changed) - layer(square)).abs() > 1e-4
    print(moved.any(2).any(1).tolist())

# %% encoder-layer-axes-tf tags=["tensorflow"]
square = tf.constant(rng.normal(size=(5, 5, 8)), tf.float32)
sign = tf.constant([-1.0, 1, 1, 1, 1])[:, None, None]
changed = square * sign

layer = EncoderLayer(8, 2, 16)
moved = tf.abs(layer(changed) - layer(square)) > 1e-4
print(tf.reduce_any(moved, (1, 2)).numpy().tolist())

# %% [markdown]
# ### An encoder layer has $4E^2 + 2EF + 9E + F$ parameters
#
# Attention has four matrices and four biases, $4E^2 + 4E$. The feed-forward network has $2EF + F + E$, and the two
# normalizations have $4E$. The number of heads does not change the count:

# %% encoder-layer-count-pt tags=["pytorch"]
print(sum(p.numel() for p in layer_pt.parameters()))

# %% encoder-layer-count-tf tags=["tensorflow"]
print(layer_tf.count_params())

# %% encoder-layer-count
E, F = 8, 16
attention, feed_forward, norm = 4 * E * E + 4 * E, 2 * E * F + F + E, 2 * E
print(attention + feed_forward + 2 * norm)

# %% [markdown]
# (transformer-decoder-layer)=
# ## Transformer decoder layer
#
# <!-- head: transformer_decoder_layer -->
#
# A decoder layer has three parts. Self-attention lets each position see itself and the positions before it.
# Cross-attention (CA) reads the *memory*, which is the output of an encoder. The feed-forward network is that of
# an encoder layer. Choose it to write one sequence from another, for example a translation.
#
# $$h = \mathrm{LN}(x + \mathrm{SA}(x)), \qquad k = \mathrm{LN}(h + \mathrm{CA}(h, m)), \qquad
# y = \mathrm{LN}(k + \mathrm{FF}(k))$$
#
# Here $m$ is the memory. In cross-attention the queries come from $h$, and the keys and values come from $m$. So
# the output has as many positions as $x$, whatever the length of the memory is. `padding` is that of the memory:

# %% keras-decoder-layer
class DecoderLayer(keras.layers.Layer):
    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1,
                 activation="relu", norm_first=False):
        super().__init__()
        self.norm_first = norm_first
        self.self_attn, self.multihead_attn = [
            keras.layers.MultiHeadAttention(nhead, d_model // nhead, dropout=dropout)
            for _ in range(2)]
        self.linear1 = keras.layers.Dense(dim_feedforward, activation=activation)
        self.linear2 = keras.layers.Dense(d_model)
        self.norm1, self.norm2, self.norm3 = [
            keras.layers.LayerNormalization(epsilon=1e-5) for _ in range(3)]
        self.dropout = keras.layers.Dropout(dropout)

    def attend(self, x):
        return self.dropout(self.self_attn(x, x, use_causal_mask=True))

    def read(self, x, memory, padding):
        mask = None if padding is None else ~padding[:, None]
        return self.dropout(self.multihead_attn(x, memory, attention_mask=mask))

    def feed(self, x):
        return self.dropout(self.linear2(self.dropout(self.linear1(x))))

    def call(self, x, memory, padding=None):
        if self.norm_first:
            x = x + self.attend(self.norm1(x))
            x = x + self.read(self.norm2(x), memory, padding)
            return x + self.feed(self.norm3(x))
        x = self.norm1(x + self.attend(x))
        x = self.norm2(x + self.read(x, memory, padding))
        return self.norm3(x + self.feed(x))

# %% [markdown]
# In the next cells `dx` is the gradient of the first position of `x`, and `dm` is the gradient of the first
# position of the memory. The mask is a matrix with `-inf` above the diagonal, for the later positions:

# %% decoder-layer-pt tags=["pytorch"]
layer_pt = nn.TransformerDecoderLayer(
    8, 2, 16, batch_first=True)
layer_pt.eval()
mask = nn.Transformer.generate_square_subsequent_mask(5)
pair_pt = torch.tensor(x), torch.tensor(memory)
y_pt, dx_pt, dw_pt = value_and_grad(
    layer_pt, *pair_pt, tgt_mask=mask,
    upstream_gradient=upstream)
_, dm_pt, _ = value_and_grad(
    layer_pt, *pair_pt, tgt_mask=mask, argnums=1,
    upstream_gradient=upstream)
show(dx=dx_pt[0, 0, :5], dm=dm_pt[0, 0, :5])

# %% decoder-layer-tf tags=["tensorflow"]
layer_tf = DecoderLayer(8, 2, 16)
layer_tf(x, memory)  # creates the weights
copy_to_keras(layer_pt, layer_tf)

pair_tf = tf.constant(x), tf.constant(memory)
y_tf, dx_tf, dw_tf = value_and_grad(
    layer_tf, *pair_tf,
    upstream_gradient=upstream)
_, dm_tf, _ = value_and_grad(
    layer_tf, *pair_tf, argnums=1,
    upstream_gradient=upstream)
show(dx=dx_tf[0, 0, :5], dm=dm_tf[0, 0, :5])

# %%
dw_pt = keras_order(layer_pt, dw_pt)
agree(y_pt, y_tf, gradients=([dx_pt, dm_pt, *dw_pt], [dx_tf, dm_tf, *dw_tf]))

# %% [markdown]
# (decoder-layer-mask)=
# ### PyTorch's decoder layer sees the future unless you pass `tgt_mask`
#
# The name of the class does not make it causal. The next cells change the *last* position of `x`, and print which
# positions of the output change. PyTorch's first line has no mask, and the second line has one. The Keras layer
# passes `use_causal_mask=True` itself:

# %% decoder-layer-mask-pt tags=["pytorch"]
x_pt, memory_pt = torch.tensor(x), torch.tensor(memory)
later = x_pt.clone()
later[:, -1] *= -1
for tgt_mask in (None, mask):
    moved = (layer_pt(later, memory_pt, tgt_mask)
             - layer_pt(x_pt, memory_pt, tgt_mask))
    print((moved.abs() > 1e-5).any(2).any(0).tolist())

# %% decoder-layer-mask-tf tags=["tensorflow"]
x_tf, memory_tf = tf.constant(x), tf.constant(memory)
sign = tf.constant([1.0, 1, 1, 1, -1])[:, None]
later = x_tf * sign
moved = layer_tf(later, memory_tf) - layer_tf(x_tf, memory_tf)
moved = tf.reduce_any(tf.abs(moved) > 1e-5, (0, 2))
print(moved.numpy().tolist())

# %% [markdown]
# A decoder that sees the future copies it: the training loss is very small, and the network cannot write. In
# PyTorch, `tgt_is_causal=True` is only a hint. Without a mask it raises an error:

# %%
with show_error():
    layer_pt(x_pt, memory_pt, tgt_is_causal=True)

# %% [markdown]
# A decoder layer has one more attention and one more normalization than an encoder layer. The cell prints the sum by
# hand, then both counts:

# %% decoder-layer-count
print(2 * attention + feed_forward + 3 * norm)
print(sum(p.numel() for p in layer_pt.parameters()), layer_tf.count_params())

# %% [markdown]
# (transformer-encoder)=
# ## Transformer encoder
#
# <!-- head: transformer_encoder -->
#
# An encoder applies several encoder layers, one after the other, and at the end perhaps a normalization. The
# Keras layer below does this for decoders, too. An encoder takes `(x, padding)`, a decoder `(x, memory, padding)`:

# %% keras-stack
class Stack(keras.layers.Layer):
    def __init__(self, layers, norm=None):
        super().__init__()
        self.layers, self.norm = layers, norm

    def call(self, x, second=None, third=None):
        more = [a for a in (second, third) if a is not None]
        for layer in self.layers:
            x = layer(x, *more)
        return x if self.norm is None else self.norm(x)

# %% encoder-pt tags=["pytorch"]
layer = nn.TransformerEncoderLayer(
    8, 2, 16, batch_first=True)
encoder_pt = nn.TransformerEncoder(
    layer, 2, enable_nested_tensor=False)
encoder_pt.eval()

y_pt, dx_pt, dw_pt = value_and_grad(
    encoder_pt, torch.tensor(x), upstream_gradient=upstream)
dw_pt = keras_order(encoder_pt, dw_pt)
show(y=y_pt[0, 0, :5], dx=dx_pt[0, 0, :5])

# %% encoder-tf tags=["tensorflow"]
encoder_tf = Stack(
    [EncoderLayer(8, 2, 16) for _ in range(2)])
encoder_tf(x)  # creates the weights
copy_to_keras(encoder_pt, encoder_tf)

y_tf, dx_tf, dw_tf = value_and_grad(
    encoder_tf, tf.constant(x), upstream_gradient=upstream)
show(y=y_tf[0, 0, :5], dx=dx_tf[0, 0, :5])

# %%
agree(y_pt, y_tf, gradients=([dx_pt, *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# (encoder-start)=
# ### The layers of `nn.TransformerEncoder` start with equal weights
#
# PyTorch copies the layer that you pass. The copies are trained separately, but they start with the same numbers.
# Draw the matrices anew, as `nn.Transformer` does. In Keras each layer draws its own numbers. There the trap is
# `[layer] * 2`, which is the same layer twice, with the weights of one:

# %% encoder-start-pt tags=["pytorch"]
first, second = (
    each.linear1.weight for each in encoder_pt.layers)
print("equal:", torch.equal(first, second))
for p in encoder_pt.parameters():
    if p.dim() > 1:
        nn.init.xavier_uniform_(p)
print("equal:", torch.equal(first, second))
print(sum(p.numel() for p in encoder_pt.parameters()))

# %% encoder-start-tf tags=["tensorflow"]
for layers in ([EncoderLayer(8, 2, 16) for _ in range(2)],
               [EncoderLayer(8, 2, 16)] * 2):
    stack = Stack(layers)
    stack(x)
    first, second = (each.linear1.kernel for each in layers)
    print("equal:", np.array_equal(first, second))
    print(stack.count_params())

# %% [markdown]
# (encoder-padding)=
# ### PyTorch's outputs at padded positions are 0 in evaluation mode without gradients
#
# With `src_key_padding_mask`, no position sees the padded ones. The padded positions themselves still get an
# output. There is one exception: in evaluation mode under `torch.no_grad()`, PyTorch removes them, computes the
# rest as a *nested tensor*, and fills their outputs with 0. `enable_nested_tensor=False` prevents this, as `plain`
# shows. The next cells print one feature of the five outputs for a sequence whose last two positions are padded.
# PyTorch warns that nested tensors are a prototype, so the cell collects the warning.

# %%
padding = np.array([[False, False, False, True, True], [False] * 5])

# %% encoder-padding-pt tags=["pytorch"]
encoder_pt = nn.TransformerEncoder(layer, 2).eval()
x_pt, padding_pt = torch.tensor(x), torch.tensor(padding)
y_pt = encoder_pt(x_pt, src_key_padding_mask=padding_pt)
plain = nn.TransformerEncoder(
    layer, 2, enable_nested_tensor=False).eval()
with (torch.no_grad(),
      warnings.catch_warnings(record=True)):
    nested_pt, plain_pt = (
        net(x_pt, src_key_padding_mask=padding_pt)
        for net in (encoder_pt, plain))
show(y=y_pt[0, :, 0], no_grad=nested_pt[0, :, 0],
     plain=plain_pt[0, :, 0])

# %% encoder-padding-tf tags=["tensorflow"]
encoder_tf = Stack(
    [EncoderLayer(8, 2, 16) for _ in range(2)])
encoder_tf(x)
copy_to_keras(encoder_pt, encoder_tf)
x_tf, padding_tf = tf.constant(x), tf.constant(padding)
y_tf = encoder_tf(x_tf, padding_tf)
show(y=y_tf[0, :, 0])

# %% encoder-padding
agree([y_pt, plain_pt], [y_tf, y_tf])
kept_tf = tf.boolean_mask(y_tf, ~padding_tf)
agree(nested_pt[~padding_pt], kept_tf)

# %% [markdown]
# The positions that are not padded agree in all cases. So leave padded positions out of the loss and of averages,
# and do not compare them.
#
# `enable_nested_tensor` is `True` by default. With `norm_first=True` or without `batch_first=True` it cannot work,
# and the constructor warns. `False` avoids this warning, too. Another warning comes with a float mask beside a
# boolean padding mask: pass both as `bool`.
#
# (positional-encoding)=
# ### The columns of a positional encoding are interleaved or side by side
#
# Attention without a mask does not depend on the order of the positions. If you reverse the positions of the input,
# the outputs are the same, in reverse order:

# %% encoder-order-pt tags=["pytorch"]
back_pt = encoder_pt(x_pt.flip(1)).flip(1)
print(torch.allclose(back_pt, encoder_pt(x_pt), atol=1e-5))

# %% encoder-order-tf tags=["tensorflow"]
back_tf = tf.reverse(encoder_tf(tf.reverse(x_tf, [1])), [1])
print(np.allclose(back_tf, encoder_tf(x_tf), atol=1e-5))

# %% [markdown]
# So a vector is added to each position, made of sines and cosines of different frequencies. For position $p$ and
# $i = 0, 1, \ldots, E/2 - 1$, the angle is
#
# $$a_{p,i} = p \,/\, 10000^{2i/E}$$
#
# In the original paper, $\sin a_{p,i}$ is column $2i$ and $\cos a_{p,i}$ is column $2i + 1$. Other programs put
# all sines first, then all cosines. Both have the same columns in another order. The
# cells print the first four columns at position 1. In the figure, dark blue is 1, white is 0, and dark red is −1:

# %% positions-pt tags=["pytorch"]
p, i = torch.arange(30)[:, None], torch.arange(4)
angle = p / 10000 ** (2 * i / 8)
sin, cos = angle.sin(), angle.cos()
interleaved_pt = torch.stack([sin, cos], -1).flatten(1)
beside_pt = torch.cat([sin, cos], -1)
show(interleaved=interleaved_pt[1, :4],
     beside=beside_pt[1, :4])

# %% positions-tf tags=["tensorflow"]
p, i = tf.range(30.0)[:, None], tf.range(4.0)
angle = p / 10000 ** (2 * i / 8)
sin, cos = tf.sin(angle), tf.cos(angle)
interleaved_tf = tf.reshape(
    tf.stack([sin, cos], -1), (30, 8))
beside_tf = tf.concat([sin, cos], -1)
show(interleaved=interleaved_tf[1, :4],
     beside=beside_tf[1, :4])

# %% positions
agree([interleaved_pt, beside_pt], [interleaved_tf, beside_tf])
order = np.arange(8).reshape(2, -1).T.ravel()
agree(interleaved_pt, tf.gather(beside_tf, order, axis=1))
print(order)

# %% positions-figure tags=["hide-input"]
# alt: Two heat maps of 30 positions by 8 columns. Interleaved: a sine and a cosine of the same frequency are
# neighbours, and the frequency falls from left to right. Side by side: four sines on the left, then four
# cosines, and the frequency falls within each half.
fig, axes = plt.subplots(1, 2, figsize=(5.2, 3.0), sharey=True)
for ax, title, columns in zip(axes, ("Interleaved", "Side by side"), (interleaved_pt, beside_pt)):
    ax.imshow(columns, aspect="auto", cmap="RdBu", vmin=-1, vmax=1)
    ax.set(title=title, xlabel="column", xticks=range(8))
axes[0].set_ylabel("position")
plt.show()

# %% [markdown]
# A network that was trained with one order does not work with the other, because each column of its embedding
# belongs to a column of the encoding. When you port a network, use the order that it was trained with.
#
# (encoder-reverse)=
# ### With positions an encoder learns to reverse a sequence, without them it cannot
#
# The input is a sequence of six symbols out of eight, and the target is the same sequence reversed. A network with
# one encoder layer learns this in 200 steps. Without positions it can only learn which symbols are in the
# sequence, and not where. Both frameworks get the same first weights and the same batches.

# %%
rng = np.random.default_rng(1)
ids = rng.integers(0, 8, (200, 64, 6))  # (step, batch, time)
test = rng.integers(0, 8, (500, 6))
angle = np.arange(6)[:, None] / 10000 ** (np.arange(16) / 16)
positions = np.concatenate([np.sin(angle), np.cos(angle)], -1).astype(np.float32)  # (time, 32)


def copy_net(net_pt, net_tf):
    net_tf.embed.set_weights([net_pt.embed.weight.detach().numpy()])
    copy_to_keras(net_pt.layer, net_tf.layer)
    copy_weights(net_pt.out, net_tf.out)

# %% reverse-net-pt tags=["pytorch"]
class NetPT(nn.Module):
    def __init__(self, positions):
        super().__init__()
        self.positions = torch.tensor(positions)
        self.embed = nn.Embedding(8, 32)
        self.layer = nn.TransformerEncoderLayer(
            32, 4, 64, dropout=0.0, batch_first=True)
        self.out = nn.Linear(32, 8)

    def forward(self, ids):
        x = self.embed(ids) + self.positions
        return self.out(self.layer(x))  # (batch, time, 8)

# %% reverse-net-tf tags=["tensorflow"]
class NetTF(keras.Model):
    def __init__(self, positions):
        super().__init__()
        self.positions = tf.constant(positions)
        self.embed = keras.layers.Embedding(8, 32)
        self.layer = EncoderLayer(32, 4, 64, dropout=0.0)
        self.out = keras.layers.Dense(8)

    def call(self, ids):
        x = self.embed(ids) + self.positions
        return self.out(self.layer(x))  # (batch, time, 8)

# %% reverse-train-pt tags=["pytorch"]
def train_pt(net):
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(
        net.parameters(), lr=3e-3)
    losses = []
    for batch in torch.tensor(ids):
        logits = net(batch).transpose(1, 2)
        loss = loss_of(logits, batch.flip(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% reverse-train-tf tags=["tensorflow"]
def train_tf(net):
    loss_of = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True)
    optimizer = keras.optimizers.Adam(3e-3)

    @tf.function
    def step(batch):
        with tf.GradientTape() as tape:
            loss = loss_of(batch[:, ::-1], net(batch))
        w = net.trainable_weights
        optimizer.apply(tape.gradient(loss, w), w)
        return loss

    return [float(step(batch)) for batch in tf.constant(ids)]

# %% reverse-pt tags=["pytorch"]
starts, losses_pt = [], []
for added in (positions, 0 * positions):
    torch.manual_seed(2)
    net = NetPT(added)
    starts.append(copy.deepcopy(net))
    losses_pt.append(train_pt(net))
    answers = net(torch.tensor(test)).argmax(-1).numpy()
    right = (answers == test[:, ::-1]).mean()
    print("more than 95 % right:", right > 0.95)
    print("less than 50 % right:", right < 0.5)

# %% reverse-tf tags=["tensorflow"]
losses_tf = []
for start in starts:
    net = NetTF(start.positions.numpy())
    net(test)  # creates the weights
    copy_net(start, net)
    losses_tf.append(train_tf(net))
    answers = tf.argmax(net(test), -1).numpy()
    right = (answers == test[:, ::-1]).mean()
    print("more than 95 % right:", right > 0.95)
    print("less than 50 % right:", right < 0.5)

# %% reverse
for loss_pt, loss_tf in zip(losses_pt, losses_tf):
    agree(torch.tensor(loss_pt[0]), tf.constant(loss_tf[0]))

# %% reverse-figure tags=["hide-input"]
# alt: The loss over 200 steps. With positions it falls from 2.2 to almost 0. Without positions it falls to 1.4 within
# 100 steps, and hardly further in the next 100. PyTorch's lines and TensorFlow's circles coincide.
fig, ax = plt.subplots()
for loss_pt, loss_tf, at in zip(losses_pt, losses_tf, (None, (120, 0.95))):
    plots.coinciding(ax, range(1, 201), loss_pt, loss_tf, label=at)
ax.annotate("without positions", (120, 1.55))
ax.annotate("with positions", (36, 0.5))
ax.set(xlabel="step", ylabel="loss", ylim=(0, 2.5), title="Without positions the loss stays near 1.4")
plt.show()

# %% [markdown]
# The losses of the first step agree. Later they differ a little: the default `eps` of Adam is 1e-8 in PyTorch and
# 1e-7 in Keras, and the two add it in different places. The result is the same in both: with positions, more than
# 95 % of the symbols are right. Without positions, fewer than half are.
#
# (transformer-decoder)=
# ## Transformer decoder
#
# <!-- head: transformer_decoder -->
#
# A decoder applies several decoder layers, and at the end perhaps a normalization. Each layer gets the same
# memory. Choose a decoder *without* an encoder for language models: in PyTorch, use `nn.TransformerEncoder` with
# a causal `mask`, because it has no cross-attention.

# %% decoder-pt tags=["pytorch"]
layer = nn.TransformerDecoderLayer(
    8, 2, 16, batch_first=True, norm_first=True)
decoder_pt = nn.TransformerDecoder(layer, 2, nn.LayerNorm(8))
decoder_pt.eval()

pair_pt = torch.tensor(x), torch.tensor(memory)
y_pt, dx_pt, dw_pt = value_and_grad(
    decoder_pt, *pair_pt, tgt_mask=mask,
    upstream_gradient=upstream)
dw_pt = keras_order(decoder_pt, dw_pt)
show(y=y_pt[0, 0, :5], dx=dx_pt[0, 0, :5])

# %% decoder-tf tags=["tensorflow"]
decoder_tf = Stack(
    [DecoderLayer(8, 2, 16, norm_first=True)
     for _ in range(2)],
    keras.layers.LayerNormalization(epsilon=1e-5))
decoder_tf(x, memory)  # creates the weights
copy_to_keras(decoder_pt, decoder_tf)

pair_tf = tf.constant(x), tf.constant(memory)
y_tf, dx_tf, dw_tf = value_and_grad(
    decoder_tf, *pair_tf,
    upstream_gradient=upstream)
show(y=y_tf[0, 0, :5], dx=dx_tf[0, 0, :5])

# %%
agree(y_pt, y_tf, gradients=([dx_pt, *dw_pt], [dx_tf, *dw_tf]))

# %% [markdown]
# The normalization at the end is an argument in both. Leave it out for post-norm layers, which normalize their
# output themselves, and pass it with `norm_first=True`.
#
# (decoder-prefixes)=
# ### Training computes all positions at once, writing computes one position at a time
#
# The mask makes both the same. The next cells call the decoder on the first 2, 3, 4 and 5 positions, as a program
# does that writes one symbol after the other. The last output of each call is a row of the output `y` above:

# %% decoder-prefix-pt tags=["pytorch"]
x_pt, memory_pt = pair_pt
rows_pt = [
    decoder_pt(x_pt[:, :n], memory_pt,
               tgt_mask=mask[:n, :n])[:, -1]
    for n in range(2, 6)
]
written_pt = torch.stack(rows_pt, 1)
print(torch.allclose(written_pt, y_pt[:, 1:], atol=1e-5))

# %% decoder-prefix-tf tags=["tensorflow"]
x_tf, memory_tf = pair_tf
rows_tf = [
    decoder_tf(x_tf[:, :n], memory_tf)[:, -1]
    for n in range(2, 6)
]
written_tf = tf.stack(rows_tf, 1)
print(np.allclose(written_tf, y_tf[:, 1:], atol=1e-5))

# %%
agree(written_pt, written_tf)

# %% [markdown]
# (transformer)=
# ## Transformer
#
# <!-- head: transformer -->
#
# `nn.Transformer` is an encoder and a decoder. The decoder's memory is the output of the encoder. Choose it for
# sequences of different lengths, for example for translation. It has no embedding, no positions and no output
# layer: add them before and after it.
#
# `nn.Transformer` puts a normalization after the encoder and after the decoder, whether `norm_first` is `True` or
# not. `nn.TransformerEncoder` has none unless you pass it. So the Keras stacks get one each:

# %% keras-transformer
class Transformer(keras.layers.Layer):
    def __init__(self, d_model, nhead, n_encoder, n_decoder, *more):
        super().__init__()
        self.encoder = Stack(
            [EncoderLayer(d_model, nhead, *more) for _ in range(n_encoder)],
            keras.layers.LayerNormalization(epsilon=1e-5))
        self.decoder = Stack(
            [DecoderLayer(d_model, nhead, *more) for _ in range(n_decoder)],
            keras.layers.LayerNormalization(epsilon=1e-5))

    def call(self, src, tgt, padding=None):
        return self.decoder(tgt, self.encoder(src, padding), padding)

# %% transformer-pt tags=["pytorch"]
net_pt = nn.Transformer(8, 2, 2, 1, 16, batch_first=True)
net_pt.eval()
src_pt, tgt_pt = torch.tensor(memory), torch.tensor(x)
y_pt, ds_pt, dw_pt = value_and_grad(
    net_pt, src_pt, tgt_pt, tgt_mask=mask,
    upstream_gradient=upstream)
_, dt_pt, _ = value_and_grad(
    net_pt, src_pt, tgt_pt, tgt_mask=mask, argnums=1,
    upstream_gradient=upstream)
dw_pt = keras_order(net_pt, dw_pt)
show(y=y_pt[0, 0, :5], ds=ds_pt[0, 0, :5])

# %% transformer-tf tags=["tensorflow"]
net_tf = Transformer(8, 2, 2, 1, 16)
net_tf(memory, x)  # creates the weights
copy_to_keras(net_pt, net_tf)
src_tf, tgt_tf = tf.constant(memory), tf.constant(x)
y_tf, ds_tf, dw_tf = value_and_grad(
    net_tf, src_tf, tgt_tf,
    upstream_gradient=upstream)
_, dt_tf, _ = value_and_grad(
    net_tf, src_tf, tgt_tf, argnums=1,
    upstream_gradient=upstream)
show(y=y_tf[0, 0, :5], ds=ds_tf[0, 0, :5])

# %%
agree(y_pt, y_tf, gradients=([ds_pt, dt_pt, *dw_pt], [ds_tf, dt_tf, *dw_tf]))

# %% [markdown]
# (transformer-memory)=
# ### `src_key_padding_mask` hides the padding from the encoder, but not from the decoder
#
# The memory has outputs at the padded positions, too. In PyTorch, pass the same mask as `memory_key_padding_mask`, or
# the decoder reads them. The cells change the padded positions of `src` and print whether the output stays the same,
# in PyTorch first without this mask, then with it. `mask.bool()` makes both masks boolean, to avoid a warning:

# %% transformer-memory-pt tags=["pytorch"]
padding = torch.tensor([[0, 0, 0, 0, 0, 1, 1], [0] * 7]).bool()
changed = torch.where(padding[..., None], -src_pt, src_pt)
masks = {"tgt_mask": mask.bool(),
         "src_key_padding_mask": padding}
for _ in range(2):
    y_pt = net_pt(src_pt, tgt_pt, **masks)
    moved = net_pt(changed, tgt_pt, **masks)
    print(torch.allclose(moved, y_pt, atol=1e-5))
    masks["memory_key_padding_mask"] = padding

# %% transformer-memory-tf tags=["tensorflow"]
padding = tf.constant([[0, 0, 0, 0, 0, 1, 1], [0] * 7]) > 0
changed = tf.where(padding[..., None], -src_tf, src_tf)
y_tf = net_tf(src_tf, tgt_tf, padding)
moved = net_tf(changed, tgt_tf, padding)
print(np.allclose(moved, y_tf, atol=1e-5))

# %% transformer-memory
agree(y_pt, y_tf)

# %% [markdown]
# (transformer-final-norms)=
# ### `nn.Transformer` ends both stacks with a normalization and draws each layer anew
#
# The first line prints the two normalizations at the ends, and the second line prints whether the two encoder
# layers start with equal weights. The last two lines print the same of `nn.TransformerEncoder`:

# %% transformer-norms
stack = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)
print(net_pt.encoder.norm, net_pt.decoder.norm)
print("equal:", torch.equal(*(each.linear1.weight for each in net_pt.encoder.layers)))
print(stack.norm)
print("equal:", torch.equal(*(each.linear1.weight for each in stack.layers)))

# %% [markdown]
# With post-norm layers, this last normalization normalizes what is already normalized. It changes the numbers only
# a little at first, but its weights are trained, so a port without them fails.
#
# ### A default `nn.Transformer()` has 44 million parameters
#
# The default is 512 features, 8 heads, 6 encoder layers and 6 decoder layers. On the device `"meta"`, PyTorch
# creates no numbers:

# %% transformer-count-pt tags=["pytorch"]
print(sum(p.numel() for p in net_pt.parameters()))
large = nn.Transformer(batch_first=True, device="meta")
print(sum(p.numel() for p in large.parameters()))

# %% transformer-count-tf tags=["tensorflow"]
print(net_tf.count_params())

# %% transformer-count
def by_hand(E, F, n_encoder, n_decoder):
    attention, feed_forward, norm = 4 * E * E + 4 * E, 2 * E * F + F + E, 2 * E
    encoder = n_encoder * (attention + feed_forward + 2 * norm) + norm
    return encoder + n_decoder * (2 * attention + feed_forward + 3 * norm) + norm


print(by_hand(8, 16, 2, 1))
print(by_hand(512, 2048, 6, 6))

# %% [markdown]
# ## Which one to choose
#
# | you want to | choose | what to watch |
# | --- | --- | --- |
# | classify or tag a sequence | an encoder | a padding mask; average only kept positions |
# | write text | an encoder stack with a causal mask | positions; the mask |
# | write one sequence from another | `nn.Transformer`, or an encoder and a decoder | `tgt_mask`; `memory_key_padding_mask`; shift the target by one symbol |
# | train a deep stack | `norm_first=True` | a normalization at the end |
# | port a network from PyTorch to Keras | the layers of this chapter | `epsilon=1e-5`, the final normalizations, the order of the positions' columns |
# | use PyTorch's classes with (batch, time, features) | `batch_first=True` | without it the batch is axis 1 |
#
# ## Exercises
#
# Write an encoder layer, a decoder layer, a stack and a positional encoding yourself, and count parameters:
# [exercises on transformers](../../exercises/layers/transformers.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
