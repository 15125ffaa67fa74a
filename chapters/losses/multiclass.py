# %% [markdown]
# # Multi-class losses
#
# A classifier returns one number for each class. These numbers are called *logits*, $z$. A multi-class loss compares
# them with the true class, and returns one number, which is small if the true class has the largest logit by far.
# Most losses of this chapter turn the logits into probabilities $p$ with a
# [softmax](../activations/softmaxes.ipynb#softmax), and take the logarithm of the probability of the true class. The
# last three losses compare the logits directly. Their logits are called *scores*.
#
# **The claim:** PyTorch and TensorFlow compute the same cross-entropy from the same logits. Four things differ.
# If you forget one of them, you get a wrong number and no error:
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
# Most sections use these four rows of logits `z`. The true classes are given as integers, `y`, or as one-hot rows,
# `q`. All gradients of this chapter are with respect to the prediction.
#
# The figure shows six of the losses for two classes. The x-axis is the *lead*: the logit of the true class minus
# the other logit, which is 0 here. The solid line is the loss, and the dashed line is its derivative. The thin grey
# lines are the other five losses.

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
fig, axes = plt.subplots(3, 2, figsize=(5.2, 4.6), sharex=True, sharey=True)
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
# The cross-entropy is small if the predicted probabilities are close to the target probabilities. It is the usual
# loss of a classifier whose examples have exactly one true class each. This form takes targets that are
# probabilities. Choose it if they come from label smoothing, from mixed examples, or from a teacher network. For
# integer labels, choose the [sparse form](sparse-categorical-cross-entropy).
#
# $$L = -\sum_{c} q_c \log p_c, \qquad p = \operatorname{softmax}(z), \qquad \frac{\partial L}{\partial z} = p - q$$
#
# Here $q_c$ is the target probability of class $c$, $p_c$ is the predicted probability, and $z$ are the logits. The
# loss of a batch is the mean over its examples, so the gradient is $(p - q) / 4$ for the four examples below.

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
# Keras's losses expect probabilities by default. If you pass logits, Keras raises no error, and the losses are
# wrong. Keras's categorical and sparse cross-entropies return different wrong numbers. The categorical loss first
# divides each row by its sum, and then clips the numbers. The sparse loss first clips the numbers. The cells print
# the loss of each example. `right` is computed from the logits.

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
# (cce-many-hot)=
# ### If the targets of an example do not sum to 1, TensorFlow's gradient is wrong
#
# Targets such as (1, 1, 0) do not sum to 1. If you multiply targets by a weight, they do not sum to 1, either. The
# right gradient is then $\left(\sum_c q_c\right) p - q$, but TensorFlow always returns $p - q$. Its documentation
# requires targets that sum to 1, and its code does not check them. The loss is right, so the mistake is hard to
# notice.
#
# In TensorFlow's cell, `keras` and `tf_nn` are the gradients of the two built-in functions. `formula` is the
# gradient of the formula written out, and it is right:

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
# The next cells show what the wrong gradient does in training. They minimize the same loss with 300 steps of
# gradient descent from (0, 0, 0), and print the logits `z` and the loss at the end. TensorFlow's cell trains twice:
# first with the built-in function, then with the formula.

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

