# %% [markdown]
# # Exercises: text and sound
#
# Write the layers of [the chapter](../../chapters/layers/text_and_sound.ipynb) yourself: in PyTorch, in
# TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it. The
# check tells you immediately what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** (where the input has numbers that a gradient
# can change) and its **robustness**. Robust means: the answer works for other sizes and for a batch of one, returns
# float32 where the statement does not ask for integers, and does not change its input. With wrong values an answer
# earns no points.
#
# The layers and functions of the chapter are forbidden: `torch.stft`, `tf.signal.stft`, `keras.ops.stft` and the
# layers of Keras. Words are rows of bytes here, so that both frameworks have them as tensors.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.

# %% [markdown]
# ## Look identifiers up
#
# Return the place of each number of `x` in the vocabulary. The first entry of the vocabulary has place 1, the second
# place 2, and so on. A number that is not in the vocabulary has place 0.
#
# `x` has integers of any shape, and `vocabulary` has different integers, in the shape (n,). The result has integers, in
# the shape of `x`.
#
# Worked case: with the vocabulary 30, 10, 20 the numbers 20, 10, 35 have the places 3, 2, 0.
#
# Hint 1: Compare each number with the whole vocabulary.
#
# Hint 2: `x[..., None] == vocabulary` is true in at most one place of its last axis.
#
# Hint 3: Multiply this by 1, 2, …, n, and sum over the last axis.

# %%
def look_up_pt(
    x: torch.Tensor, vocabulary: torch.Tensor
) -> torch.Tensor:
    """x: integers of any shape, vocabulary: (n,); returns
    integers in the shape of x."""
    places = torch.arange(1, len(vocabulary) + 1)
    return ((x[..., None] == vocabulary) * places).sum(-1)

# %%
def look_up_tf(
    x: tf.Tensor, vocabulary: tf.Tensor
) -> tf.Tensor:
    """x: integers of any shape, vocabulary: (n,); returns
    integers in the shape of x."""
    places = tf.range(1, len(vocabulary) + 1)
    found = tf.cast(x[..., None] == vocabulary, tf.int32)
    return tf.reduce_sum(found * places, -1)

# %% [markdown]
# **Why:** the sum has at most one term that is not 0, and it is 0 for what the vocabulary does not have.

# %% [markdown]
# ## Make a vocabulary
#
# Return the different tokens, the most frequent first. Of tokens that are equally frequent, the largest comes first.
# Return at most `size` tokens.
#
# `tokens` has integers, in the shape (n,). The result has integers, in one axis.
#
# Worked case: of the tokens 5, 7, 9, 7, 5, 3, 5 and with `size` = 3, the vocabulary is 5, 7, 9: 5 comes three times, 7
# twice, and 9 and 3 once.
#
# Hint 1: `torch.unique` and `tf.unique_with_counts` count. In which order do they return the tokens?
#
# Hint 2: A stable sort keeps the order of what is equal. So sort by the token first, then by the count.
#
# Hint 3: You can also use `collections.Counter`, `sorted(counts, key=lambda t: (-counts[t], -t))`, and make a tensor
# of the list.

# %%
def frequency_vocabulary_pt(
    tokens: torch.Tensor, size: int
) -> torch.Tensor:
    """tokens: (n,); returns at most size integers."""
    values, counts = torch.unique(tokens, return_counts=True)
    values, counts = values.flip(0), counts.flip(0)
    order = torch.argsort(counts, descending=True, stable=True)
    return values[order][:size]

# %%
def frequency_vocabulary_tf(
    tokens: tf.Tensor, size: int
) -> tf.Tensor:
    """tokens: (n,); returns at most size integers."""
    tokens = tf.sort(tokens, direction="DESCENDING")
    values, _, counts = tf.unique_with_counts(tokens)
    order = tf.argsort(-counts, stable=True)
    return tf.gather(values, order)[:size]

# %% [markdown]
# **Why:** after the first sort the larger tokens come first, and the second sort leaves them there where the counts are
# equal.

