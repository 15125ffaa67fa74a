"""Puts questions to an answer and returns arrays: the only code that touches a learner's object.

It runs in the learner's kernel for ``check`` and in the grader's sandboxed child, holds
nothing that is expected, and decides nothing. A question is a dictionary that the judge made
of a case (see :func:`diptych.judging.oracle.question`); what comes back is a dictionary of arrays,
or a *fault*: a dictionary of strings that says what went wrong and on which line of the learner's.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from diptych.forbidden import witness

SUFFIXES = {"_pt": "pytorch", "_tf": "tensorflow"}


class Fault(Exception):
    """What the answer returned cannot be judged; ``kind`` names it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def ask(
    answer: object,
    framework: str,
    questions: list[dict],
    *,
    quiet: bool = True,
    symbols: Iterable[str] | None = None,
) -> Iterator[dict]:
    """Yield for each question ``{"arrays": {name: array}}`` or ``{"fault": {...}}``; where only the
    gradients raised an error, that is ``"gradient"`` beside the arrays.

    With it comes ``"ran"``, a list of what ran in the answer; of functions that a framework
    composes of others only those that ``symbols`` names (see :mod:`diptych.forbidden.witness`).
    What the answer prints is dropped, unless it may be heard (``quiet=False``). Only ``Exception``
    is caught: a learner's ``KeyboardInterrupt`` still stops it.
    """
    for question in questions:
        ran: set[str] = set()
        try:
            with _quiet() if quiet else contextlib.nullcontext():
                adapter = {"pytorch": _PyTorch, "tensorflow": _TensorFlow}[framework]()
                with adapter.as_at_first(), witness.watching(symbols) as ran:
                    arrays = _answer_to(question, answer, adapter)
            more = {"gradient": _describe(adapter.error)} if adapter.error else {}
            yield {"arrays": arrays, "ran": sorted(ran)} | more
        except Exception as error:
            yield {"fault": _describe(error), "ran": sorted(ran)}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drop what is printed, warned and logged: on stderr it would cost points with nbgrader."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def _answer_to(question: dict, answer: object, adapter) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    # By position, as a learner would try it.
    arguments = [_tupled(value) for value in question["arguments"].values()]
    inputs = [adapter.tensor(x) for x in question["inputs"]]
    if isinstance(answer, type):
        subject, arguments = answer(*arguments), ()
        adapter.build(subject, inputs)
        for name in question["initial"]:
            arrays[f"initial:{name}"] = adapter.array(_weight(subject, name), f".{name}")
        for name, value in question["weights"].items():
            adapter.assign(_weight(subject, name), value, name)
        for name, value in question["held"].items():
            adapter.hold(_weight(subject, name), value, name)
    else:
        subject = _function(answer, question, adapter.base)
    weights = [_weight(subject, name) for name in question["weights"]]
    for call in range(question["calls"]):
        outputs, gradients = adapter.run(
            subject,
            inputs,
            weights,
            arguments,
            question["training"],
            question["upstream_gradients"],
        )
        for i, output in enumerate(outputs):
            arrays[f"output:{call}:{i}"] = output
    names = [f"gradient:{i}" for i in range(len(inputs))]
    names += [f"gradient:{name}" for name in question["weights"]]
    arrays.update({n: g for n, g in zip(names, gradients, strict=True) if g is not None})
    for i, x in enumerate(inputs):
        arrays[f"after:{i}"] = adapter.array(x, "the input")
    for name in question["state"]:
        arrays[f"state:{name}"] = adapter.array(_weight(subject, name), f".{name}")
        if (saved := adapter.saved(subject, name)) is not None:
            arrays[f"saved:{name}"] = adapter.array(saved, f"what is saved as .{name}")
    return arrays


def _tupled(value: object) -> object:
    """Sequences as tuples: the wire makes lists of them, and an answer may add to one."""
    return tuple(map(_tupled, value)) if isinstance(value, list | tuple) else value


def _function(answer: object, question: dict, base: str) -> Callable:
    if not callable(answer):
        found = f"an object of type {type(answer).__name__}"
        raise Fault("not_callable", f"what goes by this name is {found}, not a function or a class")
    layer = question["weights"] or question["initial"] or question["state"]
    if layer or question["training"] is not None:
        said = f"a layer is asked for: the class, a subclass of {base}"
        raise Fault("wrong_base", said)
    return answer


