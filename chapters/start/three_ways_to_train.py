# %% [markdown]
# # Three ways to train
#
# Training repeats five steps: predict, measure the loss, differentiate it, move the weights a little,
# take the next batch. In PyTorch you write these steps out, as a loop. In TensorFlow you can write the
# same loop, with a `GradientTape` that records what is to be differentiated. In Keras `fit` runs the
# loop for you. TensorFlow once had another way, which old code still uses and which has [a page of its
# own](the_estimator.ipynb): the Estimator.
#
# **The claim:** with the same weights and the same batches all three print the same losses, step by
# step. They differ where nobody looks: in the default arguments of the optimizers. And of the
# usual verdict, that Keras is the most concise and PyTorch the most readable, a count confirms
# the first half; the second half is decided by a single name.

# %%
import inspect
import textwrap

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show
from diptych.book.measure import measure

plots.use_style()

# %% [markdown]
# ## The task: predict bike rides from temperature and weather
#
# A bike rental notes for 250 days the temperature, the weather and how many thousand rides there
# were. The days are made up by a rule that the network does not know: most rides at 24 °C, fewer
# under clouds, few in the rain.

# %%
rng = np.random.default_rng(0)
temperature = rng.uniform(0, 36, 250).astype(np.float32)  # °C
weather = rng.choice(["sun", "cloud", "rain"], 250, p=[0.5, 0.3, 0.2])
best = np.select([weather == "sun", weather == "cloud"], [4.0, 3.0], 0.8)
rides = best * np.exp(-(((temperature - 24) / 12) ** 2)) + rng.normal(0, 0.2, 250)

# %% [markdown]
# A network trains best on inputs of about 1. So the temperature is shifted and scaled, and the weather
# becomes three columns of 0 and 1. The four columns go through 16 hidden units to one output. Both
# frameworks start from the same weights: NumPy draws the kernels, and the biases are 0.

# %%
one_hot = weather[:, None] == np.array(["sun", "cloud", "rain"])
x = np.column_stack([(temperature - 18) / 10, one_hot]).astype(np.float32)  # (250, 4)
y = rides[:, None].astype(np.float32)  # (250, 1)
kernels = rng.normal(0, 0.5, (4, 16)), rng.normal(0, 0.25, (16, 1))
start = [kernels[0], np.zeros(16), kernels[1], np.zeros(1)]
start = [w.astype(np.float32) for w in start]

# %% [markdown]
# (pytorch-training)=
# ## Written out, a step is five lines in PyTorch and a tape in TensorFlow
#
# <!-- head: pytorch_training -->
#
# In PyTorch you write the training loop yourself. A class says what the network computes, an optimizer
# holds its parameters, and five lines make a step {footcite:p}`paszke2019pytorch`. TensorFlow's loop
# has the same parts in another order. Write your own loop when you want to see what happens in a step,
# or to change it.
#
# Besides the squared error, the loss here has a second term that keeps the hidden units small: 0.1
# times the mean of their squares. The network computes this term itself. PyTorch has no special place
# for it, so `forward` returns it with the prediction. In Keras a layer passes it to `add_loss`, and the
# network collects it in `losses`.
#
# The Keras network is written in the *functional* style: you call layers on a placeholder,
# `keras.Input`, and `keras.Model` keeps every layer between the placeholder and the result.

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
class ActivityPenalty(keras.layers.Layer):
    def call(self, h):
        self.add_loss(0.1 * tf.reduce_mean(h**2))
        return h


def make_net():
    x = keras.Input([4])
    h = keras.layers.Dense(16, "tanh")(x)  # (batch, hidden)
    y_hat = keras.layers.Dense(1)(ActivityPenalty()(h))
    return keras.Model(x, y_hat)

# %% [markdown]
# ### Before training, prediction and extra loss agree
#
# `nn.Linear` stores its weight as (out, in), `Dense` as (in, out), hence the transpose.

# %% inside-pt tags=["pytorch"]
def net_pt():
    net = Net()
    weights = [torch.tensor(w.T) for w in start]
    net.load_state_dict(dict(zip(net.state_dict(), weights)))
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
# ### Both loops print the same 160 losses
#
# Both frameworks cut the days into batches of 32, in the order in which they stand. The last batch
# has 26 days. Neither framework drops it unless you ask for that.

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
# Compare the two line by line. In PyTorch the loss remembers how it was computed. `backward` writes
# each gradient into the `grad` of its parameter, and the optimizer, which was given the parameters,
# finds it there. In TensorFlow the tape remembers. It returns the gradients as a list, and in each step
# you tell the optimizer which gradient belongs to which weight.
#
# So if you keep a loss in PyTorch, `detach` it, or it keeps the whole graph in memory. In TensorFlow
# the graph is freed with the tape.
#
# `training=True` has no counterpart in PyTorch's call. A PyTorch network is in training mode until you
# call `net.eval()`; a Keras network that you call yourself is in evaluation mode unless you say
# `training=True`. [RReLU](../activations/rectifiers.ipynb#rrelu) shows why it matters. With the layers
# of this page it does not.

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
# That line has compared all 160 losses: 8 batches in each of 20 epochs. The figure shows what both
# networks have learnt.

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
# ### The loss goes backward, not the optimizer
#
# Coming from one framework, you may look for a method that the other does not have. `minimize`, which
# older versions of Keras had, is gone as well.