# %% [markdown]
# All three runs end with the same loss, 1.4. The logits of PyTorch and of the formula stop at 2. With TensorFlow's
# function they reach 150 after 300 steps. If several labels of an example can be true, use [binary cross-entropy with
# logits](binary-cross-entropy-with-logits) instead. If you want to weight an example, use sample weights.
#
# (multiclass-smoothing)=
# ### Label smoothing gives every class ε / C, in both frameworks
#
# Label smoothing {footcite:p}`szegedy2016rethinking` keeps a classifier from becoming too confident. The target of
# the true class becomes $1 - ε + ε / C$, and that of each other class ε / C, where $C$ is the number of classes. A
# very confident prediction then costs more than a less confident one, as the second panel of the first figure shows.
# Both frameworks have an argument for ε, `label_smoothing`:

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
# In PyTorch, both the class and the function take `reduction="mean"` (the default), `"sum"` or `"none"`. In Keras, the
# class takes `"sum_over_batch_size"` (the default, which is the mean), `"sum"` or `None`. The functions of Keras and
# `tf.nn` have no such argument: they return one loss for each example. This holds for all losses of the book.

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
# The sparse form is the same loss for integer labels: it is minus the log-probability of the true class. Choose it
# if each example has one true class. It needs no one-hot targets. For 50,000 classes, a one-hot target has 50,000
# numbers. PyTorch has one function for both forms. If the labels are integers, the function computes the sparse
# form.
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
# Class weights make rare classes count more. In PyTorch, pass one weight for each class as `weight`. In Keras, pass
# one weight for each example as `sample_weight`.
#
# Here the four examples have the weights 1, 2, 4 and 2. PyTorch divides the weighted sum by 9, the sum of these
# weights (`by_weights`). Keras divides the same sum by 4, the number of examples (`by_4`). To divide by 9 in
# Keras, pass `reduction="mean_with_sample_weight"`. If you pass the same targets as one-hot rows, PyTorch also
# divides by 4 (`one_hot`).

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
# With label smoothing, the weighted losses differ once more. PyTorch multiplies the smoothed target of each class by
# the weight of that class. Keras multiplies the loss of an example by the weight of its true class (`keras`). To get
# PyTorch's number in TensorFlow, write the sum yourself:

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
# ### The mean leaves out ignored labels, but Keras's function returns 0 for them
#
# The labels of padding must not change the loss. By default PyTorch ignores the label −100, and Keras ignores no
# label. To choose the label that is ignored, pass `ignore_index` in PyTorch and `ignore_class` in Keras. Both losses
# are the mean over the other labels. If all labels are ignored, PyTorch's loss is NaN, and Keras's loss is 0
# (`nothing`).
#
# Keras's *function* returns one loss for each label, and 0 for an ignored label. The mean of these four numbers is
# too small (`own_mean`).

# %%
padded = np.array([0, -1, 2, 1])  # the second label is ignored
nothing = np.full(4, -1)  # all labels are ignored

# %% multiclass-ignoring-pt tags=["pytorch"]
y_pad = torch.tensor(padded)
loss_pt, dz_pt = value_and_grad(lambda z: F.cross_entropy(
    z, y_pad, ignore_index=-1), z_pt)
show(loss=loss_pt, dz_ignored=dz_pt[1])
show(nothing=F.cross_entropy(
    z_pt, torch.tensor(nothing), ignore_index=-1))

# %% multiclass-ignoring-tf tags=["tensorflow"]
ignoring = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True, ignore_class=-1)
loss_tf, dz_tf = value_and_grad(
    lambda z: ignoring(padded, z), z_tf)
show(loss=loss_tf, dz_ignored=dz_tf[1])
show(nothing=ignoring(nothing, z_tf))
each = keras.losses.sparse_categorical_crossentropy(
    padded, z_tf, from_logits=True, ignore_class=-1)
show(own_mean=tf.reduce_mean(each))

# %% multiclass-ignoring
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# (multiclass-labels)=
# ### PyTorch wants int64 labels of shape (N,); Keras also accepts (N, 1), and reads 1.7 as 1
#
# For labels of shape (N, 1), PyTorch's cross-entropy raises an error, and Keras drops the last axis. (For such
# labels, Keras's generalized cross-entropy [returns N × N losses](gce-table).) PyTorch also raises an error for
# int32 labels. Keras accepts even floats, and cuts off their decimals: `decimals` has the label 1.7, which becomes
# class 1. In PyTorch, write `y.squeeze(1).long()` (`right`).
#
# The last calls use the label 3, which is not one of the three classes. Both frameworks raise an error. But compiled
# with `jit_compile=True`, TensorFlow returns NaN for this example (`compiled`). PyTorch accepts the label −100,
# and ignores it (`hole`).

# %% multiclass-labels-pt tags=["pytorch"]
column = y_pt[:, None].float()  # (N, 1)
right_pt = F.cross_entropy(z_pt, column.squeeze(1).long())
show(right=right_pt)
for labels in (y_pt[:, None], y_pt.int()):
    with show_error():
        F.cross_entropy(z_pt, labels)
