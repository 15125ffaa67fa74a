# %% [markdown]
# # A network with a SiLU of your own
#
# This chapter puts the parts of the family together: an activation that you write yourself, a network of two
# layers around it, its gradients, and its training. The data are two half-moons that interlock, so no straight
# line separates them.
#
# **The claims:**
#
# - You do not write the gradient of your activation: autograd and the tape differentiate the operations that it is
#   made of.
# - From the same weights, both frameworks have the same loss in each of 100 steps, and then separate all 80 points.
# - Without the activation, the same training leaves 11 points on the wrong side.

# %%
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F

from diptych import agree, plots, show

plots.use_style()
torch.set_num_threads(1)  # tensors as small as these gain nothing from more

# %% [markdown]
# The first 40 points lie on the upper moon and have the label 0. The other 40 lie on the lower moon and have the
# label 1. A little noise moves each point. `start` has the weights before training: `w` and `b` of the 12 hidden
# units, and `v` of the output.

# %% data
angle = np.linspace(0, np.pi, 40)
upper = np.stack([np.cos(angle), np.sin(angle)], 1)
noise = np.random.default_rng(0).normal(0, 0.08, (80, 2))
x = (np.concatenate([upper, [1, 0.5] - upper]) + noise).astype(np.float32)
y = np.repeat([0, 1], 40).astype(np.float32)

rng = np.random.default_rng(10)
start = [rng.normal(0, 1.5, (2, 12)), rng.normal(0, 1, 12), rng.normal(0, 1, 12)]
start = [array.astype(np.float32) for array in start]  # w, b, v

# %% [markdown]
# (own-network)=
# ## Three arrays and two activations make the network
#
# <!-- head: own_network -->
#
# The hidden activation is [SiLU](silu), a number times its own sigmoid. Then a sigmoid turns the output $z$, the
# *logit*, into the probability $p$ of label 1:
#
# $$h = \operatorname{silu}(x W + b), \qquad z = h\, v, \qquad p = \sigma(z), \qquad
# \operatorname{silu}(u) = u\, \sigma(u)$$
#
# Here $x$ is a row of two numbers, and $W$, $b$ and $v$ are the weights. The functions below return $z$ for all
# points at once. The activation is an argument, so that you can try another one later:

# %% network-pt tags=["pytorch"]
def silu_pt(u):
    return u * torch.sigmoid(u)


def logits_pt(x, w, b, v, act):
    h = act(x @ w + b)  # (n, hidden)
    return h @ v  # (n,)


weights_pt = [torch.tensor(a) for a in start]
z_pt = logits_pt(torch.tensor(x), *weights_pt, silu_pt)
show(z=z_pt[:4])

# %% network-tf tags=["tensorflow"]
def silu_tf(u):
    return u * tf.sigmoid(u)


def logits_tf(x, w, b, v, act):
    h = act(x @ w + b)  # (n, hidden)
    return tf.linalg.matvec(h, v)  # (n,)


weights_tf = [tf.constant(a) for a in start]
z_tf = logits_tf(tf.constant(x), *weights_tf, silu_tf)
show(z=z_tf[:4])

# %% network-agree
agree(z_pt, z_tf)

# %% [markdown]
# ## The gradient of your own activation comes from autograd
#
# SiLU is a product, so its derivative has two parts: $\sigma(u) + u\, \sigma(u)\, (1 - \sigma(u))$. The next cells do
# not contain this formula. They compute the mean cross-entropy of the 80 points, and its gradients with respect to
# `w`, `b` and `v`:

# %% gradients-pt tags=["pytorch"]
def gradients_pt(weights, act=silu_pt):
    z = logits_pt(torch.tensor(x), *weights, act)
    loss = F.binary_cross_entropy_with_logits(
        z, torch.tensor(y))
    return loss, torch.autograd.grad(loss, weights)


weights_pt = [torch.tensor(a, requires_grad=True)
              for a in start]
loss_pt, found_pt = gradients_pt(weights_pt)
show(loss=loss_pt, dv=found_pt[2][:4])

# %% gradients-tf tags=["tensorflow"]
def gradients_tf(weights, act=silu_tf):
    with tf.GradientTape() as tape:
        z = logits_tf(tf.constant(x), *weights, act)
        losses = tf.nn.sigmoid_cross_entropy_with_logits(y, z)
        loss = tf.reduce_mean(losses)
    return loss, tape.gradient(loss, weights)


weights_tf = [tf.Variable(a) for a in start]
loss_tf, found_tf = gradients_tf(weights_tf)
show(loss=loss_tf, dv=found_tf[2][:4])

# %% gradients-agree
agree(loss_pt, loss_tf, gradients=(found_pt, found_tf))

# %% [markdown]
# The next cell computes the same gradients by hand, in NumPy, and compares them with PyTorch's. It starts at the
# end of the network: the derivative of one point's cross-entropy with respect to its logit is $p - y$, and the mean
# divides it by the number of points. Each further line goes one operation back:

# %% by-hand
w, b, v = start
u = x @ w + b
gate = 1 / (1 + np.exp(-u))
h = u * gate
p = 1 / (1 + np.exp(-h @ v))
d = (p - y) / len(y)  # for the logits: (n,)
du = d[:, None] * v * (gate + u * gate * (1 - gate))  # (n, hidden)
by_hand = [x.T @ du, du.sum(0), h.T @ d]
largest = max(abs(a - g.numpy()).max() for a, g in zip(by_hand, found_pt, strict=True))
print(f"largest difference below 1e-6: {largest < 1e-6}")

