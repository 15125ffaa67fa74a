"""Similarity losses: cosine, pairwise distance, and the losses of pairs and triplets."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

SUMMED = "the loss is summed: return the mean over the rows"
NOT_AVERAGED = "there is a loss for each row: return their mean"
NOT_CLAMPED = "the loss can become negative: a pair that is good enough must cost 0"
LABELS_SWAPPED = "the two labels are exchanged: 1 means similar, −1 means dissimilar"
NOT_NORMALISED = "these are dot products: divide each vector by its length"
ZEROS = "a vector of zeros gives 0 / 0: keep the length above 0, so that the cosine is 0"
MARGIN_LEFT_OUT = "the margin is left out"

# The worked case of the chapter: cosines 0 and 14/15.
U = np.array([[1.0, 2.0, 2.0], [0.0, 3.0, 4.0]])
V = np.array([[2.0, 1.0, -2.0], [1.0, 2.0, 2.0]])


def normal(rng, *shapes):
    return tuple(rng.normal(0, 1, shape) for shape in shapes)


def signs(rng, n):
    """So many labels; the first two differ."""
    return np.concatenate([[1.0, -1.0], rng.choice([1.0, -1.0], n - 2)])


def lengths(x, axis=-1):
    return np.sqrt((x**2).sum(axis, keepdims=True))


def unit(x, axis=-1):
    return x / np.maximum(lengths(x, axis), 1e-8)


def cosine(u, v, axis=-1):
    return (unit(u, axis) * unit(v, axis)).sum(axis)


def cosine_similarity(prediction, target, axis):
    return -cosine(prediction, target, axis).mean()


COSINE_SIMILARITY_MISTAKES = """
cosine(p, t, axis).mean()        # the minus is missing: the loss must be small for similar vectors
1 - cosine(p, t, axis).mean()    # this is 1 minus the cosine: Keras's loss is the negative cosine
-(p * t).sum(axis).mean()        # NOT_NORMALISED
-(unit(p, axis) * t).sum(axis).mean()
-(p * unit(t, axis)).sum(axis).mean()
    # only one of the two vectors is divided by its length: divide both
-((p * t).sum(axis, keepdims=True) / lengths(p, axis) ** 2 / lengths(t, axis) ** 2).mean()
    # divided by the squared lengths: take the root of the sum of squares
-((p * t).sum(axis) / sqrt((p**2).sum() * (t**2).sum())).mean()
    # there is one length for the whole tensor: each vector has its own
-(p / abs(p).sum(axis, keepdims=True) * t / abs(t).sum(axis, keepdims=True)).sum(axis).mean()
    # divided by the sum of magnitudes: a length is the root of the sum of squares
-(unit(p, axis) * unit(t, axis)).mean()
    # the products are averaged, too: sum them along the axis, then average the cosines
-(unit(p, axis) * unit(t, axis)).sum()    # the loss is summed: return the mean of the cosines
-cosine(p, t, axis)                       # there is a loss for each vector: return their mean
-cosine(p, t, -1).mean()                  # LAST_AXIS
-cosine(p, t, 0).mean()                   # FIRST_AXIS
-cosine(p, t, 1).mean()                   # SECOND_AXIS
-((p * t).sum(axis, keepdims=True) / lengths(p, axis) / lengths(t, axis)).mean()  # ZEROS
arccos(clip(cosine(p, t, axis), -1, 1)).mean()
    # this is the angle: return the negative cosine, without the arc cosine
"""


def towards(rng, shape, axis, **fields):
    return Case(normal(rng, shape, shape), {"axis": axis}, **fields)


COSINE_SIMILARITY_EXERCISE = Exercise(
    "cosine_similarity",
    cosine_similarity,
    visible=(
        Case((U, V), {"axis": -1}),
        towards(default_rng(1), (3, 3), 0),
        towards(default_rng(2), (2, 3, 4), 1),
        Case((1000 * U, V / 10), {"axis": -1}, part="robustness"),
        Case(
            (np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[1.0, 2.0], [4.0, 3.0]])),
            {"axis": -1},
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        towards(rng, (4, 5), -1),
        towards(rng, (4, 4), 0),
        towards(rng, (2, 5, 3), 1),
        towards(rng, (6,), 0, part="robustness"),
        towards(rng, (2, 3, 2, 4), -2, part="robustness"),
        Case(
            (rng.normal(0, 1, (3, 4)), np.zeros((3, 4))),
            {"axis": -1},
            gradients=False,
            part="robustness",
        ),
    ),
    reference={
        "pytorch": "cosine_similarity_pt = lambda p, t, axis: -F.cosine_similarity(p, t, axis)"
        ".mean()",
        "tensorflow": "cosine_similarity_tf = lambda t, p, axis: "
        "keras.losses.CosineSimilarity(axis=axis)(t, p)",
    },
    misconceptions=mistakes(COSINE_SIMILARITY_MISTAKES, globals(), "p, t, axis"),
    forbid=("keras.metrics.CosineSimilarity", "keras.layers.Dot"),
    target_first=True,
    elementwise=False,
)

COSINE_SIMILARITY = component(
    "cosine_similarity",
    name="Cosine similarity",
    zh="余弦相似度",
    pytorch=("torch.nn.CosineSimilarity", "torch.nn.functional.cosine_similarity"),
    keras=("keras.losses.CosineSimilarity", "keras.losses.cosine_similarity"),
    calls="""
-F.cosine_similarity(p, t, dim=-1) | keras.losses.cosine_similarity(t, p)
    # prediction first in PyTorch, target first in Keras; Keras's loss is the **negative** cosine
-nn.CosineSimilarity(dim=-1)(p, t).mean() | keras.losses.CosineSimilarity()(t, p)
    # PyTorch's module does not average
""",
    defaults="""