# %% [markdown]
# ## Look words up
#
# Return the place of each word: 0 for the empty word, 1 for a word that is not in the vocabulary, and $i$ + 2 for entry
# number $i$ of the vocabulary, counted from 0. A word is a row of bytes, with 0 behind its end. The empty word has zeros
# only.
#
# `words` has the shape (batch, length), and `vocabulary` has the shape (n, length). The result has integers, in the shape
# (batch,).
#
# Worked case: with the vocabulary "c", "ab", the words "ab", "", "c", "a" have the places 3, 0, 2, 1.
#
# Hint 1: When are two rows the same word? Compare each word with each entry.
#
# Hint 2: `(words[:, None] == vocabulary).all(-1)` has the shape (batch, n).
#
# Hint 3: Multiply it by 1, …, n and sum: this gives $i$ + 1 or 0. Add 1, and make the empty words 0.

# %%
def look_up_words_pt(
    words: torch.Tensor, vocabulary: torch.Tensor
) -> torch.Tensor:
    """words: (batch, length), vocabulary: (n, length); returns
    integers (batch,)."""
    equal = (words[:, None] == vocabulary).all(-1)
    places = torch.arange(1, len(vocabulary) + 1)
    known = 1 + (equal * places).sum(-1)
    return torch.where((words == 0).all(-1), 0, known)

# %%
def look_up_words_tf(
    words: tf.Tensor, vocabulary: tf.Tensor
) -> tf.Tensor:
    """words: (batch, length), vocabulary: (n, length); returns
    integers (batch,)."""
    equal = tf.reduce_all(words[:, None] == vocabulary, -1)
    places = tf.range(1, len(vocabulary) + 1)
    found = tf.cast(equal, tf.int32) * places
    known = 1 + tf.reduce_sum(found, -1)
    return tf.where(tf.reduce_all(words == 0, -1), 0, known)

# %% [markdown]
# **Why:** padding and unknown words need two places: a network ignores padding, and it must not ignore a word because
# it does not know it.

# %% [markdown]
# ## Pad texts
#
# Return a row of `size` tokens for each text. A shorter text has zeros behind its end. Of a longer text, keep the first
# `size` tokens.
#
# `tokens` has the tokens of all texts, one text behind the other, and `lengths` has the number of tokens of each text. A
# text may be empty. The result has integers, in the shape (number of texts, size).
#
# Worked case: the tokens 8, 9, 3, 4, 5, 6, 7 with the lengths 2, 4, 1 and `size` = 3 become (8, 9, 0), (3, 4, 5) and
# (7, 0, 0).
#
# Hint 1: Where does each text begin? All tokens of the texts before it count, not only those that were kept.
#
# Hint 2: `tokens.split(lengths.tolist())`, or `tf.split(tokens, lengths)`, gives the texts.
#
# Hint 3: `row[:size]`, then `F.pad` or `tf.pad` with `size - len(row)` zeros, then stack the rows.

# %%
def pad_texts_pt(
    tokens: torch.Tensor, lengths: torch.Tensor, size: int
) -> torch.Tensor:
    """tokens: (sum of lengths,), lengths: (n,); returns
    (n, size)."""
    y = torch.zeros(len(lengths), size, dtype=tokens.dtype)
    for i, text in enumerate(tokens.split(lengths.tolist())):
        y[i, : len(text)] = text[:size]
    return y

# %%
def pad_texts_tf(
    tokens: tf.Tensor, lengths: tf.Tensor, size: int
) -> tf.Tensor:
    """tokens: (sum of lengths,), lengths: (n,); returns
    (n, size)."""
    rows = [text[:size] for text in tf.split(tokens, lengths)]
    return tf.stack(
        [tf.pad(row, [[0, size - len(row)]]) for row in rows])

# %% [markdown]
# **Why:** a tensor has rows of one length, so short texts are filled up, and long ones are cut.

