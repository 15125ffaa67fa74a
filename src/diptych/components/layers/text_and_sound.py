"""Text and sound: vocabularies, look-up, tf-idf, spectrograms."""

from collections import Counter

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def look_up(x, vocabulary):
    found = x[..., None] == vocabulary
    return np.where(found.any(-1), found.argmax(-1) + 1, 0)


LOOK_UP_MISTAKES = """
where(look_up(x, vocabulary) > 0, look_up(x, vocabulary) - 1, len(vocabulary))
    # the unknown have the last place: they have place 0, and the vocabulary starts at 1
look_up(x, vocabulary) - 1
    # the unknown are −1 and the vocabulary starts at 0: the unknown are 0, and it starts at 1
look_up(x, vocabulary) + 1
    # each place is one too large: the unknown are 0, and the vocabulary starts at 1
(x[..., None] == vocabulary).argmax(-1) + 1
    # the unknown have the place of the first entry: they have place 0
maximum(look_up(x, vocabulary) - 1, 0)
    # the unknown and the first entry share place 0: the vocabulary starts at 1
look_up(x, sort(vocabulary))
    # the vocabulary is sorted: its order stays
abs(subtract.outer(x, vocabulary)).argmin(-1) + 1
    # this is the nearest entry: a token that is not in the vocabulary has place 0
x
    # the tokens come back as they are: return their places
"""


def ids(rng, n):
    """Different two-digit identifiers in random order."""
    return rng.choice(np.arange(10, 100), n, replace=False).astype(np.int64)


def look_up_case(rng, shape, n, part="values"):
    vocabulary, *others = np.split(ids(rng, n + 4), [n])
    vocabulary[:2] = -np.sort(-vocabulary[:2])  # not sorted
    x = rng.choice(vocabulary, shape)
    if x.ndim:
        x.flat[0], x.flat[-1] = vocabulary[0], others[0][0]
    return Case((x, vocabulary), gradients=False, part=part)


LOOK_UP = Exercise(
    "look_up",
    look_up,
    visible=(
        Case((np.array([20, 10, 35]), np.array([30, 10, 20])), gradients=False),
        look_up_case(default_rng(1), (7,), 4),
        look_up_case(default_rng(2), (2, 3), 5, "robustness"),
    ),
    hidden=lambda rng: (
        look_up_case(rng, (9,), 5),
        look_up_case(rng, (2, 4), 3),
        look_up_case(rng, (2, 1, 3), 6, "robustness"),
        look_up_case(rng, (), 2, "robustness"),
    ),
    reference={
        "pytorch": """
def look_up_pt(x, vocabulary):
    index = {token: i + 1 for i, token in enumerate(vocabulary.tolist())}
    return torch.tensor([index.get(token, 0) for token in x.flatten().tolist()]).reshape(x.shape)
""",
        "tensorflow": """
def look_up_tf(x, vocabulary):
    return keras.layers.IntegerLookup(vocabulary=vocabulary.numpy())(x)
""",
    },
    misconceptions=mistakes(LOOK_UP_MISTAKES, globals(), "x, vocabulary"),
    elementwise=False,
)

INTEGER_LOOKUP = component(
    "integer_lookup",
    name="Integer lookup",
    zh="整数索引层",
    keras=("keras.layers.IntegerLookup",),
    calls="""
torch.tensor([index.get(n, 0) for n in ids]) | keras.layers.IntegerLookup(vocabulary=known)(ids)
    # place 0 is for what is not in the vocabulary
""",
    behaviour={
        "integers-places-tf": "place 0 is for unknown numbers; with `mask_token`, place 0 is the "
        "mask, and unknown numbers have place 1",
        "integers-adapt-tf": "an adapted vocabulary has the most frequent number first, and of "
        "equally frequent numbers the largest first",
    },
    exercises=(LOOK_UP,),
)


def by_frequency(tokens, order):
    """The different tokens, sorted by the ``order`` of a token and its count."""
    counts = Counter(tokens.tolist())
    found = sorted(counts, key=lambda token: order(token, counts[token]))
    return np.array(found, np.int64)


def frequency_vocabulary(tokens, size):
    return by_frequency(tokens, lambda token, count: (-count, -token))[:size]