def _weight(subject: object, name: str) -> object:
    try:
        return getattr(subject, name)
    except AttributeError:
        raise Fault("no_weight", f"there is no attribute .{name} once the layer is built") from None


def _require_shape(array, value: np.ndarray, name: str) -> None:
    if tuple(array.shape) != value.shape:
        found = f".{name} has shape {tuple(array.shape)}, not {value.shape}"
        raise Fault("weight_shape", found)


def _flat(outputs: object) -> list:
    if isinstance(outputs, list | tuple):
        return [leaf for output in outputs for leaf in _flat(output)]
    return [outputs]


def _require_tensors(outputs: list, is_tensor: Callable[[object], bool]) -> None:
    for output in outputs:
        if output is None:
            one_of_many = "None came back where a tensor belongs: did a gradient see its variable?"
            nothing = "nothing came back: is there a return?"
            raise Fault("not_a_tensor", one_of_many if len(outputs) > 1 else nothing)
        if not is_tensor(output):
            kind = type(output).__name__
            raise Fault("not_a_tensor", f"an object of type {kind} came back, not a tensor")


def _no_numbers(value: object, what: str) -> Fault:
    kind = type(value).__name__
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    return Fault("not_a_tensor", f"{what} is {article} {kind}, not a tensor")


class _Adapter:
    """What the worker needs of a framework. ``error`` is what differentiating raised."""

    error: Exception | None = None

    def array(self, value: object, what: str = "what came back") -> np.ndarray:
        if not self.is_tensor(value):
            raise _no_numbers(value, what)
        try:
            return self.numbers(value)
        except Exception as error:  # sparse, ragged, without data, of a type that NumPy has not
            raise Fault("not_a_tensor", f"{what} {self.why_not(value)}") from error


class _PyTorch(_Adapter):
    base = "nn.Module"

    def __init__(self) -> None:
        import torch

        self.torch = torch

    @contextlib.contextmanager
    def as_at_first(self) -> Iterator[None]:
        """What a notebook may have switched for all that follows is as PyTorch starts with it."""
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
        except Exception:  # a device that this machine has not
            usual = False
        # Not without need: it slows each call down.
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
            raise Fault("not_learned", "the weight must be an nn.Parameter, or nothing learns it")
        self.hold(weight, value, name)

    def hold(self, array, value: np.ndarray, name: str) -> None:
        if not isinstance(array, self.torch.Tensor):
            raise Fault("not_kept", "what the layer keeps must be a tensor: self.register_buffer")
        _require_shape(array, value, name)
        with self.torch.no_grad():
            array.copy_(self.torch.tensor(value))

    def saved(self, layer, name: str):
        """What is saved under this name and not learned: no parameter, and no part of a graph."""
        buffer = dict(layer.named_buffers(remove_duplicate=False)).get(name)
        learned = buffer is None or buffer.requires_grad
        return None if learned else layer.state_dict().get(name)

    def run(self, subject, inputs, weights, arguments, training, upstream_gradients):
        if training is not None:
            subject.train(training)
        # Leaves may not be changed in place, so the answer gets copies, as it would in a network.
        wanted = bool(upstream_gradients)
        leaves = [x.clone().requires_grad_(wanted and x.is_floating_point()) for x in inputs]
        copies = [leaf.clone() for leaf in leaves]
        outputs = _flat(subject(*copies, *arguments))
        # What the answer has made of its input, if it has changed it.
        inputs[:] = [copy.detach() for copy in copies]
        _require_tensors(outputs, self.is_tensor)
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
                except Exception as error:  # costs the gradients alone
                    self.error = error
        gradients = [next(found) if v.requires_grad else None for v in [*leaves, *weights]]
        gradients = [None if g is None else self.array(g, "the gradient") for g in gradients]
        return [self.array(y) for y in outputs], gradients


