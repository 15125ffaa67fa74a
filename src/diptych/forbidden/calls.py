"""Calls of public names that need special arguments, for :mod:`diptych.forbidden.record`.

Each call is an expression: ``made`` is the object with this name, ``x`` the input of shape
(2, 3, 4, 4), whose slices are also used as weights; ``torch``, ``tf`` and ``keras`` are the
frameworks.
"""

CALLS = {
    "torch.nn.BatchNorm1d": "made(3)(x[:, :, 0])",
    "torch.nn.BatchNorm3d": "made(3)(x[:, :, None])",
    "torch.nn.LazyBatchNorm1d": "made()(x[:, :, 0])",
    "torch.nn.LazyBatchNorm3d": "made()(x[:, :, None])",
    "torch.nn.functional.batch_norm": "made(x, x[0, :, 0, 0], x[0, :, 0, 1] ** 2)",
    "tf.nn.batch_normalization": "made(x, x[0], x[0] ** 2, None, None, 0.5)",
    "torch.nn.LayerNorm": "made(4)(x)",
    "torch.nn.functional.layer_norm": "made(x, (4,))",
    "torch.nn.GroupNorm": "made(3, 3)(x)",
    "torch.nn.InstanceNorm1d": "made(3)(x[:, :, 0])",
    "torch.nn.InstanceNorm3d": "made(3)(x[:, :, None])",
    "torch.nn.LazyInstanceNorm1d": "made()(x[:, :, 0])",
    "torch.nn.LazyInstanceNorm3d": "made()(x[:, :, None])",
    "torch.nn.RMSNorm": "made(4)(x)",
    "torch.nn.functional.rms_norm": "made(x, (4,))",
    "torch.nn.utils.parametrizations.spectral_norm": "made(torch.nn.Linear(4, 3))(x)",
    "torch.nn.utils.parametrizations.weight_norm": "made(torch.nn.Linear(4, 3))(x)",
    "keras.layers.SpectralNormalization": "made(keras.layers.Dense(3))(x, training=True)",
    "torch.nn.Flatten": "made()(x)",
    "torch.nn.functional.pad": "[made(x, (1, 1, 1, 1), mode) "
    "for mode in ('constant', 'reflect', 'replicate', 'circular')]",
    "torch.nn.ReflectionPad1d": "made(1)(x[0])",
    "torch.nn.ReflectionPad3d": "made(1)(x[None])",
    "torch.nn.ReplicationPad1d": "made(1)(x[0])",
    "torch.nn.ReplicationPad3d": "made(1)(x[None])",
    "torch.nn.CircularPad1d": "made(1)(x[0])",
    "torch.nn.CircularPad3d": "made(1)(x[None])",
    "torch.nn.ConstantPad1d": "made(1, 0.5)(x)",
    "torch.nn.ConstantPad2d": "made(1, 0.5)(x)",
    "torch.nn.ConstantPad3d": "made(1, 0.5)(x)",
    "keras.layers.CenterCrop": "made(2, 2)(x)",
    "keras.layers.Cropping1D": "made(1)(x[0])",
    "keras.layers.Cropping3D": "made((0, 1, 1))(x[None])",
    "keras.layers.RepeatVector": "made(3)(x[0, 0])",
    "keras.layers.ZeroPadding1D": "made(1)(x[0])",
    "keras.layers.ZeroPadding3D": "made(1)(x[None])",
    "keras.ops.pad": "[made(x, [(1, 1)] * 4, mode) "
    "for mode in ('constant', 'reflect', 'symmetric')]",
    "tf.pad": "[made(x, [(1, 1)] * 4, mode, constant_values=0.5) "
    "for mode in ('CONSTANT', 'REFLECT', 'SYMMETRIC')]",
    "torch.nn.Dropout1d": "made(0.5)(x[0])",
    "torch.nn.functional.dropout1d": "made(x[0], 0.5)",
    "keras.layers.SpatialDropout1D": "made(0.5)(x[0], training=True)",
    "keras.layers.SpatialDropout3D": "made(0.5)(x[None], training=True)",
    "tf.nn.experimental.stateless_dropout": "made(x, 0.5, seed=[1, 2])",
    "tf.nn.experimental.general_dropout": "made(x, 0.5, lambda shape, dtype: x)",
    "torch.nn.Linear": "made(4, 3)(x)",
    "torch.nn.functional.linear": "made(x, x[0, 0])",
    "torch.renorm": "made(x, 2, 1, 1.0)",
    "torch.nn.Bilinear": "made(4, 4, 3)(x, x)",
    "torch.nn.functional.bilinear": "made(x, x, x[0])",
    "keras.layers.EinsumDense": "made('...x,xy->...y', 3, bias_axes='y')(x)",
    "tf.nn.bias_add": "made(x, x[0, 0, 0])",
    "keras.layers.Dot": "made(axes=3)([x, x])",
    "keras.layers.dot": "made([x, x], axes=3)",
    "keras.regularizers.OrthogonalRegularizer": "made()(x[0, 0])",
    "keras.layers.ActivityRegularization": "made(0.1, 0.1)(x)",
    "tf.nn.softmax_cross_entropy_with_logits": "made(x, x)",
    "tf.nn.sparse_softmax_cross_entropy_with_logits": "made([[0, 1, 2]] * 2, x[:, :, 0])",
    "tf.nn.ctc_loss": "made(keras.ops.ones((3, 1), 'int32'), x[0], [1] * 3, [4] * 3, False)",
    "torch.nn.AdaptiveLogSoftmaxWithLoss": "made(4, 5, [2])(x[0, :, 0], torch.tensor([0, 2, 4]))",
    "torch.nn.LinearCrossEntropyLoss": "made(4, 5)(x[0, :, 0], torch.tensor([0, 2, 4]))",
    "torch.nn.LinearCrossEntropyOptions": "torch.nn.LinearCrossEntropyLoss("
    "4, 5, options=made())("
    "x[0, :, 0], torch.tensor([0, 2, 4]))",
    "torch.nn.functional.linear_cross_entropy": "made(x[0, :, 0], x[0, 0], "
    "torch.tensor([0, 2, 3]))",
    "torch.nn.Upsample": "[made(scale_factor=2, mode=m)(x) "
    "for m in ('nearest', 'nearest-exact', 'bilinear', 'bicubic')]",
    "torch.nn.UpsamplingNearest2d": "made(scale_factor=2)(x)",
    "torch.nn.UpsamplingBilinear2d": "made(scale_factor=2)(x)",
    "torch.nn.functional.interpolate": "[made(x, size=(3, 5), mode=m, antialias=a) "
    "for m in ('bilinear', 'bicubic') for a in (False, True)] + "
    "[made(x, size=(3, 5), mode=m) for m in ('nearest', 'nearest-exact')] + "
    "[made(x[0], size=5, mode=m) for m in ('nearest', 'nearest-exact', 'linear')] + "
    "[made(x[None], size=(2, 3, 5), mode=m) for m in ('nearest', 'nearest-exact', 'trilinear')]",
    "keras.layers.UpSampling1D": "made(2)(x[0])",
    "keras.layers.UpSampling2D": "made(2)(x)",  # its interpolation belongs to Resizing
    "keras.layers.UpSampling3D": "made(2)(x[None])",
    "keras.layers.Resizing": "[made(3, 5, interpolation=m, antialias=a)(x) "
    "for m in ('nearest', 'bilinear', 'bicubic') for a in (False, True)]",
    "keras.ops.image.resize": "[made(x, (3, 5), interpolation=m, antialias=a) "
    "for m in ('nearest', 'bilinear', 'bicubic') for a in (False, True)]",
    "tf.image.resize": "[made(x, (3, 5), method=m, antialias=a) "
    "for m in ('nearest', 'bilinear', 'bicubic') for a in (False, True)]",
    "torch.nn.PixelShuffle": "made(2)(x.reshape(2, 12, 2, 2))",
    "torch.nn.functional.pixel_shuffle": "made(x.reshape(2, 12, 2, 2), 2)",
    "keras.ops.depth_to_space": "made(x, 2)",
    "tf.nn.depth_to_space": "made(x, 2)",
    "torch.nn.PixelUnshuffle": "made(2)(x)",
    "torch.nn.functional.pixel_unshuffle": "made(x, 2)",
    "keras.ops.space_to_depth": "made(x[:, :2], 2)",
    "tf.nn.space_to_depth": "made(x[:, :2], 2)",
    "torch.nn.ChannelShuffle": "made(3)(x)",
    "torch.nn.functional.channel_shuffle": "made(x, 3)",
    "torch.nn.functional.grid_sample": "made(x, x[..., :2], align_corners=False)",
    "torch.nn.functional.affine_grid": "made(x[:, 0, :2, :3], (2, 1, 3, 4), align_corners=False)",
    "torch.nn.Embedding": "made(6, 3)(torch.arange(4))",
    "torch.nn.functional.embedding": "made(torch.arange(4), x[0, 0])",
    "keras.layers.Embedding": "made(6, 3)(keras.ops.arange(4))",
    "tf.nn.embedding_lookup": "made(x[0, 0], [0, 1])",
    "torch.nn.EmbeddingBag": "[made(6, 3, mode=m)(torch.tensor([[0, 1]])) "
    "for m in ('sum', 'mean', 'max')]",
    "torch.nn.functional.embedding_bag": "[made(torch.tensor([[0, 1]]), x[0, 0], mode=m) "
    "for m in ('sum', 'mean', 'max')]",
    "tf.nn.embedding_lookup_sparse": "[made(x[0, 0], tf.sparse.from_dense([[1, 2]]), None, "
    "combiner=c) for c in ('sum', 'mean', 'sqrtn')]",
    "tf.nn.safe_embedding_lookup_sparse": "[made(x[0, 0], tf.sparse.from_dense([[1, 2]]), "
    "combiner=c) for c in ('sum', 'mean', 'sqrtn')]",
    "keras.layers.ReversibleEmbedding": "made(6, 4, logit_soft_cap=2.0)(x, reverse=True)",
    "torch.nn.Unfold": "made(2)(x)",
    "torch.nn.functional.unfold": "made(x, 2)",
    "keras.ops.unfold": "made(x, 2)",
    "keras.ops.image.extract_patches": "made(x, 2)",
    "tf.image.extract_patches": "made(x, [1, 2, 2, 1], [1] * 4, [1] * 4, 'VALID')",
    "torch.nn.Fold": "made((3, 3), 2)(x.reshape(2, 12, 4))",
    "torch.nn.functional.fold": "made(x.reshape(2, 12, 4), (3, 3), 2)",
    "keras.ops.fold": "made(keras.ops.reshape(x, (1, 24, 4)), (3, 3), 2)",
    "tf.nn.dilation2d": "made(x, x[0, :2, :2], [1] * 4, 'VALID', 'NHWC', [1] * 4)",
    "tf.nn.erosion2d": "made(x, x[0, :2, :2], [1] * 4, 'VALID', 'NHWC', [1] * 4)",
    "torch.nn.RNNCell": "made(4, 3)(x[0, 0])",
    "torch.nn.LSTMCell": "made(4, 3)(x[0, 0])",
    "torch.nn.GRUCell": "made(4, 3)(x[0, 0])",
    "torch.nn.RNNBase": "made('LSTM', 4, 3)",
    "keras.layers.SimpleRNNCell": "made(4)(x[0, 0], [x[0, 1]])",
    "keras.layers.LSTMCell": "made(4)(x[0, 0], [x[0, 1], x[0, 2]])",
    "keras.layers.GRUCell": "made(4)(x[0, 0], [x[0, 1]])",
    "keras.layers.RNN": "made(keras.layers.SimpleRNNCell(3))(x[0])",
    "keras.layers.StackedRNNCells": "made([keras.layers.SimpleRNNCell(4)] * 2)("
    "x[0, 0], [x[0, 1], x[0, 2]])",
    "keras.layers.TimeDistributed": "made(keras.layers.Dense(3))(x[0])",
    "keras.layers.ConvLSTM1D": "made(2, 2)(x)",
    "keras.layers.ConvLSTM2D": "made(2, 2)(x[None])",
    "keras.layers.ConvLSTM3D": "made(2, 2)(x[None, None])",
}
for name in ("SGD", "Adam", "AdamW"):
    CALLS |= {
        f"torch.optim.{name}": "made([x.requires_grad_()]).step(lambda: x.sum().backward())",
        f"keras.optimizers.{name}": "made().apply([x], [keras.Variable(x)])",
    }
