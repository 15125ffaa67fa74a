# %% [markdown]
# # Embeddings
#
# An embedding is a table of weights with one row for each id. The layer looks up the rows of its ids. An embedding
# bag looks up several rows and combines them into one. A reversible embedding uses its table a second time, to
# compute a score for each id at the end of a network.
#
# **The claim:** with equal tables, the lookups of PyTorch and Keras and their gradients are equal. Four things differ:
#
# - the initial numbers, which are about 35 times as large in PyTorch,
# - padding: PyTorch stops its gradient, Keras passes a mask on,
# - ids that are not in the table: PyTorch always raises an error, Keras often returns another row,
# - bags: Keras has no such layer, and one of the two functions of TensorFlow leaves out empty bags at the end.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, copy_weights, plots, show, show_error, value_and_grad

plots.use_style()
rng = np.random.default_rng(0)
table = rng.normal(size=(6, 3)).round(1).astype(np.float32)  # (ids, numbers per id)
sentences = np.array([[1, 4, 1], [5, 2, 0]])  # (batch, time)

# %% [markdown]
# The table has 6 rows of 3 numbers, for the ids 0 to 5. The batch has 2 sentences of 3 ids.
#
# (embedding)=
# ## Embedding
#
# <!-- head: embedding -->
#
# An embedding replaces each id by its row of the table. Choose it as the first layer for words, users, products or
# other categories: training moves the rows, so that ids which are used alike get similar rows
# {footcite:p}`mikolov2013distributed`.
#
# $$y_{b t} = E_{\text{id}_{b t}} \qquad\qquad \frac{\partial L}{\partial E_i}
# = \sum_{b,\,t:\; \text{id}_{b t} = i} \frac{\partial L}{\partial y_{b t}}$$
#
# Here $E_i$ is row $i$ of the table, $\text{id}_{bt}$ is the id at step $t$ of example $b$, and $L$ is the loss.
# The gradient of a row is the sum over all places where its id occurs. The next cells look up the rows, and
# compute the gradient of the sum of the output (`dw`).

# %% lookup-pt tags=["pytorch"]
ids_pt = torch.tensor(sentences)
weight_pt = torch.tensor(table, requires_grad=True)

y_pt = F.embedding(ids_pt, weight_pt)
(dw_pt,) = torch.autograd.grad(y_pt.sum(), weight_pt)
print(tuple(ids_pt.shape), "->", tuple(y_pt.shape))
show(y=y_pt[0])
show(dw=dw_pt, digits=0)

# %% lookup-tf tags=["tensorflow"]
ids_tf = tf.constant(sentences)
weight_tf = tf.Variable(table)
with tf.GradientTape() as tape:
    y_tf = tf.nn.embedding_lookup(weight_tf, ids_tf)
dw_tf = tape.gradient(y_tf, weight_tf)
dw_tf = tf.convert_to_tensor(dw_tf)
print(ids_tf.shape, "->", y_tf.shape)
show(y=y_tf[0])
show(dw=dw_tf, digits=0)

# %%
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# Id 1 occurs twice, so the gradient of row 1 is 2. Id 3 does not occur, so the gradient of row 3 is 0. Ids are
# integers and have no gradient. The two functions have the opposite order of arguments: `F.embedding` takes the ids
# first.
#
# The next cells do the same with the layers. `copy_weights` copies the table, and needs no transpose. `value_and_grad`
# also returns the gradient of the table.

# %% layer-pt tags=["pytorch"]
embedding_pt = nn.Embedding(6, 3)
y_pt, _, (dw_pt,) = value_and_grad(embedding_pt, ids_pt)
print(tuple(embedding_pt.weight.shape))

# %% layer-tf tags=["tensorflow"]
embedding_tf = keras.layers.Embedding(6, 3)
embedding_tf.build()
copy_weights(embedding_pt, embedding_tf)
y_tf, _, (dw_tf,) = value_and_grad(embedding_tf, ids_tf)
print(embedding_tf.embeddings.shape)

# %%
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# (embedding-one-hot)=
# ### A lookup is the product of a one-hot matrix and the table
#
# The one-hot row of an id has a 1 at the place of the id, and 0 elsewhere. Its product with the table is the row of
# the id. A lookup computes the same without multiplying by zeros:

# %% one-hot-pt tags=["pytorch"]
hot = F.one_hot(ids_pt, 6).float()  # (batch, time, 6)
y_pt, dw_pt = value_and_grad(lambda w: hot @ w, weight_pt)
print(hot[0, 0].tolist())

# %% one-hot-tf tags=["tensorflow"]
hot = tf.one_hot(ids_tf, 6)  # (batch, time, 6)
y_tf, dw_tf = value_and_grad(lambda w: hot @ w, weight_tf)
print(hot[0, 0].numpy().tolist())

# %% one-hot
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))
print("same as a lookup:", np.array_equal(y_tf, table[sentences]))

# %% [markdown]
# For an id that is too large, `F.one_hot` raises an error. `tf.one_hot` returns a row of zeros:

