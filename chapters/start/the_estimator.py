# %% [markdown]
# # The Estimator
#
# You have code for `tf.estimator`, and must move it to Keras or to PyTorch. TensorFlow 2.16 removed Estimators.
# So today's TensorFlow cannot run the old code, and you cannot compare your port with the original. This page
# rebuilds the Estimator from parts that TensorFlow still has. Then it runs a model function on the rebuilt
# Estimator, and ports this model function step by step.
#
# **The claim:** the ports to Keras and PyTorch have the same losses in every step, the same metric and the same
# predictions as the Estimator. Two things are easy to get wrong:
#
# - The `evaluate` of an Estimator reports the mean loss over batches. The `evaluate` of Keras reports the mean
#   loss over examples.
# - A *warm start* loads the weights of another run, but not the state of its optimizer.
#
# If you only want to port, read [what a model function is](estimator-training), and then [what each part
# becomes](estimator-port).

# %%
import copy
import dataclasses
import inspect
import itertools
import os
import re
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show
from diptych.book.measure import measure

plots.use_style()

# %% [markdown]
# ## `tf.estimator` is gone, but its parts are still in TensorFlow
#
# Old code usually stops with one of these two errors:

# %% estimator-gone
v1 = tf.compat.v1
for missing in (lambda: tf.estimator, lambda: v1.layers.dense):
    try:
        missing()
    except AttributeError as error:
        print(error)

# %% [markdown]
# The Estimator was built from other parts of TensorFlow 1. These parts are deprecated, but most of them still
# work. This page runs every part that has a "yes" in the next table.
#
# | in `tf.compat.v1` | still works? |
# | --- | --- |
# | `Graph`, `Session`, `get_variable` | yes |
# | `train.MonitoredTrainingSession` and its hooks, `train.Saver`, `train.warm_start` | yes |
# | `train.AdagradOptimizer` and the other optimizers | yes |
# | `metrics`, `losses` | yes |
# | `feature_column.input_layer` | yes |
# | `layers.dense` and every other layer | no |
#
# (estimator-training)=
# ## You write a model function, and the Estimator calls it
#
# <!-- head: estimator_training -->
#
# A *model function* defines three things: what the network computes, how the loss is computed, and how the
# weights are updated. You pass the model function to an Estimator, and never call it yourself. The Estimator
# calls it each time you call `train`, `evaluate` or `predict` {footcite:p}`cheng2017estimators`. The argument
# `mode` tells the model function which of these methods you called. The model function returns an
# `EstimatorSpec`. The next table shows what this `EstimatorSpec` must contain:
#
# | you call | `mode` | `labels` | the `EstimatorSpec` contains |
# | --- | --- | --- | --- |
# | `train` | `"train"` | the labels of a batch | `loss`, and `train_op`, which makes one step |
# | `evaluate` | `"eval"` | the labels of a batch | `loss`; metrics are optional |
# | `predict` | `"infer"` | `None` | `predictions` |
#
# Nobody writes new code for Estimators, but code from 2017 to 2023 often uses them. You need to know three
# things to read such code:
#
# - **The model function computes nothing.** It builds a *graph*, which describes the computation. The Estimator
#   calls the model function once for a whole run. Then a *session* runs the graph, once for each batch.
# - **Each call starts with an empty graph.** If you call `train` and then `evaluate`, the model function builds
#   the network twice.
# - **The weights are stored in a folder, `model_dir`.** `train` saves the variables there, in a *checkpoint*.
#   The next call, in the same program or in another program, loads them by their names. The Estimator object
#   itself has no weights.

# %% one-call tags=["hide-input"]
# alt: A diagram with three columns: train, evaluate and predict. In each column, an input function and a model function build a new graph. Below the columns is model_dir. train loads weights from model_dir and saves weights there; evaluate and predict only load weights.
fig, ax = plt.subplots(figsize=(5.2, 2.6))
ax.set(xlim=(0, 30), ylim=(0, 14), xticks=[], yticks=[])
ax.spines[:].set_visible(False)
box = {"boxstyle": "round,pad=0.4", "facecolor": "none", "edgecolor": plots.INK}
strong = box | {"edgecolor": plots.TENSORFLOW, "linewidth": 1.8}
for x, method, runs in ((4.5, "train", "train_op"), (15, "evaluate", "metrics"),
                        (25.5, "predict", "predictions")):
    ax.text(x, 12.9, method, ha="center", weight="bold")
    ax.text(x, 10.3, "input_fn, model_fn", ha="center", bbox=box)
    ax.text(x, 6.2, f"graph: {runs}", ha="center", bbox=box)
    ax.annotate("", (x, 7.5), (x, 9.6), arrowprops={"arrowstyle": "->", "color": plots.INK})
    both = "<->" if method == "train" else "->"
    ax.annotate("", (x, 5.4), (x, 2.4),
                arrowprops={"arrowstyle": both, "color": plots.TENSORFLOW, "linewidth": 1.8})
ax.text(15, 1.1, "model_dir: checkpoints", ha="center", bbox=strong, color=plots.TENSORFLOW)
ax.plot([4.5, 25.5], [2.4, 2.4], color=plots.TENSORFLOW, linewidth=1.8)
ax.annotate("in each call", (4.9, 8.2), fontsize=9)
ax.annotate("loads and saves weights", (4.9, 3.6), fontsize=9, color=plots.TENSORFLOW)
ax.annotate("loads weights", (15.4, 3.6), fontsize=9, color=plots.TENSORFLOW)
ax.set_title("Every call builds a new graph; model_dir stores the weights")
plt.show()

# %% [markdown]
# (estimator-rebuilt)=
# ## The Estimator, rebuilt from TensorFlow's own parts
#
# With the cells of this section, you can run old code in today's TensorFlow. Paste the cells in front of the
# old code, delete `tf.estimator.` everywhere, and [replace the layers](estimator-layers). The code of the cells
# is hidden. Open a cell if you want to know how it works, or continue with [the example](estimator-example).
#
# The rebuilt Estimator does the same as the original. To check this, 78 small programs were run on the
# `tf.estimator` of TensorFlow 2.15. A test of this book runs the same programs on the cells of this page. The
# losses, metrics, predictions, files, variable names and errors are the same. Later, a
# table lists [what is missing](estimator-left-out), and a list names three small differences.
#
# `EstimatorSpec` is the return value of a model function. It raises an error if its mode needs something that
# is missing.

# %% contract tags=["hide-input"]
class ModeKeys:
    TRAIN, EVAL, PREDICT = "train", "eval", "infer"


REQUIRED = {"train": ["train_op", "loss"], "eval": ["loss"], "infer": ["predictions"]}


@dataclass
class EstimatorSpec:
    mode: str
    predictions: tf.Tensor | dict | None = None
    loss: tf.Tensor | None = None
    train_op: tf.Operation | None = None
    eval_metric_ops: dict | None = None
    export_outputs: dict | None = None
    training_chief_hooks: tuple = ()
    training_hooks: tuple = ()
    scaffold: v1.train.Scaffold | None = None
    evaluation_hooks: tuple = ()
    prediction_hooks: tuple = ()

    def __post_init__(self):
        for name in REQUIRED.get(self.mode, []):
            if getattr(self, name) is None:
                raise ValueError(f"Missing {name}.")
        if self.loss is not None and self.loss.shape.num_elements() not in (None, 1):
            raise ValueError(f"Loss must be scalar, given: {self.loss}")

