# %% [markdown]
# # Binary losses
#
# A binary loss compares a prediction with a label that has two values, such as yes and no. Binary cross-entropy
# (BCE) takes a probability $p$, and BCE with logits takes the number $z$ in front of the sigmoid, the *logit*.
# The focal loss is BCE with less weight on the easy examples. The hinge, squared hinge and soft margin losses
# take a *score* $z$ and labels −1 and 1. The multi-label soft margin loss is BCE with logits for several labels
# of one example.
#
# PyTorch's losses take (prediction, target). The losses of Keras take (target, prediction).
#
# **The claim:** for ordinary predictions, both frameworks compute the same numbers. For a network that is very sure
# and wrong, they do not, and it may never learn. For example, let a network be one weight, which is also its logit. It
# starts at −50, the label is 1, and SGD makes 100 steps. If BCE gets the output of `torch.sigmoid` or `tf.sigmoid`, the
# weight is still at −50 after 100 steps, and there is no error. If the loss gets the logit itself, the weight reaches
# 3.87 in both frameworks.

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
p = np.array([[0.9], [0.2], [0.6], [0.4]], dtype=np.float32)  # probabilities
z = np.array([[2.0], [-1.0], [0.5], [-0.3]], dtype=np.float32)  # logits or scores
y = np.array([[1.0], [0.0], [0.0], [1.0]], dtype=np.float32)  # labels

# %% [markdown]
# The batch has four examples with one prediction each, so all arrays have the shape (4, 1). [The section on
# reductions](binary-reductions) shows why the second axis is needed in Keras.
#
# Each panel shows a loss for an example with the label 1, over the score: the loss as a solid line and its
# derivative as a dashed line. The thin grey lines are the other three losses. The derivative says how strongly
# an example changes the weights. For hinge it is exactly 0 above the score 1. The curve of the soft margin loss is that
# of BCE with logits, and the multi-label soft margin loss is the mean of such curves.

# %% four-losses tags=["hide-input"]
# alt: Four losses of an example with the label 1, over scores from minus 3 to 3, with their derivatives
# dashed. BCE with logits falls from 3 towards 0, and its derivative climbs from minus 1 towards 0. The focal
# loss is close to BCE on the left and close to 0 from score 1 on. Hinge is a straight line down to 0 at score
# 1, with the derivative minus 1 and then 0. Squared hinge is a parabola down to 0 at score 1, and its
# derivative is a straight line up to 0.
grid = np.linspace(-3, 3, 241)
share = 1 / (1 + np.exp(-grid))
gap = np.maximum(0, 1 - grid)
curves = {
    "BCE: the slope goes to −1": (-np.log(share), share - 1),
    "Focal: 0 for easy examples": (
        -((1 - share) ** 2) * np.log(share),
        2 * share * (1 - share) ** 2 * np.log(share) - (1 - share) ** 3,
    ),
    "Hinge: the slope is −1 or 0": (gap, -1.0 * (grid < 1)),
    "Squared: the slope grows": (gap**2, -2 * gap),
}
sections = ("binary-cross-entropy-with-logits", "focal", "hinge", "squared-hinge")
siblings = [value for value, _ in curves.values()]
fig, axes = plt.subplots(2, 2, figsize=(5.2, 4.2), sharex=True, sharey=True)
for i, (ax, section, (title, (value, slope))) in enumerate(
        zip(axes.flat, sections, curves.items())):
    plots.value_and_slope(ax, grid, value, slope, color=plots.PALETTE[i],
                          title=title, section=section, siblings=siblings)
    ax.title.set_fontsize(10.5)
axes[0, 0].set_ylim(-2.6, 4.2)
axes[0, 0].annotate("loss", (-1.7, 2.2), color=plots.PALETTE[0])
axes[0, 0].annotate("derivative", (-2.9, -1.7), color=plots.PALETTE[0])
fig.supxlabel("score z (the label is 1)")
fig.supylabel("loss")
plt.show()

# %% [markdown]
# (binary-cross-entropy)=
# ## Binary cross-entropy
#
# <!-- head: binary_cross_entropy -->
#
# Binary cross-entropy is minus the logarithm of the probability that the model gives to the right label. Choose it if
# you have only probabilities. If you train a network that ends in a sigmoid, remove the sigmoid, and choose [BCE with
# logits](binary-cross-entropy-with-logits).
#
# $$L = -\frac1N \sum_i \bigl[\,y_i \log p_i + (1 - y_i) \log(1 - p_i)\,\bigr]$$
#
# Here $p_i$ is the predicted probability of label 1, $y_i$ is the label, and $N$ is the number of predictions.

# %% tags=["pytorch"]
p_pt = torch.tensor(p, requires_grad=True)
y_pt = torch.tensor(y)
loss_pt = F.binary_cross_entropy(p_pt, y_pt)
(dp_pt,) = torch.autograd.grad(loss_pt, p_pt)
show(loss=loss_pt, dp=dp_pt.T)

# %% tags=["tensorflow"]
p_tf, y_tf = tf.Variable(p), tf.constant(y)
with tf.GradientTape() as tape:
    loss_tf = keras.losses.BinaryCrossentropy()(y_tf, p_tf)
dp_tf = tape.gradient(loss_tf, p_tf)
show(loss=loss_tf, dp=dp_tf.numpy().T)

# %%
agree(loss_pt, loss_tf, gradients=(dp_pt, dp_tf))

# %% [markdown]
# The class in PyTorch is `nn.BCELoss`. The gradient of one example is $-1 / (N p)$ for the label 1. For the first
# example this is −1 / (4 · 0.9) = −0.2778.
#
# ### Swapped arguments give a wrong loss, and no error
#
# If you pass the arguments in the order of the other framework, the labels are taken for probabilities. Both losses
# accept this, because labels, too, are numbers from 0 to 1. The right loss is 0.5403.

# %% bce-swapped-pt tags=["pytorch"]
p_pt, y_pt = torch.tensor(p), torch.tensor(y)
show(wrong=F.binary_cross_entropy(y_pt, p_pt))

# %% bce-swapped-tf tags=["tensorflow"]
p_tf, y_tf = tf.constant(p), tf.constant(y)
bce = keras.losses.BinaryCrossentropy()
show(wrong=bce(p_tf, y_tf))