with show_error():
    F.cross_entropy(z_pt, torch.tensor([0, 3, 2, 1]))
show(hole=F.cross_entropy(
    z_pt, torch.tensor([0, -100, 2, 1])))

# %% multiclass-labels-tf tags=["tensorflow"]
sparse = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True)
right_tf = sparse(y_tf[:, None], z_tf)
show(column=right_tf,
     decimals=sparse(tf.constant([0, 1.7, 2, 1]), z_tf))
no_class = tf.constant([0, 3, 2, 1])
with show_error():
    sparse(no_class, z_tf)
compiled = tf.function(
    lambda y, z: keras.losses.sparse_categorical_crossentropy(
        y, z, from_logits=True), jit_compile=True)
show(compiled=compiled(no_class, z_tf))

# %% multiclass-labels
agree(right_pt, right_tf)

# %% [markdown]
# (multiclass-axis)=
# ### The classes lie in axis 1 in PyTorch, and in the last axis in Keras
#
# A model for sequences has a label for each time step. PyTorch expects logits of shape (batch, classes, time), and
# Keras expects (batch, time, classes). Here there are 3 classes and 3 time steps, so logits in the wrong order raise
# no error. The cells print the loss for the right order and for the wrong order.

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
# (cross-entropy-two-ways)=
# ## Cross-entropy in two steps
#
# <!-- head: cross_entropy_two_ways -->
#
# The cross-entropy is the negative log-likelihood of a log-softmax. You can compute both in one call, or in two: the
# loss and the gradient are the same. Use one call in training. Use two calls if you also need the log-probabilities.
#
# In the next cells the first example has a large logit at the true class, so its loss is almost 0. The second example
# has three equal logits, so its loss is log 3 = 1.0986. The mean is 0.5493.

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
# ### Logits of ±1000: the log of a softmax gives NaN gradients, and Keras's clip gives gradients of 0
#
# In the next cells the logits are 1000 and −1000, and the second class is the true one. The right loss is 2000, with
# the gradient (1, −1). A loss that takes logits returns it (`logits`).
#
# If you take the logarithm of a softmax in PyTorch, the loss is ∞ and the gradient is NaN. If you pass a softmax to
# Keras's loss, Keras clips the probability 0 to $10^{-7}$. The loss is then 16.1 and the gradient is 0, so the network
# does not learn from this example.

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
# ### If you pass a softmax instead of logits, the loss of ten classes cannot fall below 1.46
#
# It is a frequent mistake in PyTorch to end the model in a softmax, and to pass its output to a loss that expects
# logits. There is no error. The loss treats the probabilities as logits. The best probabilities are (1, 0, …, 0), so
# the smallest possible loss of $C$ classes is $\log(1 + (C - 1) / e)$. [The chapter on softmaxes](softmax-and-loss)
# shows the same for single examples.
#
# In the next cells the true class is the first of ten, and its logit is larger than the others by 100. The right
# loss (`once`) is 0. With a second softmax (`twice`) it is the smallest possible loss (`floor`):

# %% multiclass-floor-pt tags=["pytorch"]
zero = torch.tensor([0])
x = 100 * F.one_hot(zero, 10).float()
once_pt = F.cross_entropy(x, zero)
twice_pt = F.cross_entropy(F.softmax(x, dim=1), zero)
show(once=once_pt, twice=twice_pt)
show(floor=np.log(1 + 9 / np.e))

# %% multiclass-floor-tf tags=["tensorflow"]
zero = tf.constant([0])
x = 100 * tf.one_hot(zero, 10)
once_tf = sparse(zero, x)
twice_tf = sparse(zero, tf.nn.softmax(x))
show(once=once_tf, twice=twice_tf)
show(floor=np.log(1 + 9 / np.e))

# %%
agree([once_pt, twice_pt], [once_tf, twice_tf])

