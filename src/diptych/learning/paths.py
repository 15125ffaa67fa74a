"""Three paths through the book: which chapters and exercises, in which order."""

from __future__ import annotations

from dataclasses import dataclass

from diptych.catalogue.lines import rows


@dataclass(frozen=True)
class Step:
    """A chapter (``family/stem``), some of its exercises, and why they come here.

    An exercise has the name of its answers without ``_pt`` and ``_tf``. Code in ``why`` is in
    backticks.
    """

    chapter: str
    exercises: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Path:
    """Steps in their order. The ``title`` says which reader they are for, in the reader's words."""

    title: str
    steps: tuple[Step, ...]


def path(title: str, text: str) -> Path:
    """The path of these lines: a chapter, a colon, its exercises, and ``why`` after a ``#``."""
    steps = []
    for _, code, why in rows(text):
        chapter, _, exercises = code.partition(": ")
        steps.append(Step(chapter, tuple(exercises.split(", ")), why))
    return Path(title, tuple(steps))


PATHS = {
    "pytorch": path(
        "I know PyTorch",
        """
        start/two_frameworks: to_channels_last, two_slopes
            # Axes, dtypes, gradients and seeds follow other conventions in TensorFlow.
        start/three_ways_to_train: train_linear, adam
            # `compile` and `fit` run the loop that you write in PyTorch.
        start/what_fit_does: early_stopping, validation_split
            # Each thing that `fit` does stands beside the line of your loop that does it.
        layers/dense: dense, linear_start
            # A Keras layer creates its weights when it is built, with other initial values.
        layers/writing_your_own: own_dense
            # Where the code of `__init__` and `forward` stands in a Keras layer.
        layers/convolution: convolution, pad_same
            # Channels come last, and `padding="same"` works with a stride.
        layers/normalization: batch_norm
            # `momentum` multiplies the batch's mean in PyTorch, and the old mean in Keras.
        layers/recurrent: lstm, gru_to_keras
            # The batch comes first, and a GRU has its gates in another order.
        losses/multiclass: sparse_categorical_cross_entropy
            # Keras's losses take the target first, and expect probabilities.
        regularizers/penalties: l2_penalty, adam_with_decay
            # A Keras layer takes the penalty, and `weight_decay` in Adam is not the same.
        layers/saving_and_loading: calibrated
            # To load your own layer, Keras needs its class, and its arguments.
        start/port_a_model: torch_stack
            # All of this together: a PyTorch model becomes a Keras model.
        """,
    ),
    "keras": path(
        "I know Keras",
        """
        start/two_frameworks: signed_pixels, two_slopes
            # Axes, dtypes, gradients and modes follow other conventions in PyTorch.
        start/three_ways_to_train: train_linear, momentum
            # The loop that `fit` runs for you is five lines in PyTorch.
        start/what_fit_does: early_stopping, warmup_cosine, clip_gradients
            # Each callback becomes a few lines of the loop.
        layers/dense: dense, dense_gradients
            # `nn.Linear` has no activation, and needs the number of inputs.
        layers/writing_your_own: own_dense
            # Where the code of `build` and `call` stands in a PyTorch module.
        layers/convolution: convolution, pad_same
            # Channels come first, and `padding="same"` with a stride is an error.
        layers/normalization: batch_norm
            # `momentum` multiplies the batch's mean in PyTorch, and the old mean in Keras.
        layers/recurrent: lstm, masked_rnn
            # Time comes first by default, and there is no mask.
        losses/binary: binary_cross_entropy_with_logits
            # The prediction comes first, and the network ends without a sigmoid.
        losses/multiclass: sparse_categorical_cross_entropy
            # The network ends without a softmax, and the classes lie in axis 1.
        regularizers/penalties: l2_penalty, adam_with_decay
            # You add the penalty to the loss, and `weight_decay` in Adam is not the same.
        layers/saving_and_loading: calibrated
            # A `state_dict` contains the weights, and not the layers.
        start/port_a_model: keras_stack, weight_behind_flatten
            # All of this together: a Keras model becomes a PyTorch model.
        """,
    ),
    "neither": path(
        "I know neither",
        """
        activations/rectifiers: relu, leaky_relu
            # The smallest part of a network: a formula, its gradient, and a call in each framework.
        start/two_frameworks: signed_pixels, two_slopes
            # Tensors, shapes, gradients and layers, and what differs between the frameworks.
        layers/dense: dense, dense_gradients
            # The layer in which each output depends on all inputs.
        losses/regression: mean_squared_error
            # The number that training makes smaller.
        start/three_ways_to_train: train_linear, momentum
            # The five parts of a training step, and your first training.
        activations/sigmoids: sigmoid, tanh
            # A sigmoid turns a number into a probability.
        losses/binary: binary_cross_entropy_with_logits
            # The loss for labels with two values, such as yes and no.
        activations/a_network_by_hand: own_network, separated_moons
            # A whole network: its forward pass, its gradients and its training.
        activations/softmaxes: softmax, log_softmax
            # A softmax turns numbers into the probabilities of several classes.
        losses/multiclass: sparse_categorical_cross_entropy
            # The loss of a classifier.
        layers/convolution: convolution
            # The layer for images and signals.
        layers/pooling: max_pooling
            # Pooling makes images smaller.
        layers/a_tiny_network: tiny_network, network_sizes
            # A convolution and a dense layer are enough to recognize a bar.
        layers/writing_your_own: own_dense
            # How a class becomes a layer of your own.
        layers/normalization: layer_norm, batch_norm
            # Layers that subtract a mean and divide by a standard deviation.
        layers/dropout_and_noise: dropout
            # A layer that does one thing in training, and another afterwards.
        start/what_fit_does: early_stopping, validation_split
            # What a whole training needs besides its steps.
        layers/embeddings: embedding
            # Words and other ids become vectors.
        layers/attention: dot_product_attention, causal_weights
            # The layer of which transformers are made.
        """,
    ),
}