FREQUENCY_MISTAKES = """
by_frequency(tokens, lambda token, count: (-count, token))[:size]
    # of equally frequent tokens the smallest comes first: the largest comes first
by_frequency(tokens, lambda token, count: -count)[:size]
    # equally frequent tokens are in the order in which they come: the largest comes first
by_frequency(tokens, lambda token, count: (count, -token))[:size]
by_frequency(tokens, lambda token, count: (count, token))[:size]
by_frequency(tokens, lambda token, count: (-count, -token))[::-1][:size]
    # the rarest token comes first: start with the most frequent
by_frequency(tokens, lambda token, count: -token)[:size]
by_frequency(tokens, lambda token, count: token)[:size]
by_frequency(tokens, lambda token, count: 0)[:size]
    # the counts do not matter here: the most frequent token comes first
by_frequency(tokens, lambda token, count: (-count, -token))
    # the vocabulary is not cut: return at most size tokens
by_frequency(tokens, lambda token, count: (-count, -token))[:size - 1]
    # there is one token less than size: nothing is kept free for unknown tokens
sort(frequency_vocabulary(tokens, size))
    # the chosen tokens are sorted again: keep the most frequent first
"""


def text_case(rng, n, kinds, size, part="values"):
    """Tokens in random order, at least two of them equally frequent."""
    vocabulary = ids(rng, kinds)
    weights = rng.dirichlet(np.ones(kinds))
    drawn = rng.choice(vocabulary, n - kinds, p=weights)
    tokens = rng.permutation(np.concatenate([vocabulary, drawn, [101, 102, 102, 101, 103]]))
    return Case((tokens,), {"size": size}, gradients=False, part=part)


FREQUENCY_VOCABULARY = Exercise(
    "frequency_vocabulary",
    frequency_vocabulary,
    visible=(
        Case((np.array([5, 7, 9, 7, 5, 3, 5]),), {"size": 3}, gradients=False),
        text_case(default_rng(1), 20, 6, 7),
        text_case(default_rng(2), 12, 4, 20, "robustness"),
        Case((np.array([4]),), {"size": 2}, gradients=False, part="robustness"),
    ),
    hidden=lambda rng: (
        text_case(rng, 20, 7, 8),
        text_case(rng, 30, 9, 6),
        text_case(rng, 10, 5, 30, "robustness"),
    ),
    reference={
        "pytorch": """
def frequency_vocabulary_pt(tokens, size):
    values, counts = torch.unique(tokens, return_counts=True)
    return values.flip(0)[torch.argsort(-counts.flip(0), stable=True)][:size]
""",
        "tensorflow": """
def frequency_vocabulary_tf(tokens, size):
    layer = keras.layers.IntegerLookup()
    layer.adapt(tokens)
    return tf.constant(layer.get_vocabulary(include_special_tokens=False)[:size], tf.int64)
""",
    },
    misconceptions=mistakes(FREQUENCY_MISTAKES, globals(), "tokens, size"),
    elementwise=False,
)


def places(words, vocabulary, empty=0, unknown=1, first=2, same=np.all):
    equal = same(words[:, None] == vocabulary, -1)
    known = np.where(equal.any(1), equal.argmax(1) + first, unknown)
    return np.where((words == 0).all(1), empty, known)


def look_up_words(words, vocabulary):
    return places(words, vocabulary)


LOOK_UP_WORDS_MISTAKES = """
places(words, vocabulary, unknown=0, first=1)
    # empty and unknown words share place 0: the empty word is 0, unknown words are 1
places(words, vocabulary, unknown=0)
    # empty and unknown words share place 0: the empty word is 0, unknown words are 1
places(words, vocabulary, empty=1, unknown=0)
    # the two first places are exchanged: the empty word is 0, unknown words are 1
places(words, vocabulary, empty=1)
    # the empty word is taken for an unknown word: it has place 0
places(words, vocabulary, first=1)
    # the first word of the vocabulary shares place 1 with unknown words: it has place 2
places(words, vocabulary, unknown=-1, first=1)
    # unknown words are −1: they have place 1, and the vocabulary starts at 2
places(words, vocabulary, unknown=len(vocabulary) + 1, first=1)
places(words, vocabulary, unknown=len(vocabulary) + 2)
    # unknown words have the last place: they have place 1, and the vocabulary starts at 2
places(words, vocabulary, same=lambda equal, axis: equal[..., 0])
    # only the first letters are compared: all letters must be equal
places(words, vocabulary, same=any)
    # one equal letter is enough here: all letters must be equal
"""
LETTERS = "aeilmnorst"


