# %% [markdown]
# # Layers
#
# A layer computes one tensor from another. Some layers have weights, some only reorder or combine their inputs, and
# some compute something else in training mode than in inference mode.
#
# **The claims of this page:** four rules hold when you port a network. The weights are the same arrays, with their
# axes in another order. The channels are axis 1 in PyTorch, and the last axis in Keras. A new layer is in training mode
# in PyTorch, and in inference mode in Keras. The parameter counts are equal, except for second biases and running
# statistics. The cells show each rule, and a table helps you to choose a layer.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn

from diptych import agree, copy_weights, plots
from diptych.catalogue.component import catalogue

plots.use_style()
rng = np.random.default_rng(0)

# %% [markdown]
# (layers-weights)=
# ## Copy the weights as arrays, with their axes in another order
#
# In both frameworks a dense layer has a matrix and a vector of weights. In PyTorch the matrix has a row for each
# output, and in Keras a column. In PyTorch you pass both sizes when you create the layer. A Keras layer gets the
# number of inputs from the first batch or from `build`, and has no weights before.

# %% move-by-hand-pt tags=["pytorch"]
dense_pt = nn.Linear(3, 5)
for name, weight in dense_pt.state_dict().items():
    print(name, tuple(weight.shape))

# %% move-by-hand-tf tags=["tensorflow"]
dense_tf = keras.layers.Dense(5)
print("before build:", dense_tf.weights)
dense_tf.build((None, 3))
for weight in dense_tf.weights:
    print(weight.name, tuple(weight.shape))

# %% [markdown]
# To copy the weights, read the arrays of one layer, transpose the matrix, and write them into the other layer.

# %% moved
weight, bias = (p.detach().numpy() for p in dense_pt.parameters())
dense_tf.set_weights([weight.T, bias])
x = rng.normal(size=(2, 3)).astype(np.float32)
agree(dense_pt(torch.tensor(x)), dense_tf(tf.constant(x)))

# %% [markdown]
# Then compare the outputs, and not only the shapes. A square matrix has the right shape without the transpose, and
# the outputs are wrong:

# %% square
square_pt, square_tf = nn.Linear(3, 3), keras.layers.Dense(3)
square_tf.build((None, 3))
square_tf.set_weights([p.detach().numpy() for p in square_pt.parameters()])  # no .T, no error
y_pt, y_tf = square_pt(torch.tensor(x)), square_tf(tf.constant(x))
print("outputs agree:", np.allclose(y_pt.detach(), y_tf))

# %% [markdown]
# A table in each layer's section says which array becomes which, as [here](dense.ipynb#dense-linear) for a dense layer.
# The function `copy_weights(source, target)` copies the arrays by these tables, in either direction. If something does
# not fit, it raises an error and copies nothing. The next cell copies the weights of each pair of layers in the book
# from PyTorch to Keras, and compares the outputs for the same input:

# %% every-pair tags=["hide-input"]
def drawn(wanted):
    """Normal numbers of a shape, or the array that a pair asks for, or several of them by name."""
    if isinstance(wanted, dict):
        return {name: drawn(each) for name, each in wanted.items()}
    return rng.normal(size=wanted).astype(np.float32) if isinstance(wanted, tuple) else wanted


def first(output):
    """The output of a layer that also returns states."""
    return first(output[0]) if isinstance(output, list | tuple) else output


