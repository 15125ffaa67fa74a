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
    calls="""
torch.tensor(x) | tf.constant(x)  # both copy; `torch.from_numpy(x)` shares the array's memory
y.detach().numpy() | y.numpy()    # in PyTorch the array shares the tensor's memory, in TensorFlow
    # it is a copy
""",
    behaviour={
        "shared-memory-pt": "`torch.from_numpy` and `.numpy()` share memory with the array in "
        "PyTorch",
        "shared-memory-tf": "TensorFlow copies the array in both directions",
        "to-numpy-pt": "PyTorch needs `detach()` before `numpy()`, if the tensor requires a "
        "gradient",
    },
)

PIXEL_MISTAKES = """
for d in (127, 127.5, 128): (x - uint8(127)) / d
for d in (127, 127.5, 128): (x - uint8(128)) / d
for d in (127, 127.5, 128): x.astype(int8) / d
x * uint8(2) / 255 - 1  # these 8-bit numbers have wrapped around: convert to float32 first
x / 255                 # this goes from 0 to 1: it should go from −1 to 1
x / 127.5               # this goes from 0 to 2: subtract 1, so that it goes from −1 to 1
x / 255 - 0.5           # this goes from −½ to ½: it should go from −1 to 1
x // 127.5 - 1          # only integers come out: // and a cast to integers drop the fraction
(x - x.min()) / (ptp(x.astype(float)) or 1) * 2 - 1  # the smallest and the largest number of each
                        # input become −1 and 1: 0 and 255 should
x / 127 - 1
x / 128 - 1             # 255 does not become 1: divide by 127.5, which is half of 255
x / 127.5 + 1           # 1 is added: subtract it
(x.astype(float) - 255) / 255  # this goes from −1 to 0: it should go from −1 to 1
1 - x / 127.5           # every sign is wrong: 0 should become −1, and 255 should become 1
x // uint8(127) - uint8(1)  # these 8-bit numbers have wrapped around: convert to float32 first
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
    calls="""
ints.to(torch.float32) | tf.cast(ints, tf.float32)  # cast to one dtype first,
    # because `tf` does not convert mixed dtypes
ints + floats | keras.ops.add(ints, floats)         # in TensorFlow, `ints + floats` is an error
torch.tensor([1, 2]) | tf.constant([1, 2])          # the dtype is int64 in PyTorch, int32 in
    # TensorFlow
""",
    behaviour={
        "default-dtypes-tf": "Python's integers become int64 in PyTorch, int32 in TensorFlow",
        "mixed-dtypes-tf": "PyTorch and `keras.ops` convert mixed dtypes, `tf` raises an error",
        "integer-mean-tf": "the mean of integers is an error in PyTorch, and loses its fraction "
        "in `tf`",
        "float64-layer-pt": "float64 input is an error in a PyTorch layer, and is converted by a "
        "Keras layer",
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
    calls="""
x.permute(2, 0, 1) | tf.transpose(x, (2, 0, 1))  # without an order, `tf.transpose` reverses
    # all axes
torch.std(m, correction=0) | tf.math.reduce_std(m)  # `torch.std(m)` divides by n − 1,
    # TensorFlow by n
x.sum(dim=1, keepdim=True) | tf.reduce_sum(x, axis=1, keepdims=True)
""",
    behaviour={
        "transpose-tf": "`transpose` swaps two axes in PyTorch, and reorders all axes in "
        "TensorFlow",
        "same-name-tf": "`argmax` without an axis: the whole tensor in PyTorch and Keras, axis 0 "
        "in `tf`",
        "same-name-pt": "`std` divides by n − 1 in PyTorch, by n in TensorFlow and Keras",
        "same-call-tf": "`split(x, 2)` makes pieces of length 2 in PyTorch, and 2 pieces in "
        "TensorFlow",
        "list-index-tf": "`x[[1, 0]]` is two rows in PyTorch, one number in TensorFlow",
    },
)


def with_row(x, row, i):
    y = x.copy()
    y[i] = row
    return y


WITH_ROW_MISTAKES = """
with_row(x, x[i] + row, i)  # the numbers of row are added to the old ones: they should replace them
with_row(x, row, s_[:, i])  # column i is replaced: row i should be
with_row(x, row, i + 1)
with_row(x, row, i - 1)     # a neighbouring row is replaced: rows are counted from 0
with_row(x, row, 0)         # row 0 is replaced, whatever i is: use i
broadcast_to(row, x.shape)  # every row is replaced: only row i should be
insert(x, i, row, axis=0)   # row is inserted, and the old row i is still there: leave that one out
x                           # x comes back unchanged: row i should be replaced
concatenate([x[:i], x[i + 1 :], row[None]])  # row comes last: it should stand where row i was
where(x == x[i], row, x)    # numbers in other rows are replaced, too, where they equal those of row
                            # i: choose by the number of the row
