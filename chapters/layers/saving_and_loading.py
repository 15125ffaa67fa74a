# %% [markdown]
# # Saving and loading your own layers
#
# A saved model contains numbers, and in some formats also the names and arguments of the layers. It does not contain the
# code of your own layer. So loading needs your class, and the arguments with which the layer was made.
#
# **The claim:** loading can succeed and give another model. In each of these cases there is no error, and the outputs
# change:
#
# - In Keras, an argument that `get_config` leaves out has its default value again.
# - In PyTorch, a plain attribute is not in the `state_dict`.
# - In PyTorch, `load_state_dict` with `strict=False` may load nothing at all.
#
# So compare the outputs before and after, as the cells of this page do. The basics, for models of built-in layers, are
# in [Two frameworks](model-saving). A loss of your own [has its own section](writing-your-own-saving).

# %%
import os
import tempfile
import textwrap
import warnings

import keras
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
from absl import logging

from diptych import agree, show, show_error

logging.set_verbosity("error")  # Keras logs that .h5 is a legacy format
tf.get_logger().setLevel("ERROR")  # TensorFlow logs the files of an export
folder = tempfile.TemporaryDirectory()  # for the files of this page
os.chdir(folder.name)
x = np.array([[1, 2, -1], [0.5, 0, 3]], dtype=np.float32)  # (batch, n_in)
weight = np.array([[1, -1], [0, 2], [0.5, 1]], dtype=np.float32)  # (n_in, n_out)

# %% [markdown]
# (saving-layers)=
# ## Saving a layer of your own
#
# <!-- head: saving_layers -->
#
# The example is a linear layer without a bias that multiplies its output by a number: $y = s \cdot xW$. $W$ is the
# weight and $s$ the scale, an argument of the constructor.

# %% scaled-pt tags=["pytorch"]
class ScaledPt(nn.Module):
    def __init__(self, n_in, n_out, scale=1.0):
        super().__init__()
        self.scale = scale
        self.weight = nn.Parameter(torch.ones(n_in, n_out))

    def forward(self, x):
        return self.scale * (x @ self.weight)

