"""Small programs as people wrote them for ``tf.estimator``, and what each of them does.

Run by itself under TensorFlow 2.15, the last release with Estimators, this file writes what the
original does into ``tensorflow_2_15.json``::

    python3.11 -m venv old
    old/bin/pip install 'tensorflow-cpu==2.15.*' 'tensorflow-estimator==2.15.*' 'numpy<2'
    old/bin/python tests/the_estimator/programs.py

The test beside it runs the same programs on the Estimator that the page rebuilds.
"""

import functools
import itertools
import json
import os
import re
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
RECORDED = Path(__file__).parent / "tensorflow_2_15.json"
PROGRAMS = {}
X = np.arange(10, dtype=np.float32)[:, None]
Y = 2 * X + 1


def program(function):
    """Register a program: it takes what ``tf.estimator`` offers, and an empty folder."""
    PROGRAMS[function.__name__] = function
    return function


def outcome(function, estimator):
    """What a program returns, as JSON has it; or its error, without what differs on each run."""
    try:
        result = function(estimator, tempfile.mkdtemp())
    except Exception as error:
        message = re.sub(r" \(<.* at 0x\w+>\)", "", str(error))  # the model function
        return {"error": type(error).__name__, "message": message}
    return json.loads(json.dumps(result, default=lambda x: np.asarray(x).tolist()))


def input_fn(repeat=9, batch=4):
    data = tf.data.Dataset.from_tensor_slices(({"x": X}, Y))
    return data.batch(batch).repeat(repeat)


def once():
    return input_fn(1)


def forever():
    return input_fn(None)


class Losses(v1.train.SessionRunHook):
    """Keeps the loss of each step."""

    def __init__(self):
        self.losses = []

    def begin(self):
        self.loss = v1.get_collection(v1.GraphKeys.LOSSES)[-1]

    def before_run(self, context):
        return v1.train.SessionRunArgs(self.loss)

    def after_run(self, context, values):
        self.losses.append(values.results)


def regression(e, prepare=lambda x, mode: x, rate=0.1, loss_of=lambda loss, step: loss):
    """A model function; programs change its input, its rate or its loss."""

    def model_fn(features, labels, mode):
        w = v1.get_variable("w", initializer=[[0.5]])
        b = v1.get_variable("b", initializer=[0.0])
        y_hat = prepare(features["x"], mode) @ w + b
        if mode == e.ModeKeys.PREDICT:
            predictions = {"y": y_hat[:, 0], "twice": 2 * y_hat[:, 0]}
            return e.EstimatorSpec(mode, predictions=predictions)
        step = v1.train.get_global_step()
        loss = loss_of(tf.reduce_mean((y_hat - labels) ** 2), step)
        if mode == e.ModeKeys.EVAL:
            rmse = v1.metrics.root_mean_squared_error(labels, y_hat)
            return e.EstimatorSpec(mode, loss=loss, eval_metric_ops={"rmse": rmse})
        train_op = v1.train.AdagradOptimizer(rate).minimize(loss, step)
        return e.EstimatorSpec(mode, loss=loss, train_op=train_op)

    return model_fn


def step_in(folder):
    return int(tf.train.load_variable(folder, "global_step"))


def checkpoints(folder):
    return sorted(path.name for path in Path(folder).glob("*.index"))


# What a run leaves


@program
def trains_evaluates_and_predicts(e, folder):
    estimator, record = e.Estimator(regression(e), folder), Losses()
    returned = estimator.train(input_fn, [record], steps=7)
    metrics = estimator.evaluate(once)
    predictions = list(estimator.predict(once))
    return [returned is estimator, record.losses, metrics, predictions]


@program
def leaves_these_files(e, folder):
    e.Estimator(regression(e), folder).train(input_fn, steps=7)
    files = sorted(path.name for path in Path(folder).iterdir())
    return [name for name in files if "tfevents" not in name], Path(
        folder, "checkpoint"
    ).read_text()


@program
def leaves_these_variables(e, folder):
    e.Estimator(regression(e), folder).train(input_fn, steps=7)
    return [
        (name, shape, tf.train.load_variable(folder, name))
        for name, shape in tf.train.list_variables(folder)
    ]


@program
def leaves_the_loss_for_tensorboard(e, folder):
    e.Estimator(regression(e), folder, e.RunConfig(save_summary_steps=2)).train(input_fn, steps=5)
    (events,) = Path(folder).glob("*tfevents*")
    seen = v1.train.summary_iterator(str(events))
    return [(event.step, v.tag, v.simple_value) for event in seen for v in event.summary.value]


