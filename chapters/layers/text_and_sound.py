# %% [markdown]
# # Text and sound
#
# A network computes with numbers. The layers of this chapter make numbers of strings, identifiers and sound: look-up
# layers replace words by their places in a vocabulary, and spectrograms replace a sound by the strengths of its
# frequencies.
#
# **The claim:** for text, the difficulty is in the first two places. Unknown words and padding have places of their
# own. If your dictionary in PyTorch starts at another place, each word gets the vector of another word, without an
# error. For sound, the frameworks have four functions for one transform, and all of them differ: in the axes, in the
# padding, in the scale. This chapter names the arguments with which all four agree.

# %%
import re
import string
from collections import Counter

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()

# %% [markdown]
# (integer-lookup)=
# ## Integer lookup
#
# <!-- head: integer_lookup -->
#
# Integer lookup replaces an identifier by its place in a vocabulary. Choose it for numbers that are names, such as the
# number of a product: an embedding or a one-hot encoding needs tokens from 0 to $n$ − 1.
#
# $$y = \begin{cases} i + 1 & \text{if } x = v_i \\ 0 & \text{if } x \text{ is not in the vocabulary} \end{cases}$$
#
# Here $v_0, v_1, \dots$ is the vocabulary. Place 0 is for unknown identifiers. PyTorch has no such layer: use a
# dictionary. The results are integers, so nothing has a gradient.

# %%
known, ids = [30, 10, 20], [20, 10, 35, 30]

# %% integers-pt tags=["pytorch"]
index = {n: i + 1 for i, n in enumerate(known)}
y_pt = torch.tensor([index.get(n, 0) for n in ids])
show(y=y_pt)

