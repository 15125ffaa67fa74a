"""How the worker builds, calls and differentiates an answer in PyTorch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np

from diptych.judging.adapter import Adapter, flat, require_shape, require_tensors
from diptych.judging.faults import Fault


class PyTorch(Adapter):
    base = "nn.Module"

    def __init__(self) -> None:
        import torch

        self.torch = torch

    @contextlib.contextmanager
    def initial_settings(self) -> Iterator[None]:
        """Restore PyTorch's initial settings in this block; a notebook may have changed them."""
        torch, before = self.torch, self.torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
        try:
            with torch.inference_mode(False), torch.enable_grad(), self._device():
                yield
        finally:
            torch.set_default_dtype(before)

    def _device(self) -> contextlib.AbstractContextManager:
        try:
            usual = self.torch.empty(0).device.type == "cpu"
        except Exception:  # the default device does not exist on this machine
            usual = False
        # Only if it is needed: it slows down each call.
        return contextlib.nullcontext() if usual else self.torch.device("cpu")

    def tensor(self, x: np.ndarray):
        return self.torch.tensor(x)

    def is_tensor(self, value: object) -> bool:
        return isinstance(value, self.torch.Tensor)

    def numbers(self, value) -> np.ndarray:
        return np.array(value.detach().cpu().numpy())

    def why_not(self, value) -> str:
        if value.device.type == "meta":
            return 'lies on the device "meta", which keeps no numbers'
        if value.layout != self.torch.strided:
            return f"is a tensor of layout {value.layout}: make it dense"
        return f"is of dtype {str(value.dtype).removeprefix('torch.')}, which is not judged"

    def build(self, layer, inputs) -> None:
        if not isinstance(layer, self.torch.nn.Module):
            raise Fault("wrong_base", f"the class must be a subclass of {self.base}")

    def assign(self, weight, value: np.ndarray, name: str) -> None:
        if not isinstance(weight, self.torch.nn.Parameter):
            raise Fault("not_learned", f".{name} must be an nn.Parameter, or nothing learns it")
        self.hold(weight, value, name)

    def hold(self, array, value: np.ndarray, name: str) -> None:
        if not isinstance(array, self.torch.Tensor):
            raise Fault("not_kept", f".{name} must be a tensor that is kept: self.register_buffer")
        require_shape(array, value, name)
        with self.torch.no_grad():
            array.copy_(self.torch.tensor(value))

    def saved(self, layer, name: str):
        """The buffer that is saved under this name if it is not learned, else ``None``."""
        buffer = dict(layer.named_buffers(remove_duplicate=False)).get(name)
        learned = buffer is None or buffer.requires_grad
        return None if learned else layer.state_dict().get(name)

    def run(self, subject, inputs, weights, arguments, training, upstream_gradients):
        if training is not None:
            subject.train(training)
        # PyTorch forbids changing a leaf in place, so the answer gets copies, as in a network.
        wanted = bool(upstream_gradients)
        leaves = [x.clone().requires_grad_(wanted and x.is_floating_point()) for x in inputs]
        copies = [leaf.clone() for leaf in leaves]
        outputs = flat(subject(*copies, *arguments))
        # The inputs after the call: the answer may have changed them in place.
        inputs[:] = [copy.detach() for copy in copies]
        require_tensors(outputs, self.is_tensor)
        targets = [v for v in [*leaves, *weights] if v.requires_grad]
        found = iter([None] * len(targets))
        sources = [
            (y, c) for y, c in zip(outputs, upstream_gradients, strict=False) if y.requires_grad
        ]
        if sources and targets:
            ys, cs = zip(*sources, strict=True)
            cs = [self.torch.tensor(c).to(y.dtype) for c, y in zip(cs, ys, strict=True)]
            if all(c.shape == y.shape for c, y in zip(cs, ys, strict=True)):
                try:
                    found = iter(self.torch.autograd.grad(ys, targets, cs, allow_unused=True))
                except Exception as error:  # it costs only the points for gradients
                    self.error = error
        gradients = [next(found) if v.requires_grad else None for v in [*leaves, *weights]]
        gradients = [None if g is None else self.array(g, "the gradient") for g in gradients]
        return [self.array(y) for y in outputs], gradients