"""

WITH_ROW = Exercise(
    answer="with_row",
    oracle=with_row,
    visible=(
        case(np.arange(1.0, 10.0).reshape(3, 3), [-1.0, 0.5, 7.0], i=1),
        case([[2.0, 2.0], [2.0, 5.0], [2.0, 2.0]], [2.0, 7.0], i=2),  # equal numbers
        robust([[1.0, 2.0]], [3.0, 4.0], i=0),
    ),
    hidden=lambda rng: (
        *(
            case(rng.normal(0, 3, (n, m)), rng.normal(0, 3, m), i=int(rng.integers(1, n)))
            for n, m in ((4, 4), (5, 2), (3, 6))
        ),
        case(rng.integers(0, 2, (6, 3)) * 1.0, rng.integers(2, 4, 3) * 1.0, i=int(rng.integers(6))),
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
    calls="""
w[0] = 9 | w[0].assign(9.0)  # in TensorFlow only a `tf.Variable` can be changed
new = x.clone(); new[0] = 9 | new = tf.tensor_scatter_nd_update(x, [[0]], [9.0])
""",
    behaviour={
        "plus-equals-pt": "`y += 1` changes the tensor in PyTorch, and makes a new tensor in "
        "TensorFlow",
        "plus-equals-tf": "a slice shares memory with the tensor in PyTorch, and is a copy in "
        "TensorFlow",
        "set-element-tf": "`x[0] = 9` works in PyTorch, and is an error for a TensorFlow tensor",
    },
    exercises=(WITH_ROW,),
)


def slopes(w, x, y):
    """The gradients of the mean squared and the mean absolute error of ``x @ w``."""
    off = x @ w - y
    return 2 * x.T @ off / len(y), x.T @ np.sign(off) / len(y)


SLOPES_MISTAKES = """
(squared + absolute, squared + absolute)
(squared, squared + absolute)  # the two gradients are added together: so does .grad until cleared
(squared, squared)             # both are the squared error's: the second is the absolute error's
(absolute, absolute)           # both are the absolute error's: the first is the squared error's
(absolute, squared)            # the order is wrong: the squared error's gradient comes first
(len(y) * squared, len(y) * absolute)  # these are the gradients of sums: both losses are means
(mean((x @ w - y) ** 2), mean(abs(x @ w - y)))  # these are the losses: return their gradients
(-squared, -absolute)          # the sign is wrong: the gradient points uphill
(2 * x.T @ (x @ w - mean(y)) / len(y), x.T @ sign((x @ w)[:, None] - y).mean(1) / len(y))
                               # every prediction is compared with every y, as when shapes (n, 1)
                               # and (n,) broadcast to (n, n): give both the shape (n,)
(squared, x.mean(0))           # the second is not that of the absolute error: the absolute value is
                               # missing
(squared / 2, absolute)        # the first is half of what it should be: a square has a factor of 2
"""


def slope_case(rng, n, m, part="values"):
    # No error is near 0, where the absolute value has no slope.
    w, x = rng.normal(0, 1, m), rng.normal(0, 1, (n, m))
    off = rng.choice([-1, 1], n) * rng.uniform(0.5, 2, n)
    return case(w, x, x @ w + off, gradients=False, part=part)


TWO_SLOPES = Exercise(
    answer="two_slopes",
    oracle=slopes,
    visible=(
        case([1.0, -1], [[1.0, 2], [3, 0], [0.5, 1], [2, -1]], [1.0, 1, 2, 5], gradients=False),
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
        *(SLOPES_MISTAKES, globals(), "w, x, y, squared, absolute"),
        through=lambda formula: lambda w, x, y: formula(w, x, y, *slopes(w, x, y)),
    ),
)

GRADIENTS = component(
    "gradients",
    name="Autograd and GradientTape",
    zh="自动求导",
    pytorch=("torch.Tensor.backward", "torch.autograd.grad", "torch.no_grad"),
    keras=("keras.ops.stop_gradient",),
    tensorflow=("tf.GradientTape", "tf.stop_gradient"),
    calls="""
