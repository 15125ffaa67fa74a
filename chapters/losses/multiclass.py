# %% [markdown]
# # Multi-class losses
#
# A classifier returns one number for each class, the *logits* $z$. A multi-class loss compares them with the
# true class, and returns one number: the smaller, the better. Most losses of this chapter turn the logits into
# probabilities $p$ with a [softmax](../activations/softmaxes.ipynb#softmax), and take a logarithm of the true
# class's probability. The last three compare the scores themselves.
#
# **The claim:** PyTorch and TensorFlow compute the same cross-entropy from the same logits. Four things differ,
# and none of them raises an error:
#
# - **The order:** a loss takes (prediction, target) in PyTorch, and (target, prediction) in TensorFlow.
# - **The input:** PyTorch's `cross_entropy` expects logits. Keras's losses expect probabilities, unless you pass
#   `from_logits=True`.
# - **The mean:** with class weights, PyTorch divides by the sum of the weights, and Keras by the number of examples.
# - **The gradient:** if the targets of an example do not sum to 1, TensorFlow returns a wrong gradient with the right
#   loss.

# %%
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
# (batch, classes)
z = np.array([[2, 0.5, -1], [0.1, 1, 0.3],
              [-0.5, 0.2, 0.8], [1, 1, 0]], dtype=np.float32)
y = np.array([0, 1, 2, 1])  # the true classes
q = np.eye(3, dtype=np.float32)[y]  # the same as one-hot targets

# %% [markdown]
# Most sections use these four rows of logits `z`, with the true classes as integers `y` or as one-hot rows `q`.
# The gradients are those with respect to the prediction.
#
# With two classes, a loss depends on the *lead*: the logit of the true class minus the other logit. In each
# panel of the figure the other logit is 0. The solid line is the loss, and the dashed line is its derivative.
# The thin grey lines are the other five losses.

# %% multiclass-six tags=["hide-input"]
# alt: Six losses over the lead of the true class from minus 4 to 4, each with its derivative dashed.
# Cross-entropy falls from 4 to 0. With label smoothing it falls, and rises again after a lead of 3. The focal
# loss is almost 0 from a lead of 1 on. Generalized cross-entropy stays below 1.43. Categorical hinge and
# multi-class margin are straight lines that reach 0 at a lead of 1, the second with half the slope.
lead = np.linspace(-4, 4, 321)
p = 1 / (1 + np.exp(-lead))
ce, short = -np.log(p), lead < 1
smooth = 0.9 * ce + 0.05 * (-np.log(1 - p) + ce)
focal = (1 - p) ** 2 * ce
curves = {
    "Cross-entropy": (ce, p - 1, "categorical-cross-entropy"),
    "Label smoothing, 0.1": (smooth, p - 0.95, "multiclass-smoothing"),
    "Focal, alpha 1, gamma 2": (focal, np.gradient(focal, lead), "categorical-focal"),
    "Generalized, q 0.7": ((1 - p**0.7) / 0.7, -(p**0.7) * (1 - p), "generalized-cross-entropy"),
    "Categorical hinge": (short * (1 - lead), -1.0 * short, "categorical-hinge"),
    "Multi-class margin": (short * (1 - lead) / 2, -0.5 * short, "multi-margin"),
}
siblings = [loss for loss, _, _ in curves.values()]
fig, axes = plt.subplots(3, 2, figsize=(5.2, 6.0), sharex=True, sharey=True)
for i, (ax, (title, (loss, slope, section))) in enumerate(zip(axes.flat, curves.items())):
    plots.value_and_slope(ax, lead, loss, slope, color=plots.PALETTE[i], title=title,
                          section=section, siblings=siblings)
axes[0, 0].annotate("loss", (-2.2, 2.6), color=plots.PALETTE[0])
axes[0, 0].annotate("derivative", (-3.9, -0.75), color=plots.PALETTE[0])
axes[0, 0].set_ylim(-1.2, 5)
fig.supxlabel("lead of the true class")
fig.supylabel("loss of one example")
plt.show()

# %% [markdown]
# (categorical-cross-entropy)=
# ## Categorical cross-entropy
#
# <!-- head: categorical_cross_entropy -->
#
# The cross-entropy is small if the predicted probabilities are close to the target probabilities. Choose it for
# every classifier with exactly one true class for each example. Choose this form, and not the sparse one, if
# the targets are probabilities: from label smoothing, mixed examples, or a teacher network.
#
# $$L = -\sum_{c} q_c \log p_c, \qquad p = \operatorname{softmax}(z), \qquad \frac{\partial L}{\partial z} = p - q$$
#
# Here $q_c$ is the target probability of class $c$, $p_c$ is the predicted one, and $z$ are the logits. The
# loss of a batch is the mean over its examples. So the gradient of each example is also divided by the batch
# size, here 4.

# %% cce-pair-pt tags=["pytorch"]
z_pt = torch.tensor(z, requires_grad=True)
q_pt = torch.tensor(q)
loss_pt = F.cross_entropy(z_pt, q_pt)
(dz_pt,) = torch.autograd.grad(loss_pt, z_pt)
show(loss=loss_pt, dz=dz_pt)

# %% cce-pair-tf tags=["tensorflow"]
z_tf, q_tf = tf.Variable(z), tf.constant(q)
with tf.GradientTape() as tape:
    loss_tf = keras.losses.CategoricalCrossentropy(
        from_logits=True)(q_tf, z_tf)
dz_tf = tape.gradient(loss_tf, z_tf)
show(loss=loss_tf, dz=dz_tf)

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# From here on, `value_and_grad` computes the loss and the gradient of its first argument.
#
# ### Without `from_logits=True`, Keras treats logits as probabilities
#
# Keras's losses expect probabilities by default. If you pass logits, Keras raises no error. Its two
# cross-entropies then return different numbers, because `categorical_crossentropy` first divides each row by
# its sum. `right` is the loss of each example, computed from logits.

# %% cce-forgotten-pt tags=["pytorch"]
z_pt, q_pt = torch.tensor(z), torch.tensor(q)
right_pt = F.cross_entropy(z_pt, q_pt, reduction="none")
show(right=right_pt)

# %% cce-forgotten-tf tags=["tensorflow"]
z_tf, q_tf, y_tf = map(tf.constant, (z, q, y))
right_tf = keras.losses.categorical_crossentropy(
    q_tf, z_tf, from_logits=True)
show(right=right_tf,
     categorical=keras.losses.categorical_crossentropy(
         q_tf, z_tf),
     sparse=keras.losses.sparse_categorical_crossentropy(
         y_tf, z_tf))

# %% cce-forgotten
agree(right_pt, right_tf)

# %% [markdown]
# (cce-sum)=
# ### Keras divides probabilities by their sum, PyTorch does not
#
# In the next cells the probabilities are (0.2, 0.2), which do not sum to 1, and the true class is the first
# one. Keras divides both by 0.4 and returns −log 0.5. PyTorch has no loss that takes probabilities: you pass
# their logarithms to `F.nll_loss`, which returns −log 0.2. The gradients differ, too.
#
# Divide by the sum yourself, and both frameworks agree:

# %% cce-sum-pt tags=["pytorch"]
p_pt, first = torch.tensor([[0.2, 0.2]]), torch.tensor([0])
loss, dp = value_and_grad(
    lambda p: F.nll_loss(torch.log(p), first), p_pt)
show(loss=loss, dp=dp)
loss_pt, dp_pt = value_and_grad(lambda p: F.nll_loss(
    torch.log(p / p.sum(1, keepdim=True)), first), p_pt)
show(divided=loss_pt, d_divided=dp_pt)

