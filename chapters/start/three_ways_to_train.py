# %% [markdown]
# # Three ways to train
#
# A training step has five parts: take a batch, compute the prediction, compute the loss, compute the gradients,
# and update the weights. In PyTorch you write these parts as a loop. In TensorFlow you can write the same loop,
# with a `GradientTape` that records the operations for the gradients. In Keras, `fit` runs the loop for you.
#
# Old TensorFlow code may train in a fourth way, with an *Estimator*. [The page on the
# Estimator](the_estimator.ipynb) shows how to port such code.
#
# **The claim:** with the same weights, the same batches and plain gradient descent, all three ways give the
# same losses in every step. Other optimizers give different losses if you leave arguments out, because many of
# their defaults differ. People also say that Keras needs the least code, and that PyTorch is the easiest to
# read. This page counts both. Keras does need the least code, but which program is the easiest to read depends
# on what you count.

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
# The data are 250 days of a bike rental: the temperature, the weather, and the number of rides, in thousands.
# The numbers are invented. In the next cell, `best` is the number of rides at the best temperature, 24 °C. It
# is 4.0 for sun, 3.0 for clouds, and 0.8 for rain. The last line also adds some noise.

# %%
rng = np.random.default_rng(0)
temperature = rng.uniform(0, 36, 250).astype(np.float32)  # °C
weather = rng.choice(["sun", "cloud", "rain"], 250, p=[0.5, 0.3, 0.2])
best = np.select([weather == "sun", weather == "cloud"], [4.0, 3.0], 0.8)
rides = best * np.exp(-(((temperature - 24) / 12) ** 2)) + rng.normal(0, 0.2, 250)

# %% [markdown]
# Networks train better if their inputs are about as large as 1. So the next cell subtracts 18 from the
# temperature, and divides the result by 10. It turns the weather into three columns of 0 and 1. The network has
# these four inputs, 16 hidden units and one output. NumPy draws the initial kernels, and the biases start at 0,
# so that both frameworks start from the same weights.

# %%
one_hot = weather[:, None] == np.array(["sun", "cloud", "rain"])
x = np.column_stack([(temperature - 18) / 10, one_hot]).astype(np.float32)  # (250, 4)
y = rides[:, None].astype(np.float32)  # (250, 1)
kernels = rng.normal(0, 0.5, (4, 16)), rng.normal(0, 0.25, (16, 1))
start = [kernels[0], np.zeros(16), kernels[1], np.zeros(1)]
start = [w.astype(np.float32) for w in start]

# %% [markdown]
# (pytorch-training)=
# ## A training step needs five lines in PyTorch, and a `GradientTape` in TensorFlow
#
# <!-- head: pytorch_training -->
#
# In PyTorch you write the training loop yourself {footcite:p}`paszke2019pytorch`. An `nn.Module` defines the
# network, an optimizer updates its parameters, and one training step takes five lines. In TensorFlow the loop
# has the same parts, in a different order. Write your own loop if you want to see or to change what happens in
# a step.
#
# The loss in this example is the sum of two terms. The first term is the mean squared error. The second term is
# the *penalty*: 0.1 times the mean of the squared hidden units. The penalty keeps the hidden units small.
#
# - PyTorch has no special place for a penalty. So `forward` returns two results: the prediction and the
#   penalty.
# - In Keras, a layer passes the penalty to `add_loss`, and the network collects it in `losses`.
#
# The Keras network is written in the *functional* style: you call layers on a placeholder, `keras.Input`. Then
# `keras.Model(x, y_hat)` makes a network of all layers between the placeholder `x` and the output `y_hat`.

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
# ### Before training, both networks give the same prediction and the same penalty
#
# The weight of `nn.Linear` has the shape (out, in), and the kernel of `Dense` has the shape (in, out). So the
# PyTorch cell transposes the weights. The cells print the predictions for four of the days, and the penalty.

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
# ### Both loops give the same 160 losses
#
# The next two cells divide the 250 days into batches of 32 days, without shuffling. The last batch has only 26
# days. Both frameworks keep this smaller batch, unless you pass `drop_last=True` in PyTorch, or
# `drop_remainder=True` in TensorFlow. The two cells after them define the training loops.

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
# Compare the two loops line by line:
#
# - In PyTorch, the graph of the operations belongs to the loss. `loss.backward()` adds each gradient to the
#   `.grad` of its parameter. You gave the parameters to the optimizer when you created it, so
#   `optimizer.step()` can read every `.grad`.
# - In TensorFlow, the graph of the operations belongs to the tape. `tape.gradient` returns the gradients as a
#   list. In every step you pass the gradients and the weights to the optimizer.
#
# If you store a loss in PyTorch, store `loss.detach()`, because otherwise the stored loss keeps its graph in
# memory. In TensorFlow, Python deletes the graph together with the tape.
#
# A new PyTorch network is in training mode until you call `net.eval()`, so its call needs no argument. A Keras
# network that you call yourself runs in inference mode, unless you pass `training=True`. The layers of this
# page compute the same in both modes, but other layers do not, for example
# [RReLU](../activations/rectifiers.ipynb#rrelu).
#
# The next cells train both networks for 20 epochs, and print the first, the third and the last loss.

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
print(len(losses_pt), "losses in PyTorch,", len(losses_tf), "in TensorFlow")

