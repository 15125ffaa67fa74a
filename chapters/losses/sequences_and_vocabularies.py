# %% [markdown]
# # Losses for sequences and large vocabularies
#
# The losses of this chapter are for two problems. In speech and handwriting, the network returns one output for
# each short piece of the input, a *frame*. There are more frames than letters, and you do not know which frames
# belong to which letter. CTC sums over all possibilities. In language models, there are so many classes that the
# logits cost too much. Adaptive log-softmax and sampled losses compute fewer logits, and linear cross-entropy
# stores fewer of them.
#
# **The claim:** CTC agrees in both frameworks, value and gradient, if you give each what it expects: PyTorch
# log-probabilities of shape (frames, batch, classes), Keras logits of shape (batch, frames, classes). Its
# conventions differ in four places: the mean, the padding, the number of frames, and labels that are too long.
# PyTorch alone has adaptive log-softmax and linear cross-entropy, and this chapter builds both in TensorFlow.
# TensorFlow alone has sampled losses, and this chapter builds them in PyTorch.

# %%
import itertools
import os
from functools import partial

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
# Five frames, and the probabilities of blank, class 1 and class 2: (frames, classes).
frames = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.5, 0.2, 0.3],
                   [0.1, 0.3, 0.6], [0.4, 0.4, 0.2]], dtype=np.float32)
rng = np.random.default_rng(0)
logits = rng.normal(size=(2, 6, 4)).astype(np.float32)  # (batch, frames, classes)
labels = np.array([[1, 2, 0], [3, 3, 1]])  # (batch, label), padded with 0
n_labels = np.array([2, 3])

# %% [markdown]
# (ctc)=
# ## CTC loss
#
# <!-- head: ctc -->
#
# For each frame, the network returns the probabilities of all classes. Class 0 is the *blank*: no letter.
# A *path* is one class for each frame. To read the label from a path, merge equal neighbours, then remove the
# blanks: (0, 1, 1, 0, 2) becomes (1, 2). CTC {footcite:p}`graves2006connectionist` is the negative logarithm of
# the probability of all paths that become the label. Choose it if you know the label, but not where in the input
# its letters are.
#
# $$\ell = -\log \sum_{\pi \to y} \; \prod_t p_t(\pi_t)$$
#
# Here $p_t(k)$ is the probability of class $k$ in frame $t$, $\pi$ is a path, and the sum is over the paths that
# become the label $y$.
#
# ### By hand: 35 of 243 paths become the label (1, 2)
#
# Five frames of three classes have 3⁵ = 243 paths. The next cell tries them all:

# %% ctc-by-hand
def label_of(path):
    return tuple(k for k, _ in itertools.groupby(path) if k != 0)


every = list(itertools.product(range(3), repeat=5))
paths = [path for path in every if label_of(path) == (1, 2)]
chances = [np.prod([frames[t, k] for t, k in enumerate(path)]) for path in paths]
print(len(paths), "of", len(every), "paths, such as", *paths[:2])
show(total=np.sum(chances), loss=-np.log(np.sum(chances)))

# %% [markdown]
# Both frameworks find the same number without a list of the paths. PyTorch takes log-probabilities. Keras takes
# logits, and applies a log-softmax to them. You can pass log-probabilities to Keras, too, because a log-softmax
# does not change them.

# %% tags=["pytorch"]
log_probs = torch.tensor(frames).log()[:, None]  # (T, N, C)
loss_pt = F.ctc_loss(
    log_probs, torch.tensor([[1, 2]]), torch.tensor([5]),
    torch.tensor([2]), reduction="none")
show(loss=loss_pt)

# %% tags=["tensorflow"]
log_probs = tf.math.log(frames)[None]  # (N, T, C)
loss_tf = keras.losses.ctc(tf.constant([[1, 2]]), log_probs)
show(loss=loss_tf)

# %%
agree(loss_pt, loss_tf)

# %% [markdown]
# ### Values and gradients agree on logits
#
# The next cells have a batch of two sequences with six frames and four classes. The labels are (1, 2) and
# (3, 3, 1). In PyTorch, move the frames to the front, and apply the log-softmax yourself. `F.ctc_loss` also takes
# the number of frames and the length of each label.

# %% tags=["pytorch"]
z_pt = torch.tensor(logits, requires_grad=True)
y_pt = torch.tensor(labels)
n_frames_pt, n_labels_pt = torch.tensor([[6, 6], [2, 3]])
log_probs_pt = F.log_softmax(z_pt, -1).transpose(0, 1)
loss_pt = F.ctc_loss(log_probs_pt, y_pt, n_frames_pt,
                     n_labels_pt, reduction="none")
