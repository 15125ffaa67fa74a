"""What an exercise asks, and which outputs are right: written once for both frameworks, in NumPy.

Every answer, function or layer, is judged as one function: inputs, arguments, weights and mode go
in, outputs come out. A :class:`Case` is one question for the answer. The oracle computes the right
outputs in float64.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from diptych.catalogue.difficulty import HARDEST, KINDS, by_rule

PARTS = ("values", "gradients", "robustness")


def upstream_gradient(shape: tuple[int, ...]) -> np.ndarray:
    """The upstream gradient that an answer gets for an output of this ``shape``.

    The numbers are not all 1, so that an answer that ignores them is found. They depend on the
    shape alone, so that a run can be repeated.
    """
    return np.random.default_rng(zlib.crc32(str(shape).encode())).uniform(0.5, 1.5, shape)


@dataclass(frozen=True, eq=False)
class Case:
    """One question for an answer.

    - ``inputs`` are passed as float32 to a function, followed by the ``arguments`` in their order.
      A layer's constructor gets the ``arguments``, its call the ``inputs``. All are passed by
      position, so parameters may have any name.
    - ``weights`` are arrays by attribute, set once the layer is built. ``held`` are further ones
      that the layer keeps without learning them, such as running statistics.
    - ``training`` is the mode, or ``None`` if the answer has no modes.
    - ``initial`` names the attributes that are compared right after building; ``state`` those that
      are compared after the call. The layer must keep its state: saved with the weights, not
      learned.
    - ``judge`` replaces the comparison with the oracle if the answer is random. It takes the case,
      the outputs of two calls and, for elementwise answers, the derivative in the second call
      (``None`` if there is no gradient). It returns a sentence on what is wrong, or a part and a
      sentence, or ``None``.
    - ``gradients`` says whether gradients are compared, too. If not, the answer gets inputs without
      gradients.
    - ``part`` is the part of the points that the case can cost.
    - ``unsteady`` says that rounding decides what a wrong answer returns, because there are so many
      steps. Misconceptions are then recognized by the other cases.
    """

    inputs: tuple[np.ndarray, ...]
    arguments: Mapping[str, object] = field(default_factory=dict)
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    held: Mapping[str, np.ndarray] = field(default_factory=dict)
    training: bool | None = None
    initial: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    judge: Callable[..., str | tuple[str, str] | None] | None = None
    gradients: bool = True
    part: str = "values"
    unsteady: bool = False


@dataclass(frozen=True, eq=False)
class Misconception:
    """A wrong answer that learners really give, and the sentence that corrects it.

    ``value`` is called like the oracle, and returns what such an answer returns. If only the
    hand-written gradient is wrong, ``gradient`` is called instead, with the upstream gradient
    first. ``initial`` has functions like those of :class:`Exercise`.
    """

    sentence: str
    value: Callable[..., np.ndarray] | None = None
    gradient: Callable[..., tuple[np.ndarray, ...]] | None = None
    initial: Mapping[str, Callable[..., np.ndarray]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A wrong formula may overflow on purpose, so NumPy should not warn.
        for name in ("value", "gradient"):
            if function := getattr(self, name):
                object.__setattr__(self, name, np.errstate(all="ignore")(function))


@dataclass(frozen=True, eq=False)
class Exercise:
    """The exercise of one component; its answers are ``<answer>_pt`` and ``<answer>_tf``.

    - ``oracle(*inputs, **arguments, **weights, **held)`` is the formula, in float64. If a case has
      a mode, the oracle gets ``training``, too. If a case asks for state, it returns ``(output,
      state)``, where ``state`` is a mapping.
    - ``gradient(upstream_gradient, *inputs, **arguments)`` is given if the statement fixes the
      gradient, at a kink for instance. Otherwise gradients are central differences of the oracle,
      and at a kink every number between the two slopes is right.
    - ``initial`` has, for each attribute that cases ask for, a function of the inputs and arguments
      that returns its value after building.
    - ``visible`` cases are shown to learners when they fail; ``hidden(rng)`` draws the others.
    - ``reference`` has, for each framework, the source of a right answer. It uses the function that
      the chapter teaches if the framework has it.
    - ``allow`` are names of the chapter that an answer may call, but only with the input (and an
      axis); ``forbid`` are further names that an answer must not call.
    - ``curve`` are the arguments with which ``check`` draws the answer (``None``: no picture).
    - ``target_first`` says that in TensorFlow the first two inputs come in the opposite order,
      (target, prediction), as in TensorFlow's losses.
    - ``layouts`` says which arrays have ``"channels"`` (on axis 1 in PyTorch, last in TensorFlow),
      and which are a ``"kernel"`` ((out, in, *size) in PyTorch, (*size, in, out) in TensorFlow).
      Its keys are the places of inputs, the names of weights, and ``"output"``, ``"output 1"``, …
      Cases and oracle have PyTorch's order and layout;
      :func:`diptych.catalogue.conventions.in_framework` converts them.
    - ``targets`` are the places of inputs such as labels, for which no gradient is compared. With
      ``target_first``, the second input is one.
    - ``elementwise`` says whether each number of the output depends on one number of the input. If
      not, a finding shows the whole input and the place.
    - ``kind`` is one of :data:`diptych.catalogue.difficulty.KINDS`.
    - ``difficulty`` is from 1 to 3. If it is not given,
      :func:`diptych.catalogue.difficulty.by_rule` computes it.
    - ``rtol`` and ``atol`` are the tolerances, as in ``numpy.isclose``.
    """

    answer: str
    oracle: Callable[..., np.ndarray]
    visible: tuple[Case, ...]
    hidden: Callable[[np.random.Generator], tuple[Case, ...]]
    reference: Mapping[str, str]
    misconceptions: tuple[Misconception, ...]
    gradient: Callable[..., tuple[np.ndarray, ...]] | None = None
    initial: Mapping[str, Callable[..., np.ndarray]] = field(default_factory=dict)
    allow: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    curve: Mapping[str, object] | None = None
    target_first: bool = False
    layouts: Mapping[int | str, str] = field(default_factory=dict)
    targets: tuple[int, ...] = ()
    elementwise: bool = True
    kind: str = "compute"
    difficulty: int = 0
    rtol: float = 1e-4
    atol: float = 1e-5

    def __post_init__(self) -> None:
        if self.target_first and not self.targets:
            object.__setattr__(self, "targets", (1,))
        if self.kind not in KINDS:
            raise ValueError(f"{self.answer}: kind is {self.kind!r}, not one of {', '.join(KINDS)}")
        if self.difficulty not in range(HARDEST + 1):
            raise ValueError(f"{self.answer}: difficulty is {self.difficulty}; write 1, 2 or 3")
        object.__setattr__(self, "difficulty", self.difficulty or by_rule(self))

    @property
    def max_points(self) -> float:
        """One point for each of :attr:`parts`."""
        return float(len(self.parts))

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the points that the cases ask for, in the order of :data:`PARTS`."""
        asked = {case.part for case in self.visible}
        asked |= {"gradients" for case in self.visible if case.gradients}
        return tuple(part for part in PARTS if part in asked)