# %% [markdown]
# ### A probability of exactly 0 costs 100 in PyTorch and 16.1 in Keras
#
# The logarithm of 0 is −∞. PyTorch replaces a logarithm below −100 by −100. Keras first clips the probability to
# the range from 1e-7 to 1 − 1e-7. In float32 the upper end is rounded to 1 − 1.19e-7, so Keras's largest losses for the
# two labels differ: they are 16.12 and 15.94.
#
# The gradients differ even more. PyTorch's gradient has the divisor $p(1-p)$, but at least 1e-12, so it can be as large
# as 1e12. Keras's gradient is 0 where the probability is clipped. The cells show the loss of each example and the
# gradient `dp` of their sum. The last lines use 3 and 4 as probabilities: PyTorch raises an error, and Keras clips them.

# %% bce-clip-pt tags=["pytorch"]
p_pt = torch.tensor([[0.0], [1.0], [1e-8]])
y_pt = torch.tensor([[1.0], [0.0], [1.0]])
bce = nn.BCELoss(reduction="none")
loss_pt, dp_pt = value_and_grad(bce, p_pt, y_pt)
show(loss=loss_pt.T)
print("dp  ", *[f"{g:+8.0e}" for g in dp_pt.flatten()])

with show_error():
    bce(p_pt + 3, y_pt)

# %% bce-clip-tf tags=["tensorflow"]
p_tf = tf.constant([[0.0], [1.0], [1e-8]])
y_tf = tf.constant([[1.0], [0.0], [1.0]])
bce = keras.losses.binary_crossentropy
loss_tf, dp_tf = value_and_grad(bce, y_tf, p_tf, argnums=1)
show(loss=loss_tf)
print("dp  ", *[f"{abs(g):8.0f}" for g in dp_tf[:, 0]])

show(loss=bce(y_tf, p_tf + 3))

# %% [markdown]
# So if you forget the sigmoid, Keras clips the logits, and there is no error. Pass `from_logits=True` if the predictions
# are logits.
#
# (bce-saturated)=
# ### If BCE gets the output of a sigmoid, a confident wrong prediction has the gradient 0
#
# In the next cells BCE gets the output of `torch.sigmoid` or `tf.sigmoid`. `dz` is the gradient with respect to the
# logit. The first four examples have the label 1, and the last one has the label 0, so all five predictions are wrong.
# `exact` is the gradient of a loss that gets the logits.

# %% bce-saturated-pt tags=["pytorch"]
def behind_sigmoid_pt(z, y):
    p = torch.sigmoid(z)
    return F.binary_cross_entropy(p, y, reduction="none")


z_pt = torch.tensor([[-50.0], [-30], [-20], [-10], [20]])
y_pt = torch.tensor([[1.0], [1], [1], [1], [0]])
loss_pt, dz_pt = value_and_grad(
    behind_sigmoid_pt, z_pt, y_pt)
_, exact_pt = value_and_grad(
    nn.BCEWithLogitsLoss(reduction="sum"), z_pt, y_pt)
show(z=z_pt.T, loss=loss_pt.T,
     dz=dz_pt.T, exact=exact_pt.T)

# %% bce-saturated-tf tags=["tensorflow"]
def behind_sigmoid_tf(z, y):
    p = tf.sigmoid(z)
    return keras.losses.binary_crossentropy(y, p)


z_tf = tf.constant([[-50.0], [-30], [-20], [-10], [20]])
y_tf = tf.constant([[1.0], [1], [1], [1], [0]])
loss_tf, dz_tf = value_and_grad(
    behind_sigmoid_tf, z_tf, y_tf)
_, exact_tf = value_and_grad(
    lambda z: tf.nn.sigmoid_cross_entropy_with_logits(
        labels=y_tf, logits=z), z_tf)
show(z=tf.transpose(z_tf), loss=loss_tf,
     dz=tf.transpose(dz_tf), exact=tf.transpose(exact_tf))

# %% [markdown]
# In Keras the gradient is 0 if the probability is below 1e-7, which is so below the logit −16. In PyTorch the gradient
# becomes too small if $p(1-p)$ is below 1e-12, which is so below the logit −27. At the logit 20 with the label 0, the
# gradient is 0 in both frameworks, because the sigmoid of 20 is exactly 1 in float32. PyTorch's loss is then 100, and
# the right loss is 20.

# %% [markdown]
# (four-fates)=
# ### One weight at −50: it learns only if the loss gets the logit
#
# The network is one weight $w$, and its logit is $z = w$. The weight starts at −50 and the label is 1. SGD with the
# learning rate 1 makes 100 steps. The function below returns the first weight and the weight after each step.

# %% tags=["pytorch"]
def train_pt(loss):
    w = torch.full((1, 1), -50.0, requires_grad=True)
    path = [w.item()]
    for _ in range(100):
        value = loss(w, torch.ones(1, 1))
        (dw,) = torch.autograd.grad(value, w)
        with torch.no_grad():
            w -= dw
        path.append(w.item())
    return torch.tensor(path)

# %% tags=["tensorflow"]
def train_tf(loss):
    w = tf.Variable([[-50.0]])
    path = [float(w[0, 0])]
    for _ in range(100):
        with tf.GradientTape() as tape:
            value = loss(tf.ones((1, 1)), w)
        dw = tape.gradient(value, w)
        w.assign_sub(dw)
        path.append(float(w[0, 0]))
    return tf.constant(path)

# %% [markdown]
# The next cells train with different losses, and print the last weight:

# %% four-fates-pt tags=["pytorch"]
from_logits_pt = train_pt(
    F.binary_cross_entropy_with_logits)
bce = F.binary_cross_entropy
sigmoid_pt = train_pt(
    lambda z, y: bce(torch.sigmoid(z), y))

show(from_logits=from_logits_pt[-1], digits=2)
show(torch_sigmoid=sigmoid_pt[-1], digits=2)

# %% four-fates-tf tags=["tensorflow"]
from_logits_tf = train_tf(
    keras.losses.BinaryCrossentropy(from_logits=True))
bce = keras.losses.BinaryCrossentropy()
tf_sigmoid = train_tf(
    lambda y, z: bce(y, tf.sigmoid(z)))
keras_sigmoid = train_tf(
    lambda y, z: bce(y, keras.activations.sigmoid(z)))

show(from_logits=from_logits_tf[-1], digits=2)
show(tf_sigmoid=tf_sigmoid[-1], digits=2)
show(keras_sigmoid=keras_sigmoid[-1], digits=2)

# %% four-fates-agree
agree(from_logits_pt, from_logits_tf, rtol=1e-4)
agree(sigmoid_pt, tf_sigmoid)

