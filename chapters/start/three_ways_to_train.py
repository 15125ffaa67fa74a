# %% [markdown]
# # Three ways to train
#
# Training a network is one short recipe: predict, measure the loss, differentiate, move the weights
# a little, again. PyTorch lets you write the recipe out. Keras has it ready-made, in `fit`.
# TensorFlow lets you write it out as well, with a tape that records what is to be differentiated.
# TensorFlow's own way of old, the Estimator, is gone; this chapter rebuilds it, so that you can
# read code that was written for it, and port it.
#
# **The claim:** from the same weights and the same batches all of them print the same losses, step
# by step. They part where nobody looks, at the default arguments of an optimizer. And the folk
# verdict, that Keras is the most concise and PyTorch the most readable, survives a count in its
# first half and hangs by a name in its second.

# %%
import ast
import contextlib
import inspect
import tempfile
import textwrap
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show

plots.use_style()

# %% [markdown]
# ## One task for all
#
# A bike rental notes for 250 days the temperature, the weather, and how many thousand rides there
# were. The days are made up, from a rule that the network does not know: most rides at 24 °C, fewer
# under clouds, few in the rain.

# %%
rng = np.random.default_rng(0)
temperature = rng.uniform(0, 36, 250).astype(np.float32)  # °C
weather = rng.choice(["sun", "cloud", "rain"], 250, p=[0.5, 0.3, 0.2])
best = np.select([weather == "sun", weather == "cloud"], [4.0, 3.0], 0.8)
rides = best * np.exp(-(((temperature - 24) / 12) ** 2)) + rng.normal(0, 0.2, 250)

# %% [markdown]
# A network wants numbers of about 1, so the temperature is shifted and scaled, and the weather
# becomes three columns of 0 and 1. The four columns go through 16 hidden units to one output. Both
# frameworks start from the same weights, of which NumPy draws the kernels.

# %%
one_hot = weather[:, None] == np.array(["sun", "cloud", "rain"])
x = np.column_stack([(temperature - 18) / 10, one_hot]).astype(np.float32)  # (250, 4)
y = rides[:, None].astype(np.float32)  # (250, 1)
kernels = rng.normal(0, 0.5, (4, 16)), rng.normal(0, 0.25, (16, 1))
start = [kernels[0], np.zeros(16), kernels[1], np.zeros(1)]
start = [w.astype(np.float32) for w in start]

# %% [markdown]
# (pytorch-training)=
# ## The loop, written out
#
# <!-- head: pytorch_training -->
#
# In PyTorch the training loop is yours: a class says what the network computes, an optimizer holds
# its parameters, and five lines make a step {footcite:p}`paszke2019pytorch`. TensorFlow's loop has
# the same parts, in another order. Choose a loop of your own when you want to see, or to change,
# what happens in a step.
#
# Besides the squared error we want the hidden units to stay small, so the network adds a loss of
# its own: 0.1 times the mean of their squares. PyTorch has no place for such a loss, and `forward`
# returns it. A Keras layer hands it to `add_loss`, and the network collects it. The network itself
# is made in Keras's *functional* style: call layers on a placeholder, `keras.Input`, and
# `keras.Model` keeps all that lies between it and the result.

# %% net-pt tags=["pytorch"]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        h = torch.tanh(self.hidden(x))  # (batch, hidden)
        penalty = 0.1 * (h**2).mean()
        return self.out(h), penalty

# %% net-tf tags=["tensorflow"]
class Small(keras.layers.Layer):
    def call(self, h):
        self.add_loss(0.1 * tf.reduce_mean(h**2))
        return h

def make_net():
    x = keras.Input([4])
    h = keras.layers.Dense(16, "tanh")(x)  # (batch, hidden)
    y_hat = keras.layers.Dense(1)(Small()(h))
    return keras.Model(x, y_hat)

# %% [markdown]
# The weights of `nn.Linear` lie the other way round than those of `Dense`, hence the transpose. The
# prediction and the loss inside agree before any training:

# %% inside-pt tags=["pytorch"]
def net_pt():
    net = Net()
    names = list(net.state_dict())
    net.load_state_dict({
        name: torch.tensor(w.T) for name, w in zip(names, start)
    })
    return net
y_hat_pt, penalty_pt = net_pt()(torch.tensor(x))
show(y_hat=y_hat_pt[4:8, 0], penalty=penalty_pt)

# %% inside-tf tags=["tensorflow"]
def net_tf():
    net = make_net()
    net.set_weights(start)
    return net
net = net_tf()
y_hat_tf = net(tf.constant(x))
(penalty_tf,) = net.losses
show(y_hat=y_hat_tf[4:8, 0], penalty=penalty_tf)

# %%
agree([y_hat_pt, penalty_pt], [y_hat_tf, penalty_tf])

# %% [markdown]
# Both frameworks cut the days into batches of 32, in the order in which they stand. The last batch
# has 26 days, and neither drops it unless told to.

# %% batches-pt tags=["pytorch"]
def batches_pt():
    days = torch.utils.data.TensorDataset(
        torch.tensor(x), torch.tensor(y))
    return torch.utils.data.DataLoader(days, batch_size=32)

# %% batches-tf tags=["tensorflow"]
def batches_tf():
    days = tf.data.Dataset.from_tensor_slices((x, y))
    return days.batch(32)

# %% loop-pt tags=["pytorch"]
def train_pt(net, optimizer, epochs=20):
    losses = []
    for _ in range(epochs):
        for x, y in batches_pt():
            y_hat, penalty = net(x)
            loss = F.mse_loss(y_hat, y) + penalty
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
    return losses