# %% one-hot-outside-pt tags=["pytorch"]
with show_error():
    F.one_hot(torch.tensor([6]), 6)

# %% one-hot-outside-tf tags=["tensorflow"]
show(six=tf.one_hot([6], 6), digits=0)

# %% [markdown]
# (embedding-outside)=
# ### An id outside of the table: PyTorch raises an error, Keras often returns another row
#
# The ids of the table are 0 to 5. Each cell looks up the ids 6, −1 and 1.9. PyTorch raises an error for each of
# them. The Keras layer raises an error for 6, returns row 5 for −1, and row 1 for 1.9. Compiled with XLA
# (`compiled`), it returns row 5 for 6. `tf.nn.embedding_lookup` raises an error for −1, which the layer accepts:

# %% ids-outside-pt tags=["pytorch"]
with torch.no_grad():
    embedding_pt.weight.copy_(torch.tensor(table))
for wrong in (6, -1, 1.9):
    with show_error():
        embedding_pt(torch.tensor([wrong]))
show(row_1=embedding_pt.weight[1])
show(row_5=embedding_pt.weight[5])

# %% ids-outside-tf tags=["tensorflow"]
embedding_tf.embeddings.assign(table)
with show_error():
    embedding_tf(tf.constant([6]))
show(minus=embedding_tf(tf.constant([-1])),
     decimals=embedding_tf(tf.constant([1.9])))
compiled = tf.function(embedding_tf, jit_compile=True)
show(compiled=compiled(tf.constant([6])))
with show_error():
    tf.nn.embedding_lookup(table, [-1])

# %% [markdown]
# With the default `jit_compile="auto"`, Keras compiles `fit` and `predict` with XLA if there is a GPU. So the same
# wrong id is an error on your laptop, and another row on the server. The usual mistake is a table that is one row too
# small: ids from 1 to $n$ need $n + 1$ rows. Check the ids where you load the data:

# %%
print("all in the table:", sentences.min() >= 0 and sentences.max() < len(table))

# %% [markdown]
# (embedding-padding)=
# ### `padding_idx` stops a gradient, `mask_zero` passes a mask on
#
# Sentences of different lengths are filled up with an id for padding, often 0. PyTorch's `padding_idx=0` sets row 0 to
# zeros at the start, and gives it no gradient, so it stays 0. Keras's `mask_zero=True` does neither. It passes a mask
# to the next layers, and those that know masks skip the padding. In the next cells the ids have one 0, and `dw` is the
# gradient of rows 0 and 1:

# %% padding-idx-pt tags=["pytorch"]
padded_pt = nn.Embedding(6, 3, padding_idx=0)
print("row 0 is 0:", not padded_pt.weight[0].any())
y_pt, _, (dw_pt,) = value_and_grad(padded_pt, ids_pt)
show(dw=dw_pt[:2], digits=0)

# %% padding-idx-tf tags=["tensorflow"]
masked_tf = keras.layers.Embedding(6, 3, mask_zero=True)
masked_tf.build()
print("row 0 is 0:", not np.any(masked_tf.embeddings[0]))
_, _, (dw_tf,) = value_and_grad(masked_tf, ids_tf)
show(dw=dw_tf[:2], digits=0)
print(masked_tf.compute_mask(ids_tf).numpy().tolist())

# %% [markdown]
# To compute in Keras what `padding_idx=0` does, multiply the rows by 0 where the id is 0. The factor stops the
# gradient, too:

# %% padding-factor-pt tags=["pytorch"]
y_pt, _, (dw_pt,) = value_and_grad(padded_pt, ids_pt)

# %% padding-factor-tf tags=["tensorflow"]
no_padding = tf.cast(ids_tf != 0, tf.float32)[..., None]
copy_weights(padded_pt, masked_tf)
y_tf, dw_tf = value_and_grad(
    lambda w: tf.gather(w, ids_tf) * no_padding,
    masked_tf.embeddings)

# %% padding-factor
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# PyTorch sets the padding row to 0 only in the constructor. If you initialize the table again, the padding row gets
# random numbers, which no gradient changes. Set it to 0 again. `from_pretrained` keeps the padding row that you
# give it. It also freezes the table, which Keras's argument `weights` does not:

# %% padding-again-pt tags=["pytorch"]
nn.init.normal_(padded_pt.weight)
print("row 0 is 0:", not padded_pt.weight[0].any())
with torch.no_grad():
    padded_pt.weight[0] = 0
given = nn.Embedding.from_pretrained(
    torch.tensor(table), padding_idx=0)
print("trainable:", given.weight.requires_grad)
y_pt = given(ids_pt)
show(row_0=given.weight[0])

# %% padding-again-tf tags=["tensorflow"]
given = keras.layers.Embedding(6, 3, weights=[table])
print("trainable:", given.embeddings.trainable)
given.trainable = False
print("trainable:", given.embeddings.trainable)
y_tf = given(ids_tf)
show(row_0=given.embeddings[0])

