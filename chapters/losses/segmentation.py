# %% [markdown]
# # Segmentation losses
#
# A segmentation network predicts for each pixel the probability that it belongs to the object. Cross-entropy judges each
# pixel on its own. Dice and Tversky compare the whole predicted area with the mask. They are computed from three sums: the
# true positives (TP), the false positives (FP) and the false negatives (FN). Background pixels that are predicted right
# are in none of these sums.
#
# Keras has both losses. PyTorch has neither, but you can write each in a few lines.
#
# **The claim:** these lines agree with Keras in values and gradients, if you know what Keras does:
#
# - Dice adds up the areas of the whole batch, unless you pass `axis`.
# - In Keras 3.15 the two weights of Tversky are exchanged: `alpha` is the weight of the false negatives. According
#   to the documentation, it is the weight of the false positives.
# - Both losses need probabilities, but accept logits without an error.
# - An empty mask costs 1, even if the prediction is perfect.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F

from diptych import agree, plots, show, value_and_grad

plots.use_style()
p = np.array([0.9, 0.6, 0.2, 0.1], dtype=np.float32)  # predicted probabilities
t = np.array([1, 0, 1, 0], dtype=np.float32)  # the mask

# %% [markdown]
# For these four pixels TP = 0.9 + 0.2 = 1.1, FP = 0.6 + 0.1 = 0.7, and FN = 0.1 + 0.8 = 0.9.
#
# (dice)=
# ## Dice
#
# <!-- head: dice -->
#
# The Dice loss is 1 minus twice the common area, divided by the sum of both areas {footcite:p}`milletari2016vnet`. It
# is 0 for a perfect prediction, and 1 if prediction and mask have nothing in common. Choose it if the object has few
# pixels and the overlap is what you report.
#
# $$\text{loss} = 1 - \frac{2\sum_i p_i t_i}{\sum_i p_i + \sum_i t_i + \varepsilon}
# = 1 - \frac{2\,\text{TP}}{2\,\text{TP} + \text{FP} + \text{FN} + \varepsilon}$$
#
# Here $p_i$ is the predicted probability of pixel $i$, and $t_i$ is 1 in the mask and 0 outside. $\varepsilon$ is
# 10⁻⁷. For the four pixels the loss is 1 − 2.2 / 3.8 = 0.4211. As in all of Keras's losses, the mask comes first in
# Keras.

# %% tags=["pytorch"]
p_pt = torch.tensor(p, requires_grad=True)
t_pt = torch.tensor(t)
loss_pt = 1 - 2 * (p_pt * t_pt).sum() / (
    p_pt.sum() + t_pt.sum() + 1e-7)
(dp_pt,) = torch.autograd.grad(loss_pt, p_pt)
show(loss=loss_pt, dp=dp_pt)

# %% tags=["tensorflow"]
p_tf = tf.Variable(p)
t_tf = tf.constant(t)
with tf.GradientTape() as tape:
    loss_tf = keras.losses.Dice()(t_tf, p_tf)
dp_tf = tape.gradient(loss_tf, p_tf)
show(loss=loss_tf, dp=dp_tf)

# %%
agree(loss_pt, loss_tf, gradients=(dp_pt, dp_tf))

# %% [markdown]
# The two pixels in the mask have the same gradient, and so have the two outside. So Dice moves a probability that is nearly
# right as much as one that is wrong.
#
# (dice-axis)=
# ### `axis=None` adds up the whole batch, so large masks decide
#
# By default Keras adds up the areas of all images of the batch, and computes one loss. With `axis=(1, 2, 3)` it computes
# a loss for each image, and returns their mean. The two masks of the next cells have 12 pixels and 1 pixel. The pooled
# loss is nearer to that of the first image:

# %%
rng = np.random.default_rng(0)
images = rng.uniform(size=(2, 4, 4, 1)).astype(np.float32)  # (batch, h, w, 1)
masks = np.zeros((2, 4, 4, 1), dtype=np.float32)
masks[0, :3] = 1
masks[1, 0, 0] = 1


def dice_pt(p, t, dim=None):
    return 1 - 2 * (p * t).sum(dim) / (p.sum(dim) + t.sum(dim) + 1e-7)