# %% loop-tf tags=["tensorflow"]
def train_tf(net, optimizer, epochs=20):
    losses = []
    for _ in range(epochs):
        for x, y in batches_tf():
            with tf.GradientTape() as tape:
                y_hat = net(x, training=True)
                loss = tf.reduce_mean((y - y_hat) ** 2)
                loss += sum(net.losses)
            weights = net.trainable_variables
            gradients = tape.gradient(loss, weights)
            optimizer.apply(gradients, weights)
            losses.append(loss)
    return losses

# %% [markdown]
# Lay one on the other. In PyTorch the loss knows how it was made, and `backward` writes each
# gradient on its parameter, where the optimizer, which was given the parameters, finds it. In
# TensorFlow the tape knows, the gradients are a list of their own, and the optimizer is told in
# each step what belongs to what. So a loss that is kept must `detach` from its history in PyTorch;
# in TensorFlow the tape has it, and goes.
#
# `training=True` has no counterpart in PyTorch's call: a PyTorch network is in training until told
# `net.eval()`, a Keras network that you call yourself is not unless told so
# ([RReLU](../activations/rectifiers.ipynb#rrelu) shows why it matters; with these layers it does not).

# %% steps-pt tags=["pytorch"]
trained_pt = net_pt()
sgd = torch.optim.SGD(trained_pt.parameters(), lr=0.1)
losses_pt = train_pt(trained_pt, sgd)
show(first=losses_pt[0])
show(third=losses_pt[2], last=losses_pt[-1], digits=2)

# %% steps-tf tags=["tensorflow"]
trained_tf = net_tf()
sgd = keras.optimizers.SGD(learning_rate=0.1)
losses_tf = train_tf(trained_tf, sgd)
show(first=losses_tf[0])
show(third=losses_tf[2], last=losses_tf[-1], digits=2)

# %% loops-agree
agree(losses_pt, losses_tf, rtol=1e-4)

# %% [markdown]
# That line has compared all 160 losses, 8 batches in 20 epochs. The figure shows what both networks
# have learnt.

# %% learnt tags=["hide-input"]
# alt: Thousand rides over the temperature from 0 to 36 degrees, a dot a day, and for each weather the network's curve, TensorFlow's dashed on PyTorch's. Sun climbs to 3.8 near 24 degrees and falls again, cloud to 2.9, rain stays below 1; the dashed curves lie on the solid ones.
grid = np.linspace(0, 36, 73)
fig, ax = plt.subplots()
for i, kind in enumerate(["sun", "cloud", "rain"]):
    day = weather == kind
    ax.plot(temperature[day], rides[day], ".", color=plots.SIBLING, markersize=3, alpha=0.6)
    columns = np.column_stack([(grid - 18) / 10, np.tile(np.eye(3)[i], (73, 1))])
    with torch.no_grad():
        curve_pt = trained_pt(torch.tensor(columns, dtype=torch.float32))[0][:, 0]
    curve_tf = trained_tf(tf.constant(columns, tf.float32))[:, 0]
    ax.plot(grid, curve_pt, color=plots.PYTORCH, linewidth=2.5)
    ax.plot(grid, curve_tf, "--", color=plots.TENSORFLOW)
    ax.annotate(kind, (36, float(curve_tf[-1])), (5, 0), textcoords="offset points", va="center")
ax.annotate("PyTorch, solid", (0.5, 3.7), color=plots.PYTORCH)
ax.annotate("TensorFlow, dashed", (0.5, 3.3), color=plots.TENSORFLOW)
ax.set(xlabel="temperature, °C", ylabel="thousand rides", xlim=(-1, 40),
       title="Two loops, one network")
plt.show()

# %% [markdown]
# ### What is often got wrong
#
# `optimizer.backward(loss)` does not exist: it is the *loss* that goes backward, in PyTorch, and the
# tape that differentiates, in TensorFlow. `minimize`, which older Keras had, is gone.

# %% no-backward-pt tags=["pytorch"]
sgd = torch.optim.SGD(trained_pt.parameters(), lr=0.1)
for name in ("backward", "minimize", "step", "zero_grad"):
    print(f"{name:10}", hasattr(sgd, name))

# %% no-backward-tf tags=["tensorflow"]
sgd = keras.optimizers.SGD(learning_rate=0.1)
for name in ("backward", "minimize", "apply", "zero_grad"):
    print(f"{name:10}", hasattr(sgd, name))

# %% [markdown]
# What a loop in PyTorch forgets is `zero_grad`: gradients [add up](gradients) until they are told to
# go. A tape cannot make this mistake. What a loop in TensorFlow forgets is the loss inside the
# network. Leave `sum(net.losses)`
# out, or in PyTorch the second result of `net`, and nothing fails: the hidden units are no longer
# held back. The gradient of their weights, with and without:

# %% forgotten-pt tags=["pytorch"]
net = net_pt()
y_hat, penalty = net(torch.tensor(x))
error = F.mse_loss(y_hat, torch.tensor(y))
hidden = net.hidden.weight
(alone_pt,) = torch.autograd.grad(
    error, hidden, retain_graph=True)
(both_pt,) = torch.autograd.grad(error + penalty, hidden)
show(alone=alone_pt[:4, 0], both=both_pt[:4, 0], digits=3)

# %% forgotten-tf tags=["tensorflow"]
net = net_tf()
with tf.GradientTape(persistent=True) as tape:
    error = tf.reduce_mean((net(x) - y) ** 2)
    both = error + sum(net.losses)
hidden = net.trainable_variables[0]
alone_tf = tape.gradient(error, hidden)
both_tf = tape.gradient(both, hidden)
show(alone=alone_tf[0, :4], both=both_tf[0, :4], digits=3)

