"""Two frameworks: what a reader of one must know of the other before the first layer."""

import numpy as np

from diptych.catalogue.component import Behaviour, Component, Default
from diptych.catalogue.exercise import Case, Exercise, Misconception

TENSORS = Component(
    id="tensors_and_numpy",
    name="Tensors and NumPy",
    zh="张量与 NumPy 数组",
    kind="usage",
    status="paired",
    pytorch=("torch.tensor", "torch.from_numpy", "torch.Tensor.numpy"),
    keras=("keras.ops.convert_to_tensor", "keras.ops.convert_to_numpy"),
    tensorflow=("tf.constant", "tf.Variable"),
    behaviour=(
        Behaviour("torch.from_numpy shares the array's memory", "shared-memory-pt"),
        Behaviour("TensorFlow copies, in both directions", "shared-memory-tf"),
        Behaviour("what carries a gradient refuses to become NumPy in torch", "to-numpy-pt"),
    ),
)


def signed_pixels(x):
    return x / 127.5 - 1


WRAPS = "whole numbers from 0 to 255 wrap around: uint8 has no −128 and no 256; make floats first"
NOT_QUITE = "255 does not become 1, or 0 not −1: divide by 127.5, half of 255, and then subtract 1"


def pixel_cases(x, more):
    return (
        Case((x,), gradients=False),
        Case((more,), gradients=False, part="robustness"),
    )


SIGNED_PIXELS = Exercise(
    answer="signed_pixels",
    oracle=signed_pixels,
    visible=pixel_cases(
        np.array([[0, 51, 102], [153, 204, 255]], np.uint8),
        np.arange(0, 240, 10, np.uint8).reshape(2, 2, 2, 3),
    ),
    hidden=lambda rng: pixel_cases(
        rng.integers(0, 256, 12, np.uint8), rng.integers(0, 256, (2, 3, 4, 3), np.uint8)
    ),
    builtin={
        "pytorch": "signed_pixels_pt = lambda x: x.to(torch.float32) / 127.5 - 1",
        "tensorflow": "signed_pixels_tf = lambda x: tf.cast(x, tf.float32) / 127.5 - 1",
    },
    misconceptions=(
        *(
            Misconception(f"wraps_{n}_{d}", WRAPS, lambda x, n=n, d=d: (x - np.uint8(n)) / d)
            for n in (127, 128)
            for d in (127, 127.5, 128)
        ),
        *(
            Misconception(f"int8_{d}", WRAPS, lambda x, d=d: x.astype(np.int8) / d)
            for d in (127, 127.5, 128)
        ),
        Misconception("doubled_wraps", WRAPS, lambda x: x * np.uint8(2) / 255 - 1),
        Misconception(
            "from_zero", "this goes from 0 to 1: it should go from −1 to 1", lambda x: x / 255
        ),
        Misconception(
            "not_shifted",
            "this goes from 0 to 2: subtract 1, so that it goes from −1 to 1",
            lambda x: x / 127.5,
        ),
        Misconception(
            "half_the_range",
            "this goes from −½ to ½: it should go from −1 to 1",
            lambda x: x / 255 - 0.5,
        ),
        Misconception(
            "whole",
            "only whole numbers come out: // and integer casts drop what is behind the point",
            lambda x: x // 127.5 - 1,
        ),
        Misconception(
            "own_extremes",
            "each image's own smallest and largest number become −1 and 1: 0 and 255 should",
            lambda x: (x - x.min()) / (np.ptp(x.astype(float)) or 1) * 2 - 1,
        ),
        Misconception("by_127", NOT_QUITE, lambda x: x / 127 - 1),
        Misconception("by_128", NOT_QUITE, lambda x: x / 128 - 1),
    ),
)

DTYPES = Component(
    id="dtypes",
    name="Dtypes",
    zh="数据类型",
    kind="usage",
    status="paired",
    pytorch=("torch.Tensor.to",),
    keras=("keras.ops.cast",),
    tensorflow=("tf.cast",),
    behaviour=(
        Behaviour("whole numbers: int64 in torch, int32 in TensorFlow", "default-dtypes-tf"),
        Behaviour("torch and Keras promote, tf refuses mixed dtypes", "mixed-dtypes-tf"),
        Behaviour("the mean of whole numbers: refused, rounded down, right", "integer-mean-tf"),
        Behaviour("a layer given float64: torch refuses, Keras casts", "float64-layer-pt"),
    ),
    exercises=(SIGNED_PIXELS,),
)