def coded(words, length):
    rows = [list(word.encode()) for word in words]
    return np.array([row + [0] * (length - len(row)) for row in rows], np.int64)


def words_case(rng, batch, size, part="values"):
    """Words of one to four letters, an empty one, and an unknown one with a known beginning."""
    made = {"".join(rng.choice(list(LETTERS), rng.integers(1, 4))) for _ in range(40)}
    vocabulary = rng.permutation(sorted(made))[:size].tolist()
    words = rng.choice(vocabulary, batch).tolist()
    words[0] = vocabulary[0]
    if batch > 2:
        words[1], words[2] = "", vocabulary[-1] + "z"
    return Case((coded(words, 5), coded(vocabulary, 5)), gradients=False, part=part)


LOOK_UP_WORDS = Exercise(
    "look_up_words",
    look_up_words,
    visible=(
        Case(
            (coded(["ab", "", "c", "a"], 2), coded(["c", "ab"], 2)),
            gradients=False,
        ),
        words_case(default_rng(1), 7, 5),
        words_case(default_rng(2), 1, 3, "robustness"),
    ),
    hidden=lambda rng: (
        words_case(rng, 8, 6),
        words_case(rng, 5, 3),
        words_case(rng, 1, 4, "robustness"),
        words_case(rng, 2, 1, "robustness"),
    ),
    reference={
        "pytorch": """
def look_up_words_pt(words, vocabulary):
    index = {tuple(word): i + 2 for i, word in enumerate(vocabulary.tolist())}
    index[(0,) * words.shape[1]] = 0
    return torch.tensor([index.get(tuple(word), 1) for word in words.tolist()])
""",
        "tensorflow": """
def look_up_words_tf(words, vocabulary):
    def strings(codes):
        return [bytes(row).rstrip(b"\\0").decode() for row in codes.numpy().tolist()]
    layer = keras.layers.StringLookup(vocabulary=strings(vocabulary), mask_token="")
    return layer(strings(words))
""",
    },
    misconceptions=mistakes(LOOK_UP_WORDS_MISTAKES, globals(), "words, vocabulary"),
    elementwise=False,
)

STRING_LOOKUP = component(
    "string_lookup",
    name="String lookup",
    zh="字符串索引层",
    keras=("keras.layers.StringLookup",),
    calls="""
torch.tensor([index.get(w, 0) for w in words]) | keras.layers.StringLookup(vocabulary=names)(words)
    # PyTorch has no tensors of strings: look them up in a dictionary first
""",
    behaviour={
        "strings-mask-tf": "with `mask_token`, the mask is 0 and unknown strings are 1; without it "
        "unknown strings are 0",
        "strings-none-tf": "with `num_oov_indices=0` an unknown string raises an error",
        "strings-adapt-tf": "of equally frequent strings, the last in the alphabet comes first",
    },
    exercises=(FREQUENCY_VOCABULARY, LOOK_UP_WORDS),
)


def texts(tokens, lengths):
    return np.split(tokens, np.cumsum(lengths)[:-1])


def padded(rows, size, value=0, before=False, head=True):
    y = np.full((len(rows), size), value, np.int64)
    for row, tokens in zip(y, rows, strict=True):
        kept = tokens[:size] if head else tokens[max(len(tokens) - size, 0) :]
        place = slice(size - len(kept), size) if before else slice(0, len(kept))
        row[place] = kept
    return y


def pad_texts(tokens, lengths, size):
    return padded(texts(tokens, lengths), size)


def cut_at_once(tokens, lengths, size):
    """The texts, where each begins behind the kept part of the previous one."""
    kept = np.minimum(lengths, size)
    return np.split(tokens, np.cumsum(kept))[:-1]


PAD_TEXTS_MISTAKES = """
padded(texts(tokens, lengths), size, before=True)
    # the padding comes before the tokens: it comes behind them
padded(texts(tokens, lengths), size, head=False)
    # of a long text the last tokens are kept: keep the first
padded(texts(tokens, lengths), size, before=True, head=False)
    # padding comes before the tokens, and the first tokens are cut: it is the other way round
padded(texts(tokens, lengths), size, value=-1)
    # the padding is −1: it is 0
padded(texts(tokens, lengths), size, value=1)
    # the padding is 1: it is 0
padded(cut_at_once(tokens, lengths, size), size)
    # behind a text that was cut, the next one begins too early: its place depends on whole lengths
padded(texts(tokens, lengths), max(lengths))
    # the rows are as long as the longest text: all have size columns
padded(tokens[:len(lengths) * size].reshape(-1, 1), 1).reshape(len(lengths), -1)
    # the tokens are reshaped: each text starts a new row
"""


