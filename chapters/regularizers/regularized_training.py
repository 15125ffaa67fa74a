# %% [markdown]
# # Regularized training
#
# A regularized training minimizes a loss plus a penalty on the weights. It may also change the weights after
# each step, so that they satisfy a constraint. This page does two such trainings in both frameworks, from the
# data to the trained network: a network with 61 parameters, and a network with 4,810 parameters.
#
# **The claims:**
#
# - From the same weights and the same batches, both frameworks have the same losses. The weights agree only if
#   Adam's ε is almost 0, and with an L1 penalty single weights can still differ.
# - In Keras, `loss` and `val_loss` contain the penalty. In PyTorch they contain what you add.
# - With the factor 0.01, the default of Keras's `L1` and `L2`, the larger network learns only how frequent the
#   labels are.
# - Six of Keras's metrics can return a number that you do not expect, and raise no error.

# %%
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchinfo

from diptych import agree, plots, show, show_error

plots.use_style()
torch.set_num_threads(1)  # tensors as small as these gain nothing from more

# %% [markdown]
# ## The task: find the few positive points inside a ring of negative points
#
# There are 1,200 points, and 120 of them are positive. The positive points lie around a circle of radius 1.5,
# and the negative points around a circle of radius 3.5. The first 1,000 points are for training, and the other
# 200 for validation. The last lines draw the initial weights, so that both frameworks start from the same ones.

# %% rings
rng = np.random.default_rng(0)
y = rng.permutation(np.arange(1200) < 120)
radius = np.where(y, 1.5, 3.5) + rng.normal(0, 0.6, 1200)
angle = rng.uniform(0, 2 * np.pi, 1200)
x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
x, y = x.astype(np.float32), y[:, None].astype(np.float32)  # (1200, 2), (1200, 1)
x_val, y_val = x[1000:], y[1000:]

start = []
for n_in, n_out in ((2, 4), (4, 8), (8, 1)):
    kernel = rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out))
    start += [kernel.astype(np.float32), np.zeros(n_out, np.float32)]
print("positive:", int(y[:1000].sum()), "of 1000,", int(y_val.sum()), "of 200")

# %% [markdown]
# (end-to-end)=
# ## A network with 61 parameters learns the inner ring, in both frameworks
#
# <!-- head: end_to_end -->
#
# The network has two inputs, two hidden layers with 4 and 8 units, and one output. The output is the
# probability that the point is positive. The training minimizes the focal loss {footcite:p}`lin2017focal` plus
# two penalties on the kernels, and does not penalize the biases:
#
# $$\frac1N \sum_{i=1}^N \alpha_i\,(1 - p_i)^{\gamma}\,(-\log p_i) \;+\; \lambda_1 \sum_w |w| \;+\; \lambda_2
# \sum_w w^2$$
#
# Here $p_i$ is the probability that the network gives to the right class of example $i$. The factor $(1 -
# p_i)^\gamma$, with $\gamma = 2$, makes the loss of easy examples small. $\alpha_i$ is 0.75 for positive and
# 0.25 for negative examples, because there are few positive ones. Both $\lambda_1$ and $\lambda_2$ are 0.001.
#
# In Keras, each layer gets its penalty as `kernel_regularizer`. PyTorch has no such argument, so the network is
# defined without a penalty, and the loss will add it.

# %% net-pt tags=["pytorch"]
def make_net_pt():
    net = nn.Sequential(
        nn.Linear(2, 4), nn.ReLU(),
        nn.Linear(4, 8), nn.ReLU(),
        nn.Linear(8, 1), nn.Sigmoid())
    weights = [torch.tensor(w.T) for w in start]
    net.load_state_dict(dict(zip(net.state_dict(), weights)))
    return net

# %% net-tf tags=["tensorflow"]
def make_net_tf(l1=0.001):
    penalty = keras.regularizers.L1L2(l1=l1, l2=0.001)
    net = keras.Sequential([keras.Input((2,))] + [
        keras.layers.Dense(
            units, activation, kernel_regularizer=penalty)
        for units, activation in
        ((4, "relu"), (8, "relu"), (1, "sigmoid"))])
    net.set_weights(start)
    return net

# %% [markdown]
# ### By hand and by summary, there are 12 + 40 + 9 = 61 parameters
#
# A dense layer has a weight for each pair of an input and an output, and a bias for each output. So the three
# layers have 2 · 4 + 4 = 12, 4 · 8 + 8 = 40 and 8 · 1 + 1 = 9 parameters. The penalties have no parameters. The
# package `torchinfo` prints the summary for PyTorch:

# %% net-summary-pt tags=["pytorch"]
net_pt = make_net_pt()
summary = torchinfo.summary(net_pt, (1, 2), col_width=12)
print(str(summary).partition("Total mult")[0])

# %% net-summary-tf tags=["tensorflow"]
net_tf = make_net_tf()
net_tf.summary(line_length=60)

# %% net-summary
agree(torch.tensor(summary.total_params), tf.constant(net_tf.count_params()))

# %% [markdown]
# ### The loss is the focal loss plus the penalty, with the same gradients in both
#
# In PyTorch you write both terms. The penalty sums over the parameters with more than one axis, because these
# are the kernels. In Keras, the focal loss is a class, and `net.losses` contains one penalty for each layer. The
# arguments of the focal loss have opposite orders: (prediction, target) in PyTorch, (target, prediction) in
# TensorFlow. The last pair of cells prints both terms for the first 50 points, before training.