# %% [markdown]
# (negative-log-likelihood)=
# ## Negative log-likelihood
#
# <!-- head: negative_log_likelihood -->
#
# The negative log-likelihood (NLL) picks the log-probability of the true class from each row, and returns minus their
# mean. It computes neither a softmax nor a logarithm. Choose it in PyTorch if the model already returns
# log-probabilities. TensorFlow has no such loss. Gather the numbers yourself, or pass the log-probabilities to a
# cross-entropy with `from_logits=True`, which gives the same loss (`by_logits`).
#
# $$L = -\log p_y, \qquad \frac{\partial L}{\partial \log p_c} = -[c = y]$$
#
# Here $\log p_c$ are the inputs, $y$ is the true class, and $[c = y]$ is 1 for the true class and 0 for the
# others. With `weight`, the mean divides by the sum of the weights, as in [cross-entropy](multiclass-weights).
#
# `F.nll_loss` does not check its input. The last line of PyTorch's cell passes probabilities, and then logits. There
# is no error, but both losses are negative. The NLL of log-probabilities is never negative.

# %% nll-bridge-pt tags=["pytorch"]
log_p_pt = F.log_softmax(torch.tensor(z), dim=1)
y_pt = torch.tensor(y)
loss_pt, dlog_pt = value_and_grad(
    lambda log_p: F.nll_loss(log_p, y_pt), log_p_pt)
show(loss=loss_pt, dlog=dlog_pt[0])
weighted_pt = F.nll_loss(log_p_pt, y_pt, weight=w_pt)
show(weighted=weighted_pt)
show(of_probabilities=F.nll_loss(log_p_pt.exp(), y_pt),
     of_logits=F.nll_loss(torch.tensor(z), y_pt))

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
# (kl-divergence)=
# ## Kullback–Leibler divergence
#
# <!-- head: kl_divergence -->
#
# The KL divergence measures how far a predicted distribution $p$ is from a target distribution $q$. It is 0 if they
# are equal, and positive otherwise. Choose it if the target is a whole distribution, such as the softened output of a
# teacher network {footcite:p}`hinton2015distilling`.
#
# $$L = \sum_c q_c \log\frac{q_c}{p_c} = \sum_c q_c \log q_c - \sum_c q_c \log p_c$$
#
# Here $q_c$ and $p_c$ are the target and the predicted probability of class $c$. The last term is the cross-entropy,
# and the term before it does not depend on the prediction. So KL divergence and cross-entropy have the same gradient.
#
# Keras takes two probabilities, the target first. PyTorch's `kl_div` takes the *logarithm* of the prediction first,
# and then the target as probabilities. If you forget the logarithm in PyTorch, the result can be negative
# (`without_log`). If you keep PyTorch's order in Keras, you get another number (`swapped`).

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
# ### Use `reduction="batchmean"`: PyTorch's default also divides by the number of classes
#
# PyTorch's default, `"mean"`, divides by the number of all elements, and gives a warning. `"batchmean"` divides by
# the size of axis 0, which is the batch. Keras divides by the number of distributions. For the shape (batch,
# classes), both numbers are the same. For (batch, time, classes), Keras divides by batch times time, and PyTorch by
# batch (`three_axes`). Flatten these two axes in PyTorch, and both agree (`flattened`):

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
# In the next cells the target is (0.5, 0.5) and the prediction is (1, 0). PyTorch's loss is ∞, and its gradient is −∞.
# Keras clips both arguments to at least $10^{-7}$. Its loss is 7.37, and the gradient of the second probability is 0,
# so the network does not learn to raise it. If you clip in PyTorch yourself (`clipped`), the losses agree. To avoid
# the problem, pass `log_softmax(z)` to `kl_div`.

# %% kl-zeros-pt tags=["pytorch"]
half_pt = torch.tensor([[0.5, 0.5]])
sure_pt = torch.tensor([[1.0, 0.0]])
loss, dp = value_and_grad(lambda p: F.kl_div(
    torch.log(p), half_pt, reduction="batchmean"), sure_pt)
show(loss=loss, dp=dp)
loss_pt = F.kl_div(torch.log(sure_pt.clamp(min=1e-7)), half_pt,
                   reduction="batchmean")
show(clipped=loss_pt)

