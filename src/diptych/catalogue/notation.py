"""Reads the short form in which components are written: lines of code, each with a comment.

Four parts of a component are texts of such lines: misconceptions, ``calls``, ``defaults``,
``weights``::

    x * clip(x + 3, 0, 6)                 # the gate goes from 0 to 6: divide it by 6
    F.silu(x) | tf.nn.silu(x)             # the second argument is inplace in PyTorch, beta in tf.nn
    torch.nn.LeakyReLU(negative_slope=0.01)
    weight = kernel.T | kernel = weight.T  # PyTorch keeps (out, in), Keras (in, out)

A comment alone on a line continues the comment above it. A wrong answer without a comment gets that
of the next line that has one. Code continues on the next line while a bracket is open. A comment
may be the name, in capitals, of a constant that holds the sentence; the constant belongs to the
module or to :mod:`diptych.catalogue.sentences`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from diptych.catalogue import sentences, weights_notation
from diptych.catalogue.component import Call, Component, Default
from diptych.catalogue.exercise import Misconception
from diptych.catalogue.lines import NotationError, evaluate, halves, rows

__all__ = ["NotationError", "component", "mistakes"]

LOOP = re.compile(r"for (\w+) in (.+?): (.+)")
KIND = re.compile(r"(slope|gradient): (.+)")
CONSTANT = re.compile(r"[A-Z][A-Z0-9_]+")


def component(
    id: str, *, calls: str = "", defaults: str = "", weights: str = "", **fields: object
) -> Component:
    """A :class:`~diptych.catalogue.component.Component`, with three fields given as texts.

    ``calls`` has lines ``PyTorch's call | TensorFlow's call  # the one thing to watch``. A call may
    also be a statement, or several with ``;`` between them. ``defaults`` has lines such as
    ``torch.nn.RReLU(lower=1/8, upper=1/3)``. :func:`diptych.catalogue.weights_notation.read` reads
    ``weights``. Raises :class:`NotationError`.
    """
    pairs = [
        Call(*halves(code, f"{id}, calls, line {n}"), sentence) for n, code, sentence in rows(calls)
    ]
    found = [
        default
        for n, code, _ in rows(defaults)
        for default in _defaults(code, f"{id}, defaults, line {n}")
    ]
    return Component(
        id,
        calls=tuple(pairs),
        defaults=tuple(found),
        weights=weights_notation.read(weights, f"{id}, weights"),
        **fields,
    )


def mistakes(
    text: str,
    scope: Mapping[str, object],
    parameters: str = "x",
    *,
    through: Callable[[Callable], Callable] = lambda function: function,
    **names: object,
) -> tuple[Misconception, ...]:
    """Wrong answers, one for each line: ``formula  # the sentence that corrects it``.

    A formula is an expression of NumPy (without ``np.``). It may use the ``parameters``, which are
    written as in a signature, the names in ``scope``, which is the module's ``globals()``, and
    ``names``. A formula may have one of these prefixes:

    - ``slope:`` the values are right, and the derivative with respect to the first input is this
      formula;
    - ``gradient:`` the values are right, and this formula gives the gradients, a tuple; it may also
      use ``upstream_gradient``;
    - ``for a in (0.1, 0.2):`` one wrong answer for each value; its sentence may contain ``{a}``.

    ``through`` converts each formula, a function of the ``parameters``, into the function that the
    judge calls; for instance, it may first split the input in two. Raises :class:`NotationError`
    with the line that cannot be read.

    >>> (double,) = mistakes("2 * x  # every number is doubled", {})
    >>> double.sentence, double.value(3.0)
    ('every number is doubled', 6.0)
    """
    known = vars(np) | vars(sentences) | dict(scope) | names
    return tuple(
        misconception
        for n, code, sentence in _sharing(rows(text))
        for misconception in _misconceptions(
            f"mistakes, line {n}: {code}", code, sentence, parameters, through, known
        )
    )


def _sharing(rows: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """The rows; one without a sentence gets that of the next row that has one."""
    shared, sentence = [], ""
    for number, code, own in reversed(rows):
        sentence = own or sentence
        shared.append((number, code, sentence))
    return shared[::-1]


def _misconceptions(
    where: str, code: str, sentence: str, parameters: str, through: Callable, scope: dict
) -> Iterator[Misconception]:
    if CONSTANT.fullmatch(sentence):
        if sentence not in scope:
            raise NotationError(f"{where}: no constant is called {sentence}")
        sentence = scope[sentence]
    if not sentence:
        raise NotationError(f"{where}: write the sentence that corrects it behind #")
    loop = LOOP.fullmatch(code)
    name, values, code = loop.groups() if loop else ("", "", code)
    for value in evaluate(values, scope, where) if loop else [None]:
        named = {name: value} if loop else {}
        said = sentence.replace(f"{{{name}}}", str(value)) if loop else sentence
        yield _misconception(where, code, said, parameters, through, scope | named)


def _misconception(
    where: str, code: str, sentence: str, parameters: str, through: Callable, scope: dict
) -> Misconception:
    kind, formula = KIND.fullmatch(code).groups() if KIND.fullmatch(code) else ("", code)
    if kind == "gradient":
        gradient = evaluate(f"lambda upstream_gradient, {parameters}: {formula}", scope, where)
        return Misconception(sentence, gradient=gradient)
    value = through(evaluate(f"lambda {parameters}: {formula}", scope, where))
    if not kind:
        return Misconception(sentence, value)
    return Misconception(
        sentence,
        gradient=lambda upstream_gradient, *inputs, **arguments: (
            upstream_gradient * value(*inputs, **arguments),
        ),
    )


def _defaults(code: str, where: str) -> Iterator[Default]:
    try:
        call = ast.parse(code, mode="eval").body
        symbol = ast.unparse(call.func)
        keywords = [(keyword.arg, ast.unparse(keyword.value)) for keyword in call.keywords]
    except (SyntaxError, AttributeError):
        raise NotationError(f"{where}: {code}: write a call, symbol(parameter=default)") from None
    for parameter, value in keywords:
        yield Default(symbol, parameter, evaluate(value, {}, where))