print(f"{'PyTorch':22}{'Keras':22}{'parameters':>10}  outputs")
for pair in (p for c in catalogue() for weights in c.weights for p in weights.pairs):
    in_torch, in_keras = (eval(call) for call in (pair.pytorch, pair.keras))
    x = drawn(pair.inputs[0])
    turned = isinstance(pair.inputs[0], tuple) and pair.inputs[0] != pair.inputs[1]
    named = x if isinstance(x, dict) else {}  # several inputs, by name
    given = [] if named else [np.moveaxis(x, 1, -1) if turned else x]
    if isinstance(in_torch, nn.RNNCellBase):  # Keras's cells need the old state
        given.append(in_keras.get_initial_state(batch_size=len(x)))
    in_keras(*given, **named)  # builds it
    copy_weights(in_torch, in_keras)
    of_torch = [] if named else [torch.tensor(x)]
    of_names = {name: torch.tensor(each) for name, each in named.items()}
    y_pt = first(in_torch.eval()(*of_torch, **of_names)).detach().numpy()
    y_tf = np.array(first(in_keras(*given, **named)))
    y_pt = np.moveaxis(y_pt, 1, -1) if turned else y_pt
    names = [call.partition("(")[0].rpartition(".")[2] for call in (pair.pytorch, pair.keras)]
    n = [sum(p.numel() for p in in_torch.parameters()), in_keras.count_params()]
    n = str(n[0]) if n[0] == n[1] else f"{n[0]}, {n[1]}"
    print(f"{names[0]:22}{names[1]:22}{n:>10}  "
          + ("agree" if np.allclose(y_pt, y_tf, atol=1e-5) else "DIFFER"))

# %% [markdown]
# (layers-channels)=
# ## PyTorch has channels first, Keras has them last
#
# PyTorch's layers for images need inputs of the shape (batch, channels, height, width), and Keras's layers (batch,
# height, width, channels). Use `permute` or `moveaxis` to move the axis. With the wrong axis, a PyTorch convolution
# raises an error, unless the size is the number of channels by chance. A new Keras layer raises none: it [takes the
# last axis as channels](channels-last), and builds a kernel for it.

# %% channels-data
images = rng.normal(size=(2, 3, 5, 7)).astype(np.float32)  # channels first
kernel = rng.normal(size=(4, 3, 2, 2)).astype(np.float32)  # (out, in, h, w)
bias = rng.normal(size=4).astype(np.float32)

# %% channels-pt tags=["pytorch"]
conv_pt = nn.Conv2d(3, 4, 2)
conv_pt.load_state_dict({
    "weight": torch.tensor(kernel),
    "bias": torch.tensor(bias),
})
y_pt = conv_pt(torch.tensor(images))
print("in ", images.shape)
print("out", tuple(y_pt.shape))

# %% channels-tf tags=["tensorflow"]
conv_tf = keras.layers.Conv2D(4, 2)
channels_last = np.moveaxis(images, 1, -1)
conv_tf.build(channels_last.shape)
conv_tf.set_weights([kernel.transpose(2, 3, 1, 0), bias])

y_tf = conv_tf(tf.constant(channels_last))
print("in ", channels_last.shape)
print("out", tuple(y_tf.shape))

# %% channels
agree(y_pt.permute(0, 2, 3, 1), y_tf)

# %% [markdown]
# A `reshape` to the same shape raises no error, and gives another picture. It does not move the numbers in memory, and
# only divides them into other rows:

# %% reshape-scrambles tags=["hide-input"]
# alt: Two small pictures of one array. With its axis moved it is an orange disc on blue. Reshaped it is
# three rows of three small grey discs.
rows, columns = np.mgrid[-1:1:48j, -1:1:48j]
disc = rows**2 + columns**2 < 0.5
picture = np.stack([np.where(disc, inside, outside) for inside, outside
                    in zip((0.85, 0.38, 0.1), (0.17, 0.53, 0.75))])  # (channels, height, width)
fig, axes = plt.subplots(1, 2, figsize=(5.2, 2.7))
for ax, title, shown in zip(axes, ("moveaxis: the picture", "reshape: scrambled"),
                            (np.moveaxis(picture, 0, -1), picture.reshape(48, 48, 3))):
    ax.imshow(shown, interpolation="none")
    ax.set_title(title)
    ax.axis("off")
plt.show()

# %% [markdown]
# (layers-mode)=
# ## A new PyTorch layer is in training mode, a Keras layer is in inference mode
#
# A PyTorch module stores its mode in `module.training`, which is `True` at first. A Keras layer gets the mode in each
# call; the default is `training=False`. The mode changes the output of a few layers only, such as dropout, noise, batch
# normalization, and layers that contain one of them. The next cells call three new layers, and print whether the output
# is that of inference mode.

