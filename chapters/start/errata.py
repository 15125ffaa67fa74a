# %% [markdown]
# # Errata: common errors and known bugs
#
# Comparisons of PyTorch and TensorFlow are often copied, and their errors are copied as well. Some claims were
# never true. Others were true for an old version. This page collects claims that many readers have met. For each
# of them it says in one sentence what is so, and shows it in a cell, or links to the section that shows it.
#
# Two more lists are for readers whose code suddenly fails:
#
# - [Names that are gone](names-gone) from TensorFlow and Keras, each with the name of today.
# - [Known bugs](known-bugs) of PyTorch 2.13, TensorFlow 2.21 and Keras 3.15, which this book met.
#
# **The claim:** many differences that are reported between the frameworks are errors in one of the two programs.
# With the same weights and the same shapes, both frameworks train in the same way.

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
rng = np.random.default_rng(0)

# %% [markdown]
# (common-errors)=
# ## "The same network has a 400% higher error in PyTorch"
#
# <!-- head: common_errors -->
#
# This is the claim of a much copied
# [forum thread](https://discuss.pytorch.org/t/400-higher-error-with-pytorch-compared-with-identical-keras-model-with-adam-optimizer/160720).
# Its copies suspect Adam's ε, the initial weights, or the precision. The cause is the shape of the targets. The network
# returns predictions of shape (N, 1), and the targets have the shape (N,). Then the difference is [a table of
# N × N](regression-shapes). The next cells train a network on 512 examples, whose targets have the variance 1.8:

# %%
x = rng.normal(size=(512, 4)).astype(np.float32)
y = np.sin(x).sum(1)  # (512,)
shapes = (4, 32), (32,), (32, 1), (1,)
start = [rng.normal(0, 0.3, shape).astype(np.float32) for shape in shapes]
show(variance=y.var(), digits=2)

# %% thread-loop-pt tags=["pytorch"]
def train_pt(y, eps=1e-8):
    net = nn.Sequential(
        nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 1))
    weights = [torch.tensor(w.T) for w in start]
    net.load_state_dict(dict(zip(net.state_dict(), weights)))
    adam = torch.optim.Adam(net.parameters(), 0.01, eps=eps)
    x_pt, y = torch.tensor(x), torch.tensor(y)
    for i in [*range(0, 512, 64)] * 20:
        y_hat = net(x_pt[i:i + 64])  # (64, 1)
        loss = ((y_hat - y[i:i + 64]) ** 2).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    return net(x_pt)[:, 0].detach()

# %% thread-loop-tf tags=["tensorflow"]
def train_tf(y, epsilon=1e-7):
    net = keras.Sequential([
        keras.Input((4,)), keras.layers.Dense(32, "relu"),
        keras.layers.Dense(1)])
    net.set_weights(start)
    adam = keras.optimizers.Adam(0.01, epsilon=epsilon)
    net.compile(adam, "mse")
    net.fit(x, y, batch_size=64, epochs=20, shuffle=False,
            verbose=0)
    return net(x)[:, 0]

# %% [markdown]
# Each cell trains three times: with targets of shape (N,), with targets of shape (N, 1), and with the ε of the
# other framework. It prints the mean squared errors:

# %% thread-pt tags=["pytorch"]
flat_pt = train_pt(y)
column_pt = train_pt(y[:, None])
eps_pt = train_pt(y[:, None], eps=1e-7)
show(flat=np.mean((flat_pt.numpy() - y) ** 2),
     column=np.mean((column_pt.numpy() - y) ** 2),
     other_eps=np.mean((eps_pt.numpy() - y) ** 2), digits=2)

# %% thread-tf tags=["tensorflow"]
flat_tf = train_tf(y)
column_tf = train_tf(y[:, None])
eps_tf = train_tf(y[:, None], epsilon=1e-8)
show(flat=np.mean((flat_tf - y) ** 2),
     column=np.mean((column_tf - y) ** 2),
     other_eps=np.mean((eps_tf - y) ** 2), digits=2)

# %% thread-agrees
agree([column_pt, eps_pt], [column_tf, eps_tf], rtol=1e-3, atol=1e-4)