(dz_pt,) = torch.autograd.grad(
    loss_pt.sum(), z_pt, retain_graph=True)
show(loss=loss_pt, frame_0=dz_pt[0, 0])

# %% tags=["tensorflow"]
z_tf, y_tf = tf.Variable(logits), tf.constant(labels)
with tf.GradientTape() as tape:
    loss_tf = keras.losses.ctc(y_tf, z_tf)
dz_tf = tape.gradient(loss_tf, z_tf)
show(loss=loss_tf, frame_0=dz_tf[0, 0])

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# ### The gradient with respect to a logit is its probability minus its share of the paths
#
# Some of the 35 paths have class 1 in the first frame. Add their probabilities, and divide by the total of all 35:
# this is the *share* of class 1 in the first frame. Every frame and class has such a share. In the next cell,
# `share` is computed from the 35 paths, and `p_minus_gradient` from PyTorch's gradient:

# %% ctc-shares
share = np.zeros((5, 3))
for path, chance in zip(paths, chances):
    share[range(5), path] += chance / np.sum(chances)
five, two = torch.tensor([5]), torch.tensor([2])
_, gradient = value_and_grad(
    lambda z: F.ctc_loss(
        F.log_softmax(z, -1), torch.tensor([[1, 2]]), five, two, reduction="sum"),
    torch.tensor(np.log(frames))[:, None])
show(share=share, p_minus_gradient=frames - gradient[:, 0].numpy())

# %% [markdown]
# ### The mean: PyTorch divides each loss by the length of its label, Keras does not
#
# The next cells also show the sum, and the mean with the sample weights 3 and 0. PyTorch has no sample weights for
# this loss: multiply yourself.

# %% ctc-mean-pt tags=["pytorch"]
inputs = log_probs_pt, y_pt, n_frames_pt, n_labels_pt
default = nn.CTCLoss()(*inputs)
mean_pt = F.ctc_loss(*inputs, reduction="none").mean()
sum_pt = F.ctc_loss(*inputs, reduction="sum")
weight = torch.tensor([3.0, 0.0])
weighted_pt = (weight * loss_pt).mean()
show(default=default, mean=mean_pt)
show(sum=sum_pt, weighted=weighted_pt)

# %% ctc-mean-tf tags=["tensorflow"]
mean_tf = keras.losses.CTC()(y_tf, z_tf)
sum_tf = keras.losses.CTC(reduction="sum")(y_tf, z_tf)
weight = tf.constant([3.0, 0.0])
weighted_tf = keras.losses.CTC()(
    y_tf, z_tf, sample_weight=weight)
show(default=mean_tf)
show(sum=sum_tf, weighted=weighted_tf)

# %%
agree([mean_pt, sum_pt, weighted_pt], [mean_tf, sum_tf, weighted_tf])

# %% [markdown]
# Take `reduction="none"` and `.mean()` in PyTorch to get Keras's number.
#
# ### Keras's loss takes all frames; `keras.ops.ctc_loss` takes their number
#
# The sequences of a batch can have different numbers of frames. PyTorch has an argument for these numbers, and so
# have `keras.ops.ctc_loss` and `tf.nn.ctc_loss`. `keras.losses.CTC` has none, and treats padding as ordinary frames.
# In the next cells the first sequence has four frames, and the second has six.

# %% ctc-frames-pt tags=["pytorch"]
fewer_pt = torch.tensor([4, 6])
loss_pt = F.ctc_loss(log_probs_pt, y_pt, fewer_pt,
                     n_labels_pt, reduction="none")
show(loss=loss_pt)

# %% ctc-frames-tf tags=["tensorflow"]
fewer = np.array([4, 6])
loss_tf = keras.ops.ctc_loss(y_tf, z_tf, n_labels, fewer)
also = tf.nn.ctc_loss(
    tf.cast(y_tf, tf.int32), z_tf, n_labels, fewer,
    logits_time_major=False)
show(loss=loss_tf, tf_nn=also)

# %%
agree(loss_pt, loss_tf)

# %% [markdown]
# ### In Keras only 0 pads a label: −1 counts as a letter
#
# Keras counts the numbers of a label that are not 0, and takes this many from its start. So −1 as padding is taken
# for a letter, and a 0 inside a label cuts off its end. There is no error. In PyTorch you pass the length of each
# label, and the padding can be any number. The next cells pad the label (1, 2) with 0 and with −1. In Keras,
# `inside` is the loss of the label (1, 0, 2).