torch.nn.CosineSimilarity(dim=1, eps=1e-08)
keras.losses.cosine_similarity(axis=-1)
""",
    behaviour={
        "cosine-sign": "Keras's loss is the negative cosine, its metric of that name the cosine",
        "cosine-axis-pt": "of (2, 3, 4) PyTorch compares along axis 1, Keras along the last axis",
        "cosine-short-pt": "the smallest length is 1e-8 in PyTorch, 1e-7 in Keras",
    },
    exercises=(COSINE_SIMILARITY_EXERCISE,),
)


def pairwise_distance(u, v, p):
    return (np.abs(u - v + 1e-6) ** p).sum(-1) ** (1 / p)


def distance_gradient(upstream_gradient, u, v, p, eps=1e-6):
    d = u - v + eps
    norm = (np.abs(d) ** p).sum(-1, keepdims=True) ** (1 / p)
    with np.errstate(all="ignore"):
        du = upstream_gradient[..., None] * np.sign(d) * (np.abs(d) / norm) ** (p - 1)
    return du, -du


PAIRWISE_DISTANCE_MISTAKES = """
(abs(u - v) ** p).sum(-1)                 # the root is missing: raise the sum to the power 1 / p
(abs(u - v) ** p).mean(-1) ** (1 / p)     # the mean is under the root: sum over the features
sqrt((abs(u - v) ** p).sum(-1))           # the root is always the square root: take the p-th root
abs(u - v).sum(-1)                        # this is the distance with p = 1 for every p
sqrt(((u - v) ** 2).sum(-1))              # this is the distance with p = 2 for every p
abs(u - v).max(-1)                        # this is the largest difference: sum over the features
((u - v) ** p).sum(-1) ** (1 / p)
abs(((u - v) ** p).sum(-1)) ** (1 / p)
    # negative differences keep their sign in odd powers: take the magnitude first
(abs(u - v) ** p).sum() ** (1 / p)        # there is one distance: each row has its own
(abs(u - v) ** p).sum(0) ** (1 / p)       # this sums over the rows: sum over the features
(abs(u - v) ** p).sum(-1, keepdims=True) ** (1 / p)
    # the result has one axis too many: sum without keeping the axis
pairwise_distance(u, v, p).mean()         # the distances are averaged: return one for each row
pairwise_distance(u, v, p).sum()          # the distances are summed: return one for each row
((abs(u - v) ** p).sum(-1) + 1e-6) ** (1 / p)
    # 1e-6 is added to the powers: add it to each difference
(abs(u + v) ** p).sum(-1) ** (1 / p)      # the vectors are added: subtract them
1 - cosine(u, v)                          # this is a cosine distance: take the norm of u − v
gradient: distance_gradient(upstream_gradient, u, v, p, 0.0)
gradient: tuple(map(nan_to_num, distance_gradient(upstream_gradient, u, v, p, 0.0)))  # NO_EPS
"""

NO_EPS = (
    "for two equal rows the gradient is NaN or 0: add 1e-6 to each difference before the norm, "
    "and it is a number"
)


def distances(rng, n, d, p, **fields):
    return Case(normal(rng, (n, d), (n, d)), {"p": p}, **fields)


# Equal numbers in a row, so that u + 1e-6 − v is right, too, although it is rounded before the −.
EQUAL_ROWS = np.array([[0.5], [-3.0]]) * np.ones(4)

PAIRWISE_DISTANCE_EXERCISE = Exercise(
    "pairwise_distance",
    pairwise_distance,
    visible=(
        Case((U, V), {"p": 2.0}),
        Case((U, V), {"p": 1.0}),
        Case((U, V), {"p": 3.0}),
        distances(default_rng(1), 4, 4, 3.0),
        Case((EQUAL_ROWS, EQUAL_ROWS * [[1.0], [0.5]]), {"p": 2.0}),
        Case((1000 * U, V), {"p": 2.0}, part="robustness"),
    ),
    hidden=lambda rng: (
        distances(rng, 3, 5, 2.0),
        distances(rng, 4, 4, 1.0),
        distances(rng, 2, 6, 3.0),
        Case((EQUAL_ROWS, EQUAL_ROWS), {"p": 2.0}),
        distances(rng, 1, 3, 4.0, part="robustness"),
        distances(rng, 5, 1, 2.0, part="robustness"),
        Case(normal(rng, (2, 3, 4), (2, 3, 4)), {"p": 2.0}, part="robustness"),
    ),
    reference={
        "pytorch": "pairwise_distance_pt = lambda u, v, p: F.pairwise_distance(u, v, p)",
        "tensorflow": "pairwise_distance_tf = lambda u, v, p: "
        "tf.norm(u - v + 1e-6, ord=p, axis=-1)",
    },
    gradient=distance_gradient,
    misconceptions=mistakes(PAIRWISE_DISTANCE_MISTAKES, globals(), "u, v, p"),
    elementwise=False,
)

PAIRWISE_DISTANCE = component(
    "pairwise_distance",
    name="Pairwise distance",
    zh="成对距离",
    kind="layer",
    pytorch=(
        "torch.nn.PairwiseDistance",
        "torch.nn.functional.pairwise_distance",
        "torch.nn.functional.pdist",
    ),
    calls="""
F.pairwise_distance(u, v) | tf.norm(u - v + 1e-6, axis=-1)
    # without the 1e-6, the gradient of `tf.norm` is NaN for equal vectors
F.pdist(x) | tf.norm(tf.gather(x, i) - tf.gather(x, j), axis=-1)
    # `i, j = np.triu_indices(n, 1)`: all pairs of the n rows; `pdist` adds no 1e-6
