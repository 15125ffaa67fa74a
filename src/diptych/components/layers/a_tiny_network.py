"""A tiny network: convolution, ReLU, pooling and a dense layer tell two kinds of bars apart."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

SIZE = 3  # of the kernels
ONES = np.ones((SIZE, SIZE))


def bars(n=40, side=8, noise=0.3):
    """Images (n, side, side) with a horizontal bar (label 0) or a vertical one (1), as in the
    chapter."""
    rng = default_rng(0)
    x, y = rng.normal(0, noise, (n, side, side)), np.arange(n) % 2 * 1.0
    for image, label in zip(x, y, strict=True):
        place = rng.integers(0, side)
        (image.T if label else image)[place] += 1
    return x, y


def start(kernels=4):
    """The kernels and the dense weights before training, as in the chapter."""
    rng = default_rng(1)
    return rng.normal(0, 0.5, (kernels, SIZE, SIZE)), rng.normal(0, 1, kernels)


def drawn(rng, n, side, kernels):
    x, y = rng.normal(0, 1, (n, side, side)), rng.integers(0, 2, n) * 1.0
    return x, y, rng.normal(0, 0.7, (kernels, SIZE, SIZE)), rng.normal(0, 1, kernels)


def relu(z):
    return np.maximum(0, z)


def by_mean(h):
    return h.mean((2, 3))


def windows(x):
    """The 3 × 3 neighbourhoods of each image: (n, rows, columns, 3, 3)."""
    return sliding_window_view(x, (SIZE, SIZE), (1, 2))


# The forward pass


def logits(x, k, v, act=relu, pool=by_mean):
    z = np.einsum("nhwij,oij->nohw", windows(x), k)
    return pool(act(z)) @ v


def padded(x):
    return np.pad(x, ((0, 0), (1, 1), (1, 1)))


def reshaped(k):
    """The kernels that TensorFlow sees after a reshape to (3, 3, 1, kernels)."""
    return k.reshape(SIZE, SIZE, -1).transpose(2, 0, 1)


FORWARD_MISTAKES = """
logits(x, k, v, pool=lambda h: h.max((2, 3)))  # the pooling takes the maximum: take the mean of
                              # each map
logits(x, k, v, pool=lambda h: h.sum((2, 3)))  # the pooling takes the sum: take the mean of each
                              # map
logits(x, k, v, lambda z: z)  # ReLU is missing between convolution and pooling
logits(x, k, v, lambda z: z, lambda h: relu(by_mean(h)))  # ReLU comes behind the pooling: apply it
                              # to each number of the maps
logits(x, k[:, ::-1, ::-1], v)  # the kernels are flipped: both frameworks slide them as they are
logits(x, k.swapaxes(1, 2), v)  # the kernels are transposed: rows and columns have changed places
logits(x, reshaped(k), v)  # RESHAPED
logits(padded(x), k, v)  # the images are padded with zeros: use only places where the whole kernel
                              # fits
logits(x[:, ::2, ::2], k, v)  # every second pixel is left out: move the kernel by one pixel
logits(x, k, v, abs)  # negative numbers come out positive: ReLU makes them 0
relu(logits(x, k, v, lambda z: z))  # ReLU is applied to the logit: apply it to the maps
relu(logits(x, k, v))  # the logit goes through ReLU, too: it may be negative
logits(x, k, ones_like(v))  # v is not used: multiply the mean of each map by its weight
logits(x, k, abs(v))  # the weights of the dense layer have lost their signs
1 / (1 + exp(-logits(x, k, v)))  # the sigmoid is applied: return the logits
logits(x, k, v, tanh)  # the activation is tanh: it is ReLU
"""


RESHAPED = (
    "the kernels are reshaped to TensorFlow's layout, which mixes their numbers: move the axes "
    "with transpose"
)


def forward_case(x, y, k, v, part="values"):
    return Case((x, k, v), part=part)


FORWARD = Exercise(
    "tiny_network",
    logits,
    visible=(
        forward_case(*drawn(default_rng(7), 3, 5, 2)),
        forward_case(*drawn(default_rng(2), 1, 3, 3), "robustness"),
    ),
    hidden=lambda rng: (
        forward_case(*drawn(rng, 3, 5, 2)),
        forward_case(*drawn(rng, 2, 6, 3)),
        forward_case(*drawn(rng, 1, 3, 1), "robustness"),
    ),
    reference={
        "pytorch": """