# %% ctc-padding-pt tags=["pytorch"]
def first_pt(label, n):
    return F.ctc_loss(
        log_probs_pt[:, :1], torch.tensor([label]),
        n_frames_pt[:1], torch.tensor([n]), reduction="none")


loss_pt = first_pt([1, 2, 0], 2)
show(zero=loss_pt, minus_one=first_pt([1, 2, -1], 2))

# %% ctc-padding-tf tags=["tensorflow"]
def first_tf(label):
    return keras.losses.ctc(tf.constant([label]), z_tf[:1])


loss_tf = first_tf([1, 2, 0])
show(zero=loss_tf, minus_one=first_tf([1, 2, -1]))
show(inside=first_tf([1, 0, 2]))

# %%
agree(loss_pt, loss_tf)

# %% [markdown]
# ### A label that is too long: infinity and NaN in PyTorch, 708 in Keras
#
# A label of three letters needs at least three frames, and one more for each pair of equal neighbours. The next
# cells use only the first two frames, so the second label, (3, 3, 1), is impossible. `gradient` is the largest
# gradient of each sequence.

# %% ctc-too-long-pt tags=["pytorch"]
def short_pt(z, zero_infinity=False):
    return F.ctc_loss(
        F.log_softmax(z, -1).transpose(0, 1), y_pt,
        torch.tensor([2, 2]), n_labels_pt, reduction="none",
        zero_infinity=zero_infinity)


for zero in (False, True):
    l_pt, dz = value_and_grad(
        short_pt, z_pt[:, :2], zero_infinity=zero)
    show(loss=l_pt, gradient=dz.abs().amax((1, 2)))

# %% ctc-too-long-tf tags=["tensorflow"]
l_tf, dz = value_and_grad(
    keras.losses.ctc, y_tf, z_tf[:, :2], argnums=1)
largest = tf.reduce_max(tf.abs(dz), (1, 2))
show(loss=l_tf, gradient=largest)

# %%
agree(l_pt[:1], l_tf[:1])

# %% [markdown]
# In PyTorch the loss of the second sequence is infinite, and its gradient is NaN. `zero_infinity=True` sets both to
# 0. In Keras the loss is large and finite, and the gradient is as small as an ordinary one, so you do not notice
# the mistake in training. Compare the lengths before training.
#
# (ctc-log-softmax)=
# ### PyTorch needs the log-softmax, and Keras must not get a softmax
#
# `F.ctc_loss` does not check that its inputs are log-probabilities. With logits the loss can be negative.
# `keras.losses.ctc` applies a softmax itself. If you apply one, too, the loss is wrong, and there is no error:

# %% ctc-inputs-pt tags=["pytorch"]
raw = z_pt.transpose(0, 1)
ctc = nn.CTCLoss(reduction="none")
right = ctc(log_probs_pt, y_pt, n_frames_pt, n_labels_pt)
wrong = ctc(raw, y_pt, n_frames_pt, n_labels_pt)
show(right=right, logits=wrong)

# %% ctc-inputs-tf tags=["tensorflow"]
twice = keras.losses.ctc(y_tf, tf.nn.softmax(z_tf))
show(right=keras.losses.ctc(y_tf, z_tf), softmax_twice=twice)

# %% [markdown]
# PyTorch's backward pass assumes that the log-probabilities come from a `log_softmax`. So the gradient with respect
# to the logits is right, and the gradient with respect to the log-probabilities is not the derivative of the loss.
# The next cell compares both with central differences:

# %% ctc-gradcheck
z = torch.tensor(logits[:1, :4], dtype=torch.float64).requires_grad_()
one_label = torch.tensor([[1]]), torch.tensor([4]), torch.tensor([1])


def from_log_probs(q):
    return F.ctc_loss(q.transpose(0, 1), *one_label)


def from_logits(z):
    return from_log_probs(F.log_softmax(z, -1))


q = F.log_softmax(z, -1).detach().requires_grad_()
for function, x in ((from_log_probs, q), (from_logits, z)):
    right = torch.autograd.gradcheck(function, x, raise_exception=False)
    print(f"{function.__name__:14} gradient right: {right}")

# %% [markdown]
# ### With as many sequences as frames, PyTorch does not notice the shape (N, T, C)
#
# The next cell has six sequences of six frames. `wrong` is the loss for the shape (batch, frames, classes), which
# Keras takes. `right` is the loss for the shape (frames, batch, classes):

# %% ctc-layout
square = F.log_softmax(torch.tensor(rng.normal(size=(6, 6, 4))), -1)
arguments = (torch.ones(6, 2, dtype=torch.long), torch.full((6,), 6),
             torch.full((6,), 2))