# %% [markdown]
# Keras's `fit` gives the targets the shape of the predictions. The PyTorch loop does not, so with `flat` its
# network learns only their mean: its error is about the variance of the targets. With the right shape, both frameworks make
# the same predictions. Adam's ε changes nothing here. `F.mse_loss` warns about such shapes, and a formula does not.
# The figure shows every fourth prediction, of the network with the wrong shape and of the networks with the right one:

# %% thread-figure tags=["hide-input"]
# alt: Two panels, predictions against targets from minus 4 to 4. With targets of shape (N,), all
# predictions lie near a horizontal line at the mean of the targets. With targets of shape (N, 1),
# PyTorch's predictions lie around the diagonal, and Keras's are at the same places.
fig, axes = plt.subplots(1, 2, figsize=(5.2, 2.8), sharex=True, sharey=True)
titles = "(N,): predicts the mean", "(N, 1): predicts the targets"
for ax, y_hat, title in zip(axes, (flat_pt, column_pt), titles):
    ax.plot([-4, 4], [-4, 4], color=plots.INK, linewidth=0.8)
    ax.plot(y[::4], y_hat[::4], "o", color=plots.PYTORCH, markersize=3, fillstyle="none")
    ax.set(xlabel="target", title=title)
axes[1].plot(y[::4], column_tf[::4], "x", color=plots.TENSORFLOW, markersize=2)
axes[0].annotate("circles: PyTorch", (-3.8, 3.4), color=plots.PYTORCH)
axes[1].annotate("crosses: Keras", (-3.8, 3.4), color=plots.TENSORFLOW)
axes[0].set(ylabel="prediction")
plt.show()

# %% [markdown]
# Other claims about training:
#
# | often read | what is so | shown in |
# | --- | --- | --- |
# | `optimizer.backward(loss)` | the loss has `backward`: `loss.backward()` | [a training step](pytorch-training) |
# | `add_loss` on a functional Keras model | this is an error in Keras 3: a layer calls its own `add_loss` | [`compile` and `fit`](keras-training) |
# | a second `compile` needs only what changes | it keeps the old loss, but does not save it | [saving a loss](writing-your-own-saving) |
# | Keras is shorter, PyTorch is easier to read | it depends on what you count | [three ways, counted](three-ways-compared) |
# | `clipnorm` is `clip_grad_norm_` | `global_clipnorm` is | [clipping](training-optimizers) |
# | `Adam(weight_decay=…)` is the same in both | in Keras it is PyTorch's `AdamW` | [Adam and decay](decay-adam) |
#
# ### Neither framework clips a gradient unless you ask for it
#
# An article says that TensorFlow's training is smoother because it clips and scales gradients implicitly. The next
# cells make one step of gradient descent with a gradient of a million and the learning rate 1. Nothing is clipped:
# the weight becomes minus a million in both. (The optimizers do have [different default
# rates](three-ways-defaults).)

# %% unclipped-pt tags=["pytorch"]
w = torch.zeros(1, requires_grad=True)
sgd = torch.optim.SGD([w], lr=1.0)
w.grad = torch.tensor([1e6])
sgd.step()
w_pt = w.detach()
show(w=w_pt, digits=0)

# %% unclipped-tf tags=["tensorflow"]
w = tf.Variable([0.0])
sgd = keras.optimizers.SGD(1.0)
gradient = tf.constant([1e6])
sgd.apply([gradient], [w])
w_tf = tf.convert_to_tensor(w)
show(w=w_tf, digits=0)

# %%
agree(w_pt, w_tf)

# %% [markdown]
# ### PyTorch's optimizer needs the weights, and `nn.Parameter` is a tensor
#
# PyTorch code in comparisons sometimes makes the optimizer first, and without the weights. This is an error. In Keras
# the optimizer may come first, because it gets the weights when it makes its first step. And `nn.Parameter` is often
# listed among the modules. It is a tensor and not a module, as a `keras.Variable` is not a layer:

# %% optimizer-first-pt tags=["pytorch"]
with show_error():
    torch.optim.SGD()
print("tensor:", issubclass(nn.Parameter, torch.Tensor))
print("module:", issubclass(nn.Parameter, nn.Module))

# %% optimizer-first-tf tags=["tensorflow"]
sgd = keras.optimizers.SGD()
print([variable.name for variable in sgd.variables])
print("layer:", issubclass(keras.Variable, keras.Layer))

