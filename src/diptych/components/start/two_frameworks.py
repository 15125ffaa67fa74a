"""Two frameworks: what a reader of one must know of the other before the first layer."""

from functools import partial

import numpy as np

from diptych.catalogue.exercise import Case, Exercise, Misconception
from diptych.catalogue.notation import component, mistakes


def case(*inputs, part="values", gradients=True, **arguments):
    return Case(tuple(map(np.array, inputs)), arguments, gradients=gradients, part=part)


robust = partial(case, part="robustness")

TENSORS = component(
    "tensors_and_numpy",
    name="Tensors and NumPy",
    zh="张量与 NumPy 数组",
    pytorch=("torch.tensor", "torch.from_numpy", "torch.Tensor.numpy"),
    keras=("keras.ops.convert_to_tensor", "keras.ops.convert_to_numpy"),
    tensorflow=("tf.constant", "tf.Variable"),
    behaviour={
        "shared-memory-pt": "torch.from_numpy shares the array's memory",
        "shared-memory-tf": "TensorFlow copies, in both directions",
        "to-numpy-pt": "what carries a gradient refuses to become NumPy in torch",
    },
)

WRAPS = "whole numbers from 0 to 255 wrap around: uint8 has no −128 and no 256; make floats first"
NOT_QUITE = "255 does not become 1, or 0 not −1: divide by 127.5, half of 255, and then subtract 1"

PIXEL_MISTAKES = """
for d in (127, 127.5, 128): (x - uint8(127)) / d
for d in (127, 127.5, 128): (x - uint8(128)) / d
for d in (127, 127.5, 128): x.astype(int8) / d
x * uint8(2) / 255 - 1  # WRAPS
x / 255                 # this goes from 0 to 1: it should go from −1 to 1
x / 127.5               # this goes from 0 to 2: subtract 1, so that it goes from −1 to 1
x / 255 - 0.5           # this goes from −½ to ½: it should go from −1 to 1
x // 127.5 - 1          # only whole numbers come out: // and integer casts drop what is behind the
                        # point
(x - x.min()) / (ptp(x.astype(float)) or 1) * 2 - 1  # each image's own smallest and largest number
                                                     # become −1 and 1: 0 and 255 should
x / 127 - 1
x / 128 - 1             # NOT_QUITE
"""

SIGNED_PIXELS = Exercise(
    answer="signed_pixels",
    oracle=lambda x: x / 127.5 - 1,
    visible=(
        case(np.arange(0, 256, 51, np.uint8).reshape(2, 3), gradients=False),
        robust(np.arange(0, 240, 10, np.uint8).reshape(2, 2, 2, 3), gradients=False),
    ),
    hidden=lambda rng: (
        case(rng.integers(0, 256, 12, np.uint8), gradients=False),
        robust(rng.integers(0, 256, (2, 3, 4, 3), np.uint8), gradients=False),
    ),
    reference={
        "pytorch": "signed_pixels_pt = lambda x: x.to(torch.float32) / 127.5 - 1",
        "tensorflow": "signed_pixels_tf = lambda x: tf.cast(x, tf.float32) / 127.5 - 1",
    },
    misconceptions=mistakes(PIXEL_MISTAKES, globals()),
)

DTYPES = component(
    "dtypes",
    name="Dtypes",
    zh="数据类型",
    pytorch=("torch.Tensor.to",),
    keras=("keras.ops.cast",),
    tensorflow=("tf.cast",),
    behaviour={
        "default-dtypes-tf": "whole numbers: int64 in torch, int32 in TensorFlow",
        "mixed-dtypes-tf": "torch and Keras promote, tf refuses mixed dtypes",
        "integer-mean-tf": "the mean of whole numbers: refused, rounded down, right",
        "float64-layer-pt": "a layer given float64: torch refuses, Keras casts",
    },
    exercises=(SIGNED_PIXELS,),
)

SHAPES = component(
    "shapes_and_axes",
    name="Shapes and axes",
    zh="形状与轴",
    pytorch=("torch.reshape", "torch.permute", "torch.argmax", "torch.std"),
    keras=("keras.ops.reshape", "keras.ops.transpose", "keras.ops.argmax", "keras.ops.std"),
    tensorflow=("tf.reshape", "tf.transpose", "tf.argmax", "tf.math.reduce_std"),
    behaviour={
        "transpose-tf": "transpose: two axes in torch, all of them in TensorFlow",
        "same-name-tf": "argmax: over everything, over axis 0, over everything",
        "same-name-pt": "std: n − 1 in torch, n in TensorFlow and Keras",
        "same-call-tf": "split(x, 2): pieces of 2 in torch, 2 pieces in TensorFlow",
        "list-index-tf": "a list as index: rows in torch, one element in tf",
    },
)


