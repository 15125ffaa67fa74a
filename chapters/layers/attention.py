# %% [markdown]
# # Attention
#
# Attention computes weighted averages. A *query* is compared with several *keys*, and each comparison gives a
# number, the *score*. The softmax of the scores gives the weights, and the output is the average of the *values*
# with these weights. Dot-product attention multiplies query and key to get the score. Additive attention adds them.
# A *mask* says which keys a query sees.
#
# **The claim:** PyTorch's `scaled_dot_product_attention` divides the scores by the root of the number of features,
# and Keras's layer `Attention` does not. With 1024 features, the layer gives almost the whole weight to one key. If
# a mask hides all keys of a query, the output of this query is 0 in PyTorch. In Keras it is the mean of all values,
# also of the values of the padding.

# %%
import functools

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.attention.bias import causal_lower_right

from diptych import agree, copy_weights, plots, show, show_error, value_and_grad

plots.use_style()
rng = np.random.default_rng(0)
query = rng.normal(size=(2, 3, 4)).astype(np.float32)  # (batch, queries, d)
key = rng.normal(size=(2, 5, 4)).astype(np.float32)  # (batch, keys, d)
value = rng.normal(size=(2, 5, 6)).astype(np.float32)  # (batch, keys, features)
upstream = rng.normal(size=(2, 3, 6)).astype(np.float32)  # (batch, queries, features)

# %% [markdown]
# There are 2 examples, each with 3 queries and 5 keys of 4 numbers. Each key has a value of 6 numbers. The sizes
# differ, so that a wrong axis gives an error or another shape. `upstream` is the gradient that the output gets from
# the layers after it.
#
# Each panel of the figure shows the weights of 8 queries (rows) over 8 keys (columns), for the same queries and
# keys. A darker cell is a larger weight, and the weights of a row add up to 1.

# %% attention-maps tags=["hide-input"]
# alt: Four maps of 8 by 8 weights. Without a mask every row has several middling weights. With a padding mask the
# last three columns are empty. With a causal mask the cells above the diagonal are empty. Without the division by
# the root of d, almost every row has one dark cell, and the other cells are empty.
numbers = np.random.default_rng(3)
many = numbers.normal(size=(2, 1, 8, 64)).astype(np.float32)
q, k = map(torch.tensor, many)
eye = torch.eye(8)[None]  # with these values, the output is the weights
real = torch.arange(8) < 5
shades = LinearSegmentedColormap.from_list(
    "shades", [to_rgba(plots.TENSORFLOW, 0), to_rgba(plots.TENSORFLOW, 1)])
fig, axes = plt.subplots(2, 2, figsize=(5.2, 4.9))
for ax, (title, section, options) in zip(axes.flat, (
    ("No mask", "dot-product-attention", {}),
    ("Keys 5 to 7 are padding", "attention-masks", {"attn_mask": real}),
    ("Causal: no later key", "attention-causal", {"is_causal": True}),
    ("Not divided by √d", "attention-scale", {"scale": 1.0}),
)):
    w = F.scaled_dot_product_attention(q, k, eye, **options)[0]
    ax.pcolormesh(w.numpy(), cmap=shades, vmin=0, vmax=0.6)
    ax.set(xticks=np.arange(0.5, 8, 2), yticks=np.arange(0.5, 8, 2), xticklabels=range(0, 8, 2),
           yticklabels=range(0, 8, 2), aspect="equal")
    ax.invert_yaxis()
    plots.head(ax, title, section)
fig.supxlabel("keys")
fig.supylabel("queries")
plt.show()

# %% [markdown]
# (dot-product-attention)=
# ## Dot-product attention
#
# <!-- head: dot_product_attention -->
#
# The score of a query and a key is their dot product. Choose dot-product attention by default: all scores together
# are one matrix product, and every transformer uses it {footcite:p}`vaswani2017attention`.
#
# $$y = \mathrm{softmax}\left(s\, Q K^\top\right) V$$
#
# Here the rows of $Q$ are the queries, the rows of $K$ are the keys, and the rows of $V$ are the values. The softmax
# is over the keys. $s$ is the *scale*: $1/\sqrt{d}$ by default in PyTorch's function, where $d$ is the number of
# features of a key, and 1 in Keras's layer.
#
# The next cells use the scale 1 in both. PyTorch's function takes query, key and value. Keras's layer takes a list,
# in the order query, value, key. The cells print the outputs of the first example and the gradient of its queries:

# %% tags=["pytorch"]
q_pt, k_pt, v_pt = (torch.tensor(a, requires_grad=True)
                    for a in (query, key, value))
y_pt = F.scaled_dot_product_attention(
    q_pt, k_pt, v_pt, scale=1.0)