# %% integers-tf tags=["tensorflow"]
y_tf = keras.layers.IntegerLookup(vocabulary=known)(ids)
show(y=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### `mask_token` and `num_oov_indices` move all places
#
# With `mask_token=0`, the identifier 0 means padding. It has place 0, and unknown identifiers have place 1. With
# `num_oov_indices=2`, places 0 and 1 are for unknown identifiers: each unknown $x$ has the place $x \bmod 2$, and the
# vocabulary starts at 2.

# %% integers-places-pt tags=["pytorch"]
later = {n: i + 2 for i, n in enumerate(known)}
masked = {0: 0} | later
ids = [20, 0, 35, 44]
masked_pt = torch.tensor([masked.get(n, 1) for n in ids])
two_pt = torch.tensor([later.get(n, n % 2) for n in ids])
show(mask_token=masked_pt, num_oov_indices=two_pt)

# %% integers-places-tf tags=["tensorflow"]
ids = [20, 0, 35, 44]
masked_tf = keras.layers.IntegerLookup(
    vocabulary=known, mask_token=0)(ids)
two_tf = keras.layers.IntegerLookup(
    vocabulary=known, num_oov_indices=2)(ids)
show(mask_token=masked_tf, num_oov_indices=two_tf)

# %%
agree([masked_pt, two_pt], [masked_tf, two_tf])

# %% [markdown]
# ### An adapted vocabulary has the most frequent number first, and at a tie the largest
#
# `adapt` counts the numbers. 7 and 5 come twice, and 9 and 3 come once. In PyTorch, count with `Counter`, and
# sort by the negative count, then by the negative number.

# %%
seen = [5, 7, 5, 9, 7, 3]

# %% integers-adapt-pt tags=["pytorch"]
counts = Counter(seen)
found_pt = torch.tensor(
    sorted(counts, key=lambda n: (-counts[n], -n)))
show(vocabulary=found_pt)

# %% integers-adapt-tf tags=["tensorflow"]
layer = keras.layers.IntegerLookup()
layer.adapt(np.array(seen))
found_tf = tf.constant(
    layer.get_vocabulary(include_special_tokens=False))
show(vocabulary=found_tf)

# %%
agree(found_pt, found_tf)

# %% [markdown]
# (string-lookup)=
# ## String lookup
#
# <!-- head: string_lookup -->
#
# String lookup is integer lookup for strings. The places have the same order: first padding, if there is a
# `mask_token`, then unknown strings, then the vocabulary. TensorFlow has tensors of strings, and PyTorch has none. In
# PyTorch, look the strings up before you make a tensor.

# %%
names = ["red", "green", "blue"]
words = ["green", "pink", "blue", "red"]

# %% strings-pt tags=["pytorch"]
with show_error():
    torch.tensor(words)
index = {name: i + 1 for i, name in enumerate(names)}
y_pt = torch.tensor([index.get(w, 0) for w in words])
show(y=y_pt)

# %% strings-tf tags=["tensorflow"]
print(tf.constant(words).dtype)
y_tf = keras.layers.StringLookup(vocabulary=names)(words)
show(y=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### With `mask_token`, unknown strings have place 1, not 0
#
# `mask_token=""` gives the empty string place 0. `TextVectorization` does the same. With the wrong dictionary, the
# places of all words are wrong by one, or the model takes unknown words for padding and ignores them.

# %% strings-mask-pt tags=["pytorch"]
index = {"": 0} | {name: i + 2 for i, name in enumerate(names)}
masked_pt = torch.tensor(
    [index.get(w, 1) for w in ["", "pink", "red"]])
show(y=masked_pt)

# %% strings-mask-tf tags=["tensorflow"]
layer = keras.layers.StringLookup(
    vocabulary=names, mask_token="")
print([str(name) for name in layer.get_vocabulary()])
masked_tf = layer(["", "pink", "red"])
show(y=masked_tf)

# %%
agree(masked_pt, masked_tf)

# %% [markdown]
# ### Without a place for unknown strings, both raise an error
#
# `num_oov_indices=0` takes the place away. The vocabulary then starts at 0, as it must for labels. An unknown string
# is an error, as in a dictionary that you read with `[…]`.

# %% strings-none-pt tags=["pytorch"]
index = {name: i for i, name in enumerate(names)}
labels_pt = torch.tensor([index[w] for w in ["blue", "red"]])
show(labels=labels_pt)
with show_error():
    index["pink"]

# %% strings-none-tf tags=["tensorflow"]
layer = keras.layers.StringLookup(
    vocabulary=names, num_oov_indices=0)
labels_tf = layer(["blue", "red"])
show(labels=labels_tf)
with show_error():
    layer(["pink"])

# %%
agree(labels_pt, labels_tf)

# %% [markdown]
# ### Of equally frequent strings, the last in the alphabet comes first
#
# The next cells print the vocabulary of six strings, of which `b` and `a` come twice. In Python, sort twice: a sort
# keeps the order of equal elements. The second line of the output translates places back to strings.

# %% strings-adapt-pt tags=["pytorch"]
counts = Counter(["b", "a", "c", "a", "b", "d"])
found = sorted(sorted(counts, reverse=True),
               key=lambda word: -counts[word])
print(found)
back = ["[UNK]", *found]
print([back[place] for place in (2, 1, 0)])

# %% strings-adapt-tf tags=["tensorflow"]
layer = keras.layers.StringLookup()
layer.adapt(["b", "a", "c", "a", "b", "d"])
kept = layer.get_vocabulary(include_special_tokens=False)
print([str(word) for word in kept])
back = keras.layers.StringLookup(vocabulary=kept, invert=True)
print([word.decode() for word in back([2, 1, 0]).numpy()])

# %% strings-same
print("same vocabulary:", found == kept)

# %% [markdown]
# (text-vectorization)=
# ## Text vectorization
#
# <!-- head: text_vectorization -->
#
# Text vectorization makes tokens of whole texts. It makes small letters of capital ones, deletes punctuation, splits at
# spaces, and looks the words up. Place 0 is padding, and place 1 is for unknown words. Choose it for short texts and
# simple models. Large language models split words into parts instead, and bring their own tokenizer.
#
# In PyTorch, a few lines of Python do the same:

# %%
documents = ["The cat sat.", "The dog, the cat!", "A bird"]

# %% text-pt tags=["pytorch"]
delete = str.maketrans("", "", string.punctuation)


def split(document):
    return document.lower().translate(delete).split()


counts = Counter(w for d in documents for w in split(d))
found = sorted(sorted(counts, reverse=True),
               key=lambda word: -counts[word])
print(["", "[UNK]", *found])

# %% text-tf tags=["tensorflow"]
layer = keras.layers.TextVectorization()
layer.adapt(documents)
print([str(word) for word in layer.get_vocabulary()])

# %% text-call-pt tags=["pytorch"]
index = {word: i + 2 for i, word in enumerate(found)}


def vectorize(documents):
    rows = [torch.tensor([index.get(w, 1) for w in split(d)])
            for d in documents]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)


tokens_pt = vectorize(documents)
new_pt = vectorize(["the parrot sat"])
show(tokens=tokens_pt, new=new_pt)

# %% text-call-tf tags=["tensorflow"]
tokens_tf = layer(documents)
new_tf = layer(["the parrot sat"])
show(tokens=tokens_tf, new=new_tf)

# %%
agree([tokens_pt, new_pt], [tokens_tf, new_tf])

# %% [markdown]
# The rows are as long as the longest text of the call. With `output_sequence_length`, all rows have this length: longer
# texts lose their last words.
#
# ### Punctuation is deleted, and only the letters A to Z become small
#
# “e-mail” becomes `email`, and “Don't” becomes `dont`. Keras makes small letters of ASCII letters only: `Über` and
# `über` are two words. It deletes ASCII punctuation only: `„ja“` keeps its quotation marks. Python's `lower` changes
# all letters, so the PyTorch cell writes Keras's rule as `ascii_lower`.

# %%
text = "Don't e-mail über Über „ja“"

# %% text-split-pt tags=["pytorch"]
def ascii_lower(text):
    return re.sub("[A-Z]", lambda m: m[0].lower(), text)


print("lower:", split(text))
words = ascii_lower(text).translate(delete).split()
print("ascii:", words)

# %% text-split-tf tags=["tensorflow"]
layer = keras.layers.TextVectorization()
layer.adapt([text])
kept = layer.get_vocabulary(include_special_tokens=False)
print([str(word) for word in kept])

# %% text-split
print("same words:", sorted(words, reverse=True) == kept)

# %% [markdown]
# ### tf-idf gives an unknown word the mean of all weights
#
# With `output_mode="tf_idf"`, a text becomes one row: the count of each word, times its inverse document frequency.
# Words that are in many texts weigh little {footcite:p}`sparckjones1972statistical`.
#
# $$y_w = c_w \log\!\Big(1 + \frac{N}{1 + d_w}\Big)$$
#
# Here $c_w$ is the number of times that the text has the word $w$, $d_w$ is the number of training texts that have it,
# and $N$ is the number of all training texts. Column 0 is for unknown words: its weight is the mean of all others. The
# next cells encode a text that has “the” twice and an unknown word once.

# %% text-tf-idf-pt tags=["pytorch"]
have = torch.tensor([[w in split(d) for w in found]
                     for d in documents]).sum(0)
idf = torch.log(1 + len(documents) / (1 + have))
idf = torch.cat([idf.mean(0, keepdim=True), idf])
places = torch.tensor([index.get(w, 1) - 1
                       for w in ["the", "parrot", "the"]])
counts = torch.bincount(places, minlength=len(idf))
row_pt = counts * idf
print(["[UNK]", *found])
show(row=row_pt)

# %% text-tf-idf-tf tags=["tensorflow"]
layer = keras.layers.TextVectorization(output_mode="tf_idf")
layer.adapt(documents)
row_tf = layer(["the parrot the"])[0]
print([str(word) for word in layer.get_vocabulary()])
show(row=row_tf)

# %%
agree(row_pt, row_tf)

# %% [markdown]
# (stft-spectrogram)=
# ## STFT spectrogram
#
# <!-- head: stft_spectrogram -->
#
# The short-time Fourier transform (STFT) cuts a sound into overlapping frames, multiplies each frame by a window, and
# computes which frequencies it has {footcite:p}`allen1977short`. The table of all magnitudes, frames against
# frequencies, is the spectrogram. Choose it as the first step for sound: it turns a long row of samples into an image.
#
# $$Z_{t,k} = \sum_{j=0}^{n-1} w_j\, x_{t s + j}\, e^{-2 \pi i\, j k / n}$$
#
# Here $x$ is the sound, $w$ is a window of $n$ samples, $s$ is the step from frame to frame, $t$ is a frame, and
# $k = 0, \dots, n/2$ is a frequency, a *bin*. PyTorch returns complex numbers with the axes (bins, frames), TensorFlow
# with the axes (frames, bins).

# %%
rng = np.random.default_rng(0)
sound = rng.normal(size=(2, 64)).astype(np.float32)  # (batch, samples)

# %% stft-pt tags=["pytorch"]
x = torch.tensor(sound)
window = torch.hann_window(16)
z_pt = torch.stft(x, 16, 4, window=window, center=False,
                  return_complex=True)
_, dx_pt = value_and_grad(lambda x: torch.stft(
    x, 16, 4, window=window, center=False,
    return_complex=True).abs(), x)
print(tuple(z_pt.shape))

# %% stft-tf tags=["tensorflow"]
x = tf.constant(sound)
z_tf = tf.signal.stft(x, 16, 4)
_, dx_tf = value_and_grad(
    lambda x: tf.abs(tf.signal.stft(x, 16, 4)), x)
print(z_tf.shape)

# %%
agree(z_pt.mT, z_tf, gradients=(dx_pt, dx_tf), rtol=1e-4, atol=1e-5)

# %% [markdown]
# The gradient is that of the sum of all magnitudes with respect to the sound. PyTorch's default window is 1
# everywhere, with a warning. TensorFlow's default window is the Hann window.
#
# ### By default, PyTorch and `keras.ops.stft` reflect the sound at its ends
#
# With `center=True`, the default of both, the middle of the first frame is the first sample. The sound is continued by
# its mirror image for half a window at both ends. `keras.ops.stft` returns two tensors, the real and the imaginary
# part. There are now 17 frames, not 13.

# %% stft-center-pt tags=["pytorch"]
x = torch.tensor(sound)
z = torch.stft(x, 16, 4, window=window, return_complex=True).mT
real_pt, imaginary_pt = z.real, z.imag
print(tuple(z.shape))

# %% stft-center-tf tags=["tensorflow"]
x = tf.constant(sound)
real_tf, imaginary_tf = keras.ops.stft(x, 16, 4, 16)
print(real_tf.shape)

# %%
agree([real_pt, imaginary_pt], [real_tf, imaginary_tf], rtol=1e-4, atol=1e-5)

# %% [markdown]
# ### A window shorter than the FFT lies at the start in `tf.signal.stft`, else in the middle
#
# The FFT can be longer than the window, here 16 and 12 samples. In `tf.signal.stft` it is so by default, because its
# FFT has the next power of two as its length: a window of 400 gets an FFT of 512. PyTorch and `keras.ops.stft` put the
# window into the middle of the 16 samples, with two zeros on each side. `tf.signal.stft` puts it at the start, and its
# frames are 12 samples long, so there is one more of them. If you shift the sound by 2 samples, the magnitudes agree.

# %% stft-short-pt tags=["pytorch"]
x = torch.tensor(sound)
z_pt = torch.stft(x, 16, 4, 12, window=torch.hann_window(12),
                  center=False, return_complex=True).mT
print(tuple(z_pt.shape))
size_pt = z_pt.abs()

# %% stft-short-tf tags=["tensorflow"]
x = tf.constant(sound)
z_tf = tf.signal.stft(x, 12, 4)
print(z_tf.shape)
shifted = tf.signal.stft(x[:, 2:], 12, 4, 16)[:, :13]
size_tf = tf.abs(shifted)
real, _ = keras.ops.stft(x, 12, 4, 16, center=False)

# %%
agree([size_pt, z_pt.real], [size_tf, real], rtol=1e-4, atol=1e-5)

# %% [markdown]
# ### The Keras layer divides by the norm of the window, unless `scaling=None`
#
# `STFTSpectrogram` computes the transform as a convolution. Its input has the axes (batch, samples, channels), and
# with one channel its output has the axes (batch, frames, bins). By default it divides by $\sqrt{\sum w_j^2}$
# (`scaling="density"`); `scaling="spectrum"` divides by $\sum w_j$. Only `scaling=None` gives the numbers of
# `torch.stft`.

# %%
hann = torch.hann_window(16).numpy()

# %% stft-layer-pt tags=["pytorch"]
def stft(x):
    return torch.stft(x, 16, 4, window=window, center=False,
                      return_complex=True).mT


plain_pt, dx_pt = value_and_grad(lambda x: stft(x).abs(),
                                 torch.tensor(sound))
density_pt = plain_pt / (window**2).sum().sqrt()
show(plain=plain_pt[0, 0, :5], default=density_pt[0, 0, :5])

# %% stft-layer-tf tags=["tensorflow"]
sounds = tf.constant(sound[..., None])  # (batch, samples, 1)
plain_tf, dx_tf = value_and_grad(
    lambda sounds: keras.layers.STFTSpectrogram(
        "magnitude", 16, 4, window=hann,
        scaling=None)(sounds), sounds)
density_tf = keras.layers.STFTSpectrogram(
    "magnitude", 16, 4, window=hann)(sounds)
show(plain=plain_tf[0, 0, :5], default=density_tf[0, 0, :5])

# %%
agree([plain_pt, density_pt], [plain_tf, density_tf], gradients=(dx_pt, dx_tf[..., 0]), rtol=1e-4, atol=1e-5)

# %% [markdown]
# ### `mode="psd"` doubles all bins but the first and the last
#
# A power spectral density counts the negative frequencies, too. So the layer's `psd` is $|Z|^2$ in the first and the
# last bin, and $2\,|Z|^2$ between them. The default mode is `log`, the natural logarithm of $|Z|$.

# %% stft-modes-pt tags=["pytorch"]
power = stft(torch.tensor(sound)).abs() ** 2
twice = torch.tensor([1.0] + [2.0] * 7 + [1.0])
psd_pt, log_pt = power * twice, power.sqrt().log()
show(psd=psd_pt[0, 0, :5], log=log_pt[0, 0, :5], digits=2)

# %% stft-modes-tf tags=["tensorflow"]
psd_tf, log_tf = (keras.layers.STFTSpectrogram(
    mode, 16, 4, window=hann, scaling=None)(sounds)
    for mode in ("psd", "log"))
show(psd=psd_tf[0, 0, :5], log=log_tf[0, 0, :5], digits=2)

# %%
agree([psd_pt, log_pt], [psd_tf, log_tf], rtol=1e-4, atol=1e-5)

# %% [markdown]
# ### The layer's magnitude of silence is not 0
#
# The layer computes $\sqrt{\max(|Z|^2,\, 10^{-7})}$, because the gradient of the root is infinite at 0. So the
# magnitude of silence is 0.0003. If you port a model that takes the logarithm, clamp the power in PyTorch, too.

# %% stft-silence-pt tags=["pytorch"]
size = stft(torch.zeros(1, 16)).abs()
clamped_pt = (size**2).clamp(min=1e-7).sqrt()
show(abs=size[0, 0, :3], clamped=clamped_pt[0, 0, :3])

# %% stft-silence-tf tags=["tensorflow"]
clamped_tf = keras.layers.STFTSpectrogram(
    "magnitude", 16, 4, window=hann,
    scaling=None)(np.zeros((1, 16, 1), np.float32))
show(layer=clamped_tf[0, 0, :3])

# %%
agree(clamped_pt, clamped_tf)

# %% [markdown]
# ### A window given by name needs SciPy, a window given as an array does not
#
# The default is `window="hann"`, for which Keras imports SciPy. It is not installed here. With SciPy, this window is
# symmetric; `torch.hann_window` is periodic, unless you pass `periodic=False`. Pass an array, as above, and both
# frameworks have the same window.

# %% stft-scipy-tf
with show_error():
    keras.layers.STFTSpectrogram("magnitude", frame_length=16)

# %% [markdown]
# ### The layer has two trainable matrices
#
# Because the layer is a convolution, it has two kernels, the cosines and the sines. Training changes them, and the
# layer is then no longer a Fourier transform. Set `trainable = False` if you do not want this. `torch.stft` is a
# function without weights. `MelSpectrogram`, the next section, has none either.

# %% stft-trainable-tf
layer = keras.layers.STFTSpectrogram("magnitude", frame_length=16, window=hann)
layer.build((None, 64, 1))
print([(w.name, w.shape) for w in layer.trainable_weights])
layer.trainable = False
print("trainable:", len(layer.trainable_weights))
print("MelSpectrogram:", len(keras.layers.MelSpectrogram().weights))

# %% [markdown]
# ### Without a window, a tone leaks into all bins
#
# A frame cuts the sound off at both ends. Unless the tone fits into the frame a whole number of times, the cut makes a
# jump, and a jump has all frequencies. The figure has the magnitudes of a tone of 8.5 periods, without a window and with
# the Hann window. Relative to its largest bin, the last bin is 450 times smaller with the Hann window.

# %% stft-leak-figure tags=["hide-input"]
# alt: The magnitudes in decibels of a tone between the bins 8 and 9, for 33 bins. Without a window the curve falls
# slowly, to about −30 decibels at bin 30. With the Hann window the curve is a little wider near the tone, and falls to
# below −80 decibels at bin 30. PyTorch is a line and TensorFlow is circles on it.
tone = np.sin(2 * np.pi * 8.5 * np.arange(64) / 64).astype(np.float32)
fig, ax = plt.subplots(figsize=(5.2, 3.0))
bins = np.arange(33)
for shape, maker, name, place in (
    (torch.ones(64), tf.ones, "no window", (17, -18)),
    (torch.hann_window(64), tf.signal.hann_window, "Hann window", (17.5, -60)),
):
    y_pt = torch.stft(torch.tensor(tone), 64, window=shape, center=False, return_complex=True).abs()[:, 0]
    y_tf = tf.abs(tf.signal.stft(tone, 64, 64, window_fn=lambda n, dtype, maker=maker: maker(n)))[0]
    decibel_pt = 20 * torch.log10(y_pt / y_pt.max())
    decibel_tf = 20 * np.log10(y_tf / np.max(y_tf))
    plots.coinciding(ax, bins, decibel_pt, decibel_tf, markers=12)
    ax.annotate(name, place)
plots.say_which(ax, (0, -95))
ax.set(xlabel="bin", ylabel="decibels", title="The Hann window keeps a tone in a few bins", ylim=(-115, 5))
plt.show()

# %% [markdown]
# (mel-spectrogram)=
# ## Mel spectrogram
#
# <!-- head: mel_spectrogram -->
#
# We hear the step from 100 to 200 Hz as an octave, and the step from 4000 to 4100 Hz as less than a semitone. A mel
# spectrogram adds the powers of the STFT in bands that get wider with the frequency, and takes the logarithm
# {footcite:p}`davis1980comparison`. Choose it for speech and music.
#
# $$m(f) = 2595 \log_{10}(1 + f/700), \qquad M_{kb} = \max\!\Big(0,\; \min\Big(\frac{m(f_k) - e_b}{e_{b+1} - e_b},\;
# \frac{e_{b+2} - m(f_k)}{e_{b+2} - e_{b+1}}\Big)\Big)$$
#
# Here $f_k$ is the frequency of bin $k$ in Hertz, $m$ converts Hertz to mel, and $e_0, e_1, \dots$ are equally spaced
# edges in mel. Band $b$ is a triangle between $e_b$ and $e_{b+2}$, with the height 1. The next cells compute the matrix
# for 9 bins and 4 bands; each row of the output is a bin. TensorFlow has a function for it.

# %% mel-matrix-pt tags=["pytorch"]
def to_mel(f):
    return 2595 * torch.log10(1 + f / 700)


def mel_matrix(n_mels, n_bins, rate, low, high):
    m = to_mel(torch.linspace(0, rate / 2, n_bins))[:, None]
    ends = to_mel(torch.tensor([low, high])).tolist()
    e = torch.linspace(*ends, n_mels + 2)
    rising = (m - e[:-2]) / (e[1:-1] - e[:-2])
    falling = (e[2:] - m) / (e[2:] - e[1:-1])
    return torch.minimum(rising, falling).clamp(min=0)


matrix_pt = mel_matrix(4, 9, 1000, 0.0, 500.0)
show(matrix=matrix_pt)

# %% mel-matrix-tf tags=["tensorflow"]
matrix_tf = tf.signal.linear_to_mel_weight_matrix(
    4, 9, 1000, 0.0, 500.0)
show(matrix=matrix_tf)

# %%
agree(matrix_pt, matrix_tf, rtol=1e-4, atol=1e-5)

# %% mel-figure tags=["hide-input"]
# alt: Eight triangles of height 1 over the frequencies from 0 to 8000 Hertz. Each begins where the one before has its
# peak. The first is about 500 Hertz wide, the last almost 4000 Hertz.
fig, ax = plt.subplots(figsize=(5.2, 2.4))
f = np.linspace(0, 8000, 801)
triangles = tf.signal.linear_to_mel_weight_matrix(8, 801, 16000, 0.0, 8000.0).numpy()
for k, triangle in enumerate(triangles.T):
    ax.plot(f, triangle, color=plots.PALETTE[k % 2 * 2])
ax.set(xlabel="frequency in Hertz", ylabel="weight", title="The bands get wider with the frequency")
plt.show()

# %% [markdown]
# ### After the STFT come a product with the matrix, a logarithm and a lower limit
#
# `MelSpectrogram` computes the STFT with `center=True`, squares the magnitudes, multiplies by the matrix, and converts
# to decibels, $10 \log_{10}$. Everything more than 80 decibels below the loudest number becomes the loudest minus 80.
# The result has the axes (batch, bands, frames), as in PyTorch. The defaults of the layer are 128 bands from 20 Hz to
# half of 16000 Hz, an FFT of 2048 and a step of 512.

# %% mel-pt tags=["pytorch"]
def mel_spectrogram(x):
    z = torch.stft(x, 16, 4, window=torch.hann_window(16),
                   return_complex=True)
    power = matrix_pt.T @ z.abs() ** 2
    y = 10 * torch.log10(power.clamp(min=1e-10))
    return torch.maximum(y, y.max() - 80)


x = torch.tensor(sound)
y_pt, dx_pt = value_and_grad(lambda x: mel_spectrogram(x), x)
print(tuple(y_pt.shape))
show(y=y_pt[0, :, :5], digits=2)

# %% mel-tf tags=["tensorflow"]
layer = keras.layers.MelSpectrogram(
    fft_length=16, sequence_stride=4, sampling_rate=1000,
    num_mel_bins=4, min_freq=0.0, max_freq=500.0)
x = tf.constant(sound)
y_tf, dx_tf = value_and_grad(lambda x: layer(x), x)
print(y_tf.shape)
show(y=y_tf[0, :, :5], digits=2)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf), rtol=1e-4, atol=1e-5)

