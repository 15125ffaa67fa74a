# %% [markdown]
# # Coming from Keras
#
# You know Keras, and now you write PyTorch. This page shows ten differences that break ported models. Each has a cell
# that runs it, one sentence that says what to do, and a link to the section with the details. In the cells, `show`
# prints numbers, and `agree` compares those of the two frameworks. At the end is [the order](keras-way) in which to
# read the book.
#
# **The claim:** nine of these ten mistakes raise no error. The model runs, and computes or learns
# something else.
#
# Must you port a model today? Read these ten, then go to [Porting a model](port_a_model.ipynb).

# %%
import keras
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, show, show_error

# %% [markdown]
# ## 1. The loss takes logits, and the prediction comes first
#
# `F.cross_entropy` and `nn.CrossEntropyLoss` contain the softmax. If the network ends with a softmax, too, the loss
# is wrong (`softmax_twice`), and the network learns slowly.

# %% twice-pt tags=["pytorch"]
z_pt = torch.tensor([[2.0, -1.0, 0.5]])  # (batch, classes)
y_pt = torch.tensor([0])
loss_pt = F.cross_entropy(z_pt, y_pt)
twice = F.cross_entropy(F.softmax(z_pt, -1), y_pt)
show(loss=loss_pt, softmax_twice=twice)

# %% twice-tf tags=["tensorflow"]
z_tf = tf.constant([[2.0, -1.0, 0.5]])  # (batch, classes)
y_tf = tf.constant([0])
p_tf = keras.activations.softmax(z_tf)
scce = keras.losses.sparse_categorical_crossentropy
loss_tf = scce(y_tf, p_tf)[0]
show(loss=loss_tf)

# %%
agree(loss_pt, loss_tf)

# %% [markdown]
# **Do this:** let the module return logits, and pass them first: `loss(logits, y)`. More: [what a softmax before the
# loss costs](softmax-and-loss), [the order of the arguments](losses-order).
#
# ## 2. You switch between training mode and inference mode
#
# `fit`, `evaluate` and `predict` choose the mode for you. A PyTorch module stays in its mode until you change it, and
# a new one is in training mode. So dropout still acts on your validation data if you forget `eval()`.

# %% mode-pt tags=["pytorch"]
net, x_pt = nn.Sequential(nn.Dropout(0.5)), torch.ones(1, 1000)
print("new:  dropout acts", bool((net(x_pt) == 0).any()))
net.eval()
with torch.no_grad():
    y_pt = net(x_pt)
print("eval: dropout acts", bool((y_pt == 0).any()))

# %% mode-tf tags=["tensorflow"]
net = keras.Sequential([keras.layers.Dropout(0.5)])
x_tf = tf.ones((1, 1000))
y_tf = net(x_tf, training=True)
print("training: dropout acts", np.any(y_tf == 0))
y_tf = net(x_tf)
print("new:      dropout acts", np.any(y_tf == 0))

# %%
agree(y_pt, y_tf)

# %% [markdown]
# **Do this:** call `net.train()` before each epoch, and `net.eval()` before you validate. Put validation under
# `torch.no_grad()`, because [`eval()` does not stop autograd](no-grad-and-eval). More: [training and
# evaluation](train-and-evaluation).
#
# ## 3. Gradients add up until you clear them
#
# `backward()` adds to `.grad`. If you forget to clear it, the second step uses the sum of two gradients.