# %% mode-pt tags=["pytorch"]
x_pt = torch.linspace(0, 5, 600).reshape(200, 3)
for layer in (nn.Linear(3, 3), nn.Dropout(0.5),
              nn.BatchNorm1d(3)):
    fresh = layer(x_pt)
    evaluated = layer.eval()(x_pt)
    same = torch.allclose(fresh, evaluated)
    name = type(layer).__name__
    print(f"{name:19} fresh is evaluation: {same}")

# %% mode-tf tags=["tensorflow"]
x_tf = tf.reshape(tf.linspace(0.0, 5.0, 600), (200, 3))
for layer in (keras.layers.Dense(3), keras.layers.Dropout(0.5),
              keras.layers.BatchNormalization()):
    fresh = layer(x_tf)
    same = np.allclose(fresh, layer(x_tf, training=False))
    name = type(layer).__name__
    print(f"{name:19} fresh is evaluation: {same}")

# %% [markdown]
# `model.eval()` and `model.train()` set the mode of all modules in the model. In Keras, `fit` calls the model with
# `training=True`, and Keras passes this to all layers in the model. Before you compare a ported model, call `eval()` in PyTorch. Without it the outputs differ, although both
# models are right.

# %% mode-inside-pt tags=["pytorch"]
net = nn.Sequential(nn.Sequential(nn.Dropout(0.5)))
print("fresh:", [module.training for module in net.modules()])
net.eval()
print("eval: ", [module.training for module in net.modules()])
y_pt = net(torch.ones(2, 3, 5))

# %% mode-inside-tf tags=["tensorflow"]
net = keras.Sequential([
    keras.Sequential([keras.layers.Dropout(0.5)])])
y_tf = net(tf.ones((2, 3, 5)))
trained = net(tf.ones((200, 3, 5)), training=True)
print("fresh drops:   ", np.any(y_tf == 0))
print("training drops:", np.any(trained == 0))

# %% mode-inside
agree(y_pt, y_tf)

# %% [markdown]
# (layers-parameters)=
# ## The parameter counts are equal, except for second biases in RNNs and BatchNorm's statistics
#
# Compare the parameter counts before you copy weights. The next cells count the parameters of layers with 7 inputs and
# 5 outputs. The table below them has the formulas.

# %% count-pt tags=["pytorch"]
layers_pt = {
    "dense": nn.Linear(7, 5),
    "convolution, 3 × 3": nn.Conv2d(7, 5, 3),
    "embedding of 11": nn.Embedding(11, 5),
    "layer norm": nn.LayerNorm(7),
    "batch norm": nn.BatchNorm1d(7),
    "RNN": nn.RNN(7, 5),
    "GRU": nn.GRU(7, 5),
    "LSTM": nn.LSTM(7, 5),
}
for name, layer in layers_pt.items():
    n = sum(p.numel() for p in layer.parameters())
    print(f"{name:19}{n:4}")

# %% count-tf tags=["tensorflow"]
layers = keras.layers
layers_tf = {
    "dense": (layers.Dense(5), (2, 7)),
    "convolution, 3 × 3": (layers.Conv2D(5, 3), (2, 9, 9, 7)),
    "embedding of 11": (layers.Embedding(11, 5), (2, 3)),
    "layer norm": (layers.LayerNormalization(), (2, 7)),
    "batch norm": (layers.BatchNormalization(), (2, 7)),
    "RNN": (layers.SimpleRNN(5), (2, 3, 7)),
    "GRU": (layers.GRU(5), (2, 3, 7)),
    "LSTM": (layers.LSTM(5), (2, 3, 7)),
}
for name, (layer, shape) in layers_tf.items():
    layer.build(shape)
    print(f"{name:19}{layer.count_params():4}")