""",
    behaviour={
        "distance-equal-tf": "for equal vectors: 2e-6 with a gradient of ½ in PyTorch, NaN by "
        "`tf.norm`",
        "distance-order": "PyTorch's distance depends on the order of the vectors in the 6th digit",
    },
    exercises=(PAIRWISE_DISTANCE_EXERCISE,),
)


def cosine_embedding(u, v, y, margin):
    c = cosine(u, v)
    return np.where(y > 0, 1 - c, np.maximum(c - margin, 0)).mean()


COSINE_EMBEDDING_MISTAKES = """
where(y > 0, maximum(1 - c - margin, 0), maximum(c - margin, 0)).mean()
where(y > 0, 1 - c - margin, maximum(c - margin, 0)).mean()
    # the margin is subtracted for similar pairs, too: subtract it only for dissimilar ones
where(y > 0, maximum(c - margin, 0), 1 - c).mean()     # LABELS_SWAPPED
where(y > 0, 1 - c, maximum(c, 0)).mean()              # MARGIN_LEFT_OUT
where(y > 0, 1 - c, c - margin).mean()
where(y > 0, 1 - c, c).mean()                          # NOT_CLAMPED
where(y > 0, -c, maximum(c - margin, 0)).mean()
    # a similar pair costs −cos: it costs 1 − cos, which is never negative
where(y > 0, 1 - c, maximum(c + margin, 0)).mean()     # the margin is added: subtract it
where(y > 0, 1 - c, maximum(margin - c, 0)).mean()
where(y > 0, 1 - c, maximum(1 - c - margin, 0)).mean()
    # dissimilar pairs cost more, the less similar they are: their cost must grow with the cosine
where(y > 0, 1 - c, maximum(c - margin, 0)).sum()      # SUMMED
where(y > 0, 1 - c, maximum(c - margin, 0))            # NOT_AVERAGED
where(y > 0, 1 - c, 0).mean()                          # dissimilar pairs cost nothing
where(y > 0, 1 - c, 0).sum() / (y > 0).sum() + where(y > 0, 0, maximum(c - margin, 0)).sum()\
 / (y < 0).sum()
    # similar and dissimilar pairs are averaged separately: return the mean over all rows
where(y > 0, 1 - dots(u, v), maximum(dots(u, v) - margin, 0)).mean()     # NOT_NORMALISED
where(y > 0, 1 - raw(u, v), maximum(raw(u, v) - margin, 0)).mean()     # ZEROS
"""


def dots(u, v):
    return (u * v).sum(-1)


def raw(u, v):
    return (dots(u, v)[..., None] / lengths(u) / lengths(v))[..., 0]


def with_cosine(formula):
    """A formula in the cosine ``c`` as a function of the inputs."""
    return lambda u, v, y, margin: formula(u, v, y, margin, cosine(u, v))


def labelled(rng, n, d, margin, **fields):
    return Case((*normal(rng, (n, d), (n, d)), signs(rng, n)), {"margin": margin}, **fields)


# Cosines of about 0.96, 0.5, −0.3 and 0 with (1, 0), some above each margin and some below.
FAN = np.array([[0.96, 0.28], [1.0, 1.7], [-0.3, 0.95], [0.0, 2.0], [2.0, 0.5], [-1.0, 0.1]])
EAST = np.tile([[1.0, 0.0]], (6, 1))
FAN_LABELS = np.array([-1.0, -1.0, -1.0, 1.0, 1.0, -1.0])

COSINE_EMBEDDING_EXERCISE = Exercise(
    "cosine_embedding",
    cosine_embedding,
    visible=(
        Case((U, V, np.array([1.0, -1.0])), {"margin": 0.1}),
        Case((FAN, EAST, FAN_LABELS), {"margin": 0.4}),
        Case((FAN, EAST, FAN_LABELS), {"margin": -0.5}),
        Case((1000 * U, V / 10, np.array([1.0, -1.0])), {"margin": 0.1}, part="robustness"),
        Case(
            (np.zeros((2, 3)), V, np.array([1.0, -1.0])),
            {"margin": 0.1},
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        labelled(rng, 8, 3, round(rng.uniform(0.05, 0.5), 3)),
        labelled(rng, 7, 2, round(rng.uniform(-0.9, -0.1), 3)),
        labelled(rng, 6, 4, 0.0),
        labelled(rng, 2, 5, 0.2, part="robustness"),
        Case(
            (rng.normal(0, 1, (3, 4)), np.zeros((3, 4)), signs(rng, 3)),
            {"margin": 0.0},
            gradients=False,
            part="robustness",
        ),
    ),
    reference={
        "pytorch": "cosine_embedding_pt = lambda u, v, y, margin: "
        "F.cosine_embedding_loss(u, v, y, margin)",
        "tensorflow": """
def cosine_embedding_tf(u, v, y, margin):
    c = -keras.losses.cosine_similarity(v, u)
    return tf.reduce_mean(tf.where(y > 0, 1 - c, tf.maximum(c - margin, 0.0)))
""",
    },
    misconceptions=mistakes(
        COSINE_EMBEDDING_MISTAKES, globals(), "u, v, y, margin, c", through=with_cosine
    ),
    targets=(2,),
    elementwise=False,
)

COSINE_EMBEDDING = component(
    "cosine_embedding",
    name="Cosine embedding loss",
    zh="余弦嵌入损失",
    pytorch=("torch.nn.CosineEmbeddingLoss", "torch.nn.functional.cosine_embedding_loss"),
    calls="""
F.cosine_embedding_loss(u, v, y, margin=0.1) | tf.reduce_mean(tf.where(y > 0,
    1 - c, tf.maximum(c - 0.1, 0.0)))
    # `c` is `-keras.losses.cosine_similarity(v, u)`; the labels are 1 and −1, the margin is 0 by
    # default