# %% dice-axis-pt tags=["pytorch"]
p_pt, t_pt = torch.tensor(images), torch.tensor(masks)
pooled_pt = dice_pt(p_pt, t_pt)
each_pt = dice_pt(p_pt, t_pt, dim=(1, 2, 3))
mean_pt = dice_pt(p_pt, t_pt, dim=(1, 2, 3)).mean()
show(pooled=pooled_pt, each=each_pt, mean=mean_pt)

# %% dice-axis-tf tags=["tensorflow"]
p_tf, t_tf = tf.constant(images), tf.constant(masks)
pooled_tf = keras.losses.Dice()(t_tf, p_tf)
each_tf = keras.losses.dice(t_tf, p_tf, axis=(1, 2, 3))
mean_tf = keras.losses.Dice(axis=(1, 2, 3))(t_tf, p_tf)
show(pooled=pooled_tf, each=each_tf, mean=mean_tf)

# %%
agree([pooled_pt, each_pt, mean_pt], [pooled_tf, each_tf, mean_tf])

# %% [markdown]
# ### Sample weights need `axis`
#
# With `axis=None` there is one loss for the batch, so `sample_weight` can only multiply it by the mean of the weights.
# With `axis`, each image's loss is multiplied by its own weight, and the sum is divided by the number of images. The
# weights of the next cells are 3 and 1:

# %% dice-weights-pt tags=["pytorch"]
w_pt = torch.tensor([3.0, 1.0])
pooled_pt = (dice_pt(p_pt, t_pt) * w_pt).mean()
each_pt = (dice_pt(p_pt, t_pt, (1, 2, 3)) * w_pt).mean()
show(pooled=pooled_pt, each=each_pt)

# %% dice-weights-tf tags=["tensorflow"]
w_tf = tf.constant([3.0, 1.0])
pooled_tf = keras.losses.Dice()(
    t_tf, p_tf, sample_weight=w_tf)
each_tf = keras.losses.Dice(axis=(1, 2, 3))(
    t_tf, p_tf, sample_weight=w_tf)
show(pooled=pooled_tf, each=each_tf)

# %%
agree([pooled_pt, each_pt], [pooled_tf, each_tf])

# %% [markdown]
# The first result is twice the pooled loss, because the mean of the weights is 2. The second is
# (3 · 0.3714 + 0.8272) / 2. With `reduction="mean_with_sample_weight"` Keras divides by 4, the sum of the weights. With
# `reduction="sum"` it does not divide:

# %% tags=["pytorch"]
each = dice_pt(p_pt, t_pt, (1, 2, 3)) * w_pt
weighted_pt = each.sum() / w_pt.sum()
sum_pt = each.sum()
show(weighted=weighted_pt, sum=sum_pt)

# %% tags=["tensorflow"]
weighted_tf, sum_tf = (
    keras.losses.Dice(reduction=each, axis=(1, 2, 3))(
        t_tf, p_tf, sample_weight=w_tf)
    for each in ("mean_with_sample_weight", "sum"))
show(weighted=weighted_tf, sum=sum_tf)

# %%
agree([weighted_pt, sum_pt], [weighted_tf, sum_tf])

# %% [markdown]
# (dice-empty)=
# ### An empty mask costs 1, even if the prediction is perfect
#
# Many images have no object. Then TP is 0, and the loss is 1 for every prediction. If you add $\varepsilon$ to the
# numerator, too, a perfect prediction costs 0: in the next cells this is `smooth`, with `eps=1`. The image has 16 pixels
# and no object. The cells predict 0 for each pixel, and then 0.01:

# %% dice-empty-pt tags=["pytorch"]
def smooth(p, t, eps=1.0):
    both, area = (p * t).sum(), p.sum() + t.sum()
    return 1 - (2 * both + eps) / (area + eps)


empty = torch.zeros(1, 4, 4, 1)
perfect_pt, dp_pt = value_and_grad(dice_pt, empty, empty)
near_pt = dice_pt(empty + 0.01, empty)
show(perfect=perfect_pt, near=near_pt, dp=dp_pt.max())
smooth_pt = [smooth(empty, empty),
             smooth(empty + 0.01, empty)]
show(smooth=torch.stack(smooth_pt))

# %% dice-empty-tf tags=["tensorflow"]
def smooth(p, t, eps=1.0):
    both = tf.reduce_sum(p * t)
    area = tf.reduce_sum(p) + tf.reduce_sum(t)
    return 1 - (2 * both + eps) / (area + eps)


