"""Transformers: encoder and decoder layers, stacks of them, and the whole network."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

ATTENTIONS = (
    "torch.nn.functional.multi_head_attention_forward",
    "keras.layers.MultiHeadAttention",
)

NO_SCALE = "the scores are not divided: divide them by the root of the size"
OVER_QUERIES = "the softmax is taken over the queries: take it over the keys, the last axis"
NO_EPS = "the argument eps is not added to the variance: add it, then take the root"
OUTSIDE = "eps is added after the root: add it to the variance, then take the root"
UNBIASED = "the variance is divided by n − 1: divide by n"
NO_RELU = "the ReLU between the two matrices of the feed-forward network is missing"
LATE_RELU = "the ReLU comes after the second matrix: it belongs between the two"
NORMALIZED_RESIDUAL = "the normalized value is added to the result: add the value before LN"


def norm(x, eps):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)


def norm_without_eps(x, eps):
    return norm(x, 0)


def norm_outside(x, eps):
    return (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + eps)


def norm_unbiased(x, eps):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True, ddof=1) + eps)


def norm_over_time(x, eps):
    return norm(x.swapaxes(-1, -2), eps).swapaxes(-1, -2)


def no_norm(x, eps):
    return x


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def relu(x):
    return np.maximum(x, 0)


def feed_forward(x, w1, w2):
    return relu(x @ w1.T) @ w2.T


def linear_forward(x, w1, w2):
    return x @ w1.T @ w2.T


def late_relu(x, w1, w2):
    return relu(x @ w1.T @ w2.T)


def attend(query, key, value, scale=None, axis=-1, seen=None, after=False):
    """Attention over the last but one axis; ``seen`` is ``True`` where a query sees a key."""
    scale = query.shape[-1] ** 0.5 if scale is None else scale
    scores = query @ key.swapaxes(-1, -2) / scale
    if seen is None:
        return softmax(scores, axis) @ value
    if after:
        return softmax(scores, axis) * seen @ value
    return softmax(np.where(seen, scores, -np.inf), axis) @ value


def split_heads(x, n_heads):
    """(batch, time, features) to (batch, heads, time, size)."""
    return x.reshape(*x.shape[:2], n_heads, -1).swapaxes(1, 2)


def by_reshape(x, n_heads):
    return x.reshape(len(x), n_heads, x.shape[1], -1)


def strided_heads(x, n_heads):
    return np.moveaxis(x.reshape(*x.shape[:2], -1, n_heads), -1, 1)


def join_heads(x):
    return x.swapaxes(1, 2).reshape(len(x), x.shape[2], -1)


def join_by_reshape(x):
    return x.reshape(len(x), x.shape[2], -1)


def encoder_layer_of(
    split=split_heads,
    join=join_heads,
    scale=lambda features, n_heads: (features / n_heads) ** 0.5,
    axis=-1,
    order=(0, 1, 2),
    projected=lambda y, out: y @ out.T,
    feed=feed_forward,
    norm=norm,
    first=lambda norm_first: norm_first,
    pre=lambda x, part, norm, to: to + part(norm(x)),
    post=lambda x, part, norm, to: norm(to + part(x)),
    second=lambda x, h: h,
    end=lambda y, norm_first, norm: y,
):
    """The encoder layer; wrong answers replace a part."""

    def encoder_layer(x, qkv, out, w1, w2, n_heads, norm_first, eps):
        def attention(x):
            parts = np.split(x @ qkv.T, 3, -1)
            query, key, value = (split(parts[i], n_heads) for i in order)
            y = attend(query, key, value, scale(x.shape[-1], n_heads), axis)
            return projected(join(y), out)

        def normed(x):
            return norm(x, eps)

        step = pre if first(norm_first) else post
        h = step(x, attention, normed, x)
        y = step(h, lambda h: feed(h, w1, w2), normed, second(x, h))
        return end(y, norm_first, normed)

    return encoder_layer


ENCODER_LAYER_MISTAKES = """
encoder_layer_of(pre=lambda x, part, norm, to: norm(to) + part(norm(x)))   # NORMALIZED_RESIDUAL
encoder_layer_of(first=lambda norm_first: False)  # norm_first is ignored: with True, normalize the
                                                  # input of each part, not the sum
encoder_layer_of(first=lambda norm_first: True)   # norm_first is ignored: with False, normalize the
                                                  # sum, not the input of each part
encoder_layer_of(first=lambda norm_first: not norm_first)
                                                  # norm_first has the opposite meaning
encoder_layer_of(scale=lambda features, n_heads: 1)                        # NO_SCALE
encoder_layer_of(scale=lambda features, n_heads: features ** 0.5)
    # the scores are divided by the root of all features: divide by the root of a head's size
encoder_layer_of(scale=lambda features, n_heads: features / n_heads)
    # the scores are divided by a head's size: divide by its root
encoder_layer_of(axis=-2)                                                  # OVER_QUERIES
encoder_layer_of(split=by_reshape)
encoder_layer_of(split=by_reshape, join=join_by_reshape)
    # a reshape alone makes the heads, which mixes positions: first split the features into heads
    # and sizes, then swap heads and time