def texts_case(rng, lengths, size, part="values"):
    tokens = rng.integers(2, 30, sum(lengths))
    return Case((tokens, np.array(lengths)), {"size": size}, gradients=False, part=part)


PAD_TEXTS = Exercise(
    "pad_texts",
    pad_texts,
    visible=(
        texts_case(default_rng(0), (2, 4, 1), 3),
        texts_case(default_rng(1), (5, 3, 6), 4),
        texts_case(default_rng(2), (2, 0, 4), 3, "robustness"),
        texts_case(default_rng(3), (2,), 5, "robustness"),
    ),
    hidden=lambda rng: (
        texts_case(rng, (4, 1, 3, 6), 3),
        texts_case(rng, (2, 7, 5), 5),
        texts_case(rng, (0, 3, 6), 4, "robustness"),
        texts_case(rng, (6,), 2, "robustness"),
    ),
    reference={
        "pytorch": """
def pad_texts_pt(tokens, lengths, size):
    rows = [row[:size] for row in tokens.split(lengths.tolist())]
    return torch.stack([F.pad(row, (0, size - len(row))) for row in rows])
""",
        "tensorflow": """
def pad_texts_tf(tokens, lengths, size):
    return tf.RaggedTensor.from_row_lengths(tokens, lengths).to_tensor(0, shape=(None, size))
""",
    },
    misconceptions=mistakes(PAD_TEXTS_MISTAKES, globals(), "tokens, lengths, size", max=max),
    elementwise=False,
)


def frequency(train):
    return (train > 0).sum(0)


def tf_idf(counts, train):
    return counts * np.log(1 + len(train) / (1 + frequency(train)))


TF_IDF_MISTAKES = """
counts * log(len(train) / (1 + frequency(train)))
    # the first 1 in log(1 + N / (1 + d)) is missing
counts * log(len(train) / maximum(frequency(train), 1))
    # both ones in log(1 + N / (1 + d)) are missing
counts * log(1 + len(train) / maximum(frequency(train), 1))
    # the second 1 in log(1 + N / (1 + d)) is missing
counts * (log(len(train) / (1 + frequency(train))) + 1)
counts * (log((1 + len(train)) / (1 + frequency(train))) + 1)
    # this is another definition of idf: here it is log(1 + N / (1 + d))
counts * log(1 + len(train) / (1 + train.sum(0)))
    # d counts all occurrences: it is the number of documents that have the word
counts * log(1 + train.sum() / (1 + frequency(train)))
    # N counts all words: it is the number of documents
counts * log(1 + len(counts) / (1 + frequency(counts)))
    # the document frequencies are those of counts: take those of train
counts * log10(1 + len(train) / (1 + frequency(train)))
counts * log2(1 + len(train) / (1 + frequency(train)))
    # the logarithm has another base: it is the natural logarithm
counts * (1 + len(train) / (1 + frequency(train)))
    # the logarithm is missing
tf_idf(counts, train) / counts.sum(1, keepdims=True)
    # the counts are divided by the length of the document: use them as they are
(counts > 0) * log(1 + len(train) / (1 + frequency(train)))
    # a word that comes twice counts once: multiply by its count
counts * ones_like(counts) * log(1 + len(train) / (1 + frequency(train)))[::-1]
    # the words are reversed: each has the column that it had
"""


def tf_idf_case(rng, batch, documents, n_words, part="values"):
    train = rng.poisson(0.8, (documents, n_words)).astype(float)
    train[:, 0] = 0
    train[0, 1] = 3
    counts = rng.poisson(1.0, (batch, n_words)) + rng.choice([0.0, 0.5], (batch, n_words))
    counts[:, 1:3] += 1, 2
    return Case((counts, train), part=part)


