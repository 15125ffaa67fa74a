# %% [markdown]
# # A fit with more weights than points
#
# This chapter puts the parts of the family together: a penalty that you write yourself, its gradient, and a training
# with and without it. The model has 40 weights and sees only 20 points. So there are many different weights that fit
# the points equally well. Their curves differ between the points, and the data do not say which curve is right there.
#
# **The claims:**
#
# - Without a penalty, the mean squared error is 0.01 on the 20 points, and 0.49 on new ones.
# - With an L2 penalty, it is 0.01 on the 20 points as well, and 0.05 on new ones.
# - In PyTorch, SGD with `weight_decay` makes the same step as a penalty in the loss with half that factor.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch

from diptych import agree, plots, show

plots.use_style()
torch.set_num_threads(1)  # tensors as small as these gain nothing from more

# %% [markdown]
# The points lie on a curve made of two cosines, plus noise. The model is a weighted sum of 40 cosines, each with a
# higher frequency than the one before. `features` computes them: row $i$ has the 40 cosines of $x_i$, and those of
# higher frequency have a smaller factor. `a` and `y` are the features and targets of the 20 points. `new` and `y_new`
# are those of 60 points without noise. `start` has the weights before training.

# %% data
def features(x):
    k = np.arange(40)
    return (np.cos(np.outer(x, k)) * 4 / (4 + k)).astype(np.float32)


def curve(x):
    return (np.cos(x) + 0.5 * np.cos(3 * x)).astype(np.float32)


rng = np.random.default_rng(0)
x, x_new = np.sort(rng.uniform(0, np.pi, 20)), np.linspace(0, np.pi, 60)
y, y_new = curve(x) + rng.normal(0, 0.2, 20).astype(np.float32), curve(x_new)
a, new = features(x), features(x_new)
start = rng.normal(0, 1, 40).astype(np.float32)

# %% [markdown]
# (wide-fit)=
# ## The penalty is one more term of the loss
#
# <!-- head: wide_fit -->
#
# The loss is the mean squared error plus `l2` times the sum of the squared weights:
#
# $$L(w) = \frac1n \sum_i (a_i \cdot w - y_i)^2 + \lambda \sum_j w_j^2$$
#
# Here $a_i$ is a row of features, $y_i$ is its target, $n$ is 20, and $\lambda$ is `l2`. Choose an L2 penalty if the
# data do not determine all weights. It moves each weight towards 0. A weight that the data need stays away from 0, because
# the error would grow.

# %% penalty-pt tags=["pytorch"]
def loss_pt(w, l2):
    r = torch.tensor(a) @ w - torch.tensor(y)
    penalty = l2 * (w**2).sum()
    return (r**2).mean() + penalty


w_pt = torch.tensor(start, requires_grad=True)
value_pt = loss_pt(w_pt, l2=0.03)
value_pt.backward()

decayed_pt = torch.tensor(start, requires_grad=True)
sgd = torch.optim.SGD([decayed_pt], lr=0.2, weight_decay=0.06)
loss_pt(decayed_pt, l2=0.0).backward()
sgd.step()
show(loss=value_pt, after_a_step=decayed_pt[:4])

# %% penalty-tf tags=["tensorflow"]
def loss_tf(w, l2):
    r = tf.linalg.matvec(a, w) - y
    penalty = keras.regularizers.L2(l2)(w)
    return tf.reduce_mean(r**2) + penalty


w_tf = tf.Variable(start)
with tf.GradientTape() as tape:
    value_tf = loss_tf(w_tf, l2=0.03)
g_tf = tape.gradient(value_tf, w_tf)

stepped_tf = w_tf - 0.2 * g_tf


show(loss=value_tf, after_a_step=stepped_tf[:4])

# %% penalty-agree
agree([value_pt, decayed_pt], [value_tf, stepped_tf], gradients=(w_pt.grad, g_tf))

# %% [markdown]
# The PyTorch cell makes its step without the penalty in the loss: `weight_decay=0.06` adds 0.06 times the weight to
# the gradient, which is the derivative of $0.03\, w^2$.
#
# (wide-fit-training)=
# ## The penalty brings the error on new points from 0.49 to 0.05
#
# The next cells train for 200 steps of gradient descent, without the penalty and with it. `seen` is the mean squared
# error on the 20 points, and `unseen` is the one on the new points:

# %% fit-pt tags=["pytorch"]
def fit_pt(l2):
    w = torch.tensor(start, requires_grad=True)
    for _ in range(200):
        (g,) = torch.autograd.grad(loss_pt(w, l2), w)
        with torch.no_grad():
            w -= 0.2 * g
    return w.detach()


def errors_pt(w):
    seen = ((torch.tensor(a) @ w - torch.tensor(y))**2).mean()
    r = torch.tensor(new) @ w - torch.tensor(y_new)
    return torch.stack([seen, (r**2).mean()])