empty = tf.zeros((1, 4, 4, 1))
perfect_tf, dp_tf = value_and_grad(
    lambda p: keras.losses.dice(empty, p), empty)
near_tf = keras.losses.dice(empty, empty + 0.01)
show(perfect=perfect_tf, near=near_tf, dp=tf.reduce_max(dp_tf))
smooth_tf = [smooth(empty, empty), smooth(empty + 0.01, empty)]
show(smooth=tf.stack(smooth_tf))

# %%
agree([perfect_pt, near_pt, *smooth_pt], [perfect_tf, near_tf, *smooth_tf],
      gradients=(dp_pt, dp_tf))

# %% [markdown]
# The gradient `dp` is 0, so an image without an object teaches the network nothing. With `smooth`, the false positives of
# 0.01 cost 0.1379.
#
# (dice-logits)=
# ### Logits raise no error, and the loss can be negative
#
# Keras's Dice and Tversky have no `from_logits`, and accept numbers above 1 and below 0. The next cells use the logits
# 3, −3, 3 and −3 for the mask 1, 0, 1 and 0. The loss of the logits is `wrong`, and the loss of their sigmoid is `right`:

# %% dice-logits-pt tags=["pytorch"]
logits, t_pt = torch.tensor([3.0, -3, 3, -3]), torch.tensor(t)
wrong_pt = dice_pt(logits, t_pt)
right_pt = dice_pt(torch.sigmoid(logits), t_pt)
show(wrong=wrong_pt, right=right_pt)

# %% dice-logits-tf tags=["tensorflow"]
logits, t_tf = tf.constant([3.0, -3, 3, -3]), tf.constant(t)
wrong_tf = keras.losses.dice(t_tf, logits)
right_tf = keras.losses.dice(t_tf, tf.sigmoid(logits))
show(wrong=wrong_tf, right=right_tf)

# %%
agree([wrong_pt, right_pt], [wrong_tf, right_tf])

# %% [markdown]
# ### For logits of ±1000, Dice has no gradient, and cross-entropy has
#
# Dice needs a sigmoid in front, and the derivative of the sigmoid is 0 for a logit of −1000. Cross-entropy on logits has
# no such factor. The four logits of the next cells are all wrong. The gradient of Dice is 0, and that of cross-entropy is
# −1 in the mask and 1 outside:

# %% dice-extreme-pt tags=["pytorch"]
logits_pt = torch.tensor([-1000.0, 1000, -1000, 1000])
loss_pt, dice_grad_pt = value_and_grad(
    lambda z: dice_pt(torch.sigmoid(z), t_pt), logits_pt)
_, bce_grad_pt = value_and_grad(
    lambda z: F.binary_cross_entropy_with_logits(
        z, t_pt, reduction="sum"), logits_pt)
show(loss=loss_pt, dice=dice_grad_pt, bce=bce_grad_pt)

# %% dice-extreme-tf tags=["tensorflow"]
logits_tf = tf.constant([-1000.0, 1000, -1000, 1000])
loss_tf, dice_grad_tf = value_and_grad(
    lambda z: keras.losses.dice(t_tf, tf.sigmoid(z)), logits_tf)
_, bce_grad_tf = value_and_grad(
    lambda z: tf.reduce_sum(
        tf.nn.sigmoid_cross_entropy_with_logits(t_tf, z)),
    logits_tf)
show(loss=loss_tf, dice=dice_grad_tf, bce=bce_grad_tf)

# %%
agree(loss_pt, loss_tf,
      gradients=([dice_grad_pt, bce_grad_pt], [dice_grad_tf, bce_grad_tf]))

# %% [markdown]
# A network that is certain and wrong cannot learn from Dice alone. The sum of Dice and cross-entropy has a gradient:

# %% dice-plus-pt tags=["pytorch"]
def both(z):
    return (dice_pt(torch.sigmoid(z), t_pt)
            + F.binary_cross_entropy_with_logits(z, t_pt))


loss_pt, grad_pt = value_and_grad(both, logits_pt)
show(loss=loss_pt, grad=grad_pt)

# %% dice-plus-tf tags=["tensorflow"]
def both(z):
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    return keras.losses.dice(t_tf, tf.sigmoid(z)) + bce(t_tf, z)


