# %% [markdown]
# # Multi-head and grouped-query attention
#
# Multi-head attention multiplies queries, keys and values by learned matrices, cuts the results into *heads*, and
# computes dot-product attention in each head separately. Then it joins the heads and multiplies by a last matrix.
# Grouped-query attention does the same with fewer heads for keys and values, so that a model that generates text has
# less to store. [The chapter before](attention.ipynb) explains scores, masks and the scale.
#
# **The claim:** the two frameworks compute the same numbers from the same weights, but almost nothing in the calls is
# the same. PyTorch stacks three matrices into one. Keras wants the value before the key, and the size of one head
# instead of the size of all. `True` in a mask means "left out" in PyTorch and "takes part" in Keras. A query without
# a key gets NaN, the output bias or the mean of the values: each layer has two of these answers. Keras's layer also
# removes the mask from its input, so that the next layer attends to the padding.

# %%
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F
from matplotlib.colors import LinearSegmentedColormap, to_rgba

from diptych import agree, copy_weights, plots, show, show_error, value_and_grad

plots.use_style()
rng = np.random.default_rng(0)
query = rng.normal(size=(2, 5, 12)).astype(np.float32)  # (batch, queries, width)
key = rng.normal(size=(2, 7, 12)).astype(np.float32)  # (batch, keys, width)
value = rng.normal(size=(2, 7, 12)).astype(np.float32)  # (batch, keys, width)
upstream = rng.normal(size=(2, 5, 12)).astype(np.float32)


# %% [markdown]
# The batch has 2 examples, with 5 queries and 7 keys of 12 numbers. There are 4 heads, each of the size 3. Both
# frameworks start with biases of 0. The cells draw other ones, so that a bias in the wrong place is visible.
#
# The figure shows why there are several heads. Its layer has 3 heads, and weights that are set by hand: head 1 looks
# at its own position, head 2 at the position before it, and head 3 at position 0. The last map is their average,
# which is what PyTorch returns by default. No head has these weights.

# %% heads-maps tags=["hide-input"]
# alt: Four maps of 6 by 6 weights. Head 1 is a diagonal. Head 2 is a diagonal one step to the left. Head 3 is the
# first column. The average of the heads has all three patterns, each three times as pale.
n, width = 6, 18
attention = nn.MultiheadAttention(width, 3, batch_first=True, bias=False)
positions = torch.eye(n, width)[None]  # position i has a 1 in place i
before = torch.roll(torch.eye(n), -1, 0)
before[-1] = 0
before[0, 0] = 1
first = torch.zeros(n, n)
first[0] = 1
with torch.no_grad():
    attention.in_proj_weight.zero_()
    for head, pattern in enumerate((torch.eye(n), before, first)):
        rows = slice(head * n, (head + 1) * n)
        attention.in_proj_weight[rows, :n] = 12 * pattern
        attention.in_proj_weight[width:][rows, :n] = torch.eye(n)
    _, each = attention(positions, positions, positions, average_attn_weights=False)
    _, average = attention(positions, positions, positions)
shades = LinearSegmentedColormap.from_list(
    "shades", [to_rgba(plots.TENSORFLOW, 0), to_rgba(plots.TENSORFLOW, 1)])
fig, axes = plt.subplots(1, 4, figsize=(5.2, 1.9))
for ax, title, w in zip(axes, ("head 1", "head 2", "head 3", "average"), (*each[0], average[0])):
    ax.pcolormesh(w.numpy(), cmap=shades, vmin=0, vmax=1)
    ax.set(xticks=[0.5, 5.5], yticks=[0.5, 5.5], xticklabels=[0, 5], yticklabels=[0, 5],
           aspect="equal")
    ax.invert_yaxis()
    plots.head(ax, title, "heads-average")
fig.supxlabel("keys")
fig.supylabel("queries")
plt.show()

# %% [markdown]
# (multi-head-attention)=
# ## Multi-head attention
#
# <!-- head: multi_head_attention -->
#
# Each head has its own queries, keys and values, so one position can attend to several others for different reasons
# {footcite:p}`vaswani2017attention`. Choose it whenever you want a layer instead of a function: it is the attention of
# every transformer.
#
# $$\mathrm{head}_i = \mathrm{softmax}\left(\frac{Q_i K_i^\top}{\sqrt{d}}\right) V_i, \qquad
# y = [\mathrm{head}_1, \dots, \mathrm{head}_h]\, W^\top + b$$
#
# Here $Q_i$, $K_i$ and $V_i$ are the queries, keys and values of head $i$: the inputs, multiplied by learned matrices
# plus a bias. $h$ is the number of heads, and $d$ is the size of one head. The heads stand side by side in the
# brackets, and $W$ and $b$ are the weight and the bias of the output. In self-attention, the same tensor is query,
# key and value.
#
# `copy_weights` carries the weights by the table above. PyTorch returns the output and the weights of the attention.
# The cells print the first outputs, the gradient of the query and the gradient of the output bias:

# %% tags=["pytorch"]
torch.manual_seed(0)
mha_pt = nn.MultiheadAttention(12, 4, batch_first=True)
nn.init.normal_(mha_pt.in_proj_bias)
nn.init.normal_(mha_pt.out_proj.bias)
q_pt, k_pt, v_pt = (torch.tensor(a, requires_grad=True)
                    for a in (query, key, value))
