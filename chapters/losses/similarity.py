# %% [markdown]
# # Similarity losses
#
# The losses of this chapter compare vectors. The vectors are usually *embeddings*: the outputs of a network for an
# image, a word or a user. Training moves the embeddings of similar inputs together, and those of dissimilar inputs
# apart. Two losses use the angle between two vectors, and the others use their distance, a score, or all pairs of a
# batch.
#
# Keras has two of them, `CosineSimilarity` and `Circle`. PyTorch has the others, and a `CosineSimilarity` of its own.
# A loss that your framework lacks takes a few lines of code. This chapter has them.
#
# **The claim:** with these lines, values and gradients agree in both frameworks, if you know four things:
#
# - Keras's cosine loss is the *negative* cosine, along the last axis. PyTorch's function is the cosine, along axis 1.
# - PyTorch adds 10⁻⁶ to each difference before it computes a distance. Without it, the gradient for two equal vectors
#   is NaN in TensorFlow, and the embeddings of a triplet loss can be NaN after the first step.
# - The labels of a pair are 1 and −1. Labels 0 and 1 raise no error.
# - Labels of shape (N, 1) raise no error in `hinge_embedding_loss`, and the result is a mean over N × N costs.

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
u = np.array([[1, 2, 2], [0, 3, 4]], dtype=np.float32)  # (batch, features)
v = np.array([[2, 1, -2], [1, 2, 2]], dtype=np.float32)

# %% [markdown]
# The rows of `u` have the lengths 3 and 5, and both rows of `v` have the length 3. The cosine of the first rows is 0,
# and that of the second rows is 14/15, so you can check every number by hand.
#
# The figure shows what each loss computes for one pair or triplet. In the panels with two lines, the solid line is the
# cost of a pair with the label 1, and the dashed line that of a pair with the label −1.

# %% six-costs tags=["hide-input"]
# alt: Six panels. The cosine loss falls from 1 to minus 1 over the cosine. The distance of two numbers is a V
# over their difference. Cosine embedding: for similar pairs a line from 2 down to 0 over the cosine, for
# dissimilar pairs 0 up to the margin, then rising. Hinge embedding: for similar pairs the distance itself,
# for dissimilar pairs a line from 1 down to 0 at the margin. Margin ranking: a line that falls to 0
# where the first score is higher by the margin, and its mirror image. Triplet: 0 up to minus the margin, then rising.
fig, axes = plt.subplots(3, 2, figsize=(5.2, 5.6))
c, d, s = np.linspace(-1, 1, 81), np.linspace(0, 2, 81), np.linspace(-2, 2, 81)
panels = (
    ("Cosine similarity", "cosine-similarity", "cosine", c, (-c,)),
    ("Pairwise distance", "pairwise-distance", "difference", s, (abs(s),)),
    ("Cosine embedding", "cosine-embedding", "cosine", c, (1 - c, np.maximum(c - 0.2, 0))),
    ("Hinge embedding", "hinge-embedding", "distance", d, (d, np.maximum(1 - d, 0))),
    ("Margin ranking", "margin-ranking", "first score minus second", s,
     (np.maximum(0.5 - s, 0), np.maximum(0.5 + s, 0))),
    ("Triplet margin", "triplet-margin", "d(a, p) − d(a, n)", s, (np.maximum(s + 1, 0),)),
)
for i, (ax, (title, section, label, x, curves)) in enumerate(zip(axes.flat, panels)):
    for y, style in zip(curves, ("-", "--")):
        ax.plot(x, y, style, color=plots.PALETTE[i])
    ax.axhline(0, color=plots.INK, linewidth=0.6, zorder=0)
    ax.set_xlabel(label)
    plots.head(ax, title, section)
axes[1, 0].annotate("1", (-0.75, 1.2), color=plots.PALETTE[2])
axes[1, 0].annotate("−1", (0.6, 0.65), color=plots.PALETTE[2])
axes[1, 1].annotate("1", (1.5, 1.1), color=plots.PALETTE[3])
axes[1, 1].annotate("−1", (0.05, 1.15), color=plots.PALETTE[3])
axes[2, 0].annotate("1", (-1.5, 2.2), color=plots.PALETTE[4])
axes[2, 0].annotate("−1", (1.2, 2.2), color=plots.PALETTE[4])
fig.supylabel("cost")
plt.show()

# %% [markdown]
# (cosine-similarity)=
# ## Cosine similarity
#
# <!-- head: cosine_similarity -->
#
# The cosine similarity is the cosine of the angle between two vectors. It is 1 for the same direction, 0 for
# orthogonal vectors, and −1 for opposite directions. Choose it if only the direction of an embedding matters, and not
# its length.
#
# $$\cos(p, t) = \frac{p \cdot t}{\lVert p\rVert\, \lVert t\rVert}, \qquad
# \text{loss} = -\frac{1}{N}\sum_i \cos(p_i, t_i)$$
#
# Here $p$ is the prediction, $t$ the target, $\lVert p\rVert$ the length of a vector, and $N$ the number of rows. In
# the next cells `dp` is the gradient with respect to the prediction. The cosines are 0 and 0.9333, so the loss is
# −0.4667.