# %% [markdown]
# (errata-activations)=
# ## Activations: SELU's gradients grow, and sigmoids are not only for outputs
#
# | often read | what is so | shown in |
# | --- | --- | --- |
# | `tf.nn` has no GELU | it has: `tf.nn.gelu` | [GELU](gelu) |
# | Threshold clips numbers to a range | it replaces numbers that are not above θ, and changes no other number | [Threshold](threshold) |
# | the components of TensorFlow are mostly classes | Keras's losses are classes and functions, `tf.nn` has functions | [forms of losses](losses-forms) |
# | SELU's outputs cannot explode | with weights times 2, they become NaN after 300 layers | [SELU](selu-weights) |
#
# ### After 100 SELU layers the outputs have the standard deviation 1, and the gradients 37
#
# SELU is said to make exploding gradients impossible if the weights are LeCun's. This is true of the outputs, but
# not of the gradients. Each layer multiplies the variance of the gradients by about 1.0716, and 100 layers multiply
# it by about 1000. So the standard deviation grows about 32 times. The cells print the standard deviations of the
# outputs, and of the gradients with respect to the inputs:

# %%
weights = rng.normal(0, 1 / 16, (100, 256, 256)).astype(np.float32)
batch, upstream = rng.normal(size=(2, 256, 256)).astype(np.float32)

# %% selu-gradient-pt tags=["pytorch"]
def deep_pt(h):
    for w in torch.tensor(weights):
        h = F.selu(h @ w)
    return h


h_pt, dx_pt = value_and_grad(
    deep_pt, torch.tensor(batch), upstream_gradient=upstream)
stds_pt = [h_pt.std(correction=0), dx_pt.std(correction=0)]
show(outputs=stds_pt[0], gradients=stds_pt[1], digits=0)

# %% selu-gradient-tf tags=["tensorflow"]
def deep_tf(h):
    for w in tf.constant(weights):
        h = tf.nn.selu(h @ w)
    return h


h_tf, dx_tf = value_and_grad(
    deep_tf, tf.constant(batch), upstream_gradient=upstream)
stds_tf = [tf.math.reduce_std(h_tf), tf.math.reduce_std(dx_tf)]
show(outputs=stds_tf[0], gradients=stds_tf[1], digits=0)

# %%
agree(stds_pt, stds_tf, rtol=1e-2)

# %% [markdown]
# The tolerance is 1%, and only the standard deviations are compared. If a number is near 0, rounding decides between
# SELU's two slopes, and then single gradients differ.
#
# ### The gates of an LSTM are sigmoids
#
# Sigmoid is said to belong only to the outputs of binary classifiers, and softmax only to those of other
# classifiers. But the gates of an LSTM and of a GRU are sigmoids, SiLU is $x \cdot \text{sigmoid}(x)$, and every
# attention layer has a softmax. In the next cells all weights of an LSTM are 0. So each gate is sigmoid(0) = ½, and
# the cell state falls from 1 to ½:

# %% lstm-gates-pt tags=["pytorch"]
lstm = nn.LSTM(1, 1)
for w in lstm.parameters():
    nn.init.zeros_(w)
h, c = torch.zeros(1, 1, 1), torch.ones(1, 1, 1)
_, (h_pt, c_pt) = lstm(torch.zeros(1, 1, 1), (h, c))
show(h=h_pt.flatten(), c=c_pt.flatten())

# %% lstm-gates-tf tags=["tensorflow"]
lstm = keras.layers.LSTM(1, return_state=True)
lstm.build((1, 1, 1))
lstm.set_weights([0 * w for w in lstm.get_weights()])
h, c = tf.zeros((1, 1)), tf.ones((1, 1))
_, h_tf, c_tf = lstm(tf.zeros((1, 1, 1)), initial_state=[h, c])
show(h=tf.reshape(h_tf, -1), c=tf.reshape(c_tf, -1))

# %%
agree([h_pt[0], c_pt[0]], [h_tf, c_tf])

# %% [markdown]
# ### The outputs of tanh have the mean 0 only if the inputs do
#
# The mean of tanh is said to be 0. This holds for inputs that are symmetric about 0. For normally distributed inputs
# with the mean 1 it is 0.55:

# %%
shifted = rng.normal(1, 1, 100_000).astype(np.float32)

# %% tanh-mean-pt tags=["pytorch"]
mean_pt = torch.tanh(torch.tensor(shifted)).mean()
show(mean=mean_pt, digits=2)