y_pt, w_pt = mha_pt(q_pt, k_pt, v_pt)
grads_pt = torch.autograd.grad(
    y_pt, (q_pt, k_pt, v_pt, *mha_pt.parameters()),
    torch.tensor(upstream))
show(y=y_pt[0, :2, :6], dq=grads_pt[0][0, :2, :6],
     db=grads_pt[-1][:6])

# %% tags=["tensorflow"]
mha_tf = keras.layers.MultiHeadAttention(4, 3)
mha_tf.build(query.shape, value.shape)
copy_weights(mha_pt, mha_tf)
q_tf, k_tf, v_tf = map(tf.constant, (query, key, value))
with tf.GradientTape() as tape:
    tape.watch((q_tf, k_tf, v_tf))
    y_tf = mha_tf(q_tf, v_tf, k_tf)
wanted = [w.value for w in mha_tf.trainable_weights]
grads_tf = tape.gradient(
    y_tf, [q_tf, k_tf, v_tf, *wanted], tf.constant(upstream))
show(y=y_tf[0, :2, :6], dq=grads_tf[0][0, :2, :6],
     db=grads_tf[-1][:6])

# %%
agree(y_pt, y_tf, gradients=([*grads_pt[:3], grads_pt[-1]], [*grads_tf[:3], grads_tf[-1]]))

# %% [markdown]
# `agree` compares the outputs and the gradients of queries, keys, values and the output bias. The other gradients
# have other shapes in the two frameworks. The next section turns them.
#
# (heads-packed)=
# ### PyTorch stacks three matrices in `in_proj_weight`, Keras has a kernel for each, with an axis for the heads
#
# The cells print the shapes of all arrays:

# %% tags=["pytorch"]
for name, array in mha_pt.named_parameters():
    print(f"{name:16}", tuple(array.shape))

# %% tags=["tensorflow"]
for array in mha_tf.weights:
    name = array.path.partition("/")[2]
    print(f"{name:24}", tuple(array.shape))

# %% [markdown]
# To move the weights by hand, cut `in_proj_weight` into three matrices of the shape (width, width), for queries, keys
# and values in this order. Transpose each matrix, because Keras has the inputs first. Then cut the last axis into
# heads and sizes. The output matrix goes the same way, but there the *inputs* are cut into heads. Gradients are
# turned in the same way as the weights:

# %% heads-by-hand
def to_keras(in_weight, in_bias, out_weight, out_bias, n_heads=4):
    """PyTorch's four arrays as Keras's eight, in the order of the layer."""
    width = len(out_bias)
    arrays = []
    for weight, bias in zip(in_weight.chunk(3), in_bias.chunk(3)):
        arrays += [weight.T.reshape(width, n_heads, -1), bias.reshape(n_heads, -1)]
    return [*arrays, out_weight.T.reshape(n_heads, -1, width), out_bias]


def to_pytorch(arrays):
    """Keras's eight arrays as PyTorch's four."""
    *kernels, out_weight = (array.numpy() for array in arrays[::2])
    *biases, out_bias = (array.numpy() for array in arrays[1::2])
    width = len(out_bias)
    stacked = [kernel.reshape(width, -1).T for kernel in kernels]
    return [np.concatenate(stacked), np.ravel(biases), out_weight.reshape(-1, width).T, out_bias]


with torch.no_grad():
    agree(to_keras(*mha_pt.parameters()), mha_tf.weights,
          gradients=(to_keras(*grads_pt[3:]), grads_tf[3:]))
again = nn.MultiheadAttention(12, 4, batch_first=True)
copy_weights(mha_tf, again)
for arrays in (to_pytorch(mha_tf.weights), again.state_dict().values()):
    print([np.array_equal(a, p.detach()) for a, p in zip(arrays, mha_pt.parameters())])

# %% [markdown]
# The last two lines compare PyTorch's arrays with those that come back from Keras, by hand and by `copy_weights`. Both
# are the same. `copy_weights` raises an error for weights that have no place on the other side, as with
# `add_bias_kv=True` in PyTorch or `use_gate=True` in Keras. With another width for keys or values (`kdim`, `vdim`),
# PyTorch has three separate matrices. `copy_weights` raises an error there, too: move each matrix as above.
#
# The function `F.multi_head_attention_forward` is the layer without its weights. It takes everything as an argument,
# and always has the time on axis 0. In TensorFlow the same computation takes six products:

# %% tags=["pytorch"]
arrays = list(mha_pt.parameters())
turned = (t.transpose(0, 1) for t in (q_pt, k_pt, v_pt))
y_pt, _ = F.multi_head_attention_forward(
    *turned, embed_dim_to_check=12, num_heads=4,
    in_proj_weight=arrays[0], in_proj_bias=arrays[1],
    bias_k=None, bias_v=None, add_zero_attn=False,
    dropout_p=0.0, out_proj_weight=arrays[2],
    out_proj_bias=arrays[3])
y_pt = y_pt.transpose(0, 1)
show(y=y_pt[0, :2, :6])