# %% [markdown]
# `agree` compared all 160 losses: 8 batches in each of 20 epochs. In the next figure, each grey dot is one day.
# The curves are the predictions of the two trained networks.

# %% learnt tags=["hide-input"]
# alt: Rides, in thousands, against the temperature from 0 to 36 degrees. Each day is a dot. For each weather PyTorch's prediction is a line, and TensorFlow's predictions are circles on this line. The curve for sun rises to 3.8 near 24 degrees and then falls; the curve for clouds rises to 2.9; the curve for rain stays below 1.
grid = np.linspace(0, 36, 73)
fig, ax = plt.subplots()
for i, kind in enumerate(["sun", "cloud", "rain"]):
    day = weather == kind
    ax.plot(temperature[day], rides[day], ".", color=plots.SIBLING, markersize=3, alpha=0.6)
    columns = np.column_stack([(grid - 18) / 10, np.tile(np.eye(3)[i], (73, 1))])
    with torch.no_grad():
        curve_pt = trained_pt(torch.tensor(columns, dtype=torch.float32))[0][:, 0]
    curve_tf = trained_tf(tf.constant(columns, tf.float32))[:, 0]
    plots.coinciding(ax, grid, curve_pt, curve_tf)
    ax.annotate(kind, (36, float(curve_tf[-1])), (5, 0), textcoords="offset points", va="center")
plots.say_which(ax, (0.5, 3.7))
ax.set(xlabel="temperature, °C", ylabel="thousand rides", xlim=(-1, 40),
       title="Both loops learn the same curves")
plt.show()

# %% [markdown]
# ### Optimizers have no method `backward`, in both frameworks
#
# In PyTorch you call `backward` on the loss, not on the optimizer. The optimizers of older Keras versions had a
# method `minimize`, which computed the gradients and updated the weights. In PyTorch and in Keras 3, the
# optimizers have neither `backward` nor `minimize`:

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
# The next table shows which call does which part of a step:
#
# | | PyTorch | TensorFlow |
# | --- | --- | --- |
# | compute the gradients | `loss.backward()` | `tape.gradient(loss, weights)` |
# | update the weights | `optimizer.step()` | `optimizer.apply(gradients, weights)` |
# | set the gradients to zero | `optimizer.zero_grad()` | not needed |
#
# ### A forgotten `zero_grad()` or a forgotten penalty causes no error
#
# In a PyTorch loop it is easy to forget `zero_grad()`. Then the gradients of all steps [add
# up](gradients-accumulate). In TensorFlow this mistake is impossible, because the tape returns new gradients in
# every step.
#
# In both frameworks it is easy to forget the penalty. In PyTorch, the penalty is the second result of `net(x)`.
# In TensorFlow it is `sum(net.losses)`. If you forget it, there is no error, but the loss does not keep the
# hidden units small. The next cells print the gradients of four hidden weights: `alone` is without the penalty,
# and `both` is with it.

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
# The penalty changes every one of these gradients. Without it you get different gradients, and no warning.
#
# (keras-training)=
# ## `compile` and `fit` run the same loop for you
#
# <!-- head: keras_training -->
#
# `compile` gives a Keras network its loss and its optimizer. `fit` makes the batches, runs the loop, and adds
# the losses that the layers passed to `add_loss`. Use `compile` and `fit` for standard training, where you do
# not need to change the step. PyTorch itself has no method like `fit`.