for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
    CALLS |= {
        f"keras.layers.{name}": "made()([x, x])",
        f"keras.layers.{name.lower()}": "made([x, x])",
    }
# Losses, grouped by their arguments. A class is first constructed without arguments.
ROWS, SCORES = "x[:, 0, 0]", "x[0, 0, 0]"  # two rows of four numbers, and four numbers
LABELS, BELOW_ONE = "x[0, 0].argmax(1)", "x.sigmoid()"
NAMESPACES = {"nn": "torch.nn", "F": "torch.nn.functional", "losses": "keras.losses"}
for names, arguments in {
    """nn.MSELoss F.mse_loss nn.L1Loss F.l1_loss nn.HuberLoss F.huber_loss nn.SmoothL1Loss
    F.smooth_l1_loss nn.PoissonNLLLoss F.poisson_nll_loss nn.KLDivLoss F.kl_div
    losses.MeanSquaredError losses.mean_squared_error losses.MeanAbsoluteError
    losses.mean_absolute_error losses.Huber losses.huber losses.LogCosh losses.log_cosh
    losses.MeanAbsolutePercentageError losses.mean_absolute_percentage_error
    losses.MeanSquaredLogarithmicError losses.mean_squared_logarithmic_error losses.Poisson
    losses.poisson losses.KLDivergence losses.kl_divergence losses.CategoricalHinge
    losses.categorical_hinge losses.BinaryCrossentropy losses.binary_crossentropy
    losses.BinaryFocalCrossentropy losses.binary_focal_crossentropy losses.Hinge losses.hinge
    losses.SquaredHinge losses.squared_hinge losses.CosineSimilarity losses.cosine_similarity
    losses.Dice losses.dice losses.Tversky losses.tversky""": "x, x",
    "nn.GaussianNLLLoss F.gaussian_nll_loss": "x, x, x**2",
    """nn.BCELoss F.binary_cross_entropy nn.BCEWithLogitsLoss F.binary_cross_entropy_with_logits
    nn.SoftMarginLoss F.soft_margin_loss nn.MultiLabelSoftMarginLoss
    F.multilabel_soft_margin_loss""": f"{BELOW_ONE}, {BELOW_ONE}",
    "nn.NLLLoss F.nll_loss nn.MultiMarginLoss F.multi_margin_loss": f"x[0, 0], {LABELS}",
    "nn.MultiLabelMarginLoss F.multilabel_margin_loss": "x[0, 0], "
    "torch.zeros_like(x[0, 0], dtype=torch.long)",
    "losses.CategoricalGeneralizedCrossEntropy": "x[0, 0, :, 0] > 9, x[0, 0]",
    "losses.categorical_generalized_cross_entropy": "x[0, 0, :, 0] > 9, x[0, 0], 0.5",
    "nn.CTCLoss F.ctc_loss": "x[0].log_softmax(-1), torch.ones(4, 1, dtype=torch.long), "
    "torch.full((4,), 3), torch.ones(4, dtype=torch.long)",
    "losses.CTC losses.ctc": "keras.ops.ones((3, 1), 'int32'), x[0]",
    "losses.Circle losses.circle": f"x[:, 0, 0, 0], {ROWS}",
    """nn.CosineSimilarity F.cosine_similarity nn.PairwiseDistance
    F.pairwise_distance""": f"{ROWS}, {ROWS}",
    "F.pdist": ROWS,
    "nn.CosineEmbeddingLoss F.cosine_embedding_loss": f"{ROWS}, {ROWS}, {SCORES}[:2].sign()",
    "nn.HingeEmbeddingLoss F.hinge_embedding_loss": f"{SCORES}, {SCORES}.sign()",
    "nn.MarginRankingLoss F.margin_ranking_loss": f"{SCORES}, {SCORES}, {SCORES}.sign()",
    """nn.TripletMarginLoss F.triplet_margin_loss nn.TripletMarginWithDistanceLoss
    F.triplet_margin_with_distance_loss""": f"{ROWS}, {ROWS}, {ROWS}",
}.items():
    for namespace, name in (each.split(".") for each in names.split()):
        made = "made()" if name[0].isupper() else "made"
        CALLS[f"{NAMESPACES[namespace]}.{name}"] = f"{made}({arguments})"