show(wrong=F.ctc_loss(square, *arguments))
show(right=F.ctc_loss(square.transpose(0, 1), *arguments))

# %% [markdown]
# ### The blank is class 0, except in TensorFlow's sparse labels and decoders
#
# In `tf.nn.ctc_loss` the blank is class 0 if the labels are a dense tensor. If they are a `SparseTensor`, you must
# pass `blank_index`:

# %% ctc-blank
dense = tf.cast(y_tf, tf.int32)
options = {"logits_time_major": False}
show(dense=tf.nn.ctc_loss(dense, z_tf, n_labels, [6, 6], **options))
with show_error():
    tf.nn.ctc_loss(tf.sparse.from_dense(dense), z_tf, None, [6, 6], **options)

# %% [markdown]
# ### Keras 2's `ctc_batch_cost` takes probabilities, and its blank is the last class
#
# Older models are trained with `tf.keras.backend.ctc_batch_cost`, and their last class is the blank. In PyTorch, pass
# the number of this class as `blank`. The next cells move the blank of the logits to the end, and count the letters
# from 0. The losses are the same as before:

# %% ctc-batch-cost-pt tags=["pytorch"]
z = torch.roll(z_pt, -1, -1)  # class 0 becomes class 3
loss_pt = F.ctc_loss(
    F.log_softmax(z, -1).transpose(0, 1), y_pt - 1,
    n_frames_pt, n_labels_pt, blank=3, reduction="none")
show(loss=loss_pt)

# %% ctc-batch-cost-tf tags=["tensorflow"]
z = tf.roll(z_tf, -1, -1)  # class 0 becomes class 3
loss_tf = tf.keras.backend.ctc_batch_cost(
    y_tf - 1, tf.nn.softmax(z), np.array([[6], [6]]),
    n_labels[:, None])[:, 0]
show(loss=loss_tf)

# %%
agree(loss_pt, loss_tf)

# %% [markdown]
# ### Logits of ±1000 and an empty label are safe
#
# Both frameworks compute with logarithms, so large logits do not overflow. A label can be empty. Then the only path
# is the one in which all frames are blank. In the next cells, `far` has logits of 1000 and −1000, and `empty` is the
# loss of an empty label.

# %% ctc-extreme-pt tags=["pytorch"]
far = torch.zeros(1, 4, 3)
far[0, 0, 1], far[0, 1, 0] = 1000.0, -1000.0
log_probs = F.log_softmax(far, -1).transpose(0, 1)
four = torch.tensor([4])
far_pt = F.ctc_loss(log_probs, torch.tensor([[1, 2]]), four,
                    torch.tensor([2]), reduction="none")
empty_pt = first_pt([0, 0, 0], 0)
show(far=far_pt, empty=empty_pt)

# %% ctc-extreme-tf tags=["tensorflow"]
far = np.zeros((1, 4, 3), dtype=np.float32)
far[0, 0, 1], far[0, 1, 0] = 1000.0, -1000.0
far_tf = keras.losses.ctc(
    tf.constant([[1, 2]]), tf.constant(far))
empty_tf = first_tf([0, 0, 0])
show(far=far_tf, empty=empty_tf)

# %%
agree([far_pt, empty_pt], [far_tf, empty_tf])

# %% [markdown]
# (ctc-decoding)=
# ## CTC decoding
#
# <!-- head: ctc_decoding -->
#
# Decoding computes a label from the probabilities of the frames. *Greedy* decoding takes the best class of each
# frame, merges equal neighbours, and removes the blanks. PyTorch has no function for it, so write the two lines of
# the next cell. `keras.ops.ctc_decode` pads the label with −1.

# %% tags=["pytorch"]
frames_pt = torch.tensor(frames)
merged = torch.unique_consecutive(frames_pt.argmax(-1))
label_pt = merged[merged != 0]
show(label=label_pt)

# %% tags=["tensorflow"]
frames_tf = tf.math.log(frames)
decoded, scores = keras.ops.ctc_decode(frames_tf[None], [5])
label_tf = decoded[0, 0][decoded[0, 0] >= 0]
show(decoded=decoded[0, 0], label=label_tf)

# %%
agree(label_pt, label_tf)

# %% [markdown]
# ### The best path is not always the best label
#
# The next cell has two frames. In both, the blank has the probability 0.6, and class 1 has 0.4. The best path is
# (0, 0), with the probability 0.36. It becomes the empty label. The label (1) has three paths, and their
# probabilities add up to 0.4 · 0.4 + 2 · 0.6 · 0.4 = 0.64. Beam search keeps several labels, and adds the
# probabilities of the paths of each.

