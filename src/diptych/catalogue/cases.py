"""What many exercises share: the cases, and the exercise, of an elementwise activation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from diptych.catalogue.exercise import Case, Exercise, Misconception

Arguments = Mapping[str, object]
Argument = tuple[str, float, float, float]
NUMBERS = (-4.0, -1.5, -0.4, 0.3, 1.6, 6.0)  # on both sides of most kinks, off rounding edges


def elementwise_visible(
    numbers: Sequence[float], arguments: Arguments = (), *, kinks: Sequence[float] = (0.0,)
) -> tuple[Case, ...]:
    """The cases that a learner sees: some numbers, the kinks, a matrix, and large inputs."""
    x = np.array(numbers, float)
    return (
        Case((x,), dict(arguments)),
        Case((np.array(kinks, float),), dict(arguments)),
        Case((np.stack([x, -x]),), dict(arguments), part="robustness"),
        Case((np.array([-1e4, 1e4]),), dict(arguments), part="robustness"),
    )


def elementwise_hidden(
    draw: Callable[[np.random.Generator], Arguments] = lambda rng: {}, *, spread: float = 3.0
) -> Callable[[np.random.Generator], tuple[Case, ...]]:
    """Cases drawn from a seed: normal numbers in one to three dimensions and in none.

    ``draw`` draws the arguments of each case, ``spread`` is the inputs' standard deviation.
    """

    def hidden(rng: np.random.Generator) -> tuple[Case, ...]:
        shapes = {(9,): "values", (2, 4): "robustness", (2, 1, 3): "robustness", (): "robustness"}
        cases = [
            Case((rng.normal(0, spread, shape),), draw(rng), part=part)
            for shape, part in shapes.items()
        ]
        large = rng.uniform(1e3, 1e4, 4) * [1, -1, 1, -1]
        return (*cases, Case((large,), draw(rng), part="robustness"))

    return hidden


def elementwise(
    answer: str,
    oracle: Callable[..., np.ndarray],
    in_torch: str,
    in_tf: str,
    misconceptions: Sequence[Misconception],
    *,
    argument: Argument | Sequence[Argument] = (),
    numbers: Sequence[float] = NUMBERS,
    kinks: Sequence[float] = (0.0,),
    **fields: object,
) -> Exercise:
    """The exercise of an activation that takes ``x``, and perhaps one ``argument`` or several.

    ``in_torch`` and ``in_tf`` are the frameworks' own calls, expressions in ``x`` and the argument.
    ``argument`` is its name, its value in what learners see, and the lowest and highest value of
    the hidden ones; several are a sequence of such tuples. Other ``fields`` of the `Exercise` go
    before those that are made of these.
    """
    arguments = (argument,) if argument and isinstance(argument[0], str) else argument
    seen = {name: value for name, value, _, _ in arguments}

    def draw(rng: np.random.Generator) -> Arguments:
        return {name: round(rng.uniform(low, high), 3) for name, _, low, high in arguments}

    parameters = ", ".join(["x", *seen])
    made = {
        "visible": elementwise_visible(numbers, seen, kinks=kinks),
        "hidden": elementwise_hidden(draw),
        "reference": {
            "pytorch": f"{answer}_pt = lambda {parameters}: {in_torch}",
            "tensorflow": f"{answer}_tf = lambda {parameters}: {in_tf}",
        },
        "curve": seen,
        "misconceptions": tuple(misconceptions),
    }
    return Exercise(answer, oracle, **(made | fields))