# %% tags=["tensorflow"]
def project(x, i):  # batch, time, e: width, heads, d: size
    kernel, bias = mha_tf.weights[2 * i:2 * i + 2]
    return tf.einsum("bte,ehd->bthd", x, kernel) + bias


q, k, v = project(q_tf, 0), project(k_tf, 1), project(v_tf, 2)
scores = tf.einsum("bthd,bshd->bhts", q, k) / 3**0.5
y_tf = tf.einsum("bhts,bshd->bthd", tf.nn.softmax(scores), v)
kernel, bias = mha_tf.weights[6:]
y_tf = tf.einsum("bthd,hde->bte", y_tf, kernel) + bias
show(y=y_tf[0, :2, :6])

# %%
agree(y_pt, y_tf)

# %% [markdown]
# (heads-average)=
# ### PyTorch returns the average of the heads' weights, Keras returns each, if you ask for them
#
# The second output of PyTorch is the mean over the heads by default. Pass `average_attn_weights=False` to get each
# head, as in Keras. Pass `need_weights=False` if you need none: then PyTorch uses its function, which, without
# dropout, does not store the scores. In Keras, `return_attention_scores=True` returns the weights after the softmax:

# %% tags=["pytorch"]
_, mean_pt = mha_pt(q_pt, k_pt, v_pt)
_, w_pt = mha_pt(q_pt, k_pt, v_pt, average_attn_weights=False)
print(tuple(mean_pt.shape), tuple(w_pt.shape))

# %% tags=["tensorflow"]
_, w_tf = mha_tf(q_tf, v_tf, k_tf, return_attention_scores=True)
mean_tf = tf.reduce_mean(w_tf, 1)
print(tuple(mean_tf.shape), tuple(w_tf.shape))

# %%
agree([mean_pt, w_pt], [mean_tf, w_tf])

# %% [markdown]
# (heads-order)=
# ### Keras takes (query, value, key): in PyTorch's order, it swaps keys and values without an error
#
# Keys and values have the same shape here, so nothing tells you. Pass all three by name:

# %% heads-order-pt tags=["pytorch"]
q, k, v = map(torch.tensor, (query, key, value))
mha = mha_pt
y_pt, _ = mha(q, k, v)
named_pt, _ = mha_pt(query=q, key=k, value=v)
show(y=y_pt[0, 0, :6])

# %% heads-order-tf tags=["tensorflow"]
q, k, v = map(tf.constant, (query, key, value))
mha = mha_tf
y_tf = mha(q, v, k)
named_tf = mha_tf(query=q, key=k, value=v)
show(y=y_tf[0, 0, :6], wrong=mha_tf(q, k, v)[0, 0, :6])

# %%
agree([y_pt, named_pt], [y_tf, named_tf])

# %% [markdown]
# In self-attention all three are the same tensor, and the order makes no difference. The mistake appears in the first
# layer that attends to another sequence.
#
# (heads-size)=
# ### `key_dim` is the size of one head, not of all
#
# PyTorch divides the width by the number of heads. Keras asks for the number of heads and the size of one. If you pass
# the width as `key_dim`, there is no error: each head is as wide as the whole layer. The cells count the weights:

# %% heads-size-pt tags=["pytorch"]
mha = nn.MultiheadAttention(12, 4, batch_first=True)
print(sum(p.numel() for p in mha.parameters()))
with show_error():
    nn.MultiheadAttention(12, 5)

# %% heads-size-tf tags=["tensorflow"]
for size in (3, 12):
    mha = keras.layers.MultiHeadAttention(4, size)
    mha.build((None, 5, 12), (None, 7, 12))
    print(mha.count_params())

# %% [markdown]
# The wrong layer has almost four times as many weights. PyTorch raises an error if the heads do not divide the width.
# Keras accepts any two sizes, and `value_dim` and `output_shape` as further ones.
#
# (heads-batch)=
# ### Without `batch_first=True`, PyTorch takes axis 0 for the time
#
# The default of `nn.MultiheadAttention` is `batch_first=False`, and there is no error. Then the examples attend to
# each other. The cells change the second example, and print whether the output of the first one changes:

# %% heads-batch-pt tags=["pytorch"]
x = torch.tensor(query)
moved = x.clone()
moved[1] += 1
for batch_first in (False, True):
    torch.manual_seed(0)
    mha = nn.MultiheadAttention(
        12, 4, batch_first=batch_first)
    y, _ = mha(x, x, x)
    z, _ = mha(moved, moved, moved)
    print(batch_first, not torch.allclose(y[0], z[0]))

# %% heads-batch-tf tags=["tensorflow"]
x = tf.constant(query)
moved = tf.stack([x[0], x[1] + 1])
mha = keras.layers.MultiHeadAttention(4, 3)
y, z = mha(x, x), mha(moved, moved)
print(not np.allclose(y[0], z[0]))

# %% [markdown]
# (heads-masks-section)=
# ### `True` means "left out" in PyTorch's layer, and "takes part" in Keras
#
# PyTorch's *layer* has the opposite convention of PyTorch's *function* `F.scaled_dot_product_attention`. `padding` is
# `True` for padding keys. PyTorch takes it as `key_padding_mask`. Keras takes `~padding` as `value_mask`, or, with an
# axis for the queries, as `attention_mask`:

# %%
left_out = np.array([[0, 0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 0, 1]], bool)  # (batch, keys)

# %% tags=["pytorch"]
mha, q, k, v = mha_pt, q_pt, k_pt, v_pt
padding = torch.tensor(left_out)
y_pt, w = mha(q, k, v, key_padding_mask=padding)
_, dk_pt, _ = value_and_grad(
    mha, q, k, v, key_padding_mask=padding, argnums=1)
show(weights=w[0, 0], digits=2)
show(dk=dk_pt[0, -3:, :6], digits=2)

# %% tags=["tensorflow"]
mha, q, k, v = mha_tf, q_tf, k_tf, v_tf
padding = tf.constant(left_out)
y_tf = mha(q, v, k, attention_mask=~padding[:, None])
same_tf, dk_tf, _ = value_and_grad(
    mha, q, v, k, value_mask=~padding, argnums=2)
_, w = mha(q, v, k, value_mask=~padding,
           return_attention_scores=True)
show(weights=tf.reduce_mean(w, 1)[0, 0], digits=2)
show(dk=dk_tf[0, -3:, :6], digits=2)

# %% heads-masks
agree([y_pt, y_pt], [y_tf, same_tf], gradients=(dk_pt, dk_tf))

# %% [markdown]
# The padding has the weight 0, and its keys have the gradient 0. If you invert a mask by mistake, there is no error:
# the layer attends to the padding only.
#
# A mask for each example has another shape in PyTorch: `attn_mask` must be (queries, keys) or (batch · heads, queries,
# keys). Keras's `attention_mask` is (batch, queries, keys), and its axis of the batch or of the queries may be 1.
#
# ### A float mask of ones and zeros hides nothing in PyTorch
#
# PyTorch adds a float mask to the scores, and refuses integers. Keras converts any mask to booleans. The cells pass
# ones for the keys that take part and zeros for the others, and print whether the output is that of the right mask:

# %% heads-floats-pt tags=["pytorch"]
x = torch.tensor(query)
past = torch.ones(5, 5).tril()
right_pt, _ = mha_pt(x, x, x, attn_mask=past == 0)
y, _ = mha_pt(x, x, x, attn_mask=past)
print(torch.allclose(y, right_pt))
with show_error():
    mha_pt(x, x, x, attn_mask=past.int())

# %% heads-floats-tf tags=["tensorflow"]
x = tf.constant(query)
past = tf.constant(np.tri(5, dtype=np.float32))
right_tf = mha_tf(x, x, attention_mask=past == 1)
y = mha_tf(x, x, attention_mask=past)
print(np.allclose(y, right_tf))
y = mha_tf(x, x, attention_mask=tf.cast(past, tf.int32))
print(np.allclose(y, right_tf))

# %%
agree(right_pt, right_tf)

# %% [markdown]
# (heads-causal)=
# ### `is_causal=True` needs a mask beside it in PyTorch, and `use_causal_mask=True` needs nothing in Keras
#
# In PyTorch, `is_causal=True` is a *hint*: it promises that `attn_mask` is causal, so that a faster function may be
# used. Without `attn_mask` it is an error. `later` is `True` for the keys of the future, which are left out:

# %% heads-hint-pt tags=["pytorch"]
mha, q = mha_pt, torch.tensor(query)
with show_error():
    mha(q, q, q, is_causal=True)
later = torch.ones(5, 5, dtype=torch.bool).triu(1)
y_pt, _ = mha(q, q, q, attn_mask=later, is_causal=True)
show(y=y_pt[0, 0, :6])

# %% heads-hint-tf tags=["tensorflow"]
mha, q = mha_tf, tf.constant(query)
y_tf = mha(q, q, use_causal_mask=True)
scored_tf, _ = mha(q, q, use_causal_mask=True,
                   return_attention_scores=True)
dropping = keras.layers.MultiHeadAttention(4, 3, dropout=0.3)
dropping.build(q.shape, q.shape)
copy_weights(mha_pt, dropping)
dropping_tf = dropping(q, q, use_causal_mask=True)
show(y=y_tf[0, 0, :6])

# %%
agree([y_pt, y_pt, y_pt], [y_tf, scored_tf, dropping_tf])

# %% [markdown]
# In some versions before Keras 3.15.1, the layer lost the causal mask if you asked for the scores or used dropout.
# Now it keeps the mask, as the cell shows.
#
# (heads-nothing-left)=
# ### A query without a key: NaN or the output bias in PyTorch, the mean or the output bias in Keras
#
# In the next cells all keys of the first example are padding. In PyTorch the answer depends on `need_weights`, and on
# whether the *fast path* runs. It runs in inference mode, without gradients, if query, key and value are the same
# tensor and the number of heads is even. The cells print the first output of the example without a key:

# %%
nothing = np.array([[1, 1, 1, 1, 1], [0, 0, 0, 0, 1]], bool)  # (batch, keys): True is padding