# %% four-fates-figure tags=["hide-input"]
# alt: The weight over 100 steps. From the logits, and with Keras's own sigmoid, it climbs in a straight line
# from minus 50 to 0 in 50 steps, and then slowly to 3.9. With torch.sigmoid and with tf.sigmoid it stays at
# minus 50.
fig, ax = plt.subplots(figsize=(5.2, 2.6))
step = np.arange(101)
plots.coinciding(ax, step, from_logits_pt, from_logits_tf, label=(60, -19), markers=14)
plots.coinciding(ax, step, sigmoid_pt, tf_sigmoid, markers=14)
ax.annotate("from the logit,\nor keras.activations.sigmoid", (2, -8))
ax.annotate("BCE behind torch.sigmoid or tf.sigmoid", (28, -47))
ax.set(xlabel="step", ylabel="weight", ylim=(-54, 9),
       title="Behind a sigmoid, the weight stays at −50")
plt.show()

# %% [markdown]
# All these losses are the same formula. The weight learns if the loss gets the logit. If the loss gets the output of a
# sigmoid, the weight learns only with `keras.activations.sigmoid`. The next section shows the reason.
#
# (keras-logits)=
# ### Keras keeps the logits of its own sigmoid, and BCE uses them
#
# On the TensorFlow backend, the output of `keras.activations.sigmoid` keeps a reference to its logits. If
# `BinaryCrossentropy` finds the logits, it computes the loss from them, without the clip. The cell prints the loss
# for the logit −50 and the label 1, with several functions and layers between the logit and the loss. A loss of 50 was
# computed from the logit, and a loss of 16.1181 from the clipped probability.

# %% keras-logits-tf
bce = keras.losses.BinaryCrossentropy()
z_far, one = tf.constant([[-50.0]]), tf.ones((1, 1))


def loss_behind(*layers):
    model = keras.Sequential([keras.Input((1,)), *layers])
    return bce(one, model(z_far))


show(keras_sigmoid=bce(one, keras.activations.sigmoid(z_far)),
     tf_sigmoid=bce(one, tf.sigmoid(z_far)),
     tf_function=tf.function(lambda z: bce(one, tf.sigmoid(z)))(z_far))
sigmoid = keras.layers.Activation("sigmoid")
show(Activation=loss_behind(sigmoid),
     Identity=loss_behind(sigmoid, keras.layers.Identity()),
     Reshape=loss_behind(sigmoid, keras.layers.Reshape((1,))))
model = keras.Sequential([keras.Input((1,)), sigmoid])
model.compile(loss=bce)
show(evaluate=model.evaluate(z_far, one, verbose=0),
     predict=bce(one, model.predict(z_far, verbose=0)))

# %% [markdown]
# In a `tf.function`, Keras also finds the logits of `tf.sigmoid`. An `Identity` layer after the sigmoid keeps the
# logits, and a `Reshape` layer loses them. `predict` returns an array without logits, so the loss that you compute from
# it differs from the loss that `evaluate` returns. Do not rely on any of this: end the network in logits, and pass
# `from_logits=True`.
#
# ### Label smoothing is an argument in Keras, and one line in PyTorch
#
# Label smoothing with $s = 0.2$ replaces the labels 0 and 1 by 0.1 and 0.9, which is $(1 - s)\,y + s/2$. The labels
# of BCE may be any numbers from 0 to 1, so you can smooth them yourself in PyTorch.

# %% bce-smoothing-pt tags=["pytorch"]
p_pt, y_pt = torch.tensor(p), torch.tensor(y)
loss_pt, dp_pt = value_and_grad(
    F.binary_cross_entropy, p_pt, 0.8 * y_pt + 0.1)
show(loss=loss_pt)

# %% bce-smoothing-tf tags=["tensorflow"]
p_tf, y_tf = tf.constant(p), tf.constant(y)
loss_tf, dp_tf = value_and_grad(
    keras.losses.BinaryCrossentropy(label_smoothing=0.2),
    y_tf, p_tf, argnums=1)
show(loss=loss_tf)

# %%
agree(loss_pt, loss_tf, gradients=(dp_pt, dp_tf))

# %% [markdown]
# (binary-cross-entropy-with-logits)=
# ## Binary cross-entropy with logits
#
# <!-- head: binary_cross_entropy_with_logits -->
#
# This loss computes the sigmoid and BCE in one function. It does not compute the probability in between, so nothing is
# clipped. Choose it for a network with one output for each yes-or-no question.
#
# $$L = \frac1N \sum_i \bigl[\max(z_i, 0) - z_i y_i + \log(1 + e^{-|z_i|})\bigr], \qquad
# \frac{\partial L}{\partial z_i} = \frac{\sigma(z_i) - y_i}{N}$$
#
# Here $z_i$ is a logit, $y_i$ is its label, $\sigma$ is the sigmoid, and $N$ is the number of logits. The exponent is
# never positive, so it cannot overflow.

# %% tags=["pytorch"]
z_pt, y_pt = torch.tensor(z), torch.tensor(y)
loss_pt, dz_pt = value_and_grad(
    F.binary_cross_entropy_with_logits, z_pt, y_pt)
show(loss=loss_pt, dz=dz_pt.T)

# %% tags=["tensorflow"]
z_tf, y_tf = tf.constant(z), tf.constant(y)
loss_tf, dz_tf = value_and_grad(
    keras.losses.BinaryCrossentropy(from_logits=True),
    y_tf, z_tf, argnums=1)
show(loss=loss_tf, dz=dz_tf.numpy().T)

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# ### Logits of ±1000 have exact losses and gradients in both frameworks
#
# `tf.nn.sigmoid_cross_entropy_with_logits` returns one loss for each logit, as `reduction="none"` does in PyTorch.
# The cells show these losses and the gradient of their sum.

# %% logits-thousand-pt tags=["pytorch"]
z_pt = torch.tensor([[1000.0], [-1000], [1000], [-1000]])
y_pt = torch.tensor([[1.0], [1], [0], [0]])
loss_pt = F.binary_cross_entropy_with_logits(
    z_pt, y_pt, reduction="none")
_, dz_pt = value_and_grad(
    F.binary_cross_entropy_with_logits, z_pt, y_pt,
    reduction="sum")
show(loss=loss_pt.T, dz=dz_pt.T)

# %% logits-thousand-tf tags=["tensorflow"]
z_tf = tf.constant([[1000.0], [-1000], [1000], [-1000]])
y_tf = tf.constant([[1.0], [1], [0], [0]])
loss_tf = tf.nn.sigmoid_cross_entropy_with_logits(
    labels=y_tf, logits=z_tf)