""",
    behaviour={
        "cosine-embedding-zero-pt": "a pair with the label 0 costs nothing, and no error is raised",
        "cosine-embedding-short": "`cosine_embedding_loss` keeps lengths above 1e-6, not 1e-8",
    },
    exercises=(COSINE_EMBEDDING_EXERCISE,),
)


def aligned(x, y):
    """The labels in the shape of the predictions."""
    return y.reshape(x.shape)


def as_it_is(x, y):
    """The labels unchanged: (N, 1) with (N,) gives N × N numbers."""
    return y


def hinge_embedding(x, y, margin):
    return np.where(aligned(x, y) > 0, x, np.maximum(margin - x, 0)).mean()


HINGE_EMBEDDING_MISTAKES = """
for f in (aligned, as_it_is): where(x > 0, f(x, y), maximum(margin - f(x, y), 0)).mean()
for f in (aligned, as_it_is): where(x == 1, f(x, y), maximum(margin - f(x, y), 0)).mean()
for f in (aligned, as_it_is): where(x == -1, maximum(margin - f(x, y), 0), f(x, y)).mean()
    # SWAPPED
for f in (aligned, as_it_is): where(f(x, y) > 0, x, margin - x).mean()             # NOT_CLAMPED
for f in (aligned, as_it_is): where(f(x, y) > 0, maximum(margin - x, 0), x).mean()
    # LABELS_SWAPPED
for f in (aligned, as_it_is): maximum(margin - f(x, y) * x, 0).mean()
for f in (aligned, as_it_is): maximum(1 - f(x, y) * x, 0).mean()
    # this is the hinge of a classifier: here x is a distance, and a similar pair costs x
for f in (aligned, as_it_is): where(f(x, y) > 0, x, maximum(1 - x, 0)).mean()
    # the margin is 1 whatever is asked for
for f in (aligned, as_it_is): where(f(x, y) > 0, x**2, maximum(margin - x, 0) ** 2).mean()
for f in (aligned, as_it_is): where(f(x, y) > 0, x**2 / 2, maximum(margin - x, 0) ** 2 / 2).mean()
    # the costs are squared: leave out the squares
for f in (aligned, as_it_is): where(f(x, y) > 0, x, maximum(x - margin, 0)).mean()
for f in (aligned, as_it_is): where(f(x, y) > 0, x, maximum(x + margin, 0)).mean()
    # a dissimilar pair costs more, the farther it is: the cost must fall with the distance
for f in (aligned, as_it_is): where(f(x, y) > 0, x, maximum(-x, 0)).mean()
for f in (aligned, as_it_is): where(f(x, y) > 0, x, 0).mean()
    # dissimilar pairs cost nothing: they cost margin − x where this is positive
for f in (aligned, as_it_is): where(f(x, y) > 0, x, maximum(margin - x, 0)).sum()  # SUMMED
for f in (aligned, as_it_is): where(f(x, y) > 0, x, maximum(margin - x, 0))        # NOT_AVERAGED
where(y > 0, x, maximum(margin - x, 0)).mean()
    # labels of shape (N, 1) against distances of shape (N,) give N × N costs: first give both the
    # same shape
"""


def hinged(rng, n, margin, **fields):
    x = np.concatenate([margin * rng.uniform(0.1, 0.9, 2), rng.uniform(0, 2 * margin, n - 2)])
    return Case((x, signs(rng, n)), {"margin": margin}, **fields)


def column(case, part="robustness"):
    x, y = case.inputs
    return Case((x, y[:, None]), case.arguments, part=part)


HINGE = Case((np.array([0.3, 0.6, 1.4]), np.array([1.0, -1.0, -1.0])), {"margin": 1.0})

HINGE_EMBEDDING_EXERCISE = Exercise(
    "hinge_embedding",
    hinge_embedding,
    visible=(
        HINGE,
        Case((np.array([0.4, 1.2, 2.5, 0.9]), np.array([-1.0, 1.0, -1.0, -1.0])), {"margin": 2.0}),
        column(HINGE),
        Case(
            (np.array([1000.0, 0.0, 2000.0]), np.array([1.0, -1.0, -1.0])),
            {"margin": 0.5},
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        hinged(rng, 7, round(rng.uniform(1.2, 3), 3)),
        hinged(rng, 6, round(rng.uniform(0.2, 0.8), 3)),
        column(hinged(rng, 4, 1.5)),
        Case(
            (rng.uniform(0, 2, (2, 3)), signs(rng, 6).reshape(2, 3)),
            {"margin": 1.3},
            part="robustness",
        ),
    ),
    reference={
        "pytorch": "hinge_embedding_pt = lambda x, y, margin: "
        "F.hinge_embedding_loss(x, y.reshape(x.shape), margin)",
        "tensorflow": "hinge_embedding_tf = lambda y, x, margin: tf.reduce_mean("
        "tf.where(tf.reshape(y, x.shape) > 0, x, tf.maximum(margin - x, 0.0)))",
    },
    misconceptions=mistakes(HINGE_EMBEDDING_MISTAKES, globals(), "x, y, margin"),
    target_first=True,
    elementwise=False,
)

HINGE_EMBEDDING = component(
    "hinge_embedding",
    name="Hinge embedding loss",
    zh="合页嵌入损失",
    pytorch=("torch.nn.HingeEmbeddingLoss", "torch.nn.functional.hinge_embedding_loss"),
    calls="""
F.hinge_embedding_loss(d, y) | tf.reduce_mean(tf.where(y > 0, d, tf.maximum(1.0 - d, 0.0)))
    # `d` are distances, the labels are 1 and −1; `keras.losses.Hinge` is another loss
""",
    behaviour={
        "hinge-embedding-other": "`keras.losses.Hinge` is the hinge of a classifier, and "
        "another number",
        "hinge-embedding-column-pt": "labels (N, 1) against distances (N,): N × N costs, and no "
        "error",
        "hinge-embedding-zero": "a pair with the label 0 costs both parts of the loss",
    },
    exercises=(HINGE_EMBEDDING_EXERCISE,),
)


def ranked(a, b, y, margin):
    """The cost of each pair before negative ones become 0."""
    return margin - y * (a - b)


def margin_ranking(a, b, y, margin):
    slope = -y * (ranked(a, b, y, margin) > 0) / len(a)
    return np.maximum(ranked(a, b, y, margin), 0).mean(), slope, -slope


def by(z, slope):
    """Loss and gradients of an answer whose costs are ``z``, with ``slope`` towards the first."""
    slope = slope * (z > 0) / len(z)
    return np.maximum(z, 0).mean(), slope, -slope


LOSS = "maximum(z, 0).mean()"
MARGIN_RANKING_MISTAKES = f"""
by(margin + y * (a - b), y)
(maximum(margin + y * (a - b), 0).mean(), s, -s)
    # the sign is wrong: with y = 1 the loss must fall when the first score rises