# %% fit
def train_fit(net, optimizer, epochs=20):
    net.compile(optimizer, loss="mse")
    history = net.fit(x, y, batch_size=32, epochs=epochs, shuffle=False, verbose=0)
    return history.history["loss"]

# %% [markdown]
# `fit` returns only one loss for each epoch, and the loops above return one loss for each step. To compare
# them, you need the loss of each step from `fit`, too. `fit` can call your own code before and after each step.
# Such code is called a *callback*:

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
# All three ways give the same 160 losses.
#
# ### The loss that `fit` prints is the mean of the epoch so far
#
# Why does the callback call `reset_metrics`? After each batch, `fit` reports a mean: the mean loss of all
# batches in this epoch so far. At the end of an epoch, `fit` reports the mean loss of all batches, weighted by
# their number of days. But the weights of the network change after each batch. So the reported loss is not the
# loss of the network after the epoch. For that loss, call `evaluate`.
#
# The next cell trains for one epoch. `reported` is the loss from `fit`, and `mean_of_steps` is the weighted
# mean of the eight losses from the callback. `evaluate` is the loss of the network after this epoch, and
# `error_alone` is its mean squared error without the penalty.

# %% running-mean
net = net_tf()
(reported,) = train_fit(net, keras.optimizers.SGD(learning_rate=0.1), epochs=1)
days = [32] * 7 + [26]
mean_of_steps = np.average(losses_fit[:8], weights=days)
show(reported=reported, mean_of_steps=mean_of_steps, digits=2)
error = np.mean((net(x) - y) ** 2)
show(evaluate=net.evaluate(x, y, verbose=0), error_alone=error, digits=2)

# %% [markdown]
# `reported` and `mean_of_steps` are equal. `evaluate` is much lower, because the network improved during the
# epoch. `evaluate` includes the penalty, so `error_alone` is smaller.
#
# ### `fit` shuffles by default; `DataLoader` and `tf.data` do not
#
# `fit` shuffles arrays in every epoch, unless you pass `shuffle=False`, as in the cells above. PyTorch's
# `DataLoader` shuffles only if you pass `shuffle=True`: its default, `None`, means no shuffling. A
# `tf.data.Dataset` shuffles only if you call its method `shuffle`. With shuffled days, the three ways would not
# give the same losses. The next cells print the defaults of `DataLoader` and of `fit`.

# %% shuffle-pt tags=["pytorch"]
loader = inspect.signature(torch.utils.data.DataLoader)
print(loader.parameters["shuffle"])

# %% shuffle-tf tags=["tensorflow"]
fit = inspect.signature(keras.Model.fit)
print(fit.parameters["shuffle"])