SHAPES = Component(
    id="shapes_and_axes",
    name="Shapes and axes",
    zh="形状与轴",
    kind="usage",
    status="paired",
    pytorch=("torch.reshape", "torch.permute", "torch.argmax", "torch.std"),
    keras=("keras.ops.reshape", "keras.ops.transpose", "keras.ops.argmax", "keras.ops.std"),
    tensorflow=("tf.reshape", "tf.transpose", "tf.argmax", "tf.math.reduce_std"),
    behaviour=(
        Behaviour("transpose: two axes in torch, all of them in TensorFlow", "transpose-tf"),
        Behaviour("argmax: over everything, over axis 0, over everything", "same-name-tf"),
        Behaviour("std: n − 1 in torch, n in TensorFlow and Keras", "same-name-pt"),
        Behaviour("split(x, 2): pieces of 2 in torch, 2 pieces in TensorFlow", "same-call-tf"),
        Behaviour("a list as index: rows in torch, one element in tf", "list-index-tf"),
    ),
)


def with_row(x, row, i):
    y = x.copy()
    y[i] = row
    return y


def changed(change):
    """A wrong answer that makes a copy and then ``change(copy, row, i)``."""

    def wrong(x, row, i):
        y = x.copy()
        change(y, row, i)
        return y

    return wrong


def add_to_row(y, row, i):
    y[i] += row


def set_column(y, row, i):
    y[:, i] = row


def set_row(number):
    def change(y, row, i):
        y[number(i)] = row

    return change


ROW = "the row is off by one: the first row is row 0"

WITH_ROW = Exercise(
    answer="with_row",
    oracle=with_row,
    visible=(
        Case((np.arange(1.0, 10.0).reshape(3, 3), np.array([-1.0, 0.5, 7.0])), {"i": 1}),
        Case((np.array([[1.0, 2.0]]), np.array([3.0, 4.0])), {"i": 0}, part="robustness"),
    ),
    hidden=lambda rng: tuple(
        Case((rng.normal(0, 3, (n, m)), rng.normal(0, 3, m)), {"i": int(rng.integers(1, n))})
        for n, m in ((4, 4), (5, 2), (3, 6))
    ),
    builtin={
        "pytorch": """
def with_row_pt(x, row, i):
    y = x.clone()
    y[i] = row
    return y
""",
        "tensorflow": "with_row_tf = lambda x, row, i: "
        "tf.tensor_scatter_nd_update(x, [[i]], row[None])",
    },
    misconceptions=(
        Misconception(
            "added", "the numbers are added to the row: they replace it", changed(add_to_row)
        ),
        Misconception("column", "a column is replaced: x[i] is a row", changed(set_column)),
        Misconception("row_after", ROW, changed(set_row(lambda i: i + 1))),
        Misconception("row_before", ROW, changed(set_row(lambda i: i - 1))),
        Misconception(
            "always_first", "always row 0 is replaced: use i", changed(set_row(lambda i: 0))
        ),
        Misconception(
            "all_rows",
            "every row is replaced: only row i",
            lambda x, row, i: np.broadcast_to(row, x.shape),
        ),
        Misconception(
            "inserted",
            "the row is inserted, and the old one still there: leave it out",
            lambda x, row, i: np.insert(x, i, row, axis=0),
        ),
        Misconception("unchanged", "x comes back as it was", lambda x, row, i: x),
    ),
)

IN_PLACE = Component(
    id="in_place",
    name="In place and immutable",
    zh="原地操作",
    kind="usage",
    status="paired",
    pytorch=("torch.Tensor.clone", "torch.Tensor.copy_"),
    keras=("keras.Variable.assign", "keras.ops.scatter_update"),
    tensorflow=("tf.tensor_scatter_nd_update", "tf.Variable.assign"),
    behaviour=(
        Behaviour("y += 1 changes x in torch, and makes a new y in TensorFlow", "plus-equals-pt"),
        Behaviour("a part of a tensor is a view in torch, a copy in TensorFlow", "plus-equals-tf"),
        Behaviour("an element can be set in torch, never in a tf tensor", "set-element-tf"),
    ),
    exercises=(WITH_ROW,),
)


