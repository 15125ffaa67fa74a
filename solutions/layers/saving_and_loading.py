# %% [markdown]
# # Exercises: saving and loading
#
# Write the layer of this exercise so that [saving and loading](../../chapters/layers/saving_and_loading.ipynb) keeps its
# state: in PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check
# below it. The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer
# accepts inputs with more axes, returns float32 for float32, and does not change its inputs. With wrong values it
# earns no points. The check also looks at what would be saved: it must contain `largest`, and nothing may train it.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch
import torch.nn as nn

# %% imports-tf tags=["tensorflow"]
import keras
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.
#
# ## A layer whose state is saved, and not trained
#
# Write a layer that stores the largest absolute value of each feature, and divides by it. `largest` has the shape
# (features,), one number for each place on the last axis, and starts with the numbers of `start`.
#
# - In training mode, replace each number of `largest` by the largest absolute value of its feature in the batch, if
#   that is larger. Return the input unchanged.
# - In inference mode, return the input divided by `largest`, and leave `largest` as it is.
#
# `largest` must be saved with the layer, and must not be trained.
#
# Worked case: `start` is (3, 5), and the batch ((1, −2), (−4, 0.5)). Training returns the batch, and `largest` becomes
# (4, 5). Inference on a new layer returns ((0.3333, −0.4), (−1.3333, 0.1)).
#
# Hint 1: An ordinary attribute is not saved. What is the name for an array that is saved, and not trained?
#
# Hint 2: It is a buffer in PyTorch, and a weight with `trainable=False` in Keras. Change its numbers in place, with
# `copy_` or `assign`. In PyTorch `self.training` is the mode, in Keras the argument `training` of `call`.
#
# Hint 3: `x.detach().abs().reshape(-1, x.shape[-1]).amax(0)` and `tf.reduce_max(tf.abs(x), axis=range(len(x.shape) -
# 1))` are the largest values of the batch.

# %%
class calibrated_pt(nn.Module):
    def __init__(self, start: tuple[float, ...]) -> None:
        """start: one number for each feature."""
        super().__init__()
        self.largest = nn.Buffer(torch.tensor(start))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (…, features); returns the same shape."""
        if not self.training:
            return x / self.largest
        rows = x.detach().abs().reshape(-1, x.shape[-1])
        new = torch.maximum(self.largest, rows.amax(0))
        self.largest.copy_(new)
        return x

# %%
class calibrated_tf(keras.layers.Layer):
    def __init__(self, start: tuple[float, ...]) -> None:
        """start: one number for each feature."""
        super().__init__()
        self.largest = self.add_weight(
            (len(start),), trainable=False)
        self.largest.assign(start)

    def call(
        self, x: tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        """x: (…, features); returns the same shape."""
        if not training:
            return x / self.largest
        axes = range(len(x.shape) - 1)
        seen = tf.reduce_max(tf.abs(x), axis=axes)
        self.largest.assign(tf.maximum(self.largest, seen))
        return x

# %% [markdown]
# **Why:** a buffer and a weight with `trainable=False` are saved and moved with the layer, and the optimizer does not
# get them.