TF_IDF = Exercise(
    "tf_idf",
    tf_idf,
    visible=(
        Case((np.array([[2.0, 0, 1]]), np.array([[1.0, 1, 0], [3, 0, 0], [1, 0, 0]]))),
        tf_idf_case(default_rng(1), 3, 5, 4),
        tf_idf_case(default_rng(2), 1, 4, 6, "robustness"),
    ),
    hidden=lambda rng: (
        tf_idf_case(rng, 3, 7, 5),
        tf_idf_case(rng, 2, 4, 4),
        tf_idf_case(rng, 1, 9, 3, "robustness"),
    ),
    reference={
        "pytorch": """
def tf_idf_pt(counts, train):
    return counts * torch.log(1 + len(train) / (1 + (train > 0).sum(0)))
""",
        "tensorflow": """
def tf_idf_tf(counts, train):
    frequency = tf.reduce_sum(tf.cast(train > 0, tf.float32), 0)
    return counts * tf.math.log(1 + len(train) / (1 + frequency))
""",
    },
    misconceptions=mistakes(TF_IDF_MISTAKES, globals(), "counts, train"),
    targets=(1,),
    elementwise=False,
)

TEXT_VECTORIZATION = component(
    "text_vectorization",
    name="Text vectorization",
    zh="文本向量化层",
    keras=("keras.layers.TextVectorization",),
    calls="""
vectorize(documents) | layer(documents)
    # `layer` is `layers.TextVectorization()` after `adapt`; this section writes PyTorch's
""",
    behaviour={
        "text-split-tf": "punctuation is deleted: “e-mail” becomes “email”",
        "text-tf-idf-tf": "an unknown word has the mean of all inverse document frequencies",
    },
    exercises=(PAD_TEXTS, TF_IDF),
)


def frames(x, size, step):
    return np.lib.stride_tricks.sliding_window_view(x, size, -1)[:, ::step]


def stft_magnitude(x, window, step):
    return abs(np.fft.rfft(frames(x, len(window), step) * window))


def reflected(x, window):
    n = len(window) // 2
    return np.pad(x, ((0, 0), (n, n)), "reflect")


STFT_MISTAKES = """
abs(fft.rfft(frames(x, len(window), step)))
    # the frames are not multiplied by the window
abs(fft.rfft(frames(x, len(window), step) * hanning(len(window) + 1)[:-1]))
    # this always uses the Hann window: use the one that is given
stft_magnitude(x, window, len(window))
stft_magnitude(x, window, 1)
    # the step from frame to frame is not the one that is asked for
stft_magnitude(x, window, step) ** 2
    # this is the power: return the magnitude
abs(fft.fft(frames(x, len(window), step) * window))
    # all bins come back: the second half repeats the first, so return len(window) // 2 + 1 bins
fft.rfft(frames(x, len(window), step) * window).real
    # this is the real part: the magnitude is the root of real² + imaginary²
abs(fft.rfft(frames(x, len(window), step) * window).real)
    # the imaginary part is left out: the magnitude is the root of real² + imaginary²
abs(fft.rfft(frames(x, len(window), step) * window)[..., :-1])
    # the last bin is missing: there are len(window) // 2 + 1
stft_magnitude(reflected(x, window), window, step)
    # the signal is padded with its reflection: the first frame starts at the first sample
stft_magnitude(pad(x, ((0, 0), (len(window) // 2, len(window) // 2))), window, step)
stft_magnitude(pad(x, ((0, 0), (0, len(window)))), window, step)
    # the signal is padded with 0: all frames lie inside the signal
stft_magnitude(x, window, step).swapaxes(1, 2)
    # the axes are exchanged: they are batch, frames, bins
stft_magnitude(x, window, step) / sqrt((window**2).sum())
stft_magnitude(x, window, step) / window.sum()
stft_magnitude(x, window, step) / len(window)
    # the magnitudes are divided by a number of the window: return them as they are
"""


def sound_case(rng, batch, n, size, step, part="values"):
    window = rng.uniform(0.2, 1, size)
    return Case((rng.normal(0, 2, (batch, n)), window), {"step": step}, part=part)


