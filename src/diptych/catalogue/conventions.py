"""Converts an exercise to the conventions of one framework: order of the inputs, and layouts.

Cases and oracle are written once, in PyTorch's conventions: (prediction, target), and channels on
axis 1. For TensorFlow they are converted here. So a learner's answer, its judgement and the
findings all have the conventions of the learner's framework.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np

from diptych.catalogue.exercise import Case, Exercise, Misconception
from diptych.catalogue.layouts import LAYOUTS, channels_first, channels_last

MISREAD = (
    "the input is read in the layout of the other framework: PyTorch has the channels on axis 1, "
    "TensorFlow on the last axis"
)
UNTURNED = (
    "the output has the layout of the other framework: PyTorch has the channels on axis 1, "
    "TensorFlow on the last axis"
)


@cache
def in_framework(exercise: Exercise, framework: str) -> Exercise:
    """The exercise in the conventions of ``"pytorch"`` or ``"tensorflow"``.

    If the conventions do not differ, this is ``exercise`` itself. If the exercise has layouts, the
    misconceptions include answers that use the layout of the other framework.
    """
    if not exercise.layouts and not (exercise.target_first and framework == "tensorflow"):
        return exercise
    converter = _Converter(exercise, framework == "tensorflow")
    return replace(
        exercise,
        oracle=converter.value(exercise.oracle),
        gradient=exercise.gradient and converter.gradient(exercise.gradient),
        initial={name: converter.initial(name, f) for name, f in exercise.initial.items()},
        visible=tuple(map(converter.case, exercise.visible)),
        hidden=lambda rng: tuple(map(converter.case, exercise.hidden(rng))),
        misconceptions=(
            *map(converter.misconception, exercise.misconceptions),
            *converter.confusions(),
        ),
        targets=tuple(converter.places.index(place) for place in exercise.targets),
    )


class _Converter:
    """Converts parts of an exercise to TensorFlow's conventions; for PyTorch it changes nothing.

    ``places[i]`` is the place that input ``i`` of the framework has in PyTorch.
    """

    def __init__(self, exercise: Exercise, to_tensorflow: bool) -> None:
        self.exercise, self.to_tensorflow = exercise, to_tensorflow
        self.places = list(range(len(exercise.visible[0].inputs)))
        if exercise.target_first and to_tensorflow:
            self.places[:2] = 1, 0
        self.weights = list(exercise.visible[0].weights)

    def to(self, name: object, x: np.ndarray) -> np.ndarray:
        """An array in the framework's layout; ``name`` is a key of the exercise's ``layouts``."""
        return LAYOUTS[self.exercise.layouts.get(name, "")][0](x) if self.to_tensorflow else x

    def back(self, name: object, x: np.ndarray) -> np.ndarray:
        """An array in PyTorch's layout again."""
        return LAYOUTS[self.exercise.layouts.get(name, "")][1](x) if self.to_tensorflow else x

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
        """``function`` in the framework's conventions.

        ``read`` and ``given``, where they are passed, convert the channels of inputs and of outputs
        instead of :meth:`back` and :meth:`to`.
        """

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
            if isinstance(answer, tuple) and isinstance(answer[-1], dict):  # outputs and state
                outputs, state = answer
                return of_outputs(outputs), {k: self.to(k, np.asarray(v)) for k, v in state.items()}
            return of_outputs(answer)

        def of_outputs(outputs):
            if isinstance(outputs, tuple):
                return tuple(of_output(i, y) for i, y in enumerate(outputs))
            return of_output(0, outputs)

        return turned

    def initial(self, name: str, function: Callable) -> Callable:
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
            initial={name: self.initial(name, f) for name, f in wrong.initial.items()},
        )

    def confusions(self) -> Iterator[Misconception]:
        """Answers that read the inputs, or return the outputs, in the other framework's layout."""
        channels = {name for name, layout in self.exercise.layouts.items() if layout == "channels"}
        read, given = (np.asarray,) * 2 if self.to_tensorflow else (channels_first, channels_last)
        if channels & {*self.places}:
            yield Misconception(MISREAD, self.value(self.exercise.oracle, read, given))
        if channels - {*self.places}:
            yield Misconception(UNTURNED, self.value(self.exercise.oracle, given=given))


def _output(i: int) -> str:
    return f"output {i}" if i else "output"
