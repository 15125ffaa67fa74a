"""Preprocessing: columns of a table become numbers, bins, indicators and hashes."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def standardize(train, x, correction=0, smallest=1e-7):
    std = np.maximum(train.std(0, ddof=correction), smallest)
    return (x - train.mean(0)) / std


OWN_STATISTICS = (
    "the statistics are those of x: take mean and standard deviation of the training data, so that "
    "a row has the same result whatever rows come with it"
)
STANDARDIZE_MISTAKES = """
standardize(train, x, correction=1)
    # the variance is divided by n − 1: divide the sum of squares by n
standardize(x, x)
    # OWN_STATISTICS
(x - x.mean(0)) / maximum(train.std(0), 1e-7)
    # the mean is that of x: take it from the training data, like the standard deviation
(x - train.mean(0)) / maximum(x.std(0), 1e-7)
    # the standard deviation is that of x: take it from the training data, like the mean
(x - train.mean(0)) / maximum(train.var(0), 1e-7)
    # the difference is divided by the variance: divide by its square root
(x - train.mean()) / maximum(train.std(), 1e-7)
    # all columns share one mean and one standard deviation: each column has its own
x - train.mean(0)
    # nothing is divided by the standard deviation
x / maximum(train.std(0), 1e-7)
    # the mean is not subtracted
(x - train.mean(0)) / sqrt(train.var(0) + 1e-3)
    # 0.001 is added to the variance: the standard deviation is at least 1e-7, and nothing is added
(x - train.mean(0)) / (train.std(0) + 1e-7)
    # 1e-7 is added to the standard deviation: take the larger of the two
(x - train.mean(0)) / sqrt(train.var(0) + 1e-14)
    # 1e-14 is added to the variance: take the larger of 1e-7 and the standard deviation
(x - train.min(0)) / maximum(train.max(0) - train.min(0), 1e-7)
    # this maps the training data to 0 … 1: subtract the mean, and divide by the standard deviation
(x - train.mean(0)) / train.std(0)
    # a constant column has the standard deviation 0: divide by 1e-7 there
(x - train.mean(0)) / where(train.std(0) > 0, train.std(0), 1)
    # a constant column is divided by 1: divide by 1e-7 there
where(train.std(0) > 0, standardize(train, x), 0)
(x - train.mean(0)) / where(train.std(0) > 0, train.std(0), inf)
    # a constant column is 0 whatever the number: subtract the mean, and divide by 1e-7 there
"""


def table(rng, n, columns):
    middle, spread = rng.uniform(-3, 3, columns), rng.uniform(0.5, 4, columns)
    return middle + spread * rng.normal(size=(n, columns))


def standardize_case(rng, n, m, columns, part="values"):
    train = table(rng, n, columns)
    return Case((train, table(rng, m, columns)), part=part)


def constant_case(rng, n, value):
    """A column is constant; n is a power of two, so that its mean is exact in float32."""
    train, x = table(rng, n, 2), table(rng, 3, 2)
    train[:, 1], x[:, 1] = value, (value, value + 0.5, value - 2)
    return Case((train, x), part="robustness")


def tiny_case(rng, n):
    """The standard deviations of two columns are 5e-8 and 2e-7, on both sides of the limit."""
    train, x = table(rng, n, 3), table(rng, 3, 3)
    train[:, 1:] = np.arange(n)[:, None] % 2 * np.array([1e-7, 4e-7])
    x[:, 1:] *= 1e-7
    return Case((train, x), part="robustness")


STANDARDIZE = Exercise(
    "standardize",
    standardize,
    visible=(
        Case((np.array([[2.0, 10], [4, 10], [6, 40], [8, 40]]), np.array([[5.0, 40], [9, 10]]))),
        standardize_case(default_rng(1), 5, 3, 2),
        standardize_case(default_rng(2), 7, 1, 3, "robustness"),
        constant_case(default_rng(3), 4, 2.0),
        tiny_case(default_rng(4), 4),
    ),
    hidden=lambda rng: (
        standardize_case(rng, 3, 4, 3),
        standardize_case(rng, 2, 2, 1, "robustness"),
        standardize_case(rng, 6, 1, 4, "robustness"),
        constant_case(rng, 8, float(rng.integers(-4, 5))),
        tiny_case(rng, 8),
    ),
    reference={
        "pytorch": """
def standardize_pt(train, x):
    return (x - train.mean(0)) / train.std(0, correction=0).clamp(min=1e-7)
""",
        "tensorflow": """
def standardize_tf(train, x):
    layer = keras.layers.Normalization()
    layer.adapt(train)
    return layer(x)