encoder_layer_of(join=join_by_reshape)
    # the heads are joined by a reshape alone, which mixes positions: first swap heads and time
encoder_layer_of(split=strided_heads)
    # a head takes every n_heads-th feature: take neighbouring features
encoder_layer_of(split=lambda x, n_heads: x[:, None])
    # there is one head, whatever n_heads is
encoder_layer_of(order=(1, 0, 2))
    # query and key are exchanged: the first third of qkv makes the query
encoder_layer_of(order=(2, 1, 0))
    # query and value are exchanged: the first third of qkv makes the query
encoder_layer_of(order=(0, 2, 1))
    # key and value are exchanged: the second third of qkv makes the key
encoder_layer_of(projected=lambda y, out: y)    # the matrix `out` is not used
encoder_layer_of(projected=lambda y, out: y @ out)
    # `out` is used as (in, out): it is (out, in), so transpose it
encoder_layer_of(feed=linear_forward)           # NO_RELU
encoder_layer_of(feed=late_relu)                # LATE_RELU
encoder_layer_of(pre=lambda x, part, norm, to: part(norm(x)),
    post=lambda x, part, norm, to: norm(part(x)))
    # the sums are missing: add each part to its input
encoder_layer_of(second=lambda x, h: x)
    # the second sum adds x: it adds the result of the first sum
encoder_layer_of(post=lambda x, part, norm, to: to + norm(part(x)))
    # the result of each part is normalized alone: normalize the sum
encoder_layer_of(pre=lambda x, part, norm, to: to + part(x),
    post=lambda x, part, norm, to: to + part(x))
    # nothing is normalized
encoder_layer_of(end=lambda y, norm_first, norm: norm(y) if norm_first else y)
    # with norm_first, the output is normalized: this is the task of the stack
encoder_layer_of(norm=norm_without_eps)
encoder_layer_of(norm=lambda x, eps: norm(x, 1e-5))
encoder_layer_of(norm=lambda x, eps: norm(x, 1e-3))  # NO_EPS
encoder_layer_of(norm=norm_outside)             # OUTSIDE
encoder_layer_of(norm=norm_unbiased)            # UNBIASED
encoder_layer_of(norm=norm_over_time)           # the mean is taken over the time: take it over the
                                                # features, the last axis
"""


def an_eps(rng):
    return round(float(rng.uniform(0.1, 0.5)), 3)


def encoder_case(rng, batch, time, n_heads, size, hidden, first, scale=1.0, eps=None, **fields):
    n = n_heads * size
    shapes = (3 * n, n), (n, n), (hidden, n), (n, hidden)
    x = scale * rng.normal(0, 1, (batch, time, n))
    weights = [rng.normal(0, 0.8, shape) for shape in shapes]
    eps = an_eps(rng) if eps is None else eps
    arguments = {"n_heads": n_heads, "norm_first": first, "eps": eps}
    return Case((x, *weights), arguments, **fields)


ENCODER_LAYER_PT = """
def encoder_layer_pt(x, qkv, out, w1, w2, n_heads, norm_first, eps):
    layer = nn.TransformerEncoderLayer(
        x.shape[-1], n_heads, len(w1), 0.0, batch_first=True, norm_first=norm_first,
        layer_norm_eps=eps, bias=False)
    names = ["self_attn.in_proj_weight", "self_attn.out_proj.weight", "linear1.weight",
             "linear2.weight"]
    weights = dict(zip(names, (qkv, out, w1, w2)))
    return torch.func.functional_call(layer, weights, (x,))
"""
ENCODER_LAYER_TF = """
def encoder_layer_tf(x, qkv, out, w1, w2, n_heads, norm_first, eps):
    n = x.shape[-1]
    norm = lambda x: keras.ops.layer_normalization(x, tf.ones(n), tf.zeros(n), -1, eps)
    def attention(x):
        q, k, v = tf.split(tf.reshape(x @ tf.transpose(qkv), (*x.shape[:2], 3 * n_heads, -1)), 3, 2)
        y = keras.ops.dot_product_attention(q, k, v)
        return tf.reshape(y, x.shape) @ tf.transpose(out)
    feed = lambda x: tf.nn.relu(x @ tf.transpose(w1)) @ tf.transpose(w2)
    for part in (attention, feed):
        x = x + part(norm(x)) if norm_first else norm(x + part(x))
    return x
"""

ENCODER_LAYER_EXERCISE = Exercise(
    "encoder_layer",
    encoder_layer_of(),
    visible=(
        encoder_case(default_rng(1), 2, 3, 2, 2, 5, False),
        encoder_case(default_rng(2), 2, 3, 2, 2, 5, True),
        encoder_case(default_rng(3), 1, 2, 2, 2, 3, True, gradients=False),
        encoder_case(
            *(default_rng(4), 2, 5, 3, 2, 4, False), 60.0, part="robustness", gradients=False
        ),
        encoder_case(default_rng(5), 1, 1, 1, 3, 2, True, part="robustness"),
    ),
    hidden=lambda rng: (
        encoder_case(rng, 2, 4, 3, 2, 5, False, gradients=False),
        encoder_case(rng, 3, 2, 2, 3, 4, True, gradients=False),
        encoder_case(rng, 1, 3, 2, 2, 3, True),
        encoder_case(rng, 2, 2, 1, 4, 3, False, part="robustness", gradients=False),
    ),
    reference={"pytorch": ENCODER_LAYER_PT, "tensorflow": ENCODER_LAYER_TF},
    misconceptions=mistakes(ENCODER_LAYER_MISTAKES, globals(), "", through=lambda make: make()),
    forbid=ATTENTIONS,
    elementwise=False,
    rtol=1e-3,
    atol=1e-4,
)

TRANSFORMER_ENCODER_LAYER = component(
    "transformer_encoder_layer",
    name="Transformer encoder layer",
    zh="Transformer的编码器层",
    pytorch=("torch.nn.TransformerEncoderLayer",),
    defaults="""