# %% zero-grad
w = torch.tensor([3.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for _ in range(2):
    (w**2).sum().backward()
    show(forgotten=w.grad)
optimizer.zero_grad()
(w**2).sum().backward()
show(cleared=w.grad)

# %% [markdown]
# **Do this:** call `optimizer.zero_grad()` in every step, before `loss.backward()`. More: [gradients
# accumulate](gradients-accumulate).
#
# ## 4. Targets of shape (N,) and predictions of shape (N, 1) make N × N differences
#
# `fit` and `evaluate` give the targets the shape of the predictions. Your PyTorch loop does not: the difference is a
# table of each prediction with each target, and the network learns only the mean of the targets.

# %% column-pt tags=["pytorch"]
y_hat = torch.tensor([[1.0], [2.0], [4.0]])  # (N, 1)
y = torch.tensor([1.0, 2.0, 3.0])  # (N,)
print(tuple((y_hat - y).shape))
loss_pt = ((y_hat - y[:, None]) ** 2).mean()
show(wrong=((y_hat - y) ** 2).mean(), right=loss_pt)

# %% column-tf tags=["tensorflow"]
y_hat = np.array([[1.0], [2.0], [4.0]])  # (N, 1)
y = np.array([1.0, 2.0, 3.0])  # (N,)
net = keras.Sequential([keras.layers.Identity()])
net.compile(loss="mse")
loss_tf = tf.constant(net.evaluate(y_hat, y, verbose=0))
show(right=loss_tf)

# %%
agree(loss_pt, loss_tf)

# %% [markdown]
# **Do this:** compare the two shapes once before you train, with `assert y_hat.shape == y.shape`. More: [the "400%
# higher error"](common-errors), [shapes in a loss](writing-your-own-shapes).
#
# ## 5. Images have their channels first
#
# This is the mistake that raises an error, because a PyTorch layer knows its number of input channels.

# %% channels-pt tags=["pytorch"]
images = torch.zeros(2, 16, 12, 3)  # channels last
conv = nn.Conv2d(3, 8, kernel_size=5)
with show_error():
    conv(images)
print(tuple(conv(images.permute(0, 3, 1, 2)).shape))

# %% channels-tf tags=["tensorflow"]
images = tf.zeros((2, 16, 12, 3))  # channels last
conv = keras.layers.Conv2D(8, kernel_size=5)
print(tuple(conv(images).shape))

# %% [markdown]
# **Do this:** `permute` the images once, where you load them, and never `reshape` them to the other layout. More:
# [channels first](channels-last).
#
# ## 6. Recurrent layers expect the time first
#
# Without `batch_first=True`, an LSTM takes axis 0 for the time. The shape of its output looks right, and it mixes the
# sequences of a batch. The cell changes only the first of three sequences, and prints whose output changes.

# %% time-first
x = torch.zeros(3, 5, 2)  # (batch, time, features)
other = x.clone()
other[0] = 1
for batch_first in (False, True):
    lstm = nn.LSTM(2, 4, batch_first=batch_first)
    (before, _), (after, _) = lstm(x), lstm(other)
    changed = ((after - before).abs() > 1e-6).any(2).any(1)
    print(f"batch_first={batch_first}:", changed.tolist())

# %% [markdown]
# **Do this:** pass `batch_first=True`. An LSTM returns the outputs of all steps and its states: take `y[:, -1]` for
# what Keras returns. More: [time first](time-first); [the LSTM has a second bias](lstm), [the gates of a GRU have
# another order](gru), and [no mask skips the padding](masking).
#
# ## 7. A dense weight is transposed, and behind Flatten its columns have another order
#
# PyTorch stores a dense weight as (out, in), Keras as (in, out). `Flatten` returns one channel after the other in
# PyTorch, and one pixel after the other in Keras. The image below has two pixels and two channels.

# %% flatten-pt tags=["pytorch"]
image = torch.tensor([[[[0, 1]], [[10, 11]]]])  # (1, 2, 1, 2)
print(nn.Flatten()(image).tolist())
print(tuple(nn.Linear(4, 3).weight.shape))

# %% flatten-tf tags=["tensorflow"]
image = tf.constant([[[[0, 10], [1, 11]]]])  # (1, 1, 2, 2)
print(keras.layers.Flatten()(image).numpy().tolist())
dense = keras.layers.Dense(3)
dense.build((None, 4))
print(tuple(dense.kernel.shape))

# %% [markdown]
# **Do this:** copy weights with [`copy_weights`](layers-weights), which transposes them, and [reorder the
# columns](port-flatten) of the dense layer behind Flatten. More: [Flatten](flatten-order).
#
# ## 8. BatchNorm has another epsilon, and its momentum is 1 minus Keras's
#
# Keras's defaults are `momentum=0.99` and `epsilon=0.001`. In PyTorch the same layer is written `momentum=0.01` and
# `eps=1e-3`; its defaults are 0.1 and 1e-5. The cells print the running mean after one batch: with PyTorch's defaults
# (`default`) it moves ten times as far.

# %% norm-pt tags=["pytorch"]
x_pt = torch.tensor([[1.0, 2.0], [3.0, 6.0]])
norm = nn.BatchNorm1d(2)
norm(x_pt)
show(default=norm.running_mean)
norm = nn.BatchNorm1d(2, eps=1e-3, momentum=0.01)
y_pt, mean_pt = norm(x_pt), norm.running_mean
show(y=y_pt, mean=mean_pt)

# %% norm-tf tags=["tensorflow"]
x_tf = tf.constant([[1.0, 2.0], [3.0, 6.0]])
norm = keras.layers.BatchNormalization()
y_tf, mean_tf = norm(x_tf, training=True), norm.moving_mean
show(y=y_tf, mean=mean_tf)

# %%
agree([y_pt, mean_pt], [y_tf, mean_tf])

# %% [markdown]
# **Do this:** write both numbers into the constructor. More: [momentum](batchnorm-momentum), [batch
# normalization](batch-norm).
#
# ## 9. With a stride, `padding=1` is not `padding="same"`
#
# PyTorch raises an error for `padding="same"` with a stride. `padding=1` gives the right shape, and other numbers:
# it puts a zero on each side. For the four numbers below, Keras puts one zero behind them, and none before. The kernel
# is (1, 1, 1), and the stride is 2.

# %% same-pt tags=["pytorch"]
x_pt = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])  # (1, 1, time)
ones = torch.ones(1, 1, 3)
with show_error():
    F.conv1d(x_pt, ones, stride=2, padding="same")