""",
    },
    misconceptions=mistakes(STANDARDIZE_MISTAKES, globals(), "train, x"),
    targets=(0,),
    elementwise=False,
)


def merged_statistics(mean, variance, batch, n):
    m = len(batch)
    merged = (n * mean + m * batch.mean(0)) / (n + m)
    squares = n * (variance + (mean - merged) ** 2)
    squares = squares + m * (batch.var(0) + (batch.mean(0) - merged) ** 2)
    return merged, squares / (n + m)


def of_parts(given, new_mean=None, new_variance=None):
    """The merged statistics, with one of them replaced."""
    mean, variance = merged_statistics(*given)
    return (
        mean if new_mean is None else new_mean,
        variance if new_variance is None else new_variance,
    )


MERGED_MISTAKES = """
of_parts((mean, variance, batch, n), new_variance=(n * variance + len(batch) * batch.var(0)) / (
    n + len(batch)))
    # the variances are averaged alone: each part also has the square of the distance between its
    # mean and the merged mean
((mean + batch.mean(0)) / 2, (variance + batch.var(0)) / 2)
of_parts((mean, variance, batch, n), new_mean=(mean + batch.mean(0)) / 2)
    # old and new count the same: weight each part with its number of rows
(batch.mean(0), batch.var(0))
    # only the new rows count: n rows came before
of_parts((mean, variance, batch, n), new_variance=merged_statistics(mean, variance, batch, n)[1]
    * (n + len(batch)) / (n + len(batch) - 1))
    # the variance is divided by one less than the number of rows: divide by the number of rows
of_parts((mean, variance, batch, n), new_variance=merged_statistics(mean, variance, batch, n)[1]
    ** 0.5)
    # this is the standard deviation: return the variance
of_parts((mean, variance, batch, n), new_variance=merged_statistics(mean, variance, batch, n)[1]
    + len(batch) / (n + len(batch)) * (batch.var(0) * len(batch) / (len(batch) - 1) - batch.var(0)))
    # the variance of the new rows is divided by one less than their number: divide by their number
(0.99 * mean + 0.01 * batch.mean(0), 0.99 * variance + 0.01 * batch.var(0))
(0.9 * mean + 0.1 * batch.mean(0), 0.9 * variance + 0.1 * batch.var(0))
    # this is a moving average, as in batch normalization: here all rows count the same
merged_statistics(mean, variance, batch, n)[::-1]
    # the outputs are exchanged: first the mean, then the variance
merged_statistics(mean, variance, batch, len(batch))
    # n is taken for the number of new rows: it is the number of rows that came before
"""


def merged_case(rng, n, m, columns, part="values"):
    mean, variance = rng.uniform(-3, 3, columns), rng.uniform(0.5, 4, columns)
    return Case((mean, variance, table(rng, m, columns)), {"n": n}, gradients=False, part=part)


MERGED = Exercise(
    "merged_statistics",
    merged_statistics,
    visible=(
        Case(
            (np.array([2.0]), np.array([1.0]), np.array([[4.0], [8.0]])), {"n": 2}, gradients=False
        ),
        merged_case(default_rng(1), 6, 3, 2),
        merged_case(default_rng(2), 40, 5, 3, "robustness"),
    ),
    hidden=lambda rng: (
        merged_case(rng, 3, 7, 3),
        merged_case(rng, 10, 2, 1, "robustness"),
        merged_case(rng, 100, 6, 2, "robustness"),
    ),
    reference={
        "pytorch": """
def merged_statistics_pt(mean, variance, batch, n):
    m = len(batch)
    merged = (n * mean + batch.sum(0)) / (n + m)
    squares = n * (variance + (mean - merged) ** 2) + ((batch - merged) ** 2).sum(0)
    return merged, squares / (n + m)
""",
        "tensorflow": """
def merged_statistics_tf(mean, variance, batch, n):
    m = len(batch)
    merged = (n * mean + tf.reduce_sum(batch, 0)) / (n + m)
    squares = n * (variance + (mean - merged) ** 2) + tf.reduce_sum((batch - merged) ** 2, 0)
    return merged, squares / (n + m)
""",
    },
    misconceptions=mistakes(MERGED_MISTAKES, globals(), "mean, variance, batch, n"),
    elementwise=False,
    rtol=1e-3,
)

FEATURE_NORMALIZATION = component(
    "feature_normalization",
    name="Feature normalization",
    zh="特征标准化层",
    keras=("keras.layers.Normalization",),
    calls="""
std = train.std(0, correction=0); (x - mean) / std | layer.adapt(train); layer(x)
    # `torch.std` divides by n − 1 by default, Keras by n: pass `correction=0`
(x - mean) / std | keras.layers.Normalization(axis=1, mean=mean, variance=std**2)(x)
    # Keras takes the variance, the square of the standard deviation