# %% padding-again
agree(y_pt, y_tf)

# %% [markdown]
# ### PyTorch's initial numbers have the standard deviation 1, Keras's 0.03
#
# PyTorch draws the table from a normal distribution with the standard deviation 1. Keras draws uniform numbers between
# −0.05 and 0.05, whose standard deviation is 0.1/√12 = 0.029. Each cell prints the largest number and the standard
# deviation of 200,000 numbers, first with PyTorch's initialization, then with Keras's:

# %% starts-pt tags=["pytorch"]
torch.manual_seed(0)
weight = nn.Embedding(2000, 100).weight
show(largest=weight.abs().max(), std=weight.std(), digits=2)
nn.init.uniform_(weight, -0.05, 0.05)  # Keras's
show(largest=weight.abs().max(), std=weight.std(), digits=2)

# %% starts-tf tags=["tensorflow"]
for start in (
    keras.initializers.RandomNormal(0, 1, seed=0),  # PyTorch's
    keras.initializers.RandomUniform(seed=0),
):
    weight = start((2000, 100))
    show(largest=tf.reduce_max(tf.abs(weight)),
         std=tf.math.reduce_std(weight), digits=2)

# %% [markdown]
# (embedding-sparse)=
# ### TensorFlow's gradient has only the rows that were looked up, PyTorch's with `sparse=True`
#
# A table can have millions of rows, and a batch looks up a few of them. TensorFlow's gradient is an `IndexedSlices`:
# the ids that were looked up, and a row for each of them. PyTorch's gradient is a dense array of the shape of the
# table, unless the layer has `sparse=True`. An id that occurs twice has two rows in both sparse gradients:

# %% sparse-pt tags=["pytorch"]
sparse_pt = nn.Embedding(6, 3, sparse=True)
sparse_pt(ids_pt).sum().backward()
gradient = sparse_pt.weight.grad
print(gradient.layout)
print(gradient._indices()[0].tolist())
dw_pt = gradient.to_dense()

# %% sparse-tf tags=["tensorflow"]
with tf.GradientTape() as tape:
    y = embedding_tf(ids_tf)
gradient = tape.gradient(y, embedding_tf.embeddings.value)
print(type(gradient).__name__)
print(gradient.indices.numpy().tolist())
dw_tf = tf.convert_to_tensor(gradient)

# %% sparse
agree(dw_pt, dw_tf)

# %% [markdown]
# (embedding-adam)=
# ### Adam moves rows that are no longer looked up, `SparseAdam` does not
#
# Adam keeps a moving average of each gradient {footcite:p}`kingma2015adam`. If a row is looked up once, its average
# is not 0 in the next steps. Adam then moves the row, although its gradient is 0. In the next cells, id 1 is looked up
# in the first step only, and id 2 in the other steps. The loss is the number that was looked up. The cells return the
# number of id 1 after each of 30 steps:

# %% adam-rows-pt tags=["pytorch"]
def row_1(optimizer, sparse):
    layer = nn.Embedding(3, 1, sparse=sparse)
    nn.init.zeros_(layer.weight)
    optimizer = optimizer(layer.parameters(), lr=0.1)
    history = []
    for i in [1] + 29 * [2]:
        optimizer.zero_grad()
        layer(torch.tensor(i)).sum().backward()
        optimizer.step()
        history.append(layer.weight[1, 0].detach().clone())
    return torch.stack(history)


adam_pt = row_1(torch.optim.Adam, sparse=False)
sparse_adam = row_1(torch.optim.SparseAdam, sparse=True)

# %% adam-rows-tf tags=["tensorflow"]
def row_1(optimizer):
    layer = keras.layers.Embedding(3, 1, "zeros")
    layer.build()
    history = []
    for i in [1] + 29 * [2]:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(tf.constant(i)))
        dw = tape.gradient(loss, layer.embeddings.value)
        optimizer.apply([dw], [layer.embeddings])
        history.append(tf.identity(layer.embeddings[1, 0]))
    return tf.stack(history)


adam_tf = row_1(keras.optimizers.Adam(0.1, epsilon=1e-8))

# %% adam-rows
agree(adam_pt, adam_tf)
for step in (1, 2, 30):
    show(step=step, Adam=adam_pt[step - 1], SparseAdam=sparse_adam[step - 1], digits=2)

# %% adam-figure tags=["hide-input"]
# alt: The number of id 1 over 30 steps. After step 1 it is −0.1 with both optimizers. With SparseAdam it stays at
# −0.1. With Adam, in both frameworks, it falls to −0.57, quickly in the first ten steps and slowly after them.
fig, ax = plt.subplots(figsize=(5.2, 2.8))
steps = np.arange(1, 31)
plots.coinciding(ax, steps, adam_pt, adam_tf, markers=15, label=(9, -0.3))
ax.plot(steps, sparse_adam, color=plots.PALETTE[2])
ax.annotate("SparseAdam", (30, -0.1), (0, -14), textcoords="offset points", ha="right",
            color=plots.PALETTE[2])