loss_tf, grad_tf = value_and_grad(both, logits_tf)
show(loss=loss_tf, grad=grad_tf)

# %%
agree(loss_pt, loss_tf, gradients=(grad_pt, grad_tf))

# %% [markdown]
# ### With a mask (N,) and a prediction (N, 1), `keras.losses.dice` returns a negative loss
#
# The product of both is broadcast to N × N numbers, so the common area is too large. The class `keras.losses.Dice`
# gives both the same number of axes first. The function `keras.losses.dice` does not, and neither does the formula in
# PyTorch:

# %% dice-shapes
column = tf.constant(p[:, None])  # (4, 1)
show(function=keras.losses.dice(t_tf, column),
     by_class=keras.losses.Dice()(t_tf, column))
show(in_torch=dice_pt(torch.tensor(p[:, None]), t_pt))

# %% [markdown]
# (dice-against-cross-entropy)=
# ### With 2% positives, cross-entropy selects few pixels, and Dice about as many as the mask has
#
# The next cell makes an image of 64 × 64 pixels with one disk, which has 2.2% of all pixels. The brightness of a pixel is
# random noise, plus 2 inside the disk. The cell prints the losses of a network that predicts the probability 0.02 for
# every pixel, and the accuracy of predicting background everywhere:

# %% all-background
rows, columns = np.mgrid[:64, :64]
disk = ((rows - 24)**2 + (columns - 36)**2 < 27).astype(np.float32)
noise = np.random.default_rng(0).normal(size=disk.shape)
brightness = (2 * disk + noise).astype(np.float32)
t_pt, x_pt = torch.tensor(disk), torch.tensor(brightness)
t_tf, x_tf = tf.constant(disk), tf.constant(brightness)
background = torch.full_like(t_pt, 0.02)
show(accuracy=1 - disk.mean(), dice=dice_pt(background, t_pt),
     cross_entropy=F.binary_cross_entropy(background, t_pt))

# %% [markdown]
# The accuracy is 0.98 and the cross-entropy is small, although nothing is found. The Dice loss is close to 1, its worst
# value.
#
# The next cells train a network with two weights: the probability of a pixel is
# $\sigma(w_0 + w_1 \cdot \text{brightness})$. They train it once with each loss, for 100 steps of Adam. The pixels with a
# probability above ½ are selected. Each line prints the number of selected pixels, the precision (the share of them that
# is in the disk), and the recall (the share of the disk that is selected).

# %%
def report(name, p):
    selected = np.asarray(p) > 0.5
    found = (selected * disk).sum()
    precision, recall = found / selected.sum(), found / disk.sum()
    print(f"{name:14}{selected.sum():5}{precision:6.2f}{recall:6.2f}")

# %% against-cross-entropy-pt tags=["pytorch"]
def train_pt(loss):
    w = torch.tensor([-4.0, 1.0], requires_grad=True)
    optimizer = torch.optim.Adam([w], lr=0.2, eps=1e-7)
    for _ in range(100):
        optimizer.zero_grad()
        loss(torch.sigmoid(w[0] + w[1] * x_pt)).backward()
        optimizer.step()
    return torch.sigmoid(w[0] + w[1] * x_pt).detach()


bce_pt = train_pt(lambda p: F.binary_cross_entropy(p, t_pt))
area_pt = train_pt(lambda p: dice_pt(p, t_pt))
report("cross-entropy", bce_pt)
report("Dice", area_pt)

# %% against-cross-entropy-tf tags=["tensorflow"]
def train_tf(loss):
    w = tf.Variable([-4.0, 1.0])
    optimizer = keras.optimizers.Adam(0.2)
    for _ in range(100):
        with tf.GradientTape() as tape:
            y = loss(tf.sigmoid(w[0] + w[1] * x_tf))
        optimizer.apply(tape.gradient(y, [w]), [w])
    return tf.sigmoid(w[0] + w[1] * x_tf)


bce_tf = train_tf(lambda p: keras.losses.binary_crossentropy(
    t_tf[..., None], p[..., None]))
area_tf = train_tf(lambda p: keras.losses.Dice()(t_tf, p))
report("cross-entropy", bce_tf)
report("Dice", area_tf)

# %%
agree([bce_pt, area_pt], [bce_tf, area_tf], atol=1e-3)