# %% tags=["pytorch"]
p_pt = torch.tensor(u, requires_grad=True)
t_pt = torch.tensor(v)
loss_pt = -nn.CosineSimilarity(dim=-1)(p_pt, t_pt).mean()
(dp_pt,) = torch.autograd.grad(loss_pt, p_pt)
show(loss=loss_pt, dp=dp_pt)
show(swapped=-nn.CosineSimilarity(dim=-1)(t_pt, p_pt).mean())

# %% tags=["tensorflow"]
p_tf = tf.Variable(u)
t_tf = tf.constant(v)
with tf.GradientTape() as tape:
    loss_tf = keras.losses.CosineSimilarity()(t_tf, p_tf)
dp_tf = tape.gradient(loss_tf, p_tf)
show(loss=loss_tf, dp=dp_tf)
show(swapped=keras.losses.CosineSimilarity()(p_tf, t_tf))

# %%
agree(loss_pt, loss_tf, gradients=(dp_pt, dp_tf))

# %% [markdown]
# The last line, `swapped`, has prediction and target in the wrong order: the value is the same, because the formula is
# symmetric.
#
# ### Keras's loss is the negative cosine, and its metric with the same name is the positive one
#
# The next cell compiles a model that returns its input. The loss is the string `"cosine_similarity"`. The metric is first
# the same string, and then the function `keras.losses.cosine_similarity`:

# %% cosine-sign
model = keras.Sequential([keras.Input((3,)), keras.layers.Identity()])
for metric in ("cosine_similarity", keras.losses.cosine_similarity):
    model.compile("sgd", "cosine_similarity", metrics=[metric])
    result = model.evaluate(u, v, verbose=0, return_dict=True)
    show(loss=result["loss"], metric=result["cosine_similarity"])

# %% [markdown]
# The string as a metric is the positive cosine. The loss, and the function as a metric, are the negative one.
#
# ### PyTorch's default axis is 1, and Keras's is the last
#
# For inputs of shape (batch, features), axis 1 is the last one. For sequences of shape (2, 3, 4) it is not, and the
# results have the shapes (2, 4) and (2, 3). Pass `dim=-1` in PyTorch:

# %%
rng = np.random.default_rng(0)
steps = rng.normal(size=(2, 3, 4)).astype(np.float32)  # (batch, time, features)
words = rng.normal(size=(2, 3, 4)).astype(np.float32)

# %% cosine-axis-pt tags=["pytorch"]
p_pt, t_pt = torch.tensor(steps), torch.tensor(words)
print(tuple(F.cosine_similarity(p_pt, t_pt).shape))
y_pt, dp_pt = value_and_grad(
    lambda p: -F.cosine_similarity(p, t_pt, dim=-1), p_pt)
show(y=y_pt)

# %% cosine-axis-tf tags=["tensorflow"]
p_tf, t_tf = tf.constant(steps), tf.constant(words)
print(keras.losses.cosine_similarity(t_tf, p_tf).shape)
y_tf, dp_tf = value_and_grad(
    lambda p: keras.losses.cosine_similarity(t_tf, p), p_tf)
show(y=y_tf)

# %%
agree(y_pt, y_tf, gradients=(dp_pt, dp_tf))

# %% [markdown]
# ### For a vector near 0, PyTorch's cosine and its gradient are ten times as large as Keras's
#
# Both frameworks replace very small lengths to avoid a division by 0: PyTorch uses at least 10⁻⁸, and Keras at
# least 10⁻⁷. The cells print the cosine of (10⁻⁹, 10⁻⁹) and (1, 2), and the largest gradient for a vector of zeros. With
# `eps=1e-7` PyTorch agrees with Keras:

# %% cosine-short-pt tags=["pytorch"]
tiny, zero = torch.full((1, 2), 1e-9), torch.zeros(1, 2)
b = torch.tensor([[1.0, 2.0]])
_, dp = value_and_grad(F.cosine_similarity, zero, b)
show(cosine=F.cosine_similarity(tiny, b))
print(f"{dp.max():.1e}")

y_pt = F.cosine_similarity(tiny, b, eps=1e-7)
_, dp_pt = value_and_grad(
    F.cosine_similarity, zero, b, eps=1e-7)

# %% cosine-short-tf tags=["tensorflow"]
tiny, zero = tf.fill((1, 2), 1e-9), tf.zeros((1, 2))
b = tf.constant([[1.0, 2.0]])
y_tf = -keras.losses.cosine_similarity(b, tiny)
_, dp_tf = value_and_grad(
    lambda p: -keras.losses.cosine_similarity(b, p), zero)
show(cosine=y_tf)
print(f"{tf.reduce_max(dp_tf):.1e}")

# %%
agree(y_pt, y_tf, gradients=(dp_pt, dp_tf))

# %% [markdown]
# A gradient of 10⁷ can ruin the weights in one step, in both frameworks. Remove vectors of zeros before the loss.

# %% [markdown]
# (pairwise-distance)=
# ## Pairwise distance
#
# <!-- head: pairwise_distance -->
#
# The pairwise distance is the norm of the difference of two vectors, for each row. It is not a loss, but the losses
# below are made of it. Choose it if the length of an embedding matters, too.
#
# $$d_p(u, v) = \Bigl(\sum_j |u_j - v_j + \varepsilon|^p\Bigr)^{1/p}$$
#
# Here $j$ counts the features. The exponent $p$ is 2 by default, which is the usual distance. The constant
# $\varepsilon$ is 10⁻⁶, and is added to each difference before the absolute value is taken. The distances of the rows are
# √18 and √6.

