# %% [markdown]
# # What Keras's fit does
#
# Keras's `fit` runs a training: it splits off validation data, shuffles, makes batches, updates the weights, adds
# up metrics, and calls *callbacks*, which stop the training early, save the best weights, or change the learning
# rate. In PyTorch you write these parts yourself, in a few lines each. This page runs both side by side. For the
# training step alone, see [Three ways to train](three_ways_to_train.ipynb).
#
# **The claims:**
#
# - From the same weights and the same order of examples, `fit` and the PyTorch lines give the same losses, the
#   same metrics and the same weights.
# - The frameworks disagree on the mean behind a class weight, on the patience of `ReduceLROnPlateau`, and on what a
#   cosine schedule does after its end.
# - A PyTorch loop can also go back into Keras, as the `train_step` of a model.

# %%
import pathlib
import tempfile

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, copy_weights, plots, show

plots.use_style()
torch.set_num_threads(1)  # tensors as small as these gain nothing from more

# %% [markdown]
# The data are 60 invented examples: three inputs, and a target that is a sine of the first input plus noise. The
# first 48 are for training, and the last 12 for validation. With batches of 10, an epoch has four batches of 10,
# and a last batch of 8. The last line draws the initial weights.

# %% data
rng = np.random.default_rng(3)
x = rng.normal(0, 1, (60, 3)).astype(np.float32)
y = np.sin(2 * x[:, :1]) + rng.normal(0, 0.5, (60, 1))
y = y.astype(np.float32)  # (60, 1)
x_val, y_val = x[48:], y[48:]
start = [rng.normal(0, 1, (3, 16)), np.zeros(16), rng.normal(0, 0.25, (16, 1)), np.zeros(1)]

# %% [markdown]
# (what-fit-does)=
# ## `fit` is two nested loops and an evaluation, and each callback method has its line in them
#
# <!-- head: what_fit_does -->
#
# The network has 16 hidden units and one output. The Keras network gets its weights from NumPy, and
# `copy_weights` carries them into the PyTorch network, so that both start from the same ones.