# %% tanh-mean-tf tags=["tensorflow"]
mean_tf = tf.reduce_mean(tf.tanh(tf.constant(shifted)))
show(mean=mean_tf, digits=2)

# %%
agree(mean_pt, mean_tf)

# %% [markdown]
# ### A block that throws its convolution away: an error in PyTorch, and no error in Keras
#
# A block that is often shown has three lines: `out = self.conv(x)`, `x = self.bn(x)` and `out = self.relu()`. The
# second line normalizes the input, and nothing uses `out`. PyTorch raises an error, because it was told the number
# of channels. Keras reads the number of channels from what it gets, so its first two lines run. The third line
# raises an error in both, because the argument is missing:

# %% net-pt tags=["pytorch"]
conv, bn = nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16)
image = torch.zeros(1, 3, 8, 8)
out = conv(image)
with show_error():
    bn(image)
with show_error():
    nn.ReLU()()

# %% net-tf tags=["tensorflow"]
conv = keras.layers.Conv2D(16, 3)
bn = keras.layers.BatchNormalization()
image = tf.zeros((1, 8, 8, 3))
out = conv(image)
print(bn(image).shape)  # without an error
with show_error():
    keras.layers.ReLU()()

# %% [markdown]
# (errata-layers)=
# ## Layers: an embedding's rows come first, and groups have their own kernels
#
# | often read | what is so | shown in |
# | --- | --- | --- |
# | a convolution has as many biases as its kernel has numbers | it has one bias for each output channel | [parameters of a convolution](convolution-dimensions) |
# | the groups of a convolution share their kernels | each group has its own kernels | [groups](grouped-own-kernels) |
# | a transposed convolution returns the size that went into the convolution | with a stride, several sizes are possible: `output_padding` chooses | [output sizes](transposed-output-padding) |
# | the last step from patches to a convolution is a fold | it is a reshape | [unfold](unfold-convolution) |
# | an LSTM has an update gate | it has an input, a forget and an output gate; the matrices of a GRU have three quarters of its numbers | [LSTM](lstm), [GRU](gru) |
# | LayerNorm is rare | each layer of a transformer has two or three | [encoder layer](transformer-encoder-layer) |
# | adaptive pooling computes a padding and a stride | it has windows of different sizes, and no padding | [adaptive pooling](adaptive-average-pooling) |
# | `nn.Dropout` is for one-dimensional data | it acts on each number, for any shape | [spatial dropout](spatial-dropout) |
# | `input_shape=` in the first layer | Keras 3 warns: use `keras.Input` | [Input](input) |
# | a `.h5` file of a compiled model can be loaded | not if it was compiled with `"mse"` | [saving a loss](writing-your-own-saving) |
# | a `Loss` class needs no `super().__init__()` | without it, the class raises an error when it is called | [writing a loss](custom-loss) |
#
# ### With swapped sizes, an embedding accepts small ids, and raises an error for the others
#
# Both frameworks expect the number of rows first, and then the length of a row. It is often written the other way
# round. First, the right order. The cells copy one table into both layers, and look up two rows:

# %%
table = rng.normal(size=(1000, 16)).astype(np.float32)

# %% embedding-order-pt tags=["pytorch"]
embedding = nn.Embedding(1000, 16)
embedding.load_state_dict({"weight": torch.tensor(table)})
rows_pt = embedding(torch.tensor([3, 999])).detach()
print(tuple(rows_pt.shape))

# %% embedding-order-tf tags=["tensorflow"]
embedding = keras.layers.Embedding(1000, 16)
embedding.build()
embedding.set_weights([table])
rows_tf = embedding(tf.constant([3, 999]))
print(rows_tf.shape)

# %%
agree(rows_pt, rows_tf)

# %% [markdown]
# With swapped arguments the table has 16 rows of 1000 numbers. Small ids work, so a short test can pass:

# %% reversed-pt tags=["pytorch"]
swapped = nn.Embedding(16, 1000)
print(tuple(swapped(torch.tensor([3])).shape))
with show_error():
    swapped(torch.tensor([999]))

# %% reversed-tf tags=["tensorflow"]
swapped = keras.layers.Embedding(16, 1000)
print(swapped(tf.constant([3])).shape)
with show_error():
    swapped(tf.constant([999]))