# %% [markdown]
# | layer | formula, $i$ inputs and $o$ outputs | here | what differs |
# | --- | --- | --- | --- |
# | dense | $i\,o + o$ | 7 · 5 + 5 = 40 | |
# | convolution, $k$ × $k$ | $k^2\,i\,o + o$ | 9 · 7 · 5 + 5 = 320 | |
# | embedding of $v$ | $v\,o$ | 11 · 5 = 55 | |
# | layer norm | $2\,i$ | 14 | |
# | batch norm | $2\,i$ that are trained | 14 | Keras also counts the moving mean and variance: 28. In PyTorch they are buffers |
# | RNN | $i\,o + o^2 + o$ | 65 | PyTorch has a second bias: 70 |
# | GRU | $3\,(i\,o + o^2 + 2\,o)$ | 210 | both have two biases by default |
# | LSTM | $4\,(i\,o + o^2 + o)$ | 260 | PyTorch has a second bias: 280 |
#
# In the RNN and the LSTM both biases are added to the same sum, so one bias is enough. To copy to Keras, use the sum of
# the two biases. To copy to PyTorch, set one of the two to 0.

# %% two-biases
rnn_pt = nn.RNN(7, 5, batch_first=True)
w, u, b1, b2 = (p.detach().numpy() for p in rnn_pt.parameters())
rnn_tf = keras.layers.SimpleRNN(5, return_sequences=True)
rnn_tf.build((2, 3, 7))
rnn_tf.set_weights([w.T, u.T, b1 + b2])
steps = rng.normal(size=(2, 3, 7)).astype(np.float32)  # (batch, time, inputs)
agree(rnn_pt(torch.tensor(steps))[0], rnn_tf(tf.constant(steps)))