_, dz_tf = value_and_grad(
    tf.nn.sigmoid_cross_entropy_with_logits,
    y_tf, z_tf, argnums=1)
show(loss=tf.transpose(loss_tf), dz=tf.transpose(dz_tf))

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# ### After a sigmoid, this loss cannot fall below 0.3133 for label 1, and 0.6931 for label 0
#
# If the network already ends in a sigmoid, the loss applies a second one. The inputs of the loss are then between 0 and
# 1. The best input is 1 for the label 1, and 0 for the label 0. `floor` shows the losses of these two inputs.
#
# If the sigmoid is Keras's own, Keras's loss gives a warning, and [uses the logits](keras-logits). There is no warning
# in PyTorch, nor with `tf.sigmoid`. The right loss for the logit 2 and the label 1 is 0.1269.

# %% sigmoid-warning-pt tags=["pytorch"]
bce = F.binary_cross_entropy_with_logits
best = torch.tensor([[1.0], [0.0]])
floor_pt = bce(best, best, reduction="none")[:, 0]
show(floor=floor_pt)

z_pt, one = torch.tensor([[2.0]]), torch.ones(1, 1)
show(torch_sigmoid=bce(torch.sigmoid(z_pt), one))

# %% sigmoid-warning-tf tags=["tensorflow"]
bce = keras.losses.binary_crossentropy
best = tf.constant([[1.0], [0.0]])
floor_tf = bce(best, best, from_logits=True)
show(floor=floor_tf)

z_tf, one = tf.constant([[2.0]]), tf.ones((1, 1))
show(tf_sigmoid=bce(one, tf.sigmoid(z_tf), from_logits=True))
own = keras.activations.sigmoid(z_tf)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    show(keras_sigmoid=bce(one, own, from_logits=True))
print(str(caught[0].message)[:52], "…")

# %%
agree(floor_pt, floor_tf)

# %% [markdown]
# (pos-weight)=
# ### `pos_weight=3` is a sample weight of 3 for each example with the label 1
#
# `pos_weight` multiplies the losses of the examples with the label 1. Use it if this label is rare. The mean still
# divides by the number of examples, not by the sum of the weights. `tf.nn` has a loss with the same argument. In Keras,
# pass sample weights to the loss, or `class_weight` to `fit`.

# %% pos-weight-pt tags=["pytorch"]
z_pt, y_pt = torch.tensor(z), torch.tensor(y)
loss_pt = F.binary_cross_entropy_with_logits(
    z_pt, y_pt, pos_weight=torch.tensor(3.0),
    reduction="none")
mean_pt, dz_pt = value_and_grad(
    F.binary_cross_entropy_with_logits, z_pt, y_pt,
    pos_weight=torch.tensor(3.0))
show(loss=loss_pt.T)
show(mean=mean_pt)

# %% pos-weight-tf tags=["tensorflow"]
z_tf, y_tf = tf.constant(z), tf.constant(y)
loss_tf = tf.nn.weighted_cross_entropy_with_logits(
    labels=y_tf, logits=z_tf, pos_weight=3.0)
bce = keras.losses.BinaryCrossentropy(from_logits=True)
mean_tf, dz_tf = value_and_grad(
    bce, y_tf, z_tf, argnums=1,
    sample_weight=tf.where(y_tf == 1, 3.0, 1.0))
show(loss=loss_tf.numpy().T)
show(mean=mean_tf)

# %%
agree([loss_pt, mean_pt], [loss_tf, mean_tf], gradients=(dz_pt, dz_tf))

# %% [markdown]
# The next cell passes `class_weight` to `fit`. The network only multiplies its input by 1, and there is one batch, so
# `fit` reports the loss of the logits before the first step. It is the same mean:

# %% class-weight-tf
model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="ones")])
model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
history = model.fit(z, y, class_weight={0: 1.0, 1: 3.0}, verbose=0)
show(class_weight=history.history["loss"])

# %% [markdown]
# Do not pass class weights as PyTorch's argument `weight`, which has one weight for each *example*. With four examples, a
# vector of two class weights raises an error. With two examples there is no error, but a wrong loss: here the first
# example has the label 1, and gets the weight of label 0.

# %% weight-not-of-classes-pt
bce = F.binary_cross_entropy_with_logits
class_weights = torch.tensor([1.0, 3.0])  # of label 0, of label 1
z_pt, y_pt = torch.tensor(z)[:, 0], torch.tensor(y)[:, 0]
with show_error():
    bce(z_pt, y_pt, weight=class_weights)
show(wrong=bce(z_pt[:2], y_pt[:2], weight=class_weights),
     right=bce(z_pt[:2], y_pt[:2], pos_weight=torch.tensor(3.0)))

# %% [markdown]
# (focal)=
# ## Focal loss
#
# <!-- head: focal -->
#
# The focal loss {footcite:p}`lin2017focal` is BCE with a factor that is small if the prediction is good. Choose it if
# most examples are easy, such as the background in object detection. Most of BCE would then come from easy examples.
#
# $$L = \frac1N \sum_i -\alpha_i\,(1 - q_i)^\gamma \log q_i, \qquad
# q_i = \begin{cases} p_i & y_i = 1 \\ 1 - p_i & y_i = 0 \end{cases}, \quad
# \alpha_i = \begin{cases} \alpha & y_i = 1 \\ 1 - \alpha & y_i = 0 \end{cases}$$
#
# Here $q_i$ is the probability of the right label. The larger $\gamma$ is, the less easy examples count. The label 1 has
# the weight $\alpha$, and the label 0 has the weight $1 - \alpha$. PyTorch has no focal loss, so the cell defines one.

# %% focal-bridge-pt tags=["pytorch"]
def focal_pt(p, y, alpha=0.75, gamma=2.0):
    bce = F.binary_cross_entropy(p, y, reduction="none")
    q = y * p + (1 - y) * (1 - p)
    alpha_t = y * alpha + (1 - y) * (1 - alpha)
    return (alpha_t * (1 - q) ** gamma * bce).mean()


p_pt, y_pt = torch.tensor(p), torch.tensor(y)
loss_pt, dp_pt = value_and_grad(focal_pt, p_pt, y_pt)
show(loss=loss_pt, dp=dp_pt.T)

# %% focal-bridge-tf tags=["tensorflow"]
p_tf, y_tf = tf.constant(p), tf.constant(y)
loss_tf, dp_tf = value_and_grad(
    keras.losses.BinaryFocalCrossentropy(
        apply_class_balancing=True, alpha=0.75),
    y_tf, p_tf, argnums=1)
