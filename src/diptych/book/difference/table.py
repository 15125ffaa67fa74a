"""Prints the comparison of two models as a table: :func:`text`."""

from __future__ import annotations

import textwrap

HEADS = ("", "PyTorch", "Keras", "shape in PyTorch", "shape in Keras", "outputs", "gradients")
WIDTH = 88


def text(comparison) -> str:
    """One line for each pair of layers: ✓ if they agree, → at the first pair that differs."""
    lines = [HEADS]
    for row in comparison.rows:
        lines.append(
            (
                "→" if row is comparison.first else "",
                row.pytorch,
                row.keras,
                str(row.shape_pt),
                str(row.shape_tf),
                _outputs(row),
                _number(row.gradient, row.gradient_agrees),
            )
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([*table, "", *_said(comparison)])


def _outputs(row) -> str:
    return "order" if row.reordered else _number(row.output, row.agrees)


def _number(apart: float | None, agrees: bool) -> str:
    if apart is None:
        return "" if agrees else "shape"
    return "✓" if agrees else f"{float(f'{apart:.1g}'):g}"


def _said(comparison):
    first = comparison.first
    if first is None:
        limit = f"|difference| ≤ {comparison.atol:g} + {comparison.rtol:g}·|value|"
        yield f"✓ all layers agree: {limit}"
    else:
        yield f'→ "{first.pytorch}" and "{first.keras}" are the first that differ:'
        for cause in comparison.causes:
            yield from _folded(f"- {cause}")
    same: dict[str, list[str]] = {}
    for row in comparison.rows:
        for note in row.notes:
            same.setdefault(note, []).append(f'"{row.pytorch}"')
    for note, names in same.items():
        yield from _folded(f"Not in the outputs: {', '.join(names)}, {note}.")


def _folded(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