# %% [markdown]
# (keras-training)=
# ## Compile and fit
#
# <!-- head: keras_training -->
#
# `compile` tells a Keras network its loss and its optimizer, `fit` does the rest: it cuts the
# batches, runs the loop, and adds what the layers have handed to `add_loss` without being asked.
# Choose it whenever the recipe is the usual one. PyTorch itself has no counterpart.

# %% fit
def train_fit(net, optimizer, epochs=20):
    net.compile(optimizer, loss="mse")
    history = net.fit(x, y, batch_size=32, epochs=epochs, shuffle=False, verbose=0)
    return history.history["loss"]

# %% [markdown]
# What `fit` reports is a number an epoch. To hold it against the loops we need one a step, and for
# what happens in between `fit` calls you back:

# %% fit-steps
class StepLosses(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.losses = []

    def on_train_batch_begin(self, batch, logs=None):
        self.model.reset_metrics()

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])

def train_fit_steps(net, optimizer, epochs=20):
    net.compile(optimizer, loss="mse")
    steps = StepLosses()
    net.fit(x, y, batch_size=32, epochs=epochs, shuffle=False, verbose=0,
            callbacks=[steps])
    return steps.losses

# %% three-agree
losses_fit = train_fit_steps(net_tf(), keras.optimizers.SGD(learning_rate=0.1))
agree(losses_pt, [tf.constant(loss) for loss in losses_fit], rtol=1e-4)

# %% [markdown]
# Three ways, the same 160 losses.
#
# ### What the printed loss is
#
# Why the reset? What `fit` hands out after each batch, and prints, is the mean of the epoch *so
# far*, and the weights have moved meanwhile. At its end it is the epoch's mean, in which each batch
# counts by its days; it is not the loss of the network that you then have. That is what `evaluate`
# says.

# %% running-mean
net = net_tf()
(reported,) = train_fit(net, keras.optimizers.SGD(learning_rate=0.1), epochs=1)
days = [32] * 7 + [26]
mean_of_steps = np.average(losses_fit[:8], weights=days)
show(reported=reported, mean_of_steps=mean_of_steps, digits=2)
error = np.mean((net(x) - y) ** 2)
show(evaluate=net.evaluate(x, y, verbose=0), error_alone=error, digits=2)

# %% [markdown]
# `evaluate` adds the loss inside, too; the error alone is smaller.
#
# ### Who shuffles
#
# `fit` shuffles arrays in each epoch unless told not to, hence the `shuffle=False` here. PyTorch's
# `DataLoader` does not unless told to, its `None` is a no, and `tf.data` does not without a call of
# `shuffle`: else the losses above would not have been the same.

# %% shuffle-pt tags=["pytorch"]
loader = inspect.signature(torch.utils.data.DataLoader)
print(loader.parameters["shuffle"])

# %% shuffle-tf tags=["tensorflow"]
fit = inspect.signature(keras.Model.fit)
print(fit.parameters["shuffle"])

# %% [markdown]
# ### Where a loss can be added
#
# Before Keras 3 one wrote `net.add_loss(tensor)` on a functional network. Keras 3 refuses; a layer
# that calls `add_loss` for itself, as `Small` does, has taken its place. A layer's losses are those
# of its latest call:

# %% add-loss-refused
net = net_tf()
try:
    net.add_loss(0.1 * keras.ops.mean(net.layers[1].output ** 2))
except NotImplementedError:
    print("refused")
for days in (x[:32], x[32:64]):
    net(days)
    print(len(net.losses), "loss:", f"{net.losses[0]:.4f}")

# %% [markdown]
# (three-ways-defaults)=
# ## Where they part: the defaults
#
# With plain gradient descent at a given rate there is nothing to disagree about. But a rate can be
# left out, and the other optimizers have more to leave out. Each line has the default rate, what
# RMSprop keeps of its mean, what Adagrad starts its sum at, and ε:

# %% optimizer-defaults-pt tags=["pytorch"]
asked = "lr", "alpha", "initial_accumulator_value", "eps"
for name in ("SGD", "Adam", "RMSprop", "Adagrad"):
    optimizer = getattr(torch.optim, name)
    has = inspect.signature(optimizer).parameters
    print(f"{name:8}", *(
        f"{has[a].default if a in has else '-':>6}"
        for a in asked))

# %% optimizer-defaults-tf tags=["tensorflow"]
asked = ("learning_rate", "rho",
         "initial_accumulator_value", "epsilon")
for name in ("SGD", "Adam", "RMSprop", "Adagrad"):
    optimizer = getattr(keras.optimizers, name)
    has = inspect.signature(optimizer).parameters
    print(f"{name:8}", *(
        f"{has[a].default if a in has else '-':>6}"
        for a in asked))

# %% [markdown]
# Only Adam's rate is the same. SGD's is ten times larger in Keras, RMSprop's and Adagrad's ten
# times smaller: give the rate yourself, always. The others hide. RMSprop gives a new square ten
# times the weight in Keras, Adagrad starts its sum of squares at 0.1 there, and ε, which only keeps
# a quotient finite, is not only larger but stands elsewhere.
#
# | | PyTorch | Keras |
# | --- | --- | --- |
# | Adam {footcite:p}`kingma2015adam` | $\dfrac{\hat m}{\sqrt{\hat v} + \varepsilon}$ | $\dfrac{\hat m}{\sqrt{\hat v} + \varepsilon / \sqrt{1 - \beta_2^t}}$ |
# | RMSprop {footcite:p}`tieleman2012rmsprop` | $\dfrac{g}{\sqrt{v} + \varepsilon}$ | $\dfrac{g}{\sqrt{v + \varepsilon}}$ |
# | Adagrad {footcite:p}`duchi2011adaptive` | $\dfrac{g}{\sqrt{a} + \varepsilon}$ | $\dfrac{g}{\sqrt{a + \varepsilon}}$ |
#
# Each is what the weight moves by, for a learning rate of 1: $g$ is the gradient, $v$ the running
# mean of its square, $a$ the sum of its squares, $\hat m$ and $\hat v$ the running means of the
# gradient and of its square, corrected for their start at 0, $t$ the number of the step. In Keras's
# first step Adam's ε is therefore divided by $\sqrt{0.001}$. You see it when gradients are small.
# The first step at a rate of 1, for three sizes of gradient:

# %% first-step-pt tags=["pytorch"]
def first_step_pt(name):
    w = torch.zeros(3, requires_grad=True)
    w.grad = torch.tensor([-1.0, -0.01, -1e-7])
    optimizer = getattr(torch.optim, name)([w], lr=1.0)
    optimizer.step()
    return w
for name in ("Adam", "RMSprop", "Adagrad"):
    show(**{f"{name:8}": first_step_pt(name)})

# %% first-step-tf tags=["tensorflow"]
def first_step_tf(name):
    w = tf.Variable([0.0, 0.0, 0.0])
    g = tf.constant([-1.0, -0.01, -1e-7])
    optimizer = getattr(keras.optimizers, name)(1.0)
    optimizer.apply([g], [w])
    return w
for name in ("Adam", "RMSprop", "Adagrad"):
    show(**{f"{name:8}": first_step_tf(name)})

# %% [markdown]
# Adam is nearly the same for gradients of ordinary size, and thirty times slower in Keras for those
# of 10⁻⁷. Adagrad's first step in PyTorch is about the rate, for gradients as small as 10⁻⁷; in
# Keras a small gradient has to outgrow the 0.1 first.
#
# What can be said with arguments can be made equal. Two epochs each:

# %% same-arguments-pt tags=["pytorch"]
same_pt = {
    "Adam": lambda w: torch.optim.Adam(w, lr=0.01),
    "RMSprop": lambda w: torch.optim.RMSprop(
        w, lr=0.01, alpha=0.9),
    "Adagrad": lambda w: torch.optim.Adagrad(
        w, lr=0.1, initial_accumulator_value=0.1),
}
same_losses_pt = []
for make in same_pt.values():
    net = net_pt()
    same_losses_pt += train_pt(net, make(net.parameters()), 2)

# %% same-arguments-tf tags=["tensorflow"]
same_tf = {
    "Adam": lambda: keras.optimizers.Adam(0.01),
    "RMSprop": lambda: keras.optimizers.RMSprop(
        0.01, rho=0.9, epsilon=1e-16),
    "Adagrad": lambda: keras.optimizers.Adagrad(
        0.1, initial_accumulator_value=0.1),
}
same_losses_tf = []
for make in same_tf.values():
    same_losses_tf += train_tf(net_tf(), make(), 2)

# %% same-arguments
agree(same_losses_pt, same_losses_tf, rtol=1e-3)

# %% [markdown]
# RMSprop's ε is the square of PyTorch's here, because $\sqrt{v + \varepsilon^2}$ and $\sqrt{v} +
# \varepsilon$ are the same for $v = 0$, and hardly differ for a $v$ that is much larger. Now give
# only the rate, as one does:

# %% only-the-rate-pt tags=["pytorch"]
rates = {"SGD": 0.1, "Adam": 0.01,
         "RMSprop": 0.01, "Adagrad": 0.1}
curves_pt = {}
for name, lr in rates.items():
    net = net_pt()
    make = getattr(torch.optim, name)
    optimizer = make(net.parameters(), lr=lr)
    curves_pt[name] = train_pt(net, optimizer, 4)
    show(**{f"{name:8}": curves_pt[name][-1]}, digits=2)

# %% only-the-rate-tf tags=["tensorflow"]
rates = {"SGD": 0.1, "Adam": 0.01,
         "RMSprop": 0.01, "Adagrad": 0.1}
curves_tf = {}
for name, lr in rates.items():
    net = net_tf()
    make = getattr(keras.optimizers, name)
    optimizer = make(learning_rate=lr)
    curves_tf[name] = train_tf(net, optimizer, 4)
    show(**{f"{name:8}": curves_tf[name][-1]}, digits=2)

# %% parting tags=["hide-input"]
# alt: Four panels, loss on a logarithmic scale over 32 steps, each with three curves: PyTorch's loop solid, TensorFlow's loop dashed, fit as dots. With SGD and with Adam all three lie on each other. With RMSprop and with Adagrad the two of TensorFlow lie on each other, and PyTorch's runs below them.
fig, axes = plt.subplots(2, 2, figsize=(5.2, 4.4), sharex=True, sharey=True)
for ax, (name, lr) in zip(axes.flat, rates.items()):
    curve_fit = train_fit_steps(net_tf(), getattr(keras.optimizers, name)(lr), 4)
    ax.plot([float(loss) for loss in curves_pt[name]], color=plots.PYTORCH, linewidth=3)
    ax.plot([float(loss) for loss in curves_tf[name]], "--", color=plots.TENSORFLOW)
    ax.plot(range(0, 32, 2), curve_fit[::2], "o", color=plots.PALETTE[2], markersize=3)
    ax.set_title(f"{name}: {'one curve' if name in ('SGD', 'Adam') else 'they part'}")
    ax.set(yscale="log", yticks=[0.2, 0.5, 1, 2, 4], yticklabels=["0.2", "0.5", "1", "2", "4"])
    ax.set_yticks([], minor=True)