# %% cce-sum-tf tags=["tensorflow"]
p_tf, first = tf.constant([[0.2, 0.2]]), tf.constant([[1., 0.]])
loss_tf, dp_tf = value_and_grad(
    lambda p: keras.losses.CategoricalCrossentropy()(first, p),
    p_tf)
show(loss=loss_tf, dp=dp_tf)

# %% cce-sum
agree(loss_pt, loss_tf, gradients=(dp_pt, dp_tf))

# %% [markdown]
# (cce-many-hot)=
# ### If the targets of an example do not sum to 1, TensorFlow's gradient is wrong
#
# Targets of (1, 1, 0), or of all zeros, or targets multiplied by a weight, do not sum to 1. The gradient is
# then $\left(\sum_c q_c\right) p - q$. TensorFlow always returns $p - q$: its documentation requires that the
# targets sum to 1, and its code does not check it.
#
# The loss is right, so you do not notice the mistake. In TensorFlow's cell, `keras` and `tf_nn` are the
# gradients of the two built-in functions, and `formula` is that of the formula written out:

# %% cce-many-hot-pt tags=["pytorch"]
two_pt = torch.tensor([[1.0, 1.0, 0.0]])
x_pt = torch.tensor([[0.2, -0.3, 0.5]])
loss_pt, dx_pt = value_and_grad(
    lambda z: F.cross_entropy(z, two_pt), x_pt)
show(loss=loss_pt, dx=dx_pt)

# %% cce-many-hot-tf tags=["tensorflow"]
two_tf = tf.constant([[1.0, 1.0, 0.0]])
x_tf = tf.constant([[0.2, -0.3, 0.5]])
loss, keras_dx = value_and_grad(
    keras.losses.CategoricalCrossentropy(from_logits=True),
    two_tf, x_tf, argnums=1)
_, tf_nn_dx = value_and_grad(
    tf.nn.softmax_cross_entropy_with_logits,
    two_tf, x_tf, argnums=1)
show(loss=loss, keras=keras_dx, tf_nn=tf_nn_dx)
loss_tf, dx_tf = value_and_grad(lambda z: -tf.reduce_sum(
    two_tf * tf.nn.log_softmax(z)), x_tf)
show(formula_loss=loss_tf, formula=dx_tf)

# %% cce-many-hot
agree(loss_pt, loss_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# What does the wrong gradient do in training? The next cells minimize the same loss by 300 steps of gradient
# descent from (0, 0, 0), and print the logits at the end.

# %% cce-descent-pt tags=["pytorch"]
def descend_pt(loss_of, steps=300):
    z, path = torch.zeros(1, 3), []
    for _ in range(steps):
        loss, dz = value_and_grad(loss_of, z)
        z = z - dz
        path.append(z[0, 0])
    show(z=z, loss=loss, digits=1)
    return torch.stack(path)


path_pt = descend_pt(lambda z: F.cross_entropy(z, two_pt))

# %% cce-descent-tf tags=["tensorflow"]
def descend_tf(loss_of, steps=300):
    z, path = tf.zeros((1, 3)), []
    for _ in range(steps):
        loss, dz = value_and_grad(loss_of, z)
        z = z - dz
        path.append(z[0, 0])
    show(z=z, loss=loss, digits=1)
    return tf.stack(path)


wrong_tf = descend_tf(lambda z: tf.reduce_mean(
    tf.nn.softmax_cross_entropy_with_logits(two_tf, z)))
path_tf = descend_tf(lambda z: -tf.reduce_sum(
    two_tf * tf.nn.log_softmax(z)))

# %% cce-descent
agree(path_pt, path_tf, rtol=1e-3)

# %% cce-descent-figure tags=["hide-input"]
# alt: The first logit over 300 steps. With PyTorch, and with the formula in TensorFlow, it reaches 2 and stays
# there. With TensorFlow's own function it grows in a straight line to 150.
fig, ax = plt.subplots(figsize=(5.2, 2.7))
steps = np.arange(1, 301)
plots.coinciding(ax, steps, path_pt, path_tf, label=(165, 34))
ax.plot(steps, wrong_tf, "--", color=plots.TENSORFLOW)
ax.annotate("softmax_cross_entropy_with_logits", (298, 66), ha="right", color=plots.TENSORFLOW)
ax.set(xlabel="step", ylabel="first logit",
       title="TensorFlow's logits for the target (1, 1, 0) never stop")
plt.show()

# %% [markdown]
# The loss has the same value, 1.4, at the end of all three runs. PyTorch's logits stop at the minimum, and
# those of TensorFlow's function grow by ½ in each step. For several labels that may all be true, use a sigmoid
# for each label and the binary cross-entropy. To weight an example, use sample weights.
#
# (multiclass-smoothing)=
# ### Label smoothing gives every class ε / C, in both frameworks
#
# A confident classifier is not always a good one. Label smoothing {footcite:p}`szegedy2016rethinking` takes the
# probability ε from the true class, and divides it equally among all $C$ classes. The true class is one of
# them. Then a very confident prediction costs more than a less confident one, as the second panel of the first
# figure shows.

# %% cce-smoothing-pt tags=["pytorch"]
z_pt, q_pt = torch.tensor(z), torch.tensor(q)
loss_pt, dz_pt = value_and_grad(lambda z: F.cross_entropy(
    z, q_pt, label_smoothing=0.1), z_pt)
show(loss=loss_pt, dz=dz_pt[0])

# %% cce-smoothing-tf tags=["tensorflow"]
z_tf, q_tf = tf.constant(z), tf.constant(q)
loss_tf, dz_tf = value_and_grad(
    lambda z: keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.1)(q_tf, z), z_tf)
show(loss=loss_tf, dz=dz_tf[0])

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# (multiclass-reductions)=
# ### The class returns a mean, and Keras's function returns one loss for each example
#
# PyTorch's losses take `reduction="mean"` (the default), `"sum"` or `"none"`, as a class and as a function.
# Keras's classes take `"sum_over_batch_size"` (the default, which is the mean), `"sum"` or `None`. Keras's and
# `tf.nn`'s functions have no such argument. This is the same for all losses of the book.

# %% multiclass-reductions-pt tags=["pytorch"]
z_pt, q_pt = torch.tensor(z), torch.tensor(q)
each_pt = F.cross_entropy(z_pt, q_pt, reduction="none")
total_pt = F.cross_entropy(z_pt, q_pt, reduction="sum")
mean_pt = nn.CrossEntropyLoss()(z_pt, q_pt)
show(each=each_pt, total=total_pt, mean=mean_pt)

# %% multiclass-reductions-tf tags=["tensorflow"]
z_tf, q_tf = tf.constant(z), tf.constant(q)
each_tf = tf.nn.softmax_cross_entropy_with_logits(q_tf, z_tf)
total_tf = keras.losses.CategoricalCrossentropy(
    from_logits=True, reduction="sum")(q_tf, z_tf)
mean_tf = keras.losses.CategoricalCrossentropy(
    from_logits=True)(q_tf, z_tf)
show(each=each_tf, total=total_tf, mean=mean_tf)

# %% multiclass-reductions
agree([each_pt, total_pt, mean_pt], [each_tf, total_tf, mean_tf])

# %% [markdown]
# (sparse-categorical-cross-entropy)=
# ## Sparse categorical cross-entropy
#
# <!-- head: sparse_categorical_cross_entropy -->
#
# The sparse form is the same loss for integer labels: minus the log-probability of the true class. Choose it
# whenever each example has one true class. It needs no one-hot targets, which for 50,000 classes would be
# 50,000 numbers for each example. PyTorch has one function for both forms: with integer labels it computes this
# one.
#
# $$L = -\log p_y = \log \sum_c e^{z_c} - z_y$$
#
# Here $y$ is the true class, and $z_c$ is the logit of class $c$.