# %% decoding-beam
two_frames = np.log(np.array([[[0.6, 0.4], [0.6, 0.4]]], dtype=np.float32))
for strategy in ("greedy", "beam_search"):
    best, score = keras.ops.ctc_decode(two_frames, [2], strategy=strategy)
    print(f"{strategy:11} label {best[0, 0].numpy()} score {score[0, 0].numpy():.4f}")
print("logarithms of the probabilities:", *np.log([0.36, 0.64]).round(4))

# %% [markdown]
# The two scores have opposite signs: `"greedy"` returns the negative logarithm of the probability, and
# `"beam_search"` returns the logarithm.
#
# ### In `tf.nn`, the decoders take the last class for the blank
#
# The next cell decodes the five frames with `tf.nn`. The first call takes class 2 for the blank, so its label is
# wrong. The second call passes `blank_index=0`. The beam search has no such argument: move the blank to the end of
# the classes, and add 1 to the labels that come back.

# %% decoding-blank
time_major = frames_tf[:, None]  # (frames, batch, classes)
default, _ = tf.nn.ctc_greedy_decoder(time_major, [5])
corrected, _ = tf.nn.ctc_greedy_decoder(time_major, [5], blank_index=0)
moved = tf.roll(time_major, -1, axis=-1)
beam, log_chance = tf.nn.ctc_beam_search_decoder(moved, [5])
show(default=default[0].values, corrected=corrected[0].values)
show(beam=beam[0].values + 1)
show(log_chance=log_chance)

# %% [markdown]
# (adaptive-log-softmax)=
# ## Adaptive log-softmax
#
# <!-- head: adaptive_log_softmax -->
#
# In a language model most words are rare. Adaptive log-softmax {footcite:p}`grave2017efficient` puts the frequent
# classes into the *head*, and the rare classes into *clusters*. The head also has one logit for each cluster. Each
# cluster has a smaller layer of its own, which is computed only for the examples whose class is in this cluster.
# Choose it for training with many thousand classes.
#
# $$\log p(y) = \log p_{\text{head}}(y) \quad\text{or}\quad
# \log p_{\text{head}}(\text{cluster of } y) + \log p_{\text{cluster}}(y)$$
#
# The first formula is for a frequent class, and the second for a rare one. $p_{\text{head}}$ is the softmax of the
# logits of the head, and $p_{\text{cluster}}$ is the softmax of the logits of the cluster.
#
# The next cells have ten classes: 0, 1 and 2 in the head, 3 to 5 in the first cluster, and 6 to 9 in the second.
# TensorFlow has no such layer. The TensorFlow cell computes it with PyTorch's weights: one matrix product for the
# head, and two for each cluster.

# %%
x = rng.normal(size=(5, 4)).astype(np.float32)  # (batch, features)
y = np.array([0, 2, 4, 7, 9])  # (batch,)

# %% adaptive-pt tags=["pytorch"]
torch.manual_seed(0)
softmax = nn.AdaptiveLogSoftmaxWithLoss(
    4, 10, [3, 6], div_value=2.0)
x_pt, y_pt = torch.tensor(x), torch.tensor(y)
log_probs_pt = softmax.log_prob(x_pt)  # (batch, classes)
output_pt, loss_pt = softmax(x_pt, y_pt)
(dx_pt,) = torch.autograd.grad(
    softmax(x_pt.requires_grad_(), y_pt).loss, x_pt)
show(output=output_pt, loss=loss_pt)
w = {n: v.numpy() for n, v in softmax.state_dict().items()}

# %% adaptive-tf tags=["tensorflow"]
def adaptive_log_prob(x):
    head = tf.nn.log_softmax(x @ w["head.weight"].T)
    parts = [head[:, :3]]
    for i in range(2):
        z = x @ w[f"tail.{i}.0.weight"].T
        z = z @ w[f"tail.{i}.1.weight"].T
        tail = tf.nn.log_softmax(z)
        parts.append(head[:, 3 + i, None] + tail)
    return tf.concat(parts, 1)  # (batch, classes)


log_probs_tf = adaptive_log_prob(x)
output_tf = tf.gather(log_probs_tf, y, batch_dims=1)
show(output=output_tf, loss=-tf.reduce_mean(output_tf))

# %%
def mean_loss_tf(x):
    return -tf.reduce_mean(tf.gather(adaptive_log_prob(x), y, batch_dims=1))


