# %% [markdown]
# # Constraints
#
# A constraint changes the weights after each optimizer step, so that they stay in an allowed set: vectors that
# are not longer than a bound, vectors of length 1, or numbers that are not negative. This change is called a
# *projection*. A constraint does not change the loss or the gradient. In Keras you pass a constraint to a layer.
# In PyTorch you write the projection yourself, as one line after `optimizer.step()`.
#
# **The claim:** if you run PyTorch's line after each step, both frameworks compute the same weights. Three
# things differ:
#
# - The weights of a unit are a row in PyTorch and a column in Keras, so you pass another axis.
# - Keras divides by the norm plus 1e-7, so its constraints also change weights that are already allowed.
# - Keras applies a constraint only in `optimizer.apply`, and only to its own variables.
#
# A second way needs no projection: the layer computes its weight in each call from another parameter, which may
# have any value. PyTorch calls this a *parametrization*. The last section compares it with constraints.

# %%
import tempfile

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import orthogonal, spectral_norm, weight_norm

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
rng = np.random.default_rng(0)
kernel = np.array([[3, 0.3], [4, 0.4]], dtype=np.float32)  # (in, out)

# %% [markdown]
# `kernel` has Keras's shape, (inputs, outputs). Each column contains the weights of one unit. The norms of the
# two columns are 5 and 0.5.
#
# The figure shows the four built-in constraints for a unit with two weights. Each arrow starts at a weight
# vector, and ends at the vector that the constraint returns.

# %% four-sets tags=["hide-input"]
# alt: Four panels with two weights as axes, and arrows from twelve points around the origin. MaxNorm moves points
# outside a disc to its edge. UnitNorm moves all points to a circle. MinMaxNorm moves points to a ring, those inside
# outwards and those outside inwards. NonNeg moves points to the quadrant in which both weights are positive.
constraints = {
    "MaxNorm(1)": (keras.constraints.MaxNorm(1.0), "max-norm"),
    "UnitNorm()": (keras.constraints.UnitNorm(), "unit-norm-constraint"),
    "MinMaxNorm(.6, 1)": (keras.constraints.MinMaxNorm(0.6, 1.0), "min-max-norm"),
    "NonNeg()": (keras.constraints.NonNeg(), "non-negative"),
}
turn = np.arange(12) * np.pi / 6 + 0.26
length = np.tile([1.6, 0.3, 0.8], 4)
points = length * np.stack([np.cos(turn), np.sin(turn)])  # (2, 12)
circle = np.stack([np.cos(np.linspace(0, 2 * np.pi, 200)), np.sin(np.linspace(0, 2 * np.pi, 200))])
fig, axes = plt.subplots(2, 2, figsize=(5.2, 4.7), sharex=True, sharey=True)
for ax, color, (name, (constraint, anchor)) in zip(axes.flat, plots.PALETTE[2:], constraints.items()):
    if name.startswith("NonNeg"):
        ax.fill_between([0, 2], 0, 2, color=color, alpha=0.15, linewidth=0)
    elif name.startswith("Unit"):
        ax.plot(*circle, color=color, linewidth=4, alpha=0.3)
    else:
        inner = 0.6 if name.startswith("MinMax") else 0
        ring = np.concatenate([circle, inner * circle[:, ::-1]], axis=1)
        ax.fill(*ring, color=color, alpha=0.15, linewidth=0)
    moved = constraint(tf.constant(points, tf.float32)).numpy()
    for (x0, y0), (x1, y1) in zip(points.T, moved.T):
        if np.hypot(x1 - x0, y1 - y0) > 1e-3:
            ax.annotate("", (x1, y1), (x0, y0),
                        arrowprops=dict(arrowstyle="->", color=color, shrinkA=0, shrinkB=0))
    ax.plot(*points, ".", color=plots.INK, markersize=5)
    plots.zero_lines(ax)
    plots.head(ax, name, anchor)
    ax.set(aspect="equal", xlim=(-1.8, 1.8), ylim=(-1.8, 1.8))
for ax in axes[1]:
    ax.set_xlabel("first weight")
for ax in axes[:, 0]:
    ax.set_ylabel("second weight")
plt.show()

# %% [markdown]
# (max-norm)=
# ## Maximum norm
#
# <!-- head: max_norm -->
#
# MaxNorm limits the length of each unit's weight vector. A vector that is longer than the bound is scaled to
# the bound, and keeps its direction. Choose it if weights grow without limit, for example with dropout and a
# high learning rate {footcite:p}`srivastava2014dropout`.
#
# $$w \leftarrow w \cdot \min\Big(1, \frac{m}{\lVert w \rVert}\Big)$$
#
# Here $w$ is the vector of weights of one unit, $\lVert w \rVert$ is the root of the sum of its squares, and
# $m$ is the bound.
#
# The next cells take one step of gradient descent and then apply MaxNorm with the bound 2. `before` shows the
# norms of the two units before the constraint, and `after` shows them after it. Keras takes the step and applies
# the constraint in one call, `optimizer.apply`, so its cell computes `before` from the gradient:

# %%
inputs = np.array([[1.0, 2.0], [-0.5, 1.0]], np.float32)
target = np.array([[1.0, -1.0], [0.5, 2.0]], np.float32)

# %% max-step-pt tags=["pytorch"]
linear = nn.Linear(2, 2, bias=False)
w = linear.weight
with torch.no_grad():
    w.copy_(torch.tensor(kernel.T))
sgd = torch.optim.SGD([w], lr=0.01)
y_hat = linear(torch.tensor(inputs))
loss = ((y_hat - torch.tensor(target)) ** 2).mean()
loss.backward()
sgd.step()
show(before=w.norm(dim=1))
with torch.no_grad():
    w.copy_(torch.renorm(w, 2, 0, 2.0))
show(after=w.norm(dim=1))

# %% max-step-tf tags=["tensorflow"]
dense = keras.layers.Dense(2, use_bias=False,
    kernel_constraint=keras.constraints.MaxNorm(2.0))
dense.build((None, 2))
dense.kernel.assign(kernel)
sgd = keras.optimizers.SGD(learning_rate=0.01)
with tf.GradientTape() as tape:
    y_hat = dense(tf.constant(inputs))
    loss = tf.reduce_mean((y_hat - target) ** 2)
variables = dense.trainable_variables
grads = tape.gradient(loss, variables)
show(before=tf.norm(kernel - 0.01 * grads[0], axis=0))
sgd.apply(grads, variables)
show(after=tf.norm(dense.kernel, axis=0))

# %% max-step
agree(linear.weight.T, dense.kernel)

# %% [markdown]
# Write the projection inside `torch.no_grad()`: without it, an in-place change of a parameter
# [raises an error](constraints-in-place). If several layers have a constraint, write a loop over their weights.
#
# (constraints-when)=
# ### Keras applies a constraint after a step: an initial kernel may break it
#
# Keras does not apply the constraint to the initial kernel, or to a kernel that you assign. The first step applies
# it, even with the learning rate 0. The next cells start with a kernel of −3 and the constraint `non_neg`, which sets
# negative weights to 0:

# %% max-first-pt tags=["pytorch"]
w = nn.Parameter(torch.tensor([-3.0]))
sgd = torch.optim.SGD([w], lr=0.0)
show(before=w)
w.grad = torch.ones(1)
sgd.step()
with torch.no_grad():
    w.copy_(w.clamp(min=0))
show(after=w)

# %% max-first-tf tags=["tensorflow"]
dense = keras.layers.Dense(
    1, use_bias=False, kernel_constraint="non_neg",
    kernel_initializer=keras.initializers.Constant(-3),
)
dense.build((None, 1))
sgd = keras.optimizers.SGD(learning_rate=0.0)
show(before=dense.kernel)
sgd.apply([tf.ones((1, 1))], [dense.kernel])
show(after=dense.kernel)

# %% max-first
agree(w, dense.kernel[0])

# %% [markdown]
# To start inside the allowed set, apply the constraint once yourself: `kernel.assign(constraint(kernel))`.
#
# ### The constraint belongs to Keras's variable: other loops and other attributes skip it
#
# A `keras.Variable` stores its constraint in `variable.constraint`, and the optimizer applies it. Two mistakes
# make the constraint ineffective, without an error:
#
# - You take the variables from the tape, `tape.watched_variables()`. These are TensorFlow's own variables, and
#   have no constraint.
# - You set `layer.kernel_constraint` after the layer was built. Set `layer.kernel.constraint` instead.
#
# The next cell prints the kernel after one step. Each time it starts at −3, and the step without a constraint
# leads to −3.1. With the constraint `non_neg`, the right result is 0:

# %% max-skipped-tf
def new_dense(constraint=None):
    dense = keras.layers.Dense(
        1, use_bias=False, kernel_constraint=constraint,
        kernel_initializer=keras.initializers.Constant(-3))
    dense.build((None, 1))
    return dense


def step(dense, watched=False):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(dense(tf.ones((1, 1))))
    variables = dense.trainable_variables
    if watched:
        variables = tape.watched_variables()
    sgd = keras.optimizers.SGD(learning_rate=0.1)
    sgd.apply(tape.gradient(loss, variables), variables)
    return float(dense.kernel[0, 0])


print(f"trainable_variables     {step(new_dense('non_neg')):5.1f}")
print(f"watched_variables       {step(new_dense('non_neg'), True):5.1f}")
late = new_dense()
late.kernel_constraint = keras.constraints.NonNeg()
print(f"layer.kernel_constraint {step(late):5.1f}")
late = new_dense()
late.kernel.constraint = keras.constraints.NonNeg()
print(f"layer.kernel.constraint {step(late):5.1f}")

# %% [markdown]
# (max-axis)=
# ### In Keras, `axis` is 0 for `Dense` and (0, 1, 2) for `Conv2D`
#
# `axis` names the axes over which the squares are summed. Its default is 0. This is right for the kernel of
# `Dense`, with the shape (in, out). The kernel of `Conv2D` has the shape (height, width, in, out), so you must
# pass `axis=[0, 1, 2]`. With the default there is no error, and filters stay longer than the bound.
#
# `torch.renorm` asks for the opposite, the axis that is not summed over: the axis of the units. In PyTorch this is
# axis 0 of every weight, except for [transposed convolutions](weight-norm), where it is axis 1. `longest` is the
# largest norm of a filter, in TensorFlow first with the right axes, then with the default. The bound is 1.5:

# %%
filters = rng.normal(0, 1, (4, 2, 3, 3))  # (out, in, h, w)
filters = filters.astype(np.float32)

# %% max-axis-pt tags=["pytorch"]
w = torch.tensor(filters)
right_pt = torch.renorm(w, 2, 0, 1.5)
norms = right_pt.flatten(1).norm(dim=1)
show(longest=norms.max())

# %% max-axis-tf tags=["tensorflow"]
w = tf.constant(filters.transpose(2, 3, 1, 0))
right_tf = keras.constraints.MaxNorm(1.5, axis=[0, 1, 2])(w)
wrong = keras.constraints.MaxNorm(1.5)(w)
for limited in (right_tf, wrong):
    norms = tf.norm(tf.reshape(limited, (-1, 4)), axis=0)
    show(longest=tf.reduce_max(norms))

# %% max-axis-agree
agree(right_pt.permute(2, 3, 1, 0), right_tf)

# %% [markdown]
# (max-idle)=
# ### `MaxNorm` also shortens vectors inside the bound, by 1e-7 in each step
#
# `torch.renorm` returns a short vector unchanged. Keras's `MaxNorm` multiplies by $\min(n, m) / (n + 10^{-7})$,
# where $n$ is the norm. For $n < m$ this is a little less than 1. The next cells apply the
# constraint 10,000 times to the vector (0.3, 0.4), and once to a vector with the norm 5e-8:

# %% max-idle-pt tags=["pytorch"]
w = torch.tensor([[0.3, 0.4]])
for _ in range(10_000):
    w = torch.renorm(w, 2, 0, 2.0)
show(inside=w)
tiny = torch.tensor([[3e-8, 4e-8]])
show(tiny=torch.renorm(tiny, 2, 0, 2.0) * 1e8)

# %% max-idle-tf tags=["tensorflow"]
w = tf.constant([[0.3], [0.4]])
for _ in range(10_000):
    w = keras.constraints.MaxNorm(2.0)(w)
show(inside=tf.transpose(w))
tiny = tf.constant([[3e-8], [4e-8]])
limited = keras.constraints.MaxNorm(2.0)(tiny)
show(tiny=tf.transpose(limited) * 1e8)

# %% [markdown]
# The vector inside the bound loses 0.2% of its length in 10,000 steps: you will not notice it. The vector with the
# norm 5e-8 loses two thirds of its length in one step.
#
# (constraints-embedding)=
# ### `nn.Embedding(max_norm=)` scales the rows it looks up, Keras scales all rows after the step
#
# PyTorch's embedding changes its own weight in the forward pass, but only the rows that are looked up. It needs no
# optimizer for this, and does it after `eval()` as well. Keras's `embeddings_constraint` scales all rows after a
# step. A row of the table is one vector, so pass `axis=1`. The next cells look up row 0 (`after_call`). Then the
# PyTorch cell looks up all rows, and the TensorFlow cell takes a step:

# %%
table = np.array([[3, 4], [6, 8], [0.3, 0.4]], np.float32)

# %% embedding-pt tags=["pytorch"]
embedding = nn.Embedding(3, 2, max_norm=1.0).eval()
with torch.no_grad():
    embedding.weight.copy_(torch.tensor(table))
embedding(torch.tensor([0]))
show(after_call=embedding.weight)
embedding(torch.tensor([0, 1, 2]))
rows_pt = embedding.weight
show(after_all=rows_pt)

# %% embedding-tf tags=["tensorflow"]
embedding = keras.layers.Embedding(
    3, 2, embeddings_constraint=keras.constraints.MaxNorm(
        1.0, axis=1))
embedding.build()
embedding.embeddings.assign(table)
embedding(tf.constant([0]))
show(after_call=embedding.embeddings)
sgd = keras.optimizers.SGD(learning_rate=0.0)
sgd.apply([tf.zeros((3, 2))], [embedding.embeddings])
rows_tf = embedding.embeddings
show(after_step=rows_tf)

# %% embedding-agree
agree(rows_pt, rows_tf)

# %% [markdown]
# (unit-norm-constraint)=
# ## Unit norm
#
# <!-- head: unit_norm_constraint -->
#
# UnitNorm scales each unit's weight vector to the length 1, so training changes only its direction. Choose it if
# only the angle between vectors matters, for example between embeddings.
#
# $$w \leftarrow \frac{w}{\lVert w \rVert}$$
#
# [Unit normalization](unit-norm) does the same with the outputs of a layer. `F.normalize` divides by the norm, or
# by 1e-12 if the norm is smaller. Keras's constraint divides by the norm plus 1e-7.

# %% unit-constraint-pt tags=["pytorch"]
w_pt = torch.tensor(kernel.T)  # (out, in)
y_pt = F.normalize(w_pt, dim=1)
show(y=y_pt.T)