# %% against-cross-entropy-figure tags=["hide-input"]
# alt: Three square images. The mask is a disk. Cross-entropy selects a few pixels of the disk and few others.
# Dice selects about half of the disk, and about as many pixels outside.
fig, axes = plt.subplots(1, 3, figsize=(5.2, 2.1))
for ax, title, picture in zip(axes, ("the mask", "cross-entropy", "Dice"),
                              (disk, bce_pt.numpy() > 0.5, area_pt.numpy() > 0.5)):
    at = np.argwhere(picture)
    ax.plot(at[:, 1], at[:, 0], "s", color=plots.PALETTE[0], markersize=1.6)
    ax.set(xlim=(-1, 64), ylim=(64, -1), xticks=[], yticks=[], aspect="equal")
    ax.spines[["top", "right"]].set_visible(True)
    plots.head(ax, title, fontsize=10.5)
plt.show()

# %% [markdown]
# The disk has 89 pixels. Cross-entropy selects 28, and three of four are in the disk. Dice selects 86, and finds nearly
# twice as much of the disk. In both networks the probability rises with the brightness, so both put the pixels in the
# same order. With the threshold 0.25, cross-entropy selects the same pixels as Dice:

# %% the-same-pixels
selected = area_pt > 0.5
highest = bce_pt.flatten().topk(int(selected.sum())).indices
print(f"threshold {bce_pt.flatten()[highest].min():.2f}, "
      f"the same pixels: {bool(selected.flatten()[highest].all())}")

# %% [markdown]
# So before you change the loss, try another threshold on validation data.
#
# (tversky)=
# ## Tversky
#
# <!-- head: tversky -->
#
# The Tversky loss is the Dice loss with a weight for false positives and a weight for false negatives
# {footcite:p}`salehi2017tversky`. Choose it if a missed pixel is worse than a false alarm, as often in medical images, or
# the other way round.
#
# $$\text{loss} = 1 - \frac{\text{TP}}{\text{TP} + w_{\text{FP}}\,\text{FP} + w_{\text{FN}}\,\text{FN} + \varepsilon}$$
#
# Here $w_{\text{FP}}$ and $w_{\text{FN}}$ are the two weights, ½ by default. With a larger $w_{\text{FN}}$ the network
# learns to miss fewer pixels.
#
# (tversky-keras)=
# ### In Keras 3.15, `alpha` weights the false negatives
#
# Keras's documentation calls `alpha` the coefficient of the false positives, and `beta` that of the false negatives. The
# code exchanges both. Take the four pixels, the weight 0.3 for false positives and 0.7 for false negatives: the formula
# gives 0.4330. Keras returns this for `alpha=0.7` and `beta=0.3`. For the documented `alpha=0.3` and `beta=0.7` it
# returns 0.4086, which is the formula with exchanged weights, `other`:

# %%
def tversky_pt(p, t, fp=0.5, fn=0.5):
    tp = (p * t).sum()
    wrong = fp * (p * (1 - t)).sum() + fn * ((1 - p) * t).sum()
    return 1 - tp / (tp + wrong + 1e-7)

# %% tversky-keras-pt tags=["pytorch"]
p_pt, t_pt = torch.tensor(p), torch.tensor(t)
meant_pt, dp_pt = value_and_grad(
    lambda p: tversky_pt(p, t_pt, fp=0.3, fn=0.7), p_pt)
show(meant=meant_pt, dp=dp_pt)
other_pt = tversky_pt(p_pt, t_pt, fp=0.7, fn=0.3)
show(other=other_pt)

# %% tversky-keras-tf tags=["tensorflow"]
p_tf, t_tf = tf.constant(p), tf.constant(t)
swapped = keras.losses.Tversky(alpha=0.7, beta=0.3)
meant_tf, dp_tf = value_and_grad(
    lambda p: swapped(t_tf, p), p_tf)
show(meant=meant_tf, dp=dp_tf)
other_tf = keras.losses.Tversky(alpha=0.3, beta=0.7)(
    t_tf, p_tf)
show(other=other_tf)

# %%
agree([meant_pt, other_pt], [meant_tf, other_tf], gradients=(dp_pt, dp_tf))

