"""``first_difference`` names where two models part, and why, for differences that are planted."""

import copy

import keras
import numpy as np
import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F
from keras import layers as L

from diptych import copy_weights, first_difference


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


def with_numbers(model):
    """The Keras model with weights that are all different; variances are positive."""
    rng = np.random.default_rng(1)
    for variable in model.weights:
        low = 0.1 if "variance" in variable.path or "gamma" in variable.path else -0.6
        variable.assign(rng.uniform(low, 0.9, variable.shape))
    return model


def sequential(*parts):
    return with_numbers(keras.Sequential(list(parts)))


def copied(torch_model, keras_model, names):
    """The PyTorch model with the weights of the Keras layers, in inference mode."""
    for name, other in names.items():
        copy_weights(keras_model.get_layer(other), torch_model.get_submodule(name))
    return torch_model.eval()


class Same(nn.Module):
    """Pads as Keras does for a kernel of 3 and a stride of 2, if the size is even."""

    def forward(self, x):
        return F.pad(x, (0, 1, 0, 1))


def by_pixel(weight, channels):
    """The columns of a weight in the order of channels first, from the order of channels last."""
    turned = weight.reshape(len(weight), -1, channels).transpose(1, 2)
    return turned.reshape(len(weight), -1)


def image_models():
    """A small network for images, and its port, which agrees."""
    keras_model = sequential(
        keras.Input((8, 6, 2)),
        L.Conv2D(4, 3, strides=2, padding="same", name="conv"),
        L.BatchNormalization(name="bn"),
        L.LeakyReLU(name="leaky"),
        L.Flatten(name="flatten"),
        L.Dropout(0.5, name="drop"),
        L.Dense(12, activation="relu", name="hidden"),
        L.Dense(12, name="square"),
        L.Dense(3, activation="softmax", name="head"),
    )
    torch_model = nn.Sequential()
    for name, module in {
        "pad": Same(),
        "conv": nn.Conv2d(2, 4, 3, stride=2),
        "bn": nn.BatchNorm2d(4, eps=1e-3, momentum=0.01),
        "leaky": nn.LeakyReLU(0.3, inplace=True),
        "flatten": nn.Flatten(),
        "drop": nn.Dropout(0.5),
        "hidden": nn.Linear(48, 12),
        "relu": nn.ReLU(),
        "square": nn.Linear(12, 12),
        "head": nn.Linear(12, 3),
        "softmax": nn.Softmax(-1),
    }.items():
        torch_model.add_module(name, module)
    dense = ("conv", "bn", "hidden", "square", "head")
    copied(torch_model, keras_model, dict(zip(dense, dense, strict=True)))
    with torch.no_grad():
        torch_model.hidden.weight.copy_(by_pixel(torch_model.hidden.weight, 4))
    return torch_model, keras_model, numbers(3, 8, 6, 2)


@pytest.fixture
def image():
    return image_models()


def test_models_that_agree_are_said_to_agree(image):
    found = first_difference(*image)
    assert found.first is None
    assert found.causes == ()
    assert "✓ all layers agree" in str(found)
    pairs = [(row.pytorch, row.keras) for row in found.rows]
    assert pairs[4:] == [
        ("drop", "drop"),
        ("hidden", "hidden"),
        ("relu", "hidden.activation"),
        ("square", "square"),
        ("head", "head"),
        ("softmax", "head.activation"),
    ]
    assert [row.pytorch for row in found.rows if row.reordered] == ["flatten", "drop"]
    assert all(row.gradient is not None for row in found.rows[:3])


def set_eps(net):
    net.bn.eps = 1e-5


def train_norm(net):
    net.bn.train()


def train_dropout(net):
    net.drop.train()


def pad_both_sides(net):
    net.pad, net.conv.padding = nn.Identity(), (1, 1)


def keep_order(net):
    with torch.no_grad():
        weight = net.hidden.weight
        weight.copy_(weight.reshape(12, 4, -1).transpose(1, 2).reshape(12, -1))


def other_activation(net):
    net.relu = nn.GELU()


def no_activation(net):
    net.relu = nn.Identity()


def no_softmax(net):
    net.softmax = nn.Identity()


def no_bias(net):
    net.square.bias = None


def not_transposed(net):
    net.square.weight.data = net.square.weight.data.T.contiguous()