# %% tags=["pytorch"]
u_pt, v_pt = torch.tensor(u), torch.tensor(v)
y_pt, du_pt = value_and_grad(
    lambda u: F.pairwise_distance(u, v_pt), u_pt)
show(y=y_pt, du=du_pt)

# %% tags=["tensorflow"]
u_tf, v_tf = tf.constant(u), tf.constant(v)
y_tf, du_tf = value_and_grad(
    lambda u: tf.norm(u - v_tf + 1e-6, axis=-1), u_tf)
show(y=y_tf, du=du_tf)

# %%
agree(y_pt, y_tf, gradients=(du_pt, du_tf))

# %% [markdown]
# ### For equal vectors, `tf.norm` without 10⁻⁶ has the gradient NaN
#
# The derivative of a square root is infinite at 0. PyTorch's 10⁻⁶ keeps the root away from 0: the distance of a
# vector with four features to itself is 2·10⁻⁶, and the gradient is ½ for each feature. `tf.norm` adds nothing. The last
# line, `without`, is the gradient without the 10⁻⁶: 0 in PyTorch, with `eps=0`, and NaN in TensorFlow.

# %% distance-equal-pt tags=["pytorch"]
x_pt, same = torch.ones(1, 4), torch.ones(1, 4)
y_pt, dx_pt = value_and_grad(
    lambda x: F.pairwise_distance(x, same), x_pt)
print(f"{y_pt.item():.0e}")
show(dx=dx_pt)
_, dx = value_and_grad(
    lambda x: F.pairwise_distance(x, same, eps=0.0), x_pt)
show(without=dx)

# %% distance-equal-tf tags=["tensorflow"]
x_tf, same = tf.ones((1, 4)), tf.ones((1, 4))
y_tf, dx_tf = value_and_grad(
    lambda x: tf.norm(x - same + 1e-6, axis=-1), x_tf)
print(f"{y_tf[0]:.0e}")
show(dx=dx_tf)
_, dx = value_and_grad(
    lambda x: tf.norm(x - same, axis=-1), x_tf)
show(without=dx)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Because the constant is added to the difference, the distance depends slightly on the order of the two vectors. The
# next cell prints the distance from 1 to 0, and from 0 to 1:

# %% distance-order
one, zero = torch.ones(1, 1), torch.zeros(1, 1)
print(f"{F.pairwise_distance(one, zero).item():.6f}")
print(f"{F.pairwise_distance(zero, one).item():.6f}")

# %% [markdown]
# ### `F.pdist` computes the distances of all pairs of rows
#
# For $n$ rows there are $n(n-1)/2$ pairs, in the order (0, 1), (0, 2), …, (1, 2), …. NumPy's `triu_indices` returns
# the two members of each pair in this order. `pdist` adds no 10⁻⁶.