loss_tf, dx_tf = value_and_grad(mean_loss_tf, tf.constant(x))
agree([log_probs_pt, output_pt, loss_pt], [log_probs_tf, output_tf, loss_tf],
      gradients=(dx_pt, dx_tf))

# %% [markdown]
# `output` is the log-probability of the target, without a minus sign. `loss` is the negative mean of `output`.
#
# ### Nothing adapts by itself: you sort the classes and give the cutoffs
#
# The cutoffs are a required argument, and the last one must be smaller than the number of classes. The classes
# must be sorted by frequency, with class 0 as the most frequent. The next cell shows the error for a last cutoff
# of 10, and the number of weights. With few classes the layer has more weights than a `Linear` without bias; with
# many classes it has fewer.

# %% adaptive-size
with show_error():
    nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 10])
for features, classes, cutoffs in ((4, 10, [3, 6]), (64, 10_000, [1000, 4000])):
    layer = nn.AdaptiveLogSoftmaxWithLoss(features, classes, cutoffs, div_value=2.0)
    n_weights = sum(p.numel() for p in layer.parameters())
    print(f"{classes} classes: {n_weights} weights, a Linear has {features * classes}")

# %% [markdown]
# (sampled-losses)=
# ## Sampled softmax and NCE compare the target with a few drawn classes
#
# Sampled softmax {footcite:p}`jean2015using` computes the logits of the target and of a few drawn classes, the
# *candidates*. It subtracts from each logit the logarithm of how often the class is expected to be drawn, and
# takes the cross-entropy. A candidate that is the target is removed. Noise-contrastive estimation
# {footcite:p}`gutmann2010noise` (NCE) is a sum of binary cross-entropies, with the label 1 for the target and the
# label 0 for each candidate. In NCE, a candidate that is the target is not removed.
#
# $$\ell_{\text{sampled}} = -s_y + \log\Big(e^{s_y} + \sum_{j \ne y} e^{s_j}\Big), \qquad
# \ell_{\text{NCE}} = -\log \sigma(s_y) - \sum_j \log(1 - \sigma(s_j))$$
#
# Here $s_k = z_k - \log Q_k$, $z_k$ is the logit of class $k$, and $Q_k$ is its expected count. The sums are over
# the candidates $j$. The next cells use the same four candidates of 20 classes in both frameworks. Class 4 is a
# candidate, and the target of the second example.

# %%
weight = rng.normal(size=(20, 4)).astype(np.float32)  # (classes, features)
bias = rng.normal(size=20).astype(np.float32)
h = rng.normal(size=(2, 4)).astype(np.float32)  # (batch, features)
target = np.array([1, 4])
candidates = np.array([4, 7, 9, 15])
expected = 4 / 20  # of each class, if each is equally likely

# %% sampled-pt tags=["pytorch"]
z = torch.tensor(h @ weight.T + bias)  # (batch, classes)
s = z - np.log(expected)
s_y = s[[0, 1], target]  # (batch,)
s_j = s[:, candidates]  # (batch, candidates)
hit = torch.tensor(candidates == target[:, None])
without = s_j.masked_fill(hit, -torch.inf)
both = torch.cat([s_y[:, None], without], 1)
sampled_pt = both.logsumexp(1) - s_y
nce_pt = F.softplus(-s_y) + F.softplus(s_j).sum(1)
show(sampled=sampled_pt, nce=nce_pt)

# %% sampled-tf tags=["tensorflow"]
drawn = (tf.constant(candidates), tf.fill((2, 1), expected),
         tf.fill((4,), expected))
arguments = (weight, bias, target[:, None], h, 4, 20)
sampled_tf = tf.nn.sampled_softmax_loss(
    *arguments, sampled_values=drawn)
nce_tf = tf.nn.nce_loss(*arguments, sampled_values=drawn)
show(sampled=sampled_tf, nce=nce_tf)

# %% sampled-agree
agree([sampled_pt, nce_pt], [sampled_tf, nce_tf])

# %% [markdown]
# ### A sampled loss is too small: evaluate with the full softmax
#
# If all classes are candidates, each with the expected count 1, sampled softmax is the full cross-entropy. With
# fewer candidates it is smaller. The next cells draw 10, 30, 100, 300 and 1000 candidates from 1000 classes, without
# repetition. So the expected count of each class is the number of candidates divided by 1000. The cells print the
# mean loss of 64 examples for each number of candidates, and then the full cross-entropy.

# %%
big = rng.normal(0, 1, (1000, 8)).astype(np.float32)
hidden = rng.normal(0, 1, (64, 8)).astype(np.float32)
targets = rng.integers(0, 1000, 64)
counts = (10, 30, 100, 300, 1000)
draws = [rng.choice(1000, n, replace=False) for n in counts]