# %% unit-constraint-tf tags=["tensorflow"]
w_tf = tf.constant(kernel)  # (in, out)
y_tf = keras.constraints.UnitNorm()(w_tf)
show(y=y_tf)

# %%
agree(y_pt.T, y_tf)

# %% [markdown]
# ### A zero vector stays 0, and a vector of norm 5e-8 gets the norm ⅓ in Keras
#
# Both frameworks return zeros for zeros, and not NaN. If the norm is 5e-8, Keras divides by 1.5e-7, three times the
# norm. `as_keras` does the same in PyTorch:

# %% unit-tiny-pt tags=["pytorch"]
w_pt = torch.tensor([[0.0, 0.0], [3e-8, 4e-8]])
show(y=F.normalize(w_pt, dim=1).T)
n = w_pt.norm(dim=1, keepdim=True)
y_pt = w_pt / (n + 1e-7)
show(as_keras=y_pt.T)

# %% unit-tiny-tf tags=["tensorflow"]
w_tf = tf.constant([[0.0, 3e-8], [0.0, 4e-8]])
y_tf = keras.constraints.UnitNorm()(w_tf)
show(y=y_tf)

# %%
agree(y_pt.T, y_tf)

# %% [markdown]
# (unit-two-ways)=
# ### Projection and parametrization find the same direction
#
# The unit vector $w$ for which $w^\top A\, w$ is largest is the first eigenvector of $A$. The next cells find it
# in two ways, with 60 steps of gradient ascent. `projected` takes a step and then scales the vector to the length
# 1, as the constraint does. `computed` is the parametrization: it trains a vector $v$ of any length, and computes
# $w = v / \lVert v \rVert$ in each call. The gradient with respect to $v$ passes through this division.
#
# In PyTorch, `register_parametrization` adds such a computation to any layer. The layer keeps $v$ as
# `layer.parametrizations.weight.original`, and computes `layer.weight` from it. Keras has no such function, so
# compute the weight yourself.

# %%
a = np.array([[2, 1, 0], [1, 3, 1], [0, 1, 1]], np.float32)
first = np.array([[1.0, -0.2, 0.9]], np.float32)  # (1 unit, 3 inputs)

# %% unit-projected-pt tags=["pytorch"]
def gain_pt(w):
    return (w @ torch.tensor(a) * w).sum()


w = F.normalize(torch.tensor(first), dim=1)
for _ in range(60):
    _, dw = value_and_grad(gain_pt, w)
    w = F.normalize(w + 0.1 * dw, dim=1)
projected_pt = w
show(projected=projected_pt)

# %% unit-projected-tf tags=["tensorflow"]
def gain_tf(w):
    return tf.reduce_sum(w @ tf.constant(a) * w)


unit = keras.constraints.UnitNorm(axis=1)
w = unit(tf.constant(first))
for _ in range(60):
    _, dw = value_and_grad(gain_tf, w)
    w = unit(w + 0.1 * dw)
projected_tf = w
show(projected=projected_tf)

# %% unit-computed-pt tags=["pytorch"]
class Unit(nn.Module):
    def forward(self, v):
        return F.normalize(v, dim=1)


linear = nn.Linear(3, 1, bias=False)
linear.weight = nn.Parameter(torch.tensor(first))
parametrize.register_parametrization(linear, "weight", Unit())
sgd = torch.optim.SGD(linear.parameters(), 0.1, maximize=True)
for _ in range(60):
    sgd.zero_grad()
    gain_pt(linear.weight).backward()
    sgd.step()
computed_pt = linear.weight
show(computed=computed_pt)

# %% unit-computed-tf tags=["tensorflow"]
def computed(v):
    return v / tf.norm(v, axis=1, keepdims=True)


v = keras.Variable(first)
sgd = keras.optimizers.SGD(learning_rate=0.1)
for _ in range(60):
    with tf.GradientTape() as tape:
        loss = -gain_tf(computed(v.value))
    sgd.apply(tape.gradient(loss, [v.value]), [v])
computed_tf = computed(v.value)
show(computed=computed_tf)

# %% unit-two-ways-agree
agree([projected_pt, computed_pt], [projected_tf, computed_tf], rtol=1e-3)
_, vectors = np.linalg.eigh(a)
show(eigenvector=vectors[:, -1:].T * np.sign(vectors[0, -1]))

# %% [markdown]
# (min-max-norm)=
# ## Minimum and maximum norm
#
# <!-- head: min_max_norm -->
#
# MinMaxNorm keeps the length of each weight vector between two bounds. The argument `rate` says how much of the
# correction is done in one step. Choose it if the weights of no unit should shrink to 0.
#
# $$w \leftarrow w \cdot \frac{r \cdot \mathrm{clip}(n, a, b) + (1 - r) \cdot n}{n}$$
#
# Here $n$ is the norm of $w$, $a$ and $b$ are the bounds, and $r$ is the rate. With $r = 1$, the default, the new
# norm is inside the bounds. PyTorch has no such function. The cells use the bounds 1 and 2, and the rate 0.5:

# %% min-max-pt tags=["pytorch"]
w_pt = torch.tensor(kernel.T)  # (out, in)
n_pt = w_pt.norm(dim=1, keepdim=True)
y_pt = w_pt * (0.5 + 0.5 * n_pt.clamp(1.0, 2.0) / n_pt)
show(y=y_pt.T, norms=y_pt.norm(dim=1))

# %% min-max-tf tags=["tensorflow"]
w_tf = tf.constant(kernel)  # (in, out)
y_tf = keras.constraints.MinMaxNorm(1.0, 2.0, rate=0.5)(w_tf)
show(y=y_tf, norms=tf.norm(y_tf, axis=0))

# %%
agree(y_pt.T, y_tf)

# %% [markdown]
# The norm 5 becomes 3.5, halfway to the upper bound 2. The norm 0.5 becomes 0.75, halfway to the lower bound 1.
# So with a rate below 1, the norm is still outside the bounds after a step.
#
# ### A zero vector stays 0, although the lower bound is 1
#
# A zero vector has no direction, so no factor can give it the length 1. The formula above divides 0 by 0
# (`formula`). Keras adds 1e-7 to the divisor, so the result is 0. In PyTorch, add 1e-7 yourself:

# %% min-max-zero-pt tags=["pytorch"]
w_pt = torch.tensor([[0.0, 0.0]])
n_pt = w_pt.norm(dim=1, keepdim=True)
show(formula=w_pt * n_pt.clamp(1.0, 2.0) / n_pt)
y_pt = w_pt * n_pt.clamp(1.0, 2.0) / (n_pt + 1e-7)
show(with_epsilon=y_pt)

# %% min-max-zero-tf tags=["tensorflow"]
w_tf = tf.constant([[0.0], [0.0]])
y_tf = keras.constraints.MinMaxNorm(1.0, 2.0)(w_tf)
show(y=tf.transpose(y_tf))

# %%
agree(y_pt.T, y_tf)

# %% [markdown]
# (non-negative)=
# ## Non-negative weights
#
# <!-- head: non_negative -->
#
# NonNeg sets negative weights to 0. Choose it if a weight is a quantity, such as an amount or a price, or if the
# output must not fall when an input rises. The cells apply it to four weights:
#
# $$w \leftarrow \max(0, w)$$

# %% tags=["pytorch"]
w_pt = torch.tensor([-2.0, -0.5, 0.0, 1.0])
y_pt = w_pt.clamp(min=0)
show(y=y_pt)