grads_pt = torch.autograd.grad(
    y_pt, (q_pt, k_pt, v_pt), torch.tensor(upstream))
show(y=y_pt[0], dq=grads_pt[0][0])

# %% tags=["tensorflow"]
q_tf, k_tf, v_tf = map(tf.constant, (query, key, value))
with tf.GradientTape() as tape:
    tape.watch((q_tf, k_tf, v_tf))
    y_tf = keras.layers.Attention()([q_tf, v_tf, k_tf])
grads_tf = tape.gradient(
    y_tf, (q_tf, k_tf, v_tf), tf.constant(upstream))
show(y=y_tf[0], dq=grads_tf[0][0])

# %%
agree(y_pt, y_tf, gradients=(list(grads_pt), list(grads_tf)))

# %% [markdown]
# `agree` compares the outputs, and the gradients of the queries, the keys and the values. The layer has no weights.
#
# (attention-scale)=
# ### Keras's `Attention` does not divide the scores by √d
#
# With `use_scale=True`, the scale is a weight of the layer. It starts at 1, and training changes it. To get
# PyTorch's default, set this weight to $1/\sqrt{d}$, and set `trainable = False`. `plain` is the output of the
# layer's default:

# %% attention-scale-pt tags=["pytorch"]
y_pt = F.scaled_dot_product_attention(q_pt, k_pt, v_pt)
show(y=y_pt[0])

# %% attention-scale-tf tags=["tensorflow"]
layer = keras.layers.Attention(use_scale=True)
layer.build([query.shape, value.shape, key.shape])
layer.scale.assign(4**-0.5)  # 1/√d
layer.trainable = False
y_tf = layer([q_tf, v_tf, k_tf])
show(y=y_tf[0])
show(plain=keras.layers.Attention()([q_tf, v_tf, k_tf])[0])

# %%
agree(y_pt, y_tf)

# %% [markdown]
# (attention-entropy-section)=
# ### Without 1/√d and with 1024 features, each query sees almost only one key
#
# The dot product of two vectors with $d$ normal numbers has the standard deviation $\sqrt{d}$. So the scores grow
# with $d$. If the scores are large, the softmax gives almost the whole weight to the largest score. The *entropy*
# $-\sum w \log w$ of the weights $w$ measures this. With 16 keys it is $\log 16 = 2.77$ if all weights are equal,
# and 0 if one key has the whole weight. The next cells compute the mean entropy over 512 queries, for $d$ = 4, 64
# and 1024. The values are the unit matrix, so that PyTorch's output is the weights:

# %%
sizes = [4, 16, 64, 256, 1024]
normal = np.random.default_rng(1)
queries = {d: normal.normal(size=(64, 8, d)).astype(np.float32) for d in sizes}
keys = {d: normal.normal(size=(64, 16, d)).astype(np.float32) for d in sizes}

# %% tags=["pytorch"]
def entropy_pt(d, scale):
    q, k = torch.tensor(queries[d]), torch.tensor(keys[d])
    w = F.scaled_dot_product_attention(
        q, k, torch.eye(16).expand(64, 16, 16), scale=scale)
    return -torch.xlogy(w, w).sum(-1).mean()


scaled_pt = [entropy_pt(d, d**-0.5) for d in sizes]
plain_pt = [entropy_pt(d, 1.0) for d in sizes]
show(scaled=torch.stack(scaled_pt[::2]),
     plain=torch.stack(plain_pt[::2]), digits=2)

# %% tags=["tensorflow"]
def entropy_tf(d, scale):
    k = tf.constant(keys[d])
    _, w = keras.layers.Attention()(
        [queries[d] * scale, k], return_attention_scores=True)
    return -tf.reduce_mean(
        tf.reduce_sum(tf.math.xlogy(w, w), -1))


scaled_tf = [entropy_tf(d, d**-0.5) for d in sizes]
plain_tf = [entropy_tf(d, 1.0) for d in sizes]
show(scaled=tf.stack(scaled_tf[::2]),
     plain=tf.stack(plain_tf[::2]), digits=2)

# %% attention-entropy
agree(scaled_pt + plain_pt, scaled_tf + plain_tf)

# %% entropy-picture tags=["hide-input"]
# alt: The mean entropy of the weights over d from 4 to 1024. Divided by the root of d, it stays at 2.4. Not
# divided, it falls from 1.8 to 0.1. The frameworks' marks coincide.
fig, ax = plt.subplots()
plots.coinciding(ax, np.log2(sizes), scaled_pt, scaled_tf, label=(5.4, 1.75))
plots.coinciding(ax, np.log2(sizes), plain_pt, plain_tf)
ax.axhline(np.log(16), color=plots.INK, linewidth=0.6)
ax.annotate("equal weights: 2.77", (10, 2.83), ha="right")
ax.annotate("divided by √d", (10, 2.05), ha="right")
ax.annotate("not divided", (10, 0.28), ha="right")
ax.set(xticks=np.log2(sizes), xticklabels=sizes, xlabel="features d", ylabel="mean entropy",
       ylim=(0, 3.1), title="Without 1/√d, one key gets the whole weight")