torch.nn.TransformerEncoderLayer(dim_feedforward=2048, dropout=0.1, layer_norm_eps=1e-5,
    batch_first=False, norm_first=False)
""",
    calls="""
nn.TransformerEncoderLayer(8, 2, 16, batch_first=True) | EncoderLayer(8, 2, 16)
    # Keras has no such layer: this section builds it; a fresh module of PyTorch is in training
    # mode, with dropout 0.1
""",
    behaviour={
        "encoder-layer-axes-pt": "without `batch_first=True`, the examples of a batch are mixed",
        "encoder-layer-defaults-pt": "a fresh layer is in training mode, with dropout 0.1",
        "norm-first-tf": "with `norm_first=True` the output is not normalized",
        "encoder-layer-count": "an encoder layer has 4E² + 2EF + 9E + F parameters",
    },
    exercises=(ENCODER_LAYER_EXERCISE,),
)


def causal(n_queries, n_keys, k=0):
    return np.tri(n_queries, n_keys, k, dtype=bool)


def self_attention(x, **options):
    return attend(x, x, x, seen=causal(x.shape[1], x.shape[1]), **options)


def cross_attention(x, memory, **options):
    return attend(x, memory, memory, **options)


def masked_by(seen, after=False):
    return lambda x: attend(x, x, x, seen=seen(x.shape[1]), after=after)


def hiding_itself(x):
    """The first position sees nothing: a large negative number hides all positions equally."""
    scores = x @ x.swapaxes(-1, -2) / x.shape[-1] ** 0.5
    seen = causal(x.shape[1], x.shape[1], -1)
    return softmax(np.where(seen, scores, -1e30)) @ x


def decoder_layer_of(
    attention=self_attention,
    cross=cross_attention,
    feed=feed_forward,
    norm=norm,
    steps=lambda x, memory, attention, cross, feed, norm: _post(
        x, lambda h: attention(h), lambda h: cross(h, memory), feed, norm=norm
    ),
):
    """The decoder layer; wrong answers replace a part."""

    def decoder_layer(x, memory, w1, w2, eps):
        return steps(
            *(x, memory, attention, cross, lambda h: feed(h, w1, w2)), lambda h: norm(h, eps)
        )

    return decoder_layer


def _post(x, *parts, norm):
    for part in parts:
        x = norm(x + part(x))
    return x


def _pre(x, *parts, norm):
    for part in parts:
        x = x + part(norm(x))
    return x


STEPS = "lambda x, memory, attention, cross, feed, norm"
DECODER_LAYER_MISTAKES = f"""
decoder_layer_of(attention=lambda x: attend(x, x, x))
    # the causal mask is missing: a position may see only itself and the positions before it
decoder_layer_of(attention=masked_by(lambda n: causal(n, n, -1)))
decoder_layer_of(attention=hiding_itself)
    # the mask hides the position itself: each position sees itself, too
decoder_layer_of(attention=masked_by(lambda n: causal(n, n).T))
    # the mask is the wrong way round: a position sees the later ones, not the earlier ones
decoder_layer_of(attention=masked_by(lambda n: causal(n, n, 1)))
    # the mask lets each position see the next one: it ends at the position itself
decoder_layer_of(attention=masked_by(lambda n: causal(n, n), after=True))
    # the mask comes after the softmax, so the weights do not add up to 1: before it, set the
    # scores of hidden positions to −∞
decoder_layer_of(cross=lambda x, m: attend(x, m, m, seen=causal(x.shape[1], m.shape[1])))
    # cross-attention has a mask, too: each position sees the whole memory
decoder_layer_of(cross=lambda x, m: attend(x, x, x))
decoder_layer_of(cross=lambda x, m: self_attention(x))
    # the memory is not used: the keys and values of the second attention are the memory
decoder_layer_of(steps={STEPS}: norm(
    (h := norm(memory + attend(memory, *2 * [norm(x + attention(x))]))) + feed(h)))
decoder_layer_of(cross=lambda x, m: attend(m, x, x))
    # the memory makes the queries: it makes the keys and values, and the queries come from x
decoder_layer_of(steps={STEPS}: _post(x, lambda h: cross(h, memory), attention, feed, norm=norm))
    # the order is wrong: first self-attention, then the memory
decoder_layer_of(steps={STEPS}: _post(x, attention, feed, norm=norm))
    # the attention to the memory is missing