for i, (label, color) in enumerate([("PyTorch's loop, solid", plots.PYTORCH),
                                    ("TensorFlow's, dashed", plots.TENSORFLOW),
                                    ("fit, dots", plots.PALETTE[2])]):
    axes[0, 0].annotate(label, (7, 3.2 * 0.6**i), color=color)
fig.supxlabel("step")
fig.supylabel("loss")
plt.show()

# %% [markdown]
# ### Momentum, and a rate that changes
#
# Momentum {footcite:p}`sutskever2013importance` is written in two ways, too. PyTorch adds up
# gradients, and multiplies by the rate when it moves the weight; Keras adds up steps, with the rate
# inside. While the rate stays the same nobody can tell. Here it falls to a hundredth after the
# third step, and every gradient is −1:

# %% momentum-pt tags=["pytorch"]
w = torch.zeros(1, requires_grad=True)
w.grad = torch.tensor([-1.0])
sgd = torch.optim.SGD([w], lr=1.0, momentum=0.9)
way_pt = []
for step in range(6):
    if step == 3:
        sgd.param_groups[0]["lr"] = 0.01
    sgd.step()
    way_pt.append(w.item())
show(w=way_pt)

# %% momentum-tf tags=["tensorflow"]
w = tf.Variable([0.0])
g = tf.constant([-1.0])
sgd = keras.optimizers.SGD(1.0, momentum=0.9)
way_tf = []
for step in range(6):
    if step == 3:
        sgd.learning_rate = 0.01
    sgd.apply([g], [w])
    way_tf.append(float(w[0]))
show(w=way_tf)

# %% [markdown]
# PyTorch brakes at once; in Keras the old rate rolls on. Take care when you port a schedule that
# drops.
#
# (estimator-training)=
# ## The Estimator, rebuilt
#
# <!-- head: estimator_training -->
#
# An Estimator trains a network that you do not hold in your hands. You write a *model function*,
# and the Estimator calls it when it needs it: to train, to evaluate, to predict. Everything that
# lasts is in a directory, and nothing in an object {footcite:p}`cheng2017estimators`. Choose it
# never, but you will meet it in old code.

# %% estimator-gone
v1 = tf.compat.v1
print("tf.estimator", hasattr(tf, "estimator"), hasattr(v1, "estimator"))
for name in ("Graph", "Session", "get_variable"):
    print(name, hasattr(v1, name))
for name in ("Saver", "warm_start", "AdagradOptimizer"):
    print(f"train.{name}", hasattr(v1.train, name))
print("layers.dense", hasattr(v1.layers, "dense"))
print("feature_column.input_layer", hasattr(v1.feature_column, "input_layer"))

# %% [markdown]
# What it was made of is still there, deprecated, in `tf.compat.v1`; only layers are gone. That is
# enough to rebuild the contract as it was, in graph mode: a model function computes nothing. It
# *describes* a computation, once, and a session runs what was described, batch after batch.
#
# ### The contract
#
# The model function returns a specification with what its mode needs: `predictions` to predict
# (`"infer"`), a `loss` and metrics to evaluate (`"eval"`), a `loss` and an operation that makes one
# step to train (`"train"`). `config` says what has to do with the run and not with the network.

# %% contract
class EstimatorSpec(NamedTuple):
    mode: str
    predictions: dict | None = None
    loss: tf.Tensor | None = None
    train_op: tf.Operation | None = None
    eval_metric_ops: dict | None = None

class RunConfig(NamedTuple):
    tf_random_seed: int = 1
    keep_checkpoint_max: int = 5

# %% [markdown]
# Whatever an Estimator is asked to do, it builds the graph anew, and gives its variables the values
# that were last saved in `model_dir`, if there are any.

# %% build-and-restore
def specification(estimator, input_fn, mode):
    v1.set_random_seed(estimator.config.tf_random_seed)
    v1.train.create_global_step()
    features, labels = v1.data.make_one_shot_iterator(input_fn()).get_next()
    if mode == "infer":
        labels = None
    params, config = estimator.params, estimator.config
    return estimator.model_fn(features, labels, mode, params, config)

@contextlib.contextmanager
def restored_session(estimator):
    if estimator.warm_start_from:
        v1.train.warm_start(estimator.warm_start_from)
    saver = v1.train.Saver(max_to_keep=estimator.config.keep_checkpoint_max)
    saved = tf.train.get_checkpoint_state(estimator.model_dir)
    with v1.Session() as session:
        session.run(v1.global_variables_initializer())
        session.run([v1.local_variables_initializer(), v1.tables_initializer()])
        if saved:
            saver.restore(session, saved.model_checkpoint_path)
            saver.recover_last_checkpoints(saved.all_model_checkpoint_paths)
        yield session, saver

def until_the_end(session, fetches):
    with contextlib.suppress(tf.errors.OutOfRangeError):
        while True:
            yield session.run(fetches)

# %% [markdown]
# Then it runs the graph until the input ends: the step, saving at the end; the metrics, which are
# pairs of a value and an operation that adds a batch to it; or the predictions.