ax.annotate("Adam", (30, float(adam_pt[-1])), (0, 8), textcoords="offset points", ha="right")
ax.set(xlabel="step", ylabel="number of id 1",
       title="Adam moves id 1 in every step, SparseAdam once")
plt.show()

# %% [markdown]
# Keras's Adam also moves row 1, although its gradient is sparse. PyTorch's `Adam` raises an error for a sparse
# gradient. A layer with `sparse=True` needs another optimizer, `SparseAdam` or `SGD`:

# %% adam-sparse
layer = nn.Embedding(3, 1, sparse=True)
layer(torch.tensor(1)).sum().backward()
for optimizer in (torch.optim.SparseAdam, torch.optim.SGD):
    optimizer(layer.parameters(), lr=0.1).step()
with show_error():
    torch.optim.Adam(layer.parameters(), lr=0.1).step()

# %% [markdown]
# `nn.Embedding(max_norm=)` also changes only the rows that are looked up: see
# [its comparison with Keras's constraint](constraints-embedding).

# %% [markdown]
# (embedding-bag)=
# ## Embedding bag
#
# <!-- head: embedding_bag -->
#
# An embedding bag looks up the rows of several ids, and returns their sum, their mean or their maximum. Choose it for
# features of which each example has a different number: the words of a title, the parts of a word
# {footcite:p}`bojanowski2017enriching`, the films that a user has seen. Their order is lost.
#
# $$\text{sum:}\; y_b = \sum_{i \in B_b} w_i E_i \qquad \text{mean:}\; y_b = \frac{1}{|B_b|} \sum_{i \in B_b} E_i
# \qquad \text{max:}\; y_{b j} = \max_{i \in B_b} E_{i j}$$
#
# Here $B_b$ is bag $b$, a list of ids, $w_i$ is an optional weight of an id, and $j$ is a column. PyTorch takes the
# ids of all bags in one array, and the place where each bag starts (`starts`). In TensorFlow, a `RaggedTensor` holds
# both. The next cells have the bags (1, 4, 1), (), (5, 2, 2) and (3). They compute the sum and its gradient.

# %%
flat = np.array([1, 4, 1, 5, 2, 2, 3])
bag_starts = np.array([0, 3, 3, 6])

# %% bag-pt tags=["pytorch"]
ids_pt = torch.tensor(flat)
starts_pt = torch.tensor(bag_starts)
y_pt, dw_pt = value_and_grad(
    lambda weight: F.embedding_bag(
        ids_pt, weight, starts_pt, mode="sum"), weight_pt)
show(y=y_pt)

# %% bag-tf tags=["tensorflow"]
bags_tf = tf.RaggedTensor.from_row_starts(flat, bag_starts)
print(bags_tf.to_list())
y_tf, dw_tf = value_and_grad(
    lambda weight: tf.nn.embedding_lookup_sparse(
        weight, bags_tf, None, combiner="sum"), weight_tf)
show(y=y_tf)

# %%
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# The empty bag is a row of 0 in both frameworks. `None` says that the ids have no weights.
#
# For the mean, the next cells use PyTorch's layer and `tf.nn.safe_embedding_lookup_sparse`, which takes a
# `SparseTensor`. TensorFlow has no maximum of bags. `max_bags` builds it. `unsorted_segment_max` returns the smallest
# float32 for an empty bag, so `tf.where` replaces it:

# %% bag-modes-pt tags=["pytorch"]
bag = nn.EmbeddingBag(6, 3, mode="mean")
with torch.no_grad():
    bag.weight.copy_(weight_pt)
mean_pt, _, (dmean_pt,) = value_and_grad(
    bag, ids_pt, starts_pt)
max_pt, dmax_pt = value_and_grad(
    lambda weight: F.embedding_bag(
        ids_pt, weight, starts_pt, mode="max"), weight_pt)
show(mean=mean_pt[:2])
show(max=max_pt[:2])

# %% bag-modes-tf tags=["tensorflow"]
def max_bags(weight, bags):
    rows = tf.gather(weight, bags.values)
    y = tf.math.unsorted_segment_max(
        rows, bags.value_rowids(), bags.nrows())
    return tf.where(bags.row_lengths()[:, None] > 0, y, 0.0)


mean_tf, dmean_tf = value_and_grad(
    lambda weight: tf.nn.safe_embedding_lookup_sparse(
        weight, bags_tf.to_sparse(), combiner="mean"),
    weight_tf)
max_tf, dmax_tf = value_and_grad(
    lambda weight: max_bags(weight, bags_tf), weight_tf)
show(mean=mean_tf[:2])
show(max=max_tf[:2])

# %%
agree([mean_pt, max_pt], [mean_tf, max_tf],
      gradients=([dmean_pt, dmax_pt], [dmean_tf, dmax_tf]))

# %% [markdown]
# TensorFlow's third combiner, `"sqrtn"`, divides the sum by the root of the number of ids. In PyTorch, divide the sum
# yourself:

# %% bag-sqrtn-pt tags=["pytorch"]
sums = F.embedding_bag(
    ids_pt, weight_pt, starts_pt, mode="sum")
sizes = torch.tensor([3, 0, 3, 1])
y_pt = sums / sizes.clamp(min=1).sqrt()[:, None]
show(y=y_pt[:2])

# %% bag-sqrtn-tf tags=["tensorflow"]
y_tf = tf.nn.embedding_lookup_sparse(
    weight_tf, bags_tf, None, combiner="sqrtn")
show(y=y_tf[:2])

# %% bag-sqrtn
agree(y_pt, y_tf)

# %% [markdown]
# (bag-last)=
# ### `tf.nn.embedding_lookup_sparse` leaves out empty bags at the end
#
# The third bag of this batch is empty, because it starts behind the last id. PyTorch returns three rows, and
# `embedding_lookup_sparse` returns two. There is no error. The safe function returns three:

# %% bag-last-pt tags=["pytorch"]
last_starts = torch.tensor([0, 3, 7])
y_pt = F.embedding_bag(
    ids_pt, weight_pt, last_starts, mode="sum")
print(len(y_pt), "rows")

# %% bag-last-tf tags=["tensorflow"]
last_bags = tf.RaggedTensor.from_row_starts(flat, [0, 3, 7])
short = tf.nn.embedding_lookup_sparse(
    weight_tf, last_bags, None, combiner="sum")
y_tf = tf.nn.safe_embedding_lookup_sparse(
    weight_tf, last_bags.to_sparse(), combiner="sum")
print(len(short), "rows, with the safe function", len(y_tf))

# %% bag-last
agree(y_pt, y_tf)

# %% [markdown]
# The safe function also leaves out negative ids, which are an error in the other function. With `default_id=1`, it
# fills an empty bag with row 1. In the next cell the first bag has the ids 2 and −1, and the second bag is empty:

# %% bag-safe
negative = tf.RaggedTensor.from_row_starts([2, -1], [0, 2]).to_sparse()
show(rows=table[1:3],
     safe=tf.nn.safe_embedding_lookup_sparse(
         table, negative, combiner="sum", default_id=1))
with show_error():
    tf.nn.embedding_lookup_sparse(table, negative, None, combiner="sum")

# %% [markdown]
# ### Offsets are row starts: row splits need `include_last_offset=True`
#
# A `RaggedTensor` stores its row splits: the start of each bag and, at the end, the number of ids. If you pass these to
# PyTorch as offsets, it makes one more bag, an empty one. With `include_last_offset=True` it takes row splits:

# %% bag-splits-pt tags=["pytorch"]
splits = torch.tensor([0, 3, 3, 6, 7])
y = F.embedding_bag(ids_pt, weight_pt, splits, mode="sum")
print(len(y), "rows")
y_pt = F.embedding_bag(ids_pt, weight_pt, splits,
                       mode="sum", include_last_offset=True)
print(len(y_pt), "rows")

# %% bag-splits-tf tags=["tensorflow"]
print(bags_tf.row_splits.numpy().tolist())
bags = tf.RaggedTensor.from_row_splits(flat, [0, 3, 3, 6, 7])
y_tf = tf.nn.embedding_lookup_sparse(
    weight_tf, bags, None, combiner="sum")
print(len(y_tf), "rows")

# %% bag-splits
agree(y_pt, y_tf)

# %% [markdown]
# (bag-weights)=
# ### Weights of the ids: PyTorch takes them with a sum only, TensorFlow's mean divides by their sum
#
# `per_sample_weights` multiplies each row before the sum. With `mode="mean"` PyTorch raises an error. TensorFlow's
# mean with weights is $\sum w_i E_i / \sum w_i$. In PyTorch, divide the weighted sum by the sum of the weights, which
# is a bag of the weights. `ds` is the gradient of the weights for the sum:

# %%
strengths = np.array([1, 2, 0.5, 1, 3, 1, 2], np.float32)

# %% bag-weights-pt tags=["pytorch"]
s_pt = torch.tensor(strengths)
sum_pt, ds_pt = value_and_grad(
    lambda s: F.embedding_bag(
        ids_pt, weight_pt, starts_pt, mode="sum",
        per_sample_weights=s), s_pt)
with show_error():
    F.embedding_bag(ids_pt, weight_pt, starts_pt,
                    mode="mean", per_sample_weights=s_pt)
total = torch.zeros(4).index_add(
    0, torch.tensor([0, 0, 0, 2, 2, 2, 3]), s_pt)
mean_pt = sum_pt / torch.where(total == 0, 1, total)[:, None]
show(mean=mean_pt[:2])

# %% bag-weights-tf tags=["tensorflow"]
s_tf = tf.constant(strengths)
sum_tf, ds_tf = value_and_grad(
    lambda s: tf.nn.embedding_lookup_sparse(
        weight_tf, bags_tf, bags_tf.with_values(s),
        combiner="sum"), s_tf)