# %% [markdown]
# ### `"linear"` is for sequences, images need `"bilinear"`
#
# `nn.Upsample` is often described with a linear mode for images. The linear mode is [for sequences](upsampling).
# Keras's layer has no linear mode:

# %% linear-mode-pt tags=["pytorch"]
up = nn.Upsample(scale_factor=2, mode="linear")
with show_error():
    up(torch.ones(1, 1, 2, 2))

# %% linear-mode-tf tags=["tensorflow"]
up = keras.layers.UpSampling2D(interpolation="linear")
with show_error():
    up(tf.ones((1, 2, 2, 1)))

# %% [markdown]
# ### Two lines of Keras 2 layers raise an error today, and one returns something else
#
# In Keras 2 the first argument of `add_weight` was the name. A layer without `compute_output_shape` could compute
# its shape. And the configuration contained `"float32"` as the dtype. The next cell shows the errors of the first
# two, and prints the type of the third, which is now a dictionary:

# %% old-layer-tf
class OldLayer(keras.layers.Layer):
    def build(self, input_shape):
        self.w = self.add_weight("w", shape=(input_shape[-1], 8))


class NewLayer(keras.layers.Layer):
    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], 8), name="w")


with show_error():
    OldLayer().build((None, 16))
layer = NewLayer()
layer.build((None, 16))
with show_error():
    layer.compute_output_shape((None, 16))
print(type(layer.get_config()["dtype"]).__name__)

# %% [markdown]
# For PyTorch, comparisons often print a "source of `nn.Linear`" with `torch.Tensor(3, 2)`. This tensor is
# uninitialized memory. Today it is written `torch.empty(3, 2)`, and you must fill it before you use it.
#
# ### Keras 3 does not save or load folders
#
# Old code saves a model to a folder, with or without `save_format="tf"`. Both are errors:

# %% old-saving-tf
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
with show_error():
    model.save("folder", save_format="tf")
with show_error():
    model.save("folder")

# %% [markdown]
# Save a `.keras` file, or call `export`. `load_model` cannot read a folder, either: [the section on saving a
# model](model-saving) shows its error, and what reads the folder.

# %% [markdown]
# (errata-losses)=
# ## Losses and penalties: what each claim should say
#
# All of these claims are refuted by a cell of another page:
#
# | often read | what is so | shown in |
# | --- | --- | --- |
# | `CrossEntropyLoss` needs class numbers | it also accepts probabilities of the classes | [categorical cross-entropy](categorical-cross-entropy) |
# | Keras cannot use the stable form behind a softmax | it finds the logits of its own activations | [BCE behind a sigmoid](keras-logits) |
# | `BCELoss(weight=…)` weights the classes | it weights single elements; `pos_weight` weights the label 1 | [`pos_weight`](pos-weight) |
# | Smooth L1 is squared if the *input* is between −1 and 1 | it is squared if the *difference* is within ±β | [Smooth L1](smooth-l1) |
# | TensorFlow has no Smooth L1, PyTorch has no Huber loss | PyTorch has `nn.HuberLoss`, and Smooth L1 is the Huber loss divided by β | [Smooth L1](smooth-l1) |
# | the hinge loss is `sparse_categorical_crossentropy`, or `HingeEmbeddingLoss` | it is `keras.losses.Hinge`; PyTorch has none | [hinge](hinge) |
# | `CosineSimilarity` is the same in both | the signs are opposite, and PyTorch's module is not a loss | [cosine similarity](cosine-similarity) |
# | "mean" of `KLDivLoss` will soon become "batchmean" | it has warned since 2018, and has not changed | [KL divergence](kl-divergence) |
# | `AdaptiveLogSoftmaxWithLoss` groups rare classes by itself | you sort the classes, and pass the cutoffs | [adaptive log-softmax](adaptive-log-softmax) |
# | `tf.nn.ctc_loss` must be told the blank | only for sparse labels | [CTC](ctc) |
# | the two versions of a much copied focal loss are the same | the one in TensorFlow multiplies (N, 1) by (N,), so it is about N times too large | [shapes](writing-your-own-shapes) |
# | the focal loss's α weakens the label 0 | α weights the label 1: 0.75 weakens the label 0, 0.25 weakens the label 1 | [focal loss](focal) |
# | a loss of your own returns one number | in Keras it returns one number for each sample | [sample weights](writing-your-own-weights) |
# | a sample weight for each sample is always enough | not for losses of shape (N, T): pass (N, 1) | [sample weights](writing-your-own-weights) |
# | `weight_decay` has the same effect as L2 | only in SGD, where `weight_decay=λ` is the penalty ½λ·Σw²; it decays biases as well | [weight decay](weight-decay) |
# | L1 makes weights exactly 0 | gradient steps do not: a proximal step does | [zeros](l1-zeros) |
# | an L2 penalty is the same in both | a factor ½ is in one of them | [L2](l2) |
# | a penalty is an argument of the last layer | it is an argument of any layer | [three penalties](penalties-in-the-loss) |
# | Keras divides the activity penalty by the batch | Keras 3 did not at first, and does again in 3.15 | [activity penalty](activity-regularization) |
# | Tversky's α above β punishes false negatives | libraries disagree, and Keras 3.15 does not do what it documents | [Tversky](tversky-keras) |
#
# ### The focal loss keeps exactly 0.005 and 0.125 of the cross-entropy in the usual example
#
# One claim is an error of rounding. An easy example, whose label has the probability 0.9, is said to keep 0.00474 of its
# cross-entropy, and a hard example with the probability 0.5 is said to keep a little less than 0.125. These are
# quotients of numbers with four decimals (`rounded`). The exact factor is $\frac12 (1 - p)^2$, where ½ is the mean of α and 1 − α:

# %% focal-rounded
p = np.array([0.9, 0.5])
ce = -np.log(p)
focal = 0.5 * (1 - p) ** 2 * ce
show(exact=focal / ce, rounded=focal.round(4) / ce.round(4), digits=5)

# %% [markdown]
# (names-gone)=
# ## Names that are gone, and their names of today
#
# | old | today in TensorFlow | today in PyTorch |
# | --- | --- | --- |
# | `tf.estimator.Estimator`, `EstimatorSpec` | `keras.Model.fit`; [rebuilt here](estimator-rebuilt) | a loop |
# | `tf.layers.dense` | `keras.layers.Dense` | `nn.Linear` |
# | `tf.losses.sparse_softmax_cross_entropy` | `keras.losses.SparseCategoricalCrossentropy(from_logits=True)` | `nn.CrossEntropyLoss` |
# | `tf.metrics.accuracy` | `keras.metrics.Accuracy`, one object that keeps its state | a line in the loop |
# | `tf.train.AdagradOptimizer` | `keras.optimizers.Adagrad` | `torch.optim.Adagrad` |
# | `tf.train.get_global_step` | `optimizer.iterations` | a counter |
# | `tf.feature_column.input_layer` | [`keras.utils.FeatureSpace`](estimator-features) | tensors, concatenated |
# | `tf.placeholder`, `tf.Session`, `tf.get_variable` | arguments of a function, a call, `tf.Variable` | the same: a call, `nn.Parameter` |
# | `tf.contrib` | none | – |
# | `keras.backend.binary_crossentropy` | `keras.losses.binary_crossentropy` | `F.binary_cross_entropy` |
# | `keras.losses.MSE`, `MAE`, `MAPE`, `KLD` | `keras.losses.mean_squared_error`, … | `F.mse_loss`, … |
# | `keras.layers.DenseFeatures` | [`keras.utils.FeatureSpace`](feature-space) | tensors, concatenated |
# | `keras.layers.LocallyConnected2D` | [`extract_patches` and `einsum`](locally-connected) | [`F.unfold` and `einsum`](locally-connected) |
# | `keras.layers.AbstractRNNCell` | [`keras.layers.Layer` with `state_size`](abstract-rnn-cell) | `nn.Module` |
# | `keras.layers.ThresholdedReLU` | [`keras.layers.ReLU(threshold=θ)`](threshold) | `nn.Threshold` |
# | `model.fit_generator` | `model.fit` | a `DataLoader` |
#
# The next cell looks for each old name of TensorFlow, and says where it is left:

# %% names-tf
def has(root, name):
    for part in name.split("."):
        root = getattr(root, part, None)
    return root is not None


old = ("estimator.Estimator", "layers", "layers.dense", "metrics.accuracy",
       "losses.sparse_softmax_cross_entropy", "train.AdagradOptimizer",
       "train.get_global_step", "feature_column.input_layer", "placeholder",
       "Session", "get_variable", "contrib")