def not_copied(net):
    net.square.reset_parameters()


def reshaped(net):
    kernel = net.conv.weight.data.permute(2, 3, 1, 0)
    net.conv.weight.data = kernel.reshape(net.conv.weight.shape).contiguous()


def no_statistics(net):
    net.bn.reset_running_stats()


def other_slope(net):
    net.leaky.negative_slope = 0.01


def two_at_once(net):
    set_eps(net)
    train_norm(net)


PLANTED = {
    set_eps: ("bn", "`eps` is 1e-05 in PyTorch, `epsilon` is 0.001 in Keras (tested)"),
    train_norm: ("bn", "is in training mode, Keras runs in inference mode: call `eval()` (tested)"),
    train_dropout: ("drop", "is in training mode, Keras runs in inference mode"),
    pad_both_sides: (
        "conv",
        '`padding="same"` pads each axis (before, behind) by (0, 1), (0, 1) in Keras',
    ),
    keep_order: ("hidden", "`Flatten` orders by channel in PyTorch, by pixel in Keras"),
    other_activation: ("relu", "the activation is `GELU` in PyTorch, `relu` in Keras (read off"),
    no_activation: ("square", 'nothing where Keras has "hidden.activation" (`relu`) (tested)'),
    no_softmax: ("(output)", 'nothing where Keras has "head.activation" (`softmax`) (tested)'),
    no_bias: ("square", "the Keras layer adds a bias, the PyTorch layer has none (tested)"),
    not_transposed: ("square", "`weight`: Keras's array as it is, it must be transposed"),
    not_copied: (
        "square",
        "`weight`, `bias`: not the numbers of the Keras layer, they were not copied",
    ),
    reshaped: ("conv", "`weight`: Keras's array reshaped, its axes must be transposed (tested)"),
    no_statistics: ("bn", "`running_var`: not the numbers of the Keras layer"),
    other_slope: ("leaky", "`negative_slope` is 0.01 in PyTorch, 0.3 in Keras (tested)"),
}


@pytest.mark.parametrize(("plant", "said"), PLANTED.items(), ids=[p.__name__ for p in PLANTED])
def test_the_layer_and_the_cause_are_named(image, plant, said):
    torch_model, keras_model, x = image
    plant(torch_model)
    found = first_difference(torch_model, keras_model, x)
    assert found.first.pytorch == said[0]
    assert said[1] in " ".join(map(str, found.causes))
    assert f'→ "{said[0]}" and' in str(found)


def test_two_causes_at_once_are_both_named(image):
    torch_model, keras_model, x = image
    two_at_once(torch_model)
    found = first_difference(torch_model, keras_model, x)
    assert [cause.how for cause in found.causes] == ["tested", "tested"]
    assert "training mode" in found.causes[0].sentence
    assert "`eps`" in found.causes[1].sentence


def test_momentum_which_no_output_shows_is_a_note(image):
    torch_model, keras_model, x = image
    torch_model.bn.momentum = 0.1
    found = first_difference(torch_model, keras_model, x)
    assert found.first is None
    assert "`momentum` is 0.1 in PyTorch, 0.99 in Keras" in str(found)
    assert "PyTorch needs 0.01" in str(found)


class Sequence(nn.Module):
    """An embedding, a recurrent layer and a head on its last step."""

    def __init__(self, layer):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.recurrent = layer(4, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, ids):
        y, _ = self.recurrent(self.embedding(ids))
        return self.head(y[:, -1])


def sequence_models(in_torch, in_keras, mask=False):
    keras_model = sequential(
        keras.Input((6,), dtype="int32"),
        L.Embedding(9, 4, mask_zero=mask, name="embedding"),
        in_keras,
        L.Dense(2, name="head"),
    )
    names = {"embedding": "embedding", "recurrent": in_keras.name, "head": "head"}
    return copied(Sequence(in_torch), keras_model, names), keras_model


IDS = np.array([[1, 2, 3, 4, 5, 6], [7, 8, 3, 0, 0, 0]])