STFT_MAGNITUDE = Exercise(
    "stft_magnitude",
    stft_magnitude,
    visible=(
        Case((np.array([[1.0, 2, 3, 4, 0, 0]]), np.array([1.0, 0.5, 0.5, 1])), {"step": 2}),
        sound_case(default_rng(1), 2, 14, 6, 3),
        sound_case(default_rng(2), 1, 11, 5, 2, "robustness"),
    ),
    hidden=lambda rng: (
        sound_case(rng, 2, 16, 8, 3),
        sound_case(rng, 2, 13, 6, 2),
        sound_case(rng, 3, 8, 4, 2, "robustness"),
        sound_case(rng, 1, 7, 7, 3, "robustness"),
    ),
    reference={
        "pytorch": """
def stft_magnitude_pt(x, window, step):
    y = torch.stft(x, len(window), step, window=window, center=False, return_complex=True)
    return y.abs().mT
""",
        "tensorflow": """
def stft_magnitude_tf(x, window, step):
    n = len(window)
    return tf.abs(tf.signal.stft(x, n, step, n, window_fn=lambda n, dtype: window))
""",
    },
    misconceptions=mistakes(STFT_MISTAKES, globals(), "x, window, step", fft=np.fft),
    forbid=("keras.ops.stft",),
    elementwise=False,
    rtol=1e-3,
    atol=1e-4,
)

STFT_SPECTROGRAM = component(
    "stft_spectrogram",
    name="STFT spectrogram",
    zh="短时傅里叶变换谱图层",
    pytorch=("torch.stft",),
    keras=("keras.layers.STFTSpectrogram",),
    tensorflow=("tf.signal.stft",),
    calls="""
torch.stft(x, 16, 4, window=window, center=False, return_complex=True) | tf.signal.stft(x, 16, 4)
    # the last two axes are (bins, frames) in PyTorch, (frames, bins) in TensorFlow
torch.stft(x, 16, 4, window=window, return_complex=True) | keras.ops.stft(x, 16, 4, 16)
    # Keras returns the real and the imaginary part as two tensors
stft(x).abs() | keras.layers.STFTSpectrogram("magnitude", 16, 4, window=hann, scaling=None)(sounds)
    # by default, the layer divides by the norm of the window; `sounds` has a last axis of channels
""",
    defaults="""
torch.stft(center=True)
keras.layers.STFTSpectrogram(scaling="density", periodic=False)
""",
    behaviour={
        "stft-short-tf": "a window shorter than the FFT lies in the middle in PyTorch and "
        "`keras.ops`, and at the start in `tf.signal.stft`",
        "stft-scipy-tf": "`STFTSpectrogram` needs SciPy for a window given by name, not for one "
        "given as an array",
        "stft-modes-tf": '`mode="psd"` doubles all bins but the first and the last',
        "stft-silence-tf": "the layer's magnitude of silence is √1e-7, not 0",
        "stft-trainable-tf": "the layer has two trainable matrices",
    },
    exercises=(STFT_MAGNITUDE,),
)


def to_mel(hertz):
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def triangles(x, edges):
    """The height of each triangle at ``x``; triangle k rises from edge k to k + 1, then falls."""
    rising = (x[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - x[:, None]) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling))


def mel_edges(n_mels, low, high):
    return np.linspace(to_mel(low), to_mel(high), n_mels + 2)


def in_hertz(mel):
    return 700 * (10 ** (mel / 2595) - 1)


def mel_matrix(frequencies, n_mels, low, high):
    return triangles(to_mel(frequencies), mel_edges(n_mels, low, high))


MEL_MATRIX_MISTAKES = """
triangles(frequencies, in_hertz(mel_edges(n_mels, low, high)))
    # the triangles are straight in Hertz: they are straight in mel, so convert the frequencies, too
triangles(frequencies, linspace(low, high, n_mels + 2))
    # the edges are equally far apart in Hertz: they are so in mel
triangles(to_mel(frequencies), to_mel(linspace(low, high, n_mels + 2)))
    # the edges are equally far apart in Hertz: they are so in mel
mel_matrix(frequencies, n_mels, low, high) / (mel_edges(n_mels, low, high)[2:]
    - mel_edges(n_mels, low, high)[:-2]) * 2
mel_matrix(frequencies, n_mels, low, high) / diff(in_hertz(mel_edges(n_mels, low, high)))[1:]
mel_matrix(frequencies, n_mels, low, high) * 2 / (in_hertz(mel_edges(n_mels, low, high))[2:]
    - in_hertz(mel_edges(n_mels, low, high))[:-2])
    # the triangles are divided by their widths: each has the height 1
mel_matrix(frequencies, n_mels, low, high) / maximum(
    mel_matrix(frequencies, n_mels, low, high).sum(0), 1e-9)
    # the columns are divided by their sums: each triangle has the height 1
triangles(to_mel(frequencies), mel_edges(n_mels - 2, low, high))
    # n edges make n − 2 triangles: n_mels triangles need n_mels + 2 edges
triangles(to_mel(frequencies), mel_edges(n_mels - 1, low, high))
    # n + 1 edges make n − 1 triangles: n_mels triangles need n_mels + 2 edges
mel_matrix(frequencies, n_mels, frequencies[0], frequencies[-1])
    # the edges go from the first to the last frequency: they go from low to high
(mel_matrix(frequencies, n_mels, low, high) > 0) * 1.0
    # this is 1 in the whole triangle: it rises to 1 in its middle, and falls
"""