print(f"{'':38} tf     tf.compat.v1")
for name in old:
    print(f"{name:38} {has(tf, name)!s:6} {has(tf.compat.v1, name)}")

# %% [markdown]
# `tf.compat.v1.layers` still exists, but its layers are gone. Next, the old names of Keras. Some of them are left in
# `tf.keras`, and none of them is left in `keras`:

# %% names-keras
old = ("backend.binary_crossentropy", "losses.MSE", "losses.KLD",
       "layers.DenseFeatures", "layers.LocallyConnected2D", "layers.AbstractRNNCell",
       "layers.ThresholdedReLU", "Model.fit_generator")
print(f"{'':27} keras  tf.keras")
for name in old:
    print(f"{name:27} {has(keras, name)!s:6} {has(tf.keras, name)}")

# %% [markdown]
# Some names that are printed in comparisons never existed. The cells print which ones exist: the wrong name, and
# then the right one:

# %% never-pt tags=["pytorch"]
for root, wrong, right in (
        (F, "ReLU", "relu"), (nn, "BCE", "BCELoss")):
    print(f"{wrong:14} {has(root, wrong)!s:6}"
          f"{right:14} {has(root, right)}")

# %% never-tf tags=["tensorflow"]
for root, wrong, right in (
        (tf.keras, "Lambda", "layers.Lambda"),
        (keras.layers, "Embeding", "Embedding")):
    print(f"{wrong:14} {has(root, wrong)!s:6}"
          f"{right:14} {has(root, right)}")

# %% [markdown]
# Tables that compare the two often have empty places. The next cells print which of the missing names exist today:

# %% exists-pt tags=["pytorch"]
for root, names in (
        (nn, "Unflatten HuberLoss KLDivLoss CrossEntropyLoss"),
        (F, "scaled_dot_product_attention")):
    for name in names.split():
        print(f"{name:30} {has(root, name)}")

# %% exists-tf tags=["tensorflow"]
for root, names in (
        (keras.layers, "SpatialDropout3D ZeroPadding2D "
         "GroupNormalization LayerNormalization UpSampling2D "
         "AdaptiveMaxPooling2D AdaptiveAveragePooling2D "
         "MultiHeadAttention"),
        (keras, "activations.threshold ops.pad losses.huber"),
        (tf, "nn.fractional_max_pool nn.gelu")):
    for name in names.split():
        print(f"{name:30} {has(root, name)}")

# %% [markdown]
# One place is still empty: nothing in TensorFlow is PyTorch's replication padding. `keras.ops.pad` documents the mode
# for it, but raises an error on TensorFlow. [The page on padding](replication-padding) shows how to build it.

# %% edge-mode-tf
with show_error():
    keras.ops.pad(tf.ones((3,)), 1, mode="edge")