decoder_layer_of(steps={STEPS}: _post(x, attention, lambda h: cross(h, memory), norm=norm))
    # the feed-forward network is missing
decoder_layer_of(steps={STEPS}: _post(
    _post(x, attention, norm=norm), lambda h: cross(x, memory), feed, norm=norm))
    # the queries of the second attention are x: they are the result of the first
decoder_layer_of(steps={STEPS}: norm(
    (k := norm(x + cross(norm(x + attention(x)), memory))) + feed(k)))
    # the second sum adds x: it adds the result of the first part
decoder_layer_of(steps={STEPS}: norm(
    (h := norm(x + attention(x))) + feed(norm(h + cross(h, memory)))))
    # the third sum adds the result of the first part: it adds that of the second
decoder_layer_of(steps={STEPS}: norm(feed(norm(cross(norm(attention(x)), memory)))))
    # the sums are missing: add each part to its input
decoder_layer_of(steps={STEPS}: norm(
    (k := norm(cross(norm(x + attention(x)), memory))) + feed(k)))
    # the second sum is missing: add the attention to the memory to its queries
decoder_layer_of(steps={STEPS}: norm(feed(_post(
    x, attention, lambda h: cross(h, memory), norm=norm))))
    # the third sum is missing: add the feed-forward network to its input
decoder_layer_of(steps={STEPS}: _pre(x, attention, lambda h: cross(h, memory), feed, norm=norm))
    # the input of each part is normalized: normalize the sum
decoder_layer_of(steps={STEPS}: _post(
    x, attention, lambda h: cross(h, memory), feed, norm=lambda h: h))
    # nothing is normalized
decoder_layer_of(steps={STEPS}: norm(_post(
    x, attention, lambda h: cross(h, memory), feed, norm=lambda h: h)))
    # only the output is normalized: normalize each of the three sums
decoder_layer_of(attention=lambda x: self_attention(x, scale=1),
    cross=lambda x, m: cross_attention(x, m, scale=1))                     # NO_SCALE
decoder_layer_of(attention=lambda x: self_attention(x, scale=x.shape[-1]),
    cross=lambda x, m: cross_attention(x, m, scale=x.shape[-1]))
    # the scores are divided by the number of features: divide by its root
decoder_layer_of(attention=lambda x: self_attention(x, axis=-2),
    cross=lambda x, m: cross_attention(x, m, axis=-2))                     # OVER_QUERIES
decoder_layer_of(feed=linear_forward)                                      # NO_RELU
decoder_layer_of(feed=late_relu)                                           # LATE_RELU
decoder_layer_of(norm=norm_without_eps)                                    # NO_EPS
decoder_layer_of(norm=norm_outside)                                        # OUTSIDE
decoder_layer_of(norm=norm_unbiased)                                       # UNBIASED
"""


def decoder_case(rng, batch, time, memory, features, hidden, scale=1.0, **fields):
    shapes = (batch, time, features), (batch, memory, features)
    weights = (hidden, features), (features, hidden)
    return Case(
        (
            *(scale * rng.normal(0, 1, shape) for shape in shapes),
            *(rng.normal(0, 0.8, shape) for shape in weights),
        ),
        {"eps": an_eps(rng)},
        **fields,
    )


DECODER_LAYER_PT = """
def decoder_layer_pt(x, memory, w1, w2, eps):
    n = x.shape[-1]
    layer = nn.TransformerDecoderLayer(
        n, 1, len(w1), 0.0, batch_first=True, layer_norm_eps=eps, bias=False)
    eye = torch.eye(n)
    weights = {"linear1.weight": w1, "linear2.weight": w2}
    for name in ("self_attn", "multihead_attn"):
        weights |= {f"{name}.in_proj_weight": eye.repeat(3, 1), f"{name}.out_proj.weight": eye}
    mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
    return torch.func.functional_call(layer, weights, (x, memory, mask))
"""
DECODER_LAYER_TF = """
def decoder_layer_tf(x, memory, w1, w2, eps):
    n = x.shape[-1]
    norm = lambda x: keras.ops.layer_normalization(x, tf.ones(n), tf.zeros(n), -1, eps)
    look = lambda q, v, causal: keras.ops.dot_product_attention(
        q[:, :, None], v[:, :, None], v[:, :, None], is_causal=causal)[:, :, 0]
    x = norm(x + look(x, x, True))
    x = norm(x + look(x, memory, False))
    return norm(x + tf.nn.relu(x @ tf.transpose(w1)) @ tf.transpose(w2))