# %% sampled-small-pt tags=["pytorch"]
z = torch.tensor(hidden) @ torch.tensor(big).T
z_y = z[torch.arange(64), torch.tensor(targets)][:, None]
curve_pt = []
for drawn in draws:
    s = z[:, drawn] - np.log(len(drawn) / 1000)
    hit = torch.tensor(drawn == targets[:, None])
    s_y = z_y - np.log(len(drawn) / 1000)
    both = torch.cat([s_y, s.masked_fill(hit, -torch.inf)], 1)
    curve_pt.append((both.logsumexp(1) - s_y[:, 0]).mean())
curve_pt.append(F.cross_entropy(z, torch.tensor(targets)))
show(losses=torch.stack(curve_pt), digits=2)

# %% sampled-small-tf tags=["tensorflow"]
curve_tf = []
for drawn in draws:
    expected = len(drawn) / 1000
    values = (tf.constant(drawn), tf.fill((64, 1), expected),
              tf.fill((len(drawn),), expected))
    curve_tf.append(tf.reduce_mean(tf.nn.sampled_softmax_loss(
        big, np.zeros(1000, "float32"), targets[:, None],
        hidden, len(drawn), 1000, sampled_values=values)))
z = hidden @ big.T
curve_tf.append(keras.losses.SparseCategoricalCrossentropy(
    from_logits=True)(targets, z))
show(losses=tf.stack(curve_tf), digits=2)

# %%
agree(curve_pt, curve_tf, rtol=1e-4)

# %% sampled-figure tags=["hide-input"]
# alt: The mean sampled softmax loss over the number of candidates, from 10 to 1000 on a logarithmic axis. It rises
# steadily and reaches the full cross-entropy, a grey line, at 1000 candidates. PyTorch's line and TensorFlow's
# circles coincide.
fig, ax = plt.subplots()
full = float(curve_pt[-1])
plots.coinciding(ax, np.array(counts), curve_pt[:-1], curve_tf[:-1],
                 label=(60, float(curve_pt[0]) + 1), markers=5)
ax.axhline(full, color=plots.SIBLING, linewidth=1)
ax.annotate("full cross-entropy", (10, full - 0.45), color=plots.INK)
ax.set(xscale="log", xticks=counts, xticklabels=counts, xlabel="candidates of 1000 classes",
       ylabel="mean loss", title="With fewer candidates the loss is smaller")
ax.minorticks_off()
plt.show()

# %% [markdown]
# So you cannot compare a sampled loss with a full cross-entropy, or with a sampled loss for another number of
# candidates.
#
# ### TensorFlow's default sampler expects classes sorted by frequency
#
# Without `sampled_values`, TensorFlow draws classes with a small number more often. The next cell compares how
# often the first and the last of 1000 classes are expected among three candidates:

# %% sampled-order
sampler = tf.random.log_uniform_candidate_sampler
ids = tf.constant([[0]], tf.int64), tf.constant([[999]], tf.int64)
first, last = (sampler(i, 1, 3, True, 1000)[1] for i in ids)
print("class 0 at least 100 times as often as class 999:", bool(first > 100 * last))

# %% [markdown]
# (linear-cross-entropy)=
# ## Linear cross-entropy
#
# <!-- head: linear_cross_entropy -->
#
# The last layer of a language model and its cross-entropy make logits of shape (tokens, vocabulary). These are
# often the largest tensor of the training. Linear cross-entropy takes the hidden states and the weight, and can
# compute the loss chunk by chunk, so that the whole logits never exist. Choose it if the logits do not fit into
# memory.
#
# $$\ell = \frac{1}{N} \sum_i \Big( \log \sum_k e^{h_i \cdot w_k} - h_i \cdot w_{y_i} \Big)$$
#
# Here $h_i$ is the hidden state of token $i$, $y_i$ is its class, and $w_k$ is the row of the weight for class $k$.
# There are $N$ tokens. Keras has no such loss. The next cells compare PyTorch's function with the two steps in
# TensorFlow.

# %%
h = rng.normal(size=(512, 32)).astype(np.float32)  # (tokens, features)
weight = rng.normal(0, 0.1, (8000, 32)).astype(np.float32)  # (vocabulary, features)
y = rng.integers(0, 8000, 512)

# %% linear-pt tags=["pytorch"]
h_pt, weight_pt = torch.tensor(h), torch.tensor(weight)
y_pt = torch.tensor(y)
loss_pt, dh_pt = value_and_grad(
    lambda h: F.linear_cross_entropy(h, weight_pt, y_pt), h_pt)