@program
def keeps_two_checkpoints(e, folder):
    estimator = e.Estimator(regression(e), folder, e.RunConfig(keep_checkpoint_max=2))
    for _ in range(3):
        estimator.train(input_fn, steps=4)
    return checkpoints(folder)


@program
def saves_every_second_step(e, folder):
    config = e.RunConfig(save_checkpoints_steps=2)
    e.Estimator(regression(e), folder, config).train(input_fn, steps=5)
    return checkpoints(folder)


@program
def a_moved_folder_still_works(e, folder):
    e.Estimator(regression(e), folder).train(input_fn, steps=3)
    moved = f"{folder}-moved"
    Path(folder).rename(moved)
    return e.Estimator(regression(e), moved).evaluate(once)


@program
def trains_on_nothing(e, folder):
    e.Estimator(regression(e), folder).train(lambda: once().take(0))
    return checkpoints(folder)


@program
def evaluates_nothing(e, folder):
    return e.Estimator(regression(e), folder).evaluate(lambda: once().take(0))


@program
def evaluates_and_predicts_untrained(e, folder):
    estimator = e.Estimator(regression(e), folder)
    return estimator.evaluate(once), next(estimator.predict(once))


@program
def evaluates_an_earlier_checkpoint(e, folder):
    estimator = e.Estimator(regression(e), folder)
    estimator.train(input_fn, steps=4).train(input_fn, steps=2)
    path = f"{folder}/model.ckpt-4"
    predicted = next(estimator.predict(once, checkpoint_path=path))
    return estimator.evaluate(once, checkpoint_path=path), predicted


# How it draws


@program
def a_seed_fixes_the_first_weights(e, folder):
    def model_fn(features, labels, mode):
        v1.get_variable("drawn", [2, 3])
        return regression(e)(features, labels, mode)

    e.Estimator(model_fn, folder, e.RunConfig(tf_random_seed=3)).train(input_fn, steps=1)
    return tf.train.load_variable(folder, "drawn")


@program
def a_seed_fixes_the_order(e, folder):
    record, config = Losses(), e.RunConfig(tf_random_seed=3)
    shuffled = e.Estimator(regression(e), folder, config)
    shuffled.train(lambda: once().unbatch().shuffle(10).batch(4), [record])
    return record.losses


@program
def a_seed_fixes_dropout_which_knows_the_mode(e, folder):
    def prepare(x, mode):
        return tf.nn.dropout(x, 0.5) if mode == e.ModeKeys.TRAIN else x

    record, config = Losses(), e.RunConfig(tf_random_seed=3)
    estimator = e.Estimator(regression(e, prepare), folder, config)
    return estimator.train(once, [record]).evaluate(once), record.losses


@program
def there_is_no_seed_by_default(e, folder):
    return e.RunConfig().tf_random_seed


# What the model function is given


@program
def arguments_in_another_order(e, folder):
    def model_fn(mode, labels, features):
        return regression(e)(features, labels, mode)

    return e.Estimator(model_fn, folder).train(once).evaluate(once)


@program
def config_for_who_asks(e, folder):
    seen = []

    def model_fn(features, labels, mode, config):
        seen.append((mode, config.tf_random_seed, config.model_dir == folder))
        return regression(e)(features, labels, mode)

    e.Estimator(model_fn, folder, e.RunConfig(tf_random_seed=7)).train(once)
    return seen


@program
def params_for_who_asks(e, folder):
    seen = []

    def model_fn(features, labels, mode, params):
        seen.append(params)
        return regression(e)(features, labels, mode)

    e.Estimator(model_fn).train(once)
    e.Estimator(model_fn, params={"rate": 0.3}).train(once)
    return seen


@program
def params_are_copied(e, folder):
    seen, params = [], {"rate": 0.1, "sizes": [1]}

    def model_fn(features, labels, mode, params):
        seen.append(json.dumps(params))
        params["rate"] = 99.0
        params["sizes"].append(2)
        return regression(e)(features, labels, mode)

    estimator = e.Estimator(model_fn, folder, params=params)
    params["rate"] = 5.0
    estimator.params["sizes"].append(3)
    estimator.train(once).evaluate(once)
    return seen, params, estimator.params


@program
def a_bound_argument_stays_bound(e, folder):
    seen = []

    def model_fn(features, labels, mode, params):
        seen.append(params)
        return regression(e)(features, labels, mode)

    e.Estimator(functools.partial(model_fn, params={"rate": 0.7}), folder).train(once)
    return seen