# %% [markdown]
# ### A quiet sound has other numbers beside a loud one
#
# The lower limit follows from the loudest number of the whole *batch*. The next cells compute the spectrogram of
# silence, alone and beside a loud sound. Alone it has −100 decibels, 10 times the logarithm of 1e-10. Beside the loud
# sound it has −64.67. If this matters, call the layer for each sound alone, or pass a large `top_db`, such as 200, so
# that no number reaches the limit. `top_db=None` raises an error.

# %% mel-batch-pt tags=["pytorch"]
silence = torch.zeros(1, 64)
loud = torch.tensor(sound[:1])
alone_pt = mel_spectrogram(silence)
beside_pt = mel_spectrogram(torch.cat([silence, loud]))[:1]
show(alone=alone_pt[0, 0, :3], beside=beside_pt[0, 0, :3],
     digits=2)

# %% mel-batch-tf tags=["tensorflow"]
silence = tf.zeros((1, 64))
loud = tf.constant(sound[:1])
alone_tf = layer(silence)
beside_tf = layer(tf.concat([silence, loud], 0))[:1]
show(alone=alone_tf[0, 0, :3], beside=beside_tf[0, 0, :3],
     digits=2)

# %%
agree([alone_pt, beside_pt], [alone_tf, beside_tf])

# %% [markdown]
# torchaudio has `transforms.MelSpectrogram`. It is not installed here, so it was not run. By its documentation, it
# returns powers, not decibels: add `AmplitudeToDB`, whose `top_db` is `None` by default. The package librosa divides
# each triangle by its width, and has another formula for mel (`htk=False`).
#
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | identifiers | `IntegerLookup`; in PyTorch a dictionary | an embedding needs tokens from 0 to n − 1 |
# | categories as strings | `StringLookup`; in PyTorch a dictionary | the same; PyTorch has no tensors of strings |
# | labels as strings | `StringLookup(num_oov_indices=0)` | classes start at 0, and an unknown label is an error |
# | short texts | `TextVectorization`; in PyTorch a few lines of Python | padding is 0, unknown words are 1 |
# | texts for a linear model | `output_mode="tf_idf"` | frequent words weigh little |
# | sound | `torch.stft`, `tf.signal.stft` | no weights, no scale; choose the window yourself |
# | speech or music | `MelSpectrogram`; in PyTorch the function of this chapter | narrow bands where we hear fine steps |
#
# ## Exercises
#
# Write look-ups, vocabularies, tf-idf and spectrograms yourself:
# [exercises on text and sound](../../exercises/layers/text_and_sound.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