# %% fit-tf tags=["tensorflow"]
def fit_tf(l2):
    w = tf.Variable(start)
    for _ in range(200):
        with tf.GradientTape() as tape:
            loss = loss_tf(w, l2)
        w.assign_sub(0.2 * tape.gradient(loss, w))
    return w.value()


def errors_tf(w):
    seen = tf.reduce_mean((tf.linalg.matvec(a, w) - y) ** 2)
    r = tf.linalg.matvec(new, w) - y_new
    return tf.stack([seen, tf.reduce_mean(r**2)])

# %% errors-pt tags=["pytorch"]
free_pt, penalized_pt = fit_pt(l2=0.0), fit_pt(l2=0.03)
found_pt = [errors_pt(free_pt), errors_pt(penalized_pt)]
for name, each in zip(("free", "l2=0.03"), found_pt):
    print(f"{name}: seen {each[0]:.2f}, unseen {each[1]:.2f}")

# %% errors-tf tags=["tensorflow"]
free_tf, penalized_tf = fit_tf(l2=0.0), fit_tf(l2=0.03)
found_tf = [errors_tf(free_tf), errors_tf(penalized_tf)]
for name, each in zip(("free", "l2=0.03"), found_tf):
    print(f"{name}: seen {each[0]:.2f}, unseen {each[1]:.2f}")

# %% errors-agree
agree(found_pt, found_tf, rtol=1e-3, atol=1e-4)

# %% curves tags=["hide-input"]
# alt: Two panels over inputs from 0 to pi, each with the same 20 points and, in grey, the smooth curve that
# they were made from. On the left the fit without a penalty: it goes through the points and swings up and
# down between them. On the right the fit with the penalty, which stays close to the curve.
fig, axes = plt.subplots(1, 2, figsize=(5.2, 2.6), sharey=True)
for ax, w_pt, w_tf, title in (
    (axes[0], free_pt, free_tf, "Without: error 0.49"),
    (axes[1], penalized_pt, penalized_tf, "With L2: error 0.05"),
):
    ax.plot(x_new, y_new, color=plots.SIBLING, linewidth=4, alpha=0.5)
    plots.coinciding(ax, x_new, new @ w_pt.numpy(), new @ w_tf.numpy())
    ax.plot(x, y, "o", color=plots.PALETTE[2], markersize=4)
    ax.set(xlabel="x", xticks=(0, 1, 2, 3))
    plots.head(ax, title)
plots.say_which(axes[1], (0.8, 1.35))
plt.show()

# %% [markdown]
# ### Without the penalty, the weights keep what the points do not determine
#
# The weights are a vector of 40 numbers, and the 20 points determine it in 20 directions. In the other 20 directions,
# the gradient of the error is 0, so training leaves this part of the vector as it was drawn. With the penalty, each
# step multiplies it by $1 - 2 \eta \lambda$, where $\eta$ is the learning rate: after 200 steps, 0.09 of it is left.
# The next cells print the length of that part after training, divided by its length at the start. Then they remove
# the part from the weights that were trained without a penalty, and print the errors of the rest:

# %% directions
_, _, directions = np.linalg.svd(a)
undetermined = directions[20:]  # (20, 40): a @ undetermined.T is 0
before = np.linalg.norm(undetermined @ start)

# %% shrunk-pt tags=["pytorch"]
null = torch.tensor(undetermined)
shrunk_pt = [(null @ w).norm() / float(before)
             for w in (free_pt, penalized_pt)]
show(free=shrunk_pt[0], l2=shrunk_pt[1], digits=2)
part = null @ free_pt
part = null.T @ part
rest_pt = errors_pt(free_pt - part)
print(f"rest: seen {rest_pt[0]:.2f}, unseen {rest_pt[1]:.2f}")

# %% shrunk-tf tags=["tensorflow"]
null = tf.constant(undetermined)
shrunk_tf = [tf.norm(tf.linalg.matvec(null, w)) / float(before)
             for w in (free_tf, penalized_tf)]
show(free=shrunk_tf[0], l2=shrunk_tf[1], digits=2)
part = tf.linalg.matvec(null, free_tf)
part = tf.linalg.matvec(null, part, transpose_a=True)
rest_tf = errors_tf(free_tf - part)
print(f"rest: seen {rest_tf[0]:.2f}, unseen {rest_tf[1]:.2f}")

# %% shrunk-agree
agree([*shrunk_pt, rest_pt], [*shrunk_tf, rest_tf], rtol=1e-3, atol=1e-4)

# %% [markdown]
# The error on the 20 points stays the same, and the error on the new points falls from 0.49 to 0.12. So most of the
# swings between the points come from the part that the points do not determine.
#
# ## Exercises
#
# Write the penalized loss, predict what a penalty does to weights that the data do not determine, repair a step, and
# then fit the 20 points past the threshold of this page: an error below 0.1 on the new points.
# [Exercises on a wide fit](../../exercises/regularizers/a_wide_fit.ipynb)
