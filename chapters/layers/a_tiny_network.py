# %% [markdown]
# # A network of one convolution and one dense layer
#
# This chapter puts the parts of the family together: a convolution, ReLU, a mean over the image, and a dense layer.
# The network learns to tell a horizontal bar from a vertical one, with 40 weights in all. Every layer is one call, so
# you see which array each of them needs.
#
# **The claims:**
#
# - From the same weights, both frameworks have the same loss in each of 60 steps, and then all 40 images are right.
# - Training finds the kernels. Afterwards, the map of one kernel is large for rows, and that of another for columns.
# - Without ReLU in front of the mean, the same training leaves 13 of the 40 images wrong.

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
# Each image has 8 × 8 pixels of noise, and a bar somewhere: one row (label 0) or one column (label 1) is larger by 1.
# `start` has the weights before training: four kernels of 3 × 3, and one dense weight for each of them.

# %% data
rng = np.random.default_rng(0)
x = rng.normal(0, 0.3, (40, 8, 8))  # (n, rows, columns)
y = np.arange(40) % 2
for image, label in zip(x, y):
    place = rng.integers(0, 8)
    (image.T if label else image)[place] += 1
x, y = x.astype(np.float32), y.astype(np.float32)

rng = np.random.default_rng(1)
start = [rng.normal(0, 0.5, (4, 3, 3)), rng.normal(0, 1, 4)]
start = [array.astype(np.float32) for array in start]  # kernels, dense weights

# %% [markdown]
# (tiny-network)=
# ## Four calls make the network
#
# <!-- head: tiny_network -->
#
# The convolution slides each kernel over the image. The result for one kernel is a *map* of 6 × 6 numbers, of which
# ReLU keeps the positive ones. The mean over a map is one number for each kernel. The dense layer multiplies each mean
# by a weight, and adds up the products to the logit $z$:
#
# $$z = \sum_o v_o \,\operatorname{mean}\bigl(\operatorname{relu}(k_o \star x)\bigr)$$
#
# Here $k_o$ is kernel number $o$, $v_o$ is its dense weight, and $\star$ is the [convolution](convolution.ipynb). Both
# frameworks want an axis for the channels, of size 1 here: PyTorch on axis 1, TensorFlow last. The first lines of each
# cell bring images and kernels into that layout. `act` is the activation, so that you can leave it out later.

# %% network-pt tags=["pytorch"]
def logits_pt(k, v, act=torch.relu):
    x_pt = torch.tensor(x)[:, None]  # (n, 1, 8, 8)
    k = k[:, None]  # (out, in, 3, 3)
    maps = maps_pt(x_pt, k)
    return act(maps).mean((2, 3)) @ v  # (n,)


def maps_pt(x, k):
    return F.conv2d(x, k)  # (n, 4, 6, 6)


weights_pt = [torch.tensor(a) for a in start]
z_pt = logits_pt(*weights_pt)
show(z=z_pt[:4])

# %% network-tf tags=["tensorflow"]
def logits_tf(k, v, act=tf.nn.relu):
    x_tf = tf.constant(x)[..., None]  # (n, 8, 8, 1)
    k = tf.transpose(k, (1, 2, 0))[:, :, None]  # (3, 3, 1, 4)
    h = tf.reduce_mean(act(maps_tf(x_tf, k)), (1, 2))
    return tf.linalg.matvec(h, v)  # (n,)


def maps_tf(x, k):
    return tf.nn.conv2d(x, k, 1, "VALID")  # (n, 6, 6, 4)


weights_tf = [tf.constant(a) for a in start]
z_tf = logits_tf(*weights_tf)
show(z=z_tf[:4])

# %% network-agree
agree(z_pt, z_tf)

# %% [markdown]
# (tiny-network-training)=
# ## 60 steps tell rows from columns, with equal losses in both frameworks
#
# Each step computes the mean cross-entropy of all images, and subtracts 2.0 times its gradient from the kernels and
# the dense weights. An image is right if its logit is positive and its label is 1, or if its logit is negative and its
# label is 0.

# %% train-pt tags=["pytorch"]
def train_pt(act=torch.relu):
    weights = [torch.tensor(a, requires_grad=True)
               for a in start]
    losses = []
    for _ in range(60):
        loss = F.binary_cross_entropy_with_logits(
            logits_pt(*weights, act), torch.tensor(y))
        found = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, g in zip(weights, found):
                weight -= 2.0 * g
        losses.append(loss.item())
    return [each.detach() for each in weights], losses

# %% train-tf tags=["tensorflow"]
def train_tf(act=tf.nn.relu):
    weights = [tf.Variable(a) for a in start]
    losses = []
    for _ in range(60):
        with tf.GradientTape() as tape:
            each = tf.nn.sigmoid_cross_entropy_with_logits(
                y, logits_tf(*weights, act))
            loss = tf.reduce_mean(each)
        found = tape.gradient(loss, weights)
        for weight, g in zip(weights, found):
            weight.assign_sub(2.0 * g)
        losses.append(loss.numpy().item())
    return [each.value() for each in weights], losses

# %% trained-pt tags=["pytorch"]
trained_pt, losses_pt = train_pt()
right_pt = (logits_pt(*trained_pt) > 0).numpy() == (y > 0)
print(right_pt.sum(), "of 40 are right")
show(first=losses_pt[0], last=losses_pt[-1], digits=3)