# %% tags=["pytorch"]
z_pt, y_pt = torch.tensor(z), torch.tensor(y)
loss_pt, dz_pt = value_and_grad(
    lambda z: F.cross_entropy(z, y_pt), z_pt)
each_pt = F.cross_entropy(z_pt, y_pt, reduction="none")
show(loss=loss_pt, each=each_pt, dz=dz_pt[0])

# %% tags=["tensorflow"]
z_tf, y_tf = tf.constant(z), tf.constant(y)
loss_tf, dz_tf = value_and_grad(
    lambda z: keras.losses.SparseCategoricalCrossentropy(
        from_logits=True)(y_tf, z), z_tf)
each_tf = tf.nn.sparse_softmax_cross_entropy_with_logits(
    y_tf, z_tf)
show(loss=loss_tf, each=each_tf, dz=dz_tf[0])

# %%
agree([loss_pt, each_pt], [loss_tf, each_tf], gradients=(dz_pt, dz_tf))

# %% [markdown]
# (multiclass-weights)=
# ### Weighted mean: PyTorch divides by the sum of the weights, Keras by the number of examples
#
# Class weights make rare classes count more. In PyTorch, pass one weight for each class. In Keras, pass one
# weight for each example, `sample_weight`.
#
# The weights of the four examples are 1, 2, 4 and 2. PyTorch divides the weighted sum by 9, and Keras divides
# it by 4. To divide by the sum in Keras, pass `reduction="mean_with_sample_weight"`.
#
# The last line of PyTorch's cell passes the same targets as one-hot rows: then PyTorch, too, divides by 4.

# %%
w = np.array([1, 2, 4], dtype=np.float32)  # one weight for each class

# %% multiclass-weights-pt tags=["pytorch"]
w_pt, q_pt = torch.tensor(w), torch.tensor(q)
loss_pt, dz_pt = value_and_grad(
    lambda z: F.cross_entropy(z, y_pt, weight=w_pt), z_pt)
show(by_weights=loss_pt, dz=dz_pt[0])
by_4_pt = F.cross_entropy(
    z_pt, y_pt, weight=w_pt, reduction="none").mean()
show(by_4=by_4_pt)
show(one_hot=F.cross_entropy(z_pt, q_pt, weight=w_pt))

# %% multiclass-weights-tf tags=["tensorflow"]
each_w = tf.gather(w, y)  # one weight for each example
weighted = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True, reduction="mean_with_sample_weight")
loss_tf, dz_tf = value_and_grad(lambda z: weighted(
    y_tf, z, sample_weight=each_w), z_tf)
show(by_weights=loss_tf, dz=dz_tf[0])
by_4_tf = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True)(y_tf, z_tf, sample_weight=each_w)
show(by_4=by_4_tf)

# %% multiclass-weights
agree([loss_pt, by_4_pt], [loss_tf, by_4_tf], gradients=(dz_pt, dz_tf))

# %% [markdown]
# With label smoothing there is a third number. PyTorch multiplies each class of the smoothed target by the
# weight of that class, and Keras multiplies the whole example by the weight of its true class. To get PyTorch's
# number in TensorFlow, write the sum yourself:

# %% multiclass-smooth-weights-pt tags=["pytorch"]
loss_pt, dz_pt = value_and_grad(
    lambda z: F.cross_entropy(
        z, y_pt, weight=w_pt, label_smoothing=0.1), z_pt)
show(loss=loss_pt, dz=dz_pt[0])

# %% multiclass-smooth-weights-tf tags=["tensorflow"]
show(keras=keras.losses.CategoricalCrossentropy(
    from_logits=True, label_smoothing=0.1,
    reduction="mean_with_sample_weight",
)(q, z, sample_weight=each_w))
smooth = 0.9 * q + 0.1 / 3
loss_tf, dz_tf = value_and_grad(lambda z: -tf.reduce_sum(
    w * smooth * tf.nn.log_softmax(z))
    / tf.reduce_sum(each_w), z_tf)
show(loss=loss_tf, dz=dz_tf[0])

# %% multiclass-smooth-weights
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# (multiclass-ignoring)=
# ### Ignored labels: both average over the rest, but Keras's function averages over zeros
#
# Padding has a label that must not count. PyTorch ignores the label −100 by default, and another with
# `ignore_index`. In Keras pass `ignore_class`: the default ignores nothing. Both then divide by the number of
# labels that count.
#
# Keras's function returns 0 for an ignored label. If you take its mean yourself, this 0 counts (`own_mean`).
#
# If all labels are ignored, PyTorch's loss is NaN, and Keras's loss is 0.

# %%
padded = np.array([0, -1, 2, 1])  # the second label is ignored
nothing = np.full(4, -1)  # all labels are ignored

# %% multiclass-ignoring-pt tags=["pytorch"]
y_pad = torch.tensor(padded)
loss_pt, dz_pt = value_and_grad(lambda z: F.cross_entropy(
    z, y_pad, ignore_index=-1), z_pt)
show(loss=loss_pt, dz=dz_pt)
show(nothing=F.cross_entropy(
    z_pt, torch.tensor(nothing), ignore_index=-1))

# %% multiclass-ignoring-tf tags=["tensorflow"]
ignoring = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True, ignore_class=-1)
loss_tf, dz_tf = value_and_grad(
    lambda z: ignoring(padded, z), z_tf)
show(loss=loss_tf, dz=dz_tf)
show(nothing=ignoring(nothing, z_tf))
each = keras.losses.sparse_categorical_crossentropy(
    padded, z_tf, from_logits=True, ignore_class=-1)
show(own_mean=tf.reduce_mean(each))

# %% multiclass-ignoring
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# With weights, with smoothing, or with both, the sample weight 0 ignores an example in Keras. Keras's sparse
# loss has no label smoothing, so `smoothed` uses one-hot targets:

# %% multiclass-ignore-more-pt tags=["pytorch"]
weighted_pt = F.cross_entropy(
    z_pt, y_pad, weight=w_pt, ignore_index=-1)
smoothed_pt = F.cross_entropy(
    z_pt, y_pad, label_smoothing=0.1, ignore_index=-1)
show(weighted=weighted_pt, smoothed=smoothed_pt)

# %% multiclass-ignore-more-tf tags=["tensorflow"]
kept = tf.cast(padded >= 0, tf.float32)
by_sum = {"from_logits": True,
          "reduction": "mean_with_sample_weight"}
weighted_tf = keras.losses.SparseCategoricalCrossentropy(
    ignore_class=-1, **by_sum)(
        padded, z_tf, sample_weight=kept * each_w)
smoothed_tf = keras.losses.CategoricalCrossentropy(
    label_smoothing=0.1, **by_sum)(
        tf.one_hot(padded, 3), z_tf, sample_weight=kept)
show(weighted=weighted_tf, smoothed=smoothed_tf)

# %% multiclass-ignore-more
agree([weighted_pt, smoothed_pt], [weighted_tf, smoothed_tf])

# %% [markdown]
# (multiclass-labels)=
# ### PyTorch wants int64 labels of shape (N,); Keras also accepts (N, 1), and reads 1.7 as 1
#
# Labels of shape (N, 1) are a frequent accident. PyTorch's cross-entropy raises an error, and Keras drops the
# last axis. (Keras's generalized cross-entropy [makes N × N losses](gce-table) of them.) Keras also accepts
# floats, and cuts off their decimals: `decimals` has the label 1.7, and Keras reads it as class 1.
#
# In PyTorch, write `y.squeeze(1).long()`, as in the first lines of the cell:

# %% multiclass-labels-pt tags=["pytorch"]
column = y_pt[:, None].float()  # (N, 1)
right_pt = F.cross_entropy(z_pt, column.squeeze(1).long())
show(right=right_pt)
for labels in (y_pt[:, None], y_pt.int()):
    with show_error():
        F.cross_entropy(z_pt, labels)
with show_error():
    F.cross_entropy(z_pt, torch.tensor([0, 3, 2, 1]))

# %% multiclass-labels-tf tags=["tensorflow"]
sparse = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True)
right_tf = sparse(y_tf[:, None], z_tf)
show(column=right_tf,
     decimals=sparse(tf.constant([0, 1.7, 2, 1]), z_tf))
with show_error():
    sparse(tf.constant([0, 3, 2, 1]), z_tf)

# %% multiclass-labels
agree(right_pt, right_tf)

# %% [markdown]
# Both raise an error for a label that is no class, on a CPU and without compilation. With `jit_compile=True`,
# TensorFlow returns NaN instead. PyTorch raises no error for −100, the label that it ignores by default.
# Keras's losses raise an error for a Python list beside a tensor: pass an array.

# %% multiclass-odd-labels-pt tags=["pytorch"]
hole_pt = F.cross_entropy(z_pt, torch.tensor([0, -100, 2, 1]))
show(hole=hole_pt)

# %% multiclass-odd-labels-tf tags=["tensorflow"]
compiled = tf.function(
    lambda y, z: keras.losses.sparse_categorical_crossentropy(
        y, z, from_logits=True), jit_compile=True)
show(compiled=compiled(tf.constant([0, 3, 2, 1]), z_tf))
with show_error():
    sparse([0, 1, 2, 1], z_tf)
show(array=sparse(np.array([0, 1, 2, 1]), z_tf))

# %% [markdown]
# (multiclass-axis)=
# ### The classes lie in axis 1 in PyTorch, and in the last axis in Keras
#
# A model for sequences has a label for each step. PyTorch expects logits of shape (batch, classes, time), and
# Keras expects (batch, time, classes). If time and classes have the same size, a forgotten transpose raises no
# error, and the loss is wrong. The cells print the right loss, and the loss without the transpose.

# %%
rng = np.random.default_rng(0)
# (batch, classes, time)
steps = rng.normal(size=(2, 3, 3)).astype(np.float32)
step_labels = rng.integers(0, 3, (2, 3))  # (batch, time)

# %% multiclass-axis-pt tags=["pytorch"]
s_pt, l_pt = torch.tensor(steps), torch.tensor(step_labels)
loss_pt = F.cross_entropy(s_pt, l_pt)
wrong = F.cross_entropy(s_pt.transpose(1, 2), l_pt)
show(right=loss_pt, wrong=wrong)

# %% multiclass-axis-tf tags=["tensorflow"]
s_tf, l_tf = tf.constant(steps), tf.constant(step_labels)
loss_tf = sparse(l_tf, tf.transpose(s_tf, (0, 2, 1)))
show(right=loss_tf, wrong=sparse(l_tf, s_tf))

# %% multiclass-axis
agree(loss_pt, loss_tf)

# %% [markdown]
# Keras's `CategoricalCrossentropy` takes `axis=1`. The sparse one has the same argument, and it raises an error
# on TensorFlow.

# %% multiclass-axis-argument
hot = tf.one_hot(step_labels, 3, axis=1)  # (batch, classes, time)
axis_1 = keras.losses.CategoricalCrossentropy(from_logits=True, axis=1)(hot, s_tf)
agree(loss_pt, axis_1)
with show_error():
    keras.losses.SparseCategoricalCrossentropy(from_logits=True, axis=1)(l_tf, s_tf)

# %% [markdown]
# (cross-entropy-two-ways)=
# ## Cross-entropy in two steps
#
# <!-- head: cross_entropy_two_ways -->
#
# The cross-entropy is a log-softmax and a negative log-likelihood. You can call both in one step, or one after
# the other: the result is the same. Choose one step for training. Choose two steps if you also need the
# log-probabilities.
#
# Here the first example is confident and right, and the second has three equal logits. Their losses are 0.00005
# and log 3, and the mean is 0.5493.

# %%
pair = np.array([[10, 0, -10], [8, 8, 8]], dtype=np.float32)
truth = np.array([0, 2])

# %% two-ways-pt tags=["pytorch"]
z_pt, y_pt = torch.tensor(pair), torch.tensor(truth)
one_pt, dz_pt = value_and_grad(
    lambda z: F.cross_entropy(z, y_pt), z_pt)
two_pt, dz2_pt = value_and_grad(
    lambda z: F.nll_loss(F.log_softmax(z, dim=1), y_pt), z_pt)
show(one=one_pt, two=two_pt, dz=dz2_pt)

# %% two-ways-tf tags=["tensorflow"]
z_tf, y_tf = tf.constant(pair), tf.constant(truth)
one_tf, dz_tf = value_and_grad(
    lambda z: sparse(y_tf, z), z_tf)
two_tf, dz2_tf = value_and_grad(lambda z: -tf.reduce_mean(
    tf.gather(tf.nn.log_softmax(z), y_tf, batch_dims=1)), z_tf)
show(one=one_tf, two=two_tf, dz=dz2_tf)

# %% two-ways
agree([one_pt, two_pt], [one_tf, two_tf], gradients=([dz_pt, dz2_pt], [dz_tf, dz2_tf]))

# %% [markdown]
# (multiclass-thousand)=
# ### Logits of ±1000: the log of a softmax is −∞, and Keras's probabilities stop at 16.1
#
# In the next cells the logits are 1000 and −1000, and the true class is the second one: the loss is 2000.
# Log-softmax returns it, with the gradient (1, −1). The logarithm of the softmax is −∞ in PyTorch, and the
# gradient is NaN. Keras clips the probability of 0 to $10^{-7}$: the loss is 16.1, and the gradient is 0, so
# that the example cannot be learned.

# %% two-thousand-pt tags=["pytorch"]
far_pt = torch.tensor([[1000.0, -1000.0]])
second = torch.tensor([1])
loss_pt, dz_pt = value_and_grad(
    lambda z: F.cross_entropy(z, second), far_pt)
show(logits=loss_pt, dz=dz_pt)
loss, dz = value_and_grad(lambda z: F.nll_loss(
    torch.log(F.softmax(z, dim=1)), second), far_pt)
show(log_softmax=loss, d_log=dz)

# %% two-thousand-tf tags=["tensorflow"]
far_tf = tf.constant([[1000.0, -1000.0]])
second = tf.constant([1])
loss_tf, dz_tf = value_and_grad(
    lambda z: sparse(second, z), far_tf)
show(logits=loss_tf, dz=dz_tf)
loss, dz = value_and_grad(
    lambda z: keras.losses.SparseCategoricalCrossentropy()(
        second, tf.nn.softmax(z)), far_tf)
show(clipped=loss, d_clipped=dz)

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# (multiclass-floor)=
# ### With a softmax in front of it, the loss of ten classes cannot fall below 1.46
#
# A model that ends in a softmax, and a loss that expects logits: this mistake is frequent in PyTorch, and
# raises no error. [The chapter on softmaxes](softmax-and-loss) shows it for single examples. The loss takes the
# probabilities (1, 0, …, 0) for logits, so the smallest loss of $C$ classes is $\log(1 + (C - 1) / e)$.
#
# The next cells train the logits of one example of ten classes directly, for 100 steps at a learning rate of 1:
# first right, then with the second softmax. They print the loss at the end, and the floor.