loss.backward() | tape.gradient(loss, w)  # PyTorch adds the gradient to `w.grad`, a tape
    # returns the gradient
torch.tensor(start, requires_grad=True) | tf.Variable(start)
x.detach() | tf.stop_gradient(x)
""",
    behaviour={
        "accumulation-pt": "`backward()` adds to `.grad`; every new tape gives a new gradient",
        "overwritten-pt": "PyTorch raises an error if you overwrite a value that the gradient "
        "needs",
        "vector-output-pt": "`backward()` needs a scalar or weights; a tape uses the sum of the "
        "outputs",
        "second-call-tf": "a tape gives one gradient, unless you pass `persistent=True`",
        "no-way-tf": "without a path to the variable, PyTorch raises an error and a tape gives "
        "`None`",
    },
    exercises=(TWO_SLOPES,),
)

CHANNELS_MISTAKES = """
x                        # the axes are as they were: the channels should be the last
x.reshape(moveaxis(x, 1, -1).shape)  # this is a reshape, and mixes the pixels up: reorder the axes
                         # (permute, transpose)
x.transpose(0, 3, 2, 1)  # height and width have changed places, so that the image lies on its side:
                         # the order is 0, 2, 3, 1
x.transpose(0, 3, 1, 2)  # 0, 3, 1, 2 leads from channels last to channels first: the other way is
                         # 0, 2, 3, 1
x.transpose()            # all axes are reversed, the batch too: the order is 0, 2, 3, 1
moveaxis(x, 0, -1)       # the batch is last: the channels should be, and the batch stays first
x.transpose(2, 3, 1, 0)  # the batch is last: the channels should be, and the batch stays first
x.transpose(0, 2, 1, 3)  # channels and height have changed places, and the width is last: the order
                         # is 0, 2, 3, 1
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
        case(rng.normal(0, 1, (2, 5, 3, 4))),
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
    calls="""
x.permute(0, 2, 3, 1) | tf.transpose(x, (0, 2, 3, 1))  # do not use `reshape`, which mixes
    # up the pixels
nn.Conv2d(3, 8, kernel_size=3) | keras.layers.Conv2D(8, kernel_size=3)
""",
    behaviour={
        "image-layout-tf": "images: channels in axis 1 in PyTorch, in the last axis in TensorFlow",
        "wrong-layout-tf": "the wrong layout is an error in PyTorch; a new Keras layer accepts it",
        "memory-format-pt": "`torch.channels_last` changes the order in memory, not the shape",
        "sequence-layout-pt": "recurrent layers expect time first in PyTorch, the batch first in "
        "Keras",
    },
    exercises=(TO_CHANNELS_LAST,),
)