""",
    behaviour={
        "norm-n": "`torch.std` divides by n − 1, Keras's `Normalization` by n",
        "norm-module-tf": "before `adapt`, `Normalization` returns its input without an error",
        "norm-constant-tf": "a constant column is infinite or NaN in PyTorch; Keras "
        "divides by 1e-7",
    },
    exercises=(STANDARDIZE, MERGED),
)


def rescale(x, low, high, new_low, new_high):
    return new_low + (np.asarray(x, float) - low) * (new_high - new_low) / (high - low)


def wrapped(x, low):
    """The difference in the unsigned integers of x."""
    return (x.astype(int) - low) % 256 if x.dtype.kind == "u" else x - low


RESCALE_MISTAKES = """
new_low + (x * 1.0) * (new_high - new_low) / (high - low)
    # the old lower limit is not subtracted from x
(x - 1.0 * low) * (new_high - new_low) / (high - low)
    # the new lower limit is not added
new_low + (x - 1.0 * low) * (new_high - new_low) / high
    # the difference is divided by the old upper limit: divide by high − low
new_low + (x - 1.0 * low) * new_high / (high - low)
    # the difference is multiplied by the new upper limit: multiply by new_high − new_low
(x - 1.0 * low) / (high - low)
    # the result goes from 0 to 1: it must go from new_low to new_high
low + (x - 1.0 * new_low) * (high - low) / (new_high - new_low)
    # this is the inverse: x goes from low to high, the result from new_low to new_high
clip(rescale(x, low, high, new_low, new_high), minimum(new_low, new_high), maximum(new_low,
    new_high))
    # numbers outside of low … high are clipped: they keep their place on the line
(new_low + 1.0 * x - low) * (new_high - new_low) / (high - low)
    # the new lower limit is added before the multiplication: add it after the multiplication
new_low + wrapped(x, low) * ((new_high - new_low) / (high - low))
    # the difference is computed in uint8, where 5 − 10 is 251: convert x to float32 first
"""


def rescale_case(rng, shape, limits, part="values"):
    x = rng.uniform(*sorted(limits[:2]), shape) + rng.normal(0, 1, shape)
    names = ("low", "high", "new_low", "new_high")
    return Case((x,), dict(zip(names, limits, strict=True)), part=part)


def pixel_case(rng, shape, limits):
    names = ("low", "high", "new_low", "new_high")
    x = rng.integers(0, 256, shape).astype(np.uint8)
    x.flat[0], x.flat[1] = 3, 250
    arguments = dict(zip(names, limits, strict=True))
    return Case((x,), arguments, gradients=False, part="robustness")


RESCALE = Exercise(
    "rescale",
    rescale,
    visible=(
        rescale_case(default_rng(1), (6,), (0, 255, -1, 1)),
        rescale_case(default_rng(2), (5,), (-2.0, 6.0, 3.0, 5.0)),
        pixel_case(default_rng(3), (2, 3), (10, 200, -1, 1)),
    ),
    hidden=lambda rng: (
        rescale_case(rng, (6,), (1.0, 4.0, -3.0, 2.5)),
        rescale_case(rng, (2, 4), (-1, 1, 0, 255)),
        rescale_case(rng, (2, 3, 2), (2.0, 10.0, 1.0, -1.0), "robustness"),
        pixel_case(rng, (4, 2), (16, 235, 0, 1)),
    ),
    reference={
        "pytorch": """
def rescale_pt(x, low, high, new_low, new_high):
    scale = (new_high - new_low) / (high - low)
    return x.float() * scale + (new_low - low * scale)
""",
        "tensorflow": """
def rescale_tf(x, low, high, new_low, new_high):
    scale = (new_high - new_low) / (high - low)
    return keras.layers.Rescaling(scale, offset=new_low - low * scale)(x)
""",
    },
    misconceptions=mistakes(RESCALE_MISTAKES, globals(), "x, low, high, new_low, new_high"),
)

RESCALING = component(
    "rescaling",
    name="Rescaling",
    zh="重缩放层",
    keras=("keras.layers.Rescaling",),
    calls="""
x / 127.5 - 1 | keras.layers.Rescaling(1 / 127.5, offset=-1)(x)
    # Keras multiplies first, then adds the offset
pixels.float() * 2 | keras.layers.Rescaling(2.0)(pixels)
    # Keras converts integers to float32; `pixels * 2` stays in uint8 and overflows
""",
    behaviour={
        "rescale-uint8-tf": "`Rescaling` converts integers to float32, a plain product stays in "
        "`uint8` and overflows",
    },
    exercises=(RESCALE,),
)


def bucketize(x, edges):
    return np.searchsorted(edges, x, side="right")


BUCKETIZE_MISTAKES = """
searchsorted(edges, x, side="left")
    # a number equal to an edge is in the lower bin: it belongs to the bin above the edge
bucketize(x, edges) + 1
    # the bins are counted from 1: the bin below the first edge is 0
