"""Writes the head of a component's section: its names, its equivalent calls, its weights."""

from __future__ import annotations

import re
from fractions import Fraction

from diptych.catalogue.component import Component, find


def head(id: str) -> str:
    """The head of the component ``id`` as Markdown; raises ``KeyError`` for an unknown ``id``."""
    found = find(id)
    return "\n\n".join(filter(None, (names_table(found), in_short(found), weights_table(found))))


def names_table(component: Component) -> str:
    """A Markdown table of the names of a component, with the defaults that differ."""
    defaults: dict[str, list[str]] = {}
    for default in component.defaults:
        value = repr(default.value)
        if len(value) > 8 and isinstance(default.value, float):
            value = str(Fraction(value).limit_denominator(100))  # 0.3333… becomes 1/3
        defaults.setdefault(default.symbol, []).append(f"{default.parameter}={value}")

    def code(symbols: tuple[str, ...]) -> str:
        shown = [s for s in symbols if not s.endswith("_")]
        calls = [s + (f"({', '.join(defaults[s])})" if s in defaults else "") for s in shown]
        return "<br>".join(f"`{short(call)}`" for call in calls) or "–"

    names = (component.pytorch, component.keras, component.tensorflow)
    return (
        "| PyTorch | Keras | TensorFlow | 中文 |\n| --- | --- | --- | --- |\n"
        f"| {' | '.join(map(code, names))} | {component.zh} |"
    )


def in_short(component: Component) -> str:
    """A Markdown list of the equivalent calls, with what to watch; "" if there are none."""
    return "\n".join(
        f"- **In short:** {line}" if number == 0 else f"- {line}"
        for number, line in enumerate(map(_line, component.calls))
    )


def _line(call) -> str:
    watch = f": {call.watch}" if call.watch else ""
    return f"`{short(call.pytorch)}` ↔ `{short(call.tensorflow)}`{watch}"


def weights_table(component: Component) -> str:
    """A Markdown table of the arrays in both frameworks and their formulas; "" without arrays."""
    moves = [move for weights in component.weights for move in weights.moves]
    if not moves:
        return ""
    rows = [
        " | ".join(f"`{side}`" if side.names else "–" for side in (m.pytorch, m.keras))
        for m in moves
    ]
    return "| Weights in PyTorch | in Keras | |\n| --- | --- | --- |\n" + "\n".join(
        f"| {row} | {move.note} |" for row, move in zip(rows, moves, strict=True)
    )


def short(call: str) -> str:
    """Dotted names as the chapters write them: ``F.relu``, ``nn.ReLU``, ``layers.ReLU``."""
    call = re.sub(r"(?<![\w.])torch\.nn\.functional\.", "F.", call)
    prefix = r"(?<![\w.])(torch\.(?=nn\.)|keras\.(?=(layers|activations|initializers)\.))"
    return re.sub(prefix, "", call)