def slopes(w, x, y):
    """The gradients of the mean squared and the mean absolute error of ``x @ w``."""
    off = x @ w - y
    return 2 * x.T @ off / len(y), x.T @ np.sign(off) / len(y)


ADDED_UP = "the gradients of both losses are added up: .grad keeps what it has until you clear it"


def slope_case(rng, n, m, part="values"):
    # The errors stay away from 0, where the absolute value has no slope.
    w, x = rng.normal(0, 1, m), rng.normal(0, 1, (n, m))
    y = x @ w + rng.choice([-1, 1], n) * rng.uniform(0.5, 2, n)
    return Case((w, x, y), gradients=False, part=part)


TWO_SLOPES = Exercise(
    answer="two_slopes",
    oracle=slopes,
    visible=(
        Case(
            (
                np.array([1.0, -1.0]),
                np.array([[1.0, 2.0], [3.0, 0.0], [0.5, 1.0], [2.0, -1.0]]),
                np.array([1.0, 1.0, 2.0, 5.0]),
            ),
            gradients=False,
        ),
        Case(
            (np.array([2.0]), np.array([[3.0]]), np.array([1.0])),
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        slope_case(rng, 5, 3),
        slope_case(rng, 3, 3),
        slope_case(rng, 6, 2, "robustness"),
    ),
    builtin={
        "pytorch": """
def two_slopes_pt(w, x, y):
    w = w.detach().requires_grad_()
    off = x @ w - y
    (first,) = torch.autograd.grad((off**2).mean(), w, retain_graph=True)
    (second,) = torch.autograd.grad(off.abs().mean(), w)
    return first, second
""",
        "tensorflow": """
def two_slopes_tf(w, x, y):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(w)
        off = tf.linalg.matvec(x, w) - y
        squared, absolute = tf.reduce_mean(off**2), tf.reduce_mean(abs(off))
    return tape.gradient(squared, w), tape.gradient(absolute, w)
""",
    },
    misconceptions=(
        Misconception("added_up", ADDED_UP, lambda w, x, y: (sum(slopes(w, x, y)),) * 2),
        Misconception(
            "second_on_top",
            ADDED_UP,
            lambda w, x, y: (slopes(w, x, y)[0], sum(slopes(w, x, y))),
        ),
        Misconception(
            "the_same_twice",
            "both gradients are the squared loss's: the second is the absolute loss's",
            lambda w, x, y: (slopes(w, x, y)[0],) * 2,
        ),
        Misconception(
            "second_twice",
            "both gradients are the absolute loss's: the first is the squared loss's",
            lambda w, x, y: (slopes(w, x, y)[1],) * 2,
        ),
        Misconception(
            "swapped",
            "the two have changed places: the squared loss's comes first",
            lambda w, x, y: slopes(w, x, y)[::-1],
        ),
        Misconception(
            "sums",
            "these are the gradients of sums: the losses are means",
            lambda w, x, y: tuple(len(y) * slope for slope in slopes(w, x, y)),
        ),
        Misconception(
            "losses",
            "these are the losses: their gradients with respect to w are asked for",
            lambda w, x, y: (np.mean((x @ w - y) ** 2), np.mean(abs(x @ w - y))),
        ),
        Misconception(
            "downhill",
            "the signs are those of a step downhill: the gradient points uphill",
            lambda w, x, y: tuple(-slope for slope in slopes(w, x, y)),
        ),
    ),
)

GRADIENTS = Component(
    id="gradients",
    name="Autograd and GradientTape",
    zh="自动求导",
    kind="usage",
    status="paired",
    pytorch=("torch.Tensor.backward", "torch.autograd.grad", "torch.no_grad"),
    keras=("keras.ops.stop_gradient",),
    tensorflow=("tf.GradientTape", "tf.stop_gradient"),
    behaviour=(
        Behaviour("backward adds to .grad; a tape begins anew", "accumulation-pt"),
        Behaviour("overwriting what autograd needs raises in torch", "overwritten-pt"),
        Behaviour("several outputs: torch asks for weights, a tape sums", "vector-output-pt"),
        Behaviour("a tape answers once, unless it is persistent", "second-call-tf"),
        Behaviour("no way to the variable: torch raises, a tape says None", "no-way-tf"),
    ),
    exercises=(TWO_SLOPES,),
)


def to_channels_last(x):
    return np.moveaxis(x, 1, -1)


def image_case(rng, *shape, part="values"):
    return Case((rng.normal(0, 1, shape),), part=part)


TO_CHANNELS_LAST = Exercise(
    answer="to_channels_last",
    oracle=to_channels_last,
    visible=(
        Case((np.arange(12.0).reshape(1, 3, 2, 2),)),
        Case((np.arange(24.0).reshape(2, 3, 1, 4),), part="robustness"),
    ),
    hidden=lambda rng: (
        image_case(rng, 2, 3, 3, 3),
        image_case(rng, 2, 1, 3, 2),
        image_case(rng, 3, 2, 4, 5, part="robustness"),
    ),
    builtin={
        "pytorch": "to_channels_last_pt = lambda x: x.permute(0, 2, 3, 1)",
        "tensorflow": "to_channels_last_tf = lambda x: tf.transpose(x, [0, 2, 3, 1])",
    },
    misconceptions=(
        Misconception("unchanged", "the channels are where they were", lambda x: x),
        Misconception(
            "reshaped",
            "the numbers keep their order in memory, so that a pixel gets those of its "
            "neighbours: turn the axes (permute, transpose), do not reshape",
            lambda x: x.reshape(to_channels_last(x).shape),
        ),
        Misconception(
            "sideways",
            "axes 1 and 3 have changed places, so that height and width have, too: the image "
            "lies on its side; the order is 0, 2, 3, 1",
            lambda x: x.transpose(0, 3, 2, 1),
        ),
        Misconception(
            "the_way_back",
            "0, 3, 1, 2 is the way from channels last to channels first: the other is 0, 2, 3, 1",
            lambda x: x.transpose(0, 3, 1, 2),
        ),
        Misconception(
            "reversed",
            "all axes are reversed, the batch too: name their order, 0, 2, 3, 1",
            lambda x: x.transpose(),
        ),
        Misconception(
            "batch_last",
            "the batch has gone last: the channels should, and the batch stay first",
            lambda x: np.moveaxis(x, 0, -1),
        ),
    ),
)

CHANNELS = Component(
    id="channels_last",
    name="Channels first, channels last",
    zh="通道顺序",
    kind="usage",
    status="paired",
    pytorch=("torch.Tensor.permute", "torch.channels_last"),
    keras=("keras.config.image_data_format",),
    tensorflow=("tf.transpose",),
    behaviour=(
        Behaviour("images: channels in axis 1 against the last axis", "image-layout-tf"),
        Behaviour(
            "the wrong layout: torch refuses, an unbuilt Keras layer obeys", "wrong-layout-tf"
        ),
        Behaviour("torch.channels_last is about memory, the shape stays", "memory-format-pt"),
        Behaviour("recurrent layers: time before batch in torch", "sequence-layout-pt"),
    ),
    exercises=(TO_CHANNELS_LAST,),
)

MODULE_AND_LAYER = Component(
    id="module_and_layer",
    name="Module and layer",
    zh="模块与层",
    kind="usage",
    status="paired",
    pytorch=("torch.nn.Module", "torch.nn.Parameter", "torch.nn.LazyLinear"),
    keras=("keras.Layer", "keras.Layer.build", "keras.Input"),
    behaviour=(
        Behaviour("a module has its weights at once, a layer when it is built", "when-built-tf"),
        Behaviour("a list of modules is not seen, a list of layers is", "unseen-pt"),
        Behaviour("a Keras layer does not see a tf.Variable", "unseen-tf"),
    ),
)

INITIAL_WEIGHTS = Component(
    id="initial_weights",
    name="Initial weights by default",
    zh="默认初始化",
    kind="usage",
    status="paired",
    pytorch=("torch.nn.Linear.reset_parameters", "torch.nn.init.xavier_uniform_"),
    keras=("keras.initializers.GlorotUniform", "keras.initializers.VarianceScaling"),
    defaults=(
        Default("keras.layers.Dense", "kernel_initializer", "glorot_uniform"),
        Default("keras.layers.Dense", "bias_initializer", "zeros"),
        Default("keras.layers.Conv2D", "kernel_initializer", "glorot_uniform"),
        Default("keras.layers.Embedding", "embeddings_initializer", "uniform"),
        Default("keras.layers.LSTM", "recurrent_initializer", "orthogonal"),
        Default("keras.layers.LSTM", "unit_forget_bias", True),
    ),
    behaviour=(
        Behaviour("Linear, Conv2d: the inputs decide; Dense, Conv2D: the outputs too", "bounds-tf"),
        Behaviour("biases: uniform in torch, 0 in Keras", "biases-tf"),
        Behaviour("ten layers: a signal shrinks in torch, and keeps in Keras", "ten-layers-tf"),
    ),
)


def update(start, x, share):
    return (1 - share) * np.array(start) + share * x.mean(0)


def centred(x, start, momentum, training):
    if not training:
        return x - start, {"mean": np.array(start)}
    return x - x.mean(0), {"mean": update(start, x, momentum)}


def centred_with(evaluate=None, train=None, share=lambda momentum: momentum, moves=True):
    """A wrong answer: ``evaluate`` and ``train`` give what is subtracted, of start and x."""

    def wrong(x, start, momentum, training):
        after = update(start, x, share(momentum)) if moves else np.array(start)
        if training:
            mean = train(x, np.array(start), after) if train else x.mean(0)
            return x - mean, {"mean": after}
        return x - (evaluate(x) if evaluate else start), {"mean": np.array(start)}

    return wrong


def never_asks(x, start, momentum, training):
    """In evaluation it is called twice, and moves the mean twice."""
    after = update(start, x, momentum)
    if not training:
        after = update(after, x, momentum)
    return x - x.mean(0), {"mean": after}


STILL_BATCH = (
    "in evaluation, too, the batch's mean is subtracted: there it is the stored one's turn"
)
ONE_MEAN = "one mean of all numbers is subtracted: each feature has its own, over axis 0"
STORED = "in training the stored mean is subtracted: there it is the batch's own"


def centred_cases(x, start, momentum, part="values"):
    arguments = {"start": start, "momentum": momentum}
    return tuple(
        Case(
            (x,),
            arguments,
            training=training,
            initial=("mean",),
            state=("mean",),
            part=part,
        )
        for training in (True, False)
    )


def drawn_centred(rng, n, m, part="values"):
    start = [round(float(number), 3) for number in rng.uniform(1, 3, m)]
    momentum = round(float(rng.uniform(0.1, 0.4)), 3)
    return centred_cases(rng.normal(0, 2, (n, m)), start, momentum, part)


CENTRED = Exercise(
    answer="centred",
    oracle=centred,
    visible=(
        *centred_cases(
            np.array([[1.0, -2.0], [3.0, 5.0], [2.0, 0.0]]), start=[1.0, -1.0], momentum=0.1
        ),
        *centred_cases(np.array([[4.0], [-2.0]]), start=[3.0], momentum=0.25, part="robustness"),
    ),
    hidden=lambda rng: (
        *drawn_centred(rng, 3, 3),
        *drawn_centred(rng, 5, 2),
        *drawn_centred(rng, 2, 4, "robustness"),
    ),
    initial={"mean": lambda x, start, momentum: np.array(start)},
    builtin={
        "pytorch": """
class centred_pt(nn.BatchNorm1d):
    def __init__(self, start, momentum):
        super().__init__(len(start), momentum=momentum, affine=False)
        self.register_buffer("mean", torch.tensor(start))
        self.running_mean = self.mean
    def forward(self, x):
        mean = x.mean(0) if self.training else self.mean
        super().forward(x)  # moves the mean, in training
        return x - mean
""",
        "tensorflow": """
class centred_tf(keras.layers.BatchNormalization):
    def __init__(self, start, momentum):
        super().__init__(momentum=1 - momentum, center=False, scale=False,
                         moving_mean_initializer=lambda shape, dtype=None: start)
    def call(self, x, training=False):
        super().call(x, training=training)
        return x - (tf.reduce_mean(x, 0) if training else self.moving_mean.value)
    @property
    def mean(self):
        return self.moving_mean
""",
    },
    forbid=("BatchNorm1d", "BatchNormalization"),
    misconceptions=(
        Misconception("never_asks", STILL_BATCH, never_asks),
        Misconception("still_batch", STILL_BATCH, centred_with(evaluate=lambda x: x.mean(0))),
        Misconception("stored_before", STORED, centred_with(train=lambda x, start, after: start)),
        Misconception("stored_after", STORED, centred_with(train=lambda x, start, after: after)),
        Misconception(
            "weights_swapped",
            "momentum weighs the old mean, as in Keras: here it weighs the batch's",
            centred_with(share=lambda momentum: 1 - momentum),
        ),
        Misconception(
            "replaced",
            "the stored mean is replaced by the batch's: it moves there by the share momentum",
            centred_with(share=lambda momentum: 1),
        ),
        Misconception(
            "never_moves",
            "the stored mean never moves: in training it goes a part of the way to the batch's",
            centred_with(moves=False),
        ),
        Misconception(
            "each_row",
            "the mean of each row is subtracted: take the mean over the batch, axis 0",
            centred_with(train=lambda x, start, after: x.mean(1, keepdims=True)),
        ),
        Misconception("one_mean", ONE_MEAN, centred_with(train=lambda x, start, after: x.mean())),
        Misconception(
            "one_mean_stored",
            ONE_MEAN,
            lambda x, start, momentum, training: (
                x - (x.mean() if training else start),
                {"mean": update(start, x, 0) * (1 - momentum) + momentum * x.mean()}
                if training
                else {"mean": np.array(start)},
            ),
        ),
        Misconception(
            "starts_at_zero",
            "the stored mean starts at 0: it starts at the numbers of start",
            lambda x, start, momentum, training: centred(
                x, 0 * update(start, x, 0), momentum, training
            ),
            initial={"mean": lambda x, start, momentum: np.zeros(len(start))},
        ),
        Misconception(
            "mean_is_constant",
            "no gradient goes through the batch's mean: it is made of the inputs, so do not cut it",
            None,
            lambda c, x, start, momentum: (c,),
        ),
    ),
)

MODES = Component(
    id="train_and_evaluation",
    name="Training and evaluation",
    zh="训练模式与评估模式",
    kind="usage",
    status="paired",
    pytorch=("torch.nn.Module.train", "torch.nn.Module.eval"),
    keras=("keras.Layer.call",),
    behaviour=(
        Behaviour("a module begins in training, a layer in evaluation", "modes-tf"),
        Behaviour("no_grad is not eval: dropout still drops", "no-grad-pt"),
        Behaviour("a frozen BatchNorm moves on in torch, and stops in Keras", "frozen-tf"),
    ),
    exercises=(CENTRED,),
)

SEEDS = Component(
    id="seeds",
    name="Seeds",
    zh="随机种子",
    kind="usage",
    status="paired",
    pytorch=("torch.manual_seed", "torch.Generator"),
    keras=("keras.utils.set_random_seed", "keras.random.SeedGenerator"),
    tensorflow=("tf.random.set_seed",),
    behaviour=(
        Behaviour("a seed repeats a framework's numbers, not the other's", "seeds-differ"),
        Behaviour("tf.random.set_seed does not seed Keras", "which-seed-tf"),
        Behaviour("one initializer object gives equal weights twice in Keras", "same-start-tf"),
    ),
)

SUMMARY = Component(
    id="model_summary",
    name="Model summary",
    zh="模型摘要",
    kind="usage",
    status="bridged",
    pytorch=("torch.nn.Sequential",),
    keras=("keras.Model.summary", "keras.Sequential"),
    behaviour=(
        Behaviour("print(net) shows arguments, summary shapes and counts", "summary-pt"),
        Behaviour("BatchNorm's statistics: buffers, or parameters that do not learn", "counts-tf"),
    ),
)

SAVING = Component(
    id="model_saving",
    name="Saving and loading a model",
    zh="模型保存",
    kind="usage",
    status="paired",
    pytorch=(
        "torch.nn.Module.state_dict",
        "torch.nn.Module.load_state_dict",
        "torch.save",
        "torch.load",
    ),
    keras=("keras.Model.save", "keras.Model.export", "keras.saving.load_model"),
    behaviour=(
        Behaviour("torch saves numbers, Keras the architecture as well", "saving-tf"),
        Behaviour("a whole module is refused at loading", "older-formats-pt"),
        Behaviour("a class of your own must be named at loading", "custom-objects-tf"),
        Behaviour(".h5 is a legacy format, and says so", "older-formats-tf"),
    ),
)


def kernel_behind_flatten(weight, height, width):
    """(out, channels · height · width) becomes (height · width · channels, out)."""
    blocks = weight.reshape(len(weight), -1, height, width)
    return blocks.transpose(2, 3, 1, 0).reshape(-1, len(weight))


def wrong_blocks(axes, split=lambda w, h, v: (len(w), -1, h, v)):
    """A wrong answer that cuts the weight into ``split`` and turns the blocks by ``axes``."""

    def wrong(weight, height, width):
        blocks = weight.reshape(split(weight, height, width)).transpose(axes)
        return blocks.reshape(-1, len(weight))

    return wrong


def kernel_case(rng, out, channels, height, width, part="values"):
    weight = rng.normal(0, 1, (out, channels * height * width))
    return Case((weight,), {"height": height, "width": width}, part=part)


KERNEL = Exercise(
    answer="kernel_behind_flatten",
    oracle=kernel_behind_flatten,
    visible=(
        Case((np.arange(24.0).reshape(2, 12),), {"height": 2, "width": 2}),
        Case((np.arange(12.0).reshape(1, 12),), {"height": 1, "width": 6}, part="robustness"),
    ),
    hidden=lambda rng: (
        kernel_case(rng, 2, 3, 2, 3),
        kernel_case(rng, 4, 2, 3, 2),
        kernel_case(rng, 3, 4, 3, 2, "robustness"),
    ),
    builtin={
        "pytorch": """
def kernel_behind_flatten_pt(weight, height, width):
    blocks = weight.unflatten(1, (-1, height, width))
    return blocks.permute(2, 3, 1, 0).flatten(0, 2)
""",
        "tensorflow": """
def kernel_behind_flatten_tf(weight, height, width):
    blocks = tf.reshape(weight, (weight.shape[0], -1, height, width))
    return tf.reshape(tf.transpose(blocks, [2, 3, 1, 0]), (-1, weight.shape[0]))
""",
    },
    misconceptions=(
        Misconception(
            "transposed_only",
            "this is the weight, transposed: it fits, and it is the Flatten bug; its rows stand "
            "in the order channel, height, width, and must stand in height, width, channel",
            lambda weight, height, width: weight.T,
        ),
        Misconception(
            "reshaped",
            "the weight is reshaped where it must be turned: rows and columns are mixed up",
            lambda weight, height, width: weight.reshape(-1, len(weight)),
        ),
        Misconception(
            "unchanged",
            "the weight comes back as it was: a Keras kernel is (in, out), and its rows stand in "
            "another order",
            lambda weight, height, width: weight,
        ),
        Misconception(
            "not_transposed",
            "the order is right, but the outputs come first: a Keras kernel is (in, out)",
            lambda weight, height, width: kernel_behind_flatten(weight, height, width).T,
        ),
        Misconception(
            "in_out",
            "the weight is cut as if it were (in, out): it is (out, in)",
            lambda weight, height, width: (
                weight.reshape(-1, height, width, len(weight))
                .transpose(1, 2, 0, 3)
                .reshape(-1, len(weight))
            ),
        ),
        Misconception(
            "width_first",
            "height and width have changed places: the order is height, width, channel",
            wrong_blocks((3, 2, 1, 0)),
        ),
        Misconception(
            "the_way_back",
            "the weight is cut into height, width, channel: that is Keras's order, and this one "
            "comes from PyTorch: channel, height, width",
            wrong_blocks((3, 1, 2, 0), lambda w, h, v: (len(w), h, v, -1)),
        ),
        Misconception(
            "outputs_inside",
            "the outputs must be the last axis before you reshape",
            wrong_blocks((0, 2, 3, 1)),
        ),
    ),
)

FLATTEN = Component(
    id="flatten_order",
    name="Flatten, and a network carried across",
    zh="展平顺序",
    kind="usage",
    status="paired",
    pytorch=("torch.nn.Flatten", "torch.nn.Unflatten"),
    keras=("keras.layers.Flatten", "keras.layers.Permute"),
    behaviour=(
        Behaviour("Flatten: channel by channel against pixel by pixel", "flatten-orders"),
        Behaviour("weights that are only transposed fit, and are wrong", "flatten-bug-tf"),
        Behaviour("with the rows in order, values and gradients agree", "carried"),
    ),
    exercises=(KERNEL,),
)

COMPONENTS = (
    TENSORS,
    DTYPES,
    SHAPES,
    CHANNELS,
    IN_PLACE,
    GRADIENTS,
    MODULE_AND_LAYER,
    INITIAL_WEIGHTS,
    MODES,
    SEEDS,
    SUMMARY,
    SAVING,
    FLATTEN,
)