# %% trained-tf tags=["tensorflow"]
trained_tf, losses_tf = train_tf()
right_tf = (logits_tf(*trained_tf) > 0).numpy() == (y > 0)
print(right_tf.sum(), "of 40 are right")
show(first=losses_tf[0], last=losses_tf[-1], digits=3)

# %% trained-agree
agree([*trained_pt, torch.tensor(losses_pt)], [*trained_tf, tf.constant(losses_tf)],
      rtol=1e-3, atol=1e-3)

# %% kernels tags=["hide-input"]
# alt: Five panels. On the left the loss over 60 steps, which falls to almost 0; TensorFlow's circles lie on
# PyTorch's line. Then the four trained kernels as squares of 3 by 3. The second one has a negative row between
# two positive ones, and a negative dense weight. The last one has a negative column between two positive ones,
# and a positive dense weight. The other two have smaller numbers, and dense weights near 0.
fig, (left, *panels) = plt.subplots(1, 5, figsize=(5.2, 1.9), width_ratios=(3, 2, 2, 2, 2))
plots.coinciding(left, range(60), losses_pt, losses_tf, markers=8)
left.set(xlabel="step", ylabel="loss")
plots.head(left, "Equal losses", fontsize=9)
for ax, kernel, weight in zip(panels, *trained_pt):
    ax.pcolormesh(kernel.numpy()[::-1], cmap="RdBu", vmin=-2.5, vmax=2.5)
    ax.set(xticks=(), yticks=(), aspect="equal")
    plots.head(ax, f"v = {round(weight.item(), 1) + 0:.1f}".replace("-", "−"), fontsize=9)
plt.show()

# %% [markdown]
# In the figure, blue is positive and red is negative. The second kernel has a negative row between two positive ones.
# Directly above and below a horizontal bar, its map is large. A vertical bar covers all three rows of the kernel, so
# positive and negative numbers cancel. The dense weight is negative: a horizontal bar makes the logit smaller. The last
# kernel does the same for columns, with a positive weight.
#
# The next cells check this on two images without noise, the first with a horizontal bar, the second with a vertical
# one. They print the mean that the four kernels send to the dense layer:

# %% bars
clean = np.zeros((2, 8, 8), np.float32)
clean[0, 3] = 1  # a horizontal bar
clean[1, :, 3] = 1  # a vertical bar

# %% means-pt tags=["pytorch"]
def means_pt(k, act):
    maps = maps_pt(torch.tensor(clean)[:, None], k[:, None])
    return act(maps).mean((2, 3))  # (2, 4)


horizontal_pt, vertical_pt = means_pt(
    trained_pt[0], torch.relu)
show(horizontal=horizontal_pt, vertical=vertical_pt, digits=2)

# %% means-tf tags=["tensorflow"]
def means_tf(k, act):
    k = tf.transpose(k, (1, 2, 0))[:, :, None]
    maps = maps_tf(tf.constant(clean)[..., None], k)
    return tf.reduce_mean(act(maps), (1, 2))  # (2, 4)


horizontal_tf, vertical_tf = means_tf(
    trained_tf[0], tf.nn.relu)
show(horizontal=horizontal_tf, vertical=vertical_tf, digits=2)

# %% means-agree
agree([horizontal_pt, vertical_pt], [horizontal_tf, vertical_tf], rtol=1e-3, atol=1e-3)

# %% [markdown]
# ### Without ReLU, both bars have the same mean
#
# A map has 36 places. If a bar is at least two pixels away from the edge, each of the nine numbers of a kernel meets
# the bar at six of them. So without ReLU the mean is 6/36 of the sum of the nine numbers, for a horizontal bar and
# for a vertical one. The next cells use the trained kernels again:

# %% same-pt tags=["pytorch"]
horizontal_pt, vertical_pt = means_pt(
    trained_pt[0], lambda maps: maps)
show(horizontal=horizontal_pt, vertical=vertical_pt, digits=2)

# %% same-tf tags=["tensorflow"]
horizontal_tf, vertical_tf = means_tf(
    trained_tf[0], lambda maps: maps)
show(horizontal=horizontal_tf, vertical=vertical_tf, digits=2)

# %% same-agree
agree([horizontal_pt, vertical_pt], [horizontal_tf, vertical_tf], rtol=1e-3, atol=1e-3)

# %% [markdown]
# Only the noise and the bars near the edge are left to learn from. The next cells train without ReLU:

# %% linear-pt tags=["pytorch"]
linear_pt, _ = train_pt(lambda maps: maps)
z_pt = logits_pt(*linear_pt, lambda maps: maps)
print(((z_pt > 0).numpy() == (y > 0)).sum(), "of 40 are right")

# %% linear-tf tags=["tensorflow"]
linear_tf, _ = train_tf(lambda maps: maps)
z_tf = logits_tf(*linear_tf, lambda maps: maps)
print(((z_tf > 0).numpy() == (y > 0)).sum(), "of 40 are right")

# %% linear-agree
agree(z_pt, z_tf, rtol=1e-3, atol=1e-4)

# %% [markdown]
# ## Exercises
#
# Write the forward pass, predict the sizes of a larger network, repair one with three errors, and then train the
# whole past the threshold of this page: all 40 images right after 60 steps.
# [Exercises on a tiny network](../../exercises/layers/a_tiny_network.ipynb)