CALLS |= {
    "torch.nn.CrossEntropyLoss": f"[made()(x[0, 0], y) for y in ({LABELS}, x[0, 0])]",
    "torch.nn.functional.cross_entropy": f"[made(x[0, 0], y) for y in ({LABELS}, x[0, 0])]",
    "tf.nn.sigmoid_cross_entropy_with_logits": "made(x, x)",
    "tf.nn.weighted_cross_entropy_with_logits": "made(x, x, 3.0)",
    "tf.nn.log_poisson_loss": "made(x, x)",
}
for names, labels in {
    "CategoricalCrossentropy categorical_crossentropy": "x",
    "CategoricalFocalCrossentropy categorical_focal_crossentropy": "x",
    "SparseCategoricalCrossentropy sparse_categorical_crossentropy": "x[..., 0] > 9",
}.items():
    loss, function = names.split()
    CALLS |= {
        f"keras.losses.{loss}": f"[made(from_logits=f)({labels}, x) for f in (True, False)]",
        f"keras.losses.{function}": f"[made({labels}, x, from_logits=f) for f in (True, False)]",
    }
CALLS |= {
    "tf.nn.conv1d": "made(x[0], x[0, :1], 1, 'VALID')",
    "tf.nn.conv2d": "made(x, x[:1, :1], 1, 'VALID')",
    "tf.nn.conv3d": "made(x[None], x[None, :1, :1], (1, 1, 1, 1, 1), 'VALID')",
    "tf.nn.convolution": "made(x, x[:1, :1])",
    "tf.nn.atrous_conv2d": "made(x, x[:1, :1], 2, 'VALID')",
    "tf.nn.conv1d_transpose": "made(x[0], x[0, :1], (3, 4, 4), 1, 'VALID')",
    "tf.nn.conv2d_transpose": "made(x, x[:1, :1], (2, 3, 4, 4), 1, 'VALID')",
    "tf.nn.conv3d_transpose": "made(x[None], x[None, :1, :1], (1, 2, 3, 4, 4), 1, 'VALID')",
    "tf.nn.conv_transpose": "made(x, x[:1, :1], (2, 3, 4, 4), 1, 'VALID')",
    "tf.nn.atrous_conv2d_transpose": "made(x, x[:1, :1], (2, 3, 4, 4), 2, 'VALID')",
    "keras.layers.DepthwiseConv1D": "made(1)(x[0])",
    "tf.nn.depthwise_conv2d": "made(x, x[:1, :1], (1, 1, 1, 1), 'VALID')",
    "keras.layers.SeparableConv1D": "made(5, 1)(x[0])",
    "keras.layers.SeparableConv2D": "made(5, 1)(x)",
    "tf.nn.separable_conv2d": "made(x, x[:1, :1, :, :1], x[:1, :1], (1, 1, 1, 1), 'VALID')",
}
OF_AXES = {1: ("x[:, :, 0]", "x[0]"), 2: ("x", "x"), 3: ("x[:, :, None]", "x[None]")}
for n, (in_torch, in_tf) in OF_AXES.items():
    CALLS |= {
        f"torch.nn.Conv{n}d": f"made(3, 5, 1)({in_torch})",
        f"torch.nn.LazyConv{n}d": f"made(5, 1)({in_torch})",
        f"torch.nn.functional.conv{n}d": f"made({in_torch}, {in_torch})",
        f"keras.layers.Conv{n}D": f"made(5, 1)({in_tf})",
        f"torch.nn.ConvTranspose{n}d": f"made(3, 5, 1)({in_torch})",
        f"torch.nn.LazyConvTranspose{n}d": f"made(5, 1)({in_torch})",
        f"torch.nn.functional.conv_transpose{n}d": f"made({in_torch}, "
        f"x[0][(slice(None), *[None] * {n - 1})])",
        f"keras.layers.Conv{n}DTranspose": f"made(5, 1)({in_tf})",
    }
