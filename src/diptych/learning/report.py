"""In the kernel of ``diptych check``: what ``check`` says of each answer, as lines of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

from diptych.judging.wording import NOT_WRITTEN
from diptych.learning.check import check

MARK = "diptych: "  # begins these lines, among whatever else is printed


def report(names: Iterable[str]) -> None:
    """Print a line for each of the answers called ``names`` in the notebook that runs here."""
    defined = vars(sys.modules["__main__"])
    for name in names:
        lines, right = (f"✗ {name}: no cell got as far as to define it.",), False
        if name in defined:
            result = check(defined[name])
            lines, right = result.lines, bool(result.answer) and result == result.max_points
        stub = lines[0].startswith(f"{name}: {NOT_WRITTEN}")
        print(MARK + json.dumps({"name": name, "lines": lines, "right": right, "stub": stub}))
