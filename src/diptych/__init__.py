"""Deep learning in two panels: what the chapters and exercises of the book call."""

from diptych.compare import Disagreement, agree, show

__all__ = ["Disagreement", "agree", "check", "show"]


def __getattr__(name: str):
    # Late, because it imports the components: the warm server's children must never hold them.
    if name == "check":
        from diptych.checking import check

        return check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
