"""What an exercise asks, and what right means: written once for both frameworks, in NumPy.

Every answer, function or layer, is judged as one function of named arrays: inputs, arguments,
weights and mode go in, outputs come out. A :class:`Case` is one question put to it; the
oracle, in float64 from the formula, says what the answer must be.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from diptych.catalogue.difficulty import HARDEST, KINDS, by_rule

PARTS = ("values", "gradients", "robustness")


def upstream_gradient(shape: tuple[int, ...]) -> np.ndarray:
    """What an output of this shape has its gradient weighted with.

    Not all ones, so that a gradient that forgets what comes from above is found; the same for
    each shape, so that a run can be repeated.
    """
    return np.random.default_rng(zlib.crc32(str(shape).encode())).uniform(0.5, 1.5, shape)


@dataclass(frozen=True, eq=False)
class Case:
    """One question put to an answer.

    ``inputs`` are passed as float32, then ``arguments``, in their order, to a function; a
    layer's constructor gets the ``arguments``. All go by position, so parameters may have any
    name. ``weights`` are set, by attribute, once the layer is built, and so is ``held``, what the
    layer keeps without learning it before the call (running statistics); ``training`` is the mode,
    ``None`` where there is none. ``initial`` names attributes whose values are asked for right
    after building, ``state`` those asked for after the call, which the layer must keep: saved
    with the weights, and not learned.
    ``judge`` replaces the comparison with the oracle where the answer is random: it takes the
    case, the outputs of two calls and, for elementwise answers, the derivative in the second
    (``None`` where there is no gradient); it returns a sentence that says what is wrong, a part
    and a sentence, or ``None``. ``gradients`` says whether they are compared too: where they are
    not, the answer gets inputs that nothing differentiates. ``part`` says which part of the points
    is at stake. An ``unsteady`` case has so many steps that rounding decides what a wrong answer
    returns, so misconceptions are named by the other cases.
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
    """A wrong answer that learners really give, and the sentence that sets it right.

    ``value`` is called like the oracle and returns what such an answer returns; ``gradient``,
    called with the upstream gradient before, where only the hand-written gradient is wrong.
    """

    sentence: str
    value: Callable[..., np.ndarray] | None = None
    gradient: Callable[..., tuple[np.ndarray, ...]] | None = None
    initial: Mapping[str, Callable[..., np.ndarray]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # It may overflow on purpose, and NumPy need not say so.
        for name in ("value", "gradient"):
            if function := getattr(self, name):
                object.__setattr__(self, name, np.errstate(all="ignore")(function))


@dataclass(frozen=True, eq=False)
class Exercise:
    """The exercise of one component; its answers are ``<answer>_pt`` and ``<answer>_tf``.

    - ``oracle(*inputs, **arguments, **weights, **held)`` is the formula, in float64; it also gets
      ``training`` where a case has a mode, and returns ``(output, state)``, a mapping, where
      a case asks for state.
    - ``gradient(upstream_gradient, *inputs, **arguments)`` is given where the statement fixes the
      gradient, at a kink for instance; otherwise central differences of the oracle are right,
      and at a kink everything between the two slopes.
    - ``initial`` gives, for each attribute that cases ask for, a function of the inputs and
      arguments: what it must hold after building.
    - ``visible`` cases are shown when they fail; ``hidden(rng)`` draws the others.
    - ``reference`` is, for each framework, source text of a right answer, made of what is being
      taught where the framework has it; ``allow`` are names of the chapter that the answer may
      use, on the input alone (and an axis), ``forbid`` others that would do its work.
    - ``curve`` are the arguments with which a picture of the answer is drawn (``None``: none).
    - ``target_first`` says that the answer in TensorFlow takes its first two inputs in the opposite
      order, (target, prediction), as TensorFlow's losses do. ``layouts`` says which arrays have
      ``"channels"``, on axis 1 in PyTorch and last in TensorFlow, and which are a ``"kernel"``,
      (out, in, *size) or (*size, in, out): inputs by their place, weights by their name, outputs
      as ``"output"``, ``"output 1"``, … Cases and oracle have PyTorch's order and layout;
      :func:`diptych.catalogue.conventions.in_framework` turns them.
    - ``targets`` are the places of the inputs that training does not change, such as labels: no
      gradient with respect to them is asked for. With ``target_first``, the second input is one.
    - ``elementwise`` says whether each number of the output depends on one of the input; where
      it does not, a finding shows the whole input and the place.
    - ``kind`` is one of ``"compute"``, ``"explain"``, ``"break"`` and ``"repair"``; ``difficulty``
      is from 1 to 3, and follows from what is asked where the author does not give it
      (:func:`diptych.catalogue.difficulty.by_rule`).
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
            raise ValueError(f"{self.answer}: kind is {self.kind!r}; there are: {', '.join(KINDS)}")
        if self.difficulty not in range(HARDEST + 1):
            raise ValueError(f"{self.answer}: difficulty is {self.difficulty}; write 1, 2 or 3")
        object.__setattr__(self, "difficulty", self.difficulty or by_rule(self))

    @property
    def max_points(self) -> float:
        """A point for each part that some case asks for."""
        return float(len(self.parts))

    @property
    def parts(self) -> tuple[str, ...]:
        asked = {case.part for case in self.visible}
        asked |= {"gradients" for case in self.visible if case.gradients}
        return tuple(part for part in PARTS if part in asked)