(z.mean(), -y / len(z), y / len(z))
(z.mean(), s, -s)                         # NOT_CLAMPED
by(y * margin - y * (a - b), -y)
(maximum(y * margin - y * (a - b), 0).mean(), s, -s)
    # the margin is multiplied by y: add it after the product
by(-y * (a - b), -y)
(maximum(-y * (a - b), 0).mean(), s, -s)  # MARGIN_LEFT_OUT
by(-margin - y * (a - b), -y)
(maximum(-margin - y * (a - b), 0).mean(), s, -s)
    # the margin is subtracted: a pair must be farther apart than the margin to cost nothing
({LOSS}, len(z) * s, -len(z) * s)
    # the gradients are those of a sum: divide them by the number of pairs
(maximum(z, 0).sum(), s, -s)
(maximum(z, 0).sum(), len(z) * s, -len(z) * s)
    # SUMMED
(maximum(z, 0), s, -s)
(maximum(z, 0), len(z) * s, -len(z) * s)  # NOT_AVERAGED
({LOSS}, len(z) * s / (z > 0).sum(), -len(z) * s / (z > 0).sum())
    # the gradients are divided by the number of pairs that cost something: divide by all pairs
({LOSS}, -y / len(z), y / len(z))
    # pairs that cost nothing have a gradient, too: it is 0 for them
({LOSS}, -s, s)                           # both gradients have the wrong sign
({LOSS}, s, s)                            # the second gradient has the wrong sign
({LOSS}, -abs(s), abs(s))
({LOSS}, -1.0 * (z > 0) / len(z), (z > 0) / len(z))
    # the gradients ignore y: for y = −1 their sign is the other one
({LOSS}, s * z, -s * z)
    # the gradients are multiplied by the cost, as for a squared loss: the slope is 1 or 0
"""


def with_costs(formula):
    """A formula in the costs ``z`` and the first gradient ``s`` as a function of the inputs."""
    return lambda a, b, y, margin: formula(
        a, b, y, margin, ranked(a, b, y, margin), margin_ranking(a, b, y, margin)[1]
    )


def scores(rng, n, margin, **fields):
    """Scores of pairs; one of the first two pairs costs nothing."""
    a, b = normal(rng, (n,), (n,))
    y = signs(rng, n)
    a[0], b[0] = 1.5 * margin + 0.3, 0.0
    a[1], b[1] = 0.2, -0.3
    return Case((a, b, y), {"margin": margin}, gradients=False, **fields)


MARGIN_RANKING_EXERCISE = Exercise(
    "margin_ranking",
    margin_ranking,
    visible=(
        Case(
            (np.array([1.5, 1.0, 0.2]), np.array([0.3, 1.4, 0.3]), np.array([1.0, 1.0, -1.0])),
            {"margin": 0.5},
            gradients=False,
        ),
        scores(default_rng(1), 5, 1.25),
        Case(
            (np.array([1e3, -1e3]), np.array([-1e3, 1e3]), np.array([1.0, 1.0])),
            {"margin": 0.5},
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        scores(rng, 8, round(rng.uniform(0.2, 0.8), 3)),
        scores(rng, 6, round(rng.uniform(1.2, 2), 3)),
        scores(rng, 2, 0.75, part="robustness"),
    ),
    reference={
        "pytorch": """
def margin_ranking_pt(a, b, y, margin):
    a, b = (v.clone().requires_grad_() for v in (a, b))
    loss = F.margin_ranking_loss(a, b, y, margin)
    return loss.detach(), *torch.autograd.grad(loss, (a, b))
""",
        "tensorflow": """
def margin_ranking_tf(a, b, y, margin):
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        loss = tf.reduce_mean(tf.maximum(margin - y * (a - b), 0.0))
    return loss, *tape.gradient(loss, [a, b])
""",
    },
    misconceptions=mistakes(
        MARGIN_RANKING_MISTAKES, globals(), "a, b, y, margin, z, s", through=with_costs
    ),
    targets=(2,),
    elementwise=False,
)

MARGIN_RANKING = component(
    "margin_ranking",
    name="Margin ranking loss",
    zh="间隔排序损失",
    pytorch=("torch.nn.MarginRankingLoss", "torch.nn.functional.margin_ranking_loss"),
    calls="""
F.margin_ranking_loss(a, b, y, margin=0.5) | tf.reduce_mean(tf.maximum(0.5 - y * (a - b), 0.0))
    # `y = 1`: the first score must be higher; the margin is 0 by default