# %% no-backward-pt tags=["pytorch"]
sgd = torch.optim.SGD(trained_pt.parameters(), lr=0.1)
for wrong in (lambda: sgd.backward, lambda: sgd.minimize):
    try:
        wrong()
    except AttributeError as error:
        print(error)

# %% no-backward-tf tags=["tensorflow"]
sgd = keras.optimizers.SGD(learning_rate=0.1)
for wrong in (lambda: sgd.backward, lambda: sgd.minimize):
    try:
        wrong()
    except AttributeError as error:
        print(error)

# %% [markdown]
# | | PyTorch | TensorFlow |
# | --- | --- | --- |
# | computes the gradients | `loss.backward()` | `tape.gradient(loss, weights)` |
# | moves the weights | `optimizer.step()` | `optimizer.apply(gradients, weights)` |
# | sets the gradients to zero | `optimizer.zero_grad()` | not needed |
#
# ### A forgotten line raises no error
#
# In PyTorch the line that is forgotten is `zero_grad`: gradients [add up](gradients) until you set
# them to zero. With a tape you cannot make this mistake. In TensorFlow the line that is forgotten is
# the extra loss. If you leave out `sum(net.losses)`, or in PyTorch the second result of `net`, nothing
# fails, but the hidden units are no longer kept small. Here is the gradient of their weights without
# the extra loss, and with it:

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
# ## compile and fit run the same loop for you
#
# <!-- head: keras_training -->
#
# `compile` gives a Keras network its loss and its optimizer. `fit` cuts the batches, runs the loop,
# and adds the losses that the layers have passed to `add_loss`. Use it whenever your training is the
# usual one. PyTorch itself has no counterpart.

# %% fit
def train_fit(net, optimizer, epochs=20):
    net.compile(optimizer, loss="mse")
    history = net.fit(x, y, batch_size=32, epochs=epochs, shuffle=False, verbose=0)
    return history.history["loss"]

# %% [markdown]
# `fit` reports one number per epoch. To compare it with the loops we need one per step. `fit` lets you
# run code of your own between steps, as a *callback*:

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
# ### The loss that fit prints is the mean of the epoch so far
#
# Why does the callback call `reset_metrics`? What `fit` reports after each batch, and prints, is the
# mean over the batches of this epoch *so far*, and the weights have moved in the meantime. At the end
# it is the mean of the whole epoch, in which each batch counts by its number of days. It is not the
# loss of the network that you then have. That one you get from `evaluate`.

# %% running-mean
net = net_tf()
(reported,) = train_fit(net, keras.optimizers.SGD(learning_rate=0.1), epochs=1)
days = [32] * 7 + [26]
mean_of_steps = np.average(losses_fit[:8], weights=days)
show(reported=reported, mean_of_steps=mean_of_steps, digits=2)
error = np.mean((net(x) - y) ** 2)
show(evaluate=net.evaluate(x, y, verbose=0), error_alone=error, digits=2)

# %% [markdown]
# `evaluate` includes the extra loss, so the error alone is smaller.
#
# ### fit shuffles; DataLoader and tf.data do not
#
# `fit` shuffles arrays in each epoch unless you say `shuffle=False`, as here. PyTorch's `DataLoader`
# does not shuffle unless you say so (its default, `None`, means no), and a `tf.data.Dataset` does not
# unless you call `shuffle`. With a shuffled epoch the losses above would not have been the same.

# %% shuffle-pt tags=["pytorch"]
loader = inspect.signature(torch.utils.data.DataLoader)
print(loader.parameters["shuffle"])

# %% shuffle-tf tags=["tensorflow"]
fit = inspect.signature(keras.Model.fit)
print(fit.parameters["shuffle"])

# %% [markdown]
# ### A layer may add a loss, a functional network may not
#
# Before Keras 3 you could write `net.add_loss(tensor)` on a functional network. Keras 3 refuses. Write
# a layer that calls its own `add_loss`, as `ActivityPenalty` does. A network's `losses` are those of
# its latest call: they do not pile up.

# %% add-loss-refused
net = net_tf()
try:
    net.add_loss(0.1 * keras.ops.mean(net.layers[1].output ** 2))
except NotImplementedError as error:
    print(repr(error))
for days in (x[:32], x[32:64]):
    net(days)
    print(len(net.losses), "loss:", f"{net.losses[0]:.4f}")