# %% [markdown]
# (known-bugs)=
# ## Known bugs of the installed versions
#
# The book found these errors in PyTorch 2.13, TensorFlow 2.21 and Keras 3.15. The page behind each link has a cell
# that shows the error and, in most cases, a way around it. When a release repairs one of them, the output of that
# cell changes, and a test of the book fails.
#
# **Wrong numbers, without an error:**
#
# | where | what is wrong | shown in |
# | --- | --- | --- |
# | `keras.activations.sparsemax` | wrong if more than one number gets a probability above 0 | [Sparsemax](sparsemax-keras) |
# | `AdaptiveMaxPooling2D(1)` in Keras | the gradient is uninitialized memory | [one bin](adaptive-one-bin) |
# | `keras.layers.Add`, `Average` | a column is added as a row if batch and features have the same size | [Add](add) |
# | `keras.layers.UnitNormalization` | the output is 0 for large float16 numbers | [unit normalization](unit-norm) |
# | `keras.losses.Tversky` | α and β are exchanged; repaired upstream | [Tversky](tversky-keras) |
# | `keras.losses.CategoricalGeneralizedCrossEntropy` | labels of shape (N, 1) make N × N losses | [table of losses](gce-table) |
# | `keras.losses.CategoricalHinge` | a best wrong score below 0 counts as 0, as documented | [a shift of all scores](hinge-shift) |
# | Keras's `sample_weight` of shape (N,) | weights the time steps if there are N of them | [sample weights](writing-your-own-weights) |
# | `tf.nn.softmax_cross_entropy_with_logits` | the gradient is wrong if the targets do not sum to 1, as documented | [many-hot targets](cce-many-hot) |
# | `keras.ops.ctc_loss` | 708 for a label that is too long, where PyTorch has infinity | [CTC](ctc) |
# | `kernel_regularizer="L1L2"` in Keras | both factors are 0 | [L1 and L2](l1-l2) |
# | Keras's `TimeDistributed` | the activity penalty of the inner layer is lost | [activity penalty](activity-regularization) |
# | Keras's `exclude_from_weight_decay` | it is not saved, and a late call is ignored | [leaving biases out](decay-exclude) |
# | `keras.optimizers.Nadam` | a factor 0.004 of its schedule is missing | [Nadam](training-optimizers) |
# | `keras.metrics.MeanIoU` | truncates probabilities to 0 | [mean IoU](mean-iou-truncates) |
# | `keras.layers.MultiHeadAttention` | takes the mask off its inputs, so that later layers see the padding | [the lost mask](heads-lost) |
# | `keras.layers.MultiHeadAttention` | a row whose keys are all masked has two answers: dropout and `return_attention_scores` decide | [no key left](heads-nothing-left) |
# | `nn.MultiheadAttention` in PyTorch | NaN for such a row with `need_weights=True` or on the fast path, else the output bias | [no key left](heads-nothing-left) |
# | `nn.LPPool2d` in PyTorch | NaN for odd powers of negative numbers | [power-average pooling](lp-pooling) |
# | `nn.CTCLoss` in PyTorch | the gradient with respect to the log-probabilities is not the derivative of the loss | [the log-softmax](ctc-log-softmax) |
# | `nn.BCELoss` in PyTorch | behind a sigmoid, the gradient of a logit below −27 with the label 1 is almost 0 | [BCE behind a sigmoid](bce-saturated) |
# | `nn.SoftMarginLoss` in PyTorch | infinite for a wrong score of 100 | [soft margin](soft-margin) |
# | `nn.MultiMarginLoss` in PyTorch | a weighted mean is divided by N, and not by the sum of the weights | the next cell |
#
# **Errors where there should be none, or the other way round:**
#
# | where | what happens | shown in |
# | --- | --- | --- |
# | `AdaptiveMaxPooling2D(1)`, `AdaptiveAveragePooling2D(1)` in Keras | `predict` and `fit` raise an error | [one bin](adaptive-one-bin) |
# | `kernel_regularizer="l1_l2"` in Keras | raises an error, although it is documented | [L1 and L2](l1-l2) |
# | `load_model("m.h5")` in Keras | raises an error for a model that was compiled with `"mse"` | [saving a loss](writing-your-own-saving) |
# | `keras.layers.GaussianDropout(1.0)` | is accepted, and raises an error in training | [Gaussian dropout](gaussian-dropout) |
#
# The mean of `nn.MultiMarginLoss` with weights is not the weighted mean of `nn.CrossEntropyLoss`. The next cell gives
# both losses the class weights 2 and 6. For both it prints PyTorch's mean (`mean`), the sum divided by N = 2 (`by_n`)
# and the sum divided by the weights' sum, 8 (`by_weights`):

# %% margin-weights-pt
z, y = torch.tensor([[0.5, 0.2], [0.1, 0.3]]), torch.tensor([0, 1])
w = torch.tensor([2.0, 6.0])
for loss in (F.multi_margin_loss, F.cross_entropy):
    total = loss(z, y, weight=w, reduction="sum")
    print(f"{loss.__name__:18} mean {loss(z, y, weight=w):.4f}  "
          f"by_n {total / 2:.4f}  by_weights {total / 8:.4f}")

# %% [markdown]
# ## Which claim to believe
#
# | you read | do this | because |
# | --- | --- | --- |
# | that one framework is better or worse | compare the same weights and batches, and print all shapes | many reported differences are errors in one program |
# | code without the versions of the frameworks | look for its names in the table above | the old names are gone from `tf` and `keras` |
# | a comparison of two layers or losses | search for both names in this book | their defaults and their axes differ |
# | that a function is wrong | compare it with a formula in NumPy, for three small inputs | a bug that you can show can be reported |
#
# ## Exercises
#
# Repair a block that throws its result away, a training with three errors, and a rating model with reversed tables.
# [Exercises on the errata](../../exercises/start/errata.ipynb)