# %% [markdown]
# ## Which one to choose
#
# | you need | in PyTorch, then in Keras | what to watch |
# | --- | --- | --- |
# | each output computed from all inputs | [`nn.Linear`](dense.ipynb#dense-linear)<br>[`Dense`](dense.ipynb#dense-linear) | transpose the matrix |
# | each output computed from products of two inputs | [`nn.Bilinear`](dense.ipynb#bilinear)<br>[write it](dense.ipynb#bilinear) | Keras has no such layer |
# | one tensor from several tensors of one shape | [`+`](merging.ipynb#add), [`*`](merging.ipynb#multiply), [`torch.maximum`](merging.ipynb#maximum)<br>[`Add`](merging.ipynb#add), [`Multiply`](merging.ipynb#multiply), [`Maximum`](merging.ipynb#maximum), … | [which axes belong together](add-ranks), and the gradient of equal numbers |
# | several tensors side by side | [`torch.cat`](merging.ipynb#concatenate)<br>[`Concatenate`](merging.ipynb#concatenate) | the channel axis |
# | the same numbers in another shape | [`nn.Flatten`](shapes.ipynb#flatten), [`nn.Unflatten`](shapes.ipynb#reshape-unflatten), [`permute`](shapes.ipynb#permute)<br>[`Flatten`](shapes.ipynb#flatten), [`Reshape`](shapes.ipynb#reshape-unflatten), [`Permute`](shapes.ipynb#permute) | [permute the kernel after a Flatten](flatten-port) |
# | a border | [`nn.ZeroPad2d`](padding.ipynb#zero-padding), [`nn.ReflectionPad2d`](padding.ipynb#reflection-padding), …<br>[`ZeroPadding2D`](padding.ipynb#zero-padding) | PyTorch's padding starts with the last axis |
# | less overfitting by noise | [`nn.Dropout`](dropout_and_noise.ipynb#dropout), [`nn.Dropout2d`](dropout_and_noise.ipynb#spatial-dropout)<br>[`Dropout`](dropout_and_noise.ipynb#dropout), [`SpatialDropout2D`](dropout_and_noise.ipynb#spatial-dropout) | the mode, and the channel axis |
# | dropout for SELU networks | [`nn.AlphaDropout`](dropout_and_noise.ipynb#alpha-dropout)<br>[`AlphaDropout`](dropout_and_noise.ipynb#alpha-dropout) | `F.alpha_dropout` has `training=False` by default |
# | noise on measured inputs | [write it](dropout_and_noise.ipynb#gaussian-noise)<br>[`GaussianNoise`](dropout_and_noise.ipynb#gaussian-noise) | a standard deviation of at most 1 in Keras |
# | activations with a fixed mean and variance | [`nn.BatchNorm2d`](normalization.ipynb#batch-normalization), [`nn.LayerNorm`](normalization.ipynb#layer-normalization), [`nn.GroupNorm`](normalization.ipynb#group-normalization)<br>[`BatchNormalization`](normalization.ipynb#batch-normalization), [`LayerNormalization`](normalization.ipynb#layer-normalization), [`GroupNormalization`](normalization.ipynb#group-normalization) | the mode, `epsilon`, and `momentum` (m in PyTorch is 1 − m in Keras) |
# | a bound on the size of the weights | [`spectral_norm`](normalized_vectors_and_weights.ipynb#spectral-normalization)<br>[`SpectralNormalization`](normalized_vectors_and_weights.ipynb#spectral-normalization) | the gradients differ in training mode |
# | the same pattern at any position | [`nn.Conv2d`](convolution.ipynb#convolution)<br>[`Conv2D`](convolution.ipynb#convolution), [`DepthwiseConv2D`](convolution.ipynb#depthwise-convolution), [`SeparableConv2D`](convolution.ipynb#separable-convolution) | the axes of the kernel; [padding with a stride](convolution-padding-one) |
# | the windows of an image as columns | [`nn.Unfold`](unfolding.ipynb#unfold-extract-patches), [`nn.Fold`](unfolding.ipynb#fold)<br>[`ops.unfold`](unfolding.ipynb#unfold-extract-patches), [`ops.fold`](unfolding.ipynb#fold) | [the order inside a patch](unfold-order) |
# | other weights at each position | [write it](unfolding.ipynb#locally-connected)<br>[write it](unfolding.ipynb#locally-connected) | the number of parameters |
# | the maximum or minimum of a window, with a kernel | [write it](unfolding.ipynb#dilation-and-erosion)<br>[`tf.nn.dilation2d`](unfolding.ipynb#dilation-and-erosion) | [the border](morphology-border) |
# | an image of another size | [`nn.Upsample`](resampling.ipynb#upsampling), [`F.interpolate`](resampling.ipynb#resizing)<br>[`UpSampling2D`](resampling.ipynb#upsampling), [`Resizing`](resampling.ipynb#resizing) | [`"nearest"` differs](nearest-differs), and bicubic without `antialias` |
# | larger images from more channels | [`nn.PixelShuffle`](rearranging.ipynb#pixel-shuffle-depth-to-space)<br>[`depth_to_space`](rearranging.ipynb#pixel-shuffle-depth-to-space) | [the order of the channels](shuffle-port) |
# | a larger picture, with learned weights | [`nn.ConvTranspose2d`](transposed_convolution.ipynb#transposed-convolution)<br>[`Conv2DTranspose`](transposed_convolution.ipynb#transposed-convolution) | the output size; [`"same"` is shifted by one pixel](transposed-shifted) |
# | a smaller picture | [`nn.MaxPool2d`](pooling.ipynb#max-pooling), [`nn.AvgPool2d`](pooling.ipynb#average-pooling)<br>[`MaxPooling2D`](pooling.ipynb#max-pooling), [`AveragePooling2D`](pooling.ipynb#average-pooling) | [whether an average counts the padding](count-include-pad) |
# | one number for each channel | [`amax`](adaptive_pooling.ipynb#global-max-pooling), [`mean`](adaptive_pooling.ipynb#global-average-pooling)<br>[`GlobalMaxPooling2D`](adaptive_pooling.ipynb#global-max-pooling), [`GlobalAveragePooling2D`](adaptive_pooling.ipynb#global-average-pooling) | [not Keras's adaptive layers with one bin](adaptive-one-bin) |
# | vectors for words or ids | [`nn.Embedding`](embeddings.ipynb#embedding), [`nn.EmbeddingBag`](embeddings.ipynb#embedding-bag)<br>[`Embedding`](embeddings.ipynb#embedding), [`ReversibleEmbedding`](embeddings.ipynb#reversible-embedding) | the initial numbers; [which id is padding](embedding-padding) |
# | a state along a sequence | [`nn.LSTM`](recurrent.ipynb#lstm), [`nn.GRU`](recurrent.ipynb#gru)<br>[`LSTM`](recurrent.ipynb#lstm), [`GRU`](recurrent.ipynb#gru) | the order of the gates, the number of biases, the time axis |
# | one step of a recurrence, or a recurrence of your own | [`nn.LSTMCell`](recurrent_cells.ipynb#lstm-cell)<br>[`LSTMCell`](recurrent_cells.ipynb#lstm-cell), [`RNN`](recurrent_cells.ipynb#rnn-base-layer) | Keras's cells need the old state, in a list |
# | one layer on each step or image of a sequence | [`flatten(0, 1)`](recurrent_cells.ipynb#time-distributed)<br>[`TimeDistributed`](recurrent_cells.ipynb#time-distributed) | [batch normalization](distributed-norm) |
# | a state that is an image | [write it](recurrent_cells.ipynb#convolutional-lstm)<br>[`ConvLSTM2D`](recurrent_cells.ipynb#convolutional-lstm) | `padding="valid"` is the default |
# | each position computed from all positions | [`nn.MultiheadAttention`](multi_head_attention.ipynb#multi-head-attention)<br>[`MultiHeadAttention`](multi_head_attention.ipynb#multi-head-attention) | the order of the arguments, the meaning of a mask |
# | attention without weights | [`F.scaled_dot_product_attention`](attention.ipynb#dot-product-attention)<br>[`Attention`](attention.ipynb#dot-product-attention), [`AdditiveAttention`](attention.ipynb#additive-attention) | `Attention` does not divide by √d |
# | a block of a transformer | [`nn.TransformerEncoderLayer`](transformers.ipynb#transformer-encoder-layer), [`nn.TransformerDecoderLayer`](transformers.ipynb#transformer-decoder-layer)<br>[built from other layers](transformers.ipynb#transformer-encoder-layer) | [the batch is axis 1](encoder-layer-defaults); [a decoder without a mask](decoder-layer-mask) |
# | columns of a table as numbers | [write it](preprocessing.ipynb#feature-normalization), [`F.one_hot`](preprocessing.ipynb#category-encoding-one-hot)<br>[`Normalization`](preprocessing.ipynb#feature-normalization), [`CategoryEncoding`](preprocessing.ipynb#category-encoding-one-hot) | a variance divided by n − 1, unknown categories |
# | words or sound as numbers | [write it](text_and_sound.ipynb#text-vectorization), [`torch.stft`](text_and_sound.ipynb#stft-spectrogram)<br>[`TextVectorization`](text_and_sound.ipynb#text-vectorization), [`STFTSpectrogram`](text_and_sound.ipynb#stft-spectrogram) | the places of padding and of unknown words; the scale of the spectrogram |
# | to see convolution, pooling and a dense layer work together | [`F.conv2d`](a_tiny_network.ipynb#four-calls-make-the-network)<br>[`tf.nn.conv2d`](tiny-network) | the axis of the channels |
# | a layer that no framework has | [`nn.Module`](writing_your_own.ipynb#writing-a-layer)<br>[`Layer`](writing_your_own.ipynb#writing-a-layer) | [weights that are not found](own-registered); [what a saved layer needs](saving_and_loading.ipynb#saving-a-layer-of-your-own) |
#
# ## All names
#
# **paired**: both frameworks have it. **bridged**: one framework does not have it, and the chapter builds it there.
#
# ```{components} layers
# ```