@pytest.mark.parametrize(
    ("in_torch", "in_keras"), [(nn.GRU, L.GRU), (nn.LSTM, L.LSTM), (nn.RNN, L.SimpleRNN)]
)
def test_integers_and_recurrent_layers_agree(in_torch, in_keras):
    models = sequence_models(in_torch, in_keras(5, name="recurrent"))
    found = first_difference(*models, IDS)
    assert found.first is None
    assert [row.pytorch for row in found.rows] == ["embedding", "recurrent", "head"]
    assert found.rows[1].shape_pt == (2, 6, 5)
    assert found.rows[1].shape_tf == (2, 5)
    assert all(row.gradient_agrees and row.gradient is not None for row in found.rows[:3])


def test_gates_of_a_gru_in_the_other_order_are_named():
    torch_model, keras_model = sequence_models(nn.GRU, L.GRU(5, name="gru"))
    with torch.no_grad():
        for array in torch_model.recurrent.parameters():
            r, z, n = array.chunk(3)
            array.copy_(torch.cat([z, r, n]))
    found = first_difference(torch_model, keras_model, IDS)
    assert found.first.pytorch == "recurrent"
    assert str(found.causes[0]) == (
        "the gates are in Keras's order z, r, h: in PyTorch it is r, z, n (tested)"
    )


def test_a_model_may_be_one_layer():
    keras_model = sequential(keras.Input((6, 4)), L.GRU(5, name="gru"))
    torch_model = nn.GRU(4, 5, batch_first=True)
    copy_weights(keras_model.get_layer("gru"), torch_model)
    found = first_difference(torch_model, keras_model, numbers(2, 6, 4))
    assert found.first is None
    assert [row.pytorch for row in found.rows] == ["gru"]


def test_a_gru_without_reset_after_is_named():
    torch_model, keras_model = sequence_models(nn.GRU, L.GRU(5, name="gru"))
    before = sequential(
        keras.Input((6,), dtype="int32"),
        keras_model.get_layer("embedding"),
        L.GRU(5, reset_after=False, name="gru"),
        keras_model.get_layer("head"),
    )
    found = first_difference(torch_model, before, IDS)
    assert "`reset_after` is False in Keras" in str(found.causes[0])


def test_one_bias_that_was_copied_twice_is_named():
    torch_model, keras_model = sequence_models(nn.LSTM, L.LSTM(5, name="lstm"))
    with torch.no_grad():
        bias = torch.tensor(keras_model.get_layer("lstm").cell.bias.numpy())
        torch_model.recurrent.bias_ih_l0.copy_(bias)
        torch_model.recurrent.bias_hh_l0.copy_(bias)
    found = first_difference(torch_model, keras_model, IDS)
    assert "one bias was copied into both biases" in str(found.causes[0])


def test_time_on_axis_0_is_named():
    torch_model, keras_model = sequence_models(nn.GRU, L.GRU(5, name="gru"))
    torch_model.recurrent.batch_first = False
    found = first_difference(torch_model, keras_model, IDS)
    assert str(found.causes[0]).startswith("PyTorch takes axis 0 for the time")


def test_a_mask_that_one_model_does_not_know_is_named():
    models = sequence_models(nn.LSTM, L.LSTM(5, name="lstm"), mask=True)
    found = first_difference(*models, IDS)
    assert found.first.pytorch == "recurrent"
    assert "Keras leaves out the steps that its mask marks" in str(found.causes[0])
    assert found.causes[0].how == "tested"


class Attention(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, query, value):
        return F.scaled_dot_product_attention(query, value, value, scale=self.scale)


class Attended(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.attention = Attention(scale)

    def forward(self, query, value):
        return self.attention(query, value)


@pytest.mark.parametrize(("scale", "agrees"), [(1.0, True), (None, False)])
def test_attention_that_is_not_scaled_is_named(scale, agrees):
    query, value = keras.Input((3, 4)), keras.Input((5, 4))
    keras_model = keras.Model([query, value], L.Attention(name="attention")([query, value]))
    inputs = [numbers(2, 3, 4), numbers(2, 5, 4, seed=1)]
    found = first_difference(Attended(scale), keras_model, inputs)
    assert (found.first is None) == agrees
    if not agrees:
        assert found.first.keras == "attention"
        assert "PyTorch divides the scores by the root" in str(found.causes[0])
        assert found.causes[0].how == "tested"


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ({"mode": "nearest"}, 'the interpolation is "nearest" in PyTorch, "bilinear" in Keras'),
        ({"mode": "bilinear", "align_corners": True}, "PyTorch has `align_corners=True`"),
    ],
)
def test_another_interpolation_is_named(mode, said):
    up = L.UpSampling2D(2, interpolation="bilinear", name="up")
    keras_model = keras.Sequential([keras.Input((3, 4, 2)), up])
    torch_model = nn.Sequential(nn.Upsample(scale_factor=2, **mode))
    found = first_difference(torch_model, keras_model, numbers(1, 3, 4, 2))
    assert said in str(found.causes[0])
    assert found.causes[0].how == "tested"