# %% loss-pt tags=["pytorch"]
def focal_pt(p, y, alpha=0.75, gamma=2):
    bce = F.binary_cross_entropy(p, y, reduction="none")
    p_right = torch.where(y == 1, p, 1 - p)
    weight = torch.where(y == 1, alpha, 1 - alpha)
    return (weight * (1 - p_right) ** gamma * bce).mean()


def penalty_pt(net, l1=0.001):
    kernels = [w for w in net.parameters() if w.ndim > 1]
    return sum(l1 * w.abs().sum() + 0.001 * (w**2).sum()
               for w in kernels)

# %% loss-tf tags=["tensorflow"]
focal_tf = keras.losses.BinaryFocalCrossentropy(
    apply_class_balancing=True, alpha=0.75, gamma=2)

# %% first-loss-pt tags=["pytorch"]
target = torch.tensor(y[:50])
p = net_pt(torch.tensor(x[:50]))
loss_pt = focal_pt(p, target) + penalty_pt(net_pt)
weights = list(net_pt.parameters())
gradients_pt = torch.autograd.grad(loss_pt, weights)
show(focal=focal_pt(p, target), penalty=penalty_pt(net_pt))

# %% first-loss-tf tags=["tensorflow"]
target = tf.constant(y[:50])
with tf.GradientTape() as tape:
    p = net_tf(tf.constant(x[:50]))
    loss_tf = focal_tf(target, p) + sum(net_tf.losses)
weights = net_tf.trainable_weights
gradients_tf = tape.gradient(loss_tf, weights)
show(focal=focal_tf(target, p), penalty=sum(net_tf.losses))

# %% first-loss
agree(loss_pt, loss_tf, gradients=([g.t() for g in gradients_pt], gradients_tf))

# %% [markdown]
# ### From equal weights and batches, both frameworks have the same losses for 30 epochs
#
# The batches have 50 points, and are not shuffled. The optimizer is Adam with a learning rate of 0.01. Its ε is
# $10^{-12}$ here; the [next section](end-to-end-epsilon) shows why. After each epoch, both frameworks compute
# the loss, the accuracy and the AUC on the 200 validation points. In PyTorch you write the loop. In Keras, `fit`
# runs it and returns the history.
#
# The AUC is the probability that a random positive point gets a higher score than a random negative point. A
# tie counts one half. In PyTorch, compare all pairs. Keras approximates the AUC, which has [its own
# section](training-metrics).

# %% validate-pt tags=["pytorch"]
batches_pt = list(zip(torch.tensor(x[:1000]).split(50),
                      torch.tensor(y[:1000]).split(50)))


def auc_pt(score, y):
    ahead = score[y == 1][:, None] - score[y == 0]
    return ((ahead > 0) + 0.5 * (ahead == 0)).mean()


@torch.no_grad()
def validate_pt(net, l1):
    p, y = net(torch.tensor(x_val)), torch.tensor(y_val)
    right = ((p > 0.5) == (y == 1)).float().mean()
    return {"val_loss": focal_pt(p, y) + penalty_pt(net, l1),
            "val_accuracy": right, "val_auc": auc_pt(p, y)}

# %% validate-tf tags=["tensorflow"]
batches_tf = tf.data.Dataset.from_tensor_slices(
    (x[:1000], y[:1000])).batch(50)
validation_tf = tf.data.Dataset.from_tensors((x_val, y_val))

# %% train-pt tags=["pytorch"]
def train_pt(eps, l1=0.001):
    net, history = make_net_pt(), []
    adam = torch.optim.Adam(net.parameters(), lr=0.01, eps=eps)
    for _ in range(30):
        total = 0
        for x_batch, y_batch in batches_pt:
            p = net(x_batch)
            loss = focal_pt(p, y_batch) + penalty_pt(net, l1)
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += loss.item()
        history.append(
            {"loss": total / 20} | validate_pt(net, l1))
    return net, history

# %% train-tf tags=["tensorflow"]
def train_tf(eps, l1=0.001, validation=None):
    net = make_net_tf(l1)
    adam = keras.optimizers.Adam(0.01, epsilon=eps)
    auc = keras.metrics.AUC(name="auc")
    net.compile(adam, focal_tf, metrics=["accuracy", auc])
    history = net.fit(
        batches_tf, epochs=30, shuffle=False,
        validation_data=validation, verbose=0)
    return net, history.history

# %% trained-pt tags=["pytorch"]
net_pt, history_pt = train_pt(eps=1e-12)
epochs_pt = {
    name: torch.tensor([epoch[name] for epoch in history_pt])
    for name in history_pt[0]}
for name in ("val_accuracy", "val_auc"):
    show(**{name: epochs_pt[name][-1]}, digits=2)

# %% trained-tf tags=["tensorflow"]
net_tf, history_tf = train_tf(
    1e-12, validation=validation_tf)
epochs_tf = {name: tf.constant(values)
             for name, values in history_tf.items()}
for name in ("val_accuracy", "val_auc"):
    show(**{name: epochs_tf[name][-1]}, digits=2)

# %% curves-agree
agree([epochs_pt["loss"], epochs_pt["val_loss"]],
      [epochs_tf["loss"], epochs_tf["val_loss"]], rtol=1e-3)

# %% history tags=["hide-input"]
# alt: Two panels over 30 epochs; TensorFlow's circles lie on PyTorch's lines. On the left, the loss falls from
# 0.19 and the validation loss from 0.11, and both are about 0.03 at the end. On the right, the AUC and the
# accuracy begin between 0.7 and 0.9, and are above 0.97 after ten epochs.
fig, axes = plt.subplots(1, 2, figsize=(5.2, 2.4))
for ax, names in zip(axes, (("loss", "val_loss"), ("val_auc", "val_accuracy"))):
    for name in names:
        plots.coinciding(ax, np.arange(1, 31), epochs_pt[name], epochs_tf[name], markers=8)
    ax.set(xlabel="epoch")