def with_row(x, row, i):
    y = x.copy()
    y[i] = row
    return y


WITH_ROW_MISTAKES = """
with_row(x, x[i] + row, i)   # the numbers are added to the row: they replace it
with_row(x, row, s_[:, i])   # a column is replaced: x[i] is a row
with_row(x, row, i + 1)
with_row(x, row, i - 1)      # the row is off by one: the first row is row 0
with_row(x, row, 0)          # always row 0 is replaced: use i
broadcast_to(row, x.shape)   # every row is replaced: only row i
insert(x, i, row, axis=0)    # the row is inserted, and the old one still there: leave it out
x                            # x comes back as it was
"""

WITH_ROW = Exercise(
    answer="with_row",
    oracle=with_row,
    visible=(
        case(np.arange(1.0, 10.0).reshape(3, 3), [-1.0, 0.5, 7.0], i=1),
        robust([[1.0, 2.0]], [3.0, 4.0], i=0),
    ),
    hidden=lambda rng: tuple(
        case(rng.normal(0, 3, (n, m)), rng.normal(0, 3, m), i=int(rng.integers(1, n)))
        for n, m in ((4, 4), (5, 2), (3, 6))
    ),
    reference={
        "pytorch": """
def with_row_pt(x, row, i):
    y = x.clone()
    y[i] = row
    return y
""",
        "tensorflow": "with_row_tf = lambda x, row, i: "
        "tf.tensor_scatter_nd_update(x, [[i]], row[None])",
    },
    misconceptions=mistakes(WITH_ROW_MISTAKES, globals(), "x, row, i"),
)

IN_PLACE = component(
    "in_place",
    name="In place and immutable",
    zh="原地操作",
    pytorch=("torch.Tensor.clone", "torch.Tensor.copy_"),
    keras=("keras.Variable.assign", "keras.ops.scatter_update"),
    tensorflow=("tf.tensor_scatter_nd_update", "tf.Variable.assign"),
    behaviour={
        "plus-equals-pt": "y += 1 changes x in torch, and makes a new y in TensorFlow",
        "plus-equals-tf": "a part of a tensor is a view in torch, a copy in TensorFlow",
        "set-element-tf": "an element can be set in torch, never in a tf tensor",
    },
    exercises=(WITH_ROW,),
)


def slopes(w, x, y):
    """The gradients of the mean squared and the mean absolute error of ``x @ w``."""
    off = x @ w - y
    return 2 * x.T @ off / len(y), x.T @ np.sign(off) / len(y)


def of_slopes(formula):
    return lambda w, x, y: formula(w, x, y, *slopes(w, x, y))


ADDED_UP = "the gradients of both losses are added up: .grad keeps what it has until you clear it"

SLOPES_MISTAKES = """
(squared + absolute, squared + absolute)
(squared, squared + absolute)  # ADDED_UP
(squared, squared)             # both gradients are the squared loss's: the second is the absolute
                               # loss's
(absolute, absolute)           # both gradients are the absolute loss's: the first is the squared
                               # loss's
(absolute, squared)            # the two have changed places: the squared loss's comes first
(len(y) * squared, len(y) * absolute)  # these are the gradients of sums: the losses are means
(mean((x @ w - y) ** 2), mean(abs(x @ w - y)))  # these are the losses: their gradients with respect
                                                # to w are asked for
(-squared, -absolute)          # the signs are those of a step downhill: the gradient points uphill
"""


def slope_case(rng, n, m, part="values"):
    # The errors stay away from 0, where the absolute value has no slope.
    w, x = rng.normal(0, 1, m), rng.normal(0, 1, (n, m))
    off = rng.choice([-1, 1], n) * rng.uniform(0.5, 2, n)
    return case(w, x, x @ w + off, gradients=False, part=part)


FOUR = [[1.0, 2.0], [3.0, 0.0], [0.5, 1.0], [2.0, -1.0]]