plt.show()

# %% [markdown]
# With the scale, the entropy is 2.4 for each $d$. Without it, the entropy at 1024 features is 0.1: each query almost
# copies the value of a single key. If a weight is near 0 or 1, the gradient of its score is near 0, so such a layer
# hardly learns. If you use Keras's `Attention` with more than a few features, set the scale.
#
# (attention-layouts)=
# ### PyTorch needs the heads before the time, `keras.ops` after it
#
# With several *heads*, each head has its own queries, keys and values. PyTorch's function works on the last two axes
# and takes (batch, heads, time, d). `keras.ops.dot_product_attention` takes (batch, time, heads, d), and always needs
# four axes. Both divide by $\sqrt{d}$. The next cells have 2 examples, 3 heads, 5 positions and $d = 4$:

# %%
heads = rng.normal(size=(3, 2, 3, 5, 4)).astype(np.float32)  # (q/k/v, batch, heads, time, d)
heads_last = heads.swapaxes(2, 3)  # (q/k/v, batch, time, heads, d)

# %% attention-layouts-pt tags=["pytorch"]
q, k, v = torch.tensor(heads)  # (batch, heads, time, d)
y_pt, dq_pt = value_and_grad(
    F.scaled_dot_product_attention, q, k, v)
_, dk_pt = value_and_grad(
    F.scaled_dot_product_attention, q, k, v, argnums=1)
show(y=y_pt[0, 0])

# %% attention-layouts-tf tags=["tensorflow"]
q, k, v = tf.constant(heads_last)  # (batch, time, heads, d)
y_tf, dq_tf = value_and_grad(
    keras.ops.dot_product_attention, q, k, v)
_, dk_tf = value_and_grad(
    keras.ops.dot_product_attention, q, k, v, argnums=1)
show(y=y_tf[0, :, 0])

# %%
agree(y_pt.transpose(1, 2), y_tf,
      gradients=([dq_pt.transpose(1, 2), dk_pt.transpose(1, 2)], [dq_tf, dk_tf]))

# %% [markdown]
# If you pass the layout of the other framework, there is no error, and the output has the shape of the input. But
# the function then uses the heads as positions: the 3 heads of a position attend to each other, and no position sees
# another position. The cells print the shape of this output, and whether its numbers are right:

# %% attention-layout-pt tags=["pytorch"]
q, k, v = torch.tensor(heads_last)  # (batch, time, heads, d)
wrong = F.scaled_dot_product_attention(q, k, v)
print(tuple(wrong.shape), torch.allclose(
    wrong, y_pt.transpose(1, 2)))

# %% attention-layout-tf tags=["tensorflow"]
q, k, v = tf.constant(heads)  # (batch, heads, time, d)
wrong = keras.ops.dot_product_attention(q, k, v)
print(tuple(wrong.shape), np.allclose(
    wrong, tf.transpose(y_tf, (0, 2, 1, 3))))

# %% [markdown]
# (attention-masks)=
# ### `True` means that the query sees the key, except in `nn.MultiheadAttention`
#
# | function | argument | shape of the mask | `True` means |
# | --- | --- | --- | --- |
# | `F.scaled_dot_product_attention` | `attn_mask` | broadcasts to (…, queries, keys) | sees the key |
# | `keras.ops.dot_product_attention` | `mask` | broadcasts to (batch, heads, queries, keys) | sees the key |
# | `layers.Attention`, `AdditiveAttention` | `mask=[query_mask, value_mask]` | (batch, queries) and (batch, keys) | the position is real |
# | `nn.MultiheadAttention` | `key_padding_mask`, `attn_mask` | (batch, keys), (queries, keys) | **does not see** the key |
# | `layers.MultiHeadAttention` | `attention_mask` | (batch, queries, keys) | sees the key |
#
# In the next cells, the last two keys of the second example are padding. PyTorch's function needs a mask with an
# axis for the queries (`seen`). `keras.layers.Attention` needs the mask without this axis (`real`), as the second
# mask of the list:

# %%
real = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], bool)  # (batch, keys)
seen = real[:, None]  # (batch, 1, keys)

# %% tags=["pytorch"]
y_pt, dk_pt = value_and_grad(
    F.scaled_dot_product_attention, q_pt, k_pt, v_pt,
    attn_mask=torch.tensor(seen), scale=1.0, argnums=1)
show(y=y_pt[1], dk=dk_pt[1])

