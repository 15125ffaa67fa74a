"""One call for the output and its gradients, in both frameworks: :func:`value_and_grad`."""

from __future__ import annotations

from collections.abc import Callable

from diptych.book.compare import framework_of


def value_and_grad(
    function: Callable, *inputs: object, argnums: int = 0, upstream_gradient=None, **options
) -> tuple:
    """The output of ``function(*inputs, **options)``, and the gradient of its sum.

    ``function`` is a function or a layer of either framework; the tensors among the ``inputs`` say
    which framework. Returns ``(output, gradient)``. ``gradient`` is that of the summed output with
    respect to input number ``argnums``, and has its shape. It is ``None`` for an integer input, or
    if the output does not depend on the input. For a layer with trainable weights the function
    returns ``(output, gradient, gradients of the weights)``, the last a tuple in the layer's own
    order. ``upstream_gradient``, in the shape of the output, holds weights for the sum. If there
    are several outputs, the first is differentiated. The inputs do not change.

    Raises ``TypeError`` if no input is a tensor, or if there are tensors of both frameworks.

    >>> import torch
    >>> value_and_grad(torch.square, torch.tensor([1.0, -3.0]))
    (tensor([1., 9.], grad_fn=<PowBackward0>), tensor([ 2., -6.]))
    """
    frameworks = {framework_of(x) for x in inputs} - {None}
    if len(frameworks) != 1:
        found = " and ".join(sorted(frameworks)) or "neither framework"
        raise TypeError(f"the inputs must be tensors of one framework, but they are of {found}")
    run = {"pytorch": _in_torch, "tensorflow": _in_tensorflow}[frameworks.pop()]
    output, gradient, weights = run(function, inputs, argnums, upstream_gradient, options)
    return (output, gradient, weights) if weights else (output, gradient)


def _first(output):
    return _first(output[0]) if isinstance(output, list | tuple) else output


def _in_torch(function, inputs, argnums, upstream_gradient, options):
    import torch

    inputs = list(inputs)
    x = inputs[argnums].detach().clone()
    x.requires_grad_(x.is_floating_point() or x.is_complex())
    inputs[argnums] = x.clone()  # a leaf must not be changed in place, but the function may do it
    output = function(*inputs, **options)
    weights = list(function.parameters()) if isinstance(function, torch.nn.Module) else []
    first = _first(output)
    if upstream_gradient is None:
        upstream_gradient = torch.ones_like(first)
    upstream_gradient = torch.as_tensor(upstream_gradient, dtype=first.dtype)
    wanted = [v for v in (x, *weights) if v.requires_grad] if first.requires_grad else []
    found = (
        torch.autograd.grad(first, wanted, upstream_gradient, allow_unused=True) if wanted else ()
    )
    by_id = dict(zip(map(id, wanted), found, strict=True))
    gradients = [by_id.get(id(v)) for v in (x, *weights)]
    return output, gradients[0], tuple(gradients[1:])


def _in_tensorflow(function, inputs, argnums, upstream_gradient, options):
    import keras
    import tensorflow as tf

    inputs = [tf.convert_to_tensor(x) if framework_of(x) else x for x in inputs]
    with tf.GradientTape(persistent=True) as tape:
        if inputs[argnums].dtype.is_floating:
            tape.watch(inputs[argnums])
        output = function(*inputs, **options)
    layer = isinstance(function, keras.Layer)
    weights = [w.value for w in function.trainable_weights] if layer else []
    if upstream_gradient is not None:
        upstream_gradient = tf.convert_to_tensor(upstream_gradient, _first(output).dtype)
    found = tape.gradient(_first(output), [inputs[argnums], *weights], upstream_gradient)
    gradients = [None if g is None else tf.convert_to_tensor(g) for g in found]
    return output, gradients[0], tuple(gradients[1:])