""",
    behaviour={
        "ranking-margin": "without a margin, equal scores cost nothing",
        "at-the-margin-pt": "exactly at the margin, PyTorch's losses of pairs pass the gradient",
        "at-the-margin-tf": "exactly at the margin, `tf.maximum(z, 0.0)` passes the gradient, "
        "`tf.maximum(0.0, z)` and `tf.nn.relu(z)` do not",
    },
    exercises=(MARGIN_RANKING_EXERCISE,),
)


def distance(u, v):
    return pairwise_distance(u, v, 2)


def triplet_margin(a, p, n, margin, swap):
    far = distance(a, n)
    if swap:
        far = np.minimum(far, distance(p, n))
    return np.maximum(distance(a, p) - far + margin, 0).mean()


def square(u, v):
    return ((u - v) ** 2).sum(-1)


def by_distance(d, a, p, n, margin, swap):
    far = np.minimum(d(a, n), d(p, n)) if swap else d(a, n)
    return np.maximum(d(a, p) - far + margin, 0).mean()


def city(u, v):
    return np.abs(u - v).sum(-1)


def mean_root(u, v):
    return np.sqrt(((u - v) ** 2).mean(-1))


def cosine_distance(u, v):
    return 1 - cosine(u, v)


def triplet_gradient(upstream_gradient, a, p, n, margin, swap, eps=0.0):
    """The gradient of an answer that adds ``eps`` to the differences: with 0, NaN at equal rows."""
    near, pushed, other = a - p + eps, a - n + eps, p - n + eps
    swapped = swap & (lengths(other) < lengths(pushed))
    costs = lengths(near) - np.where(swapped, lengths(other), lengths(pushed)) + margin > 0
    with np.errstate(all="ignore"):
        near, pushed, other = (x / lengths(x) for x in (near, pushed, other))
    pushed, other = np.where(swapped, 0, pushed), np.where(swapped, other, 0)
    each = upstream_gradient * costs / len(a)
    return each * (near - pushed), each * (-near - other), each * (pushed + other)


TRIPLET_MARGIN_MISTAKES = """
by_distance(square, a, p, n, margin, swap)
    # the distances are squared: take the root
by_distance(city, a, p, n, margin, swap)
    # the distances are sums of magnitudes: take the root of the sum of squares
by_distance(mean_root, a, p, n, margin, swap)
    # the squares are averaged under the root: sum them over the features
by_distance(cosine_distance, a, p, n, margin, swap)
    # the distance is 1 minus the cosine: take the norm of the difference
triplet_margin(a, n, p, margin, swap)     # positive and negative are exchanged
maximum(distance(a, p) - distance(p, n) + margin, 0).mean()
    # the distance from positive to negative stands in place of that from the anchor
triplet_margin(a, p, n, margin, False)    # swap is ignored
triplet_margin(a, p, n, margin, True)     # it swaps although swap is False
maximum(distance(a, p) - (maximum(distance(a, n), distance(p, n)) if swap else distance(a, n))\
 + margin, 0).mean()
    # with swap, the larger of the two distances is taken: take the smaller
maximum(distance(a, p) - (distance(p, n) if swap else distance(a, n)) + margin, 0).mean()
    # with swap, the distance from the anchor is left out: take the smaller of the two
(distance(a, p) - (minimum(distance(a, n), distance(p, n)) if swap else distance(a, n))\
 + margin).mean()
    # NOT_CLAMPED
maximum((distance(a, p) - (minimum(distance(a, n), distance(p, n)) if swap else distance(a, n))\
 + margin).mean(), 0)
    # the mean is cut off at 0: first cut each row off, then average
triplet_margin(a, p, n, 1.0, swap)        # the margin is 1 whatever is asked for
triplet_margin(a, p, n, 0.0, swap)        # MARGIN_LEFT_OUT
triplet_margin(a, p, n, -margin, swap)    # the margin is subtracted: add it
triplet_margin(a, p, n, margin, swap) * len(a)  # SUMMED
maximum(distance(a, p) - (minimum(distance(a, n), distance(p, n)) if swap else distance(a, n))\
 + margin, 0)
    # NOT_AVERAGED
maximum(distance(a, p) - (minimum(distance(a, n), distance(p, n)) if swap else distance(a, n)),\
 0).mean() + margin
    # the margin is added after the cut at 0: add it before
maximum((minimum(distance(a, n), distance(p, n)) if swap else distance(a, n)) - distance(a, p)\
 + margin, 0).mean()
    # the difference has the wrong sign: the loss must grow with the distance to the positive
(distance(a, p) + maximum(margin - (minimum(distance(a, n), distance(p, n)) if swap else\
 distance(a, n)), 0)).mean()
    # each distance has its own cost: only their difference is compared with the margin
gradient: triplet_gradient(upstream_gradient, a, p, n, margin, swap)
    # the gradient is NaN where two vectors are equal: add 1e-6 to each difference before the norm
"""


def triplets(rng, shape, margin, swap, **fields):
    return Case(normal(rng, shape, shape, shape), {"margin": margin, "swap": swap}, **fields)


ANCHORS = np.array([[0.0, 0.0], [1.0, 1.0]])
POSITIVES = np.array([[1.0, 1.0], [1.0, 2.0]])
NEGATIVES = np.array([[2.0, 0.0], [3.0, 2.0]])
COLLAPSED = np.array([[0.5, -1.0, 2.0, 0.0]])

TRIPLET_MARGIN_EXERCISE = Exercise(
    "triplet_margin",
    triplet_margin,
    visible=(
        Case((ANCHORS, POSITIVES, NEGATIVES), {"margin": 1.0, "swap": False}),
        Case(
            (ANCHORS, POSITIVES, np.array([[2.0, 0.0], [4.0, 2.0]])), {"margin": 1.0, "swap": True}
        ),
        Case(
            (ANCHORS, POSITIVES, np.array([[2.0, 0.0], [9.0, 6.0]])),
            {"margin": 0.75, "swap": False},
        ),
        triplets(default_rng(1), (6, 3), 0.5, True),
        triplets(default_rng(2), (5, 4), 2.0, False),
        Case((COLLAPSED, COLLAPSED, COLLAPSED), {"margin": 0.5, "swap": False}, part="robustness"),
    ),
    hidden=lambda rng: (
        triplets(rng, (7, 3), round(rng.uniform(0.2, 0.8), 3), False),
        triplets(rng, (8, 2), round(rng.uniform(1.2, 3), 3), True),
        triplets(rng, (1, 6), 1.5, False, part="robustness"),
        Case(
            tuple(1000 * x for x in normal(rng, (3, 4), (3, 4), (3, 4))),
            {"margin": 2000.0, "swap": True},
            part="robustness",
        ),
        Case((COLLAPSED + 1,) * 3, {"margin": 0.7, "swap": False}, part="robustness"),
    ),
    reference={
        "pytorch": "triplet_margin_pt = lambda a, p, n, margin, swap: "
        "F.triplet_margin_loss(a, p, n, margin=margin, swap=swap)",
        "tensorflow": """