@program
def a_method_and_an_object_with_call(e, folder):
    class Model:
        def model_fn(self, features, labels, mode):
            return regression(e)(features, labels, mode)

        __call__ = model_fn

    e.Estimator(Model().model_fn, folder).train(once, steps=1)
    e.Estimator(Model(), folder).train(once, steps=1)
    return step_in(folder)


@program
def keywords_of_any_name_get_nothing(e, folder):
    seen = []

    def model_fn(features, labels, mode, **more):
        seen.append(sorted(more))
        return regression(e)(features, labels, mode)

    e.Estimator(model_fn, folder).train(once)
    return seen


@program
def an_input_function_may_ask_too(e, folder):
    seen = []

    def asking(mode, params, config):
        seen.append((mode, params, config.model_dir == folder))
        return once()

    def model_fn(features, labels, mode, params):
        return regression(e)(features, labels, mode)

    e.Estimator(model_fn, folder, params={"rate": 0.1}).train(asking).evaluate(asking)
    return seen


@program
def labels_are_none_for_predictions(e, folder):
    seen = []

    def model_fn(features, labels, mode):
        seen.append((mode, labels is None))
        return regression(e)(features, labels, mode)

    estimator = e.Estimator(model_fn, folder).train(once)
    estimator.evaluate(once)
    next(estimator.predict(once))
    return seen


@program
def keyword_only_params_are_not_seen(e, folder):
    def model_fn(features, labels, mode, *, params=None):
        return regression(e)(features, labels, mode)

    e.Estimator(model_fn, params={"rate": 0.1})


@program
def params_that_nobody_takes(e, folder):
    e.Estimator(regression(e), params={"rate": 0.1})


@program
def empty_params_that_nobody_takes(e, folder):
    e.Estimator(regression(e), params={})


@program
def an_argument_that_nobody_knows(e, folder):
    def model_fn(features, labels, mode, hidden=3):
        return regression(e)(features, labels, mode)

    e.Estimator(model_fn)


@program
def no_features_asked_for(e, folder):
    e.Estimator(lambda labels, mode: None)


@program
def labels_that_nobody_takes(e, folder):
    def model_fn(features, mode):
        return regression(e)(features, None, mode)

    e.Estimator(model_fn, folder).train(once)


@program
def no_spec(e, folder):
    e.Estimator(lambda features, labels, mode: {}, folder).train(once)


# What the input function may return


@program
def tensors_without_a_dataset(e, folder):
    def tensors():
        return {"x": tf.constant(X)}, tf.constant(Y)

    record = Losses()
    estimator = e.Estimator(regression(e), folder).train(tensors, [record], steps=3)
    return record.losses, estimator.evaluate(tensors, steps=2)


@program
def a_dataset_with_a_table(e, folder):
    def words():
        pairs = tf.lookup.KeyValueTensorInitializer(["a", "b"], [1.0, 2.0])
        table = tf.lookup.StaticHashTable(pairs, 0.0)
        data = tf.data.Dataset.from_tensor_slices((["a", "b", "c"], np.ones((3, 1), np.float32)))
        return data.map(lambda word, y: ({"x": table.lookup(word)[None]}, y)).batch(3)

    record = Losses()
    e.Estimator(regression(e), folder).train(words, [record])
    return record.losses


@program
def three_of_them(e, folder):
    def triples():
        return tf.data.Dataset.from_tensors(({"x": X}, Y, Y))

    e.Estimator(regression(e), folder).train(triples)


# Steps


@program
def steps_add_up_and_max_steps_do_not(e, folder):
    estimator, seen = e.Estimator(regression(e), folder), []
    for wanted in (
        {"steps": 3},
        {"max_steps": 3},
        {"steps": 2},
        {"max_steps": 7},
        {"max_steps": 6},
    ):
        record = Losses()
        estimator.train(input_fn, [record], **wanted)
        seen.append((len(record.losses), step_in(folder)))
    return seen


@program
def the_input_ends_first(e, folder):
    e.Estimator(regression(e), folder).train(once, steps=100)
    return step_in(folder)


@program
def evaluates_some_steps_of_an_endless_input(e, folder):
    estimator = e.Estimator(regression(e), folder)
    return [estimator.evaluate(forever, steps=steps) for steps in (1, 2, 3)]


@program
def evaluates_more_steps_than_there_are(e, folder):
    return e.Estimator(regression(e), folder).evaluate(once, steps=100)


@program
def no_steps(e, folder):
    e.Estimator(regression(e), folder).train(once, steps=0)


@program
def no_max_steps(e, folder):
    e.Estimator(regression(e), folder).train(once, max_steps=0)