# %% [markdown]
# If a later version of Keras exchanges them back, your numbers change without an error. Write a test with two different
# weights, as in these cells, or write the loss yourself.
#
# With equal weights the exchange has no effect. With ½ and ½, Tversky is Dice. With 1 and 1, it is 1 minus the
# intersection over union. If you pass prediction and mask in the wrong order, that exchanges false positives and
# false negatives, too: `turned` is 0.4086 again.

# %% tversky-special-pt tags=["pytorch"]
iou = (p_pt * t_pt).sum() / (
    p_pt.sum() + t_pt.sum() - (p_pt * t_pt).sum())
dice_and_iou_pt = [dice_pt(p_pt, t_pt), 1 - iou]
turned_pt = tversky_pt(t_pt, p_pt, fp=0.3, fn=0.7)
show(dice_and_iou=torch.stack(dice_and_iou_pt),
     turned=turned_pt)

# %% tversky-special-tf tags=["tensorflow"]
dice_and_iou_tf = [
    keras.losses.tversky(t_tf, p_tf, w, w) for w in (0.5, 1)]
turned_tf = keras.losses.tversky(p_tf, t_tf, 0.7, 0.3)
show(dice_and_iou=tf.stack(dice_and_iou_tf),
     turned=turned_tf)

# %%
agree([*dice_and_iou_pt, turned_pt], [*dice_and_iou_tf, turned_tf])

# %% [markdown]
# (tversky-training)=
# ### With the documented arguments, Keras trains for precision where you want recall
#
# The next cells train the network of [the section on 2% positives](dice-against-cross-entropy) with the weight 0.9 for
# one kind of error and 0.1 for the other. In the first line, false negatives should have the large weight. The formula
# selects 337 pixels, with the recall 0.72. Keras with the documented arguments selects 23, with the recall 0.19:

# %% tversky-training-pt tags=["pytorch"]
t_pt = torch.tensor(disk)
recall_pt = train_pt(
    lambda p: tversky_pt(p, t_pt, fp=0.1, fn=0.9))
precision_pt = train_pt(
    lambda p: tversky_pt(p, t_pt, fp=0.9, fn=0.1))
report("fp .1, fn .9", recall_pt)
report("fp .9, fn .1", precision_pt)

# %% tversky-training-tf tags=["tensorflow"]
t_tf = tf.constant(disk)
precision_tf = train_tf(lambda p: keras.losses.tversky(
    t_tf, p, alpha=0.1, beta=0.9))
recall_tf = train_tf(lambda p: keras.losses.tversky(
    t_tf, p, alpha=0.9, beta=0.1))
report("α .1, β .9", precision_tf)
report("α .9, β .1", recall_tf)

# %%
agree([recall_pt, precision_pt], [recall_tf, precision_tf], atol=1e-3)

# %% [markdown]
# (mean-iou-truncates)=
# ## `keras.metrics.MeanIoU` truncates probabilities to integers
#
# `keras.metrics.MeanIoU` expects class numbers. It accepts probabilities without an error, and truncates 0.9 to 0. The
# prediction in the next cell is right for every pixel at the threshold ½, but `MeanIoU` returns 0.25. There are two
# remedies: `BinaryIoU` with a threshold, and `sparse_y_pred=False` with a probability for each class.

# %% mean-iou
target = np.array([0, 0, 1, 1])
prediction = np.array([0.1, 0.4, 0.6, 0.9])
truncated = keras.metrics.MeanIoU(num_classes=2)
threshold = keras.metrics.BinaryIoU(target_class_ids=[0, 1], threshold=0.5)
by_class = keras.metrics.MeanIoU(num_classes=2, sparse_y_pred=False)
both = np.stack([1 - prediction, prediction], axis=1)  # (4, 2 classes)
show(truncated=truncated(target, prediction),
     threshold=threshold(target, prediction),
     by_class=by_class(target, both))

# %% [markdown]
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | a first try | cross-entropy, and a threshold from validation data | it has a gradient even where the network is certain and wrong |
# | few positive pixels, and the overlap counts | Dice for each image, plus cross-entropy | background that is predicted right does not count |
# | images without an object | Dice with ε in numerator and denominator | otherwise they cost 1, with the gradient 0 |
# | missed pixels that cost more than false alarms | Tversky with a large weight for false negatives | it selects more pixels; test which argument it is |
#
# ## Exercises
#
# Write both losses yourself, for each image of a batch: [exercises on segmentation
# losses](../../exercises/losses/segmentation.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