# %% heads-nothing-pt tags=["pytorch"]
x, mask = torch.tensor(query), torch.tensor(nothing)
for need in (True, False):
    y, _ = mha_pt(x, x, x, key_padding_mask=mask,
                  need_weights=need)
    show(y=y[0, 0, :4])
mha_pt.eval()
with torch.no_grad():
    y, _ = mha_pt(x, x, x, key_padding_mask=mask,
                  need_weights=False)
mha_pt.train()
show(y=y[0, 0, :4], bias=mha_pt.out_proj.bias[:4])

# %% heads-nothing-tf tags=["tensorflow"]
x, mask = tf.constant(query), ~tf.constant(nothing)[:, None]
y = mha_tf(x, x, attention_mask=mask)
show(y=y[0, 0, :4])
y, _ = mha_tf(x, x, attention_mask=mask,
              return_attention_scores=True)
show(y=y[0, 0, :4])
y = dropping(x, x, attention_mask=mask)
average = tf.reduce_mean(x, 1, keepdims=True)
mean = mha_tf(average, average)
show(y=y[0, 0, :4], mean=mean[0, 0, :4],
     bias=mha_tf.weights[-1][:4])

# %% [markdown]
# PyTorch gives NaN with `need_weights=True`, which is the default, then the output bias with `need_weights=False`, then
# NaN again on the fast path. `torch.backends.mha.set_fastpath_enabled(False)` turns the fast path off.
#
# Keras gives the mean of all values, sent through the output matrix (`mean`). With `return_attention_scores=True` or
# with dropout, its weights are all 0, so the output is the output bias. So the same Keras layer answers differently
# as soon as you look at its weights.
#
# Two of these answers can be made the same: `need_weights=False` in PyTorch and `return_attention_scores=True` in
# Keras.

# %% tags=["pytorch"]
x, mask = torch.tensor(query), torch.tensor(nothing)
(y_pt, _), dx_pt, _ = value_and_grad(
    mha_pt, x, x, x, key_padding_mask=mask, need_weights=False)
show(y=y_pt[0, 0, :4], dx=dx_pt[0, 0, :4])

# %% tags=["tensorflow"]
x, mask = tf.constant(query), ~tf.constant(nothing)[:, None]
other = tf.identity(x)  # value_and_grad watches the query only
(y_tf, _), dx_tf, _ = value_and_grad(
    mha_tf, x, other, attention_mask=mask,
    return_attention_scores=True)
show(y=y_tf[0, 0, :4], dx=dx_tf[0, 0, :4])

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# NaN in one row is not only a wrong row. Even if the loss leaves this row out, its gradient is 0 · NaN = NaN, and all
# weights get it, except the output bias. The cells use only the *second* example in the loss, and print whether all
# gradients of the weights are finite:

# %% heads-poison-pt tags=["pytorch"]
x, mask = torch.tensor(query), torch.tensor(nothing)
for need in (True, False):
    y, _ = mha_pt(x, x, x, key_padding_mask=mask,
                  need_weights=need)
    gradients = torch.autograd.grad(
        y[1].sum(), list(mha_pt.parameters()))
    print([torch.isfinite(g).all().item() for g in gradients])

# %% heads-poison-tf tags=["tensorflow"]
x, mask = tf.constant(query), ~tf.constant(nothing)[:, None]
with tf.GradientTape() as tape:
    y = mha_tf(x, x, attention_mask=mask)
    total = tf.reduce_sum(y[1])
gradients = tape.gradient(total, mha_tf.trainable_weights)
print(all(np.isfinite(g).all() for g in gradients))

# %% [markdown]
# Pass `need_weights=False` in PyTorch, or leave one key of each example visible.
#
# (heads-lost)=
# ### Keras's layer removes the mask from its input, so the next layer attends to the padding
#
# `Embedding(mask_zero=True)` marks the zeros as padding, and attaches the mask to its output. `MultiHeadAttention`
# uses this mask, and *removes* it from its input tensors. A second layer that gets the same tensor sees no mask. In
# PyTorch there is no attached mask: you pass it in each call. The cells call the same layer twice on one tensor, and
# print whether both outputs are equal at the real positions:

# %%
tokens = np.array([[1, 2, 0, 0], [3, 4, 1, 2]])
real = tokens != 0
vectors = rng.normal(size=(5, 12)).astype(np.float32)

# %% heads-lost-pt tags=["pytorch"]
x_pt = F.embedding(torch.tensor(tokens), torch.tensor(vectors))
mask = torch.tensor(~real)
first_pt, _ = mha_pt(x_pt, x_pt, x_pt, key_padding_mask=mask)
second_pt, _ = mha_pt(x_pt, x_pt, x_pt, key_padding_mask=mask)
print(torch.equal(first_pt[real], second_pt[real]))

# %% heads-lost-tf tags=["tensorflow"]
embedding = keras.layers.Embedding(5, 12, mask_zero=True)
embedding.build(())
embedding.set_weights([vectors])
x_tf = embedding(tokens)
print(x_tf._keras_mask.numpy().tolist())
first_tf = mha_tf(x_tf, x_tf)
print(getattr(x_tf, "_keras_mask", None))
second_tf = mha_tf(x_tf, x_tf)
print(np.allclose(first_tf[real], second_tf[real]))