# Attention.
CALLS |= {
    "torch.nn.functional.scaled_dot_product_attention": "[made(x, x, x, is_causal=c, enable_gqa=g)"
    " for c in (False, True) for g in (False, True)]",
    "keras.layers.Attention": "[made(score_mode=m)([x[0], x[0], x[0]]) for m in ('dot', 'concat')]",
    "keras.layers.AdditiveAttention": "made()([x[0], x[0], x[0]])",
    "keras.ops.dot_product_attention": "made(x, x, x)",
    # need_weights=False would run scaled_dot_product_attention, which is another component's.
    "torch.nn.MultiheadAttention": "[made(4, 2)(x[0], x[0], x[0]), "
    "torch.no_grad()(lambda: made(4, 2, batch_first=True).eval()(x[0], x[0], x[0]))()]",
    "torch.nn.functional.multi_head_attention_forward": "made(x[0], x[0], x[0], 4, 2, "
    "torch.ones(12, 4), torch.ones(12), None, None, False, 0.0, torch.ones(4, 4), torch.ones(4))",
    "keras.layers.MultiHeadAttention": "[made(2, 2)(x[0], x[0], return_attention_scores=r) "
    "for r in (True, False)]",
    "keras.layers.GroupQueryAttention": "[made(2, 2, 1)(x[0], x[0], return_attention_scores=r) "
    "for r in (True, False)]",
}
# Pooling. Keras's adaptive layers never get a single bin: with oneDNN that crashes the process.
for n, given in ((1, "x[0]"), (2, "x"), (3, "x[None]")):
    CALLS |= {
        f"torch.nn.MaxPool{n}d": f"made(2)({given})",
        f"torch.nn.AvgPool{n}d": f"made(2)({given})",
        f"torch.nn.LPPool{n}d": f"made(2, 2)({given})",
        f"torch.nn.AdaptiveMaxPool{n}d": f"made(2)({given})",
        f"torch.nn.AdaptiveAvgPool{n}d": f"made(2)({given})",
        f"torch.nn.MaxUnpool{n}d": f"made(2)(*torch.nn.functional.max_pool{n}d("
        f"{given}, 2, return_indices=True))",
        f"torch.nn.functional.max_pool{n}d": f"made({given}, 2)",
        f"torch.nn.functional.max_pool{n}d_with_indices": f"made({given}, 2)",
        f"torch.nn.functional.avg_pool{n}d": f"made({given}, 2)",
        f"torch.nn.functional.lp_pool{n}d": f"made({given}, 2, 2)",
        f"torch.nn.functional.adaptive_max_pool{n}d": f"made({given}, 2)",
        f"torch.nn.functional.adaptive_max_pool{n}d_with_indices": f"made({given}, 2)",
        f"torch.nn.functional.adaptive_avg_pool{n}d": f"made({given}, 2)",
        f"torch.nn.functional.max_unpool{n}d": f"made(*torch.nn.functional.max_pool{n}d("
        f"{given}, 2, return_indices=True), 2)",
        f"keras.layers.MaxPooling{n}D": f"made(2)({given})",
        f"keras.layers.AveragePooling{n}D": f"made(2)({given})",
        f"keras.layers.AdaptiveMaxPooling{n}D": f"made(2)({given})",
        f"keras.layers.AdaptiveAveragePooling{n}D": f"made(2)({given})",
        f"keras.layers.GlobalMaxPooling{n}D": f"made()({given})",
        f"keras.layers.GlobalAveragePooling{n}D": f"made()({given})",
        f"tf.nn.max_pool{n}d": f"made({given}, 2, 2, 'VALID')",
        f"tf.nn.avg_pool{n}d": f"made({given}, 2, 2, 'VALID')",
    }