mean_tf = tf.nn.embedding_lookup_sparse(
    weight_tf, bags_tf, bags_tf.with_values(s_tf),
    combiner="mean")
show(mean=mean_tf[:2])

# %% bag-weights
agree([sum_pt, mean_pt], [sum_tf, mean_tf], gradients=(ds_pt, ds_tf))

# %% [markdown]
# The safe function leaves out ids with a weight of 0 or below before it computes a mean. The other function keeps them.
# In the next cell, the bag (1, 2) has the weights 2 and −1:

# %% bag-negative
one_bag = tf.sparse.from_dense([[1, 2]])
signs = tf.sparse.from_dense([[2.0, -1.0]])
show(row_1=table[1],
     plain=tf.nn.embedding_lookup_sparse(table, one_bag, signs, combiner="mean"),
     safe=tf.nn.safe_embedding_lookup_sparse(table, one_bag, signs, combiner="mean"))

# %% [markdown]
# (bag-padding)=
# ### Padding in a bag: PyTorch leaves it out of the mean, Keras's masked average can be NaN
#
# If all bags have the same length, PyTorch also takes a matrix with a bag in each row. `padding_idx` leaves the padding
# out of the sum and of the count. Keras has no bag, but `mask_zero` and `GlobalAveragePooling1D` together compute the
# same mean (`pooled`). For a bag of padding alone, they return NaN, and PyTorch returns 0. `divide_no_nan` also returns
# 0:

# %%
padded = np.array([[1, 4, 0], [0, 0, 0]])

# %% bag-padding-pt tags=["pytorch"]
bag = nn.EmbeddingBag(6, 3, mode="mean", padding_idx=0)
with torch.no_grad():
    bag.weight.copy_(weight_pt)
y_pt, _, (dw_pt,) = value_and_grad(bag, torch.tensor(padded))
show(y=y_pt)

# %% bag-padding-tf tags=["tensorflow"]
masked_tf.embeddings.assign(table)
pool = keras.layers.GlobalAveragePooling1D()
show(pooled=pool(masked_tf(tf.constant(padded))))
kept = tf.cast(padded != 0, tf.float32)[..., None]
y_tf, dw_tf = value_and_grad(
    lambda w: tf.math.divide_no_nan(
        tf.reduce_sum(tf.gather(w, padded) * kept, 1),
        tf.reduce_sum(kept, 1)), weight_tf)
show(y=y_tf)

# %% bag-padding
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# ### At equal maxima the gradients differ
#
# In column 0 of this table, rows 0 and 1 have the same number. PyTorch gives the whole gradient to the row that comes
# first in the bag. `unsorted_segment_max` shares it between both. Both are right: at equal numbers a maximum has no
# derivative.

# %% bag-tie-pt tags=["pytorch"]
equal = torch.tensor([[2.0, 1.0], [2.0, 3.0]])
_, dw = value_and_grad(
    lambda w: F.embedding_bag(
        torch.tensor([[0, 1]]), w, mode="max"), equal)
show(dw=dw)

# %% bag-tie-tf tags=["tensorflow"]
equal = tf.constant([[2.0, 1.0], [2.0, 3.0]])
_, dw = value_and_grad(
    lambda w: tf.math.unsorted_segment_max(w, [0, 0], 1),
    equal)
show(dw=dw)

# %% [markdown]
# (reversible-embedding)=
# ## Reversible embedding
#
# <!-- head: reversible_embedding -->
#
# A reversible embedding uses one table twice: at the start of a network to look up ids, and at its end to compute a
# logit for each id. Choose it for language models, whose first and last layer are otherwise two tables of the same
# size {footcite:p}`press2017using`.
#
# $$h = E_{\text{id}} \qquad\qquad z = h\,E^\top$$
#
# Here $E$ is the table of shape (ids, numbers), $h$ is a row or what the network has made of it, and $z$ has a logit
# for each id. PyTorch has no such layer: give an `nn.Linear` without bias the weight of the embedding. `F.linear` with
# this weight is the same. The next cells compute logits from hidden states `h`, and the gradients of `h`.

# %%
hidden = rng.normal(size=(2, 3)).astype(np.float32)  # (batch, numbers)

# %% tied-pt tags=["pytorch"]
h_pt = torch.tensor(hidden)
embedding = nn.Embedding(6, 3)
out = nn.Linear(3, 6, bias=False)
out.weight = embedding.weight
net = nn.ModuleDict({"embedding": embedding, "out": out})
print(sum(p.numel() for p in net.parameters()), "weights")
print(list(net.state_dict()))
y_pt, dh_pt = value_and_grad(
    lambda h: F.linear(h, embedding.weight), h_pt)
print("same:", torch.equal(out(h_pt), y_pt))

# %% tied-tf tags=["tensorflow"]
h_tf = tf.constant(hidden)
embedding_tf = keras.layers.ReversibleEmbedding(6, 3)
embedding_tf.build()
copy_weights(embedding, embedding_tf)
print(embedding_tf.count_params(), "weights")
y_tf, dh_tf = value_and_grad(
    lambda h: embedding_tf(h, reverse=True), h_tf)