class _TensorFlow(_Adapter):
    base = "keras.layers.Layer"

    def __init__(self) -> None:
        import keras
        import tensorflow

        self.keras, self.tf = keras, tensorflow

    @contextlib.contextmanager
    def as_at_first(self) -> Iterator[None]:
        """What a notebook may have switched for all that follows is as Keras starts with it."""
        config = self.keras.config
        before = config.floatx(), config.dtype_policy()
        config.set_floatx("float32")
        config.set_dtype_policy("float32")
        from tensorflow.python.eager import context

        try:
            # Where graphs are the rule (disable_eager_execution), it cannot be undone otherwise.
            with contextlib.nullcontext() if self.tf.executing_eagerly() else context.eager_mode():
                yield
        finally:
            config.set_floatx(before[0])
            config.set_dtype_policy(before[1])

    def tensor(self, x: np.ndarray):
        return self.tf.constant(x)

    def is_tensor(self, value: object) -> bool:
        return self.tf.is_tensor(value) or isinstance(value, self.keras.Variable)

    def numbers(self, value) -> np.ndarray:
        return np.array(value.numpy())

    def why_not(self, value) -> str:
        kind = type(value).__name__
        if "Symbolic" in kind or "Keras" in kind:
            return "is a symbolic tensor, which has no numbers: it was made where a graph is built"
        return f"is of type {kind}: make it an ordinary tensor"

    def build(self, layer, inputs) -> None:
        if not isinstance(layer, self.keras.layers.Layer):
            raise Fault("wrong_base", f"the class must be a subclass of {self.base}")
        if not layer.built:
            layer.build(*[x.shape for x in inputs])

    def assign(self, weight, value: np.ndarray, name: str) -> None:
        if not isinstance(weight, self.keras.Variable) or not weight.trainable:
            raise Fault(
                "not_learned",
                "the weight must be trainable, and come from self.add_weight or keras.Variable: "
                "Keras does not see a plain tf.Variable",
            )
        self.hold(weight, value, name)

    def hold(self, array, value: np.ndarray, name: str) -> None:
        if not hasattr(array, "assign"):
            said = "what the layer keeps must come from self.add_weight(…, trainable=False)"
            raise Fault("not_kept", said)
        _require_shape(array, value, name)
        array.assign(value)

    def saved(self, layer, name: str):
        """The weight of this name, where it is among those that are saved and not learned."""
        weight = _weight(layer, name)
        return next((w for w in layer.non_trainable_weights if w is weight), None)

    def run(self, subject, inputs, weights, arguments, training, upstream_gradients):
        mode = {} if training is None else {"training": training}
        values = [getattr(w, "value", w) for w in weights]
        with self.tf.GradientTape() as tape:
            tape.watch([*inputs, *values])
            outputs = _flat(subject(*inputs, *arguments, **mode))
            _require_tensors(outputs, self.tf.is_tensor)
        cs = [self.tf.constant(c) for c in upstream_gradients[: len(outputs)]]
        gradients = [None] * (len(inputs) + len(values))
        if cs and all(
            c.shape == y.shape and y.dtype.is_floating for c, y in zip(cs, outputs, strict=False)
        ):
            cs = [self.tf.cast(c, y.dtype) for c, y in zip(cs, outputs, strict=False)]
            try:
                gradients = tape.gradient(
                    outputs[: len(cs)], [*inputs, *values], output_gradients=cs
                )
            except Exception as error:  # costs the gradients alone
                self.error = error
        gradients = [
            None if g is None else self.array(self.tf.convert_to_tensor(g), "the gradient")
            for g in gradients
        ]
        return [self.array(y) for y in outputs], gradients


def _describe(error: Exception) -> dict[str, str]:
    """What happened, and the last of the learner's own lines on the way there."""
    fault = {
        "kind": getattr(error, "kind", "raised"),
        "type": type(error).__name__,
        "message": _plainly(str(error)),
        "line": "",
        "text": "",
    }
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "site-packages" not in name and trace.tb_frame.f_globals.get("__name__") == "__main__":
            fault["line"] = str(trace.tb_lineno)
            fault["text"] = linecache.getline(name, trace.tb_lineno).strip()
        trace = trace.tb_next
    return fault


def _plainly(message: str) -> str:
    """A message without colours, and without what frameworks say before and after the point."""
    message = re.sub(r"\x1b\[[0-9;]*m|\{\{function_node [^}]*\}\} ?", "", message)
    message = re.sub(r"(\[Op:\w+\]) name: ", r"\1", message)
    message = re.sub(r"\AException encountered when calling [^\n]*\n\n", "", message)
    return message.split("\n\nArguments received by")[0].strip()[:500]