def mel_case(rng, n_bins, n_mels, low, high, part="values"):
    frequencies = np.linspace(0, high * rng.uniform(1, 1.3), n_bins)
    arguments = {"n_mels": n_mels, "low": low, "high": high}
    return Case((frequencies,), arguments, gradients=False, part=part)


MEL_MATRIX = Exercise(
    "mel_matrix",
    mel_matrix,
    visible=(
        Case(
            (np.array([0.0, 250, 500, 750, 1000]),),
            {"n_mels": 2, "low": 0.0, "high": 1000.0},
            gradients=False,
        ),
        mel_case(default_rng(1), 17, 4, 0.0, 4000.0),
        mel_case(default_rng(2), 9, 3, 100.0, 2000.0, "robustness"),
    ),
    hidden=lambda rng: (
        mel_case(rng, 20, 5, 80.0, 4000.0),
        mel_case(rng, 33, 6, 20.0, 8000.0),
        mel_case(rng, 12, 3, 0.0, 3000.0, "robustness"),
        mel_case(rng, 8, 1, 50.0, 1000.0, "robustness"),
    ),
    reference={
        "pytorch": """
def mel_matrix_pt(frequencies, n_mels, low, high):
    mel = lambda f: 2595 * torch.log10(1 + torch.as_tensor(f) / 700)
    edges = torch.linspace(float(mel(low)), float(mel(high)), n_mels + 2)
    m, low, middle, high = mel(frequencies)[:, None], edges[:-2], edges[1:-1], edges[2:]
    return torch.minimum((m - low) / (middle - low), (high - m) / (high - middle)).clamp(min=0)
""",
        "tensorflow": """
def mel_matrix_tf(frequencies, n_mels, low, high):
    mel = lambda f: 1127 * tf.math.log(1 + f / 700)
    edges = tf.linspace(mel(low), mel(high), n_mels + 2)
    m, low, middle, high = mel(frequencies)[:, None], edges[:-2], edges[1:-1], edges[2:]
    return tf.maximum(0.0, tf.minimum((m - low) / (middle - low), (high - m) / (high - middle)))
""",
    },
    misconceptions=mistakes(MEL_MATRIX_MISTAKES, globals(), "frequencies, n_mels, low, high"),
    forbid=("tf.signal.linear_to_mel_weight_matrix",),
    elementwise=False,
    rtol=1e-3,
    atol=1e-4,
)

SMALLEST = 1e-10


def decibels(power, top_db):
    y = 10 * np.log10(np.maximum(power, SMALLEST))
    return np.maximum(y, y.max() - top_db)


def of_decibels(upstream_gradient, power, top_db):
    """The gradient: numbers at the floor depend on the largest number."""
    y = 10 * np.log10(np.maximum(power, SMALLEST))
    slope = np.where(power > SMALLEST, 10 / np.log(10) / np.maximum(power, SMALLEST), 0)
    above = y > y.max() - top_db
    gradient = upstream_gradient * above * slope
    gradient.flat[y.argmax()] += (upstream_gradient * ~above).sum() * slope.flat[y.argmax()]
    return (gradient,)


def floored(y, floor):
    return np.maximum(y, floor)


def in_decibels(power, smallest=SMALLEST, factor=10):
    return factor * np.log10(np.maximum(power, smallest))