"""

DECODER_LAYER_EXERCISE = Exercise(
    "decoder_layer",
    decoder_layer_of(),
    visible=(
        decoder_case(default_rng(1), 2, 3, 5, 4, 6),
        decoder_case(default_rng(2), 1, 4, 4, 3, 2),
        decoder_case(default_rng(3), 2, 4, 2, 3, 5, gradients=False),
        decoder_case(default_rng(4), 1, 1, 3, 2, 3, part="robustness"),
        decoder_case(default_rng(5), 2, 3, 4, 4, 3, 40.0, part="robustness", gradients=False),
    ),
    hidden=lambda rng: (
        decoder_case(rng, 2, 4, 3, 4, 5),
        decoder_case(rng, 2, 3, 3, 4, 3, gradients=False),
        decoder_case(rng, 1, 5, 7, 3, 4, gradients=False),
        decoder_case(rng, 3, 1, 1, 4, 3, part="robustness", gradients=False),
    ),
    reference={"pytorch": DECODER_LAYER_PT, "tensorflow": DECODER_LAYER_TF},
    misconceptions=mistakes(DECODER_LAYER_MISTAKES, globals(), "", through=lambda make: make()),
    forbid=ATTENTIONS,
    elementwise=False,
    rtol=1e-3,
    atol=1e-4,
)

TRANSFORMER_DECODER_LAYER = component(
    "transformer_decoder_layer",
    name="Transformer decoder layer",
    zh="Transformer的解码器层",
    pytorch=("torch.nn.TransformerDecoderLayer",),
    defaults="""
torch.nn.TransformerDecoderLayer(dim_feedforward=2048, dropout=0.1, layer_norm_eps=1e-5,
    batch_first=False, norm_first=False)
""",
    calls="""
nn.TransformerDecoderLayer(8, 2, 16, batch_first=True) | DecoderLayer(8, 2, 16)
    # Keras has no such layer: this section builds it; PyTorch's is causal only if you pass
    # `tgt_mask`
""",
    behaviour={
        "decoder-layer-mask-pt": "without `tgt_mask`, PyTorch's decoder layer sees the future",
        "decoder-layer-count": "a decoder layer has 8E² + 2EF + 15E + F parameters",
    },
    exercises=(DECODER_LAYER_EXERCISE,),
)


def encoding(
    time,
    features,
    exponent=lambda i, n: 2 * i / n,
    start=0,
    base=10_000,
    columns=lambda sin, cos: np.stack([sin, cos], -1).reshape(len(sin), -1),
):
    """The positional encoding, (time, features); wrong answers replace a part."""
    i = np.arange(features // 2)
    angle = (np.arange(time)[:, None] + start) / base ** exponent(i, features)
    return columns(np.sin(angle), np.cos(angle))


def each_column(time, features):
    """Each column has a frequency of its own."""
    j = np.arange(features)
    angle = np.arange(time)[:, None] / 10_000 ** (j / features)
    return np.where(j % 2, np.cos(angle), np.sin(angle))


def positional_encoding(x):
    return x + encoding(*x.shape[1:])


POSITIONAL_ENCODING_MISTAKES = """
x + encoding(*x.shape[1:], columns=lambda s, c: concatenate([s, c], -1))
    # all sines come before all cosines: a sine and its cosine are neighbours
x + encoding(*x.shape[1:], columns=lambda s, c: stack([c, s], -1).reshape(len(s), -1))
    # sine and cosine are exchanged: the sine is column 2i, the cosine is column 2i + 1
x + encoding(*x.shape[1:], columns=lambda s, c: concatenate([c, s], -1))
    # all cosines come before all sines: a sine and its cosine are neighbours
x + encoding(*x.shape[1:], exponent=lambda i, n: i / n)
    # the exponent is i/E: it is 2i/E, where i counts the pairs of columns
x + encoding(*x.shape[1:], exponent=lambda i, n: 4 * i / n)
    # the exponent is 4i/E: it is 2i/E, where i counts the pairs of columns
x + encoding(*x.shape[1:], exponent=lambda i, n: 2 * i)
    # the exponent is not divided by the number of features
x + encoding(*x.shape[1:], exponent=lambda i, n: -2 * i / n)
    # the position is multiplied by the power: divide by it
x + each_column(*x.shape[1:])
    # the cosine has a frequency of its own: a sine and its cosine have the same angle
x + encoding(*x.shape[1:], start=1)   # the positions start at 1: start at 0
x + encoding(*x.shape[1:], base=1000)  # the base is 1000: it is 10000
x + encoding(len(x), x.shape[2])[:, None]
    # the encoding goes along the batch: it goes along the time
0 * x + encoding(*x.shape[1:])        # x is not added
x * encoding(*x.shape[1:])            # x is multiplied by the encoding: add it
x * x.shape[-1] ** 0.5 + encoding(*x.shape[1:])
    # x is multiplied by the root of the number of features: add it as it is
"""

POSITIONAL_ENCODING_PT = """
def positional_encoding_pt(x):
    n = x.shape[-1]
    angle = torch.arange(x.shape[1])[:, None] / 10000 ** (torch.arange(0, n, 2) / n)
    return x + torch.stack([angle.sin(), angle.cos()], -1).flatten(1)
"""
POSITIONAL_ENCODING_TF = """
def positional_encoding_tf(x):
    n = x.shape[-1]
    angle = tf.range(float(x.shape[1]))[:, None] / 10000 ** (tf.range(0.0, n, 2) / n)
    return x + tf.reshape(tf.stack([tf.sin(angle), tf.cos(angle)], -1), x.shape[1:])