# %% heads-lost
agree(first_pt[real], first_tf[real])

# %% [markdown]
# The first call agrees with PyTorch at the real positions, and the second one does not. At the padding, the outputs of
# the first call differ, too: an attached mask also hides *queries* in Keras, and a hidden query is a query without a
# key. Compare only real positions.
#
# A residual block `x + attention(x)` meets this at once: after the first block, the mask is gone. The symbolic model
# still shows one. The next cell builds two blocks, and compares them with blocks that get the mask in each call:

# %% heads-residual-pt tags=["pytorch"]
def block_pt(x):
    y, _ = mha_pt(x, x, x, key_padding_mask=torch.tensor(~real))
    return x + y


y_pt = block_pt(block_pt(x_pt))
print(tuple(y_pt.shape))

# %% heads-residual-tf tags=["tensorflow"]
inputs = keras.Input((4,), dtype="int32")
x = embedding(inputs)
x = keras.layers.Add()([x, mha_tf(x, x)])
print(x._keras_mask is not None)  # the model shows a mask
model = keras.Model(
    inputs, keras.layers.Add()([x, mha_tf(x, x)]))
lost_tf = model(tokens)

x = embedding(tokens)
mask = tf.constant(real)[:, None]
for _ in range(2):
    x = x + mha_tf(x, x, attention_mask=mask)
y_tf = x

# %% heads-residual
agree(y_pt[real], y_tf[real])
print("as with attached masks:", np.allclose(y_pt[real].detach(), lost_tf[real]))

# %% [markdown]
# Pass `attention_mask` in each call, and do not use attached masks with this layer. In a block that normalizes first,
# `x + attention(norm(x))`, the mask is removed from the output of the normalization only, and `x` keeps its own.
#
# Another argument does nothing: Keras overwrites `query_mask=` by the mask that is attached to the query, even if there
# is none.

# %% heads-query-mask-pt tags=["pytorch"]
y_pt, _ = mha_pt(x_pt, x_pt, x_pt)
print(tuple(y_pt.shape))  # PyTorch has no mask for queries

# %% heads-query-mask-tf tags=["tensorflow"]
x = tf.constant(x_pt.numpy())
y_tf = mha_tf(x, x)
same = mha_tf(x, x, query_mask=tf.constant(real))
print(np.array_equal(y_tf, same))

# %%
agree(y_pt, y_tf)

# %% [markdown]
# (heads-start)=
# ### The initial weights differ: PyTorch's are smaller
#
# PyTorch draws the stacked matrix with Glorot's bounds for its own shape (3E, E), $\pm\sqrt{6/4E}$, where E is the
# width. Keras draws each kernel between $\pm\sqrt{6/2E}$. The output matrix is drawn between $\pm 1/\sqrt{E}$ in
# PyTorch and $\pm\sqrt{6/2E}$ in Keras. The biases are 0 in both. For E = 64 and 8 heads the cells print the largest
# weights, first of the stacked matrix or the query's kernel, then of the output:

# %% heads-start-pt tags=["pytorch"]
torch.manual_seed(0)
mha = nn.MultiheadAttention(64, 8)
show(largest=torch.stack([
    mha.in_proj_weight.abs().max(),
    mha.out_proj.weight.abs().max()]), digits=2)

# %% heads-start-tf tags=["tensorflow"]
mha = keras.layers.MultiHeadAttention(8, 8)
mha.build((None, 5, 64), (None, 5, 64))
show(largest=tf.stack([
    tf.reduce_max(tf.abs(mha.query_dense.kernel)),
    tf.reduce_max(tf.abs(mha.output_dense.kernel))]), digits=2)

# %% [markdown]
# With PyTorch's bounds the first scores are half as large. To start PyTorch's layer as Keras's, call
# `nn.init.xavier_uniform_` on each third of `in_proj_weight`, and on the output matrix.
#
# (group-query-attention)=
# ## Grouped-query attention
#
# <!-- head: group_query_attention -->
#
# In grouped-query attention, several heads of queries share one head of keys and values {footcite:p}`ainslie2023gqa`.
# Choose it for models that generate text: they store the keys and values of all earlier positions, and fewer heads
# need less memory. With as many key heads as query heads it is multi-head attention. With one key head it is called
# multi-query attention.
#
# $$\mathrm{head}_i = \mathrm{softmax}\left(\frac{Q_i K_{\lfloor i/r \rfloor}^\top}{\sqrt{d}}\right)
# V_{\lfloor i/r \rfloor}$$
#
# Here $r$ is the number of query heads for each key head, and $\lfloor i/r \rfloor$ is the number of the shared head:
# with 4 query heads and 2 key heads, the heads 0 and 1 use key head 0, and the heads 2 and 3 use key head 1.
#
# (groups-function)=
# ### PyTorch groups the queries only with `enable_gqa=True`
#
# The functions of the chapter before accept fewer heads for keys and values. `by_hand` repeats each head, 0 0 1 1:

# %%
query_heads = rng.normal(size=(2, 4, 5, 3)).astype(np.float32)  # (batch, heads, time, d)
key_heads = rng.normal(size=(2, 2, 7, 3)).astype(np.float32)
value_heads = rng.normal(size=(2, 2, 7, 3)).astype(np.float32)