bucketize(x, edges) - 1
maximum(bucketize(x, edges) - 1, 0)
    # the bin below the first edge is missing: it is 0, and n edges make n + 1 bins
minimum(bucketize(x, edges), len(edges) - 1)
    # the last bin is missing: n edges make n + 1 bins
len(edges) - bucketize(x, edges)
    # the edges above x are counted: count the edges that are at most x
abs(subtract.outer(x, edges)).argmin(-1)
    # this is the nearest edge: count the edges that are at most x
"""


def bucket_case(rng, shape, n_edges, part="values", on_edges=True):
    edges = np.sort(rng.choice(np.arange(-20, 21), n_edges, replace=False)) / 4
    x = rng.uniform(-6, 6, shape)
    if on_edges:
        k = min(n_edges, x.size // 2)
        x.flat[:k] = edges[:k]
    return Case((x, edges), gradients=False, part=part)


BUCKETIZE = Exercise(
    "bucketize",
    bucketize,
    visible=(
        Case((np.array([17.0, 18, 30, 64]), np.array([18.0, 30, 50])), gradients=False),
        bucket_case(default_rng(1), (8,), 4),
        bucket_case(default_rng(2), (2, 3), 1, "robustness"),
        bucket_case(default_rng(3), (2, 2, 3), 5, "robustness"),
    ),
    hidden=lambda rng: (
        bucket_case(rng, (9,), 3),
        bucket_case(rng, (12,), 6),
        bucket_case(rng, (3, 4), 2, "robustness"),
        bucket_case(rng, (), 3, "robustness", on_edges=False),
    ),
    reference={
        "pytorch": "bucketize_pt = lambda x, edges: torch.bucketize(x, edges, right=True)",
        "tensorflow": "bucketize_tf = lambda x, edges: "
        "keras.layers.Discretization(edges.numpy().tolist())(x)",
    },
    misconceptions=mistakes(BUCKETIZE_MISTAKES, globals(), "x, edges"),
    forbid=("torch.searchsorted", "tf.searchsorted", "keras.ops.searchsorted"),
    elementwise=False,
)


def quantile_edges(x, n_bins):
    return np.quantile(x, np.arange(1, n_bins) / n_bins)


QUANTILE_MISTAKES = """
linspace(x.min(), x.max(), n_bins + 1)[1:-1]
    # the bins have equal widths: here they have equal numbers of values
quantile(x, arange(n_bins + 1) / n_bins)
    # the smallest and the largest number are among the edges: n bins have n − 1 edges between them
quantile(x, arange(1, n_bins + 1) / n_bins)
quantile(x, arange(n_bins) / n_bins)
    # there are n_bins edges: n bins have n − 1 edges between them
quantile(x, arange(1, n_bins) / n_bins, method="lower")
quantile(x, arange(1, n_bins) / n_bins, method="higher")
quantile(x, arange(1, n_bins) / n_bins, method="nearest")
quantile(x, arange(1, n_bins) / n_bins, method="midpoint")
    # an edge is one of the numbers, or the middle of two: interpolate between two neighbours