def tiny_network_pt(x, k, v):
    return F.conv2d(x[:, None], k[:, None]).relu().mean((2, 3)) @ v
""",
        "tensorflow": """
def tiny_network_tf(x, k, v):
    kernel = tf.transpose(k, (1, 2, 0))[:, :, None]
    h = tf.nn.relu(tf.nn.conv2d(x[..., None], kernel, 1, "VALID"))
    return tf.linalg.matvec(tf.reduce_mean(h, (1, 2)), v)
""",
    },
    elementwise=False,
    misconceptions=mistakes(FORWARD_MISTAKES, globals(), "x, k, v"),
    difficulty=1,
)

# The sizes


def network_sizes(
    sizes, *, conv=lambda s, k: s - k + 1, pool=lambda s, p: s // p, biases=1, area=2
):
    side, kernels, k, p, classes = (int(size) for size in sizes)
    maps = conv(side, k)
    pooled = pool(maps, p)
    weights = kernels * (k * k + biases)
    dense = (kernels * pooled**area + biases) * classes
    return np.array([maps, pooled, weights, dense])


def dense_of(sizes, inputs):
    """The sizes if the dense layer gets another number of inputs."""
    maps, pooled, weights, _ = network_sizes(sizes)
    return np.array([maps, pooled, weights, (inputs(sizes[1], maps, pooled) + 1) * sizes[4]])


SIZES_MISTAKES = """
network_sizes(sizes, conv=lambda s, k: s)  # the convolution keeps the size, as with padding:
                              # without it, the kernel has side − size + 1 places