# %% groups-sdpa-pt tags=["pytorch"]
arrays = query_heads, key_heads, value_heads
q, k, v = map(torch.tensor, arrays)
with show_error():
    F.scaled_dot_product_attention(q, k, v)
y_pt, dq_pt = value_and_grad(
    F.scaled_dot_product_attention, q, k, v, enable_gqa=True)
_, dk_pt = value_and_grad(
    F.scaled_dot_product_attention, q, k, v,
    enable_gqa=True, argnums=1)
by_hand = F.scaled_dot_product_attention(
    q, *(t.repeat_interleave(2, 1) for t in (k, v)))
print(torch.allclose(y_pt, by_hand))

# %% groups-sdpa-tf tags=["tensorflow"]
arrays = query_heads, key_heads, value_heads
q, k, v = (tf.constant(a.swapaxes(1, 2)) for a in arrays)
y_tf, dq_tf = value_and_grad(
    keras.ops.dot_product_attention, q, k, v)
_, dk_tf = value_and_grad(
    keras.ops.dot_product_attention, q, k, v, argnums=1)
by_hand = keras.ops.dot_product_attention(
    q, *(tf.repeat(t, 2, 2) for t in (k, v)))
print(np.allclose(y_tf, by_hand))

# %%
agree(y_pt.transpose(1, 2), y_tf,
      gradients=([dq_pt.transpose(1, 2), dk_pt.transpose(1, 2)], [dq_tf, dk_tf]))

# %% [markdown]
# In PyTorch `repeat_interleave` makes the right order, and in TensorFlow `tf.repeat` does. PyTorch's method `repeat`
# and TensorFlow's `tf.tile` make 0 1 0 1, which is wrong and raises no error. One key head needs no `enable_gqa` in
# PyTorch, because an axis of size 1 fits to any number of heads. `keras.ops` raises an error for one key head with
# TensorFlow, so repeat it yourself:

# %% groups-one-pt tags=["pytorch"]
q, k, v = map(torch.tensor, arrays)
k, v = k[:, :1], v[:, :1]
y_pt = F.scaled_dot_product_attention(q, k, v)
print(tuple(y_pt.shape))

# %% groups-one-tf tags=["tensorflow"]
q, k, v = (tf.constant(a.swapaxes(1, 2)) for a in arrays)
k, v = k[:, :, :1], v[:, :, :1]
with show_error():
    keras.ops.dot_product_attention(q, k, v)
k, v = tf.repeat(k, 4, 2), tf.repeat(v, 4, 2)
y_tf = keras.ops.dot_product_attention(q, k, v)
print(tuple(y_tf.shape))

# %% groups-one
agree(y_pt.transpose(1, 2), y_tf)

# %% [markdown]
# (groups-layer)=
# ### Keras has a layer, and PyTorch needs four `Linear` layers
#
# PyTorch has no layer. The next cell writes one. Its arguments are the width, the number of query heads and the number
# of key heads. Keras's `GroupQueryAttention` takes the size of a head, then both numbers of heads:

# %%
class GroupQueryAttention(nn.Module):
    def __init__(self, width, n_heads, n_key_heads):
        super().__init__()
        self.size = width // n_heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, n_key_heads * self.size)
        self.value = nn.Linear(width, n_key_heads * self.size)
        self.output = nn.Linear(width, width)

    def forward(self, query, key, value, mask=None):
        q, k, v = (layer(x).unflatten(-1, (-1, self.size)).transpose(1, 2) for layer, x in (
            (self.query, query), (self.key, key), (self.value, value)))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)
        return self.output(y.transpose(1, 2).flatten(-2))


def as_kernels(layer, arrays):
    """Weights or gradients of the module in the shapes of a built Keras layer."""
    return [array.t().reshape(tuple(w.shape)) for array, w in zip(arrays, layer.weights)]

# %% tags=["pytorch"]
torch.manual_seed(0)
q, k, v = map(torch.tensor, (query, key, value))
layer = GroupQueryAttention(12, 4, 2)
group_pt = layer
y_pt, dq_pt, dws_pt = value_and_grad(group_pt, q, k, v)
print(sum(w.numel() for w in group_pt.parameters()))
show(y=y_pt[0, :2, :6])

# %% tags=["tensorflow"]
q, k, v = map(tf.constant, (query, key, value))
layer = keras.layers.GroupQueryAttention(3, 4, 2)
layer.build(query.shape, value.shape)
weights = [w.detach() for w in group_pt.parameters()]
layer.set_weights(
    [w.numpy() for w in as_kernels(layer, weights)])
group_tf = layer
y_tf, dq_tf, dws_tf = value_and_grad(group_tf, q, v, k)
print(group_tf.count_params())
show(y=y_tf[0, :2, :6])

# %%
agree(y_pt, y_tf, gradients=([dq_pt, *as_kernels(group_tf, dws_pt)], [dq_tf, *dws_tf]))