# %% [markdown]
# ## Weigh words by tf-idf
#
# Return `counts` times the inverse document frequency of each word, $\log(1 + N / (1 + d))$. $N$ is the number of training
# texts, and $d$ is the number of training texts that have the word, however often. Take both from `train`.
#
# `counts` has the shape (batch, words), and `train` has the counts of the training texts, in the shape (N, words).
# Gradients are judged for `counts` only.
#
# Worked case: of three training texts, all have word 0, one has word 1, and none has word 2. The weights are
# log(1 + 3/4) ≈ 0.5596, log(1 + 3/2) ≈ 0.9163 and log(1 + 3) ≈ 1.3863. The counts (2, 0, 1) become (1.1192, 0, 1.3863).
#
# Hint 1: A training text that has a word three times counts once.
#
# Hint 2: `(train > 0).sum(0)` is $d$. In TensorFlow, cast before you sum.
#
# Hint 3: `torch.log(1 + len(train) / (1 + d))`.

# %%
def tf_idf_pt(
    counts: torch.Tensor, train: torch.Tensor
) -> torch.Tensor:
    """counts: (batch, words), train: (N, words); returns
    (batch, words)."""
    d = (train > 0).sum(0)
    return counts * torch.log(1 + len(train) / (1 + d))

# %%
def tf_idf_tf(counts: tf.Tensor, train: tf.Tensor) -> tf.Tensor:
    """counts: (batch, words), train: (N, words); returns
    (batch, words)."""
    d = tf.reduce_sum(tf.cast(train > 0, tf.float32), 0)
    return counts * tf.math.log(1 + len(train) / (1 + d))

# %% [markdown]
# **Why:** a word that is in all texts says little about any of them. With the two ones, the weight is never 0, and never
# infinite.

# %% [markdown]
# ## Short-time Fourier transform
#
# Return the magnitudes of the STFT. Cut `x` into frames as long as the window, one every `step` samples. All frames lie
# inside of `x`: nothing is padded, and what is left at the end is not used. Multiply each frame by the window, and return
# the absolute values of its Fourier transform for the frequencies 0 to half of the window's length.
#
# `x` has the shape (batch, samples), and `window` has the shape (n,). The result has the shape (batch, frames,
# n // 2 + 1). The gradients of `x` and of the window are judged.
#
# Worked case: the sound 1, 2, 3, 4, 0, 0 with the window 1, 0.5, 0.5, 1 and `step` = 2 has the frames 1, 1, 1.5, 4 and
# 3, 2, 0, 0. The first magnitudes are 7.5 and 5: the sums of the frames.
#
# Hint 1: In PyTorch, `x.unfold` makes frames. In TensorFlow, `tf.signal.frame` does.
#
# Hint 2: `torch.fft.rfft` and `tf.signal.rfft` compute only the frequencies that you need.
#
# Hint 3: `torch.fft.rfft(x.unfold(1, len(window), step) * window).abs()`.

# %%
def stft_magnitude_pt(
    x: torch.Tensor, window: torch.Tensor, step: int
) -> torch.Tensor:
    """x: (batch, samples), window: (n,); returns
    (batch, frames, n // 2 + 1)."""
    frames = x.unfold(1, len(window), step)
    return torch.fft.rfft(frames * window).abs()

# %%
def stft_magnitude_tf(
    x: tf.Tensor, window: tf.Tensor, step: int
) -> tf.Tensor:
    """x: (batch, samples), window: (n,); returns
    (batch, frames, n // 2 + 1)."""
    frames = tf.signal.frame(x, len(window), step)
    return tf.abs(tf.signal.rfft(frames * window))

# %% [markdown]
# **Why:** the whole transform is frames, window and FFT. The frameworks differ only in padding, axes and scale.