TWO_SLOPES = Exercise(
    answer="two_slopes",
    oracle=slopes,
    visible=(
        case([1.0, -1.0], FOUR, [1.0, 1.0, 2.0, 5.0], gradients=False),
        robust([2.0], [[3.0]], [1.0], gradients=False),
    ),
    hidden=lambda rng: (
        slope_case(rng, 5, 3),
        slope_case(rng, 3, 3),
        slope_case(rng, 6, 2, "robustness"),
    ),
    reference={
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
    misconceptions=mistakes(
        SLOPES_MISTAKES, globals(), "w, x, y, squared, absolute", through=of_slopes
    ),
)

GRADIENTS = component(
    "gradients",
    name="Autograd and GradientTape",
    zh="自动求导",
    pytorch=("torch.Tensor.backward", "torch.autograd.grad", "torch.no_grad"),
    keras=("keras.ops.stop_gradient",),
    tensorflow=("tf.GradientTape", "tf.stop_gradient"),
    behaviour={
        "accumulation-pt": "backward adds to .grad; a tape begins anew",
        "overwritten-pt": "overwriting what autograd needs raises in torch",
        "vector-output-pt": "several outputs: torch asks for weights, a tape sums",
        "second-call-tf": "a tape answers once, unless it is persistent",
        "no-way-tf": "no way to the variable: torch raises, a tape says None",
    },
    exercises=(TWO_SLOPES,),
)

CHANNELS_MISTAKES = """
x                        # the channels are where they were
x.reshape(moveaxis(x, 1, -1).shape)  # the numbers keep their order in memory, so that a pixel gets
                         # those of its neighbours: turn the axes (permute, transpose), do not
                         # reshape
x.transpose(0, 3, 2, 1)  # axes 1 and 3 have changed places, so that height and width have, too: the
                         # image lies on its side; the order is 0, 2, 3, 1
x.transpose(0, 3, 1, 2)  # 0, 3, 1, 2 is the way from channels last to channels first: the other is
                         # 0, 2, 3, 1
x.transpose()            # all axes are reversed, the batch too: name their order, 0, 2, 3, 1
moveaxis(x, 0, -1)       # the batch has gone last: the channels should, and the batch stay first
"""

TO_CHANNELS_LAST = Exercise(
    answer="to_channels_last",
    oracle=lambda x: np.moveaxis(x, 1, -1),
    visible=(
        case(np.arange(12.0).reshape(1, 3, 2, 2)),
        robust(np.arange(24.0).reshape(2, 3, 1, 4)),
    ),
    hidden=lambda rng: (
        case(rng.normal(0, 1, (2, 3, 3, 3))),
        case(rng.normal(0, 1, (2, 1, 3, 2))),
        robust(rng.normal(0, 1, (3, 2, 4, 5))),
    ),
    reference={
        "pytorch": "to_channels_last_pt = lambda x: x.permute(0, 2, 3, 1)",
        "tensorflow": "to_channels_last_tf = lambda x: tf.transpose(x, [0, 2, 3, 1])",
    },
    misconceptions=mistakes(CHANNELS_MISTAKES, globals()),
)

CHANNELS = component(
    "channels_last",
    name="Channels first, channels last",
    zh="通道顺序",
    pytorch=("torch.Tensor.permute", "torch.channels_last"),
    keras=("keras.config.image_data_format",),
    tensorflow=("tf.transpose",),
    behaviour={
        "image-layout-tf": "images: channels in axis 1 against the last axis",
        "wrong-layout-tf": "the wrong layout: torch refuses, an unbuilt Keras layer obeys",
        "memory-format-pt": "torch.channels_last is about memory, the shape stays",
        "sequence-layout-pt": "recurrent layers: time before batch in torch",
    },
    exercises=(TO_CHANNELS_LAST,),
)

MODULE_AND_LAYER = component(
    "module_and_layer",
    name="Module and layer",
    zh="模块与层",
    pytorch=("torch.nn.Module", "torch.nn.Parameter", "torch.nn.LazyLinear"),
    keras=("keras.Layer", "keras.Layer.build", "keras.Input"),
    behaviour={
        "when-built-tf": "a module has its weights at once, a layer when it is built",
        "unseen-pt": "a list of modules is not seen, a list of layers is",
        "unseen-tf": "a Keras layer does not see a tf.Variable",
    },
)

INITIAL_WEIGHTS = component(
    "initial_weights",
    name="Initial weights by default",
    zh="默认初始化",
    pytorch=("torch.nn.Linear.reset_parameters", "torch.nn.init.xavier_uniform_"),
    keras=("keras.initializers.GlorotUniform", "keras.initializers.VarianceScaling"),
    defaults="""
keras.layers.Dense(kernel_initializer='glorot_uniform', bias_initializer='zeros')
keras.layers.Conv2D(kernel_initializer='glorot_uniform')
keras.layers.Embedding(embeddings_initializer='uniform')
keras.layers.LSTM(recurrent_initializer='orthogonal', unit_forget_bias=True)
""",
    behaviour={
        "bounds-tf": "Linear, Conv2d: the inputs decide; Dense, Conv2D: the outputs too",
        "biases-tf": "biases: uniform in torch, 0 in Keras",
        "ten-layers-tf": "ten layers: a signal shrinks in torch, and keeps in Keras",
    },
)


def moved(start, mean, share):
    """The stored mean after it has gone ``share`` of the way from ``start`` to ``mean``."""
    return (1 - share) * start + share * mean


def layer(means):
    """A layer that is right but for its ``means``, which are made of the arguments below.

    They are the mean that training subtracts, the one that evaluation subtracts, the one that
    training stores and, where evaluation stores one too, that.
    """

    def centred(x, start, momentum, training):
        start, batch = np.array(start), x.mean(0)
        new = moved(start, batch, momentum)
        trained, evaluated, stored, *kept = means(x, start, momentum, batch, new)
        if training:
            return x - trained, {"mean": stored}
        return x - evaluated, {"mean": (*kept, start)[0]}

    return centred


centred = layer(lambda x, start, momentum, batch, new: (batch, start, new))

STILL_BATCH = (
    "in evaluation, too, the batch's mean is subtracted: there it is the stored one's turn"
)
MEANS_MISTAKES = """
(batch, batch, new, moved(new, batch, momentum))
(batch, batch, new)                     # STILL_BATCH
(start, start, new)
(new, start, new)                       # in training the stored mean is subtracted: there it is the
                                        # batch's own
(batch, start, moved(start, batch, 1 - momentum))  # momentum weighs the old mean, as in Keras: here
                                                   # it weighs the batch's
(batch, start, batch)                   # the stored mean is replaced by the batch's: it moves there
                                        # by the share momentum
(batch, start, start)                   # the stored mean never moves: in training it goes a part of
                                        # the way to the batch's
(x.mean(1, keepdims=True), start, new)  # the mean of each row is subtracted: take the mean over the
                                        # batch, axis 0
(x.mean(), start, new)
(x.mean(), start, moved(start, x.mean(), momentum))  # one mean of all numbers is subtracted: each
                                                     # feature has its own, over axis 0
"""
GRADIENT_MISTAKE = """
gradient: (upstream_gradient,)  # no gradient goes through the batch's mean: it is made of the
                                # inputs, so do not cut it
"""


def centred_cases(x, start, momentum, part="values"):
    arguments, mean = {"start": start, "momentum": momentum}, ("mean",)
    return tuple(
        Case((x,), arguments, training=training, initial=mean, state=mean, part=part)
        for training in (True, False)
    )


def drawn_centred_cases(rng, n, m, part="values"):
    start = [round(float(number), 3) for number in rng.uniform(1, 3, m)]
    momentum = round(float(rng.uniform(0.1, 0.4)), 3)
    return centred_cases(rng.normal(0, 2, (n, m)), start, momentum, part)


CENTRED = Exercise(
    answer="centred",
    oracle=centred,
    visible=(
        *centred_cases(np.array([[1.0, -2.0], [3.0, 5.0], [2.0, 0.0]]), [1.0, -1.0], 0.1),
        *centred_cases(np.array([[4.0], [-2.0]]), [3.0], 0.25, "robustness"),
    ),
    hidden=lambda rng: (
        *drawn_centred_cases(rng, 3, 3),
        *drawn_centred_cases(rng, 5, 2),
        *drawn_centred_cases(rng, 2, 4, "robustness"),
    ),
    initial={"mean": lambda x, start, momentum: np.array(start)},
    reference={
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
        *mistakes(MEANS_MISTAKES, globals(), "x, start, momentum, batch, new", through=layer),
        Misconception(
            "the stored mean starts at 0: it starts at the numbers of start",
            lambda x, start, momentum, training: centred(x, 0 * x[0], momentum, training),
            initial={"mean": lambda x, start, momentum: 0 * np.array(start)},
        ),
        *mistakes(GRADIENT_MISTAKE, globals(), "x, start, momentum"),
    ),
)

MODES = component(
    "train_and_evaluation",
    name="Training and evaluation",
    zh="训练模式与评估模式",
    pytorch=("torch.nn.Module.train", "torch.nn.Module.eval"),
    keras=("keras.Layer.call",),
    behaviour={
        "modes-tf": "a module begins in training, a layer in evaluation",
        "no-grad-pt": "no_grad is not eval: dropout still drops",
        "frozen-tf": "a frozen BatchNorm moves on in torch, and stops in Keras",
    },
    exercises=(CENTRED,),
)

SEEDS = component(
    "seeds",
    name="Seeds",
    zh="随机种子",
    pytorch=("torch.manual_seed", "torch.Generator"),
    keras=("keras.utils.set_random_seed", "keras.random.SeedGenerator"),
    tensorflow=("tf.random.set_seed",),
    behaviour={
        "seeds-differ": "a seed repeats a framework's numbers, not the other's",
        "which-seed-tf": "tf.random.set_seed does not seed Keras",
        "same-start-tf": "one initializer object gives equal weights twice in Keras",
    },
)

SUMMARY = component(
    "model_summary",
    name="Model summary",
    zh="模型摘要",
    pytorch=("torch.nn.Sequential",),
    keras=("keras.Model.summary", "keras.Sequential"),
    status="bridged",  # PyTorch has no summary of its own
    behaviour={
        "summary-pt": "print(net) shows arguments, summary shapes and counts",
        "counts-tf": "BatchNorm's statistics: buffers, or parameters that do not learn",
    },
)

SAVING = component(
    "model_saving",
    name="Saving and loading a model",
    zh="模型保存",
    pytorch=(
        *("torch.nn.Module.state_dict", "torch.nn.Module.load_state_dict"),
        *("torch.save", "torch.load"),
    ),
    keras=("keras.Model.save", "keras.Model.export", "keras.saving.load_model"),
    behaviour={
        "saving-tf": "torch saves numbers, Keras the architecture as well",
        "older-formats-pt": "a whole module is refused at loading",
        "custom-objects-tf": "a class of your own must be named at loading",
        "older-formats-tf": ".h5 is a legacy format, and says so",
    },
)


def kernel_behind_flatten(weight, height, width, order=(2, 3, 1, 0)):
    """(out, channels · height · width) becomes (height · width · channels, out)."""
    blocks = weight.reshape(len(weight), -1, height, width)
    return blocks.transpose(order).reshape(-1, len(weight))


KERNEL_MISTAKES = """
weight.T                         # this is the weight, transposed: it fits, and it is the Flatten
                                 # bug; its rows stand in the order channel, height, width, and must
                                 # stand in height, width, channel
weight.reshape(-1, len(weight))  # the weight is reshaped where it must be turned: rows and columns
                                 # are mixed up
weight                           # the weight comes back as it was: a Keras kernel is (in, out), and
                                 # its rows stand in another order
kernel_behind_flatten(weight, height, width).T  # the order is right, but the outputs come first: a
                                                # Keras kernel is (in, out)
weight.reshape(-1, height, width, len(weight)).transpose(1, 2, 0, 3).reshape(-1, len(weight))
                                 # the weight is cut as if it were (in, out): it is (out, in)
kernel_behind_flatten(weight, height, width, (3, 2, 1, 0))  # height and width have changed places:
                                                            # the order is height, width, channel
weight.reshape(len(weight), height, width, -1).transpose(3, 1, 2, 0).reshape(-1, len(weight))
                                 # the weight is cut into height, width, channel: that is Keras's
                                 # order, and this one comes from PyTorch: channel, height, width
kernel_behind_flatten(weight, height, width, (0, 2, 3, 1))  # the outputs must be the last axis
                                                            # before you reshape
"""


KERNEL = Exercise(
    answer="kernel_behind_flatten",
    oracle=kernel_behind_flatten,
    visible=(
        case(np.arange(24.0).reshape(2, 12), height=2, width=2),
        robust(np.arange(12.0).reshape(1, 12), height=1, width=6),
    ),
    hidden=lambda rng: (
        case(rng.normal(0, 1, (2, 18)), height=2, width=3),
        case(rng.normal(0, 1, (4, 12)), height=3, width=2),
        robust(rng.normal(0, 1, (3, 24)), height=3, width=2),
    ),
    reference={
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
    misconceptions=mistakes(KERNEL_MISTAKES, globals(), "weight, height, width"),
)

FLATTEN = component(
    "flatten_order",
    name="Flatten, and a network carried across",
    zh="展平顺序",
    pytorch=("torch.nn.Flatten", "torch.nn.Unflatten"),
    keras=("keras.layers.Flatten", "keras.layers.Permute"),
    behaviour={
        "flatten-orders": "Flatten: channel by channel against pixel by pixel",
        "flatten-bug-tf": "weights that are only transposed fit, and are wrong",
        "carried": "with the rows in order, values and gradients agree",
    },
    exercises=(KERNEL,),
)

COMPONENTS = (
    *(TENSORS, DTYPES, SHAPES, CHANNELS, IN_PLACE, GRADIENTS, MODULE_AND_LAYER, INITIAL_WEIGHTS),
    *(MODES, SEEDS, SUMMARY, SAVING, FLATTEN),
)