@pytest.mark.parametrize(
    ("in_torch", "in_keras", "said"),
    [
        (nn.MaxPool2d(3, 2, 1), L.MaxPooling2D(3, 2, padding="same"), "(before, behind)"),
        (nn.AvgPool2d(3, 1, 1), L.AveragePooling2D(3, 1, padding="same"), "count_include_pad"),
        (nn.GELU(), L.Activation(lambda x: keras.activations.gelu(x, True)), "`GELU`"),
    ],
)
def test_pooling_and_own_activations_are_named(in_torch, in_keras, said):
    keras_model = keras.Sequential([keras.Input((6, 6, 2)), in_keras])
    torch_model = nn.Sequential(in_torch)
    found = first_difference(torch_model, keras_model, numbers(2, 6, 6, 2), pairs=None)
    assert said in " ".join(map(str, found.causes))


class Doubled(nn.Linear):
    def forward(self, x):
        return 2 * super().forward(x)


def test_a_cause_that_was_not_tested_is_only_likely():
    keras_model = sequential(keras.Input((4,)), L.Dense(3, name="dense"))
    torch_model = copied(nn.Sequential(Doubled(4, 3)), keras_model, {"0": "dense"})
    found = first_difference(torch_model, keras_model, numbers(2, 4))
    assert str(found.causes[0]).startswith("likely: the weights, or an argument of the layer")


class WithoutSum(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x):
        return self.b(self.a(x))


def test_layers_of_keras_that_pytorch_has_not_are_listed_as_likely():
    x = keras.Input((4,))
    summed = L.Add(name="add")([x, L.Dense(4, name="a")(x)])
    keras_model = with_numbers(keras.Model(x, L.Dense(2, name="b")(summed)))
    torch_model = copied(WithoutSum(), keras_model, {"a": "a", "b": "b"})
    found = first_difference(torch_model, keras_model, numbers(2, 4))
    assert found.first.pytorch == "b"
    assert str(found.causes[0]).endswith('its inputs differ; Keras has "add" (`Add`) there')


class Functional(nn.Module):
    """Applies its activation as a function, so that no hook sees it."""

    def __init__(self, activation):
        super().__init__()
        self.a, self.b, self.activation = nn.Linear(4, 5), nn.Linear(5, 2), activation

    def forward(self, x):
        return self.b(self.activation(self.a(x)))


def functional_models(activation):
    keras_model = sequential(
        keras.Input((4,)), L.Dense(5, activation="relu", name="a"), L.Dense(2, name="b")
    )
    return copied(Functional(activation), keras_model, {"a": "a", "b": "b"}), keras_model


def test_functions_between_layers_may_stand_for_layers():
    assert first_difference(*functional_models(F.relu), numbers(3, 4)).first is None


def test_another_function_between_layers_is_named():
    found = first_difference(*functional_models(F.gelu), numbers(3, 4))
    assert found.first.pytorch == "b"
    assert 'PyTorch applies `F.gelu` in front of the layer, Keras has "a.activation"' in str(found)


def test_gradients_alone_may_differ():
    found = first_difference(*functional_models(lambda x: F.relu(x).detach()), numbers(3, 4))
    assert found.first.pytorch == "b"
    assert "the outputs agree, but the gradient that reaches" in str(found.causes[0])


def test_layers_are_paired_as_told():
    torch_model, keras_model = functional_models(F.relu)
    found = first_difference(torch_model, keras_model, numbers(3, 4), pairs={"b": "b"})
    assert [row.pytorch for row in found.rows] == ["b"]