network_sizes(sizes, conv=lambda s, k: s - k)  # the side after the convolution is one too small
network_sizes(sizes, conv=lambda s, k: s // k)  # the kernel moves by its own size: it moves by one
                              # pixel
network_sizes(sizes, pool=lambda s, p: -(-s // p))  # the pooling keeps an incomplete window: both
                              # frameworks drop it
network_sizes(sizes, pool=lambda s, p: s - p + 1)  # the pooling moves by one pixel: it moves by its
                              # own size
network_sizes(sizes, biases=0)  # the biases are not counted: one for each kernel and one for each
                              # class
network_sizes(sizes, area=1)  # the dense layer gets rows times columns numbers of each map
network_sizes(sizes) * [1, 1, sizes[0] ** 2, 1]  # each place has weights of its own: a kernel has
                              # the same ones everywhere
network_sizes(sizes) - [0, 0, sizes[1], 0]  # the convolution has a bias for each kernel
network_sizes(sizes) - [0, 0, 0, sizes[4]]  # the dense layer has a bias for each class
network_sizes(sizes) - [0, 0, sizes[1] - 1, 0]  # the convolution has one bias in all: it has one
                              # for each kernel
network_sizes(sizes) - [0, 0, 0, sizes[4] - 1]  # the dense layer has one bias in all: it has one
                              # for each class
network_sizes(sizes) - [0, 0, sizes[1] * sizes[2] * (sizes[2] - 1), 0]  # a kernel has as many
                              # weights as its side: it is a square
dense_of(sizes, lambda kernels, maps, pooled: pooled**2)  # the dense layer gets the numbers of one
                              # map only: it gets those of all kernels
dense_of(sizes, lambda kernels, maps, pooled: kernels * maps**2)  # the dense layer gets the maps as
                              # they are before the pooling
dense_of(sizes, lambda kernels, maps, pooled: kernels)  # the dense layer gets one number of each
                              # map: Flatten keeps them all
network_sizes(sizes) ** [2, 2, 1, 1]  # the first two numbers are areas: return the sides
network_sizes(sizes, pool=lambda s, p: (s + sizes[2] - 1) // p)  # the pooling starts from the side
                              # of the image: it gets the maps of the convolution
network_sizes(sizes)[[0, 1, 3, 2]]  # the last two numbers are exchanged: the convolution comes
                              # first
"""


def sizes_case(*sizes, part="values"):
    return Case((np.array(sizes),), gradients=False, part=part)


def drawn_sizes(rng, part="values"):
    k, p = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    side = k - 1 + p * int(rng.integers(2, 6)) + 1  # an incomplete window remains
    return sizes_case(side, int(rng.integers(2, 9)), k, p, int(rng.integers(2, 6)), part=part)


SIZES = Exercise(
    "network_sizes",
    network_sizes,
    visible=(
        sizes_case(28, 6, 5, 2, 10),
        sizes_case(12, 4, 3, 3, 2),
        sizes_case(3, 1, 3, 1, 1, part="robustness"),
    ),
    hidden=lambda rng: (
        drawn_sizes(rng),
        drawn_sizes(rng),
        drawn_sizes(rng),
        sizes_case(5, 2, 5, 1, 3, part="robustness"),
    ),
    reference={
        "pytorch": """
def network_sizes_pt(sizes):
    side, kernels, size, pool, classes = sizes.tolist()
    conv = nn.Conv2d(1, kernels, size)
    maps = conv(torch.zeros(1, 1, side, side))
    pooled = nn.MaxPool2d(pool)(maps).flatten(1)
    dense = nn.Linear(pooled.shape[1], classes)
    count = lambda layer: sum(p.numel() for p in layer.parameters())
    return torch.tensor([maps.shape[-1], maps.shape[-1] // pool, count(conv), count(dense)])
""",
        "tensorflow": """
def network_sizes_tf(sizes):
    side, kernels, size, pool, classes = sizes.numpy().tolist()
    layers = [keras.layers.Conv2D(kernels, size), keras.layers.MaxPooling2D(pool),
              keras.layers.Flatten(), keras.layers.Dense(classes)]
    h, sides = tf.zeros((1, side, side, 1)), []
    for layer in layers:
        h = layer(h)
        sides.append(h.shape[1])
    return tf.constant([*sides[:2], layers[0].count_params(), layers[3].count_params()])
""",
    },
    elementwise=False,
    misconceptions=mistakes(SIZES_MISTAKES, globals(), "sizes"),
    kind="explain",
)

# The repair


def features(
    x, k, b, *, act=relu, shift=lambda z, b: z + b[:, None, None], pool=lambda h: h.max((2, 3))
):
    z = np.einsum("nhwij,oij->nohw", windows(x), k)
    return pool(act(shift(z, b)))


def late(z, b):
    """ReLU before the bias is added."""
    return relu(z) + b[:, None, None]


def late_columns(z, b):
    """ReLU before the bias is added, which is along the columns."""
    return relu(z) + b


def of_rows(h):
    """The maximum over the kernels and the rows."""
    return h.max((1, 2))


REPAIRED_MISTAKES = """
features(x, k, b, shift=lambda z, b: z + b)  # the bias goes along the columns: each kernel has its
                              # own
features(x, k, b, shift=lambda z, b: z + b[:, None])  # the bias goes along the rows: each kernel
                              # has its own
features(x, k, b, act=lambda z: z, shift=late)  # the bias is added behind ReLU: add it before
features(x, k, b, shift=lambda z, b: z)  # the bias is not added
features(x, k, b, pool=of_rows)  # the maximum is taken over the kernels and the rows: take it over
                              # rows and columns
features(x, k, b, act=lambda z: z, shift=late_columns)  # two errors are left: the bias goes along
                              # the columns, and it is added behind ReLU
features(x, k, b, shift=lambda z, b: z + b, pool=of_rows)  # two errors are left: the bias goes
                              # along the columns, and the maximum is taken over the kernels and the
                              # rows
features(x, k, b, act=lambda z: z, shift=late, pool=of_rows)  # two errors are left: the bias is
                              # added behind ReLU, and the maximum is taken over the kernels and the
                              # rows
features(x, k, b, act=lambda z: z, shift=late_columns, pool=of_rows)  # all three errors are still
                              # there
features(x, k, -b)  # the bias is subtracted: add it
features(x, reshaped(k), b)  # RESHAPED
features(padded(x), k, b)  # the images are padded with zeros: use only places where the whole
                              # kernel fits
features(x, k, b, pool=lambda h: h.max((1, 3)))  # the maximum is taken over the kernels and the
                              # columns: take it over rows and columns
features(x, k, b, pool=by_mean)  # the pooling takes the mean: take the maximum
features(x, k, b, pool=lambda h: h.max(3))  # the maximum is taken over the columns only
features(x, k, b, pool=lambda h: h.max((0, 2, 3)))  # the maximum is taken over the examples, too
features(x, k, b, act=lambda z: z)  # ReLU is missing
features(x, k[:, ::-1, ::-1], b)  # the kernels are flipped: both frameworks slide them as they are
"""


def repaired_case(x, y, k, b, part="values"):
    """With a low bias, the whole map of every second kernel is negative, so that ReLU matters."""
    return Case((x, k, b - 9.0 * (np.arange(len(b)) % 2)), part=part)


REPAIRED = Exercise(
    "repaired_features",
    features,
    visible=(
        Case((ONES[None], np.stack([ONES, -ONES]), np.array([-4.0, 10.0]))),
        repaired_case(*drawn(default_rng(3), 2, 5, 3)),
        repaired_case(*drawn(default_rng(4), 3, 6, 2)),
        repaired_case(*drawn(default_rng(5), 1, 3, 2), "robustness"),
    ),
    hidden=lambda rng: (
        repaired_case(*drawn(rng, 3, 6, 4)),
        repaired_case(*drawn(rng, 4, 5, 3)),
        repaired_case(*drawn(rng, 1, 4, 3), "robustness"),
    ),
    reference={
        "pytorch": """
def repaired_features_pt(x, k, b):
    return F.conv2d(x[:, None], k[:, None], b).relu().amax((2, 3))
""",
        "tensorflow": """
def repaired_features_tf(x, k, b):
    kernel = tf.transpose(k, (1, 2, 0))[:, :, None]
    z = tf.nn.conv2d(x[..., None], kernel, 1, "VALID") + b
    return tf.reduce_max(tf.nn.relu(z), (1, 2))
""",
    },
    elementwise=False,
    misconceptions=mistakes(REPAIRED_MISTAKES, globals(), "x, k, b"),
    kind="repair",
)

# The whole network


def of_mean(z, y):
    """The derivative of the mean cross-entropy for the logits."""
    return (1 / (1 + np.exp(-z)) - y) / len(y)


def gradients(x, y, k, v, error=of_mean, act=relu, slope=lambda z: z > 0):
    maps = np.einsum("nhwij,oij->nohw", windows(x), k)
    d = error(by_mean(act(maps)) @ v, y)
    on_maps = (d[:, None] * v)[:, :, None, None] * slope(maps) / maps[0, 0].size
    return np.einsum("nohw,nhwij->oij", on_maps, windows(x)), by_mean(act(maps)).T @ d


def trained(
    *, learns=(1, 1), late=0, out=lambda z: z, first=slice(None), act=relu, through=None, **changed
):
    """Training by gradient descent; wrong answers replace a part."""

    def answer(x, y, k, v, lr, steps):
        x = through(x) if through else x
        for _ in range(steps + late):
            of_k, of_v = gradients(x[first], y[first], k, v, act=act, **changed)
            k, v = k - lr * learns[0] * of_k, v - lr * learns[1] * of_v
        return out(logits(x, k, v, act))

    return answer


def accumulated(x, y, k, v, lr, steps):
    """PyTorch's training loop without ``zero_grad``."""
    summed = 0, 0
    for _ in range(steps):
        summed = [s + g for s, g in zip(summed, gradients(x, y, k, v), strict=True)]
        k, v = k - lr * summed[0], v - lr * summed[1]
    return logits(x, k, v)


def one_by_one(x, y, k, v, lr, steps):
    """The kernels are updated with gradients from the new dense weights."""
    for _ in range(steps):
        v = v - lr * gradients(x, y, k, v)[1]
        k = k - lr * gradients(x, y, k, v)[0]
    return logits(x, k, v)


def squared(z, y):
    """The derivative of the mean squared error of the logits."""
    return 2 * (z - y) / len(y)


def squared_p(z, y):
    """The derivative of the mean squared error of the probabilities for the logits."""
    p = 1 / (1 + np.exp(-z))
    return squared(p, y) * p * (1 - p)


def twice(z, y):
    """The derivative of the cross-entropy of a sigmoid that the loss takes for the logits."""
    p = 1 / (1 + np.exp(-z))
    return of_mean(p, y) * p * (1 - p)


def as_probabilities(z, y):
    """The derivative of Keras's cross-entropy that takes logits for probabilities."""
    inside = (z > 1e-7) & (z < 1 - 1e-7)
    q = np.where(inside, z, 0.5)
    return inside * ((1 - y) / (1 - q) - y / q) / len(y)


TRAINED_MISTAKES = """
trained(error=lambda z, y: of_mean(z, y) * len(y))  # the loss is a sum over the examples: take the
                              # mean
trained(error=squared)  # the loss is the mean squared error of the logits: take the mean
                              # cross-entropy
trained(error=squared_p)  # the loss is the mean squared error of the probabilities: take the mean
                              # cross-entropy
trained(error=twice)  # the loss takes the sigmoid of its first argument itself: give it the logits
trained(error=as_probabilities)  # the loss takes the logits for probabilities: set from_logits=True
trained(act=lambda z: z, slope=ones_like)  # ReLU is missing between convolution and mean
trained(through=padded)  # the images are padded with zeros: use only places where the whole kernel
                              # fits
trained(error=lambda z, y: -of_mean(z, y))  # the weights move up the gradient: subtract it
trained(slope=ones_like)  # the gradient goes through ReLU where it is 0, too
trained(learns=(0, 1))  # the kernels are not trained: update k and v
trained(learns=(1, 0))  # the dense weights are not trained: update k and v
trained(learns=(0, 0))  # the weights do not change: subtract lr times the gradient in each step
trained(late=-1)  # there is one step too few
trained(late=1)  # there is one step too many
trained(out=lambda z: 1 / (1 + exp(-z)))  # probabilities come back: return the logits
trained(out=lambda z: (z > 0) * 1.0)  # classes come back, 0 or 1: return the logits
trained(first=slice(1))  # each step uses the first example only: use all of them
accumulated  # the gradients of earlier steps are added: set them to 0 in each step
one_by_one  # a weight moves before the other gradient is computed: compute both first
"""


def training_case(arrays, lr, steps, part="values"):
    return Case(arrays, {"lr": lr, "steps": steps}, gradients=False, part=part)


def drawn_training(rng, n, side, kernels, steps, part="values"):
    arrays = drawn(rng, n, side, kernels)
    return training_case(arrays, round(rng.uniform(0.5, 1), 3), steps, part)


TRAINED = Exercise(
    "separated_bars",
    trained(),
    visible=(
        training_case(drawn(default_rng(6), 4, 5, 2), 0.5, 2),
        training_case((*bars(), *start()), 2.0, 60),
        training_case(drawn(default_rng(7), 1, 3, 2), 0.5, 3, "robustness"),
        training_case(drawn(default_rng(8), 2, 4, 3), 0.5, 0, "robustness"),
    ),
    hidden=lambda rng: (
        drawn_training(rng, 5, 5, 3, 3),
        drawn_training(rng, 6, 4, 2, 5),
        drawn_training(rng, 1, 4, 2, 3, "robustness"),
        drawn_training(rng, 3, 5, 2, 0, "robustness"),
    ),
    reference={
        "pytorch": """
def separated_bars_pt(x, y, k, v, lr, steps):
    weights = [each.clone().requires_grad_() for each in (k, v)]
    sgd = torch.optim.SGD(weights, lr)
    net = lambda: F.conv2d(x[:, None], weights[0][:, None]).relu().mean((2, 3)) @ weights[1]
    for _ in range(steps):
        sgd.zero_grad()
        F.binary_cross_entropy_with_logits(net(), y).backward()
        sgd.step()
    return net().detach()
""",
        "tensorflow": """
def separated_bars_tf(x, y, k, v, lr, steps):
    k, v = tf.Variable(k), tf.Variable(v)
    sgd = keras.optimizers.SGD(lr)
    def net():
        kernel = tf.transpose(k, (1, 2, 0))[:, :, None]
        h = tf.nn.relu(tf.nn.conv2d(x[..., None], kernel, 1, "VALID"))
        return tf.linalg.matvec(tf.reduce_mean(h, (1, 2)), v)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, net()))
        sgd.apply(tape.gradient(loss, [k, v]), [k, v])
    return net()
""",
    },
    elementwise=False,
    rtol=1e-3,
    atol=1e-3,
    misconceptions=mistakes(TRAINED_MISTAKES, globals(), "", through=lambda made: made()),
    kind="train",
)

TINY_NETWORK = component(
    "tiny_network",
    kind="usage",
    name="A tiny convolutional network",
    zh="小型卷积网络",
    pytorch=("torch.nn.functional.conv2d",),
    tensorflow=("tf.nn.conv2d",),
    calls="""
F.conv2d(x, k) | tf.nn.conv2d(x, k, 1, "VALID")  # channels on axis 1 in PyTorch, and last in
    # TensorFlow; kernels are (out, in, rows, columns) in PyTorch, (rows, columns, in, out) in
    # TensorFlow
""",
    behaviour={
        "linear-pt": "without ReLU in front of the mean, the same training leaves 13 of 40 images "
        "on the wrong side",
    },
    exercises=(FORWARD, SIZES, REPAIRED, TRAINED),
)

COMPONENTS = (TINY_NETWORK,)