# %% net-pt tags=["pytorch"]
def net_pt():
    net = nn.Sequential(
        nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
    hidden, out = net_tf().layers
    copy_weights(hidden, net[0])
    copy_weights(out, net[2])
    return net

# %% net-tf tags=["tensorflow"]
def net_tf(cls=keras.Sequential):
    net = cls([
        keras.Input((3,)), keras.layers.Dense(16, "tanh"),
        keras.layers.Dense(1)])
    net.set_weights(start)
    return net

# %% [markdown]
# The next PyTorch cell defines the two things that `fit` repeats: a training step, and the evaluation without
# gradients. In Keras you name the loss, the optimizer and the metrics in `compile`. `net.eval()` and
# `net.train()` change nothing in this network, but they do with [dropout or batch
# normalization](train-and-evaluation). Keras changes the mode for you.

# %% parts-pt tags=["pytorch"]
def step_pt(net, optimizer, x, y):
    y_hat = net(x)
    loss = F.mse_loss(y_hat, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return y_hat, loss


@torch.no_grad()
def evaluate_pt(net, x, y):
    net.eval()
    y_hat = net(torch.tensor(x))
    net.train()
    return F.mse_loss(y_hat, torch.tensor(y))

# %% parts-tf tags=["tensorflow"]
def compiled_tf(lr=0.2, **more):
    net = net_tf()
    optimizer = keras.optimizers.SGD(lr)
    net.compile(optimizer, "mse", metrics=["mae"], **more)
    return net

# %% [markdown]
# ### With the same order of examples, losses and metrics agree in every epoch
#
# `fit` shuffles the examples anew in each epoch, and no seed gives the same order in both frameworks. So NumPy
# draws the orders here. PyTorch gets an order as the `sampler` of its `DataLoader`. Keras gets the examples in
# this order, with `shuffle=False`. To train for several epochs in one call, pass `epochs=`.

# %% orders
orders = [rng.permutation(48) for epoch in range(3)]

# %% fit-pt tags=["pytorch"]
net = net_pt()
sgd = torch.optim.SGD(net.parameters(), lr=0.2)
data = torch.utils.data.TensorDataset(
    torch.tensor(x[:48]), torch.tensor(y[:48]))
logs_pt = torch.zeros(3, 3)
for epoch, order in enumerate(orders):
    loader = torch.utils.data.DataLoader(
        data, batch_size=10, sampler=order.tolist())
    for x_b, y_b in loader:
        y_hat, loss = step_pt(net, sgd, x_b, y_b)
        values = torch.stack([loss, F.l1_loss(y_hat, y_b)])
        logs_pt[epoch, :2] += values.detach() * len(x_b) / 48
    logs_pt[epoch, 2] = evaluate_pt(net, x_val, y_val)
show(loss_mae_val=logs_pt)

# %% fit-tf tags=["tensorflow"]
net = compiled_tf()
logs_tf = []
for order in orders:
    logs = net.fit(
        x[order], y[order], batch_size=10, shuffle=False,
        validation_data=(x_val, y_val), verbose=0).history
    logs_tf += [
        logs["loss"] + logs["mae"] + logs["val_loss"]]
logs_tf = tf.constant(logs_tf)
show(loss_mae_val=logs_tf)

# %% fit-agree
agree(logs_pt, logs_tf, rtol=1e-4)

# %% [markdown]
# The columns are the loss, the mean absolute error and the validation loss, one row for each epoch. Two details
# are needed for equal numbers:
#
# - `fit` computes a batch's metrics from the prediction *before* the update, as the PyTorch loop does here.
# - `fit` weights each batch by its number of examples, so the PyTorch loop multiplies by `len(x_b) / 48`.
#
# A callback is a class with methods that `fit` calls. In PyTorch, write the body of the method in this place of
# the loop:
#
# | callback method | place in the PyTorch loop | used by |
# | --- | --- | --- |
# | `on_train_begin` | before `for epoch in …` | |
# | `on_epoch_begin` | first line of the outer loop | `LearningRateScheduler` |
# | `on_train_batch_begin`, `on_train_batch_end` | before and after the step | progress bar |
# | `on_test_begin`, `on_test_end` | before and after the evaluation | |
# | `on_epoch_end` | last line of the outer loop, after the evaluation | `EarlyStopping`, `ModelCheckpoint`, `ReduceLROnPlateau`, `CSVLogger` |
# | `on_train_end` | after the loops | `EarlyStopping`, which restores the best weights there |
#
# `verbose=1`, the default, draws a progress bar. PyTorch has none: print in the loop, or write `for x_b, y_b in
# tqdm(loader)` with the package `tqdm`.
#
# (fit-validation-split)=
# ### `validation_split` takes the last examples, before `fit` shuffles
#
# `validation_split=0.2` keeps the last fifth of the examples for validation, in the order in which you pass them.
# If your examples are sorted by class, shuffle them before `fit`. In PyTorch you slice; `random_split` would draw
# the examples at random. The learning rate is 0 in the Keras cell, so the weights do not change, and only the
# choice of the validation examples decides the loss. With batches of one example, the number of updates is the
# number of training examples.

# %% split-pt tags=["pytorch"]
n_train = int(len(x) * (1 - 0.2))
val_loss_pt = evaluate_pt(
    net_pt(), x[n_train:], y[n_train:])
show(n_train=n_train, val_loss=val_loss_pt)

# %% split-tf tags=["tensorflow"]
net = compiled_tf(lr=0.0)
history = net.fit(
    x, y, batch_size=1, validation_split=0.2, verbose=0)
val_loss_tf = tf.constant(history.history["val_loss"][0])
show(n_train=net.optimizer.iterations, val_loss=val_loss_tf)

# %% split-agree
agree(val_loss_pt, val_loss_tf)

# %% [markdown]
# Keras rounds the number of training examples down. For 10 examples and a split of 0.8, it computes 10 · (1 −
# 0.8) = 1.9999999999999996, so that only one example is left for training.
#
# (fit-last-batch)=
# ## The last batch is smaller, and a mean of the batches' means counts it as a full one
#
# `DataLoader` and `tf.data` both keep the order, and both keep the last batch of 8. `drop_last=True` in PyTorch
# and `drop_remainder=True` in TensorFlow leave it out. The cells print the sizes of the batches and three losses
# of the untrained network: the mean of the five batches' losses, the mean over all 48 examples, and the mean over
# the 40 examples in full batches.

# %% batches-pt tags=["pytorch"]
loader = torch.utils.data.DataLoader(data, batch_size=10)
net = net_pt()
with torch.no_grad():
    losses_pt = torch.stack(
        [F.mse_loss(net(x_b), y_b) for x_b, y_b in loader])
sizes = torch.tensor([len(x_b) for x_b, _ in loader])
full = torch.utils.data.DataLoader(
    data, batch_size=10, drop_last=True)
mean_pt = (losses_pt * sizes).sum() / sizes.sum()
show(sizes=sizes)
show(batches=losses_pt.mean(), examples=mean_pt,
     full=losses_pt[:len(full)].mean())

# %% batches-tf tags=["tensorflow"]
data_tf = tf.data.Dataset.from_tensor_slices((x[:48], y[:48]))
loader = data_tf.batch(10)
net = compiled_tf(run_eagerly=True)
losses_tf = tf.stack(
    [keras.losses.MeanSquaredError()(y_b, net(x_b))
     for x_b, y_b in loader])
sizes = tf.constant([len(x_b) for x_b, _ in loader])
full = data_tf.batch(10, drop_remainder=True)
mean_tf = tf.constant(net.evaluate(loader, verbose=0)[0])
show(sizes=sizes)
show(batches=tf.reduce_mean(losses_tf), examples=mean_tf,
     full=tf.reduce_mean(losses_tf[:len(full)]))

# %% batches-agree
agree([losses_pt, mean_pt], [losses_tf, mean_tf])

# %% [markdown]
# `evaluate` returns the mean over examples, so the size of the batches has no effect on it. A PyTorch loop that
# divides the sum of the batches' losses by `len(loader)` returns the mean of the batches. Both means are the same
# only if all batches have the same size. A metric that is not a mean, such as the [root of the mean squared
# error](training-metrics), needs its own sums.
#
# To shuffle, pass `shuffle=True` to `DataLoader`. In `tf.data`, `shuffle(48)` must stand before `batch`, and its
# argument is a buffer: with a smaller number than the number of examples, a late example cannot come early.
#
# (fit-early-stopping)=
# ## Early stopping and a checkpoint of the best weights are eight lines in PyTorch
#
# `EarlyStopping(patience=2)` stops when the validation loss has not been lower than the best one for two epochs
# in a row. By default it keeps the weights of the *last* epoch; `restore_best_weights=True` gives you those of
# the best one. `ModelCheckpoint(save_best_only=True)` writes a file each time the loss is the lowest so far. In
# PyTorch the file can do both: save when the loss is lower, and load it after the loop.

# %% folder
folder = tempfile.TemporaryDirectory()
best_pt = pathlib.Path(folder.name, "best.pt")
best_tf = pathlib.Path(folder.name, "best.weights.h5")

# %% early-pt tags=["pytorch"]
net = net_pt()
sgd = torch.optim.SGD(net.parameters(), lr=0.2)
best, wait, val_losses_pt = float("inf"), 0, []
for _ in range(20):
    for x_b, y_b in torch.utils.data.DataLoader(data, 10):
        step_pt(net, sgd, x_b, y_b)
    val_losses_pt.append(evaluate_pt(net, x_val, y_val))
    wait += 1
    if val_losses_pt[-1] < best:
        best, wait = val_losses_pt[-1], 0
        torch.save(net.state_dict(), best_pt)
    if wait == 2:
        break
net.load_state_dict(torch.load(best_pt))
restored_pt = evaluate_pt(net, x_val, y_val)

# %% early-tf tags=["tensorflow"]
net = compiled_tf()
stop = keras.callbacks.EarlyStopping(
    patience=2, restore_best_weights=True)
save = keras.callbacks.ModelCheckpoint(
    best_tf, save_best_only=True, save_weights_only=True)
history = net.fit(
    x[:48], y[:48], batch_size=10, epochs=20,
    shuffle=False, validation_data=(x_val, y_val),
    callbacks=[stop, save], verbose=0)
val_losses_tf = history.history["val_loss"]
val_losses_tf = [tf.constant(v) for v in val_losses_tf]
restored_tf = keras.ops.mean((net(x_val) - y_val) ** 2)
net.load_weights(best_tf)
saved_tf = keras.ops.mean((net(x_val) - y_val) ** 2)

# %% early-agree
agree(val_losses_pt, val_losses_tf, rtol=1e-4)
agree([restored_pt] * 2, [restored_tf, saved_tf], rtol=1e-4)
show(val_loss=torch.stack(val_losses_pt), digits=3)
show(restored=restored_pt, digits=3)

# %% stopped tags=["hide-input"]
# alt: The validation loss over eight epochs. It falls from 0.76 to 0.10 in epoch 5, counted from 0, and is higher in the epochs 6 and 7. TensorFlow's circles lie on PyTorch's line. An arrow marks epoch 5, whose weights are restored; training stops after epoch 7.
fig, ax = plt.subplots(figsize=(5.2, 2.3))
plots.coinciding(ax, np.arange(len(val_losses_pt)), torch.stack(val_losses_pt),
                 tf.stack(val_losses_tf), markers=8)
ax.annotate("best: these weights\nare restored", (5, float(restored_pt)), (3.4, 0.45),
            arrowprops={"arrowstyle": "->", "color": plots.INK})
ax.annotate("stop", (7, float(val_losses_pt[-1])), (6.7, 0.4),
            arrowprops={"arrowstyle": "->", "color": plots.INK})
plots.say_which(ax, (0.6, 0.68))
ax.set(xlabel="epoch", ylabel="validation loss", ylim=(0, None),
       title="Two epochs without a lower loss end the training")
plt.show()

# %% [markdown]
# A loss that is *equal* to the best one does not count as lower. `patience=0` does the same as `patience=1`,
# because Keras counts the epoch first, and then compares.
#
# ### `state_dict()` is no copy: keep the best weights with `deepcopy` or in a file
#
# The tensors in a `state_dict` share their memory with the network. So `best = net.state_dict()` changes with
# every later step, and in the end it holds the last weights. `get_weights()` in Keras returns copies. The cells
# keep the bias of the output, then change it to 5, and print what they kept.

# %% no-copy-pt tags=["pytorch"]
net = net_pt()
kept_pt = net.state_dict()
with torch.no_grad():
    net[2].bias.fill_(5.0)
show(kept=kept_pt["2.bias"])

# %% no-copy-tf tags=["tensorflow"]
net = net_tf()
kept_tf = net.get_weights()
net.layers[1].bias.assign([5.0])
show(kept=kept_tf[3])

# %% [markdown]
# (fit-schedules)=
# ## Learning rate schedules: PyTorch counts calls of `scheduler.step()`, Keras counts updates
#
# In PyTorch a scheduler changes the rate when you call `scheduler.step()`, after `optimizer.step()`. Call it in
# the inner loop to change the rate after each step, or at the end of the outer loop to change it after each
# epoch. A Keras schedule is a function of the optimizer's number of updates. So a schedule by epoch must know the
# number of steps in an epoch, `decay_steps` below. The cells print the rates of eight steps, with four steps in
# an epoch:
#
# $$\eta_t = \eta_0 \, 0.5^{t} \qquad\text{and}\qquad \eta_t = \eta_0 \, 0.5^{\lfloor t / 4 \rfloor}$$
#
# Here $\eta_t$ is the rate of step $t$, and $\eta_0 = 1$.

# %% schedule-pt tags=["pytorch"]
def rates_pt(make, every=1):
    w = nn.Parameter(torch.zeros(1))
    sgd = torch.optim.SGD([w], lr=1.0)
    scheduler, rates = make(sgd), []
    for t in range(8):
        rates.append(scheduler.get_last_lr()[0])
        sgd.step()
        if (t + 1) % every == 0:
            scheduler.step()
    return torch.tensor(rates)

# %% schedule-tf tags=["tensorflow"]
def rates_tf(schedule):
    w = tf.Variable([0.0])
    sgd = keras.optimizers.SGD(schedule)
    rates = []
    for _ in range(8):
        rates.append(sgd.learning_rate)
        sgd.apply([tf.zeros(1)], [w])
    return tf.stack(rates)

# %% rates-pt tags=["pytorch"]
lr_scheduler = torch.optim.lr_scheduler
steps_pt = rates_pt(
    lambda sgd: lr_scheduler.ExponentialLR(sgd, 0.5))
epochs_pt = rates_pt(
    lambda sgd: lr_scheduler.ExponentialLR(sgd, 0.5), 4)
show(by_step=steps_pt, by_epoch=epochs_pt, digits=2)

# %% rates-tf tags=["tensorflow"]
schedules = keras.optimizers.schedules
steps_tf = rates_tf(schedules.ExponentialDecay(1.0, 1, 0.5))
epochs_tf = rates_tf(schedules.ExponentialDecay(
    1.0, 4, 0.5, staircase=True))
show(by_step=steps_tf, by_epoch=epochs_tf, digits=2)

# %% rates-agree
agree([steps_pt, epochs_pt], [steps_tf, epochs_tf])

# %% [markdown]
# ### After its end, a cosine schedule rises again in PyTorch, and stays at 0 in Keras
#
# `CosineAnnealingLR(optimizer, T_max=4)` and `CosineDecay(1.0, decay_steps=4)` have the same rates up to step 4.
# Stop the training there, or do not call `scheduler.step()` any more:

# %% cosine-pt tags=["pytorch"]
cosine_pt = rates_pt(
    lambda sgd: lr_scheduler.CosineAnnealingLR(sgd, T_max=4))
show(rates=cosine_pt, digits=2)

# %% cosine-tf tags=["tensorflow"]
cosine_tf = rates_tf(
    schedules.CosineDecay(1.0, decay_steps=4))
show(rates=cosine_tf, digits=2)

# %% cosine-agree
agree(cosine_pt[:5], cosine_tf[:5])

# %% [markdown]
# ### `ReduceLROnPlateau` waits one epoch longer in PyTorch
#
# PyTorch lowers the rate when the number of epochs without a lower loss is *greater* than the patience. Keras
# lowers it when the number is *equal* to the patience. So patience 1 in PyTorch is `patience=2` in Keras. Also
# pass `threshold_mode="abs"` in PyTorch: its threshold of 1e-4 is a part of the loss by default, and Keras's
# `min_delta` of 1e-4 is an absolute number. The cells pass the losses themselves, without a training.

# %% plateau-pt tags=["pytorch"]
def plateau_pt(patience):
    w = nn.Parameter(torch.zeros(1))
    sgd = torch.optim.SGD([w], lr=1.0)
    plateau = lr_scheduler.ReduceLROnPlateau(
        sgd, factor=0.5, patience=patience,
        threshold_mode="abs")
    rates = []
    for loss in (5.0, 4.0, 4.0, 4.5, 4.0, 4.0, 3.0):
        plateau.step(loss)
        rates.append(sgd.param_groups[0]["lr"])
    return torch.tensor(rates)


show(patience_1=plateau_pt(1), digits=2)
show(patience_2=plateau_pt(2), digits=2)

# %% plateau-tf tags=["tensorflow"]
def plateau_tf(patience):
    net = compiled_tf(lr=1.0)
    plateau = keras.callbacks.ReduceLROnPlateau(
        factor=0.5, patience=patience)
    plateau.set_model(net)
    plateau.on_train_begin()
    rates = []
    for loss in (5.0, 4.0, 4.0, 4.5, 4.0, 4.0, 3.0):
        plateau.on_epoch_end(0, {"val_loss": loss})
        rates.append(float(net.optimizer.learning_rate))
    return tf.constant(rates)


show(patience_1=plateau_tf(1), digits=2)
show(patience_2=plateau_tf(2), digits=2)

# %% plateau-agree
agree(plateau_pt(1), plateau_tf(2))

# %% [markdown]
# `EarlyStopping` of Keras compares in the same way as its `ReduceLROnPlateau`, but its `min_delta` is 0.
#
# (fit-class-weights)=
# ## Class weights: Keras divides by the number of examples, PyTorch by the sum of the weights
#
# `class_weight` in `fit` multiplies the loss of each example by the weight of its class, and then takes the mean
# over the examples. `weight=` in PyTorch divides by the sum of the weights instead:
#
# $$\frac1N \sum_i w_{y_i} \ell_i \quad\text{in Keras, and}\quad \frac{\sum_i w_{y_i} \ell_i}{\sum_i w_{y_i}}
# \quad\text{in PyTorch}$$
#
# Here $\ell_i$ is the loss of example $i$, $y_i$ is its class, and $w$ are the weights. To get Keras's number,
# take the sum and divide by $N$. The Keras network below returns its input as the logits.

# %% weighted-pt tags=["pytorch"]
logits, labels = torch.tensor(x[:9]), torch.arange(9) % 3
w = torch.tensor([1.0, 2.0, 6.0])
total = F.cross_entropy(logits, labels, w, reduction="sum")
as_keras = total / len(labels)
show(pytorch=F.cross_entropy(logits, labels, w),
     as_keras=as_keras)

# %% weighted-tf tags=["tensorflow"]
labels = np.arange(9) % 3
same = keras.Sequential([
    keras.Input((3,)), keras.layers.Dense(3)])
same.set_weights([np.eye(3), np.zeros(3)])
same.compile(
    "sgd", run_eagerly=True,
    loss=keras.losses.SparseCategoricalCrossentropy(True))
keras_loss = same.train_on_batch(
    x[:9], labels, class_weight={0: 1.0, 1: 2.0, 2: 6.0})
show(keras=keras_loss)

# %% weighted-agree
agree(as_keras, tf.constant(keras_loss))

# %% [markdown]
# The mean weight is 3 here, so Keras's loss, its gradients, and a step of SGD are three times as large as
# PyTorch's. In PyTorch, the divisor also changes from batch to batch. `fit` does not weight the validation loss.
#
# (fit-accumulation)=
# ## Gradient accumulation: two small batches make the same step as one large batch
#
# If a batch of 20 does not fit into memory, add up the gradients of two batches of 10, and update once. In
# PyTorch, call `backward()` for each batch, divide each loss by 2, and call `step()` and `zero_grad()` only after
# the second one. In Keras, the optimizer does it with `gradient_accumulation_steps=2`. The cells train on 40
# examples: four batches, two updates. Then `agree` compares the weights with those of batches of 20.

# %% accumulate-pt tags=["pytorch"]
def weights_after_pt(size, n):
    net = net_pt()
    sgd = torch.optim.SGD(net.parameters(), lr=0.2)
    loader = torch.utils.data.DataLoader(data, size)
    for i, (x_b, y_b) in zip(range(40 // size), loader):
        (F.mse_loss(net(x_b), y_b) / n).backward()
        if (i + 1) % n == 0:
            sgd.step()
            sgd.zero_grad()
    return [net[i].weight.detach().T for i in (0, 2)]


once_pt = weights_after_pt(size=20, n=1)
twice_pt = weights_after_pt(size=10, n=2)

# %% accumulate-tf tags=["tensorflow"]
def weights_after_tf(size, n):
    net = net_tf()
    sgd = keras.optimizers.SGD(
        0.2, gradient_accumulation_steps=n)
    net.compile(sgd, "mse", run_eagerly=True)
    net.fit(x[:40], y[:40], batch_size=size,
            shuffle=False, verbose=0)
    return [layer.kernel for layer in net.layers]


once_tf = weights_after_tf(size=20, n=None)
twice_tf = weights_after_tf(size=10, n=2)

# %% accumulate-agree
agree(once_pt + twice_pt, twice_tf + once_tf, rtol=1e-4)

# %% [markdown]
# Both divide by the number of batches, so a smaller batch among them counts too much. In an epoch with an odd
# number of batches, Keras adds the last gradient to the first one of the next epoch. Clip the accumulated
# gradient, as Keras does: in PyTorch, call [`clip_grad_norm_`](training-optimizers) right before `step()`.
#
# (fit-mixed-precision)=
# ## Mixed precision: weights and loss stay float32, unless you call a Keras loss function
#
# PyTorch converts inside `torch.autocast`, operation by operation. Keras converts in each layer, by its dtype
# policy `"mixed_bfloat16"`; `keras.mixed_precision.set_global_policy` sets it for all layers. Both keep the
# weights in float32 and compute the product in bfloat16, which has 8 bits for the digits of a number. With
# float16 instead, small gradients become 0, so PyTorch needs `torch.amp.GradScaler` there, and Keras's `compile`
# adds a `LossScaleOptimizer`.
#
# The cells print the dtypes of the weights, of the output and of the loss. The last line prints the device. In
# PyTorch you move the network *and* each batch with `.to(device)`. TensorFlow puts both on the GPU if there is one.

# %% mixed-pt tags=["pytorch"]
dense = nn.Linear(3, 2)
device = "cuda" if torch.cuda.is_available() else "cpu"
dense, x_b = dense.to(device), torch.ones(4, 3).to(device)
with torch.no_grad():
    dense.weight.fill_(0.3)
    dense.bias.fill_(0.0)
with torch.autocast(device, torch.bfloat16):
    y_pt = dense(x_b)
    loss = F.mse_loss(y_pt, torch.zeros(4, 2).to(device))
print(dense.weight.dtype, y_pt.dtype, loss.dtype)
print(x_b.device)

# %% mixed-tf tags=["tensorflow"]
dense = keras.layers.Dense(2, dtype="mixed_bfloat16")
x_b = tf.ones((4, 3))
dense.build(x_b.shape)
dense.set_weights([np.full((3, 2), 0.3), np.zeros(2)])
y_tf, zeros = dense(x_b), tf.zeros((4, 2))
net = keras.Sequential([dense])
net.compile("sgd", "mse")
loss = net.compute_loss(x_b, zeros, y_tf)  # the loss of `fit`
print(dense.kernel.dtype, y_tf.dtype.name, loss.dtype.name)
losses = keras.losses.mean_squared_error(zeros, y_tf)
print("function:", losses.dtype.name)
print(x_b.device.split("/")[-1])

# %% mixed-agree
agree(y_pt, tf.cast(y_tf, tf.float32))
show(exact=0.3 * 3, bfloat16=y_pt[0, :1])

# %% [markdown]
# bfloat16 holds only two to three decimal digits, so the product is 0.9023 instead of 0.9. `fit` converts the
# prediction to float32 before the loss, and so does each loss class of Keras. A loss function such as
# `keras.losses.mean_squared_error` does not: cast the prediction yourself, or give the last layer
# `dtype="float32"`.
#
# (fit-train-step)=
# ## The way back: your PyTorch loop becomes `train_step`, and `fit` runs it
#
# To change what happens in a step, you need not leave `fit`: override `train_step`. It gets one batch and returns
# the logs. You write it for one backend, here with TensorFlow's tape. `fit` still makes the batches and calls the
# callbacks. The PyTorch cell trains for two epochs, and prints the mean loss over the examples in the last line of
# the outer loop. The Keras cell defines `train_step`, and a callback that prints in the same place.

# %% back-pt tags=["pytorch"]
def log(epoch, loss):
    print(f"epoch {epoch}: {loss:.3f}")


net, total = net_pt(), torch.zeros(2)
sgd = torch.optim.SGD(net.parameters(), lr=0.2)
for epoch in range(2):
    for x_b, y_b in torch.utils.data.DataLoader(data, 10):
        _, loss = step_pt(net, sgd, x_b, y_b)
        total[epoch] += loss.item() * len(x_b)
    log(epoch, total[epoch] / 48)
back_pt = net[2].weight.T

# %% back-tf tags=["tensorflow"]
class Stepped(keras.Sequential):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_hat = self(x, training=True)
            loss = tf.reduce_mean((y_hat - y) ** 2)
        weights = self.trainable_variables
        gradients = tape.gradient(loss, weights)
        self.optimizer.apply(gradients, weights)
        return {"loss": loss}


log_tf = keras.callbacks.LambdaCallback(
    on_epoch_end=lambda epoch, logs: log(epoch, logs["loss"]))

# %% [markdown]
# ### With the key `"loss"`, `fit` reports its own mean, which stays 0 until you update it
#
# At the end of an epoch, `fit` compares the keys of your logs with the names of its own metrics. If they are the
# same, it reports its metrics. With `loss="mse"`, the first of `metrics` is a mean with the name `"loss"`, and
# your `train_step` must update it. `Tracked` does. The next cell trains with `Stepped`, with `Tracked`, and with
# Keras's own step.

# %% back-fit
class Tracked(Stepped):
    def train_step(self, data):
        loss = super().train_step(data)["loss"]
        self.metrics[0].update_state(loss, sample_weight=tf.shape(data[0])[0])
        return {"loss": self.metrics[0].result()}


kernels = []
for cls in (Stepped, Tracked, keras.Sequential):
    print(cls.__name__)
    net = net_tf(cls)
    net.compile(keras.optimizers.SGD(0.2), "mse", run_eagerly=True)
    net.fit(x[:48], y[:48], batch_size=10, epochs=2, shuffle=False, callbacks=[log_tf], verbose=0)
    kernels.append(net.layers[1].kernel)

# %% back-agree
agree([back_pt] * 3, kernels, rtol=1e-4)

# %% [markdown]
# The weights are equal in all three and in PyTorch. Only the report of `Stepped` is wrong: its loss is 0.000. If
# you pass `metrics=` to `compile`, update these in `train_step`, too, with `metric.update_state(y, y_hat)`;
# otherwise `fit` raises an error.
#
# ## Which one to choose
#
# | you have | write in PyTorch | watch |
# | --- | --- | --- |
# | `fit(shuffle=True)` | `DataLoader(shuffle=True)` | its default is no shuffling |
# | `validation_split=0.2` | a slice, `x[n_train:]` | the last examples, before shuffling |
# | `metrics`, `evaluate` | a sum, weighted by `len(x_b)` | the smaller last batch |
# | `EarlyStopping`, `ModelCheckpoint` | `torch.save` when the loss is lower, `break` | `state_dict()` is no copy |
# | `ExponentialDecay` | `ExponentialLR` | where you call `scheduler.step()` |
# | `ReduceLROnPlateau(patience=2)` | `ReduceLROnPlateau(patience=1)` | `threshold_mode="abs"` |
# | `class_weight` | the sum of weighted losses, divided by N | `weight=` alone divides by the weights |
# | `gradient_accumulation_steps=2` | `(loss / 2).backward()`, `step()` every second time | batches of the same size |
# | `"mixed_bfloat16"` | `torch.autocast` | a Keras loss function returns bfloat16 |
#
# ## Exercises
#
# Write early stopping, a cosine schedule with warm-up, clipping by the global norm, and the split for validation.
# [Exercises on what fit does](../../exercises/start/what_fit_does.ipynb)