"""


def positions_case(rng, *shape, **fields):
    return Case((rng.normal(0, 1, shape),), **fields)


POSITIONAL_ENCODING_EXERCISE = Exercise(
    "positional_encoding",
    positional_encoding,
    visible=(
        Case((np.zeros((1, 2, 4)),)),
        positions_case(default_rng(1), 2, 5, 6),
        positions_case(default_rng(2), 3, 3, 8),
        positions_case(default_rng(3), 1, 40, 2, part="robustness"),
        positions_case(default_rng(4), 2, 1, 4, part="robustness"),
    ),
    hidden=lambda rng: (
        positions_case(rng, 2, 7, 4),
        positions_case(rng, 4, 4, 6),
        positions_case(rng, 1, 50, 10, part="robustness"),
        positions_case(rng, 3, 1, 2, part="robustness"),
    ),
    reference={"pytorch": POSITIONAL_ENCODING_PT, "tensorflow": POSITIONAL_ENCODING_TF},
    misconceptions=mistakes(POSITIONAL_ENCODING_MISTAKES, globals()),
    elementwise=False,
)

TRANSFORMER_ENCODER = component(
    "transformer_encoder",
    name="Transformer encoder",
    zh="Transformer编码器结构",
    pytorch=("torch.nn.TransformerEncoder",),
    defaults="""
torch.nn.TransformerEncoder(norm=None, enable_nested_tensor=True)
""",
    calls="""
nn.TransformerEncoder(layer, 2, enable_nested_tensor=False) | Stack([EncoderLayer(8, 2, 16)
    for _ in range(2)])
    # PyTorch copies one layer, so all its layers start with equal weights
""",
    behaviour={
        "encoder-start-pt": "the layers of `nn.TransformerEncoder` start with equal weights",
        "encoder-padding-pt": "padded positions: outputs with gradients, 0 without gradients in "
        "evaluation mode, unless `enable_nested_tensor=False`",
        "encoder-order-tf": "without positions, a reversed input gives the reversed output",
        "positions": "interleaved and side by side are the same columns in another order",
        "reverse-pt": "an encoder learns to reverse sequences only with positions",
    },
    exercises=(POSITIONAL_ENCODING_EXERCISE,),
)


def decoder_stack_of(
    matrix=lambda weights, layer: weights[layer],
    keys=lambda memory, x, norm: memory,
    step=lambda x, part, norm: x + part(norm(x)),
    passed=lambda first, x: x,
    after=lambda x, norm, final_norm: x,
    ends=lambda final_norm: final_norm,
    last=lambda x, gamma, beta, norm: norm(x) * gamma + beta,
    scale=None,
    norm=norm,
):
    """The stack of layers that read a memory; wrong answers replace a part."""

    def decoder_stack(x, memory, weights, gamma, beta, final_norm, eps):
        def normed(x):
            return norm(x, eps)

        first = x
        for n in range(len(weights)):

            def part(q, n=n, x=x):
                read = keys(memory, x, normed)
                return attend(q, read, read, scale) @ matrix(weights, n).T

            x = after(step(passed(first, x), part, normed), normed, final_norm)
        return last(x, gamma, beta, normed) if ends(final_norm) else x

    return decoder_stack


def ended_layers(x, memory, weights, gamma, beta, final_norm, eps):
    """The stack with its last operation in each layer."""
    for weight in weights:
        x = decoder_stack_of()(x, memory, weight[None], gamma, beta, final_norm, eps)
    return x


DECODER_STACK_MISTAKES = """
decoder_stack_of(ends=lambda final_norm: False)  # there is no normalization at the end, even if
                                                 # final_norm is True
decoder_stack_of(ends=lambda final_norm: True)   # there is a normalization at the end, even if
                                                 # final_norm is False
decoder_stack_of(ends=lambda final_norm: not final_norm)     # final_norm has the opposite meaning
decoder_stack_of(matrix=lambda weights, n: weights[0])
    # all layers have the first matrix: each layer has its own
decoder_stack_of(matrix=lambda weights, n: weights[-1])
    # all layers have the last matrix: each layer has its own
decoder_stack_of(matrix=lambda weights, n: weights[len(weights) - 1 - n])
    # the layers come in the opposite order
decoder_stack_of(matrix=lambda weights, n: weights[n].T)
    # the matrices are used as (in, out): they are (out, in), so transpose them
decoder_stack_of(passed=lambda first, x: first)
    # each layer gets the first input, so only the last layer counts: it gets the output of the
    # layer before it
decoder_stack_of(keys=lambda memory, x, norm: norm(memory))
    # the memory is normalized, too: normalize only x
decoder_stack_of(keys=lambda memory, x, norm: x)
decoder_stack_of(keys=lambda memory, x, norm: norm(x))
    # the memory is not used: the keys and values of each layer are the memory
decoder_stack_of(step=lambda x, part, norm: norm(x) + part(norm(x)))       # NORMALIZED_RESIDUAL
decoder_stack_of(step=lambda x, part, norm: part(norm(x)))
    # the sums are missing: each layer adds its result to its input
decoder_stack_of(step=lambda x, part, norm: norm(x + part(x)))
    # the sum is normalized: normalize the input of the attention
decoder_stack_of(step=lambda x, part, norm: x + part(x))
    # the queries are not normalized: normalize the input of the attention
decoder_stack_of(after=lambda x, norm, final_norm: norm(x))
decoder_stack_of(after=lambda x, norm, final_norm: norm(x) if final_norm else x,
    last=lambda x, gamma, beta, norm: x * gamma + beta)