for n, given in ((2, "x"), (3, "x[None]")):
    CALLS |= {
        f"torch.nn.FractionalMaxPool{n}d": f"made(1, output_size=2)({given})",
        f"torch.nn.functional.fractional_max_pool{n}d": f"made({given}, 1, output_size=2)",
        f"torch.nn.functional.fractional_max_pool{n}d_with_indices": f"made({given}, 1, "
        "output_size=2)",
    }
CALLS |= {
    "tf.nn.max_pool": "made(x, 2, 2, 'VALID')",
    "tf.nn.avg_pool": "made(x, 2, 2, 'VALID')",
    "tf.nn.max_pool_with_argmax": "made(x, 2, 2, 'VALID')",
    "tf.nn.pool": "[made(x, (2, 2), kind) for kind in ('MAX', 'AVG')]",
    "tf.nn.fractional_max_pool": "made(x, [1, 1.5, 1.5, 1])",
    "tf.nn.fractional_avg_pool": "made(x, [1, 1.5, 1.5, 1])",
    "torch.nn.functional.one_hot": "made(torch.tensor([0, 2]), 3)",
    "tf.one_hot": "made([0, 2], 3)",
    "keras.layers.Normalization": "made(mean=0.0, variance=2.0)(x)",
    "keras.layers.Discretization": "made([0.0, 1.0])(x)",
    "keras.layers.CategoryEncoding": "[made(4, mode)(keras.ops.array([[0, 2]])) "
    "for mode in ('one_hot', 'multi_hot', 'count')]",
    "keras.layers.HashedCrossing": "made(5)((keras.ops.array([1, 2]), keras.ops.array([1, 2])))",
    "keras.layers.IntegerLookup": "made(vocabulary=[1, 2])([[1, 3]])",
    "keras.layers.StringLookup": "made(vocabulary=['a'])(['a'])",
    "keras.layers.TextVectorization": "made(vocabulary=['a'])(['a b'])",
    "torch.stft": "made(x.flatten(1), 8, window=torch.ones(8), return_complex=True)",
    "tf.signal.stft": "made(keras.ops.reshape(x, (2, 48)), 8, 4)",
    "keras.layers.STFTSpectrogram": "made('magnitude', frame_length=8, window=None)"
    "(keras.ops.reshape(x, (2, 48, 1)))",
    "keras.layers.MelSpectrogram": "made(8, 4)(keras.ops.reshape(x, (2, 48)))",
}
for name in ("RNN", "LSTM", "GRU"):
    CALLS[f"torch.nn.{name}"] = "made(4, 3, batch_first=True)(x[0])"
for name in ("SimpleRNN", "LSTM", "GRU"):
    CALLS[f"keras.layers.{name}"] = "made(3)(x[0], mask=keras.ops.ones((3, 4), bool))"
CALLS["keras.layers.Bidirectional"] = "made(keras.layers.SimpleRNN(3))(x[0])"
CALLS |= {  # in training mode: there the attention runs only operations that any formula may use
    "torch.nn.TransformerEncoderLayer": "made(4, 2, 3)(x[:, 0])",
    "torch.nn.TransformerDecoderLayer": "made(4, 2, 3)(x[:, 0], x[:, 1])",
    "torch.nn.TransformerEncoder": "made("
    "torch.nn.TransformerEncoderLayer(4, 2, 3), 1, enable_nested_tensor=False)(x[:, 0])",
    "torch.nn.TransformerDecoder": "made("
    "torch.nn.TransformerDecoderLayer(4, 2, 3), 1)(x[:, 0], x[:, 1])",
    "torch.nn.Transformer": "made(4, 2, 1, 1, 3, batch_first=True)(x[:, 0], x[:, 1])",
}