# %% estimator
class Estimator:
    def __init__(
        self, model_fn, model_dir, config=None, params=None, warm_start_from=None
    ):
        self.model_fn, self.model_dir, self.params = model_fn, model_dir, params
        self.config, self.warm_start_from = config or RunConfig(), warm_start_from

    def train(self, input_fn, steps=None):
        with tf.Graph().as_default():
            spec = specification(self, input_fn, "train")
            with restored_session(self) as (session, saver):
                runs = until_the_end(session, [spec.loss, spec.train_op])
                losses = [loss for loss, _ in islice(runs, steps)]
                global_step = v1.train.get_global_step()
                saver.save(session, f"{self.model_dir}/model", global_step)
        return losses

    def evaluate(self, input_fn):
        with tf.Graph().as_default():
            spec = specification(self, input_fn, "eval")
            metrics = {"loss": v1.metrics.mean(spec.loss)} | spec.eval_metric_ops
            values = {name: value for name, (value, _) in metrics.items()}
            values["global_step"] = v1.train.get_global_step()
            updates = [update for _, update in metrics.values()]
            with restored_session(self) as (session, _):
                for _ in until_the_end(session, updates):
                    pass
                return session.run(values)

    def predict(self, input_fn):
        with tf.Graph().as_default():
            spec = specification(self, input_fn, "infer")
            with restored_session(self) as (session, _):
                batches = list(until_the_end(session, spec.predictions))
        for batch in batches:
            for values in zip(*batch.values()):
                yield dict(zip(batch, values))

# %% [markdown]
# Of the original the hooks, the summaries, the export and the clusters are missing; it also saved on
# the way, and its `train` logged the losses where ours returns them. The rest is the contract.
#
# ### Input and feature columns
#
# The input function returns a data set of features, by name, and labels. *Feature columns* say what
# becomes of each feature, and `input_layer` makes one matrix of them, in the order of their names
# and not of the list. A vocabulary is a table, which a session has to initialize.

# %% input-fn
def input_fn():
    features = {"temperature": temperature, "weather": weather}
    return tf.data.Dataset.from_tensor_slices((features, y)).batch(32)

# %% feature-columns
tf.get_logger().setLevel("ERROR")  # or each deprecated part says so
kinds = tf.feature_column.categorical_column_with_vocabulary_list(
    "weather", ["sun", "cloud", "rain"])
columns = [
    tf.feature_column.indicator_column(kinds),
    tf.feature_column.numeric_column(
        "temperature", normalizer_fn=lambda t: (t - 18) / 10),
]

def matrix(features):
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.feature_column.input_layer(features, columns)
        session.run(v1.tables_initializer())
        return session.run(x)

show(x=matrix({"temperature": temperature[:3], "weather": weather[:3]}))

# %% [markdown]
# ### A model function
#
# The same network as before, in the vocabulary of the time. Variables have names, by which a
# checkpoint finds them again. `minimize` counts the steps while it is at it, in the *global step*.
# The optimizer is Adagrad at a rate of 0.1, as in [TensorFlow's own guide to model
# functions](https://github.com/tensorflow/docs/blob/62da04c02d67fdcabb7bc64633f217f073fa5f63/site/en/r1/guide/custom_estimators.md).

# %% model-fn
def dense(x, name, kernel, bias):
    w = v1.get_variable(f"{name}/kernel", initializer=kernel)
    b = v1.get_variable(f"{name}/bias", initializer=bias)
    return x @ w + b

def model_fn(features, labels, mode, params, config):
    x = v1.feature_column.input_layer(features, params["columns"])
    h = tf.tanh(dense(x, "hidden", *start[:2]))  # (batch, hidden)
    y_hat = dense(h, "out", *start[2:])  # (batch, 1)
    if mode == "infer":
        return EstimatorSpec(mode, predictions={"rides": y_hat[:, 0]})
    loss = tf.reduce_mean((y_hat - labels) ** 2) + 0.1 * tf.reduce_mean(h**2)
    if mode == "eval":
        rmse = v1.metrics.root_mean_squared_error(labels, y_hat)
        return EstimatorSpec(mode, loss=loss, eval_metric_ops={"rmse": rmse})
    optimizer = v1.train.AdagradOptimizer(params["learning_rate"])
    train_op = optimizer.minimize(loss, v1.train.get_global_step())
    return EstimatorSpec(mode, loss=loss, train_op=train_op)

# %% [markdown]
# A run is a line: which model function, which directory, which input. An epoch has 8 steps. Below,
# one Estimator trains for an epoch and is forgotten; another is told of the same directory, finds
# the checkpoint there, and goes on; a third evaluates, a fourth predicts.

# %% train-estimator
def train_estimator(model_dir, params, warm_start_from=None):
    estimator = Estimator(
        model_fn, model_dir, params=params, warm_start_from=warm_start_from)
    return estimator.train(input_fn, steps=8)

# %% estimator-runs
params = {"columns": columns, "learning_rate": 0.1}
model_dir = tempfile.mkdtemp()
losses_estimator = train_estimator(model_dir, params)
losses_estimator += train_estimator(model_dir, params)
metrics = Estimator(model_fn, model_dir, params=params).evaluate(input_fn)
predictions = Estimator(model_fn, model_dir, params=params).predict(input_fn)
show(**metrics, first_prediction=next(predictions)["rides"], digits=2)

# %% [markdown]
# However many steps there are, the model function is called once a run. And of the three checkpoints
# that three runs make, `config` here lets two stay:

# %% called-once
calls, counted_dir = [], tempfile.mkdtemp()
def counted(features, labels, mode, params, config):
    calls.append(mode)
    return model_fn(features, labels, mode, params, config)

counting = Estimator(counted, counted_dir, RunConfig(keep_checkpoint_max=2), params)
for _ in range(3):
    counting.train(input_fn, steps=4)
counting.evaluate(input_fn)
next(counting.predict(input_fn))
print(calls)
print(sorted(path.name for path in Path(counted_dir).glob("*.index")))

# %% [markdown]
# Sixteen steps, in two runs. PyTorch's loop makes them in one go, with the accumulator at the 0.1
# that all of TensorFlow starts from, and comes to the same losses. That is the fourth way.