show(loss=loss_tf, dp=dp_tf.numpy().T)

# %%
agree(loss_pt, loss_tf, gradients=(dp_pt, dp_tf))

# %% [markdown]
# ### Keras ignores `alpha` unless you pass `apply_class_balancing=True`
#
# The cell computes the loss for four pairs of these two arguments:

# %% focal-alpha-tf
for balancing in (False, True):
    for alpha in (0.25, 0.75):
        loss = keras.losses.BinaryFocalCrossentropy(
            alpha=alpha, apply_class_balancing=balancing)
        print(f"alpha {alpha} apply_class_balancing {balancing!s:5}", end=" ")
        show(loss=loss(y, p))

# %% [markdown]
# ### 99 easy examples make up 82% of BCE, and 5% of the focal loss
#
# All of 100 examples have the label 1. One of them is hard, with the probability 0.1. The other 99 have 0.9. The cells
# print which part of the sum of all losses comes from the 99 easy examples.

# %% focal-easy-pt tags=["pytorch"]
one = torch.ones(1, 1)
for name, loss in (("BCE", F.binary_cross_entropy),
                   ("focal", focal_pt)):
    easy, hard = loss(0.9 * one, one), loss(0.1 * one, one)
    print(f"{name:6} {99 * easy / (99 * easy + hard):.0%}")

# %% focal-easy-tf tags=["tensorflow"]
one, K = tf.ones((1, 1)), keras.losses
for name, loss in (("BCE", K.BinaryCrossentropy()),
                   ("focal", K.BinaryFocalCrossentropy())):
    easy, hard = loss(one, 0.9 * one), loss(one, 0.1 * one)
    print(f"{name:6} {99 * easy / (99 * easy + hard):.0%}")

# %% [markdown]
# ### With `from_logits=True`, Keras's focal loss is not clipped
#
# With `from_logits=True`, Keras's focal loss computes the factor from the sigmoid, and the logarithm [from the
# logits](keras-logits). In PyTorch, use BCE with logits for the logarithm, and the sigmoid only for the factor. Both
# examples of the cells have the logit −100. The labels are 1 and 0, and $\gamma = 2$.

# %% focal-logits-pt tags=["pytorch"]
def focal_logits_pt(z, y, gamma=2.0):
    bce = F.binary_cross_entropy_with_logits(
        z, y, reduction="none")
    p = torch.sigmoid(z)
    q = y * p + (1 - y) * (1 - p)
    return ((1 - q) ** gamma * bce).mean()


z_pt = torch.full((2, 1), -100.0)
y_pt = torch.tensor([[1.0], [0.0]])
loss_pt, dz_pt = value_and_grad(focal_logits_pt, z_pt, y_pt)
show(loss=loss_pt, dz=dz_pt.T)

# %% focal-logits-tf tags=["tensorflow"]
z_tf = tf.fill((2, 1), -100.0)
y_tf = tf.constant([[1.0], [0.0]])
loss_tf, dz_tf = value_and_grad(
    keras.losses.BinaryFocalCrossentropy(from_logits=True),
    y_tf, z_tf, argnums=1)
show(loss=loss_tf, dz=dz_tf.numpy().T)

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# (hinge)=
# ## Hinge loss
#
# <!-- head: hinge -->
#
# The hinge loss {footcite:p}`cortes1995support` is 0 if the score has the right sign and is at least 1. Otherwise it
# grows linearly. Choose it for a linear classifier with a margin, as in a support vector machine. Its scores are not
# logits, so their sigmoid is no probability.
#
# $$L = \frac1N \sum_i \max(0,\, 1 - y_i z_i), \qquad y_i \in \{-1, 1\}$$
#
# Here $z_i$ is a score and $y_i$ is its label. The product $y_i z_i$ is the *margin*. PyTorch has no hinge loss: its
# `nn.HingeEmbeddingLoss` [is another loss](hinge-embedding-is-not-hinge). The cells convert the labels to −1 and 1. The
# first example has the margin 2, so its gradient is 0.

# %%
y_signs = 2 * y - 1  # labels −1 and 1

# %% hinge-bridge-pt tags=["pytorch"]
def hinge_pt(z, y):
    return (1 - y * z).clamp(min=0).mean()


z_pt, y_pt = torch.tensor(z), torch.tensor(y_signs)
loss_pt, dz_pt = value_and_grad(hinge_pt, z_pt, y_pt)
show(dz=dz_pt.T)
show(loss=(1 - y_pt * z_pt).clamp(min=0).mean())

# %% hinge-bridge-tf tags=["tensorflow"]
z_tf, y_tf = tf.constant(z), tf.constant(y_signs)
loss_tf, dz_tf = value_and_grad(
    keras.losses.Hinge(), y_tf, z_tf, argnums=1)
show(dz=dz_tf.numpy().T)
show(loss=loss_tf)

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# ### Keras converts labels 0 and 1, but only if every label of the batch is 0 or 1
#
# In PyTorch, convert the labels yourself with `2 * y - 1`. In Keras, labels 0 and 1 give the right loss (`converted`).
# But if one label of the batch is neither 0 nor 1, Keras converts nothing: an example with the label 0 then costs 1,
# whatever its score is. The cell adds one example with the label −1 (`mixed`). The second and third example have the
# label 0.

# %% hinge-labels-tf
show(converted=keras.losses.hinge(y, z), signs=keras.losses.hinge(y_signs, z))
mixed = np.vstack([y, [[-1.0]]]).astype(np.float32)
show(mixed=keras.losses.hinge(mixed, np.vstack([z, [[0.3]]])))

# %% [markdown]
# ### At the margin 1, the gradient is −1, −½ or 0
#
# The hinge loss has a kink where the margin is 1. For a score of 1 and the label 1, Keras returns the slope on the left
# of the kink, −1. In PyTorch the gradient depends on the function that you use. `clamp` agrees with Keras.

# %% hinge-kink-pt tags=["pytorch"]
one = torch.tensor([[1.0]])
zero = torch.zeros(1, 1)
_, dz_pt = value_and_grad(hinge_pt, one, one)
_, relu = value_and_grad(lambda z: F.relu(1 - z), one)
_, maximum = value_and_grad(
    lambda z: torch.maximum(1 - z, zero), one)
show(clamp=dz_pt, relu=relu, maximum=maximum)

# %% hinge-kink-tf tags=["tensorflow"]
one = tf.constant([[1.0]])
_, dz_tf = value_and_grad(
    keras.losses.Hinge(), tf.ones((1, 1)), one, argnums=1)
