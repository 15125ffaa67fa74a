"""Writes out ``# pair: F.silu(x) | tf.nn.silu(x)``: value and gradient in both frameworks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from diptych.book.cell import BY_SUFFIX, Cell

PANEL = 64  # columns of a panel
PAIR = re.compile(r"# pair: (.+) \| (.+)")


def pair_cells(in_torch: str, in_tf: str) -> Iterator[Cell]:
    """The cells for two calls: one in each framework, and one that checks that they agree.

    The first argument of each call is the name of an input. Raises ``ValueError`` if it is not.
    """
    makers = {"pt": ("torch.tensor", in_torch), "tf": ("tf.constant", in_tf)}
    for suffix, (maker, call) in makers.items():
        tree = ast.parse(call, mode="eval").body
        first = tree.args[0] if isinstance(tree, ast.Call) and tree.args else None
        if not isinstance(first, ast.Name):
            raise ValueError(f"# pair: {call}: write a call whose first argument is an input")
        x, function = first.id, ast.get_source_segment(call, tree.func)
        more = [ast.get_source_segment(call, each) for each in (*tree.args[1:], *tree.keywords)]
        arguments = ", ".join([function, f"{x}_{suffix}", *more])
        step = f"y_{suffix}, d{x}_{suffix} = value_and_grad({arguments})"
        if len(step) > PANEL:
            step = step.replace(f"({arguments})", f"(\n    {arguments})")
        yield Cell(
            "code",
            f"{x}_{suffix} = {maker}({x})\n{step}\n"
            f"show({x}={x}_{suffix}, y=y_{suffix}, d{x}=d{x}_{suffix})",
            tags=(BY_SUFFIX[suffix],),
        )
    yield Cell("code", f"agree(y_pt, y_tf, gradients=(d{x}_pt, d{x}_tf))")