# %% four-agree
net = net_pt()
adagrad = torch.optim.Adagrad(net.parameters(), lr=0.1, initial_accumulator_value=0.1)
sixteen = train_pt(net, adagrad, epochs=2)
agree(sixteen, [tf.constant(loss) for loss in losses_estimator], rtol=1e-3)

# %% [markdown]
# ### Going on is not starting warm
#
# An Estimator that finds a checkpoint in its own directory goes on: weights, accumulators, global
# step. One that is *warm-started* from somebody else's takes the weights alone. The first loss is
# the same, the second is not:

# %% warm-start
warm_dir = tempfile.mkdtemp()
warm = train_estimator(warm_dir, params, warm_start_from=model_dir)
going_on = train_estimator(model_dir, params)
show(going_on=going_on[:4], warm=warm[:4], digits=2)
for folder in (model_dir, warm_dir):
    print("global step", tf.train.load_variable(folder, "global_step"))

# %% [markdown]
# Without Estimators you say which of the two you want by what you load. A network is saved alone or
# with its optimizer; only with it do you go on.

# %% save-pt tags=["pytorch"]
file_pt = Path(tempfile.mkdtemp()) / "run.pt"
net = net_pt()
adagrad = torch.optim.Adagrad(
    net.parameters(), lr=0.1, initial_accumulator_value=0.1)
train_pt(net, adagrad, 2)
torch.save({"net": net.state_dict(),
            "adagrad": adagrad.state_dict()}, file_pt)

# %% save-tf tags=["tensorflow"]
file_tf = Path(tempfile.mkdtemp()) / "run.keras"
net = net_tf()
net.compile(keras.optimizers.Adagrad(0.1), loss="mse")
train_tf(net, net.optimizer, 2)
net.save(file_tf)

# %% load-pt tags=["pytorch"]
saved = torch.load(file_pt)
def loaded_pt(go_on):
    net = net_pt()
    net.load_state_dict(saved["net"])
    adagrad = torch.optim.Adagrad(
        net.parameters(), lr=0.1,
        initial_accumulator_value=0.1)
    if go_on:
        adagrad.load_state_dict(saved["adagrad"])
    return train_pt(net, adagrad, 1)[:4]
going_on_pt = torch.stack(loaded_pt(go_on=True))
warm_pt = torch.stack(loaded_pt(go_on=False))
show(going_on=going_on_pt, warm=warm_pt, digits=2)

# %% load-tf tags=["tensorflow"]
def loaded_tf(go_on):
    net = keras.saving.load_model(
        file_tf, custom_objects={"Small": Small})
    adagrad = keras.optimizers.Adagrad(0.1)
    if go_on:
        adagrad = net.optimizer
    return train_tf(net, adagrad, 1)[:4]
going_on_tf = tf.stack(loaded_tf(go_on=True))
warm_tf = tf.stack(loaded_tf(go_on=False))
show(going_on=going_on_tf, warm=warm_tf, digits=2)

# %%
agree([going_on_pt, warm_pt], [going_on_tf, warm_tf], rtol=1e-3)

# %% [markdown]
# ### What became of each part
#
# | Estimator | Keras today | PyTorch |
# | --- | --- | --- |
# | `model_fn` with `features`, `labels` | a network, and a loss for `compile` | an `nn.Module`, and a loss |
# | `mode` | `fit`, `evaluate`, `predict`; `training=` in a call | `net.train()`, `net.eval()` |
# | `params` | arguments of the function that makes the network | arguments of the class |
# | `EstimatorSpec` | `compile(optimizer, loss, metrics)` | the lines of your loop |
# | `input_fn` | a `tf.data.Dataset` | a `DataLoader` |
# | feature columns | preprocessing layers, `FeatureSpace` | your own code |
# | Adagrad | `Adagrad`, the rate given | `Adagrad`, the rate and the sum's start given |
# | `eval_metric_ops` | `metrics` of `compile` | your own code |
# | `config` | callbacks, `set_random_seed` | `torch.manual_seed`, your own code |
# | `model_dir` | `net.save`, `load_model`; `BackupAndRestore` for a `fit` that breaks off | both `state_dict`s in one file |
# | `warm_start_from` | `load_model` or `load_weights`, a new optimizer | `load_state_dict`, a new optimizer |
# | global step | `optimizer.iterations` | count yourself |
#
# Most of it is one cell in Keras, with the same numbers where there is one right answer:

# %% ported
net = net_tf()
rmse = keras.metrics.RootMeanSquaredError(name="rmse")
net.compile(keras.optimizers.Adagrad(0.1), loss="mse", metrics=[rmse])
net.fit(x, y, batch_size=32, epochs=2, shuffle=False, verbose=0)
ported = net.evaluate(x, y, batch_size=32, return_dict=True, verbose=0)
show(**ported, global_step=net.optimizer.iterations,
     first_prediction=net.predict(x[:1], verbose=0)[0, 0], digits=2)
show(estimator=metrics["loss"], keras=ported["loss"], digits=3)

# %% [markdown]
# The losses differ in the third digit. The Estimator's is the mean over batches, in which the 26
# days of the last batch count as much as 32 days of the others; Keras counts days. The metric is
# the same, because both keep a sum and a count from batch to batch. The mean of the batches' own
# errors is another number. You see it best when batches differ, as on days sorted by temperature,
# here with the untrained network:

# %% mean-of-means
net, metric, alone = net_tf(), keras.metrics.RootMeanSquaredError(), []
order = np.argsort(temperature)
for days in np.split(order, range(32, 250, 32)):
    y_hat = net(x[days])
    metric.update_state(y[days], y_hat)
    alone.append(np.sqrt(np.mean((y[days] - y_hat) ** 2)))
show(metric=metric.result(), mean_of_batches=np.mean(alone), digits=2)