# %%
agree(y_pt, y_tf, gradients=(dh_pt, dh_tf))

# %% [markdown]
# PyTorch's network has one weight of 18 numbers, with two names in its `state_dict`. Copy only one of them to Keras.
# To do it without `copy_weights`, call `build` and `set_weights`. The argument `weights`, which `Embedding` takes,
# raises an error in Keras 3.15, because the constructor uses an attribute that it has not yet set:

# %% tied-given
with show_error():
    keras.layers.ReversibleEmbedding(6, 3, weights=[table])

# %% [markdown]
#
# ### The table gets the gradients of both uses
#
# The next cells look up the ids 1 and 4, and compute logits of their rows. They print the gradient of rows 0 and 1:
# if the table is only looked up (`lookup`), if it is only used for the product (`product`), and if it is used for both
# (`both`), which is the sum.

# %% tied-gradient-pt tags=["pytorch"]
def logits(first, second):
    return F.linear(F.embedding(x, first), second)


x, w_pt = torch.tensor([1, 4]), torch.tensor(table)
fixed = torch.tensor(table)
_, lookup = value_and_grad(lambda w: logits(w, fixed), w_pt)
_, product = value_and_grad(lambda w: logits(fixed, w), w_pt)
y_pt, both_pt = value_and_grad(lambda w: logits(w, w), w_pt)
show(lookup=lookup[:2])
show(product=product[:2])
show(both=both_pt[:2])

# %% tied-gradient-tf tags=["tensorflow"]
def logits(first, second):
    return tf.gather(first, x) @ tf.transpose(second)


x, w_tf = tf.constant([1, 4]), tf.constant(table)
fixed = tf.constant(table)
_, lookup = value_and_grad(lambda w: logits(w, fixed), w_tf)
_, product = value_and_grad(lambda w: logits(fixed, w), w_tf)
y_tf, both_tf = value_and_grad(lambda w: logits(w, w), w_tf)
show(lookup=lookup[:2])
show(product=product[:2])
show(both=both_tf[:2])

# %% tied-gradient
agree(y_pt, y_tf, gradients=(both_pt, both_tf))

# %% [markdown]
# A lookup gives a gradient to the rows of its ids. The product gives one to every row, so the gradient of a tied table
# is never sparse.
#
# ### A tied padding row gets a gradient from the logits
#
# `padding_idx=0` stops the gradient of the lookup. The product uses row 0 as well, and its gradient is not stopped. So
# the padding row does not stay 0. `mask_zero` changes nothing in either gradient. The cells print the gradient of
# row 0:

# %% tied-padding-pt tags=["pytorch"]
padded_pt = nn.Embedding.from_pretrained(
    w_pt, freeze=False, padding_idx=0)
z = F.linear(padded_pt(torch.tensor([0, 4])),
             padded_pt.weight)
z.sum().backward()
show(dw_0=padded_pt.weight.grad[0])

# %% tied-padding-tf tags=["tensorflow"]
padded_tf = keras.layers.ReversibleEmbedding(
    6, 3, mask_zero=True)
padded_tf.build()
padded_tf.set_weights([table])
with tf.GradientTape() as tape:
    h = padded_tf(tf.constant([0, 4]))
    z = padded_tf(h, reverse=True)
dw = tape.gradient(z, padded_tf.embeddings.value)
show(dw_0=tf.convert_to_tensor(dw)[0])

# %% [markdown]
# The numbers differ, because in TensorFlow the lookup of id 0 adds its gradient. To stop the gradient of the product in
# both frameworks, set the logit of the padding to −∞. Its probability is then 0, and so is its gradient. In the next
# cells no input and no target is padding:

# %% tied-minus-pt tags=["pytorch"]
def loss(w):
    z = F.linear(F.embedding(torch.tensor([1, 4]), w), w)
    z = torch.where(torch.arange(6) == 0, -torch.inf, z)
    return F.cross_entropy(z, torch.tensor([2, 5]))


y_pt, dw_pt = value_and_grad(loss, w_pt)
show(loss=y_pt, dw_0=dw_pt[0])

# %% tied-minus-tf tags=["tensorflow"]
def loss(w):
    z = tf.gather(w, tf.constant([1, 4])) @ tf.transpose(w)
    z = tf.where(tf.range(6) == 0, -np.inf, z)
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True)(tf.constant([2, 5]), z)


y_tf, dw_tf = value_and_grad(loss, w_tf)
show(loss=y_tf, dw_0=dw_tf[0])

# %% tied-minus
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# ### `logit_soft_cap` keeps the logits between −cap and cap
#
# With a cap $c$, Keras returns $c \tanh(z / c)$. Small logits stay almost as they are, and large ones approach $\pm c$.
# The next cells cap the logits of `10 * hidden` at 5, and print the logits without the cap (`z`) and with it (`y`):

