# %% [markdown]
# # Regularizers
#
# A regularizer keeps the weights of a network small, few or within bounds, so that the network learns less noise
# from its training data. A penalty is added to the loss, weight decay is a part of the optimizer, and a constraint
# changes the weights after the step.
#
# **The claims of this page:** these are three different places in a training step. Keras has an argument for each
# of them, and PyTorch has one only for weight decay, but the weights are the same in both frameworks. Penalties
# and decay move every weight to 0 that the data do not use. A constraint changes only weights that are not allowed:
# a bound on a norm scales all weights of a unit, and `NonNeg` changes each negative weight alone. The cells show
# this for two weights, and [a table](regularizers-choosing) helps you to choose.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show

plots.use_style()
torch.set_num_threads(1)  # tensors as small as these gain nothing from more

# %% [markdown]
# (regularizers-places)=
# ## Penalties are in the loss, decay is in the optimizer, constraints come after the step
#
# The next functions train one layer with two weights, and return the weights after each of 60 steps. Each weight
# has its own example, so the best weights without a regularizer are the targets 0.7 and −0.3. The arguments
# `penalty`, `decay` and `constraint` are used in the three places. In PyTorch, the penalty and the constraint are lines of
# your loop. In Keras, they are arguments of the layer. `layer.losses` contains the penalty, and
# `optimizer.apply` runs the constraint:

# %% places
x = np.eye(2, dtype=np.float32)
y = np.array([[0.7], [-0.3]], dtype=np.float32)
start = np.array([[-0.4, 0.3]], dtype=np.float32)  # (out, in)

# %% places-pt tags=["pytorch"]
def train_pt(penalty=None, constraint=None, decay=0.0, x=x):
    layer, path = nn.Linear(2, 1, bias=False), []
    w = layer.weight
    w.data.copy_(torch.tensor(start))
    sgd = torch.optim.SGD([w], lr=0.1, weight_decay=decay)
    for _ in range(60):
        y_hat = layer(torch.tensor(x))
        loss = F.mse_loss(y_hat, torch.tensor(y))
        loss = loss + (penalty(w) if penalty else 0)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        w.data = constraint(w.data) if constraint else w.data
        path.append(w.detach().clone().flatten())
    return torch.stack(path)

# %% places-tf tags=["tensorflow"]
def train_tf(penalty=None, constraint=None, decay=0.0, x=x):
    layer, path = keras.layers.Dense(
        1, use_bias=False, kernel_regularizer=penalty,
        kernel_constraint=constraint), []
    layer.build((None, 2))
    layer.kernel.assign(start.T)
    sgd = keras.optimizers.SGD(0.1, weight_decay=decay)
    for _ in range(60):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((layer(x) - y) ** 2)
            loss += sum(layer.losses)
        weights = layer.trainable_variables
        sgd.apply(tape.gradient(loss, weights), weights)
        path.append(tf.squeeze(layer.kernel))
    return tf.stack(path)

# %% [markdown]
# (regularizers-compared)=
# ## Eight regularizers move the same two weights, to seven different places
#
# The next cells write eight regularizers in both frameworks. `MaxNorm`, `UnitNorm` and `MinMaxNorm` bound the norm
# of all weights of a unit. The weights of a unit are a row in PyTorch, and a column in Keras.

# %% ways-pt tags=["pytorch"]
ways_pt = {
    "no regularizer": {},
    "L1": {"penalty": lambda w: 0.35 * w.abs().sum()},
    "L2": {"penalty": lambda w: 0.5 * (w**2).sum()},
    "L1L2": {"penalty": lambda w: 0.2 * (w.abs() + w**2).sum()},
    "weight decay": {"decay": 1.0},
    "MaxNorm": {"constraint": lambda w: w.renorm(2, 0, 0.5)},
    "UnitNorm": {"constraint": lambda w: F.normalize(w)},
    "MinMaxNorm": {"constraint": lambda w: F.normalize(w)
                   * w.norm(dim=1)[:, None].clamp(0.9, 1.1)},
    "NonNeg": {"constraint": lambda w: w.clamp(min=0)},
}

# %% ways-tf tags=["tensorflow"]
r, c = keras.regularizers, keras.constraints

ways_tf = {
    "no regularizer": {},
    "L1": {"penalty": r.L1(0.35)},
    "L2": {"penalty": r.L2(0.5)},
    "L1L2": {"penalty": r.L1L2(l1=0.2, l2=0.2)},
    "weight decay": {"decay": 1.0},
    "MaxNorm": {"constraint": c.MaxNorm(0.5)},
    "UnitNorm": {"constraint": c.UnitNorm()},
    "MinMaxNorm": {"constraint": c.MinMaxNorm(0.9, 1.1)},
    "NonNeg": {"constraint": c.NonNeg()},
}