@program
def no_steps_of_evaluation(e, folder):
    e.Estimator(regression(e), folder).evaluate(once, steps=0)


@program
def both_kinds_of_steps(e, folder):
    e.Estimator(regression(e), folder).train(once, steps=1, max_steps=1)


# Predictions


@program
def predicts_on_features_alone(e, folder):
    def features():
        return tf.data.Dataset.from_tensor_slices({"x": X}).batch(4)

    return list(e.Estimator(regression(e), folder).predict(features))


@program
def predicts_a_tensor(e, folder):
    def model_fn(features, labels, mode):
        return e.EstimatorSpec(mode, predictions=2 * features["x"])

    return list(e.Estimator(model_fn, folder).predict(once))


@program
def predicts_from_an_endless_input(e, folder):
    predictions = e.Estimator(regression(e), folder).predict(forever)
    return list(itertools.islice(predictions, 25))


@program
def predicts_a_batch_when_it_is_asked_for(e, folder):
    made = []

    def count():
        for i in itertools.count():
            made.append(i)
            yield {"x": np.full((2, 1), i, np.float32)}

    def counted():
        return tf.data.Dataset.from_generator(
            count, output_signature={"x": tf.TensorSpec((2, 1), tf.float32)}
        )

    predictions = e.Estimator(regression(e), folder).predict(counted)
    first = list(itertools.islice(predictions, 3))
    return first, len(made) <= 4


@program
def predicts_whole_batches(e, folder):
    estimator = e.Estimator(regression(e), folder)
    return list(estimator.predict(once, yield_single_examples=False))


@program
def predicts_some_keys(e, folder):
    return list(e.Estimator(regression(e), folder).predict(once, predict_keys=["y", "other"]))


@program
def predicts_no_known_key(e, folder):
    next(e.Estimator(regression(e), folder).predict(once, predict_keys=["z"]))


@program
def predictions_of_two_lengths(e, folder):
    def model_fn(features, labels, mode):
        predictions = {"a": features["x"], "b": tf.constant([1.0])}
        return e.EstimatorSpec(mode, predictions=predictions)

    list(e.Estimator(model_fn, folder).predict(once))


@program
def the_caller_is_not_in_graph_mode_while_predicting(e, folder):
    predictions = e.Estimator(regression(e), folder).predict(once)
    next(predictions)
    return tf.executing_eagerly()


# Metrics


@program
def no_metrics_of_its_own(e, folder):
    def model_fn(features, labels, mode):
        loss = regression(e)(features, labels, mode).loss
        return e.EstimatorSpec(mode, loss=loss, eval_metric_ops=None)

    return e.Estimator(model_fn, folder).evaluate(once)


def with_metric(e, name):
    def model_fn(features, labels, mode):
        loss = regression(e)(features, labels, mode).loss
        return e.EstimatorSpec(mode, loss=loss, eval_metric_ops={name: v1.metrics.mean(loss)})

    return model_fn


@program
def a_metric_called_loss(e, folder):
    e.Estimator(with_metric(e, "loss"), folder).evaluate(once)


@program
def a_metric_called_global_step(e, folder):
    e.Estimator(with_metric(e, "global_step"), folder).evaluate(once)


@program
def classifies(e, folder):
    def model_fn(features, labels, mode):
        logits = features["x"] * v1.get_variable("w", initializer=[0.1, 0.2, -0.3])
        classes = tf.argmax(logits, axis=1)
        if mode == e.ModeKeys.PREDICT:
            predictions = {"class": classes, "probabilities": tf.nn.softmax(logits)}
            return e.EstimatorSpec(mode, predictions=predictions)
        labels = tf.cast(labels[:, 0] % 3, tf.int64)
        loss = v1.losses.sparse_softmax_cross_entropy(labels, logits)
        accuracy = v1.metrics.accuracy(labels, classes)
        step = v1.train.get_global_step()
        train_op = v1.train.AdamOptimizer(0.05).minimize(loss, step)
        return e.EstimatorSpec(mode, None, loss, train_op, {"accuracy": accuracy})

    record = Losses()
    estimator = e.Estimator(model_fn, folder).train(input_fn, [record], steps=5)
    return record.losses, estimator.evaluate(once), list(estimator.predict(once))


# Specifications


def spec(mode, *given):
    def function(e, folder):
        with tf.Graph().as_default():
            e.EstimatorSpec(mode, **{name: tf.constant(1.0) for name in given})

    PROGRAMS["_".join(["a_spec_to", mode, "with", *given, "alone" if given else "nothing"])] = (
        function
    )