# %% kl-zeros-tf tags=["tensorflow"]
half_tf = tf.constant([[0.5, 0.5]])
sure_tf = tf.constant([[1.0, 0.0]])
loss_tf, dp = value_and_grad(
    lambda p: keras.losses.KLDivergence()(half_tf, p), sure_tf)
show(loss=loss_tf, dp=dp)

# %% kl-zeros
agree(loss_pt, loss_tf)

# %% [markdown]
# (categorical-focal)=
# ## Categorical focal loss
#
# <!-- head: categorical_focal -->
#
# The focal loss {footcite:p}`lin2017focal` is a cross-entropy in which easy examples count less. The loss of each
# example is multiplied by $(1 - p)^\gamma$, where $p$ is the probability of its true class. Choose it if most
# examples are easy. The sum of many small losses can be larger than the losses of a few hard examples.
#
# $$L = -\alpha \sum_c q_c\, (1 - p_c)^\gamma \log p_c$$
#
# Here $q$ is the one-hot target, and $p$ is the softmax of the logits. With a larger $\gamma$, easy examples count
# less. $\alpha$ is one factor for all classes. PyTorch has no focal loss, so the next cell defines one.

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
# ### With `gamma=0`, Keras's focal loss is a quarter of the cross-entropy, because alpha is 0.25
#
# With gamma 0, the factor $(1 - p)^\gamma$ is 1. But alpha multiplies the loss of every class, and its default is
# 0.25. So the loss is a quarter of the cross-entropy 0.5866 (`quarter`). Pass `alpha=1.0` to get the cross-entropy
# (`whole`).
#
# The last three lines are for gamma 0, 2 and 5. Each line has two shares of the total loss: first that of the
# easiest example, then that of the hardest example.

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
# In the next cells the logits are 1000 and −1000, and the second class is the true one. The cross-entropy is 2000, so
# the focal loss is 0.25 · 2000 = 500. Keras computes the softmax and clips it at $10^{-7}$, so its loss is
# 0.25 · 16.1 = 4.03, and its gradient is 0:

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
# Generalized cross-entropy {footcite:p}`zhang2018generalized` is a loss with an upper limit: one example costs at most
# $1 / q$. So a few examples with wrong labels do not dominate the training. Choose it if you know that some labels of
# the training set are wrong.
#
# $$L = \frac{1 - p_y^{\,q}}{q}, \qquad 0 < q \le 1$$
#
# Here $p_y$ is the probability of the true class. In this section $q$ is a parameter and not a target. If $q$ is
# close to 0, the loss is close to the cross-entropy. If $q$ is 1, the loss is $1 - p_y$. PyTorch has no such loss,
# so the next cell writes it in one line. Keras's class takes probabilities and *integer* labels, although its name
# says *categorical*.

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
# Keras's documentation allows labels of shape (N, 1). But Keras then combines each example with the labels of all
# examples, and there is no error (`column`). The same happens with one-hot labels, if there are as many classes as
# examples (`one_hot`). Pass labels of shape (N,). The cells print all losses, without a mean:

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
# (categorical-hinge)=
# ## Categorical hinge loss
#
# <!-- head: categorical_hinge -->
#
# A hinge loss {footcite:p}`crammer2001algorithmic` compares scores, without a softmax. An example costs nothing if the
# score of the true class is larger than each other score by at least 1. Choose it if you need no probabilities.
#
# $$L = \max\Bigl(0,\; 1 + \max_c\, (1 - q_c)\, z_c - \sum_c q_c z_c\Bigr)$$
#
# This is Keras's formula. $q$ is the one-hot target, and $z$ are the scores. PyTorch has no such loss, so the next cell
# defines one.

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
# ### Keras's hinge counts a wrong score below 0 as 0, so adding a number to all scores changes the loss
#
# The product $(1 - q_c)\,z_c$ is 0 for the true class, and this 0 takes part in the maximum. If all wrong scores are
# negative, the 0 is the largest number.
#
# The two examples of the next cells have the scores (−3, −5) and (7, 5), and the first class is the true one. In
# both examples, the score of the true class is larger by 2. `keras` is Keras's loss, and `textbook` leaves the true
# class out of the maximum.