# %% tags=["tensorflow"]
def attend(q, k, v):
    return keras.layers.Attention()(
        [q, v, k], mask=[None, tf.constant(real)])


y_tf, dk_tf = value_and_grad(
    attend, q_tf, k_tf, v_tf, argnums=1)
show(y=y_tf[1], dk=dk_tf[1])

# %%
agree(y_pt, y_tf, gradients=(dk_pt, dk_tf))

# %% [markdown]
# The gradient of the two hidden keys is 0. The first mask of Keras's list is for the queries. If it is `False` for a
# query, Keras replaces the output of this query by 0. PyTorch has no such argument.
#
# ### PyTorch adds a float mask to the scores, `keras.ops` raises an error
#
# In PyTorch a float mask is added to the scores: 0 changes nothing, and −∞ hides the key. So a mask of ones and
# zeros hides nothing. It only adds 1 to some scores. In `keras.ops`, pass numbers that are added to the scores as
# `bias`. The cells pass a mask of ones and zeros, and then a mask of zeros and −∞. They print whether the output is
# the same as with a boolean mask:

# %% attention-floats-pt tags=["pytorch"]
q, k, v = torch.tensor(heads)
seen = torch.ones(5, 5, dtype=torch.bool).tril()
y_pt = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
y = F.scaled_dot_product_attention(
    q, k, v, attn_mask=seen.float())
print(torch.allclose(y, y_pt))
bias = torch.where(seen, 0.0, -torch.inf)
y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
print(torch.allclose(y, y_pt))

# %% attention-floats-tf tags=["tensorflow"]
q, k, v = tf.constant(heads_last)
seen = tf.constant(np.tri(5, dtype=bool))[None, None]
y_tf = keras.ops.dot_product_attention(q, k, v, mask=seen)
with show_error():
    keras.ops.dot_product_attention(
        q, k, v, mask=tf.cast(seen, tf.float32))
bias = tf.where(seen, 0.0, -np.inf)
y = keras.ops.dot_product_attention(q, k, v, bias=bias)
print(np.allclose(y, y_tf))

# %% attention-floats
agree(y_pt.transpose(1, 2), y_tf)

# %% [markdown]
# Keras's layers accept float masks, and convert them to booleans, as [the next chapter](multi_head_attention.ipynb)
# shows. Use boolean masks everywhere.
#
# (attention-causal)=
# ### A causal mask starts in the upper left corner in both
#
# A *causal* mask hides the future: query $i$ sees the keys 0 to $i$. `is_causal=True` makes this mask in both
# frameworks. With as many queries as keys, both are right:

# %% tags=["pytorch"]
q, k, v = torch.tensor(heads)
y_pt, dq_pt = value_and_grad(
    F.scaled_dot_product_attention, q, k, v, is_causal=True)
show(y=y_pt[0, 0], digits=2)

# %% tags=["tensorflow"]
q, k, v = tf.constant(heads_last)
y_tf, dq_tf = value_and_grad(
    keras.ops.dot_product_attention, q, k, v, is_causal=True)
show(y=y_tf[0, :, 0], digits=2)

# %%
agree(y_pt.transpose(1, 2), y_tf, gradients=(dq_pt.transpose(1, 2), dq_tf))

# %% [markdown]
# With fewer queries than keys, query 0 still sees only key 0 in both frameworks. This is wrong for a model that
# generates text, because such a model stores the keys of earlier steps. In the next cells there are 5 positions, and
# the 2 new queries are at the *last* 2 positions. The queries should see 4 and 5 keys, but with `is_causal=True`
# they see 1 and 2. Each cell prints the weights of the two queries, first with `is_causal=True`, then with a mask
# that ends in the lower right corner:

# %% attention-corner-pt tags=["pytorch"]
q, k, v = torch.tensor(heads)
q, eye = q[:, :, -2:], torch.eye(5).expand(2, 3, 5, 5)
upper_pt = F.scaled_dot_product_attention(
    q, k, eye, is_causal=True)
lower_pt = F.scaled_dot_product_attention(
    q, k, eye, attn_mask=causal_lower_right(2, 5))
show(upper=upper_pt[0, 0], lower=lower_pt[0, 0], digits=2)

# %% attention-corner-tf tags=["tensorflow"]
q, k, v = tf.constant(heads_last)
q, eye = q[:, -2:], np.eye(5, dtype=np.float32)
eye = tf.tile(eye[None, :, None], (2, 1, 3, 1))
upper_tf = keras.ops.dot_product_attention(
    q, k, eye, is_causal=True)
seen = np.tri(2, 5, 5 - 2, dtype=bool)[None, None]
lower_tf = keras.ops.dot_product_attention(
    q, k, eye, mask=seen)