def test_models_inside_models_and_layers_that_run_twice_have_records():
    inner = keras.Sequential([keras.Input((4,)), L.Dense(4, name="dense")], name="inner")
    x = keras.Input((4,))
    keras_model = with_numbers(keras.Model(x, inner(inner(x))))

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Sequential(nn.Linear(4, 4))

        def forward(self, x):
            return self.inner(self.inner(x))

    torch_model = Twice()
    copy_weights(inner.layers[0], torch_model.inner[0])
    found = first_difference(torch_model, keras_model, numbers(2, 4))
    assert found.first is None
    assert [(r.pytorch, r.keras) for r in found.rows] == [
        ("inner.0", "inner.dense"),
        ("inner.0 (call 2)", "inner.dense (call 2)"),
    ]
    found = first_difference(torch_model, keras_model, numbers(2, 4), pairs={"inner": "inner"})
    assert found.rows[0].agrees


def test_one_dimensional_convolutions_get_channels_first():
    keras_model = sequential(keras.Input((7, 3)), L.Conv1D(4, 3, name="conv"))
    torch_model = copied(nn.Sequential(nn.Conv1d(3, 4, 3)), keras_model, {"0": "conv"})
    assert first_difference(torch_model, keras_model, numbers(2, 7, 3)).first is None


def test_training_mode_is_compared_where_it_is_asked_for(image):
    torch_model, keras_model, x = image
    torch_model.train()
    torch_model.drop.p, keras_model.get_layer("drop").rate = 0.0, 0.0
    found = first_difference(torch_model, keras_model, x, training=True)
    assert found.first is None


def test_neither_model_nor_random_numbers_are_changed(image):
    torch_model, keras_model, x = image
    torch_model.train()
    state, weights = copy.deepcopy(torch_model.state_dict()), keras_model.get_weights()
    random, given = torch.get_rng_state(), x.copy()
    first_difference(torch_model, keras_model, x, training=True)
    after = torch_model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in state.items())
    assert all(map(np.array_equal, weights, keras_model.get_weights()))
    assert torch.equal(random, torch.get_rng_state())
    assert np.array_equal(x, given)
    assert not any(m._forward_hooks for m in torch_model.modules())
    assert all("call" not in vars(layer) for layer in keras_model.layers)
    assert keras_model.get_layer("hidden").activation is keras.activations.relu


def test_two_models_of_one_framework_are_refused(image):
    torch_model, keras_model, x = image
    with pytest.raises(
        TypeError, match=r"must be a torch\.nn\.Module and the second a keras\.Model"
    ):
        first_difference(keras_model, torch_model, x)


@pytest.mark.parametrize("side", ["PyTorch", "Keras"])
def test_models_without_weights_are_refused(side):
    torch_model = nn.Sequential(nn.LazyLinear(2) if side == "PyTorch" else nn.Linear(4, 2))
    keras_model = keras.Sequential([L.Dense(2)])
    if side == "PyTorch":
        keras_model.build((None, 4))
    with pytest.raises(ValueError, match=f"the {side} model has no weights yet"):
        first_difference(torch_model, keras_model, numbers(2, 4))


def test_inputs_that_do_not_fit_are_refused_with_the_last_layer_that_ran(image):
    torch_model, keras_model, x = image
    torch_model.hidden = nn.Linear(47, 12)
    with pytest.raises(ValueError, match=r'PyTorch model cannot run .* stops behind "drop"'):
        first_difference(torch_model, keras_model, x)
    with pytest.raises(ValueError, match="Keras model cannot run on these inputs"):
        first_difference(torch_model, keras_model, x[:, :5])


def test_models_without_a_pair_are_refused_with_their_layers():
    keras_model = sequential(keras.Input((4,)), L.LayerNormalization(name="norm"))
    with pytest.raises(ValueError, match=r"PyTorch has 0 \(2, 3\); Keras has norm \(2, 4\)"):
        first_difference(nn.Sequential(nn.Linear(4, 3)), keras_model, numbers(2, 4))


@pytest.mark.parametrize(
    ("pairs", "said"),
    [({"c": "b"}, "PyTorch model runs no layer called 'c'"), ({"b": "c"}, "Keras model runs no")],
)
def test_names_that_no_layer_has_are_refused(pairs, said):
    with pytest.raises(ValueError, match=said):
        first_difference(*functional_models(F.relu), numbers(3, 4), pairs=pairs)