interp(arange(1, n_bins) / n_bins * len(x), arange(len(x)), sort(x))
sort(x)[arange(1, n_bins) * len(x) // n_bins]
    # the place is q · n: it is q · (n − 1), so that q = 1 is the largest number
interp(arange(1, n_bins) / n_bins * (len(x) - 1), arange(len(x)), x)
    # x is not sorted: sort it first
quantile(x, arange(1, n_bins) / (n_bins + 1))
    # the parts are i / (n_bins + 1): n bins need the parts i / n_bins
"""


def quantile_case(rng, n, n_bins, part="values"):
    return Case((rng.exponential(4, n),), {"n_bins": n_bins}, gradients=False, part=part)


QUANTILE_EDGES = Exercise(
    "quantile_edges",
    quantile_edges,
    visible=(
        Case((np.array([8.0, 1, 3, 2]),), {"n_bins": 2}, gradients=False),
        quantile_case(default_rng(1), 11, 4),
        quantile_case(default_rng(2), 8, 3, "robustness"),
    ),
    hidden=lambda rng: (
        quantile_case(rng, 13, 5),
        quantile_case(rng, 10, 4),
        quantile_case(rng, 6, 2, "robustness"),
        quantile_case(rng, 30, 7, "robustness"),
    ),
    reference={
        "pytorch": """
def quantile_edges_pt(x, n_bins):
    return torch.quantile(x, torch.arange(1, n_bins) / n_bins)
""",
        "tensorflow": """
def quantile_edges_tf(x, n_bins):
    return keras.ops.quantile(x, np.arange(1, n_bins, dtype="float32") / n_bins)
""",
    },
    misconceptions=mistakes(QUANTILE_MISTAKES, globals(), "x, n_bins"),
    elementwise=False,
)

DISCRETIZATION = component(
    "discretization",
    name="Discretization",
    zh="离散化层",
    pytorch=("torch.bucketize",),
    keras=("keras.layers.Discretization",),
    calls="""
torch.bucketize(x, edges, right=True) | keras.layers.Discretization(edges)(x)
    # `torch.bucketize` puts a number that is equal to an edge below the edge, unless `right=True`
""",
    behaviour={
        "bucket-tf": "a number that is equal to an edge belongs to the bin above it in Keras, and "
        "in PyTorch with `right=True`",
        "bucket-quantiles-tf": "`Discretization.adapt` finds approximate quantiles: other edges "
        "than those of `torch.quantile`",
    },
    exercises=(BUCKETIZE, QUANTILE_EDGES),
)


def one_hot(x, n_tokens):
    return (x[..., None] == np.arange(n_tokens)).astype(float)


def multi_hot(tokens, n_tokens):
    return one_hot(tokens, n_tokens).max(-2)


def known(tokens, n_tokens, to):
    """The tokens, where those out of range are moved to another place."""
    return np.where((tokens >= 0) & (tokens < n_tokens), tokens, to)


ONE_HOT_MISTAKES = """
one_hot(x % n_tokens, n_tokens)
    # a token out of range counts from the end, or from the start again: its row is all 0
one_hot(clip(x, 0, n_tokens - 1), n_tokens)
    # a token out of range is taken for the first or the last: its row is all 0
one_hot(where(x < 0, 0, x), n_tokens)
    # a negative token is taken for token 0: its row is all 0
one_hot(where(x < 0, n_tokens - 1, x), n_tokens)
    # a negative token is taken for the last token: its row is all 0
one_hot(x - 1, n_tokens)
    # the 1 is in the place before: token 0 has the first place
one_hot(x + 1, n_tokens + 1)
    # there is one place too many: token 0 has the first place, and a token out of range has none
moveaxis(one_hot(x, n_tokens), -1, 0)
    # the new axis is the first: it must be the last
(x[..., None] >= arange(n_tokens)).astype(float)
    # all places up to the token are 1: only its own place is 1
"""


def tokens(rng, shape, n_tokens, unknown=0):
    """Tokens in range, and others below and above it."""
    x = rng.integers(0, n_tokens, shape)
    for k in range(unknown):
        x.flat[k] = (-1, n_tokens, -2, n_tokens + 1)[k]
    return x


def token_case(rng, shape, n_tokens, unknown=0, part="values"):
    x = tokens(rng, shape, n_tokens, unknown)
    return Case((x,), {"n_tokens": n_tokens}, gradients=False, part=part)


ONE_HOT = Exercise(
    "one_hot",
    one_hot,
    visible=(
        Case((np.array([2, 0]),), {"n_tokens": 4}, gradients=False),
        token_case(default_rng(1), (3, 2), 5),
        token_case(default_rng(2), (6,), 4, 2, "robustness"),
        token_case(default_rng(3), (2, 1, 3), 3, part="robustness"),
    ),
    hidden=lambda rng: (
        token_case(rng, (7,), 5),
        token_case(rng, (2, 5), 3, 3, "robustness"),
        token_case(rng, (8,), 6, 4, "robustness"),
        token_case(rng, (2, 2, 2), 4, part="robustness"),
    ),
    reference={
        "pytorch": """
def one_hot_pt(x, n_tokens):
    known = (x >= 0) & (x < n_tokens)
    return F.one_hot(x.clamp(0, n_tokens - 1), n_tokens).float() * known[..., None]
""",
        "tensorflow": "one_hot_tf = lambda x, n_tokens: tf.one_hot(x, n_tokens)",
    },
    misconceptions=mistakes(ONE_HOT_MISTAKES, globals(), "x, n_tokens"),
    elementwise=False,
)

MULTI_HOT_MISTAKES = """
one_hot(tokens, n_tokens).sum(-2)
    # a token that comes twice is 2: multi-hot has only 0 and 1
one_hot(tokens, n_tokens)
    # each token has a row of its own: there is one row for each sample
1 - multi_hot(tokens, n_tokens)
    # 0 and 1 are exchanged: the tokens that come are 1
one_hot(tokens[:, 0], n_tokens)
    # only the first token of a row counts
multi_hot(tokens % n_tokens, n_tokens)
    # padding, −1, is taken for the last token: it is no token
multi_hot(maximum(tokens, 0), n_tokens)
    # padding, −1, is taken for token 0: it is no token
multi_hot(tokens + 1, n_tokens + 1)
    # there is one column too many: token 0 has the first column, and padding has none
one_hot(tokens, n_tokens).mean(-2)
    # the rows are averaged: multi-hot has only 0 and 1
one_hot(tokens, n_tokens).max(0)
    # the tokens of all samples are together: each sample has a row of its own
"""


def padded_case(rng, batch, length, n_tokens, part="values"):
    x = rng.integers(0, n_tokens, (batch, length))
    x[:, 1] = x[:, 0]  # a number that occurs twice
    x[0, length - 1] = -1
    x[-1, 2:] = -1
    return Case((x,), {"n_tokens": n_tokens}, gradients=False, part=part)


MULTI_HOT = Exercise(
    "multi_hot",
    multi_hot,
    visible=(
        Case((np.array([[0, 2, 2], [1, -1, -1]]),), {"n_tokens": 4}, gradients=False),
        padded_case(default_rng(1), 3, 4, 6),
        padded_case(default_rng(2), 1, 5, 8, "robustness"),
        Case((np.full((2, 3), -1),), {"n_tokens": 3}, gradients=False, part="robustness"),
    ),
    hidden=lambda rng: (
        padded_case(rng, 4, 3, 5),
        padded_case(rng, 2, 6, 9),
        padded_case(rng, 1, 3, 4, "robustness"),
    ),
    reference={
        "pytorch": """
def multi_hot_pt(tokens, n_tokens):
    known = (tokens >= 0)[..., None]
    return (F.one_hot(tokens.clamp(min=0), n_tokens) * known).amax(1).float()
""",
        "tensorflow": """
def multi_hot_tf(tokens, n_tokens):
    return tf.reduce_max(tf.one_hot(tokens, n_tokens), 1)
""",
    },
    misconceptions=mistakes(MULTI_HOT_MISTAKES, globals(), "tokens, n_tokens"),
    elementwise=False,
)


def weighted_counts(tokens, weights, n_tokens):
    return np.einsum("bln,bl->bn", one_hot(tokens, n_tokens), weights)


WEIGHTED_COUNTS_MISTAKES = """
one_hot(tokens, n_tokens).sum(1)
    # the weights are not used: a token adds its weight to its column, not 1
(one_hot(tokens, n_tokens) * weights[..., None]).max(1)
    # a token that comes twice counts once: add its weights
(one_hot(tokens, n_tokens) * weights[..., None]).mean(1)
    # the sum is divided by the number of tokens: return the sum
weighted_counts(tokens, weights, n_tokens) / maximum(one_hot(tokens, n_tokens).sum(1), 1)
    # the weights of a token are averaged: add them
weighted_counts(tokens % n_tokens, weights, n_tokens)
    # the weight of padding, −1, goes to the last column: it must not count
weighted_counts(maximum(tokens, 0), weights, n_tokens)
    # the weight of padding, −1, goes to the first column: it must not count
weighted_counts(tokens, weights / weights.sum(1, keepdims=True), n_tokens)
    # the weights are divided by their sum: use them as they are
one_hot(tokens, n_tokens) * weights[..., None]
    # each token has a row of its own: add the rows of a sample
last_one(tokens, weights, n_tokens)
    # a token that comes twice has only its last weight: add its weights
"""


def last_one(tokens, weights, n_tokens):
    y = np.zeros((len(tokens), n_tokens))
    for b, row in enumerate(tokens):
        for token, weight in zip(row, weights[b], strict=True):
            if token >= 0:
                y[b, token] = weight
    return y


def weights_case(rng, batch, length, n_tokens, part="values"):
    case = padded_case(rng, batch, length, n_tokens)
    weights = rng.uniform(0.5, 2, (batch, length)) * rng.choice([-1, 1, 1], (batch, length))
    return Case((*case.inputs, weights), case.arguments, part=part)


WEIGHTED_COUNTS = Exercise(
    "weighted_counts",
    weighted_counts,
    visible=(
        Case((np.array([[1, 3, 3]]), np.array([[0.5, 1, 2]])), {"n_tokens": 4}),
        weights_case(default_rng(1), 3, 4, 5),
        weights_case(default_rng(2), 1, 6, 3, "robustness"),
    ),
    hidden=lambda rng: (
        weights_case(rng, 4, 3, 6),
        weights_case(rng, 2, 5, 4),
        weights_case(rng, 1, 3, 7, "robustness"),
    ),
    reference={
        "pytorch": """
def weighted_counts_pt(tokens, weights, n_tokens):
    weights = weights * (tokens >= 0)
    return (F.one_hot(tokens.clamp(min=0), n_tokens) * weights[..., None]).sum(1)
""",
        "tensorflow": """
def weighted_counts_tf(tokens, weights, n_tokens):
    return tf.reduce_sum(tf.one_hot(tokens, n_tokens) * weights[..., None], 1)
""",
    },
    misconceptions=mistakes(WEIGHTED_COUNTS_MISTAKES, globals(), "tokens, weights, n_tokens"),
    targets=(0,),
    elementwise=False,
)

CATEGORY_ENCODING = component(
    "category_encoding",
    name="Category encoding (one-hot)",
    zh="类别编码层",
    pytorch=("torch.nn.functional.one_hot",),
    keras=("keras.layers.CategoryEncoding",),
    tensorflow=("tf.one_hot",),
    calls="""
F.one_hot(tokens, 4) | keras.layers.CategoryEncoding(4, "one_hot")(tokens)
    # PyTorch returns int64, Keras float32
F.one_hot(tokens, 4) | tf.one_hot(tokens, 4)
    # PyTorch raises an error for a token out of range, TensorFlow returns a row of 0
F.one_hot(tokens, 4).amax(1) | keras.layers.CategoryEncoding(4)(tokens)
    # the default of `CategoryEncoding` is multi-hot, not one-hot
F.one_hot(tokens, 4).sum(1) | keras.layers.CategoryEncoding(4, "count")(tokens)
""",
    behaviour={
        "code-unknown-tf": "a token out of range raises an error in PyTorch, and is a row of 0 in "
        '`tf.one_hot` and with `"one_hot"`; the other modes raise an error if it is negative',
        "code-axis-tf": "for `multi_hot` and `count`, an input with one axis is one sample; "
        "`one_hot` leaves out a last axis of size 1",
        "code-weights-error-tf": "the output of Keras for `count_weights` has no gradient: "
        "differentiating it raises an error",
    },
    exercises=(ONE_HOT, MULTI_HOT, WEIGHTED_COUNTS),
)

OFFSET, PRIME = 2166136261, 16777619


def fnv1a(codes, n_bins, first="xor", start=OFFSET, prime=PRIME, bits=32, padding=False):
    """Fowler, Noll and Vo's hash of each row; 0 behind the end of a word is left out."""
    bins = []
    for row in np.asarray(codes).tolist():
        h = start
        for code in row:
            if code or padding:
                h = (h ^ code) * prime if first == "xor" else (h * prime) ^ code
                h %= 2**bits
        bins.append(h % n_bins)
    return np.array(bins, np.int64)


def reduced_early(codes, n_bins):
    bins = []
    for row in np.asarray(codes).tolist():
        h = OFFSET
        for code in row:
            h = (h ^ code) * PRIME % 2**32 % n_bins if code else h
        bins.append(h % n_bins)
    return np.array(bins, np.int64)


FNV1A_MISTAKES = """
fnv1a(codes, n_bins, first="product")
    # first comes the product, then the exclusive or: it is the other way round
fnv1a(codes, n_bins, padding=True)
    # the zeros behind the end of a word are hashed, too: leave the hash as it is there
fnv1a(codes, n_bins, start=0)
    # the hash starts at 0: start at 2166136261
reduced_early(codes, n_bins)
    # the hash is reduced to n_bins after each code: reduce it only at the end
fnv1a(codes, n_bins, bits=64)
    # the hash has 64 bits: keep the lowest 32 bits after each product
codes.sum(1) % n_bins
    # the codes are added, so words with the same letters always collide: follow the formula
fnv1a(codes[:, ::-1], n_bins)
    # the codes are read from the last to the first: start with the first
fnv1a(codes, n_bins) + 1
    # the bins are counted from 1: count from 0
fnv1a(codes, n_bins - 1) + 1
    # bin 0 is kept free: all bins from 0 to n_bins − 1 are used
fnv1a(codes, 2**32)
    # this is the hash itself: return its remainder by n_bins
"""


def coded(words, length):
    rows = [list(word.encode()) for word in words]
    return np.array([row + [0] * (length - len(row)) for row in rows], np.int64)


def words_case(rng, batch, length, n_bins, part="values"):
    """Rows of lower-case letters of different lengths; the first has full length."""
    codes = rng.integers(97, 123, (batch, length))
    for row, n in zip(codes[1:], rng.integers(1, length + 1, batch - 1), strict=True):
        row[n:] = 0
    return Case((codes,), {"n_bins": n_bins}, gradients=False, part=part)


FNV1A = Exercise(
    "fnv1a",
    fnv1a,
    visible=(
        Case((coded(["a", "ab", "ba"], 3),), {"n_bins": 100}, gradients=False),
        words_case(default_rng(1), 5, 4, 1000),
        words_case(default_rng(2), 1, 6, 50, "robustness"),
    ),
    hidden=lambda rng: (
        words_case(rng, 6, 5, 1000),
        words_case(rng, 4, 8, 97),
        words_case(rng, 2, 3, 10_000, "robustness"),
        words_case(rng, 1, 2, 500, "robustness"),
    ),
    reference={
        "pytorch": """
def fnv1a_pt(codes, n_bins):
    h = torch.full((len(codes),), 2166136261)
    for code in codes.T:
        h = torch.where(code > 0, (h ^ code) * 16777619 % 2**32, h)
    return h % n_bins
""",
        "tensorflow": """
def fnv1a_tf(codes, n_bins):
    h = tf.fill([len(codes)], tf.constant(2166136261, tf.int64))
    for code in tf.unstack(codes, axis=1):
        h = tf.where(code > 0, tf.bitwise.bitwise_xor(h, code) * 16777619 % 2**32, h)
    return h % n_bins
""",
    },
    misconceptions=mistakes(FNV1A_MISTAKES, globals(), "codes, n_bins"),
    elementwise=False,
)

HASHING = component(
    "hashing",
    name="Hashing",
    zh="哈希层",
    keras=("keras.layers.Hashing",),
    calls="""
torch.tensor([fingerprint(w) % 5 for w in words]) | keras.layers.Hashing(5)(words)
    # PyTorch has no hash: this section builds TensorFlow's; Python's `hash` changes from run to run
""",
    behaviour={
        "hash-integers-tf": "an integer has the same bin as its decimal digits in a string",
        "hash-bins-tf": "with as many bins as words, more than a third of the bins is empty",
    },
    exercises=(FNV1A,),
)


def crossed(a, b):
    return np.einsum("bi,bj->bij", a, b).reshape(len(a), -1)


CROSSED_MISTAKES = """
crossed(b, a)
    # the place is b · n_a + a: it must be a · n_b + b
concatenate([a, b], 1)
    # the features are put side by side: each pair of them needs a column of its own
einsum("bi,bj->bij", a, b)
    # the output has three axes: each row is one vector of n_a · n_b numbers
(a[:, :, None] + b[:, None]).reshape(len(a), -1)
    # the numbers are added: multiply them, so that a column is 1 only where both are 1
maximum(a[:, :, None], b[:, None]).reshape(len(a), -1)
    # a column is 1 where one of the two is 1: it is 1 only where both are 1
minimum(a[:, :, None], b[:, None]).reshape(len(a), -1)
    # this is the smaller of the two numbers: multiply them
kron(a, b)
    # each row is crossed with all rows: a row belongs only to the same row of the other feature
crossed(a, b) / crossed(a, b).sum(1, keepdims=True)
    # the rows are divided by their sums: return the products
"""


def one_hot_rows(rng, n, columns):
    return np.eye(columns)[rng.integers(0, columns, n)]


def crossed_case(rng, n, n_a, n_b, part="values"):
    return Case((rng.normal(1, 1, (n, n_a)), rng.normal(1, 1, (n, n_b))), part=part)


CROSSED = Exercise(
    "crossed",
    crossed,
    visible=(
        Case((np.array([[0.0, 1]]), np.array([[0.0, 0, 1]]))),
        crossed_case(default_rng(1), 3, 2, 4),
        Case((one_hot_rows(default_rng(2), 4, 3), one_hot_rows(default_rng(3), 4, 3))),
        crossed_case(default_rng(4), 1, 3, 2, "robustness"),
    ),
    hidden=lambda rng: (
        crossed_case(rng, 4, 3, 2),
        crossed_case(rng, 2, 2, 5),
        Case((one_hot_rows(rng, 3, 4), one_hot_rows(rng, 3, 2))),
        crossed_case(rng, 1, 1, 3, "robustness"),
        crossed_case(rng, 5, 2, 2, "robustness"),
    ),
    reference={
        "pytorch": "crossed_pt = lambda a, b: (a[:, :, None] * b[:, None]).flatten(1)",
        "tensorflow": """
def crossed_tf(a, b):
    return tf.reshape(a[:, :, None] * b[:, None], (len(a), -1))
""",
    },
    misconceptions=mistakes(CROSSED_MISTAKES, globals(), "a, b"),
    elementwise=False,
)

HASHED_CROSSING = component(
    "hashed_crossing",
    name="Hashed crossing",
    zh="哈希交叉层",
    keras=("keras.layers.HashedCrossing",),
    calls="""
torch.tensor([crossing(c, r) % 5 for c, r in rows]) | keras.layers.HashedCrossing(5)((city, rooms))
    # PyTorch has no such layer: this section builds it from the fingerprints
""",
    behaviour={
        "cross-order-tf": "the crossing of (a, b) has other bins than that of (b, a)",
        "cross-xor-tf": "a linear model of two features cannot learn an exclusive or; with their "
        "crossing it can",
    },
    exercises=(CROSSED,),
)

COMPONENTS = (
    FEATURE_NORMALIZATION,
    RESCALING,
    DISCRETIZATION,
    CATEGORY_ENCODING,
    HASHING,
    HASHED_CROSSING,
)
