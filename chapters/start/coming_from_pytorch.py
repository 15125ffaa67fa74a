# %% [markdown]
# # Coming from PyTorch
#
# You know PyTorch, and now you write Keras. This page shows ten differences that surprise PyTorch users. Each has a
# cell that runs it, one sentence that says what to do, and a link to the section with the details. In the cells, `show`
# prints numbers, and `agree` compares those of the two frameworks. At the end is [the order](pytorch-way) in which to
# read the book.
#
# **The claim:** none of these ten mistakes raises an error. The model runs, and computes or learns
# something else.
#
# Must you port a model today? Read these ten, then go to [From PyTorch to Keras](port-to-keras).

# %%
import keras
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, show, show_error, value_and_grad

# %% [markdown]
# ## 1. The loss expects probabilities, and the target comes first
#
# Every Keras cross-entropy has `from_logits=False` by default. It takes your logits for probabilities, and clips them
# to the range from 0 to 1. The result looks like a loss, but a logit outside this range gets the gradient 0. Below,
# only the last of three logits learns.

# %% logits-pt tags=["pytorch"]
z_pt = torch.tensor([[2.0, -1.0, 0.5]])  # (batch, classes)
y_pt = torch.tensor([0])
loss_pt, dz_pt = value_and_grad(
    F.cross_entropy, z_pt, y_pt)
show(loss=loss_pt, dz=dz_pt)

# %% logits-tf tags=["tensorflow"]
z_tf = tf.constant([[2.0, -1.0, 0.5]])  # (batch, classes)
y_tf = tf.constant([0])
scce = keras.losses.SparseCategoricalCrossentropy
loss_tf, dz_tf = value_and_grad(
    scce(from_logits=True), y_tf, z_tf, argnums=1)
wrong, dz = value_and_grad(scce(), y_tf, z_tf, argnums=1)
show(default=wrong, dz_default=dz)
show(loss=loss_tf, dz=dz_tf)

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# **Do this:** pass `from_logits=True`, and call a loss as `loss(y, logits)`. More: [logits or
# probabilities](losses-forms), [the order of the arguments](losses-order).
#
# ## 2. Your own loop runs in inference mode, unless you pass `training=True`
#
# A Keras layer stores no mode. `fit` passes `training=True`, and your own loop must do the same. Without it dropout
# does nothing, and BatchNorm never updates its mean. The cells print the mean after the first call and after the
# second.

# %% mode-pt tags=["pytorch"]
x_pt = torch.tensor([[1.0, 2.0], [3.0, 6.0]])
norm = nn.BatchNorm1d(2)
norm(x_pt)
show(new=norm.running_mean)
norm.eval()(x_pt)
show(evaluation=norm.running_mean)

# %% mode-tf tags=["tensorflow"]
x_tf = tf.constant([[1.0, 2.0], [3.0, 6.0]])
norm_tf = keras.layers.BatchNormalization(momentum=0.9)
norm_tf(x_tf)
show(new=norm_tf.moving_mean)
norm_tf(x_tf, training=True)
show(training=norm_tf.moving_mean)

# %%
agree(norm.running_mean, norm_tf.moving_mean)

# %% [markdown]
# **Do this:** write `net(x, training=True)` under the tape, and `net(x)` anywhere else. More: [the
# mode](train-and-evaluation), [your own `train_step`](fit-train-step).
#
# ## 3. A layer takes its input size from its first batch, also from a wrong one
#
# You do not tell a Keras layer how many channels come in. A convolution that gets a batch in PyTorch's layout takes
# the width for the channels, and builds a kernel for it. With `keras.Input` the model checks each batch.

# %% built-pt tags=["pytorch"]
images = torch.zeros(2, 3, 16, 12)  # channels first
conv = nn.Conv2d(3, 8, kernel_size=3)
print("weight:", tuple(conv.weight.shape))
print("output:", tuple(conv(images).shape))

# %% built-tf tags=["tensorflow"]
images = tf.zeros((2, 3, 16, 12))  # channels first
conv = keras.layers.Conv2D(8, kernel_size=3)
print("weights:", conv.weights)
print("output: ", tuple(conv(images).shape))
print("kernel: ", tuple(conv.kernel.shape))
net = keras.Sequential([
    keras.Input((16, 12, 3)), keras.layers.Conv2D(8, 3)])
with show_error():
    net(images)

# %% [markdown]
# **Do this:** begin a model with `keras.Input`, and give images their channels last. More: [when weights are
# made](module-and-layer), [channels](channels-last).
#
# ## 4. Python code in `call` runs when TensorFlow traces it, and not in every step
#
# `fit` and `predict` compile the model: TensorFlow runs `call` once, records its operations, and then repeats only
# these. A counter, a `print` or an `append` in `call` happens once. The cell trains for 12 steps.

# %% traced
calls, x = [], np.ones((8, 1), np.float32)


class Counting(keras.layers.Layer):
    def call(self, x):
        calls.append(x)
        return x