show(loss=loss_pt)

# %% linear-tf tags=["tensorflow"]
h_tf, weight_tf = tf.constant(h), tf.constant(weight)
y_tf = tf.constant(y)
sparse = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True)
loss_tf, dh_tf = value_and_grad(
    lambda h: sparse(y_tf, h @ tf.transpose(weight_tf)), h_tf)
show(loss=loss_tf)

# %%
agree(loss_pt, loss_tf, gradients=(dh_pt, dh_tf))

# %% [markdown]
# ### By default it saves nothing: pass `options`
#
# Without `options`, PyTorch computes the whole logits. With `options=nn.LinearCrossEntropyOptions()` it computes
# chunks. The next cell prints the size in bytes of the largest tensor that is made in the forward and the backward
# pass. The whole logits have 512 · 8000 · 4 = 16,384,000 bytes. The gradient of the weight has 8000 · 32 · 4 =
# 1,024,000 bytes, and training needs it with any loss.

# %% linear-bytes
os.environ["KINETO_LOG_LEVEL"] = "99"  # the profiler logs each start


def largest(options):
    x, w = (torch.tensor(v, requires_grad=True) for v in (h, weight))
    cpu = [torch.profiler.ProfilerActivity.CPU]
    with torch.profiler.profile(activities=cpu, profile_memory=True) as profile:
        F.linear_cross_entropy(x, w, y_pt, options=options).backward()
    return max(event.self_cpu_memory_usage for event in profile.events())


print("default:", largest(None))
print("options:", largest(nn.LinearCrossEntropyOptions()))

# %% [markdown]
# ### In TensorFlow, a loop over chunks with `tf.recompute_grad` does the same
#
# `tf.recompute_grad` stores only the inputs of a function, and computes the function again in the backward pass.
# With chunks of 64 tokens, the logits of a chunk have 64 · 8000 · 4 = 2,048,000 bytes. Add the losses of all
# chunks, and divide by the number of tokens at the end. In PyTorch, `batch_chunk_size=64` makes the same chunks.

# %% linear-chunks-pt tags=["pytorch"]
options = nn.LinearCrossEntropyOptions(batch_chunk_size=64)
loss_pt, dh_pt = value_and_grad(
    lambda h: F.linear_cross_entropy(
        h, weight_pt, y_pt, options=options), h_pt)
show(loss=loss_pt)

# %% linear-chunks-tf tags=["tensorflow"]
def chunk_loss(y, h):
    z = h @ tf.transpose(weight_tf)
    ce = tf.nn.sparse_softmax_cross_entropy_with_logits(y, z)
    return tf.reduce_sum(ce)


def chunked(h):
    chunks = zip(tf.split(y_tf, 8), tf.split(h, 8))
    return sum(tf.recompute_grad(partial(chunk_loss, y_i))(h_i)
               for y_i, h_i in chunks) / len(h)


loss_tf, dh_tf = value_and_grad(chunked, h_tf)
show(loss=loss_tf)

# %%
agree(loss_pt, loss_tf, gradients=(dh_pt, dh_tf))

# %% [markdown]
# ### The layer has no bias by default, and a second backward raises an error
#
# `nn.LinearCrossEntropyLoss` has a weight, so it is a layer and a loss in one: give its parameters to the
# optimizer. With `options`, you can call `backward` only once.

# %% linear-layer
criterion = nn.LinearCrossEntropyLoss(32, 8000, options=options)
print("bias:", criterion.linear.bias)
print({name: tuple(p.shape) for name, p in criterion.named_parameters()})
loss = criterion(torch.tensor(h, requires_grad=True), y_pt)
loss.backward(retain_graph=True)
with show_error():
    loss.backward()

# %% [markdown]
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | a label shorter than the frames, without positions | CTC | it sums over all paths that become the label |
# | frames of a trained CTC model | beam search | the best path need not be the best label |
# | very many classes, most of them rare | adaptive log-softmax | rare classes cost less, and the probabilities are exact |
# | very many classes, and little time for training | sampled softmax; evaluate with the full softmax | it computes few logits, and its value is too small |
# | logits that do not fit into memory | linear cross-entropy with `options` | the value is the same, and the whole logits are never stored |
#
# ## Exercises
#
# The [exercises](../../exercises/losses/sequences_and_vocabularies.ipynb) ask for CTC, a greedy decoder, an
# adaptive log-softmax, sampled softmax, and a cross-entropy in chunks.
#
# ## References
#
# ```{footbibliography}
# ```