DECIBELS_MISTAKES = """
floored(in_decibels(power, factor=20), in_decibels(power, factor=20).max() - top_db)
    # the factor is 20, which belongs to magnitudes: for a power it is 10
floored(10 * log(maximum(power, 1e-10)), (10 * log(maximum(power, 1e-10))).max() - top_db)
    # this is the natural logarithm: the base is 10
floored(log10(maximum(power, 1e-10)), log10(maximum(power, 1e-10)).max() - top_db)
    # the factor of 10 is missing
in_decibels(power)
    # there is no lower limit: it is the largest number minus top_db
floored(in_decibels(power), -top_db)
    # the lower limit is −top_db: it is the largest number minus top_db
floored(in_decibels(power), in_decibels(power).max((1, 2), keepdims=True) - top_db)
    # each example has its own largest number: the limit is the same for the whole batch
floored(in_decibels(power), in_decibels(power).max(-1, keepdims=True) - top_db)
    # each band has its own largest number: the limit is the same for the whole batch
floored(in_decibels(power), in_decibels(power).max(1, keepdims=True) - top_db)
    # each frame has its own largest number: the limit is the same for the whole batch
decibels(power, top_db) - in_decibels(power).max()
    # the largest number is subtracted: return the decibels as they are
floored(in_decibels(power, 1e-300), in_decibels(power, 1e-300).max() - top_db)
    # the power is not at least 1e-10: before the logarithm, replace what is smaller
minimum(in_decibels(power), in_decibels(power).min() + top_db)
    # this is an upper limit: it is a lower limit, the largest number minus top_db
gradient: (of_decibels(upstream_gradient * (in_decibels(power) > in_decibels(power).max() - top_db),
    power, top_db)[0],)
    # the limit is taken for a constant: it moves with the largest number, which gets the gradient
    # of all numbers at the limit
"""


def power_case(rng, shape, top_db, part="values", quiet=1.0):
    power = 10 ** rng.uniform(-4, 2, shape)
    power[0] *= quiet
    return Case((power,), {"top_db": top_db}, part=part)


def silence(shape):
    return Case((np.zeros(shape),), {"top_db": 80.0}, gradients=False, part="robustness")


DECIBELS = Exercise(
    "decibels",
    decibels,
    visible=(
        Case((np.array([[[100.0, 1, 1e-4]]]),), {"top_db": 50.0}),
        power_case(default_rng(1), (2, 3, 4), 30.0, quiet=0.1),
        power_case(default_rng(2), (2, 2, 3), 80.0, quiet=1e-3),
        silence((1, 2, 2)),
        power_case(default_rng(3), (1, 2, 5), 20.0, "robustness"),
    ),
    hidden=lambda rng: (
        power_case(rng, (2, 3, 4), round(rng.uniform(15, 30), 1), quiet=0.05),
        power_case(rng, (3, 2, 2), round(rng.uniform(30, 50), 1), quiet=1e-2),
        silence((2, 1, 3)),
        power_case(rng, (1, 1, 6), 25.0, "robustness"),
    ),
    reference={
        "pytorch": """
def decibels_pt(power, top_db):
    y = 10 * torch.log10(power.clamp(min=1e-10))
    return torch.maximum(y, y.max() - top_db)
""",
        "tensorflow": """
def decibels_tf(power, top_db):
    y = 10 * tf.math.log(tf.maximum(power, 1e-10)) / np.log(10.0)
    return tf.maximum(y, tf.reduce_max(y) - top_db)
""",
    },
    misconceptions=mistakes(DECIBELS_MISTAKES, globals(), "power, top_db"),
    gradient=of_decibels,
    elementwise=False,
    rtol=1e-3,
    atol=1e-4,
)

MEL_SPECTROGRAM = component(
    "mel_spectrogram",
    name="Mel spectrogram",
    zh="梅尔谱图层",
    keras=("keras.layers.MelSpectrogram",),
    calls="""
mel_spectrogram(x) | layer(x)
    # `layer` is a `layers.MelSpectrogram`, in decibels; this section writes PyTorch's
""",
    behaviour={
        "mel-batch-tf": "the lowest decibels depend on the loudest example of the batch",
        "stft-trainable-tf": "`MelSpectrogram` has no weights, `STFTSpectrogram` has two",
    },
    exercises=(MEL_MATRIX, DECIBELS),
)

COMPONENTS = (
    INTEGER_LOOKUP,
    STRING_LOOKUP,
    TEXT_VECTORIZATION,
    STFT_SPECTROGRAM,
    MEL_SPECTROGRAM,
)