# %% scaled-tf tags=["tensorflow"]
class ScaledTf(keras.layers.Layer):
    def __init__(self, n_out, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.n_out, self.scale = n_out, scale

    def build(self, input_shape):
        shape = (input_shape[-1], self.n_out)
        self.weight = self.add_weight(shape, name="weight")

    def call(self, x):
        return self.scale * (x @ self.weight)

# %% [markdown]
# The next cells save such a layer, load it, and print the outputs before and after. In PyTorch you make the layer
# again yourself, with the same arguments, and then load the numbers. In Keras, `load_model` makes the layer, and needs
# its class in `custom_objects`.

# %% saving-pair-pt tags=["pytorch"]
net_pt = nn.Sequential(ScaledPt(3, 2, scale=3.0))
net_pt.load_state_dict({"0.weight": torch.tensor(weight)})
y_pt = net_pt(torch.tensor(x))
torch.save(net_pt.state_dict(), "net.pt")
again_pt = nn.Sequential(ScaledPt(3, 2, scale=3.0))
again_pt.load_state_dict(torch.load("net.pt"))
loaded_pt = again_pt(torch.tensor(x))
show(before=y_pt, after=loaded_pt)

# %% saving-pair-tf tags=["tensorflow"]
net_tf = keras.Sequential([
    keras.Input((3,)), ScaledTf(2, scale=3.0)])
net_tf.set_weights([weight])
y_tf = net_tf(tf.constant(x))
net_tf.save("net.keras")
again_tf = keras.saving.load_model(
    "net.keras", custom_objects={"ScaledTf": ScaledTf})
loaded_tf = again_tf(tf.constant(x))
show(before=y_tf, after=loaded_tf)

# %%
agree([y_pt, loaded_pt], [y_tf, loaded_tf])

# %% [markdown]
# (saving-formats)=
# ### All seven formats give the same outputs after loading
#
# | | contains | loading needs |
# | --- | --- | --- |
# | PyTorch: `torch.save(net.state_dict(), …)` | parameters and buffers | a module made by your code |
# | PyTorch: `torch.save(net, …)` | the whole module, by pickle | your classes, `weights_only=False` |
# | PyTorch: `torch.export.save(…)` | a graph of operations, the weights | none of your classes |
# | Keras: `net.save("….keras")` | architecture, weights, state of the optimizer | your classes |
# | Keras: `net.save("….h5")` | the same, in the older format | your classes |
# | Keras: `net.save_weights("….weights.h5")` | weights | a model made by your code |
# | Keras: `net.export(…)` | a SavedModel: a graph of operations, the weights | none of your classes |
#
# The cells above did this for the `state_dict` and for `.keras`. The next cells do it for the others, and print
# whether the outputs are the same.

# %% saving-formats-pt tags=["pytorch"]
x_pt = torch.tensor(x)
torch.save(net_pt, "whole.pt")
graph = torch.export.export(net_pt, (x_pt,))
torch.export.save(graph, "net.pt2")
whole = torch.load("whole.pt", weights_only=False)
exported = torch.export.load("net.pt2").module()
loaded_pt = [again_pt(x_pt), whole(x_pt), exported(x_pt)]
names = ["net.pt", "whole.pt", "net.pt2"]
for name, y in zip(names, loaded_pt):
    print(f"{name:15}", torch.equal(y, y_pt))

# %% saving-formats-tf tags=["tensorflow"]
x_tf, own = tf.constant(x), {"ScaledTf": ScaledTf}
net_tf.save("net.h5")
net_tf.save_weights("net.weights.h5")
net_tf.export("served", verbose=False)
h5 = keras.saving.load_model("net.h5", custom_objects=own)
again_tf.load_weights("net.weights.h5")
served = tf.saved_model.load("served")
loaded_tf = [h5(x_tf), again_tf(x_tf), served.serve(x_tf)]
names = ["net.h5", "net.weights.h5", "served"]
for name, y in zip(names, loaded_tf):
    print(f"{name:15}", np.allclose(y, y_tf))

# %%
agree(loaded_pt, loaded_tf)

# %% [markdown]
# `export` prints the signature of the model unless you pass `verbose=False`. Keras logs that `.h5` is a legacy format,
# and TensorFlow logs each file of an export: the first cell of this page sets both loggers to errors only.

# %% [markdown]
# (saving-config)=
# ## Keras makes the layer again from `get_config`
#
# `get_config` returns the arguments of the constructor as a dictionary, and `from_config` calls the constructor with
# them. If a layer derives from `Layer` and has no `get_config`, Keras records its arguments, as long as they are numbers,
# strings, lists or dictionaries. So the layer above needs none. A subclass of a built-in layer inherits a `get_config`
# that does not know your arguments. The next cell prints what is recorded for the layer above, and for a subclass of
# `Dense`:

# %% saving-recorded
config = ScaledTf(2, scale=3.0, name="scaled").get_config()
print({name: config[name] for name in ("name", "trainable", "n_out", "scale")})


class ScaledDense(keras.layers.Dense):
    def __init__(self, units, scale=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.scale = scale


print("scale is recorded:", "scale" in ScaledDense(2, scale=3.0).get_config())

# %% [markdown]
# ### An argument that `get_config` leaves out has its default value after loading
#
# This happens to a subclass of `Dense` as above, or if somebody adds an argument to the constructor and not to
# `get_config`. In PyTorch the same happens with a plain attribute, if your code makes the layer with the default value.
# Neither framework raises an error. In the next cells `scale` is 3 before saving, and its default is 1.

# %% saving-forgotten-pt tags=["pytorch"]
again = nn.Sequential(ScaledPt(3, 2))  # scale is forgotten
print(again.load_state_dict(torch.load("net.pt")))
after_pt = again(x_pt)
ratio_pt = y_pt / after_pt
show(before=y_pt[0], after=after_pt[0], ratio=ratio_pt[0])

# %% saving-forgotten-tf tags=["tensorflow"]
@keras.saving.register_keras_serializable()
class ForgetsTf(ScaledTf):
    def get_config(self):  # scale is forgotten
        return super().get_config() | {"n_out": self.n_out}


net = keras.Sequential([
    keras.Input((3,)), ForgetsTf(2, scale=3.0)])
net.set_weights([weight])
net.save("forgets.keras")
after_tf = keras.saving.load_model("forgets.keras")(x_tf)
ratio_tf = net(x_tf) / after_tf
show(before=net(x_tf)[0], after=after_tf[0], ratio=ratio_tf[0])

# %%
agree([after_pt, ratio_pt], [after_tf, ratio_tf])

# %% [markdown]
# In Keras, add the argument: `return super().get_config() | {"n_out": self.n_out, "scale": self.scale}`. In PyTorch,
# make it a buffer, or write [`get_extra_state`](own-layers). A short test finds the mistake in both: save, load and
# compare the outputs, with an argument that is not the default.
#
# ### `register_keras_serializable` replaces `custom_objects`
#
# Keras finds a class in three ways: in the argument `custom_objects`, in a scope, or by the decorator
# `register_keras_serializable`. The decorator stores the class under its package and its name, so two classes of one name
# need different packages. Import the module with the class before you load the model, so that the decorator runs. The
# next cell uses a scope, and prints the names of two registered classes:

# %% saving-registered
@keras.saving.register_keras_serializable(package="book")
class Registered(ScaledTf):
    pass


with keras.saving.custom_object_scope({"ScaledTf": ScaledTf}):
    print("scope:", np.allclose(keras.saving.load_model("net.keras")(x), y_tf))
for kind in (ForgetsTf, Registered):
    print(keras.saving.get_registered_name(kind))

# %% [markdown]
# ### A constructor without `**kwargs` raises an error when the model is loaded
#
# Each layer's configuration also has arguments of the base class, such as `trainable` and `dtype`. Accept them as
# `**kwargs`, and pass them to `super().__init__`. Without it, only the loading raises an error:

# %% saving-kwargs
class NoKwargs(keras.layers.Layer):
    def __init__(self, n_out):
        super().__init__()
        self.n_out = n_out


config = NoKwargs(2).get_config()
with show_error():
    NoKwargs.from_config(config)

# %% [markdown]
# ### A layer or a function as an argument needs both methods
#
# With a layer or a function among the arguments, Keras cannot record them, and raises an error when the model is saved.
# In `get_config`, turn the layer into a dictionary with `serialize_keras_object`. In `from_config`, turn it back. A
# PyTorch `state_dict` contains the weights of the inner layer, and no arguments, so there is nothing to write.

# %% saving-inner-pt tags=["pytorch"]
class HoldsPt(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)


saved = HoldsPt(ScaledPt(3, 2)).state_dict()
torch.save(saved, "holds.pt")
again = HoldsPt(ScaledPt(3, 2))
print(again.load_state_dict(torch.load("holds.pt")))

# %% saving-inner-tf tags=["tensorflow"]
class HoldsTf(keras.layers.Layer):
    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, x):
        return self.inner(x)


net = keras.Sequential([
    keras.Input((3,)), HoldsTf(keras.layers.Dense(2))])
with show_error():
    net.save("holds.keras")

# %% saving-both-methods
class SavesInner(HoldsTf):
    def get_config(self):
        inner = keras.saving.serialize_keras_object(self.inner)
        return super().get_config() | {"inner": inner}

    @classmethod
    def from_config(cls, config):
        inner = keras.saving.deserialize_keras_object(config.pop("inner"))
        return cls(inner, **config)


net = keras.Sequential([keras.Input((3,)), SavesInner(keras.layers.Dense(2))])
net.save("holds.keras")
again = keras.saving.load_model("holds.keras", custom_objects={"SavesInner": SavesInner})
print("equal:", np.array_equal(again(x), net(x)))

# %% [markdown]
# (saving-lambda)=
# ### A `Lambda` is not loaded by default
#
# The file contains the bytes of the Python function, and they could run any code. So Keras raises an error, for `.keras`
# and for `.h5`. Pass `safe_mode=False` for your own files only. A `Lambda` of a function that has a name is stored by
# this name: put the function into `custom_objects`. A layer class that is registered needs neither.

# %% saving-lambda-cell
def double(x):
    return 2 * x


for function, path in ((lambda x: 2 * x, "lambda.keras"), (lambda x: 2 * x, "lambda.h5"),
                       (double, "named.keras")):
    keras.Sequential([keras.Input((3,)), keras.layers.Lambda(function)]).save(path)
for path in ("lambda.keras", "lambda.h5"):
    with show_error():
        keras.saving.load_model(path)
unsafe = keras.saving.load_model("lambda.keras", safe_mode=False)
named = keras.saving.load_model("named.keras", custom_objects={"double": double})
print("equal:", np.array_equal(unsafe(x), 2 * x), np.array_equal(named(x), 2 * x))

# %% [markdown]
# (saving-weights-only)=
# ## `torch.load` reads tensors and plain Python values, and no other objects
#
# Since PyTorch 2.6, `torch.load` has `weights_only=True` by default. It accepts tensors, numbers, strings, lists and
# dictionaries. It raises an error for whole modules, and also for NumPy numbers, for example a loss in a checkpoint.
# Convert such a number with `float` before you save it. `safe_globals` allows the classes that you name. Pass
# `weights_only=False` for your own files only, because such a file can run any code.

# %% saving-weights-only-cell
torch.save({"weights": net_pt.state_dict(), "loss": np.float64(0.1)}, "numpy.pt")
torch.save({"weights": net_pt.state_dict(), "loss": float(np.float64(0.1))}, "plain.pt")
for path in ("whole.pt", "numpy.pt"):
    with show_error():
        torch.load(path)
print("plain.pt", torch.load("plain.pt")["loss"])
with torch.serialization.safe_globals([nn.Sequential, ScaledPt]):
    whole = torch.load("whole.pt")
print("whole.pt", torch.equal(whole(x_pt), y_pt))

# %% [markdown]
# (saving-partly)=
# ### `strict=False` ignores wrong names and may load nothing; `skip_mismatch` ignores wrong shapes
#
# Names of weights change if you put a layer into another container. In PyTorch, `strict=False` then loads what has the
# same name, which may be nothing. It returns the names that did not fit, so read them. A wrong shape is still an error.
# In Keras, `skip_mismatch=True` leaves out layers whose shapes differ, and warns.

# %% saving-strict-pt tags=["pytorch"]
saved = ScaledPt(3, 2).state_dict()
renamed = nn.Sequential(ScaledPt(3, 2))
result = renamed.load_state_dict(saved, strict=False)
print("missing:   ", result.missing_keys)
print("unexpected:", result.unexpected_keys)
with show_error():
    ScaledPt(3, 5).load_state_dict(saved, strict=False)

# %% saving-strict-tf tags=["tensorflow"]
other = keras.Sequential([keras.Input((3,)), ScaledTf(5)])
with show_error():
    other.load_weights("net.weights.h5")
before = other.get_weights()[0]
with warnings.catch_warnings(record=True) as caught:
    other.load_weights("net.weights.h5", skip_mismatch=True)
print("warned:", caught[-1].category.__name__)
print("equal: ", np.array_equal(other.get_weights()[0], before))

# %% [markdown]
# (saving-order)=
# ### Copy from framework to framework by name: PyTorch's BatchNorm has one array more
#
# Both frameworks list the arrays layer by layer, and in each layer the trained ones first. But PyTorch's BatchNorm has a
# third buffer, `num_batches_tracked`, that Keras does not have. So do not `zip` the two lists: after a BatchNorm, each
# array would go to the wrong place. [`copy_weights`](layers-weights) copies one layer by names.

# %% saving-order-pt tags=["pytorch"]
net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
for name in net.state_dict():
    print(name)

# %% saving-order-tf tags=["tensorflow"]
net = keras.Sequential([
    keras.Input((3,)), keras.layers.Dense(2, name="dense"),
    keras.layers.BatchNormalization(name="bn")], name="net")
for variable in net.weights:
    print(variable.path)

# %% [markdown]
# (saving-optimizer)=
# ## `.keras` contains the optimizer's state, a `state_dict` of the network does not
#
# To continue a training, you also need the state of the optimizer, such as Adam's moments. In Keras, `net.save` of a
# compiled model contains it. In PyTorch, save the optimizer's `state_dict`, too. The next cells train for two steps, save,
# load, and print the number of steps that the optimizer has stored.

# %% saving-optimizer-pt tags=["pytorch"]
net = nn.Sequential(ScaledPt(3, 2))
optimizer = torch.optim.Adam(net.parameters())
for _ in range(2):
    optimizer.zero_grad()
    (net(x_pt) ** 2).mean().backward()
    optimizer.step()
torch.save({"net": net.state_dict(),
            "optimizer": optimizer.state_dict()}, "both.pt")
again = torch.optim.Adam(ScaledPt(3, 2).parameters())
again.load_state_dict(torch.load("both.pt")["optimizer"])
steps_pt = again.state_dict()["state"][0]["step"]
show(steps=steps_pt)

# %% saving-optimizer-tf tags=["tensorflow"]
net = keras.Sequential([keras.Input((3,)), ScaledTf(2)])
net.compile("adam", "mean_squared_error")
net.fit(x, np.zeros((2, 2)), epochs=2, verbose=0)
net.save("both.keras")
again = keras.saving.load_model(
    "both.keras", custom_objects=own)
steps = again.optimizer.iterations
steps_tf = tf.cast(steps, tf.float32)
show(steps=steps_tf)

# %%
agree(steps_pt, steps_tf)

# %% [markdown]
# ### A Keras model that is not built yet is saved without weights
#
# A `Sequential` without `keras.Input` has no weights until its first call. `save` warns, and writes a file without
# weights. After loading, the first call draws new ones:

# %% saving-unbuilt
unbuilt = keras.Sequential([keras.layers.Dense(2)])
with warnings.catch_warnings(record=True) as caught:
    unbuilt.save("unbuilt.keras")
print(str(caught[0].message).partition(".")[0])
print("weights:", len(keras.saving.load_model("unbuilt.keras").weights))

# %% [markdown]
# (saving-export)=
# ## Export: a graph that needs no class
#
# `torch.export` and Keras's `export` run the network once, record its operations, and write this graph into a file. The
# graph runs without your class, for example on a server. In PyTorch its `eval()` and `train()` raise an error, so set the
# mode before you export.
#
# ### `torch.export` keeps the batch size of the example, unless you name a dimension
#
# In PyTorch, the graph holds for the shapes of the example input. Name the dimensions that may change with
# `dynamic_shapes`. In Keras, a model that begins with `keras.Input((3,))` accepts any batch size. The next cells export
# with a batch of two, and run five examples.

# %%
five = np.arange(15, dtype=np.float32).reshape(5, 3)

# %% saving-dynamic-pt tags=["pytorch"]
batch = torch.export.Dim("batch")
fixed = torch.export.export(net_pt[0], (x_pt,)).module()
graph = torch.export.export(
    net_pt[0], (x_pt,), dynamic_shapes={"x": {0: batch}})
torch.export.save(graph, "open.pt2")
served = torch.export.load("open.pt2").module()
with show_error():
    fixed(torch.tensor(five))
served_pt = served(torch.tensor(five))
show(y=served_pt[-1])
with show_error():
    served.eval()

# %% saving-dynamic-tf tags=["tensorflow"]
layer = keras.layers.TFSMLayer("served", call_endpoint="serve")
served_tf = layer(tf.constant(five))
show(y=served_tf[-1])
with show_error():
    net_tf.save("served")
with show_error():
    tf.saved_model.load("served").serve(five)

# %%
agree(served_pt, served_tf)

# %% [markdown]
# `load_model` [reads no SavedModel](model-saving), and `save` writes none: a path without `.keras` or `.h5` raises an
# error. Use `TFSMLayer`, or `tf.saved_model.load`. Keep the object that it returns in a variable: Python deletes the
# weights with it, which is the last error above.
#
# ### `torch.jit.script` and the old `weight_norm` warn that they are deprecated
#
# `torch.jit.script` was the older way to export, and `torch.nn.utils.weight_norm` the older
# [weight normalization](weight-norm). The next cell prints their warnings:

# %% saving-deprecated
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    torch.jit.script(nn.Linear(3, 2))
    torch.nn.utils.weight_norm(nn.Linear(3, 2))
for warning in caught:
    print(warning.category.__name__, textwrap.shorten(str(warning.message), 64))

# %% [markdown]
# ## Which one to choose
#
# | you want to | take | watch |
# | --- | --- | --- |
# | keep a trained network in PyTorch | `torch.save(net.state_dict(), …)` | your code makes the module, with the same arguments |
# | keep a trained network in Keras | `net.save("….keras")` | register your classes; all arguments in `get_config` |
# | continue a training | two `state_dict`s in PyTorch, `.keras` in Keras | that of the optimizer, too; compile in Keras |
# | keep an argument in PyTorch | a buffer, or `get_extra_state` | a plain attribute is not saved |
# | run the network without your classes | `torch.export`, `net.export` | set the mode and name the open dimensions first |
# | load a file of somebody else | `weights_only=True`, `safe_mode=True` | both are the defaults |
#
# ## Exercises
#
# Write a layer whose state is saved and not trained ([the chapter before](own-mode) has one with a single number):
# [exercises](../../exercises/layers/saving_and_loading.ipynb).