# %% tied-cap-pt tags=["pytorch"]
z = 10 * h_pt @ w_pt.T
y_pt, dh_pt = value_and_grad(
    lambda h: 5 * torch.tanh(F.linear(10 * h, w_pt) / 5),
    h_pt)
show(z=z[0], y=y_pt[0], digits=2)

# %% tied-cap-tf tags=["tensorflow"]
capped = keras.layers.ReversibleEmbedding(
    6, 3, logit_soft_cap=5.0)
capped.build()
capped.set_weights([table])
z = 10 * h_tf @ tf.transpose(w_tf)
y_tf, dh_tf = value_and_grad(
    lambda h: capped(10 * h, reverse=True), h_tf)
show(z=z[0], y=y_tf[0], digits=2)

# %% tied-cap
agree(y_pt, y_tf, gradients=(dh_pt, dh_tf), rtol=1e-4, atol=1e-5)

# %% [markdown]
# ### With `tie_weights=False` Keras's second table is transposed
#
# The layer then has two tables, of shape (ids, numbers) and (numbers, ids). PyTorch's second table is the weight of an
# `nn.Linear`, of shape (ids, numbers):

# %% untied-pt tags=["pytorch"]
out = nn.Linear(3, 6, bias=False)
print(tuple(embedding.weight.shape), tuple(out.weight.shape))
y_pt = out(embedding(torch.tensor([1, 4])))

# %% untied-tf tags=["tensorflow"]
untied = keras.layers.ReversibleEmbedding(
    6, 3, tie_weights=False)
untied.build()
print(*(tuple(w.shape) for w in untied.weights))
untied.set_weights([embedding.weight.detach().numpy(),
                    out.weight.detach().numpy().T])
y_tf = untied(untied(tf.constant([1, 4])), reverse=True)

# %% untied
agree(y_pt, y_tf)

# %% [markdown]
# (tied-loss)=
# ### With PyTorch's initial table, 256 numbers wide, the first loss of a tied network is 53 instead of 6.9
#
# A new network should guess all ids equally often. For 1000 ids, its cross-entropy is then log(1000) = 6.9. The last
# layer before the logits is often a layer norm, so the next cells take normalized random numbers as hidden states.
# They compute the first loss for tables of 16, 64 and 256 numbers per id: with PyTorch's initial numbers (`normal`),
# with Keras's (`uniform`), and with PyTorch's multiplied by 0.02 (`small`), as in many language models.

# %%
n_ids, widths = 1000, (16, 64, 256)
targets = rng.integers(0, n_ids, 500)
tables, states = {"normal": [], "uniform": [], "small": []}, []
for width in widths:
    h = rng.normal(size=(500, width))
    h = (h - h.mean(1, keepdims=True)) / h.std(1, keepdims=True)
    states.append(h.astype(np.float32))
    normal = rng.normal(size=(n_ids, width)).astype(np.float32)
    tables["normal"].append(normal)
    tables["uniform"].append(
        rng.uniform(-0.05, 0.05, (n_ids, width)).astype(np.float32))
    tables["small"].append(0.02 * normal)

# %% tied-loss-pt tags=["pytorch"]
y = torch.tensor(targets)
losses_pt = {
    name: torch.stack([
        F.cross_entropy(torch.tensor(h @ w.T), y)
        for h, w in zip(states, each)])
    for name, each in tables.items()}
show(**losses_pt, digits=1)

# %% tied-loss-tf tags=["tensorflow"]
loss = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True)
losses_tf = {
    name: tf.stack([
        loss(targets, tf.constant(h @ w.T))
        for h, w in zip(states, each)])
    for name, each in tables.items()}
show(**losses_tf, digits=1)

# %% tied-loss
agree(list(losses_pt.values()), list(losses_tf.values()))

# %% [markdown]
# With PyTorch's initial numbers, the logits have the standard deviation 4, 8 and 16, the root of the width. The network
# is then very sure of random answers. Without tying, the logits come from an `nn.Linear`, whose
# [initial numbers](dense-starts) are smaller. When you tie the weights in PyTorch, initialize the table yourself:
# `nn.init.normal_(embedding.weight, std=0.02)`.
#
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | one id in each place | `nn.Embedding`, `Embedding` | a lookup is cheaper than a one-hot product |
# | sequences of different lengths | `padding_idx`; `mask_zero` | PyTorch stops the gradient, Keras passes a mask on |
# | several ids without an order | `nn.EmbeddingBag`, `tf.nn.safe_embedding_lookup_sparse` | the safe function keeps empty bags at the end |
# | a table of millions of rows | `sparse=True` with `SparseAdam`; in both, `SGD` without momentum | Adam and momentum update every row in each step |
# | a language model | one weight for two layers, `ReversibleEmbedding` | one table instead of two; start with small numbers |
#
# ## Exercises
#
# Write a lookup with padding, the gradient of a lookup, bags and tied logits yourself:
# [exercises on embeddings](../../exercises/layers/embeddings.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