# %% [markdown]
# ### In Keras 3, a layer can call `add_loss`, and a functional network cannot
#
# Before Keras 3 you could write `net.add_loss(tensor)` for a functional network. In Keras 3 this is an error.
# Write a layer that calls its own `add_loss`, as `ActivityPenalty` does.
#
# The `losses` of a network are only those of its latest call. The next cell first shows the error. Then it
# calls the network on two batches, and `losses` contains one loss each time.

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
# ## The optimizers have different defaults in PyTorch and Keras
#
# ### Only Adam has the same default learning rate
#
# If you pass the learning rate, plain gradient descent is the same in both frameworks. If you leave it out, the
# frameworks use different rates. The other optimizers have more arguments that you can leave out. The next
# cells print four defaults of each optimizer, and `-` if the optimizer does not have the argument:
#
# 1. the learning rate
# 2. the factor by which RMSprop multiplies its old mean: `alpha` in PyTorch, `rho` in Keras
# 3. `initial_accumulator_value`, the initial value of Adagrad's sum
# 4. ε, a small number that prevents a division by 0: `eps` in PyTorch, `epsilon` in Keras

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
# There are four differences:
#
# - **Learning rate:** SGD's default is ten times larger in Keras. The defaults of RMSprop and Adagrad are ten
#   times smaller in Keras. So always pass the learning rate.
# - **RMSprop:** a new squared gradient is multiplied by 1 − 0.99 = 0.01 in PyTorch, and by 1 − 0.9 = 0.1 in
#   Keras.
# - **Adagrad:** the sum of the squared gradients starts at 0 in PyTorch, and at 0.1 in Keras.
# - **ε:** the default is larger in Keras. The position of ε in the formula differs, too, as the next section
#   shows.
#
# ### Adam, RMSprop and Adagrad have ε at a different position in the formula
#
# | | PyTorch | Keras |
# | --- | --- | --- |
# | Adam {footcite:p}`kingma2015adam` | $\dfrac{\hat m}{\sqrt{\hat v} + \varepsilon}$ | $\dfrac{\hat m}{\sqrt{\hat v} + \varepsilon / \sqrt{1 - \beta_2^t}}$ |
# | RMSprop {footcite:p}`tieleman2012rmsprop` | $\dfrac{g}{\sqrt{v} + \varepsilon}$ | $\dfrac{g}{\sqrt{v + \varepsilon}}$ |
# | Adagrad {footcite:p}`duchi2011adaptive` | $\dfrac{g}{\sqrt{a} + \varepsilon}$ | $\dfrac{g}{\sqrt{a + \varepsilon}}$ |
#
# Each formula is the number that a step subtracts from the weight if the learning rate is 1. The symbols mean:
#
# - $g$ is the gradient, $v$ is the running mean of $g^2$, and $a$ is the sum of $g^2$.
# - $\hat m$ and $\hat v$ are the running means of $g$ and of $g^2$ after a correction. The correction is needed
#   because both means start at 0.
# - $\beta_2$ is the factor by which Adam multiplies its old mean of $g^2$, by default 0.999. $t$ is the number
#   of the step. So in the first step, Keras divides Adam's ε by $\sqrt{0.001}$.
#
# The difference is large if the gradients are small. The next cells make the first step, with a learning rate
# of 1. They print the new weight for three gradients: −1, −0.01 and −10⁻⁷. Each weight starts at 0.

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
# - **Adam:** for the gradients −1 and −0.01, the step is nearly the same in both frameworks. For −10⁻⁷ it is
#   thirty times smaller in Keras.
# - **RMSprop:** for −1 and −0.01, the step is about three times as large in PyTorch as in Keras. For −10⁻⁷ it
#   is 5 in PyTorch, and nearly 0 in Keras.
# - **Adagrad:** in PyTorch the first step is about the learning rate, even for −10⁻⁷. In Keras a small gradient
#   makes only a small step, because its square is small compared with the initial sum, 0.1.
#
# ### With the same arguments, the losses agree
#
# You can pass the arguments that differ, so that both frameworks use the same values. The next cells train for
# two epochs with each optimizer.

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
# RMSprop in Keras gets the square of PyTorch's ε, $10^{-16}$ instead of $10^{-8}$. The reason is the root:
# Keras then computes $\sqrt{v + \varepsilon^2}$, and PyTorch computes $\sqrt{v} + \varepsilon$. The two are
# equal for $v = 0$, and almost equal if $v$ is much larger than $\varepsilon^2$. Adam and Adagrad keep their
# default ε, which makes no visible difference here.
#
# ### If you pass only the learning rate, RMSprop and Adagrad give different losses
#
# Most code passes the learning rate and no other argument. The next cells do the same. They train for four
# epochs with each optimizer, and print the last loss.

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
# alt: Four panels show the loss on a logarithmic scale over 32 steps. PyTorch's loop is a line, TensorFlow's loop is circles at every second step, and fit is crosses at the steps between. With SGD and with Adam, circles and crosses lie on the line. With RMSprop and with Adagrad, circles and crosses form one curve, and PyTorch's line is below it.
fig, axes = plt.subplots(2, 2, figsize=(5.2, 4.4), sharex=True, sharey=True)
for ax, (name, lr) in zip(axes.flat, rates.items()):
    curve_fit = train_fit_steps(net_tf(), getattr(keras.optimizers, name)(lr), 4)
    curve_tf = [float(loss) for loss in curves_tf[name]]
    ax.plot([float(loss) for loss in curves_pt[name]], color=plots.PYTORCH, linewidth=1.6)
    ax.plot(range(0, 32, 2), curve_tf[::2], "o", color=plots.TENSORFLOW, markersize=5,
            fillstyle="none")
    ax.plot(range(1, 32, 2), curve_fit[1::2], "x", color=plots.PALETTE[2], markersize=4)
    ax.set_title(f"{name}: {'equal' if name in ('SGD', 'Adam') else 'lower in PyTorch'}")
    ax.set(yscale="log", yticks=[0.2, 0.5, 1, 2, 4], yticklabels=["0.2", "0.5", "1", "2", "4"])
    ax.set_yticks([], minor=True)