for eagerly in (False, True):
    net = keras.Sequential([Counting(), keras.layers.Dense(1)])
    net.build((None, 1))
    net.compile("sgd", "mse", run_eagerly=eagerly)
    calls.clear()
    net.fit(x, x, batch_size=2, epochs=3, verbose=0)
    print(f"run_eagerly={eagerly}:", len(calls), "calls")

# %% [markdown]
# **Do this:** keep state in a variable that `add_weight` makes, and print with `tf.print`; to debug, compile with
# `run_eagerly=True`. More: [state and mode](own-mode), [a layer that needs the numbers](custom-layer).
#
# ## 5. After the first `fit`, `trainable = False` waits for the next `compile`
#
# In PyTorch, `requires_grad_(False)` acts at once. Keras has compiled its training step with the weights that were
# trainable then, and goes on training them. The cell asks whether the kernel of the frozen layer moves.

# %% frozen
frozen, out = keras.layers.Dense(1), keras.layers.Dense(1)
net = keras.Sequential([keras.Input((1,)), frozen, out])
net.set_weights([np.ones((1, 1)), np.zeros(1)] * 2)
net.compile("sgd", "mse")
net.fit(x, 3 * x, verbose=0)
frozen.trainable = False
for again in (False, True):
    if again:
        net.compile("sgd", "mse")
    before = frozen.get_weights()[0]
    net.fit(x, 3 * x, verbose=0)
    moved = not np.array_equal(frozen.get_weights()[0], before)
    print(f"compiled again: {again!s:6} moved: {moved}")

# %% [markdown]
# **Do this:** freeze first, then `compile`. A frozen BatchNorm also changes its mode: [it runs in inference
# mode](batchnorm-momentum), even in training.
#
# ## 6. The loss that `fit` prints is a mean over the epoch, and not the loss of the trained model
#
# Each batch is measured before its update. So the printed loss is too high while the model improves, and the
# validation loss, measured at the end of the epoch, can be lower. The model has one weight, which starts at 1; the
# right value is 2.

# %% printed
net = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
net.set_weights([np.ones((1, 1))])
net.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
history = net.fit(x, 2 * x, batch_size=2, verbose=0)
loss = net.evaluate(x, 2 * x, verbose=0)
show(printed=history.history["loss"][0], evaluated=loss, digits=2)

# %% [markdown]
# **Do this:** compare models with `evaluate`. More: [what `fit` reports](keras-training). All penalties are part of the
# loss that `fit` and `evaluate` report, [and of `val_loss`](val-loss-penalty).
#
# ## 7. A mask travels through the layers, and into the loss
#
# `mask_zero=True` marks the zeros as padding. Later layers skip them, and the loss leaves them out, although you pass
# the mask to none of them. PyTorch's `padding_idx` does nothing like this. The cells ask whether two zeros behind a
# sequence change what the LSTM returns.

# %% mask-pt tags=["pytorch"]
words, padded = [[3, 1, 4]], [[3, 1, 4, 0, 0]]
embed = nn.Embedding(9, 4, padding_idx=0)
lstm = nn.LSTM(4, 3, batch_first=True)
short, _ = lstm(embed(torch.tensor(words)))
long, _ = lstm(embed(torch.tensor(padded)))
same = torch.allclose(short[:, -1], long[:, -1], atol=1e-6)
print("padding_idx=0:", "same" if same else "changed")

# %% mask-tf tags=["tensorflow"]
words, padded = [[3, 1, 4]], [[3, 1, 4, 0, 0]]
for mask in (False, True):
    embed = keras.layers.Embedding(9, 4, mask_zero=mask)
    lstm = keras.layers.LSTM(3)
    short = lstm(embed(tf.constant(words)))
    long = lstm(embed(tf.constant(padded)))
    same = np.allclose(short, long, atol=1e-6)
    print(f"mask_zero={mask}:", "same" if same else "changed")

# %% [markdown]
# **Do this:** set `mask_zero` on purpose, and give your own layers `supports_masking`: [a layer without it drops the
# mask](own-masking), as [`MultiHeadAttention` does](heads-lost). More: [masking](masking).
#
# ## 8. An integer seed repeats its numbers, and a shared initializer gives equal weights
#
# `torch.manual_seed` starts one stream of numbers. An integer `seed` in Keras starts anew at each call. An initializer
# object has a seed of its own, so two layers with the same object start with the same weights.

# %% seeds
for seed in (1, keras.random.SeedGenerator(1)):
    a, b = (keras.random.normal((3,), seed=seed) for _ in "ab")
    print(f"{type(seed).__name__}, same numbers:", np.array_equal(a, b))
for rule in (keras.initializers.GlorotUniform(), "glorot_uniform"):
    a, b = (keras.layers.Dense(3, kernel_initializer=rule) for _ in "ab")
    a.build((None, 2)), b.build((None, 2))
    print(f"{type(rule).__name__}, same weights:", np.array_equal(a.kernel, b.kernel))

