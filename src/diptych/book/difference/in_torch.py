"""Runs a PyTorch model, and records each layer: :func:`run_torch`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np

from diptych.book.compare import to_numpy
from diptych.book.difference.recording import Record, Run, failed, numbered, opened, tensors_in


def is_torch_leaf(module: object) -> bool:
    """Whether a module counts as one layer: it has no parts, or it is one of PyTorch's layers."""
    import torch

    holders = torch.nn.Sequential, torch.nn.ModuleList, torch.nn.ModuleDict
    own = type(module).__module__.startswith("torch.nn")
    return not any(True for _ in module.children()) or (own and not isinstance(module, holders))


def run_torch(model: object, arrays: Sequence[np.ndarray]) -> Run:
    """Run a module in its present mode; raises ``ValueError`` if the inputs do not fit."""
    import torch

    records: list[Record] = []

    def watch(stack, module, name, leaf):
        given: list[tuple] = []

        def before(module, arguments):
            # Copies, because the module may change its arguments.
            given.append(torch.utils._pytree.tree_map(_kept, arguments))

        def behind(module, arguments, options, result):
            seen, steps = opened(result)
            if steps is not None:
                result = _packed_again(result, seen[0], steps)
            tensors = [t for t in tensors_in(seen) if isinstance(t, torch.Tensor)]
            name_now = numbered(name, records)
            records.append(Record(name_now, module, given.pop(), options, tensors, leaf, steps))
            return torch.utils._pytree.tree_map(_copied, result)  # the next module may change it

        stack.callback(module.register_forward_pre_hook(before).remove)
        stack.callback(module.register_forward_hook(behind, with_kwargs=True).remove)

    inside: set[str] = set()
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    with ExitStack() as stack:
        _spare_buffers(stack, model)
        for name, module in model.named_modules():
            if any(name.startswith(f"{outer}.") for outer in inside):
                continue
            leaf = is_torch_leaf(module)
            if name or leaf:
                watch(stack, module, name or type(module).__name__.lower(), leaf)
            inside |= {name} if leaf else set()
        stack.enter_context(torch.random.fork_rng(devices=[]))
        torch.manual_seed(0)  # so that dropout gives the same table each time
        inputs = [torch.tensor(array) for array in arrays]
        inputs = [x.to(dtype).requires_grad_() if x.is_floating_point() else x for x in inputs]
        try:
            output = tensors_in(model(*(x.clone() for x in inputs)))[0]
        except Exception as error:
            raise failed("PyTorch", records, error) from error

    def differentiate(upstream: np.ndarray) -> None:
        pairs = [(r, i, t) for r in records for i, t in enumerate(r.tensors) if t.requires_grad]
        if not pairs or not output.requires_grad:
            return
        weight = torch.tensor(upstream, dtype=output.dtype)
        found = torch.autograd.grad(output, [t for *_, t in pairs], weight, allow_unused=True)
        for (record, i, _), gradient in zip(pairs, found, strict=True):
            record.gradients[i] = None if gradient is None else to_numpy(gradient)

    return Run(records, to_numpy(output), differentiate)


def _packed_again(result: object, y: object, steps: np.ndarray) -> object:
    """The packed result with the numbers of the padded ``y``, so that ``y`` gets a gradient."""
    import torch

    packed, *states = result if type(result) is tuple else (result,)
    order = ... if packed.sorted_indices is None else packed.sorted_indices.numpy()
    lengths = torch.tensor(steps.sum(1))[order]
    again = torch.nn.utils.rnn.pack_padded_sequence(y[order], lengths, batch_first=True)
    packed = packed._replace(data=again.data)
    return (packed, *states) if states else packed


def _spare_buffers(stack: ExitStack, model: object) -> None:
    """Replace the buffers by copies, which the model may change, until the stack ends."""
    for module in model.modules():
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = buffer.clone()
                stack.callback(module._buffers.__setitem__, name, buffer)


def _kept(value: object) -> object:
    return value.detach().clone() if hasattr(value, "detach") else value


def _copied(value: object) -> object:
    return value.clone() if hasattr(value, "clone") else value