ended_layers
    # the output of every layer is normalized: normalize only once, behind the last layer
decoder_stack_of(last=lambda x, gamma, beta, norm: norm(x))
    # gamma and beta are not used
decoder_stack_of(last=lambda x, gamma, beta, norm: norm(x) * gamma)        # beta is not added
decoder_stack_of(last=lambda x, gamma, beta, norm: x * gamma + beta)
    # gamma and beta are applied without a normalization
decoder_stack_of(scale=1)               # NO_SCALE
decoder_stack_of(norm=norm_without_eps)  # NO_EPS
decoder_stack_of(norm=norm_outside)     # OUTSIDE
decoder_stack_of(norm=norm_unbiased)    # UNBIASED
"""


def stack_case(rng, batch, time, memory, features, n_layers, final_norm, **fields):
    inputs = (
        rng.normal(0, 1, (batch, time, features)),
        rng.normal(0, 1, (batch, memory, features)),
        rng.normal(0, 0.8, (n_layers, features, features)),
        rng.uniform(0.5, 2, features),
        rng.normal(0, 1, features),
    )
    return Case(inputs, {"final_norm": final_norm, "eps": an_eps(rng)}, **fields)


DECODER_STACK_PT = """
def decoder_stack_pt(x, memory, weights, gamma, beta, final_norm, eps):
    n = x.shape[-1:]
    for w in weights:
        q = F.layer_norm(x, n, eps=eps)
        x = x + F.scaled_dot_product_attention(q, memory, memory) @ w.T
    return F.layer_norm(x, n, gamma, beta, eps) if final_norm else x
"""
DECODER_STACK_TF = """
def decoder_stack_tf(x, memory, weights, gamma, beta, final_norm, eps):
    n = x.shape[-1]
    for w in tf.unstack(weights):
        q = keras.ops.layer_normalization(x, tf.ones(n), tf.zeros(n), -1, eps)
        scores = q @ tf.transpose(memory, (0, 2, 1)) / n**0.5
        x = x + tf.nn.softmax(scores) @ memory @ tf.transpose(w)
    return keras.ops.layer_normalization(x, gamma, beta, -1, eps) if final_norm else x
"""

DECODER_STACK_EXERCISE = Exercise(
    "decoder_stack",
    decoder_stack_of(),
    visible=(
        stack_case(default_rng(1), 1, 2, 3, 3, 2, False),
        stack_case(default_rng(2), 2, 3, 5, 4, 3, True),
        stack_case(default_rng(3), 2, 4, 4, 3, 2, True, gradients=False),
        stack_case(default_rng(4), 2, 3, 2, 4, 1, False, part="robustness"),
    ),
    hidden=lambda rng: (
        stack_case(rng, 2, 3, 4, 3, 3, False),
        stack_case(rng, 2, 3, 3, 4, 2, True, gradients=False),
        stack_case(rng, 1, 5, 2, 4, 4, False, gradients=False),
        stack_case(rng, 2, 1, 3, 3, 5, True, part="robustness", gradients=False),
    ),
    reference={"pytorch": DECODER_STACK_PT, "tensorflow": DECODER_STACK_TF},
    misconceptions=mistakes(DECODER_STACK_MISTAKES, globals(), "", through=lambda make: make()),
    elementwise=False,
    rtol=1e-3,
    atol=1e-4,
)

TRANSFORMER_DECODER = component(
    "transformer_decoder",
    name="Transformer decoder",
    zh="Transformer解码器结构",
    pytorch=("torch.nn.TransformerDecoder",),
    defaults="""
torch.nn.TransformerDecoder(norm=None)
""",
    calls="""
nn.TransformerDecoder(layer, 2, nn.LayerNorm(8)) | Stack([DecoderLayer(8, 2, 16, norm_first=True)
    for _ in range(2)], keras.layers.LayerNormalization(epsilon=1e-5))
    # with `norm_first=True`, pass a normalization for the end; PyTorch's call needs `tgt_mask`
""",
    behaviour={
        "decoder-prefix-tf": "one masked call gives the outputs of all prefixes of a sequence",
    },
    exercises=(DECODER_STACK_EXERCISE,),
)


def n_parameters_of(
    attention=lambda E: 4 * E * E + 4 * E,
    feed=lambda E, F: 2 * E * F + F + E,
    norm=lambda E: 2 * E,
    encoder_norms=2,
    decoder_norms=3,
    decoder_attentions=2,
    ends=2,
):
    """The number of parameters of nn.Transformer; wrong answers replace a part."""

    def n_parameters(sizes):
        E, F, n_encoder, n_decoder = (int(n) for n in sizes)
        encoder = attention(E) + feed(E, F) + encoder_norms * norm(E)
        decoder = decoder_attentions * attention(E) + feed(E, F) + decoder_norms * norm(E)
        return np.array(n_encoder * encoder + n_decoder * decoder + ends * norm(E))

    return n_parameters


N_PARAMETERS_MISTAKES = """
n_parameters_of(ends=0)                              # the normalizations behind the two stacks are
                                                     # missing: there is one for each stack