# %% multiclass-floor-pt tags=["pytorch"]
def losses_pt(loss_of):
    z, losses = torch.zeros(1, 10), []
    for _ in range(100):
        loss, dz = value_and_grad(loss_of, z)
        z = z - dz
        losses.append(loss)
    return torch.stack(losses)


zero = torch.tensor([0])
once_pt = losses_pt(lambda z: F.cross_entropy(z, zero))
twice_pt = losses_pt(
    lambda z: F.cross_entropy(F.softmax(z, dim=1), zero))
show(once=once_pt[-1], twice=twice_pt[-1], digits=2)
show(floor=np.log(1 + 9 / np.e))

# %% multiclass-floor-tf tags=["tensorflow"]
def losses_tf(loss_of):
    z, losses = tf.zeros((1, 10)), []
    for _ in range(100):
        loss, dz = value_and_grad(loss_of, z)
        z = z - dz
        losses.append(loss)
    return tf.stack(losses)


zero = tf.constant([0])
once_tf = losses_tf(lambda z: sparse(zero, z))
twice_tf = losses_tf(
    lambda z: sparse(zero, tf.nn.softmax(z)))
show(once=once_tf[-1], twice=twice_tf[-1], digits=2)
show(floor=np.log(1 + 9 / np.e))

# %%
agree([once_pt, twice_pt], [once_tf, twice_tf], rtol=1e-3)

# %% multiclass-floor-figure tags=["hide-input"]
# alt: The loss over 100 steps. With logits it falls from 2.3 to almost 0. With a second softmax it falls from 2.3 and
# stays just above a dashed line at 1.46.
fig, ax = plt.subplots(figsize=(5.2, 2.7))
for once, twice in ((once_pt, once_tf), (twice_pt, twice_tf)):
    plots.coinciding(ax, range(100), once, twice, markers=14)
ax.axhline(np.log(1 + 9 / np.e), color=plots.INK, linestyle="--", linewidth=1)
ax.annotate("floor 1.4612", (20, 1.27))
ax.annotate("a second softmax", (40, 1.68))
ax.annotate("logits", (40, 0.22))
plots.say_which(ax, (99, 0.9), ha="right")
ax.set(xlabel="step", ylabel="loss of ten classes", ylim=(0, 2.4),
       title="With a second softmax, the loss stops at 1.46")
plt.show()

# %% [markdown]
# (negative-log-likelihood)=
# ## Negative log-likelihood
#
# <!-- head: negative_log_likelihood -->
#
# NLL picks the log-probability of the true class from each row, and returns minus their mean. It computes
# neither a softmax nor a logarithm. Choose it in PyTorch if the model already returns log-probabilities.
# TensorFlow has no such loss: pass log-probabilities to a cross-entropy with `from_logits=True`, because
# log-softmax does not change them.
#
# $$L = -\log p_y, \qquad \frac{\partial L}{\partial \log p_c} = -[c = y]$$
#
# Here $\log p_c$ are the inputs, $y$ is the true class, and $[c = y]$ is 1 for the true class and 0 for the
# others. With `weight`, the mean divides by the sum of the weights, as in [cross-entropy](multiclass-weights).

# %% nll-bridge-pt tags=["pytorch"]
log_p_pt = F.log_softmax(torch.tensor(z), dim=1)
y_pt = torch.tensor(y)
loss_pt, dlog_pt = value_and_grad(
    lambda log_p: F.nll_loss(log_p, y_pt), log_p_pt)
show(loss=loss_pt, dlog=dlog_pt[0])
weighted_pt = F.nll_loss(log_p_pt, y_pt, weight=w_pt)
show(weighted=weighted_pt)

# %% nll-bridge-tf tags=["tensorflow"]
log_p_tf, y_tf = tf.nn.log_softmax(z), tf.constant(y)
loss_tf, dlog_tf = value_and_grad(
    lambda log_p: -tf.reduce_mean(
        tf.gather(log_p, y_tf, batch_dims=1)), log_p_tf)
show(loss=loss_tf, dlog=dlog_tf[0])
by_logits = sparse(y_tf, log_p_tf)
weighted_tf = weighted(y_tf, log_p_tf, sample_weight=each_w)
show(weighted=weighted_tf, by_logits=by_logits)

# %%
agree([loss_pt, weighted_pt], [loss_tf, weighted_tf], gradients=(dlog_pt, dlog_tf))

# %% [markdown]
# (nll-negative)=
# ### A negative NLL shows that the input is not a log-probability
#
# `F.nll_loss` does not check its input. With probabilities it returns minus the mean probability, and with
# logits it returns minus the mean logit. Both are negative here, and both can be minimized without an error:

# %% nll-negative-pt tags=["pytorch"]
z_pt = torch.tensor(z)
show(probabilities=F.nll_loss(F.softmax(z_pt, dim=1), y_pt),
     logits=F.nll_loss(z_pt, y_pt),
     log_probabilities=F.nll_loss(log_p_pt, y_pt))

# %% nll-negative-tf tags=["tensorflow"]
def nll_tf(log_p):
    return -tf.reduce_mean(
        tf.gather(log_p, y_tf, batch_dims=1))


show(probabilities=nll_tf(tf.nn.softmax(z)),
     logits=nll_tf(z),
     log_probabilities=nll_tf(log_p_tf))

# %% [markdown]
# (kl-divergence)=
# ## Kullback–Leibler divergence
#
# <!-- head: kl_divergence -->
#
# The KL divergence measures how far a predicted distribution $p$ is from a target distribution $q$. It is 0 if
# they are equal. Choose it to imitate a whole distribution, such as the softened output of a teacher network
# {footcite:p}`hinton2015distilling`, or in a variational autoencoder.
#
# $$L = \sum_c q_c \log\frac{q_c}{p_c} = \sum_c q_c \log q_c - \sum_c q_c \log p_c$$
#
# The last sum is the cross-entropy. The one before it does not depend on the prediction, so both losses have
# the same gradient. The input of PyTorch's `kl_div` is the *logarithm* of $p$, and its target is $q$ itself,
# not the logarithm. Keras takes both as probabilities.

# %%
target = np.array([[0.7, 0.3, 0], [0.2, 0.5, 0.3]], dtype=np.float32)
guess = np.array([[0.6, 0.3, 0.1], [0.3, 0.3, 0.4]], dtype=np.float32)

# %% kl-pair-pt tags=["pytorch"]
q_pt, p_pt = torch.tensor(target), torch.tensor(guess)
loss_pt, dp_pt = value_and_grad(lambda p: F.kl_div(
    torch.log(p), q_pt, reduction="batchmean"), p_pt)
show(loss=loss_pt, dp=dp_pt)
loss = F.kl_div(p_pt, q_pt, reduction="batchmean")
show(without_log=loss)

# %% kl-pair-tf tags=["tensorflow"]
q_tf, p_tf = tf.constant(target), tf.constant(guess)
loss_tf, dp_tf = value_and_grad(
    lambda p: keras.losses.KLDivergence()(q_tf, p), p_tf)
show(loss=loss_tf, dp=dp_tf)
swapped = keras.losses.KLDivergence()(p_tf, q_tf)
show(swapped=swapped)

# %%
agree(loss_pt, loss_tf, gradients=(dp_pt, dp_tf))

# %% [markdown]
# A divergence is never negative: `without_log`, which forgets the logarithm, is not one. `swapped` has the
# arguments in PyTorch's order: Keras accepts them, and the loss is another one.
#
# ### Use `reduction="batchmean"`: PyTorch's default also divides by the number of classes
#
# `"mean"`, the default, divides by the number of all elements, and PyTorch warns about it. `"batchmean"`
# divides by the size of axis 0. With a third axis, the size of axis 0 is not the number of distributions, and
# Keras divides by that number. Flatten the other axes first, and both agree:

# %%
# a prediction and a target, each (batch, time, classes)
sequences = rng.dirichlet(np.ones(3), (2, 2, 4)).astype(np.float32)

# %% kl-reduction-pt tags=["pytorch"]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    mean = F.kl_div(torch.log(p_pt), q_pt)
print(str(caught[0].message)[:53])
show(mean=mean, batchmean=loss_pt)
p_seq, t_seq = torch.tensor(sequences)
batch = F.kl_div(p_seq.log(), t_seq, reduction="batchmean")
flat_pt = F.kl_div(
    p_seq.log().flatten(0, 1), t_seq.flatten(0, 1),
    reduction="batchmean")
show(three_axes=batch, flattened=flat_pt)

# %% kl-reduction-tf tags=["tensorflow"]
p_seq, t_seq = tf.unstack(tf.constant(sequences))
flat_tf = keras.losses.KLDivergence()(t_seq, p_seq)
show(batchmean=loss_tf, three_axes=flat_tf)

# %% kl-reduction
agree(flat_pt, flat_tf)

# %% [markdown]
# (kl-zeros)=
# ### A predicted probability of 0 costs ∞ in PyTorch, and a clipped number with gradient 0 in Keras
#
# In the next cells the target is (0.5, 0.5) and the prediction is (1, 0). PyTorch returns ∞, with the gradient
# −∞. Keras clips both arguments to at least $10^{-7}$: the loss is 7.37, and the gradient of the second
# probability is 0, so this mistake is never corrected. A target of 0 costs 0 in both, as the target of the
# first cells of this section shows, but not with `log_target=True`: its logarithm is −∞, and the result is NaN.

# %% kl-zeros-pt tags=["pytorch"]
half_pt = torch.tensor([[0.5, 0.5]])
sure_pt = torch.tensor([[1.0, 0.0]])
loss, dp = value_and_grad(lambda p: F.kl_div(
    torch.log(p), half_pt, reduction="batchmean"), sure_pt)
show(loss=loss, dp=dp)
loss_pt = F.kl_div(torch.log(sure_pt.clamp(min=1e-7)), half_pt,
                   reduction="batchmean")
show(clipped=loss_pt)
show(log_target=F.kl_div(
    torch.log(half_pt), torch.log(sure_pt),
    reduction="batchmean", log_target=True))

# %% kl-zeros-tf tags=["tensorflow"]
half_tf = tf.constant([[0.5, 0.5]])
sure_tf = tf.constant([[1.0, 0.0]])
loss_tf, dp = value_and_grad(
    lambda p: keras.losses.KLDivergence()(half_tf, p), sure_tf)
show(loss=loss_tf, dp=dp)
show(unnormalized=keras.losses.kl_divergence(
    [[0.2, 0.2]], [[0.9, 0.9]]))

# %% kl-zeros
agree(loss_pt, loss_tf)

# %% [markdown]
# The last line of TensorFlow's cell passes numbers that do not sum to 1. Neither framework checks this, and the
# result is negative. Pass `log_softmax(z)` to `kl_div`, and a softmax to Keras's loss.

# %% [markdown]
# (categorical-focal)=
# ## Categorical focal loss
#
# <!-- head: categorical_focal -->
#
# The focal loss {footcite:p}`lin2017focal` is a cross-entropy in which easy examples count less: the loss of
# each example is multiplied by $(1 - p)^\gamma$. Choose it if most examples are easy, and the sum of their
# small losses would hide the few hard ones.
#
# $$L = -\alpha \sum_c q_c\, (1 - p_c)^\gamma \log p_c$$
#
# Here $q$ is the one-hot target, $p$ is the softmax of the logits, $\gamma \ge 0$ says how much easy examples
# lose, and $\alpha$ is one factor for all classes. PyTorch has no focal loss: the next cell defines one, and
# computes `log_p` in one step.

# %% focal-bridge-pt tags=["pytorch"]
def focal_pt(z, q, alpha=0.25, gamma=2.0):
    log_p = F.log_softmax(z, dim=-1)
    factor = alpha * (1 - log_p.exp()) ** gamma
    return -(factor * q * log_p).sum(-1).mean()


z_pt, q_pt = torch.tensor(z), torch.tensor(q)
loss_pt, dz_pt = value_and_grad(
    lambda z: focal_pt(z, q_pt), z_pt)
show(loss=loss_pt, dz=dz_pt)

# %% focal-bridge-tf tags=["tensorflow"]
z_tf, q_tf = tf.constant(z), tf.constant(q)
loss_tf, dz_tf = value_and_grad(
    lambda z: keras.losses.CategoricalFocalCrossentropy(
        from_logits=True)(q_tf, z), z_tf)
show(loss=loss_tf, dz=dz_tf)

# %% focal-bridge
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# ### `gamma=0` is not the cross-entropy: alpha still divides it by four
#
# In the next cells gamma is 0, so easy examples count fully. The loss is then a quarter of the cross-entropy,
# because alpha is 0.25 by default, and applies to every class. Pass `alpha=1.0` to remove it.
#
# `share` is the part of the total loss that comes from the easiest and from the hardest of the four examples,
# for gamma 0, 2 and 5:

# %% focal-gamma-pt tags=["pytorch"]
quarter_pt = focal_pt(z_pt, q_pt, gamma=0.0)
whole_pt = focal_pt(z_pt, q_pt, alpha=1.0, gamma=0.0)
show(quarter=quarter_pt, whole=whole_pt)
for gamma in (0.0, 2.0, 5.0):
    each = torch.stack([focal_pt(z_pt[i], q_pt[i], gamma=gamma)
                        for i in range(4)])
    share = each / each.sum()
    show(share=[share.min(), share.max()])

# %% focal-gamma-tf tags=["tensorflow"]
focal_tf = keras.losses.categorical_focal_crossentropy
quarter_tf = tf.reduce_mean(focal_tf(
    q_tf, z_tf, gamma=0.0, from_logits=True))
whole_tf = tf.reduce_mean(focal_tf(
    q_tf, z_tf, alpha=1.0, gamma=0.0, from_logits=True))
show(quarter=quarter_tf, whole=whole_tf)
for gamma in (0.0, 2.0, 5.0):
    each = focal_tf(q_tf, z_tf, gamma=gamma, from_logits=True)
    share = each / tf.reduce_sum(each)
    show(share=[tf.reduce_min(share), tf.reduce_max(share)])

# %%
agree([quarter_pt, whole_pt], [quarter_tf, whole_tf])

# %% [markdown]
# ### Keras clips the probability even with `from_logits=True`
#
# With logits of ±1000 and the wrong class, the loss is 0.25 · 2000 = 500. Keras computes the softmax and clips
# it, so its loss is 0.25 · 16.1, and its gradient is 0:

# %% focal-far-pt tags=["pytorch"]
far_pt = torch.tensor([[1000.0, -1000.0]])
loss, dz = value_and_grad(lambda z: focal_pt(
    z, torch.tensor([[0.0, 1.0]])), far_pt)
show(loss=loss, dz=dz)

# %% focal-far-tf tags=["tensorflow"]
far_tf = tf.constant([[1000.0, -1000.0]])
loss, dz = value_and_grad(lambda z: focal_tf(
    [[0.0, 1.0]], z, from_logits=True), far_tf)
show(loss=loss, dz=dz)