axes[0].annotate("loss", (2, 0.17))
axes[0].annotate("val_loss", (5, 0.075))
plots.say_which(axes[0], (9, 0.15))
axes[1].annotate("val_auc", (4, 0.76))
axes[1].annotate("val_accuracy", (12, 0.93))
axes[0].set(title="The losses are equal, …", ylim=(0, None))
axes[1].set(title="… and the metrics, too", ylim=(0.68, 1.03))
plt.show()

# %% [markdown]
# A network that always answers "no" has an accuracy of 176/200 = 0.88, because only 24 of the 200 points are
# positive. So 0.98 is less good than it looks, and the AUC says more.
#
# The next figure shows the networks after training. The colour is the predicted probability, and the line is
# at 0.5. The dots are the validation points; the filled ones are positive.

# %% boundaries tags=["hide-input"]
# alt: Two maps of the plane, PyTorch's and TensorFlow's, which look the same. A closed line, a polygon
# with a few corners, separates the filled dots in the middle from the ring of empty dots around them.
side = np.linspace(-5, 5, 51, dtype=np.float32)
plane = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
with torch.no_grad():
    maps = {"PyTorch": net_pt(torch.tensor(plane)).numpy(),
            "TensorFlow": net_tf(tf.constant(plane)).numpy()}
fig, axes = plt.subplots(1, 2, figsize=(5.2, 2.7), sharey=True)
for ax, (name, p), color in zip(axes, maps.items(), (plots.PYTORCH, plots.TENSORFLOW)):
    p = p.reshape(51, 51)
    ax.contourf(side, side, p, levels=[0.25, 0.5, 0.75, 1], colors=color, alpha=0.15)
    ax.contourf(side, side, p, levels=[0.5, 1], colors=color, alpha=0.2)
    ax.contour(side, side, p, levels=[0.5], colors=color)
    for label, face in ((0, "none"), (1, plots.INK)):
        ax.plot(*x_val[y_val[:, 0] == label].T, "o", markersize=3, markerfacecolor=face,
                markeredgecolor=plots.INK, markeredgewidth=0.6)
    ax.set(title=name, aspect="equal")
plt.show()

# %% [markdown]
# (val-loss-penalty)=
# ### In Keras, `val_loss` contains the penalty
#
# `fit` and `evaluate` add the penalty to the loss, on the validation points, too. So a lower `val_loss` can
# come from smaller weights alone. In your own loop, you decide. The next cells print the validation loss and its
# two terms after training:

# %% val-loss-pt tags=["pytorch"]
with torch.no_grad():
    p = net_pt(torch.tensor(x_val))
    focal = focal_pt(p, torch.tensor(y_val))
    penalty = penalty_pt(net_pt)
val_loss_pt = focal + penalty
show(focal=focal, penalty=penalty, sum=val_loss_pt, digits=2)

# %% val-loss-tf tags=["tensorflow"]
focal = focal_tf(y_val, net_tf(tf.constant(x_val)))
penalty = sum(net_tf.losses)
val_loss, *_ = net_tf.evaluate(validation_tf, verbose=0)
val_loss_tf = tf.constant(val_loss)
show(focal=focal, penalty=penalty, val=val_loss_tf, digits=2)

# %% val-loss
agree(val_loss_pt, val_loss_tf, rtol=1e-3)

# %% [markdown]
# More than half of `val_loss` is the penalty. To compare networks with different factors, compare a metric, or
# subtract `sum(net.losses)`.
#
# (end-to-end-epsilon)=
# ### With ε = 10⁻⁷ the weights part, with ε = 10⁻¹² they agree
#
# Adam divides by a root plus ε, and [ε is in another place of the formula](three-ways-defaults) in Keras: in
# step $t$ it is $1/\sqrt{1 - 0.999^t}$ times as large as in PyTorch. So an equal ε does not give equal steps. If
# ε is almost 0, its place does not matter. The next cells train without the L1 penalty, once with ε =
# $10^{-7}$ (Keras's default) and once with $10^{-12}$, in both frameworks:

# %% epsilon-pt tags=["pytorch"]
plain_pt = {eps: train_pt(eps, l1=0.0)
            for eps in (1e-7, 1e-12)}
weights_pt = {eps: [w.detach().t() for w in net.parameters()]
              for eps, (net, _) in plain_pt.items()}

# %% epsilon-tf tags=["tensorflow"]
plain_tf = {eps: train_tf(eps, l1=0.0)
            for eps in (1e-7, 1e-12)}
weights_tf = {eps: net.trainable_weights
              for eps, (net, _) in plain_tf.items()}

# %% epsilon
agree(weights_pt[1e-12], weights_tf[1e-12], rtol=1e-3, atol=1e-4)
weights, losses = {}, {}
for eps in (1e-7, 1e-12):
    pairs = zip(weights_pt[eps], weights_tf[eps])
    weights[eps] = max(np.abs(a.numpy() - b.numpy()).max() for a, b in pairs)
    pairs = zip(plain_pt[eps][1], plain_tf[eps][1]["loss"])
    losses[eps] = max(abs(epoch["loss"] - loss) for epoch, loss in pairs)
    print(f"ε = {eps}: weights differ by more than 0.001: {weights[eps] > 0.001},",
          f"losses: {losses[eps] > 0.001}")