# %% tags=["tensorflow"]
w_tf = tf.constant([-2.0, -0.5, 0.0, 1.0])
y_tf = keras.constraints.NonNeg()(w_tf)
show(y=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### The strings are `"max_norm"` and `"non_neg"`: Keras 2's `"maxnorm"` raises an error
#
# A string means the constraint with its default arguments. `MaxNorm` then has the bound 2, and `MinMaxNorm` has
# the bounds 0 and 1:

# %% names
for name in ("max_norm", "unit_norm", "min_max_norm", "non_neg"):
    constraint = keras.constraints.get(name)
    print(type(constraint).__name__, constraint.get_config())
for name in ("maxnorm", "nonneg"):
    with show_error():
        keras.constraints.get(name)

# %% [markdown]
# (four-ways)=
# ### A weight behind a ReLU never leaves 0: use the constraint, softplus or a square
#
# Four ways keep a weight non-negative. The first is the constraint: set negative weights to 0 after the step.
# The other three have a free parameter $v$, and compute the weight from it: $w = \max(0, v)$, $w = \log(1 +
# e^v)$ (softplus), or $w = v^2$.
#
# The next cells minimize $(w - 1)^2$ with 200 steps of gradient descent, from −0.5 in all four ways. They print the
# four weights at the end, in this order. The best weight is 1:

# %% four-ways-pt tags=["pytorch"]
ways_pt = {
    "clamp": lambda v: v, "relu": F.relu,
    "softplus": F.softplus, "square": torch.square,
}
paths_pt = {}
for name, weight in ways_pt.items():
    v, path = torch.tensor(-0.5), []
    for _ in range(200):
        path.append(float(weight(v)))
        _, dv = value_and_grad(
            lambda v, of: (of(v) - 1) ** 2, v, weight)
        v = v - 0.05 * dv
        v = v.clamp(min=0) if name == "clamp" else v
    paths_pt[name] = torch.tensor(path)
show(w=[path[-1] for path in paths_pt.values()], digits=3)

# %% four-ways-tf tags=["tensorflow"]
ways_tf = {
    "clamp": lambda v: v, "relu": tf.nn.relu,
    "softplus": tf.nn.softplus, "square": tf.square,
}
paths_tf, non_neg = {}, keras.constraints.NonNeg()
for name, weight in ways_tf.items():
    v, path = tf.constant(-0.5), []
    for _ in range(200):
        path.append(float(weight(v)))
        _, dv = value_and_grad(
            lambda v, of: (of(v) - 1) ** 2, v, weight)
        v = v - 0.05 * dv
        v = non_neg(v) if name == "clamp" else v
    paths_tf[name] = tf.constant(path)
show(w=[path[-1] for path in paths_tf.values()], digits=3)

# %% four-ways
agree(list(paths_pt.values()), list(paths_tf.values()), rtol=1e-4)

# %% four-ways-figure tags=["hide-input"]
# alt: The weight over 60 steps. The square rises from 0.25 to 1 in 12 steps. The clamped weight goes from minus 0.5
# to 0 in one step, and to 1 in about 40 steps. Softplus rises from 0.47 to 0.9. The weight behind a ReLU is 0 in all
# steps. TensorFlow's circles lie on PyTorch's lines.
fig, ax = plt.subplots(figsize=(5.2, 3.0))
places = {"clamp": (21, 0.745), "relu": (25, 0.05), "softplus": (34, 0.58), "square": (2.5, 1.07)}
for name, place in places.items():
    plots.coinciding(ax, range(60), paths_pt[name][:60], paths_tf[name][:60], markers=9)
    ax.annotate(name, place)
plots.say_which(ax, (40, 0.35))
ax.set(xlabel="step", ylabel="weight", ylim=(-0.6, 1.2), title="A weight behind a ReLU stays at 0")
plt.show()

# %% [markdown]
# For $v < 0$ the derivative of $\max(0, v)$ is 0. So the gradient of $v$ behind a ReLU is 0, and $v$ never changes.
# The constraint does not change the gradient, so a weight of 0 can become positive again. The derivative of the
# square is 0 at $v = 0$: do not start there.
#
# (custom-constraint)=
# ## Writing a constraint
#
# <!-- head: custom_constraint -->
#
# A constraint is a function from a weight to a weight. In PyTorch write this function, and call it after each
# step. In Keras write a subclass of `keras.constraints.Constraint` with `__call__`, and with `get_config` for
# saving.
#
# The example limits how much a matrix can stretch a vector. The largest such factor is its largest singular value.
# No built-in constraint limits it. The singular value decomposition writes a matrix as a product $U S V^\top$,
# where $S$ is diagonal and contains the singular values. The function limits the numbers in $S$ to the bound $m$,
# and multiplies the three matrices again:
#
# $$W \leftarrow U \min(S, m)\, V^\top$$
#
# The cells print the singular values before and after (`stretch`), and the new matrix. The bound is 1:

# %%
matrix = np.array([[2, -1, 0.5], [0.5, 0.5, 0]], np.float32)  # (out, in)

# %% custom-pt tags=["pytorch"]
def max_spectral_norm(w, max_value):
    u, s, vt = torch.linalg.svd(w, full_matrices=False)
    return (u * s.clamp(max=max_value)) @ vt


w = nn.Parameter(torch.tensor(matrix))
show(stretch=torch.linalg.svdvals(w))
with torch.no_grad():
    w.copy_(max_spectral_norm(w, 1.0))
limited_pt = w
show(stretch=torch.linalg.svdvals(w), w=w)

# %% custom-tf tags=["tensorflow"]
class MaxSpectralNorm(keras.constraints.Constraint):
    def __init__(self, max_value=2.0):
        self.max_value = max_value

    def __call__(self, w):
        s, u, v = tf.linalg.svd(w)
        s = tf.minimum(s, self.max_value)
        return u * s @ tf.transpose(v)


w = tf.constant(matrix.T)  # (in, out)
show(stretch=tf.linalg.svd(w, compute_uv=False))
limited_tf = MaxSpectralNorm(1.0)(w)
show(stretch=tf.linalg.svd(limited_tf, compute_uv=False),
     w=tf.transpose(limited_tf))

# %% custom-agree
agree(limited_pt, tf.transpose(limited_tf))

# %% [markdown]
# Only the first singular value was above the bound, so the second one is the same as before.
#
# (constraints-in-place)=
# ### In PyTorch, write into the parameter: the optimizer does not know a new `Parameter`
#
# The weight is a parameter that needs a gradient, so an in-place change outside `no_grad` raises an error. If you
# set a new `nn.Parameter`, there is no error, but the optimizer still holds the old parameter. The next step does
# not change the new one. In TensorFlow, `assign` writes into the variable. `moved` is the change by one step:

# %% custom-lost-pt tags=["pytorch"]
linear = nn.Linear(3, 2)
with show_error():
    linear.weight.clamp_(min=0)

sgd = torch.optim.SGD(linear.parameters(), lr=0.1)
linear.weight = nn.Parameter(linear.weight.clamp(min=0))
before = linear.weight.detach().clone()
linear(torch.ones(1, 3)).sum().backward()
sgd.step()
moved = linear.weight - before
show(moved=moved)

# %% custom-lost-tf tags=["tensorflow"]
dense = keras.layers.Dense(2)
dense.build((None, 3))
kernel_tf = dense.kernel
kernel_tf.assign(tf.nn.relu(kernel_tf))

sgd = keras.optimizers.SGD(learning_rate=0.1)
before = tf.convert_to_tensor(kernel_tf)
grads = [tf.ones((3, 2))]
sgd.apply(grads, [kernel_tf])
moved = kernel_tf - before
show(moved=tf.transpose(moved))

# %% [markdown]
# In PyTorch `moved` is 0, because the step changed the old parameter. Write `w.copy_(…)` under `torch.no_grad()`,
# as the cells above do: it corresponds to `assign`.
#
# ### Without `get_config`, a saved constraint loads with its default bound
#
# Keras saves the arguments that `get_config` returns. The base class returns none, so `MaxSpectralNorm` above
# loads with the default bound 2. The cell saves a model with the bound 1 and prints the bound after loading, for
# the class above and for one with `get_config`:

# %% custom-config
class Saved(MaxSpectralNorm):
    def get_config(self):
        return {"max_value": self.max_value}


def bound_after_loading(constraint):
    dense = keras.layers.Dense(3, kernel_constraint=constraint)
    model = keras.Sequential([keras.Input((2,)), dense])
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        loaded = keras.saving.load_model(f"{folder}/model.keras", {
            cls.__name__: cls for cls in (MaxSpectralNorm, Saved)})
    return loaded.layers[0].kernel_constraint.max_value


print("without get_config:", bound_after_loading(MaxSpectralNorm(1.0)))
print("with get_config:   ", bound_after_loading(Saved(1.0)))

# %% [markdown]
# PyTorch's `state_dict` contains only the weights. The projection is a line of your training loop, so it is saved
# only with your code.
#
# (constraints-parametrize)=
# ## A parametrization holds in every call, a constraint only after a step
#
# With a parametrization, the optimizer changes a parameter $v$ that may have any value, and the layer computes its
# weight from $v$ in each call. So the weight is always in the allowed set, also before the first step. PyTorch has
# three parametrizations, and `register_parametrization` for your own. The table names the constraint and the
# parametrization for the same purpose:
#
# | the weight must have | constraint | parametrization |
# | --- | --- | --- |
# | rows of length 1 | `UnitNorm` | [`weight_norm`](weight-norm), which also learns the lengths |
# | no singular value above a bound | [`MaxSpectralNorm`](custom-constraint) | [`spectral_norm`](spectral-norm): the largest is always 1 |
# | perpendicular rows of length 1 | [the nearest such matrix](constraints-orthogonal), $U V^\top$ | [`orthogonal`](constraints-orthogonal) |
# | no negative numbers | `NonNeg` | [softplus](constraints-right-inverse) |
#
# (constraints-right-inverse)=
# ### `right_inverse` keeps the weight that the layer had
#
# When you register a parametrization, the layer already has a weight, and PyTorch needs the $v$ that gives this
# weight. It calls the method `right_inverse` for it. Without this method, $v$ becomes the old weight, so the weight
# of the layer changes. For softplus, the inverse is $v = \log(e^w - 1)$. For large $w$, $e^w$ overflows, so the
# cells compute it as $w + \log(1 - e^{-w})$.
#
# The weight before is (0.5, 2, 100). The cells print the weight afterwards, first without and then with the
# inverse, and the gradient `dv` of $\sum w^2$ with respect to $v$:

# %% right-inverse-pt tags=["pytorch"]
class Softplus(nn.Module):
    def forward(self, v):
        return F.softplus(v)


class Kept(Softplus):
    def right_inverse(self, w):
        return w + torch.log(-torch.expm1(-w))


for p in (Softplus(), Kept()):
    linear = nn.Linear(3, 1, bias=False)
    linear.weight.data = torch.tensor([[0.5, 2.0, 100.0]])
    parametrize.register_parametrization(linear, "weight", p)
    show(w=linear.weight)

# %% right-inverse-tf tags=["tensorflow"]
w = tf.constant([[0.5, 2.0, 100.0]])
show(w=tf.nn.softplus(w))

v = tf.Variable(w + tf.math.log(-tf.math.expm1(-w)))
show(w=tf.nn.softplus(v))

# %% right-inverse-gradient-pt tags=["pytorch"]
w_pt = linear.weight
(w_pt**2).sum().backward()
dv_pt = linear.parametrizations.weight.original.grad
show(dv=dv_pt)

# %% right-inverse-gradient-tf tags=["tensorflow"]
with tf.GradientTape() as tape:
    w_tf = tf.nn.softplus(v)
    loss = tf.reduce_sum(w_tf**2)
dv_tf = tape.gradient(loss, v)
show(dv=dv_tf)

# %%
agree(w_pt, w_tf, gradients=(dv_pt, tf.convert_to_tensor(dv_tf)))

# %% [markdown]
# (constraints-orthogonal)=
# ### `orthogonal` keeps the rows perpendicular in each call, a constraint after each step
#
# If the rows of $W$ are perpendicular and have the length 1, then $W W^\top$ is the identity matrix. As a constraint,
# replace all singular values by 1: $W \leftarrow U V^\top$. The cells start from such a matrix, take one step that
# decreases $\sum_{ij} W_{ij} C_{ij}$ for a given matrix $C$, and apply the constraint. `product` is $W W^\top$:

# %%
c = np.array([[0, 1, 2], [-1, 1, 0]], np.float32)

# %% orthogonal-pt tags=["pytorch"]
def nearest_pt(w):
    u, _, vt = torch.linalg.svd(w, full_matrices=False)
    return u @ vt


w_pt = nearest_pt(torch.tensor(matrix))
w_pt = nearest_pt(w_pt - 0.1 * torch.tensor(c))
show(w=w_pt, product=w_pt @ w_pt.T, digits=2)

# %% orthogonal-tf tags=["tensorflow"]
def nearest_tf(w):
    _, u, v = tf.linalg.svd(w)
    return u @ tf.transpose(v)


w_tf = nearest_tf(tf.constant(matrix))
w_tf = nearest_tf(w_tf - 0.1 * c)
show(w=w_tf, product=w_tf @ tf.transpose(w_tf), digits=2)

# %% orthogonal-both
agree(w_pt, w_tf)

# %% [markdown]
# PyTorch's `orthogonal` computes an orthogonal matrix in each call. The next cell takes the same step from the same
# matrix. The rows are perpendicular again, but it is another matrix, because the step changes the parameter from
# which the matrix is computed:

# %% orthogonal-parametrized
linear = nn.Linear(3, 2, bias=False)
orthogonal(linear)
linear.weight = nearest_pt(torch.tensor(matrix))
sgd = torch.optim.SGD(linear.parameters(), lr=0.1)
(linear.weight * torch.tensor(c)).sum().backward()
sgd.step()
w = linear.weight
show(w=w, product=w @ w.T, digits=2)

# %% [markdown]
# ### Spectral norm also makes small weights larger, `MaxSpectralNorm` does not
#
# [Spectral normalization](spectral-norm) divides the matrix by its largest singular value, so the largest one is
# always 1 afterwards. `MaxSpectralNorm` changes only singular values above the bound. The cells print the singular
# values after each of them, first for the matrix above, and then for a tenth of it:

# %% spectral-or-max-pt tags=["pytorch"]
for factor in (1.0, 0.1):
    linear = nn.Linear(3, 2)
    linear.weight.data = factor * torch.tensor(matrix)
    spectral_norm(linear, n_power_iterations=100)
    limited = max_spectral_norm(
        factor * torch.tensor(matrix), 1.0)
    show(spectral_norm=torch.linalg.svdvals(linear.weight))
    show(constraint=torch.linalg.svdvals(limited))

# %% spectral-or-max-tf tags=["tensorflow"]
for factor in (1.0, 0.1):
    dense = keras.layers.Dense(2)
    norm = keras.layers.SpectralNormalization(
        dense, power_iterations=100)
    norm.build((None, 3))
    dense.kernel.assign(factor * matrix.T)
    norm(tf.zeros((1, 3)), training=True)
    limited = MaxSpectralNorm(1.0)(factor * matrix.T)
    divided, s = (tf.linalg.svd(w, compute_uv=False)
                  for w in (dense.kernel, limited))
    show(spectral_norm=divided)
    show(constraint=s)

# %% spectral-or-max
agree(linear.weight.T, dense.kernel, rtol=1e-4)

# %% [markdown]
# Keras's `SpectralNormalization` is a projection, too, and not a parametrization: it overwrites the kernel in each
# call in training mode. PyTorch keeps the original weight. [The chapter on normalized weights](spectral-norm)
# compares their gradients.
#
# ### Register a parametrization before you create the optimizer
#
# `weight_norm` replaces the parameter by two new ones. An optimizer that you created before does not hold them,
# and trains nothing. `spectral_norm` and `orthogonal` keep the parameter. The cell creates the optimizer first, and
# prints how many of the layer's parameters it holds:

# %% optimizer-first
for register in (weight_norm, spectral_norm, orthogonal):
    linear = nn.Linear(3, 2, bias=False)
    sgd = torch.optim.SGD(linear.parameters(), lr=0.1)
    register(linear)
    held = {id(p) for p in sgd.param_groups[0]["params"]}
    known = [id(p) in held for p in linear.parameters()]
    print(f"{register.__name__:14} {sum(known)} of {len(known)}")

# %% [markdown]
# ## Which one to choose
#
# | you need | choose | because |
# | --- | --- | --- |
# | weights that do not grow without limit | [MaxNorm](max-norm) | it changes only vectors above the bound |
# | vectors of which only the direction matters | [UnitNorm](unit-norm-constraint) | every vector has the length 1 |
# | directions and lengths that are learned separately | [weight norm](weight-norm) | the length is a parameter of its own |
# | no unit that becomes 0 | [MinMaxNorm](min-max-norm) | its lower bound makes short vectors longer |
# | weights ≥ 0, many of them exactly 0 | [NonNeg](non-negative) | the weight can leave 0 again |
# | weights > 0 | [softplus](constraints-right-inverse) | it is smooth, and never 0 |
# | a bound on the singular values of a weight | [MaxSpectralNorm](custom-constraint) | it does not change small weights; [spectral norm](spectral-norm) does |
# | a weight that is in the allowed set before the first step, too | [a parametrization](constraints-parametrize) | a constraint acts only after a step |
# | the same computation in both frameworks | a constraint | Keras has no `register_parametrization` |
#
# ## Exercises
#
# Write the constraints yourself, the inverse of softplus, and a bound on singular values: [exercises on
# constraints](../../exercises/regularizers/constraints.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