# %% [markdown]
# (generalized-cross-entropy)=
# ## Generalized cross-entropy
#
# <!-- head: generalized_cross_entropy -->
#
# Generalized cross-entropy {footcite:p}`zhang2018generalized` has an upper limit. A wrong label can cost at
# most $1 / q$, and not ∞, so a few wrong labels do not dominate the training. Choose it if some labels of the
# training set are wrong.
#
# $$L = \frac{1 - p_y^{\,q}}{q}, \qquad 0 < q \le 1$$
#
# Here $p_y$ is the probability of the true class, and $q$ is a parameter, not a target: near 0 the loss is the
# cross-entropy, and at 1 it is $1 - p_y$. PyTorch has no such loss: the next cell writes it in one line. Keras
# takes probabilities and integer labels, although its name says *categorical*.

# %% gce-bridge-pt tags=["pytorch"]
p_pt, y_pt = torch.tensor(guess), torch.tensor([0, 1])
loss_pt, dp_pt = value_and_grad(
    lambda p: ((1 - p.gather(1, y_pt[:, None]) ** 0.7)
               / 0.7).mean(), p_pt)
show(loss=loss_pt, dp=dp_pt)

# %% gce-bridge-tf tags=["tensorflow"]
p_tf, y_tf = tf.constant(guess), tf.constant([0, 1])
loss_tf, dp_tf = value_and_grad(
    lambda p: keras.losses.CategoricalGeneralizedCrossEntropy(
        q=0.7)(y_tf, p), p_tf)
show(loss=loss_tf, dp=dp_tf)

# %% gce-bridge
agree(loss_pt, loss_tf, gradients=(dp_pt, dp_tf))

# %% [markdown]
# (gce-table)=
# ### Labels of shape (N, 1), or one-hot, make a table of N × N losses in Keras 3.15
#
# Keras's documentation allows labels of shape (N, 1). Keras then compares each example with the labels of all
# examples, and raises no error: the mean is wrong. One-hot labels do the same if there are as many classes as
# examples. Pass labels of shape (N,).
#
# The cells print all losses, without a mean. In PyTorch, `gather` needs the shape (N, 1), and `[:, 0]` removes
# the last axis again.

# %% gce-table-pt tags=["pytorch"]
two_pt = torch.tensor([[0.2, 0.8], [0.4, 0.6]])
column = torch.tensor([[0], [1]])
each_pt = (1 - two_pt.gather(1, column)[:, 0] ** 0.5) / 0.5
show(right=each_pt)

# %% gce-table-tf tags=["tensorflow"]
two_tf = tf.constant([[0.2, 0.8], [0.4, 0.6]])
column = tf.constant([[0], [1]])
gce = keras.losses.CategoricalGeneralizedCrossEntropy(
    reduction="none")
each_tf = gce(column[:, 0], two_tf)
show(right=each_tf, column=gce(column, two_tf),
     one_hot=gce(tf.eye(2), two_tf))

# %% gce-table
agree(each_pt, each_tf)

# %% [markdown]
# ### At a probability of 0, Keras's gradient of the other classes is NaN
#
# If the probability of the true class is 0, the loss is $1 / q$, and its gradient is −∞. In Keras the gradient
# of all other classes is NaN, because it is −∞ times the 0 of a one-hot row. If you keep the probability above
# 0, the loss is finite, and all gradients are 0: such an example is not learned.

# %% gce-zero-pt tags=["pytorch"]
sure_pt = torch.tensor([[0.0, 1.0]])
show(dp=value_and_grad(
    lambda p: (1 - p[:, 0] ** 0.5) / 0.5, sure_pt)[1])
loss_pt, dp_pt = value_and_grad(lambda p: (
    1 - p.clamp(min=1e-7)[:, 0] ** 0.5) / 0.5, sure_pt)
show(kept=loss_pt, dp_kept=dp_pt)

# %% gce-zero-tf tags=["tensorflow"]
sure_tf, first = tf.constant([[0.0, 1.0]]), tf.constant([0])
show(dp=value_and_grad(lambda p: gce(first, p), sure_tf)[1])
loss_tf, dp_tf = value_and_grad(lambda p: gce(
    first, tf.maximum(p, 1e-7)), sure_tf)
show(kept=loss_tf, dp_kept=dp_tf)

# %% gce-zero
agree(loss_pt, loss_tf, gradients=(dp_pt, dp_tf))

# %% [markdown]
# (categorical-hinge)=
# ## Categorical hinge loss
#
# <!-- head: categorical_hinge -->
#
# A hinge loss {footcite:p}`crammer2001algorithmic` compares scores, without a softmax. An example costs nothing
# as soon as the score of the true class is 1 above the best wrong score. Choose it for a maximum-margin
# classifier, if you need no probabilities.
#
# $$L = \max\Bigl(0,\; 1 + \max_c\, (1 - q_c)\, z_c - \sum_c q_c z_c\Bigr)$$
#
# Here $q$ is the one-hot target, and $z$ are the scores. PyTorch has no such loss: the next cell writes it in
# two lines.

# %% hinge-bridge-pt tags=["pytorch"]
def hinge_pt(z, q):
    best = ((1 - q) * z).amax(-1) - (q * z).sum(-1)
    return (best + 1).clamp(min=0)


z_pt, q_pt = torch.tensor(z), torch.tensor(q)
loss_pt, dz_pt = value_and_grad(
    lambda z: hinge_pt(z, q_pt).mean(), z_pt)
show(loss=loss_pt, dz=dz_pt)

# %% hinge-bridge-tf tags=["tensorflow"]
z_tf, q_tf = tf.constant(z), tf.constant(q)
loss_tf, dz_tf = value_and_grad(
    lambda z: keras.losses.CategoricalHinge()(q_tf, z), z_tf)
show(loss=loss_tf, dz=dz_tf)

# %% hinge-bridge
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# (hinge-shift)=
# ### Keras's hinge counts a wrong score below 0 as 0, so equal margins can cost 4 or nothing
#
# The product $(1 - q_c)\,z_c$ does not remove the true class: it sets its score to 0, and this 0 takes part in
# the maximum. If all wrong scores are negative, the 0 is the largest.
#
# The two rows of the next cells have the same margin, 2, and the second is the first plus 10. `textbook` leaves
# out the true class. With labels of −1 and 1 (`signs`) instead of 0 and 1 (`zero_one`), the loss changes, too.

# %% hinge-shift-pt tags=["pytorch"]
rows_pt = torch.tensor([[-3.0, -5.0], [7.0, 5.0]])
first_pt = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
keras_pt = hinge_pt(rows_pt, first_pt)
textbook = (rows_pt[:, 1] - rows_pt[:, 0] + 1).clamp(min=0)
show(keras=keras_pt, textbook=textbook)
signs_pt = hinge_pt(rows_pt / 10, 2 * first_pt - 1)
show(zero_one=hinge_pt(rows_pt / 10, first_pt), signs=signs_pt)

# %% hinge-shift-tf tags=["tensorflow"]
rows_tf = tf.constant([[-3.0, -5.0], [7.0, 5.0]])
first_tf = tf.constant([[1.0, 0.0], [1.0, 0.0]])
keras_tf = keras.losses.categorical_hinge(first_tf, rows_tf)
textbook = tf.nn.relu(rows_tf[:, 1] - rows_tf[:, 0] + 1)
show(keras=keras_tf, textbook=textbook)
hinge = keras.losses.categorical_hinge
signs_tf = hinge(2 * first_tf - 1, rows_tf / 10)
show(zero_one=hinge(first_tf, rows_tf / 10), signs=signs_tf)

# %% hinge-shift
agree([keras_pt, signs_pt], [keras_tf, signs_tf])