show(Hinge=dz_tf)

# %%
agree(dz_pt, dz_tf)

# %% [markdown]
# (hinge-embedding-is-not-hinge)=
# ### `HingeEmbeddingLoss` is not the hinge loss
#
# For the label 1 it returns the input itself, and for the label −1 it returns $\max(0, 1 - x)$. Its input is a
# distance, which must become small for the label 1. The cell compares both losses for the score 0.3 with the labels
# 1 and −1.

# %% hinge-embedding-pt
score, label = torch.tensor([0.3, 0.3]), torch.tensor([1.0, -1.0])
show(hinge=(1 - label * score).clamp(min=0),
     hinge_embedding=F.hinge_embedding_loss(score, label, reduction="none"))

# %% [markdown]
# (squared-hinge)=
# ## Squared hinge loss
#
# <!-- head: squared_hinge -->
#
# The squared hinge loss {footcite:p}`tang2013deep` is the square of the hinge loss of each example. It has no kink, and
# large errors count more. Choose it if you want a margin, as with hinge, and a gradient without jumps.
#
# $$L = \frac1N \sum_i \max(0,\, 1 - y_i z_i)^2, \qquad
# \frac{\partial L}{\partial z_i} = -\frac{2\,y_i}{N} \max(0,\, 1 - y_i z_i)$$
#
# Here $z_i$ is a score, and $y_i$ is its label, −1 or 1. Keras converts labels 0 and 1 as for `Hinge`.

# %% tags=["pytorch"]
def squared_hinge_pt(z, y):
    return ((1 - y * z).clamp(min=0) ** 2).mean()


z_pt, y_pt = torch.tensor(z), torch.tensor(y_signs)
loss_pt, dz_pt = value_and_grad(squared_hinge_pt, z_pt, y_pt)
show(dz=dz_pt.T)
show(loss=((1 - y_pt * z_pt).clamp(min=0) ** 2).mean())

# %% tags=["tensorflow"]
z_tf, y_tf = tf.constant(z), tf.constant(y_signs)
loss_tf, dz_tf = value_and_grad(
    keras.losses.SquaredHinge(), y_tf, z_tf, argnums=1)
show(dz=dz_tf.numpy().T)
show(loss=loss_tf)