show(upper=upper_tf[0, :, 0], lower=lower_tf[0, :, 0], digits=2)

# %% attention-corner
agree([upper_pt.transpose(1, 2), lower_pt.transpose(1, 2)], [upper_tf, lower_tf])

# %% [markdown]
# If you need a padding mask and a causal mask, combine them yourself with `&`. Keras accepts `mask` and `is_causal`
# together. PyTorch has several programs for the same formula, called *kernels*. In PyTorch 2.13, the fast kernel for
# CPUs accepts both arguments together. The general kernel, `MATH`, raises an error:

# %% tags=["pytorch"]
q, k, v = torch.tensor(heads)
causal = torch.ones(5, 5, dtype=torch.bool).tril()
seen = torch.tensor(real)[:, None, None] & causal
y_pt = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
print(tuple(seen.shape), tuple(y_pt.shape))
with sdpa_kernel(SDPBackend.MATH), show_error():
    F.scaled_dot_product_attention(
        q, k, v, attn_mask=seen, is_causal=True)

# %% tags=["tensorflow"]
q, k, v = tf.constant(heads_last)
causal = np.tri(5, dtype=bool)
seen = tf.constant(real)[:, None, None] & causal
y_tf = keras.ops.dot_product_attention(q, k, v, mask=seen)
print(tuple(seen.shape), tuple(y_tf.shape))
same_tf = keras.ops.dot_product_attention(
    q, k, v, mask=real[:, None, None], is_causal=True)

# %% attention-both
agree([y_pt.transpose(1, 2)] * 2, [y_tf, same_tf])

# %% [markdown]
# (attention-nothing-left)=
# ### A query without a key gets 0 in PyTorch, and the mean of all values in Keras
#
# In the next cells, a mask hides all keys of the second example. A softmax over nothing is 0 / 0, so there is no
# right answer. `by_hand` writes −∞ into the hidden scores, as many tutorials do. `mean` is the mean of all values.
# The cells print the first three numbers of one query:

# %%
nothing = np.array([[True] * 5, [False] * 5])  # (batch, keys)

# %% attention-nothing-pt tags=["pytorch"]
mask = torch.tensor(nothing)[:, None]
y_pt, dv_pt = value_and_grad(
    F.scaled_dot_product_attention, q_pt, k_pt, v_pt,
    attn_mask=mask, scale=1.0, argnums=2)
scores = (q_pt @ k_pt.mT).masked_fill(~mask, -torch.inf)
by_hand = scores.softmax(-1) @ v_pt
show(y=y_pt[1, 0, :3], by_hand=by_hand[1, 0, :3],
     mean=v_pt[1].mean(0)[:3], dv=dv_pt[1, 0, :3])

# %% attention-nothing-tf tags=["tensorflow"]
mask = tf.constant(nothing)


def attend(q, k, v):
    return keras.layers.Attention()(
        [q, v, k], mask=[None, mask])


y_tf, dv_tf = value_and_grad(
    attend, q_tf, k_tf, v_tf, argnums=2)
scores = q_tf @ tf.linalg.matrix_transpose(k_tf)
scores = tf.where(mask[:, None], scores, -np.inf)
by_hand = tf.nn.softmax(scores) @ v_tf
show(y=y_tf[1, 0, :3], by_hand=by_hand[1, 0, :3],
     mean=tf.reduce_mean(v_tf[1], 0)[:3], dv=dv_tf[1, 0, :3])

# %% [markdown]
# There are three answers: 0 in PyTorch, NaN by hand in both, and the mean of the values in Keras. Keras makes each
# hidden score very negative, but not −∞. If all keys are hidden, their scores are equal, and so are their weights.
# So the values of the padding get a gradient, too.
#
# No argument changes this. To get the same result, replace the rows without a key by 0 yourself. The last line of the
# cell shows that `keras.ops.dot_product_attention` gives the mean as well:

# %% attention-nothing-repaired
sees_a_key = tf.reduce_any(mask, -1)  # (batch,)
repaired = tf.where(sees_a_key[:, None, None], y_tf, 0.0)
agree(y_pt, repaired)
with_heads = (x[:, :, None] for x in (q_tf, k_tf, v_tf))
y = keras.ops.dot_product_attention(*with_heads, mask=mask[:, None, None], scale=1.0)
print(np.allclose(y[:, :, 0], y_tf, atol=1e-5))

# %% [markdown]
# ### `dropout_p` acts in inference mode, too
#
# `F.scaled_dot_product_attention` is a function and has no training mode. With `dropout_p=0.5`, every call drops
# each weight with the probability ½. Pass 0 in inference mode. Keras's layer `Attention(dropout=0.5)` drops weights
# only with `training=True`. `keras.ops.dot_product_attention` has no dropout. The cells print whether the mode is
# training, and then whether the output is the same as without dropout. PyTorch's cell tests two outputs: `y` has
# `dropout_p=0.5` in both modes, and `right` has `dropout_p=0` in inference mode:

# %% attention-dropout-pt tags=["pytorch"]
torch.manual_seed(0)
y_pt = F.scaled_dot_product_attention(q_pt, k_pt, v_pt)
for training in (True, False):
    y = F.scaled_dot_product_attention(
        q_pt, k_pt, v_pt, dropout_p=0.5)
    right = F.scaled_dot_product_attention(
        q_pt, k_pt, v_pt, dropout_p=0.5 if training else 0.0)
    print(training, torch.equal(y, y_pt),
          torch.equal(right, y_pt))

# %% attention-dropout-tf tags=["tensorflow"]
layer = keras.layers.Attention(dropout=0.5, seed=0)
inputs = [q_tf, v_tf, k_tf]
y_tf = keras.layers.Attention()(inputs)
for training in (True, False):
    y = layer(inputs, training=training)
    print(training, np.array_equal(y, y_tf))

# %% [markdown]
# (additive-attention)=
# ## Additive attention
#
# <!-- head: additive_attention -->
#
# The score of a query and a key is a weighted sum of tanh(query + key). It is the first attention that was used for
# translation {footcite:p}`bahdanau2015neural`. Choose dot-product attention instead, unless you port an old model:
# additive attention needs more memory, as the last section shows.
#
# $$y = \mathrm{softmax}(e)\, V, \qquad e_{ij} = \sum_{k=1}^{d} s_k \tanh(q_{ik} + k_{jk})$$
#
# Here $e_{ij}$ is the score of query $i$ and key $j$, and $s$ is the scale, a learned vector of $d$ numbers. PyTorch
# has no such layer, so write it as a module. Keras draws the initial scale between $\pm\sqrt{3/d}$, and the module
# does the same:

# %%
class AdditiveAttention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale = nn.Parameter(torch.empty(d).uniform_(-(3 / d)**0.5, (3 / d)**0.5))

    def forward(self, q, k, v, mask=None, low=-1e9):
        sums = q[:, :, None] + k[:, None]  # (batch, queries, keys, d)
        scores = torch.tanh(sums) @ self.scale  # (batch, queries, keys)
        if mask is not None:
            scores = scores.masked_fill(~mask, low)
        return scores.softmax(-1) @ v

# %% [markdown]
# `same_pt` is the module in one line. `drawn` is the output of a layer with its own random scale, so it differs in
# each run. `ds` is the gradient of the scale:

# %% tags=["pytorch"]
torch.manual_seed(0)
layer = AdditiveAttention(4)
q, k, v = map(torch.tensor, (query, key, value))
y_pt, dq_pt, (ds_pt,) = value_and_grad(layer, q, k, v)

scale = layer.scale
same_pt = (torch.tanh(q[:, :, None] + k[:, None])
           @ scale).softmax(-1) @ v
show(y=y_pt[0], dq=dq_pt[0], ds=ds_pt)

# %% tags=["tensorflow"]
q, k, v = map(tf.constant, (query, key, value))
layer = keras.layers.AdditiveAttention()
layer.build([q.shape, v.shape, k.shape])
layer.scale.assign(scale.detach().numpy())
with tf.GradientTape() as tape:
    tape.watch(q)
    y_tf = layer([q, v, k])
dq_tf, ds_tf = tape.gradient(y_tf, (q, layer.scale.value))
drawn = keras.layers.AdditiveAttention()([q, v, k])
show(y=y_tf[0], dq=dq_tf[0], ds=ds_tf)

# %%
agree([y_pt, same_pt], [y_tf, y_tf], gradients=([dq_pt, ds_pt], [dq_tf, ds_tf]))

# %% [markdown]
# ### Keras's layer has no projections: add them for the attention of the paper
#
# In the paper, queries and keys are first multiplied by learned matrices. Neither the module above nor Keras's layer
# does this. So queries and keys must have the same number of features, and the layer learns only $d$ numbers. Add two
# dense layers without a bias. Then queries of 3 numbers and keys of 5 fit together:

# %%
decoder = rng.normal(size=(2, 4, 3)).astype(np.float32)  # (batch, queries, 3)
encoder = rng.normal(size=(2, 6, 5)).astype(np.float32)  # (batch, keys, 5)

# %% additive-projections-pt tags=["pytorch"]
torch.manual_seed(0)
to_q_pt = nn.Linear(3, 8, bias=False)
to_k_pt = nn.Linear(5, 8, bias=False)
score_pt = AdditiveAttention(8)
q, k = torch.tensor(decoder), torch.tensor(encoder)
y_pt = score_pt(to_q_pt(q), to_k_pt(k), k)
print(tuple(y_pt.shape))