# %% [markdown]
# Feature columns have become layers, which can be part of the network. They make the same matrix.
# Where a word is new they part: an indicator column says 0 three times, `StringLookup` refuses it,
# or, by default, has one more column for all such words.

# %% preprocessing
scale = keras.layers.Normalization(mean=18, variance=100)
vocabulary = ["sun", "cloud", "rain"]
look_up = keras.layers.StringLookup(
    vocabulary=vocabulary, num_oov_indices=0, output_mode="one_hot")
show(layers=np.column_stack([scale(temperature[:3, None]), look_up(weather[:3])]))

snow = np.array(["snow"])
show(column=matrix({"temperature": temperature[:1], "weather": snow})[:, 1:])
try:
    show(layer=look_up(snow))
except tf.errors.InvalidArgumentError:
    print("layer: refused")
look_up = keras.layers.StringLookup(vocabulary=vocabulary, output_mode="one_hot")
show(default=look_up(snow))

# %% [markdown]
# `FeatureSpace` makes such layers for a whole dictionary of features, and learns means and
# vocabularies from the data: the words stand in the order of how often they come.

# %% feature-space
Features = keras.utils.FeatureSpace
space = Features({"temperature": Features.float_normalized(),
                  "weather": Features.string_categorical(num_oov_indices=0)})
space.adapt(input_fn().map(lambda features, labels: features))
show(space=space({"temperature": temperature[:3], "weather": weather[:3]}))

# %% [markdown]
# (three-ways-compared)=
# ## Three ways compared
#
# <!-- head: three_ways_compared -->
#
# *Concise: Keras, then PyTorch, then TensorFlow. Readable: PyTorch, then Keras, then TensorFlow.*
# So goes a verdict that one hears. All the ways above do the same task, so that we can count. A
# program is what stands in its cells: network, batches, loop. We count its statements; how deep
# loops, branches and contexts stand in one another; and the foreign names, which a reader has to
# know from elsewhere: the last words of dotted names, named arguments, words in quotes, and the
# methods that the framework calls.

# %% measure tags=["hide-input"]
def measure(*functions):
    """Statements, nesting and foreign names of the cells in which ``functions`` stand."""
    cells = {f.__code__.co_filename: "".join(inspect.findsource(f)[0]) for f in functions}
    tree = ast.parse("\n".join(cells.values()))
    nodes = list(ast.walk(tree))
    statements = sum(isinstance(node, ast.stmt) for node in nodes)
    inner = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names &= {"Estimator", "EstimatorSpec"}
    own = set(dir(list) + dir(dict))
    own |= {node.attr for node in nodes
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    for node in nodes:
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            names.add(node.attr)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") not in functions:
            names |= {keyword.arg for keyword in node.keywords}
            names |= words([*node.args, *(keyword.value for keyword in node.keywords)])
        elif isinstance(node, ast.Compare):
            names |= words(node.comparators)
        elif isinstance(node, ast.ClassDef):
            names |= {f.name for f in node.body if isinstance(f, ast.FunctionDef)}
    return statements, depth(tree), sorted(n for n in names - own if not n.startswith("__"))

def words(nodes):
    return {node.value for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str)}

def depth(node):
    """How many loops, branches and contexts stand in one another."""
    nests = isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.Try)
    return nests + max((depth(child) for child in ast.iter_child_nodes(node)), default=0)

# %% measured
programs = {
    "PyTorch": (Net.forward, batches_pt, train_pt),
    "TensorFlow": (make_net, batches_tf, train_tf),
    "fit": (make_net, train_fit),
    "fit, per step": (make_net, train_fit_steps),
    "Estimator": (input_fn, model_fn, train_estimator),
}
measured = {name: measure(*functions) for name, functions in programs.items()}
print(f"{'':13} statements nesting names")
for name, (statements, nesting, names) in measured.items():
    print(f"{name:13} {statements:10} {nesting:7} {len(names):5}")

# %% measured-names
for name, (_, _, names) in measured.items():
    print(textwrap.fill(f"{name}: {', '.join(names)}", 80, subsequent_indent="    "))

# %% [markdown]
# **Concise** holds: 13 statements, 23, 25. But PyTorch and TensorFlow are two statements apart, and
# `fit` is short only on the beaten track: the loss of every step costs a loop three statements, and
# `fit` eight. Of the Estimator's 23, five are for evaluation and prediction, which its contract
# wants to hear of, and four for the layer that is gone.
#
# **Readable** depends on what you count. By nesting it is Keras, PyTorch, TensorFlow. By foreign
# names it is PyTorch, TensorFlow, Keras; but `shuffle` and `verbose` are only here for the
# comparison's sake, and without them Keras has 15, and the verdict holds, by one name each. Nobody
# should choose a framework by that. What no count sees is the order of events: a loop shows when
# the gradient is taken, and `fit` does not.
#
# ## Which one to choose
#
# | you want | take | because |
# | --- | --- | --- |
# | the usual recipe | `compile` and `fit` | the shortest; batches, metrics and callbacks are there |
# | to see each step, or to change it | a loop, in either framework | they are two statements apart |
# | a loss inside the network | `add_loss` in a layer, or a second result of `forward` | in a loop of your own you must add it |
# | to port from one framework to the other | every argument of the optimizer, written out | hardly a default is the same |
# | to go on tomorrow | network *and* optimizer in the file | the weights alone start warm |
# | to maintain an Estimator | port it | what it is made of is deprecated |
#
# ## Exercises
#
# Train by hand, write three optimizers as one framework or the other has them, and a metric that
# survives a small last batch: [exercises on
# training](../../exercises/start/three_ways_to_train.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