show(padding_1=F.conv1d(x_pt, ones, stride=2, padding=1))
y_pt = F.conv1d(F.pad(x_pt, (0, 1)), ones, stride=2)
show(padded_behind=y_pt)

# %% same-tf tags=["tensorflow"]
x_tf = tf.constant([[[1.0], [2], [3], [4]]])  # (1, time, 1)
conv = keras.layers.Conv1D(
    1, 3, strides=2, padding="same", kernel_initializer="ones")
y_tf = conv(x_tf)
show(same=y_tf[..., 0])

# %%
agree(y_pt[:, 0], y_tf[..., 0])

# %% [markdown]
# **Do this:** pad with `F.pad` before the convolution. [Porting a model](port-padding) has a class for it. More:
# [`"same"` with a stride](convolution-same-stride).
#
# ## 10. Layers in a Python list are not trained
#
# Keras finds the layers in a list. PyTorch finds them only in an `nn.ModuleList`: the optimizer, `to(device)` and
# `state_dict()` miss all others.

# %% list-pt tags=["pytorch"]
class Net(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.blocks = blocks


blocks = [nn.Linear(2, 2), nn.Linear(2, 2)]
for kept in (blocks, nn.ModuleList(blocks)):
    n = len(list(Net(kept).parameters()))
    print(f"{type(kept).__name__:10}", n, "parameters")

# %% list-tf tags=["tensorflow"]
class Net(keras.Model):
    def __init__(self, blocks):
        super().__init__()
        self.blocks = blocks


blocks = [keras.layers.Dense(2), keras.layers.Dense(2)]
for block in blocks:
    block.build((None, 2))
print("list      ", len(Net(blocks).weights), "weights")

# %% [markdown]
# **Do this:** use `nn.ModuleList`, `nn.ModuleDict` or `nn.Sequential`, and `nn.Parameter` for a tensor of your own.
# More: [weights that are not registered](unregistered-weights).
#
# ## Smaller surprises
#
# - The default slope of [`nn.LeakyReLU`](leaky-relu) is 0.01, and 0.3 in Keras's layer.
# - [Initial weights](initial-weights) come from other distributions, and biases do not start at 0.
# - [Optimizers](three-ways-defaults) have other defaults: ε in Adam, the learning rate of SGD.
#   [Keras's `Adam(weight_decay=…)`](decay-adam) is PyTorch's `AdamW`.
# - `DataLoader` [does not shuffle](keras-training) unless you ask for it.
# - A mean of the batches' losses [counts the smaller last batch as a full one](fit-last-batch).
# - NumPy's float64 is [an error in a layer](dtypes), and every tensor [stays on its device](tensors-and-numpy).
# - `state_dict()` is [no copy](fit-early-stopping): it changes with the next step.
#
# (keras-way)=
# ## The way through the book
#
# 1. [Two frameworks](two_frameworks.ipynb): tensors, gradients, modules, modes and files. Everything else builds on it.
# 2. [Three ways to train](three_ways_to_train.ipynb): the loop that replaces `fit`, and the optimizers' defaults.
# 3. [What `fit` does](what_fit_does.ipynb): the lines for callbacks, validation, schedules and class weights.
# 4. [Losses](../losses/overview.ipynb): [the table for porting](losses-porting) says for each loss what it takes.
# 5. [Layers](../layers/overview.ipynb): the rules for weights, channels and modes. Then read the section of each layer
#    that your model has.
# 6. [Penalties](../regularizers/penalties.ipynb): PyTorch has no `kernel_regularizer`, and `weight_decay` is not always
#    L2.
# 7. [Porting a model](port_a_model.ipynb): port a whole model, and let `first_difference` name the layer that is wrong.
# 8. [Writing your own layer](../layers/writing_your_own.ipynb) and [saving it](../layers/saving_and_loading.ipynb):
#    `build`, `call` and `get_config` become `__init__`, `forward` and buffers.
# 9. [Errata](errata.ipynb): when a number still differs, look for it among the common errors and the known bugs.