# %% additive-projections-tf tags=["tensorflow"]
to_q_tf = keras.layers.Dense(8, use_bias=False)
to_k_tf = keras.layers.Dense(8, use_bias=False)
score_tf = keras.layers.AdditiveAttention()
q, k = tf.constant(decoder), tf.constant(encoder)
score_tf([to_q_tf(q), k, to_k_tf(k)])
copy_weights(to_q_pt, to_q_tf), copy_weights(to_k_pt, to_k_tf)
score_tf.scale.assign(score_pt.scale.detach().numpy())
y_tf = score_tf([to_q_tf(q), k, to_k_tf(k)])
print(y_tf.shape)

# %% additive-projections
agree(y_pt, y_tf)

# %% [markdown]
# ### `Attention(score_mode="concat")` is additive attention without the learned vector
#
# With `score_mode="concat"`, Keras's `Attention` is additive attention. Its score is the sum of tanh(query + key),
# multiplied by one learned number, which starts at 1. `AdditiveAttention(use_scale=False)` has the same scores. In
# PyTorch, use a scale of ones:

# %% additive-concat-pt tags=["pytorch"]
layer = AdditiveAttention(4)
nn.init.ones_(layer.scale)
y_pt = layer(*map(torch.tensor, (query, key, value)))
show(y=y_pt[0])

# %% additive-concat-tf tags=["tensorflow"]
inputs = [tf.constant(a) for a in (query, value, key)]
concat = keras.layers.Attention(score_mode="concat")
y_tf = concat(inputs)
plain = keras.layers.AdditiveAttention(use_scale=False)
same_tf = plain(inputs)
print([weight.name for weight in concat.weights])
show(y=y_tf[0])

# %%
agree([y_pt, y_pt], [y_tf, same_tf])

# %% [markdown]
# (additive-nothing-left)=
# ### If all keys are hidden, Keras returns the mean of all values, and your own module can return NaN
#
# Keras's layer subtracts a large number from the hidden scores. The PyTorch module above replaces each hidden score
# by the number `low`. With `low=-torch.inf` the output is NaN, and with `low=-1e9` it is the mean. In the next cells
# the mask hides all keys of the second example:

# %% additive-nothing-pt tags=["pytorch"]
layer = AdditiveAttention(4)
mask = torch.tensor(nothing)[:, None]
q, k, v = map(torch.tensor, (query, key, value))
nan = layer(q, k, v, mask, low=-torch.inf)
y_pt = layer(q, k, v, mask, low=-1e9)
show(nan=nan[1, 0, :3], y=y_pt[1, 0, :3],
     mean=v[1].mean(0)[:3])

# %% additive-nothing-tf tags=["tensorflow"]
other = keras.layers.AdditiveAttention()
other.build([query.shape, value.shape, key.shape])
other.scale.assign(layer.scale.detach().numpy())
q, k, v = map(tf.constant, (query, key, value))
y_tf = other([q, v, k], mask=[None, tf.constant(nothing)])
show(y=y_tf[1, 0, :3], mean=tf.reduce_mean(v[1], 0)[:3])

# %%
agree(y_pt, y_tf)

# %% [markdown]
# (attention-bytes-section)=
# ## The scores need memory for queries × keys, unless PyTorch's fast kernel runs
#
# Every query has a score with every key, so $T$ positions that attend to each other have $T^2$ scores. Additive
# attention also computes $d$ numbers for each pair. The next cells count the bytes of the largest tensor of each
# computation, for $d = 32$. Nothing is timed. The PyTorch cell looks at all tensors that are kept for the gradient,
# and the TensorFlow cell at all tensors of the graph. `by_hand` writes the scores out, and `built_in` is the
# framework's own function. PyTorch's function has two more rows. `three_axes` is a call without the axis of the
# heads, and `dropout` is a call with `dropout_p=0.1`:

# %%
lengths = [64, 128, 256, 512]

# %% tags=["pytorch"]
def by_hand_pt(q, k, v):
    return torch.softmax(q @ k.mT * 32**-0.5, -1) @ v


def additive_pt(q, k, v):
    sums = q[..., :, None, :] + k[..., None, :, :]
    return torch.softmax(torch.tanh(sums).sum(-1), -1) @ v

# %% tags=["tensorflow"]
def by_hand_tf(q, k, v):
    scores = tf.matmul(q, k, transpose_b=True) * 32**-0.5
    return tf.nn.softmax(scores) @ v


def additive_tf(q, k, v):
    sums = q[..., :, None, :] + k[..., None, :, :]
    return tf.nn.softmax(tf.reduce_sum(tf.tanh(sums), -1)) @ v

