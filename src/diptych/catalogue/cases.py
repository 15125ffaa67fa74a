"""Makes the cases and the exercise of an elementwise activation, which many chapters share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from diptych.catalogue.exercise import Case, Exercise, Misconception

Arguments = Mapping[str, object]
Range = tuple[float, float]
Argument = tuple[str, Sequence[float], Sequence[Range]]
NUMBERS = (-4.0, -1.5, -0.4, 0.3, 1.6, 6.0)  # on both sides of most kinks


def elementwise_visible(
    numbers: Sequence[float],
    arguments: Sequence[Arguments] = ({},),
    *,
    kinks: Sequence[float] = (0.0,),
) -> tuple[Case, ...]:
    """The visible cases: the ``numbers``, the ``kinks``, a matrix, and large inputs.

    All of them have the first of the ``arguments``. The ``numbers`` come with each of the other
    arguments, too.
    """
    x, (first, *others) = np.array(numbers, float), map(dict, arguments)
    return (
        Case((x,), first),
        Case((np.array(kinks, float),), first),
        *(Case((x,), other) for other in others),
        Case((np.stack([x, -x]),), first, part="robustness"),
        Case((np.array([-1e4, 1e4]),), first, part="robustness"),
    )


def elementwise_hidden(
    draw: Callable[[np.random.Generator, int], Arguments] = lambda rng, n: {},
    *,
    spread: float = 3.0,
    n_ranges: int = 1,
) -> Callable[[np.random.Generator], tuple[Case, ...]]:
    """A function that draws the hidden cases: normal numbers in zero to three dimensions.

    ``draw(rng, n)`` draws the arguments of a case from range ``n`` of ``n_ranges``. Vectors of
    normal numbers and of large numbers come with every range. ``spread`` is the standard deviation
    of the inputs.
    """

    def hidden(rng: np.random.Generator) -> tuple[Case, ...]:
        shapes = {(9,): "values", (2, 4): "robustness", (2, 1, 3): "robustness", (): "robustness"}
        shapes = [*[((9,), "values")] * (n_ranges - 1), *shapes.items()]
        cases = [
            Case((rng.normal(0, spread, shape),), draw(rng, n % n_ranges), part=part)
            for n, (shape, part) in enumerate(shapes)
        ]
        for n in range(n_ranges):
            large = rng.uniform(1e3, 1e4, 4) * [1, -1, 1, -1]
            cases.append(Case((large,), draw(rng, n), part="robustness"))
        return tuple(cases)

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
    """The exercise of an activation that takes ``x`` and perhaps one or several arguments.

    ``in_torch`` and ``in_tf`` are the frameworks' own calls, as expressions in ``x`` and the
    arguments. ``argument`` is a tuple: a name, its values in the visible cases, and for each of
    these a range for the hidden cases. For several arguments it is a sequence of such tuples, all
    with the same number of values. Choose values and ranges for which right and wrong answers
    differ: below 1, above 1, negative. ``fields`` of :class:`~diptych.catalogue.exercise.Exercise`
    replace those made here.
    """
    several = (argument,) if argument and isinstance(argument[0], str) else argument
    names = [name for name, _, _ in several]
    seen = [
        dict(zip(names, values, strict=True))
        for values in zip(*(values for _, values, _ in several), strict=True)
    ] or [{}]

    def draw(rng: np.random.Generator, n: int) -> Arguments:
        return {name: round(rng.uniform(*ranges[n]), 3) for name, _, ranges in several}

    parameters = ", ".join(["x", *names])
    made = {
        "visible": elementwise_visible(numbers, seen, kinks=kinks),
        "hidden": elementwise_hidden(draw, n_ranges=len(seen)),
        "reference": {
            "pytorch": f"{answer}_pt = lambda {parameters}: {in_torch}",
            "tensorflow": f"{answer}_tf = lambda {parameters}: {in_tf}",
        },
        "curve": seen[0],
        "misconceptions": tuple(misconceptions),
    }
    return Exercise(answer, oracle, **(made | fields))