# %% [markdown]
# `RunConfig` contains the settings of the run, not of the network: the folder, the seed, how often to save, and
# how many checkpoints to keep.

# %% run-config tags=["hide-input"]
@dataclass(frozen=True)
class RunConfig:
    model_dir: str | None = None
    tf_random_seed: int | None = None
    save_summary_steps: int = 100
    save_checkpoints_steps: int | None = None
    save_checkpoints_secs: int | None = 600
    keep_checkpoint_max: int = 5
    log_step_count_steps: int = 100

# %% [markdown]
# The Estimator passes arguments to the model function and to the input function *by name*. It passes only the
# arguments that the function has. So the order of the arguments does not matter, and the function does not need
# to have `params` and `config`.

# %% by-name tags=["hide-input"]
def asked(function):
    """The names of the arguments that the function takes by position or by name."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD}


def call(function, **offered):
    """Call the function with those of the offered arguments that it asks for."""
    return function(**{name: offered[name] for name in asked(function) & set(offered)})


def check_arguments(model_fn, params):
    names = asked(model_fn)
    if "features" not in names:
        raise ValueError("model_fn must include features argument.")
    if params is not None and "params" not in names:
        raise ValueError("model_fn does not include params argument, but params "
                         f"({params}) is passed to Estimator.")
    if unknown := sorted(names - {"features", "labels", "mode", "params", "config"}):
        raise ValueError(f"model_fn has following not expected args: {unknown}")

# %% [markdown]
# Each call starts with an empty graph. The function `build` adds three things to this graph: a counter of the
# steps, the input, and the operations of the model function. If `model_dir` has no checkpoint yet, `build` can
# load the weights of another run, which you pass as `warm_start_from`.

# %% build tags=["hide-input"]
def build(estimator, input_fn, mode, checkpoint):
    v1.set_random_seed(estimator.config.tf_random_seed)
    v1.train.create_global_step()
    more = {"mode": mode, "params": estimator.params, "config": estimator.config}
    features, labels = features_and_labels(call(input_fn, **more))
    if mode == ModeKeys.PREDICT:
        labels = None
    if labels is not None and "labels" not in asked(estimator.model_fn):
        raise ValueError("model_fn does not take labels, but input_fn returns labels.")
    spec = call(estimator.model_fn, features=features, labels=labels, **more)
    if not isinstance(spec, EstimatorSpec):
        raise ValueError("model_fn should return an EstimatorSpec.")
    if estimator.warm_start_from and not checkpoint:
        v1.train.warm_start(estimator.warm_start_from)
    return spec


def features_and_labels(batch):
    if isinstance(batch, tf.compat.v2.data.Dataset):  # of TensorFlow 1 or 2
        batches = v1.data.make_initializable_iterator(batch)
        v1.add_to_collection(v1.GraphKeys.TABLE_INITIALIZERS, batches.initializer)
        batch = batches.get_next()
    if not isinstance(batch, tuple):
        return batch, None
    if len(batch) != 2:
        raise ValueError("input_fn should return (features, labels) as a len 2 tuple.")
    return batch

# %% [markdown]
# `train` runs the `train_op` until the input ends, or for the number of steps that you pass. TensorFlow has a
# session for this purpose. It restores the last checkpoint, and saves a checkpoint before the first step and
# after the last step. It also calls *hooks* before and after each step. One of these hooks stops the run if the
# loss is NaN.

# %% train tags=["hide-input"]
def train(self, input_fn, hooks=None, steps=None, max_steps=None):
    if steps is not None and max_steps is not None:
        raise ValueError("Can not provide both steps and max_steps.")
    positive(steps=steps, max_steps=max_steps)
    latest = tf.train.latest_checkpoint(self.model_dir)
    done = tf.train.load_variable(latest, "global_step") if latest else 0
    if max_steps is not None and max_steps <= done:
        return self
    with tf.Graph().as_default():
        spec = build(self, input_fn, ModeKeys.TRAIN, latest)
        last = {"num_steps": steps, "last_step": max_steps}
        with training_session(self.config, spec, [*(hooks or [])], **last) as session:
            while not session.should_stop():
                session.run(spec.train_op)
    return self


def training_session(config, spec, hooks, **last):
    v1.summary.scalar("loss", spec.loss)
    v1.add_to_collection(v1.GraphKeys.LOSSES, spec.loss)
    saver = v1.train.Saver(
        sharded=True, max_to_keep=config.keep_checkpoint_max, save_relative_paths=True)
    v1.add_to_collection(v1.GraphKeys.SAVERS, saver)
    if any(last.values()):
        hooks.append(v1.train.StopAtStepHook(**last))
    shown = {"loss": spec.loss, "step": v1.train.get_global_step()}
    hooks.append(v1.train.NanTensorHook(spec.loss))
    hooks.append(v1.train.LoggingTensorHook(shown, config.log_step_count_steps))
    hooks += [*spec.training_hooks, *spec.training_chief_hooks]
    every = config.save_checkpoints_steps
    return v1.train.MonitoredTrainingSession(
        checkpoint_dir=config.model_dir, scaffold=spec.scaffold, hooks=hooks,
        save_checkpoint_steps=every,
        save_checkpoint_secs=None if every else config.save_checkpoints_secs,
        save_summaries_steps=config.save_summary_steps,
        log_step_count_steps=config.log_step_count_steps)


def positive(**numbers):
    for name, value in numbers.items():
        if value is not None and value <= 0:
            raise ValueError(f"Must specify {name} > 0, given: {value}")

# %% [markdown]
# `evaluate` computes the metrics. A metric of TensorFlow 1 is a pair: the value so far, and an operation that
# adds a batch to this value. The results always include the loss and the global step.

# %% evaluate tags=["hide-input"]
def evaluate(self, input_fn, steps=None, hooks=None, checkpoint_path=None):
    positive(steps=steps)
    checkpoint = checkpoint_path or tf.train.latest_checkpoint(self.model_dir)
    with tf.Graph().as_default():
        spec = build(self, input_fn, ModeKeys.EVAL, checkpoint)
        metrics = all_metrics(spec)
        results = v1.train.FinalOpsHook({name: value for name, (value, _) in metrics.items()})
        updates = [update for _, update in metrics.values()]
        hooks = [*(hooks or []), *spec.evaluation_hooks, results]
        with restored_session(spec, checkpoint, hooks) as session:
            for _ in range(steps) if steps else itertools.count():
                if session.should_stop():
                    break
                session.run(updates)
    return results.final_ops_values


def all_metrics(spec):
    metrics = dict(spec.eval_metric_ops or {})
    for name in {"loss", "global_step"} & metrics.keys():
        raise ValueError(
            f'Metric with name "{name}" is not allowed, because Estimator already defines '
            "a default metric with the same name.")
    metrics["loss"] = v1.metrics.mean(spec.loss)
    step = v1.train.get_global_step(), tf.no_op()
    return dict(sorted(metrics.items())) | {"global_step": step}


def restored_session(spec, checkpoint, hooks):
    creator = v1.train.ChiefSessionCreator(
        spec.scaffold, checkpoint_filename_with_path=checkpoint)
    return v1.train.MonitoredSession(creator, hooks)

# %% [markdown]
# `predict` is a generator. It runs one batch, and yields the predictions of this batch one by one. Then it runs
# the next batch.

# %% predict tags=["hide-input"]
def predict(
    self, input_fn, predict_keys=None, hooks=None, checkpoint_path=None,
    yield_single_examples=True,
):
    checkpoint = checkpoint_path or tf.train.latest_checkpoint(self.model_dir)
    with tf.Graph().as_default():
        spec = build(self, input_fn, ModeKeys.PREDICT, checkpoint)
        predictions = spec.predictions
        if predict_keys:
            predictions = {k: v for k, v in predictions.items() if k in predict_keys}
            if not predictions:
                raise ValueError("Expected to run at least one output from "
                                 f"{spec.predictions.keys()}, provided {predict_keys}.")
        hooks = [*(hooks or []), *spec.prediction_hooks]
        session = restored_session(spec, checkpoint, hooks)
    with session:
        while not session.should_stop():
            batch = session.run(predictions)
            if not yield_single_examples:
                yield batch
            elif isinstance(batch, dict):
                for values in zip(*batch.values(), strict=True):
                    yield dict(zip(batch, values))
            else:
                yield from batch

# %% [markdown]
# The Estimator itself contains the model function, the folder, the configuration, and a copy of the parameters.

# %% estimator tags=["hide-input"]
class Estimator:
    def __init__(self, model_fn, model_dir=None, config=None, params=None,
                 warm_start_from=None):
        check_arguments(model_fn, params)
        config = config or RunConfig()
        if model_dir and config.model_dir and model_dir != config.model_dir:
            raise ValueError("`model_dir` are set both in constructor and `RunConfig`, but "
                             f"with different values. In constructor: '{model_dir}', "
                             f"in `RunConfig`: '{config.model_dir}' ")
        self.model_dir = os.fspath(model_dir or config.model_dir or tempfile.mkdtemp())
        self.config = dataclasses.replace(config, model_dir=self.model_dir)
        self.model_fn, self.warm_start_from = model_fn, warm_start_from
        self._params = copy.deepcopy(params or {})

    @property
    def params(self):
        return copy.deepcopy(self._params)

    train, evaluate, predict = train, evaluate, predict

# %% [markdown]
# (estimator-example)=
# ## One model function is enough to train, evaluate and predict
#
# The data are the same as in [Three ways to train](three_ways_to_train.ipynb): the temperature, the weather,
# and the rides of a bike rental (in thousands) on 250 days. The network starts from fixed weights, so that you
# can compare it with its ports.

# %%
rng = np.random.default_rng(0)
temperature = rng.uniform(0, 36, 250).astype(np.float32)  # °C
weather = rng.choice(["sun", "cloud", "rain"], 250, p=[0.5, 0.3, 0.2])
best = np.select([weather == "sun", weather == "cloud"], [4.0, 3.0], 0.8)
rides = best * np.exp(-(((temperature - 24) / 12) ** 2)) + rng.normal(0, 0.2, 250)
y = rides[:, None].astype(np.float32)  # (250, 1)

kernels = rng.normal(0, 0.5, (4, 16)), rng.normal(0, 0.25, (16, 1))
start = [kernels[0], np.zeros(16), kernels[1], np.zeros(1)]
start = [w.astype(np.float32) for w in start]

# %% [markdown]
# ### The input function returns features with names, and labels
#
# An *input function* returns a `tf.data.Dataset` of pairs (features, labels). The features are usually a
# dictionary. The Estimator calls the input function again in each run, so every run starts with the first
# batch.

# %% input-fn
def input_fn():
    features = {"temperature": temperature, "weather": weather}
    return tf.data.Dataset.from_tensor_slices((features, y)).batch(32)

# %% [markdown]
# ### Feature columns make one matrix, sorted by the names of the columns
#
# *Feature columns* define how each feature becomes numbers. Here the first feature column turns the weather
# into three columns of 0 and 1, one for each word of a vocabulary. The second feature column scales the
# temperature. `input_layer` makes one matrix of all columns, and sorts them by name. So `temperature` comes
# first in the matrix, although it is the last in the list. The cell prints the matrix for the first three days.

# %% feature-columns
tf.get_logger().setLevel("CRITICAL")  # no warnings about deprecated parts
kinds = tf.feature_column.categorical_column_with_vocabulary_list(
    "weather", ["sun", "cloud", "rain"])
columns = [
    tf.feature_column.indicator_column(kinds),
    tf.feature_column.numeric_column(
        "temperature", normalizer_fn=lambda t: (t - 18) / 10),
]


def matrix(features):
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.feature_column.input_layer(features, columns)
        session.run(v1.tables_initializer())
        return session.run(x)


show(x=matrix({"temperature": temperature[:3], "weather": weather[:3]}))

# %% [markdown]
# ### The model function has one `return` for each mode
#
# The network has 16 hidden units and one output. `get_variable` gives a name to each weight, and the checkpoint
# stores the weight under this name. (Old code uses `tf.layers.dense` here.) The loss is the mean squared error
# plus a penalty that keeps the hidden units small. `minimize` makes the operation for one step, which also adds
# 1 to the *global step*, the counter of the steps. The optimizer is Adagrad with a learning rate of 0.1, as in
# [TensorFlow's own guide to model
# functions](https://github.com/tensorflow/docs/blob/62da04c02d67fdcabb7bc64633f217f073fa5f63/site/en/r1/guide/custom_estimators.md).

# %% model-fn
def dense(x, name, kernel, bias):
    w = v1.get_variable(f"{name}/kernel", initializer=kernel)
    b = v1.get_variable(f"{name}/bias", initializer=bias)
    return x @ w + b


def model_fn(features, labels, mode, params):
    x = v1.feature_column.input_layer(features, params["columns"])
    h = tf.tanh(dense(x, "hidden", *start[:2]))  # (batch, hidden)
    y_hat = dense(h, "out", *start[2:])  # (batch, 1)
    if mode == ModeKeys.PREDICT:
        return EstimatorSpec(mode, predictions={"rides": y_hat[:, 0]})
    loss = tf.reduce_mean((y_hat - labels) ** 2) + 0.1 * tf.reduce_mean(h**2)
    if mode == ModeKeys.EVAL:
        rmse = v1.metrics.root_mean_squared_error(labels, y_hat)
        return EstimatorSpec(mode, loss=loss, eval_metric_ops={"rmse": rmse})
    optimizer = v1.train.AdagradOptimizer(params["learning_rate"])
    train_op = optimizer.minimize(loss, v1.train.get_global_step())
    return EstimatorSpec(mode, loss=loss, train_op=train_op)

# %% [markdown]
# ### Four Estimators use the same folder, and each one continues from the last checkpoint
#
# `train` returns the Estimator, not the losses. The losses only go to a log. To get them, pass a *hook* that
# reads the loss in each step. A hook is like a callback in Keras.

# %% step-losses
class StepLosses(v1.train.SessionRunHook):
    def __init__(self):
        self.losses = []

    def begin(self):
        self.loss = v1.get_collection(v1.GraphKeys.LOSSES)[-1]

    def before_run(self, context):
        return v1.train.SessionRunArgs(self.loss)

    def after_run(self, context, values):
        self.losses.append(values.results)

# %% [markdown]
# An epoch has 8 steps. In the next cells, a first Estimator trains for one epoch, and then Python deletes it. A
# second Estimator gets the same folder, loads the checkpoint, and trains for another epoch. A third Estimator
# evaluates, and a fourth one predicts.

# %% train-estimator
def train_estimator(model_dir, params, hooks=None, warm_start_from=None):
    estimator = Estimator(
        model_fn, model_dir, params=params, warm_start_from=warm_start_from)
    return estimator.train(input_fn, hooks, steps=8)

# %% estimator-runs
params = {"columns": columns, "learning_rate": 0.1}
model_dir, record = tempfile.mkdtemp(), StepLosses()
train_estimator(model_dir, params, [record])
train_estimator(model_dir, params, [record])
metrics = Estimator(model_fn, model_dir, params=params).evaluate(input_fn)
predictions = Estimator(model_fn, model_dir, params=params).predict(input_fn)
show(first_loss=record.losses[0])
show(**metrics, first_prediction=next(predictions)["rides"], digits=2)

# %% [markdown]
# ### `model_dir` contains the variables, stored by name, and the graph
#
# The folder contains three checkpoints: before the first step, after 8 steps, and after 16 steps. Each
# checkpoint contains the weights, Adagrad's sum of squared gradients for each weight, and the global step. The
# next cell prints the files in the folder, and then the names and the shapes of the variables:

# %% model-dir
for path in sorted(Path(model_dir).iterdir()):
    if "events" not in path.name:  # its name holds the time and the machine
        print(path.name)
print()
for name, shape in tf.train.list_variables(model_dir):
    print(f"{name:22} {shape}")

# %% [markdown]
# | file | contents |
# | --- | --- |
# | `checkpoint` | a text file, which lists the checkpoints and the latest one |
# | `model.ckpt-16.index`, `model.ckpt-16.data-…` | the variables after 16 steps |
# | `model.ckpt-16.meta`, `graph.pbtxt` | the graph, which you do not need to read the variables |
# | `events.out.tfevents.…` (not printed above) | the loss, for TensorBoard |
#
# ### The model function is called once for each run, not for each step
#
# The next model function stores the mode of each call. The argument of `RunConfig` says that only the two
# latest checkpoints are kept. The cell trains three times for 4 steps, then evaluates, and then predicts. It
# prints the modes and the remaining checkpoints:

# %% called-once
calls, counted_dir = [], tempfile.mkdtemp()


def counted(features, labels, mode, params):
    calls.append(mode)
    return model_fn(features, labels, mode, params)


counting = Estimator(counted, counted_dir, RunConfig(keep_checkpoint_max=2), params)
for _ in range(3):
    counting.train(input_fn, steps=4)
counting.evaluate(input_fn)
next(counting.predict(input_fn))
print(calls)
print(sorted(path.name for path in Path(counted_dir).glob("*.index")))

# %% [markdown]
# The model function was called five times, once for each run, although the three training runs had 12 steps.
# The checkpoints of the steps 8 and 12 remain.
#
# (estimator-contract)=
# ## Old code relies on these rules
#
# ### Arguments are passed by name, and only if the function has them
#
# The next model function has its arguments in a different order. It has the argument `config`, but not
# `params`:

# %% any-order
received = {}


def any_order(config, mode, labels, features):
    received.update(mode=mode, seed=config.tf_random_seed)
    return model_fn(features, labels, mode, params)


Estimator(any_order, config=RunConfig(tf_random_seed=7)).train(input_fn, steps=1)
print(received)

# %% [markdown]
# An input function can also have the arguments `mode`, `params` and `config`. The Estimator in this cell got no
# `model_dir`, so it made a temporary folder. Its attribute `model_dir` contains the path.
#
# ### The Estimator copies the parameters
#
# If you change your dictionary later, the model function does not see the change. If the model function changes
# its `params`, the next run does not see the change. The next cell makes both changes, and prints the learning
# rate of each run:

# %% params-copied
def changes_its_copy(features, labels, mode, params):
    rates.append(params["learning_rate"])
    params["learning_rate"] = 99.0
    return model_fn(features, labels, mode, params)


rates, yours = [], {"columns": columns, "learning_rate": 0.1}
estimator = Estimator(changes_its_copy, params=yours)
yours["learning_rate"] = 5.0
estimator.train(input_fn, steps=1).train(input_fn, steps=1)
print(rates)

# %% [markdown]
# ### `predict` needs no labels, and runs a batch only when you ask for its examples
#
# The input in the next cell has features without labels, and it never ends. The prediction is a tensor, not a
# dictionary. The Estimator runs a batch only when you ask for one of its examples. So you can take five
# predictions and stop:

# %% predict-endless
def sunny_days():
    day = {"temperature": [24.0, 4.0], "weather": ["sun", "sun"]}
    return tf.data.Dataset.from_tensors(day).repeat()


def only_a_tensor(features, labels, mode, params):
    spec = model_fn(features, labels, mode, params)
    return EstimatorSpec(mode, predictions=spec.predictions["rides"])


predictions = Estimator(only_a_tensor, model_dir, params=params).predict(sunny_days)
show(rides=list(itertools.islice(predictions, 5)), digits=2)

# %% [markdown]
# Be careful if the input function returns pairs. `predict` uses the first element of each pair, and ignores the
# second element. So if the features themselves are a tuple of two, `predict` ignores the second one, and there
# is no error.
#
# ### `steps` counts from the current step, `max_steps` counts from step 0
#
# With `steps`, each call trains for this number of steps. With `max_steps`, a call trains until the global step
# has this value. If the checkpoint already has this value, the call does nothing. So you can start an
# interrupted job again with the same line of code. The next cell calls `train` four times:

# %% max-steps
steps_dir = tempfile.mkdtemp()
estimator = Estimator(model_fn, steps_dir, params=params)
for asked_for in ({"steps": 3}, {"steps": 3}, {"max_steps": 7}, {"max_steps": 7}):
    estimator.train(input_fn, **asked_for)
    print(asked_for, "→ global step", tf.train.load_variable(steps_dir, "global_step"))

# %% [markdown]
# `evaluate(steps=2)` stops after two batches. If the model function returns no `eval_metric_ops`, `evaluate`
# still returns the loss and the global step:

# %% evaluate-steps
def without_metrics(features, labels, mode, params):
    spec = model_fn(features, labels, mode, params)
    return dataclasses.replace(spec, eval_metric_ops=None)


estimator = Estimator(without_metrics, model_dir, params=params)
show(two_batches=estimator.evaluate(input_fn, steps=2)["loss"], digits=2)
print(sorted(estimator.evaluate(input_fn)))

# %% [markdown]
# ### Six mistakes raise an error
#
# The next cell makes these mistakes and prints the errors:
#
# 1. an `EstimatorSpec` for training without a `train_op`
# 2. an `EstimatorSpec` for prediction without `predictions`
# 3. a training with 0 steps
# 4. a training with both `steps` and `max_steps`
# 5. a metric with the name `loss`
# 6. `params` for a model function that does not have this argument

# %% refused
def own_loss(features, labels, mode):
    spec = model_fn(features, labels, mode, params)
    own = {"loss": v1.metrics.mean(spec.loss)}
    return dataclasses.replace(spec, eval_metric_ops=own)


for refused in (
    lambda: EstimatorSpec("train", loss=tf.constant(1.0)),
    lambda: EstimatorSpec("infer", loss=tf.constant(1.0)),
    lambda: estimator.train(input_fn, steps=0),
    lambda: estimator.train(input_fn, steps=1, max_steps=1),
    lambda: Estimator(own_loss).evaluate(input_fn),
    lambda: Estimator(own_loss, params={"rate": 0.1}),
):
    try:
        refused()
    except ValueError as error:
        print(textwrap.fill(str(error), 80))

# %% [markdown]
# ### If the loss is NaN, the run stops, and the last checkpoint remains
#
# The next cell continues the training from step 16. The learning rate is so large that the weights overflow:

# %% nan-loss
too_fast = Estimator(model_fn, model_dir, params=params | {"learning_rate": 1e38})
try:
    too_fast.train(input_fn)
except v1.train.NanLossDuringTrainingError as error:
    print(error)
print(os.path.basename(tf.train.latest_checkpoint(model_dir)))
estimator = Estimator(model_fn, model_dir, params=params)
show(rmse=estimator.evaluate(input_fn)["rmse"], digits=2)

# %% [markdown]
# After the error, the Estimator saves nothing. The latest checkpoint is still the one of step 16, and the
# metric is the same as before. There is one exception: with `RunConfig(save_checkpoints_steps=1)`, the
# Estimator saves the broken weights before the run stops.
#
# In Keras, `fit` continues with NaN, unless you pass `keras.callbacks.TerminateOnNaN()`. In a PyTorch loop,
# check `loss.isfinite()` before you call `optimizer.step()`.
#
# (estimator-classifier)=
# ### In a classifier, the loss uses the logits, and the metric uses their argmax
#
# The next model function classifies the days as quiet (below 1,000 rides), ordinary, or busy (above 2,500
# rides). The network has three outputs, the *logits*. The loss uses the logits. The accuracy and the predicted
# class use the index of the largest logit.

# %% classifier-fn
busy = np.digitize(rides, [1, 2.5])  # 0 quiet, 1 ordinary, 2 busy
zeros = np.zeros((16, 3), np.float32), np.zeros(3, np.float32)


def busy_input_fn():
    features = {"temperature": temperature, "weather": weather}
    return tf.data.Dataset.from_tensor_slices((features, busy)).batch(32)


def classifier_fn(features, labels, mode, params):
    x = v1.feature_column.input_layer(features, params["columns"])
    h = tf.tanh(dense(x, "hidden", *start[:2]))  # (batch, hidden)
    logits = dense(h, "out", *zeros)  # (batch, 3)
    classes = tf.argmax(logits, axis=1)
    if mode == ModeKeys.PREDICT:
        probabilities = tf.nn.softmax(logits)
        return EstimatorSpec(mode, {"class": classes, "probabilities": probabilities})
    loss = v1.losses.sparse_softmax_cross_entropy(labels, logits)
    if mode == ModeKeys.EVAL:
        accuracy = v1.metrics.accuracy(labels, classes)
        return EstimatorSpec(mode, loss=loss, eval_metric_ops={"accuracy": accuracy})
    train_op = v1.train.AdamOptimizer(params["learning_rate"]).minimize(
        loss, v1.train.get_global_step())
    return EstimatorSpec(mode, loss=loss, train_op=train_op)

# %% classifier
busy_dir, busy_record = tempfile.mkdtemp(), StepLosses()
classifier = Estimator(
    classifier_fn, busy_dir, params={"columns": columns, "learning_rate": 0.05})
for _ in range(2):
    classifier.train(busy_input_fn, [busy_record])
busy_metrics = classifier.evaluate(busy_input_fn)
show(first_loss=busy_record.losses[0])
show(**busy_metrics, digits=2)
show(**next(classifier.predict(busy_input_fn)), digits=2)

# %% [markdown]
# The first loss is the logarithm of 3. The last layer starts with zeros, so before the first step all three
# classes have the same probability.
#
# (estimator-layers)=
# ### Keras layers with names replace `tf.layers`, except for dropout and batch normalization
#
# In a model function, replace `tf.layers.dense(x, 16, name="hidden")` by `keras.layers.Dense(16,
# name="hidden")(x)`. The weights then have the same names, so the Estimator can load an old checkpoint. The
# next cell uses the names of the network above, and prints the predictions of both networks:

# %% named-layers
def with_layers(features, labels, mode, params):
    x = v1.feature_column.input_layer(features, params["columns"])
    h = keras.layers.Dense(16, "tanh", name="hidden")(x)
    y_hat = keras.layers.Dense(1, name="out")(h)
    return EstimatorSpec(mode, predictions={"rides": y_hat[:, 0]})


for a_model_fn in (model_fn, with_layers):
    estimator = Estimator(a_model_fn, model_dir, params=params)
    predictions = itertools.islice(estimator.predict(input_fn), 4)
    show(rides=[prediction["rides"] for prediction in predictions], digits=2)

# %% [markdown]
# Always pass `name` to these layers. Without a name, Keras makes a new name in every graph. Then `evaluate`
# looks for variables that `train` has not saved. The next cell makes the same layer in two graphs, and prints
# the names of its variables:

# %% unnamed-layers
for _ in range(2):
    with tf.Graph().as_default():
        keras.layers.Conv1D(1, 1)(tf.zeros([1, 1, 1]))
        print([variable.name for variable in v1.trainable_variables()])

# %% [markdown]
# Two Keras layers do not work in a graph, and there is no error. `Dropout` sets the same units to 0 in every
# step, and `BatchNormalization` never updates its moving averages. Use the functions of `tf.nn` for these two.
# The next cell runs both layers twice. The mean of the inputs of `BatchNormalization` is 2, but its moving mean
# stays at its initial value, 0.

# %% layers-with-state
with tf.Graph().as_default(), v1.Session() as session:
    dropped = keras.layers.Dropout(0.5)(tf.ones([1, 100]), training=True)
    norm = keras.layers.BatchNormalization(name="norm")
    normalized = norm(tf.constant([[1.0], [3.0]]), training=True)
    session.run(v1.global_variables_initializer())
    masks = [session.run([dropped, normalized])[0] for _ in range(2)]
    print("one mask for both steps:", np.array_equal(*masks))
    show(moving_mean=session.run(norm.moving_mean.value))

# %% [markdown]
# (estimator-left-out)=
# ### What is missing in the rebuilt Estimator
#
# | missing | old code used it |
# | --- | --- |
# | `export_saved_model` | to export a model for serving |
# | `train_and_evaluate`, `TrainSpec`, `EvalSpec` | to evaluate at each checkpoint |
# | `train_distribute`, `TF_CONFIG`, `TPUEstimator` | to train on several devices or machines |
# | `DNNClassifier`, `LinearRegressor`, … | to use a model function that TensorFlow contained |
# | `WarmStartSettings` | to load only some of the variables in a warm start |
# | Keras metrics in `eval_metric_ops` | instead of `v1.metrics`; the metrics of Keras 3 need no graph |
# | the folder `model_dir/eval` | to show the metrics in TensorBoard |
# | `saving_listeners`, ten fields of `RunConfig` | seldom |
#
# Three things are different:
#
# - The error for predictions of unequal length has a different text.
# - The error for a metric with the name `global_step` has a different text.
# - While you take examples from the `predict` of the original Estimator, your own program is in graph mode.
#   There, `tf.constant(1)` has no value. With the rebuilt Estimator, your program stays in eager mode.

# %% [markdown]
# (estimator-port)=
# ## What each part becomes in Keras and in PyTorch
#
# | Estimator | Keras | PyTorch |
# | --- | --- | --- |
# | `model_fn`: the network | a function that makes a `keras.Model` | an `nn.Module` |
# | `model_fn`: the loss | `loss` of `compile` | a line of your loop |
# | a penalty in the loss | `add_loss` in a layer | a line of your loop |
# | `mode`, for dropout | `training` in a call; `fit` and `evaluate` set it | `net.train()`, `net.eval()` |
# | `params` | arguments of the function that makes the network | arguments of the Python class |
# | `EstimatorSpec` | `compile(optimizer, loss, metrics)` | the lines of your loop |
# | `input_fn` | a `tf.data.Dataset` | a `DataLoader` |
# | feature columns | preprocessing layers, `FeatureSpace` | your own code |
# | `AdagradOptimizer(lr)` | `Adagrad(lr)` | `Adagrad(lr=lr, initial_accumulator_value=0.1)` |
# | `AdamOptimizer(lr)` | `Adam(lr, epsilon=1e-8)` | `Adam(lr=lr)` |
# | `eval_metric_ops` | `metrics` of `compile` | your own code |
# | `train(steps=)` | `steps_per_epoch` and `epochs` | the length of your loop |
# | `train(max_steps=)` | `initial_epoch` | your loop starts at the saved step |
# | `evaluate(steps=)` | `steps` | `itertools.islice` of the loader |
# | hooks | callbacks | lines of your loop |
# | `RunConfig` | callbacks, `keras.utils.set_random_seed` | `torch.manual_seed`, your own code |
# | `model_dir`, to continue a run | `net.save`, `load_model`; `BackupAndRestore` | both `state_dict`s in one file |
# | `warm_start_from` | `load_model` or `load_weights`, a new optimizer | `load_state_dict`, a new optimizer |
# | global step | `optimizer.iterations` | your own counter |
# | `train_and_evaluate` | `fit(validation_data=…)` with `ModelCheckpoint` | an evaluation in your loop |
# | `DNNClassifier(hidden_units=[16])` | `Dense(16, "relu")`, `Dense(n_classes)` | `nn.Linear`, `nn.ReLU`, `nn.Linear` |
# | `export_saved_model` | `net.export` | `torch.export` |
#
# Port in this order, and compare the results after each step:
#
# 1. Save the losses, the metrics and the predictions of the old program. If it no longer runs, use TensorFlow
#    2.15, the last release with Estimators, or use the cells above.
# 2. Write the network, and load the weights of an old checkpoint. The predictions must be the same.
# 3. Evaluate. The metrics must be the same. The loss may differ in Keras, because Keras computes a different
#    mean.
# 4. Load the checkpoint of step 0, and train. The losses must be the same in every step.
# 5. Replace the feature columns last.
#
# The cells above did the first step. The rest of this page shows the other four.
#
# ### With the weights of a checkpoint, the port gives the same predictions
#
# You can read a checkpoint without an Estimator. `tf.train.load_variable` takes two arguments: a folder or one
# of its checkpoints, and the name of a variable.

# %% weights-in
x = matrix({"temperature": temperature, "weather": weather})  # (250, 4)


def weights_in(folder, step):
    names = "hidden/kernel", "hidden/bias", "out/kernel", "out/bias"
    checkpoint = f"{folder}/model.ckpt-{step}"
    return [tf.train.load_variable(checkpoint, name) for name in names]

# %% [markdown]
# The loss contains a penalty, which needs a place in the port:
#
# - In PyTorch, `forward` returns the penalty together with the prediction.
# - In Keras, a layer passes the penalty to `add_loss`. `fit` and `evaluate` then include it in the loss.

# %% port-net-pt tags=["pytorch"]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        h = torch.tanh(self.hidden(x))  # (batch, hidden)
        penalty = 0.1 * (h**2).mean()
        return self.out(h), penalty

# %% port-net-tf tags=["tensorflow"]
class ActivityPenalty(keras.layers.Layer):
    def call(self, h):
        self.add_loss(0.1 * tf.reduce_mean(h**2))
        return h


def make_net():
    x = keras.Input([4])
    h = keras.layers.Dense(16, "tanh")(x)  # (batch, hidden)
    y_hat = keras.layers.Dense(1)(ActivityPenalty()(h))
    return keras.Model(x, y_hat)

# %% [markdown]
# The kernels in the checkpoint have the shape (in, out), as in Keras. The weights in PyTorch have the shape
# (out, in), so the PyTorch cell transposes them.

# %% port-weights-pt tags=["pytorch"]
def net_pt(step):
    net = Net()
    weights = weights_in(model_dir, step)
    weights = [torch.tensor(w.T) for w in weights]
    net.load_state_dict(dict(zip(net.state_dict(), weights)))
    return net


with torch.no_grad():
    y_hat_pt, _ = net_pt(16)(torch.tensor(x))
show(rides=y_hat_pt[:4, 0], digits=2)

# %% port-weights-tf tags=["tensorflow"]
def net_tf(step):
    net = make_net()
    net.set_weights(weights_in(model_dir, step))
    return net


y_hat_tf = net_tf(16)(tf.constant(x))
show(rides=y_hat_tf[:4, 0], digits=2)

# %%
predictions = Estimator(model_fn, model_dir, params=params).predict(input_fn)
estimator_rides = tf.constant([prediction["rides"] for prediction in predictions])
agree(y_hat_pt, y_hat_tf)
agree(y_hat_pt[:, 0], estimator_rides)

# %% [markdown]
# The first line compares PyTorch with Keras, and the second line compares PyTorch with the Estimator.
#
# ### The Estimator's loss is a mean over batches, Keras's loss is a mean over examples
#
# The next cells evaluate the ported networks, and then print the results of the Estimator. `rmse` is the root
# of the mean squared error.

# %% port-evaluate-pt tags=["pytorch"]
days = torch.utils.data.TensorDataset(
    torch.tensor(x), torch.tensor(y))
batches = torch.utils.data.DataLoader(days, batch_size=32)
net, losses, squares = net_pt(16), [], []
with torch.no_grad():
    for x_batch, y_batch in batches:
        y_hat, penalty = net(x_batch)
        squares.append((y_hat - y_batch) ** 2)
        losses.append(squares[-1].mean() + penalty)
loss_pt = torch.stack(losses).mean()  # over batches
rmse_pt = torch.cat(squares).mean().sqrt()  # over days
show(loss=loss_pt, rmse=rmse_pt, digits=3)

# %% port-evaluate-tf tags=["tensorflow"]
net = net_tf(16)
rmse = keras.metrics.RootMeanSquaredError(name="rmse")
adagrad = keras.optimizers.Adagrad(0.1)
net.compile(adagrad, loss="mse", metrics=[rmse])
metrics_tf = net.evaluate(
    x, y, batch_size=32, return_dict=True, verbose=0)
show(**metrics_tf, digits=3)

# %% estimator-metrics
show(loss=metrics["loss"], rmse=metrics["rmse"], digits=3)  # of the Estimator

# %% [markdown]
# The Estimator's loss is 0.366, and Keras's loss is 0.365, because the last of the 8 batches has only 26 days:
#
# - The Estimator takes the mean of the 8 batch losses. So the last batch has the same weight as a batch of 32
#   days. The PyTorch cell does the same.
# - Keras weights each batch loss by the number of days in the batch.
#
# `rmse` is the same in all three, because it is computed from all days, not from the RMSE of each batch.
#
# In your own loop, do not take the mean of the metrics of the batches, because this mean is a different number.
# The difference is large if the batches are very different. In the next cell the days are sorted by
# temperature, and the network is untrained. `metric` is the right value, and `mean_of_batches` is the wrong
# one:

# %% mean-of-means
net, metric, alone = net_tf(0), keras.metrics.RootMeanSquaredError(), []
order = np.argsort(temperature)
for days_sorted in np.split(order, range(32, 250, 32)):
    y_hat = net(x[days_sorted])
    metric.update_state(y[days_sorted], y_hat)
    alone.append(np.sqrt(np.mean((y[days_sorted] - y_hat) ** 2)))
show(metric=metric.result(), mean_of_batches=np.mean(alone), digits=2)

# %% [markdown]
# ### From the checkpoint of step 0, all sixteen losses agree
#
# In Keras the hook becomes a callback. `fit` passes the mean loss of the epoch so far to the callback. So the
# callback resets this mean before each batch, and gets the loss of each batch.

# %% batch-losses
class BatchLosses(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.losses = []

    def on_train_batch_begin(self, batch, logs=None):
        self.model.reset_metrics()

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])

# %% [markdown]
# Adagrad's sum of squares starts at 0.1 in TensorFlow 1 and in Keras. In PyTorch it starts at 0, unless you
# pass `initial_accumulator_value`. The next cells train the ports for two epochs.

# %% port-train-pt tags=["pytorch"]
def adagrad_of(net):
    return torch.optim.Adagrad(
        net.parameters(), lr=0.1, initial_accumulator_value=0.1)


def train_pt(net, adagrad, epochs):
    losses = []
    for x_batch, y_batch in [*batches] * epochs:
        y_hat, penalty = net(x_batch)
        loss = F.mse_loss(y_hat, y_batch) + penalty
        adagrad.zero_grad()
        loss.backward()
        adagrad.step()
        losses.append(loss.detach())
    return losses

# %% port-train-tf tags=["tensorflow"]
def compiled(net):
    adagrad = keras.optimizers.Adagrad(0.1)
    net.compile(adagrad, loss="mse")
    return net


def train_tf(net, epochs):
    record = BatchLosses()
    net.fit(x, y, batch_size=32, epochs=epochs, shuffle=False,
            verbose=0, callbacks=[record])
    return record.losses

# %% port-steps-pt tags=["pytorch"]
trained_pt = net_pt(0)
adagrad = adagrad_of(trained_pt)
losses_pt = train_pt(trained_pt, adagrad, epochs=2)
show(first=losses_pt[0])
show(last=losses_pt[-1], digits=2)

# %% port-steps-tf tags=["tensorflow"]
trained_tf = compiled(net_tf(0))
losses_tf = train_tf(trained_tf, epochs=2)
show(first=losses_tf[0])
show(last=losses_tf[-1], digits=2)

# %% port-agrees
agree(losses_pt, [tf.constant(loss) for loss in losses_tf], rtol=1e-3)
agree(losses_pt, [tf.constant(loss) for loss in record.losses], rtol=1e-3)

# %% [markdown]
# The second line again compares PyTorch with the Estimator. If you do not need the loss of each step, the whole
# port to Keras is one cell. Its last two lines show the losses that the two `evaluate` methods report:

# %% ported
net = net_tf(0)
rmse = keras.metrics.RootMeanSquaredError(name="rmse")
net.compile(keras.optimizers.Adagrad(0.1), loss="mse", metrics=[rmse])
net.fit(x, y, batch_size=32, epochs=2, shuffle=False, verbose=0)
ported = net.evaluate(x, y, batch_size=32, return_dict=True, verbose=0)
show(**ported, global_step=net.optimizer.iterations,
     first_prediction=net.predict(x[:1], verbose=0)[0, 0], digits=2)
show(estimator=metrics["loss"], keras=ported["loss"], digits=3)

# %% [markdown]
# (estimator-warm-start)=
# ### A continued run keeps the optimizer's state, a warm start does not
#
# An Estimator that finds a checkpoint in its own folder *goes on* with this run. It loads the weights,
# Adagrad's sums, and the global step. An Estimator with `warm_start_from` *starts warm*. It loads only the
# weights, from another folder. So in both cases the first loss is the same, but the second loss is different.
# In the next cell both Estimators train for three epochs. The cell prints their first four losses, and then the
# global steps:

# %% warm-start
warm_dir, going_on, warm = tempfile.mkdtemp(), StepLosses(), StepLosses()
trained = f"{model_dir}/model.ckpt-16"
for _ in range(3):
    train_estimator(warm_dir, params, [warm], warm_start_from=trained)
    train_estimator(model_dir, params, [going_on])
show(going_on=going_on.losses[:4], warm=warm.losses[:4], digits=2)
for folder in (model_dir, warm_dir):
    print("global step", tf.train.load_variable(folder, "global_step"))

# %% [markdown]
# `warm_start_from` has an effect only in the first run. In the second and third run, the folder has its own
# checkpoint, and the Estimator goes on from this checkpoint. The global step also starts at 0 again after a
# warm start.
#
# In the port, you decide what to load. Save the network together with its optimizer. To go on, load both. To
# start warm, load only the network.

# %% save-pt tags=["pytorch"]
file_pt = Path(tempfile.mkdtemp()) / "run.pt"
torch.save({"net": trained_pt.state_dict(),
            "adagrad": adagrad.state_dict()}, file_pt)

# %% save-tf tags=["tensorflow"]
file_tf = Path(tempfile.mkdtemp()) / "run.keras"
trained_tf.save(file_tf)  # the optimizer goes along
own = {"ActivityPenalty": ActivityPenalty}

# %% load-pt tags=["pytorch"]
def loaded_pt(go_on):
    saved = torch.load(file_pt)
    net = Net()
    net.load_state_dict(saved["net"])
    adagrad = adagrad_of(net)
    if go_on:
        adagrad.load_state_dict(saved["adagrad"])
    return train_pt(net, adagrad, epochs=3)


going_on_pt, warm_pt = loaded_pt(True), loaded_pt(False)
show(going_on=going_on_pt[:4], warm=warm_pt[:4], digits=2)

# %% load-tf tags=["tensorflow"]
def loaded_tf(go_on):
    net = keras.saving.load_model(file_tf, custom_objects=own)
    if not go_on:
        compiled(net)  # with a new optimizer
    return train_tf(net, epochs=3)


going_on_tf, warm_tf = loaded_tf(True), loaded_tf(False)
show(going_on=going_on_tf[:4], warm=warm_tf[:4], digits=2)

# %% warm-agrees
in_keras = [tf.constant(loss) for loss in going_on_tf + warm_tf]
in_estimator = [tf.constant(loss) for loss in going_on.losses + warm.losses]
agree(going_on_pt + warm_pt, in_keras, rtol=1e-3)
agree(going_on_pt + warm_pt, in_estimator, rtol=1e-3)

# %% warm-figure tags=["hide-input"]
# alt: The loss over the global steps 17 to 40. A solid line is the run that goes on, and a dashed line is the run that starts warm. PyTorch's losses are circles and Keras's losses are crosses, and they lie on both lines. Both runs begin at the same loss. The warm run is higher at step 20, is lower from step 22 on, and ends at 0.17; the other run ends at 0.22.
fig, ax = plt.subplots()
steps = np.arange(17, 41)
for line, in_pt, losses in (("-", going_on_pt, going_on.losses),
                            ("--", warm_pt, warm.losses)):
    ax.plot(steps, losses, line, color=plots.INK, linewidth=1.2)
    ax.plot(steps, [float(loss) for loss in in_pt], "o", color=plots.PYTORCH, markersize=6,
            fillstyle="none")
for losses in (going_on_tf, warm_tf):
    ax.plot(steps, losses, "x", color=plots.TENSORFLOW, markersize=4)
ax.annotate("starts warm", (20, warm.losses[3]), (7, -2), textcoords="offset points")
ax.annotate("goes on", (24, going_on.losses[7]), (7, 2), textcoords="offset points")
ax.annotate("lines: Estimator", (31, 0.46))
ax.annotate("circles: PyTorch", (31, 0.43), color=plots.PYTORCH)
ax.annotate("crosses: Keras", (31, 0.40), color=plots.TENSORFLOW)
ax.set(xlabel="global step of the run that goes on", ylabel="loss", ylim=(0.1, 0.5),
       title="A new optimizer makes larger steps: first worse, then better")
plt.show()

# %% [markdown]
# Adagrad divides each step by the root of the sum of all squared gradients so far. After a warm start this sum
# starts at 0.1 again, so the steps are larger. Larger steps can be useful if you train on new data. If you
# continue an interrupted job, load the optimizer, too.

# %% [markdown]
# ### In the ported classifier, losses and accuracy are the same in both frameworks
#
# | TensorFlow 1 | Keras | PyTorch |
# | --- | --- | --- |
# | `losses.sparse_softmax_cross_entropy(labels, logits)` | `SparseCategoricalCrossentropy(from_logits=True)` | `F.cross_entropy(logits, labels)` |
# | `metrics.accuracy(labels, tf.argmax(logits, 1))` | `metrics=["accuracy"]` | `(logits.argmax(1) == labels).float().mean()` |
#
# The default ε of TensorFlow 1's `AdamOptimizer` is 1e-8. The default of Keras's `Adam` is 1e-7, so the Keras
# cell passes 1e-8. The default of PyTorch's `Adam` is also 1e-8. PyTorch has ε at [a different position in the
# formula](three-ways-defaults), but the losses of this example still agree.

# %% busy-train-pt tags=["pytorch"]
busy_net_pt = nn.Sequential(
    nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
weights = [torch.tensor(w.T) for w in weights_in(busy_dir, 0)]
busy_net_pt.load_state_dict(
    dict(zip(busy_net_pt.state_dict(), weights)))
adam = torch.optim.Adam(busy_net_pt.parameters(), lr=0.05)
x_pt, labels, busy_pt = torch.tensor(x), torch.tensor(busy), []
for i in [*range(0, 250, 32)] * 2:
    logits = busy_net_pt(x_pt[i:i + 32])  # (batch, 3)
    loss = F.cross_entropy(logits, labels[i:i + 32])
    adam.zero_grad()
    loss.backward()
    adam.step()
    busy_pt.append(loss.detach())

# %% busy-train-tf tags=["tensorflow"]
busy_net_tf = keras.Sequential([
    keras.Input([4]), keras.layers.Dense(16, "tanh"),
    keras.layers.Dense(3)])
busy_net_tf.set_weights(weights_in(busy_dir, 0))
adam = keras.optimizers.Adam(0.05, epsilon=1e-8)
cross_entropy = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True)
busy_net_tf.compile(adam, cross_entropy, metrics=["accuracy"])
busy_tf = BatchLosses()
busy_net_tf.fit(
    x, busy, batch_size=32, epochs=2, shuffle=False,
    verbose=0, callbacks=[busy_tf])
busy_tf = [tf.constant(loss) for loss in busy_tf.losses]

# %% busy-accuracy-pt tags=["pytorch"]
with torch.no_grad():
    right = busy_net_pt(x_pt).argmax(1) == labels
accuracy_pt = right.float().mean()
show(last_loss=busy_pt[-1], accuracy=accuracy_pt, digits=2)

# %% busy-accuracy-tf tags=["tensorflow"]
accuracy_tf = busy_net_tf.evaluate(
    x, busy, return_dict=True, verbose=0)["accuracy"]
show(last_loss=busy_tf[-1], accuracy=accuracy_tf, digits=2)

# %% busy-agrees
agree(busy_pt, busy_tf, rtol=1e-3)
agree(busy_pt, [tf.constant(loss) for loss in busy_record.losses], rtol=1e-3)
show(accuracy_of_the_estimator=busy_metrics["accuracy"], digits=2)

# %% [markdown]
# (estimator-features)=
# ### Feature columns become layers, which treat unknown words in a different way
#
# Preprocessing layers can be part of the network. The two layers in the next cell make the same matrix as the
# feature columns. The difference is a word that is not in the vocabulary, here "snow":
#
# - The feature column gives three zeros (`column`).
# - By default, `StringLookup` has one more column for all unknown words (`default`).
# - With `num_oov_indices=0`, `StringLookup` raises an error, as the second cell shows.

# %% preprocessing
scale = keras.layers.Normalization(mean=18, variance=100)
vocabulary = ["sun", "cloud", "rain"]
look_up = keras.layers.StringLookup(
    vocabulary=vocabulary, num_oov_indices=0, output_mode="one_hot")
show(layers=np.column_stack([scale(temperature[:3, None]), look_up(weather[:3])]))

snow = np.array(["snow"])
show(column=matrix({"temperature": temperature[:1], "weather": snow})[:, 1:])
with_new = keras.layers.StringLookup(vocabulary=vocabulary, output_mode="one_hot")
show(default=with_new(snow))

# %% new-word-refused
try:
    look_up(snow)
except tf.errors.InvalidArgumentError as error:
    plain = re.sub(r"\x1b\[\d+m", "", str(error))  # without colours
    print(textwrap.fill(plain, 80))

# %% [markdown]
# `FeatureSpace` makes such layers for a dictionary of features, and computes the means and the vocabularies
# from the data. So it scales the temperatures a little differently. It sorts the words by their frequency in
# the data.

# %% feature-space
Features = keras.utils.FeatureSpace
space = Features({"temperature": Features.float_normalized(),
                  "weather": Features.string_categorical(num_oov_indices=0)})
space.adapt(input_fn().map(lambda features, labels: features))
show(space=space({"temperature": temperature[:3], "weather": weather[:3]}))

# %% [markdown]
# ### The Estimator's program has as many statements as a PyTorch loop
#
# [Three ways to train](three-ways-compared) counts the statements, the nesting and the framework names of
# programs for this task. The next cell counts the same for the Estimator's program. This program is the input
# function, the model function and the call of `train`.

# %% estimator-measured
of_estimator = "Estimator", "EstimatorSpec", "ModeKeys"
program = measure(input_fn, model_fn, train_estimator, imported=of_estimator)
print(program.statements, "statements, nesting", program.nesting)
print(len(program.names), "names:")
print(textwrap.fill(", ".join(program.names), 80))

# %% [markdown]
# The PyTorch loop also has 23 statements, and the program with `fit` has 13. Five statements of the Estimator's
# program are for evaluation and prediction, which the PyTorch loop does not contain. Four other statements
# replace the layer that TensorFlow removed. The Estimator's program uses more framework names than any of the
# other programs.
#
# ## Which way to choose
#
# | you have | choose | because |
# | --- | --- | --- |
# | one loss, one optimizer, metrics | `compile` and `fit` | the port is one cell |
# | a `train_op` with two optimizers, your own clipping, or two losses that alternate | [a loop](pytorch-training) | a `train_op` is the body of a loop |
# | hooks that run code in each step | a callback, or a line in the loop | both run in each step |
# | a checkpoint, and no program that still runs | `tf.train.load_variable` | it needs no Estimator and no graph |
# | a job that can be interrupted | to save the network *and* the optimizer | with the weights alone, the run starts warm |
# | no time to port now | TensorFlow 2.15 with Python 3.9 to 3.11 | it is the last release with `tf.estimator`; it gets no fixes |
#
# ## Exercises
#
# Write a metric that is right for a small last batch, and the loss that `evaluate` reports. Then write two runs
# of Adagrad, where the second run goes on or starts warm. [Exercises on the
# Estimator](../../exercises/start/the_estimator.ipynb)
#
# ## References
#
# ```{footbibliography}
# ```