# %% [markdown]
# **Do this:** call `keras.utils.set_random_seed` once, and pass initializers by their names. More: [seeds](seeds).
#
# ## 9. A loaded layer has the arguments that `get_config` returns, and no others
#
# A `.keras` file also holds the architecture. Keras makes each layer again from its `get_config`. A subclass of
# a built-in layer inherits a `get_config` that does not know your arguments, so they have their default
# values after loading.

# %% config
class Scaled(keras.layers.Dense):
    def __init__(self, units, scale=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.scale = scale


class Saved(Scaled):
    def get_config(self):
        return super().get_config() | {"scale": self.scale}


for cls in (Scaled, Saved):
    again = cls.from_config(cls(3, scale=5.0).get_config())
    print(f"{cls.__name__:7} scale={again.scale}")

# %% [markdown]
# **Do this:** return each argument of your constructor from `get_config`, and test it with an argument that is not the
# default. More: [the configuration](saving-config), [what each format saves](saving-formats).
#
# ## 10. Weighted losses are divided by the number of samples
#
# `weight=` in PyTorch divides by the sum of the weights. `class_weight` and `sample_weight` in Keras divide by the
# number of samples: so large weights make large steps.

# %% weighted-pt tags=["pytorch"]
z_pt = torch.tensor([[2.0, -1.0], [0.5, 1.5], [1.0, 0.0]])
y_pt = torch.tensor([0, 1, 1])
w_pt = torch.tensor([1.0, 4.0])  # one for each class
mean_pt = F.cross_entropy(z_pt, y_pt, w_pt)
total = F.cross_entropy(z_pt, y_pt, w_pt, reduction="sum")
show(default=mean_pt, by_number=total / 3)

# %% weighted-tf tags=["tensorflow"]
z_tf = tf.constant([[2.0, -1.0], [0.5, 1.5], [1.0, 0.0]])
y_tf = tf.constant([0, 1, 1])
w_tf = tf.constant([1.0, 4.0, 4.0])  # one for each sample
loss = scce(from_logits=True)
loss_tf = loss(y_tf, z_tf, sample_weight=w_tf)
loss = scce(
    from_logits=True, reduction="mean_with_sample_weight")
mean_tf = loss(y_tf, z_tf, sample_weight=w_tf)
show(default=loss_tf, by_weight=mean_tf)

# %%
agree([mean_pt, total / 3], [mean_tf, loss_tf])

# %% [markdown]
# **Do this:** pass `reduction="mean_with_sample_weight"` to the loss if you want PyTorch's mean. More: [class
# weights](fit-class-weights), [sample weights](writing-your-own-weights).
#
# ## Smaller surprises
#
# - The default slope of [`LeakyReLU`](leaky-relu) is 0.3, and 0.01 in PyTorch.
# - [BatchNorm](batchnorm-momentum) has another epsilon, and its momentum is 1 minus PyTorch's.
# - [An LSTM returns only its last output](time-first), unless you pass `return_sequences=True`.
# - Losses look for the classes [on the last axis](multiclass-axis), and not on axis 1.
# - Tensors [cannot be changed in place](in-place), and integers [are not converted to floats](dtypes).
# - A `tf.Variable` in a layer [is not trained](unregistered-weights): use `keras.Variable` or `add_weight`.
# - [`l2(λ)`](l2) is λ·Σw², twice the penalty of `weight_decay=λ`. [`Adam(weight_decay=…)`](decay-adam) is PyTorch's
#   `AdamW`.
# - `validation_split` [takes the last examples](fit-validation-split), before `fit` shuffles.
# - `get_weights()` returns a list without names: [do not `zip` it with a `state_dict`](saving-order).
#
# (pytorch-way)=
# ## The way through the book
#
# 1. [Two frameworks](two_frameworks.ipynb): tensors, tapes, layers, modes and files. Everything else builds on it.
# 2. [Three ways to train](three_ways_to_train.ipynb): your loop with a tape, and the same training with `fit`.
# 3. [What `fit` does](what_fit_does.ipynb): where the lines of your loop go, and how your loop becomes `train_step`.
# 4. [Losses](../losses/overview.ipynb): [the table for porting](losses-porting) says for each loss what it takes.
# 5. [Layers](../layers/overview.ipynb): the rules for weights, channels and modes. Then read the section of each layer
#    that your model has.
# 6. [Regularizers](../regularizers/overview.ipynb): penalties, constraints and decay are arguments of layers and of
#    optimizers.
# 7. [Writing your own layer](../layers/writing_your_own.ipynb) and [saving it](../layers/saving_and_loading.ipynb):
#    `__init__`, `forward` and buffers become `build`, `call` and `get_config`.
# 8. [Porting a model](port-to-keras): the way from a `state_dict` to a Keras model, with a check of each layer.
# 9. [Errata](errata.ipynb): the names that old TensorFlow code uses, and the known bugs of both frameworks.