# %% [markdown]
# (multi-margin)=
# ## Multi-class margin loss
#
# <!-- head: multi_margin -->
#
# This loss adds what each wrong class lacks to a margin, and divides by the number of classes. So every wrong
# class that is too close costs something, not only the best one. Choose it in the place of the categorical
# hinge in PyTorch: it depends only on differences of scores. It is another loss, not another convention.
#
# $$L = \frac1C \sum_{c \ne y} \max(0,\; m - z_y + z_c)^k$$
#
# Here $C$ is the number of classes, $y$ is the true class, $m$ is the `margin`, 1 by default, and $k$ is 1 or
# 2, the argument `p`. TensorFlow has no such loss: the next cell defines one.

# %% margin-bridge-pt tags=["pytorch"]
z_pt, y_pt = torch.tensor(z), torch.tensor(y)
loss_pt, dz_pt = value_and_grad(
    lambda z: F.multi_margin_loss(z, y_pt), z_pt)
square_pt = F.multi_margin_loss(z_pt, y_pt, p=2, margin=0.5)
show(loss=loss_pt, square=square_pt, dz=dz_pt)

# %% margin-bridge-tf tags=["tensorflow"]
def margin_tf(y, z, p=1, margin=1.0):
    true = tf.gather(z, y[:, None], batch_dims=1)
    short = tf.nn.relu(margin - true + z) ** p
    wrong = 1 - tf.one_hot(y, z.shape[1])
    return tf.reduce_mean(wrong * short)


z_tf, y_tf = tf.constant(z), tf.constant(y)
loss_tf, dz_tf = value_and_grad(
    lambda z: margin_tf(y_tf, z), z_tf)
square_tf = margin_tf(y_tf, z_tf, p=2, margin=0.5)
show(loss=loss_tf, square=square_tf, dz=dz_tf)

# %% margin-bridge
agree([loss_pt, square_pt], [loss_tf, square_tf], gradients=(dz_pt, dz_tf))

# %% [markdown]
# ### With class weights, this mean divides by the number of examples
#
# `F.cross_entropy` divides a weighted sum by the [sum of the weights](multiclass-weights).
# `F.multi_margin_loss` has the same argument, and divides by the number of examples. The shift of the last
# section changes nothing here: the last line computes both rows, and both cost 0.

# %% margin-weights-pt tags=["pytorch"]
small_pt = torch.tensor([[0.5, 0.2], [0.1, 0.3]])
weighted_pt = F.multi_margin_loss(
    small_pt, torch.tensor([0, 1]),
    weight=torch.tensor([2.0, 6.0]))
show(weighted=weighted_pt)
zeros_pt = F.multi_margin_loss(
    rows_pt, torch.tensor([0, 0]), reduction="none")
show(shifted=zeros_pt)

# %% margin-weights-tf tags=["tensorflow"]
small_tf = tf.constant([[0.5, 0.2], [0.1, 0.3]])
each = tf.stack([margin_tf(tf.constant([i]), small_tf[i:i + 1])
                 for i in (0, 1)])
weighted_tf = tf.reduce_mean(tf.constant([2.0, 6.0]) * each)
by_8 = tf.reduce_sum(tf.constant([2.0, 6.0]) * each) / 8
show(weighted=weighted_tf, by_sum_of_weights=by_8)

# %% margin-weights
agree(weighted_pt, weighted_tf)

# %% [markdown]
# (multilabel-margin)=
# ## Multi-label margin loss
#
# <!-- head: multilabel_margin -->
#
# This loss is for examples with several labels. The score of each label must be 1 above the score of each class
# that is not a label. Choose it to rank the classes of an example. For probabilities of the labels, use a
# sigmoid for each class and the binary cross-entropy.
#
# $$L = \frac1C \sum_{i \in Y} \sum_{j \notin Y} \max(0,\; 1 - z_i + z_j)$$
#
# Here $Y$ is the set of the labels of the example, and $C$ is the number of classes. The target is a list of
# class numbers, as long as there are classes, which ends at the first −1: `three_labels` moves the −1 one place
# further.
#
# TensorFlow has no such loss. The next cell defines one, for multi-hot targets.

# %%
ranked = np.array([[0.1, 0.2, 0.4, 0.8]], dtype=np.float32)
listed = np.array([[3, 0, -1, 1]])  # the labels are 3 and 0

# %% multilabel-bridge-pt tags=["pytorch"]
z_pt, l_pt = torch.tensor(ranked), torch.tensor(listed)
loss_pt, dz_pt = value_and_grad(
    lambda z: F.multilabel_margin_loss(z, l_pt), z_pt)
show(loss=loss_pt, dz=dz_pt)
more = F.multilabel_margin_loss(
    z_pt, torch.tensor([[3, 0, 1, -1]]))
show(three_labels=more)

# %% multilabel-bridge-tf tags=["tensorflow"]
def multilabel_margin_tf(q, z):
    short = tf.nn.relu(1 - z[:, :, None] + z[:, None, :])
    pairs = q[:, :, None] * (1 - q)[:, None, :]
    loss = tf.reduce_sum(pairs * short, [1, 2])
    return tf.reduce_mean(loss / z.shape[1])


z_tf = tf.constant(ranked)
q_tf = tf.constant([[1.0, 0.0, 0.0, 1.0]])
loss_tf, dz_tf = value_and_grad(
    lambda z: multilabel_margin_tf(q_tf, z), z_tf)
show(loss=loss_tf, dz=dz_tf)

# %% multilabel-bridge
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# ### Multi-hot targets raise no error if they are integers, and mean something else
#
# A multi-hot row such as (1, 0, 0, 1) is a valid list of class numbers: 1, then 0, 0 and 1. PyTorch reads it
# so, and the loss is wrong. In the next cell `right` uses the list:

# %% multilabel-hot-pt tags=["pytorch"]
many_hot = torch.tensor([[1, 0, 0, 1]])
wrong = F.multilabel_margin_loss(z_pt, many_hot)
right_pt = F.multilabel_margin_loss(z_pt, l_pt)
show(many_hot=wrong, right=right_pt)

# %% multilabel-hot-tf tags=["tensorflow"]
many_hot = tf.constant([[1.0, 0.0, 0.0, 1.0]])
right_tf = multilabel_margin_tf(many_hot, z_tf)
show(right=right_tf)

# %% multilabel-hot
agree(right_pt, right_tf)

# %% [markdown]
# ## Which one to choose
#
# | you have | choose | because |
# | --- | --- | --- |
# | one true class, as an integer | [sparse cross-entropy](sparse-categorical-cross-entropy) of logits | no one-hot targets are needed |
# | target probabilities | [categorical cross-entropy](categorical-cross-entropy) of logits | it takes any distribution |
# | a model that is too confident | [label smoothing](multiclass-smoothing) | confidence beyond 1 − ε costs more |
# | log-probabilities | [NLL](negative-log-likelihood), or `from_logits=True` in Keras | the logarithm is not taken twice |
# | a distribution to imitate | [KL divergence](kl-divergence) | it is 0 exactly if both are equal |
# | rare classes | [class weights](multiclass-weights) | rare classes count more |
# | many easy examples | [focal loss](categorical-focal) | hard examples dominate the mean |
# | wrong labels | [generalized cross-entropy](generalized-cross-entropy) | one label costs at most $1 / q$ |
# | scores, no probabilities | [multi-class margin](multi-margin), or [hinge](categorical-hinge) in Keras | the loss is 0 beyond the margin |
# | several labels for each example | a sigmoid and binary cross-entropy, or [multi-label margin](multilabel-margin) to rank | a softmax allows only one winner |
#
# ## Exercises
#
# Write the losses yourself, explain the gradient, and repair what the frameworks get wrong: [exercises on
# multi-class losses](../../exercises/losses/multiclass.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