print("50 times as large with 1e-7:", weights[1e-7] > 50 * weights[1e-12])

# %% [markdown]
# So if the losses of your port agree and the weights do not, this need not be a bug.
#
# With an L1 penalty, single weights can differ even with ε = $10^{-12}$. The derivative of $|w|$ jumps from −1 to 1
# at 0. L1 moves many weights close to 0, where a rounding error can change the sign. The next cells make one step
# with two weights that differ by $2 \cdot 10^{-9}$:

# %% l1-kink-pt tags=["pytorch"]
w = torch.tensor([1e-9, -1e-9], requires_grad=True)
adam = torch.optim.Adam([w], lr=0.01, eps=1e-12)
(0.001 * w.abs().sum()).backward()
adam.step()
w_pt = w
show(w=w_pt)

# %% l1-kink-tf tags=["tensorflow"]
w = tf.Variable([1e-9, -1e-9])
adam = keras.optimizers.Adam(0.01, epsilon=1e-12)
with tf.GradientTape() as tape:
    penalty = keras.regularizers.L1(0.001)(w)
adam.apply([tape.gradient(penalty, w)], [w])
w_tf = w
show(w=w_tf)

# %% l1-kink
agree(w_pt, w_tf)

# %% [markdown]
# After the step, the two weights differ by 0.02. Compare losses and metrics in a training with L1, and not
# single weights.
#
# ### L1 moves many of the 48 kernel weights close to 0, but none to exactly 0
#
# The figure shows the weights after the training with L1 and after the training without it. L2 is part of both.
# The cell below it counts the weights between −0.01 and 0.01, and prints whether L1 gives more than twice as many,
# first in PyTorch, then in TensorFlow.

# %% l1-histogram tags=["hide-input"]
# alt: Two histograms of the 48 kernel weights, PyTorch's and TensorFlow's, which look the same. With L1,
# 25 weights are in the bin around 0. Without L1 there are 12, and more weights between 0.1 and 0.7.
l1_pt, no_l1_pt = (
    torch.cat([w.detach().flatten() for w in net.parameters() if w.ndim > 1]).numpy()
    for net in (net_pt, plain_pt[1e-12][0]))
l1_tf, no_l1_tf = (
    np.concatenate([w.numpy().ravel() for w in net.trainable_weights if len(w.shape) > 1])
    for net in (net_tf, plain_tf[1e-12][0]))
fig, axes = plt.subplots(1, 2, figsize=(5.2, 2.4), sharey=True)
bins = np.arange(-2.1, 2.2, 0.2)
for ax, name, color, w, w_plain in (
    (axes[0], "PyTorch", plots.PYTORCH, l1_pt, no_l1_pt),
    (axes[1], "TensorFlow", plots.TENSORFLOW, l1_tf, no_l1_tf),
):
    ax.hist(w, bins, color=color, alpha=0.5)
    ax.hist(w_plain, bins, histtype="step", color=plots.INK, linewidth=1.6)
    ax.set(title=name, xlabel="weight")
axes[0].set(ylabel="number of weights")
axes[1].annotate("with L1", (0.25, 18), color=plots.TENSORFLOW)
axes[1].annotate("without L1", (0.6, 7), color=plots.INK)
plt.show()

# %% l1-counts
for with_l1, without in ((l1_pt, no_l1_pt), (l1_tf, no_l1_tf)):
    small, others = ((np.abs(w) < 0.01).sum() for w in (with_l1, without))
    print("over twice as many with L1:", small > 2 * others,
          " exact zeros:", (with_l1 == 0).sum())

# %% [markdown]
# As in the cells above, a step of Adam jumps over 0, and does not stop there.
#
# (keras-regularization)=
# ## With the factor 0.01, a network with 4,810 parameters learns only how frequent the labels are
#
# <!-- head: keras_regularization -->
#
# The second network has 64 inputs, 64 hidden units and 10 outputs. Each output is the probability of a label,
# and an example can have several labels. The Keras network has penalties on the kernels and on the hidden units,
# and a constraint. PyTorch has no arguments for these. Each argument becomes a line of the training step:
#
# | argument of a Keras layer | line in PyTorch |
# | --- | --- |
# | `kernel_regularizer=L2(0.01)` | add `0.01 * (w**2).sum()` to the loss |
# | `kernel_regularizer=L1L2(0.01, 0.01)` | add `0.01 * (w.abs() + w**2).sum()` to the loss |
# | `activity_regularizer=L1(0.01)` | add `0.01 * h.abs().sum() / len(h)` to the loss |
# | `kernel_constraint=MaxNorm(2)` | after each step, `w.copy_(torch.renorm(w, 2, 0, 2.0))` |
#
# Here `w` is the weight of the layer, and `h` are its outputs for the batch. Keras divides an activity penalty by
# the batch size. Run the last line under `torch.no_grad()`, or with `w.detach()` as `w`. The data are 500 examples
# for training and 500 for validation. The labels depend on 64 normal numbers and on some noise:

# %% labels
rng = np.random.default_rng(0)
x_wide = rng.normal(size=(1000, 64)).astype(np.float32)
score = x_wide @ rng.normal(0, 1 / 8, (64, 10)) + 0.3 * rng.normal(size=(1000, 10))
y_wide = (score > 0.8).astype(np.float32)  # (examples, labels)

start_wide = []
for n_in, n_out in ((64, 64), (64, 10)):
    limit = np.sqrt(6 / (n_in + n_out))
    kernel = rng.uniform(-limit, limit, (n_in, n_out))
    start_wide += [kernel.astype(np.float32), np.zeros(n_out, np.float32)]