# %% tags=["pytorch"]
x_pt = torch.tensor(steps[0])  # (3 rows, 4 features)
y_pt, dx_pt = value_and_grad(F.pdist, x_pt)
show(y=y_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant(steps[0])  # (3 rows, 4 features)
i, j = np.triu_indices(3, 1)


def distances(x):
    return tf.norm(tf.gather(x, i) - tf.gather(x, j), axis=-1)


y_tf, dx_tf = value_and_grad(distances, x_tf)
show(y=y_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# (cosine-embedding)=
# ## Cosine embedding loss
#
# <!-- head: cosine_embedding -->
#
# The cosine embedding loss takes pairs with a label: 1 for a similar pair, −1 for a dissimilar pair. A similar pair
# costs 1 minus its cosine. A dissimilar pair costs its cosine minus the margin, or 0 if that is negative. Choose it for
# pairs that are labelled as similar or dissimilar, if only the direction of the embeddings matters.
#
# $$\text{cost} = \begin{cases} 1 - \cos(u, v) & y = 1 \\ \max(0,\ \cos(u, v) - m) & y = -1 \end{cases}$$
#
# Here $y$ is the label and $m$ the margin, from −1 to 1. The margin is subtracted for dissimilar pairs only. With the
# margin 0.1 the two pairs cost 1 and 0.8333, and the loss is their mean, 0.9167.

# %% tags=["pytorch"]
y_pt = torch.tensor([1.0, -1.0])
loss_pt, du_pt = value_and_grad(
    lambda u: F.cosine_embedding_loss(
        u, v_pt, y_pt, margin=0.1), u_pt)
show(loss=loss_pt, du=du_pt)

# %% tags=["tensorflow"]
y_tf = tf.constant([1.0, -1.0])


def loss(u):
    c = -keras.losses.cosine_similarity(v_tf, u)
    return tf.reduce_mean(tf.where(
        y_tf > 0, 1 - c, tf.maximum(c - 0.1, 0.0)))


loss_tf, du_tf = value_and_grad(loss, u_tf)
show(loss=loss_tf, du=du_tf)

# %%
agree(loss_pt, loss_tf, gradients=(du_pt, du_tf))

# %% [markdown]
# ### A pair with the label 0 costs nothing in PyTorch
#
# Many data sets have the labels 0 and 1. PyTorch compares the label with 1 and with −1, so a pair with the label 0
# costs nothing, and there is no error. The formula with `y > 0` takes it for a dissimilar pair. The
# cells print the costs for the labels 1 and 0, `as_given`, and then for the labels 1 and −1, `converted` with `2 * y - 1`:

# %% cosine-embedding-zero-pt tags=["pytorch"]
y = torch.tensor([1.0, 0.0])
show(as_given=F.cosine_embedding_loss(
    u_pt, v_pt, y, reduction="none"))
costs_pt = F.cosine_embedding_loss(
    u_pt, v_pt, 2 * y - 1, reduction="none")
show(converted=costs_pt)

# %% cosine-embedding-zero-tf tags=["tensorflow"]
y = tf.constant([1.0, 0.0])
c = -keras.losses.cosine_similarity(v_tf, u_tf)
show(as_given=tf.where(y > 0, 1 - c, tf.maximum(c, 0.0)))
costs_tf = tf.where(
    2 * y - 1 > 0, 1 - c, tf.maximum(c, 0.0))
show(converted=costs_tf)

# %%
agree(costs_pt, costs_tf)

# %% [markdown]
# ### For a vector of zeros, the gradient of `cosine_embedding_loss` is 100 times smaller than that of `cosine_similarity`
#
# `cosine_embedding_loss` adds 10⁻¹² to the squared lengths, so it gives a vector of zeros the length 10⁻⁶. The other
# functions use 10⁻⁸ in PyTorch, and 10⁻⁷ in Keras. The next cell prints the gradient of 1 − cos for a vector of zeros:

# %% cosine-embedding-short
zero, b = torch.zeros(1, 2), torch.ones(1, 2)
_, embedding = value_and_grad(
    lambda p: F.cosine_embedding_loss(p, b, torch.ones(1)), zero)
_, similarity = value_and_grad(lambda p: 1 - F.cosine_similarity(p, b), zero)
b = tf.ones((1, 2))
_, in_keras = value_and_grad(
    lambda p: 1 + keras.losses.cosine_similarity(b, p), tf.zeros((1, 2)))
print(f"cosine_embedding_loss {embedding[0, 0]:.0e}")
print(f"F.cosine_similarity   {similarity[0, 0]:.0e}")
print(f"keras.losses          {in_keras[0, 0]:.0e}")

# %% [markdown]
# (hinge-embedding)=
# ## Hinge embedding loss
#
# <!-- head: hinge_embedding -->
#
# The hinge embedding loss takes a *distance* for each pair, and a label. A similar pair costs its distance. A
# dissimilar pair costs the margin minus its distance, and nothing if it is farther apart than the margin. It is the
# contrastive loss {footcite:p}`hadsell2006dimensionality` without squares. Choose it for labelled pairs, if you compute
# the distance yourself.
#
# $$\text{cost} = \begin{cases} d & y = 1 \\ \max(0,\ m - d) & y = -1 \end{cases}$$
#
# Here $d$ is the distance, $y$ the label, and $m$ the margin, 1 by default. The three pairs of the next cells cost
# 0.3, 0.4 and 0, so the loss is 0.2333.

# %% tags=["pytorch"]
d_pt = torch.tensor([0.3, 0.6, 1.4])
y_pt = torch.tensor([1.0, -1.0, -1.0])
loss_pt, dd_pt = value_and_grad(
    lambda d: F.hinge_embedding_loss(d, y_pt), d_pt)
show(loss=loss_pt, dd=dd_pt)

# %% tags=["tensorflow"]
d_tf = tf.constant([0.3, 0.6, 1.4])
y_tf = tf.constant([1.0, -1.0, -1.0])
loss_tf, dd_tf = value_and_grad(
    lambda d: tf.reduce_mean(tf.where(
        y_tf > 0, d, tf.maximum(1.0 - d, 0.0))), d_tf)
show(loss=loss_tf, dd=dd_tf)

# %%
agree(loss_pt, loss_tf, gradients=(dd_pt, dd_tf))

# %% [markdown]
# ### `keras.losses.Hinge` is another loss
#
# The names are alike, and both take labels 1 and −1. But `Hinge` is the loss of a classifier. It takes a score $s$, and
# its cost $\max(0, 1 - y\,s)$ is small if the label is 1 and the score is *large*. With distances in place of scores,
# it moves similar pairs apart. The next cell computes it for the three distances above, in both frameworks, with its
# gradient:

# %% hinge-embedding-other
y, dy = value_and_grad(lambda d: keras.losses.Hinge()(y_tf, d), d_tf)
show(keras=y, gradient=dy)
y, dy = value_and_grad(lambda d: (1 - y_pt * d).clamp(min=0).mean(), d_pt)
show(formula=y, gradient=dy)

# %% [markdown]
# The first pair is similar and has a negative gradient, so its distance would grow in training.
#
# ### A pair with the label 0 costs both parts in PyTorch
#
# For the label 0, `hinge_embedding_loss` returns $d + \max(0, m - d)$, without an error. The next cell prints the costs of
# the three distances with the label 0:

# %% hinge-embedding-zero
show(costs=F.hinge_embedding_loss(d_pt, torch.zeros(3), reduction="none"))

# %% [markdown]
# (margin-ranking)=
# ## Margin ranking loss
#
# <!-- head: margin_ranking -->
#
# The margin ranking loss takes two scores and a label that says which one should be higher: 1 for the first, −1 for the
# second. A pair costs nothing if this score is higher by at least the margin. Choose it to learn an order from
# comparisons.
#
# $$\text{cost} = \max(0,\ m - y\,(a - b))$$
#
# Here $a$ and $b$ are the scores, $y$ is the label, and $m$ is the margin, 0 by default. The three pairs of the next
# cells cost 0, 0.9 and 0.4.

# %% tags=["pytorch"]
a_pt = torch.tensor([1.5, 1.0, 0.2])
b_pt = torch.tensor([0.3, 1.4, 0.3])
y_pt = torch.tensor([1.0, 1.0, -1.0])
loss_pt, da_pt = value_and_grad(
    lambda a: F.margin_ranking_loss(
        a, b_pt, y_pt, margin=0.5), a_pt)
show(loss=loss_pt, da=da_pt)

# %% tags=["tensorflow"]
a_tf = tf.constant([1.5, 1.0, 0.2])
b_tf = tf.constant([0.3, 1.4, 0.3])
y_tf = tf.constant([1.0, 1.0, -1.0])
loss_tf, da_tf = value_and_grad(
    lambda a: tf.reduce_mean(tf.maximum(
        0.5 - y_tf * (a - b_tf), 0.0)), a_tf)
show(loss=loss_tf, da=da_tf)

# %%
agree(loss_pt, loss_tf, gradients=(da_pt, da_tf))

# %% [markdown]
# ### With the default margin of 0, equal scores cost nothing
#
# With the margin 0, a network that returns the same score for every input has the loss 0. The next cell prints the loss
# of equal scores for the margins 0 and 0.5:

# %% ranking-margin
same = torch.ones(3)
show(default=F.margin_ranking_loss(same, same, y_pt),
     margin=F.margin_ranking_loss(same, same, y_pt, margin=0.5))

# %% [markdown]
# (triplet-margin)=
# ## Triplet margin loss
#
# <!-- head: triplet_margin -->
#
# The triplet margin loss takes three embeddings: an anchor, a *positive* of the same class, and a *negative* of
# another class {footcite:p}`schroff2015facenet`. A triplet costs nothing if the negative is farther from the anchor
# than the positive is, by at least the margin. Choose it if your data are comparisons: "a is more like p than like n".
#
# $$\text{cost} = \max(0,\ d(a, p) - d(a, n) + m)$$
#
# Here $d$ is the [pairwise distance](pairwise-distance) with its 10⁻⁶, not squared, and $m$ is the margin, 1 by default.
# The two triplets of the next cells cost √2 − 2 + 1 = 0.4142 and 0, so the loss is 0.2071.

# %%
anchors = np.array([[0, 0], [1, 1]], dtype=np.float32)
positives = np.array([[1, 1], [1, 2]], dtype=np.float32)
negatives = np.array([[2, 0], [4, 2]], dtype=np.float32)

# %% tags=["pytorch"]
a_pt, p_pt, n_pt = map(
    torch.tensor, (anchors, positives, negatives))
loss_pt, da_pt = value_and_grad(
    lambda a: F.triplet_margin_loss(a, p_pt, n_pt), a_pt)
show(loss=loss_pt, da=da_pt)

# %% tags=["tensorflow"]
a_tf, p_tf, n_tf = map(
    tf.constant, (anchors, positives, negatives))


def d(u, v):
    return tf.norm(u - v + 1e-6, axis=-1)


loss_tf, da_tf = value_and_grad(
    lambda a: tf.reduce_mean(tf.maximum(
        d(a, p_tf) - d(a, n_tf) + 1.0, 0.0)), a_tf)
show(loss=loss_tf, da=da_tf)

# %%
agree(loss_pt, loss_tf, gradients=(da_pt, da_tf))

# %% [markdown]
# ### `swap=True` also uses the distance from the positive to the negative
#
# With `swap=True` the negative must be far from the anchor *and* from the positive: the loss uses the smaller of both
# distances {footcite:p}`balntas2016learning`. In the first triplet the negative is nearer to the positive (√2) than to
# the anchor (2), so this triplet costs √2 − √2 + 1 = 1, and the loss is 0.5.

# %% tags=["pytorch"]
loss_pt, dn_pt = value_and_grad(
    lambda n: F.triplet_margin_loss(
        a_pt, p_pt, n, swap=True), n_pt)
show(loss=loss_pt, dn=dn_pt)

# %% tags=["tensorflow"]
def swapped(n, a=a_tf, p=p_tf):
    far = tf.minimum(d(a, n), d(p, n))
    return tf.reduce_mean(
        tf.maximum(d(a, p) - far + 1.0, 0.0))


loss_tf, dn_tf = value_and_grad(swapped, n_tf)
show(loss=loss_tf, dn=dn_tf)

# %%
agree(loss_pt, loss_tf, gradients=(dn_pt, dn_tf))

# %% [markdown]
# ### `TripletMarginWithDistanceLoss` takes any function, also one that trains in the wrong direction
#
# You can pass your own distance, such as 1 − cos. If you pass a similarity instead, there is no error, but then a
# good triplet has a high loss. In the triplet of the next cell, the positive has the direction of the anchor, and the
# negative has the opposite direction. Its loss is 0 with the distance and 3 with the similarity:

# %% triplet-similarity
a = torch.tensor([[1.0, 0.0]])
p, n = torch.tensor([[2.0, 0.0]]), torch.tensor([[-1.0, 0.0]])


def cosine_distance(u, v):
    return 1 - F.cosine_similarity(u, v)


for function in (cosine_distance, F.cosine_similarity):
    loss = nn.TripletMarginWithDistanceLoss(distance_function=function)
    print(f"{function.__name__:18}{loss(a, p, n).item():.4f}")

# %% [markdown]
# (triplet-collapse)=
# ### Three equal embeddings: PyTorch's loss leaves them, and `tf.norm` without 10⁻⁶ returns NaN
#
# If a network maps every input to the same vector, the loss is the margin. The next cells start all three embeddings
# at the origin, and train them by gradient descent, with three distances: with PyTorch's 10⁻⁶ (`eps`), without it
# (`plain`), and squared (`square`). Each line is the loss after 0, 1, 5 and 50 steps:

# %% triplet-collapse-pt tags=["pytorch"]
def train_pt(distance):
    e, losses = torch.zeros(3, 1, 2), []
    for _ in range(51):
        loss, de = value_and_grad(
            lambda e: F.triplet_margin_with_distance_loss(
                *e, distance_function=distance), e)
        losses.append(loss.item())
        e = e - 0.5 * de
    return [losses[i] for i in (0, 1, 5, 50)]


show(digits=2, eps=train_pt(F.pairwise_distance),
     plain=train_pt(lambda u, v: torch.norm(u - v, dim=-1)),
     square=train_pt(lambda u, v: ((u - v)**2).sum(-1)))

# %% triplet-collapse-tf tags=["tensorflow"]
def train_tf(d):
    e, losses = tf.zeros((3, 1, 2)), []
    for _ in range(51):
        loss, de = value_and_grad(
            lambda e: tf.reduce_mean(tf.maximum(
                d(e[0], e[1]) - d(e[0], e[2]) + 1.0, 0.0)), e)
        losses.append(float(loss))
        e = e - 0.5 * de
    return [losses[i] for i in (0, 1, 5, 50)]


show(digits=2, eps=train_tf(d),
     plain=train_tf(lambda u, v: tf.norm(u - v, axis=-1)),
     square=train_tf(
         lambda u, v: tf.reduce_sum((u - v)**2, -1)))

# %% [markdown]
# With 10⁻⁶ the loss becomes 0 in both frameworks. Without it, TensorFlow's embeddings are NaN after the first step.
# PyTorch's have the gradient 0 and stay where they are. Squared distances have the gradient 0 for equal vectors in both
# frameworks, so the loss stays at 1.

# %% [markdown]
# (circle)=
# ## Circle loss
#
# <!-- head: circle -->
#
# The circle loss takes a batch of embeddings and their classes, and compares all pairs of the batch
# {footcite:p}`sun2020circle`. A pair that is far from its goal gets a large weight, and so a large part of the gradient.
# Choose it if you have class labels and batches with several examples of each class.
#
# $$\text{cost}_i = \log(1 + S_i\, D_i), \qquad S_i = \sum_{j \in P_i} e^{\gamma\,(m + d_{ij})(d_{ij} - m)}$$
#
# $$D_i = \sum_{k \in N_i} e^{\gamma\,\max(0,\,1 + m - d_{ik})\,(1 - m - d_{ik})}$$
#
# Here $e_i$ is the embedding in row $i$, and $d_{ij} = 1 - \cos(e_i, e_j)$ is the cosine distance of two rows. $S_i$ is a
# sum over $P_i$, the other rows of the same class, and $D_i$ is a sum over $N_i$, the rows of other classes. $m$ is the
# margin, and $\gamma$ is a scale. The loss is the mean of the costs above 0.
#
# The next cells use unit vectors at the angles 0° and 20° for the first class, and 70° and 200° for the second. The
# function in PyTorch uses `logsumexp` and `softplus`, because the exponentials would overflow.

# %%
angles = np.deg2rad([0, 20, 70, 200])
on_circle = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
classes = np.array([0, 0, 1, 1])

# %%
def circle_pt(e, labels, gamma=80.0, margin=0.4, mean=True):
    d = (1 - e @ e.T).clamp(min=0)
    same = labels[:, None] == labels
    itself = torch.eye(len(e), dtype=torch.bool)
    pull = gamma * (margin + d) * (d - margin)
    push = gamma * (1 + margin - d).clamp(min=0) * (1 - margin - d)
    pull = pull.masked_fill(~same | itself, -torch.inf).logsumexp(1)
    push = push.masked_fill(same, -torch.inf).logsumexp(1)
    cost = F.softplus(pull + push)
    return cost.sum() / (cost > 0).sum().clamp(min=1) if mean else cost

# %% tags=["pytorch"]
e_pt, labels_pt = map(torch.tensor, (on_circle, classes))
loss_pt, de_pt = value_and_grad(
    lambda e: circle_pt(e, labels_pt, gamma=10.0), e_pt)
show(loss=loss_pt, de=de_pt)
default_pt = circle_pt(e_pt, labels_pt)
show(default=default_pt)

# %% tags=["tensorflow"]
e_tf, labels_tf = map(tf.constant, (on_circle, classes))
loss_tf, de_tf = value_and_grad(
    lambda e: keras.losses.Circle(gamma=10.0)(labels_tf, e),
    e_tf)
show(loss=loss_tf, de=de_tf)
default_tf = keras.losses.Circle()(labels_tf, e_tf)
show(default=default_tf)

# %%
agree([loss_pt, default_pt], [loss_tf, default_tf], gradients=(de_pt, de_tf))

# %% [markdown]
# ### `Circle` needs embeddings of length 1, and does not normalise them
#
# There is no error if the embeddings have another length. Normalise them before the loss, or end the model with a
# `UnitNormalization` layer. The next cell prints the loss of embeddings that are three times as long, and the loss after
# normalising them, which is again 13.9233:

# %% circle-length
loss = keras.losses.Circle(gamma=10.0)
unit = keras.layers.UnitNormalization()
show(three=loss(labels_tf, 3 * e_tf), normalised=loss(labels_tf, unit(3 * e_tf)))

# %% [markdown]
# ### A row without a partner costs 0, and does not count in the mean
#
# The cost of a row is 0 if no other row of the batch has its class, or if all rows have it. Keras masks rows with the
# cost 0, so the mean is over the other rows. In the next cells the third and the fourth row are alone in their classes:

# %% circle-partner-pt tags=["pytorch"]
alone_pt = torch.tensor([0, 0, 1, 2])
cost_pt = circle_pt(
    e_pt, alone_pt, gamma=10.0, mean=False)
loss_pt = circle_pt(e_pt, alone_pt, gamma=10.0)
show(cost=cost_pt, loss=loss_pt)

# %% circle-partner-tf tags=["tensorflow"]
alone_tf = tf.constant([0, 0, 1, 2])
cost_tf = keras.losses.circle(
    alone_tf, e_tf, gamma=10.0)
loss_tf = keras.losses.Circle(gamma=10.0)(alone_tf, e_tf)
show(cost=cost_tf, loss=loss_tf)

# %% circle-partner
agree([cost_pt, loss_pt], [cost_tf, loss_tf])

# %% [markdown]
# The loss is (0.2968 + 1.3461) / 2, and not the sum divided by 4. Make batches with several examples of each class:
# a row with the cost 0 teaches the network nothing.
#
# (similarity-reductions)=
# ## Keras divides a weighted mean by the number of rows
#
# PyTorch's losses of this chapter take `reduction="none"`, `"sum"` or `"mean"`, but no sample weights. The next
# cell shows the reductions for the two triplets:

# %% reductions-in-pytorch
show(**{reduction: F.triplet_margin_loss(a_pt, p_pt, n_pt, reduction=reduction)
        for reduction in ("none", "sum", "mean")})

# %% [markdown]
# In PyTorch, multiply the costs by the weights yourself. Keras's losses take `sample_weight`, and divide the sum of the
# weighted costs by the number of rows. With `"mean_with_sample_weight"` they divide it by the sum of the weights. The
# weights of the next cells are 1 and 3:

# %% tags=["pytorch"]
u_pt, v_pt = torch.tensor(u), torch.tensor(v)
w_pt = torch.tensor([1.0, 3.0])
y = -F.cosine_similarity(u_pt, v_pt, dim=-1) * w_pt
all_pt = [y, y.sum(), y.mean(), y.sum() / w_pt.sum()]
none, total, mean, by_weights = all_pt
show(none=none, sum=total, mean=mean, by_weights=by_weights)

# %% tags=["tensorflow"]
u_tf, v_tf = tf.constant(u), tf.constant(v)
w_tf = tf.constant([1.0, 3.0])
reductions = None, "sum", "mean", "mean_with_sample_weight"
all_tf = [keras.losses.CosineSimilarity(reduction=each)(
    v_tf, u_tf, sample_weight=w_tf) for each in reductions]
none, total, mean, by_weights = all_tf
show(none=none, sum=total, mean=mean, by_weights=by_weights)

# %%
agree(all_pt, all_tf)

# %% [markdown]
# (similarity-shapes)=
# ## Labels of shape (N, 1) give N × N costs, or an error
#
# Data sets often store labels as a column. `hinge_embedding_loss` broadcasts the column against distances of shape
# (N,): each distance is combined with each label, and the loss is a mean over N × N costs. The formula in TensorFlow
# does the same. The cells print this wrong loss, and then the right one for flat labels:

# %% hinge-embedding-column-pt tags=["pytorch"]
d_pt = torch.tensor([0.3, 0.6, 1.4])
column = torch.tensor([[1.0], [-1.0], [-1.0]])
wrong_pt = F.hinge_embedding_loss(d_pt, column)
right_pt = F.hinge_embedding_loss(d_pt, column[:, 0])
show(wrong=wrong_pt, right=right_pt)

# %% hinge-embedding-column-tf tags=["tensorflow"]
def hinge_embedding(d, y):
    return tf.reduce_mean(
        tf.where(y > 0, d, tf.maximum(1.0 - d, 0.0)))


d_tf = tf.constant([0.3, 0.6, 1.4])
column = tf.constant([[1.0], [-1.0], [-1.0]])
wrong_tf = hinge_embedding(d_tf, column)
right_tf = hinge_embedding(d_tf, column[:, 0])
show(wrong=wrong_tf, right=right_tf)

# %%
agree([wrong_pt, right_pt], [wrong_tf, right_tf])

# %% [markdown]
# PyTorch's other two losses with labels raise an error for a column. Keras's `Circle` accepts it, and the loss is right:

# %% labels-as-a-column
column_pt = torch.tensor([[1.0], [-1.0]])
with show_error():
    F.cosine_embedding_loss(u_pt, v_pt, column_pt)
with show_error():
    F.margin_ranking_loss(u_pt[:, 0], v_pt[:, 0], column_pt)
loss = keras.losses.Circle(gamma=10.0)
show(flat=loss(classes, e_tf), column=loss(classes[:, None], e_tf))

# %% [markdown]
# The cosine loss accepts wrong shapes, too. In the next cell the prediction has the shape (3, 1), and the target (3,).
# PyTorch broadcasts the target to three rows. Keras turns the target into a column and compares single numbers, so each
# cosine is 1 or −1. The last line is the right loss, for two vectors of shape (3,):

# %% cosine-column
p, t = torch.tensor([0.3, 0.6, 1.4]), torch.tensor([0.1, 0.6, -1.4])
show(pytorch=-F.cosine_similarity(p[:, None], t, dim=-1))
show(keras=keras.losses.cosine_similarity(t.numpy(), p[:, None].numpy()))
show(right=-F.cosine_similarity(p, t, dim=-1))

# %% [markdown]
# (similarity-at-the-margin)=
# ## Exactly at the margin, the gradient depends on how you write the maximum
#
# A cost $\max(0, z)$ has a kink at $z = 0$, where a pair is exactly at the margin. The gradient there is 1 for PyTorch's
# losses of pairs and for `clamp(min=0)`, 0 for `F.relu`, and ½ for `torch.maximum`. In TensorFlow it depends on the order
# of the arguments of `tf.maximum`. The cells print the gradient with respect to $z$ for each:

# %% at-the-margin-pt tags=["pytorch"]
zero, one = torch.zeros(1), torch.ones(1)
_, ranking = value_and_grad(
    lambda z: F.margin_ranking_loss(z, -one, -one), -one)
_, hinge = value_and_grad(
    lambda z: F.hinge_embedding_loss(1 - z, -one), zero)
_, relu = value_and_grad(F.relu, zero)
_, half = value_and_grad(torch.maximum, zero, zero)
_, passed_pt = value_and_grad(
    lambda z: z.clamp(min=0), zero)
show(margin_ranking=ranking, hinge_embedding=hinge,
     clamp=passed_pt, relu=relu, maximum=half)

# %% at-the-margin-tf tags=["tensorflow"]
zero = tf.zeros(1)
_, passed_tf = value_and_grad(
    lambda z: tf.maximum(z, 0.0), zero)
_, second = value_and_grad(
    lambda z: tf.maximum(0.0, z), zero)
_, relu = value_and_grad(tf.nn.relu, zero)
show(z_first=passed_tf, z_second=second, relu=relu)

# %%
agree(passed_pt, passed_tf)

# %% [markdown]
# The formulas of this chapter use `tf.maximum(z, 0.0)`, so they agree with PyTorch at the margin, too. A pair exactly at
# the margin is rare, except where a network returns equal scores and the margin is 0.
#
# (similarity-large)=
# ## Vectors of length 5000 are safe, but with numbers above 10¹⁹ the cosine is 0
#
# The square of a number above 1.8·10¹⁹ is infinite in float32. Then the length is infinite, the cosine is 0, and the
# distance is infinite. The cells compare (3, 4), multiplied by 1, 10³ and 10²⁰, with (1, 2):

# %% large-pt tags=["pytorch"]
a = torch.tensor([[3.0, 4.0]])
b = torch.tensor([[1.0, 2.0]])
factors = torch.tensor([[1.0], [1e3], [1e20]])
cos_pt = F.cosine_similarity(factors * a, b)
dist_pt = F.pairwise_distance(factors * a, b)
show(cosine=cos_pt, distance=dist_pt)

# %% large-tf tags=["tensorflow"]
a = tf.constant([[3.0, 4.0]])
b = tf.constant([[1.0, 2.0]])
factors = tf.constant([[1.0], [1e3], [1e20]])
cos_tf = -keras.losses.cosine_similarity(
    tf.repeat(b, 3, axis=0), factors * a)
dist_tf = tf.norm(factors * a - b + 1e-6, axis=-1)
show(cosine=cos_tf, distance=dist_tf)

# %%
agree([cos_pt, dist_pt], [cos_tf, dist_tf])

# %% [markdown]
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | a target vector for each input | CosineSimilarity | only the direction counts; remember the minus in PyTorch |
# | pairs, and only the direction counts | CosineEmbedding with a margin | dissimilar pairs cost nothing beyond the margin |
# | pairs, and a distance of your own | HingeEmbedding | it takes any distance; the labels are 1 and −1 |
# | comparisons of two scores | MarginRanking with a margin above 0 | without a margin, equal scores cost nothing |
# | triplets | TripletMargin | it compares two distances, and needs no labels |
# | class labels, and several examples of each class in a batch | Circle, on vectors of length 1 | it uses all pairs of the batch |
#
# ## Exercises
#
# Write the seven losses and distances yourself, one of them with its gradients: [exercises on similarity
# losses](../../exercises/losses/similarity.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