# %% [markdown]
# (three-ways-defaults)=
# ## They part at the defaults of the optimizers
#
# ### Only Adam has the same default rate
#
# With plain gradient descent at a given rate there is nothing to disagree about. But you can leave
# the rate out, and the other optimizers have more that can be left out. Each line below has the
# default rate, the share of the old mean that RMSprop keeps, the number at which Adagrad's sum starts,
# and ε:

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
# SGD's rate is ten times larger in Keras, RMSprop's and Adagrad's are ten times smaller: always give
# the rate yourself. The other differences are easy to miss. RMSprop gives a new square ten times the
# weight in Keras. Adagrad starts its sum of squares at 0.1 there. And ε, which only keeps a quotient
# finite, is not only larger in Keras, but stands in another place.
#
# ### ε stands in another place
#
# | | PyTorch | Keras |
# | --- | --- | --- |
# | Adam {footcite:p}`kingma2015adam` | $\dfrac{\hat m}{\sqrt{\hat v} + \varepsilon}$ | $\dfrac{\hat m}{\sqrt{\hat v} + \varepsilon / \sqrt{1 - \beta_2^t}}$ |
# | RMSprop {footcite:p}`tieleman2012rmsprop` | $\dfrac{g}{\sqrt{v} + \varepsilon}$ | $\dfrac{g}{\sqrt{v + \varepsilon}}$ |
# | Adagrad {footcite:p}`duchi2011adaptive` | $\dfrac{g}{\sqrt{a} + \varepsilon}$ | $\dfrac{g}{\sqrt{a + \varepsilon}}$ |
#
# Each entry is the distance by which the weight moves at a learning rate of 1. Here $g$ is the
# gradient, $v$ the running mean of its square, and $a$ the sum of its squares. $\hat m$ and $\hat v$
# are the running means of the gradient and of its square, corrected for their start at 0, and $t$ is
# the number of the step. In Keras's first step Adam's ε is therefore divided by $\sqrt{0.001}$.
#
# The difference shows when gradients are small. Here is the first step at a rate of 1, for gradients
# of three sizes:

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
# For gradients of ordinary size Adam is nearly the same in both. For gradients of 10⁻⁷ it is thirty
# times slower in Keras. Adagrad's first step in PyTorch is about the rate, even for a gradient of
# 10⁻⁷; in Keras a small gradient has to outgrow the 0.1 first.
#
# ### With every argument given, the losses agree
#
# What you can set by an argument, you can make equal. Two epochs with each optimizer:

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
# For RMSprop the `epsilon` of Keras is the square of PyTorch's, because $\sqrt{v + \varepsilon^2}$ and
# $\sqrt{v} + \varepsilon$ are the same for $v = 0$, and hardly differ for a $v$ that is much larger.
#
# ### With only the rate given, RMSprop and Adagrad part
#
# Now give the rate and nothing else, as most code does:

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
# ### When the rate falls, PyTorch's momentum brakes at once
#
# Momentum {footcite:p}`sutskever2013importance` is computed in two ways, too. PyTorch accumulates
# gradients and multiplies by the rate when it moves the weight. Keras accumulates steps, which contain
# the rate already. As long as the rate stays the same, the two are equal. Here it falls to a hundredth
# after the third step, and every gradient is −1:

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
# (three-ways-compared)=
# ## fit is the shortest; which is the most readable depends on what you count
#
# <!-- head: three_ways_compared -->
#
# *Concise: Keras, then PyTorch, then TensorFlow. Readable: PyTorch, then Keras, then TensorFlow.* You
# will hear this verdict. All the programs above do the same task, so we can count. A program is what
# stands in its cells: network, batches, loop. We count three things:
#
# - its statements;
# - its nesting: how many loops, branches and contexts stand in one another;
# - its foreign names, which a reader has to know from elsewhere: the last words of dotted names, named
#   arguments, words in quotes, and the methods that the framework calls.

# %% measured
programs = {
    "PyTorch": (Net.forward, batches_pt, train_pt),
    "TensorFlow": (make_net, batches_tf, train_tf),
    "fit": (make_net, train_fit),
    "fit, per step": (make_net, train_fit_steps),
}
measured = {name: measure(*functions) for name, functions in programs.items()}
print(f"{'':13} statements nesting names")
for name, (statements, nesting, names) in measured.items():
    print(f"{name:13} {statements:10} {nesting:7} {len(names):5}")

# %% measured-names
for name, (_, _, names) in measured.items():
    print(textwrap.fill(f"{name}: {', '.join(names)}", 80, subsequent_indent="    "))

# %% [markdown]
# **Concise** holds: 13 statements for Keras, 23 for PyTorch, 25 for TensorFlow. But PyTorch and
# TensorFlow are two statements apart. And `fit` is short only while you want what it does anyway: the
# loss of every step costs a loop three statements, and `fit` eight.
#
# **Readable** depends on what you count. By nesting the order is Keras, PyTorch, TensorFlow. By foreign
# names it is PyTorch, TensorFlow, Keras. But `shuffle` and `verbose` are in the program only for the
# sake of this comparison; without them Keras has 15 names and the verdict holds, by one name each.
# Nobody should choose a framework by that. What no count sees is the order of events: a loop shows when
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
# | to go on training tomorrow | network *and* optimizer in the file | [with the weights alone you start warm](estimator-warm-start) |
# | to maintain an Estimator | [port it](estimator-port) | it is gone from TensorFlow |
#
# ## Exercises
#
# Train by hand, then write three optimizers as one framework or the other has them: [exercises on
# training](../../exercises/start/three_ways_to_train.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