# %% wide-pt tags=["pytorch"]
class Wide(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(64, 64)
        self.out = nn.Linear(64, 10)
        self.load_state_dict(dict(zip(self.state_dict(), (
            torch.tensor(w.T) for w in start_wide))))

    def forward(self, x, factor):
        h = torch.relu(self.hidden(x))
        w1, w2 = self.hidden.weight, self.out.weight
        penalty = (w1**2).sum() + h.abs().sum() / len(h)
        penalty += (w2.abs() + w2**2).sum()
        return torch.sigmoid(self.out(h)), factor * penalty

# %% wide-tf tags=["tensorflow"]
def make_wide(factor):
    l1 = keras.regularizers.L1(factor)
    l2 = keras.regularizers.L2(factor)
    both = keras.regularizers.L1L2(l1=factor, l2=factor)
    net = keras.Sequential([
        keras.Input((64,)),
        keras.layers.Dense(
            64, "relu", kernel_regularizer=l2,
            activity_regularizer=l1,
            kernel_constraint=keras.constraints.MaxNorm(2)),
        keras.layers.Dense(
            10, "sigmoid", kernel_regularizer=both)])
    net.set_weights(start_wide)
    return net

# %% [markdown]
# ### 64 · 64 + 64 + 64 · 10 + 10 = 4,810 parameters, and the same loss in both
#
# The first layer has 4,160 parameters, and the second layer has 650. The next cells count them, and compute the
# loss of the first 50 examples with the factor 0.01:

# %% wide-loss-pt tags=["pytorch"]
net_pt = Wide()
summary = torchinfo.summary(net_pt, verbose=0)
print(summary.total_params, "parameters")
p, penalty = net_pt(torch.tensor(x_wide[:50]), 0.01)
error = F.binary_cross_entropy(p, torch.tensor(y_wide[:50]))
loss_pt = error + penalty
weights = list(net_pt.parameters())
gradients_pt = torch.autograd.grad(loss_pt, weights)
show(error=error, penalty=penalty)

# %% wide-loss-tf tags=["tensorflow"]
net_tf = make_wide(0.01)
print(net_tf.count_params(), "parameters")
with tf.GradientTape() as tape:
    p = net_tf(tf.constant(x_wide[:50]))
    error = keras.losses.BinaryCrossentropy()(y_wide[:50], p)
    loss_tf = error + sum(net_tf.losses)
weights = net_tf.trainable_weights
gradients_tf = tape.gradient(loss_tf, weights)
show(error=error, penalty=sum(net_tf.losses))

# %% wide-loss
agree(loss_pt, loss_tf, gradients=([g.t() for g in gradients_pt], gradients_tf))

# %% [markdown]
# At the start, the penalty is more than twice as large as the error.
#
# (wide-training)=
# ### With RMSprop and `MaxNorm`, both frameworks have the same validation errors
#
# [RMSprop's defaults differ](three-ways-defaults): pass `alpha=0.9` in PyTorch, or `rho=0.99` in Keras. ε is
# outside the root in PyTorch and inside it in Keras. It is almost 0 here, so that its place does not matter. In
# PyTorch, the constraint is the last line of the step: it is not a part of the loss. It scales each row of the
# weight whose norm is above 2. The rows are the units, as the columns are in Keras.
#
# The validation error is the cross-entropy without the penalty. In Keras, metrics do not contain the penalty, so
# the cross-entropy is a metric here, too.

# %% wide-validate-pt tags=["pytorch"]
xs_wide = torch.tensor(x_wide).split(50)  # 20 batches
ys_wide = torch.tensor(y_wide).split(50)


@torch.no_grad()
def validate_wide_pt(net):
    p = net(torch.tensor(x_wide[500:]), 0)[0]
    y = torch.tensor(y_wide[500:])
    return F.binary_cross_entropy(p, y), auc_pt(p, y)

# %% wide-validate-tf tags=["tensorflow"]
batches_wide = tf.data.Dataset.from_tensor_slices(
    (x_wide[:500], y_wide[:500])).batch(50)
validation_wide = tf.data.Dataset.from_tensors(
    (x_wide[500:], y_wide[500:]))

# %% wide-train-pt tags=["pytorch"]
def train_wide_pt(factor):
    net, history = Wide(), []
    weights = net.parameters()
    rmsprop = torch.optim.RMSprop(weights, lr=0.01, alpha=0.9)
    for _ in range(15):
        for x, y in zip(xs_wide[:10], ys_wide[:10]):
            p, penalty = net(x, factor)
            loss = F.binary_cross_entropy(p, y) + penalty
            rmsprop.zero_grad()
            loss.backward()
            rmsprop.step()
            w = net.hidden.weight.detach()
            w.copy_(torch.renorm(w, 2, 0, 2.0))
        history.append(validate_wide_pt(net))
    return net, *map(torch.stack, zip(*history))

# %% wide-train-tf tags=["tensorflow"]
def train_wide_tf(factor):
    net = make_wide(factor)
    rmsprop = keras.optimizers.RMSprop(0.01, epsilon=1e-16)
    auc = keras.metrics.AUC(name="auc")
    net.compile(rmsprop, "binary_crossentropy",
                metrics=["binary_crossentropy", auc])
    history = net.fit(
        batches_wide, epochs=15, shuffle=False, verbose=0,
        validation_data=validation_wide).history
    names = "val_binary_crossentropy", "val_auc"
    return net, *(tf.constant(history[name]) for name in names)

# %% wide-factors-pt tags=["pytorch"]
wide_pt = {factor: train_wide_pt(factor)
           for factor in (0.01, 0.001, 0.0)}
for factor, (_, error, auc) in wide_pt.items():
    print(f"factor {factor:5}: error {error[-1]:.1f},",
          f"AUC {auc[-1]:.1f}")

# %% wide-factors-tf tags=["tensorflow"]
wide_tf = {factor: train_wide_tf(factor)
           for factor in (0.01, 0.001, 0.0)}
for factor, (_, error, auc) in wide_tf.items():
    print(f"factor {factor:5}: error {error[-1]:.1f},",
          f"AUC {auc[-1]:.1f}")

# %% wide-factors
agree([wide_pt[factor][1] for factor in wide_pt],
      [wide_tf[factor][1] for factor in wide_tf], rtol=0.02)
frequency = torch.tensor(y_wide[:500]).mean(0).expand(500, 10)
error = F.binary_cross_entropy(frequency, torch.tensor(y_wide[500:]))
print(f"always the labels' frequencies: error {error:.1f}")

# %% [markdown]
# With the factor 0.01, the AUC is that of a random guess. The error is that of a constant answer, the frequency of
# each label in the training data: the biases have no penalty, and learn it. With 0.001, the network has the smallest
# error. Without a penalty, the error becomes smaller for five epochs and then grows, because the network learns the
# noise of its 500 examples:

# %% wide-errors tags=["hide-input"]
# alt: The validation error over 15 epochs for three factors; TensorFlow's circles lie on PyTorch's lines.
# With 0.01 the error falls from 0.62 to 0.52. With 0.001 it falls from 0.42 to 0.26. Without penalties it
# falls from 0.40 to 0.28 in five epochs, and then rises to 0.38.
fig, ax = plt.subplots(figsize=(5.2, 2.4))
for factor, text, shift in ((0.01, "0.01", 0), (0.001, "0.001", -4), (0.0, "no penalty", 0)):
    error = wide_pt[factor][1]
    plots.coinciding(ax, np.arange(1, 16), error, wide_tf[factor][1], markers=8)
    ax.annotate(text, (15, error[-1]), (9, shift), textcoords="offset points")
plots.say_which(ax, (6, 0.48))
ax.set(xlabel="epoch", ylabel="validation error", xlim=(0.5, 18.5), ylim=(0.2, 0.65),
       title="The factor 0.001 has the smallest error")
plt.show()

# %% [markdown]
# So do not copy a factor from an example. A penalty is a sum over the weights, so it is larger in a larger network.
# The cross-entropy is a mean, and does not grow with the network.
#
# ### With penalties, no unit reaches the bound of `MaxNorm(2)`
#
# The cells print whether none, some or most of the 64 hidden units have a weight vector of norm 2 after training,
# and whether all norms are below 0.1. The constraint changes only the training without penalties. With the factor
# 0.01, the kernel is almost 0:

# %% wide-bound-pt tags=["pytorch"]
for factor, (net, *_) in wide_pt.items():
    norms = net.hidden.weight.norm(dim=1)
    n = int((norms > 1.999).sum())
    share = "none" if n == 0 else "most" if n > 32 else "some"
    print(f"{factor:5}: {share:4} at the bound,",
          f"all below 0.1: {bool(norms.max() < 0.1)}")

# %% wide-bound-tf tags=["tensorflow"]
for factor, (net, *_) in wide_tf.items():
    norms = tf.norm(net.layers[0].kernel, axis=0)
    n = np.sum(norms > 1.999)
    share = "none" if n == 0 else "most" if n > 32 else "some"
    print(f"{factor:5}: {share:4} at the bound,",
          f"all below 0.1: {np.max(norms) < 0.1}")

# %% [markdown]
# L2 makes all weights smaller in each step. `MaxNorm` changes only the units whose norm is too large. It is
# useful with a large learning rate or with dropout {footcite:p}`srivastava2014dropout`, where weights grow fast.
#
# (training-metrics)=
# ## Six metrics of Keras return a number that you may not expect
#
# In PyTorch you write a metric as a formula. Keras has classes, and their defaults do not fit every network. In
# each of the next cells, Keras raises no error.
#
# ### `AUC` compares scores with 200 thresholds, so it is wrong if the scores are close together
#
# There are three right pairs out of four, so the AUC is 0.75. The four scores lie between two neighbouring
# thresholds. Pass more thresholds. For logits, pass `from_logits=True`, because the thresholds lie between 0 and
# 1. If there is no positive example, there is no pair: the formula is NaN, and Keras returns 0.

# %% auc-pt tags=["pytorch"]
y = torch.tensor([0.0, 1.0, 0.0, 1.0])
score = torch.tensor([0.5001, 0.5002, 0.5003, 0.5004])
y_pt = auc_pt(score, y)
show(auc=y_pt)
logits = torch.tensor([-4.0, -2.0, -3.0, -1.0])
from_logits_pt = auc_pt(logits, y)
show(from_logits=from_logits_pt)
show(no_positives=auc_pt(logits, 0 * y))

# %% auc-tf tags=["tensorflow"]
y = tf.constant([0.0, 1.0, 0.0, 1.0])
score = tf.constant([0.5001, 0.5002, 0.5003, 0.5004])
y_tf = keras.metrics.AUC(num_thresholds=20000)(y, score)
show(auc=y_tf, default=keras.metrics.AUC()(y, score))
logits = tf.constant([-4.0, -2.0, -3.0, -1.0])
from_logits = keras.metrics.AUC(from_logits=True)
from_logits_tf = from_logits(y, logits)
show(from_logits=from_logits_tf,
     default=keras.metrics.AUC()(y, logits))
show(no_positives=keras.metrics.AUC()(0 * y, score))

# %% auc
agree([y_pt, from_logits_pt], [y_tf, from_logits_tf])

# %% [markdown]
# ### The string `"accuracy"` compares only the largest output if there are several
#
# Keras chooses the kind of accuracy from the shapes. For several outputs it chooses the categorical accuracy:
# the fraction of rows whose largest output is at the first label 1. If an example can have several labels, pass
# `"binary_accuracy"`. It is 5/6 here, because only the last output, 0.6, is on the wrong side of 0.5.

# %% accuracy-pt tags=["pytorch"]
y = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
p = torch.tensor([[0.9, 0.2, 0.8], [0.1, 0.7, 0.6]])
y_pt = ((p > 0.5) == (y > 0.5)).float().mean()
show(binary_accuracy=y_pt)

# %% accuracy-tf tags=["tensorflow"]
y = tf.constant([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
p = tf.constant([[0.9, 0.2, 0.8], [0.1, 0.7, 0.6]])
net = keras.Sequential(
    [keras.Input((3,)), keras.layers.Identity()])
net.compile(loss="binary_crossentropy",
            metrics=["accuracy", "binary_accuracy"])
scores = net.evaluate(p, y, verbose=0, return_dict=True)
y_tf = tf.constant(scores["binary_accuracy"])
show(binary_accuracy=y_tf, accuracy=scores["accuracy"])

# %% accuracy
agree(y_pt, y_tf)

# %% [markdown]
# ### `BinaryAccuracy` compares logits with 0.5, and not with 0
#
# The third logit is 0.2, so its probability is above ½. With the default threshold it counts as a wrong
# answer. If the network has no sigmoid at its end, pass `threshold=0.0`.

# %% logits-accuracy-pt tags=["pytorch"]
y = torch.tensor([[0.0], [0.0], [1.0], [1.0]])
logits = torch.tensor([[-1.0], [-0.3], [0.2], [2.0]])
y_pt = ((logits > 0) == (y > 0.5)).float().mean()
show(accuracy=y_pt)

# %% logits-accuracy-tf tags=["tensorflow"]
y = tf.constant([[0.0], [0.0], [1.0], [1.0]])
logits = tf.constant([[-1.0], [-0.3], [0.2], [2.0]])
accuracy = keras.metrics.BinaryAccuracy
y_tf = accuracy(threshold=0.0)(y, logits)
show(accuracy=y_tf, default=accuracy()(y, logits))

# %% logits-accuracy
agree(y_pt, y_tf)

# %% [markdown]
# ### `F1Score` without a threshold always answers "yes" if there is one output
#
# F1 is $2\,\text{TP} / (2\,\text{TP} + \text{FP} + \text{FN})$, with the numbers of true positives, false positives
# and false negatives. Without a threshold, Keras takes the largest output of each row as the answer "yes". In a
# row with one output, this is always the same output. Pass `threshold=0.5`:

# %% f1-pt tags=["pytorch"]
y = torch.tensor([[0.0], [0.0], [0.0], [1.0]])
p = torch.tensor([[0.1], [0.2], [0.3], [0.9]])
yes = (p > 0.5).float()
y_pt = 2 * (yes * y).sum(0) / (yes.sum(0) + y.sum(0))
show(f1=y_pt)

# %% f1-tf tags=["tensorflow"]
y = tf.constant([[0.0], [0.0], [0.0], [1.0]])
p = tf.constant([[0.1], [0.2], [0.3], [0.9]])
F1Score = keras.metrics.F1Score
y_tf = F1Score(threshold=0.5)(y, p)
show(f1=y_tf, default=F1Score()(y, p))

# %% f1
agree(y_pt, y_tf)

# %% [markdown]
# ### `RootMeanSquaredError` is not the mean of the batches' roots
#
# A loop often averages the roots of the batches. Keras collects the squares of all batches, and takes the root
# at the end. The cells use two batches, with the errors 1 and 3. In PyTorch, add up the squares:

# %% rmse-pt tags=["pytorch"]
batches = torch.tensor([1.0]), torch.tensor([3.0])
roots = torch.stack([(e**2).mean().sqrt() for e in batches])
y_pt = torch.cat(batches).square().mean().sqrt()
show(mean_of_roots=roots.mean(), rmse=y_pt)

# %% rmse-tf tags=["tensorflow"]
rmse = keras.metrics.RootMeanSquaredError()
for error in (1.0, 3.0):
    rmse.update_state([[0.0]], [[error]])
y_tf = rmse.result()
show(rmse=y_tf)

# %% rmse
agree(y_pt, y_tf)

# %% [markdown]
# ### At a tie, the top-1 accuracy counts a hit, and the accuracy takes the first class
#
# Both examples have the probabilities ½ and ½. Their classes are 0 and 1. With `argmax`, PyTorch takes the first
# class, too.

# %% ties
y, p = tf.constant([0, 1]), tf.fill((2, 2), 0.5)
first = torch.full((2, 2), 0.5).argmax(-1)
show(pytorch=(first == torch.tensor([0, 1])).float().mean(),
     accuracy=keras.metrics.SparseCategoricalAccuracy()(y, p),
     top_1=keras.metrics.SparseTopKCategoricalAccuracy(k=1)(y, p))

# %% [markdown]
# (training-optimizers)=
# ## Clipping and Nadam need other arguments in Keras
#
# [Three ways to train](three-ways-defaults) shows the defaults of SGD, Adam, RMSprop and Adagrad, and what
# momentum does if the learning rate changes. The next three differences are not shown there.
#
# ### `clipnorm` clips each variable alone, `global_clipnorm` is PyTorch's `clip_grad_norm_`
#
# Clipping {footcite:p}`pascanu2013difficulty` shortens long gradients. PyTorch computes one norm for all
# parameters. Here the gradients are (3, 4) and (0, 12), with the norms 5, 12, and 13 for both together. SGD with
# a learning rate of 1 subtracts the clipped gradients from 0:

# %% clip-pt tags=["pytorch"]
def clipped_pt(bound):
    a, b = (nn.Parameter(torch.zeros(2)) for _ in range(2))
    a.grad = torch.tensor([3.0, 4.0])
    b.grad = torch.tensor([0.0, 12.0])
    nn.utils.clip_grad_norm_([a, b], max_norm=bound)
    torch.optim.SGD([a, b], lr=1.0).step()
    return torch.stack([a, b]).flatten()


y_pt = clipped_pt(1.0)
show(together=y_pt, bound_0=clipped_pt(0.0))

# %% clip-tf tags=["tensorflow"]
def clipped_tf(bound):
    sgd = keras.optimizers.SGD(1.0, global_clipnorm=bound)
    return step_tf(sgd)


def step_tf(sgd):
    a, b = tf.Variable(tf.zeros(2)), tf.Variable(tf.zeros(2))
    sgd.apply([tf.constant([3.0, 4.0]),
               tf.constant([0.0, 12.0])], [a, b])
    return tf.concat([a, b], 0)


y_tf = clipped_tf(1.0)
show(together=y_tf, bound_0=clipped_tf(0.0))
show(each=step_tf(keras.optimizers.SGD(1.0, clipnorm=1.0)))

# %% clip
agree(y_pt, y_tf)

# %% [markdown]
# With `clipnorm`, the direction of the step changes, because the long gradient loses more. A bound of 0 makes all
# gradients 0 in PyTorch, and turns clipping off in Keras.
#
# ### `NAdam` and `Nadam` agree with `momentum_decay=1.0`
#
# Nadam {footcite:p}`dozat2017deep` changes its momentum from step to step. PyTorch multiplies the number of the
# step by `momentum_decay`, by default 0.004. Keras leaves this factor out. Each cell makes three steps with the
# same gradients:

# %% nadam-pt tags=["pytorch"]
def nadam_pt(**options):
    w = nn.Parameter(torch.ones(2))
    nadam = torch.optim.NAdam([w], lr=0.1, **options)
    for slope in ([0.5, -1.0], [0.1, 2.0], [-0.3, 1.0]):
        w.grad = torch.tensor(slope)
        nadam.step()
    return w


y_pt = nadam_pt(momentum_decay=1.0)
show(default=nadam_pt(), decay_1=y_pt)

# %% nadam-tf tags=["tensorflow"]
w = tf.Variable(tf.ones(2))
nadam = keras.optimizers.Nadam(0.1, epsilon=1e-8)
for slope in ([0.5, -1.0], [0.1, 2.0], [-0.3, 1.0]):
    nadam.apply([tf.constant(slope)], [w])
y_tf = w
show(default=y_tf)

# %% nadam
agree(y_pt, y_tf, rtol=1e-4)

# %% [markdown]
# ### In Keras, an integer learning rate is an error, and `decay=` is ignored
#
# Old code passes `lr=` and `decay=`. Keras 3 raises an error for the first, and only warns about the second. The
# cells make two steps with the gradient 1. If `decay` worked, the second step would be shorter than 0.1:

# %% arguments-pt tags=["pytorch"]
w = nn.Parameter(torch.ones(1))
torch.optim.SGD([w], lr=1)
print("an integer is accepted")
with show_error():
    torch.optim.SGD([w], learning_rate=0.1)

# %% arguments-tf tags=["tensorflow"]
for wrong in ({"learning_rate": 1}, {"lr": 0.1}):
    with show_error():
        keras.optimizers.SGD(**wrong)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    sgd = keras.optimizers.SGD(0.1, decay=0.5)
print(caught[0].message)
w = tf.Variable([1.0])
for _ in range(2):
    sgd.apply([tf.ones(1)], [w])
show(after_two_steps=w)

# %% [markdown]
# ## Which one to choose
#
# | you want | choose | because |
# | --- | --- | --- |
# | the same training in both frameworks | equal weights and batches, and ε = $10^{-12}$ | [ε is in another place of the formula](end-to-end-epsilon) |
# | to compare trainings with L1 | losses and metrics | [L1's derivative jumps at 0](end-to-end-epsilon), so single weights differ |
# | a validation loss without the penalty | a metric in Keras, the loss alone in PyTorch | [`val_loss` contains the penalty](val-loss-penalty) |
# | a factor for a penalty | several factors from 0.0001 to 0.01, by the validation error | [0.01 can be too large](keras-regularization) |
# | a bound on the norm of each unit | `MaxNorm` or `torch.renorm` after the step | it changes only the units above the bound |
# | a metric for few positives | AUC or F1 | accuracy is high if the answer is always "no" |
# | to clip the gradients as PyTorch does | `global_clipnorm` | `clipnorm` clips each variable alone |
#
# ## Exercises
#
# Write an F1, an AUC, the loss of a whole network, clipping, a whole training with penalties, and a step with a
# constraint: [exercises on regularized training](../../exercises/regularizers/regularized_training.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