# %% [markdown]
# The cells print the two weights after 60 steps:

# %% compared-pt tags=["pytorch"]
paths_pt = {name: train_pt(**way)
            for name, way in ways_pt.items()}
for name, path in paths_pt.items():
    show(**{f"{name:14}": path[-1]}, digits=2)

# %% compared-tf tags=["tensorflow"]
paths_tf = {name: train_tf(**way)
            for name, way in ways_tf.items()}
for name, path in paths_tf.items():
    show(**{f"{name:14}": path[-1]}, digits=2)

# %% compared
agree(list(paths_pt.values()), list(paths_tf.values()), rtol=1e-4, atol=1e-5)

# %% compared-figure tags=["hide-input"]
# alt: Eight panels with the first weight to the right and the second weight upwards. A path starts at the upper
# left; a cross is at the best weights without a regularizer, at the lower right. With L1 the path ends at the
# horizontal axis, halfway to the cross. With L2 and with weight decay it ends halfway between 0 and the cross, and
# with L1L2 nearer to 0. With MaxNorm it ends at a circle of radius one half, with UnitNorm it follows a circle of
# radius 1, and with MinMaxNorm a ring around it. With NonNeg it ends at the horizontal axis, below the cross's
# place.
anchors = {"L1": "l1", "L2": "l2", "L1L2": "l1-l2", "weight decay": "weight-decay",
           "MaxNorm": "max-norm", "UnitNorm": "unit-norm-constraint",
           "MinMaxNorm": "min-max-norm", "NonNeg": "non-negative"}
turn = np.linspace(0, 2 * np.pi, 200)
circle = np.stack([np.cos(turn), np.sin(turn)])
fig, axes = plt.subplots(2, 4, figsize=(5.2, 3.0), sharex=True, sharey=True)
for i, (ax, (name, anchor)) in enumerate(zip(axes.flat, anchors.items())):
    color = plots.PALETTE[2] if i < 4 else plots.PALETTE[3]
    if name == "NonNeg":
        ax.fill_between([0, 1.3], 0, 1.3, color=color, alpha=0.15, linewidth=0)
    elif name == "UnitNorm":
        ax.plot(*circle, color=color, linewidth=3, alpha=0.3)
    elif name.endswith("Norm"):
        outer, inner = (0.5, 0) if name == "MaxNorm" else (1.1, 0.9)
        ring = np.concatenate([outer * circle, inner * circle[:, ::-1]], axis=1)
        ax.fill(*ring, color=color, alpha=0.15, linewidth=0)
    plots.zero_lines(ax)
    path = np.concatenate([start, paths_pt[name].numpy()])
    ax.plot(*path.T, color=plots.PYTORCH, linewidth=1.6)
    ax.plot(*paths_tf[name][-1].numpy(), "o", color=plots.TENSORFLOW, fillstyle="none",
            markersize=6, markeredgewidth=1.6)
    ax.plot(*y, "x", color=plots.INK, markersize=5)
    plots.head(ax, name, anchor, color=color, fontsize=9, pad=3)
    ax.set(aspect="equal", xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), xticks=(-1, 0, 1), yticks=(-1, 0, 1))
fig.supxlabel("first weight", fontsize=9)
fig.supylabel("second weight", fontsize=9)
plt.show()

# %% [markdown]
# The line is PyTorch's path, the circle is TensorFlow's last step, and the cross is at the best weights without a
# regularizer. For constraints, the allowed weights are shaded.
#
# - L1 has the same slope for every weight, 0.35. So the first weight ends 0.35 below its target, and the second one
#   ends near 0, because its target is less than 0.35 away from 0. L2 halves both.
# - Weight decay with λ = 1 ends where L2 with the factor ½ ends. With SGD they are the same. [With Adam they are
#   not](decay-adam).
# - With a constraint, every step ends at allowed weights. `MaxNorm` scales weights down, and `UnitNorm` and
#   `MinMaxNorm` also scale them up. `NonNeg` changes only the second weight.
#
# The orthogonal penalty needs more than one unit, and the activity and bias penalties are not about the kernel.
# They have no panel.
#
# (regularizers-unused)=
# ## An unused weight becomes 0 under a penalty or decay, a norm constraint scales it with the others
#
# In the next cells, the second input is always 0, so the second weight has no gradient from the loss. Without a
# regularizer it stays at 0.3. The cells print this weight after 60 steps, for the same regularizers:

# %% unused-pt tags=["pytorch"]
first_only = np.array([[1, 0], [0, 0]], np.float32)
unused_pt = {name: train_pt(**way, x=first_only)[-1, 1]
             for name, way in ways_pt.items()}
for name, weight in unused_pt.items():
    show(**{f"{name:14}": weight}, digits=1)

# %% unused-tf tags=["tensorflow"]
first_only = np.array([[1, 0], [0, 0]], np.float32)
unused_tf = {name: train_tf(**way, x=first_only)[-1, 1]
             for name, way in ways_tf.items()}
for name, weight in unused_tf.items():
    show(**{f"{name:14}": weight}, digits=1)

# %% unused
agree(list(unused_pt.values()), list(unused_tf.values()), rtol=1e-4, atol=1e-5)

# %% [markdown]
# A penalty and decay pull the unused weight to 0. This is useful, because a new input with such a feature would
# otherwise change the prediction. `NonNeg` leaves the weight as it is. The three norm constraints scale all weights
# of a unit by the same factor: `MaxNorm` makes the unused weight smaller whenever the other weight grows above the
# bound, and `UnitNorm` and `MinMaxNorm` make it larger here.
#
# (regularizers-choosing)=
# ## Which one to choose
#
# | you want | in PyTorch, then in Keras | what to watch |
# | --- | --- | --- |
# | smaller weights, with SGD | [`weight_decay=λ`](penalties.ipynb#weight-decay)<br>[`L2(λ/2)`](l2), or [`weight_decay=λ`](weight-decay) | the factor ½; the frameworks' decays differ with momentum |
# | smaller weights, with Adam | [`AdamW`](decay-adam)<br>[`AdamW`](decay-adam) | in PyTorch `Adam(weight_decay=λ)` is an L2 penalty |
# | biases and norms that do not decay | [parameter groups](decay-exclude)<br>[`exclude_from_weight_decay`](decay-exclude) | call it before the first step |
# | few weights that are not 0 | [L1](l1) in the loss<br>[`L1`](l1) | exact zeros need [a proximal step](l1-zeros) |
# | few and small weights | [both](l1-l2) in the loss<br>[`L1L2`](l1-l2) | pass both factors by name |
# | units that differ from each other | [a line in the loss](orthogonal-regularizer)<br>[`OrthogonalRegularizer`](orthogonal-regularizer) | `mode="columns"` compares the units of a Keras kernel |
# | small or few hidden outputs | [a line in the loss](activity-regularization)<br>[`ActivityRegularization`](activity-regularization) | Keras divides by the batch size |
# | small biases | [a line in the loss](bias-regularization)<br>[`bias_regularizer`](bias-regularization) | biases are usually left out |
# | a bound on the norm of each unit | [`torch.renorm`](constraints.ipynb#maximum-norm) after the step<br>[`MaxNorm`](constraints.ipynb#maximum-norm) | [the axis](max-axis) |
# | only directions | [`F.normalize`](unit-norm-constraint) after the step, or [`weight_norm`](weight-norm)<br>[`UnitNorm`](unit-norm-constraint) | a zero vector stays 0 |
# | norms between two bounds | [`clamp`](min-max-norm) after the step<br>[`MinMaxNorm`](min-max-norm) | a zero vector stays 0 |
# | no negative weights | [`clamp`](non-negative) after the step<br>[`NonNeg`](non-negative) | [a ReLU instead](four-ways) has no gradient for negative weights |
# | allowed weights in every call | [a parametrization](constraints-parametrize)<br>a layer of your own | a constraint acts only after a step |
# | your own rule | [a function](custom-regularizer)<br>[`Regularizer`](custom-regularizer), [`Constraint`](custom-constraint) | `get_config`, so that a saved model loads |
# | noise instead of a penalty | [`nn.Dropout`](dropout)<br>[`Dropout`](dropout) | the mode |
# | to see what a penalty is for | [a term of the loss](a_wide_fit.ipynb#the-penalty-is-one-more-term-of-the-loss)<br>[`L2`](wide-fit) | 40 weights, 20 points |
# | to see it in a whole training | [a loop](end-to-end)<br>[`fit`](end-to-end) | [which optimizer, factor and metric](regularized_training.ipynb#which-one-to-choose) |
#
# ## All names
#
# **paired**: both frameworks have it. **bridged**: one framework does not have it, and the chapter builds it there.
#
# ```{components} regularizers
# ```