# %% hinge-shift-pt tags=["pytorch"]
rows_pt = torch.tensor([[-3.0, -5.0], [7.0, 5.0]])
first_pt = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
keras_pt = hinge_pt(rows_pt, first_pt)
textbook = (rows_pt[:, 1] - rows_pt[:, 0] + 1).clamp(min=0)
show(keras=keras_pt, textbook=textbook)

# %% hinge-shift-tf tags=["tensorflow"]
rows_tf = tf.constant([[-3.0, -5.0], [7.0, 5.0]])
first_tf = tf.constant([[1.0, 0.0], [1.0, 0.0]])
keras_tf = keras.losses.categorical_hinge(first_tf, rows_tf)
textbook = tf.nn.relu(rows_tf[:, 1] - rows_tf[:, 0] + 1)
show(keras=keras_tf, textbook=textbook)

# %% hinge-shift
agree(keras_pt, keras_tf)

# %% [markdown]
# (multi-margin)=
# ## Multi-class margin loss
#
# <!-- head: multi_margin -->
#
# The score of the true class should be larger than each wrong score by at least a margin. If a wrong score is too
# large, its class adds to the loss. The sum is divided by the number of classes. Choose this loss in PyTorch if you
# need no probabilities. It is not equal to Keras's categorical hinge, which counts only one wrong class.
#
# $$L = \frac1C \sum_{c \ne y} \max(0,\; m - z_y + z_c)^k$$
#
# Here $C$ is the number of classes, $y$ is the true class, $m$ is the argument `margin`, 1 by default, and $k$ is the
# argument `p`, which is 1 or 2. TensorFlow has no such loss, so the next cell defines one.

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
# (multilabel-margin)=
# ## Multi-label margin loss
#
# <!-- head: multilabel_margin -->
#
# This loss is for examples with several labels. It requires that the score of each label is larger than the score of
# each other class by at least 1. Choose it to rank the classes of an example. If you need a probability for each
# label, use [binary cross-entropy with logits](binary-cross-entropy-with-logits).
#
# $$L = \frac1C \sum_{i \in Y} \sum_{j \notin Y} \max(0,\; 1 - z_i + z_j)$$
#
# Here $Y$ is the set of the labels of the example, and $C$ is the number of classes. A target of PyTorch is a row of
# $C$ integers. The labels are the numbers before the first −1. All numbers after it are ignored. In the next cells
# the labels are 3 and 0.
#
# If you pass the multi-hot row (1, 0, 0, 1) instead, PyTorch reads it as the list of the classes 1, 0, 0, 1. There is
# no error, and the loss is wrong (`many_hot`). TensorFlow has no such loss, so the next cell defines one. It takes
# multi-hot targets.

# %%
ranked = np.array([[0.1, 0.2, 0.4, 0.8]], dtype=np.float32)
listed = np.array([[3, 0, -1, 1]])  # the labels are 3 and 0
many_hot = np.array([[1, 0, 0, 1]])  # the same labels, multi-hot

# %% multilabel-bridge-pt tags=["pytorch"]
z_pt, l_pt = torch.tensor(ranked), torch.tensor(listed)
loss_pt, dz_pt = value_and_grad(
    lambda z: F.multilabel_margin_loss(z, l_pt), z_pt)
show(loss=loss_pt, dz=dz_pt)
show(many_hot=F.multilabel_margin_loss(
    z_pt, torch.tensor(many_hot)))

# %% multilabel-bridge-tf tags=["tensorflow"]
def multilabel_margin_tf(q, z):
    short = tf.nn.relu(1 - z[:, :, None] + z[:, None, :])
    pairs = q[:, :, None] * (1 - q)[:, None, :]
    loss = tf.reduce_sum(pairs * short, [1, 2])
    return tf.reduce_mean(loss / z.shape[1])


z_tf = tf.constant(ranked)
q_tf = tf.constant(many_hot, tf.float32)
loss_tf, dz_tf = value_and_grad(
    lambda z: multilabel_margin_tf(q_tf, z), z_tf)
show(loss=loss_tf, dz=dz_tf)

# %% multilabel-bridge
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

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
