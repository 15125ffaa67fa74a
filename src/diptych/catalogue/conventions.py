"""An exercise as one framework has it: the target before the prediction, the channels last.

Cases and oracle are written once, in PyTorch's conventions: (prediction, target), and channels on
axis 1. What TensorFlow does otherwise is turned here, so that a learner's answer, its judgement and
what a finding shows are all in the learner's own framework's convention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np

from diptych.catalogue.exercise import Case, Exercise, Misconception

MISREAD = (
    "the input is read in the layout of the other framework: PyTorch has the channels on axis 1, "
    "TensorFlow on the last axis"
)
UNTURNED = (
    "the output has the layout of the other framework: PyTorch has the channels on axis 1, "
    "TensorFlow on the last axis"
)


def _channels_last(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, 1, -1) if x.ndim > 2 else x


def _channels_first(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, -1, 1) if x.ndim > 2 else x


def _kernel_last(kernel: np.ndarray) -> np.ndarray:
    """(out, in, *size) to (*size, in, out), and a kernel of a transposed convolution alike."""
    return kernel.transpose(*range(2, kernel.ndim), 1, 0) if kernel.ndim > 1 else kernel


def _kernel_first(kernel: np.ndarray) -> np.ndarray:
    last = kernel.ndim - 1
    return kernel.transpose(last, last - 1, *range(last - 1)) if kernel.ndim > 1 else kernel


# Each layout from PyTorch's to TensorFlow's, and back.
LAYOUTS: dict[str, tuple[Callable, Callable]] = {
    "": (np.asarray, np.asarray),
    "channels": (_channels_last, _channels_first),
    "kernel": (_kernel_last, _kernel_first),
}


@cache
def in_framework(exercise: Exercise, framework: str) -> Exercise:
    """The exercise in the conventions of ``"pytorch"`` or ``"tensorflow"``.

    It is the exercise itself where the frameworks have the same. Where there are layouts, an answer
    that takes its own for the other framework's is among the misconceptions.
    """
    if not exercise.layouts and not (exercise.target_first and framework == "tensorflow"):
        return exercise
    turned = _Turned(exercise, framework == "tensorflow")
    return replace(
        exercise,
        oracle=turned.value(exercise.oracle),
        gradient=exercise.gradient and turned.gradient(exercise.gradient),
        initial={name: turned.start(name, f) for name, f in exercise.initial.items()},
        visible=tuple(map(turned.case, exercise.visible)),
        hidden=lambda rng: tuple(map(turned.case, exercise.hidden(rng))),
        misconceptions=(*map(turned.misconception, exercise.misconceptions), *turned.confusions()),
        targets=tuple(turned.places.index(place) for place in exercise.targets),
    )


class _Turned:
    """Turns what an exercise is made of to TensorFlow's conventions; in PyTorch it leaves all."""

    def __init__(self, exercise: Exercise, moves: bool) -> None:
        self.exercise, self.moves = exercise, moves
        self.places = list(range(len(exercise.visible[0].inputs)))
        if exercise.target_first and moves:
            self.places[:2] = 1, 0
        self.weights = list(exercise.visible[0].weights)

    def to(self, name: object, x: np.ndarray) -> np.ndarray:
        return LAYOUTS[self.exercise.layouts.get(name, "")][0](x) if self.moves else x

    def back(self, name: object, x: np.ndarray) -> np.ndarray:
        return LAYOUTS[self.exercise.layouts.get(name, "")][1](x) if self.moves else x

    def inputs(self, in_pytorch: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        return tuple(self.to(place, in_pytorch[place]) for place in self.places)

    def inputs_back(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        return [self.back(i, inputs[self.places.index(i)]) for i in range(len(self.places))]

    def case(self, case: Case) -> Case:
        def judge(_, y, again, derivative):
            derivative = None if derivative is None else self.back(0, derivative)
            return case.judge(case, self.back("output", y), self.back("output", again), derivative)

        return replace(
            case,
            inputs=self.inputs(case.inputs),
            weights={name: self.to(name, w) for name, w in case.weights.items()},
            held={name: self.to(name, w) for name, w in case.held.items()},
            judge=case.judge and judge,
        )

    def value(
        self, function: Callable, read: Callable | None = None, given: Callable | None = None
    ) -> Callable:
        """``function`` in these conventions; ``read`` and ``given`` are other ways to turn channels
        of inputs and outputs."""

        def of_output(i: int, y: np.ndarray) -> np.ndarray:
            name = _output(i)
            other = given if self.exercise.layouts.get(name) == "channels" else None
            return (other or partial(self.to, name))(np.asarray(y))

        def turned(*inputs, **named):
            named = {
                k: self.back(k, v) if k in self.exercise.layouts else v for k, v in named.items()
            }
            asked = self.inputs_back(inputs)
            for i in range(len(asked)) if read else ():
                if self.exercise.layouts.get(i) == "channels":
                    asked[i] = read(inputs[self.places.index(i)])
            answer = function(*asked, **named)
            if isinstance(answer, tuple) and isinstance(answer[-1], dict):  # outputs, and state
                outputs, state = answer
                return of_outputs(outputs), {k: self.to(k, np.asarray(v)) for k, v in state.items()}
            return of_outputs(answer)

        def of_outputs(outputs):
            if isinstance(outputs, tuple):
                return tuple(of_output(i, y) for i, y in enumerate(outputs))
            return of_output(0, outputs)

        return turned

    def start(self, name: str, function: Callable) -> Callable:
        def turned(*inputs, **arguments):
            return self.to(name, np.asarray(function(*self.inputs_back(inputs), **arguments)))

        return turned

    def gradient(self, function: Callable) -> Callable:
        def turned(*arrays, **arguments):
            split = len(arrays) - len(self.places) - len(self.weights)
            given = arrays[split : split + len(self.places)], arrays[split + len(self.places) :]
            gradients = function(
                *(self.back(_output(i), c) for i, c in enumerate(arrays[:split])),
                *self.inputs_back(given[0]),
                *map(self.back, self.weights, given[1]),
                **arguments,
            )
            of_weights = map(self.to, self.weights, gradients[len(self.places) :])
            return (*self.inputs(gradients), *of_weights)

        return turned

    def misconception(self, wrong: Misconception) -> Misconception:
        return replace(
            wrong,
            value=wrong.value and self.value(wrong.value),
            gradient=wrong.gradient and self.gradient(wrong.gradient),
            initial={name: self.start(name, f) for name, f in wrong.initial.items()},
        )

    def confusions(self) -> Iterator[Misconception]:
        """Answers for which the channels of the inputs, or of the outputs, are where the other
        framework has them."""
        channels = {name for name, layout in self.exercise.layouts.items() if layout == "channels"}
        read, given = (np.asarray,) * 2 if self.moves else (_channels_first, _channels_last)
        if channels & {*self.places}:
            yield Misconception(MISREAD, self.value(self.exercise.oracle, read, given))
        if channels - {*self.places}:
            yield Misconception(UNTURNED, self.value(self.exercise.oracle, given=given))


def _output(i: int) -> str:
    return f"output {i}" if i else "output"