# %% [markdown]
# (own-network-training)=
# ## 100 steps separate the half-moons, with equal losses in both frameworks
#
# Each step subtracts 2.0 times the gradient from each weight. `losses` has the loss before each step. At the end, a
# point is right if its logit is positive and its label is 1, or its logit is negative and its label is 0.

# %% train-pt tags=["pytorch"]
def train_pt(act):
    weights = [torch.tensor(a, requires_grad=True)
               for a in start]
    losses = []
    for _ in range(100):
        loss, found = gradients_pt(weights, act)
        with torch.no_grad():
            for weight, g in zip(weights, found):
                weight -= 2.0 * g
        losses.append(loss.item())
    return [each.detach() for each in weights], losses


trained_pt, losses_pt = train_pt(silu_pt)
show(first=losses_pt[0], last=losses_pt[-1], digits=3)

# %% train-tf tags=["tensorflow"]
def train_tf(act):
    weights = [tf.Variable(a)
               for a in start]
    losses = []
    for _ in range(100):
        loss, found = gradients_tf(weights, act)

        for weight, g in zip(weights, found):
            weight.assign_sub(2.0 * g)
        losses.append(loss.numpy().item())
    return [each.value() for each in weights], losses


trained_tf, losses_tf = train_tf(silu_tf)
show(first=losses_tf[0], last=losses_tf[-1], digits=3)

# %% train-agree
agree(torch.tensor(losses_pt), tf.constant(losses_tf), rtol=1e-3, atol=1e-4)

# %% right-pt tags=["pytorch"]
def right_pt(weights, act):
    z = logits_pt(torch.tensor(x), *weights, act)
    right = (z > 0) == (torch.tensor(y) > 0.5)
    return right.sum().item()


print(right_pt(trained_pt, silu_pt), "of 80 are right")

# %% right-tf tags=["tensorflow"]
def right_tf(weights, act):
    z = logits_tf(tf.constant(x), *weights, act)
    right = (z > 0) == (tf.constant(y) > 0.5)
    return tf.math.count_nonzero(right).numpy()


print(right_tf(trained_tf, silu_tf), "of 80 are right")

# %% moons tags=["hide-input"]
# alt: Two panels. On the left the loss over 100 steps, which falls from above 1 to almost 0; TensorFlow's
# circles lie on PyTorch's line. On the right the two half-moons, 40 points each, and the curve on which the
# trained network's probability is one half: it winds between the moons, and every point lies on its own side.
fig, (left, right) = plt.subplots(1, 2, figsize=(5.2, 2.6), width_ratios=(2, 3))
plots.coinciding(left, range(100), losses_pt, losses_tf)
plots.say_which(left, (22, 0.75))
left.set(xlabel="step", ylabel="loss")
plots.head(left, "Equal losses")
for label, marker in (0, "o"), (1, "^"):
    right.plot(*x[y == label].T, marker, color=plots.PALETTE[2 + label], markersize=4)
grid = np.stack(np.meshgrid(np.linspace(-1.4, 2.4, 120), np.linspace(-0.9, 1.4, 90)), -1)
z = logits_tf(tf.constant(grid.reshape(-1, 2), tf.float32), *trained_tf, silu_tf)
right.contour(*np.moveaxis(grid, -1, 0), np.reshape(z, grid.shape[:2]), [0], colors=plots.INK)
right.set(xticks=(-1, 0, 1, 2), yticks=(0, 1))
plots.head(right, "80 of 80 points are separated")
plt.show()

# %% [markdown]
# ### Without the activation, the network draws a straight line
#
# If the identity replaces SiLU, two layers compute [the same as one](activations-collapse). The next cells train this
# network for the same 100 steps:

# %% line-pt tags=["pytorch"]
line_pt, _ = train_pt(lambda u: u)
n_pt = right_pt(line_pt, lambda u: u)
print(n_pt, "of 80 are right")

# %% line-tf tags=["tensorflow"]
line_tf, _ = train_tf(lambda u: u)
n_tf = right_tf(line_tf, lambda u: u)
print(n_tf, "of 80 are right")

# %% [markdown]
# (own-network-dead)=
# ### A ReLU unit with a low bias never learns, and a SiLU unit does
#
# If $x \cdot w + b$ is negative for every example, ReLU returns 0 for all of them, and its gradient is 0, too. So
# no step changes the unit. The gradient of SiLU is small there, but it is not 0, so the unit can come back slowly.
# The next cells set all biases to −10, and print the largest gradient of `w`, with ReLU and with SiLU:

# %% low-bias-pt tags=["pytorch"]
low_pt = [torch.tensor(a, requires_grad=True)
          for a in (start[0], start[1] - 10, start[2])]
slopes_pt = []
for act in (torch.relu, silu_pt):
    _, found = gradients_pt(low_pt, act)
    slopes_pt.append(found[0].abs().max())
show(relu=slopes_pt[0], silu=slopes_pt[1], digits=5)

# %% low-bias-tf tags=["tensorflow"]
low_tf = [tf.Variable(a)
          for a in (start[0], start[1] - 10, start[2])]
slopes_tf = []
for act in (tf.nn.relu, silu_tf):
    _, found = gradients_tf(low_tf, act)
    slopes_tf.append(tf.reduce_max(tf.abs(found[0])))
show(relu=slopes_tf[0], silu=slopes_tf[1], digits=5)

# %% low-bias-agree
agree(slopes_pt, slopes_tf)

# %% [markdown]
# ## Exercises
#
# Write the forward pass, find a bias that kills a unit, repair a backward pass, and then train the whole network
# past the threshold of this page: all 80 points right after 100 steps.
# [Exercises on a network by hand](../../exercises/activations/a_network_by_hand.ipynb)