n_parameters_of(ends=1)                              # there are two normalizations at the ends: one
                                                     # for each stack
n_parameters_of(attention=lambda E: 4 * E * E)       # the biases of attention are missing: there
                                                     # are 4E in each attention
n_parameters_of(attention=lambda E: 3 * E * E + 3 * E)
                                                     # the output matrix of attention and its bias
                                                     # are missing
n_parameters_of(attention=lambda E: 4 * E * E + 3 * E)
n_parameters_of(attention=lambda E: 4 * E * E + E)   # some biases of attention are missing: query,
                                                     # key, value and output have E each
n_parameters_of(feed=lambda E, F: 2 * E * F)         # the biases of the feed-forward network are
                                                     # missing: F, then E
n_parameters_of(feed=lambda E, F: 2 * E * F + 2 * F)
n_parameters_of(feed=lambda E, F: 2 * E * F + 2 * E)
                                                     # the biases of the feed-forward network are F
                                                     # and E
n_parameters_of(feed=lambda E, F: E * F + F)         # the second matrix of the feed-forward network
                                                     # and its bias are missing
n_parameters_of(attention=lambda E: 4 * E * E, feed=lambda E, F: 2 * E * F)
                                                     # the biases of attention and of the
                                                     # feed-forward network are missing
n_parameters_of(norm=lambda E: E)                    # a normalization has a weight and a bias, 2E
n_parameters_of(norm=lambda E: 0)                    # the normalizations are missing
n_parameters_of(decoder_attentions=1)                # a decoder layer has two attentions
n_parameters_of(decoder_norms=2)                     # a decoder layer has three normalizations
n_parameters_of(decoder_norms=2, decoder_attentions=1)
                                                     # the decoder layers are counted as encoder
                                                     # layers: they have one more attention and one
                                                     # more normalization
n_parameters_of(encoder_norms=1, decoder_norms=1)    # each layer has one normalization: an encoder
                                                     # layer has two, a decoder layer three
"""

N_PARAMETERS_PT = """
def n_parameters_pt(sizes):
    E, F, n_encoder, n_decoder = sizes.tolist()
    net = nn.Transformer(E, 1, n_encoder, n_decoder, F, batch_first=True, device="meta")
    return torch.tensor(sum(p.numel() for p in net.parameters()))
"""
N_PARAMETERS_TF = """
def n_parameters_tf(sizes):
    E, F, n_encoder, n_decoder = tf.unstack(sizes)
    attention, feed, norm = 4 * E * E + 4 * E, 2 * E * F + F + E, 2 * E
    n = n_encoder * (attention + feed + 2 * norm) + norm
    return n + n_decoder * (2 * attention + feed + 3 * norm) + norm
"""


def sizes_case(*sizes, **fields):
    return Case((np.array(sizes),), gradients=False, **fields)


def hidden_sizes(rng):
    def drawn(low, high):
        return int(rng.integers(low, high))

    return (
        *(sizes_case(drawn(2, 9), drawn(10, 20), drawn(2, 5), drawn(5, 9)) for _ in range(3)),
        sizes_case(drawn(10, 40), drawn(50, 90), drawn(5, 9), drawn(1, 5), part="robustness"),
    )


N_PARAMETERS_EXERCISE = Exercise(
    "n_parameters",
    n_parameters_of(),
    visible=(
        sizes_case(8, 16, 1, 1),
        sizes_case(8, 16, 2, 1),
        sizes_case(6, 5, 1, 3),
        sizes_case(512, 2048, 6, 6, part="robustness"),
    ),
    hidden=hidden_sizes,
    reference={"pytorch": N_PARAMETERS_PT, "tensorflow": N_PARAMETERS_TF},
    misconceptions=mistakes(N_PARAMETERS_MISTAKES, globals(), "", through=lambda make: make()),
    targets=(0,),
    elementwise=False,
    rtol=1e-7,
    kind="explain",
)

TRANSFORMER = component(
    "transformer",
    name="Transformer",
    zh="Transformer网络结构",
    pytorch=("torch.nn.Transformer",),
    defaults="""
torch.nn.Transformer(d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6,
    batch_first=False)
""",
    calls="""
nn.Transformer(8, 2, 2, 1, 16, batch_first=True) | Transformer(8, 2, 2, 1, 16)
    # Keras has no such layer: this section builds it, with a normalization behind each stack;
    # PyTorch's call needs `tgt_mask`, and for padding also `memory_key_padding_mask`
""",
    behaviour={
        "transformer-norms": "`nn.Transformer` adds a normalization behind each stack and draws "
        "each layer anew; `nn.TransformerEncoder` does neither",
        "transformer-memory-pt": "`src_key_padding_mask` does not hide the padding from the "
        "decoder: pass `memory_key_padding_mask`, too",
        "transformer-count": "a default `nn.Transformer` has 44,140,544 parameters",
    },
    exercises=(N_PARAMETERS_EXERCISE,),
)

COMPONENTS = (
    TRANSFORMER_ENCODER_LAYER,
    TRANSFORMER_DECODER_LAYER,
    TRANSFORMER_ENCODER,
    TRANSFORMER_DECODER,
    TRANSFORMER,
)
