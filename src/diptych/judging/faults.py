"""The *faults* of the worker: why an answer cannot be judged, and on which line."""

from __future__ import annotations

import linecache
import re


class Fault(Exception):
    """The answer cannot be judged. ``kind`` names the reason; the message is for learners."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def describe(error: Exception) -> dict[str, str]:
    """The error as plain strings, with the last line of the learner's code in its traceback."""
    fault = {
        "kind": getattr(error, "kind", "raised"),
        "type": type(error).__name__,
        "message": _plainly(str(error)),
        "line": "",
        "text": "",
    }
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "site-packages" not in name and trace.tb_frame.f_globals.get("__name__") == "__main__":
            fault["line"] = str(trace.tb_lineno)
            fault["text"] = linecache.getline(name, trace.tb_lineno).strip()
        trace = trace.tb_next
    return fault


def _plainly(message: str) -> str:
    """A message without colours, and without what frameworks add before and after it."""
    message = re.sub(r"\x1b\[[0-9;]*m|\{\{function_node [^}]*\}\} ?", "", message)
    message = re.sub(r"(\[Op:\w+\]) name: ?\S*", r"\1", message)
    message, *_ = message.split("\nTraceback (most recent call last):")
    message = re.sub(r"\AException encountered when calling [^\n]*\n\n", "", message)
    return message.split("\n\nArguments received by")[0].strip()[:500]