def triplet_margin_tf(a, p, n, margin, swap):
    def d(u, v):
        return tf.norm(u - v + 1e-6, axis=-1)
    far = tf.minimum(d(a, n), d(p, n)) if swap else d(a, n)
    return tf.reduce_mean(tf.maximum(d(a, p) - far + margin, 0.0))
""",
    },
    misconceptions=mistakes(TRIPLET_MARGIN_MISTAKES, globals(), "a, p, n, margin, swap"),
    elementwise=False,
)

TRIPLET_MARGIN = component(
    "triplet_margin",
    name="Triplet margin loss",
    zh="三元组间隔损失",
    pytorch=(
        "torch.nn.TripletMarginLoss",
        "torch.nn.TripletMarginWithDistanceLoss",
        "torch.nn.functional.triplet_margin_loss",
        "torch.nn.functional.triplet_margin_with_distance_loss",
    ),
    calls="""
F.triplet_margin_loss(a, p, n) | tf.reduce_mean(tf.maximum(d(a, p) - d(a, n) + 1.0, 0.0))
    # `d` is `tf.norm(u - v + 1e-6, axis=-1)`, not squared; the arguments are anchor, positive,
    # negative
F.triplet_margin_loss(a, p, n, swap=True) | tf.reduce_mean(tf.maximum(d(a, p) - far + 1.0, 0.0))
    # `far` is `tf.minimum(d(a, n), d(p, n))`
""",
    behaviour={
        "triplet-collapse-tf": "three equal embeddings: PyTorch's loss leaves them, `tf.norm` "
        "without 1e-6 makes them NaN",
        "triplet-similarity": "`TripletMarginWithDistanceLoss` accepts a similarity, and then "
        "trains in the wrong direction",
    },
    exercises=(TRIPLET_MARGIN_EXERCISE,),
)


def pairs(labels):
    same = labels[:, None] == labels
    return same & ~np.eye(len(labels), dtype=bool), ~same


def log_sum(z, mask):
    z = np.where(mask, z, -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        most = z.max(1, keepdims=True)
        return np.where(mask.any(1), most[:, 0] + np.log(np.exp(z - most).sum(1)), -np.inf)


def apart(e):
    return np.maximum(1 - e @ e.T, 0)


def terms(d, gamma, margin):
    """What the similar and the dissimilar pairs contribute, by their distance."""
    return (
        gamma * (margin + d) * (d - margin),
        gamma * np.maximum(1 + margin - d, 0) * (1 - margin - d),
    )


def per_row(labels, of_similar, of_dissimilar):
    similar, dissimilar = pairs(labels)
    return np.logaddexp(0, log_sum(of_similar, similar) + log_sum(of_dissimilar, dissimilar))


def mean_of_positive(rows):
    return rows.sum() / max((rows > 0).sum(), 1)


def rows(e, labels, gamma, margin):
    return per_row(labels, *terms(apart(e), gamma, margin))


def circle(embeddings, labels, gamma, margin):
    return mean_of_positive(rows(embeddings, labels, gamma, margin))


def sums(e, labels, gamma, margin):
    """The logarithms of both sums of a row, whose product it takes."""
    of_similar, of_dissimilar = terms(apart(e), gamma, margin)
    similar, dissimilar = pairs(labels)
    return log_sum(of_similar, similar), log_sum(of_dissimilar, dissimilar)


def with_itself(e, labels, gamma, margin):
    of_similar, _ = terms(apart(e), gamma, margin)
    same = labels[:, None] == labels
    return np.logaddexp(0, log_sum(of_similar, same) + sums(e, labels, gamma, margin)[1])


def two_logs(e, labels, gamma, margin):
    return sum(np.logaddexp(0, each) for each in sums(e, labels, gamma, margin))


def exponentials(e, labels, gamma, margin, product=False):
    """The sums of exponentials themselves, which overflow: to NaN behind a ``product`` with 0."""
    both = zip(pairs(labels), terms(apart(e), gamma, margin), strict=True)
    with np.errstate(all="ignore"):
        first, second = (
            (mask * np.exp(z) if product else np.where(mask, np.exp(z), 0)).sum(1)
            for mask, z in both
        )
        return np.log(1 + first * second)


def without_one(e, labels, gamma, margin):
    return sum(sums(e, labels, gamma, margin))


def circle_gradient(upstream_gradient, e, labels, gamma, margin, constant_weights=True):
    """The gradient, hand-written; by default that which takes the weights for constants."""
    d, (similar, dissimilar) = apart(e), pairs(labels)
    of_similar, of_dissimilar = terms(d, gamma, margin)
    weight, other = margin + d, np.maximum(1 + margin - d, 0)
    more, less = (0, 0) if constant_weights else (d - margin, -1.0 * (other > 0) * (1 - margin - d))
    first, second = sums(e, labels, gamma, margin)
    with np.errstate(all="ignore"):
        total = first + second
        share = 1 / (1 + np.exp(-total)) / max((np.logaddexp(0, total) > 0).sum(), 1)
        p = similar * np.exp(of_similar - first[:, None])
        q = dissimilar * np.exp(of_dissimilar - second[:, None])
        slope = gamma * (p * (weight + more) + q * (less - other)) * share[:, None]
    slope = np.where(similar | dissimilar, np.nan_to_num(slope), 0)
    return -upstream_gradient * (slope + slope.T) @ e, np.zeros(len(e))


CIRCLE_MISTAKES = """
mean_of_positive(per_row(y, gamma * (apart(e) - margin), gamma * (1 - margin - apart(e))))
    # all pairs count alike: multiply by the weights, m + d and 1 + m − d