# %%
agree(loss_pt, loss_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# ### With squared hinge, one wrong label can outweigh nine right ones
#
# Nine examples have the label 1 and the score 0.5. The tenth example has the score 5, but its label is wrong, and is
# −1. Suppose that one bias is added to all scores. Its gradient is then the sum of the gradients of the scores. With
# hinge, nine examples contribute −1 and the tenth contributes 1. The sum is −8, so SGD raises all scores. With squared
# hinge, nine examples contribute −1 and the tenth contributes 12. The sum is 3, so SGD lowers all scores.

# %% squared-outlier-pt tags=["pytorch"]
z_pt = torch.tensor([[0.5]] * 9 + [[5.0]])
y_pt = torch.tensor([[1.0]] * 9 + [[-1.0]])
_, hinge = value_and_grad(hinge_pt, z_pt, y_pt)
_, squared = value_and_grad(squared_hinge_pt, z_pt, y_pt)
sums_pt = 10 * hinge.sum(), 10 * squared.sum()
show(hinge=sums_pt[0], squared_hinge=sums_pt[1])

# %% squared-outlier-tf tags=["tensorflow"]
z_tf = tf.constant([[0.5]] * 9 + [[5.0]])
y_tf = tf.constant([[1.0]] * 9 + [[-1.0]])
_, hinge = value_and_grad(
    keras.losses.Hinge(), y_tf, z_tf, argnums=1)
_, squared = value_and_grad(
    keras.losses.SquaredHinge(), y_tf, z_tf, argnums=1)
sums_tf = [10 * tf.reduce_sum(g) for g in (hinge, squared)]
show(hinge=sums_tf[0], squared_hinge=sums_tf[1])

# %%
agree(sums_pt, sums_tf, rtol=1e-4)

# %% [markdown]
# (soft-margin)=
# ## Soft margin loss
#
# <!-- head: soft_margin -->
#
# The soft margin loss is BCE with logits, with the labels −1 and 1. Choose BCE with logits instead, which does not
# overflow.
#
# $$L = \frac1N \sum_i \log\bigl(1 + e^{-y_i z_i}\bigr), \qquad y_i \in \{-1, 1\}$$
#
# Here $z_i$ is a score and $y_i$ is its label. Keras has no such loss. `softplus` is the function
# $\log(1 + e^x)$ of both frameworks.

# %% tags=["pytorch"]
z_pt, y_pt = torch.tensor(z), torch.tensor(y_signs)
loss_pt, dz_pt = value_and_grad(
    F.soft_margin_loss, z_pt, y_pt)
logits_pt = F.binary_cross_entropy_with_logits(
    z_pt, torch.tensor(y))
show(loss=loss_pt, bce_with_logits=logits_pt)
show(dz=dz_pt.T)

# %% tags=["tensorflow"]
def soft_margin_tf(y, z):
    return tf.reduce_mean(tf.math.softplus(-y * z))


z_tf, y_tf = tf.constant(z), tf.constant(y_signs)
loss_tf, dz_tf = value_and_grad(
    soft_margin_tf, y_tf, z_tf, argnums=1)
logits_tf = keras.losses.BinaryCrossentropy(
    from_logits=True)(tf.constant(y), z_tf)
show(loss=tf.reduce_mean(tf.math.softplus(-y_tf * z_tf)),
     bce_with_logits=logits_tf)
show(dz=dz_tf.numpy().T)

# %%
agree([loss_pt, logits_pt], [loss_tf, logits_tf], gradients=(dz_pt, dz_tf))

# %% [markdown]
# ### PyTorch's loss is infinite for a wrong score of 100, and its gradient is NaN
#
# PyTorch computes $e^{100}$, which is infinite in float32. `softplus` does not overflow. In the cells, a weight of 100 is
# multiplied by 0.8 and 1, so the scores are 80 and 100. Both labels are −1. With `soft_margin_loss` the gradient of the
# weight is NaN.

# %% soft-margin-overflow-pt tags=["pytorch"]
w, x = torch.tensor(100.0), torch.tensor([0.8, 1.0])
y_pt = -torch.ones(2)
show(soft_margin=F.soft_margin_loss(
    w * x, y_pt, reduction="none"))
_, dw = value_and_grad(
    lambda w: F.soft_margin_loss(w * x, y_pt), w)
show(its_dw=dw)
loss_pt, dw_pt = value_and_grad(
    lambda w: F.softplus(-y_pt * w * x).mean(), w)
show(softplus=loss_pt, dw=dw_pt)

# %% soft-margin-overflow-tf tags=["tensorflow"]
w, x = tf.constant(100.0), tf.constant([0.8, 1.0])
y_tf = -tf.ones(2)
loss_tf, dw_tf = value_and_grad(
    lambda w: tf.reduce_mean(
        tf.math.softplus(-y_tf * w * x)), w)
show(softplus=loss_tf, dw=dw_tf)

# %%
agree(loss_pt, loss_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# ### With labels 0 and 1, each example with the label 0 costs log 2, whatever its score is
#
# The exponent $-y_i z_i$ is 0 for the label 0, and so is the gradient. There is no error. The cell uses the scores 3 and
# −3, both with the label 0.

# %% soft-margin-zeros-pt
loss_pt, dz_pt = value_and_grad(
    nn.SoftMarginLoss(reduction="none"), torch.tensor([3.0, -3.0]), torch.zeros(2))
show(loss=loss_pt, dz=abs(dz_pt))

# %% [markdown]
# (multilabel-soft-margin)=
# ## Multi-label soft margin loss
#
# <!-- head: multilabel_soft_margin -->
#
# This loss is BCE with logits for examples that have several labels, each 0 or 1. It takes the mean over the labels of
# each example, and then over the examples. You do not need it, because BCE with logits returns the same mean.
#
# $$L = \frac1N \sum_i \frac1C \sum_c -w_c \bigl[\,y_{ic} \log \sigma(z_{ic}) + (1 - y_{ic}) \log \sigma(-z_{ic})\,\bigr]$$
#
# Here $z_{ic}$ is the logit of label $c$ for example $i$, $C$ is the number of labels, and $w_c$ is an optional
# weight of label $c$. Keras's function `binary_crossentropy` also averages over the last axis.

# %%
# (batch, labels)
z_tags = np.array([[0.1, 0.2, -0.4], [2.0, -1.0, 0.5]], dtype=np.float32)
y_tags = np.array([[1, 0, 1], [1, 0, 0]], dtype=np.float32)

# %% multilabel-pt tags=["pytorch"]
z_pt, y_pt = torch.tensor(z_tags), torch.tensor(y_tags)
each_pt = F.multilabel_soft_margin_loss(
    z_pt, y_pt, reduction="none")
loss_pt, dz_pt = value_and_grad(
    F.multilabel_soft_margin_loss, z_pt, y_pt)
show(each=each_pt)
show(loss=loss_pt)
show(dz=dz_pt)

# %% multilabel-tf tags=["tensorflow"]
z_tf, y_tf = tf.constant(z_tags), tf.constant(y_tags)
each_tf = keras.losses.binary_crossentropy(
    y_tf, z_tf, from_logits=True)
loss_tf, dz_tf = value_and_grad(
    keras.losses.BinaryCrossentropy(from_logits=True),
    y_tf, z_tf, argnums=1)
show(each=each_tf)
show(loss=loss_tf)
show(dz=dz_tf)

# %%
agree([each_pt, loss_pt], [each_tf, loss_tf], gradients=(dz_pt, dz_tf))

# %% [markdown]
# ### `weight` has one number for each label, and the mean still divides by the number of labels
#
# `F.binary_cross_entropy_with_logits` gives the same mean with the same weights, because it broadcasts them against
# the logits. Keras's `sample_weight` has one weight for each example. To weight the labels in TensorFlow, multiply the
# losses yourself.

# %% multilabel-weight-pt tags=["pytorch"]
w = torch.tensor([1.0, 2.0, 0.0])
loss_pt, dz_pt = value_and_grad(
    nn.MultiLabelSoftMarginLoss(weight=w), z_pt, y_pt)
bce_pt = F.binary_cross_entropy_with_logits(
    z_pt, y_pt, weight=w)
show(loss=loss_pt, bce=bce_pt)

# %% multilabel-weight-tf tags=["tensorflow"]
w = tf.constant([1.0, 2.0, 0.0])
loss_tf, dz_tf = value_and_grad(
    lambda z: tf.reduce_mean(
        w * tf.nn.sigmoid_cross_entropy_with_logits(
            labels=y_tf, logits=z)), z_tf)
show(loss=loss_tf)

# %%
agree([loss_pt, bce_pt], [loss_tf, loss_tf], gradients=(dz_pt, dz_tf))

# %% [markdown]
# (binary-reductions)=
# ## Keras averages the last axis first, PyTorch averages all numbers at once
#
# This section shows how BCE reduces many losses to one number. It holds for the other losses of this chapter, too.
#
# ### `none` and `sum` return different numbers in the two frameworks, and the mean is the same
#
# The cells use two examples with three labels each. With `reduction="none"`, PyTorch returns a loss for each label.
# Keras returns a loss for each example, the mean over its labels. So the sum in PyTorch is three times the sum in Keras.

# %% binary-reductions-pt tags=["pytorch"]
z_pt, y_pt = torch.tensor(z_tags), torch.tensor(y_tags)
none_pt, sum_pt, mean_pt = [
    nn.BCEWithLogitsLoss(reduction=name)(z_pt, y_pt)
    for name in ("none", "sum", "mean")]
show(none=none_pt)
show(sum=sum_pt)
show(mean=mean_pt)

# %% binary-reductions-tf tags=["tensorflow"]
z_tf, y_tf = tf.constant(z_tags), tf.constant(y_tags)
none_tf, sum_tf, mean_tf = [
    keras.losses.BinaryCrossentropy(
        from_logits=True, reduction=name)(y_tf, z_tf)
    for name in ("none", "sum", "sum_over_batch_size")]
show(none=none_tf)
show(sum=sum_tf)
show(mean=mean_tf)

# %% binary-reductions-agree
agree([mean_pt, none_pt.mean(-1), sum_pt / 3], [mean_tf, none_tf, sum_tf])

# %% [markdown]
# ### Sample weights: both divide by the number of examples, not by the sum of the weights
#
# The cells weight the four examples of the first sections with 3, 1, 1 and 1. In PyTorch, pass the weights as `weight`
# when you call the function. Keras has one more reduction, `mean_with_sample_weight`, which divides by the sum of the
# weights, here 6.

# %% binary-weights-pt tags=["pytorch"]
w = torch.tensor([[3.0], [1.0], [1.0], [1.0]])
z_pt, y_pt = torch.tensor(z), torch.tensor(y)
mean_pt = F.binary_cross_entropy_with_logits(
    z_pt, y_pt, weight=w)
total_pt = F.binary_cross_entropy_with_logits(
    z_pt, y_pt, weight=w, reduction="sum")
by_weight_pt = total_pt / w.sum()
show(by_number=mean_pt, by_weight=by_weight_pt)

# %% binary-weights-tf tags=["tensorflow"]
w = tf.constant([3.0, 1.0, 1.0, 1.0])
z_tf, y_tf = tf.constant(z), tf.constant(y)
mean_tf, by_weight_tf = [
    keras.losses.BinaryCrossentropy(
        from_logits=True,
        reduction=name)(y_tf, z_tf, sample_weight=w)
    for name in ("sum_over_batch_size",
                 "mean_with_sample_weight")]
show(by_number=mean_tf, by_weight=by_weight_tf)

# %% binary-weights-agree
agree([mean_pt, by_weight_pt], [mean_tf, by_weight_tf])

# %% [markdown]
# ### In Keras, predictions of shape (N,) give a wrong weighted loss
#
# For predictions of shape (N,), the last axis is the batch. Keras takes the mean over it first, and then multiplies this
# one number by the sample weights. In the cells only the first of three examples has a weight other than 0. Its loss is
# 0.1054, so the right mean is 0.1054 / 3 = 0.0351.

# %% binary-one-axis-pt tags=["pytorch"]
p_pt = torch.tensor([0.9, 0.2, 0.4])
y_pt = torch.tensor([1.0, 0.0, 1.0])
w = torch.tensor([1.0, 0.0, 0.0])
loss_pt = F.binary_cross_entropy(p_pt, y_pt, weight=w)
show(right=loss_pt)

# %% binary-one-axis-tf tags=["tensorflow"]
p_tf = tf.constant([0.9, 0.2, 0.4])
y_tf = tf.constant([1.0, 0.0, 1.0])
w = tf.constant([1.0, 0.0, 0.0])
bce = keras.losses.BinaryCrossentropy()
show(wrong=bce(y_tf, p_tf, sample_weight=w))
loss_tf = bce(y_tf[:, None], p_tf[:, None], sample_weight=w)
show(right=loss_tf)

# %% binary-one-axis-agree
agree(loss_pt, loss_tf)

# %% [markdown]
# ### Labels (N,) with predictions (N, 1): some losses raise an error, and some compare all pairs
#
# A dense layer with one unit returns the shape (N, 1), and labels often have the shape (N,). BCE with logits raises an
# error in PyTorch, and so does the function `binary_crossentropy` in Keras. But `F.multilabel_soft_margin_loss`, the
# function `keras.losses.hinge`, and the hinge that we wrote in PyTorch combine each score with each label. `wrong` is
# the mean over all 16 pairs. The class `keras.losses.Hinge` adds the missing axis to the labels.

# %% binary-shapes-pt tags=["pytorch"]
z_pt, flat = torch.tensor(z), torch.tensor(y)[:, 0]
with show_error():
    F.binary_cross_entropy_with_logits(z_pt, flat)
loss = F.multilabel_soft_margin_loss
show(wrong=loss(z_pt, flat),
     right=loss(z_pt, flat[:, None]))
show(wrong=hinge_pt(z_pt, 2 * flat - 1),
     right=hinge_pt(z_pt, 2 * flat[:, None] - 1))

# %% binary-shapes-tf tags=["tensorflow"]
z_tf, flat = tf.constant(z), tf.constant(y)[:, 0]
with show_error():
    keras.losses.binary_crossentropy(flat, z_tf)
hinge = keras.losses.hinge
show(wrong=tf.reduce_mean(hinge(flat, z_tf)),
     right=tf.reduce_mean(hinge(flat[:, None], z_tf)))
show(Hinge=keras.losses.Hinge()(flat, z_tf))

# %% [markdown]
# ### With a mask, the mean is over the valid steps; with weights of 0 and 1, it is over all steps
#
# Two sequences have three steps each, with one probability at each step. Three of the six steps are padding, which is
# marked by the number 9. In PyTorch, index predictions and labels with the mask. In Keras, the output of a `Masking`
# layer carries the mask. In both, the mean is then over the three valid steps (`masked`). With weights of 0 and 1, both
# frameworks divide by all six steps (`weights`).

# %%
p_steps = np.array([[[0.9], [0.2], [9]], [[0.4], [9], [9]]], dtype=np.float32)
y_steps = np.array([[[1], [0], [0]], [[1], [0], [0]]], dtype=np.float32)

# %% binary-mask-pt tags=["pytorch"]
p_pt, y_pt = torch.tensor(p_steps), torch.tensor(y_steps)
valid = p_pt != 9
loss_pt = F.binary_cross_entropy(p_pt[valid], y_pt[valid])
show(masked=loss_pt)
show(weights=F.binary_cross_entropy(
    p_pt.clamp(max=1), y_pt, weight=valid.float()))

# %% binary-mask-tf tags=["tensorflow"]
p_tf, y_tf = tf.constant(p_steps), tf.constant(y_steps)
bce = keras.losses.BinaryCrossentropy()
masked = keras.layers.Masking(9.0)(p_tf)
loss_tf = bce(y_tf, masked)
show(masked=loss_tf)
valid = tf.cast(p_tf[..., 0] != 9, tf.float32)
show(weights=bce(y_tf, p_tf, sample_weight=valid))

# %% binary-mask-agree
agree(loss_pt, loss_tf)

# %% [markdown]
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | a network with one output for yes or no | BCE with logits | no clip, and the gradient is never lost |
# | only probabilities | BCE, with predictions of shape (N, 1) | it is the same loss, but it is clipped |
# | a rare label | BCE with logits and `pos_weight`, or `class_weight` in Keras | the loss of label 1 counts more |
# | many easy examples | focal loss | easy examples cost almost nothing; in Keras, `alpha` needs `apply_class_balancing=True` |
# | a linear classifier with a margin | hinge | examples outside the margin have no gradient |
# | the same, with a smooth gradient | squared hinge | no kink, but a wrong label counts more |
# | labels −1 and 1, and logits | `softplus(-y * z)` | PyTorch's `SoftMarginLoss` overflows |
# | several labels of one example | BCE with logits | it is equal to the multi-label soft margin loss |
#
# ## Exercises
#
# Write all seven losses yourself, and one of them with its gradient: [exercises on binary
# losses](../../exercises/losses/binary.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