for i, (label, color) in enumerate([("PyTorch's loop: line", plots.PYTORCH),
                                    ("TensorFlow's: circles", plots.TENSORFLOW),
                                    ("fit: crosses", plots.PALETTE[2])]):
    axes[0, 0].annotate(label, (7, 3.2 * 0.6**i), color=color)
fig.supxlabel("step")
fig.supylabel("loss")
plt.show()

# %% [markdown]
# With SGD and Adam, the losses are the same in both frameworks. With RMSprop and Adagrad, the loss is lower in
# PyTorch. As the first steps above show, these two optimizers make larger first steps in PyTorch.
#
# ### With momentum, a lower learning rate works immediately in PyTorch, and only slowly in Keras
#
# The two frameworks also compute momentum {footcite:p}`sutskever2013importance` in different ways. In the next
# formulas, $v$ is the velocity, $g$ is the gradient, $\mu$ is the momentum, and $\eta$ is the learning rate:
#
# - PyTorch adds up gradients: $v_t = \mu v_{t-1} + g_t$ and $w_t = w_{t-1} - \eta v_t$.
# - Keras adds up steps, which already contain the learning rate: $v_t = \mu v_{t-1} - \eta g_t$ and $w_t =
#   w_{t-1} + v_t$.
#
# If the learning rate stays the same, both give the same weights. In the next cells the learning rate falls
# from 1 to 0.01 after the third step, and every gradient is −1. The cells print the weight after each of the
# six steps.

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
# PyTorch brakes immediately; in Keras the old rate rolls on. The fourth step moves the weight by 0.03 in
# PyTorch, and by 2.45 in Keras. Remember this difference when you port a learning rate schedule that falls
# suddenly.
#
# (three-ways-compared)=
# ## `fit` needs the fewest statements; which program is the easiest to read depends on what you count
#
# <!-- head: three_ways_compared -->
#
# A common opinion is: Keras needs the least code, followed by PyTorch and then TensorFlow. PyTorch is the
# easiest to read, followed by Keras and then TensorFlow. All the programs above do the same task, so you can
# count. A program here is the code of the network, the batches and the loop. The next cell counts three things:
#
# - `statements`: the number of statements
# - `nesting`: how deeply loops, branches and `with` blocks are nested
# - `names`: the number of framework names that a reader must know. These are the last parts of dotted names,
#   named arguments, strings, and the methods that the framework calls.
#
# The row `fit, per step` is the program with the callback.

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
# **Keras needs the least code:** it needs 13 statements, PyTorch 23, and TensorFlow 25. The PyTorch loop and
# the TensorFlow loop differ by only two statements. And `fit` is short only for standard training. The loss of
# every step costs three statements in a loop, those with `losses`, and eight statements with `fit`.
#
# **Which program is the easiest to read depends on what you count.** By nesting, the order is Keras, PyTorch,
# TensorFlow. By names, the order is PyTorch, TensorFlow, Keras. But the Keras program contains `shuffle` and
# `verbose` only for this comparison. Without these two names, Keras has 15 names, and the order is as in the
# common opinion: PyTorch 14, Keras 15, TensorFlow 16.
#
# Do not choose a framework because of one name. And no count shows the order of events: you see in a loop when
# the gradients are computed, and in `fit` you do not.
#
# ## Which way to choose
#
# | you want | choose | because |
# | --- | --- | --- |
# | standard training | `compile` and `fit` | it is the shortest program; batches, metrics and callbacks are included |
# | to see each step, or to change it | a loop, in PyTorch or TensorFlow | the two loops differ by only two statements |
# | a loss inside the network | `add_loss` in a layer, or a second result of `forward` | in your own loop you must add this loss yourself |
# | to port from one framework to the other | to pass every argument of the optimizer | most defaults are different |
# | to continue training later | to save the network *and* the optimizer | [without the optimizer, the losses are different](estimator-warm-start) |
# | to maintain an Estimator | [to port it](estimator-port) | TensorFlow no longer has Estimators |
#
# ## Exercises
#
# Write a training loop. Then write three optimizers: momentum as in PyTorch, and Adam and Adagrad as in Keras.
# [Exercises on training](../../exercises/start/three_ways_to_train.ipynb)
#
# ## References
#
# ```{footbibliography}
# ```