mean_of_positive(without_one(e, y, gamma, margin))
without_one(e, y, gamma, margin).mean()
    # the 1 in the logarithm is missing: take the softplus of the sum of both logarithms
mean_of_positive(per_row(y, *terms(e @ e.T, gamma, margin)))
    # the cosine stands in place of the distance: use 1 − cos
mean_of_positive(with_itself(e, y, gamma, margin))
    # each row is its own similar partner: leave out the diagonal
rows(e, y, gamma, margin).mean()
    # rows that cost nothing count in the mean: divide by the number of rows with a positive loss
rows(e, y, gamma, margin).sum()           # SUMMED
rows(e, y, gamma, margin)                 # NOT_AVERAGED
mean_of_positive(two_logs(e, y, gamma, margin))
    # similar and dissimilar pairs have a logarithm each: multiply both sums, then add 1
mean_of_positive(per_row(y, gamma * (margin + apart(e)) * (apart(e) - margin),\
 gamma * (1 + margin - apart(e)) * (1 - margin - apart(e))))
    # beyond the distance 1 + m the weight is negative: it must be 0
mean_of_positive(rows(e, y, 1.0, margin))   # gamma is left out
mean_of_positive(rows(e, y, 80.0, margin))  # gamma is 80 whatever is asked for
mean_of_positive(rows(e, y, gamma, 0.4))    # the margin is 0.4 whatever is asked for
for product in (False, True): mean_of_positive(exponentials(e, y, gamma, margin, product))
for product in (False, True): exponentials(e, y, gamma, margin, product).mean()
    # the exponentials overflow: add the logarithms of the two sums (logsumexp), then take softplus
gradient: circle_gradient(upstream_gradient, e, y, gamma, margin)
    # the gradient takes the weights for constants: do not detach them
gradient: normalised_again(upstream_gradient, e, y, gamma, margin)
    # the embeddings are divided by their lengths again: take them as they are
"""


def normalised_again(upstream_gradient, e, labels, gamma, margin):
    """The gradient if the answer divides by the length once more, although it is 1."""
    de, dy = circle_gradient(upstream_gradient, e, labels, gamma, margin, constant_weights=False)
    return de - (de * e).sum(-1, keepdims=True) * e, dy


def on_the_circle(degrees):
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], 1)


def embedded(rng, n, d, gamma, margin, n_classes=3, **fields):
    """Unit vectors; at least two rows have a partner of each kind."""
    labels = np.concatenate([[0, 0, 1, 1], rng.integers(0, n_classes, n - 4)])
    labels = np.append(labels, 9)  # a row without a partner
    (e,) = normal(rng, (n + 1, d))
    return Case((unit(e), labels), {"gamma": gamma, "margin": margin}, **fields)


FOUR = on_the_circle([0, 20, 70, 200])

CIRCLE_EXERCISE = Exercise(
    "circle",
    circle,
    visible=(
        Case((FOUR, np.array([0, 0, 1, 1])), {"gamma": 10.0, "margin": 0.4}),
        Case((FOUR, np.array([0, 0, 1, 2])), {"gamma": 5.0, "margin": 0.25}),
        embedded(default_rng(1), 6, 3, 4.0, 0.25),
        Case(
            (on_the_circle([0, 170, 10, 185]), np.array([0, 0, 1, 1])),
            {"gamma": 256.0, "margin": 0.25},
            part="robustness",
        ),
        Case((FOUR, np.array([3, 3, 3, 3])), {"gamma": 10.0, "margin": 0.4}, part="robustness"),
    ),
    hidden=lambda rng: (
        embedded(rng, 7, 3, round(rng.uniform(2, 8), 3), round(rng.uniform(0.1, 0.35), 3)),
        embedded(rng, 6, 4, round(rng.uniform(8, 16), 3), round(rng.uniform(0.45, 0.6), 3)),
        embedded(rng, 8, 2, 5.0, 0.3, part="robustness"),
        Case((FOUR, np.arange(4)), {"gamma": 10.0, "margin": 0.4}, part="robustness"),
    ),
    reference={
        "pytorch": """
def circle_pt(e, y, gamma, margin):
    d = (1 - e @ e.T).clamp(min=0)
    same = y[:, None] == y
    similar = same & ~torch.eye(len(y), dtype=torch.bool)
    p = gamma * (margin + d) * (d - margin)
    n = gamma * (1 + margin - d).clamp(min=0) * (1 - margin - d)
    p = p.masked_fill(~similar, -torch.inf).logsumexp(1)
    n = n.masked_fill(same, -torch.inf).logsumexp(1)
    rows = F.softplus(p + n)
    return rows.sum() / (rows > 0).sum().clamp(min=1)
""",
        "tensorflow": "circle_tf = lambda y, e, gamma, margin: "
        "keras.losses.Circle(gamma=gamma, margin=margin)(y, e)",
    },
    misconceptions=mistakes(CIRCLE_MISTAKES, globals(), "e, y, gamma, margin"),
    target_first=True,
    elementwise=False,
    rtol=1e-3,
)

CIRCLE = component(
    "circle",
    name="Circle loss",
    zh="圆损失",
    keras=("keras.losses.Circle", "keras.losses.circle"),
    calls="""
circle(e, labels) | keras.losses.Circle()(labels, e)
    # `circle` is the function of this section; both need embeddings of length 1
""",
    behaviour={
        "circle-length": "Keras's `Circle` does not normalise: embeddings of length 3 cost far "
        "more",
        "circle-partner": "a row without a similar or a dissimilar partner costs 0, and does not "
        "count in the mean",
    },
    exercises=(CIRCLE_EXERCISE,),
)

COMPONENTS = (
    COSINE_SIMILARITY,
    PAIRWISE_DISTANCE,
    COSINE_EMBEDDING,
    HINGE_EMBEDDING,
    MARGIN_RANKING,
    TRIPLET_MARGIN,
    CIRCLE,
)