spec("train")
spec("train", "loss")
spec("train", "train_op")
spec("train", "loss", "train_op")
spec("eval")
spec("eval", "predictions")
spec("eval", "loss")
spec("infer")
spec("infer", "loss")
spec("infer", "predictions")


@program
def a_spec_takes_these_fields(e, folder):
    with tf.Graph().as_default():
        loss = tf.constant(1.0)
        filled = e.EstimatorSpec("train", {}, loss, loss, {}, None, (), (), None, (), ())
        return filled.mode, filled.training_hooks, filled.prediction_hooks


@program
def a_loss_per_example(e, folder):
    with tf.Graph().as_default():
        e.EstimatorSpec("eval", loss=tf.constant([1.0, 2.0]))


@program
def a_loss_in_a_vector_of_one(e, folder):
    one = regression(e, loss_of=lambda loss, step: loss[None])
    return e.Estimator(one, folder).evaluate(once)


@program
def hooks_of_a_spec_run(e, folder):
    record = Losses()

    def model_fn(features, labels, mode):
        made = regression(e)(features, labels, mode)
        return e.EstimatorSpec(mode, None, made.loss, made.train_op, training_hooks=[record])

    e.Estimator(model_fn, folder).train(once)
    return record.losses


@program
def a_scaffold_may_set_the_first_weights(e, folder):
    def model_fn(features, labels, mode):
        made = regression(e)(features, labels, mode)
        assign = v1.assign(v1.global_variables("w")[0], [[7.0]])
        scaffold = v1.train.Scaffold(init_fn=lambda scaffold, session: session.run(assign))
        return e.EstimatorSpec(mode, None, made.loss, made.train_op, scaffold=scaffold)

    record = Losses()
    e.Estimator(model_fn, folder).train(once, [record])
    return record.losses


# Folders, and starting warm


@program
def a_folder_of_its_own(e, folder):
    one, other = e.Estimator(regression(e)), e.Estimator(regression(e))
    return one.model_dir != other.model_dir, Path(one.model_dir).is_dir()


@program
def the_folder_of_the_config(e, folder):
    estimator = e.Estimator(regression(e), config=e.RunConfig(model_dir=folder))
    return estimator.model_dir == folder, estimator.config.model_dir == folder


@program
def two_folders(e, folder):
    e.Estimator(regression(e), "/one", config=e.RunConfig(model_dir="/other"))


@program
def going_on_and_starting_warm(e, folder):
    losses = {}

    def train(name, steps, *arguments, **more):
        record = Losses()
        e.Estimator(regression(e), *arguments, **more).train(input_fn, [record], steps=steps)
        losses[name] = record.losses

    train("first", 4, folder)
    train("warm", 3, f"{folder}-warm", warm_start_from=folder)
    train("warm, again", 2, f"{folder}-warm", warm_start_from=folder)
    train("going on", 3, folder)
    evaluated = e.Estimator(regression(e), warm_start_from=f"{folder}/model.ckpt-4").evaluate(once)
    return losses, evaluated, step_in(f"{folder}-warm")


@program
def a_warm_start_that_is_no_longer_needed(e, folder):
    e.Estimator(regression(e), folder).train(once)
    warm = e.Estimator(regression(e), f"{folder}-warm", warm_start_from=folder).train(once)
    Path(folder).rename(f"{folder}-gone")
    return warm.train(once).evaluate(once)


# A loss that is NaN


def diverging(e, folder, **config):
    broken = regression(e, loss_of=lambda loss, step: loss * tf.where(step >= 3, np.nan, 1.0))
    try:
        e.Estimator(broken, folder, e.RunConfig(**config)).train(input_fn)
    except RuntimeError as error:
        latest = tf.train.latest_checkpoint(folder)
        b = float(tf.train.load_variable(latest, "b")[0])
        return type(error).__name__, str(error), Path(latest).name, np.isnan(b).item()


@program
def a_nan_loss_ends_the_run(e, folder):
    return diverging(e, folder)


@program
def a_nan_loss_between_two_checkpoints(e, folder):
    return diverging(e, folder, save_checkpoints_steps=3)


@program
def a_nan_loss_when_each_step_is_saved(e, folder):
    return diverging(e, folder, save_checkpoints_steps=1)


if __name__ == "__main__":
    v1.logging.set_verbosity(v1.logging.FATAL)
    outcomes = {name: outcome(function, tf.estimator) for name, function in PROGRAMS.items()}
    lines = (f"{json.dumps(name)}: {json.dumps(what)}" for name, what in outcomes.items())
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n")