# %% [markdown]
# ## Mel filters
#
# Return the matrix that sums frequencies into mel bands. The frequency $f$ in Hertz is $m(f) = 2595 \log_{10}(1 + f/700)$ in
# mel. The $\mathit{n\_mels} + 2$ edges are equally spaced in mel, from $m(\mathit{low})$ to $m(\mathit{high})$. Band $b$ is a
# triangle in mel: it rises from 0 at edge $b$ to 1 at edge $b + 1$, and falls to 0 at edge $b + 2$. Outside it is 0.
#
# `frequencies` has the shape (bins,), in Hertz. The result has the shape (bins, n_mels). Gradients are not judged.
#
# Worked case: with the frequencies 0, 250, 500, 750, 1000, `n_mels` = 2, `low` = 0 and `high` = 1000, the edges in mel
# are 0, 333.3, 666.6 and 1000. 250 Hz are 344.2 mel, so the row of 250 Hz is 0.9674 and 0.0326.
#
# Hint 1: Convert frequencies and both limits to mel first. Everything else happens in mel.
#
# Hint 2: A triangle is the smaller one of a rising line and a falling line, and at least 0.
#
# Hint 3: `(m - e[:-2]) / (e[1:-1] - e[:-2])` rises, with `m` of shape (bins, 1). `(e[2:] - m) / (e[2:] - e[1:-1])` falls.

# %%
def mel_matrix_pt(
    frequencies: torch.Tensor,
    n_mels: int,
    low: float,
    high: float,
) -> torch.Tensor:
    """frequencies: (bins,); returns (bins, n_mels)."""
    def to_mel(f):
        return 2595 * torch.log10(1 + torch.as_tensor(f) / 700)

    m = to_mel(frequencies)[:, None]
    low, high = float(to_mel(low)), float(to_mel(high))
    e = torch.linspace(low, high, n_mels + 2)
    rising = (m - e[:-2]) / (e[1:-1] - e[:-2])
    falling = (e[2:] - m) / (e[2:] - e[1:-1])
    return torch.minimum(rising, falling).clamp(min=0)

# %%
def mel_matrix_tf(
    frequencies: tf.Tensor,
    n_mels: int,
    low: float,
    high: float,
) -> tf.Tensor:
    """frequencies: (bins,); returns (bins, n_mels)."""
    def to_mel(f):
        log10 = tf.math.log(1 + f / 700) / tf.math.log(10.0)
        return 2595 * log10

    m = to_mel(frequencies)[:, None]
    e = tf.linspace(to_mel(low), to_mel(high), n_mels + 2)
    rising = (m - e[:-2]) / (e[1:-1] - e[:-2])
    falling = (e[2:] - m) / (e[2:] - e[1:-1])
    return tf.maximum(tf.minimum(rising, falling), 0.0)

# %% [markdown]
# **Why:** two neighbouring triangles cross at ½ and add up to 1, so between the first peak and the last each frequency
# counts once.

# %% [markdown]
# ## Decibels with a lower limit
#
# Convert powers to decibels, $10 \log_{10}(\max(p, 10^{-10}))$. Then replace what is less than the largest number minus
# `top_db` by this limit. The largest number is that of the whole batch. The gradient is judged: the limit moves with the
# largest number.
#
# `power` has the shape (batch, bands, frames), and is at least 0. The result has the same shape.
#
# Worked case: the powers 100, 1, 0.0001 have 20, 0 and −40 decibels. With `top_db` = 50 the limit is −30, so the result
# is 20, 0, −30.
#
# Hint 1: Clamp before the logarithm, or silence is −∞.
#
# Hint 2: TensorFlow has `tf.math.log`, the natural logarithm: divide by the logarithm of 10.
#
# Hint 3: `torch.maximum(y, y.max() - top_db)`.

# %%
def decibels_pt(
    power: torch.Tensor, top_db: float
) -> torch.Tensor:
    """power: (batch, bands, frames); returns the same shape."""
    y = 10 * torch.log10(power.clamp(min=1e-10))
    return torch.maximum(y, y.max() - top_db)

# %%
def decibels_tf(power: tf.Tensor, top_db: float) -> tf.Tensor:
    """power: (batch, bands, frames); returns the same shape."""
    logarithm = tf.math.log(tf.maximum(power, 1e-10))
    y = 10 * logarithm / tf.math.log(10.0)
    return tf.maximum(y, tf.reduce_max(y) - top_db)

# %% [markdown]
# **Why:** near silence, a tiny difference of two powers is a large difference in decibels. The limit removes it.