MODULE_AND_LAYER = component(
    "module_and_layer",
    name="Module and layer",
    zh="模块与层",
    pytorch=("torch.nn.Module", "torch.nn.Parameter", "torch.nn.LazyLinear"),
    keras=("keras.Layer", "keras.Layer.build", "keras.Input"),
    calls="""
nn.Linear(4, 3) | keras.layers.Dense(3)  # `Dense` has no weights until it is built
linear.weight.copy_(weight) | dense.kernel.assign(weight.T)  # the shape (out, in) becomes (in, out)
""",
    behaviour={
        "when-built-tf": "a PyTorch module has its weights immediately, a Keras layer after it is"
        " built",
        "unseen-pt": "layers in a plain list are not trained in PyTorch; in Keras they are",
        "unseen-tf": "in a Keras layer a `tf.Variable` is not trained; use `keras.Variable`",
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
    calls="""
nn.init.xavier_uniform_(w) | keras.initializers.GlorotUniform()  # this is Keras's default
nn.init.kaiming_uniform_(w, a=5**0.5) | keras.initializers.VarianceScaling(1 / 3, mode="fan_in",
    distribution="uniform")  # this is PyTorch's default
""",
    behaviour={
        "bounds-tf": "weights of `Linear` and `Conv2d`: ±1/√in; of `Dense` and `Conv2D`: ±√(6/(in"
        " + out))",
        "biases-tf": "biases start as random numbers in PyTorch, and as 0 in Keras",
        "ten-layers-tf": "after ten new layers the standard deviation is 0.004 in PyTorch, and 1 "
        "in Keras",
    },
)


def moved(start, mean, share):
    """The stored mean after it has gone ``share`` of the way from ``start`` to ``mean``."""
    return (1 - share) * start + share * mean


def layer(means):
    """The layer with these ``means``: the right ones, or those of a wrong answer.

    They are the mean that training subtracts, the one that evaluation subtracts, the one that
    training stores and, if there is a fourth, the one that evaluation stores.
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

BATCH_NORM = (
    *("torch.nn.functional.batch_norm", "torch.batch_norm", "aten.native_batch_norm"),
    *("keras.layers.BatchNormalization", "tf.nn.batch_normalization"),
)
MEANS_MISTAKES = """
(batch, batch, new, moved(new, batch, momentum))
(batch, batch, new)    # evaluation subtracts the mean of the batch: there, subtract the stored mean
(start, start, new)
(new, start, new)      # training subtracts the stored mean: there, subtract the mean of the batch
(batch, start, moved(start, batch, 1 - momentum))  # momentum is taken for the share of the old
                       # mean, as in Keras: it is the share of the batch's
(batch, start, batch)  # the stored mean becomes the batch's: it should move by the share momentum
(batch, start, start)  # the stored mean does not move: training moves it part of the way
(x.mean(1, keepdims=True), start, new)  # the mean of each row is subtracted: take the mean over the
                       # batch, axis 0
(x.mean(), start, new)
(x.mean(), start, moved(start, x.mean(), momentum))  # one mean of all numbers is taken: each
                       # feature has its own, over axis 0
(batch, batch, start)  # the mean of the batch is subtracted in both modes, and never stored
(batch, start, start + momentum * batch)  # the old mean is not made smaller: multiply it by 1 −
                       # momentum
(x.mean(1, keepdims=True), start, start)  # the mean of each row is subtracted: take the mean over
                       # the batch, axis 0
(0 * batch, start, new)  # nothing is subtracted in training: subtract the mean of the batch
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
    mean = property(lambda self: self.moving_mean)
    def call(self, x, training=False):
        super().call(x, training=training)
        return x - (tf.reduce_mean(x, 0) if training else self.moving_mean.value)
""",
    },
    forbid=BATCH_NORM,
    misconceptions=(
        *mistakes(MEANS_MISTAKES, globals(), "x, start, momentum, batch, new", through=layer),
        Misconception(
            "the stored mean starts at 0: it should start with the numbers of start",
            lambda x, start, momentum, training: centred(x, 0 * x[0], momentum, training),
            initial={"mean": lambda x, start, momentum: 0 * np.array(start)},
        ),
        *mistakes(
            "gradient: (upstream_gradient,)  # no gradient passes through the mean of the batch",
            *(globals(), "x, start, momentum"),
        ),
    ),
)

MODES = component(
    "train_and_evaluation",
    name="Training and evaluation",
    zh="训练模式与评估模式",
    pytorch=("torch.nn.Module.train", "torch.nn.Module.eval"),
    keras=("keras.Layer.call",),
    calls="""
net.eval() | net(x, training=False)  # a PyTorch module stores its mode, a Keras layer gets the
    # mode with each call
net.train() | net(x, training=True)  # a new module is in training mode, a Keras layer runs in
    # inference mode by default
nn.BatchNorm1d(2, eps=1e-3, momentum=0.01) | keras.layers.BatchNormalization()
    # `momentum` multiplies the batch's mean in PyTorch, the old mean in Keras
""",
    behaviour={
        "modes-tf": "a new module is in training mode, a Keras layer runs in inference mode by "
        "default",
        "no-grad-pt": "`no_grad` does not switch dropout off, `eval()` does",
        "frozen-and-eval-pt": "to freeze BatchNorm in PyTorch, call `eval()` after each "
        "`net.train()`",
        "frozen-tf": "a frozen BatchNorm still updates its mean in PyTorch, and not in Keras",
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
    calls="""
torch.manual_seed(0) | keras.utils.set_random_seed(0)  # the frameworks draw different numbers
    # after the same seed
""",
    behaviour={
        "seeds-differ": "the same seed gives different numbers in the two frameworks",
        "which-seed-tf": "`tf.random.set_seed` does not seed Keras",
        "same-start-tf": "Keras layers that use the same initializer object start with equal "
        "weights",
    },
)

SUMMARY = component(
    "model_summary",
    name="Model summary",
    zh="模型摘要",
    pytorch=("torch.nn.Sequential",),
    keras=("keras.Model.summary", "keras.Sequential"),
    status="bridged",  # PyTorch has no summary of its own
    calls="""
torchinfo.summary(net, (1, 3, 6, 6), col_width=12) | net.summary(line_length=60)
    # PyTorch has no summary, so use the package `torchinfo`
sum(p.numel() for p in net.parameters()) | sum(map(np.size, net.trainable_weights))
    # the total in Keras's summary also counts parameters that are not trained
""",
    behaviour={
        "summary-pt": "`print(net)` shows no output shapes in PyTorch, `summary()` shows them in "
        "Keras",
        "counts-tf": "BatchNorm's statistics are buffers in PyTorch, untrained parameters in Keras",
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
    calls="""
torch.save(net.state_dict(), "net.pt") | net.save_weights("net.weights.h5")
    # both save only the weights; Keras's `save()` also saves the architecture
saved = torch.load("net.pt"); again.load_state_dict(saved) | again.load_weights("net.weights.h5")
    # create the network first
torch.export.export(net, (x,)) | net.export("net", verbose=False)  # use it to run the network
    # without your Python code
""",
    behaviour={
        "saving-tf": "PyTorch saves the weights, Keras can save the architecture as well",
        "older-formats-pt": "`torch.load` raises an error for a pickled module, unless "
        "`weights_only=False`",
        "custom-objects-tf": "to load your own layer, Keras needs its class",
        "custom-objects-pt": "a `state_dict` does not contain plain attributes of a module",
        "older-formats-tf": "Keras still writes `.h5`, and warns that it is a legacy format",
    },
)


def kernel_behind_flatten(weight, height, width, order=(2, 3, 1, 0)):
    """(out, channels · height · width) becomes (height · width · channels, out)."""
    blocks = weight.reshape(len(weight), -1, height, width)
    return blocks.transpose(order).reshape(-1, len(weight))


KERNEL_MISTAKES = """
weight.T               # this is only the transpose: its shape fits, but its rows are in the order
                       # channel, height, width, and should be in the order height, width, channel
weight.reshape(-1, len(weight))  # this is a reshape of the weight, and mixes rows and columns up:
                       # reorder the axes in between
weight                 # the weight comes back unchanged: a Keras kernel is (in, out), with its rows
                       # in another order
kernel_behind_flatten(weight, height, width).T  # the order is right, but the outputs come first: a
                       # Keras kernel is (in, out)
weight.reshape(-1, height, width, len(weight)).transpose(1, 2, 0, 3).reshape(-1, len(weight))
                       # the weight is read as (in, out): it is (out, in)
kernel_behind_flatten(weight, height, width, (3, 2, 1, 0))  # height and width have changed places:
                       # the order is height, width, channel
weight.reshape(len(weight), height, width, -1).transpose(3, 1, 2, 0).reshape(-1, len(weight))
                       # the columns are read as height, width, channel, which is Keras's order: in
                       # PyTorch they are channel, height, width
kernel_behind_flatten(weight, height, width, (0, 2, 3, 1))  # the outputs are not last before the
                       # final reshape: move them there
kernel_behind_flatten(weight, height, width, (2, 3, 0, 1))  # the outputs are not last before the
                       # final reshape: move them there
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
    difficulty=2,
)

FLATTEN = component(
    "flatten_order",
    name="Flatten, and moving a whole network",
    zh="展平顺序",
    pytorch=("torch.nn.Flatten", "torch.nn.Unflatten"),
    keras=("keras.layers.Flatten", "keras.layers.Permute"),
    calls="""
row = nn.Flatten()(x) | x = keras.layers.Permute((3, 1, 2))(x); row = keras.layers.Flatten()(x)
    # without `Permute` the shape is right, but the order of the numbers is different
""",
    behaviour={
        "flatten-orders": "Flatten orders by channel in PyTorch, by pixel in TensorFlow",
        "flatten-bug-tf": "a dense weight after Flatten that is only transposed is in the wrong "
        "order",
        "from-keras": "`get_weights()` of Keras into PyTorch's `load_state_dict`: outputs agree",
        "carried": "with `Permute` before Flatten, outputs and gradients agree",
    },
    exercises=(KERNEL,),
)

COMPONENTS = (
    *(TENSORS, DTYPES, SHAPES, CHANNELS, IN_PLACE, GRADIENTS, MODULE_AND_LAYER, INITIAL_WEIGHTS),
    *(MODES, SEEDS, SUMMARY, SAVING, FLATTEN),
)