# %% [markdown]
# Multi-head attention of this width has 4 · (12² + 12) = 624 weights. Here keys and values have half as many.
#
# `copy_weights` does not know this layer, because PyTorch has none. `as_kernels` turns each matrix in the same way as
# for multi-head attention: transpose, then cut into heads.
#
# ### `GroupQueryAttention` keeps the mask of its input, and warns that it is lost
#
# Unlike `MultiHeadAttention`, this layer leaves the attached mask where it is. Its projections then warn that the mask
# will be destroyed. Nothing is lost: the second call on the same tensor gives the same numbers. The cell prints the
# start of the warning, and whether both calls are equal:

# %% groups-masks-pt tags=["pytorch"]
mask = torch.tensor(real)[:, None, None]  # True takes part
y_pt = group_pt(x_pt, x_pt, x_pt, mask)
print(tuple(y_pt.shape))

# %% groups-masks-tf tags=["tensorflow"]
x_tf = embedding(tokens)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    y_tf, again = group_tf(x_tf, x_tf), group_tf(x_tf, x_tf)
print(str(caught[0].message)[:62] + " …")
print(np.array_equal(y_tf, again))

# %% groups-masks
agree(y_pt[real], y_tf[real])

# %% [markdown]
# With `attention_mask=` there is no warning. A query without a key has the same two answers as in
# `MultiHeadAttention`: the mean of the values, or with `return_attention_scores=True` the output bias. In the PyTorch
# module above, it gets the output bias.

# %% groups-nothing-pt tags=["pytorch"]
x = torch.tensor(query)
mask = torch.tensor(~nothing)[:, None, None]
y_pt = group_pt(x, x, x, mask)
show(y=y_pt[0, 0, :4], bias=group_pt.output.bias[:4])

# %% groups-nothing-tf tags=["tensorflow"]
x = tf.constant(query)
mask = tf.constant(~nothing)[:, None]
y = group_tf(x, x, attention_mask=mask)
y_tf, _ = group_tf(x, x, attention_mask=mask,
                   return_attention_scores=True)
show(y=y_tf[0, 0, :4], mean=y[0, 0, :4])

# %%
agree(y_pt, y_tf)

# %% [markdown]
# (groups-cache-section)=
# ### With 4 key heads instead of 32, the stored keys and values take an eighth of the memory
#
# A model that generates text stores the keys and values of all positions so far, in each layer. The next cells count
# the bytes for one sequence in one layer, with 32 query heads of size 128 in float32. Nothing is timed:

# %%
lengths = [1024, 2048, 4096, 8192]

# %% groups-cache-pt tags=["pytorch"]
bytes_pt = {}
for n_key_heads in (32, 4, 1):
    stored = [torch.empty(2, n_key_heads, n, 128, device="meta")
              for n in lengths]  # keys and values
    bytes_pt[n_key_heads] = [t.nbytes / 2**20 for t in stored]
show(**{f"heads_{h}": b for h, b in bytes_pt.items()}, digits=0)

# %% groups-cache-tf tags=["tensorflow"]
bytes_tf = {}
for n_key_heads in (32, 4, 1):
    stored = [tf.TensorSpec((2, n, n_key_heads, 128))
              for n in lengths]  # keys and values
    bytes_tf[n_key_heads] = [
        t.shape.num_elements() * t.dtype.size / 2**20
        for t in stored]
show(**{f"heads_{h}": b for h, b in bytes_tf.items()}, digits=0)

# %% groups-cache tags=["hide-input"]
# alt: Megabytes of stored keys and values over the number of positions. With 32 key heads the line rises to 256 MB at
# 8192 positions, with 4 to 32 MB, with 1 to 8 MB.
fig, ax = plt.subplots()
for n_key_heads, label, height in ((32, "32 key heads: multi-head", 110), (4, "4: grouped", 40),
                                   (1, "1: multi-query", -20)):
    plots.coinciding(ax, lengths, bytes_pt[n_key_heads], bytes_tf[n_key_heads], markers=4,
                     label=(1100, 235) if n_key_heads == 32 else None)
    ax.annotate(label, (8100, height), ha="right")
ax.set(xticks=lengths, xlabel="positions", ylabel="MB in one layer", ylim=(-28, 275),
       title="4 key heads store an eighth of what 32 store")
plt.show()

# %% [markdown]
# The stored arrays grow with the number of positions and with the number of key heads. The number of query heads does
# not matter. Keras's layer repeats the key heads before it computes the scores, so during the call it needs the memory
# of all heads.
#
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | a sequence that attends to itself or to another | `nn.MultiheadAttention(…, batch_first=True)`, `layers.MultiHeadAttention` | projections and heads in one layer |
# | text to generate, step by step | grouped queries: `layers.GroupQueryAttention`, in PyTorch the module above | fewer keys and values to store |
# | weights to move | `copy_weights`, or the two functions above | the shapes differ |
# | padding | `key_padding_mask` in PyTorch; `attention_mask` in each call in Keras | attached masks get lost |
# | examples that are all padding | `need_weights=False` in PyTorch, or one visible key | NaN reaches all weights |
# | no projections | [dot-product attention](attention.ipynb#dot-product-attention) | a function without weights |
#
# ## Exercises
#
# Write multi-head attention from packed weights, move the weights, and group the queries:
# [exercises on multi-head attention](../../exercises/layers/multi_head_attention.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