# %% tags=["pytorch"]
def largest_pt(attend, n, shape=(1, 1, -1, 32)):
    sizes = []

    def note(tensor):
        sizes.append(tensor.numel() * tensor.element_size())
        return tensor

    x = torch.ones([n if s < 0 else s for s in shape],
                   requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(note, note):
        attend(x, x, x)
    return max(sizes)

# %% tags=["tensorflow"]
def largest_tf(attend, n, shape=(1, 1, -1, 32)):
    x = tf.TensorSpec([n if s < 0 else s for s in shape])
    graph = tf.function(attend, autograph=False)
    graph = graph.get_concrete_function(x, x, x).graph
    return max(
        int(np.prod(t.shape)) * t.dtype.size
        for operation in graph.get_operations()
        for t in operation.outputs
    )

# %% attention-bytes-pt tags=["pytorch"]
built_in_pt = F.scaled_dot_product_attention
dropout_pt = functools.partial(built_in_pt, dropout_p=0.1)
bytes_pt = {
    "additive": [largest_pt(additive_pt, n) for n in lengths],
    "by_hand": [largest_pt(by_hand_pt, n) for n in lengths],
    "built_in": [largest_pt(built_in_pt, n) for n in lengths],
    "three_axes": [largest_pt(built_in_pt, n, (1, -1, 32))
                   for n in lengths],
    "dropout": [largest_pt(dropout_pt, n) for n in lengths],
}
show(**bytes_pt)

# %% attention-bytes-tf tags=["tensorflow"]
def built_in_tf(n):  # (batch, time, heads, d)
    attend = keras.ops.dot_product_attention
    return largest_tf(attend, n, (1, -1, 1, 32))


bytes_tf = {
    "additive": [largest_tf(additive_tf, n) for n in lengths],
    "by_hand": [largest_tf(by_hand_tf, n) for n in lengths],
    "built_in": [built_in_tf(n) for n in lengths],
}
show(**bytes_tf)

# %% attention-bytes tags=["hide-input"]
# alt: Bytes of the largest tensor over the number of positions, both on a logarithmic scale. Additive attention is
# 32 times above dot-product attention by hand, and both grow four times when the length doubles. PyTorch's fast kernel
# only doubles. TensorFlow's function lies on the line by hand.
fig, ax = plt.subplots()
for name in ("additive", "by_hand"):
    plots.coinciding(ax, np.log2(lengths), np.log2(bytes_pt[name]), np.log2(bytes_tf[name]),
                     label=(6, 24.2) if name == "additive" else None, markers=4)
ax.plot(np.log2(lengths), np.log2(bytes_pt["built_in"]), "--", color=plots.PYTORCH)
for place, text in {
    (8.95, 21.9): "additive", (7.45, 17.6): "by hand, keras.ops",
    (8.95, 13.2): "F.scaled_dot_product_attention",
}.items():
    ax.annotate(text, place, ha="right")
ax.set(xticks=np.log2(lengths), xticklabels=lengths, xlabel="positions T",
       yticks=[14, 17, 20, 23], yticklabels=["16 KB", "128 KB", "1 MB", "8 MB"], ylim=(12.4, 25.5),
       title="Only PyTorch's fast kernel does not store T² scores")
plt.show()

# %% [markdown]
# At 512 positions, the scores are 16 times as large as the queries, and the sums of additive attention are 512 times
# as large. PyTorch's fast kernel computes the scores block by block, and does not store them. It computes them again
# for the gradient {footcite:p}`dao2022flash`. So its largest tensor is as large as the queries. With three axes or
# with dropout, PyTorch takes the general kernel, which stores all scores. So give your tensors an axis for the
# heads, even for one head. With TensorFlow, `keras.ops` computes all scores, and `flash_attention=True` raises an
# error.
#
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | PyTorch | `F.scaled_dot_product_attention` with an axis for the heads | it does not store the scores |
# | TensorFlow, with heads | `keras.ops.dot_product_attention` | it divides by √d; mind the order of the axes |
# | TensorFlow, without heads | `layers.Attention(use_scale=True)` | set the scale to 1/√d |
# | an old model with additive scores | `layers.AdditiveAttention`; in PyTorch the module above | add the projections |
# | padding | a boolean mask, `True` for real keys | float masks differ |
# | queries that may see no key | replace their output by 0 | the frameworks differ |
# | new queries and stored keys | a mask that ends in the lower right corner | `is_causal=True` counts from the first key |
# | projections and several heads | [multi-head attention](multi_head_attention.ipynb) | one layer does it all |
#
# ## Exercises
#
# Write attention with a mask, the weights of causal attention, and additive attention:
# [exercises on attention](../../exercises/layers/attention.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
